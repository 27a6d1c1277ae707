"""The exceptions that were granted, as rows: which phone may carry which banned app, until when, and on whose word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QObject, Qt

from core.desk.desk import Desk
from core.desk.policy import granted_exceptions, policy_changes
from core.desk.policy.policy_changes import Locked
from core.model import Phone, Policy
from core.policy.exceptions import Grant
from core.policy.wording import long_date
from core.text import Bilingual, N, T, Text, plain
from gui.toolkit.lists.rows_table import TableColumn, TableRows
from gui.toolkit.lists.tables import FLAG_ROLE, Flag, Index
from gui.toolkit.theme import Status


@dataclass(frozen=True, slots=True)
class ExceptionsRead:
    """The exceptions, the newest first; by which policy and on which day they are looked at."""

    grants: tuple[Grant, ...]
    policy: Policy
    today: date
    locked: Locked | None
    practice: bool


class ExceptionState(IntEnum):
    """How an exception stands."""

    HOLDS = 0
    ENDS_SOON = 1
    EXPIRED = 2
    WITHDRAWN = 3
    #: Of the phone nothing is known any more: it counts for none.
    ERASED = 4


class ExceptionColumn(IntEnum):
    """The columns of the table of exceptions."""

    STATE = 0
    PHONE = 1
    RULE = 2
    APP = 3
    UNTIL = 4
    AUTHORITY = 5
    REFERENCE = 6


#: The lane of everything that reads or changes exceptions.
LANE: Final = "policy exceptions"
_STATUS: Final = {ExceptionState.HOLDS: Status.INFO, ExceptionState.ENDS_SOON: Status.AMBER}


def read(desk: Desk, practice: bool) -> ExceptionsRead:
    """Read the exceptions of a log, and the policy that they are from. Raises LedgerProblem, PolicyProblem."""
    policy = desk.active_policy().policy
    day = policy_changes.today(desk, practice=practice)
    grants = policy_changes.exceptions(desk, practice=practice)
    return ExceptionsRead(grants, policy, day, policy_changes.may_except(desk, policy), practice)


def state(grant: Grant, policy: Policy, today: date) -> ExceptionState:
    """How an exception stands on a day."""
    if grant.revoked is not None:
        return ExceptionState.WITHDRAWN
    if not grant.names_a_phone:
        return ExceptionState.ERASED
    if not grant.holds(policy, today):
        return ExceptionState.EXPIRED
    return ExceptionState.ENDS_SOON if granted_exceptions.ends_soon(grant, policy, today) else ExceptionState.HOLDS


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """An exception as it is shown: how it stands, the last day on which it holds, and how many days that is off."""

    grant: Grant
    state: ExceptionState
    product: Bilingual | str
    until: date
    days_left: int


_STATES: Final = {
    ExceptionState.HOLDS: T("In force"),
    ExceptionState.ENDS_SOON: T("Ends today"),
    ExceptionState.EXPIRED: T("Expired"),
    ExceptionState.WITHDRAWN: T("Withdrawn"),
    ExceptionState.ERASED: T("Phone’s name erased"),
}

_COLUMNS: Final[Sequence[TableColumn[ExceptionRow]]] = (
    TableColumn(T("State"), lambda row: _state_words(row)),
    TableColumn(T("Phone"), lambda row: phone_words(row.grant)),
    TableColumn(T("Rule"), lambda row: plain(str(row.product), 200)),
    TableColumn(T("App"), lambda row: plain(row.grant.request.package)),
    TableColumn(T("Until"), lambda row: row.until.isoformat()),
    TableColumn(T("Granted by"), lambda row: plain(row.grant.request.authority, 200)),
    TableColumn(T("Reference"), lambda row: plain(row.grant.request.reference, 200)),
    TableColumn(T("Entry"), lambda row: str(row.grant.entry)),
)


class ExceptionsModel(TableRows[ExceptionRow]):
    """The exceptions as a table."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def show(self, register: ExceptionsRead) -> None:
        """Show the exceptions that were read."""
        self.show_rows(sorted((_row(grant, register) for grant in register.grants), key=_order))

    def row_text(self, row: int) -> Text:
        """All that is known of the exception in a row, in a sentence or two."""
        grant = self.row(row).grant
        granted = T(
            "{phone}: {product}, {app}. Granted on {date} by {authority}, reference {reference} (entry {entry}).",
            phone=self.cell(row, ExceptionColumn.PHONE),
            product=self.cell(row, ExceptionColumn.RULE),
            app=self.cell(row, ExceptionColumn.APP),
            date=long_date(grant.granted),
            authority=self.cell(row, ExceptionColumn.AUTHORITY),
            reference=self.cell(row, ExceptionColumn.REFERENCE),
            entry=grant.entry,
        )
        if grant.bound is None:
            return granted
        return T("{what} It applies to this phone since entry {entry}.", what=granted, entry=grant.bound.entry)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and index.column() == ExceptionColumn.STATE and role == FLAG_ROLE:
            status = _STATUS.get(self.row(index.row()).state, Status.NEUTRAL)
            return Flag(status, self.cell(index.row(), ExceptionColumn.STATE), quiet=status is Status.NEUTRAL)
        return super().data(index, role)


def _row(grant: Grant, register: ExceptionsRead) -> ExceptionRow:
    rule, until = register.policy.rule(grant.request.rule), grant.until(register.policy)
    how = state(grant, register.policy, register.today)
    product = rule.product if rule is not None else grant.request.rule
    return ExceptionRow(grant, how, product, until, (until - register.today).days)


def _order(row: ExceptionRow) -> tuple[bool, int, int]:
    """Those that count first, the one that ends first before the others; then the newest of the rest."""
    counts = row.state in _STATUS
    return not counts, row.days_left if counts else 0, -row.grant.entry


def _state_words(row: ExceptionRow) -> Text:
    if row.state is ExceptionState.ENDS_SOON and row.days_left:
        return N("Ends in {count} day", "Ends in {count} days", row.days_left)
    return _STATES[row.state]


def phone_words(grant: Grant) -> Text | str:
    """The phone that an exception is about, as far as it is still known."""
    request = grant.request
    phone = grant.bound or request
    kind = plain(Phone("", phone.maker, phone.model, "", "").name) if phone.maker or phone.model else ""
    mark = plain(request.tag) or plain(request.serial)
    if not mark:
        return kind or T("erased")
    return T("{name} ({phone})", phone=kind, name=mark) if kind else mark
