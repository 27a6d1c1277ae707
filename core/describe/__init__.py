"""Checks, removals and records in words, for the command line and the window alike.

Nothing here opens a file. A record may come from anybody's log: whatever stands in it is shown, and nothing in it makes
this fail. What is said in a record is told in the language in use when it is asked for.
"""

from __future__ import annotations

from typing import Final

from core.describe.headline import bans, found_as, kind, labels, officer, phone, serial, summary, verdict, when
from core.describe.record import Field, Group, fields
from core.describe.values import KINDS, OUTCOMES
from core.ledger.records.entry import Entry
from core.model import Check, Verdict
from core.phones.removal_plan import Result
from core.policy.wording import long_date
from core.same_phone import names_one_phone
from core.text import N, T, Text

__all__ = [
    "KINDS",
    "OUTCOMES",
    "RESULTS",
    "Field",
    "Group",
    "bans",
    "fields",
    "found_as",
    "headline",
    "kind",
    "labels",
    "officer",
    "phone",
    "serial",
    "settles",
    "summary",
    "verdict",
    "when",
]

#: What the reading after a removal says of one app.
RESULTS: Final = {
    Result.REMOVED: T("Removed"),
    Result.NOT_VERIFIED: T("Not seen any more, but the profile could not be wholly read"),
    Result.SWITCHED_OFF: T("Switched off; it came with the phone and cannot be removed"),
    Result.OFF: T("Not removed, but switched off: it cannot be started at the moment"),
    Result.SUSPENDED: T("Not removed, but suspended: it cannot be started at the moment"),
    Result.STILL_THERE: T("Still there"),
}


def settles(step: Entry) -> Text:
    """What the officer does about a step with an unknown result."""
    if names_one_phone(serial(step)):
        return T("Check that phone again.")
    return T(
        "No check can tell the result: the phone’s serial number is missing, erased or one that many phones have."
        " Look on the phone itself."
    )


def headline(check: Check) -> Text:
    """The verdict in one sentence."""
    count = len(check.banned_products)
    if check.verdict is Verdict.RED:
        return N("{count} banned app is on this phone.", "{count} banned apps are on this phone.", count)
    if check.suspected:
        return N(
            "{count} app may be a banned one under another name; it could not be made sure.",
            "{count} apps may be banned ones under another name; it could not be made sure.",
            len({f.app.package for f in check.suspected}),
        )
    if any(f.excepted for f in check.bans):
        until = min(f.excepted.until for f in check.bans if f.excepted)
        return N(
            "{count} banned app is on this phone, excepted until {date}.",
            "{count} banned apps are on this phone, excepted; the first of them until {date}.",
            count,
            date=long_date(until),
        )
    if check.bans:
        return N(
            "{count} banned app is switched off, but it came with the phone and cannot be removed.",
            "{count} banned apps are switched off, but they came with the phone and cannot be removed.",
            count,
        )
    if check.verdict is Verdict.AMBER:
        return T("No banned app was found, but some items could not be checked.")
    return T("Everything was read, and no banned app is on this phone.")
