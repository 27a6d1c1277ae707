"""The phone's health, one quiet line under its verdict: its own light, which does not change the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from core.model import HealthSignal, Light
from core.problem_chapters import ABOUT_SIGNALS
from core.text import T
from gui.desk.bullet_list import Bullet, BulletList
from gui.toolkit.layouts import column, row, tab_after
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: The light of a signal as a status; what is not known is said in words.
_LIGHTS: Final = {
    Light.GREEN: Status.GREEN,
    Light.AMBER: Status.AMBER,
    Light.RED: Status.RED,
    Light.NOT_KNOWN: Status.AMBER,
}
#: Signals that stand on the line; all are in the details.
_MOST: Final = 5


class _SignalLabel(QWidget):
    """One signal: its sign, its name, its value."""

    def __init__(self, signal: HealthSignal) -> None:
        super().__init__()
        mark(self, "clear")
        say = Parts(self)
        status = _LIGHTS.get(signal.light, Status.NEUTRAL)
        title = say.label(signal.title, TextSize.SMALL, "muted")
        value = say.label(signal.value, TextSize.SMALL_STRONG, "" if status is Status.GREEN else f"text-{status.value}")
        for label in (title, value):
            label.setWordWrap(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        say.long_tip(self, signal.says)
        row(StatusIcon(12, status), title, value, spacing=6, inside=self)


class HealthStrip(QFrame):
    """The signals that matter, those that are not in order first; all of them, with what to do, under "Details"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self._signals: tuple[HealthSignal, ...] = ()
        self._points: list[Bullet] = []
        self._compact = False
        self._labels: list[_SignalLabel] = []
        title = self.say.label(T("Phone health"), TextSize.STRONG, heading=True)
        title.setWordWrap(False)
        self.line = QWidget()
        mark(self.line, "clear")
        self._line = row(spacing=STEP * 2 + 4, inside=self.line)
        self.details = self.say.button(
            T("Details"), self._toggled, kind="link", name=T("Details of the phone’s health"), folds=True
        )
        self.bullets = BulletList()
        self.bullets.hide()
        column(
            row(title, (self.line, 1), self.details, spacing=STEP * 2),
            self.bullets,
            inside=self,
            margins=(STEP * 2, 6, STEP * 2, 6),
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 30, super().minimumSizeHint().height())

    def show_signals(self, first: Sequence[HealthSignal], signals: Sequence[HealthSignal]) -> None:
        """Show all `signals` in the details, and `first` of them on the line; hidden where there are none."""
        self.setVisible(bool(signals))
        if tuple(signals) == self._signals:
            return
        self._signals = tuple(signals)
        for label in self._labels:
            label.deleteLater()
        while self._line.takeAt(0) is not None:
            pass
        order = {Status.RED: 0, Status.AMBER: 1}
        ranked = sorted(signals, key=lambda signal: order.get(_LIGHTS.get(signal.light, Status.NEUTRAL), 2))
        self._labels = [_SignalLabel(signal) for signal in first[:_MOST]]
        for label in self._labels:
            self._line.addWidget(label)
        self._line.addStretch()
        self._points = [
            Bullet(
                _LIGHTS.get(signal.light, Status.NEUTRAL),
                T("{title}: {value}", title=signal.title, value=signal.value),
                (signal.says,),
                chapter=ABOUT_SIGNALS.get(signal.signal, ""),
            )
            for signal in ranked
        ]
        self._show_details()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # its words are in another language now, or of another size
            self._fit()
        return handled

    def _fit(self) -> None:
        """As many signals as there is room for: none is cut."""
        room = self.line.width()
        for label in self._labels:
            room -= label.sizeHint().width()
            label.setVisible(room >= 0)
            room -= STEP * 2 + 4

    def _show_details(self) -> None:
        """Show the details where they are unfolded: to make them takes longer than all else on the page."""
        if self.details.isChecked():
            self.bullets.show_bullets(self._points)
            tab_after(self.details, self.bullets)

    def _toggled(self) -> None:
        is_open = self.details.isChecked()
        self._show_details()
        self.bullets.setVisible(is_open)
        self.say(self.details.setText, T("Hide") if is_open else T("Details"))
