"""How phones are reached: by USB, or by an adb server."""

from __future__ import annotations

from core.desk.desk import Desk
from core.phones.android import server
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
