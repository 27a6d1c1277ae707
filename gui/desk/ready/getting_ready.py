"""The page of a phone that is not ready: what its owner does, drawn, until it can be read.

It shows one :class:`ReadinessView` at a time and goes on by itself as the phone's state changes. What Fanion cannot
see, the officer says with "Step done".
"""

from __future__ import annotations

from functools import partial
from typing import Final, TypeVar

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QTabBar, QToolButton, QWidget

from core import guides, simulator, text
from core.guides import Guide
from core.phones.ready_page import Layout
from core.text import T, Text
from gui.desk.phone_drawing import PhoneDrawing
from gui.desk.ready import ready_words
from gui.desk.ready.holder_row import HolderRow
from gui.desk.ready.readiness import ReadinessView
from gui.desk.ready.ready_parts import TOP, CuresCard, FingerprintBox, LookCard, Pill, StepCard, numbered, print_button
from gui.desk.session.page_state import ReadyOffers
from gui.toolkit import announcement
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, font, mark

#: Seconds without an answer to the phone's question until the cures open by themselves.
PATIENCE: Final = 20.0
#: Logical pixels: where there is less, cards stand below each other instead of beside.
_NARROW: Final = 760
_NARROWEST: Final = 520
#: Phones of which it is remembered what an officer said.
_REMEMBERED: Final = 64
Kept = TypeVar("Kept")
_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class GettingReady(QWidget):
    """Leads one phone to ready."""

    #: The page for people who wait is to be printed, for this maker.
    print_wanted = Signal(str)
    #: What is to be done to the practice phone: an `Act`.
    act_wanted = Signal(object)
    #: The phone is to be opened again, so that it asks once more.
    again_wanted = Signal()
    #: Something else can be done on it now.
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self.view: ReadinessView | None = None
        #: The steps that an officer said are done, and the maker that was chosen, by phone.
        self._confirmed: dict[str, int] = {}
        self._chosen: dict[str, str] = {}
        #: What a screen reader was told last, and of which phone.
        self._announced: tuple[object, ...] = ()
        self.cures = CuresCard()
        #: Runs while the phone's question waits for an answer.
        self.patience = QTimer(self, singleShot=True)
        self.patience.timeout.connect(lambda: self.cures.open(True))
        self._head = self._make_head()
        self.holder = HolderRow(self.print_button)
        self._tabs_row = self._make_tabs()
        self.pills = [Pill(), Pill(), Pill()]
        self._pills = QWidget()
        mark(self._pills, "clear")
        row(*self.pills, None, inside=self._pills)
        self.steps = [StepCard(number, self._step_done) for number in (1, 2, 3)]
        self._steps = QWidget()
        mark(self._steps, "clear")
        self._steps_box = row(*((card, 1) for card in self.steps), spacing=STEP * 2, inside=self._steps)
        self._question = self._make_question()
        self._state = self._make_state()
        self.look = LookCard()
        self.unsure = self.say.label("", TextSize.SMALL, "muted")
        main = column(self._steps, self.unsure, self._question, self._state, None, spacing=0)
        self._body = row((main, 3), (self.cures, 2, TOP), spacing=STEP * 2)
        inside = QWidget()
        mark(inside, "clear")
        parts = (self._head, self.holder, self._tabs_row, self._pills, self._body, self.look, None)
        column(*parts, spacing=STEP + 4, inside=inside, margins=(0, 0, 0, STEP))
        self.area = ScrollArea(inside)
        self.say.name(self.area, T("How the phone is made ready"))
        column(self.area, spacing=0, inside=self)
        self.setMinimumSize(320, 200)

    # --- how it is made

    def _make_head(self) -> QWidget:
        self.headline = self.say.label("", TextSize.DISPLAY)
        self.sentence = self.say.label("", kind="muted")
        self.print_button = print_button(self.say, lambda: self.print_wanted.emit(self.maker))
        self.again_button = self.say.button(T("Ask again"), self.again_wanted.emit, icon="refresh", kind="primary")
        head = QWidget()
        mark(head, "clear")
        words = column(self.headline, self.sentence, spacing=0)
        row((words, 1), (self.again_button, 0, TOP), (self.print_button, 0, TOP), spacing=STEP, inside=head)
        return head

    def _make_tabs(self) -> QWidget:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        for arrow in self.tabs.findChildren(QToolButton):
            arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys lead to every tab
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.say.name(self.tabs, T("Maker of the phone"))
        self.say(self.tabs.setAccessibleDescription, T("Maker of the phone"))  # Qt names tabs by the chosen one
        self._makers = guides.makers()
        for maker in self._makers:
            self.tabs.addTab(str(guides.guide(maker).title))
        self.tabs.currentChanged.connect(self._choose)
        self.usb_line = self.say.label("", TextSize.SMALL, "muted")
        self.usb_line.setWordWrap(False)
        holder = QWidget()
        mark(holder, "clear")
        row((self.tabs, 1), self.usb_line, spacing=STEP * 2, inside=holder)
        return holder

    def _make_question(self) -> QFrame:
        """The phone's question, drawn large, with this computer's fingerprint beside it."""
        frame = QFrame()
        mark(frame, "lit")
        self.question = PhoneDrawing("allow")
        self.fingerprint = FingerprintBox()
        self.fingerprint_title = self.say.label(T("This computer’s fingerprint"), TextSize.STRONG)
        self.unlock = self.say.label(T("Unlock the phone."))
        self.compare = self.say.label(T("Compare the two lines. Leave the box empty."))
        self.allow = self.say.label("", TextSize.STRONG)
        self.differs = self.say.label("", TextSize.SMALL, "muted")
        beside = column(
            STEP * 3,
            self.fingerprint_title,
            self.fingerprint,
            STEP * 2,
            numbered("a", self.unlock),
            numbered("b", self.compare),
            numbered("c", self.allow, now=True),
            None,
            self.differs,
            spacing=STEP,
            margins=(0, 0, 0, STEP * 3),
        )
        # The phone stands on the lower edge of its card.
        drawn = column(STEP * 3, None, self.question, spacing=0)
        self._question_box = row(drawn, (beside, 1), spacing=STEP * 3, inside=frame, margins=(STEP * 3, 0, STEP * 3, 2))
        return frame

    def _make_state(self) -> QFrame:
        """What to do where there is no step for the owner: a sentence, and a drawing where there is one."""
        frame = QFrame()
        mark(frame, "lit")
        self.state_drawing = PhoneDrawing("replug")
        self.next_step = self.say.label("", TextSize.STRONG)
        words = (self.next_step, 1, Qt.AlignmentFlag.AlignVCenter)
        self._state_box = row(
            (self.state_drawing, 0, TOP), words, spacing=STEP * 3, inside=frame, margins=(STEP * 3,) * 4
        )
        return frame

    # --- what it shows

    @property
    def maker(self) -> str:
        """The maker whose guide is shown."""
        return self._makers[self.tabs.currentIndex()]

    @property
    def guide(self) -> Guide:
        return guides.guide(self.maker)

    @property
    def lit(self) -> int:
        """The step that is to be done now, from 1 on; 0 where none of them is."""
        if self.view is None:
            return 0
        first = self.view.page.step
        confirmed = self._confirmed.get(self.view.key, 0) if self.view.page.by_officer else 0
        return max(first, confirmed + 1) if first else 0

    def show_view(self, view: ReadinessView) -> None:
        """Show a phone, or what is new of the one that is shown."""
        before, self.view = self.view, view
        is_new = before is None or before.key != view.key
        if is_new or before is None or before.page is not view.page:
            self.cures.open(view.page.open)
            self._wait(view)
        if is_new:
            self.area.verticalScrollBar().setValue(0)
        chosen = self._chosen.get(view.key, view.guide)
        # The iPhones' guide can be looked at where it is chosen; what Fanion sees of a phone has its own platform's
        # words.
        if not view.page.choice and guides.guide(chosen).platform != view.platform:
            chosen = view.guide
        place = self._makers.index(chosen)
        if self.tabs.currentIndex() != place:
            self.tabs.blockSignals(True)
            self.tabs.setCurrentIndex(place)
            self.tabs.blockSignals(False)
        self._show()

    def _wait(self, view: ReadinessView) -> None:
        """Open the cures once the question has waited long enough."""
        self.patience.stop()
        if view.asking or view.page.waits:
            self.patience.start(round(max(PATIENCE - view.waited, 0.0) * 1000))

    def _show(self) -> None:
        view = self.view
        if view is None:
            return
        guide, layout = self.guide, view.page.layout
        in_question, in_steps = layout is Layout.QUESTION, layout is Layout.STEPS
        headline, sentence = ready_words.headline(view, guide), ready_words.sentence(view)
        self.say(self.headline.setText, headline)
        self.say(self.sentence.setText, sentence)
        self.say(self.setAccessibleName, lambda: f"{announcement.with_full_stop(str(headline))} {sentence}".strip())
        if self._announced != (view.key, headline, sentence):
            self._announced = view.key, headline, sentence
            announcement.announce(self, self.accessibleName())
        self._tabs_row.setVisible(view.page.choice)
        self._pills.setVisible(in_question)
        self._steps.setVisible(in_steps)
        self._question.setVisible(in_question)
        self._state.setVisible(layout is Layout.WORDS)
        self.print_button.setVisible(in_steps or in_question)
        self.say(self.again_button.setText, view.page.ask or "")
        self.again_button.setVisible(view.may_be_asked)
        may_differ = T("The phone’s exact words may differ.")
        self.say(self._show_unsure, lambda: may_differ if in_steps and guide.unsure(text.language()) else "")
        self.look.setVisible(in_steps and guide.hidden is not None)
        if guide.hidden is not None:
            self.look.show_look(guide, guide.hidden)
        usb = guides.guide(view.maker).title if view.maker else ""
        self.say(self.usb_line.setText, T("Seen by USB: {maker}", maker=usb) if usb else "")
        self.holder.offer([(self._name_of(act), partial(self.act_wanted.emit, act)) for act in view.acts])
        for number, (card, step) in enumerate(zip(self.steps, guide.steps, strict=True), 1):
            watched = not (view.may_be_asked and number == self.lit)
            card.show_step(guide, step, view.fingerprint, watched=watched)
            card.light(number == self.lit, to_be_said=view.page.by_officer)
        for number, (pill, step) in enumerate(zip(self.pills, guide.steps, strict=True), 1):
            pill.show_step(number, step, is_done=number < self.lit)
        if in_question:
            self._show_question(view, guide)
        self._show_state(view, guide)
        self.cures.show_cures(view.page.cures, guide, guide.cures(*view.signs))
        self._arrange()
        self.changed.emit()

    def _show_unsure(self, words: str) -> None:
        self.unsure.setText(words)
        self.unsure.setVisible(bool(words))

    def _show_question(self, view: ReadinessView, guide: Guide) -> None:
        ours = bool(view.fingerprint)
        tap, cancel = guide.words["allow"].text, guide.words["cancel"].text
        self.question.show_guide(guide, view.fingerprint)
        self.fingerprint.setVisible(ours)
        self.fingerprint_title.setVisible(ours)
        self.fingerprint.show_fingerprint(view.fingerprint)
        compare = T("Compare the two lines. Leave the box empty.")
        foreign = T("The adb server of this computer asks, with a key of its own. Leave the box empty.")
        self.say(self.compare.setText, compare if ours else foreign)
        self.say(self.allow.setText, T("Tap {allow}.", allow=tap))
        differs = T("Not the same? Tap {cancel} and tell your IT security team.", cancel=cancel)
        self.say(self.differs.setText, differs if ours else "")

    def _show_state(self, view: ReadinessView, guide: Guide) -> None:
        self.state_drawing.setVisible(bool(view.page.drawing))
        if view.page.drawing:
            self.state_drawing.show_guide(guide, name=view.page.drawing)
        self.say(self.next_step.setText, view.next_step or "")

    @staticmethod
    def _name_of(act: object) -> Text:
        return next(name for key, name in simulator.ACT_NAMES.items() if key == act)

    # --- what an officer does

    def _step_done(self) -> None:
        """Fanion cannot see the lit step: the officer says that it is done."""
        if self.view is not None:
            _keep(self._confirmed, self.view.key, min(self.lit, 2))
            self._show()
            self.area.ensureWidgetVisible(self.steps[self.lit - 1])
            button = self.steps[self.lit - 1].done_button
            (button if button.isVisible() else self.print_button).setFocus()

    def _choose(self, number: int) -> None:
        """Another maker's guide is wanted than the one that USB tells of."""
        if self.view is not None:
            _keep(self._chosen, self.view.key, self._makers[number])
            self._show()

    def press_step_done(self) -> None:
        """Say that the lit step is done."""
        self.steps[self.lit - 1].done_button.click()

    def press_cures(self) -> None:
        """Open the cures, or fold them up."""
        self.cures.head.click()

    def press_print(self) -> None:
        """Print the page for the queue."""
        self.print_button.click()

    def offers(self) -> ReadyOffers:
        """What can be done on this page now."""
        view = self.view
        if view is None:
            return ReadyOffers()
        in_steps, in_question = view.page.layout is Layout.STEPS, view.page.layout is Layout.QUESTION
        confirmable = bool(self.lit) and view.page.by_officer and not self.steps[self.lit - 1].step.is_seen
        return ReadyOffers(in_steps and confirmable, bool(self.cures.cures), in_steps or in_question)

    # --- how much room there is

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Cards beside each other where there is room, else below each other; all makers before what USB says."""
        whole = self.tabs.sizeHint().width() + self.usb_line.sizeHint().width() + STEP * 2
        self.usb_line.setVisible(bool(self.usb_line.text()) and whole <= self._tabs_row.width())
        narrow = self.width() < _NARROW
        beside = self.view is not None and self.view.page.layout is not Layout.STEPS
        self.headline.setFont(font(TextSize.TITLE if narrow else TextSize.DISPLAY))
        for pill in self.pills:
            pill.be_compact(narrow)
        self._steps_box.setDirection(_BELOW if narrow else _BESIDE)
        self._body.setDirection(_BESIDE if beside and not narrow else _BELOW)
        for box in (self._question_box, self._state_box):
            box.setDirection(_BELOW if self.width() < _NARROWEST else _BESIDE)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "tabs"):
            for number, maker in enumerate(self._makers):
                self.tabs.setTabText(number, str(guides.guide(maker).title))


def _keep(values: dict[str, Kept], key: str, value: Kept) -> None:
    """Remember something of a phone; of the oldest of many nothing is remembered."""
    values[key] = value
    if len(values) > _REMEMBERED:
        del values[next(iter(values))]
