"""A roster that replaces another is asked about, and a closed round takes none; rounds are listed by page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu, QPushButton

from core.ledger.records import Kind, RoundBegun
from core.model import Labels
from gui.log.log_page import LogPage
from gui.rounds.dialogs.phones_dialog import PhonesDialog
from gui.rounds.dialogs.roster_dialog import RosterDialog
from gui.rounds.rounds_page import RoundsPage
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import begin, visible
from tests.unit.reports.conftest import PHONE, finding
from tests.unit.reports.conftest import Desk as Visits

HEAD = "Serial Number,Asset tag,Assigned to,Department\n"
LINES = (
    "R58N12ABCDF,DRH-1,Yves Caron,Finance\n",
    "R58N12ABCDG,DRH-2,Anna Nowak,Field\n",
    "R58N12ABCDH,DRH-3,Luc,Field\n",
)


@pytest.fixture
def read(office: Office, page: RoundsPage, tmp_path: Path) -> Callable[[int], RosterDialog]:
    """Has a list of so many phones read, up to the dialog's answer."""

    def read_list(count: int) -> RosterDialog:
        file = tmp_path / f"phones-{count}.csv"
        file.write_text(HEAD + "".join(LINES[:count]), encoding="utf-8")
        page.read_roster(file)
        office.until(lambda: visible(office, RosterDialog) is not None)
        dialog = visible(office, RosterDialog)
        assert isinstance(dialog, RosterDialog)
        dialog.begin()
        office.until(lambda: not dialog.busy and dialog.result_part.isVisible())
        return dialog

    return read_list


def brought(office: Office) -> int:
    with office.desk.read_ledger(False) as ledger:
        return len(ledger.newest(9, kind=Kind.ROSTER_BROUGHT))


@pytest.mark.slow
def test_another_roster_comes_only_once_that_is_confirmed(
    office: Office, page: RoundsPage, read: Callable[[int], RosterDialog]
) -> None:
    begin(office, page)
    first = read(2)
    assert first.reading is not None  # there was none: nothing is asked
    assert not first.replace.isVisible()
    first.close()
    office.until(lambda: page.page_data.coverage is not None and len(page.page_data.coverage.phones) == 2)
    asked = read(3)
    said = asked.verdict.accessibleName()
    for words in ("Replace the roster of this round?", "roster of 2 phones", "has 3 phones"):
        assert words in said
    assert asked.replace.isVisible()
    assert asked.shut.text() == "Keep the old one"
    assert asked.shut.hasFocus()  # nothing is lost by a key that was meant for the dialog before
    office.window.switches.switch_language()
    said = " ".join(texts(asked))
    for words in (
        "Remplacer la liste de cette tournée",
        "liste de 2 téléphones",
        "a 3 téléphones",
        "Garder l’ancienne",
    ):
        assert words in said
    office.window.switches.switch_language()
    asked.shut.click()
    assert brought(office) == 1
    asked = read(3)
    asked.replace.click()
    office.until(lambda: asked.reading is not None)
    assert not asked.replace.isVisible()
    assert "3 phones" in asked.verdict.headline.text()
    asked.close()
    assert brought(office) == 2
    office.until(lambda: page.page_data.coverage is not None and len(page.page_data.coverage.phones) == 3)


def test_a_closed_round_says_that_it_takes_no_roster(office: Office, page: RoundsPage, tmp_path: Path) -> None:
    begin(office, page)
    dialog = page.end_round()
    assert dialog is not None
    assert "no roster can be imported" in " ".join(texts(dialog))
    dialog.begin()
    office.until(lambda: page.page_data.current is not None and page.page_data.current.ended is not None)
    dialog.close()
    assert "its state at the end" in page.about.whole()
    for act in (page.bring_roster, lambda: page.read_roster(tmp_path / "phones.csv")):
        page.problem.show_problem(None)
        act()
        assert "is closed: no roster can be imported" in page.problem.sentence.text()
    assert brought(office) == 0


def test_a_phone_under_the_tag_of_another_is_told_on_the_page(
    office: Office, page: RoundsPage, read: Callable[[int], RosterDialog]
) -> None:
    begin(office, page)
    read(2).close()
    with office.desk.custodian(False) as ledger:
        visits = Visits(ledger, PHONE).visit()
        visits.label(Labels(tag="DRH-1"))
        visits.check(finding())
    page.reload()
    office.until(lambda: page.unexpected.number.text() == "1")
    assert page.due.number.text() == "2"
    assert page.red.number.text() == "0"
    assert "1 red" in page.unexpected.remark.text()
    assert "named by an asset tag or a number that is another phone’s" in page.doubts.text()
    office.see("Red, not on the roster", "1 banned", "named as the phone of line 2", within=page.red_other_card)
    assert not page.other_card.isVisibleTo(page)  # each phone once
    page.open_list("unexpected")
    table = visible(office, PhonesDialog)
    assert isinstance(table, PhonesDialog)
    row = [str(table.model.index(0, at).data()) for at in range(table.model.columnCount())]
    assert any("line 2 of the roster" in cell for cell in row)
    assert not table.in_log.isEnabled()
    table.table.selectRow(0)
    table.in_log.click()
    log = office.window.stack.currentWidget()
    assert isinstance(log, LogPage)
    check = page.page_data.coverage.red_unexpected[0].last if page.page_data.coverage is not None else None
    assert check is not None
    office.until(lambda: log.detail.entry is not None and log.detail.entry.seq == check.entry)
    office.window.open_page("round")
    (link,) = [b for b in page.red_other_card.findChildren(QPushButton) if b.text() == "In the log"]
    link.click()
    assert office.window.stack.currentWidget() is log


def test_an_erased_red_stays_on_the_page(office: Office, page: RoundsPage, read: Callable[[int], RosterDialog]) -> None:
    begin(office, page)
    read(2).close()
    assert not page.lost_card.isVisibleTo(page)
    with office.desk.custodian(False) as ledger:
        visits = Visits(ledger, PHONE).visit()
        visits.check(finding())
        ledger.erase_records(range(1, ledger.count() + 1), "asked for", consent=True)
    page.reload()
    office.until(lambda: page.red.number.text() == "1")
    office.see("was red, erased on", within=page.lost_card)
    assert "cannot be matched with the roster any more, 1 of them red" in page.doubts.text()
    page.open_list("red")
    table = visible(office, PhonesDialog)
    assert isinstance(table, PhonesDialog)
    assert table.model.rowCount() == 1
    table.close()


def test_a_round_older_than_many_others_is_in_the_menu(office: Office, page: RoundsPage) -> None:
    begin(office, page, "The oldest")
    with office.desk.custodian(False) as ledger:
        days = {"first": "2026-09-01", "last": "2026-10-01", "policy": "canada"}
        ledger.append_all([RoundBegun(round=f"{n:012x}", name=f"R{n}", **days) for n in range(230)])
    page.reload()
    office.until(lambda: len(page.page_data.rounds) == 231)
    menu = page.menu()
    assert len(menu.actions()) < 30
    (older,) = [one for one in menu.findChildren(QMenu) if one.title() == "Older rounds"]
    pages = [action.menu() for action in older.actions()]
    last = pages[-1]
    assert isinstance(last, QMenu)
    assert last.title() == "221 to 231"
    oldest = last.actions()[-1]
    assert oldest.text() == "The oldest"
    oldest.trigger()
    office.until(lambda: page.title.whole() == "The oldest")
