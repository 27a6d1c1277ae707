"""The page for the queue: one sheet for each maker, both languages, the fingerprint as the phone shows it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from core import guides
from core.reports import page
from core.reports.page import PageProblem
from core.reports.queue_page import queue_page, queue_pictures
from tests.unit.reports.conftest import pages_of, text_of

TIME = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
FINGERPRINT = "3F:9A:0C:71:D2:5E:88:4B:16:E7:A3:2D:90:BC:47:F8"


def said(maker: str) -> str:
    return " ".join(text_of(queue_page(maker, FINGERPRINT, time=TIME)).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize("maker", guides.makers())
def test_it_is_one_page_in_both_languages(maker: str) -> None:
    pdf = queue_page(maker, FINGERPRINT, time=TIME)
    assert pages_of(pdf) == 1
    assert b"pdfuaid:part>1<" in pdf
    assert pdf == queue_page(maker, FINGERPRINT, time=TIME)
    words = said(maker)
    asks = ("Tap Trust", "Touchez") if maker == guides.IPHONE else ("Plug in and tap Allow", "Branchez et touchez")
    for expected in ("Get your phone ready", "Préparez votre téléphone", *asks):
        assert expected in words
    assert "�" not in words
    # What points to a place on the screen has no place on paper.
    assert "See below" not in words
    assert "Voyez plus bas" not in words


def test_samsungs_has_auto_blocker_before_and_after() -> None:
    words = said("samsung")
    for expected in (
        "Settings › About phone › Software information. Then the phone’s PIN.",
        "Grey? Turn Auto Blocker off first.",
        "Please turn Auto Blocker on again.",
        "Options de développement, tout en bas. Gris? Désactivez d’abord le Bloqueur automatique.",
        "Réactivez le Bloqueur automatique.",
        "We read the list of apps",
    ):
        assert expected in words
    assert "Auto Blocker" not in said("google")


def test_an_iphones_has_its_own_steps_and_no_fingerprint() -> None:
    words = said(guides.IPHONE)
    for expected in (
        "Unlock, then tap Allow",
        "Enter the passcode",
        "At the desk we look together: App Library › Hidden.",
        "Au poste, nous regardons ensemble : Bibliothèque d’apps › Masquées.",
        "At the end the phone forgets this computer.",
        "Les mots exacts du téléphone peuvent différer.",
    ):
        assert expected in words
    for other in ("ebugging", "fingerprint", "3F:9A", "exact words may differ"):
        assert other not in words


def test_the_fingerprint_is_there_in_two_lines() -> None:
    lines = text_of(queue_page("google", FINGERPRINT, time=TIME)).splitlines()
    for half in ("3F:9A:0C:71:D2:5E:88:4B", "16:E7:A3:2D:90:BC:47:F8"):
        assert half in (line.strip() for line in lines)


def test_a_printer_gets_the_same_sheet_as_a_picture() -> None:
    (picture,) = queue_pictures("samsung", FINGERPRINT, 60)
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert height / width == pytest.approx(297 / 210, rel=0.01)
    (larger,) = queue_pictures("samsung", FINGERPRINT, 120)
    assert struct.unpack(">I", larger[16:20])[0] == pytest.approx(2 * width, abs=2)


def test_a_fault_of_the_typesetter_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_source", lambda template: b"#panic()")
    with pytest.raises(PageProblem):
        queue_page("samsung", FINGERPRINT, time=TIME)
    with pytest.raises(PageProblem):
        queue_pictures("samsung", FINGERPRINT)
