"""What is looked for in the log: a text always in sight, everything else in a row that can be put away."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLineEdit, QWidget

from core import value_names
from core.ledger.records import Kind
from core.ledger.search.record_filter import Filter
from core.model import Verdict
from core.text import N, T, Text, plain
from gui.log.record_model import SHORT
from gui.toolkit.forms.form_fields import DateField
from gui.toolkit.layouts import row
from gui.toolkit.lists.tables import ComboBox, SearchField
from gui.toolkit.parts import Parts
from gui.toolkit.theme import mark

#: Milliseconds after the last key until it is looked for.
_PAUSE: Final = 150
#: Logical pixels, below which the filters take two rows.
_WIDE: Final = 1_100
#: Logical pixels that the search has at least; where there is little room.
_SEARCH: Final = 150
_SEARCH_SMALL: Final = 64


class Period(StrEnum):
    """What is offered by a word."""

    ANY = "any"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    RANGE = "range"


#: Each with its word, and the days before today where it is so many.
_PERIODS: Final[dict[Period, tuple[Text, int | None]]] = {
    Period.ANY: (T("Any time"), None),
    Period.TODAY: (T("Today"), 0),
    Period.YESTERDAY: (T("Yesterday"), 1),
    Period.WEEK: (T("Last 7 days"), 6),
    Period.MONTH: (T("Last 30 days"), 29),
    Period.RANGE: (T("From … to …"), None),
}


class DateRange(QWidget):
    """Since when, until when: a word for most stretches of time, two dates for the rest."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        today = date.today()
        self.period = ComboBox()
        self.first, self.last = DateField(today - timedelta(days=6)), DateField(today)
        for period in Period:
            self.period.add_choice(_PERIODS[period][0], period.value)
        self.period.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        row(self.period, self.first, self.last, inside=self)
        self.say.name(self.period, T("Which time"))
        self.say.name(self.first, T("First day"), tip=T("First day"))
        self.say.name(self.last, T("Last day"), tip=T("Last day"))
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
        if self.chosen is Period.RANGE:
            return _begins(self.first.day)
        days = _PERIODS[self.chosen][1]
        return None if days is None else _begins(date.today() - timedelta(days=days))

    @property
    def until(self) -> datetime | None:
        """The end of the last day."""
        if self.chosen is Period.YESTERDAY:
            return _begins(date.today())
        return _begins(self.last.day + timedelta(days=1)) if self.chosen is Period.RANGE else None

    def use(self, period: Period) -> None:
        """Have this choice."""
        self.period.setCurrentIndex(list(Period).index(period))

    def _show_days(self) -> None:
        for field in (self.first, self.last):
            field.setVisible(self.chosen is Period.RANGE)

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


class FilterRow(QWidget):
    """Kind, verdict, time, officer, phone. Two rows where one is too narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.kind, self.verdict, self.dates = ComboBox(), ComboBox(), DateRange()
        self.officer, self.phone = QLineEdit(), QLineEdit()
        self.clear = self.say.button(T("Show all"), icon="clear", kind="link")
        self.kind.add_choice(T("All entries"))
        for kind, word in SHORT.items():
            self.kind.add_choice(word, kind.value)
        self.verdict.add_choice(T("Any verdict"))
        for verdict, word in value_names.VERDICTS.items():
            self.verdict.add_choice(word, verdict.value)
        for choice in (self.kind, self.verdict):
            choice.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        for field in (self.officer, self.phone):
            field.setMaxLength(120)
            field.setMinimumWidth(120)
            field.setMaximumWidth(220)
        self.say.name(self.kind, T("Which kind of entry"))
        self.say.name(self.verdict, T("Which verdict"))
        self.say.name(self.officer, T("Officer"))
        self.say.name(self.phone, T("Phone: maker, model or serial number"))
        self.say(self.officer.setPlaceholderText, T("Officer"))
        self.say(self.phone.setPlaceholderText, T("Phone"))
        first = row(self.kind, self.verdict, self.officer, self.phone, None)
        self._line = row(first, row(self.dates, self.clear, None), inside=self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= _WIDE
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._line.setDirection(across if wide else down)


class FilterBar(QWidget):
    """The search, and the button that opens the row of filters. `row` is to be put below it."""

    #: Something else is looked for.
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self._quiet = self._small = False
        self.pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self.search = SearchField()
        self.search.setMinimumWidth(_SEARCH)
        self.search.setMaximumWidth(340)
        self.say(self.search.invite, T("Search…"))
        self.say.name(self.search, T("Search the log"))
        self.say.long_tip(self.search, T("Search the log: an app, a serial number, a name…"))
        self.row = FilterRow()
        self.row.hide()
        self.open = self.say.button(
            lambda: "" if self._small else T("Filters"),
            icon="filter",
            kind="chip",
            name=T("Filters"),
            tip=T("Choose by kind, verdict, time, officer or phone (Ctrl+Shift+F)"),
            folds=True,
        )
        self.on = self.say.button(
            lambda: str(len(self.conditions())) if self._small else self._count(),
            self.show_all,
            icon="clear",
            kind="chip",
            name=lambda: T("{filters}: show all", filters=self._count()),
        )
        self.say.long_tip(self.on, lambda: "\n".join(map(str, self.conditions())))
        self.on.hide()
        row((self.search, 1), self.open, self.on, None, inside=self)
        self.pause.timeout.connect(self._tell)
        for field in (self.search, self.row.officer, self.row.phone):
            field.textChanged.connect(self._typed)
        for choice in (self.row.kind, self.row.verdict):
            choice.currentIndexChanged.connect(self._tell)
        self.row.dates.changed.connect(self._tell)
        self.row.clear.clicked.connect(self.show_all)
        self.open.toggled.connect(self._opened)

    def be_small(self, small: bool) -> None:
        """Say less in words."""
        self._small = small
        self.search.setMinimumWidth(_SEARCH_SMALL if small else _SEARCH)
        for field in (self.search, *self.row.findChildren(QLineEdit), *self.row.findChildren(QComboBox)):
            mark(field, "low" if small else "")
        self.say.again()

    def filter(self) -> Filter:
        """What is looked for now."""
        fields = self.row
        kind, verdict = fields.kind.currentData(), fields.verdict.currentData()
        return Filter(
            text=self.search.text().strip(),
            kind=Kind(kind) if kind else None,
            verdict=Verdict(verdict) if verdict else None,
            officer=fields.officer.text().strip(),
            phone=fields.phone.text().strip(),
            since=fields.dates.since,
            until=fields.dates.until,
        )

    def conditions(self) -> list[Text]:
        """What is chosen beside the text, each in words."""
        chosen, dates, conditions = self.filter(), self.row.dates, list[Text]()
        if chosen.kind is not None:
            conditions.append(value_names.pair(T("Kind of entry"), SHORT[chosen.kind]))
        if chosen.verdict is not None:
            conditions.append(value_names.pair(T("Verdict"), value_names.VERDICTS[chosen.verdict]))
        if dates.chosen is Period.RANGE:
            days = T("{first} to {last}", first=dates.first.day.isoformat(), last=dates.last.day.isoformat())
            conditions.append(value_names.pair(T("Time"), days))
        elif dates.chosen is not Period.ANY:
            conditions.append(value_names.pair(T("Time"), _PERIODS[dates.chosen][0]))
        for label, words in ((T("Officer"), chosen.officer), (T("Phone"), chosen.phone)):
            if words:
                conditions.append(value_names.pair(label, plain(words, 60)))
        return conditions

    def show_all(self) -> None:
        """Look for nothing any more."""
        self._quiet = True
        self.search.clear()
        for choice in (self.row.kind, self.row.verdict):
            choice.setCurrentIndex(0)
        self.row.dates.use(Period.ANY)
        for field in (self.row.officer, self.row.phone):
            field.clear()
        self._quiet = False
        self._tell()

    def step_back(self) -> None:
        """Escape: the text goes first, then the filters, then their row."""
        if self.search.text():
            self.search.clear()
        elif self.conditions():
            self.show_all()
        elif self.open.isChecked():
            self.open.setChecked(False)
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_filters(self) -> None:
        """Show the row, and go to its first choice."""
        self.open.setChecked(True)
        self.row.kind.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _opened(self, opened: bool) -> None:
        self.row.setVisible(opened)
        self._show_chip()

    def _typed(self) -> None:
        if not self._quiet:
            self.pause.start()

    def _tell(self) -> None:
        if self._quiet:
            return
        self.pause.stop()
        self._show_chip()
        self.changed.emit()

    def _show_chip(self) -> None:
        """Show the chip that says that filters are on, where their row is folded away."""
        conditions = self.conditions()
        self.on.setVisible(bool(conditions) and not self.open.isChecked())
        self.row.clear.setVisible(bool(conditions) or bool(self.search.text()))
        self.say.again()

    def _count(self) -> Text:
        count = len(self.conditions())
        return N("{count} filter", "{count} filters", count)

    def no_match(self) -> Text:
        """The sentence that no entry of the log passes the filters."""
        words = plain(self.search.text().strip(), 60)
        if not words:
            return T("No entry matches these filters.")
        if self.conditions():
            return T("No entry that matches these filters contains “{words}”.", words=words)
        return T("No entry contains “{words}”.", words=words)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()
