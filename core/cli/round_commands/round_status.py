"""How a round stands, for people and for programs."""

from __future__ import annotations

from typing import Any, Final

from core import value_names
from core.cli import terminal
from core.cli.round_commands.round_choice import LINE
from core.reports.charts.chart_data import pace_words, waiting_words
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState, PhoneCoverage
from core.rounds.coverage.remarks import doubts, remarks, roster_lost
from core.rounds.rounds import KnownRound
from core.text import N, T, Text, Value, grouped

#: Phones that are named under each heading; `--json` has all of them. Units that have a line.
_NAMED: Final = 10
_UNITS: Final = 12


def coverage_as_json(coverage: Coverage) -> dict[str, Any]:
    """A round's coverage for programs: with the phones, so that it names people."""
    pace = figures.pace(coverage)
    return {
        **terminal.pick(coverage, "phones=listed checked"),
        **{str(state): coverage.counts.get(state, 0) for state in CoverageState},
        "late": len(coverage.late),
        "unexpected": len(coverage.unexpected),
        "unexpected_red": len(coverage.red_unexpected),
        "seen_twice": len(coverage.seen_twice),
        "not_matched": len(coverage.unmatched),
        "units": [{"unit": u.unit, **{str(state): u.count(state) for state in CoverageState}} for u in coverage.units],
        "pace": {"weekly": round(pace.a_day * 7, 1), "days_left": pace.days_left, "projected": pace.projected},
        "list": [_phone_as_json(phone) for phone in coverage.phones],
        "not_on_the_list": [_phone_as_json(phone) for phone in coverage.unexpected],
        "not_matched_any_more": [_phone_as_json(phone) for phone in coverage.unmatched],
        "after_the_last_day": [_phone_as_json(phone) for phone in coverage.afterwards],
    }


def status_lines(known_round: KnownRound, coverage: Coverage) -> list[object]:
    """Tell people how a round stands, and name the phones that need them."""
    about, counts = known_round.about, coverage.counts
    lines: list[object] = [
        T("{name}, {first} to {last}", name=about.name, first=about.first.isoformat(), last=about.last.isoformat()),
        *([_closed(coverage)] if coverage.ended is not None else []),
        T("{checked} of {phones} checked", checked=grouped(coverage.checked), phones=grouped(coverage.listed)),
        T(
            "  ✔ Green: {green}   ? Amber: {amber}   ✖ Red: {red}   Due: {due}, not seen for long: {late}",
            green=grouped(counts.get(CoverageState.GREEN, 0)),
            amber=grouped(counts.get(CoverageState.AMBER, 0)),
            red=grouped(counts.get(CoverageState.RED, 0)),
            due=grouped(coverage.due),
            late=grouped(len(coverage.late)),
        ),
    ]
    if red := coverage.red_unexpected:
        lines.append(T("  ✖ Red, not on the roster: {red}", red=grouped(len(red))))
    if waiting := counts.get(CoverageState.WAITING, 0):
        lines.append(T("  {words}", words=waiting_words(waiting)))
    lines.append(T("  {words}", words=_about_roster(known_round, coverage)))
    lines += [T("  {words}", words=words) for words in doubts(coverage)]
    lines += [
        T(
            "  {unit}: {due} of {phones} due, {red} red",
            unit=unit.unit or T("without a unit"),
            due=grouped(unit.due),
            phones=grouped(unit.phones),
            red=grouped(unit.count(CoverageState.RED)),
        )
        for unit in coverage.units[:_UNITS]
        if coverage.ended is None or coverage.is_whole
    ]
    for title, phones in (
        (T("Red, still open:"), coverage.of(CoverageState.RED)),
        (T("Red, not on the roster:"), coverage.red_unexpected),
        (T("Not matched with the roster any more:"), coverage.unmatched),
        (T("Due, and red when they were seen last:"), coverage.red_before),
        (
            T("Not on the roster:"),
            coverage.other_unexpected,
        ),
        (T("Checked after its last day, and not counted:"), coverage.afterwards),
        (T("Seen more than once:"), coverage.seen_twice),
    ):
        if phones:
            worst = sorted(phones, key=lambda phone: phone.state is not CoverageState.RED)
            lines += ["", title, *(line for phone in worst[:_NAMED] for line in _phone(phone))]
            if len(phones) > _NAMED:
                lines.append(N("  and {count} more", "  and {count} more", len(phones) - _NAMED))
    return lines


def _closed(coverage: Coverage) -> Text:
    return T("Closed on {date}: this is how it stood at its end.", date=coverage.today.isoformat())


def _about_roster(known_round: KnownRound, coverage: Coverage) -> Value:
    """That a round has no roster, or has lost it; else how fast its phones are seen."""
    if coverage.loss is not None:
        return roster_lost(coverage.loss)
    if known_round.roster is None:
        return T("It has no roster yet: fanion round roster.")
    return pace_words(figures.pace(coverage))


def _phone(phone: PhoneCoverage) -> list[Text]:
    """A phone, how it was left, and on further lines what has to be said of it; of a red one, where the log has it."""
    latest = phone.last or phone.before
    when = T("seen on {date}", date=latest.day.isoformat()) if latest is not None else T("never seen")
    values: dict[str, Value] = {"phone": phone.display_name, "unit": phone.unit or T("without a unit"), "when": when}
    line = T("  {phone}, {unit}, {when}", **values)
    if phone.last is not None and phone.last.verdict is not None:
        line = T("  {phone}, {unit}, {when}, {verdict}", verdict=value_names.VERDICTS[phone.last.verdict], **values)
    further: list[Value] = list(remarks(phone))
    if phone.last is not None and phone.state is CoverageState.RED:
        further.append(T("log entry {number}", number=phone.last.entry))
    return [line, *(T("    {words}", words=words) for words in further)]


def _phone_as_json(phone: PhoneCoverage) -> dict[str, Any]:
    line = {} if phone.line is None else terminal.pick(phone.line, LINE)
    last = None if phone.last is None else terminal.pick(phone.last, "entry time desk officer verdict serial tag phone")
    fields: dict[str, Any] = {**line, "state": str(phone.state), "checks": len(phone.checks), "last": last}
    if remark_lines := remarks(phone):
        fields["remarks"] = [str(words) for words in remark_lines]
    return fields
