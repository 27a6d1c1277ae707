"""The verdict block: the largest thing on the page, what belongs to it, and at its end the one next step.

A head with the verdict and why; a body with what the verdict rests on, or what is under way; a row with the tick and
the buttons.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from gui.desk.acts.all_acts import BY_HAND, CHECK, FINISH, LEAVE, LOOK, PLAN, PUT_BACK, RECORD, REMOVE, STOP_REMOVAL
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.phone_text import BlockText, block_text, title
from gui.desk.session.page_state import Answers, MissingAnswer, PageState
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.action_row import ActionRow
from gui.desk.verdict.block_body import BlockBody
from gui.desk.verdict.block_head import BlockHead
from gui.toolkit.announcement import announce, with_full_stop
from gui.toolkit.layouts import column
from gui.toolkit.theme import STEP, mark

#: Logical pixels of the frame's own line.
_LINE: Final = 1


class VerdictBlock(QFrame):
    """Says what is known of the chosen phone, and offers the next step."""

    #: The officer has answered something in it.
    changed = Signal()

    def __init__(self, actions: DeskActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._announced: tuple[PhoneSession, str] | None = None
        self._compact = False
        self.head = BlockHead(actions)
        body = self.body = BlockBody(self.head)
        self.action_row = ActionRow(actions)
        body.changed.connect(self.changed)
        self.action_row.changed.connect(self.changed)
        self._name_parts(actions)
        margins = (_LINE, _LINE, _LINE, _LINE)
        self._column = column(self.head, (self.body, 1), self.action_row, spacing=0, inside=self, margins=margins)
        self.be_compact(False)

    def _name_parts(self, actions: DeskActions) -> None:
        """Name what an officer sees in the block, wherever it stands."""
        head, body, buttons = self.head, self.body, actions.buttons
        self.headline, self.sentence, self.doing = head.headline, head.sentence, head.doing
        self.again, self.stop = head.again, head.stop
        self.cards, self.outcome, self.gaps, self.plan = body.cards, body.outcome, body.gaps, body.plan
        self.also, self.look, self.hand_back = body.also, body.look, body.hand_back
        self.owner_told_box, self.reason = self.action_row.owner_told_box, self.action_row.reason.line
        self.stop_removal = buttons[STOP_REMOVAL]
        self.remove, self.on_phone, self.put_back = buttons[REMOVE], buttons[BY_HAND], buttons[PUT_BACK]
        self.record, self.finish, self.check = buttons[RECORD], buttons[FINISH], buttons[CHECK]
        self.leave, self.look_too, self.plan_button = buttons[LEAVE], buttons[LOOK], buttons[PLAN]

    def end_with_actions(self) -> None:
        """Have the row of actions at its end, where it is again after it stood elsewhere."""
        self._column.addWidget(self.action_row)

    def be_compact(self, compact: bool, low: bool = False) -> None:
        """Take less room, and if `low` still less."""
        self._compact = compact
        edge = STEP if low else STEP * 2 if compact else STEP * 3
        self.head.be_compact(compact, edge)
        self.body.be_compact(low, edge)
        self.look.show_keys(not compact)
        self.hand_back.be_compact(compact)
        self.head.show_keys(not compact)
        self.action_row.be_compact(compact, edge)

    def needed(self, width: int) -> int:
        """How tall it is with its row of actions where it is so wide, in logical pixels; also while that row stands
        elsewhere."""
        parts = [part for part in (self.head, self.body, self.action_row) if not part.isHidden()]
        return sum(_needed(part, width - 2 * _LINE) for part in parts) + 2 * _LINE

    def place_of(self, missing: MissingAnswer) -> QWidget:
        """Where the officer says what is missing."""
        match missing:
            case MissingAnswer.REASON:
                return self.reason
            case MissingAnswer.TOLD:
                return self.owner_told_box.box
            case MissingAnswer.LOOK:
                return self.look.first

    def show_session(self, session: PhoneSession, state: PageState, *, aloud: bool = True) -> None:
        """Show this phone as it is now; `aloud` unless something else on the page tells a screen reader of it."""
        block = block_text(session)
        mark(self, f"block-{block.status.value}")
        self.head.show_text(block, state)
        self.body.show_session(session, state)
        self.body.setVisible(not self.body.is_empty)
        self.head.details.setVisible(not self.cards.isHidden())
        self.action_row.reason.show_session(session, state)
        self._announce(session, block, aloud=aloud)

    def answers(self) -> Answers:
        """What the officer has said in it so far."""
        body = self.body
        return Answers(
            owner_told=self.action_row.owner_told,
            ticked=body.ticked(),
            hand_back=replace(body.hand_back.answer(), reason=self._reason()),
            look=body.look.answer(),
        )

    def _reason(self) -> str:
        """The reason that was given where one is asked for."""
        field = self.action_row.reason
        return "" if field.isHidden() else field.answer()

    def _announce(self, session: PhoneSession, block: BlockText, *, aloud: bool) -> None:
        """Tell a screen reader when the verdict, or what is said instead of it, is another one; once."""
        names = dict.fromkeys((title(session), session.name))
        apps = dict.fromkeys(str(f.product) for f in session.bans) if not session.busy else {}
        headline = f"{block.headline}: {', '.join(apps)}" if apps else block.headline
        sentence = " ".join((f"{', '.join(names)}: {with_full_stop(str(headline))}", *map(str, block.sentences)))
        self.setAccessibleName(sentence)
        if aloud and self._announced is not None and self._announced[0] is session and self._announced[1] != sentence:
            announce(self, sentence)
        self._announced = session, sentence


def _needed(part: QWidget, width: int) -> int:
    return max(part.heightForWidth(width), part.sizeHint().height() if not part.hasHeightForWidth() else 0)
