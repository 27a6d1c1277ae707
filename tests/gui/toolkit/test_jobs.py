"""Work off the GUI thread: its order, its ends, on which thread they are told, and that nothing is left of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QThread
from pytestqt.qtbot import QtBot

from core.jobs import Cancel, Progress
from core.model import Problem
from core.system.support.crash_files import Bug
from core.text import T
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report, Stopped

#: Seconds after which a test that hangs is let go of.
LONG = 20


class Stuck(Problem):
    code = "stuck"
    exit_code = 4

    def __init__(self) -> None:
        super().__init__(T("The drawer is stuck."), T("Pull harder."))


class Heard:
    """Everything that a job tells, and on which threads."""

    def __init__(self) -> None:
        self.news: list[object] = []
        self.ends: list[JobEnd[Any]] = []
        self.threads: set[int] = set()

    def hear(self, event: object) -> None:
        self.threads.add(threading.get_ident())
        assert QThread.currentThread() is QCoreApplication.instance().thread()  # type: ignore[union-attr]
        self.news.append(event)

    def end(self, end: JobEnd[Any]) -> None:
        self.threads.add(threading.get_ident())
        self.ends.append(end)

    @property
    def kinds(self) -> list[type]:
        return [type(end) for end in self.ends]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    return QObject()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def nothing(cancel: Cancel, report: Report) -> None:
    pass


def settle() -> None:
    """Whatever has been told by now is heard."""
    for _ in range(3):
        QCoreApplication.processEvents()


def test_work_is_done_elsewhere_and_told_here(qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard) -> None:
    worked: list[int] = []

    def work(cancel: Cancel, report: Report) -> str:
        worked.append(threading.get_ident())
        report("half")
        return "whole"

    job = runner.start(owner, "a", work, heard.end, heard.hear)
    assert job.end is None
    qtbot.waitUntil(lambda: bool(heard.ends))
    assert heard.news == ["half"]
    assert heard.ends == [Done("whole")]
    assert job.end == Done("whole")
    assert heard.threads == {threading.get_ident()}
    assert worked != [threading.get_ident()]


def test_jobs_of_a_lane_are_done_one_after_the_other_in_order(
    qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard
) -> None:
    under_way: list[int] = []
    most: list[int] = []

    def work(number: int) -> Callable[[Cancel, Report], int]:
        def do(cancel: Cancel, report: Report) -> int:
            under_way.append(number)
            most.append(len(under_way))
            under_way.remove(number)
            return number

        return do

    for number in range(50):
        runner.start(owner, "a", work(number), heard.end)
    qtbot.waitUntil(lambda: len(heard.ends) == 50)
    assert heard.ends == [Done(number) for number in range(50)]
    assert set(most) == {1}


def test_lanes_run_at_once(qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard) -> None:
    both = threading.Barrier(2)

    def meet(cancel: Cancel, report: Report) -> None:
        both.wait(LONG)  # broken, and with it the job, if the other one does not come

    for lane in ("a", "b"):
        runner.start(owner, lane, meet, heard.end)
    qtbot.waitUntil(lambda: len(heard.ends) == 2)
    assert heard.kinds == [Done, Done]


def test_a_problem_is_an_end(qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard) -> None:
    problem = Stuck()

    def work(cancel: Cancel, report: Report) -> None:
        raise problem

    runner.start(owner, "a", work, heard.end)
    qtbot.waitUntil(lambda: bool(heard.ends))
    assert heard.ends == [Failed(problem)]


def test_a_bug_is_an_end_too_and_is_told_to_the_hook_once(
    qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked: list[tuple[object, int]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, bug, trace: hooked.append((bug, threading.get_ident())))
    bug = LookupError("the drawer is stuck")

    def work(cancel: Cancel, report: Report) -> None:
        raise bug

    runner.start(owner, "a", work, heard.end)
    qtbot.waitUntil(lambda: bool(heard.ends))
    settle()
    (end,) = heard.ends
    assert isinstance(end, Failed)
    assert isinstance(end.problem, Bug)
    assert hooked == [(bug, threading.get_ident())]


def test_a_bug_does_not_end_its_lane(
    qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", lambda *args: None)
    runner.start(owner, "a", lambda cancel, report: 1 / 0, heard.end)
    runner.start(owner, "a", lambda cancel, report: "after", heard.end)
    qtbot.waitUntil(lambda: len(heard.ends) == 2)
    assert heard.kinds == [Failed, Done]


def test_stopped_while_it_works(qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard) -> None:
    begun = threading.Event()

    def work(cancel: Cancel, report: Report) -> None:
        begun.set()
        cancel.wait(LONG)

    job = runner.start(owner, "a", work, heard.end)
    qtbot.waitUntil(begun.is_set)
    job.stop()
    job.stop()
    qtbot.waitUntil(lambda: bool(heard.ends))
    settle()
    assert heard.ends == [Stopped()]


def test_stopped_before_it_begins_it_is_not_done(
    qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard, gate: threading.Event
) -> None:
    worked: list[str] = []
    runner.start(owner, "a", lambda cancel, report: gate.wait(LONG), lambda end: None)
    runner.start(owner, "a", lambda cancel, report: worked.append("work"), heard.end).stop()
    runner.start(owner, "a", lambda cancel, report: worked.append("must"), heard.end, must=True).stop()
    gate.set()
    qtbot.waitUntil(lambda: len(heard.ends) == 2)
    assert heard.kinds == [Stopped, Done]
    assert worked == ["must"]


def test_progress_is_thinned_out_and_nothing_else(
    qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard, gate: threading.Event
) -> None:
    told = threading.Event()

    def work(cancel: Cancel, report: Report) -> None:
        for number in range(1000):
            report(Progress(T("Reading"), number / 1000))
            if number % 100 == 0:
                report(number)
        told.set()
        gate.wait(LONG)
        report(Progress(T("Reading"), 1.0))

    runner.start(owner, "a", work, heard.end, heard.hear)
    assert told.wait(LONG)  # nothing is delivered meanwhile
    settle()
    shares = [event.share for event in heard.news if isinstance(event, Progress)]
    assert shares == [0.999]
    assert [event for event in heard.news if not isinstance(event, Progress)] == list(range(0, 1000, 100))
    gate.set()
    qtbot.waitUntil(lambda: bool(heard.ends))
    assert isinstance(heard.news[-1], Progress)
    assert heard.news[-1].share == 1.0


def test_news_come_before_the_end(qtbot: QtBot, runner: JobRunner, owner: QObject) -> None:
    heard: list[object] = []

    def work(cancel: Cancel, report: Report) -> None:
        for number in range(20):
            report(number)
        report(Progress(T("Reading"), 1.0))

    runner.start(owner, "a", work, lambda end: heard.append("end"), heard.append)
    qtbot.waitUntil(lambda: "end" in heard)
    assert heard[:20] == list(range(20))
    assert isinstance(heard[20], Progress)
    assert heard[21:] == ["end"]


def test_whoever_is_gone_is_told_nothing(
    qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard, gate: threading.Event
) -> None:
    def work(cancel: Cancel, report: Report) -> None:
        gate.wait(LONG)
        report("news")
        report(Progress(T("Reading"), 1.0))

    job = runner.start(owner, "a", work, heard.end, heard.hear)
    shiboken6.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: job.end is not None)
    assert (heard.news, heard.ends) == ([], [])


def test_closing_stops_all_waits_for_all_and_tells_nothing(qtbot: QtBot, owner: QObject, heard: Heard) -> None:
    runner = JobRunner()
    begun = threading.Event()
    worked: list[str] = []

    def long(cancel: Cancel, report: Report) -> None:
        begun.set()
        report("news")
        try:
            cancel.wait(LONG)
        finally:
            worked.append("stopped")

    runner.start(owner, "a", long, heard.end, heard.hear)
    runner.start(owner, "a", lambda cancel, report: worked.append("never"), heard.end)
    runner.start(owner, "a", lambda cancel, report: worked.append("must"), heard.end, must=True)
    assert begun.wait(LONG)
    runner.close()
    assert worked == ["stopped", "must"]
    assert runner.idle
    settle()
    assert (heard.news, heard.ends) == ([], [])
    late = runner.start(owner, "a", lambda cancel, report: worked.append("late"), heard.end)
    settle()
    assert late.end == Stopped()  # whoever asks after the end gets nothing, and no error
    assert (worked, heard.ends) == (["stopped", "must"], [])
    runner.close()


def test_a_job_may_start_another_when_it_ends(qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard) -> None:
    def go_on(end: JobEnd[None]) -> None:
        runner.start(owner, "a", nothing, heard.end)

    runner.start(owner, "a", nothing, go_on)
    qtbot.waitUntil(lambda: bool(heard.ends))
    assert heard.kinds == [Done]


def test_many_jobs_leave_no_thread(qtbot: QtBot, runner: JobRunner, owner: QObject, heard: Heard) -> None:
    before = set(threading.enumerate())
    for number in range(200):
        runner.start(owner, f"lane {number % 20}", nothing, heard.end)
    qtbot.waitUntil(lambda: len(heard.ends) == 200)
    qtbot.waitUntil(lambda: runner.idle)

    def gone() -> bool:
        return not [t for t in threading.enumerate() if t not in before and t.name.startswith("lane ")]

    qtbot.waitUntil(gone)
    assert heard.kinds == [Done] * 200


def test_idle_while_and_after(qtbot: QtBot, runner: JobRunner, owner: QObject, gate: threading.Event) -> None:
    assert runner.idle
    runner.start(owner, "a", lambda cancel, report: gate.wait(LONG), lambda end: None)
    assert not runner.idle
    gate.set()
    qtbot.waitUntil(lambda: runner.idle)


def test_in_place_all_is_done_when_start_returns(qtbot: QtBot, owner: QObject, heard: Heard) -> None:
    runner = JobRunner(in_place=True)
    before = threading.active_count()

    def work(cancel: Cancel, report: Report) -> str:
        report(Progress(T("Reading"), 0.5))
        report("news")
        return "done"

    job = runner.start(owner, "a", work, heard.end, heard.hear)
    assert [type(event) for event in heard.news] == [Progress, str]
    assert heard.ends == [Done("done")]
    assert job.end == Done("done")
    assert threading.active_count() == before
    assert runner.idle
    runner.close()
