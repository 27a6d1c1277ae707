"""The rows of bundles that are kept apart: written beside the tables, where no question reads them, and moved into the
tables once what was missing has come.

Each such bundle has a folder of its own below ``apart``, with files of the same tables. So what is erased by its time
goes from there as it does from the tables, and nothing has to be decrypted or verified a second time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from core.head_office.merging.erasing import erase
from core.head_office.store.stretches import APART
from core.head_office.store.tables import LiveFile, TableFiles, arrow, day_of, read_table, rows_of, table_of

#: By which column of a table it is known to which entry a row belongs, or by which other where that has nothing. Rows
#: of the others belong to none.
_NUMBERS: Final = {
    **dict.fromkeys(("records", "checks", "findings", "steps", "personal", "rounds"), ("seq",)),
    "seals": ("size",),
    "erased": ("by_seq", "record"),
}

_Place = Callable[[str], Path]


class ApartFiles:
    """The files of one bundle that is kept apart, during a merge. Everything here may raise OSError."""

    def __init__(self, staging: Path, id: str, group: int, name: str, before: Mapping[str, LiveFile]) -> None:
        """`before` are the files that the store has of it, `name` what new ones are called by."""
        self._prefix = f"{APART}/{id}/"
        self._staging = staging / APART / id
        self._before = {path.removeprefix(self._prefix): file for path, file in before.items()}
        #: The files that are written now, by their paths below the bundle's own folder.
        self.new = TableFiles(self._staging, group, name)

    @property
    def files(self) -> dict[str, LiveFile]:
        """All files of the bundle as they are now, by their paths below the store."""
        return {f"{self._prefix}{path}": file for path, file in self._own.items()}

    @property
    def _own(self) -> dict[str, LiveFile]:
        """All files of the bundle as they are now, by their paths below its own folder."""
        return {**self._before, **self.new.files}

    def erase_due(self, place: _Place, today: date) -> None:
        """Take out the personal values that are over their time by `today`."""
        due = any(file.due and date.fromisoformat(file.due) < today for file in self._own.values())
        if not due:
            return
        replaced = erase(self._own, self._placed(place), self.new, {}, today)
        self.new.end()
        for path in replaced:
            if path in self.new.files:
                self.new.drop(path)
            else:
                del self._before[path]

    def move(self, place: _Place, into: TableFiles, after: int) -> int:
        """Write the rows of entries behind number `after` into the tables; how many entries that are.

        The phones of rosters are left out: they belong to no entry.
        """
        entries = 0
        for path in self._own:
            table = table_of(path)
            if table == "roster":
                continue
            content = read_table(self._placed(place)(path))
            if columns := _NUMBERS.get(table):
                compute = arrow("pyarrow.compute")
                numbers = compute.coalesce(*(content[column] for column in columns))
                content = content.filter(compute.greater(numbers, after))
            if content.num_rows:
                into.write(table, day_of(path), [content])
            entries += content.num_rows if table == "records" else 0
        return entries

    def move_rosters(self, place: _Place, into: TableFiles) -> None:
        """Write the phones of rosters into the table."""
        for path in self._own:
            if table_of(path) == "roster":
                into.write("roster", day_of(path), [read_table(self._placed(place)(path))])

    def seals(self, place: _Place) -> dict[int, str]:
        """The roots of its seals, in hex, by how many entries each is over."""
        roots = {}
        for path in self._own:
            if table_of(path) == "seals":
                content = read_table(self._placed(place)(path), ["size", "root"])
                roots.update({row["size"]: row["root"].hex() for row in rows_of(content)})
        return roots

    def erased(self, place: _Place, after: int) -> set[int]:
        """The entries whose values an entry behind number `after` of it has erased."""
        numbers: set[int] = set()
        for path in self._own:
            if table_of(path) == "erased":
                content = read_table(self._placed(place)(path), ["record", "by_seq"])
                numbers.update(row["record"] for row in rows_of(content) if (row["by_seq"] or 0) > after)
        return numbers

    def give_up(self) -> None:
        """Remove what was written."""
        self.new.close()
        shutil.rmtree(self._staging, ignore_errors=True)

    def _placed(self, place: _Place) -> _Place:
        return lambda path: place(f"{self._prefix}{path}")
