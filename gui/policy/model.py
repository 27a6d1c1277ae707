"""The rules of a policy as rows, the ids of a rule as rows, and finding among them what somebody types."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from core import words
from core.model import Policy, Rule, RuleId, Strength
from core.text import T, Text
from gui.parts import as_tip
from gui.tables import FLAG_ROLE, Flag, Index
from gui.theme import Size, Status, font

STATUSES: Final = {
    Strength.BAN: Status.RED,
    Strength.RECOMMENDATION: Status.AMBER,
    Strength.NOTICE: Status.INFO,
}

#: A strength in the list, where a column is narrow; the rule itself has it in full (:data:`core.words.STRENGTHS`).
SHORT: Final = {
    Strength.BAN: T("Banned"),
    Strength.RECOMMENDATION: T("Restrict"),
    Strength.NOTICE: T("Related"),
}

#: What a policy file's words for the platforms are for people.
PLATFORMS: Final = {"android": T("Android"), "ios": T("iPhone and iPad")}

#: Characters that a cell shows. A policy file bounds only its whole size.
CELL: Final = 300

_ROOT: Final = QModelIndex()
_SMALL_THINGS: Final = str.maketrans({"’": "'", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def folded(text: str) -> str:
    """A text as it is compared with what somebody types: without accents, and in small letters."""
    apart = unicodedata.normalize("NFKD", text.translate(_SMALL_THINGS))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def bounded(text: str, limit: int = CELL) -> str:
    """At most `limit` characters of a text from a policy file, which has no control characters and keeps its spaces."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Query:
    """What somebody typed: words that must all be there, in any order."""

    def __init__(self, text: str) -> None:
        self.words = tuple(folded(text).split())
        self.whole = " ".join(self.words)

    def __bool__(self) -> bool:
        return bool(self.words)

    def within(self, text: str) -> bool:
        """Whether all words are in a text that was folded."""
        return all(word in text for word in self.words)


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with its words in both languages, folded."""

    rule: Rule
    products: tuple[str, ...]
    #: For each id of the rule: the id itself, and the id with the name of its application.
    ids: tuple[str, ...]
    apps: tuple[str, ...]
    #: What the rule is about, and all that it says.
    names: str
    all: str

    def rank(self, query: Query) -> int | None:
        """How well the rule fits: 0 it has the very id, 1 is the very product, 2 names it, 3 mentions it; or not."""
        if query.whole in self.ids:
            return 0
        if query.whole in self.products:
            return 1
        if query.within(self.names):
            return 2
        return 3 if query.within(self.all) else None

    def hits(self, query: Query) -> tuple[int, ...]:
        """Which of the rule's ids are meant; none where that would be all of them for their product's name."""
        if not query:
            return ()
        same = tuple(n for n, id in enumerate(self.ids) if id == query.whole)
        parts = same or tuple(n for n, id in enumerate(self.ids) if query.whole in id)
        if parts:
            return parts
        named = tuple(n for n, app in enumerate(self.apps) if query.within(app))
        return named if len(named) < len(self.apps) else ()


def entries(policy: Policy) -> tuple[Entry, ...]:
    """The policy's rules, ready to be searched. For a large file this takes a while: not on the GUI thread."""
    return tuple(_entry(rule) for rule in policy.rules)


def _entry(rule: Rule) -> Entry:
    products = (folded(rule.product.en), folded(rule.product.fr))
    ids = tuple(folded(i.id) for i in rule.ids)
    apps = tuple(folded(f"{i.id} {i.product.en} {i.product.fr}") for i in rule.ids)
    names = "\n".join((folded(rule.id), *products, *apps))
    by = rule.authority
    said = (rule.reason, by.name, by.instrument, by.quote, *([rule.note] if rule.note else []))
    rest = folded("\n".join(f"{text.en}\n{text.fr}" for text in said))
    return Entry(rule, products, ids, apps, names, f"{names}\n{rest}\n{folded(by.url)}")


class RuleColumn(IntEnum):
    """The columns of the rules."""

    STRENGTH = 0
    PRODUCT = 1
    SINCE = 2


class IdColumn(IntEnum):
    """The columns of a rule's ids."""

    PLATFORM = 0
    ID = 1
    APP = 2
    CONFIDENCE = 3
    SOURCE = 4


class _Rows(QAbstractTableModel):
    """What both tables have in common: headers and cells are words of the language in use."""

    heads: tuple[Text, ...] = ()

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        across = orientation is Qt.Orientation.Horizontal and 0 <= section < len(self.heads)
        return str(self.heads[section]) if across and role == Qt.ItemDataRole.DisplayRole else None

    def cell(self, row: int, column: int) -> str:
        """What a cell says."""
        raise NotImplementedError

    def cells(self, row: int) -> list[str]:
        """All that a row says."""
        return [self.cell(row, column) for column in range(self.columnCount())]

    def retranslate(self) -> None:
        """The language has changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self.cell(index.row(), index.column()))
        return None


class RulesModel(_Rows):
    """The rules that fit what is looked for, the best first; all of them, as the policy has them, while nothing is."""

    heads = (T("Strength"), T("Product"), T("Since"))

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Entry, ...] = ()
        self._shown: Sequence[Entry] = ()
        self.query = Query("")

    @property
    def total(self) -> int:
        """How many rules there are, whether they fit or not."""
        return len(self._all)

    def show(self, rules: tuple[Entry, ...]) -> None:
        """Have these rules."""
        self._all = rules
        self.search(self.query)

    def search(self, query: Query) -> None:
        """Show the rules that fit."""
        self.beginResetModel()
        self.query = query
        if query:
            ranked = [(rank, entry) for entry in self._all if (rank := entry.rank(query)) is not None]
            self._shown = [entry for _, entry in sorted(ranked, key=lambda pair: pair[0])]
        else:
            self._shown = self._all
        self.endResetModel()

    def entry(self, row: int) -> Entry:
        return self._shown[row]

    def best(self, liked: str) -> int:
        """The row to look at: that of the rule with the id `liked` if no other fits better; -1 if there is none."""
        if not self.query:
            return next((n for n, e in enumerate(self._shown) if e.rule.id == liked), 0 if self._shown else -1)
        ranks = [entry.rank(self.query) for entry in self._shown]
        equal = [n for n, rank in enumerate(ranks) if rank == ranks[0]]
        return next((n for n in equal if self._shown[n].rule.id == liked), 0 if equal else -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def cell(self, row: int, column: int) -> str:
        rule = self._shown[row].rule
        if column == RuleColumn.STRENGTH:
            return str(words.STRENGTHS[rule.strength])
        if column == RuleColumn.PRODUCT:
            return bounded(str(rule.product))
        return rule.effective.isoformat()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and index.column() == RuleColumn.STRENGTH:
            rule = self._shown[index.row()].rule
            if role == FLAG_ROLE:
                return Flag(STATUSES[rule.strength], str(SHORT[rule.strength]))
            if role == Qt.ItemDataRole.AccessibleTextRole:
                product = self.cell(index.row(), RuleColumn.PRODUCT)
                return str(words.pair(product, words.STRENGTHS[rule.strength]))
        if index.isValid() and index.column() == RuleColumn.PRODUCT and role == Qt.ItemDataRole.FontRole:
            return font(Size.STRONG)
        return super().data(index, role)


class IdsModel(_Rows):
    """The ids by which one rule knows its product."""

    heads = (T("Platform"), T("Application id"), T("Application"), T("Known from"), T("Source"))

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[RuleId, ...] = ()

    def show(self, ids: tuple[RuleId, ...]) -> None:
        """Have these ids."""
        self.beginResetModel()
        self._ids = ids
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def cell(self, row: int, column: int) -> str:
        id = self._ids[row]
        match column:
            case IdColumn.PLATFORM:
                return str(PLATFORMS.get(id.platform, id.platform))
            case IdColumn.ID:
                return bounded(id.id)
            case IdColumn.APP:
                return bounded(str(id.product))
            case IdColumn.CONFIDENCE:
                return str(words.CONFIDENCES.get(id.confidence, id.confidence))
        return bounded(id.source)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and index.column() == IdColumn.ID and role == Qt.ItemDataRole.FontRole:
            return font(Size.STRONG)
        return super().data(index, role)
