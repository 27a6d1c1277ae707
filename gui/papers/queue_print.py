"""Prints the page for the queue: asks for a printer, and makes and paints the page off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core import guides
from core.desk.desk import Desk
from core.reports.queue_page import queue_page, queue_pictures
from core.text import T
from gui.toolkit.jobs import JobEnd, JobRunner
from gui.toolkit.printing import print_or_save


def print_queue_page(
    parent: QWidget,
    desk: Desk,
    runner: JobRunner,
    maker: str,
    ended: Callable[[JobEnd[None]], None],
    memory: QSettings | None = None,
) -> bool:
    """Print the page for `maker`, or save it as a PDF where the system has no printer. False if that was cancelled.

    `ended` hears of a Problem of the desk's key, the page or the printer.
    """

    return print_or_save(
        parent,
        T("Get your phone ready: {maker}", maker=guides.guide(maker).title),
        lambda: queue_pictures(maker, desk.reach.fingerprint()),
        lambda: queue_page(maker, desk.reach.fingerprint(), time=datetime.now(UTC)),
        runner,
        ended,
        name=f"fanion-{maker}.pdf",
        memory=memory,
    )
