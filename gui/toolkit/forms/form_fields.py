"""What a dialog asks for with parts of its own: a folder, a language, a day, a box to tick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QRectF, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QTransform
from PySide6.QtWidgets import (
    QDateEdit,
    QFormLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from core.text import LANGUAGES, Language, T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.buttons import ENTER, Button, TickBox
from gui.toolkit.focus_marks import is_marked
from gui.toolkit.images.icons import pixmap
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, colours
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import ElidedLabel

#: The languages of a paper, by the word that the memory has for them.
LANGUAGES_BY_NAME: Final[dict[str, tuple[Language, ...]]] = {"en": ("en",), "fr": ("fr",), "en+fr": LANGUAGES}
#: In their own language each, as on the switch of the window.
_LANGUAGE_WORDS: Final[dict[str, Text | str]] = {"en": "English", "fr": "Français", "en+fr": T("Both languages")}


class FolderField(QWidget):
    """A folder, and the button to choose another."""

    changed = Signal()

    def __init__(self, label: Text, memory: QSettings | None, key: str) -> None:
        """`key` is what the folder is remembered by."""
        super().__init__()
        self.say = Parts(self)
        self._label, self._memory, self._key = label, memory, key
        self.folder = file_dialogs.remembered(memory, key)
        self.line = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        name = self.say.label(label, TextSize.SMALL, "muted")
        self.choose = self.say.button(T("Choose…"), self._ask, name=T("{what}: choose", what=label))
        column(name, row((self.line, 1), self.choose), spacing=STEP // 2, inside=self)
        self._show()

    def use(self, folder: Path) -> None:
        """Choose this folder."""
        self.folder = folder
        self._show()
        self.changed.emit()

    def keep(self) -> None:
        """Remember the folder, to be proposed the next time."""
        file_dialogs.remember(self._memory, self._key, self.folder)

    def _ask(self) -> None:
        chosen = file_dialogs.choose_folder(self, self._label, self.folder)
        if chosen is not None:
            self.use(chosen)

    def _show(self) -> None:
        self.line.setText(str(self.folder))


class DateField(QDateEdit):
    """A date, typed or chosen in a calendar. Draws its own arrow, as every choice does."""

    def __init__(self, day: date) -> None:
        super().__init__(QDate(day.year, day.month, day.day))
        self.setDisplayFormat("yyyy-MM-dd")
        self.setCalendarPopup(True)

    @property
    def day(self) -> date:
        """The date that stands in the field."""
        chosen = self.date()
        return date(chosen.year(), chosen.month(), chosen.day())

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.lineEdit().setAccessibleName(name)  # which has the focus

    def use(self, day: date) -> None:
        """Put a date into the field."""
        self.setDate(QDate(day.year, day.month, day.day))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        top = (self.height() - 16) // 2
        colour = QColor(colours(self.palette()).text)
        painter.drawPixmap(self.width() - 16 - STEP, top, pixmap("chevron-down", colour, 16, self.devicePixelRatioF()))


class NumberField(QSpinBox):
    """A number, typed or chosen step by step. Draws its own arrows, as every choice does."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.setRange(0, most)
        self.lineEdit().setTextMargins(STEP, 0, 0, 0)  # which the style sheet gives every other field

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, c = QPainter(self), colours(self.palette())
        colour = QColor(c.text if self.isEnabled() else c.control)
        down = pixmap("chevron-down", colour, 12, self.devicePixelRatioF())
        left, middle = self.width() - 14 - STEP, self.height() // 2
        painter.drawPixmap(left, middle + 1, down)
        painter.drawPixmap(left, middle - 13, down.transformed(QTransform().scale(1, -1)))


class FieldRows(QFormLayout):
    """Fields below each other, each with its label before it: at its middle."""

    def __init__(self) -> None:
        super().__init__()
        self.setSpacing(STEP)

    def add(self, label: QLabel, field: QWidget | QLayout) -> None:
        """Add a field, or what it stands in."""
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        if isinstance(field, QWidget):
            self.addRow(label, field)
        else:
            self.addRow(label, field)


class CheckBox(TickBox):
    """A box to tick, whose frame can be seen on every ground. Enter acts on it, as on every field of a form."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        c = colours(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(c.focus if is_marked(self) else c.control if self.isEnabled() else c.line))
        painter.setBrush(QColor(c.base))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if self.isChecked():
            mark_ = pixmap("check", QColor(c.text), box.width(), self.devicePixelRatioF())
            painter.drawPixmap(box.topLeft(), mark_)


class LanguagesField(QWidget):
    """In which language a paper is to be, or in both."""

    def __init__(self, memory: QSettings | None) -> None:
        super().__init__()
        self._memory = memory
        self.select = ComboBox()
        for name, word in _LANGUAGE_WORDS.items():
            self.select.add_choice(word, name)
        last = str(memory.value("papers/languages")) if memory is not None else ""
        self.select.setCurrentIndex(max(0, self.select.findData(last if last in LANGUAGES_BY_NAME else "en+fr")))
        row(Parts(self).label_of(self.select, T("Language of the paper")), self.select, None, inside=self)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The chosen language, or both."""
        return LANGUAGES_BY_NAME[str(self.select.currentData())]

    def keep(self) -> None:
        """Remember the languages, to be proposed the next time."""
        file_dialogs.remember(self._memory, "papers/languages", self.select.currentData())


def opener(text: Translatable, path: Callable[[], Path], say: Parts) -> Button:
    """A button that has the system show a file or a folder."""
    button = say.button(text, lambda: file_dialogs.open_outside(path()), icon="folder")
    say.long_tip(button, lambda: str(path()))
    return button
