"""What a phone that cannot be read yet needs, as the page "Getting ready" shows it. No widget in here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.guide_files import Sign
from core.guides import OTHER
from core.model import platforms
from core.phones.ready_page import ReadyPage
from core.phones.states import STATES, PhoneState, StateRow, of_problem, question
from core.text import T, Text
from gui.desk.session.phone_view import Phase, PhoneView

if TYPE_CHECKING:
    from core.simulator import Act


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """One phone that is not ready. `key` tells it from the others at the desk.

    `page` is what is shown of its `state`. `maker` is its guide (:mod:`core.guides`), empty where USB does not tell.
    `fingerprint` is that of this desk's key, empty while it is not known, or where another program asks with its own.
    `waited` are the seconds since the phone began to ask. `sentence` and `next_step` say the state in words; `acts` is
    what can be done to a practice phone. `comes_and_goes`: it left more than once before it could be read, as phones do
    whose screen locks. `asking`: it was asked to let this computer in, and has not answered. `platform` is ``android``
    or ``ios``.
    """

    key: str
    state: PhoneState
    page: ReadyPage
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
        sign = self.page.sign
        if sign is None:
            return ()
        return (Sign.COMES_AND_GOES, sign) if self.comes_and_goes and sign is not Sign.COMES_AND_GOES else (sign,)

    @property
    def guide(self) -> str:
        """The maker whose guide is shown first."""
        return platforms.of(self.platform).guide or self.maker or OTHER

    @property
    def may_be_asked(self) -> bool:
        """Whether the phone lets this computer in, or says why not, once the officer has it opened anew."""
        return self.page.ask is not None and not self.asking


#: Leaving once is nothing: a phone does when debugging is switched on.
_OFTEN = 2


def readiness_of(phone: PhoneView, fingerprint: str = "") -> ReadinessView | None:
    """What a phone needs to become ready; None for one that is read, was read and is as it was, or is being opened.

    `fingerprint` is that of this desk's key, where it is known.
    """
    row, refused = _row(phone)
    page = row.page_shown(refused=refused) if row is not None else None
    if row is None or page is None:
        return None
    sighting, platform = phone.sighting, platforms.of(phone.platform)
    words: tuple[Text | None, Text | None] = (None, None)
    if phone.problem is not None:
        words = (phone.problem.sentence, phone.problem.next_step)
    elif sighting is not None and not phone.absent:
        words = (sighting.words.sentence, sighting.words.next_step)
    if row.state is PhoneState.UNPLUGGED:
        again = T("Unlock it, keep its screen on and plug it in again: the check continues.")
        last = T("It was unplugged before it could be read.")
        words = (
            T("It keeps disconnecting: its screen may be locking.") if phone.early_departures >= _OFTEN else last,
            again,
        )
    asking = phone.phase is Phase.ASKED
    asked_by_us = asking or not page.waits
    return ReadinessView(
        key=phone.key,
        state=row.state,
        page=page,
        maker=sighting.maker if sighting is not None else platform.guide,
        fingerprint=(phone.fingerprint or fingerprint) if asked_by_us and platform.fingerprint else "",
        waited=time.monotonic() - phone.asked_at if asking else 0.0,
        practice=phone.practice,
        sentence=words[0],
        next_step=words[1],
        acts=phone.acts,
        comes_and_goes=phone.early_departures >= _OFTEN,
        asking=asking,
        platform=phone.platform,
    )


def _row(phone: PhoneView) -> tuple[StateRow | None, bool]:
    """The state that keeps a phone from being read, None where none does; and whether it could not be opened for it."""
    nothing = None, False
    if phone.check is not None or phone.cut_off or phone.changing or phone.is_handed_back:
        return nothing
    was_read = phone.phone is not None
    if phone.absent:
        return nothing if was_read else (STATES[PhoneState.UNPLUGGED], False)
    if phone.phase is Phase.ASKED:
        return question(phone.platform), False
    if phone.phase is Phase.WAITING and phone.sighting is not None:
        return STATES[phone.sighting.state], False
    if phone.problem is None or phone.busy:
        return nothing
    row = of_problem(phone.problem.code)
    # A reading that broke off is another matter: what it had seen is told with it.
    return nothing if row is None or (was_read and row.breaks_off) else (row, True)
