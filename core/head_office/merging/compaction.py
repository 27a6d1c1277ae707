"""Joining many small files of the store into one: each merge makes files of its own, and a reader has to open them all.

What is joined are the files of one table, day and group of desks, once there are more than a few small ones. Every row
stays as it is, in the order of its files; a joined file counts with the merge that made it, or not at all. The files of
the exact entries are left alone: by them it is known what each merge brought (see
core.head_office.questions.events), and no question reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from core.head_office.store.tables import LiveFile, TableFiles, arrow, day_of, row_groups, table_of

#: Small files of one table, day and group that may lie side by side.
FEW: Final = 8
#: Rows from which on a file is no longer small. So one that is joined has at most some hundred thousand.
SMALL: Final = 30_000
#: The tables whose files are never changed.
_KEPT: Final = frozenset({"records"})
#: Rows that are written in one go: as many are in memory, whatever is joined.
_AT_ONCE: Final = 30_000


def compact(live: Mapping[str, LiveFile], place: Callable[[str], Path], new: TableFiles) -> set[str]:
    """Write the small files of `live` into fewer, which `new` has then, where there are too many.

    They are those of one group of desks, and `place` tells where each is. Returns those that are to go. Raises OSError.
    """
    replaced: set[str] = set()
    for paths in too_many(live):
        first = paths[0]
        new.write(table_of(first), day_of(first), _joined(map(place, paths)))
        replaced.update(paths)
    return replaced


def too_many(live: Mapping[str, LiveFile]) -> list[list[str]]:
    """The small files that are to be joined, those of one folder together."""
    folders: dict[str, list[str]] = {}
    for path, file in live.items():
        if file.rows < SMALL and table_of(path) not in _KEPT:
            folders.setdefault(path.rpartition("/")[0], []).append(path)
    return [sorted(paths) for paths in folders.values() if len(paths) > FEW]


def _joined(places: Iterable[Path]) -> Iterator[Any]:
    """The rows of several files, a good number at a time."""
    waiting, rows = list[Any](), 0
    for place in places:
        for content in row_groups(place):
            waiting.append(content)
            rows += content.num_rows
            if rows >= _AT_ONCE:
                yield arrow().concat_tables(waiting)
                waiting, rows = [], 0
    if waiting:
        yield arrow().concat_tables(waiting)
