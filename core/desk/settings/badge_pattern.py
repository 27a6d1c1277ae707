"""By what a person's badge is told from an asset tag when either is scanned: a pattern that the department sets.

A pattern is a small part of a regular expression: characters, ``.``, ``\\d``, ``\\w``, sets such as ``[A-Z]``, each of
them as it is or with ``?``, ``*``, ``+`` or ``{2,8}``, and ``|`` between alternatives. There are no groups. Whatever
pattern is set, a code is compared with it in a time that grows with the length of both: a regular expression of
Python's could take years.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: Characters of a pattern, and of a code that is compared.
LIMIT: Final = 100
CODE_LIMIT: Final = 64

_PIECE: Final = re.compile(
    r"(?P<atom>\\[dw.\\|?*+{}()\[\]^$/-]|\.|\[\^?[^\[\]\\^]+\]|[^\\.\[\](){}?*+|^$])"
    r"(?P<count>[?*+]|\{\d{1,2}(,\d{0,2})?\})?"
)
#: What Python keeps for another meaning within a set.
_RESERVED: Final = re.compile(r"--|&&|~~|\|\|")


class BadPatternError(ValueError):
    """A text that is no pattern."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters of one kind, so many times."""

    fits: Callable[[str], object]
    least: int
    most: int


@lru_cache(maxsize=8)
def _alternatives(pattern: str) -> tuple[tuple[_Piece, ...], ...]:
    """The pieces of each alternative. Raises BadPatternError."""
    if len(pattern) > LIMIT:
        raise BadPatternError(pattern)
    alternatives: list[tuple[_Piece, ...]] = []
    pieces: list[_Piece] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "|":
            alternatives.append(tuple(pieces))
            pieces, at = [], at + 1
            continue
        found = _PIECE.match(pattern, at)
        if found is None:
            raise BadPatternError(pattern)
        pieces.append(_piece(found["atom"], found["count"] or ""))
        at = found.end()
    alternatives.append(tuple(pieces))
    if not all(alternatives):  # an empty one would fit nothing that is scanned
        raise BadPatternError(pattern)
    return tuple(alternatives)


def _piece(atom: str, count: str) -> _Piece:
    if _RESERVED.search(atom):
        raise BadPatternError(atom)
    try:
        fits = re.compile(atom, re.IGNORECASE).fullmatch  # one character is compared with it at a time
    except (re.error, OverflowError) as error:
        raise BadPatternError(atom) from error
    if count in ("", "?", "*", "+"):
        least, most = {"": (1, 1), "?": (0, 1), "*": (0, CODE_LIMIT), "+": (1, CODE_LIMIT)}[count]
    else:
        first, comma, last = count[1:-1].partition(",")
        least = int(first)
        most = int(last) if last else CODE_LIMIT if comma else least
    if least > most:
        raise BadPatternError(atom)
    return _Piece(fits, least, most)


def is_pattern(pattern: str) -> bool:
    """Whether `pattern` is one."""
    try:
        _alternatives(pattern)
    except BadPatternError:
        return False
    return True


def is_badge(code: str, pattern: str) -> bool:
    """Whether the whole of `code` fits `pattern`; nothing fits an empty one, or one that is none."""
    if not pattern or len(code) > CODE_LIMIT or not is_pattern(pattern):
        return False
    return any(_fits(pieces, code) for pieces in _alternatives(pattern))


def _fits(pieces: tuple[_Piece, ...], code: str) -> bool:
    """Whether the pieces fit all of `code`: for each piece, from every place that was reached so far."""
    reached = {0}
    for piece in pieces:
        fits = [bool(piece.fits(character)) for character in code]
        following: set[int] = set()
        for start in reached:
            at, count = start, 0
            while True:
                if count >= piece.least:
                    following.add(at)
                if count == piece.most or at == len(code) or not fits[at]:
                    break
                at, count = at + 1, count + 1
        reached = following
    return len(code) in reached
