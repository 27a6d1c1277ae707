"""What tests have to reach inside of the product for, each in one place."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from core.ledger.file import entry_reader
from core.ledger.writer import Ledger


def database_of(ledger: Ledger) -> Database:
    """The SQLite connection of a ledger: to hold its lock, to break its file, or to listen to its statements."""
    return ledger._database


def clock_of(ledger: Ledger) -> Any:
    """What a ledger takes the time from."""
    return ledger._clock


def forget_entries() -> None:
    """Have every entry be read anew, as by a program that has just started."""
    entry_reader._cached_contents.clear()
