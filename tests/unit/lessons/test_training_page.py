"""The training record: what it says, in which languages, and that no name breaks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
import pytest

from core.lessons.course import LESSONS
from core.lessons.progress import Completion, Person
from core.lessons.training_page import make_training_page
from core.text import Language
from tests.unit.reports.conftest import pages_of, text_of

TIME = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)


def person(name: str = "A. Roy", *numbers: int) -> Person:
    return Person(
        name, done=tuple(Completion(n, "2026-11-24T09:32:05-05:00", "0.1.0", "canada 2026-11-23") for n in numbers)
    )


def said(pdf: bytes) -> str:
    return " ".join(text_of(pdf).replace("\u200b", "").split())


def test_it_says_who_did_which_lesson_when_and_what_it_is_worth() -> None:
    text = said(make_training_page(person("A. Roy", 1, 3), "Desk 4", ("en",), time=TIME))
    for expected in (
        "Training record",
        "Name A. Roy",
        "Desk Desk 4",
        "2 of 10 lessons completed",
        "1 A clean phone 2026-11-24 09:32:05 (UTC-05:00) = 2026-11-24 14:32:05 UTC 0.1.0 canada 2026-11-23",
        "2 A banned app not completed",
        "It is not sealed in the log",
        "Supervisor: name, signature, date",
    ):
        assert expected in text


@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr")])
def test_it_is_one_page_that_can_be_read_aloud(languages: tuple[Language, ...]) -> None:
    every = person("Zoé « 4 » #panic() *x* 微信 " * 4, *range(1, len(LESSONS) + 1))
    pdf = make_training_page(every, "Desk 4", languages, time=TIME)
    assert pages_of(pdf) == 1
    assert b"pdfuaid:part>1<" in pdf
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert pdfium.FPDFCatalog_IsTagged(document)
    finally:
        document.close()
