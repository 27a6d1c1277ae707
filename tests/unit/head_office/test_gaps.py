"""What counts of a log is what joins from its first entry on. What is missing is told, and what came behind it is kept
apart until the gap is filled."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason
from core.head_office.questions import dashboard
from core.head_office.questions.questions import ask, ask_with_remarks, names
from core.head_office.store import store
from core.head_office.store.stretches import LogGap
from core.ledger.keys.enrolment import keys_folder
from core.ledger.records import RoundBegun
from core.ledger.tlog.notes import Checkpoint, Note
from tests.examples import examples
from tests.unit.head_office.conftest import NOW, Desk, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 27)


@dataclass(frozen=True)
class Brought:
    """A bundle, with the numbers of its first and last entry."""

    folder: Path
    log: str
    first: int
    last: int


def carried(desk: Desk, folder: Path) -> Brought:
    first, last = map(int, folder.name.split("-")[-2:])
    return Brought(folder, desk.ledger.enrolment.origin, first, last)


def in_pieces(desk: Desk, pieces: int, start: int = 0) -> list[Brought]:
    """So many bundles, one behind the other, with a check of a phone each; the second is red."""
    found = []
    for at in range(pieces):
        after = desk.ledger.newest_sizes(1) or [0]
        desk.check(f"R58N12{desk.name[-1]}{start + at:04}", banned=at == 1)
        found.append(carried(desk, desk.bundle(after=after[0])))
    return found


def copied(desk: Desk, open_desk: OpenDesk, folder: Path) -> Desk:
    """The same desk, brought back from a copy of its data as it is now: it goes on with another history."""
    data = folder / "copy"
    data.mkdir()
    ledger = desk.ledger.path
    shutil.copy(ledger, data / "ledger.db")
    shutil.copytree(keys_folder(ledger), keys_folder(data / "ledger.db"))
    return open_desk(f"Copy of {desk.name}", start=desk.clock.now, data=data)


def counted(office: Office) -> list[tuple[str, int, bytes]]:
    return [(row["log"], row["seq"], row["leaf"]) for row in office.rows("records")]


def state(office: Office) -> dict[str, Any]:
    """Everything that a question can be answered from."""
    tables = ("records", "seals", "checks", "findings", "steps", "personal", "erased", "rounds", "roster", "gaps")
    found: dict[str, Any] = {table: office.rows(table) for table in tables}
    here = store.read(office.store).uncounted
    return found | {
        "told": here.gaps,
        "apart": sorted((one.log, one.first, one.last, one.forked) for one in here.apart.values()),
    }


@pytest.mark.slow
def test_a_bundle_that_is_withheld_is_told_and_nothing_behind_it_counts(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk("Desk 4")
    first, second, third = in_pieces(desk, 3)
    office.enrol(desk)
    merged = office.merge(first.folder, third.folder)
    assert not merged.refused
    assert [one.folder for one in merged.counted] == [first.folder]
    assert [(one.folder, one.first, one.last) for one in merged.apart] == [(third.folder, third.first, third.last)]
    gap = f"Desk 4: entries {second.first} to {second.last} were never brought."
    assert gap in map(str, merged.remarks.sentences)
    assert [number for _, number, _ in counted(office)] == list(range(1, first.last + 1))
    shown = dashboard.dashboard(office.store)
    assert gap in map(str, shown.remarks.sentences)
    assert (shown.checks, shown.whole.total) == (1, 1)
    for name in names():
        assert gap in map(str, ask_with_remarks(office.store, name, *DAYS)[1].sentences), name
    (row,) = ask(office.store, "missing-entries", *DAYS)
    assert (row["desk"], row["first_seq"], row["last_seq"]) == ("Desk 4", second.first, second.last)

    merged = office.merge(second.folder)
    assert [one.folder for one in merged.counted] == [second.folder]
    assert [(one.first, one.last, one.checks) for one in merged.filled] == [(third.first, third.last, 1)]
    assert not merged.remarks.sentences
    assert [number for _, number, _ in counted(office)] == list(range(1, third.last + 1))
    assert ask(office.store, "missing-entries", *DAYS) == []
    assert not list((office.store / "apart").rglob("*.parquet"))
    assert dashboard.dashboard(office.store).checks == 3


def test_a_desk_of_which_only_a_late_bundle_came_counts_nothing_and_keeps_its_keys(
    office: Office, open_desk: OpenDesk
) -> None:
    desk = open_desk("Desk 4")
    first, second = in_pieces(desk, 2)
    office.enrol(desk)
    office.merge(second.folder)
    assert counted(office) == []
    assert store.read(office.store).uncounted.gaps == (LogGap(first.log, "Desk 4", 1, first.last),)
    assert [row["desk"] for row in ask(office.store, "silent-desks", *DAYS)] == ["Desk 4"]
    office.enrolled.write_text("")
    assert [one.last for one in office.merge(first.folder).filled] == [second.last]


def test_what_is_kept_apart_is_kept_once_however_often_it_comes(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    _, second = in_pieces(desk, 2)
    office.enrol(desk)
    office.merge(second.folder)
    before = office.state()
    merged = office.merge(second.folder)
    assert [one.folder for one in merged.apart] == [second.folder]
    assert office.state() == before


def test_a_bundle_that_reaches_into_what_is_kept_apart_fills_the_gap(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    first, second, third = in_pieces(desk, 3)
    whole = carried(desk, desk.bundle())
    office.enrol(desk)
    office.merge(third.folder)
    assert office.merge(whole.folder).counted
    numbers = [number for _, number, _ in counted(office)]
    assert numbers == list(range(1, whole.last + 1))
    assert store.read(office.store).uncounted.apart == {}
    assert office.merge(first.folder, second.folder).unchanged


def test_what_is_kept_apart_and_joins_in_one_merge_counts(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    first, second, third = in_pieces(desk, 3)
    office.enrol(desk)
    office.merge(second.folder)
    merged = office.merge(first.folder, third.folder)
    assert [number for _, number, _ in counted(office)] == list(range(1, third.last + 1))
    assert [one.checks for one in (*merged.counted, *merged.filled)] == [1, 1, 1]
    assert not merged.apart


@pytest.mark.parametrize("longer", ["the copy", "the desk"])
def test_a_fork_behind_a_gap_is_found_once_the_gap_is_filled_and_never_counted(
    office: Office, open_desk: OpenDesk, tmp_path: Path, longer: str
) -> None:
    desk = open_desk("Desk 4")
    first, second = in_pieces(desk, 2)
    other = copied(desk, open_desk, tmp_path)
    mine = in_pieces(desk, 3 if longer == "the desk" else 1)
    theirs = in_pieces(other, 3 if longer == "the copy" else 2, start=50)
    office.enrol(desk)
    assert office.merge(first.folder, theirs[-1].folder).apart
    assert office.merge(second.folder).remarks.gaps, "the copy's own piece before it is missing"
    merged = office.merge(*(one.folder for one in mine))
    if not merged.refused:  # the desk is not as far yet as the copy's last piece
        mine += in_pieces(desk, 5)
        merged = office.merge(*(one.folder for one in mine))
    (outcome,) = merged.refused
    assert outcome.reason is BundleReason.FORKED
    known, brought = (Checkpoint.parse(Note.parse(note.encode()).text) for note in outcome.checkpoints)
    assert known.origin == brought.origin
    assert "two histories" in str(outcome.sentence)
    exact = [entry.exact for entry in desk.ledger.entries()]
    assert [leaf for _, _, leaf in counted(office)] == exact[: mine[-1].last]
    assert any("Desk 4: its log has two histories" in str(one) for one in merged.remarks.sentences)
    assert any("two histories" in str(one) for one in office.merge().remarks.sentences), "and it is told again"


@pytest.mark.slow
def test_what_a_bundle_behind_a_gap_has_erased_goes_once_it_joins(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    (first,) = in_pieces(desk, 1)
    seen = desk.check("R58N12ABCDE")
    second = carried(desk, desk.bundle(after=first.last))
    desk.ledger.erase_records([seen], "asked for")
    third = carried(desk, desk.bundle(after=second.last))
    office.enrol(desk)
    for order in itertools.permutations([first, second, third]):
        shutil.rmtree(office.store, ignore_errors=True)
        for one in order:
            office.merge(one.folder)
        assert seen not in {row["seq"] for row in office.rows("personal")}, order


def test_what_is_kept_apart_has_no_personal_value_for_longer_than_the_desk(office: Office, open_desk: OpenDesk) -> None:
    desk, other = open_desk(), open_desk("Desk 2")
    (first,) = in_pieces(desk, 1)
    desk.check("R58N12ABCDE")
    second = carried(desk, desk.bundle(after=first.last, retention_months=6))
    desk.check("R58N12FGHIJ")
    third = carried(desk, desk.bundle(after=second.last, retention_months=6))
    office.enrol(desk, other)
    office.merge(third.folder)
    assert any(b"R58N12FGHIJ" in content for content in office.state().values())
    later = NOW.replace(year=2027, month=6)
    office.merge(now=later)
    assert not any(b"R58N12FGHIJ" in content for content in office.state().values())
    office.merge(first.folder, second.folder, now=later)
    assert [number for _, number, _ in counted(office)] == list(range(1, third.last + 1))
    assert {row["phone_known"] for row in office.rows("checks") if row["seq"] > first.last} == {False}


@pytest.mark.slow
def test_a_roster_behind_a_gap_is_the_newest_once_it_joins(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    desk.ledger.append(begun, seal=True)

    def roster(*serials: str) -> dict[str, bytes]:
        lines = [{"round": "r1", "serial": serial, "unit": "Fleet"} for serial in serials]
        return {"coverage.jsonl": b"".join(map(layout.json_line, lines))}

    pieces, after = [], 0
    for serials in (("R58N12AAAAA", "R58N12BBBBB"), ("R58N12AAAAA",), ("R58N12CCCCC", "R58N12DDDDD", "R58N12EEEEE")):
        desk.check("R58N12ABCDE")
        pieces.append(carried(desk, desk.bundle(after=after, extra=roster(*serials))))
        after = pieces[-1].last
    office.enrol(desk)
    for order in itertools.permutations(pieces):
        shutil.rmtree(office.store, ignore_errors=True)
        for one in order:
            office.merge(one.folder)
        assert len(office.rows("roster")) == 3, order


def test_a_full_disk_while_a_gap_is_filled_leaves_the_store_as_it_was(
    office: Office, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    first, second = in_pieces(desk, 2)
    office.enrol(desk)
    office.merge(second.folder)
    before = office.state()

    def no_room(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(store, "replace_file", no_room)
        with pytest.raises(store.StoreProblem, match="not enough room"):
            office.merge(first.folder)
    assert office.state() == before
    assert office.merge(first.folder).filled


# Any order, any part, with and without a fork


@dataclass(frozen=True)
class Department:
    """Two desks with bundles one behind the other and some that overlap; and a copy of the first with its own."""

    folder: Path
    desks: tuple[Desk, Desk]
    copy: Desk
    #: The bundles of the desks, and those of the copy alone. Of the desk that was copied, two are older than the copy.
    true: tuple[Brought, ...]
    forked: tuple[Brought, ...]

    def exact(self, desk: Desk) -> list[bytes]:
        """The entries of a log, to the byte."""
        return [entry.exact for entry in desk.ledger.entries()]


@pytest.fixture(scope="module")
def department(open_one: OpenDesk, a_folder: Path) -> Department:
    one, other = open_one("Desk 1"), open_one("Desk 2")
    true = in_pieces(one, 2)
    folder = a_folder / "of-copy"
    folder.mkdir()
    copy = copied(one, open_one, folder)
    true += in_pieces(one, 2, start=2)
    true += in_pieces(other, 3)
    middle = true[1].first - 1
    true.append(carried(one, one.bundle(after=middle)))
    forked = in_pieces(copy, 2, start=50)
    return Department(a_folder, (one, other), copy, tuple(true), tuple(forked))


def merged_in(department: Department, order: list[list[Brought]]) -> Office:
    """A store of its own, into which each list of bundles is merged at once."""
    folder = department.folder / "tried"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "store").mkdir(parents=True)
    (folder / "store" / "secret.key").write_bytes(b"\x07" * 32)
    office = Office(folder)
    office.enrol(*department.desks)
    for together in order:
        office.merge(*(one.folder for one in together))
    return office


def reach(pieces: list[Brought]) -> int:
    """Up to which entry bundles of one history join from the first one on."""
    size = 0
    for one in sorted(pieces, key=lambda piece: piece.first):
        if one.first <= size + 1:
            size = max(size, one.last)
    return size


def missing(pieces: list[Brought]) -> set[int]:
    there = {number for one in pieces for number in range(one.first, one.last + 1)}
    return set(range(1, max(there, default=0) + 1)) - there


@examples(40)
@given(data=st.data())
def test_in_any_order_exactly_what_joins_counts_and_a_fork_never_does(
    department: Department, data: st.DataObject
) -> None:
    with_fork = data.draw(st.booleans())
    bundles = department.true + (department.forked if with_fork else ())
    brought = data.draw(st.lists(st.sampled_from(bundles), max_size=len(bundles) + 1))
    cuts = data.draw(st.lists(st.booleans(), min_size=len(brought), max_size=len(brought)))
    order: list[list[Brought]] = [[]]
    for one, cut in zip(brought, cuts, strict=True):
        if cut:
            order.append([])
        order[-1].append(one)
    office = merged_in(department, order)
    here = store.read(office.store).uncounted
    rows = counted(office)
    first, second = department.desks
    for desk, copy in ((first, department.copy), (second, None)):
        log = desk.ledger.enrolment.origin
        leaves = [leaf for of, _, leaf in rows if of == log]
        own = [one for one in brought if one.log == log and one in department.true]
        histories = [(department.exact(desk), own)]
        if copy is not None and with_fork:
            common = [one for one in own if one.last <= department.true[1].last]
            histories.append((department.exact(copy), common + [one for one in brought if one in department.forked]))
        fitting = [pieces for exact, pieces in histories if leaves == exact[: reach(pieces)]]
        assert fitting, "what counts is what joins, of one history"
        told = {number for gap in here.gaps if gap.log == log for number in range(gap.first, gap.last + 1)}
        if not any(one in department.forked for one in brought):
            assert told == missing(own)
        joining = [pieces for _, pieces in histories if reach(pieces) > department.true[1].last]
        if len(joining) == 2:
            assert log in here.forks, "two histories that both join are told"
    if not with_fork:
        found = state(office)
        again = merged_in(department, [sorted(set(brought), key=lambda one: (one.log, one.first, one.last))])
        assert found == state(again), "the order makes no difference"
