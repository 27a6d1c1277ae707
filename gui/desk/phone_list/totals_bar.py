"""The strip over the desk: how many phones there are of each state, and the way to the next one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QSpacerItem, QStyle, QStyleOptionButton, QStylePainter, QWidget

from core.text import N, T, Text
from gui.desk.acts import act_words
from gui.desk.acts.all_acts import NEXT
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.phone_list.phone_list import PhoneList
from gui.desk.queue import Total
from gui.desk.session.page_state import PageState
from gui.toolkit.buttons import Button, button
from gui.toolkit.images.icons import pixmap
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STATUS_ICONS, STEP, Status, TextSize, colours, font, mark
from gui.toolkit.widgets import plain_label

_LOOKS: Final = {
    Total.PLUGGED_IN: (Status.NEUTRAL, ""),
    Total.RED: (Status.RED, STATUS_ICONS[Status.RED]),
    Total.AMBER: (Status.AMBER, STATUS_ICONS[Status.AMBER]),
    Total.NOT_READY: (Status.NEUTRAL, "warning"),
    Total.READING: (Status.NEUTRAL, "more"),
    Total.HAND_BACK: (Status.GREEN, STATUS_ICONS[Status.GREEN]),
}
#: Logical pixels, below which only what is red, amber and to hand back is counted, without words.
_NARROW: Final = 840


def _counted(total: Total, count: int) -> Text:
    """The count in words, for a screen reader and a tooltip."""
    match total:
        case Total.PLUGGED_IN:
            return N("{count} plugged in", "{count} plugged in", count)
        case Total.RED:
            return N("{count} red", "{count} red", count)
        case Total.AMBER:
            return N("{count} amber", "{count} amber", count)
        case Total.NOT_READY:
            return N("{count} not ready", "{count} not ready", count)
        case Total.READING:
            return N("{count} reading", "{count} reading", count)
        case _:
            return N("{count} to hand back", "{count} to hand back", count)


class _TotalButton(Button):
    """One count: a large number and what it counts. Pressed in, the list shows only those."""

    def __init__(self, total: Total) -> None:
        super().__init__()
        self.total = total
        self.count = 0
        self.wordless = False
        mark(self, "total")
        self.setCheckable(True)

    def _parts(self) -> tuple[str, str]:
        """The number, and the words behind it."""
        number, words = str(self.count), str(_counted(self.total, self.count))
        return number, "" if self.wordless else words.removeprefix(number).strip()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:  # other words take more or less room
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        number, words = self._parts()
        large, body = QFontMetrics(font(TextSize.HEAD)), QFontMetrics(font(TextSize.BODY))
        icon = 12 + STEP if _LOOKS[self.total][1] else 0
        wide = large.horizontalAdvance(number) + (STEP + body.horizontalAdvance(words) if words else 0)
        return QSize(icon + wide + STEP * 2 + 4, large.height() + (STEP // 2 if self.wordless else STEP))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        c = colours(self.palette())
        status, icon = _LOOKS[self.total]
        plain = status is Status.NEUTRAL or not self.count
        colour = QColor(c.muted if plain else c.status[status].text)
        x, height = STEP + 2, self.height()
        if icon:
            painter.drawPixmap(x, (height - 12) // 2, pixmap(icon, colour, 12, self.devicePixelRatioF()))
            x += 12 + STEP
        number, words = self._parts()
        large = font(TextSize.HEAD)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(large)
        painter.setPen(QColor(c.text) if status is Status.NEUTRAL else colour)
        wide = QFontMetrics(large).horizontalAdvance(number)
        painter.drawText(QRect(x, 0, wide + 2, height), middle, number)
        painter.setFont(font(TextSize.BODY))
        painter.setPen(colour)
        painter.drawText(QRect(x + wide + STEP, 0, self.width(), height), middle, words)


class TotalsBar(QFrame):
    """Counts the phones; a press on a count narrows the list to those, another shows all again."""

    def __init__(self, phones: PhoneList, actions: DeskActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "bar")
        self.say = Parts(self)
        self._phones = phones
        self.totals = {total: _TotalButton(total) for total in Total}
        for total_button in self.totals.values():
            total_button.clicked.connect(
                lambda checked, total_button=total_button: self._narrow_to(total_button, checked=checked)
            )
        self.summary = self.say.label("", TextSize.SMALL, "muted")
        self.summary.setWordWrap(False)
        self._actions = actions
        go_on = T("Go to the next phone that needs you")
        self.next = actions.join(button(), NEXT, go_on, self._next_words)
        self.none_waits = plain_label()
        mark(self.none_waits, "muted")
        self.say(self.none_waits.setText, T("No other phone needs you"))
        edges = (STEP * 2, 4, STEP * 2, 4)
        self._row = row(
            *self.totals.values(), None, self.summary, STEP, self.none_waits, self.next, inside=self, margins=edges
        )
        self._row.setSpacing(4)
        self._strut = QSpacerItem(0, 0)
        self._row.addItem(self._strut)
        phones.counted.connect(self.refresh)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 40, super().minimumSizeHint().height())

    def refresh(self) -> None:
        """Count again."""
        narrow = self._narrow
        counts = self._phones.rows_in(Total)
        for total, total_button in self.totals.items():
            total_button.count, total_button.wordless = counts[total], narrow
            total_button.setChecked(total is self._phones.phones.narrowed_to)
            self.say.name(total_button, _counted(total, total_button.count), _counted(total, total_button.count))
            short = total in (Total.RED, Total.AMBER, Total.HAND_BACK)
            # What counts nothing does not stand, unless the list is narrowed to it: a press on it shows all again.
            total_button.setVisible(((short or not narrow) and bool(total_button.count)) or total_button.isChecked())
            total_button.updateGeometry()
            total_button.update()
        edge = 0 if narrow else 4
        self._row.setContentsMargins(STEP * 2, edge, STEP * 2, edge)
        mark(self.next, "segment" if narrow else "")
        self.next.ensurePolished()
        self._strut.changeSize(0, self.next.sizeHint().height())  # also without it: nothing below moves
        self._row.invalidate()
        self.none_waits.setVisible(self.next.isHidden() and not narrow)
        self.next.setText(str(self._next_words(self._actions.state)))
        self.summary.setVisible(not narrow and bool(self.summary.text()))

    def show_state(self, state: PageState) -> None:
        """Offer the way to the next phone, where one waits."""
        waits = state.enabled(NEXT)
        self.next.setVisible(waits)
        self.none_waits.setVisible(not (waits or self._narrow))

    @property
    def _narrow(self) -> bool:
        return self.width() < _NARROW

    def _next_words(self, state: PageState) -> Text:
        return act_words.next_shortly(state) if self._narrow else act_words.next_phone(state)

    def take_in(self, widget: QWidget) -> None:
        """Have a place for what has none beside the list any more."""
        self._row.insertWidget(self._row.indexOf(self.summary), widget)

    def show_handed_back(self, count: int) -> None:
        """Say how many phones were handed back today; nothing before the first."""
        words = N("{count} handed back today", "{count} handed back today", count)
        self.say(self.summary.setText, words if count else "")
        self.refresh()

    def _narrow_to(self, pressed: _TotalButton, *, checked: bool) -> None:
        self._phones.narrow_to(pressed.total if checked and pressed.total is not Total.PLUGGED_IN else None)
