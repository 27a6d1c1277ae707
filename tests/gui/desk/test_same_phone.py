"""One visit to the desk is one phone's: what is opened anew is held against what was read before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.jobs import Cancel
from core.ledger.records import Kind
from core.model import Labels
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Driver, OtherPhone
from core.simulator import PracticeServer, load
from core.visit.phone_source import DeskPhone
from core.visit.visit import Visit
from tests.gui.conftest import Office
from tests.gui.desk.conftest import Files

PLACEHOLDER = "0123456789ABCDEF"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> object:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


class Place(DeskPhone):
    """Where a phone is opened; another can be plugged in there at any time."""

    def __init__(self, desk: Desk, signer: object) -> None:
        super().__init__(desk)
        self._signer = signer
        self._servers: list[PracticeServer] = []

    def plug(self, scenario: str, serial: str) -> PracticeServer:
        made = load(scenario)
        self._servers.append(PracticeServer(replace(made, device=replace(made.device, serial=serial)), pace=0))
        return self._servers[-1]

    def open(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        return AndroidPhone(connect_tcp("127.0.0.1", self._servers[-1].port, self._signer, cancel))

    def close(self) -> None:
        for server in self._servers:
            server.close()


@pytest.fixture
def place(signer: object, tmp_path: Path, department: Path) -> Iterator[Place]:
    place = Place(Desk.at(tmp_path / "data"), signer)
    yield place
    place.close()
    place.desk.close()


@pytest.fixture
def visit(place: Place) -> Iterator[Visit]:
    visit = Visit(place, number="0123456789ab", labels=Labels("TB-114"))
    yield visit
    visit.close()


def lose(visit: Visit) -> None:
    """The connection breaks."""
    visit._disconnect()


def test_a_plan_is_for_the_phone_that_it_was_made_for(visit: Visit, place: Place) -> None:
    place.plug("walk-up", "R5CT1000001")
    visit.check(Cancel())
    plan = visit.plan()
    lose(visit)
    other = place.plug("walk-up", "R5CT1000002")
    with pytest.raises(OtherPhone):
        visit.remove(plan, Cancel())
    assert "com.tencent.mm" in other.phone.installed()
    assert not [command for command in other.phone.log if command.startswith("pm ")]


def test_what_is_put_back_is_put_back_on_its_phone(visit: Visit, place: Place) -> None:
    place.plug("preinstalled", "R5CT1000001")
    visit.check(Cancel())
    visit.remove(visit.plan(), Cancel())
    undoable = visit.undoable()
    lose(visit)
    other = place.plug("preinstalled", "R5CT1000001")  # it says what the first one said, and is not it
    with pytest.raises(OtherPhone):
        visit.undo(undoable, Cancel())
    assert not [command for command in other.phone.log if command.startswith("pm ")]


@pytest.mark.parametrize("serial", ["R5CT1000002", PLACEHOLDER])
def test_another_phone_begins_a_stay_of_its_own(visit: Visit, place: Place, serial: str) -> None:
    place.plug("clean", "R5CT1000001" if serial != PLACEHOLDER else PLACEHOLDER)
    visit.check(Cancel())
    assert (visit.number, visit.labels) == ("0123456789ab", Labels("TB-114"))
    lose(visit)
    place.plug("clean", serial)
    visit.check(Cancel())
    assert visit.number != "0123456789ab"
    assert visit.labels == Labels()
    (swapped,) = visit.journal.ledger.newest(10, kind=Kind.PROBLEM)
    assert (swapped.visit, swapped.record.code) == ("0123456789ab", "another-phone")


@pytest.mark.parametrize("serial", ["R5CT1000001", PLACEHOLDER])
def test_the_same_phone_goes_on_after_the_connection_was_lost(visit: Visit, place: Place, serial: str) -> None:
    place.plug("clean", serial)
    visit.check(Cancel())
    lose(visit)
    visit.check(Cancel())
    assert (visit.number, visit.labels) == ("0123456789ab", Labels("TB-114"))


def test_a_phone_that_was_restarted_is_still_itself(visit: Visit, place: Place) -> None:
    place.plug("clean", "R5CT1000001")
    visit.check(Cancel())
    lose(visit)
    place.plug("clean", "R5CT1000001")
    visit.check(Cancel())
    assert (visit.number, visit.labels) == ("0123456789ab", Labels("TB-114"))


def test_another_phone_during_the_closer_look_takes_the_verdict_away(office: Office, files: Files) -> None:
    files.fail(1, OtherPhone(("boot id",)))
    office.plug("S1", "clean")
    office.see("This is not the phone that was checked, or it was restarted since.")
    office.idle()
    assert office.colour != "green"
    assert [r.leaf["body"]["code"] for r in office.records() if r.kind == "problem"] == ["another-phone"]
