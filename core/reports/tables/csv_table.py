"""Tables as CSV files that people open in a spreadsheet: RFC 4180, in UTF-8 with the mark by which spreadsheets know
it.

What stands between two cells is the desk's setting ``csv_separator``: a spreadsheet takes what the system it runs on is
set to, which is a comma where English is spoken and a semicolon where French is. What programs read is not written
here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Final, Literal, TypeAlias

from core.text import as_cell

CsvSeparator: TypeAlias = Literal["comma", "semicolon"]
SEPARATORS: Final[dict[CsvSeparator, str]] = {"comma": ",", "semicolon": ";"}
#: Where a spreadsheet that is set to another separator would end a cell; quotation marks do not keep it from that.
_OTHER_END: Final = re.compile(r'([,;]["\s]*)')


class CsvFile:
    """A CSV file that is being written. No cell of it is a formula, whatever separates cells where it is opened."""

    def __init__(self, file: IO[bytes], separator: CsvSeparator) -> None:
        self._file = file
        self._text = io.StringIO(newline="")
        self._rows = csv.writer(self._text, delimiter=SEPARATORS[separator])
        self._text.write("\N{ZERO WIDTH NO-BREAK SPACE}")

    def write(self, rows: Iterable[Sequence[str | int | None]]) -> None:
        """Add these rows. The file is not closed."""
        self._rows.writerows([_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


def csv_of(rows: Iterable[Sequence[str | int | None]], separator: CsvSeparator) -> bytes:
    """A whole table as a CSV file."""
    buffer = io.BytesIO()
    CsvFile(buffer, separator).write(rows)
    return buffer.getvalue()


def _cell(text: str) -> str:
    """A text as it stands in the file: neither it nor what follows a separator in it begins like a formula."""
    if "," not in text and ";" not in text:
        return as_cell(text)
    return "".join(as_cell(part) if at % 2 == 0 else part for at, part in enumerate(_OTHER_END.split(text)))
