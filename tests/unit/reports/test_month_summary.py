"""The summary of a month: numbers that anybody may see, out of the log, as a page and as a table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from core.desk.serial_numbers import SharedSerial
from core.ledger.problems import LedgerProblem
from core.ledger.records import ProblemMet
from core.ledger.seals import NotSealed
from core.model import Labels
from core.phones.driver import Outcome
from core.reports.receipt.receipt import read_receipt
from core.reports.summaries.counted_page import read_as
from core.reports.summaries.month_summary import MonthSummary, SummaryForm, make_summary, next_month
from core.text import Language, as_cell
from tests.inside import clock_of
from tests.unit.reports.conftest import GAP, SERIAL, Desk, FakeClock, MakeDesk, finding, pages_of, words

MONTH = date(2026, 11, 1)

pytestmark = pytest.mark.usefixtures("gatineau")


def summary(
    desk: Desk, month: date = MONTH, languages: tuple[Language, ...] = ("en",), form: SummaryForm = SummaryForm.PDF
) -> MonthSummary:
    return make_summary(desk.ledger, month, languages, form, today=date(2026, 11, 30))


def csv_rows(desk: Desk, month: date = MONTH, today: date = date(2026, 11, 30)) -> list[list[str]]:
    made = make_summary(desk.ledger, month, ("en",), SummaryForm.CSV, today=today)
    return list(csv.reader(io.StringIO(made.data.decode("utf-8-sig"))))


def table(desk: Desk, month: date = MONTH, today: date = date(2026, 11, 30)) -> dict[tuple[str, str], str]:
    rows = csv_rows(desk, month, today)
    assert all(len(row) == 3 for row in rows)
    assert len({tuple(row[:2]) for row in rows}) == len(rows)
    return {(group, name): count for group, name, count in rows}


def a_month(desk: Desk) -> None:
    """Three phones in four visits: one cleared, one with an app that stays, one not all seen, and again."""
    desk.visit().label(Labels(tag="DRH-7", holder="Yves Caron"))
    desk.check(finding(), finding("Kaspersky", "com.kms.free"))
    for package in ("com.tencent.mm", "com.kms.free"):
        desk.remove(package)
    desk.check()
    desk.phone = replace(desk.phone, serial="B2B2C3C4")
    desk.visit().check(finding())
    desk.remove("com.tencent.mm")
    desk.check(finding())
    desk.phone = replace(desk.phone, serial="D4D5E6F7")
    desk.visit().check(gaps=(GAP,))
    desk.visit().check(gaps=(GAP,))


def test_the_month_is_counted(desk: Desk) -> None:
    a_month(desk)
    made = summary(desk)
    counted = table(desk)
    for name, count in {
        ("Visits and phones", "Visits"): "4",
        ("Visits and phones", "Phones"): "3",
        ("Visits and phones", "Phones that were red at their last check"): "1",
        ("Visits and phones", "Visits that came red and did not leave red"): "1",
        ("Visits by the verdict of their first check", "Red"): "2",
        ("Visits by the verdict of their last check", "Red"): "1",
        ("Visits by the verdict of their last check", "Amber"): "2",
        ("Visits by the verdict of their last check", "Green"): "1",
        ("Why visits ended amber", "not all could be seen"): "2",
        ("Apps removed, by product", "Kaspersky"): "1",
        ("Apps removed, by product", "WeChat"): "1",
        ("Banned apps", "Still there"): "1",
        ("Visits by officer", "A. Roy"): "4",
        ("Visits by day", "2026-11-24"): "4",
        ("About this summary", "Month"): "2026-11",
        ("About this summary", "Practice"): "no",
    }.items():
        assert counted[name] == count, name
    said = words(made)
    for expected in ("Summary of the month", "Red 1 Amber 2 Green 1", "2026-11-24 4 1 2 1 0", "Kaspersky 1"):
        assert expected in said
    assert made.visits == 4


def test_no_phone_and_no_holder_is_named(desk: Desk) -> None:
    a_month(desk)
    made = summary(desk)
    for said in (words(made), str(csv_rows(desk))):
        for personal in (SERIAL, SERIAL[-4:], "Caron", "DRH-7", "B2B2C3C4", "SM-S901W"):
            assert personal not in said


def test_two_phones_with_one_serial_number_are_two_phones(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.visit().check()
    counted = table(desk)
    assert counted["Visits and phones", "Phones"] == "1"
    desk.write(ProblemMet.of(SharedSerial()), seal=True)
    counted = table(desk)
    assert counted["Visits and phones", "Phones"] == "2"
    assert counted["Visits and phones", "Phones that were red at their last check"] == "1"
    assert counted["Visits and phones", "Visits of phones with one serial number, each counted as a phone"] == "2"


def test_the_checkpoint_on_it_is_the_newest(desk: Desk) -> None:
    a_month(desk)
    made = summary(desk)
    seal = desk.ledger.newest_seal()
    assert seal is not None
    assert (made.size, made.root) == (seal.size, seal.checkpoint.root)
    assert read_receipt(made.data) == seal.note
    assert table(desk)["About this summary", "Fingerprint over the entries"] == seal.checkpoint.root.hex()


@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_it_is_one_page_in_each_language(desk: Desk, languages: tuple[Language, ...]) -> None:
    a_month(desk)
    made = summary(desk, languages=languages)
    assert pages_of(made.data) <= 2
    said = words(made)
    assert ("Sommaire du mois" in said) is ("fr" in languages)
    assert ("Summary of the month" in said) is ("en" in languages)


def test_a_visit_counts_in_the_month_in_which_it_began(desk: Desk) -> None:
    clock = clock_of(desk.ledger)
    assert isinstance(clock, FakeClock)
    clock.now = clock.now.replace(month=12, day=1, hour=4, minute=59, second=50)  # still November in Gatineau
    desk.visit().check()
    clock.now += timedelta(hours=1)
    desk.check(finding())
    desk.visit().check()
    assert table(desk)["Visits and phones", "Visits"] == "1"
    assert table(desk)["Visits by the verdict of their last check", "Red"] == "1"
    december = table(desk, date(2026, 12, 9), date(2026, 12, 9))
    assert december["Visits and phones", "Visits"] == "1"


def test_a_month_without_visits_is_all_zeros(desk: Desk) -> None:
    desk.ledger.seal()
    counted = table(desk, date(2026, 3, 1))
    assert counted["Visits and phones", "Visits"] == "0"
    assert counted["Apps removed, by product", "Apps"] == "0"


def test_what_is_not_sealed_is_not_summed_up(desk: Desk) -> None:
    desk.visit().check(seal=False)
    with pytest.raises(NotSealed):
        summary(desk)


def test_a_month_that_has_not_begun_is_refused(desk: Desk) -> None:
    with pytest.raises(LedgerProblem, match="2026-12"):
        summary(desk, date(2026, 12, 1))


def test_what_an_officer_or_a_product_is_called_becomes_no_formula(make_desk: MakeDesk) -> None:
    desk = make_desk(officer="=HYPERLINK(1)", place="+cmd")
    desk.visit().check(finding("=1+1", "com.tencent.mm"))
    desk.remove("com.tencent.mm")
    desk.check()
    cells = [cell for row in csv_rows(desk) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert "'=1+1" in cells
    sheet = load_workbook(io.BytesIO(summary(desk, form=SummaryForm.XLSX).data)).active
    assert {cell.data_type for row in sheet for cell in row} == {"s", "n"}
    assert "=1+1" in [row[1].value for row in sheet]
    # Both tables say the same, and numbers are numbers in the workbook.
    assert [[as_cell(str(cell.value)) for cell in row] for row in sheet] == csv_rows(desk)
    assert [type(row[2].value) for row in sheet if row[1].value == "Phones"] == [int]


def test_a_step_that_a_phone_refused_removes_nothing(desk: Desk) -> None:
    desk.visit().check(finding())
    desk.remove("com.tencent.mm", outcome=Outcome.OWNER)
    desk.check(finding())
    assert table(desk)["Apps removed, by product", "Apps"] == "0"


def test_the_month_after_december_is_january() -> None:
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert next_month(date(2026, 2, 1)) == date(2026, 3, 1)


def test_a_page_shows_numbers_in_groups_and_one_in_two_languages_shows_them_once() -> None:
    assert read_as(12_345, ("en",)) == "12,345"
    assert read_as(12_345, ("fr",)) == read_as(12_345, ("en", "fr")) == "12\N{NARROW NO-BREAK SPACE}345"
    assert read_as("12345", ("en",)) == "12345"
