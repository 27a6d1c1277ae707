"""The smaller services of a practice iPhone: notifications, and a jailbreak's file access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from core.simulator.iphone import apps, config, recorded, wire
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


def _recorded(name: str, stream: wire.PracticeStream, phone: PracticeIphone) -> None:
    """A service of another phone, as far as its answers are recorded. Raises GoneError."""
    while True:
        answer = phone.recorded_answer(name, wire.receive(stream))
        recorded.send(stream, name, answer or (), phone.faults)


#: What StartService can start on every phone, and on one with a jailbreak.
SERVICES: Final[Mapping[str, Service]] = {
    "com.apple.mobile.installation_proxy": apps.serve,
    "com.apple.mobile.MCInstall": config.serve,
    "com.apple.mobile.notification_proxy": notifications,
}
OF_A_JAILBREAK: Final[Mapping[str, Service]] = {"com.apple.afc2": files}


def service(name: str, phone: PracticeIphone) -> Service | None:
    """The service `name`; None if the phone has none of that name."""
    own = SERVICES.get(name) or (OF_A_JAILBREAK.get(name) if phone.scenario.jailbroken else None)
    return own or (partial(_recorded, name) if phone.is_recorded else None)
