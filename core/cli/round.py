"""``fanion round``: field audits, with the list of the phones that must be seen and how many of them were."""

from __future__ import annotations

import argparse
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from core import value_names
from core.cli import terminal
from core.cli.arguments import JSON, PRACTICE, Actions, argument, flag
from core.desk import round_papers
from core.desk.desk import Desk
from core.problem import Problem
from core.reports.chart_data import pace_words
from core.reports.month_summary import SummaryForm
from core.rounds import columns, figures, recheck, rounds
from core.rounds.columns import COLUMN_NAMES, Column, Columns
from core.rounds.coverage import DUE_AFTER, Coverage, PhoneCoverage, PhoneState, due_again
from core.rounds.model import SeenPhone
from core.rounds.practice import practice_roster
from core.rounds.roster import read_roster
from core.rounds.rounds import KnownRound
from core.rounds.tables import RosterProblem, Sheet, Table, read_table
from core.system.folder_check import whole_path
from core.text import LANGUAGES, Language, N, T, Text

#: Phones that are named under each heading; `--json` has all of them.
_NAMED = 10
_UNITS = 12
#: Days that are looked back for phones that are due.
_YEARS = 3 * 366
_LINE = "line serial imei tag holder unit"
_ABOUT = "id name place first last policy officers recheck"


class NoSuchRound(Problem):
    """No round on record has that number or name, or there is none at all."""

    code = "no-such-round"
    exit_code = 2

    def __init__(self, asked: str) -> None:
        sentence = (
            T("There is no round “{round}”.", round=asked) if asked else T("No round has been begun at this desk.")
        )
        super().__init__(sentence, T("See “fanion round list”, or begin one: fanion round new."))


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, JSON, PRACTICE)
    which = argument("round", T("its number or its name; otherwise the newest"), T("ROUND"), nargs="?", default="")
    actions.add("list", run_list, T("the rounds on record"))
    actions.add(
        "new",
        run_new,
        T("begin a round"),
        argument("name", T("what it is called"), T("NAME")),
        argument("--first", T("its first day; otherwise today"), T("DATE"), type=_day),
        argument("--last", T("its last day"), T("DATE"), type=_day, required=True),
        argument("--place", T("where it is"), T("TEXT"), default=""),
        argument("--officer", T("who checks; once for each"), T("NAME"), action="append", dest="officers"),
        argument("--recheck", T("how many of a hundred phones a second officer checks"), "N", type=int, default=0),
    )
    actions.add(
        "roster",
        run_roster,
        T("bring the roster of a round: a table of the phones that must be seen (CSV or Excel)"),
        argument("file", T("the file"), T("FILE"), type=Path),
        argument("--round", T("its number or its name; otherwise the newest"), T("ROUND"), default=""),
        argument("--sheet", T("the name of the sheet, where there are several"), T("NAME")),
        *(
            argument(f"--{column}", T("the heading of this column: {column}", column=name), T("HEADING"))
            for column, name in COLUMN_NAMES.items()
        ),
    )
    actions.add("status", run_status, T("how many of its phones were seen, and what is left to do"), which)
    actions.add(
        "report",
        run_report,
        T("what a round comes to, as a page or a table: no phone and no holder is named, unless --phones is given"),
        which,
        argument("--out", T("the name of a new file, or a folder for it"), T("PATH"), type=Path, default=Path()),
        argument(
            "--format",
            T("a page (pdf), or a table for a spreadsheet (xlsx, csv)"),
            choices=[form.value for form in SummaryForm],
            default=SummaryForm.PDF.value,
        ),
        argument(
            "--in",
            T("the language of the page; otherwise the one in use"),
            dest="languages",
            choices=[*LANGUAGES, "both"],
        ),
        flag("--phones", T("also list every phone, with its holder: for those who may know")),
    )
    actions.add("recheck", run_recheck, T("draw the phones that a second officer checks, or list them"), which)
    actions.add(
        "due",
        run_due,
        T("the phones that this desk has not seen for long, in a round or outside one"),
        argument("--days", T("for how many days"), "N", type=int, default=DUE_AFTER),
    )
    actions.add("end", run_end, T("close a round: what it came to is on record"), which)


def run_list(options: argparse.Namespace, desk: Desk) -> int:
    found = _known(desk, options.practice)
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
    said = T("✔ Begun, with the number {number}. Now bring its roster.", number=about.id)
    return terminal.answer(options, terminal.pick(about, _ABOUT), said)


def run_roster(options: argparse.Namespace, desk: Desk) -> int:
    one = _asked_for(options, desk)
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
    one, found = _covered(options, desk)
    return terminal.answer(options, {**_as_json(one), "coverage": coverage_as_json(found)}, *_lines(one, found))


def run_report(options: argparse.Namespace, desk: Desk) -> int:
    one = _asked_for(options, desk)
    languages: tuple[Language, ...] | None = None
    if options.languages is not None:
        languages = LANGUAGES if options.languages == "both" else (options.languages,)
    form, path = SummaryForm(options.format), whole_path(options.out)
    file = round_papers.round_report(desk, options.practice, one.about.id, path, languages, form, phones=options.phones)
    return terminal.answer(options, {"file": str(file)}, T("✔ Written: {file}", file=str(file)))


def run_recheck(options: argparse.Namespace, desk: Desk) -> int:
    one, found = _covered(options, desk)
    with desk.custodian(options.practice) as ledger:
        of = recheck.drawn(ledger, one.about.id) or recheck.draw(ledger, found)
    looks = recheck.sample(found, of)
    # How the first look ended is not told: the second officer is not to know.
    told = {
        "entry": of.entry,
        "size": of.size,
        "root": b64encode(of.root).decode(),
        "phones": [
            {**({} if look.phone.line is None else terminal.pick(look.phone.line, _LINE)), "agrees": look.agrees}
            for look in looks
        ],
    }
    lines = [
        T("{phone}, {unit}: {state}", phone=look.phone.named, unit=look.phone.unit or T("without a unit"), state=said)
        for look in looks
        for said in (T("checked again") if look.second is not None else T("to be checked again"),)
    ]
    both = [look for look in looks if look.second is not None]
    agreed = sum(look.agrees is True for look in both)
    end = T("{agreed} of {checked} agree, {drawn} were drawn.", agreed=agreed, checked=len(both), drawn=len(looks))
    return terminal.answer(options, told, *lines, end)


def run_due(options: argparse.Namespace, desk: Desk) -> int:
    today = date.today()
    found: tuple[SeenPhone, ...] = ()
    if desk.ledger_path(options.practice).exists():
        with desk.read_ledger(options.practice) as ledger:
            found = due_again(rounds.seen(ledger, today - timedelta(days=_YEARS)), today, options.days)
    lines = [
        T(
            "{date}  {phone}, {whose}, {verdict}",
            date=seen.time.astimezone().date().isoformat(),
            phone=seen.phone or "?",
            whose=seen.holder or seen.tag or (seen.serial[-4:] if seen.serial else "?"),
            verdict=value_names.VERDICTS[seen.verdict],
        )
        for seen in found
    ]
    told = {
        "phones": [terminal.pick(seen, "entry time desk officer verdict serial tag holder phone") for seen in found]
    }
    none = N(
        "Every phone was seen in the last {count} day.", "Every phone was seen in the last {count} days.", options.days
    )
    return terminal.answer(options, told, *(lines or [none]))


def run_end(options: argparse.Namespace, desk: Desk) -> int:
    one, found = _covered(options, desk)
    if one.ended is None:
        with desk.custodian(options.practice) as ledger:
            rounds.end(ledger, found)
    said = T("✔ Closed. What it came to is on record.") if one.ended is None else T("It was closed before.")
    return terminal.answer(options, coverage_as_json(found), said)


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


def _known(desk: Desk, practice: bool) -> tuple[KnownRound, ...]:
    if not desk.ledger_path(practice).exists():
        return ()
    with desk.read_ledger(practice) as ledger:
        return rounds.known(ledger, practice=practice)


def _asked_for(options: argparse.Namespace, desk: Desk) -> KnownRound:
    """The round that was asked for. Raises NoSuchRound, LedgerProblem."""
    known = _known(desk, options.practice)
    asked = options.round.casefold()
    one = next((k for k in known if not asked or asked in (k.about.id, k.about.name.casefold())), None)
    if one is None:
        raise NoSuchRound(options.round)
    return one


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


def _covered(options: argparse.Namespace, desk: Desk) -> tuple[KnownRound, Coverage]:
    """The round that was asked for, and how it stands. Raises NoSuchRound, RosterFileProblem, LedgerProblem."""
    one = _asked_for(options, desk)
    with desk.read_ledger(options.practice) as ledger:
        return one, rounds.covered(ledger, desk.data, one, date.today())


def _lines(one: KnownRound, found: Coverage) -> list[object]:
    about, counts = one.about, found.counts
    lines: list[object] = [
        T("{name}, {first} to {last}", name=about.name, first=about.first.isoformat(), last=about.last.isoformat()),
        T("{checked} of {phones} checked", checked=found.checked, phones=len(found.phones)),
        T(
            "  ✔ Green: {green}   ? Amber: {amber}   ✖ Red: {red}   Due: {due}, not seen for long: {late}",
            **{str(state): counts.get(state, 0) for state in PhoneState},
            late=len(found.late),
        ),
    ]
    if one.roster is None:
        lines.append(T("  It has no roster yet: fanion round roster."))
    else:
        lines.append(T("  {words}", words=pace_words(figures.pace(found))))
    lines += [
        T(
            "  {unit}: {due} of {phones} due, {red} red",
            unit=unit.unit or T("without a unit"),
            due=unit.count(PhoneState.DUE),
            phones=unit.phones,
            red=unit.count(PhoneState.RED),
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
    line = {} if phone.line is None else terminal.pick(phone.line, _LINE)
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


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(T("“{text}” is no day such as 2027-03-31", text=typed))) from error
