"""The row of filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.ledger.file.clock import Instant
from core.ledger.writer import Ledger
from core.model import Verdict
from gui.log.filter_bar import Period
from gui.log.log_page import LogPage
from gui.log.record_model import RecordColumn
from gui.toolkit.jobs import JobRunner
from gui.toolkit.translated_text import speak
from tests.gui.log.conftest import PHONE, STARTED, Log, MakePage, ended, settled, shown

Settle = Callable[[], None]


@pytest.fixture
def page(log: Log, make_page: MakePage, now: datetime) -> LogPage:
    """Records of 40, 10, 1 and 0 days ago, numbered 1 to 4, by two officers."""
    for days, officer in ((40, "A. Roy"), (10, "B. Singh"), (1, "A. Roy"), (0, "B. Singh")):
        then = now - timedelta(days=days)

        def clock(then: datetime = then) -> Instant:
            return Instant(then, 0, "boot")

        with Ledger(log.file(), desk="Desk 4", officer=officer, app_version="1", clock=clock) as ledger:
            ledger.seal = lambda: None  # type: ignore[method-assign]
            ledger.append(ended(Verdict.RED, bans=1) if days == 1 else STARTED, visit="v", phone=PHONE)
    return make_page()


@pytest.fixture
def settle(page: LogPage, qtbot: QtBot, runner: JobRunner) -> Settle:
    return lambda: settled(qtbot, page, runner)


def numbers(page: LogPage) -> list[int]:
    return [int(number) for number in shown(page, RecordColumn.NUMBER)]


def test_the_row_is_put_away_until_it_is_wanted(page: LogPage) -> None:
    row = page.filters.row
    assert not row.isVisible()
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert row.isVisible()
    assert row.kind.hasFocus()
    page.filters.open.click()
    assert not row.isVisible()


@pytest.mark.parametrize(
    ("period", "found"),
    [
        (Period.TODAY, [4]),
        (Period.YESTERDAY, [3]),
        (Period.WEEK, [4, 3]),
        (Period.MONTH, [4, 3, 2]),
        (Period.ANY, [4, 3, 2, 1]),
    ],
)
def test_stretches_of_time_by_a_word(page: LogPage, settle: Settle, period: Period, found: list[int]) -> None:
    page.filters.row.dates.use(period)
    settle()
    assert numbers(page) == found
    assert not page.filters.row.dates.first.isVisible()


def test_a_stretch_of_time_by_two_dates_that_never_cross(page: LogPage, settle: Settle, today: date) -> None:
    page.filters.open.click()
    dates = page.filters.row.dates
    dates.use(Period.RANGE)
    assert dates.first.isVisible()
    dates.first.use(today - timedelta(days=12))
    dates.last.use(today - timedelta(days=1))
    settle()
    assert numbers(page) == [3, 2]
    dates.first.use(today)
    assert dates.last.day == today
    dates.last.use(today - timedelta(days=40))
    assert dates.first.day == today - timedelta(days=40)
    settle()
    assert numbers(page) == [1]


def test_officer_and_phone(page: LogPage, settle: Settle) -> None:
    page.filters.row.officer.setText("b. singh")
    settle()
    assert numbers(page) == [4, 2]
    page.filters.row.phone.setText("sm-s9")
    settle()
    assert numbers(page) == [4, 2]
    page.filters.row.phone.setText("pixel")
    settle()
    assert page.none_fits.isVisible()
    assert page.none_fits.sentence.text() == "No entry matches these filters."


def test_that_filters_are_on_is_seen_where_their_row_is_not(page: LogPage, settle: Settle) -> None:
    page.filters.open.click()
    page.filters.row.officer.setText("A. Roy")
    page.filters.row.verdict.setCurrentIndex(1)
    settle()
    assert not page.filters.on.isVisible()
    assert page.filters.row.clear.isVisible()
    page.filters.open.click()
    assert page.filters.on.text() == "2 filters"
    assert "Officer: A. Roy" in page.filters.on.toolTip().replace("&nbsp;", " ")
    page.filters.on.click()
    settle()
    assert not page.filters.on.isVisible()
    assert len(numbers(page)) == 4


def test_escape_goes_back_one_step_at_a_time(page: LogPage, settle: Settle) -> None:
    page.filters.open_filters()
    page.filters.row.dates.use(Period.WEEK)
    page.search.setText("samsung")
    settle()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert (page.search.text(), page.filters.row.dates.chosen) == ("", Period.WEEK)
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.filters.row.dates.chosen is Period.ANY
    assert page.filters.row.isVisible()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.filters.row.isVisible()
    settle()
    assert len(numbers(page)) == 4


def test_the_choices_stay_when_the_language_changes(page: LogPage, settle: Settle) -> None:
    page.filters.row.dates.use(Period.WEEK)
    page.filters.row.verdict.setCurrentIndex(1)
    settle()
    speak("fr")
    assert page.filters.row.dates.chosen is Period.WEEK
    assert page.filters.row.verdict.currentText() == "Rouge"
    settle()
    assert numbers(page) == [3]
    speak("en")


@pytest.mark.parametrize("width", [900, 960, 1366, 1920])
def test_nothing_is_cut_off_in_any_width(page: LogPage, width: int, qtbot: QtBot) -> None:
    page.filters.open.click()
    page.filters.row.dates.use(Period.RANGE)
    page.resize(width, 480)
    qtbot.wait(1)
    row = page.filters.row
    for part in (row.kind, row.verdict, row.dates.first, row.dates.last, row.officer, row.phone, row.clear):
        right = part.mapTo(page, part.rect().topRight()).x()
        assert right < page.width()
        assert part.width() >= part.minimumSizeHint().width()
