"""The policy page: the policy in force, its rules to search, and the chosen one in full."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHeaderView, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.jobs import Cancel
from core.model import Policy
from core.text import N, T, Text, plain
from gui.parts import Empty, Line, ProblemBar, copy
from gui.policy.head import Head
from gui.policy.model import Entry, Query, RuleColumn, RulesModel, entries
from gui.policy.rule import RulePane
from gui.sayings import Sayings
from gui.tables import FlagDelegate, SearchField, Table, as_cell
from gui.tasks import Done, Ended, Failed, Job, Report, Runner
from gui.theme import STEP

if TYPE_CHECKING:
    from core.desk import Desk

#: A policy, and its rules ready to be searched.
Read = tuple[Policy, tuple[Entry, ...]]

_FIND: Final = QKeySequence.StandardKey.Find
_COPY: Final = QKeySequence.StandardKey.Copy
_AGAIN: Final = Qt.Key.Key_F5
#: Logical pixels. The product has what is left.
_STRENGTH: Final = 148
_SINCE: Final = 100
_LEFT: Final = 420


class PolicyPage(QWidget):
    """Shows the policy by which this desk judges. Reads it when it is first shown, or when :meth:`reload` is called."""

    #: The policy was read; a :class:`core.model.Policy`.
    loaded = Signal(object)

    def __init__(self, desk: Desk, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Sayings(self)
        self.policy: Policy | None = None
        self._desk = desk
        self._runner = runner
        self._job: Job[Read] | None = None
        self._asked = 0
        self._liked = ""
        self._make_parts()
        self._lay_out()
        self._connect()
        self._say()

    def _make_parts(self) -> None:
        self.problem = ProblemBar()
        self.loading = Empty("policy")
        self.unusable = Empty("policy")
        self.head = Head()
        self.search = SearchField()
        self.count = Line()
        self.rules = RulesModel(self)
        self.table = Table()
        self.table.setModel(self.rules)
        self.table.setItemDelegateForColumn(RuleColumn.STRENGTH, FlagDelegate(self.table))
        heads = self.table.horizontalHeader()
        heads.setStretchLastSection(False)
        heads.setSectionResizeMode(RuleColumn.PRODUCT, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(RuleColumn.STRENGTH, _STRENGTH)
        self.table.setColumnWidth(RuleColumn.SINCE, _SINCE)
        self.rule = RulePane()
        self.nothing = Empty("search")
        self.right = QStackedWidget()
        self.panes = QSplitter(Qt.Orientation.Horizontal)
        self.states = QStackedWidget()

    def _lay_out(self) -> None:
        left = QWidget()
        left.setMinimumWidth(_LEFT)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.search)
        column.addWidget(self.count)
        column.addWidget(self.table, 1)
        self.right.addWidget(self.rule)
        self.right.addWidget(self.nothing)
        self.panes.setChildrenCollapsible(False)
        self.panes.setHandleWidth(STEP * 2)
        self.panes.addWidget(left)
        self.panes.addWidget(self.right)
        self.panes.setStretchFactor(0, 2)
        self.panes.setStretchFactor(1, 3)
        self.panes.setSizes([500, 800])
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP * 2)
        column.addWidget(self.head)
        column.addWidget(self.panes, 1)
        for state in (self.loading, self.unusable, content):
            self.states.addWidget(state)
        self._content = content
        page = QVBoxLayout(self)
        page.setContentsMargins(STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        page.setSpacing(STEP * 2)
        page.addWidget(self.problem)
        page.addWidget(self.states, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._look_for)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.copied.connect(self.copy_rules)
        self.table.entered_row.connect(self.rule.table.setFocus)
        here = Qt.ShortcutContext.WindowShortcut  # as long as the page is seen, wherever the cursor is
        _key(QKeySequence(_FIND), self, self._find, here)
        _key(QKeySequence(_AGAIN), self, self.reload, here)
        _key(QKeySequence(Qt.Key.Key_Down), self.search, self.table.setFocus, Qt.ShortcutContext.WidgetShortcut)

    def _say(self) -> None:
        self.problem.offer(T("Try again"), self.reload)
        self.say(self.setAccessibleName, T("Policy"))
        self.say(self.loading.title.setText, T("Reading the policy…"))
        self.say(self.unusable.title.setText, T("The policy cannot be used"))
        self.say(self.unusable.sentence.setText, T("No phone can be checked until it can be read."))
        self.say(self.search.invite, T("Search products, ids, reasons and authorities"))
        self.say(self.table.setAccessibleName, T("Rules of the policy"))
        self.say(self.count.setText, self._counted)
        self.say(self.nothing.title.setText, self._nothing)
        self.say(
            self.nothing.sentence.setText,
            T("These words are in no product, id, reason or authority, neither in English nor in French."),
        )
        self.nothing.add_button(T("Show all rules"), self.search.clear)

    # Reading

    def reload(self) -> None:
        """Read the policy in force, anew if it was read before."""
        if self._job is not None:
            self._job.stop()
        self._asked += 1
        if self.policy is None:
            self.problem.show_problem(None)
            self.states.setCurrentWidget(self.loading)
        file = self._desk.settings.policy
        self._job = self._runner.start(self, "policy", self._read, partial(self._ended, self._asked, file))

    def _read(self, cancel: Cancel, report: Report) -> Read:
        policy = self._desk.policy(None)
        return policy, entries(policy)

    def _ended(self, asked: int, file: str, end: Ended[Read]) -> None:
        if asked != self._asked:
            return  # it was asked for again since
        if isinstance(end, Done):
            self.problem.show_problem(None)
            policy, rules = end.value
            self._show(policy, rules, file)
        elif isinstance(end, Failed):
            # What was read before is not in force any more: to go on showing it would be untrue.
            self.policy = None
            self.states.setCurrentWidget(self.unusable)
            self.problem.show_problem(end.problem)

    def _show(self, policy: Policy, rules: tuple[Entry, ...], file: str) -> None:
        self.policy = policy
        self.head.show_policy(policy, file)
        self.rules.show(rules)
        self._choose()
        self.states.setCurrentWidget(self._content)
        self.loaded.emit(policy)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked:
            self.reload()

    # Searching and choosing

    def _look_for(self, text: str) -> None:
        self.rules.search(Query(text))
        self._choose()

    def _choose(self) -> None:
        """Have the best row chosen, and say how many there are."""
        row = self.rules.best(self._liked)
        self.right.setCurrentWidget(self.nothing if row < 0 else self.rule)
        if row >= 0:
            self.table.selectRow(row)
            self.table.scrollTo(self.rules.index(row, 0))
        self.say(self.count.setText, self._counted)
        self.say(self.nothing.title.setText, self._nothing)

    def _chosen(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            entry = self.rules.entry(current.row())
            self._liked = entry.rule.id
            self.rule.show_entry(entry, self.rules.query)

    def _find(self) -> None:
        if self.policy is not None:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()

    def _counted(self) -> Text:
        rules = N("{count} rule", "{count} rules", self.rules.total)
        if self.rules.query:
            return T("{shown} of {rules}", shown=self.rules.rowCount(), rules=rules)
        return rules

    def _nothing(self) -> Text:
        return T("No rule fits “{words}”", words=plain(self.search.text().strip(), 60))

    def copy_rules(self) -> None:
        """Put the chosen rules on the clipboard, one a line, as cells of a spreadsheet."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        if rows:
            copy("\n".join("\t".join(map(as_cell, self.rules.cells(row))) for row in rows))

    # What the window asks

    def shortcuts(self) -> list[tuple[Text, QKeySequence]]:
        """What can be done with keys here."""
        return [
            (T("Search the policy"), QKeySequence(_FIND)),
            (T("Copy the chosen rows"), QKeySequence(_COPY)),
            (T("Read the policy again"), QKeySequence(_AGAIN)),
        ]

    def save(self, settings: QSettings) -> None:
        """Remember how wide everything is."""
        self.table.save(settings, "policy/rules")
        self.rule.save(settings)
        settings.setValue("policy/panes", self.panes.saveState())
        settings.setValue("policy/rule", self.rule.saveState())

    def restore(self, settings: QSettings) -> None:
        """Have everything as wide as it was."""
        self.table.restore(settings, "policy/rules")
        self.rule.restore(settings)
        for key, splitter in (("policy/panes", self.panes), ("policy/rule", self.rule)):
            state = settings.value(key)
            if isinstance(state, QByteArray):  # anything else was written by hand
                splitter.restoreState(state)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.rules.retranslate()
            self.rule.retranslate()


def _key(keys: QKeySequence, of: QWidget, act: Callable[[], object], where: Qt.ShortcutContext) -> None:
    shortcut = QShortcut(keys, of)
    # Not an argument of the constructor: given together with a callable, PySide leaves it out without a word.
    shortcut.setContext(where)
    shortcut.activated.connect(act)
