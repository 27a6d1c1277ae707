"""A practice phone where the data folder cannot be written: a newcomer's first check needs nothing that stays."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from core.cli import terminal
from core.desk.desk import Desk
from core.desk.settings.data_choice import Origin
from core.system.files import folder_check
from core.system.files.momentary import momentary_folder
from core.text import T


@contextlib.contextmanager
def usable(desk: Desk, options: argparse.Namespace) -> Iterator[Desk]:
    """The desk; for a practice phone whose standard folder cannot be written, one in a folder that goes at the end.

    A folder that somebody named or chose is not given up for another: there it is a problem.
    """
    scenario = getattr(options, "practice", None)  # the commands that show records have a switch of that name
    if not isinstance(scenario, str) or desk.origin is not Origin.STANDARD:
        yield desk
        return
    try:
        folder_check.require(desk.data)
    except folder_check.NotWritable as problem:
        terminal.say(
            problem.sentence,
            T("So this practice phone has a temporary folder, which goes at the end with its log. Choose one: --data."),
        )
    else:
        yield desk
        return
    with momentary_folder() as folder:
        temporary = Desk(folder, desk.settings, desk.fault)
        try:
            yield temporary
        finally:
            temporary.close()
