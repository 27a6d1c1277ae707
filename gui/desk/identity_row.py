"""Whose phone is shown: holder or tag, slot and model, the stage of its visit, and what else can be done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QWidget

from core import value_names
from core.describe import LABELS
from core.model import Labels
from core.text import T, Text
from gui.desk.acts.all_acts import LABEL
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.asset_label_dialog import LIMIT
from gui.desk.phone_text import about, caption, title
from gui.desk.session.phone_session import PhoneSession
from gui.desk.stage_track import StageTrack, stage_of
from gui.toolkit.announcement import announce
from gui.toolkit.layouts import FocusRing, column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon, as_tip, copy, literal, plain_label

#: Milliseconds for which it is said what a scan has filled in.
SCAN_SHOWN = 10_000
#: Logical pixels that a title keeps where there is little room.
_NAME: Final = STEP * 30
#: Logical pixels that the menu has at most.
_MENU: Final = 480


class ScanLine(QFrame):
    """What a scan has filled in, under the name of the phone for a moment, with the way to take it back."""

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
        self._over.start(SCAN_SHOWN)
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


class IdentityRow(QWidget):
    """The first line of a phone's page. The focus rests on its title after every change."""

    #: What the department calls the phone is to be said.
    labels_wanted = Signal()
    #: An asset tag was typed or scanned for the phone that is shown.
    tagged = Signal(str)

    def __init__(self, actions: DeskActions) -> None:
        super().__init__()
        self.say = Parts(self)
        self._actions = actions
        self._session: PhoneSession | None = None
        practice = T("PRACTICE: this is not a real phone")
        self.practice = plain_label()
        self.practice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.say(self.practice.setText, T("Practice"))
        self.say.name(self.practice, practice, practice)
        mark(self.practice, "practice")
        self.title = self.say.line("", TextSize.TITLE)
        self.title.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        FocusRing(self.title, outset=6)
        self.label = self.say.button("", lambda: self.labels_wanted.emit(), icon="tag", kind="link")
        self.label.show_key(LABEL.key_name)
        self.tag = QLineEdit()
        self.tag.setMaxLength(LIMIT)
        self.tag.setMinimumWidth(STEP * 28)
        self.say(self.tag.setPlaceholderText, T("Asset tag: scan or type it"))
        self.say.name(self.tag, T("Asset tag"))
        self.tag.returnPressed.connect(self._take_tag)
        self.tag.hide()
        self.caption = self.say.line("", TextSize.SMALL, "muted")
        self.greeting = self.say.line("", TextSize.SMALL)
        self.track = StageTrack()
        show = T("Show to the holder")
        tip = T("Show to the holder, on the screen that faces them")
        self.to_owner = self.say.icon_button("screen", show, kind="segment", tip=tip)
        self.to_owner.setCheckable(True)
        self.to_owner.hide()
        menu_tip = T("More with this phone")
        self.menu_button = self.say.icon_button("more", menu_tip, self.show_menu, kind="nav")
        self._low = False
        self._top = row(self.practice, self.title, (None, 1))
        self._below = row(self.caption, self.label, self.tag, (None, 1))
        self.scanned = ScanLine()
        texts = column(self._top, self._below, self.scanned, self.greeting, spacing=0)
        row((texts, 1), self.to_owner, self.track, self.menu_button, spacing=STEP * 2, inside=self)

    def be_compact(self, compact: bool, low: bool) -> None:
        """Take less room. If `low`, take one line: the way to tag and holder is then in the menu, and F2."""
        self.track.be_short(compact)
        self.label.show_key("" if compact else LABEL.key_name)
        if low != self._low:
            self._low = low
            if low:
                self._top.insertWidget(self._top.indexOf(self.title) + 1, self.caption)
            else:
                self._below.insertWidget(0, self.caption)

    def show_session(self, session: PhoneSession) -> None:
        """Show whose phone this is."""
        if session is not self._session:
            self.tag.clear()
        self._session = session
        self.practice.setVisible(session.practice)
        self.say(self.title.setText, lambda: title(session))
        self.title.setMinimumWidth(min(self.title.sizeHint().width(), _NAME))  # the caption gives way first
        self.say(self.caption.setText, lambda: caption(session))
        self.track.show_stage(stage_of(session))
        self.greeting.setVisible(session.greeting is not None)
        if session.greeting is not None:
            self.say(self.greeting.setText, session.greeting)
        self._show_labels(session)
        self.scanned.show_session(session)

    def _show_labels(self, session: PhoneSession) -> None:
        """What the department calls it, as the officer said it; may still wait behind a check."""
        labels = session.labels.latest
        lines = [(word, getattr(labels, name)) for name, word in LABELS.items() if getattr(labels, name)]

        def lines_text() -> str:
            return "\n".join([str(value_names.pair(word, value)) for word, value in lines])

        words: Text
        if not labels.holder and not labels.tag:
            words = T("Add asset tag or holder")
        elif not labels.holder:
            words = T("Add the holder")
        elif not labels.tag:
            words = T("Add the asset tag")
        else:
            words = T("Change")
        how = LABEL.with_key(T("Enter the asset tag and the holder of this phone"))
        self.label.setVisible(session.can_be_labelled and not self._low)
        self.tag.setVisible(session.asks_tag and not self._low)
        self.say(self.label.setText, words)
        self.say(self.label.setAccessibleName, lambda: lines_text() or str(words))
        self.say(self.label.setToolTip, lambda: as_tip(f"{lines_text()}\n{how()}".strip()))
        self.say(self.label.setAccessibleDescription, how)

    def _take_tag(self) -> None:
        if typed := " ".join(self.tag.text().split()):
            self.tagged.emit(typed)

    def menu(self) -> QMenu:
        """What else can be done with the phone that is shown, and what is known of it in full."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        if self._session is not None:
            line_text = str(about(self._session))
            line = menu.addAction(literal(line_text) or str(T("Not read yet")), lambda: copy(line_text))
            line.setToolTip(as_tip(f"{line_text}\n{T('Copy this line')}".strip()))
            menu.addSeparator()
            self._actions.fill(menu)
            if (excess := menu.sizeHint().width() - _MENU) > 0:
                metrics = menu.fontMetrics()
                room = metrics.horizontalAdvance(line_text) - excess
                line.setText(literal(metrics.elidedText(line_text, Qt.TextElideMode.ElideRight, room)))
        return menu

    def show_menu(self) -> None:
        """Open the menu below its button."""
        self.menu().popup(self.menu_button.mapToGlobal(QPoint(0, self.menu_button.height())))
