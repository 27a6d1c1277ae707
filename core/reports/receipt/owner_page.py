"""The page for a phone's owner: one sheet of paper in both languages, in the words of somebody who knows no log.

It says what was read and what was not, what was found and done, what is left to do, and whom to ask. No app is named
on it but those that are banned, and nothing by which a stranger would tell whose phone it is: it goes through a printer
that others use too. All of it comes out of the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from core import describe, value_names
from core.describe import visit as describe_visit
from core.ledger import records
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, Entry
from core.ledger.records.check import OFF, SUSPENDED
from core.model import Attested, Verdict, platforms
from core.phones.driver import LeftToOwner
from core.phones.removal_plan import Result
from core.policy.wording import long_date
from core.reports.page import Said, labels, pictured, printable, say, typeset
from core.reports.receipt.receipt import NotOfACheck
from core.reports.receipt.story import Story, by_hand, profile_of, read, zone
from core.text import LANGUAGES, Bilingual, N, T, Text, Value, one_line

_TEMPLATE: Final = "owner"
#: Apps that are listed, and parts of the phone that were not seen.
_APPS: Final = 8
_UNSEEN: Final = 4
#: Characters of one sentence, and of a product's name.
_SENTENCE: Final = 300
_NAME: Final = 50
#: Digits of the serial number by which an owner knows the phone again.
_DIGITS: Final = 4

_LABELS: Final = {
    "practice": T("Practice: this was not a real phone"),
    "practice_short": T("Practice"),
    "read": T("What was read"),
    "kept": T("What was not read, and what is not kept"),
    "found": T("What was found and done"),
    "next": T("What to do next"),
    "ask": T("Whom to ask"),
}
_SETTINGS_READ: Final = T("A few settings of the phone that say how well it is protected.")
_NOT_READ: Final = (
    T("Messages, photos, contacts, accounts and places were not looked at. Nothing was installed on the phone."),
    T("The list of your other apps is not kept."),
    T("The desk’s log keeps which phone was checked, the banned apps that were found, and what was done about them."),
)
_KEPT_FOR_REVIEW: Final = T("Of apps that came from no store it keeps the names and who signed them.")


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """The page about the check of record `seq`, as PDF; and what is on it, to be drawn for a printer."""

    pdf: bytes
    seq: int
    words: Mapping[str, Any]
    time: datetime

    def pictures(self, dpi: int = 300) -> tuple[bytes, ...]:
        """The page as PNG, one picture a sheet. Raises PageProblem."""
        return tuple(pictured(_TEMPLATE, self.words, languages=LANGUAGES, resolution=dpi))


def owner_page(ledger: LedgerReader, seq: int) -> OwnerPage:
    """The page about the check with this number, or about the last one of the visit that the record belongs to.

    Raises NotOfACheck or another LedgerProblem, and PageProblem. The same records give the same bytes.
    """
    check, ended = _check_of(ledger, seq)
    story = Story.of(ledger, check, ended)
    state = story.state
    verdict = state.verdict or Verdict.AMBER
    where = zone(ledger, check)
    platform = platforms.of(describe.platform(check))
    words: dict[str, Any] = {
        "title": _say(T("Your phone was checked")),
        "name": _say(T("Page for the owner of a phone, entry {entry}", entry=check.seq)),
        "foot": _say(T("Fanion {version}, from the log of the desk", version=check.app_version)),
        "practice": check.practice is not False,
        "verdict": str(verdict),
        "headline": _say(describe_visit.outcome_for_owner(state, describe.platform(check))),
        "facts": [
            {"label": _say(label), "value": _say(value, 80)}
            for label, value in (
                (T("Phone"), _phone(check)),
                (T("Date and time"), _moment(check.time, where)),
                (T("Desk"), check.desk),
                (T("Officer"), describe.officer(check)),
            )
        ],
        "labels": labels(_LABELS, LANGUAGES),
        "read": [_say(one) for one in (_how_much(ended), platform.app_read, _SETTINGS_READ)],
        "kept": [_say(one) for one in (*_NOT_READ, *([_KEPT_FOR_REVIEW] if ended.for_review else ()))],
        "found": [_row(row) for row in _found(story)],
        "next": [_say(one) for one in _next(story, check)],
        "ask": [
            _say(
                T(
                    "{officer}, at this desk: {desk}. This page is about entry {entry} of its log.",
                    officer=describe.officer(check),
                    desk=check.desk,
                    entry=check.seq,
                )
            )
        ],
    }
    return OwnerPage(typeset(_TEMPLATE, words, time=check.time, languages=LANGUAGES), check.seq, words, check.time)


def _check_of(ledger: LedgerReader, seq: int) -> tuple[Entry, CheckEnded]:
    entry = ledger.entry(seq) if 0 < seq < 2**53 else None
    if entry is not None and isinstance(entry.record, CheckEnded):
        return entry, entry.record
    whole = ledger.of_visit(entry.visit) if entry is not None and entry.visit else ()
    checks = [(e, e.record) for e in whole if isinstance(e.record, CheckEnded)]
    if not checks:
        raise NotOfACheck(seq)
    return checks[-1]


def _say(value: Value, limit: int = _SENTENCE) -> Said:
    return say(value, LANGUAGES, limit)


def _phone(check: Entry) -> Value:
    """What the phone is, and the end of its serial number: enough for its owner, too little for anybody else."""
    name, serial = describe.phone_with_model(check), describe.serial(check)
    if len(serial) <= 2 * _DIGITS:
        return name
    return T("{phone}, serial number ending {digits}", phone=name, digits=printable(serial[-_DIGITS:]))


def _moment(time: datetime, where: tzinfo) -> Value:
    local = time.astimezone(where)
    return T("{date}, {time}", date=long_date(local.date()), time=f"{local:%H:%M}")


def _how_much(ended: CheckEnded) -> Text:
    return T("Which apps are on the phone: {apps}.", apps=read(ended))


@dataclass(frozen=True, slots=True)
class _Found:
    """One line of what was found: a sign, what it is, what became of it, and what the owner does about it."""

    sign: str
    what: Value
    result: Value
    hand: Text | None = None


def _found(story: Story) -> Iterator[_Found]:
    """The banned apps that the visit found, with what became of each; what was not seen; what an officer saw."""
    apps = list(_apps(story))
    if not apps:
        yield _Found("green", T("No banned app was found."), "")
    yield from apps[:_APPS]
    if len(apps) > _APPS:
        more = N("{count} more banned app", "{count} more banned apps", len(apps) - _APPS)
        yield _Found("red", more, T("The officer can tell which."))
    looked = story.looked.record if story.looked is not None else None
    if not isinstance(looked, records.Attestation) or story.looked is None:
        yield from _not_seen(story.ended)
        return
    counts = looked.answer == Attested.NOTHING_SEEN and looked.verdict == Verdict.GREEN
    yield from _not_seen(story.ended, looked.counted if counts else ())
    sign = "red" if looked.answer == Attested.APP_SEEN else "green" if counts else "amber"
    if (seen := describe_visit.looked_at(story.looked)) is not None:
        yield _Found(sign, seen, "")


def _apps(story: Story) -> Iterator[_Found]:
    now = {found.key: found for found in story.findings[story.check.seq]}
    seen: dict[tuple[str, str, int | None], records.AppFound] = {}
    for found in (found for of_one in story.findings.values() for found in of_one):
        if found.is_ban or describe.is_suspected(found):
            seen[found.key] = found
    unread = {gap.profile for gap in story.ended.gaps}
    for key, found in seen.items():
        what = value_names.app_in(_named(found), profile_of(found))
        if (left := now.get(key)) is not None:
            yield _left(story, left, what)
        elif unread & {None, found.profile}:
            yield _Found("amber", what, describe.RESULTS[Result.NOT_VERIFIED])
        else:
            yield _Found("green", what, describe.RESULTS[Result.REMOVED])


def _left(story: Story, found: records.AppFound, what: Value) -> _Found:
    """An app that the last check found."""
    if not found.is_ban or found.excepted is not None:
        return _Found("amber", what, describe.found_as(found))
    if found.contained:
        return _Found("amber", what, describe.RESULTS[Result.SWITCHED_OFF])
    left = {OFF: Result.OFF, SUSPENDED: Result.SUSPENDED}.get(found.can_start or "", Result.STILL_THERE)
    closed = any(gap.profile == found.profile for gap in story.ended.gaps)
    return _Found("red", what, describe.RESULTS[left], by_hand(found, closed=closed, admin=story.was_admin(found)))


def _named(found: records.AppFound) -> Value:
    product = found.product or Bilingual(found.package, found.package)
    return Bilingual(one_line(product.en, _NAME), one_line(product.fr, _NAME))


#: The words of profiles, by which a part of the phone that was not seen may be named: other gaps may name apps.
_PARTS: Final = frozenset(words.message for words in value_names.PROFILES.values())
_PAIR: Final = value_names.pair("", "").message


def _not_seen(ended: CheckEnded, counted: Sequence[int] = ()) -> Iterator[_Found]:
    """The profiles that could not be read, by name; everything else only counted. Those that are `counted` as seen by
    an officer's word are left out: that word has a line of its own."""
    gaps = [gap for gap in ended.gaps if gap.profile is None or gap.profile not in counted]
    parts = [part for gap in gaps if (part := _part(gap.what)) is not None]
    for part in parts[:_UNSEEN]:
        yield _Found("amber", part, T("not seen"))
    others = ended.unseen - (len(ended.gaps) - len(gaps)) - len(parts[:_UNSEEN])
    if others > 0:
        more = N("{count} item could not be checked", "{count} items could not be checked", others)
        yield _Found("amber", more, "")


def _part(what: Text) -> Text | None:
    """The profile that a gap names, where it is one that was not read."""
    name = dict(what.values).get("name") if what.message == _PAIR else None
    return name if isinstance(name, Text) and name.message in _PARTS else None


def _next(story: Story, check: Entry) -> tuple[Text, ...]:
    """What the owner does on the phone, once it is back."""
    maker = check.device.maker if check.device is not None else ""
    left = story.hand_back
    back = left[2] if left is not None else None
    keeps = left is not None and left[1].keeps_debugging
    owner = LeftToOwner(back.auto_blocker, back.computers) if back is not None else LeftToOwner()
    return describe_visit.for_the_owner(describe.platform(check), maker, owner, keeps_debugging=keeps)


def _row(found: _Found) -> dict[str, Any]:
    hand: Sequence[Any] = _say(found.hand) if found.hand is not None else []
    return {"sign": found.sign, "what": _say(found.what, 160), "result": _say(found.result, 160), "hand": hand}
