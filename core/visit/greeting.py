"""A phone that was seen before: what the desk's log says of its last visit, in one sentence. Only read, never written.

Only a serial number that one phone alone can have finds an earlier visit, together with maker and model. It looks back
as far as the newest checks of :data:`LOOK_BACK`, whatever else is in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from core import describe, value_names
from core.describe.visits import RecordedVisit
from core.ledger import records
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry
from core.model import Check, Phone, Verdict
from core.model.visit_state import Fate, Reason
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
    for entry in ledger.of_phone(mine, records.Kind.CHECK_ENDED, LOOK_BACK, _OF_THE_PHONE):
        ended, device = entry.record, entry.device
        if entry.visit == visit or not isinstance(ended, records.CheckEnded) or device is None:
            continue
        if is_same(mine, (device.maker, device.model, describe.serial(entry))):
            return T(
                "Checked {when}: {what}",
                when=_when(entry.time, now or datetime.now(UTC)),
                what=_outcome(ledger, entry, check),
            )
    return None


def _outcome(ledger: LedgerReader, entry: Entry, check: Check | None) -> Text:
    state = RecordedVisit(tuple(ledger.of_visit(entry.visit)) if entry.visit else (entry,)).state
    removed = state.products(Fate.REMOVED, Fate.GONE)
    now = {f.rule for f in check.bans} if check is not None else set()
    returned = {ban.product for ban in state.bans if ban.rule in now}
    back = [product for product in removed if product in returned]
    if back:
        apps, count = _first_names(back), len(back)
        return N("{apps} was removed then. It is back.", "{apps} were removed then. They are back.", count, apps=apps)
    if state.verdict is Verdict.RED:
        left_count = max(state.left_count, 1)
        return N("{count} banned app was left on it.", "{count} banned apps were left on it.", left_count)
    if removed:
        return N("{apps} was removed then.", "{apps} were removed then.", len(removed), apps=_first_names(removed))
    return _OTHERWISE.get(state.reason, _NOT_KNOWN)


#: What is said of an earlier visit that neither removed a banned app nor left one.
_OTHERWISE: Final = {
    Reason.NONE_BANNED: T("no banned app was found."),
    Reason.EXCEPTED: T("a banned app was on it that an exception allowed."),
    Reason.SWITCHED_OFF: T("a banned app was on it that was switched off."),
    Reason.SUSPECTED: T("an app was on it that may be a banned one."),
    Reason.UNSEEN: T("no banned app was found, but not everything could be checked."),
    Reason.LOOKED_AT: T("no banned app was found, but not everything could be checked."),
    Reason.HEALTH: T("no banned app was found, but its health was not as the policy requires."),
    Reason.CAN_RETURN: T("no banned app was found, but its management did not block them as the policy requires."),
}
_NOT_KNOWN: Final = T("its verdict is not known.")


def _first_names(products: Sequence[Bilingual | str]) -> Bilingual:
    """What the first of them are called."""
    names = [product if isinstance(product, Bilingual) else Bilingual(product, product) for product in products]
    if len(names) <= _NAMED:
        whole = value_names.listed(names)
        return Bilingual(*(one_line(whole.in_language(language), 200) for language in LANGUAGES))
    return Bilingual(
        *(one_line(", ".join(p.in_language(language) for p in names[:_NAMED]), 200) + ", …" for language in LANGUAGES)
    )


def _when(past: datetime, now: datetime) -> Text:
    """How long ago, in words, by the days of this computer's calendar."""
    days = (now.astimezone().date() - past.astimezone().date()).days
    if days <= 0:
        return T("earlier today")
    if days == 1:
        return T("yesterday")
    if days < 2 * _MONTH:
        return N("{count} day ago", "{count} days ago", days)
    if days < 2 * _YEAR:
        return N("{count} month ago", "{count} months ago", days // _MONTH)
    return N("{count} year ago", "{count} years ago", days // _YEAR)
