"""What a lesson is: its steps, each with a goal, and the questions of which one answer is right."""

from __future__ import annotations

from dataclasses import dataclass

from core.lessons.goals import OnRecord
from core.manual import slug
from core.text import Bilingual, Text


@dataclass(frozen=True, slots=True)
class LessonAnswer:
    """One answer to a question, and what is said of it: why it is right, or why it is not."""

    words: Bilingual
    reply: Bilingual


@dataclass(frozen=True, slots=True)
class LessonQuestion:
    """A goal that is reached by choosing the right one of a few answers; `right` is its place among them, from 0."""

    asks: Bilingual
    answers: tuple[LessonAnswer, ...]
    right: int


@dataclass(frozen=True, slots=True)
class LogVerified:
    """A goal that is reached by verifying the practice log, in which no fault was found. That is on no record."""


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One thing to do: in a sentence, with a hint, and the goal by which it is known to be done.

    `key` is its name in the file of the progress, one of its own in each lesson; `window` is what of the window the
    hint names.
    """

    key: str
    do: Bilingual
    hint: Bilingual
    goal: OnRecord | LessonQuestion | LogVerified
    window: tuple[Text, ...] = ()

    @property
    def phone(self) -> str:
        """The scenario of the practice phone that it is done with; empty where none is needed."""
        return self.goal.scenario if isinstance(self.goal, OnRecord) else ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One of the ten lessons. `about` says in two sentences what it teaches."""

    number: int
    title: Bilingual
    about: Bilingual
    steps: tuple[LessonStep, ...]

    @property
    def chapter(self) -> str:
        """The anchor of its chapter in the manual, which has its English title."""
        return "lessons#" + slug(f"Lesson {self.number}: {self.title.in_language('en')}")

    @property
    def keys(self) -> frozenset[str]:
        """The names of its steps."""
        return frozenset(step.key for step in self.steps)
