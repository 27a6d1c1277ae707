"""Beginning a round: what it is called, its days and its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from core.desk.desk import Desk
from core.desk.papers.round_days import round_day
from core.rounds import rounds
from core.rounds.model import TEXT_LIMIT, Round
from core.rounds.practice import practice_roster
from core.text import T
from gui.rounds.round_jobs import LANE
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import CheckBox, DateField, FieldRows, NumberField
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.theme import Status

#: Days that a round is proposed to last.
_DAYS = 90


class NewRoundDialog(JobDialog):
    """Asks what a round is to be, and puts it on record."""

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget, *, practice: bool = False) -> None:
        """`practice`: a round of practice phones is proposed."""
        super().__init__(runner, LANE, T("New round"), T("Start round"), parent)
        self._desk = desk
        self.new_round: Round | None = None
        today = round_day(desk)
        self.name, self.place, self.officers = QLineEdit(), QLineEdit(), QLineEdit(desk.officer)
        for line in (self.name, self.place):
            line.setMaxLength(TEXT_LIMIT)
        self.first, self.last = DateField(today), DateField(today + timedelta(days=_DAYS))
        self.recheck = NumberField(100)
        self.practice = CheckBox()
        self.say(self.practice.setText, T("With practice phones"))
        self.explain(
            T(
                "Checks from the first day to the last count, at any desk that has the roster. The policy in force "
                "applies."
            )
        )
        fields = FieldRows()
        for field, words in (
            (self.name, T("Name")),
            (self.place, T("Place (optional)")),
            (self.first, T("First day")),
            (self.last, T("Last day")),
            (self.officers, T("Officers, with commas between them")),
            (self.recheck, T("Second check (% of phones)")),
        ):
            fields.add(self.say.label_of(field, words), field)
        self.form.addLayout(fields)
        self.form.addWidget(self.practice)
        self.say(self.name.setPlaceholderText, T("Autumn round 2026"))
        self.name.textChanged.connect(self._changed)
        self.practice.toggled.connect(self.name_practice)
        self.practice.setChecked(practice)
        if practice:
            self.name.setText(str(T("Practice round")))
            self.name.selectAll()
        self._changed()
        self.name.setFocus()

    def work(self) -> Work[Any] | None:
        return one_call(self._begin)

    def _begin(self) -> Round:
        policy = self._desk.policy(None)
        practice = self.practice.isChecked()
        with self._desk.custodian(practice, make=True) as ledger:
            about = rounds.begin(
                ledger,
                self.name.text(),
                self.first.day,
                self.last.day,
                policy.id,
                place=self.place.text(),
                officers=tuple(self.officers.text().split(",")),
                recheck=self.recheck.value(),
                practice=practice,
            )
            if practice:
                rounds.bring(ledger, self._desk.data, about, practice_roster(datetime.now(UTC)))
            return about

    def tell(self, value: Round) -> None:
        self.new_round = value
        roster = T("Its roster has every practice phone.") if value.practice else T("Now import its roster.")
        self.verdict.show_result(Status.GREEN, T("The round has started."), roster)

    def _changed(self) -> None:
        named = bool(self.name.text().strip())
        self.hold_back(None if named else T("First give the round a name."), self.name)
