"""The parts of the policy page and their layout; what they do is in :mod:`gui.policy.policy_page`."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QSettings
from PySide6.QtWidgets import QHeaderView, QWidget

from core.text import T
from gui.policy.notices import DoneNotice, PolicyWarnings
from gui.policy.page_header import PolicyHeader
from gui.policy.page_tools import PageTools
from gui.policy.rules.ask_field import AnswerStrip
from gui.policy.rules.rule_model import RuleColumn, RulesModel
from gui.policy.rules.rule_view import RulePane
from gui.toolkit.layouts import column, row
from gui.toolkit.list_page import Fitting, ListPage, Stack
from gui.toolkit.tables import LEAST_ROWS, FlagDelegate, SearchField, Table
from gui.toolkit.theme import STEP
from gui.toolkit.widgets import ElidedLabel, EmptyState, ProblemBar

#: Logical pixels. The product has what is left.
_STRENGTH: Final = 148
_SINCE: Final = 100
_LEFT: Final = 420


class PolicyView(ListPage):
    """The policy at the top; below it the rules, and the chosen one in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_parts()
        self._lay_out()
        self._say_names()

    def _make_parts(self) -> None:
        self.problem = ProblemBar()
        self.loading = EmptyState("policy")
        self.unusable = EmptyState("policy")
        self.head = PolicyHeader()
        self.warnings = PolicyWarnings()
        self.done = DoneNotice()
        self.tools = PageTools()
        self.search = SearchField()
        self.answer = AnswerStrip()
        self.count = ElidedLabel()
        self.rules = RulesModel(self)
        self.table = Table()
        self.table.have_least(LEAST_ROWS)
        self.table.setModel(self.rules)
        self.table.setItemDelegateForColumn(RuleColumn.STRENGTH, FlagDelegate(self.table))
        heads = self.table.horizontalHeader()
        heads.setStretchLastSection(False)
        heads.setSectionResizeMode(RuleColumn.PRODUCT, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(RuleColumn.STRENGTH, _STRENGTH)
        self.table.setColumnWidth(RuleColumn.SINCE, _SINCE)
        self.rule = RulePane()
        self.nothing = EmptyState("search")
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
        self._above_column = column(self.head, self.warnings, self.done, self.tools, inside=self.above)
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
        self.done.be_small(self.tight)
        self.rule.be_small(small)
        self.tools.be_small(small)
        if small:
            self._top.addWidget(self.tools)
        else:
            self._above_column.addWidget(self.tools)

    def _say_names(self) -> None:
        self.say(self.setAccessibleName, T("Policy"))
        self.say(self.loading.title.setText, T("Reading the policy…"))
        self.say(self.unusable.title.setText, T("The policy cannot be used"))
        self.say(self.unusable.sentence.setText, T("No phone can be checked until it can be read."))
        self.say(self.search.invite, T("Would this app be banned? Type a name or an id"))
        self.say(self.table.setAccessibleName, T("Rules of the policy"))
        self.say(self.open.setText, T("Read the chosen rule"))
        self.say(self.open.setToolTip, T("Read the chosen rule (Enter)"))
        self.say(
            self.nothing.sentence.setText,
            T("These words are in no product, id, reason or authority, neither in English nor in French."),
        )

    def save(self, settings: QSettings) -> None:
        """Remember how wide everything is."""
        self.table.save(settings, "policy/rules")
        self.rule.save(settings)
        settings.setValue("policy/panes", self.shared())
        settings.setValue("policy/rule", self.rule.saveState())

    def restore(self, settings: QSettings) -> None:
        """Have everything as wide as it was."""
        self.table.restore(settings, "policy/rules")
        self.rule.restore(settings)
        self.share(settings.value("policy/panes"))
        state = settings.value("policy/rule")
        if isinstance(state, QByteArray):  # anything else was written by hand
            self.rule.restoreState(state)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.rules.retranslate()
            self.rule.retranslate()
