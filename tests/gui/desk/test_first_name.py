"""A first start: before a real phone is recorded, somebody says who works here. Practice needs no name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.desk import officer_name
from core.phones.states import PhoneState
from tests.gui.conftest import MakeOffice, Office

WAITS = "A phone is plugged in. Its check starts once your name is here."


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the account be called so."""
    return lambda name: monkeypatch.setattr(officer_name, "account_name", lambda: name)


@pytest.fixture
def first(open_office: MakeOffice, account: Callable[[str], None]) -> Office:
    """A window that opens for the first time, for an account that is nobody's."""
    account("root")
    return open_office(own={"officer": "", "desk": ""}, at_list=False)


def test_the_first_start_asks_for_a_name_and_proposes_no_account(first: Office) -> None:
    empty = first.window.desk_page.empty
    assert empty.officer.hasFocus()
    assert empty.officer.text() == ""
    assert "no name yet" in first.window.officer_button.text()
    assert not any("root" in words for words in first.texts())


def test_an_account_of_a_person_is_proposed(open_office: MakeOffice, account: Callable[[str], None]) -> None:
    account("aroy")
    office = open_office(own={"officer": ""}, at_list=False)
    assert office.window.desk_page.empty.officer.text() == "aroy"
    office.press("Return")
    assert office.desk.settings.officer == "aroy"


def test_a_real_phone_waits_for_the_name_and_is_read_once_it_is_there(first: Office) -> None:
    first.plug("S1", "clean")
    first.see(WAITS)
    empty = first.window.desk_page.empty
    assert empty.officer.hasFocus()
    first.until(lambda: "Waits for your name" in first.card(0))
    assert not (first.data / "ledger.db").exists(), "nothing is on record"
    first.type("A. Roy")
    first.press("Return")
    first.until(lambda: first.colour == "green")
    first.idle()
    assert not empty.intro.isVisible()
    assert first.page.identity.title.hasFocus()
    assert {entry.leaf["officer"] for entry in first.records() if entry.kind == "check-ended"} == {"A. Roy"}


@pytest.mark.parametrize("typed", ["", "root", "ADMIN", "PC\\Administrator"])
def test_what_is_no_name_keeps_the_phone_waiting(first: Office, typed: str) -> None:
    first.plug("S1", "clean")
    first.see(WAITS)
    first.type(typed)
    first.press("Return")
    first.see("Enter your own name: it stands in every entry.")
    assert first.window.desk_page.empty.officer.hasFocus()
    assert not (first.data / "ledger.db").exists()
    assert first.window.desk_page.empty.officer.selectedText() == typed
    first.type("B. Singh")
    first.press("Return")
    first.until(lambda: first.colour == "green")
    assert not first.says("Enter your own name: it stands in every entry.")


def test_no_key_starts_the_reading_of_a_phone_that_waits(first: Office) -> None:
    first.plug("S1", "clean")
    first.see(WAITS)
    first.press("F5")
    first.window.desk_page.cards.look_again.emit(first.fanion.phones.sessions[0])
    QApplication.processEvents()
    assert not first.fanion.phones.sessions[0].busy
    first.see(WAITS)


@pytest.mark.slow
def test_two_phones_that_wait_are_both_read(first: Office) -> None:
    first.plug("S1", "clean")
    first.plug("S2", "walk-up")
    first.see(WAITS)
    first.type("A. Roy")
    first.press("Return")
    first.until(lambda: "banned" in first.card(1) and "banned" in first.card(0).casefold())
    first.idle()


def test_a_phone_that_is_not_ready_does_not_take_the_place_of_the_form(first: Office) -> None:
    first.type("A. R")
    first.plug("S1", "clean", state=PhoneState.UNAUTHORISED)
    first.see(WAITS)
    assert first.window.desk_page.empty.officer.hasFocus()
    first.type("oy")
    first.press("Return")
    first.until(lambda: first.page.ready.isVisible())
    assert first.desk.officer == "A. Roy"


@pytest.mark.slow
def test_one_that_is_pulled_while_it_waits_leaves_the_form(first: Office) -> None:
    first.plug("S1", "clean")
    first.see(WAITS)
    first.unplug("S1")
    first.until(lambda: "Unplugged" in first.card(0))
    first.type("A. Roy")
    first.press("Return")
    first.plug("S1")
    first.until(lambda: first.colour == "green")


def test_practice_needs_no_name(first: Office) -> None:
    first.window.desk_page.practise("clean")
    first.until(lambda: first.colour == "green")
    first.idle()
    assert {entry.officer for entry in first.records(practice=True)} == {"not named (account root)"}


def test_a_practice_phone_can_be_shown_while_a_real_one_waits(first: Office) -> None:
    first.plug("S1", "clean")
    first.see(WAITS)
    first.window.desk_page.practise("clean")
    first.until(lambda: first.colour == "green")
    first.choose(0)
    first.see(WAITS)
    assert first.window.desk_page.empty.officer.hasFocus()


def test_the_name_can_be_given_in_the_dialog_too(first: Office) -> None:
    first.plug("S1", "clean")
    first.see(WAITS)
    first.desk.introduce("A. Roy", None)
    first.window.beside.introduced.emit()
    first.until(lambda: first.colour == "green")
    assert not first.window.desk_page.empty.intro.isVisible()


def test_in_a_kiosk_it_is_as_it_is_set(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text('kiosk = true\nofficer = "Front desk"\n', encoding="utf-8")
    office = open_office(own={"officer": ""}, at_list=False)
    assert office.window.desk_page.empty.intro is None
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")


def test_a_kiosk_without_a_name_asks_nobody(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text("kiosk = true\n", encoding="utf-8")
    office = open_office(own={"officer": ""}, at_list=False)
    assert office.window.desk_page.empty.intro is None
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
