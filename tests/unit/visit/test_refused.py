"""A phone that is refused, because it is not the one that it should be, leaves a record wherever that is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.describe.visits import RecordedVisit
from core.jobs import Cancel
from core.ledger.records import Entry, HandedBack, Kind
from core.ledger.writer import Ledger
from core.model import HandBack, Paper, Policy
from core.phones.driver import Driver
from core.phones.iphone.connect import Iphones
from core.phones.iphone.problems import OtherCertificate
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from core.visit.visit import Visit
from tests.kit.iphone.faults import Faults
from tests.unit.visit.conftest import Road


class IphoneRoad(Road):
    """The road to a practice iPhone."""

    mux: MuxServer
    here = True

    def policy(self) -> Policy:
        return load_built_in("canada")

    def open(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        service = ("127.0.0.1", self.mux.port)
        return Iphones("Desk 4").open_through(service, "", cancel, may_ask=True, practice=self.here)


Begin = Callable[..., tuple[Visit, MuxServer, Ledger]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """A visit that has not begun; with `here`, opening the phone asks it for something, and it may be for practice."""
    opened: list[Any] = []

    def made(scenario: str = "iphone-wechat", *, here: bool = True) -> tuple[Visit, MuxServer, Ledger]:
        ledger = Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test", practice=here)
        mux = MuxServer(PracticeIphone(load_iphone(scenario)), pace=0)
        opened.extend((closing(mux), closing(ledger)))
        road = IphoneRoad(None, None, load_built_in("canada"), ledger)  # type: ignore[arg-type]
        road.mux, road.here, road.practice = mux, here, here
        return Visit(road), mux, ledger

    yield made
    for one in opened:
        one.__exit__()


def swap(mux: MuxServer) -> None:
    """From now on something else answers, which has not the phone's key."""
    mux.faults = mux.phones[0].faults = Faults(forged=True)


def refusals(ledger: Ledger) -> list[Entry]:
    entries = ledger.newest(100, kind=Kind.PROBLEM)
    assert {entry.leaf["body"]["code"] for entry in entries} <= {"phone-other-certificate"}
    return list(entries)


@pytest.mark.parametrize("here", [True, False])
def test_before_any_check_it_has_a_record_of_its_own(begin: Begin, here: bool) -> None:
    visit, mux, ledger = begin(here=here)
    swap(mux)
    with pytest.raises(OtherCertificate):
        visit.check(Cancel())
    (entry,) = refusals(ledger)
    assert entry.visit == visit.number
    told = RecordedVisit(ledger.of_visit(visit.number))
    assert str(told.actions) == "This is not the phone that trusted this computer before."
    with pytest.raises(OtherCertificate):
        visit.check(Cancel())
    assert len(refusals(ledger)) == 2  # each time that it was refused


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("here", [True, False])
def test_it_is_told_in_the_visit_that_it_interrupts(begin: Begin, here: bool, lost: bool) -> None:
    visit, mux, ledger = begin(here=here)
    check = visit.check(Cancel())
    finding = check.red[0]
    if lost:
        visit._disconnect()
    swap(mux)
    acts: list[Callable[[], object]] = [
        lambda: visit.check(Cancel()),
        lambda: visit.remove(visit.plan(), Cancel()),
        lambda: visit.undo((), Cancel()) if lost else visit.check(Cancel()),
    ]
    if not lost:
        acts.append(lambda: visit.still_there(finding, Cancel()))
    for number, act in enumerate(acts, 1):
        if not lost:
            visit._connected = True
        visit.last_check, visit.entry = check, ledger.newest(1, kind=Kind.CHECK_ENDED)[0]
        with pytest.raises(OtherCertificate):
            act()
        entries = refusals(ledger)
        assert len(entries) == number
        assert {entry.visit for entry in entries} == {visit.number}
    for entry in ledger.newest(20, kind=Kind.REMOVAL_OUTCOME):
        assert entry.leaf["body"]["outcome"] == "not-taken"
    assert ledger.open_intents() == ()


@pytest.mark.parametrize("lost", [True, False])
def test_nothing_is_asked_of_it_when_the_phone_is_to_be_handed_back(
    begin: Begin, lost: bool, poll_often: Callable[[], None]
) -> None:

    poll_often()
    visit, mux, ledger = begin("iphone-untrusted")
    visit.check(Cancel())
    if lost:
        visit._disconnect()
    swap(mux)
    with pytest.raises(OtherCertificate):
        visit.hand_back(HandBack(Paper.DECLINED, "It leaves"), Cancel())
    assert len(refusals(ledger)) == 1
    backs = [entry.record for entry in ledger.newest(20, kind=Kind.HANDED_BACK)]
    assert len(backs) == (not lost)
    for back in backs:
        assert isinstance(back, HandedBack)
        assert (back.trust_asked, back.trust_forgotten) == (False, None)
        assert "not the phone" in str(back.why)
