"""What reaching an Android phone fails with."""

from __future__ import annotations

from core.phones import states
from core.phones.driver import PhoneProblem, UnreadableAnswer
from core.text import T


class AndroidNotReady(states.NotReady):
    """The Android phone is in a state in which it cannot be read."""

    platform = "android"


class Garbled(UnreadableAnswer):
    """What came over the cable is not the ADB protocol, or breaks its limits."""

    platform = "android"


class TooMuch(PhoneProblem):
    """The phone sent more than any honest answer to the command could be."""

    code = "phone-too-much"

    def __init__(self, limit: int) -> None:
        super().__init__(
            T("The phone sent more than {limit} MB in one answer; the rest was refused.", limit=limit // 2**20),
            T("Restart the phone and check it again. If it happens again, have the phone examined."),
        )


class FileNotWhole(PhoneProblem):
    """A file did not come as the phone had said that it is: it was not given, or has another size by now."""

    code = "phone-file-not-whole"

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(
            T("The phone did not give the app’s file {file} whole, so that no copy of it is kept.", file=name),
            T("Check the phone again, then try once more."),
            detail,
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
