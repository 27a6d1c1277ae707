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
from core.rounds.roster.columns import IDENTIFYING, Columns, RosterColumn, require
from core.rounds.roster.identifiers import Wrong, imei_of, key_of, serial_of, wrong_serial
from core.rounds.roster.line_faults import LineFault, LineFaultKind
from core.rounds.roster.tables import RosterProblem, RosterTable, Sheet, SheetRow
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
        """How many lines are not on the roster, including repeated lines of one phone."""
        return len({fault.line for fault in self.faults if not fault.is_kept})


class NoPhones(RosterProblem):
    """No line of the list is of a phone: it is the wrong sheet, or the wrong columns. `faults` say what is wrong."""

    code = "roster-without-phones"

    def __init__(self, name: str, faults: tuple[LineFault, ...]) -> None:
        super().__init__(
            T("No phone could be read from the list {file}.", file=name),
            T("Choose another sheet or other columns, then try again."),
        )
        self.faults = faults


def read_roster(
    table: RosterTable, sheet: Sheet, columns: Columns, brought_at: datetime, cancel: Cancel
) -> RosterReading:
    """The roster that a sheet of a table is, by these columns. Raises RosterProblem (NoPhones is one), Cancelled."""
    sheet.require_read()
    require(columns)
    lines: list[RosterLine] = []
    faults: list[LineFault] = []
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
            wrong.append((LineFaultKind.NO_IDENTIFIER, line_faults.NO_IDENTIFIER))
        else:
            lines.append(line)
        faults += (LineFault(kind, row.line, says, is_kept=line is not None) for kind, says in wrong)
    for column in IDENTIFYING:
        lines, repeated = _without_repeats(lines, column)
        faults += repeated
    faults = _with_what_became(faults)
    if not lines:
        raise NoPhones(table.name, tuple(faults))
    return RosterReading(Roster(tuple(lines), table.name, table.sha256, brought_at), tuple(faults), empty)


def _with_what_became(faults: list[LineFault]) -> list[LineFault]:
    """The faults in the order of lines, all of one line saying alike whether it is on the roster."""
    dropped_lines = {fault.line for fault in faults if not fault.is_kept}
    alike = (
        replace(fault, is_kept=False) if fault.is_kept and fault.line in dropped_lines else fault for fault in faults
    )
    return sorted(alike, key=lambda fault: fault.line)


def _line(row: SheetRow, columns: Columns) -> tuple[RosterLine | None, list[tuple[LineFaultKind, Text]]]:
    """What a line says, if that is enough to know a phone by, and what is wrong with it."""
    wrong: list[tuple[LineFaultKind, Text]] = []
    values: dict[str, str] = {}
    for column, place in columns.places.items():
        cell = row.cells[place] if place < len(row.cells) else ""
        cell = _unwrapped(cell)
        if cell.strip().casefold() in _NOTHING:
            continue
        values[column], faults = _value(column, cell)
        wrong += faults
    if row.last > row.line:
        wrong.append((LineFaultKind.SEVERAL_LINES, line_faults.several_lines(row.last)))
    if columns.heading_line and len(row.cells) > len(columns.heading):
        wrong.append((LineFaultKind.MORE_CELLS, line_faults.more_cells(len(row.cells), len(columns.heading))))
    if not any(values.get(column) for column in IDENTIFYING):
        return None, wrong
    return RosterLine(row.line, **values), wrong


def _unwrapped(cell: str) -> str:
    """A cell without what an export puts around a number so that Excel leaves it as it is."""
    match = _KEPT_AS_TEXT.fullmatch(cell.strip())
    return cell if match is None else match[1] or match[2] or ""


def _value(column: RosterColumn, cell: str) -> tuple[str, list[tuple[LineFaultKind, Text]]]:
    """What a cell says, as it stands on the roster; empty if it is wrong. And what is wrong with it."""
    stripped = cell.strip()
    if column in IDENTIFYING:
        for kind, pattern in ((LineFaultKind.SHORTENED, _SHORTENED), (LineFaultKind.DATE, _DATE)):
            if pattern.fullmatch(stripped):
                return "", [(kind, line_faults.in_column(kind, column, cell))]
    if column is RosterColumn.SERIAL:
        serial = serial_of(cell)
        bad = wrong_serial(serial)
        return ("", [_wrong(bad, column, cell)]) if bad is not None else (serial, [])
    if column is RosterColumn.IMEI:
        imei = imei_of(cell)
        if imei.wrong is not None:
            return "", [_wrong(imei.wrong, column, cell)]
        if imei.changed is None:
            return imei.digits, []
        kind = LineFaultKind.FIRST_ZERO if imei.changed == "first-zero" else LineFaultKind.SOFTWARE_VERSION
        return imei.digits, [(kind, line_faults.in_column(kind, column, cell, imei.digits))]
    return _text(column, stripped)


def _wrong(bad: Wrong, column: RosterColumn, cell: str) -> tuple[LineFaultKind, Text]:
    kind = _KINDS[bad]
    return kind, line_faults.in_column(kind, column, cell)


def _text(column: RosterColumn, cell: str) -> tuple[str, list[tuple[LineFaultKind, Text]]]:
    """A text that is kept as it is written, as far as it can be shown, and what had to be changed."""
    flat = " ".join(cell.split())
    text = plain(flat, TEXT_LIMIT)
    kinds = []
    if len(flat) > TEXT_LIMIT:
        kinds.append(LineFaultKind.CUT)
    if "\N{REPLACEMENT CHARACTER}" in text:
        kinds.append(LineFaultKind.UNREADABLE)
    if cell[0] in _FORMULA:
        kinds.append(LineFaultKind.FORMULA)
    return text, [(kind, line_faults.in_column(kind, column, text)) for kind in kinds]


def _without_repeats(lines: list[RosterLine], column: RosterColumn) -> tuple[list[RosterLine], list[LineFault]]:
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
    faults: list[LineFault] = []
    for group in groups.values():
        if len(group) == 1:
            continue
        first, *repeats = group
        if any(len({getattr(line, identifier) for line in group} - {""}) > 1 for identifier in stronger):
            numbered = [line for line in group if any(getattr(line, identifier) for identifier in stronger)]
            for line in numbered:
                changed[line.line] = replace(line, **_nothing_in(column))
                other_line = next(candidate.line for candidate in group if candidate is not line)
                says = line_faults.shared(column, other_line)
                faults.append(LineFault(LineFaultKind.SHARED, line.line, says, is_kept=True, other_line=other_line))
            rest = [line for line in group if line.line not in changed]
            if not rest:
                continue
            first, *repeats = rest
        for line in repeats:
            first = _completed(first, line)
            changed[line.line] = None
            says = line_faults.same_phone(column, first.line)
            faults.append(LineFault(LineFaultKind.SAME_PHONE, line.line, says, is_kept=False, other_line=first.line))
        changed[first.line] = first
    remaining = (changed.get(line.line, line) for line in lines)
    return [line for line in remaining if line is not None], faults


def _nothing_in(column: RosterColumn) -> dict[str, Any]:
    return {column.value: ""}


def _completed(line: RosterLine, other_line: RosterLine) -> RosterLine:
    """A line with what it lacks from another line of the same phone."""
    lacking: dict[str, Any] = {
        column.value: getattr(other_line, column) for column in RosterColumn if not getattr(line, column)
    }
    return replace(line, **lacking)
