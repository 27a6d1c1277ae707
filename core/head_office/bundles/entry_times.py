"""The times of a bundle's entries, and which of them cannot be: a later time outweighs other entries wherever the last
check of a phone is asked for, so that not one entry may be of a time that was still to come when it was written.

A computer whose clock fell back and was set right again has entries that are too early, which outweigh nothing: what
comes after them reaches the time of what was before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from core.ledger.verify.record_check import LeafRow


class _Head(msgspec.Struct, gc=False):
    time: str


_head: Final = msgspec.json.Decoder(_Head).decode


@dataclass(frozen=True, slots=True)
class EarlyEntry:
    """An entry of a time that those after it, of which `later` is the latest, have not reached."""

    entry: int
    time: datetime
    later: datetime


class EntryTimes:
    """The times of entries in their order. In memory are only those that no later entry has reached."""

    def __init__(self, latest: datetime) -> None:
        """`latest` is the time beyond which no entry can be."""
        self._latest = latest
        #: The first entry beyond that: its number and time.
        self.beyond: tuple[int, datetime] | None = None
        #: From the latest time on, each later entry with an earlier time: number and time.
        self._open: list[tuple[int, datetime]] = []

    @property
    def newest(self) -> datetime | None:
        """The latest time; None without entries that have one."""
        return self._open[0][1] if self._open else None

    def add(self, rows: Iterable[LeafRow]) -> None:
        """Take the next entries. One that gives no time is the verification's to refuse."""
        waiting = self._open
        for number, leaf, _ in rows:
            try:
                time = datetime.fromisoformat(_head(leaf).time).astimezone(UTC)
            except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
                continue
            if time > self._latest and self.beyond is None:
                self.beyond = number, time
            while waiting and waiting[-1][1] <= time:
                waiting.pop()
            waiting.append((number, time))

    def before_its_time(self, tolerance: timedelta) -> EarlyEntry | None:
        """The first entry whose time the entries after it have not reached, by more than `tolerance`."""
        for (number, time), (_, later) in zip(self._open, self._open[1:], strict=False):
            if time - later > tolerance:
                return EarlyEntry(number, time, later)
        return None
