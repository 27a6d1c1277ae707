"""Checksums of ADB's packets: where the phone must state them, where it need not, and what it is told of us."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from adb_shell import adb_message, constants, exceptions
from adb_shell.transport.base_transport import BaseTransport
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.phones.android.link import link
from core.phones.android.link.problems import Garbled
from core.phones.android.link.transport import VERSION_WITHOUT_CHECKSUMS, is_sum
from core.text import T
from tests.examples import examples

OLD, NEW = 0x01000000, VERSION_WITHOUT_CHECKSUMS
_BANNER = b"device::ro.product.model=Pixel;"
_TEXT = b"what the phone prints\n"
_RIGHT: dict[bytes, int] = {data: sum(data) for data in (_BANNER, _TEXT, b"t" * 20)}


def packet(kind: bytes, first: int, second: int, payload: bytes = b"", checksum: int = 0) -> bytes:
    number = constants.ID_TO_WIRE[kind]
    return struct.pack("<6I", number, first, second, len(payload), checksum, number ^ 0xFFFFFFFF) + payload


def banner(version: int, checksum: int) -> bytes:
    return packet(constants.CNXN, version, 2**20, _BANNER, checksum)


def answer(stream: int, checksum: int) -> bytes:
    """The answer to our command number `stream`."""
    written = packet(constants.WRTE, 7, stream, _TEXT, checksum)
    return packet(constants.OKAY, 7, stream) + written + packet(constants.CLSE, 7, stream)


class Said(BaseTransport):  # type: ignore[misc]
    """A phone that says all of its part without listening."""

    def __init__(self, *packets: bytes) -> None:
        self._data = b"".join(packets)
        self.heard = b""

    def connect(self, transport_timeout_s: float | None) -> None:
        """It is."""

    def close(self) -> None:
        """Nothing is held."""

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        data, self._data = self._data[:numbytes], self._data[numbytes:]
        if not data:
            raise exceptions.TcpTimeoutException
        return data

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        self.heard += data
        return len(data)


class Signer:
    def Sign(self, data: bytes) -> bytes:  # noqa: N802 - adb-shell's name
        return b"signature"

    def GetPublicKey(self) -> str:  # noqa: N802 - likewise
        return "key"


def connected(phone: Any) -> link.AdbLink:
    return link.connect(phone, Signer(), T("over USB"), Cancel())


def printed(opened: link.AdbLink) -> bytes:
    pieces: list[bytes] = []
    opened.run("echo", pieces.append, Cancel())
    return b"".join(pieces)


@pytest.mark.parametrize("version", [NEW, NEW + 1, 0xFFFFFFFF])
@pytest.mark.parametrize("checksum", [_RIGHT[_TEXT], 0, 12345])
def test_a_phone_of_a_later_version_need_not_state_checksums(version: int, checksum: int) -> None:
    assert printed(connected(Said(banner(version, 0), answer(1, checksum)))) == _TEXT


@pytest.mark.parametrize("version", [OLD, OLD - 1, 0])
@pytest.mark.parametrize("checksum", [0, 12345, _RIGHT[_TEXT] - 1, _RIGHT[_TEXT] + 65521, 2**32 - 1])
def test_what_an_older_phone_sends_is_refused_unless_it_adds_up(version: int, checksum: int) -> None:
    said = answer(1, checksum), answer(2, _RIGHT[_TEXT])
    opened = connected(Said(banner(version, _RIGHT[_BANNER]), *said))
    with pytest.raises(Garbled):
        printed(opened)
    assert printed(opened) == _TEXT  # it was left between two packets


@pytest.mark.parametrize(("version", "checksum", "connects"), [(OLD, 0, False), (OLD, 1, False), (NEW, 0, True)])
def test_a_phone_introduces_itself_as_its_version_demands(version: int, checksum: int, connects: bool) -> None:
    phone = Said(banner(version, checksum), answer(1, 0))
    if connects:
        assert printed(connected(phone)) == _TEXT
    else:
        with pytest.raises(Garbled):
            connected(phone)


@pytest.mark.parametrize(("version", "text"), [(OLD, _RIGHT[_TEXT]), (NEW, 0)])
@pytest.mark.parametrize("checksum", [0, _RIGHT[b"t" * 20]])
def test_a_token_comes_before_it_is_known_which_version_the_phone_speaks(
    version: int, text: int, checksum: int
) -> None:
    """A later phone leaves its checksum out, as it has read by then which version we speak."""
    asked = packet(constants.AUTH, constants.AUTH_TOKEN, 0, b"t" * 20, checksum)
    opened = connected(Said(asked, banner(version, _RIGHT[_BANNER]), answer(1, text)))
    assert printed(opened) == _TEXT


def test_a_token_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(Garbled):
        connected(Said(packet(constants.AUTH, constants.AUTH_TOKEN, 0, b"t" * 20, 5), banner(NEW, 0)))


def test_a_second_introduction_changes_nothing() -> None:
    """A phone that says that it is older, or later, in the middle of a connection."""
    later = connected(Said(banner(NEW, 0), banner(OLD, _RIGHT[_BANNER]), answer(1, 0)))
    assert printed(later) == _TEXT
    older = connected(Said(banner(OLD, _RIGHT[_BANNER]), banner(NEW, 0), answer(1, 0)))
    with pytest.raises(Garbled):
        printed(older)


def test_the_phone_is_told_which_version_is_spoken_and_may_add_up_all_that_it_gets() -> None:
    phone = Said(banner(OLD, _RIGHT[_BANNER]), answer(1, _RIGHT[_TEXT]))
    printed(connected(phone))
    heard, kinds = phone.heard, []
    while heard:
        number, first, _, length, checksum, _ = struct.unpack("<6I", heard[:24])
        kinds.append((constants.WIRE_TO_ID[number], first))
        assert checksum == sum(heard[24 : 24 + length])
        heard = heard[24 + length :]
    assert kinds[0] == (constants.CNXN, NEW)
    assert [kind for kind, _ in kinds[1:]] == [constants.OPEN, constants.OKAY, constants.CLSE]


@examples(60)
@given(st.binary(min_size=1, max_size=2_000), st.data())
def test_a_byte_that_is_another_one_does_not_add_up(data: bytes, chosen: st.DataObject) -> None:
    checksum = adb_message.checksum(data)
    assert is_sum(checksum, data)
    at = chosen.draw(st.integers(0, len(data) - 1))
    other = chosen.draw(st.integers(0, 255).filter(lambda value: value != data[at]))
    assert not is_sum(checksum, data[:at] + bytes([other]) + data[at + 1 :])


@pytest.mark.parametrize("length", [0, 1, 300, 100_000, 2**20])
def test_long_payloads_add_up(length: int) -> None:
    assert is_sum(255 * length, b"\xff" * length)
    assert not is_sum(255 * length + 1, b"\xff" * length)
