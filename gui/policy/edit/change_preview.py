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
from core.desk.policy.policy_changes import OwnRules, VerdictChange
from core.jobs import Cancel
from core.model import Check, Finding, Verdict
from core.text import N, T, Text, plain
from gui.policy.edit.labelled_field import settle
from gui.policy.page_data import PageData
from gui.policy.short_list import ShortList
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
    changes: tuple[VerdictChange, ...]
    recorded: tuple[Check, ...]


def look(
    desk: Desk,
    page_data: PageData,
    own_rules: OwnRules,
    checks: Sequence[Check],
    recorded: Sequence[Check] | None,
    cancel: Cancel,
    report: Report,
) -> Preview:
    """Try the rules that are `own_rules`. `recorded` is what the log has, where that was read before.

    Raises LedgerProblem, Cancelled.
    """
    # By the policy in force: the phone may have been judged by an earlier one.
    mine = [policy_changes.judged_by(check, page_data.policy) for check in checks]
    last_checks = policy_changes.last_checks(desk, page_data.policy) if recorded is None else tuple(recorded)
    cancel.check()
    elsewhere = [check for check in last_checks if not any(_same(check, check_here) for check_here in mine)]
    changes = policy_changes.preview(mine, elsewhere, policy_changes.laid(own_rules, page_data.force.base))
    return Preview(len(mine) + len(elsewhere), changes, last_checks)


def summary(preview: Preview) -> Text:
    """The sentence that says how many phones would be judged otherwise, and how."""
    if not preview.tried:
        return T("No phone has been checked yet on which this could be tried.")
    on = N("On the last check", "On the last {count} checks", preview.tried)
    red = [(c.before.verdict is Verdict.RED, c.after.verdict is Verdict.RED) for c in preview.changes]
    now_red, red_no_more = red.count((False, True)), red.count((True, False))
    same_colour = len(red) - now_red - red_no_more
    parts: list[Text] = []
    if now_red:
        parts.append(N("{count} phone would be red that was not", "{count} phones would be red that were not", now_red))
    if red_no_more:
        parts.append(N("{count} phone would no longer be red", "{count} phones would no longer be red", red_no_more))
    if same_colour:
        parts.append(
            N(
                "on {count} phone other apps would be named, and its colour would stay",
                "on {count} phones other apps would be named, and their colour would stay",
                same_colour,
            )
        )
    if not parts:
        return T("{on}, nothing would be different.", on=on)
    changes = reduce(lambda a, b: T("{a}; {b}", a=a, b=b), parts)
    return T("{on}: {changes}.", on=on, changes=changes)


def change_text(change: VerdictChange) -> Text:
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
    sentence = T("{phone}, {day}: {colours}", phone=name, day=change.before.ended.date().isoformat(), colours=colours)
    if change.new:
        sentence = T("{a}. Found: {apps}", a=sentence, apps=_names(change.new))
    if change.dropped:
        sentence = T("{a}. No longer found: {apps}", a=sentence, apps=_names(change.dropped))
    return sentence


class PreviewPane(QWidget):
    """Shows it, and works it out anew when what is wanted has changed."""

    #: It says something else now, and may be as tall as it was no more.
    changed = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, page_data: PageData, checks: Sequence[Check]) -> None:
        super().__init__()
        self.say = Parts(self)
        self._desk, self._runner, self._page_data, self._checks = desk, runner, page_data, tuple(checks)
        self._recorded: tuple[Check, ...] | None = None
        self._job: Job[Preview] | None = None
        self._own_rules: OwnRules | None = None
        self._turn = 0
        self.preview: Preview | None = None
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

    def show_for(self, own_rules: OwnRules | None) -> None:
        """Work out what these rules would mean; None: they are not complete yet."""
        if own_rules is not None and own_rules == self._own_rules:
            return
        self._own_rules = own_rules
        self._turn += 1
        self._soon.stop()
        if self._job is not None:
            self._job.stop()
        if own_rules is None:
            self._tell(T("Shown once the form is complete."))
        else:
            self._soon.start()

    def _look(self) -> None:
        if self._own_rules is None:
            return
        work = partial(look, self._desk, self._page_data, self._own_rules, self._checks, self._recorded)
        self._job = self._runner.start(self, _LANE, work, partial(self._ended, self._turn))

    def _ended(self, turn: int, end: JobEnd[Preview]) -> None:
        if isinstance(end, Done):
            self._recorded = end.value.recorded
        if turn != self._turn:
            return  # something else is wanted since
        if isinstance(end, Done):
            self._tell(summary(end.value), end.value)
        elif isinstance(end, Failed):
            self._tell(T("{a} {b}", a=end.problem.sentence, b=end.problem.next_step))

    def _tell(self, sentence: Text, preview: Preview | None = None) -> None:
        self.preview = preview
        self.say(self.sentence.setText, sentence)
        changes = preview.changes if preview else ()
        lines = [
            (STATUS_ICONS[Status(change.after.verdict.value)], str(change_text(change))) for change in changes[:_ROWS]
        ]
        self.list.show_lines(lines, len(changes) - _ROWS, _SEEN)
        self.small.setVisible(preview is not None and bool(preview.recorded))
        settle(self)
        self.changed.emit()


def _same(recorded: Check, check: Check) -> bool:
    recorded_phone, phone_here = recorded.inventory.phone, check.inventory.phone
    if phone_here.practice or (recorded_phone.maker, recorded_phone.model) != (phone_here.maker, phone_here.model):
        return False
    return abs(recorded.ended - check.ended) < _SAME


def _small(verdict: Verdict) -> Text:
    return value_names.inside(value_names.VERDICTS[verdict])


def _names(findings: Sequence[Finding]) -> Text | str:
    """The apps that the findings are about, each once, with the first few named."""
    names = list(dict.fromkeys((f.product, f.app.package) for f in findings))
    apps: Text | str = ""
    for product, package in names[:_NAMED]:
        app = T("{product} ({package})", product=product, package=plain(package))
        apps = T("{a}, {b}", a=apps, b=app) if apps else app
    return T("{a} …", a=apps) if len(names) > _NAMED else apps
