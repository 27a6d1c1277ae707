"""The report of a round: how far it came and what was found, as a page, as a table, and as a workbook.

The version for management names no phone and no person but the officers. The detailed one has a list of the phones as
well, with what names their holders: the officer who asks for it has confirmed that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from core import value_names
from core.model import Verdict
from core.policy.wording import long_date
from core.reports.charts.chart_data import (
    DUE,
    NOT_KNOWN,
    RED_OPEN,
    WAITING,
    ChartTable,
    day_table,
    pace_table,
    progress_table,
    unit_table,
    worst_first,
)
from core.reports.charts.chart_parts import PAPER
from core.reports.charts.charts import day_columns, key, pace_chart, progress_bar, unit_bars
from core.reports.charts.svg import SERIF, ChartLook, Drawn
from core.reports.page import Said, labels, printable, say
from core.reports.rounds.round_doubts import doubt_rows, draw_rows
from core.reports.rounds.round_figures import FoundProduct, ListedPhone, RoundFigures, without_names
from core.reports.rounds.round_returns import BY_UNIT, TITLE, return_rows, return_table
from core.reports.summaries.counted_page import LABELS, Group, NewestCheckpoint, counted, table_cell, use_of_page
from core.reports.summaries.month_summary import SummaryForm
from core.reports.tables.csv_table import CsvSeparator, csv_of
from core.reports.tables.workbook import Cell, Step, workbook_of
from core.text import Language, N, T, Text, Value, grouped

#: Rows on the page, of findings and of phones; a file for a spreadsheet has all of them.
MOST_FOUND: Final = 60
MOST_PHONES: Final = 1_000
#: Points: the width of a chart on the page and the size of its text; the height that one may have.
_WIDTH: Final = 526.0
_SIZE: Final = 9.5
_HIGHEST: Final = 560.0
#: Units that are drawn, as many as have room.
_DRAWN: Final = (24, 16, 10, 6, 3)
#: Characters of a text in a table of the page.
_SHORT: Final = 100

_LABELS: Final = {
    **LABELS,
    "progress": T("Progress of the round"),
    "units": T("Units, the worst first"),
    "pace": T("Pace"),
    "days": T("Checks by day"),
    "numbers": T("The charts in numbers"),
    "found": T("Findings, by product and unit"),
    "phones": T("The phones"),
    "personal": T("This list has personal information: give it only to people who may have it."),
    "proof": T("The log when this page was made"),
}
#: A part of a word after which it may go on in the next line of a narrow column.
_LONG: Final = re.compile(r"\w{12}(?=\w)")
_NO_FINDING: Final = T("No banned app was found.")
_YES: Final = T("yes")
_NO: Final = T("no")
#: Whether a phone is on the roster; None where that is not known any more.
_LISTED: Final[dict[bool | None, Text]] = {True: _YES, False: _NO, None: T("not known any more")}


def make_round_report(
    form: SummaryForm,
    checkpoint: NewestCheckpoint,
    figures: RoundFigures,
    languages: tuple[Language, ...],
    *,
    phones: bool = False,
    step: Step | None = None,
    separator: CsvSeparator = "comma",
) -> bytes:
    """The report in one form. `checkpoint` covers all that was counted: :meth:`NewestCheckpoint.over` sees to that.

    With `phones` it is the detailed one: the page and the workbook have the list of the phones as well, and the CSV
    file is that list. `step` is told how far a workbook is. Raises PageProblem, and what `step` raises.
    """
    if form is SummaryForm.PDF:
        return _page(checkpoint, figures, languages, phones=phones)
    if form is SummaryForm.CSV:
        table = _phone_table(figures, languages) if phones else _table(checkpoint, figures, languages)
        return csv_of(table, separator)
    sheets = [(str(T("Round").in_language(languages[0])), _table(checkpoint, figures, languages))]
    if phones:
        sheets.append((T("Phones").in_language(languages[0]), _phone_table(figures, languages)))
    return workbook_of(sheets, checkpoint.newest.time, step)


# -- the page


def _page(
    checkpoint: NewestCheckpoint, figures: RoundFigures, languages: tuple[Language, ...], *, phones: bool
) -> bytes:
    whole = figures.whole
    counts = {Verdict.RED: whole.red, Verdict.AMBER: whole.amber, Verdict.GREEN: whole.green}
    found_rows = _found_rows(figures.found_products)
    listed = _in_order(figures.phones) if phones else []
    page: dict[str, Any] = {
        **checkpoint.page(
            T("Report of the round"),
            T("Report of the round {name}", name=figures.name),
            _facts(checkpoint, figures),
            counts,
            [(title, [(label, _read(value)) for label, value in pairs]) for title, pairs in _groups(figures)],
            use_of_page(checkpoint.seal.size),
            languages,
        ),
        "day": figures.pace.today.isoformat(),
        "charts": _charts(figures, languages),
        "tables": [
            _said_table(title, table, languages)
            for title, table in (
                (T("Phones"), progress_table(whole)),
                (_LABELS["units"], unit_table(figures.units)),
                (_LABELS["pace"], pace_table(figures.pace)),
                (_LABELS["days"], day_table(figures.days)),
                (BY_UNIT, return_table(figures.returns)),
            )
            if table.rows
        ],
        "found": _said_rows((T("Product"), T("Unit"), T("Phones"), T("Removed")), found_rows, languages),
        "nothing": say(_NO_FINDING, languages),
        "phones": _said_rows(
            (T("State"), T("Phone"), T("Serial number or IMEI"), T("Asset tag"), T("Holder"), T("Unit"), T("Checked")),
            [_short(phone) for phone in listed[:MOST_PHONES]],
            languages,
        ),
        "more": say(_more_phones(len(listed) - MOST_PHONES), languages) if len(listed) > MOST_PHONES else [],
        "labels": labels(_LABELS, languages),
    }
    return checkpoint.typeset("round", page, languages)


def _facts(checkpoint: NewestCheckpoint, figures: RoundFigures) -> list[tuple[Value, Value]]:
    pace = figures.pace
    days = T("from {first} to {last}", first=long_date(pace.first), last=long_date(pace.last))
    return [
        (T("Round"), figures.name),
        *([(T("Place"), figures.place)] if figures.place else []),
        (T("Days"), days),
        (T("As of"), long_date(pace.today)),
        *([(T("Closed on"), _closed(figures.closed))] if figures.closed is not None else []),
        (T("Policy"), figures.policy),
        (T("Desk"), checkpoint.newest.desk),
        (T("Newest entry"), checkpoint.number_and_time),
    ]


def _closed(day: date) -> Text:
    return T("{date}; all numbers are those of its end, and nothing that came after changes them", date=long_date(day))


def _charts(figures: RoundFigures, languages: tuple[Language, ...]) -> dict[str, Any]:
    """The charts with what is read aloud in their place; their numbers stand in tables at the end."""
    look = ChartLook(PAPER, "Libertinus Serif", languages, _SIZE, SERIF)
    units = [
        # What no font of the page has would keep the page from being made.
        type(bar)(printable(bar.label, breaks=False), bar.green, bar.amber, bar.red, bar.due)
        for bar in figures.units
    ]
    drawn = unit_bars(units, look, _WIDTH, max_bars=_DRAWN[0])
    for max_bars in _DRAWN[1:]:
        if drawn.height <= _HIGHEST:
            break
        drawn = unit_bars(units, look, _WIDTH, max_bars=max_bars)
    whole = figures.whole
    return {
        "progress": _chart(progress_bar(whole, look, _WIDTH), progress_table(whole), languages),
        "key": _chart(key(look, _WIDTH, figures.units), ChartTable((), (), ()), languages),
        "units": _chart(drawn, unit_table(figures.units), languages),
        "pace": _chart(pace_chart(figures.pace, look, _WIDTH, 230.0), pace_table(figures.pace), languages),
        "days": _chart(day_columns(figures.days, look, _WIDTH, 170.0), day_table(figures.days), languages),
    }


def _chart(drawn: Drawn, table: ChartTable, languages: Sequence[Language]) -> dict[str, Any]:
    return {
        "svg": drawn.svg.decode(),
        "width": drawn.width,
        "about": [say(text, languages, 400) for text in table.about],
    }


def _groups(figures: RoundFigures) -> Iterator[Group]:
    """The numbers that no chart has. Where there is nothing to count, that is said by a zero."""
    whole = figures.whole
    yield (
        T("Phones of the round"),
        [
            (T("On the roster"), figures.pace.needed),
            (T("Checked"), whole.checked),
            *([(WAITING, whole.waiting)] if whole.waiting else []),
            (T("Due"), whole.due),
            (T("Due, and not seen for long"), figures.late),
            (T("Checked, and not on the roster"), figures.unexpected),
            (T("Red, not on the roster"), figures.unexpected_red),
            (T("Checked in more than one visit"), figures.seen_twice),
            *([(T("Lines of the roster that could not be used"), figures.left_out)] if figures.left_out else []),
        ],
    )
    if doubts := doubt_rows(figures.doubts):
        yield T("What the numbers do not show"), doubts
    yield TITLE, return_rows(figures.returns)
    yield T("Apps removed, by product"), _counted(figures.removed, T("Apps"))
    yield T("Banned apps whose removal was not seen"), _counted(figures.not_gone, T("Apps"))
    yield (
        T("What could not be seen, by phones"),
        _counted([(without_names(gap_text), n) for gap_text, n in figures.unseen], T("Phones")),
    )
    yield T("Exceptions used, by product"), _counted(figures.excepted, T("Exceptions"))
    yield T("What officers saw on phones themselves"), _counted(figures.attested, T("Phones"))
    yield T("Checks by officer"), _counted(figures.officers, T("Checks"))
    if (second := figures.agreement) is not None:
        yield (
            T("Second check by another officer, who did not see the first result"),
            [
                (T("Phones drawn"), second.drawn),
                (T("Checked by another officer"), second.checked),
                (T("Both came to the same verdict"), second.agreed),
                *([(T("Drawn from, and not matched any more"), second.lost)] if second.lost else []),
            ],
        )
    if figures.draws:
        yield T("All draws in the days of the round"), draw_rows(figures.draws)


def _counted(of: Iterable[tuple[Value, int]], nothing: Text) -> list[tuple[Value, Value]]:
    sums: Counter[Value] = Counter()
    for name, count in of:
        sums[name] += count
    return counted(sums, nothing)


def _found_rows(products: Sequence[FoundProduct]) -> list[tuple[Value, ...]]:
    """The products that most phones have come first; what has no row of its own is summed in the last one."""
    ranked = _ranked(products)
    rows: list[tuple[Value, ...]] = [
        (item.product, item.unit or T("No unit"), item.phones, item.removed) for item in ranked[:MOST_FOUND]
    ]
    if rest := ranked[MOST_FOUND:]:
        words = N("{count} other", "{count} others", len(rest))
        rows.append((words, "", sum(item.phones for item in rest), sum(item.removed for item in rest)))
    return rows


def _ranked(products: Sequence[FoundProduct]) -> list[FoundProduct]:
    return sorted(products, key=lambda item: (-item.phones, str(item.product), item.unit))


def _more_phones(count: int) -> Text:
    return N(
        "{number} more phone is in the table and in the workbook.",
        "{number} more phones are in the table and in the workbook.",
        count,
        number=grouped(count),
    )


def _state(phone: ListedPhone) -> Text:
    if phone.verdict is None and phone.not_known:
        return NOT_KNOWN
    if phone.verdict is None:
        return WAITING if phone.checked is not None else DUE
    return RED_OPEN if phone.verdict is Verdict.RED else value_names.VERDICTS[phone.verdict]


def _short(phone: ListedPhone) -> tuple[Value, ...]:
    """The row of a phone on the page."""
    unit: Value = phone.unit
    if phone.listed is False:
        unit = T("Not on the roster")
    if phone.remark:
        unit = T("{unit}; {remark}", unit=unit, remark=phone.remark) if unit else phone.remark
    checked = " · ".join(part for part in (phone.checked.isoformat() if phone.checked else "", phone.officer) if part)
    return _state(phone), phone.phone, phone.serial or phone.imei, phone.tag, phone.holder, unit, checked


def _in_order(phones: Sequence[ListedPhone]) -> list[ListedPhone]:
    """The phones by what is to be done: red, amber, due, green."""
    order = {Verdict.RED: 0, Verdict.AMBER: 1, None: 2, Verdict.GREEN: 3}
    return sorted(phones, key=lambda phone: (order[phone.verdict], phone.unit, phone.holder, phone.tag, phone.serial))


def _read(value: Value) -> Value:
    """A value as it is read: numbers in groups of three digits."""
    return grouped(value) if isinstance(value, int) else value


def _said_table(title: Text, table: ChartTable, languages: Sequence[Language]) -> dict[str, Any]:
    return {"title": say(title, languages), **_said_rows(table.head, table.rows, languages)}


def _said_rows(
    head: Sequence[Text], rows: Sequence[Sequence[Value]], languages: Sequence[Language]
) -> dict[str, list[Any]]:
    """A table of the page."""

    def cell(value: Value) -> Said:
        per_language = say(_read(value), languages, _SHORT)
        return [(language, _LONG.sub("\\g<0>\N{ZERO WIDTH SPACE}", words)) for language, words in per_language]

    return {"head": [say(word, languages) for word in head], "rows": [[cell(value) for value in row] for row in rows]}


# -- the tables for a spreadsheet


def _table(
    checkpoint: NewestCheckpoint, figures: RoundFigures, languages: Sequence[Language]
) -> list[tuple[Cell, ...]]:
    """The numbers of the report, one a row: what it belongs to, what it is of, which number it is, and the number."""
    facts = [*_facts(checkpoint, figures), *checkpoint.facts]
    rows: list[tuple[Value, ...]] = [(T("Group"), T("What"), T("Number"), T("Count or value"))]
    rows += [(T("About this report"), label, "", value) for label, value in facts]
    rows += [(_LABELS["progress"], word, T("Phones"), n) for word, n in progress_table(figures.whole).rows]
    for bar in worst_first(figures.units):
        table = unit_table([bar])
        rows += [
            (_LABELS["units"], bar.name, word, n) for word, n in zip(table.head[1:], table.rows[0][1:], strict=True)
        ]
    for title, table in (
        (_LABELS["pace"], pace_table(figures.pace)),
        (_LABELS["days"], day_table(figures.days)),
        (BY_UNIT, return_table(figures.returns)),
    ):
        for row in table.rows:
            rows += [(title, row[0], word, n) for word, n in zip(table.head[1:], row[1:], strict=True)]
    for item in _ranked(figures.found_products):
        where = T("{product}, {unit}", product=item.product, unit=item.unit or T("No unit"))
        rows += [
            (_LABELS["found"], where, T("Phones"), item.phones),
            (_LABELS["found"], where, T("Removed"), item.removed),
        ]
    for title, pairs in _groups(figures):
        rows += [(title, label, "", value) for label, value in pairs]
    return [tuple(table_cell(value, languages) for value in row) for row in rows]


def _phone_table(figures: RoundFigures, languages: Sequence[Language]) -> list[tuple[Cell, ...]]:
    """The list of the phones."""
    head = (T("State"), T("On the roster"), T("Phone"), T("Serial number"), T("IMEI"), T("Asset tag"), T("Holder"))
    rest = (T("Unit"), T("Checked"), T("Officer"), T("Desk"), T("Remark"), T("Banned apps"))
    states = (DUE, NOT_KNOWN, RED_OPEN, WAITING)
    words = {word: table_cell(word, languages) for word in (*head, *rest, *_LISTED.values(), *states)}
    words |= {word: table_cell(word, languages) for word in value_names.VERDICTS.values()}
    rows: list[tuple[Cell, ...]] = [tuple(words[word] for word in (*head, *rest))]
    for phone in _in_order(figures.phones):
        texts = (phone.phone, phone.serial, phone.imei, phone.tag, phone.holder, phone.unit)
        day = phone.checked.isoformat() if phone.checked else ""
        cells = [table_cell(text, languages) for text in (*texts, day, phone.officer, phone.desk, phone.remark)]
        rows.append((words[_state(phone)], words[_LISTED[phone.listed]], *cells, phone.banned))
    return rows
