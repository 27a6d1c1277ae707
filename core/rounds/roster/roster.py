"""A list of phones, read and checked line by line: the roster, and everything that is wrong with the list.

A value that is wrong is left out and told. A line stays on the roster as long as one number is left by which its phone
can be known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from core.jobs import Cancel
from core.rounds.model import TEXT_LIMIT, Roster, RosterLine
from core.rounds.roster import line_faults
from core.rounds.roster.columns import IDENTIFYING, Column, Columns, require
from core.rounds.roster.identifiers import Wrong, imei_of, key_of, serial_of, wrong_serial
from core.rounds.roster.line_faults import LineFault, LineFaultKind
from core.rounds.roster.tables import RosterProblem, Row, Sheet, Table
from core.text import T, Text, plain

#: What people write where there is nothing to write, in small letters.
_NOTHING: Final = frozenset(
    (
        *("", "-", "--", "---", "–", "—", "?", ".", "0", "n/a", "na", "n.a.", "#n/a", "none", "nil", "null", "unknown"),
        *("tbd", "s/o", "s.o.", "sans objet", "aucun", "aucune", "inconnu", "inconnue", "à venir", "nd", "n.d.", "n/d"),
    )
)
#: How Excel shows a number of which it does not show all digits: 3.56938E+14, in French 3,56938E+14.
_SHORTENED: Final = re.compile(r"[0-9]+([.,][0-9]+)?E\+[0-9]+|[0-9]+[.,][0-9]+E[0-9]+", re.IGNORECASE)
#: What is left of a number of which a spreadsheet has made a date.
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+)?")
#: How an export keeps Excel from changing a number: ="0123" or '0123.
_KEPT_AS_TEXT: Final = re.compile(r"""="([^"]*)"|'(.*)""", re.DOTALL)
_FORMULA: Final = frozenset("=+-@")
_KINDS: Final[dict[Wrong, LineFaultKind]] = {
    "characters": LineFaultKind.BAD_CHARACTERS,
    "length": LineFaultKind.BAD_LENGTH,
    "placeholder": LineFaultKind.PLACEHOLDER,
    "check-digit": LineFaultKind.CHECK_DIGIT,
}
#: Lines between two looks at the stop button.
_BLOCK: Final = 1_024


@dataclass(frozen=True, slots=True)
class RosterReading:
    """A list of phones as it was read. `faults` are in the order of their lines. `empty` lines stand between those of
    phones; they have no faults."""

    roster: Roster
    faults: tuple[LineFault, ...]
    empty: int

    @property
    def left_out(self) -> int:
        """How many lines are not on the roster, those of a phone that another line is of too included."""
        return len({fault.line for fault in self.faults if not fault.kept})


class NoPhones(RosterProblem):
    """No line of the list is of a phone: it is the wrong sheet, or the wrong columns. `faults` say what is wrong."""

    code = "roster-without-phones"

    def __init__(self, name: str, found: tuple[LineFault, ...]) -> None:
        super().__init__(
            T("No phone could be read from the list {file}.", file=name),
            T("Choose another sheet or other columns, then try again."),
        )
        self.faults = found


def read_roster(table: Table, sheet: Sheet, columns: Columns, brought: datetime, cancel: Cancel) -> RosterReading:
    """The roster that a sheet of a table is, by these columns. Raises RosterProblem (NoPhones is one), Cancelled."""
    sheet.require_read()
    require(columns)
    lines: list[RosterLine] = []
    found: list[LineFault] = []
    empty, before = 0, columns.heading_line
    merged = {first: last for first, last in sheet.merged if first > columns.heading_line}
    for number, row in enumerate(sheet.rows):
        if number % _BLOCK == 0:
            cancel.check()
        if row.line <= columns.heading_line:
            continue
        empty += row.line - before - 1
        before = row.last
        line, wrong = _line(row, columns)
        if row.line in merged:
            wrong.append((LineFaultKind.MERGED, line_faults.merged(merged[row.line])))
        if line is None:
            wrong.append((LineFaultKind.NO_IDENTIFIER, line_faults.no_identifier()))
        else:
            lines.append(line)
        found += (LineFault(kind, row.line, says, kept=line is not None) for kind, says in wrong)
    for column in IDENTIFYING:
        lines, repeated = _without_repeats(lines, column)
        found += repeated
    found = _with_what_became(found)
    if not lines:
        raise NoPhones(table.name, tuple(found))
    return RosterReading(Roster(tuple(lines), table.name, table.sha256, brought), tuple(found), empty)


def _with_what_became(found: list[LineFault]) -> list[LineFault]:
    """The faults in the order of lines, all of one line saying alike whether it is on the roster."""
    gone = {fault.line for fault in found if not fault.kept}
    alike = (replace(fault, kept=False) if fault.kept and fault.line in gone else fault for fault in found)
    return sorted(alike, key=lambda fault: fault.line)


def _line(row: Row, columns: Columns) -> tuple[RosterLine | None, list[tuple[LineFaultKind, Text]]]:
    """What a line says, if that is enough to know a phone by, and what is wrong with it."""
    wrong: list[tuple[LineFaultKind, Text]] = []
    values: dict[str, str] = {}
    for column, place in columns.places.items():
        said = row.cells[place] if place < len(row.cells) else ""
        said = _unwrapped(said)
        if said.strip().casefold() in _NOTHING:
            continue
        values[column], told = _value(column, said)
        wrong += told
    if row.last > row.line:
        wrong.append((LineFaultKind.SEVERAL_LINES, line_faults.several_lines(row.last)))
    if columns.heading_line and len(row.cells) > len(columns.heading):
        wrong.append((LineFaultKind.MORE_CELLS, line_faults.more_cells(len(row.cells), len(columns.heading))))
    if not any(values.get(column) for column in IDENTIFYING):
        return None, wrong
    return RosterLine(row.line, **values), wrong


def _unwrapped(said: str) -> str:
    """A cell without what an export puts around a number so that Excel leaves it as it is."""
    found = _KEPT_AS_TEXT.fullmatch(said.strip())
    return said if found is None else found[1] or found[2] or ""


def _value(column: Column, said: str) -> tuple[str, list[tuple[LineFaultKind, Text]]]:
    """What a cell says, as it stands on the roster; empty if it is wrong. And what is wrong with it."""
    stripped = said.strip()
    if column in IDENTIFYING:
        for kind, pattern in ((LineFaultKind.SHORTENED, _SHORTENED), (LineFaultKind.DATE, _DATE)):
            if pattern.fullmatch(stripped):
                return "", [(kind, line_faults.in_column(kind, column, said))]
    if column is Column.SERIAL:
        serial = serial_of(said)
        bad = wrong_serial(serial)
        return ("", [_wrong(bad, column, said)]) if bad is not None else (serial, [])
    if column is Column.IMEI:
        imei = imei_of(said)
        if imei.wrong is not None:
            return "", [_wrong(imei.wrong, column, said)]
        if imei.changed is None:
            return imei.digits, []
        kind = LineFaultKind.FIRST_ZERO if imei.changed == "first-zero" else LineFaultKind.SOFTWARE_VERSION
        return imei.digits, [(kind, line_faults.in_column(kind, column, said, imei.digits))]
    return _text(column, stripped)


def _wrong(bad: Wrong, column: Column, said: str) -> tuple[LineFaultKind, Text]:
    kind = _KINDS[bad]
    return kind, line_faults.in_column(kind, column, said)


def _text(column: Column, said: str) -> tuple[str, list[tuple[LineFaultKind, Text]]]:
    """A text that is kept as it is written, as far as it can be shown, and what had to be changed."""
    flat = " ".join(said.split())
    kept = plain(flat, TEXT_LIMIT)
    kinds = []
    if len(flat) > TEXT_LIMIT:
        kinds.append(LineFaultKind.CUT)
    if "\N{REPLACEMENT CHARACTER}" in kept:
        kinds.append(LineFaultKind.UNREADABLE)
    if said[0] in _FORMULA:
        kinds.append(LineFaultKind.FORMULA)
    return kept, [(kind, line_faults.in_column(kind, column, kept)) for kind in kinds]


def _without_repeats(lines: list[RosterLine], column: Column) -> tuple[list[RosterLine], list[LineFault]]:
    """The lines, each phone once as far as this column tells, and what is told of lines with the same value in it.

    The columns are asked in the order of :data:`IDENTIFYING`. Lines with the same value are of one phone, and the first
    gets what it lacks from the others; unless two of them have different numbers of a column that was asked before:
    then the value names neither phone, and is left out of each that has such a number.
    """
    groups: dict[str, list[RosterLine]] = {}
    for line in lines:
        key = key_of(getattr(line, column))
        if key:
            groups.setdefault(key, []).append(line)
    stronger = IDENTIFYING[: IDENTIFYING.index(column)]
    changed: dict[int, RosterLine | None] = {}
    found: list[LineFault] = []
    for group in groups.values():
        if len(group) == 1:
            continue
        first, *others = group
        if any(len({getattr(line, one) for line in group} - {""}) > 1 for one in stronger):
            numbered = [line for line in group if any(getattr(line, one) for one in stronger)]
            for line in numbered:
                changed[line.line] = replace(line, **_nothing_in(column))
                other = next(one.line for one in group if one is not line)
                says = line_faults.shared(column, other)
                found.append(LineFault(LineFaultKind.SHARED, line.line, says, kept=True, other=other))
            rest = [line for line in group if line.line not in changed]
            if not rest:
                continue
            first, *others = rest
        for line in others:
            first = _completed(first, line)
            changed[line.line] = None
            says = line_faults.same_phone(column, first.line)
            found.append(LineFault(LineFaultKind.SAME_PHONE, line.line, says, kept=False, other=first.line))
        changed[first.line] = first
    kept = (changed.get(line.line, line) for line in lines)
    return [line for line in kept if line is not None], found


def _nothing_in(column: Column) -> dict[str, Any]:
    return {column.value: ""}


def _completed(line: RosterLine, other: RosterLine) -> RosterLine:
    """A line with what it lacks from another line of the same phone."""
    lacking: dict[str, Any] = {column.value: getattr(other, column) for column in Column if not getattr(line, column)}
    return replace(line, **lacking)
