"""The rules of a policy as rows, what each knows its product by as rows, and searching them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from core import value_names
from core.model import Code, Rule, RuleFile, RuleId, Strength, platforms
from core.text import T, Text
from gui.toolkit.images.icons import icon
from gui.toolkit.lists.rows_table import TableColumn, TableRows, bounded
from gui.toolkit.lists.tables import FLAG_ROLE, Flag, Index
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

#: RuleText by which the rules of a desk are found, whichever language is spoken.
_OWN_WORDS: Final = "rule of this desk\nregle de ce poste"
_OFF_WORDS: Final = "switched off\ndesactivee"

#: The rank of a rule that is named, and that of one which only speaks of something (:meth:`RuleRow.rank`).
_NAMES: Final = 2
_MENTIONS: Final = 4

_SMALL_THINGS: Final = str.maketrans({"’": "'", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def folded(text: str) -> str:
    """A text as it is compared with a query: without accents, and in small letters."""
    apart = unicodedata.normalize("NFKD", text.translate(_SMALL_THINGS))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


class RuleOrigin(Enum):
    """Whose rule it is, and whether it counts: see :data:`ORIGINS`."""

    POLICY = "policy"
    OWN = "own"
    INSTEAD = "instead"
    OFF = "off"
    OFF_BELOW = "off-below"
    #: The desk may have no rules of its own.
    IDLE = "idle"

    @property
    def counts(self) -> bool:
        """Whether apps are judged by it."""
        return self in (RuleOrigin.POLICY, RuleOrigin.OWN, RuleOrigin.INSTEAD)

    @property
    def own(self) -> bool:
        """Whether it is a rule of this desk."""
        return self in (RuleOrigin.OWN, RuleOrigin.INSTEAD, RuleOrigin.IDLE)


ORIGINS: Final = {
    RuleOrigin.POLICY: T("Rule of the policy"),
    RuleOrigin.OWN: T("Rule of this desk"),
    RuleOrigin.INSTEAD: T("Rule of this desk, in place of the policy’s"),
    RuleOrigin.OFF: T("Switched off by this desk: no app is judged by it"),
    RuleOrigin.OFF_BELOW: T("Switched off by your organisation’s policy: no app is judged by it"),
    RuleOrigin.IDLE: T("Rule of this desk, not in force: no app is judged by it"),
}


class Query:
    """A search: words that must all be there, in any order."""

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
class RuleSign:
    """What a rule knows its product by besides an id: what kind, its exact value, which apps it is about, and where it
    was seen."""

    kind: Text
    value: str
    about: Text | str
    confidence: str
    source: str


def signatures(rule: Rule) -> tuple[RuleSign, ...]:
    """All of a rule; a certificate once for each of its digests, so that each can be copied."""
    signatures: list[RuleSign] = []
    for signer in rule.signers:
        about: Text | str = ", ".join(signer.signs) or T("any app")
        for kind, value in (
            (T("Certificate, SHA-256"), signer.sha256),
            (T("Certificate, SHA-1"), signer.sha1),
            (T("Certificate, MD5"), signer.md5),
            (T("Certificate, short code"), signer.hash),
        ):
            if value:
                signatures.append(RuleSign(kind, value, about, signer.confidence, signer.source))
    for code in rule.code:
        kind = T("Classes that begin with") if code.prefix.endswith(".") else T("Class")
        if code.inside:
            kind = T("In the code, ten classes of")
        signatures.append(RuleSign(kind, code.prefix, _but(code), code.confidence, code.source))
    for file in rule.files:
        signatures.append(RuleSign(T("File in the app"), file.name, _but(file), file.confidence, file.source))
    for team in rule.teams:
        about = T("ids that begin with {prefix}", prefix=team.prefix)
        signatures.append(RuleSign(T("Apple developer team"), team.id, about, team.confidence, team.source))
    for label in rule.labels:
        signatures.append(RuleSign(T("Name on the screen"), label.text, T("only a hint"), "", label.source))
    return tuple(signatures)


def _but(sign: Code | RuleFile) -> Text:
    """In which apps a sign is one."""
    return T("any app but {apps}", apps=", ".join(sign.also_in)) if sign.also_in else T("any app")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with its words in both languages, folded."""

    rule: Rule
    products: tuple[str, ...]
    #: For each id of the rule: the id itself, and the id with the name of its application.
    ids: tuple[str, ...]
    apps: tuple[str, ...]
    #: What the rule is about, and all that it says.
    names: str
    #: What it is known by besides: publisher, signatures, whose rule it is.
    known_by: str
    all: str
    signatures: tuple[RuleSign, ...] = ()
    #: The exact values of these, folded.
    values: tuple[str, ...] = ()
    origin: RuleOrigin = RuleOrigin.POLICY

    def rank(self, query: Query) -> int | None:
        """How well the rule fits: 0 it has the very id, 1 is the very product, 2 names it, 3 is known by it, 4 only
        mentions it, in its reason, its authority or its notes; or not at all."""
        if query.whole in self.ids or query.digest in self.values:
            return 0
        if query.whole in self.products:
            return 1
        if query.within(self.names):
            return 2
        if query.within(f"{self.names}\n{self.known_by}"):
            return 3
        return _MENTIONS if query.within(self.all) else None

    def matching_ids(self, query: Query) -> tuple[int, ...]:
        """Which of the rule's ids are meant; none where that would be all of them for their product's name."""
        if not query:
            return ()
        same = tuple(n for n, id in enumerate(self.ids) if id == query.whole)
        parts = same or tuple(n for n, id in enumerate(self.ids) if query.whole in id)
        if parts:
            return parts
        by_product = tuple(n for n, app in enumerate(self.apps) if query.within(app))
        return by_product if len(by_product) < len(self.apps) else ()

    def matching_signatures(self, query: Query) -> tuple[int, ...]:
        """The numbers of the signatures that the query means."""
        return tuple(n for n, value in enumerate(self.values) if query.digest and query.digest in value)


def rule_row(rule: Rule, origin: RuleOrigin = RuleOrigin.POLICY) -> RuleRow:
    """A rule, ready to be searched. For many rules this takes a while: not on the GUI thread."""
    products = (folded(rule.product.en), folded(rule.product.fr))
    ids = tuple(folded(i.id) for i in rule.ids)
    apps = tuple(folded(f"{i.id} {i.product.en} {i.product.fr}") for i in rule.ids)
    signs = signatures(rule)
    values = tuple(folded(sign.value) for sign in signs)
    names = "\n".join((folded(rule.id), *products, *apps, *(folded(label.text) for label in rule.labels)))
    by = rule.authority
    texts = (rule.reason, by.name, by.instrument, by.quote, *([rule.note] if rule.note else []))
    rest = folded("\n".join((*(f"{text.en}\n{text.fr}" for text in texts), by.url)))
    marks = (_OWN_WORDS if origin.own else "", "" if origin.counts else _OFF_WORDS)
    known_by = "\n".join((folded(rule.publisher), *values, *marks))
    return RuleRow(
        rule, products, ids, apps, names, known_by, "\n".join((names, known_by, rest)), signs, values, origin
    )


class RuleColumn(IntEnum):
    """The columns of the rules."""

    STRENGTH = 0
    PRODUCT = 1
    SINCE = 2


_RULE_COLUMNS: Final[Sequence[TableColumn[RuleRow]]] = (
    TableColumn(T("Strength"), lambda row: value_names.STRENGTHS[row.rule.strength]),
    TableColumn(T("Product"), lambda row: row.rule.product),
    TableColumn(T("Since"), lambda row: row.rule.effective.isoformat()),
)

#: The columns of the ids by which a rule knows its product.
ID_COLUMNS: Final[Sequence[TableColumn[RuleId]]] = (
    TableColumn(T("Platform"), lambda id: platforms.of(id.platform).phones),
    TableColumn(T("Application id"), lambda id: id.id, strong=True),
    TableColumn(T("Application"), lambda id: id.product),
    TableColumn(T("Known from"), lambda id: value_names.CONFIDENCES.get(id.confidence, id.confidence)),
    TableColumn(T("Source"), lambda id: id.source),
)

#: The columns of what else a rule knows its product by.
SIGNATURE_COLUMNS: Final[Sequence[TableColumn[RuleSign]]] = (
    TableColumn(T("What"), lambda sign: sign.kind),
    TableColumn(T("Value"), lambda sign: sign.value, strong=True),
    TableColumn(T("Counts for"), lambda sign: sign.about),
    TableColumn(T("Known from"), lambda sign: value_names.CONFIDENCES.get(sign.confidence, sign.confidence)),
    TableColumn(T("Source"), lambda sign: sign.source),
)


class RulesModel(TableRows[RuleRow]):
    """The rules that fit what is looked for, the best first; all of them, as the policy has them, while nothing is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_RULE_COLUMNS, parent)
        self._all: tuple[RuleRow, ...] = ()
        self.query = Query("")

    @property
    def total(self) -> int:
        """How many rules count, whether they fit the query or not."""
        return sum(row.origin.counts for row in self._all)

    @property
    def off(self) -> int:
        """How many rules are listed that do not count."""
        return len(self._all) - self.total

    def show(self, rules: tuple[RuleRow, ...]) -> None:
        """Take these rules, and show those that fit the query."""
        self._all = rules
        self.search(self.query)

    def search(self, query: Query) -> None:
        """Show the rules that fit this query."""
        self.query = query
        if query:
            ranked = [(rank, row) for row in self._all if (rank := row.rank(query)) is not None]
            # A rule that only speaks of what is looked for is listed where no other has anything to do with it.
            if any(rank < _MENTIONS for rank, _ in ranked):
                ranked = [(rank, row) for rank, row in ranked if rank < _MENTIONS]
            self.show_rows([row for _, row in sorted(ranked, key=lambda pair: pair[0])])
        else:
            self.show_rows(self._all)

    def rules_by_name(self) -> list[Rule]:
        """The rules in force of which a name or an id fits what is looked for."""
        if not self.query:
            return []
        ranked = ((row, row.rank(self.query)) for row in self._rows if row.origin.counts)
        return [row.rule for row, rank in ranked if rank is not None and rank <= _NAMES]

    def best(self, liked: str) -> int:
        """The row to look at: that of the rule with the id `liked` if no other fits better; -1 if there is none."""
        ranks = [row.rank(self.query) if self.query else 0 for row in self._rows]
        equal = [n for n, rank in enumerate(ranks) if rank == ranks[0]]
        return next((n for n in equal if self._rows[n].rule.id == liked), 0 if equal else -1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match index.column(), role:
            case RuleColumn.STRENGTH, _ if role == FLAG_ROLE:
                return _flag(row)
            case RuleColumn.STRENGTH, Qt.ItemDataRole.AccessibleTextRole:
                # Also whose rule it is, and that it does not count.
                description = value_names.pair(bounded(str(row.rule.product)), value_names.STRENGTHS[row.rule.strength])
                return str(
                    description
                    if row.origin is RuleOrigin.POLICY
                    else T("{a}. {b}", a=description, b=ORIGINS[row.origin])
                )
            case RuleColumn.PRODUCT, Qt.ItemDataRole.FontRole:
                return font(TextSize.STRONG if row.origin.counts else TextSize.BODY)
            case RuleColumn.PRODUCT, Qt.ItemDataRole.DecorationRole if row.origin.own:
                return icon("desk")
            case RuleColumn.PRODUCT, Qt.ItemDataRole.ToolTipRole if row.origin is not RuleOrigin.POLICY:
                return as_tip(str(value_names.pair(bounded(str(row.rule.product)), ORIGINS[row.origin])))
            case _, Qt.ItemDataRole.ForegroundRole if not row.origin.counts:
                return QColor(colours(QApplication.palette()).muted)
        return super().data(index, role)


def _flag(row: RuleRow) -> Flag:
    if row.origin.counts:
        return Flag(STATUSES[row.rule.strength], str(SHORT[row.rule.strength]))
    return Flag(Status.NEUTRAL, str(T("Not in force") if row.origin.own else T("Switched off")), quiet=True)
