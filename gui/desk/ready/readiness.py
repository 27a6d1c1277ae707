"""What a phone that cannot be read yet needs, as the page "Getting ready" shows it. No widget in here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from core.guides import IPHONE, OTHER, Sign
from core.phones.driver import PhoneState
from core.text import T, Text
from gui.desk.session.phone_view import Phase, PhoneView

if TYPE_CHECKING:
    from core.simulator import Act


class Readiness(Enum):
    """Why a phone cannot be read yet."""

    DEBUGGING_OFF = "debugging-off"
    ASKING = "asking"
    #: It asked, and no answer came. That it was refused looks the same from here.
    NOT_ALLOWED = "not-allowed"
    NO_PERMISSION = "no-permission"
    BUSY = "busy"
    SILENT = "silent"
    #: It is in its boot loader, recovery or sideload mode.
    OTHER_MODE = "other-mode"
    #: It left before it was read.
    AWAY = "away"
    # Of an iPhone, as its states are (:class:`core.phones.driver.PhoneState`).
    NOT_LISTED = "not-listed"
    LOCKED = "locked"
    NOT_TRUSTED = "not-trusted"
    DENIED = "denied"
    FORGOTTEN = "forgotten"
    MANAGED = "managed"
    NO_SERVICE = "no-service"
    SERVICE_TOO_OLD = "service-too-old"


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """One phone that is not ready. `key` tells it from the others at the desk.

    `maker` is its guide (:mod:`core.guides`), empty where USB does not tell. `fingerprint` is that of this desk's key,
    empty while it is not known, or where another program asks with its own. `waited` are the seconds since the phone
    began to ask. `sentence` and `next_step` say the state in words; `acts` is what can be done to a practice phone.
    `comes_and_goes`: it left more than once before it could be read, as phones do whose screen locks. `asking`: it was
    asked to let this computer in, and has not answered. `platform` is ``android`` or ``ios``.
    """

    key: str
    state: Readiness
    maker: str = ""
    fingerprint: str = ""
    waited: float = 0.0
    practice: bool = False
    sentence: Text | None = None
    next_step: Text | None = None
    acts: tuple[Act, ...] = ()
    comes_and_goes: bool = False
    asking: bool = False
    platform: str = "android"

    @property
    def signs(self) -> tuple[Sign, ...]:
        """What Fanion sees, for which the guide has cures; nothing where the computer is the cause."""
        sign = _SIGNS.get(self.state)
        if sign is None:
            return ()
        return (Sign.COMES_AND_GOES, sign) if self.comes_and_goes and sign is not Sign.COMES_AND_GOES else (sign,)

    @property
    def guide(self) -> str:
        """The maker whose guide is shown first."""
        return IPHONE if self.platform == "ios" else self.maker or OTHER

    @property
    def may_be_asked(self) -> bool:
        """Whether the phone lets this computer in, or says why not, once the officer has it opened anew."""
        return self.state in _TO_BE_ASKED and not self.asking


_SIGNS = {
    Readiness.DEBUGGING_OFF: Sign.NO_ADB,
    Readiness.ASKING: Sign.NOT_AUTHORISED,
    Readiness.NOT_ALLOWED: Sign.NOT_AUTHORISED,
    Readiness.SILENT: Sign.SILENT,
    Readiness.AWAY: Sign.COMES_AND_GOES,
    Readiness.NOT_LISTED: Sign.NOT_LISTED,
    Readiness.LOCKED: Sign.LOCKED,
    Readiness.NOT_TRUSTED: Sign.NOT_TRUSTED,
    Readiness.DENIED: Sign.DENIED,
    Readiness.FORGOTTEN: Sign.FORGOTTEN,
}
_TO_BE_ASKED = frozenset(
    {Readiness.NOT_ALLOWED, Readiness.LOCKED, Readiness.NOT_TRUSTED, Readiness.DENIED, Readiness.FORGOTTEN}
)

_STATES = {
    PhoneState.CHARGING: Readiness.DEBUGGING_OFF,
    PhoneState.UNAUTHORISED: Readiness.ASKING,
    PhoneState.NO_PERMISSION: Readiness.NO_PERMISSION,
    PhoneState.BUSY: Readiness.BUSY,
    PhoneState.OFFLINE: Readiness.SILENT,
    PhoneState.RECOVERY: Readiness.OTHER_MODE,
    PhoneState.SIDELOAD: Readiness.OTHER_MODE,
    PhoneState.FASTBOOT: Readiness.OTHER_MODE,
    PhoneState.NOT_LISTED: Readiness.NOT_LISTED,
    PhoneState.LOCKED: Readiness.LOCKED,
    PhoneState.NOT_TRUSTED: Readiness.NOT_TRUSTED,
    PhoneState.DENIED: Readiness.DENIED,
    PhoneState.FORGOTTEN: Readiness.FORGOTTEN,
    PhoneState.MANAGED: Readiness.MANAGED,
    PhoneState.NO_SERVICE: Readiness.NO_SERVICE,
    PhoneState.SERVICE_TOO_OLD: Readiness.SERVICE_TOO_OLD,
}
#: What opening a phone failed with, by the codes of its problems.
_PROBLEMS = {f"phone-{state.value}": readiness for state, readiness in _STATES.items()} | {
    "phone-unauthorised": Readiness.NOT_ALLOWED,
    "phone-silent": Readiness.SILENT,
    "phone-unplugged": Readiness.AWAY,
}


#: Leaving once is nothing: a phone does when debugging is switched on.
_OFTEN = 2


def readiness_of(phone: PhoneView, fingerprint: str = "") -> ReadinessView | None:
    """What a phone needs to become ready; None for one that is read, was read and is as it was, or is being opened.

    `fingerprint` is that of this desk's key, where it is known.
    """
    state = _state(phone)
    if state is None:
        return None
    sighting = phone.sighting
    words: tuple[Text | None, Text | None] = (None, None)
    if phone.problem is not None:
        words = (phone.problem.sentence, phone.problem.next_step)
    elif sighting is not None and not phone.gone:
        words = (sighting.words.sentence, sighting.words.next_step)
    if state is Readiness.AWAY:
        again = T("Unlock it, keep its screen on and plug it in again: its visit goes on.")
        gone = T("It left before it could be read.")
        words = (T("It comes and goes: its screen may lock.") if phone.left >= _OFTEN else gone, again)
    asking = phone.phase is Phase.ASKED
    asked_by_us = asking or state is not Readiness.ASKING
    return ReadinessView(
        key=phone.key,
        state=state,
        maker=sighting.maker if sighting is not None else IPHONE if phone.platform == "ios" else "",
        fingerprint=(phone.fingerprint or fingerprint) if asked_by_us and phone.platform == "android" else "",
        waited=time.monotonic() - phone.asked_at if asking else 0.0,
        practice=phone.practice,
        sentence=words[0],
        next_step=words[1],
        acts=phone.acts,
        comes_and_goes=phone.left >= _OFTEN,
        asking=asking,
        platform=phone.platform,
    )


def _state(phone: PhoneView) -> Readiness | None:
    if phone.check is not None or phone.cut_off or phone.changing or phone.is_handed_back:
        return None
    was_read = phone.phone is not None
    if phone.gone:
        return None if was_read else Readiness.AWAY
    if phone.phase is Phase.ASKED:
        return Readiness.NOT_TRUSTED if phone.platform == "ios" else Readiness.ASKING
    if phone.phase is Phase.WAITING and phone.sighting is not None:
        return _STATES.get(phone.sighting.state)
    if phone.problem is None or phone.busy:
        return None
    state = _PROBLEMS.get(phone.problem.code)
    # A reading that broke off is another matter: what it had seen is told with it.
    return None if was_read and state in (Readiness.AWAY, Readiness.SILENT) else state
