"""Tables as CSV: what is read back, whatever separates cells there, and no formula in it."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.reports.tables.csv_table import SEPARATORS, CsvFile, CsvSeparator, csv_of

ROWS = st.lists(st.lists(st.text(st.sampled_from("ab =+-@−＝,;\"' \t\r\n0é"), max_size=12), min_size=1, max_size=4))


def read(made: bytes, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""), delimiter=separator))


@pytest.mark.parametrize(
    ("separator", "line"), [("comma", '1,"Roy; A.",,"2,5"\r\n'), ("semicolon", '1;"Roy; A.";;2,5\r\n')]
)
def test_cells_are_separated_as_the_desk_is_set(separator: CsvSeparator, line: str) -> None:
    made = csv_of([(1, "Roy; A.", None, "2,5")], separator)
    assert made.startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    assert made.decode("utf-8-sig") == line or separator == "comma"
    assert read(made, SEPARATORS[separator]) == [["1", "Roy; A.", "", "2,5"]]


def test_a_file_that_is_written_in_parts_is_the_same() -> None:
    file = io.BytesIO()
    written = CsvFile(file, "semicolon")
    written.write([("a", 1)])
    written.write([])
    written.write([("b;", 2)])
    assert file.getvalue() == csv_of([("a", 1), ("b;", 2)], "semicolon")


@example([["x", 'y;"=HYPERLINK(1)']])
@example([["x,=1+1", "z"]])
@given(ROWS)
def test_no_cell_is_a_formula_whatever_separates_cells_where_it_is_opened(rows: list[list[str]]) -> None:
    for made in (csv_of(rows, "comma"), csv_of(rows, "semicolon")):
        for opened_with in SEPARATORS.values():
            for cell in (cell for row in read(made, opened_with) for cell in row):
                first = unicodedata.normalize("NFKC", cell.strip())[:1]
                assert first not in ("=", "+", "-", "@", "\N{MINUS SIGN}"), cell


@given(ROWS)
def test_a_table_is_read_back_with_its_rows_and_cells(rows: list[list[str]]) -> None:
    for name, separator in SEPARATORS.items():
        assert [len(row) for row in read(csv_of(rows, name), separator)] == [len(row) for row in rows]
