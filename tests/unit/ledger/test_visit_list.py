"""Which visits a ledger has, with an index and without."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.jobs import Cancel
from core.ledger import records
from core.ledger.search import search_index, visit_list
from core.ledger.search.record_filter import Filter
from core.ledger.search.search_index import catch_up, search_file, visits_known
from core.ledger.search.visit_list import visits, visits_fitting
from core.ledger.writer import Ledger
from core.model import Verdict
from core.text import T
from tests.gui.log.conftest import PHONE, POLICY, STARTED, ended


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hundred records are many."""
    monkeypatch.setattr(search_index, "WORTH", 1)
    monkeypatch.setattr(visit_list, "_FIRST_STRETCH", 7)
    monkeypatch.setattr(visit_list, "_FIRST_PAGE", 10)
    yield
    search_index._looked_over.clear()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """400 records, of 60 visits and of none, in no order: several phones are at a desk at once."""
    chance = random.Random(7)
    with Ledger(tmp_path / "ledger.db", desk="D", officer="A. Roy", app_version="1") as made:
        for _ in range(400):
            visit = chance.choice([None, *(f"v{n}" for n in range(60))])
            made.append(STARTED, visit=visit, policy=POLICY, phone=PHONE if visit else None)
        yield made


def all_of(ledger: Ledger) -> list[int]:
    found = [number for stretch in visits(ledger) for number in stretch.numbers]
    assert found == sorted(found, reverse=True)
    return found


def by_hand(ledger: Ledger) -> list[int]:
    first: dict[str, int] = {}
    for entry in ledger.entries():
        if entry.visit:
            first.setdefault(entry.visit, entry.seq)
    return sorted(first.values(), reverse=True)


def test_an_index_gives_the_same_visits_and_may_lag_behind(ledger: Ledger) -> None:
    without = all_of(ledger)
    assert without == by_hand(ledger)
    catch_up(ledger, Cancel())
    known, firsts = visits_known(ledger)
    assert known >= 384
    assert set(firsts) <= set(without)
    assert all_of(ledger) == without
    ledger.append(STARTED, visit="late", policy=POLICY, phone=PHONE)
    assert all_of(ledger) == by_hand(ledger)


def test_an_index_that_is_gone_in_the_middle_hides_nothing(ledger: Ledger) -> None:
    catch_up(ledger, Cancel())
    found: list[int] = []
    for stretch in visits(ledger):
        found += stretch.numbers
        search_file(ledger.path).unlink(missing_ok=True)
    assert found == by_hand(ledger)


def test_an_index_of_an_earlier_version_is_made_anew(ledger: Ledger) -> None:
    catch_up(ledger, Cancel())
    file = search_file(ledger.path)
    with sqlite3.connect(file) as old:
        old.execute("DROP TABLE visit")
        old.execute("PRAGMA user_version=1")
    old.close()
    assert all_of(ledger) == by_hand(ledger)
    catch_up(ledger, Cancel())
    assert visits_known(ledger)[0] >= 384
    assert all_of(ledger) == by_hand(ledger)


def test_a_ledger_without_visits_has_none(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", desk="D", officer="A. Roy", app_version="1") as made:
        assert all_of(made) == []
        made.append(records.ProgramStart("Linux", 0))
        assert all_of(made) == []


def test_what_is_asked_may_be_in_different_records_of_a_visit(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", desk="D", officer="A. Roy", app_version="1") as made:
        for visit, verdict in (("a", Verdict.RED), ("b", Verdict.GREEN), ("c", Verdict.RED)):
            about = {"visit": visit, "policy": POLICY, "phone": PHONE}
            words = T("{a}", a="a broken cable" if visit != "c" else "nothing")
            made.append(records.ProblemMet(code="x", sentence=words, next_step=T("b")), **about)
            made.append(ended(verdict), **about)

        def found(chosen: Filter) -> list[str]:
            numbers = [n for stretch in visits_fitting(made, chosen) for n in stretch.numbers]
            assert len(numbers) == len(set(numbers))
            return sorted(visit[0].visit or "" for visit in made.of_visits(numbers))

        assert found(Filter("cable", verdict=Verdict.RED)) == ["a"]
        assert found(Filter(verdict=Verdict.RED)) == ["a", "c"]
        assert found(Filter("cable")) == ["a", "b"]
        assert found(Filter(phone="bcde", officer="roy")) == ["a", "b", "c"]
        assert found(Filter("cable", officer="nobody")) == []
        assert found(Filter(since=datetime(2001, 1, 1, tzinfo=UTC))) == ["a", "b", "c"]
        assert found(Filter(until=datetime(2001, 1, 1, tzinfo=UTC))) == []
