"""Removing what was found: plan it, carry it out with a record before every step, let the phone's next reading decide.

Nothing here is done without a :class:`Journal`: each step is written down before its command is sent, and what the
phone said is written down after. If the writing fails, the step is not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.jobs import Cancel, Progress
from core.model import Check, Finding
from core.phones.driver import Answer, Driver, Outcome, Step
from core.phones.removal_plan import ItemResult, Plan, Planned, Removal, Result, left_as
from core.system.support import support_log
from core.text import T
from core.visit.app_evidence import EVIDENCE_SHARE, record_evidence
from core.visit.events import Listener
from core.visit.journal import Journal, finding_key


def plan(check: Check, driver: Driver, also: Sequence[Finding] = ()) -> Plan:
    """What removing takes: every ban that is neither excepted nor already as gone as it can be, and the findings ticked
    in `also`."""
    chosen = [f for f in check.findings if f in also or f in check.red]
    return Plan(check, tuple(_planned(f, check, driver) for f in chosen))


def _planned(finding: Finding, check: Check, driver: Driver) -> Planned:
    steps = _imagined(finding, check, driver, Outcome.DONE)
    refused = _imagined(finding, check, driver, Outcome.REFUSED)
    otherwise = tuple(s for s in refused if s not in steps)
    by_hand = driver.by_hand(finding, check.inventory)
    screen = driver.settings_screen(finding, check.inventory)
    loses_data = any(driver.loses_data(step) for step in steps)
    return Planned(finding, steps, otherwise, driver.for_good(finding), by_hand, screen, loses_data)


def _imagined(finding: Finding, check: Check, driver: Driver, outcome: Outcome) -> tuple[Step, ...]:
    """The steps that would be taken if the phone answered `outcome` to each."""
    history: list[tuple[Step, Answer]] = []
    while (step := driver.next_step(finding, check.inventory, history)) is not None:
        # These words are never shown: what is taken next depends on the outcome alone.
        history.append((step, Answer(outcome, "", T("The phone says it is done."))))
    return tuple(step for step, _ in history)


@dataclass(slots=True)
class RemovalRun:
    """One plan being carried out. `check` is the last reading, `histories` what was tried about each finding."""

    plan: Plan
    driver: Driver
    journal: Journal
    read_again: Callable[[Cancel], Check]
    listener: Listener
    cancel: Cancel
    #: Whether the officer said that the owner was told what is lost; None where that was not asked.
    owner_told: bool | None = None
    check: Check = field(init=False)
    findings: list[Finding] = field(init=False)
    histories: list[list[tuple[Step, Answer]]] = field(init=False)

    def __post_init__(self) -> None:
        self.check = self.plan.check
        self.findings = [item.finding for item in self.plan.items]
        self.histories = [[] for _ in self.plan.items]

    def run(self) -> Removal:
        """Put on record what is there of each banned app of the phone; then try each finding's steps until the phone
        says done, read the phone, and go on where it was not true.

        Raises PhoneProblem (what was under way is then on record as not known), Cancelled, or the ledger's Problem.
        """
        # Also of what is removed by hand afterwards: its holder may begin at once.
        by_hand = [f for f in self.check.red if f not in self.findings and self.journal.has(f)]
        findings = [*self.findings, *by_hand]
        record_evidence(findings, self.check.inventory, self.driver, self.journal, self.listener, self.cancel)
        while True:
            acted = [self._climb(i) for i in range(len(self.findings))]
            self.check = self.read_again(self.cancel)
            for i, finding in enumerate(self.findings):
                self._reconsider(i, finding)
            if not any(acted) or not any(self._next(i) for i in range(len(self.findings))):
                return self._outcome()

    def _next(self, i: int) -> Step | None:
        finding = self._now(self.findings[i])
        return self.driver.next_step(finding, self.check.inventory, self.histories[i]) if finding else None

    def _climb(self, i: int) -> bool:
        """Take the steps for one finding until one is said to be done. Whether any was taken."""
        acted = False
        while (step := self._next(i)) is not None:
            self.cancel.check()
            share = (i + 0.5) / len(self.findings)
            self.listener(Progress(step.does, EVIDENCE_SHARE + (1 - EVIDENCE_SHARE) * share))
            loses = self.plan.items[i].loses_data
            owner_facts = (loses, self.owner_told if loses else None)
            self.histories[i].append((step, self._take(self.findings[i], step, owner_facts)))
            acted = True
        return acted

    def _take(self, finding: Finding, step: Step, owner_facts: tuple[bool, bool | None] | None = None) -> Answer:
        intent = self.journal.record_intent(finding, step, owner_facts)
        answer = self.journal.take(step, intent, self.driver, self.listener, self.cancel)
        self.journal.note_tried(finding, step, answer)
        return answer

    def _reconsider(self, i: int, finding: Finding) -> None:
        """Where the phone said that a step was done and the reading shows that it was not, remember that."""
        history, now = self.histories[i], self._now(finding)
        if now is None or now.contained:
            return
        for at, (step, answer) in enumerate(history):
            says_done = answer.outcome in (Outcome.DONE, Outcome.NOT_THERE)
            if says_done and not self.driver.holds(step, self.check.inventory):
                means = T("The phone said that it was done, but the app is still there.")
                history[at] = (step, replace(answer, outcome=Outcome.CAME_BACK, means=means))

    def _now(self, finding: Finding) -> Finding | None:
        """`finding` as the last reading has it; None if the app is gone from that profile."""
        same = finding_key(finding)
        return next((f for f in self.check.findings if finding_key(f) == same), None)

    def _outcome(self) -> Removal:
        items = []
        screen_shown = False  # a phone has one screen: it shows the first that needs a hand
        for finding, history in zip(self.findings, self.histories, strict=True):
            now = self._now(finding)
            result = self._result(finding, now)
            support_log.info("removal.end", result=result)
            by_hand = None
            screen_open = False
            if result.by_hand:
                current = now or finding
                by_hand = self.driver.by_hand(current, self.check.inventory, history)
                screen = None if screen_shown else self.driver.settings_screen(current, self.check.inventory, history)
                screen_open = screen is not None and self._take(finding, screen).outcome is Outcome.DONE
                screen_shown |= screen_open
            items.append(ItemResult(finding, tuple(history), result, by_hand, screen_open))
        return Removal(tuple(items), self.check)

    def _result(self, finding: Finding, now: Finding | None) -> Result:
        if now is not None:
            return left_as(now)
        app = self.check.inventory.app(finding.app.package)
        state = app.state(finding.profile.id) if app else None
        if app is not None and state is not None and state.present:  # also where another rule matched it this time
            return left_as(replace(finding, app=app))
        profile_read = self.check.inventory.profile(finding.profile.id) is not None
        # Other apps' files do not tell whether this one is gone; the listings do.
        unseen = any(gap.profile in (None, finding.profile.id) for gap in self.check.inventory.gaps)
        return Result.REMOVED if profile_read and not unseen else Result.NOT_VERIFIED
