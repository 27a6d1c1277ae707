"""What is heard at a desk: one sound for many phones, red before all else, and nothing where it is not wanted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.jobs import Cancel
from core.system.sounds import Sound
from gui.desk.session.phone_view import Phase
from gui.window.alerts import bell
from tests.gui.conftest import MakeOffice, Office

Hear = Callable[[Office], list[Sound]]


@pytest.fixture
def hear(monkeypatch: pytest.MonkeyPatch) -> Hear:
    """Has a window's sounds written down and not played, with a short rest between them."""
    monkeypatch.setattr(bell, "REST", 1)

    def listen(office: Office) -> list[Sound]:
        heard: list[Sound] = []

        def play(sound: Sound, cancel: Cancel) -> None:
            heard.append(sound)

        monkeypatch.setattr(office.window.attention.bell, "_play", play)
        return heard

    return listen


def being_read(office: Office) -> int:
    """How many phones are past every question: before, one may ask for the officer for a moment."""
    return sum(session.phase is Phase.READING for session in office.fanion.phones.sessions)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Callable[[Office], None]:
    """Has all that came until then be one sound: nothing is heard before."""
    monkeypatch.setattr(bell, "TOGETHER", 600_000)
    return lambda office: office.window.attention.bell._hold.timeout.emit()


def test_a_phone_is_heard_when_it_is_plugged_in_and_when_it_is_green(
    office: Office, hear: Hear, ring: Callable[[Office], None]
) -> None:
    heard = hear(office)
    gate = office.gate(office.serve("S1", "clean"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and being_read(office) == 1)
    ring(office)
    office.until(lambda: heard == [Sound.PLUGGED])
    gate.open()
    office.until(lambda: office.colour == "green")
    ring(office)
    office.until(lambda: heard == [Sound.PLUGGED, Sound.GREEN])


@pytest.mark.slow
def test_red_is_heard_once_and_amber_never_sounds_like_green(office: Office, hear: Hear) -> None:
    heard = hear(office)
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "red" and Sound.RED in heard)
    office.plug("S2", "unseen")
    office.until(lambda: Sound.NEEDS_YOU in heard)
    office.idle()
    assert heard.count(Sound.RED) == 1
    assert Sound.GREEN not in heard


def test_many_phones_at_once_are_one_sound(office: Office, hear: Hear, ring: Callable[[Office], None]) -> None:
    heard = hear(office)
    servers = [office.serve(f"S{n}", "clean") for n in range(4)]
    gates = [office.gate(server, "dumpsys package packages") for server in servers]
    for n in range(4):
        office.plug(f"S{n}")
    office.until(lambda: all(gate.reached for gate in gates) and being_read(office) == len(gates))
    ring(office)
    office.until(lambda: heard == [Sound.PLUGGED])
    for gate in gates:
        gate.open()
    office.idle()
    ring(office)
    office.until(lambda: heard == [Sound.PLUGGED, Sound.GREEN])


def test_nothing_is_heard_where_it_is_not_wanted(open_office: MakeOffice, hear: Hear) -> None:
    office = open_office(own={"sounds": False})
    heard = hear(office)
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "red")
    office.idle()
    assert not office.window.attention.bell._hold.isActive()
    assert heard == []
