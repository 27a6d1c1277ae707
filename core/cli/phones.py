"""``fanion phones``: what is plugged in, in what state, and what to do next."""

from __future__ import annotations

import argparse

from core.cli import terminal
from core.desk.desk import Desk
from core.phones.watch import Road, look
from core.text import T

_ROADS = {Road.USB: T("USB"), Road.SERVER: T("adb server")}


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=str(T("answer with one JSON object")))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    sightings = look()
    if options.json:
        phones = [
            {
                **terminal.pick(s, "key serial name state road"),
                "sentence": str(s.words.sentence),
                "next": str(s.words.next_step),
            }
            for s in sightings
        ]
        terminal.answer_json({"phones": phones})
        return 0
    if not sightings:
        terminal.out(T("No phone is plugged in."))
    for s in sightings:
        terminal.out(f"{s.key}  {s.name or '?'}  ({_ROADS[s.road]})", f"  {s.words.sentence} {s.words.next_step}")
    return 0
