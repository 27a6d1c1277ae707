"""The enrolment sheet: the keys as they are, in every form in which somebody may take them home."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
import pytest

from core.ledger.keys.enrolment import Enrolment
from core.ledger.tlog.notes import NoteError
from core.reports.sheet import make_sheet, read_sheet
from core.text import Language
from tests.unit.reports.conftest import Desk, MakeDesk, files_in, pages_of, text_of

TIME = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)


def test_the_keys_can_be_typed_from_the_sheet(desk: Desk) -> None:
    enrolment = desk.ledger.enrolment
    lines = text_of(make_sheet(enrolment, "Desk 4", ("en",), time=TIME)).splitlines()
    first = lines.index("Fanion desk keys")
    assert Enrolment.parse("\n".join(lines[first : first + 4])) == enrolment


def test_the_keys_are_attached(desk: Desk) -> None:
    enrolment = desk.ledger.enrolment
    files = files_in(make_sheet(enrolment, "Desk 4", ("en",), time=TIME))
    assert Enrolment.parse(files["desk-keys.txt"].decode()) == enrolment


def test_it_says_what_it_is_for_and_where_to_keep_it(desk: Desk) -> None:
    said = " ".join(
        text_of(make_sheet(desk.ledger.enrolment, "Desk 4", ("en",), time=TIME)).replace("\u200b", "").split()
    )
    for expected in (
        "Desk Desk 4",
        f"Name of the log {desk.ledger.enrolment.origin}",
        "Date of this sheet 2026-11-24",
        "nothing can be signed with them",
        "Away from this computer: one copy with the supervisor",
        "fanion log verify --keys FILE",
        "Officer: name, signature, date",
    ):
        assert expected in said


@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_it_is_one_page_that_can_be_read_aloud(desk: Desk, languages: tuple[Language, ...]) -> None:
    pdf = make_sheet(desk.ledger.enrolment, "Poste « 4 » #panic() *x* 微信 " * 30, languages, time=TIME)
    assert pages_of(pdf) == 1
    assert b"pdfuaid:part>1<" in pdf
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert pdfium.FPDFCatalog_IsTagged(document)
    finally:
        document.close()
    assert pdf == make_sheet(desk.ledger.enrolment, "Poste « 4 » #panic() *x* 微信 " * 30, languages, time=TIME)


def test_practice_keys_are_marked(desk: Desk) -> None:
    marked = text_of(make_sheet(desk.ledger.enrolment, "Desk 4", ("en",), time=TIME, practice=True))
    assert "PRACTICE" in marked
    assert "Practice: the keys of the log of practice phones" in marked
    assert "ractice" not in text_of(make_sheet(desk.ledger.enrolment, "Desk 4", ("en",), time=TIME))


def test_the_keys_are_read_from_whatever_form_is_brought(desk: Desk) -> None:
    enrolment = desk.ledger.enrolment
    assert read_sheet(make_sheet(enrolment, "Desk 4", ("en",), time=TIME)) == enrolment
    assert read_sheet(enrolment.text.encode()) == enrolment
    typed = re.sub(r"^(identity|epoch|cosigner) (\S{70})", r"\1\n  \2\n  ", enrolment.text, flags=re.MULTILINE)
    assert read_sheet(typed.encode()) == enrolment
    assert read_sheet(("\ufeff" + enrolment.text.replace("\n", "\r\n")).encode()) == enrolment


@pytest.mark.parametrize("data", [b"", b"x" * 50_000, b"\xff\xfe", b"%PDF-1.7 stream\nFanion desk keys\nx\nendstream"])
def test_what_is_no_sheet_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        read_sheet(data)


def test_a_sheet_with_the_keys_of_two_desks_is_refused(desk: Desk, make_desk: MakeDesk) -> None:
    sheets = [make_sheet(d.ledger.enrolment, "x", ("en",), time=TIME) for d in (desk, make_desk("other"))]
    with pytest.raises(NoteError):
        read_sheet(b"".join(sheets))
