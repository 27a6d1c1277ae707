"""Removing apps by hand on the phone, one after the other: Fanion sees each go, and opens the page of the next."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QWidget

from core import value_names
from core.text import N, T, Text
from core.visit.by_hand import ByHand
from gui.desk.actions import LEAVE
from gui.desk.bullet_list import Bullet, BulletList
from gui.desk.holder_row import HolderRow
from gui.desk.session import flows
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.images.progress_ring import Tile
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, colours, font, mark
from gui.toolkit.widgets import WrappedLabel

#: Milliseconds between two quick looks whether the app is still there.
LOOK_EVERY: Final = 2_500
#: Logical pixels, below which the drawing is left out.
_DRAWN: Final = 620


class OnPhonePage(QWidget):
    """One app at a time. What is skipped comes last; when none is left, the whole phone is read again."""

    back_wanted = Signal()
    #: An exception for this finding is wanted.
    except_wanted = Signal(object)
    #: The phone is to be handed back as it is.
    hand_back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self._session: PhoneSession | None = None
        self._remaining: list[ByHand] = []
        self._all: tuple[ByHand, ...] = ()
        self._removed: list[ByHand] = []
        self._compact = False
        self.headline = WrappedLabel(TextSize.DISPLAY)
        self.sentence = self.say.label(
            T("No computer can remove it. The holder removes it by hand. Fanion notices and goes on automatically."),
            kind="muted",
        )
        self.still = self.say.label("", TextSize.SMALL_STRONG)
        mark(self.still, "pill-red")
        self.still.setWordWrap(False)
        self.holder = HolderRow()
        self._make_card()
        self.order = BulletList()
        self._aside = aside = QFrame()
        mark(aside, "card")
        edges = (STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        one_after = self.say.label(T("One app after the other"), TextSize.SMALL_STRONG, "muted")
        column(one_after, self.order, None, inside=aside, margins=edges)
        self.keep = self.say.button(
            T("It cannot be removed: grant an exception…"), self._except, icon="lock", kind="link"
        )
        self.as_it_is = self.say.button(T("Hand it back as it is…"), lambda: self.hand_back_wanted.emit(), kind="link")
        self.back = self.say.button(
            T("Back to the result"), lambda: self.back_wanted.emit(), icon="chevron-left", kind="link"
        )
        self.back.show_key(LEAVE.key_name)
        inside = QWidget()
        mark(inside, "clear")
        self._links = row(self.back, None, self.keep, self.as_it_is, spacing=STEP * 2)
        self._inside = column(
            row((column(self.headline, self.sentence, spacing=2), 1), (self.still, 0, Qt.AlignmentFlag.AlignTop)),
            self.holder,
            (row((self.card, 3), (aside, 2), spacing=STEP * 2), 1),
            self._links,
            spacing=STEP * 2,
            inside=inside,
        )
        area = ScrollArea(inside)
        self.say.name(area, T("What is removed by hand, on the phone"))
        column(area, spacing=0, inside=self)
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self._look)

    def _make_card(self) -> None:
        self.card = QFrame()
        mark(self.card, "lit")
        self.drawing = AppInfoDrawing()
        self.tile = Tile()
        self.app = self.say.label("", TextSize.HEAD)
        self.where = self.say.label("", kind="muted")
        self.steps = BulletList()
        self.again = self.say.button(T("Open the page again"), self._open, icon="phone")
        self.skip = self.say.button(T("Skip this app for now"), self._skip)
        self.check = self.say.button(T("Check again"), self._check, icon="refresh", kind="primary")
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        texts = column(
            row(self.tile, (column(self.app, self.where, spacing=0), 1), spacing=STEP + 4),
            self.steps,
            None,
            self.again,
            self.skip,
            self.check,
            spacing=STEP,
        )
        row(self.drawing, (texts, 1), spacing=STEP * 3, inside=self.card, margins=edges)

    def be_compact(self, compact: bool, low: bool) -> None:
        """Take less room, and if `low` leave out what the headline says too."""
        self._compact = compact
        self.sentence.setVisible(not low)
        self._aside.setVisible(not compact)
        self._links.setDirection(QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight)
        self._links.setSpacing(0 if compact else STEP * 2)
        self._inside.setSpacing(STEP if compact else STEP * 2)

    def begin(self, session: PhoneSession) -> None:
        """Go through what this phone has to have removed by hand."""
        self._session = session
        self._all = session.by_hand
        self._remaining, self._removed = list(self._all), []
        self._timer.start()
        self._open()
        self.refresh()
        self.headline.setFocus()

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._session = None

    @property
    def current(self) -> ByHand | None:
        """The app that is to be removed now."""
        return self._remaining[0] if self._remaining else None

    def refresh(self) -> None:
        """Show how far it is; go on to the next app as soon as this one is seen to be gone."""
        session = self._session
        if session is None:
            return
        if session.busy or session.absent or session.by_hand != self._all:
            self._timer.stop()
            self.back_wanted.emit()  # it is being read anew, or has left
            return
        # What was looked for may be another one by now: it was skipped, or seen to be gone already.
        if session.still_there is False and self._remaining and session.looked_for == self._remaining[0].finding:
            session.still_there = None
            self._removed.append(self._remaining.pop(0))
            if self._remaining:
                self._open()
            else:
                self._check()
                return
        self._say()

    def _say(self) -> None:
        item = self.current
        if item is None:
            return
        number, count = len(self._removed) + 1, len(self._all)
        title = T("Do it on the phone: {number} of {count}", number=number, count=count)
        self.headline.setFont(font(TextSize.TITLE if self._compact else TextSize.DISPLAY))
        self.say(self.headline.setText, title)
        still = N("{count} banned app still there", "{count} banned apps still there", len(self._remaining))
        self.say(self.still.setText, still)
        name = item.finding.on_phone
        self.tile.show_app(str(name), self._icon(item))
        self.drawing.show_app(str(name))
        self.say(self.app.setText, name)
        self.say(self.where.setText, value_names.profile(item.finding.profile))
        self.steps.show_bullets(self._steps_of(item))
        self.again.setVisible(item.screen is not None)
        self.skip.setVisible(len(self._remaining) > 1)
        self.drawing.setVisible(item.screen is not None and self.width() >= _DRAWN)
        self._offer_holder(item)
        self.order.show_bullets(
            [
                *(Bullet(Status.GREEN, item_gone.finding.on_phone, (T("Gone"),)) for item_gone in self._removed),
                *(
                    Bullet(
                        Status.INFO if item_left is item else Status.NEUTRAL,
                        item_left.finding.on_phone,
                        (T("On the phone now"),) if item_left is item else (),
                        "phone" if item_left is item else "more",
                    )
                    for item_left in self._remaining
                ),
            ]
        )

    def _offer_holder(self, item: ByHand) -> None:
        """Have the holder of a practice phone played: what is to be done on the phone is done by a press."""
        session = self._session
        if session is None or not session.holder_is_played:
            self.holder.offer(())
        elif session.can_play_removal(item.finding):
            name = item.finding.on_phone
            self.holder.offer([(T("Remove {app} on the practice phone", app=name), partial(self._play, item))])
        elif session.holder_has(item.finding):
            self.holder.offer((), instead=T("Practice: the holder of this phone cannot remove it either."))
        else:
            gone = T("Practice: the holder has removed it. If Fanion does not see that here, read the phone again.")
            self.holder.offer((), instead=gone)

    def _play(self, item: ByHand) -> None:
        session = self._session
        if session is not None:
            session.play_removal(item.finding)
            self._look()
            self._say()

    def _icon(self, item: ByHand) -> bytes:
        check = self._session.check if self._session is not None else None
        identity = check.identities.get(item.finding.app.package) if check is not None else None
        return identity.icon if identity is not None else b""

    def _steps_of(self, item: ByHand) -> list[Bullet]:
        session = self._session
        opened = session is not None and session.screen_answer is not None
        points = []
        if item.screen is not None and opened:
            points.append(Bullet(Status.GREEN, T("Its page is open on the phone.")))
        points.append(Bullet(Status.INFO, T("Now, on the phone"), (item.instruction,), "hand"))
        points.append(Bullet(Status.NEUTRAL, T("Fanion sees it go and opens the next app."), (), "more"))
        return points

    # --- what happens

    def _look(self) -> None:
        item, session = self.current, self._session
        if item is not None and session is not None:
            flows.look_for(session, item.finding)

    def _open(self) -> None:
        item, session = self.current, self._session
        if item is not None and session is not None:
            session.screen_answer = session.still_there = None
            if item.screen is not None:
                flows.open_screen(session, item)

    def _skip(self) -> None:
        self._remaining.append(self._remaining.pop(0))
        self._open()
        self._say()

    def _check(self) -> None:
        session = self._session
        self.end()
        self.back_wanted.emit()
        if session is not None:
            session.look()

    def _except(self) -> None:
        if (item := self.current) is not None:
            self.except_wanted.emit(item.finding)


class AppInfoDrawing(QWidget):
    """A phone that shows the page of an app, with the button that is to be tapped lit. Decoration: words say it too."""

    def __init__(self) -> None:
        super().__init__()
        self._app = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_app(self, name: str) -> None:
        """Draw the page of this app."""
        self._app = name
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(248, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = colours(self.palette())
        neutral, info = c.status[Status.NEUTRAL], c.status[Status.INFO]
        frame = QRectF(4, 2, self.width() - 8, 420)
        painter.setPen(QPen(QColor(c.control), 1.5))
        painter.setBrush(QColor(c.nested))
        painter.drawRoundedRect(frame, 24, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(neutral.soft))
        painter.drawRoundedRect(frame.adjusted(7, 7, -7, -7), 18, 18)
        painter.setBrush(QColor(neutral.back))
        painter.drawRoundedRect(QRectF(frame.center().x() - 18, 16, 36, 5), 2.5, 2.5)
        edge, wide = frame.left() + 18, frame.width() - 36
        painter.setFont(font(TextSize.SMALL_STRONG))
        painter.setPen(QColor(c.text))
        painter.drawText(QRectF(edge, 30, wide, 22), Qt.AlignmentFlag.AlignVCenter, str(_PAGE))
        self._box(painter, QRectF(edge, 58, wide, 60), c.nested, c.line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(neutral.back))
        painter.drawRoundedRect(QRectF(edge + 12, 70, 36, 36), 9, 9)
        painter.setPen(QColor(c.text))
        name = painter.fontMetrics().elidedText(self._app, Qt.TextElideMode.ElideRight, int(wide - 72))
        painter.drawText(QRectF(edge + 60, 70, wide - 68, 36), Qt.AlignmentFlag.AlignVCenter, name)
        half = (wide - 8) / 2
        middle = Qt.AlignmentFlag.AlignCenter
        painter.setFont(font(TextSize.SMALL))
        stop, uninstall = QRectF(edge, 128, half, 48), QRectF(edge + half + 8, 128, half, 48)
        self._box(painter, stop, c.nested, c.line)
        painter.setPen(QColor(c.muted))
        painter.drawText(stop, middle, str(_STOP))
        painter.setPen(QPen(QColor(c.focus), 2))
        painter.setBrush(QColor(info.back))
        painter.drawRoundedRect(uninstall, 8, 8)
        painter.setFont(font(TextSize.SMALL_STRONG))
        painter.setPen(QColor(info.text))
        painter.drawText(uninstall, middle, str(_UNINSTALL))
        self._box(painter, QRectF(edge, 186, wide, 200), c.nested, c.line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(neutral.back))
        for number in range(5):
            painter.drawRoundedRect(QRectF(edge + 14, 204 + number * 32, wide * (0.5 - 0.05 * (number % 3)), 8), 4, 4)

    @staticmethod
    def _box(painter: QPainter, area: QRectF, ground: str, line: str) -> None:
        painter.setPen(QPen(QColor(line), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(area, 8, 8)


#: The words of Android's own page of an app (AOSP's strings, English and Canadian French).
_PAGE: Final[Text] = T("App info")
_STOP: Final[Text] = T("Force stop")
_UNINSTALL: Final[Text] = T("Uninstall")
