"""What reaching an Android phone fails with."""

from __future__ import annotations

from core.phones import states
from core.phones.driver import PhoneProblem
from core.text import T


class AndroidNotReady(states.NotReady):
    """The Android phone is in a state in which it cannot be read."""

    platform = "android"


class Silent(PhoneProblem):
    """The phone stopped answering in the middle of a command."""

    code = "phone-silent"

    def __init__(self, seconds: float, detail: str = "") -> None:
        super().__init__(
            T("The phone has not answered for {seconds} seconds.", seconds=round(seconds)),
            T("Unlock it, unplug it and plug it in again, then check it again."),
            detail,
        )


class Garbled(PhoneProblem):
    """What came over the cable is not the ADB protocol, or breaks its limits."""

    code = "phone-garbled"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The phone's answer is not in the form that Android phones use."),
            T("Unplug it and plug it in again, with another cable if there is one."),
            detail,
        )


class TooMuch(PhoneProblem):
    """The phone sent more than any honest answer to the command could be."""

    code = "phone-too-much"

    def __init__(self, limit: int) -> None:
        super().__init__(
            T("The phone sent more than {limit} MB in one answer; the rest was refused.", limit=limit // 2**20),
            T("Restart the phone and check it again. If it happens again, have the phone examined."),
        )


class CannotConnect(PhoneProblem):
    """Nothing answers at an address."""

    code = "phone-no-connection"

    def __init__(self, address: str, detail: str = "") -> None:
        super().__init__(
            T("No phone answers at {address}.", address=address),
            T("Check the address, and that the phone is still connected."),
            detail,
        )
