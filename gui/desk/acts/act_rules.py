"""Why an act of the Desk page cannot be done: one function for each rule, of the page's state alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.text import T, Text
from gui.desk.acts import act_words
from gui.desk.session.app_rows import AppRow
from gui.desk.session.page_state import MissingAnswer, PageContent, PageState, Unfolded

#: Why an act cannot be done in a state; None where it can.
Rule = Callable[[PageState], Text | None]

_NO_PHONE: Final = T("No phone is shown.")
_BUSY: Final = T("This phone is busy now.")
_SOON: Final = T("The removal is about to start. Esc stops it.")
_GONE: Final = T("It is not plugged in any more.")
_NOT_CHECKED: Final = T("This phone was not checked yet.")
_HANDED_BACK: Final = T("This phone was handed back.")
_NOT_ASKED: Final = T("There is nothing to do here now.")


def anytime(state: PageState) -> Text | None:
    """It can always be done."""
    return None


def with_phone(state: PageState) -> Text | None:
    """A phone must be shown."""
    return None if state.has_phone else _NO_PHONE


def to_settle(state: PageState) -> Text | None:
    """The phone must be there, at rest, and not handed back yet."""
    if not state.has_phone:
        return _NO_PHONE
    if state.coming is not None:
        return _SOON
    if state.busy:
        return _BUSY
    if state.absent:
        return _GONE
    return _HANDED_BACK if state.handed_back else None


def to_label(state: PageState) -> Text | None:
    if not state.has_phone:
        return _NO_PHONE
    if state.around.asking:
        return T("First answer the open dialog about this phone.")
    return None if state.can_be_labelled else T("This phone was unplugged before it could be read.")


def to_check(state: PageState) -> Text | None:
    if not state.has_phone:
        return _NO_PHONE
    if state.coming is not None:
        return _SOON
    if state.busy:
        return _BUSY
    if state.absent:
        return _GONE
    return None if state.checkable else T("This phone cannot be read as it is now.")


def to_stop(state: PageState) -> Text | None:
    if state.coming is not None:
        return None
    if not state.busy:
        return T("There is nothing to stop.")
    return T("Stopping…") if state.stopping else None


def to_go_on(state: PageState) -> Text | None:
    return None if state.around.following is not None else T("No other phone needs you")


def to_tell_owner(state: PageState) -> Text | None:
    return None if _on_result(state) and state.owner_told is not None else _NOT_ASKED


def to_stop_removal(state: PageState) -> Text | None:
    return None if state.coming is not None else T("There is no removal to stop.")


def to_remove(state: PageState) -> Text | None:
    if state.coming is not None:
        return _SOON
    if not (_on_result(state) and state.removing):
        return to_settle(state) or T("Nothing can be removed from this phone at the moment.")
    if state.stopping:
        return T("Stopping…")
    if state.around.held:
        return T("Another phone is shown now. Check which one it is; you can remove its apps in 2 seconds.")
    return T("First tell the holder what will be lost, then tick the box.") if state.lacks(MissingAnswer.TOLD) else None


def to_plan(state: PageState) -> Text | None:
    return to_settle(state) or (None if state.removable else T("There is nothing to remove on this phone."))


def to_undo(state: PageState) -> Text | None:
    return to_settle(state) or (None if state.undoable else T("Nothing that was removed can be put back."))


def to_put_back(state: PageState) -> Text | None:
    """What putting back would do must stand there first."""
    return to_undo(state) or (None if state.unfolded.undo and _on_result(state) else _NOT_ASKED)


def to_keep_files(state: PageState) -> Text | None:
    if (why := to_settle(state)) is not None:
        return why
    if not (state.checked and state.banned):
        return T("No banned app was found on this phone.")
    return T("A copy is kept already.") if state.kept else None


def to_do_by_hand(state: PageState) -> Text | None:
    return to_settle(state) or (None if state.by_hand else T("No app has to be removed by hand."))


def to_look(state: PageState) -> Text | None:
    return to_settle(state) or (None if state.may_look else T("There is nothing more to look at on this phone."))


def to_answer(state: PageState) -> Text | None:
    return to_settle(state) or (None if _on_result(state) and state.looks else _NOT_ASKED)


def to_record(state: PageState) -> Text | None:
    if (why := to_answer(state)) is not None:
        return why
    return T("First choose what you saw on the phone.") if state.lacks(MissingAnswer.LOOK) else None


def to_hand_back(state: PageState) -> Text | None:
    """Its check must have ended."""
    return to_settle(state) or (None if state.checked else _NOT_CHECKED)


def to_finish(state: PageState) -> Text | None:
    if (why := to_settle(state)) is not None:
        return why
    if not (_on_result(state) and state.handing):
        return to_hand_back(state) or T("This phone cannot be handed back yet.")
    return act_words.reason_question(state) if state.lacks(MissingAnswer.REASON) else None


def to_leave(state: PageState) -> Text | None:
    if state.coming is not None:  # the same key stops that
        return _SOON
    return None if state.around.content is PageContent.BY_HAND or state.unfolded != Unfolded() else _NOT_ASKED


def to_make_papers(state: PageState) -> Text | None:
    if (why := to_see_record(state)) is not None:
        return why
    if state.coming is not None:
        return _SOON
    return _BUSY if state.changing else None


def to_see_record(state: PageState) -> Text | None:
    if not state.has_phone:
        return _NO_PHONE
    return None if state.checked else _NOT_CHECKED


def to_put_away(state: PageState) -> Text | None:
    if not (state.practice or state.absent):
        return T("A phone that is plugged in stays on the list.")
    if state.coming is not None:
        return _SOON
    return _BUSY if state.changing else None


def to_search(state: PageState) -> Text | None:
    return None if _on_result(state) and state.apps_known else _NOT_CHECKED


def to_use_row(state: PageState) -> Text | None:
    return to_search(state) or (None if state.around.answers.table else T("Show the apps first."))


def to_except(state: PageState) -> Text | None:
    row = state.around.answers.row
    return to_use_row(state) or (
        None if row is not None and can_be_excepted(row) else T("First choose a banned app in the table.")
    )


def to_ban(state: PageState) -> Text | None:
    row = state.around.answers.row
    return to_use_row(state) or (
        None if row is not None and can_be_banned(row) else T("First choose an app in the table that is not banned.")
    )


def to_say_step_done(state: PageState) -> Text | None:
    return None if state.around.content is PageContent.READY and state.around.ready.step_done else _NOT_ASKED


def to_see_cures(state: PageState) -> Text | None:
    return None if state.around.content is PageContent.READY and state.around.ready.cures else _NOT_ASKED


def to_print_for_queue(state: PageState) -> Text | None:
    return None if state.around.content is PageContent.READY and state.around.ready.queue_page else _NOT_ASKED


def can_be_excepted(row: AppRow) -> bool:
    """Whether an exception can be granted for what stands in `row`."""
    return row.finding is not None and row.finding.is_ban


def can_be_banned(row: AppRow) -> bool:
    """Whether the app of `row` can be banned: what is banned is so already."""
    return row.finding is None or not row.finding.is_ban


def _on_result(state: PageState) -> bool:
    return state.around.content is PageContent.RESULT
