"""A visit where the log, the cable or the officer fails it: what is then still true. Over practice phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel
from core.ledger import NoSpace
from core.ledger.records import Kind
from core.ledger.store import Ledger
from core.phones.practice import PracticeServer, load
from core.phones.reach import Reach
from core.policy import files
from core.visit import OutcomeNotRecorded, Visit

POLICY = files.load_built_in("canada")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    path = tmp_path / "practice-ledger.db"
    with Ledger.open(path, desk="Desk 4", officer="A. Roy", app_version="test", practice=True) as ledger:
        yield ledger


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def visit(ledger: Ledger, keys: Path) -> Iterator[Callable[..., Visit]]:
    """Opens a visit with the practice phone of that name; the phone is the same for all."""
    servers: dict[str, PracticeServer] = {}
    visits: list[Visit] = []

    def begin(scenario: str, number: str = "") -> Visit:
        if scenario not in servers:
            servers[scenario] = PracticeServer(load(scenario), pace=0.0)
        driver = Reach(keys, "Desk 4").address("127.0.0.1", servers[scenario].port, Cancel(), lambda: None)
        visits.append(Visit(driver, POLICY, ledger, lambda event: None, number))
        return visits[-1]

    yield begin
    for one in visits:
        one.close()
    for server in servers.values():
        server.close()


Begin = Callable[..., Visit]


def fail_to_write(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    """The disk is full whenever a record of that kind is written."""
    write = Ledger.append_all

    def limited(self: Ledger, records: Any, **values: Any) -> Any:
        records = list(records)
        if records[0].kind == kind:
            raise NoSpace(self.path)
        return write(self, records, **values)

    monkeypatch.setattr(Ledger, "append_all", limited)


def test_every_visit_has_a_number_of_its_own_unless_it_goes_on(visit: Begin, ledger: Ledger) -> None:
    first, second = visit("clean"), visit("clean")
    assert first.number != second.number
    again = visit("clean", first.number)
    assert again.number == first.number
    for one in (first, again):
        one.check(Cancel())
    assert {e.visit for e in ledger.newest(100, kind=Kind.CHECK_ENDED)} == {first.number}


def test_it_is_known_that_it_is_practice(visit: Begin) -> None:
    assert visit("clean").practice


def test_a_removal_whose_outcome_was_not_written_is_settled_by_the_next_check(
    visit: Begin, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although Fanion still runs: nobody has to close it for that."""
    one = visit("walk-up")
    one.check(Cancel())
    with monkeypatch.context() as patched:
        fail_to_write(patched, Kind.REMOVAL_OUTCOME)
        with pytest.raises(OutcomeNotRecorded):
            one.remove(one.plan(), Cancel())
    (intent,) = ledger.open_intents()
    one.check(Cancel())
    assert ledger.open_intents() == ()
    (outcome,) = [e for e in ledger.newest(100, kind=Kind.REMOVAL_OUTCOME) if e.body["intent"] == intent.seq]
    assert outcome.body["outcome"] == "unknown"
    assert "is not there" in outcome.body["means"]["en"]


def test_an_undoing_whose_outcome_was_not_written_likewise(
    visit: Begin, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit("preinstalled")
    one.check(Cancel())
    one.remove(one.plan(), Cancel())
    back = [u for u in one.undoable() if u.possible]
    assert back
    with monkeypatch.context() as patched:
        fail_to_write(patched, Kind.UNDO_OUTCOME)
        with pytest.raises(OutcomeNotRecorded, match="was sent to the phone"):
            one.undo(back, Cancel())
    assert [e.kind for e in ledger.open_intents()] == [Kind.UNDO_INTENDED]
    one.check(Cancel())
    assert ledger.open_intents() == ()
