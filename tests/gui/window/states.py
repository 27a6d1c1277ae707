"""The real window in each of its states, as the tests look at all of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from core.model import Attested
from core.phones.states import PhoneState
from gui.desk.acts.all_acts import HAND_BACK, PLAN, UNDO
from gui.desk.session.phone_view import Phase
from gui.log.log_page import LogPage
from gui.log.record_source import SourceState
from gui.papers.round_dialogs import LettersDialog
from gui.policy.policy_page import PolicyPage
from gui.rounds.dialogs.new_round_dialog import NewRoundDialog
from gui.rounds.rounds_page import RoundsPage
from gui.startup.crash_handler import BugReport, CrashDialog
from tests.gui.conftest import Office
from tests.gui.rounds.conftest import begin, visible


def empty(office: Office) -> QWidget:
    return office.window


def checked(scenario: str) -> Callable[[Office], QWidget]:
    def show(office: Office) -> QWidget:
        office.window.desk_page.practise(scenario)
        office.idle()
        return office.window

    return show


def plan(office: Office) -> QWidget:
    checked("odd-answers")(office)
    office.page.desk_actions.want(PLAN)
    return office.window


def outcome(office: Office) -> QWidget:
    plan(office)
    office.remove()
    office.until(lambda: office.page.session is not None and office.page.session.removal is not None)
    office.idle()
    if office.page.on_phone.isVisible():  # what was refused
        office.press("Esc")
    return office.window


def undo(office: Office) -> QWidget:
    outcome(office)
    office.page.desk_actions.want(UNDO)
    assert office.block.put_back.isVisible()
    return office.window


def on_the_phone(office: Office) -> QWidget:
    checked("device-admin")(office)
    if office.block.remove.isVisible():
        office.remove()
        office.until(lambda: office.page.session is not None and office.page.session.removal is not None)
        office.idle()
    if office.block.on_phone.isVisible():
        office.click(office.block.on_phone)
    office.until(office.page.on_phone.isVisible)
    office.idle()
    return office.window


def seen_by_hand(office: Office) -> QWidget:
    checked("unseen")(office)
    office.click(office.block.look.answers[Attested.APP_SEEN])
    return office.window


def handed_back(office: Office) -> QWidget:
    checked("clean")(office)
    office.click(office.block.finish)
    office.until(lambda: office.page.session is not None and office.page.session.handed_back is not None)
    office.idle()
    return office.window


def as_it_is(office: Office) -> QWidget:
    checked("walk-up")(office)
    office.page.desk_actions.want(HAND_BACK)
    return office.window


def unfolded(office: Office) -> QWidget:
    checked("walk-up")(office)
    office.open_apps()
    office.click(office.page.health.details)
    office.click(office.page.returns.details)
    return office.window


def off(office: Office) -> QWidget:
    office.window.desk_page.practise("not-ready-debugging-off")
    office.until(office.page.ready.isVisible)
    office.page.ready.cures.open(True)
    return office.window


def asks(office: Office) -> QWidget:
    session = office.window.desk_page.practise("not-ready-asks")
    office.until(lambda: session.phase is Phase.ASKED and office.page.ready.isVisible())
    return office.window


def queue(office: Office) -> QWidget:
    """Many phones; the newest is told of at the foot of the page."""
    checked("walk-up")(office)
    office.plug("usb-1", state=PhoneState.CHARGING)
    office.until(lambda: len(office.cards()) == 2)
    office.until(lambda: office.says("Just plugged in"))
    return office.window


def busy(office: Office) -> QWidget:
    server = office.serve("usb-1", "walk-up")
    gate = office.gate(server, "dumpsys")
    office.plug("usb-1")
    office.until(lambda: gate.reached)
    office.until(lambda: office.block.stop.isVisible())
    return office.window


def waiting(office: Office) -> QWidget:
    office.plug("usb-1", state=PhoneState.UNAUTHORISED)
    office.until(lambda: bool(office.cards()))
    return office.window


def log(office: Office) -> QWidget:
    checked("walk-up")(office)
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    page.head.entries.setChecked(True)
    page.practice.setChecked(True)
    office.until(lambda: page.source.state is SourceState.READY and page.detail.entry is not None)
    return office.window


def visits(office: Office) -> QWidget:
    checked("walk-up")(office)
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    page.practice.setChecked(True)
    office.until(lambda: page.visit.visit is not None)
    return office.window


def empty_log(office: Office) -> QWidget:
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    office.until(lambda: page.side.source.state is SourceState.NOTHING)
    return office.window


def policy(office: Office) -> QWidget:
    page = office.window.open_page("policy")
    assert isinstance(page, PolicyPage)
    office.until(lambda: page.policy is not None)
    return office.window


def round_of_practice(office: Office) -> RoundsPage:
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    begin(office, page, practice=True, recheck=50)
    office.until(lambda: page.write.isVisible())
    return page


def a_round(office: Office) -> QWidget:
    round_of_practice(office)
    return office.window


def due_again(office: Office) -> QWidget:
    dialog = round_of_practice(office).open_due()
    office.until(lambda: dialog.model.rowCount() > 0)
    return dialog


def letters(office: Office) -> QWidget:
    round_of_practice(office).write.click()
    found = visible(office, LettersDialog)
    assert found is not None
    return found


def sheet(opens: str) -> Callable[[Office], QWidget]:
    def show(office: Office) -> QWidget:
        getattr(office.window.beside, opens)()
        (found,) = [d for d in office.window.findChildren(QDialog) if d.isVisible()]
        return found

    return show


def crash(office: Office) -> QWidget:
    report = BugReport(("", ()), "details", office.data / "crash.txt")
    dialog = CrashDialog(report, lambda: None, office.window, may_go_on=True)
    dialog.show()
    dialog.more_button.click()
    return dialog


def settings(office: Office) -> QWidget:
    office.window.open_page("settings")
    return office.window


def manual(office: Office) -> QWidget:
    office.window.beside.show_manual()
    assert office.window.beside.manual is not None
    office.window.beside.manual.field.setText("phone")
    return office.window.beside.manual


def several(office: Office) -> QWidget:
    """Phones in all kinds of state, some of which wait."""
    for number, scenario in enumerate(("walk-up", "clean", "unseen"), 1):
        office.plug(f"S{number}", scenario)
    office.plug("S4", state=PhoneState.UNAUTHORISED)
    office.until(lambda: len(office.cards()) == 4)
    office.idle()
    return office.window


def new_round(office: Office) -> QWidget:
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    office.click("New round…")
    dialog = visible(office, NewRoundDialog)
    assert dialog is not None
    return dialog


STATES: dict[str, Callable[[Office], QWidget]] = {
    "empty": empty,
    "red": checked("walk-up"),
    "amber": checked("unseen"),
    "green": checked("clean"),
    "hostile": checked("hostile"),
    "problem": checked("unplugged"),
    "waiting": waiting,
    "busy": busy,
    "plan": plan,
    "outcome": outcome,
    "undo": undo,
    "on the phone": on_the_phone,
    "seen by hand": seen_by_hand,
    "handed back": handed_back,
    "as it is": as_it_is,
    "unfolded": unfolded,
    "debugging off": off,
    "asks": asks,
    "queue": queue,
    "log": log,
    "visits": visits,
    "empty log": empty_log,
    "policy": policy,
    "round": a_round,
    "due again": due_again,
    "letters": letters,
    "keys": sheet("show_keys"),
    "manual": manual,
    "who": sheet("ask_who"),
    "crash": crash,
    "settings": settings,
    "several": several,
    "cannot be removed": checked("preinstalled"),
    "new round": new_round,
}
