"""The questions of a department to its store: right answers. tests/real has the same ones from other engines."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.head_office.questions.questions import ask, names
from core.head_office.store import store
from tests.unit.head_office.conftest import OpenDesk, asked_store

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 27)


@pytest.fixture(scope="module")
def asked(open_one: OpenDesk, a_folder: Path) -> Path:
    return asked_store(open_one, a_folder)


def test_coverage_counts_checks_and_new_phones_by_day(asked: Path) -> None:
    rows = ask(asked, "coverage", FIRST, LAST)
    told = [(str(row["day"]), row["checks"], row["new_phones"], row["red"], row["green"]) for row in rows]
    assert told == [("2026-11-24", 4, 3, 2, 2), ("2026-11-26", 2, 0, 1, 1)]


def test_repeat_offenders_are_known_at_every_desk(asked: Path) -> None:
    (row,) = ask(asked, "repeat-offenders", FIRST, LAST)
    assert (row["rule"], row["product"], row["days"], row["desks"]) == ("wechat", "WeChat", 2, 2)


def test_time_to_removal_counts_what_stayed(asked: Path) -> None:
    (row,) = ask(asked, "time-to-removal", FIRST, LAST)
    assert (row["found"], row["removed"], row["open"]) == (3, 1, 2)
    assert 0 < row["median_seconds"] == row["longest_seconds"] < 60


def test_phones_that_were_not_seen_are_those_of_the_past_and_of_rounds(asked: Path) -> None:
    rows = ask(asked, "not-seen", FIRST, LAST)
    assert [(row["unit"], row["last_seen"] and str(row["last_seen"])) for row in rows] == [
        ("Legal", None),
        (None, "2026-08-19"),
    ]


def test_what_came_back_is_found_at_another_desk(asked: Path) -> None:
    (row,) = ask(asked, "come-backs", FIRST, LAST)
    assert (str(row["removed_on"]), str(row["back_on"]), row["at_another_desk"]) == ("2026-11-24", "2026-11-26", 1)


def test_by_unit_tells_what_a_round_has_seen(asked: Path) -> None:
    rows = ask(asked, "by-unit", FIRST, LAST)
    assert [(row["unit"], row["phones"], row["seen"], row["red"]) for row in rows] == [
        ("Fleet", 1, 1, 0),
        ("Legal", 1, 0, 0),
    ]


def test_by_policy_tells_which_versions_are_in_use(asked: Path) -> None:
    (row,) = ask(asked, "by-policy", FIRST, LAST)
    assert (row["policy"], row["policy_version"], row["desks"], row["checks"], row["red"]) == ("ca-tbs", "3", 2, 6, 3)


def test_can_return_counts_phones_by_unit_and_product(asked: Path) -> None:
    rows = ask(asked, "can-return", FIRST, LAST)
    told = [(row["unit"], row["rule"], row["can_return"], row["not_known"], row["blocked"]) for row in rows]
    assert told == [
        ("", "", 1, 1, 0),
        ("Fleet", "", 0, 1, 0),
        ("", "tiktok", 1, 1, 0),
        ("", "wechat", 0, 2, 0),
        ("Fleet", "wechat", 0, 1, 0),
        ("Fleet", "tiktok", 0, 0, 1),
    ]


def test_silent_desks_are_those_without_a_check(asked: Path) -> None:
    assert [row["desk"] for row in ask(asked, "silent-desks", FIRST, LAST)] == ["Desk 3"]


def test_a_store_with_nothing_in_it_answers(tmp_path: Path) -> None:
    with store.opened(tmp_path / "store"):
        pass
    for name in names():
        assert ask(tmp_path / "store", name, FIRST, LAST) == []
