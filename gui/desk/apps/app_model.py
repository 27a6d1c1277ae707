"""The table of apps: rows in the order that is asked for, narrowed to what is looked for.

Not a QSortFilterProxyModel, which asks Python for every cell again and again: the rows are sorted and narrowed as plain
lists, which takes a hundredth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, IntEnum
from operator import is_
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QGuiApplication

from core import value_names
from core.text import T, Text
from gui.desk.session.app_rows import BANS, MATCH_GLYPHS, AppKind, AppRow
from gui.desk.session.lane import FileRead
from gui.toolkit.images.icons import icon
from gui.toolkit.lists.tables import FLAG_ROLE, Flag, Index, as_cell
from gui.toolkit.theme import TextSize, font
from gui.toolkit.widgets import as_tip


class Column(IntEnum):
    FLAG = 0
    NAME = 1
    PROFILE = 2
    PACKAGE = 3
    VERSION = 4
    INSTALLER = 5
    WHY = 6


class Narrow(Enum):
    """Which apps are shown."""

    ALL = "all"
    BANNED = "banned"
    NOT_FROM_A_STORE = "not-from-a-store"
    SYSTEM = "system"


_NARROWED: Final[dict[Narrow, Callable[[AppRow], bool]]] = {
    Narrow.ALL: lambda row: True,
    Narrow.BANNED: lambda row: row.kind in BANS,
    Narrow.NOT_FROM_A_STORE: lambda row: not row.from_store,
    Narrow.SYSTEM: lambda row: row.app.system,
}

#: The header of each column, and what its cell says of a row.
_COLUMNS: Final[dict[Column, tuple[Text, Callable[[AppRow], str]]]] = {
    Column.FLAG: (T("Status"), lambda row: str(row.flag)),
    Column.NAME: (T("App"), lambda row: row.name),
    Column.PROFILE: (T("Profile"), lambda row: row.profile),
    Column.PACKAGE: (T("App id"), lambda row: row.app.package),
    Column.VERSION: (T("Version"), lambda row: row.version),
    Column.INSTALLER: (T("From"), lambda row: str(row.installer)),
    Column.WHY: (T("Why"), lambda row: row.since),
}
_HEADS: Final = tuple(head for head, _ in _COLUMNS.values())
_TEXTS: Final = tuple(text for _, text in _COLUMNS.values())

# A table asks for ten things about each cell with each painting. Qt's own names for them cost more than the answers.
_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_TIP: Final = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE: Final = int(Qt.ItemDataRole.AccessibleTextRole)
_FONT: Final = int(Qt.ItemDataRole.FontRole)
_FOREGROUND: Final = int(Qt.ItemDataRole.ForegroundRole)
_DECORATION: Final = int(Qt.ItemDataRole.DecorationRole)
_ANSWERED: Final = frozenset({_DISPLAY, _TIP, _ACCESSIBLE, _FONT, _FOREGROUND, _DECORATION, FLAG_ROLE})


class AppsModel(QAbstractTableModel):
    """The apps of one check."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        #: As they were given, and with what was added to them since.
        self._source_rows: Sequence[AppRow] = ()
        self._rows: list[AppRow] = []
        self._places: dict[str, list[int]] = {}
        #: What files have told of these rows.
        self._files: dict[str, FileRead] = {}
        #: In the order that is asked for; and those of them that fit what is looked for.
        self._ordered: list[AppRow] = []
        self._filtered: list[AppRow] = []
        #: What is looked for, casefolded.
        self._words = ""
        self._narrow = Narrow.ALL
        self._column: int = -1
        self._descending = False
        self._strong = font(TextSize.STRONG)

    def show_rows(self, rows: Sequence[AppRow]) -> bool:
        """Show another check's apps. Returns whether they are others than before."""
        if rows is self._source_rows:
            return False
        self._source_rows = rows
        self._rows = list(rows)
        self._places, self._files = {}, {}
        for place, row in enumerate(self._rows):
            self._places.setdefault(row.app.package, []).append(place)
        self._arrange()
        return True

    def names_would_move(self) -> bool:
        """Whether rows come, go or move where their apps get names: then :meth:`name` resets the model."""
        return bool(self._words.strip()) or self._column == Column.NAME

    def name(self, files: Mapping[str, FileRead]) -> bool:
        """Show what apps' files have told, by package. Returns whether that is new of any.

        Called with each news of a phone: of what is known already no row is looked at.
        """
        new: dict[int, AppRow] = {}
        for package, file in [item for item in files.items() if self._files.get(item[0]) is not item[1]]:
            self._files[package] = file
            for place in self._places.get(package, ()):
                row = self._rows[place]
                fresh = (row.looked_into() if file.whole else row).with_name(file.name)
                if fresh is not row:
                    new[id(row)] = self._rows[place] = fresh
        if not new:
            return False
        if self.names_would_move():
            self._arrange()
            return True
        self._ordered = [new.get(id(row), row) for row in self._ordered]
        changed = [i for i, row in enumerate(self._filtered) if id(row) in new]
        for i in changed:
            self._filtered[i] = new[id(self._filtered[i])]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(Column) - 1))
        return True

    def look_for(self, words: str, narrow: Narrow) -> None:
        """Show only what is narrowed to and has every one of these words. Done with each key: what has to be worked out
        of a row is known by now."""
        words = words.casefold()
        if (words, narrow) == (self._words, self._narrow):
            return
        # What has longer words is among what has those that they begin with.
        goes_on = narrow is self._narrow and words.startswith(self._words)
        self._words, self._narrow = words, narrow
        rows = self._fitting(self._filtered if goes_on else self._ordered)
        if len(rows) != len(self._filtered) or not all(map(is_, rows, self._filtered)):
            self._reset(rows)

    def count(self, narrow: Narrow) -> int:
        """How many apps there are of a kind, also those that the search hides; an app in two profiles is one app."""
        fits = [row for row in self._rows if _NARROWED[narrow](row)]
        if narrow is Narrow.BANNED:  # as the headline counts them
            return len({row.product for row in fits})
        return len({row.app.package for row in fits})

    def flag_words(self) -> set[str]:
        """What the flags of the findings say."""
        return {str(row.flag) for row in self._rows if row.finding is not None}

    def row(self, number: int) -> AppRow:
        """What is shown on a row."""
        return self._filtered[number]

    def place(self, row: AppRow) -> int:
        """Where an app of a profile is shown; -1 if it is not."""
        same = _row_key(row)
        return next((i for i, r in enumerate(self._filtered) if _row_key(r) == same), -1)

    def as_lines(self, numbers: Sequence[int]) -> str:
        """Rows as they are pasted into a spreadsheet, with their heads."""
        lines = [[str(head) for head in _HEADS]]
        lines += [[text(self._filtered[n]) for text in _TEXTS] for n in numbers]
        return "\n".join("\t".join(map(as_cell, line)) for line in lines)

    def retranslate(self) -> None:
        """The language has changed."""
        self._arrange()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._filtered)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return str(_HEADS[section])
        return None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in _ANSWERED or not index.isValid():
            return None
        row, column = self._filtered[index.row()], index.column()
        if role == _DISPLAY:
            return _TEXTS[column](row)
        if role == FLAG_ROLE:
            if column != Column.FLAG:
                return None
            if row.kind is AppKind.EXCEPTED:  # banned, but an exception allows it
                return Flag(row.kind.status, str(row.flag), outlined=True, glyph="seal")
            return Flag(row.kind.status, str(row.flag), quiet=row.kind in (AppKind.ALLOWED, AppKind.UNREAD))
        if role == _TIP:
            return as_tip(_reasoned(row) if column == Column.WHY else _TEXTS[column](row))
        if role == _ACCESSIBLE:
            return str(T("{head}: {value}", head=_HEADS[column], value=_TEXTS[column](row)))
        if role == _DECORATION:
            finding = row.finding if column == Column.WHY else None
            return icon(MATCH_GLYPHS[finding.match]) if finding is not None else None
        if column != Column.NAME:
            return None
        if role == _FONT:
            return self._strong if row.product is not None else None
        return QGuiApplication.palette().placeholderText() if not row.is_named else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by the flag (or by none, -1) findings stand first."""
        self._column, self._descending = column, order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        self._ordered = list(self._rows)
        if self._column > Column.FLAG:
            text = _TEXTS[self._column]
            self._ordered.sort(key=lambda row: text(row).casefold(), reverse=self._descending)
        elif self._column == Column.FLAG and self._descending:
            self._ordered.reverse()
        self._reset(self._fitting(self._ordered))

    def _fitting(self, rows: list[AppRow]) -> list[AppRow]:
        """Those of `rows` that fit what is looked for."""
        if self._narrow is not Narrow.ALL:
            fits = _NARROWED[self._narrow]
            rows = [row for row in rows if fits(row)]
        for word in self._words.split():
            rows = [row for row in rows if word in row.haystack]
        return rows

    def _reset(self, rows: list[AppRow]) -> None:
        self.beginResetModel()
        self._filtered = list(rows)  # a list of its own: names are put into it
        self.endResetModel()


def _row_key(row: AppRow) -> tuple[AppKind, str, tuple[Text, ...]]:
    """What tells a row from others. That its file was looked into does not make it another one."""
    kind = AppKind.ALLOWED if row.kind is AppKind.UNREAD else row.kind
    return kind, row.app.package, row.profiles


def _reasoned(row: AppRow) -> str:
    """Why a row has its flag, in full: the sentence, and how sure it is."""
    if row.finding is None:
        return row.reason
    return f"{row.reason}\n{value_names.pair(T('Certainty'), value_names.MATCHES[row.finding.match])}"
