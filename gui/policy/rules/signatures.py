"""By what else than its id a rule knows its product: certificates, classes, names on the screen, Apple teams."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt

from core import value_names
from core.model import Rule
from core.text import T, Text
from gui.policy.table_base import Rows, bounded
from gui.toolkit.tables import Index
from gui.toolkit.theme import TextSize, font

_ROOT: Final = QModelIndex()


class SignColumn(IntEnum):
    """The columns of what a rule knows its product by."""

    KIND = 0
    VALUE = 1
    ABOUT = 2
    CONFIDENCE = 3
    SOURCE = 4


@dataclass(frozen=True, slots=True)
class Sign:
    """One of them: what kind, its exact value, which apps it is about, and where it was seen."""

    kind: Text
    value: str
    about: Text | str
    confidence: str
    source: str


def signs(rule: Rule) -> tuple[Sign, ...]:
    """All of a rule; a certificate once for each of its digests, so that each can be copied."""
    found: list[Sign] = []
    for signer in rule.signers:
        about: Text | str = ", ".join(signer.signs) or T("any app")
        for kind, value in (
            (T("Certificate, SHA-256"), signer.sha256),
            (T("Certificate, SHA-1"), signer.sha1),
            (T("Certificate, MD5"), signer.md5),
            (T("Certificate, short code"), signer.hash),
        ):
            if value:
                found.append(Sign(kind, value, about, signer.confidence, signer.source))
    for code in rule.code:
        kind = T("Classes that begin with") if code.prefix.endswith(".") else T("Class")
        others = ", ".join(code.also_in)
        about = T("any app but {apps}", apps=others) if others else T("any app")
        found.append(Sign(kind, code.prefix, about, code.confidence, code.source))
    for team in rule.teams:
        about = T("ids that begin with {prefix}", prefix=team.prefix)
        found.append(Sign(T("Apple developer team"), team.id, about, team.confidence, team.source))
    for label in rule.labels:
        found.append(Sign(T("Name on the screen"), label.text, T("only a hint"), "", label.source))
    return tuple(found)


class SignsModel(Rows):
    """What one rule knows its product by, besides ids."""

    heads = (T("What"), T("Value"), T("Counts for"), T("Known from"), T("Source"))

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._signs: tuple[Sign, ...] = ()

    def show(self, found: tuple[Sign, ...]) -> None:
        """Have these."""
        self.beginResetModel()
        self._signs = found
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._signs)

    def cell(self, row: int, column: int) -> str:
        sign = self._signs[row]
        match column:
            case SignColumn.KIND:
                return str(sign.kind)
            case SignColumn.VALUE:
                return bounded(sign.value)
            case SignColumn.ABOUT:
                return bounded(str(sign.about))
            case SignColumn.CONFIDENCE:
                return str(value_names.CONFIDENCES.get(sign.confidence, sign.confidence))
        return bounded(sign.source)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and index.column() == SignColumn.VALUE and role == Qt.ItemDataRole.FontRole:
            return font(TextSize.STRONG)
        return super().data(index, role)
