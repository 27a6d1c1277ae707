"""The banner: the verdict, the largest thing on the screen, with why, how far, and the one button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QProgressBar, QPushButton, QWidget

from core.jobs import Progress
from core.text import T, Text
from gui.desk.phone_text import BannerText, banner_text, removal_name
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, font, mark
from gui.toolkit.widgets import ElidedLabel, StatusIcon, WrappedLabel


class Banner(QFrame):
    """Says what is known of the chosen phone, and offers what can be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self._announced: tuple[PhoneSession, str] | None = None
        self._compact = False
        self._least = 0
        self.glyph = StatusIcon(56)
        self.headline = WrappedLabel(TextSize.DISPLAY)
        self.sentence = WrappedLabel(selectable=True)
        self.doing = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.say(self.bar.setAccessibleName, T("How far it is"))
        plan = T("First shows exactly what will be done (Ctrl+R)")
        self.remove = self.say.button("", kind="danger", tip=plan)
        again, read = T("Check again"), T("Read the phone again (F5)")
        self.again = self.say.button(self._again_words, icon="refresh", name=again, tip=read)
        undo = T("Undo the removal")
        back = T("Put back what the last removal took, as far as the phone still has it (Ctrl+Z)")
        self.undo = self.say.button(lambda: "" if self._compact else undo, icon="undo", name=undo, tip=back)
        self.stop = self.say.button(T("Stop"), icon="stop", tip=T("Stop what is under way (Ctrl+.)"))
        self._top = row((self.headline, 1), spacing=STEP * 2)
        texts = column(None, self._top, self.sentence, self.doing, self.bar, None, spacing=STEP // 2)
        self._buttons = QWidget()
        mark(self._buttons, "clear")
        self._side = column(self.remove, self.stop, self.again, self.undo, inside=self._buttons)
        middle = Qt.AlignmentFlag.AlignVCenter
        parts = (self.glyph, 0, middle), (texts, 1), (self._buttons, 0, middle)
        self._row = row(*parts, spacing=STEP * 3, inside=self)
        self.be_compact(False)

    def be_compact(self, compact: bool, low: bool = False) -> None:
        """Take less room, and if `low` still less: the table needs it. The buttons stand beside the headline then."""
        self._compact = compact
        (self._row if compact else self._top).removeWidget(self._buttons)
        (self._top if compact else self._row).addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignVCenter)
        self._side.setDirection(QBoxLayout.Direction.LeftToRight if compact else QBoxLayout.Direction.TopToBottom)
        for one in (self.remove, self.stop, self.again, self.undo):
            one.setMinimumWidth(0 if compact else 160)
        self.say.again()
        self._least = STEP * (7 if low else 11 if compact else 17)
        self.glyph.setFixedSize(*((40, 40) if compact else (56, 56)))
        edge = STEP * (1 if compact else 2)
        self._row.setContentsMargins(STEP * 2 if compact else STEP * 3, edge, edge + STEP, edge)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be tall enough for every word, also where what is below is short of room."""
        self._row.invalidate()
        self.setMinimumHeight(max(self._least, self._row.totalHeightForWidth(self.width())))

    def show_session(self, session: PhoneSession, *, planning: bool, crowded: bool = False) -> None:
        """Show a phone. While its plan is looked at, only that has buttons.

        `crowded` tells that two notices stand below: on a small screen there is then no room for the reason, which is
        in the table.
        """
        text = banner_text(session, compact=self._compact)
        mark(self, text.status.value)
        self.glyph.show_status(text.status, text.glyph)
        size = TextSize.DISPLAY if text.verdict and not self._compact else TextSize.TITLE
        if self.headline.font() != font(size):
            self.headline.setFont(font(size))
        self.say(self.headline.setText, text.headline)
        self.say(self.sentence.setText, lambda: "\n".join(map(str, text.sentences)))
        self.sentence.setVisible(bool(text.sentences) and not ((planning or crowded) and self._compact))
        self._progress(session.busy, text.progress)
        items = session.removable
        idle = not session.busy and not session.gone and not planning
        self.say(self.remove.setText, removal_name(session, compact=self._compact))
        self.say(self.remove.setToolTip, T("First shows exactly what will be done (Ctrl+R)"))
        pausable = session.phase is Phase.LOOKING and bool(session.seen) and not session.stopping
        self.remove.setVisible((bool(items) and idle) or pausable)
        self.again.setVisible(idle and not (session.sighting is not None and not session.checkable))
        self.say(self.again.setText, self._again_words)
        self.undo.setVisible(bool(session.undoable) and idle)
        self.stop.setVisible(session.busy)
        self.stop.setEnabled(not session.stopping)
        self._fit()
        self._announce(session, text)

    def _again_words(self) -> Text | str:
        return "" if self._compact and not self.remove.isHidden() else T("Check again")

    def main_button(self) -> QPushButton:
        """Where the focus may be put: what an officer most likely wants now, and nothing is lost by."""
        return next((b for b in (self.stop, self.again) if not b.isHidden()), self.again)

    def _progress(self, busy: bool, progress: Progress | None) -> None:
        self.bar.setVisible(busy)
        self.doing.setVisible(busy and progress is not None)
        if not busy:
            return
        self.bar.setRange(0, 0 if progress is None else 1000)
        if progress is not None:
            self.bar.setValue(int(progress.share * 1000))
            self.say(self.doing.setText, progress.doing)

    def _announce(self, session: PhoneSession, text: BannerText) -> None:
        """Tell a screen reader, once, what is new in large letters."""
        said = f"{session.name}. {text.headline} {' '.join(map(str, text.sentences))}"
        self.setAccessibleName(said)
        if self._announced != (session, said):
            self._announced = (session, said)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))
