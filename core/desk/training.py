"""The lessons at a desk: begun, followed by what the practice log says, and put on paper for who was trained.

Nothing of it is on record: how far a person is stands in a file beside the logs (:mod:`core.lessons.progress`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from core.desk.desk import Desk
from core.desk.problems import NothingRecorded
from core.ledger.records import Entry
from core.lessons import progress
from core.lessons.course import LESSONS, lesson
from core.lessons.goals import OnRecord
from core.lessons.lesson import Lesson, LessonQuestion, LessonStep
from core.lessons.progress import Attempt, Person
from core.lessons.training_page import make_training_page
from core.reports.filing import file_name, handed_out, put
from core.text import Language, language

#: Entries of the practice log that are looked at: what was done longer ago counts where it was noticed then.
_LOOK_BACK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the officer is. `damaged_file` is where the file with the progress is kept, if it was found damaged."""

    person: Person
    damaged_file: Path | None = None

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that is open."""
        return lesson(self.person.current) if self.person.current else None

    @property
    def reached(self) -> frozenset[str]:
        """The steps of the open lesson that were reached, by name."""
        attempt = self.person.attempt(self.person.current)
        return frozenset(attempt.reached) if attempt is not None else frozenset()

    @property
    def step(self) -> LessonStep | None:
        """What is to be done now in the open lesson; None where all is done, or none is open."""
        steps = self.lesson.steps if self.lesson is not None else ()
        return next((step for step in steps if step.key not in self.reached), None)

    @property
    def completed_count(self) -> int:
        """How many lessons were completed."""
        return len(self.person.done)

    @property
    def next_number(self) -> int:
        """The first lesson, after the open one if there is one, that was not completed; 0 if all were."""
        numbers = [n for n in range(1, len(LESSONS) + 1) if self.person.completed(n) is None]
        return next((n for n in numbers if n > self.person.current), next(iter(numbers), 0))


def standing(desk: Desk) -> Standing:
    """How far the officer of `desk` is, by what the practice log says now. Raises ProgressProblem, LedgerProblem."""
    before = progress.load(desk.data)
    person = before.of(desk.officer)
    keys = _reached(desk, person)
    if progress.reach(person, person.current, keys) is person:
        return Standing(person, before.moved_to)
    with progress.changing(desk.data) as change:
        person = progress.reach(change.before.of(desk.officer), person.current, keys)
        change.keep(person)
    return Standing(person, before.moved_to)


def begin(desk: Desk, number: int, *, again: bool = False) -> Standing:
    """Open lesson `number`: where the officer was, or from its beginning if it was not begun, is done, or is to be done
    `again`.

    Raises KeyError for no lesson, ProgressProblem, LedgerProblem.
    """
    lesson(number)
    newest = _count(desk)
    with progress.changing(desk.data) as change:
        person = _opened(change.before.of(desk.officer), number)
        attempt = person.attempt(number)
        if again or attempt is None or attempt.whole:
            person = person.with_attempt(Attempt(number, newest))
        change.keep(person)
    return Standing(person, change.before.moved_to)


def leave(desk: Desk) -> Standing:
    """Close the open lesson; what was reached in it stays. Raises ProgressProblem."""
    with progress.changing(desk.data) as change:
        person = _opened(change.before.of(desk.officer), 0)
        change.keep(person)
    return Standing(person, change.before.moved_to)


def answer(desk: Desk, key: str, place: int) -> Standing:
    """Answer the question of the step `key` of the open lesson: the answer at `place`, from 0.

    A wrong answer changes nothing, nor does one to a question that the open lesson does not ask: it may have been left
    while the answers were shown. Raises ProgressProblem.
    """
    with progress.changing(desk.data) as change:
        person = change.before.of(desk.officer)
        steps = lesson(person.current).steps if person.current else ()
        goal = next((step.goal for step in steps if step.key == key), None)
        if isinstance(goal, LessonQuestion) and place == goal.right:
            person = progress.reach(person, person.current, frozenset({key}))
            change.keep(person)
    return Standing(person, change.before.moved_to)


def training_record(desk: Desk, destination: Path, languages: Sequence[Language] | None = None) -> Path:
    """Write the training record of the officer as PDF: into the folder `destination`, or as the new file of that name.

    Nothing that is there is replaced. Raises ProgressProblem, PageProblem, FileProblem.
    """
    person = progress.load(desk.data).of(desk.officer)
    now = datetime.now().astimezone()
    page = make_training_page(person, desk.name, tuple(languages or (language(),)), time=now)
    with handed_out(destination, file_name(desk.name, False, "training"), ".pdf") as (pdf,):
        put(pdf, page)
    return pdf


def _opened(person: Person, number: int) -> Person:
    return Person(person.name, number, person.attempts, person.done)


def _reached(desk: Desk, person: Person) -> frozenset[str]:
    """The steps of the open lesson whose goals the practice log says were reached. Raises LedgerProblem."""
    attempt = person.attempt(person.current)
    if attempt is None or attempt.whole:
        return frozenset()
    entries = _entries(desk, attempt.after)
    steps = (step for step in lesson(attempt.lesson).steps if step.key not in attempt.reached)
    return frozenset(s.key for s in steps if isinstance(s.goal, OnRecord) and s.goal.reached(entries))


def _entries(desk: Desk, after: int) -> tuple[Entry, ...]:
    """The officer's own entries in the practice log since entry `after`. Raises LedgerProblem."""
    try:
        with desk.read_ledger(practice=True) as ledger:
            count = ledger.count()
            start = max(after if after <= count else 0, count - _LOOK_BACK)  # another log was begun since
            return tuple(entry for entry in ledger.entries(start) if entry.officer == desk.officer)
    except NothingRecorded:
        return ()


def _count(desk: Desk) -> int:
    """How many entries the practice log has. Raises LedgerProblem."""
    try:
        with desk.read_ledger(practice=True) as ledger:
            return ledger.count()
    except NothingRecorded:
        return 0
