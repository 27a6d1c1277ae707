"""The parts of the log page and their layout; what they do is in :mod:`gui.log.log_page`."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.describe.visits import RecordedVisit
from core.desk.desk import Desk
from core.ledger.records import HOUSEKEEPING, Entry
from core.text import T
from gui.log.ledger_jobs import RECORDS
from gui.log.log_side import LogSide
from gui.log.open_steps import OpenSteps
from gui.log.page_header import LogHeader
from gui.log.paged_rows import PagedRows
from gui.log.record_model import RecordRows
from gui.log.record_source import LogSource
from gui.log.record_table import LogTable
from gui.log.record_view import RecordView
from gui.log.visit_jobs import VISITS
from gui.log.visit_model import VisitRows
from gui.log.visit_table import VisitTable
from gui.log.visit_view import VisitView
from gui.toolkit.jobs import JobRunner
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.list_page import ListPage, Stack
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import EmptyState, ProblemBar, plain_label

#: Rows that are looked at for the newest record that is worth reading.
_LOOKED_AT: Final = 8
#: Logical pixels of the list and of what is chosen in full, before the officer moves what is between them.
_SIDES: Final = (942, 376)
#: Logical pixels that the list has at least.
_LEFT: Final = 400


class LogView(ListPage):
    """What is looked for at the top; below it visits or records, and the chosen one in full."""

    def __init__(self, desk: Desk, runner: JobRunner) -> None:
        super().__init__()
        self._desk, self._runner = desk, runner
        self._make_parts()
        self._lay_out()

    def _make_parts(self) -> None:
        self.say(self.setAccessibleName, T("Log"))
        self.head = LogHeader()
        self.filters, self.search, self.count = self.head.filters, self.head.filters.search, self.head.count
        self.real, self.practice = self.head.real, self.head.practice
        self.practice_note = plain_label()
        mark(self.practice_note, "practice")
        self.say(self.practice_note.setText, T("Practice: these entries are not about real phones."))
        self.practice_note.hide()
        self.steps = OpenSteps()
        self.problem = ProblemBar()
        rows = RecordRows()
        self.source = LogSource(self._desk, self._runner, rows, RECORDS, self)
        self.table = LogTable(rows)
        self.say.name(self.table, T("Entries of the log"))
        self.detail = RecordView(self._desk, self._runner)
        self.records = LogSide(self.source, self.table, _newest, self)
        visit_rows = VisitRows()
        by_visit = LogSource(self._desk, self._runner, visit_rows, VISITS, self)
        self.visits = LogSide(by_visit, VisitTable(visit_rows), lambda rows: 0, self)
        self.say.name(self.visits.table, T("Visits in the log"))
        self.visit = VisitView()
        #: The chosen record, with the way back to its visit where one came from there.
        self.record = QWidget()
        tip = T("Back to the visit (Esc)")
        self.back_to_visit = self.say.button(T("Back to the visit"), icon="chevron-left", kind="link", tip=tip)
        self.reading = EmptyState("log", title=T("Reading the log…"))
        self.nothing = EmptyState("log")
        self.show_practice = self.nothing.add_button(T("Show the practice log"), self.practice.click)
        self.show_practice.hide()
        self.unreadable = EmptyState("warning", title=T("The log cannot be read"))
        self.none_fits = EmptyState("search", title=T("No match"))
        self.none_fits.add_button(T("Show all"), self.filters.show_all)

    def _lay_out(self) -> None:
        self.lists = Stack(self.visits.table, self.table, self.none_fits)
        back = (self.back_to_visit, 0, Qt.AlignmentFlag.AlignLeft)
        column(back, (self.detail, 1), spacing=STEP // 2, inside=self.record)
        self.right = Stack(self.visit, self.record)
        self.lists.setMinimumWidth(_LEFT)
        self._line = row(self.open)  # where there is little room, what stands in the head otherwise
        self.list_column.setSpacing(STEP // 2)
        self.list_column.addLayout(self._line)
        self.list_column.addWidget(self.lists, 1)
        self.put_panes(self.lists, self.right, (3, 1), _SIDES)
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
            self._line.insertWidget(0, self.head.views)
            self._line.insertWidget(1, self.count, 1)
        else:
            self.head.take_back()

    @property
    def side(self) -> LogSide[Entry] | LogSide[RecordedVisit]:
        """The list that is shown."""
        return self.visits if self.head.visits.isChecked() else self.records


def _newest(rows: PagedRows[Entry]) -> int:
    """The row of the newest record that is about phones or the policy, not one of the ledger about itself."""
    first = (rows.peek(number) for number in range(min(rows.rowCount(), _LOOKED_AT)))
    return next((number for number, entry in enumerate(first) if entry and entry.kind not in HOUSEKEEPING), 0)
