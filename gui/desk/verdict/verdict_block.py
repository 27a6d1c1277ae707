"""The verdict block: the largest thing on the page, what belongs to it, and at its end the one next step.

A head with the verdict and why; a body with what the verdict rests on, or what is under way; a row with the tick and
the button. The button that removes is grey until what must be told is ticked, and never has the focus by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from core import value_names
from core.jobs import Progress
from core.model import ProfileKind, Verdict
from core.phones.removal_plan import Planned
from core.text import N, T, Text
from gui.desk.bullet_list import Bullet, BulletList
from gui.desk.by_hand.look_form import LookForm, look_at
from gui.desk.finding_text import cards_of
from gui.desk.hand_back.hand_back_form import HandBackForm
from gui.desk.phone_text import BlockText, block_text, gaps_of, reading_of, title
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from gui.desk.verdict.finding_cards import FindingCards
from gui.desk.verdict.step_text import losing, outcome_of, plan_of, removal_name, steps_of, undo_of, undone_of
from gui.toolkit.announcement import announce, with_full_stop
from gui.toolkit.images.progress_ring import ProgressRing
from gui.toolkit.layouts import FittingArea, column, row, tab_after
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import ElidedLabel, Tick, WrappedLabel

#: Logical pixels that the body has at least; and the frame's own line.
_LEAST: Final = STEP * 6
_LINE: Final = 1
#: Taller than any page.
_NO_LIMIT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What the officer has unfolded in the block."""

    plan: bool = False
    undo: bool = False
    #: The phone is to be handed back although it is not settled.
    hand_back: bool = False
    #: The officer looks at what a computer may not see, though nothing demands it.
    look: bool = False


class VerdictBlock(QFrame):
    """Says what is known of the chosen phone, and offers the next step."""

    #: The plan was folded or unfolded, or another such thing asked for: what is to be unfolded now.
    unfold_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self._announced: tuple[PhoneSession, str] | None = None
        self._compact = self._low = False
        self._room = 0
        self._session: PhoneSession | None = None
        self._unfolded = Unfolded()
        self._told_of: tuple[object, ...] = ()
        self._also: list[Planned] = []
        self._make_head()
        self._make_body()
        self._make_actions()
        self.body_area = FittingArea(self.body, self._most)
        margins = (_LINE, _LINE, _LINE, _LINE)
        self._column = column(self.head, (self.body_area, 1), self.action_row, spacing=0, inside=self, margins=margins)
        self.be_compact(False)

    # --- how it is made

    def _make_head(self) -> None:
        self.head = QFrame()
        self.ring = ProgressRing(56)
        self.headline = WrappedLabel(TextSize.DISPLAY)
        self.sentence = WrappedLabel(selectable=True)
        self.doing = ElidedLabel(TextSize.STRONG)
        again = T("Check again")
        self.again = self.say.button(self._again_words, icon="refresh", name=again, tip=T("Read the phone again (F5)"))
        self.stop = self.say.button(T("Stop"), icon="stop", tip=T("Stop what is under way (Ctrl+.)"))
        texts = column(None, self.headline, self.doing, self.sentence, None, spacing=2)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._head_row = row(
            (self.ring, 0, middle),
            (texts, 1),
            (self.stop, 0, middle),
            (self.again, 0, middle),
            spacing=STEP * 2 + 4,
            inside=self.head,
        )

    def _make_body(self) -> None:
        self.body = QWidget()
        mark(self.body, "clear")
        self.cards = FindingCards()
        self.outcome = BulletList(tallest=STEP * 22)
        self.steps = BulletList(tallest=STEP * 40)
        self.gaps = BulletList(tallest=STEP * 22)
        self.plan = BulletList(tallest=STEP * 30)
        self.explained = self.say.label("", kind="muted")
        self.also_heading = self.say.label(T("Also found. Tick what is to be removed too:"), TextSize.STRONG)
        self.also = BulletList(tallest=STEP * 20)
        self.look = LookForm()
        self.hand_back = HandBackForm()
        self._body_column: QVBoxLayout = column(
            self.outcome,
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
            inside=self.body,
        )

    def _make_actions(self) -> None:
        self.action_row = QFrame()
        mark(self.action_row, "actions")
        self.told = Tick()
        self.told.toggled.connect(self._refresh_buttons)
        self.remove = self.say.button("", icon="remove", kind="danger")
        self.on_phone = self.say.button("", icon="phone", kind="primary")
        self.put_back = self.say.button(T("Put back now"), icon="undo", kind="primary", destroys=True)
        self.record = self.say.button(T("Record what I saw"), kind="primary")
        self.finish = self.say.button(T("Finish and hand back"), icon="hand", kind="primary", destroys=True)
        self.check = self.say.button(T("Check again"), icon="refresh", kind="primary")
        self.leave = self.say.button(T("Not now"), self._fold, tip=T("Leave the phone as it is (Esc)"))
        self.what = self.say.button("", self._unfold_plan, kind="link")
        self.look_too = self.say.button("", self._unfold_look, icon="phone", kind="link")
        self.aside = self.say.label("", kind="muted")
        buttons = (self.remove, self.on_phone, self.put_back, self.record, self.finish, self.check, self.leave)
        self._actions_row = row(
            self.told,
            *buttons,
            (self.aside, 1),
            None,
            self.look_too,
            self.what,
            spacing=STEP * 2,
            inside=self.action_row,
        )
        for one in (self.look.changed, self.hand_back.changed):
            one.connect(self._refresh_buttons)

    def end_with_actions(self) -> None:
        """Have the row of actions at its end, where it is again after it stood elsewhere."""
        self._column.addWidget(self.action_row)

    def be_compact(self, compact: bool, low: bool = False) -> None:
        """Take less room, and if `low` still less."""
        self._compact, self._low = compact, low
        self.say.again()
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if low else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.body_area.setVerticalScrollBarPolicy(bar)
        edge = STEP if low else STEP * 2 if compact else STEP * 3
        self._head_row.setContentsMargins(
            edge, edge - 4 if compact else STEP * 2 + 4, edge, edge - 4 if compact else 20
        )
        self._body_column.setContentsMargins(edge, STEP if low else STEP * 2, edge, STEP if low else STEP * 2)
        self._actions_row.setContentsMargins(edge, STEP if compact else STEP * 2, edge, STEP if compact else STEP * 2)
        self.ring.setFixedSize(*((36, 36) if compact else (56, 56)))
        keys = {self.remove: "Alt+R", self.on_phone: "Alt+H", self.record: "Alt+S", self.finish: "Alt+F"}
        for button, key in keys.items():
            button.show_key("" if compact else key)

    def give_room(self, height: int) -> None:
        """Keep to this height, in logical pixels, so that the actions stay in sight: the body scrolls."""
        self._room = height
        self.body_area.updateGeometry()

    def _most(self, width: int) -> int:
        """How tall the body may be. On a low page all of the block scrolls, and the actions stand below it."""
        if self._low:
            return _NO_LIMIT
        shown = [one for one in (self.head, self.action_row) if not one.isHidden()]
        taken = sum(max(one.heightForWidth(width), one.sizeHint().height()) for one in shown)
        return max(self._room - taken - 2 * _LINE, _LEAST)

    # --- what it shows

    def show_session(self, session: PhoneSession, unfolded: Unfolded, *, aloud: bool = True) -> None:
        """Show this phone as it is now; `aloud` unless something else on the page tells a screen reader of it."""
        self._session, self._unfolded = session, unfolded
        told = block_text(session, compact=self._compact)
        mark(self, f"block-{told.status.value}")
        mark(self.head, f"head-{told.status.value}")
        ringed = told.progress is not None and told.status is Status.NEUTRAL
        self.ring.show_share(told.progress.share if ringed and told.progress else None, told.glyph, told.status)
        self.headline.setFont(font(_headline_size(told, compact=self._compact)))
        self._say_progress(told.progress)
        self.say(self.headline.setText, told.headline)
        self.say(self.sentence.setText, lambda: " ".join(map(str, told.sentences)))
        self.sentence.setVisible(bool(told.sentences))
        self.stop.setVisible(session.busy)
        self.stop.setEnabled(not session.stopping)
        stop = T("Stop after this app") if session.changing else T("Stop")
        self.say(self.stop.setText, stop)
        self._show_body(session)
        self._show_actions(session)
        self._announce(session, told, aloud=aloud)

    def _show_body(self, session: PhoneSession) -> None:
        check, shown = session.check, not session.busy and not self._unfolded.undo
        handing = self._hands_back(session)
        findings = session.bans or (check.bans if check is not None and shown else ())
        if check is not None and shown:
            findings = (*findings, *check.suspected)
        cards = (
            cards_of(findings, check.identities if check is not None else {})
            if not session.changing and session.handed_back is None
            else []
        )
        if self.cards.show_cards(cards):
            tab_after(self.head, self.cards)
        crowded = (self._compact and self._unfolded.plan) or self._looks_too(session)
        self.cards.setVisible(bool(cards) and not crowded)
        self._show(self.outcome, self._outcome(session))
        self._show(self.gaps, gaps_of(check) if check is not None and shown and session.looked is None else [])
        steps = steps_of(session) if session.changing else reading_of(session) if session.busy else []
        self.steps.show_bullets(steps, follow=session.changing)
        self.steps.setVisible(bool(steps) and not cards)
        # What is not seen is not made: a page that is new has to be there at once.
        for form, wanted in ((self.look, self._looks(session)), (self.hand_back, handing)):
            if wanted:
                form.show_session(session)
            form.setVisible(wanted)
        self._show_plan(session)
        parts = (self.cards, self.outcome, self.gaps, self.steps, self.look, self.hand_back, self.plan, self.also)
        self.body_area.setVisible(any(not one.isHidden() for one in parts))

    @staticmethod
    def _show(bullets: BulletList, points: Sequence[Bullet]) -> None:
        bullets.show_bullets(points)
        bullets.setVisible(bool(points))

    def _outcome(self, session: PhoneSession) -> list[Bullet]:
        """The result of the last removal or putting back, until the phone is read again."""
        if session.busy or self._unfolded.plan or self._unfolded.undo or session.handed_back is not None:
            return []
        if session.removal is not None:
            return outcome_of(session.removal)
        return undone_of(session.undone) if session.undone is not None else []

    def _show_plan(self, session: PhoneSession) -> None:
        """What exactly would be done, where that is unfolded; what else could be ticked, wherever there is any."""
        undo = self._unfolded.undo and bool(session.undoable) and not session.busy
        plan = self._unfolded.plan and bool(session.removable) and not session.busy
        points = undo_of(session.undoable) if undo else plan_of(session.removable) if plan else []
        self._show(self.plan, points)
        more = session.for_next_time if not session.busy and not undo and session.handed_back is None else 0
        words: Text | str
        if undo:
            words = T(
                "Banned apps come back with it. Each step is written into the log before it is sent to the phone."
            )
        elif not plan:
            words = ""
        elif any(item.steps for item in session.removable):
            words = T("Each step is written into the log before it is sent to the phone. Then the phone is read again.")
        else:
            words = T("No step can be taken from here. Do this on the phone itself, then check it again.")
        if more:
            left = N("{count} more is for the next time.", "{count} more are for the next time.", more)
            words = T("{explanation} {more}", explanation=words, more=left) if words else left
        self.say(self.explained.setText, words)
        self.explained.setVisible(bool(points) or bool(more))
        also = session.also if not session.busy and not undo and session.handed_back is None else []
        if also != self._also:
            self._also = also
            self.also.show_bullets(())
            self.also.show_bullets(plan_of(also, tick=True))
            tab_after(self.hand_back, self.also)
            for box in self.also.boxes:
                box.toggled.connect(self._refresh_buttons)
        self.also.setVisible(bool(also))
        self.also_heading.setVisible(bool(also))

    # --- the actions

    def _looks(self, session: PhoneSession) -> bool:
        """Whether the officer is to look on the phone and say what was seen."""
        otherwise = session.busy or session.handed_back is not None or self._unfolded.undo or self._unfolded.hand_back
        return (session.to_look_at or self._looks_too(session)) and not otherwise

    def _looks_too(self, session: PhoneSession) -> bool:
        """Whether the officer looks although nothing demands it."""
        return self._unfolded.look and session.may_look_at

    def _hands_back(self, session: PhoneSession) -> bool:
        """Whether the phone can be handed back as it is, or is to be nevertheless, or was."""
        if session.check is None or session.busy or self._unfolded.undo:
            return False
        if session.handed_back is not None or session.gone:
            return session.handed_back is not None
        if self._looks_too(session):
            return False
        return session.settled or self._unfolded.hand_back

    def chosen(self) -> list[Planned]:
        """What would be removed now. What the phone refused is tried again only where its steps are unfolded."""
        session = self._session
        if session is None:
            return []
        planned = [item for item in session.removable if item.steps] if self._unfolded.plan else session.to_remove
        ticked = [item for item, box in zip(self._also, self.also.boxes, strict=True) if box.isChecked()]
        return [*planned, *ticked]

    def _show_actions(self, session: PhoneSession) -> None:
        undo = self._unfolded.undo and bool(session.undoable)
        self.put_back.setVisible(undo and not session.busy)
        self.leave.setVisible((undo or self._unfolded.hand_back or self._looks_too(session)) and not session.busy)
        handing = self._hands_back(session) and session.handed_back is None
        self.finish.setVisible(handing)
        self.hand_back.show_reason(handing and session.verdict is not Verdict.GREEN)
        self.record.setVisible(self._looks(session))
        self.look_too.setVisible(handing and session.may_look_at and not self._unfolded.hand_back)
        leads = look_at(session)
        self.say(self.look_too.setText, leads if not self._compact else value_names.PROFILES[ProfileKind.HIDDEN_APPS])
        self.say.name(self.look_too, leads)
        read = session.check is not None
        self.again.setVisible(read and not session.busy and not session.gone and session.handed_back is None)
        self.again.setEnabled(session.checkable)
        again = session.stopped or session.cut_off or session.problem is not None
        self.say(self.check.setText, T("Check again") if again else T("Check"))
        self.check.setVisible(not read and not session.busy and session.checkable and session.phase is Phase.RESTING)
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        """What can be pressed now, and what it would do."""
        session = self._session
        if session is None:
            return
        removing = self.can_remove(session)
        lost = losing(session, self.chosen())
        about = (session.key, *sorted(map(str, lost)))
        if about != self._told_of:  # said of other apps, or of another phone's
            self._told_of = about
            self.told.setChecked(False)
        self.told.setVisible(removing and bool(lost))
        apps = ", ".join(dict.fromkeys(map(str, lost)))
        self.say(self.told.setText, T("I told the owner: data kept only in {apps} is lost.", apps=apps))
        self.remove.setVisible(removing)
        self.remove.setEnabled(removing and (self.told.isChecked() or not lost) and not session.stopping)
        self.say(self.remove.setText, removal_name(session, self.chosen()))
        by_hand = len(session.by_hand) if not session.busy and not self._unfolded.hand_back else 0
        instead = self._unfolded.undo or self._looks_too(session)
        self.on_phone.setVisible(bool(by_hand) and not removing and not instead)
        self.say(
            self.on_phone.setText,
            N("Do it on the phone ({count} app)", "Do it on the phone ({count} apps)", by_hand),
        )
        planned = bool(session.removable) and not session.busy and not instead
        self.what.setVisible(planned and not self._unfolded.hand_back and not self._compact)
        folded = T("What exactly is done?") if not self._unfolded.plan else T("Fold it up")
        self.say(self.what.setText, folded)
        self.record.setEnabled(self.look.answer() is not None)
        self.finish.setEnabled(self.hand_back.is_ready())
        slot = session.slot
        ends = T("This ends the connection with slot {slot}.", slot=slot) if not self.finish.isHidden() else ""
        self.say(self.aside.setText, ends)
        self.aside.setVisible(bool(ends) and not self._compact)
        buttons = (self.remove, self.on_phone, self.put_back, self.record, self.finish, self.check, self.leave)
        self.action_row.setVisible(any(not one.isHidden() for one in (*buttons, self.look_too, self.what)))

    def can_remove(self, session: PhoneSession) -> bool:
        """Whether something on the phone can be removed by a press."""
        if self._unfolded.undo or self._unfolded.hand_back or session.gone or session.handed_back is not None:
            return False
        if self._looks_too(session):
            return False
        if session.phase is Phase.LOOKING and session.seen:
            return True
        return not session.busy and bool(self.chosen())

    def _unfold_plan(self) -> None:
        self.unfold_wanted.emit(Unfolded(plan=not self._unfolded.plan))

    def _unfold_look(self) -> None:
        self.unfold_wanted.emit(Unfolded(look=True))

    def _fold(self) -> None:
        self.unfold_wanted.emit(Unfolded())

    def _again_words(self) -> Text | str:
        return "" if self._compact else T("Check again")

    def _say_progress(self, progress: Progress | None) -> None:
        self.doing.setVisible(progress is not None and bool(str(progress.doing)))
        if progress is not None:
            self.say(self.doing.setText, progress.doing)

    def _announce(self, session: PhoneSession, told: BlockText, *, aloud: bool) -> None:
        """Tell a screen reader when the verdict, or what is said instead of it, is another one; once."""
        who = dict.fromkeys((title(session), session.name))
        apps = dict.fromkeys(str(f.product) for f in session.bans) if not session.busy else {}
        what = f"{told.headline}: {', '.join(apps)}" if apps else told.headline
        said = " ".join((f"{', '.join(who)}: {with_full_stop(str(what))}", *map(str, told.sentences)))
        self.setAccessibleName(said)
        if aloud and self._announced is not None and self._announced[0] is session and self._announced[1] != said:
            announce(self, said)
        self._announced = session, said


def _headline_size(told: BlockText, *, compact: bool) -> TextSize:
    if not told.verdict:
        return TextSize.HEAD if compact else TextSize.TITLE
    return TextSize.TITLE if compact else TextSize.DISPLAY
