"""A file as rows of texts: CSV in the encodings and with the separators of Excel, or a workbook's sheets.

What a file may have is bounded: bytes, lines, columns. What it says is only text here: nothing in it is run, and no
formula is calculated.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.jobs import Cancel
from core.problem import Problem
from core.rounds.model import MOST_LINES
from core.rounds.roster import workbook
from core.system.files.files import TooLargeError, read_file
from core.text import T, Text, grouped, plain

#: Bytes of a file. Two hundred thousand lines of a hundred characters.
FILE_LIMIT: Final = 20 * 1024 * 1024
#: Cells of a line.
MOST_COLUMNS: Final = 200
#: Lines of the file over which the quotation marks of one cell may reach.
_CELL_LINES: Final = 20

#: What a text file may begin with to say how it is encoded, and the codec.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes by which UTF-16 without such a mark is known, and the share of them that is 0 in it.
_LOOK: Final = 400
_ZEROS: Final = 0.3
#: Where two separators are equally frequent, the first of them is taken: a comma stands in texts most often.
_SEPARATORS: Final = {"\t": T("tabs"), ";": T("semicolons"), "|": T("vertical bars"), ",": T("commas")}
#: Lines, and characters, from which the separator is known.
_SAMPLE_LINES: Final = 20
_SAMPLE: Final = 64 * 1024
#: How Excel says in the first line what the separator is.
_SAYS_SEPARATOR: Final = re.compile(r"sep=([\t;|,])(?:\r\n|\r|\n|$)")
_QUOTED: Final = re.compile(r'"[^"]*"')
#: How a workbook begins: zipped XML, and the older form of Excel 97.
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_CORRECT_QUOTATION: Final = T("Correct the quotation marks there, then try again.")
_KEEP_LESS: Final = T(
    "Save only the list of phones in a file of its own, without other sheets and columns, then try again."
)
_SAVE_AGAIN: Final = T("Open it in the program that made it, save it as an Excel workbook or as CSV, then try again.")
#: Lines between two looks at the stop button.
_BLOCK: Final = 4_096


class RosterProblem(Problem):
    """A file cannot be read as a roster. `line` is the line of the fault, from 1; 0 where it is not about a line."""

    code = "roster"
    exit_code = 5

    def __init__(self, sentence: Text, next_step: Text, detail: str = "", line: int = 0) -> None:
        super().__init__(sentence, next_step, detail)
        self.line = line


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The cells of a line that has some, without empty ones at the end. `line` is its number in the file, the first is
    1; `last` is that of its last line, where quotation marks keep several lines of the file together."""

    line: int
    cells: tuple[str, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, or the whole of a CSV file, which has no `name`.

    `merged` are the first and the last lines of cells that were made one over several lines: only the first has their
    text. `fault` is why a sheet of a workbook could not be read; it has no rows then.
    """

    name: str
    rows: tuple[SheetRow, ...]
    hidden: bool = False
    merged: tuple[tuple[int, int], ...] = ()
    fault: Literal["", "too-large", "damaged"] = ""

    def require_read(self) -> None:
        """Raise RosterProblem if the sheet could not be read."""
        if self.fault == "too-large":
            raise RosterProblem(
                T("The sheet “{sheet}” is larger than a roster may be.", sheet=self.name), _KEEP_LESS, self.fault
            )
        if self.fault:
            raise RosterProblem(T("The sheet “{sheet}” is damaged.", sheet=self.name), _SAVE_AGAIN, self.fault)


@dataclass(frozen=True, slots=True)
class RosterTable:
    """What a file holds: its `name` and SHA-256, in which form it was found to be, and its sheets (at least one)."""

    name: str
    sha256: str
    form: Text
    sheets: tuple[Sheet, ...]


def read_table(path: Path, cancel: Cancel) -> RosterTable:
    """The sheets of a CSV file or a workbook. Raises RosterProblem, Cancelled."""
    name = plain(path.name)
    try:
        data = read_file(path, FILE_LIMIT)
    except TooLargeError as error:
        raise _too_large(name, str(error)) from error
    except OSError as error:
        raise RosterProblem(
            T("The file {file} could not be read.", file=name),
            T("Check that it is there and that you may read it, then try again."),
            str(error),
        ) from error
    return parse_table(data, name, cancel)


def parse_table(data: bytes, name: str, cancel: Cancel) -> RosterTable:
    """The table in the bytes of a file. Raises RosterProblem, Cancelled."""
    if len(data) > FILE_LIMIT:
        raise _too_large(name, f"{len(data)} bytes")
    if data.startswith(_WORKBOOKS):
        form, sheets = T("Excel or OpenDocument workbook"), _workbook_sheets(data, name, cancel)
    else:
        text, encoding = _decoded(data, name)
        separator, text, before = _separated(text)
        form = T("text in {encoding}, separated by {separator}", encoding=encoding, separator=_SEPARATORS[separator])
        sheets = (Sheet("", _csv_rows(text, separator, before, name, cancel)),)
    if not any(sheet.rows or sheet.fault for sheet in sheets):
        raise RosterProblem(
            T("The file {file} is empty.", file=name), T("Choose the file with the list of phones, then try again.")
        )
    return RosterTable(name, hashlib.sha256(data).hexdigest(), form, sheets)


def _workbook_sheets(data: bytes, name: str, cancel: Cancel) -> tuple[Sheet, ...]:
    answer = workbook.read(data, MOST_LINES, MOST_COLUMNS, cancel)
    match answer.why:
        case "password":
            raise RosterProblem(
                T("The workbook {file} is protected by a password.", file=name),
                T("Save a copy of it without a password, then try again."),
                answer.detail,
            )
        case "too-large":
            sentence = T("The workbook {file} is larger than a roster may be.", file=name)
            raise RosterProblem(sentence, _KEEP_LESS, answer.detail)
        case "damaged":
            sentence = T("The file {file} is damaged, or no workbook.", file=name)
            raise RosterProblem(sentence, _SAVE_AGAIN, answer.detail)
    sheets = []
    for sheet in answer.sheets:
        rows = (SheetRow(line, _trimmed(cells), line) for line, cells in enumerate(sheet.rows, 1))
        filled = tuple(row for row in rows if row.cells)
        sheets.append(Sheet(plain(sheet.name), filled, sheet.hidden, tuple(sheet.merged), sheet.fault))
    return tuple(sheets)


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text, and what its encoding is called. Raises RosterProblem."""
    names = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252"}
    for codec in _codecs(data):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if (zero := text.find("\0")) >= 0:
            line = text.count("\n", 0, zero) + 1
            raise RosterProblem(
                T("Line {line} of the file {file} has characters that no text has.", line=line, file=name),
                _SAVE_AGAIN,
                line=line,
            )
        return text, names.get(codec, "UTF-16")
    raise RosterProblem(T("The file {file} is neither a text nor a workbook.", file=name), _SAVE_AGAIN)


def _codecs(data: bytes) -> tuple[str, ...]:
    """The encodings that the text may have; the first that fits is taken."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return (codec,)
    start = data[:_LOOK]
    if start[1::2].count(0) > _ZEROS * len(start):
        return ("utf-16-le",)
    if start[::2].count(0) > _ZEROS * len(start):
        return ("utf-16-be",)
    return ("utf-8", "cp1252")


def _separated(text: str) -> tuple[str, str, int]:
    """The separator, the text without a line that only says which it is, and how many such lines were there."""
    if match := _SAYS_SEPARATOR.match(text):
        return match[1], text[match.end() :], 1
    lines = _QUOTED.sub("", text[:_SAMPLE]).splitlines()[:_SAMPLE_LINES]
    counts = {separator: sum(line.count(separator) for line in lines) for separator in _SEPARATORS}
    return max(counts, key=lambda separator: counts[separator]), text, 0


def _csv_rows(text: str, separator: str, before: int, name: str, cancel: Cancel) -> tuple[SheetRow, ...]:
    """The rows of a CSV text, `before` which so many lines were. Raises RosterProblem, Cancelled."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[SheetRow] = []
    last = before
    try:
        for cells in reader:
            line, last = last + 1, before + reader.line_num
            row = SheetRow(line, _trimmed(cells), last)
            if last % _BLOCK == 0:
                cancel.check()
            if not row.cells:  # a spreadsheet may write a million of them
                continue
            if len(rows) == MOST_LINES:
                sentence = T("The file {file} has more than {limit} lines.", file=name, limit=grouped(MOST_LINES))
                raise RosterProblem(sentence, _KEEP_LESS, line=line)
            if len(row.cells) > MOST_COLUMNS:
                raise _too_many_cells(line, name)
            if last - line >= _CELL_LINES:
                raise _open_quotation(line, name, "")
            rows.append(row)
    except csv.Error as error:
        if "field limit" in str(error):
            sentence = T("Line {line} of the file {file} has a cell that is too long.", line=last + 1, file=name)
            raise RosterProblem(sentence, _CORRECT_QUOTATION, str(error), line=last + 1) from error
        raise _open_quotation(last + 1, name, str(error)) from error
    return tuple(rows)


def _too_many_cells(line: int, name: str) -> RosterProblem:
    sentence = T(
        "Line {line} of the file {file} has more than {limit} cells.", line=line, file=name, limit=MOST_COLUMNS
    )
    return RosterProblem(sentence, _KEEP_LESS, line=line)


def _open_quotation(line: int, name: str, detail: str) -> RosterProblem:
    sentence = T("In line {line} of the file {file}, a quotation mark is missing or too many.", line=line, file=name)
    return RosterProblem(sentence, _CORRECT_QUOTATION, detail, line=line)


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    """The cells without empty ones at the end, of which a spreadsheet may write any number."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return tuple(cells[:end])


def _too_large(name: str, detail: str) -> RosterProblem:
    limit = FILE_LIMIT // (1024 * 1024)
    return RosterProblem(
        T("The file {file} is larger than {limit} MB, the most that a roster may have.", file=name, limit=limit),
        _KEEP_LESS,
        detail,
    )
