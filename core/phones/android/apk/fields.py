"""Numbers out of bytes that may be too short, and the one failure of everything in this package."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, error
from typing import Final


class Unreadable(Exception):  # noqa: N818 - a state of a file; it never leaves the phones' package
    """The file is not what it should be. The text is for a search for a bug, not for the officer."""


class OverBudget(Unreadable):
    """More of the file would have to be read than one app is worth."""


def _reader(form: str) -> Callable[[bytes, int], int]:
    """A function that gives the number of that form at a place of some bytes. It raises Unreadable."""
    unpack = Struct(form).unpack_from

    def number(data: bytes, at: int) -> int:
        if at < 0:
            raise Unreadable("before the beginning")
        try:
            value: int = unpack(data, at)[0]
        except error as problem:
            raise Unreadable(str(problem)) from problem
        return value

    return number


#: The little-endian number of two, four or eight bytes at a place.
u16: Final = _reader("<H")
u32: Final = _reader("<I")
u64: Final = _reader("<Q")


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
