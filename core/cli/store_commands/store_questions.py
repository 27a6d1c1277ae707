"""What ``fanion store`` tells of all desks together: how their phones stand, and the answers to documented
questions."""

from __future__ import annotations

import argparse
import codecs
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from core.cli import layout, terminal
from core.cli.arguments import Actions, argument, day
from core.cli.store_commands import store_remarks
from core.desk.desk import Desk
from core.desk.papers.store_keys import require_signed
from core.head_office.questions import dashboard, questions
from core.head_office.questions.counting import DAYS, Scope
from core.head_office.questions.dashboard import MOST, AnswerTable, Dashboard
from core.policy.wording import long_date
from core.problem import Problem
from core.reports.charts.chart_data import Bar, worst_first
from core.reports.tables.csv_table import CsvSeparator, csv_of
from core.text import N, T, Value, grouped, plain

#: Lines of each list, and units, for people; `--json` has all of them.
_NAMED: Final = 5
_UNITS: Final = 12


class AnswerForm(StrEnum):
    """The forms in which a question is answered."""

    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"


_FIRST = argument("--first", T("the first day; otherwise {days} days up to the last", days=DAYS), T("DATE"), type=day)
_LAST = argument("--last", T("the last day; otherwise that of the newest check"), T("DATE"), type=day)


def add(actions: Actions) -> None:
    """Add what is asked to ``fanion store``."""
    round_argument = argument("--round", T("only the phones of this round, on its days"), T("NAME"), default="")
    forms = T("the form of the answer; otherwise a table on a terminal, and TSV for another program")
    actions.add(
        "show",
        run_show,
        T("the state of the phones of all desks: seen, due, red; and silent desks"),
        round_argument,
        _FIRST,
        _LAST,
    )
    actions.add(
        "ask",
        run_ask,
        T("answer one of the documented questions"),
        argument("question", T("which: {names}", names=", ".join(questions.names())), choices=questions.names()),
        _FIRST,
        _LAST,
        argument("--format", forms, choices=[*map(str, AnswerForm)]),
    )


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    require_signed(desk, options.store)
    with terminal.stop_button() as cancel:
        board = dashboard.dashboard(options.store, _scope(options), report=terminal.progress, cancel=cancel)
        if options.round:
            names = {store_round.name.casefold(): store_round for store_round in reversed(board.rounds)}
            store_round = names.get(options.round.casefold())
            if store_round is None:
                round_names = ", ".join(store_round.name for store_round in board.rounds[:_NAMED])
                raise Problem(
                    T("The store has no round “{round}”.", round=options.round),
                    T("It has these: {names}.", names=round_names)
                    if round_names
                    else T("No desk has sent a round to head office yet."),
                    code="no-such-round",
                    exit_code=2,
                )
            board = dashboard.dashboard(options.store, Scope.of(store_round), report=terminal.progress, cancel=cancel)
    return terminal.answer(options, _as_json(board), *_lines(board))


def run_ask(options: argparse.Namespace, desk: Desk) -> int:
    require_signed(desk, options.store)
    with terminal.stop_button() as cancel:
        scope = _scope(options) or Scope.until(datetime.now(UTC).date())
        rows, remarks = questions.ask_with_remarks(
            options.store, options.question, scope.first, scope.last, cancel=cancel
        )
    form = _form(options)
    rows = [{name: _json_value(value) for name, value in row.items()} for row in rows]
    if form is AnswerForm.JSON:
        about = {"question": options.question, **terminal.pick(scope, "first last")}
        terminal.answer_json({**about, **store_remarks.of_days_as_json(remarks), "rows": rows})
        return 0
    notes = [f"# {remark}" for remark in remarks.sentences]
    if form is AnswerForm.CSV:
        # A CSV file has no lines for them, but nobody shall take practice for real phones.
        first = notes[:1] if remarks.practice else []
        terminal.say(*notes[len(first) :])
        terminal.flush()
        with terminal.answering():
            sys.stdout.buffer.write(_csv(first, rows, desk.settings.csv_separator))
            sys.stdout.buffer.flush()
        return 0
    names = list(rows[0]) if rows else []
    cells = [[_cell(value) for value in row.values()] for row in rows]
    if not rows:
        terminal.out(*notes, T("Nothing in these days."))
    elif form is AnswerForm.TABLE:
        terminal.out(*notes, *layout.table(names, cells, terminal.columns(sys.stdout)))
    else:
        lines = ["\t".join("" if cell is None else str(cell) for cell in row) for row in cells]
        terminal.out_whole(*notes, "\t".join(names), *lines)
    return 0


def _form(options: argparse.Namespace) -> AnswerForm:
    """The form of the answer: the one that was asked for, else a table for a terminal, and TSV for another program."""
    if options.json:
        if options.format not in (None, AnswerForm.JSON):
            raise Problem(
                T("--json and --format {format} are two forms of one answer.", format=options.format),
                T("Leave one of them out."),
                code="two-forms",
                exit_code=2,
            )
        return AnswerForm.JSON
    if options.format is not None:
        return AnswerForm(options.format)
    return AnswerForm.TABLE if sys.stdout.isatty() else AnswerForm.TSV


def _cell(value: object) -> object:
    """A value as a table has it: a number or None as it is, anything else as text without what moves a cursor."""
    return value if value is None or (isinstance(value, int | float)) else plain(str(value), 500)


def _csv(notes: list[str], rows: list[dict[str, object]], separator: CsvSeparator) -> bytes:
    """The notes, each a line, and the rows as CSV with a head; no head where there are none, as it is not known what
    the columns would be.

    Without the mark that a file for a spreadsheet begins with: a program would take it for a part of the first name.
    """
    cells = [
        [value if value is None or isinstance(value, int) else str(value) for value in row.values()] for row in rows
    ]
    heads = [list(row) for row in rows[:1]]
    return csv_of([*([note] for note in notes), *heads, *cells], separator).removeprefix(codecs.BOM_UTF8)


def _scope(options: argparse.Namespace) -> Scope | None:
    """The days that were asked about; None where nothing was said of them. Raises Problem."""
    if options.first is None and options.last is None:
        return None
    last = options.last or datetime.now(UTC).date()
    if options.first is None:
        return Scope.until(last)
    if last < options.first:
        sentence, next_step = T("The last day is before the first one."), T("Give them the other way round.")
        raise Problem(sentence, next_step, code="bad-days", exit_code=2)
    return Scope(options.first, last)


def _json_value(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _lines(board: Dashboard) -> list[object]:
    scope, whole = board.scope, board.whole
    days = T("{first} to {last}", first=long_date(scope.first), last=long_date(scope.last))
    lines: list[object] = [
        *store_remarks.lines(board.remarks),
        days if scope.round is None else T("{name}, {days}", name=scope.round.name, days=days),
        T("{seen} of {phones} phones seen", seen=grouped(whole.checked), phones=grouped(whole.total)),
        T(
            "  ✔ Green: {green}   ? Amber: {amber}   ✖ Red: {red}   Not seen: {due}",
            **{name: grouped(getattr(whole, name)) for name in ("green", "amber", "red", "due")},
        ),
        T(
            "  {checks} checks, {reporting} of {desks} desks",
            checks=grouped(board.checks),
            reporting=grouped(board.reporting),
            desks=grouped(board.desks),
        ),
    ]
    lines += [_unit(bar) for bar in worst_first(board.units)[:_UNITS]]
    for title, answer in (
        (T("Silent desks:"), board.silent),
        (T("Removed, and found again:"), board.came_back),
        (T("Found on several days:"), board.repeated),
        (T("Policies in use:"), board.policies),
        (T("Serial number against list or asset tag:"), board.contradictions),
        (T("Can a banned app be reinstalled, by unit:"), board.can_return),
    ):
        if answer.rows:
            lines += ["", title, *(T("  {name}: {words}", name=name, words=words) for name, words in answer.brief)]
            if (remaining := len(answer.rows) - len(answer.brief)) > 0:
                lines.append(N("  and {count} more", "  and {count} more", remaining))
    return lines


def _unit(bar: Bar) -> Value:
    numbers = {"due": grouped(bar.due), "phones": grouped(bar.total), "red": grouped(bar.red)}
    return T("  {unit}: {due} of {phones} not seen, {red} red", unit=bar.name, **numbers)


def _as_json(board: Dashboard) -> dict[str, Any]:
    scope = board.scope
    return {
        **terminal.pick(scope, "first last"),
        "round": scope.round.name if scope.round is not None else None,
        "rounds": [terminal.pick(store_round, "name first last numbers") for store_round in board.rounds],
        **store_remarks.of_days_as_json(board.remarks),
        **terminal.pick(board, "newest merged desks silent_desks reporting checks unknown"),
        **terminal.pick(board.whole, "phones=total green amber red due"),
        "units": [terminal.pick(bar, "label green amber red due") for bar in board.units],
        "days": [terminal.pick(day, "day green amber red") for day in board.days],
        "lists": {
            "silent-desks": _listed(board.silent),
            "come-backs": _listed(board.came_back),
            "repeat-offenders": _listed(board.repeated),
            "by-policy": _listed(board.policies),
            "contradictions": _listed(board.contradictions),
            "can-return": _listed(board.can_return),
        },
    }


def _listed(answer: AnswerTable) -> dict[str, Any]:
    return {"rows": [list(map(str, row)) for row in answer.rows], "most": MOST, "cut": answer.cut}
