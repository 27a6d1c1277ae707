"""``fanion check``: read a phone, judge it, show the verdict."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.check import needs_certificates
from core.cli import select, shown, terminal
from core.cli.running import look_closer, visiting
from core.desk import Desk
from core.model import Check, Verdict
from core.text import N, T

EXIT_CODES = {Verdict.GREEN: 0, Verdict.RED: 1, Verdict.AMBER: 3}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("check", parents=[common], help=str(T("check a phone")))
    select.add(parser)
    parser.add_argument(
        "--names",
        action="store_true",
        help=str(
            T("then look into the files of the apps that somebody installed: what they are called, who signed them")
        ),
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    told: dict[str, str] = {}
    with visiting(options, desk) as (visit, cancel):
        check = visit.check(cancel)
        if options.names or needs_certificates(check):
            told = look_closer(visit, desk, cancel)
            check = visit.last_check or check
        entry = visit.entry.seq if visit.entry else None
    show(check, entry, options.json, {**desk.names.of(check.inventory.apps), **told} if options.names else {})
    return EXIT_CODES[check.verdict]


def show(check: Check, entry: int | None, as_json: bool, told: Mapping[str, str]) -> None:
    """The check; `told` is what apps were said to be called after it, by package."""
    named = sum(bool(app.label or told.get(app.package)) for app in check.inventory.apps)
    if as_json:
        answer = shown.check_as_json(check, entry)
        terminal.answer_json({**answer, "apps": {**answer["apps"], "named": named}})
        return
    shown.check(check)
    if told:
        count = len(check.inventory.apps)
        names = N(
            "{named} of {count} app has a known name.", "{named} of {count} apps have a known name.", count, named=named
        )
        terminal.out(names)
    terminal.out(T("On record as entry {entry}.", entry=entry))
