"""One phone on the Desk page: who it is, its verdict with the one next step, its health, its apps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.describe import health
from core.text import T
from gui.desk.acts.all_acts import CHECK, COPY_FOR_MANAGEMENT, HAND_BACK, LABEL, LEAVE, OWNER_PAGE, STOP_REMOVAL
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.apps.apps_fold import AppsFold
from gui.desk.hand_back.handed_back_fold import HandedBackFold
from gui.desk.hand_back.say_aloud import SayAloud
from gui.desk.identity_row import IdentityRow
from gui.desk.phone_acts import PhoneActs
from gui.desk.phone_stack import PhoneStack
from gui.desk.phone_text import aside_of
from gui.desk.ready.getting_ready import GettingReady
from gui.desk.ready.readiness import readiness_of
from gui.desk.session.page_state import Around, PageContent, PageState, ReadyOffers, Unfolded
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.actions_place import ActionsPlace
from gui.desk.verdict.aside import Aside
from gui.desk.verdict.health_strip import HealthStrip
from gui.desk.verdict.management_card import ManagementCard
from gui.desk.verdict.return_line import ReturnLine
from gui.desk.verdict.verdict_block import VerdictBlock
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import ProblemBar

#: Logical pixels, below which the page leaves its margins and some of its words to what matters.
_SMALL_HEIGHT: Final = 560
_SMALL_WIDTH: Final = 760
_LOW_HEIGHT: Final = 400
#: Logical pixels that its column has at most: a longer line is hard to read.
_WIDEST: Final = 1_100
#: Logical pixels that the table of apps has at least, where it is unfolded.
_TABLE: Final = 280
#: Milliseconds for which nothing is removed from a phone to which the page has turned by itself.
_HOLD: Final = 2_000


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
    #: The next phone that needs somebody is wanted.
    next_wanted = Signal()
    #: The list of phones is to have the focus.
    list_wanted = Signal()
    #: A practice phone is to be put away, or one that has left.
    put_away_wanted = Signal(object)
    #: The file of a phone that was read wrong is to be read by the officer: the phone, and the review of the file.
    review_wanted = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self.session: PhoneSession | None = None
        #: What the officer has unfolded.
        self.unfolded = Unfolded()
        self._compact = self._low = False
        #: A dialog asks the officer something about the phone that is shown.
        self.asking = False
        #: The phone that the way to the next one names and leads to; None where no other phone waits.
        self.following: PhoneSession | None = None
        #: Of this desk's key, for a phone that asks about it; empty until it is known.
        self.fingerprint = ""
        self.desk_actions = DeskActions(self)
        self.acts = PhoneActs(self, self)
        self.identity = IdentityRow(self.desk_actions)
        self.not_labelled = ProblemBar()
        self.not_labelled.offer(T("Try again"), partial(self.desk_actions.want, LABEL))
        self.trouble = ProblemBar()
        self.block = VerdictBlock(self.desk_actions)
        self.health = HealthStrip()
        self.returns = ReturnLine()
        self.fold = AppsFold()
        self.apps = self.fold.apps
        self.aloud = SayAloud()
        self.handed_back = HandedBackFold()
        self.aside = Aside(self.desk_actions)
        self.managed = ManagementCard()
        result = QWidget()
        mark(result, "clear")
        self._result = column(
            self.trouble,
            self.block,
            self.managed,
            self.aside,
            self.aloud,
            self.handed_back,
            self.health,
            self.returns,
            self.fold,
            None,
            spacing=STEP * 2,
            inside=result,
        )
        self.area = ScrollArea(result)
        self.say.name(self.area, T("What is known of this phone"))
        self._read = QWidget()
        self._dock = column((self.area, 1), spacing=0, inside=self._read)
        for grows in (result, self._read):
            grows.installEventFilter(self)
        self._place = ActionsPlace(self.block, self.area, self._dock, self._read, self.identity.title)
        # Not while Qt lays the page out: what is moved from one layout to another meanwhile ends the program.
        self.settle_soon = QTimer(self, singleShot=True, interval=0)
        self.settle_soon.timeout.connect(lambda: self._place.settle(low=self._low))
        self.stack = PhoneStack(self._read, self.identity, self.identity.title)
        self.on_phone = self.stack.on_phone
        inside = QWidget()
        mark(inside, "clear")
        inside.setMaximumWidth(_WIDEST + STEP * 6)
        self._column = column(self.identity, self.not_labelled, (self.stack, 1), spacing=STEP + 4, inside=inside)
        row((inside, 1), None, spacing=0, inside=self)
        #: Runs while nothing can be removed, after the page turned to another phone by itself.
        self.hold = QTimer(self, singleShot=True, interval=_HOLD)
        self.hold.timeout.connect(self.show_actions)
        self._connect()
        self._fit()

    def _connect(self) -> None:
        want, acts = self.desk_actions.want, self.acts
        self.desk_actions.act_wanted.connect(acts.do)
        self.identity.labels_wanted.connect(partial(want, LABEL))
        self.identity.tagged.connect(acts.keep_tag)
        self.block.changed.connect(self.show_actions)
        self.block.head.details.clicked.connect(lambda: self.fold.show_finding(self.block.cards.first))
        self.block.hand_back.print_wanted.connect(partial(want, OWNER_PAGE))
        self.stack.turned.connect(self.show_actions)
        self.stack.ready_made.connect(self._connect_ready)
        self.on_phone.hand_back_wanted.connect(partial(want, HAND_BACK))
        self.on_phone.except_wanted.connect(acts.ask_exception)
        self.on_phone.check_wanted.connect(partial(want, CHECK))
        self.on_phone.copy_wanted.connect(partial(want, COPY_FOR_MANAGEMENT))
        self.fold.unfolded.connect(self._give_room)
        for part in (self.health, self.returns):
            part.details.toggled.connect(partial(_bring_up, self.area, part))
        self.apps.chosen_changed.connect(self.show_actions)
        self.apps.except_wanted.connect(acts.ask_exception)
        self.apps.ban_wanted.connect(acts.ask_ban)
        self.apps.pane.log_wanted.connect(acts.show_grant)

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
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.settle_soon.start()
        return super().eventFilter(watched, event)

    def _give_room(self, opened: bool) -> None:
        """The table, where it is unfolded, takes all the room that is left; else that stays free at the end."""
        self._result.setStretchFactor(self.fold, 1 if opened else 0)
        self._result.setStretch(self._result.count() - 1, 0 if opened else 1)
        self.fold.setMinimumHeight(_TABLE if opened else 0)
        self.refresh()
        _bring_up(self.area, self.fold, opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            for act in (STOP_REMOVAL, LEAVE):
                self.desk_actions.want(act)
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 40, STEP * 25)

    def _fit(self) -> None:
        edge = STEP if self._low else STEP * 2 if self._compact else STEP * 3
        self._column.setContentsMargins(edge, STEP if self._low else STEP * 2, edge, STEP)
        self._column.setSpacing(STEP if self._low else STEP + 4)
        self._result.setSpacing(STEP if self._compact else STEP * 2)
        self.block.be_compact(self._compact, self._low)
        self.identity.be_compact(self._compact, self._low)
        self.on_phone.be_compact(self._compact, self._low)
        self.handed_back.rows.be_compact(self._compact)
        self.settle_soon.start()
        self.say.again()

    @property
    def state(self) -> PageState:
        """What is so at this moment, and with it what can be done."""
        page = self.stack.content
        return PageState.of(
            self.session,
            Around(
                page if self.session is not None else PageContent.NOTHING,
                self.unfolded,
                replace(self.block.answers(), table=self.fold.is_open, row=self.fold.chosen()),
                self.ready.offers() if page is PageContent.READY else ReadyOffers(),
                asking=self.asking,
                following=self.following.slot if self.following is not None else None,
                compact=self._compact,
                held=self.hold.isActive(),
            ),
        )

    def show_session(self, session: PhoneSession, *, asked: bool = True) -> None:
        """Show this phone from now on. Where the officer did not ask for it, nothing is removed from it by a press that
        was meant for the one before."""
        if session is not self.session:
            self.hold.stop()
            if not asked:
                self.hold.start()
            self.unfolded = Unfolded()
            self.fold.open(False)
            self.stack.leave_by_hand()
        self.session = session
        self.refresh()

    def let_go(self) -> None:
        """Show no phone: the shown one has left the desk, and nothing here asks it for anything any more."""
        self.stack.leave_by_hand()
        self.session = None
        self.show_actions()

    def refresh(self) -> None:
        """Show the chosen phone as it is now. The focus goes to the title where what had it is gone."""
        session = self.session
        if session is None:
            self.show_actions()
            return
        state = self.state
        self.unfolded = state.still_unfolded
        state = replace(state, around=replace(state.around, unfolded=self.unfolded))
        focused = self.focusWidget()
        had_focus = focused is not None and focused.hasFocus() and self.isAncestorOf(focused)
        self.identity.show_session(session)
        needs = readiness_of(session, self.fingerprint)
        self.stack.show_readiness(needs)
        self._show_result(session, state, aloud=needs is None)
        self.show_actions()
        if self.stack.content is PageContent.BY_HAND:
            self.on_phone.refresh()
        elif session.by_hand_again and not session.busy:
            self.stack.return_by_hand(session, rests=self.unfolded == Unfolded(), take_focus=had_focus)
        if had_focus and focused is not None and not (focused.isVisible() and focused.isEnabled()):
            self.identity.title.setFocus()

    def _show_result(self, session: PhoneSession, state: PageState, *, aloud: bool) -> None:
        self.not_labelled.show_problem(session.labels.problem)
        # What went wrong while the check still holds, such as a handing back that broke off, stands over it.
        self.trouble.show_problem(session.problem if session.check is not None and not session.busy else None)
        self.block.show_session(session, state, aloud=aloud)
        self.aside.show_words(aside_of(session) if not self._low else None)
        self.managed.show_management(session.management)
        self.aloud.show_session(session)
        self.handed_back.show_session(session)
        shows_health = session.check is not None and not session.is_handed_back and not session.changing
        check = session.check if shows_health else None
        self.health.show_signals(
            *((health.signals_to_show(check), health.signals(check)) if check is not None else ((), ()))
        )
        # Of a phone whose management is told of above, that is said there.
        met = session.standing.found_count or (check is not None and check.unblocked)
        returns = check.returns if check is not None and met and session.management is None else ()
        self.returns.show_returns(returns, check.inventory.phone.platform if check is not None else "")
        self.fold.show_session(session)

    def show_actions(self) -> None:
        """Show what can be done now."""
        self.desk_actions.show_state(self.state)
        self.block.action_row.show_state(self.desk_actions.state)
        self.aside.show_state(self.desk_actions.state)

    def show_next(self, following: PhoneSession | None) -> None:
        """Have the way to the next phone name this one, and lead to it; None: no other phone waits. Every change of any
        phone asks for it: what is the same already is not shown anew."""
        slot = following.slot if following is not None else None
        if following is not self.following or slot != self.desk_actions.state.around.following:
            self.following = following
            self.show_actions()

    def unfold(self, unfolded: Unfolded) -> None:
        """Unfold something of the result, or fold it up."""
        self.unfolded = unfolded
        self.refresh()
        self.identity.title.setFocus()

    @property
    def ready(self) -> GettingReady:
        """The page that leads a phone to ready."""
        return self.stack.ready

    def _connect_ready(self, ready: GettingReady) -> None:
        ready.print_wanted.connect(self.queue_page_wanted)
        ready.act_wanted.connect(lambda act: self.act_wanted.emit(self.session, act))
        ready.again_wanted.connect(partial(self.desk_actions.want, CHECK))
        ready.changed.connect(self.show_actions)


def _bring_up(area: ScrollArea, unfolded: QWidget, opened: bool) -> None:
    """What was just unfolded moves up to where it is seen, once it has its place."""
    if opened:
        bar = area.verticalScrollBar()
        QTimer.singleShot(0, area, lambda: bar.setValue(unfolded.y()))
