"""How text is laid out in columns of a terminal: lines broken between words, and tables that fit.

What is counted is what a terminal shows: colours take no room, and characters of East Asia take two columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

#: What colours a text.
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
#: Columns that nothing is narrowed below.
LEAST: Final = 20
#: Columns between two columns of a table, and those that one of it has at least.
_GAP: Final = 2
_NARROWEST: Final = 6


def width_of(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(map(_width, _COLOUR.sub("", text)))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int, hanging: str = "", *, in_words: bool = False) -> list[str]:
    """The lines of `text`, broken between words to be at most `width` columns wide; `hanging` stands before all but the
    first.

    A word that is wider than a whole line, such as a path or a key, is broken only with `in_words`; else its line is
    wider: a terminal shows it in several, and gives it whole when it is copied.
    """
    if width_of(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines, line = list[str](), indent
    for word in text[len(indent) :].split(" "):
        joined = f"{line} {word}" if line.strip(" ") else f"{line}{word}"
        if width_of(joined) <= width:
            line = joined
            continue
        if line.strip(" "):
            lines.append(line)
            line = hanging
        for character in _pieces(word) if in_words else (word,):
            if in_words and width_of(line) + width_of(character) > width and line != hanging:
                lines.append(line)
                line = hanging
            line += character
    return [*lines, line]


def _pieces(word: str) -> Iterator[str]:
    """The characters of a word; what colours it is one."""
    at = 0
    while at < len(word):
        colour = _COLOUR.match(word, at)
        piece = colour[0] if colour else word[at]
        yield piece
        at += len(piece)


def table(names: Sequence[str], rows: Sequence[Sequence[object]], width: int) -> list[str]:
    """A table with a line of `names`, at most `width` columns wide; without a limit where `width` is 0.

    Where it is too wide, its widest columns are narrowed and their cells broken into lines. Where there is no room for
    columns at all, each row is a list of names and values. Numbers stand to the right; None is an empty cell.
    """
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(width_of, column)) for column in zip(names, *cells, strict=True)]
    if width:
        room = width - _GAP * (len(names) - 1)
        if room < sum(min(column, _NARROWEST) for column in widths):
            return _as_lists(names, cells, width)
        while sum(widths) > room:
            widths[widths.index(max(widths))] -= 1
    right = [all(isinstance(row[at], int | float | None) for row in rows) for at in range(len(names))]
    lines = _row(names, widths, right)
    lines.append((" " * _GAP).join("─" * column for column in widths))
    for row in cells:
        lines += _row(row, widths, right)
    return lines


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    columns = [wrapped(cell, width, in_words=True) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for at in range(max(map(len, columns))):
        parts = []
        for column, width, to_right in zip(columns, widths, right, strict=True):
            part = column[at] if at < len(column) else ""
            room = " " * (width - width_of(part))
            parts.append(room + part if to_right else part + room)
        lines.append((" " * _GAP).join(parts).rstrip())
    return lines


def _as_lists(names: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    lines = list[str]()
    for row in rows:
        lines += [""] if lines else []
        for name, value in zip(names, row, strict=True):
            lines += wrapped(f"{name}: {value}", width, "  ", in_words=True)
    return lines
