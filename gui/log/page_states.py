"""What the log page says of its state: how much it shows, and why it shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.describe.verification import grouped
from core.jobs import Cancel
from core.text import N, T, Text, plain
from gui.log.filter_bar import FilterBar
from gui.log.record_source import Source, State
from gui.toolkit.jobs import Report

if TYPE_CHECKING:
    from core.desk.desk import Desk


def counted(source: Source) -> Text | str:
    """How many records are shown, and how far the search is."""
    shown = source.rows.rowCount()
    if source.state is not State.READY:
        return ""
    if source.share is not None:
        percent = round(source.share * 100)
        if not shown or source.waiting:
            return T("Searching… {percent} %", percent=percent)
        return T("{number} found… {percent} %", number=grouped(shown), percent=percent)
    if source.query:
        return N("{number} found", "{number} found", shown, number=grouped(shown))
    return N("{number} entry", "{number} entries", shown, number=grouped(shown))


def nothing_title(source: Source) -> Text:
    """The log is empty."""
    return T("Nothing has been practised yet") if source.practice else T("Nothing has been recorded yet")


def nothing_sentence(source: Source) -> Text:
    """What would fill it."""
    if source.practice:
        return T("What is done with practice phones is written down here, apart from the desk’s own log.")
    return T("Each check and each removal is written down here. Go to the desk and plug a phone in.")


def none_fits(filters: FilterBar) -> Text:
    """Nothing is found."""
    words = plain(filters.search.text().strip(), 60)
    if not words:
        return T("The log has no entry that passes these filters.")
    if filters.told():
        return T("No entry that passes these filters has “{words}” in it.", words=words)
    return T("No entry has “{words}” in it.", words=words)


def has_practice(desk: Desk, cancel: Cancel, report: Report) -> bool:
    """Whether anything was practised at this desk."""
    from core.desk.desk import NothingRecorded

    try:
        with desk.read_ledger(practice=True) as ledger:
            return ledger.count() > 0
    except NothingRecorded:
        return False
