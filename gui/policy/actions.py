"""What is done from the policy page: opens its dialogs, which are loaded with this module when the first is wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from core.desk.desk import Desk
from core.model import App, Finding, Labels, Phone, Rule
from core.policy.convert import Direction
from core.text import Bilingual, T
from gui.policy.edit.change_dialogs import ChangeContext, DeleteRuleDialog, RuleChangeDialog, SwitchRuleDialog
from gui.policy.edit.rule_draft import Draft, of_app
from gui.policy.edit.rule_form import RuleFormDialog
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.exceptions.exceptions_dialog import ExceptionsDialog
from gui.policy.export_dialog import ExportSheet, formats
from gui.policy.import_dialog import ImportPolicyDialog
from gui.policy.layers_dialog import PolicyLayersDialog
from gui.policy.page_data import Checks, PageData
from gui.toolkit.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner
from gui.toolkit.widgets import literal


class PolicyActions(QObject):
    """Opens the sheets over the window that `page` is in."""

    #: The own rules were changed: a :class:`gui.policy.edit.change_dialogs.Changed`.
    changed = Signal(object)
    #: A signed policy was accepted.
    imported = Signal()
    #: An exception was granted or withdrawn, and what is to be said of it.
    excepted = Signal(object)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)
    #: Something was written outside: a :class:`gui.toolkit.form_dialog.Made`.
    made = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings | None, checks: Checks, page: QWidget) -> None:
        """`checks` gives the checks that this window still knows whole."""
        super().__init__(page)
        self._desk, self._runner, self._memory, self._checks, self._page = desk, runner, memory, checks, page

    # The desk's own rules

    def add(self, shown: PageData, name: str = "") -> RuleChangeDialog:
        """A new rule; `name` is what was looked for and not found."""
        today = datetime.now(UTC).date()
        draft = Draft(today, android=name) if _is_id(name) else Draft(today, product=Bilingual(name, ""))
        return self._change(RuleFormDialog(self._bench(shown), start=draft))

    def ban(self, shown: PageData, app: App, platform: str) -> RuleChangeDialog:
        """A new rule about an app that was met on a phone."""
        draft = of_app(app, platform, datetime.now(UTC).date())
        return self._change(RuleFormDialog(self._bench(shown), start=draft, app=app if platform == "android" else None))

    def edit(self, shown: PageData, rule: Rule) -> RuleChangeDialog:
        """One of the desk's own."""
        return self._change(RuleFormDialog(self._bench(shown), rule=_own(shown, rule)))

    def delete(self, shown: PageData, rule: Rule) -> RuleChangeDialog:
        """One of the desk's own."""
        return self._change(DeleteRuleDialog(self._bench(shown), rule))

    def switch(self, shown: PageData, rule: Rule, *, off: bool) -> RuleChangeDialog:
        """A rule of the policy, off or on again."""
        return self._change(SwitchRuleDialog(self._bench(shown), rule, off=off))

    # Exceptions

    def exceptions(self, practice: bool = False) -> ExceptionsDialog:
        """The register."""
        sheet = ExceptionsDialog(self._desk, self._runner, self._memory, self._page.window(), practice=practice)
        sheet.grant_wanted.connect(partial(self._grant_from, sheet))
        sheet.recorded.connect(partial(self._noted, sheet))
        sheet.withdrawn.connect(partial(self.excepted.emit, T("The exception is withdrawn")))
        self._open(sheet)
        return sheet

    def _grant_from(self, register: ExceptionsDialog, practice: bool) -> None:
        sheet = GrantExceptionDialog(self._desk, self._runner, register, practice=practice)
        sheet.recorded.connect(register.reload)
        sheet.granted.connect(self._granted)
        sheet.recorded.connect(lambda: self.recorded.emit(practice))
        sheet.open()

    def _granted(self) -> None:
        self.excepted.emit(T("The exception is granted"))

    def _noted(self, register: ExceptionsDialog) -> None:
        self.recorded.emit(register.practice.isChecked())

    def except_(self, finding: Finding, phone: Phone, labels: Labels) -> GrantExceptionDialog:
        """An exception for a phone that was checked."""
        sheet = GrantExceptionDialog(
            self._desk, self._runner, self._page.window(), finding=finding, phone=phone, labels=labels
        )
        sheet.recorded.connect(lambda: self.recorded.emit(phone.practice))
        sheet.granted.connect(self._granted)
        self._open(sheet)
        return sheet

    # In and out

    def import_policy(self) -> ImportPolicyDialog:
        """A signed policy from a USB stick."""
        sheet = ImportPolicyDialog(self._desk, self._runner, self._memory, self._page.window())
        sheet.imported.connect(self.imported)
        sheet.recorded.connect(lambda: self.recorded.emit(False))
        self._open(sheet)
        return sheet

    def menu(self, shown: PageData) -> QMenu:
        """The formats in which the policy can be saved."""
        menu = QMenu(self._page)
        # First what only blocks; behind a line what also looks.
        every = sorted(formats().items(), key=lambda pair: Direction.IMPORT in pair[1].kinds)
        for number, (name, format) in enumerate(every):
            if number and Direction.IMPORT in format.kinds and Direction.IMPORT not in every[number - 1][1].kinds:
                menu.addSeparator()
            menu.addAction(literal(f"{format.title}…")).triggered.connect(partial(self._export, shown, name))
        return menu

    def _export(self, shown: PageData, name: str, checked: bool = False) -> None:
        self.export(shown, name)

    def export(self, shown: PageData, name: str) -> ExportSheet:
        """The policy in one of the formats."""
        sheet = ExportSheet(shown.policy, name, self._runner, self._memory, self._page.window())
        self._open(sheet)
        return sheet

    def layers(self, shown: PageData) -> QDialog:
        """The files that the policy was made of."""
        sheet = PolicyLayersDialog(shown.policy, self._page.window())
        sheet.open()
        return sheet

    def _bench(self, shown: PageData) -> ChangeContext:
        return ChangeContext(self._desk, self._runner, shown, self._checks(), self._memory, self._page.window())

    def _change(self, sheet: RuleChangeDialog) -> RuleChangeDialog:
        sheet.changed.connect(self.changed)
        self._open(sheet)
        return sheet

    def _open(self, sheet: JobDialog) -> None:
        sheet.made.connect(self.made)
        sheet.open()


def _own(shown: PageData, rule: Rule) -> Rule:
    """As the desk's own file has it: in what is in force, a rule may have been given the policy's scope."""
    return next((mine for mine in shown.own.rules if mine.id == rule.id), rule)


def _is_id(name: str) -> bool:
    """Whether what was looked for is more likely an app's id than its name."""
    return "." in name and " " not in name
