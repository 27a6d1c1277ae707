"""The Desk page: the phones at the left, the chosen one at the right; an inviting page where there is none.

What is shown before the first phone is in this file; all else is loaded a moment after the window is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtCore import QByteArray, QEvent, QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QMenu, QSplitter, QStackedWidget, QWidget

from core.desk.desk import Desk
from core.problem import Problem
from core.text import T, Text
from gui.desk.empty_desk import EmptyDesk
from gui.toolkit.jobs import JobRunner
from gui.toolkit.layouts import column
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ProblemBar, as_tip, literal

if TYPE_CHECKING:
    from PySide6.QtGui import QKeySequence, QResizeEvent

    from core.ledger.records import Entry
    from core.model import Check
    from gui.desk.phone_list import PhoneList
    from gui.desk.phone_page import PhonePage
    from gui.desk.session.phone_session import PhoneSession
    from gui.desk.session.phone_sessions import PhoneSessions

#: Logical pixels: the least and the most that the list of phones takes; what it takes where the whole page has less
#: than `_NARROW`.
_SIDE: Final = (240, 420)
_SLIM: Final = 72
_NARROW: Final = 840


class _Built(NamedTuple):
    """What is loaded after the window is seen."""

    phones: PhoneSessions
    cards: PhoneList
    page: PhonePage


class DeskPage(QWidget):
    """The phones at this desk, and the chosen one."""

    #: There may be new records in the log; whether they are practice.
    recorded = Signal(bool)
    #: The officer has told who works here.
    introduced = Signal()
    #: An exception is wanted: for this finding, on this phone, which the department calls so.
    except_wanted = Signal(object, object, object)
    #: This app is to be banned, on this platform.
    ban_wanted = Signal(object, str)

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget | None = None, **phones: Any) -> None:
        """`phones` are further arguments of :class:`PhoneSessions`, for tests."""
        super().__init__(parent)
        self.say = Parts(self)
        self._desk = desk
        self._runner = runner
        self._settings: QSettings | None = None
        self._arguments = phones
        self._built: _Built | None = None
        self._chosen: PhoneSession | None = None
        self._trouble: ProblemBar | None = None
        self._narrow = False
        self.empty = EmptyDesk(desk)
        self.empty.practice_wanted.connect(self.practise)
        self.empty.introduced.connect(self._introduced)
        self.empty.failed.connect(self.tell)
        self.right = QStackedWidget()
        self.right.addWidget(self.empty)
        self.side = self._side()
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.side)
        self.splitter.addWidget(self.right)
        self.splitter.setStretchFactor(1, 1)
        self._sizes = [296, 1070]
        self.splitter.setSizes(self._sizes)
        self._column = column((self.splitter, 1), spacing=0, inside=self)
        if desk.fault is not None:
            self.tell(None)
        self._show_soon = QTimer(self, singleShot=True, interval=0)
        self._show_soon.timeout.connect(self._show_chosen)

    def begin(self) -> None:
        """Watch what is plugged in from now on."""
        self.empty.describe_practice()
        self.phones.start()

    @property
    def phones(self) -> PhoneSessions:
        """The phones at this desk."""
        return self._whole().phones

    @property
    def cards(self) -> PhoneList:
        """The list of them."""
        return self._whole().cards

    @property
    def page(self) -> PhonePage:
        """The page of the chosen one."""
        return self._whole().page

    def checks(self) -> tuple[Check, ...]:
        """The last check of each phone in the list, also of those that have left."""
        sessions = self._built.phones.sessions if self._built is not None else []
        return tuple(session.check for session in sessions if session.check is not None)

    def policy_changed(self) -> None:
        """The rules or the exceptions have changed: every phone that is there is read again, so that what is shown and
        what is on record is true."""
        for session in self._built.phones.sessions if self._built is not None else []:
            session.judge_again()

    def close_phones(self) -> None:
        """Let go of every phone."""
        if self._built is not None:
            self._built.phones.close()

    def _whole(self) -> _Built:
        """What is only needed once there is a phone; loading it would keep the window from being seen."""
        if self._built is None:
            from gui.desk.phone_list import PhoneList
            from gui.desk.phone_page import PhonePage
            from gui.desk.session.phone_session import PhoneSession
            from gui.desk.session.phone_sessions import PhoneSessions

            phones = PhoneSessions(self._desk, self._runner, self, **self._arguments)
            built = self._built = _Built(phones, PhoneList(phones), PhonePage())
            self.say(built.cards.setAccessibleName, T("Phones"))
            self._room.addWidget(built.cards)
            self.right.addWidget(built.page)
            if self._settings is not None:
                built.page.apps.restore(self._settings)
            built.page.except_wanted.connect(self.except_wanted)
            built.page.ban_wanted.connect(self.ban_wanted)
            built.cards.chosen.connect(self._choose)
            built.cards.put_away.connect(phones.put_away)
            built.cards.look_again.connect(PhoneSession.look)
            phones.appeared.connect(self._appeared)
            phones.vanished.connect(self._vanished)
            phones.changed.connect(self._changed)
            phones.recorded.connect(self._recorded)
            self._keys = built.page.make_keys(self, built.cards.setFocus)
        return self._built

    def shortcuts(self) -> list[tuple[Text, QKeySequence]]:
        """What each key does here."""
        self._whole()
        return self._keys

    def choose(self, session: PhoneSession) -> None:
        """Show this phone."""
        self.cards.choose(session)

    def offer_undo(self, removal: Entry) -> Problem | None:
        """Show what undoing this removal would do, or say why that cannot be shown."""
        try:
            session = self.phones.phone_of(removal)
        except Problem as problem:
            return problem
        self.choose(session)
        self.page.show_session(session)
        self.page.show_undo()
        return None

    def practise(self, scenario: str) -> PhoneSession:
        """Plug a practice phone in."""
        from core.simulator import scenario_list  # not before the window is seen

        session = self.phones.practise(scenario, scenario_list.offer(scenario).title)
        self.choose(session)
        return session

    def practice_menu(self) -> QMenu:
        """Every practice phone there is."""
        from core.simulator import scenario_list  # not before the window is seen

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for name in scenario_list.names():
            offer = scenario_list.offer(name)
            action = menu.addAction(literal(str(offer.title)))
            action.setToolTip(as_tip(str(offer.description)))
            action.triggered.connect(lambda checked=False, name=name: self.practise(name))
        return menu

    def save(self, settings: QSettings) -> None:
        if not self._narrow:
            settings.setValue("desk/splitter", self.splitter.saveState())
        if self._built is not None:
            self._built.page.apps.save(settings)

    def restore(self, settings: QSettings) -> None:
        state = settings.value("desk/splitter")
        if isinstance(state, QByteArray):
            self.splitter.restoreState(state)
        self._settings = settings

    # --- how it is made

    def _side(self) -> QWidget:
        side = QFrame()
        mark(side, "side")
        side.setMinimumWidth(_SIDE[0])
        side.setMaximumWidth(_SIDE[1])
        self.heading = self.say.line(self._counted, TextSize.SMALL, "muted")
        self.hint = self.say.label(
            T("Plug in the next phone. The check starts automatically."), TextSize.SMALL, "muted"
        )
        phones = T("Practice phones…")
        self.practise_button = self.say.button(
            lambda: "" if self._narrow else phones,
            self._show_practice_menu,
            icon="practice",
            name=phones,
            tip=T("Practice phones, to try everything out"),
        )
        self._room = column(spacing=-1)
        edges = (STEP + 4, STEP * 2, STEP + 4, STEP * 2)
        parts = (self.heading, (self._room, 1), self.hint, self.practise_button)
        self._side_column = column(*parts, inside=side, margins=edges)
        return side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (narrow := self.width() < _NARROW) != self._narrow:
            self._narrow = narrow
            self._be_narrow()

    def _be_narrow(self) -> None:
        """Where there is little room, the phones beside the page keep their signs and lose their words."""
        least, most = (_SLIM, _SLIM) if self._narrow else _SIDE
        if self._narrow:
            self._sizes = self.splitter.sizes()
        self.side.setMinimumWidth(least)
        self.side.setMaximumWidth(most)
        edge = STEP if self._narrow else STEP + 4
        self._side_column.setContentsMargins(edge, STEP * 2, edge, STEP * 2)
        self.heading.setVisible(not self._narrow)
        self.hint.setVisible(not self._narrow)
        self.splitter.setSizes([_SLIM, self.width() - _SLIM] if self._narrow else self._sizes)
        self.say.again()

    def tell(self, problem: Problem | None) -> None:
        """Show a problem that is no phone's, above everything; None: there is none."""
        self.trouble.show_problem(problem or self._desk.fault)
        self.trouble.button.setVisible(problem is not None)  # a fault of the settings stays until they are mended

    @property
    def trouble(self) -> ProblemBar:
        """The bar for it, above everything."""
        if self._trouble is None:
            self._trouble = ProblemBar()
            self._column.insertWidget(0, self._trouble)
            self._trouble.offer(T("Close"), lambda: self.tell(None))
        return self._trouble

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange and self._built is not None:
            self._built.cards.viewport().update()
            self._built.page.refresh()
        super().changeEvent(event)

    # --- what happens

    def _introduced(self) -> None:
        self.tell(None)
        self.introduced.emit()

    def _choose(self, session: PhoneSession | None) -> None:
        """Show the chosen phone, in a moment: of several that come at once only the last is shown."""
        self._chosen = session
        self._show_soon.start()

    def _show_chosen(self) -> None:
        session = self._chosen
        if session is None or session not in self.phones.sessions:
            self.page.session = None
            self.right.setCurrentWidget(self.empty)
        else:
            self.page.show_session(session)
            self.right.setCurrentWidget(self.page)

    def _appeared(self, session: PhoneSession) -> None:
        self.say(self.heading.setText, self._counted)
        # The newest phone is shown, unless the officer is in the middle of something.
        current = self.cards.session()
        if current is None or not (current.changing or self.page.plan.isVisible() or self.page.asking):
            self.choose(session)

    def _vanished(self, session: PhoneSession) -> None:
        self.say(self.heading.setText, self._counted)
        if self.page.session is session:
            now = self.cards.session()
            self.page.session = None
            self._choose(now)

    def _changed(self, session: PhoneSession) -> None:
        self.say(self.heading.setText, self._counted)
        if session is self.page.session:
            self.page.refresh()

    def _recorded(self, session: PhoneSession) -> None:
        self.recorded.emit(session.practice)

    def _counted(self) -> Text:
        sessions = self._built.phones.sessions if self._built else []
        count = len([s for s in sessions if not s.gone])
        return T("PHONES ({count})", count=count)

    def _show_practice_menu(self) -> None:
        menu = self.practice_menu()
        above = self.practise_button.mapToGlobal(self.practise_button.rect().topLeft())
        menu.popup(QPoint(above.x(), above.y() - menu.sizeHint().height()))
