"""What the log says of one check, and of what came before it in the same visit, as a page tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any, Final, Protocol, TypeAlias

from core import describe, value_names
from core.describe import app_evidence, verdicts
from core.describe import visit as described_visit
from core.describe.visits import RecordedVisit, wholly_read
from core.ledger import records
from core.ledger.records import Entry
from core.ledger.records.check import OFF, SUSPENDED
from core.ledger.records.removal import OUTCOMES
from core.ledger.records.sentences import NO_SENTENCE
from core.model import EvidenceKind, Match, Profile, ProfileKind, platforms
from core.model.visit_state import Fate, VisitState
from core.phones.driver import Outcome
from core.phones.removal_plan import Result, way_by_hand
from core.policy.wording import excepted_words
from core.reports.page import Said, printable, say
from core.text import Bilingual, Language, N, T, Text, Value, one_line

Row: TypeAlias = dict[str, Any]

#: Program starts that are looked through for the one of a record's own run.
_STARTS: Final = 200
#: Characters of one sentence; items that have the same way to see them and are told together.
_SENTENCE: Final = 400
_TOGETHER: Final = 6
#: Characters of an app's name in a step, and in what is done by hand.
_NAME: Final = 40
_TYPED_NAME: Final = 60
#: A typewriter's apostrophe: records keep the words of the version that wrote them.
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)")


class CheckRecords(Protocol):
    """What a page of one check asks of the log. May raise LedgerProblem."""

    def of_visit(self, visit: str) -> Sequence[Entry]:
        """All records of one visit, the oldest first."""

    def entries_numbered(self, numbers: Sequence[int]) -> Sequence[Entry]:
        """The records with these numbers; those that are not there are left out."""

    def newest(self, limit: int, before: int | None = None, kind: records.Kind | None = None) -> Sequence[Entry]:
        """The last records of a kind, the newest first: those numbered below `before`."""


@dataclass(frozen=True, slots=True)
class Story:
    """One check and its visit up to then, the oldest record first. `findings` are those of each of its checks.

    `after` is what the visit has about this check since: that an officer looked on the phone, and its handing back.
    """

    check: Entry
    ended: records.CheckEnded
    before: tuple[Entry, ...]
    findings: Mapping[int, tuple[records.AppFound, ...]]
    #: Findings and steps of earlier visits that this one builds on, by number.
    earlier: Mapping[int, Entry]
    after: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, ledger: CheckRecords, check: Entry, ended: records.CheckEnded) -> Story:
        """The story of the check whose end is `ended`, as the log has it. Raises LedgerProblem."""
        visit = tuple(ledger.of_visit(check.visit)) if check.visit else (check,)
        upto = tuple(e for e in visit if e.seq <= check.seq)
        findings = {past.entry.seq: past.findings for past in RecordedVisit(upto).checks}
        after = tuple(e for e in visit if e.seq > check.seq and e.kind in _AFTER)
        about = {check.seq} | {e.seq for e in after if check.seq in _referred(e)}
        mine = tuple(e for e in after if about & _referred(e))
        return cls(check, ended, upto[:-1], findings, _earlier(ledger, upto), mine)

    @property
    def look(self) -> tuple[Entry, records.Attestation] | None:
        """The last record that an officer looked on the phone after this check."""
        looks = ((e, e.record) for e in reversed(self.after))
        return next(((entry, look) for entry, look in looks if isinstance(look, records.Attestation)), None)

    @property
    def at_check(self) -> VisitState:
        """How the visit stood when the check ended."""
        return RecordedVisit((*self.before, self.check)).state

    @property
    def gone(self) -> Iterator[tuple[records.AppFound, Fate]]:
        """Each app that a check of the visit found before and this one did not, and what became of it."""
        present = {(app.package, app.profile) for app in self.findings[self.check.seq]}
        fates = {(ban.rule, ban.package, ban.profile): ban.fate for ban in self.at_check.bans}
        for key, app in {app.key: app for found in self.findings.values() for app in found}.items():
            if (app.package, app.profile) not in present:
                is_read = wholly_read(self.ended, app.profile)
                yield app, fates.get(key, Fate.REMOVED if is_read else Fate.NOT_VERIFIED)

    @property
    def state(self) -> VisitState:
        """How the visit stands by this check and by what it has about it since."""
        return RecordedVisit((*self.before, self.check, *self.after)).state

    @property
    def hand_back(self) -> tuple[Entry, records.HandBackIntended, records.HandedBack | None] | None:
        """The last handing back after this check: that it was announced, and what is known of it."""
        for entry in reversed(self.after):
            if isinstance(entry.record, records.HandBackIntended):
                ends = (e.record for e in self.after if isinstance(e.record, records.HandedBack))
                return entry, entry.record, next((end for end in ends if end.intent == entry.seq), None)
        return None

    def outcome(self, step: Entry) -> tuple[Entry, records.StepOutcome] | None:
        """What the phone answered to a step, if that is on record."""
        for entry in self.before:
            record = entry.record
            if (
                isinstance(record, records.StepOutcome)
                and record.intent == step.seq
                and step.kind in record.refers_to().values()
            ):
                return entry, record
        return None

    def cause(self, step: records.StepIntended) -> records.AppFound | None:
        """The finding that a step is about."""
        if isinstance(step, records.UndoIntended):
            removal = self._record(step.removal)
            return self.cause(removal) if isinstance(removal, records.RemovalIntended) else None
        return self.finding(step.finding) if isinstance(step, records.RemovalIntended) else None

    def finding(self, seq: int) -> records.AppFound | None:
        """The finding whose record has this number."""
        record = self._record(seq)
        return record if isinstance(record, records.AppFound) else None

    def checked_after(self, entry: Entry) -> tuple[records.CheckEnded, tuple[records.AppFound, ...]] | None:
        """The next check of the visit, and what it found."""
        for later in (*self.before, self.check):
            if later.seq > entry.seq and isinstance(later.record, records.CheckEnded):
                return later.record, self.findings[later.seq]
        return None

    def was_admin(self, app: records.AppFound) -> bool:
        """Whether a step of the visit showed that an app is a device administrator."""
        for entry in self.before:
            step = entry.record
            if isinstance(step, records.RemovalIntended) and (cause := self.cause(step)) and cause.key == app.key:
                answered = self.outcome(entry)
                if step.act == "open-admin-settings" or (answered and answered[1].outcome == Outcome.ADMIN):
                    return True
        return False

    def _record(self, seq: int) -> object:
        entry = self.earlier.get(seq)
        return entry.record if entry is not None else None


#: What a visit has of a check after it.
_AFTER: Final = frozenset(
    {
        records.Kind.LOOKED,
        records.Kind.HAND_BACK_INTENDED,
        records.Kind.HANDED_BACK,
        records.Kind.HAND_BACK_FOLLOWED,
    }
)


def _referred(entry: Entry) -> set[int]:
    """The records that one builds on, by number."""
    return set(entry.record.refers_to()) if isinstance(entry.record, records.Record) else set()


def zone(ledger: CheckRecords, entry: Entry) -> tzinfo:
    """The local time where `entry` was written, as far as that is on record; else this computer's."""
    return recorded_zone(ledger, entry) or entry.time.astimezone().tzinfo or UTC


def recorded_zone(ledger: CheckRecords, entry: Entry) -> tzinfo | None:
    """The local time where `entry` was written, as that run of the program told when it began; None if it did not."""
    for start in ledger.newest(_STARTS, before=entry.seq, kind=records.Kind.PROGRAM_START):
        minutes = start.record.utc_offset_minutes if isinstance(start.record, records.ProgramStart) else None
        if start.session == entry.session and minutes is not None and abs(minutes) < 24 * 60:
            return timezone(timedelta(minutes=minutes))
    return None


def read(ended: records.CheckEnded) -> Text:
    """How much was read. Older records do not tell how many of the profiles were, so that none is spoken of."""
    apps, profiles_read, of = value_names.apps_read(ended.apps, ended.apps_read), ended.profiles_read, ended.profiles
    if profiles_read is None:
        return apps
    if profiles_read >= of:
        return T("{apps} in {profiles}", apps=apps, profiles=N("{count} profile", "{count} profiles", profiles_read))
    part = N("{count} of {all} profiles", "{count} of {all} profiles", profiles_read, all=of)
    return T("{apps} in {profiles}", apps=apps, profiles=part)


def rows_found(story: Story, languages: Sequence[Language]) -> list[Row]:
    """What the visit found up to the check: the apps that a rule of the policy names, bans first; last those that are
    gone."""
    present = sorted(story.findings[story.check.seq], key=lambda app: not app.is_ban)
    apps: list[tuple[records.AppFound, Fate | None]] = [*((app, None) for app in present), *story.gone]
    return [
        {
            "app": say(_product(app), languages, 60),
            "package": _raw(app.package, 100),
            "version": _raw(app.version_name, 40) or _raw(str(app.version_code or ""), 40),
            "profile": say(value_names.profile(profile_of(app)), languages, 60),
            "strength": say(_standing(app, fate), languages, 120),
            "ban": app.is_ban and fate is None,
            "gone": fate is not None,
            "why": [_printed(reason, languages) for reason in _reasons(app, describe.platform(story.check))],
            "hand": _printed(hand, languages) if fate is None and (hand := _by_hand(story, app)) else [],
        }
        for app, fate in apps
    ]


def _standing(app: records.AppFound, fate: Fate | None) -> Value:
    found = describe.found_as(app)
    return found if fate is None else value_names.pair(found, words_of_gone(fate))


def words_of_gone(fate: Fate) -> Text:
    """What became of an app that a check did not find any more."""
    return describe.RESULTS[Result.NOT_VERIFIED] if fate is Fate.NOT_VERIFIED else verdicts.FATES[fate]


def rows_done(story: Story, where: tzinfo, languages: Sequence[Language]) -> list[Row]:
    """What was done in the visit before the check, with the checks between."""
    rows: list[Row] = []
    for entry in story.before:
        cells = _row_texts(story, entry)
        if cells is not None:
            act_text, answer, after = (_printed(value, languages) for value in cells)
            row: Row = {"what": act_text, "answer": answer, "after": after, "seq": str(entry.seq)}
            row["step"] = isinstance(entry.record, records.StepIntended)
            files = entry.record.files if isinstance(entry.record, records.EvidenceTaken) else ()
            row["files"] = [{"name": _raw(file.name, 60), "sha256": _raw(file.sha256, 64)} for file in files]
            rows.append({**row, "time": f"{entry.time.astimezone(where):%H:%M:%S}"})
    return rows


def rows_unseen(story: Story, languages: Sequence[Language]) -> list[Row]:
    """What the check could not see, and how to see it: said once of what is to be seen in the same way."""
    rows: list[Row] = []
    for gap in story.ended.gaps:
        gap_text, how = (_printed(words, languages) for words in (gap.what, gap.how))
        if rows and rows[-1]["how"] == how and len(rows[-1]["what"]) < _TOGETHER:
            rows[-1]["what"].append(gap_text)
        else:
            rows.append({"what": [gap_text], "how": how})
    return rows


def _row_texts(story: Story, entry: Entry) -> tuple[Value, Value, Value] | None:
    """A record as a row: what was done, what the phone answered, and what the next check saw."""
    match entry.record:
        case records.CheckEnded() as ended:
            verdict = describe.verdict(entry)
            word = value_names.VERDICTS[verdict] if verdict else None
            verdict_text = (
                value_names.pair(word, verdicts.counted(ended))
                if word
                else verdicts.recorded_headline(ended, describe.platform(entry))
            )
            return ended.kind.words, verdict_text, ""
        case records.ProblemMet() as problem:
            return problem.kind.words, problem.sentence, ""
        case records.Attestation() as attestation:
            return attestation.kind.words, described_visit.looked_at(entry) or "", ""
        case records.LookedFor() as quick:
            presence = T("still there") if quick.there else T("not there any more")
            return quick.kind.words, value_names.pair(_raw(quick.package, 100), presence), ""
        case records.EvidenceTaken() as evidence:
            cause = story.finding(evidence.finding)
            app = _short(_product(cause)) if cause else _raw(evidence.package, 100)
            app_name = value_names.app_in(app, profile_of(cause or evidence))
            return value_names.pair(app_name, T("what was there")), app_evidence.line(evidence), ""
        case records.StepIntended() as step:
            cause = story.cause(step)
            app = _short(_product(cause)) if cause else _raw(step.package, 100)
            app_name = value_names.app_in(app, profile_of(cause or step))
            act = value_names.ACTS.get(step.act) or _raw(step.act, 60)
            answered = story.outcome(entry)
            act_text: Value = value_names.pair(app_name, act)
            if isinstance(step, records.RemovalIntended) and step.owner_told:
                act_text = T("{step} (the holder was told what is lost)", step=act_text)
            return (
                act_text,
                _answer(answered[1]) if answered else T("the log has no result"),
                _seen_after(story, answered[0] if answered else entry, step, cause),
            )
    return None


def _answer(outcome: records.StepOutcome) -> Value:
    is_known = outcome.outcome != Outcome.UNKNOWN
    return (OUTCOMES.get(outcome.outcome) if is_known else None) or outcome.means


#: What an app is that was not removed, by what its finding has on record; older records have nothing.
_LEFT: Final = {OFF: Result.OFF, SUSPENDED: Result.SUSPENDED}


def _seen_after(story: Story, answered: Entry, step: records.StepIntended, cause: records.AppFound | None) -> Value:
    """What the check after a step saw of its app. Only that tells whether what the phone said was true."""
    check = story.checked_after(answered)
    if check is None or cause is None:
        return ""
    ended, findings = check
    now = next((app for app in findings if app.key == cause.key), None)
    if now is not None:
        if isinstance(step, records.UndoIntended):
            return T("There again")
        return result_of(now)
    if wholly_read(ended, cause.profile):
        return T("Not there any more") if isinstance(step, records.RemovalIntended) else T("Not there")
    return describe.RESULTS[Result.NOT_VERIFIED]


def result_of(app: records.AppFound) -> Text:
    """What is said of an app that a removal was to take away, and that a check found."""
    result = Result.SWITCHED_OFF if app.contained else _LEFT.get(app.can_start or "", Result.STILL_THERE)
    return describe.RESULTS[result]


def _product(app: records.AppFound) -> Value:
    return app.product or _raw(app.package, 100)


def _short(product: Value) -> Value:
    if isinstance(product, Bilingual):
        return Bilingual(one_line(product.en, _NAME), one_line(product.fr, _NAME))
    return product


def profile_of(of: records.AppFound | records.StepIntended | records.EvidenceTaken) -> Profile:
    """The profile of a finding; of a record that has only its number, as much as that says."""
    kind = of.profile_kind if isinstance(of, records.AppFound) else ""
    return Profile(of.profile or 0, "", kind if isinstance(kind, ProfileKind) else ProfileKind.OTHER)


def _reasons(app: records.AppFound, platform: str) -> Iterator[Value]:
    """Who banned it and when, and what else a holder has to know of it. The whole evidence is in the record."""
    if app.why != NO_SENTENCE:
        yield app.why
    teams = [evidence.value for evidence in app.evidence if evidence.kind is EvidenceKind.TEAM_ID]
    if app.match is Match.PAST_THE_STORE:
        if teams:
            yield T("Developer team: {team}", team=_raw(teams[0], 40))
    elif isinstance(app.match, Match) and app.match is not Match.NAMED:
        yield value_names.pair(T("Certainty"), value_names.MATCHES[app.match])
    if excepted := app.excepted:
        yield excepted_words(excepted, excepted.until.isoformat())
    confidences = {evidence.confidence for evidence in app.evidence if evidence.kind is EvidenceKind.PACKAGE_ID}
    if confidences == {"one source"}:
        yield platforms.of(platform).one_source
    if app.contained:
        yield T("It came with the phone, and is switched off.")


def _by_hand(story: Story, app: records.AppFound) -> Text | None:
    """What is done on the phone itself about a ban that is there; None where nothing is, or no way is known."""
    if story.check.device is None or not platforms.of(story.check.device.platform).first:
        return app.by_hand
    closed = any(gap.profile == app.profile for gap in story.ended.gaps)
    return by_hand(app, closed=closed, admin=story.was_admin(app))


def by_hand(app: records.AppFound, *, closed: bool, admin: bool) -> Text | None:
    """What the officer does about a finding: as it is on record, or by the facts that an earlier version recorded.

    `closed`: its profile could not be read; `admin`: a step showed that it is a device administrator. None where there
    is nothing to do.
    """
    if app.by_hand is not None:
        return app.by_hand
    if not app.is_ban or app.contained or app.excepted is not None:
        return None
    return way_by_hand(_on_phone(app), app.profile_kind, closed=closed, admin=admin, system=app.system)


def _on_phone(app: records.AppFound) -> Value:
    """What the app is called on the phone itself, as far as that is known."""
    other_name = isinstance(app.match, Match) and app.match.other_name
    name = one_line(app.label, _TYPED_NAME) or (one_line(app.package, 100) if other_name else "")
    if name or app.product is None:
        return name or one_line(app.package, 100)
    return Bilingual(app.product.en, app.product.fr)


def _printed(value: Value, languages: Sequence[Language]) -> Said:
    """A sentence as it is printed."""
    return [(language, _APOSTROPHE.sub("’", words)) for language, words in say(value, languages, _SENTENCE)]


def _raw(value: str, limit: int) -> str:
    """A value that is the same in every language."""
    return printable(one_line(value, limit))


def _earlier(ledger: CheckRecords, upto: Sequence[Entry]) -> dict[int, Entry]:
    """What the visit's records build on, by number: fetched where it is of an earlier visit."""
    by_number = {e.seq: e for e in upto}
    for kind in (records.Kind.REMOVAL_INTENDED, records.Kind.FINDING):
        steps = [e.record for e in by_number.values() if isinstance(e.record, records.StepIntended)]
        causes = {seq for step in steps for seq, of in step.refers_to().items() if of == kind}
        by_number |= {e.seq: e for e in ledger.entries_numbered(sorted(causes - by_number.keys()))}
    return by_number
