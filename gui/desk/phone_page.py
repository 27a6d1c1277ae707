"""One phone on the Desk page: who it is, its verdict with the one next step, its health, its apps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from core.describe import health
from core.model import App, Attested, Finding
from core.text import T, Text, plain
from gui.desk.apps.apps_fold import AppsFold
from gui.desk.asset_label_dialog import LIMIT, AssetLabelDialog
from gui.desk.by_hand.look_form import look_at
from gui.desk.by_hand.on_phone_page import OnPhonePage
from gui.desk.hand_back.say_aloud import SayAloud
from gui.desk.identity_row import IdentityRow
from gui.desk.phone_text import about, aside_of
from gui.desk.ready.getting_ready import GettingReady
from gui.desk.ready.readiness import readiness_of
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.aside import Aside
from gui.desk.verdict.health_strip import HealthStrip
from gui.desk.verdict.management_card import ManagementCard
from gui.desk.verdict.verdict_block import Unfolded, VerdictBlock
from gui.toolkit.layouts import ScrollArea, column, tab_after
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import ProblemBar, copy, literal

#: Logical pixels, below which the page leaves its margins and some of its words to what matters.
_SMALL_HEIGHT: Final = 560
_SMALL_WIDTH: Final = 760
_LOW_HEIGHT: Final = 400
#: Logical pixels that the table of apps has at least, where it is unfolded.
_TABLE: Final = 280


class PhonePage(QWidget):
    """One phone: its verdict, what belongs to it, its apps."""

    #: A record of the log is to be seen: its number, and whether it is practice.
    log_wanted = Signal(int, bool)
    #: A receipt of this check is wanted: the number of its record, and whether it is practice.
    receipt_wanted = Signal(int, bool)
    #: The owner's page of this check is to be printed: the number of its record, and whether it is practice.
    owner_page_wanted = Signal(int, bool)
    #: An exception is wanted: for this finding, on this phone, which the department calls so.
    except_wanted = Signal(object, object, object)
    #: This app is to be banned, on this platform.
    ban_wanted = Signal(object, str)
    #: The page for people who wait is to be printed, for this maker.
    queue_page_wanted = Signal(str)
    #: The owner of a practice phone is to do this: the phone, the act.
    act_wanted = Signal(object, object)
    #: The next phone that needs somebody is wanted; a practice phone is to be put away.
    next_wanted = Signal()
    put_away_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self.session: PhoneSession | None = None
        self._unfolded = Unfolded()
        self._compact = self._low = False
        self._said: object = None
        #: A dialog asks the officer something about the phone that is shown.
        self.asking = False
        #: Of this desk's key, for a phone that asks about it; empty until it is known.
        self.fingerprint = ""
        self.identity = IdentityRow(self._fill_menu)
        self.not_labelled = ProblemBar()
        self.not_labelled.offer(T("Try again"), self.ask_labels)
        self.trouble = ProblemBar()
        self.block = VerdictBlock()
        self.health = HealthStrip()
        self.fold = AppsFold()
        self.apps = self.fold.apps
        self.aloud = SayAloud()
        self.aside = Aside()
        self.aside.next.clicked.connect(self.next_wanted)
        self.managed = ManagementCard()
        self.on_phone = OnPhonePage()
        self._ready: GettingReady | None = None
        result = QWidget()
        mark(result, "clear")
        self._result = column(
            self.trouble,
            self.block,
            self.managed,
            self.aside,
            self.aloud,
            self.health,
            self.fold,
            None,
            spacing=STEP * 2,
            inside=result,
        )
        self.area = ScrollArea(result)
        self.say.name(self.area, T("What is known of this phone"))
        self.area.viewport().installEventFilter(self)
        self.stack = QStackedWidget()
        self.read = QWidget()
        self._dock = column((self.area, 1), spacing=0, inside=self.read)
        self.stack.addWidget(self.read)
        self.stack.addWidget(self.on_phone)
        self._column = column(self.identity, self.not_labelled, (self.stack, 1), spacing=STEP + 4, inside=self)
        self._connect()
        self._fit()

    def _connect(self) -> None:
        block = self.block
        self.identity.labels_wanted.connect(self.ask_labels)
        self.identity.tagged.connect(self._tagged)
        block.unfold_wanted.connect(self.unfold)
        block.remove.clicked.connect(self.remove)
        block.on_phone.clicked.connect(self.go_to_phone)
        block.put_back.clicked.connect(self._put_back)
        block.record.clicked.connect(self._record)
        block.finish.clicked.connect(self.finish)
        block.check.clicked.connect(self.look_again)
        block.again.clicked.connect(self.look_again)
        block.stop.clicked.connect(self.stop)
        block.cards.details_wanted.connect(self._show_details)
        block.hand_back.print_wanted.connect(self.print_owner_page)
        self.on_phone.left.connect(self._leave_phone)
        self.on_phone.hand_back_wanted.connect(self.hand_back_as_it_is)
        self.on_phone.except_wanted.connect(self._ask_exception)
        self.fold.unfolded.connect(self._give_room)
        self.health.details.toggled.connect(lambda shown: self._bring_up(self.health, shown=shown))
        self.apps.except_wanted.connect(self._ask_exception)
        self.apps.ban_wanted.connect(self._ask_ban)
        self.apps.pane.log_wanted.connect(self._show_grant)

    # --- how it looks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.height() < _SMALL_HEIGHT or self.width() < _SMALL_WIDTH
        low = self.height() < _LOW_HEIGHT
        if (compact, low) != (self._compact, self._low):
            self._compact, self._low = compact, low
            self._fit()
            self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.area.viewport() and event.type() == QEvent.Type.Resize:
            self.block.give_room(self.area.viewport().height())
        return super().eventFilter(watched, event)

    def _give_room(self, shown: bool) -> None:
        """The table, where it is unfolded, takes all the room that is left; else that stays free at the end."""
        self._result.setStretchFactor(self.fold, 1 if shown else 0)
        self._result.setStretch(self._result.count() - 1, 0 if shown else 1)
        self.fold.setMinimumHeight(_TABLE if shown else 0)
        self.refresh()
        self._bring_up(self.fold, shown=shown)

    def _bring_up(self, unfolded: QWidget, *, shown: bool) -> None:
        """What was just unfolded moves up to where it is seen, once it has its place."""
        if shown:
            bar = self.area.verticalScrollBar()
            QTimer.singleShot(0, self.area, lambda: bar.setValue(unfolded.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 40, STEP * 25)

    def _fit(self) -> None:
        edge = STEP if self._low else STEP * 2 if self._compact else STEP * 3
        self._column.setContentsMargins(edge, STEP if self._low else STEP * 2, edge, STEP)
        self._result.setSpacing(STEP if self._compact else STEP * 2)
        self.block.be_compact(self._compact, self._low)
        self.identity.be_compact(self._compact, self._low)
        self.on_phone.be_compact(self._compact, self._low)
        # Where there is little room the verdict scrolls, and what can be pressed stays in sight below it.
        if self._low:
            self._dock.addWidget(self.block.action_row)
        else:
            self.block.end_with_actions()
        self.say.again()

    def show_session(self, session: PhoneSession) -> None:
        """Show this phone from now on."""
        if session is not self.session:
            self._unfolded = Unfolded()
            self.fold.open(False)
            self._leave_phone()
        self.session = session
        self.refresh()

    def let_go(self) -> None:
        """The shown phone has left the desk: nothing here asks it for anything any more."""
        self._leave_phone()
        self.session = None

    def refresh(self) -> None:
        """Show the chosen phone as it is now. The focus goes to the title where what had it is gone."""
        session = self.session
        if session is None:
            return
        if session.busy or session.check is None or session.gone or session.handed_back is not None:
            self._unfolded = Unfolded()
        if self._unfolded.look and not session.may_look_at:
            self._unfolded = Unfolded()
        focused = self.focusWidget()
        had_focus = focused is not None and focused.hasFocus() and self.isAncestorOf(focused)
        self.identity.show_session(session)
        needs = readiness_of(session, self.fingerprint)
        if needs is not None:
            self.ready.show_view(needs)
            self._turn_to(self.ready)
        elif self._ready is not None and self.stack.currentWidget() is self._ready:
            self._turn_to(self.read)
        self.not_labelled.show_problem(session.labels.problem)
        # What went wrong while the check still holds, such as a handing back that broke off, stands over it.
        self.trouble.show_problem(session.problem if session.check is not None and not session.busy else None)
        self.block.show_session(session, self._unfolded, aloud=needs is None)
        self.aside.show_words(aside_of(session) if not self._low else None)
        self.managed.show_management(session.management)
        self.aloud.show_session(session)
        shows_health = session.check is not None and session.handed_back is None and not session.changing
        check = session.check if shows_health else None
        self.health.show_signals(
            *((health.signals_to_show(check), health.signals(check)) if check is not None else ((), ()))
        )
        self.fold.show_session(session, compact=self._compact)
        if self.stack.currentWidget() is self.on_phone:
            self.on_phone.refresh()
        if had_focus and focused is not None and not (focused.isVisible() and focused.isEnabled()):
            self.identity.title.setFocus()

    def _turn_to(self, page: QWidget) -> None:
        """Show this page of the stack. The focus does not go astray when what had it is hidden."""
        shown, focused = self.stack.currentWidget(), self.focusWidget()
        goes = focused is not None and focused.hasFocus() and shown is not None and shown.isAncestorOf(focused)
        if goes and page is not shown:
            self.identity.title.setFocus()
        self.stack.setCurrentWidget(page)

    def show_next(self, words: Text | None) -> None:
        """Say where the way to the next phone leads; None: no other phone waits."""
        self.aside.show_next(words)

    # --- what the officer does

    def unfold(self, unfolded: Unfolded) -> None:
        """Unfold something in the block, or fold it up."""
        self._unfolded = unfolded
        self.refresh()
        self.identity.title.setFocus()

    @property
    def unfolded(self) -> Unfolded:
        """What is unfolded."""
        return self._unfolded

    def remove(self) -> None:
        """Remove the banned apps, if the button for it is to be seen and can be pressed."""
        session, button = self.session, self.block.remove
        if session is not None and self.block.can_remove(session) and button.isVisible() and button.isEnabled():
            told = None if self.block.told.isHidden() else self.block.told.isChecked()
            session.remove(self.block.chosen(), told)

    def show_plan(self) -> None:
        """Unfold what exactly would be done, or fold it up."""
        if self.session is not None and self.session.removable and not self.session.busy:
            self.unfold(Unfolded(plan=not self._unfolded.plan))

    def show_undo(self) -> None:
        """Show what putting back would do, before anything is done: banned apps come back with it."""
        session = self.session
        if session is not None and session.undoable and not session.busy:
            self.unfold(Unfolded(undo=True))

    def show_look(self) -> None:
        """Show where the officer can look on the phone itself, where nothing demands that."""
        if self.session is not None and self.session.may_look_at:
            self.unfold(Unfolded(look=True))

    def _put_back(self) -> None:
        if self.session is not None:
            self.session.undo()

    def leave(self) -> None:
        """Fold up what is unfolded."""
        if self.stack.currentWidget() is self.on_phone:
            self._leave_phone()
        elif self._unfolded != Unfolded():
            self.unfold(Unfolded())

    def go_to_phone(self) -> None:
        """Go through the apps that are removed by hand on the phone."""
        session = self.session
        handed_back = session is not None and session.handed_back is not None
        if session is not None and session.by_hand and not (session.busy or session.gone or handed_back):
            self.stack.setCurrentWidget(self.on_phone)
            self.on_phone.begin(session)

    def _leave_phone(self) -> None:
        self.on_phone.end()
        self.stack.setCurrentWidget(self.read)

    def hand_back_as_it_is(self) -> None:
        """Hand a phone back although it is not settled, for a reason."""
        self._leave_phone()
        self.unfold(Unfolded(hand_back=True))
        self.block.hand_back.reason.setFocus()

    def finish(self) -> None:
        """Finish, and hand the phone back; where a reason is still to be given, go to its field."""
        session, block = self.session, self.block
        if session is not None and block.finish.isVisible() and block.finish.isEnabled():
            session.hand_back(block.hand_back.answer())
        elif block.finish.isVisible():
            block.hand_back.reason.setFocus()

    def _record(self) -> None:
        seen, record = self.block.look.answer(), self.block.record
        if self.session is not None and seen is not None and record.isVisible() and record.isEnabled():
            self.session.attest(seen.answer, seen.rules, seen.note)

    def look_again(self) -> None:
        if self.session is not None:
            self.session.look()

    def stop(self) -> None:
        if self.session is not None:
            self.session.stop()

    def _tagged(self, typed: str) -> None:
        """Keep the asset tag that was typed; where the log cannot keep it, the dialog says so."""
        if self.session is None:
            return
        if "\N{REPLACEMENT CHARACTER}" in plain(typed, LIMIT):
            self.ask_labels()
        else:
            self.session.label(replace(self.session.labels.said, tag=plain(typed, LIMIT)))

    def ask_labels(self) -> None:
        """Ask what the department calls the phone."""
        session = self.session
        if session is None or self.asking or not session.can_be_labelled:
            return
        dialog = AssetLabelDialog(session, self.window())
        self.asking = True
        dialog.finished.connect(self._asked)
        dialog.open()

    def _asked(self) -> None:
        self.asking = False

    def print_owner_page(self) -> None:
        """Print the page for the phone's owner."""
        if self.session is not None and self.session.checked is not None and not self.session.changing:
            self.owner_page_wanted.emit(self.session.checked.entry, self.session.practice)

    def ask_receipt(self) -> None:
        """Save a receipt of the check that is shown."""
        if self.session is not None and self.session.checked is not None and not self.session.changing:
            self.receipt_wanted.emit(self.session.checked.entry, self.session.practice)

    def _show_in_log(self) -> None:
        if self.session is not None and self.session.checked is not None:
            self.log_wanted.emit(self.session.checked.entry, self.session.practice)

    def _show_details(self, finding: Finding) -> None:
        self.fold.show_finding(finding)

    def _ask_exception(self, finding: Finding) -> None:
        if self.session is not None and self.session.phone is not None:
            self.except_wanted.emit(finding, self.session.phone, self.session.labels.said)

    def _ask_ban(self, app: App) -> None:
        if self.session is not None and self.session.phone is not None:
            self.ban_wanted.emit(app, self.session.phone.platform)

    def _show_grant(self, entry: int) -> None:
        if self.session is not None:
            self.log_wanted.emit(entry, self.session.practice)

    def _fill_menu(self, session: PhoneSession, menu: QMenu) -> None:
        """What else can be done with a phone, and what is known of it in full."""
        checked = session.checked is not None and not session.changing
        still = not session.busy and not session.gone
        told = menu.addAction(literal(str(about(session))) or str(T("Not read yet")), lambda: copy(str(about(session))))
        told.setToolTip(str(T("Copy this line")))
        menu.addSeparator()
        for words, act, possible in (
            (T("Check again"), self.look_again, still and session.checkable),
            (T("What exactly is done?"), self.show_plan, still and bool(session.removable)),
            (T("Undo the removal…"), self.show_undo, still and bool(session.undoable)),
            (T("Do it on the phone…"), self.go_to_phone, still and bool(session.by_hand)),
            *([(look_at(session), self.show_look, True)] if session.may_look_at else []),
            (T("Hand it back as it is…"), self.hand_back_as_it_is, still and checked and session.handed_back is None),
            (T("Print the owner’s page"), self.print_owner_page, checked),
            (T("Receipt…"), self.ask_receipt, checked),
            (T("Show in the log"), self._show_in_log, session.checked is not None),
            (T("Asset tag and holder…"), self.ask_labels, session.can_be_labelled),
        ):
            menu.addAction(str(words), act).setEnabled(possible)
        if session.practice or session.gone:
            away = T("Take off the list") if session.gone else T("Unplug the practice phone")
            menu.addAction(str(away), lambda: self.put_away_wanted.emit(session)).setEnabled(not session.changing)

    def make_keys(self, desk: QWidget, go_to_list: Callable[[], object]) -> list[tuple[Text, QKeySequence]]:
        """Make the keys of the page `desk` that this is on. Returns what each does."""
        keys: list[tuple[Text, QKeySequence]] = []
        for key, does, press in GettingReady.KEYS:
            QShortcut(QKeySequence(key), desk).activated.connect(partial(self._press_ready, press))
            keys.append((does, QKeySequence(key)))
        say_seen = self.block.look.choose
        for key, does, act in (
            ("F2", T("Say what your department calls the phone"), self.ask_labels),
            ("F5", T("Check the phone again"), self.look_again),
            ("F6", T("Go to the next phone that needs you"), lambda: self.next_wanted.emit()),
            ("Alt+R", T("Remove the banned apps, once the tick is set"), self.remove),
            ("Alt+O", T("Tick that the owner was told"), self._tick),
            ("Alt+H", T("Remove by hand, on the phone"), self.go_to_phone),
            ("Alt+N", T("Say that no banned app was seen on the phone"), partial(say_seen, Attested.NOTHING_SEEN)),
            ("Alt+B", T("Say that a banned app was seen on the phone"), partial(say_seen, Attested.APP_SEEN)),
            ("Alt+W", T("Say that the owner would not open it"), partial(say_seen, Attested.DECLINED)),
            ("Alt+L", T("Look on the phone where a computer may not see"), self.show_look),
            ("Alt+S", T("Record what was seen on the phone"), self._record),
            ("Alt+F", T("Finish and hand the phone back"), self.finish),
            ("Ctrl+R", T("Show what removing the banned apps would do"), self.show_plan),
            ("Ctrl+Z", T("Undo the last removal"), self.show_undo),
            ("Ctrl+P", T("Save the receipt of the check"), self.ask_receipt),
            ("Ctrl+Shift+P", T("Print the owner’s page"), self.print_owner_page),
            ("Ctrl+E", T("Grant an exception for the chosen app"), self.apps.grant_chosen),
            ("Ctrl+B", T("Ban the chosen app"), self.apps.ban_chosen),
            ("Shift+F10", T("Show what can be done with the chosen app"), self.apps.show_menu),
            ("Ctrl+F", T("Search the apps"), self.fold.search),
            ("Ctrl+.", T("Stop what is under way"), self.stop),
            ("Ctrl+L", T("Go to the list of phones"), go_to_list),
        ):
            QShortcut(QKeySequence(key), desk).activated.connect(act)
            keys.append((does, QKeySequence(key)))
        return [
            *keys,
            (T("Leave the plan or the details, empty the search"), QKeySequence("Esc")),
            (T("Show how the chosen app was recognised"), QKeySequence("Return")),
            (T("Copy the chosen rows"), QKeySequence(QKeySequence.StandardKey.Copy)),
            (T("Put a practice phone away"), QKeySequence("Del")),
        ]

    @property
    def ready(self) -> GettingReady:
        """The page that leads a phone to ready; made with the first phone that needs it, as that takes a while."""
        if self._ready is None:
            made = self._ready = GettingReady()
            made.print_wanted.connect(self.queue_page_wanted)
            made.act_wanted.connect(lambda act: self.act_wanted.emit(self.session, act))
            made.again_wanted.connect(self.look_again)
            self.stack.addWidget(made)
            tab_after(self.identity, made)  # the counts below the page are older than this
        return self._ready

    def _press_ready(self, press: Callable[[GettingReady], None]) -> None:
        if self._ready is not None:
            press(self._ready)

    def _tick(self) -> None:
        if self.block.told.isVisible():
            self.block.told.toggle()
