"""The small parts that every page is made of. What they show is shown as plain text."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import TextWrapper
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QSizePolicy,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from core.problem import Problem
from core.problem_chapters import chapter_about
from core.text import T
from gui.toolkit.announcement import announce
from gui.toolkit.buttons import Button, TickBox, button
from gui.toolkit.images.icons import icon, pixmap
from gui.toolkit.layouts import column, row
from gui.toolkit.manual_link import ask_for_chapter
from gui.toolkit.roles import SpokenRole, speak_as, spoken_role
from gui.toolkit.theme import STATUS_ICONS, STEP, Status, TextSize, colours, font, mark
from gui.toolkit.translated_text import Translatable, TranslatedText

#: A tooltip is broken into lines of at most so many characters.
_TIP: Final = TextWrapper(90, break_on_hyphens=False, expand_tabs=False, replace_whitespace=False)
#: By what the clipboard remembers the text that came from here.
_COPIED: Final = "copied"
#: What HTML would take for something else; spaces are kept.
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", " ": "&nbsp;"})


#: Logical pixels of the picture on a page where there is nothing to show.
_PICTURE: Final = 72

#: What is this large is a heading, unless it is told to be something else.
_HEADINGS: Final = frozenset({TextSize.HEAD, TextSize.TITLE, TextSize.DISPLAY})


class ElidedButton(Button):
    """A link whose words are elided where there is no room for them. A screen reader says them whole."""

    def __init__(self, name: str) -> None:
        """`name` is the icon's."""
        super().__init__()
        mark(self, "link")
        self.setIcon(icon(name, "link"))
        #: Logical pixels that it has at least, if its words need them.
        self.least = STEP * 10
        self._whole_width = 0
        self.setIconSize(QSize(22, 16))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        self._whole_width = hint.width()
        return hint

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), self.least), hint.height())

    def shown_text(self) -> str:
        """What can be read of its words."""
        metrics, whole = self.fontMetrics(), self.text().replace("&&", "&")
        lack = max(self._whole_width - self.width(), 0)
        return metrics.elidedText(whole, Qt.TextElideMode.ElideRight, metrics.horizontalAdvance(whole) - lack)

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        super().initStyleOption(option)
        option.text = literal(self.shown_text())


class ElidedLabel(QLabel):
    """One line of plain text, elided where there is no room; the whole of it is in the tooltip."""

    def __init__(
        self,
        size: TextSize = TextSize.BODY,
        *,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        """`elide` tells where it may be cut: in the middle of a path, at the end of words."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._elide = elide
        self._whole = ""
        if size in _HEADINGS:
            speak_as(self, SpokenRole.HEADING)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def whole(self) -> str:
        """The text, also where it is elided on screen."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(min(self.sizeHint().width(), metrics.averageCharWidth() * 6), metrics.height() + 2)

    def _fit(self) -> None:
        visible_text = QFontMetrics(self.font()).elidedText(self._whole, self._elide, max(self.width(), 1))
        super().setText(visible_text)
        self.setToolTip(as_tip(self._whole) if visible_text != self._whole else "")
        self.setAccessibleDescription(self._whole if visible_text != self._whole else "")


class WrappedLabel(QLabel):
    """Plain text over as many lines as it needs; can be selected with the mouse."""

    def __init__(self, size: TextSize = TextSize.BODY, *, selectable: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(font(size))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if size in _HEADINGS:
            speak_as(self, SpokenRole.HEADING)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def setText(self, text: str) -> None:
        super().setText(text)
        if spoken_role(self) is SpokenRole.HEADING:  # of which a screen reader is told no text but its name
            self.setAccessibleName(text)


class Tick(QWidget):
    """A box to tick, with a sentence beside it over as many lines as it needs; a press on the sentence ticks it too."""

    toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.box = TickBox()
        self.box.toggled.connect(self.toggled)
        self.sentence = WrappedLabel()
        self.sentence.installEventFilter(self)
        self.setFocusProxy(self.box)
        self._row = row((self.box, 0, Qt.AlignmentFlag.AlignVCenter), (self.sentence, 1), inside=self)

    def show_key(self, key: str) -> None:
        """Draw the name of the key that ticks it after the sentence."""
        self._row.addWidget(KeyCap(key))

    def setText(self, text: str) -> None:
        self.sentence.setText(text)
        self.box.setAccessibleName(text)

    def text(self) -> str:
        """The sentence."""
        return self.sentence.text()

    def isChecked(self) -> bool:
        return self.box.isChecked()

    def setChecked(self, checked: bool) -> None:
        self.box.setChecked(checked)

    def toggle(self) -> None:
        """Tick it, or take the tick away."""
        self.box.toggle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease:
            self.box.toggle()
        return super().eventFilter(watched, event)


class KeyCap(QLabel):
    """The name of the key that chooses or ticks what it stands beside, drawn as a key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(TextSize.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        mark(self, "key")


class StatusIcon(QWidget):
    """The sign of a status, in its colour. Decoration: its word stands beside it."""

    def __init__(self, size: int, status: Status = Status.NEUTRAL, name: str = "") -> None:
        super().__init__()
        self.setFixedSize(size, size)
        self.show_status(status, name)

    def show_status(self, status: Status, name: str = "") -> None:
        """Show the sign of `status`, or the icon `name` in its colour."""
        self._status = status
        self._name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = QColor(colours(self.palette()).status[self._status].text)
        name = self._name or STATUS_ICONS[self._status]
        painter.drawPixmap(0, 0, pixmap(name, colour, self.width(), self.devicePixelRatioF()))


class EmptyState(QWidget):
    """A calm page where there is nothing to show: why, and what can be done."""

    def __init__(self, name: str, *, title: Translatable = "") -> None:
        """`name` is the icon's; without a `title`, who makes it says one."""
        super().__init__()
        self.say = TranslatedText(self)
        self._icon = name
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setMinimumHeight(_PICTURE)  # it is drawn with the first painting, and has its place before
        self.title = WrappedLabel(TextSize.TITLE)
        self.sentence = WrappedLabel()
        for label in (self.title, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark(self.sentence, "muted")
        if title:  # else who made it says it, and it says nothing in the place of that when the language changes
            self.say(self.title.setText, title)
        self.inside = column()
        self._column = QVBoxLayout(self)
        self._column.setSpacing(STEP * 2)
        self._column.addStretch(2)
        for part in (self._picture, self.title, self.sentence):
            self._column.addWidget(part)
        self._column.addLayout(self.inside)
        self._column.addStretch(3)

    def be_small(self, small: bool) -> None:
        """Leave the picture out: it says nothing that the words do not."""
        self._picture.setVisible(not small)
        self._column.setSpacing(STEP if small else STEP * 2)

    def add_button(self, text: Translatable, pressed: Callable[[], object], kind: str = "") -> Button:
        """One thing that can be done from here."""
        new_button = button(kind=kind)
        self.say(new_button.setText, text)
        new_button.clicked.connect(pressed)
        self.inside.addLayout(row(None, new_button, None))
        return new_button

    def paintEvent(self, event: QPaintEvent) -> None:
        # Here, not at the start: the colour may have changed.
        colour = QColor(colours(self.palette()).control)
        drawn = pixmap(self._icon, colour, _PICTURE, self.devicePixelRatioF())
        if self._picture.pixmap().cacheKey() != drawn.cacheKey():
            self._picture.setPixmap(drawn)


class ProblemBar(QFrame):
    """A problem of the world: its sentence, its next step, and at most one button. Hidden while there is none.

    Where the manual has a chapter about it, a link leads there.
    """

    def __init__(self, status: Status = Status.AMBER) -> None:
        super().__init__()
        self.say = TranslatedText(self)
        mark(self, status.value)
        self.sentence = WrappedLabel(TextSize.STRONG, selectable=True)
        self.next_step = WrappedLabel(selectable=status is Status.RED)
        self.button = Button()
        self.button.hide()
        self.chapter_link = button(kind="link")
        self.say(self.chapter_link.setText, T("More about this"))
        self.chapter_link.clicked.connect(self._open_chapter)
        self.row = row(
            (StatusIcon(20, status, "warning"), 0, Qt.AlignmentFlag.AlignTop),
            (column(self.sentence, self.next_step, row(self.chapter_link, None), spacing=STEP // 2), 1),
            (self.button, 0, Qt.AlignmentFlag.AlignVCenter),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        self.problem: Problem | None = None
        self.hide()

    def offer(self, text: Translatable, pressed: Callable[[], object]) -> None:
        """What can be done about it from here."""
        self.say(self.button.setText, text)
        self.button.clicked.connect(pressed)
        self.button.show()

    def show_problem(self, problem: Problem | None) -> None:
        """Show it; None: there is none any more."""
        news, self.problem = problem is not self.problem, problem
        if problem is not None:
            self.say(self.sentence.setText, problem.sentence)
            self.say(self.next_step.setText, problem.next_step)
            self.say(self.setAccessibleName, lambda: T("{a} {b}", a=problem.sentence, b=problem.next_step))
            if news:
                announce(self, self.accessibleName())
        self.setVisible(problem is not None)

    def _open_chapter(self) -> None:
        if self.problem is not None:
            ask_for_chapter(self, chapter_about(self.problem.code))


def plain_label(text: str = "") -> QLabel:
    """A label that takes no text for HTML."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def as_tip(text: str) -> str:
    """A text as a tooltip: Qt takes what looks like HTML for HTML, and does not break plain text into lines."""
    if not text:
        return ""
    lines = [part for line in text.splitlines() for part in _TIP.wrap(line) or [""]]
    return "<qt>" + "<br>".join(line.translate(_ESCAPES) for line in lines) + "</qt>"


def literal(text: str) -> str:
    """A text for a button, a box or a menu, where Qt takes `&` for the sign of a key: it is shown as it is."""
    return text.replace("&", "&&")


def copy(text: str) -> None:
    """Put plain text on the clipboard."""
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(text)
    clipboard.setProperty(_COPIED, text)


def forget_copied() -> None:
    """Empty the clipboard if what it has was put there last by :func:`copy`, and not by another program since."""
    clipboard = QGuiApplication.clipboard()
    if (text := clipboard.text()) and text == clipboard.property(_COPIED):
        clipboard.clear()
    clipboard.setProperty(_COPIED, None)
