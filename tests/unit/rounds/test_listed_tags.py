"""What the lists of rounds say against a phone's having an asset tag that was typed for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.ledger.writer import Ledger
from core.rounds import rounds
from core.rounds.model import Roster, RosterLine, Round
from core.rounds.roster.listed_tags import objection

ANOTHERS = "In the list of the round “{}”, this asset tag is another phone’s."


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as opened:
        yield opened


def bring(ledger: Ledger, data: Path, name: str, *phones: tuple[str, str]) -> Round:
    """A round with a list of serial numbers and asset tags."""
    about = rounds.begin(ledger, name, date(2026, 9, 1), date(2026, 12, 1), "canada")
    lines = tuple(RosterLine(n, serial=serial, tag=tag) for n, (serial, tag) in enumerate(phones, 2))
    rounds.bring(ledger, data, about, Roster(lines, "phones.csv", "00" * 32, datetime(2026, 11, 24, tzinfo=UTC)))
    return about


def said(ledger: Ledger, data: Path, serial: str, tag: str) -> str | None:
    found = objection(ledger, data, serial, tag, practice=False)
    return None if found is None else str(found)


def test_without_a_list_nothing_is_said(ledger: Ledger, tmp_path: Path) -> None:
    assert said(ledger, tmp_path, "SERIAL1", "DRH-1") is None
    rounds.begin(ledger, "Empty", date(2026, 9, 1), date(2026, 12, 1), "canada")
    assert said(ledger, tmp_path, "SERIAL1", "DRH-1") is None


def test_a_serial_number_that_a_list_knows_under_another_tag_has_not_this_one(ledger: Ledger, tmp_path: Path) -> None:
    bring(ledger, tmp_path, "Autumn", ("SERIAL1", "DRH-1"), ("SERIAL2", ""), ("", "DRH-3"))
    assert said(ledger, tmp_path, "SERIAL1", "DRH-9") == ANOTHERS.format("Autumn")
    assert said(ledger, tmp_path, "SERIAL9", "DRH-1") == ANOTHERS.format("Autumn")
    for serial, tag in (("serial1", " drh 1 "), ("SERIAL2", "DRH-9"), ("SERIAL9", "DRH-3"), ("SERIAL9", "DRH-9")):
        assert said(ledger, tmp_path, serial, tag) is None, (serial, tag)


def test_the_newest_list_that_knows_the_phone_decides(ledger: Ledger, tmp_path: Path) -> None:
    bring(ledger, tmp_path, "Spring", ("SERIAL1", "DRH-1"), ("SERIAL2", "DRH-2"))
    bring(ledger, tmp_path, "Autumn", ("SERIAL1", "DRH-7"), ("SERIAL3", "DRH-1"))
    assert said(ledger, tmp_path, "SERIAL1", "DRH-7") is None
    assert said(ledger, tmp_path, "SERIAL1", "DRH-1") == ANOTHERS.format("Autumn")
    assert said(ledger, tmp_path, "SERIAL3", "DRH-1") is None
    assert said(ledger, tmp_path, "SERIAL2", "DRH-9") == ANOTHERS.format("Spring")


def test_a_list_that_cannot_be_read_may_know_the_phone_and_one_that_was_forgotten_does_not(
    ledger: Ledger, tmp_path: Path
) -> None:
    about = bring(ledger, tmp_path, "Autumn", ("SERIAL1", "DRH-1"))
    (file,) = (tmp_path / "rounds").iterdir()
    file.unlink()
    assert "cannot be read" in (said(ledger, tmp_path, "SERIAL1", "DRH-1") or "")
    rounds.forget_roster(ledger, tmp_path, about)
    assert said(ledger, tmp_path, "SERIAL1", "DRH-9") is None
