"""What leaves the computer, sheet by sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QFont, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.desk.papers import log_evidence
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records import Kind
from core.ledger.retention.due_values import Due
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.notes import Proof
from core.ledger.witness.exchange import Exchange, PeerCheckpoint
from core.ledger.witness.time_stamps import Stamp
from core.model import Verdict
from core.text import Language, T
from gui.log.export_dialog import LogExportDialog
from gui.log.verify_dialog import VerifyDialog
from gui.papers.erase_dialog import DueValuesDialog
from gui.papers.keys_dialog import EnrolmentDialog, QrCode
from gui.papers.month_dialog import MonthDialog
from gui.papers.outside_copies import (
    CheckpointDialog,
    DailyCloseDialog,
    ReceiptDialog,
    StampReplyDialog,
    StampRequestDialog,
    exchange_words,
)
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner
from gui.toolkit.theme import STEP, Status
from gui.toolkit.translated_text import speak
from gui.toolkit.widgets import ProblemBar
from tests.gui.log.conftest import STARTED, Log, ended
from tests.gui.papers.conftest import Desk


def text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


# Receipts


def test_a_receipt_is_a_page_and_a_proof_and_is_on_record(desk: Desk) -> None:
    desk.papers.receipt(2, False)
    sheet = desk.sheet()
    assert isinstance(sheet, ReceiptDialog)
    sheet.folder.use(desk.outside)
    sheet.languages.select.setCurrentIndex(sheet.languages.select.findData("fr"))
    desk.go()
    (made,) = desk.made
    assert "Rouge" in text_of(made.file)
    assert Proof.parse(made.file.with_suffix(".tlog-proof").read_bytes()).index == 1
    assert sheet.verdict.place.whole() == made.file.name
    assert sheet.verdict.folder.whole() == str(desk.outside)
    assert sheet.verdict.sentence.text().startswith("Print it, or take it off this computer")
    assert log_evidence.log_status(desk.log.desk, False).outside.how == "receipt"
    sheet.close()


def test_the_next_receipt_asks_nothing_any_more(desk: Desk) -> None:
    desk.papers.receipt_now(2, False)
    sheet = desk.sheet()
    assert isinstance(sheet, ReceiptDialog)
    sheet.folder.use(desk.outside)
    desk.go().close()
    first = desk.made[0].file
    first.unlink()
    desk.papers.receipt_now(2, False)
    desk.papers.receipt_now(2, False)  # who clicks twice wants one
    desk.rest()
    assert len(desk.made) == 2
    assert desk.made[1].file.exists()
    assert not [s for s in desk.window.findChildren(ReceiptDialog) if s.isVisible()]


def test_where_the_folder_is_gone_it_asks_again(desk: Desk) -> None:
    desk.papers.receipt_now(2, False)
    sheet = desk.sheet()
    assert isinstance(sheet, ReceiptDialog)
    sheet.folder.use(desk.outside)
    desk.go().close()
    for file in desk.outside.iterdir():
        file.unlink()
    desk.outside.rmdir()
    desk.papers.receipt_now(2, False)
    again = desk.sheet()
    assert isinstance(again, ReceiptDialog)
    assert again.folder.folder != desk.outside
    again.close()


def test_what_goes_wrong_with_a_quick_receipt_is_told_on_its_sheet(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.memory.setValue("papers/receipts", str(desk.outside))
    desk.memory.setValue("papers/languages", "en")
    desk.papers.receipt_now(3, False)  # the beginning of sealing: no check
    desk.rest()
    sheet = desk.sheet()
    assert "belongs to no check" in sheet.trouble.sentence.text()
    assert sheet.trouble.next_step.text()
    assert not desk.made
    sheet.close()


def test_the_receipt_of_the_last_check(desk: Desk) -> None:
    desk.papers.open(ReceiptDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, ReceiptDialog)
    sheet.folder.use(desk.outside)
    desk.go()
    assert "000002" in desk.made[0].file.name
    sheet.close()


def test_the_folder_is_opened_afterwards_on_wish(desk: Desk, opened_outside: list[Path]) -> None:
    opened = opened_outside
    desk.papers.receipt(2, False)
    sheet = desk.sheet()
    assert isinstance(sheet, ReceiptDialog)
    sheet.folder.use(desk.outside)
    sheet.open_after.setChecked(True)
    desk.go()
    assert opened == [desk.outside]
    sheet.open_file.click()
    assert opened[1:] == [desk.made[0].file]
    sheet.close()


# Outside copies


def test_a_checkpoint_is_left_in_a_folder(desk: Desk) -> None:
    desk.papers.open(CheckpointDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, CheckpointDialog)
    sheet.folder.use(desk.outside)
    desk.go()
    assert sheet.verdict.headline.text() == "The checkpoint is left in the folder"
    assert Path(sheet.verdict.folder.whole()) == desk.outside / "fanion-checkpoints"
    assert sheet.verdict.sentence.text() == "It covers the first 4 entries."
    assert [file for file in desk.outside.rglob("*") if file.is_file()]
    assert desk.made[0].file.is_relative_to(desk.outside)
    assert log_evidence.log_status(desk.log.desk, False).outside.newer == 0
    sheet.close()


def test_a_checkpoint_beside_the_log_is_refused(desk: Desk) -> None:
    desk.papers.open(CheckpointDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, CheckpointDialog)
    sheet.folder.use(desk.log.desk.data)
    desk.go()
    assert sheet.trouble.isVisible()
    assert not desk.made
    sheet.close()


def test_a_contradiction_alarms_whatever_else_went_well() -> None:
    from core.ledger.witness.known_logs import Conflict

    conflict = Conflict("other.example/1", T("The log was cut."), T("Report it."))
    fine = Exchange(Path("c"), 4, (PeerCheckpoint("a", 1, True), PeerCheckpoint("b", 2, False)), (), (), ())
    status, headline, told = exchange_words(fine)
    assert status is Status.GREEN
    assert "2 other desks" in str(told[1])
    assert str(told[2]).startswith("1 of them was seen for the first time")
    status, headline, told = exchange_words(Exchange(Path("c"), 4, (), (conflict,), (), ()))
    assert status is Status.RED
    assert "contradicts" in str(headline)
    assert str(told[0]) == "The log was cut. Report it."


def test_the_daily_close(desk: Desk, today: date) -> None:
    desk.papers.open(DailyCloseDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, DailyCloseDialog)
    sheet.folder.use(desk.outside)
    sheet.day.use(today - timedelta(days=1))
    desk.go()
    assert (today - timedelta(days=1)).isoformat() in desk.made[0].file.name
    assert sheet.verdict.headline.text() == "The day is closed"
    sheet.close()


@pytest.mark.parametrize("form", ["pdf", "csv", "xlsx"])
def test_a_month_is_summed_up(desk: Desk, form: str, today: date) -> None:
    desk.papers.open(MonthDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, MonthDialog)
    assert sheet.month.currentText() == f"{today:%Y-%m}"
    assert sheet.month.itemText(35) < sheet.month.itemText(0)
    sheet.kind.setCurrentIndex(sheet.kind.findData(form))
    sheet.folder.use(desk.outside)
    desk.go()
    file = desk.made[0].file
    assert file.name.endswith(f"-month-{today:%Y-%m}.{form}")
    assert sheet.verdict.headline.text() == "The summary is saved"
    if form == "xlsx":
        assert "Visits and phones" in " ".join(str(row[0].value) for row in load_workbook(file).active)
    else:
        said = text_of(file) if form == "pdf" else file.read_text("utf-8-sig")
        assert ("Summary of the month" if form == "pdf" else "Visits and phones") in said
    sheet.close()


# Keys


def test_the_keys_are_shown_copied_saved_and_printed(desk: Desk, choose_path: Callable[[Path | None], None]) -> None:
    desk.papers.open(EnrolmentDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, EnrolmentDialog)
    assert not sheet.go.isEnabled()
    desk.rest()
    known = log_evidence.enrolment(desk.log.desk, False)
    assert sheet.origin.whole() == known.origin
    assert "file that only this account can read" in sheet.place.text()
    assert len(sheet.code.matrix) == len(sheet.code.matrix[0]) > 20
    sheet.copy.click()
    assert Enrolment.parse(QGuiApplication.clipboard().text()) == known
    choose_path(desk.outside / "keys.txt")
    sheet.save.click()
    desk.rest()
    assert Enrolment.parse((desk.outside / "keys.txt").read_text(encoding="utf-8")) == known
    sheet.folder.use(desk.outside)
    desk.go()
    assert desk.made[-1].file.suffix == ".pdf"
    sheet.close()


def test_the_code_is_black_on_white_with_its_margin(desk: Desk) -> None:
    desk.papers.open(EnrolmentDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, EnrolmentDialog)
    desk.rest()
    image = sheet.code.grab().toImage()
    module = sheet.code.width() // (len(sheet.code.matrix) + 8)
    for row, line in enumerate(sheet.code.matrix):
        for column, dark in enumerate(line):
            middle = image.pixelColor((column + 4) * module + module // 2, (row + 4) * module + module // 2)
            assert middle.lightness() == (0 if dark else 255)
    assert image.pixelColor(module, module).lightness() == 255
    sheet.close()


# Time stamps


def test_a_request_is_saved(desk: Desk, choose_path: Callable[[Path | None], None]) -> None:
    choose_path(desk.outside / "fanion.tsq")
    desk.papers.open(StampRequestDialog)
    sheet = desk.go()
    assert (desk.outside / "fanion.tsq").stat().st_size > 40
    assert "the first 4 entries" in sheet.verdict.sentence.text()
    sheet.close()


def test_who_chooses_no_file_is_not_asked_twice(desk: Desk, choose_path: Callable[[Path | None], None]) -> None:
    choose_path(None)
    desk.papers.open(StampRequestDialog)
    sheet = desk.go()
    assert sheet.question_part.isVisible()
    sheet.close()


def test_a_reply_has_to_be_chosen_and_has_to_be_one(desk: Desk) -> None:
    desk.papers.open(StampReplyDialog)
    sheet = desk.go()
    assert isinstance(sheet, StampReplyDialog)
    assert "No reply was chosen" in sheet.trouble.sentence.text()
    (desk.outside / "reply.tsr").write_bytes(b"no reply")
    sheet.use("reply", desk.outside / "reply.tsr")
    desk.go()
    assert "was not attached" in sheet.trouble.sentence.text()
    sheet.close()


def test_an_unchecked_stamp_is_called_so(desk: Desk) -> None:
    desk.papers.open(StampReplyDialog)
    sheet = desk.sheet()
    sheet.tell(Stamp(4, datetime(2026, 11, 24, tzinfo=UTC), "TSA", checked=False))
    assert sheet.verdict.property("kind") == "amber"
    assert "any person could have made it" in sheet.verdict.sentence.text()
    sheet.close()


# Personal values


def test_nothing_is_due_where_no_limit_is_set(desk: Desk) -> None:
    desk.papers.open(DueValuesDialog)
    desk.rest()
    sheet = desk.sheet()
    assert isinstance(sheet, DueValuesDialog)
    assert sheet.headline.text() == "There is nothing to erase"
    assert "retention_months" in sheet.sentence.text()
    assert not sheet.go.isVisible()
    assert sheet.shut.text() == "Close"
    sheet.close()


def test_what_is_due_is_erased_only_by_a_second_press(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    due = Due((1, 2), 2, datetime(2024, 1, 5, 12).astimezone(), 3)
    monkeypatch.setattr(log_evidence, "due", lambda *_, **__: due)
    monkeypatch.setattr("core.ledger.retention.due_values.check_erasable", lambda *_: None)
    desk.papers.open(DueValuesDialog)
    desk.rest()
    sheet = desk.sheet()
    assert isinstance(sheet, DueValuesDialog)
    assert sheet.headline.text() == "2 items of personal information are to be erased"
    assert "the oldest of 2024-01-05" in sheet.sentence.text()
    assert sheet.waiting.text().startswith("3 more entries")
    assert not sheet.go.hasFocus()
    sheet.go.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(sheet.go, Qt.Key.Key_Space)
    assert sheet.go.text() == "Erase 2 items for good"
    assert sheet.shut.hasFocus()  # the same key again leaves it
    sheet.go.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(sheet.go, Qt.Key.Key_Return)
    assert not sheet.busy
    with desk.log.desk.read_ledger(False) as ledger:
        assert not ledger.newest(1, kind=Kind.ERASED)
    desk.go()
    assert sheet.verdict.headline.text() == "2 items of personal information were erased"
    with desk.log.desk.read_ledger(False) as ledger:
        assert ledger.newest(1, kind=Kind.ERASED)
        (entry,) = ledger.entries_numbered([2])
        assert not entry.openings
    sheet.close()


# All of them


def test_every_item_of_the_menu_opens_its_sheet(desk: Desk) -> None:
    menu = desk.papers.menu()
    titles = []
    for action in [a for a in menu.actions() if a.text()]:
        action.trigger()
        desk.rest()
        sheet = desk.sheet()
        titles.append(sheet.windowTitle())
        assert sheet.accessibleName() or sheet.windowTitle()
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
        desk.rest()
    assert len(set(titles)) == 8
    assert isinstance(menu, QMenu)
    menu.deleteLater()


def opened(desk: Desk, practice: bool = False) -> Iterator[JobDialog]:
    """Every sheet of the menu, one after the other."""
    menu = desk.papers.menu(practice)
    for action in [a for a in menu.actions() if a.text() and a.isEnabled()]:
        action.trigger()
        desk.rest()
        yield desk.sheet()
        desk.sheet().close()
    menu.deleteLater()


def scrolled(sheet: JobDialog) -> int:
    """Logical pixels that are out of sight."""
    return sheet.middle.verticalScrollBar().maximum()


def test_every_sheet_is_as_tall_as_its_words(desk: Desk, sheet_room: Callable[[QSize], None]) -> None:
    sheet_room(QSize(1300, 1000))
    for sheet in opened(desk):
        assert scrolled(sheet) == 0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_a_small_screen_the_middle_scrolls_and_the_buttons_stay(
    desk: Desk, language: Language, sheet_room: Callable[[QSize], None]
) -> None:
    speak(language)
    sheet_room(QSize(720, 240))
    tall = 0
    for sheet in opened(desk):
        assert sheet.height() <= 240
        assert sheet.width() <= 720
        tall += scrolled(sheet) > 0
        for one in (sheet.go, sheet.shut):
            if one.isVisible():
                assert sheet.rect().contains(one.geometry())
                assert one.geometry().top() >= sheet.middle.geometry().bottom()
    assert tall


def test_nothing_lies_over_anything_else(desk: Desk, sheet_room: Callable[[QSize], None]) -> None:
    sheet_room(QSize(900, 300))
    for sheet in opened(desk):
        shown = [
            w
            for w in sheet.question_part.findChildren(QLabel) + sheet.question_part.findChildren(QrCode)
            if w.isVisible()
        ]
        places = [QRect(w.mapTo(sheet.question_part, QPoint()), w.size()) for w in shown]
        for number, place in enumerate(places):
            assert not [other for other in places[:number] if other.intersects(place)], shown[number]
            label = shown[number]
            if isinstance(label, QLabel) and label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width())


@pytest.mark.parametrize("points", [8, 10, 13, 18])
def test_a_complaint_is_scrolled_into_sight(desk: Desk, points: int, sheet_room: Callable[[QSize], None]) -> None:
    """Whatever the font, and however little room there is."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    larger = QFont(app.font())
    larger.setPointSize(points)
    app.setFont(larger)
    for height in range(200, 420, 20):
        sheet_room(QSize(720, height))
        desk.papers.open(StampReplyDialog)
        sheet = desk.go()
        assert sheet.trouble.isVisible()
        top, sight = sheet.trouble.mapTo(sheet.middle.viewport(), QPoint()).y(), sheet.middle.viewport().height()
        if sheet.trouble.height() + STEP <= sight:
            assert top >= 0
            assert top + sheet.trouble.height() <= sight, height
        sheet.close()


# Practice


def test_the_sheets_of_the_practice_log_say_that_they_are(desk: Desk) -> None:
    desk.log.write(STARTED, ended(Verdict.RED, bans=1), practice=True)
    desk.log.seal(practice=True)
    titles = []
    for sheet in opened(desk, practice=True):
        assert sheet.log_label.isVisible()
        titles.append(sheet.windowTitle())
    assert len(titles) == 8
    assert all(title.endswith(": Practice log") for title in titles)
    for sheet in opened(desk):
        assert not sheet.log_label.isVisible()
        assert sheet.windowTitle().endswith(": Desk log")


def test_what_is_done_with_the_practice_log_is_not_done_with_the_desk_s(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.log.write(STARTED, ended(), practice=True)
    desk.log.seal(practice=True)
    before = log_evidence.log_status(desk.log.desk, False)
    asked: list[bool] = []
    monkeypatch.setattr(log_evidence, "due", lambda of, practice, **_: asked.append(practice) or Due((), 0, None, 0))
    desk.papers.open(DueValuesDialog, True)
    desk.rest()
    desk.sheet().close()
    assert asked == [True]
    desk.papers.open(CheckpointDialog, True)
    sheet = desk.sheet()
    assert isinstance(sheet, CheckpointDialog)
    sheet.folder.use(desk.outside)
    desk.go().close()
    desk.papers.open(DailyCloseDialog, True)
    close = desk.sheet()
    assert isinstance(close, DailyCloseDialog)
    close.folder.use(desk.outside)
    desk.go().close()
    assert log_evidence.log_status(desk.log.desk, True).outside.how == "day-close"
    assert log_evidence.log_status(desk.log.desk, False) == before
    desk.papers.open(EnrolmentDialog, True)
    desk.rest()
    keys = desk.sheet()
    assert isinstance(keys, EnrolmentDialog)
    assert keys.origin.whole() == log_evidence.enrolment(desk.log.desk, True).origin
    keys.close()


def test_keys_are_made_only_if_somebody_says_so(desk: Desk) -> None:
    file = desk.log.file(practice=True)
    desk.papers.open(EnrolmentDialog, True)
    desk.rest()
    sheet = desk.sheet()
    assert isinstance(sheet, EnrolmentDialog)
    assert sheet.question.text() == "There is no practice log yet. Make its keys now?"
    assert not sheet.code.isVisible()
    sheet.close()
    assert not file.exists()
    desk.papers.open(EnrolmentDialog, True)
    desk.rest()
    again = desk.sheet()
    assert isinstance(again, EnrolmentDialog)
    assert again.go.text() == "Make the keys"
    desk.go()
    assert file.exists()
    assert again.code.isVisible()
    assert again.origin.whole() == log_evidence.enrolment(desk.log.desk, True).origin
    assert again.go.text() == "Save the sheet (PDF)"
    again.folder.use(desk.outside)
    desk.go()
    assert desk.made[-1].file.parent == desk.outside
    again.close()


def test_a_desk_without_a_log_is_asked_before_it_gets_one(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    desk = Desk(qtbot, Log(tmp_path / "new"), runner, tmp_path)
    for sheet in opened(desk):
        if isinstance(sheet, EnrolmentDialog):
            assert sheet.question.text() == "This desk has no log yet. Make its keys now?"
    assert not list((tmp_path / "new").glob("**/*"))


def nameless(sheet: QWidget) -> list[QWidget]:
    """What the cursor can reach, and a screen reader has no word for."""
    return [
        widget
        for widget in sheet.findChildren(QWidget)
        if isinstance(widget, QPushButton | QLineEdit | QComboBox | QCheckBox | QAbstractScrollArea)
        and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        and not isinstance(widget.parent(), QComboBox)
        and not widget.inherits("QComboBoxPrivateContainer")
        and not widget.inherits("QComboBoxListView")
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]


def test_everything_has_a_name_for_a_screen_reader_and_is_plain_text(desk: Desk) -> None:
    sheets: list[QWidget] = []
    for action in [a for a in desk.papers.menu().actions() if a.text()]:
        action.trigger()
        desk.rest()
        sheets.append(desk.sheet())
        sheets[-1].hide()
    sheets += [
        VerifyDialog(desk.log.desk, desk.runner, False, desk.memory, desk.window),
        LogExportDialog(desk.log.desk, desk.runner, False, Filter(), (4, None), desk.memory, desk.window),
    ]
    for sheet in sheets:
        hidden = [button for button in nameless(sheet) if not isinstance(button.parent(), ProblemBar)]
        assert hidden == [], sheet.windowTitle()
        labels = [label for label in sheet.findChildren(QLabel) if label.text()]
        assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
        sheet.close()
        sheet.deleteLater()
