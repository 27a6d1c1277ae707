"""One phone as its jobs hold it: how it is opened, its visit, and what a check of it brings to the page.

Everything here runs on the phone's own lane, one job after the other; nothing here knows a widget. The libraries for
phones and for the log are slow to load, so they are imported by the first job that needs them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from core.desk.desk import Desk
from core.jobs import Cancel, turn
from core.model import Check, Finding, Identity, Labels, Phone, PhoneIdentity
from core.phones.removal_plan import Plan, Removal
from core.same_phone import differences, is_still
from gui.desk.app_rows import Row, rows_of, with_names
from gui.toolkit.jobs import Report

if TYPE_CHECKING:
    from core.desk.app_names import Names
    from core.phones.driver import Driver
    from core.phones.watch import Sighting
    from core.simulator import PracticeServer
    from core.visit.visit import Event, Undoable, Undone, Visit

T = TypeVar("T")

#: Names are written down in portions of so many: what was read is not lost where the phone is pulled.
_PORTION: Final = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """The phone shows “Allow USB debugging?”, with this fingerprint of the desk's key."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """The phone is open and will be read now. `practice` tells whether it is a real one."""

    practice: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a phone while its apps' files are looked into: no result yet. `files` are to be read in all."""

    check: Check
    rows: tuple[Row, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a finished check brings to the page. `plan` has what can be removed, ticked or not."""

    check: Check
    entry: int
    rows: tuple[Row, ...]
    plan: Plan
    undoable: tuple[Undoable, ...]
    labels: Labels
    #: The number of the phone's stay, by which its records belong together.
    visit: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An app's file was looked into. `name` is what the app calls itself, if it does; `whole` whether all was read."""

    package: str
    name: str
    whole: bool = True


class Opening(Protocol):
    """How a phone is opened."""

    def __call__(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        """The opened phone. Raises PhoneProblem, Cancelled."""

    def close(self) -> None:
        """The phone will not be opened again."""


class Plugged:
    """Opens a phone that was sighted."""

    def __init__(self, desk: Desk, sighting: Sighting) -> None:
        self._desk = desk
        self.sighting = sighting

    def __call__(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        return self._desk.reach.phone(self.sighting, cancel, asked)

    def close(self) -> None:
        pass


class Practice:
    """Opens a practice phone, which is made when it is opened first."""

    def __init__(self, desk: Desk, scenario: str, pace: float = 1.0) -> None:
        """`pace` multiplies the time that the phone takes for its answers."""
        self._desk = desk
        self._scenario = scenario
        self._pace = pace
        self.server: PracticeServer | None = None

    def __call__(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        from core.simulator import PracticeServer, load

        if self.server is None:
            self.server = PracticeServer(load(self._scenario), pace=self._pace)
        return self._desk.reach.address("127.0.0.1", self.server.port, cancel, asked)

    def close(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None


class Contact:
    """The jobs of one phone's stay. An opened phone is kept open until something goes wrong with it."""

    def __init__(
        self,
        desk: Desk,
        opening: Opening,
        visit: str,
        labels: Labels = Labels(),  # noqa: B008 - it is frozen
        labelled: Phone | None = None,
        known: PhoneIdentity | None = None,
    ) -> None:
        """`visit` is the number of the stay, also where the phone is opened anew.

        `labels` is what was said of it until now, and of which phone, if that is known. `known` is the phone that was
        read last in this stay, by whatever road.
        """
        self.opening = opening
        self._desk = desk
        self._number = visit
        self._visit: Visit | None = None
        #: The newest visit, which may have been closed.
        self._last: Visit | None = None
        self._labels, self._labelled = labels, labelled
        self._known_phone = known
        self._names: Names | None = None
        #: What was read of apps and not yet remembered.
        self._read: list[Identity] = []
        self._report: Report = _unheard

    def check(self, cancel: Cancel, report: Report) -> Checked:
        """Open the phone if it is not, and check it. Raises Problem, Cancelled."""

        def work() -> Checked:
            visit = self._opened(cancel)
            visit.check(cancel)
            return self._checked(visit)

        return self._guarded(cancel, report, work)

    def remove(self, plan: Plan, cancel: Cancel, report: Report) -> tuple[Removal, Checked]:
        """Carry a plan out, as far as the last check still has what it is about. Raises Problem, Cancelled."""

        def work() -> tuple[Removal, Checked]:
            visit = self._ready_again(cancel)
            removal = visit.remove(_brought_up_to(visit.last_check, plan), cancel)
            return removal, self._checked(visit)

        return self._guarded(cancel, report, work)

    def undo(self, undoable: tuple[Undoable, ...], cancel: Cancel, report: Report) -> tuple[Undone, Checked]:
        """Take steps back. Raises Problem, Cancelled."""

        def work() -> tuple[Undone, Checked]:
            visit = self._ready_again(cancel)
            undone = visit.undo(undoable, cancel)
            return undone, self._checked(visit)

        return self._guarded(cancel, report, work)

    def label(self, labels: Labels, cancel: Cancel, report: Report) -> bool:
        """Say what the department calls the phone, be it one that has left; whether it is on record now.

        Nobody knows a phone before it was read: then what the first check finds will have it. Raises LedgerProblem.
        """
        if self._last is None:
            self._labels, self._labelled = labels, None
            return False
        return self._last.label(labels) is not None

    def close(self, cancel: Cancel | None = None, report: Report | None = None) -> None:
        """Let go of the phone, for good."""
        self._hang_up()
        self.opening.close()

    def _guarded(self, cancel: Cancel, report: Report, work: Callable[[], T]) -> T:
        self._report = report
        try:
            with turn(cancel):
                return work()
        except BaseException:
            self._remember()
            # What is left of the connection cannot be trusted: the phone may be in the middle of an answer.
            self._hang_up()
            raise
        finally:
            self._report = _unheard

    def _ready(self) -> Visit:
        if self._visit is None:
            raise AssertionError("only a phone that was checked can be changed")
        return self._visit

    def _ready_again(self, cancel: Cancel) -> Visit:
        """The visit; where the last check has lost the phone, opened and read anew: that phone, and no other."""
        if self._visit is None:
            self._opened(cancel, again=True).check(cancel)
        return self._ready()

    def _heard(self, event: Event) -> None:
        """News of the visit, made ready to be shown. Names are remembered also where a check ends before its end."""
        from core.visit.check import to_look_into
        from core.visit.visit import LookedInto, SoFar

        match event:
            case SoFar(check):
                self._report(Reading(check, self._rows(check), len(to_look_into(check))))
            case LookedInto(identity):
                self._report(Named(identity.package, identity.label, identity.why is None))
                self._read.append(identity)
                if len(self._read) >= _PORTION:
                    self._remember()
            case _:
                self._report(event)

    def _remember(self) -> None:
        read, self._read = self._read, []
        self._known().add(read)

    def _known(self) -> Names:
        """The names that this computer has met."""
        if self._names is None:
            self._names = self._desk.names
        return self._names

    def _opened(self, cancel: Cancel, *, again: bool = False) -> Visit:
        """The visit of the phone that answers; with `again`, only of the one that was read last."""
        from core.visit.visit import Visit

        if self._desk.fault is not None:
            raise self._desk.fault
        policy = self._desk.policy(None)
        if self._visit is not None and self._visit.policy.sha256 != policy.sha256:
            self._desk.hold_ledger(self._visit.practice, policy)  # writes down that it judges by another one now
            self._visit.judge_by(policy)
        if self._visit is None:
            driver = self.opening(cancel, lambda fingerprint: self._report(Asked(fingerprint)))
            try:
                ledger = self._desk.hold_ledger(driver.practice, policy)
            except BaseException:
                driver.close()
                raise
            if (last := self._last) is not None:
                self._labels, self._labelled = last.labels, last.labelled
                self._known_phone = last.identity or self._known_phone
            try:
                self._compare(driver, again, cancel)
            except BaseException:
                driver.close()
                raise
            self._visit = self._last = Visit(
                driver,
                policy,
                ledger,
                self._heard,
                self._number,
                self._labels,
                self._labelled,
            )
        self._report(Allowed(self._visit.practice))
        return self._visit

    def _compare(self, driver: Driver, again: bool, cancel: Cancel) -> None:
        """Hold the phone that answers now against the one that was read last.

        With `again` it has to be that one: what was planned is for no other. Otherwise another one begins a stay of its
        own, without the labels of the one before; also one that cannot be told from it. Raises PhoneProblem, Cancelled.
        """
        known = self._known_phone
        if known is None:
            return
        if again:
            driver.expect(known)
            return
        now = driver.identity(cancel)
        if not is_still(now, known):
            self._number = secrets.token_hex(6)
            self._labels, self._labelled, self._known_phone = Labels(), None, None
        elif not differences(now, known):
            self._labelled = None  # whatever its serial number is: it is the phone that they were said of

    def _checked(self, visit: Visit) -> Checked:
        """The last check, ready to be shown: what takes long is worked out here and not on the page."""
        self._remember()
        check, entry = visit.last_check, visit.entry
        if check is None or entry is None:
            raise AssertionError("nothing was checked")
        if check.broken_off is not None:
            self._hang_up()
        also = tuple(f for f in check.findings if f not in check.red and not f.contained)
        rows, plan = self._rows(check), visit.plan(also)
        return Checked(check, entry.seq, rows, plan, visit.undoable(), visit.labels, visit.number)

    def _rows(self, check: Check) -> tuple[Row, ...]:
        """A check's apps, with the names that are known.

        They are only shown: what another phone's app of this version calls itself decides nothing here.
        """
        return with_names(rows_of(check), self._known().of(check.inventory.apps))

    def _hang_up(self) -> None:
        visit, self._visit = self._visit, None
        if visit is not None:
            visit.close()


def _unheard(event: object) -> None:
    pass


def _brought_up_to(check: Check | None, plan: Plan) -> Plan:
    """What an officer agreed to, where the phone was read once more since: what of it is still found."""
    if check is None or plan.check is check:
        return plan
    now = {_key(f): f for f in check.findings}
    items = tuple(replace(i, finding=now[_key(i.finding)]) for i in plan.items if _key(i.finding) in now)
    return Plan(check, items)


def _key(finding: Finding) -> tuple[str, str, int]:
    return finding.rule, finding.app.package, finding.profile.id
