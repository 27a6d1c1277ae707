"""From a phone that was sighted, or an address, to an opened phone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from core.jobs import Cancel
from core.phones import usb
from core.phones.android.link import link, server
from core.phones.android.link.adb_key import desk_key, fingerprint, public_half
from core.phones.android.link.problems import AndroidNotReady
from core.phones.android.link.transport import over_usb
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Driver, PhoneProblem, Unplugged
from core.phones.iphone.connect import Iphones
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.system.support import support_log
from core.text import T

#: Told when the phone asks its owner, with the fingerprint of this desk's key that an Android phone shows; an iPhone
#: shows none.
OnQuestion = Callable[[str], None]

#: After a connection was lost, adbd resets the bus; one connect in four then fails, and the next one does not.
_ATTEMPTS: Final = 4
_PAUSE: Final = 1.0


class Reach:
    """Opens phones with this desk's key."""

    def __init__(self, keys: Path, desk: str) -> None:
        """`keys` is the folder of the desk's key, made on first use."""
        self._keys = keys
        self._desk = desk
        self._lock = threading.Lock()
        self._signer: Any = None
        self.iphones = Iphones(desk)

    def phone(self, sighting: Sighting, cancel: Cancel, on_question: OnQuestion = lambda _: None) -> Driver:
        """Open the phone of `sighting`: over USB, or through the adb server if that holds it.

        Raises PhoneProblem, Cancelled.
        """
        if sighting.platform == "ios":
            return self.iphones.open(sighting.serial, sighting.state, cancel, lambda: on_question(""))
        if sighting.road is Road.SERVER:
            return AndroidPhone(server.ServerLink(sighting.serial, transport=sighting.transport))
        if sighting.state is not PhoneState.READY:
            raise AndroidNotReady(sighting.state)
        signer = self._key()
        for attempt in range(_ATTEMPTS):
            try:
                return AndroidPhone(_over_usb(sighting, signer, cancel, on_question), public_half(signer))
            except PhoneProblem as problem:
                if _is(problem, PhoneState.BUSY) and (served := _on_server(sighting, cancel)) is not None:
                    return AndroidPhone(server.ServerLink(served.serial, transport=served.transport))
                may_pass = isinstance(problem, Unplugged) or _is(problem, PhoneState.OFFLINE)
                if not may_pass or attempt + 1 == _ATTEMPTS:
                    raise
            cancel.wait(_PAUSE)
        raise AssertionError("unreachable")

    @support_log.step("phone.open")
    def address(self, host: str, port: int, cancel: Cancel, on_question: OnQuestion = lambda _: None) -> Driver:
        """Open the phone that answers at a loopback address. Raises PhoneProblem, Cancelled."""
        signer = self._key()
        opened = link.connect_tcp(host, port, signer, cancel, on_question=lambda: on_question(fingerprint(signer)))
        return AndroidPhone(opened, public_half(signer))

    def fingerprint(self) -> str:
        """What a phone shows of this desk's key in its question. Makes the key on first use. Raises KeyProblem."""
        return fingerprint(self._key())

    def _key(self) -> Any:
        """The desk's key, loaded once: each loading tests anew that its numbers are prime, which takes a while."""
        with self._lock:
            if self._signer is None:
                self._signer = desk_key(self._keys, self._desk)
            return self._signer


def _over_usb(sighting: Sighting, signer: Any, cancel: Cancel, on_question: OnQuestion) -> link.AdbLink:
    """Open the phone at the place of `sighting`. Raises Unplugged where none is there, or one with another serial
    number; and what :func:`link.connect` raises."""
    bus = usb.Bus()
    try:
        phone = next((p for p in bus.look() if p.place == sighting.key), None)
        if phone is None or (phone.serial and sighting.serial and phone.serial != sighting.serial):
            raise Unplugged("it is not at its place any more")
        transport = over_usb(phone)
    except BaseException:
        bus.close()
        raise
    fingerprint_text = fingerprint(signer)
    return link.connect(
        transport, signer, T("over USB"), cancel, let_go=bus.close, on_question=lambda: on_question(fingerprint_text)
    )


def _is(problem: PhoneProblem, state: PhoneState) -> bool:
    return isinstance(problem, AndroidNotReady) and problem.state is state


def _on_server(sighting: Sighting, cancel: Cancel) -> server.ServerPhone | None:
    """The phone as an adb server lists it; one that only now took it needs a moment. None also where the server has
    several that it can be."""
    for _ in range(5):
        listed = server.phones()
        at_place = [
            p for p in listed if (p.port and p.port == sighting.port) or (p.address and p.address == sighting.address)
        ]
        likely = at_place or [p for p in listed if p.serial == sighting.serial and not p.port and not p.address]
        if len(likely) == 1:
            return likely[0]
        if likely or not server.running():
            return None  # Nothing is lost: the caller raises what kept it from the phone.
        cancel.wait(0.3)
    return None  # Nothing is lost: likewise.
