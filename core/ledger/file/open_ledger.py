"""One open ledger file and the lock around it: what reading, proving and writing have in common."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from core.ledger.file.file_problems import translated


class OpenLedger:
    """A ledger file that is open. May be used from any thread; the code that opens it closes it."""

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        self.path = path
        self._database = database
        self._reading = reading
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. A second time does nothing."""
        with self._lock:
            self._database.close()

    def count(self) -> int:
        """How many records there are: records are numbered from 1, without gaps."""
        return int(self.rows("SELECT coalesce(max(seq), 0) FROM entry", [])[0][0])

    def rows(self, query: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
        """The rows of a query of this package, all at once."""
        with self._access():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _access(self) -> Iterator[None]:
        """One thread at a time, and every fault of the world as a LedgerProblem."""
        with self._lock, translated(self.path, reading=self._reading):
            yield
