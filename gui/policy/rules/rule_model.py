"""The rules of a policy as rows, the ids of a rule as rows, and finding among them what somebody types."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from core import value_names
from core.model import Rule, RuleId, Strength
from core.text import T
from gui.policy.rules.signatures import Sign, signs
from gui.policy.table_base import Rows, bounded
from gui.toolkit.icons import icon
from gui.toolkit.tables import FLAG_ROLE, Flag, Index
from gui.toolkit.theme import Status, TextSize, colours, font
from gui.toolkit.widgets import as_tip

STATUSES: Final = {
    Strength.BAN: Status.RED,
    Strength.RECOMMENDATION: Status.AMBER,
    Strength.NOTICE: Status.INFO,
}

#: A strength in the list, where a column is narrow; the rule has it in full (:data:`core.value_names.STRENGTHS`).
SHORT: Final = {
    Strength.BAN: T("Banned"),
    Strength.RECOMMENDATION: T("Restrict"),
    Strength.NOTICE: T("Related"),
}

#: What a policy file's words for the platforms are for people.
PLATFORMS: Final = {"android": T("Android"), "ios": T("iPhone and iPad")}

#: Words by which the rules of a desk are found, whichever language is spoken.
_OWN_WORDS: Final = "rule of this desk\nregle de ce poste"
_OFF_WORDS: Final = "switched off\ndesactivee"

#: The rank of a rule that is named, and not only spoken of (:meth:`Entry.rank`).
_NAMES: Final = 2

_ROOT: Final = QModelIndex()
_SMALL_THINGS: Final = str.maketrans({"’": "'", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def folded(text: str) -> str:
    """A text as it is compared with what somebody types: without accents, and in small letters."""
    apart = unicodedata.normalize("NFKD", text.translate(_SMALL_THINGS))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


class Origin(Enum):
    """Whose rule it is, and whether it counts."""

    #: Of the policy, and in force.
    POLICY = "policy"
    #: Of this desk, and in force.
    OWN = "own"
    #: Of this desk, in the place of the policy's rule with the same id.
    INSTEAD = "instead"
    #: Of the policy, and switched off by this desk.
    OFF = "off"
    #: Of a lower policy, and switched off by the one that stands on it.
    OFF_BELOW = "off-below"
    #: Of this desk, which may have no rules of its own.
    IDLE = "idle"

    @property
    def counts(self) -> bool:
        """Whether apps are judged by it."""
        return self in (Origin.POLICY, Origin.OWN, Origin.INSTEAD)

    @property
    def own(self) -> bool:
        """Whether it is a rule of this desk."""
        return self in (Origin.OWN, Origin.INSTEAD, Origin.IDLE)


ORIGINS: Final = {
    Origin.POLICY: T("Rule of the policy"),
    Origin.OWN: T("Rule of this desk"),
    Origin.INSTEAD: T("Rule of this desk, in place of the policy’s"),
    Origin.OFF: T("Switched off by this desk: no app is judged by it"),
    Origin.OFF_BELOW: T("Switched off by your organisation’s policy: no app is judged by it"),
    Origin.IDLE: T("Rule of this desk, not in force: no app is judged by it"),
}


class Query:
    """What somebody typed: words that must all be there, in any order."""

    def __init__(self, text: str) -> None:
        self.words = tuple(folded(text).split())
        self.whole = " ".join(self.words)
        #: As the digest of a certificate is written in a policy.
        self.digest = self.whole.replace(":", "")

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
    signs: tuple[Sign, ...] = ()
    #: The exact values of these, folded.
    values: tuple[str, ...] = ()
    origin: Origin = Origin.POLICY

    def rank(self, query: Query) -> int | None:
        """How well the rule fits: 0 it has the very id, 1 is the very product, 2 names it, 3 mentions it; or not."""
        if query.whole in self.ids or query.digest in self.values:
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

    def sign_hits(self, query: Query) -> tuple[int, ...]:
        """Which of what else it knows its product by is meant."""
        return tuple(n for n, value in enumerate(self.values) if query.digest and query.digest in value)


def entry(rule: Rule, origin: Origin = Origin.POLICY) -> Entry:
    """A rule, ready to be searched. For many rules this takes a while: not on the GUI thread."""
    products = (folded(rule.product.en), folded(rule.product.fr))
    ids = tuple(folded(i.id) for i in rule.ids)
    apps = tuple(folded(f"{i.id} {i.product.en} {i.product.fr}") for i in rule.ids)
    found = signs(rule)
    values = tuple(folded(sign.value) for sign in found)
    names = "\n".join((folded(rule.id), *products, *apps, *(folded(label.text) for label in rule.labels)))
    by = rule.authority
    said = (rule.reason, by.name, by.instrument, by.quote, *([rule.note] if rule.note else []))
    rest = folded("\n".join((*(f"{text.en}\n{text.fr}" for text in said), rule.publisher, by.url)))
    marks = (_OWN_WORDS if origin.own else "", "" if origin.counts else _OFF_WORDS)
    return Entry(rule, products, ids, apps, names, "\n".join((names, rest, *values, *marks)), found, values, origin)


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


class RulesModel(Rows):
    """The rules that fit what is looked for, the best first; all of them, as the policy has them, while nothing is."""

    heads = (T("Strength"), T("Product"), T("Since"))

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Entry, ...] = ()
        self._shown: Sequence[Entry] = ()
        self.query = Query("")

    @property
    def total(self) -> int:
        """How many rules count, whether they fit or not."""
        return sum(entry.origin.counts for entry in self._all)

    @property
    def off(self) -> int:
        """How many rules are listed that do not count."""
        return len(self._all) - self.total

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

    def named(self) -> list[Rule]:
        """The rules in force of which a name or an id fits what is looked for."""
        if not self.query:
            return []
        ranked = ((e, e.rank(self.query)) for e in self._shown if e.origin.counts)
        return [e.rule for e, rank in ranked if rank is not None and rank <= _NAMES]

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
            return str(value_names.STRENGTHS[rule.strength])
        if column == RuleColumn.PRODUCT:
            return bounded(str(rule.product))
        return rule.effective.isoformat()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        if index.column() == RuleColumn.STRENGTH:
            if role == FLAG_ROLE:
                return _flag(entry)
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return self._told(entry)
        if index.column() == RuleColumn.PRODUCT:
            if role == Qt.ItemDataRole.FontRole:
                return font(TextSize.STRONG if entry.origin.counts else TextSize.BODY)
            if role == Qt.ItemDataRole.DecorationRole and entry.origin.own:
                return icon("desk")
            if role == Qt.ItemDataRole.ToolTipRole and entry.origin is not Origin.POLICY:
                return as_tip(str(value_names.pair(self.cell(index.row(), RuleColumn.PRODUCT), ORIGINS[entry.origin])))
        if role == Qt.ItemDataRole.ForegroundRole and not entry.origin.counts:
            return QColor(colours(QApplication.palette()).muted)
        return super().data(index, role)

    def _told(self, entry: Entry) -> str:
        """What a screen reader says of a row's flag: also whose rule it is, and that it does not count."""
        told = value_names.pair(bounded(str(entry.rule.product)), value_names.STRENGTHS[entry.rule.strength])
        return str(told if entry.origin is Origin.POLICY else T("{a}. {b}", a=told, b=ORIGINS[entry.origin]))


def _flag(entry: Entry) -> Flag:
    if entry.origin.counts:
        return Flag(STATUSES[entry.rule.strength], str(SHORT[entry.rule.strength]))
    return Flag(Status.NEUTRAL, str(T("Not in force") if entry.origin.own else T("Switched off")), quiet=True)


class IdsModel(Rows):
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
                return str(value_names.CONFIDENCES.get(id.confidence, id.confidence))
        return bounded(id.source)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and index.column() == IdColumn.ID and role == Qt.ItemDataRole.FontRole:
            return font(TextSize.STRONG)
        return super().data(index, role)
