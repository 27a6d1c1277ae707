"""What is done from the policy page: the one place that knows its sheets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from core.model import App, Check, Finding, Labels, Phone, Rule
from core.text import Bilingual, T
from gui.policy.page_data import Shown
from gui.toolkit.jobs import JobRunner
from gui.toolkit.widgets import literal

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from gui.policy.edit.change_dialogs import Bench, ChangeSheet
    from gui.policy.exceptions.exception_form import GrantSheet
    from gui.policy.exceptions.exceptions_dialog import RegisterSheet
    from gui.policy.export_dialog import ExportSheet
    from gui.policy.import_dialog import BringSheet
    from gui.toolkit.form_dialog import JobDialog

Checks = Callable[[], tuple[Check, ...]]


class Acts(QObject):
    """Opens the sheets over the window that `page` is in."""

    #: The own rules were changed: a :class:`gui.policy.edit.change_dialogs.Changed`.
    changed = Signal(object)
    #: A signed policy was accepted.
    brought = Signal()
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

    def add(self, shown: Shown, name: str = "") -> ChangeSheet:
        """A new rule; `name` is what was looked for and not found."""
        from gui.policy.edit.rule_draft import Draft
        from gui.policy.edit.rule_form import RuleSheet

        today = datetime.now(UTC).date()
        draft = Draft(today, android=name) if _is_id(name) else Draft(today, product=Bilingual(name, ""))
        return self._change(RuleSheet(self._bench(shown), start=draft))

    def ban(self, shown: Shown, app: App, platform: str) -> ChangeSheet:
        """A new rule about an app that was met on a phone."""
        from gui.policy.edit.rule_draft import of_app
        from gui.policy.edit.rule_form import RuleSheet

        draft = of_app(app, platform, datetime.now(UTC).date())
        return self._change(RuleSheet(self._bench(shown), start=draft, app=app if platform == "android" else None))

    def edit(self, shown: Shown, rule: Rule) -> ChangeSheet:
        """One of the desk's own."""
        from gui.policy.edit.rule_form import RuleSheet

        return self._change(RuleSheet(self._bench(shown), rule=_own(shown, rule)))

    def delete(self, shown: Shown, rule: Rule) -> ChangeSheet:
        """One of the desk's own."""
        from gui.policy.edit.change_dialogs import DeleteSheet

        return self._change(DeleteSheet(self._bench(shown), rule))

    def switch(self, shown: Shown, rule: Rule, *, off: bool) -> ChangeSheet:
        """A rule of the policy, off or on again."""
        from gui.policy.edit.change_dialogs import SwitchSheet

        return self._change(SwitchSheet(self._bench(shown), rule, off=off))

    # Exceptions

    def exceptions(self, practice: bool = False) -> RegisterSheet:
        """The register."""
        from gui.policy.exceptions.exceptions_dialog import RegisterSheet

        sheet = RegisterSheet(self._desk, self._runner, self._memory, self._page.window(), practice=practice)
        sheet.grant_wanted.connect(partial(self._grant_from, sheet))
        sheet.recorded.connect(partial(self._noted, sheet))
        sheet.withdrawn.connect(partial(self.excepted.emit, T("The exception is withdrawn")))
        self._open(sheet)
        return sheet

    def _grant_from(self, register: RegisterSheet, practice: bool) -> None:
        from gui.policy.exceptions.exception_form import GrantSheet

        sheet = GrantSheet(self._desk, self._runner, register, practice=practice)
        sheet.recorded.connect(register.reload)
        sheet.granted.connect(self._granted)
        sheet.recorded.connect(lambda: self.recorded.emit(practice))
        sheet.open()

    def _granted(self) -> None:
        self.excepted.emit(T("The exception is granted"))

    def _noted(self, register: RegisterSheet) -> None:
        self.recorded.emit(register.practice.isChecked())

    def except_(self, finding: Finding, phone: Phone, labels: Labels) -> GrantSheet:
        """An exception for a phone that was checked."""
        from gui.policy.exceptions.exception_form import GrantSheet

        sheet = GrantSheet(self._desk, self._runner, self._page.window(), finding=finding, phone=phone, labels=labels)
        sheet.recorded.connect(lambda: self.recorded.emit(phone.practice))
        sheet.granted.connect(self._granted)
        self._open(sheet)
        return sheet

    # In and out

    def bring(self) -> BringSheet:
        """A signed policy from a USB stick."""
        from gui.policy.import_dialog import BringSheet

        sheet = BringSheet(self._desk, self._runner, self._memory, self._page.window())
        sheet.brought.connect(self.brought)
        sheet.recorded.connect(lambda: self.recorded.emit(False))
        self._open(sheet)
        return sheet

    def menu(self, shown: Shown) -> QMenu:
        """The formats in which the policy can be saved."""
        from core.policy.convert import Kind
        from gui.policy.export_dialog import formats

        menu = QMenu(self._page)
        # First what only blocks; behind a line what also looks.
        every = sorted(formats().items(), key=lambda pair: Kind.IMPORT in pair[1].kinds)
        for number, (name, format) in enumerate(every):
            if number and Kind.IMPORT in format.kinds and Kind.IMPORT not in every[number - 1][1].kinds:
                menu.addSeparator()
            menu.addAction(literal(f"{format.title}…")).triggered.connect(partial(self._export, shown, name))
        return menu

    def _export(self, shown: Shown, name: str, checked: bool = False) -> None:
        self.export(shown, name)

    def export(self, shown: Shown, name: str) -> ExportSheet:
        """The policy in one of the formats."""
        from gui.policy.export_dialog import ExportSheet

        sheet = ExportSheet(shown.policy, name, self._runner, self._memory, self._page.window())
        self._open(sheet)
        return sheet

    def layers(self, shown: Shown) -> QDialog:
        """The files that the policy was made of."""
        from gui.policy.layers_dialog import LayersSheet

        sheet = LayersSheet(shown.policy, self._page.window())
        sheet.open()
        return sheet

    def _bench(self, shown: Shown) -> Bench:
        from gui.policy.edit.change_dialogs import Bench

        return Bench(self._desk, self._runner, shown, self._checks(), self._memory, self._page.window())

    def _change(self, sheet: ChangeSheet) -> ChangeSheet:
        sheet.changed.connect(self.changed)
        self._open(sheet)
        return sheet

    def _open(self, sheet: JobDialog) -> None:
        sheet.made.connect(self.made)
        sheet.open()


def _own(shown: Shown, rule: Rule) -> Rule:
    """As the desk's own file has it: in what is in force, a rule may have been given the policy's scope."""
    return next((mine for mine in shown.own.rules if mine.id == rule.id), rule)


def _is_id(name: str) -> bool:
    """Whether what was looked for is more likely an app's id than its name."""
    return "." in name and " " not in name


def no_checks() -> tuple[Check, ...]:
    """For a page that stands alone: no check is known."""
    return ()
