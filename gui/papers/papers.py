"""Everything that leaves the computer, wherever in the window it is asked for: the menu, and the dialogs behind it.

The dialogs bring the ledger and the reports with them, so the window loads this module once a paper is wanted.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QObject, QPoint, QSettings, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.desk.desk import Desk
from core.reports.receipt.owner_page import OwnerPage, owner_page
from core.text import T, Text
from gui.papers.erase_dialog import DueValuesDialog
from gui.papers.keys_dialog import EnrolmentDialog
from gui.papers.month_dialog import MonthDialog
from gui.papers.outside_copies import (
    RECEIPTS,
    CheckpointDialog,
    DailyCloseDialog,
    ReceiptDialog,
    StampReplyDialog,
    StampRequestDialog,
    make_receipt,
)
from gui.papers.paper_dialog import LANE, PaperDialog
from gui.papers.queue_print import print_queue_page
from gui.toolkit.forms.form_dialog import WrittenFile
from gui.toolkit.forms.form_fields import LANGUAGES_BY_NAME
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.printing import print_or_save
from gui.toolkit.widgets import literal

if TYPE_CHECKING:  # brings the rounds
    from core.desk.papers.due_papers import DuePhones
    from gui.papers.round_dialogs import DueListDialog, LettersDialog, RoundReportDialog

Dialog = TypeVar("Dialog", bound=PaperDialog)

#: The menu, in its groups: what can be done with a log as a whole.
_MENU: Final[tuple[tuple[tuple[Text, type[PaperDialog]], ...], ...]] = (
    (
        (T("Receipt of the last check…"), ReceiptDialog),
        (T("Leave a checkpoint in a folder or on a USB key…"), CheckpointDialog),
        (T("Daily close (PDF)…"), DailyCloseDialog),
        (T("Summary of a month…"), MonthDialog),
    ),
    (
        (T("Ask for a time stamp…"), StampRequestDialog),
        (T("Attach a time stamp…"), StampReplyDialog),
    ),
    (
        (T("Enrolment sheet, keys…"), EnrolmentDialog),
        (T("Personal information to be erased…"), DueValuesDialog),
    ),
)


class Papers(QObject):
    """Opens the dialogs, and makes a receipt at once where it is known how."""

    #: Something was written outside: a :class:`WrittenFile`.
    file_written = Signal(object)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)
    #: A page was printed or saved; the Problem of it, or None.
    printed = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._runner, self._memory, self._window = desk, runner, memory, window
        self._making = False

    def open(self, dialog: type[PaperDialog], practice: bool = False) -> None:
        """Open a dialog about the desk's own log, or about the practice log."""
        self._open_about(dialog, practice)

    def receipt(self, seq: int, practice: bool) -> ReceiptDialog:
        """Ask where a receipt of one check is to be saved, and in which language."""
        return self._open_about(ReceiptDialog, practice, seq)

    def round_report(self, number: str, name: str, practice: bool) -> None:
        """Ask how the report of a round is to be saved."""
        report, _, _ = _round_dialogs()
        self._open_about(report, practice, (number, name))

    def due_list(self, due: DuePhones, practice: bool) -> None:
        """Ask how the list of the phones that are due is to be saved."""
        _, due_list, _ = _round_dialogs()
        self._open_about(due_list, practice, due)

    def letters(self, due: DuePhones, practice: bool) -> None:
        """Ask what the holders of the phones that are due are to be told."""
        _, _, letters = _round_dialogs()
        self._open_about(letters, practice, due)

    def _open_about(self, dialog: type[Dialog], practice: bool, about: object = None) -> Dialog:
        """Open a dialog about a part of the log, or about the whole."""
        opened = dialog(self._desk, self._runner, practice, self._memory, self._window, about)
        opened.file_written.connect(self.file_written)
        opened.recorded.connect(lambda: self.recorded.emit(practice))
        opened.open()
        return opened

    def receipt_now(self, seq: int, practice: bool) -> None:
        """A receipt of one check as the last one was made; asks only if there was none, or its folder is gone."""
        folder = str(self._memory.value(RECEIPTS) or "")
        languages = LANGUAGES_BY_NAME.get(str(self._memory.value("papers/languages")))
        if not folder or not Path(folder).is_dir() or languages is None:
            self.receipt(seq, practice)
        elif not self._making:
            self._making = True
            work = one_call(make_receipt, self._desk, seq, practice, Path(folder), languages)
            self._runner.start(self, LANE, work, partial(self._made_now, seq, practice))

    def print_owner_page(self, seq: int, practice: bool) -> None:
        """Print the owner's page about one check; where the system has no printer, save it as a PDF."""
        print_or_save(
            self._window,
            T("Page for the holder"),
            lambda: self._owner_page(seq, practice).pictures(),
            lambda: self._owner_page(seq, practice).pdf,
            self._runner,
            partial(self._printed, practice),
            name=f"fanion-{seq}.pdf",
            memory=self._memory,
        )

    def _owner_page(self, seq: int, practice: bool) -> OwnerPage:
        with self._desk.read_ledger(practice=practice) as ledger:
            return owner_page(ledger, seq)

    def _printed(self, practice: bool, end: JobEnd[None]) -> None:
        self.printed.emit(end.problem if isinstance(end, Failed) else None)
        self.recorded.emit(practice)

    def print_queue_page(self, maker: str) -> None:
        """Print the page that people who wait get, for phones of this maker."""
        print_queue_page(self._window, self._desk, self._runner, maker, partial(self._printed, False), self._memory)

    def menu(self, practice: bool = False) -> QMenu:
        """Everything that can be done with the log as a whole: the desk's own, or the practice log."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if practice:
            menu.addAction(literal(str(T("Practice log")))).setEnabled(False)
        for group in _MENU:
            if not menu.isEmpty():
                menu.addSeparator()
            for word, dialog in group:
                act = partial(self.open, dialog, practice)
                menu.addAction(literal(str(word))).triggered.connect(lambda checked, act=act: act())
        return menu

    def show_menu(self, near: QWidget, practice: bool = False) -> None:
        """Show the menu at the button that was pressed: below it, or above where there is no room."""
        menu = self.menu(practice)
        corner = near.mapToGlobal(near.rect().bottomLeft())
        bottom = self._window.mapToGlobal(self._window.rect().bottomLeft())
        if bottom.y() - corner.y() < menu.sizeHint().height():
            corner = near.mapToGlobal(near.rect().topLeft()) - QPoint(0, menu.sizeHint().height())
        menu.popup(corner)

    def _made_now(self, seq: int, practice: bool, end: JobEnd[WrittenFile]) -> None:
        self._making = False
        if isinstance(end, Done):
            self.file_written.emit(end.value)
            self.recorded.emit(practice)
        elif isinstance(end, Failed):
            self.receipt(seq, practice).complain(end.problem)


def _round_dialogs() -> tuple[type[RoundReportDialog], type[DueListDialog], type[LettersDialog]]:
    from gui.papers.round_dialogs import DueListDialog, LettersDialog, RoundReportDialog  # bring rounds and charts

    return RoundReportDialog, DueListDialog, LettersDialog
