"""The acts of the Desk page, one row each: its words, keys, menu entry and button, and when it can be done.

A new act is a row here, what it does in :data:`gui.desk.phone_acts.HANDLERS`, its rule in :mod:`gui.desk.act_rules`,
and its words in the catalogue. From the row come its button, its entry in the menu, its key, and what the sheet of keys
says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from core.text import T, Text
from gui.desk import act_rules, act_words
from gui.desk.session.page_state import MissingAnswer, PageState
from gui.desk.session.phone_view import Phase
from gui.toolkit.buttons import Button, button
from gui.toolkit.countdown_button import CountdownButton
from gui.toolkit.grey_reason import GreyReason

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


def _can(rule: act_rules.Rule, state: PageState) -> bool:
    return rule(state) is None


def _handing_over(state: PageState) -> bool:
    """Whether the officer is about to put back, to hand back or to look: nothing else is offered then."""
    return state.unfolded.undo or state.looks_too or state.unfolded.hand_back


def _has_room(state: PageState) -> bool:
    """Whether the row of actions has room for what is in the menu too."""
    return not (_handing_over(state) or state.around.compact)


STEP_DONE: Final = DeskAct(
    "step-done", act_rules.to_say_step_done, "Alt+D", T("Mark this step of getting ready as done")
)
CURES: Final = DeskAct("cures", act_rules.to_see_cures, "Alt+C", T("Show what to try when no question appears"))
QUEUE_PAGE: Final = DeskAct("queue-page", act_rules.to_print_for_queue, "Alt+P", T("Print the page for the queue"))
REMOVE: Final = DeskAct(
    "remove",
    act_rules.to_remove,
    "Alt+R",
    T("Remove the banned apps"),
    button=ActButton(
        act_words.removal,
        lambda state: state.removing and state.coming is None,
        "remove",
        "danger",
    ),
    needs=MissingAnswer.TOLD,
)
STOP_REMOVAL: Final = DeskAct(
    "stop-removal",
    act_rules.to_stop_removal,
    "Esc",
    T("Stop a removal before it begins"),
    button=ActButton(act_words.coming_removal, lambda state: state.coming is not None, "stop", counts_down=True),
)
TELL_OWNER: Final = DeskAct("tell-owner", act_rules.to_tell_owner, "Alt+O", T("Tick that the holder was told"))
CHECK: Final = DeskAct(
    "check",
    act_rules.to_check,
    "F5",
    T("Check the phone again"),
    button=ActButton(
        act_words.check,
        lambda state: not state.checked and state.phase is Phase.RESTING and _can(act_rules.to_check, state),
        "refresh",
        "primary",
    ),
    entry=ActEntry(T("Check again")),
)
PLAN: Final = DeskAct(
    "plan",
    act_rules.to_plan,
    "Ctrl+R",
    T("Show what removing the banned apps would do"),
    button=ActButton(
        act_words.plan,
        lambda state: _can(act_rules.to_plan, state) and _has_room(state),
        kind="link",
        place=ButtonPlace.END,
    ),
    entry=ActEntry(T("What exactly is done?")),
)
UNDO: Final = DeskAct(
    "undo",
    act_rules.to_undo,
    "Ctrl+Z",
    T("Undo the last removal"),
    button=ActButton(
        T("Undo the removal…"),
        lambda state: state.removed and state.can_put_back and _can(act_rules.to_undo, state) and _has_room(state),
        "undo",
        "link",
        place=ButtonPlace.END,
    ),
    entry=ActEntry(T("Undo the removal…")),
)
BY_HAND: Final = DeskAct(
    "by-hand",
    act_rules.to_do_by_hand,
    "Alt+H",
    T("Remove by hand, on the phone"),
    button=ActButton(
        act_words.by_hand,
        lambda state: _can(act_rules.to_do_by_hand, state) and not state.removing and not _handing_over(state),
        "phone",
        "primary",
    ),
    entry=ActEntry(T("Do it on the phone…")),
)
KEEP_FILES: Final = DeskAct(
    "keep-files",
    act_rules.to_keep_files,
    "Ctrl+Shift+E",
    T("Keep a copy of the banned apps’ files"),
    entry=ActEntry(act_words.keep_files, lambda state: bool(state.banned)),
)
COPY_FOR_MANAGEMENT: Final = DeskAct(
    "copy-for-management",
    act_rules.to_do_by_hand,
    "Ctrl+Shift+M",
    T("Copy the text for the phone’s management"),
    entry=ActEntry(T("Copy the text for management"), lambda state: bool(state.by_hand)),
)
PUT_BACK: Final = DeskAct(
    "put-back",
    act_rules.to_put_back,
    button=ActButton(
        T("Put back now"),
        lambda state: state.unfolded.undo and _can(act_rules.to_undo, state),
        "undo",
        "primary",
        destroys=True,
    ),
)
NOTHING_SEEN: Final = DeskAct(
    "nothing-seen", act_rules.to_answer, "Alt+N", T("Answer that no banned app was seen on the phone")
)
APP_SEEN: Final = DeskAct("app-seen", act_rules.to_answer, "Alt+B", T("Answer that a banned app was seen on the phone"))
DECLINED: Final = DeskAct("declined", act_rules.to_answer, "Alt+W", T("Answer that the holder would not open it"))
LOOK: Final = DeskAct(
    "look",
    act_rules.to_look,
    "Alt+L",
    T("Look on the phone where a computer may not see"),
    button=ActButton(
        act_words.look_shortly,
        lambda state: state.handing and state.may_look and not state.unfolded.hand_back,
        "phone",
        "link",
        place=ButtonPlace.END,
        name=act_words.look_at,
    ),
    entry=ActEntry(act_words.look_at, lambda state: state.may_look),
)
RECORD: Final = DeskAct(
    "record",
    act_rules.to_record,
    "Alt+S",
    T("Record what was seen on the phone"),
    button=ActButton(T("Record what I saw"), lambda state: state.looks and state.coming is None, kind="primary"),
    needs=MissingAnswer.LOOK,
)
FINISH: Final = DeskAct(
    "finish",
    act_rules.to_finish,
    "Alt+F",
    T("Finish and hand the phone back"),
    button=ActButton(
        T("Finish and hand back"),
        lambda state: state.handing and state.coming is None,
        "hand",
        "primary",
        destroys=True,
    ),
    needs=MissingAnswer.REASON,
)
LEAVE: Final = DeskAct(
    "leave",
    act_rules.to_leave,
    "Esc",
    T("Close the plan or the details, clear the search"),
    heard_elsewhere=True,
    button=ActButton(
        T("Not now"),
        lambda state: _handing_over(state) and not state.busy and state.coming is None,
        tip=T("Leave the phone as it is"),
    ),
)
HAND_BACK: Final = DeskAct("hand-back", act_rules.to_hand_back, entry=ActEntry(T("Hand it back as it is…")))
OWNER_PAGE: Final = DeskAct(
    "owner-page",
    act_rules.to_make_papers,
    "Ctrl+Shift+P",
    T("Print the holder’s page"),
    entry=ActEntry(T("Print the holder’s page")),
)
RECEIPT: Final = DeskAct(
    "receipt", act_rules.to_make_papers, "Ctrl+P", T("Save the receipt of the check"), entry=ActEntry(T("Receipt…"))
)
LOG: Final = DeskAct("log", act_rules.to_see_record, entry=ActEntry(T("Show in the log")))
REPORT: Final = DeskAct(
    "report",
    act_rules.to_hand_back,
    "Ctrl+Shift+W",
    T("Report that the phone was read wrong"),
    entry=ActEntry(T("Report a wrong reading…")),
)
LABEL: Final = DeskAct(
    "label",
    act_rules.to_label,
    "F2",
    T("Enter the asset tag and the holder of the phone"),
    entry=ActEntry(T("Asset tag and holder…")),
)
PUT_AWAY: Final = DeskAct(
    "put-away",
    act_rules.to_put_away,
    "Del",
    T("Unplug a practice phone"),
    heard_elsewhere=True,
    entry=ActEntry(act_words.put_away, lambda state: state.practice or state.absent),
)
NEXT: Final = DeskAct("next", act_rules.to_go_on, "F6", T("Go to the next phone that needs you"))
STOP: Final = DeskAct(
    "stop",
    act_rules.to_stop,
    "Ctrl+.",
    T("Stop what is under way"),
    entry=ActEntry(T("Stop"), lambda state: state.busy or state.coming is not None),
)
SEARCH: Final = DeskAct("search", act_rules.to_search, "Ctrl+F", T("Search the apps"))
EXCEPT: Final = DeskAct("except", act_rules.to_except, "Ctrl+E", T("Grant an exception for the chosen app"))
BAN: Final = DeskAct("ban", act_rules.to_ban, "Ctrl+B", T("Ban the chosen app"))
ROW_MENU: Final = DeskAct("row-menu", act_rules.to_use_row, "Shift+F10", T("Show what can be done with the chosen app"))
ROW_DETAILS: Final = DeskAct(
    "row-details", act_rules.to_use_row, "Return", T("Show how the chosen app was recognised"), heard_elsewhere=True
)
COPY_ROWS: Final = DeskAct("copy-rows", act_rules.to_use_row, "Ctrl+C", T("Copy the chosen rows"), heard_elsewhere=True)
LIST: Final = DeskAct("list", act_rules.anytime, "Ctrl+L", T("Go to the list of phones"))

#: In the order in which the sheet of keys, the menu and the row of actions have them.
ACTS: tuple[DeskAct, ...] = (
    STEP_DONE,
    CURES,
    QUEUE_PAGE,
    REMOVE,
    STOP_REMOVAL,
    TELL_OWNER,
    CHECK,
    PLAN,
    UNDO,
    BY_HAND,
    KEEP_FILES,
    COPY_FOR_MANAGEMENT,
    PUT_BACK,
    NOTHING_SEEN,
    APP_SEEN,
    DECLINED,
    LOOK,
    RECORD,
    FINISH,
    LEAVE,
    HAND_BACK,
    OWNER_PAGE,
    RECEIPT,
    LOG,
    REPORT,
    LABEL,
    PUT_AWAY,
    NEXT,
    STOP,
    SEARCH,
    EXCEPT,
    BAN,
    ROW_MENU,
    ROW_DETAILS,
    COPY_ROWS,
    LIST,
)

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
        why = state.why_not(self.act)
        self.reason.show(why)
        self.button.setToolTip(str(why or (self.act.with_key(self.tip)() if self.tip is not None else "")))
        if self.words is not None:
            self.button.setText(_worded(self.words, state))


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

    def show_keys(self, drawn: bool) -> None:
        """Draw the keys on the buttons of the row of actions, where there is room."""
        for act, act_button in self.buttons.items():
            if act.button is not None and act.button.shows_key:
                act_button.show_key(act.key_name if drawn else "")

    def show_state(self, state: PageState) -> None:
        """Show what can be done in this state, and why the rest cannot."""
        self.state = state
        for act, action in self._actions.items():
            why = state.why_not(act)
            action.setEnabled(why is None)
            if act.entry is not None:
                action.setText(_worded(act.entry.words, state))
            action.setToolTip(str(why or ""))
        for act, act_button in self.buttons.items():
            if (looks := act.button) is not None:
                act_button.setText(_worded(looks.words, state))
                act_button.setAccessibleName(_worded(looks.name, state) if looks.name is not None else "")
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
                entry.setShortcut(act.sequence)  # shown beside it; the page hears it

    def sheet(self) -> list[tuple[Text, QKeySequence]]:
        """What each key does."""
        return [(act.does, act.sequence) for act in self.acts if act.does is not None and act.key]


def entry_words(act: DeskAct, state: PageState) -> str:
    """What the menu entry of an act says of another phone than the one that is shown."""
    return _worded(act.entry.words, state) if act.entry is not None else ""


def _worded(words: Words, state: PageState) -> str:
    return str(words(state) if callable(words) else words)
