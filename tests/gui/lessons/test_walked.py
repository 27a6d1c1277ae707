"""Each of the ten lessons done in the window from its beginning to its end, by what its own steps say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.desk import training
from core.desk.papers import log_evidence, log_papers
from core.ledger.search.record_filter import Filter
from core.lessons.course import lesson
from core.lessons.lesson import LessonQuestion
from core.reports.tables.exports import Format
from gui.desk.acts.all_acts import HAND_BACK, RECORD, UNDO
from tests.gui.lessons.conftest import Learner

pytestmark = [pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)]


def plug_in(learner: Learner) -> None:
    before = len(learner.office.fanion.phones.sessions)
    learner.press_main()
    learner.office.until(lambda: len(learner.office.fanion.phones.sessions) > before)
    learner.office.idle()


def get_ready(learner: Learner) -> None:
    """Play the holder, as the page has it."""
    learner.press_main()
    page = learner.office.page
    for act in ("Switch on USB debugging on the practice phone", "Tap Allow on the practice phone"):
        row = page.ready.holder
        learner.office.until(lambda row=row, act=act: [button.text() for button in row.buttons] == [act])
        learner.office.until(row.buttons[0].isVisible)
        learner.office.click(row.buttons[0])
    learner.office.idle()


def remove(learner: Learner) -> None:
    """One press, without a tick."""
    office = learner.office
    office.until(office.block.remove.isVisible)
    assert not office.block.owner_told_box.isVisible()
    office.click(office.block.remove)
    office.until(lambda: office.page.session is not None and office.page.session.removal is not None)
    office.idle()


def look(learner: Learner) -> None:
    form = learner.office.block.look
    learner.office.until(form.isVisible)
    learner.office.click(form.holder.buttons[0])
    learner.office.page.desk_actions.want(RECORD)


def undo(learner: Learner) -> None:
    office = learner.office
    office.page.desk_actions.want(UNDO)
    office.until(office.block.put_back.isVisible)
    office.click(office.block.put_back)
    office.until(lambda: office.page.session is not None and office.page.session.undone is not None)
    office.idle()


def hand_back(learner: Learner) -> None:
    """Press Finish; where the phone is not green, say before why."""
    office = learner.office
    office.idle()
    session = office.page.session
    assert session is not None
    if not office.block.finish.isVisible():
        office.page.desk_actions.want(HAND_BACK)
    office.until(office.block.finish.isVisible)
    if not office.block.finish.isEnabled():
        office.block.reason.setText("practice")
    office.click(office.block.finish)
    office.until(lambda: session.is_handed_back)


def on_paper(learner: Learner, work: Callable[[], object]) -> None:
    """What the Log page and the menu of papers do, which have tests of their own."""
    work()
    learner.office.window.recorded(True)


def papers(learner: Learner, folder: Path) -> dict[str, Callable[[], object]]:
    desk = learner.office.desk

    def receipt() -> object:
        (entry,) = [e for e in learner.office.records() if e.kind == "check-ended"][-1:]
        return log_papers.receipt(desk, True, entry.seq, folder / "papers")

    return {
        "receipt": receipt,
        "verify": lambda: log_evidence.verify(desk, True),
        "export": lambda: log_papers.export(desk, True, Format.JSONL, Filter(), folder / "papers"),
        "checkpoint": lambda: log_evidence.leave_checkpoint(desk, True, folder),
    }


DOING: dict[str, Callable[[Learner], None]] = {
    "check": plug_in,
    "renamed": plug_in,
    "forged": plug_in,
    "ready": get_ready,
    "remove": remove,
    "again": remove,
    "look": look,
    "undo": undo,
    "back": hand_back,
}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 11))
def test_a_lesson_is_done_from_its_beginning_to_its_end(learner: Learner, tmp_path: Path, number: int) -> None:
    learner.begin(number)
    on_papers = papers(learner, tmp_path)
    for step in lesson(number).steps:
        learner.until(step.key)
        if isinstance(step.goal, LessonQuestion):
            learner.answer(step.goal.right)
        elif step.key in on_papers:
            on_paper(learner, on_papers[step.key])
        else:
            DOING[step.key](learner)
    learner.until("")
    learner.office.see(f"Lesson {number} is completed.", within=learner.strip)
    assert training.standing(learner.office.desk).person.completed(number) is not None
    assert not (learner.office.data / "ledger.db").exists(), "the real log knows nothing of it"
