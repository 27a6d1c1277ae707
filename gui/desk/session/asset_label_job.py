"""What the department calls one phone of the desk: said by the officer, written down on the phone's own lane."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from core.model import Labels, Phone
from core.problem import Problem
from gui.toolkit.jobs import Done, Failed, JobEnd

if TYPE_CHECKING:
    from gui.desk.session.contact import Contact


class Labelling:
    """The labels of one stay. Changes only on the GUI thread."""

    def __init__(self, start: Callable[..., object], told: Callable[[bool], None]) -> None:
        """`start` begins a job on the phone's lane; `told` hears of each change, and whether it is on record."""
        #: What the next record will have.
        self.kept = Labels()
        #: The phone that it was said of, if that was known then.
        self.of: Phone | None = None
        #: Who writes it down; still there once the phone was let go of.
        self.contact: Contact | None = None
        #: Why something could not be written down, and what.
        self.problem: Problem | None = None
        self.unsaved: Labels | None = None
        self._waiting: deque[Labels] = deque()
        self._start = start
        self._told = told

    @property
    def said(self) -> Labels:
        """What the officer said last, as far as nothing went wrong with it. It may still wait behind a check."""
        return self._waiting[-1] if self._waiting else self.kept

    def say(self, labels: Labels, phone: Phone | None) -> None:
        """From now on the phone, as far as it is known, is called so."""
        self.give_up()
        self.of = phone if self.contact is not None else None
        self._waiting.append(labels)
        if self.contact is None:  # it cannot be opened yet: its first check will have them
            self._ended(Done(False))
        else:
            self._start(partial(self.contact.label, labels), self._ended, must=True)
            self._told(False)

    def give_up(self) -> None:
        """What could not be written down is not wanted any more."""
        self.problem = self.unsaved = None

    def _ended(self, end: JobEnd[Any]) -> None:
        labels = self._waiting.popleft()
        if isinstance(end, Done):
            self.kept = labels
        elif isinstance(end, Failed):
            self.problem, self.unsaved = end.problem, labels
        self._told(isinstance(end, Done) and end.value)
