"""The dialogs that change the desk's own rules: what would be different is shown before it is put in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.desk.policy.policy_changes import OwnRules
from core.model import Check, Rule
from core.text import T, Text
from gui.policy.edit.change_preview import PreviewPane
from gui.policy.edit.rule_draft import switched, without
from gui.policy.page_data import PageData
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.layouts import row
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import ElidedLabel, StatusIcon

#: The lane of everything that changes what is in force: one after the other.
LANE: Final = "policy"

RulesChange = Callable[[OwnRules], OwnRules]


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done, and the own rules before it: to take it back. `rule` is the id of the rule to look at."""

    sentence: Text
    before: OwnRules
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """What a dialog that changes rules works with: what is in force, and the checks that this window still knows."""

    desk: Desk
    runner: JobRunner
    page_data: PageData
    checks: Sequence[Check]
    memory: QSettings | None
    parent: QWidget


class RuleChangeDialog(JobDialog):
    """Shows what is to be done and what it would mean, and does it. For a desk that may have rules of its own.

    A subclass fills `form`, says in :meth:`turn` how the own rules would be, and in :meth:`sentence` what was done.
    """

    #: It was put in force: a :class:`Changed`.
    changed = Signal(object)

    def __init__(self, context: ChangeContext, title: Text, go: Text, *, destroys: bool = False) -> None:
        page_data = context.page_data
        self.first_wrong = _Reason()  # before the dialog is made, which asks at once how tall it has to be
        super().__init__(context.runner, LANE, title, go, context.parent, destroys=destroys)
        self._desk, self._page_data, self._memory = context.desk, page_data, context.memory
        self.preview = PreviewPane(context.desk, context.runner, page_data, context.checks)
        self.preview.changed.connect(self.fit)
        self._column.insertWidget(1, self.first_wrong)
        self.enter_begins = False  # it leads on among many lines: Ctrl+Enter puts in force
        if not destroys:
            keys = QShortcut(QKeySequence("Ctrl+Return"), self)
            keys.activated.connect(self._go_by_key)
            self.say(self.go.setToolTip, T("Ctrl+Enter"))
        self.resize(640, 0)

    def finish_form(self) -> None:
        """Show below the form what the change would mean, and judge what stands in it for the first time."""
        self.form.addWidget(self.preview)
        self.look_again()

    def _ask(self, question: Text, after: Text) -> None:
        """Ask one question instead of a form, and say what follows from it."""
        self.form.addWidget(self.say.label(question, TextSize.STRONG))
        self.form.addWidget(self.say.label(after))
        self.finish_form()

    # What subclasses say

    def turn(self) -> RulesChange | None:
        """How the own rules are to be changed; None while something is missing or wrong."""
        raise NotImplementedError

    def sentence(self) -> Text:
        """The sentence that tells the officer what was done."""
        raise NotImplementedError

    def why_not(self) -> Text | None:
        """Why the rules cannot be changed yet, the first reason; None if they can."""
        return None

    def rule_id(self) -> str:
        """The id of the rule that the page shows afterwards; empty for the one that it shows now."""
        return ""

    # What happens

    def look_again(self) -> None:
        """Judge anew what stands in the form: something was typed or chosen."""
        why, turn = self.why_not(), self.turn()
        may = turn is not None and why is None
        self.hold_back(why or (None if may else T("Nothing is changed yet.")), beside=why is None)
        self.first_wrong.setVisible(why is not None)
        self.say(self.first_wrong.setText, why or "")
        self.preview.show_for(turn(self._page_data.own) if turn is not None and may else None)
        self.fit()

    def work(self) -> Work[Any] | None:
        turn = self.turn()
        if turn is None or self.why_not() is not None:
            return None
        return one_call(_put, self._desk, turn, self.sentence(), self.rule_id())

    def tell(self, value: Changed) -> None:
        self.changed.emit(value)
        self.accept()

    def _show(self, part: QWidget) -> None:
        super()._show(part)
        if part is not self.question_part:
            self.first_wrong.hide()

    def _needed(self, width: int) -> int:
        line = 0 if self.first_wrong.isHidden() else self.first_wrong.sizeHint().height() + self._column.spacing()
        return super()._needed(width) + line

    def _go_by_key(self) -> None:
        if self.go.isEnabled() and self.go.isVisible():
            self.begin()


class DeleteRuleDialog(RuleChangeDialog):
    """Deletes a rule of the desk's own."""

    def __init__(self, context: ChangeContext, rule: Rule) -> None:
        super().__init__(context, T("Delete a rule of this desk"), T("Delete"), destroys=True)
        self._rule = rule
        mark(self.go, "danger")
        instead = context.page_data.force.base.rule(rule.id) is not None
        self._ask(
            T("Delete the rule “{product}” of this desk?", product=rule.product),
            T("The policy’s own rule of this name counts again.") if instead else T("No app is judged by it any more."),
        )

    def turn(self) -> RulesChange:
        return partial(without, id=self._rule.id)

    def sentence(self) -> Text:
        return T("The rule “{product}” is deleted.", product=self._rule.product)


class SwitchRuleDialog(RuleChangeDialog):
    """Switches a rule of the policy off at this desk, or on again."""

    def __init__(self, context: ChangeContext, rule: Rule, *, off: bool) -> None:
        title = T("Switch a rule off") if off else T("Switch a rule on again")
        super().__init__(context, title, T("Switch off") if off else T("Switch on"), destroys=off)
        self._rule, self._off = rule, off
        if off:
            self._ask(
                T("Switch the rule “{product}” off at this desk?", product=rule.product),
                T("No app is judged by it here until it is switched on again. The policy itself stays as it is."),
            )
        else:
            self._ask(
                T("Switch the rule “{product}” on again?", product=rule.product),
                T("Apps are judged by it again, as the policy says."),
            )

    def turn(self) -> RulesChange:
        return partial(switched, id=self._rule.id, off=self._off)

    def sentence(self) -> Text:
        if self._off:
            return T("The rule “{product}” is switched off at this desk.", product=self._rule.product)
        return T("The rule “{product}” is switched on again.", product=self._rule.product)

    def rule_id(self) -> str:
        return self._rule.id


class _Reason(QWidget):
    """Why it cannot be saved yet: over the buttons, always in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.line = ElidedLabel()
        row(StatusIcon(14, Status.RED), (self.line, 1), inside=self, margins=(STEP * 3, 0, STEP * 3, 0))
        self.hide()

    def setText(self, text: str) -> None:
        self.line.setText(text)

    def text(self) -> str:
        """The whole reason, also where it is elided."""
        return self.line.whole()


def _put(desk: Desk, turn: RulesChange, sentence: Text, rule: str) -> Changed:
    """Change the own rules as they are now: another user of this computer may have changed them."""
    before = policy_changes.own(desk)
    policy_changes.put_in_force(desk, turn(before))
    return Changed(sentence, before, rule)
