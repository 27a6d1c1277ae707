"""One visit as its records tell it: which phone, how it came and how it went, and what was done between.

Made of whatever records a visit has, also of kinds that this module does not know: those are named by what they are
about. Nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, reduce
from typing import Final

from core import describe, value_names
from core.describe import counted, found_as, summary
from core.ledger import records
from core.ledger.records import HOUSEKEEPING, CheckEnded, Entry, Kind
from core.model import Attested, Labels, Strength, Verdict
from core.phones.driver import SCREENS, Outcome
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
        *(Kind.REMOVAL_INTENDED, Kind.REMOVAL_OUTCOME, Kind.UNDO_INTENDED, Kind.UNDO_OUTCOME),
        *(Kind.LOOKED_FOR, Kind.HAND_BACK_INTENDED, Kind.HAND_BACK_FOLLOWED),  # each beside one that tells the result
    }
)
#: Kinds that have a shorter word in a row than that of the kind.
_SHORT: Final[Mapping[str, Text]] = {Kind.HANDED_BACK: T("Handed back")}


class Fate(StrEnum):
    """What became of a banned app in a visit in which its removal was tried, by the last check of the visit."""

    REMOVED = "removed"
    SWITCHED_OFF = "switched-off"
    STILL_THERE = "still-there"
    #: The phone said that it was done, and no check of all that matters was made afterwards.
    NOT_VERIFIED = "not-verified"
    #: What the phone did is not known: it went away, or said nothing that is known.
    UNKNOWN = "unknown"


_FATES: Final[Mapping[Fate, Text]] = {
    Fate.REMOVED: T("Removed"),
    Fate.SWITCHED_OFF: T("Switched off"),
    Fate.STILL_THERE: T("Still there"),
    Fate.NOT_VERIFIED: T("Removed, but not read again"),
    Fate.UNKNOWN: T("Result not known"),
}

#: What tells one finding of a visit from the others: see :attr:`core.ledger.records.AppFound.key`.
Key = tuple[str, str, int | None]


@dataclass(frozen=True, slots=True)
class PastCheck:
    """A check of the visit that came to its end, and what it found."""

    entry: Entry
    ended: CheckEnded
    findings: tuple[records.AppFound, ...]

    @property
    def verdict(self) -> Verdict | None:
        return describe.verdict(self.entry)

    @property
    def words(self) -> Text:
        """The verdict in two words, as on a pill."""
        ended = self.ended
        match self.verdict:
            case Verdict.RED:
                return N("{count} banned", "{count} banned", ended.banned)
            case Verdict.GREEN:
                return value_names.VERDICTS[Verdict.GREEN]
            case Verdict.AMBER if ended.suspected:
                return N("{count} suspected", "{count} suspected", ended.suspected)
            case Verdict.AMBER if ended.unseen:
                return T("Not all seen")
            case Verdict.AMBER if ended.excepted:
                return T("Excepted")
            case Verdict.AMBER:
                return T("Switched off")
        return T("Not known")


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
        checks: list[PastCheck] = []
        waiting: list[records.AppFound] = []
        for entry in self.entries:
            match entry.record:
                case records.AppFound() as app:
                    waiting.append(app)
                case CheckEnded() as ended:
                    checks.append(PastCheck(entry, ended, tuple(waiting)))
                    waiting = []
                case records.CheckStarted():
                    waiting = []
        return tuple(checks)

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
        later_records = ((e, e.record) for e in reversed(self.entries) if e.seq > since)
        return next(((entry, record) for entry, record in later_records if isinstance(record, records.BansSeen)), None)

    @cached_property
    def verdict(self) -> Verdict | None:
        """How the phone was left: by the last check, or by what an officer saw on it afterwards; None if not known. Red
        where a later check had shown a banned app and has no end."""
        if self.cut_short is not None:
            return Verdict.RED
        look = self.attestation.record if self.attestation is not None else None
        if isinstance(look, records.Attestation) and isinstance(look.verdict, Verdict):
            return look.verdict
        return self.after.verdict if self.after is not None else None

    @property
    def state_words(self) -> Text:
        """The state in which the phone was left, in two words, as on a pill."""
        if self.cut_short is not None:
            return T("Banned app seen")
        look = self.attestation.record if self.attestation is not None else None
        if isinstance(look, records.Attestation):
            if look.answer == Attested.APP_SEEN:
                return T("Banned app seen")
            # A phone that is red, or that not all was shown of, is left as its check found it.
            if look.answer != Attested.DECLINED and self.verdict is not Verdict.RED:
                return T("Looked at")
        return self.after.words if self.after is not None else T("Not read")

    @cached_property
    def fates(self) -> tuple[tuple[records.AppFound, Fate], ...]:
        """What became of each banned app about which a step was sent that the phone called done, or may have done."""
        apps = {e.seq: e.record for e in self.entries if isinstance(e.record, records.AppFound)}
        tried: dict[Key, tuple[records.AppFound, int, bool]] = {}
        for intent, step, answer in self._tried:
            cause = apps.get(step.finding)
            is_known = answer is not None and _is_done(answer)
            if cause is None or not (is_known or answer is None or _is_unknown(answer)):
                continue
            before = tried.get(cause.key)
            if is_known or before is None or not before[2]:
                tried[cause.key] = cause, intent, is_known
        return tuple((cause, self._fate(cause, seq, is_known)) for cause, seq, is_known in tried.values())

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

    def _fate(self, cause: records.AppFound, sent: int, is_known: bool) -> Fate:
        """By the last check, if it ended after the step `sent`. `is_known`: the phone said that the step was done."""
        last = self.after
        if last is None or last.entry.seq < sent:
            return Fate.NOT_VERIFIED if is_known else Fate.UNKNOWN
        # Also where another rule names it by now, as after a change of the policy.
        place = (cause.package, cause.profile)
        now = next((app for app in last.findings if (app.package, app.profile) == place), None)
        if now is not None:
            return Fate.SWITCHED_OFF if now.contained else Fate.STILL_THERE
        if not is_known:
            return Fate.UNKNOWN
        whole = last.ended.unseen == len(last.ended.gaps)
        is_gone = whole and not any(gap.profile in (None, cause.profile) for gap in last.ended.gaps)
        return Fate.REMOVED if is_gone else Fate.NOT_VERIFIED

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
        for fate in Fate:
            causes = [cause for cause, became in self.fates if became is fate]
            if causes:
                parts.append(value_names.pair(_FATES[fate], _products(causes)))
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
            parts.append(problem.sentence if problem is not None else T("Not read to the end"))
        elif not parts:
            parts.append(T("Read"))
        return reduce(lambda a, b: T("{a}; {b}", a=a, b=b), parts)

    def _event_text(self, kind: str) -> Value:
        if kind == Kind.LOOKED and self.attestation is not None:
            return T("Looked at by {officer}", officer=describe.officer(self.attestation))
        return _SHORT.get(kind) or describe.KINDS.get(kind, kind)

    def _refused(self) -> int:
        """The number of packages in profiles of which a step was refused, and none was done or may have been done."""
        refused, handled = set[tuple[str, int | None]](), set[tuple[str, int | None]]()
        for _, step, answer in self._tried:
            if answer is None or _is_done(answer) or _is_unknown(answer):
                handled.add((step.package, step.profile))
            elif Outcome(answer.outcome).refused:
                refused.add((step.package, step.profile))
        return len(refused - handled)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, in order and in the language in use, without what the log writes about itself."""
        apps = {e.seq: e.record for e in self.entries if isinstance(e.record, records.AppFound)}
        steps = {e.seq: e.record for e in self.entries if isinstance(e.record, records.StepIntended)}
        events: list[Event] = []
        again = False
        for entry in self.entries:
            if entry.kind not in HOUSEKEEPING:
                events.append(Event(entry, _headline(entry, apps, steps, again)))
                again = again or isinstance(entry.record, CheckEnded)
        return tuple(events)


def _is_done(answer: records.StepOutcome) -> bool:
    return answer.outcome == Outcome.DONE


def _is_unknown(answer: records.StepOutcome) -> bool:
    """Whether it is not known what the phone did; nor is it by a word of a version that is newer than this one."""
    return answer.outcome == Outcome.UNKNOWN or answer.outcome not in list(Outcome)


@dataclass(frozen=True, slots=True)
class Event:
    """One record of a visit, and what it says in a few words."""

    entry: Entry
    headline: Value


def _headline(
    entry: Entry,
    apps: Mapping[int, records.AppFound],
    steps: Mapping[int, records.StepIntended],
    again: bool,
) -> Value:
    match entry.record:
        case CheckEnded() as ended:
            text = counted(ended) if isinstance(ended.verdict, Verdict) else ended.verdict
            return value_names.pair(T("Read again") if again else T("Read"), text)
        case records.AppFound() as app:
            return value_names.pair(found_as(app), _product(app))
        case records.StepIntended() as step:
            return value_names.pair(_app(step, apps), value_names.ACTS.get(step.act, step.act))
        case records.StepOutcome() as answer:
            announced = steps.get(answer.intent)
            return value_names.pair(_app(announced, apps), answer.means) if announced is not None else answer.means
        case records.ProblemMet(sentence=sentence):
            return sentence
    text = summary(entry)
    return value_names.pair(describe.kind(entry), text) if text else describe.kind(entry)


def _app(step: records.StepIntended, apps: Mapping[int, records.AppFound]) -> Value:
    cause = apps.get(step.finding) if isinstance(step, records.RemovalIntended) else None
    return _product(cause) if cause is not None else one_line(step.package, _NAME)


def _product(app: records.AppFound) -> Value:
    return app.product or one_line(app.package, _NAME)


def _products(apps: Sequence[records.AppFound]) -> Value:
    """The products of findings by name; where there are many, how many."""
    names = list(dict.fromkeys(_product(app) for app in apps))
    if len(names) > _NAMED:
        return N("{count} app", "{count} apps", len(names))
    return reduce(lambda a, b: T("{a}, {b}", a=a, b=b), names)


def bans_in(check: PastCheck) -> tuple[records.AppFound, ...]:
    """The banned apps of a check that no exception allows and that were not switched off for good."""
    return tuple(
        app
        for app in check.findings
        if app.strength is Strength.BAN and app.is_ban and app.excepted is None and not app.contained
    )
