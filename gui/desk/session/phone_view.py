"""What is known of one phone on the Desk page, for the page and the card to show. It changes only on the GUI thread."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from core.jobs import Progress
from core.model import Check, Finding, Labels, Phone
from core.phones.driver import Answer, Step
from core.phones.removal_plan import Planned, Removal
from core.problem import Problem
from core.text import Bilingual, T
from core.visit.undo import Undoable, Undone
from gui.desk.app_rows import Row
from gui.desk.session.lane import FileRead, FinishedCheck, UnfinishedCheck
from gui.toolkit.jobs import Job
from gui.toolkit.theme import Status

if TYPE_CHECKING:  # it loads what ADB needs
    from core.phones.watch import Sighting
    from core.simulator import Act


class Phase(Enum):
    """What is under way with a phone."""

    RESTING = "resting"
    WAITING = "waiting"
    OPENING = "opening"
    ASKED = "asked"
    READING = "reading"
    LOOKING = "looking"
    REMOVING = "removing"
    UNDOING = "undoing"


@dataclass(slots=True)
class AssetLabels:
    """What the department calls the phone: `current` is what its next record will have."""

    current: Labels = Labels()  # noqa: RUF009 - it is frozen
    #: The phone that it was said of, if that was known then.
    of: Phone | None = None
    #: Why something could not be written down, and what.
    problem: Problem | None = None
    unsaved: Labels | None = None
    #: What was said and waits, maybe behind a check.
    waiting: deque[Labels] = field(default_factory=deque)

    @property
    def said(self) -> Labels:
        """What the officer said last, as far as nothing went wrong with it."""
        return self.waiting[-1] if self.waiting else self.current


class PhoneView:
    """One phone, as it is shown."""

    def __init__(self, key: str, name: str | Bilingual, *, practice: bool) -> None:
        self.key = key
        self.sighting: Sighting | None = None
        self.phase = Phase.RESTING
        self.gone = False
        self.practice = practice
        self.progress: Progress | None = None
        #: Bans that were found while the reading goes on.
        self.seen: tuple[Finding, ...] = ()
        #: The apps, while their files are looked into.
        self.reading: UnfinishedCheck | None = None
        #: What the files that were looked into say, by package.
        self.named: dict[str, FileRead] = {}
        #: How many files were looked into.
        self.files_read = 0
        self.checked: FinishedCheck | None = None
        self.checked_at: datetime | None = None
        self.removal: Removal | None = None
        self.undone: Undone | None = None
        #: The steps of the removal or undoing under way, each with its answer once there is one.
        self.steps: list[tuple[Step, Answer | None]] = []
        self.problem: Problem | None = None
        self.stopped = False
        #: The fingerprint of the desk's key, as the phone shows it in its question.
        self.fingerprint = ""
        #: When it began to show it (`time.monotonic`); 0.0 before that.
        self.asked_at = 0.0
        #: How often it left before it could be read.
        self.left = 0
        #: What its owner, who is played, can do to bring a practice phone nearer to ready.
        self.acts: tuple[Act, ...] = ()
        self.phone: Phone | None = None
        self.labels = AssetLabels()
        #: The plan is wanted as soon as the look into the files has stopped.
        self.plan_wanted = False
        #: The result of a removal was read, and put away.
        self.outcome_closed = False
        #: A removal or an undoing was cut off: steps were taken, and what the last one did is not known.
        self.cut_off = False
        #: The number of the visit, which all its records bear.
        self.number = secrets.token_hex(6)
        self._name = name
        self._job: Job[Any] | None = None

    @property
    def check(self) -> Check | None:
        """The last check, if the phone is still as it found it."""
        return self.checked.check if self.checked else None

    @property
    def name(self) -> str:
        """Maker and model as the phone gave them, or what is known before that."""
        return self.phone.name if self.phone and self.phone.model else str(self._name or T("A phone"))

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def changing(self) -> bool:
        """Whether the phone is being changed: it should not be pulled now."""
        return self.phase in (Phase.REMOVING, Phase.UNDOING)

    @property
    def bans(self) -> tuple[Finding, ...]:
        """The bans that make it red."""
        return self.check.red if self.check else self.seen

    @property
    def rows(self) -> tuple[Row, ...] | None:
        """Its apps, as far as they are known; None where it was not read."""
        shown = self.reading or self.checked
        return shown.rows if shown else None

    @property
    def status(self) -> Status:
        """What its colour says. Red as soon as a ban is seen; green only once every file was looked into."""
        if self.check is not None and not self.changing:
            return Status(self.check.verdict.value)
        if self.seen and not self.problem and not self.stopped:
            return Status.RED
        return Status.NEUTRAL

    @property
    def removable(self) -> tuple[Planned, ...]:
        """The bans that something can be done about, be it by hand."""
        return tuple(i for i in self._planned() if i.finding in self.bans)

    @property
    def also(self) -> tuple[Planned, ...]:
        """What does not make it red but could be ticked to be removed too."""
        return tuple(i for i in self._planned() if i.finding not in self.bans and i.steps)

    def _planned(self) -> tuple[Planned, ...]:
        return self.checked.plan.items if self.checked and not self.gone else ()

    @property
    def undoable(self) -> tuple[Undoable, ...]:
        """The steps of the last removal that can be taken back."""
        return tuple(u for u in self.checked.undoable if u.possible) if self.checked and not self.gone else ()

    @property
    def can_be_labelled(self) -> bool:
        """Whether there is, or can be, a record to keep labels with."""
        return not self.gone or self.check is not None

    @property
    def stopping(self) -> bool:
        return self._job is not None and self._job.cancel.pressed
