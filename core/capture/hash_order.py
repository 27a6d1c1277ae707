"""Pseudonyms for texts whose order decides: Android prints the keys of its tables in the order of their hashes.

A text of an app that brings lines of its own shows by being out of that order (:mod:`core.phones.android.listings`), so
that the pseudonyms have to be in the very order of their texts. Each is given a hash between the middles to its
neighbours, where its own text's hash lies as well: so much of a text, some bits, its pseudonym tells.

Java's hash of a text is a number in base 31 with its characters as digits, of which the lowest 32 bits count. So a text
of a given form whose hash lies within given bounds is found digit by digit, from the highest one that stays within 32
bits, the digits before that being random.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from core.capture.pseudonyms import Pseudonyms
from core.phones.android.listings.screens import java_hash

_BASE: Final = 31
_BITS: Final = 1 << 32
_HASHES: Final = (-(1 << 31), (1 << 31) - 1)
#: So many characters at the end of a text reach all hashes.
_TAIL: Final = 7
#: Random beginnings that are tried, and endings of each.
_BEGINNINGS: Final = 40
_ENDINGS: Final = 60
_ALPHABETS: Final = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")


def in_order(texts: Iterable[str], unchanged: Collection[str], pseudonyms: Pseudonyms) -> dict[str, str]:
    """Return each text's pseudonym, in the order of the texts' hashes; those in `unchanged` stay as they are.

    Where there is no other text of its form within its bounds, a text has a pseudonym that is out of order.
    """
    noise = random.Random(pseudonyms.number("order of hashes", 1 << 62))  # noqa: S311 - the seed is secret
    hashed = sorted((java_hash(text), number, text) for number, text in enumerate(dict.fromkeys(texts)))
    hashes = [_HASHES[0] - 1, *(hash for hash, _, _ in hashed), _HASHES[1] + 1]
    used = {text for _, _, text in hashed}
    ordered: dict[str, str] = {}
    for place, (hash, _, text) in enumerate(hashed, 1):
        if text in unchanged:
            ordered[text] = text
            continue
        before, after = hashes[place - 1], hashes[place + 1]
        bounds = ((before + hash) // 2 + 1, (hash + after) // 2)
        candidates = _texts_like(pseudonyms.text(text), bounds, noise)
        ordered[text] = next((text_like for text_like in candidates if text_like not in used), pseudonyms.text(text))
        used.add(ordered[text])
    return ordered


def _texts_like(form: str, bounds: tuple[int, int], noise: random.Random) -> Iterator[str]:
    """Texts of the form of `form` whose hash is within `bounds`, both of which may be taken, in no order."""
    units = list(memoryview(form.encode("utf-16-le", "surrogatepass")).cast("H"))
    choices = [next(([ord(c) for c in letters] for letters in _ALPHABETS if chr(u) in letters), [u]) for u in units]
    start = max(0, len(units) - _TAIL)
    for _ in range(_BEGINNINGS):
        first = [noise.choice(choice) for choice in choices[:start]]
        value = 0
        for unit in first:
            value = value * _BASE + unit
        value *= _BASE ** (len(units) - start)
        for tail in itertools.islice(_tails(choices[start:], value, bounds, noise), _ENDINGS):
            yield _as_units([*first, *tail]).decode("utf-16-le", "surrogatepass")


def _as_units(units: Sequence[int]) -> bytes:
    return b"".join(unit.to_bytes(2, "little") for unit in units)


def _tails(
    choices: Sequence[Sequence[int]], value: int, bounds: tuple[int, int], noise: random.Random
) -> Iterator[list[int]]:
    """The endings by which `value`, the hash of the beginning in its place, comes within `bounds`."""
    low, high = _extent(choices)
    turns = range((value + low - bounds[1]) // _BITS, (value + high - bounds[0]) // _BITS + 1)
    for turn in noise.sample(turns, len(turns)):
        yield from _digits(choices, bounds[0] + turn * _BITS - value, bounds[1] + turn * _BITS - value, noise)


def _digits(choices: Sequence[Sequence[int]], low: int, high: int, noise: random.Random) -> Iterator[list[int]]:
    """The digits whose number is from `low` to `high`."""
    if not choices:
        if low <= 0 <= high:
            yield []
        return
    least, greatest = _extent(choices[1:])
    weight = _BASE ** (len(choices) - 1)
    fitting = [digit for digit in choices[0] if low - greatest <= digit * weight <= high - least]
    noise.shuffle(fitting)
    for digit in fitting:
        for rest in _digits(choices[1:], low - digit * weight, high - digit * weight, noise):
            yield [digit, *rest]


def _extent(choices: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The least and the greatest number of such digits."""
    least = greatest = 0
    for choice in choices:
        least, greatest = least * _BASE + min(choice), greatest * _BASE + max(choice)
    return least, greatest
