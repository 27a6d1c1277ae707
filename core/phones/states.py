"""The states of a phone that is plugged in, before it is read: one row each.

A row says the state in words, what comes next, and what the page "Getting ready" shows of it. Whatever shows a state
asks its row. A new state is a member of :class:`PhoneState`, a row here, and the code that sees it on a phone.

The menu words of iPhones are Apple's (iOS 26); the French ones that were not found are ours, and
``getting-ready/apple.toml`` says which. That a computer is forgotten after 30 days is Apple's deployment guide's word.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from core.guide_files import Sign
from core.model import platforms
from core.phones.driver import PhoneProblem
from core.phones.ready_page import Layout, ReadyPage
from core.text import T, Text


class PhoneState(StrEnum):
    """What can be said of a phone that is plugged in, before it is read. Its words are :attr:`Sighting.words`."""

    READY = "ready"
    UNAUTHORISED = "unauthorised"
    OFFLINE = "offline"
    RECOVERY = "recovery"
    SIDELOAD = "sideload"
    FASTBOOT = "fastboot"
    NO_PERMISSION = "no-permission"
    BUSY = "busy"
    CHARGING = "charging-only"
    UNPLUGGED = "unplugged"
    #: An iPhone on the bus that no service of this computer lists: it gives no data before its owner lets it.
    NOT_LISTED = "not-listed"
    #: Listed, and this computer is not trusted: the question was not asked yet, or waits for its answer.
    NOT_TRUSTED = "not-trusted"
    #: "Don't Trust" was tapped.
    DENIED = "denied"
    #: It was trusted once, and the phone has forgotten it.
    FORGOTTEN = "forgotten"
    #: Locked, or restarted and not unlocked since.
    LOCKED = "locked"
    #: Its management does not let this computer be trusted.
    MANAGED = "managed"
    #: This computer has no service that speaks to iPhones.
    NO_SERVICE = "no-service"
    #: It has one, which is older than the phone.
    SERVICE_TOO_OLD = "service-too-old"


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state in one sentence, with one next step."""

    sentence: Text
    next_step: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One state of a phone.

    `next_on` are the next steps of platforms that have one of their own, and `act` is the next step in a few words.
    `page` is shown of a phone that is seen in this state, `refused` of one that could not be opened for it where that
    is another; None: it has no page. `on_request`: it asks its owner, or asks once more, when an
    officer has it opened, and not by itself. `breaks_off`: a reading ends with it, too. `stays`: a phone that
    could not be opened for it is still in it. `codes` are the problems that tell it, beside ``phone-`` and its name.
    """

    state: PhoneState
    sentence: Text
    next_step: Text
    act: Text
    next_on: Mapping[str, Text] = field(default_factory=dict)
    page: ReadyPage | None = None
    refused: ReadyPage | None = None
    on_request: bool = False
    breaks_off: bool = False
    stays: bool = False
    codes: tuple[str, ...] = ()

    def page_shown(self, *, refused: bool) -> ReadyPage | None:
        """What is shown of a phone in this state; `refused`: of one that could not be opened for it."""
        return self.refused if refused and self.refused is not None else self.page

    def words(self, platform: str) -> StateWords:
        """The state of a phone of this platform in words."""
        return StateWords(self.sentence, self.next_on.get(platform, self.next_step))


def no_service(system: str = sys.platform) -> StateWords:
    """What is missing on a computer with that ``sys.platform``, and who brings it.

    Windows has no service for iPhones of its own; on macOS it is a part of the system. On Linux it is usbmuxd: Fanion's
    packages depend on it, and it starts when a phone is plugged in.
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
        T("This computer’s service for iPhones, usbmuxd, does not answer."),
        T("Have your IT support install the package usbmuxd, or start it; then plug the phone in again."),
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


_DRIVER: Final = (
    T("Install the WinUSB driver for this phone, or ask your IT support to, then plug the phone in again.")
    if sys.platform == "win32"
    else T("Have your IT support install Fanion's udev rule (70-fanion-phones.rules), then plug the phone in again.")
)
_NO_SERVICE: Final = no_service()
_TOO_OLD: Final = service_too_old()
_NO_QUESTION: Final = T("No question on the phone?")
_ASK_AGAIN: Final = T("Ask again")
_COMPUTER: Final = ReadyPage(headline=T("This computer cannot read the phone yet"))
_NOT_YET: Final = ReadyPage(headline=T("The phone cannot be read yet"))

_ROWS: Final = (
    StateRow(
        state=PhoneState.READY,
        sentence=T("The phone is ready."),
        next_step=T("Check it."),
        act=T("Get it ready"),
    ),
    StateRow(
        state=PhoneState.UNAUTHORISED,
        sentence=T("The phone has not yet allowed this computer: it asks “Allow USB debugging?”."),
        next_step=T(
            "Unlock it and tap Allow. If no question comes: switch USB debugging off and on, choose Revoke USB "
            "debugging authorizations, set USB to File transfer, or try another cable."
        ),
        act=T("Step 3: tap Allow"),
        page=ReadyPage(
            headline=T("Tap {allow} on the phone", allow=""),
            sentence=T("The phone asks whether it may trust this computer. Reading begins as soon as it says yes."),
            layout=Layout.QUESTION,
            step=3,
            sign=Sign.NOT_AUTHORISED,
            cures=_NO_QUESTION,
            waits=True,
        ),
        # That it was refused looks the same from here as no answer.
        refused=ReadyPage(
            headline=T("The phone has not said yes"),
            sentence=T(
                "The question on the phone was refused or had no answer: the phone does not tell which. Have it "
                "ask again."
            ),
            layout=Layout.QUESTION,
            step=3,
            ask=_ASK_AGAIN,
            sign=Sign.NOT_AUTHORISED,
            cures=_NO_QUESTION,
            open=True,
        ),
    ),
    StateRow(
        state=PhoneState.OFFLINE,
        sentence=T("The phone is plugged in, but it does not answer."),
        next_step=T("Unlock it, unplug it and plug it in again. If that does not help, restart the phone."),
        act=T("Unplug it, plug it in"),
        breaks_off=True,
        codes=("phone-silent",),
        page=ReadyPage(headline=T("The phone cannot be read yet"), sign=Sign.SILENT, drawing="replug"),
    ),
    StateRow(
        state=PhoneState.RECOVERY,
        sentence=T("The phone is in recovery mode, where its apps cannot be read."),
        next_step=T("On the phone, choose “Reboot system now”, and unlock it."),
        act=T("Restart it"),
        page=_NOT_YET,
    ),
    StateRow(
        state=PhoneState.SIDELOAD,
        sentence=T("The phone is waiting for an update file (sideload), where its apps cannot be read."),
        next_step=T("On the phone, cancel the update and choose “Reboot system now”."),
        act=T("Restart it"),
        page=_NOT_YET,
    ),
    StateRow(
        state=PhoneState.FASTBOOT,
        sentence=T("The phone is in its boot loader (fastboot), where its apps cannot be read."),
        next_step=T("On the phone, choose Start with the volume keys and press the power key."),
        act=T("Restart it"),
        page=_NOT_YET,
    ),
    StateRow(
        state=PhoneState.NO_PERMISSION,
        sentence=T("This computer does not let Fanion open the phone."),
        next_step=_DRIVER,
        next_on={"ios": T("Run “fanion self-test” and give its report to your IT support.")},
        act=T("This computer is not set up"),
        page=_COMPUTER,
    ),
    StateRow(
        state=PhoneState.BUSY,
        sentence=T("Another program on this computer is using the phone."),
        next_step=T("Close that program (Android Studio, scrcpy, a phone manager), then plug the phone in again."),
        next_on={
            "ios": T("Close that program (iTunes, Apple Devices, a phone manager), then plug the phone in again.")
        },
        act=T("Close the other program"),
        page=_COMPUTER,
    ),
    StateRow(
        state=PhoneState.CHARGING,
        sentence=T("The phone is only charging: USB debugging is off."),
        next_step=T("On the phone, switch on Settings, Developer options, USB debugging."),
        act=T("Step 1: debugging off"),
        page=ReadyPage(
            headline=T("Get the phone ready"),
            sentence=T(
                "USB debugging is off. The holder does these three steps; after the third, the check starts "
                "automatically."
            ),
            layout=Layout.STEPS,
            step=1,
            by_officer=True,
            choice=True,
            sign=Sign.NO_ADB,
            cures=T("Switch grey, or no question on the phone?"),
        ),
    ),
    StateRow(
        state=PhoneState.UNPLUGGED,
        sentence=T("The phone was unplugged, or the cable lost contact."),
        next_step=T("Plug it in and check it again."),
        act=T("Get it ready"),
        breaks_off=True,
        page=ReadyPage(headline=T("The phone has left"), sign=Sign.COMES_AND_GOES, drawing="unlock"),
    ),
    StateRow(
        state=PhoneState.NOT_LISTED,
        sentence=T("An iPhone is plugged in and gives no data yet."),
        next_step=T(
            "Unlock it and accept any “Allow accessory to connect?” question. If none comes: use a data cable, wait ten"
            " seconds."
        ),
        act=T("Unlock it, tap Allow"),
        stays=True,
        page=ReadyPage(
            headline=T("Unlock the phone"), layout=Layout.STEPS, step=1, sign=Sign.NOT_LISTED, cures=_NO_QUESTION
        ),
    ),
    StateRow(
        state=PhoneState.NOT_TRUSTED,
        sentence=T("The phone does not trust this computer yet."),
        next_step=T("Look at the phone: tap Trust and enter the passcode."),
        act=T("Tap Trust"),
        on_request=True,
        stays=True,
        page=ReadyPage(
            headline=T("Tap Trust on the phone"),
            layout=Layout.STEPS,
            step=2,
            by_officer=True,
            ask=T("Have it ask"),
            sign=Sign.NOT_TRUSTED,
            cures=_NO_QUESTION,
        ),
    ),
    StateRow(
        state=PhoneState.DENIED,
        sentence=T("“Don’t Trust” was tapped on the phone."),
        next_step=T(
            "Unplug it and plug it in again. If no question appears: Settings › General › Transfer or Reset › Reset ›"
            " Reset Location & Privacy."
        ),
        act=T("Unplug it, plug it in"),
        on_request=True,
        stays=True,
        page=ReadyPage(
            headline=T("The phone has said no"),
            layout=Layout.STEPS,
            step=2,
            ask=_ASK_AGAIN,
            sign=Sign.DENIED,
            open=True,
        ),
    ),
    StateRow(
        state=PhoneState.FORGOTTEN,
        sentence=T("The phone has forgotten this computer: that comes after 30 days, or with a reset."),
        next_step=T("It will ask once more: tap Trust and enter the passcode."),
        act=T("Tap Trust"),
        on_request=True,
        stays=True,
        page=ReadyPage(
            headline=T("The phone asks once more"),
            layout=Layout.STEPS,
            step=2,
            ask=_ASK_AGAIN,
            sign=Sign.FORGOTTEN,
        ),
    ),
    StateRow(
        state=PhoneState.LOCKED,
        sentence=T("The phone is locked, or was restarted and not unlocked since."),
        next_step=T("Unlock it with the passcode, then press Try again."),
        act=T("Unlock it"),
        on_request=True,
        stays=True,
        page=ReadyPage(
            headline=T("Unlock the phone"),
            layout=Layout.STEPS,
            step=1,
            ask=T("Try again"),
            sign=Sign.LOCKED,
        ),
    ),
    StateRow(
        state=PhoneState.MANAGED,
        sentence=T("This phone’s device management does not allow this computer."),
        next_step=T("Ask the team that manages it to add this computer, or to remove the apps themselves."),
        act=T("Ask device management"),
        stays=True,
        page=ReadyPage(headline=T("Its device management decides")),
    ),
    StateRow(
        state=PhoneState.NO_SERVICE,
        sentence=_NO_SERVICE.sentence,
        next_step=_NO_SERVICE.next_step,
        act=T("This computer is not set up"),
        stays=True,
        page=_COMPUTER,
    ),
    StateRow(
        state=PhoneState.SERVICE_TOO_OLD,
        sentence=_TOO_OLD.sentence,
        next_step=_TOO_OLD.next_step,
        act=T("Update this computer"),
        stays=True,
        page=_COMPUTER,
    ),
)
#: The row of each state.
STATES: Final[dict[PhoneState, StateRow]] = {row.state: row for row in _ROWS}


def of_problem(code: str) -> StateRow | None:
    """The state that keeps a phone from being opened, by the code of its problem; None where that is no state."""
    return next((row for row in STATES.values() if code == f"phone-{row.state}" or code in row.codes), None)


def question(platform: str) -> StateRow:
    """The state of a phone of this platform that asks its owner whether it may trust this computer."""
    return STATES[PhoneState(platforms.of(platform).question)]


class NotReady(PhoneProblem):
    """The phone is in a state in which it cannot be read. `state` tells which; each platform has a class of its own."""

    platform: ClassVar[str]

    def __init__(self, state: PhoneState, detail: str = "") -> None:
        words = STATES[state].words(self.platform)
        super().__init__(words.sentence, words.next_step, detail)
        self.state = state
        self.code = f"phone-{state}"
