"""The summary of a month, for those who answer for a programme: how many visits, and their results.

No phone and no person but the officers is named in it: neither serial numbers, nor holders, nor tags. Each visit is
counted in the month in which it began, with everything that was recorded of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from core import describe, value_names
from core.describe import verdicts
from core.describe.visits import PastCheck, RecordedVisit
from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import Kind
from core.ledger.search.visit_list import visits_in
from core.model import Verdict
from core.model.visit_state import Fate
from core.reports.page import labels
from core.reports.summaries.counted_page import (
    LABELS,
    Group,
    NewestCheckpoint,
    counted,
    fates,
    read_as,
    table_cell,
    use_of_page,
)
from core.reports.summaries.phone_count import TWINS, PhoneCount
from core.reports.tables.csv_table import CsvSeparator, csv_of
from core.reports.tables.workbook import Cell, workbook
from core.text import Language, T, Text, Value

#: Visits that are read at a time.
_PAGE: Final = 100
#: Characters of a name.
_NAME: Final = 60

_LABELS: Final = {
    **LABELS,
    "verdicts": T("Visits by the verdict of their last check"),
    "proof": T("The log when this page was made"),
    "days": T("By day"),
    "day": T("Day"),
    "visits": T("Visits"),
    **{str(verdict): word for verdict, word in value_names.VERDICTS.items()},
    "none": T("Not read"),
}


class SummaryForm(StrEnum):
    """The form of a summary: a page, or a table for a spreadsheet. Also the ending of the file's name."""

    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month in numbers, as a file in one form. `size` and `root` are of the checkpoint in it."""

    data: bytes
    size: int
    root: bytes
    visits: int


@dataclass
class MonthTally:
    """What the visits of a month come to. A verdict is None where a phone was not read."""

    visits: int = 0
    first: int = 0
    last: int = 0
    before: Counter[Verdict | None] = field(default_factory=Counter)
    after: Counter[Verdict | None] = field(default_factory=Counter)
    cleared: int = 0
    phones: PhoneCount = field(default_factory=PhoneCount)
    reasons: Counter[Text] = field(default_factory=Counter)
    banned: Counter[Fate] = field(default_factory=Counter)
    removed: Counter[Value] = field(default_factory=Counter)
    excepted: Counter[Value] = field(default_factory=Counter)
    other_kinds: Counter[str] = field(default_factory=Counter)
    officers: Counter[str] = field(default_factory=Counter)
    days: dict[date, Counter[Verdict | None]] = field(default_factory=dict)

    def add(self, visit: RecordedVisit) -> None:
        """Count one more visit."""
        before, after = _verdict(visit.before), visit.verdict
        self.visits += 1
        self.first, self.last = self.first or visit.seq, max(self.last, visit.last)
        self.before[before] += 1
        self.after[after] += 1
        self.cleared += before is Verdict.RED and after is not Verdict.RED
        self.phones.saw(visit.about, after)
        for entry in visit.entries:
            self.phones.heed(entry)
        if after is Verdict.AMBER:
            self.reasons[verdicts.AMBER[visit.state.reason]] += 1
        self.banned.update(visit.state.fates.values())
        self.removed.update(describe.short_name(name, _NAME) for name in visit.state.products(Fate.REMOVED))
        for app in visit.excepted:
            self.excepted[describe.product_name(app, _NAME)] += 1
        for kind in visit.other_kinds:
            self.other_kinds[str(kind) if kind in list(Kind) else ""] += 1
        for officer in visit.officers:
            self.officers[officer] += 1
        self.days.setdefault(visit.began.astimezone().date(), Counter())[after] += 1


def make_summary(
    ledger: LedgerReader,
    month: date,
    languages: tuple[Language, ...],
    form: SummaryForm = SummaryForm.PDF,
    *,
    today: date | None = None,
    separator: CsvSeparator = "comma",
) -> MonthSummary:
    """The summary of the month that has the day `month`, by this computer's local time, by which it is `today`.

    Raises NotSealed if a record of these visits is not sealed yet, another LedgerProblem, also for a month that has not
    begun, or PageProblem.
    """
    today = today or date.today()
    month = month.replace(day=1)
    if month > today:
        raise LedgerProblem(
            T("{month} has not begun yet: there is nothing to sum up.", month=f"{month:%Y-%m}"),
            T("Choose this month or an earlier one. If it is right, set this computer’s clock."),
            code="month-to-come",
        )
    tally = tally_of(ledger, month)
    checkpoint = NewestCheckpoint.over(ledger, tally.last)
    facts = _facts(month, today, checkpoint)
    if form is SummaryForm.PDF:
        data = _page(month, facts, checkpoint, tally, languages)
    else:
        table = _table(month, facts, checkpoint, tally, languages)
        is_csv = form is SummaryForm.CSV
        data = csv_of(table, separator) if is_csv else workbook(f"{month:%Y-%m}", table, checkpoint.newest.time)
    return MonthSummary(data, checkpoint.seal.size, checkpoint.seal.checkpoint.root, tally.visits)


def _page(
    month: date,
    facts: Sequence[tuple[Value, Value]],
    checkpoint: NewestCheckpoint,
    tally: MonthTally,
    languages: tuple[Language, ...],
) -> bytes:
    """The numbers of a month as a PDF. Raises PageProblem."""
    page: dict[str, Any] = {
        **checkpoint.page(
            T("Summary of the month"),
            T("Summary of the month {month}", month=f"{month:%Y-%m}"),
            facts,
            tally.after,
            _groups(tally),
            use_of_page(checkpoint.seal.size),
            languages,
        ),
        "month": f"{month:%Y-%m}",
        "days": [
            [
                day.isoformat(),
                *(read_as(n, languages) for n in (of.total(), *(of[verdict] for verdict in (*Verdict, None)))),
            ]
            for day, of in sorted(tally.days.items())
        ],
        "labels": labels(_LABELS, languages),
    }
    return checkpoint.typeset("month", page, languages)


def tally_of(ledger: LedgerReader, month: date) -> MonthTally:
    """What the visits that began in a month come to; `month` is its first day. Raises LedgerProblem."""
    since, until = _begin(month), _begin(next_month(month))
    tally = MonthTally()
    visits = visits_in(ledger, since, until)
    for start in range(0, len(visits), _PAGE):
        for entries in ledger.of_visits(visits[start : start + _PAGE]):
            tally.add(RecordedVisit(entries))
    return tally


def next_month(month: date) -> date:
    """The first day of the month after that of `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone()


def _verdict(check: PastCheck | None) -> Verdict | None:
    return check.verdict if check is not None else None


def _facts(month: date, today: date, checkpoint: NewestCheckpoint) -> list[tuple[Value, Value]]:
    whole = next_month(month) <= today
    until = T("the whole month") if whole else T("up to {date}, as the month is not over", date=today.isoformat())
    return [
        (T("Desk"), checkpoint.newest.desk),
        (T("Period"), until),
        (T("Newest entry"), checkpoint.number_and_time),
    ]


def _groups(tally: MonthTally) -> Iterator[Group]:
    """The numbers under their headings; where there is nothing to count, that is said by a zero."""
    last = tally.phones.last()
    yield (
        T("Visits and phones"),
        [
            (T("Visits"), tally.visits),
            (T("Phones"), last.total()),
            *([(TWINS, tally.phones.twins)] if tally.phones.twins else []),
            (T("Phones that were red at their last check"), last[Verdict.RED]),
            (T("Visits that came red and did not leave red"), tally.cleared),
        ],
    )
    yield T("Visits by the verdict of their first check"), _verdicts(tally.before)
    yield T("Visits by the verdict of their last check"), _verdicts(tally.after)
    yield T("Why visits ended amber"), counted(tally.reasons, T("Visits"))
    yield fates(tally.banned)
    yield T("Apps removed, by product"), counted(tally.removed, T("Apps"))
    yield T("Exceptions used, by product"), counted(tally.excepted, T("Exceptions"))
    kind_counts = Counter({describe.KINDS.get(kind, T("of a kind that this version does not know")): count
                     for kind, count in tally.other_kinds.items()})  # fmt: skip
    yield T("What else was done, by visits"), counted(kind_counts, T("Visits"))
    yield T("Visits by officer"), counted(tally.officers, T("Visits"))


def _verdicts(of: Mapping[Verdict | None, int]) -> list[tuple[Value, Value]]:
    rows: list[tuple[Value, Value]] = [(value_names.VERDICTS[verdict], of.get(verdict, 0)) for verdict in Verdict]
    return [*rows, (T("Not read"), of.get(None, 0))]


def _table(
    month: date,
    facts: Sequence[tuple[Value, Value]],
    checkpoint: NewestCheckpoint,
    tally: MonthTally,
    languages: Sequence[Language],
) -> list[tuple[Cell, ...]]:
    """The numbers of a month as a table for a spreadsheet: a heading, a name and a number or a text in each row."""
    all_facts = [(T("Month"), f"{month:%Y-%m}"), *facts, *checkpoint.facts]
    by_day = [(day.isoformat(), of.total()) for day, of in sorted(tally.days.items())]
    rows: list[tuple[Value, ...]] = [(T("Group"), T("What"), T("Count or value"))]
    for title, pairs in ((T("About this summary"), all_facts), *_groups(tally), (T("Visits by day"), by_day)):
        rows += [(title, label, value) for label, value in pairs]
    return [tuple(table_cell(value, languages) for value in row) for row in rows]
