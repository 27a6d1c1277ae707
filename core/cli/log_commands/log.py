"""``fanion log``: what is on record."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from typing import Any

from core import describe, value_names
from core.cli import terminal
from core.cli.arguments import ENTRY, JSON, PRACTICE, Actions, argument
from core.cli.log_commands import evidence, papers
from core.cli.signs import SIGNS
from core.describe.record import fields
from core.desk.desk import Desk
from core.desk.problems import NoSuchEntry
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Kind
from core.model import Verdict
from core.same_phone import names_one_phone
from core.text import T, Value


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, PRACTICE, JSON)
    limit = argument("--limit", T("at most N entries"), "N", type=_count, default=50)
    actions.add("list", run_list, T("the newest entries"), limit, papers.KIND, papers.VERDICT)
    actions.add("show", run_show, T("one entry, whole"), ENTRY)
    text = argument("text", T("an app, a serial number, a name..."), T("TEXT"))
    actions.add("search", run_search, T("entries with a text in them"), limit, text)
    evidence.add(actions)
    papers.add(actions)


def _count(typed: str) -> int:
    if not typed.isdecimal() or int(typed) == 0:
        raise argparse.ArgumentTypeError(str(T("that must be a whole number, 1 or more")))
    return int(typed)


@contextlib.contextmanager
def _reading(desk: Desk, practice: bool) -> Iterator[LedgerReader]:
    """The log, to be read only; where nothing can be recorded in it from here, that is said. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        # A new record needs a journal beside the file.
        if not all(os.access(needed, os.W_OK) for needed in (ledger.path, ledger.path.parent)):
            terminal.say(
                T(
                    "The log file {file} is read-only here: it can be read, but nothing can be recorded in it.",
                    file=str(ledger.path),
                )
            )
        yield ledger


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    with _reading(desk, options.practice) as ledger:
        kind = Kind(options.kind) if options.kind else None
        verdict = Verdict(options.verdict) if options.verdict else None
        entries = ledger.newest(options.limit, kind=kind, verdict=verdict)
        open_ones = ledger.open_intents()
    lines: list[object] = []
    if open_ones:
        unsettled = [step for step in open_ones if not names_one_phone(describe.serial(step))]
        lines = [
            T("The result of these steps is unknown; check the phones again:"),
            *_lines(open_ones),
            *[value_names.pair(str(step.seq), describe.settles(step)) for step in unsettled],
            "",
        ]
    return terminal.answer(options, _as_json(entries, open_ones), *lines, *_lines(entries))


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    with _reading(desk, options.practice) as ledger:
        newest = ledger.count()
        entry = ledger.entry(options.entry) if 0 < options.entry <= newest else None
    if entry is None:
        raise NoSuchEntry(options.entry, newest)
    lines: list[object] = [_line(entry)]
    for group in fields(entry):
        lines += ["", group.title, *[f"  {value_names.pair(field.label, field.value)}" for field in group.fields]]
    return terminal.answer(options, {**entry.leaf, "serial": describe.serial(entry)}, *lines)


def run_search(options: argparse.Namespace, desk: Desk) -> int:
    with _reading(desk, options.practice) as ledger:
        entries = ledger.search(options.text, options.limit)
    return terminal.answer(options, _as_json(entries), *_lines(entries))


def _lines(entries: tuple[Entry, ...]) -> list[object]:
    return [*map(_line, entries)] or [T("There are no such entries.")]


def _line(entry: Entry) -> str:
    verdict, text = describe.verdict(entry), describe.summary(entry)
    if verdict is not None:
        text = f"{SIGNS[verdict]} {text}"
    line: Value = describe.kind(entry)
    for part in (describe.phone(entry), text):
        line = value_names.pair(line, part) if part else line
    return f"{entry.seq:>6}  {describe.when_and_utc(entry)}  {line}"


def _as_json(entries: tuple[Entry, ...], open_ones: tuple[Entry, ...] = ()) -> dict[str, Any]:
    return {
        "entries": [{**e.leaf, "serial": describe.serial(e)} for e in entries],
        "open_intents": [e.leaf for e in open_ones],
    }
