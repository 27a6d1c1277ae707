"""A person's training record on paper: which lessons they completed, and when. It is made only where it is asked for.

It is no part of the log and carries no seal, and says so: a supervisor's signature is what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from core import __version__
from core.describe import both_times
from core.lessons.course import LESSONS
from core.lessons.progress import Person
from core.reports.page import labels, printable, say, typeset
from core.text import Language, T

_TEMPLATE: Final = "training"
#: Characters of a name that have room.
_NAME: Final = 120

_LABELS: Final = {
    "practice_short": T("Practice"),
    "person": T("Name"),
    "desk": T("Desk"),
    "date": T("Date of this page"),
    "version": T("Version of Fanion"),
    "lessons": T("Lessons"),
    "lesson": T("Lesson"),
    "when": T("Completed"),
    "with": T("Version"),
    "policy": T("Policy"),
    "what": T("What this page says"),
    "sign": T("Signatures"),
    "own": T("Name, signature, date"),
    "supervisor": T("Supervisor: name, signature, date"),
}
_WHAT: Final = (
    T(
        "The lessons are done with practice phones, on a computer with Fanion. Each goal was checked by the program: "
        "by what was done with the practice phone, and by answers of which one is right."
    ),
    T(
        "This page is kept by the desk. It is not sealed in the log and cannot be verified later: any name can be "
        "entered. The supervisor’s signature confirms who was trained."
    ),
)


def make_training_page(person: Person, desk: str, languages: Sequence[Language], *, time: datetime) -> bytes:
    """The page as PDF, dated `time` (aware). Raises PageProblem."""
    count = len(person.done)
    page: dict[str, Any] = {
        "title": say(T("Training record"), languages),
        "name": say(T("Training record: {name}", name=person.name), languages),
        "foot": say(T("Made by Fanion"), languages),
        "practice": False,
        "person": printable(person.name[:_NAME]),
        "desk": printable(desk[:_NAME]),
        "date": time.date().isoformat(),
        "version": __version__,
        "count": say(T("{done} of {all} lessons completed", done=count, all=len(LESSONS)), languages),
        "labels": labels(_LABELS, languages),
        "what": [say(words, languages, 1_000) for words in _WHAT],
        "rows": [_row(person, number, languages) for number in range(1, len(LESSONS) + 1)],
    }
    return typeset(_TEMPLATE, page, time=time, languages=languages)


def _row(person: Person, number: int, languages: Sequence[Language]) -> dict[str, Any]:
    completion = person.completed(number)
    return {
        "number": number,
        "title": say(LESSONS[number - 1].title, languages),
        "when": both_times(completion.when, completion.when.tzinfo or UTC) if completion is not None else "",
        "version": printable(completion.version) if completion is not None else "",
        "policy": printable(completion.policy) if completion is not None else "",
        "not_yet": say(T("not completed"), languages),
    }
