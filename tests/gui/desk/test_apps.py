"""The table of apps as an officer works with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.simulator import load
from core.simulator.model.scenario import Version
from gui.desk.apps.app_model import Column
from tests.gui.conftest import Office


@pytest.fixture
def folded(office: Office) -> Office:
    """Two bans among many apps, whose table is still folded up."""
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    return office


@pytest.fixture
def checked(folded: Office) -> Office:
    """Two bans among many apps, and their table."""
    folded.open_apps()
    return folded


def click_head(office: Office, column: Column) -> None:
    heads = office.page.apps.table.horizontalHeader()
    x = heads.sectionViewportPosition(column) + 20
    office.qtbot.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=heads.rect().center().__class__(x, 8))


def column(office: Office, which: Column) -> list[str]:
    return [row[which] for row in office.rows()]


def test_findings_stand_first(checked: Office) -> None:
    flags = column(checked, Column.FLAG)
    assert flags[:2] == ["Banned", "Banned"]
    assert set(flags[2:]) == {"Allowed"}
    model = checked.page.apps.model
    rest = [model.row(row).app for row in range(2, model.rowCount())]
    assert rest == sorted(rest, key=lambda app: (app.system, app.package))
    assert not rest[0].system
    assert checked.rows()[0][Column.WHY]


@pytest.mark.slow
def test_a_click_on_a_head_sorts_and_another_turns_round(checked: Office) -> None:
    click_head(checked, Column.VERSION)
    once = column(checked, Column.VERSION)
    assert once == sorted(once, key=str.casefold)
    click_head(checked, Column.VERSION)
    assert column(checked, Column.VERSION) == once[::-1] or column(checked, Column.VERSION) == sorted(
        once, key=str.casefold, reverse=True
    )
    click_head(checked, Column.FLAG)
    assert column(checked, Column.FLAG)[:2] == ["Banned", "Banned"]


@pytest.mark.slow
def test_the_table_is_folded_up_until_it_is_wanted(folded: Office) -> None:
    fold = folded.page.fold
    assert not folded.page.apps.isVisible()
    apps = len({row.app.package for row in folded.page.session.rows or ()})  # type: ignore[union-attr]
    assert fold.toggle.text() == f"{apps - 2} other apps"
    assert folded.says("1 profile, all read", fold)
    folded.click(fold.toggle)
    assert folded.page.apps.table.isVisible()
    folded.click(fold.toggle)
    assert not folded.page.apps.isVisible()
    folded.click(fold.toggle)
    folded.plug("S2", "clean")
    folded.until(lambda: len(folded.cards()) == 2)
    folded.choose(1)
    folded.until(lambda: folded.page.session is folded.fanion.phones.sessions[1])
    assert not folded.page.apps.isVisible()
    folded.idle()


def test_the_details_unfold_the_table_at_the_first_app(folded: Office) -> None:
    folded.click(folded.block.head.details)
    row = folded.page.apps.chosen()
    assert row is not None
    assert row.app.package == "com.kms.free"
    assert folded.page.apps.pane.isVisible()
    assert folded.page.apps.pane.area.hasFocus()


def test_ctrl_f_goes_to_the_search_from_the_list_of_phones(folded: Office) -> None:
    assert folded.window.desk_page.cards.hasFocus()
    folded.press("Ctrl+F")
    assert folded.page.apps.search.hasFocus()


def test_it_is_found_as_one_types(checked: Office) -> None:
    checked.click(checked.page.apps.search)
    checked.type("wec")
    assert column(checked, Column.NAME) == ["WeChat"]
    checked.press("Esc")
    assert len(checked.rows()) > 1
    checked.type("personal TENCENT")
    assert column(checked, Column.NAME) == ["WeChat"]
    checked.page.apps.search.selectAll()
    checked.type("nothing like it")
    assert checked.rows() == []
    checked.press("Esc")
    assert len(checked.rows()) > 1


def test_the_chips_narrow_and_count(checked: Office) -> None:
    rows = len(checked.rows())
    checked.click(f"All {rows}")
    checked.click("Banned 2")
    assert len(checked.rows()) == 2
    (system,) = [b for b in checked.page.apps.chips.values() if b.text().startswith("System ")]
    checked.click(system)
    assert len(checked.rows()) == int(system.text().split()[-1])
    (other,) = [b for b in checked.page.apps.chips.values() if b.text().startswith("Not from a store ")]
    checked.click(other)
    assert len(checked.rows()) == int(other.text().split()[-1])


@pytest.mark.slow
def test_another_phone_does_not_inherit_a_search_that_hides_its_findings(checked: Office) -> None:
    checked.click(checked.page.apps.search)
    checked.type("zzzz")
    assert checked.rows() == []
    checked.plug("S2", "older")
    checked.until(lambda: len(checked.cards()) == 2)
    checked.choose(1)
    checked.until(lambda: checked.headline == "1 banned app")
    checked.idle()
    checked.open_apps()
    assert column(checked, Column.FLAG)[0] == "Banned"
    assert checked.page.apps.search.text() == ""


@pytest.mark.slow
def test_a_search_stays_when_the_same_phone_is_checked_again(checked: Office) -> None:
    checked.click(checked.page.apps.search)
    checked.type("wec")
    checked.press("F5")
    checked.idle()
    checked.until(lambda: checked.headline == "2 banned apps")
    assert checked.page.apps.search.text() == "wec"
    assert column(checked, Column.NAME) == ["WeChat"]


@pytest.mark.slow
def test_rows_are_copied_as_cells(checked: Office) -> None:
    table = checked.page.apps.table
    table.setFocus()
    table.selectRow(0)
    checked.press("Ctrl+C")
    heads, row = QApplication.clipboard().text().split("\n")
    assert heads.split("\t") == ["Status", "App", "Profile", "App id", "Version", "From", "Why"]
    assert row.split("\t") == checked.rows()[0]


def test_what_is_copied_cannot_become_a_formula_or_another_cell(office: Office) -> None:
    scenario = load("walk-up")
    evil = replace(scenario.apps[0], version=Version(1, '=HYPERLINK("http://example.com")\t+1'))
    office.plug("S1", replace(scenario, apps=(evil, *scenario.apps[1:])))
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.open_apps()
    table = office.page.apps.table
    table.setFocus()
    table.selectAll()
    office.press("Ctrl+C")
    lines = QApplication.clipboard().text().split("\n")
    assert len(lines) == len(office.rows()) + 1
    for line in lines:
        cells = line.split("\t")
        assert len(cells) == 7
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells), line


def test_every_cell_tells_all_of_itself_in_its_tooltip(checked: Office) -> None:
    model = checked.page.apps.table.model()
    for which in Column:
        tip = str(model.index(0, which).data(Qt.ItemDataRole.ToolTipRole) or "")
        plain = tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", " ").replace("&nbsp;", " ")
        # The last column has room for a few words; its tooltip has the whole sentence.
        whole = (
            checked.rows()[0][which] if which is not Column.WHY else "Kaspersky (Kaspersky suite of applications) has"
        )
        assert plain.split()[: len(whole.split())] == whole.split()


def test_the_menu_of_a_row_copies_the_id(checked: Office) -> None:
    apps = checked.page.apps
    menu = apps.menu_for(apps.model.row(0))
    next(a for a in menu.actions() if a.text() == "Copy the id").trigger()
    menu.deleteLater()
    assert QApplication.clipboard().text() == checked.rows()[0][Column.PACKAGE]


def test_tab_leaves_the_table(checked: Office) -> None:
    table = checked.page.apps.table
    table.setFocus()
    checked.press("Tab")
    assert QApplication.focusWidget() is not table
