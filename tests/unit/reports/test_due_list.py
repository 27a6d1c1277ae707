"""What goes out of the phones that were not seen for long: lists, and letters that tell no result."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

import pytest
from openpyxl import load_workbook

from core.model import Verdict
from core.problem import Cancelled, Problem
from core.reports.summaries.due_list import (
    MOST_IN_LETTERS,
    DuePhone,
    Invitation,
    as_file,
    due_table,
    letters,
    merge_table,
    proposed_message,
)
from core.reports.summaries.month_summary import SummaryForm
from core.text import LANGUAGES, Language, T
from tests.unit.reports.conftest import pages_of, text_of

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY, LAST = date(2026, 11, 24), date(2026, 12, 18)
PHONES: Final = (
    DuePhone(
        "Yves Caron", "Finance", "DRH-1", "Galaxy A34", "R58N12ABCDE", "356938035643809",
        date(2026, 7, 1), Verdict.RED, "A. Roy", "Desk 4",
    ),
    DuePhone("Anna Nowak", "Field operations", "DRH-2"),
    DuePhone("Omar Farah", "", "", "Pixel 7", last_seen=date(2026, 8, 1), verdict=Verdict.GREEN),
)  # fmt: skip
ASKED: Final = Invitation("Room 12", LAST, {each: proposed_message(each, "Room 12", LAST) for each in LANGUAGES})
HOSTILE: Final = '=HYPERLINK(1) #panic() *x* $y$ </text> 微信 \u202e\x00\ud800 "&' + "W" * 300


def made(
    phones: tuple[DuePhone, ...] = PHONES, asked: Invitation = ASKED, languages: tuple[Language, ...] = LANGUAGES
) -> bytes:
    return letters(phones, asked, languages, time=NOW, made_by=T("Made by Fanion"), practice=False)


def said(pdf: bytes) -> str:
    return " ".join(text_of(pdf).replace("\u200b", "").split())


def test_each_unit_has_a_page_of_its_own_and_no_result_is_told() -> None:
    pdf = made()
    words = said(pdf)
    assert pages_of(pdf) == 3
    assert words.index("Field operations") < words.index("Finance") < words.index("Without a unit")
    assert "bring it to Room 12 by 18 December 2026" in words
    assert "applications interdites" in words
    assert "Yves Caron DRH-1 Galaxy A34 2026-07-01" in words
    assert "never" in words
    for secret in ("Red", "Green", "R58N12ABCDE", "356938035643809"):
        assert secret not in words


def test_outside_a_round_no_day_is_named_and_a_message_may_be_anything() -> None:
    asked = Invitation("Room 12", None, {each: proposed_message(each, "Room 12", None) for each in LANGUAGES})
    words = said(made(asked=asked))
    assert "in the next days" in words
    assert "December" not in words
    assert pages_of(made(asked=replace(ASKED, message={"en": "", "fr": ""}))) == 3
    own = said(made(asked=replace(ASKED, message={"en": "Only this.\n\n" + HOSTILE, "fr": ""})))
    assert "Only this." in own
    assert "#panic() *x* $y$ </text>" in own


def test_a_mail_merge_has_what_a_letter_says_and_the_list_has_all() -> None:
    merge = merge_table(PHONES, ASKED, ("en",))
    assert merge[1] == ("Yves Caron", "Finance", "DRH-1", "Galaxy A34", "2026-07-01", "Room 12", "18 December 2026")
    assert merge[2][4] == "never"
    whole = due_table(PHONES, TODAY, ("en",))
    assert whole[1][6:] == ("2026-07-01", 146, "Red", "A. Roy", "Desk 4")
    assert whole[2][6:] == ("never", "", "", "", "")


def test_no_name_is_more_than_a_name() -> None:
    phone = DuePhone(*[HOSTILE] * 6, date(2026, 7, 1), Verdict.RED, HOSTILE, HOSTILE)
    asked = replace(ASKED, place=HOSTILE)
    assert "#panic() *x* $y$" in said(made((phone,), asked))
    for table in (due_table([phone], TODAY, LANGUAGES), merge_table([phone], asked, LANGUAGES)):
        written = list(csv.reader(io.StringIO(as_file(SummaryForm.CSV, table, NOW).decode("utf-8-sig"))))
        assert not [cell for row in written for cell in row if cell[:1] in "=+-@" and cell]
        book = load_workbook(io.BytesIO(as_file(SummaryForm.XLSX, table, NOW)))
        assert "f" not in {cell.data_type for sheet in book for row in sheet for cell in row}
        assert [[cell.value or "" for cell in row] for row in book.active] == [list(row) for row in table]


def test_more_letters_than_a_file_takes_are_refused() -> None:
    with pytest.raises(Problem, match="5,001"):
        made((PHONES[0],) * (MOST_IN_LETTERS + 1))


@pytest.mark.slow
def test_a_workbook_tells_how_far_it_is_and_can_be_stopped() -> None:
    table = due_table([PHONES[0]] * 3_000, TODAY, ("en",))
    told: list[float] = []
    book = load_workbook(io.BytesIO(as_file(SummaryForm.XLSX, table, NOW, told.append)), read_only=True)
    assert told == [0.0, 1 / 3, 2 / 3]
    assert sum(1 for _ in book.worksheets[0].rows) == 3_001

    def stop(share: float) -> None:
        if share:
            raise Cancelled

    with pytest.raises(Cancelled):
        as_file(SummaryForm.XLSX, table, NOW, stop)
