"""Handing a phone back: what is asked of it on its way out, and how much is known of each thing by the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.jobs import Cancel
from core.ledger import records
from core.ledger.records import Entry
from core.ledger.records.visit import WORDS_LIMIT
from core.model import Check, HandBack, Verdict, platforms
from core.phones.driver import Asked, Driver, LeftToOwner, PhoneProblem, Unplugged, WrongPhone
from core.text import Text


@dataclass(frozen=True, slots=True)
class HandBackResult:
    """A phone that was handed back: the records that announced and ended it, what is known, and why not more is."""

    intent: Entry
    entry: Entry
    outcome: records.HandedBack
    problem: PhoneProblem | None = None

    @property
    def intended(self) -> records.HandBackIntended:
        """What was announced."""
        record = self.intent.record
        if not isinstance(record, records.HandBackIntended):
            raise TypeError("announced by another record")
        return record


def intended(how: HandBack, check: Check, entry: int, verdict: Verdict) -> records.HandBackIntended:
    """The record that announces it. `entry` is the record of `check`, `verdict` the visit's.

    ValueError where a reason is missing, or debugging is to stay on and the policy does not allow that.
    """
    reason = how.reason.strip()[:WORDS_LIMIT]
    if needs_reason(verdict) and not reason:
        raise ValueError("a phone that is not green is handed back for a reason")
    if how.keep_debugging and not check.policy.keep_debugging:
        raise ValueError("the policy does not let debugging stay on")
    return records.HandBackIntended(
        verdict=verdict,
        paper=how.paper,
        reason=records.Personal(reason),
        keeps_debugging=how.keep_debugging,
        platform=platforms.in_record(check.inventory.phone.platform),
        check=entry,
    )


def needs_reason(verdict: Verdict) -> bool:
    """Whether an officer has to say why a phone is handed back as it is."""
    return verdict is not Verdict.GREEN


@dataclass(slots=True)
class Departure:
    """What is known so far of a phone on its way out. It goes on being told where something breaks off."""

    owner: LeftToOwner = field(default_factory=LeftToOwner)
    #: Developer options, wireless debugging, USB debugging, trust in this computer: the order in which they end.
    answers: list[Asked] = field(default_factory=lambda: [Asked()] * 4)
    problem: PhoneProblem | None = None

    def run(self, driver: Driver, cancel: Cancel, *, keep_debugging: bool) -> None:
        """Ask for each thing in turn, what ends the connection last. What fails is in `problem`.

        Raises WrongPhone: nothing was asked of that one. Raises Cancelled.
        """
        cancel.check()
        try:
            self.owner = driver.left_to_owner(cancel)
        except WrongPhone:
            raise
        except PhoneProblem as problem:  # what it reads is of use to the owner, and nothing hangs on it
            self.problem = problem
        if isinstance(self.problem, Unplugged):
            return
        ends = (driver.options_off, driver.wireless_off, driver.debugging_off, driver.trust_off)
        for place, ask in enumerate(ends):
            if keep_debugging and ask != driver.trust_off:
                continue  # what the officer was trusted with for this visit is taken back in any case
            cancel.check()
            self.answers[place] = Asked(None)  # while it is under way
            self.answers[place] = answer = ask(cancel)
            self.problem = answer.problem or self.problem
            if isinstance(answer.problem, Unplugged):
                return

    def not_reached(self) -> None:
        """Another phone answered: whatever was under way was not asked of this one."""
        self.answers = [Asked(False) if question.asked is None else question for question in self.answers]

    def record(self, intent: int, why: Text | None) -> records.HandedBack:
        """What is known, for the log. `intent` is the number of the record that announced it."""
        options, wireless, debugging, trust = self.answers
        return records.HandedBack(
            options_asked=options.asked,
            options_off=options.seen,
            wireless_asked=wireless.asked,
            wireless_off=wireless.seen,
            debugging_asked=debugging.asked,
            left=debugging.seen,
            trust_asked=trust.asked,
            trust_forgotten=trust.seen,
            auto_blocker=self.owner.auto_blocker,
            computers=self.owner.computers,
            why=why,
            intent=intent,
        )
