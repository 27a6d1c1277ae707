"""The phones that were not seen for long: at this desk, and of the roster of the round that is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.papers.due_papers import DueChoice, DuePhones, due_phones
from core.desk.papers.round_days import round_day
from core.rounds.coverage.coverage import DUE_AFTER
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.due import LOOK_BACK
from core.text import N, T
from gui.rounds.cards.phone_table import OF_DUE
from gui.rounds.dialogs.phones_dialog import TableDialog
from gui.rounds.round_jobs import LANE
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_fields import NumberField
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import row
from gui.toolkit.theme import STEP
from gui.toolkit.widgets import ProblemBar

#: For how many days was asked the last time.
_DAYS: Final = "rounds/due-days"
#: All phones that are known, also those of today: which of them are shown is decided here, with every change of the
#: days.
_ALL: Final = -1


def remembered_days(memory: QSettings | None) -> int:
    """The number of days for which an officer asked the last time."""
    text = str(memory.value(_DAYS)) if memory is not None else ""
    return min(max(int(text), 0), LOOK_BACK) if text.isascii() and text.isdecimal() else DUE_AFTER


class DueDialog(TableDialog):
    """Lists the phones that were not seen for some days; the list is saved, and their holders written to, from here."""

    #: The list is to be saved, or its holders are to be written to: a :class:`DuePhones`.
    save_wanted = Signal(object)
    write_wanted = Signal(object)

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QWidget,
        choice: DueChoice,
        memory: QSettings | None,
        *,
        practice: bool,
    ) -> None:
        days_line = QWidget()
        super().__init__(T("Plan re-checks"), OF_DUE, parent, days_line, practice=practice)
        self.days = NumberField(LOOK_BACK)
        self.days.setValue(remembered_days(memory))
        self.days.setMinimumWidth(STEP * 10)
        before, behind = self.say.label_of(self.days, T("Not seen for more than")), self.say.label(T("days"))
        behind.setWordWrap(False)
        row(before, self.days, behind, None, inside=days_line)
        self.say.name(self.days, T("Days for which a phone was not seen"))
        self._memory = memory
        self.due = DuePhones(choice, round_day(desk))
        #: Whether the log was read.
        self.read = False
        self.problem = ProblemBar()
        self.save = self.say.button(T("Save the list…"), lambda: self.save_wanted.emit(self.chosen), icon="export")
        self.write = self.say.button(
            T("Write to the holders…"), lambda: self.write_wanted.emit(self.chosen), kind="primary"
        )
        for number, button in enumerate((self.save, self.write)):
            button.setAutoDefault(False)
            self.buttons.insertWidget(number, button)
        self.inside.insertWidget(0, self.problem)
        self.days.valueChanged.connect(self._show)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self).activated.connect(self.save.click)
        self._show()
        everything = replace(choice, days=_ALL)
        runner.start(self, LANE, one_call(due_phones, desk, practice, everything, round_day(desk)), self._ended)
        self.search.setFocus()

    @property
    def chosen(self) -> DuePhones:
        """What the list shows: the phones that were not seen for so many days."""
        return replace(
            self.due, choice=replace(self.due.choice, days=self.days.value()), phones=tuple(self._not_seen())
        )

    def _not_seen(self) -> Sequence[PhoneCoverage]:
        limit = self.due.today - timedelta(days=self.days.value())
        return [phone for phone in self.due.phones if phone.latest is None or phone.latest.sure_day < limit]

    def _ended(self, end: JobEnd[DuePhones]) -> None:
        if isinstance(end, Done):
            self.read = True
            self.due = end.value
            self._show()
        elif isinstance(end, Failed):
            self.problem.show_problem(end.problem)

    def _show(self) -> None:
        phones = self._not_seen()
        if not self.read:
            nothing = T("Please wait…")
        elif not self.due.phones:
            nothing = T("This desk has not seen a phone yet.")
        elif not phones:
            nothing = N(
                "Every phone was seen in the last {count} day.",
                "Every phone was seen in the last {count} days.",
                self.days.value(),
            )
        else:
            nothing = T("No phone matches these words.")
        self.say(self.table.set_overlay, nothing)
        self.model.show_phones(phones)
        for act in (self.save, self.write):
            offer(act, bool(phones))
        file_dialogs.remember(self._memory, _DAYS, self.days.value())

    def show_count(self) -> None:
        count, listed = len(self._not_seen()), self.model.rowCount()
        if listed == count:
            super().show_count()
        else:
            self.say(
                self.count.setText,
                N("{shown} of {count} phone", "{shown} of {count} phones", count, shown=listed),
            )
