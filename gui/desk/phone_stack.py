"""What the page of a phone shows: its result, how it is made ready, or what is removed from it by hand."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.desk.by_hand.on_phone_page import OnPhonePage
from gui.desk.ready.getting_ready import GettingReady
from gui.desk.ready.readiness import ReadinessView
from gui.desk.session.page_state import PageContent
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.layouts import tab_after


class PhoneStack(QStackedWidget):
    """Shows one of the three. The focus does not go astray when what had it is hidden."""

    #: The page that leads a phone to ready was made.
    ready_made = Signal(object)
    #: Another of the three is shown.
    turned = Signal()

    def __init__(self, result: QWidget, above: QWidget, rest: QWidget) -> None:
        """It stands below `above`; the focus rests on `rest` where nothing else has it."""
        super().__init__()
        self._above = above
        self._rest = rest
        self.result = result
        self.on_phone = OnPhonePage()
        self.on_phone.back_wanted.connect(self.leave_by_hand)
        self._ready: GettingReady | None = None
        self.addWidget(result)
        self.addWidget(self.on_phone)

    @property
    def content(self) -> PageContent:
        """Which of the three is shown."""
        now = self.currentWidget()
        if now is self.on_phone:
            return PageContent.BY_HAND
        return PageContent.RESULT if now is self.result else PageContent.READY

    @property
    def ready(self) -> GettingReady:
        """The page that leads a phone to ready; made with the first phone that needs it, as that takes a while."""
        if self._ready is None:
            page = self._ready = GettingReady()
            self.addWidget(page)
            tab_after(self._above, page)  # the counts below the page are older than this
            self.ready_made.emit(page)
        return self._ready

    def show_readiness(self, needs: ReadinessView | None) -> None:
        """Show what the phone needs before it can be read; where it needs nothing any more, its result."""
        if needs is not None:
            self.ready.show_view(needs)
            self._turn_to(self.ready)
        elif self.content is PageContent.READY:
            self._turn_to(self.result)

    def enter_by_hand(self, session: PhoneSession, *, take_focus: bool = True) -> None:
        """Go through the apps that are removed by hand on the phone."""
        self.setCurrentWidget(self.on_phone)
        self.on_phone.begin(session, take_focus=take_focus)
        self.turned.emit()

    def return_by_hand(self, session: PhoneSession, *, rests: bool, take_focus: bool) -> None:
        """The phone was read again from the page of what is removed by hand: show there what is left of it, unless the
        officer does something else with the phone (not `rests`) or nothing is left."""
        session.by_hand_again = False
        if rests and session.by_hand and self.content is PageContent.RESULT:
            self.enter_by_hand(session, take_focus=take_focus)

    def leave_by_hand(self) -> None:
        """Show the result instead of what is removed by hand."""
        self.on_phone.end()
        self.setCurrentWidget(self.result)
        self.turned.emit()

    def _turn_to(self, page: QWidget) -> None:
        before, focused = self.currentWidget(), self.focusWidget()
        goes = focused is not None and focused.hasFocus() and before is not None and before.isAncestorOf(focused)
        if goes and page is not before:
            self._rest.setFocus()
        self.setCurrentWidget(page)
