"""Checks, removals and records in words, for the command line and the window alike.

Nothing here opens a file. A record may come from any log: all that stands in it is shown, and nothing in it makes this
fail. What is said in a record is told in the language in use when it is asked for.
"""

from __future__ import annotations

from typing import Final

from core.describe.headline import (
    KINDS,
    counted,
    found_as,
    headline,
    kind,
    labels,
    officer,
    phone,
    recorded_headline,
    serial,
    summary,
    verdict,
    when,
)
from core.describe.record import Field, Group, fields
from core.ledger.records import Entry
from core.ledger.records.removal import OUTCOMES
from core.phones.removal_plan import Result
from core.same_phone import names_one_phone
from core.text import T, Text

__all__ = [
    "KINDS",
    "OUTCOMES",
    "RESULTS",
    "Field",
    "Group",
    "counted",
    "fields",
    "found_as",
    "headline",
    "kind",
    "labels",
    "officer",
    "phone",
    "recorded_headline",
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
