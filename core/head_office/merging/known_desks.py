"""What the store knows of each log: its desk, its keys, and how many of its entries count."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from core.head_office.store.rows import in_ms
from core.head_office.store.stretches import LogGap, MergedStretch
from core.head_office.store.tables import TableFiles, read_table, rows_of

#: The tables that are written whole with each merge of a group of desks.
WHOLE: Final = ("desks", "gaps")


class KnownDesk(msgspec.Struct):
    """What the store knows of one log. `stretch` is what counts of it, None while that is nothing.

    `keys` are the texts of its enrolments, `months` is how long the desk keeps the values of clean checks. `newest`,
    the latest time in it, and `merged`, when something of it was merged last, are in milliseconds since 1970.
    """

    log: str
    desk: str
    keys: tuple[str, ...]
    stretch: MergedStretch | None = None
    months: int = 0
    newest: int | None = None
    merged: int | None = None

    @property
    def size(self) -> int:
        """How many entries of the log count: all from the first one on."""
        return self.stretch.size if self.stretch is not None else 0

    def reach(self, newest: int | None) -> None:
        """Have the log come to this time, unless it had come further."""
        self.newest = max((time for time in (self.newest, newest) if time is not None), default=None)

    def count(self, stretch: MergedStretch) -> None:
        """Have one stretch more count, which joins what does."""
        if self.stretch is None:
            self.stretch = stretch
        elif stretch.size > self.stretch.size:
            self.stretch = self.stretch.extended(stretch)


def read_desks(paths: Iterable[str], place: Callable[[str], Path]) -> dict[str, KnownDesk]:
    """The desks in these files of the table, by log. Raises OSError."""
    desks = {}
    for path in paths:
        for row in rows_of(read_table(place(path))):
            stretches = msgspec.json.decode(row["stretches"], type=tuple[MergedStretch, ...])
            desks[row["log"]] = KnownDesk(
                row["log"],
                row["desk"],
                tuple(json.loads(row["keys"])),
                next((stretch for stretch in stretches if not stretch.base), None),
                row["retention_months"],
                in_ms(row["newest"]) if row["newest"] is not None else None,
                in_ms(row["merged"]) if row["merged"] is not None else None,
            )
    return desks


def write_desks(desks: Mapping[str, KnownDesk], missing: Iterable[LogGap], files: TableFiles) -> None:
    """Write the desks of a group, and what is missing of their logs."""
    for desk in sorted(desks.values(), key=lambda desk: desk.log):
        stretches = msgspec.json.encode((desk.stretch,) if desk.stretch is not None else ()).decode()
        row: tuple[Any, ...] = (desk.log, desk.desk, json.dumps(desk.keys), stretches, desk.months, desk.size)
        files.add("desks", "", (*row, desk.newest, desk.merged))
    for gap in missing:
        files.add("gaps", "", (gap.log, gap.desk, gap.first, gap.last))
    files.end()
