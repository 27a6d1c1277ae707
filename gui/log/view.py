"""The log page: the ledger, the newest first; what is looked for in it; the chosen record in full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QSettings, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core import words
from core.jobs import Cancel
from core.ledger.records import Kind
from core.model import Verdict
from core.text import Bilingual, N, T, Text, plain
from gui.log.detail import Detail
from gui.log.model import SHORT
from gui.log.source import Query, Source, State
from gui.log.steps import OpenSteps
from gui.log.table import LogTable
from gui.parts import Button, Empty, Line, ProblemBar
from gui.sayings import Sayings
from gui.tables import SearchField, Select
from gui.tasks import Done, Ended, Report, Runner
from gui.theme import STEP, mark

if TYPE_CHECKING:
    from core.desk import Desk

_FIND: Final = QKeySequence.StandardKey.Find
_COPY: Final = QKeySequence.StandardKey.Copy
_AGAIN: Final = Qt.Key.Key_F5
#: Milliseconds after the last key until it is looked for.
_PAUSE: Final = 150
#: Logical pixels of the list and of the record in full, before somebody moves what is between them.
_SIDES: Final = (690, 360)


class LogPage(QWidget):
    """Shows what is on record. Reads it when it is first shown."""

    def __init__(self, desk: Desk, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Sayings(self)
        self.source = Source(desk, runner, self)
        self._desk = desk
        self._runner = runner
        self._begun = False
        self._outdated = False
        #: The record that the officer chose, by its number: it stays chosen while the rows change.
        self._chosen = 0
        #: A record that is to be shown once it is there.
        self._going = 0
        self._choosing = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._make_parts()
        self._lay_out()
        self._connect()
        self._say()

    def _make_parts(self) -> None:
        self.search = SearchField()
        self.kind = Select()
        self.verdict = Select()
        for choice in (self.kind, self.verdict):
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.count = Line()
        mark(self.count, "muted")
        self.real = Button()
        self.practice = Button()
        self.practice_note = QLabel()
        self.practice_note.setTextFormat(Qt.TextFormat.PlainText)
        mark(self.practice_note, "practice")
        self.practice_note.hide()
        self.which = QButtonGroup(self)
        for number, button in enumerate((self.real, self.practice)):
            button.setCheckable(True)
            mark(button, "chip")
            self.which.addButton(button, number)
        self.real.setChecked(True)
        self.steps = OpenSteps()
        self.problem = ProblemBar()
        self.reading = Empty("log")
        self.nothing = Empty("log")
        self.unreadable = Empty("warning")
        self.none_fits = Empty("search")
        self.table = LogTable(self.source.rows)
        self.detail = Detail()
        self.left = QStackedWidget()
        self.panes = QSplitter(Qt.Orientation.Horizontal)
        self.states = QStackedWidget()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(STEP)
        self.search.setMinimumWidth(160)
        self.search.setMaximumWidth(340)
        bar.addWidget(self.search, 3)
        bar.addWidget(self.kind)
        bar.addWidget(self.verdict)
        bar.addSpacing(STEP)
        bar.addWidget(self.count, 2)
        bar.addWidget(self.real)
        bar.addWidget(self.practice)
        self.left.addWidget(self.table)
        self.left.addWidget(self.none_fits)
        self.left.setMinimumWidth(400)
        self.detail.setMinimumWidth(280)
        self.panes.setChildrenCollapsible(False)
        self.panes.setHandleWidth(STEP * 2)
        self.panes.addWidget(self.left)
        self.panes.addWidget(self.detail)
        self.panes.setStretchFactor(0, 2)
        self.panes.setStretchFactor(1, 1)
        self.panes.setSizes(_SIDES)
        for state in (self.reading, self.nothing, self.unreadable, self.panes):
            self.states.addWidget(state)
        page = QVBoxLayout(self)
        page.setContentsMargins(STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        page.setSpacing(STEP * 3 // 2)
        page.addLayout(bar)
        page.addWidget(self.practice_note)
        page.addWidget(self.steps)
        page.addWidget(self.problem)
        page.addWidget(self.states, 1)
        self.setFocusProxy(self.search)

    def _connect(self) -> None:
        self._pause.timeout.connect(self._look_for)
        self.search.textChanged.connect(self._pause.start)
        self.search.returnPressed.connect(self.table.setFocus)
        for choice in (self.kind, self.verdict):
            choice.currentIndexChanged.connect(self._look_for)
        self.which.idToggled.connect(self._other_log)
        self.source.changed.connect(self._changed)
        self.source.replaced.connect(self._choose)
        self.source.steps.connect(self.steps.show_steps)
        self.source.trouble.connect(self.problem.show_problem)
        self.source.rows.dataChanged.connect(self._filled)
        self.source.rows.rowsInserted.connect(self._added)
        self.steps.wanted.connect(self._go_to)
        self.detail.wanted.connect(self._go_to)
        self.detail.visit_wanted.connect(self.search.setText)
        self.table.selectionModel().currentRowChanged.connect(self._current)
        self.table.copied.connect(self.detail.copy_all)
        self.table.entered_row.connect(self.detail.text.setFocus)
        # As long as the page is seen, wherever the cursor is.
        anywhere = Qt.ShortcutContext.WindowShortcut
        for keys, act, of, where in (
            (QKeySequence(_FIND), self._find, self, anywhere),
            (QKeySequence(_AGAIN), self.source.try_again, self, anywhere),
            (QKeySequence(Qt.Key.Key_Escape), self.search.clear, self, Qt.ShortcutContext.WidgetWithChildrenShortcut),
            (QKeySequence(Qt.Key.Key_Down), self.table.setFocus, self.search, Qt.ShortcutContext.WidgetShortcut),
        ):
            shortcut = QShortcut(keys, of)
            # Not an argument of the constructor: given together with a callable, PySide leaves it out without a word.
            shortcut.setContext(where)
            shortcut.activated.connect(act)

    def _say(self) -> None:
        self.say(self.setAccessibleName, T("Log"))
        self.say(self.search.invite, T("Search the log: an app, a serial number, a name…"))
        self.say(self.kind.setAccessibleName, T("Which kind of entry"))
        self.say(self.verdict.setAccessibleName, T("Which verdict"))
        self.say(self.real.setText, T("Desk log"))
        self.say(self.practice.setText, T("Practice log"))
        self.say(self.practice_note.setText, T("Practice: these entries are not about real phones."))
        self.say(self.count.setText, self._counted)
        self.say(self.table.setAccessibleName, T("Entries of the log"))
        self.say(self.reading.title.setText, T("Reading the log…"))
        self.say(self.nothing.title.setText, self._nothing_title)
        self.say(self.nothing.sentence.setText, self._nothing_sentence)
        self.show_practice = self.nothing.add_button(T("Show the practice log"), self.practice.click)
        self.show_practice.hide()
        self.say(self.unreadable.title.setText, T("The log cannot be read"))
        self.unreadable.add_button(T("Try again"), self.source.try_again, "primary")
        self.say(self.none_fits.title.setText, T("No match"))
        self.say(self.none_fits.sentence.setText, self._none_fits)
        self.none_fits.add_button(T("Show all"), self.show_all)
        self.problem.offer(T("Try again"), self.source.try_again)
        self._say_choices()

    def _say_choices(self) -> None:
        """The words in the two lists, which a change of the language finds with a choice made."""
        for choice, every, values in (
            (self.kind, T("All entries"), SHORT),
            (self.verdict, T("Any verdict"), words.VERDICTS),
        ):
            chosen = max(choice.currentIndex(), 0)
            choice.blockSignals(True)
            choice.clear()
            choice.addItem(str(every), None)
            for value, word in values.items():
                choice.addItem(str(word), value.value)
            choice.setCurrentIndex(chosen)
            choice.blockSignals(False)

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._begun:
            self._begun = True
            self.source.open(self.source.practice)
        elif self._outdated:
            self.source.refresh()
        self._outdated = False

    def refresh(self) -> None:
        """Something was recorded: show it too, now or once the page is seen again."""
        if self.isVisible():
            self.source.refresh()
        else:
            self._outdated = True

    def show_all(self) -> None:
        """Look for nothing any more."""
        for choice in (self.kind, self.verdict):
            choice.blockSignals(True)
            choice.setCurrentIndex(0)
            choice.blockSignals(False)
        self.search.clear()
        self._look_for()

    def show_record(self, number: int, practice: bool) -> None:
        """Show the record with this number in full, and where it stands."""
        self._going = number
        self.show_all()
        if practice != self.source.practice:
            (self.practice if practice else self.real).setChecked(True)
        elif not self._begun:
            self._begun = True
            self.source.open(practice)
        else:
            self._choose()
            self.source.refresh()
        self.table.setFocus()

    def _go_to(self, number: int) -> None:
        self.show_record(number, self.source.practice)

    def _other_log(self, id: int, checked: bool) -> None:
        if checked:
            self.practice_note.setVisible(id == 1)
            self._begun = True
            self._chosen = 0
            self.source.open(practice=id == 1)

    def _look_for(self) -> None:
        self._pause.stop()
        kind, verdict = self.kind.currentData(), self.verdict.currentData()
        self.source.look_for(
            Query(self.search.text().strip(), Kind(kind) if kind else None, Verdict(verdict) if verdict else None)
        )

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _changed(self) -> None:
        source = self.source
        pages = {State.READING: self.reading, State.NOTHING: self.nothing, State.UNREADABLE: self.unreadable}
        self.states.setCurrentWidget(pages.get(source.state, self.panes))
        if source.problem is not None:
            told = T("{problem} {step}", problem=source.problem.sentence, step=source.problem.next_step)
            self.say(self.unreadable.sentence.setText, told)
        nothing = source.share is None and source.rows.rowCount() == 0
        self.left.setCurrentWidget(self.none_fits if nothing else self.table)
        self.table.set_overlay(str(T("Searching…")) if source.share is not None else "")
        self.say(self.count.setText, self._counted)
        self.say(self.none_fits.sentence.setText, self._none_fits)
        self.say(self.nothing.title.setText, self._nothing_title)
        self.say(self.nothing.sentence.setText, self._nothing_sentence)
        self.show_practice.hide()
        if source.state is State.NOTHING and not source.practice:
            self._runner.start(self, "log", partial(_has_practice, self._desk), self._practice_known)

    def _practice_known(self, end: Ended[bool]) -> None:
        """Who has only practised finds that here too."""
        nothing = self.source.state is State.NOTHING and not self.source.practice
        self.show_practice.setVisible(nothing and isinstance(end, Done) and end.value)

    def _counted(self) -> Text | str:
        shown, source = self.source.rows.rowCount(), self.source
        if source.state is not State.READY:
            return ""
        if source.share is not None:
            percent = round(source.share * 100)
            if not shown or source.waiting:
                return T("Searching… {percent} %", percent=percent)
            return T("{number} found… {percent} %", number=_grouped(shown), percent=percent)
        if source.query:
            return N("{number} found", "{number} found", shown, number=_grouped(shown))
        return N("{number} entry", "{number} entries", shown, number=_grouped(shown))

    def _nothing_title(self) -> Text:
        return T("Nothing has been practised yet") if self.source.practice else T("Nothing has been recorded yet")

    def _nothing_sentence(self) -> Text:
        if self.source.practice:
            return T("What is done with practice phones is written down here, apart from the desk’s own log.")
        return T("Each check and each removal is written down here. Go to the desk and plug a phone in.")

    def _none_fits(self) -> Text:
        words = plain(self.search.text().strip(), 60)
        if not words:
            return T("The log has no entry of this kind and verdict.")
        if self.source.query.kind or self.source.query.verdict:
            return T("No entry of this kind and verdict has “{words}” in it.", words=words)
        return T("No entry has “{words}” in it.", words=words)

    # What is chosen

    def _choose(self) -> None:
        """Have a row chosen: of the record that is wanted, else of the one that was chosen, else of the newest."""
        rows = self.source.rows
        row = rows.row(self._going)
        if row >= 0:
            self._chosen, self._going = self._going, 0
        else:
            row = rows.row(self._chosen)
        self._choosing = True
        if rows.rowCount():
            self.table.go_to(max(row, 0))
        self._choosing = False
        self._show_current()

    def _added(self) -> None:
        if self._going and self.source.rows.row(self._going) >= 0:
            self._choose()

    def _current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and not self._choosing:
            self._chosen, self._going = self.source.rows.number(current.row()), 0
        self._show_current()

    def _filled(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.table.currentIndex().row() <= last.row():
            self._show_current()

    def _show_current(self) -> None:
        rows, current = self.source.rows, self.table.currentIndex()
        entry = rows.entry(current.row()) if current.isValid() else None
        if current.isValid() and entry is None:
            lost = rows.is_lost(current.row())
            self.detail.show_none(T("This entry cannot be read.") if lost else T("Reading the log…"))
        elif entry is None:
            self.detail.show_none()
        else:
            self.detail.show_entry(entry)

    # What the window asks

    def shortcuts(self) -> list[tuple[Text, QKeySequence]]:
        """What can be done with keys here."""
        return [
            (T("Search the log"), QKeySequence(_FIND)),
            (T("Empty the search field"), QKeySequence(Qt.Key.Key_Escape)),
            (T("Read the chosen entry"), QKeySequence(Qt.Key.Key_Return)),
            (T("Copy the whole entry"), QKeySequence(_COPY)),
            (T("Read the log again"), QKeySequence(_AGAIN)),
        ]

    def save(self, settings: QSettings) -> None:
        """Remember how wide everything is, where it was ever to be seen."""
        if not self._begun:
            return
        self.table.save(settings, "log/columns")
        settings.setValue("log/panes", self.panes.saveState())

    def restore(self, settings: QSettings) -> None:
        """Have everything as wide as it was."""
        self.table.restore(settings, "log/columns")
        state = settings.value("log/panes")
        if isinstance(state, QByteArray):  # anything else was written by hand
            self.panes.restoreState(state)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._say_choices()
            self.source.rows.retranslate()
            self.table.fit()
            self._changed()


def _has_practice(desk: Desk, cancel: Cancel, report: Report) -> bool:
    """Whether anything was practised at this desk."""
    from core.desk import NothingRecorded

    try:
        with desk.read_ledger(practice=True) as ledger:
            return ledger.count() > 0
    except NothingRecorded:
        return False


def _grouped(number: int) -> Bilingual:
    """A number as it is read: 1,000,000 in English, 1 000 000 in French."""
    english = f"{number:,}"
    return Bilingual(english, english.replace(",", "\N{NARROW NO-BREAK SPACE}"))
