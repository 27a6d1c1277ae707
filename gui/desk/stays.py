"""The phones at the desk, each with its stay: what is known of it, what is under way, what came of it.

A stay changes only on the GUI thread, and says so each time; its jobs run one after the other on a lane of its own.
What it says is always true of the phone as it was last read: where something went wrong in between, it has no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core import words
from core.desk import Desk
from core.jobs import Progress
from core.model import Check, Finding, Phone, Problem, Strength, Verdict
from core.removal import Planned, Removal
from core.text import Bilingual, N, T, Text
from gui.desk.contact import Allowed, Asked, Checked, Contact, Opening, Plugged, Practice
from gui.tasks import Done, Ended, Failed, Job, Runner, Stopped
from gui.theme import Status

if TYPE_CHECKING:
    from core.phones import Answer, Step
    from core.phones.watch import Change, Sighting
    from core.visit import Undoable, Undone

#: Phones that have left are kept in the list, so that their result can still be read; the oldest of more go.
LEFT_LIMIT: Final = 20


#: Milliseconds between two showings of what has changed.
_FRAME: Final = 33


class Phase(Enum):
    """What is under way with a phone."""

    RESTING = "resting"
    WAITING = "waiting"
    OPENING = "opening"
    ASKED = "asked"
    READING = "reading"
    REMOVING = "removing"
    UNDOING = "undoing"


class Stay:
    """One phone, from plug to unplug.

    Not a QObject: those that come and go by the hundred would have to be deleted by Qt and by Python at the right time.
    """

    def __init__(self, phones: Phones, key: str, name: str | Bilingual, opening: Opening | None) -> None:
        """`opening` is None for a phone that cannot be opened yet; :meth:`sighted` tells when it can."""
        self.key = key
        self.sighting: Sighting | None = None
        self.phase = Phase.RESTING
        self.gone = False
        self.practice = isinstance(opening, Practice)
        self.progress: Progress | None = None
        #: Bans that a quick look has found while the reading goes on.
        self.seen: tuple[Finding, ...] = ()
        self.checked: Checked | None = None
        self.checked_at: datetime | None = None
        self.removal: Removal | None = None
        self.undone: Undone | None = None
        #: The steps of the removal or undoing under way, each with its answer once there is one.
        self.steps: list[tuple[Step, Answer | None]] = []
        self.problem: Problem | None = None
        self.stopped = False
        self._phones = phones
        self._name = name
        self._phone: Phone | None = None
        self._contact = Contact(phones.desk, opening) if opening else None
        self._job: Job[Any] | None = None
        self._again = False

    # --- what is known

    @property
    def check(self) -> Check | None:
        """The last check, if the phone is still as it found it."""
        return self.checked.check if self.checked else None

    @property
    def name(self) -> str:
        """Maker and model as the phone gave them, or what is known before that."""
        return self._phone.name if self._phone and self._phone.model else str(self._name or T("A phone"))

    @property
    def phone(self) -> Phone | None:
        return self._phone

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def changing(self) -> bool:
        """Whether the phone is being changed: nobody should pull it now."""
        return self.phase in (Phase.REMOVING, Phase.UNDOING)

    @property
    def checkable(self) -> bool:
        """Whether it can be opened at all in its present state."""
        return self._contact is not None and not self.gone

    @property
    def bans(self) -> tuple[Finding, ...]:
        """The bans that make it red."""
        found = self.check.bans if self.check else self.seen
        return tuple(f for f in found if not f.contained)

    @property
    def status(self) -> Status:
        """What its colour says. Red as soon as a ban is seen; green only after a whole reading."""
        if self.check is not None and not self.changing:
            return _STATUS[self.check.verdict]
        if self.seen and not self.problem and not self.stopped:
            return Status.RED
        return Status.NEUTRAL

    @property
    def state(self) -> Text:
        """Where it stands, in a few words."""
        if self.gone:
            return self._left()
        match self.phase:
            case Phase.OPENING:
                return T("Being opened…")
            case Phase.ASKED:
                return T("Look at the phone: tap Allow")
            case Phase.READING | Phase.REMOVING | Phase.UNDOING if self.progress is not None:
                return T("{doing} · {percent} %", doing=self.progress.doing, percent=int(self.progress.share * 100))
            case Phase.READING:
                return T("Being read…")
            case Phase.WAITING if self.sighting is not None:
                return self.sighting.words.sentence
        if self.problem is not None:
            return self.problem.sentence
        if self.check is not None and self.checked_at is not None:
            return T("{verdict} · {time}", verdict=brief(self.check), time=self.checked_at.strftime("%H:%M"))
        return T("Not checked") if self.stopped else T("Waiting")

    def _left(self) -> Text:
        if self.check is not None and self.checked_at is not None:
            verdict = words.VERDICTS[self.check.verdict]
            return T("Unplugged · {verdict} at {time}", verdict=verdict, time=self.checked_at.strftime("%H:%M"))
        return T("Unplugged · not checked")

    @property
    def removable(self) -> tuple[Planned, ...]:
        """The bans that something can be done about, be it by hand."""
        return tuple(i for i in self._planned() if i.finding.strength is Strength.BAN)

    @property
    def also(self) -> tuple[Planned, ...]:
        """What is not banned but could be ticked to be removed too."""
        return tuple(i for i in self._planned() if i.finding.strength is not Strength.BAN and i.steps)

    def _planned(self) -> tuple[Planned, ...]:
        return self.checked.plan.items if self.checked and not self.gone else ()

    @property
    def undoable(self) -> tuple[Undoable, ...]:
        """The steps of the last removal that can be taken back."""
        return tuple(u for u in self.checked.undoable if u.possible) if self.checked and not self.gone else ()

    # --- what can be done

    def look(self) -> None:
        """Check the phone. Not while something is under way, nor where it is not there."""
        if self.busy or self.gone or self._contact is None:
            return
        self._begin(Phase.OPENING, self._contact.check)

    def remove(self, items: Iterable[Planned]) -> None:
        """Carry out what was planned for `items`."""
        if self.busy or self.gone or self._contact is None or self.checked is None:
            return
        contact, plan = self._contact, replace(self.checked.plan, items=tuple(items))
        self._begin(Phase.REMOVING, lambda c, r: contact.remove(plan, c, r))

    def undo(self) -> None:
        """Take the last removal back."""
        if self.busy or self.gone or self._contact is None or not self.undoable:
            return
        contact, steps = self._contact, self.undoable
        self._begin(Phase.UNDOING, lambda c, r: contact.undo(steps, c, r))

    def stop(self) -> None:
        """Press the stop button of what is under way."""
        if self._job is not None:
            self._job.stop()
            self._phones.has_changed(self)

    @property
    def stopping(self) -> bool:
        return self._job is not None and self._job.cancel.pressed

    # --- what happens to it

    def sighted(self, sighting: Sighting) -> None:
        """It was plugged in, or its state has changed: as soon as it can be read, it is."""
        before, self.sighting, self.gone = self.sighting, sighting, False
        self._name = sighting.name or self._name or sighting.serial
        if not _can_be_opened(sighting):
            if not self.busy:
                self.phase, self.problem, self.stopped = Phase.WAITING, None, False
                self._forget()
            self._phones.has_changed(self)
            return
        if self.busy:
            self._again = before is not None and before.road is not sighting.road
            return
        if self._contact is None or not isinstance(self._contact.opening, Plugged) or before != sighting:
            self._let_go()
            self._contact = Contact(self._phones.desk, Plugged(self._phones.desk, sighting))
        if self.check is None:
            self.look()
        else:
            self._phones.has_changed(self)

    def unplugged(self) -> None:
        """It is not there any more; what was found is still shown, with its time."""
        self.gone = True
        if self.busy:
            self.stop()
        else:
            self.phase = Phase.RESTING
            self._let_go()
        self._phones.has_changed(self)

    def close(self) -> None:
        """Let go of the phone."""
        if self._job is not None:
            self._job.stop()
        self.gone = True
        self._let_go()

    # --- jobs

    def _begin(self, phase: Phase, work: Callable[..., Any]) -> None:
        self.phase = phase
        self.progress = None
        self.problem = None
        self.stopped = False
        self.seen = ()
        self.steps = []
        self.removal = self.undone = None
        if phase is Phase.OPENING:
            self._forget()
        self._job = self._start(work, self._ended, self._heard)
        if self._job.end is not None:  # it was done in place
            self._job = None
        self._phones.has_changed(self)

    def _heard(self, event: object) -> None:
        from core.visit import Glimpse, StepBegins, StepEnds

        match event:
            case Asked():
                self.phase = Phase.ASKED
            case Allowed():
                self.practice = event.practice
                self.phase = Phase.READING
            case Progress():
                self.progress = event
                if self.phase is Phase.ASKED:
                    self.phase = Phase.READING
            case Glimpse():
                self._phone = event.phone
                if not self.changing:
                    self.seen = tuple(f for f in event.findings if f.strength is Strength.BAN)
            case StepBegins():
                self.steps.append((event.step, None))
            case StepEnds():
                self.steps[-1] = (event.step, event.answer)
        self._phones.has_changed(self)

    def _ended(self, end: Ended[Any]) -> None:
        was, self.phase = self.phase, Phase.RESTING
        self._job = None
        self.progress = None
        match end:
            case Done(value) if was is Phase.REMOVING:
                self.removal = value[0]
                self._checked(value[1])
            case Done(value) if was is Phase.UNDOING:
                self.undone = value[0]
                self._checked(value[1])
            case Done(value):
                self._checked(value)
            case Failed(problem):
                self._forget()
                self.problem = problem
            case Stopped():
                self._forget()
                self.stopped = True
        again, self._again = self._again, False
        if self.gone:
            self._let_go()
        elif isinstance(end, Failed) and again and self.sighting is not None:
            self._contact = None
            self.sighted(self.sighting)
        elif isinstance(end, Stopped) and was in (Phase.REMOVING, Phase.UNDOING):
            self.look()  # nobody knows what is on it now: read it
        self._phones.recorded.emit(self)
        self._phones.has_changed(self)

    def _checked(self, checked: Checked) -> None:
        self.checked = checked
        self.checked_at = datetime.now()
        self.seen = ()
        self._phone = checked.check.inventory.phone

    def _forget(self) -> None:
        """What was found is not true any more, or nobody knows."""
        self.checked = self.checked_at = self.removal = self.undone = None
        self.seen = ()

    def _let_go(self) -> None:
        """Close the phone, on its lane, after whatever is under way there."""
        contact, self._contact = self._contact, None
        if contact is not None:
            self._start(contact.close, _closed, must=True)

    def _start(
        self,
        work: Callable[..., Any],
        ended: Callable[[Ended[Any]], None],
        news: Callable[[Any], None] | None = None,
        *,
        must: bool = False,
    ) -> Job[Any]:
        """A job on the phone's own lane."""
        return self._phones.runner.start(self._phones, f"phone {self.key}", work, ended, news, must=must)


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
        runner: Runner,
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

    def _watching(self, end: Ended[Problem | None]) -> None:
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


def brief(check: Check) -> Text:
    """A verdict for a narrow card."""
    match check.verdict:
        case Verdict.GREEN:
            return T("Nothing banned")
        case Verdict.AMBER if not check.bans:
            return T("Not all was seen")
        case Verdict.AMBER:
            return T("Banned, switched off")
        case _:
            return short(check)


def short(check: Check) -> Text:
    """A verdict in a few words."""
    match check.verdict:
        case Verdict.RED:
            count = len({f.product for f in check.bans if not f.contained})
            return N("{count} banned app", "{count} banned apps", count)
        case Verdict.AMBER if check.bans:
            count = len({f.product for f in check.bans})
            return N("{count} banned app, switched off", "{count} banned apps, switched off", count)
        case Verdict.AMBER:
            return T("Not everything was seen")
        case Verdict.GREEN:
            return T("No banned app")


_STATUS: Final = {Verdict.RED: Status.RED, Verdict.AMBER: Status.AMBER, Verdict.GREEN: Status.GREEN}


def _can_be_opened(sighting: Sighting) -> bool:
    from core.phones import PhoneState

    return sighting.state is PhoneState.READY


def _closed(end: Ended[None]) -> None:
    pass
