"""A phone that was seen before: what the desk's log says of its last visit, in one sentence. Only read, never written.

Only a serial number that one phone alone can have finds an earlier visit, together with maker and model. It looks back
as far as the newest checks of :data:`LOOK_BACK`, whatever else is in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from core import describe
from core.ledger import records
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry
from core.model import Check, Phone, Verdict
from core.reports.receipt.story import Story
from core.same_phone import is_same, names_one_phone
from core.text import LANGUAGES, Bilingual, N, T, Text, one_line

#: Checks that are looked through, of whichever phones.
LOOK_BACK: Final = 20_000
#: Checks of the phone itself: of its present visit, and the last one of another.
_OF_THE_PHONE: Final = 50
#: Apps that are named.
_NAMED: Final = 3
_MONTH: Final = 30
_YEAR: Final = 365


def greeting(
    ledger: LedgerReader, phone: Phone, check: Check | None = None, visit: str = "", now: datetime | None = None
) -> Text | None:
    """What was found and done when this phone was here last; None if the log knows no earlier visit of it.

    `check` is what was found now, `visit` the number of the present visit, `now` the time (aware).
    Raises LedgerProblem.
    """
    if not names_one_phone(phone.serial):
        return None
    mine = phone.maker, phone.model, phone.serial
    for entry in ledger.checks_of(mine, LOOK_BACK, _OF_THE_PHONE):
        ended, device = entry.record, entry.device
        if entry.visit == visit or not isinstance(ended, records.CheckEnded) or device is None:
            continue
        if is_same(mine, (device.maker, device.model, describe.serial(entry))):
            return T(
                "Checked {when}: {what}",
                when=_when(entry.time, now or datetime.now(UTC)),
                what=_what(ledger, entry, ended, check),
            )
    return None


def _what(ledger: LedgerReader, entry: Entry, ended: records.CheckEnded, check: Check | None) -> Text:
    removed = _removed(Story.of(ledger, entry, ended))
    now = {f.rule for f in check.bans} if check is not None else set()
    back = [found for found in removed if found.rule in now]
    if back:
        apps, count = _named(back), len(back)
        return N("{apps} was removed then. It is back.", "{apps} were removed then. They are back.", count, apps=apps)
    if removed:
        return N("{apps} was removed then.", "{apps} were removed then.", len(removed), apps=_named(removed))
    if ended.verdict is Verdict.RED:
        return N("{count} banned app was left on it.", "{count} banned apps were left on it.", ended.banned)
    if ended.verdict is Verdict.GREEN:
        return T("no banned app was found.")
    if ended.verdict is not Verdict.AMBER:
        return T("its verdict is not known.")
    return T("no banned app was found, but not everything could be checked.")


def _named(found: Sequence[records.AppFound]) -> Bilingual:
    """What the first of them are called."""
    products = [one.product or Bilingual(one.package, one.package) for one in found[:_NAMED]]
    more = ", …" if len(found) > _NAMED else ""
    return Bilingual(*(one_line(", ".join(p.in_language(one) for p in products), 200) + more for one in LANGUAGES))


def _removed(story: Story) -> list[records.AppFound]:
    """The banned apps that the visit took steps against and that its last check did not find any more."""
    last = {found.key for found in story.findings[story.check.seq]}
    unseen = {gap.profile for gap in story.ended.gaps}
    gone: dict[str, records.AppFound] = {}
    for entry in story.before:
        cause = story.cause(entry.record) if isinstance(entry.record, records.RemovalIntended) else None
        if cause is not None and cause.is_ban and cause.key not in last and not unseen & {None, cause.profile}:
            gone.setdefault(cause.rule, cause)
    return list(gone.values())


def _when(then: datetime, now: datetime) -> Text:
    """How long ago, in words, by the days of this computer's calendar."""
    days = (now.astimezone().date() - then.astimezone().date()).days
    if days <= 0:
        return T("earlier today")
    if days == 1:
        return T("yesterday")
    if days < 2 * _MONTH:
        return N("{count} day ago", "{count} days ago", days)
    if days < 2 * _YEAR:
        return N("{count} month ago", "{count} months ago", days // _MONTH)
    return N("{count} year ago", "{count} years ago", days // _YEAR)
