"""A draw of a second look, as the log and the report of a round have it. A check of a phone asks for draws: nothing of
charts is loaded with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """A draw that is on record in the days of the round: its entry, its day, the name of the round that it was made
    for, its share in per cent of how many phones, and whether it is the one that counts."""

    entry: int
    day: date
    round: str
    share: int
    among: int
    counts: bool
