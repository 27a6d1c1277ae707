"""Files as rows of texts: what Excel and others write, and what is no list at all."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.problem import Cancelled
from core.rounds.model import MOST_LINES
from core.rounds.roster import tables, workbook
from core.rounds.roster.tables import RosterProblem, parse_table, read_table
from core.text import LANGUAGES
from tests.examples import examples
from tests.unit.rounds.lists import HEADING, IMEI, csv_file, ods, table, with_parts, xls, xlsb, xlsx

ROWS = [["N° de série", "IMEI", "Détenteur"], ["R58M1", IMEI, "Anne-Élise, Roy"], ["R58M2", "", 'says "no"; yes']]


def cells(data: bytes | str, name: str = "list.csv", sheet: int = 0) -> list[list[str]]:
    return [list(row.cells) for row in table(data, name).sheets[sheet].rows]


def refused(data: bytes | str, name: str = "list.csv") -> RosterProblem:
    with pytest.raises(RosterProblem) as raised:
        table(data, name)
    for language in LANGUAGES:
        assert raised.value.sentence.in_language(language)
        assert raised.value.next_step.in_language(language)
    return raised.value


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "called"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_csv_is_read_in_the_encodings_and_with_the_separators_of_excel(
    separator: str, encoding: str, called: str
) -> None:
    found = table(csv_file(ROWS, separator, encoding))
    assert [list(row.cells) for row in found.sheets[0].rows] == ROWS
    assert called in found.form.in_language("en")
    assert called in found.form.in_language("fr")


def test_lines_are_numbered_as_the_file_has_them() -> None:
    found = table('sep=;\r\nSerial;Holder\r\n\r\nR58M1;"Roy,\r\nAnne"\r\nR58M2;Li\r\n\r\n\r\n').sheets[0].rows
    assert [(row.line, row.last) for row in found] == [(2, 2), (4, 5), (6, 6)]
    assert found[1].cells == ("R58M1", "Roy,\r\nAnne")


def test_any_number_of_empty_lines_behind_a_list_are_none_of_it() -> None:
    """More of them than a list may have phones."""
    assert len(table("Serial,Tag\nR58M1\n" + ",\n" * (MOST_LINES + 1)).sheets[0].rows) == 2


def test_a_file_is_known_by_its_name_and_hash(tmp_path: Path) -> None:
    (tmp_path / "list\u202e.csv").write_bytes(b"Serial\nR58M1\n")
    found = read_table(tmp_path / "list\u202e.csv", Cancel())
    assert (found.name, len(found.sha256)) == ("list\ufffd.csv", 64)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(RosterProblem, match="could not be read"):
        read_table(tmp_path / "none.csv", Cancel())
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(100 * 1000 * 1000)
    with pytest.raises(RosterProblem, match="larger than"):
        read_table(tmp_path / "large.csv", Cancel())
    assert "larger than" in str(refused(bytes(tables.FILE_LIMIT + 1)).sentence)


@pytest.mark.parametrize(
    ("data", "says", "line"),
    [
        (b"", "is empty", 0),
        (b"\n\n ,, \n", "is empty", 0),
        (b"Serial\nR58\x00M1\n", "characters that no text has", 2),
        (b"Serial\nR58M\x81\n", "neither a text nor a workbook", 0),
        ("Serial\nR58".encode("utf-16") + b"\xd8", "neither a text nor a workbook", 0),
        ('Serial,Holder\nR58M1,"Anne\nR58M2,Li\n', "quotation mark", 2),
        ('Serial,Holder\nR58M1,"Anne" Roy\n', "quotation mark", 2),
        ('Serial,Holder\nR58M1,"' + "Li\nR58M2," * 30 + '"\n', "quotation mark", 2),
        ("Serial,Holder\nR58M1," + "x" * 200_000, "too long", 2),
        ("Serial\n" + "," * 300 + "x\n", "more than 200 cells", 2),
        ("x\n" * (MOST_LINES + 1), "more than 200,000 lines", MOST_LINES + 1),
        (b"PK\x03\x04 and so on", "damaged", 0),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", "damaged", 0),
    ],
    ids=range(13),
)
def test_what_is_no_list_is_refused_in_a_sentence(data: bytes | str, says: str, line: int) -> None:
    problem = refused(data)
    assert says in str(problem.sentence)
    assert problem.line == line


def test_reading_can_be_stopped() -> None:
    pressed = Cancel()
    pressed.press()
    for data in (b"x\n" * 5_000, xlsx({"Phones": [HEADING]})):
        with pytest.raises(Cancelled):
            parse_table(data, "list", pressed)


@pytest.mark.parametrize("made", [ods, xlsb, lambda rows: xlsx({"Phones": rows})], ids=["ods", "xlsb", "xlsx"])
def test_workbooks_are_read_as_texts(made: object) -> None:
    assert callable(made)
    data = made([["Serial", "IMEI", "Tag"], ["R58M1", int(IMEI), 12], ["=1+1" if made is ods else "R58M2", "", 1.5]])
    assert cells(data)[:2] == [["Serial", "IMEI", "Tag"], ["R58M1", IMEI, "12"]]
    assert cells(data)[2][2] == "1.5"


def test_a_workbook_of_excel_97_is_read_with_its_merged_cells() -> None:
    sheet = table(xls(), "list.xls").sheets[0]
    assert [row.cells for row in sheet.rows] == [
        ("Serial", "IMEI", "Unit"),
        ("R58M1", IMEI, "Direction générale"),
        ("R58M2",),
    ]
    assert sheet.merged == ((2, 3),)


def test_of_a_formula_the_saved_value_is_read_and_no_macro_is_looked_at() -> None:
    data = xlsx({"Phones": [["Serial"], ["=A9"], ['=HYPERLINK("http://x")']]}, A9="R58M1")
    data = with_parts(data, {"xl/vbaProject.bin": b"not even a project"})
    assert cells(data, "list.xlsm") == [["Serial"], ["R58M1"]]


def test_sheets_are_listed_with_their_names_and_lines() -> None:
    found = table(xlsx({"Notes": [], "Phones": [[], [None, "Serial"], [None, "R58M1"]]})).sheets
    assert [(sheet.name, [(row.line, row.cells) for row in sheet.rows]) for sheet in found] == [
        ("Notes", []),
        ("Phones", [(2, ("", "Serial")), (3, ("", "R58M1"))]),
    ]


def test_two_cells_far_apart_do_not_take_the_memory_of_the_computer() -> None:
    """calamine would make room for all cells between them, and the process that does ends."""
    data = xlsx({"Phones": [["x"], ["y"]]})
    far = with_parts(data, {"xl/worksheets/sheet1.xml": _sheet('<c r="XFD1048576"><v>1</v></c>')})
    assert "larger than a roster may be" in str(refused(far).sentence)


def test_a_sheet_that_is_too_large_does_not_hide_the_others() -> None:
    data = with_parts(
        xlsx({"Phones": [["Serial"], ["R58M1"]], "Large": [["x"]]}),
        {"xl/worksheets/sheet2.xml": _sheet('<c r="A300000"><v>1</v></c>')},
    )
    first, second = table(data).sheets
    first.require_read()
    assert len(first.rows) == 2
    with pytest.raises(RosterProblem, match="“Large” is larger"):
        second.require_read()


def _sheet(cell: str) -> bytes:
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    first = '<c r="A1"><v>1</v></c>'
    rows = f'<row r="1">{first}</row><row>{cell}</row>'
    return f'<worksheet xmlns="{name}"><sheetData>{rows}</sheetData></worksheet>'.encode()


_CELL = '<table:table-cell office:value-type="string"{} ><text:p>x</text:p></table:table-cell>'
_WIDE = ' table:number-columns-repeated="2000000000"'
_END = "</table:table>"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ('<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>', ""),
        (f"<table:table-row>{_CELL.format(_WIDE)}</table:table-row>", "too-large"),
        (f'<table:table-row table:number-rows-repeated="2000000000">{_CELL.format("")}</table:table-row>', "too-large"),
    ],
    ids=["empty", "wide", "high"],
)
def test_what_is_repeated_takes_no_memory(row: str, fault: str) -> None:
    data = ods([["Serial"], ["R58M1"]])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        content = file.read("content.xml").decode().replace(_END, row + _END)
    found = table(with_parts(data, {"content.xml": content.encode()})).sheets[0]
    assert (found.fault, len(found.rows)) == (fault, 0 if fault else 2)


def test_formatted_cells_without_a_text_are_none() -> None:
    data = with_parts(xlsx({"Phones": []}), {"xl/worksheets/sheet1.xml": _sheet('<c r="XFD1048576" s="0"/>')})
    assert [row.cells for row in table(data).sheets[0].rows] == [("1",)]


def test_a_zip_bomb_is_refused_before_it_is_unzipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "UNZIPPED_LIMIT", 1_000_000)
    bomb = with_parts(xlsx({"Phones": [["x"]]}), {"xl/media/a.bin": bytes(1_000_000)})
    assert len(bomb) < 20_000
    assert "larger than a roster may be" in str(refused(bomb).sentence)


def test_a_zip_file_that_lies_about_its_parts_is_bounded_all_the_same() -> None:
    """What it unzips to is bounded by the memory and the time of the process that reads."""
    data = with_parts(xlsx({"Phones": [["x"]]}), {"xl/worksheets/sheet1.xml": bytes(30_000_000)})
    lying = data.replace((30_000_000).to_bytes(4, "little"), (3_000).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(RosterProblem, match="“Phones” is damaged"):
        table(lying).sheets[0].require_read()


def test_a_protected_workbook_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_ask", lambda *_: workbook.WorkbookAnswer(why="password"))
    assert "password" in str(refused(xlsx({"Phones": [["x"]]})).sentence)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (356938035643809.0, "356938035643809"),
        (3569380356438090.0, "3.56938035643809E+15"),
        (1e300, "1.00000000000000E+300"),
        (float("nan"), "NAN"),
        (True, "TRUE"),
        (None, ""),
        ("x" * 40_000, "x" * 500),
    ],
)
def test_a_number_with_more_digits_than_excel_keeps_is_written_as_excel_shows_it(value: object, shown: str) -> None:
    assert workbook.text(value) == shown


@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(str.encode)
    | st.text('a1;,\t|"\r\n=', max_size=80).map(str.encode)
)
def test_any_bytes_are_a_table_or_a_problem(data: bytes) -> None:
    try:
        found = parse_table(data, "list", Cancel())
    except RosterProblem:
        return
    for row in found.sheets[0].rows:
        assert 0 < row.line <= row.last
        assert row.cells[-1].strip()


_ZIP = xlsx({"Phones": [["Serial", "IMEI"], ["R58M1", IMEI]]})


@given(st.lists(st.tuples(st.integers(0, len(_ZIP) - 1), st.integers(0, 255)), max_size=6), st.integers(4, len(_ZIP)))
def test_the_look_at_a_damaged_zip_file_ends_in_nothing_but_a_refusal(changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(_ZIP[:end])
    for place, value in changes:
        if place < len(data):
            data[place] = value
    refusal = workbook._refused_unread(bytes(data))
    assert refusal is None or refusal.why in ("damaged", "too-large")


@examples(5)
@given(st.data())
def test_a_damaged_workbook_is_a_table_or_a_problem(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(_ZIP)) as file:
        name = data.draw(st.sampled_from(sorted(n for n in file.namelist() if n.startswith("xl/"))))
        content = bytearray(file.read(name))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    with contextlib.suppress(RosterProblem):
        table(with_parts(_ZIP, {name: bytes(content)}), "list.xlsx")
