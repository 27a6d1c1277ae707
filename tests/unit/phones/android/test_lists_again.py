"""What the last look makes of a phone's lists, as they would be after something was done to it while it was checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from core.jobs import Cancel
from core.model import App, AppState, Gap, Inventory, Phone, PhoneIdentity, Profile, ProfileKind
from core.phones.android.second_look import look_again
from core.phones.driver import OtherPhone
from core.text import T

BOOT = "5f2a1f6c-1111-2222-3333-444444444444"
USERS = "Users:\n\tUserInfo{0:Owner:4c13} running\n"
LISTED = "package:/data/app/a-1/base.apk=com.a versionCode:7  installer=com.android.vending uid:10001\n"


class Link:
    """A phone that answers with these parts."""

    how, loopback, lasting, transport = T("over USB"), False, True, ""

    def __init__(self, **parts: str) -> None:
        usual = {"boot": f"{BOOT}\n", "users": USERS, "packages 0": LISTED, "known 0": "package:com.a\n"}
        self.parts = usual | {name.replace("_", " "): text for name, text in parts.items()}
        self.parts.setdefault("boot again", f"{BOOT}\n")

    def run(self, script: str, feed: Callable[[bytes], None], cancel: Cancel, *_: Any, **__: Any) -> None:
        nonce = re.search(r"[0-9a-f]{32}", script)
        assert nonce is not None
        for name, text in self.parts.items():
            feed(f"\n{nonce[0]} begin {name}\n{text}\n{nonce[0]} end {name} 0\n".encode())

    def close(self) -> None:
        pass


def before(*gaps: Gap, kept: bool = False) -> Inventory:
    app = App("com.a", 7, code_path="/data/app/a-1/base.apk", states=(AppState(0, installed=True),))
    phone = Phone("android", "Google", "Pixel", "16", "S", 36)
    owner = Profile(0, "Owner", ProfileKind.PERSONAL)
    left = App("com.left", 3, states=(AppState(0, installed=False),))
    apps = (app, left) if kept else (app,)
    return Inventory(phone, (owner,), apps, gaps=gaps, identity=PhoneIdentity("S", boot=BOOT))


def look(*gaps: Gap, **parts: str) -> tuple[set[str], list[str]]:
    second = look_again(Link(**parts), before(*gaps), Cancel())  # type: ignore[arg-type]
    return set(second.changed), [str(gap.what) for gap in second.gaps]


def test_where_nothing_happened_nothing_is_new() -> None:
    assert look() == (set(), [])


@pytest.mark.parametrize("boot", [{"boot": "other\n"}, {"boot_again": "other\n"}, {"boot": ""}])
def test_another_start_is_another_phone(boot: dict[str, str]) -> None:
    with pytest.raises(OtherPhone):
        look(**boot)


def test_a_new_app_a_new_version_and_a_new_place_are_looked_into() -> None:
    assert look(packages_0=LISTED + LISTED.replace("com.a", "com.b").replace("a-1", "b-1"))[0] == {"com.b"}
    assert look(packages_0=LISTED.replace("versionCode:7", "versionCode:8"))[0] == {"com.a"}
    assert look(packages_0=LISTED.replace("a-1", "a-2"))[0] == {"com.a"}


def test_what_was_installed_and_hidden_or_archived_since_is_new() -> None:
    """It is in no list of a profile; what the profile knows has it."""
    assert look(known_0="package:com.a\npackage:com.hidden\n") == ({"com.hidden"}, [])
    # Where not all apps were known before, which is told, it is not news that others are there.
    assert look(Gap(T("The list breaks off."), T("Again.")), known_0="package:com.a\npackage:com.old\n")[0] == set()


BLOCK = """Packages:
  Package [com.left] (1a2b3c):
    codePath=/data/app/~~x==/com.left-y==
    versionCode=4 minSdk=24 targetSdk=34
    signatures=PackageSignatures{1 version:3, signatures:[abc], past signatures:[]}
    pkgFlags=[ HAS_CODE ]
    User 0: ceDataInode=1 installed=%s hidden=%s suspended=false stopped=true notLaunched=true enabled=0 instant=false
"""
ARCHIVED = BLOCK % ("false", "false") + "      archiveState=ArchiveState{installer=com.android.vending}\n"


@pytest.mark.parametrize(
    ("says", "came_back"),
    [
        (BLOCK % ("false", "false"), False),
        (BLOCK % ("true", "true"), True),  # hidden by an owner
        (ARCHIVED, True),
        (BLOCK.partition("    User")[0], True),  # it does not tell
        ("", True),
    ],
)
def test_what_left_data_behind_and_came_back_hidden_or_archived_is_new(says: str, *, came_back: bool) -> None:
    link = Link(known_0="package:com.a\npackage:com.left\n", snapshot=says)
    second = look_again(link, before(kept=True), Cancel())  # type: ignore[arg-type]
    assert set(second.changed) == ({"com.left"} if came_back else set())
    (left,) = (app for app in second.inventory.apps if app.package == "com.left")
    assert any(state.present for state in left.states) is came_back
    gone = Link(snapshot=BLOCK % ("true", "false"))
    assert look_again(gone, before(kept=True), Cancel()).changed == frozenset()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Work", "Work:1030} <removing>\n", "Work\n", "x:1030} <partial>\n"])
def test_a_profile_that_was_added_is_seen_whatever_it_is_called(name: str) -> None:
    tiktok = LISTED.replace("com.a", "com.zhiliaoapp.musically")
    users = f"{USERS}\tUserInfo{{10:{name}:1030}} running\n"
    changed, gaps = look(users=users, packages_10=tiktok, known_10="package:com.zhiliaoapp.musically\n")
    assert "com.zhiliaoapp.musically" in changed
    assert any("another profile" in gap for gap in gaps)


@pytest.mark.parametrize(
    "parts", [{"packages_0": ""}, {"known_0": ""}, {"packages_0": "Error: no\n"}, {"users": "?\n"}]
)
def test_a_list_that_does_not_come_again_is_a_gap(parts: dict[str, str]) -> None:
    assert look(**parts)[1]
