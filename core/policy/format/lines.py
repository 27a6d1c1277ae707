"""On which line of a TOML file a key stands: the standard library's parser does not say.

Known are the headers (``[table]``, ``[[table]]``) and the keys that begin a statement, and nothing finer: what stands
inside an inline table or an array is found at the key that holds it. Only for text that `tomllib` has accepted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

#: The way to a value from the top of the document: a key for each table, an index for each array.
Path = tuple[str | int, ...]

# Strings and comments are each one piece, so that what looks like a key or a header inside them is not taken for one.
# Up to two quotation marks may stand directly before the three that close a multi-line string.
_PIECE: Final = re.compile(
    r'''
      (?P<string>  """(?:\\.|[^\\])*?"{3,5} | \'{3}.*?\'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<newline> \n )
    | (?P<equals>  = )
    | (?P<open>    [\[{] )
    | (?P<close>   [\]}] )
    | (?P<other>   [^"'\#\n=\[\]{}]+ )
    ''',
    re.VERBOSE | re.DOTALL,
)


def locate(text: str) -> dict[Path, int]:
    """The line, from 1, of every header and key in `text`, and of every table that they open on their way."""
    lines: dict[Path, int] = {(): 1}
    sizes: dict[Path, int] = {}
    table: Path = ()
    for line, head in _statements(text):
        if head.startswith("["):
            keys = _keys(head.lstrip("[").rstrip("]"))
            path = (*_latest(sizes, keys[:-1]), keys[-1])
            if head.startswith("[["):
                sizes[path] = sizes.get(path, 0) + 1
                path = (*path, sizes[path] - 1)
            table = path
        else:
            path = (*table, *_keys(head))
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], line)
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest thing around it that has one. `lines` is what :func:`locate` gave."""
    return next(lines[path[:length]] for length in range(len(path), -1, -1) if path[:length] in lines)


def deep_keys(text: str, limit: int) -> Iterator[tuple[int, int]]:
    """Where outside of strings more than `limit` full stops stand together, as in a key of so many parts: the line, and
    how many. For any text."""
    line, dots, since = 1, 0, 1
    for match in _PIECE.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "other" or (kind == "string" and "\n" not in piece):
            dots += piece.count(".") if kind == "other" else 0
            if dots > limit:
                yield since, dots
                return
        else:
            dots, since = 0, line + piece.count("\n")
        line += piece.count("\n")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement's first line and its head: a whole header, or what stands before the equals sign."""
    line, start, depth, head, in_value = 1, 1, 0, "", False
    for match in _PIECE.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "newline" and depth == 0:
            if head.strip():
                yield start, head.strip()
            head, in_value = "", False
        elif kind == "equals":
            in_value = True
        elif kind != "comment":
            depth += (kind == "open") - (kind == "close")
            if not in_value:
                start = start if head.strip() else line
                head += piece
        line += piece.count("\n")
    if head.strip():
        yield start, head.strip()


def _keys(dotted: str) -> tuple[str, ...]:
    """The parts of a dotted key, bare or quoted, as the parser itself reads them."""
    keys: list[str] = []
    value: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(value, dict):
        ((key, value),) = value.items()
        keys.append(key)
    return tuple(keys)


def _latest(sizes: Mapping[Path, int], keys: tuple[str, ...]) -> Path:
    """The path that a header's `keys` mean: a key that names an array of tables means the latest table of it."""
    path: Path = ()
    for key in keys:
        path = (*path, key)
        if path in sizes:
            path = (*path, sizes[path] - 1)
    return path
