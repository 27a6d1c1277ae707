"""What is done for each act of the Desk page, with the phone that is shown and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QWidget

from core.model import App, Attested, Finding
from core.text import plain
from gui.desk.acts import all_acts
from gui.desk.acts.desk_act import DeskAct
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.apps.apps_fold import AppsFold
from gui.desk.asset_label_dialog import LIMIT, AssetLabelDialog
from gui.desk.phone_stack import PhoneStack
from gui.desk.phone_text import management_text
from gui.desk.ready.getting_ready import GettingReady
from gui.desk.report.review_dialog import Review
from gui.desk.session import flows
from gui.desk.session.page_state import PageContent, PageState, Unfolded
from gui.desk.session.phone_session import PhoneSession
from gui.desk.verdict.verdict_block import VerdictBlock
from gui.toolkit.grey_reason import go_to
from gui.toolkit.widgets import copy


class ShownPage(Protocol):
    """What an act may use of the page."""

    session: PhoneSession | None
    unfolded: Unfolded
    #: A dialog asks the officer something about the phone that is shown.
    asking: bool
    desk_actions: DeskActions
    block: VerdictBlock
    fold: AppsFold
    stack: PhoneStack

    #: See :class:`gui.desk.phone_page.PhonePage`.
    log_wanted: SignalInstance
    receipt_wanted: SignalInstance
    owner_page_wanted: SignalInstance
    except_wanted: SignalInstance
    ban_wanted: SignalInstance
    next_wanted: SignalInstance
    list_wanted: SignalInstance
    put_away_wanted: SignalInstance
    review_wanted: SignalInstance

    @property
    def state(self) -> PageState: ...

    @property
    def ready(self) -> GettingReady: ...

    def refresh(self) -> None: ...

    def show_actions(self) -> None: ...

    def unfold(self, unfolded: Unfolded) -> None: ...

    def window(self) -> QWidget: ...


class PhoneActs(QObject):
    """Does the acts. Whether one can be done is asked once more: a moment may have passed since it was shown."""

    def __init__(self, page: ShownPage, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page

    def do(self, act: DeskAct) -> None:
        """Do `act`, if it can be done now; else go to what is missing, or show the page as it is by now."""
        state = self._page.state
        if state.enabled(act):
            HANDLERS[act](self)
            return
        self._page.refresh()
        if act.needs is not None and state.lacks(act.needs):
            go_to(self._page.block.place_of(act.needs))

    @property
    def _phone(self) -> PhoneSession:
        phone = self._page.session
        if phone is None:
            raise AssertionError("no phone is shown")
        return phone

    # --- what changes the phone, or its visit

    def check(self) -> None:
        if self._page.state.around.content is PageContent.BY_HAND:
            flows.check_by_hand(self._phone, self._page.stack.on_phone.remaining)
        else:
            flows.check(self._phone)

    def stop(self) -> None:
        self._phone.stop()

    def remove(self) -> None:
        """Remove what the page shows; where that is something else by now, show it first.

        An officer who said what a policy asks is sure: nothing is waited for then.
        """
        state = self._page.state
        if state.chosen != self._page.desk_actions.state.chosen:
            self._page.refresh()
        elif state.owner_told is None:
            flows.remove_shortly(self._phone, state.chosen)
            self._page.show_actions()  # the key that stops it is heard from now on
        else:
            flows.remove(self._phone, state.chosen, state.owner_told)

    def keep_files(self) -> None:
        flows.keep_files(self._phone)

    def put_back(self) -> None:
        flows.undo(self._phone)

    def finish(self) -> None:
        how = self._page.state.around.answers.hand_back
        flows.hand_back(self._phone, how)

    def record(self) -> None:
        if (look := self._page.state.around.answers.look) is not None:
            flows.attest(self._phone, look.answer, look.rules, look.note)

    def put_away(self) -> None:
        self._page.put_away_wanted.emit(self._phone)

    # --- what the officer says

    def tell_owner(self) -> None:
        self._page.block.owner_told_box.toggle()

    def say_nothing_seen(self) -> None:
        self._page.block.look.choose(Attested.NOTHING_SEEN)

    def say_app_seen(self) -> None:
        self._page.block.look.choose(Attested.APP_SEEN)

    def say_declined(self) -> None:
        self._page.block.look.choose(Attested.DECLINED)

    def report(self) -> None:
        """Read the phone once more, and show what of it would be in a file for those who look into the reading."""
        phone = self._phone
        flows.report(phone, Review.of, lambda review: self._page.review_wanted.emit(phone, review))

    def ask_labels(self) -> None:
        """Ask what the department calls the phone."""
        dialog = AssetLabelDialog(self._phone, self._page.window())
        self._page.asking = True
        dialog.finished.connect(self._end_asking)
        dialog.open()

    def _end_asking(self) -> None:
        self._page.asking = False
        self._page.refresh()

    def keep_tag(self, typed: str) -> None:
        """Keep the asset tag that was typed; where the log cannot keep it, the dialog says so."""
        if self._page.session is None:
            return
        if "\N{REPLACEMENT CHARACTER}" in plain(typed, LIMIT):
            self.do(all_acts.LABEL)
        else:
            labels = replace(self._phone.labels.latest, tag=plain(typed, LIMIT))
            flows.label(self._phone, labels)

    # --- what the page shows

    def show_plan(self) -> None:
        """Unfold what exactly would be done, or fold it up."""
        self._page.unfold(Unfolded(plan=not self._page.unfolded.plan))

    def show_undo(self) -> None:
        """Show what putting back would do, before anything is done: banned apps come back with it."""
        self._page.unfold(Unfolded(undo=True))

    def show_look(self) -> None:
        """Show where the officer can look on the phone itself, where nothing demands that."""
        self._page.unfold(Unfolded(look=True))

    def show_hand_back(self) -> None:
        """Hand a phone back although it is not settled, for a reason."""
        self._page.stack.leave_by_hand()
        self._page.unfold(Unfolded(hand_back=True))
        go_to(self._page.block.reason)

    def go_to_phone(self) -> None:
        """Go through the apps that are removed by hand on the phone."""
        self._page.stack.enter_by_hand(self._phone)

    def copy_for_management(self) -> None:
        """Copy what is sent to those who manage the phone about the apps that no computer removes."""
        if (words := management_text(self._phone)) is not None:
            copy(words)
            self._page.stack.on_phone.card.copy.confirm()

    def leave(self) -> None:
        """Fold up what is unfolded."""
        if self._page.state.around.content is PageContent.BY_HAND:
            self._page.stack.leave_by_hand()
        else:
            self._page.unfold(Unfolded())

    def search(self) -> None:
        self._page.fold.search()

    def open_row_menu(self) -> None:
        self._page.fold.apps.show_menu()

    def say_step_done(self) -> None:
        self._page.ready.press_step_done()

    def show_cures(self) -> None:
        self._page.ready.press_cures()

    def print_for_queue(self) -> None:
        self._page.ready.press_print()

    # --- what leads elsewhere

    def go_on(self) -> None:
        self._page.next_wanted.emit()

    def go_to_list(self) -> None:
        self._page.list_wanted.emit()

    def print_owner_page(self) -> None:
        self._tell_check(self._page.owner_page_wanted)

    def ask_receipt(self) -> None:
        self._tell_check(self._page.receipt_wanted)

    def show_in_log(self) -> None:
        self._tell_check(self._page.log_wanted)

    def _tell_check(self, signal: SignalInstance) -> None:
        if (checked := self._phone.checked) is not None:
            signal.emit(checked.entry, self._phone.practice)

    def ask_chosen_exception(self) -> None:
        row = self._page.state.around.answers.row
        if row is not None and row.finding is not None:
            self.ask_exception(row.finding)

    def ask_exception(self, finding: Finding) -> None:
        """Have an exception granted for this finding, on the phone that is shown."""
        phone = self._page.session
        if phone is not None and phone.phone is not None:
            self._page.except_wanted.emit(finding, phone.phone, phone.labels.latest)

    def ask_chosen_ban(self) -> None:
        if (row := self._page.state.around.answers.row) is not None:
            self.ask_ban(row.app)

    def ask_ban(self, app: App) -> None:
        """Have this app banned."""
        phone = self._page.session
        if phone is not None and phone.phone is not None:
            self._page.ban_wanted.emit(app, phone.phone.platform)

    def show_grant(self, entry: int) -> None:
        """Show the record that grants an exception."""
        if self._page.session is not None:
            self._page.log_wanted.emit(entry, self._page.session.practice)


HANDLERS: Final[dict[DeskAct, Callable[[PhoneActs], None]]] = {
    all_acts.STEP_DONE: PhoneActs.say_step_done,
    all_acts.CURES: PhoneActs.show_cures,
    all_acts.QUEUE_PAGE: PhoneActs.print_for_queue,
    all_acts.REMOVE: PhoneActs.remove,
    all_acts.STOP_REMOVAL: PhoneActs.stop,
    all_acts.TELL_OWNER: PhoneActs.tell_owner,
    all_acts.CHECK: PhoneActs.check,
    all_acts.PLAN: PhoneActs.show_plan,
    all_acts.UNDO: PhoneActs.show_undo,
    all_acts.BY_HAND: PhoneActs.go_to_phone,
    all_acts.KEEP_FILES: PhoneActs.keep_files,
    all_acts.COPY_FOR_MANAGEMENT: PhoneActs.copy_for_management,
    all_acts.PUT_BACK: PhoneActs.put_back,
    all_acts.NOTHING_SEEN: PhoneActs.say_nothing_seen,
    all_acts.APP_SEEN: PhoneActs.say_app_seen,
    all_acts.DECLINED: PhoneActs.say_declined,
    all_acts.LOOK: PhoneActs.show_look,
    all_acts.RECORD: PhoneActs.record,
    all_acts.FINISH: PhoneActs.finish,
    all_acts.LEAVE: PhoneActs.leave,
    all_acts.HAND_BACK: PhoneActs.show_hand_back,
    all_acts.OWNER_PAGE: PhoneActs.print_owner_page,
    all_acts.RECEIPT: PhoneActs.ask_receipt,
    all_acts.LOG: PhoneActs.show_in_log,
    all_acts.REPORT: PhoneActs.report,
    all_acts.LABEL: PhoneActs.ask_labels,
    all_acts.PUT_AWAY: PhoneActs.put_away,
    all_acts.NEXT: PhoneActs.go_on,
    all_acts.STOP: PhoneActs.stop,
    all_acts.SEARCH: PhoneActs.search,
    all_acts.EXCEPT: PhoneActs.ask_chosen_exception,
    all_acts.BAN: PhoneActs.ask_chosen_ban,
    all_acts.ROW_MENU: PhoneActs.open_row_menu,
    all_acts.LIST: PhoneActs.go_to_list,
}
