"""Which line of a roster a phone is: what it says itself, before any word that was typed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Verdict
from core.rounds.coverage.contradictions import ContradictionKind
from core.rounds.coverage.coverage import Coverage, coverage
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.coverage.remarks import doubts, remark
from core.rounds.model import Roster, RosterLine, Round, SeenPhone
from core.rounds.roster.columns import RosterColumn
from tests.examples import examples
from tests.unit.rounds.lists import IMEI

ROUND = Round("0123456789ab", "Autumn round 2026", "", date(2026, 9, 1), date(2026, 12, 18), "canada")
TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 20, 12).astimezone()
OTHER_IMEI = "867123450000015"


def seen(entry: int, verdict: Verdict = Verdict.GREEN, **more: object) -> SeenPhone:
    found = SeenPhone(entry, NOON, "Desk 4", "A. Roy", verdict, visit=f"v{entry}", phone="Pixel 7")
    return replace(found, **more)  # type: ignore[arg-type]


def covered(lines: tuple[RosterLine, ...], *checks: SeenPhone) -> Coverage:
    return coverage(ROUND, Roster(lines, "", "", NOON), checks, TODAY)


LISTED = RosterLine(1, serial="R58N12ABCDE", imei=IMEI, tag="DRH-1", holder="Yves Caron")


@pytest.mark.parametrize(
    ("typed", "column"),
    [({"tag": "DRH-1"}, RosterColumn.TAG), ({"imei": IMEI}, RosterColumn.IMEI), ({"tag": " drh-1 "}, RosterColumn.TAG)],
)
@pytest.mark.parametrize("serial", ["OTHERPHONE1", "unknown", "", "0123456789ABCDEF"])
def test_a_serial_number_that_is_not_the_listed_one_outweighs_what_was_typed(
    typed: dict[str, str], column: RosterColumn, serial: str
) -> None:
    found = covered((LISTED,), seen(5, serial=serial, **typed))
    assert [phone.state for phone in found.phones] == [CoverageState.DUE]
    (other,) = found.unexpected
    assert other.contradiction is not None
    told = (other.contradiction.kind, other.contradiction.column, other.contradiction.line)
    assert told == (ContradictionKind.OTHER_NUMBER, column, 1)
    assert "does not tick it off" in str(remark(other))
    assert "another phone’s" in str(doubts(found)[0])


def test_an_imei_that_is_not_the_listed_one_outweighs_the_tag() -> None:
    line = replace(LISTED, serial="")
    found = covered((line,), seen(5, serial="OTHERPHONE1", imei=OTHER_IMEI, tag="DRH-1"))
    assert [phone.state for phone in found.phones] == [CoverageState.DUE]
    assert len(found.unexpected) == 1
    ticked = covered((line,), seen(5, serial="OTHERPHONE1", imei=IMEI, tag="DRH-1"))
    assert [phone.state for phone in ticked.phones] == [CoverageState.GREEN]


def test_a_red_phone_does_not_vanish_behind_a_green_one_with_its_tag() -> None:
    """A list that knows the tag alone: the tag is the first phone's, whoever is checked under it later."""
    line = RosterLine(1, tag="DRH-1")
    red = seen(5, Verdict.RED, serial="REDPHONE01", tag="DRH-1")
    for clean in ({"serial": "CLEANPHONE1"}, {"serial": "unknown"}, {"serial": "", "phone": "moto g84"}):
        found = covered((line,), red, seen(9, tag="DRH-1", **clean))
        assert [phone.state for phone in found.phones] == [CoverageState.RED]
        (other,) = found.unexpected
        assert other.contradiction is not None
        assert other.contradiction.kind is ContradictionKind.OTHER_PHONE
    again = covered((line,), red, seen(9, serial="REDPHONE01", tag="DRH-1"))
    assert [phone.state for phone in again.phones] == [CoverageState.GREEN]


def test_a_phone_of_another_model_with_its_serial_number_does_not_hide_a_red_one() -> None:
    red = seen(5, Verdict.RED, serial="R58N12ABCDE")
    found = covered((LISTED,), red, seen(9, serial="R58N12ABCDE", phone="moto g84"))
    assert [phone.state for phone in found.phones] == [CoverageState.RED]
    assert "a phone of another model was checked before" in str(remark(found.unexpected[0]))
    assert [phone.state for phone in covered((LISTED,), red, seen(9, serial="R58N12ABCDE")).phones] == [
        CoverageState.GREEN
    ]


def test_two_phones_of_which_nothing_tells_one_apart_but_the_model_are_two() -> None:
    found = covered(
        (), seen(5, Verdict.RED, serial="unknown", tag="A-1"), seen(9, serial="unknown", tag="A-1", phone="x")
    )
    assert [phone.state for phone in found.unexpected] == [CoverageState.RED, CoverageState.GREEN]


def test_a_red_phone_is_red_although_it_was_named_as_another() -> None:
    """And one whose serial number is listed is ticked off, whatever tag was typed."""
    lines = (LISTED, RosterLine(2, serial="R58N12ABCDF", tag="DRH-2"))
    found = covered(lines, seen(5, Verdict.RED, serial="R58N12ABCDF", tag="DRH-1"))
    assert [phone.state for phone in found.phones] == [CoverageState.DUE, CoverageState.RED]
    contradiction = found.phones[1].contradiction
    assert contradiction is not None
    assert (contradiction.kind, contradiction.line) == (ContradictionKind.OTHER_LINE, 1)
    other = covered(lines, seen(5, Verdict.RED, serial="NOTLISTED01", tag="DRH-1"))
    assert [phone.serial for phone in other.red_unexpected] == ["NOTLISTED01"]
    assert other.red == ()


SERIALS = st.sampled_from(["R58N12ABC01", "R58N12ABC02", "R58N12ABC03", "unknown", ""])
TAGS = st.sampled_from(["", "T-1", "T-2", "t 1"])
IMEIS = st.sampled_from(["", IMEI, OTHER_IMEI])
LINES = st.lists(st.builds(RosterLine, st.integers(1, 9), SERIALS, IMEIS, TAGS), max_size=5)
CHECKS = st.lists(
    st.builds(
        lambda verdict, serial, imei, tag: (verdict, serial, imei, tag), st.sampled_from(Verdict), SERIALS, IMEIS, TAGS
    ),
    max_size=8,
)


@given(LINES, CHECKS)
@examples(200)
def test_no_line_with_a_serial_number_is_ticked_off_by_another_phone(
    lines: list[RosterLine], checks: list[tuple[Verdict, str, str, str]]
) -> None:
    made = [seen(n, v, serial=s, imei=i, tag=t) for n, (v, s, i, t) in enumerate(checks, 1)]
    found = covered(tuple(lines), *made)
    for phone in found.phones:
        assert phone.line is not None
        for check in phone.checks:
            if phone.line.serial.startswith("R58"):
                assert check.serial == phone.line.serial
        assert len({check.serial for check in phone.checks}) <= 1
    rows = (*found.phones, *found.unexpected)
    assert sorted(check.entry for phone in rows for check in phone.checks) == [check.entry for check in made]
