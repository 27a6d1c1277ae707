"""A table as an Excel workbook (XLSX). A cell is a number or plain text: no text in it can become a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from core.text import one_line

if TYPE_CHECKING:  # it loads what only a workbook needs
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell: TypeAlias = str | int

#: Characters of a cell, and of a sheet's name, by Excel's own limits; characters of a column's width.
_CELL_LIMIT: Final = 32_000
_TITLE_LIMIT: Final = 31
_WIDEST: Final = 60
#: What Excel does not take in a sheet's name.
_NOT_IN_TITLE: Final = str.maketrans(dict.fromkeys(r"\/*?:[]'", " "))


#: Rows of a sheet, by Excel's own limit.
ROWS_LIMIT: Final = 1_048_576


def workbook(title: str, rows: Iterable[Sequence[Cell]], time: datetime) -> bytes:
    """One sheet with these rows, the first of them its heading, as the bytes of a file that was made at `time`."""
    return workbook_of([(title, rows)], time)


def workbook_of(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]], time: datetime) -> bytes:
    """Several sheets, each with its name and its rows, as the bytes of a file that was made at `time`."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "Fanion"
    book.properties.created = book.properties.modified = time.astimezone(UTC).replace(tzinfo=None)
    for title, rows in sheets:
        _fill(book.create_sheet(one_line(title.translate(_NOT_IN_TITLE), _TITLE_LIMIT)), [list(row) for row in rows])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _fill(sheet: Any, table: Sequence[Sequence[Cell]]) -> None:
    """Write a table into a sheet; types for openpyxl do not know the widths of its columns."""
    sheet.freeze_panes = "A2"
    for column in range(max(map(len, table), default=0)):
        longest = max(len(str(row[column])) for row in table if column < len(row))
        sheet.column_dimensions[_letter(column)].width = min(longest + 2, _WIDEST)
    for number, row in enumerate(table[:ROWS_LIMIT]):
        sheet.append([_cell(sheet, value, bold=number == 0) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Cell, *, bold: bool) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, one_line(value, _CELL_LIMIT))
        cell.data_type = "s"  # openpyxl takes what begins with "=" for a formula
    else:
        cell = WriteOnlyCell(sheet, value)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _letter(column: int) -> str:
    """The name of a column, by its number from 0."""
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column + 1))
