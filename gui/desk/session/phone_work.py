"""One phone at the desk with its visit, and the jobs that run with it, one after the other, on a lane of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from core.desk.desk import Desk
from core.ledger.records import Entry
from core.model import PhoneIdentity
from core.model.visit_state import VisitState
from core.text import Bilingual
from core.visit.journal import FindingKey
from core.visit.phone_source import DeskPhone, Plugged, Practice
from core.visit.visit import Visit
from gui.desk.session import news
from gui.desk.session.lane import FinishedCheck, Flow, run_flow
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.jobs import Job, JobEnd, Work

if TYPE_CHECKING:  # it loads what ADB needs
    from core.phones.watch import Sighting

#: Begins work on the phone's lane: the work, who hears of its end, who hears of its news, whether it must be done.
Begin = Callable[[Work[Any], Callable[[JobEnd[Any]], None], Callable[[Any], None] | None, bool], Job[Any]]


class PhoneWork(PhoneView):
    """What a flow works with: see :mod:`gui.desk.session.flows`."""

    def __init__(
        self,
        desk: Desk,
        begin: Begin,
        changed: Callable[[Any, bool], None],
        key: str,
        name: str | Bilingual,
        source: DeskPhone | None,
        not_ready: Practice | None = None,
    ) -> None:
        """`begin` has work done on the phone's lane; `changed` is told of each change, and whether the log may have new
        records. `source` is None for a phone that cannot be opened yet. `not_ready` is a practice phone that is made
        ready at the desk."""
        super().__init__(key, name, practice=isinstance(source, Practice) or not_ready is not None)
        self.desk = desk
        self.officer = desk.officer
        self.not_ready = not_ready
        #: What is to be removed as soon as the look into the files has stopped, and whether the owner was told.
        self.agreed: tuple[frozenset[FindingKey], bool | None] | None = None
        #: The rules or the exceptions have changed since the phone was read.
        self.outdated = False
        #: It left while something was under way with it.
        self.left_at_work = False
        self._begin = begin
        self._changed = changed
        #: Jobs that are not over: those that the page shows, and those that it does not.
        self._jobs = 0
        self._identity: PhoneIdentity | None = None
        #: The records of the visit, while no connection goes on with it.
        self._entries: tuple[Entry, ...] = ()
        #: Still there once the phone has left; None while it cannot be opened.
        self.visit = self.meet(source) if source else None

    @property
    def checkable(self) -> bool:
        """Whether it can be opened at all in its present state: not once it was handed back and seen leaving."""
        unplugged = self.handed_back.outcome.left is True if self.handed_back else False
        return self.visit is not None and not (self.absent or unplugged)

    @property
    def asks_tag(self) -> bool:
        """Whether the asset tag is to be asked for now: the phone was checked, and it is not known yet."""
        asks = self.desk.settings.ask_tag and self.check is not None and not self.labels.latest.tag
        return asks and self.can_be_labelled and not self.is_handed_back

    # --- its visit

    def meet(self, source: DeskPhone) -> Visit:
        """A visit that opens the phone this way; what was said of it goes with it."""
        self.source = source
        known_labels = self.labels
        return Visit(
            source,
            number=self.number,
            labels=known_labels.latest,
            labelled=known_labels.of,
            identity=self._identity,
            entries=self._entries,
        )

    def stand(self) -> None:
        """Take over how the visit stands by its records, after something that broke off, and keep these for the
        connection that goes on with it."""
        if self.visit is not None:
            self.state, self._entries = self.visit.state, self.visit.entries

    def plugged(self, sighting: Sighting) -> DeskPhone:
        """How the phone is opened as it was sighted."""
        if self.not_ready is None:
            return Plugged(self.desk, sighting)
        self.not_ready.sighting = sighting
        return self.not_ready

    def show_check(self, checked: FinishedCheck) -> None:
        """Show what a check that ended has found: nothing else is known of the phone from now on."""
        self.checked = checked
        self.checked_at = datetime.now()
        self.attestation = self.handed_back = self.handed_back_at = None
        self.bans_seen = ()
        self.unsettled.settle()
        self.phone = checked.check.inventory.phone
        self._identity = checked.check.inventory.identity
        self.number = checked.visit
        self.state = checked.state or VisitState.of(checked.check)
        self.labels.current = checked.labels
        self.greeting = checked.greeting
        self.app_files = {}

    def forget(self) -> None:
        """What was found is not true any more, or not known to be; a ban that was seen stays seen, unless steps were
        taken against it. After a handing back another visit begins."""
        if self.is_handed_back:
            self.number = secrets.token_hex(6)
            self.unsettled.settle()
            self.state, self._entries = VisitState(), ()
        elif not self.changing and self.check is not None:
            self.unsettled.keep(self.check.red, self.opened_as)
        self.checked = self.checked_at = self.removal = self.undone = None
        self.attestation = self.handed_back = self.handed_back_at = None
        self.bans_seen = ()
        self.app_files = {}
        self.kept, self.kept_files = frozenset(), 0
        self.call_off()

    # --- its jobs

    def begin(self, phase: Phase) -> None:
        """Show that a job of this phase begins: what an earlier one ended with is not shown any more."""
        self.phase = phase
        self.progress = self.problem = None
        self.stopped = self.outdated = False
        self.bans_seen, self.steps = (), []
        self.removal = self.undone = None
        if phase is Phase.OPENING:
            self.forget()

    def end(self, *, again: bool) -> None:
        """Follow up the end of a job; the phone is to be read `again` where nothing else comes first."""
        raise NotImplementedError

    def run(self, flow: Flow) -> None:
        """Run a flow; the phone is busy until it is over. No removal waits then: what it was asked for may change."""
        self.call_off()
        run_flow(flow, self._start)
        self.tell_change(recorded=False)

    def run_quietly(self, flow: Flow, *, must: bool = False) -> None:
        """Run a flow that is over in a moment: the page does not show the phone as busy meanwhile. One that `must` is
        done is done also where the program ends."""
        run_flow(flow, partial(self._do, must=must))

    def stop(self) -> None:
        """Press the stop button of what is under way; a removal that only waits is called off, and no more."""
        if self.call_off() is None and self._job is not None:
            self._job.stop()
        self.tell_change(recorded=False)

    @property
    def at_work(self) -> bool:
        """Whether any job with it is under way or waits, also one that the page does not show."""
        return self._jobs > 0

    def let_go(self) -> None:
        """Close the phone, on its lane, after what is under way there."""
        visit = self.visit
        if visit is not None:
            self._begin(lambda cancel, report: visit.close(), lambda end: None, None, True)

    def tell_change(self, *, recorded: bool) -> None:
        """Have what shows the phone show it anew; `recorded`: the log may have new records."""
        self._changed(self, recorded)

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

        job = self._do(work, ended, self._hear)
        if job.end is None:  # otherwise it was done in place
            self._job = job

    def _hear(self, event: object) -> None:
        news.hear(self, event)
        self.tell_change(recorded=False)
