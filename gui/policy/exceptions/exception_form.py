"""The form of an exception: what is wrong is said beside the very field, while one types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.desk.policy.granted_exceptions import CannotGrant
from core.model import Finding, Labels, Phone, Strength
from core.policy import exceptions
from core.policy.exceptions import Grant, Request, only_app
from core.policy.wording import long_date
from core.text import T, Text, plain
from gui.policy.edit.labelled_field import LabelledFields, LineField
from gui.policy.exceptions.exceptions_model import LANE, ExceptionsRead, read
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import DateField
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Work, one_call
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.theme import Status, TextSize
from gui.toolkit.widgets import ProblemBar

#: Characters, as many as a record keeps.
_TYPED: Final = 200
#: Days that are offered, where the policy allows as many.
_USUAL: Final = 90
_WIDE: Final = 600


class GrantExceptionDialog(JobDialog):
    """Grants an exception: for a phone that was checked, or for one that is known by its asset tag."""

    #: The exception is on record, and what is to be said of it.
    changed = Signal(object)

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QWidget,
        *,
        practice: bool = False,
        finding: Finding | None = None,
        phone: Phone | None = None,
        labels: Labels | None = None,
    ) -> None:
        practice = phone.practice if phone is not None else practice
        super().__init__(runner, LANE, T("Grant an exception"), T("Grant"), parent, destroys=True)
        self.name_practice(practice)
        self._desk, self._practice = desk, practice
        self._finding, self._phone = finding, phone
        self.register: ExceptionsRead | None = None
        self.locked = ProblemBar()
        self.form.addWidget(self.locked)
        self.fields = LabelledFields(self.form)
        self._make_form((labels or Labels()).tag)
        self.hold_back(T("Please wait…"))
        self.resize(_WIDE, 0)
        self.fit()
        runner.start(self, LANE, one_call(read, desk, practice), self._take_exceptions)

    def _make_form(self, tag: str) -> None:
        add, phone = self.fields.add, self._phone
        if phone is not None:
            serial = plain(phone.serial)
            kind = plain(phone.name_with_model)
            name = T("{phone}, {name}", phone=kind, name=serial) if serial else kind
            about = T("For this phone: {phone}", phone=name)
            self.about = self.say.label(about, TextSize.STRONG, selectable=True)
            self.form.addWidget(self.about)
        self.rule = add("rule", T("Banned product"), ComboBox())
        self.package = add("package", T("App"), ComboBox())
        if phone is None:
            bound = T("Applies to the first phone checked with this tag.")
            self.tag = add("tag", T("Asset tag of the phone"), LineField(), hint=bound)
        else:
            self.tag = add("tag", T("Asset tag of the phone (optional)"), LineField())
        self.tag.use(tag)
        self.until = add("until", T("Until the end of"), DateField(date.today()))
        power = T("Who has the power to decide it, by name or office.")
        self.authority = add("authority", T("Granted by"), LineField(), hint=power)
        self.reference = add("reference", T("Reference of the decision"), LineField())
        for line in (self.tag, self.authority, self.reference):
            line.setMaxLength(_TYPED)
            # A barcode reader ends with Enter: an asset tag that is scanned leads on, and grants nothing.
            line.returnPressed.connect(self.focusNextChild)

    def _take_exceptions(self, end: JobEnd[ExceptionsRead]) -> None:
        if isinstance(end, Failed):
            self.complain(end.problem)
        elif isinstance(end, Done):
            self.register = end.value
            self.locked.show_problem(end.value.locked)
            self._fill(end.value)
            self.rule.currentIndexChanged.connect(self._offer_apps)
            self.fields.watch(self, self.look_again)
            self.look_again()
            typed = any(line.text() for line in (self.authority, self.reference)) or self.tag.hasFocus()
            if not typed:  # else the cursor stays where the officer writes already
                (self.authority if self._phone is not None else self.rule).setFocus()

    def _fill(self, register: ExceptionsRead) -> None:
        for rule in register.policy.rules:
            if rule.strength is Strength.BAN:
                self.rule.addItem(plain(str(rule.product), 80), rule.id)
        if self._finding is not None:
            at = self.rule.findData(self._finding.rule)
            if at < 0:  # the policy has changed since: say so beside the field
                self.rule.addItem(plain(str(self._finding.product), 80), self._finding.rule)
                at = self.rule.count() - 1
            self.rule.setCurrentIndex(at)
            fixed = T("The exception is for the app that was chosen.")
            GreyReason(self.rule, self.say).show(fixed)
            self.fields["rule"].show_hint(fixed)
        self._offer_apps()
        last = register.today + timedelta(days=register.policy.exception_days)
        self.until.setDateRange(_qt(register.today), _qt(last))
        self.until.use(min(register.today + timedelta(days=_USUAL), last))
        self.fields["until"].show_hint(exceptions.longest_words(register.policy, last))

    def _offer_apps(self) -> None:
        """Offer the apps that the chosen rule names."""
        self.package.clear()
        self.package.add_choice(T("Choose the app"), "")
        rule = self.register.policy.rule(str(self.rule.currentData())) if self.register is not None else None
        if rule is not None:
            for id in dict.fromkeys(id.id for id in rule.ids):
                self.package.addItem(plain(id), id)
            self.package.setCurrentIndex(max(self.package.findData(only_app(rule)), 0))
        if self._finding is not None:
            package = self._finding.app.package
            if self.package.findData(package) < 0:  # under another name
                self.package.addItem(plain(package), package)
            self.package.setCurrentIndex(self.package.findData(package))

    @property
    def request(self) -> Request:
        """The exception that the form asks for, as it is filled in now."""
        phone = self._phone
        return Request(
            rule=str(self.rule.currentData() or ""),
            until=self.until.day,
            authority=self.authority.text(),
            reference=self.reference.text(),
            package=str(self.package.currentData() or ""),
            serial=phone.serial if phone is not None else "",
            maker=phone.maker if phone is not None else "",
            model=phone.model if phone is not None else "",
            tag=self.tag.text(),
            signer=self._signer,
        )

    @property
    def _signer(self) -> str:
        """Who signed the app that was seen on the phone; nothing where no phone was checked."""
        finding, phone = self._finding, self._phone
        return exceptions.signer_of(finding, phone.platform) if finding is not None and phone is not None else ""

    def wrong(self) -> dict[str, Text]:
        """What is wrong with the request, the first thing of each field."""
        if self.register is None:
            return {}
        faults: dict[str, Text] = {}
        for name, sentence in exceptions.faults(self.request, self.register.policy, self.register.today):
            faults.setdefault(name, sentence)
        return faults

    @property
    def _may_grant(self) -> bool:
        return self.register is not None and self.register.locked is None

    def look_again(self) -> None:
        """Judge anew what stands in the form: something was typed or chosen."""
        wrong = self.wrong()
        for name, field in self.fields.items():
            # What was chosen among what is offered is told of at once; what is still to be chosen is no fault yet.
            is_due = field.touched or name in ("rule", "until") or (name == "package" and bool(self.request.package))
            field.show_fault(wrong.get(name) if is_due else None)
        self._show_missing(wrong)
        self.fit()

    def _show_missing(self, wrong: Mapping[str, Text]) -> None:
        """Say beside the button why it is grey: the first of what is wrong, or that nothing may be granted here."""
        first = next((name for name in self.fields if name in wrong), None)
        if self.register is not None and self.register.locked is not None:
            self.hold_back(self.register.locked.sentence, beside=False)
        elif first is not None:
            self.hold_back(wrong[first], self.fields[first].editors[0])
        else:
            self.hold_back(next(iter(wrong.values()), None))

    def work(self) -> Work[Any] | None:
        if not self._may_grant or self.wrong():
            for field in self.fields.values():
                field.touched = True
            self.look_again()
            return None
        return one_call(_grant, self._desk, self.request, self._practice)

    def tell(self, value: Grant) -> None:
        self.changed.emit(T("The exception is granted"))
        until = value.until(self.register.policy) if self.register is not None else value.request.until
        self.verdict.show_result(
            Status.GREEN,
            T("The exception is granted"),
            T("It is entry {entry} of the log, and holds until {date}.", entry=value.entry, date=long_date(until)),
        )

    def _ended(self, end: JobEnd[Any]) -> None:
        super()._ended(end)
        refused = end.problem if isinstance(end, Failed) and isinstance(end.problem, CannotGrant) else None
        if refused is not None and refused.field in self.fields:
            self.fields[refused.field].show_fault(refused.sentence)
            self.fit()


def _grant(desk: Desk, request: Request, practice: bool) -> Grant:
    return policy_changes.grant(desk, request, desk.active_policy().policy, practice=practice)


def _qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
