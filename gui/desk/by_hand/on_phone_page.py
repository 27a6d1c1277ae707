"""Removing apps by hand on the phone, one after the other: Fanion sees each go, and opens the page of the next."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from core import value_names
from core.describe.by_hand import WHO
from core.phones.hand_kind import Doer
from core.text import Bilingual, N, T, Text, one_line
from core.visit.by_hand import ByHand
from gui.desk.acts.all_acts import LEAVE
from gui.desk.bullet_list import Bullet, BulletList
from gui.desk.by_hand.hand_card import CardActs, HandCard
from gui.desk.ready.holder_row import HolderRow
from gui.desk.session import flows, played_holder
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import WrappedLabel

#: Milliseconds between two quick looks whether the app is still there.
LOOK_EVERY: Final = 2_500

#: What the headline says, by who does it.
_HEADLINES: Final = {
    Doer.HOLDER: T("Do it on the phone"),
    Doer.MANAGEMENT: T("Ask the phone’s management"),
    Doer.NOBODY: T("It cannot be removed here"),
}
#: The same in the list of the apps, below the app that is shown.
_NOW: Final = {
    Doer.HOLDER: T("On the phone now"),
    Doer.MANAGEMENT: T("For management"),
    Doer.NOBODY: T("Cannot be removed here"),
}


class OnPhonePage(QWidget):
    """One app at a time. What is skipped comes last; when none is left, the whole phone is read again."""

    back_wanted = Signal()
    #: An exception for this finding is wanted.
    except_wanted = Signal(object)
    #: The phone is to be handed back as it is.
    hand_back_wanted = Signal()
    #: The phone is to be read again.
    check_wanted = Signal()
    #: The text for the phone's management is to be copied.
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self._session: PhoneSession | None = None
        self._remaining: list[ByHand] = []
        self._all: tuple[ByHand, ...] = ()
        self._removed: list[ByHand] = []
        self._compact = self._low = False
        self.headline = WrappedLabel(TextSize.DISPLAY)
        self.sentence = self.say.label("", kind="muted")
        self.still = self.say.label("", TextSize.SMALL_STRONG)
        mark(self.still, "pill-red")
        self.still.setWordWrap(False)
        self.holder = HolderRow()
        self.card = HandCard(
            CardActs(
                open_screen=self._open,
                go_on=self._go_on,
                skip=self._skip,
                copy=self.copy_wanted.emit,
                grant=self._except,
                hand_back=self.hand_back_wanted.emit,
                check=self.check_wanted.emit,
            )
        )
        self.order = BulletList()
        self._aside = aside = QFrame()
        mark(aside, "card")
        edges = (STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        one_after = self.say.label(T("One app after the other"), TextSize.SMALL_STRONG, "muted")
        column(one_after, self.order, None, inside=aside, margins=edges)
        self.keep = self.say.button(
            T("It cannot be removed: grant an exception…"), self._except, icon="lock", kind="link"
        )
        self.as_it_is = self.say.button(T("Hand it back as it is…"), self.hand_back_wanted.emit, kind="link")
        self.back = self.say.button(T("Back to the result"), self.back_wanted.emit, icon="chevron-left", kind="link")
        self.back.show_key(LEAVE.key_name)
        inside = QWidget()
        mark(inside, "clear")
        self._links = row(self.back, None, self.keep, self.as_it_is, spacing=STEP * 2)
        self._inside = column(
            row((column(self.headline, self.sentence, spacing=2), 1), (self.still, 0, Qt.AlignmentFlag.AlignTop)),
            self.holder,
            row((self.card, 5), (aside, 3), spacing=STEP * 2),
            self._links,
            None,
            spacing=STEP * 2,
            inside=inside,
        )
        area = ScrollArea(inside)
        self.say.name(area, T("What is removed by hand, on the phone"))
        column(area, spacing=0, inside=self)
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self._look)

    def be_compact(self, compact: bool, low: bool) -> None:
        """Take less room, and if `low` leave out what the headline says too."""
        self._compact, self._low = compact, low
        self._links.setDirection(QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight)
        self._links.setSpacing(0 if compact else STEP * 2)
        self._inside.setSpacing(STEP if compact else STEP * 2)
        self.card.be_compact(compact)
        self._say()

    def begin(self, session: PhoneSession, *, take_focus: bool = True) -> None:
        """Go through what this phone has to have removed by hand."""
        self._session = session
        self._all = session.by_hand
        self._remaining, self._removed = list(self._all), []
        self._timer.start()
        self._open()
        self.refresh()
        if take_focus:
            self.headline.setFocus()

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._session = None

    @property
    def current(self) -> ByHand | None:
        """The app that is to be removed now."""
        return self._remaining[0] if self._remaining else None

    @property
    def remaining(self) -> tuple[ByHand, ...]:
        """What was not seen to be gone yet."""
        return tuple(self._remaining)

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
        item, session = self.current, self._session
        if item is None or session is None:
            return
        self.headline.setFont(font(TextSize.TITLE if self._compact else TextSize.DISPLAY))
        self.say(self.headline.setText, self._headline(item))
        self.say(self.sentence.setText, WHO[item.doer])
        self.sentence.setVisible(not self._low)
        count = session.banned_count
        self.say(self.still.setText, N("{count} banned app still there", "{count} banned apps still there", count))
        self.card.show_item(item, session, where=self._where(item), last=len(self._remaining) == 1)
        holder = item.doer is Doer.HOLDER
        self.keep.setVisible(holder)
        self.as_it_is.setVisible(holder)
        self._aside.setVisible(not self._compact and len(self._all) > 1)
        self._offer_holder(item)
        self.order.show_bullets(
            [
                *(Bullet(Status.GREEN, self._name(item_gone), (T("Gone"),)) for item_gone in self._removed),
                *(self._bullet(item_left) for item_left in self._remaining),
            ]
        )

    def _offer_holder(self, item: ByHand) -> None:
        """Have the holder of a practice phone played: what is to be done on the phone is done by a press."""
        session = self._session
        if session is None or not played_holder.is_played(session):
            self.holder.offer(())
        elif item.doer is Doer.HOLDER and played_holder.can_remove(session, item.finding):
            name = item.finding.on_phone
            self.holder.offer([(T("Remove {app} on the practice phone", app=name), partial(self._play, item))])
        elif played_holder.has_app(session, item.finding):
            self.holder.offer((), instead=T("Practice: the holder of this phone cannot remove it either."))
        else:
            gone = T("Practice: the holder has removed it. If Fanion does not see that here, check again.")
            self.holder.offer((), instead=gone)

    def _play(self, item: ByHand) -> None:
        session = self._session
        if session is not None:
            played_holder.remove(session, item.finding)
            self._look()
            self._say()

    def _headline(self, item: ByHand) -> Text:
        number, count = len(self._removed) + 1, len(self._all)
        title = _HEADLINES[item.doer]
        return T("{title}: step {number} of {count}", title=title, number=number, count=count) if count > 1 else title

    def _where(self, item: ByHand) -> Text:
        """In which profile an app is; its id too where another app has the same name."""
        finding = item.finding
        more = [one_line(finding.app.package, 100)] if self._alike(item) else []
        names = [value_names.profile(finding.profile), *more]
        return value_names.on_one_line(names)

    def _bullet(self, item: ByHand) -> Bullet:
        """An app in the list of all."""
        now = item is self.current
        glyph = "more" if not now else "phone" if item.doer is Doer.HOLDER else "lock"
        lines = (_NOW[item.doer],) if now or item.doer is not Doer.HOLDER else ()
        return Bullet(Status.INFO if now else Status.NEUTRAL, self._name(item), lines, glyph)

    def _name(self, item: ByHand) -> Text | Bilingual:
        """What an app is called in the list of all: with its profile where another one has the same name."""
        finding = item.finding
        return value_names.app_in(finding.on_phone, finding.profile) if self._alike(item) else finding.on_phone

    def _alike(self, item: ByHand) -> bool:
        name = str(item.finding.on_phone)
        return any(other.finding != item.finding and str(other.finding.on_phone) == name for other in self._all)

    # --- what happens

    def _look(self) -> None:
        item, session = self.current, self._session
        if item is not None and session is not None:
            flows.look_for(session, item.finding)

    def _open(self) -> None:
        item, session = self.current, self._session
        if item is not None and session is not None:
            session.screen_answer = session.still_there = None
            flows.open_screen(session, item)
            self._say()

    def _go_on(self) -> None:
        """What no quick look sees is done: show what is left of the same app."""
        if (item := self.current) is not None and item.then is not None:
            self._remaining[0] = item.then
            self._open()
            self.headline.setFocus()

    def _skip(self) -> None:
        self._remaining.append(self._remaining.pop(0))
        self._open()

    def _check(self) -> None:
        session = self._session
        self.end()
        self.back_wanted.emit()
        if session is not None:
            session.look()

    def _except(self) -> None:
        if (item := self.current) is not None:
            self.except_wanted.emit(item.finding)
