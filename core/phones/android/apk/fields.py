"""Numbers out of bytes that may be too short, and the one failure of everything in this package."""

from __future__ import annotations

from struct import Struct, error
from typing import Final


class Unreadable(Exception):  # noqa: N818 - a state of a file; it never leaves the phones' package
    """The file is not what it should be. The text is for a search for a bug, not for the officer."""


class OverBudget(Unreadable):
    """More of the file would have to be read than one app is worth."""


_U16: Final = Struct("<H")
_U32: Final = Struct("<I")
_U64: Final = Struct("<Q")


def u16(data: bytes, at: int) -> int:
    """The little-endian number of two bytes at `at`. Raises Unreadable."""
    return _number(_U16, data, at)


def u32(data: bytes, at: int) -> int:
    """The little-endian number of four bytes at `at`. Raises Unreadable."""
    return _number(_U32, data, at)


def u64(data: bytes, at: int) -> int:
    """The little-endian number of eight bytes at `at`. Raises Unreadable."""
    return _number(_U64, data, at)


def _number(form: Struct, data: bytes, at: int) -> int:
    if at < 0:
        raise Unreadable("before the beginning")
    try:
        value: int = form.unpack_from(data, at)[0]
    except error as problem:
        raise Unreadable(str(problem)) from problem
    return value


def take(data: bytes, at: int, length: int) -> bytes:
    """Exactly `length` bytes at `at`. Raises Unreadable."""
    if at < 0 or length < 0 or at + length > len(data):
        raise Unreadable(f"{length} bytes at {at} of {len(data)}")
    return data[at : at + length]


class Fields:
    """Little-endian fields one behind the other, as the APK signing block has them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def has_more(self) -> bool:
        return self._at < len(self._data)

    def u32(self) -> int:
        self._at += 4
        return u32(self._data, self._at - 4)

    def u64(self) -> int:
        self._at += 8
        return u64(self._data, self._at - 8)

    def take(self, length: int) -> bytes:
        piece = take(self._data, self._at, length)
        self._at += length
        return piece

    def prefixed(self) -> bytes:
        """Bytes behind their own length (four bytes)."""
        return self.take(self.u32())

    def rest(self) -> bytes:
        return self._data[self._at :]
