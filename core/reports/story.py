"""What the log says of one check, and of what came before it in the same visit, as a page tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final, TypeAlias

from core import describe, value_names
from core.describe.headline import counted
from core.describe.values import at, is_both, is_sentence, said, sentence_of, tidy
from core.ledger.reader import LedgerReader
from core.ledger.records.entry import Entry
from core.ledger.records.records import INTENTS, Kind
from core.model import (
    Admin,
    App,
    EvidenceKind,
    Finding,
    Inventory,
    Match,
    Phone,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.phones.driver import Outcome
from core.phones.removal_plan import Result
from core.reports.page import Said, printable, say
from core.text import Bilingual, Language, N, T, Text, Value

Row: TypeAlias = dict[str, Any]

#: Program starts that are looked through for the one of a record's own run.
_STARTS: Final = 200
#: Characters of one sentence; items that have the same way to see them and are told together.
_SENTENCE: Final = 400
_TOGETHER: Final = 6
#: Characters of an app's name in a step.
_NAME: Final = 40
#: A typewriter's apostrophe: records keep the words of the version that wrote them.
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)")
_OUTCOMES_OF: Final = {Kind.REMOVAL_INTENDED: Kind.REMOVAL_OUTCOME, Kind.UNDO_INTENDED: Kind.UNDO_OUTCOME}


@dataclass(frozen=True, slots=True)
class Story:
    """One check and its visit up to then, the oldest record first. `findings` are those of each of its checks."""

    check: Entry
    before: tuple[Entry, ...]
    findings: Mapping[int, tuple[Entry, ...]]
    #: Findings and intents of earlier visits that this one builds on, by number.
    earlier: Mapping[int, Entry]

    @classmethod
    def of(cls, ledger: LedgerReader, check: Entry) -> Story:
        """Raises LedgerProblem."""
        visit = ledger.of_visit(check.visit) if check.visit else (check,)
        upto = tuple(e for e in visit if e.seq <= check.seq)
        findings: dict[int, tuple[Entry, ...]] = {}
        waiting: list[Entry] = []
        for entry in upto:
            if entry.kind == Kind.FINDING:
                waiting.append(entry)
            elif entry.kind in (Kind.CHECK_ENDED, Kind.CHECK_STARTED):
                if entry.kind == Kind.CHECK_ENDED:
                    findings[entry.seq] = tuple(waiting)
                waiting = []
        return cls(check, upto[:-1], findings, _earlier(ledger, upto))

    @property
    def gaps(self) -> int:
        """How many gaps there were; the record may not have had room for all."""
        return _gap_count(self.check)

    def outcome(self, intent: Entry) -> Entry | None:
        """What came of a step, if that is on record."""
        kind = _OUTCOMES_OF[Kind(intent.kind)]
        return next((e for e in self.before if e.kind == kind and e.body.get("intent") == intent.seq), None)

    def cause(self, intent: Entry) -> Entry | None:
        """The finding that a step is about."""
        if intent.kind == Kind.UNDO_INTENDED:
            removal = self._numbered(intent.body.get("removal"))
            return self._numbered(removal.body.get("finding")) if removal else None
        return self._numbered(intent.body.get("finding"))

    def checked_after(self, entry: Entry) -> Entry | None:
        """The next check of the visit."""
        checks = (e for e in (*self.before, self.check) if e.kind == Kind.CHECK_ENDED)
        return next((e for e in checks if e.seq > entry.seq), None)

    def _numbered(self, seq: object) -> Entry | None:
        return self.earlier.get(seq) if isinstance(seq, int) else None


def zone(ledger: LedgerReader, entry: Entry) -> tzinfo:
    """The local time where `entry` was written, as that run of the program told when it began; else this computer's."""
    for start in ledger.newest(_STARTS, before=entry.seq, kind=Kind.PROGRAM_START):
        minutes = start.body.get("utc_offset_minutes")
        if start.leaf["session"] == entry.leaf["session"] and isinstance(minutes, int) and abs(minutes) < 24 * 60:
            return timezone(timedelta(minutes=minutes))
    return entry.time.astimezone().tzinfo or UTC


def stamp(time: datetime, where: tzinfo) -> str:
    """A time with its distance from UTC, as in ``2026-11-24 09:32:05 (UTC-05:00)``, or ``UTC`` where there is none."""
    local = time.astimezone(where)
    offset = local.strftime("%z")
    distance = f"(UTC{offset[:3]}:{offset[3:5]})" if local.utcoffset() else "UTC"
    return f"{local:%Y-%m-%d %H:%M:%S} {distance}"


def both_times(time: datetime, where: tzinfo) -> str:
    """A time where it was and in UTC, said once where that is the same."""
    there, utc = stamp(time, where), stamp(time, UTC)
    return there if there == utc else f"{there} = {utc}"


def headline(check: Entry) -> Text:
    """The verdict of a check's record in one sentence."""
    bans = count(check, "products") or count(check, "bans")
    verdict = describe.verdict(check)
    if verdict is Verdict.RED:
        return N("{count} banned app was found on this phone.", "{count} banned apps were found on this phone.", bans)
    if verdict is Verdict.GREEN:
        return T("Everything was read, and no banned app was found.")
    if suspected := count(check, "suspected"):
        return N(
            "{count} app may be a banned one under another name; it could not be made sure.",
            "{count} apps may be banned ones under another name; it could not be made sure.",
            suspected,
        )
    if bans and count(check, "excepted"):
        return N(
            "{count} banned app was found on this phone; an exception allows it.",
            "{count} banned apps were found on this phone; exceptions allow them.",
            bans,
        )
    if bans:
        return N(
            "{count} banned app is switched off, but it came with the phone and cannot be removed.",
            "{count} banned apps are switched off, but they came with the phone and cannot be removed.",
            bans,
        )
    return T("No banned app was found, but some items could not be checked.")


def count(check: Entry, name: str) -> int:
    """A number of a check's record."""
    value = at(check.leaf, f"body.counts.{name}")
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def read(check: Entry) -> Text:
    """How much was read. Older records do not tell how many of the profiles were, so that none is spoken of."""
    apps = N("{count} app", "{count} apps", count(check, "apps"))
    if not isinstance(at(check.leaf, "body.counts.profiles_read"), int):
        return apps
    some, of = count(check, "profiles_read"), count(check, "profiles")
    if some >= of:
        return T("{apps} in {profiles}", apps=apps, profiles=N("{count} profile", "{count} profiles", some))
    part = N("{count} of {all} profiles", "{count} of {all} profiles", some, all=of)
    return T("{apps} in {profiles}", apps=apps, profiles=part)


def rows_found(story: Story, languages: Sequence[Language]) -> list[Row]:
    """What the check found: the apps that a rule of the policy names, bans first."""
    found = sorted(story.findings[story.check.seq], key=lambda e: not describe.bans(e))
    return [
        {
            "app": say(_product(e), languages, 60),
            "package": _raw(e, "package", 100),
            "version": _raw(e, "version_name", 40) or _raw(e, "version_code", 40),
            "profile": say(value_names.profile(_profile(e)), languages, 60),
            "strength": say(describe.found_as(e), languages, 60),
            "ban": describe.bans(e),
            "why": [_said(reason, languages) for reason in _reasons(e)],
            "hand": _said(hand, languages) if (hand := _by_hand(story, e)) else [],
        }
        for e in found
    ]


def rows_done(story: Story, where: tzinfo, languages: Sequence[Language]) -> list[Row]:
    """What was done in the visit before the check, with the checks between."""
    rows: list[Row] = []
    for entry in story.before:
        told = _told(story, entry)
        if told is not None:
            what, answer, after = (_said(value, languages) for value in told)
            row: Row = {"what": what, "answer": answer, "after": after, "seq": str(entry.seq)}
            row["step"] = entry.kind in INTENTS
            rows.append({**row, "time": f"{entry.time.astimezone(where):%H:%M:%S}"})
    return rows


def rows_unseen(story: Story, languages: Sequence[Language]) -> list[Row]:
    """What the check could not see, and how to see it: said once of what is to be seen in the same way."""
    rows: list[Row] = []
    for gap in _gaps(story.check):
        what, how = (_said(_sentence(gap.get(name)), languages) for name in ("what", "how"))
        if rows and rows[-1]["how"] == how and len(rows[-1]["what"]) < _TOGETHER:
            rows[-1]["what"].append(what)
        else:
            rows.append({"what": [what], "how": how})
    return rows


def _told(story: Story, entry: Entry) -> tuple[Value, Value, Value] | None:
    """A record as a row: what was done, what came of it, and what the next check saw."""
    if entry.kind == Kind.CHECK_ENDED:
        verdict = describe.verdict(entry)
        found = value_names.pair(value_names.VERDICTS[verdict], counted(entry, verdict)) if verdict else headline(entry)
        return describe.KINDS[Kind.CHECK_ENDED], found, ""
    if entry.kind == Kind.PROBLEM:
        return describe.KINDS[Kind.PROBLEM], _sentence(entry.body.get("sentence")), ""
    if entry.kind in INTENTS:
        cause, act = story.cause(entry), _raw(entry, "act", 60)
        app = value_names.app_in(_short(_product(cause or entry)), _profile(cause or entry))
        return (
            value_names.pair(app, value_names.ACTS.get(act, act)),
            _answer(story.outcome(entry)),
            _seen_after(story, entry),
        )
    return None


def _answer(outcome: Entry | None) -> Value:
    if outcome is None:
        return T("no result is on record")
    word = outcome.body.get("outcome")
    if word in list(Outcome) and word != Outcome.UNKNOWN:
        return describe.OUTCOMES[str(word)]
    return _sentence(outcome.body.get("means"))


#: What an app is that was not removed, by what its finding has on record; older records have nothing.
_LEFT: Final = {"off": Result.OFF, "suspended": Result.SUSPENDED}


def _seen_after(story: Story, intent: Entry) -> Value:
    """What the check after a step saw of its app. Only that tells whether what the phone said was true."""
    check, cause = story.checked_after(story.outcome(intent) or intent), story.cause(intent)
    if check is None or cause is None:
        return ""
    now = next((f for f in story.findings[check.seq] if _key(f) == _key(cause)), None)
    if now is not None:
        if intent.kind == Kind.UNDO_INTENDED:
            return T("There again")
        if now.body.get("contained") is True:
            return describe.RESULTS[Result.SWITCHED_OFF]
        return describe.RESULTS[_LEFT.get(str(now.body.get("can_start")), Result.STILL_THERE)]
    if _wholly_read(check, _profile(cause).id):
        return T("Not there any more") if intent.kind == Kind.REMOVAL_INTENDED else T("Not there")
    return describe.RESULTS[Result.NOT_VERIFIED]


def _wholly_read(check: Entry, profile: int) -> bool:
    gaps = _gaps(check)
    return _gap_count(check) == len(gaps) and not any(gap.get("profile") in (None, profile) for gap in gaps)


def _gaps(check: Entry) -> tuple[Mapping[str, Any], ...]:
    gaps = check.body.get("gaps")
    return tuple(gap for gap in gaps if isinstance(gap, Mapping)) if isinstance(gaps, tuple) else ()


def _gap_count(check: Entry) -> int:
    return max(count(check, "gaps"), len(_gaps(check)))


def _key(finding: Entry) -> tuple[Any, ...]:
    return tuple(at(finding.leaf, f"body.{name}") for name in ("rule", "package", "profile.id"))


def _product(finding: Entry) -> Value:
    product = finding.body.get("product")
    if isinstance(product, Mapping) and is_both(product):
        return Bilingual(product["en"], product["fr"])
    return _raw(finding, "package", 100)


def _short(product: Value) -> Value:
    if isinstance(product, Bilingual):
        return Bilingual(tidy(product.en, _NAME), tidy(product.fr, _NAME))
    return product


def _profile(entry: Entry) -> Profile:
    """The profile of a finding; of an intent, whose record has only its number, as much as that says."""
    profile = entry.body.get("profile")
    id, kind = (profile.get("id"), profile.get("kind")) if isinstance(profile, Mapping) else (profile, None)
    known = ProfileKind(kind) if kind in list(ProfileKind) else ProfileKind.OTHER
    return Profile(id if isinstance(id, int) else 0, "", known)


def _reasons(finding: Entry) -> Iterator[Value]:
    """Who banned it and when, and what else a holder has to know of it. The whole evidence is in the record."""
    if why := _sentence(finding.body.get("why")):
        yield why
    match = finding.body.get("match")
    if match in list(Match) and match != Match.NAMED:
        yield value_names.pair(T("How sure"), value_names.MATCHES[Match(match)])
    if until := said(finding, "body.excepted.until"):
        yield T(
            "Excepted until {date} by {authority}, {reference} (entry {entry}).",
            date=until,
            authority=said(finding, "body.excepted.authority"),
            reference=said(finding, "body.excepted.reference"),
            entry=said(finding, "body.excepted.entry"),
        )
    evidence = finding.body.get("evidence")
    names = (
        [e for e in evidence if isinstance(e, Mapping) and e.get("kind") == EvidenceKind.PACKAGE_ID]
        if isinstance(evidence, tuple)
        else []
    )
    known = {e.get("confidence") for e in names}
    if known == {"one source"}:
        yield T("Only one source says that this package name is of that app.")
    if finding.body.get("contained") is True:
        yield T("It came with the phone, and is switched off.")


def _by_hand(story: Story, entry: Entry) -> Text | None:
    """What is done on the phone itself about a ban that is there; None where nothing is, or nobody knows how."""
    may_stay = entry.body.get("contained") is True or at(entry.leaf, "body.excepted") is not None
    banned = describe.bans(entry) and not may_stay
    if not banned or at(entry.leaf, "device.platform") != "android":
        return None
    from core.phones.android.removal import by_hand

    product, package = _product(entry), _raw(entry, "package", 100)
    profile = _profile(entry)
    closed = any(gap.get("profile") == profile.id for gap in _gaps(story.check))
    found = Finding(
        rule="",
        product=product if isinstance(product, Bilingual) else Bilingual(str(product), str(product)),
        strength=Strength.BAN,
        app=App(package, system=entry.body.get("system") is True, label=_raw(entry, "label", 60)),
        profile=replace(profile, readable=not closed),
        evidence=(),
        why=Text(""),
        match=Match(match) if (match := entry.body.get("match")) in list(Match) else Match.NAMED,
    )
    admins = (Admin(profile.id, package),) if _was_admin(story, entry) else ()
    return by_hand(found, Inventory(Phone("android", "", "", "", ""), (), (), admins))


def _was_admin(story: Story, finding: Entry) -> bool:
    """Whether a step of the visit showed that the app is a device administrator."""
    for intent in story.before:
        if intent.kind == Kind.REMOVAL_INTENDED and (cause := story.cause(intent)) and _key(cause) == _key(finding):
            outcome = story.outcome(intent)
            if intent.body.get("act") == "open-admin-settings" or (
                outcome is not None and outcome.body.get("outcome") == Outcome.ADMIN
            ):
                return True
    return False


def _said(value: Value, languages: Sequence[Language]) -> Said:
    """A sentence as it is printed."""
    return [(language, _APOSTROPHE.sub("’", said)) for language, said in say(value, languages, _SENTENCE)]


def _sentence(kept: object) -> Value:
    return sentence_of(kept) if isinstance(kept, Mapping) and is_sentence(kept) else ""


def _raw(entry: Entry, name: str, limit: int) -> str:
    """A value that is the same in every language."""
    value = entry.body.get(name)
    return printable(tidy(str(value), limit)) if isinstance(value, str | int) else ""


def _earlier(ledger: LedgerReader, upto: Sequence[Entry]) -> dict[int, Entry]:
    """What the visit's records build on, by number: fetched where it is of an earlier visit."""
    known = {e.seq: e for e in upto}
    for name in ("removal", "finding"):
        asked = {e.body.get(name) for e in known.values() if e.kind in INTENTS}
        missing = sorted(n for n in asked if isinstance(n, int) and 0 < n < 2**53 and n not in known)
        known |= {e.seq: e for e in ledger.entries_numbered(missing)}
    return known
