"""The records of one visit, and the sending of its steps: each is on record before its command is sent, and what the
phone said after it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from core.describe.app_evidence import of_app
from core.jobs import WAITING, Cancel
from core.ledger import records
from core.ledger.problems import LedgerProblem
from core.ledger.records import Entry
from core.model import AppEvidence, Cancelled, Check, Finding, Labels, Phone, Policy, Problem
from core.model.visit_state import Ban
from core.phones.driver import Answer, Driver, Outcome, PhoneProblem, Step, Unplugged, WrongPhone
from core.same_phone import is_same
from core.system.support import support_log
from core.text import T, Text, one_line
from core.visit.events import Listener, StepBegins, StepEnds
from core.visit.hand_back import Departure, HandBackResult

if TYPE_CHECKING:  # SQLite and the keys are loaded with the log itself
    from core.ledger.writer import Ledger

#: Findings of one check that get a record each, the worst first; how many there were is always on record. A phone that
#: claims to have more wants to fill the log.
FINDINGS_LIMIT: Final = 1_000
#: Records of one kind that are searched for those of this phone.
_LOOK_BACK: Final = 5000

#: What is known of a step without an outcome: by whether the phone's answer could not be written down, and whether the
#: app is there now; None where a check cannot tell.
_MEANS: Final = {
    (True, True): T("The phone’s answer could not be recorded. A new check shows: the app is still there."),
    (True, False): T("The phone’s answer could not be recorded. A new check shows: the app is not there."),
    (False, True): T("Fanion had stopped before the phone answered. A new check shows: the app is still there."),
    (False, False): T("Fanion had stopped before the phone answered. A new check shows: the app is not there."),
    (True, None): T("The phone’s answer could not be recorded. A new check cannot tell whether the app is there."),
    (False, None): T("Fanion had stopped before the phone answered. A new check cannot tell whether the app is there."),
}
#: Characters of the names of files in a sentence.
_NAMES: Final = 200
#: What names a finding, from one check of a phone to the next: rule, package and profile.
FindingKey: TypeAlias = tuple[str, str, int]
_R = TypeVar("_R", bound=records.Record)


class OutcomeNotRecorded(LedgerProblem):
    """A step was sent to the phone, and then the ledger could not be written."""

    code = "outcome-not-recorded"

    def __init__(self, problem: LedgerProblem) -> None:
        super().__init__(
            T("A step was sent to the phone, but its result could not be recorded. {why}", why=problem.sentence),
            T("{remedy} Then check this phone again.", remedy=problem.next_step),
            problem.detail,
        )


@dataclass(slots=True)
class Heading:
    """What every record of a visit says of its phone: by which number they belong together, what the department calls
    it, and which phone it is, once that is known; and what was tried about each finding, with what the phone said.

    `alone` is whether no other phone at the desk was seen to have its serial number."""

    number: str
    labels: Labels
    phone: Phone | None = None
    alone: bool = True
    #: The visit's records so far, the oldest first.
    entries: list[Entry] = field(default_factory=list)
    tried: dict[FindingKey, list[tuple[Step, Answer]]] = field(default_factory=dict)
    #: What the visit's checks found, each as it was found last, with its record.
    findings: dict[FindingKey, tuple[Finding, int]] = field(default_factory=dict)
    #: The apps of which it is on record what was there, and whether copies of their files were asked for; see
    #: :func:`_evidence_key`.
    evidence: dict[tuple[object, ...], bool] = field(default_factory=dict)


class Journal:
    """Writes the records of a visit, sends each step between its two records, and finds the earlier records of its
    phone. Everything here raises LedgerProblem where the log cannot be written durably or read."""

    def __init__(self, ledger: Ledger, heading: Heading, policy: Policy) -> None:
        """`heading` is the visit's own: what it learns of its phone later, the next record says."""
        self.ledger = ledger
        #: By which the phone is judged.
        self.policy = policy
        self._heading = heading
        #: The records of the last check's findings.
        self._finding_seqs: dict[FindingKey, int] = {}
        #: The problem that was put on record last.
        self._recorded_problem: BaseException | None = None

    def write(self, record: records.Record, *, seal: bool = False) -> Entry:
        return self._write([record], seal=seal)[0]

    def _write(self, all_: Sequence[records.Record], *, seal: bool) -> tuple[Entry, ...]:
        about = self._heading
        return self._append(all_, about.phone, about.labels, seal=seal)

    def _append(
        self, all_: Sequence[records.Record], phone: Phone | None, labels: Labels, *, seal: bool = False
    ) -> tuple[Entry, ...]:
        """Write records of this visit. A disk takes its time to have them for certain: other phones are read then."""
        number = self._heading.number
        with WAITING:
            entries = self.ledger.append_all(
                all_, visit=number, policy=self.policy, phone=phone, labels=labels, seal=seal
            )
        self._heading.entries += entries
        return entries

    def record_check(self, check: Check, driver: Driver, phone_records: Sequence[records.Record]) -> Entry:
        """Put what a check found on record, after `phone_records`, and seal it. Returns the last record."""
        findings = check.findings[:FINDINGS_LIMIT]
        finding_records = [records.AppFound.of(f, self._by_hand(f, check, driver)) for f in findings]
        entries = self._write([*phone_records, *finding_records, records.CheckEnded.of(check)], seal=True)
        self._finding_seqs = {
            finding_key(f): e.seq for f, e in zip(findings, entries[len(phone_records) :], strict=False)
        }
        self._heading.findings |= {finding_key(f): (f, self._finding_seqs[finding_key(f)]) for f in findings}
        return entries[-1]

    def record_bans_seen(self, findings: Sequence[Finding], phone: Phone) -> None:
        """Put on record what `phone` has shown of banned apps, while its check goes on. It has the labels of the visit
        where it is known to be the phone that they were said of."""
        about = self._heading
        labels = about.labels if about.phone is not None else Labels()
        self._append([records.BansSeen.of(findings)], phone, labels)

    def _by_hand(self, finding: Finding, check: Check, driver: Driver) -> Text | None:
        """What the officer does on the phone itself about a ban that is there, after what was tried in this visit."""
        if not finding.is_ban or finding.contained or finding.excepted is not None:
            return None
        return driver.by_hand(finding, check.inventory, self.tried(finding))

    def note_tried(self, finding: Finding, step: Step, answer: Answer) -> None:
        """Remember for the next check what the phone said to a step about `finding`."""
        self._heading.tried.setdefault(finding_key(finding), []).append((step, answer))

    def forget_tried(self, back: Step) -> None:
        """What was tried about an app was taken back by the step `back`: all of it can be tried again."""
        for key in [key for key in self._heading.tried if key[1:] == (back.package, back.profile)]:
            del self._heading.tried[key]

    def tried(self, finding: Finding) -> Sequence[tuple[Step, Answer]]:
        """What was tried in this visit about `finding`, with what the phone said."""
        return tuple(self._heading.tried.get(finding_key(finding), ()))

    def record_labels(self, labels: Labels) -> Entry:
        """What the department calls the phone from now on. Where that cannot be written down, its labels stay."""
        before, self._heading.labels = self._heading.labels, labels
        try:
            return self.write(records.PhoneLabelled(), seal=True)
        except BaseException:
            self._heading.labels = before
            raise

    def has(self, finding: Finding) -> bool:
        """Whether the last check's record has this finding: only then something may be done about it."""
        return finding_key(finding) in self._finding_seqs

    def findings_of(self, bans: Iterable[Ban]) -> list[Finding]:
        """The findings of these bans, as the checks of the visit had them last."""
        keys = {(ban.rule, ban.package, ban.profile) for ban in bans}
        return [finding for key, (finding, _) in self._heading.findings.items() if key in keys]

    def record_problem(self, stopped: BaseException) -> None:
        """Put on record why something was stopped, once."""
        if stopped is not self._recorded_problem:
            self.write(_problem(stopped))
            self._recorded_problem = stopped

    def record_intent(self, finding: Finding, step: Step, owner_facts: tuple[bool, bool | None] | None = None) -> Entry:
        """`step` is about to be taken because of `finding`.

        `owner_facts`, where it is known: whether the owner loses what is in the app, and whether the owner was told so.
        """
        finding_seq = self._finding_seqs[finding_key(finding)]
        return self.write(
            records.RemovalIntended(step.act, step.package, step.profile, finding_seq, *(owner_facts or ()))
        )

    def has_evidence(self, finding: Finding, *, copies: bool = False) -> bool:
        """Whether it is on record in this visit what was there of the app of `finding`, as it is now; with `copies`,
        after its files were copied as far as there are any."""
        copied = self._heading.evidence.get(_evidence_key(finding))
        return copied is not None and (copied or not copies)

    def record_evidence(self, finding: Finding, evidence: AppEvidence, *, copies: bool = False) -> Entry:
        """Put on record what is there of the app of `finding`, before anything is done to it; sealed where it refers to
        `copies`. Where the phone told other fingerprints of the same files earlier in the visit, the record says so."""
        key = _evidence_key(finding)
        if key in self._heading.evidence and (names := _otherwise(self._heading.entries, evidence)):
            evidence = replace(
                evidence,
                missing=(
                    *evidence.missing,
                    T("The phone had told another fingerprint before than was read here now: {names}", names=names),
                ),
            )
        record = records.EvidenceTaken.of(evidence, self._finding_seqs[finding_key(finding)])
        entry = self.write(record, seal=copies)
        self._heading.evidence[key] = copies
        return entry

    def record_undo_intent(self, step: Step, removal: int) -> Entry:
        """`step` is about to take back what the record `removal` announced."""
        return self.write(records.UndoIntended(step.act, step.package, step.profile, removal))

    def record_outcome(self, intent: Entry, answer: Answer) -> None:
        """What the phone said to the step that `intent` announced. Raises OutcomeNotRecorded."""
        removing = intent.kind == records.Kind.REMOVAL_INTENDED
        support_log.info("removal.step" if removing else "undo.step", outcome=answer.outcome)
        try:
            self.write(_outcome(intent, answer))
        except LedgerProblem as problem:
            self.ledger.give_up(intent.seq)
            raise OutcomeNotRecorded(problem) from problem

    def take(self, step: Step, intent: Entry, driver: Driver, listener: Listener, cancel: Cancel) -> Answer:
        """Take the step that `intent` announced; its outcome is on record however this ends.

        Raises PhoneProblem, Cancelled, OutcomeNotRecorded.
        """
        try:
            listener(StepBegins(step))
            answer = driver.perform(step, cancel)
        except BaseException as stopped:
            self.record_outcome(intent, _cut_short(stopped))
            raise
        self.record_outcome(intent, answer)
        listener(StepEnds(step, answer))
        return answer

    def record_looked_for(self, finding: Finding, *, is_there: bool) -> None:
        """What a quick look saw of the app of `finding`."""
        profile, (_, finding_seq) = finding.profile.id, self._heading.findings[finding_key(finding)]
        self.write(records.LookedFor(there=is_there, package=finding.app.package, profile=profile, finding=finding_seq))

    def hand_back(self, announced: records.HandBackIntended, driver: Driver | None, cancel: Cancel) -> HandBackResult:
        """Announce that the phone is handed back, let it go, and put on record what is known of that; sealed.

        Without `driver` it could not be reached any more. Raises LedgerProblem (then nothing was asked of the phone),
        OutcomeNotRecorded; WrongPhone and Cancelled after what was known until then is on record.
        """
        intent = self.write(announced)
        departure = Departure()
        stopped: BaseException | None = None
        try:
            if driver is None:
                raise Unplugged
            departure.run(driver, cancel, keep_debugging=announced.keeps_debugging)
        except WrongPhone as wrong_phone:
            stopped = wrong_phone
            departure.not_reached()
        except PhoneProblem as problem:
            departure.problem = problem
        except BaseException as broken:
            stopped = broken
        record = departure.record(intent.seq, _why(stopped or departure.problem))
        try:
            entry = self.write(record, seal=True)
        except LedgerProblem as problem:
            raise OutcomeNotRecorded(problem) from (stopped or problem)
        if stopped is not None:
            raise stopped
        return HandBackResult(intent, entry, record, departure.problem)

    def settle(self, check: Check) -> None:
        """Steps that a crash left without an outcome: what the phone has now is their outcome."""
        for entry in self.ledger.open_intents():
            if not self._is_this_phone(entry):
                continue
            step = entry.record
            if not isinstance(step, records.StepIntended):
                continue
            means = _MEANS[entry.seq in self.ledger.given_up, _is_there(step, check)]
            self.write(_outcome(entry, Answer(Outcome.UNKNOWN, "", means)))

    def own(self, kind: type[_R]) -> Sequence[tuple[Entry, _R]]:
        """This phone's records of a kind, the newest first, as far back as a removal would be undone."""
        phone = self._heading.phone
        if phone is None:
            return []
        newest = self.ledger.newest(_LOOK_BACK, kind=kind.kind, device=(phone.maker, phone.model))
        return [(e, e.record) for e in newest if isinstance(e.record, kind) and self._is_this_phone(e)]

    def _is_this_phone(self, entry: Entry) -> bool:
        """Whether a record is certainly of this phone: of this visit, which is one phone's, or by what names one."""
        if self._heading.phone is None:
            return False
        mine, theirs = described(self._heading.phone), _recorded(entry)
        if entry.visit == self._heading.number:
            return mine == theirs
        return self._heading.alone and is_same(mine, theirs)


def _is_there(step: records.StepIntended, check: Check) -> bool | None:
    """Whether the app of a step is in its profile, by a reading; None where that did not see all of the profile."""
    app = check.inventory.app(step.package)
    state = app.state(step.profile) if app and step.profile is not None else None
    if state is not None and state.present:
        return True
    profile = check.inventory.profile(step.profile) if step.profile is not None else None
    unseen = profile is None or any(gap.profile in (None, profile.id) for gap in check.inventory.gaps)
    return None if unseen else False


def described(phone: Phone) -> tuple[str, str, str]:
    """Maker, model and serial number of a phone."""
    return phone.maker, phone.model, phone.serial


def record_refusal(ledger: Ledger, policy: Policy, problem: WrongPhone) -> None:
    """Put on record that a phone was refused before any visit of it had begun. Raises LedgerProblem."""
    Journal(ledger, Heading(secrets.token_hex(6), Labels()), policy).record_problem(problem)


def finding_key(finding: Finding) -> FindingKey:
    return finding.rule, finding.app.package, finding.profile.id


def _evidence_key(finding: Finding) -> tuple[object, ...]:
    """What names an app in a profile as it was installed or updated last."""
    app = finding.app
    return app.package, finding.profile.id, app.version_code, app.version_name, app.last_update


def _otherwise(entries: Sequence[Entry], evidence: AppEvidence) -> str:
    """The names of the files that the last record of the same app among `entries` has otherwise; empty for none."""
    earlier = of_app(entries, evidence.package, evidence.profile)
    if earlier is None or not isinstance(earlier.record, records.EvidenceTaken):
        return ""
    before, now = ({(f.name, f.sha256) for f in files} for files in (earlier.record.files, evidence.files))
    names = sorted({name for name, _ in before - now} & {name for name, _ in now - before})
    return one_line(", ".join(names), _NAMES)


def _recorded(entry: Entry) -> tuple[str, str, str]:
    """Maker, model and serial number of a record's phone."""
    if (device := entry.device) is None:
        return "", "", ""
    return device.maker, device.model, (device.serial.value or "") if device.serial is not None else ""


def _outcome(intent: Entry, answer: Answer) -> records.StepOutcome:
    """The record of what the phone said to the step that `intent` announced."""
    kind = records.RemovalOutcome if isinstance(intent.record, records.RemovalIntended) else records.UndoOutcome
    return kind(intent=intent.seq, outcome=answer.outcome, answer=answer.text, means=answer.means)


def _cut_short(stopped: BaseException) -> Answer:
    """What is known of a step during which `stopped` was raised: nothing, unless another phone was there."""
    if isinstance(stopped, WrongPhone):
        return Answer(Outcome.NOT_TAKEN, "", stopped.sentence)
    why = stopped.sentence if isinstance(stopped, PhoneProblem) else T("The step was cancelled while it was under way.")
    return Answer(Outcome.UNKNOWN, "", why)


def _why(stopped: BaseException | None) -> Text | None:
    """Why not more is known."""
    if isinstance(stopped, Problem):
        return stopped.sentence
    if isinstance(stopped, Cancelled):
        return T("The step was cancelled while it was under way.")
    return None if stopped is None else T("Fanion failed while the step was under way.")


def _problem(stopped: BaseException) -> records.ProblemMet:
    if isinstance(stopped, Problem):
        return records.ProblemMet.of(stopped)
    return records.ProblemMet(
        code="cancelled", sentence=T("The officer cancelled."), next_step=T("Check the phone again.")
    )
