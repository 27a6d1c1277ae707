"""What an owner calls a profile: free text, which adds no profile, takes none away, and says of none what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, silent
from core.model import Inventory, ProfileKind
from core.phones.accounting import Why
from core.phones.android.link.server import ServerLink
from core.phones.android.listings import short_answers
from core.phones.android.phone import AndroidPhone
from core.simulator import PracticePhone, load
from core.simulator.model.scenario import ProfileData
from tests.unit.phones.android.scripted_server import ScriptedServer

SERIAL = "127.0.0.1:5555"


def named(name: str, *more: ProfileData) -> PracticePhone:
    scenario = load("work-profile")
    owner, work = scenario.profiles
    return PracticePhone(replace(scenario, profiles=(owner, replace(work, name=name), *more)), 0.0)


@pytest.fixture
def serve() -> Iterator[list[ScriptedServer]]:
    servers: list[ScriptedServer] = []
    yield servers
    for server in servers:
        server.close()


def read(practice: PracticePhone, servers: list[ScriptedServer]) -> Inventory:
    servers.append(ScriptedServer(SERIAL, practice))
    return AndroidPhone(ServerLink(SERIAL, servers[-1].port)).read(silent, Cancel())


def test_a_name_full_of_entries_has_the_phone_asked_for_its_own_profiles_alone(serve: list[ScriptedServer]) -> None:
    practice = named(" ".join(f"UserInfo{{{n}:x:13}}" for n in range(20, 60)))
    inventory = read(practice, serve)
    assert {profile.id for profile in inventory.profiles} == {0, 10}
    assert not inventory.gaps
    asked = {command.partition("--user ")[2] for command in practice.log if "pm list packages" in command}
    assert asked == {"0", "10"}


@pytest.mark.parametrize("name", ["Secure Folder", "secure folder", "Private space", "UserInfo{150:x:1030}"])
def test_a_work_profile_that_names_itself_something_else_is_a_work_profile(
    name: str, serve: list[ScriptedServer]
) -> None:
    inventory = read(named(name), serve)
    kinds = {profile.id: profile.kind for profile in inventory.profiles}
    assert kinds == {0: ProfileKind.PERSONAL, 10: ProfileKind.WORK}


@pytest.mark.parametrize(
    "name",
    [
        "a\n    Type: android.os.usertype.profile.CLONE",
        "x\n\tUserInfo{0:Owner:13} running",
        "x\nUserInfo{12:Work2:1030} running",
        "x\n",
    ],
)
def test_a_name_with_a_line_break_is_left_and_changes_no_other_profile(name: str) -> None:
    lines = f"Users:\n  UserInfo{{0:Owner:c13}} serialNo=0\n  UserInfo{{10:{name}:1030}} serialNo=10\n".split("\n")
    account = short_answers.users(lines)
    kinds = {profile.id: profile.kind for profile in account.value}
    assert kinds[0] is ProfileKind.PERSONAL
    assert Why.UNKNOWN in {left.why for left in account.left}


@pytest.mark.parametrize(
    ("id", "samsung", "type", "kind"),
    [
        (150, True, "profile.MANAGED", ProfileKind.SECURE_FOLDER),
        (150, True, "profile.PRIVATE", ProfileKind.SECURE_FOLDER),  # seen on Android 16
        (150, False, "profile.MANAGED", ProfileKind.WORK),
        (11, True, "profile.PRIVATE", ProfileKind.PRIVATE_SPACE),
        (12, False, "profile.SUPERVISING", ProfileKind.OTHER),
        (12, False, "profile.CLONE", ProfileKind.DUAL_APPS),
        (95, True, "profile.ANYTHING", ProfileKind.DUAL_APPS),
    ],
)
def test_a_type_says_what_a_profile_is_for(id: int, samsung: bool, type: str, kind: ProfileKind) -> None:
    lines = [f"  UserInfo{{{id}:x:1030}} serialNo=1", f"    Type: android.os.usertype.{type}"]
    (profile,) = short_answers.users(lines, samsung).value
    assert profile.kind is kind


@given(st.text(alphabet=st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=80))
def test_no_name_says_what_a_profile_is_for(name: str) -> None:
    (profile,) = short_answers.users([f"\tUserInfo{{10:{name}:1030}} running"]).value
    assert (profile.id, profile.kind) == (10, ProfileKind.WORK)
