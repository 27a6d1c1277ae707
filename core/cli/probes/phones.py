"""How phones are reached: by USB, an adb server, or the service for iPhones."""

from __future__ import annotations

from core.desk.desk import Desk
from core.jobs import Cancel
from core.phones.android.link import server
from core.phones.states import STATES, PhoneState
from core.phones.usb import Bus
from core.text import N, T, Text


def usb(desk: Desk) -> Text:
    bus = Bus()
    try:
        return N(
            "the bus can be read; {count} phone is plugged in",
            "the bus can be read; {count} phones are plugged in",
            len(bus.look()),
        )
    finally:
        bus.close()


def adb(desk: Desk) -> Text:
    return (
        T("one runs; phones that it holds are reached through it")
        if server.running()
        else T("none runs; none is needed")
    )


def iphones(desk: Desk) -> Text:
    """Say how iPhones are reached. A computer that has none to check is not at fault if they are not."""
    service = desk.reach.iphones.listed(Cancel()).service
    if service is PhoneState.READY:
        return T("reached through this computer’s service for them")
    words = STATES[service].words("ios")
    return T("not reached: {sentence} {next}", sentence=words.sentence, next=words.next_step)
