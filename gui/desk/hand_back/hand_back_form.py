"""Handing a phone back, in the order of time: the owner's paper, debugging off, what only the owner can do."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from core.describe import visit as describe_visit
from core.model import Attested, HandBack, Paper, platforms
from core.phones.driver import LeftToOwner
from core.text import N, T, Text
from gui.desk.actions import OWNER_PAGE
from gui.desk.bullet_list import Bullet, BulletList
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.buttons import TickBox
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, mark

#: Characters of a reason.
_LIMIT: Final = 500
#: Why a phone that is not green is handed back, by what the officer saw on it.
_LOOKED: Final[dict[str, Text]] = {
    Attested.NOTHING_SEEN: T("Looked at on the phone: no banned app was seen."),
    Attested.DECLINED: T("The holder would not open what a computer cannot see."),
}


class HandBackForm(QWidget):
    """What is still to be done; once the phone is handed back, what is known of each thing."""

    changed = Signal()
    #: The owner's page is to be printed.
    print_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self.say = Parts(self)
        self._session: PhoneSession | None = None
        self._of: tuple[object, ...] = ()
        self._reasoned = False
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
        self.points = BulletList(tallest=STEP * 80)
        self.reason = QLineEdit()
        self.reason.setMaxLength(_LIMIT)
        self.reason.textChanged.connect(lambda: self.changed.emit())
        self.question = self.say.label_of(self.reason, "")
        self.question.setFont(self.paper.font())
        column(self._paper, self.points, self.keep, self.question, self.reason, spacing=STEP + 4, inside=self)

    def show_session(self, session: PhoneSession) -> None:
        """Show what is left to do with this phone; what was ticked for another one is forgotten.

        Where the officer has looked on the phone, that is the reason, until another one is given.
        """
        self._session = session
        about = (session, session.check, session.attestation)
        if about != self._of:
            self._of = about
            self.paper.setChecked(False)
            self.declined.setChecked(False)
            self.keep.setChecked(False)
            answer = session.attestation.answer if session.attestation is not None else ""
            self.reason.setText(str(_LOOKED.get(answer, "")))
        is_over = session.is_handed_back
        self._paper.setVisible(not is_over)
        policy = session.check.policy if session.check is not None else None
        debugged = platforms.of(session.platform).leaving.debugging
        self.keep.setVisible(not is_over and debugged and policy is not None and bool(policy.keep_debugging))
        self._show_points()

    def show_reason(self, asks: bool) -> None:
        """Ask why the phone is handed back although it is not settled."""
        session = self._session
        self._reasoned = asks
        self.question.setVisible(asks)
        self.reason.setVisible(asks)
        if not asks or session is None:
            return
        count = session.banned_count
        if count:
            words: Text = N(
                "Why is it handed back with {count} banned app?",
                "Why is it handed back with {count} banned apps?",
                count,
            )
        else:
            words = T("Why is it handed back although not all was seen?")
        self.say(self.question.setText, words)
        self.say.name(self.reason, words)

    def is_ready(self) -> bool:
        """Whether nothing more has to be said."""
        return not self._reasoned or bool(self.reason.text().strip())

    def answer(self) -> HandBack:
        """How the phone is to be handed back."""
        return HandBack(
            paper=self._what_of_paper(),
            reason=self.reason.text().strip() if self._reasoned else "",
            keep_debugging=self.keep.isChecked(),
        )

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
        self.points.show_bullets(hand_back_points(session) if session.is_handed_back else to_do(session, self.answer()))


def to_do(session: PhoneSession, how: HandBack) -> list[Bullet]:
    """What happens by the button, and what only the owner can do after it."""
    leaving = platforms.of(session.platform).leaving
    if leaving.debugging and how.keep_debugging:
        stays = Bullet(
            Status.NEUTRAL, T("Debugging stays on"), (T("The policy allows it, and the log says so."),), "info"
        )
        points = [stays]
    else:
        points = [Bullet(Status.NEUTRAL, leaving.button, (leaving.how,), "phone")]
    return [*points, *_for_the_owner(session, LeftToOwner(), keeps_debugging=how.keep_debugging)]


def hand_back_points(session: PhoneSession) -> list[Bullet]:
    """What is known of each thing, and how: read back, inferred as the phone left, said."""
    handed = session.handed_back
    if handed is None:
        return []
    facts, intended = handed.outcome, handed.intended
    *switches, paper = describe_visit.hand_back_facts(facts, intended)
    otherwise = Status.NEUTRAL if intended.keeps_debugging else Status.AMBER
    points = [
        Bullet(Status.GREEN if switch.is_known else otherwise, switch.subject, (switch.how,)) for switch in switches
    ]
    points.append(Bullet(Status.GREEN if paper.is_known else Status.NEUTRAL, paper.subject, (paper.how,)))
    if facts.why is not None:
        points.append(Bullet(Status.AMBER, facts.why))
    owner = LeftToOwner(facts.auto_blocker, facts.computers)
    return [*points, *_for_the_owner(session, owner, keeps_debugging=intended.keeps_debugging)]


def _for_the_owner(session: PhoneSession, owner: LeftToOwner, *, keeps_debugging: bool) -> list[Bullet]:
    maker = session.phone.maker if session.phone is not None else ""
    lines = describe_visit.for_the_owner(session.platform, maker, owner, keeps_debugging=keeps_debugging)
    return [Bullet(Status.NEUTRAL, T("By the holder, on the phone"), lines, "person")] if lines else []
