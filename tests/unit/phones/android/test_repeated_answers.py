"""A phone that reads the script can answer a question twice: what it said first is not taken back."""

from __future__ import annotations

from unittest import mock

import pytest

from core.jobs import Cancel, silent
from core.model import Inventory
from core.phones.android import inventory
from core.phones.android.link import shell
from core.phones.android.link.link import Feed
from core.phones.android.listings.dump import PROFILE_LIMIT
from core.text import T


class TwiceSaid:
    """A link whose phone answers every script with these parts, in this order."""

    how = T("over USB")
    loopback = False
    lasting = True
    transport = ""

    def __init__(self, *parts: tuple[str, str]) -> None:
        self._parts = parts

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = 0, *, raw: bool = False) -> None:
        for name, text in self._parts:
            feed(f"\nn begin {name}\n{text}\n\nn end {name} 0\n".encode())

    def close(self) -> None:
        """Nothing is held."""


def read(*parts: tuple[str, str]) -> Inventory:
    with mock.patch.object(shell, "nonce", return_value="n"):
        return inventory.read(TwiceSaid(*parts), False, silent, Cancel())


BOTH = ("users", "Users:\n\tUserInfo{0:Owner:13} running\n\tUserInfo{10:Work:30} running")
ONE = ("users", "Users:\n\tUserInfo{0:Owner:13} running")
WORK = ("packages 10", "package:com.tencent.mm")
CLOSED = ("packages 10", "Error: java.lang.SecurityException: Shell does not have permission to access user 10")
SNAPSHOT = ("snapshot", "Packages:\n  Package [com.tencent.mm] (1a2b):\n    versionCode=1 minSdk=1 targetSdk=1")


@pytest.mark.parametrize("snapshot", [(), (SNAPSHOT,)])
def test_a_second_list_of_users_takes_no_profile_away(snapshot: tuple[tuple[str, str], ...]) -> None:
    found = read(BOTH, WORK, ONE, *snapshot)
    assert {profile.id for profile in found.profiles} == {0, 10}
    assert [(app.package, [state.profile for state in app.states]) for app in found.apps] == [("com.tencent.mm", [10])]


def test_a_second_list_of_users_opens_no_closed_profile() -> None:
    found = read(BOTH, CLOSED, BOTH)
    assert [profile.readable for profile in found.profiles if profile.id == 10] == [False]


def test_lists_of_users_without_an_end_are_bounded_and_say_so() -> None:
    many = [
        ("users", "\n".join(f"UserInfo{{{number}:x:30}} running" for number in range(at, at + 90)))
        for at in range(0, 9_000, 90)
    ]
    found = read(*many)
    assert len(found.profiles) <= PROFILE_LIMIT
    assert any("all of its profiles" in str(gap.what) for gap in found.gaps)
