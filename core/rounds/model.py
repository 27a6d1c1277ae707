"""What a round is: a field audit with its place, its days, its officers, and the phones that must be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from core.model import Verdict

#: Characters of each text of a roster that are kept, and the lines that one may have.
TEXT_LIMIT: Final = 120
MOST_LINES: Final = 200_000


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One phone that must be seen, as the department lists it. What the list does not say is empty.

    `line` is its number in the file, the first is 1. `serial`, in capitals, and `imei`, 15 digits, are in the form of
    :mod:`core.rounds.identifiers`, by which they are to be compared with what a phone or an officer says.
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


@dataclass(frozen=True, slots=True)
class SeenPhone:
    """One check of a phone, as the log has it: the `entry` of its end, by which officer at which desk, and its verdict
    once the officer has looked on the phone, removed apps and handed it back; None where that is not to be told,
    because another officer is to check the phone without knowing it (:func:`core.rounds.recheck.blinded`).

    `banned` apps were on it at the end; `looked` is an officer's word on record. `phone` is what people call it,
    `reason` why it was handed back although it was not green, in the officer's words, as long as they are not erased.
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
    looked: bool = False
    visit: str = ""
    handed_back: bool = False
    reason: str = ""
