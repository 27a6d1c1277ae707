"""What stands in the report of a round beside its numbers: what these do not show, and which draws were made."""

from __future__ import annotations

from collections.abc import Iterable

from core.policy.wording import long_date
from core.reports.rounds.drawn_sample import DrawnSample
from core.reports.rounds.round_figures import RoundDoubts
from core.text import T, Text, Value, grouped


def doubt_rows(doubts: RoundDoubts) -> list[tuple[Value, Value]]:
    """What is to be known beside the numbers, as far as there is anything."""
    rows: list[tuple[Value, Value]] = [
        (T("Named by an asset tag or a number that is another phone’s"), doubts.contradicting),
        (T("Checks that cannot be matched with the roster any more"), doubts.lost),
        (T("Red among those"), doubts.lost_red),
        (T("Checks counted by their place in the log, against their own time"), doubts.mistimed),
        (T("Checked after the last day, and not counted"), doubts.afterwards),
        (T("Red among those checked after the last day"), doubts.afterwards_red),
    ]
    rows = [(label, value) for label, value in rows if value]
    if doubts.roster is not None:
        rows.append((T("The roster"), doubts.roster))
    if doubts.on_record is not None:
        entries, ended = doubts.on_record
        differ = T("{entries} red by the checks, {ended} by the record of the end", entries=entries, ended=ended)
        rows.append((T("The checks and the record of the end differ"), differ))
    return rows


def draw_rows(draws: Iterable[DrawnSample]) -> list[tuple[Value, Value]]:
    """Each draw, and whether it counts."""
    return [
        (T("Entry {number}, {date}", number=grouped(draw.entry), date=long_date(draw.day)), _what_draw(draw))
        for draw in draws
    ]


def _what_draw(draw: DrawnSample) -> Text:
    values: dict[str, Value] = {"share": draw.share, "among": grouped(draw.among), "round": draw.round}
    if draw.counts:
        return T("{share} % of {among} phones of the round “{round}”: this draw counts", **values)
    return T("{share} % of {among} phones of the round “{round}”: this draw does not count here", **values)
