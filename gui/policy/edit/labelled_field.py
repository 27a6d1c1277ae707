"""What forms are made of: a field with its name above it, what is wrong with it below, and a hint where none is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from core.text import Bilingual, T, Text
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.translated_text import Translatable, TranslatedText
from gui.toolkit.widgets import StatusIcon, WrappedLabel

#: Characters that somebody may type. A policy file bounds only its whole size.
ONE_LINE, MANY_LINES = 300, 20_000


class Field(QWidget):
    """Around one or two editors: their common name, and what is wrong with what stands in them."""

    def __init__(self, name: Text, *editors: QWidget, hint: Text | None = None) -> None:
        super().__init__()
        self.say = TranslatedText(self)
        self._hint = hint
        self._editors = editors
        #: Whether somebody was here: what is still to be filled in is not complained of before.
        self.touched = False
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setFont(font(TextSize.STRONG))
        self.label.setBuddy(editors[0])
        self.hint = WrappedLabel(TextSize.SMALL)
        mark(self.hint, "muted")
        self._glyph = StatusIcon(14)
        self._glyph.show_status(Status.RED)
        self.fault = WrappedLabel(TextSize.SMALL)
        self._wrong = QWidget()
        wrong = QHBoxLayout(self._wrong)
        wrong.setContentsMargins(0, 0, 0, 0)
        wrong.setSpacing(STEP // 2)
        wrong.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        wrong.addWidget(self.fault, 1)
        row = QHBoxLayout()
        row.setSpacing(STEP)
        for editor in editors:
            row.addWidget(editor, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP // 2)
        column.addWidget(self.label)
        column.addLayout(row)
        column.addWidget(self._wrong)
        column.addWidget(self.hint)
        self.say(self.label.setText, name)
        if len(editors) == 1:
            self.say(editors[0].setAccessibleName, name)
        self.show_hint(hint)
        self.show_fault(None)

    def show_hint(self, hint: Text | None) -> None:
        """Say what may stand in it."""
        self._hint = hint
        self.hint.setVisible(hint is not None)
        if hint is not None:
            self.say(self.hint.setText, hint)
        settle(self)

    def show_fault(self, fault: Translatable | None) -> None:
        """Say what is wrong; None: nothing."""
        if fault is not None:
            self.say(self.fault.setText, fault)
        self._wrong.setVisible(fault is not None)
        told = fault if fault is not None else self._hint
        for editor in self._editors:
            self.say(editor.setAccessibleDescription, told or "")
        settle(self)

    @property
    def says_wrong(self) -> str:
        """What it complains of; empty if of nothing."""
        return "" if self._wrong.isHidden() else self.fault.text()


def settle(part: QWidget) -> None:
    """Something in it was shown, hidden or written: whoever asks how tall it is gets the truth at once."""
    if (inside := part.layout()) is not None:
        inside.invalidate()
        inside.activate()
    part.updateGeometry()


class LineField(QLineEdit):
    """One line of text."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(ONE_LINE)

    def use(self, text: str) -> None:
        """Have this text, shown from its beginning."""
        self.setText(text)
        self.setCursorPosition(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible():  # what is left because its sheet goes away asks for nothing more
            self.left.emit()


class LinesField(QPlainTextEdit):
    """A few lines of text. Tab leaves it."""

    left = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        """What stands in it, as far as it can be meant."""
        return self.toPlainText()[:MANY_LINES]

    def use(self, text: str) -> None:
        """Have this text."""
        self.setPlainText(text)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.averageCharWidth() * 30, metrics.lineSpacing() * self._lines + STEP * 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 8, self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible():  # what is left because its sheet goes away asks for nothing more
            self.left.emit()


class BothLanguages:
    """Two editors for a text in English and in French: one of them may stay empty, and the other stands for both."""

    def __init__(self, say: TranslatedText, name: Text, en: LineField | LinesField, fr: LineField | LinesField) -> None:
        self.en, self.fr = en, fr
        for editor, language, word in (
            (en, T("{what}, in English", what=name), "English"),
            (fr, T("{what}, in French", what=name), "Français"),
        ):
            editor.setPlaceholderText(word)
            say(editor.setAccessibleName, language)

    def use(self, text: Bilingual) -> None:
        """Have this text."""
        self.en.use(text.en)
        self.fr.use(text.fr)

    @property
    def value(self) -> Bilingual:
        """What stands in them."""
        return Bilingual(self.en.text(), self.fr.text())
