"""A computer whose clock stands before 1970, as where its battery is empty: an odd clock, and no tampering."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import describe
from core.jobs import Cancel, silent
from core.ledger.keys.enrolment import read_enrolment
from core.ledger.records import CheckStarted, Kind
from core.ledger.records.stored_time import as_stored
from core.ledger.retention import due_values
from core.ledger.search.record_filter import Filter
from core.ledger.verify.exported import verify_export
from core.ledger.verify.faults import FaultKind
from core.ledger.verify.ledger_check import verify
from core.ledger.witness import exchange
from core.ledger.writer import Ledger
from core.model import Phone
from core.reports.receipt.receipt import make_receipt
from core.reports.tables.exports import Format, export
from core.text import T
from tests.unit.ledger.thief import Clocks, Place

STARTED = CheckStarted(T("over USB"))
TIMES = [
    datetime(1969, 12, 31, 23, 59, 58, tzinfo=UTC),  # so that a log crosses it
    datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
    datetime(1901, 12, 13, 20, 45, 52, tzinfo=UTC),  # the least that 32 bits hold
    datetime(1601, 1, 1, tzinfo=UTC),  # where Windows begins to count
]


@pytest.fixture(params=TIMES, ids=lambda time: str(time.year))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made = Place(tmp_path / "data", Clocks(now=request.param))
    for _ in range(2):
        made.check()
    return made


def faults(place: Place) -> list[FaultKind]:
    with Ledger.read(place.path) as ledger:
        told = verify(ledger, read_enrolment(place.path), pinned=True, report=silent, cancel=Cancel())
    return [fault.kind for fault in told.faults]


def test_it_is_verified(place: Place) -> None:
    assert faults(place) == []


def test_once_the_clock_is_set_it_leapt_and_nothing_else(place: Place) -> None:
    place.clock.set(timedelta(days=100 * 366))
    place.check()
    assert faults(place) == [FaultKind.CLOCK_FORWARD]


def test_an_export_of_it_is_verified(place: Place, tmp_path: Path) -> None:
    with Ledger.read(place.path) as ledger:
        made = export(ledger, Format.CSV, Filter(), tmp_path, silent, Cancel())
    told = verify_export(made.folder, read_enrolment(place.path), copies=[], report=silent, cancel=Cancel())
    assert [fault.kind for fault in told.faults] == []


def test_it_is_written_and_read_in_order(place: Place) -> None:
    began = place.clock.now
    with place.open() as ledger:
        ledger.append(STARTED, phone=Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE"))
        assert ledger.newest(1)[0].time == place.clock.now > began
        entries = list(ledger.entries())
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert sorted(as_stored(entry.time) for entry in entries) == [as_stored(entry.time) for entry in entries]
        assert list(ledger.entries(since=began, until=place.clock.now + timedelta(seconds=1)))[-1] == entries[-1]
        assert [describe.when(entry)[:4] for entry in entries[-1:]] == [str(entries[-1].time.astimezone().year)]


@pytest.mark.parametrize("format", [Format.CSV, Format.JSONL, Format.OCSF, Format.PARQUET])
def test_it_is_exported(place: Place, tmp_path: Path, format: Format) -> None:
    with Ledger.read(place.path) as ledger:
        assert export(ledger, format, Filter(), tmp_path, silent, Cancel(), personal=True).records == ledger.count()


def test_there_are_receipts_of_it(place: Place) -> None:
    with place.open() as ledger:
        (ended,) = ledger.newest(1, kind=Kind.CHECK_ENDED)
        assert make_receipt(ledger, ended.seq, ("en",)).pdf.startswith(b"%PDF")


def test_nothing_is_due_too_early(place: Place) -> None:
    """Whatever the clock says now."""
    acts: list[Callable[[], datetime]] = [lambda: place.clock.now, lambda: datetime(2026, 11, 24, tzinfo=UTC)]
    for now in acts:
        with Ledger.read(place.path) as ledger:
            assert due_values.due(ledger, 24, now(), silent, Cancel()).records == ()


def test_desks_cosign_each_others_checkpoints(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other", place.clock)
    other.check()
    (tmp_path / "stick").mkdir()
    for number, desk in enumerate((place, other, place)):
        with desk.open() as ledger:
            ledger.seal()
            made = exchange.leave(ledger, tmp_path / "stick", place.clock.now)
        assert (len(made.cosigned), made.conflicts, made.skipped) == (int(number > 0), (), ())
    assert len(made.received) == 1
