"""The row at the end of the verdict block: the buttons of what can be done now, one of them the next step.

What the holder is to be told stands beside the button that removes; where the policy asks for it, as a tick without
which that button is grey. It never has the focus by itself.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QSpacerItem

from core import value_names
from core.text import N, T, Text
from gui.desk.acts import act_words
from gui.desk.acts.all_acts import STOP_REMOVAL, TELL_OWNER
from gui.desk.acts.desk_act import ButtonPlace
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.hand_back.reason_field import ReasonField
from gui.desk.session.coming_removal import ComingRemoval
from gui.desk.session.page_state import MissingAnswer, PageState
from gui.toolkit.announcement import announce
from gui.toolkit.countdown_button import CountdownButton
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, font, mark
from gui.toolkit.widgets import Tick, WrappedLabel

#: True of a first removal and of a further one, also while the phone is read.
_STOPPED: Final = T("This removal was stopped before it began.")


class ActionRow(QFrame):
    """Shown while anything is offered."""

    #: The officer has ticked that the owner was told, or taken the tick away.
    changed = Signal()

    def __init__(self, actions: DeskActions) -> None:
        super().__init__()
        mark(self, "actions")
        self.say = Parts(self)
        self._actions = actions
        #: Of which phone and apps it was ticked that the owner was told.
        self.owner_told: tuple[str, ...] = ()
        self.owner_told_box = Tick()
        self.owner_told_box.show_key(TELL_OWNER.key_name)
        self.owner_told_box.toggled.connect(self._tick)
        self.aside = WrappedLabel()
        mark(self.aside, "muted")
        self.reason = ReasonField()
        self.reason.changed.connect(self.changed)
        begin, end = actions.make_buttons(ButtonPlace.BEGIN), actions.make_buttons(ButtonPlace.END)
        parts = (self.owner_told_box, *begin, (self.reason, 2), (self.aside, 1), None, *end)
        self._row = row(*parts, spacing=STEP * 2, inside=self)
        self._strut = QSpacerItem(0, 0)
        self._row.addItem(self._strut)
        self.buttons = (*begin, *end)
        self._compact = False
        #: The removal that is shown to wait.
        self._coming: ComingRemoval | None = None
        #: The phone whose removal was stopped before it began, until something else is done with it.
        self._stopped = ""

    def be_compact(self, compact: bool, edge: int) -> None:
        """Take less room, with this much of it at either side."""
        above = STEP if compact else STEP // 2
        self._row.setContentsMargins(edge, above, edge, above)
        self._row.setSpacing(STEP if compact else STEP * 2)
        self.aside.setFont(font(TextSize.SMALL if compact else TextSize.BODY))
        self.reason.be_compact(compact)
        self._compact = compact
        self._fit_keys()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_keys()

    def _fit_keys(self) -> None:
        """Draw the keys where the words beside the buttons still have room for as many lines as are in the foot."""
        edges, parts = self._row.contentsMargins(), (self.owner_told_box, self.reason, self.aside, *self.buttons)
        room = self.width() - edges.left() - edges.right()
        room -= self._row.spacing() * sum(not part.isHidden() for part in parts)
        room -= sum(part.minimumSizeHint().width() for part in parts[:2] if not part.isHidden())
        if not self.aside.isHidden():
            room -= QFontMetrics(self.aside.font()).horizontalAdvance(self.aside.text()) // (2 if self._compact else 3)
            room -= STEP * 2
        self._actions.show_keys(room)

    def show_state(self, state: PageState) -> None:
        """Say what can be done in this state, whose buttons are shown already."""
        if self.owner_told != state.to_tell:  # said of other apps, or of another phone's
            self.owner_told = ()
        with QSignalBlocker(self.owner_told_box):
            self.owner_told_box.setChecked(bool(self.owner_told))
        self.owner_told_box.setVisible(state.owner_told is not None)
        apps = value_names.listed(state.loses) if state.loses else ""
        self.say(self.owner_told_box.setText, T("I told the holder: data kept only in {apps} is lost.", apps=apps))
        self._count_down(state)
        words = self._aside_words(state)
        self.say(self.aside.setText, words)
        self.aside.setVisible(bool(words))
        self._fit_keys()
        if (high := self.reason.sizeHint().height()) != self._strut.sizeHint().height():
            self._strut.changeSize(0, high)  # also where no reason is asked for: the foot moves nothing
            self._row.invalidate()
        self.setVisible(any(not action_button.isHidden() for action_button in self.buttons))

    def _aside_words(self, state: PageState) -> Text | str:
        """What is said beside the buttons: why one is grey, else what a press on it brings with it."""
        for act, button in self._actions.buttons.items():
            why = state.why_not(act) if not button.isHidden() else None
            if why is not None and act.needs is not MissingAnswer.REASON:  # for which the field beside it asks
                return why
        if state.removing and not state.handing:
            lost = act_words.before_removal(state)
            if self._stopped != state.key:
                return lost
            return T("{done} {more}", done=_STOPPED, more=lost) if lost else _STOPPED
        if state.handing and not state.reason_wanted and not state.around.compact:
            return T("This ends the connection with slot {slot}.", slot=state.slot)
        return ""

    def _count_down(self, state: PageState) -> None:
        """Show how much time is left to stop a removal, and say so once, when that begins."""
        if state.busy or state.coming is not None or state.key != self._stopped:
            self._stopped = ""
        countdown = self._actions.buttons[STOP_REMOVAL]
        if not isinstance(countdown, CountdownButton) or state.coming == self._coming:
            return
        before, self._coming = self._coming, state.coming
        if state.coming is None:
            countdown.stop()
            if before is not None and before.phone == state.key and state.removing:
                self._stopped = state.key
                announce(self, str(_STOPPED))
            return
        countdown.start(state.coming.milliseconds, state.coming.share)
        count, seconds = state.coming.count, state.coming.seconds
        announce(
            self,
            str(
                N(
                    "Removing {count} app in {seconds} s. Esc stops it.",
                    "Removing {count} apps in {seconds} s. Esc stops it.",
                    count,
                    seconds=seconds,
                )
            ),
        )

    def _tick(self, on: bool) -> None:
        self.owner_told = self._actions.state.to_tell if on else ()
        self.changed.emit()
