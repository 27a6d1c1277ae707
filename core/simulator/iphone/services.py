"""The smaller services of a practice iPhone: notifications, and a jailbreak's file access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from core.simulator.iphone import apps, config, wire
from core.simulator.iphone.phone import PracticeIphone

Service = Callable[[wire.PracticeStream, PracticeIphone], None]


def notifications(stream: wire.PracticeStream, phone: PracticeIphone) -> None:
    """``com.apple.mobile.notification_proxy``: it takes every wish, and never has anything to tell. Raises
    GoneError."""
    while True:
        request = wire.receive(stream)
        command = wire.word(request, "Command")
        phone.record("notification_proxy", command, request)
        if command == "Shutdown":
            wire.answer(stream, "notification_proxy.Shutdown", {"Command": "ProxyDeath"}, phone.faults)
            return


def files(stream: wire.PracticeStream, phone: PracticeIphone) -> None:
    """``com.apple.afc2``, which only a jailbreak brings: that it can be started is the sign. It says nothing."""
    stream.hang()


#: What StartService can start on every phone, and on one with a jailbreak.
SERVICES: Final[Mapping[str, Service]] = {
    "com.apple.mobile.installation_proxy": apps.serve,
    "com.apple.mobile.MCInstall": config.serve,
    "com.apple.mobile.notification_proxy": notifications,
}
OF_A_JAILBREAK: Final[Mapping[str, Service]] = {"com.apple.afc2": files}


def service(name: str, phone: PracticeIphone) -> Service | None:
    """The service `name`; None if the phone has none of that name."""
    return SERVICES.get(name) or (OF_A_JAILBREAK.get(name) if phone.scenario.jailbroken else None)
