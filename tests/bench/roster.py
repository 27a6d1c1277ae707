"""How long a list of phones takes to be read and checked, against merely reading its cells by other means."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl

from core.jobs import Cancel
from core.rounds.roster import columns
from core.rounds.roster.identifiers import with_check_digit
from core.rounds.roster.roster import RosterReading, read_roster
from core.rounds.roster.tables import parse_table
from tests.bench.rig import met, seconds

LINES = 10_000
#: Seconds for one.
TARGET = 1.0


def reading() -> None:
    """See :func:`whole_way`. A program of its own: the process that reads a workbook loads its main module too, and
    that of the benchmarks is larger than Fanion's."""
    subprocess.run([sys.executable, "-c", "from tests.bench import roster; roster.whole_way()"], check=True)


def whole_way(lines: int = LINES) -> None:
    """The whole way from a file's bytes to the roster, of CSV and of a workbook."""
    rows = [["Device name", "Serial number", "IMEI", "Étiquette", "Primary user display name", "Department"]]
    for n in range(lines):
        imei = with_check_digit(f"3569380{n:07}")
        rows.append([f"phone {n}", f"R58M{n:07}", imei, f"A-{n}", f"Holder {n}", f"Direction {n % 40}"])
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Phones")
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    _tell(
        "CSV",
        text.getvalue().encode("cp1252"),
        lines,
        lambda: list(csv.reader(io.StringIO(text.getvalue()), delimiter=";")),
        "csv",
    )
    _tell("a workbook", file.getvalue(), lines, lambda: _by_openpyxl(file.getvalue()), "openpyxl")


def _tell(what: str, data: bytes, lines: int, otherwise: Callable[[], object], other: str) -> None:
    assert len(_read(data).roster.lines) == lines
    taken, bare = seconds(lambda: _read(data), 5), seconds(otherwise, 5)
    print(
        f"roster: {lines:,} lines of {what}: {taken:.2f} s, {taken / bare:.1f} of its cells alone with {other}  "
        f"(target: less than {TARGET:.0f} s: {met(taken < TARGET)})"
    )


def _read(data: bytes) -> RosterReading:
    table = parse_table(data, "list", Cancel())
    sheet = table.sheets[columns.propose_sheet(table)]
    return read_roster(table, sheet, columns.propose(sheet), datetime.now(UTC), Cancel())


def _by_openpyxl(data: bytes) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]
