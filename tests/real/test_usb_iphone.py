"""Practice iPhones on a real USB bus, inside a small virtual machine: Debian's usbmuxd takes them for real ones, and
Fanion reaches them without any service."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.nightly  # a machine of its own is started: it takes minutes


@pytest.fixture
def found(found_on_usb: dict[str, Any]) -> dict[str, Any]:
    """What was found out about iPhones."""
    of_iphones: dict[str, Any] = found_on_usb["iphone"]
    return of_iphones


def udid(number: int) -> str:
    return f"00008101-PRACTICE{number:08}"


def test_usbmuxd_lists_trusts_reads_and_removes(found: dict[str, Any]) -> None:
    assert found["listed"] == [udid(1)]
    assert found["before"][0] != 0
    assert "accept the trust dialog" in found["before"][1]
    for command in ("pair", "validate", "unpair"):
        assert found[command][0] == 0
        assert "SUCCESS" in found[command][1]
    assert found["info"] == [0, "PRACTICE1\n"]
    status, lines, with_wechat = found["apps"]
    assert (status, with_wechat) == (0, True)
    assert lines > 200
    assert found["uninstall"][0] == 0
    assert "Complete" in found["uninstall"][1]
    assert found["installed"] is False
    assert found["trusted"] == 0
    assert found["complaints"] == []


def test_a_phone_unplugged_in_mid_command_ends_it_and_comes_back(found: dict[str, Any]) -> None:
    assert found["through usbmuxd"] > 60
    assert found["cut"] == "phone-unplugged"
    assert found["back"] == [0, udid(3) + "\n"]


def test_a_phone_begins_as_a_camera(found: dict[str, Any]) -> None:
    assert found["first configuration"] == "1"


def test_what_one_program_left_unread_is_no_answer_to_the_next(found: dict[str, Any]) -> None:
    assert found["after another"] == 0


def test_usbmuxd_itself_asks_for_tls_1_0_and_forgets_a_phone_that_refuses_it(found: dict[str, Any]) -> None:
    """The reason for Fanion's own way to a phone: here nothing above the cable can help."""
    assert found["record"] is True
    assert found["without TLS 1.0"] == []


def test_four_phones_at_once(found: dict[str, Any]) -> None:
    assert found["four"] == [[udid(n), [0, udid(n) + "\n"]] for n in (11, 12, 13, 14)]


def test_without_a_service_fanion_asks_for_trust_checks_and_removes(found: dict[str, Any]) -> None:
    assert found["unasked"] == ["usb", "not-trusted", 0]
    assert found["asked"] == [[""], 1]
    assert found["checked"] == ["red", ["com.tencent.xin", "com.zhiliaoapp.musically"], 117]
    assert found["removed"] == ["done", False]
    assert found["fanion installed"] is False
    assert found["fanion complaints"] == []


def test_what_fanion_was_trusted_with_is_forgotten_by_both(found: dict[str, Any]) -> None:
    assert found["given"] == [1, "26.6.1"]
    assert found["taken back"] is True
    assert found["left"] == [0, "not-trusted"]


def test_one_unplugged_from_fanion_is_told_and_can_be_read_again(found: dict[str, Any]) -> None:
    assert found["fanion cut"] == "phone-unplugged"
    assert found["fanion told"] == ["ready", True]
    assert found["fanion back"] == [True, 0]


def test_fanion_reads_four_at_once_and_another_program_is_told_so(found: dict[str, Any]) -> None:
    assert found["fanion places"] == 4
    assert found["fanion four"] == [[udid(n), [77, 0]] for n in (31, 32, 33, 34)]
    assert found["fanion busy"] == "phone-busy"


def test_a_service_that_runs_is_used(found: dict[str, Any]) -> None:
    """usbmuxd had the phone trust this computer before: Fanion reads by that, and does not take it back."""
    assert found["served"] == ["usbmux", "ready", True, 0, False]
