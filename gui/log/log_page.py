"""The log page: the ledger, the newest first; what is looked for in it; the chosen record in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QModelIndex, QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShowEvent

from core.describe.verification import grouped
from core.desk.desk import Desk
from core.ledger.records import HOUSEKEEPING
from core.text import N, T, Text
from gui.log.ledger_jobs import has_practice
from gui.log.open_steps import OpenSteps
from gui.log.page_header import LogHeader
from gui.log.record_source import LogSource, State
from gui.log.record_table import LogTable
from gui.log.record_view import RecordView
from gui.toolkit.jobs import Done, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import column, row
from gui.toolkit.list_page import ListPage, Stack, shortcut
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import EmptyState, ProblemBar, plain_label

if TYPE_CHECKING:
    from pathlib import Path

    from gui.log.verify_dialog import VerifyDialog

#: Rows that are looked at for the newest record that is worth reading.
_LOOKED_AT: Final = 8
#: Logical pixels of the list and of the record in full, before the officer moves what is between them.
_SIDES: Final = (690, 400)
#: Logical pixels that the list has at least.
_LEFT: Final = 400


class LogPage(ListPage):
    """Shows what is on record. Reads it when it is first shown."""

    #: The menu of everything that can be done with the log as a whole is wanted, below this button; whether that is the
    #: practice log.
    more_wanted = Signal(object, bool)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)

    def __init__(self, desk: Desk, runner: JobRunner) -> None:
        super().__init__()
        self.source = LogSource(desk, runner, self)
        self._desk = desk
        self._runner = runner
        self._memory: QSettings | None = None
        self._begun = False
        self._outdated = False
        #: The record that the officer chose, by its number: it stays chosen while the rows change.
        self._chosen = 0
        #: A record that is to be shown once it is there.
        self._going = 0
        self._choosing = False
        self._make_parts()
        self._lay_out()
        self._connect()
        self._keys = self._actions()
        self._make_shortcuts()

    def _make_parts(self) -> None:
        self.say(self.setAccessibleName, T("Log"))
        self.say(self.open.setText, T("Read the chosen entry"))
        self.say(self.open.setToolTip, T("Read the chosen entry (Enter)"))
        self.head = LogHeader()
        self.filters, self.search, self.count = self.head.filters, self.head.filters.search, self.head.count
        self.real, self.practice = self.head.real, self.head.practice
        self.practice_note = plain_label()
        mark(self.practice_note, "practice")
        self.say(self.practice_note.setText, T("Practice: these entries are not about real phones."))
        self.practice_note.hide()
        self.steps = OpenSteps()
        self.problem = ProblemBar()
        self.problem.offer(T("Try again"), self.source.try_again)
        self.table = LogTable(self.source.rows)
        self.say.name(self.table, T("Entries of the log"))
        self.detail = RecordView(self._desk, self._runner)
        self.reading = EmptyState("log", title=T("Reading the log…"))
        self.nothing = EmptyState("log")
        self.show_practice = self.nothing.add_button(T("Show the practice log"), self.practice.click)
        self.show_practice.hide()
        self.unreadable = EmptyState("warning", title=T("The log cannot be read"))
        self.unreadable.add_button(T("Try again"), self.source.try_again, "primary")
        self.none_fits = EmptyState("search", title=T("No match"))
        self.none_fits.add_button(T("Show all"), self.filters.show_all)
        self._say_state()

    def _lay_out(self) -> None:
        self.left = Stack(self.table, self.none_fits)
        self.left.setMinimumWidth(_LEFT)
        self._line = row(self.open)  # where there is little room, what stands in the head otherwise
        self.list_column.setSpacing(STEP // 2)
        self.list_column.addLayout(self._line)
        self.list_column.addWidget(self.left, 1)
        self.put_panes(self.table, self.detail, (2, 1), _SIDES)
        self.states = Stack(self.reading, self.nothing, self.unreadable, self.panes)
        above = (self.head, self.filters.row, self.practice_note, self.steps, self.problem)
        self._above_column = column(*above, inside=self.above)
        self.column.addWidget(self.above)
        self.column.addWidget(self.states, 1)
        self.setFocusProxy(self.search)
        self.be_small(False)

    def be_small(self, small: bool) -> None:
        super().be_small(small)
        for box in (self.column, self._above_column):
            box.setSpacing(STEP // 2 if self.tight else STEP * 3 // 2)
        self.head.be_small(small)
        self.steps.be_small(small)
        if small:
            self._line.insertWidget(0, self.count, 1)
        else:
            self.head.take_count()

    def _connect(self) -> None:
        self.filters.changed.connect(lambda: self.source.look_for(self.filters.filter()))
        self.search.returnPressed.connect(self.table.setFocus)
        self.head.which.idToggled.connect(self._other_log)
        self.source.changed.connect(self._changed)
        self.source.replaced.connect(self._choose)
        self.source.steps.connect(self.steps.show_steps)
        self.source.trouble.connect(self.problem.show_problem)
        self.source.rows.dataChanged.connect(self._filled)
        self.source.rows.rowsInserted.connect(self._added)
        self.steps.wanted.connect(self._go_to)
        self.detail.wanted.connect(self._go_to)
        self.detail.visit_wanted.connect(self._look_for_visit)
        self.table.selectionModel().currentRowChanged.connect(self._current)
        self.table.copied.connect(self.detail.copy_all)
        self.table.entered_row.connect(self.go_into)
        self.head.verify.clicked.connect(lambda: self.verify())
        self.head.export.clicked.connect(lambda: self.export())
        self.head.more.clicked.connect(lambda: self.more_wanted.emit(self.head.more, self.source.practice))

    def _actions(self) -> list[tuple[Text, QKeySequence, Callable[[], object] | None]]:
        """What can be done with keys here, and what does it; None where a part of the page sees to it."""
        return [
            (T("Search the log"), QKeySequence(QKeySequence.StandardKey.Find), self._find),
            (T("Choose filters"), QKeySequence("Ctrl+Shift+F"), self._open_filters),
            (T("Empty the search field, then the filters"), QKeySequence(Qt.Key.Key_Escape), None),
            (T("Read the chosen entry"), QKeySequence(Qt.Key.Key_Return), None),
            (T("Copy the whole entry"), QKeySequence(QKeySequence.StandardKey.Copy), None),
            (T("In words, as recorded, the proof"), QKeySequence("Ctrl+T"), self._turn),
            (T("Receipt of the chosen check"), QKeySequence("Ctrl+P"), self.detail.ask_receipt),
            (T("Verify the log"), QKeySequence("Ctrl+Shift+V"), self.verify),
            (T("Export entries"), QKeySequence("Ctrl+E"), self.export),
            (T("Read the log again"), QKeySequence(Qt.Key.Key_F5), self.source.try_again),
        ]

    def _make_shortcuts(self) -> None:
        inside, alone = Qt.ShortcutContext.WidgetWithChildrenShortcut, Qt.ShortcutContext.WidgetShortcut
        shortcut(QKeySequence(Qt.Key.Key_Escape), self._step_back, self, inside)
        shortcut(QKeySequence(Qt.Key.Key_Down), self.table.setFocus, self.search, alone)
        for _, keys, act in self._keys:
            if act is not None:  # as long as the page is seen, wherever the cursor is
                shortcut(keys, act, self, Qt.ShortcutContext.WindowShortcut)

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
            self.detail.refresh_proof()
        else:
            self._outdated = True

    def show_record(self, number: int, practice: bool) -> None:
        """Show the record with this number in full, and where it stands."""
        self._going = number
        self.filters.show_all()
        if practice != self.source.practice:
            (self.practice if practice else self.real).setChecked(True)
        elif not self._begun:
            self._begun = True
            self.source.open(practice)
        else:
            self._choose()
            self.source.refresh()
        if self.small:
            self.go_into()
        else:
            self.table.setFocus()

    def _go_to(self, number: int) -> None:
        self.show_record(number, self.source.practice)

    def _other_log(self, id: int, checked: bool) -> None:
        if checked:
            self.practice_note.setVisible(id == 1)
            self._begun = True
            self._chosen = 0
            self.source.open(practice=id == 1)

    def _look_for_visit(self, visit: str) -> None:
        self.leave()
        self.search.setText(visit)

    def _open_filters(self) -> None:
        self.leave()
        self.filters.open_filters()

    def _turn(self) -> None:
        if self.small:
            self.go_into()
        self.detail.turn()

    def read_on(self) -> None:
        self.detail.read()

    def _step_back(self) -> None:
        if not self.leave():
            self.filters.step_back()

    def _find(self) -> None:
        self.leave()
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
        self.open.setEnabled(not nothing)
        self.left.setCurrentWidget(self.none_fits if nothing else self.table)
        self.table.set_overlay(str(T("Searching…")) if source.share is not None else "")
        self._say_state()
        self.show_practice.hide()
        if source.state is State.NOTHING and not source.practice:
            self._runner.start(self, "log", one_call(has_practice, self._desk), self._practice_known)

    def _say_state(self) -> None:
        self.say(self.count.setText, self._count_words)
        self.say(self.none_fits.sentence.setText, self.filters.no_match)
        if self.source.practice:
            title = T("Nothing has been practised yet")
            why = T("What is done with practice phones is written down here, apart from the desk’s own log.")
        else:
            title = T("Nothing has been recorded yet")
            why = T("Each check and each removal is written down here. Go to the desk and plug a phone in.")
        self.say(self.nothing.title.setText, title)
        self.say(self.nothing.sentence.setText, why)

    def _count_words(self) -> Text | str:
        """How many records are shown, and how far the search is."""
        source, shown = self.source, self.source.rows.rowCount()
        if source.state is not State.READY:
            return ""
        if source.share is not None:
            percent = round(source.share * 100)
            if not shown or source.waiting:
                return T("Searching… {percent} %", percent=percent)
            return T("{number} found… {percent} %", number=grouped(shown), percent=percent)
        if source.query:
            return N("{number} found", "{number} found", shown, number=grouped(shown))
        return N("{number} entry", "{number} entries", shown, number=grouped(shown))

    def _practice_known(self, end: JobEnd[bool]) -> None:
        """An officer who has only practised finds that here too."""
        nothing = self.source.state is State.NOTHING and not self.source.practice
        self.show_practice.setVisible(nothing and isinstance(end, Done) and end.value)

    # What can be done with the log as a whole

    def verify(self, folder: Path | None = None) -> VerifyDialog:
        """Verify the log that is shown, or what another desk has exported into a folder."""
        from gui.log.verify_dialog import VerifyDialog  # brings SQLite and cryptography: once it is wanted

        dialog = VerifyDialog(self._desk, self._runner, self.source.practice, self._memory, self)
        dialog.wanted.connect(self._go_to)
        dialog.recorded.connect(lambda: self.recorded.emit(self.source.practice))
        if folder is not None:
            dialog.use_export(folder)
        dialog.show()
        return dialog

    def export(self) -> None:
        """Write records into files."""
        from gui.log.export_dialog import LogExportDialog  # brings SQLite and cryptography: once it is wanted

        source = self.source
        shown = source.rows.rowCount() if source.query and source.share is None else None
        count = source.count if source.state is State.READY else 0
        dialog = LogExportDialog(
            self._desk, self._runner, source.practice, self.filters.filter(), (count, shown), self._memory, self
        )
        dialog.recorded.connect(lambda: self.recorded.emit(dialog.practice))
        dialog.open()

    # What is chosen

    def _choose(self) -> None:
        """Have a row chosen: of the record that is wanted, else of the one that was chosen, else of the newest."""
        rows = self.source.rows
        found = rows.row(self._going)
        if found >= 0:
            self._chosen, self._going = self._going, 0
        else:
            found = rows.row(self._chosen)
        self._choosing = True
        if rows.rowCount():
            self.table.go_to(found if found >= 0 else self._newest())
        self._choosing = False
        self._show_current()

    def _newest(self) -> int:
        """The row of the newest record that is about phones or the policy, not one of the ledger about itself."""
        rows = self.source.rows
        first = (rows.known(number) for number in range(min(rows.rowCount(), _LOOKED_AT)))
        return next((number for number, entry in enumerate(first) if entry and entry.kind not in HOUSEKEEPING), 0)

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
        return [(does, keys) for does, keys, _ in self._keys]

    def save(self, settings: QSettings) -> None:
        """Remember how wide everything is, where it was ever to be seen."""
        if not self._begun:
            return
        self.table.save(settings, "log/columns")
        settings.setValue("log/panes", self.shared())

    def restore(self, settings: QSettings) -> None:
        """Have everything as wide as it was."""
        self._memory = self.detail.proof.memory = settings
        self.table.restore(settings, "log/columns")
        self.share(settings.value("log/panes"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.source.rows.retranslate()
            self.table.fit()
            self._changed()
