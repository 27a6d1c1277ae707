"""What the papers for releases and for reports name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPERS = ["SECURITY.md", "installer/RELEASE.md", "installer/macos/README.md"]


@pytest.mark.parametrize("name", PAPERS)
def test_every_link_leads_to_a_file_of_the_repository(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", PAPERS)
def test_every_script_that_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for script in re.findall(r"(?<![\w/])(installer/[\w/-]+\.(?:py|sh|toml|md|plist))", text):
        assert (ROOT / script).is_file(), script


def test_the_commands_for_signing_are_those_that_there_are() -> None:
    said = (ROOT / "installer" / "RELEASE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"sign\.py (\w+)", said))
    assert named == {"keys", "sums", "sign", "verify"}


@pytest.mark.parametrize(
    "what",
    [
        *("Secure Folder", "Dual apps", "private space", "work profile", "Auto Blocker", "Android 8", "Android 17"),
        *("Unplugged", "WinUSB", "SmartScreen", "KWallet", "Credential Manager", "keychain"),
        *("NVDA", "Orca", "VoiceOver"),
    ],
)
def test_what_only_a_real_thing_can_show_is_on_the_list(what: str) -> None:
    assert what in (ROOT / "installer" / "RELEASE.md").read_text(encoding="utf-8")
