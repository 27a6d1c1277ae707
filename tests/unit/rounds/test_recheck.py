"""The blind second look: who is drawn, and whether two officers agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records import Kind
from core.model import Verdict
from core.rounds import recheck, rounds
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage, coverage
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.coverage.report import report_figures
from core.rounds.model import Roster, RosterLine, Round, SeenPhone
from core.rounds.recheck import Draw
from core.rounds.rounds import RoundProblem
from tests.examples import examples
from tests.unit.reports.conftest import SERIAL, Desk, desk, gatineau, make_desk

__all__ = ["desk", "gatineau", "make_desk"]

FIRST, LAST, TODAY = date(2026, 9, 1), date(2026, 12, 18), date(2026, 11, 24)
NOON = datetime(2026, 11, 20, 12).astimezone()
COUNT = 40


def covered(share: int, *more: SeenPhone) -> Coverage:
    lines = tuple(RosterLine(n, serial=f"R58N12A{n:04}") for n in range(COUNT))
    first = [
        SeenPhone(n + 1, NOON, "Desk 4", "A. Roy", Verdict.GREEN, serial=f"R58N12A{n:04}", visit=f"v{n}")
        for n in range(COUNT)
    ]
    about = Round("0123456789ab", "Round", "", FIRST, LAST, "canada", recheck=share)
    return coverage(about, Roster(lines, "", "", NOON), [*first, *more], TODAY)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 100))
@examples(60)
def test_the_sample_is_the_checkpoints_and_nothing_elses(root: bytes, share: int) -> None:
    of = Draw(1000, 1001, root)
    one = recheck.sample(covered(share), of)
    assert len(one) == -(-COUNT * share // 100)
    assert one == recheck.sample(covered(share), of)
    assert {look.agrees for look in one} == {None}
    # A check after the draw changes nobody's place in it.
    later = SeenPhone(2000, NOON + timedelta(days=1), "Desk 5", "B. Cyr", Verdict.RED, serial="R58N12A0003", visit="x")
    again = recheck.sample(covered(share, later), of)
    assert [look.phone.line for look in again] == [look.phone.line for look in one]


def test_another_checkpoint_draws_others() -> None:
    samples = {
        tuple(look.phone.display_name for look in recheck.sample(covered(10), Draw(1000, 1001, bytes([n]) * 32)))
        for n in range(20)
    }
    assert len(samples) > 15


def test_only_another_officers_later_check_is_a_second_look() -> None:
    of = Draw(1000, 1001, b"\1" * 32)
    serial = recheck.sample(covered(3), of)[0].phone.line
    assert serial is not None
    check = SeenPhone(2000, NOON + timedelta(hours=3), "D", "A. Roy", Verdict.RED, serial=serial.serial, visit="x")
    assert recheck.sample(covered(3, check), of)[0].agrees is None
    assert recheck.sample(covered(3, replace(check, officer="B. Cyr")), of)[0].agrees is False
    same = replace(check, officer="B. Cyr", verdict=Verdict.GREEN)
    assert recheck.sample(covered(3, same), of)[0].agrees is True


@given(st.sets(st.integers(0, COUNT - 1)), st.sampled_from(Verdict), st.integers(1, 100))
@examples(60)
def test_nothing_of_a_round_tells_how_a_phone_was_left_that_waits(reds: set[int], left: Verdict, share: int) -> None:
    """Whatever the first results were: lists, numbers and charts are the same."""
    of = Draw(1000, 1001, b"\2" * 32)
    found = covered(share)
    looks = recheck.sample(found, of)
    waiting = {look.first.entry for look in looks}

    def with_results(verdict: Verdict) -> Coverage:
        def told(check: SeenPhone) -> SeenPhone:
            if check.entry not in waiting:
                return check
            banned = check.entry in reds
            return replace(check, verdict=verdict, banned=banned, is_attested=banned, handed_back=banned, reason="kept")

        return replace(found, phones=tuple(replace(p, checks=tuple(map(told, p.checks))) for p in found.phones))

    one = recheck.blinded(with_results(left), looks)
    assert one == recheck.blinded(with_results(Verdict.GREEN), looks)
    assert one.counts[CoverageState.WAITING] == len(looks) == figures.whole(one).waiting
    assert one.checked == COUNT
    assert sum(day.waiting for day in figures.days(one)) == len(looks)
    assert not {phone.last.entry for phone in one.of(CoverageState.RED) if phone.last} & waiting


@pytest.mark.usefixtures("gatineau")
def test_a_draw_is_on_record_sealed_and_the_first_counts(desk: Desk, tmp_path: Path) -> None:
    about = rounds.begin(desk.ledger, "Round", FIRST, LAST, "canada", recheck=50)
    roster = Roster((RosterLine(1, serial=SERIAL), RosterLine(2, tag="A-1")), "", "", NOON)
    rounds.bring(desk.ledger, tmp_path, about, roster)
    (one,) = rounds.recorded_rounds(desk.ledger)
    with pytest.raises(RoundProblem, match="No phone"):
        recheck.draw(desk.ledger, rounds.covered(desk.ledger, tmp_path, one, TODAY))
    desk.visit().check()
    found = rounds.covered(desk.ledger, tmp_path, one, TODAY)
    made = recheck.draw(desk.ledger, found)
    assert recheck.drawn(desk.ledger, about.id) == made
    assert [look.phone.line for look in recheck.sample(found, made)] == [roster.lines[0]]
    with pytest.raises(RoundProblem, match="first draw counts"):
        recheck.draw(desk.ledger, found)
    assert len(desk.ledger.newest(5, kind=Kind.RECHECK_DRAWN)) == 1


@pytest.mark.usefixtures("gatineau")
def test_a_round_that_asks_for_none_draws_none(desk: Desk, tmp_path: Path) -> None:
    rounds.begin(desk.ledger, "Round", FIRST, LAST, "canada")
    (one,) = rounds.recorded_rounds(desk.ledger)
    with pytest.raises(RoundProblem, match="no second check"):
        recheck.draw(desk.ledger, rounds.covered(desk.ledger, tmp_path, one, TODAY))


@pytest.mark.usefixtures("gatineau")
def test_a_phone_that_waits_for_its_second_look_is_met_blindly(desk: Desk, tmp_path: Path) -> None:
    about = rounds.begin(desk.ledger, "Round", FIRST, LAST, "canada", recheck=100)
    rounds.bring(desk.ledger, tmp_path, about, Roster((RosterLine(1, serial=SERIAL),), "", "", NOON))

    def blind(serial: str = SERIAL, today: date = TODAY) -> bool:
        return recheck.is_drawn(desk.ledger, tmp_path, serial, today, practice=False)

    desk.visit().check()
    assert not blind()
    (one,) = rounds.recorded_rounds(desk.ledger)
    recheck.draw(desk.ledger, rounds.covered(desk.ledger, tmp_path, one, TODAY))
    assert blind()
    told = recheck.covered_blindly(desk.ledger, tmp_path, one, TODAY)
    assert [phone.state for phone in told.phones] == [CoverageState.WAITING]
    to_come = recheck.waiting(desk.ledger, tmp_path, TODAY, practice=False)
    figures_of_it = report_figures(desk.ledger, one, rounds.covered(desk.ledger, tmp_path, one, TODAY), "", to_come)
    assert (figures_of_it.found_products, figures_of_it.removed, figures_of_it.phones[0].verdict) == ((), (), None)
    assert not blind("OTHERPHONE1")
    assert not blind(today=date(2027, 1, 1))
    rounds.end(desk.ledger, rounds.covered(desk.ledger, tmp_path, one, TODAY))
    assert not blind()
    (ended,) = rounds.recorded_rounds(desk.ledger)
    told = recheck.covered_blindly(desk.ledger, tmp_path, ended, TODAY)
    assert CoverageState.WAITING not in told.counts  # the round is over: the report has everything
