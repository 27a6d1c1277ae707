"""The phones of a desk as a list: each group of the order of work under its heading, or by slot."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from itertools import takewhile
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from core.text import T, Text
from gui.desk import queue
from gui.desk.phone_text import caption, model_with_ending, title
from gui.desk.queue import Group, QueueRow, Total
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import PhoneSessions
from gui.toolkit.lists.tables import Index
from gui.toolkit.widgets import as_tip

SESSION_ROLE: Final = Qt.ItemDataRole.UserRole + 1
ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 2


class Order(Enum):
    """How the list is arranged."""

    WORK = "work"
    SLOTS = "slots"


class PhoneListModel(QAbstractListModel):
    """The phones, each group under its heading; rows come and go at once, and move only when :meth:`arrange` is asked.

    A row of the model is a phone or the heading of a group, which cannot be chosen.
    """

    #: What the rows say has changed, or how many there are.
    counted = Signal()

    def __init__(self, phones: PhoneSessions, parent: QWidget) -> None:
        super().__init__(parent)
        self.order = Order.WORK
        self.narrowed_to: Total | None = None
        self._phones = phones
        self._rows: dict[PhoneSession, QueueRow] = {}
        self._items: list[PhoneSession | Group] = []
        #: The group at the top, whose heading stands over the list.
        self._first: Group | None = None
        #: Rows have changed and are not painted anew yet.
        self._stale = False
        for session in phones.sessions:
            self._appeared(session)
        phones.appeared.connect(self._appeared)
        phones.vanished.connect(self._vanished)
        phones.changed.connect(self._changed)
        phones.all_told.connect(self._all_told)

    @property
    def rows(self) -> list[tuple[PhoneSession, QueueRow]]:
        """Every phone with its row, in no order."""
        return list(self._rows.items())

    @property
    def listed_sessions(self) -> list[PhoneSession]:
        """The phones as they stand in the list."""
        return [item for item in self._items if isinstance(item, PhoneSession)]

    def place(self, session: PhoneSession) -> QModelIndex:
        """Where a phone stands; invalid if it is not shown."""
        return self.index(self._items.index(session)) if session in self._items else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._items)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._items[index.row()], Group):
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if isinstance(item, Group):
            return self._of_heading(item, role)
        row = self._rows[item]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return str(title(item))
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(f"{title(item)}\n{caption(item)}\n{row.word}: {row.act}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return str(_spoken(item, row))
            case _ if role == SESSION_ROLE:
                return item
            case _ if role == ROW_ROLE:
                return row
        return None

    def _of_heading(self, group: Group, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return str(self._heading(group))
        return None

    def _heading(self, group: Group) -> Text:
        """What stands over a group, with the number of the rows below it."""
        below = self._items[0 if group is self._first else self._items.index(group) + 1 :]
        count = len(list(takewhile(lambda item: isinstance(item, PhoneSession), below)))
        return T("{group} {count}", group=group.heading, count=count)

    @property
    def heading(self) -> Text:
        """What stands over the list: the heading of its first group, or that it is by slot."""
        if self.order is Order.SLOTS or self._first is None:
            return T("Phones")
        return self._heading(self._first)

    def arrange(self) -> None:
        """Put every row where it belongs; what is chosen stays chosen."""
        rows = self._items_in_order()
        if rows == self._items:
            return
        if len(rows) == len(self._items) and set(rows) == set(self._items):
            self.layoutAboutToBeChanged.emit()
            before = self.persistentIndexList()
            now = [self.createIndex(rows.index(self._items[index.row()]), 0) for index in before]
            self._items = rows
            self.changePersistentIndexList(before, now)
            self.layoutChanged.emit()
            return
        # Rows are taken out and put in one by one, so that the chosen one stays what it is.
        for item in [item for item in self._items if item not in rows]:
            self._take_out(item)
        for place, item in enumerate(rows):
            if item not in self._items:
                self._put_in(item, min(place, len(self._items)))
        self.arrange()

    def _items_in_order(self) -> list[PhoneSession | Group]:
        among = [(s, row) for s, row in self._rows.items() if self._is_wanted(s, row)]
        if self.order is Order.SLOTS:
            return [session for session, _ in sorted(among, key=lambda pair: pair[0].slot)]
        self._first = None
        rows: list[PhoneSession | Group] = []
        for session in queue.in_work_order(among):
            group = self._rows[session].group
            if self._first is None:
                self._first = group
            elif group is not self._first and group not in rows:
                rows.append(group)
            rows.append(session)
        return rows

    def _is_wanted(self, session: PhoneSession, row: QueueRow) -> bool:
        return self.narrowed_to is None or self.narrowed_to in queue.counts(session, row)

    def refresh_times(self) -> None:
        """Say anew how long phones have waited."""
        for session in list(self._rows):
            self._rows[session] = queue.row_of(session, datetime.now())
        self._repaint()

    def _repaint(self) -> None:
        if self._items:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))
        self.counted.emit()

    def _appeared(self, session: PhoneSession) -> None:
        self._rows[session] = row = queue.row_of(session, datetime.now())
        if self._is_wanted(session, row):
            self._put_in(session, len(self._items))
        self.counted.emit()

    def _vanished(self, session: PhoneSession) -> None:
        self._take_out(session)
        self._rows.pop(session, None)
        self.counted.emit()

    def _changed(self, session: PhoneSession) -> None:
        if session in self._rows:
            self._rows[session] = queue.row_of(session, datetime.now())
            self._stale = True

    def _all_told(self) -> None:
        if self._stale:
            self._stale = False
            self._repaint()

    def _put_in(self, item: PhoneSession | Group, place: int) -> None:
        self.beginInsertRows(QModelIndex(), place, place)
        self._items.insert(place, item)
        self.endInsertRows()

    def _take_out(self, item: PhoneSession | Group) -> None:
        if item in self._items:
            place = self._items.index(item)
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._items[place]
            self.endRemoveRows()


def _spoken(session: PhoneSession, row: QueueRow) -> Text:
    """The whole row, for a screen reader."""
    return T(
        "Slot {slot}, {name}, {model}: {word}, {act}",
        slot=session.slot,
        name=T("{phone} (practice)", phone=title(session)) if session.practice else title(session),
        model=model_with_ending(session),
        word=row.word,
        act=row.act,
    )
