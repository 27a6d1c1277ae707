"""One phone's visit to the desk, from plug to unplug: the one place where reading, judging, acting and recording meet.

The window and the command line drive visits and nothing below. A visit calls its listener on the thread that it was
called on; one thread at a time. Everything that it does is on record, and what changes the phone is on record before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from core.jobs import Cancel
from core.ledger import records
from core.ledger.evidence.folder import EvidenceProblem
from core.ledger.records import Entry
from core.model import Afterwards, Attested, Check, Finding, HandBack, Profile, Verdict
from core.model.visit_state import Fate
from core.phones.driver import Answer, Driver, LeftToOwner, Management, PhoneProblem, Unplugged, WrongPhone
from core.phones.removal_plan import Plan, Removal
from core.visit import attestation, by_hand, capturing, hand_back, removal, undo
from core.visit.app_evidence import record_evidence
from core.visit.by_hand import ByHand
from core.visit.capturing import RecordedCheck
from core.visit.events import AllowAsked
from core.visit.hand_back import HandBackResult
from core.visit.journal import finding_key
from core.visit.undo import Undoable, Undone
from core.visit.visited_phone import VisitedPhone


class Visit(VisitedPhone):
    """A phone that is read, acted upon and handed back; see :class:`VisitedPhone` for how one begins."""

    def check_and_record(self, cancel: Cancel) -> RecordedCheck:
        """As :meth:`check`, and keep everything that the phone answers in it."""
        with self._connection():
            self.connect(cancel)
            recording = capturing.begin(self.driver)
            try:
                return RecordedCheck(self._check(cancel), recording, cancel.pressed)
            finally:
                self.driver.record(None)

    # --- removing and undoing

    def plan(self, also: Sequence[Finding] = ()) -> Plan:
        """What removing would do, by the last check: every ban that is on record, and the findings ticked in `also`."""
        if self.last_check is None:
            raise ValueError("check the phone first")
        whole = removal.plan(self.last_check, self.driver, also)
        return replace(whole, items=tuple(item for item in whole.items if self.journal.has(item.finding)))

    def remove(self, plan: Plan, cancel: Cancel, owner_told: bool | None = None) -> Removal:
        """Carry `plan` out, and read the phone again: that reading decides what was removed.

        `owner_told`: the officer's word that the owner knows what is lost (`plan.loses`); None where it was not asked.
        A phone that was lost since is opened and read anew first, and what of the plan is still found is carried out.
        Raises PhoneProblem or Cancelled (what was done until then is on record), LedgerProblem (the step that could not
        be written down was not taken). A plan of anything but the last check is a bug: ValueError.
        """
        if plan.check is not self.last_check:
            raise ValueError("the phone was checked again since it was planned, or is another one")
        with self._connection(), self._on_one_phone():
            plan = self._still_found(plan, self._connected_again(cancel))
            return removal.RemovalRun(
                plan, self.driver, self.journal, self._check, self.listener, cancel, owner_told
            ).run()

    def keep_copies(self, cancel: Cancel) -> tuple[Entry, ...]:
        """Keep a copy of the files of each banned app that the last check found, in the evidence folder beside the log.

        Returns the records that refer to them; none where that was done before. Raises PhoneProblem, EvidenceProblem,
        Cancelled (of the app under way nothing is kept), LedgerProblem.
        """
        with self._connection(), self._on_one_phone():
            check = self._connected_again(cancel)
            if check is None:
                raise ValueError("check the phone first")
            try:
                asked = check.red, check.inventory, self.driver, self.journal, self.listener, cancel
                return record_evidence(*asked, copies=True, share=1.0)
            except EvidenceProblem as problem:  # the phone is as it was, and its connection too
                stopped = problem
        raise stopped

    def by_hand(self) -> tuple[ByHand, ...]:
        """What is left to do on the phone itself, by the last check and what was tried in the visit; in this order."""
        return by_hand.by_hand(self.last_check, self.driver, self.journal) if self.last_check is not None else ()

    def management(self) -> Management | None:
        """The phone's management, where the last check found banned apps and it is the better tool against them."""
        check = self.last_check
        return self.driver.management(check.inventory) if check is not None and check.red else None

    def open_screen(self, item: ByHand, cancel: Cancel) -> Answer | None:
        """Put on record what there is of the app of `item`, and open the phone's screen for it; None where there is
        none, or the app is gone by now.

        Raises PhoneProblem, Cancelled, LedgerProblem.
        """
        with self._connection(), self._on_one_phone():
            check = self._connected_again(cancel)
            if check is None or not self.journal.has(item.finding):
                return None
            record_evidence([item.finding], check.inventory, self.driver, self.journal, self.listener, cancel)
            if item.screen is None:
                return None
            intent = self.journal.record_intent(item.finding, item.screen)
            return self.journal.take(item.screen, intent, self.driver, self.listener, cancel)

    def still_there(self, finding: Finding, cancel: Cancel) -> bool | None:
        """A quick look whether the app of `finding` is still there; None if that is not known, as where the phone left.

        That it is gone, or is there again, is put on record. It changes no verdict: only a check does. Raises
        WrongPhone, Cancelled, LedgerProblem.
        """
        if not self._connected or not self.journal.has(finding):
            return None
        try:
            with self._connection(), self._on_one_phone():
                return self._look_for([finding], cancel)[0]
        except WrongPhone:
            raise
        except PhoneProblem:
            return None

    def _look_for(self, findings: Sequence[Finding], cancel: Cancel) -> Sequence[bool | None]:
        """A quick look for apps; what it sees otherwise than was known is put on record."""
        answers = self.driver.look_for(findings, cancel)
        for finding, is_there in zip(findings, answers, strict=True):
            key = finding_key(finding)
            if is_there is not None and is_there is (key in self._apps_gone):
                self.journal.record_looked_for(finding, is_there=is_there)
                self._apps_gone ^= {key}
        return answers

    # --- what an officer saw on the phone itself

    @property
    def verdict(self) -> Verdict | None:
        """The last check's, unless an officer has looked on the phone since: then what the policy makes of that.

        Red as long as a banned app was seen in this visit and not seen to be gone, also by a check that failed.
        """
        return Verdict.RED if self._bans else self.state.verdict

    @property
    def unseen(self) -> tuple[Profile, ...]:
        """The profiles that the last check could not read, for an officer to look into."""
        return attestation.unseen(self.last_check) if self.last_check is not None else ()

    def attest(self, answer: Attested, rules: Sequence[str] = (), note: str = "") -> Entry:
        """Put on record what an officer saw on the phone itself after the last check: one that was amber, or one of a
        phone with a place that a computer is not known to see.

        `rules` are those of the banned apps that were seen, in the policy of that check. Raises LedgerProblem;
        ValueError where there is nothing to look at, or the answer makes no sense.
        """
        check, entry = self._checked()
        if check.verdict is not Verdict.AMBER and not check.inventory.places:
            raise ValueError("an officer looks where a check has not seen everything")
        record = attestation.look_record(check, entry.seq, answer, rules, note)
        if self._bans:  # seen since that check, by one that failed
            record = msgspec.structs.replace(record, verdict=Verdict.RED)
        self.look_entry = self.journal.write(record, seal=True)
        return self.look_entry

    def _checked(self) -> tuple[Check, Entry]:
        if self.last_check is None or self.entry is None:
            raise ValueError("check the phone first")
        return self.last_check, self.entry

    # --- handing back

    @property
    def needs_reason(self) -> bool:
        """Whether the phone is handed back only for a reason: it is not green."""
        return self.verdict is not None and hand_back.needs_reason(self.verdict)

    @property
    def may_keep_debugging(self) -> bool:
        """Whether the policy of the last check lets USB debugging stay on."""
        return self.last_check is not None and self.last_check.policy.keep_debugging is True

    @property
    def banned_left(self) -> int:
        """How many banned products are on the phone for all that is known: by the records of the visit, and by what was
        seen and could not be put on record."""
        unrecorded = (
            f.product
            for key, f in self._bans.items()
            if key not in self._bans_recorded and not (self._journal is not None and self._journal.has(f))
        )
        return len({*self.state.left_products, *unrecorded})

    def left_to_owner(self, cancel: Cancel) -> LeftToOwner:
        """What only the owner can see to, asked now; nothing of it is known where the phone has left.

        Raises WrongPhone, Cancelled, LedgerProblem.
        """
        if not self._connected:
            return LeftToOwner()
        try:
            with self._connection(), self._on_one_phone():
                return self.driver.left_to_owner(cancel)
        except WrongPhone:
            raise
        except PhoneProblem:
            return LeftToOwner()

    def hand_back(self, how: HandBack, cancel: Cancel) -> HandBackResult:
        """Hand the phone back: look once more for the banned apps, put it on record, switch off what was on for the
        reading, and see the phone leave.

        What breaks off is on record as far as it is known, and no failure: `problem` of the result has it. Raises
        LedgerProblem (the phone was not touched, or what was asked of it is not on record), WrongPhone, Cancelled;
        ValueError where the phone was not checked, a reason is missing, or the policy does not let debugging stay on.
        """
        check, entry = self._checked()
        announced = hand_back.intended(how, check, entry.seq, self.verdict or Verdict.AMBER)
        with self._connection(), self._on_one_phone():
            driver = self._looked_once_more(check, cancel)
            announced = msgspec.structs.replace(announced, banned=self.banned_left)
            self.handed_back = self.journal.hand_back(announced, driver, cancel)
        self._disconnect()
        return self.handed_back

    def _looked_once_more(self, check: Check, cancel: Cancel) -> Driver | None:
        """The phone, after a quick look for what `check` found, which its holder may have removed by hand, and for what
        is there for all that is known since: an undoing may have been broken off. None if it cannot be reached. Raises
        WrongPhone, Cancelled."""
        bans = (ban for ban in self.state.bans if ban.fate is Fate.STILL_THERE)
        findings = [*(f for f in check.red if self.journal.has(f)), *self.journal.findings_of(bans)]
        red = list({finding_key(finding): finding for finding in findings}.values())
        for _ in range(2):
            if (driver := self._reached(cancel)) is None or not red:
                return driver
            try:
                self._look_for(red, cancel)
            except WrongPhone:
                raise
            except Unplugged:  # it may be plugged in again by now
                self._disconnect()
                continue
            except PhoneProblem:  # what was known of them stays
                return driver
            return driver
        return None

    def _reached(self, cancel: Cancel) -> Driver | None:
        """The phone that was read last, opened anew where it was lost since; None if it cannot be reached.

        Raises WrongPhone, Cancelled.
        """
        if not self._connected:
            if self.identity is None or not self._source.reopens:
                return None
            try:
                driver = self._source.open(cancel, lambda fingerprint: self.listener(AllowAsked(fingerprint)))
            except WrongPhone:
                raise
            except PhoneProblem:
                # Nothing is lost: that it could not be reached is on record with the handing back.
                return None
            driver.expect(self.identity)
            self._driver, self._connected = driver, True
        return self.driver

    def after_hand_back(self, event: Afterwards) -> Entry:
        """Put on record what was seen or said of the phone after it was handed back; the same only once.

        Raises LedgerProblem; ValueError where it was not.
        """
        if self.handed_back is None:
            raise ValueError("the phone was not handed back")
        if event not in self._followed:
            record = records.HandBackFollowed(what=event, hand_back=self.handed_back.intent.seq)
            self._followed[event] = self.journal.write(record, seal=True)
        return self._followed[event]

    # --- undoing

    def undoable(self, app: str = "") -> tuple[Undoable, ...]:
        """What can be taken back on this phone, the newest first: all of the last removal, or every removal of `app`.

        `app` is a package id or a product's name. The phone must have been checked.
        """
        return undo.undoable(self.journal, self.driver, self.last_check, app)

    def undo(self, undoable: Sequence[Undoable], cancel: Cancel) -> Undone:
        """Take steps back where that is possible, and check the phone again.

        Raises LeftThePhone if it is possible for none, PhoneProblem, Cancelled, LedgerProblem.
        """
        with self._connection(), self._on_one_phone():
            self._connected_again(cancel)
            answers = undo.take_back(undoable, self.journal, self.driver, self.listener, cancel)
            return Undone(answers, self._check(cancel))

    def _connected_again(self, cancel: Cancel) -> Check | None:
        """The last check; where the phone was lost since, that of it read anew: of that phone, and of no other."""
        if not self._connected:
            self.connect(cancel, same=True)
            self._check(cancel)
        return self.last_check

    @staticmethod
    def _still_found(plan: Plan, check: Check | None) -> Plan:
        """What an officer agreed to, as far as `check` still finds it."""
        if check is None or plan.check is check:
            return plan
        now = {finding_key(f): f for f in check.findings}
        items = ((item, now.get(finding_key(item.finding))) for item in plan.items)
        return Plan(check, tuple(replace(item, finding=finding) for item, finding in items if finding is not None))
