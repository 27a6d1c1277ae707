"""The receipt of a check, from the page of the phone; and from a removal on record back to the phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction

from core.desk.papers import log_evidence, log_papers
from core.ledger.records import Kind
from core.ledger.tlog.notes import Proof
from core.ledger.verify.outside_copy import CopyRefused
from core.problem import Problem
from core.reports.filing import file_name
from core.simulator import Scenario, load
from core.text import T
from gui.log.log_page import LogPage
from gui.papers.outside_copies import ReceiptDialog
from tests.gui.conftest import Gate, Office


def sheet_of(office: Office) -> ReceiptDialog:
    (sheet,) = [s for s in office.window.findChildren(ReceiptDialog) if s.isVisible()]
    return sheet


def receipt_action(office: Office) -> QAction:
    """What asks for the receipt, in the menu of the phone that is shown."""
    return next(a for a in office.page.identity.menu().actions() if a.text() == "Receipt…")


def receipt_to(office: Office, folder: Path) -> None:
    """The first receipt: it asks where to."""
    office.press("Ctrl+P")
    sheet = sheet_of(office)
    sheet.folder.use(folder)
    sheet.go.click()
    office.until(lambda: not sheet.busy)
    sheet.close()
    office.window.activateWindow()


@pytest.mark.slow
def test_the_receipt_of_a_check_is_saved_and_told_below(
    office: Office, tmp_path: Path, opened_outside: list[Path]
) -> None:
    opened = opened_outside
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    receipt_to(office, tmp_path)
    entry = office.page.session.checked.entry  # type: ignore[union-attr]
    pdf = tmp_path / f"{file_name(office.desk.name, True, f'receipt-{entry:06}')}.pdf"
    office.see(f"Receipt saved: {pdf.name}")
    assert Proof.parse(pdf.with_suffix(".tlog-proof").read_bytes()).index == entry - 1
    pdf.unlink()
    pdf.with_suffix(".tlog-proof").unlink()
    receipt_action(office).trigger()  # the second time nothing is asked
    office.until(pdf.exists)
    office.until(lambda: office.window.status_bar.open_button.isVisible())
    office.click(office.window.status_bar.open_button)
    assert opened == [pdf]


@pytest.mark.slow
def test_there_is_none_until_the_check_is_on_record(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and not receipt_action(office).isEnabled())
    office.press("Ctrl+P")
    assert not office.window.findChildren(ReceiptDialog)
    gate.open()
    office.until(lambda: "check-ended" in office.kinds())
    office.idle()
    assert receipt_action(office).isEnabled()


@pytest.mark.slow
def test_there_is_none_while_the_phone_is_changed(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    gate: Gate = office.gate(server, "pm uninstall")
    office.remove()
    office.until(lambda: gate.reached and not receipt_action(office).isEnabled())
    office.press("Ctrl+P")
    assert not office.window.findChildren(ReceiptDialog)
    gate.open()
    office.until(lambda: office.page.session is not None and office.page.session.removal is not None)
    office.idle()
    assert receipt_action(office).isEnabled()


@pytest.mark.slow
def test_a_receipt_that_cannot_be_made_is_told_with_its_next_step(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    receipt_to(office, tmp_path)

    def full(*args: Any) -> None:
        raise Problem(T("The disk is full."), T("Make room."))

    monkeypatch.setattr(log_papers, "receipt", full)
    receipt_action(office).trigger()
    office.until(lambda: bool([s for s in office.window.findChildren(ReceiptDialog) if s.isVisible()]))
    sheet = sheet_of(office)
    assert (sheet.trouble.sentence.text(), sheet.trouble.next_step.text()) == ("The disk is full.", "Make room.")
    sheet.close()


@pytest.mark.slow
def test_a_receipt_of_another_log_is_not_taken_for_this_one(office: Office, tmp_path: Path) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    receipt_to(office, tmp_path)
    log_evidence.enrolment(office.desk, False)
    (proof,) = tmp_path.glob("*.tlog-proof")
    with pytest.raises(CopyRefused):  # that of practice is no copy of the desk's own log
        log_evidence.verify(office.desk, False, [proof])


# Undo, from the log


def removed(office: Office, scenario: str | Scenario = "preinstalled") -> LogPage:
    """A banned app that came with the phone was removed; the record of that is shown on the Log page."""
    office.plug("S1", scenario)
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.remove()
    office.until(lambda: office.page.session is not None and office.page.session.removal is not None)
    office.idle()
    number = next(r.seq for r in office.records() if r.kind == Kind.REMOVAL_OUTCOME)
    log = office.window.open_page("log")
    assert isinstance(log, LogPage)
    log.show_record(number, practice=True)
    office.until(lambda: log.detail.entry is not None and log.detail.entry.seq == number)
    return log


@pytest.mark.slow
def test_from_the_record_of_a_removal_to_its_phone(office: Office) -> None:
    log = removed(office)
    office.click(log.detail.undo)
    assert office.window.page_name() == "desk", log.detail.notice.sentence.text()
    office.until(office.block.put_back.isVisible)
    assert office.says("This brings back banned apps.", office.block)
    office.click("Put back now")
    office.until(lambda: office.page.session is not None and office.page.session.undone is not None)
    office.idle()
    office.window.open_page("log")
    office.click(log.detail.undo)
    office.see("Nothing of this removal can be put back.")


@pytest.mark.slow
def test_a_phone_that_is_not_here_is_asked_for(office: Office) -> None:
    log = removed(office)
    office.unplug("S1")
    office.until(lambda: all(session.absent for session in office.fanion.phones.sessions))
    office.click(log.detail.undo)
    assert office.window.page_name() == "log"
    office.see("This practice phone is not plugged in any more.")
    assert log.detail.notice.next_step.text()
    office.click(log.detail.notice.button)
    assert not log.detail.notice.isVisible()


def named(serial: str, model: str = "") -> Scenario:
    """The phone whose banned apps came with it, under another serial number, and of another model if that is given."""
    made = load("preinstalled")
    return replace(made, device=replace(made.device, serial=serial, model=model or made.device.model))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (
            named("0123456789ABCDEF"),
            named("0123456789ABCDEF"),
            "Many phones have the serial number 0123456789ABCDEF: it is not certain that this",
        ),
        (named("R5CT1000001"), named("R5CT1000001", "Another"), "This practice phone is not plugged in any more."),
        (named("R5CT1000001"), named("R5CT1000002"), "This practice phone is not plugged in any more."),
    ],
    ids=["placeholder", "another model", "another serial number"],
)
def test_a_phone_that_is_only_alike_is_not_the_one(office: Office, first: Scenario, second: Scenario, why: str) -> None:
    log = removed(office, first)
    office.unplug("S1")
    office.until(lambda: all(session.absent for session in office.fanion.phones.sessions))
    office.window.open_page("desk")
    server = office.plug("S2", second)
    assert server is not None
    office.until(
        lambda: any(not session.absent and session.check is not None for session in office.fanion.phones.sessions)
    )
    office.idle()
    office.window.open_page("log")
    office.click(log.detail.undo)
    office.see(why)
    assert office.window.page_name() == "log"
    assert not [command for command in server.phone.log if command.startswith(("pm enable", "cmd package install"))]


@pytest.mark.slow
def test_the_same_phone_is_known_again_after_it_was_replugged(office: Office) -> None:
    log = removed(office, named("R5CT1000001"))
    office.unplug("S1")
    office.until(lambda: all(session.absent for session in office.fanion.phones.sessions))
    office.window.open_page("desk")
    office.plug("S1")
    office.until(
        lambda: any(not session.absent and session.check is not None for session in office.fanion.phones.sessions)
    )
    office.idle()
    office.window.open_page("log")
    office.click(log.detail.undo)
    office.until(office.block.put_back.isVisible)
    assert office.says("This brings back banned apps.", office.block)


@pytest.mark.slow
def test_a_phone_with_a_placeholder_is_known_while_it_stays(office: Office) -> None:
    log = removed(office, named("0123456789ABCDEF"))
    office.click(log.detail.undo)
    office.until(office.block.put_back.isVisible)
    assert office.says("This brings back banned apps.", office.block)
