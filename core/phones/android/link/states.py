"""Each state of an Android phone in one sentence with one next step, and the problems of reaching one."""

from __future__ import annotations

import sys
from typing import Final

from core.phones.driver import PhoneProblem, PhoneState, StateWords
from core.text import T

_QUESTION_NEVER_COMES: Final = T(
    "Unlock it and tap Allow. If no question comes: switch USB debugging off and on, choose Revoke USB debugging "
    "authorizations, set USB to File transfer, or try another cable."
)

_DRIVER: Final = (
    T("Install the WinUSB driver for this phone, or ask your IT support to, then plug the phone in again.")
    if sys.platform == "win32"
    else T("Have your IT support install Fanion's udev rule (70-fanion-phones.rules), then plug the phone in again.")
)

WORDS: Final[dict[PhoneState, StateWords]] = {
    PhoneState.READY: StateWords(T("The phone is ready."), T("Check it.")),
    PhoneState.UNAUTHORISED: StateWords(
        T("The phone has not yet allowed this computer: it asks “Allow USB debugging?”."), _QUESTION_NEVER_COMES
    ),
    PhoneState.OFFLINE: StateWords(
        T("The phone is plugged in, but it does not answer."),
        T("Unlock it, unplug it and plug it in again. If that does not help, restart the phone."),
    ),
    PhoneState.RECOVERY: StateWords(
        T("The phone is in recovery mode, where its apps cannot be read."),
        T("On the phone, choose “Reboot system now”, and unlock it."),
    ),
    PhoneState.SIDELOAD: StateWords(
        T("The phone is waiting for an update file (sideload), where its apps cannot be read."),
        T("On the phone, cancel the update and choose “Reboot system now”."),
    ),
    PhoneState.FASTBOOT: StateWords(
        T("The phone is in its boot loader (fastboot), where its apps cannot be read."),
        T("On the phone, choose Start with the volume keys and press the power key."),
    ),
    PhoneState.NO_PERMISSION: StateWords(T("This computer does not let Fanion open the phone."), _DRIVER),
    PhoneState.BUSY: StateWords(
        T("Another program on this computer is using the phone."),
        T("Close that program (Android Studio, scrcpy, a phone manager), then plug the phone in again."),
    ),
    PhoneState.CHARGING: StateWords(
        T("The phone is only charging: USB debugging is off."),
        T("On the phone, switch on Settings, Developer options, USB debugging."),
    ),
    PhoneState.UNPLUGGED: StateWords(
        T("The phone was unplugged, or the cable lost contact."), T("Plug it in and check it again.")
    ),
}


class NotReady(PhoneProblem):
    """The phone is in a state in which it cannot be read. `state` tells which."""

    def __init__(self, state: PhoneState, detail: str = "") -> None:
        words = WORDS[state]
        super().__init__(words.sentence, words.next_step, detail)
        self.state = state
        self.code = f"phone-{state}"


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
