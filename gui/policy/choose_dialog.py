"""The dialog that chooses by which of the policies that come with Fanion this desk judges."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.policy import policy_choice
from core.model import Policy
from core.policy.wording import long_date
from core.text import T
from gui.policy.edit.change_dialogs import LANE
from gui.policy.page_data import PageData
from gui.policy.page_header import counted
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.lists.rows_table import bounded
from gui.toolkit.lists.tables import ComboBox


class ChoosePolicyDialog(JobDialog):
    """Shows the policies, the one in force chosen, and puts another in force."""

    #: Another policy judges from now on, and what is to be said of it.
    changed = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, page_data: PageData, parent: QWidget) -> None:
        super().__init__(runner, LANE, T("Choose a policy"), T("Use this policy"), parent)
        self._desk, self._in_force = desk, page_data.force.base
        self.policies = policy_choice.choices()
        self.choice = ComboBox()
        self.choice.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for policy in self.policies:
            self.choice.add_choice(partial(self._title, policy), policy.id)
        self.choice.setCurrentIndex(
            next((n for n, policy in enumerate(self.policies) if self._is_in_force(policy)), -1)
        )
        self.about = self.say.label("")
        recorded = T("The change goes into the log, with your name. This desk’s own rules stay on top of the policy.")
        question = self.say.label_of(self.choice, T("Which of the policies that come with Fanion does this desk use?"))
        for part in (question, self.choice, self.about, self.say.label(recorded, kind="muted")):
            self.form.addWidget(part)
        self.choice.currentIndexChanged.connect(self._look_again)
        self.resize(640, 0)
        self._look_again()

    def _title(self, policy: Policy) -> str:
        in_force = T("{title} (in force)", title=policy.title)
        return bounded(str(in_force if self._is_in_force(policy) else policy.title))

    def _is_in_force(self, policy: Policy) -> bool:
        return policy.sha256 == self._in_force.sha256

    @property
    def chosen(self) -> Policy | None:
        """The policy that is chosen."""
        number = self.choice.currentIndex()
        return self.policies[number] if number >= 0 else None

    def _look_again(self) -> None:
        policy = self.chosen
        in_force = policy is None or self._is_in_force(policy)
        self.hold_back(T("This policy is in force: choose another one.") if in_force else None, self.choice)
        if policy is not None:
            about = T(
                "For {scope}: {rules}. Version {version}, issued {date}.",
                scope=policy.scope,
                rules=counted(policy),
                version=policy.version,
                date=long_date(policy.issued),
            )
            self.say(self.about.setText, about)
        self.fit()

    def work(self) -> Work[Any] | None:
        return one_call(policy_choice.choose, self._desk, self.chosen.id) if self.chosen is not None else None

    def tell(self, value: ActivePolicy) -> None:
        self.changed.emit(T("This desk now uses “{policy}”.", policy=value.base.title))
        self.accept()
