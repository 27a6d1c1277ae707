"""What an adb server lists, in the forms that its versions and systems have, and in those that a phone would like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.android.link import server
from core.phones.android.link.server import ServerPhone
from core.phones.states import PhoneState

NO_RULES = "no permissions (user in plugdev group; are your udev rules wrong?)"


def parse(listing: str) -> list[ServerPhone]:
    """The phones that a server of ADB lists."""
    return server._parse(listing)


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("R5CT\tdevice", PhoneState.READY),
        ("R5CT\tunauthorized", PhoneState.UNAUTHORISED),
        ("R5CT\toffline", PhoneState.OFFLINE),
        ("R5CT\trecovery", PhoneState.RECOVERY),
        ("R5CT\tsideload", PhoneState.SIDELOAD),
        ("R5CT\tbootloader", PhoneState.FASTBOOT),
        (f"R5CT\t{NO_RULES}", PhoneState.NO_PERMISSION),
        (f"R5CT\t{NO_RULES}; see [http://developer.android.com/tools/device.html]", PhoneState.NO_PERMISSION),
        ("R5CT\tsomething new", PhoneState.OFFLINE),
    ],
)
def test_the_servers_words(line: str, state: PhoneState) -> None:
    assert parse(line + "\n* daemon started\n") == [ServerPhone("R5CT", state)]


@pytest.mark.parametrize(
    ("place", "port", "address"),
    [
        (" usb:1-4.2", (1, 4, 2), None),
        (" usb:3-1", (3, 1), None),
        (" usb:1:17", (), (1, 17)),
        (" usb:336723968X", (20, 1, 2), None),
        ("", (), None),
        (" usb:../..", (), None),
    ],
)
def test_where_it_says_that_a_phone_is(place: str, port: tuple[int, ...], address: tuple[int, int] | None) -> None:
    words = f"product:a51 model:SM_A515W device:a51 transport_id:{7}"
    listing = f"R58N12ABCDE            device{place} {words}\nB                      {NO_RULES}{place} transport_id:8\n"
    assert parse(listing) == [
        ServerPhone("R58N12ABCDE", PhoneState.READY, port, address, "7"),
        ServerPhone("B", PhoneState.NO_PERMISSION, port, address, "8"),
    ]


def test_what_a_phone_says_of_itself_is_neither_its_place_nor_its_number() -> None:
    hostile = "R5CT                   device product:x usb:1-1 transport_id:1 model:X device:x transport_id:9"
    (phone,) = parse(hostile)
    assert (phone.port, phone.transport) == ((), "9")


def test_a_phone_without_a_serial_number_has_none() -> None:
    (phone,) = parse("(no serial number)     device usb:1-2 transport_id:4")
    assert (phone.serial, phone.port, phone.state) == ("", (1, 2), PhoneState.READY)


@given(st.text(max_size=300), st.text(st.sampled_from("ab \t:.-()[];1Xusbdevice\n"), max_size=300))
def test_no_list_fails_and_all_of_it_is_plain(one: str, other: str) -> None:
    for phone in parse(f"{one}\n{other} device usb:{one}"):
        assert len(phone.serial) <= 128
        assert phone.serial.isprintable() or phone.serial == ""
