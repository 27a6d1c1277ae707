"""The sheet on which records are exported: in which form, which of them, with or without personal values, where to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from core.describe.verification import grouped
from core.jobs import Cancel
from core.ledger.search.record_filter import Filter
from core.text import N, T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import JobDialog
from gui.toolkit.form_fields import CheckBox, FolderField, opener
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.tables import ComboBox
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import WrappedLabel, button

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from core.reports.exports import Export

#: The forms, by their name in :class:`core.reports.exports.Format`, each with a word and what it is good for.
_FORMATS: Final[dict[str, tuple[Text, Text]]] = {
    "csv": (T("Table for Excel (CSV)"), T("One line an entry, to be sorted and counted.")),
    "jsonl": (T("Exact entries (JSON lines)"), T("To the byte, with the seals: another desk can verify them.")),
    "ocsf": (T("Events for a SIEM (OCSF)"), T("For Splunk, Sentinel and others that take the open schema.")),
    "parquet": (T("Table for data analysis (Parquet)"), T("For very many entries: DuckDB, Spark, pandas.")),
}
#: The forms that can have personal values.
_WITH_PERSONAL: Final = ("csv", "parquet")
_FORMAT: Final = "papers/format"


class ExportSheet(JobDialog):
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
        self.formats = ComboBox()
        self._ask_format()
        self._ask_which(*counts)
        self._ask_personal()
        self.folder = FolderField(T("A new folder is made in"), memory, "papers/exports")
        self.form.addWidget(self.folder)
        self.open_folder = opener(T("Open the folder"), lambda: self._folder, self.say)
        self.add_tool(self.open_folder)
        self.formats.currentIndexChanged.connect(self._format_chosen)
        self._format_chosen()
        self.fit()

    def _ask_format(self) -> None:
        known = str(self._memory.value(_FORMAT)) if self._memory is not None else ""
        for name, (word, _) in _FORMATS.items():
            self.formats.addItem(str(word), name)
        self.formats.setCurrentIndex(max(0, self.formats.findData(known)))
        self.say(self.formats.setAccessibleName, T("Form"))
        self.explained = WrappedLabel(TextSize.SMALL)
        mark(self.explained, "muted")
        self._group(T("Form"), self.formats, self.explained)

    def _ask_which(self, count: int, shown: int | None) -> None:
        self.which = QButtonGroup(self)
        self.all, self.filtered = button(kind="chip"), button(kind="chip")
        self.say(self.all.setText, N("All {number} entry", "All {number} entries", count, number=grouped(count)))
        if shown is None:
            self.say(self.filtered.setText, T("Those that the filters show now"))
        else:
            self.say(
                self.filtered.setText,
                N(
                    "The {number} that the filters show now",
                    "The {number} that the filters show now",
                    shown,
                    number=grouped(shown),
                ),
            )
        row = QHBoxLayout()
        row.setSpacing(STEP)
        for number, choice in enumerate((self.all, self.filtered)):
            choice.setCheckable(True)
            self.which.addButton(choice, number)
            row.addWidget(choice)
        row.addStretch()
        self.filtered.setEnabled(bool(self._chosen))
        self.say(self.filtered.setToolTip, "" if self._chosen else T("No filter is on."))
        (self.filtered if self._chosen else self.all).setChecked(True)
        self._group(T("Which entries")).addLayout(row)

    def _ask_personal(self) -> None:
        self.personal = CheckBox()
        self.say(self.personal.setText, T("With serial numbers"))
        self.personal_note = WrappedLabel(TextSize.SMALL)
        mark(self.personal_note, "muted")
        self._group(None, self.personal, self.personal_note)

    def _group(self, title: Text | None, *parts: QWidget) -> QVBoxLayout:
        """What belongs together stands close together."""
        made = QVBoxLayout()
        made.setSpacing(STEP // 2)
        if title is not None:
            heading = WrappedLabel(TextSize.STRONG)
            self.say(heading.setText, title)
            made.addWidget(heading)
        for part in parts:
            made.addWidget(part)
        self.form.addLayout(made)
        return made

    @property
    def format(self) -> str:
        """The chosen form, by its name."""
        return str(self.formats.currentData())

    def _format_chosen(self) -> None:
        possible = self.format in _WITH_PERSONAL
        self.say(self.explained.setText, _FORMATS[self.format][1])
        self.personal.setEnabled(possible)
        if not possible:
            self.personal.setChecked(False)
        self.say(
            self.personal_note.setText,
            T("They are personal information: tick this only if whoever gets the files may have them.")
            if possible
            else T("This form never has personal values."),
        )
        self.fit()

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        file_dialogs.remember(self._memory, _FORMAT, self.format)
        chosen = self._chosen if self.filtered.isChecked() else Filter()
        return partial(
            _export, self._desk, self.practice, self.format, chosen, self.folder.folder, self.personal.isChecked()
        )

    def tell(self, value: Export) -> None:
        self._folder = value.folder
        self.verdict.show_result(
            Status.GREEN,
            N(
                "{number} entry was exported",
                "{number} entries were exported",
                value.records,
                number=grouped(value.records),
            ),
            T("The export is on record."),
            value.folder,
        )
        self.say.again()


def _export(
    desk: Desk,
    practice: bool,
    format: str,
    chosen: Filter,
    folder: Path,
    personal: bool,
    cancel: Cancel,
    report: Report,
) -> Export:
    from core.desk import log_evidence
    from core.reports.exports import Format

    return log_evidence.export(desk, practice, Format(format), chosen, folder, report, cancel, personal=personal)
