"""The log page as an officer meets it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core import text
from core.ledger import records
from core.ledger.records import Kind
from core.ledger.search.record_filter import Filter
from core.model import Verdict
from core.text import Language, T, Text
from gui.log.log_page import LogPage
from gui.log.record_model import RecordColumn
from gui.toolkit.jobs import JobRunner
from gui.toolkit.theme import TextSize, font
from gui.toolkit.translated_text import speak
from tests.gui.log.conftest import GAP, SERIAL, STARTED, WECHAT, Log, MakePage, ended, settled, shown

Settle = Callable[[LogPage], None]


@pytest.fixture
def settle(qtbot: QtBot, runner: JobRunner) -> Settle:
    return lambda page: settled(qtbot, page, runner)


@pytest.fixture
def page(log: Log, make_page: MakePage) -> LogPage:
    """1 began, 2 amber, 3 found, 4 red, 5 intended, 6 done, 7 green."""
    log.write(STARTED, ended(Verdict.AMBER, (GAP,)), visit="v1")
    log.write(
        records.AppFound.of(WECHAT),
        ended(Verdict.RED, bans=1),
        records.RemovalIntended("uninstall", "com.tencent.mm", 0, 3),
        records.RemovalOutcome(intent=5, outcome="done", answer="Success", means=T("The phone says it is done.")),
        ended(Verdict.GREEN),
        visit="v2",
    )
    return make_page()


def numbers(page: LogPage) -> list[int]:
    return [int(number) for number in shown(page, RecordColumn.NUMBER)]


def chosen(page: LogPage) -> int:
    """The number in the chosen row; 0 if none is."""
    rows = page.table.selectionModel().selectedRows()
    return page.source.rows.number(rows[0].row()) if rows else 0


def choose(combo: QComboBox, value: str) -> None:
    combo.setCurrentIndex(combo.findData(value))


def test_the_newest_comes_first(page: LogPage) -> None:
    assert numbers(page) == [7, 6, 5, 4, 3, 2, 1]
    assert shown(page, RecordColumn.KIND)[:3] == ["Check ended", "After a removal", "Before a removal"]
    assert shown(page, RecordColumn.SUMMARY)[3] == "Red: 1 banned app"
    assert set(shown(page, RecordColumn.PHONE)) == {"Samsung Galaxy S22"}
    assert set(shown(page, RecordColumn.OFFICER)) == {"A. Roy"}
    assert page.count.whole() == "7 entries"
    assert chosen(page) == 7


def test_nothing_is_recorded_yet(make_page: MakePage, log: Log, settle: Settle) -> None:
    page = make_page()
    assert page.nothing.isVisible()
    assert page.nothing.title.text() == "Nothing has been recorded yet"
    assert not page.problem.isVisible()
    log.write(STARTED)
    page.something_recorded(False)
    settle(page)
    assert numbers(page) == [1]
    assert page.table.isVisible()


def test_practice_is_a_log_of_its_own_and_marked(page: LogPage, log: Log, settle: Settle) -> None:
    log.write(STARTED, practice=True)
    assert not page.practice_note.isVisible()
    page.practice.click()
    settle(page)
    assert numbers(page) == [1]
    assert page.practice_note.isVisible()
    assert "not about real phones" in page.practice_note.text()
    assert page.detail.about.text().startswith("Practice · Entry 1")
    page.real.click()
    settle(page)
    assert len(numbers(page)) == 7
    assert not page.practice_note.isVisible()
    assert page.detail.about.text().startswith("Entry 7")


def test_nothing_has_been_practised_yet(page: LogPage, settle: Settle) -> None:
    page.practice.click()
    settle(page)
    assert page.nothing.isVisible()
    assert page.nothing.title.text() == "No practice entries yet"


def test_a_log_that_cannot_be_read(make_page: MakePage, log: Log, settle: Settle, qtbot: QtBot) -> None:
    log.write(STARTED)
    kept = log.file().read_bytes()
    log.file().write_bytes(b"no database" * 100)
    page = make_page()
    assert page.unreadable.isVisible()
    assert "ledger.db is not a Fanion log" in page.unreadable.sentence.text()
    assert "Move it to another folder" in page.unreadable.sentence.text()
    log.file().write_bytes(kept)
    (again,) = page.unreadable.findChildren(QPushButton)
    again.click()
    settle(page)
    assert numbers(page) == [1]


# Looking for something


def test_hits_appear_as_one_types(page: LogPage, settle: Settle, qtbot: QtBot) -> None:
    QTest.keyClicks(page.search, "tencent")
    settle(page)
    assert numbers(page) == [5, 3]
    assert page.count.whole() == "2 found"
    assert chosen(page) == 5
    page.search.setText(SERIAL.lower())
    settle(page)
    assert len(numbers(page)) == 7


def test_nothing_fits_and_everything_is_shown_again(page: LogPage, settle: Settle) -> None:
    page.search.setText("nowhere")
    choose(page.filters.row.verdict, Verdict.RED)
    settle(page)
    assert page.none_fits.isVisible()
    assert "nowhere" in page.none_fits.sentence.text()
    assert page.count.whole() == "0 found"
    assert page.detail.whole() == ""
    (button,) = page.none_fits.findChildren(QPushButton)
    button.click()
    settle(page)
    assert len(numbers(page)) == 7
    assert (page.search.text(), page.filters.row.verdict.currentIndex()) == ("", 0)


def test_filters_by_kind_and_by_verdict(page: LogPage, settle: Settle) -> None:
    choose(page.filters.row.kind, Kind.CHECK_ENDED)
    settle(page)
    assert numbers(page) == [7, 4, 2]
    choose(page.filters.row.verdict, Verdict.RED)
    settle(page)
    assert numbers(page) == [4]
    page.search.setText("nowhere")
    settle(page)
    assert "that matches these filters" in page.none_fits.sentence.text()
    page.search.clear()
    choose(page.filters.row.kind, Kind.PROBLEM)
    settle(page)
    assert page.none_fits.sentence.text() == "No entry matches these filters."


def test_how_far_a_search_is(page: LogPage) -> None:
    source = page.source
    source.share = 0.404
    source.waiting = True
    source.changed.emit()
    assert page.count.whole() == "Searching… 40 %"
    source.waiting = False
    source.changed.emit()
    assert page.count.whole() == "7 found… 40 %"


def test_a_new_search_stops_the_one_before(
    page: LogPage, settle: Settle, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """The first is held between two stretches until the second has been asked for."""
    from core.ledger.reader import LedgerReader

    began, go_on = threading.Event(), threading.Event()
    hits = LedgerReader.scan
    stretches: list[str] = []

    def slow(self: LedgerReader, wanted: Filter, **how: Any) -> Any:
        for stretch in hits(self, wanted, **how):
            stretches.append(wanted.text)
            if wanted.text == "samsung":
                began.set()
                assert go_on.wait(10)
            yield stretch

    monkeypatch.setattr("core.ledger.search.scan._FIRST_STRETCH", 1)
    monkeypatch.setattr("core.ledger.search.scan._STRETCH", 1)
    monkeypatch.setattr(LedgerReader, "scan", slow)
    page.search.setText("samsung")
    qtbot.waitUntil(began.is_set)
    page.search.setText("tencent")
    qtbot.waitUntil(lambda: not page.filters.pause.isActive())
    go_on.set()
    settle(page)
    assert stretches.count("samsung") == 1
    assert numbers(page) == [5, 3]


def test_the_chosen_record_stays_chosen_when_the_search_is_emptied(page: LogPage, settle: Settle) -> None:
    page.search.setText("tencent")
    settle(page)
    page.table.go_to(1)
    assert chosen(page) == 3
    page.search.clear()
    settle(page)
    assert chosen(page) == 3
    assert page.detail.about.text().startswith("Entry 3")


# Reading one record


def test_every_field_in_words(page: LogPage) -> None:
    page.table.go_to(page.source.rows.row(2))
    whole = page.detail.whole()
    assert whole.startswith("A check ended: Amber\nEntry 2 · ")
    for line in (
        "Verdict: Amber",
        "Apps listed: 312",
        "What could not be checked: The profile “<b>Work</b>” could not be read.",
        "How to check it: Check it again.",
        f"Serial number: {SERIAL}",
        "Officer: A. Roy",
    ):
        assert line in whole.splitlines()
    read = page.detail.text.toPlainText()
    assert "<b>Work</b>" in read
    assert SERIAL in read


def test_it_is_copied_as_a_whole_by_button_and_by_key(page: LogPage, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    for copy in (
        page.detail.copy_button.click,
        lambda: QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier),
        lambda: QTest.keyClick(page.detail.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier),
    ):
        clipboard.setText("")
        copy()
        assert clipboard.text() == page.detail.whole() != ""
    assert page.detail.copy_button.accessibleName() == "Copied"


def test_a_selection_is_copied_as_plain_text(page: LogPage, qtbot: QtBot) -> None:
    page.detail.text.selectAll()
    QTest.keyClick(page.detail.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert data.formats() == ["text/plain"]
    assert "Serial number" in data.text()
    QGuiApplication.clipboard().clear()  # it would be kept beyond Python's end


def test_from_an_outcome_to_its_announcement_and_to_the_visit(page: LogPage, settle: Settle) -> None:
    page.table.go_to(page.source.rows.row(6))
    assert page.detail.reference.text() == "Go to entry 5"
    page.detail.reference.click()
    settle(page)
    assert chosen(page) == 5
    page.detail.visit.click()
    settle(page)
    assert page.search.text() == "v2"
    assert numbers(page) == [7, 6, 5, 4, 3]


# After a crash


def test_steps_of_a_crash_are_on_top_with_a_link_to_each(log: Log, make_page: MakePage, settle: Settle) -> None:
    log.crash()
    log.crash()
    log.write(*[STARTED] * 300)
    page = make_page()
    assert page.steps.isVisible()
    assert page.steps.sentence.text() == "2 steps have an unknown result."
    assert [link.text().partition(",")[0] for link in page.steps.links] == ["Entry 4", "Entry 2"]
    assert "com.tencent.mm" in page.steps.links[0].text()
    choose(page.filters.row.kind, Kind.CHECK_STARTED)
    settle(page)
    page.steps.links[1].click()
    settle(page)
    assert chosen(page) == 2
    assert page.detail.about.text().startswith("Entry 2")


def test_the_bar_goes_once_it_is_known(log: Log, make_page: MakePage, settle: Settle) -> None:
    log.crash()
    page = make_page()
    log.write(
        records.RemovalOutcome(intent=2, outcome="unknown", answer="", means=T("Checked again, the app is not there."))
    )
    page.something_recorded(False)
    settle(page)
    assert not page.steps.isVisible()


# Growing


def test_new_records_appear_at_the_top_and_the_choice_stays(page: LogPage, log: Log, settle: Settle) -> None:
    page.table.go_to(2)
    log.write(STARTED, STARTED)
    page.something_recorded(False)
    settle(page)
    assert numbers(page)[:3] == [9, 8, 7]
    assert page.table.verticalScrollBar().value() == 0
    assert chosen(page) == 5
    assert page.count.whole() == "9 entries"


def test_who_reads_further_down_is_not_moved(log: Log, make_page: MakePage, settle: Settle) -> None:
    log.write(*[STARTED] * 500)
    page = make_page()
    page.table.go_to(250)
    settle(page)
    place = page.table.rowViewportPosition(250)
    log.write(*[STARTED] * 7)
    page.something_recorded(False)
    settle(page)
    assert chosen(page) == 250
    assert page.table.rowViewportPosition(257) == place


def test_only_what_fits_is_added(page: LogPage, log: Log, settle: Settle) -> None:
    choose(page.filters.row.verdict, Verdict.RED)
    settle(page)
    log.write(STARTED, ended(Verdict.RED, bans=3))
    page.something_recorded(False)
    settle(page)
    assert numbers(page) == [9, 4]
    assert page.count.whole() == "2 found"


def test_many_words_of_new_records_are_one_reading(page: LogPage, log: Log, settle: Settle) -> None:
    log.write(STARTED)
    for _ in range(50):
        page.something_recorded(False)
    settle(page)
    assert numbers(page)[0] == 8


def test_what_is_recorded_while_the_page_is_hidden_is_there_when_it_is_shown(
    page: LogPage, log: Log, settle: Settle
) -> None:
    page.hide()
    log.write(STARTED)
    page.something_recorded(False)
    assert numbers(page)[0] == 7
    page.show()
    settle(page)
    assert numbers(page)[0] == 8


def test_another_file_in_the_place_of_the_log(page: LogPage, log: Log, settle: Settle) -> None:
    log.file().unlink()
    log.write(STARTED, phone=False)
    page.something_recorded(False)
    settle(page)
    assert numbers(page) == [1]
    assert shown(page, RecordColumn.PHONE) == [""]


# From elsewhere in the window


def test_a_record_is_shown_from_elsewhere(page: LogPage, log: Log, settle: Settle) -> None:
    page.search.setText("nowhere")
    settle(page)
    log.write(STARTED)
    page.show_record(8, practice=False)
    settle(page)
    assert chosen(page) == 8
    log.write(STARTED, STARTED, practice=True)
    page.show_record(1, practice=True)
    settle(page)
    assert page.practice.isChecked()
    assert chosen(page) == 1
    assert len(numbers(page)) == 2


def test_a_record_is_shown_on_a_page_that_was_never_open(
    log: Log, runner: JobRunner, qtbot: QtBot, settle: Settle
) -> None:
    log.write(*[STARTED] * 300)
    page = LogPage(log.desk, runner)
    qtbot.addWidget(page)
    page.show_record(10, practice=False)
    page.show()
    settle(page)
    assert chosen(page) == 10


# What goes wrong


def damage(file: Path, number: int) -> None:
    with sqlite3.connect(file) as database:
        database.execute("DROP TRIGGER entry_unchanged")
        database.execute("UPDATE entry SET leaf_hash = ? WHERE seq = ?", [b"\0" * 32, number])
    database.close()


def test_where_one_record_is_damaged_the_others_are_shown(
    log: Log, make_page: MakePage, settle: Settle, qtbot: QtBot
) -> None:
    log.write(STARTED, STARTED, ended())
    damage(log.file(), 2)
    page = make_page()
    assert page.problem.isVisible()
    assert "damaged" in page.problem.sentence.text()
    assert shown(page, RecordColumn.SUMMARY) == [
        "Green: 312 apps read, no banned app",
        "This entry cannot be read.",
        "over USB",
    ]
    page.table.go_to(1)
    assert page.detail.whole() == ""
    page.problem.button.click()
    settle(page)
    assert page.problem.isVisible()


def test_nobody_waits_while_another_program_keeps_the_file(
    log: Log, runner: JobRunner, qtbot: QtBot, settle: Settle
) -> None:
    log.write(STARTED)
    other = sqlite3.connect(log.file(), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    page = LogPage(log.desk, runner)
    qtbot.addWidget(page)
    page.head.entries.setChecked(True)
    page.show()
    QTest.keyClicks(page.search, "over")
    assert page.reading.isVisible()
    assert page.search.text() == "over"
    other.execute("ROLLBACK")
    other.close()
    settle(page)
    assert numbers(page) == [1]


def test_the_file_is_never_opened_by_the_thread_that_draws(
    log: Log, make_page: MakePage, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(*[STARTED] * 300)
    read, threads = log.desk.read_ledger, set()

    def watched(practice: bool) -> Any:
        threads.add(threading.current_thread())
        return read(practice)

    monkeypatch.setattr(log.desk, "read_ledger", watched)
    page = make_page()
    page.table.go_to(299)
    page.search.setText("usb")
    settle(page)
    page.something_recorded(False)
    page.practice.click()
    settle(page)
    assert threads
    assert threading.main_thread() not in threads


def test_a_page_may_go_while_it_reads(log: Log, runner: JobRunner, qtbot: QtBot) -> None:
    log.write(*[STARTED] * 300)
    page = LogPage(log.desk, runner)
    page.show()
    page.deleteLater()
    qtbot.waitUntil(lambda: runner.idle)


# Keys, language, memory, names


def test_keys(page: LogPage, qtbot: QtBot, settle: Settle) -> None:
    page.table.setFocus()
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search.hasFocus()
    QTest.keyClicks(page.search, "tencent")
    settle(page)
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    settle(page)
    assert page.search.text() == ""
    assert len(numbers(page)) == 7
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_End)
    assert chosen(page) == 1
    QTest.keyClick(page.table, Qt.Key.Key_Up)
    assert chosen(page) == 2
    QTest.keyClick(page.table, Qt.Key.Key_Home)
    assert chosen(page) == 7
    QTest.keyClick(page.table, Qt.Key.Key_PageDown)
    assert chosen(page) == 1
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.detail.text.hasFocus()


def test_keys_that_are_told(page: LogPage) -> None:
    told = page.shortcuts()
    assert all(isinstance(does, Text) and isinstance(key, QKeySequence) for does, key in told)
    assert len({str(does) for does, _ in told}) == len(told)


def test_the_language_changes_at_once(page: LogPage) -> None:
    choose(page.filters.row.kind, Kind.CHECK_ENDED)
    page.table.go_to(0)
    speak("fr")
    assert page.filters.row.kind.currentData() == Kind.CHECK_ENDED
    assert page.filters.row.verdict.itemText(1) == "Rouge"
    assert page.detail.title.text().startswith("Fin d’une vérification")
    assert page.source.rows.index(0, RecordColumn.SUMMARY).data().startswith("Vert")
    assert "Vert" in page.detail.text.toPlainText()
    text.use("en")


def test_columns_and_panes_are_remembered(
    page: LogPage, log: Log, runner: JobRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    page.table.setColumnWidth(RecordColumn.TIME, 222)
    page.panes.setSizes([700, 500])
    page.save(settings)
    another = LogPage(log.desk, runner)
    qtbot.addWidget(another)
    another.resize(1366, 640)
    another.restore(settings)
    with qtbot.waitExposed(another):
        another.show()
    settled(qtbot, another, runner)
    assert another.table.columnWidth(RecordColumn.TIME) == 222
    assert another.panes.sizes() == page.panes.sizes()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [1366, 960, 900])
def test_a_verdict_is_never_cut(log: Log, make_page: MakePage, width: int, language: Language) -> None:
    text.use(language)
    log.write(ended(Verdict.RED, bans=1))
    page = make_page()
    page.resize(width, 420)
    page.layout().activate()  # type: ignore[union-attr]
    QApplication.processEvents()
    table = page.table
    left, right = table.columnViewportPosition(RecordColumn.SUMMARY), table.columnWidth(RecordColumn.SUMMARY)
    assert left + right <= table.viewport().width()
    word = "Rouge" if language == "fr" else "Red"
    assert (
        table.columnWidth(RecordColumn.SUMMARY) > QFontMetrics(font(TextSize.STRONG)).horizontalAdvance(f"{word}…") + 40
    )
    # What has given way comes back.
    page.resize(1366, 640)
    QApplication.processEvents()
    assert not any(table.isColumnHidden(column) for column in RecordColumn)


def test_the_search_says_in_few_words_what_it_is_for(page: LogPage) -> None:
    hint = page.search.placeholderText()
    assert QFontMetrics(page.search.font()).horizontalAdvance(hint) < page.search.minimumWidth() - 50
    assert "a serial number" in page.search.toolTip().replace("&nbsp;", " ")


def test_the_menu_is_of_the_log_that_is_shown(page: LogPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.more_wanted) as wanted:
        page.head.more_button.click()
    assert wanted.args == [page.head.more_button, False]
    page.practice.click()
    with qtbot.waitSignal(page.more_wanted) as wanted:
        page.head.more_button.click()
    assert wanted.args == [page.head.more_button, True]


def test_a_page_that_was_never_seen_remembers_nothing(
    log: Log, runner: JobRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    page = LogPage(log.desk, runner)
    qtbot.addWidget(page)
    page.save(settings)
    assert settings.allKeys() == []


def test_a_memory_that_was_written_by_hand_is_left_alone(page: LogPage, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("log/columns", "nonsense")
    settings.setValue("log/panes", "nonsense")
    page.restore(settings)
    assert page.table.columnWidth(RecordColumn.PHONE) > 50


def test_everything_has_a_name_for_a_screen_reader(log: Log, make_page: MakePage) -> None:
    log.crash()
    page = make_page()
    nameless = [
        widget
        for widget in page.findChildren(QWidget)
        if isinstance(widget, QPushButton | QLineEdit | QComboBox | QAbstractScrollArea)
        and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        and not isinstance(widget.parent(), QComboBox)
        and not widget.inherits("QComboBoxPrivateContainer")
        and not widget.inherits("QComboBoxListView")
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]
    assert nameless == []


def test_nothing_is_drawn_as_html(page: LogPage) -> None:
    assert not [
        label
        for label in page.findChildren(QLabel)
        if label.textFormat() is not Qt.TextFormat.PlainText and label.pixmap().isNull() and label.text()
    ]
