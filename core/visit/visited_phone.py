"""The phone of a visit: how it is opened, read and judged, and that all of it is on record.

Nothing here changes the phone.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from core import value_names
from core.describe.visits import RecordedVisit
from core.desk.serial_numbers import SharedSerial
from core.jobs import Cancel
from core.ledger import records
from core.ledger.records import Entry
from core.model import (
    Afterwards,
    Cancelled,
    Check,
    Finding,
    Gap,
    Identity,
    Inventory,
    Labels,
    Phone,
    PhoneIdentity,
    Policy,
)
from core.model.visit_state import VisitState
from core.phones.driver import Driver, OtherPhone, PhoneProblem, WrongPhone
from core.same_phone import differences, is_same, is_still, names_one_phone
from core.system.support import support_log
from core.text import T, Text
from core.visit.check import Listeners
from core.visit.check import check as check_phone
from core.visit.events import AllowAsked, Glimpse, Listener, LookedInto, Opened, SoFar
from core.visit.greeting import greeting
from core.visit.hand_back import HandBackResult
from core.visit.journal import FindingKey, Heading, Journal, described, finding_key
from core.visit.phone_source import PhoneSource
from core.visit.seen_before import seen_before, visit_before
from core.visit.visit_exceptions import VisitExceptions


class VisitedPhone:
    """One phone at this desk: its connection, what was read of it, and what it is called.

    The connection is kept until something goes wrong with it, and then made anew.
    """

    def __init__(
        self,
        source: PhoneSource,
        listener: Listener = lambda event: None,
        number: str = "",
        labels: Labels = Labels(),  # noqa: B008 - it is frozen
        labelled: Phone | None = None,
        identity: PhoneIdentity | None = None,
        entries: Sequence[Entry] = (),
    ) -> None:
        """`number`, where the visit goes on from an earlier one, is that one's, and `entries` are its records.

        `labelled` is the phone that `labels` were said of, if that was known: they are no other's. `identity` is that
        of the phone that was read last in the visit that goes on.
        """
        self.last_check: Check | None = None
        #: The record of the last check's end.
        self.entry: Entry | None = None
        #: The record of what an officer saw on the phone itself since.
        self.look_entry: Entry | None = None
        #: How it was handed back; what comes then is another visit.
        self.handed_back: HandBackResult | None = None
        #: Which phone was read last, as far as it said so.
        self.identity = identity
        self._source = source
        #: It may be another one for each job.
        self.listener = listener
        self._heading = Heading(number or secrets.token_hex(6), labels)
        self._heading.entries += [entry for entry in entries if entry.visit == number]
        self._labelled = labelled
        #: The newest connection's, also once that is closed.
        self._driver: Driver | None = None
        self._journal: Journal | None = None
        self._connected = False
        self._exceptions = VisitExceptions(source)
        #: The banned apps that were seen on the phone in this visit and not seen to be gone; and of which of them it is
        #: on record already that they were seen.
        self._bans: dict[FindingKey, Finding] = {}
        self._bans_recorded: set[FindingKey] = set()
        #: The records of the phone's last visit before, by this visit and the phone: they are searched for once.
        self._before: tuple[tuple[str, tuple[str, str, str]], Sequence[Entry]] | None = None
        #: Findings whose apps a quick look did not see any more, and what was put on record after the handing back.
        self._apps_gone: set[FindingKey] = set()
        self._followed: dict[Afterwards, Entry] = {}
        #: The phone that was refused last, which is on record.
        self._refused: WrongPhone | None = None
        #: What was read of apps and not yet remembered.
        self._names_read: list[Identity] = []

    @property
    def number(self) -> str:
        """The number of the visit, which all its records bear."""
        return self._heading.number

    @property
    def practice(self) -> bool:
        """Whether it is a practice phone, as far as it was opened."""
        return self._driver is not None and self._driver.practice

    @property
    def certain(self) -> bool:
        """Whether records of earlier visits can be told to be of the phone that was read."""
        phone = self._heading.phone
        return phone is not None and names_one_phone(phone.serial) and self._heading.alone

    @property
    def state(self) -> VisitState:
        """How the visit stands, by what of it is on record."""
        return RecordedVisit(self.entries).state if self._heading.entries else VisitState()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The visit's records so far, the oldest first."""
        return tuple(self._heading.entries)

    @property
    def journal(self) -> Journal:
        """Where it writes. ValueError before the phone was opened."""
        if self._journal is None:
            raise ValueError("open the phone first")
        return self._journal

    @property
    def driver(self) -> Driver:
        """The phone as it was opened last. ValueError before that."""
        if self._driver is None:
            raise ValueError("open the phone first")
        return self._driver

    # --- the connection

    def connect(self, cancel: Cancel, *, same: bool = False) -> None:
        """Open the phone unless it is open, and judge by the policy in force from now on.

        With `same`, only the phone that was read last is admitted: what was planned is for no other. Without it,
        another phone begins a visit of its own. Raises Problem, Cancelled.
        """
        policy = self._source.policy()
        if self.handed_back is not None:
            self._begin_anew()
        if not self._connected:
            driver: Driver | None = None
            try:
                driver = self._source.open(cancel, lambda fingerprint: self.listener(AllowAsked(fingerprint)))
                ledger = self._source.ledger(driver.practice, policy)
                self._compare(driver, Journal(ledger, self._heading, policy), cancel, same=same)
            except BaseException as stopped:
                if driver is not None:
                    driver.close()
                if isinstance(stopped, WrongPhone):
                    self._record_refusal(stopped, policy, practice=(driver or self._driver or self._source).practice)
                raise
            self.last_check = self.entry = self.look_entry = None
            self._heading.phone = None
            self._driver, self._journal, self._connected = driver, Journal(ledger, self._heading, policy), True
        elif self.journal.policy.sha256 != policy.sha256:
            self._source.ledger(self.driver.practice, policy)  # it writes down that it judges by another one now
            self.journal.policy = policy
        self.listener(Opened(self.driver.practice))

    def _record_refusal(self, problem: WrongPhone, policy: Policy, *, practice: bool) -> None:
        """Put on record that a phone was refused before it was opened: in the visit that it interrupted, or, where none
        had begun, in one that has nothing else."""
        Journal(self._source.ledger(practice, policy), self._heading, policy).record_problem(problem)
        self._refused = problem

    def _begin_anew(self) -> None:
        """The phone was handed back and is here again: that is another visit. It keeps its labels."""
        self._labelled = None if self._connected else self.labelled
        self._heading = Heading(secrets.token_hex(6), self._heading.labels)
        self.last_check = self.entry = self.look_entry = self.handed_back = None
        self._forget_bans()
        self._apps_gone.clear()
        self._followed.clear()
        if self._connected:
            self._journal = Journal(self.journal.ledger, self._heading, self.journal.policy)

    def _compare(self, driver: Driver, before: Journal, cancel: Cancel, *, same: bool) -> None:
        """Hold the phone that answers now against the one that was read last. Raises PhoneProblem, Cancelled.

        One that cannot be told from it for certain is another one: it gets none of its labels, and a visit of its own.
        That it came in the place of the other is on record in the visit of that one, whose journal is `before`.
        """
        self._labelled = self.labelled
        if self.identity is None:
            return
        if same:
            driver.expect(self.identity)
            return
        now = driver.identity(cancel)
        differs = differences(now, self.identity)
        if not is_still(now, self.identity) or (differs and self._source.serials.shared(now.serial)):
            before.record_problem(OtherPhone(differs))
            self._source.serials.leave(self.number)
            self._heading = Heading(secrets.token_hex(6), Labels())
            self._forget_bans()
            self._labelled = self.identity = None
        elif not differs:
            self._labelled = None  # also with a serial number of many: it is the phone that they were said of

    @contextlib.contextmanager
    def _connection(self) -> Iterator[None]:
        """While the phone is used. What a failure leaves of a connection cannot be trusted: the phone may be in the
        middle of an answer."""
        try:
            yield
        except BaseException:
            self._remember_names()
            self._disconnect()
            raise
        self._remember_names()
        if self.last_check is not None and self.last_check.broken_off is not None:
            self._disconnect()

    @contextlib.contextmanager
    def _on_one_phone(self) -> Iterator[None]:
        """That another phone answered is on record, wherever it is noticed."""
        try:
            yield
        except WrongPhone as problem:
            if problem is not self._refused:
                self.journal.record_problem(problem)
            raise

    def _disconnect(self) -> None:
        if self._connected and self._source.reopens:
            self._connected = False
            self.driver.close()

    def close(self) -> None:
        """Let go of the phone, for good."""
        if self._connected:
            self.driver.close()
        self._connected = False
        self._source.serials.leave(self.number)
        self._source.close()

    # --- reading

    def check(self, cancel: Cancel, *, quick: bool = False) -> Check:
        """Read the phone, look into its apps' files, judge it, and put what was found on record.

        `quick` leaves the files out: then nothing is green. A check that ended before all files were read is on record
        as what it is; where it lost the phone, its `broken_off` says so. Raises PhoneProblem or Cancelled (the listings
        could not be read, and no banned app had been seen until then), LedgerProblem (the phone was not touched, or
        what was read is not on record), PolicyProblem.
        """
        with self._connection():
            self.connect(cancel)
            return self._check(cancel, quick=quick)

    def _check(self, cancel: Cancel, *, quick: bool = False) -> Check:
        driver, journal = self.driver, self.journal
        journal.write(records.CheckStarted(driver.how))
        self._exceptions.begin(journal)
        listeners = Listeners(self._glimpse, self._so_far, self._looked_into, self._elsewhere, self._seen_packages)
        try:
            check = check_phone(driver, journal.policy, self.listener, cancel, listeners, quick=quick)
        except (PhoneProblem, Cancelled) as stopped:
            journal.record_problem(stopped)
            raise
        phone = check.inventory.phone
        first, alone = self._heading.phone is None, self._is_alone(phone)
        self._heading.phone = phone
        is_known = alone and self._labelled is not None and is_same(described(self._labelled), described(phone))
        if first and self._labelled is not None and not is_known:
            self._heading.labels = Labels()
        self._bans = {finding_key(f): f for f in self._seen_before(check.inventory)} | self._bans
        read = {package for package, identity in check.identities.items() if identity.why is None}
        self._exceptions.bind(journal, self._excepted(check.findings, phone, read))
        check = self._with_bans_seen(replace(check, findings=self._excepted(check.findings, phone, read)))
        self._bans = {finding_key(f): f for f in check.red}
        if isinstance(check.broken_off, WrongPhone):
            journal.record_problem(check.broken_off)
        self.entry = journal.record_check(check, driver, [records.PhoneSeen("ready", driver.how)] if first else [])
        if self._heading.alone and not alone:
            journal.record_problem(SharedSerial())
        self._heading.alone = alone
        self._bans_recorded.clear()
        self.last_check, self.look_entry = check, None
        self._apps_gone.clear()
        support_log.check_ended(check)
        self.identity = check.inventory.identity or self.identity
        journal.settle(check)
        return check

    def _glimpse(self, inventory: Inventory, findings: tuple[Finding, ...]) -> None:
        excepted = self._excepted(findings, inventory.phone)
        try:
            self._keep(excepted, inventory.phone)
        finally:  # also where it cannot be put on record, it is to be seen
            self.listener(Glimpse(inventory.phone, excepted))

    def _so_far(self, check: Check) -> None:
        check = replace(check, findings=self._excepted(check.findings, check.inventory.phone))
        try:
            self._keep(check.red, check.inventory.phone)
        finally:
            self.listener(SoFar(check))

    def _keep(self, findings: Sequence[Finding], phone: Phone) -> None:
        """Put on record at once which banned apps were seen, and remember them for as long as the visit lasts."""
        red = {finding_key(f): f for f in findings if f.is_ban and f.excepted is None and not f.contained}
        self._bans.update(red)
        fresh = [finding for key, finding in red.items() if key not in self._bans_recorded]
        if fresh:
            self.journal.record_bans_seen(fresh, phone)
            self._bans_recorded.update(map(finding_key, fresh))

    def _elsewhere(self, check: Check) -> None:
        """Put on record, as a visit of its own, what was seen of a phone that is not the one of this visit."""
        phone = check.inventory.phone
        alone = self._is_alone(phone)
        excepted = self._exceptions.apply(self.journal, check.findings, phone, Labels(), alone=alone, read=())
        check = replace(check, findings=excepted)
        own = Journal(self.journal.ledger, Heading(secrets.token_hex(6), Labels(), phone), self.journal.policy)
        own.record_check(check, self.driver, [records.PhoneSeen("ready", self.driver.how)])
        self._forget_bans()

    def _forget_bans(self) -> None:
        """The next phone is another one, or begins another visit."""
        self._bans.clear()
        self._bans_recorded.clear()

    def _with_bans_seen(self, check: Check) -> Check:
        """`check`, with every banned app that was seen before and that it did not show to be gone."""
        now = {finding_key(f) for f in check.findings if f.is_ban}
        missing_bans = {key: f for key, f in self._bans.items() if key not in now and not _is_gone(f, check)}
        if not missing_bans:
            return check
        names = value_names.listed(dict.fromkeys(f.app.label or f.app.package for f in missing_bans.values()))
        gap = Gap(
            T("Seen earlier, and their removal was not seen: {apps}", apps=names),
            T("Check the phone again."),
        )
        other_findings = (f for f in check.findings if finding_key(f) not in missing_bans)  # it is more than suspected
        return replace(check, findings=(*missing_bans.values(), *other_findings), unsure=(*check.unsure, gap))

    def _seen_before(self, inventory: Inventory) -> Iterator[Finding]:
        """The banned apps that the log has of the phone and no reading has shown to be gone. Raises LedgerProblem."""
        entries: Sequence[Entry] = self.entries
        ledger, phone = self.journal.ledger, inventory.phone
        is_first = not any(entry.kind == records.Kind.CHECK_ENDED for entry in entries)
        if is_first and self._is_alone(phone) and not self._source.is_blind(ledger, phone):
            if self._before is None or self._before[0] != (self.number, described(phone)):
                self._before = (self.number, described(phone)), visit_before(ledger, phone, self.number)
            yield from seen_before(self._before[1], self.journal.policy, inventory)
        yield from seen_before(entries, self.journal.policy, inventory)

    def _seen_packages(self, inventory: Inventory) -> frozenset[str]:
        """The apps that were seen to be banned before: what they are now, their files tell."""
        return frozenset(finding.app.package for finding in (*self._seen_before(inventory), *self._bans.values()))

    def _excepted(
        self, findings: tuple[Finding, ...], phone: Phone, read: Collection[str] | None = None
    ) -> tuple[Finding, ...]:
        """The findings, each that an exception allows marked so. `read` are the apps whose own files were read; None
        while that goes on."""
        alone = self._is_alone(phone)
        return self._exceptions.apply(self.journal, findings, phone, self._heading.labels, alone=alone, read=read)

    def _is_alone(self, phone: Phone) -> bool:
        """Whether no other phone at the desk has its serial number, so far as that could be one phone's."""
        return not (self._source.serials.arrive(self.number, phone.serial) and names_one_phone(phone.serial))

    def greeting(self, phone: Phone | None = None) -> Text | None:
        """What the log says of the last visit of this phone; None if it knows none. Raises LedgerProblem.

        `phone` is how it described itself, where it was only glimpsed yet.
        """
        known_phone = self._heading.phone or phone
        if known_phone is None or (self._heading.phone is not None and not self.certain):
            return None
        if self._source.is_blind(self.journal.ledger, known_phone):
            return None
        return greeting(self.journal.ledger, known_phone, self.last_check, self.number)

    # --- what it and its apps are called

    @property
    def labels(self) -> Labels:
        """What the department calls the phone, as the next record will have it."""
        return self._heading.labels

    @property
    def labelled(self) -> Phone | None:
        """The phone that its labels were said of, if that is known."""
        return self._heading.phone or self._labelled

    def label(self, labels: Labels) -> Entry | None:
        """Write down what the department calls the phone: every later record says so too. Empty labels end that.

        Before the phone is read it is not known which it is: then nothing is written, and what the first check finds
        will have them. The same again writes nothing either. Can be done after :meth:`close`. Raises LedgerProblem:
        then they are as they were.
        """
        if self._heading.phone is None:
            self._heading.labels, self._labelled = labels, None
            return None
        return self.journal.record_labels(labels) if labels != self._heading.labels else None

    def names(self, check: Check) -> Mapping[str, str]:
        """What the apps of a check are called on the screen, by package, as far as this computer has met them.

        They are only shown: what another phone's app of this version calls itself decides nothing.
        """
        return self._source.names.of(check.inventory.apps) if self._source.names is not None else {}

    def _looked_into(self, identity: Identity) -> None:
        self.listener(LookedInto(identity))
        self._names_read.append(identity)

    def _remember_names(self) -> None:
        """Remember what was read, all at once, also where the phone was pulled: each writing makes the file anew."""
        read, self._names_read = self._names_read, []
        if self._source.names is not None:
            self._source.names.add(read)


def _is_gone(finding: Finding, check: Check) -> bool:
    """Whether a check shows that a banned app which was seen before is there no more, or is no banned app: its profile
    was read whole and does not have it, or is there no more, or the app's file was read and says what it is."""
    if check.policy.rule(finding.rule) is None:
        return True
    profile = finding.profile.id
    inventory = check.inventory
    if inventory.names_only or any(gap.profile in (None, profile) for gap in inventory.gaps):
        return False
    app = inventory.app(finding.app.package)
    state = app.state(profile) if app is not None else None
    identity = check.identities.get(finding.app.package)
    return state is None or not state.present or (identity is not None and identity.why is None)
