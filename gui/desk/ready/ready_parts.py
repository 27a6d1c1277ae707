"""The parts of the page "Getting ready": steps, the fingerprint to compare, and cures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from core import drawings
from core.guides import Cure, Guide, GuideStep, PhoneLook, StepGuide
from core.problem_chapters import PROTECTIONS
from core.text import N, T, Text
from gui.desk.acts.all_acts import CURES, QUEUE_PAGE, STEP_DONE
from gui.desk.phone_drawing import PhoneDrawing
from gui.toolkit.buttons import Button
from gui.toolkit.images.icons import icon
from gui.toolkit.layouts import column, row, tab_after
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon, WrappedLabel, plain_label

TOP = Qt.AlignmentFlag.AlignTop
_EDGES = (STEP * 2, STEP * 2, STEP * 2, STEP * 2)
#: Logical pixels from which on a cure has room for its drawing.
_WIDE = 600


class Disc(QLabel):
    """The number of a step or cure, in a circle; filled for the one that is to be done now."""

    def __init__(self, number: str, *, now: bool = False) -> None:
        super().__init__(number)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedSize(24, 24)
        self.light(now)

    def light(self, now: bool) -> None:
        mark(self, "disc-now" if now else "disc")


class Pill(QFrame):
    """A step in a few words, with a tick once it is done."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self._compact = False
        self._tick = StatusIcon(12, Status.GREEN, "check")
        self._words = plain_label()
        row(self._tick, self._words, spacing=STEP - 2, inside=self, margins=(STEP, STEP // 2, STEP, STEP // 2))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_step(self, number: int, guide: StepGuide, *, is_done: bool) -> None:
        mark(self, "pill-green" if is_done else "pill-info")
        self._tick.setVisible(is_done)
        brief, whole = str(number), T("{number} {step}", number=number, step=guide.short)
        self.say(self._words.setText, lambda: brief if is_done and self._compact else whole)
        past = T("Step {number}, done: {step}", number=number, step=guide.short)
        now = T("Step {number}, now: {step}", number=number, step=guide.short)
        self.say(self.setAccessibleName, past if is_done else now)

    def be_compact(self, compact: bool) -> None:
        """Where there is little room, a step that is done keeps its number and loses its words."""
        if compact != self._compact:
            self._compact = compact
            self.say.again()


class StepCard(QFrame):
    """One step: what to do, where, drawn. The one to be done now has a blue frame."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        super().__init__()
        self.step = tuple(GuideStep)[number - 1]
        self.say = Parts(self)
        self.disc = Disc(str(number))
        self.title = WrappedLabel(TextSize.STRONG)
        self.path = WrappedLabel()
        mark(self.path, "muted")
        self.drawing = PhoneDrawing(self.step.drawing)
        self.note = WrappedLabel()
        mark(self.note, "muted")
        self.done_button = self.say.button(T("Step done"), act)
        self.done_button.show_key(STEP_DONE.key_name)
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        foot = row((self.note, 1), self.done_button)
        foot.addStrut(self.done_button.sizeHint().height())
        heading = row((self.disc, 0, TOP), (self.title, 1))
        column(heading, self.path, (self.drawing, 1, middle), foot, inside=self, margins=_EDGES)

    def show_step(self, guide: Guide, words: StepGuide, fingerprint: str, *, watched: bool = True) -> None:
        """`watched`: Fanion sees by itself when a step is done that it can see."""
        self.step = words.step
        self.say(self.title.setText, words.title)
        self.say(self.path.setText, words.path if words.path.en else words.note)
        seen = words.step.is_seen and watched
        note = T("Fanion notices this step automatically.") if seen else words.note if words.path.en else ""
        self.say(self.note.setText, note)
        self.drawing.show_guide(guide, fingerprint, words.step.drawing)

    def light(self, now: bool, *, to_be_said: bool) -> None:
        """It is this one's turn, or not. `to_be_said`: the officer says when it is done, unless Fanion sees it."""
        mark(self, "lit" if now else "card")
        self.disc.light(now)
        self.done_button.setVisible(now and to_be_said and not self.step.is_seen)


class FingerprintBox(QFrame):
    """This computer's fingerprint in two lines, as large as on the drawing of the phone's question beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, "compare")
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(12)
        self.lines = [plain_label(), plain_label()]
        for line in self.lines:
            line.setFont(fixed)
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column(*self.lines, spacing=2, inside=self, margins=(STEP, STEP, STEP, STEP))

    def show_fingerprint(self, fingerprint: str) -> None:
        for line, half in zip(self.lines, drawings.halves(fingerprint), strict=True):
            line.setText(half)
        self.say(self.setAccessibleName, T("This computer’s fingerprint: {fingerprint}", fingerprint=fingerprint))


class LookCard(QFrame):
    """Where the officer looks on the phone itself, drawn where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, "card")
        self.title = self.say.label("", TextSize.STRONG)
        self.path = self.say.label("")
        self.note = self.say.label("", TextSize.SMALL, "muted")
        self.drawing = PhoneDrawing("hidden-apps", scale=0.8)
        words = column(self.title, self.path, self.note, None, spacing=STEP // 2)
        row((words, 1), (self.drawing, 0, TOP), spacing=STEP * 2, inside=self, margins=_EDGES)

    def show_look(self, guide: Guide, look: PhoneLook) -> None:
        self.say(self.title.setText, look.title)
        self.say(self.path.setText, look.path)
        self.say(self.note.setText, look.note)
        self.drawing.show_guide(guide, name=look.drawing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.drawing.setVisible(self.width() > _WIDE)


class CuresCard(QFrame):
    """What helps where the steps did not, in the order of what it costs; folded until it is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, "card")
        self.cures: tuple[Cure, ...] = ()
        self._guide: Guide | None = None
        self.head = self.say.button("", self._toggle, kind="fold", folds=True)
        self.head.setIconSize(QSize(22, 16))
        self.head.show_key(CURES.key_name)
        self.count = self.say.label("", kind="muted")
        self.inside = QWidget()
        self._list = column(spacing=0, inside=self.inside)
        column(row(self.head, (self.count, 1)), self.inside, None, spacing=STEP // 2, inside=self, margins=(STEP,) * 4)
        self.open(False)

    @property
    def is_open(self) -> bool:
        return self.head.isChecked()

    def show_cures(self, title: Text, guide: Guide, cures: Sequence[Cure]) -> None:
        self.say(self.head.setText, title)
        self.say(self.count.setText, N("{count} thing to try", "{count} things to try", len(cures)))
        if (tuple(cures), guide) != (self.cures, self._guide):
            self.cures, self._guide = tuple(cures), guide
            self._fill(guide)
        self.setVisible(bool(cures))

    def open(self, on: bool) -> None:
        self.head.setChecked(on)
        self.head.setIcon(icon("chevron-down" if on else "chevron-right"))
        self.inside.setVisible(on)
        self.count.setVisible(not on)

    def _toggle(self) -> None:
        self.open(self.head.isChecked())

    def _fill(self, guide: Guide) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        for number, cure in enumerate(self.cures, 1):
            self._list.addWidget(_CureRow(number, cure, guide))
        tab_after(self.head, self.inside)


class _CureRow(QFrame):
    """One cure, with its drawing where there is one and room for it."""

    def __init__(self, number: int, cure: Cure, guide: Guide) -> None:
        super().__init__()
        say = Parts(self)
        mark(self, "cure" if number > 1 else "clear")
        words = column(
            say.label(cure.title, TextSize.STRONG),
            say.label(cure.detail, TextSize.SMALL, "muted"),
            *([row(say.chapter_link(PROTECTIONS, cure.title), None)] if cure.protection else []),
            None,
            spacing=2,
        )
        self.drawing = PhoneDrawing(cure.drawing, scale=0.8) if cure.drawing else None
        edges = (STEP, STEP + 2, STEP, STEP + 2)
        box = row((Disc(str(number)), 0, TOP), (words, 1), spacing=STEP + 4, inside=self, margins=edges)
        if self.drawing is not None:
            self.drawing.show_guide(guide)
            self.drawing.hide()
            box.addWidget(self.drawing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.drawing is not None:
            self.drawing.setVisible(self.width() > _WIDE)


def numbered(letter: str, label: WrappedLabel, *, now: bool = False) -> QWidget:
    """A lettered line of the page of the question."""
    line = QWidget()
    mark(line, "clear")
    row((Disc(letter, now=now), 0, TOP), (label, 1), spacing=STEP + 4, inside=line)
    return line


def print_button(say: Parts, pressed: Callable[[], object]) -> Button:
    tip = T("One page in both languages, to hand out in the queue")
    pressed_button = say.button(T("Print for the queue"), pressed, icon="print", tip=tip)
    pressed_button.show_key(QUEUE_PAGE.key_name)
    return pressed_button
