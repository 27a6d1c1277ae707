"""How a phone was handed back: one line that unfolds to what is known of each thing, and how."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from core import value_names
from core.describe import visit as describe_visit
from core.phones.driver import LeftToOwner
from core.text import T
from gui.desk.hand_back.hand_back_form import rows_of_holder
from gui.desk.hand_back.hand_back_rows import HandBackRow, HandBackRows
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.images.icons import icon
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark


class HandedBackFold(QFrame):
    """Folded, but where something is not as it should be."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self._of: list[HandBackRow] = []
        self.toggle = self.say.button(T("How it was handed back"), self._toggled, kind="fold", folds=True)
        self.toggle.setFont(font(TextSize.STRONG))
        self.summary = self.say.line("", kind="muted")
        self.rows = HandBackRows()
        head = row(self.toggle, (self.summary, 1), spacing=STEP)
        column(head, self.rows, spacing=6, inside=self, margins=(STEP, 6, STEP * 2, 6))

    def show_session(self, session: PhoneSession) -> None:
        """Show what is known of how this phone was handed back; hidden where it was not."""
        rows = [] if session.busy or session.check is None else known_rows(session)
        self.setVisible(bool(rows))
        if rows and rows != self._of:
            self._of = rows
            self.rows.show_rows(rows)
            good = [about.heading for about in rows if about.status is Status.GREEN]
            self.say(self.summary.setText, value_names.on_one_line(good) if good else "")
            self.toggle.setChecked(any(about.status is Status.AMBER for about in rows))
            self._toggled()

    def _toggled(self) -> None:
        is_open = self.toggle.isChecked()
        self.toggle.setIcon(icon("chevron-down" if is_open else "chevron-right"))
        self.summary.setVisible(not is_open)
        self.rows.setVisible(is_open)


def known_rows(session: PhoneSession) -> list[HandBackRow]:
    """What is known of each thing, and how: read back, inferred as the phone left, said."""
    handed = session.handed_back
    if handed is None:
        return []
    facts, intended = handed.outcome, handed.intended
    *switches, paper = describe_visit.hand_back_facts(facts, intended)
    otherwise = Status.NEUTRAL if intended.keeps_debugging else Status.AMBER
    rows = [
        HandBackRow(Status.GREEN if switch.is_known else otherwise, switch.subject, known=switch.how)
        for switch in switches
    ]
    rows.append(HandBackRow(Status.GREEN if paper.is_known else Status.NEUTRAL, paper.subject, known=paper.how))
    if facts.why is not None:
        rows.append(HandBackRow(Status.AMBER, facts.why))
    owner = LeftToOwner(facts.auto_blocker, facts.computers)
    return [*rows, *rows_of_holder(session, owner, keeps_debugging=intended.keeps_debugging)]
