"""The dialog of practice phones: groups, a search, and one phone after the other plugged in with the keys alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QListWidgetItem

from core import text
from core.simulator import scenario_list
from gui.desk.phone_list.practice_dialog import PracticeDialog
from gui.desk.phone_list.practice_row_painter import OFFER_ROLE, RECOMMENDED_ROLE
from tests.gui.conftest import Office


def opened(office: Office) -> PracticeDialog:
    office.click("Practice phones…")
    office.until(lambda: isinstance(QApplication.activeWindow(), PracticeDialog))
    dialog = QApplication.activeWindow()
    assert isinstance(dialog, PracticeDialog)
    return dialog


def rows(dialog: PracticeDialog) -> list[QListWidgetItem]:
    """The rows that are shown."""
    every = (dialog.list.item(number) for number in range(dialog.list.count()))
    return [item for item in every if not item.isHidden()]


def titles(dialog: PracticeDialog) -> list[str]:
    """The phones that are shown, without the headings of groups."""
    return [item.text() for item in rows(dialog) if item.data(OFFER_ROLE) is not None]


def closed(office: Office) -> None:
    office.press("Esc")
    office.until(lambda: QApplication.activeModalWidget() is None)
    office.window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is office.window)


def test_every_practice_phone_stands_in_its_group_with_the_recommended_one_chosen(office: Office) -> None:
    dialog = opened(office)
    expected: list[str] = []
    for offer in scenario_list.offers().values():
        if str(offer.group.heading) not in expected:
            expected.append(str(offer.group.heading))
        expected.append(str(offer.title))
    assert [item.text() for item in rows(dialog)] == expected
    assert dialog.list.currentItem().text() == "A walk-up check"
    assert [item.text() for item in rows(dialog) if item.data(RECOMMENDED_ROLE)] == ["A walk-up check"]
    closed(office)


def test_enter_plugs_the_recommended_one_in_and_the_dialog_stays_for_the_next(office: Office) -> None:
    dialog = opened(office)
    office.press("Return")
    assert dialog.note.text() == "Plugged in at slot 1: A walk-up check"
    office.press("Down")
    office.press("Return")
    assert dialog.note.text() == "Plugged in at slot 2: A clean phone"
    assert dialog.isVisible()
    assert [session.scenario for session in office.fanion.phones.sessions] == ["walk-up", "clean"]
    closed(office)
    office.until(lambda: office.colour == "green")


def test_the_arrows_lead_over_the_headings_and_to_both_ends(office: Office) -> None:
    dialog = opened(office)
    seen = [dialog.list.currentItem().text()]
    for _ in range(len(scenario_list.offers()) + 1):
        office.press("Down")
        seen.append(dialog.list.currentItem().text())
    assert list(dict.fromkeys(seen)) == titles(dialog)
    closed(office)


@pytest.mark.parametrize(
    ("language", "words", "scenarios"),
    [
        ("en", "secure FOLDER", {"unseen", "secure-folder"}),
        ("en", "not ready cancel", {"not-ready-denies"}),
        ("en", "stubborn", {"stubborn"}),
        ("fr", "securise", {"unseen", "secure-folder"}),
        ("fr", "pas pret annuler", {"not-ready-denies"}),
    ],
)
def test_the_words_of_a_search_leave_the_phones_that_have_them_all(
    office: Office, language: text.Language, words: str, scenarios: set[str]
) -> None:
    office.window.switches.use_language(language)
    dialog = office.window.desk_page.open_practice()
    office.until(lambda: QApplication.activeWindow() is dialog)
    office.type(words)
    shown = [item.data(OFFER_ROLE) for item in rows(dialog)]
    assert {offer.name for offer in shown if offer is not None} == scenarios
    assert shown[0] is None, "no heading over the first"
    assert dialog.list.currentItem().data(OFFER_ROLE) is shown[1]
    closed(office)


def test_a_search_that_finds_nothing_says_so_and_enter_plugs_nothing_in(office: Office) -> None:
    dialog = opened(office)
    office.type("no such phone")
    assert titles(dialog) == []
    office.see("No practice phone matches.", within=dialog)
    assert not dialog.plug_button.isEnabled()
    office.press("Return")
    assert office.fanion.phones.sessions == []
    dialog.field.clear()
    assert len(titles(dialog)) == len(scenario_list.offers())
    assert dialog.plug_button.isEnabled()
    closed(office)


def test_the_list_itself_takes_the_keys_and_a_double_click(office: Office) -> None:
    dialog = opened(office)
    dialog.list.setFocus()
    office.press("Return")
    area = dialog.list.visualItemRect(dialog.list.item(2))
    for click in (office.qtbot.mouseClick, office.qtbot.mouseDClick):
        click(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert [session.scenario for session in office.fanion.phones.sessions] == ["walk-up", "clean"]
    office.press("Ctrl+F")
    assert dialog.field.hasFocus()
    closed(office)


def test_a_screen_reader_hears_group_title_and_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "gui.toolkit.announcement.QAccessible.updateAccessibility", lambda event: told.append(event.message())
    )
    dialog = opened(office)
    office.press("Down")
    assert told[-1].startswith("First steps: A clean phone. Only ordinary apps")
    office.press("Return")
    assert "Plugged in at slot 1: A clean phone" in told
    for widget in (dialog.field, dialog.list):
        assert widget.accessibleName()
    closed(office)


def test_it_opens_as_large_as_it_was_left(office: Office) -> None:
    dialog = opened(office)
    dialog.resize(520, 500)
    closed(office)
    assert opened(office).size() == QSize(520, 500)
    closed(office)


def test_no_row_cuts_its_sentence_off(office: Office) -> None:
    """In French, whose sentences are longer, in a narrow dialog: the row below begins where a sentence has ended."""
    office.window.switches.use_language("fr")
    dialog = office.window.desk_page.open_practice()
    office.until(lambda: QApplication.activeWindow() is dialog)
    dialog.resize(380, 500)
    office.qtbot.wait(1)
    painter = dialog.list.itemDelegate()
    for item in rows(dialog):
        if item.data(OFFER_ROLE) is not None:
            area = dialog.list.visualItemRect(item)
            assert painter._sentence(item.data(OFFER_ROLE), area).bottom() <= area.bottom()
    closed(office)
