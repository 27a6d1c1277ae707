"""The line at the bottom of the window: how much is on record, by which policy phones are judged, what is amiss."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout

from core.desk import Desk
from core.problem import Problem
from core.text import N, T, Text
from gui.parts import Line
from gui.sayings import Sayings
from gui.tasks import Done, Ended, Failed, Runner
from gui.theme import STEP, Size, mark

if TYPE_CHECKING:
    from core.model import Policy

#: Milliseconds that a passing word stays.
PASSING: Final = 3000

Read = TypeVar("Read")


class Foot(QFrame):
    """Says what is true now; whoever knows that something may have changed has it look again."""

    def __init__(self, desk: Desk, runner: Runner) -> None:
        super().__init__()
        self.say = Sayings(self)
        self._entries: int | None = None
        self._log_problem: Problem | None = None
        self._policy: Policy | None = None
        self._policy_problem: Problem | None = None
        self._log = _Reading(runner, self, "log count", lambda: _entries(desk), self._counted)
        self._rules = _Reading(runner, self, "policy", lambda: desk.policy(None), self._policy_known)
        mark(self, "foot")
        row = QHBoxLayout(self)
        row.setContentsMargins(STEP * 2, STEP // 2, STEP * 2, STEP // 2)
        row.setSpacing(STEP * 3)
        self.log_line = Line(Size.SMALL)
        self.policy_line = Line(Size.SMALL)
        self.trouble_line = Line(Size.SMALL)
        self.passing_line = Line(Size.SMALL)
        for line in (self.log_line, self.policy_line, self.trouble_line, self.passing_line):
            mark(line, "muted")
            row.addWidget(line)
        row.setStretch(2, 1)
        self._passing = QTimer(self, singleShot=True, interval=PASSING)
        self._passing.timeout.connect(self._forget)
        self.say(self.log_line.setText, self._log_words)
        self.say(self.policy_line.setText, self._policy_words)

    def count(self) -> None:
        """Count the records anew."""
        self._log.ask()

    def read_policy(self) -> None:
        """Read the policy in force anew."""
        self._rules.ask()

    def show_policy(self, policy: Policy) -> None:
        """Name the policy that was just read."""
        self._policy_known(Done(policy))

    def say_trouble(self, problem: Problem | None) -> None:
        """What keeps phones from being seen at all; None: nothing any more."""
        if problem is None:
            self.say(self.trouble_line.setText, "")
        else:
            self.say(self.trouble_line.setText, T("{problem} {step}", problem=problem.sentence, step=problem.next_step))

    def say_copied(self, count: int) -> None:
        """Tell, for a moment, that rows are on the clipboard."""
        self.say(self.passing_line.setText, N("{count} row copied", "{count} rows copied", count))
        self._passing.start()

    def _forget(self) -> None:
        self.say(self.passing_line.setText, "")

    def _log_words(self) -> Text:
        if self._log_problem is not None:
            return T("Desk log: {problem}", problem=self._log_problem.sentence)
        if self._entries is None:
            return T("Desk log: no entries yet")
        return N("Desk log: {count} entry", "Desk log: {count} entries", self._entries)

    def _policy_words(self) -> Text | str:
        if self._policy_problem is not None:
            return T("Policy: {problem}", problem=self._policy_problem.sentence)
        if self._policy is None:
            return ""
        return T("Policy: {title}, {version}", title=self._policy.title, version=self._policy.version)

    def _counted(self, end: Ended[int | None]) -> None:
        self._log_problem = end.problem if isinstance(end, Failed) else None
        if isinstance(end, Done):
            self._entries = end.value
        self.say(self.log_line.setText, self._log_words)

    def _policy_known(self, end: Ended[Policy]) -> None:
        self._policy_problem = end.problem if isinstance(end, Failed) else None
        self._policy = end.value if isinstance(end, Done) else None
        self.say(self.policy_line.setText, self._policy_words)


class _Reading(Generic[Read]):
    """Something that is read again and again: never twice at once, and once more if that was asked for meanwhile."""

    def __init__(
        self, runner: Runner, owner: Foot, lane: str, read: Callable[[], Read], told: Callable[[Ended[Read]], None]
    ) -> None:
        self._runner = runner
        self._owner = owner
        self._lane = lane
        self._read = read
        self._told = told
        self._under_way = False
        self._again = False

    def ask(self) -> None:
        """Have it read, soon."""
        if self._under_way:
            self._again = True
            return
        self._under_way, self._again = True, False
        self._runner.start(self._owner, self._lane, self._work, self._ended)

    def _work(self, cancel: Any, report: Any) -> Read:
        return self._read()

    def _ended(self, end: Ended[Read]) -> None:
        self._under_way = False
        self._told(end)
        if self._again:
            self.ask()


def _entries(desk: Desk) -> int | None:
    """How many records the log has; None if there is none yet."""
    from core.desk import NothingRecorded

    try:
        with desk.read_ledger(practice=False) as ledger:
            return ledger.count()
    except NothingRecorded:
        return None
