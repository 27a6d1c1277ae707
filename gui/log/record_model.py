"""The records of a ledger as rows, however many: their numbers stand ready, the records are fetched by pages."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication

from core import describe
from core.ledger.records import HOUSEKEEPING, Entry, Kind
from core.model import Verdict
from core.text import T
from gui.log.paged_rows import PagedRows
from gui.toolkit.lists.tables import FLAG_ROLE, Flag, Index
from gui.toolkit.theme import Status, colours
from gui.toolkit.widgets import as_tip

STATUSES: Final = {Verdict.RED: Status.RED, Verdict.AMBER: Status.AMBER, Verdict.GREEN: Status.GREEN}

#: A kind in the list and in the filter, where there is little room; the record itself has it in full.
SHORT: Final = {
    Kind.CHECK_ENDED: T("Check ended"),
    Kind.FINDING: T("App found"),
    Kind.APP_EVIDENCE: T("What was there"),
    Kind.REMOVAL_INTENDED: T("Before a removal"),
    Kind.REMOVAL_OUTCOME: T("After a removal"),
    Kind.UNDO_INTENDED: T("Before an undo"),
    Kind.UNDO_OUTCOME: T("After an undo"),
    Kind.LOOKED: T("Looked on the phone"),
    Kind.LOOKED_FOR: T("Quick look"),
    Kind.HAND_BACK_INTENDED: T("Before handing back"),
    Kind.HANDED_BACK: T("Handed back"),
    Kind.HAND_BACK_FOLLOWED: T("After handing back"),
    Kind.PROBLEM: T("Problem"),
    Kind.CHECK_STARTED: T("Check began"),
    Kind.BANS_SEEN: T("Banned apps seen"),
    Kind.PHONE_SEEN: T("Phone connected"),
    Kind.PHONE_LABELLED: T("Phone labelled"),
    Kind.POLICY_LOADED: T("Policy loaded"),
    Kind.PROGRAM_START: T("Fanion started"),
    Kind.EXCEPTION_GRANTED: T("Exception granted"),
    Kind.EXCEPTION_BOUND: T("Exception bound"),
    Kind.EXCEPTION_REVOKED: T("Exception withdrawn"),
    Kind.ROUND_BEGUN: T("Round begun"),
    Kind.ROSTER_BROUGHT: T("Roster of a round"),
    Kind.ROSTER_FORGOTTEN: T("Roster forgotten"),
    Kind.RECHECK_DRAWN: T("Drawn for a second check"),
    Kind.ROUND_ENDED: T("Round closed"),
    Kind.POLICY_ACCEPTED: T("Policy accepted"),
    Kind.POLICY_REFUSED: T("Policy refused"),
    Kind.OUTSIDE_COPY: T("Outside copy"),
    Kind.EXPORTED: T("Export"),
    Kind.ERASED: T("Information erased"),
    Kind.TIMESTAMPED: T("Time stamp"),
    Kind.COSIGNED: T("Other desk seen"),
    Kind.COSIGNATURES: T("Cosigned"),
    Kind.FORK_SEEN: T("Contradiction"),
    Kind.KEY_NEXT: T("Next key"),
    Kind.LOG_BEGUN: T("Sealing began"),
    Kind.KEYS_REPLACED: T("Keys replaced"),
}

#: The roles that have an answer: Qt asks for ten of each cell whenever it draws.
_ANSWERED: Final = frozenset(
    map(
        int,
        (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ForegroundRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
            FLAG_ROLE,
        ),
    )
)


class RecordColumn(IntEnum):
    """The columns, from the left, as :attr:`RecordRows.heads` names them."""

    NUMBER = 0
    TIME = 1
    KIND = 2
    PHONE = 3
    SUMMARY = 4
    OFFICER = 5


class RecordRows(PagedRows[Entry]):
    """The records with certain numbers, the newest first."""

    heads = T("No."), T("Date and time"), T("What"), T("Phone"), T("Summary"), T("Officer")

    def texts(self, item: Entry) -> tuple[str, ...]:
        """Of the time, the minute: the order says the rest, and the record itself the second."""
        short = SHORT[Kind(item.kind)] if item.kind in list(Kind) else describe.kind(item)
        minute, summary = describe.when(item)[: len("2026-11-24 14:32")], describe.summary(item)
        return str(item.seq), minute, str(short), describe.phone(item), summary, describe.officer(item)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in _ANSWERED or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if column == RecordColumn.NUMBER:
            return str(self.number(row)) if role == Qt.ItemDataRole.DisplayRole else None
        entry = self.item(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column, entry, RecordColumn.SUMMARY)
        if role == Qt.ItemDataRole.ForegroundRole and (entry is None or entry.kind in HOUSEKEEPING):
            return QColor(colours(QGuiApplication.palette()).muted)
        if entry is None:
            return None
        text = self.text(row, column, entry, RecordColumn.SUMMARY)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(str(describe.kind(entry)) if column == RecordColumn.KIND else text)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == RecordColumn.KIND:
            return str(describe.kind(entry))
        if role == FLAG_ROLE and column == RecordColumn.SUMMARY and (verdict := describe.verdict(entry)) is not None:
            return Flag(STATUSES[verdict], text)
        return None
