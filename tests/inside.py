"""What tests have to reach inside of the product for, each in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from core.ledger.file import entry_reader
from core.ledger.writer import Ledger

if TYPE_CHECKING:  # most tests know no Qt
    from gui.desk.desk_page import DeskPage
    from gui.log.record_source import LogSource
    from gui.toolkit.jobs import JobRunner


def database_of(ledger: Ledger) -> Database:
    """The SQLite connection of a ledger: to hold its lock, to break its file, or to listen to its statements."""
    return ledger._database


def clock_of(ledger: Ledger) -> Any:
    """What a ledger takes the time from."""
    return ledger._clock


def forget_entries() -> None:
    """Have every entry be read anew, as by a program that has just started."""
    entry_reader._cached_contents.clear()


def is_at_rest(runner: JobRunner) -> bool:
    """Whether no job is under way, and none of their news is still to be delivered."""
    return runner.idle and not runner._mail


def shows_all(page: DeskPage) -> bool:
    """Whether the Desk shows all that its phones have told."""
    phones = page.phones
    laid_out = not page.page.settle_soon.isActive()
    return laid_out and not (phones._settle.isActive() or phones._dirty or page._show_soon.isActive())


def is_fetching(source: LogSource[Any]) -> bool:
    """Whether the rows of the log are still to be fetched."""
    return source.rows._soon.isActive() or source.rows._fetching
