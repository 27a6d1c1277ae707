"""The ten lessons, in their order, and the policy that judges their phones.

What they say is data, in ``resources/lessons.toml``; what has to be on record for a step to be done is here. The file
belongs to the program: one that makes no sense is a bug and raises ValueError or msgspec.ValidationError.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

from core.lessons.goals import (
    OnRecord,
    attested,
    check_ended,
    copy_left,
    exported,
    found_in,
    handed_back,
    in_visit,
    outside_visits,
    step_taken,
    taken_back,
)
from core.lessons.lesson import Lesson, LessonAnswer, LessonQuestion, LessonStep, LogVerified
from core.model import ProfileKind, Verdict
from core.policy.format import policy_file
from core.text import Bilingual, Text

#: The policy that judges the practice phones of the lessons, whatever is in force at the desk: by another one a phone
#: that a lesson needs red could be green.
POLICY: Final = "canada"

_GREEN, _AMBER, _RED = (check_ended(verdict) for verdict in (Verdict.GREEN, Verdict.AMBER, Verdict.RED))
#: By lesson and key, the goal of each step that asks no question.
_GOALS: Final[tuple[Mapping[str, OnRecord | LogVerified], ...]] = (
    {"check": in_visit("clean", _GREEN), "back": in_visit("clean", *handed_back(Verdict.GREEN))},
    {
        "check": in_visit("walk-up", _RED),
        "remove": in_visit("walk-up", _RED, step_taken, _GREEN),
        "receipt": outside_visits(copy_left("receipt")),
        "back": in_visit("walk-up", *handed_back(Verdict.GREEN)),
    },
    {
        "check": in_visit("secure-folder", found_in(ProfileKind.SECURE_FOLDER), _RED),
        "back": in_visit("secure-folder", *handed_back(Verdict.RED)),
    },
    {
        "check": in_visit("work-profile", found_in(ProfileKind.WORK), _RED),
        "remove": in_visit("work-profile", _RED, step_taken, _GREEN),
        "back": in_visit("work-profile", *handed_back(Verdict.GREEN)),
    },
    {
        "ready": in_visit("not-ready-debugging-off", _RED),
        "remove": in_visit("not-ready-debugging-off", _RED, step_taken, _GREEN),
        "back": in_visit("not-ready-debugging-off", *handed_back(Verdict.GREEN)),
    },
    {
        "check": in_visit("unseen", _AMBER),
        "look": in_visit("unseen", _AMBER, attested(Verdict.AMBER)),
        "back": in_visit("unseen", *handed_back(Verdict.AMBER)),
    },
    {
        "check": in_visit("preinstalled", _RED),
        "remove": in_visit("preinstalled", _RED, step_taken, _AMBER),
        "undo": in_visit("preinstalled", step_taken, taken_back, _RED),
        "again": in_visit("preinstalled", taken_back, _RED, step_taken, _AMBER),
        "back": in_visit("preinstalled", *handed_back(Verdict.AMBER)),
    },
    {
        "check": in_visit("iphone-wechat", _RED),
        "remove": in_visit(
            "iphone-wechat", check_ended(Verdict.RED, products=2), step_taken, check_ended(Verdict.RED, products=1)
        ),
        "back": in_visit("iphone-wechat", *handed_back(Verdict.RED)),
    },
    {
        "renamed": in_visit("renamed", _RED),
        "forged": in_visit("forged", _RED),
        "remove": in_visit("forged", _RED, step_taken, _GREEN),
        "back": in_visit("forged", *handed_back(Verdict.GREEN)),
    },
    {
        "check": in_visit("walk-up", _RED),
        "verify": LogVerified(),
        "export": outside_visits(exported),
        "checkpoint": outside_visits(copy_left("folder")),
    },
)


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    en: str
    fr: str

    def bilingual(self) -> Bilingual:
        return Bilingual(self.en, self.fr)


class _AnswerData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: _Words
    reply: _Words


class _StepData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A step as the file has it: its words, or in `same` which of those that several steps have."""

    key: str = ""
    same: str = ""
    do: _Words | None = None
    hint: _Words | None = None
    window: dict[str, str] = {}
    asks: _Words | None = None
    right: int = 0
    answers: tuple[_AnswerData, ...] = ()


class _LessonData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: _Words
    about: _Words
    steps: tuple[_StepData, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    same: dict[str, _StepData]
    lessons: tuple[_LessonData, ...]


def _step(data: _StepData, same: Mapping[str, _StepData], goals: Mapping[str, OnRecord | LogVerified]) -> LessonStep:
    words = same[data.same] if data.same else data
    if words.do is None or words.hint is None:
        raise ValueError(f"{data.key}: a step without words")
    goal: OnRecord | LogVerified | LessonQuestion
    if data.asks is not None:
        answers = tuple(LessonAnswer(one.words.bilingual(), one.reply.bilingual()) for one in data.answers)
        goal = LessonQuestion(data.asks.bilingual(), answers, data.right)
    else:
        goal = goals[data.key]
    window = {name: Text(message) for name, message in words.window.items()}
    hint = Bilingual(
        words.hint.en.format(**{name: text.in_language("en") for name, text in window.items()}),
        words.hint.fr.format(**{name: text.in_language("fr") for name, text in window.items()}),
    )
    return LessonStep(data.key, words.do.bilingual(), hint, goal, tuple(window.values()))


def _lessons() -> tuple[Lesson, ...]:
    source = (resources.files("resources") / "lessons.toml").read_text(encoding="utf-8")
    file = msgspec.convert(tomllib.loads(source), _File)
    return tuple(
        Lesson(
            number,
            data.title.bilingual(),
            data.about.bilingual(),
            tuple(_step(step, file.same, goals) for step in data.steps),
        )
        for number, (data, goals) in enumerate(zip(file.lessons, _GOALS, strict=True), 1)
    )


LESSONS: Final = _lessons()


def lesson(number: int) -> Lesson:
    """The lesson with this number, from 1. Raises KeyError for none."""
    if not 1 <= number <= len(LESSONS):
        raise KeyError(number)
    return LESSONS[number - 1]


@lru_cache(maxsize=1)
def judged_by() -> str:
    """The policy of the lessons with its version, in one word each."""
    policy = policy_file.load_built_in(POLICY)
    return f"{policy.id} {policy.version}"
