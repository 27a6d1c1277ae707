"""Why a phone is handed back although it is not green: one line to type in, and the officer's last reasons to choose
from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPoint, QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QSizePolicy, QWidget

from core.model import Attested
from core.text import T, Text
from gui.desk.acts import act_words
from gui.desk.session.page_state import PageState
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import literal

#: Characters of a reason.
LIMIT: Final = 500
#: Characters of an earlier reason that its entry in the menu has.
_IN_MENU: Final = 60
#: Logical pixels.
_LEAST: Final = STEP * 18
_NONE: Final = T("No reason of yours is in the log")
#: Why a phone that is not green is handed back, by what the officer saw on it.
_LOOKED: Final[dict[str, Text]] = {
    Attested.NOTHING_SEEN: T("Checked by hand: no banned app was seen."),
    Attested.DECLINED: T("The holder would not open what a computer cannot see."),
}


class ReasonField(QWidget):
    """The question, a line for the answer, and a button for the last answers, which are in the log alone."""

    changed = Signal()
    #: The officer asks for earlier reasons; :meth:`show_menu` gives them.
    earlier_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self.say = Parts(self)
        self._of: tuple[object, ...] = ()
        #: What was typed for phones that are not shown, each with the check that it was typed for.
        self._drafts: WeakKeyDictionary[PhoneSession, tuple[tuple[object, ...], str]] = WeakKeyDictionary()
        self.line = QLineEdit()
        self.line.setMaxLength(LIMIT)
        self.line.setMinimumWidth(_LEAST)
        self.line.textChanged.connect(lambda: self.changed.emit())
        self.question = self.say.line("", TextSize.SMALL, "muted")
        self.question.setBuddy(self.line)
        self.choose = self.say.icon_button("chevron-down", T("Earlier reasons"), self.earlier_wanted.emit, kind="nav")
        self._column = column(self.question, row((self.line, 1), self.choose, spacing=2), spacing=2, inside=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def be_compact(self, compact: bool) -> None:
        """Take less room: the question stands in the line. Else it stands over it, and the line is in the middle."""
        self.line.ensurePolished()
        self.question.setVisible(not compact)
        self._column.setContentsMargins(0, 0, 0, 0 if compact else self.question.sizeHint().height() + 2)

    def show_session(self, session: PhoneSession, state: PageState) -> None:
        """Ask for the reason where one is wanted; what was typed for another phone is kept until that is shown again.

        Where the officer has looked on the phone, that is the reason, until another one is given.
        """
        about = (session, session.check, session.attestation)
        if about != self._of:
            if isinstance(shown := self._of[0] if self._of else None, PhoneSession):
                self._drafts[shown] = (self._of[1:], self.line.text())
            self._of = about
            answer = session.attestation.answer if session.attestation is not None else ""
            of, typed = self._drafts.pop(session, ((), ""))
            with QSignalBlocker(self.line):  # the page is being shown anew already
                self.line.setText(typed if of == about[1:] else str(_LOOKED.get(answer, "")))
                self.line.setCursorPosition(0)  # its beginning is seen
        asks = state.reason_wanted and state.coming is None
        if asks:
            question = act_words.reason_question(state)
            self.say(self.question.setText, question)
            self.say.name(self.line, question)
            self.say(self.line.setPlaceholderText, T("Reason") if state.around.compact else "")
        self.setVisible(asks)

    def answer(self) -> str:
        """The reason; empty as long as none was given."""
        return self.line.text().strip()

    def show_menu(self, reasons: Sequence[str], otherwise: Text = _NONE) -> None:
        """Offer earlier reasons to choose from, in a menu below the button; `otherwise` says why there are none."""
        menu = QMenu(self)
        for reason in reasons:
            short = reason if len(reason) <= _IN_MENU else f"{reason[:_IN_MENU]}…"
            menu.addAction(literal(short), partial(self._take, reason))
        if not reasons:
            menu.addAction(literal(str(otherwise))).setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.choose.mapToGlobal(QPoint(0, self.choose.height())))

    def _take(self, reason: str) -> None:
        self.line.setText(reason)
        self.line.setFocus()
