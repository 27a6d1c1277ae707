"""``fanion restore``: take back what a removal did on this phone."""

from __future__ import annotations

import argparse

from core.cli import rendering, terminal
from core.cli.arguments import argument, declare
from core.cli.visiting import phone_arguments, visiting
from core.desk.desk import Desk
from core.text import T
from core.visit.undo import NothingToUndo


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    app = argument(
        "app", T("an app’s id, or the product; without it, the last removal"), T("APP"), nargs="?", default=""
    )
    declare(parser, run, *phone_arguments(), app)


def run(options: argparse.Namespace, desk: Desk) -> int:
    with visiting(options, desk) as (visit, cancel):
        visit.check(cancel)
        cancel.check()
        undoable = visit.undoable(options.app)
        if not undoable:
            raise NothingToUndo(options.app, visit.certain)
        undone = visit.undo(undoable, cancel)
        entry = visit.entry.seq if visit.entry else None
    restored = [
        terminal.pick(s, "app=package profile act") | terminal.pick(a, "outcome answer=text") for s, a in undone.answers
    ]
    if not options.json:
        rendering.check(undone.check)
    value = {**rendering.check_as_json(undone.check, entry), "restored": restored}
    terminal.answer(options, value, T("In the log as entry {entry}.", entry=entry))
    if not undone.is_back:
        terminal.say(T("Not everything is back: check the phone by hand."))
    return 0 if undone.is_back else 1
