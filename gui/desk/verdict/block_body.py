"""The body of the verdict block: what the verdict rests on, what is under way, and what the officer is asked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.phones.removal_plan import Planned
from core.text import N, T, Text
from gui.desk.bullet_list import Bullet, BulletList
from gui.desk.by_hand.look_form import LookForm
from gui.desk.finding_text import cards_of
from gui.desk.hand_back.hand_back_form import HandBackForm
from gui.desk.phone_text import gaps_of, gaps_until_removed, reading_of
from gui.desk.session.page_state import PageState
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.finding_cards import FindingCards
from gui.desk.verdict.step_text import outcome_of, plan_of, steps_of, undo_of, undone_of
from gui.toolkit.layouts import column, tab_after
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark


class BlockBody(QWidget):
    """Findings, gaps, steps, the plan, and the two forms; each is seen only where it has something to say."""

    #: The officer has answered something.
    changed = Signal()

    def __init__(self, head: QWidget) -> None:
        """It stands below `head`."""
        super().__init__()
        mark(self, "clear")
        self._head = head
        self.say = Parts(self)
        self._also: list[Planned] = []
        self.cards = FindingCards()
        self.outcome = BulletList()
        self.steps = BulletList()
        self.gaps = BulletList()
        self.plan = BulletList()
        self.explained = self.say.label("", kind="muted")
        self.no_undo = self.say.label(
            T("This removal cannot be undone: the phone no longer has what was removed."), kind="muted"
        )
        self.also_heading = self.say.label(T("Also found. Tick what is to be removed too:"), TextSize.STRONG)
        self.also = BulletList()
        self.given = self.say.label("", selectable=True)
        self.look = LookForm()
        self.hand_back = HandBackForm()
        self._column: QVBoxLayout = column(
            self.outcome,
            self.no_undo,
            self.given,
            self.cards,
            self.gaps,
            self.steps,
            self.look,
            self.hand_back,
            self.explained,
            self.plan,
            self.also_heading,
            self.also,
            spacing=STEP + 4,
            inside=self,
        )
        self.look.changed.connect(self.changed)
        self.hand_back.changed.connect(self.changed)

    def be_compact(self, low: bool, edge: int) -> None:
        """Take less room, with this much of it at either side."""
        above = STEP // 2 if low else STEP * 2
        self._column.setContentsMargins(edge, above, edge, above)
        self.cards.be_low(low)

    @property
    def is_empty(self) -> bool:
        """Whether nothing in it has anything to say."""
        parts = (
            self.given,
            self.cards,
            self.outcome,
            self.gaps,
            self.steps,
            self.look,
            self.hand_back,
            self.plan,
            self.also,
        )
        return all(part.isHidden() for part in parts)

    def ticked(self) -> tuple[Planned, ...]:
        """What is ticked to be removed beside the bans."""
        return tuple(item for item, box in zip(self._also, self.also.boxes, strict=True) if box.isChecked())

    def show_session(self, session: PhoneSession, state: PageState) -> None:
        """Show what belongs to this phone in this state."""
        check, settled = session.check, not state.busy and not state.unfolded.undo
        cards = self._show_cards(session, state, settled=settled)
        outcome = _outcome(session, state)
        _show(self.outcome, outcome)
        self.no_undo.setVisible(bool(outcome) and state.undo_ends)
        gaps = gaps_of(check) if check is not None and settled and session.attestation is None else []
        _show(self.gaps, [gaps_until_removed(len(gaps))] if gaps and state.removes_first else gaps)
        tab_after(self._head, self.gaps)
        steps = steps_of(session) if state.changing else reading_of(session) if state.busy else []
        self.steps.show_bullets(steps)
        self.steps.setVisible(bool(steps) and not cards)
        back = session.handed_back
        reason = back.intended.reason.value if back is not None and not state.busy else ""
        self.say(self.given.setText, T("Reason: {reason}", reason=reason or ""))
        self.given.setVisible(bool(reason))
        # What is not seen is not made: a page that is new has to be there at once.
        for form, visible in ((self.look, state.looks), (self.hand_back, state.handing)):
            if visible or state.handed_back:  # a form holds on to no phone that was let go
                form.show_session(session)
            form.setVisible(visible)
        self._show_plan(session, state)
        self._show_also(session, state)

    def _show_cards(self, session: PhoneSession, state: PageState, *, settled: bool) -> bool:
        """Show the findings as cards, where there is room; whether there are any."""
        check = session.check
        findings = session.bans or (check.bans if check is not None and settled else ())
        if check is not None and settled:
            findings = (*findings, *check.suspected)
        identities = check.identities if check is not None else {}
        cards = [] if state.changing or state.handed_back else cards_of(findings, identities)
        self.cards.show_cards(cards)
        crowded = (state.around.compact and state.unfolded.plan) or state.looks_too
        self.cards.setVisible(bool(cards) and not crowded)
        return bool(cards)

    def _show_plan(self, session: PhoneSession, state: PageState) -> None:
        """What exactly would be done, where that is unfolded."""
        undo = state.unfolded.undo and state.undoable and not state.busy
        plan = state.unfolded.plan and bool(state.removable) and not state.busy
        points = undo_of(session.undoable) if undo else plan_of(state.removable) if plan else []
        _show(self.plan, points)
        later = session.for_next_time if not (state.busy or undo or state.handed_back) else 0
        words: Text | str
        if undo:
            words = T("This brings back banned apps. Each step is logged before it is sent to the phone.")
        elif not plan:
            words = ""
        elif any(item.steps for item in state.removable):
            words = T("Each step is logged before it is sent to the phone. Then the phone is read again.")
        else:
            words = T("This cannot be done from here. Do it on the phone, then check again.")
        if later:
            later_words = N("{count} more is for the next time.", "{count} more are for the next time.", later)
            words = T("{explanation} {more}", explanation=words, more=later_words) if words else later_words
        self.say(self.explained.setText, words)
        self.explained.setVisible(bool(points) or bool(later))

    def _show_also(self, session: PhoneSession, state: PageState) -> None:
        """What else could be ticked, wherever there is any."""
        undo = state.unfolded.undo and state.undoable
        also = session.also if not (state.busy or undo or state.handed_back) else []
        if also != self._also:
            self._also = also
            self.also.show_bullets(())
            self.also.show_bullets(plan_of(also, tick=True))
            tab_after(self.hand_back, self.also)
            for box in self.also.boxes:
                box.toggled.connect(lambda on: self.changed.emit())
        shown = bool(also) and (state.unfolded.plan or not state.removes_first or bool(self.ticked()))
        self.also.setVisible(shown)
        self.also_heading.setVisible(shown)


def _show(bullets: BulletList, points: Sequence[Bullet]) -> None:
    bullets.show_bullets(points)
    bullets.setVisible(bool(points))


def _outcome(session: PhoneSession, state: PageState) -> list[Bullet]:
    """The result of the last removal or putting back, until the phone is read again."""
    if state.busy or state.unfolded.plan or state.unfolded.undo or state.handed_back:
        return []
    if session.removal is not None:
        return outcome_of(session.removal)
    return undone_of(session.undone) if session.undone is not None else []
