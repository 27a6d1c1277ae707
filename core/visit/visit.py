"""One phone's stay at the desk, from plug to unplug: the one place where reading, judging, acting and recording meet.

The window and the command line drive visits and nothing below. A visit calls its listener on the thread that it was
called on; one thread at a time. Whatever it does is on record, and what changes the phone is on record before.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, TypeVar

from core.desk import granted_exceptions
from core.jobs import Cancel, Progress
from core.ledger import records
from core.ledger.problems import LedgerProblem
from core.ledger.records import Entry
from core.ledger.writer import Ledger
from core.model import (
    Cancelled,
    Check,
    Finding,
    Identity,
    Inventory,
    Labels,
    Phone,
    PhoneIdentity,
    Policy,
    Problem,
    Profile,
    ProfileKind,
)
from core.phones.driver import Answer, Driver, Name, OtherPhone, Outcome, PhoneProblem, Step
from core.phones.removal_plan import Plan, Removal
from core.policy import exceptions
from core.same_phone import is_same, names_one_phone
from core.text import Bilingual, T, Text
from core.visit.check import Listeners
from core.visit.check import check as check_phone
from core.visit.removal import Work, cut_short
from core.visit.removal import plan as plan_removal

_R = TypeVar("_R", bound=records.Record)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a quick look found. A ban in it is there; that there is none says nothing yet."""

    phone: Phone
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is known while the apps' files are still being looked into. It is on record only once that has ended."""

    check: Check


@dataclass(frozen=True, slots=True)
class LookedInto:
    """An app's file was read."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class StepBegins:
    """A step is on record and is now taken."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepEnds:
    """The phone has answered to a step."""

    step: Step
    answer: Answer


#: Findings of one check that get a record each, the worst first; how many there were is always on record. A phone that
#: claims to have more wants to fill the log.
FINDINGS_LIMIT: Final = 1_000
#: Records of one kind that are looked through for what can be undone.
_LOOK_BACK: Final = 5000

#: What tells a finding from the others of its check: rule, package and profile.
_Key: TypeAlias = tuple[str, str, int]
Event = Progress | Glimpse | SoFar | LookedInto | StepBegins | StepEnds
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Undoable:
    """A step of an earlier removal: the record that announced it, the step back, and whether that can work.

    An app that is in no profile any more has left the phone, and no computer can put it back.
    """

    removal: int
    step: Step
    possible: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """What the phone said to each step back, and the check afterwards."""

    answers: tuple[tuple[Step, Answer], ...]
    check: Check

    @property
    def is_back(self) -> bool:
        """Whether the reading afterwards shows every app back in its profile."""
        return all(is_back(step, self.check) for step, _ in self.answers)


class NothingToUndo(PhoneProblem):
    """No removal of this app from this phone is on record that could be taken back."""

    code = "nothing-to-undo"

    def __init__(self, app: str, certain: bool = True) -> None:
        """`certain` tells whether the phone can be told from others."""
        super().__init__(
            T("No removal of {app} from this phone is on record that could be undone.", app=app)
            if app
            else T("No removal from this phone is on record that could be undone."),
            T("Look in the log what was removed: fanion log list.")
            if certain
            else T("Many phones have its serial number, so an earlier removal cannot be told to be this phone’s."),
        )


class OutcomeNotRecorded(LedgerProblem):
    """A step was sent to the phone, and then the ledger could not be written."""

    code = "outcome-not-recorded"

    def __init__(self, problem: LedgerProblem) -> None:
        super().__init__(
            T("A step was sent to the phone, but its result could not be recorded. {why}", why=problem.sentence),
            T("{remedy} Then check this phone again.", remedy=problem.next_step),
            problem.detail,
        )


class LeftThePhone(PhoneProblem):
    """The app was removed from its last profile."""

    code = "cannot-undo"

    def __init__(self, app: Name) -> None:
        super().__init__(
            T("{app} has left the phone; a computer cannot put it back.", app=app),
            T("Have the phone's owner install it again from the store."),
        )


class Visit:
    """One opened phone at this desk. Whoever made it closes it."""

    def __init__(
        self,
        driver: Driver,
        policy: Policy,
        ledger: Ledger,
        listener: Listener = lambda event: None,
        number: str = "",
        labels: Labels = Labels(),  # noqa: B008 - it is frozen
        labelled: Phone | None = None,
    ) -> None:
        """`number` is that of the stay so far, where the connection had to be made anew.

        `labelled` is the phone that `labels` were said of, if that was known: they are no other's.
        """
        self.number = number or secrets.token_hex(6)
        self.last_check: Check | None = None
        #: The record of the last check's end.
        self.entry: Entry | None = None
        self._driver = driver
        self._policy = policy
        self._ledger = ledger
        self._listener = listener
        self._phone: Phone | None = None
        self._labels = labels
        self._labelled = labelled
        self._grants: tuple[exceptions.Grant, ...] = ()
        #: The problem that was put on record last.
        self._told: BaseException | None = None
        self._found: dict[_Key, int] = {}
        #: The steps that were announced and not answered yet, by their records; and what was tried on each finding.
        self._under_way: dict[int, tuple[_Key, Step]] = {}
        self._tried: dict[_Key, list[tuple[Step, Answer]]] = {}

    def check(self, cancel: Cancel, *, quick: bool = False) -> Check:
        """Read the phone, look into its apps' files, judge it, and put what was found on record.

        `quick` leaves the files out: then nothing is green. A check that ended before all files were read is on record
        as what it is; where it lost the phone, its `broken_off` says so. Raises PhoneProblem or Cancelled (the listings
        could not be read, and no banned app had been seen until then), LedgerProblem (the phone was not touched, or
        what was read is not on record).
        """
        self._write(records.CheckStarted(self._driver.how))
        self._grants = granted_exceptions.grants(self._ledger)
        listeners = Listeners(self._glimpse, self._so_far, lambda identity: self._listener(LookedInto(identity)))
        try:
            check = check_phone(self._driver, self._policy, self._listener, cancel, listeners, quick=quick)
        except (PhoneProblem, Cancelled) as stopped:
            self._tell_of(stopped)
            raise
        first = self._phone is None
        self._phone = check.inventory.phone
        if first and self._labelled is not None and not is_same(_described(self._labelled), _described(self._phone)):
            self._labels = Labels()
        seen = [records.PhoneSeen("ready", self._driver.how)] if first else []
        return self._record(check, seen)

    def _record(self, check: Check, seen: Sequence[records.Record]) -> Check:
        """Put what a check found on record, each ban that an exception allows marked so, and seal it."""
        check = replace(check, findings=self._excepted(check.findings, check.inventory.phone))
        kept = check.findings[:FINDINGS_LIMIT]
        written = self._ledger.append_all(
            [*seen, *(records.AppFound.of(f, self._by_hand(f, check)) for f in kept), records.CheckEnded.of(check)],
            visit=self.number,
            policy=check.policy,
            phone=self._phone,
            labels=self._labels,
            seal=True,
        )
        self._found = {_key(f): e.seq for f, e in zip(kept, written[len(seen) :], strict=False)}
        self.last_check, self.entry = check, written[-1]
        self._settle(check)
        return check

    def _by_hand(self, finding: Finding, check: Check) -> Text | None:
        """What the officer does on the phone itself about a ban that is there, after what was tried in this visit."""
        if not finding.is_ban or finding.contained or finding.excepted is not None:
            return None
        return self._driver.by_hand(finding, check.inventory, self._tried.get(_key(finding), ()))

    @property
    def labels(self) -> Labels:
        """What the department calls the phone, as the next record will have it."""
        return self._labels

    @property
    def labelled(self) -> Phone | None:
        """The phone that its labels were said of, if that is known."""
        return self._phone or self._labelled

    def label(self, labels: Labels) -> Entry | None:
        """Write down what the department calls the phone: every later record says so too. Empty labels end that.

        Where the phone was not read yet, nobody knows which it is: then nothing is written, and what the first check
        finds will have them. The same again writes nothing either. Can be done after :meth:`close`. Raises
        LedgerProblem: then they are as they were.
        """
        if labels == self._labels:
            return None
        written = None
        if self._phone is not None:
            written = self._ledger.append(
                records.PhoneLabelled(),
                visit=self.number,
                policy=self._policy,
                phone=self._phone,
                labels=labels,
                seal=True,
            )
        self._labels, self._labelled = labels, None
        return written

    @property
    def identity(self) -> PhoneIdentity | None:
        """Which phone was read last, as far as it said so."""
        return self.last_check.inventory.identity if self.last_check else None

    @property
    def certain(self) -> bool:
        """Whether records of earlier visits can be told to be of the phone that was read."""
        return self._phone is not None and names_one_phone(self._phone.serial)

    @property
    def practice(self) -> bool:
        """Whether it is a practice phone."""
        return self._driver.practice

    @property
    def policy(self) -> Policy:
        """By which it judges."""
        return self._policy

    def judge_by(self, policy: Policy) -> None:
        """Judge by another policy from the next check on."""
        self._policy = policy

    def plan(self, also: Sequence[Finding] = ()) -> Plan:
        """What removing would do, by the last check: every ban that is on record, and the findings ticked in `also`."""
        if self.last_check is None:
            raise ValueError("check the phone first")
        whole = plan_removal(self.last_check, self._driver, also)
        return replace(whole, items=tuple(item for item in whole.items if _key(item.finding) in self._found))

    def remove(self, plan: Plan, cancel: Cancel) -> Removal:
        """Carry `plan` out, and read the phone again; that reading decides what came of it.

        Raises PhoneProblem or Cancelled (what was done until then is on record), LedgerProblem (the step that could not
        be written down was not taken). A plan of anything but the last check is a bug: ValueError.
        """
        if plan.check is not self.last_check:
            raise ValueError("the phone was checked again since it was planned, or is another one")

        def told(step: Step, answer: Answer | None) -> None:
            self._listener(StepBegins(step) if answer is None else StepEnds(step, answer))

        def again() -> Check:
            return self.check(cancel)

        with self._on_one_phone():
            return Work(plan, self._driver, self, again, self._listener, cancel, told).run()

    def intends(self, finding: Finding, step: Step) -> int:
        """The removal's journal: `step` is written down before it is taken."""
        seq = self._found[_key(finding)]
        intent = self._write(records.RemovalIntended(step.act, step.package, step.profile, seq)).seq
        self._under_way[intent] = _key(finding), step
        return intent

    def came_of(self, intent: int, answer: Answer) -> None:
        """The removal's journal: what the phone said."""
        key, step = self._under_way.pop(intent)
        self._tried.setdefault(key, []).append((step, answer))
        try:
            self._write(
                records.RemovalOutcome(intent=intent, outcome=answer.outcome, answer=answer.text, means=answer.means)
            )
        except LedgerProblem as problem:
            self._ledger.give_up(intent)
            raise OutcomeNotRecorded(problem) from problem

    def undoable(self, app: str = "") -> tuple[Undoable, ...]:
        """What can be taken back on this phone, the newest first: all of the last removal, or every removal of `app`.

        `app` is a package id or a product's name. The phone must have been checked.
        """
        undoing = {e.seq: step.removal for e, step in self._own(records.UndoIntended)}
        undone = [outcome for _, outcome in self._own(records.UndoOutcome) if outcome.outcome == Outcome.DONE]
        taken_back = {undoing[outcome.intent] for outcome in undone}
        # A step with an unknown result may have happened; whether there is something to take back, the phone tells.
        maybe = (Outcome.DONE, Outcome.UNKNOWN)
        done = {outcome.intent for _, outcome in self._own(records.RemovalOutcome) if outcome.outcome in maybe}
        found: list[Undoable] = []
        last_visit = None
        for entry, removal in self._own(records.RemovalIntended):
            if entry.seq not in done or entry.seq in taken_back:
                continue
            product = self._product(removal)
            names = (removal.package, product.en, product.fr)
            if app and app.casefold() not in map(str.casefold, names):
                continue
            if not app and last_visit not in (None, entry.visit):
                break
            step = self._back(removal, product)
            if step is not None and not (self.last_check and is_back(step, self.last_check)):
                last_visit = entry.visit
                found.append(Undoable(entry.seq, step, self._is_there(step)))
        return tuple(found)

    def undo(self, undoable: Sequence[Undoable], cancel: Cancel) -> Undone:
        """Take steps back where that is possible, and check the phone again.

        Raises LeftThePhone if it is possible for none, PhoneProblem, Cancelled, LedgerProblem.
        """
        possible = [item for item in undoable if item.possible]
        if undoable and not possible:
            names = {item.step.package: str(item.step.name) for item in undoable}
            raise LeftThePhone(", ".join(names.values()))
        with self._on_one_phone():
            answers = self._taken_back(possible, cancel)
            return Undone(tuple(answers), self.check(cancel))

    def _taken_back(self, possible: Sequence[Undoable], cancel: Cancel) -> list[tuple[Step, Answer]]:
        answers = []
        for item in possible:
            cancel.check()
            step = item.step
            intent = self._write(records.UndoIntended(step.act, step.package, step.profile, item.removal)).seq
            try:
                self._listener(StepBegins(step))
                answer = self._driver.perform(step, cancel)
            except BaseException as stopped:  # whatever it was: the record must not stay without an outcome
                self._came_back(intent, cut_short(stopped))
                raise
            self._came_back(intent, answer)
            self._listener(StepEnds(step, answer))
            answers.append((step, answer))
        return answers

    def close(self) -> None:
        """Let go of the phone."""
        self._driver.close()

    def _glimpse(self, inventory: Inventory, findings: tuple[Finding, ...]) -> None:
        self._listener(Glimpse(inventory.phone, self._excepted(findings, inventory.phone)))

    def _so_far(self, check: Check) -> None:
        self._listener(SoFar(replace(check, findings=self._excepted(check.findings, check.inventory.phone))))

    def _excepted(self, findings: tuple[Finding, ...], phone: Phone) -> tuple[Finding, ...]:
        if not self._grants or not findings:
            return findings
        day = granted_exceptions.today(self._ledger)
        return exceptions.apply(findings, phone, self._labels, self._grants, self._policy, day)

    def _came_back(self, intent: int, answer: Answer) -> None:
        """What the phone said to an undoing step."""
        try:
            self._write(
                records.UndoOutcome(intent=intent, outcome=answer.outcome, answer=answer.text, means=answer.means)
            )
        except LedgerProblem as problem:
            self._ledger.give_up(intent)
            raise OutcomeNotRecorded(problem) from problem

    @contextlib.contextmanager
    def _on_one_phone(self) -> Iterator[None]:
        """That another phone answered is on record, wherever it is noticed."""
        try:
            yield
        except OtherPhone as problem:
            self._tell_of(problem)
            raise

    def _tell_of(self, stopped: BaseException) -> None:
        """Put on record why something was stopped, once."""
        if stopped is not self._told:
            self._write(_problem(stopped))
            self._told = stopped

    def _write(self, record: records.Record) -> Entry:
        return self._ledger.append(
            record, visit=self.number, policy=self._policy, phone=self._phone, labels=self._labels
        )

    def _settle(self, check: Check) -> None:
        """Steps that a crash left without an outcome: what the phone has now is their outcome."""
        for entry in self._ledger.open_intents():
            if not self._is_this_phone(entry):
                continue
            step = entry.record
            if not isinstance(step, records.StepIntended):
                continue
            app = check.inventory.app(step.package)
            state = app.state(step.profile) if app and step.profile is not None else None
            there = state is not None and state.there
            if entry.seq in self._ledger.given_up:
                means = (
                    T("What the phone said could not be written down; checked again, the app is still there.")
                    if there
                    else T("What the phone said could not be written down; checked again, the app is not there.")
                )
            else:
                means = (
                    T("Fanion had stopped before the phone answered; checked again, the app is still there.")
                    if there
                    else T("Fanion had stopped before the phone answered; checked again, the app is not there.")
                )
            kind = records.RemovalOutcome if isinstance(step, records.RemovalIntended) else records.UndoOutcome
            self._write(kind(intent=entry.seq, outcome=Outcome.UNKNOWN, answer="", means=means))

    def _own(self, kind: type[_R]) -> Sequence[tuple[Entry, _R]]:
        """This phone's records of a kind, the newest first, as far back as anyone would undo something."""
        if self._phone is None:
            return []
        device = self._phone.maker, self._phone.model
        entries = self._ledger.newest(_LOOK_BACK, kind=kind.kind, device=device)
        return [(e, e.record) for e in entries if isinstance(e.record, kind) and self._is_this_phone(e)]

    def _is_this_phone(self, entry: Entry) -> bool:
        """Whether a record is certainly of this phone: of this visit, which is one phone's, or by what names one."""
        if self._phone is None:
            return False
        mine, theirs = _described(self._phone), _recorded(entry)
        return mine == theirs if entry.visit == self.number else is_same(mine, theirs)

    def _product(self, removal: records.RemovalIntended) -> Bilingual:
        """What the app of a removal is called; its finding has the name."""
        entry = self._ledger.entry(removal.finding)
        product = entry.record.product if entry and isinstance(entry.record, records.AppFound) else None
        return product or Bilingual(removal.package, removal.package)

    def _is_there(self, step: Step) -> bool:
        """Whether the phone still has the package, be it only for another profile or as a part of its system."""
        return self.last_check is not None and self.last_check.inventory.app(step.package) is not None

    def _back(self, removal: records.RemovalIntended, product: Bilingual) -> Step | None:
        id = removal.profile or 0
        known = self.last_check.inventory.profile(id) if self.last_check else None
        profile = known or Profile(id, "", ProfileKind.OTHER)
        return self._driver.undo(Step(removal.act, removal.package, id, product, T("Undo")), profile)


def _recorded(entry: Entry) -> tuple[str, str, str]:
    """Maker, model and serial number of a record's phone."""
    if (device := entry.device) is None:
        return "", "", ""
    return device.maker, device.model, (device.serial.value or "") if device.serial is not None else ""


def _described(phone: Phone) -> tuple[str, str, str]:
    return phone.maker, phone.model, phone.serial


def _key(finding: Finding) -> _Key:
    return finding.rule, finding.app.package, finding.profile.id


def is_back(step: Step, check: Check) -> bool:
    """Whether the app is in its profile and can be started: then there is nothing to take back."""
    app = check.inventory.app(step.package)
    state = app.state(step.profile) if app else None
    return state is not None and state.installed and not state.off


def _problem(stopped: BaseException) -> records.ProblemMet:
    if isinstance(stopped, Problem):
        return records.ProblemMet.of(stopped)
    return records.ProblemMet(
        code="cancelled", sentence=T("The officer cancelled."), next_step=T("Check the phone again.")
    )
