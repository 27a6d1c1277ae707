"""The row at the end of the verdict block: the tick and the buttons of what can be done now, one of them the next step.

The button that removes is grey until what must be told is ticked, and never has the focus by itself.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame

from core.text import T
from gui.desk.actions import ButtonPlace, DeskActions
from gui.desk.session.page_state import PageState
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import Tick


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
        self.owner_told_box.toggled.connect(self._tick)
        self.aside = self.say.label("", kind="muted")
        begin, end = actions.make_buttons(ButtonPlace.BEGIN), actions.make_buttons(ButtonPlace.END)
        self._row = row(self.owner_told_box, *begin, (self.aside, 1), None, *end, spacing=STEP * 2, inside=self)
        self.buttons = (*begin, *end)

    def be_compact(self, compact: bool, edge: int) -> None:
        """Take less room, with this much of it at either side."""
        self._row.setContentsMargins(edge, STEP if compact else STEP * 2, edge, STEP if compact else STEP * 2)
        self._actions.show_keys(not compact)

    def show_state(self, state: PageState) -> None:
        """Say what can be done in this state, whose buttons are shown already."""
        if self.owner_told != state.to_tell:  # said of other apps, or of another phone's
            self.owner_told = ()
        with QSignalBlocker(self.owner_told_box):
            self.owner_told_box.setChecked(bool(self.owner_told))
        self.owner_told_box.setVisible(state.owner_told is not None)
        apps = ", ".join(map(str, state.loses))
        self.say(self.owner_told_box.setText, T("I told the owner: data kept only in {apps} is lost.", apps=apps))
        ends = T("This ends the connection with slot {slot}.", slot=state.slot) if state.handing else ""
        self.say(self.aside.setText, ends)
        self.aside.setVisible(state.handing and not state.around.compact)
        self.setVisible(any(not action_button.isHidden() for action_button in self.buttons))

    def _tick(self, on: bool) -> None:
        self.owner_told = self._actions.state.to_tell if on else ()
        self.changed.emit()
