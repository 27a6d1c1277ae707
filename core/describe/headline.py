"""One record in one line: when, what, which phone, who, and what it says beyond that."""

from __future__ import annotations

from typing import Final

from core import value_names
from core.describe.values import KINDS, at, said, seal_of, tidy
from core.ledger.records.entry import Entry
from core.ledger.records.records import Kind
from core.model import Labels, Match, Phone, Strength, Verdict
from core.text import N, T, Text, Value, plain

#: What a department may call a phone by. A summary names them and not their values: those can be erased.
LABELS: Final = {"tag": T("Asset tag"), "holder": T("Holder"), "imei": T("IMEI")}
#: Characters of a summary: it stands on one line.
_LINE_LIMIT: Final = 300


def kind(entry: Entry) -> Value:
    """What a record is about; the word that stands there, if no kind of this version is called so."""
    return KINDS.get(entry.kind) or plain(entry.kind)


def verdict(entry: Entry) -> Verdict | None:
    """The verdict of a check's record."""
    word = entry.body.get("verdict") if entry.kind == Kind.CHECK_ENDED else None
    return Verdict(word) if word in list(Verdict) else None


def when(entry: Entry) -> str:
    """Date and time of a record, by this computer's local time."""
    try:
        time = entry.time.astimezone()
    except (OverflowError, ValueError, OSError):  # the first and the last day of the calendar
        time = entry.time
    return time.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def phone(entry: Entry) -> str:
    """What the phone of a record is called; nothing where it is about none."""
    return Phone("", said(entry, "device.maker"), said(entry, "device.model"), "", "").name


def serial(entry: Entry) -> str:
    """The serial number of a record's phone; nothing where it is about none, had none, or it was erased."""
    return plain(entry.openings.get(seal_of(at(entry.leaf, "device.serial")) or "", ""))


def labels(entry: Entry) -> Labels:
    """What the department calls a record's phone, as far as it was said and is not erased."""
    opened = (entry.openings.get(seal_of(at(entry.leaf, f"device.{name}")) or "", "") for name in LABELS)
    return Labels(*map(plain, opened))


def officer(entry: Entry) -> str:
    """Who wrote a record."""
    return said(entry, "officer")


def summary(entry: Entry) -> str:
    """What a record says beyond its kind and its phone, in one line."""
    return tidy(str(_gist(entry)).strip(), _LINE_LIMIT)


def _gist(entry: Entry) -> Value:
    match entry.kind:
        case Kind.PROGRAM_START:
            return T(
                "version {version} on {system}", version=said(entry, "app.version"), system=said(entry, "body.system")
            )
        case Kind.PHONE_SEEN | Kind.CHECK_STARTED:
            return said(entry, "body.how")
        case Kind.PHONE_LABELLED:
            given = [word for name, word in LABELS.items() if at(entry.leaf, f"device.{name}") is not None]
            return ", ".join(map(str, given)) or T("labels withdrawn")
        case Kind.CHECK_ENDED:
            found = verdict(entry)
            return (
                value_names.pair(value_names.VERDICTS[found], counted(entry, found))
                if found
                else said(entry, "body.verdict")
            )
        case Kind.FINDING:
            named = T(
                "{app} ({package}), {profile}",
                app=said(entry, "body.product"),
                package=said(entry, "body.package"),
                profile=said(entry, "body.profile.kind"),
            )
            return value_names.pair(found_as(entry), named)
        case Kind.REMOVAL_INTENDED | Kind.UNDO_INTENDED:
            where = T("{package}, profile {id}", package=said(entry, "body.package"), id=said(entry, "body.profile"))
            return value_names.pair(said(entry, "body.act"), where)
        case Kind.REMOVAL_OUTCOME | Kind.UNDO_OUTCOME:
            answer = said(entry, "body.answer")
            return f"{said(entry, 'body.means')} ({answer})" if answer else said(entry, "body.means")
        case Kind.POLICY_LOADED:
            return f"{said(entry, 'policy.id')} {said(entry, 'policy.version')}"
        case Kind.PROBLEM:
            return said(entry, "body.sentence")
        case Kind.OUTSIDE_COPY | Kind.TIMESTAMPED | Kind.COSIGNATURES:
            count = _number(entry, "body.size")
            over = N("over {count} entry", "over {count} entries", count)
            how = said(entry, "body.how") or said(entry, "body.authority") or said(entry, "body.cosigners")
            return T("{over}, {how}", over=over, how=how)
        case Kind.COSIGNED | Kind.FORK_SEEN:
            return T("{log}, {count} entries", log=said(entry, "body.origin"), count=_number(entry, "body.size"))
        case Kind.EXPORTED:
            count = _number(entry, "body.records")
            return T("{count} entries, {form}", count=count, form=said(entry, "body.format"))
        case Kind.ERASED:
            count = _number(entry, "body.values")
            values = N("{count} personal value", "{count} personal values", count)
            return value_names.pair(values, said(entry, "body.reason"))
        case Kind.POLICY_ACCEPTED:
            return f"{said(entry, 'body.id')} {said(entry, 'body.version')}"
        case Kind.POLICY_REFUSED:
            return said(entry, "body.sentence")
        case Kind.EXCEPTION_GRANTED:
            return T(
                "{product}, until {date}, by {authority} ({reference})",
                product=said(entry, "body.product"),
                date=said(entry, "body.until"),
                authority=said(entry, "body.authority"),
                reference=said(entry, "body.reference"),
            )
        case Kind.EXCEPTION_REVOKED:
            return value_names.pair(T("entry {entry}", entry=said(entry, "body.grant")), said(entry, "body.reason"))
        case Kind.LOG_BEGUN | Kind.KEYS_REPLACED:
            return said(entry, "body.origin")
        case _:
            return ""


def found_as(finding: Entry) -> Value:
    """What a finding's record calls it: banned, excepted, suspected, a hint..."""
    strength, match = finding.body.get("strength"), finding.body.get("match")
    if strength not in list(Strength):
        return said(finding, "body.strength")
    known = Match(match) if match in list(Match) else Match.NAMED
    return value_names.strength_of(Strength(strength), known, said(finding, "body.excepted.until"))


def bans(finding: Entry) -> bool:
    """Whether a finding's record is of a banned app, and not of one that only may be or calls itself so."""
    match = finding.body.get("match")
    sure = not (Match(match).suspected or match == Match.LABEL) if match in list(Match) else True
    return finding.body.get("strength") == Strength.BAN and sure


def _number(entry: Entry, path: str) -> int:
    """A whole number that a record may have; 0 for whatever else stands there."""
    value = at(entry.leaf, path)
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def counted(entry: Entry, found: Verdict) -> Text:
    """What made the verdict, in numbers."""

    def number(name: str) -> int:
        return _number(entry, f"body.counts.{name}")

    # Older logs have no number of products.
    bans, gaps = number("products") or number("bans"), number("gaps")
    if found is Verdict.RED:
        return N("{count} banned app", "{count} banned apps", bans)
    if found is Verdict.GREEN:
        return N("{count} app read, none banned", "{count} apps read, none banned", number("apps"))
    if suspected := number("suspected"):
        return N("{count} suspected app", "{count} suspected apps", suspected)
    if gaps:
        return N("{count} item could not be checked", "{count} items could not be checked", gaps)
    if number("excepted"):
        return N("{count} banned app, excepted", "{count} banned apps, excepted", bans)
    return N("{count} banned app, switched off", "{count} banned apps, switched off", bans)
