"""How all desks of a store stand together, for the Round page of head office and for ``fanion store show``.

What is asked about is a :class:`Scope`: some days, or one round with its roster, which may be of many desks. The phones
are those that should be seen: of a round, those of its rosters; of some days, those of every roster of that time and
those that a desk has checked in the year before. DuckDB counts; what comes to memory here are units, days and the first
rows of a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from core.head_office.questions import counting
from core.head_office.questions.counting import DAYS, PhoneRow, Scope, StoredRound
from core.head_office.questions.questions import answered, asking, remarks_of
from core.head_office.questions.remarks import Remarks
from core.head_office.store.store import read
from core.jobs import Cancel, Progress, Report, silent
from core.model import Verdict
from core.policy.wording import long_date
from core.reports.charts.chart_data import Bar, Day, Pace, summed
from core.text import Bilingual, N, T, Text, Value, grouped, plain

#: Rows of a list that are told, and those that are told in a few words.
MOST: Final = 1000
BRIEF: Final = 5
_TEXT: Final = 120


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """A list: its headings and rows. `cut` tells that it has more rows, of which these come first.

    `brief` are the first rows in a few words: what each is about, and what is to be said of it.
    """

    heads: tuple[Text, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    cut: bool = False
    brief: tuple[tuple[Value, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """How the phones of a scope stand at all desks.

    `newest` is the last day in the store that has a check, `merged` when something was merged last. `desks` is how many
    the store knows, `silent_desks` how many of them have no check in these days, `reporting` how many have one of the
    scope; `unknown` are the checks of phones that no serial number tells from others. `units` are the phones by unit
    and by their last check, `days` the checks, `seen_first` how many phones were first seen on each day.
    """

    scope: Scope
    rounds: tuple[StoredRound, ...]
    newest: date | None
    merged: datetime | None
    desks: int
    silent_desks: int
    reporting: int
    checks: int
    unknown: int
    units: tuple[Bar, ...]
    days: tuple[Day, ...]
    seen_first: tuple[tuple[date, int], ...]
    silent: AnswerTable
    came_back: AnswerTable
    repeated: AnswerTable
    policies: AnswerTable
    contradictions: AnswerTable
    can_return: AnswerTable
    remarks: Remarks

    @property
    def whole(self) -> Bar:
        """All phones."""
        return summed(self.units)

    @property
    def pace(self) -> Pace:
        """How many of the phones were seen for the first time on each day, up to the newest day in the store."""
        scope = self.scope
        until = min(scope.last, self.newest or scope.last)
        return Pace(self.seen_first, scope.first, scope.last, self.whole.total, max(until, scope.first))


def dashboard(
    folder: Path,
    scope: Scope | None = None,
    *,
    days: int = DAYS,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Dashboard:
    """Ask the store in `folder` how its desks stand; without a scope, in so many days up to the newest check. A round
    is that of all desks that have carried it home by now.

    Raises StoreProblem, Cancelled.
    """
    cancel, store = cancel or Cancel(), read(folder)
    progress = _steps(report, cancel)
    with asking(folder, cancel, store=store) as database:
        progress(T("Looking for the rounds…"), 0.0)
        ((newest,),) = database.execute("SELECT max(day) FROM checks").fetchall()
        rounds = counting.stored_rounds(database)
        chosen = scope or Scope.until(newest or datetime.now(UTC).date(), days)
        if chosen.round is not None:
            chosen = Scope.of(
                next((stored_round for stored_round in rounds if stored_round.is_same(chosen.round)), chosen.round)
            )
        progress(T("Counting the phones…"), 0.1)
        counting.count(database, chosen)
        ((desks, merged),) = database.execute("SELECT count(*), max(merged) FROM desks").fetchall()
        ((checks, unknown, reporting),) = database.execute(_CHECKS).fetchall()
        ((desks_heard,),) = database.execute(_HEARD.format(first=chosen.first, last=chosen.last)).fetchall()
        answers = []
        for at, (name, (columns, brief)) in enumerate(_LISTS.items()):
            progress(T("Asking about desks and products…"), 0.6 + 0.4 * at / len(_LISTS))
            answers.append(_answer(database, name, columns, brief, chosen))
        silent_desks, came_back, repeated, policies, contradictions, can_return = answers
        return Dashboard(
            scope=chosen,
            rounds=rounds,
            newest=newest,
            merged=merged,
            desks=desks,
            silent_desks=desks - desks_heard,
            reporting=reporting,
            checks=checks,
            unknown=unknown,
            units=counting.units(database),
            days=counting.days(database),
            seen_first=counting.seen_first(database),
            silent=silent_desks,
            came_back=came_back,
            repeated=repeated,
            policies=policies,
            contradictions=contradictions,
            can_return=can_return,
            remarks=remarks_of(store, database, chosen.first, chosen.last),
        )


def phones(
    folder: Path, scope: Scope, verdict: Verdict | None, *, report: Report = silent, cancel: Cancel | None = None
) -> AnswerTable:
    """The phones of a scope with this verdict at their last check, or, with None, those that were not seen; those that
    were not for the longest time come first.

    A phone is called by its asset tag where the store still has that, else by its number in the store; what was erased
    is called that. Raises StoreProblem, Cancelled.
    """
    cancel = cancel or Cancel()
    progress = _steps(report, cancel)
    with asking(folder, cancel) as database:
        progress(T("Counting the phones…"), 0.0)
        counting.count(database, scope)
        progress(T("Looking for the phones…"), 0.6)
        phone_rows = counting.phones(database, scope, verdict, MOST + 1)
        tags = counting.asset_tags(database, (phone.phone for phone in phone_rows))
    rows = tuple(
        (
            _name_or_reason(phone, tags, verdict),
            phone.unit or T("No unit"),
            phone.model,
            _day(phone.last_seen, T("never seen")),
        )
        for phone in phone_rows[:MOST]
    )
    return AnswerTable((T("Phone"), T("Unit"), T("Model"), T("Seen")), rows, len(phone_rows) > MOST)


def _steps(report: Report, cancel: Cancel) -> Callable[[Text, float], None]:
    """What reports a step and the share that is done, and raises Cancelled where `cancel` was pressed."""

    def begin(doing: Text, share: float) -> None:
        cancel.check()
        report(Progress(doing, share))

    return begin


_CHECKS: Final = """
SELECT CAST(coalesce(sum(checks), 0) AS BIGINT), CAST(coalesce(sum(unknown), 0) AS BIGINT), count(DISTINCT log)
FROM daily"""

_HEARD: Final = "SELECT count(DISTINCT log) FROM checks WHERE day BETWEEN DATE '{first}' AND DATE '{last}'"

#: A row of an answer, and the asset tags of the phones in all of them.
_Row = Mapping[str, Any]
_Say = Callable[[_Row, Mapping[int, str]], Value]
_Column = tuple[Text, _Say]


def _answer(database: Any, name: str, columns: Sequence[_Column], brief: _Say, scope: Scope) -> AnswerTable:
    """The answer to one of the documented questions, with the columns that people read."""
    rows = answered(database, name, scope.first, scope.last, MOST)
    tags = counting.asset_tags(database, (row["phone"] for row in rows if "phone" in row))
    texts = tuple(tuple(say(row, tags) for _, say in columns) for row in rows)
    first = tuple((_short(row, tags, columns[0][1]), brief(row, tags)) for row in rows[:BRIEF])
    return AnswerTable(tuple(head for head, _ in columns), texts, len(rows) == MOST, first)


def _short(row: _Row, tags: Mapping[int, str], say: _Say) -> Value:
    """What a row is about; of a phone without a tag, the end of its number."""
    if "phone" not in row or row["phone"] in tags:
        return say(row, tags)
    return T("Phone …{end}", end=str(row["phone"])[-4:])


def _phone_name(phone: int, tags: Mapping[int, str]) -> str:
    return tags.get(phone) or str(phone)


def _name_or_reason(phone: PhoneRow, tags: Mapping[int, str], verdict: Verdict | None) -> Value:
    """What a phone is called, or why it has no name."""
    if not phone.is_known:
        erased = T("was red, erased") if verdict is Verdict.RED else T("was amber, erased")
        return erased if phone.erased else T("no serial number")
    name = _phone_name(phone.phone, tags)
    return T("{phone} (its last check was erased)", phone=name) if phone.erased else name


def _day(day: date | None, otherwise: Value = "") -> Value:
    return long_date(day) if day is not None else otherwise


def _text_of(row: _Row, name: str) -> str:
    return plain(str(row[name] or ""), _TEXT)


def _product(row: _Row) -> Value:
    english, french = (plain(row[name] or row["rule"], _TEXT) for name in ("product", "product_fr"))
    return Bilingual(english, french)


_PHONE: Final[_Column] = (T("Phone"), lambda row, tags: _phone_name(row["phone"], tags))
#: The questions whose answers are shown as lists: their columns, and what is said of a row in a few words.
_LISTS: Final[Mapping[str, tuple[Sequence[_Column], _Say]]] = {
    "silent-desks": (
        (
            (T("Desk"), lambda row, tags: _text_of(row, "desk")),
            (T("Last entry"), lambda row, tags: _day(row["last_entry"] and row["last_entry"].date(), T("none"))),
            (T("Entries"), lambda row, tags: row["entries"]),
        ),
        lambda row, tags: T("last entry {date}", date=_day(row["last_entry"] and row["last_entry"].date(), T("none"))),
    ),
    "come-backs": (
        (
            _PHONE,
            (T("Product"), lambda row, tags: _product(row)),
            (T("Removed"), lambda row, tags: _day(row["removed_on"])),
            (T("Found again"), lambda row, tags: _day(row["back_on"])),
            (T("Where"), lambda row, tags: _where(row)),
        ),
        lambda row, tags: T(
            "{product} on {date}, {where}", product=_product(row), date=_day(row["back_on"]), where=_where(row)
        ),
    ),
    "repeat-offenders": (
        (
            _PHONE,
            (T("Product"), lambda row, tags: _product(row)),
            (T("Days"), lambda row, tags: row["days"]),
            (T("Desks"), lambda row, tags: row["desks"]),
            (T("Found last"), lambda row, tags: _day(row["last_found"])),
        ),
        lambda row, tags: N(
            "{product} on {count} day, last on {date}",
            "{product} on {count} days, last on {date}",
            row["days"],
            product=_product(row),
            date=_day(row["last_found"]),
        ),
    ),
    "by-policy": (
        (
            (T("Policy"), lambda row, tags: _text_of(row, "policy")),
            (T("Version"), lambda row, tags: _text_of(row, "policy_version")),
            (T("Desks"), lambda row, tags: row["desks"]),
            (T("Checks"), lambda row, tags: row["checks"]),
            (T("Used last"), lambda row, tags: _day(row["last_used"])),
        ),
        lambda row, tags: N(
            "version {version}, at {count} desk, last on {date}",
            "version {version}, at {count} desks, last on {date}",
            row["desks"],
            version=_text_of(row, "policy_version"),
            date=_day(row["last_used"]),
        ),
    ),
    "contradictions": (
        (
            _PHONE,
            (T("What contradicts"), lambda row, tags: _contradicted(row)),
            (T("Desk"), lambda row, tags: _text_of(row, "desk")),
            (T("Seen"), lambda row, tags: _day(row["last_seen"])),
        ),
        lambda row, tags: _contradicted(row),
    ),
    "can-return": (
        (
            (T("Unit"), lambda row, tags: _text_of(row, "unit") or T("No unit")),
            (T("Product"), lambda row, tags: _product(row) if row["rule"] else T("Any banned app")),
            (T("Can be reinstalled"), lambda row, tags: row["can_return"]),
            (T("Not known"), lambda row, tags: row["not_known"]),
            (T("Blocked"), lambda row, tags: row["blocked"]),
            (T("Phones"), lambda row, tags: row["phones"]),
        ),
        lambda row, tags: T(
            "{product}: can be reinstalled on {can_return} of {phones} phones, not known on {not_known}",
            product=_product(row) if row["rule"] else T("any banned app"),
            **{name: grouped(row[name]) for name in ("can_return", "phones", "not_known")},
        ),
    ),
}


def _contradicted(row: _Row) -> Text:
    match row["kind"]:
        case "roster":
            return T("it was taken for a phone of a list that has another serial number")
        case "line":
            return T("a line of a list without a serial number was found to be several phones")
        case "desks":
            return T("desks found it differently, less than two days apart by their clocks")
        case _:
            return T("its asset tag {tag} was given to other phones as well", tag=_text_of(row, "tag"))


def _where(row: _Row) -> Text:
    return T("at another desk") if row["at_another_desk"] else T("at the same desk")
