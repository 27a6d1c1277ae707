"""What an officer could do so that a round tells less than the log has: each on a real log, which goes on verifying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.ledger.problems import DamagedLedger
from core.ledger.records import Kind, RoundBegun, RoundEnded
from core.ledger.verify.ledger_check import verify
from core.model import Labels, Match, Phone, Verdict
from core.reports.rounds.round_figures import Agreement, RoundFigures
from core.rounds import recheck, rounds
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.coverage.remarks import doubts, remark, roster_lost
from core.rounds.coverage.report import report_figures
from core.rounds.model import Roster, RosterLine
from core.rounds.rounds import ClosedRound, KnownRound, RoundProblem
from tests.inside import clock_of, database_of
from tests.unit.reports.conftest import SERIAL, Desk, FakeClock, MakeDesk, desk, finding, gatineau, make_desk

__all__ = ["desk", "gatineau", "make_desk"]

FIRST, LAST, TODAY = date(2026, 9, 1), date(2026, 12, 18), date(2026, 11, 24)
NOON = datetime(2026, 11, 14, 12, tzinfo=UTC)
ROSTER = Roster(
    (RosterLine(1, serial=SERIAL, tag="DRH-1", unit="Finance"), RosterLine(2, serial="R58N12ABCDF", unit="Field")),
    "phones.csv",
    "ab" * 32,
    NOON,
)
OTHER = Phone("android", "Google", "Pixel 7", "14", "R58N12ABCDF")

pytestmark = pytest.mark.usefixtures("gatineau")


#: The tests that change the log's file themselves.
_DAMAGING = (
    "test_a_damaged_check_is_told_and_not_left_out",
    "test_values_that_are_gone_without_a_record_are_not_called_erased",
)


@pytest.fixture(autouse=True)
def _log_verifies(desk: Desk, request: pytest.FixtureRequest) -> Iterator[None]:
    """No log of these tests is forged: each verifies at the end, and its round has to tell the truth all the same."""
    yield
    if request.node.name not in _DAMAGING:
        desk.ledger.seal()
        assert verify(desk.ledger, None, pinned=False, report=silent, cancel=Cancel()).intact


def begin(desk: Desk, data: Path, roster: Roster | None = ROSTER, **more: object) -> KnownRound:
    about = rounds.begin(desk.ledger, "Round", FIRST, LAST, "canada", **more)  # type: ignore[arg-type]
    if roster is not None:
        rounds.bring(desk.ledger, data, about, roster)
    return known(desk)


def known(desk: Desk) -> KnownRound:
    return rounds.recorded_rounds(desk.ledger)[0]


def stands(desk: Desk, data: Path, today: date = TODAY) -> Coverage:
    return rounds.covered(desk.ledger, data, known(desk), today)


def figures(desk: Desk, data: Path, today: date = TODAY) -> RoundFigures:
    return report_figures(desk.ledger, known(desk), stands(desk, data, today), "Canada")


def close(desk: Desk, data: Path) -> RoundEnded:
    return rounds.end(desk.ledger, stands(desk, data))


def set_clock(desk: Desk, days: int) -> None:
    """Set the computer's clock forward, or back."""
    clock = clock_of(desk.ledger)
    assert isinstance(clock, FakeClock)
    clock.now += timedelta(days=days)


def erase(desk: Desk) -> None:
    """Erase all personal values of the log, as the holders of the phones agreed to."""
    desk.ledger.erase_records(range(1, desk.ledger.count() + 1), "asked for", consent=True)


def checked(desk: Desk, *found: object, phone: Phone | None = None, **labels: str) -> None:
    desk.phone = phone or desk.phone
    desk.visit()
    if labels:
        desk.label(Labels(**labels))
    desk.check(*found)  # type: ignore[arg-type]


RED = finding()


# -- a closed round


def test_a_closed_round_takes_no_roster_and_no_phone(desk: Desk, tmp_path: Path) -> None:
    one = begin(desk, tmp_path)
    checked(desk, RED)
    checked(desk, phone=replace(OTHER, serial="NOTLISTED1"))
    (other,) = stands(desk, tmp_path).unexpected
    assert other.last is not None
    close(desk, tmp_path)
    before = desk.ledger.count()
    for number in ("", one.roster.sha256 if one.roster else ""):
        with pytest.raises(ClosedRound, match="is closed"):
            rounds.bring(desk.ledger, tmp_path, one.about, ROSTER, replaces=number)
    for stale in (one, known(desk)):  # also where a window has not seen yet that it was closed
        with pytest.raises(ClosedRound):
            rounds.add(desk.ledger, tmp_path, stale, other.last)
    assert desk.ledger.count() == before


@pytest.mark.parametrize("what", ["forgotten", "erased", "removed", "checked", "clock", "file", "closed again", "all"])
def test_nothing_after_its_end_takes_a_red_out_of_its_report(desk: Desk, tmp_path: Path, what: str) -> None:
    about = begin(desk, tmp_path).about
    checked(desk, RED)
    assert close(desk, tmp_path).red == 1
    before = figures(desk, tmp_path)
    assert (before.whole.red, before.closed) == (1, TODAY)
    if what in ("removed", "all"):  # in the same visit
        desk.remove("com.tencent.mm")
        desk.check()
    if what in ("checked", "all"):
        checked(desk)
    if what in ("clock", "all"):
        set_clock(desk, -30)
        checked(desk)
        set_clock(desk, 90)
    if what in ("closed again", "all"):
        desk.ledger.append(RoundEnded(round=about.id, phones=2, green=2, amber=0, red=0, due=0, unexpected=0))
    if what in ("erased", "all"):
        erase(desk)
    if what in ("forgotten", "all"):
        rounds.forget_roster(desk.ledger, tmp_path, about)
    if what == "file":
        for file in (tmp_path / "rounds").iterdir():
            file.unlink()
    after = figures(desk, tmp_path, date(2027, 3, 1))
    assert after.whole == before.whole
    assert (after.closed, after.pace.today, after.pace.needed) == (TODAY, TODAY, 2)
    assert [(one.product, one.phones, one.removed) for one in after.found_products] == [
        (one.product, one.phones, one.removed) for one in before.found_products
    ]
    assert [one.verdict for one in after.phones].count(Verdict.RED) == 1
    found = stands(desk, tmp_path, date(2027, 3, 1))
    assert len(found.red) == 1
    assert found.counts[CoverageState.RED] == 1
    assert CoverageState.GREEN not in found.counts
    assert not found.differs


def test_what_came_after_is_told_as_such(desk: Desk, tmp_path: Path) -> None:
    about = begin(desk, tmp_path).about
    checked(desk, RED)
    close(desk, tmp_path)
    set_clock(desk, 1)
    rounds.forget_roster(desk.ledger, tmp_path, about)
    found = stands(desk, tmp_path)
    assert found.loss is not None
    assert str(roster_lost(found.loss)) == "The roster was forgotten on 25 November 2026, by A. Roy."
    assert [phone.state for phone in found.unmatched] == [CoverageState.RED]
    assert found.unexpected == ()  # whether it was on the roster is not known, and not said


def test_a_closed_round_whose_record_says_less_than_its_checks_is_told(desk: Desk, tmp_path: Path) -> None:
    about = begin(desk, tmp_path).about
    checked(desk, RED)
    desk.ledger.append(RoundEnded(round=about.id, phones=2, green=2, amber=0, red=0, due=0, unexpected=0))
    found = stands(desk, tmp_path)
    assert found.counts[CoverageState.RED] == 1
    assert "tells of 0 red phones, and the checks show 1" in " ".join(map(str, doubts(found)))
    assert figures(desk, tmp_path).doubts.on_record == (1, 0)


def test_a_second_record_of_its_begin_opens_no_closed_round(desk: Desk, tmp_path: Path) -> None:
    about = begin(desk, tmp_path).about
    close(desk, tmp_path)
    desk.ledger.append(RoundBegun(round=about.id, name="Again", first="2026-09-01", last="2026-12-01", policy="canada"))
    (one,) = rounds.recorded_rounds(desk.ledger)
    assert (one.about.name, one.ended is not None) == ("Round", True)


# -- the order of the log


@pytest.mark.parametrize("days", [-20_000, -400, 30, 400, 4_000])
def test_a_clock_that_was_wrong_hides_no_red(desk: Desk, tmp_path: Path, days: int) -> None:
    begin(desk, tmp_path)
    set_clock(desk, days)
    checked(desk, RED)
    for back in (0, -days):
        set_clock(desk, back)
        found = stands(desk, tmp_path)
        assert [phone.state for phone in found.phones] == [CoverageState.RED, CoverageState.DUE]
        (late,) = found.mistimed
        assert not FIRST <= late.day <= LAST
        assert "outside of the days of the round" in " ".join(map(str, doubts(found)))
        assert "outside of the days of the round" in str(remark(found.phones[0]))
    assert close(desk, tmp_path).red == 1
    assert figures(desk, tmp_path).doubts.mistimed == 1


def test_a_green_check_with_a_later_time_does_not_hide_the_red_one_behind_it(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    set_clock(desk, 20)
    checked(desk)
    set_clock(desk, -20)
    checked(desk, RED)
    assert stands(desk, tmp_path).phones[0].state is CoverageState.RED


def test_a_check_before_the_begin_counts_only_where_nothing_speaks_against_its_time(desk: Desk, tmp_path: Path) -> None:
    checked(desk)  # in its days by its time, and nothing speaks against it
    begin(desk, tmp_path)
    assert stands(desk, tmp_path).phones[0].state is CoverageState.GREEN

    def made_ahead() -> Coverage:
        rounds.begin(desk.ledger, "Next", date(2026, 12, 1), date(2026, 12, 18), "canada")
        rounds.bring(desk.ledger, tmp_path, known(desk).about, ROSTER)
        return stands(desk, tmp_path, date(2026, 12, 5))

    set_clock(desk, 10)
    checked(desk)  # 4 December, by a clock that ran ahead
    set_clock(desk, -10)
    assert made_ahead().phones[0].state is CoverageState.DUE


def test_what_was_checked_after_the_last_day_is_told_beside_it(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    set_clock(desk, 60)
    checked(desk, RED)
    found = stands(desk, tmp_path, date(2027, 2, 1))
    assert found.phones[0].state is CoverageState.DUE
    assert [phone.state for phone in found.afterwards] == [CoverageState.RED]
    assert figures(desk, tmp_path, date(2027, 2, 1)).doubts.afterwards_red == 1
    assert "1 of these red" in " ".join(map(str, doubts(found)))


def test_a_day_is_one_of_the_time_zone_that_is_given(desk: Desk, tmp_path: Path) -> None:
    """23:30 on the last day in the department's zone is the next day in UTC, and one hour later it is over there."""
    zone = timezone(timedelta(hours=-5))
    begin(desk, tmp_path)
    clock = clock_of(desk.ledger)
    assert isinstance(clock, FakeClock)
    for time, inside in (
        (datetime(2026, 12, 19, 4, 30, tzinfo=UTC), True),
        (datetime(2026, 12, 19, 5, 30, tzinfo=UTC), False),
    ):
        clock.now = time
        checked(desk, RED, phone=OTHER if inside else desk.phone)
    found = rounds.covered(desk.ledger, tmp_path, known(desk), date(2027, 1, 1), zone)
    assert [phone.state for phone in found.phones] == [CoverageState.DUE, CoverageState.RED]
    later = rounds.covered(desk.ledger, tmp_path, known(desk), date(2027, 1, 1), timezone(timedelta(hours=2)))
    assert [phone.state for phone in later.phones] == [CoverageState.DUE, CoverageState.DUE]
    assert len(later.afterwards) == 1


# -- what was erased


def test_an_erased_red_stays_in_a_round_that_goes_on(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk, RED, tag="DRH-1")
    erase(desk)
    found = stands(desk, tmp_path)
    assert found.counts[CoverageState.RED] == 1
    (lost,) = found.unmatched
    assert str(remark(lost)) == "was red, erased on 24 November 2026, by A. Roy"
    assert [phone.state for phone in found.phones] == [CoverageState.NOT_KNOWN] * 2  # nobody says that it was not seen
    assert (found.due, found.checked) == (1, 1)
    assert close(desk, tmp_path).red == 1
    counted = figures(desk, tmp_path)
    assert (counted.whole.red, counted.doubts.lost, counted.doubts.lost_red) == (1, 1, 1)
    assert [one.product for one in counted.found_products] == [RED.product]
    assert [one.remark for one in counted.phones if one.verdict is Verdict.RED] != [""]


def test_a_roster_that_is_forgotten_before_the_end_takes_no_red_along(desk: Desk, tmp_path: Path) -> None:
    about = begin(desk, tmp_path).about
    checked(desk, RED)
    rounds.forget_roster(desk.ledger, tmp_path, about)
    found = stands(desk, tmp_path)
    assert (found.listed, found.counts[CoverageState.RED]) == (0, 1)
    assert close(desk, tmp_path).red == 1
    assert figures(desk, tmp_path).whole.red == 1
    assert not stands(desk, tmp_path).differs


def test_an_erased_red_stays_although_its_phone_was_green_later(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk, RED)
    erase(desk)
    checked(desk)
    found = stands(desk, tmp_path)
    assert found.phones[0].state is CoverageState.GREEN
    assert (found.counts[CoverageState.RED], len(found.lost_red)) == (1, 1)


def test_an_erased_green_check_ticks_off_nothing(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk)
    erase(desk)
    found = stands(desk, tmp_path)
    assert (found.checked, found.counts.get(CoverageState.GREEN, 0), len(found.unmatched)) == (0, 0, 1)


def test_the_serial_number_of_another_record_of_the_visit_is_enough(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk, RED)
    (ended,) = desk.ledger.newest(1, kind=Kind.CHECK_ENDED)
    desk.ledger.erase_records([ended.seq], "asked for", consent=True)
    found = stands(desk, tmp_path)
    assert (found.phones[0].state, found.unmatched) == (CoverageState.RED, ())


def test_values_that_are_gone_without_a_record_are_not_called_erased(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk, RED)
    with database_of(desk.ledger).conn:
        database_of(desk.ledger).execute("DELETE FROM opening")
    with pytest.raises(DamagedLedger):
        stands(desk, tmp_path)


def test_an_erased_tag_does_not_make_its_phone_an_unexpected_one(desk: Desk, tmp_path: Path) -> None:
    """Its serial number is in another record, and is not on the list: the tag was what named it."""
    begin(desk, tmp_path, Roster((RosterLine(1, tag="DRH-9"),), "", "", NOON))
    checked(desk, RED, phone=replace(OTHER, serial="NOTLISTED1"), tag="DRH-9")
    assert stands(desk, tmp_path).phones[0].state is CoverageState.RED
    labelled = [e.seq for e in desk.ledger.entries() if e.device is not None and e.device.tag is not None]
    desk.ledger.append(RoundEnded(round="another", phones=0, green=0, amber=0, red=0, due=0, unexpected=0))
    desk.ledger.erase_records(labelled, "asked for", consent=True)
    found = stands(desk, tmp_path)
    assert [phone.state for phone in found.unmatched] == [CoverageState.RED]
    assert found.unexpected == ()


def test_a_damaged_check_is_told_and_not_left_out(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk, RED)
    with database_of(desk.ledger).conn:
        database_of(desk.ledger).execute("DROP TRIGGER entry_unchanged")
        database_of(desk.ledger).execute(
            """UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '"red"', '"green"') AS BLOB)
            WHERE kind = 'check-ended'"""
        )
    with pytest.raises(DamagedLedger):
        stands(desk, tmp_path)


# -- the draw


def sampled(desk: Desk, data: Path) -> list[str]:
    of = recheck.drawn(desk.ledger, known(desk).about.id)
    assert of is not None
    return [look.first.serial for look in recheck.sample(stands(desk, data), of)]


def many(count: int = 12) -> tuple[list[Phone], Roster]:
    phones = [replace(OTHER, serial=f"R58N12AB{n:03}") for n in range(count)]
    lines = tuple(RosterLine(n, serial=phone.serial) for n, phone in enumerate(phones, 1))
    return phones, Roster(lines, "", "", NOON)


def test_no_roster_that_comes_later_and_nothing_else_moves_the_draw(desk: Desk, tmp_path: Path) -> None:
    phones, roster = many()
    begin(desk, tmp_path, roster, recheck=25)
    for phone in phones:
        checked(desk, phone=phone)
    recheck.draw(desk.ledger, stands(desk, tmp_path))
    drawn = sampled(desk, tmp_path)
    assert len(drawn) == 3
    lines = roster.lines
    others = (
        tuple(reversed(lines)),
        tuple(replace(line, line=line.line + 100, tag=f"T-{line.line}") for line in lines),
        tuple(line for line in lines if line.serial not in drawn),  # without those that were drawn
        (RosterLine(1, serial="ANOTHER001"),),
    )
    for number in range(len(others)):
        one = known(desk)
        assert one.roster is not None
        rounds.bring(
            desk.ledger, tmp_path, one.about, replace(roster, lines=others[number]), replaces=one.roster.sha256
        )
        assert sampled(desk, tmp_path) == drawn
    desk.check()  # the visit that was open at the draw goes on
    for phone in phones:
        checked(desk, RED, phone=phone)
    assert sampled(desk, tmp_path) == drawn
    assert len(list((tmp_path / "rounds").iterdir())) == 2  # the roster of the draw, and the newest
    blind = recheck.covered_blindly(desk.ledger, tmp_path, known(desk), TODAY)
    told = {check.serial for phone in blind.unexpected for check in phone.checks if check.verdict is not None}
    assert not told & set(drawn)


def test_erasing_moves_no_draw_and_is_told(desk: Desk, tmp_path: Path) -> None:
    phones, roster = many()
    begin(desk, tmp_path, roster, recheck=25)
    for phone in phones:
        checked(desk, phone=phone)
    of = recheck.draw(desk.ledger, stands(desk, tmp_path))
    drawn = sampled(desk, tmp_path)
    gone = [e.seq for e in desk.ledger.entries() if e.device is not None and e.device.serial.value == drawn[0]]  # type: ignore[union-attr]
    desk.ledger.erase_records(gone, "asked for", consent=True)
    after = recheck.status(stands(desk, tmp_path), of)
    assert (after.size, after.lost) == (3, 1)
    assert set(drawn[1:]) <= set(sampled(desk, tmp_path))
    assert figures(desk, tmp_path).agreement == Agreement(3, 0, 0, 1)


def test_without_the_roster_of_the_draw_all_that_may_be_drawn_wait(desk: Desk, tmp_path: Path) -> None:
    phones, roster = many(4)
    one = begin(desk, tmp_path, roster, recheck=25)
    for phone in phones:
        checked(desk, RED, phone=phone)
    recheck.draw(desk.ledger, stands(desk, tmp_path))
    rounds.forget_roster(desk.ledger, tmp_path, one.about)
    blind = recheck.covered_blindly(desk.ledger, tmp_path, known(desk), TODAY)
    assert {phone.state for phone in blind.unmatched} == {CoverageState.WAITING}
    of = recheck.drawn(desk.ledger, one.about.id)
    assert of is not None
    told = recheck.status(stands(desk, tmp_path), of)
    assert (told.size, told.lost) == (1, 4)


def test_the_same_officer_in_other_letters_is_no_second_one(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path, recheck=100)
    checked(desk)
    of = recheck.draw(desk.ledger, stands(desk, tmp_path))
    for officer, again in (("a.  ROY ", 0), ("B. Cyr", 1)):
        desk.ledger.sign_as(desk="Desk 4", officer=officer)
        checked(desk)
        assert recheck.status(stands(desk, tmp_path), of).again == again


def test_a_closed_round_whose_phones_wait_in_another_one_does_not_contradict_itself(desk: Desk, tmp_path: Path) -> None:
    begin(desk, tmp_path)
    checked(desk, RED)
    close(desk, tmp_path)
    first = known(desk)
    begin(desk, tmp_path, recheck=100)
    recheck.draw(desk.ledger, stands(desk, tmp_path))
    blind = recheck.covered_blindly(desk.ledger, tmp_path, first, TODAY)
    assert (blind.phones[0].state, blind.differs) == (CoverageState.WAITING, False)


def test_an_app_that_only_calls_itself_like_a_banned_one_is_no_finding_of_the_report(
    desk: Desk, tmp_path: Path
) -> None:
    begin(desk, tmp_path)
    checked(desk, replace(RED, match=Match.LABEL))
    assert figures(desk, tmp_path).found_products == ()


def test_all_draws_of_the_days_of_a_round_stand_in_its_report(desk: Desk, tmp_path: Path) -> None:
    """Another round with the same phones draws again, until a sample is liked."""
    phones, roster = many(4)
    begin(desk, tmp_path, roster, recheck=50)
    for phone in phones:
        checked(desk, phone=phone)
    first = recheck.draw(desk.ledger, stands(desk, tmp_path))
    for name in ("Second", "Third"):
        about = rounds.begin(desk.ledger, name, FIRST, TODAY, "canada", recheck=100)
        rounds.bring(desk.ledger, tmp_path, about, roster)
        recheck.draw(desk.ledger, stands(desk, tmp_path))
    told = [(draw.round, draw.share, draw.among, draw.counts) for draw in figures(desk, tmp_path).draws]
    assert told == [("Round", 50, 4, False), ("Second", 100, 4, False), ("Third", 100, 4, True)]
    of_first = recheck.draws_in(desk.ledger, rounds.recorded_rounds(desk.ledger)[-1])
    assert next((draw.entry, draw.counts) for draw in of_first) == (first.entry, True)
    assert len(of_first) == 3
    close(desk, tmp_path)
    with pytest.raises(RoundProblem):
        recheck.draw(desk.ledger, stands(desk, tmp_path))


# -- rosters, and many rounds


def test_another_roster_comes_only_in_place_of_the_one_that_is_meant(desk: Desk, tmp_path: Path) -> None:
    one = begin(desk, tmp_path)
    longer = replace(ROSTER, lines=(*ROSTER.lines, RosterLine(3, tag="DRH-3")))
    with pytest.raises(RoundProblem) as told:
        rounds.bring(desk.ledger, tmp_path, one.about, longer)
    assert (told.value.code, told.value.exit_code) == ("roster-in-place", 2)
    assert "roster of 2 phones" in str(told.value)
    assert "has 3 phones" in str(told.value)
    assert known(desk).roster == one.roster
    assert one.roster is not None
    rounds.bring(desk.ledger, tmp_path, one.about, longer, replaces=one.roster.sha256)
    with pytest.raises(RoundProblem, match="roster of 3 phones"):  # it was replaced meanwhile
        rounds.bring(desk.ledger, tmp_path, one.about, ROSTER, replaces=one.roster.sha256)


def test_a_round_older_than_many_others_is_known_and_stays_closed(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("many")
    about = begin(desk, tmp_path).about
    close(desk, tmp_path)
    for number in range(620):
        later = RoundBegun(
            round=f"{number:012x}", name=f"R{number}", first="2026-09-01", last="2026-12-18", policy="canada"
        )
        ended = RoundEnded(round=f"{number:012x}", phones=0, green=0, amber=0, red=0, due=0, unexpected=0)
        desk.ledger.append_all([later, ended])
    found = rounds.recorded_rounds(desk.ledger)
    assert len(found) == 621
    assert all(one.ended is not None for one in found)
    assert found[-1].about == about
    with pytest.raises(ClosedRound):
        rounds.bring(desk.ledger, tmp_path, about, ROSTER)
