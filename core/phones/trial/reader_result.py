"""What the readers of a phone's answers made of them on one phone, in a form that may leave the department.

Of a phone's own text comes nothing into it but its shape: what was left of an answer is counted by the reader's own
words for it, with one example of which letters and digits are replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from core.phones.accounting import Left
from core.phones.driver import PhoneProblem
from core.text import T, Text

Facts = TypeVar("Facts")

#: What a kind of leftovers may be called, and how many of them are told.
_KIND: Final = re.compile(r"[a-z][a-z0-9 .:-]{0,59}")
_KINDS_LIMIT: Final = 40
#: The shape of a text: see :func:`shape`.
_SHAPE: Final = re.compile(r"[a9 !-/:-@\[-`{-~]{0,60}")
_LETTERS: Final = re.compile(r"(?:[A-Za-z]|[^\x00-\x7f])+")
_DIGITS: Final = re.compile("[0-9]+")


class ReaderState(StrEnum):
    """What one reader could do with a phone's answer."""

    UNDERSTOOD = "understood"
    LEFT = "left"
    NOT_TRIED = "not-tried"


class Untried(StrEnum):
    """Why a reader could not be tried."""

    NOTHING_THERE = "nothing-there"
    NO_ANSWER = "no-answer"
    CHANGES = "would-change-the-phone"

    @property
    def says(self) -> Text:
        return _UNTRIED[self]


_UNTRIED: Final = {
    Untried.NOTHING_THERE: T("this phone has nothing of the kind"),
    Untried.NO_ANSWER: T("the phone gave no answer in the time that there was"),
    Untried.CHANGES: T("trying it would change the phone"),
}


class Timed(Protocol):
    """An answer of which it is known how long it is (characters) and how long it took (seconds)."""

    @property
    def text(self) -> str: ...

    @property
    def seconds(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """What a reader made of an answer of `size` characters that took `seconds`: how many things it `understood`, and
    how many it `left`, by its own words for them, with the shape of one as an `example`. A limit that was met is left
    as ``cut``. ValueError for what may be a phone's own text."""

    understood: int = 0
    left: tuple[tuple[str, int], ...] = ()
    example: str = ""
    seconds: float | None = None
    size: int | None = None
    untried: Untried | None = None

    def __post_init__(self) -> None:
        if _SHAPE.fullmatch(self.example) is None or any(_KIND.fullmatch(name) is None for name, _ in self.left):
            raise ValueError("a text that is neither a reader's own word nor a shape")

    @property
    def state(self) -> ReaderState:
        if self.untried is not None:
            return ReaderState.NOT_TRIED
        return ReaderState.LEFT if self.left else ReaderState.UNDERSTOOD


@dataclass(frozen=True, slots=True)
class PhoneReader(Generic[Facts]):
    """A reader of phones' answers. `key` stays what it is in every language and version; `sentence` names what it
    reads, and `read` has it read what one phone answered."""

    key: str
    sentence: Text
    read: Callable[[Facts], ReaderResult]


@dataclass(frozen=True, slots=True)
class TriedReader:
    """A reader, and what it made of one phone's answers."""

    key: str
    sentence: Text
    result: ReaderResult


@dataclass(frozen=True, slots=True)
class Trial:
    """What one phone showed: which phone it is, without anything that is its owner's, what of it is `new` to Fanion,
    and every reader of its platform. `problem` is why not all of it could be asked, where something kept it."""

    platform: str
    maker: str
    model: str
    os: str
    practice: bool
    new: tuple[Text, ...]
    readers: tuple[TriedReader, ...]
    problem: PhoneProblem | None = None

    @property
    def with_leftovers(self) -> tuple[TriedReader, ...]:
        """The readers that left something."""
        return tuple(reader for reader in self.readers if reader.result.state is ReaderState.LEFT)


def tried(table: Iterable[PhoneReader[Facts]], facts: Facts) -> tuple[TriedReader, ...]:
    """Have each reader of `table` read `facts`."""
    return tuple(TriedReader(reader.key, reader.sentence, reader.read(facts)) for reader in table)


def of(left: Iterable[Left], understood: int, *answers: Timed) -> ReaderResult:
    """The result of a reader that understood so many things of these answers, and left the others."""
    items = list(left)
    counted = Counter(kind if _KIND.fullmatch(kind := f"{i.why.value} {i.kind.lower()}") else "other" for i in items)
    return ReaderResult(
        understood,
        tuple(sorted(counted.items())[:_KINDS_LIMIT]),
        next((example for item in items if (example := shape(item.text).strip())), ""),
        round(sum(answer.seconds for answer in answers), 1) if answers else None,
        sum(len(answer.text) for answer in answers) if answers else None,
    )


def untried(why: Untried) -> ReaderResult:
    """Not tried, and why."""
    return ReaderResult(untried=why)


def changes(facts: object) -> ReaderResult:
    """What would change the phone is not tried."""
    return ReaderResult(untried=Untried.CHANGES)


def shape(words: str) -> str:
    """The shape of a text: its words are an ``a`` each and its numbers a ``9``, however long they are."""
    ascii_only = _DIGITS.sub("9", _LETTERS.sub("a", words))[:60]
    return "".join(sign if _SHAPE.fullmatch(sign) else " " for sign in ascii_only)


NO_ANSWER: Final = untried(Untried.NO_ANSWER)
NOTHING: Final = untried(Untried.NOTHING_THERE)
