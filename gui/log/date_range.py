"""The choice of a stretch of time: a word for most, two dates for the rest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.text import T
from gui.toolkit.form_fields import DateField
from gui.toolkit.tables import ComboBox
from gui.toolkit.theme import STEP
from gui.toolkit.translated_text import TranslatedText


class Period(StrEnum):
    """What is offered by a word."""

    ANY = "any"
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    RANGE = "range"


_WORDS: Final = {
    Period.ANY: T("Any time"),
    Period.TODAY: T("Today"),
    Period.WEEK: T("Last 7 days"),
    Period.MONTH: T("Last 30 days"),
    Period.RANGE: T("From … to …"),
}
#: Days before today.
_DAYS: Final = {Period.TODAY: 0, Period.WEEK: 6, Period.MONTH: 29}


class Dates(QWidget):
    """Since when, until when."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        today = date.today()
        self.period = ComboBox()
        self.first, self.last = DateField(today - timedelta(days=6)), DateField(today)
        for period in Period:
            self.period.addItem("", period.value)
        self.period.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        for one in (self.period, self.first, self.last):
            row.addWidget(one)
        self.say(self._name, "")
        self.say(self.period.setAccessibleName, T("Which time"))
        for field, word in ((self.first, T("First day")), (self.last, T("Last day"))):
            self.say(field.setAccessibleName, word)
            self.say(field.lineEdit().setAccessibleName, word)
            self.say(field.setToolTip, word)
        self.period.currentIndexChanged.connect(self._period_chosen)
        self.first.dateChanged.connect(self._first_chosen)
        self.last.dateChanged.connect(self._last_chosen)
        self._show_days()

    @property
    def chosen(self) -> Period:
        """What is chosen."""
        return Period(self.period.currentData())

    @property
    def since(self) -> datetime | None:
        """The beginning of the first day, by this computer's clock."""
        if self.chosen is Period.ANY:
            return None
        if self.chosen is Period.RANGE:
            return _begins(self.first.day)
        return _begins(date.today() - timedelta(days=_DAYS[self.chosen]))

    @property
    def until(self) -> datetime | None:
        """The end of the last day."""
        return _begins(self.last.day + timedelta(days=1)) if self.chosen is Period.RANGE else None

    def use(self, period: Period) -> None:
        """Have this choice."""
        self.period.setCurrentIndex(list(Period).index(period))

    def _name(self, nothing: str) -> None:
        """The words of the choice, in the language in use."""
        for index, period in enumerate(Period):
            self.period.setItemText(index, str(_WORDS[period]))

    def _show_days(self) -> None:
        for one in (self.first, self.last):
            one.setVisible(self.chosen is Period.RANGE)

    def _period_chosen(self) -> None:
        self._show_days()
        self.changed.emit()

    def _first_chosen(self) -> None:
        if self.first.day > self.last.day:
            self.last.use(self.first.day)
        self.changed.emit()

    def _last_chosen(self) -> None:
        if self.last.day < self.first.day:
            self.first.use(self.last.day)
        self.changed.emit()


def _begins(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()
