"""``fanion round``: field audits, with the list of the phones that must be seen and how many of them were."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from core.cli import round_papers, terminal
from core.cli.arguments import JSON, PRACTICE, YES, Actions, argument, day
from core.cli.round_choice import LINE, WHICH, asked_for, covered, covered_blindly, known
from core.desk import erasures
from core.desk.desk import Desk
from core.reports.chart_data import pace_words, waiting_words
from core.rounds import columns, figures, rounds
from core.rounds.columns import COLUMN_NAMES, Column, Columns
from core.rounds.coverage import Coverage, PhoneCoverage, PhoneState
from core.rounds.practice import practice_roster
from core.rounds.roster import read_roster
from core.rounds.rounds import KnownRound
from core.rounds.tables import RosterProblem, Sheet, Table, read_table
from core.text import N, T, Text, grouped

#: Phones that are named under each heading; `--json` has all of them.
_NAMED = 10
_UNITS = 12
_ABOUT = "id name place first last policy officers recheck"


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, JSON, PRACTICE)
    actions.add("list", run_list, T("the rounds in the log"))
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
    found = known(desk, options.practice)
    lines = [
        T(
            "{number}  {name}, {first} to {last}, {state}",
            number=one.about.id,
            name=one.about.name,
            first=one.about.first.isoformat(),
            last=one.about.last.isoformat(),
            state=_state(one),
        )
        for one in found
    ]
    told = {"rounds": [_as_json(one) for one in found]}
    return terminal.answer(options, told, *(lines or [T("No round has been begun at this desk.")]))


def run_new(options: argparse.Namespace, desk: Desk) -> int:
    policy = desk.policy(None)
    with desk.custodian(options.practice, make=True) as ledger:
        about = rounds.begin(
            ledger,
            options.name,
            options.first or date.today(),
            options.last,
            policy.id,
            place=options.place,
            officers=tuple(options.officers or [desk.officer]),
            recheck=options.recheck,
            practice=options.practice,
        )
        if options.practice:
            rounds.bring(ledger, desk.data, about, practice_roster(datetime.now(UTC)))
    if options.practice:
        said = T("✔ Begun, with the number {number}. Its roster has every practice phone.", number=about.id)
        return terminal.answer(options, terminal.pick(about, _ABOUT), said)
    said = T("✔ Begun, with the number {number}. Now import its roster.", number=about.id)
    return terminal.answer(options, terminal.pick(about, _ABOUT), said)


def run_roster(options: argparse.Namespace, desk: Desk) -> int:
    one = asked_for(options, desk)
    with terminal.stop_button() as cancel:
        table = read_table(options.file, cancel)
        sheet = _sheet(table, options.sheet, desk)
        chosen = _columns(columns.propose(sheet, desk.data), options)
        reading = read_roster(table, sheet, chosen, datetime.now(UTC), cancel)
    columns.remember(desk.data, chosen)
    with desk.custodian(options.practice) as ledger:
        rounds.bring(ledger, desk.data, one.about, reading.roster, reading.left_out)
    count = len(reading.roster.lines)
    told = {
        "phones": count,
        "left_out": reading.left_out,
        "empty": reading.empty,
        "columns": {str(column): place for column, place in chosen.places.items()},
        "faults": [terminal.pick(fault, "line kind kept other sentence") for fault in reading.faults],
    }
    lines = [fault.sentence for fault in reading.faults]
    said = N("✔ The roster has {count} phone.", "✔ The roster has {count} phones.", count)
    return terminal.answer(options, told, *lines, said)


def run_status(options: argparse.Namespace, desk: Desk) -> int:
    one, found = covered_blindly(options, desk)
    return terminal.answer(options, {**_as_json(one), "coverage": coverage_as_json(found)}, *_lines(one, found))


def run_end(options: argparse.Namespace, desk: Desk) -> int:
    one, found = covered(options, desk)
    if one.ended is None:
        with desk.custodian(options.practice) as ledger:
            rounds.end(ledger, found)
    said = T("✔ Closed. Its result is in the log.") if one.ended is None else T("It was closed before.")
    return terminal.answer(options, coverage_as_json(found), said)


def run_forget(options: argparse.Namespace, desk: Desk) -> int:
    one = asked_for(options, desk)
    if not options.yes and not terminal.confirmed(T("Forget the roster of {round}?", round=one.about.name)):
        raise terminal.NotConfirmed(T("Nothing was forgotten."), T("Add --yes."))
    with desk.custodian(options.practice) as ledger:
        rounds.forget_roster(ledger, desk.data, one.about)
        copies = erasures.copies_since(ledger, one.entry)
    return terminal.answer(
        options,
        {"forgotten": one.about.id},
        T("✔ The roster is forgotten. The log says so."),
        erasures.remaining(copies),
        *erasures.named(copies),
    )


def coverage_as_json(found: Coverage) -> dict[str, Any]:
    """A round's coverage for programs: with the phones, so that it names people."""
    pace = figures.pace(found)
    return {
        "phones": len(found.phones),
        "checked": found.checked,
        **{str(state): found.counts.get(state, 0) for state in PhoneState},
        "late": len(found.late),
        "unexpected": len(found.unexpected),
        "seen_twice": len(found.seen_twice),
        "units": [{"unit": u.unit, **{str(state): u.count(state) for state in PhoneState}} for u in found.units],
        "pace": {"weekly": round(pace.a_day * 7, 1), "days_left": pace.days_left, "projected": pace.projected},
        "list": [_phone_as_json(phone) for phone in found.phones],
        "not_on_the_list": [_phone_as_json(phone) for phone in found.unexpected],
    }


def _sheet(table: Table, name: str | None, desk: Desk) -> Sheet:
    """The sheet of that name, or the one that looks most like a roster. Raises RosterProblem."""
    if name is None:
        return table.sheets[columns.propose_sheet(table, desk.data)]
    found = next((sheet for sheet in table.sheets if sheet.name == name), None)
    if found is None:
        names = ", ".join(sheet.name for sheet in table.sheets)
        raise RosterProblem(T("The file has no sheet “{sheet}”.", sheet=name), T("It has these: {names}.", names=names))
    return found


def _columns(proposed: Columns, options: argparse.Namespace) -> Columns:
    """The columns as they were proposed, with those that were named. Raises RosterProblem."""
    places = dict(proposed.places)
    for column in Column:
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


def _lines(one: KnownRound, found: Coverage) -> list[object]:
    about, counts = one.about, found.counts
    lines: list[object] = [
        T("{name}, {first} to {last}", name=about.name, first=about.first.isoformat(), last=about.last.isoformat()),
        T("{checked} of {phones} checked", checked=grouped(found.checked), phones=grouped(len(found.phones))),
        T(
            "  ✔ Green: {green}   ? Amber: {amber}   ✖ Red: {red}   Due: {due}, not seen for long: {late}",
            **{str(state): grouped(counts.get(state, 0)) for state in PhoneState},
            late=grouped(len(found.late)),
        ),
    ]
    if waiting := counts.get(PhoneState.WAITING, 0):
        lines.append(T("  {words}", words=waiting_words(waiting)))
    if one.roster is None:
        lines.append(T("  It has no roster yet: fanion round roster."))
    else:
        lines.append(T("  {words}", words=pace_words(figures.pace(found))))
    lines += [
        T(
            "  {unit}: {due} of {phones} due, {red} red",
            unit=unit.unit or T("without a unit"),
            due=grouped(unit.count(PhoneState.DUE)),
            phones=grouped(unit.phones),
            red=grouped(unit.count(PhoneState.RED)),
        )
        for unit in found.units[:_UNITS]
    ]
    for title, phones in (
        (T("Red, still open:"), found.of(PhoneState.RED)),
        (T("Due, and red when they were seen last:"), found.red_before),
        (T("Not on the roster:"), found.unexpected),
        (T("Seen more than once:"), found.seen_twice),
    ):
        if phones:
            lines += ["", title, *(_phone(phone) for phone in phones[:_NAMED])]
            if len(phones) > _NAMED:
                lines.append(N("  and {count} more", "  and {count} more", len(phones) - _NAMED))
    return lines


def _phone(phone: PhoneCoverage) -> Text:
    seen = phone.last or phone.before
    when = T("seen on {date}", date=seen.time.astimezone().date().isoformat()) if seen is not None else T("never seen")
    return T("  {phone}, {unit}, {when}", phone=phone.named, unit=phone.unit or T("without a unit"), when=when)


def _phone_as_json(phone: PhoneCoverage) -> dict[str, Any]:
    line = {} if phone.line is None else terminal.pick(phone.line, LINE)
    last = None if phone.last is None else terminal.pick(phone.last, "entry time desk officer verdict serial tag phone")
    return {**line, "state": str(phone.state), "checks": len(phone.checks), "last": last}


def _as_json(one: KnownRound) -> dict[str, Any]:
    about = terminal.pick(one.about, _ABOUT)
    return {**about, "roster": None if one.roster is None else one.roster.phones, "ended": one.ended is not None}


def _state(one: KnownRound) -> Text:
    if one.ended is not None:
        return T("closed")
    if one.roster is None:
        return T("without a roster")
    return N("{count} phone on its roster", "{count} phones on its roster", one.roster.phones)
