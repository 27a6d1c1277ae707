"""Who owns a phone, and what may not be done on it: read from what AOSP prints, and never from what anybody chose."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, silent
from core.model import (
    AndroidManagement,
    HealthSignal,
    Inventory,
    Light,
    Phone,
    PhoneOwner,
    Profile,
    ProfileKind,
    Restrictions,
    Return,
)
from core.phones.accounting import Why
from core.phones.android import inventory
from core.phones.android.listings import management
from core.policy import can_return, health
from core.policy.format.policy_file import load_built_in
from core.text import T
from tests.examples import examples
from tests.unit.phones.android import accounts

CANADA = load_built_in("canada")
BOOT = HealthSignal("boot", T("Verified boot"), T("green"), Light.GREEN, T("green"))
ADDING = ("no_add_user", "no_add_managed_profile", "no_add_clone_profile", "no_add_private_profile")
INSTALLS = "no_install_apps"


def user(id: int, by_owner: Sequence[str], base: Sequence[str] = (), owner: bool = False, name: str = "Owner") -> str:
    """One user as Android 14 and later print it."""
    lists = {
        "Restrictions": base,
        "Device policy restrictions": by_owner,
        "Effective restrictions": [*dict.fromkeys((*base, *by_owner))],
    }
    lines = [
        f"  UserInfo{{{id}:{name}:c13}} serialNo={id} isPrimary={str(id == 0).lower()}",
        "    Type: android.os.usertype.full.SYSTEM",
        "    State: RUNNING_UNLOCKED",
        f"    Has profile owner: {str(owner).lower()}",
    ]
    for title, names in lists.items():
        lines += [f"    {title}:", *(f"      {name}" for name in names or ["none"])]
    return "\n".join([*lines, "    Ignore errors preparing storage: false"])


def users(*each: str, managed: bool | None = True) -> str:
    tail = [] if managed is None else ["", f"  Device managed: {str(managed).lower()}"]
    guests = ["", "  Guest restrictions:", "    no_install_apps", "    no_install_unknown_sources"]
    return "\n".join(["Current user: 0", "Users:", *each, *guests, *tail, "", "  Max users: 4", ""])


def policy(*owners: str, admin: str = "") -> str:
    """`dumpsys device_policy`, with an administrator's own text behind its owners."""
    parts = ["Current Device Policy Manager state:", *owners, "  ", "  "]
    parts += ["  Enabled Device Admins (User 0, provisioningState: 0):", "    com.example.admin/.Admin:"]
    parts += ["      uid=10050", f"      organizationName={admin}", "  ", "    mPasswordOwner=-1"]
    return "\n".join([*parts, ""])


DEVICE_OWNER = """  Device Owner:\x20
    admin=ComponentInfo{com.example.dpc/com.example.dpc.Receiver}
    package=com.example.dpc
    isOrganizationOwnedDevice=true
    User ID: 0"""
PROFILE_OWNER = """  Profile Owner (User 10):\x20
    admin=ComponentInfo{com.example.work/com.example.work.Receiver}
    package=com.example.work
    isOrganizationOwnedDevice=false"""
BLOCKED = (policy(DEVICE_OWNER), users(user(0, [INSTALLS], ADDING)))


def read(of_policy: str, of_users: str) -> AndroidManagement:
    answers = management.ManagementAnswers()
    answers.device_policy(of_policy.split("\n"), 0)
    answers.user(of_users.split("\n"), 0)
    reading = answers.reading
    assert reading is not None
    return reading


def state(of_policy: str, of_users: str, *profiles: int) -> Return:
    """Whether banned apps can come back to a phone in every other way as it should be."""
    of_phone = Inventory(
        Phone("android", "Google", "Pixel 9", "16", "S", 36),
        tuple(Profile(id, "", ProfileKind.OTHER) for id in profiles or (0,)),
        (),
        management=read(of_policy, of_users),
    )
    return can_return.judge(of_phone, CANADA, (BOOT,), (), ())[0].state


def test_an_owners_restriction_is_told_from_the_systems() -> None:
    reading = read(*BLOCKED)
    assert reading.clear
    assert reading.owners == (PhoneOwner("com.example.dpc", 0, device=True, organisation=True),)
    assert reading.restrictions == {0: Restrictions(frozenset({INSTALLS}), frozenset({INSTALLS, *ADDING}))}
    assert state(*BLOCKED) is Return.BLOCKED


def test_a_profiles_owner() -> None:
    reading = read(policy(PROFILE_OWNER), users(user(0, []), user(10, [INSTALLS], owner=True), managed=False))
    assert reading.clear
    assert reading.owners == (PhoneOwner("com.example.work", 10),)
    assert not reading.owners[0].is_over(0)


def test_before_android_14_owners_have_two_lists() -> None:
    one = "      User Id: 0\n        no_install_apps"
    for local in (
        "      no_install_apps",
        one,
        f"{one}\n      User Id: 10\n        no_install_apps",
        f"      User Id: 10\n        none\n{one}",
    ):
        text = user(0, [INSTALLS], ADDING).replace(
            "    Device policy restrictions:\n      no_install_apps",
            f"    Device policy global restrictions:\n      null\n    Device policy local restrictions:\n{local}",
        )
        assert read(BLOCKED[0], users(text)) == read(*BLOCKED)


def test_real_phones_without_an_owner(shared: Path) -> None:
    captures = shared / "captures"
    for folder, profiles in (
        ("emulator-sdk_gphone_x86-android9", {0}),
        ("google-pixel-sailfish-aosp10-user11-secondary", {0, 11}),
    ):
        texts = [(captures / folder / f"dumpsys_{name}.txt").read_text() for name in ("device_policy", "user")]
        reading = read(*texts)
        assert reading.clear
        assert (reading.owners, set(reading.restrictions)) == ((), profiles)
        assert not any(INSTALLS in r.effective for r in reading.restrictions.values())
    of_profile = captures / "user-list-variants" / "dumpsys_user_managed_profile_android11_cuttlefish.txt"
    account = management.restrictions(of_profile.read_text().split("\n"))
    assert account.whole
    assert set(account.value.restrictions) == {0, 10}
    assert account.value.managed is False


def test_an_older_phones_lists_are_not_known(shared: Path) -> None:
    """Android 7 prints one list less: it has no restriction that could be relied upon."""
    folder = shared / "captures" / "meizu-MX6-flyme6-android7.1.1"
    account = management.restrictions((folder / "dumpsys_user.txt").read_text().split("\n"))
    assert [left.why for left in account.left] == [Why.MISSING]


@pytest.mark.parametrize("sdk", [33, 34, 35])
def test_aosps_own_text(shared: Path, sdk: int) -> None:
    texts = json.loads(gzip.decompress((shared / "aosp" / "golden" / f"{sdk}-benign.json.gz").read_bytes()))["texts"]
    account = management.restrictions(texts["user.txt"].split("\n"))
    assert account.whole
    assert set(account.value.restrictions) == {0, 10}


def test_aosps_own_text_of_an_owner(shared: Path) -> None:
    texts = json.loads(gzip.decompress((shared / "aosp" / "golden" / "34-F4-admin-owner.json.gz").read_bytes()))[
        "texts"
    ]
    account = management.owners(texts["admins.txt"].split("\n"))
    assert account.whole
    assert account.value == (PhoneOwner("com.evil", 0, device=True),)


@pytest.mark.parametrize(
    ("of_policy", "of_users"),
    [
        # who owns the phone is told in two ways
        (BLOCKED[0], users(user(0, [INSTALLS], ADDING), managed=False)),
        (policy(), BLOCKED[1]),
        (BLOCKED[0], users(user(0, [INSTALLS], ADDING, owner=True))),
        (policy(DEVICE_OWNER, PROFILE_OWNER), users(user(0, [INSTALLS], ADDING), user(10, [INSTALLS]))),
        # an owner twice, or behind the administrators
        (policy(DEVICE_OWNER, DEVICE_OWNER), BLOCKED[1]),
        (policy(admin=f"x\n{DEVICE_OWNER}"), users(user(0, [INSTALLS], ADDING), managed=None)),
        # what holds is less than what was set
        (BLOCKED[0], BLOCKED[1].replace("    Effective restrictions:\n", "    Effective restrictions:\n      none\n")),
        (BLOCKED[0], users(user(0, [INSTALLS]).replace("restrictions:\n      no_install_apps\n    I", "x"))),
        # a list twice, in another order, or left out
        (BLOCKED[0], users(user(0, [INSTALLS], ADDING), user(0, [INSTALLS], ADDING))),
        (BLOCKED[0], BLOCKED[1].replace("    Restrictions:", "    Effective restrictions:")),
        (BLOCKED[0], BLOCKED[1].replace("    Has profile owner: false\n", "")),
        # a form that is not known
        (
            BLOCKED[0],
            BLOCKED[1].replace(
                "    Device policy restrictions:",
                "    Device policy global restrictions:\n      null\n    Device policy local restrictions:\n"
                "      no_fun\n      User Id: 0",
            ),
        ),
        (BLOCKED[0], BLOCKED[1].replace("      no_install_apps", "      no_install_apps=true")),
        (BLOCKED[0], BLOCKED[1].replace("      no_install_apps", "       no_install_apps")),
        (BLOCKED[0].replace("package=com.example.dpc", "package=com.example.other"), BLOCKED[1]),
        (BLOCKED[0].replace("Organization", "Organisation"), BLOCKED[1].replace("      no_add_user", "      No_add")),
        # a part is missing
        (BLOCKED[0].partition("  Enabled")[0], BLOCKED[1]),
        (BLOCKED[0], BLOCKED[1].partition("    Effective")[0]),
        (BLOCKED[0].partition("\n")[2], BLOCKED[1]),
    ],
)
def test_what_contradicts_itself_is_not_known(of_policy: str, of_users: str) -> None:
    assert not read(of_policy, of_users).clear
    assert state(of_policy, of_users) is Return.UNKNOWN


def test_a_user_in_the_name_of_another_one() -> None:
    """A name may hold a whole user, and end in the first line of one more, which soaks up what is true."""
    open_phone = user(0, [], [INSTALLS, *ADDING])
    name = f"x:13}} serialNo=0\n{user(0, [INSTALLS], ADDING).partition(chr(10))[2]}\n  UserInfo{{99:y"
    forged = users(open_phone.replace(":Owner:", f":{name}:"))
    reading = read(BLOCKED[0], forged)
    assert reading.restrictions[0] == read(*BLOCKED).restrictions[0]
    assert state(BLOCKED[0], forged) is Return.UNKNOWN


def test_a_user_in_the_name_of_the_same_one_leaves_the_true_one_without_a_line() -> None:
    open_phone = user(0, [], [])
    name = f"x:13}} serialNo=0\n{user(0, [INSTALLS, *ADDING]).partition(chr(10))[2]}\n  y"
    forged = users(open_phone.replace(":Owner:", f":{name}:"))
    assert INSTALLS in read(BLOCKED[0], forged).restrictions[0].effective
    assert state(BLOCKED[0], forged) is Return.UNKNOWN


def test_an_answer_that_failed_tells_nothing() -> None:
    answers = management.ManagementAnswers()
    answers.user(BLOCKED[1].split("\n"), 0)
    answers.device_policy(BLOCKED[0].split("\n"), 1)
    assert answers.reading is None
    answers.device_policy(BLOCKED[0].split("\n"), 0)
    assert answers.reading is not None
    assert answers.reading.clear
    answers.user(BLOCKED[1].split("\n"), 0)
    assert not answers.reading.clear  # twice, which no phone does


def test_a_flood_is_bounded() -> None:
    many = "\n".join(f"      no_{n:05}".replace("0", "a").replace("1", "b") for n in range(3000))
    text = users(user(0, [INSTALLS], ADDING).replace("      no_install_apps", many, 1))
    assert not read(BLOCKED[0], text).clear
    assert len(management.restrictions(users(*(user(n, []) for n in range(300))).split("\n")).value.restrictions) == 100
    owners = (PROFILE_OWNER.replace("User 10", f"User {n}") for n in range(300))
    account = management.owners(policy(*owners).split("\n"))
    assert len(account.value) == 100
    assert not account.whole


#: Phones that are each one step from being blocked: their answers, and their profiles.
OPEN = (
    ((policy(), users(user(0, []), managed=False)), (0,)),
    ((policy(), users(user(0, [], [INSTALLS, *ADDING]), managed=False)), (0,)),
    ((policy(DEVICE_OWNER), users(user(0, [], [INSTALLS, *ADDING]))), (0,)),
    ((policy(DEVICE_OWNER), users(user(0, ["no_install_unknown_sources"], ADDING))), (0,)),
    ((policy(DEVICE_OWNER), users(user(0, [INSTALLS]))), (0,)),
    ((policy(DEVICE_OWNER), users(user(0, [INSTALLS], ADDING), user(12, []))), (0, 12)),
    ((policy(PROFILE_OWNER), users(user(0, []), user(10, [INSTALLS], ADDING, owner=True), managed=False)), (0, 10)),
)
_TEXTS = st.sampled_from(
    [
        *sorted({line for (one, other), _ in OPEN for text in (one, other) for line in text.split("\n")}),
        *sorted({line for text in BLOCKED for line in text.split("\n")}),
        INSTALLS,
        f"      {INSTALLS}",
        DEVICE_OWNER,
        user(0, [INSTALLS], ADDING),
        BLOCKED[0],
        BLOCKED[1],
    ]
)


@pytest.mark.parametrize(("texts", "profiles"), OPEN)
def test_none_of_these_is_blocked(texts: tuple[str, str], profiles: tuple[int, ...]) -> None:
    assert read(*texts).clear
    assert state(*texts, *profiles) is not Return.BLOCKED


@examples(200)
@given(st.sampled_from(OPEN), st.lists(_TEXTS, max_size=6), st.sampled_from(["name", "admin", "behind"]))
def test_no_text_that_anybody_chose_makes_a_phone_blocked(
    phone: tuple[tuple[str, str], tuple[int, ...]], lines: list[str], where: str
) -> None:
    """The name of a user, an administrator's texts, the name of an account: with line breaks, and of any form."""
    (of_policy, of_users), profiles = phone
    text = "\n".join(["x", *lines])
    if where == "name":
        of_users = of_users.replace(":Owner:", f":{text}:", 1)
    elif where == "admin":
        of_policy = of_policy.replace("organizationName=", f"organizationName={text}")
    else:
        ending = "    Ignore errors preparing storage: false"
        of_users = of_users.replace(ending, f"    Account name: {text}\n{ending}", 1)
    assert state(of_policy, of_users, *profiles) is not Return.BLOCKED


@examples(200)
@given(st.sampled_from(OPEN), st.data())
def test_no_line_that_is_missing_makes_a_phone_blocked(
    phone: tuple[tuple[str, str], tuple[int, ...]], data: st.DataObject
) -> None:
    (of_policy, of_users), profiles = phone
    texts = []
    for text in (of_policy, of_users):
        lines = text.split("\n")
        gone = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=4))
        cut = data.draw(st.integers(0, len(lines)))
        texts.append("\n".join(line for n, line in enumerate(lines[:cut]) if n not in gone))
    assert state(texts[0], texts[1], *profiles) is not Return.BLOCKED


@examples(60)
@given(st.lists(st.one_of(_TEXTS, st.text(max_size=40)), max_size=30), st.lists(_TEXTS, max_size=30))
def test_nothing_makes_the_readers_fail(of_policy: list[str], of_users: list[str]) -> None:
    read("\n".join(of_policy), "\n".join(of_users))


# --- whole answers


class CutLink(accounts.Said):
    """A phone whose whole answer ends after so many bytes."""

    def __init__(self, answer: accounts.Answer, end: int | None) -> None:
        super().__init__(answer)
        self._end = end

    def run(self, command: str, feed: Any, cancel: Cancel, *more: Any, **names: Any) -> None:
        answer = bytearray()
        super().run(command, answer.extend, cancel, *more, **names)
        feed(bytes(answer[: self._end]))


def of_answer(answer: accounts.Answer, end: int | None = None) -> Return:
    """Whether banned apps can come back to a phone that answers so."""
    found = inventory.read(CutLink(answer, end), True, silent, Cancel())  # type: ignore[arg-type]
    signals = health.judge(found, CANADA.health, (), date(2026, 11, 30), ())
    return can_return.judge(found, CANADA, signals, (), ())[0].state


@cache
def whole() -> accounts.Answer:
    return accounts.practice("managed-blocks")


@examples(40)
@given(st.floats(0, 1))
def test_a_phone_whose_answer_breaks_off_is_not_blocked(share: float) -> None:
    answer = whole()
    length = len(answer.bytes())
    assert of_answer(answer) is Return.BLOCKED
    assert of_answer(answer, int(share * (length - 100))) is not Return.BLOCKED


@examples(40)
@given(st.data())
def test_where_a_part_of_an_answer_failed_or_did_not_come_nothing_is_blocked(data: st.DataObject) -> None:
    answer = whole()
    name = data.draw(st.sampled_from(["profiles", "admins", "users", "packages 0", "snapshot"]))
    without = replace(answer, parts={part: text for part, text in answer.parts.items() if part != name})
    failing = replace(answer, parts={**answer.parts, name: (answer.parts[name][0], 1)})
    assert of_answer(without) is not Return.BLOCKED
    if name in ("profiles", "admins"):
        assert of_answer(failing) is not Return.BLOCKED
