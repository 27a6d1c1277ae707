"""Nothing stays of what was opened and closed: counted in objects, once each thing has been done several times."""

from __future__ import annotations

import gc
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import Shiboken, isValid

import gui
from core.model import Rule
from core.phones.states import PhoneState
from gui.desk.acts.all_acts import LABEL, REPORT
from gui.desk.report.review_dialog import ReviewDialog
from gui.desk.session.phone_session import PhoneSession
from gui.log.log_page import LogPage
from gui.papers.erase_dialog import DueValuesDialog
from gui.papers.keys_dialog import EnrolmentDialog
from gui.papers.month_dialog import MonthDialog
from gui.papers.outside_copies import (
    CheckpointDialog,
    DailyCloseDialog,
    ReceiptDialog,
    StampReplyDialog,
    StampRequestDialog,
)
from gui.papers.paper_dialog import PaperDialog
from gui.policy.dialogs import PolicyDialogs
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.page_data import PageData
from gui.rounds.rounds_page import RoundsPage
from gui.settings.settings_page import SettingsPage
from tests.gui.conftest import Office
from tests.inside import is_at_rest, shows_all

#: How often everything is done, once it has been done before and has made what it makes for good. An even number:
#: language and colours are then those that they were.
TIMES: Final = 2

#: Dialogs that are not opened here: those on which others stand, those of a running round, of a crash, of the kiosk,
#: and those behind another one.
NOT_OPENED: Final = {
    *("JobDialog", "CardDialog", "PaperDialog", "TableDialog", "RuleChangeDialog", "_PasswordDialog"),
    *("DrawDialog", "DueListDialog", "EndRoundDialog", "LettersDialog", "ListDialog", "PhonesDialog", "RosterDialog"),
    *("RoundReportDialog", "CrashDialog", "CrashFilesDialog", "LeaveKioskDialog"),
    *("TrainingRecordDialog", "WithdrawExceptionDialog"),
}

Act = Callable[[Office], object]


def settle(office: Office) -> None:
    """Wait until nothing is under way or still to be told, and have Qt delete what is to be deleted."""
    office.until(lambda: is_at_rest(office.fanion.runner) and shows_all(office.window.desk_page))
    for _ in range(2):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def close_all(office: Office) -> None:
    """Leave every menu and every dialog."""
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    for dialog in office.window.findChildren(QDialog):
        dialog.reject()
    if office.window.beside.manual is not None:
        office.window.beside.manual.close()
    settle(office)


def counts(office: Office) -> Counter[str]:
    """How many there are of each class: widgets, whatever else of Qt's Python holds, phones, threads.

    Not by `findChildren(QObject)`: of Qt's own parts PySide holds whatever that has found.
    """
    settle(office)
    gc.collect()
    every = gc.get_objects()
    held = [thing for thing in every if isinstance(thing, Shiboken.Object)]
    return Counter(
        {
            **_named("", QApplication.allWidgets()),
            **_named("held: ", held),
            **_named("held, though deleted: ", (thing for thing in held if not isValid(thing))),
            **_named("phone: ", (thing for thing in every if isinstance(thing, PhoneSession))),
            "threads": threading.active_count(),
        }
    )


def _named(about: str, things: Iterable[object]) -> Counter[str]:
    return Counter(f"{about}{type(thing).__name__}" for thing in things)


def every_dialog() -> set[str]:
    """The names of all dialogs that the window has."""
    modules = Path(gui.__file__).parent.rglob("*.py")
    return {name for module in modules for name in re.findall(r"^class (\w+Dialog)\(", module.read_text("utf-8"), re.M)}


# --- what is done


def _log(office: Office) -> LogPage:
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    return page


def _rounds(office: Office) -> RoundsPage:
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    return page


def _settings(office: Office) -> SettingsPage:
    page = office.window.open_page("settings")
    assert isinstance(page, SettingsPage)
    return page


def _paper(dialog: type[PaperDialog], office: Office) -> None:
    office.window.papers.open(dialog, practice=True)


def _policy(open_dialog: Callable[[PolicyDialogs, PageData, Rule], object], office: Office) -> None:
    page = office.window.policy_page
    assert page.page_data is not None
    open_dialog(page.dialogs, page.page_data, page.page_data.policy.rules[0])


def _formats(office: Office) -> None:
    page = office.window.policy_page
    assert page.page_data is not None
    page.tools.pop_up(page.dialogs.menu(page.page_data))


def _report(office: Office) -> None:
    office.page.desk_actions.want(REPORT)
    office.until(lambda: any(isinstance(widget, ReviewDialog) for widget in QApplication.topLevelWidgets()))


def _exception(office: Office) -> None:
    GrantExceptionDialog(office.desk, office.fanion.runner, office.window).open()


def _every_page(office: Office) -> None:
    for name in sorted(office.window.rows):
        office.window.open_page(name)
        settle(office)
    office.window.open_page("desk")


def _practice_phone(office: Office) -> None:
    """Plug a practice phone in, have it checked, pull it, and take it off the list."""
    phones = office.fanion.phones
    session = office.window.desk_page.practise("clean")
    office.until(lambda: session.check is not None)
    office.idle()
    phones.put_away(session)
    settle(office)
    phones.put_away(session)
    assert session not in phones.sessions
    office.window.desk_page.choose(phones.sessions[0])


def _phone_that_waits(office: Office) -> None:
    """Plug a phone in that has to be made ready, and take it off the list."""
    office.window.open_page("desk")
    phones = office.fanion.phones
    before = list(phones.sessions)
    office.plug("K2", state=PhoneState.UNAUTHORISED)
    office.until(lambda: phones.sessions[-1] not in before)
    session = phones.sessions[-1]
    office.window.desk_page.choose(session)
    office.until(office.page.ready.isVisible)
    office.unplug("K2")
    office.until(lambda: session.absent)
    settle(office)
    phones.put_away(session)
    assert phones.sessions == before
    office.window.desk_page.choose(before[0])


def _phone_on_bus(office: Office) -> None:
    """Plug a phone in, have it checked, pull the cable, and take it off the list."""
    phones = office.fanion.phones
    before = list(phones.sessions)
    office.plug("K1", "walk-up")
    office.until(lambda: phones.sessions[-1] not in before)
    session = phones.sessions[-1]
    office.until(lambda: session.check is not None)
    office.idle()
    office.unplug("K1")
    office.until(lambda: session.absent)
    settle(office)
    phones.put_away(session)
    assert phones.sessions == before
    office.servers.pop("K1").close()
    office.window.desk_page.choose(before[0])


_PAPERS: Final = (
    CheckpointDialog,
    DailyCloseDialog,
    DueValuesDialog,
    EnrolmentDialog,
    MonthDialog,
    ReceiptDialog,
    StampReplyDialog,
    StampRequestDialog,
)
ACTS: Final[dict[str, Act]] = {
    "a practice phone": _practice_phone,
    "a phone": _phone_on_bus,
    "a phone that waits": _phone_that_waits,
    "every page": _every_page,
    "the keys": lambda office: office.window.beside.show_keys(),
    "about Fanion": lambda office: office.window.beside.show_about(),
    "who works here": lambda office: office.window.beside.ask_who(),
    "the manual": lambda office: office.window.beside.show_manual("officer#a-red-phone"),
    "the lessons": lambda office: office.window.beside.lessons.open_list(),
    "the practice phones": lambda office: office.window.desk_page.open_practice(),
    "an asset tag": lambda office: office.page.desk_actions.want(LABEL),
    "a report": _report,
    "a phone's menu": lambda office: office.page.identity.menu().popup(office.window.pos()),
    "a verification": lambda office: _log(office).verify(),
    "an export": lambda office: _log(office).export(),
    **{dialog.__name__: partial(_paper, dialog) for dialog in _PAPERS},
    "the papers' menu": lambda office: office.window.papers.show_menu(office.window),
    "the formats' menu": _formats,
    "the layers": partial(_policy, lambda dialogs, data, rule: dialogs.layers(data)),
    "what is looked for beside": partial(_policy, lambda dialogs, data, rule: dialogs.beside(data)),
    "another policy": partial(_policy, lambda dialogs, data, rule: dialogs.choose(data)),
    "a new rule": partial(_policy, lambda dialogs, data, rule: dialogs.add(data)),
    "a rule": partial(_policy, lambda dialogs, data, rule: dialogs.edit(data, rule)),
    "a rule's end": partial(_policy, lambda dialogs, data, rule: dialogs.delete(data, rule)),
    "a rule's switch": partial(_policy, lambda dialogs, data, rule: dialogs.switch(data, rule, off=True)),
    "the exceptions": partial(_policy, lambda dialogs, data, rule: dialogs.exceptions()),
    "an exception": _exception,
    "a signed policy": partial(_policy, lambda dialogs, data, rule: dialogs.import_policy()),
    "a policy's export": partial(_policy, lambda dialogs, data, rule: dialogs.export(data, "intune")),
    "a round": lambda office: _rounds(office).begin_round(),
    "who is due": lambda office: _rounds(office).open_due(),
    "carrying home": lambda office: _rounds(office).carry_home(),
    "a password": lambda office: _settings(office).ask_password(),
    "a question": lambda office: _settings(office).ask_to_forget_key(),
    "another language": lambda office: office.window.switches.switch_language(),
    "other colours": lambda office: office.window.switches.switch_scheme(),
}


@pytest.fixture
def quiet_memory() -> Iterator[None]:
    """What was there before is not looked through each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.qt_log_ignore("does not support grabbing the keyboard")
def test_nothing_stays_of_phones_pages_dialogs_languages_and_colours(office: Office, quiet_memory: None) -> None:
    session = office.window.desk_page.practise("walk-up")  # it stays, and the dialogs about a phone are about it
    office.until(lambda: session.check is not None)
    office.idle()
    _every_page(office)
    # What is made late, by whatever asks for it first, is there before anything is counted.
    assert all((office.page.ready, office.window.papers, office.window.policy_page.dialogs))
    assert office.window.beside.lessons

    opened: set[str] = set()

    def everything() -> None:
        for act in ACTS.values():
            act(office)
            settle(office)
            opened.update(type(w).__name__ for w in QApplication.topLevelWidgets() if isinstance(w, QDialog))
            close_all(office)

    everything()
    assert every_dialog() - opened == NOT_OPENED, "open a new dialog here too"
    before = counts(office)
    for _ in range(TIMES):
        everything()
    # What each opening leaves is there once for each. A single wrapper that PySide happens to hold when it is counted,
    # such as of a style that another test's widget had, is none of it.
    left = {kind: count for kind, count in (counts(office) - before).items() if count >= TIMES}
    assert not left
