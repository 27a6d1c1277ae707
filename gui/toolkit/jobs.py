"""Jobs off the GUI thread: they wait in lanes, one lane a phone, and each ends as done, failed or stopped.

A job gets a stop button and a way to report; what it reports and how it ended is told on the GUI thread, by calling
plain callables from a QObject that lives there. A worker never touches a widget.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from core.jobs import Cancel, Progress
from core.problem import Cancelled, Problem
from core.system.support import support_log

T = TypeVar("T")

#: Seconds that are spent on news before the event loop goes on.
_BUDGET: Final = 0.006


class Done(NamedTuple, Generic[T]):
    """The work was done; `value` is what it returned."""

    value: T


class Failed(NamedTuple):
    """The work raised a Problem; or it met a bug, which is then also told to `sys.excepthook`."""

    problem: Problem


class Stopped(NamedTuple):
    """The stop button was pressed."""


JobEnd = Done[T] | Failed | Stopped
Report = Callable[[object], None]
Work = Callable[[Cancel, Report], T]


def one_call(function: Callable[..., T], *arguments: Any, **options: Any) -> Work[T]:
    """Work that is one call: it tells nothing of how far it is, and cannot be stopped once it has begun."""
    return lambda cancel, report: function(*arguments, **options)


def long_call(function: Callable[..., T], *arguments: Any, **options: Any) -> Work[T]:
    """Work that is one call of a function that takes `report`, to tell how far it is, and `cancel`, to be stopped."""
    return lambda cancel, report: function(*arguments, **options, report=report, cancel=cancel)


@dataclass(eq=False)
class Job(Generic[T]):
    """One piece of work, from the moment it is asked for."""

    _owner: QObject
    _work: Work[T]
    _ended: Callable[[JobEnd[T]], None]
    _news: Callable[[Any], None] | None
    _post: Callable[[Callable[[], None]], None]
    _must: bool
    cancel: Cancel = field(default_factory=Cancel)
    #: How it ended; None until that has been told.
    end: JobEnd[T] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: Progress | None = None

    def stop(self) -> None:
        """Press the stop button. The job ends by itself, soon."""
        self.cancel.press()

    def run(self) -> None:
        """Do the work, on the thread of the lane."""
        end: JobEnd[T]
        try:
            if not self._must:
                self.cancel.check()
            end = Done(self._work(self.cancel, self._report))
        except Cancelled:
            end = Stopped()
        except Problem as problem:
            support_log.problem(problem)
            end = Failed(problem)
        except BaseException as bug:  # also what libraries raise past Exception: the lane must go on
            from core.system.support.crash_files import Bug  # only a bug needs it, and a window is seen without it

            end = Failed(Bug())
            self._post(partial(_raise_hook, bug))
        self._post(partial(self._tell_end, end))

    def _report(self, event: object) -> None:
        """Keep the newest progress only: a phone that reports without end must not flood the window."""
        if isinstance(event, Progress):
            with self._lock:
                waiting, self._progress = self._progress, event
            if waiting is None:
                self._post(self._tell_progress)
        else:
            self._post(partial(self._tell, event))

    def _tell_progress(self) -> None:
        with self._lock:
            newest, self._progress = self._progress, None
        self._tell(newest)

    def _tell(self, event: object) -> None:
        if self._news is not None and isValid(self._owner):
            self._news(event)

    def _tell_end(self, end: JobEnd[T]) -> None:
        self.end = end
        if isValid(self._owner):
            self._ended(end)


class JobRunner(QObject):
    """Runs jobs. Lives on the GUI thread; its maker closes it.

    With `in_place`, for tests, a job is done within :meth:`start`.
    """

    _posted = Signal()

    def __init__(self, parent: QObject | None = None, *, in_place: bool = False) -> None:
        super().__init__(parent)
        self._in_place = in_place
        self._lock = threading.Lock()
        self._lanes: dict[str, deque[Job[Any]]] = {}
        self._running: dict[str, Job[Any]] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._closed = False
        self._mail: deque[Callable[[], None]] = deque()
        self._rung = False
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._deliver)

    def start(
        self,
        owner: QObject,
        lane: str,
        work: Work[T],
        ended: Callable[[JobEnd[T]], None],
        news: Callable[[Any], None] | None = None,
        *,
        must: bool = False,
    ) -> Job[T]:
        """Have `work` done when the lane is free. `ended` and `news` are called only as long as `owner` exists.

        What `must` be done, such as closing something, is done even where it was stopped before it began. After
        :meth:`close` nothing is done or told any more.
        """
        job = Job(owner, work, ended, news, self._post, must)
        if self._in_place:
            job.run()
            return job
        with self._lock:
            if self._closed:  # a page that is being closed may still ask
                job.end = Stopped()
                return job
            if lane in self._lanes:
                self._lanes[lane].append(job)
            else:
                self._lanes[lane] = deque([job])
                thread = threading.Thread(target=self._drain, args=(lane,), name=f"lane {lane}")
                self._threads[lane] = thread
                thread.start()
        return job

    @property
    def idle(self) -> bool:
        """Whether no job waits or runs. What they told may still be on its way."""
        with self._lock:
            return not self._lanes

    def close(self) -> None:
        """Stop every job and wait for its end, and for that of those that must be done; nothing is told any more."""
        with self._lock:
            self._closed = True
            jobs = [*self._running.values(), *(job for lane in self._lanes.values() for job in lane)]
            threads = list(self._threads.values())
        for job in jobs:
            job.stop()
        for thread in threads:
            thread.join()

    def _drain(self, lane: str) -> None:
        while True:
            with self._lock:
                self._running.pop(lane, None)
                if not self._lanes[lane]:
                    del self._lanes[lane], self._threads[lane]
                    return
                job = self._running[lane] = self._lanes[lane].popleft()
            job.run()

    def _post(self, tell: Callable[[], None]) -> None:
        if self._in_place:
            tell()
            return
        with self._lock:
            self._mail.append(tell)
            ring, self._rung = not self._rung and not self._closed, True
        if ring:
            self._posted.emit()

    def _deliver(self) -> None:
        """Tell what has come, for a few milliseconds; what is left then waits until keys and paintings had their turn.

        Through a timer: Qt does not go on to anything else as long as new posted events come in.
        """
        end = time.monotonic() + _BUDGET
        while not self._closed:
            with self._lock:
                if not self._mail:
                    self._rung = False
                    return
                tell = self._mail.popleft()
            try:
                tell()
            except Exception:  # a bug in one piece of news does not keep the others back
                self._rest.start()
                raise
            if time.monotonic() > end:
                self._rest.start()
                return


def _raise_hook(bug: BaseException) -> None:
    """Raise an exception of a job on the GUI thread: it is kept in a crash file, and told to the officer."""
    sys.excepthook(type(bug), bug, bug.__traceback__)
