"""Practice iPhones on a real USB bus, inside a small virtual machine: Debian's usbmuxd takes them for real ones, and
Fanion reaches them without any service."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.first  # it takes minutes, in which the other processes do all the rest


def udid(number: int) -> str:
    return f"00008101-PRACTICE{number:08}"


def test_usbmuxd_lists_trusts_reads_and_removes(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["listed"] == [udid(1)]
    assert found_on_usb["before"][0] != 0
    assert "accept the trust dialog" in found_on_usb["before"][1]
    for command in ("pair", "validate", "unpair"):
        assert found_on_usb[command][0] == 0
        assert "SUCCESS" in found_on_usb[command][1]
    assert found_on_usb["info"] == [0, "PRACTICE1\n"]
    status, lines, with_wechat = found_on_usb["apps"]
    assert (status, with_wechat) == (0, True)
    assert lines > 200
    assert found_on_usb["uninstall"][0] == 0
    assert "Complete" in found_on_usb["uninstall"][1]
    assert found_on_usb["installed"] is False
    assert found_on_usb["trusted"] == 0
    assert found_on_usb["complaints"] == []


def test_a_phone_unplugged_in_mid_command_ends_it_and_comes_back(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["through usbmuxd"] > 60
    assert found_on_usb["cut"] == "phone-unplugged"
    assert found_on_usb["back"] == [0, udid(3) + "\n"]


def test_a_phone_begins_as_a_camera(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["first configuration"] == "1"


def test_what_one_program_left_unread_is_no_answer_to_the_next(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["after another"] == 0


def test_usbmuxd_itself_asks_for_tls_1_0_and_forgets_a_phone_that_refuses_it(found_on_usb: dict[str, Any]) -> None:
    """The reason for Fanion's own way to a phone: here nothing above the cable can help."""
    assert found_on_usb["record"] is True
    assert found_on_usb["without TLS 1.0"] == []


def test_four_phones_at_once(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["four"] == [[udid(n), [0, udid(n) + "\n"]] for n in (11, 12, 13, 14)]


def test_without_a_service_fanion_asks_for_trust_checks_and_removes(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["unasked"] == ["usb", "not-trusted", 0]
    assert found_on_usb["asked"] == [[""], 1]
    assert found_on_usb["checked"] == ["red", ["com.tencent.xin", "com.zhiliaoapp.musically"], 117]
    assert found_on_usb["removed"] == ["done", False]
    assert found_on_usb["fanion installed"] is False
    assert found_on_usb["fanion complaints"] == []


def test_what_fanion_was_trusted_with_is_forgotten_by_both(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["given"] == [1, "26.6.1"]
    assert found_on_usb["taken back"] is True
    assert found_on_usb["left"] == [0, "not-trusted"]


def test_one_unplugged_from_fanion_is_told_and_can_be_read_again(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["fanion cut"] == "phone-unplugged"
    assert found_on_usb["fanion told"] == ["ready", True]
    assert found_on_usb["fanion back"] == [True, 0]


def test_fanion_reads_four_at_once_and_another_program_is_told_so(found_on_usb: dict[str, Any]) -> None:
    assert found_on_usb["fanion places"] == 4
    assert found_on_usb["fanion four"] == [[udid(n), [77, 0]] for n in (31, 32, 33, 34)]
    assert found_on_usb["fanion busy"] == "phone-busy"


def test_a_service_that_runs_is_used(found_on_usb: dict[str, Any]) -> None:
    """usbmuxd had the phone trust this computer before: Fanion reads by that, and does not take it back."""
    assert found_on_usb["served"] == ["usbmux", "ready", True, 0, False]
