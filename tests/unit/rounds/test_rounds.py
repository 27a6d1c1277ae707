"""Rounds on record: begun, given their list, looked at and closed."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.describe import record as exact
from core.ledger.records import Kind, RoundEnded
from core.model import Labels, Verdict
from core.rounds import rounds
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.model import Roster, RosterLine
from core.rounds.roster import roster_file
from core.rounds.roster.roster_file import RosterFileProblem
from core.rounds.rounds import RoundProblem
from tests.unit.reports.conftest import SERIAL, Desk, MakeDesk, desk, finding, gatineau, make_desk

__all__ = ["desk", "gatineau", "make_desk"]

FIRST, LAST, TODAY = date(2026, 9, 1), date(2026, 12, 18), date(2026, 11, 24)
ROSTER = Roster(
    (RosterLine(1, serial=SERIAL, holder="Yves Caron", unit="Finance"), RosterLine(2, tag="DRH-9", unit="Field")),
    "phones of Yves.csv",
    "ab" * 32,
    datetime(2026, 11, 14, tzinfo=UTC),
)

pytestmark = pytest.mark.usefixtures("gatineau")


def begun(desk: Desk, **more: object) -> rounds.Round:
    return rounds.begin(desk.ledger, "Autumn round 2026", FIRST, LAST, "canada", officers=("A. Roy", " "), **more)  # type: ignore[arg-type]


def test_a_round_is_on_record_and_known_again(desk: Desk, tmp_path: Path) -> None:
    about = begun(desk, place="Gatineau", recheck=10)
    rounds.bring(desk.ledger, tmp_path, about, ROSTER, left_out=3)
    (one,) = rounds.recorded_rounds(desk.ledger)
    assert one.about == about
    assert one.about.officers == ("A. Roy",)
    assert one.roster is not None
    assert (one.roster.phones, one.roster.units, one.roster.left_out, one.ended) == (2, 2, 3, None)
    for kind in (Kind.ROUND_BEGUN, Kind.ROSTER_BROUGHT):
        (entry,) = desk.ledger.newest(5, kind=kind)
        assert b"Yves" not in entry.exact
        assert exact.fields(entry)


def test_its_phones_are_ticked_off_by_what_the_log_has(desk: Desk, tmp_path: Path) -> None:
    about = begun(desk)
    rounds.bring(desk.ledger, tmp_path, about, ROSTER)
    desk.visit().check(finding())
    desk.remove("com.tencent.mm")
    desk.check()
    (one,) = rounds.recorded_rounds(desk.ledger)
    found = rounds.covered(desk.ledger, tmp_path, one, TODAY)
    assert [phone.state for phone in found.phones] == [CoverageState.GREEN, CoverageState.DUE]
    last = found.phones[0].last
    assert last is not None
    assert (last.verdict, last.desk, last.banned) == (Verdict.GREEN, "Desk 4, Gatineau", 0)
    desk.visit().label(Labels(tag="DRH-9"))
    desk.phone = desk.phone.__class__("android", "Google", "Pixel 7", "14", "NOTLISTED1")
    desk.check(finding())
    found = rounds.covered(desk.ledger, tmp_path, one, TODAY)
    assert [phone.state for phone in found.phones] == [CoverageState.GREEN, CoverageState.RED]
    rounds.end(desk.ledger, found)
    (one,) = rounds.recorded_rounds(desk.ledger)
    assert one.ended == RoundEnded(round=about.id, phones=2, green=1, amber=0, red=1, due=0, unexpected=0)


def test_a_list_that_was_changed_is_refused_until_it_is_brought_again(desk: Desk, tmp_path: Path) -> None:
    about = begun(desk)
    rounds.bring(desk.ledger, tmp_path, about, ROSTER)
    (file,) = (tmp_path / "rounds").iterdir()
    file.write_bytes(file.read_bytes().replace(b"DRH-9", b"DRH-8"))
    (one,) = rounds.recorded_rounds(desk.ledger)
    with pytest.raises(RosterFileProblem, match="not the one that the log tells of"):
        rounds.covered(desk.ledger, tmp_path, one, TODAY)
    longer = roster_file.with_line(ROSTER, RosterLine(3, serial="NEWPHONE01"))
    assert one.roster is not None
    rounds.bring(desk.ledger, tmp_path, about, longer, replaces=one.roster.sha256)
    (one,) = rounds.recorded_rounds(desk.ledger)
    assert len(rounds.covered(desk.ledger, tmp_path, one, TODAY).phones) == 3
    (file,) = (tmp_path / "rounds").iterdir()  # the earlier ones are gone
    roster_file.forget(tmp_path, about.id)
    with pytest.raises(RosterFileProblem, match="cannot be kept or read"):
        rounds.covered(desk.ledger, tmp_path, one, TODAY)


def test_the_kept_list_is_its_owners_only(desk: Desk, tmp_path: Path) -> None:
    rounds.bring(desk.ledger, tmp_path, begun(desk), ROSTER)
    (file,) = (tmp_path / "rounds").iterdir()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "first", "last", "more"),
    [(" \n", FIRST, LAST, {}), ("A", LAST, FIRST, {}), ("A", FIRST, LAST, {"recheck": 101})],
)
def test_a_round_that_makes_no_sense_is_not_begun(
    desk: Desk, name: str, first: date, last: date, more: dict[str, int]
) -> None:
    with pytest.raises(RoundProblem):
        rounds.begin(desk.ledger, name, first, last, "canada", **more)  # type: ignore[arg-type]
    assert rounds.recorded_rounds(desk.ledger) == ()


def test_a_list_without_a_phone_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(RoundProblem, match="names no phone"):
        rounds.bring(desk.ledger, tmp_path, begun(desk), Roster((), "empty.csv", "", ROSTER.brought))
    assert not (tmp_path / "rounds").exists()


def test_the_newest_round_comes_first(make_desk: MakeDesk) -> None:
    desk = make_desk()
    names = [rounds.begin(desk.ledger, name, FIRST, LAST, "canada").name for name in ("One", "Two", "Three")]
    assert [one.about.name for one in rounds.recorded_rounds(desk.ledger)] == names[::-1]


def test_a_phone_that_was_not_expected_can_be_added(desk: Desk, tmp_path: Path) -> None:
    about = begun(desk)
    rounds.bring(desk.ledger, tmp_path, about, ROSTER)
    desk.phone = desk.phone.__class__("android", "Google", "Pixel 7", "14", "NOTLISTED1")
    desk.visit().check()
    (one,) = rounds.recorded_rounds(desk.ledger)
    found = rounds.covered(desk.ledger, tmp_path, one, TODAY)
    (other,) = found.unexpected
    assert other.last is not None
    rounds.add(desk.ledger, tmp_path, one, other.last)
    (one,) = rounds.recorded_rounds(desk.ledger)
    found = rounds.covered(desk.ledger, tmp_path, one, TODAY)
    assert (len(found.phones), found.unexpected, found.phones[2].state) == (3, (), CoverageState.GREEN)


def test_a_log_cannot_lead_to_another_file(desk: Desk, tmp_path: Path) -> None:
    for number in ("../../etc/x", "a/b", "", "é1"):
        with pytest.raises(ValueError, match="number of a round"):
            roster_file.load(tmp_path, number, "ab")


@pytest.mark.parametrize("content", [b"", b'{"salt":"\xff"}', b'{"salt":' * 5_000, b'{"x":' + b"[" * 5_000])
def test_a_kept_list_that_makes_no_sense_is_refused(content: bytes, tmp_path: Path) -> None:
    """Also where its hash is on record: a log may come from anywhere."""
    sha256 = hashlib.sha256(content).hexdigest()
    (tmp_path / "rounds").mkdir()
    (tmp_path / "rounds" / f"r1-{sha256[:32]}.json").write_bytes(content)
    with pytest.raises(RosterFileProblem, match="cannot be kept or read"):
        roster_file.load(tmp_path, "r1", sha256)


def test_a_roster_is_kept_no_longer_than_it_is_wanted(desk: Desk, tmp_path: Path) -> None:
    about = begun(desk)
    rounds.bring(desk.ledger, tmp_path, about, ROSTER)
    rounds.forget_roster(desk.ledger, tmp_path, about)
    assert not list((tmp_path / "rounds").iterdir())
    (one,) = rounds.recorded_rounds(desk.ledger)
    assert one.roster is None
    assert rounds.covered(desk.ledger, tmp_path, one, TODAY).phones == ()
    rounds.bring(desk.ledger, tmp_path, about, ROSTER)
    (one,) = rounds.recorded_rounds(desk.ledger)
    assert one.roster is not None
