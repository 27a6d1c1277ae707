"""What Fanion assumes of real phones: one row each, with where it is from, and what trying it on one phone came to.

A row's detail is what may leave the department: numbers, and words out of closed lists of Fanion's own. No text of a
phone goes into it, whatever it says: :class:`TrialResult` refuses a word that is in none of these lists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from core.phones.accounting import Left
from core.phones.driver import PhoneProblem
from core.text import T, Text

Facts = TypeVar("Facts")

#: What a detail may be called, and how many of them a line has at most.
_NAME: Final = re.compile(r"[a-z][a-z0-9 .:-]{0,59}")
_DETAILS_LIMIT: Final = 40
#: The form of a value: its letters and digits are replaced (see :func:`form`).
_FORM: Final = re.compile(r"[a9 :.,/+-]{1,40}")
#: What stands for a word that is in no list.
OTHER: Final = "other"


class TrialAnswer(StrEnum):
    """Whether an assumption held on one phone. A phone that gave nothing to try it on says nothing about it."""

    HELD = "held"
    FAILED = "did-not-hold"
    NOT_TRIED = "not-tried"


class Untried(StrEnum):
    """Why an assumption could not be tried."""

    NOTHING_THERE = "nothing-there"
    OTHER_SYSTEM = "other-system"
    CHANGES = "would-change-the-phone"
    NO_ANSWER = "no-answer"
    INVISIBLE = "not-visible"
    PRIVATE = "private"

    @property
    def says(self) -> Text:
        return _UNTRIED[self]


_UNTRIED: Final = {
    Untried.NOTHING_THERE: T("this phone has nothing of the kind"),
    Untried.OTHER_SYSTEM: T("it is about phones of another maker, version or road"),
    Untried.CHANGES: T("trying it would change the phone"),
    Untried.NO_ANSWER: T("the phone gave no answer in the time that there was"),
    Untried.INVISIBLE: T("a computer cannot see it"),
    Untried.PRIVATE: T("it is the holder’s own matter, which is not asked for here"),
}


class SourceKind(StrEnum):
    """From where an assumption is known."""

    #: Android's own source code.
    AOSP = "aosp"
    #: What a real phone printed, as somebody published it.
    CAPTURE = "capture"
    #: A maker's own page.
    MAKER = "maker"
    #: Public code or reports of others, and Debian's tools.
    PUBLIC = "public"
    #: General knowledge, or one's own conclusion.
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Source:
    """From where one assumption is known: `where` names the file, the phone or the page, in no language."""

    kind: SourceKind
    where: str

    @property
    def confirmed(self) -> bool:
        """Whether a real phone has shown it before."""
        return self.kind is SourceKind.CAPTURE


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What trying one assumption came to. ValueError for a detail that may be a phone's own text."""

    answer: TrialAnswer
    detail: tuple[tuple[str, int | float | str], ...] = ()
    untried: Untried | None = None

    def __post_init__(self) -> None:
        for name, value in self.detail:
            if _NAME.fullmatch(name) is None or (isinstance(value, str) and _FORM.fullmatch(value) is None):
                raise ValueError("a detail that is neither a number nor a form")


@dataclass(frozen=True, slots=True)
class Assumption(Generic[Facts]):
    """One row. `key` stays what it is in every language and version; `modules` are those below `core.phones` that rest
    on it, as paths; `probe` tries it on what was read of one phone."""

    key: str
    sentence: Text
    source: Source
    modules: tuple[str, ...]
    probe: Callable[[Facts], TrialResult]


@dataclass(frozen=True, slots=True)
class TriedAssumption:
    """A row as it was tried on one phone."""

    key: str
    sentence: Text
    source: Source
    result: TrialResult


@dataclass(frozen=True, slots=True)
class Trial:
    """What one phone showed: which phone it is, without anything that is its owner's, and every row of its platform in
    the order of the table. `problem` is why not all of it could be asked, where something kept it."""

    platform: str
    maker: str
    model: str
    os: str
    practice: bool
    rows: tuple[TriedAssumption, ...]
    problem: PhoneProblem | None = None

    @property
    def failed(self) -> tuple[TriedAssumption, ...]:
        """The rows that did not hold."""
        return tuple(row for row in self.rows if row.result.answer is TrialAnswer.FAILED)


def aosp(where: str) -> Source:
    """Known from Android's own source code."""
    return Source(SourceKind.AOSP, where)


def captured(where: str) -> Source:
    """Known from what real phones printed."""
    return Source(SourceKind.CAPTURE, where)


def by_maker(where: str) -> Source:
    """Known from a maker's own page."""
    return Source(SourceKind.MAKER, where)


def published(where: str) -> Source:
    """Known from public code or reports."""
    return Source(SourceKind.PUBLIC, where)


def concluded(where: str) -> Source:
    """Known in general, or concluded."""
    return Source(SourceKind.KNOWN, where)


def tried(table: Iterable[Assumption[Facts]], facts: Facts) -> tuple[TriedAssumption, ...]:
    """Each row of `table`, tried on `facts`."""
    return tuple(TriedAssumption(row.key, row.sentence, row.source, row.probe(facts)) for row in table)


def result(holds: bool, **counts: float) -> TrialResult:
    """Held or not, with numbers; an underscore in a name is shown as a blank."""
    answer = TrialAnswer.HELD if holds else TrialAnswer.FAILED
    return TrialResult(answer, tuple((name.replace("_", " "), value) for name, value in counts.items()))


def detailed(holds: bool, counts: Iterable[tuple[str, int | float | str]]) -> TrialResult:
    """Held or not, with details whose names are made of words of Fanion's own."""
    return TrialResult(TrialAnswer.HELD if holds else TrialAnswer.FAILED, tuple(counts)[:_DETAILS_LIMIT])


def untried(why: Untried) -> TrialResult:
    """Not tried, and why."""
    return TrialResult(TrialAnswer.NOT_TRIED, untried=why)


def accounted(leftovers: Iterable[Left], **counts: float) -> TrialResult:
    """Held where a reader left nothing: how much it left by kind, never what, and further numbers."""
    items = list(leftovers)
    numbers = [(name.replace("_", " "), value) for name, value in counts.items()]
    return detailed(not items, [*numbers, ("left", len(items)), *kinds(items)])


def kinds(leftovers: Iterable[Left]) -> list[tuple[str, int]]:
    """How many were left by reason and kind, which are words of Fanion's readers."""
    counted = Counter(f"{item.why.value} {item.kind.lower()}" for item in leftovers)
    return [(name if _NAME.fullmatch(name) else OTHER, count) for name, count in sorted(counted.items())]


def tally(words: Iterable[str], known: Collection[str]) -> list[tuple[str, int]]:
    """How often each of the `known` words stands among `words`; all that are not known are counted as one."""
    counted = Counter(word if word in known else OTHER for word in words)
    names = ((f"value {word}" if word.isdigit() else word.lower().replace("_", "-"), n) for word, n in counted.items())
    return sorted(names)


def form(value: str) -> str:
    """The form of a value such as a time: each letter is an ``a`` and each digit a ``9``; another sign than those that
    stand in times and versions makes it ``a`` alone."""
    shape = "".join("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in value[:40])
    return shape if _FORM.fullmatch(shape) else "a"


#: The commonest results of what could not be tried.
NO_ANSWER: Final = untried(Untried.NO_ANSWER)
NOTHING: Final = untried(Untried.NOTHING_THERE)
OTHER_SYSTEM: Final = untried(Untried.OTHER_SYSTEM)
