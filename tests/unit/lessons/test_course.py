"""Every lesson is completed by doing what it asks for, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core import manual
from core.desk import training
from core.desk.desk import Desk
from core.desk.papers import log_evidence, log_papers
from core.jobs import Cancel
from core.ledger.search.record_filter import Filter
from core.lessons.course import LESSONS, POLICY, lesson
from core.lessons.goals import OnRecord
from core.lessons.lesson import LessonQuestion, LessonStep, LogVerified
from core.model import Attested, HandBack, Paper
from core.reports.tables.exports import Format
from core.simulator import scenario_list
from core.text import LANGUAGES
from core.visit.phone_source import Practice
from core.visit.visit import Visit
from installer import catalogue, papers


class Learner:
    """Does with practice phones what a lesson asks for, as an officer does it at the desk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = Desk.at(folder / "data")
        self.desk.introduce("A. Roy", "Desk 4")
        self._visits: dict[str, Visit] = {}

    def close(self) -> None:
        for visit in self._visits.values():
            visit.close()
        self.desk.close()

    def visit(self, scenario: str) -> Visit:
        """The visit of this practice phone, which is checked first if it was not yet."""
        if scenario not in self._visits:
            visit = self._visits[scenario] = Visit(Practice(self.desk, scenario, 0.0, judged_by=POLICY))
            visit.check(Cancel())
        return self._visits[scenario]

    def check(self, scenario: str) -> None:
        self.visit(scenario)

    def remove(self, scenario: str) -> None:
        visit = self.visit(scenario)
        visit.remove(visit.plan(), Cancel(), True)

    def undo(self, scenario: str) -> None:
        visit = self.visit(scenario)
        visit.undo(visit.undoable(), Cancel())

    def look(self, scenario: str, answer: Attested = Attested.NOTHING_SEEN) -> None:
        self.visit(scenario).attest(answer)

    def hand_back(self, scenario: str) -> None:
        visit = self.visit(scenario)
        reason = "practice" if visit.needs_reason else ""
        visit.hand_back(HandBack(Paper.DECLINED, reason), Cancel())

    def receipt(self, scenario: str) -> None:
        entry = self.visit(scenario).entry
        assert entry is not None
        log_papers.receipt(self.desk, True, entry.seq, self.folder / "papers")

    def verify(self) -> None:
        assert log_evidence.verify(self.desk, True).intact

    def export(self) -> None:
        log_papers.export(self.desk, True, Format.JSONL, Filter(), self.folder / "papers")

    def checkpoint(self) -> None:
        (self.folder / "key").mkdir(exist_ok=True)
        log_evidence.leave_checkpoint(self.desk, True, self.folder / "key")

    def answer(self, step: LessonStep) -> None:
        assert isinstance(step.goal, LessonQuestion)
        training.answer(self.desk, step.key, step.goal.right)

    def now(self) -> str:
        """The name of the step that is to be done now; empty where all is done."""
        step = training.standing(self.desk).step
        return step.key if step is not None else ""


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    with closing(Learner(tmp_path)) as one:
        yield one


Act = Callable[[Learner], Any]


def on(act: Callable[..., None], *phone: str) -> Act:
    return lambda learner: act(learner, *phone)


#: What is done for the steps of each lesson that are no questions.
DOING: dict[int, dict[str, Act]] = {
    1: {"check": on(Learner.check, "clean"), "back": on(Learner.hand_back, "clean")},
    2: {
        "check": on(Learner.check, "walk-up"),
        "remove": on(Learner.remove, "walk-up"),
        "receipt": on(Learner.receipt, "walk-up"),
        "back": on(Learner.hand_back, "walk-up"),
    },
    3: {"check": on(Learner.check, "secure-folder"), "back": on(Learner.hand_back, "secure-folder")},
    4: {
        "check": on(Learner.check, "work-profile"),
        "remove": on(Learner.remove, "work-profile"),
        "back": on(Learner.hand_back, "work-profile"),
    },
    5: {
        "ready": on(Learner.check, "not-ready-debugging-off"),
        "remove": on(Learner.remove, "not-ready-debugging-off"),
        "back": on(Learner.hand_back, "not-ready-debugging-off"),
    },
    6: {
        "check": on(Learner.check, "unseen"),
        "look": on(Learner.look, "unseen"),
        "back": on(Learner.hand_back, "unseen"),
    },
    7: {
        "check": on(Learner.check, "preinstalled"),
        "remove": on(Learner.remove, "preinstalled"),
        "undo": on(Learner.undo, "preinstalled"),
        "again": on(Learner.remove, "preinstalled"),
        "back": on(Learner.hand_back, "preinstalled"),
    },
    8: {
        "check": on(Learner.check, "iphone-wechat"),
        "remove": on(Learner.remove, "iphone-wechat"),
        "back": on(Learner.hand_back, "iphone-wechat"),
    },
    9: {
        "renamed": on(Learner.check, "renamed"),
        "forged": on(Learner.check, "forged"),
        "remove": on(Learner.remove, "forged"),
        "back": on(Learner.hand_back, "forged"),
    },
    10: {
        "check": on(Learner.check, "walk-up"),
        "verify": Learner.verify,
        "export": Learner.export,
        "checkpoint": Learner.checkpoint,
    },
}
#: What is done instead, and which step it leaves to be done.
INSTEAD: dict[int, tuple[tuple[Act, ...], str]] = {
    1: ((on(Learner.check, "unseen"), on(Learner.hand_back, "unseen")), "check"),
    2: ((on(Learner.check, "walk-up"), on(Learner.hand_back, "walk-up")), "remove"),
    3: ((on(Learner.check, "walk-up"), on(Learner.hand_back, "walk-up")), "check"),
    4: ((on(Learner.check, "work-profile"), on(Learner.hand_back, "work-profile")), "where"),
    5: ((on(Learner.check, "walk-up"), on(Learner.remove, "walk-up")), "ready"),
    6: ((on(Learner.check, "unseen"), on(Learner.hand_back, "unseen")), "why"),
    7: ((on(Learner.remove, "preinstalled"), on(Learner.hand_back, "preinstalled")), "why"),
    8: ((on(Learner.check, "iphone-clean"), on(Learner.hand_back, "iphone-clean")), "check"),
    9: ((on(Learner.remove, "renamed"), on(Learner.hand_back, "renamed")), "known-by"),
    10: ((on(Learner.remove, "walk-up"), Learner.verify), "find"),
}


@pytest.mark.parametrize("number", range(1, 11))
def test_a_lesson_is_completed_by_doing_it(learner: Learner, number: int) -> None:
    training.begin(learner.desk, number)
    for step in lesson(number).steps:
        assert learner.now() == step.key
        learner.answer(step) if isinstance(step.goal, LessonQuestion) else DOING[number][step.key](learner)
    standing = training.standing(learner.desk)
    assert (standing.step, standing.completed_count) == (None, 1)
    done = standing.person.completed(number)
    assert done is not None
    assert done.policy.startswith("canada ")
    assert done.when.utcoffset() is not None


@pytest.mark.parametrize("number", range(1, 11))
def test_a_lesson_is_not_completed_by_doing_something_else(learner: Learner, number: int) -> None:
    training.begin(learner.desk, number)
    acts, left = INSTEAD[number]
    for act in acts:
        act(learner)
    assert learner.now() == left
    for step in lesson(number).steps:  # nor by the right answers to all that is asked beside it
        if isinstance(step.goal, LessonQuestion):
            learner.answer(step)
    standing = training.standing(learner.desk)
    assert standing.completed_count == 0
    assert learner.now()


def test_a_lesson_needs_no_policy_that_is_in_force(learner: Learner) -> None:
    """By the United Kingdom's, which bans TikTok alone, its phone would be green."""
    learner.desk.change(policy="united-kingdom")
    training.begin(learner.desk, 2)
    learner.check("walk-up")
    assert learner.now() == "remove"


def test_what_was_done_before_the_lesson_began_does_not_count(learner: Learner) -> None:
    learner.check("clean")
    learner.hand_back("clean")
    training.begin(learner.desk, 1)
    assert learner.now() == "check"


def test_what_another_officer_does_counts_for_them_alone(learner: Learner) -> None:
    training.begin(learner.desk, 1)
    learner.desk.introduce("B. Tremblay", None)
    assert training.standing(learner.desk).lesson is None
    learner.check("clean")
    training.begin(learner.desk, 2)
    learner.desk.introduce("A. Roy", None)
    standing = training.standing(learner.desk)
    assert standing.lesson is lesson(1)
    assert learner.now() == "check"


def test_a_lesson_goes_on_where_one_was(learner: Learner) -> None:
    training.begin(learner.desk, 1)
    learner.check("clean")
    assert learner.now() == "meaning"
    assert training.leave(learner.desk).lesson is None
    assert training.begin(learner.desk, 4).step is lesson(4).steps[0]
    training.begin(learner.desk, 1)
    assert learner.now() == "meaning"
    training.begin(learner.desk, 1, again=True)
    assert learner.now() == "check"


def test_a_wrong_answer_reaches_nothing(learner: Learner) -> None:
    training.begin(learner.desk, 6)
    goal = lesson(6).steps[1].goal
    assert isinstance(goal, LessonQuestion)
    for place in (-1, 0, 1, 3):
        assert place != goal.right
        assert not training.answer(learner.desk, "why", place).reached
    assert training.answer(learner.desk, "why", goal.right).reached == {"why"}
    assert training.answer(learner.desk, "check", 0).reached == {"why"}


def test_an_answer_that_comes_after_its_lesson_was_closed_changes_nothing(learner: Learner) -> None:
    training.begin(learner.desk, 1)
    training.leave(learner.desk)
    assert not training.answer(learner.desk, "meaning", 1).reached


def test_nothing_of_the_lessons_is_on_record(learner: Learner) -> None:
    training.begin(learner.desk, 6)
    training.answer(learner.desk, "why", 2)
    assert not list(learner.desk.data.glob("*.db"))


# --- what the course is made of


def test_there_are_ten_lessons_each_with_a_few_steps() -> None:
    assert [one.number for one in LESSONS] == list(range(1, 11))
    for one in LESSONS:
        assert len(one.keys) == len(one.steps), one.number
        assert 3 <= len(one.steps) <= 7, one.number


def test_every_step_names_a_practice_phone_that_is_there() -> None:
    known = {*scenario_list.names("android"), *scenario_list.names("ios")}
    for one in LESSONS:
        for step in one.steps:
            needs_one = isinstance(step.goal, OnRecord) and bool(step.goal.scenario)
            assert (step.phone in known) if needs_one else not step.phone, (one.number, step.key)
            assert not needs_one or (isinstance(step.goal, OnRecord) and step.goal.scenario == step.phone)


def test_every_question_has_one_right_answer_and_says_why_the_others_are_not() -> None:
    for one in LESSONS:
        for step in one.steps:
            if not isinstance(step.goal, LessonQuestion):
                assert isinstance(step.goal, OnRecord | LogVerified)
                continue
            assert len(step.goal.answers) == 3
            for place, answer in enumerate(step.goal.answers):
                reply = answer.reply.in_language("en")
                assert reply.startswith("Yes") == (place == step.goal.right), (one.number, step.key)


@pytest.mark.slow
def test_a_hint_names_buttons_as_the_window_does() -> None:
    in_window = {
        call.sentences[0] for call in catalogue.calls(papers.ROOT) if call.file.startswith("gui/") if call.sentences
    }
    named = {text.message for one in LESSONS for step in one.steps for text in step.window}
    assert len(named) > 5
    assert named <= in_window


def test_every_lesson_has_a_chapter_of_the_manual() -> None:
    for language in LANGUAGES:
        guide = manual.manual(language)
        for one in LESSONS:
            assert one.title.in_language(language) in guide.sections[one.chapter].title
