"""``fanion check``: read a phone, judge it, show the verdict."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli import select, shown, terminal
from core.cli.running import visiting
from core.desk import Desk
from core.model import Check, Verdict
from core.text import T

EXIT_CODES = {Verdict.GREEN: 0, Verdict.RED: 1, Verdict.AMBER: 3}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("check", parents=[common], help=str(T("check a phone")))
    select.add(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    with visiting(options, desk) as (visit, cancel):
        check = visit.check(cancel)
        entry = visit.entry.seq if visit.entry else None
    show(check, entry, options.json)
    return EXIT_CODES[check.verdict]


def show(check: Check, entry: int | None, as_json: bool) -> None:
    if as_json:
        terminal.answer_json(shown.check_as_json(check, entry))
        return
    shown.check(check)
    terminal.out(T("On record as entry {entry}.", entry=entry))
