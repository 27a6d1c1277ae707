"""Checks, removals and records in words, for the command line and the window alike.

Nothing here opens a file. A record may come from any log: all that stands in it is shown, and nothing in it makes this
fail. What is said in a record is told in the language in use when it is asked for. A record as a whole is told by
:mod:`core.describe.record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from core import value_names
from core.describe import app_evidence, verdicts
from core.ledger import records
from core.ledger.records import Entry, Kind
from core.ledger.records.desk import FORMATS, WAYS
from core.model import Labels, Match, Phone, Strength, Verdict
from core.phones.removal_plan import Result
from core.same_phone import names_one_phone
from core.text import Bilingual, N, T, Text, Value, one_line, plain

#: What a record is about, by its kind.
KINDS: Final[Mapping[str, Text]] = {kind: kind.words for kind in Kind}
#: What a department may call a phone by. A summary names them and not their values: those can be erased.
LABELS: Final = {"tag": T("Asset tag"), "holder": T("Holder"), "imei": T("IMEI")}
#: What the reading after a removal says of one app.
RESULTS: Final = {
    Result.REMOVED: T("Removed"),
    Result.NOT_VERIFIED: T("Not seen any more, but not all of the profile could be read"),
    Result.SWITCHED_OFF: T("Switched off; it came with the phone and cannot be removed"),
    Result.OFF: T("Not removed, but switched off: it cannot be started at the moment"),
    Result.SUSPENDED: T("Not removed, but suspended: it cannot be started at the moment"),
    Result.STILL_THERE: T("Still there"),
}
#: Characters of a summary: it stands on one line.
_LINE_LIMIT: Final = 300
#: Apps that it names.
_NAMED: Final = 3
_NO_PHONE: Final = Phone("", "", "", "", "")


def kind(entry: Entry) -> Value:
    """What a record is about; the word that stands there, if no kind of this version is called so."""
    return KINDS.get(entry.kind) or plain(entry.kind)


def verdict(entry: Entry) -> Verdict | None:
    """The verdict of a check's record."""
    record = entry.record
    return record.verdict if isinstance(record, records.CheckEnded) and isinstance(record.verdict, Verdict) else None


def when(entry: Entry) -> str:
    """Date and time of a record, by this computer's local time."""
    return local_time(entry).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def local_time(entry: Entry) -> datetime:
    """When a record was made, by this computer's local time."""
    try:
        return entry.time.astimezone()
    except (OverflowError, ValueError, OSError):  # the first and the last day of the calendar
        return entry.time


def stamp(time: datetime, where: tzinfo) -> str:
    """A time with its distance from UTC, as in ``2026-11-24 09:32:05 (UTC-05:00)``, or ``UTC`` where there is none."""
    local = time.astimezone(where)
    offset = local.strftime("%z")
    distance = f"(UTC{offset[:3]}:{offset[3:5]})" if local.utcoffset() else "UTC"
    return f"{local:%Y-%m-%d %H:%M:%S} {distance}"


def both_times(time: datetime, where: tzinfo) -> str:
    """A time where it was and in UTC, said once where that is the same."""
    local, utc = stamp(time, where), stamp(time, UTC)
    return local if local == utc else f"{local} = {utc}"


def when_and_utc(entry: Entry) -> str:
    """Date and time of a record, by this computer's local time and in UTC."""
    local = local_time(entry)
    try:
        return both_times(local, local.tzinfo or UTC)
    except OverflowError:  # the first and the last day of the calendar
        return stamp(local, local.tzinfo or UTC)


def phone(entry: Entry) -> str:
    """What the phone of a record is called; nothing where it is about none."""
    return _phone(entry).name


def phone_with_model(entry: Entry) -> str:
    """What people call the phone, and its model where that is another word: for what is kept as evidence."""
    return _phone(entry).name_with_model


def maker_and_model(entry: Entry) -> str:
    """What the phone of a record said of itself: phones of two models may be called the same."""
    return _phone(entry).maker_and_model


def _phone(entry: Entry) -> Phone:
    device = entry.device
    return Phone("", one_line(device.maker), one_line(device.model), "", "") if device is not None else _NO_PHONE


def platform(entry: Entry) -> str:
    """The platform of the phone of a record; empty where it has none."""
    return entry.device.platform if entry.device is not None else ""


def serial(entry: Entry) -> str:
    """The serial number of a record's phone; nothing where it is about none, had none, or it was erased."""
    return _opened(entry.device.serial) if entry.device is not None else ""


def labels(entry: Entry) -> Labels:
    """What the department calls a record's phone, as far as it was said and is not erased."""
    device = entry.device
    return Labels(*map(_opened, (device.tag, device.holder, device.imei))) if device is not None else Labels()


def _opened(value: records.Personal | None) -> str:
    return plain(value.value or "") if value is not None else ""


def officer(entry: Entry) -> str:
    """Who wrote a record."""
    return one_line(entry.officer)


def summary(entry: Entry) -> str:
    """What a record says beyond its kind and its phone, in one line."""
    return one_line(str(_gist(entry)).strip(), _LINE_LIMIT)


def _gist(entry: Entry) -> Value:
    """What is worth a line of a record, by its kind; empty where its kind says all."""
    match entry.record:
        case records.ProgramStart(system=system):
            return T("version {version} on {system}", version=entry.app_version, system=system)
        case records.PhoneSeen(how=how) | records.CheckStarted(how=how):
            return how
        case records.PhoneLabelled():
            labels = [word for name, word in LABELS.items() if getattr(entry.device, name, None) is not None]
            return ", ".join(map(str, labels)) or T("asset tag, holder and IMEI taken out")
        case records.CheckEnded() as ended:
            if isinstance(ended.verdict, Verdict):
                return value_names.pair(value_names.VERDICTS[ended.verdict], verdicts.counted(ended))
            return ended.verdict
        case records.BansSeen(apps=apps):
            return ", ".join(str(app.product or app.package) for app in apps[:_NAMED])
        case records.AppFound() as app:
            where = value_names.PROFILES.get(app.profile_kind, app.profile_kind)  # type: ignore[call-overload]
            name = T("{app} ({package}), {profile}", app=app.product or "", package=app.package, profile=where)
            return value_names.pair(found_as(app), name)
        case records.EvidenceTaken() as evidence:
            return value_names.pair(evidence.package, app_evidence.line(evidence))
        case records.StepIntended(act=act, package=package, profile=profile):
            where = T("{package}, profile {id}", package=package, id="" if profile is None else profile)
            return value_names.pair(value_names.ACTS.get(act, act), where)
        case records.StepOutcome(means=means, answer=answer):
            return f"{means} ({answer})" if answer else means
        case records.Attestation(answer=answer, products=products):
            names = value_names.listed(products[:_NAMED]) if products else ""
            answer_text = value_names.ATTESTED.get(answer, answer)  # type: ignore[call-overload]
            return value_names.pair(answer_text, names) if names else answer_text
        case records.LookedFor(package=package, there=is_there):
            return value_names.pair(package, T("still there") if is_there else T("not there any more"))
        case records.HandBackIntended() as intended:
            return _left_as(intended)
        case records.HandedBack() as back:
            return _switched_off_by(back)
        case records.HandBackFollowed(what=afterwards):
            return value_names.AFTERWARDS.get(afterwards, afterwards)  # type: ignore[call-overload]
        case records.PolicyLoaded():
            return f"{entry.policy.id} {entry.policy.version}" if entry.policy is not None else ""
        case records.ProblemMet(sentence=sentence) | records.PolicyRefused(sentence=sentence):
            return sentence
        case records.OutsideCopy(size=size, how=how):
            return _over(size, WAYS.get(how, how))
        case records.Timestamped(size=size, authority=authority):
            return _over(size, authority)
        case records.Cosignatures(size=size, cosigners=cosigners):
            return _over(size, ", ".join(cosigners))
        case records.Cosigned(origin=origin, size=size) | records.ForkSeen(origin=origin, size=size):
            return T("{log}, {count} entries", log=origin, count=size)
        case records.Exported(format=format, records=count):
            return T("{count} entries, {form}", count=count, form=FORMATS.get(format, format))
        case records.Erased(values=count, reason=reason):
            return value_names.pair(
                N("{count} item of personal information", "{count} items of personal information", count), reason
            )
        case records.PolicyAccepted(id=id, version=version):
            return f"{id} {version}"
        case records.ExceptionGranted() as granted:
            return T(
                "{product}, until {date}, by {authority} ({reference})",
                product=granted.product or "",
                date=granted.until,
                authority=granted.authority,
                reference=granted.reference,
            )
        case records.ExceptionBound(grant=grant):
            return T("entry {entry}", entry=grant)
        case records.ExceptionRevoked(grant=grant, reason=reason):
            return value_names.pair(T("entry {entry}", entry=grant), reason)
        case records.RecordedKeys(origin=origin):
            return origin
        case _:
            return ""


def _left_as(intended: records.HandBackIntended) -> Value:
    """The state in which a phone is about to be handed back."""
    if intended.verdict is Verdict.RED:
        return N("with {count} banned app", "with {count} banned apps", max(intended.banned, 1))
    verdict = intended.verdict
    return value_names.VERDICTS[verdict] if isinstance(verdict, Verdict) else verdict


def _switched_off_by(back: records.HandedBack) -> Text:
    """What is known of the phone's debugging, or of its trust in this computer, after a handing back."""
    if back.trust_forgotten:
        return T("the phone and the computer have forgotten each other")
    if back.trust_asked is not False:
        return T("the phone was asked to take back its trust in this computer; the result is not known")
    if back.debugging_asked is False and back.options_asked is False:
        return T("nothing was asked of the phone")
    if back.left:
        return T("debugging turned off; phone disconnected")
    if back.left is False:
        return T("asked to turn debugging off, but still connected")
    return T("asked to turn debugging off; result not known")


def _over(size: int, how: Value) -> Text:
    return T("{over}, {how}", over=N("over {count} entry", "over {count} entries", size), how=how)


def is_suspected(app: records.AppFound) -> bool:
    """Whether a finding may be a banned app, and that could not be made sure."""
    return app.strength is Strength.BAN and isinstance(app.match, Match) and app.match.suspected


def found_as(app: records.AppFound) -> Value:
    """What a finding is called: banned, excepted, suspected, a hint..."""
    if not isinstance(app.strength, Strength):
        return app.strength
    match = app.match if isinstance(app.match, Match) else Match.NAMED
    until = app.excepted.until.isoformat() if app.excepted is not None else ""
    return value_names.strength_of(app.strength, match, until)


def product_name(app: records.AppFound, limit: int) -> Value:
    """What a finding is called in at most `limit` characters: the product, or the app's id where no record names it."""
    return short_name(app.product or app.package, limit)


def short_name(name: Bilingual | str, limit: int) -> Bilingual | str:
    """A name in at most `limit` characters."""
    if isinstance(name, str):
        return one_line(name, limit)
    return Bilingual(one_line(name.en, limit), one_line(name.fr, limit))


def settles(step: Entry) -> Text:
    """What the officer does about a step with an unknown result."""
    if names_one_phone(serial(step)):
        return T("Check that phone again.")
    return T(
        "No check can tell the result: the phone’s serial number is missing or erased, or many phones have the "
        "same. Look on the phone itself."
    )
