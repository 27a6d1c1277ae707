"""The verification of a log, from the button to the record that was changed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from core import describe
from core.desk.papers import log_evidence, log_papers
from core.jobs import Cancel
from core.model import Verdict
from core.reports.page import typeset
from core.reports.receipt.receipt import receipt_page
from gui.log.log_page import LogPage
from gui.log.verify_dialog import SuppliedEvidence, VerifyDialog, verify_export
from gui.toolkit.widgets import WrappedLabel
from tests.gui.log.conftest import STARTED, Log, MakePage, ended

Verify = Callable[[VerifyDialog], None]


@pytest.fixture
def page(log: Log, make_page: MakePage) -> LogPage:
    """1 began, 2 red, 3 sealing began, 4 next key."""
    log.write(STARTED, ended(Verdict.RED, bans=1))
    log.seal()
    return make_page()


@pytest.fixture
def verify(qtbot: QtBot) -> Verify:
    """Presses the button, and waits for what it comes to."""

    def wait(sheet: VerifyDialog) -> None:
        sheet.go.click()
        qtbot.waitUntil(lambda: not sheet.busy)

    return wait


def opened(page: LogPage) -> VerifyDialog:
    page.head.verify.click()
    (sheet,) = [s for s in page.findChildren(VerifyDialog) if s.isVisible()]
    return sheet


def tamper(file: Path, number: int) -> None:
    """Somebody with the file in hands changes a record, and hides it from the database."""
    with sqlite3.connect(file) as database:
        database.execute("DROP TRIGGER entry_unchanged")
        database.execute(
            "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"red\"', '\"green\"') AS BLOB) WHERE seq = ?",
            [number],
        )
    database.close()


def rows(sheet: VerifyDialog) -> list[str]:
    return [sheet.faults.item(row).text() for row in range(sheet.faults.count())]


def test_a_log_that_nobody_touched(page: LogPage, verify: Verify) -> None:
    sheet = opened(page)
    verify(sheet)
    assert sheet.verdict.headline.text() == "Nothing was changed, removed or reordered in the 4 sealed entries."
    assert "nothing from outside" in sheet.verdict.sentence.text()
    assert not sheet.faults.isVisible()
    sheet.close()


def test_a_changed_record_is_named_and_can_be_gone_to(page: LogPage, log: Log, verify: Verify, qtbot: QtBot) -> None:
    tamper(log.file(), 2)
    sheet = opened(page)
    verify(sheet)
    assert sheet.verdict.headline.text().startswith("The log does not match its seals")
    assert any(row.startswith("Entry 2: ") for row in rows(sheet))
    number = next(row for row, said in enumerate(rows(sheet)) if said.startswith("Entry 2: "))
    with qtbot.waitSignal(sheet.entry_wanted) as wanted:
        sheet.faults.setFocus()
        sheet.faults.setCurrentRow(number)
        QTest.keyClick(sheet.faults, Qt.Key.Key_Return)
    assert wanted.args == [2]
    qtbot.waitUntil(lambda: page._runner.idle)
    assert page.source.rows.number(page.table.currentIndex().row()) == 2
    sheet.close()


def test_outside_copies_and_the_keys(page: LogPage, log: Log, verify: Verify, tmp_path: Path) -> None:
    receipt = log_papers.receipt(log.desk, False, 2, tmp_path, ("en",))
    keys = tmp_path / "keys.txt"
    keys.write_text(log_evidence.enrolment(log.desk, False).text, encoding="utf-8")
    sheet = opened(page)
    sheet.use_copies([receipt.pdf, receipt.proof, receipt.pdf])
    assert sheet.copies.count() == 2
    sheet.use_keys(keys)
    verify(sheet)
    assert sheet.verification is not None
    assert (sheet.verification.outside, sheet.verification.pinned) == (4, True)
    assert "compared with what you brought" in sheet.verdict.sentence.text()
    sheet.close()


def about(sheet: VerifyDialog) -> list[str]:
    """What is said of each receipt."""
    found = [widget for widget in sheet.findChildren(QWidget) if sheet._about.indexOf(widget) >= 0]
    return [" ".join(label.text() for label in widget.findChildren(QLabel)) for widget in found]


def test_what_a_receipt_is_about_is_told(page: LogPage, log: Log, verify: Verify, tmp_path: Path) -> None:
    receipt = log_papers.receipt(log.desk, False, 2, tmp_path, ("en",))
    sheet = opened(page)
    verify(sheet)
    assert about(sheet) == []
    sheet.ask_again()
    sheet.use_copies([receipt.pdf])
    verify(sheet)
    with log.desk.read_ledger(False) as ledger:
        (entry,) = ledger.entries_numbered([2])
    told = f"This receipt is about entry 2: {describe.when(entry)[:16]}, Samsung Galaxy S22 (SM-S901W), Red."
    assert about(sheet) == [f"{told} Compare that with the page."]
    assert told in sheet.text()
    assert sheet.text().endswith("Compare that with the page.\n")
    sheet.close()


def test_a_receipt_with_other_words_is_red_and_names_them(
    page: LogPage, log: Log, verify: Verify, tmp_path: Path, qtbot: QtBot
) -> None:
    with log.desk.read_ledger(False) as ledger:
        check = ledger.entry(2)
        assert check is not None
        words, attached = receipt_page(ledger, check, ledger.proof(2), ("en",))
    forged = tmp_path / "forged.pdf"
    words["word"] = [("en", "Green")]
    forged.write_bytes(typeset("receipt", words, time=check.time, languages=("en",), attached=attached))
    sheet = opened(page)
    sheet.use_copies([forged])
    verify(sheet)
    assert sheet.verdict.headline.text() == "A receipt does not say what the log says: 1 difference."
    assert "The log itself matches its seals." in sheet.verdict.sentence.text()
    assert rows(sheet) == ["Entry 2: forged.pdf: The receipt says “Green”; entry 2 says “Red”."]
    assert "It says something else than the entries" in " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert "The receipt says “Green”" in sheet.text()
    sheet.close()


def test_what_a_receipt_of_another_desk_is_about_is_told(
    page: LogPage, log: Log, verify: Verify, tmp_path: Path
) -> None:
    from core.ledger.search.record_filter import Filter
    from core.reports.tables.exports import Format

    receipt = log_papers.receipt(log.desk, False, 2, tmp_path, ("en",))
    keys = tmp_path / "keys.txt"
    keys.write_text(log_evidence.enrolment(log.desk, False).text, encoding="utf-8")
    sheet = page.verify(log_papers.export(log.desk, False, Format.JSONL, Filter(), tmp_path).folder)
    sheet.use_keys(keys)
    sheet.use_copies([receipt.proof])
    verify(sheet)
    assert "Samsung Galaxy S22 (SM-S901W), Red" in about(sheet)[0]
    sheet.close()


def test_a_long_result_scrolls_between_its_edge_and_its_buttons(
    page: LogPage, log: Log, verify: Verify, sheet_room: Callable[[QSize], None]
) -> None:
    sheet_room(QSize(900, 420))
    tamper(log.file(), 2)
    sheet = opened(page)
    verify(sheet)
    assert sheet.height() <= 420
    assert sheet.middle.verticalScrollBar().maximum() > 0
    for tool in (sheet.copy_result, sheet.save_result, sheet.again, sheet.shut):
        assert tool.isVisible()
        assert tool.geometry().top() >= sheet.middle.geometry().bottom()
        assert sheet.rect().contains(tool.geometry())
    for label in sheet.result_part.findChildren(WrappedLabel):
        assert not label.isVisible() or label.height() >= label.heightForWidth(label.width())
    sheet.close()


def test_a_log_that_was_cut_contradicts_the_copy(log: Log, make_page: MakePage, verify: Verify, tmp_path: Path) -> None:
    log.write(STARTED, ended())
    log.seal()
    kept = log.file().read_bytes()
    log.write(ended(Verdict.RED, bans=1))
    log.seal()
    receipt = log_papers.receipt(log.desk, False, 5, tmp_path, ("en",))
    log.file().write_bytes(kept)
    sheet = opened(make_page())
    sheet.use_copies([receipt.proof])
    verify(sheet)
    assert sheet.verdict.property("kind") == "red"
    sheet.close()


def test_a_file_that_is_no_copy_is_refused_with_its_next_step(page: LogPage, verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "holiday.pdf").write_bytes(b"%PDF-1.7 nothing in it")
    sheet = opened(page)
    sheet.use_copies([tmp_path / "holiday.pdf"])
    verify(sheet)
    assert sheet.question_part.isVisible()
    assert "holiday.pdf" in sheet.trouble.sentence.text()
    assert sheet.trouble.next_step.text()
    sheet.copies.setCurrentRow(0)
    QTest.keyClick(sheet.copies, Qt.Key.Key_Delete)
    assert sheet.copies.count() == 0
    verify(sheet)
    assert sheet.result_part.isVisible()
    sheet.close()


def test_a_checkpoint_that_was_scanned_is_pasted(page: LogPage, log: Log, verify: Verify) -> None:
    with log.desk.read_ledger(False) as ledger:
        seal = ledger.newest_seal()
        assert seal is not None
    QGuiApplication.clipboard().setText(bytes(seal.note).decode())
    sheet = opened(page)
    sheet.paste.click()
    assert "Pasted: " in sheet.copies.item(0).text()
    verify(sheet)
    assert sheet.verification is not None
    assert sheet.verification.outside == 4
    sheet.close()


def drop(sheet: VerifyDialog, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    sheet.dropEvent(QDropEvent(QPointF(9, 9), action, data, buttons, Qt.KeyboardModifier.NoModifier))


def test_what_is_dropped_is_compared_and_a_folder_is_an_export(page: LogPage, tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(b"")
    sheet = opened(page)
    drop(sheet, tmp_path / "r.pdf", tmp_path)
    assert sheet.copies.paths() == [tmp_path / "r.pdf"]
    assert sheet.exported.isChecked()
    assert sheet.folder.folder == tmp_path
    sheet.close()


def test_what_another_desk_exported(page: LogPage, log: Log, verify: Verify, tmp_path: Path, qtbot: QtBot) -> None:
    from core.ledger.search.record_filter import Filter
    from core.reports.tables.exports import Format

    made = log_papers.export(log.desk, False, Format.JSONL, Filter(), tmp_path)
    keys = tmp_path / "keys.txt"
    keys.write_text(log_evidence.enrolment(log.desk, False).text, encoding="utf-8")
    sheet = page.verify(made.folder)
    sheet.use_keys(keys)
    assert sheet.exported.isChecked()
    verify(sheet)
    assert sheet.verification is not None
    assert sheet.verification.sealed == made.records
    with qtbot.assertNotEmitted(sheet.entry_wanted):
        sheet._go_to(_item())  # its numbers are not those of this log
    sheet.close()


@pytest.mark.parametrize("only_some", [True, False])
def test_an_entry_that_is_shown_is_the_one_that_was_verified(
    page: LogPage,
    log: Log,
    verify: Verify,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    only_some: bool,
) -> None:
    """The page is compared with it by eye: a medium that has another one by then shows none."""
    from core.ledger import records
    from core.ledger.search.record_filter import Filter
    from core.ledger.verify import exported
    from core.reports.tables.exports import Format

    receipt = log_papers.receipt(log.desk, False, 2, tmp_path)
    chosen = Filter(kind=records.Kind.CHECK_ENDED) if only_some else Filter()
    made = log_papers.export(log.desk, False, Format.JSONL, chosen, tmp_path)
    keys = tmp_path / "keys.txt"
    keys.write_text(log_evidence.enrolment(log.desk, False).text, encoding="utf-8")
    brought = SuppliedEvidence([receipt.proof], [], keys)
    shown = verify_export(made.folder, brought, Cancel(), lambda event: None).proved
    assert [entry.leaf["body"]["verdict"] for entry in shown] == ["red"]
    really, leaves = exported.verify_export, made.folder / "leaves.jsonl"

    def swapped(*values: Any, **named: Any) -> Any:
        found = really(*values, **named)
        leaves.write_bytes(leaves.read_bytes().replace(b'"verdict":"red"', b'"verdict":"green"'))
        return found

    monkeypatch.setattr(exported, "verify_export", swapped)
    found = verify_export(made.folder, brought, Cancel(), lambda event: None)
    assert list(found.verification.proved) == [2]
    assert found.verification.intact
    assert found.proved == ()


def _item() -> Any:
    from PySide6.QtWidgets import QListWidgetItem

    item = QListWidgetItem("Entry 2")
    item.setData(int(Qt.ItemDataRole.UserRole), 2)
    return item


def test_it_can_be_stopped_and_asked_again(
    page: LogPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, verify: Verify
) -> None:
    began, real = threading.Event(), log_evidence.verify

    def slow(desk: Any, practice: bool, files: Any, keys: Any, report: Any, cancel: Cancel, texts: Any) -> Any:
        began.set()
        cancel.wait(60)

    monkeypatch.setattr(log_evidence, "verify", slow)
    sheet = opened(page)
    sheet.go.click()
    qtbot.waitUntil(began.is_set)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not sheet.busy)
    assert sheet.isVisible()
    assert sheet.question_part.isVisible()
    monkeypatch.setattr(log_evidence, "verify", real)
    verify(sheet)
    assert sheet.result_part.isVisible()
    sheet.close()


def test_the_result_is_copied_and_saved(
    page: LogPage, verify: Verify, tmp_path: Path, qtbot: QtBot, choose_path: Callable[[Path | None], None]
) -> None:
    sheet = opened(page)
    verify(sheet)
    sheet.copy_result.click()
    assert QGuiApplication.clipboard().text() == sheet.text()
    choose_path(tmp_path / "result.txt")
    sheet.save_result.click()
    qtbot.waitUntil(lambda: "result.txt" in sheet.saved.whole())
    assert (tmp_path / "result.txt").read_text(encoding="utf-8") == sheet.text()
    choose_path(tmp_path / "nowhere" / "result.txt")
    sheet.save_result.click()
    qtbot.waitUntil(lambda: "could not be written" in sheet.saved.whole())
    sheet.close()


def test_the_practice_log_is_verified_as_such(log: Log, make_page: MakePage, verify: Verify, qtbot: QtBot) -> None:
    log.write(STARTED, practice=True)
    log.seal(practice=True)
    page = make_page()
    page.practice.click()
    sheet = opened(page)
    assert sheet.own.text() == "The practice log"
    assert sheet.log_label.isVisible()
    sheet.exported.setChecked(True)
    assert not sheet.log_label.isVisible()
    sheet.own.setChecked(True)
    verify(sheet)
    assert "3 sealed entries" in sheet.verdict.headline.text()
    sheet.close()


def test_where_there_is_no_log_yet(make_page: MakePage, verify: Verify) -> None:
    sheet = opened(make_page())
    verify(sheet)
    assert "Nothing has been recorded yet" in sheet.trouble.sentence.text()
    sheet.close()
