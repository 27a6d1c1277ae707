"""The dashboard of head office: how the phones of all desks stand, in some days or in one round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.head_office.bundles import layout
from core.head_office.questions import dashboard, questions
from core.head_office.questions.counting import Scope
from core.head_office.questions.dashboard import AnswerTable, Dashboard
from core.head_office.store import store
from core.head_office.store.store import StoreProblem
from core.jobs import Cancel, Progress
from core.ledger.records import RoundBegun
from core.model import Verdict
from core.problem import Cancelled
from tests.unit.head_office.conftest import NOW, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

BANNED, CLEAN, NEVER, OTHER, OLD = "R58N12ABCDE", "R58N12FGHIJ", "R58N12ZZZZZ", "R58N12OTHER", "R58N12OLDER"
LAST = date(2026, 11, 26)


@pytest.fixture(scope="module")
def asked(open_one: OpenDesk, a_folder: Path) -> Path:
    """Two laptops of one round, another desk, and a silent one; see the tests for what they have seen."""
    office = Office(a_folder)
    first, second = open_one("Laptop 1"), open_one("Laptop 2")
    other, silent = open_one("Desk 3"), open_one("Desk 4", start=NOW - timedelta(days=150))
    silent.check(OLD, banned=True)
    for number, laptop in (("r1", first), ("r2", second)):
        begun = RoundBegun(round=number, name="O’Brien's", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
        laptop.ledger.append(begun, seal=True)
    first.check(CLEAN)
    first.check(BANNED, banned=True, removed=True)
    by_tag = first.check("unknown")
    second.clock.now += timedelta(days=2)
    second.check(BANNED, banned=True)
    other.check(OTHER)
    office.enrol(first, second, other, silent)
    made = office.merge(
        first.bundle(extra=roster("r1", {"DRH-1": by_tag})),
        second.bundle(extra=roster("r2", {})),
        other.bundle(),
        silent.bundle(),
    )
    assert not made.refused
    return office.store


def roster(number: str, seen: dict[str, int]) -> dict[str, bytes]:
    """What both laptops had to see: a clean phone, one with WeChat, one by its tag, and one that nobody has seen."""
    listed = [(CLEAN, "", "Fleet"), (BANNED, "", "Legal"), ("", "DRH-1", "Fleet"), (NEVER, "", "Legal")]
    lines = [
        {"round": number, "serial": serial, "other": other, "unit": unit, "seen": seen.get(other)}
        for serial, other, unit in listed
    ]
    return {"coverage.jsonl": b"".join(map(layout.json_line, lines))}


@pytest.fixture(scope="module")
def whole(asked: Path) -> Dashboard:
    """The days up to the newest check."""
    return dashboard.dashboard(asked)


@pytest.fixture(scope="module")
def of_round(asked: Path, whole: Dashboard) -> Dashboard:
    (one,) = whole.rounds
    return dashboard.dashboard(asked, Scope.of(one))


def told(answer: AnswerTable) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in answer.rows]


def test_it_shows_ninety_days_up_to_the_newest_check(whole: Dashboard) -> None:
    assert (whole.scope.last, whole.scope.last - whole.scope.first) == (LAST, timedelta(days=89))
    assert (whole.checks, whole.unknown, whole.desks, whole.reporting) == (5, 1, 4, 3)
    assert [(str(day.day), day.green, day.red) for day in whole.days] == [("2026-11-24", 3, 1), ("2026-11-26", 0, 1)]


def test_phones_that_should_be_seen_are_those_of_rosters_and_of_the_year_before(whole: Dashboard) -> None:
    bars = {bar.label: (bar.green, bar.red, bar.due) for bar in whole.units}
    assert bars == {"Fleet": (2, 0, 0), "Legal": (0, 1, 1), "": (1, 0, 1)}
    assert (whole.whole.checked, whole.whole.total) == (4, 6)


def test_a_round_of_two_laptops_is_one_with_its_own_phones(whole: Dashboard, of_round: Dashboard) -> None:
    (one,) = whole.rounds
    assert (one.name, one.first, one.last) == ("O’Brien's", date(2026, 11, 20), date(2026, 11, 30))
    bars = {bar.label: (bar.green, bar.red, bar.due) for bar in of_round.units}
    assert bars == {"Fleet": (2, 0, 0), "Legal": (0, 1, 1)}
    assert (of_round.checks, of_round.reporting) == (4, 2)  # the other desk's phone is none of the round's


def test_the_pace_of_a_round_is_that_of_all_its_laptops(of_round: Dashboard) -> None:
    pace = of_round.pace
    assert (pace.total, pace.needed, pace.today) == (3, 4, LAST)
    assert pace.course[-1][1] == 3


def test_a_phone_stands_as_its_last_check_at_any_desk(asked: Path, whole: Dashboard) -> None:
    red = dashboard.phones(asked, whole.scope, Verdict.RED)
    assert [row[1:] for row in told(red)] == [("Legal", "SM-A546B", "26 November 2026")]
    assert told(dashboard.phones(asked, whole.scope, Verdict.AMBER)) == []


def test_phones_that_were_not_seen_tell_when_they_were_last(asked: Path, whole: Dashboard) -> None:
    due = told(dashboard.phones(asked, whole.scope, None))
    assert [row[1:] for row in due] == [("Legal", "", "never seen"), ("No unit", "SM-A546B", "30 June 2026")]


def test_silent_desks_come_backs_repeats_and_policies_are_told(whole: Dashboard) -> None:
    assert [row[:2] for row in told(whole.silent)] == [("Desk 4", "30 June 2026")]
    (back,) = told(whole.came_back)
    assert back[1:] == ("WeChat", "24 November 2026", "26 November 2026", "at another desk")
    assert [row[1:4] for row in told(whole.repeated)] == [("WeChat", "2", "2")]
    assert [row[:4] for row in told(whole.policies)] == [("ca-tbs", "3", "3", "5")]


def test_a_phone_has_its_tag_until_that_is_erased(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk()
    seen = desk.check(CLEAN, tag="DRH-0377")
    office.enrol(desk)
    office.merge(desk.bundle())
    scope = Scope.until(LAST)
    assert told(dashboard.phones(office.store, scope, Verdict.GREEN))[0][0] == "DRH-0377"
    desk.ledger.erase_records([seen], "asked for")
    office.merge(desk.bundle())
    assert told(dashboard.phones(office.store, scope, Verdict.GREEN)) == []  # a phone that is not known any more


def test_a_store_with_nothing_in_it_has_a_dashboard(tmp_path: Path) -> None:
    with store.opened(tmp_path / "store"):
        pass
    empty = dashboard.dashboard(tmp_path / "store")
    assert (empty.whole.total, empty.checks, empty.desks, empty.newest, empty.rounds) == (0, 0, 0, None, ())
    assert empty.pace.needed == 0


def test_the_stop_button_breaks_off_the_question_that_is_asked(asked: Path) -> None:
    cancel = Cancel()

    def press(progress: Progress) -> None:
        if progress.share > 0:
            cancel.press()

    with pytest.raises(Cancelled):
        dashboard.dashboard(asked, report=press, cancel=cancel)
    pressed = Cancel()

    def ask_on() -> None:
        with questions.asking(asked, pressed) as database:
            pressed.press()
            database.execute("SELECT count(*) FROM range(10_000_000_000) AS a, range(1000) AS b").fetchall()

    with pytest.raises(Cancelled):
        ask_on()


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"PAR1 no more")])
def test_a_file_that_is_gone_or_damaged_is_a_sentence(
    open_desk: OpenDesk, office: Office, spoil: Callable[[Path], object]
) -> None:
    desk = open_desk()
    desk.check(CLEAN)
    office.enrol(desk)
    office.merge(desk.bundle())
    (file,) = (office.store / "checks").rglob("*.parquet")
    spoil(file)
    with pytest.raises(StoreProblem, match="could not be read"):
        dashboard.dashboard(office.store)


def test_what_is_no_store_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem, match="no store"):
        dashboard.dashboard(tmp_path)


def test_at_one_desk_the_later_check_counts_whatever_its_clock_said(open_desk: OpenDesk, office: Office) -> None:
    """A green one made with the clock ahead is not later than the red one after it, in the log's own order."""
    desk = open_desk()
    desk.check(CLEAN)
    desk.clock.now -= timedelta(hours=3)
    desk.check(CLEAN, banned=True)
    office.enrol(desk)
    office.merge(desk.bundle())
    scope = dashboard.dashboard(office.store).scope
    assert len(told(dashboard.phones(office.store, scope, Verdict.RED))) == 1
    assert told(dashboard.phones(office.store, scope, Verdict.GREEN)) == []
