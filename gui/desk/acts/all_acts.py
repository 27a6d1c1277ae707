"""The acts of the Desk page, one row each.

A new act is a row here, its rule in `act_rules.py`, what it does in :data:`gui.desk.phone_acts.HANDLERS`, and its words
in the catalogue. From the row come its button, its entry in the menu, its key, and what the sheet of keys says.
"""

from __future__ import annotations

from typing import Final

from core.text import T
from gui.desk.acts import act_rules, act_words
from gui.desk.acts.desk_act import ActButton, ActEntry, ButtonPlace, DeskAct
from gui.desk.session.page_state import MissingAnswer, PageState
from gui.desk.session.phone_view import Phase


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
    entry=ActEntry(T("What will be done?")),
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
        place=ButtonPlace.END,
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
