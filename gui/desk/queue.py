"""The order of work at a desk: which phone needs the officer next, and what each row of the list says. No widget here.

Three groups. A phone that needs a person comes first, by how soon the officer's own press ends the wait; then those
that go on by themselves; then those to hand back, the longest wait first. A phone that has left comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, IntEnum
from typing import Final, TypeVar

from core.describe import verdicts
from core.model import Verdict, platforms
from core.model.visit_state import Since
from core.phones.hand_kind import Doer
from core.phones.states import STATES, of_problem, question
from core.text import N, T, Text, grouped
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.theme import STATUS_ICONS, Status


class Group(IntEnum):
    """Where a phone stands in the list, from the top."""

    NEEDS_YOU = 0
    GOING_ON = 1
    HAND_BACK = 2
    LEFT = 3

    @property
    def heading(self) -> Text:
        return _HEADINGS[self]


_HEADINGS: Final = {
    Group.NEEDS_YOU: T("Needs you"),
    Group.GOING_ON: T("In progress"),
    Group.HAND_BACK: T("Hand back"),
    Group.LEFT: T("Unplugged"),
}


class Total(Enum):
    """What the strip over the list counts; each can narrow the list to what it counts."""

    PLUGGED_IN = "plugged-in"
    RED = "red"
    AMBER = "amber"
    NOT_READY = "not-ready"
    READING = "reading"
    HAND_BACK = "hand-back"


class _Urgency(IntEnum):
    """The order within "Needs you"."""

    PRESS = 0
    PREPARE = 1
    LOOK = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What the list shows of one phone: `word` over `act`, with a glyph beside the word."""

    group: Group
    status: Status
    glyph: str
    word: Text
    act: Text
    #: What stands earlier is smaller.
    order: tuple[float, ...]
    #: How far it is, 0 to 1, where it goes on by itself.
    share: float | None = None


def row_of(view: PhoneView, now: datetime) -> QueueRow:
    """The row of one phone at the time `now`."""
    if view.absent:
        return _absent(view)
    if view.coming_removal is not None or (view.busy and view.phase is not Phase.ASKED):
        return _going_on(view)
    if view.is_handed_back:
        return QueueRow(
            Group.HAND_BACK,
            view.status,
            STATUS_ICONS[view.status],
            T("Handed back"),
            T("Unplug it"),
            (-1.0, view.slot),
        )
    if view.check is None:
        row = _not_ready(view)
        red = view.verdict is Verdict.RED
        return replace(row, status=Status.RED, glyph="cross", word=verdicts.pill(view.standing)) if red else row
    return _checked(view, view.verdict, now)


def _going_on(view: PhoneView) -> QueueRow:
    share = view.progress.share if view.progress is not None else None
    order = (view.slot,)
    if view.coming_removal is not None:
        off = view.coming_removal.count == view.coming_removal.off
        word = T("Switching off") if off else T("Removing")
        return QueueRow(Group.GOING_ON, Status.RED, "more", word, T("Starts in a moment"), order)
    if view.changing:
        doing = T("Switching off") if view.only_switches_off else T("Removing")
        word = doing if view.phase is Phase.REMOVING else T("Putting back")
        # How many there will be is not known: what a phone refuses is tried in another way.
        act = T("Step {number}", number=max(len(view.steps), 1))
        return QueueRow(Group.GOING_ON, Status.RED, "more", word, act, order, share)
    if view.phase is Phase.KEEPING:
        return QueueRow(Group.GOING_ON, view.status, "more", T("Keeping files"), T("Nothing is removed"), order, share)
    if view.phase is Phase.HANDING_BACK:
        doing = platforms.of(view.platform).leaving.doing
        return QueueRow(Group.GOING_ON, view.status, "more", T("Handing back"), doing, order, share)
    if view.bans:  # it can be acted on at once, although the reading goes on
        count = len({f.product for f in view.bans})
        word = N("{count} banned so far", "{count} banned so far", count)
        return QueueRow(Group.NEEDS_YOU, Status.RED, "cross", word, _files(view), (_Urgency.PRESS, view.slot), share)
    word = T("Opening") if view.phase is Phase.OPENING else T("Reading")
    return QueueRow(Group.GOING_ON, Status.NEUTRAL, "more", word, _files(view), order, share)


def _files(view: PhoneView) -> Text:
    if view.reading is None:
        return T("Keep it plugged in")
    return T("{read} of {total} files", read=grouped(view.files_read), total=grouped(view.reading.files))


def _not_ready(view: PhoneView) -> QueueRow:
    order = (_Urgency.PREPARE, view.slot)
    if view.waits_for_officer:
        return QueueRow(Group.NEEDS_YOU, Status.NEUTRAL, "phone", T("Not read yet"), T("Waits for your name"), order)
    if view.phase is Phase.ASKED:
        act = question(view.platform).act
        return QueueRow(Group.NEEDS_YOU, Status.NEUTRAL, "warning", T("Not ready"), act, order)
    if view.phase is Phase.WAITING and view.sighting is not None:
        return QueueRow(
            Group.NEEDS_YOU,
            Status.NEUTRAL,
            "warning",
            T("Not ready"),
            STATES[view.sighting.state].act,
            order,
        )
    if view.problem is not None:
        state = of_problem(view.problem.code)
        if state is not None and state.stays:
            return QueueRow(Group.NEEDS_YOU, Status.NEUTRAL, "warning", T("Not ready"), state.act, order)
        return QueueRow(Group.NEEDS_YOU, Status.NEUTRAL, "warning", T("Not read"), T("Check again"), order)
    word = T("Stopped") if view.stopped else T("Not read yet")
    return QueueRow(Group.NEEDS_YOU, Status.NEUTRAL, "phone", word, T("Check it"), order)


def _checked(view: PhoneView, verdict: Verdict | None, now: datetime) -> QueueRow:
    if verdict is Verdict.RED:
        word = verdicts.pill(view.standing)
        if view.to_remove:
            return QueueRow(Group.NEEDS_YOU, Status.RED, "cross", word, T("Remove"), (_Urgency.PRESS, view.slot))
        holder = not view.by_hand or any(item.doer is Doer.HOLDER for item in view.by_hand)
        act = T("On the phone") if holder else T("For management")
        return QueueRow(Group.NEEDS_YOU, Status.RED, "cross", word, act, (_Urgency.OWNER, view.slot))
    if view.to_look_at:
        act = T("Look on the phone")
        return QueueRow(
            Group.NEEDS_YOU, Status.AMBER, "question", verdicts.pill(view.standing), act, (_Urgency.LOOK, view.slot)
        )
    waited = max((now - view.checked_at).total_seconds(), 0.0) if view.checked_at is not None else 0.0
    minutes = int(waited // 60)
    act = N("Waiting {count} min", "Waiting {count} min", minutes) if minutes else T("Ready to hand back")
    word = verdicts.pill(view.standing)
    return QueueRow(Group.HAND_BACK, view.status, STATUS_ICONS[view.status], word, act, (-waited, view.slot))


def _absent(view: PhoneView) -> QueueRow:
    """A phone that is not plugged in any more. One that was not handed back keeps its verdict where that is red."""
    state = view.standing
    if view.is_handed_back:
        return QueueRow(
            Group.LEFT, Status.NEUTRAL, STATUS_ICONS[view.status], T("Handed back"), verdicts.pill(state), (view.slot,)
        )
    if view.verdict is Verdict.RED and state.since is Since.CHANGE:
        return QueueRow(
            Group.LEFT, Status.RED, "cross", T("Unplugged during removal"), verdicts.pill(state), (view.slot,)
        )
    if view.verdict is Verdict.RED:
        return QueueRow(Group.LEFT, Status.RED, "cross", verdicts.left_with(state), T("Plug it in again"), (view.slot,))
    return QueueRow(Group.LEFT, Status.NEUTRAL, "cable", T("Unplugged"), verdicts.pill(state), (view.slot,))


def counts(view: PhoneView, row: QueueRow) -> set[Total]:
    """Which totals a phone counts in."""
    if view.absent:
        return {Total.RED} if row.status is Status.RED else set()
    totals = {Total.PLUGGED_IN}
    if row.group is Group.HAND_BACK and not view.is_handed_back:
        totals.add(Total.HAND_BACK)
    elif row.status is Status.RED:
        totals.add(Total.RED)
    elif row.status is Status.AMBER:
        totals.add(Total.AMBER)
    elif row.group is Group.GOING_ON:
        totals.add(Total.READING)
    elif row.group is Group.NEEDS_YOU:
        totals.add(Total.NOT_READY)
    return totals


View = TypeVar("View", bound=PhoneView)


def in_work_order(rows: Iterable[tuple[View, QueueRow]]) -> list[View]:
    """The phones as they stand in the list, from the top."""
    return [view for view, row in sorted(rows, key=lambda pair: (pair[1].group, pair[1].order))]


def next_of(rows: Sequence[tuple[View, QueueRow]], current: View | None) -> View | None:
    """The phone to go to next: down the list from the one that is shown, and from the top again.

    Those that need somebody come before those to hand back; None if there is neither, but the one that is shown. While
    that is changed, only one that needs somebody is worth going to: it is to hand back itself in a moment.
    """
    ordered = in_work_order(rows)
    groups = {view.key: row.group for view, row in rows}
    place = ordered.index(current) if current is not None and current in ordered else -1
    turned = [*ordered[place + 1 :], *ordered[: max(place, 0)]]
    under_way = current is not None and (current.settling or current.coming_removal is not None)
    for group in (Group.NEEDS_YOU,) if under_way else (Group.NEEDS_YOU, Group.HAND_BACK):
        for view in turned:
            if groups[view.key] is group and not view.is_handed_back:
                return view
    return None
