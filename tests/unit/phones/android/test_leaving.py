"""What a phone says on its way out: every answer that is not clearly one is not known."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.phones.android import leaving
from core.phones.android.link.problems import AndroidNotReady, Garbled
from core.phones.driver import Asked, OtherPhone, PhoneProblem, Silent, Unplugged
from core.phones.states import PhoneState
from core.text import T

OWN = "QAAAA" + "A" * 695


def key(number: int) -> str:
    return base64.b64encode(b"\x40\x00\x00\x00" + number.to_bytes(520, "big")).decode()


def dump(*keys: str) -> list[str]:
    first, *others = keys or ("",)
    return [
        "ADB MANAGER STATE (dumpsys adb):",
        "{",
        "  debugging_manager={",
        "    connected_to_adb=true",
        f"    user_keys={first}",
        *others,
        "",
        "    keystore=<?xml version='1.0'?><adbKey key=\"" + key(77) + '" lastConnection="1" />',
        "  }",
    ]


def test_other_computers_are_counted_and_this_one_is_not() -> None:
    assert leaving.other_computers(dump(f"{OWN} fanion@desk"), OWN) == 0
    assert leaving.other_computers(dump(f"{OWN} fanion@desk", f"{key(1)} him@home", f"{key(2)} x"), OWN) == 2
    assert leaving.other_computers(dump(f"{key(1)} a", f"{key(1)} the same"), OWN) == 1
    assert leaving.other_computers(dump(f"{key(1)} fanion@desk"), OWN) == 1  # its name is anybody's choice
    assert leaving.other_computers(dump(), OWN) == 0


def test_a_phone_that_does_not_tell_trusts_nobody_knows_how_many() -> None:
    assert leaving.other_computers([], OWN) is None
    assert leaving.other_computers(["Can't find service: adb"], OWN) is None
    assert leaving.other_computers(dump(*(f"{key(n)} x" for n in range(201))), OWN) is None


@given(st.lists(st.text(max_size=60), max_size=30), st.lists(st.integers(0, 5), max_size=6))
def test_no_text_makes_the_count_less_than_the_keys_before_it(noise: list[str], numbers: list[int]) -> None:
    keys = [f"{key(n)} name" for n in numbers]
    found = leaving.other_computers([*dump(*keys)[: 5 + max(len(keys) - 1, 0)], *noise], OWN)
    assert found is None or found >= len(set(numbers))
    assert leaving.other_computers(noise, OWN) is None


@pytest.mark.parametrize("line", ["root@evil", "AAAAB3NzaC1yc2EAAAADAQABAAABgQ== him@home", f"{key(1)[:500]}", "QAAAA"])
def test_a_line_that_is_no_key_may_be_another_computers(line: str) -> None:
    """A key of another length, or a name of two lines: one computer fewer would be said to be trusted."""
    assert leaving.other_computers(dump(f"{OWN} fanion@desk", line), OWN) is None
    assert leaving.other_computers(dump(line, f"{OWN} fanion@desk"), OWN) is None
    assert leaving.other_computers(dump(f"{OWN} fanion@desk", ""), OWN) == 0


@pytest.mark.parametrize(
    ("lines", "on"),
    [
        (["1"], True),
        (["0"], False),
        (["0", ""], False),
        ([" 1 "], True),
        (["null"], None),
        ([], None),
        (["0", "1"], None),
        (["-1"], None),
        (["Security exception: no"], None),
        (["１"], None),
    ],
)
def test_a_switch_is_on_off_or_not_known(lines: list[str], on: bool | None) -> None:
    assert leaving.switch(lines) is on


class Phone:
    """A link on which a script is answered by what stands here, until it breaks."""

    how = T("over USB")
    loopback = False
    lasting = True
    transport = ""

    def __init__(self, *answers: tuple[dict[str, tuple[str, int]], BaseException | None]) -> None:
        self._answers = list(answers)
        self.sent: list[str] = []

    def run(self, command: str, feed: Callable[[bytes], None], cancel: Cancel, limit: int = 0, **_: Any) -> None:
        self.sent.append(command)
        parts, problem = self._answers.pop(0)
        nonce = command.split('"')[1].split(" ")[0]
        for name, (text, code) in parts.items():
            feed(f"\n{nonce} begin {name}\n{text}\n\n{nonce} end {name} {code}\n".encode())
        if problem is not None:
            raise problem

    def close(self) -> None:
        pass


BEGUN, PUT = {"begun": ("", 0)}, {"put": ("", 0)}
OFFLINE = AndroidNotReady(PhoneState.OFFLINE)


@pytest.mark.parametrize(
    ("parts", "problem", "known"),
    [
        ({**BEGUN, **PUT, "get": ("0", 0)}, None, (True, True)),
        ({**BEGUN, **PUT, "get": ("1", 0)}, None, (True, False)),
        ({**BEGUN, **PUT, "get": ("null", 0)}, None, (True, None)),
        ({**BEGUN, **PUT, "get": ("0", 1)}, None, (True, None)),
        ({**BEGUN, "put": ("Security exception", 255), "get": ("1", 0)}, None, (True, False)),
        (BEGUN, Unplugged(), (True, None)),
        ({}, Unplugged(), (None, None)),
        ({}, None, (None, None)),
        ({}, Garbled("noise"), (None, None)),
    ],
)
def test_developer_options_are_off_only_where_that_was_read_back(
    parts: dict[str, tuple[str, int]], problem: PhoneProblem | None, known: tuple[bool | None, bool | None]
) -> None:
    found = leaving.options_off(Phone((parts, problem)), Cancel())
    assert (found.asked, found.seen, found.problem) == (*known, problem)


@pytest.mark.parametrize(
    ("parts", "problem", "known"),
    [
        ({"was": ("1", 0), **PUT, "get": ("0", 0)}, None, (True, True)),
        ({"was": ("1", 0), **PUT, "get": ("1", 0)}, None, (True, False)),
        ({"was": ("1", 0), "put": ("Security exception", 255), "get": ("1", 0)}, None, (True, False)),
        ({"was": ("1", 0), **PUT, "get": ("null", 0)}, None, (True, None)),
        ({"was": ("1", 0)}, Unplugged(), (True, None)),
        ({"was": ("0", 0), **PUT, "get": ("0", 0)}, None, (False, None)),
        ({"was": ("null", 0), **PUT, "get": ("null", 0)}, None, (False, None)),
        ({"was": ("Security exception", 255), **PUT, "get": ("", 255)}, None, (False, None)),
        ({}, Unplugged(), (None, None)),
        ({}, Garbled("noise"), (None, None)),
    ],
)
def test_wireless_debugging_is_asked_for_only_where_it_is_on(
    parts: dict[str, tuple[str, int]], problem: PhoneProblem | None, known: tuple[bool | None, bool | None]
) -> None:
    found = leaving.wireless_off(Phone((parts, problem)), Cancel())
    assert (found.asked, found.seen, found.problem) == (*known, problem)


@pytest.mark.parametrize(
    ("answers", "known"),
    [
        ([({**BEGUN, **PUT}, Unplugged())], (True, True)),
        ([({**BEGUN, **PUT}, OFFLINE)], (True, True)),
        # Before its answer the cable may have been pulled, and the phone may not have heard.
        ([(BEGUN, Unplugged())], (True, None)),
        ([(BEGUN, OFFLINE)], (True, None)),
        ([(BEGUN, None), ({}, Unplugged())], (True, None)),
        ([({**BEGUN, "put": ("Security exception", 255)}, Unplugged())], (True, None)),
        # The command's stream ends first, and the connection with the next question.
        ([({**BEGUN, **PUT}, None), ({}, Unplugged())], (True, True)),
        ([({**BEGUN, **PUT}, None), ({}, None), ({}, Unplugged())], (True, True)),
        ([({**BEGUN, **PUT, "still": ("0", 0)}, None)], (True, False)),
        ([({**BEGUN, **PUT, "still": ("1", 0)}, None)], (True, False)),
        ([({**BEGUN, **PUT}, None), ({"still": ("0", 0)}, None)], (True, False)),
        ([({**BEGUN, **PUT}, None), ({}, None), ({}, None)], (True, None)),
        ([(BEGUN, Silent(75))], (True, None)),
        ([({}, Unplugged())], (None, None)),
        ([({}, None)], (None, None)),
    ],
)
def test_debugging_is_off_only_where_the_phone_said_so_and_was_seen_leaving(
    answers: list[Any], known: tuple[bool | None, bool | None]
) -> None:
    found = leaving.debugging_off(Phone(*answers), Cancel())
    assert (found.asked, found.seen) == known


def test_another_phone_is_asked_for_nothing() -> None:
    other: tuple[dict[str, tuple[str, int]], BaseException] = {}, OtherPhone(["serial number"])
    for ask in (leaving.options_off, leaving.wireless_off, leaving.debugging_off):
        with pytest.raises(OtherPhone):
            ask(Phone(other), Cancel())


def test_what_was_asked_for_is_nothing_until_it_was() -> None:
    assert Asked() == Asked(False, None, None)
