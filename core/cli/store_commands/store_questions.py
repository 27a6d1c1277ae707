"""What ``fanion store`` tells of all desks together: how their phones stand, and the answers to documented
questions."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from typing import Any, Final

from core.cli import terminal
from core.cli.arguments import Actions, argument, day
from core.cli.store_commands import store_remarks
from core.describe.verification import grouped
from core.desk.desk import Desk
from core.desk.papers.store_keys import require_signed
from core.head_office.questions import dashboard, questions
from core.head_office.questions.counting import DAYS, Scope
from core.head_office.questions.dashboard import MOST, AnswerTable, Dashboard
from core.policy.wording import long_date
from core.problem import Problem
from core.reports.charts.chart_data import Bar, worst_first
from core.text import N, T, Value, plain

#: Lines of each list, and units, for people; `--json` has all of them.
_NAMED: Final = 5
_UNITS: Final = 12
_FIRST = argument("--first", T("the first day; otherwise {days} days up to the last", days=DAYS), T("DATE"), type=day)
_LAST = argument("--last", T("the last day; otherwise that of the newest check"), T("DATE"), type=day)


def add(actions: Actions) -> None:
    """Add what is asked to ``fanion store``."""
    named = argument("--round", T("only the phones of this round, on its days"), T("NAME"), default="")
    actions.add(
        "show", run_show, T("how the phones of all desks stand: seen, due, red; and silent desks"), named, _FIRST, _LAST
    )
    actions.add(
        "ask",
        run_ask,
        T("answer one of the documented questions"),
        argument("question", T("which: {names}", names=", ".join(questions.names())), choices=questions.names()),
        _FIRST,
        _LAST,
    )


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    require_signed(desk, options.store)
    with terminal.stop_button() as cancel:
        found = dashboard.dashboard(options.store, _asked(options), report=terminal.progress, cancel=cancel)
        if options.round:
            names = {one.name.casefold(): one for one in reversed(found.rounds)}
            one = names.get(options.round.casefold())
            if one is None:
                others = ", ".join(each.name for each in found.rounds[:_NAMED])
                raise Problem(
                    T("The store has no round “{round}”.", round=options.round),
                    T("It has these: {names}.", names=others) if others else T("No desk has carried a round home yet."),
                    code="no-such-round",
                    exit_code=2,
                )
            found = dashboard.dashboard(options.store, Scope.of(one), report=terminal.progress, cancel=cancel)
    return terminal.answer(options, _as_json(found), *_lines(found))


def run_ask(options: argparse.Namespace, desk: Desk) -> int:
    require_signed(desk, options.store)
    with terminal.stop_button() as cancel:
        scope = _asked(options) or Scope.until(datetime.now(UTC).date())
        rows, remarks = questions.ask_with_remarks(
            options.store, options.question, scope.first, scope.last, cancel=cancel
        )
    told = [{name: _json_value(value) for name, value in row.items()} for row in rows]
    lines: list[object] = [
        *(f"# {remark}" for remark in remarks.sentences),
        "\t".join(told[0]) if told else T("Nothing in these days."),
        *("\t".join("" if value is None else plain(str(value), 500) for value in row.values()) for row in told),
    ]
    about = {"question": options.question, "first": scope.first.isoformat(), "last": scope.last.isoformat()}
    return terminal.answer(options, {**about, **store_remarks.of_days_as_json(remarks), "rows": told}, *lines)


def _asked(options: argparse.Namespace) -> Scope | None:
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


def _lines(found: Dashboard) -> list[object]:
    scope, whole = found.scope, found.whole
    days = T("{first} to {last}", first=long_date(scope.first), last=long_date(scope.last))
    lines: list[object] = [
        *store_remarks.lines(found.remarks),
        days if scope.round is None else T("{name}, {days}", name=scope.round.name, days=days),
        T("{seen} of {phones} phones seen", seen=grouped(whole.checked), phones=grouped(whole.total)),
        T(
            "  ✔ Green: {green}   ? Amber: {amber}   ✖ Red: {red}   Not seen: {due}",
            **{name: grouped(getattr(whole, name)) for name in ("green", "amber", "red", "due")},
        ),
        T(
            "  {checks} checks, {reporting} of {desks} desks",
            checks=grouped(found.checks),
            reporting=grouped(found.reporting),
            desks=grouped(found.desks),
        ),
    ]
    lines += [_unit(bar) for bar in worst_first(found.units)[:_UNITS]]
    for title, answer in (
        (T("Silent desks:"), found.silent),
        (T("Removed, and found again:"), found.came_back),
        (T("Found on several days:"), found.repeated),
        (T("Policies in use:"), found.policies),
        (T("Serial number against list or asset tag:"), found.contradictions),
    ):
        if answer.rows:
            lines += ["", title, *(T("  {name}: {words}", name=name, words=words) for name, words in answer.brief)]
            if (more := len(answer.rows) - len(answer.brief)) > 0:
                lines.append(N("  and {count} more", "  and {count} more", more))
    return lines


def _unit(bar: Bar) -> Value:
    numbers = {"due": grouped(bar.due), "phones": grouped(bar.total), "red": grouped(bar.red)}
    return T("  {unit}: {due} of {phones} not seen, {red} red", unit=bar.name, **numbers)


def _as_json(found: Dashboard) -> dict[str, Any]:
    scope = found.scope
    return {
        "first": scope.first.isoformat(),
        "last": scope.last.isoformat(),
        "round": scope.round.name if scope.round is not None else None,
        "rounds": [terminal.pick(one, "name first last numbers") for one in found.rounds],
        **store_remarks.of_days_as_json(found.remarks),
        **terminal.pick(found, "newest merged desks silent_desks reporting checks unknown"),
        "phones": found.whole.total,
        **{name: getattr(found.whole, name) for name in ("green", "amber", "red", "due")},
        "units": [terminal.pick(bar, "label green amber red due") for bar in found.units],
        "days": [terminal.pick(one, "day green amber red") for one in found.days],
        "lists": {
            "silent-desks": _listed(found.silent),
            "come-backs": _listed(found.came_back),
            "repeat-offenders": _listed(found.repeated),
            "by-policy": _listed(found.policies),
            "contradictions": _listed(found.contradictions),
        },
    }


def _listed(answer: AnswerTable) -> dict[str, Any]:
    return {"rows": [list(map(str, row)) for row in answer.rows], "most": MOST, "cut": answer.cut}
