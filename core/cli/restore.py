"""``fanion restore``: take back what a removal did on this phone."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli import phone_options, rendering, terminal
from core.cli.visiting import visiting
from core.desk.desk import Desk
from core.text import T
from core.visit.undo import NothingToUndo


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "restore", parents=[common], help=str(T("put back what was removed from this phone by mistake"))
    )
    phone_options.add(parser)
    parser.add_argument(
        "app",
        metavar=str(T("APP")),
        nargs="?",
        default="",
        help=str(T("package or product; without it, the last removal")),
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    with visiting(options, desk) as (visit, cancel):
        visit.check(cancel)
        cancel.check()
        undoable = visit.undoable(options.app)
        if not undoable:
            raise NothingToUndo(options.app, visit.certain)
        undone = visit.undo(undoable, cancel)
        entry = visit.entry.seq if visit.entry else None
    if options.json:
        answer = rendering.check_as_json(undone.check, entry)
        restored = [
            {"app": s.package, "profile": s.profile, "act": s.act, "outcome": a.outcome, "answer": a.text}
            for s, a in undone.answers
        ]
        terminal.answer_json({**answer, "restored": restored})
    else:
        rendering.check(undone.check)
        terminal.out(T("On record as entry {entry}.", entry=entry))
    if not undone.is_back:
        terminal.say(T("Not everything is back: check the phone by hand."))
    return 0 if undone.is_back else 1
