"""The export of records, from the button to the folder."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.desk.papers import log_papers
from core.jobs import Cancel
from core.ledger.records import Kind
from core.model import Verdict
from gui.log.export_dialog import LogExportDialog
from gui.log.log_page import LogPage
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import SERIAL, STARTED, Log, MakePage, ended, settled

Export = Callable[[LogExportDialog], Path]


@pytest.fixture
def page(log: Log, make_page: MakePage) -> LogPage:
    """1 began, 2 red, 3 green, 4 sealing began, 5 next key."""
    log.write(STARTED, ended(Verdict.RED, bans=1), ended())
    log.seal()
    return make_page()


@pytest.fixture
def settle(page: LogPage, qtbot: QtBot, runner: JobRunner) -> Callable[[], None]:
    return lambda: settled(qtbot, page, runner)


@pytest.fixture
def export(qtbot: QtBot, tmp_path: Path) -> Export:
    """Exports into a folder, and says which one was made."""

    def run(sheet: LogExportDialog) -> Path:
        sheet.folder.use(tmp_path)
        sheet.go.click()
        qtbot.waitUntil(lambda: not sheet.busy)
        (made,) = [one for one in tmp_path.iterdir() if one.is_dir() and one.name.startswith("fanion")]
        return made

    return run


def opened(page: LogPage) -> LogExportDialog:
    page.head.export.click()
    (sheet,) = [s for s in page.findChildren(LogExportDialog) if s.isVisible()]
    return sheet


def choose(sheet: LogExportDialog, form: str) -> None:
    sheet.formats.setCurrentIndex(sheet.formats.findData(form))


def table(folder: Path) -> tuple[list[list[str]], str]:
    (file,) = folder.glob("*.csv")
    whole = file.read_text(encoding="utf-8-sig")
    return list(csv.reader(whole.splitlines())), whole


def test_everything_as_a_table_without_personal_values(
    page: LogPage, log: Log, export: Export, opened_outside: list[Path]
) -> None:
    sheet = opened(page)
    assert sheet.all.text() == "All 5 entries"
    assert not sheet.filtered.isEnabled()
    assert not sheet.personal.isChecked()
    made = export(sheet)
    assert sheet.verdict.headline.text() == "5 entries were exported"
    assert sheet.verdict.place.whole() == made.name
    _, whole = table(made)
    assert SERIAL not in whole
    sheet.open_folder.click()
    assert opened_outside == [made]
    with log.desk.read_ledger(False) as ledger:
        assert ledger.newest(1, kind=Kind.EXPORTED)
    sheet.close()


def test_what_the_filters_show_with_its_number(page: LogPage, export: Export, settle: Callable[[], None]) -> None:
    page.filters.row.verdict.setCurrentIndex(1)
    settle()
    sheet = opened(page)
    assert sheet.filtered.text() == "The 1 that the filters show now"
    assert sheet.filtered.isChecked()
    sheet.personal.setChecked(True)
    _, whole = table(export(sheet))
    assert SERIAL in whole
    assert sheet.verdict.headline.text() == "1 entry was exported"
    sheet.close()


def test_a_form_that_never_has_personal_values(page: LogPage) -> None:
    sheet = opened(page)
    sheet.personal.setChecked(True)
    choose(sheet, "ocsf")
    assert not sheet.personal.isEnabled()
    assert not sheet.personal.isChecked()
    assert "never has personal information" in sheet.personal_note.text()
    sheet.close()


@pytest.mark.parametrize("form", ["jsonl", "ocsf", "parquet"])
def test_every_form(page: LogPage, export: Export, form: str) -> None:
    sheet = opened(page)
    choose(sheet, form)
    assert sheet.explained.text()
    assert list(export(sheet).iterdir())
    assert sheet.verdict.headline.text() == "5 entries were exported"
    sheet.close()


def test_a_folder_that_cannot_be_written_is_told_with_a_next_step(page: LogPage, tmp_path: Path, qtbot: QtBot) -> None:
    sheet = opened(page)
    (tmp_path / "gone").write_bytes(b"a file, and no folder")
    sheet.folder.use(tmp_path / "gone" / "inside")
    sheet.go.click()
    qtbot.waitUntil(lambda: not sheet.busy)
    assert sheet.question_part.isVisible()
    assert "gone" in sheet.trouble.sentence.text()
    assert sheet.trouble.next_step.text()
    sheet.close()


def test_it_can_be_stopped(page: LogPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    began = threading.Event()

    def slow(*args: Any, cancel: Cancel, **how: Any) -> None:
        began.set()
        cancel.wait(60)

    monkeypatch.setattr(log_papers, "export", slow)
    sheet = opened(page)
    sheet.go.click()
    qtbot.waitUntil(began.is_set)
    assert sheet.stop.isVisible()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not sheet.busy)
    assert sheet.question_part.isVisible()
    sheet.close()
