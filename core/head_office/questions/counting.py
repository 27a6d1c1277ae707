"""The phones of a scope, counted by DuckDB: which should be seen, and how each stands by its last check.

A phone is known by its number at every desk, which is made of its serial number alone. A line of a roster that has none
is the phone that its own desk has found to be it. A check of another serial number than that of its line does not count
for the line: nothing that people wrote outweighs what the phone said.

Erasing makes no phone better: a check that is of no phone any more counts as one of its own while it is red or amber,
and a phone of which a later check was erased is green no longer. Nor is a line whose green check is not known to be of
its phone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from core.model import Verdict
from core.reports.charts.chart_data import Bar, Day
from core.text import plain

#: What a phone that was not seen is counted as, as in a chart's Bar.
_DUE: Final = "due"
#: Days that are asked about where nothing else is.
DAYS: Final = 90
#: Days before the first one in which a phone must have been checked to be one that should be seen again.
_KNOWN: Final = 365
_TEXT: Final = 120
_MOST_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True)
class StoredRound:
    """A field audit that desks have carried home: those with one name and the same days are one. `numbers` are those
    that it has at the desks."""

    name: str
    first: date
    last: date
    numbers: tuple[str, ...]

    def is_same(self, stored_round: StoredRound) -> bool:
        """Whether both are one round, of whichever desks."""
        return (self.name, self.first, self.last) == (stored_round.name, stored_round.first, stored_round.last)


@dataclass(frozen=True, slots=True)
class Scope:
    """The days that are asked about, both included; with `round`, only its phones."""

    first: date
    last: date
    round: StoredRound | None = None

    @classmethod
    def until(cls, last: date, days: int = DAYS) -> Scope:
        """The scope of so many days up to `last`."""
        return cls(last - timedelta(days=days - 1), last)

    @classmethod
    def of(cls, stored_round: StoredRound) -> Scope:
        """The days of a round, and its phones."""
        return cls(stored_round.first, stored_round.last, stored_round)


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """One phone that should be seen, and its last check: in the scope, else before it.

    `is_known` is False where no serial number tells it from others, and `erased` tells that it was erased since; of a
    known phone, that its last check was.
    """

    phone: int
    unit: str
    model: str
    last_seen: date | None
    is_known: bool = True
    erased: bool = False


#: When a check was made: not before the day that its desk's log had reached by then.
_TIME: Final = "greatest(time, CAST(day AS TIMESTAMPTZ)) AS time"
#: What makes the temporary tables: `lines` are those of the rosters, `listed` the phones that these name, `phones` all
#: that should be seen, with their last check in the scope, and `daily` has how many checks each desk made on each day.
_COUNT: Final = (
    """
CREATE TEMP TABLE lines AS
SELECT roster.log, roster.phone AS line, roster.phone_known AS by_serial, unit, seen_seq, checks.phone,
    coalesce(checks.phone_known, false) AS known, checks.day IS NOT NULL AS checked,
    (roster.log, seen_seq) IN (SELECT log, record FROM erased) AS erased
FROM roster
LEFT JOIN checks ON checks.log = roster.log AND checks.seq = roster.seen_seq
WHERE {rosters}""",
    """
CREATE TEMP TABLE listed AS
WITH identified AS (
    SELECT line, min(phone) AS phone
    FROM lines
    WHERE NOT by_serial AND known
    GROUP BY line
    HAVING count(DISTINCT phone) = 1
)
SELECT log, unit,
    CASE WHEN by_serial THEN line WHEN known THEN lines.phone WHEN checked THEN line
        ELSE coalesce(identified.phone, line) END AS phone,
    by_serial OR known OR (NOT checked AND identified.phone IS NOT NULL) AS phone_known,
    CASE WHEN by_serial AND known AND lines.phone <> line THEN NULL ELSE seen_seq END AS seen_seq,
    erased, NOT known AND (by_serial OR erased) AS doubtful
FROM lines
LEFT JOIN identified USING (line)""",
    """
CREATE TEMP TABLE phones AS
WITH seen AS (
    SELECT phone, NULL AS unit, verdict, day, {time}, model, true AS known, false AS erased, log, seq
    FROM checks
    WHERE day BETWEEN DATE '{first}' AND DATE '{last}' AND phone_known AND {which}
    UNION ALL
    SELECT listed.phone, listed.unit, CASE WHEN doubtful AND verdict = 'green' THEN 'amber' ELSE verdict END, day,
        {time}, model, true, listed.erased, listed.log, seen_seq
    FROM listed
    LEFT JOIN checks ON checks.log = listed.log AND checks.seq = listed.seen_seq
        AND checks.day BETWEEN DATE '{first}' AND DATE '{last}'
    {nameless}
    {earlier}
),
-- Within a desk, the order is that of its log, whatever its clock said; between desks, it is that of their clocks, and
-- what is not two days apart is in no order that is known: of that the worst counts. A verdict that this version does
-- not know is amber.
at_desk AS (
    SELECT phone, max(unit) AS unit, CASE WHEN arg_max(verdict, seq) IN ('green', 'red') THEN arg_max(verdict, seq)
        WHEN arg_max(verdict, seq) IS NOT NULL THEN 'amber' END AS verdict, min(day) AS first_day,
        arg_max(time, seq) AS time, arg_max(model, seq) AS model, bool_and(known) AS known, bool_or(erased) AS erased
    FROM seen
    GROUP BY phone, log
),
at_desks AS (
    SELECT *, max(time) OVER (PARTITION BY phone) AS newest FROM at_desk
),
standing AS (
    SELECT phone, max(unit) AS unit,
        arg_max(verdict, CASE verdict WHEN 'green' THEN 0 WHEN 'amber' THEN 1 ELSE 2 END)
            FILTER (time > newest - INTERVAL 48 HOUR) AS verdict,
        min(first_day) AS first_day, max(time) AS time, arg_max(model, time) AS model, bool_and(known) AS known,
        bool_or(erased) AS erased
    FROM at_desks
    GROUP BY phone
),
later AS (
    SELECT phone, max(time) AS time
    FROM forgotten
    WHERE day BETWEEN DATE '{first}' AND DATE '{last}'
    GROUP BY phone
)
SELECT phone, unit, CASE WHEN verdict = 'green' AND later.time > standing.time - INTERVAL 48 HOUR THEN 'amber'
    ELSE verdict END AS verdict,
    first_day, standing.time, model, known,
    erased OR coalesce(later.time > standing.time - INTERVAL 48 HOUR, false) AS erased
FROM standing
LEFT JOIN later USING (phone)""",
    """
CREATE TEMP TABLE daily AS
SELECT day, log, verdict, count(*) AS checks, count(*) FILTER (NOT phone_known) AS unknown
FROM checks
WHERE day BETWEEN DATE '{first}' AND DATE '{last}' AND ({counted})
GROUP BY ALL""",
)
#: Checks of phones that no number tells from others, as the last of their visits: each is one that is not left well.
_NAMELESS: Final = """
    UNION ALL
    SELECT last.phone, NULL, last.verdict, last.day, last.time, last.model, false, erased.record IS NOT NULL,
        last.log, last.seq
    FROM (
        SELECT arg_max(phone, seq) AS phone, arg_max(verdict, seq) AS verdict, arg_max(day, seq) AS day,
            arg_max(time, seq) AS time, arg_max(model, seq) AS model, log, max(seq) AS seq
        FROM checks
        WHERE day BETWEEN DATE '{first}' AND DATE '{last}' AND NOT phone_known
        GROUP BY log, coalesce(visit, CAST(seq AS VARCHAR))
    ) AS last
    LEFT JOIN (SELECT DISTINCT log, record FROM erased) AS erased
        ON erased.log = last.log AND erased.record = last.seq
    WHERE last.verdict <> 'green'
        AND (last.log, last.seq) NOT IN (SELECT log, seen_seq FROM listed WHERE seen_seq IS NOT NULL)"""
_EARLIER: Final = """
    UNION ALL
    SELECT DISTINCT phone, NULL, NULL, NULL::DATE, NULL::TIMESTAMPTZ, NULL, true, false, NULL, NULL
    FROM checks
    WHERE phone_known AND day >= DATE '{since}' AND day < DATE '{first}'"""
#: Of some days: the rosters of rounds of that time; one whose round is not here is of the day on which it came.
_ROSTERS: Final = """
    round IN (SELECT round FROM rounds WHERE first_day <= DATE '{last}' AND last_day >= DATE '{since}')
    OR (roster.day >= DATE '{since}' AND round NOT IN (SELECT round FROM rounds))"""
_LISTED: Final = "phone IN (SELECT phone FROM listed WHERE phone_known)"
_FOUND: Final = "(log, seq) IN (SELECT log, seen_seq FROM listed WHERE seen_seq IS NOT NULL)"
_UNITS: Final = "SELECT unit, coalesce(verdict, 'due'), count(*) FROM phones GROUP BY ALL"
_PHONES: Final = """
WITH chosen AS (
    SELECT phone, unit, model, time, known, erased FROM phones WHERE coalesce(verdict, 'due') = '{state}'
),
before AS (
    SELECT phone, max(time) AS time, arg_max(model, time) AS model
    FROM checks
    WHERE day <= DATE '{last}' AND phone_known AND phone IN (SELECT phone FROM chosen WHERE time IS NULL)
    GROUP BY phone
)
SELECT phone, unit, coalesce(chosen.model, before.model), CAST(coalesce(chosen.time, before.time) AS DATE) AS seen,
    known, erased
FROM chosen
LEFT JOIN before USING (phone)
ORDER BY seen NULLS FIRST, unit, phone
LIMIT {most}"""
_ROUNDS: Final = """
SELECT name, first_day, last_day, list(DISTINCT round ORDER BY round)
FROM rounds
WHERE last_day >= first_day
GROUP BY name, first_day, last_day
ORDER BY last_day DESC, name
LIMIT {most}"""
_TAGS: Final = """
WITH tagged AS (
    SELECT phone, value, time
    FROM personal
    JOIN checks ON checks.log = personal.log AND checks.seq = personal.seq
    WHERE personal.field = 'tag' AND phone_known
),
shared AS (
    SELECT upper(trim(value)) AS tag FROM tagged GROUP BY upper(trim(value)) HAVING count(DISTINCT phone) > 1
)
SELECT phone, arg_max(value, time) AS tag, upper(trim(arg_max(value, time))) IN (SELECT tag FROM shared)
FROM tagged
WHERE phone IN ({phones})
GROUP BY phone"""


def stored_rounds(database: Any) -> tuple[StoredRound, ...]:
    """The rounds in the store, the one that ends last first."""
    rows = database.execute(_ROUNDS.format(most=_MOST_ROUNDS)).fetchall()
    return tuple(
        StoredRound(plain(name or "", _TEXT), first, last, tuple(numbers)) for name, first, last, numbers in rows
    )


def count(database: Any, scope: Scope) -> None:
    """Make tables of the phones and of the checks of a scope, for the other functions here."""
    since = scope.first - timedelta(days=_KNOWN)
    if scope.round is None:
        rosters, condition, counted = _ROSTERS.format(since=since, last=scope.last), "true", "true"
        earlier = _EARLIER.format(since=since, first=scope.first)
        nameless = _NAMELESS.format(first=scope.first, last=scope.last)
    else:
        numbers = ", ".join(f"'{number.replace(chr(39), chr(39) * 2)}'" for number in scope.round.numbers)
        rosters, condition, counted = f"round IN ({numbers})", _LISTED, f"(phone_known AND {_LISTED}) OR {_FOUND}"
        earlier = nameless = ""
    for statement in _COUNT:
        parts = {"rosters": rosters, "which": condition, "earlier": earlier, "nameless": nameless, "counted": counted}
        database.execute(statement.format(first=scope.first, last=scope.last, time=_TIME, **parts))


def units(database: Any) -> tuple[Bar, ...]:
    """The phones of each unit by how they stand."""
    counts: dict[str, dict[str, int]] = {}
    for unit, state, number in database.execute(_UNITS).fetchall():
        if state in _STATES:
            counts.setdefault(plain(unit or "", _TEXT), {})[state] = number
    return tuple(Bar(unit, **states) for unit, states in sorted(counts.items()))


def days(database: Any) -> tuple[Day, ...]:
    """The checks of each day by their verdicts."""
    counts: dict[date, dict[str, int]] = {}
    rows = database.execute("SELECT day, verdict, CAST(sum(checks) AS BIGINT) FROM daily GROUP BY ALL").fetchall()
    for day, verdict, number in rows:
        if verdict in _VERDICTS:
            counts.setdefault(day, {})[verdict] = number
    return tuple(Day(day, **of_day) for day, of_day in sorted(counts.items()))


def seen_first(database: Any) -> tuple[tuple[date, int], ...]:
    """How many of the phones were seen for the first time in the scope on each day."""
    sql = "SELECT first_day, count(*) FROM phones WHERE first_day IS NOT NULL GROUP BY first_day ORDER BY first_day"
    return tuple(database.execute(sql).fetchall())


def phones(database: Any, scope: Scope, verdict: Verdict | None, limit: int) -> list[PhoneRow]:
    """The phones with this verdict at their last check, or that were not seen: those first that were not for the
    longest time."""
    sql = _PHONES.format(last=scope.last, state=_DUE if verdict is None else verdict.value, most=limit)
    return [
        PhoneRow(phone, plain(unit or "", _TEXT), plain(model or "", _TEXT), last_seen, is_known, erased)
        for phone, unit, model, last_seen, is_known, erased in database.execute(sql).fetchall()
    ]


def asset_tags(database: Any, numbers: Iterable[int]) -> dict[int, str]:
    """The asset tags of phones by their numbers, as far as the store still has them. A tag that several phones were
    given has the end of the phone's number added, so that these are told apart."""
    phone_numbers = sorted(set(numbers))
    if not phone_numbers:
        return {}
    rows = database.execute(_TAGS.format(phones=", ".join(map(str, phone_numbers)))).fetchall()
    return {
        phone: f"{plain(tag, _TEXT)} (…{str(phone)[-4:]})" if shared else plain(tag, _TEXT)
        for phone, tag, shared in rows
    }


_VERDICTS: Final = frozenset(map(str, Verdict))
_STATES: Final = _VERDICTS | {_DUE}
