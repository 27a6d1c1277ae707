"""Records of the program itself: that it began, and what failed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from core import model
from core.ledger.records.fields import Record, Shown
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.text import T, Text

#: Characters of a problem's `detail` that are kept: it is a machine's own wording, and may be a phone's.
DETAIL_LIMIT: Final = 2_000


def _utc_offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


class ProgramStart(Record, frozen=True):
    """Fanion was started, on a computer with this operating system and this local time's distance from UTC."""

    kind: ClassVar[Kind] = Kind.PROGRAM_START
    title: ClassVar[Text] = T("Fanion was started")
    system: Annotated[str, Shown(T("Operating system"))]
    utc_offset_minutes: Annotated[int | None, Shown(T("Distance from UTC"), say=_utc_offset)]


class ProblemMet(Record, frozen=True, kw_only=True):
    """Something failed, and the officer was told so in these words.

    `detail` is what a machine said, in its own words: they may name the phone, or the person who is signed in. So it is
    kept as a personal value; older records have it as it is.
    """

    kind: ClassVar[Kind] = Kind.PROBLEM
    title: ClassVar[Text] = T("A problem was met")
    sentence: Annotated[Text, Shown(T("Problem"))]
    next_step: Annotated[Text, Shown(T("What to do"))]
    detail: Annotated[Personal, Shown(T("What the machine said"), seal=T("Sealed words of the machine"))] = Personal("")
    code: Annotated[str, Shown(T("Code of the problem"))]

    @classmethod
    def of(cls, problem: model.Problem) -> ProblemMet:
        detail = Personal(problem.detail[:DETAIL_LIMIT])
        return cls(code=problem.code, sentence=problem.sentence, next_step=problem.next_step, detail=detail)
