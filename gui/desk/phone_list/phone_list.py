"""The list of phones at the left of the Desk page: one row each, with its next act.

Rows do not move under a hand: while the pointer is over the list, and for a moment after a key, the order stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QMenu, QWidget

from gui.desk import queue
from gui.desk.acts.all_acts import CHECK, PUT_AWAY
from gui.desk.acts.desk_actions import entry_words
from gui.desk.phone_list.phone_list_model import SESSION_ROLE, Order, PhoneListModel
from gui.desk.phone_list.phone_row_painter import PhoneRowPainter
from gui.desk.queue import Total
from gui.desk.session.page_state import Around, PageState
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import PhoneSessions
from gui.toolkit.layouts import FocusRing
from gui.toolkit.lists.chosen_rows import ChosenRows
from gui.toolkit.lists.tables import Index
from gui.toolkit.theme import mark

#: Milliseconds after a key, and after the pointer was moved over the list, for which the rows stay where they are; and
#: between two looks at the waiting times.
_SETTLED: Final = 1_000
_POINTED: Final = 3_000
_TICK: Final = 30_000


class PhoneList(QListView):
    """The rows. Up and Down choose; Delete or the menu puts a practice phone away, or one that has left."""

    #: Another phone is chosen, and whether by the officer.
    chosen = Signal(object, bool)
    put_away = Signal(object)
    look_again = Signal(object)
    #: How many phones there are of what has changed.
    counted = Signal()
    #: There is more or less room for the rows.
    resized = Signal()

    def __init__(self, phones: PhoneSessions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: PhoneSession | None = None
        #: The rows are being put in order, or some go: that is no choice of another phone.
        self._arranging = False
        #: The officer asked for the phone that is being chosen.
        self._asked = True
        self.phones = PhoneListModel(phones, self)
        self.setModel(self.phones)
        self._painter = PhoneRowPainter(self)
        self.setItemDelegate(self._painter)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        mark(self, "cards")
        self._cursor = FocusRing(self.viewport(), of=self, when=lambda: not self.currentIndex().isValid())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.selectionModel().currentChanged.connect(self._current_changed)
        ChosenRows(self)
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self.arrange)
        self._minute = QTimer(self, interval=_TICK)
        self._minute.timeout.connect(self.phones.refresh_times)
        self._minute.start()
        self.phones.counted.connect(self._counted)
        self._phones = phones
        phones.succeeded.connect(self._succeeded)
        phones.vanished.connect(self._vanished)

    @property
    def in_use(self) -> bool:
        """Whether a row must not move now: the pointer was just moved over the list, or a key pressed in it."""
        return self._rest.isActive()

    def arrange(self) -> None:
        """Put the rows in their order, unless a hand is at them."""
        if not self.in_use:
            self._put_in_order()

    def _put_in_order(self) -> None:
        """Put the rows in their order. The chosen phone stays chosen, also where its row is not shown any more."""
        self._arranging = True
        self.phones.arrange()
        if self.currentIndex().data(SESSION_ROLE) is not self._chosen:
            place = self.phones.place(self._chosen) if self._chosen is not None else QModelIndex()
            self.setCurrentIndex(place)
        self._arranging = False

    def be_in_order(self, order: Order) -> None:
        """Arrange the rows so from now on."""
        self.phones.order = order
        self._put_in_order()

    def narrow_to(self, total: Total | None) -> None:
        """Show only the phones that count in `total`; None shows all."""
        self.phones.narrowed_to = total
        self._put_in_order()
        self.counted.emit()

    def session(self) -> PhoneSession | None:
        """The chosen phone; its row is not shown where the list is narrowed to others."""
        return self._chosen

    def choose(self, session: PhoneSession, *, asked: bool = True) -> None:
        """Make this the chosen phone; `asked`: the officer wants to see just this one."""
        if not self.phones.place(session).isValid():
            self.narrow_to(None)
        if (place := self.phones.place(session)).isValid():
            self._asked = asked
            self.setCurrentIndex(place)
            self._asked = True

    def fit(self, room: int, below: int) -> bool:
        """Have the rows stand close together where they need more than `room`, in logical pixels.

        Returns whether they need the room too of what stands `below` the list.
        """
        phones = len(self.phones.listed_sessions)
        headings = (self.phones.rowCount() - phones) * self._painter.heading_height
        height = phones * self._painter.row_height(dense=False) + headings
        if (dense := height > room) != self._painter.dense:
            self._painter.dense = dense
            self.scheduleDelayedItemsLayout()
        return height > room - below

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().height() != event.oldSize().height():
            self.resized.emit()

    def next(self) -> PhoneSession | None:
        """The phone that needs the officer next, other than the chosen one."""
        return queue.next_of(self.phones.rows, self.session())

    def rows_in(self, totals: Iterable[Total]) -> dict[Total, int]:
        """How many phones count in each of `totals`."""
        counted = [queue.counts(session, row) for session, row in self.phones.rows]
        return {total: sum(total in totals_of_row for totals_of_row in counted) for total in totals}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        session = self.session()
        away = session is not None and PageState.of(session, Around()).enabled(PUT_AWAY)
        if event.key() == Qt.Key.Key_Delete and away:
            self.put_away.emit(session)
        else:
            self._rest.start(_SETTLED)
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            self._rest.start(_POINTED)
        elif event.type() == QEvent.Type.Leave:
            self._rest.start(0)
        return super().viewportEvent(event)

    def menu_for(self, session: PhoneSession) -> QMenu:
        """What can be done with a phone from its row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        state = PageState.of(session, Around())
        for act, signal in ((CHECK, self.look_again), (PUT_AWAY, self.put_away)):
            if act.entry is not None and act.entry.offered(state):
                entry = menu.addAction(entry_words(act, state), partial(self._tell, signal, session))
                entry.setEnabled(state.enabled(act))
                entry.setShortcut(act.sequence)
        return menu

    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        session = now.data(SESSION_ROLE)
        if not self._arranging and (isinstance(session, PhoneSession) or not now.isValid()):
            self._show(session, asked=self._asked)

    def _show(self, session: PhoneSession | None, *, asked: bool) -> None:
        self._chosen = self._phones.shown = session
        self.chosen.emit(session, asked)

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Qt makes a neighbour of what goes the current row: nobody has chosen that phone."""
        before, self._arranging = self._arranging, True
        super().rowsAboutToBeRemoved(parent, start, end)
        self._arranging = before

    def _succeeded(self, session: PhoneSession, successor: PhoneSession) -> None:
        """The chosen phone is plugged in again: it stays the chosen one."""
        if session is self._chosen:
            self.choose(successor, asked=False)

    def _vanished(self, session: PhoneSession) -> None:
        if session is self._chosen:  # the officer took it off the list
            now = self.currentIndex().data(SESSION_ROLE)
            self._show(now if isinstance(now, PhoneSession) else None, asked=False)

    def _counted(self) -> None:
        self.arrange()
        self._cursor.look()
        self.counted.emit()

    def _tell(self, signal: SignalInstance, session: PhoneSession) -> None:
        """Unless the phone has left the list while the menu was open."""
        if self.phones.place(session).isValid():
            signal.emit(session)

    def _menu(self, place: QPoint) -> None:
        session = self.indexAt(place).data(SESSION_ROLE)
        if isinstance(session, PhoneSession):
            self.menu_for(session).popup(self.viewport().mapToGlobal(place))
