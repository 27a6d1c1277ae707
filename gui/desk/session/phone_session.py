"""One phone's stay at the desk: what is known of it, what is under way, what came of it.

It changes only on the GUI thread, and says so each time; its jobs run one after the other on a lane of its own. What it
says is always true of the phone as it was last read: where something went wrong in between, it has no verdict.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from core.jobs import Progress
from core.model import Check, Finding, Labels, Phone, PhoneIdentity, Problem, Verdict
from core.phones.removal_plan import Planned, Removal
from core.text import Bilingual, T, Text
from gui.desk.session.asset_label_job import Labelling
from gui.desk.session.contact import Allowed, Asked, Checked, Contact, Named, Opening, Plugged, Practice, Reading
from gui.desk.session.phases import Phase, state_of
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, Stopped
from gui.toolkit.theme import Status

if TYPE_CHECKING:
    from core.phones.driver import Answer, Step
    from core.phones.watch import Sighting
    from core.visit.visit import Undoable, Undone
    from gui.desk.app_rows import Row
    from gui.desk.session.phone_sessions import Phones


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
        #: Bans that were found while the reading goes on.
        self.seen: tuple[Finding, ...] = ()
        #: The apps while their files are looked into; what each that is done says, by package; how many are done.
        self.reading: Reading | None = None
        self.named: dict[str, Named] = {}
        self.files_read = 0
        self.checked: Checked | None = None
        self.checked_at: datetime | None = None
        self.removal: Removal | None = None
        self.undone: Undone | None = None
        #: The steps of the removal or undoing under way, each with its answer once there is one.
        self.steps: list[tuple[Step, Answer | None]] = []
        self.problem: Problem | None = None
        self.stopped = False
        #: Of the desk's key, as the phone shows it in its question.
        self.fingerprint = ""
        self._phones = phones
        self._name = name
        self._phone: Phone | None = None
        self._identity: PhoneIdentity | None = None
        self._visit = secrets.token_hex(6)
        self.labelling = Labelling(self._start, self._labelled)
        #: The plan is wanted as soon as the look into the files has stopped.
        self.plan_wanted = False
        #: The rules or the exceptions have changed since the phone was read.
        self._outdated = False
        self._contact = self._meet(opening) if opening else None
        self._job: Job[Any] | None = None
        #: What came of a removal was read, and put away.
        self.outcome_closed = False
        #: A removal or an undoing was cut off: steps were taken, and nobody knows what came of the last one.
        self.cut_off = False

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
    def visit(self) -> str:
        """What its records are held together by."""
        return self._visit

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
            return _STATUS[self.check.verdict]
        if self.seen and not self.problem and not self.stopped:
            return Status.RED
        return Status.NEUTRAL

    @property
    def state(self) -> Text:
        """Where it stands, in a few words."""
        return state_of(self)

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
    def asks_imei(self) -> bool:
        """Whether the department asks for the phone's IMEI."""
        return self._phones.desk.settings.ask_imei

    @property
    def can_be_labelled(self) -> bool:
        """Whether there is, or can be, a record to keep labels with."""
        return not self.gone or self.check is not None

    # --- what can be done

    def label(self, labels: Labels) -> None:
        """Say what the department calls the phone; written down as soon as nothing else is under way with it."""
        self.labelling.say(labels, self._phone)

    def give_up_labels(self) -> None:
        """Labels that could not be written down are not wanted any more."""
        self.labelling.give_up()
        self._phones.has_changed(self)

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

    def judge_again(self) -> None:
        """The rules or the exceptions have changed: read the phone again, as soon as nothing is under way with it."""
        if self.busy:
            self._outdated = self.phase is not Phase.OPENING
        elif self.check is not None:
            self.look()

    def stop_to_plan(self) -> None:
        """Stop looking into files, to remove what was found: the reading afterwards looks into the others."""
        if self.phase is Phase.LOOKING and self.seen:
            self.plan_wanted = True
            self.stop()

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
        self.sighting, self.gone = sighting, False
        self._name = sighting.name or self._name or sighting.serial
        if not self.busy:  # otherwise what is under way ends first
            self._follow(sighting)
        self._phones.has_changed(self)

    def _follow(self, sighting: Sighting) -> None:
        """Be what the last sighting says. Whatever answers by another road may be another phone: nothing is kept."""
        opening = self._contact.opening if self._contact else None
        same = isinstance(opening, Plugged) and _way(opening.sighting) == _way(sighting)
        if not same:
            self._let_go()
            self._forget()
            self.labelling.contact = None
            self.problem, self.stopped = None, False
        if not _can_be_opened(sighting):
            self.phase = Phase.WAITING
            return
        self.phase = Phase.RESTING
        if self._contact is None:
            self._contact = self._meet(Plugged(self._phones.desk, sighting))
        if self.check is None:
            self.look()

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
        self.outcome_closed = False
        self._outdated = False
        self.plan_wanted = False
        if phase is Phase.OPENING:
            self._forget()
        self._job = self._start(work, self._ended, self._heard)
        if self._job.end is not None:  # it was done in place
            self._job = None
        self._phones.has_changed(self)

    def _heard(self, event: object) -> None:
        from core.visit.visit import Glimpse, StepBegins, StepEnds

        match event:
            case Asked() if self.changing:  # it was lost, and is opened anew
                self.progress = Progress(T("Look at the phone: tap Allow"), 0.0)
            case Asked():
                self.phase = Phase.ASKED
                self.fingerprint = event.fingerprint
            case Allowed():
                self.practice = event.practice
                if not self.changing:
                    self.phase = Phase.READING
            case Progress():
                self.progress = event
                if self.phase is Phase.ASKED:
                    self.phase = Phase.READING
            case Glimpse():
                self._phone = event.phone
                if not self.changing:
                    self.seen = tuple(f for f in event.findings if f.is_ban and not f.contained and not f.excepted)
            case Reading():
                self._reads(event)
            case Named():
                self.files_read += 1
                self.named[event.package] = event
            case StepBegins():
                self.steps.append((event.step, None))
            case StepEnds():
                self.steps[-1] = (event.step, event.answer)
        self._phones.has_changed(self)

    def _reads(self, reading: Reading) -> None:
        """The listings are read, or a file has shown a banned app. Where the phone is being changed, what is shown of
        it stays until all of it was read."""
        if self.reading is None:
            self.files_read = 0
        self._phone = reading.check.inventory.phone
        self.reading = reading
        if not self.changing:
            self.phase = Phase.LOOKING
            self.seen = reading.check.red

    def _ended(self, end: JobEnd[Any]) -> None:
        was, self.phase = self.phase, Phase.RESTING
        self._job = None
        self.progress = self.reading = None
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
        changing = was in (Phase.REMOVING, Phase.UNDOING)
        self.cut_off = not isinstance(end, Done) and (changing or self.cut_off)
        opening = self._contact.opening if self._contact else None
        moved = (
            isinstance(opening, Plugged) and self.sighting is not None and _way(opening.sighting) != _way(self.sighting)
        )
        if self.gone:
            self._let_go()
        elif moved and self.sighting is not None:
            self._follow(self.sighting)
        elif isinstance(end, Stopped) and changing:
            self.look()  # nobody knows what is on it now: read it
        elif isinstance(end, Done) and self._outdated:
            self.look()
        self._phones.recorded.emit(self)
        self._phones.has_changed(self)

    def _checked(self, checked: Checked) -> None:
        self.checked = checked
        self.checked_at = datetime.now()
        self.seen = ()
        self._phone = checked.check.inventory.phone
        self._identity = checked.check.inventory.identity
        self._visit = checked.visit
        self.labelling.kept = checked.labels
        self.named = {}

    def _labelled(self, on_record: bool) -> None:
        if on_record:
            self._phones.recorded.emit(self)
        self._phones.has_changed(self)

    def _forget(self) -> None:
        """What was found is not true any more, or nobody knows."""
        self.checked = self.checked_at = self.removal = self.undone = None
        self.seen = ()
        self.named = {}

    def _meet(self, opening: Opening) -> Contact:
        """It is opened this way from now on; what was said of it goes with it."""
        said = self.labelling
        said.contact = Contact(self._phones.desk, opening, self._visit, said.said, said.of, self._identity)
        return said.contact

    def _let_go(self) -> None:
        """Close the phone, on its lane, after whatever is under way there."""
        contact, self._contact = self._contact, None
        if contact is not None:
            self._start(contact.close, _closed, must=True)

    def _start(
        self,
        work: Callable[..., Any],
        ended: Callable[[JobEnd[Any]], None],
        news: Callable[[Any], None] | None = None,
        *,
        must: bool = False,
    ) -> Job[Any]:
        """A job on the phone's own lane."""
        return self._phones.runner.start(self._phones, f"phone {self.key}", work, ended, news, must=must)


_STATUS: Final = {Verdict.RED: Status.RED, Verdict.AMBER: Status.AMBER, Verdict.GREEN: Status.GREEN}


def _way(sighting: Sighting) -> tuple[object, ...]:
    """What must be the same for a phone to be the same one in the same state."""
    return sighting.key, sighting.serial, sighting.state, sighting.road


def _can_be_opened(sighting: Sighting) -> bool:
    from core.phones.driver import PhoneState

    return sighting.state is PhoneState.READY


def _closed(end: JobEnd[None]) -> None:
    pass
