"""The line at the bottom of the window: what is on record, how much of it is nowhere else, by which policy phones are
judged, what is amiss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from core.desk.desk import Desk
from core.desk.problems import NothingRecorded
from core.desk.settings.data_choice import Origin
from core.problem import Problem
from core.text import N, T, Text
from gui.toolkit.announcement import announce
from gui.toolkit.images.icons import icon
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import ElidedButton

if TYPE_CHECKING:  # loaded late
    from core.desk.newer_version import Release
    from core.desk.papers.log_evidence import LogStatus
    from core.model import Policy

#: Milliseconds that a passing word stays, and that what was written outside can be opened from here.
PASSING: Final = 3000
OPENABLE: Final = 20_000

#: Logical pixels that are kept for the name of what was written, before anything else is elided.
_ROOM: Final = 240
#: Logical pixels of everything beside the words that are given room: margins, distances, the beginnings of the others.
_OTHERS: Final = 152
#: Logical pixels, from which there is room for everything.
_WIDE: Final = 1_200
_SHORT: Final = QSizePolicy.Policy.Minimum

Read = TypeVar("Read")


class StatusBar(QFrame):
    """Says what is true now. The window has it look again where something may have changed."""

    #: How the desk's own log stands; None if there is none yet, a Problem if that cannot be told.
    stands = Signal(object)
    #: The menu of what can be left outside is wanted, above this button.
    menu_wanted = Signal(object)
    #: The log does not match its seals, and it is to be seen where.
    verify_wanted = Signal()
    #: A file that was written is to be opened.
    open_wanted = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner) -> None:
        super().__init__()
        self.say = Parts(self)
        self._standing: LogStatus | None = None
        self._log_problem: Problem | None = None
        self._broken = False
        self._newer: Release | None = None
        self._policy: Policy | None = None
        self._policy_problem: Problem | None = None
        self._file = Path()
        self._desk = desk
        self._log = _Reading(runner, self, "log count", lambda: _standing(desk), self._counted)
        self._rules = _Reading(runner, self, "policy", lambda: desk.policy(None), self._policy_known)
        mark(self, "foot")
        self.log_line = self.say.line(self._log_words, TextSize.SMALL, "muted")
        self.outside = ElidedButton("outside")
        self.outside.clicked.connect(self._pressed)
        self.policy_line = self.say.line(self._policy_words, TextSize.SMALL, "muted")
        self.trouble_line = self.say.line("", TextSize.SMALL, "muted")
        #: That there is a newer Fanion, once a stick has told of it.
        self.newer_line = self.say.line("", TextSize.SMALL, "muted")
        self.newer_line.setSizePolicy(_SHORT, QSizePolicy.Policy.Fixed)
        self.newer_line.hide()
        self.passing_line = self.say.line("", TextSize.SMALL, "muted")
        self.open_button = self.say.button(
            T("Open"), lambda: self.open_wanted.emit(self._file), icon="folder", kind="link"
        )
        lines = (self.policy_line, (self.trouble_line, 1), self.newer_line, self.passing_line)
        edges = (STEP * 2, 0, STEP * 2, 0)
        bar = row(self.log_line, self.outside, *lines, self.open_button, spacing=STEP * 2, inside=self, margins=edges)
        bar.addStrut(STEP * 3)  # as high as its buttons, also without one: the page above does not move
        self.outside.hide()
        self.open_button.hide()
        self._passing = QTimer(self, singleShot=True, interval=PASSING)
        self._passing.timeout.connect(self._forget)

    def count(self) -> None:
        """See anew how the log stands."""
        self._log.ask()

    def read_policy(self) -> None:
        """Read the policy in force anew."""
        self._rules.ask()

    def show_policy(self, policy: Policy) -> None:
        """Name the policy that was just read."""
        self._policy_known(Done(policy))

    def say_trouble(self, problem: Problem | None) -> None:
        """What keeps phones from being seen at all; None: nothing any more."""
        sentence = (
            T("{problem} {step}", problem=problem.sentence, step=problem.next_step) if problem is not None else ""
        )
        self.say(self.trouble_line.setText, sentence)
        announce(self.trouble_line, self.trouble_line.whole())

    def show_newer(self, release: Release | None) -> None:
        """Say that there is a newer Fanion, if there is one."""
        self._newer = release
        if release is not None:
            self.say(self.newer_line.setText, T("Fanion {version} is available", version=release.version))
        self._make_room()

    def say_copied(self, count: int) -> None:
        """Tell, for a moment, that rows are on the clipboard."""
        self.say_passing(N("{count} row copied", "{count} rows copied", count))

    def say_passing(self, words: Translatable) -> None:
        """Tell something for a moment."""
        self.open_button.hide()
        self._make_room()
        self.say(self.passing_line.setText, words)
        announce(self.passing_line, self.passing_line.whole())
        self._passing.start(PASSING)

    def say_made(self, sentence: Text, file: Path) -> None:
        """Tell, for a while, what was written outside, and let it be opened."""
        self._file = file
        self.say(self.passing_line.setText, sentence)
        announce(self.passing_line, self.passing_line.whole())
        self.passing_line.setMinimumWidth(min(self.passing_line.sizeHint().width(), _ROOM))
        self.say.name(self.open_button, T("Open {file}", file=file.name))
        self.say.long_tip(self.open_button, str(file))
        self.open_button.show()
        self._make_room()
        self._passing.start(OPENABLE)

    def _forget(self) -> None:
        self.say(self.passing_line.setText, "")
        self.passing_line.setMinimumWidth(0)
        self.open_button.hide()
        self._make_room()

    def _make_room(self) -> None:
        """On a small screen, what was just written comes before what is outside, and that before the policy."""
        roomy = self.open_button.isHidden() or self.width() >= _WIDE
        self.policy_line.setVisible(roomy)
        self.newer_line.setVisible(roomy and self._newer is not None)
        taken_width = self.log_line.sizeHint().width() + _OTHERS
        if not self.open_button.isHidden():
            taken_width += self.passing_line.minimumWidth() + self.open_button.sizeHint().width()
        self.outside.least = max(self.width() - taken_width, STEP * 6)
        self.outside.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _log_words(self) -> Text:
        """A log that is carried on a stick must not be mistaken for the computer's, nor one for another."""
        if self._desk.origin is Origin.INSTEAD and not self._desk.shared:
            return T("{log} · not in the chosen folder", log=self._log_state())
        return T("{log} · portable", log=self._log_state()) if self._desk.portable else self._log_state()

    def _log_state(self) -> Text:
        if self._log_problem is not None:
            return T("Desk log: {problem}", problem=self._log_problem.sentence)
        if self._standing is None:
            return T("Desk log: no entries yet")
        return N("Desk log: {count} entry", "Desk log: {count} entries", self._standing.records)

    def _outside_words(self) -> Text | str:
        if self._standing is None:
            return ""
        if self._broken:
            return T("Not known: the log does not match its seals")
        outside = self._standing.outside
        if outside.time is None:
            return T("Log not backed up yet")
        if not outside.newer:
            when = outside.time.astimezone().strftime("%Y-%m-%d %H:%M")
            return T("All entries are covered by an outside copy of {when}", when=when)
        return N("{count} entry without an outside copy", "{count} entries without an outside copy", outside.newer)

    def _outside_tip(self) -> str:
        if self._broken:
            why = T("How much is covered by an outside copy is not known. Change nothing; click to see what is wrong.")
        else:
            why = T(
                "What is newer than the newest outside copy could be lost or cut off without a trace. "
                "A receipt, a checkpoint on a USB key or the daily close is such a copy: click to make one."
            )
        return f"{self._outside_words()}\n{why}"

    def _pressed(self) -> None:
        if self._broken:
            self.verify_wanted.emit()
        else:
            self.menu_wanted.emit(self.outside)

    def _policy_words(self) -> Text | str:
        if self._policy_problem is not None:
            return T("Policy: {problem}", problem=self._policy_problem.sentence)
        if self._policy is None:
            return ""
        return T("Policy: {title}, {version}", title=self._policy.title, version=self._policy.version)

    def _counted(self, end: JobEnd[LogStatus | None]) -> None:
        self._log_problem = end.problem if isinstance(end, Failed) else None
        if isinstance(end, Done):
            self._standing = end.value
        self._broken = self._standing is not None and bool(self._standing.breaks)
        mark(self.outside, "broken" if self._broken else "link")
        self.outside.setIcon(icon("warning" if self._broken else "outside", "broken" if self._broken else "link"))
        policy = self.log_line.sizePolicy()
        # A number is never elided; the sentence of a problem may be.
        policy.setHorizontalPolicy(_SHORT if self._log_problem is None else QSizePolicy.Policy.Expanding)
        self.log_line.setSizePolicy(policy)
        self.say(self.log_line.setText, self._log_words)
        self.say(self.outside.setText, self._outside_words)
        self.say.long_tip(self.outside, self._outside_tip)
        self.outside.setVisible(self._standing is not None and self._log_problem is None)
        self._make_room()
        self.stands.emit(self._log_problem or self._standing)

    def _policy_known(self, end: JobEnd[Policy]) -> None:
        self._policy_problem = end.problem if isinstance(end, Failed) else None
        self._policy = end.value if isinstance(end, Done) else None
        self.say(self.policy_line.setText, self._policy_words)


@dataclass
class _Reading(Generic[Read]):
    """Something that is read again and again: never twice at once, and once more if that was asked for meanwhile."""

    runner: JobRunner
    owner: StatusBar
    lane: str
    read: Callable[[], Read]
    receive: Callable[[JobEnd[Read]], None]
    _under_way: bool = False
    _again: bool = False

    def ask(self) -> None:
        """Have it read, soon."""
        if self._under_way:
            self._again = True
            return
        self._under_way, self._again = True, False
        self.runner.start(self.owner, self.lane, one_call(self.read), self._ended)

    def _ended(self, end: JobEnd[Read]) -> None:
        self._under_way = False
        self.receive(end)
        if self._again:
            self.ask()


def _standing(desk: Desk) -> LogStatus | None:
    """How the log stands; None if there is none yet."""
    from core.desk.papers import log_evidence  # loaded by the worker, while the window goes on

    try:
        return log_evidence.log_status(desk, False)
    except NothingRecorded:
        return None
