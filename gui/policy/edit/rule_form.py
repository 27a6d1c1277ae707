"""The form of a rule of the desk's own: what is wrong is said beside the very field, while one types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QWidget

from core import value_names
from core.model import RULE_STRENGTHS, App, Rule, Strength, platforms
from core.text import T, Text
from gui.policy.edit import rule_draft as drafts
from gui.policy.edit.change_dialogs import ChangeContext, RuleChangeDialog, RulesChange
from gui.policy.edit.labelled_field import BothLanguages, LabelledFields, LineField, LinesField, settle
from gui.policy.edit.rule_draft import RuleDraft
from gui.toolkit.forms.form_fields import CheckBox, DateField
from gui.toolkit.layouts import row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.parts import Parts
from gui.toolkit.theme import Status
from gui.toolkit.widgets import StatusIcon


class RuleFormDialog(RuleChangeDialog):
    """The form of a new rule, or of one of the desk's own that is changed."""

    def __init__(
        self,
        context: ChangeContext,
        *,
        rule: Rule | None = None,
        start: RuleDraft | None = None,
        app: App | None = None,
    ) -> None:
        """`rule` is the one that is changed; `start` is what a new one begins with, `app` the app that it is about."""
        title = T("Add a rule") if rule is None else T("Edit a rule of this desk")
        super().__init__(context, title, T("Put in force"))
        self._original, self._app = rule, app
        self.fields = LabelledFields(self.form)
        self._make_form()
        self._use(drafts.of_rule(rule) if rule is not None else start or RuleDraft(_today()))
        self.fields.watch(self, self.look_again)
        self.by_signer.toggled.connect(self._by_signer)
        self.finish_form()
        self.product.en.setFocus()

    def _make_form(self) -> None:
        add = self.fields.add
        once = T("One of the two may be left empty: then the other is used for both languages.")
        self.product = self._add_pair("product", T("Name of the product"), LineField(), LineField(), once)
        self.already = _Hint()
        self.form.addWidget(self.already)
        example = T("Such as com.example.app")
        #: By platform; the first shows what an id looks like.
        self.ids = {
            name: add(name, platform.ids, LinesField(3), hint=example if platform.first else None)
            for name, platform in platforms.PLATFORMS.items()
        }
        #: Offered where the rule is about an app of which the signer is known.
        self.by_signer = CheckBox()
        self.say(self.by_signer.setText, T("And every app by the same signer"))
        self.by_signer.setVisible(self._app is not None and bool(drafts.signers_of(self._app)))
        self.form.addWidget(self.by_signer)
        red = T("Only what is banned makes a phone red.")
        self.strength = add("strength", T("How binding it is"), ComboBox(), hint=red)
        for strength in RULE_STRENGTHS:
            self.strength.add_choice(value_names.STRENGTHS[strength], strength.value)
        self.reason = self._add_pair("reason", T("Reason"), LinesField(2), LinesField(2))
        by = T("Reads well after “by”: “the department’s Chief Information Officer”.")
        self.authority = self._add_pair("authority", T("Decided by"), LineField(), LineField(), by)
        self.reference = add("reference", T("Reference of the decision"), LineField())
        self.effective = add("effective", T("In effect since"), DateField(_today()))
        self.effective.setMaximumDate(QDate(*_today().timetuple()[:3]))
        finds = T(
            "The SHA-256 of the certificate, its short code, or both. "
            "It finds a renamed copy; by the short code alone, an app is only suspected."
        )
        signers = T("Signers of Android apps (optional), one a line")
        self.signers = add("signers", signers, LinesField(2), hint=finds)
        know = T("What to know before acting on it (optional)")
        self.note = self._add_pair("note", know, LinesField(2), LinesField(2))

    def _add_pair(
        self, name: str, word: Text, en: LineField | LinesField, fr: LineField | LinesField, hint: Text | None = None
    ) -> BothLanguages:
        self.fields.add(name, word, en, fr, hint=hint)
        return BothLanguages(self.say, word, en, fr)

    def _use(self, draft: RuleDraft) -> None:
        self.product.use(draft.product)
        for name, ids in self.ids.items():
            ids.use(draft.ids.get(name, ""))
        self.strength.setCurrentIndex(self.strength.findData(draft.strength.value))
        self.reason.use(draft.reason)
        self.authority.use(draft.authority)
        self.reference.use(draft.reference)
        self.effective.use(draft.effective)
        self.signers.use(draft.signers)
        self.note.use(draft.note)

    def _by_signer(self, on: bool) -> None:
        if self._app is not None:
            lines = drafts.signers_of(self._app)
            typed = [line for line in self.signers.text().splitlines() if line not in lines.splitlines()]
            self.signers.use("\n".join([*([lines] if on else []), *typed]))

    # What stands in it

    @property
    def draft(self) -> RuleDraft:
        """What stands in the form now."""
        return RuleDraft(
            effective=self.effective.day,
            product=self.product.value,
            ids={name: ids.text() for name, ids in self.ids.items()},
            strength=Strength(self.strength.currentData()),
            reason=self.reason.value,
            authority=self.authority.value,
            reference=self.reference.text(),
            signers=self.signers.text(),
            note=self.note.value,
        )

    def _rule(self) -> Rule:
        own, base = self._page_data.own, self._page_data.force.base
        draft = self.draft
        id = self._original.id if self._original is not None else drafts.new_id(draft, own, base)
        return drafts.rule_of(draft, id, self._original)

    def look_again(self) -> None:
        draft, rule = self.draft, self._rule()
        wrong = self._wrong = drafts.wrong(draft, self._page_data.own, rule, self._page_data.force.base)
        for name, field in self.fields.items():
            field.show_fault(wrong.get(name) if field.touched else None)
        self.already.show_hint(drafts.already(draft, self._page_data.policy, rule.id))
        super().look_again()

    def why_not(self) -> Text | None:
        return next(iter(self._wrong.values()), None)

    def turn(self) -> RulesChange:
        return partial(drafts.put, rule=self._rule())

    def sentence(self) -> Text:
        return T("The rule “{product}” is in force at this desk.", product=self._rule().product)

    def rule_id(self) -> str:
        return self._rule().id


class _Hint(QWidget):
    """A line that tells something worth knowing, and hinders nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.sentence = self.say.label("")
        row(StatusIcon(14, Status.INFO), (self.sentence, 1), spacing=-1, inside=self)
        self.hide()

    def show_hint(self, hint: Text | None) -> None:
        self.say(self.sentence.setText, hint or "")
        self.setVisible(hint is not None)
        settle(self)


def _today() -> date:
    """The day of the policy that this rule would be in: by UTC, as all records are."""
    return datetime.now(UTC).date()
