"""What somebody might do so that a break is not seen: bury it, remove what shows it, put it where nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.describe.verification import Tone, verification_text
from core.jobs import Cancel, silent
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records.leaf import leaf_hash
from core.ledger.verify.exported import ExportUnusable, verify_export
from core.ledger.verify.faults import FaultKind as F
from core.ledger.verify.faults import Verification
from core.ledger.verify.ledger_check import quick_look
from core.ledger.verify.outside_copy import CopyOfAnotherLog, outside_copy
from core.ledger.verify.record_check import ExaminedRecords
from core.ledger.verify.verifier import LogVerifier
from core.ledger.writer import Ledger
from core.model import Phone
from core.reports.tables.exports import Format, export
from tests.unit.ledger.thief import ENDED, Place, Thief, by_somebody_else


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Four checks: records 1 to 4, 5 to 7, 8 to 10 and 11 to 13."""
    here = Place(tmp_path / "data")
    here.check(4)
    return here


def test_no_number_of_clock_faults_hides_a_break(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    with place.open() as ledger:
        for _ in range(600):
            for hours in (30, -30):
                place.clock.set(timedelta(hours=hours))
                ledger.append(ENDED)
    enrolment = place.enrolment()
    honest = place.look(enrolment)
    assert (honest.intact, verification_text(honest).tone, honest.count) == (True, Tone.AMBER, 1_199)
    assert len(honest.faults) < 300
    with Thief(place.path) as thief:
        thief.edit(1_150, by_somebody_else, hashed=False)
        thief.edit(3, by_somebody_else, hashed=False)
    found = place.look(enrolment)
    assert not found.intact
    assert [f.first for f in found.faults if f.kind is F.ALTERED] == [3, 1_150]
    assert verification_text(found).tone is Tone.RED
    assert "2 breaks" in str(verification_text(found).headline)


def look_quickly(place: Place, enrolment: Enrolment) -> list[F]:
    with Ledger.read(place.path) as ledger:
        return [fault.kind for fault in quick_look(ledger, enrolment)]


def test_seals_that_were_all_removed_are_missed(place: Place) -> None:
    enrolment = place.enrolment()
    with Thief(place.path) as thief:
        thief.file.execute("DELETE FROM seal")
        thief.edit(6, by_somebody_else)
    assert place.told(enrolment) == [(F.SEAL_MISSING, 0, 0), *[(F.SEAL_MISSING, n, n) for n in (4, 7, 10, 13)]]
    assert look_quickly(place, enrolment) == [F.SEAL_MISSING]


def test_one_seal_that_was_removed_is_missed(place: Place) -> None:
    with Thief(place.path) as thief:
        thief.file.execute("DELETE FROM seal WHERE size = 7")
    assert (F.SEAL_MISSING, 7, 7) in place.told(place.enrolment())


def test_a_log_that_was_emptied_is_not_taken_for_a_new_one(place: Place) -> None:
    enrolment = place.enrolment()
    with Thief(place.path) as thief:
        thief.drop(0, seals=True)
    assert place.told(enrolment) == [(F.SEAL_MISSING, 0, 0)]
    assert look_quickly(place, enrolment) == [F.SEAL_MISSING]


def test_a_log_that_is_really_new_is_not_accused(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    enrolment = place.enrolment()
    assert place.look(enrolment).faults == ()
    assert look_quickly(place, enrolment) == []


def test_a_log_that_was_begun_anew_says_that_there_was_another(place: Place) -> None:
    earlier = place.enrolment()
    copy = place.seal()
    place.path.unlink()
    place.check()
    found = place.look(place.enrolment())
    assert [fault.kind for fault in found.faults] == [F.EARLIER_LOG]
    assert earlier.origin in str(found.faults[0].sentence)
    assert (found.intact, verification_text(found).tone) == (True, Tone.AMBER)
    with pytest.raises(CopyOfAnotherLog, match="another log") as refused:
        outside_copy("a receipt", copy.note, place.enrolment())
    assert "replaced" in str(refused.value.next_step)


@pytest.fixture
def folder(place: Place, tmp_path: Path) -> Path:
    from core.ledger.search.record_filter import Filter

    with Ledger.read(place.path) as ledger:
        (tmp_path / "out").mkdir()
        return export(ledger, Format.JSONL, Filter(), tmp_path / "out", silent, Cancel()).folder


def look_at(folder: Path, enrolment: Enrolment | None) -> Verification:
    return verify_export(folder, enrolment, report=silent, cancel=Cancel())


def test_a_record_behind_an_exports_seals_is_found(place: Place, folder: Path) -> None:
    leaves = folder / "leaves.jsonl"
    lines = leaves.read_bytes().splitlines(keepends=True)
    forged = lines[-2].replace(b'"seq":12', b'"seq":14')
    leaves.write_bytes(b"".join([*lines, forged]))
    found = look_at(folder, place.enrolment())
    assert [(f.kind, f.first, f.last) for f in found.faults] == [(F.UNSEALED, 14, 14)]
    assert not found.intact


def test_a_record_in_the_same_line_is_found(place: Place, folder: Path) -> None:
    leaves = folder / "leaves.jsonl"
    lines = leaves.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].rstrip(b"\n") + b"\r" * (65_537 - len(lines[4])) + lines[5]
    leaves.write_bytes(b"".join(lines))
    assert not look_at(folder, place.enrolment()).intact


def test_one_line_that_is_missing_is_one_fault(place: Place, folder: Path) -> None:
    leaves = folder / "leaves.jsonl"
    lines = leaves.read_bytes().splitlines(keepends=True)
    leaves.write_bytes(b"".join(lines[:5] + lines[6:]))
    found = look_at(folder, place.enrolment())
    assert [(f.kind, f.first, f.last) for f in found.faults] == [(F.MISSING, 6, 6)]


def test_without_keys_the_entries_are_judged_and_the_desk_is_not(folder: Path) -> None:
    found = look_at(folder, None)
    assert [fault.kind for fault in found.faults] == [F.NO_KEYS]
    result = verification_text(found)
    assert (found.intact, result.tone) == (True, Tone.AMBER)
    assert "who sealed them was not checked" in str(result.headline)


def test_with_another_desks_keys_that_is_all_that_is_said(folder: Path, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    other.check()
    result = verification_text(look_at(folder, other.enrolment()))
    assert result.tone is Tone.RED
    assert other.enrolment().origin in str(result.headline)
    assert [fault.kind for fault in result.faults] == [F.NOT_ENROLLED]
    assert "enrolment sheet of this very log" in str(result.sentence)


def test_a_time_that_no_calendar_has_is_a_fault_and_no_crash(place: Place) -> None:
    with Thief(place.path) as thief:
        thief.put(14, thief.leaf(12) | {"seq": 14, "time": "0001-01-01T00:00:00.000+23:59"})
    enrolment = place.enrolment()
    assert (F.UNREADABLE, 14, 14) in place.told(enrolment)
    assert F.UNREADABLE in look_quickly(place, enrolment)


def test_a_receipt_with_another_record_in_it_is_found(place: Place) -> None:
    enrolment = place.enrolment()
    with Ledger.read(place.path) as ledger:
        proof, entry = ledger.proof(6), ledger.entry(6)
    assert entry is not None
    true = replace(outside_copy("a receipt", proof, enrolment), leaf=entry.exact)
    false = replace(true, leaf=entry.exact.replace(b'"green"', b'"red"'))
    from core.ledger.verify.ledger_check import verify

    with Ledger.read(place.path) as ledger:
        for copy, kinds in ((true, []), (false, [F.NOT_THE_RECEIPTS])):
            found = verify(ledger, enrolment, pinned=True, copies=[copy], report=silent, cancel=Cancel())
            assert [fault.kind for fault in found.faults] == kinds
            assert tuple(found.proved) == ((6,) if not kinds else ())


@pytest.fixture
def chosen(place: Place, tmp_path: Path) -> Path:
    """An export of the four checks' ends: records 3, 6, 9 and 12."""
    from core.ledger.records import Kind
    from core.ledger.search.record_filter import Filter

    (tmp_path / "some").mkdir()
    with Ledger.read(place.path) as ledger:
        wanted = Filter(kind=Kind.CHECK_ENDED)
        return export(ledger, Format.JSONL, wanted, tmp_path / "some", silent, Cancel()).folder


def test_chosen_entries_are_verified_against_every_seal(place: Place, chosen: Path) -> None:
    found = look_at(chosen, place.enrolment())
    assert (found.faults, found.records, found.sealed, found.chosen) == ((), 13, 13, 4)
    result = verification_text(found)
    assert result.tone is Tone.GREEN
    assert any("4 entries of 13" in str(part.title) for part in result.parts)


def edit_a_line(folder: Path) -> None:
    path = folder / "leaves.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"green"', b'"red"', 1))


def take_a_line_out(folder: Path) -> None:
    path = folder / "leaves.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def edit_a_hash(folder: Path) -> None:
    path = folder / "hashes.txt"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], lines[5], lines[4], *lines[6:]]))


def cut_the_hashes(folder: Path) -> None:
    path = folder / "hashes.txt"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (edit_a_line, {F.NOT_AS_SEALED}),
        (edit_a_hash, {F.NOT_AS_SEALED}),
        (cut_the_hashes, {F.MISSING}),
    ],
)
def test_chosen_entries_that_were_spoiled_are_found(
    place: Place, chosen: Path, spoil: Callable[[Path], None], kinds: set[F]
) -> None:
    spoil(chosen)
    found = look_at(chosen, place.enrolment())
    assert kinds <= {fault.kind for fault in found.faults}
    assert not found.intact


def test_how_many_of_the_chosen_entries_are_there_is_said(place: Place, chosen: Path) -> None:
    """That one is left out of a choice, no log can show."""
    take_a_line_out(chosen)
    assert look_at(chosen, place.enrolment()).chosen == 3


def test_chosen_entries_are_compared_with_the_hashes_that_were_sealed(
    place: Place, chosen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A medium may answer once with the sealed hashes and then with others, which fit what was forged."""
    hashes, leaves = chosen / "hashes.txt", chosen / "leaves.jsonl"
    before = [line for line in leaves.read_bytes().splitlines() if b'"green"' in line]
    edit_a_line(chosen)
    lines = hashes.read_bytes().splitlines()
    forged = {
        leaf_hash(old).hex().encode(): leaf_hash(new).hex().encode()
        for old in before
        if (new := old.replace(b'"green"', b'"red"')) in leaves.read_bytes().splitlines()
    }
    assert forged.keys() & set(lines)
    hear = LogVerifier.add_records

    def heard(self: LogVerifier, stretch: ExaminedRecords) -> None:
        hear(self, stretch)
        hashes.write_bytes(b"".join(b"%s\n" % forged.get(line, line) for line in lines))

    monkeypatch.setattr(LogVerifier, "add_records", heard)
    found = look_at(chosen, place.enrolment())
    assert {fault.kind for fault in found.faults} == {F.NOT_AS_SEALED}
    assert not found.intact


def test_an_entry_behind_the_hashes_is_none_that_was_sealed(place: Place, chosen: Path) -> None:
    leaves = chosen / "leaves.jsonl"
    last = leaves.read_bytes().splitlines(keepends=True)[-1]
    leaves.write_bytes(leaves.read_bytes() + last.replace(b'"seq":12', b'"seq":99'))
    found = look_at(chosen, place.enrolment())
    assert [(f.kind, f.first) for f in found.faults] == [(F.NOT_AS_SEALED, 99)]


@pytest.mark.parametrize("garbage", [b"x\n", b"\n", b"zz" * 32 + b"\n", b"0" * 64])
def test_hashes_that_are_none_are_refused(place: Place, chosen: Path, garbage: bytes) -> None:
    (chosen / "hashes.txt").write_bytes(garbage)
    with pytest.raises(ExportUnusable):
        look_at(chosen, place.enrolment())


def test_personal_values_that_were_erased_behind_the_logs_back_are_missed(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    with place.open() as ledger:
        for serial in ("R58A", "R58B", "R58C"):
            ledger.append(ENDED, phone=Phone("android", "samsung", "SM-A546B", "14", serial), seal=True)
        ledger.erase_records([1], "asked for")
    enrolment = place.enrolment()
    assert place.told(enrolment) == []
    with Thief(place.path) as thief:
        thief.file.execute("DELETE FROM opening WHERE seq = 4")
    assert place.told(enrolment) == [(F.NOT_ON_RECORD, 4, 4)]
    with place.open() as ledger:  # nor does an erasure that was written down before
        seq = ledger.append(ENDED, phone=Phone("android", "samsung", "SM-A546B", "14", "R58D"), seal=True).seq
    with Thief(place.path) as thief:
        thief.file.execute("DELETE FROM opening WHERE seq = ?", [seq])
    assert (F.NOT_ON_RECORD, seq, seq) in place.told(enrolment)
