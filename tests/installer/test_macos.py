"""What can be known of the Mac's parts without a Mac: they are well formed, and ask for no more than they say."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MACOS = Path(__file__).resolve().parents[2] / "installer" / "macos"
SCRIPT = MACOS / "notarise.sh"


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    if bash is None or sys.platform == "win32":
        pytest.skip("needs bash")
    return subprocess.run(
        [bash, *arguments],
        env={"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_one_exception_from_the_hardened_runtime_is_asked_for_and_explained() -> None:
    with (MACOS / "entitlements.plist").open("rb") as file:
        asked = plistlib.load(file)
    assert asked == {"com.apple.security.cs.allow-unsigned-executable-memory": True}
    said = (MACOS / "README.md").read_text(encoding="utf-8")
    for entitlement in (*asked, "disable-library-validation", "allow-jit", "get-task-allow"):
        assert f"`{entitlement}`" in said


def test_it_is_said_that_nobody_has_tried_it() -> None:
    assert "**Untested" in (MACOS / "README.md").read_text(encoding="utf-8")
    assert "Not yet tried on one" in SCRIPT.read_text(encoding="utf-8")


def test_the_script_is_bash() -> None:
    done = run("-n", str(SCRIPT))
    assert (done.returncode, done.stderr) == (0, "")


def test_shellcheck_finds_nothing() -> None:
    found = shutil.which("shellcheck")
    if found is None:
        pytest.skip("needs shellcheck")
    done = subprocess.run([found, str(SCRIPT)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def test_no_password_is_ever_in_a_command() -> None:
    assert "--password" not in SCRIPT.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [[], ["Fanion.app"], ["a", "b", "c"]])
def test_wrong_usage_is_said(arguments: list[str]) -> None:
    done = run(str(SCRIPT), *arguments)
    assert done.returncode == 2
    assert "usage: notarise.sh" in done.stderr


@pytest.mark.skipif(sys.platform == "darwin", reason="what another system says")
def test_elsewhere_than_on_a_mac_nothing_is_done(tmp_path: Path) -> None:
    done = run(str(SCRIPT), str(tmp_path / "Fanion.app"), str(tmp_path / "fanion.dmg"), FANION_SIGN_IDENTITY="-")
    assert done.returncode == 2
    assert done.stderr == "notarise.sh: Only a Mac can do this: start it on one.\n"
    assert list(tmp_path.iterdir()) == []
