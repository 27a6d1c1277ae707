"""One line at the foot of the page: a phone was just plugged in. The page that is being read stays."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.text import T
from gui.desk.phone_text import arrived, title
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.announcement import announce
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark


class ArrivalBar(QFrame):
    """Tells of the newest phone until it is shown, leaves, or the next one comes."""

    #: The phone is to be shown.
    show_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self.say = Parts(self)
        self.session: PhoneSession | None = None
        pill = self.say.label(T("Just plugged in"), TextSize.SMALL_STRONG)
        mark(pill, "pill-info")
        pill.setWordWrap(False)
        self.line = self.say.line("", kind="muted")
        self.show_it = self.say.button("", self._want_phone, kind="link")
        edges = (STEP * 3, 4, STEP * 3, STEP)
        row(pill, (self.line, 1), self.show_it, spacing=STEP + 4, inside=self, margins=edges)
        self.hide()

    def tell(self, session: PhoneSession) -> None:
        """A phone came."""
        self.session = session
        self.refresh()
        self.show()
        announce(self, self.line.whole())

    def dismiss(self, session: PhoneSession | None = None) -> None:
        """There is nothing to tell any more, of this phone or of any."""
        if session is None or session is self.session:
            self.session = None
            self.hide()

    def refresh(self) -> None:
        """Say how it is with the phone now."""
        session = self.session
        if session is None:
            return
        if session.absent:
            self.dismiss()
            return
        self.say(self.line.setText, lambda: arrived(session))
        self.say(self.show_it.setText, T("Show slot {slot}", slot=session.slot))
        self.say(self.show_it.setAccessibleName, lambda: T("Show {phone}", phone=title(session)))

    def _want_phone(self) -> None:
        if self.session is not None:
            self.show_wanted.emit(self.session)
