"""The second look on the Round page: drawn once, and blind until another officer has looked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.rounds.coverage.phone_coverage import CoverageState
from gui.rounds.dialogs.draw_dialog import DrawDialog
from gui.rounds.dialogs.phones_dialog import PhonesDialog
from gui.rounds.rounds_page import RoundsPage
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import begin, visible


def checked(office: Office, page: RoundsPage) -> None:
    """A round of practice phones with one that is red."""
    begin(office, page, practice=True, recheck=100)
    office.window.desk_page.practise("walk-up")
    office.until(
        lambda: page.page_data.coverage is not None and page.page_data.coverage.counts.get(CoverageState.RED) == 1
    )
    office.window.open_page("round")


def draw(office: Office, page: RoundsPage) -> None:
    page.second_card.draw.click()
    dialog = visible(office, DrawDialog)
    assert isinstance(dialog, DrawDialog)
    assert not dialog.go.hasFocus()  # it cannot be repeated
    dialog.begin()
    office.until(lambda: page.page_data.recheck is not None and page.page_data.recheck.drawn)
    dialog.close()


def test_a_round_that_asks_for_none_has_no_card(office: Office, page: RoundsPage) -> None:
    begin(office, page, practice=True)
    assert not page.second_card.isVisibleTo(page)
    assert page.draw_sample() is None


@pytest.mark.slow
def test_nothing_on_the_page_tells_how_a_drawn_phone_was_left(office: Office, page: RoundsPage) -> None:
    checked(office, page)
    office.see("banned", "at the desk now", within=page.red_card)
    assert "100 %" in page.second_card.words.text()
    draw(office, page)
    assert page.red.number.text() == "0"
    assert not any("banned" in words for words in texts(page.red_card))
    assert "may be shown" in page.red_card.nothing.text()
    for chart in (page.progress, page.units, page.days):
        assert "1 red" not in chart.accessibleDescription()
    for which in ("due", "red", "amber", "unexpected", "late", "twice", "second"):
        page.open_list(which)
        table = visible(office, PhonesDialog)
        assert isinstance(table, PhonesDialog)
        rows = [
            str(table.model.index(row, at).data())
            for row in range(table.model.rowCount())
            for at in range(table.model.columnCount())
        ]
        assert "Red" not in rows
        table.close()
        table.deleteLater()
    assert not page.second_card.draw.isVisibleTo(page)  # it cannot be drawn again


@pytest.mark.slow
def test_the_first_officer_is_told_that_another_must_look_and_then_how_often_both_agree(
    office: Office, page: RoundsPage
) -> None:
    checked(office, page)
    draw(office, page)
    office.see("checked by you", "for another officer", within=page.second_card)
    office.desk.settings = replace(office.desk.settings, officer="B. Cyr")
    page.reload()
    office.see("you can check it", within=page.second_card)
    found = page.page_data.recheck
    assert found is not None
    again = replace(found, size=3, waiting=(), again=3, agreed=2)
    page.second_card.show_status(again, "B. Cyr", ended=False)
    assert "at 2 of 3, both officers came to the same verdict" in page.second_card.words.text()


@pytest.mark.slow
def test_the_end_of_a_round_has_what_waited(office: Office, page: RoundsPage) -> None:
    checked(office, page)
    draw(office, page)
    dialog = page.end_round()
    assert dialog is not None
    dialog.begin()
    office.until(lambda: page.page_data.current is not None and page.page_data.current.ended is not None)
    ended = page.page_data.current
    assert ended is not None
    assert ended.ended is not None
    assert ended.ended.red == 1
    dialog.close()
    office.until(lambda: page.red.number.text() == "1")
