"""The log by visits: a row each, its records one press away, everything else out of sight."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core import text
from core.ledger import records
from core.ledger.file.clock import Instant
from core.ledger.records.check import ReturnTold
from core.ledger.writer import Ledger
from core.model import Labels, Return, ReturnReason, Verdict
from core.phones.driver import Outcome
from core.policy.wording import long_date
from core.text import Bilingual, T
from gui.log.log_page import LogPage
from gui.log.paged_rows import day_groups
from gui.log.visit_model import FLAGS_ROLE, VisitColumn
from gui.log.visit_table import VisitTable, shortened
from gui.toolkit.jobs import JobRunner
from gui.toolkit.theme import Status, TextSize, font
from gui.toolkit.translated_text import speak
from tests.examples import examples
from tests.gui.log.conftest import GAP, PHONE, POLICY, STARTED, WECHAT, Log, MakePage, ended, settled


@pytest.fixture
def days(log: Log) -> Log:
    """Four visits: green, cleared, not all seen, never read. And what the log writes about itself."""
    log.write(STARTED, ended(), visit="green")
    with log.ledger(seal=True) as ledger:
        about = {"visit": "cleared", "policy": POLICY, "phone": PHONE, "labels": Labels(holder="Yves Caron")}
        ledger.append(records.PolicyLoaded.of(POLICY), policy=POLICY)
        ledger.append(STARTED, **about)
        found = ledger.append(records.AppFound.of(WECHAT), **about).seq
        ledger.append(ended(Verdict.RED, bans=1), **about)
        intent = ledger.append(records.RemovalIntended("uninstall", "com.tencent.mm", 0, found), **about).seq
        said = T("The phone says it is done.")
        done = records.RemovalOutcome(intent=intent, outcome=Outcome.DONE, answer="Success", means=said)
        ledger.append_all([done, STARTED, ended()], **about, seal=True)
    log.write(STARTED, ended(Verdict.AMBER, gaps=(GAP,)), visit="amber")
    log.write(STARTED, records.ProblemMet(code="x", sentence=T("It went away."), next_step=T("b")), visit="away")
    return log


def cells(page: LogPage, column: int) -> list[str]:
    rows = page.visits.source.rows
    return [str(rows.index(row, column).data()) for row in range(rows.rowCount())]


def timeline(page: LogPage) -> list[str]:
    rows = page.visit.rows
    return [str(rows.index(row).data()) for row in range(rows.rowCount())]


def test_a_visit_is_a_row_and_the_logs_own_records_are_none(make_page: MakePage, days: Log) -> None:
    page = make_page(visits=True)
    assert cells(page, VisitColumn.VERDICT) == ["Not read", "Not all seen", "1 banned → 1 removed", "No banned apps"]
    assert cells(page, VisitColumn.DONE) == ["It went away.", "Read", "Removed: WeChat", "Read"]
    assert cells(page, VisitColumn.PHONE)[2] == "Samsung Galaxy S22 · BCDE"
    assert cells(page, VisitColumn.HOLDER) == ["", "", "Yves Caron", ""]
    assert cells(page, VisitColumn.OFFICER) == ["A. Roy"] * 4
    assert page.count.whole() == "4 visits"
    flags = page.visits.source.rows.index(2, VisitColumn.VERDICT).data(FLAGS_ROLE)
    assert [flag.status for flag in flags] == [Status.RED, Status.GREEN]


def test_all_is_read_with_keys_alone(make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner) -> None:
    page = make_page(visits=True)
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    QTest.keyClick(page.visits.table, Qt.Key.Key_Down)
    QTest.keyClick(page.visits.table, Qt.Key.Key_Down)
    assert page.visit.title.whole() == "Yves Caron"
    lines = ["Banned: WeChat", "Checked: 1 banned app", "WeChat: The phone says it is done."]
    assert timeline(page) == [*lines, "Checked again: 312 apps read, no banned app"]
    page.visit.fold.click()
    began = cells(page, VisitColumn.TIME)[2][-len("14:32") :]
    assert f" · {began} · " in page.visit.about.whole()  # as in the list, and of the first line
    first = page.visit.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert first.startswith(began)
    assert first.endswith("A check began: over USB")
    assert "WeChat: remove" in timeline(page)
    page.visit.fold.click()
    assert timeline(page)[0] == lines[0]
    QTest.keyClick(page.visits.table, Qt.Key.Key_Return)
    assert page.visit.timeline.hasFocus()
    QTest.keyClick(page.visit.timeline, Qt.Key.Key_Return)
    assert page.detail.isVisible()
    assert page.detail.entry is not None
    assert page.detail.entry.kind == records.Kind.FINDING
    QTest.keyClick(page.detail.text, Qt.Key.Key_Escape)
    assert page.visit.timeline.hasFocus()
    assert page.visit.timeline.currentIndex().row() == 0
    QTest.keyClick(page.visit.timeline, Qt.Key.Key_Escape)
    assert page.visits.table.hasFocus()


def test_the_search_finds_visits_by_any_of_their_records(
    make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    page = make_page(visits=True)
    page.search.setText("caron")
    settled(qtbot, page, runner)
    assert cells(page, VisitColumn.VERDICT) == ["1 banned → 1 removed"]
    page.search.setText("wechat")
    page.filters.row.verdict.setCurrentIndex(page.filters.row.verdict.findData(Verdict.GREEN.value))
    settled(qtbot, page, runner)
    assert cells(page, VisitColumn.DONE) == ["Removed: WeChat"]
    page.search.setText("nothing like that")
    settled(qtbot, page, runner)
    assert page.none_fits.isVisible()
    page.filters.show_all()
    settled(qtbot, page, runner)
    assert len(cells(page, VisitColumn.DONE)) == 4


def test_what_is_recorded_meanwhile_is_shown_where_it_belongs(
    make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    page = make_page(visits=True)
    page.visits.table.go_to(3)
    settled(qtbot, page, runner)
    days.write(STARTED, ended(Verdict.RED, bans=2), visit="green")
    days.write(STARTED, visit="new")
    page.something_recorded(False)
    settled(qtbot, page, runner)
    assert cells(page, VisitColumn.VERDICT)[0] == "Not read"
    assert cells(page, VisitColumn.VERDICT)[4] == "No banned apps → 2 banned"
    assert page.visits.table.currentIndex().row() == 4
    assert timeline(page)[-1] == "Checked again: 2 banned apps"


def test_a_search_follows_what_is_recorded(make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner) -> None:
    page = make_page(visits=True)
    page.filters.row.verdict.setCurrentIndex(page.filters.row.verdict.findData(Verdict.RED.value))
    settled(qtbot, page, runner)
    assert len(cells(page, VisitColumn.DONE)) == 1
    days.write(STARTED, ended(Verdict.RED, bans=2), visit="green")
    page.something_recorded(False)
    settled(qtbot, page, runner)
    assert cells(page, VisitColumn.VERDICT) == ["1 banned → 1 removed", "No banned apps → 2 banned"]


def test_how_the_log_is_listed_is_remembered(
    make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    page = make_page(visits=True)
    page.head.entries.click()
    settled(qtbot, page, runner)
    assert page.table.isVisible()
    assert "Policy loaded" in [str(page.source.rows.index(n, 2).data()) for n in range(page.source.rows.rowCount())]
    page.save(memory)
    other = LogPage(days.desk, runner)
    qtbot.addWidget(other)
    other.restore(memory)
    assert other.head.entries.isChecked()
    # To be shown one entry is no choice of how the log is listed.
    page.head.visits.click()
    page.show_record(1, practice=False)
    assert page.head.entries.isChecked()
    page.save(memory)
    other.restore(memory)
    assert other.head.visits.isChecked()
    settled(qtbot, page, runner)


def test_the_other_log_has_its_own_visits(make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner) -> None:
    days.write(STARTED, ended(), practice=True, visit="p")
    page = make_page(visits=True)
    page.practice.click()
    settled(qtbot, page, runner)
    assert cells(page, VisitColumn.VERDICT) == ["No banned apps"]
    page.head.entries.click()
    settled(qtbot, page, runner)
    assert page.source.practice
    page.real.click()
    page.head.visits.click()
    settled(qtbot, page, runner)
    assert len(cells(page, VisitColumn.VERDICT)) == 4


def test_all_entries_of_a_visit_are_one_press_away(
    make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    page = make_page(visits=True)
    page.visits.table.go_to(2)
    settled(qtbot, page, runner)
    page.visit.all.click()
    settled(qtbot, page, runner)
    assert page.head.entries.isChecked()
    assert page.source.rows.rowCount() == 7


def test_it_speaks_french_at_once(make_page: MakePage, days: Log, qtbot: QtBot, runner: JobRunner) -> None:
    page = make_page(visits=True)
    page.visits.table.go_to(2)
    settled(qtbot, page, runner)
    speak("fr")
    assert cells(page, VisitColumn.VERDICT)[2] == "1 interdite → 1 supprimée"
    assert timeline(page)[0] == "Interdite\u00a0: WeChat"


def test_a_log_without_visits_says_so(make_page: MakePage, log: Log, qtbot: QtBot, runner: JobRunner) -> None:
    with log.ledger() as ledger:
        ledger.append(records.ProgramStart("Linux", 0))
    page = make_page(visits=True)
    assert page.nothing.isVisible()
    assert page.nothing.title.text() == "No visit is in the log yet"
    speak("fr")
    assert page.nothing.title.text() == "Aucune visite n’est encore consignée"
    page.head.entries.click()
    settled(qtbot, page, runner)
    assert page.table.isVisible()


def test_columns_share_the_room_by_what_is_in_them(
    make_page: MakePage, log: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    """On a small screen a phone stands there whole, and its holder's column is narrow where nobody has one."""
    log.write(STARTED, ended(Verdict.AMBER, gaps=(GAP,)))
    page = make_page(visits=True)
    page.resize(1366, 700)
    page.visits.table.viewport().repaint()
    settled(qtbot, page, runner)
    table = page.visits.table
    assert table.columnWidth(VisitColumn.HOLDER) < QFontMetrics(font(TextSize.STRONG)).horizontalAdvance(
        "Paul Chartrand"
    )
    phone = QFontMetrics(font(TextSize.STRONG)).horizontalAdvance(cells(page, VisitColumn.PHONE)[0])
    assert phone < table.columnWidth(VisitColumn.PHONE)
    assert table.columnWidth(VisitColumn.DONE) > table.columnWidth(VisitColumn.PHONE)


@pytest.mark.usefixtures("qapp")
def test_where_a_model_has_no_room_the_end_of_the_serial_number_stays() -> None:
    metrics = QFontMetrics(font(TextSize.SMALL))
    line = "Samsung Galaxy S22 Ultra · BCDE"
    room = metrics.horizontalAdvance(line)
    assert shortened(line, metrics, room) == line
    cut = shortened(line, metrics, room - 20)
    assert cut.startswith("Samsung Galaxy")
    assert cut.endswith("… · BCDE")
    assert metrics.horizontalAdvance(cut) <= room - 20
    assert shortened(f"A · {line.replace('·', '')}", metrics, room // 2).endswith("…")


def written_on(log: Log, today: date, *days: int, name: str = "day") -> None:
    """A green visit so many days before, for each, in this order."""
    for number, ago in enumerate(days):
        noon = datetime.combine(today - timedelta(days=ago), time(12, number))

        def clock(at: datetime = noon) -> Instant:
            return Instant(at.astimezone(UTC), 0, "boot")

        with Ledger(log.file(), desk="Desk 4", officer="A. Roy", app_version="0.2.0", clock=clock) as ledger:
            ledger.append_all([STARTED, ended()], visit=f"{name}{number}", policy=POLICY, phone=PHONE)


def headings(page: LogPage) -> dict[int, str]:
    return {row: str(group.words) for row, group in page.visits.source.rows.groups.items()}


def test_visits_stand_by_day_under_a_heading(
    make_page: MakePage, log: Log, qtbot: QtBot, runner: JobRunner, today: date
) -> None:
    written_on(log, today, 3, 3, 1, 0, 0)
    page = make_page(visits=True)
    assert headings(page) == {
        0: f"Today, {long_date(today).en} · 2 visits",
        2: f"Yesterday, {long_date(today - timedelta(days=1)).en} · 1 visit",
        3: f"{long_date(today - timedelta(days=3)).en} · 2 visits",
    }
    table = page.visits.table
    assert isinstance(table, VisitTable)
    low, high = table.rowHeight(1), table.rowHeight(0)
    assert [table.rowHeight(row) for row in range(5)] == [high, low, high, high, low]
    assert high > low
    # A heading is no row: it is not chosen by the mouse, nor come past with the keys.
    top = table.rowViewportPosition(2)
    assert not table.indexAt(QPoint(20, top + 5)).isValid()
    assert table.indexAt(QPoint(20, top + high - 5)).row() == 2
    table.go_to(0)
    table.setFocus()
    for row in (1, 2, 3):
        QTest.keyClick(table, Qt.Key.Key_Down)
        assert table.currentIndex().row() == row
    QTest.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == 4
    # The day is read aloud with each row.
    time = page.visits.source.rows.index(4, VisitColumn.TIME)
    assert (today - timedelta(days=3)).isoformat() in time.data(Qt.ItemDataRole.AccessibleTextRole)
    text.use("fr")
    assert headings(page)[0].startswith("Aujourd’hui, ")
    text.use("en")
    # What comes meanwhile joins the heading of its day.
    written_on(log, today, 0, name="later")
    page.something_recorded(False)
    settled(qtbot, page, runner)
    assert headings(page)[0].endswith("3 visits")
    assert [table.rowHeight(row) for row in range(6)] == [high, low, low, high, high, low]
    page.search.setText("nothing like that")
    settled(qtbot, page, runner)
    assert headings(page) == {}


days_of_rows = st.lists(st.sampled_from([0, 739_900, 739_901, 739_902]), max_size=40)


@given(days_of_rows)
@examples(60)
def test_each_row_is_under_one_heading(days: list[int]) -> None:
    groups = day_groups(days)
    assert sum(group.visits for group in groups.values()) == (len(days) if any(days) else 0)
    for row, group in groups.items():
        own = days[row : row + group.visits]
        assert {day for day in own if day} == {group.day.toordinal()}
    starts = sorted(groups)
    assert all(groups[a].day != groups[b].day for a, b in itertools.pairwise(starts))


def test_what_the_holder_was_told_stands_in_the_visit(
    make_page: MakePage, log: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    about = {"visit": "told", "policy": POLICY, "phone": PHONE}
    with log.ledger() as ledger:
        found = ledger.append(records.AppFound.of(WECHAT), **about).seq
        ledger.append(ended(Verdict.RED, bans=1), **about)
        for told in (True, True):
            step = records.RemovalIntended("uninstall", "com.tencent.mm", 0, found, loses_data=True, owner_told=told)
            ledger.append(step, **about)
        ledger.append(ended(), **about)
        step = records.RemovalIntended("uninstall", "com.tencent.mm", 0, found, loses_data=True)
        ledger.append(step, **about)
    page = make_page(visits=True)
    page.visits.table.go_to(0)
    settled(qtbot, page, runner)
    said = [line for line in timeline(page) if "told" in line]
    assert said == ["The holder was told: what is kept in WeChat is lost"]
    assert timeline(page).index(said[0]) == 2  # before the removal, and where nobody said so, nothing is said


def test_whether_a_banned_app_can_come_back_stands_in_the_visit(
    make_page: MakePage, log: Log, qtbot: QtBot, runner: JobRunner
) -> None:
    """By the last check of the visit; of an earlier one, that has nothing of it, nothing is said."""
    returns = (ReturnTold("wechat", Bilingual("WeChat", "WeChat"), Return.POSSIBLE, (ReturnReason.NOT_MANAGED,)),)
    with log.ledger() as ledger:
        for visit, last in (("earlier", ()), ("later", returns)):
            ledger.append(msgspec.structs.replace(ended(), returns=last), visit=visit, policy=POLICY, phone=PHONE)
    page = make_page(visits=True)
    told = []
    for row in (0, 1):
        page.visits.table.go_to(row)
        settled(qtbot, page, runner)
        told.append(page.visit.returns.text() if page.visit.returns.isVisible() else "")
    assert told == [
        "Banned apps can be reinstalled: phone not managed. "
        "This is evidence of how the phone was set up at that time, not a promise.",
        "",
    ]
