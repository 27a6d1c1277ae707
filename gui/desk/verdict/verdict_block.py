"""The verdict block: the largest thing on the page, what belongs to it, and at its end the one next step.

A head with the verdict and why; a body with what the verdict rests on, or what is under way; a row with the tick and
the buttons.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from gui.desk.actions import (
    BY_HAND,
    CHECK,
    FINISH,
    LEAVE,
    LOOK,
    PLAN,
    PUT_BACK,
    RECORD,
    REMOVE,
    STOP_REMOVAL,
    DeskActions,
)
from gui.desk.phone_text import BlockText, block_text, title
from gui.desk.session.page_state import Answers, PageState
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.action_row import ActionRow
from gui.desk.verdict.block_body import BlockBody
from gui.desk.verdict.block_head import BlockHead
from gui.toolkit.announcement import announce, with_full_stop
from gui.toolkit.layouts import FittingArea, column
from gui.toolkit.theme import STEP, mark

#: Logical pixels that the body has at least; and the frame's own line.
_LEAST: Final = STEP * 6
_LINE: Final = 1
#: Taller than any page.
_NO_LIMIT: Final = 1 << 20


class VerdictBlock(QFrame):
    """Says what is known of the chosen phone, and offers the next step."""

    #: The officer has answered something in it.
    changed = Signal()

    def __init__(self, actions: DeskActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._announced: tuple[PhoneSession, str] | None = None
        self._compact = self._low = False
        self._room = 0
        self.head = BlockHead(actions)
        body = self.body = BlockBody(self.head)
        self.action_row = ActionRow(actions)
        body.changed.connect(self.changed)
        self.action_row.changed.connect(self.changed)
        self._name_parts(actions)
        self.body_area = FittingArea(self.body, self._body_limit)
        margins = (_LINE, _LINE, _LINE, _LINE)
        self._column = column(self.head, (self.body_area, 1), self.action_row, spacing=0, inside=self, margins=margins)
        self.be_compact(False)

    def _name_parts(self, actions: DeskActions) -> None:
        """Name what an officer sees in the block, wherever it stands."""
        head, body, buttons = self.head, self.body, actions.buttons
        self.headline, self.sentence, self.doing = head.headline, head.sentence, head.doing
        self.again, self.stop = head.again, head.stop
        self.cards, self.outcome, self.gaps, self.plan = body.cards, body.outcome, body.gaps, body.plan
        self.also, self.look, self.hand_back = body.also, body.look, body.hand_back
        self.owner_told_box = self.action_row.owner_told_box
        self.stop_removal = buttons[STOP_REMOVAL]
        self.remove, self.on_phone, self.put_back = buttons[REMOVE], buttons[BY_HAND], buttons[PUT_BACK]
        self.record, self.finish, self.check = buttons[RECORD], buttons[FINISH], buttons[CHECK]
        self.leave, self.look_too, self.plan_button = buttons[LEAVE], buttons[LOOK], buttons[PLAN]

    def end_with_actions(self) -> None:
        """Have the row of actions at its end, where it is again after it stood elsewhere."""
        self._column.addWidget(self.action_row)

    def be_compact(self, compact: bool, low: bool = False) -> None:
        """Take less room, and if `low` still less."""
        self._compact, self._low = compact, low
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if low else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.body_area.setVerticalScrollBarPolicy(bar)
        edge = STEP if low else STEP * 2 if compact else STEP * 3
        self.head.be_compact(compact, edge)
        self.body.be_compact(low, edge)
        self.action_row.be_compact(compact, edge)

    def give_room(self, height: int) -> None:
        """Keep to this height, in logical pixels, so that the actions stay in sight: the body scrolls."""
        self._room = height
        self.body_area.updateGeometry()

    def _body_limit(self, width: int) -> int:
        """How tall the body may be. On a low page all of the block scrolls, and the actions stand below it."""
        if self._low:
            return _NO_LIMIT
        fixed = [part for part in (self.head, self.action_row) if not part.isHidden()]
        height = sum(max(part.heightForWidth(width), part.sizeHint().height()) for part in fixed)
        return max(self._room - height - 2 * _LINE, _LEAST)

    def show_session(self, session: PhoneSession, state: PageState, *, aloud: bool = True) -> None:
        """Show this phone as it is now; `aloud` unless something else on the page tells a screen reader of it."""
        block = block_text(session, compact=self._compact)
        mark(self, f"block-{block.status.value}")
        self.head.show_text(block, state)
        self.body.show_session(session, state)
        self.body_area.setVisible(not self.body.is_empty)
        self._announce(session, block, aloud=aloud)

    def answers(self) -> Answers:
        """What the officer has said in it so far."""
        body = self.body
        return Answers(
            owner_told=self.action_row.owner_told,
            ticked=body.ticked(),
            hand_back=body.hand_back.answer(),
            look=body.look.answer(),
        )

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
