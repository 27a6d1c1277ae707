"""How a visit stands: what was found on the phone, what of it was removed, is left or not known, and what an officer
saw; its verdict, and the reason for it.

These are decided here and nowhere else. Every surface takes them from here and only puts words to them: the page of a
phone, its row, what is said and handed to its holder, receipts, the log, days, months, rounds, exports, head office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.model.check import Check, Verdict
from core.model.visit import Attested
from core.text import Bilingual, Value


class Reason(StrEnum):
    """Why a phone has its verdict, the weightiest first. A banned app outweighs what was not seen: every sentence that
    follows from a reason is true of the phone as a whole."""

    #: A reading found banned apps that no exception allows and that are not switched off for good.
    BANNED = "banned"
    #: An officer saw banned apps on the phone itself, or a reading that has no end did.
    BANNED_SEEN = "banned-seen"
    SUSPECTED = "suspected"
    EXCEPTED = "excepted"
    #: Banned apps that came with the phone, cannot be removed, and are switched off.
    SWITCHED_OFF = "switched-off"
    UNSEEN = "unseen"
    #: What a reading could not see, an officer looked at on the phone, and saw no banned app.
    LOOKED_AT = "looked-at"
    #: The phone's own protection is not as the policy demands.
    HEALTH = "health"
    #: The phone does not say that its management blocks banned apps from coming back, as the policy demands.
    CAN_RETURN = "can-return"
    #: Banned apps were there in this visit; a reading of everything found them gone.
    REMOVED = "removed"
    NONE_BANNED = "none-banned"
    #: Steps were taken on the phone, and it was not read to the end afterwards.
    NOT_READ_AGAIN = "not-read-again"
    #: Another reading was begun, and has no end.
    BROKEN_OFF = "broken-off"
    NOT_READ = "not-read"


class Fate(StrEnum):
    """What became of a banned app in a visit, by all of its records; from the best to the worst."""

    REMOVED = "removed"
    #: It is not there any more: a reading of all that matters shows that after a step whose result was not seen, or a
    #: quick look does since the last reading.
    GONE = "gone"
    SWITCHED_OFF = "switched-off"
    #: It is there, and an exception that was granted meanwhile allows it.
    EXCEPTED = "excepted"
    #: The phone said that it was done, or the app was not seen any more, and no reading saw all that matters since.
    NOT_VERIFIED = "not-verified"
    #: What the phone did is not known: it went away, or said nothing that is known.
    UNKNOWN = "unknown"
    STILL_THERE = "still-there"


_FATES: Final = tuple(Fate)


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What decides the verdict of one check, and no more. Made of a live check and of its record alike."""

    verdict: Verdict | None
    #: Banned products: those that make the phone red; where none does, those that are excepted or switched off.
    banned: int = 0
    #: Whether there are banned apps that no exception allows and that are not switched off for good; the others.
    red: bool = False
    excepted: bool = False
    switched_off: bool = False
    suspected: int = 0
    unseen: int = 0
    #: The names of the health signals that are not as the policy demands.
    unhealthy: tuple[Value, ...] = ()
    #: Banned products that are not known to be blocked from coming back, where the policy demands that they are.
    unblocked: int = 0

    @classmethod
    def of(cls, check: Check) -> CheckFacts:
        """The facts of a check that was just made."""
        return cls(
            verdict=check.verdict,
            banned=len(check.banned_products),
            red=bool(check.red),
            excepted=any(f.excepted is not None for f in check.bans),
            switched_off=any(f.contained and f.excepted is None for f in check.bans),
            suspected=len(check.suspected),
            unseen=len(check.gaps),
            unhealthy=tuple(signal.title for signal in check.unhealthy),
            unblocked=len(check.unblocked),
        )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that keeps the phone from green, the weightiest first; what makes it red before all others."""
        if self.verdict is None:
            return (Reason.NOT_READ,)
        if self.verdict is Verdict.GREEN:
            return (Reason.NONE_BANNED,)
        red = self.verdict is Verdict.RED
        ranked = (
            (Reason.BANNED, red and (self.red or not self.unhealthy)),
            (Reason.HEALTH, red and not self.red and bool(self.unhealthy)),
            (Reason.SUSPECTED, self.suspected > 0),
            (Reason.EXCEPTED, self.excepted),
            (Reason.SWITCHED_OFF, self.switched_off),
            (Reason.UNSEEN, self.unseen > 0),
            (Reason.HEALTH, bool(self.unhealthy)),
            (Reason.CAN_RETURN, self.unblocked > 0),
        )
        reasons = tuple(dict.fromkeys(reason for reason, holds in ranked if holds))
        # An amber that tells nothing of its cause is of a record that this version does not know all of.
        return reasons or (Reason.UNSEEN,)

    @property
    def reason(self) -> Reason:
        """The weightiest of :attr:`reasons`."""
        return self.reasons[0]


@dataclass(frozen=True, slots=True)
class Ban:
    """One banned app in one profile that made the phone red in a visit, and what became of it."""

    rule: str
    package: str
    profile: int | None
    product: Bilingual | str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Look:
    """What an officer saw on the phone itself since its last check, and what the policy makes of that."""

    answer: Attested | str
    verdict: Verdict | None
    products: tuple[Bilingual, ...] = ()


class Since(StrEnum):
    """What was begun after the last check that ended, without another one that did."""

    NOTHING = "nothing"
    READING = "reading"
    #: Steps were taken: the phone is not as it was read.
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class VisitState:
    """A visit as far as it has come. `last` is of the last check that ended."""

    last: CheckFacts | None = None
    bans: tuple[Ban, ...] = ()
    #: Banned apps that a reading has shown which has no end, after all that have one.
    open_bans: tuple[Bilingual | str, ...] = ()
    look: Look | None = None
    since: Since = Since.NOTHING

    @classmethod
    def of(cls, check: Check) -> VisitState:
        """How a visit stands that has this one check and nothing else."""
        red = (Ban(f.rule, f.app.package, f.profile.id, f.product, Fate.STILL_THERE) for f in check.red)
        return cls(last=CheckFacts.of(check), bans=tuple(red))

    @property
    def verdict(self) -> Verdict | None:
        """How the phone is, as far as is known; None where that is not known.

        What was red stays red until a reading that ended shows otherwise. Any other verdict is not known any more once
        another reading was begun, or steps were taken, without a reading that ended since; where such steps put a
        banned app back, it is red.
        """
        look_verdict = self.look.verdict if self.look is not None else None
        verdict = look_verdict or (self.last.verdict if self.last is not None else None)
        was_put_back = self.since is Since.CHANGE and bool(self.left_products)
        if self.open_bans or was_put_back or verdict is Verdict.RED:
            return Verdict.RED
        return verdict if self.since is Since.NOTHING else None

    @property
    def reason(self) -> Reason:
        """Why the phone has its verdict: the weightiest of :attr:`reasons`."""
        return self.reasons[0]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that keeps the phone from green, the weightiest first; one where it is green or not known."""
        verdict = self.verdict
        if verdict is None:
            return (self._unknown,)
        if verdict is Verdict.GREEN:
            return (Reason.REMOVED if self.products(Fate.REMOVED, Fate.GONE) else Reason.NONE_BANNED,)
        # What the last check says comes first; what was recorded after it corrects that.
        reasons = self.last.reasons if self.last is not None and self.last.verdict is not Verdict.GREEN else ()
        was_seen = self.left_products or (self.look is not None and self.look.answer == Attested.APP_SEEN)
        if verdict is Verdict.RED and was_seen and Reason.BANNED not in reasons:
            reasons = (Reason.BANNED_SEEN, *(r for r in reasons if r is not Reason.NONE_BANNED))
        # Red although nothing banned is known to be left: what was done since has not been read back.
        is_unread = self.since is Since.CHANGE or Reason.BANNED in reasons
        if verdict is Verdict.RED and is_unread and not self.left_count:
            reasons = (Reason.NOT_READ_AGAIN, *(r for r in reasons if r is not Reason.BANNED))
        reasons = reasons or (Reason.BANNED_SEEN if verdict is Verdict.RED else Reason.UNSEEN,)
        nothing_seen = self.look is not None and self.look.answer == Attested.NOTHING_SEEN
        return _looked_at(reasons) if nothing_seen else reasons

    @property
    def _unknown(self) -> Reason:
        if self.since is Since.CHANGE:
            return Reason.NOT_READ_AGAIN
        return Reason.BROKEN_OFF if self.last is not None or self.since is Since.READING else Reason.NOT_READ

    # --- what every surface says of a visit, by product

    @property
    def fates(self) -> Mapping[Bilingual | str, Fate]:
        """What became of each banned product that the visit has met: of several of its apps, the worst."""
        fates: dict[Bilingual | str, Fate] = {}
        for ban in self.bans:
            fates[ban.product] = max(fates.get(ban.product, ban.fate), ban.fate, key=_FATES.index)
        seen = (*self.open_bans, *(self.look.products if self.look is not None else ()))
        return fates | dict.fromkeys(seen, Fate.STILL_THERE)

    def products(self, *fates: Fate) -> tuple[Bilingual | str, ...]:
        """The products of which this became."""
        return tuple(product for product, fate in self.fates.items() if fate in fates)

    @property
    def found_count(self) -> int:
        """How many banned products the visit has met."""
        return len(self.fates)

    @property
    def left_products(self) -> tuple[Bilingual | str, ...]:
        """The products that are on the phone for all that is known: they make it red."""
        return self.products(Fate.STILL_THERE)

    @property
    def left_count(self) -> int:
        """How many these are, also where the records do not name them."""
        counted = self.last.banned if self.last is not None and self.last.red and not self.bans else 0
        return max(len(self.left_products), counted)


def _looked_at(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What an officer looked at is not unseen any more, nor only suspected; what a reading found stays before it."""
    settled = (Reason.SUSPECTED, Reason.UNSEEN)
    if not any(reason in settled for reason in reasons):
        return reasons
    other_reasons = tuple(reason for reason in reasons if reason not in settled)
    # Before what may come back, and before the phone's health unless that makes it red; behind all other reasons, which
    # are of banned apps.
    last = {Reason.CAN_RETURN} if reasons[0] is Reason.HEALTH else {Reason.HEALTH, Reason.CAN_RETURN}
    at = sum(reason not in last for reason in other_reasons)
    return (*other_reasons[:at], Reason.LOOKED_AT, *other_reasons[at:])
