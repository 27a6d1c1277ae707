"""What the Desk page shows around the table: what was not seen, the plan, the steps under way, their results."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from core.phones.removal_plan import Planned
from core.text import N, T, Text
from gui.desk.bullet_list import LIMIT, Bullet, BulletList
from gui.desk.phone_text import plan_of, undo_of
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import WrappedLabel


class Notice(QFrame):
    """A heading and points in the colour of a status; may be closed where it only tells what is over."""

    def __init__(self, parent: QWidget | None = None, *, closable: bool = False) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self.heading = WrappedLabel(TextSize.STRONG)
        self.bullets = BulletList(tallest=STEP * 18)
        self.close_button = self.say.icon_button("close", T("Close this notice"), kind="quiet")
        top = row((self.heading, 1), (self.close_button, 0, Qt.AlignmentFlag.AlignTop), spacing=-1)
        column(top, self.bullets, inside=self, margins=(STEP * 2, STEP + 4, STEP + 4, STEP + 4))
        if not closable:  # only now: before, it would be a window of its own
            self.close_button.hide()

    def tell(self, status: Status, heading: Translatable, bullets: Sequence[Bullet]) -> None:
        """Show this; hidden where there are no points."""
        mark(self, status.value)
        self.say(self.heading.setText, heading)
        self.bullets.show_bullets(bullets)
        self.setVisible(bool(bullets))


class PlanPanel(QFrame):
    """What will be done with a phone, app by app, before anything is: do it, or leave it."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self._session: PhoneSession | None = None
        self._undoing = False
        self._bans: tuple[Planned, ...] = ()
        self._also: tuple[Planned, ...] = ()
        self.heading = WrappedLabel(TextSize.TITLE)
        self.explained = self.say.label("", kind="muted")
        self.bullets = BulletList()
        self.also_heading = self.say.label(T("Also found. Tick what is to be removed too:"), TextSize.STRONG)
        self.also = BulletList(tallest=STEP * 24)
        self.do = self.say.button("", self._go, kind="danger")
        self.look = self.say.button(T("Check again"), icon="refresh")
        stay = T("Leave the phone as it is (Esc)")
        self.leave = self.say.button(T("Not now"), lambda: self.left.emit(), tip=stay)
        self._column = column(
            self.heading,
            self.explained,
            (self.bullets, 2),
            self.also_heading,
            (self.also, 1),
            row(self.do, self.look, self.leave, None),
            spacing=STEP + 4,
            inside=self,
        )
        self.be_low(False)

    def show_plan(self, session: PhoneSession, *, keep_ticks: bool = False) -> None:
        """Show what there is to decide. Of very many apps only as many as are shown will be removed.

        Nothing is ticked. With `keep_ticks` what was ticked before is ticked again, and the focus leaves the button
        that removes: the plan under it has changed.
        """
        had_focus = self.do.hasFocus()
        ticked = {_key(item) for item in self.chosen()} if keep_ticks else set()
        if keep_ticks:
            self.do.hide()
        self._session, self._undoing = session, False
        bans, also = session.removable, session.also
        self._bans, self._also = bans[:LIMIT], also[:LIMIT]
        left = len(bans) + len(also) - len(self._bans) - len(self._also)
        self.say(self.heading.setText, T("What will be done"))
        self.bullets.show_bullets(())
        self.bullets.show_bullets(plan_of(self._bans))
        self.also.show_bullets(())
        self.also.show_bullets(plan_of(self._also, tick=True))
        self.also_heading.setVisible(bool(also))
        self.also.setVisible(bool(also))
        for item, box in zip(self._also, self.also.boxes, strict=True):
            box.setChecked(_key(item) in ticked)
            box.toggled.connect(self._count)
        explanation = self._explanation()
        if left:
            more = N("{count} more is for the next time.", "{count} more are for the next time.", left)
            explanation = T("{explanation} {more}", explanation=explanation, more=more)
        self.say(self.explained.setText, explanation)
        self._count()
        if had_focus and keep_ticks:
            self.leave.setFocus()

    def be_low(self, low: bool) -> None:
        """Where there is little height, the steps come before the heading over them."""
        self.heading.setVisible(not low)
        edge = STEP * (1 if low else 2)
        self._column.setContentsMargins(STEP * 3, edge, STEP * 3, edge)

    def show_undo(self, session: PhoneSession) -> None:
        """Show what putting back would do."""
        self._session, self._undoing = session, True
        self._bans = self._also = ()
        self.say(self.heading.setText, T("What will be put back"))
        self.say(
            self.explained.setText,
            T("Banned apps come back with it. Each step is written into the log before it is sent to the phone."),
        )
        self.bullets.show_bullets(undo_of(session.undoable))
        self.also.show_bullets(())
        self.also_heading.hide()
        self.also.hide()
        self.look.hide()
        self.do.show()
        mark(self.do, "primary")
        self.say(self.do.setText, T("Put back now"))

    def chosen(self) -> list[Planned]:
        """What would be done now."""
        ticked = [item for item, box in zip(self._also, self.also.boxes, strict=True) if box.isChecked()]
        return [*self._bans, *ticked]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _explanation(self) -> Text:
        if any(item.steps for item in self._bans):
            return T("Each step is written into the log before it is sent to the phone. Then the phone is read again.")
        return T("No step can be taken from here. Do this on the phone itself, then check it again.")

    def _count(self) -> None:
        possible = [item for item in self.chosen() if item.steps]
        self.do.setVisible(bool(possible) or any(item.screen for item in self._bans))
        self.look.setVisible(not possible)
        mark(self.do, "danger" if possible else "primary")
        if possible:
            count = len({item.finding.app.package for item in possible})
            self.say(self.do.setText, N("Remove {count} app now", "Remove {count} apps now", count))
        else:
            self.say(self.do.setText, T("Open the screen for it on the phone"))

    def _go(self) -> None:
        if self._session is None:
            return
        if self._undoing:
            self._session.undo()
        else:
            self._session.remove(self.chosen())


class WorkPanel(QFrame):
    """The steps of a removal or undoing while they are taken."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self.bullets = BulletList()
        heading = self.say.label(T("What is being done"), TextSize.TITLE)
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        column(heading, (self.bullets, 1), spacing=STEP + 4, inside=self, margins=edges)


def _key(item: Planned) -> tuple[str, str, int]:
    """What tells an item of a plan, also from one check to the next."""
    return item.finding.rule, item.finding.app.package, item.finding.profile.id
