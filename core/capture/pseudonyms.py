"""Pseudonyms: what stands in a capture in the place of a word of the phone's.

A pseudonym has characters of the kinds that its word has, so that a reader of the phone's answers takes the same way
through it; how long it is is drawn, as the length of a word can tell which one it was. One word has one pseudonym in a
whole capture, and two words never have the same. They are made with a random key, which lives no longer than the
capture is made and is written nowhere: without it, no one can try out which words would give the pseudonyms of a file.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Container
from datetime import datetime, timedelta
from typing import Final

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
_LOWER_ACCENTED: Final = "àâçèéêëîïôùûü"
#: Letters of scripts without capitals become one of these (the first of the CJK ideographs).
_IDEOGRAPH: Final = 0x4E00
_IDEOGRAPHS: Final = 0x5000
#: What stands for a picture or a sign, which may tell as much as a word.
_SIGN: Final = "•"
_WORD: Final = re.compile(r"[^\W_]+")
#: What is neither a word nor a usual sign of a line: pictures, marks, other scripts' signs.
_OTHER_SIGN: Final = re.compile(r"[^\x00-\x7f\w\u00a0-\u00bf\u2010-\u2027\ufffd]")
#: How often another pseudonym is tried where the first is taken. Only words of one or two letters can need many.
_TRIES: Final = 2_000
#: And of all words of a capture: of signs that have but one pseudonym, a phone can make as many words as it likes.
_ALL_TRIES: Final = 200_000
#: Words of up to this length keep it, and may be their own pseudonym: of the 26 of one letter, the last has no choice.
_SHORT: Final = 2
#: Longer than any word of a name: a text at which a reader's limits show keeps its length.
_LONG: Final = 40
#: The least length of the others, and how many there are; one of 26 * 26 * 26 * 26 words and more is hardly taken.
_LEAST: Final = 4
_LENGTHS: Final = 8
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")
#: The days that stand for others: twenty years of them.
_FIRST_DAY: Final = datetime(2001, 1, 1)
_SECONDS: Final = 20 * 365 * 86_400
_FORMATS: Final = {10: "%Y-%m-%d", 16: "%Y-%m-%d %H:%M", 19: "%Y-%m-%d %H:%M:%S"}


class Pseudonyms:
    """The pseudonyms of one capture. What was kept of a word is its pseudonym alone."""

    def __init__(self, avoid: Container[str] = (), key: bytes = b"") -> None:
        """`avoid` are words that no pseudonym may be, as they mean something. `key` is random where it is empty."""
        self._avoid = avoid
        self._key = key or os.urandom(32)
        self._of: dict[str, str] = {}
        self._used: set[str] = set()
        self._tries = _ALL_TRIES

    def word(self, word: str) -> str:
        """Return the pseudonym of a word: of letters, of digits, of both, with the signs that it has."""
        return self._pseudonym(word, "", _character)

    def hexadecimal(self, number: str) -> str:
        """Return the pseudonym of a number in hexadecimal digits, in small or capital letters as it was."""
        return self._pseudonym(number, "hex ", _hexadecimal)

    def text(self, text: str, keep: Container[str] = ()) -> str:
        """Return `text` with each of its words replaced, but those in `keep`, and every picture by the same sign."""
        replaced = _WORD.sub(lambda match: match[0] if match[0] in keep else self.word(match[0]), text)
        return replaced if replaced.isascii() else _OTHER_SIGN.sub(_SIGN, replaced)

    def time(self, text: str, owner: str = "") -> str:
        """Return `text` with another day and time for each one in it; what is none becomes form.

        Each one has its own: were all moved by as much, a time that is known (the apps of a system image have the same
        one on every phone) would give away all others. Of `owner`, an app, it is its own again.
        """
        moved, at = "", 0
        for match in _TIME.finditer(text):
            moved += self.text(text[at : match.start()]) + self._moved(match[0], owner)
            at = match.end()
        return moved + self.text(text[at:])

    def apart(self, purpose: str) -> Pseudonyms:
        """Return the pseudonyms of another kind of words: the same word has another one there."""
        return Pseudonyms(self._avoid, self._bytes(purpose, 32))

    def number(self, purpose: str, below: int) -> int:
        """Return a number below `below` that depends on the key and on `purpose` alone."""
        return int.from_bytes(self._bytes(purpose, 8)) % below

    def name(self, name: str, begin: str = "") -> str:
        """Return an id or a class, or what follows its `begin`, drawn as a whole: of how many parts and of which
        lengths does not depend on the name, and names of one maker have nothing in common."""
        count = (1 if begin else 2) + self.number(f"parts {name}", 2)
        return begin + ".".join(self._drawn(f"{place} of {name}") for place in range(count))

    def version(self, purpose: str) -> str:
        """Return a version that depends on the key and on `purpose` alone."""
        return ".".join(str(self.number(f"{place} of version {purpose}", 40)) for place in range(3))

    def digest(self, digest: str, owner: str) -> str:
        """Return a digest of a certificate as another one, for each `owner` its own: which apps have the same signer
        tells of their maker."""
        drawn = self._bytes(f"digest {owner} {digest}", (len(digest) + 1) // 2).hex()[: len(digest)]
        return drawn if len(digest) > 8 else drawn.lstrip("0") or "0"

    def _drawn(self, purpose: str) -> str:
        length = _LEAST + self.number(f"length {purpose}", _LENGTHS)
        return "".join(_LOWER[noise % 26] for noise in self._bytes(purpose, length))

    def _moved(self, time: str, owner: str) -> str:
        form = _FORMATS.get(len(time), "").replace(" ", time[10:11] or " ")
        try:
            datetime.strptime(time, form)
        except ValueError:
            return self.text(time)  # Nothing is lost: it is no day of a calendar
        return (_FIRST_DAY + timedelta(seconds=self.number(f"time {owner} {time}", _SECONDS))).strftime(form)

    def _pseudonym(self, word: str, space: str, replace: _Replace) -> str:
        earlier = self._of.get(space + word)
        if earlier is not None:
            return earlier
        pseudonym = word
        for attempt in range(min(_TRIES, max(self._tries, 1))):
            self._tries -= 1 if attempt else 0
            kinds = self._stretched(word, attempt) if replace is _character else word
            noise = self._bytes(f"{space}{attempt} {word}", 2 * len(kinds))
            pairs = zip(kinds, noise[::2], noise[1::2], strict=True)
            letters = [replace(character, high << 8 | low) for character, high, low in pairs]
            if word[:1] == "0" or (letters and letters[0] == "0"):  # a number keeps how many digits were drawn
                letters[0] = "0" if word[:1] == "0" else str(1 + noise[0] % 9)
            pseudonym = "".join(letters)
            is_itself = pseudonym == word and len(word) > _SHORT
            if not is_itself and space + pseudonym not in self._used and pseudonym not in self._avoid:
                break
        self._used.add(space + pseudonym)
        self._of[space + word] = pseudonym
        return pseudonym

    def _stretched(self, word: str, attempt: int) -> str:
        """The characters of a word repeated or left out, for the kinds of those of its pseudonym."""
        if not _SHORT < len(word) <= _LONG or word.isdecimal():  # as many digits as a field of a line may have
            return word
        length = _LEAST + self.number(f"length {attempt} {word}", _LENGTHS)
        return "".join(word[place * len(word) // length] for place in range(length))

    def _bytes(self, text: str, length: int) -> bytes:
        return hashlib.shake_256(self._key + text.encode("utf-8", "surrogatepass")).digest(length)


def _character(character: str, noise: int) -> str:
    if character in _LOWER:
        return _LOWER[noise % 26]
    if character in _DIGITS:
        return _DIGITS[noise % 10]
    if "A" <= character <= "Z":
        return _LOWER[noise % 26].upper()
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category in ("Ll", "Lu"):
        letter = _LOWER_ACCENTED[noise % len(_LOWER_ACCENTED)]
        return letter.upper() if category == "Lu" else letter
    if category[0] == "L":
        return chr(_IDEOGRAPH + noise % _IDEOGRAPHS)
    return chr(0x660 + noise % 10) if category == "Nd" else _SIGN


def _hexadecimal(character: str, noise: int) -> str:
    if character not in "0123456789abcdefABCDEF":
        return _character(character, noise)
    digit = f"{noise % 16:x}"
    return digit.upper() if "A" <= character <= "F" else digit


#: Gives the character in place of one, by a number that depends on the key.
_Replace = Callable[[str, int], str]
