"""The phones at the desk, those that left among them: what the watch tells becomes stays, and stays tell the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.desk.desk import Desk
from core.problem import Problem
from core.text import Bilingual
from gui.desk.session.contact import Opening, Practice
from gui.desk.session.phone_session import Stay
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner

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
    from core.phones.watch import Watch

    return Watch(changed)


class Phones(QObject):
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
        self.stays: list[Stay] = []
        self.desk = desk
        self.runner = runner
        self._make_watch = watch
        self._watch: Watching | None = None
        self._pace = pace
        self._practised = 0
        self._dirty: dict[Stay, None] = {}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_FRAME)
        self._settle.timeout.connect(self._tell_changes)
        self._noticed.connect(self._change, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to watch what is plugged in."""
        self.runner.start(self, "watch", lambda cancel, report: self._start_watch(), self._watching)

    def practise(self, scenario: str, title: Bilingual) -> Stay:
        """Plug a practice phone in, and check it."""
        self._practised += 1
        return self.add(f"practice-{self._practised}", title, Practice(self.desk, scenario, self._pace))

    def add(self, key: str, name: str | Bilingual, opening: Opening) -> Stay:
        """Have a phone at the desk that is opened in a way of its own, and check it."""
        stay = self._add(Stay(self, key, name, opening))
        stay.look()
        return stay

    def put_away(self, stay: Stay) -> None:
        """Unplug a practice phone; take one that has left off the list."""
        if stay not in self.stays or stay.changing:  # it went while a menu was open, or must not be pulled now
            return
        if stay.practice and not stay.gone:
            stay.unplugged()
            self._thin_out()
        elif stay.gone:
            self._drop(stay)

    @property
    def changing(self) -> list[Stay]:
        """Those that are being changed right now."""
        return [stay for stay in self.stays if stay.changing]

    def close(self) -> None:
        """Let go of every phone, and end the watch."""
        for stay in self.stays:
            stay.close()
        self.runner.start(self, "watch", lambda cancel, report: self._stop_watch(), _closed, must=True)

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
        stay = next((s for s in reversed(self.stays) if s.key == key), None)
        if not change.plugged:
            if stay is not None:
                stay.unplugged()
                self._thin_out()
            return
        if stay is None or (stay.gone and stay.busy):
            stay = self._add(Stay(self, key, change.sighting.name, None))
        elif stay.gone:
            # The same phone again: a new stay in the old one's place.
            self._drop(stay)
            stay = self._add(Stay(self, key, change.sighting.name, None))
        stay.sighted(change.sighting)

    def _add(self, stay: Stay) -> Stay:
        self.stays.append(stay)
        self.appeared.emit(stay)
        return stay

    def _drop(self, stay: Stay) -> None:
        self.stays.remove(stay)
        self.vanished.emit(stay)

    def _thin_out(self) -> None:
        left = [s for s in self.stays if s.gone and not s.busy]
        for stay in left[: max(len(left) - LEFT_LIMIT, 0)]:
            self._drop(stay)

    def has_changed(self, stay: Stay) -> None:
        """For stays. Told a moment later, together with whatever else changes: thirty phones report all the time."""
        self._dirty[stay] = None
        if not self._settle.isActive():
            self._settle.start()

    def _tell_changes(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for stay in dirty:
            if stay in self.stays:
                self.changed.emit(stay)


def _closed(end: JobEnd[None]) -> None:
    pass
