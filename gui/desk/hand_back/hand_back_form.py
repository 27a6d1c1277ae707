"""Handing a phone back, in the order of time: the owner's paper, debugging off, what only the owner can do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.describe import visit as describe_visit
from core.model import HandBack, Paper, platforms
from core.phones.driver import LeftToOwner
from core.text import T
from gui.desk.acts.all_acts import OWNER_PAGE
from gui.desk.hand_back.hand_back_rows import HandBackRow, HandBackRows
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.buttons import TickBox
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, mark


class HandBackForm(QWidget):
    """What is still to be done."""

    changed = Signal()
    #: The owner's page is to be printed.
    print_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self.say = Parts(self)
        self._session: PhoneSession | None = None
        self._of: tuple[object, ...] = ()
        self.paper = TickBox()
        self.say(self.paper.setText, T("The holder has the paper"))
        self.declined = TickBox()
        self.say(self.declined.setText, T("The holder does not want it"))
        for box, opposite in ((self.paper, self.declined), (self.declined, self.paper)):
            box.toggled.connect(lambda on, opposite=opposite: self._tick(opposite, on=on))
        explained = self.say.label(T("What was checked, what was not, whom to ask."), kind="muted")
        explained.setIndent(STEP * 3 + 4)
        self.print = self.say.button(
            T("Print"),
            lambda: self.print_wanted.emit(),
            icon="print",
            tip=OWNER_PAGE.with_key(T("Print the holder’s page")),
        )
        self._paper = QWidget()
        mark(self._paper, "clear")
        ticks = row(self.paper, self.declined, None, spacing=STEP * 3)
        row((column(ticks, explained, spacing=2), 1), self.print, inside=self._paper)
        self.keep = TickBox()
        self.say(self.keep.setText, T("Leave USB debugging on: device management needs it, and the policy allows it"))
        self.keep.toggled.connect(self._keeps)
        self.rows = HandBackRows()
        column(self._paper, self.rows, self.keep, spacing=STEP + 2, inside=self)

    def show_session(self, session: PhoneSession) -> None:
        """Show what is left to do with this phone; what was ticked for another one is forgotten."""
        self._session = session
        about = (session, session.check, session.attestation)
        if about != self._of:
            self._of = about
            self.paper.setChecked(False)
            self.declined.setChecked(False)
            self.keep.setChecked(False)
        policy = session.check.policy if session.check is not None else None
        debugged = platforms.of(session.platform).leaving.debugging
        self.keep.setVisible(debugged and policy is not None and bool(policy.keep_debugging))
        self._show_points()

    def be_compact(self, compact: bool) -> None:
        """Take less room, without the key on its button."""
        self.print.show_key("" if compact else OWNER_PAGE.key_name)
        self.rows.be_compact(compact)

    def answer(self) -> HandBack:
        """How the phone is to be handed back, but for the reason."""
        return HandBack(self._what_of_paper(), keep_debugging=self.keep.isChecked())

    def _tick(self, opposite: TickBox, *, on: bool) -> None:
        """Only one of the two is true."""
        if on:
            opposite.setChecked(False)
        self.changed.emit()

    def _what_of_paper(self) -> Paper:
        """What the officer said of the paper; unsaid, it was not offered."""
        if self.paper.isChecked():
            return Paper.PRINTED
        return Paper.DECLINED if self.declined.isChecked() else Paper.NOT_OFFERED

    def _keeps(self) -> None:
        self._show_points()
        self.changed.emit()

    def _show_points(self) -> None:
        session = self._session
        if session is None:
            return
        self.rows.show_rows(rows_to_do(session, self.answer()))


def rows_to_do(session: PhoneSession, how: HandBack) -> list[HandBackRow]:
    """What happens by the button, and what only the holder can do after it."""
    leaving = platforms.of(session.platform).leaving
    if leaving.debugging and how.keep_debugging:
        allowed = (T("The policy allows it, and the log says so."),)
        switch = HandBackRow(Status.NEUTRAL, leaving.subject, allowed, "info", T("Stays on"))
    else:
        switch = HandBackRow(Status.NEUTRAL, leaving.subject, (leaving.how,), "phone", leaving.button)
    return [switch, *rows_of_holder(session, LeftToOwner(), keeps_debugging=how.keep_debugging)]


def rows_of_holder(session: PhoneSession, owner: LeftToOwner, *, keeps_debugging: bool) -> list[HandBackRow]:
    """What only the holder can do."""
    maker = session.phone.maker if session.phone is not None else ""
    lines = describe_visit.for_the_owner(session.platform, maker, owner, keeps_debugging=keeps_debugging)
    heading, by = T("Afterwards, on the phone"), T("By the holder")
    return [HandBackRow(Status.NEUTRAL, heading, lines, "person", by)] if lines else []
