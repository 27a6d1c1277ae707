"""The phones at the desk, those that left among them: the watch tells of them, and they tell the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.desk.desk import Desk
from core.problem import Problem
from core.system import support_log
from core.text import Bilingual
from core.visit.phone_source import Opening, Practice
from gui.desk.session.flow import Effect
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, Work

if TYPE_CHECKING:
    from core.phones.watch import Change

#: Phones that have left are kept in the list, so that their result can still be read; the oldest of more go.
LEFT_LIMIT: Final = 20


#: Milliseconds between two showings of what has changed.
_FRAME: Final = 33


class Watching(Protocol):
    """What tells which phones are plugged in; `core.phones.watch.Watch` in earnest."""

    def start(self) -> Problem | None: ...

    def stop(self) -> None: ...


def _watch(changed: Callable[[Change], None]) -> Watching:
    from core.phones.watch import Watch  # on the watch's lane: it loads what ADB and USB need

    return Watch(changed)


class PhoneSessions(QObject):
    """All phones at the desk, those that left at the end."""

    appeared = Signal(object)
    vanished = Signal(object)
    #: One of them has changed.
    changed = Signal(object)
    #: One of them has something new in the log.
    recorded = Signal(object)
    #: The bus cannot be watched; or it can again (None).
    trouble = Signal(object)
    _noticed = Signal(object)

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QObject | None = None,
        watch: Callable[[Callable[[Change], None]], Watching] = _watch,
        pace: float = 1.0,
    ) -> None:
        super().__init__(parent)
        self.sessions: list[PhoneSession] = []
        self.desk = desk
        self.runner = runner
        self._make_watch = watch
        self._watch: Watching | None = None
        self._pace = pace
        self._practised = 0
        self._dirty: dict[PhoneSession, None] = {}
        self._settle = QTimer(self, singleShot=True, interval=_FRAME)
        self._settle.timeout.connect(self._tell_changes)
        self._noticed.connect(self._change, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to watch what is plugged in."""
        self.runner.start(self, "watch", lambda cancel, report: self._start_watch(), self._watching)

    def practise(self, scenario: str, title: Bilingual) -> PhoneSession:
        """Plug a practice phone in, and check it."""
        self._practised += 1
        return self.add(f"practice-{self._practised}", title, Practice(self.desk, scenario, self._pace))

    def add(self, key: str, name: str | Bilingual, opening: Opening) -> PhoneSession:
        """Have a phone at the desk that is opened in a way of its own, and check it."""
        session = self._add(key, name, opening)
        session.look()
        return session

    def put_away(self, session: PhoneSession) -> None:
        """Unplug a practice phone; take one that has left off the list."""
        if session not in self.sessions or session.changing:  # it went while a menu was open, or must not be pulled now
            return
        if session.practice and not session.gone:
            session.unplugged()
            self._thin_out()
        elif session.gone:
            self._drop(session)

    @property
    def changing(self) -> list[PhoneSession]:
        """Those that are being changed right now."""
        return [session for session in self.sessions if session.changing]

    def close(self) -> None:
        """Let go of every phone, and end the watch."""
        for session in self.sessions:
            session.close()
        self.runner.start(self, "watch", lambda cancel, report: self._stop_watch(), lambda end: None, must=True)

    def _start_watch(self) -> Problem | None:
        self._watch = self._make_watch(self._noticed.emit)
        return self._watch.start()

    def _stop_watch(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def _watching(self, end: JobEnd[Problem | None]) -> None:
        if isinstance(end, Done):
            self.trouble.emit(end.value)
        elif isinstance(end, Failed):
            self.trouble.emit(end.problem)

    def _change(self, change: Change) -> None:
        key = change.sighting.key
        session = next((s for s in reversed(self.sessions) if s.key == key), None)
        if not change.plugged:
            if session is not None:
                session.unplugged()
                self._thin_out()
            return
        if session is not None and session.gone:
            # The same phone again: a new session, in the old one's place once that is done.
            if not session.busy:
                self._drop(session)
            session = None
        (session or self._add(key, change.sighting.name, None)).sighted(change.sighting)

    def _add(self, key: str, name: str | Bilingual, opening: Opening | None) -> PhoneSession:
        def begin(
            work: Work[Any],
            ended: Callable[[JobEnd[Any]], None],
            news: Callable[[Any], None] | None,
            must: bool,
        ) -> Job[Any]:
            logged = support_log.of_phone(key)(work)
            return self.runner.start(self, f"phone {key}", logged, ended, news, must=must)

        session = PhoneSession(self.desk, begin, self._take_effect, key, name, opening)
        self.sessions.append(session)
        self.appeared.emit(session)
        return session

    def _drop(self, session: PhoneSession) -> None:
        self.sessions.remove(session)
        self.vanished.emit(session)

    def _thin_out(self) -> None:
        left = [s for s in self.sessions if s.gone and not s.busy]
        for session in left[: max(len(left) - LEFT_LIMIT, 0)]:
            self._drop(session)

    def _take_effect(self, session: PhoneSession, effect: Effect) -> None:
        if Effect.RECORDED in effect:
            self.recorded.emit(session)
        self.has_changed(session)

    def has_changed(self, session: PhoneSession) -> None:
        """Show it anew a moment later, together with all else that changes: thirty phones report all the time."""
        self._dirty[session] = None
        if not self._settle.isActive():
            self._settle.start()

    def _tell_changes(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for session in dirty:
            if session in self.sessions:
                self.changed.emit(session)
