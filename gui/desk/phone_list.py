"""The list of phones at the left of the Desk page: one card each, with glyph, name, state and progress."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.text import T, Text, plain
from gui.desk.phone_text import state_of
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import PhoneSessions
from gui.desk.session.phone_view import Phase
from gui.toolkit.icons import pixmap
from gui.toolkit.tables import Index
from gui.toolkit.theme import STATUS_ICONS, STEP, Colours, Status, TextSize, colours, font, mark
from gui.toolkit.widgets import as_tip

SESSION_ROLE: Final = Qt.ItemDataRole.UserRole + 1

_DISC: Final = 28
#: Logical pixels, below which a card has no room for words: the page beside it has them.
_NARROW: Final = 140
#: Characters of a serial number that tell two phones of one model apart.
_END: Final = 4


class _PhoneListModel(QAbstractListModel):
    """The phones as a list, in the order in which they came."""

    def __init__(self, phones: PhoneSessions, parent: QWidget) -> None:
        super().__init__(parent)
        self.sessions = list(phones.sessions)
        phones.appeared.connect(self._appeared)
        phones.vanished.connect(self._vanished)
        phones.changed.connect(self._changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.sessions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        session = self.sessions[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return str(_titled(session))
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(f"{_titled(session)}\n{state_of(session)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                said = T("{phone}, {state}", phone=_titled(session), state=state_of(session))
                return str(T("{phone} (practice)", phone=said)) if session.practice else str(said)
            case _ if role == SESSION_ROLE:
                return session
        return None

    def _appeared(self, session: PhoneSession) -> None:
        row = len(self.sessions)
        self.beginInsertRows(QModelIndex(), row, row)
        self.sessions.append(session)
        self.endInsertRows()

    def _vanished(self, session: PhoneSession) -> None:
        row = self.sessions.index(session)
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.sessions[row]
        self.endRemoveRows()

    def _changed(self, session: PhoneSession) -> None:
        if session in self.sessions:
            place = self.index(self.sessions.index(session))
            self.dataChanged.emit(place, place)


class _Card(QStyledItemDelegate):
    """Paints one phone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._state = font(TextSize.STRONG), font(TextSize.SMALL)
        self._name_metrics, self._state_metrics = QFontMetrics(self._name), QFontMetrics(self._state)
        self._size = QSize(_DISC + STEP * 2, self._name_metrics.height() + self._state_metrics.height() + STEP * 4 + 6)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        session: PhoneSession = index.data(SESSION_ROLE)
        c = colours(option.palette)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        area = option.rect.adjusted(2, 2, -2, -STEP + 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.focus if chosen or focused else c.line), 2.0 if chosen else 1.0))
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        disc = QRect(area.left() + STEP + 4, area.top() + STEP + 4, _DISC, _DISC)
        if area.width() < _NARROW:
            disc.moveTo(area.center().x() - _DISC // 2, area.top() + STEP // 2)
        pair = c.status[session.status if not session.gone else Status.NEUTRAL]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(pair.back))
        painter.drawEllipse(disc)
        _draw(painter, disc.left() + 6, disc.top() + 6, _glyph(session), pair.text)
        if area.width() < _NARROW:
            self._paint_end(painter, area, session, c)
        else:
            self._paint_texts(painter, area, session, c)
        painter.restore()

    def _paint_texts(self, painter: QPainter, area: QRect, session: PhoneSession, c: Colours) -> None:
        left = area.left() + STEP * 2 + 4 + _DISC
        top = area.top() + STEP + (2 if session.busy else 5)
        width = room = area.right() - left - STEP - 4
        if session.practice:
            room -= 16 + STEP // 2
            _draw(painter, area.right() - STEP - 18, top, "practice", c.status[Status.INFO].text)
        painter.setFont(self._name)
        painter.setPen(QColor(c.muted if session.gone else c.text))
        metrics = self._name_metrics
        # Where there is little room, the model is cut: the serial number tells phones of one model apart.
        end = str(_with_end("", _end(session))) if _end(session) else ""
        shown = metrics.elidedText(session.name, Qt.TextElideMode.ElideRight, room - metrics.horizontalAdvance(end))
        painter.drawText(left, top + metrics.ascent(), shown + end)
        top += metrics.height() + 2
        painter.setFont(self._state)
        painter.setPen(QColor(c.muted))
        metrics = self._state_metrics
        shown = metrics.elidedText(str(state_of(session)), Qt.TextElideMode.ElideRight, width)
        painter.drawText(left, top + metrics.ascent(), shown)
        if session.busy:
            top += metrics.height() + 4
            share = session.progress.share if session.progress else 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.line))
            painter.drawRoundedRect(QRectF(left, top, width, 4), 2, 2)
            painter.setBrush(QColor(c.accent))
            painter.drawRoundedRect(QRectF(left, top, max(width * share, 4.0), 4), 2, 2)

    def _paint_end(self, painter: QPainter, area: QRect, session: PhoneSession, c: Colours) -> None:
        """Below the sign, what tells phones apart where there is no room for their names."""
        below = area.adjusted(2, STEP // 2 + _DISC, -2, -2)
        if session.practice:
            left, top = below.center().x() - 6, below.center().y() - 6
            _draw(painter, left, top, "practice", c.status[Status.INFO].text, 14)
        else:
            painter.setFont(self._state)
            painter.setPen(QColor(c.muted if session.gone else c.text))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, _end(session))


def _draw(painter: QPainter, left: int, top: int, name: str, colour: str, size: int = 16) -> None:
    """Draw the icon `name`."""
    painter.drawPixmap(left, top, pixmap(name, QColor(colour), size, painter.device().devicePixelRatioF()))


def _titled(session: PhoneSession) -> Text | str:
    """What a phone is called, so that it can be told from another of the same model."""
    end = _end(session)
    return _with_end(session.name, end) if end else session.name


def _with_end(name: str, end: str) -> Text:
    return T("{phone} · …{end}", phone=name, end=end)


def _end(session: PhoneSession) -> str:
    """The end of its serial number; empty if that is not known or all that is known, and for practice phones."""
    if session.practice:
        return ""
    serial = (session.phone.serial if session.phone else "") or (session.sighting.serial if session.sighting else "")
    return "" if serial == session.name else plain(serial.strip()[-_END:], _END)


def _glyph(session: PhoneSession) -> str:
    if session.gone:
        return "cable"
    if session.problem is not None or session.phase in (Phase.WAITING, Phase.ASKED):
        return "warning"
    if session.status is Status.NEUTRAL and not session.busy:
        return "phone"
    return STATUS_ICONS[session.status]


class PhoneList(QListView):
    """The cards. Up and Down choose; Delete or the menu puts a practice phone away, or one that has left."""

    chosen = Signal(object)
    put_away = Signal(object)
    look_again = Signal(object)

    def __init__(self, phones: PhoneSessions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _PhoneListModel(phones, self)
        self.setModel(self._model)
        self.setItemDelegate(_Card(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        mark(self, "cards")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.customContextMenuRequested.connect(self._menu)
        self.selectionModel().currentChanged.connect(lambda now, before: self.chosen.emit(now.data(SESSION_ROLE)))

    def session(self) -> PhoneSession | None:
        """The chosen phone."""
        session = self.currentIndex().data(SESSION_ROLE)
        return session if isinstance(session, PhoneSession) else None

    def choose(self, session: PhoneSession) -> None:
        """Make this the chosen phone."""
        if session in self._model.sessions:
            self.setCurrentIndex(self._model.index(self._model.sessions.index(session)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        session = self.session()
        if event.key() == Qt.Key.Key_Delete and session is not None and (session.practice or session.gone):
            self.put_away.emit(session)
        else:
            super().keyPressEvent(event)

    def menu_for(self, session: PhoneSession) -> QMenu:
        """What can be done with a phone from its card."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = menu.addAction(str(T("Check again")), partial(self._tell, self.look_again, session))
        look.setEnabled(not session.busy and not session.gone)
        if session.gone:
            menu.addAction(str(T("Take off the list")), partial(self._tell, self.put_away, session))
        elif session.practice:
            menu.addAction(str(T("Unplug the practice phone")), partial(self._tell, self.put_away, session))
        return menu

    def _tell(self, signal: SignalInstance, session: PhoneSession) -> None:
        """Unless the phone has left the list while the menu was open."""
        if session in self._model.sessions:
            signal.emit(session)

    def _menu(self, place: Any) -> None:
        session = self.indexAt(place).data(SESSION_ROLE)
        if isinstance(session, PhoneSession):
            self.menu_for(session).popup(self.viewport().mapToGlobal(place))
