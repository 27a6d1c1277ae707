"""What a round is: a field audit with its place, its days, its officers, and the phones that must be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Final

from core.model import Verdict
from core.rounds.days import day_of

#: Characters of each text of a roster that are kept, and the lines that one may have.
TEXT_LIMIT: Final = 120
MOST_LINES: Final = 200_000


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One phone that must be seen, as the department lists it. What the list does not say is empty.

    `line` is its number in the file, the first is 1. `serial`, in capitals, and `imei`, 15 digits, are in the form of
    :mod:`core.rounds.roster.identifiers`, by which they are to be compared with what a phone or an officer says.
    """

    line: int
    serial: str = ""
    imei: str = ""
    tag: str = ""
    holder: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """The phones that must be seen. `sha256` is of the file that they were read from, `source` its name."""

    lines: tuple[RosterLine, ...]
    source: str
    sha256: str
    brought: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A field audit. `id` is its own number in the log, `first` and `last` are its days, both included.

    `policy` is the id of the policy that its phones are to be judged by. `recheck` is the share of its phones, in per
    cent, that another officer is to look at again without seeing the first result. `practice`: of practice phones.
    """

    id: str
    name: str
    place: str
    first: date
    last: date
    policy: str
    officers: tuple[str, ...] = ()
    recheck: int = 0
    practice: bool = False


class LossCause(StrEnum):
    """What keeps a check from being compared with the roster."""

    #: Personal values of its records were erased, or are gone without a record of it.
    ERASED = "erased"
    FORGOTTEN = "roster-forgotten"
    #: The file of the roster is gone, or is not the one on record.
    MISSING = "roster-missing"


@dataclass(frozen=True, slots=True)
class Loss:
    """Why it is not known any more which phone of the roster was checked: since which `day`, and by whose act; None and
    empty where no record tells."""

    cause: LossCause
    day: date | None = None
    officer: str = ""


@dataclass(frozen=True, slots=True)
class SeenPhone:
    """One check of a phone, as the log has it: the `entry` of its end, by which officer at which desk, and its verdict
    once the officer has looked on the phone, removed apps and handed it back; None where that is not to be told,
    because another officer is to check the phone without knowing it (:func:`core.rounds.recheck.blinded`).

    `banned` apps were on it at the end; `is_attested` is an officer's word on record. `phone` is what people call it,
    `reason` why it was handed back although it was not green, in the officer's words, as long as they are not erased.
    `zone` is the time zone of its `day`. `erased` tells that the serial number, or else what was typed in to name the
    phone, was known once and is not any more. `by_day` is the day by which it was made at the latest, where later
    entries or the computer's clock say so against its own time.
    """

    entry: int
    time: datetime
    desk: str
    officer: str
    verdict: Verdict | None
    serial: str = ""
    imei: str = ""
    tag: str = ""
    holder: str = ""
    phone: str = ""
    banned: int = 0
    is_attested: bool = False
    visit: str = ""
    handed_back: bool = False
    reason: str = ""
    zone: tzinfo | None = None
    erased: Loss | None = None
    by_day: date | None = None

    @property
    def day(self) -> date:
        """The day on which it was made, by its own time."""
        return day_of(self.time, self.zone)

    @property
    def sure_day(self) -> date:
        """The day on which it was made, or an earlier one by which the log has it."""
        return self.day if self.by_day is None else min(self.day, self.by_day)
