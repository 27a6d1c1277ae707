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
from core.describe import can_return
from core.describe import visit as describe_visit
from core.ledger import records
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, Entry
from core.model import Attested, Verdict, platforms
from core.model.can_return import Return
from core.model.visit_state import Fate
from core.phones.driver import LeftToOwner
from core.policy.wording import long_date
from core.reports.page import Said, labels, pictured, printable, say, typeset
from core.reports.receipt.receipt import check_of
from core.reports.receipt.story import Story, by_hand, profile_of, read, result_of, words_of_gone, zone
from core.text import LANGUAGES, N, T, Text, Value

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
#: The sign beside whether a banned app can be installed again.
_RETURN_SIGNS: Final = {Return.POSSIBLE: "amber", Return.UNKNOWN: "amber", Return.BLOCKED: "green"}
_KEPT_FOR_REVIEW: Final = T("Of apps that came from no store it keeps the names and who signed them.")


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """The page about the check of record `seq`, as PDF; and what is on it, to be drawn for a printer."""

    pdf: bytes
    seq: int
    words: Mapping[str, Any]
    time: datetime

    def pictures(self) -> tuple[bytes, ...]:
        """The page as PNG, one picture a sheet. Raises PageProblem."""
        return tuple(pictured(_TEMPLATE, self.words, languages=LANGUAGES))


def owner_page(ledger: LedgerReader, seq: int) -> OwnerPage:
    """The page about the check with this number, or about the last one of the visit that the record belongs to.

    Raises LedgerProblem, PageProblem. The same records give the same bytes.
    """
    check, ended = check_of(ledger, seq, only_later=False)
    story = Story.of(ledger, check, ended)
    state = story.state
    verdict = state.verdict or Verdict.AMBER
    where = zone(ledger, check)
    platform = platforms.of(describe.platform(check))
    how_much = T("Which apps are on the phone: {apps}.", apps=read(ended))
    words: dict[str, Any] = {
        "title": _say(T("Your phone was checked")),
        "name": _say(T("Page for the holder of a phone, entry {entry}", entry=check.seq)),
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
        "read": [_say(text) for text in (how_much, platform.app_read, _SETTINGS_READ)],
        "kept": [_say(text) for text in (*_NOT_READ, *([_KEPT_FOR_REVIEW] if ended.for_review else ()))],
        "found": [_row(row) for row in _found_rows(story)],
        "next": [_say(text) for text in _next(story, check)],
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


@dataclass(frozen=True, slots=True)
class _FoundRow:
    """One line of what was found: a sign, what it is, what became of it, and what the owner does about it."""

    sign: str
    subject: Value
    result: Value
    hand: Text | None = None


def _found_rows(story: Story) -> Iterator[_FoundRow]:
    """The banned apps that the visit found, with what became of each; what was not seen; what an officer saw."""
    apps = list(_apps(story))
    if not apps:
        yield _FoundRow("green", T("No banned app was found."), "")
    yield from apps[:_APPS]
    if len(apps) > _APPS:
        rest_text = N("{count} more banned app", "{count} more banned apps", len(apps) - _APPS)
        yield _FoundRow("red", rest_text, T("The officer can tell which."))
    if story.ended.can_return is not None:
        yield _FoundRow(
            _RETURN_SIGNS[story.ended.can_return], can_return.line(story.ended.returns), can_return.EVIDENCE
        )
    if story.look is None:
        yield from _not_seen(story.ended)
        return
    entry, attestation = story.look
    counts = attestation.answer == Attested.NOTHING_SEEN and attestation.verdict == Verdict.GREEN
    yield from _not_seen(story.ended, attestation.counted if counts else ())
    sign = "red" if attestation.answer == Attested.APP_SEEN else "green" if counts else "amber"
    if (look_text := describe_visit.looked_at(entry)) is not None:
        yield _FoundRow(sign, look_text, "")


def _apps(story: Story) -> Iterator[_FoundRow]:
    """A line for each banned or suspected app of the visit, as the last check knows it."""
    for app in filter(_is_told, story.findings[story.check.seq]):
        yield _still_present(story, app, _app_name(app))
    for app, fate in story.gone:
        if _is_told(app):
            sign = "green" if fate in (Fate.REMOVED, Fate.GONE) else "amber"
            yield _FoundRow(sign, _app_name(app), words_of_gone(fate))


def _is_told(app: records.AppFound) -> bool:
    return app.is_ban or describe.is_suspected(app)


def _app_name(app: records.AppFound) -> Text:
    return value_names.app_in(describe.product_name(app, _NAME), profile_of(app))


def _still_present(story: Story, app: records.AppFound, app_name: Value) -> _FoundRow:
    """The line of an app that the last check still found."""
    if not app.is_ban or app.excepted is not None:
        return _FoundRow("amber", app_name, describe.found_as(app))
    if app.contained:
        return _FoundRow("amber", app_name, result_of(app))
    closed = any(gap.profile == app.profile for gap in story.ended.gaps)
    return _FoundRow("red", app_name, result_of(app), by_hand(app, closed=closed, admin=story.was_admin(app)))


#: The words of profiles, by which a part of the phone that was not seen may be named: other gaps may name apps.
_PARTS: Final = frozenset(words.message for words in value_names.PROFILES.values())
_PAIR: Final = value_names.pair("", "").message


def _not_seen(ended: CheckEnded, counted: Sequence[int] = ()) -> Iterator[_FoundRow]:
    """The profiles that could not be read, by name; everything else only counted. Those that are `counted` as seen by
    an officer's word are left out: that word has a line of its own."""
    gaps = [gap for gap in ended.gaps if gap.profile is None or gap.profile not in counted]
    parts = [part for gap in gaps if (part := _part(gap.what)) is not None]
    for part in parts[:_UNSEEN]:
        yield _FoundRow("amber", part, T("not seen"))
    rest_count = ended.unseen - (len(ended.gaps) - len(gaps)) - len(parts[:_UNSEEN])
    if rest_count > 0:
        rest_text = N("{count} item could not be checked", "{count} items could not be checked", rest_count)
        yield _FoundRow("amber", rest_text, "")


def _part(gap_text: Text) -> Text | None:
    """The profile that a gap names, where it is one that was not read."""
    name = dict(gap_text.values).get("name") if gap_text.message == _PAIR else None
    return name if isinstance(name, Text) and name.message in _PARTS else None


def _next(story: Story, check: Entry) -> tuple[Text, ...]:
    """What the owner does on the phone, once it is back."""
    maker = check.device.maker if check.device is not None else ""
    hand_back = story.hand_back
    back = hand_back[2] if hand_back is not None else None
    keeps = hand_back is not None and hand_back[1].keeps_debugging
    owner = LeftToOwner(back.auto_blocker, back.computers) if back is not None else LeftToOwner()
    return describe_visit.for_the_owner(describe.platform(check), maker, owner, keeps_debugging=keeps)


def _row(row: _FoundRow) -> dict[str, Any]:
    hand: Sequence[Any] = _say(row.hand) if row.hand is not None else []
    return {"sign": row.sign, "what": _say(row.subject), "result": _say(row.result, 160), "hand": hand}
