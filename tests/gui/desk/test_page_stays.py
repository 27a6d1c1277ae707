"""The page of a phone stays the phone's, whatever comes, goes and comes again around it: no press meets another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.model import HandBack, Paper
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from gui.desk.session import flows
from tests.examples import examples
from tests.gui.conftest import Office

Seen = Callable[[str], Sighting]
SERIALS = ("R5CT1AAAA", "R5CT1BBBB", "R5CT1CCCC", "R5CT1DDDD")
#: The same phone at two places of the bus, held by an adb server there, and by one that tells no place.
ROADS: tuple[Seen, ...] = (
    lambda serial: Sighting(f"usb:1-{serial}", serial, "Pixel", PhoneState.NO_PERMISSION, Road.USB),
    lambda serial: Sighting(f"usb:2-{serial}", serial, "Pixel", PhoneState.NO_PERMISSION, Road.USB),
    lambda serial: Sighting(f"usb:1-{serial}", serial, "Pixel", PhoneState.UNAUTHORISED, Road.SERVER, transport="3"),
    lambda serial: Sighting(f"adb:{serial} 7", serial, "", PhoneState.UNAUTHORISED, Road.SERVER, transport="7"),
)
STEPS = st.tuples(st.sampled_from(("plug", "plug", "pull", "show", "away", "next")), st.sampled_from(SERIALS))


def shown(office: Office) -> str:
    """The serial number of the phone whose page is shown; empty if none is."""
    office.qtbot.wait(1)
    session = office.window.desk_page.shown_session()
    return session.sighting.serial if session is not None and session.sighting is not None else ""


def test_whatever_comes_and_goes_the_page_stays_with_its_phone(office: Office) -> None:
    phones, page = office.fanion.phones, office.window.desk_page

    @examples(40)
    @given(st.lists(st.tuples(STEPS, st.sampled_from(ROADS)), min_size=4, max_size=14))
    def hold(steps: list[tuple[tuple[str, str], Seen]]) -> None:
        plugged: dict[str, Sighting] = {}

        def pull(serial: str) -> None:
            sighting = plugged.pop(serial)
            office.watches[-1].tell(replace(sighting, state=PhoneState.UNPLUGGED), plugged=False)

        for (step, serial), road in steps:
            before = shown(office)
            of = [s for s in phones.sessions if s.sighting is not None and s.sighting.serial == serial]
            asked = False
            if step == "plug" and serial not in plugged:
                plugged[serial] = road(serial)
                office.watches[-1].tell(plugged[serial], plugged=True)
            elif step == "pull" and serial in plugged:
                pull(serial)
            elif step == "show" and of:
                page.choose(of[0])
                asked = True
            elif step == "away" and of and serial not in plugged:
                phones.put_away(of[0])
                asked = before == serial
            elif step == "next":
                page.go_on()
                asked = True
            assert asked or before in ("", shown(office)), (step, serial)
            assert len({s.sighting.serial for s in phones.sessions if s.sighting}) == len(phones.sessions)
        for serial in list(plugged):
            pull(serial)
        office.qtbot.wait(1)
        for session in list(phones.sessions):
            phones.put_away(session)
        office.until(lambda: page.shown_session() is None)

    hold()


def test_a_red_phone_that_is_plugged_in_again_takes_its_own_page_and_no_other_loses_an_app(office: Office) -> None:
    for key in ("S1", "S2", "S3"):
        office.plug(key, "walk-up")
    office.until(lambda: all(s.check is not None for s in office.fanion.phones.sessions))
    office.idle()
    office.choose(1)
    office.until(office.block.remove.isVisible)
    office.unplug("S2")
    office.until(lambda: office.headline == "Unplugged with 2 banned apps")
    office.plug("S2")
    office.press("Alt+R")
    office.until(office.block.remove.isVisible)
    office.idle()
    assert office.page.session is not None
    assert (office.page.session.key, len(office.fanion.phones.sessions)) == ("S2", 3)
    assert "removal-intended" not in office.kinds()


def test_a_page_that_turned_by_itself_takes_no_press_for_two_seconds_and_says_so(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    (first,) = office.fanion.phones.sessions
    flows.hand_back(first, HandBack(Paper.NOT_OFFERED))
    office.idle()
    office.unplug("S1")
    office.until(lambda: first.absent)
    hold = office.page.hold
    hold.setInterval(600_000)  # longer than a test
    server = office.plug("S2", "walk-up")
    assert server is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    assert not office.block.remove.isEnabled()
    office.see("Another phone is shown now.")
    office.press("Alt+R")
    office.idle()
    assert office.page.session is not None
    assert office.page.session.coming_removal is None
    hold.start(0)
    office.until(office.block.remove.isEnabled)
    office.remove()
    office.until(lambda: office.colour == "green")


def test_a_red_phone_that_is_pulled_stays_red_beside_one_that_says_it_is_that_phone(office: Office) -> None:
    """Two that are here together are two, whatever serial number the other gives: its green takes no red away."""
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.serve("S2", "clean")
    pretends = replace(office.sightings["S1"], key="S2")
    office.servers["S2"].plug()
    office.watches[-1].tell(pretends, plugged=True)
    office.until(lambda: "No banned app" in office.card(1))
    office.idle()
    office.unplug("S1")
    office.until(lambda: office.headline == "Unplugged with 2 banned apps")
    office.idle()
    assert (office.colour, len(office.fanion.phones.sessions)) == ("red", 2)
    assert office.page.session is not None
    assert office.page.session.key == "S1"
