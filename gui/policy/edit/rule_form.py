"""The form of a rule of the desk's own: what is wrong is said beside the very field, while one types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from core import value_names
from core.model import App, Rule, Strength
from core.text import T, Text
from gui.policy.edit import rule_draft as drafts
from gui.policy.edit.change_dialogs import Bench, ChangeSheet, Turn
from gui.policy.edit.labelled_field import BothLanguages, Field, LineField, LinesField, settle
from gui.policy.edit.rule_draft import FIELDS, Draft
from gui.toolkit.form_fields import CheckBox, DateField
from gui.toolkit.tables import ComboBox
from gui.toolkit.theme import Status
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import StatusIcon, WrappedLabel


class RuleSheet(ChangeSheet):
    """A new rule, or one of the desk's own that is changed."""

    def __init__(
        self, bench: Bench, *, rule: Rule | None = None, start: Draft | None = None, app: App | None = None
    ) -> None:
        """`rule` is the one that is changed; `start` is what a new one begins with, `app` the app that it is about."""
        title = T("Add a rule") if rule is None else T("Edit a rule of this desk")
        super().__init__(bench, title, T("Put in force"))
        self._original, self._app = rule, app
        self.fields: dict[str, Field] = {}
        self._make_editors()
        self._add_fields()
        self._use(drafts.of_rule(rule) if rule is not None else start or Draft(_today()))
        self._connect()
        self.finish_form()
        self.product.en.setFocus()

    def _make_editors(self) -> None:
        names = {"product": T("Name of the product"), "reason": T("Reason"), "authority": T("Decided by")}
        names["note"] = T("What to know before acting on it (optional)")
        self._names = names
        self.product = BothLanguages(self.say, names["product"], LineField(), LineField())
        self.reason = BothLanguages(self.say, names["reason"], LinesField(2), LinesField(2))
        self.authority = BothLanguages(self.say, names["authority"], LineField(), LineField())
        self.note = BothLanguages(self.say, names["note"], LinesField(2), LinesField(2))
        self.android, self.ios, self.signers = LinesField(3), LinesField(3), LinesField(2)
        self.reference = LineField()
        self.strength = ComboBox()
        for strength in value_names.STRENGTHS:
            self.strength.addItem("", strength.value)
        self.say(self._name_strengths, lambda: "\n".join(map(str, value_names.STRENGTHS.values())))
        self.effective = DateField(_today())
        self.effective.setMaximumDate(QDate(*_today().timetuple()[:3]))
        #: Offered where the rule is about an app of which the signer is known.
        self.by_signer = CheckBox()
        self.say(self.by_signer.setText, T("And every app by the same signer"))
        self.by_signer.setVisible(self._app is not None and bool(drafts.signers_of(self._app)))

    def _add_fields(self) -> None:
        once = T("One of the two may be left empty: then the other stands for both languages.")
        self._add("product", self._names["product"], self.product.en, self.product.fr, hint=once)
        self.already = _Hint()
        self.form.addWidget(self.already)
        self._add("android", T("Ids on Android, one a line"), self.android, hint=T("Such as com.example.app"))
        self._add("ios", T("Ids on iPhone and iPad, one a line"), self.ios)
        self.form.addWidget(self.by_signer)
        self._add("strength", T("How binding it is"), self.strength, hint=T("Only what is banned makes a phone red."))
        self._add("reason", self._names["reason"], self.reason.en, self.reason.fr)
        by = T("Reads well after “by”: “the department’s Chief Information Officer”.")
        self._add("authority", self._names["authority"], self.authority.en, self.authority.fr, hint=by)
        self._add("reference", T("Reference of the decision"), self.reference)
        self._add("effective", T("In effect since"), self.effective)
        self._add(
            "signers",
            T("Signers of Android apps (optional), one a line"),
            self.signers,
            hint=T(
                "The SHA-256 of the certificate, its short code, or both. "
                "It finds a renamed copy; by the short code alone, an app is only suspected."
            ),
        )
        self._add("note", self._names["note"], self.note.en, self.note.fr)

    def _add(self, name: str, word: Text, *editors: QWidget, hint: Text | None = None) -> None:
        field = self.fields[name] = Field(word, *editors, hint=hint)
        self.form.addWidget(field)

    def _name_strengths(self, names: str) -> None:
        for number, name in enumerate(names.splitlines()):
            self.strength.setItemText(number, name)

    def _use(self, draft: Draft) -> None:
        self.product.use(draft.product)
        self.android.use(draft.android)
        self.ios.use(draft.ios)
        self.strength.setCurrentIndex(self.strength.findData(draft.strength.value))
        self.reason.use(draft.reason)
        self.authority.use(draft.authority)
        self.reference.use(draft.reference)
        self.effective.use(draft.effective)
        self.signers.use(draft.signers)
        self.note.use(draft.note)

    def _connect(self) -> None:
        for name, field in self.fields.items():
            for editor in field.findChildren(LineField):
                editor.textEdited.connect(partial(self._touched, name))
                editor.textChanged.connect(self.look_again)
                editor.left.connect(partial(self._touched, name))
            for lines in field.findChildren(LinesField):
                lines.textChanged.connect(partial(self._touched, name))
                lines.left.connect(partial(self._touched, name))
        self.strength.currentIndexChanged.connect(self.look_again)
        self.effective.dateChanged.connect(self.look_again)
        self.by_signer.toggled.connect(self._by_signer)

    def _touched(self, name: str, text: str = "") -> None:
        if not isValid(self):  # the window is being taken apart, and with it the focus leaves a field
            return
        self.fields[name].touched = True
        self.look_again()

    def _by_signer(self, wanted: bool) -> None:
        if self._app is not None:
            lines = drafts.signers_of(self._app)
            others = [line for line in self.signers.text().splitlines() if line not in lines.splitlines()]
            self.signers.use("\n".join([*([lines] if wanted else []), *others]))

    # What stands in it

    @property
    def draft(self) -> Draft:
        """What was typed."""
        return Draft(
            effective=self.effective.day,
            product=self.product.value,
            android=self.android.text(),
            ios=self.ios.text(),
            strength=Strength(self.strength.currentData()),
            reason=self.reason.value,
            authority=self.authority.value,
            reference=self.reference.text(),
            signers=self.signers.text(),
            note=self.note.value,
        )

    def _rule(self) -> Rule:
        own, base = self._shown.own, self._shown.force.base
        draft = self.draft
        id = self._original.id if self._original is not None else drafts.new_id(draft, own, base)
        return drafts.rule_of(draft, id, self._original)

    def look_again(self) -> None:
        draft, rule = self.draft, self._rule()
        wrong = self._wrong = drafts.wrong(draft, self._shown.own, rule, self._shown.force.base)
        for name in FIELDS:
            field = self.fields[name]
            field.show_fault(wrong.get(name) if field.touched else None)
        self.already.show_hint(drafts.already(draft, self._shown.policy, rule.id))
        super().look_again()

    def why_not(self) -> Text | None:
        return next(iter(self._wrong.values()), None)

    def turn(self) -> Turn:
        return partial(drafts.put, rule=self._rule())

    def sentence(self) -> Text:
        return T("The rule “{product}” is in force at this desk.", product=self._rule().product)

    def rule_id(self) -> str:
        return self._rule().id


class _Hint(QWidget):
    """Something worth knowing that hinders nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.say = TranslatedText(self)
        self.glyph = StatusIcon(14)
        self.glyph.show_status(Status.INFO)
        self.sentence = WrappedLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.glyph)
        row.addWidget(self.sentence, 1)
        self.hide()

    def show_hint(self, hint: Text | None) -> None:
        self.say(self.sentence.setText, hint or "")
        self.setVisible(hint is not None)
        settle(self)


def _today() -> date:
    """The day of the policy that this rule would be in: by UTC, as all records are."""
    return datetime.now(UTC).date()
