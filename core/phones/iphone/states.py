"""Each state of an iPhone in one sentence with one next step.

The menu words are Apple's (iOS 26); the French ones that were not found are ours, and ``getting-ready/apple.toml`` says
which. That a computer is forgotten after 30 days is Apple's deployment guide's word.
"""

from __future__ import annotations

import sys
from typing import Final

from core.phones.driver import PhoneState, StateWords
from core.text import T


def no_service(system: str = sys.platform) -> StateWords:
    """What is missing on a computer with that ``sys.platform``, and who brings it.

    Windows has no service for iPhones of its own; on macOS it is a part of the system. On Linux none is needed, unless
    the variable for it names one.
    """
    if system == "win32":
        return StateWords(
            T("This PC cannot talk to iPhones yet."),
            T("Install “Apple Devices” or iTunes from Apple, open it once, then plug the phone in again."),
        )
    if system == "darwin":
        return StateWords(
            T("This Mac’s own service for iPhones does not answer."),
            T("There is nothing to install: restart the Mac, then plug the phone in again."),
        )
    return StateWords(
        T("The service for iPhones that this computer was told to use does not answer."),
        T("Start it, or unset USBMUXD_SOCKET_ADDRESS: then usbmuxd is used, or the phone’s cable itself."),
    )


def service_too_old(system: str = sys.platform) -> StateWords:
    """What is too old on a computer with that ``sys.platform``, and what brings it up to date."""
    sentence = T("This computer’s service for iPhones does not understand the phone: it may be older than the phone.")
    if system == "win32":
        update = T("Update “Apple Devices” or iTunes, open it once, then plug the phone in again.")
    elif system == "darwin":
        update = T("Update the Mac’s system, then plug the phone in again.")
    else:
        update = T(
            "Have your IT support update the packages usbmuxd and libimobiledevice, then plug the phone in again."
        )
    return StateWords(sentence, T("Unlock the phone. Still the same? {update}", update=update))


WORDS: Final[dict[PhoneState, StateWords]] = {
    PhoneState.READY: StateWords(T("The phone is ready."), T("Check it.")),
    PhoneState.UNPLUGGED: StateWords(
        T("The phone was unplugged, or the cable lost contact."), T("Plug it in and check it again.")
    ),
    PhoneState.OFFLINE: StateWords(
        T("The phone is plugged in, but it does not answer."),
        T("Unlock it, unplug it and plug it in again. If that does not help, restart the phone."),
    ),
    PhoneState.NO_PERMISSION: StateWords(
        T("This computer does not let Fanion open the phone."),
        T("Run “fanion self-test” and give its report to your IT support."),
    ),
    PhoneState.BUSY: StateWords(
        T("Another program on this computer is using the phone."),
        T("Close that program (iTunes, Apple Devices, a phone manager), then plug the phone in again."),
    ),
    PhoneState.NOT_LISTED: StateWords(
        T("An iPhone is plugged in and gives no data yet."),
        T(
            "Unlock it and accept any “Allow accessory to connect?” question. If none comes: use a data cable, wait ten"
            " seconds."
        ),
    ),
    PhoneState.NOT_TRUSTED: StateWords(
        T("The phone does not trust this computer yet."),
        T("Look at the phone: tap Trust and enter the passcode."),
    ),
    PhoneState.DENIED: StateWords(
        T("“Don’t Trust” was tapped on the phone."),
        T(
            "Unplug it and plug it in again. If no question appears: Settings › General › Transfer or Reset › Reset ›"
            " Reset Location & Privacy."
        ),
    ),
    PhoneState.FORGOTTEN: StateWords(
        T("The phone has forgotten this computer: that comes after 30 days, or with a reset."),
        T("It will ask once more: tap Trust and enter the passcode."),
    ),
    PhoneState.LOCKED: StateWords(
        T("The phone is locked, or was restarted and not unlocked since."),
        T("Unlock it with the passcode, then press Try again."),
    ),
    PhoneState.MANAGED: StateWords(
        T("This phone’s device management does not allow this computer."),
        T("Ask the team that manages it to add this computer, or to remove the apps themselves."),
    ),
    PhoneState.NO_SERVICE: no_service(),
    PhoneState.SERVICE_TOO_OLD: service_too_old(),
}
