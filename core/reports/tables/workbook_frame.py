"""The frame of a workbook: its sheets with their headings alone, as openpyxl makes them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from core.text import one_line

#: Characters of a cell, by Excel's own limit; characters of a column's width.
CELL_LIMIT: Final = 32_000
_WIDEST: Final = 60


def frame_of(sheets: Iterable[tuple[str, Sequence[Sequence[str | int]]]], time: datetime) -> bytes:
    """A file that was made at `time`, with a sheet for each name and table, as wide as the table needs."""
    book = Workbook(write_only=True)
    book.properties.creator = "Fanion"
    book.properties.created = book.properties.modified = time.astimezone(UTC).replace(tzinfo=None)
    for title, table in sheets:
        _begin(book.create_sheet(title), table)
    frame = io.BytesIO()
    book.save(frame)
    return frame.getvalue()


def _begin(sheet: Any, table: Sequence[Sequence[str | int]]) -> None:
    """The widths of a sheet's columns and its heading; types for openpyxl do not know the widths."""
    sheet.freeze_panes = "A2"
    widths: list[int] = []
    for row in table:
        widths += [0] * (len(row) - len(widths))
        for column, value in enumerate(row):
            widths[column] = max(widths[column], len(str(value)))
    for column, width in enumerate(widths):
        sheet.column_dimensions[get_column_letter(column + 1)].width = min(width + 2, _WIDEST)
    if table:
        heading = [WriteOnlyCell(sheet, one_line(v, CELL_LIMIT) if isinstance(v, str) else v) for v in table[0]]
        for cell in heading:
            cell.font = Font(bold=True)
            if isinstance(cell.value, str):
                cell.data_type = "s"  # openpyxl takes what begins with "=" for a formula
        sheet.append(heading)
