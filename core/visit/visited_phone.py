"""The phone of a visit: how it is opened, read and judged, and that all of it is on record.

Nothing here changes the phone.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from core.desk import granted_exceptions
from core.desk.serial_numbers import SharedSerial
from core.jobs import Cancel
from core.ledger import records
from core.ledger.records import Entry
from core.model import Afterwards, Cancelled, Check, Finding, Identity, Inventory, Labels, Phone, PhoneIdentity
from core.phones.driver import Driver, OtherPhone, PhoneProblem
from core.policy import exceptions
from core.same_phone import differences, is_same, is_still, names_one_phone
from core.system import support_log
from core.text import Text
from core.visit.check import Listeners
from core.visit.check import check as check_phone
from core.visit.events import AllowAsked, Glimpse, Listener, LookedInto, Opened, SoFar
from core.visit.greeting import greeting
from core.visit.hand_back import HandedBack
from core.visit.journal import FindingKey, Heading, Journal, described
from core.visit.phone_source import PhoneSource

#: Names of apps are remembered in portions of so many: what was read is not lost where the phone is pulled.
_PORTION: Final = 25


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
    ) -> None:
        """`number`, where the visit goes on from an earlier one, is that one's.

        `labelled` is the phone that `labels` were said of, if that was known: they are no other's. `identity` is that
        of the phone that was read last in the visit that goes on.
        """
        self.last_check: Check | None = None
        #: The record of the last check's end.
        self.entry: Entry | None = None
        #: The record of what an officer saw on the phone itself since.
        self.looked: Entry | None = None
        #: How it was handed back; what comes then is another visit.
        self.handed_back: HandedBack | None = None
        #: Which phone was read last, as far as it said so.
        self.identity = identity
        self._source = source
        #: It may be another one for each job.
        self.listener = listener
        self._heading = Heading(number or secrets.token_hex(6), labels)
        self._labelled = labelled
        #: The newest connection's, also once that is closed.
        self._driver: Driver | None = None
        self._journal: Journal | None = None
        self._connected = False
        self._grants: tuple[exceptions.Grant, ...] = ()
        #: Findings whose apps a quick look did not see any more, and what was put on record after the handing back.
        self._gone: set[FindingKey] = set()
        self._followed: dict[Afterwards, Entry] = {}
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
            driver = self._source.open(cancel, lambda fingerprint: self.listener(AllowAsked(fingerprint)))
            try:
                ledger = self._source.ledger(driver.practice, policy)
                self._compare(driver, Journal(ledger, self._heading, policy), cancel, same=same)
            except BaseException:
                driver.close()
                raise
            self.last_check = self.entry = self.looked = None
            self._heading.phone = None
            self._driver, self._journal, self._connected = driver, Journal(ledger, self._heading, policy), True
        elif self.journal.policy.sha256 != policy.sha256:
            self._source.ledger(self.driver.practice, policy)  # it writes down that it judges by another one now
            self.journal.policy = policy
        self.listener(Opened(self.driver.practice))

    def _begin_anew(self) -> None:
        """The phone was handed back and is here again: that is another visit. It keeps its labels."""
        self._labelled = None if self._connected else self.labelled
        self._heading = Heading(secrets.token_hex(6), self._heading.labels)
        self.last_check = self.entry = self.looked = self.handed_back = None
        self._gone.clear()
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
            self._source.serials.left(self.number)
            self._heading = Heading(secrets.token_hex(6), Labels())
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
        except OtherPhone as problem:
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
        self._source.serials.left(self.number)
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
        self._grants = granted_exceptions.grants(journal.ledger)
        listeners = Listeners(self._glimpse, self._so_far, self._looked_into)
        try:
            check = check_phone(driver, journal.policy, self.listener, cancel, listeners, quick=quick)
        except (PhoneProblem, Cancelled) as stopped:
            journal.record_problem(stopped)
            raise
        phone = check.inventory.phone
        first, alone = self._heading.phone is None, self._is_alone(phone)
        self._heading.phone = phone
        known = alone and self._labelled is not None and is_same(described(self._labelled), described(phone))
        if first and self._labelled is not None and not known:
            self._heading.labels = Labels()
        read = {package for package, identity in check.identities.items() if identity.why is None}
        check = replace(check, findings=self._excepted(check.findings, phone, read))
        self.entry = journal.record_check(check, driver, [records.PhoneSeen("ready", driver.how)] if first else [])
        if self._heading.alone and not alone:
            journal.record_problem(SharedSerial())
        self._heading.alone = alone
        self.last_check, self.looked = check, None
        self._gone.clear()
        support_log.check_ended(check)
        self.identity = check.inventory.identity or self.identity
        journal.settle(check)
        return check

    def _glimpse(self, inventory: Inventory, findings: tuple[Finding, ...]) -> None:
        self.listener(Glimpse(inventory.phone, self._excepted(findings, inventory.phone)))

    def _so_far(self, check: Check) -> None:
        findings = self._excepted(check.findings, check.inventory.phone)
        self.listener(SoFar(replace(check, findings=findings)))

    def _excepted(
        self, findings: tuple[Finding, ...], phone: Phone, read: Collection[str] | None = None
    ) -> tuple[Finding, ...]:
        """The findings, each that an exception allows marked so. `read` are the apps whose own files were read; None
        while that goes on."""
        if not self._grants or not findings:
            return findings
        day = granted_exceptions.today(self.journal.ledger)
        alone, policy = self._is_alone(phone), self.journal.policy
        labels, grants = self._heading.labels, self._grants
        return exceptions.apply(findings, phone, labels, grants, policy, day, alone=alone, read=read)

    def _is_alone(self, phone: Phone) -> bool:
        """Whether no other phone at the desk has its serial number, so far as that could be one phone's."""
        return not (self._source.serials.here(self.number, phone.serial) and names_one_phone(phone.serial))

    def greeting(self, phone: Phone | None = None) -> Text | None:
        """What the log says of the last visit of this phone; None if it knows none. Raises LedgerProblem.

        `phone` is how it described itself, where it was only glimpsed yet.
        """
        known = self._heading.phone or phone
        if known is None or (self._heading.phone is not None and not self.certain):
            return None
        if self._source.is_blind(self.journal.ledger, known):
            return None
        return greeting(self.journal.ledger, known, self.last_check, self.number)

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
        if len(self._names_read) >= _PORTION:
            self._remember_names()

    def _remember_names(self) -> None:
        read, self._names_read = self._names_read, []
        if self._source.names is not None:
            self._source.names.add(read)
