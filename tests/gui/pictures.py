"""Pictures of every page in every state, to be looked at: `python -m tests.gui.pictures [FOLDER]`.

In both palettes and both languages, at 100 % and at 200 %, and in high contrast, with a sheet of all of them in
`index.html`. Nothing is shown on a screen, the phones are practice phones, and whatever is pictured as under way is
held until it is pictured.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

import gui.startup.application
from core import text
from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.policy import granted_exceptions, policy_changes
from core.desk.policy.policy_changes import OwnRules
from core.desk.settings import data_choice
from core.desk.settings.data_choice import ChosenFolderGone, Origin
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, Progress
from core.ledger import records
from core.ledger.file.clock import Instant
from core.ledger.verify.faults import Fault, FaultKind, Verification
from core.ledger.writer import Ledger, ledger_file
from core.model import (
    App,
    AppEvidence,
    AppState,
    Attested,
    Evidence,
    EvidenceKind,
    FileHash,
    Finding,
    Gap,
    HashedBy,
    Labels,
    Phone,
    Profile,
    ProfileKind,
    Strength,
    Trust,
    Verdict,
)
from core.phones.driver import Outcome, Unplugged
from core.phones.states import PhoneState
from core.phones.watch import Change, Road, Sighting
from core.policy import convert
from core.policy.exceptions import Request, signer_of
from core.policy.format import tables
from core.policy.format.policy_file import load_built_in
from core.policy.trust.accepted import Accepted
from core.policy.trust.refusals import not_a_stick
from core.policy.wording import long_date
from core.rounds.roster.tables import parse_table
from core.simulator import PracticeServer, load, scenario_list
from core.simulator.model.scenario import AppData, Scenario, Version
from core.system.local_zone import system_zone
from core.system.support.crash_files import describe
from core.text import LANGUAGES, Bilingual, T
from core.visit.events import AllowAsked, Glimpse, StepEnds
from core.visit.phone_source import Practice
from gui.desk.acts.all_acts import BY_HAND, CHECK, HAND_BACK, LEAVE, PLAN, REPORT, STOP, UNDO
from gui.desk.phone_list.totals_bar import TotalsBar
from gui.desk.queue import Total
from gui.desk.report.review_dialog import ReviewDialog
from gui.desk.session import flows
from gui.desk.session.app_rows import AppKind
from gui.desk.session.lane import FileRead
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from gui.log.filter_bar import Period
from gui.log.log_page import LogPage
from gui.log.record_source import SourceState
from gui.log.verify_dialog import Verified
from gui.papers.erase_dialog import DueValuesDialog
from gui.papers.keys_dialog import EnrolmentDialog
from gui.papers.outside_copies import CheckpointDialog, DailyCloseDialog, StampReplyDialog, StampRequestDialog
from gui.policy.edit.change_preview import PreviewPane
from gui.policy.edit.rule_draft import RuleDraft, rule_of
from gui.policy.edit.rule_form import RuleFormDialog
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.export_dialog import ExportPolicyDialog, Saved
from gui.policy.import_dialog import ImportPolicyDialog, PolicyImport
from gui.policy.page_data import PageData
from gui.policy.policy_page import PolicyPage
from gui.rounds.dialogs.carry_home_dialog import CarryHomeDialog
from gui.rounds.dialogs.due_dialog import DueDialog
from gui.rounds.dialogs.list_dialog import ListDialog
from gui.rounds.dialogs.roster_dialog import RosterDialog
from gui.rounds.rounds_page import RoundsPage
from gui.settings.settings_page import SettingsPage
from gui.startup import chosen_folder
from gui.startup.application import Fanion
from gui.startup.crash_handler import BugReport, CrashDialog
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import FolderField
from gui.toolkit.jobs import Done, Failed, JobRunner
from gui.toolkit.theme import ColourScheme
from gui.window.main_window import MainWindow
from tests.inside import is_fetching
from tests.unit.head_office.department import merged_store

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "pictures"
#: Logical pixels: the smallest screen of a desk, a usual one, and what is left of a small one at 200 %.
_PALETTES: Final = (ColourScheme.LIGHT, ColourScheme.DARK)
SMALL, LARGE, DOUBLE = (1366, 768), (1920, 1080), (683, 384)
#: Seconds until a state that does not come is a mistake.
_PATIENCE: Final = 120.0


class Gate(JobRunner):
    """Runs jobs, and holds one at the first event that `holds` says yes to until :meth:`open` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.holds: Callable[[object], bool] | None = None
        self.held = threading.Event()
        self._opened = threading.Event()

    def start(self, owner: Any, lane: str, work: Any, ended: Any, news: Any = None, *, must: bool = False) -> Any:
        def watched(cancel: Cancel, report: Callable[[object], None]) -> object:
            def tell(event: object) -> None:
                report(event)
                self._wait_at(event, cancel)

            if lane.startswith("phone ") and not must:
                self._wait_at(report, cancel)
            return work(cancel, tell)

        return super().start(owner, lane, watched, ended, news, must=must)

    def hold(self, at: Callable[[object], bool]) -> None:
        self._opened.clear()
        self.held.clear()
        self.holds = at

    def open(self) -> None:
        self.holds = None
        self._opened.set()

    def _wait_at(self, event: object, cancel: Cancel) -> None:
        if self.holds is not None and self.holds(event):
            self.holds = None
            self.held.set()
            while not self._opened.wait(0.02):
                cancel.check()


@dataclass(frozen=True)
class Scene:
    """One state. `show` brings it about in the present language, and gives what is pictured."""

    name: str
    show: Callable[[], QWidget]
    large: bool = False


class Studio:
    """One open window, and the ways to bring it into a state."""

    def __init__(self, app: QApplication, desk: Desk) -> None:
        gui.startup.application.JobRunner = Gate  # type: ignore[misc]
        self.app = app
        self.fanion = Fanion(app, desk, watch=_NoWatch, pace=0.0)
        self.window = self.fanion.window
        self.gate: Gate = self.fanion.runner  # type: ignore[assignment]
        self.window.show()
        self.rest()

    def rest(self, until: Callable[[], bool] = lambda: True) -> None:
        """Until nothing is under way any more, and `until` is so."""
        _wait(lambda: self.gate.idle and until())

    def close(self) -> None:
        self.gate.open()
        self.fanion.close()
        QTest.qWait(1)

    def plug(self, scenario: str) -> QWidget:
        """A practice phone, checked."""
        self.window.open_page("desk")
        session = self.window.desk_page.practise(scenario)
        self.rest(lambda: not session.busy)
        return self.window

    def hold(self, at: Callable[[object], bool], act: Callable[[], object]) -> QWidget:
        """Whatever `act` begins, held at an event."""
        self.gate.hold(at)
        act()
        _wait(self.gate.held.is_set)
        return self.window

    def go_on(self) -> None:
        self.gate.open()
        self.rest()

    def visits(self, row: int = 0, search: str = "", event: int = -1) -> QWidget:
        """The log by visits, one of them chosen; where `event` says so, one of its records in full."""
        page = self.window.open_page("log")
        assert isinstance(page, LogPage)
        page.head.visits.setChecked(True)
        self.log(search=search)
        page.visits.table.go_to(row)
        self.rest(lambda: page.visit.visit is not None)
        if page.small:
            page.go_into()
        if event >= 0:
            page.visit.timeline.clicked.emit(page.visit.rows.index(event))
        return self.window

    def log(self, number: int = 0, search: str = "", practice: bool = False) -> QWidget:
        page = self.window.open_page("log")
        assert isinstance(page, LogPage)
        if search:
            page.leave()
        page.search.setText(search)
        if practice:
            page.practice.setChecked(True)
        if number:
            page.show_record(number, practice)

        def still() -> bool:
            source = page.side.source
            waiting = page.filters.pause.isActive() or is_fetching(source)
            return not waiting and source.share is None and source.state is not SourceState.READING

        self.rest(still)
        return self.window

    def policy(self, rule: str = "", search: str = "") -> QWidget:
        page = self.window.open_page("policy")
        assert isinstance(page, PolicyPage)
        self.rest()
        page.leave()
        page.search.setText(search)
        for row in range(page.rules.rowCount()):
            if page.rules.row(row).rule.id == rule:
                page.table.selectRow(row)
                if page.small:
                    page.go_into()
        return self.window

    def dialog(self, opens: Callable[[], object]) -> QDialog:
        opens()
        return next(d for d in self.window.findChildren(QDialog) if d.isVisible())


class _NoWatch:
    """Nothing is plugged in, but what a scene says."""

    told: Callable[[Change], None]

    def __init__(self, changed: Callable[[Change], None]) -> None:
        type(self).told = changed

    def start(self) -> None:
        return None

    def stop(self) -> None:
        pass


def first_start(studio: Studio) -> Iterator[Scene]:
    yield Scene("desk-first", lambda: studio.window, large=True)
    yield Scene("log-empty", studio.log)


def broken(studio: Studio) -> Iterator[Scene]:
    studio.plug("clean")
    yield Scene("desk-policy-broken", lambda: studio.window)
    yield Scene("policy-broken", studio.policy)
    yield Scene("log-broken", studio.log)


def day(studio: Studio) -> Iterator[Scene]:
    """A day at a desk: the visit of one phone, stage by stage. Each scene goes on from the one before."""
    window, desk = studio.window, studio.window.desk_page
    page = desk.page
    block = page.block
    yield Scene("desk-empty", lambda: window)
    yield Scene("desk-practice", desk.open_practice)
    yield from _not_ready(studio)
    studio.hold(_begins, lambda: desk.practise("clean"))
    yield Scene("desk-opening", lambda: window)
    studio.go_on()
    studio.hold(lambda event: isinstance(event, Progress) and event.share > 0.3, partial(page.desk_actions.want, CHECK))
    yield Scene("desk-reading", lambda: window, large=True)
    page.desk_actions.want(STOP)
    studio.go_on()
    yield Scene("desk-stopped", lambda: window)
    page.desk_actions.want(CHECK)
    studio.rest()
    yield Scene("desk-green", lambda: window, large=True)
    studio.plug("unseen")
    yield Scene("desk-amber", lambda: window, large=True)
    block.look.answers[Attested.APP_SEEN].setChecked(True)
    yield Scene("desk-amber-seen", lambda: window)
    block.look.answers[Attested.NOTHING_SEEN].setChecked(True)
    block.record.click()
    studio.rest()
    yield Scene("desk-amber-looked-at", lambda: window)
    studio.plug("unplugged")
    yield Scene("desk-problem", lambda: window)
    studio.hold(lambda event: isinstance(event, Glimpse), lambda: desk.practise("walk-up"))
    yield Scene("desk-reading-red", lambda: window)
    studio.go_on()
    yield Scene("desk-red", lambda: window, large=True)
    yield Scene("desk-phone-menu", page.identity.menu)
    page.health.details.click()
    yield Scene("desk-health", lambda: window)
    page.health.details.click()
    page.returns.details.click()
    yield Scene("desk-can-return", lambda: window)
    page.returns.details.click()
    page.fold.open(True)
    yield Scene("desk-apps", lambda: window, large=True)
    page.apps.search.setText("tencent")
    yield Scene("desk-apps-search", lambda: window)
    page.apps.search.setText("nothing like that")
    yield Scene("desk-apps-search-nothing", lambda: window)
    page.apps.search.clear()
    page.fold.open(False)
    page.desk_actions.want(PLAN)
    yield Scene("desk-plan", lambda: window, large=True)
    yield Scene("desk-told", lambda: window)
    studio.hold(lambda event: isinstance(event, StepEnds), block.remove.click)
    yield Scene("desk-removing", lambda: window, large=True)
    studio.go_on()
    yield Scene("desk-hand-back", lambda: window, large=True)
    block.finish.click()
    studio.rest(lambda: page.session is not None and page.session.handed_back is not None)
    yield Scene("desk-handed-back", lambda: window, large=True)
    for scenario in ("device-admin", "preinstalled", "stubborn", "work-profile", "secure-folder", "odd-answers"):
        studio.plug(scenario)
        yield Scene(f"desk-{scenario}", lambda: window)
        if not block.remove.isHidden():
            page.desk_actions.want(PLAN)
            yield Scene(f"desk-{scenario}-plan", lambda: window)
            block.remove.click()
            studio.rest()
            yield Scene(f"desk-{scenario}-outcome", lambda: window)
        if not block.on_phone.isHidden():
            page.desk_actions.want(BY_HAND)
            studio.rest()
            yield Scene(f"desk-{scenario}-on-phone", lambda: window, large=True)
            page.desk_actions.want(LEAVE)
            page.desk_actions.want(HAND_BACK)
            yield Scene(f"desk-{scenario}-as-it-is", lambda: window)
            page.desk_actions.want(LEAVE)
        if page.session is not None and page.session.undoable:
            page.desk_actions.want(UNDO)
            yield Scene(f"desk-{scenario}-undo", lambda: window)
            block.put_back.click()
            studio.rest()
            yield Scene(f"desk-{scenario}-undone", lambda: window)
    for scenario in ("apps-inside", "repair-mode"):
        studio.plug(scenario)
        yield Scene(f"desk-{scenario}", lambda: window)
        page.fold.open(True)
        yield Scene(f"desk-{scenario}-apps", lambda: window)
    studio.plug("hostile")
    yield Scene("desk-hostile", lambda: window)
    session = page.session
    assert session is not None
    studio.fanion.phones.put_away(session)
    studio.rest()
    yield Scene("desk-unplugged", lambda: window)
    yield from _queue(studio)
    yield Scene("log-filled", lambda: studio.log(number=1), large=True)
    yield Scene("log-detail", lambda: studio.log(number=16))
    yield Scene("log-search", lambda: studio.log(search="wechat"))
    yield Scene("log-search-nothing", lambda: studio.log(search="no such thing"))
    yield Scene("log-practice", lambda: studio.log(practice=True))
    yield Scene("policy-first", studio.policy, large=True)
    yield Scene("policy-rule", lambda: studio.policy(rule="kaspersky"))
    yield Scene("policy-search", lambda: studio.policy(search="tencent"))
    yield Scene("policy-beside", lambda: studio.dialog(window.policy_page.head.beside.click))
    yield Scene("policy-search-nothing", lambda: studio.policy(search="no such thing"))
    yield Scene("sheet-keys", lambda: studio.dialog(window.beside.show_keys))
    window.beside.show_manual("officer#a-red-phone")
    yield Scene("manual", lambda: _manual(window))
    yield Scene("manual-search", lambda: _manual(window, "usb debugging"))
    assert window.beside.manual is not None
    window.beside.manual.close()
    yield Scene("sheet-who", lambda: studio.dialog(window.beside.ask_who))
    yield Scene("sheet-about", lambda: studio.dialog(window.beside.show_about))
    yield Scene("sheet-crash", lambda: _crash(window))
    yield Scene("sheet-crash-details", lambda: _crash(window, details=True))


def _manual(window: MainWindow, search: str = "") -> QWidget:
    """The window of the manual, with what was found where something is searched for."""
    assert window.beside.manual is not None
    window.beside.manual.field.setText(search)
    QTest.qWait(1)
    return window.beside.manual


def _not_ready(studio: Studio) -> Iterator[Scene]:
    """Phones that cannot be read yet."""
    window, desk = studio.window, studio.window.desk_page
    studio.plug("not-ready-debugging-off")
    yield Scene("desk-debugging-off", lambda: window, large=True)
    desk.page.ready.cures.open(True)
    yield Scene("desk-debugging-off-cures", lambda: window)
    desk.page.ready.steps[0].done_button.click()
    yield Scene("desk-debugging-off-second-step", lambda: window)
    asking = desk.practise("not-ready-asks")
    _wait(lambda: asking.phase is Phase.ASKED and desk.page.ready.isVisible())
    yield Scene("desk-asks", lambda: window, large=True)
    desk.page.ready.cures.open(True)
    yield Scene("desk-asks-cures", lambda: window)
    studio.fanion.phones.put_away(asking)
    studio.rest()
    for scenario, state in (("denies", "not-allowed"), ("no-permission", "no-permission"), ("locks", "away")):
        session = desk.practise(f"not-ready-{scenario}")
        _wait(lambda session=session: bool(session.acts) and desk.page.ready.isVisible())  # type: ignore[misc]
        yield Scene(f"desk-{state}", lambda: window)
        studio.fanion.phones.put_away(session)
    for session in list(studio.fanion.phones.sessions):
        for _ in range(2):  # one that was unplugged stays in the list
            studio.fanion.phones.put_away(session)
            studio.rest()


def iphones(studio: Studio) -> Iterator[Scene]:
    """What is different with iPhones: trust, what a green covers, offloaded apps, those for review, management."""
    window, desk = studio.window, studio.window.desk_page
    page = desk.page
    block = page.block
    studio.hold(lambda event: isinstance(event, AllowAsked), lambda: desk.practise("iphone-untrusted"))
    for scenario in ("untrusted", "locked"):
        _wait(page.ready.isVisible)
        yield Scene(f"desk-iphone-{scenario}", lambda: window, large=True)
        page.ready.cures.open(True)
        yield Scene(f"desk-iphone-{scenario}-cures", lambda: window)
        if scenario == "untrusted":
            page.ready.holder.buttons[0].click()
        studio.go_on()
        if scenario == "untrusted":
            yield Scene("desk-iphone-for-review", lambda: window, large=True)
            desk.practise("iphone-locked")
            studio.rest()
    for state in (PhoneState.NOT_LISTED, PhoneState.NO_SERVICE, PhoneState.SERVICE_TOO_OLD, PhoneState.FORGOTTEN):
        seen = Sighting(state, "00008101-000A1B2C3D4E5F60", "iPhone", state, Road.MUX, maker="apple", platform="ios")
        _NoWatch.told(Change(seen, plugged=True))
        studio.rest(lambda state=state: any(one.key == state for one in studio.fanion.phones.sessions))  # type: ignore[misc]
        desk.choose(next(one for one in studio.fanion.phones.sessions if one.key == state))
        _wait(page.ready.isVisible)
        yield Scene(f"desk-iphone-{state}", lambda: window)
        _NoWatch.told(Change(seen, plugged=False))
        studio.rest()
    studio.plug("iphone-clean")
    yield Scene("desk-iphone-green", lambda: window, large=True)
    block.finish.click()
    studio.rest(lambda: page.session is not None and page.session.handed_back is not None)
    yield Scene("desk-iphone-handed-back", lambda: window)
    studio.plug("iphone-wechat")
    yield Scene("desk-iphone-red", lambda: window, large=True)
    page.desk_actions.want(PLAN)
    yield Scene("desk-iphone-plan", lambda: window)
    block.remove.click()
    studio.rest()
    yield Scene("desk-iphone-outcome", lambda: window)
    page.desk_actions.want(BY_HAND)
    studio.rest()
    yield Scene("desk-iphone-on-phone", lambda: window)
    page.desk_actions.want(LEAVE)
    page.desk_actions.want(HAND_BACK)
    yield Scene("desk-iphone-as-it-is", lambda: window)
    page.desk_actions.want(LEAVE)
    studio.plug("iphone-offloaded")
    yield Scene("desk-iphone-offloaded", lambda: window)
    studio.plug("iphone-supervised")
    yield Scene("desk-iphone-supervised", lambda: window, large=True)
    assert page.session is not None
    assert page.session.check is not None
    page.fold.show_finding(page.session.check.for_review[0])
    yield Scene("desk-iphone-review", lambda: window)
    page.fold.open(False)
    yield Scene("report-file", lambda: _report(studio))
    studio.plug("iphone-hostile")
    yield Scene("desk-iphone-hostile", lambda: window)


def _report(studio: Studio) -> QDialog:
    """The file of the phone that is shown, before it is saved."""
    window = studio.window
    window.desk_page.page.desk_actions.want(REPORT)
    _wait(lambda: any(dialog.isVisible() for dialog in window.findChildren(ReviewDialog)))
    return next(dialog for dialog in window.findChildren(ReviewDialog) if dialog.isVisible())


def lessons(studio: Studio) -> Iterator[Scene]:
    """The list of the lessons, and one of them from its beginning to a phone that went away, and to its end."""
    window, desk = studio.window, studio.window.desk_page
    guide = window.beside.lessons

    def listed() -> QWidget:
        guide.open_list()
        studio.rest()
        return next(d for d in window.findChildren(QDialog) if d.isVisible())

    yield Scene("lesson-list", listed)
    for dialog in window.findChildren(QDialog):
        dialog.close()
    guide.strip.lesson_wanted.emit(6)
    studio.rest()
    yield Scene("lesson-begun", lambda: window, large=True)
    guide.strip.main.click()
    studio.rest(lambda: guide.strip.standing is not None and len(guide.strip.standing.reached) == 1)
    yield Scene("lesson", lambda: window, large=True)
    guide.strip.answered.emit("why", 0)
    studio.rest()
    yield Scene("lesson-wrong-answer", lambda: window)
    guide.strip.answered.emit("why", 2)
    studio.rest()
    guide.strip.hint.click()
    yield Scene("lesson-hint", lambda: window)
    desk.phones.put_away(desk.phones.sessions[0])
    studio.rest()
    yield Scene("lesson-phone-gone", lambda: window)


def rounds(studio: Studio) -> Iterator[Scene]:
    """A round of practice phones: not begun, begun, some of its phones checked, its roster, its report."""
    window = studio.window
    page = window.open_page("round")
    assert isinstance(page, RoundsPage)
    studio.rest()
    yield Scene("round-none", lambda: window, large=True)
    yield Scene("round-new", page.begin_round)
    dialog = page.begin_round()
    dialog.name.setText("Autumn round 2026")
    dialog.practice.setChecked(True)
    dialog.recheck.setValue(50)
    dialog.begin()
    studio.rest(lambda: page.page_data.coverage is not None and bool(page.page_data.coverage.phones))
    dialog.close()
    for scenario in ("walk-up", "clean", "iphone-wechat", "iphone-clean"):
        studio.plug(scenario)
    window.open_page("round")
    studio.rest(lambda: page.page_data.coverage is not None and page.page_data.coverage.checked >= 3)
    yield Scene("round", lambda: window, large=True)
    bar = page.content.verticalScrollBar()
    bar.setValue(bar.maximum())
    yield Scene("round-below", lambda: window)
    yield Scene("round-list", lambda: studio.dialog(lambda: page.open_list("due")))
    yield Scene("round-report", lambda: studio.dialog(page.want_report))
    yield Scene("round-carry", page.carry_home)
    yield Scene("round-carry-key", lambda: _carrying(page, _KEY))
    yield Scene("round-carry-wrong", lambda: _carrying(page, _KEY[:-1]))

    def carried() -> CarryHomeDialog:
        sheet = _carrying(page, _KEY)
        folder = studio.fanion.desk.data / "stick"
        folder.mkdir(exist_ok=True)
        sheet.folder.use(folder)
        sheet.begin()
        studio.rest(lambda: sheet.bundle_folder.is_dir() and not sheet.busy)
        return sheet

    yield Scene("round-carried", carried)
    yield from _second_look(studio, page)
    table = parse_table(_ROSTER, "phones.csv", Cancel())
    assert page.page_data.current is not None
    one = page.page_data.current

    def ask() -> RosterDialog:
        sheet = RosterDialog(studio.fanion.desk, window.runner, page, one, table, practice=True)
        sheet.open()
        return sheet

    def read() -> RosterDialog:
        sheet = ask()
        sheet.begin()
        studio.rest(sheet.replace.isVisible)
        return sheet

    yield Scene("round-roster", ask)
    yield Scene("round-roster-replace", read)


def stores(studio: Studio) -> Iterator[Scene]:
    """The Round page on a store of head office: its last days, and a round of two laptops."""
    window = studio.window
    page = window.open_page("round")
    assert isinstance(page, RoundsPage)
    page._show_store().open(merged_store(studio.fanion.desk.data))
    store = page.store
    assert store is not None
    studio.rest(store.working.isHidden)
    yield Scene("store", lambda: window, large=True)
    bar = store.content.verticalScrollBar()
    bar.setValue(bar.maximum())
    yield Scene("store-below", lambda: window)
    bar.setValue(0)
    store._show_choice(store._choices[-1][1])
    studio.rest(store.working.isHidden)
    yield Scene("store-round", lambda: window, large=True)

    def due() -> QDialog:
        store.open_list("due")
        studio.rest(lambda: bool(store.findChildren(ListDialog)))
        return store.findChildren(ListDialog)[-1]

    yield Scene("store-list", due)


def _carrying(page: RoundsPage, key: str) -> CarryHomeDialog:
    """The dialog with which a round is carried home, once this key is typed in."""
    sheet = page.carry_home()
    sheet.key.setText(key)
    return sheet


_KEY: Final = "age1q84s2hqmg3gp9ery8avd632xx28pmphqqvn6d6m8kge89qr50cus0ptksc"


def _second_look(studio: Studio, page: RoundsPage) -> Iterator[Scene]:
    """Who is due again, what they are written, and the second look."""
    window = studio.window

    def due() -> DueDialog:
        dialog = page.open_due()
        dialog.days.setValue(0)
        studio.rest(lambda: bool(dialog.due.phones))
        return dialog

    yield Scene("round-due", due)
    yield Scene("round-menu", page.menu)
    yield Scene("round-letters", lambda: studio.dialog(page.want_letters))
    yield Scene("round-draw", lambda: studio.dialog(page.draw_sample))
    draw = page.draw_sample()
    assert draw is not None
    draw.begin()
    studio.rest(lambda: page.page_data.recheck is not None and page.page_data.recheck.drawn)
    draw.close()

    def drawn() -> QWidget:
        page.content.verticalScrollBar().setValue(page.second_card.y() - 200)
        return window

    yield Scene("round-drawn", drawn, large=True)


def settings_of(studio: Studio) -> Iterator[Scene]:
    """The settings, all of them and those that a search finds."""
    yield Scene("settings", lambda: studio.window.open_page("settings"))

    def found() -> QWidget:
        page = cast(SettingsPage, studio.window.open_page("settings"))
        page.search.setText("log")
        return page

    yield Scene("settings-search", found)
    window = studio.window
    standard = data_choice.standard_folder
    data_choice.standard_folder = lambda: window.desk.data
    try:
        yield from _data_folder(studio, cast(SettingsPage, window.open_page("settings")))
    finally:
        data_choice.standard_folder = standard


def _data_folder(studio: Studio, page: SettingsPage) -> Iterator[Scene]:
    """Another data folder: chosen, and the one question before; and one that is gone at the start."""

    def row(origin: Origin) -> QWidget:
        studio.window.desk.origin = origin
        page.search.setText("data" if text.language() == "en" else "données")
        studio.rest()
        page.show_folder()
        return studio.window

    for origin in Origin:
        yield Scene(f"settings-data-{origin.value}", partial(row, origin))
    row(Origin.STANDARD)
    ledger_file(studio.window.desk.data).touch()
    yield Scene(
        "settings-data-question", lambda: studio.dialog(lambda: page.folder.ask_for(studio.window.desk.data / "new"))
    )
    gone = ChosenFolderGone(Path("/media/a.roy/KEY/fanion-data"))
    yield Scene("start-data-gone", lambda: chosen_folder.question(gone))


_ROSTER: Final = b"""Serial Number,IMEI,Asset tag,Assigned to,Department
R58N12ABCDE,356938035643809,DRH-1,Yves Caron,Finance
R58N12ABCDF,1.23E+14,DRH-2,Anna Nowak,Field operations
R58N12ABCDE,,DRH-3,Omar Farah,Field operations
unknown,,,Zo\xc3\xa9 Caron,Finance
"""


def _queue(studio: Studio) -> Iterator[Scene]:
    """Many phones at once, of people with names; the newest has only just come."""
    window, desk, phones = studio.window, studio.window.desk_page, studio.fanion.phones
    names = ("Anna Nowak", "Paul Chartrand", "Marie-Ève Tremblay-Lachance", "", "Omar Farah")
    for number, session in enumerate(phones.sessions):
        flows.label(session, Labels(f"DRH-0{412 + number}", names[number % len(names)]))
    desk.choose(phones.sessions[0])
    studio.rest()
    studio.hold(
        lambda event: isinstance(event, Progress) and event.share > 0.3, partial(desk.page.desk_actions.want, CHECK)
    )
    phones.practise("not-ready-debugging-off", scenario_list.offer("not-ready-debugging-off").title)
    yield Scene("desk-queue", lambda: window, large=True)
    desk.by_slot.setChecked(True)
    yield Scene("desk-queue-slots", lambda: window)
    desk.by_work.setChecked(True)
    totals = window.findChild(TotalsBar)
    assert isinstance(totals, TotalsBar)
    only_red = totals.totals[Total.RED]
    only_red.click()
    yield Scene("desk-queue-red", lambda: window)
    only_red.click()
    studio.go_on()


def hidden_apps(studio: Studio, *, demands: bool) -> Iterator[Scene]:
    """A clean iPhone, and what its officer says of its hidden apps."""
    name = "desk-iphone-demanded" if demands else "desk-iphone"
    block = studio.window.desk_page.page.block
    studio.plug("iphone-clean")
    yield Scene(name, lambda: studio.window)
    if not demands:
        block.look_too.click()
        yield Scene(f"{name}-look", lambda: studio.window)
    block.look.answers[Attested.NOTHING_SEEN].setChecked(True)
    block.record.click()
    studio.rest()
    yield Scene(f"{name}-looked-at", lambda: studio.window)


def visits(studio: Studio) -> Iterator[Scene]:
    """The log by visits."""
    yield Scene("log-visits", studio.log, large=True)
    yield Scene("log-visit", lambda: studio.visits(row=1))
    yield Scene("log-visit-entry", lambda: studio.visits(row=1, event=1))
    yield Scene("log-visits-search", lambda: studio.visits(search="wechat"))


def findings(studio: Studio) -> Iterator[Scene]:
    """Files that are looked into, how sure findings are, and exceptions. Each scene goes on from the one before."""
    window, desk = studio.window, studio.window.desk_page
    apps = desk.page.apps
    clean, walk_up = load("clean"), load("walk-up")

    last: dict[str, PhoneSession] = {}

    def plug(scenario: Scenario, name: str) -> None:
        """Plug a phone in. The one before of its name goes first: two with one serial number have no exceptions."""
        while name in last and last[name] in desk.phones.sessions:
            desk.phones.put_away(last[name])
            studio.rest()
        opening = Practice(studio.fanion.desk, "clean")
        opening.server = PracticeServer(scenario, pace=0.0)
        window.open_page("desk")
        last[name] = desk.phones.add(name, name, opening)
        desk.choose(last[name])

    def details(place: int) -> QWidget:
        desk.page.fold.open(True)
        apps.table.setCurrentIndex(apps.model.index(place, 0))
        apps.open_details()
        return window

    hidden = _app("ca.maple.jottings", "Pocket Jotter", certificate="wechat", signer="1234567")
    studio.hold(_nth_file(43), lambda: plug(clean, "Pixel"))
    yield Scene("desk-looking", lambda: window, large=True)
    desk.page.desk_actions.want(STOP)
    studio.go_on()
    studio.rest(lambda: desk.page.block.property("kind") == "block-amber")
    yield Scene("desk-looking-stopped", lambda: window)
    desk.page.desk_actions.want(CHECK)
    studio.rest()
    yield Scene("desk-looked", lambda: window)
    studio.hold(_nth_file(43), lambda: plug(walk_up, "Galaxy"))
    yield Scene("desk-looking-red", lambda: window)
    studio.go_on()
    for scenario in ("archived", "forged"):
        plug(load(scenario), scenario)
        studio.rest(lambda: desk.page.block.property("kind") == "block-red")
        yield Scene(f"desk-{scenario}", lambda: window)
        desk.page.desk_actions.want(PLAN)
        yield Scene(f"desk-{scenario}-plan", lambda: window)
        desk.page.desk_actions.want(LEAVE)
    plug(replace(clean, apps=(*clean.apps, hidden)), "Pixel")
    studio.rest(lambda: desk.page.block.property("kind") == "block-red")
    yield Scene("desk-late-red", lambda: window)
    unsure = _app("ca.maple.cards", "Cards", signer="962f5b7", apk="missing")
    plug(replace(clean, apps=(*clean.apps, unsure)), "Pixel")
    studio.rest(lambda: desk.page.block.property("kind") == "block-amber")
    yield Scene("desk-suspected", lambda: window)
    yield Scene("desk-suspected-details", lambda: details(0))
    forged = tuple(replace(a, certificate="x") if a.package == "com.tencent.mm" else a for a in walk_up.apps)
    hint = _app("ca.maple.dance", "TikTok")
    plug(replace(walk_up, apps=(*forged, hidden, unsure, hint)), "Galaxy")
    studio.rest(lambda: apps.model.rowCount() > 5 and apps.model.row(4).kind is AppKind.HINT)
    yield Scene("desk-findings", lambda: window, large=True)
    yield Scene("desk-findings-details", lambda: details(1), large=True)
    yield Scene("desk-findings-renamed", lambda: details(2))
    yield Scene("desk-findings-menu", lambda: apps.menu_for(apps.model.row(0)))
    yield Scene("desk-app-menu", lambda: apps.menu_for(apps.model.row(8)))
    session = desk.page.session
    assert session is not None
    assert session.phone is not None
    policy = studio.fanion.desk.policy(None)
    ledger = studio.fanion.desk.hold_ledger(True, policy)
    phone, until = session.phone, granted_exceptions.today(ledger, system_zone()) + timedelta(days=126)
    for rule in ("wechat", "kaspersky"):
        app = "com.tencent.mm" if rule == "wechat" else "com.kms.free"
        by, file = "Chief Information Officer", "EX-2026-041"
        assert session.check is not None
        signer = signer_of(next(f for f in session.check.findings if f.app.package == app), "android")
        about = {"serial": phone.serial, "maker": phone.maker, "model": phone.model, "signer": signer}
        request = Request(rule, until, by, file, app, **about)
        granted = granted_exceptions.grant(ledger, request, policy, system_zone())
        if rule == "wechat":
            desk.policy_changed()
            studio.rest(lambda: not session.busy)
            apps.close_details()
            desk.page.desk_actions.want(PLAN)
            yield Scene("desk-excepted-plan", lambda: window)
            desk.page.desk_actions.want(LEAVE)
            yield Scene("desk-excepted-one", lambda: window)
    plug(walk_up, "Galaxy")
    studio.rest(lambda: desk.page.block.property("kind") == "block-amber")
    yield Scene("desk-excepted", lambda: window, large=True)
    yield Scene("desk-excepted-details", lambda: details(1))
    granted_exceptions.revoke(ledger, granted.entry, "The phone was handed back")
    yield Scene("log-exceptions", lambda: studio.log(number=granted.entry, practice=True))
    used = ledger.newest(1, kind=records.Kind.FINDING)[0].seq
    yield Scene("log-excepted-finding", lambda: studio.log(number=used, practice=True))


def _nth_file(number: int) -> Callable[[object], bool]:
    """Whether so many files were looked into."""
    read: list[object] = []

    def is_it(event: object) -> bool:
        read.extend([event] if isinstance(event, FileRead) else [])
        return isinstance(event, FileRead) and len(read) == number

    return is_it


def _app(package: str, label: str, certificate: str = "", signer: str = "", apk: str = "") -> AppData:
    return AppData(
        package, Version(3, "1.2"), installer="com.android.vending", label=label, certificate=certificate,
        signer=signer, apk=apk,
    )  # fmt: skip


def evidence(studio: Studio) -> Iterator[Scene]:
    """The log as evidence: filters, views of a record, verification, papers. Each scene goes on from the one before."""
    window, folder = studio.window, Path(tempfile.mkdtemp(prefix="fanion-key-"))

    def page() -> LogPage:
        studio.log()
        log = window.open_page("log")
        assert isinstance(log, LogPage)
        return log

    def filtered(*, opened: bool) -> QWidget:
        log = page()
        log.filters.open.setChecked(opened)
        log.filters.row.verdict.setCurrentIndex(1)
        log.filters.row.dates.use(Period.RANGE)
        return studio.log()

    def view(name: str, number: int) -> QWidget:
        log = page()
        log.filters.show_all()
        log.filters.open.setChecked(False)
        log.show_record(number, practice=False)
        getattr(log.detail, name).setChecked(True)
        studio.rest()
        return studio.log()

    def verified(found: Verification) -> QDialog:
        sheet = page().verify()
        sheet._ended(Done(Verified(found, proved if found.outside else ())))
        return sheet

    def verifying() -> QDialog:
        sheet = page().verify()
        sheet.use_copies([Path("fanion-receipt-000012.pdf"), Path("desk-4.tlog-proof")])
        return sheet

    def open_sheet(opens: Callable[[], object]) -> QDialog:
        sheet = studio.dialog(opens)
        studio.rest()
        return sheet

    def made(opens: Callable[[], object]) -> QDialog:
        sheet = open_sheet(opens)
        assert isinstance(sheet, JobDialog)
        field = sheet.findChild(FolderField)
        assert isinstance(field, FolderField)
        field.use(folder)
        sheet.go.click()
        studio.rest(lambda: not sheet.busy)
        return sheet

    def alarmed() -> QWidget:
        window.open_page("desk")
        standing = log_evidence.log_status(studio.fanion.desk, False)
        window.status_bar._counted(Done(replace(standing, faults=(_BREAKS[0],))))
        return window

    def calm() -> QWidget:
        assert window.alarm is not None
        window.status_bar.count()
        studio.rest()
        return window

    papers = window.papers
    with studio.fanion.desk.read_ledger(False) as ledger:
        proved = ledger.entries_numbered([5])
    yield Scene("log-evidence", studio.log)
    yield Scene("log-filters", lambda: filtered(opened=True))
    yield Scene("log-filters-closed", lambda: filtered(opened=False))
    yield Scene("log-as-recorded", lambda: view("as_recorded", 5))
    yield Scene("log-proof", lambda: view("as_proved", 5))
    yield Scene("log-removal", lambda: view("in_words", 7))
    yield Scene("log-menu", papers.menu)
    yield Scene("log-menu-practice", lambda: papers.menu(practice=True))
    yield Scene("verify-ask", verifying)
    yield Scene("verify-result", lambda: verified(_HOLDS))
    yield Scene("verify-result-outside", lambda: verified(replace(_HOLDS, outside=1_100, pinned=True)))
    yield Scene("verify-result-clock", lambda: verified(replace(_HOLDS, faults=_BREAKS[2:], count=1)))
    yield Scene("verify-result-broken", lambda: verified(replace(_HOLDS, faults=_BREAKS, count=len(_BREAKS))))
    yield Scene("export-ask", lambda: open_sheet(page().export))
    yield Scene("export-made", lambda: made(page().export))
    yield Scene("receipt-ask", lambda: open_sheet(lambda: papers.receipt(5, False)))
    yield Scene("receipt-made", lambda: made(lambda: papers.receipt(5, False)))
    yield Scene("foot-outside", lambda: window)
    yield Scene("checkpoint-ask", lambda: open_sheet(lambda: papers.open(CheckpointDialog)))
    yield Scene("checkpoint-left", lambda: made(lambda: papers.open(CheckpointDialog)))
    yield Scene("day-ask", lambda: open_sheet(lambda: papers.open(DailyCloseDialog)))
    yield Scene("day-closed", lambda: made(lambda: papers.open(DailyCloseDialog)))
    yield Scene("enrolment", lambda: open_sheet(lambda: papers.open(EnrolmentDialog)))
    yield Scene("enrolment-saved", lambda: made(lambda: papers.open(EnrolmentDialog)))
    yield Scene("enrolment-none", lambda: open_sheet(lambda: papers.open(EnrolmentDialog, practice=True)))
    yield Scene("stamp-ask", lambda: open_sheet(lambda: papers.open(StampRequestDialog)))
    yield Scene("stamp-attach", lambda: open_sheet(lambda: papers.open(StampReplyDialog)))
    yield Scene("due-nothing", lambda: open_sheet(lambda: papers.open(DueValuesDialog)))
    yield Scene("alarm", alarmed)
    calm()
    shutil.rmtree(folder)


def policies(studio: Studio) -> Iterator[Scene]:
    """The policy page of a desk that may have rules of its own. Each scene goes on from the one before."""
    window, desk = studio.window, studio.fanion.desk
    folder = Path(tempfile.mkdtemp(prefix="fanion-policy-"))

    def page() -> PolicyPage:
        studio.policy()
        return window.policy_page

    def sheet(opens: Callable[[], QDialog], then: Callable[[Any], object] = lambda sheet: None) -> QDialog:
        page()
        opened = opens()
        studio.rest()
        then(opened)
        preview = opened.findChild(PreviewPane)
        studio.rest(lambda: preview is None or not preview._soon.isActive())
        return opened

    def shown() -> PageData:
        found = page().page_data
        assert found is not None
        return found

    def done() -> QWidget:
        page()._tell(T("The rule “{product}” is in force at this desk.", product="Loud Games"), before=OwnRules())
        return studio.policy(rule="loud-games")

    def half_typed(form: RuleFormDialog) -> None:
        form.product.en.use("Loud Games")
        form.ids["android"].setPlainText("org.example.loud\nnot an id")
        form.signers.setPlainText("12 34 xyz")

    def whole(form: RuleFormDialog) -> None:
        form.reason.en.use("It records what is said near the phone.")
        form.authority.en.use("the department’s Chief Information Officer")
        form.reference.setText("File 2026-114")
        form.middle.verticalScrollBar().setValue(form.middle.verticalScrollBar().maximum())

    def signed() -> QWidget:
        here = shown()
        base = replace(here.force.base, trust=Trust.SIGNED)
        warning = T("The signed policy was valid until {date}: import a newer one.", date=long_date(date(2026, 11, 1)))
        force = ActivePolicy(base, base, _ACCEPTED, _ACCEPTED.expires, (warning,))
        window.policy_page._show(replace(here, force=force), "")
        return window

    def refused(form: ImportPolicyDialog) -> None:
        form.folder.use(folder)
        form._ended(Failed(not_a_stick(str(folder))))

    def saved(form: ExportPolicyDialog) -> None:
        made = convert.export(form._policy, "stix2")
        file = folder / "canada-stix2.stix2"
        form._show(form.result_part)
        form.tell(Saved(file, made.left_out or tuple(convert.export(form._policy, "intune").left_out)))
        form.fit()

    def granted(form: GrantExceptionDialog) -> None:
        form.tag.setText("IT-0042")
        form.authority.setText("Chief Information Officer")
        form.reference.setText("File 2026-113")

    app = App("org.example.loud", 3, signers=("962f5b7",), certificates=("ab" * 32,), label="Loud Games")
    phone = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
    dialogs = window.policy_page.dialogs
    yield Scene("policy-own", lambda: studio.policy(rule="quiet-chat"), large=True)
    yield Scene("policy-off", lambda: studio.policy(rule="lemon8"))
    yield Scene("policy-yes", lambda: studio.policy(search="com.tencent.mm"))
    yield Scene("policy-perhaps", lambda: studio.policy(search="kasp"))
    yield Scene("policy-no", lambda: studio.policy(search="Signal"))
    yield Scene("policy-signs", lambda: studio.policy(rule="wechat", search="962f5b7"))
    yield Scene("policy-done", done)
    page().notice.hide()
    yield Scene("policy-layers", lambda: sheet(lambda: dialogs.layers(shown())))
    yield Scene("policy-formats", lambda: dialogs.menu(shown()))
    yield Scene("rule-add", lambda: sheet(lambda: dialogs.add(shown())))
    yield Scene("rule-wrong", lambda: sheet(lambda: dialogs.add(shown()), half_typed))
    yield Scene("rule-ban", lambda: sheet(lambda: dialogs.ban(shown(), app, "android"), whole))
    yield Scene("rule-edit", lambda: sheet(lambda: dialogs.edit(shown(), shown().own.rules[0])))
    yield Scene("rule-delete", lambda: sheet(lambda: dialogs.delete(shown(), shown().own.rules[0])))
    wechat = next(rule for rule in shown().policy.rules if rule.id == "wechat")
    yield Scene("rule-switch-off", lambda: sheet(lambda: dialogs.switch(shown(), wechat, off=True)))
    yield Scene("exceptions", lambda: sheet(dialogs.exceptions))
    yield Scene("exceptions-none", lambda: sheet(lambda: dialogs.exceptions(practice=True)))
    yield Scene("exception-grant", lambda: sheet(lambda: dialogs.except_(_WECHAT, phone, Labels("IT-0042"))))
    yield Scene(
        "exception-by-tag", lambda: sheet(lambda: _open(GrantExceptionDialog(desk, studio.gate, window)), granted)
    )
    yield Scene("bring-ask", lambda: sheet(dialogs.import_policy))
    yield Scene("bring-refused", lambda: sheet(dialogs.import_policy, refused))
    yield Scene(
        "bring-accepted",
        lambda: sheet(dialogs.import_policy, lambda form: form._ended(Done(PolicyImport(_ACCEPTED, False)))),
    )
    yield Scene("export-policy-ask", lambda: sheet(lambda: dialogs.export(shown(), "intune")))
    yield Scene("export-policy-saved", lambda: sheet(lambda: dialogs.export(shown(), "intune"), saved))
    yield Scene("policy-expired", signed)
    page().reload()
    studio.rest()
    shutil.rmtree(folder)


def locked_policy(studio: Studio) -> Iterator[Scene]:
    """A desk that may have no rules of its own."""

    def choose() -> QDialog:
        studio.policy()
        page = studio.window.policy_page
        assert page.page_data is not None
        return page.dialogs.choose(page.page_data)

    def sources() -> QWidget:
        studio.policy(rule="kaspersky")
        studio.window.policy_page.rule.words.sources.setChecked(True)
        return studio.window

    yield Scene("policy-locked", studio.policy)
    yield Scene("policy-choose", choose)
    yield Scene("policy-sources", sources)


def _open(sheet: JobDialog) -> JobDialog:
    sheet.open()
    return sheet


_ACCEPTED: Final = Accepted(
    "5d" * 32, "department", "12", 2, 12, 12, 40, datetime(2027, 3, 1, tzinfo=UTC), ("a1" * 32, "b2" * 32), ("c3" * 32,)
)
_HOLDS: Final = Verification(
    "tresor.example/desk-4/1f0c55a2", 1_207, 402, 1_204, 0, False, datetime(2026, 11, 24, 14, 2, tzinfo=UTC), (), 0
)
_BREAKS: Final = (
    Fault(FaultKind.ALTERED, 17, 17, T("The entry was changed after it was written.")),
    Fault(FaultKind.NOT_THE_DESK, 0, 0, T("The seal over {count} entries is not signed by the desk.", count=403)),
    Fault(FaultKind.CLOCK_BACK, 44, 44, T("The computer’s clock was set back before this entry.")),
)


def _begins(event: object) -> bool:
    return callable(event)


def _crash(window: QWidget, *, details: bool = False) -> QDialog:
    try:
        raise LookupError("the drawer is stuck")
    except LookupError as error:
        report = BugReport(
            ("", ()), describe(error, "Qt 6"), Path("/home/a.roy/.local/share/fanion/crashes/20261124.txt")
        )
    dialog = CrashDialog(report, lambda: None, window, may_go_on=True)
    dialog.setModal(False)
    dialog.show()
    if details:
        dialog.more_button.click()
    return dialog


_WECHAT: Final = Finding(
    "wechat",
    Bilingual("WeChat", "WeChat"),
    Strength.BAN,
    App("com.tencent.mm", 2740, "8.0.50", "com.android.vending", states=(AppState(0, installed=True),)),
    Profile(0, "", ProfileKind.PERSONAL),
    (Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.mm", "several sources", "a list"),),
    T("{app} is banned.", app="WeChat"),
)


def write_rules(data: Path) -> None:
    """A log, rules of the desk's own, and exceptions in every state."""
    write_log(data)
    desk = Desk(data, Settings(officer="A. Roy", desk="Desk 4", unsigned_policy=True))
    base = desk.active_policy().base
    capcut = base.rule("capcut")
    assert capcut is not None
    draft = RuleDraft(
        date(2026, 11, 2),
        Bilingual("Quiet Chat", "Clavardage discret"),
        ids={"android": "org.example.quiet\norg.example.quiet.beta", "ios": "org.example.quiet"},
        reason=Bilingual("It sends the contacts of the phone abroad.", "Elle envoie à l’étranger les contacts."),
        authority=Bilingual("the department’s Chief Information Officer", "la dirigeante principale de l’information"),
        reference="File 2026-101",
        signers="ab" * 32,
    )
    mine = OwnRules(
        (rule_of(draft, "quiet-chat"), replace(capcut, reason=draft.reason, strength=Strength.BAN)), ("lemon8", "qq")
    )
    policy_changes.put_in_force(desk, mine)
    policy = desk.active_policy().policy
    today = datetime.now(UTC).date()

    def request(tag: str, days: int, **more: str) -> Request:
        by, file = "Chief Information Officer", f"File 2026-{tag[-3:]}"
        phone = {"maker": "samsung", "model": "SM-S901W", "tag": tag}
        return Request("kaspersky", today + timedelta(days), by, file, **{"package": "com.kms.free", **phone, **more})

    policy_changes.grant(desk, request("IT-0101", 200), policy)
    policy_changes.grant(desk, request("IT-0102", 12, package="com.kms.free"), policy)
    gone = policy_changes.grant(desk, request("IT-0103", 90), policy)
    policy_changes.revoke(desk, gone.entry, "The phone was handed back.")


#: What a phone had of a banned app before it was removed.
_THERE = AppEvidence(
    "com.tencent.mm",
    0,
    tuple(
        FileHash(name, size, hashlib.sha256(name.encode()).hexdigest(), HashedBy.PHONE)
        for name, size in (("base.apk", 268_435_456), ("split_config.fr.apk", 1_048_576))
    ),
    (hashlib.sha256(b"signer").hexdigest(),),
    "8.0.50 (2701)",
    "com.android.vending",
    "2025-03-02 08:11:40",
    "2026-10-30 21:05:09",
    missing=(T("The phone does not tell when the app was last used."),),
    size=269_484_032,
)


def write_log(data: Path) -> None:
    """What a desk has on record after some days, and a step of which nobody knows what came of it."""
    now = datetime.now(UTC) - timedelta(days=3)

    def clock() -> Instant:
        nonlocal now
        now += timedelta(minutes=3)
        return Instant(now, 0, "boot")

    wechat = _WECHAT
    policy = Desk(data, Settings()).policy(None)
    phone = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
    path = ledger_file(data)
    with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="0.2.0", clock=clock) as ledger:
        ledger.append_all([records.ProgramStart("Linux", -300), records.PolicyLoaded.of(policy)], policy=policy)
        for visit in range(60):
            red = visit % 3 == 0
            maker, model = (("samsung", "SM-S901W"), ("Google", "Pixel 7a"), ("motorola", "moto g"))[visit % 3]
            about = replace(phone, serial=f"R58N12ABC{visit:02}", maker=maker, model=model)
            told: dict[str, Any] = {"visit": f"{visit:012x}", "policy": policy, "phone": about}
            ledger.append(records.CheckStarted(T("over USB")), **told)
            found = ledger.append(records.AppFound.of(wechat), **told).seq if red else 0
            verdict = Verdict.RED if red else Verdict.GREEN
            bans = int(red)
            ledger.append(
                records.CheckEnded(
                    verdict=verdict, profiles=2, apps=312, findings=bans, bans=bans, products=bans, gaps=(), took_ms=900
                ),
                **told,
            )
            if red:
                intent = ledger.append(records.RemovalIntended("uninstall", "com.tencent.mm", 0, found), **told).seq
                if visit < 57:
                    means = T("The phone says it is done.")
                    ledger.append(
                        records.RemovalOutcome(intent=intent, outcome=Outcome.DONE, answer="Success", means=means),
                        **told,
                    )


def write_visits(data: Path) -> None:
    """What a desk has on record after two days: phones that were cleared, not all seen, not read, left as they were."""
    now = datetime.now(UTC) - timedelta(days=1)

    def clock() -> Instant:
        nonlocal now
        now += timedelta(seconds=47)
        return Instant(now, 0, "boot")

    policy = Desk(data, Settings()).policy(None)
    holders = ("Paul Chartrand", "Anna Nowak", "", "Omar Farah", "Yves Caron", "")
    models = (("samsung", "SM-S901W"), ("samsung", "SM-A546W"), ("Google", "Pixel 7a"), ("motorola", "moto g"))
    gap = Gap(T("The profile “{name}” could not be read.", name="Secure Folder"), T("Open it, then check again."), 10)
    with Ledger(ledger_file(data), desk="Desk 4", officer="A. Roy", app_version="0.2.0", clock=clock) as ledger:
        ledger.append_all([records.ProgramStart("Linux", -300), records.PolicyLoaded.of(policy)], policy=policy)

        def ended(verdict: Verdict, gaps: tuple[Gap, ...] = ()) -> records.CheckEnded:
            bans = int(verdict is Verdict.RED)
            return records.CheckEnded(
                verdict=verdict, profiles=2, apps=312, findings=bans, bans=bans, products=bans, gaps=gaps, took_ms=900
            )

        for visit in range(24):
            maker, model = models[visit % 4]
            phone = Phone("android", maker, model, "14", f"R58N12A{visit:02}02LM")
            labels = Labels(tag=f"DRH-0{380 + visit}" if visit % 4 else "", holder=holders[visit % 6])
            told: dict[str, Any] = {"visit": f"{visit:012x}", "policy": policy, "phone": phone, "labels": labels}
            ledger.append(records.CheckStarted(T("over USB")), **told)
            ledger.append(records.PhoneSeen("ready", T("over USB")), **told)
            match visit % 6:
                case 4 | 1:
                    found = ledger.append(records.AppFound.of(_WECHAT), **told).seq
                    ledger.append(ended(Verdict.RED), **told)
                    ledger.append(records.EvidenceTaken.of(_THERE, found), **told)
                    intent = ledger.append(records.RemovalIntended("uninstall", "com.tencent.mm", 0, found), **told).seq
                    means, out = T("The phone says it is done."), Outcome.DONE
                    answer = records.RemovalOutcome(intent=intent, outcome=out, answer="Success", means=means)
                    ledger.append(answer, **told)
                    if visit % 6 == 4:
                        ledger.append(records.CheckStarted(T("over USB")), **told)
                        ledger.append(ended(Verdict.GREEN), **told)
                case 3:
                    ledger.append(ended(Verdict.AMBER, (gap,)), **told)
                case 2:
                    away = Unplugged().sentence
                    ledger.append(records.ProblemMet(code="x", sentence=away, next_step=T("Plug it in again.")), **told)
                case _:
                    ledger.append(ended(Verdict.GREEN), **told)


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not until():
        if time.monotonic() > end:
            raise TimeoutError("what was to be pictured did not come")
        QTest.qWait(2)
    for _ in range(3):
        QTest.qWait(0)


@contextmanager
def studio_of(app: QApplication, settings: Settings, prepare: Callable[[Path], object]) -> Iterator[Studio]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        studio = Studio(app, Desk(data, settings))
        try:
            yield studio
        finally:
            studio.close()


def take(studio: Studio, scenes: Iterator[Scene], folder: Path, scale: int) -> None:
    """Every scene in both languages and both palettes, and at 100 % in high contrast too."""
    looks = [(choice, high) for high in (False, True)[: 1 + (scale == 100)] for choice in _PALETTES]
    for number, scene in enumerate(scenes):
        # Begins with the palette that is on: to put one on takes longer than a picture.
        for choice, high in looks if number % 2 == 0 else reversed(looks):
            studio.fanion.looks.choice = choice
            studio.fanion.looks.raise_contrast(high)
            studio.window.switches.show_words()
            sizes = [DOUBLE] if scale == 200 else [SMALL, LARGE] if scene.large and not high else [SMALL]
            for language in LANGUAGES:
                studio.window.switches.use_language(language)
                for size in sizes:
                    studio.window.setWindowState(Qt.WindowState.WindowNoState)  # the offscreen screen is a small one
                    studio.window.resize(*size)
                    look = f"{choice.value}-contrast" if high else choice.value
                    name = f"{scene.name}{'-large' * (size == LARGE)}-{look}-{language}-{scale}.png"
                    _take(scene, folder / name)


def _take(scene: Scene, file: Path) -> None:
    shown = scene.show()
    for _ in range(4):  # texts of another length move what is around them, which moves what is around that
        QTest.qWait(0)
    if isinstance(shown, QMenu):
        shown.adjustSize()
    # Pressed lightly, which takes a fraction of the time.
    assert shown.grab().save(str(file), "PNG", 90), file  # type: ignore[call-overload]
    if isinstance(shown, QDialog | QMenu):
        shown.close()
        shown.deleteLater()


def on_screen(file: Path, size: tuple[int, int]) -> None:
    """Have a screen of that many pixels: sheets keep to what is there. Before Qt is started."""
    width, height = size
    screen = {"name": "a", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
    file.write_text(json.dumps({"screens": [screen | {"logicalBaseDpi": 96}]}), encoding="utf-8")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"


def take_all(folder: Path, scale: int) -> None:
    screen = folder / f"screen-{scale}.json"
    on_screen(screen, SMALL if scale == 100 else (DOUBLE[0] * 2, DOUBLE[1] * 2))
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    text.use("en")
    known = Settings(officer="A. Roy", desk="Desk 4")
    with studio_of(app, Settings(), lambda data: None) as studio:
        take(studio, first_start(studio), folder, scale)

    def damage(data: Path) -> None:
        ledger_file(data).write_bytes(b"this is no log")

    with studio_of(app, replace(known, policy="/media/usb/policy.toml"), damage) as studio:
        take(studio, broken(studio), folder, scale)
    with studio_of(app, known, write_log) as studio:
        take(studio, evidence(studio), folder, scale)
    with studio_of(app, known, write_log) as studio:
        take(studio, day(studio), folder, scale)
    with studio_of(app, known, write_visits) as studio:
        take(studio, visits(studio), folder, scale)
    with studio_of(app, known, lambda data: None) as studio:
        take(studio, findings(studio), folder, scale)
    take_iphones(app, folder, scale)
    with studio_of(app, known, lambda data: None) as studio:
        take(studio, rounds(studio), folder, scale)
    with studio_of(app, known, lambda data: None) as studio:
        take(studio, lessons(studio), folder, scale)
    with studio_of(app, known, lambda data: None) as studio:
        take(studio, stores(studio), folder, scale)
    theirs = replace(known, retention_months=24, locked=frozenset({"retention_months", "unsigned_policy"}))
    with studio_of(app, theirs, lambda data: None) as studio:
        take(studio, settings_of(studio), folder, scale)
    take_policy(app, folder, scale)
    screen.unlink()


def take_iphones(app: QApplication, folder: Path, scale: int) -> None:
    """An iPhone at a desk whose policy demands a look at its hidden apps, and at one that does not; and other ones."""
    known = Settings(officer="A. Roy", desk="Desk 4")
    file = folder / f"demands-{scale}.toml"
    policy = replace(load_built_in("canada"), demanded=(ProfileKind.HIDDEN_APPS,))
    file.write_text(tables.to_toml(policy), encoding="utf-8")
    for demands, of in ((False, known), (True, replace(known, policy=str(file), unsigned_policy=True))):
        with studio_of(app, of, lambda data: None) as studio:
            take(studio, hidden_apps(studio, demands=demands), folder, scale)
    file.unlink()
    with studio_of(app, known, lambda data: None) as studio:
        take(studio, iphones(studio), folder, scale)


def take_policy(app: QApplication, folder: Path, scale: int) -> None:
    """The policy page, of a desk that may have rules of its own and of one that may not."""
    known = Settings(officer="A. Roy", desk="Desk 4", policy_root="/etc/fanion/root.json")
    free = replace(known, unsigned_policy=True, policy_root="")
    with studio_of(app, free, write_rules) as studio:
        take(studio, policies(studio), folder, scale)
    with studio_of(app, replace(free, unsigned_policy=False), write_log) as studio:
        take(studio, locked_policy(studio), folder, scale)


def write_index(folder: Path) -> Path:
    """A sheet of all pictures, those of a state side by side."""
    groups: dict[str, list[str]] = {}
    for picture in sorted(folder.glob("*.png")):
        groups.setdefault(picture.stem.rsplit("-", 3)[0], []).append(picture.name)
    parts = ["<!doctype html><meta charset=utf-8><title>Fanion</title>"]
    parts.append("<style>body{font:14px sans-serif;background:#888}img{width:24%;margin:2px}</style>")
    for state, pictures in groups.items():
        parts.append(f"<h2>{html.escape(state)}</h2>")
        parts += [f'<a href="{name}"><img loading=lazy src="{name}" title="{name}"></a>' for name in pictures]
    index = folder / "index.html"
    index.write_text("\n".join(parts), encoding="utf-8")
    return index


def main(argv: list[str]) -> int:
    folder = Path(argv[0]) if argv else FOLDER
    if len(argv) == 2:
        take_all(folder, int(argv[1]))
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*-[12]00.png"):
        old.unlink()
    # Qt takes the scale once, at its start.
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", __spec__.name if __spec__ else "tests.gui.pictures", str(folder), str(scale)],
            cwd=ROOT,
            env=os.environ | {"QT_SCALE_FACTOR": str(scale // 100)},
        )
        for scale in (100, 200)
    ]
    codes = [program.wait() for program in programs]
    print(write_index(folder))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
