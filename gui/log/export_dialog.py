"""The dialog that exports records: in which form, which of them, with or without personal values, where to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.papers import log_papers
from core.ledger.search.record_filter import Filter
from core.reports.tables.exports import Format, LogExport
from core.text import N, T, Text, grouped
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import CheckBox, FolderField, opener
from gui.toolkit.grey_reason import GreyReason, offer
from gui.toolkit.jobs import JobRunner, Work, long_call
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.parts import Segments
from gui.toolkit.theme import STEP, Status, TextSize

#: The forms, by their name in :class:`Format`, each with a word and what it is good for.
_FORMATS: Final[dict[str, tuple[Text, Text]]] = {
    "csv": (T("Table for Excel (CSV)"), T("One line for each entry, to sort and count.")),
    "jsonl": (T("Exact entries (JSON lines)"), T("Exact bytes with the seals, which another desk can verify.")),
    "ocsf": (T("Events for a SIEM (OCSF)"), T("For Splunk, Sentinel and others that take the open schema.")),
    "parquet": (T("Table for data analysis (Parquet)"), T("For very many entries: DuckDB, Spark, pandas.")),
}
#: The forms that can have personal values.
_WITH_PERSONAL: Final = ("csv", "parquet")
_FORMAT: Final = "papers/format"


class LogExportDialog(JobDialog):
    """Asks, exports, and shows the folder."""

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        practice: bool,
        chosen: Filter,
        counts: tuple[int, int | None],
        memory: QSettings | None,
        parent: QWidget,
    ) -> None:
        """`counts` are how many records there are, and how many `chosen` leaves; None where that is not known."""
        super().__init__(runner, "export", T("Export entries"), T("Export now"), parent, practice=practice)
        self.practice = practice
        self._desk, self._memory, self._chosen = desk, memory, chosen
        self._folder = Path()
        self._ask_format()
        self._ask_scope(*counts)
        self.personal = CheckBox()
        self.grey_personal = GreyReason(self.personal, self.say)
        self.say(self.personal.setText, T("With serial numbers"))
        self.personal_note = self.say.label("", TextSize.SMALL, "muted")
        self.form.addLayout(column(self.personal, self.personal_note, spacing=STEP // 2))
        self.folder = FolderField(T("A new folder is made in"), memory, "papers/exports")
        self.form.addWidget(self.folder)
        self.open_folder = opener(T("Open the folder"), lambda: self._folder, self.say)
        self.add_tool(self.open_folder)
        self.formats.currentIndexChanged.connect(self._format_chosen)
        self._format_chosen()
        self.fit()

    def _ask_format(self) -> None:
        self.formats = ComboBox()
        last_form = str(self._memory.value(_FORMAT)) if self._memory is not None else ""
        for name, (word, _) in _FORMATS.items():
            self.formats.add_choice(word, name)
        self.formats.setCurrentIndex(max(0, self.formats.findData(last_form)))
        self.say.name(self.formats, T("Format"))
        self.explained = self.say.label("", TextSize.SMALL, "muted")
        heading = self.say.label(T("Format"), TextSize.STRONG)
        self.form.addLayout(column(heading, self.formats, self.explained, spacing=STEP // 2))

    def _ask_scope(self, count: int, filtered_count: int | None) -> None:
        every = N("All {number} entry", "All {number} entries", count, number=grouped(count))
        passing = T("Those that the filters show now")
        if filtered_count is not None:
            passing = N(
                "The {number} that the filters show now",
                "The {number} that the filters show now",
                filtered_count,
                number=grouped(filtered_count),
            )
        self.scope, (self.all, self.filtered) = self.say.chips(every, passing)
        offer(self.filtered, bool(self._chosen))
        self.filtered.setChecked(bool(self._chosen))
        heading = self.say.label(T("Which entries"), TextSize.STRONG)
        self.form.addLayout(column(heading, row(Segments(self.all, self.filtered), None), spacing=STEP // 2))

    @property
    def format(self) -> str:
        """The chosen form, by its name."""
        return str(self.formats.currentData())

    def _format_chosen(self) -> None:
        possible = self.format in _WITH_PERSONAL
        self.say(self.explained.setText, _FORMATS[self.format][1])
        never = T("This format never has personal information.")
        self.grey_personal.show(None if possible else never)
        if not possible:
            self.personal.setChecked(False)
        self.say(
            self.personal_note.setText,
            T("They are personal information: tick this only if the person who gets the files may have them.")
            if possible
            else never,
        )
        self.fit()

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        file_dialogs.remember(self._memory, _FORMAT, self.format)
        chosen = self._chosen if self.filtered.isChecked() else Filter()
        about = (self._desk, self.practice, Format(self.format), chosen, self.folder.folder)
        return long_call(log_papers.export, *about, personal=self.personal.isChecked())

    def tell(self, value: LogExport) -> None:
        self._folder = value.folder
        self.verdict.show_result(
            Status.GREEN,
            N(
                "{number} entry was exported",
                "{number} entries were exported",
                value.records,
                number=grouped(value.records),
            ),
            T("The export is recorded in the log."),
            value.folder,
        )
        self.say.again()
