"""A list in a table that can be searched, copied and saved."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from core.desk.desk import Desk
from core.desk.papers.store_papers import write_store_list
from core.head_office.questions.dashboard import MOST, AnswerTable
from core.head_office.questions.remarks import Remarks
from core.text import N, T, Text, Value, plain
from gui.rounds.remarks_bar import RemarksBar
from gui.toolkit import file_dialogs
from gui.toolkit.grey_reason import GreyReason, offer
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.rows_table import RowsTable, TableColumn, TableRows
from gui.toolkit.lists.tables import SearchField
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize
from gui.toolkit.widgets import ProblemBar

_TEXT: Final = 120
_SIZE: Final = (900, 560)
#: What the folder of saved lists is remembered by.
_FOLDER: Final = "rounds/lists"


class ListModel(TableRows[tuple[Value, ...]]):
    """The rows of a list, in the language in use; `practice` stands at the end of each that is copied or saved."""

    def __init__(self, answer: AnswerTable, practice: bool, parent: QDialog) -> None:
        super().__init__([TableColumn(head, itemgetter(at)) for at, head in enumerate(answer.heads)], parent)
        self._answer, self._practice = answer, practice

    @property
    def heads(self) -> list[str]:
        """The words over the cells of a row."""
        return [*map(str, self._answer.heads), *self._mark]

    @property
    def _mark(self) -> list[str]:
        return [str(T("Practice"))] if self._practice else []

    def cells(self, row: int) -> list[str]:
        return [*super().cells(row), *self._mark]

    def search(self, words: str) -> None:
        """Show the rows that have these words anywhere."""
        parts = words.casefold().split()

        def fits(row: tuple[Value, ...]) -> bool:
            return all(any(word in str(cell).casefold() for cell in row) for word in parts)

        self.show_rows(list(filter(fits, self._answer.rows)))

    def cell(self, row: int, column: int) -> str:
        return plain(super().cell(row, column), _TEXT)


class ListDialog(QDialog):
    """Shows a list. Ctrl+C copies the chosen rows; the list is saved as it is shown, and that is on record."""

    #: The log of this desk has one more entry.
    recorded = Signal()

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        about: str,
        title: Text,
        answer: AnswerTable,
        parent: QWidget,
        memory: QSettings | None = None,
        remarks: Remarks | None = None,
    ) -> None:
        """`about` says which list it is, as the record has it; `remarks` are those about its store."""
        super().__init__(parent)
        self._desk, self._runner, self._about = desk, runner, about
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title, self._answer, self._memory = title, answer, memory
        self.remarks = RemarksBar()
        self.remarks.show_remarks(remarks)
        self.say = Parts(self)
        self.say(self.setWindowTitle, title)
        self.model = ListModel(answer, remarks is not None and remarks.practice, self)
        width = (_SIZE[0] - STEP * 8) // max(1, len(answer.heads))
        self.table = RowsTable(self.model, *[max(120, width)] * (len(answer.heads) - 1))
        self.say(self.table.setAccessibleName, title)
        self.say(self.table.set_overlay, T("Nothing found."))
        self.search = SearchField()
        self.say(self.search.invite, T("Search this list…"))
        self.say.name(self.search, T("Search this list"))
        self.search.textChanged.connect(self._look_for)
        self.problem = ProblemBar()
        self.count = self.say.label("", TextSize.SMALL, "muted")
        self.keep = self.say.button(T("Save as CSV…"), self.save)
        shut = self.say.button(T("Close"), self.accept)
        for button in (self.keep, shut):
            button.setAutoDefault(False)
        offer(self.keep, bool(answer.rows))
        self._keeping = GreyReason(self.keep, self.say)
        column(
            self.search,
            self.problem,
            self.remarks,
            (self.table, 1),
            row((self.count, 1), self.keep, shut),
            spacing=STEP,
            inside=self,
            margins=(STEP * 2,) * 4,
        )
        self.resize(*_SIZE)
        self._look_for("")

    def save(self) -> None:
        """Save the rows that are shown as a table, to a file that the officer chooses, and put that on record."""
        name = f"{plain(str(self._title), 60)}.csv".replace("/", "-")
        file = file_dialogs.save_as(self, T("Save as CSV…"), self._memory, _FOLDER, name)
        if file is None:
            return
        rows = [self.model.heads, *map(self.model.cells, range(self.model.rowCount()))]
        self._keeping.show(T("Please wait…"))
        self.say(self.count.setText, T("Please wait…"))
        self._runner.start(self, "log", one_call(write_store_list, self._desk, self._about, rows, file), self._saved)

    def _saved(self, end: JobEnd[Path]) -> None:
        self._keeping.show(None)
        self.problem.show_problem(end.problem if isinstance(end, Failed) else None)
        if isinstance(end, Done):
            self.say(self.count.setText, T("Saved, and in the log: {file}", file=plain(end.value.name, _TEXT)))
            self.recorded.emit()

    def _look_for(self, words: str) -> None:
        self.model.search(words)
        rows = self.model.rowCount()
        count = N("{count} row", "{count} rows", rows)
        if self._answer.cut:
            count = T("{rows}; there are more than {most}, of which the first are here.", rows=count, most=MOST)
        self.say(self.count.setText, count)
