"""What a reader of a phone's bytes returns: what it understood, and what it left.

A phone, and an app on it, choose most of what is read of them. So what a reader drops, refuses, cuts or cannot decode
is never treated as if it were not there: it is left over, by name, and what is left over accuses. Where it may be about
an app, that app must be looked into, or is a gap with its name; else the phone is not wholly seen. Green needs nothing
left.

A reader that refuses all that it was given raises instead; the caller then knows nothing, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeVar

from core.text import plain

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Leftovers of one reader that are kept; of more, the last one says so, and accuses the phone.
KEPT: Final = 1_000
#: Characters of what stood there that are kept, for a person who looks for the cause.
SHOWN: Final = 120


class Why(StrEnum):
    """Why something was left."""

    #: It has a form that is not known, in a place where something that matters may stand.
    UNKNOWN = "unknown"
    #: Its form is known, and its value cannot be true or may not be used.
    REFUSED = "refused"
    #: It is longer or more than is read, or breaks off.
    CUT = "cut"
    #: The phone's own system may read it in another way.
    TWO_WAYS = "two-ways"
    #: It is there a second time, or out of its turn: one of the two may be an app's own text.
    TWICE = "twice"
    #: It must be there, and is not.
    MISSING = "missing"
    #: Two answers of the phone do not agree about it.
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that a reader was given and did not take up.

    `kind` says what, in an English word or two (``line``, ``split path``), for the log for support and for tests.
    `app` is the package or bundle id that it may be about; empty where it may be about any, or the phone itself.
    `text` is what stood there, through :func:`core.text.plain`.
    """

    why: Why
    kind: str
    app: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Account(Generic[T_co]):
    """What a reader understood, and everything that it left."""

    value: T_co
    left: tuple[Left, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was left."""
        return not self.left


@dataclass(slots=True)
class Leftovers:
    """Gathers what one reader leaves while it reads; bounded, and never silent about its own bound."""

    items: dict[Left, None] = field(default_factory=dict)
    over: bool = False

    def add(self, why: Why, kind: str, app: str = "", text: str = "") -> None:
        """Note something as left (see :class:`Left`). The same a second time counts once."""
        if self.over:
            return  # Nothing is lost: that there was more than is kept is said already.
        leftover = Left(why, kind, app, plain(text[: 2 * SHOWN], SHOWN))
        if len(self.items) < KEPT or leftover in self.items:
            self.items[leftover] = None
        else:
            self.over = True

    def take(self, account: Account[T]) -> T:
        """Return the value of another reader's account, and leave here what that reader left."""
        for leftover in account.left:
            self.add(leftover.why, leftover.kind, leftover.app, leftover.text)
        return account.value

    @property
    def all(self) -> tuple[Left, ...]:
        """Everything that was left, in its order."""
        return (*self.items, *((Left(Why.CUT, "leftovers"),) if self.over else ()))

    def account(self, value: T) -> Account[T]:
        """Return the account of this reader, which understood `value`."""
        return Account(value, self.all)
