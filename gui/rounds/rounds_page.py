"""The Round page: how the field audit stands that is under way, and what comes first in what is left to do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.desk.desk import Desk
from core.desk.papers.due_papers import DueChoice, DuePhones
from core.desk.papers.round_days import round_day
from core.rounds import rounds
from core.rounds.coverage.phone_coverage import CoverageState, PhoneCoverage
from core.rounds.due import most_urgent, worst_first
from core.rounds.roster.tables import RosterTable, read_table
from core.rounds.rounds import KnownRound
from core.text import T
from gui.rounds.cards.phone_table import OF_OTHERS, OF_RECHECK, OF_RED, OF_ROUND
from gui.rounds.dialogs.carry_home_dialog import CarryHomeDialog
from gui.rounds.dialogs.draw_dialog import DrawDialog
from gui.rounds.dialogs.due_dialog import DueDialog, remembered_days
from gui.rounds.dialogs.end_round_dialog import EndRoundDialog
from gui.rounds.dialogs.new_round_dialog import NewRoundDialog
from gui.rounds.dialogs.phones_dialog import PhonesDialog
from gui.rounds.dialogs.roster_dialog import RosterDialog
from gui.rounds.round_jobs import LANE, RoundsRead, add, read
from gui.rounds.round_view import RoundView
from gui.rounds.rounds_menu import add_rounds
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, one_call
from gui.toolkit.page import PageKey
from gui.toolkit.widgets import literal

if TYPE_CHECKING:  # loaded late
    from gui.rounds.store_page import StorePage

#: What the folder of rosters is remembered by; and the store that was shown at the end.
_FOLDER = "rounds/folder"
_STORE = "rounds/shown-store"
#: The columns of lists that have others than those of a round.
_COLUMNS = {
    "red": OF_RED,
    "second": OF_RECHECK,
    "unexpected": OF_OTHERS,
    "red-unexpected": OF_OTHERS,
    "lost": OF_OTHERS,
}


class RoundsPage(RoundView):
    """Shows a round of this desk. Reads it when it is first shown, and anew when something is on record since."""

    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)
    #: The report of a round is wanted: its number, what it is called, and whether it is of practice phones.
    report_wanted = Signal(str, str, bool)
    #: The record of a check is to be shown in the log: its number, and whether it is of a practice phone.
    entry_wanted = Signal(int, bool)
    #: Something was written outside: a :class:`gui.toolkit.forms.form_dialog.WrittenFile`.
    file_written = Signal(object)
    #: The list of phones that are due is to be saved, or their holders are to be written to: a :class:`DuePhones`, and
    #: whether they are practice phones.
    due_list_wanted = Signal(object, bool)
    letters_wanted = Signal(object, bool)

    def __init__(self, desk: Desk, runner: JobRunner, *, memory: QSettings | None = None) -> None:
        super().__init__()
        self._memory = memory
        self._desk, self._runner = desk, runner
        self._job: Job[RoundsRead] | None = None
        self._turn = 0
        self._stale = True
        #: The number of the round that the officer chose; empty for the newest.
        self._chosen, self._practice = "", False
        self.page_data = RoundsRead()
        #: The serial numbers of the phones that are plugged in now, where something knows them.
        self.plugged: Callable[[], Collection[str]] = tuple
        self.choose.clicked.connect(self._show_menu)
        self.more.clicked.connect(self._show_menu)
        self.write.clicked.connect(self.want_letters)
        self.bring.clicked.connect(self.bring_roster)
        self.report.clicked.connect(self.want_report)
        self.begin.clicked.connect(lambda: self.begin_round())
        self.due_again.clicked.connect(self.open_due)
        self.practise.clicked.connect(self._practise)
        self.second_card.draw.clicked.connect(self.draw_sample)
        self.store: StorePage | None = None
        #: What is shown once the store is left.
        self._under: QWidget = self.empty
        for keys, act, _ in self.keys():
            QShortcut(keys, self).activated.connect(partial(self._do, act))
        self.problem.offer(T("Try again"), self.reload)
        self._show(self.page_data)

    def keys(self) -> list[PageKey]:
        return [
            (QKeySequence("Ctrl+N"), self.begin_round, T("Start a new round")),
            (QKeySequence("Ctrl+R"), self._show_menu, T("Choose another round, or what to do with this one")),
            (QKeySequence("Ctrl+O"), self.bring_roster, T("Import the roster of the round")),
            (QKeySequence("Ctrl+P"), self.want_report, T("Save the report of the round")),
            (QKeySequence("Ctrl+D"), self.open_due, T("Show the phones to check again")),
            (QKeySequence("Ctrl+M"), self.want_letters, T("Write to the holders of the phones that are due")),
            (QKeySequence("Ctrl+E"), self.carry_home, T("Send the log and its rounds to head office")),
            (QKeySequence("Ctrl+Shift+O"), self.open_store, T("Open head office’s store")),
            (QKeySequence("F5"), self.refresh, T("Reload the round")),
        ]

    def _do(self, act: Callable[[], object] | None) -> None:
        """What a key does; where a store is shown, nothing that is about the rounds of this desk."""
        if act is not None and (not self.at_store or act in (self.refresh, self.open_store)):
            act()

    def restore(self, settings: QSettings) -> None:
        """Show the store again that was shown at the end, as soon as the page is seen."""
        folder = settings.value(_STORE)
        if isinstance(folder, str) and folder:  # whether it is there is asked off this thread: it may be a share's
            self._show_store().open_later(Path(folder))

    def save(self, settings: QSettings) -> None:
        """Remember the store that is shown, if one is."""
        folder = self.store.folder if self.store is not None and self.at_store else None
        settings.setValue(_STORE, str(folder or ""))

    @property
    def chapter(self) -> str:
        return "head-office#the-page-of-the-store" if self.at_store else ""

    # The store of head office

    @property
    def at_store(self) -> bool:
        """Whether head office's store is shown."""
        return self.store is not None and self.states.currentWidget() is self.store

    def open_store(self) -> None:
        """Ask for head office's store, and show how the phones of all its desks stand."""
        store = self._store()
        if store.choose_store():
            self.states.setCurrentWidget(store)

    def _store(self) -> StorePage:
        """What shows a store, made when it is first wanted."""
        if self.store is None:
            from gui.rounds.store_page import StorePage  # brings the store: few computers have one

            self.store = StorePage(self._desk, self._runner, memory=self._memory)
            self.store.recorded.connect(lambda: self.recorded.emit(False))
            self.store.closed.connect(lambda: self.states.setCurrentWidget(self._under))
            self.states.addWidget(self.store)
        return self.store

    def _show_store(self) -> StorePage:
        store = self._store()
        self.states.setCurrentWidget(store)
        return store

    def _show_state(self, widget: QWidget) -> None:
        """Show a part of the page, or have it ready where a store is shown."""
        self._under = widget
        if not self.at_store:
            self.states.setCurrentWidget(widget)

    def refresh(self) -> None:
        """Read anew what is shown: the store, or the round."""
        if self.store is not None and self.at_store:
            self.store.reload()
        else:
            self.reload()

    # Reading

    def reload(self) -> None:
        """Read the round anew."""
        self._stale = False
        self._turn += 1
        if self._job is not None:
            self._job.stop()
        work = one_call(
            read, self._desk, self._chosen, self._practice, remembered_days(self._memory), round_day(self._desk)
        )
        self._job = self._runner.start(self, LANE, work, partial(self._ended, self._turn))

    def something_recorded(self, practice: bool) -> None:
        """A check may have ticked off a phone: read anew, at once if the page is seen."""
        if practice == self._practice:
            self._stale = True
            if self.isVisible():
                self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _ended(self, turn: int, end: JobEnd[RoundsRead]) -> None:
        if turn != self._turn:
            return
        if isinstance(end, Done):
            self.problem.show_problem(None)
            self._show(end.value)
        elif isinstance(end, Failed):
            self._show_state(self.content)
            self.problem.show_problem(end.problem)

    # Showing

    def _show(self, page_data: RoundsRead) -> None:
        self.page_data = page_data
        current, coverage = page_data.current, page_data.coverage
        self.practice.setVisible(page_data.practice)
        if current is None or coverage is None:
            self._show_state(self.empty)
            self.show_none(page_data, remembered_days(self._memory))
            return
        self._show_state(self.content)
        self.show_round(current, coverage)
        open_round = current.ended is None
        may_add = ((T("Add"), self.add_phone),) if open_round else ()
        self.show_red(coverage, frozenset(self.plugged()), (T("In the log"), self._show_in_log), *may_add)
        self.show_others(coverage, *may_add)
        self.second_card.show_status(page_data.recheck, self._desk.officer, ended=not open_round)

    # Acting

    def open_list(self, name: str) -> None:
        coverage = self.page_data.coverage
        if coverage is None:
            return
        title, phones = {
            "due": (T("Due"), most_urgent(coverage.to_see)),
            "red": (T("Red, still open"), worst_first(coverage.red)),
            "amber": (T("Amber"), coverage.of(CoverageState.AMBER)),
            "unexpected": (T("Not on the roster"), worst_first(coverage.unexpected)),
            "red-unexpected": (T("Red, not on the roster"), worst_first(coverage.red_unexpected)),
            "lost": (T("Not matched any more"), worst_first(coverage.unmatched)),
            "late": (T("Not seen for long"), coverage.late),
            "twice": (T("Seen more than once"), coverage.seen_twice),
            "second": (T("Second check"), self._second_looks()),
        }[name]
        columns = _COLUMNS.get(name, OF_ROUND)
        dialog = PhonesDialog(title, phones, self, columns, practice=self.page_data.practice)
        dialog.entry_wanted.connect(lambda entry: self.entry_wanted.emit(entry, self._practice))
        dialog.open()

    def _show_in_log(self, phone: PhoneCoverage) -> None:
        if phone.last is not None:
            self.entry_wanted.emit(phone.last.entry, self._practice)

    def _second_looks(self) -> tuple[PhoneCoverage, ...]:
        recheck = self.page_data.recheck
        return tuple(waiting.phone for waiting in recheck.waiting) if recheck is not None else ()

    def open_due(self) -> DueDialog:
        """Show the phones that were not seen for long: of this desk, and of the roster of the round that goes on."""
        current = self.page_data.current
        goes_on = current is not None and current.ended is None and current.roster is not None
        choice = DueChoice(current.about.id if current is not None and goes_on else "")
        dialog = DueDialog(self._desk, self._runner, self, choice, self._memory, practice=self._practice)
        dialog.save_wanted.connect(lambda due: self.due_list_wanted.emit(due, self._practice))
        dialog.write_wanted.connect(lambda due: self.letters_wanted.emit(due, self._practice))
        dialog.open()
        return dialog

    def want_letters(self) -> None:
        """Ask what the holders of the phones are to be told that are due in the round."""
        current, coverage = self.page_data.current, self.page_data.coverage
        if current is not None and coverage is not None and current.ended is None and coverage.to_see:
            due = DuePhones(DueChoice(current.about.id), coverage.today, most_urgent(coverage.to_see), current)
            self.letters_wanted.emit(due, self._practice)

    def draw_sample(self) -> DrawDialog | None:
        """Ask whether the phones for a second look are to be drawn."""
        current, second = self.page_data.current, self.page_data.recheck
        if current is None or second is None or second.drawn:
            return None
        dialog = DrawDialog(self._desk, self._runner, self, current, second, practice=self._practice)
        self._open(dialog)
        return dialog

    def begin_round(self, *, practice: bool | None = None) -> NewRoundDialog:
        """Ask for a new round; of `practice` phones where those are meant, or where their rounds are shown."""
        practice = self._practice if practice is None else practice
        dialog = NewRoundDialog(self._desk, self._runner, self, practice=practice)
        dialog.recorded.connect(lambda: self._show_new(dialog))
        dialog.open()
        return dialog

    def bring_roster(self) -> None:
        """Ask for a file, read it, and ask which of its columns are the roster. A closed round takes none."""
        if self.page_data.current is None or self._refuse_closed(self.page_data.current):
            return
        title = T("Import a roster")
        file = file_dialogs.choose_file(self, title, self._memory, _FOLDER, "*.csv *.xlsx *.xls *.xlsb *.xlsm *.ods")
        if file is not None:
            file_dialogs.remember(self._memory, _FOLDER, file.parent)
            self.read_roster(file)

    def read_roster(self, file: Path) -> None:
        """Read this file, and ask which of its columns are the roster."""
        if self.page_data.current is not None and self._refuse_closed(self.page_data.current):
            return
        self._runner.start(self, LANE, lambda cancel, report: read_table(file, cancel), self._table_read)

    def _table_read(self, end: JobEnd[RosterTable]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        elif isinstance(end, Done) and self.page_data.current is not None:
            self.problem.show_problem(None)
            current = self.page_data.current
            self._open(RosterDialog(self._desk, self._runner, self, current, end.value, practice=self._practice))

    def _refuse_closed(self, known_round: KnownRound) -> bool:
        """Say that a closed round takes no roster. Returns whether the round is closed."""
        if known_round.ended is not None:
            self.problem.show_problem(rounds.ClosedRound(known_round.about.name))
        return known_round.ended is not None

    def want_report(self) -> None:
        """Ask for the report of the round that is shown."""
        current = self.page_data.current
        if current is not None:
            self.report_wanted.emit(current.about.id, current.about.name, self._practice)

    def add_phone(self, phone: PhoneCoverage) -> None:
        """Put a phone that was not expected on the roster."""
        current, check = self.page_data.current, phone.last
        if current is None or check is None:
            return
        self._runner.start(self, LANE, one_call(add, self._desk, self._practice, current, check), self._added)

    def end_round(self) -> EndRoundDialog | None:
        """Ask whether the round is to be closed."""
        current, coverage = self.page_data.current, self.page_data.coverage
        if current is None or coverage is None or current.ended is not None:
            return None
        dialog = EndRoundDialog(self._desk, self._runner, self, current, coverage, practice=self._practice)
        self._open(dialog)
        return dialog

    def carry_home(self) -> CarryHomeDialog:
        """Ask for the stick on which the log and its rounds go to head office."""
        dialog = CarryHomeDialog(self._desk, self._runner, self, self._memory, practice=self._practice)
        dialog.recorded.connect(lambda: self.recorded.emit(self._practice))
        dialog.file_written.connect(self.file_written)
        dialog.open()
        return dialog

    def _open(self, dialog: JobDialog) -> None:
        """Open a dialog that changes the round that is shown."""
        dialog.recorded.connect(self._changed)
        dialog.open()

    def _changed(self) -> None:
        """Something of the round may have been put on record."""
        self.recorded.emit(self._practice)
        self.reload()

    def _added(self, end: JobEnd[None]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        else:
            self._changed()

    def _show_new(self, dialog: NewRoundDialog) -> None:
        """Show the round that was begun, if it was."""
        if dialog.new_round is not None:
            self._chosen, self._practice = dialog.new_round.id, dialog.new_round.practice
            self._changed()

    def _show_menu(self) -> None:
        below = self.more if self.states.currentWidget() is self.empty else self.choose
        self.menu().popup(below.mapToGlobal(below.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """Make the menu of the rounds, and of what can be done with them as a whole."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        current = self.page_data.current
        add_rounds(menu, self.page_data.rounds, current.about.id if current is not None else "", self._choose)
        menu.addSeparator()
        menu.addAction(literal(str(T("New round…"))), self.begin_round, QKeySequence("Ctrl+N"))
        menu.addAction(literal(str(T("Plan re-checks…"))), self.open_due, QKeySequence("Ctrl+D"))
        if current is not None and current.ended is None:
            menu.addAction(literal(str(T("Close the round…"))), self.end_round)
        menu.addAction(literal(str(T("Send to head office…"))), self.carry_home, QKeySequence("Ctrl+E"))
        menu.addSeparator()
        menu.addAction(literal(str(T("Open head office’s store…"))), self.open_store, QKeySequence("Ctrl+Shift+O"))
        real = T("Back to the rounds of real phones")
        menu.addAction(literal(str(real if self._practice else T("Rounds of practice phones"))), self.show_practice)
        return menu

    def _practise(self) -> None:
        """Offer a practice round where none was begun; else change between real rounds and those."""
        if self._practice or self.page_data.practised:
            self.show_practice()
        else:
            self.begin_round(practice=True)

    def show_practice(self) -> None:
        """Change between the rounds of real phones and those of practice phones."""
        self._chosen, self._practice = "", not self._practice
        self.reload()

    def _choose(self, number: str) -> None:
        self._chosen = number
        self.reload()
