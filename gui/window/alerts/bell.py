"""Rings for what the phones have to tell, where the officer wants sounds. Many moments at once are one sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer

from core.desk.desk import Desk
from core.jobs import Cancel
from core.system import sounds
from core.system.sounds import Sound
from gui.desk.moments import Moment, PhoneMoments, still
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.jobs import JobRunner

_LANE: Final = "sound"
#: Milliseconds within which all is one sound, and those after a sound in which none begins.
TOGETHER: Final = 250
REST: Final = 1_500

#: What is heard, the most urgent first. Amber never sounds like green.
_SOUNDS: Final = {
    Moment.RED: Sound.RED,
    Moment.LOOK: Sound.NEEDS_YOU,
    Moment.NOT_READY: Sound.NEEDS_YOU,
    Moment.SETTLED: Sound.NEEDS_YOU,
    Moment.GREEN: Sound.GREEN,
    Moment.PLUGGED: Sound.PLUGGED,
}


class Bell(QObject):
    """Plays sounds on a lane of its own, one at a time: of what came meanwhile, the most urgent."""

    def __init__(
        self,
        moments: PhoneMoments,
        desk: Desk,
        runner: JobRunner,
        parent: QObject,
        play: Callable[[Sound, Cancel], object] = sounds.play,
    ) -> None:
        super().__init__(parent)
        self._desk, self._runner, self._play = desk, runner, play
        self._waiting: list[tuple[PhoneSession, Moment]] = []
        #: Until it ends, whatever comes waits: before a sound, so that all that comes at once is one; and after it.
        self._hold = QTimer(self, singleShot=True)
        self._hold.timeout.connect(self._ring)
        #: A sound is played, or was lately.
        self._rung = False
        moments.moment_reached.connect(self._add_moment)
        moments.went.connect(self._went)

    def _add_moment(self, session: PhoneSession, moment: Moment) -> None:
        if not self._desk.settings.sounds:
            return
        if self._rung and moment is Moment.PLUGGED:
            return  # of a hub full of phones, the first is heard
        self._waiting.append((session, moment))
        if not self._rung and not self._hold.isActive():
            self._hold.start(TOGETHER)

    def _went(self, session: PhoneSession) -> None:
        self._waiting = [(phone, moment) for phone, moment in self._waiting if phone is not session]

    def _ring(self) -> None:
        waiting = {moment for session, moment in self._waiting if still(session, moment)}
        self._waiting.clear()
        self._rung = bool(waiting) and self._desk.settings.sounds
        if self._rung:
            sound = next(sound for moment, sound in _SOUNDS.items() if moment in waiting)
            self._runner.start(self, _LANE, lambda cancel, report: self._play(sound, cancel), self._ended)

    def _ended(self, end: object) -> None:
        self._hold.start(REST)
