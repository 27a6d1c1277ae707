"""The policy page: the policy in force, its rules to search, the chosen one in full, and what this desk may change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent

from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.desk.policy.policy_changes import OwnRules
from core.model import App, Finding, Labels, Phone, Policy
from core.text import N, T, Text, plain
from gui.policy.edit.change_dialogs import LANE, Changed
from gui.policy.page_data import Checks, PageData, read
from gui.policy.page_header import warnings
from gui.policy.page_view import PolicyView, pop_up
from gui.policy.rules.rule_model import Query, RuleOrigin
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, one_call
from gui.toolkit.lists.list_page import shortcut
from gui.toolkit.page import PageKey

if TYPE_CHECKING:  # loaded late: see PolicyPage.dialogs
    from gui.policy.dialogs import PolicyDialogs


class PolicyPage(PolicyView):
    """Shows the policy by which this desk judges. Reads it when it is first shown, or when :meth:`reload` is called."""

    #: The policy was read; a :class:`core.model.Policy`.
    loaded = Signal(object)
    #: The rules or the exceptions have changed, and what is to be said of it: phones have to be judged anew.
    changed = Signal(object)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)
    #: Something was written outside: a :class:`gui.toolkit.forms.form_dialog.WrittenFile`.
    file_written = Signal(object)

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        *,
        memory: QSettings | None = None,
        checks: Checks = tuple,
    ) -> None:
        """`checks` gives the checks that the window still knows whole: on them a change is tried first."""
        super().__init__()
        self.policy: Policy | None = None
        self.page_data: PageData | None = None
        self._desk = desk
        self._runner = runner
        self._job: Job[PageData] | None = None
        self._turn = 0
        self._liked = ""
        self._waiting: list[Callable[[PageData], object]] = []
        self._before: OwnRules | None = None
        self._memory, self._checks = memory, checks
        self._dialogs: PolicyDialogs | None = None
        self._connect()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._look_for)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.entered_row.connect(self.go_into)
        self.head.parts.clicked.connect(lambda: self._when_read(self.dialogs.layers))
        self.head.beside.clicked.connect(lambda: self._when_read(self.dialogs.beside))
        self.head.choose.clicked.connect(self.choose_policy)
        self.rule.edit.clicked.connect(self.edit_rule)
        for out in (self.rule.delete, self.rule.off, self.rule.on):
            out.clicked.connect(self.take_out)
        self.tools.add.clicked.connect(self.add_rule)
        self.tools.exceptions.clicked.connect(self.show_exceptions)
        self.tools.import_policy.clicked.connect(self.import_policy)
        self.tools.export.clicked.connect(self.export)
        self.notice.undo.clicked.connect(self.take_back)
        for keys, act, _ in self.keys():
            if act is not None:
                QShortcut(keys, self).activated.connect(act)
        down, delete = Qt.Key.Key_Down, Qt.Key.Key_Delete
        for key, widget, act in ((down, self.search, self.table.setFocus), (delete, self.table, self.take_out)):
            shortcut(QKeySequence(key), act, widget, Qt.ShortcutContext.WidgetShortcut)
        self.problem.offer(T("Try again"), self.reload)
        self.unusable.add_button(T("Import a signed policy…"), self.import_policy)
        self.nothing.add_button(T("Show all rules"), self.search.clear)
        self.add_for_it = self.nothing.add_button(T("Add a rule for it…"), self.add_rule)
        self._say_found()

    def keys(self) -> list[PageKey]:
        return [
            (
                QKeySequence(QKeySequence.StandardKey.Find),
                self._find,
                T("Search the policy, or ask whether an app would be banned"),
            ),
            (QKeySequence(Qt.Key.Key_F5), self.reload, T("Reload the policy")),
            (QKeySequence("Ctrl+N"), self.add_rule, T("Add a rule of this desk")),
            (QKeySequence("F2"), self.edit_rule, T("Edit the chosen rule of this desk")),
            (QKeySequence("Ctrl+Z"), self.offer_undo, T("Go to the button that undoes the last change")),
            (QKeySequence("Ctrl+E"), self.show_exceptions, T("Show the exceptions")),
            (QKeySequence("Ctrl+O"), self.import_policy, T("Import a signed policy")),
            (QKeySequence("Ctrl+S"), self.export, T("Save the policy for device management")),
            (
                QKeySequence("Del"),
                None,
                T("Delete the chosen rule of this desk, or switch one of the policy off or on"),
            ),
            (QKeySequence("Ctrl+Return"), None, T("Put the rule in the form in force")),
            (QKeySequence(QKeySequence.StandardKey.Copy), None, T("Copy the chosen rows")),
        ]

    @property
    def dialogs(self) -> PolicyDialogs:
        """The dialogs in which the policy is changed. Made when the first is wanted."""
        # The libraries for signed policies, and all dialogs, are not to be waited for before the page is seen.
        from gui.policy.dialogs import PolicyDialogs

        if self._dialogs is None:
            self._dialogs = PolicyDialogs(self._desk, self._runner, self._memory, self._checks, self)
            self._dialogs.changed.connect(self._changed)
            self._dialogs.chosen.connect(self._tell)
            imported = T("A signed policy was imported and is in force.")
            self._dialogs.imported.connect(lambda: self._tell(imported))
            self._dialogs.excepted.connect(self.changed)
            self._dialogs.recorded.connect(self.recorded)
            self._dialogs.file_written.connect(self.file_written)
        return self._dialogs

    # Reading

    def reload(self) -> None:
        """Read the policy in force, anew if it was read before."""
        if self._job is not None:
            self._job.stop()
        self._turn += 1
        if self.policy is None:
            self.problem.show_problem(None)
            self.states.setCurrentWidget(self.loading)
        file = self._desk.settings.policy
        ended = partial(self._ended, self._turn, file)
        self._job = self._runner.start(self, LANE, one_call(read, self._desk), ended)

    def _ended(self, turn: int, file: str, end: JobEnd[PageData]) -> None:
        if turn != self._turn:
            return  # it was asked for again since
        if isinstance(end, Done):
            self.problem.show_problem(None)
            self._show(end.value, file)
        elif isinstance(end, Failed):
            # What was read before is not in force any more: to go on showing it would be untrue.
            self.policy = self.page_data = None
            self._waiting.clear()
            self.states.setCurrentWidget(self.unusable)
            self.problem.show_problem(end.problem)

    def _show(self, page_data: PageData, file: str) -> None:
        self.page_data, self.policy = page_data, page_data.policy
        self.head.show_policy(page_data, file)
        may_edit = page_data.locked is None
        self.tools.add.setVisible(may_edit)
        self.add_for_it.setVisible(may_edit)
        self.rule.allow(edits=may_edit)
        self.warnings.show_warnings(warnings(page_data, file))
        self.rules.show(page_data.rules)
        self._choose()
        self._answer(self.search.text())
        self.states.setCurrentWidget(self._content)
        self.loaded.emit(page_data.policy)
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act(page_data)

    def _when_read(self, act: Callable[[PageData], object]) -> None:
        """Call `act` with what is in force, once that is read."""
        if self.page_data is not None:
            act(self.page_data)
        else:
            self._waiting.append(act)
            self.reload()

    def _when_editable(self, act: Callable[[PageData], object]) -> None:
        """Call `act` once the policy is read, if this desk may have rules of its own; else say why it may not."""
        self._when_read(
            lambda page_data: (
                act(page_data) if page_data.locked is None else self.problem.show_problem(page_data.locked)
            )
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._turn:
            self.reload()

    # Searching and choosing

    def _look_for(self, text: str) -> None:
        self.rules.search(Query(text))
        self._choose()
        self._answer(text)

    def _choose(self) -> None:
        """Have the best row chosen, and say how many there are."""
        row = self.rules.best(self._liked)
        self.right.setCurrentWidget(self.nothing if row < 0 else self.rule)
        offer(self.open, row >= 0 and self.small)
        if row >= 0:
            self.table.selectRow(row)
            self.table.scrollTo(self.rules.index(row, 0))
        self._say_found()

    def _answer(self, typed: str) -> None:
        """Say whether an app of this name, id or certificate would be banned."""
        policy = self.page_data.policy if self.page_data is not None else None
        self.answer.ask(self._runner, policy, typed, self.rules.rules_by_name())

    def _chosen(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            entry = self.rules.row(current.row())
            self._liked = entry.rule.id
            self.rule.show_entry(entry, self.rules.query)

    def read_on(self) -> None:
        """Put the cursor into the table that is shown of the chosen rule."""
        (self.rule.signature_table if self.rule.by_signatures.isChecked() else self.rule.table).setFocus()

    def _find(self) -> None:
        if self.policy is not None:
            self.leave()
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()

    def _counted(self) -> Text:
        rules: Text = N("{count} rule", "{count} rules", self.rules.total)
        if self.rules.query:
            return T("{shown} of {rules}", shown=self.rules.rowCount(), rules=rules)
        if self.rules.off:
            off = N("{count} not in force", "{count} not in force", self.rules.off)
            return T("{a}, {b}", a=rules, b=off)
        return rules

    def _say_found(self) -> None:
        self.say(self.count.setText, self._counted)
        words = plain(self.search.text().strip(), 60)
        self.say(self.nothing.title.setText, T("No rule matches “{words}”", words=words))

    # What is done from here, also from other pages

    def add_rule(self) -> None:
        """Open the form of a new rule of the desk's own, about what was looked for if no rule fits that."""
        name = "" if self.rules.rowCount() else plain(self.search.text().strip())
        self._when_editable(lambda page_data: self.dialogs.add(page_data, name))

    def new_rule(self, app: App, platform: str) -> None:
        """Open the form of a new rule of the desk's own, about an app that was met on a phone of that platform."""
        self._when_editable(lambda page_data: self.dialogs.ban(page_data, app, platform))

    def new_exception(self, finding: Finding, phone: Phone, labels: Labels) -> None:
        """Open the form of an exception for a phone that was checked, about what was found on it."""
        self.dialogs.except_(finding, phone, labels)

    def show_exceptions(self) -> None:
        """Open the list of the exceptions."""
        self.dialogs.exceptions()

    def choose_policy(self) -> None:
        """Open the choice among the policies that come with Fanion."""
        self._when_read(self.dialogs.choose)

    def import_policy(self) -> None:
        """Open the dialog that imports a signed policy from a USB stick."""
        self.dialogs.import_policy()

    def export(self) -> None:
        """Show the menu of the formats in which the policy can be saved."""
        if self.page_data is not None:
            self.tools.pop_up(self.dialogs.menu(self.page_data))

    def export_for(self, form: str) -> None:
        """Open the dialog that saves the policy in the format `form`, as device management wants it."""
        self._when_read(lambda page_data: self.dialogs.export(page_data, form))

    def offer_formats(self, platform: str, corner: QPoint) -> None:
        """Show the menu of the formats that the managements of phones of a platform read, with its corner here."""
        self._when_read(lambda page_data: pop_up(self.dialogs.menu(page_data, platform), corner))

    def edit_rule(self) -> None:
        """Open the form of the chosen rule, if it is the desk's own."""
        entry = self.rule.entry
        if entry is not None and entry.origin.own and self._sees_rule:
            self._when_editable(lambda page_data: self.dialogs.edit(page_data, entry.rule))

    def take_out(self) -> None:
        """Delete the chosen rule if it is the desk's own; else switch it off, or on again."""
        entry = self.rule.entry
        if entry is None or not self._sees_rule:
            return
        rule, origin = entry.rule, entry.origin
        if origin.own:
            self._when_editable(lambda page_data: self.dialogs.delete(page_data, rule))
        elif origin in (RuleOrigin.POLICY, RuleOrigin.OFF):
            self._when_editable(lambda page_data: self.dialogs.switch(page_data, rule, off=origin is RuleOrigin.POLICY))

    @property
    def _sees_rule(self) -> bool:
        return self.page_data is not None and self.right.currentWidget() is self.rule

    def offer_undo(self) -> None:
        """Put the focus where the last change of the rules can be taken back: no key does that unread."""
        if self._before is not None and not self.notice.isHidden():
            self.leave()
            self.notice.undo.setFocus(Qt.FocusReason.TabFocusReason)

    def take_back(self) -> None:
        """Have the desk's own rules as they were before the last change."""
        before, self._before = self._before, None
        if before is not None:
            self.notice.hide()
            work = one_call(policy_changes.put_in_force, self._desk, before)
            self._runner.start(self, LANE, work, self._taken_back)

    def _taken_back(self, end: JobEnd[ActivePolicy]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        elif isinstance(end, Done):
            self._tell(T("The rules are as they were before."))

    def _changed(self, changed: Changed) -> None:
        self._liked = changed.rule or self._liked
        self.search.clear()
        self._tell(changed.sentence, changed.before)

    def _tell(self, sentence: Text, before: OwnRules | None = None) -> None:
        """Say what was done to the policy; `before` are the own rules that can be had again."""
        self._before = before
        self.notice.show_done(sentence, can_undo=before is not None)
        self.changed.emit(sentence)
        self.reload()
