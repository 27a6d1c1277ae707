"""Whether a banned product could be installed on a phone again, by what the phone itself says of its management.

It is evidence of how the phone was set up when it was read, and no promise. *Blocked* is said only where the phone
itself says that an owner's settings leave no way; what could not be read, or can be read two ways, is *not known*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from core.text import Bilingual


class Return(StrEnum):
    """Whether a banned product can be installed again, the worst first."""

    POSSIBLE = "can-return"
    UNKNOWN = "not-known"
    #: The phone itself says that its management blocks it.
    BLOCKED = "blocked"


class ReturnReason(StrEnum):
    """Why. Each belongs to one state (:data:`STATES`); core/policy/can_return.py has the table that gives them."""

    # --- it can be installed again
    #: No owner manages the phone.
    NOT_MANAGED = "not-managed"
    #: The phone is managed, and a profile is not: there nothing restricts installing.
    INSTALLS_FREE = "installs-free"
    #: A profile is managed, and apps from unknown sources may be installed in it.
    UNKNOWN_SOURCES = "unknown-sources-allowed"

    # --- it is not known
    #: The reading broke off before the phone was asked.
    NOT_ASKED = "not-asked"
    #: The phone did not tell who manages it, or what that restricts.
    NO_ANSWER = "no-answer"
    #: Two of its answers disagree, or a part of one has a form that is not known.
    CONTRADICTION = "contradiction"
    #: A part of the phone was not seen.
    NOT_ALL_READ = "not-all-read"
    #: Its system does not look like its maker's, and may keep to no restriction.
    SYSTEM_ALTERED = "system-altered"
    #: An owner manages it that is not the one which the policy expects.
    OTHER_OWNER = "other-owner"
    #: Installing is restricted, and not by an owner: what restricts it can be lifted on the phone.
    NOT_BY_OWNER = "not-by-owner"
    #: Installing is forbidden in each profile, and another one may be added.
    NEW_PROFILES = "new-profiles"
    #: Only a store may install: to which apps the management has narrowed it, the phone does not tell.
    STORE_NOT_TOLD = "store-not-told"
    #: Only a store may install, and each one that is known is switched off: a computer can still install over USB.
    STORES_OFF = "stores-off"
    #: An iPhone has configuration profiles: what they restrict, it does not tell.
    PROFILE_CONTENTS = "profile-contents"
    #: An iPhone is supervised: whether that restricts installing, it does not tell.
    SUPERVISED = "supervised"

    # --- its management blocks it
    #: An owner forbids installing any app, in each profile that could hold it, and adding another profile.
    INSTALLS_FORBIDDEN = "installs-forbidden"


#: The state to which each reason belongs.
STATES: Final[dict[ReturnReason, Return]] = {
    **dict.fromkeys(ReturnReason, Return.UNKNOWN),
    ReturnReason.NOT_MANAGED: Return.POSSIBLE,
    ReturnReason.INSTALLS_FREE: Return.POSSIBLE,
    ReturnReason.UNKNOWN_SOURCES: Return.POSSIBLE,
    ReturnReason.INSTALLS_FORBIDDEN: Return.BLOCKED,
}


@dataclass(frozen=True, slots=True)
class ProductReturn:
    """Whether the product of one rule can be installed again, and why.

    `detail` are names by which a person can follow that up (a restriction, an owner's package, a configuration
    profile), each through :func:`core.text.plain`. They are shown and never recorded.
    """

    rule: str
    product: Bilingual
    state: Return
    reasons: tuple[ReturnReason, ...]
    detail: tuple[str, ...] = ()


class HasState(Protocol):
    """A product's answer, judged now (:class:`ProductReturn`) or on record."""

    @property
    def state(self) -> Return | str: ...


def overall(returns: Iterable[HasState]) -> Return | None:
    """The worst state of some products, which is that of the phone; None where there are none. A state that this
    version does not know, in a record of a later one, is not known."""
    states = {item.state if isinstance(item.state, Return) else Return.UNKNOWN for item in returns}
    return next((state for state in Return if state in states), None)
