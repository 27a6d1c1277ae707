"""The exceptions that were granted: which phone may carry which banned app, until when, and on whose word."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QEvent, QSettings, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from core.desk import policy_changes
from core.desk.desk import Desk
from core.jobs import Cancel
from core.policy.exceptions import Grant
from core.text import T
from gui.policy.edit.labelled_field import Field, LineField
from gui.policy.exceptions.exceptions_model import Column, ExceptionsModel, ExceptionsRead, State, read
from gui.policy.table_base import as_cells, chosen_rows
from gui.toolkit.form_dialog import JobDialog
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report, Work
from gui.toolkit.tables import FlagDelegate, Table
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import EmptyState, ProblemBar, WrappedLabel, button, copy

LANE: Final = "policy exceptions"
#: Logical pixels.
_WIDTHS: Final = (192, 232, 136, 176, 100, 152, 112, 64)
_TALL: Final = 260
_WIDE: Final = 920


class ExceptionsDialog(JobDialog):
    """Shows the register; an exception is granted and withdrawn from here."""

    #: An exception is to be granted; whether on practice phones.
    grant_wanted = Signal(bool)
    #: One was withdrawn.
    withdrawn = Signal()

    def __init__(
        self, desk: Desk, runner: JobRunner, memory: QSettings | None, parent: QWidget, *, practice: bool = False
    ) -> None:
        super().__init__(runner, LANE, T("Exceptions"), T("Grant an exception…"), parent)
        self._desk, self._memory = desk, memory
        explained = WrappedLabel()
        self.say(
            explained.setText,
            T("An excepted app stays banned and is shown as such, but until that day it does not make the phone red."),
        )
        self.form.addWidget(explained)
        self.locked = ProblemBar()
        self.form.addWidget(self.locked)
        self._make_chips(practice)
        self.model = ExceptionsModel(self)
        self.table = Table()
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(Column.STATE, FlagDelegate(self.table))
        self.table.set_widths(*_WIDTHS)
        self.table.setMinimumHeight(_TALL)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.table.copied.connect(self._copy)
        self.empty = EmptyState("except")
        self.say(self.empty.title.setText, T("No exception was granted yet"))
        self.say(
            self.empty.sentence.setText, T("Where a phone has to carry a banned app for a time, grant one for it.")
        )
        self.detail = WrappedLabel(selectable=True)
        self.empty.setMinimumHeight(_TALL)
        self.form.addWidget(self.table)
        self.form.addWidget(self.detail)
        self.form.addWidget(self.empty)
        self.withdraw = button("undo")
        self.withdraw.setAutoDefault(False)
        self.say(self.withdraw.setText, T("Withdraw…"))
        self.withdraw.clicked.connect(self._withdraw)
        self.table.entered_row.connect(self._withdraw)
        self.buttons.insertWidget(0, self.withdraw)
        self.say(self.table.setAccessibleName, T("Exceptions"))
        self.go.setEnabled(False)
        self.withdraw.setEnabled(False)
        self.empty.hide()
        self.resize(_WIDE, 0)
        self.reload()

    def _make_chips(self, practice: bool) -> None:
        row = QHBoxLayout()
        row.setSpacing(STEP)
        self._which = QButtonGroup(self)
        self.real, self.practice = button(kind="chip"), button(kind="chip")
        for number, (chip, word) in enumerate(((self.real, T("Phones")), (self.practice, T("Practice phones")))):
            chip.setCheckable(True)
            self.say(chip.setText, word)
            self._which.addButton(chip, number)
            row.addWidget(chip)
        row.addStretch(1)
        (self.practice if practice else self.real).setChecked(True)
        self.name_practice(practice)
        self._which.idToggled.connect(self._other)
        self.form.addLayout(row)

    def _other(self, number: int, on: bool) -> None:
        if on:
            self.name_practice(number == 1)
            self.reload()

    def reload(self) -> None:
        """Read the register anew."""
        practice = self.practice.isChecked()
        self._runner.start(self, LANE, partial(read, self._desk, practice), self._known)

    def _known(self, end: JobEnd[ExceptionsRead]) -> None:
        if isinstance(end, Failed):
            self.complain(end.problem)
        elif isinstance(end, Done) and end.value.practice == self.practice.isChecked():
            found = end.value
            self.complain(None)
            self.model.show(found)
            self.locked.show_problem(found.locked)
            self.go.setEnabled(found.locked is None)
            self.table.setVisible(bool(found.grants))
            self.detail.setVisible(bool(found.grants))
            self.empty.setVisible(not found.grants)
            if found.grants:
                self.table.selectRow(0)
            self._chosen()
            self.fit()

    def begin(self) -> None:
        """The form is a sheet of its own."""
        self.grant_wanted.emit(self.practice.isChecked())

    def work(self) -> Work[Any] | None:
        return None

    def tell(self, value: Any) -> None:
        pass

    def _one(self) -> int | None:
        """The chosen row, where it can be withdrawn."""
        rows = chosen_rows(self.table)
        one = rows[0] if len(rows) == 1 else None
        return one if one is not None and self.model.state(one) is not State.WITHDRAWN else None

    def _chosen(self) -> None:
        self.withdraw.setEnabled(self._one() is not None)
        rows = chosen_rows(self.table)
        self.say(self.detail.setText, partial(self.model.told, rows[0]) if len(rows) == 1 else "")

    def _show(self, part: QWidget) -> None:
        super()._show(part)
        self.say(self.shut.setText, T("Close"))  # nothing is asked for here that could be given up

    def _withdraw(self) -> None:
        row = self._one()
        if row is None:
            return
        sheet = WithdrawExceptionDialog(
            self._desk, self._runner, self.model.grant(row), self.model.cells(row), self.practice.isChecked(), self
        )
        sheet.recorded.connect(self.reload)
        sheet.recorded.connect(self.recorded)
        sheet.accepted.connect(self.withdrawn)
        sheet.open()

    def _copy(self) -> None:
        if rows := chosen_rows(self.table):
            copy(as_cells(self.model, rows))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.model.retranslate()


class WithdrawExceptionDialog(JobDialog):
    """Withdraws one exception, and asks why."""

    def __init__(
        self, desk: Desk, runner: JobRunner, grant: Grant, told: list[str], practice: bool, parent: QWidget
    ) -> None:
        super().__init__(runner, LANE, T("Withdraw an exception"), T("Withdraw"), parent, destroys=True)
        self.name_practice(practice)
        self._desk, self._grant, self._practice = desk, grant, practice
        about = WrappedLabel(selectable=True)
        self.say(
            about.setText,
            T(
                "{rule} on {phone}, until {date}, granted by {authority}.",
                rule=told[Column.RULE],
                phone=told[Column.PHONE],
                date=told[Column.UNTIL],
                authority=told[Column.AUTHORITY],
            ),
        )
        after = WrappedLabel()
        mark(after, "muted")
        self.say(after.setText, T("From then on the app makes the phone red again. The grant stays on record."))
        self.reason = LineField()
        self.reason.setMaxLength(200)
        self.field = Field(T("Why it is withdrawn"), self.reason)
        self.reason.textChanged.connect(self._typed)
        for part in (about, self.field, after):
            self.form.addWidget(part)
        self._typed("")
        self.fit()
        self.reason.setFocus()

    def _typed(self, text: str) -> None:
        missing = not text.strip()
        self.field.show_fault(T("Say why: it stands on record.") if missing else None)
        self.go.setEnabled(not missing)
        self.fit()

    def work(self) -> Work[Any] | None:
        reason = self.reason.text().strip()
        return partial(_revoke, self._desk, self._grant.entry, reason, self._practice) if reason else None

    def tell(self, value: Any) -> None:
        self.accept()


def _revoke(desk: Desk, entry: int, reason: str, practice: bool, cancel: Cancel, report: Report) -> None:
    policy_changes.revoke(desk, entry, reason, practice=practice)
