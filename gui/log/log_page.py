"""The log page: visits or all records, the newest first; what is looked for in them; the chosen one in full."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShowEvent

from core.describe.visits import RecordedVisit
from core.desk.desk import Desk
from core.ledger.records import Entry
from core.text import N, T, Text, grouped
from gui.log.ledger_jobs import has_practice
from gui.log.log_side import LogSide
from gui.log.log_view import LogView
from gui.log.record_source import SourceState
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import Done, JobEnd, JobRunner, one_call
from gui.toolkit.lists.list_page import shortcut
from gui.toolkit.page import PageKey

if TYPE_CHECKING:
    from gui.log.export_dialog import LogExportDialog
    from gui.log.verify_dialog import VerifyDialog


class LogPage(LogView):
    """Shows what is on record. Reads it when it is first shown."""

    #: The menu of everything that can be done with the log as a whole is wanted, below this button; whether that is the
    #: practice log.
    more_wanted = Signal(object, bool)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)

    def __init__(self, desk: Desk, runner: JobRunner) -> None:
        super().__init__(desk, runner)
        self._memory: QSettings | None = None
        #: Whether visits are listed because the officer chose so; a record that is to be shown does not change that.
        self._likes_visits = True
        self._connect()
        self._say_state()
        self._make_shortcuts()

    def _connect(self) -> None:
        self.problem.offer(T("Try again"), self.try_again)
        self.unreadable.add_button(T("Try again"), self.try_again, "primary")
        self.back_to_visit.clicked.connect(self._leave_record)
        self.filters.changed.connect(lambda: self.side.source.look_for(self.filters.filter()))
        self.search.returnPressed.connect(self._into_list)
        self.head.logs.idToggled.connect(self._other_log)
        self.head.view.idToggled.connect(self._other_view)
        self.head.view.idClicked.connect(self._like_view)
        for side in (self.records, self.visits):
            side.source.changed.connect(partial(self._of, side, self._changed))
            side.source.steps.connect(partial(self._of, side, self.steps.show_steps))
            side.source.trouble.connect(partial(self._of, side, self.problem.show_problem))
            side.table.entered_row.connect(self.go_into)
        self.records.item_shown.connect(self._show_record)
        self.visits.item_shown.connect(self._show_visit)
        self.visit.opened.connect(self._open_event)
        self.visit.receipt_wanted.connect(self.detail.receipt_wanted)
        self.visit.visit_wanted.connect(self._look_for_visit)
        self.steps.entry_wanted.connect(self._go_to)
        self.detail.entry_wanted.connect(self._go_to)
        self.detail.visit_wanted.connect(self._look_for_visit)
        self.table.copied.connect(self.detail.copy_all)
        self.head.verify.clicked.connect(lambda: self.verify())
        self.head.export.clicked.connect(lambda: self.export())
        self.head.more_button.clicked.connect(
            lambda: self.more_wanted.emit(self.head.more_button, self.side.source.practice)
        )

    def _of(self, side: LogSide[Any], act: Callable[..., object], *arguments: object) -> None:
        """Call `act` with news of the list that is in sight; news of the other one wait until it is."""
        if side is self.side:
            act(*arguments)

    def keys(self) -> list[PageKey]:
        return [
            (QKeySequence(QKeySequence.StandardKey.Find), self._find, T("Search the log")),
            (QKeySequence("Ctrl+Shift+F"), self._open_filters, T("Choose filters")),
            (QKeySequence(Qt.Key.Key_Escape), None, T("Clear the search field, then the filters")),
            (QKeySequence(Qt.Key.Key_Return), None, T("Read the chosen entry")),
            (QKeySequence(QKeySequence.StandardKey.Copy), None, T("Copy the whole entry")),
            (QKeySequence("Ctrl+T"), self._turn, T("In words, as recorded, the proof")),
            (QKeySequence("Ctrl+P"), self._ask_receipt, T("Receipt of the chosen check")),
            (QKeySequence("Ctrl+Shift+V"), self.verify, T("Verify the log")),
            (QKeySequence("Ctrl+E"), self.export, T("Export entries")),
            (QKeySequence("Ctrl+Shift+E"), self._turn_view, T("Visits, or all entries")),
            (QKeySequence(Qt.Key.Key_F5), self.try_again, T("Reload the log")),
        ]

    def _make_shortcuts(self) -> None:
        inside, alone = Qt.ShortcutContext.WidgetWithChildrenShortcut, Qt.ShortcutContext.WidgetShortcut
        shortcut(QKeySequence(Qt.Key.Key_Escape), self._step_back, self, inside)
        shortcut(QKeySequence(Qt.Key.Key_Down), self._into_list, self.search, alone)
        for keys, act, _ in self.keys():
            if act is not None:  # as long as the page is seen, wherever the cursor is
                shortcut(keys, act, self, Qt.ShortcutContext.WindowShortcut)

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.side.open(self.head.practice.isChecked())

    def something_recorded(self, practice: bool) -> None:
        """Show it too, now or once the page is seen again."""
        self.records.outdated = self.visits.outdated = True
        if self.isVisible():
            self.side.outdated = False
            self.side.source.refresh()
            self.detail.refresh_proof()

    def try_again(self) -> None:
        """Read anew what is shown."""
        self.side.source.try_again()

    def show_record(self, number: int, practice: bool) -> None:
        """Show the record with this number in full, and where it stands among all records."""
        side = self.records
        side.pending = number
        self.filters.show_all()
        self.head.entries.setChecked(True)
        if practice != side.source.practice:
            (self.practice if practice else self.real).setChecked(True)
        elif not side.is_open:
            side.open(practice)
        else:
            side.choose()
            side.source.refresh()
        if self.small:
            self.go_into()
        else:
            self.table.setFocus()

    def _go_to(self, number: int) -> None:
        self.show_record(number, self.side.source.practice)

    def _other_log(self, id: int, checked: bool) -> None:
        if checked:
            self.practice_note.setVisible(id == 1)
            self.side.open(practice=id == 1)

    def _other_view(self, id: int, checked: bool) -> None:
        """Visits or all records: what is looked for stays, and so does the log."""
        if checked:
            side = self.side
            side.source.look_for(self.filters.filter())
            self.right.setCurrentWidget(self.visit if side is self.visits else self.record)
            self.back_to_visit.setVisible(False)
            self._show_sides()
            side.open(self.head.practice.isChecked())
            side.source.steps.emit(side.source.open_steps)
            side.source.trouble.emit(None)
            self._changed()
            side.show_current()

    def _like_view(self, id: int) -> None:
        """The officer chose how the log is listed: so it is the next time."""
        self._likes_visits = id == 0
        self._into_list()

    def _turn_view(self) -> None:
        button = self.head.entries if self.side is self.visits else self.head.visits
        self.leave()
        button.click()

    def _into_list(self) -> None:
        self.side.table.setFocus()

    def _look_for_visit(self, visit: str) -> None:
        self.leave()
        self.head.entries.setChecked(True)
        self.search.setText(visit)

    def _open_filters(self) -> None:
        self.leave()
        self.filters.open_filters()

    def _turn(self) -> None:
        if self.right.currentWidget() is self.record:
            if self.small:
                self.go_into()
            self.detail.turn()

    def read_on(self) -> None:
        if self.right.currentWidget() is self.visit:
            self.visit.read()
        else:
            self.detail.read()

    def _step_back(self) -> None:
        if not self._leave_record() and not self.leave():
            if self.side is self.visits and self.visit.timeline.hasFocus():
                self._into_list()
            else:
                self.filters.step_back()

    def _ask_receipt(self) -> None:
        (self.visit if self.right.currentWidget() is self.visit else self.detail).ask_receipt()

    # The chosen one in full

    def _show_record(self, entry: Entry | None, why: Text | None) -> None:
        if self.side is not self.records:
            return
        if entry is None:
            self.detail.show_none(why)
        else:
            self.detail.show_entry(entry)

    def _show_visit(self, visit: RecordedVisit | None, why: Text | None) -> None:
        if self.side is not self.visits:
            return
        before = self.visit.visit
        if visit is None:
            self.visit.show_none(why)
        else:
            self.visit.show_visit(visit)
        if visit is None or before is None or before.seq != visit.seq:
            self.right.setCurrentWidget(self.visit)

    def _open_event(self, entry: Entry) -> None:
        """A record of the visit in full, until one goes back."""
        self.detail.show_entry(entry)
        self.back_to_visit.setVisible(True)
        self.back.hide()
        self.right.setCurrentWidget(self.record)
        self.detail.read()

    def _leave_record(self) -> bool:
        """Show the visit again. False where it was shown, or none is."""
        if self.side is not self.visits or self.right.currentWidget() is self.visit:
            return False
        self.right.setCurrentWidget(self.visit)
        self.back.setVisible(self.small)
        self.visit.read()
        return True

    def _find(self) -> None:
        self.leave()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _changed(self) -> None:
        source = self.side.source
        pages = {
            SourceState.READING: self.reading,
            SourceState.NOTHING: self.nothing,
            SourceState.UNREADABLE: self.unreadable,
        }
        nothing = source.share is None and source.rows.rowCount() == 0
        no_visit = nothing and source.state is SourceState.READY and not source.query and self.side is self.visits
        self.states.setCurrentWidget(self.nothing if no_visit else pages.get(source.state, self.panes))
        if source.problem is not None:
            sentence = T("{problem} {step}", problem=source.problem.sentence, step=source.problem.next_step)
            self.say(self.unreadable.sentence.setText, sentence)
        offer(self.open, not nothing and self.small)
        self.lists.setCurrentWidget(self.none_fits if nothing else self.side.table)
        self.side.table.set_overlay(str(T("Searching…")) if source.share is not None else "")
        self._say_state()
        self.show_practice.hide()
        if source.state is SourceState.NOTHING and not source.practice:
            self._runner.start(self, "log", one_call(has_practice, self._desk), self._practice_known)

    def _say_state(self) -> None:
        by_visit = self.side is self.visits
        self.say(self.open.setText, T("Read the chosen visit") if by_visit else T("Read the chosen entry"))
        tip = T("Read the chosen visit (Enter)") if by_visit else T("Read the chosen entry (Enter)")
        self.say(self.open.setToolTip, tip)
        self.lists.setFocusProxy(self.side.table)
        self.say(self.count.setText, self._count_words)
        self.say(self.none_fits.sentence.setText, self.filters.no_match)
        if self.side.source.practice:
            title = T("No practice entries yet")
            why = T("Entries about practice phones appear here, apart from the desk’s own log.")
        else:
            title = T("Nothing has been recorded yet")
            why = T("Checks and removals appear here. Go to the desk and plug in a phone.")
        if self.side.source.state is SourceState.READY:  # of the log itself, but of no phone
            title = T("No visit is in the log yet")
        self.say(self.nothing.title.setText, title)
        self.say(self.nothing.sentence.setText, why)

    def _count_words(self) -> Text | str:
        """How many records are shown, and how far the search is."""
        source, count = self.side.source, self.side.source.rows.rowCount()
        if source.state is not SourceState.READY:
            return ""
        if source.share is not None:
            percent = round(source.share * 100)
            if not count or source.waiting:
                return T("Searching… {percent} %", percent=percent)
            return T("{number} found… {percent} %", number=grouped(count), percent=percent)
        if source.query:
            return N("{number} found", "{number} found", count, number=grouped(count))
        if self.side is self.visits:
            return N("{number} visit", "{number} visits", count, number=grouped(count))
        return N("{number} entry", "{number} entries", count, number=grouped(count))

    def _practice_known(self, end: JobEnd[bool]) -> None:
        """An officer who has only practised finds that here too."""
        nothing = self.side.source.state is SourceState.NOTHING and not self.side.source.practice
        self.show_practice.setVisible(nothing and isinstance(end, Done) and end.value)

    # What can be done with the log as a whole

    def verify(self, folder: Path | None = None) -> VerifyDialog:
        """Verify the log that is shown, or what another desk has exported into a folder."""
        verify_dialog, _ = _dialogs()
        dialog = verify_dialog(self._desk, self._runner, self.side.source.practice, self._memory, self)
        dialog.entry_wanted.connect(self._go_to)
        dialog.recorded.connect(lambda: self.recorded.emit(self.side.source.practice))
        if folder is not None:
            dialog.use_export(folder)
        dialog.show()
        return dialog

    def export(self) -> None:
        """Write records into files."""
        _, export_dialog = _dialogs()
        source = self.side.source
        counted = source.query and source.share is None and self.side is self.records
        filtered_count = source.rows.rowCount() if counted else None
        count = source.count if source.state is SourceState.READY else 0
        dialog = export_dialog(
            self._desk,
            self._runner,
            source.practice,
            self.filters.filter(),
            (count, filtered_count),
            self._memory,
            self,
        )
        dialog.recorded.connect(lambda: self.recorded.emit(dialog.practice))
        dialog.open()

    # What the window asks

    def save(self, settings: QSettings) -> None:
        """Remember how wide everything is, where it was ever to be seen."""
        if not (self.records.is_open or self.visits.is_open):
            return
        self.table.save(settings, "log/columns")
        self.visits.table.save(settings, "log/columns-of-visits")
        settings.setValue("log/view", "visits" if self._likes_visits else "entries")
        settings.setValue("log/panes", self.shared())

    def restore(self, settings: QSettings) -> None:
        """Have everything as wide as it was."""
        self._memory = self.detail.proof.memory = settings
        self.table.restore(settings, "log/columns")
        self.visits.table.restore(settings, "log/columns-of-visits")
        self._likes_visits = settings.value("log/view") != "entries"
        (self.head.visits if self._likes_visits else self.head.entries).setChecked(True)
        self.share(settings.value("log/panes"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for side in (self.records, self.visits):
                side.source.rows.retranslate()
                side.table.fit()
            self._changed()


def _dialogs() -> tuple[type[VerifyDialog], type[LogExportDialog]]:
    from gui.log import export_dialog, verify_dialog  # bring SQLite and cryptography: once either is wanted

    return verify_dialog.VerifyDialog, export_dialog.LogExportDialog
