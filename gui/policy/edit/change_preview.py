"""What a change of the rules would mean for the phones that were checked: worked out off the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial, reduce
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from core import value_names
from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.desk.policy.policy_changes import Change, OwnRules
from core.jobs import Cancel
from core.model import Check, Finding, Verdict
from core.text import N, T, Text, plain
from gui.policy.edit.labelled_field import settle
from gui.policy.page_data import PageData
from gui.policy.table_base import ShortList
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, Report
from gui.toolkit.layouts import column
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STATUS_ICONS, STEP, Status, TextSize
from gui.toolkit.widgets import WrappedLabel

#: Milliseconds without a key before it is worked out.
_PAUSE: Final = 250
#: A check in the log and one in this window are the same, if so little time lies between them.
_SAME: Final = timedelta(seconds=90)
#: Rows of the list, and how many are seen at once; findings that one row names.
_ROWS: Final = 50
_SEEN: Final = 4
_NAMED: Final = 4

_LANE: Final = "policy preview"


@dataclass(frozen=True, slots=True)
class Preview:
    """On how many checks it was tried, and on which of them something would change."""

    tried: int
    changes: tuple[Change, ...]
    recorded: tuple[Check, ...]


def look(
    desk: Desk,
    shown: PageData,
    wanted: OwnRules,
    seen: Sequence[Check],
    recorded: Sequence[Check] | None,
    cancel: Cancel,
    report: Report,
) -> Preview:
    """Try the rules that are `wanted`. `recorded` is what the log has, where that was read before.

    Raises LedgerProblem, Cancelled.
    """
    # By the policy in force: the phone may have been judged by an earlier one.
    mine = [policy_changes.judged_by(check, shown.policy) for check in seen]
    known = policy_changes.last_checks(desk, shown.policy) if recorded is None else tuple(recorded)
    cancel.check()
    others = [check for check in known if not any(_same(check, one) for one in mine)]
    changes = policy_changes.preview(mine, others, policy_changes.laid(wanted, shown.force.base))
    return Preview(len(mine) + len(others), changes, known)


def summary(found: Preview) -> Text:
    """What it comes to, in one sentence."""
    if not found.tried:
        return T("No phone has been checked yet on which this could be tried.")
    on = N("On the last check", "On the last {count} checks", found.tried)
    red = [(c.before.verdict is Verdict.RED, c.after.verdict is Verdict.RED) for c in found.changes]
    more, less = red.count((False, True)), red.count((True, False))
    other = len(red) - more - less
    said: list[Text] = []
    if more:
        said.append(N("{count} phone would be red that was not", "{count} phones would be red that were not", more))
    if less:
        said.append(N("{count} phone would be red no more", "{count} phones would be red no more", less))
    if other:
        said.append(
            N(
                "on {count} phone other apps would be named, and its colour would stay",
                "on {count} phones other apps would be named, and their colour would stay",
                other,
            )
        )
    if not said:
        return T("{on}, nothing would be different.", on=on)
    told = reduce(lambda a, b: T("{a}; {b}", a=a, b=b), said)
    return T("{on}: {changes}.", on=on, changes=told)


def change_text(change: Change) -> Text:
    """One phone: its name, its colours before and after, and what would be named or not."""
    phone = change.before.inventory.phone
    name: Text | str = plain(phone.name, 60) or T("Phone")
    if phone.practice:
        name = T("{phone} (practice)", phone=name)
    before, after = change.before.verdict, change.after.verdict
    colours = (
        T("stays {colour}", colour=_small(after))
        if before is after
        else T("{after} instead of {before}", after=_small(after), before=_small(before))
    )
    said = T("{phone}, {day}: {colours}", phone=name, day=change.before.ended.date().isoformat(), colours=colours)
    if change.new:
        said = T("{a}. Found: {apps}", a=said, apps=_names(change.new))
    if change.gone:
        said = T("{a}. Found no more: {apps}", a=said, apps=_names(change.gone))
    return said


class PreviewPane(QWidget):
    """Shows it, and works it out anew when what is wanted has changed."""

    #: It says something else now, and may be as tall as it was no more.
    told = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, shown: PageData, checks: Sequence[Check]) -> None:
        super().__init__()
        self.say = Parts(self)
        self._desk, self._runner, self._shown, self._checks = desk, runner, shown, tuple(checks)
        self._recorded: tuple[Check, ...] | None = None
        self._job: Job[Preview] | None = None
        self._wanted: OwnRules | None = None
        self._asked = 0
        self.found: Preview | None = None
        self.sentence = WrappedLabel(selectable=True)
        self.list = ShortList()
        self.say(self.list.setAccessibleName, T("Phones on which something would change"))
        little = T("Of earlier checks the log has only the apps that a rule spoke of: what else was there is not kept.")
        self.small = self.say.label(little, TextSize.SMALL, "muted")
        title = self.say.label(T("What it would change"), TextSize.STRONG)
        column(title, self.sentence, self.list, self.small, spacing=STEP // 2, inside=self)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._look)
        self.show_for(None)

    def show_for(self, wanted: OwnRules | None) -> None:
        """Work out what these rules would mean; None: they are not complete yet."""
        if wanted is not None and wanted == self._wanted:
            return
        self._wanted = wanted
        self._asked += 1
        self._soon.stop()
        if self._job is not None:
            self._job.stop()
        if wanted is None:
            self._tell(T("To be seen once nothing is missing any more."))
        else:
            self._soon.start()

    def _look(self) -> None:
        if self._wanted is None:
            return
        work = partial(look, self._desk, self._shown, self._wanted, self._checks, self._recorded)
        self._job = self._runner.start(self, _LANE, work, partial(self._ended, self._asked))

    def _ended(self, asked: int, end: JobEnd[Preview]) -> None:
        if isinstance(end, Done):
            self._recorded = end.value.recorded
        if asked != self._asked:
            return  # something else is wanted since
        if isinstance(end, Done):
            self._tell(summary(end.value), end.value)
        elif isinstance(end, Failed):
            self._tell(T("{a} {b}", a=end.problem.sentence, b=end.problem.next_step))

    def _tell(self, sentence: Text, found: Preview | None = None) -> None:
        self.found = found
        self.say(self.sentence.setText, sentence)
        changes = found.changes if found else ()
        lines = [(STATUS_ICONS[Status(one.after.verdict.value)], str(change_text(one))) for one in changes[:_ROWS]]
        self.list.show_lines(lines, len(changes) - _ROWS, _SEEN)
        self.small.setVisible(found is not None and bool(found.recorded))
        settle(self)
        self.told.emit()


def _same(recorded: Check, known: Check) -> bool:
    one, other = recorded.inventory.phone, known.inventory.phone
    if other.practice or (one.maker, one.model) != (other.maker, other.model):
        return False
    return abs(recorded.ended - known.ended) < _SAME


def _small(verdict: Verdict) -> Text:
    return value_names.inside(value_names.VERDICTS[verdict])


def _names(findings: Sequence[Finding]) -> Text | str:
    """What the findings are about, each app once."""
    names = list(dict.fromkeys((f.product, f.app.package) for f in findings))
    told: Text | str = ""
    for product, package in names[:_NAMED]:
        one = T("{product} ({package})", product=product, package=plain(package))
        told = T("{a}, {b}", a=told, b=one) if told else one
    return T("{a} …", a=told) if len(names) > _NAMED else told
