"""Who is due again, in a window: the list, and what leaves of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from core import text
from core.ledger.records import Exported, Kind
from core.reports.summaries.month_summary import SummaryForm
from gui.papers.round_dialogs import DueListDialog, LettersDialog
from gui.rounds.cards.phone_table import OF_DUE
from gui.rounds.dialogs.due_dialog import DueDialog
from gui.rounds.rounds_page import RoundsPage
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import begin, press_in_menu, visible


def opened(office: Office, page: RoundsPage) -> DueDialog:
    dialog = page.open_due()
    office.until(lambda: dialog.read)
    return dialog


def test_a_desk_without_a_round_has_its_list_too(office: Office, page: RoundsPage) -> None:
    press_in_menu(page, "Plan re-checks")
    office.until(lambda: visible(office, DueDialog) is not None)
    dialog = visible(office, DueDialog)
    assert isinstance(dialog, DueDialog)
    office.until(lambda: dialog.read)
    assert dialog.days.value() == 90
    assert "not seen a phone yet" in dialog.table._overlay
    assert not dialog.save.isEnabled()
    assert not dialog.write.isEnabled()
    dialog.days.setValue(30)
    dialog.close()
    assert opened(office, page).days.value() == 30  # what was asked is asked again


def test_phones_of_the_roster_are_found_sorted_and_counted(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    office.window.desk_page.practise("walk-up")
    office.until(lambda: page.page_data.coverage is not None and page.page_data.coverage.checked == 1)
    dialog = opened(office, page)
    whole = dialog.model.rowCount()
    assert whole > 20
    assert dialog.due.phones[0].serial == "PRACTICE-WALKUP"  # red last time
    assert len(dialog.chosen.phones) == whole == len(dialog.due.phones) - 1  # it was seen today
    dialog.search.setText("practice-01")
    assert dialog.model.rowCount() == 1
    assert dialog.count.text() == f"1 of {whole} phones"
    dialog.search.clear()
    by_tag = next(n for n, one in enumerate(OF_DUE) if str(one.head) == "Asset tag")
    dialog.phones.order.setCurrentIndex(dialog.phones.order.findData(by_tag))  # without a mouse
    assert dialog.model.index(0, by_tag).data() == "PRACTICE-01"
    dialog.table.sortByColumn(by_tag, Qt.SortOrder.DescendingOrder)
    assert dialog.model.index(0, by_tag).data() == f"PRACTICE-{whole + 1}"
    assert dialog.phones.order.currentData() == by_tag


def test_a_list_that_names_people_is_confirmed_and_on_record(office: Office, page: RoundsPage, tmp_path: Path) -> None:
    begin(office, page, practice=True)
    due = opened(office, page)
    due.save.click()
    office.until(lambda: visible(office, DueListDialog) is not None)
    dialog = visible(office, DueListDialog)
    assert isinstance(dialog, DueListDialog)
    assert not dialog.go.isEnabled()
    dialog.sure.setChecked(True)
    dialog.kind.setCurrentIndex(dialog.kind.findData(SummaryForm.CSV.value))
    dialog.folder.use(tmp_path)
    dialog.begin()
    office.until(lambda: dialog.file.is_file())
    assert len(dialog.file.read_text("utf-8-sig").splitlines()) == due.model.rowCount() + 1
    with office.desk.read_ledger(True) as ledger:
        (entry,) = ledger.newest(1, kind=Kind.EXPORTED)
    assert isinstance(entry.record, Exported)
    assert (entry.record.format, entry.record.chosen["due"]) == ("csv", "list")


@pytest.mark.slow
def test_holders_are_written_to_by_unit_and_nothing_leaves_unconfirmed(
    office: Office, page: RoundsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(office, page, practice=True)
    office.until(lambda: page.write.isVisibleTo(page))
    assert page.page_data.coverage is not None
    assert page.write.text() == f"Write to the {len(page.page_data.coverage.phones)} due…"
    page.write.click()
    office.until(lambda: visible(office, LettersDialog) is not None)
    dialog = visible(office, LettersDialog)
    assert isinstance(dialog, LettersDialog)
    assert office.desk.name in dialog.messages["en"].toPlainText()
    assert "applications interdites" in dialog.messages["fr"].toPlainText()
    dialog.messages["en"].setPlainText("Come to room 12.")
    dialog.copy.click()
    assert "Come to room 12." in QGuiApplication.clipboard().text()
    assert "Practice holder" not in QGuiApplication.clipboard().text()
    assert not dialog.go.isEnabled()
    dialog.sure.setChecked(True)
    dialog.unit.setCurrentIndex(1)
    dialog.folder.use(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("core.reports.filing.write_private", full)
        dialog.begin()
        office.until(lambda: dialog.trouble.problem is not None)
    assert not list(tmp_path.glob("fanion*"))
    dialog.begin()
    office.until(lambda: dialog.file.is_file())
    assert dialog.file.read_bytes().startswith(b"%PDF-")
    with office.desk.read_ledger(True) as ledger:
        announced = [entry.record for entry in ledger.newest(5, kind=Kind.EXPORTED)]
    # The first is on record although its file could not be written: the log is written before the act.
    assert [one.chosen["phones"] for one in announced if isinstance(one, Exported)] == ["unit", "unit"]


def test_the_list_is_said_in_french_too(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    dialog = opened(office, page)
    office.window.switches.switch_language()
    assert text.language() == "fr"
    said = " ".join(texts(dialog))
    assert "Les plus urgents d’abord" in dialog.phones.order.itemText(0)
    assert "Écrire aux détenteurs" in said
    assert dialog.model.headerData(0, Qt.Orientation.Horizontal) == "Téléphone"
    office.window.switches.switch_language()
