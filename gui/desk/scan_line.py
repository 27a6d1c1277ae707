"""What a scan has filled in, said under the name of the phone for a moment, with the way to take it back."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame

from core.model import Labels
from core.text import T, Text
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.announcement import announce
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: Milliseconds.
SHOWN = 10_000


class ScanLine(QFrame):
    """Hidden but for that moment."""

    #: What the scan has filled in is not wanted: the phone, and what the department called it before.
    undo_wanted = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, "info")
        self._session: PhoneSession | None = None
        self._before = self._filled = Labels()
        self.words = self.say.label("", TextSize.SMALL_STRONG)
        self.undo = self.say.button(T("Undo"), self._undo, icon="undo", kind="link", name=T("Undo what was scanned"))
        sign = StatusIcon(16, Status.INFO, "tag")
        row(sign, (self.words, 1), self.undo, inside=self, margins=(STEP, 2, STEP, 2))
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self.hide)
        self.hide()

    def tell(self, session: PhoneSession, words: Text, before: Labels, filled: Labels) -> None:
        """Say that a scan has filled in `filled` for this phone, which was called `before`."""
        self._session, self._before, self._filled = session, before, filled
        self.say(self.words.setText, words)
        self.show()
        self._over.start(SHOWN)
        announce(self, str(words))

    def show_session(self, session: PhoneSession) -> None:
        """Say nothing any more where another phone is shown, or this one is called something else by now."""
        if session is not self._session or session.labels.latest != self._filled:
            self._over.stop()
            self.hide()

    def _undo(self) -> None:
        session, self._session = self._session, None
        self.hide()
        if session is not None:
            self.undo_wanted.emit(session, self._before)
