"""A scanned code: it finds the phone that bears it or fills an empty tag, and never presses or overwrites anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Labels
from gui.desk import identity_row, scan
from gui.desk.scan import TAG_LIMIT, Meaning
from gui.desk.session.phone_view import PhoneView
from tests.examples import examples
from tests.gui.conftest import MakeOffice, Office
from tests.gui.toolkit import test_key_bursts as reader


def phone(slot: int, tag: str = "", holder: str = "", *, gone: bool = False) -> PhoneView:
    made = PhoneView(f"S{slot}", "Pixel 9", practice=False)
    made.slot, made.absent = slot, gone
    made.labels.current = Labels(tag, holder)
    return made


@pytest.mark.parametrize(
    ("code", "shown", "meaning", "about"),
    [
        ("DRH-0412", 2, Meaning.FOUND, 1),
        ("  drh-0412 ", 2, Meaning.FOUND, 1),
        ("l. tremblay", 1, Meaning.FOUND, 2),
        ("DRH-0999", 3, Meaning.TAG, 3),
        ("DRH-0999", 1, Meaning.TAKEN, 1),  # another desk's tag does not take the place of this phone's own
        ("DRH-0999", 0, Meaning.NO_PHONE, 0),
        ("LEFT-1", 3, Meaning.TAG, 3),  # the phone that bore it has left
        ("https://example.org/t?x=1", 3, Meaning.NO_TAG, 0),
        ("WIFI:T:WPA;S:office;P:secret;;", 3, Meaning.NO_TAG, 0),
        ("8" * 10_000, 3, Meaning.NO_TAG, 0),
        ("DRH\x07-0412", 3, Meaning.NO_TAG, 0),
        ("DRH-\u202e2140", 3, Meaning.NO_TAG, 0),
        ("", 3, Meaning.NO_TAG, 0),
    ],
)
def test_what_a_code_means(code: str, shown: int, meaning: Meaning, about: int) -> None:
    phones = {
        1: phone(1, "DRH-0412"),
        2: phone(2, "DRH-0413", "L. Tremblay"),
        3: phone(3),
        4: phone(4, "LEFT-1", gone=True),
    }
    read = scan.read(code, list(phones.values()), phones.get(shown))
    assert read.meaning is meaning
    assert read.phone is phones.get(about)
    assert len(str(read.words)) < 200


@given(st.text() | st.text(min_size=TAG_LIMIT, max_size=3 * TAG_LIMIT), st.sampled_from(["", "T-1"]))
@examples(200)
def test_no_code_does_harm(code: str, tag: str) -> None:
    shown, other = phone(1, tag), phone(2, "T-2")
    read = scan.read(code, [shown, other], shown)
    assert (shown.labels.latest, other.labels.latest) == (Labels(tag), Labels("T-2"))  # it only says what is to be done
    assert len(read.code) <= TAG_LIMIT
    assert str(read.words).isprintable()
    if read.meaning is Meaning.TAG:
        assert tag == ""
        assert read.code == read.code.strip()
        assert read.code.isprintable()
        assert "://" not in read.code
    if read.meaning is Meaning.FOUND:
        assert read.phone in (shown, other)


@pytest.mark.slow
def test_scans_at_a_desk_find_and_fill_and_press_nothing(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    reader.scan(office.window, "DRH-0412\n", stall=(1, 40))
    office.see("Scanned RH-0412, but the beginning may be missing: scan it again")
    reader.scan(office.window, "DRH-0412\n")
    office.until(lambda: "phone-labelled" in office.kinds())
    office.see("Scanned DRH-0412: now the tag of slot 1")
    office.until(lambda: office.page.identity.title.whole() == "DRH-0412")
    assert office.says("Scanned DRH-0412", within=office.page.identity)
    office.plug("S2", "clean")
    office.until(lambda: "No banned app" in office.card(1))
    office.choose(1)
    office.until(lambda: office.colour == "green")
    office.idle()
    before = server.phone.installed(), office.kinds()

    office.click(office.block.hand_back.paper)  # a key that came through would press it again
    office.block.finish.setFocus()
    for code in ("https://example.org/finish\n", "8" * 10_000 + "\n", "  \n"):
        reader.scan(office.window, code, gap=1)
    assert office.page.session is office.fanion.phones.sessions[1]
    assert office.fanion.phones.sessions[1].labels.latest == Labels()
    reader.scan(office.window, "DRH-0412\n")
    office.until(lambda: office.page.session is office.fanion.phones.sessions[0])
    office.see("Scanned DRH-0412: slot 1 is shown")

    office.block.remove.setFocus()  # by the officer's own hand
    reader.scan(office.window, "DRH-0777\n")
    office.see("Scanned DRH-0777: no phone here has this tag, and slot 1 has another")
    office.idle()
    assert office.fanion.phones.sessions[0].labels.latest == Labels("DRH-0412")
    assert (server.phone.installed(), office.kinds()) == before
    assert office.fanion.phones.sessions[1].handed_back is None


@pytest.mark.parametrize(
    ("code", "holder", "meaning"),
    [
        ("AB123456", "", Meaning.HOLDER),
        ("ab123456", "", Meaning.HOLDER),
        ("AB123456", "M. Roy", Meaning.HELD),
        ("AB1234567", "", Meaning.TAG),
        ("DRH-0999", "M. Roy", Meaning.TAG),
    ],
)
def test_a_badge_is_told_from_a_tag_by_its_pattern(code: str, holder: str, meaning: Meaning) -> None:
    shown = phone(1, holder=holder)
    assert scan.read(code, [shown], shown, r"[A-Z]{2}\d{6}").meaning is meaning
    assert scan.read(code, [shown], shown).meaning is Meaning.TAG


def test_what_a_scan_has_filled_in_is_told_under_the_name_and_can_be_taken_back(open_office: MakeOffice) -> None:
    office = open_office(own={"badge_pattern": r"[A-Z]{2}\d{6}"})
    office.plug("S1", "clean")
    office.until(office.block.finish.isVisible)
    office.idle()
    (session,), told = office.fanion.phones.sessions, office.page.identity.scanned
    for code, labels in (("DRH-0412", Labels("DRH-0412")), ("AB123456", Labels("DRH-0412", "AB123456"))):
        reader.scan(office.window, f"{code}\n")
        office.until(lambda labels=labels: session.labels.latest == labels)
        office.see(f"Scanned {code}", within=told)
    office.click("Undo what was scanned")
    office.until(lambda: session.labels.latest == Labels("DRH-0412"))
    office.idle()
    assert not told.isVisible()
    assert office.page.identity.title.whole() == "DRH-0412"
    assert office.kinds().count("phone-labelled") == 3


@pytest.mark.slow
def test_it_is_told_of_the_phone_that_is_shown_and_for_a_moment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("S1", "S2"):
        office.plug(key, "clean")
    office.until(lambda: len(office.cards()) == 2)
    office.idle()
    told = office.page.identity.scanned
    office.choose(0)
    office.idle()
    reader.scan(office.window, "DRH-0412\n")
    office.until(told.isVisible)
    office.choose(1)
    office.until(lambda: not told.isVisible())
    monkeypatch.setattr(identity_row, "SCAN_SHOWN", 30)
    reader.scan(office.window, "DRH-0413\n")
    office.until(lambda: office.fanion.phones.sessions[1].labels.latest == Labels("DRH-0413"))
    office.until(lambda: not told.isVisible())
