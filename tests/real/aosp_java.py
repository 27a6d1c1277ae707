"""Java's own rules that show in what Android prints: hash codes, orders of maps, the writer that indents and wraps.

Written after the rules of `java.lang`, `java.util.HashMap`, `android.util.ArrayMap` and
`android.util.IndentingPrintWriter` (Android 10 to 15); Java's strings are counted in UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

Item = TypeVar("Item")


def units(text: str) -> list[int]:
    """The UTF-16 units of `text`."""
    return list(memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"))


def text_of(numbers: Iterable[int]) -> str:
    """The text of UTF-16 units."""
    return b"".join(number.to_bytes(2, "little") for number in numbers).decode("utf-16-le", "surrogatepass")


def string_hash(text: str) -> int:
    """`String.hashCode`: a signed number of 32 bits."""
    value = 0
    for unit in units(text):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def bytes_hash(data: bytes) -> str:
    """`Arrays.hashCode` of a `byte[]`, as `Integer.toHexString` prints it."""
    value = 1
    for byte in data:
        value = (31 * value + (byte - 256 if byte > 127 else byte)) & 0xFFFFFFFF
    return f"{value:x}"


def array_map_order(keys: Iterable[str]) -> list[str]:
    """The keys of an `ArrayMap` or `ArraySet`: by their signed hash; of equal ones the earlier first."""
    return sorted(dict.fromkeys(keys), key=string_hash)


def hash_map_order(keys: Iterable[str]) -> list[str]:
    """The keys of a `java.util.HashMap` that began empty and was filled by `computeIfAbsent`.

    They come by bucket, and in a bucket the last one that was put in is the first: this method puts in front, and lets
    the map grow only before the next key. A bucket of more than eight keys, which Java makes a tree, is not looked at.
    """
    own = list(dict.fromkeys(keys))[::-1]
    capacity = 16
    while len(own) - 1 > capacity * 3 // 4:
        capacity *= 2

    def bucket(key: str) -> int:
        code = string_hash(key) & 0xFFFFFFFF
        return (code ^ code >> 16) & (capacity - 1)

    return sorted(own, key=bucket)


def java_text(value: object) -> str:
    """`String.valueOf`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(java_text(each) for each in value)}]"
    return str(value)


def moment(milliseconds: int) -> str:
    """A `Date` by the pattern that `Settings` uses, on a phone whose time zone is UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def identity(*parts: object) -> str:
    """A stand-in for `System.identityHashCode` of an object, in hexadecimal: the same for the same `parts`.

    What Android prints there is an address; no reader may depend on it.
    """
    return f"{string_hash(' '.join(map(str, parts))) & 0x7FFFFFFF:x}"


def short_component(package: str, name: str) -> str:
    """`ComponentName.flattenToShortString`."""
    short = name[len(package) :] if name.startswith(package) and name[len(package) : len(package) + 1] == "." else name
    return f"{package}/{short}"


class IndentingWriter:
    """`android.util.IndentingPrintWriter`: indents lines, and breaks those that reach `wrap` columns.

    One call of `write` is one call of Java's `print` with a string: where a line would be too long, the whole string
    goes to a line of its own, and only a string that has a line of its own is cut. The indent does not count towards
    the length of the line but shortens what is allowed. `wrap` 0 never breaks.
    """

    def __init__(self, wrap: int = 0, step: str = "  ", indent: str = "") -> None:
        self.wrap, self.step, self.indent = wrap, step, indent
        self.out: list[int] = []
        self._length = 0  # of the line so far, without its indent
        self._empty = True

    def text(self) -> str:
        return text_of(self.out)

    def more(self) -> IndentingWriter:
        self.indent += self.step
        return self

    def less(self) -> IndentingWriter:
        self.indent = self.indent[len(self.step) :]
        return self

    def inside(self, write: Callable[[], None]) -> None:
        """`write`, one step further in."""
        self.more()
        write()
        self.less()

    def line(self, text: str = "") -> None:
        """Java's `println`: the string, then the end of the line."""
        if text:
            self.write(text)
        self.write("\n")

    def write(self, text: str) -> None:
        own = units(text)
        start = end = 0
        while end < len(own):
            end += 1
            self._length += 1
            if own[end - 1] == 10:
                self._put(own[start:end])
                start, self._empty, self._length = end, True, 0
            if self.wrap > 0 and self._length >= self.wrap - len(self.indent):
                if not self._empty:
                    self.out.append(10)
                    self._length = end - start
                else:
                    self._put([*own[start:end], 10])
                    start, self._length = end, 0
                self._empty = True
        if start != end:
            self._put(own[start:end])

    def _put(self, own: list[int]) -> None:
        if self._empty:
            self._empty = False
            self.out += units(self.indent)
        self.out += own
