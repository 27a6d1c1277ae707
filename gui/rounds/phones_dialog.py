"""The phones behind a number of a round, in a table that can be searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QWidget

from core import value_names
from core.policy.wording import long_date
from core.rounds.coverage import PhoneCoverage
from core.text import N, T, Text, Value, plain
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.tables import SearchField, Table
from gui.toolkit.theme import STEP, TextSize

_ROOT: Final = QModelIndex()
_TEXT: Final = 120
_SIZE: Final = (1000, 560)


def when(phone: PhoneCoverage) -> Value:
    """When a phone was seen last, in the round or before it."""
    seen = phone.last or phone.before
    return T("never seen") if seen is None else long_date(seen.time.astimezone().date())


def state(phone: PhoneCoverage) -> Value:
    """How a phone stands, in a word."""
    return T("Due") if phone.last is None else value_names.VERDICTS[phone.last.verdict]


def _number(phone: PhoneCoverage) -> str:
    line, last = phone.line, phone.last
    return (line.serial or line.imei if line is not None else "") or (last.serial if last is not None else "")


def _tag(phone: PhoneCoverage) -> str:
    return (phone.line.tag if phone.line is not None else "") or (phone.last.tag if phone.last is not None else "")


_COLUMNS: Final[tuple[tuple[Text, Callable[[PhoneCoverage], Value]], ...]] = (
    (T("Phone"), lambda phone: phone.named),
    (T("Model"), lambda phone: phone.last.phone if phone.last is not None else ""),
    (T("Unit"), lambda phone: phone.unit),
    (T("State"), state),
    (T("Seen"), when),
    (T("Officer"), lambda phone: phone.last.officer if phone.last is not None else ""),
    (T("Asset tag"), _tag),
    (T("Serial number"), _number),
)


class PhonesModel(QAbstractTableModel):
    """Phones of a round, a row each."""

    def __init__(self, phones: Sequence[PhoneCoverage], parent: QDialog) -> None:
        super().__init__(parent)
        self._all = phones
        self._rows = list(phones)

    def search(self, words: str) -> None:
        """Show those that have these words anywhere."""
        wanted = words.casefold().split()
        self.beginResetModel()
        self._rows = [
            phone
            for phone in self._all
            if all(any(word in str(say(phone)).casefold() for _, say in _COLUMNS) for word in wanted)
        ]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(_COLUMNS[section][0])
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return plain(str(_COLUMNS[index.column()][1](self._rows[index.row()])), _TEXT)


class PhonesDialog(QDialog):
    """Shows phones of a round."""

    def __init__(self, title: Text, phones: Sequence[PhoneCoverage], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self.say(self.setWindowTitle, title)
        self.model = PhonesModel(phones, self)
        self.table = Table()
        self.table.setModel(self.model)
        self.table.set_widths(150, 140, 150, 80, 130, 100, 100, 140)
        self.say(self.table.setAccessibleName, title)
        self.search = SearchField()
        self.say(self.search.invite, T("Search these phones…"))
        self.say.name(self.search, T("Search these phones"))
        self.count = self.say.label("", TextSize.SMALL, "muted")
        self.search.textChanged.connect(self._look_for)
        shut = self.say.button(T("Close"), self.accept)
        shut.setAutoDefault(False)
        column(
            self.search,
            (self.table, 1),
            row(self.count, None, shut),
            spacing=STEP,
            inside=self,
            margins=(STEP * 2,) * 4,
        )
        self.resize(*_SIZE)
        self._look_for("")

    def _look_for(self, words: str) -> None:
        self.model.search(words)
        found = self.model.rowCount()
        self.say(self.count.setText, N("{count} phone", "{count} phones", found))
