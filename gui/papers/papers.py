"""Everything that leaves the computer, wherever in the window it is asked for: one place that knows the sheets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.text import Language, T, Text
from gui.papers.receipt_dialog import FOLDER, LANE, ReceiptDialog, make_receipt
from gui.toolkit.form_dialog import WrittenFile
from gui.toolkit.form_fields import LANGUAGES_BY_NAME
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner
from gui.toolkit.widgets import literal

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from gui.toolkit.form_dialog import JobDialog


class Papers(QObject):
    """Opens the sheets, and makes a receipt at once where it is known how."""

    #: Something was written outside: a :class:`WrittenFile`.
    made = Signal(object)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._runner, self._memory, self._window = desk, runner, memory, window
        self._making = False

    def receipt(self, seq: int, practice: bool) -> None:
        """A receipt of one check: asks where, and in which language."""
        self._open_receipt(seq, practice)

    def receipt_now(self, seq: int, practice: bool) -> None:
        """A receipt of one check as the last one was made; asks only if there was none, or its folder is gone."""
        folder, languages = self._known()
        if folder is None or languages is None:
            self._open_receipt(seq, practice)
            return
        if self._making:
            return
        self._making = True
        work = partial(make_receipt, self._desk, seq, practice, folder, languages)
        self._runner.start(self, LANE, work, partial(self._made_now, seq, practice))

    def menu(self, practice: bool = False) -> QMenu:
        """Everything that can be done with the log as a whole: the desk's own, or the practice log."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups: tuple[tuple[tuple[Text, Any], ...], ...] = (
            (
                (T("Receipt of the last check…"), self._receipt_of_last),
                (T("Leave a checkpoint in a folder or on a USB key…"), self.leave_checkpoint),
                (T("Daily close (PDF)…"), self.close_day),
            ),
            (
                (T("Ask for a time stamp…"), self.ask_for_stamp),
                (T("Attach a time stamp…"), self.attach_stamp),
            ),
            (
                (T("Enrolment sheet, keys…"), self.enrol),
                (T("Personal values that are due…"), self.show_due),
            ),
        )
        if practice:
            menu.addAction(literal(str(T("Practice log")))).setEnabled(False)
        for group in groups:
            if not menu.isEmpty():
                menu.addSeparator()
            for word, act in group:
                menu.addAction(literal(str(word))).triggered.connect(partial(self._act, act, practice))
        return menu

    def _act(self, act: Callable[[bool], object], practice: bool, checked: bool = False) -> None:
        act(practice)

    def leave_checkpoint(self, practice: bool = False) -> None:
        """A checkpoint in a folder."""
        from gui.papers.outside_copies import CheckpointDialog

        self._open(CheckpointDialog(self._desk, self._runner, practice, self._memory, self._window), practice)

    def close_day(self, practice: bool = False) -> None:
        """The day's last page."""
        from gui.papers.outside_copies import DailyCloseDialog

        self._open(DailyCloseDialog(self._desk, self._runner, practice, self._memory, self._window), practice)

    def enrol(self, practice: bool = False) -> None:
        """The desk's keys."""
        from gui.papers.keys_dialog import EnrolmentDialog

        self._open(EnrolmentDialog(self._desk, self._runner, practice, self._memory, self._window), practice)

    def ask_for_stamp(self, practice: bool = False) -> None:
        """A request to a time-stamping authority."""
        from gui.papers.time_stamp_dialogs import StampRequestDialog

        self._open(StampRequestDialog(self._desk, self._runner, practice, self._memory, self._window), practice)

    def attach_stamp(self, practice: bool = False) -> None:
        """Its reply."""
        from gui.papers.time_stamp_dialogs import StampReplyDialog

        self._open(StampReplyDialog(self._desk, self._runner, practice, self._memory, self._window), practice)

    def show_due(self, practice: bool = False) -> None:
        """Personal values whose time is over."""
        from gui.papers.erase_dialog import DueValuesDialog

        self._open(DueValuesDialog(self._desk, self._runner, practice, self._window), practice)

    def _receipt_of_last(self, practice: bool) -> None:
        self._open_receipt(None, practice)

    def _open_receipt(self, seq: int | None, practice: bool) -> ReceiptDialog:
        sheet = ReceiptDialog(self._desk, self._runner, (seq, practice), self._memory, self._window)
        self._open(sheet, practice)
        return sheet

    def _open(self, sheet: JobDialog, practice: bool) -> None:
        sheet.made.connect(self.made)
        sheet.recorded.connect(lambda: self.recorded.emit(practice))
        sheet.open()

    def _known(self) -> tuple[Path | None, tuple[Language, ...] | None]:
        """How the last receipt was made."""
        folder, languages = self._memory.value(FOLDER), str(self._memory.value("papers/languages"))
        there = isinstance(folder, str) and bool(folder) and Path(folder).is_dir()
        return (Path(folder) if there else None), LANGUAGES_BY_NAME.get(languages)

    def _made_now(self, seq: int, practice: bool, end: JobEnd[WrittenFile]) -> None:
        self._making = False
        if isinstance(end, Done):
            self.made.emit(end.value)
            self.recorded.emit(practice)
        elif isinstance(end, Failed):
            self._open_receipt(seq, practice).complain(end.problem)
