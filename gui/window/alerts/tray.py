"""The icon in the system's tray, with the number of phones that need the officer, and notifications.

The icon is there where the setting ``tray`` wants it; otherwise only for as long as a notification stands, which the
system shows for an icon. Where the desktop has no tray, there is neither. It keeps nothing open: who closes the window
closes Fanion. What a notification says may be read on a locked screen: the slot and the verdict, never a name.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from weakref import ref

from PySide6.QtCore import QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from core.model.visit_state import Reason
from core.text import N, T, Text
from gui.desk.moments import Moment, PhoneMoments, still
from gui.desk.queue import Group, QueueRow
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.images.icons import app_icon, app_pixmap
from gui.toolkit.theme import LIGHT, Status
from gui.toolkit.translated_text import TranslatedText
from gui.window.shell import WindowShell

#: Pixels of the icons that have a number.
_SIZES: Final = (16, 24, 32, 48, 64)
#: Milliseconds within which what comes is one notification, and for which that stands.
TOGETHER: Final = 400
STANDS: Final = 10_000
#: Phones that a notification names, and those that the menu offers.
_NAMED: Final = 5
_OFFERED: Final = 12

_WORDS: Final = {
    Moment.LOOK: T("amber, look on the phone"),
    Moment.NOT_READY: T("not ready, needs you"),
    Moment.SETTLED: T("amber, can be handed back"),
    Moment.GREEN: T("green, can be handed back"),
}


class Tray(QObject):
    """The icon and its notifications, for one window."""

    def __init__(self, moments: PhoneMoments, shell: WindowShell) -> None:
        super().__init__(shell.widget)
        self._shell = shell
        self._say = TranslatedText(shell.widget)
        self._desk = shell.desk_page
        self.icon: QSystemTrayIcon | None = None
        self.menu: QMenu | None = None
        #: The number that is painted.
        self._count_shown = -1
        #: What stands in the menu.
        self._offered: list[str] = []
        self._come: list[tuple[PhoneSession, Moment]] = []
        #: The most urgent phone of the notification that stands.
        self._first: ref[PhoneSession] | None = None
        self._soon = QTimer(self, singleShot=True, interval=TOGETHER)
        self._soon.timeout.connect(self._notify)
        self._stands = QTimer(self, singleShot=True, interval=STANDS)
        self._stands.timeout.connect(self.refresh)
        moments.moment_reached.connect(self._add_moment)
        self._desk.phones.all_told.connect(self.refresh)
        moments.went.connect(self._went)
        self.refresh()

    # --- the icon

    def refresh(self) -> None:
        """Show the icon as it is to be now, or take it away."""
        if not (self._shell.desk.settings.tray or self._stands.isActive()) or not has_tray():
            if self.icon is not None:
                self.icon.hide()
            return
        icon = self._icon_at_hand()
        count = len(self._waiting())
        if count != self._count_shown:
            self._count_shown = count
            icon.setIcon(counted_icon(count))
            self._say(icon.setToolTip, _tip(count))
        self._fill()
        icon.show()

    def _icon_at_hand(self) -> QSystemTrayIcon:
        if self.icon is None:
            self.menu = QMenu(self._shell.widget)
            self.menu.aboutToShow.connect(self._fill)  # the language may be another one
            self.icon = QSystemTrayIcon(self)
            self.icon.setContextMenu(self.menu)
            self.icon.activated.connect(self._activated)
            self.icon.messageClicked.connect(self._clicked)
        return self.icon

    def _waiting(self) -> list[tuple[PhoneSession, QueueRow]]:
        """The phones that need the officer, by slot."""
        rows = self._desk.cards.phones.rows
        return sorted((r for r in rows if r[1].group is Group.NEEDS_YOU), key=lambda r: r[0].slot)

    def _fill(self) -> None:
        if self.menu is None:
            return
        show, close = str(T("Show Fanion")), str(T("Close Fanion"))
        phones = [
            (str(T("{phone}: {what}", phone=_phone(session), what=row.word)), session)
            for session, row in self._waiting()[:_OFFERED]
        ]
        words = [show, *(line for line, _ in phones), close]
        if words == self._offered:  # thirty phones report all the time, and a desktop is told of each change
            return
        self._offered = words
        self.menu.clear()
        self.menu.addAction(show, self._shell.show_yourself)
        self.menu.addSeparator()
        for line, session in phones:
            self.menu.addAction(line, partial(self._show_weakly, ref(session)))
        if phones:
            self.menu.addSeparator()
        self.menu.addAction(close, self._shell.widget.close)

    def _show_weakly(self, phone: ref[PhoneSession]) -> None:
        """Show that phone, which may have left the desk meanwhile."""
        session = phone()
        if session is not None:
            self.show_phone(session)
        else:
            self._shell.show_yourself()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self._shell.show_yourself()

    def show_phone(self, session: PhoneSession) -> None:
        """Bring the window to the front, with this phone if it is still there."""
        self._shell.show_yourself()
        if session in self._desk.phones.sessions:
            self._shell.open_page("desk")
            self._desk.choose(session)

    # --- notifications

    def _add_moment(self, session: PhoneSession, moment: Moment) -> None:
        if moment is not Moment.PLUGGED and QApplication.activeWindow() is None:
            self._come.append((session, moment))
            self._soon.start()

    def _went(self, session: PhoneSession) -> None:
        self._come = [(phone, moment) for phone, moment in self._come if phone is not session]
        self.refresh()

    def _notify(self) -> None:
        come = sorted(
            ((s, m) for s, m in self._come if still(s, m)),
            key=lambda pair: (pair[1].value, pair[0].slot),
        )
        self._come.clear()
        if not come or QApplication.activeWindow() is not None or not has_tray():
            return
        self._first = ref(come[0][0])
        lines: list[Text] = [T("{phone}: {what}", phone=_phone(s), what=_moment_words(s, m)) for s, m in come[:_NAMED]]
        if len(come) > _NAMED:
            lines.append(N("and {count} more", "and {count} more", len(come) - _NAMED))
        self._stands.start()
        self.refresh()
        self._icon_at_hand().showMessage("Fanion", "\n".join(map(str, lines)), app_icon(), STANDS)

    def _clicked(self) -> None:
        self._stands.stop()
        self.refresh()
        if self._first is not None:
            self._show_weakly(self._first)


#: What makes a phone red, where it is no banned app.
_RED: Final = {Reason.HEALTH: T("red: phone health"), Reason.NOT_READ_AGAIN: T("not checked again after removal")}


def has_tray() -> bool:
    """Whether the desktop has a tray now; it may come and go."""
    return QSystemTrayIcon.isSystemTrayAvailable()


def _phone(session: PhoneSession) -> Text:
    if session.practice:
        return T("Practice phone in slot {slot}", slot=session.slot)
    return T("Phone in slot {slot}", slot=session.slot)


def _moment_words(session: PhoneSession, moment: Moment) -> Text:
    if moment is not Moment.RED:
        return _WORDS[moment]
    return _RED[session.standing.reason] if session.standing.reason in _RED else T("banned app found")


def _tip(count: int) -> Text | str:
    return N("Fanion: {count} phone needs you", "Fanion: {count} phones need you", count) if count else "Fanion"


def counted_icon(count: int) -> QIcon:
    """Fanion's icon with a number over its lower right; without one for none, and with 99 for more than that."""
    drawn_icon = QIcon()
    for size in _SIZES:
        picture = app_pixmap(size, 1)
        if count:
            _number(picture, min(count, 99))
        drawn_icon.addPixmap(picture)
    return drawn_icon


def _number(picture: QPixmap, count: int) -> None:
    """Paint a number on a red disk, as large as it can be read at."""
    size = picture.width()
    side = round(size * 0.68)
    disk = QRect(size - side, size - side, side, side)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.status[Status.RED].text))
    painter.drawEllipse(disk)
    number_font = QFont(QApplication.font())
    number_font.setPixelSize(max(round(side * (0.78 if count < 10 else 0.62)), 7))
    number_font.setBold(True)
    painter.setFont(number_font)
    painter.setPen(QColor(LIGHT.on_red))
    painter.drawText(disk, Qt.AlignmentFlag.AlignCenter, str(count))
    painter.end()
