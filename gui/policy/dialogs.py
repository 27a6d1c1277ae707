"""Opens the dialogs of the policy page, which are loaded with this module when the first is wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from core.desk.desk import Desk
from core.model import App, Finding, Labels, Phone, Rule, platforms
from core.policy.convert import FORMATS
from core.text import Bilingual
from gui.policy.beside_dialog import BesideDialog
from gui.policy.choose_dialog import ChoosePolicyDialog
from gui.policy.edit.change_dialogs import ChangeContext, DeleteRuleDialog, RuleChangeDialog, SwitchRuleDialog
from gui.policy.edit.rule_draft import RuleDraft, of_app
from gui.policy.edit.rule_form import RuleFormDialog
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.exceptions.exceptions_dialog import ExceptionsDialog
from gui.policy.export_dialog import ExportPolicyDialog
from gui.policy.import_dialog import ImportPolicyDialog
from gui.policy.page_data import Checks, PageData
from gui.policy.page_header import PolicyLayersDialog
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner
from gui.toolkit.widgets import literal

Dialog = TypeVar("Dialog", bound=JobDialog)


class PolicyDialogs(QObject):
    """Opens the dialogs over the window that `page` is in."""

    #: The own rules were changed: a :class:`gui.policy.edit.change_dialogs.Changed`.
    changed = Signal(object)
    #: Another policy was chosen, and what is to be said of it.
    chosen = Signal(object)
    #: A signed policy was accepted.
    imported = Signal()
    #: An exception was granted or withdrawn, and what is to be said of it.
    excepted = Signal(object)
    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)
    #: Something was written outside: a :class:`gui.toolkit.forms.form_dialog.WrittenFile`.
    file_written = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings | None, checks: Checks, page: QWidget) -> None:
        """`checks` gives the checks that this window still knows whole."""
        super().__init__(page)
        self._desk, self._runner, self._memory, self._checks, self._page = desk, runner, memory, checks, page

    # The desk's own rules

    def add(self, page_data: PageData, name: str = "") -> RuleChangeDialog:
        """Open the form for a new rule; `name` is what was looked for and not found."""
        today = datetime.now(UTC).date()
        first = next(iter(platforms.PLATFORMS))
        draft = RuleDraft(today, ids={first: name}) if _is_id(name) else RuleDraft(today, Bilingual(name, ""))
        return self._change(RuleFormDialog(self._context(page_data), start=draft))

    def ban(self, page_data: PageData, app: App, platform: str) -> RuleChangeDialog:
        """Open the form for a new rule about an app that was met on a phone."""
        draft, known = of_app(app, platform, datetime.now(UTC).date()), None if platforms.of(platform).by_team else app
        return self._change(RuleFormDialog(self._context(page_data), start=draft, app=known))

    def edit(self, page_data: PageData, rule: Rule) -> RuleChangeDialog:
        """Open the form for one of the desk's own rules, as its file has it: in force, it may have a scope besides."""
        mine = next((mine for mine in page_data.own.rules if mine.id == rule.id), rule)
        return self._change(RuleFormDialog(self._context(page_data), rule=mine))

    def delete(self, page_data: PageData, rule: Rule) -> RuleChangeDialog:
        """Ask whether one of the desk's own rules is to be deleted."""
        return self._change(DeleteRuleDialog(self._context(page_data), rule))

    def switch(self, page_data: PageData, rule: Rule, *, off: bool) -> RuleChangeDialog:
        """Ask whether a rule of the policy is to be switched off, or on again."""
        return self._change(SwitchRuleDialog(self._context(page_data), rule, off=off))

    def _context(self, page_data: PageData) -> ChangeContext:
        return ChangeContext(self._desk, self._runner, page_data, self._checks(), self._memory, self._page.window())

    def _change(self, dialog: RuleChangeDialog) -> RuleChangeDialog:
        dialog.changed.connect(self.changed)
        return self._open(dialog)

    def choose(self, page_data: PageData) -> ChoosePolicyDialog:
        """Open the choice among the policies that come with Fanion."""
        dialog = ChoosePolicyDialog(self._desk, self._runner, page_data, self._page.window())
        dialog.changed.connect(self.chosen)
        return self._open(dialog)

    # Exceptions

    def exceptions(self, practice: bool = False) -> ExceptionsDialog:
        """Open the list of the exceptions, of the practice log if `practice`."""
        dialog = ExceptionsDialog(self._desk, self._runner, self._page.window(), practice=practice)
        dialog.changed.connect(self.excepted)
        dialog.recorded.connect(lambda: self.recorded.emit(dialog.practice.isChecked()))
        return self._open(dialog)

    def except_(self, finding: Finding, phone: Phone, labels: Labels) -> GrantExceptionDialog:
        """Open the form for an exception for a phone that was checked, about what was found on it."""
        window = self._page.window()
        dialog = GrantExceptionDialog(self._desk, self._runner, window, finding=finding, phone=phone, labels=labels)
        dialog.changed.connect(self.excepted)
        dialog.recorded.connect(lambda: self.recorded.emit(phone.practice))
        return self._open(dialog)

    # In and out

    def import_policy(self) -> ImportPolicyDialog:
        """Open the dialog that imports a signed policy from a USB stick."""
        dialog = ImportPolicyDialog(self._desk, self._runner, self._memory, self._page.window())
        dialog.imported.connect(self.imported)
        dialog.recorded.connect(lambda: self.recorded.emit(False))
        return self._open(dialog)

    def menu(self, page_data: PageData, platform: str = "") -> QMenu:
        """Make the menu of the formats in which the policy can be saved; with a platform, only of those that the
        managements of its phones read."""
        menu = QMenu(self._page.window())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # First what only blocks; behind a line what also looks.
        every = sorted(FORMATS.items(), key=lambda pair: pair[1].is_imported)
        every = [(name, format) for name, format in every if not platform or platform in format.manages]
        for number, (name, format) in enumerate(every):
            if number and format.is_imported > every[number - 1][1].is_imported:
                menu.addSeparator()
            action = menu.addAction(literal(f"{format.title}…"))
            action.triggered.connect(lambda checked=False, name=name: self.export(page_data, name))
        return menu

    def export(self, page_data: PageData, name: str) -> ExportPolicyDialog:
        """Open the dialog that saves the policy in the format `name`."""
        dialog = ExportPolicyDialog(page_data.policy, name, self._runner, self._memory, self._page.window())
        return self._open(dialog)

    def layers(self, page_data: PageData) -> QDialog:
        """Show the files that the policy was made of."""
        dialog = PolicyLayersDialog(page_data.policy, self._page.window())
        dialog.open()
        return dialog

    def beside(self, page_data: PageData) -> QDialog:
        """Show what the policy looks for beside its rules."""
        dialog = BesideDialog(page_data.policy, self._page.window())
        dialog.open()
        return dialog

    def _open(self, dialog: Dialog) -> Dialog:
        dialog.file_written.connect(self.file_written)
        dialog.open()
        return dialog


def _is_id(name: str) -> bool:
    """Whether what was looked for is more likely an app's id than its name."""
    return "." in name and " " not in name
