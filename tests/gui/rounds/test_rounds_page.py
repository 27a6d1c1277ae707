"""The Round page: a round is begun, given its roster, ticked off by checks, and closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from core import text
from core.ledger.records import Kind
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.roster.columns import RosterColumn
from gui.papers.round_dialogs import RoundReportDialog
from gui.rounds.dialogs.new_round_dialog import NewRoundDialog
from gui.rounds.dialogs.phones_dialog import PhonesDialog
from gui.rounds.dialogs.roster_dialog import RosterDialog
from gui.rounds.rounds_page import RoundsPage
from gui.toolkit.layouts import FocusRing
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import begin, visible

ROSTER = """Serial Number;Asset tag;Assigned to;Department
R58N12ABCDE;DRH-1;Yves Caron;Finance
R58N12ABCDF;DRH-2;Anna Nowak;Field operations
unknown;;;
"""


def dialog_of(office: Office, kind: type) -> Callable[[], object]:
    return lambda: next((one for one in office.window.findChildren(kind) if one.isVisible()), None)


def bring(office: Office, page: RoundsPage, file: Path) -> RosterDialog:
    page.read_roster(file)
    office.until(dialog_of(office, RosterDialog))
    dialog = dialog_of(office, RosterDialog)()
    assert isinstance(dialog, RosterDialog)
    return dialog


def test_where_there_is_no_round_one_is_invited_to_begin_it(office: Office, page: RoundsPage) -> None:
    assert page.states.currentWidget() is page.empty
    seen = [button for button in page.empty.findChildren(QPushButton) if button.isVisible()]
    assert [button for button in seen if button.property("kind") == "primary"] == [page.begin]
    assert [button.text() for button in seen] == ["New round…", "Try a practice round…", ""]
    assert page.nothing.sentence.text().count(".") == 1
    assert not [ring for ring in page.findChildren(FocusRing) if ring.isVisible()]
    offered = [action.text() for action in page.menu().actions() if not action.isSeparator()]
    assert offered[:2] == ["New round…", "Plan re-checks…"]
    assert any("store" in words for words in offered)
    begin(office, page)
    assert page.states.currentWidget() is page.content
    assert "no roster yet" in page.about.text()
    with office.desk.read_ledger(False) as ledger:
        (entry,) = ledger.newest(1, kind=Kind.ROUND_BEGUN)
    assert entry.officer == office.desk.officer


def test_practice_proposes_practice(office: Office, page: RoundsPage) -> None:
    page.practise.click()
    dialog = visible(office, NewRoundDialog)
    assert isinstance(dialog, NewRoundDialog)
    assert dialog.practice.isChecked()
    assert dialog.go.isEnabled()  # it has a name: one press more begins it
    for label in dialog.findChildren(QLabel):
        field = label.buddy()
        assert field is None or abs(label.geometry().center().y() - field.geometry().center().y()) < 2, label.text()
    proposed = dialog.name.text()
    dialog.name.clear()
    dialog.place.setFocus()
    QTest.keyClick(dialog.place, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.name  # that is missing
    dialog.name.setText(proposed)
    dialog.recheck.setFocus()
    QTest.keyClick(dialog.recheck, Qt.Key.Key_Return)
    office.until(lambda: dialog.new_round is not None)
    assert dialog.new_round is not None
    assert dialog.new_round.practice
    dialog.close()
    office.until(lambda: page.title.whole() == "Practice round")
    again = page.begin_round()  # as practice rounds are shown
    assert again.practice.isChecked()
    again.close()
    page.show_practice()
    office.until(lambda: page.states.currentWidget() is page.empty)
    assert page.practise.text() == "Rounds of practice phones"
    real = page.begin_round()
    assert not real.practice.isChecked()
    real.close()


def test_every_control_is_reached_with_tab_and_says_its_key(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    office.until(lambda: page.page_data.coverage is not None and page.page_data.coverage.phones)
    buttons = {button for button in page.content.findChildren(QPushButton) if button.isVisible() and button.isEnabled()}
    reached: set[QWidget] = set()
    stop = page.content.nextInFocusChain()
    while stop is not page.content and stop is not None:
        if stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(stop)
        stop = stop.nextInFocusChain()
    assert buttons <= reached
    keys = {keys.toString() for keys, *_ in RoundsPage.keys(page)}
    for name, key in page.KEYS.items():
        assert key in getattr(page, name).toolTip()
        assert key in keys
    printed = {action.shortcut().toString() for action in page.menu().actions()}
    assert {"Ctrl+N", "Ctrl+D", "Ctrl+E", "Ctrl+Shift+O"} <= printed
    assert keys - set(page.KEYS.values()) - printed == {"F5"}


def test_a_roster_is_brought_by_the_columns_that_are_chosen(office: Office, page: RoundsPage, tmp_path: Path) -> None:
    begin(office, page)
    file = tmp_path / "phones.csv"
    file.write_text(ROSTER, encoding="utf-8")
    dialog = bring(office, page, file)
    assert dialog.places[RosterColumn.SERIAL].currentText() == "Serial Number"
    assert dialog.places[RosterColumn.UNIT].currentText() == "Department"
    assert dialog.places[RosterColumn.IMEI].currentText() == "not in the file"
    dialog.begin()
    office.until(lambda: dialog.reading is not None)
    assert "2 phones" in dialog.verdict.headline.text()
    assert "Line 4" in dialog.faults.toPlainText()
    dialog.close()
    office.until(lambda: page.page_data.coverage is not None and len(page.page_data.coverage.phones) == 2)
    assert page.due.number.text() == "2"
    assert "Field operations" in {bar.label for bar in _bars(page)}
    assert page.progress.accessibleDescription().startswith("0 of 2 phones checked")


def test_rounds_of_practice_phones_are_found_again_and_named_so(office: Office, page: RoundsPage) -> None:
    begin(office, page, "To learn", practice=True)
    assert page.practice.isVisibleTo(page)
    page.show_practice()  # as after the next start
    office.until(lambda: page.states.currentWidget() is page.empty)
    page.practise.click()
    office.until(lambda: page.title.whole() == "To learn")
    dialog = page.open_due()
    assert "not about real phones" in " ".join(texts(dialog))
    dialog.close()


def test_a_file_that_is_no_roster_is_told_of(office: Office, page: RoundsPage, tmp_path: Path) -> None:
    begin(office, page)
    file = tmp_path / "phones.xlsx"
    file.write_bytes(b"PK\x03\x04 no workbook")
    page.read_roster(file)
    office.until(lambda: page.problem.isVisible())
    assert "phones.xlsx" in page.problem.sentence.text()


@pytest.mark.slow
def test_a_check_ticks_its_phone_off_by_itself(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    office.until(lambda: page.page_data.coverage is not None and page.page_data.coverage.phones)
    whole = page.due.number.text()
    office.window.desk_page.practise("walk-up")
    office.until(
        lambda: page.page_data.coverage is not None and page.page_data.coverage.counts.get(CoverageState.RED) == 1
    )
    assert page.red.number.text() == "1"
    assert int(page.due.number.text()) == int(whole) - 1
    assert page.red_card.isVisibleTo(page)
    page.open_list("red")
    office.until(dialog_of(office, PhonesDialog))
    dialog = dialog_of(office, PhonesDialog)()
    assert isinstance(dialog, PhonesDialog)
    assert dialog.model.rowCount() == 1
    dialog.search.setText("nothing like it")
    assert dialog.model.rowCount() == 0
    dialog.close()


def test_a_round_is_closed_and_says_so(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    dialog = page.end_round()
    assert dialog is not None
    dialog.begin()
    office.until(lambda: page.page_data.current is not None and page.page_data.current.ended is not None)
    dialog.close()
    assert not [one for one in page.menu().actions() if "Close" in one.text()]
    assert not page.write.isVisibleTo(page)
    assert "closed" in page.about.whole()


def test_the_list_of_phones_is_confirmed_apart(office: Office, page: RoundsPage, tmp_path: Path) -> None:
    begin(office, page, practice=True)
    page.report.click()
    office.until(dialog_of(office, RoundReportDialog))
    dialog = dialog_of(office, RoundReportDialog)()
    assert isinstance(dialog, RoundReportDialog)
    assert dialog.go.isEnabled()
    dialog.phones.setChecked(True)
    assert not dialog.go.isEnabled()
    dialog.sure.setChecked(True)
    assert dialog.go.isEnabled()
    dialog.folder.use(tmp_path)
    dialog.begin()
    office.until(lambda: dialog.file.is_file())
    dialog.close()
    assert dialog.file.name.endswith("-phones.pdf")


def test_everything_is_said_in_french_too(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    office.until(lambda: page.page_data.coverage is not None and page.page_data.coverage.phones)
    office.window.switches.switch_language()
    assert text.language() == "fr"
    said = " ".join(texts(page))
    assert "Hors liste" in said
    assert not [word for word in ("Close the", "Bring a", "checked", "of the roster") if word in said]
    assert "vérifiés" in page.of.text()
    office.window.switches.switch_language()


def _bars(page: RoundsPage) -> list[object]:
    from core.rounds.coverage import figures

    assert page.page_data.coverage is not None
    return list(figures.units(page.page_data.coverage))
