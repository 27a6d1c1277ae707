"""Wildcard patterns as a POSIX shell has them: `*`, `?`, `[0-9]`, `[!0-9]`.

A pattern is a sequence of elements: regular expressions that match exactly one character, and STAR. Every star but the
last may stop at the first place where what follows it fits, so matching never costs more than pattern times text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

#: Stands for any number of any characters.
STAR: Final = "*"
ANY: Final = "."

#: A piece of a pattern, and whether wildcards mean something in it (they do not inside quotes).
Piece = tuple[str, bool]


def elements(pieces: Iterable[Piece]) -> tuple[str, ...]:
    """The elements of a pattern in the shell's notation."""
    found: list[str] = []
    for text, active in pieces:
        at = 0
        while at < len(text):
            element, at = _element(text, at) if active else (literal(text[at]), at + 1)
            if not (element == STAR and found[-1:] == [STAR]):
                found.append(element)
    return tuple(found)


def literal(character: str) -> str:
    """The element that matches `character` and nothing else."""
    return re.escape(character)


def matches(value: str, pattern: Sequence[str], *, ignore_case: bool = False) -> bool:
    """Whether the whole of `value` is what `pattern` describes."""
    return _compiled(tuple(pattern), True, True, ignore_case).match(value) is not None


def without_prefix(value: str, pattern: Sequence[str], *, longest: bool) -> str:
    """`value` without the shortest or longest beginning that `pattern` describes."""
    match = _compiled(tuple(pattern), longest, False, False).match(value)
    return value[match.end() :] if match else value


def without_suffix(value: str, pattern: Sequence[str], *, longest: bool) -> str:
    """`value` without the shortest or longest end that `pattern` describes."""
    return without_prefix(value[::-1], tuple(reversed(pattern)), longest=longest)[::-1]


def bracket(text: str, at: int, negation: str) -> tuple[str, int] | None:
    """The character class that begins with the ``[`` at `at`, as a regular expression, and where it ends; None if it
    has no end. `negation` is the character that turns it round.
    """
    start = at + 1
    negated = text[start : start + 1] == negation
    if negated:
        start += 1
    end = text.find("]", start + 1)
    if end < 0:
        return None
    items = []
    while start < end:
        low, high = text[start], text[start]
        if text[start + 1 : start + 2] == "-" and start + 2 < end:
            high = text[start + 2]
            start += 2
        start += 1
        if low <= high:
            items.append(f"{re.escape(low)}-{re.escape(high)}")
    if not items:
        return ("." if negated else "(?!)."), end + 1
    return f"[{'^' if negated else ''}{''.join(items)}]", end + 1


def _element(text: str, at: int) -> tuple[str, int]:
    if text[at] == "*":
        return STAR, at + 1
    if text[at] == "?":
        return ANY, at + 1
    found = bracket(text, at, "!") if text[at] == "[" else None
    return found or (literal(text[at]), at + 1)


@lru_cache(maxsize=256)
def _compiled(pattern: tuple[str, ...], longest: bool, whole: bool, ignore_case: bool) -> re.Pattern[str]:
    first, *others = _segments(pattern)
    middle = others[:-1]
    last = [f"{'.*' if longest else '.*?'}{others[-1]}"] if others else []
    source = "".join([first, *(f"(?>.*?{segment})" for segment in middle), *last, r"\Z" if whole else ""])
    return re.compile(source, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _segments(pattern: Iterable[str]) -> list[str]:
    """What stands between the stars."""
    segments = [""]
    for element in pattern:
        if element == STAR:
            segments.append("")
        else:
            segments[-1] += element
    return segments


class PatternError(Exception):
    """The expression has something that is not understood here; the text says what."""


def expression(text: str, *, extended: bool) -> tuple[str, ...]:
    r"""The elements of a regular expression without groups: literals, ``.``, ``[...]``, ``.*``, ``^``, ``$``, and the
    backslash that takes a character's meaning away. Raises PatternError for anything else."""
    special = "(){}+?"  # in a basic expression with a backslash, in an extended one without
    anchored, text = text.startswith("^"), text.removeprefix("^")
    closed = text.endswith("$") and not text.endswith("\\$")
    text = text[:-1] if closed else text
    found: list[str] = [] if anchored else [STAR]
    at = 0
    while at < len(text):
        if text.startswith(".*", at):
            element, at = STAR, at + 2
        elif text[at] == "\\" and text[at + 1 : at + 2] in (*".*[]^$\\/-", *(special if extended else "")):
            element, at = literal(text[at + 1]), at + 2
        elif text[at] == ".":
            element, at = ANY, at + 1
        elif text[at] == "[" and (found_class := bracket(text, at, "^")) is not None:
            element, at = found_class
        elif text[at] in "*\\[" or (extended and text[at] in special):
            raise PatternError(f"unsupported pattern at '{text[at:]}'")
        else:
            element, at = literal(text[at]), at + 1
        found.append(element)
    return tuple(found if closed else [*found, STAR])
