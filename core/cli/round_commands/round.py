"""``fanion round``: field audits, with the list of the phones that must be seen and how many of them were."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.cli import terminal
from core.cli.arguments import JSON, PRACTICE, YES, Actions, argument, day, flag
from core.cli.round_commands import round_papers
from core.cli.round_commands.round_choice import WHICH, asked_for, covered, rounds_on_record
from core.cli.round_commands.round_status import coverage_as_json, status_lines
from core.desk.desk import Desk
from core.desk.papers import erasures
from core.desk.papers.round_days import round_day
from core.rounds import rounds
from core.rounds.practice import practice_roster
from core.rounds.roster import columns
from core.rounds.roster.columns import COLUMN_NAMES, Columns, RosterColumn
from core.rounds.roster.roster import read_roster
from core.rounds.roster.tables import RosterProblem, RosterTable, Sheet, read_table
from core.rounds.rounds import ClosedRound, KnownRound
from core.text import N, T, Text

#: Rounds on one page of their list.
_ROUNDS = 200
_ABOUT = "id name place first last policy officers recheck"


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, JSON, PRACTICE)
    actions.add(
        "list",
        run_list,
        T("the rounds in the log"),
        argument("--page", T("which page of them, the newest are on page 1"), "N", type=int, default=1),
    )
    actions.add(
        "new",
        run_new,
        T("begin a round"),
        argument("name", T("what it is called"), T("NAME")),
        argument("--first", T("its first day; otherwise today"), T("DATE"), type=day),
        argument("--last", T("its last day"), T("DATE"), type=day, required=True),
        argument("--place", T("where it is"), T("TEXT"), default=""),
        argument("--officer", T("who checks; once for each"), T("NAME"), action="append", dest="officers"),
        argument("--recheck", T("how many of a hundred phones a second officer checks"), "N", type=int, default=0),
    )
    actions.add(
        "roster",
        run_roster,
        T("import the roster of a round: a table of the phones that must be seen (CSV or Excel)"),
        argument("file", T("the file"), T("FILE"), type=Path),
        argument("--round", T("its number or its name; otherwise the newest"), T("ROUND"), default=""),
        flag("--replace", T("in place of the roster that the round has")),
        argument("--sheet", T("the name of the sheet, where there are several"), T("NAME")),
        *(
            argument(f"--{column}", T("the heading of this column: {column}", column=name), T("HEADING"))
            for column, name in COLUMN_NAMES.items()
        ),
    )
    actions.add("status", run_status, T("how many of its phones were seen, and what is left to do"), WHICH)
    round_papers.add(actions)
    actions.add("end", run_end, T("close a round: its result goes into the log"), WHICH)
    actions.add(
        "forget", run_forget, T("keep the roster of a round no longer: it names people, and is lost"), WHICH, YES
    )


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    on_record = rounds_on_record(desk, options.practice)
    pages = max(1, -(-len(on_record) // _ROUNDS))
    page = min(max(options.page, 1), pages)
    page_rounds = on_record[(page - 1) * _ROUNDS : page * _ROUNDS]
    lines = [
        T(
            "{number}  {name}, {first} to {last}, {state}",
            number=known_round.about.id,
            name=known_round.about.name,
            first=known_round.about.first.isoformat(),
            last=known_round.about.last.isoformat(),
            state=_state(known_round),
        )
        for known_round in page_rounds
    ]
    fields = {
        "rounds": [_as_json(known_round) for known_round in page_rounds],
        "page": page,
        "pages": pages,
        "count": len(on_record),
    }
    if pages > 1:
        lines.append(T("Page {page} of {pages}. Another one: fanion round list --page N", page=page, pages=pages))
    return terminal.answer(options, fields, *(lines or [T("No round has been begun at this desk.")]))


def run_new(options: argparse.Namespace, desk: Desk) -> int:
    policy = desk.policy(None)
    with desk.custodian(options.practice, make=True) as ledger:
        about = rounds.begin(
            ledger,
            options.name,
            options.first or round_day(desk),
            options.last,
            policy.id,
            place=options.place,
            officers=tuple(options.officers or [desk.officer]),
            recheck=options.recheck,
            practice=options.practice,
        )
        if options.practice:
            rounds.bring(ledger, desk.data, about, practice_roster(datetime.now(UTC)))
    confirmation = T("✔ Begun, with the number {number}. Now import its roster.", number=about.id)
    if options.practice:
        confirmation = T("✔ Begun, with the number {number}. Its roster has every practice phone.", number=about.id)
    return terminal.answer(options, terminal.pick(about, _ABOUT), confirmation)


def run_roster(options: argparse.Namespace, desk: Desk) -> int:
    known_round = asked_for(options, desk)
    if known_round.ended is not None:
        raise ClosedRound(known_round.about.name)
    with terminal.stop_button() as cancel:
        table = read_table(options.file, cancel)
        sheet = _sheet(table, options.sheet, desk)
        chosen = _columns(columns.propose(sheet, desk.data), options)
        reading = read_roster(table, sheet, chosen, datetime.now(UTC), cancel)
    replaces = known_round.roster.sha256 if known_round.roster is not None and options.replace else ""
    with desk.custodian(options.practice) as ledger:
        rounds.bring(ledger, desk.data, known_round.about, reading.roster, reading.left_out, replaces=replaces)
    columns.remember(desk.data, chosen)
    count = len(reading.roster.lines)
    fields = {
        "phones": count,
        **terminal.pick(reading, "left_out empty"),
        "columns": {str(column): place for column, place in chosen.places.items()},
        "faults": [
            terminal.pick(fault, "line kind kept=is_kept other=other_line sentence") for fault in reading.faults
        ],
    }
    lines = [fault.sentence for fault in reading.faults]
    confirmation = N("✔ The roster has {count} phone.", "✔ The roster has {count} phones.", count)
    return terminal.answer(options, fields, *lines, confirmation)


def run_status(options: argparse.Namespace, desk: Desk) -> int:
    known_round, coverage = covered(options, desk, blindly=True)
    lines = status_lines(known_round, coverage)
    return terminal.answer(options, {**_as_json(known_round), "coverage": coverage_as_json(coverage)}, *lines)


def run_end(options: argparse.Namespace, desk: Desk) -> int:
    known_round, coverage = covered(options, desk)
    if known_round.ended is None:
        with desk.custodian(options.practice) as ledger:
            rounds.end(ledger, coverage)
    confirmation = T("✔ Closed. Its result is in the log.") if known_round.ended is None else T("It was closed before.")
    return terminal.answer(options, coverage_as_json(coverage), confirmation)


def run_forget(options: argparse.Namespace, desk: Desk) -> int:
    known_round = asked_for(options, desk)
    if not options.yes and not terminal.confirmed(T("Forget the roster of {round}?", round=known_round.about.name)):
        raise terminal.NotConfirmed(T("Nothing was forgotten."), T("Add --yes."))
    with desk.custodian(options.practice) as ledger:
        rounds.forget_roster(ledger, desk.data, known_round.about)
        copies = erasures.copies_since(ledger, known_round.entry)
    return terminal.answer(
        options,
        {"forgotten": known_round.about.id},
        T("✔ The roster is forgotten. The log says so."),
        erasures.remaining(copies),
        *erasures.copy_lines(copies),
    )


def _sheet(table: RosterTable, name: str | None, desk: Desk) -> Sheet:
    """The sheet of that name, or the one that looks most like a roster. Raises RosterProblem."""
    if name is None:
        return table.sheets[columns.propose_sheet(table, desk.data)]
    sheet = next((sheet for sheet in table.sheets if sheet.name == name), None)
    if sheet is None:
        names = ", ".join(sheet.name for sheet in table.sheets)
        raise RosterProblem(T("The file has no sheet “{sheet}”.", sheet=name), T("It has these: {names}.", names=names))
    return sheet


def _columns(proposed: Columns, options: argparse.Namespace) -> Columns:
    """The columns as they were proposed, with those that were named. Raises RosterProblem."""
    places = dict(proposed.places)
    for column in RosterColumn:
        heading = getattr(options, column.value)
        if heading is None:
            continue
        if heading not in proposed.heading:
            raise RosterProblem(
                T("The file has no column “{heading}”.", heading=heading),
                T("It has these: {names}.", names=", ".join(proposed.heading)),
            )
        places[column] = proposed.heading.index(heading)
    return columns.choose(proposed, places)


def _as_json(known_round: KnownRound) -> dict[str, Any]:
    return {
        **terminal.pick(known_round.about, _ABOUT),
        "roster": None if known_round.roster is None else known_round.roster.phones,
        "ended": known_round.ended is not None,
    }


def _state(known_round: KnownRound) -> Text:
    if known_round.ended is not None:
        return T("closed")
    if known_round.roster is None:
        return T("without a roster")
    return N("{count} phone on its roster", "{count} phones on its roster", known_round.roster.phones)
