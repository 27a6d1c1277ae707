"""An act of the Desk page: its words, keys, menu entry and button, and when it can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtGui import QKeySequence

from core.text import Text
from gui.desk.acts import act_rules
from gui.desk.session.page_state import MissingAnswer, PageState

#: A text, or what gives it for a state.
Words = Text | Callable[[PageState], Text]


class ButtonPlace(Enum):
    """Where in the row of actions a button stands."""

    BEGIN = "begin"
    END = "end"


@dataclass(frozen=True, slots=True)
class ActButton:
    """A button in the row of actions below the verdict, seen while the act is `offered`."""

    words: Words
    offered: Callable[[PageState], bool]
    icon: str = ""
    kind: str = ""
    #: Enter never presses it, nor does it have the focus by itself; see :class:`DestructiveButton`.
    destroys: bool = False
    tip: Text | None = None
    place: ButtonPlace = ButtonPlace.BEGIN
    #: What a screen reader says where that is more than the words.
    name: Words | None = None
    #: Its key, if it has one, is drawn on it.
    shows_key: bool = True
    #: It fills while the time runs in which it can be pressed.
    counts_down: bool = False


@dataclass(frozen=True, slots=True)
class ActEntry:
    """An entry in the menu of what else can be done with a phone; grey where the act cannot be done."""

    words: Words
    offered: Callable[[PageState], bool] = lambda state: True


@dataclass(frozen=True, slots=True, eq=False)
class DeskAct:
    """What an officer can do on the Desk page. Two acts are never the same one."""

    name: str
    #: Why it cannot be done in a state; None where it can.
    why_not: act_rules.Rule
    #: Empty for an act without one.
    key: str = ""
    #: What the sheet of keys says; None where it leaves the key out.
    does: Text | None = None
    #: The list or table that has the focus hears the key, not the page.
    heard_elsewhere: bool = False
    button: ActButton | None = None
    entry: ActEntry | None = None
    #: What the officer has to say first: where only that is missing, a press on the act leads there.
    needs: MissingAnswer | None = None

    @property
    def is_done_here(self) -> bool:
        """Whether the page does it; otherwise the list or table does, and the sheet of keys only tells of it."""
        return not self.heard_elsewhere or self.button is not None or self.entry is not None

    @property
    def sequence(self) -> QKeySequence:
        """Its key."""
        return QKeySequence(self.key)

    @property
    def key_name(self) -> str:
        """Its key as it is printed."""
        return self.sequence.toString(QKeySequence.SequenceFormat.NativeText)

    def with_key(self, tip: Text) -> Callable[[], str]:
        """A tooltip that ends with the key, where there is one."""
        return lambda: f"{tip} ({self.key_name})" if self.key else str(tip)


def worded(words: Words, state: PageState) -> str:
    """A text, or what gives it, for a state."""
    return str(words(state) if callable(words) else words)
