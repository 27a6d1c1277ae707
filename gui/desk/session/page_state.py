"""The state of the Desk page at one moment: all that decides what can be done there. No widget in here.

It is made of the phone that is shown, of what the officer has unfolded, and of what the officer has said so far.
Whether an act can be done is asked of it alone: no button is asked whether it can be seen or pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from core.model import Attested, Finding, HandBack, Paper, Verdict
from core.model.visit_state import Reason
from core.phones.hand_kind import Doer
from core.phones.removal_plan import Planned, Result
from core.text import Bilingual, Text
from core.visit.journal import finding_key
from gui.desk.session.app_rows import AppRow
from gui.desk.session.coming_removal import ComingRemoval
from gui.desk.session.phone_view import Phase
from gui.desk.session.phone_work import PhoneWork


class MissingAnswer(Enum):
    """What the officer has not said yet, and without which an act cannot be done."""

    #: Why the phone is handed back although it is not green.
    REASON = "reason"
    #: That the holder was told what is lost.
    TOLD = "told"
    #: What was seen on the phone.
    LOOK = "look"


class PageContent(Enum):
    """What the page shows of a phone."""

    NOTHING = "nothing"
    RESULT = "result"
    #: How it is made ready.
    READY = "ready"
    #: What is removed by hand, on the phone.
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What the officer has unfolded of the result."""

    plan: bool = False
    undo: bool = False
    #: The phone is to be handed back although it is not settled.
    hand_back: bool = False
    #: The officer looks at what a computer may not see, though nothing demands it.
    look: bool = False


@dataclass(frozen=True, slots=True)
class LookAnswer:
    """What the officer saw on the phone: the answer, and the rules that name the banned apps that were seen."""

    answer: Attested
    rules: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the officer has said or chosen on the page so far."""

    #: Of which phone and apps it is ticked that the owner was told what is lost.
    owner_told: tuple[str, ...] = ()
    #: What is to be removed beside the bans.
    ticked: tuple[Planned, ...] = ()
    hand_back: HandBack = HandBack(Paper.NOT_OFFERED)  # noqa: RUF009 - it is frozen
    #: None until the answer is whole.
    look: LookAnswer | None = None
    #: The table of apps is unfolded, and this row of it is chosen.
    table: bool = False
    row: AppRow | None = None


@dataclass(frozen=True, slots=True)
class ReadyOffers:
    """What the page that leads a phone to ready offers now."""

    step_done: bool = False
    cures: bool = False
    queue_page: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What is so around the phone that is shown."""

    content: PageContent = PageContent.NOTHING
    unfolded: Unfolded = Unfolded()
    answers: Answers = Answers()
    ready: ReadyOffers = ReadyOffers()
    #: A dialog asks something about the phone.
    asking: bool = False
    #: The slot of the phone that is gone to next; None where no other phone waits.
    following: int | None = None
    #: There is little room.
    compact: bool = False
    #: The page has turned to this phone by itself, a moment ago.
    held: bool = False


class Ruled(Protocol):
    """An act that can be done in some states: an entry of :data:`gui.desk.acts.all_acts.ACTS`."""

    @property
    def why_not(self) -> Callable[[PageState], Text | None]: ...


@dataclass(frozen=True, slots=True)
class PageState:
    """The phone that is shown and what is around it; without a phone, only the latter."""

    around: Around = field(default_factory=Around)
    has_phone: bool = False
    key: str = ""
    slot: int = 0
    platform: str = "android"
    practice: bool = False
    phase: Phase = Phase.RESTING
    busy: bool = False
    #: The phone is changed and read again, or that is about to begin.
    settling: bool = False
    stopping: bool = False
    absent: bool = False
    #: Its last check holds.
    checked: bool = False
    #: The last attempt to check it, or to change it, broke off.
    broke_off: bool = False
    green: bool = False
    settled: bool = False
    #: Why it has its verdict.
    reason: Reason = Reason.NOT_READ
    handed_back: bool = False
    checkable: bool = False
    can_be_labelled: bool = False
    must_look: bool = False
    may_look: bool = False
    apps_known: bool = False
    undoable: bool = False
    #: The result of a removal that has changed something is shown; and something of it can be put back.
    removed: bool = False
    can_put_back: bool = False
    #: How many banned products no step removes.
    by_hand: int = 0
    #: How many banned products are on it.
    banned: int = 0
    #: Copies of the files of all of these are kept.
    kept: bool = False
    #: How many of these the holder can remove on the phone.
    by_holder: int = 0
    #: The banned products that no step removes: those that the holder removes, and the others.
    by_hand_apps: tuple[Bilingual | Text | str, ...] = ()
    staying_apps: tuple[Bilingual | Text | str, ...] = ()
    #: A removal that was asked for and has not begun.
    coming: ComingRemoval | None = None
    #: The policy has the officer say, before each removal, that the holder was told what is lost.
    asks_told: bool = False
    #: Bans that were found while the reading goes on.
    bans_seen: tuple[Finding, ...] = ()
    removable: tuple[Planned, ...] = ()
    to_remove: tuple[Planned, ...] = ()

    @classmethod
    def of(cls, phone: PhoneWork | None, around: Around) -> PageState:
        """The state of the page that shows `phone`."""
        if phone is None:
            return cls(around)
        return cls(
            around,
            has_phone=True,
            key=phone.key,
            slot=phone.slot,
            platform=phone.platform,
            practice=phone.practice,
            phase=phone.phase,
            busy=phone.busy,
            settling=phone.settling or phone.coming_removal is not None,
            stopping=phone.stopping,
            absent=phone.absent,
            checked=phone.check is not None,
            broke_off=phone.stopped or phone.cut_off or phone.problem is not None,
            green=phone.verdict is Verdict.GREEN,
            settled=phone.settled,
            reason=phone.standing.reason,
            handed_back=phone.is_handed_back,
            checkable=phone.checkable,
            can_be_labelled=phone.can_be_labelled,
            must_look=phone.to_look_at,
            may_look=phone.may_look_at,
            apps_known=phone.rows is not None,
            undoable=bool(phone.undoable),
            removed=phone.removal is not None and any(i.result is not Result.STILL_THERE for i in phone.removal.items),
            can_put_back=any(item.possible for item in phone.undoable),
            by_hand=len({item.finding.product for item in phone.by_hand}),
            banned=phone.banned_count,
            kept=phone.check is not None and {finding_key(f) for f in phone.check.red} <= phone.kept,
            by_holder=sum(item.doer is Doer.HOLDER for item in phone.by_hand),
            by_hand_apps=_products(phone, holder=True),
            staying_apps=_products(phone, holder=False),
            coming=phone.coming_removal,
            asks_told=phone.asks_told,
            bans_seen=phone.bans_seen,
            removable=tuple(phone.removable),
            to_remove=tuple(phone.to_remove),
        )

    def why_not(self, act: Ruled) -> Text | None:
        """Why `act` cannot be done now; None where it can."""
        return act.why_not(self)

    def enabled(self, act: Ruled) -> bool:
        """Whether `act` can be done now."""
        return self.why_not(act) is None

    @property
    def changing(self) -> bool:
        """Whether the phone is being changed."""
        return self.phase in (Phase.REMOVING, Phase.UNDOING)

    @property
    def unfolded(self) -> Unfolded:
        """What the officer has unfolded."""
        return self.around.unfolded

    @property
    def still_unfolded(self) -> Unfolded:
        """What may stay unfolded: what has nothing to do with the phone as it is now is folded up."""
        stays = self.checked and not (self.busy or self.absent or self.handed_back)
        return self.unfolded if stays and (self.may_look or not self.unfolded.look) else Unfolded()

    @property
    def looks_too(self) -> bool:
        """Whether the officer looks on the phone although nothing demands it."""
        return self.unfolded.look and self.may_look

    @property
    def looks(self) -> bool:
        """Whether the officer is to look on the phone and say what was seen."""
        otherwise = self.busy or self.handed_back or self.unfolded.undo or self.unfolded.hand_back
        return (self.must_look or self.looks_too) and not otherwise

    @property
    def handing(self) -> bool:
        """Whether the phone can be handed back as it is, or is to be nevertheless."""
        still = self.checked and not (self.busy or self.absent or self.handed_back)
        return still and not (self.unfolded.undo or self.looks_too) and (self.settled or self.unfolded.hand_back)

    @property
    def reason_wanted(self) -> bool:
        """Whether it is asked why the phone is handed back although it is not green."""
        return self.handing and not self.green

    @property
    def undo_ends(self) -> bool:
        """Whether the result of a removal is shown of which nothing can be put back."""
        return self.removed and self.checked and not (self.busy or self.absent or self.handed_back or self.can_put_back)

    def lacks(self, missing: MissingAnswer) -> bool:
        """Whether the result is shown, and asks the officer for this in vain so far."""
        if self.around.content is not PageContent.RESULT:
            return False
        match missing:
            case MissingAnswer.REASON:
                return self.reason_wanted and not self.around.answers.hand_back.reason
            case MissingAnswer.TOLD:
                return self.owner_told is False
            case MissingAnswer.LOOK:
                return self.looks and self.around.answers.look is None

    @property
    def chosen(self) -> tuple[Planned, ...]:
        """What would be removed now. What the phone refused is tried again only where its steps are unfolded."""
        again = tuple(item for item in self.removable if item.steps)
        return (*(again if self.unfolded.plan else self.to_remove), *self.around.answers.ticked)

    @property
    def removing(self) -> bool:
        """Whether something on the phone can be removed by a press."""
        if self.unfolded.undo or self.unfolded.hand_back or self.absent or self.handed_back or self.looks_too:
            return False
        if self.phase is Phase.LOOKING and self.bans_seen:
            return True
        return not self.busy and bool(self.chosen)

    @property
    def removes_first(self) -> bool:
        """Whether banned apps are to be removed before the page goes into anything else."""
        return self.removing and bool(self.to_remove)

    @property
    def loses(self) -> tuple[Bilingual | Text | str, ...]:
        """The apps whose owner loses for good what is kept in them, where what is chosen is removed.

        While files are still looked into, that is not known: then all that were found.
        """
        if self.busy:
            return tuple(dict.fromkeys(f.product for f in self.bans_seen)) if self.phase is Phase.LOOKING else ()
        return tuple(dict.fromkeys(item.finding.display_name for item in self.chosen if item.loses_data))

    @property
    def to_tell(self) -> tuple[str, ...]:
        """Of which phone and apps the owner is to be told that something is lost."""
        return (self.key, *sorted(map(str, self.loses)))

    @property
    def owner_told(self) -> bool | None:
        """Whether it is ticked that the holder was told of just what is lost; None where that is not asked."""
        asks = self.asks_told and self.removing and bool(self.loses)
        return self.around.answers.owner_told == self.to_tell if asks else None


def _products(phone: PhoneWork, *, holder: bool) -> tuple[Bilingual, ...]:
    """The banned products that the holder removes by hand, or those that the holder cannot remove either."""
    items = (item for item in phone.by_hand if (item.doer is Doer.HOLDER) is holder)
    return tuple(dict.fromkeys(item.finding.product for item in items))
