"""Which phone a command is about: the options, and the way from them to an opened phone."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from core import simulator
from core.cli import terminal
from core.cli.arguments import JSON, Argument, argument, group, one_of
from core.desk.desk import Desk
from core.jobs import Cancel
from core.model import Problem
from core.phones.driver import Driver, PhoneProblem, PhoneState
from core.phones.watch import Sighting, look
from core.simulator import scenario_list
from core.system import support_log
from core.text import T


class NoPhone(PhoneProblem):
    """None is plugged in."""

    code = "no-phone"

    def __init__(self) -> None:
        super().__init__(
            T("No phone is plugged in."),
            T("Plug one in and unlock it, or try a practice phone: fanion check --practice walk-up."),
        )


class NoSuchPhone(PhoneProblem):
    """None with that serial number."""

    code = "no-such-phone"

    def __init__(self, serial: str) -> None:
        super().__init__(
            T("No phone with the serial number {serial} is plugged in.", serial=serial),
            T("List the phones that are: fanion phones."),
        )


class SeveralPhones(Problem):
    """More than one is plugged in, and the command did not say which."""

    code = "several-phones"
    exit_code = 2

    def __init__(self, sightings: list[Sighting]) -> None:
        super().__init__(
            T("Several phones are plugged in: {phones}.", phones=", ".join(s.key for s in sightings)),
            T("Name one of them: --phone SERIAL."),
        )


class BadAddress(Problem):
    """Not an address of this computer."""

    code = "bad-address"
    exit_code = 2

    def __init__(self, address: str) -> None:
        super().__init__(
            T("“{address}” is not an address that Fanion connects to.", address=address),
            T("Use 127.0.0.1:PORT. Fanion opens no connection to other computers; use the cable, or an adb server."),
        )


def arguments() -> tuple[Argument, ...]:
    """The options that choose a phone, and what else the commands that read one take."""
    scenarios = scenario_list.names()
    return (
        one_of(
            argument("--phone", T("the phone with this serial number"), T("SERIAL")),
            argument("--connect", T("a phone that answers on this computer"), T("HOST:PORT")),
            argument(
                "--practice",
                T("a practice phone: {names}", names=", ".join(scenarios)),
                T("SCENARIO"),
                choices=scenarios,
            ),
        ),
        argument("--policy", T("judge by this policy instead of the one in force"), T("FILE")),
        group(
            T("about the phone"),
            T("for the log, where it can be erased"),
            argument("--asset-tag", T("the department’s own number of it"), T("TAG")),
            argument("--holder", T("whose phone it is"), T("NAME")),
            argument("--imei", T("its IMEI, if your department asks for it"), "IMEI"),
        ),
        JSON,
    )


@contextlib.contextmanager
def opened(options: argparse.Namespace, desk: Desk, cancel: Cancel) -> Iterator[Driver]:
    """The chosen phone, opened; closed at the end. Raises Problem."""
    with contextlib.ExitStack() as stack:
        if options.practice:
            server = stack.enter_context(simulator.PracticeServer(simulator.load(options.practice)))
            driver = desk.reach.address("127.0.0.1", server.port, cancel)
        elif options.connect:
            driver = desk.reach.address(*_address(options.connect), cancel, asked)
        else:
            sighting = chosen(options.phone)
            support_log.info("phone.state", state=sighting.state, road=sighting.road)
            driver = desk.reach.phone(sighting, cancel, asked)
        stack.callback(driver.close)
        yield driver


def asked(fingerprint: str) -> None:
    terminal.say(
        T(
            "Look at the phone: it asks “Allow USB debugging?”. Tap Allow, if the fingerprint that it shows is"
            " {fingerprint}.",
            fingerprint=fingerprint,
        )
    )


def chosen(serial: str | None) -> Sighting:
    """The phone with that serial number, or the only one there is. Raises Problem."""
    plugged = look()
    if serial is not None:
        found = next((s for s in plugged if serial in (s.key, s.serial)), None)
        if found is None:
            raise NoSuchPhone(serial)
        return found
    usable = [s for s in plugged if s.state is not PhoneState.CHARGING] or plugged
    if not usable:
        raise NoPhone
    if len(usable) > 1:
        raise SeveralPhones(usable)
    return usable[0]


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadAddress(text)
    return host, int(port)
