"""A closer look at one phone's apps, in the background once it was checked: what they are called, and what they are.

Gives way to everything else that is done with the phone, without a trace, and goes on afterwards. Where an app turns
out to be a banned one that its listing did not show, that is a new check.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.model import Problem
from gui.desk.contact import Checked, Looked, Named
from gui.tasks import Done, Ended, Failed, Job

if TYPE_CHECKING:
    from gui.desk.contact import Contact


class Naming:
    """Reading the names of one stay's apps. Changes only on the GUI thread."""

    def __init__(self, start: Callable[..., Job[Any]], told: Callable[[Ended[Looked] | None], None]) -> None:
        """`start` begins a job on the phone's lane; `told` hears of each change, and how a job ended."""
        #: What was read since the last check, by package.
        self.names: dict[str, str] = {}
        #: How many apps are to be looked into.
        self.total = 0
        #: Why no more names can be read.
        self.problem: Problem | None = None
        #: The officer wants no more of them.
        self.stopped = False
        self._heard: set[str] = set()
        self._job: Job[Looked] | None = None
        self._start = start
        self._told = told

    @property
    def read(self) -> int:
        """How many apps were looked into."""
        return len(self._heard)

    @property
    def under_way(self) -> bool:
        """Whether names are being read, or will be as soon as nothing else is under way."""
        return self.total > 0 and not self.stopped and self.problem is None

    def begin_anew(self, checked: Checked | None) -> None:
        """The phone was checked, or nothing is known of it any more."""
        self.pause()
        self.names, self._heard = {}, set()
        self.total = checked.unread if checked is not None else 0
        self.problem, self.stopped = None, False

    def go_on(self, contact: Contact) -> None:
        """Nothing else is under way with the phone."""
        if self.under_way and self._job is None:
            job = self._start(contact.look_closer, self._ended, self._news)
            self._job = job if job.end is None else None

    def pause(self) -> None:
        """Something else is to be done with the phone: that comes first."""
        if self._job is not None:
            self._job.stop()

    def stop(self) -> None:
        """No more names, until somebody asks for them."""
        self.stopped = True
        self.pause()

    def _news(self, event: object) -> None:
        if isinstance(event, Named):
            self._heard.add(event.package)
            if event.name:
                self.names[event.package] = event.name
            self._told(None)

    def _ended(self, end: Ended[Looked]) -> None:
        self._job = None
        match end:
            case Done():
                self.total = 0
            case Failed(problem):
                self.problem = problem
        self._told(end)
