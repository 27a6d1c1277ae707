"""The parts of the policy page and their layout; what they do is in :mod:`gui.policy.policy_page`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt
from PySide6.QtWidgets import QFrame, QHeaderView, QMenu, QWidget

from core.text import T, Text
from gui.policy.page_header import PolicyHeader
from gui.policy.rules.ask_field import AnswerStrip
from gui.policy.rules.rule_model import RuleColumn, RulesModel
from gui.policy.rules.rule_view import RulePane
from gui.toolkit.buttons import Button
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.lists.list_page import Fitting, ListPage, Stack
from gui.toolkit.lists.rows_table import RowsTable
from gui.toolkit.lists.tables import LEAST_ROWS, FlagDelegate, SearchField, Table
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import ElidedLabel, EmptyState, ProblemBar, StatusIcon, WrappedLabel

#: Logical pixels. The product has what is left.
_STRENGTH: Final = 148
_SINCE: Final = 100
_LEFT: Final = 420


def pop_up(menu: QMenu, corner: QPoint) -> None:
    """Show a menu whose upper right corner is here on the screen."""
    menu.popup(corner - QPoint(menu.sizeHint().width(), 0))


class PageTools(QWidget):
    """The row of buttons over the rules: what can be done with the policy as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self._small = False
        self.add = self._button("plus", T("Add a rule…"), T("A rule of this desk’s own (Ctrl+N)"))
        excepted = T("Phones that may keep a banned app for a time (Ctrl+E)")
        self.exceptions = self._button("except", T("Exceptions…"), excepted)
        stick = T("From the policy team’s USB key (Ctrl+O)")
        self.import_policy = self._button("bring", T("Import a signed policy…"), stick)
        formats = T("In a format that Intune, Apple, Android Management and others read (Ctrl+S)")
        self.export = self._button("export", T("Save for device management…"), formats)
        row(self.add, self.exceptions, None, self.import_policy, self.export, inside=self)

    def _button(self, icon: str, word: Text, tip: Text) -> Button:
        return self.say.button(lambda: "" if self._small else word, icon=icon, name=word, tip=tip)

    def be_small(self, small: bool) -> None:
        """Leave the words out: they are in the tooltips, and said by a screen reader."""
        self._small = small
        self.say.again()

    def pop_up(self, menu: QMenu) -> None:
        """Show a menu below the button that saves, within the window."""
        pop_up(menu, self.export.mapToGlobal(self.export.rect().bottomRight()))


class PolicyWarnings(QFrame):
    """Warnings that must be seen: a sentence each. Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, Status.AMBER.value)
        self._column = column(spacing=STEP // 2, inside=self, margins=(STEP * 2, STEP, STEP * 2, STEP))
        self.hide()

    def show_warnings(self, warnings: Sequence[Translatable]) -> None:
        """Show these warnings in the place of those before."""
        empty(self._column)
        for warning in warnings:
            self._column.addWidget(self._row(warning))
        self.say(self.setAccessibleName, lambda: " ".join(str(warning) for warning in warnings))
        self.setVisible(bool(warnings))

    def _row(self, warning: Translatable) -> QWidget:
        strip = QWidget()
        glyph = StatusIcon(18, Status.AMBER, "warning")
        sentence = self.say.label(warning, TextSize.STRONG, selectable=True)
        row((glyph, 0, Qt.AlignmentFlag.AlignTop), (sentence, 1), inside=strip)
        return strip


class DoneNotice(QFrame):
    """What was just done to the policy, and the way back from it."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, Status.GREEN.value)
        self.sentence = WrappedLabel(TextSize.STRONG)
        back = T("Restore the rules as they were before (Ctrl+Z)")
        self.undo = self.say.button(T("Undo this change"), icon="undo", tip=back, destroys=True)
        self.shut = self.say.icon_button("close", T("Close this notice"), self.hide, kind="quiet")
        self._row = row(StatusIcon(18, Status.GREEN), (self.sentence, 1), self.undo, self.shut, inside=self)
        self.be_small(False)
        self.hide()

    def be_small(self, small: bool) -> None:
        """Leave no room above and below the buttons where there is little."""
        edge = 1 if small else STEP // 2
        self._row.setContentsMargins(STEP * 2, edge, STEP, edge)

    def show_done(self, sentence: Translatable, *, can_undo: bool) -> None:
        """Show what was done; `can_undo` offers to take it back."""
        self.say(self.sentence.setText, sentence)
        self.say(self.setAccessibleName, sentence)
        self.undo.setVisible(can_undo)
        self.show()


class PolicyView(ListPage):
    """The policy at the top; below it the rules, and the chosen one in full."""

    def __init__(self) -> None:
        super().__init__()
        self.say(self.setAccessibleName, T("Policy"))
        self._make_parts()
        self._lay_out()

    def _make_parts(self) -> None:
        self.problem = ProblemBar()
        self.loading = EmptyState("policy")
        self.say(self.loading.title.setText, T("Reading the policy…"))
        self.unusable = EmptyState("policy")
        self.say(self.unusable.title.setText, T("The policy cannot be used"))
        self.say(self.unusable.sentence.setText, T("No phone can be checked until it can be read."))
        self.head = PolicyHeader()
        self.warnings = PolicyWarnings()
        self.notice = DoneNotice()
        self.tools = PageTools()
        self.search = SearchField()
        self.say(self.search.invite, T("Would this app be banned? Type a name or an id"))
        self.answer = AnswerStrip()
        self.count = ElidedLabel()
        self.rules = RulesModel(self)
        self.table = RowsTable(self.rules)
        self.say(self.table.setAccessibleName, T("Rules of the policy"))
        self.table.have_least(LEAST_ROWS)
        self.table.setItemDelegateForColumn(RuleColumn.STRENGTH, FlagDelegate(self.table))
        heads = self.table.horizontalHeader()
        heads.setStretchLastSection(False)
        heads.setSectionResizeMode(RuleColumn.PRODUCT, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(RuleColumn.STRENGTH, _STRENGTH)
        self.table.setColumnWidth(RuleColumn.SINCE, _SINCE)
        self.say(self.open.setText, T("Read the chosen rule"))
        self.say(self.open.setToolTip, T("Read the chosen rule (Enter)"))
        self.rule = RulePane()
        self.nothing = EmptyState("search")
        self.say(
            self.nothing.sentence.setText,
            T("These words are in no product, id, reason or authority, neither in English nor in French."),
        )
        self.right = Stack()
        self.states = Stack()

    def _lay_out(self) -> None:
        self._top = row(self.search)
        self.table.setMinimumWidth(_LEFT)
        rules = self.list_column
        rules.addLayout(self._top)
        rules.addWidget(self.answer)
        rules.addLayout(row((self.count, 1), self.open, spacing=-1))
        rules.addWidget(self.table, 1)
        self.right.addWidget(self.rule)
        self.right.addWidget(self.nothing)
        self.put_panes(self.table, self.right, (2, 3), (500, 800))
        self._above_column = column(self.head, self.warnings, self.notice, self.tools, inside=self.above)
        self._content = Fitting()
        self._content_column = column(self.above, (self.panes, 1), inside=self._content)
        for state in (self.loading, self.unusable, self._content):
            self.states.addWidget(state)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.states, 1)
        self.be_small(False)

    def be_small(self, small: bool) -> None:
        super().be_small(small)
        self.column.setSpacing(STEP if small else STEP * 2)
        for part in (self._above_column, self._content_column, self.list_column):
            part.setSpacing(STEP // 2 if self.tight else STEP)
        self.head.be_small(small)
        self.notice.be_small(self.tight)
        self.rule.be_small(small)
        self.tools.be_small(small)
        if small:
            self._top.addWidget(self.tools)
        else:
            self._above_column.addWidget(self.tools)

    def _tables(self) -> tuple[tuple[Table, str], ...]:
        """The tables, each with the key by which its columns are remembered."""
        rule = self.rule
        return (self.table, "policy/rules"), (rule.table, "policy/ids"), (rule.signature_table, "policy/signs")

    def save(self, settings: QSettings) -> None:
        """Remember the widths of the columns and the panes."""
        for table, key in self._tables():
            table.save(settings, key)
        settings.setValue("policy/panes", self.shared())
        settings.setValue("policy/rule", self.rule.saveState())

    def restore(self, settings: QSettings) -> None:
        """Have the columns and the panes as wide as they were remembered."""
        for table, key in self._tables():
            table.restore(settings, key)
        self.share(settings.value("policy/panes"))
        state = settings.value("policy/rule")
        if isinstance(state, QByteArray):  # anything else was written by hand
            self.rule.restoreState(state)
