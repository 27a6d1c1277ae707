"""``fanion log``: what is on record."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core import words
from core.cli import terminal
from core.desk import Desk
from core.ledger import LedgerProblem
from core.ledger.entries import Entry
from core.ledger.records import Kind
from core.ledger.wording import as_text
from core.model import ProfileKind, Strength, Verdict
from core.text import Bilingual, T, Text

_KINDS: dict[str, Text] = {
    Kind.PROGRAM_START: T("Fanion was started"),
    Kind.PHONE_SEEN: T("A phone was connected"),
    Kind.CHECK_STARTED: T("A check began"),
    Kind.CHECK_ENDED: T("A check ended"),
    Kind.FINDING: T("An app was found"),
    Kind.REMOVAL_INTENDED: T("A removal step was about to be taken"),
    Kind.REMOVAL_OUTCOME: T("What came of a removal step"),
    Kind.UNDO_INTENDED: T("An undo step was about to be taken"),
    Kind.UNDO_OUTCOME: T("What came of an undo step"),
    Kind.POLICY_LOADED: T("A policy was loaded"),
    Kind.PROBLEM: T("A problem was met"),
}


#: How the values are said that are no text and no number.
_SAID = {"None": T("nothing"), "True": T("yes"), "False": T("no"), "[]": T("nothing"), "{}": T("nothing")}


class NoSuchEntry(LedgerProblem):
    """The log has no record of that number."""

    code = "no-such-entry"

    def __init__(self, seq: int) -> None:
        super().__init__(T("The log has no entry {entry}.", entry=seq), T("List the entries: fanion log list."))


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("log", parents=[common], help=str(T("read the log")))
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
    show.add_argument("entry", type=int, metavar="N", help=str(T("its number")))
    show.set_defaults(run=run_show)
    search = actions.add_parser("search", parents=[options, limit], help=str(T("entries with a text in them")))
    search.add_argument("text", metavar=str(T("TEXT")), help=str(T("an app, a serial number, a name...")))
    search.set_defaults(run=run_search)


def _count(typed: str) -> int:
    if not typed.isdecimal() or int(typed) == 0:
        raise argparse.ArgumentTypeError(str(T("that must be a whole number, 1 or more")))
    return int(typed)


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    with desk.read_ledger(options.practice) as ledger:
        kind = Kind(options.kind) if options.kind else None
        verdict = Verdict(options.verdict) if options.verdict else None
        entries = ledger.newest(options.limit, kind=kind, verdict=verdict)
        open_ones = ledger.open_intents()
    if options.json:
        _json(entries, open_ones)
        return 0
    if open_ones:
        terminal.out(T("Not known what came of these steps; check the phones again:"))
        _list(open_ones)
        terminal.out("")
    _list(entries)
    return 0


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    with desk.read_ledger(options.practice) as ledger:
        entry = ledger.entry(options.entry)
    if entry is None:
        raise NoSuchEntry(options.entry)
    if options.json:
        terminal.answer_json({**_plain(entry.leaf), "serial": _serial(entry)})
        return 0
    terminal.out(_line(entry), "")
    for name, value in _fields(_plain(entry.leaf)):
        terminal.out(words.pair(name, value))
    if _serial(entry):
        terminal.out(T("serial number (kept beside the record, can be erased): {serial}", serial=_serial(entry)))
    return 0


def run_search(options: argparse.Namespace, desk: Desk) -> int:
    with desk.read_ledger(options.practice) as ledger:
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
    time = entry.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    kind = _KINDS.get(entry.kind, entry.kind)
    text = summary(entry)
    return f"{entry.seq:>6}  {time}  {words.pair(kind, text) if text else kind}"


def summary(entry: Entry) -> str:
    """What an entry says beyond its kind, in one line."""
    body, device = entry.body, entry.leaf["device"]
    match entry.kind:
        case Kind.PHONE_SEEN | Kind.CHECK_STARTED:
            text = str(as_text(body["how"]))
        case Kind.CHECK_ENDED:
            verdict = Verdict(body["verdict"])
            text = f"{terminal.SIGNS[verdict]} {words.VERDICTS[verdict]}"
        case Kind.FINDING:
            product = Bilingual(body["product"]["en"], body["product"]["fr"])
            profile = words.PROFILES[ProfileKind(body["profile"]["kind"])]
            strength = words.STRENGTHS[Strength(body["strength"])]
            text = str(words.pair(strength, f"{product} ({body['package']}), {profile}"))
        case Kind.REMOVAL_INTENDED | Kind.UNDO_INTENDED:
            act = words.ACTS.get(body["act"], body["act"])
            text = f"{words.pair(act, body['package'])}, {T('profile {id}', id=body['profile'])}"
        case Kind.REMOVAL_OUTCOME | Kind.UNDO_OUTCOME:
            text = f"{as_text(body['means'])} {'(' + body['answer'] + ')' if body['answer'] else ''}".strip()
        case Kind.POLICY_LOADED:
            policy = entry.leaf["policy"]
            text = f"{policy['id']} {policy['version']}"
        case Kind.PROBLEM:
            text = str(as_text(body["sentence"]))
        case _:
            text = ""
    return str(words.pair(f"{device['maker']} {device['model']}", text)) if device else text


def _serial(entry: Entry) -> str:
    device = entry.leaf["device"]
    return (entry.revealed("device.serial") or "") if device else ""


def _json(entries: tuple[Entry, ...], open_ones: tuple[Entry, ...]) -> None:
    terminal.answer_json(
        {
            "entries": [{**_plain(e.leaf), "serial": _serial(e)} for e in entries],
            "open_intents": [_plain(e.leaf) for e in open_ones],
        }
    )


def _plain(value: Any) -> Any:
    """An entry's frozen fields as JSON has them."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def _fields(value: Any, name: str = "") -> list[tuple[str, object]]:
    """The fields of a record, one a line, named by their path."""
    if isinstance(value, dict) and "en" in value and "code" in value:
        return [(name, as_text(value))]
    if isinstance(value, dict) and value:
        return [f for key, inner in value.items() for f in _fields(inner, f"{name}.{key}" if name else key)]
    if isinstance(value, list) and value:
        return [f for i, inner in enumerate(value) for f in _fields(inner, f"{name}[{i}]")]
    return [(name, _SAID.get(repr(value), value))]
