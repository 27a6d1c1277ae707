"""One phone on the Desk page: what the page and the card show of it, and the jobs that an officer can begin with it.

It changes only on the GUI thread, and tells each change; its jobs run one after the other on a lane of its own. What it
says is always true of the phone as it was last read: where something went wrong in between, it has no verdict.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from core.desk.desk import Desk
from core.jobs import Progress
from core.model import Afterwards, Attested, Finding, HandBack, Labels, PhoneIdentity
from core.phones.driver import ASKED_ON_REQUEST, PhoneState
from core.phones.removal_plan import Plan, Planned
from core.problem import Cancelled, Problem
from core.same_phone import names_one_phone
from core.text import Bilingual, T
from core.visit.by_hand import ByHand
from core.visit.events import AllowAsked, Glimpse, Opened, StepBegins, StepEnds
from core.visit.journal import FindingKey, finding_key
from core.visit.phone_source import DeskPhone, Plugged, Practice
from core.visit.undo import Undoable
from core.visit.visit import Visit
from gui.desk.session import flows, lane
from gui.desk.session.flows import Flow, run_flow
from gui.desk.session.lane import FileRead, FinishedCheck, UnfinishedCheck
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.jobs import Job, JobEnd, Work

if TYPE_CHECKING:  # it loads what ADB needs
    from core.phones.watch import Sighting

#: Begins work on the phone's lane: the work, who hears of its end, who hears of its news, whether it must be done.
Begin = Callable[[Work[Any], Callable[[JobEnd[Any]], None], Callable[[Any], None] | None, bool], Job[Any]]


class PhoneSession(PhoneView):
    """One phone, from plug to unplug.

    Not a QObject: those that come and go by the hundred would have to be deleted by Qt and by Python at the right time.
    """

    def __init__(
        self,
        desk: Desk,
        begin: Begin,
        changed: Callable[[PhoneSession, bool], None],
        key: str,
        name: str | Bilingual,
        source: DeskPhone | None,
        not_ready: Practice | None = None,
    ) -> None:
        """`begin` has work done on the phone's lane; `changed` is told of each change, and whether the log may have new
        records. `source` is None for a phone that cannot be opened yet; :meth:`sighted` tells when it can. `not_ready`
        is a practice phone that is made ready at the desk."""
        super().__init__(key, name, practice=isinstance(source, Practice) or not_ready is not None)
        self.not_ready = not_ready
        #: As what the phone was sighted that has what is unsettled.
        self._unsettled_on: Sighting | None = None
        #: It left while something was under way with it.
        self._left_at_work = False
        #: Jobs that are not over: those that the page shows, and those that it does not.
        self._jobs = 0
        self._desk = desk
        self._begin = begin
        self._changed = changed
        self._identity: PhoneIdentity | None = None
        #: What is to be removed as soon as the look into the files has stopped, and whether the owner was told.
        self._agreed: tuple[frozenset[FindingKey], bool | None] | None = None
        self.officer = desk.officer
        #: The rules or the exceptions have changed since the phone was read.
        self._outdated = False
        self._source = source
        #: Still there once the phone has left; None while it cannot be opened.
        self._visit = self._meet(source) if source else None

    @property
    def platform(self) -> str:
        if self.phone is None and self._source is not None:
            return self._source.platform
        return super().platform

    @property
    def checkable(self) -> bool:
        """Whether it can be opened at all in its present state: not once it was handed back and seen leaving."""
        left = self.handed_back is not None and self.handed_back.known.left is True
        return self._visit is not None and not (self.gone or left)

    @property
    def asks_imei(self) -> bool:
        """Whether the department asks for the phone's IMEI."""
        return self._desk.settings.ask_imei

    @property
    def asks_tag(self) -> bool:
        """Whether the asset tag is to be asked for now: the phone was checked, and it is not known yet."""
        wanted = self._desk.settings.ask_tag and self.check is not None and not self.labels.said.tag
        return wanted and self.can_be_labelled and self.handed_back is None

    # --- what an officer can begin: each is one flow

    def look(self) -> None:
        """Check the phone. Not while something is under way, nor where it is not there."""
        if self._visit is not None and self.checkable and not self.busy:
            self._run(self._checking(self._visit))

    def _checking(self, visit: Visit) -> Flow:
        with self._under_way(Phase.OPENING):
            _, checked = yield lane.work(visit, visit.check)
            self._show(checked)

    def remove(self, items: Iterable[Planned], owner_told: bool | None = None) -> None:
        """Carry out what was planned for `items`; `owner_told`: the officer says that the owner knows what is lost.

        While files are still looked into, that is stopped first, and what was seen until then is removed: the reading
        afterwards looks into the others.
        """
        if self._visit is None or self.gone:
            return
        if self.phase is Phase.LOOKING and self.seen:
            self._agreed = frozenset(map(finding_key, self.seen)), owner_told
            self.stop()
        elif self.checked is not None and not self.busy:
            self._run(self._removing(self._visit, replace(self.checked.plan, items=tuple(items)), owner_told))

    def _removing(self, visit: Visit, plan: Plan, owner_told: bool | None) -> Flow:
        with self._under_way(Phase.REMOVING):
            removal, checked = yield lane.work(visit, lambda cancel: visit.remove(plan, cancel, owner_told))
            self.removal = removal
            self._show(checked)

    def _remove_agreed(self) -> None:
        """Remove what the officer agreed to while files were looked into, now that this has stopped."""
        agreed, self._agreed = self._agreed, None
        if agreed is not None and not self.gone:
            findings, owner_told = agreed
            items = [item for item in self.removable if item.steps and finding_key(item.finding) in findings]
            if items:
                self.remove(items, owner_told)

    def attest(self, answer: Attested, rules: Sequence[str] = (), note: str = "") -> None:
        """Put on record what the officer saw on the phone itself, where the check could not look."""
        if self._visit is not None and self.check is not None and not self.busy:
            self._run_quietly(flows.attest(self, self._visit, answer, rules, note))

    def hand_back(self, how: HandBack) -> None:
        """Hand the phone back: all that is asked of it is on record before, and what is known of it after."""
        if self._visit is not None and self.check is not None and not self.busy and not self.gone:
            self._run(flows.hand_back(self, self._visit, how))

    def open_screen(self, item: ByHand) -> None:
        """Open the phone's own screen on which `item` is removed by hand."""
        if self._visit is not None and not self.busy and not self.gone:
            self._run_quietly(flows.open_screen(self, self._visit, item))

    def look_for(self, finding: Finding) -> None:
        """A quick look whether an app that is removed by hand is still on the phone; `there` has the answer."""
        if self._visit is not None and not self.busy and not self.gone and not self.looking_for:
            self._run_quietly(flows.look_for(self, self._visit, finding))

    def undo(self) -> None:
        """Take the last removal back."""
        if self._visit is not None and self.undoable and not self.busy and not self.gone:
            self._run(self._undoing(self._visit, self.undoable))

    def _undoing(self, visit: Visit, steps: tuple[Undoable, ...]) -> Flow:
        with self._under_way(Phase.UNDOING):
            undone, checked = yield lane.work(visit, lambda cancel: visit.undo(steps, cancel))
            self.undone = undone
            self._show(checked)

    def label(self, labels: Labels) -> None:
        """Say what the department calls the phone; written down as soon as nothing else is under way with it."""
        run_flow(flows.label(self, self._visit, labels), partial(self._do, must=True))

    def tell_change(self, *, recorded: bool) -> None:
        """Have what shows the phone show it anew; one that left while this went on is let go of."""
        if self.gone and not self.busy and recorded:
            self._let_go()
        self._changed(self, recorded)

    def give_up_labels(self) -> None:
        """Labels that could not be written down are not wanted any more."""
        self.labels.problem = self.labels.unsaved = None
        self._changed(self, False)

    def judge_again(self) -> None:
        """The rules or the exceptions have changed: read the phone again, as soon as nothing is under way with it."""
        if self.busy:
            self._outdated = self.phase is not Phase.OPENING
        elif self.check is not None and self.handed_back is None:
            self.look()

    def stop(self) -> None:
        """Press the stop button of what is under way."""
        if self._job is not None:
            self._job.stop()
        self._changed(self, False)

    # --- what happens to it

    def sighted(self, sighting: Sighting) -> None:
        """It was plugged in, or its state has changed: as soon as it can be read, it is."""
        # One that left before it could be read may be at another place now.
        self.key, self.sighting, self.gone = sighting.key, sighting, False
        self._name = sighting.name or self._name or sighting.serial
        self._see_owner()
        if not self.busy:  # otherwise what is under way ends first
            self._follow(sighting)
        self._changed(self, False)

    def _follow(self, sighting: Sighting) -> None:
        """Apply the latest sighting. If the route changed, it may be another phone: nothing that was found is kept."""
        if self.handed_back is not None and sighting.state is not PhoneState.READY:
            self.phase = Phase.RESTING  # debugging is off, as it was asked to be: what is known of the phone stays
            self._follow_hand_back(Afterwards.DEBUGGING_GONE)
            return
        trust_ended = self.check is not None and sighting.state in ASKED_ON_REQUEST
        if trust_ended or not self._opened_as(sighting):
            self._let_go()
            self._forget()
            if not self._is_same(sighting):
                self.unsettled = ()
            self._visit = None
            self.problem, self.stopped = None, False
        elif self._source is not None:
            self._source.sighting = sighting
        if sighting.state is not PhoneState.READY:
            self.phase = Phase.WAITING
            if sighting.state in ASKED_ON_REQUEST:
                self.problem = None  # of an earlier attempt: the state tells what is so now
                self._visit = self._visit or self._meet(self._plugged(sighting))
            return
        self.phase = Phase.RESTING
        if self._visit is None:
            self._visit = self._meet(self._plugged(sighting))
        # What was cut off is read in any case: what is on the phone now is not known.
        if self.check is None and (self._desk.settings.automatic_check or self.cut_off):
            self.look()

    def _opened_as(self, sighting: Sighting) -> bool:
        """Whether it was, or will be, opened by the route of this sighting."""
        before = self._source.sighting if self._source is not None else None
        if self._visit is None or before is None:
            return False
        # One that was opened to be asked, and has said yes meanwhile, is the one that is ready now.
        said_yes = before.state in ASKED_ON_REQUEST and sighting.state is PhoneState.READY
        return _way(replace(before, state=sighting.state) if said_yes else before) == _way(sighting)

    def _is_same(self, sighting: Sighting) -> bool:
        """Whether it is certainly the phone that bans were seen on, by whichever route."""
        before = self._unsettled_on
        one = names_one_phone(sighting.serial) and not self._desk.serials.shared(sighting.serial)
        return one and before is not None and (before.serial, before.name) == (sighting.serial, sighting.name)

    @property
    def _was_sighted(self) -> bool:
        return self._source is not None and self._source.sighting is not None

    def _plugged(self, sighting: Sighting) -> DeskPhone:
        if self.not_ready is None:
            return Plugged(self._desk, sighting)
        self.not_ready.sighting = sighting
        return self.not_ready

    def _see_owner(self) -> None:
        """What can be done to a practice phone may have changed with what was done."""
        owner = self.not_ready.owner if self.not_ready is not None else None
        # One that was unplugged at the desk is not made ready: it is put away, or plugged in anew.
        pulled = owner is not None and self.gone and owner.appearance != "away"
        self.acts = owner.acts if owner is not None and not pulled else ()

    def _meet(self, source: DeskPhone) -> Visit:
        """A visit that opens the phone this way; what was said of it goes with it."""
        self._source = source
        said = self.labels
        return Visit(
            source,
            number=self.number,
            labels=said.said,
            labelled=said.of,
            identity=self._identity,
        )

    def unplugged(self) -> None:
        """It is not there any more; what was found is still shown, with its time."""
        self.gone = True
        self.left += self.phone is None
        self._see_owner()
        if self.busy and self.phase is not Phase.HANDING_BACK:  # then it is to leave, and how it left is to be seen
            self._left_at_work = True
            self.stop()
        elif not self.busy:
            self.phase = Phase.RESTING
            self._let_go()
        self._changed(self, False)

    def stayed_away(self) -> None:
        """It has not come back. One that switches debugging off leaves the bus for a moment, and was not unplugged."""
        if self.gone and self.handed_back is not None:
            self._follow_hand_back(Afterwards.UNPLUGGED)

    def _follow_hand_back(self, what: Afterwards) -> None:
        """Put on record what was seen of the phone after it was handed back."""
        if self._visit is not None:
            self._run_quietly(flows.after_hand_back(self, self._visit, what))

    def close(self) -> None:
        """Let go of the phone."""
        if self._job is not None:
            self._job.stop()
        self.gone = True
        self._let_go()

    def _let_go(self) -> None:
        """Close the phone, on its lane, after what is under way there."""
        visit = self._visit
        if visit is not None:
            self._begin(lambda cancel, report: visit.close(), lambda end: None, None, True)

    # --- while a job runs

    def _run(self, job: Flow) -> None:
        run_flow(job, self._start)
        self._changed(self, False)

    def _run_quietly(self, job: Flow) -> None:
        """Run a job that is over in a moment: the page does not show the phone as busy meanwhile."""
        run_flow(job, self._do)

    @property
    def at_work(self) -> bool:
        """Whether any job with it is under way or waits, also one that the page does not show."""
        return self._jobs > 0

    def _do(
        self,
        work: Work[Any],
        go_on: Callable[[JobEnd[Any]], None],
        news: Callable[[Any], None] | None = None,
        *,
        must: bool = False,
    ) -> Job[Any]:
        """Have work done on the phone's lane."""

        def ended(end: JobEnd[Any]) -> None:
            self._jobs -= 1
            go_on(end)

        self._jobs += 1
        return self._begin(work, ended, news, must)

    def _start(self, work: Work[Any], go_on: Callable[[JobEnd[Any]], None]) -> None:
        def ended(end: JobEnd[Any]) -> None:
            self._job = None
            go_on(end)

        job = self._do(work, ended, self._heard)
        if job.end is None:  # otherwise it was done in place
            self._job = job

    @contextmanager
    def _under_way(self, phase: Phase) -> Iterator[None]:
        """A job of this phase, from what is shown at its beginning to what follows from its end."""
        changing = phase in (Phase.REMOVING, Phase.UNDOING)
        self.phase = phase
        self.progress = self.problem = None
        self.stopped = self._outdated = False
        self.seen, self.steps = (), []
        self.removal = self.undone = None
        if phase is Phase.OPENING:
            self._forget()
        try:
            yield
        except Problem as problem:
            self._forget()
            self.problem, again = problem, False
            self.cut_off |= changing
        except Cancelled:
            self._forget()
            self.stopped, again = True, changing  # what is on it now is not known: read it
            self.cut_off |= changing
        else:
            self.cut_off, again = False, self._outdated
        self.phase = Phase.RESTING
        self.progress = self.reading = None
        back, self._left_at_work = self._left_at_work, False
        if self.gone:
            self._let_go()
        elif self.sighting is not None and self._was_sighted and back:
            self._let_go()
            self.problem, self.stopped = None, False
            self._follow(self.sighting)
        elif self.sighting is not None and self._was_sighted and not self._opened_as(self.sighting):
            self._follow(self.sighting)
        elif again:
            self.look()
        elif self.check is not None:
            self._remove_agreed()
        self._agreed = None if not self.busy else self._agreed
        self._changed(self, True)

    def _heard(self, event: object) -> None:
        match event:
            case AllowAsked() if self.changing:  # it was lost, and is opened anew
                trust = T("Look at the phone: tap Trust and enter the passcode.")
                words = trust if self.platform == "ios" else T("Look at the phone: tap Allow")
                self.progress = Progress(words, 0.0)
            case AllowAsked():
                self.phase = Phase.ASKED
                self.fingerprint = event.fingerprint
                self.asked_at = time.monotonic()
                self._see_owner()
            case Opened():
                self.practice = event.practice
                self._see_owner()
                if not self.changing:
                    self.phase = Phase.READING
            case Progress():
                self.progress = event
                if self.phase is Phase.ASKED:
                    self.phase = Phase.READING
            case Glimpse():
                self.phone = event.phone
                if not self.changing:
                    self._sees(tuple(f for f in event.findings if f.is_ban and not f.contained and not f.excepted))
            case UnfinishedCheck():
                self._reads(event)
            case FileRead():
                self.files_read += 1
                self.files_time = time.monotonic() - self.files_from
                self.named[event.package] = event
            case StepBegins():
                self.steps.append((event.step, None))
            case StepEnds():
                self.steps[-1] = (event.step, event.answer)
        self._changed(self, False)

    def _reads(self, reading: UnfinishedCheck) -> None:
        """The listings are read, or a file has shown a banned app. Where the phone is being changed, what is shown of
        it stays until all of it was read."""
        if self.reading is None:
            self.files_read, self.files_time = 0, 0.0
            self.files_from = time.monotonic()
        self.phone = reading.check.inventory.phone
        self.reading = reading
        if not self.changing:
            self.phase = Phase.LOOKING
            self._sees(reading.check.red)

    def _sees(self, bans: tuple[Finding, ...]) -> None:
        """Bans were seen. They stay, also where the check does not come to its end."""
        self.seen = bans
        self._keep(bans)

    def _keep(self, bans: Iterable[Finding]) -> None:
        self.unsettled = tuple({finding_key(f): f for f in (*self.unsettled, *bans)}.values())
        self._unsettled_on = self._source.sighting if self._source is not None else None

    def succeed(self, before: PhoneSession) -> None:
        """It is the phone of that session, plugged in again: what was seen on it is not settled by its leaving."""
        if before.handed_back is None:
            self.unsettled, self._unsettled_on = before.bans, before.sighting

    def _show(self, checked: FinishedCheck) -> None:
        self.checked = checked
        self.checked_at = datetime.now()
        self.looked = self.handed_back = self.handed_back_at = None
        self.seen = self.unsettled = ()
        self.phone = checked.check.inventory.phone
        self._identity = checked.check.inventory.identity
        self.number = checked.visit
        self.labels.current = checked.labels
        self.greeting = checked.greeting
        self.named = {}

    def _forget(self) -> None:
        """What was found is not true any more, or not known to be; a ban that was seen stays seen, unless steps were
        taken against it. After a handing back another visit begins."""
        if self.handed_back is not None:
            self.number = secrets.token_hex(6)
            self.unsettled = ()
        elif not self.changing and self.check is not None:
            self._keep(self.check.red)
        self.checked = self.checked_at = self.removal = self.undone = None
        self.looked = self.handed_back = self.handed_back_at = None
        self.seen = ()
        self.named = {}


def _way(sighting: Sighting) -> tuple[object, ...]:
    """What must be the same for a phone to be the same one in the same state."""
    return sighting.key, sighting.serial, sighting.state, sighting.road, sighting.transport
