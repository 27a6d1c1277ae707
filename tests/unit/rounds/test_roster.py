"""A list of phones, line by line: what is on the roster, and what is told of every line that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel
from core.problem import Cancelled
from core.rounds.model import TEXT_LIMIT, RosterLine
from core.rounds.roster.columns import Columns, RosterColumn, propose
from core.rounds.roster.identifiers import key_of, with_check_digit
from core.rounds.roster.line_faults import LineFault, LineFaultKind
from core.rounds.roster.roster import NoPhones, RosterReading, read_roster
from core.rounds.roster.tables import RosterProblem
from core.text import LANGUAGES
from tests.unit.rounds.lists import HEADING, IMEI, WHEN, csv_file, of_lines, reading, table, xls, xlsx

OTHER_IMEI = with_check_digit("86712345000001")
ZERO_IMEI = with_check_digit("01326300123456")


def told(found: RosterReading) -> list[tuple[int, LineFaultKind, bool]]:
    return [(fault.line, fault.kind, fault.is_kept) for fault in found.faults]


def test_a_list_without_faults_is_the_roster() -> None:
    found = of_lines(f" r58m1 ,{IMEI},A-1,Anne Roy,Direction", "", "R58M2,,,,", f",{OTHER_IMEI[:14]},,,", ",,A-4,,")
    assert found.roster.lines == (
        RosterLine(2, "R58M1", IMEI, "A-1", "Anne Roy", "Direction"),
        RosterLine(4, "R58M2"),
        RosterLine(5, "", OTHER_IMEI),
        RosterLine(6, tag="A-4"),
    )
    assert (found.faults, found.empty, found.left_out) == ((), 1, 0)
    assert (found.roster.source, found.roster.brought, len(found.roster.sha256)) == ("list.csv", WHEN, 64)


#: A line, what is wrong with it, whether it is kept, and what then stands in the column that it is about.
LINES = [
    (",,,Anne,Direction", LineFaultKind.NO_IDENTIFIER, False, ""),
    ("N/A,inconnu,-,Anne,", LineFaultKind.NO_IDENTIFIER, False, ""),
    ("R58M1,3.56938E+14,,,", LineFaultKind.SHORTENED, True, ""),
    ('R58M1,"3,56938E+14",,,', LineFaultKind.SHORTENED, True, ""),
    ("4.00E+12,,A-1,,", LineFaultKind.SHORTENED, True, ""),
    ("R58M1,,1.2E+15,,", LineFaultKind.SHORTENED, True, ""),
    ("2026-03-01,,A-1,,", LineFaultKind.DATE, True, ""),
    ("2026-03-01 10:00:00,,A-1,,", LineFaultKind.DATE, True, ""),
    ("=R58M1,,A-1,,", LineFaultKind.BAD_CHARACTERS, True, ""),
    ("R58\u202eM1,,A-1,,", LineFaultKind.BAD_CHARACTERS, True, ""),
    ("R5,,A-1,,", LineFaultKind.BAD_LENGTH, True, ""),
    ("0000000,,A-1,,", LineFaultKind.PLACEHOLDER, True, ""),
    ("R58M1,IMEI pending,,,", LineFaultKind.BAD_CHARACTERS, True, ""),
    ("R58M1,35693803564380,,,", None, True, IMEI),
    ("R58M1,3569380356438,,,", LineFaultKind.BAD_LENGTH, True, ""),
    ("R58M1,356938035643808,,,", LineFaultKind.CHECK_DIGIT, True, ""),
    (",356938035643808,,,", LineFaultKind.CHECK_DIGIT, False, ""),
    ("R58M1,000000000000000,,,", LineFaultKind.PLACEHOLDER, True, ""),
    ("R58M1,3569380356438001,,,", LineFaultKind.SOFTWARE_VERSION, True, IMEI),
    (f"R58M1,{ZERO_IMEI[1:]},,,", LineFaultKind.FIRST_ZERO, True, ZERO_IMEI),
    ('R58M1,"=""356938035643809""",,,', None, True, IMEI),
    ("R58M1,'356938035643809,,,", None, True, IMEI),
    ("R58M1,,,=1+1,", LineFaultKind.FORMULA, True, "=1+1"),
    ("R58M1,,,@SUM(A1),", LineFaultKind.FORMULA, True, "@SUM(A1)"),
    (f"R58M1,,,{'x' * 200},", LineFaultKind.CUT, True, "x" * (TEXT_LIMIT - 1) + "…"),
    ("R58M1,,,Anne\u202eRoy,", LineFaultKind.UNREADABLE, True, "Anne\ufffdRoy"),
    ('R58M1,,,"Anne\nRoy",', LineFaultKind.SEVERAL_LINES, True, "Anne Roy"),
    ("R58M1,,,Roy, Anne,Direction", LineFaultKind.MORE_CELLS, True, "Roy"),
]


@pytest.mark.parametrize(("line", "kind", "kept", "value"), LINES, ids=[line for line, *_ in LINES])
def test_each_bad_line_is_told_with_its_number_and_why(
    line: str, kind: LineFaultKind | None, kept: bool, value: str
) -> None:
    found = of_lines("LAST1,,Z-1,,", line)
    assert (3, kind, kept) in told(found) if kind is not None else not found.faults
    assert len(found.roster.lines) == 1 + kept
    for fault in found.faults:
        assert "3" in fault.sentence.in_language("en")
        assert fault.sentence.in_language("fr") != fault.sentence.in_language("en")
    read = found.roster.lines[-1]
    if kept and value:
        assert value in (read.imei, read.holder)
    elif kept and kind is not None:
        assert "" in (read.serial, read.imei, read.tag)


def test_a_number_that_excel_has_kept_is_read_and_one_that_it_has_shortened_is_told() -> None:
    rows = [HEADING, ["R58M1", int(IMEI)], ["R58M2", 3569380356438090123], [1234567890123456789, None, "A-3"]]
    found = reading(xlsx({"Phones": rows}), "list.xlsx")
    assert found.roster.lines == (RosterLine(2, "R58M1", IMEI), RosterLine(3, "R58M2"), RosterLine(4, tag="A-3"))
    assert told(found) == [(3, LineFaultKind.SHORTENED, True), (4, LineFaultKind.SHORTENED, True)]
    assert "format the column as text" in str(found.faults[0].sentence).lower()


def test_merged_cells_are_told_by_their_first_line() -> None:
    found = reading(xls(), "list.xls")
    assert [(line.serial, line.unit) for line in found.roster.lines] == [("R58M1", "Direction générale"), ("R58M2", "")]
    assert told(found) == [(2, LineFaultKind.MERGED, True)]
    assert "line 3" in str(found.faults[0].sentence)


def shared(*lines: str) -> tuple[list[tuple[str, str, str]], list[tuple[int, LineFaultKind, int]]]:
    """The numbers of each line of the roster; and what is told of which line, and of which other."""
    found = of_lines(*lines)
    numbers = [(line.serial, line.imei, line.tag) for line in found.roster.lines]
    return numbers, [(fault.line, fault.kind, fault.other_line) for fault in found.faults]


def test_two_lines_with_one_serial_number_are_one_phone() -> None:
    """A phone with two SIM cards may be listed with each of its IMEIs."""
    assert shared(f"R58M1,{IMEI},,,", f"r58 m1,{OTHER_IMEI},A-1,,") == (
        [("R58M1", IMEI, "A-1")],
        [(3, LineFaultKind.SAME_PHONE, 2)],
    )


def test_what_one_line_lacks_comes_from_the_other_of_the_same_phone() -> None:
    assert shared(f",{IMEI},,,", "R58M2,,,,", f"R58M1,{IMEI},A-1,,", "R58M3,,a-1,,") == (
        [("R58M1", IMEI, ""), ("R58M2", "", ""), ("R58M3", "", "")],
        [(2, LineFaultKind.SHARED, 5), (4, LineFaultKind.SAME_PHONE, 2), (5, LineFaultKind.SHARED, 2)],
    )


def test_an_imei_or_a_tag_that_two_phones_have_names_neither() -> None:
    assert shared(f"R58M1,{IMEI},,,", f"R58M2,{IMEI},,,") == (
        [("R58M1", "", ""), ("R58M2", "", "")],
        [(2, LineFaultKind.SHARED, 3), (3, LineFaultKind.SHARED, 2)],
    )
    assert shared("R58M1,,A-1,,", f",{IMEI},A 2,,", "R58M2,,a-1,,", ",,A-1,,", ",,A-1,,") == (
        [("R58M1", "", ""), ("", IMEI, "A 2"), ("R58M2", "", ""), ("", "", "A-1")],
        [(2, LineFaultKind.SHARED, 4), (4, LineFaultKind.SHARED, 2), (6, LineFaultKind.SAME_PHONE, 5)],
    )


def test_all_that_is_told_of_one_line_says_alike_whether_it_is_kept() -> None:
    found = of_lines("R58M1,,,,", "R58M1,3.5E+14,,=1,")
    assert {fault.is_kept for fault in found.faults} == {False}
    assert (len(found.faults), found.left_out) == (3, 1)


@pytest.mark.parametrize("data", [",".join(HEADING), "Serial,Holder\n?,Anne\n,Li", "Serial\nN/A"])
def test_a_list_without_phones_is_told_with_all_its_faults(data: str) -> None:
    with pytest.raises(NoPhones, match="No phone could be read") as raised:
        reading(data)
    assert len(raised.value.faults) == data.count("\n")


def test_the_wrong_sheet_and_the_wrong_columns_are_told() -> None:
    notes = table("Read me\nThis list is of phones\n")
    with pytest.raises(RosterProblem, match="not known which column"):
        read_roster(notes, notes.sheets[0], propose(notes.sheets[0]), WHEN, Cancel())
    with pytest.raises(NoPhones):
        read_roster(notes, notes.sheets[0], Columns(0, places={RosterColumn.SERIAL: 3}), WHEN, Cancel())


def test_reading_can_be_stopped() -> None:
    found = table(csv_file([HEADING, ["R58M1"]]))
    pressed = Cancel()
    pressed.press()
    with pytest.raises(Cancelled):
        read_roster(found, found.sheets[0], propose(found.sheets[0]), WHEN, pressed)


#: Any characters but those that no text has.
_PLAIN = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
VALUES = st.sampled_from(["", "R58M1", "r58m1", "R58M2", IMEI, OTHER_IMEI, "A-1", "1.2E+14", "=1", "N/A", "0000000"])


@given(st.lists(st.tuples(*[VALUES | st.text(_PLAIN, max_size=8)] * 5), min_size=1, max_size=12))
def test_every_line_is_on_the_roster_or_told_or_empty(rows: list[tuple[str, ...]]) -> None:
    found_table = table(csv_file([HEADING, *rows]))
    sheet = found_table.sheets[0]
    read = sheet.rows[1:]
    try:
        found = read_roster(found_table, sheet, propose(sheet), WHEN, Cancel())
        lines, faults, empty = found.roster.lines, found.faults, found.empty
    except NoPhones as problem:
        lines, faults, empty = (), problem.faults, None
    filled = {one for row in read for one in range(row.line, row.last + 1)}
    kept = {line.line for line in lines}
    gone = {fault.line for fault in faults if not fault.is_kept}
    assert kept.isdisjoint(gone)
    assert kept | gone == {row.line for row in read}
    assert empty is None or empty == sum(one not in filled for one in range(2, max(filled, default=0)))
    for name in ("serial", "imei", "tag"):
        values = [key for line in lines if (key := key_of(getattr(line, name)))]
        assert len(set(values)) == len(values), "a number that two lines have"
    assert all(line.serial or line.imei or line.tag for line in lines)


@given(st.binary(max_size=200).map(lambda data: b"Serial,IMEI,Tag,Holder,Unit\n" + data))
def test_any_bytes_below_a_heading_are_a_roster_or_a_problem(data: bytes) -> None:
    try:
        found = reading(data)
    except RosterProblem:
        return
    assert found.roster.lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_becomes_of_a_line_is_said(language: str) -> None:
    says = of_lines("R58M1,,,,", "R58M1,,,,").faults[0]
    assert isinstance(says, LineFault)
    expected = {"en": "not on the roster", "fr": "n’est pas retenue"}
    assert expected[language] in says.sentence.in_language("fr" if language == "fr" else "en")
