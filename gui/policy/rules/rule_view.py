"""One rule of a policy: what it says, by what it knows its product, and what this desk can do with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QSettings, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.model import Rule
from core.text import N, T
from gui.policy.rules.rule_model import Entry, IdsModel, Origin, Query
from gui.policy.rules.rule_text import Words
from gui.policy.rules.signatures import SignsModel
from gui.policy.table_base import Rows, as_cells, chosen_rows
from gui.toolkit.tables import LEAST_ROWS, Table
from gui.toolkit.theme import STEP
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import Button, button, copy

#: Logical pixels. The source has what is left.
_ID_WIDTHS: Final = (112, 240, 168, 128)
_SIGN_WIDTHS: Final = (168, 240, 168, 128)


class RulePane(QSplitter):
    """Shows one rule: its words above, its ids and its other signs below."""

    edit_wanted = Signal()
    delete_wanted = Signal()
    off_wanted = Signal()
    on_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.say = TranslatedText(self)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(STEP)
        self.words = Words()
        self.ids, self.signs = IdsModel(self), SignsModel(self)
        self.table, self.sign_table = _table(self.ids, _ID_WIDTHS), _table(self.signs, _SIGN_WIDTHS)
        self.table.copied.connect(self.copy_ids)
        self.sign_table.copied.connect(self.copy_signs)
        self.by_ids, self.by_signs = button(kind="chip"), button(kind="chip")
        self._tables = QStackedWidget()
        self._lay_out()
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setSizes([300, 200])
        self.say(self.table.setAccessibleName, T("Ids of the applications that this rule names"))
        self.say(self.sign_table.setAccessibleName, T("What else this rule knows its product by"))
        self.entry: Entry | None = None

    def _lay_out(self) -> None:
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        for number, (chip, table) in enumerate(((self.by_ids, self.table), (self.by_signs, self.sign_table))):
            chip.setCheckable(True)
            self._group.addButton(chip, number)
            self._tables.addWidget(table)
            row.addWidget(chip)
        self.by_ids.setChecked(True)
        self._group.idToggled.connect(lambda number, on: self._tables.setCurrentIndex(number) if on else None)
        row.addStretch(1)
        self.edit, self.delete = button("edit", "link"), button("remove", "link")
        self.off, self.on = button("eye-off", "link"), button("check", "link")
        for one, wanted, word, told in (
            (self.edit, self.edit_wanted, T("Edit…"), T("Edit this rule of the desk (F2)")),
            (self.delete, self.delete_wanted, T("Delete…"), T("Delete this rule of the desk (Del)")),
            (self.off, self.off_wanted, T("Switch off…"), T("Judge no app by this rule at this desk (Del)")),
            (self.on, self.on_wanted, T("Switch on again…"), T("Judge by this rule again (Del)")),
        ):
            one.clicked.connect(wanted)
            self.say(one.setText, word)
            self.say(one.setToolTip, told)
            row.addWidget(one)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addLayout(row)
        column.addWidget(self._tables, 1)
        self.addWidget(self.words)
        self.addWidget(below)

    @property
    def rule(self) -> Rule | None:
        """The rule that is shown."""
        return self.entry.rule if self.entry is not None else None

    @property
    def acts(self) -> tuple[Button, ...]:
        """What can be done with it, as it is."""
        return tuple(one for one in (self.edit, self.delete, self.off, self.on) if not one.isHidden())

    def show_entry(self, entry: Entry, query: Query) -> None:
        """Show a rule; the ids that are looked for are chosen."""
        if self.entry is not entry:
            self.entry = entry
            self.words.show_entry(entry)
            self.ids.show(entry.rule.ids)
            self.signs.show(entry.signs)
            count, more = len(entry.rule.ids), len(entry.signs)
            self.say(self.by_ids.setText, N("{count} id", "{count} ids", count))
            self.say(self.by_signs.setText, N("{count} other sign", "{count} other signs", more))
            self.say(self.by_ids.setToolTip, T("Ids of the applications that this rule names"))
            self.say(self.by_signs.setToolTip, T("Certificates, classes, names and teams: they find a renamed copy"))
            self.by_signs.setVisible(bool(more))
            (self.by_ids if count or not more else self.by_signs).setChecked(True)
            self._offer(entry.origin)
        ids, signs = entry.hits(query), entry.sign_hits(query)
        _choose(self.table, ids)
        _choose(self.sign_table, signs)
        if signs and not ids:
            self.by_signs.setChecked(True)
        elif ids and not signs:
            self.by_ids.setChecked(True)

    def _offer(self, origin: Origin) -> None:
        self.edit.setVisible(origin.own)
        self.delete.setVisible(origin.own)
        self.off.setVisible(origin is Origin.POLICY)
        self.on.setVisible(origin is Origin.OFF)

    def copy_ids(self) -> None:
        """Put the chosen ids on the clipboard, one a line, as cells of a spreadsheet."""
        _copy(self.table, self.ids)

    def copy_signs(self) -> None:
        """Put the chosen signs on the clipboard; of a single one its value alone, to be looked for elsewhere."""
        rows = chosen_rows(self.sign_table)
        if len(rows) == 1 and self.entry is not None:
            copy(self.entry.signs[rows[0]].value)
        else:
            _copy(self.sign_table, self.signs)

    def be_small(self, small: bool) -> None:
        """Where there is little room, both tables keep theirs: what is said above them can be scrolled."""
        for table in (self.table, self.sign_table):
            table.have_least(LEAST_ROWS if small else 0)

    def save(self, settings: QSettings) -> None:
        self.table.save(settings, "policy/ids")
        self.sign_table.save(settings, "policy/signs")

    def restore(self, settings: QSettings) -> None:
        self.table.restore(settings, "policy/ids")
        self.sign_table.restore(settings, "policy/signs")

    def retranslate(self) -> None:
        """The language has changed: the cells, which are not said by :class:`TranslatedText`."""
        self.ids.retranslate()
        self.signs.retranslate()


def _table(model: Rows, widths: tuple[int, ...]) -> Table:
    made = Table()
    made.setModel(model)
    made.set_widths(*widths)
    return made


def _choose(table: Table, rows: tuple[int, ...]) -> None:
    chosen, model = table.selectionModel(), table.model()
    chosen.clear()
    for row in rows:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        chosen.select(model.index(row, 0), flags)
    if rows:
        # Where the arrow keys go on from, and what a screen reader says first.
        chosen.setCurrentIndex(model.index(rows[0], 1), QItemSelectionModel.SelectionFlag.NoUpdate)
        table.scrollTo(model.index(rows[0], 0))
    else:
        table.scrollToTop()


def _copy(table: Table, model: Rows) -> None:
    if rows := chosen_rows(table):
        copy(as_cells(model, rows))
