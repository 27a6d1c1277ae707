"""Watches every lock of the program: in which order they are taken, and what is held while a turn or a file is waited
for. To be begun before the program's modules are loaded."""

from __future__ import annotations

import linecache
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

_ROOT = Path(__file__).parents[2]
_SOURCES = tuple(f"{_ROOT / folder}/" for folder in ("core", "gui"))


#: Locks of the commands of one phone, whose jobs come one after the other.
_OF_ONE_PHONE = frozenset({"self._one_at_a_time = threading.Lock()"})


class LockWatch:
    """What was found wrong, in sentences. A lock is known by the line of the program that makes it."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        #: By lock, the locks that were taken while it was held.
        self.order: dict[str, set[str]] = defaultdict(set)
        self._mine = threading.local()
        #: The lock of the turn, once the program has made it.
        self.turn = ""

    def begin(self) -> None:
        """Watch each lock that the program makes from now on."""
        real = threading.Lock, threading.RLock
        threading.Lock = self._maker(real[0])  # type: ignore[assignment,misc]
        threading.RLock = self._maker(real[1])  # type: ignore[assignment,misc]
        from core import jobs
        from core.system.files import file_lock

        self.turn = str(jobs._lock)
        pause, hold, release = file_lock.Patience.pause, file_lock.LockFile.take.__func__, file_lock.LockFile.release

        def paused(patience: file_lock.Patience) -> bool:
            if self.turn in self.held:
                self.found.add(f"a file is waited for with the turn, holding {self.held}")
            return pause(patience)

        def taken(cls: type[file_lock.LockFile], path: Path, *, make: bool = True) -> file_lock.LockFile | None:
            lock: file_lock.LockFile | None = hold(cls, path, make=make)
            if lock is not None and (name := _kind(path)):
                self.wants(name)
                self.has(name)
                names[id(lock)] = name
            return lock

        def released(lock: file_lock.LockFile) -> None:
            release(lock)
            if (name := names.pop(id(lock), None)) is not None:
                self.let_go(name)

        names: dict[int, str] = {}
        file_lock.Patience.pause = paused  # type: ignore[method-assign]
        file_lock.LockFile.take = classmethod(taken)  # type: ignore[method-assign,assignment]
        file_lock.LockFile.release = released  # type: ignore[method-assign]

    @property
    def held(self) -> list[str]:
        """The locks that this thread has, the first one first."""
        if not hasattr(self._mine, "held"):
            self._mine.held = []
        held: list[str] = self._mine.held
        return held

    def wants(self, lock: str) -> None:
        """This thread waits for a lock if it has to."""
        held = [one for one in self.held if one != lock]
        if lock == self.turn and not _OF_ONE_PHONE.issuperset(held):
            self.found.add(f"the turn is waited for, holding {held}")
        for one in held:
            self.order[one].add(lock)
            if self._leads(lock, one):
                self.found.add(f"{one} and {lock} are taken in both orders")

    def has(self, lock: str) -> None:
        self.held.append(lock)

    def let_go(self, lock: str) -> None:
        if lock in self.held:  # another thread may release a lock of a file
            self.held.reverse()
            self.held.remove(lock)
            self.held.reverse()

    def _leads(self, first: str, last: str) -> bool:
        """Whether `last` was ever taken while `first` was held, or a lock that was taken so."""
        seen, to_see = {first}, [first]
        while to_see:
            for lock in self.order[to_see.pop()] - seen:
                seen.add(lock)
                to_see.append(lock)
        return last in seen and first != last

    def _maker(self, make: Callable[[], Any]) -> Callable[[], Any]:
        def made() -> Any:
            frame = sys._getframe(1)
            while frame.f_back is not None and frame.f_code.co_filename == "<string>":  # a dataclass's own __init__
                frame = frame.f_back
            if not frame.f_code.co_filename.startswith(_SOURCES):
                return make()
            source = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
            is_known = source in _OF_ONE_PHONE
            place = f"{frame.f_code.co_filename.removeprefix(f'{_ROOT}/')}:{frame.f_lineno}"
            return _Watched(self, make(), source if is_known else place)

        return made


class _Watched:
    """A lock of the program's."""

    def __init__(self, watch: LockWatch, lock: Any, name: str) -> None:
        self._watch, self._lock, self._name = watch, lock, name

    def __str__(self) -> str:
        return self._name

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if blocking:
            self._watch.wants(self._name)
        if not self._lock.acquire(blocking, timeout):
            return False
        self._watch.has(self._name)
        return True

    def release(self) -> None:
        self._lock.release()
        self._watch.let_go(self._name)

    def locked(self) -> bool:
        return bool(self._lock.locked())

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _kind(path: Path) -> str:
    """The name of a file that is locked; empty for one that nobody waits for, as its name is drawn."""
    return "" if re.search("[0-9a-f]{8}", path.name) else path.name
