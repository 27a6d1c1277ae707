"""The register of exceptions: which phone may carry which banned app, until when, and on whose word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from core.desk import granted_exceptions, policy_changes
from core.desk.desk import NothingRecorded
from core.desk.policy_changes import Locked
from core.jobs import Cancel
from core.model import Phone, Policy
from core.policy.exceptions import Grant
from core.policy.wording import long_date
from core.text import Bilingual, N, T, Text, plain
from gui.policy.edit.labelled_field import Field, LineField
from gui.policy.table_base import Rows, as_cells, chosen_rows
from gui.toolkit.form_dialog import JobDialog
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report, Work
from gui.toolkit.tables import FLAG_ROLE, Flag, FlagDelegate, Index, Table
from gui.toolkit.theme import STEP, Status, mark
from gui.toolkit.widgets import EmptyState, ProblemBar, WrappedLabel, button, copy

if TYPE_CHECKING:
    from core.desk.desk import Desk

LANE: Final = "policy exceptions"
_ROOT: Final = QModelIndex()
#: Logical pixels.
_WIDTHS: Final = (192, 232, 136, 176, 100, 152, 112, 64)
_TALL: Final = 260
_WIDE: Final = 920


@dataclass(frozen=True, slots=True)
class Register:
    """The exceptions, the newest first; by which policy and on which day they are looked at."""

    grants: tuple[Grant, ...]
    policy: Policy
    today: date
    locked: Locked | None
    practice: bool


class State(IntEnum):
    """How an exception stands."""

    HOLDS = 0
    ENDS_SOON = 1
    EXPIRED = 2
    WITHDRAWN = 3
    #: Of the phone nothing is known any more: it counts for none.
    ERASED = 4


class Column(IntEnum):
    """The columns of the register."""

    STATE = 0
    PHONE = 1
    RULE = 2
    APP = 3
    UNTIL = 4
    AUTHORITY = 5
    REFERENCE = 6
    ENTRY = 7


_STATUS: Final = {State.HOLDS: Status.INFO, State.ENDS_SOON: Status.AMBER}


def read(desk: Desk, practice: bool, cancel: Cancel, report: Report) -> Register:
    """Raises LedgerProblem, PolicyProblem."""
    policy = desk.in_force().policy
    day = desk.newest_time().date()
    try:
        with desk.read_ledger(practice) as ledger:
            day = granted_exceptions.today(ledger)
    except NothingRecorded:
        pass
    grants = policy_changes.exceptions(desk, practice=practice)
    return Register(grants, policy, day, policy_changes.may_except(desk, policy), practice)


def state(grant: Grant, policy: Policy, today: date) -> State:
    """How an exception stands on a day."""
    if grant.revoked is not None:
        return State.WITHDRAWN
    if not grant.request.serial and not grant.request.tag:
        return State.ERASED
    if not grant.holds(policy, today):
        return State.EXPIRED
    return State.ENDS_SOON if granted_exceptions.ends_soon(grant, policy, today) else State.HOLDS


class RegisterModel(Rows):
    """The register as a table."""

    heads = (
        T("State"),
        T("Phone"),
        T("Rule"),
        T("App"),
        T("Until"),
        T("Granted by"),
        T("Reference"),
        T("Entry"),
    )

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[_Row, ...] = ()

    def show(self, found: Register) -> None:
        """Have these."""
        self.beginResetModel()
        self._rows = tuple(sorted((_row(grant, found) for grant in found.grants), key=_order))
        self.endResetModel()

    def grant(self, row: int) -> Grant:
        """The exception in a row."""
        return self._rows[row].grant

    def state(self, row: int) -> State:
        """How it stands."""
        return self._rows[row].state

    def told(self, row: int) -> Text:
        """All of one, in a sentence or two."""
        one = self._rows[row]
        return T(
            "{phone}: {product}, {app}. Granted on {date} by {authority}, reference {reference} (entry {entry}).",
            phone=self.cell(row, Column.PHONE),
            product=self.cell(row, Column.RULE),
            app=self.cell(row, Column.APP),
            date=long_date(one.grant.granted),
            authority=self.cell(row, Column.AUTHORITY),
            reference=self.cell(row, Column.REFERENCE),
            entry=one.grant.entry,
        )

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def cell(self, row: int, column: int) -> str:
        grant = self.grant(row)
        asked = grant.request
        match column:
            case Column.STATE:
                return str(_state_words(self._rows[row]))
            case Column.PHONE:
                return str(phone_words(grant))
            case Column.RULE:
                return plain(str(self._rows[row].product), 200)
            case Column.APP:
                return plain(asked.package)
            case Column.UNTIL:
                return self._rows[row].until.isoformat()
            case Column.AUTHORITY:
                return plain(asked.authority, 200)
            case Column.REFERENCE:
                return plain(asked.reference, 200)
        return str(grant.entry)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and index.column() == Column.STATE and role == FLAG_ROLE:
            status = _STATUS.get(self.state(index.row()), Status.NEUTRAL)
            return Flag(status, self.cell(index.row(), Column.STATE), quiet=status is Status.NEUTRAL)
        return super().data(index, role)


@dataclass(frozen=True, slots=True)
class _Row:
    """An exception as it is shown: `left` are the days that it still holds."""

    grant: Grant
    state: State
    product: Bilingual | str
    until: date
    left: int


def _row(grant: Grant, found: Register) -> _Row:
    rule, until = found.policy.rule(grant.request.rule), grant.until(found.policy)
    how = state(grant, found.policy, found.today)
    return _Row(grant, how, rule.product if rule is not None else grant.request.rule, until, (until - found.today).days)


def _order(row: _Row) -> tuple[bool, int, int]:
    """Those that count first, the one that ends first before the others; then the newest of the rest."""
    counts = row.state in _STATUS
    return not counts, row.left if counts else 0, -row.grant.entry


def _state_words(row: _Row) -> Text:
    match row.state:
        case State.HOLDS:
            return T("In force")
        case State.ENDS_SOON:
            return N("Ends in {count} day", "Ends in {count} days", row.left) if row.left else T("Ends today")
        case State.EXPIRED:
            return T("Expired")
        case State.WITHDRAWN:
            return T("Withdrawn")
        case State.ERASED:
            return T("Phone’s name erased")


def phone_words(grant: Grant) -> Text | str:
    """Which phone it is about, as far as that is still known."""
    asked = grant.request
    kind = plain(Phone("", asked.maker, asked.model, "", "").name) if asked.maker or asked.model else ""
    mark = plain(asked.tag) or plain(asked.serial)
    if not mark:
        return kind or T("erased")
    return T("{name} ({phone})", phone=kind, name=mark) if kind else mark


class RegisterSheet(JobDialog):
    """Shows the register; an exception is granted and withdrawn from here."""

    #: Somebody wants to grant one; whether on practice phones.
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
        self.model = RegisterModel(self)
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

    def _known(self, end: JobEnd[Register]) -> None:
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
        sheet = WithdrawSheet(
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


class WithdrawSheet(JobDialog):
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
