"""Many small files of the store become few: nothing in them changes, and they change all at once or not at all."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.head_office.merging import compaction
from core.head_office.questions.questions import ask, names
from core.head_office.store import tables
from core.head_office.store.store import StoreProblem
from core.jobs import Cancel, Cancelled
from tests.unit.head_office.conftest import Desk, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 27)
TABLES = ("records", "seals", "checks", "findings", "steps", "personal", "desks")

Work = Callable[[int], list[int]]
Few = Callable[[int], None]


def files(office: Office, table: str) -> list[Path]:
    return sorted((office.store / table).rglob("*.parquet"))


@pytest.fixture
def few(compact_from: Few) -> Few:
    """How many small files may lie side by side: three, unless a test says otherwise."""
    compact_from(3)
    return compact_from


@pytest.fixture
def work(office: Office, desk: Desk, few: Few) -> Work:
    """Has one desk carry home each check by itself; the entries of their ends."""
    office.enrol(desk)
    done = [0]

    def some(checks: int) -> list[int]:
        ends = []
        for _ in range(checks):
            after, banned = desk.ledger.newest_sizes(1), done[0] % 2 == 0
            ends.append(desk.check(f"R58N12ABC{done[0]:02}", banned=banned, removed=banned))
            done[0] += 1
            assert office.merge(desk.bundle(after=after[0] if after else 0)).counted
        return ends

    return some


def told(office: Office) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[dict[str, Any]]]]:
    rows = {name: [{k: v for k, v in row.items() if k != "merged"} for row in office.rows(name)] for name in TABLES}
    return rows, {name: ask(office.store, name, *DAYS) for name in names()}


@pytest.mark.slow
def test_what_was_merged_one_by_one_is_in_few_files_and_the_same(
    office: Office, desk: Desk, work: Work, few: Few, tmp_path: Path
) -> None:
    work(5)
    # The fourth merge joined its file with the three before it; the fifth has one of its own. Entries stay where they
    # are.
    assert {name: len(files(office, name)) for name in TABLES[:3]} == {"records": 5, "seals": 2, "checks": 2}
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other")
    other.enrol(desk)
    few(1_000)
    for folder in desk.made:
        other.merge(folder)
    (other.store / "secret.key").write_bytes((office.store / "secret.key").read_bytes())
    log = desk.ledger.enrolment.origin
    mine, theirs = told(office), told(other)
    for name in ("records", "seals"):
        assert mine[0][name] == theirs[0][name]
    leaves = [row["leaf"] for row in mine[0]["records"] if row["log"] == log]
    assert leaves == [entry.exact for entry in desk.ledger.entries() if entry.seq <= len(leaves)]
    for name, answer in mine[1].items():
        assert without_phones(answer) == without_phones(theirs[1][name]), name


def without_phones(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A phone has another number in each store."""
    return [{name: value for name, value in row.items() if name != "phone"} for row in rows]


@pytest.mark.slow
def test_a_merge_of_nothing_joins_what_lies_there(office: Office, work: Work, few: Few) -> None:
    few(1_000)
    work(5)
    few(3)
    before = told(office)
    lying = {name: len(files(office, name)) for name in TABLES}
    assert lying == {"findings": 3, "steps": 3, "desks": 1} | dict.fromkeys(
        ("records", "seals", "checks", "personal"), 5
    )
    assert office.merge().joined == 3 * 5
    assert {name: len(files(office, name)) for name in ("findings", "records", "personal")} == {
        "findings": 3,
        "records": 5,
        "personal": 1,
    }
    assert told(office) == before
    state = office.state()
    assert office.merge().joined == 0
    assert office.state() == state


def test_large_files_are_left_as_they_are(
    office: Office, work: Work, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(1_000)
    work(5)
    few(3)
    monkeypatch.setattr(compaction, "SMALL", 1)
    before = office.state()
    assert office.merge().joined == 0
    assert office.state() == before


@pytest.mark.parametrize("fault", ["full", "damaged", "cancelled"])
def test_a_fault_in_the_middle_leaves_the_store_as_it_was(
    office: Office, work: Work, few: Few, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    few(1_000)
    work(5)
    few(3)
    if fault == "damaged":
        content = files(office, "seals")[-1].read_bytes()
        files(office, "seals")[-1].write_bytes(content[:-9] + b"no parquet")
    before = office.state()
    with monkeypatch.context() as faulty:
        if fault == "full":
            real, made = tables.writing_new, list[Path]()

            def second_is_too_much(path: Path, *rest: Any, **more: Any) -> Any:
                made.append(path)
                if len(made) > 1:
                    raise OSError(errno.ENOSPC, "No space left on device", str(path))
                return real(path, *rest, **more)

            faulty.setattr(tables, "writing_new", second_is_too_much)
        cancel = Cancel()
        expected = Cancelled if fault == "cancelled" else StoreProblem
        with pytest.raises(expected):
            office.merge(cancel=cancel, report=lambda _: None if fault != "cancelled" else cancel.press())
    assert office.state() == before
    if fault == "damaged":
        files(office, "seals")[-1].write_bytes(content)
    assert office.merge().joined


def test_what_is_erased_later_goes_out_of_a_joined_file(
    office: Office, desk: Desk, open_desk: OpenDesk, work: Work
) -> None:
    ends = work(4)
    assert len(files(office, "personal")) == len(files(office, "checks")) == 1
    desk.ledger.erase_records(ends[:1], "asked for")
    assert office.merge(desk.bundle(after=desk.ledger.newest_sizes(2)[-1])).erased
    assert {row["seq"] for row in office.rows("personal")} == set(ends[1:])
    assert [row["phone_known"] for row in office.rows("checks")] == [False, True, True, True]
    assert not any(b"R58N12ABC00" in content for content in office.state().values())
