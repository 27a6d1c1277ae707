"""``fanion log``: what is on record."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator

from core import describe, value_names
from core.cli import evidence, papers, terminal
from core.desk.desk import Desk
from core.desk.problems import NoSuchEntry
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Kind
from core.model import Verdict
from core.same_phone import names_one_phone
from core.text import T, Value


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(T("ACTION")))
    options = argparse.ArgumentParser(add_help=False, parents=[common])
    options.add_argument("--practice", action="store_true", help=str(T("the log of practice phones")))
    options.add_argument("--json", action="store_true", help=str(T("answer with one JSON object")))
    limit = argparse.ArgumentParser(add_help=False)
    limit.add_argument("--limit", type=_count, default=50, metavar="N", help=str(T("at most N entries")))

    listing = actions.add_parser("list", parents=[options, limit], help=str(T("the newest entries")))
    listing.add_argument(
        "--kind", choices=[str(k) for k in Kind], metavar=str(T("KIND")), help=str(T("only of this kind"))
    )
    listing.add_argument(
        "--verdict",
        choices=[str(v) for v in Verdict],
        metavar=str(T("VERDICT")),
        help=str(T("only checks with this verdict")),
    )
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", parents=[options], help=str(T("one entry, whole")))
    show.add_argument("entry", type=int, metavar="N", help=str(T("the number of the entry: see fanion log list")))
    show.set_defaults(run=run_show)
    search = actions.add_parser("search", parents=[options, limit], help=str(T("entries with a text in them")))
    search.add_argument("text", metavar=str(T("TEXT")), help=str(T("an app, a serial number, a name...")))
    search.set_defaults(run=run_search)
    evidence.add(actions, options)
    papers.add(actions, options)


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
    if options.json:
        _json(entries, open_ones)
        return 0
    if open_ones:
        terminal.out(T("The result of these steps is unknown; check the phones again:"))
        _list(open_ones)
        for step in open_ones:
            if not names_one_phone(describe.serial(step)):
                terminal.out(value_names.pair(str(step.seq), describe.settles(step)))
        terminal.out("")
    _list(entries)
    return 0


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    with _reading(desk, options.practice) as ledger:
        newest = ledger.count()
        entry = ledger.entry(options.entry) if 0 < options.entry <= newest else None
    if entry is None:
        raise NoSuchEntry(options.entry, newest)
    if options.json:
        terminal.answer_json({**entry.leaf, "serial": describe.serial(entry)})
        return 0
    terminal.out(_line(entry))
    for group in describe.fields(entry):
        terminal.out("", group.title)
        for field in group.fields:
            terminal.out(f"  {value_names.pair(field.label, field.value)}")
    return 0


def run_search(options: argparse.Namespace, desk: Desk) -> int:
    with _reading(desk, options.practice) as ledger:
        entries = ledger.search(options.text, options.limit)
    if options.json:
        _json(entries, ())
    else:
        _list(entries)
    return 0


def _list(entries: tuple[Entry, ...]) -> None:
    if not entries:
        terminal.out(T("There are no such entries."))
    for entry in entries:
        terminal.out(_line(entry))


def _line(entry: Entry) -> str:
    verdict, text = describe.verdict(entry), describe.summary(entry)
    if verdict is not None:
        text = f"{terminal.SIGNS[verdict]} {text}"
    line: Value = describe.kind(entry)
    for part in (describe.phone(entry), text):
        line = value_names.pair(line, part) if part else line
    return f"{entry.seq:>6}  {describe.when(entry)}  {line}"


def _json(entries: tuple[Entry, ...], open_ones: tuple[Entry, ...]) -> None:
    terminal.answer_json(
        {
            "entries": [{**e.leaf, "serial": describe.serial(e)} for e in entries],
            "open_intents": [e.leaf for e in open_ones],
        }
    )
