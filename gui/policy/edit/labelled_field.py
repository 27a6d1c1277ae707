"""What forms are made of: a field with its name above it, what is wrong with it below, and a hint where none is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from core.text import Bilingual, T, Text
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import StatusIcon, WrappedLabel, plain_label

#: Characters that can be typed. A policy file bounds only its whole size.
ONE_LINE, MANY_LINES = 300, 20_000

Editor = TypeVar("Editor", bound=QWidget)


class LabelledField(QWidget):
    """Around one or two editors: their common name, and what is wrong with what stands in them."""

    def __init__(self, name: Text, *editors: QWidget, hint: Text | None = None) -> None:
        super().__init__()
        self.say = Parts(self)
        self.editors = editors
        #: Whether the user was here: an empty field is not complained of before.
        self.touched = False
        label = plain_label()
        label.setFont(font(TextSize.STRONG))
        label.setBuddy(editors[0])
        self.say(label.setText, name)
        self.hint = self.say.label("", TextSize.SMALL, "muted")
        glyph = StatusIcon(14, Status.RED)
        self.fault = WrappedLabel(TextSize.SMALL)
        self._wrong = QWidget()
        row((glyph, 0, Qt.AlignmentFlag.AlignTop), (self.fault, 1), spacing=STEP // 2, inside=self._wrong)
        line = row(*((editor, 1) for editor in editors))
        column(label, line, self._wrong, self.hint, spacing=STEP // 2, inside=self)
        if len(editors) == 1:
            self.say(editors[0].setAccessibleName, name)
        self.show_hint(hint)
        self.show_fault(None)

    def show_hint(self, hint: Text | None) -> None:
        """Show below the field what may stand in it; None shows nothing."""
        self._hint = hint
        self.hint.setVisible(hint is not None)
        if hint is not None:
            self.say(self.hint.setText, hint)
        settle(self)

    def show_fault(self, fault: Translatable | None) -> None:
        """Show below the field what is wrong with what stands in it; None: nothing is."""
        if fault is not None:
            self.say(self.fault.setText, fault)
        self._wrong.setVisible(fault is not None)
        description = fault if fault is not None else self._hint
        for editor in self.editors:
            self.say(editor.setAccessibleDescription, description or "")
        settle(self)


def settle(part: QWidget) -> None:
    """Lay out anew at once after something was shown, hidden or written, so that the height is right."""
    if (inside := part.layout()) is not None:
        inside.invalidate()
        inside.activate()
    part.updateGeometry()


class LineField(QLineEdit):
    """One line of text."""

    focus_left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(ONE_LINE)

    def use(self, text: str) -> None:
        """Put a text into the field, shown from its beginning."""
        self.setText(text)
        self.setCursorPosition(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible():  # what is left because its dialog goes away asks for nothing more
            self.focus_left.emit()


class LinesField(QPlainTextEdit):
    """A few lines of text. Tab leaves it."""

    focus_left = Signal()

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.setTabChangesFocus(True)
        # As a line has it: the frame of a list is too faint for something to type into.
        self.setStyleSheet(
            "QPlainTextEdit { background: palette(base); color: palette(text); border: 1px solid palette(mid);"
            " border-radius: 6px; padding: 1px 4px; }"
            "QPlainTextEdit:focus { border: 2px solid palette(link); padding: 0px 3px; }"
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What was typed, cut after as many characters as a rule may have."""
        return self.toPlainText()[:MANY_LINES]

    def use(self, text: str) -> None:
        """Put a text into the field."""
        self.setPlainText(text)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.averageCharWidth() * 30, metrics.lineSpacing() * self._lines + STEP * 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 8, self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible():  # what is left because its dialog goes away asks for nothing more
            self.focus_left.emit()


class LabelledFields(dict[str, LabelledField]):
    """The fields of a form, by their names: each stands below those that were added before."""

    def __init__(self, form: QVBoxLayout) -> None:
        super().__init__()
        self._form = form

    def add(self, name: str, word: Text, editor: Editor, *further: QWidget, hint: Text | None = None) -> Editor:
        """Add a field with the label `word`. Returns its first editor."""
        field = self[name] = LabelledField(word, editor, *further, hint=hint)
        self._form.addWidget(field)
        return editor

    def watch(self, form: QWidget, changed: Callable[[], object]) -> None:
        """Call `changed` whenever something is typed or chosen; what was typed in, or left, is touched from then on."""

        def touch(field: LabelledField, text: str = "") -> None:
            if isValid(form):  # otherwise it is being taken apart, and with it the focus leaves a field
                field.touched = True
                changed()

        for field in self.values():
            for editor in field.editors:
                match editor:
                    case LineField():
                        editor.textEdited.connect(partial(touch, field))
                        editor.textChanged.connect(changed)
                        editor.focus_left.connect(partial(touch, field))
                    case LinesField():
                        editor.textChanged.connect(partial(touch, field))
                        editor.focus_left.connect(partial(touch, field))
                    case QComboBox():
                        editor.currentIndexChanged.connect(changed)
                    case QDateEdit():
                        editor.dateChanged.connect(changed)


class BothLanguages:
    """Two editors for a text in English and in French: one of them may stay empty, and the other stands for both."""

    def __init__(self, say: Parts, name: Text, en: LineField | LinesField, fr: LineField | LinesField) -> None:
        self.en, self.fr = en, fr
        for editor, language, word in (
            (en, T("{what}, in English", what=name), "English"),
            (fr, T("{what}, in French", what=name), "Français"),
        ):
            editor.setPlaceholderText(word)
            say(editor.setAccessibleName, language)

    def use(self, text: Bilingual) -> None:
        """Put a text into the two editors."""
        self.en.use(text.en)
        self.fr.use(text.fr)

    @property
    def value(self) -> Bilingual:
        """The texts of both editors."""
        return Bilingual(self.en.text(), self.fr.text())
