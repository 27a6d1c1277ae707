"""The keys, entries and buttons of the Desk page's acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from core.text import Text
from gui.desk.acts.all_acts import ACTS, LEAVE, NEXT, STOP_REMOVAL
from gui.desk.acts.desk_act import ButtonPlace, DeskAct, Words, worded
from gui.desk.session.page_state import PageState
from gui.toolkit.buttons import Button, button
from gui.toolkit.countdown_button import CountdownButton
from gui.toolkit.grey_reason import GreyReason

#: Acts whose key is Escape; no two of them can be done at the same time.
_WITH_ESCAPE: Final = (LEAVE, STOP_REMOVAL)


@dataclass(frozen=True, slots=True, eq=False)
class _JoinedButton:
    """A button that presses an act, wherever it stands."""

    button: Button
    reason: GreyReason
    act: DeskAct
    tip: Text | None
    words: Words | None

    def show_state(self, state: PageState) -> None:
        if self.act is NEXT:
            # While the phone that is shown is changed, this is no way to be through sooner: one comes back to it.
            self.button.show_key("" if state.settling else self.act.key_name)
        why = state.why_not(self.act)
        self.reason.show(why)
        self.button.setToolTip(str(why or (self.act.with_key(self.tip)() if self.tip is not None else "")))
        if self.words is not None:
            self.button.setText(worded(self.words, state))


class DeskActions(QObject):
    """A QAction for each act, and the buttons that press it; all of them show one state of the page."""

    #: An act is wanted; whether it can be done is for the page to decide, by its state at that moment.
    act_wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.acts = ACTS
        self.state = PageState()
        self._actions = {act: self._make_action(act) for act in self.acts if act.is_done_here}
        self._keys = self._make_keys()
        #: The buttons of the row of actions, and those elsewhere, each with its act and its tooltip.
        self.buttons: dict[DeskAct, Button] = {}
        self._joined: list[_JoinedButton] = []

    def _make_action(self, act: DeskAct) -> QAction:
        action = QAction(self)
        action.setObjectName(act.name)
        if act in _WITH_ESCAPE:  # where they cannot be done, the key is for what has the focus
            action.setShortcut(act.sequence)
        action.triggered.connect(partial(self.want, act))
        return action

    def _make_keys(self) -> list[QAction]:
        """One QAction for each key, always enabled: what is shown may be a moment behind the phone, and a key that is
        pressed in that moment must not be lost. Acts that share a key can never be done at the same time."""
        by_key: dict[str, list[DeskAct]] = {}
        for act in self._actions:
            if act.key and not act.heard_elsewhere and act not in _WITH_ESCAPE:
                by_key.setdefault(act.key, []).append(act)
        return [self._make_key(acts) for acts in by_key.values()]

    def _make_key(self, acts: Sequence[DeskAct]) -> QAction:
        key = QAction(self)
        key.setShortcut(acts[0].sequence)
        key.setAutoRepeat(False)  # a key that is held is one press
        for act in acts:
            key.triggered.connect(partial(self.want, act))
        return key

    def action(self, act: DeskAct) -> QAction:
        """The QAction of an act."""
        return self._actions[act]

    def want(self, act: DeskAct, _: object = None) -> None:
        """Have an act done, if that can be done now."""
        self.act_wanted.emit(act)

    def listen_on(self, page: QWidget) -> None:
        """Hear the keys wherever the focus is on `page`, while that is shown."""
        page.addActions([*self._actions.values(), *self._keys])

    def join(self, pressed: Button, act: DeskAct, tip: Text | None = None, words: Words | None = None) -> Button:
        """Have a button press an act: it is grey, and says why, where that cannot be done; else it says `tip`.

        Its key is drawn on it. `words` are what stands on it, where that depends on the state.
        """
        pressed.show_key(act.key_name)
        pressed.clicked.connect(partial(self.want, act))
        reason = GreyReason(pressed)
        reason.pressed.connect(partial(self.want, act))  # which leads to what is missing
        self._joined.append(_JoinedButton(pressed, reason, act, tip, words))
        return pressed

    def make_buttons(self, place: ButtonPlace) -> Sequence[Button]:
        """The buttons of the row of actions that stand at this end of it, hidden until their acts are offered."""
        buttons = []
        for act in self.acts:
            if act.button is not None and act.button.place is place:
                looks = act.button
                act_button = (
                    CountdownButton() if looks.counts_down else button(looks.icon, looks.kind, destroys=looks.destroys)
                )
                act_button.hide()
                self.buttons[act] = self.join(act_button, act, looks.tip)
                buttons.append(act_button)
        return buttons

    def show_keys(self, room: int) -> None:
        """Draw the keys on the buttons of the row of actions, where they have room in so many logical pixels."""
        keys = {
            act_button: act.key_name if act.button is not None and act.button.shows_key else ""
            for act, act_button in self.buttons.items()
            if not act_button.isHidden()
        }
        drawn = sum(act_button.width_with(key) for act_button, key in keys.items()) <= room
        for act_button, key in keys.items():
            act_button.show_key(key if drawn else "")

    def show_state(self, state: PageState) -> None:
        """Show what can be done in this state, and why the rest cannot."""
        self.state = state
        for act, action in self._actions.items():
            why = state.why_not(act)
            action.setEnabled(why is None)
            if act.entry is not None:
                action.setText(worded(act.entry.words, state))
            action.setToolTip(str(why or ""))
        for act, act_button in self.buttons.items():
            if (looks := act.button) is not None:
                act_button.setText(worded(looks.words, state))
                act_button.setAccessibleName(worded(looks.name, state) if looks.name is not None else "")
                act_button.setVisible(looks.offered(state))
        for joined in self._joined:
            joined.show_state(state)

    def fill(self, menu: QMenu) -> None:
        """Put into `menu` what it offers in the state that is shown."""
        for act in self.acts:
            if act.entry is not None and act.entry.offered(self.state):
                action = self._actions[act]
                entry = menu.addAction(action.text(), partial(self.want, act))
                entry.setEnabled(action.isEnabled())
                entry.setToolTip(action.toolTip())
                if not act.heard_elsewhere:
                    entry.setShortcut(act.sequence)  # shown beside it; the page hears it

    def sheet(self) -> list[tuple[Text, QKeySequence]]:
        """What each key does."""
        return [(act.does, act.sequence) for act in self.acts if act.does is not None and act.key]


def entry_words(act: DeskAct, state: PageState) -> str:
    """What the menu entry of an act says of another phone than the one that is shown."""
    return worded(act.entry.words, state) if act.entry is not None else ""
