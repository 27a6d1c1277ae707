"""How far each person is with the lessons: a private file in the data folder, beside the logs and in neither of them.

It is JSON, with what :class:`Person` says of each officer who has begun, and the person who was here last at the end.
Whatever stands in it that no Fanion could have written makes it damaged: then the course begins anew, and the old file
is kept beside. It is changed under a lock, so that the window and the command line do not undo each other's changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from core import __version__
from core.lessons import FILE_NAME
from core.lessons.course import LESSONS, judged_by, lesson
from core.lessons.lesson import LogVerified
from core.problem import Problem
from core.system.files.file_lock import LockFile
from core.system.files.files import make_folder, move_new, read_file, write_private
from core.text import T, plain

_LOCK: Final = "lessons.lock"
#: How a file is called that could not be used.
_DAMAGED: Final = "lessons-{time}.json"
#: The form of the file that this version writes.
_FORM: Final = 1
#: People that are remembered: of more, the one who was away longest is forgotten.
PEOPLE_LIMIT: Final = 500
_FILE_LIMIT: Final = 4 * 1024 * 1024
#: Characters of a name, as settings take it; and of what a version or a policy is called.
_NAME_LIMIT: Final = 120
_WORD_LIMIT: Final = 80
#: Steps of one lesson.
_STEPS_LIMIT: Final = 50


class ProgressProblem(Problem):
    """The file cannot be read or written now."""

    code = "lessons"
    exit_code = 5

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            T("The progress of the lessons cannot be kept in {file}.", file=plain(str(path), 500)),
            T("Check that the disk has space and that you may write to the folder, then try again."),
            str(error),
        )


class Attempt(msgspec.Struct, frozen=True):
    """A lesson that was begun: since which entry of the practice log, and which of its steps were reached, by name."""

    lesson: int
    after: int
    reached: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every step was reached."""
        return lesson(self.lesson).keys <= set(self.reached)


class Completion(msgspec.Struct, frozen=True):
    """A lesson that was completed: when (ISO 8601, by the local time of then and its distance from UTC), with which
    version of Fanion, and by which policy its phones were judged."""

    lesson: int
    time: str
    version: str
    policy: str

    @property
    def when(self) -> datetime:
        """The time of the completion, aware."""
        return datetime.fromisoformat(self.time)


class Person(msgspec.Struct, frozen=True):
    """One officer, by the name in the records. `current` is the lesson that is open, 0 for none. A lesson has at most
    one attempt, and is done at most once: the last time counts."""

    name: str
    current: int = 0
    attempts: tuple[Attempt, ...] = ()
    done: tuple[Completion, ...] = ()

    def attempt(self, number: int) -> Attempt | None:
        """The attempt at lesson `number`, if it was begun."""
        return next((attempt for attempt in self.attempts if attempt.lesson == number), None)

    def completed(self, number: int) -> Completion | None:
        """When lesson `number` was completed last, if it was."""
        return next((completion for completion in self.done if completion.lesson == number), None)

    def with_attempt(self, attempt: Attempt) -> Person:
        """The person with `attempt` in the place of the earlier one."""
        other_attempts = tuple(earlier for earlier in self.attempts if earlier.lesson != attempt.lesson)
        return msgspec.structs.replace(self, attempts=(*other_attempts, attempt))

    def with_done(self, completion: Completion) -> Person:
        """The person with a lesson completed."""
        other_completions = tuple(earlier for earlier in self.done if earlier.lesson != completion.lesson)
        return msgspec.structs.replace(
            self, done=tuple(sorted((*other_completions, completion), key=lambda entry: entry.lesson))
        )


class _File(msgspec.Struct, frozen=True):
    form: int
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """The file as it was read. `moved_to` is where a damaged one is kept now; None where it was not damaged."""

    people: tuple[Person, ...] = ()
    moved_to: Path | None = None

    def of(self, name: str) -> Person:
        """The person of this name; one who has begun nothing, where the file does not know them."""
        known_name = _known_as(name)
        return next((person for person in self.people if person.name == known_name), Person(known_name))


def parse(data: bytes) -> tuple[Person, ...]:
    """The people in the bytes of the file. Raises ValueError where Fanion did not write them, or a newer one did."""
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    if file.form != _FORM or len(file.people) > PEOPLE_LIMIT:
        raise ValueError("another form, or too many people")
    if len({person.name for person in file.people}) < len(file.people):
        raise ValueError("a person is there twice")
    for person in file.people:
        _require(person)
    return tuple(_as_known(person) for person in file.people)


def _as_known(person: Person) -> Person:
    """A person without the steps that no lesson has now: another version may have had other ones."""
    attempts = tuple(
        msgspec.structs.replace(
            attempt, reached=tuple(s.key for s in lesson(attempt.lesson).steps if s.key in attempt.reached)
        )
        for attempt in person.attempts
    )
    return msgspec.structs.replace(person, attempts=attempts)


def _require(person: Person) -> None:
    """Raise ValueError for what no Fanion could have written of a person."""
    attempts = [attempt.lesson for attempt in person.attempts]
    completed_lessons = [completion.lesson for completion in person.done]
    good = person.name == _known_as(person.name) and 0 <= person.current <= len(LESSONS)
    good = good and _once_each(attempts) and _once_each(completed_lessons)
    good = good and all(
        0 <= attempt.after < 2**63 and len(attempt.reached) <= _STEPS_LIMIT for attempt in person.attempts
    )
    good = good and (not person.current or person.current in attempts)
    for completion in person.done:
        good = good and all(
            0 < len(word) <= _WORD_LIMIT and word == plain(word) for word in (completion.version, completion.policy)
        )
        good = good and completion.when.utcoffset() is not None
    if not good:
        raise ValueError("a person has what no person can have")


def _once_each(numbers: list[int]) -> bool:
    return len(set(numbers)) == len(numbers) and all(1 <= number <= len(LESSONS) for number in numbers)


def load(data: Path, now: datetime | None = None) -> CourseProgress:
    """The progress in the data folder `data`. A damaged file is moved aside, and the course begins anew for all.

    Raises ProgressProblem where the file cannot be read, or a damaged one cannot be moved.
    """
    path = data / FILE_NAME
    try:
        return CourseProgress(parse(read_file(path, _FILE_LIMIT)))
    except FileNotFoundError:
        return CourseProgress()
    except PermissionError as error:
        raise ProgressProblem(path, error) from error
    except (OSError, ValueError):
        moved_to = data / _DAMAGED.format(time=f"{now or datetime.now():%Y%m%d-%H%M%S-%f}")
        try:
            move_new(path, moved_to)
        except OSError as error:
            raise ProgressProblem(path, error) from error
        return CourseProgress(moved_to=moved_to)


@contextlib.contextmanager
def changing(data: Path) -> Iterator[_Change]:
    """Read the progress, change it in the block, and keep it: all of it or nothing. Raises ProgressProblem."""
    path = data / FILE_NAME
    try:
        make_folder(data, shared=False)
        lock = LockFile.hold(data / _LOCK)
    except OSError as error:
        raise ProgressProblem(path, error) from error
    try:
        change = _Change(load(data))
        yield change
        if change.new is not None:
            try:
                write_private(path, msgspec.json.encode(_File(_FORM, change.new)), shared=False)
            except OSError as error:
                raise ProgressProblem(path, error) from error
    finally:
        lock.release()


class _Change:
    """What is being changed. `before` is the progress as it was read."""

    def __init__(self, before: CourseProgress) -> None:
        self.before = before
        self.new: tuple[Person, ...] | None = None

    def keep(self, person: Person) -> None:
        """Have this person be so from now on, and the last one who was here."""
        people = self.before.people if self.new is None else self.new
        other_people = tuple(candidate for candidate in people if candidate.name != person.name)
        self.new = (*other_people[max(len(other_people) - PEOPLE_LIMIT + 1, 0) :], person)


def reach(person: Person, number: int, keys: frozenset[str]) -> Person:
    """The same person, with these steps of lesson `number` reached, and the lesson done if they were the last.

    One whose lesson was not begun stays as they are.
    """
    attempt = person.attempt(number)
    new = keys.difference(attempt.reached) if attempt is not None else frozenset()
    if attempt is None or not new:
        return person
    in_order = tuple(step.key for step in lesson(number).steps if step.key in new.union(attempt.reached))
    now = msgspec.structs.replace(attempt, reached=in_order)
    person = person.with_attempt(now)
    if not now.whole:
        return person
    time = datetime.now().astimezone().isoformat(timespec="seconds")
    return person.with_done(Completion(number, time, __version__, judged_by()))


def note_verified(data: Path, name: str) -> None:
    """The practice log was verified and has no fault: each person whose open lesson asks for that has done it.

    Never raises: a log is verified whether or not a lesson is open.
    """
    with contextlib.suppress(Problem):
        person = load(data).of(name)
        if not person.current:
            return
        keys = frozenset(s.key for s in lesson(person.current).steps if isinstance(s.goal, LogVerified))
        if reach(person, person.current, keys) is not person:
            with changing(data) as change:
                change.keep(reach(change.before.of(name), person.current, keys))


def _known_as(name: str) -> str:
    """A name as it stands in the file."""
    return plain(name, _NAME_LIMIT)
