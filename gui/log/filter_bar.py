"""What is looked for in the log: a text always in sight, everything else in a row that can be put away."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QWidget

from core import value_names
from core.ledger.records import Kind
from core.ledger.search.record_filter import Filter
from core.model import Verdict
from core.text import N, T, Text, plain
from gui.log.date_range import Dates, Period
from gui.log.record_model import SHORT
from gui.toolkit.tables import ComboBox, SearchField
from gui.toolkit.theme import STEP
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import as_tip, button

#: Milliseconds after the last key until it is looked for.
_PAUSE: Final = 150
#: Logical pixels, below which the filters take two rows.
_WIDE: Final = 1_100
#: Logical pixels that the search has at least; where there is little room.
_SEARCH: Final = 150
_SEARCH_SMALL: Final = 64


class FilterRow(QWidget):
    """Kind, verdict, time, officer, phone. Two rows where one is too narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.verdict, self.dates = ComboBox(), ComboBox(), Dates()
        self.officer, self.phone = QLineEdit(), QLineEdit()
        self.clear = button("clear", "link")
        for choice in (self.kind, self.verdict):
            choice.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        for field in (self.officer, self.phone):
            field.setMaxLength(120)
            field.setMinimumWidth(120)
            field.setMaximumWidth(220)
            field.setClearButtonEnabled(False)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, parts in ((first, (self.kind, self.verdict, self.officer, self.phone)), (second, (self.dates,))):
            row.setSpacing(STEP)
            for part in parts:
                row.addWidget(part)
        first.addStretch()
        second.addWidget(self.clear)
        second.addStretch()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(STEP)
        self._both.addLayout(first)
        self._both.addLayout(second)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.be_wide(event.size().width() >= _WIDE)

    def be_wide(self, wide: bool) -> None:
        """One row, or two."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._both.setDirection(across if wide else down)


class FilterBar(QWidget):
    """The search, and the button that opens the row of filters. `row` is to be put below it."""

    #: Something else is looked for.
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self.search = SearchField()
        self.open = button("filter", "chip")
        self.open.setCheckable(True)
        self.on = button("clear", "chip")
        self.row = FilterRow()
        self.row.hide()
        self._quiet = self._small = False
        self.pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self.search.setMinimumWidth(_SEARCH)
        self.search.setMaximumWidth(340)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(STEP)
        line.addWidget(self.search, 1)
        line.addWidget(self.open)
        line.addWidget(self.on)
        self.on.hide()
        self._connect()
        self._say()

    def _connect(self) -> None:
        row = self.row
        self.pause.timeout.connect(self._tell)
        for field in (self.search, row.officer, row.phone):
            field.textChanged.connect(self._typed)
        for choice in (row.kind, row.verdict):
            choice.currentIndexChanged.connect(self._tell)
        row.dates.changed.connect(self._tell)
        row.clear.clicked.connect(self.show_all)
        self.on.clicked.connect(self.show_all)
        self.open.toggled.connect(self._opened)

    def _say(self) -> None:
        row = self.row
        self.say(self.search.invite, T("Search…"))
        self.say(self.search.setAccessibleName, T("Search the log"))
        self.say(self.search.setToolTip, lambda: as_tip(str(T("Search the log: an app, a serial number, a name…"))))
        self.say(self.open.setText, lambda: "" if self._small else T("Filters"))
        self.say(self.open.setAccessibleName, T("Filters"))
        self.say(self.open.setToolTip, T("Choose by kind, verdict, time, officer or phone (Ctrl+Shift+F)"))
        self.say(self.on.setText, lambda: str(len(self.told())) if self._small else self._count())
        self.say(self.on.setToolTip, lambda: as_tip("\n".join(map(str, self.told()))))
        self.say(self.on.setAccessibleName, lambda: T("{filters}: show all", filters=self._count()))
        self.say(row.kind.setAccessibleName, T("Which kind of entry"))
        self.say(row.verdict.setAccessibleName, T("Which verdict"))
        for field, word in ((row.officer, T("Officer")), (row.phone, T("Phone: maker, model or serial number"))):
            self.say(field.setAccessibleName, word)
        self.say(row.officer.setPlaceholderText, T("Officer"))
        self.say(row.phone.setPlaceholderText, T("Phone"))
        self.say(row.clear.setText, T("Show all"))
        self._say_choices()

    def _say_choices(self) -> None:
        """The words in the two lists, which a change of the language finds with a choice made."""
        for choice, every, values in (
            (self.row.kind, T("All entries"), SHORT),
            (self.row.verdict, T("Any verdict"), value_names.VERDICTS),
        ):
            chosen = max(choice.currentIndex(), 0)
            choice.blockSignals(True)
            choice.clear()
            choice.addItem(str(every), None)
            for value, word in values.items():
                choice.addItem(str(word), value.value)
            choice.setCurrentIndex(chosen)
            choice.blockSignals(False)

    def be_small(self, small: bool) -> None:
        """Say less in words."""
        self._small = small
        self.search.setMinimumWidth(_SEARCH_SMALL if small else _SEARCH)
        self.say.again()

    def filter(self) -> Filter:
        """What is looked for now."""
        row = self.row
        kind, verdict = row.kind.currentData(), row.verdict.currentData()
        return Filter(
            text=self.search.text().strip(),
            kind=Kind(kind) if kind else None,
            verdict=Verdict(verdict) if verdict else None,
            officer=row.officer.text().strip(),
            phone=row.phone.text().strip(),
            since=row.dates.since,
            until=row.dates.until,
        )

    def told(self) -> list[Text]:
        """What is chosen beside the text, each in words."""
        row, found = self.row, list[Text]()
        if row.kind.currentIndex() > 0:
            found.append(value_names.pair(T("Kind of entry"), row.kind.currentText()))
        if row.verdict.currentIndex() > 0:
            found.append(value_names.pair(T("Verdict"), row.verdict.currentText()))
        dates = row.dates
        if dates.chosen is Period.RANGE:
            days = T("{first} to {last}", first=dates.first.day.isoformat(), last=dates.last.day.isoformat())
            found.append(value_names.pair(T("Time"), days))
        elif dates.chosen is not Period.ANY:
            found.append(value_names.pair(T("Time"), dates.period.currentText()))
        for label, field in ((T("Officer"), row.officer), (T("Phone"), row.phone)):
            if field.text().strip():
                found.append(value_names.pair(label, plain(field.text().strip(), 60)))
        return found

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
        elif self.told():
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
        """That filters are on must be seen also where their row is not."""
        told = self.told()
        self.on.setVisible(bool(told) and not self.open.isChecked())
        self.row.clear.setVisible(bool(told) or bool(self.search.text()))
        self.say.again()

    def _count(self) -> Text:
        count = len(self.told())
        return N("{count} filter", "{count} filters", count)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._say_choices()
            self.say.again()
