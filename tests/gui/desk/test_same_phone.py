"""One stay at the desk is one phone's: what is opened anew is held against what was read before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.jobs import Cancel
from core.model import Labels
from core.phones.android.key import desk_key
from core.phones.android.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Driver, OtherPhone
from core.simulator import PracticeServer, load
from gui.desk.session.contact import Contact
from tests.gui.conftest import Office
from tests.gui.desk.conftest import Files

PLACEHOLDER = "0123456789ABCDEF"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> object:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


class Place:
    """Where a phone is opened; another can be plugged in there at any time."""

    def __init__(self, signer: object) -> None:
        self._signer = signer
        self._servers: list[PracticeServer] = []

    def plug(self, scenario: str, serial: str) -> PracticeServer:
        made = load(scenario)
        self._servers.append(PracticeServer(replace(made, device=replace(made.device, serial=serial)), pace=0))
        return self._servers[-1]

    def __call__(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        return AndroidPhone(connect_tcp("127.0.0.1", self._servers[-1].port, self._signer, cancel))

    def close(self) -> None:
        for server in self._servers:
            server.close()


@pytest.fixture
def place(signer: object) -> Iterator[Place]:
    place = Place(signer)
    yield place
    place.close()


@pytest.fixture
def contact(place: Place, tmp_path: Path, department: Path) -> Iterator[Contact]:
    desk = Desk.at(tmp_path / "data")
    contact = Contact(desk, place, "0123456789ab", Labels("TB-114"))
    yield contact
    contact.close()
    desk.close()


def quiet(event: object) -> None:
    pass


def lose(contact: Contact) -> None:
    """The connection breaks."""
    contact._hang_up()


def test_a_plan_is_for_the_phone_that_it_was_made_for(contact: Contact, place: Place) -> None:
    place.plug("walk-up", "R5CT1000001")
    plan = contact.check(Cancel(), quiet).plan
    lose(contact)
    other = place.plug("walk-up", "R5CT1000002")
    with pytest.raises(OtherPhone):
        contact.remove(plan, Cancel(), quiet)
    assert "com.tencent.mm" in other.phone.installed()
    assert not [command for command in other.phone.log if command.startswith("pm ")]


def test_what_is_put_back_is_put_back_on_its_phone(contact: Contact, place: Place) -> None:
    place.plug("preinstalled", "R5CT1000001")
    _, checked = contact.remove(contact.check(Cancel(), quiet).plan, Cancel(), quiet)
    lose(contact)
    other = place.plug("preinstalled", "R5CT1000001")  # it says what the first one said, and is not it
    with pytest.raises(OtherPhone):
        contact.undo(checked.undoable, Cancel(), quiet)
    assert not [command for command in other.phone.log if command.startswith("pm ")]


@pytest.mark.parametrize("serial", ["R5CT1000002", PLACEHOLDER])
def test_another_phone_begins_a_stay_of_its_own(contact: Contact, place: Place, serial: str) -> None:
    place.plug("clean", "R5CT1000001" if serial != PLACEHOLDER else PLACEHOLDER)
    first = contact.check(Cancel(), quiet)
    assert (first.visit, first.labels) == ("0123456789ab", Labels("TB-114"))
    lose(contact)
    place.plug("clean", serial)
    second = contact.check(Cancel(), quiet)
    assert second.visit != first.visit
    assert second.labels == Labels()


@pytest.mark.parametrize("serial", ["R5CT1000001", PLACEHOLDER])
def test_the_same_phone_goes_on_after_the_connection_was_lost(contact: Contact, place: Place, serial: str) -> None:
    place.plug("clean", serial)
    first = contact.check(Cancel(), quiet)
    lose(contact)
    second = contact.check(Cancel(), quiet)
    assert (second.visit, second.labels) == (first.visit, Labels("TB-114"))


def test_a_phone_that_was_restarted_is_still_itself(contact: Contact, place: Place) -> None:
    place.plug("clean", "R5CT1000001")
    first = contact.check(Cancel(), quiet)
    lose(contact)
    place.plug("clean", "R5CT1000001")
    second = contact.check(Cancel(), quiet)
    assert (second.visit, second.labels) == (first.visit, first.labels)


def test_another_phone_during_the_closer_look_takes_the_verdict_away(office: Office, files: Files) -> None:
    files.fail(1, OtherPhone(("boot id",)))
    office.plug("S1", "clean")
    office.see("This is not the phone that was checked, or it was restarted since.")
    office.idle()
    assert office.colour != "green"
    assert [r.leaf["body"]["code"] for r in office.records() if r.kind == "problem"] == ["another-phone"]
