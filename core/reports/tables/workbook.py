"""A table as an Excel workbook (XLSX). A cell is a number or plain text: no text in it can become a formula.

openpyxl makes the workbook with the heading of each sheet; the rows below are written here, as it would write them: of
its time for a hundred thousand rows of twelve cells, nine parts in ten went into objects for each cell.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from xml.sax.saxutils import escape

from core.text import one_line

Cell: TypeAlias = str | int
#: Told of the share that is done (0.0 to 1.0), between some rows and the next; it may raise Cancelled.
Step: TypeAlias = Callable[[float], None]

#: Characters of a cell, and of a sheet's name, by Excel's own limits.
_CELL_LIMIT: Final = 32_000
_TITLE_LIMIT: Final = 31
#: What Excel does not take in a sheet's name.
_NOT_IN_TITLE: Final = str.maketrans(dict.fromkeys(r"\/*?:[]'", " "))
#: Rows of a sheet, by Excel's own limit; rows that are written at a time.
ROWS_LIMIT: Final = 1_048_576
_AT_A_TIME: Final = 1_000
_END: Final = b"</sheetData>"


def workbook(title: str, rows: Iterable[Sequence[Cell]], time: datetime, step: Step | None = None) -> bytes:
    """One sheet with these rows, the first of them its heading, as the bytes of a file that was made at `time`. Raises
    what `step` raises."""
    return workbook_of([(title, rows)], time, step)


def workbook_of(
    sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]], time: datetime, step: Step | None = None
) -> bytes:
    """Several sheets, each with its name and its rows, as the bytes of a file that was made at `time`. Raises what
    `step` raises."""
    from core.reports.tables.workbook_frame import frame_of  # openpyxl, which takes long to load

    tables = [
        (one_line(title.translate(_NOT_IN_TITLE), _TITLE_LIMIT), list(rows)[:ROWS_LIMIT]) for title, rows in sheets
    ]
    below: dict[str, Sequence[Sequence[Cell]]] = {
        f"xl/worksheets/sheet{number}.xml": table[1:] for number, (_, table) in enumerate(tables, 1)
    }
    frame = io.BytesIO(frame_of(tables, time))
    return _filled(frame, below, step or (lambda share: None))


def _filled(frame: io.BytesIO, below: dict[str, Sequence[Sequence[Cell]]], step: Step) -> bytes:
    """The workbook with the rows of each sheet behind its heading."""
    whole = sum(map(len, below.values()))
    row_count = 0
    data = io.BytesIO()
    with zipfile.ZipFile(frame) as source, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as filled:
        for about in source.infolist():
            rows = below.get(about.filename, ())
            head, end, rest = source.read(about).partition(_END)
            entry = zipfile.ZipInfo(about.filename, about.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with filled.open(entry, "w") as part:
                part.write(head)
                for start in range(0, len(rows) if end else 0, _AT_A_TIME):
                    step(row_count / whole)
                    chunk = rows[start : start + _AT_A_TIME]
                    part.write("".join(_rows(chunk, start + 2)).encode())
                    row_count += len(chunk)
                part.write(end + rest)
    return data.getvalue()


def _rows(rows: Sequence[Sequence[Cell]], first: int) -> Iterator[str]:
    """Rows of a sheet as SpreadsheetML has them (ECMA-376, 18.3.1.73), from the one with this number on."""
    letters = [_letter(column) for column in range(max(map(len, rows), default=0))]
    for number, row in enumerate(rows, first):
        yield f'<row r="{number}">'
        for letter, value in zip(letters, row, strict=False):
            if isinstance(value, str):
                text = escape(one_line(value, _CELL_LIMIT))
                yield f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
            else:
                yield f'<c r="{letter}{number}"><v>{value}</v></c>'
        yield "</row>"


def _letter(column: int) -> str:
    """The name of a column, by its number from 0: A to Z, AA, AB and so on."""
    before, place = divmod(column, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + place)
