"""Pseudonyms for texts whose order decides: Android prints the keys of its tables in the order of their hashes.

A text of an app that brings lines of its own shows by being out of that order (:mod:`core.phones.android.listings`), so
that the pseudonyms have to be in the very order of their texts. A long text can be given any hash: the long ones
between two others are spread evenly there, so that a pseudonym tells of its text at which place in the order it is. The
hash of a short one is about as large as its characters make it: its pseudonym lies nearer to it than to the next one.

Java's hash of a text is a number in base 31 with its characters as digits, of which the lowest 32 bits count. So a text
of a given form whose hash lies within given bounds is found digit by digit, from the highest one that stays within 32
bits, the digits before that being random.
"""

from __future__ import annotations

import itertools
import random
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from core.capture.pseudonyms import Pseudonyms
from core.phones.android.listings.screens import java_hash

_BASE: Final = 31
_BITS: Final = 1 << 32
_HASHES: Final = (-(1 << 31), (1 << 31) - 1)
#: So many characters at the end of a text reach all hashes.
_TAIL: Final = 8
#: With so many letters and digits, a text can have any hash.
_LONG: Final = 7
#: Random beginnings that are tried, and endings of each.
_BEGINNINGS: Final = 60
_ENDINGS: Final = 60
_TURNS: Final = 30
#: Random beginnings for all texts of a capture, beyond one for each: a phone can give any number of texts for which
#: there is no other one.
_ALL_BEGINNINGS: Final = 5_000
#: How many shares of what is left one text may use up.
_SHARES: Final = (1, 2, 4, 8)
#: By character: the first and the last one that may stand in its place.
_CHOICES: Final = {code: (ord(a), ord(z)) for a, z in ("az", "AZ", "09") for code in range(ord(a), ord(z) + 1)}


def in_order(texts: Iterable[str], unchanged: Collection[str], pseudonyms: Pseudonyms) -> dict[str, str]:
    """Return each text's pseudonym, in the order of the texts' hashes; those in `unchanged` stay as they are.

    Where there is no other text of its form within its bounds, a text has a pseudonym that is out of order.
    """
    hashed = sorted((java_hash(text), number, text) for number, text in enumerate(dict.fromkeys(texts)))
    ordered = _Ordered({text for _, _, text in hashed}, pseudonyms)
    fixed = [(hash, text) for hash, _, text in hashed if text in unchanged or _free(text) < _LONG]
    for place, (hash, text) in enumerate(fixed):
        before = fixed[place - 1][0] if place else _HASHES[0]
        after = fixed[place + 1][0] if place + 1 < len(fixed) else _HASHES[1]
        if text in unchanged:
            ordered.texts[text], ordered.anchors[text] = text, hash
        else:
            ordered.add(text, (before + hash) // 2 + 1, (hash + after) // 2)
    waiting: list[str] = []
    last = _HASHES[0]
    for _, _, text in (*hashed, (0, 0, "")):
        if text and text not in ordered.texts:
            waiting.append(text)
            continue
        end = ordered.anchors.get(text, java_hash(text)) if text else _HASHES[1]
        for number, long_text in enumerate(waiting):
            width = (end - last) // (len(waiting) - number)
            # A form does not reach every hash: where it reaches none of its share, it goes a little further.
            is_placed = any(ordered.add(long_text, last + 1, min(last + width * share, end - 1)) for share in _SHARES)
            last = ordered.anchors[long_text] if is_placed else last
        waiting, last = [], end
    return ordered.texts


def _free(text: str) -> int:
    """How many characters of a text can be replaced by others."""
    return sum(character.isascii() and character.isalnum() for character in text)


class _Ordered:
    """The pseudonyms that were found."""

    def __init__(self, avoid: set[str], pseudonyms: Pseudonyms) -> None:
        self.texts: dict[str, str] = {}
        #: The hashes of those that are in their place.
        self.anchors: dict[str, int] = {}
        self._used = avoid
        self._pseudonyms = pseudonyms
        self._beginnings = _ALL_BEGINNINGS
        self._noise = random.Random(pseudonyms.number("order of hashes", 1 << 62))  # noqa: S311 - the seed is secret

    def add(self, text: str, low: int, high: int) -> bool:
        """Find a pseudonym of `text` whose hash is from `low` to `high`. Returns whether there is one; where there is
        none, it has one that is out of order."""
        form = self._pseudonyms.text(text)
        candidates = self._texts_like(form, (low, high))
        fitting = next((candidate for candidate in candidates if candidate not in self._used), None)
        self.texts[text] = fitting or form
        if fitting is not None:
            self.anchors[text] = java_hash(fitting)
            self._used.add(fitting)
        return fitting is not None

    def _texts_like(self, form: str, bounds: tuple[int, int]) -> Iterator[str]:
        """Texts of the form of `form` whose hash is within `bounds`, both of which may be taken, in no order."""
        units = memoryview(form.encode("utf-16-le", "surrogatepass")).cast("H")
        choices = [_CHOICES.get(unit) or (unit, unit) for unit in units]
        start = max(0, len(units) - _TAIL)
        tail = _Tail(choices[start:], self._noise)
        for number in range(min(_BEGINNINGS, max(self._beginnings, 1))):
            self._beginnings -= 1 if number else 0
            first = [low + int(self._noise.random() * (high - low + 1)) for low, high in choices[:start]]
            value = 0
            for unit in first:
                value = (value * _BASE + unit) % _BITS
            value = value * _BASE ** (len(units) - start) % _BITS
            for last in itertools.islice(tail.within(bounds[0] - value, bounds[1] - value), _ENDINGS):
                yield array("H", [*first, *last]).tobytes().decode("utf-16-le", "surrogatepass")


class _Tail:
    """The end of a text: its characters as digits, each from a first to a last one."""

    def __init__(self, choices: Sequence[tuple[int, int]], noise: random.Random) -> None:
        self._choices = choices
        self._noise = noise
        #: By place: the weight of a digit, and the least and the greatest number of those behind it.
        self._weights = [_BASE**place for place in range(len(choices) - 1, -1, -1)]
        self._behind = [(0, 0)]
        for (low, high), weight in zip(reversed(choices), reversed(self._weights), strict=True):
            least, greatest = self._behind[-1]
            self._behind.append((least + low * weight, greatest + high * weight))
        self._behind.reverse()

    def within(self, low: int, high: int) -> Iterator[list[int]]:
        """Endings whose number is from `low` to `high`, but for a multiple of 32 bits."""
        least, greatest = self._behind[0]
        turns = range((least - high) // _BITS, (greatest - low) // _BITS + 1)
        for _ in range(_TURNS if turns else 0):
            turn = turns[int(self._noise.random() * len(turns))]
            yield from self._digits(0, low + turn * _BITS, high + turn * _BITS)

    def _digits(self, place: int, low: int, high: int) -> Iterator[list[int]]:
        if place == len(self._choices):
            if low <= 0 <= high:
                yield []
            return
        first, last = self._choices[place]
        weight = self._weights[place]
        least, greatest = self._behind[place + 1]
        first = max(first, -((greatest - low) // weight))
        last = min(last, (high - least) // weight)
        if first > last:
            return
        count = last - first + 1
        begin = int(self._noise.random() * count)
        for number in range(count):
            digit = first + (begin + number) % count
            for rest in self._digits(place + 1, low - digit * weight, high - digit * weight):
                yield [digit, *rest]
