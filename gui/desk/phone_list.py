"""The list of phones at the left of the Desk page: one card each, with glyph, name, state and progress."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.text import T, Text, plain
from gui.desk.session.phases import Phase
from gui.desk.session.phone_session import Stay
from gui.desk.session.phone_sessions import Phones
from gui.toolkit.icons import pixmap
from gui.toolkit.tables import Index
from gui.toolkit.theme import STATUS_ICONS, STEP, Colours, Status, TextSize, colours, font, mark
from gui.toolkit.widgets import as_tip

STAY_ROLE: Final = Qt.ItemDataRole.UserRole + 1

_DISC: Final = 28
#: Logical pixels, below which a card has no room for words: the page beside it has them.
_NARROW: Final = 140
#: Characters of a serial number that tell two phones of one model apart.
_END: Final = 4


class PhonesModel(QAbstractListModel):
    """The stays as a list, in the order in which they came."""

    def __init__(self, phones: Phones, parent: QWidget) -> None:
        super().__init__(parent)
        self._stays = list(phones.stays)
        phones.appeared.connect(self._appeared)
        phones.vanished.connect(self._vanished)
        phones.changed.connect(self._changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._stays)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        stay = self._stays[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return str(_titled(stay))
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(f"{_titled(stay)}\n{stay.state}")
            case Qt.ItemDataRole.AccessibleTextRole:
                said = T("{phone}, {state}", phone=_titled(stay), state=stay.state)
                return str(T("{phone} (practice)", phone=said)) if stay.practice else str(said)
            case _ if role == STAY_ROLE:
                return stay
        return None

    def __contains__(self, stay: object) -> bool:
        return stay in self._stays

    def row_of(self, stay: Stay) -> int:
        return self._stays.index(stay)

    def _appeared(self, stay: Stay) -> None:
        row = len(self._stays)
        self.beginInsertRows(QModelIndex(), row, row)
        self._stays.append(stay)
        self.endInsertRows()

    def _vanished(self, stay: Stay) -> None:
        row = self._stays.index(stay)
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._stays[row]
        self.endRemoveRows()

    def _changed(self, stay: Stay) -> None:
        if stay in self._stays:
            place = self.index(self._stays.index(stay))
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
        stay: Stay = index.data(STAY_ROLE)
        c = colours(option.palette)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        area = option.rect.adjusted(2, 2, -2, -STEP + 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(c.focus if chosen or focused else c.line))
        pen.setWidthF(2.0 if chosen else 1.0)
        painter.setPen(pen)
        painter.setBrush(QColor(c.raised))
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        self._disc(painter, area, stay, option)
        self._texts(painter, area, stay, option)
        painter.restore()

    def _disc(self, painter: QPainter, area: QRect, stay: Stay, option: QStyleOptionViewItem) -> None:
        pair = colours(option.palette).status[stay.status if not stay.gone else Status.NEUTRAL]
        disc = QRect(area.left() + STEP + 4, area.top() + STEP + 4, _DISC, _DISC)
        if area.width() < _NARROW:
            disc.moveLeft(area.center().x() - _DISC // 2)
            disc.moveTop(area.top() + STEP // 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(pair.back))
        painter.drawEllipse(disc)
        name = _glyph(stay)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(disc.left() + 6, disc.top() + 6, pixmap(name, QColor(pair.text), 16, ratio))

    def _texts(self, painter: QPainter, area: QRect, stay: Stay, option: QStyleOptionViewItem) -> None:
        c = colours(option.palette)
        if area.width() < _NARROW:
            self._end(painter, area, stay, c)
            return
        left = area.left() + STEP * 2 + 4 + _DISC
        width = area.right() - left - STEP - 4
        top = area.top() + STEP + (2 if stay.busy else 5)
        if stay.practice:
            width -= 16 + STEP // 2
            colour = QColor(c.status[Status.INFO].text)
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(area.right() - STEP - 18, top, pixmap("practice", colour, 16, ratio))
        painter.setFont(self._name)
        painter.setPen(QColor(c.muted if stay.gone else c.text))
        metrics = self._name_metrics
        # Where there is little room, the model is cut: the serial number tells phones of one model apart.
        end = str(_with_end("", _end(stay))) if _end(stay) else ""
        shown = metrics.elidedText(stay.name, Qt.TextElideMode.ElideRight, width - metrics.horizontalAdvance(end))
        painter.drawText(left, top + metrics.ascent(), shown + end)
        top += metrics.height() + 2
        width = area.right() - left - STEP - 4
        painter.setFont(self._state)
        painter.setPen(QColor(c.muted))
        metrics = self._state_metrics
        shown = metrics.elidedText(str(stay.state), Qt.TextElideMode.ElideRight, width)
        painter.drawText(left, top + metrics.ascent(), shown)
        if stay.busy:
            top += metrics.height() + 4
            share = stay.progress.share if stay.progress else 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.line))
            painter.drawRoundedRect(QRectF(left, top, width, 4), 2, 2)
            painter.setBrush(QColor(c.accent))
            painter.drawRoundedRect(QRectF(left, top, max(width * share, 4.0), 4), 2, 2)

    def _end(self, painter: QPainter, area: QRect, stay: Stay, c: Colours) -> None:
        """Below the sign, what tells phones apart where there is no room for their names."""
        below = area.adjusted(2, STEP // 2 + _DISC, -2, -2)
        if stay.practice:
            ratio = painter.device().devicePixelRatioF()
            drawn = pixmap("practice", QColor(c.status[Status.INFO].text), 14, ratio)
            painter.drawPixmap(below.center().x() - 6, below.center().y() - 6, drawn)
        else:
            painter.setFont(self._state)
            painter.setPen(QColor(c.muted if stay.gone else c.text))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, _end(stay))


def _titled(stay: Stay) -> Text | str:
    """What a phone is called, so that it can be told from another of the same model."""
    end = _end(stay)
    return _with_end(stay.name, end) if end else stay.name


def _with_end(name: str, end: str) -> Text:
    return T("{phone} · …{end}", phone=name, end=end)


def _end(stay: Stay) -> str:
    """The end of its serial number; empty if that is not known or all that is known, and for practice phones."""
    if stay.practice:
        return ""
    serial = (stay.phone.serial if stay.phone else "") or (stay.sighting.serial if stay.sighting else "")
    return "" if serial == stay.name else plain(serial.strip()[-_END:], _END)


def _glyph(stay: Stay) -> str:
    if stay.gone:
        return "cable"
    if stay.problem is not None or stay.phase in (Phase.WAITING, Phase.ASKED):
        return "warning"
    if stay.status is Status.NEUTRAL and not stay.busy:
        return "phone"
    return STATUS_ICONS[stay.status]


class PhonesList(QListView):
    """The cards. Up and Down choose; Delete or the menu puts a practice phone away, or one that has left."""

    chosen = Signal(object)
    put_away = Signal(object)
    look_again = Signal(object)

    def __init__(self, model: PhonesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_Card(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        mark(self, "cards")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.customContextMenuRequested.connect(self._menu)
        self.selectionModel().currentChanged.connect(self._current)

    def stay(self) -> Stay | None:
        """The chosen phone."""
        stay = self.currentIndex().data(STAY_ROLE) if self.currentIndex().isValid() else None
        return stay if isinstance(stay, Stay) else None

    def choose(self, stay: Stay) -> None:
        """Make this the chosen phone."""
        model = self.model()
        if isinstance(model, PhonesModel) and stay in model:
            self.setCurrentIndex(model.index(model.row_of(stay)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        stay = self.stay()
        if event.key() == Qt.Key.Key_Delete and stay is not None and (stay.practice or stay.gone):
            self.put_away.emit(stay)
        else:
            super().keyPressEvent(event)

    def menu_for(self, stay: Stay) -> QMenu:
        """What can be done with a phone from its card."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = menu.addAction(str(T("Check again")), partial(self._tell, self.look_again, stay))
        look.setEnabled(not stay.busy and not stay.gone)
        if stay.gone:
            menu.addAction(str(T("Take off the list")), partial(self._tell, self.put_away, stay))
        elif stay.practice:
            menu.addAction(str(T("Unplug the practice phone")), partial(self._tell, self.put_away, stay))
        return menu

    def _tell(self, signal: SignalInstance, stay: Stay) -> None:
        """Unless the phone has left the list while the menu was open."""
        model = self.model()
        if isinstance(model, PhonesModel) and stay in model:
            signal.emit(stay)

    def _menu(self, place: Any) -> None:
        stay = self.indexAt(place).data(STAY_ROLE)
        if isinstance(stay, Stay):
            self.menu_for(stay).popup(self.viewport().mapToGlobal(place))

    def _current(self, now: QModelIndex, before: QModelIndex) -> None:
        self.chosen.emit(now.data(STAY_ROLE) if now.isValid() else None)
