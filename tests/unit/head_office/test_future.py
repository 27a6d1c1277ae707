"""Entries of a time that was still to come: one of them, wherever it stands, and the bundle is refused; no other is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office.bundles.carried import BundleReason
from core.head_office.bundles.entry_times import EntryTimes
from tests.unit.head_office.conftest import NOW, Desk, Office, OpenDesk

pytest.importorskip("pyarrow")

START = NOW - timedelta(days=3)
DAY = timedelta(days=1)


def written(desk: Desk, *times: datetime) -> Path:
    """A bundle with a check at each of these times, whatever the desk's clock would say."""
    for at, time in enumerate(times):
        desk.clock.now = time
        desk.check(f"R58N12ABC{at:02}")
    return desk.bundle()


@pytest.fixture
def sound(office: Office, open_desk: OpenDesk) -> Path:
    one = open_desk("Sound desk")
    one.check("R58N12SOUND")
    office.enrol(one)
    return one.bundle()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_entry_beyond_head_offices_clock_is_named_wherever_it_stands(
    office: Office, open_desk: OpenDesk, sound: Path, at: int
) -> None:
    desk = open_desk("Desk 1")
    office.enrol(desk)
    times = [START, START + DAY, START + 2 * DAY]
    times[at] = NOW + 40 * DAY
    merged = office.merge(written(desk, *times), sound)
    (outcome,) = merged.refused
    assert outcome.reason is BundleReason.FUTURE
    first = next(entry.seq for entry in desk.ledger.entries() if entry.time > NOW + DAY)
    assert f"its entry {first} is of 2027-01-06" in str(outcome.sentence)
    assert [one.folder for one in merged.counted] == [sound]


@pytest.mark.parametrize("at", [0, 1])
def test_one_entry_that_no_later_one_has_reached_is_named(
    office: Office, open_desk: OpenDesk, sound: Path, at: int
) -> None:
    desk = open_desk("Desk 1")
    office.enrol(desk)
    times = [START, START + DAY, START + 2 * DAY]
    times[at] = START + 5 * DAY
    folder = written(desk, *times)
    later = NOW + 100 * DAY  # by then the time is past, and head office's clock has nothing against it
    merged = office.merge(folder, sound, now=later)
    (outcome,) = merged.refused
    assert outcome.reason is BundleReason.FUTURE
    assert "but every entry written after it is of 2026-11-26 or earlier" in str(outcome.sentence)
    assert [one.folder for one in merged.counted] == [sound]


def test_once_the_desk_has_reached_that_time_its_whole_log_is_merged(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk("Desk 1")
    office.enrol(desk)
    assert office.merge(written(desk, START, START + 5 * DAY, START + DAY), now=NOW + 9 * DAY).refused
    assert office.merge(written(desk, START + 5 * DAY), now=NOW + 9 * DAY).counted


def test_a_clock_that_fell_back_and_was_set_right_costs_nothing(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk("Desk 1")
    office.enrol(desk)
    folder = written(desk, START, datetime(2015, 1, 1, tzinfo=UTC), START + DAY)
    (taken,) = office.merge(folder).counted
    assert taken.limits, "it is told all the same"


@given(st.lists(st.integers(0, 40), max_size=12))
def test_the_entry_that_is_named_is_later_than_all_that_follow(days: Sequence[int]) -> None:
    times = EntryTimes(START + 30 * DAY)
    moments = [START + day * DAY for day in days]
    rows = [(at, b'{"time":"%s"}' % moment.isoformat().encode(), None) for at, moment in enumerate(moments, 1)]
    for one in rows:  # whichever parts they come in
        times.add([one])
    beyond = [(at, moment) for at, moment in enumerate(moments, 1) if moment > START + 30 * DAY]
    assert times.beyond == (beyond[0] if beyond else None)
    assert times.newest == max(moments, default=None)
    early = [at for at, moment in enumerate(moments[:-1], 1) if moment - max(moments[at:]) > DAY]
    named = times.before_its_time(DAY)
    assert (named is not None) == bool(early)
    if named is not None:
        assert named.entry in early
        assert named.later == max(moments[named.entry :])
