"""The Desk page: the phones at the left, the chosen one at the right; an inviting page where there is none.

What is shown before the first phone is in this file; all else is loaded a moment after the window is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from core.desk.desk import Desk
from core.problem import Problem
from core.text import T, Text
from gui.desk.empty_desk import EmptyDesk
from gui.toolkit.announcement import announce
from gui.toolkit.jobs import Done, JobEnd, JobRunner
from gui.toolkit.layouts import FocusRing, column, row
from gui.toolkit.lists.splitter import Splitter
from gui.toolkit.page import Page
from gui.toolkit.parts import Parts, Segments
from gui.toolkit.remembered import OWNER_FOLLOWS
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ProblemBar

if TYPE_CHECKING:
    from PySide6.QtGui import QKeySequence, QResizeEvent, QShowEvent

    from core.ledger.records import Entry
    from core.model import Check
    from gui.desk.phone_list.phone_list import PhoneList
    from gui.desk.phone_list.practice_dialog import PracticeDialog
    from gui.desk.phone_page import PhonePage
    from gui.desk.phones_at_desk import PhonesAtDesk
    from gui.desk.session.phone_session import PhoneSession
    from gui.desk.session.phone_sessions import PhoneSessions

#: Logical pixels: the least and the most that the list of phones takes; what it takes where the whole page has less
#: than `_NARROW`.
_SIDE: Final = (300, 460)
_SLIM: Final = 80
_NARROW: Final = 840
#: Under which an earlier version kept what officers had typed, which stands in the log alone.
_REASONS: Final = "desk/reasons"


class DeskPage(Page):
    """The phones at this desk, and the chosen one."""

    #: There may be new records in the log; whether they are practice.
    recorded = Signal(bool)
    #: The officer has told who works here.
    introduced = Signal()
    #: An exception is wanted: for this finding, on this phone, which the department calls so.
    except_wanted = Signal(object, object, object)
    #: This app is to be banned, on this platform.
    ban_wanted = Signal(object, str)
    #: What the owner's window shows from now on: a phone, or None.
    shown_to_owner = Signal(object)
    #: Something is to be told for a moment, such as what a scan has found.
    passing = Signal(object)
    #: The list of the lessons is to be shown.
    lessons_wanted = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget | None = None, **phones: Any) -> None:
        """`phones` are further arguments of :class:`PhoneSessions`, for tests."""
        super().__init__(parent)
        self.say = Parts(self)
        self._desk = desk
        self._runner = runner
        self._settings: QSettings | None = None
        self._arguments = phones
        self._built: PhonesAtDesk | None = None
        self._chosen: PhoneSession | None = None
        #: The officer asked for the chosen phone.
        self._asked = True
        self._trouble: ProblemBar | None = None
        self._narrow = self._crowded = False
        self.empty = EmptyDesk(desk)
        self.empty.practice_wanted.connect(lambda scenario: self.practise(scenario))
        self.empty.lessons_wanted.connect(self.lessons_wanted)
        self.empty.introduced.connect(self._introduced)
        self.empty.failed.connect(self.tell)
        self.right = QStackedWidget()
        self.right.addWidget(self.empty)
        self.side = self._side()
        self.splitter = Splitter(Qt.Orientation.Horizontal, T("Width of the list of phones"))
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(self.side)
        room = QWidget()
        self._right_column = column((self.right, 1), spacing=0, inside=room)
        self.splitter.addWidget(room)
        self.splitter.setStretchFactor(1, 1)
        self._side_width = 376  # unless the officer drags it
        self.splitter.setSizes([self._side_width, 990])
        self.splitter.splitterMoved.connect(self._dragged)
        self._column = column((self.splitter, 1), spacing=0, inside=self)
        if desk.fault is not None:
            self.tell(None)
        self._show_soon = QTimer(self, singleShot=True, interval=0)
        self._show_soon.timeout.connect(self._show_chosen)
        self._fit_soon = QTimer(self, singleShot=True, interval=0)
        self._fit_soon.timeout.connect(self._fit_list)

    def begin(self) -> None:
        """Watch what is plugged in from now on."""
        self.empty.describe_practice(self._whole().practice_sentence)
        self.phones.start()
        self._count_handed_back()

    @property
    def phones(self) -> PhoneSessions:
        """The phones at this desk."""
        return self._whole().phones

    @property
    def cards(self) -> PhoneList:
        """The list of them."""
        return self._whole().cards

    @property
    def page(self) -> PhonePage:
        """The page of the chosen one."""
        return self._whole().page

    def checks(self) -> tuple[Check, ...]:
        """The last check of each phone in the list, also of those that have left."""
        sessions = self._built.phones.sessions if self._built is not None else []
        return tuple(session.check for session in sessions if session.check is not None)

    def plugged(self) -> frozenset[str]:
        """The serial numbers of the phones that are plugged in, as far as they are known."""
        sessions = self._built.phones.sessions if self._built is not None else []
        return frozenset(
            session.phone.serial for session in sessions if session.phone is not None and not session.absent
        )

    def shown_session(self) -> PhoneSession | None:
        """The phone whose page is shown; None while none is."""
        built = self._built
        return built.page.session if built is not None and self.right.currentWidget() is built.page else None

    def policy_changed(self) -> None:
        """The rules or the exceptions have changed: every phone that is there is read again, so that what is shown and
        what is on record is true."""
        for session in self._built.phones.sessions if self._built is not None else []:
            session.judge_again()

    def close_phones(self) -> None:
        """Let go of every phone."""
        if self._built is not None:
            self._built.phones.close()

    def _whole(self) -> PhonesAtDesk:
        """What is only needed once there is a phone; loading it would keep the window from being seen."""
        if self._built is None:
            from gui.desk.phones_at_desk import PhonesAtDesk  # brings the phones: not before the window is seen

            built = self._built = PhonesAtDesk(self._desk, self._runner, self, **self._arguments)
            phones, cards = built.phones, built.cards
            self.say(cards.setAccessibleName, T("Phones"))
            had_focus = self._no_cards.hasFocus()
            self._room.replaceWidget(self._no_cards, cards)
            self._no_cards.deleteLater()
            QWidget.setTabOrder(self.by_slot, cards)
            if had_focus:
                cards.setFocus()
            self.splitter.lead_through()
            self.right.addWidget(built.page)
            self._right_column.addWidget(built.arrival)
            self._column.insertWidget(self._column.count() - 1, built.totals)
            built.totals.setVisible(bool(phones.sessions))
            if self._settings is not None:
                built.page.apps.restore(self._settings)
                self.by_slot.setChecked(self._settings.value("desk/order") == "slots")
            built.page.except_wanted.connect(self.except_wanted)
            built.page.ban_wanted.connect(self.ban_wanted)
            built.page.identity.to_owner.toggled.connect(self._show_owner)
            built.page.next_wanted.connect(self.go_on)
            built.page.review_wanted.connect(lambda phone, review: built.review(phone, review, self._settings))
            built.arrival.show_wanted.connect(self.choose)
            cards.chosen.connect(self._choose)
            cards.counted.connect(self._counted)
            cards.resized.connect(self._fit_soon.start)  # not while what is around it is laid out
            phones.appeared.connect(self._appeared)
            phones.vanished.connect(self._vanished)
            phones.changed.connect(self._changed)
            phones.recorded.connect(self._recorded)
            built.page.desk_actions.listen_on(self)
            self._arrange()
        return self._built

    def shortcuts(self) -> list[tuple[Text, QKeySequence]]:
        """What each key does here."""
        return self._whole().page.desk_actions.sheet()

    def choose(self, session: PhoneSession) -> None:
        """Show this phone."""
        self.cards.choose(session)

    def face_owner(self, facing: bool) -> None:
        """The owner's window was opened or closed: a phone is shown in it only if the officer wants that."""
        button = self.page.identity.to_owner
        button.setVisible(facing)
        follows = self._settings is not None and bool(self._settings.value(OWNER_FOLLOWS, False, bool))
        button.setChecked(facing and follows)
        self._show_owner()

    def _show_owner(self) -> None:
        page = self.page
        self.shown_to_owner.emit(page.session if page.identity.to_owner.isChecked() else None)

    def go_on(self) -> None:
        """Go to the phone that the way to the next one names."""
        following = self.page.following
        if following is not None:
            self.choose(following)
            self._show_chosen()
            self.page.identity.title.setFocus()

    def scanned(self, code: str, whole: bool) -> None:
        """A barcode reader has read `code`: show the phone that bears it, or give it to the phone that is shown.

        It presses nothing. What is no tag, may not be `whole` or would overwrite one is only told.
        """
        if (words := self._whole().scan(code, whole)) is not None:
            self.passing.emit(words)

    def offer_undo(self, removal: Entry) -> Problem | None:
        """Show what undoing this removal would do, or say why that cannot be shown."""
        try:
            self._whole().offer_undo(removal)
        except Problem as problem:
            return problem
        return None

    def practise(self, scenario: str, judged_by: str = "") -> PhoneSession:
        """Plug a practice phone in; `judged_by` is the name of the policy that judges it, if not the one in force."""
        return self._whole().practise(scenario, judged_by)

    def open_practice(self) -> PracticeDialog:
        """Open the dialog with every practice phone there is."""
        dialog = self._whole().practice_dialog(self.practise, self._settings)
        dialog.lessons_wanted.connect(self.lessons_wanted)
        dialog.open()
        return dialog

    def save(self, settings: QSettings) -> None:
        if not self._narrow:
            settings.setValue("desk/splitter", self.splitter.saveState())
        if self._built is not None:
            self._built.page.apps.save(settings)
            settings.setValue("desk/order", "slots" if self.by_slot.isChecked() else "work")

    def restore(self, settings: QSettings) -> None:
        settings.remove(_REASONS)
        state = settings.value("desk/splitter")
        if isinstance(state, QByteArray):
            self.splitter.restoreState(state)
            self._side_width = self.splitter.sizes()[0] or self._side_width
        self._settings = settings

    # --- how it is made

    def _side(self) -> QWidget:
        side = QFrame()
        mark(side, "side")
        side.setMinimumWidth(_SIDE[0])
        side.setMaximumWidth(_SIDE[1])
        self.heading = self.say.line(T("Phones"), TextSize.SMALL_STRONG, "muted", heading=True)
        work, slots = T("By priority"), T("Slots")
        self.by_work = self.say.button(work, kind="segment", tip=T("What needs you comes first"))
        self.by_slot = self.say.button(slots, kind="segment", tip=T("As the phones are plugged in"))
        self._orders = self.say.group(self.by_work, self.by_slot)
        self._orders.idToggled.connect(lambda number, on: self._arrange())
        self._order = Segments(self.by_work, self.by_slot)
        self.hint = self.say.label(
            T("Plug in the next phone. Scan a tag or a badge at any time."), TextSize.SMALL, "muted"
        )
        phones = T("Practice phones…")
        self.practise_button = self.say.button(
            lambda: "" if self._narrow else phones,
            self.open_practice,
            icon="practice",
            name=phones,
            tip=T("Practice phones, to try everything out"),
        )
        #: Stands for the list until that is loaded, and is as it is without a phone: so the first painting is whole.
        self._no_cards = QFrame()
        self._no_cards.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        FocusRing(self._no_cards)
        self._room = column((self._no_cards, 1), spacing=-1)
        edges = (STEP, STEP, STEP, STEP)
        top = row(STEP, (self.heading, 1), self._order, spacing=0)
        parts = (top, (self._room, 1), self.hint, self.practise_button)
        self._side_column = column(*parts, inside=side, margins=edges)
        return side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._built is None and not self._desk.lacks_officer:
            self._no_cards.setFocus()  # as the list has it once it is there

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (narrow := self.width() < _NARROW) != self._narrow:
            self._narrow = narrow
            self._be_narrow()

    def _dragged(self, place: int) -> None:
        if not self._narrow:
            self._side_width = place

    def _be_narrow(self) -> None:
        """Where there is little room, the phones beside the page keep their signs and lose their words."""
        least, widest = (_SLIM, _SLIM) if self._narrow else _SIDE
        self.side.setMinimumWidth(least)
        self.side.setMaximumWidth(widest)
        self.heading.setVisible(not self._narrow)
        self._order.setVisible(not self._narrow)
        self.hint.setVisible(not self._narrow)
        mark(self.practise_button, "chip" if self._narrow else "")
        self.practise_button.setIconSize(QSize(18, 18) if self._narrow else QSize(22, 16))
        side = _SLIM if self._narrow else self._side_width
        self.splitter.setSizes([side, self.width() - side])
        self.say.again()
        self._fit_soon.start()

    def _fit_list(self) -> None:
        """What stands below the list makes room where its rows would not all be seen: the practice phones move up."""
        if self._built is None:
            return
        layout = self._side_column
        top = max(self._order.sizeHint().height(), self.heading.sizeHint().height())
        room = self.side.height() - top - layout.spacing() - 2 * STEP
        below = self.hint.heightForWidth(self.side.width() - 2 * STEP) + STEP * 4 + 2 * layout.spacing()
        crowded = self.cards.fit(room, below) and not self._narrow
        if crowded != self._crowded:
            self._crowded = crowded
            if crowded:
                self._built.totals.take_in(self.practise_button)
            else:
                layout.addWidget(self.practise_button)
        self.hint.setVisible(not (crowded or self._narrow))

    def tell(self, problem: Problem | None) -> None:
        """Show a problem that is no phone's, above everything; None: there is none."""
        self.trouble.show_problem(problem or self._desk.fault)
        self.trouble.button.setVisible(problem is not None)  # a fault of the settings stays until they are mended

    @property
    def trouble(self) -> ProblemBar:
        """The bar for it, above everything."""
        if self._trouble is None:
            self._trouble = ProblemBar()
            self._column.insertWidget(0, self._trouble)
            self._trouble.offer(T("Close"), lambda: self.tell(None))
        return self._trouble

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange and self._built is not None:
            self._built.cards.viewport().update()
            self._built.page.refresh()
        super().changeEvent(event)

    # --- what happens

    def _introduced(self) -> None:
        self.tell(None)
        self.introduced.emit()

    def meet_officer(self) -> None:
        """It may be known now who works here: the form for it goes, and phones that waited for that are read."""
        self.empty.meet_officer()
        if self._built is None or self._desk.lacks_officer:
            return
        self._built.phones.meet_officer()
        if self.right.currentWidget() is self.empty and self._chosen is not None:
            self._show_chosen()
            self.page.identity.title.setFocus()

    def _choose(self, session: PhoneSession | None, asked: bool) -> None:
        """Show the chosen phone, in a moment: of several that come at once only the last is shown."""
        self._chosen, self._asked = session, asked
        self._show_soon.start()
        self._show_next()

    def _show_chosen(self) -> None:
        self._show_soon.stop()
        session = self._chosen
        if session is not self.page.session:
            self.page.identity.to_owner.setChecked(False)  # the next owner's phone is shown only when that is wanted
        is_there = session is not None and session in self.phones.sessions
        asks = is_there and session is not None and not session.practice and self._desk.lacks_officer
        self.empty.say_what_waits(asks)
        if session is None or not is_there or asks:
            self.page.let_go()
            self.right.setCurrentWidget(self.empty)
            if asks:
                self.empty.ask_name()
        else:
            self.page.show_session(session, asked=self._asked)
            self.right.setCurrentWidget(self.page)
            self._whole().arrival.dismiss(session)
        self._show_next()

    def _appeared(self, session: PhoneSession) -> None:
        """A new phone never takes the page from another, unless that was handed back and has left: a line at its foot
        tells of it."""
        on_page = self.cards.session()
        if on_page is None or (on_page.is_handed_back and on_page.absent):
            self.cards.choose(session, asked=on_page is None)
            announce(self, self._whole().arrival_words(session))
        else:
            self._whole().arrival.tell(session)

    def _vanished(self, session: PhoneSession) -> None:
        self._whole().arrival.dismiss(session)
        if self.page.session is session:
            self.page.identity.to_owner.setChecked(False)
            self.page.let_go()

    def _changed(self, session: PhoneSession) -> None:
        built = self._whole()
        built.page.fingerprint = built.phones.fingerprint
        if session is built.page.session:
            built.page.refresh()
            self._show_owner()
        if session is built.arrival.session:
            built.arrival.refresh()

    def _counted(self) -> None:
        """What the rows say has changed: so may the next phone be another one."""
        built = self._whole()
        built.totals.setVisible(bool(built.phones.sessions))
        self.say(self.heading.setText, built.cards.phones.heading)
        self._fit_soon.start()
        self._show_next()

    def _show_next(self) -> None:
        """Show where the way to the next phone leads from the chosen one; it leads there, until this is shown anew."""
        built = self._whole()
        built.page.show_next(built.cards.next())
        built.totals.show_state(built.page.desk_actions.state)

    def _arrange(self) -> None:
        if self._built is not None:
            self._built.order(by_slot=self.by_slot.isChecked())

    def _count_handed_back(self) -> None:
        """Count anew what was handed back today, off this thread."""
        self._whole().count_handed_back(self, self._count_known)

    def _count_known(self, end: JobEnd[int]) -> None:
        if isinstance(end, Done):
            self._whole().totals.show_handed_back(end.value)

    def _recorded(self, session: PhoneSession) -> None:
        if session.is_handed_back and not session.practice:
            self._count_handed_back()
        self.recorded.emit(session.practice)
