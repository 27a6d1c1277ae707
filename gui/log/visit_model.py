"""The visits of a log as rows: when, which phone and whose, how it came and how it went, what was done, by whom."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication

from core import describe
from core.describe.visits import RecordedVisit
from core.model import Verdict
from core.reports.charts.chart_data import short_date
from core.text import T, Text, one_line
from gui.log.paged_rows import PagedRows
from gui.log.record_model import STATUSES
from gui.toolkit.lists.tables import Flag, Index
from gui.toolkit.theme import Status, colours
from gui.toolkit.widgets import as_tip

#: The model gives for this role the :class:`Flag` of each verdict that is to be painted in a cell.
FLAGS_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 2
#: And for this one the two lines of a cell, of which the lower one is in small letters.
LINES_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 3
#: Visits fetched at a time: each has a dozen records.
_PAGE: Final = 32
_TEXTS: Final = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)


class VisitColumn(IntEnum):
    """The columns, from the left, as :attr:`VisitRows.heads` names them."""

    TIME = 0
    PHONE = 1
    HOLDER = 2
    VERDICT = 3
    DONE = 4
    OFFICER = 5


class VisitRows(PagedRows[RecordedVisit]):
    """The visits that began with certain records, the newest first."""

    heads = T("Began"), T("Phone"), T("Holder"), T("Before → after"), T("What was done"), T("Officer")
    page = _PAGE

    def texts(self, item: RecordedVisit) -> tuple[str, ...]:
        minute = describe.when(item.entries[0])[: len("2026-11-24 14:32")]
        verdicts = " → ".join(flag.word for flag in flags(item))
        acts, officers = one_line(str(item.actions), 300), ", ".join(item.officers)
        return minute, phone_cell(item), item.holder_or_tag, verdicts, acts, officers

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in _TEXTS:
            text = self.text(row, column, self.item(row), VisitColumn.DONE)
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.headerData(column, Qt.Orientation.Horizontal)}: {text}"
            return as_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        if role == FLAGS_ROLE and column == VisitColumn.VERDICT:
            visit = self.item(row)
            return flags(visit) if visit is not None else None
        if role == LINES_ROLE and column == VisitColumn.PHONE:
            visit = self.item(row)
            return (phone_cell(visit), "") if visit is not None else None
        if role == LINES_ROLE and column == VisitColumn.TIME:
            visit = self.item(row)
            return time_lines(visit) if visit is not None else None
        if role == Qt.ItemDataRole.ForegroundRole and column == VisitColumn.OFFICER:
            return QColor(colours(QGuiApplication.palette()).muted)
        return None


def time_lines(visit: RecordedVisit) -> tuple[str, str]:
    """The time at which a visit began, and its day, as short as it can be said."""
    began = describe.local_time(visit.entries[0])
    return f"{began:%H:%M}", str(short_date(began.date()))


def phone_cell(visit: RecordedVisit) -> str:
    """What the phone is called, and the end of its serial number, as far as each is known."""
    return _joined(visit.phone, visit.tail)


def visit_name(visit: RecordedVisit) -> str:
    """The phone in full: what it is called, its model, and the end of its serial number, as far as each is known."""
    return _joined(visit.phone_with_model, visit.tail)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part) or "–"


def flags(visit: RecordedVisit) -> Sequence[Flag]:
    """How the phone came and how it went; one where nothing changed."""
    if visit.before is None:
        return (Flag(Status.NEUTRAL, str(T("Not read")), glyph="warning"),)
    before = _flag(visit.before.verdict, visit.before.words)
    after = _flag(visit.verdict, visit.state_words)
    return (after,) if before == after else (before, after)


def _flag(verdict: Verdict | None, words: Text) -> Flag:
    return Flag(STATUSES[verdict] if verdict is not None else Status.NEUTRAL, str(words))
