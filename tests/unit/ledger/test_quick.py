"""The look that every start takes: what was done to the end of a log, and no false alarm however long it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.settings.settings_table import Settings
from core.ledger.keys.enrolment import Enrolment, keys_folder, read_enrolment
from core.ledger.reader import LedgerReader
from core.ledger.verify.faults import FaultKind as F
from core.ledger.verify.ledger_check import quick_look
from core.ledger.writer import Ledger
from tests.bench.verify import make_sealed
from tests.unit.ledger.thief import ENDED, Place, Thief, by_somebody_else

Told = list[tuple[F, int, int]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    here = Place(tmp_path / "data")
    here.check(4)
    return here


def look(path: Path, enrolment: Enrolment | None) -> Told:
    with Ledger.read(path) as ledger:
        return [(fault.kind, fault.first, fault.last) for fault in quick_look(ledger, enrolment)]


def at(place: Place) -> Told:
    return look(place.path, read_enrolment(place.path))


@pytest.mark.parametrize("checks", [1, 2, 19, 20, 21, 22, 23, 60])
def test_it_says_nothing_on_a_sound_log(tmp_path: Path, checks: int) -> None:
    place = Place(tmp_path / "data")
    place.check(checks)
    assert at(place) == []


@pytest.mark.slow
@pytest.mark.parametrize(("records", "apart"), [(2_000, 5), (2_001, 1_000), (6_000, 3_000), (10_240, 256)])
def test_it_says_nothing_on_a_sound_log_however_long(tmp_path: Path, records: int, apart: int) -> None:
    path = tmp_path / "ledger.db"
    enrolment = make_sealed(path, records, apart)
    assert look(path, enrolment) == []


def test_an_empty_log_and_one_without_seals_are_no_faults(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    with place.open() as ledger:
        assert at(place) == []
        ledger.append_all([ENDED] * 3)
        assert at(place) == []


def test_what_is_not_sealed_yet_is_no_fault(place: Place) -> None:
    with place.open() as ledger:
        ledger.append_all([ENDED] * 3)
        assert at(place) == []


@pytest.mark.parametrize("checks", [4, 80])
def test_an_edit_under_the_last_seals_is_found(tmp_path: Path, checks: int) -> None:
    place = Place(tmp_path / "data")
    end = place.check(checks).size
    for seq, told in ((end - 1, (F.NOT_AS_SEALED, end - 2, end)), (end - 7, (F.NOT_AS_SEALED, end - 8, end - 6))):
        attacked = place.copy(f"attacked-{seq}")
        with Thief(attacked.path) as thief:
            thief.edit(seq, by_somebody_else)
        assert at(attacked) == [told]


def test_a_hasty_edit_is_named(place: Place) -> None:
    with Thief(place.path) as thief:
        thief.edit(12, by_somebody_else, hashed=False)
    assert at(place) == [(F.ALTERED, 12, 12)]


def test_what_is_missing_at_the_end_is_found(place: Place) -> None:
    with Thief(place.path) as thief:
        thief.drop(11, seals=False)
    assert at(place) == [(F.MISSING, 12, 13)]


def test_what_was_done_further_up_is_left_to_the_verification(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    enrolment = make_sealed(path, 4_000, 500)
    with Thief(path, tidy=False) as thief:
        thief.edit(6, by_somebody_else)
    assert look(path, enrolment) == []


def test_what_was_done_further_up_is_not_said_of_the_end(tmp_path: Path) -> None:
    """Where it shows in what is kept of the tree, the records at the end are not the ones that are named."""
    place = Place(tmp_path / "data")
    place.check(80)
    with Thief(place.path) as thief:
        thief.edit(6, by_somebody_else)
    assert at(place) == [(F.CACHE, 1, 181)]
    assert place.told(read_enrolment(place.path)) == [(F.NOT_AS_SEALED, 5, 7)]


def test_other_signatures_are_found(place: Place) -> None:
    with Thief(place.path) as thief:
        identity, epoch = thief.keys()
        thief.seal(10, identity, epoch)
        thief.seal(13, epoch)
    assert at(place) == [(F.WRONG_EPOCH_KEY, 10, 10), (F.NOT_THE_DESK, 13, 13), (F.WRONG_EPOCH_KEY, 13, 13)]


def test_another_log_in_its_place_is_found(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    other.check(30)
    place.put_back(other, keys=False)
    assert F.NOT_ENROLLED in [kind for kind, _, _ in at(place)]


def test_the_guards_and_entries_before_the_first_are_looked_at(place: Place) -> None:
    with Thief(place.path, guards=False) as thief:
        thief.put(0, thief.leaf(6) | {"seq": 0})
    assert at(place) == [(F.GUARDS, 0, 0), (F.OUT_OF_ORDER, 0, 0)]


def test_new_keys_are_told_while_they_are_new(place: Place) -> None:
    enrolment = read_enrolment(place.path)
    shutil.rmtree(keys_folder(place.path))
    place.check(1)
    assert look(place.path, enrolment) == [(F.KEYS_REPLACED, 14, 14)]
    place.check(40)
    assert look(place.path, enrolment) == [], "the seals at the end are signed by the keys that are in force there"


def test_without_the_enrolment_it_says_that_there_are_no_keys(place: Place) -> None:
    assert look(place.path, None) == [(F.NO_KEYS, 0, 0)]


def test_a_check_that_ends_meanwhile_is_no_fault(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    count = LedgerReader.count
    with place.open() as ledger:

        def counted(reader: LedgerReader) -> int:
            found = count(reader)
            monkeypatch.setattr(LedgerReader, "count", count)
            ledger.append_all([ENDED], seal=True)
            return found

        monkeypatch.setattr(LedgerReader, "count", counted)
        assert at(place) == []


def test_a_seal_far_beyond_the_end_is_found(place: Place) -> None:
    with Thief(place.path) as thief:
        thief.file.execute("INSERT INTO seal SELECT 4000000000000, note FROM seal WHERE size = 13")
    assert at(place) == [(F.MISSING, 14, 4_000_000_000_000)]
    desk = Desk(place.folder, Settings())
    assert [fault.kind for fault in log_evidence.log_status(desk, False).faults] == [F.MISSING]
