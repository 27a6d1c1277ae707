"""Phones of a round in a table: searched, sorted by any of its columns, the most urgent first at the beginning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core import value_names
from core.model import Verdict
from core.policy.wording import long_date
from core.reports.charts.chart_data import NOT_KNOWN, WAITING, short_date
from core.rounds import days
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.coverage.remarks import remark
from core.rounds.model import SeenPhone
from core.text import T, Text, Value, plain
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.rows_table import CELL, TableColumn, TableRows
from gui.toolkit.lists.tables import FLAG_ROLE, ComboBox, Flag, FlagDelegate, Index, SearchField, Table
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status

_TEXT: Final = 300
_STATUS: Final = {Verdict.RED: Status.RED, Verdict.AMBER: Status.AMBER, Verdict.GREEN: Status.GREEN}


def when(phone: PhoneCoverage) -> Value:
    """When a phone was seen last, in the round or before it."""
    return T("never seen") if phone.latest is None else long_date(phone.latest.day)


def short_day(check: SeenPhone) -> Value:
    """The day of a check, with its year where that is not this one."""
    return short_date(check.day, year=check.day.year != days.today(check.zone).year)


def where(phone: PhoneCoverage) -> Text | str:
    """Where a phone stands that was checked, as far as the log tells it."""
    last = phone.last
    if last is None or last.verdict is None:
        return ""
    day = short_day(last)
    if not last.handed_back:
        return T("not handed back, {date}", date=day)
    if last.reason:
        return T("handed back, {date}: {reason}", date=day, reason=plain(last.reason, _TEXT))
    return T("handed back, {date}", date=day)


@dataclass(frozen=True, slots=True)
class PhoneColumn(TableColumn[PhoneCoverage]):
    """A column of phones: by what it is sorted where that is not its words, the flag that it has, and the width that
    it has at first, in logical pixels."""

    width: int = 0
    key: Callable[[PhoneCoverage], Any] | None = None
    flag: Callable[[PhoneCoverage], Flag | None] | None = None


def _state_of(check: SeenPhone | None, none: Value) -> Value:
    if check is None:
        return none
    return WAITING if check.verdict is None else value_names.VERDICTS[check.verdict]


def _flag_of(check: SeenPhone | None, none: Value) -> Flag:
    state = str(_state_of(check, none))
    if check is None or check.verdict is None:
        return Flag(Status.NEUTRAL, state, quiet=True)
    return Flag(_STATUS[check.verdict], state)


_PHONE: Final = PhoneColumn(T("Phone"), lambda phone: phone.display_name, width=180)
_MODEL: Final = PhoneColumn(T("Model"), lambda phone: phone.model, width=140)
_UNIT: Final = PhoneColumn(T("Unit"), lambda phone: phone.unit, width=150)


def _without_check(phone: PhoneCoverage) -> Value:
    """How a phone stands of which no check is known."""
    return NOT_KNOWN if phone.may_be_lost else T("Due")


_STATE: Final = PhoneColumn(
    T("State"),
    lambda phone: _state_of(phone.last, _without_check(phone)),
    width=120,
    flag=lambda phone: _flag_of(phone.last, _without_check(phone)),
)
_REMARK: Final = PhoneColumn(T("Remark"), remark, width=320)
_THEN: Final = PhoneColumn(
    T("Result then"),
    lambda phone: _state_of(phone.latest, ""),
    width=120,
    flag=lambda phone: _flag_of(phone.latest, "") if phone.latest is not None else None,
)
_SEEN: Final = PhoneColumn(
    T("Seen"), when, width=140, key=lambda phone: phone.latest.entry if phone.latest is not None else 0
)
_OFFICER: Final = PhoneColumn(T("Officer"), lambda phone: phone.latest.officer if phone.latest else "", width=110)
_DESK: Final = PhoneColumn(T("Desk"), lambda phone: phone.latest.desk if phone.latest else "", width=110)
_TAG: Final = PhoneColumn(T("Asset tag"), lambda phone: phone.tag, width=130)
_NUMBER: Final = PhoneColumn(T("Serial number"), lambda phone: phone.serial or phone.imei, width=150)
_WHERE: Final = PhoneColumn(T("Where it is"), where, width=260)

#: The columns of phones of a round, of those that are red, that are not on the roster or cannot be matched with it any
#: more, that wait for a second look, that were not seen for long.
OF_ROUND: Final = (_PHONE, _MODEL, _UNIT, _STATE, _SEEN, _OFFICER, _TAG, _NUMBER, _REMARK)
OF_RED: Final = (_PHONE, _MODEL, _UNIT, _STATE, _WHERE, _REMARK, _OFFICER, _TAG, _NUMBER)
OF_OTHERS: Final = (_PHONE, _MODEL, _STATE, _REMARK, _SEEN, _OFFICER, _TAG, _NUMBER)
OF_RECHECK: Final = (_PHONE, _MODEL, _UNIT, _SEEN, _OFFICER, _TAG, _NUMBER)
OF_DUE: Final = (_PHONE, _MODEL, _UNIT, _SEEN, _THEN, _DESK, _TAG, _NUMBER)


class PhonesModel(TableRows[PhoneCoverage]):
    """Phones, a row each, in the order in which they were given until a column is chosen."""

    _columns: Sequence[PhoneColumn]

    def __init__(self, columns: Sequence[PhoneColumn], parent: QWidget) -> None:
        super().__init__(columns, parent)
        self._all: Sequence[PhoneCoverage] = ()
        self._words: list[str] = []
        self._order = (-1, Qt.SortOrder.AscendingOrder)

    def show_phones(self, phones: Sequence[PhoneCoverage]) -> None:
        """Have these phones, and show those that fit the search."""
        self._all = phones
        self._find()

    def search(self, words: str) -> None:
        """Show the phones that have these words in any column."""
        self._words = words.casefold().split()
        self._find()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; with -1, in the order in which the phones were given."""
        self._order = (column, order)
        self._find()

    def _find(self) -> None:
        phones = [
            phone
            for phone in self._all
            if all(any(word in str(col.text(phone)).casefold() for col in self._columns) for word in self._words)
        ]
        number, order = self._order
        if number >= 0:
            col = self._columns[number]
            key = col.key or (lambda phone: (not str(col.text(phone)), str(col.text(phone)).casefold()))
            phones.sort(key=key, reverse=order is Qt.SortOrder.DescendingOrder)
        self.show_rows(phones)

    def cell(self, row: int, column: int) -> str:
        return plain(super().cell(row, column), CELL)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == FLAG_ROLE:
            flag = self._columns[index.column()].flag
            return flag(self.row(index.row())) if flag is not None else None
        return super().data(index, role)


class PhoneTable(QWidget):
    """The table, with the search and the order above it. Both can be chosen without a mouse."""

    def __init__(self, title: Text, columns: Sequence[PhoneColumn], *above: QWidget) -> None:
        """`above` stands above the search."""
        super().__init__()
        self.say = Parts(self)
        self.model = PhonesModel(columns, self)
        self.table = Table()
        self.table.setModel(self.model)
        self.table.setItemDelegate(FlagDelegate(self.table))
        self.table.set_widths(*(column.width for column in columns))
        self.say(self.table.setAccessibleName, title)
        self.search = SearchField()
        self.say(self.search.invite, T("Search these phones…"))
        self.say.name(self.search, T("Search these phones"))
        self.search.textChanged.connect(self.model.search)
        self.order = ComboBox()
        self.say.name(self.order, T("Order"))
        self.order.add_choice(T("Most urgent first"), -1)
        for number, phone_column in enumerate(columns):
            self.order.add_choice(T("By: {column}", column=phone_column.head), number)
        self.order.currentIndexChanged.connect(self._order_chosen)
        heads = self.table.horizontalHeader()
        heads.setSortIndicatorClearable(True)
        heads.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        heads.sortIndicatorChanged.connect(self._order_clicked)
        looked_for = row((self.search, 1), self.order, spacing=STEP)
        column(*above, looked_for, (self.table, 1), spacing=STEP, inside=self)

    def _order_chosen(self) -> None:
        self.table.sortByColumn(int(self.order.currentData()), Qt.SortOrder.AscendingOrder)

    def _order_clicked(self, number: int, order: Qt.SortOrder) -> None:
        self.order.blockSignals(True)
        self.order.setCurrentIndex(self.order.findData(number))
        self.order.blockSignals(False)
