"""The exceptions that were granted: which phone may carry which banned app, until when, and on whose word."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.policy.exceptions import Grant
from core.text import T
from gui.policy.edit.labelled_field import LabelledField, LineField
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.exceptions.exceptions_model import (
    LANE,
    ExceptionColumn,
    ExceptionsModel,
    ExceptionsRead,
    ExceptionState,
    read,
)
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Work, one_call
from gui.toolkit.layouts import row
from gui.toolkit.lists.rows_table import RowsTable
from gui.toolkit.lists.tables import FlagDelegate
from gui.toolkit.parts import Segments
from gui.toolkit.widgets import EmptyState, ProblemBar, WrappedLabel

#: Logical pixels.
_WIDTHS: Final = (192, 232, 136, 176, 100, 152, 112, 64)
_TALL: Final = 260
_WIDE: Final = 920


class ExceptionsDialog(JobDialog):
    """Lists the exceptions, and leads to granting and withdrawing one."""

    #: An exception was granted or withdrawn, and what is to be said of it.
    changed = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget, *, practice: bool = False) -> None:
        super().__init__(runner, LANE, T("Exceptions"), T("Grant an exception…"), parent)
        self._desk = desk
        explained = T("An exception ends on its day. Until then the app makes the phone amber, not red.")
        self._log_choice, (self.real, self.practice) = self.say.chips(T("Phones"), T("Practice phones"))
        (self.practice if practice else self.real).setChecked(True)
        self.name_practice(practice)
        self._log_choice.idToggled.connect(self._choose_log)
        self.locked = ProblemBar()
        self.detail = WrappedLabel(selectable=True)
        self._make_table()
        self.form.addWidget(self.say.label(explained))
        self.form.addWidget(self.locked)
        self.form.addLayout(row(Segments(self.real, self.practice), None))
        for part in (self.table, self.detail, self.empty):
            self.form.addWidget(part)
        self.withdraw = self.say.button(T("Withdraw…"), self._withdraw, icon="undo")
        self.withdraw.setAutoDefault(False)
        offer(self.withdraw, False)
        self.buttons.insertWidget(0, self.withdraw)
        self.hold_back(T("Please wait…"))
        self.resize(_WIDE, 0)
        self.reload()

    def _make_table(self) -> None:
        self.model = ExceptionsModel(self)
        self.table = RowsTable(self.model, *_WIDTHS)
        self.table.setItemDelegateForColumn(ExceptionColumn.STATE, FlagDelegate(self.table))
        self.table.setMinimumHeight(_TALL)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.table.entered_row.connect(self._withdraw)
        self.say(self.table.setAccessibleName, T("Exceptions"))
        self.empty = EmptyState("except")
        self.say(self.empty.title.setText, T("No exception was granted yet"))
        self.say(
            self.empty.sentence.setText, T("If a phone has to keep a banned app for a time, grant an exception for it.")
        )
        self.empty.setMinimumHeight(_TALL)
        self.empty.hide()

    def _choose_log(self, number: int, on: bool) -> None:
        if on:
            self.name_practice(number == 1)
            self.reload()

    def reload(self) -> None:
        """Read the exceptions anew, those of the log that is chosen."""
        practice = self.practice.isChecked()
        self._runner.start(self, LANE, one_call(read, self._desk, practice), self._take_exceptions)

    def _take_exceptions(self, end: JobEnd[ExceptionsRead]) -> None:
        if isinstance(end, Failed):
            self.complain(end.problem)
        elif isinstance(end, Done) and end.value.practice == self.practice.isChecked():
            register = end.value
            self.complain(None)
            self.model.show(register)
            self.locked.show_problem(register.locked)
            self.hold_back(register.locked.sentence if register.locked is not None else None, beside=False)
            self.table.setVisible(bool(register.grants))
            self.detail.setVisible(bool(register.grants))
            self.empty.setVisible(not register.grants)
            if register.grants:
                self.table.selectRow(0)
            self._chosen()
            self.fit()

    def begin(self) -> None:
        """Open the form of a new exception, which is a dialog of its own."""
        dialog = GrantExceptionDialog(self._desk, self._runner, self, practice=self.practice.isChecked())
        dialog.changed.connect(self.changed)
        self._open(dialog)

    def _open(self, dialog: JobDialog) -> None:
        dialog.recorded.connect(self.reload)
        dialog.recorded.connect(self.recorded)
        dialog.open()

    def work(self) -> Work[Any] | None:
        return None

    def tell(self, value: Any) -> None:
        pass

    def _chosen_row(self) -> int | None:
        """The chosen row, where it can be withdrawn."""
        rows = self.table.chosen()
        return rows[0] if len(rows) == 1 and self.model.row(rows[0]).state is not ExceptionState.WITHDRAWN else None

    def _chosen(self) -> None:
        offer(self.withdraw, self._chosen_row() is not None)
        rows = self.table.chosen()
        self.say(self.detail.setText, partial(self.model.row_text, rows[0]) if len(rows) == 1 else "")

    def _show(self, part: QWidget) -> None:
        super()._show(part)
        self.say(self.shut.setText, T("Close"))  # nothing is asked for here that could be given up

    def _withdraw(self) -> None:
        chosen = self._chosen_row()
        if chosen is None:
            return
        dialog = WithdrawExceptionDialog(
            self._desk,
            self._runner,
            self.model.row(chosen).grant,
            self.model.cells(chosen),
            self.practice.isChecked(),
            self,
        )
        dialog.accepted.connect(lambda: self.changed.emit(T("The exception is withdrawn")))
        self._open(dialog)


class WithdrawExceptionDialog(JobDialog):
    """Withdraws one exception, and asks why."""

    def __init__(
        self, desk: Desk, runner: JobRunner, grant: Grant, cells: list[str], practice: bool, parent: QWidget
    ) -> None:
        super().__init__(runner, LANE, T("Withdraw an exception"), T("Withdraw"), parent, destroys=True)
        self.name_practice(practice)
        self._desk, self._grant, self._practice = desk, grant, practice
        about = T(
            "{rule} on {phone}, until {date}, granted by {authority}.",
            rule=cells[ExceptionColumn.RULE],
            phone=cells[ExceptionColumn.PHONE],
            date=cells[ExceptionColumn.UNTIL],
            authority=cells[ExceptionColumn.AUTHORITY],
        )
        after = T("From then on the app makes the phone red again. The grant stays in the log.")
        self.reason = LineField()
        self.reason.setMaxLength(200)
        self.reason.textChanged.connect(self._typed)
        self.field = LabelledField(T("Why it is withdrawn"), self.reason)
        self.form.addWidget(self.say.label(about, selectable=True))
        self.form.addWidget(self.field)
        self.form.addWidget(self.say.label(after, kind="muted"))
        self._typed("")
        self.fit()
        self.reason.setFocus()

    def _typed(self, text: str) -> None:
        missing = not text.strip()
        why = T("Give the reason: it is kept in the log.") if missing else None
        self.field.show_fault(why)
        self.hold_back(why, self.reason, beside=False)
        self.fit()

    def work(self) -> Work[Any] | None:
        reason = self.reason.text().strip()
        if not reason:
            return None
        return one_call(policy_changes.revoke, self._desk, self._grant.entry, reason, practice=self._practice)

    def tell(self, value: Any) -> None:
        self.accept()
