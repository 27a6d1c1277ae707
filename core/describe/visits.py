"""One visit as its records tell it: which phone, how it came and how it went, and what was done between.

Made of whatever records a visit has, also of kinds that this module does not know: those are named by what they are
about. Nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from typing import Final

from core import describe, value_names
from core.describe import app_evidence, found_as, summary, verdicts
from core.ledger import records
from core.ledger.records import HOUSEKEEPING, CheckEnded, Entry, Kind, SeenBan
from core.model import Labels, Verdict
from core.model.visit_state import Ban, CheckFacts, Fate, Look, Since, VisitState
from core.phones.driver import SCREENS, OtherPhone, Outcome
from core.text import N, T, Text, Value, one_line

#: Products that are named in a row; of more, their number is.
_NAMED: Final = 3
#: Characters at the end of a serial number by which a phone is told on a desk.
_TAIL: Final = 4
#: Characters of a product's name in a row.
_NAME: Final = 40

#: What a visit has anyhow, or what is told in other words than those of its kind.
_TOLD: Final = frozenset(
    {
        *HOUSEKEEPING,
        *(Kind.PROGRAM_START, Kind.POLICY_LOADED, Kind.PHONE_SEEN, Kind.PHONE_LABELLED),
        *(Kind.CHECK_STARTED, Kind.BANS_SEEN, Kind.CHECK_ENDED, Kind.FINDING, Kind.PROBLEM),
        *(Kind.APP_EVIDENCE, Kind.REMOVAL_INTENDED, Kind.REMOVAL_OUTCOME, Kind.UNDO_INTENDED, Kind.UNDO_OUTCOME),
        *(Kind.LOOKED_FOR, Kind.HAND_BACK_INTENDED, Kind.HAND_BACK_FOLLOWED),  # each beside one that tells the result
    }
)
#: What is behind what happened: each beside a record that tells its result; and what the next check makes old.
_BESIDE: Final = frozenset(
    {
        *(Kind.PROGRAM_START, Kind.POLICY_LOADED, Kind.PHONE_SEEN, Kind.APP_EVIDENCE, Kind.HAND_BACK_FOLLOWED),
        *(Kind.CHECK_STARTED, Kind.BANS_SEEN, Kind.LOOKED_FOR),
    }
)
_UNTIL_CHECKED: Final = frozenset({Kind.CHECK_STARTED, Kind.BANS_SEEN, Kind.LOOKED_FOR})
#: Kinds that have a shorter word in a row than that of the kind.
_SHORT: Final[Mapping[str, Text]] = {Kind.HANDED_BACK: T("Handed back")}


#: What tells one finding of a visit from the others: see :attr:`core.ledger.records.AppFound.key`.
Key = tuple[str, str, int | None]


@dataclass(frozen=True)
class PastCheck:
    """A check of the visit that came to its end, and what it found."""

    entry: Entry
    ended: CheckEnded
    findings: tuple[records.AppFound, ...]

    @property
    def verdict(self) -> Verdict | None:
        return describe.verdict(self.entry)

    @cached_property
    def facts(self) -> CheckFacts:
        """The facts that decided its verdict."""
        return verdicts.facts_of(self.ended, self.findings)

    @property
    def words(self) -> Text:
        """What the check found, in two or three words, as on a pill."""
        return verdicts.check_pill(self.facts)


@dataclass(frozen=True)
class RecordedVisit:
    """A visit by its records, the oldest first; there is at least one."""

    entries: tuple[Entry, ...]

    @property
    def seq(self) -> int:
        """The number of its first record, by which it is known."""
        return self.entries[0].seq

    @property
    def last(self) -> int:
        """The number of its last record."""
        return self.entries[-1].seq

    @property
    def began(self) -> datetime:
        return self.entries[0].time

    @property
    def ended(self) -> datetime:
        return self.entries[-1].time

    @cached_property
    def about(self) -> Entry:
        """The record that knows most of the phone: the last that names one, else the first."""
        return next((entry for entry in reversed(self.entries) if entry.device is not None), self.entries[0])

    @property
    def phone(self) -> str:
        """What the phone is called; nothing where none was identified."""
        return describe.phone(self.about)

    @property
    def phone_with_model(self) -> str:
        return describe.phone_with_model(self.about)

    @property
    def labels(self) -> Labels:
        """What the department calls the phone, as it was said last and is not erased."""
        return describe.labels(self.about)

    @property
    def holder_or_tag(self) -> str:
        """The holder, or else the asset tag; nothing where neither was said, or both are erased."""
        return self.labels.holder or self.labels.tag

    @property
    def tail(self) -> str:
        """The last characters of the serial number; nothing where it is erased."""
        return describe.serial(self.about)[-_TAIL:]

    @cached_property
    def officers(self) -> tuple[str, ...]:
        """Who wrote its records, each once."""
        return tuple(dict.fromkeys(describe.officer(entry) for entry in self.entries))

    @cached_property
    def checks(self) -> tuple[PastCheck, ...]:
        """The checks that came to their end."""
        ended_checks: list[PastCheck] = []
        waiting: list[records.AppFound] = []
        for entry in self.entries:
            match entry.record:
                case records.AppFound() as app:
                    waiting.append(app)
                case CheckEnded() as ended:
                    ended_checks.append(PastCheck(entry, ended, tuple(waiting)))
                    waiting = []
                case records.CheckStarted():
                    waiting = []
        return tuple(ended_checks)

    @property
    def before(self) -> PastCheck | None:
        """The first check; None where the phone was never read."""
        return self.checks[0] if self.checks else None

    @property
    def after(self) -> PastCheck | None:
        """The last check; the same as `before` where there was but one."""
        return self.checks[-1] if self.checks else None

    @cached_property
    def attestation(self) -> Entry | None:
        """The record of an officer's own look at the phone after its last check."""
        since = self.after.entry.seq if self.after is not None else 0
        return next((e for e in reversed(self.entries) if e.kind == Kind.LOOKED and e.seq > since), None)

    @cached_property
    def cut_short(self) -> tuple[Entry, records.BansSeen] | None:
        """What the phone had shown of banned apps in a check of which no end is on record, after all that have one."""
        since = self.after.entry.seq if self.after is not None else 0
        later = ((e, e.record) for e in reversed(self.entries) if e.seq > since and not self._of_another(e))
        return next(((entry, record) for entry, record in later if isinstance(record, records.BansSeen)), None)

    def _of_another(self, entry: Entry) -> bool:
        """Whether a record is of another phone that answered in this visit: that was noticed and put on record after
        it, and what it had shown is on record in a visit of its own."""
        mine = describe.serial(self.after.entry) if self.after is not None else ""
        differs = bool(mine) and describe.serial(entry) not in ("", mine)
        later = (e.record for e in self.entries if e.seq > entry.seq)
        return differs and any(isinstance(r, records.ProblemMet) and r.code == OtherPhone.code for r in later)

    @cached_property
    def state(self) -> VisitState:
        """How the visit stands by its records."""
        return VisitState(
            last=self.after.facts if self.after is not None else None,
            bans=self._bans,
            open_bans=tuple(app.product or one_line(app.package, _NAME) for app in self.bans_seen),
            look=self._look,
            since=self._since,
        )

    @property
    def _look(self) -> Look | None:
        attestation = self.attestation.record if self.attestation is not None else None
        if not isinstance(attestation, records.Attestation):
            return None
        verdict = attestation.verdict if isinstance(attestation.verdict, Verdict) else None
        return Look(attestation.answer, verdict, attestation.products)

    @property
    def _since(self) -> Since:
        """What was begun after the last check that ended."""
        after = self.after.entry.seq if self.after is not None else 0
        later = [entry.record for entry in self.entries if entry.seq > after]
        if any(isinstance(record, records.StepIntended) and record.act not in SCREENS for record in later):
            return Since.CHANGE
        return Since.READING if any(isinstance(record, records.CheckStarted) for record in later) else Since.NOTHING

    @property
    def verdict(self) -> Verdict | None:
        """How the phone was left; None if not known."""
        return self.state.verdict

    @property
    def state_words(self) -> Text:
        """How the phone was left, in two or three words, as on a pill."""
        return verdicts.pill(self.state)

    @property
    def _bans(self) -> tuple[Ban, ...]:
        """Each banned app that made the phone red at one of its checks, and what became of it."""
        tried = {cause.key: fate for cause, fate in self._tried_fates}
        return tuple(
            Ban(
                app.rule,
                app.package,
                app.profile,
                app.product or one_line(app.package, _NAME),
                tried.get(key) or self._untried_fate(app),
            )
            for key, app in self._red.items()
        )

    @property
    def bans_left(self) -> tuple[records.AppFound, ...]:
        """The banned apps of its checks that its records do not show to be gone, each as it was found last."""
        fates = {(ban.rule, ban.package, ban.profile): ban.fate for ban in self._bans}
        left = (Fate.STILL_THERE, Fate.NOT_VERIFIED, Fate.UNKNOWN)
        return tuple(app for key, app in self._red.items() if fates[key] in left)

    @property
    def bans_seen(self) -> tuple[SeenBan, ...]:
        """The banned apps that the phone has shown in a check of which no end is on record, after all that have one."""
        return self.cut_short[1].apps if self.cut_short is not None else ()

    @cached_property
    def _red(self) -> Mapping[Key, records.AppFound]:
        """The banned apps that made the phone red at one of its checks, each as it was found last."""
        return {app.key: app for check in self.checks for app in check.findings if app.makes_red}

    def _untried_fate(self, app: records.AppFound) -> Fate:
        """What became of an app against which nothing was done that the phone called done: it may have been removed on
        the phone itself."""
        if (since := self._since_check(app)) is not None:
            return since
        if self.after is None or any(now.makes_red and now.key == app.key for now in self.after.findings):
            return Fate.STILL_THERE
        return self._fate(app, 0, said_done=True)

    @cached_property
    def _tried_fates(self) -> tuple[tuple[records.AppFound, Fate], ...]:
        """What became of each banned app about which a step was sent that the phone called done, or may have done."""
        findings = {e.seq: e.record for e in self.entries if isinstance(e.record, records.AppFound)}
        tried: dict[Key, tuple[records.AppFound, int, bool]] = {}
        for intent, step, answer in self._tried:
            cause = findings.get(step.finding)
            said_done = answer is not None and _is_done(answer)
            if cause is None or not (said_done or answer is None or _is_unknown(answer)):
                continue
            before = tried.get(cause.key)
            if said_done or before is None or not before[2]:
                tried[cause.key] = cause, intent, said_done
        return tuple(
            (cause, self._since_check(cause) or self._fate(cause, seq, said_done))
            for cause, seq, said_done in tried.values()
        )

    @cached_property
    def _tried(self) -> tuple[tuple[int, records.RemovalIntended, records.RemovalOutcome | None], ...]:
        """The steps that do something to an app, each with its number and what the phone said; None: nothing that is
        on record."""
        answers = {e.record.intent: e.record for e in self.entries if isinstance(e.record, records.RemovalOutcome)}
        return tuple(
            (e.seq, e.record, answers.get(e.seq))
            for e in self.entries
            if isinstance(e.record, records.RemovalIntended) and e.record.act not in SCREENS
        )

    def _fate(self, cause: records.AppFound, sent: int, said_done: bool) -> Fate:
        """By the last check, if it ended after the step `sent`. `said_done`: the phone said that the step was done."""
        last = self.after
        if last is None or last.entry.seq < sent:
            return Fate.NOT_VERIFIED if said_done else Fate.UNKNOWN
        # Also where another rule names it by now, as after a change of the policy.
        place = (cause.package, cause.profile)
        now = next((app for app in last.findings if (app.package, app.profile) == place), None)
        if now is not None:
            if now.excepted is not None:
                return Fate.EXCEPTED
            return Fate.SWITCHED_OFF if now.contained else Fate.STILL_THERE
        if wholly_read(last.ended, cause.profile):
            return Fate.REMOVED if said_done else Fate.GONE
        return Fate.NOT_VERIFIED if said_done else Fate.UNKNOWN

    def _since_check(self, app: records.AppFound) -> Fate | None:
        """What became of an app by quick looks and by undoing since the last check; None where neither tells."""
        fate = self._seen_since.get((app.package, app.profile))
        # Of an app that came with the phone, a quick look sees that it cannot be started.
        return Fate.SWITCHED_OFF if fate is Fate.GONE and app.system else fate

    @cached_property
    def _seen_since(self) -> Mapping[tuple[str, int | None], Fate]:
        """The same of each package in a profile, unless a step was sent against it afterwards."""
        answers = {e.record.intent: e.record for e in self.entries if isinstance(e.record, records.UndoOutcome)}
        fates: dict[tuple[str, int | None], Fate] = {}
        for entry in self.entries:
            match entry.record:
                case CheckEnded():
                    fates.clear()
                case records.LookedFor() as look:
                    fates[look.package, look.profile] = Fate.STILL_THERE if look.there else Fate.GONE
                case records.UndoIntended() as undo:
                    answer = answers.get(entry.seq)
                    if answer is None or _is_done(answer) or _is_unknown(answer):
                        fates[undo.package, undo.profile] = Fate.STILL_THERE
                case records.RemovalIntended() as step if step.act not in SCREENS:
                    fates.pop((step.package, step.profile), None)
        return fates

    @cached_property
    def excepted(self) -> tuple[records.AppFound, ...]:
        """The apps that an exception allowed at the last check."""
        return tuple(app for app in self.after.findings if app.excepted is not None) if self.after else ()

    @cached_property
    def other_kinds(self) -> tuple[str, ...]:
        """The kinds of its other records, each once: what a person said or did beside reading and removing."""
        return tuple(dict.fromkeys(e.kind for e in self.entries if e.kind not in _TOLD))

    @cached_property
    def actions(self) -> Value:
        """What was done, in one line."""
        parts: list[Value] = []
        gone, tried = (Fate.REMOVED, Fate.GONE), {_product(cause) for cause, _ in self._tried_fates}
        for fate in Fate:
            names = [name for name in self.state.products(fate) if fate in gone or name in tried]
            if names:
                parts.append(value_names.pair(verdicts.FATES[fate], _listed(names)))
        refused = self._refused()
        if refused:
            parts.append(N("{count} app refused", "{count} apps refused", refused))
        back = sum(isinstance(e.record, records.UndoOutcome) and e.record.outcome == Outcome.DONE for e in self.entries)
        if back:
            parts.append(N("{count} step undone", "{count} steps undone", back))
        if self.excepted:
            parts.append(N("{count} exception used", "{count} exceptions used", len(self.excepted)))
        parts += map(self._event_text, self.other_kinds)
        if not self.checks:
            problem = next((e.record for e in self.entries if isinstance(e.record, records.ProblemMet)), None)
            parts.append(problem.sentence if problem is not None else T("Check not finished"))
        elif not parts:
            parts.append(T("Read"))
        return reduce(lambda a, b: T("{a}; {b}", a=a, b=b), parts)

    def _event_text(self, kind: str) -> Value:
        if kind == Kind.LOOKED and self.attestation is not None:
            return T("Checked by hand by {officer}", officer=describe.officer(self.attestation))
        return _SHORT.get(kind) or describe.KINDS.get(kind, kind)

    def _refused(self) -> int:
        """Of how many packages in profiles a step was refused, and none was done, or may have been."""
        refused, possibly_done = set[tuple[str, int | None]](), set[tuple[str, int | None]]()
        for _, step, answer in self._tried:
            if answer is None or _is_done(answer) or _is_unknown(answer):
                possibly_done.add((step.package, step.profile))
            elif Outcome(answer.outcome).refused:
                refused.add((step.package, step.profile))
        return len(refused - possibly_done)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, in order and in the language in use, without what the log writes about itself."""
        findings = {e.seq: e.record for e in self.entries if isinstance(e.record, records.AppFound)}
        steps = {e.seq: e.record for e in self.entries if isinstance(e.record, records.StepIntended)}
        events: list[Event] = []
        again = False
        lost_products = self._products_lost
        for entry in self.entries:
            if products := lost_products.get(entry.seq):
                lost = value_names.listed(products)
                events.append(Event(entry, T("The holder was told: what is kept in {apps} is lost", apps=lost)))
            if entry.kind not in HOUSEKEEPING:
                events.append(Event(entry, _headline(entry, findings, steps, again), self._is_technical(entry)))
                again = again or isinstance(entry.record, CheckEnded)
        return tuple(events)

    def _is_technical(self, entry: Entry) -> bool:
        """Whether a record only leads to what happened: one that another tells the result of."""
        if isinstance(entry.record, records.StepIntended | records.HandBackIntended):
            return entry.seq in self._answered
        last = self.after.entry.seq if self.after is not None else 0
        return entry.kind in _BESIDE and (entry.kind not in _UNTIL_CHECKED or entry.seq < last)

    @cached_property
    def _answered(self) -> frozenset[int]:
        """The intents of which a result is on record, by number."""
        results = (e.record for e in self.entries)
        return frozenset(r.intent for r in results if isinstance(r, records.StepOutcome | records.HandedBack))

    @property
    def _products_lost(self) -> Mapping[int, Sequence[Value]]:
        """The products of which an officer said that the holder was told what is lost with them: by the first record of
        each removal that has that word."""
        findings = {e.seq: e.record for e in self.entries if isinstance(e.record, records.AppFound)}
        by_entry: dict[int, list[Value]] = {}
        first: int | None = None
        for entry in self.entries:
            if isinstance(entry.record, CheckEnded):
                first = None
            elif isinstance(entry.record, records.RemovalIntended) and entry.record.owner_told is True:
                first = entry.seq if first is None else first
                product, products = _app(entry.record, findings), by_entry.setdefault(first, [])
                products += [product] if product not in products else []
        return by_entry


def wholly_read(ended: CheckEnded, profile: int | None) -> bool:
    """Whether a check saw all of a profile: an app that it did not find there is not there."""
    return ended.unseen == len(ended.gaps) and not any(gap.profile in (None, profile) for gap in ended.gaps)


def _is_done(answer: records.StepOutcome) -> bool:
    return answer.outcome == Outcome.DONE


def _is_unknown(answer: records.StepOutcome) -> bool:
    """Whether it is not known what the phone did; nor is it by a word of a version that is newer than this one."""
    return answer.outcome == Outcome.UNKNOWN or answer.outcome not in list(Outcome)


@dataclass(frozen=True, slots=True)
class Event:
    """One record of a visit, what it says in a few words, and whether it only leads to what happened."""

    entry: Entry
    headline: Value
    technical: bool = False


def _headline(
    entry: Entry,
    findings: Mapping[int, records.AppFound],
    steps: Mapping[int, records.StepIntended],
    again: bool,
) -> Value:
    match entry.record:
        case CheckEnded() as ended:
            detail = verdicts.counted(ended) if isinstance(ended.verdict, Verdict) else ended.verdict
            return value_names.pair(T("Checked again") if again else T("Checked"), detail)
        case records.AppFound() as app:
            return value_names.pair(found_as(app), _product(app))
        case records.EvidenceTaken() as evidence:
            cause = findings.get(evidence.finding)
            product = _product(cause) if cause is not None else one_line(evidence.package, _NAME)
            return T("{app} before removal: {evidence}", app=product, evidence=app_evidence.line(evidence))
        case records.StepIntended() as step:
            return value_names.pair(_app(step, findings), value_names.ACTS.get(step.act, step.act))
        case records.StepOutcome() as answer:
            announced = steps.get(answer.intent)
            return value_names.pair(_app(announced, findings), answer.means) if announced is not None else answer.means
        case records.ProblemMet(sentence=sentence):
            return sentence
    detail = summary(entry)
    return value_names.pair(describe.kind(entry), detail) if detail else describe.kind(entry)


def _app(step: records.StepIntended, findings: Mapping[int, records.AppFound]) -> Value:
    cause = findings.get(step.finding) if isinstance(step, records.RemovalIntended) else None
    return _product(cause) if cause is not None else one_line(step.package, _NAME)


def _product(app: records.AppFound) -> Value:
    return app.product or one_line(app.package, _NAME)


def _products(findings: Sequence[records.AppFound]) -> Value:
    """The products of findings by name; where there are many, how many."""
    return _listed(list(dict.fromkeys(_product(app) for app in findings)))


def _listed(names: Sequence[Value]) -> Value:
    if len(names) > _NAMED:
        return N("{count} app", "{count} apps", len(names))
    return reduce(lambda a, b: T("{a}, {b}", a=a, b=b), names)
