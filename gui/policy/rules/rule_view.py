"""One rule of a policy: what it says, by what it knows its product, and what this desk can do with it."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.text import N, T
from gui.policy.rules.rule_model import ID_COLUMNS, SIGNATURE_COLUMNS, Query, RuleOrigin, RuleRow
from gui.policy.rules.rule_text import RuleText
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.rows_table import RowsTable, TableRows
from gui.toolkit.lists.splitter import Splitter
from gui.toolkit.lists.tables import LEAST_ROWS, Table
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP
from gui.toolkit.widgets import copy

#: Logical pixels. The source has what is left.
_ID_WIDTHS: Final = (112, 240, 168, 128)
_SIGNATURE_WIDTHS: Final = (168, 240, 168, 128)


class RulePane(Splitter):
    """Shows one rule: its words above, its ids and its other signatures below."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical, T("Height of what the rule says"))
        self.say = Parts(self)
        self.setHandleWidth(STEP)
        #: What is shown.
        self.entry: RuleRow | None = None
        self._edits = True
        self.words = RuleText()
        self.ids, self.signatures = TableRows(ID_COLUMNS, self), TableRows(SIGNATURE_COLUMNS, self)
        self.table = RowsTable(self.ids, *_ID_WIDTHS)
        self.signature_table = _SignatureTable(self.signatures, *_SIGNATURE_WIDTHS)
        self._tables = QStackedWidget()
        self._tables.addWidget(self.table)
        self._tables.addWidget(self.signature_table)
        self.say(self.table.setAccessibleName, T("Ids of the applications that this rule names"))
        self.say(self.signature_table.setAccessibleName, T("What else identifies this product"))
        self.addWidget(self.words)
        self.addWidget(self._below())
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setSizes([300, 200])

    def _below(self) -> QWidget:
        self._group, (self.by_ids, self.by_signatures) = self.say.chips("", "")
        self._group.idToggled.connect(lambda number, on: self._tables.setCurrentIndex(number) if on else None)
        self.say(self.by_ids.setToolTip, T("Ids of the applications that this rule names"))
        self.say(self.by_signatures.setToolTip, T("Certificates, classes, names and teams: they find a renamed copy"))
        link = partial(self.say.button, kind="link")
        self.edit = link(T("Edit…"), icon="edit", tip=T("Edit this rule of the desk (F2)"))
        self.delete = link(T("Delete…"), icon="remove", tip=T("Delete this rule of the desk (Del)"))
        self.off = link(T("Switch off…"), icon="eye-off", tip=T("Do not use this rule at this desk (Del)"))
        self.on = link(T("Switch on again…"), icon="check", tip=T("Use this rule again (Del)"))
        below = QWidget()
        parts = (self.by_ids, self.by_signatures, None, self.edit, self.delete, self.off, self.on)
        column(row(*parts), (self._tables, 1), spacing=STEP // 2, inside=below)
        return below

    def show_entry(self, entry: RuleRow, query: Query) -> None:
        """Show a rule; the ids that are looked for are chosen."""
        if self.entry is not entry:
            self.entry = entry
            self.words.show_entry(entry)
            self.ids.show_rows(entry.rule.ids)
            self.signatures.show_rows(entry.signatures)
            count, sign_count = len(entry.rule.ids), len(entry.signatures)
            self.say(self.by_ids.setText, N("{count} id", "{count} ids", count))
            self.say(self.by_signatures.setText, N("{count} other sign", "{count} other signs", sign_count))
            self.by_signatures.setVisible(bool(sign_count))
            (self.by_ids if count or not sign_count else self.by_signatures).setChecked(True)
            self._offer()
        ids, signatures = entry.matching_ids(query), entry.matching_signatures(query)
        _choose(self.table, ids)
        _choose(self.signature_table, signatures)
        if signatures and not ids:
            self.by_signatures.setChecked(True)
        elif ids and not signatures:
            self.by_ids.setChecked(True)

    def allow(self, *, edits: bool) -> None:
        """Whether this desk may change rules: else nothing is offered for that."""
        self._edits = edits
        self._offer()

    def _offer(self) -> None:
        origin = self.entry.origin if self.entry is not None and self._edits else None
        self.edit.setVisible(origin is not None and origin.own)
        self.delete.setVisible(origin is not None and origin.own)
        self.off.setVisible(origin is RuleOrigin.POLICY)
        self.on.setVisible(origin is RuleOrigin.OFF)

    def be_small(self, small: bool) -> None:
        """Where there is little room, both tables keep theirs: what is said above them can be scrolled."""
        for table in (self.table, self.signature_table):
            table.have_least(LEAST_ROWS if small else 0)


class _SignatureTable(RowsTable):
    def copy_rows(self) -> None:
        """Copy the chosen rows as cells; of a single sign its value alone, to be looked for elsewhere."""
        chosen = self.chosen()
        if len(chosen) == 1:
            copy(self.rows.row(chosen[0]).value)
        else:
            super().copy_rows()


def _choose(table: Table, rows: tuple[int, ...]) -> None:
    chosen, model = table.selectionModel(), table.model()
    chosen.clear()
    for number in rows:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        chosen.select(model.index(number, 0), flags)
    if rows:
        # Where the arrow keys go on from, and what a screen reader says first.
        chosen.setCurrentIndex(model.index(rows[0], 1), QItemSelectionModel.SelectionFlag.NoUpdate)
        table.scrollTo(model.index(rows[0], 0))
    else:
        table.scrollToTop()
