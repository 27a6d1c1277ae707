"""Which visits a ledger has."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import describe
from core.ledger import records
from core.ledger.file.clock import Instant
from core.ledger.records import Kind
from core.ledger.search import scan, visit_list
from core.ledger.search.record_filter import Filter
from core.ledger.search.visit_list import days_of, visits, visits_fitting
from core.ledger.writer import Ledger
from core.model import Verdict
from core.text import T
from tests.gui.log.conftest import PHONE, POLICY, STARTED, ended


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hundred records are many."""
    monkeypatch.setattr(visit_list, "_TRIED", 3)
    monkeypatch.setattr(scan, "_FIRST_STRETCH", 50)
    return


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


def test_the_visits_are_those_of_the_entries(ledger: Ledger) -> None:
    assert all_of(ledger) == by_hand(ledger)
    ledger.append(STARTED, visit="late", policy=POLICY, phone=PHONE)
    assert all_of(ledger) == by_hand(ledger)


def test_a_ledger_without_visits_has_none(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", desk="D", officer="A. Roy", app_version="1") as made:
        assert all_of(made) == []
        made.append(records.ProgramStart("Linux", 0))
        assert all_of(made) == []


@pytest.mark.slow
def test_each_visit_that_has_all_that_is_asked_is_found_once(tmp_path: Path) -> None:
    chance = random.Random(11)
    with Ledger(tmp_path / "ledger.db", desk="D", officer="A. Roy", app_version="1") as made:
        for number in range(200):
            about = {"visit": chance.choice([None, *(f"v{n}" for n in range(40))]), "policy": POLICY, "phone": PHONE}
            if number % 40 == 0:
                made.sign_as(desk="D", officer=chance.choice(["A. Roy", "B. Côté", "C. Roy"]))
            words = T("{a}", a=chance.choice(["a broken cable", "nothing", "Câble"]))
            said = records.ProblemMet(code="x", sentence=words, next_step=T("b"))
            made.append(chance.choice([STARTED, said, ended(Verdict.RED), ended(Verdict.GREEN)]), **about)
        entries = {e.seq: e for e in made.entries() if e.visit}
        half = list(entries.values())[len(entries) // 2].time
        asked: list[dict[str, Any]] = [
            {"text": "cable"}, {"text": "côté"}, {"officer": "roy"}, {"officer": "b. c"}, {"phone": "bcde"},
            {"kind": Kind.PROBLEM}, {"verdict": Verdict.RED}, {"since": half}, {"until": half}, {"text": "absent"},
        ]  # fmt: skip
        for one, other in itertools.combinations(asked, 2):
            chosen = Filter(**{**one, **other})
            times = Filter(since=chosen.since, until=chosen.until)
            wanted: set[str | None] | None = None
            for name in ("text", "officer", "phone", "kind", "verdict"):
                if getattr(chosen, name):
                    fit = {entries[n].visit for n in made.numbers(replace(times, **{name: getattr(chosen, name)}))
                           if n in entries}  # fmt: skip
                    wanted = fit if wanted is None else wanted & fit
            if wanted is None:
                wanted = {entries[n].visit for n in made.numbers(times) if n in entries}
            stretches = list(visits_fitting(made, chosen))
            found = [n for stretch in stretches for n in stretch.numbers]
            assert stretches[-1].share == 1
            assert len(found) == len(set(found))
            assert {entries[n].visit for n in found} == wanted, chosen
            assert set(found) <= set(by_hand(made))


def test_what_is_shown_first_takes_no_longer_in_a_longer_ledger(ledger: Ledger) -> None:
    for chosen in (Filter(kind=STARTED.kind), Filter(since=datetime(2001, 1, 1, tzinfo=UTC))):
        (first, *more) = visits_fitting(ledger, chosen)
        assert more
        assert len(first.numbers) <= scan._FIRST_STRETCH


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


@pytest.mark.parametrize("zone", ["America/St_Johns", "UTC", "Pacific/Kiritimati"])
def test_a_visit_is_of_the_day_on_which_it_began_where_this_computer_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Also over a change of the clocks, and where the clock was set back."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        times = [datetime(2026, 11, day, hour, 59, tzinfo=UTC) for day in (1, 2, 3, 1) for hour in (1, 2, 3, 9, 10, 23)]
        clock = iter(times)
        with Ledger(
            tmp_path / "ledger.db",
            desk="D",
            officer="A. Roy",
            app_version="1",
            clock=lambda: Instant(next(clock), 0, "boot"),
        ) as made:
            made.seal = lambda: None  # type: ignore[method-assign]
            for number in range(len(times)):
                made.append(STARTED, visit=f"v{number}", policy=POLICY, phone=PHONE)
            found = all_of(made)
            days = days_of(made, found)
            entries = {entry.seq: entry for entry in made.entries()}
            assert list(days) == [describe.local_time(entries[visit]).date().toordinal() for visit in found]
    finally:
        monkeypatch.undo()
        time.tzset()
