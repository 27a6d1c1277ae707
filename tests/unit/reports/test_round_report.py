"""The report of a round: what management may see, and the list of phones for those who asked for it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
import pytest
from openpyxl import load_workbook

from core.ledger.seals import NotSealed
from core.model import Verdict
from core.reports.charts.chart_data import Bar, Day, Pace
from core.reports.receipt.receipt import read_receipt
from core.reports.rounds.drawn_sample import DrawnSample
from core.reports.rounds.round_figures import (
    Agreement,
    FoundProduct,
    ListedPhone,
    RoundDoubts,
    RoundFigures,
)
from core.reports.rounds.round_report import make_round_report
from core.reports.rounds.round_returns import UnitReturns
from core.reports.summaries.counted_page import NewestCheckpoint
from core.reports.summaries.month_summary import SummaryForm
from core.text import Bilingual, Language, N, T, as_cell
from tests.unit.reports.conftest import Desk, MakeDesk, files_in, pages_of, text_of

FIRST, LAST, TODAY = date(2026, 9, 1), date(2026, 12, 18), date(2026, 11, 24)
WECHAT: Final = Bilingual("WeChat", "WeChat")
KASPERSKY: Final = Bilingual("Kaspersky suite", "Suite Kaspersky")
PHONES: Final = (
    ListedPhone(
        Verdict.GREEN, True, "Pixel 7", "GREEN123", "", "DRH-1", "Yves Caron", "Finance", TODAY, "A. Roy", "Desk 4"
    ),
    ListedPhone(None, True, "", "", "356938035643809", "DRH-2", "Ève Lapointe", "Finance"),
    ListedPhone(Verdict.RED, False, "moto g84", "RED45678", "", "", "Samuel Okafor", "", TODAY, "A. Roy", "A", 2),
)
#: Words of the list that names people and phones.
PERSONAL: Final = ("GREEN123", "RED45678", "356938035643809", "DRH-1", "Caron", "Lapointe", "Okafor", "moto g84")
FIGURES: Final = RoundFigures(
    name="Autumn round",
    place="Gatineau",
    policy="Canada, 1 November 2026",
    units=(Bar("Finance", 58, 1, 0, 5), Bar("Field operations", 38, 3, 4, 51)),
    pace=Pace(((FIRST, 60), (TODAY, 44)), FIRST, LAST, 160, TODAY),
    days=(Day(FIRST, 57, 2, 1), Day(TODAY, 39, 2, 3)),
    late=31,
    unexpected=1,
    seen_twice=4,
    left_out=2,
    found_products=(
        FoundProduct(KASPERSKY, "Finance", 1, 1),
        FoundProduct(WECHAT, "Field operations", 4, 2),
        FoundProduct(WECHAT, "", 1),
    ),
    removed=((WECHAT, 2), (KASPERSKY, 1)),
    not_gone=((WECHAT, 3),),
    unseen=((T("Secure Folder"), 4),),
    excepted=((WECHAT, 1),),
    attested=(("I looked, and saw no banned app", 7),),
    officers=(("A. Roy", 70), ("M. Tremblay", 34)),
    agreement=Agreement(20, 12, 11),
    phones=PHONES,
    returns=(UnitReturns("Finance", 0, 9, 50), UnitReturns("Field operations", 12, 33, 0)),
)
NOTHING: Final = RoundFigures("", "", "", (), Pace((), FIRST, FIRST, 0, FIRST), ())


def checkpoint(desk: Desk) -> NewestCheckpoint:
    desk.ledger.seal()
    return NewestCheckpoint.over(desk.ledger, 1)


def report(
    desk: Desk,
    form: SummaryForm = SummaryForm.PDF,
    figures: RoundFigures = FIGURES,
    languages: tuple[Language, ...] = ("en",),
    *,
    phones: bool = False,
) -> bytes:
    return make_round_report(form, checkpoint(desk), figures, languages, phones=phones)


def said(pdf: bytes) -> str:
    return " ".join(text_of(pdf).replace("\u200b", "").split())


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def sheets(data: bytes) -> dict[str, list[list[object]]]:
    return {sheet.title: [[cell.value for cell in row] for row in sheet] for sheet in load_workbook(io.BytesIO(data))}


def test_the_page_says_how_far_the_round_is_and_what_was_found(desk: Desk) -> None:
    words = said(report(desk))
    for expected in (
        "Report of the round",
        "Round Autumn round",
        "from 1 September 2026 to 18 December 2026",
        "104 of 160 phones checked: 96 green, 4 amber, 4 red and still open; 56 due.",
        "Most phones are due in Field operations: 51 of 96.",
        "WeChat Field operations 4 2 ",
        "Kaspersky suite Finance 1 1 ",
        "Checked, and not on the roster 1",
        "Secure Folder 4",
        "I looked, and saw no banned app 7",
        "M. Tremblay 34",
        "Phones drawn 20",
        "Both came to the same verdict 11",
        "Field operations 51 4 3 38 96",
        "Phones on which one can be reinstalled 12",
        "Phones on which that is not known, or not recorded 42",
        "Phones whose management blocked them when they were checked 50",
        "Field operations 12 33 0 45 Finance 0 9 50 59",
    ):
        assert expected in words, expected


@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_it_can_be_read_aloud_in_each_language(desk: Desk, languages: tuple[Language, ...]) -> None:
    pdf = report(desk, languages=languages, phones=True)
    assert b"pdfuaid:part>1<" in pdf
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert pdfium.FPDFCatalog_IsTagged(document)
    finally:
        document.close()
    words = said(pdf)
    assert ("Rapport de la tournée" in words) is ("fr" in languages)
    assert ("Report of the round" in words) is ("en" in languages)
    assert ("Rouge, à régler" in words) is ("fr" in languages)
    assert pdf == report(desk, languages=languages, phones=True)


def test_a_chart_has_its_words_where_it_cannot_be_seen(desk: Desk) -> None:
    assert alternatives(report(desk)) >= {
        "104 of 160 phones checked: 96 green, 4 amber, 4 red and still open; 56 due.",
        "Most phones are due in Field operations: 51 of 96.",
        "Checks a week",
    }


def alternatives(pdf: bytes) -> set[str]:
    """What is read aloud in place of pictures."""
    document = pypdfium2.PdfDocument(pdf)
    found = set()
    try:
        for page in document:
            tree = pdfium.FPDF_StructTree_GetForPage(page)
            roots = range(pdfium.FPDF_StructTree_CountChildren(tree))
            pending = [pdfium.FPDF_StructTree_GetChildAtIndex(tree, n) for n in roots]
            while pending:
                element = pending.pop()
                length = pdfium.FPDF_StructElement_GetAltText(element, None, 0)
                if length > 2:
                    buffer = (pdfium.c_ubyte * length)()
                    pdfium.FPDF_StructElement_GetAltText(element, buffer, length)
                    found.add(bytes(buffer)[:-2].decode("utf-16-le"))
                children = range(pdfium.FPDF_StructElement_CountChildren(element))
                pending += [c for n in children if (c := pdfium.FPDF_StructElement_GetChildAtIndex(element, n))]
            pdfium.FPDF_StructTree_Close(tree)
    finally:
        document.close()
    return found


def test_management_sees_no_phone_and_no_holder(desk: Desk) -> None:
    texts = [said(report(desk)), report(desk, SummaryForm.CSV).decode()]
    texts.append(str(sheets(report(desk, SummaryForm.XLSX))))
    for text in texts:
        assert not [word for word in PERSONAL if word in text]
    assert not [word for word in PERSONAL if word.encode() in report(desk)]


def test_what_could_not_be_seen_names_no_app_and_no_profile_of_anybody(desk: Desk) -> None:
    unread = T("Not looked into: {apps}. {why}", apps="Dating, Bank", why=T("The app's file could not be read."))
    many = [
        N("The file of {count} app of {all} was not looked into. {why}",
          "The files of {count} apps of {all} were not looked into. {why}", n, all=77, why=T("The check was stopped."))
        for n in (1, 8)
    ]  # fmt: skip
    profile = T("{name}: {text}", name="Jeanne at home", text=T("The phone did not answer for this profile."))
    figures = replace(FIGURES, unseen=((unread, 1), *((one, 1) for one in many), (profile, 1), ("Jeanne", 1)))
    words = said(report(desk, figures=figures))
    for personal in ("Dating", "Bank", "Jeanne"):
        assert personal not in words
    assert "The files of […] apps of […] were not looked into. The check was stopped. 2" in words
    assert "[…]: The phone did not answer for this profile. 1" in words
    assert "Something else 1" in words


def test_the_detailed_report_lists_the_phones_those_with_something_to_do_first(desk: Desk) -> None:
    words = said(report(desk, phones=True))
    assert "This list has personal information" in words
    assert all(word in words for word in PERSONAL)
    assert words.index("RED45678") < words.index("356938035643809") < words.index("GREEN123")
    table = rows(report(desk, SummaryForm.CSV, phones=True))
    assert table[0][:4] == ["State", "On the roster", "Phone", "Serial number"]
    assert [row[:4] for row in table[1:]] == [
        ["Red, still open", "no", "moto g84", "RED45678"],
        ["Due", "yes", "", ""],
        ["Green", "yes", "Pixel 7", "GREEN123"],
    ]
    book = sheets(report(desk, SummaryForm.XLSX, phones=True))
    assert list(book) == ["Round", "Phones"]
    assert book["Phones"][1][-1] == 2


def test_the_tables_have_every_number(desk: Desk) -> None:
    table = rows(report(desk, SummaryForm.CSV))
    assert all(len(row) == 4 for row in table)
    numbers = {tuple(row[:3]): row[3] for row in table}
    for name, count in {
        ("Progress of the round", "Due", "Phones"): "56",
        ("Units, the worst first", "Field operations", "Red, still open"): "4",
        ("Pace", "2026-09-07", "Done"): "60",
        ("Checks by day", "2026-09-01", "Amber"): "2",
        ("Findings, by product and unit", "WeChat, Field operations", "Removed"): "2",
        ("Findings, by product and unit", "WeChat, No unit", "Phones"): "1",
        ("Apps removed, by product", "WeChat", ""): "2",
        ("About this report", "Practice", ""): "no",
    }.items():
        assert numbers[name] == count, name
    seal = desk.ledger.newest_seal()
    assert seal is not None
    assert numbers["About this report", "Fingerprint over the entries", ""] == seal.checkpoint.root.hex()
    book = sheets(report(desk, SummaryForm.XLSX))["Round"]
    assert [[as_cell(str(value)) if value is not None else "" for value in row] for row in book] == table
    assert isinstance(book[-3][3], int) or isinstance(book[-1][3], str)


def test_the_checkpoint_on_it_is_the_newest(desk: Desk) -> None:
    pdf = report(desk)
    seal = desk.ledger.newest_seal()
    assert seal is not None
    assert read_receipt(pdf) == seal.note
    assert list(files_in(pdf)) == ["checkpoint.txt"]


def test_what_is_not_sealed_is_not_reported(desk: Desk) -> None:
    with pytest.raises(NotSealed):
        NewestCheckpoint.over(desk.ledger, desk.ledger.count())


def test_practice_is_marked(make_desk: MakeDesk) -> None:
    desk = make_desk("practice", practice=True)
    assert "Practice: no real phone is counted here" in said(report(desk))
    assert ["About this report", "Practice", "", "yes"] in rows(report(desk, SummaryForm.CSV))


@pytest.mark.parametrize("form", SummaryForm)
@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_a_round_without_anything_is_told_as_such(
    desk: Desk, form: SummaryForm, languages: tuple[Language, ...]
) -> None:
    made = report(desk, form, NOTHING, languages, phones=True)
    if form is SummaryForm.PDF and languages == ("en",):
        words = said(made)
        assert "The roster names no phone." in words
        assert "There is no check yet." in words
        assert "No banned app was found." in words
        assert "This list has personal information" not in words


DOUBTS: Final = replace(
    FIGURES,
    closed=TODAY,
    totals=Bar("", 96, 4, 5, 55),
    unexpected_red=5,
    doubts=RoundDoubts(2, 3, 4, 1, 6, 1, T("The roster that the log tells of is gone, or was changed."), (7, 5)),
    draws=(
        DrawnSample(31, FIRST, "Spring round", 5, 40, False),
        DrawnSample(1_234, TODAY, "Autumn round", 10, 104, True),
    ),
    phones=(
        *PHONES[:2],
        replace(PHONES[2], remark=T("was red, erased on {date}, by {officer}", date="4 May", officer="B. Cyr")),
        ListedPhone(Verdict.RED, None, "Pixel 7", "LOST1234", checked=TODAY, officer="A. Roy", desk="A"),
        ListedPhone(None, True, serial="MAYBE123", not_known=True),
    ),
)


def test_what_the_numbers_do_not_show_stands_beside_them_and_names_nobody(desk: Desk) -> None:
    words = said(report(desk, figures=DOUBTS))
    for expected in (
        "105 of 160 phones checked: 96 green, 4 amber, 5 red and still open; 55 due.",
        "24 November 2026; all numbers are those of its end, and nothing that came after changes them",
        "Named by an asset tag or a number that is another phone’s 2",
        "Red, not on the roster 5",
        "Checks that cannot be matched with the roster any more 4",
        "Checks counted by their place in the log, against their own time 3",
        "Checked after the last day, and not counted 6",
        "The roster that the log tells of is gone, or was changed.",
        "7 red by the checks, 5 by the record of the end",
        "Entry 31, 1 September 2026 5 % of 40 phones of the round “Spring round”: this draw does not count here",
        "Entry 1,234, 24 November 2026 10 % of 104 phones of the round “Autumn round”: this draw counts",
    ):
        assert expected in words, expected
    assert "B. Cyr" not in words
    french = said(report(desk, figures=DOUBTS, languages=("fr",)))
    for expected in ("Ce que les nombres ne montrent pas", "Tous les tirages dans les jours de la tournée"):
        assert expected in french
    numbers = {tuple(row[:2]): row[3] for row in rows(report(desk, SummaryForm.CSV, DOUBTS))}
    assert numbers["What the numbers do not show", "Red among those"] == "1"
    assert numbers["Progress of the round", "Red, still open"] == "5"


def test_the_list_says_why_a_phone_is_not_matched(desk: Desk) -> None:
    table = rows(report(desk, SummaryForm.CSV, DOUBTS, phones=True))
    assert {(row[0], row[1], row[3], row[-2]) for row in table[1:]} == {
        ("Red, still open", "no", "RED45678", "was red, erased on 4 May, by B. Cyr"),
        ("Red, still open", "not known any more", "LOST1234", ""),
        ("Due", "yes", "", ""),
        ("Due, or its check is not matched any more", "yes", "MAYBE123", ""),
        ("Green", "yes", "GREEN123", ""),
    }
    assert "Not on the roster; was red, erased on 4 May, by B. Cyr" in said(report(desk, figures=DOUBTS, phones=True))


HOSTILE: Final = '=HYPERLINK(1) #panic() *x* $y$ </text><script> 微信 \u202e\x00\ud800\u0301\u0301 "&' + "W" * 300


def test_no_name_is_more_than_a_name(desk: Desk) -> None:
    figures = replace(
        FIGURES,
        name=HOSTILE,
        place=HOSTILE,
        policy=HOSTILE,
        units=(Bar(HOSTILE, 1, 1, 1, 1), Bar("+cmd", 1), Bar("", 1)),
        found_products=(FoundProduct(Bilingual(HOSTILE, HOSTILE), HOSTILE, 1),),
        removed=((HOSTILE, 1),),
        officers=((HOSTILE, 1),),
        phones=(ListedPhone(Verdict.RED, True, *[HOSTILE] * 6, TODAY, HOSTILE, HOSTILE),),
    )
    for languages in (("en",), ("en", "fr")):
        words = said(report(desk, figures=figures, languages=languages, phones=True))  # type: ignore[arg-type]
        assert "#panic() *x* $y$ </text><script>" in words
    for phones in (False, True):
        table = rows(report(desk, SummaryForm.CSV, figures, phones=phones))
        assert not [cell for row in table for cell in row if cell[:1] in "=+-@" and cell]
    book = load_workbook(io.BytesIO(report(desk, SummaryForm.XLSX, figures, phones=True)))
    assert "f" not in {cell.data_type for sheet in book for row in sheet for cell in row}


@pytest.mark.slow
def test_many_units_products_and_phones_are_bounded_on_the_page_and_whole_in_the_tables(desk: Desk) -> None:
    figures = replace(
        FIGURES,
        units=tuple(Bar(f"Direction générale des politiques, bureau {n}", n, 1, 0, n) for n in range(300)),
        days=tuple(Day(FIRST + timedelta(n), 1) for n in range(2_000)),
        found_products=tuple(FoundProduct(WECHAT, f"Unit {n}", 1) for n in range(300)),
        phones=PHONES[:1] * 1_200,
    )
    pdf = report(desk, figures=figures, phones=True)
    words = said(pdf)
    assert "100 other units" in words
    assert "240 others" in words
    assert "200 more phones are in the table and in the workbook." in words
    assert pages_of(pdf) < 60
    table = rows(report(desk, SummaryForm.CSV, figures))
    assert len([row for row in table if row[0] == "Units, the worst first"]) == 300 * 5
    assert len([row for row in table if row[0].startswith("Findings")]) == 300 * 2
    assert len(rows(report(desk, SummaryForm.CSV, figures, phones=True))) == 1_201


@pytest.mark.slow
def test_a_round_of_a_hundred_thousand_phones_makes_a_report_and_a_list(desk: Desk) -> None:
    phones = tuple(replace(PHONES[0], serial=f"S{n}") for n in range(5_000))
    figures = replace(FIGURES, units=(Bar("Finance", 100_000),), phones=phones)
    assert "100,000 of 100,000 phones checked" in said(report(desk, figures=figures, phones=True))
    assert len(rows(report(desk, SummaryForm.CSV, figures, phones=True))) == 5_001
