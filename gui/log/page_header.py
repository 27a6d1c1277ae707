"""The top of the log page: what is looked for, how much was found, what can be done with the whole, which log it is."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from core.text import T, Text
from gui.log.filter_bar import FilterBar
from gui.toolkit.icons import icon
from gui.toolkit.theme import STEP, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import Button, ElidedLabel, button

#: Logical pixels, below which the buttons have only their icons.
_WIDE: Final = 1_300


class Head(QWidget):
    """The row at the top. The number of the practice log in `which` is 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self._compact = self._small = False
        self.filters = FilterBar()
        self.count = ElidedLabel()
        mark(self.count, "muted")
        self.verify, self.export, self.more = button("seal"), button("export"), button("more")
        self.real, self.practice = Button(), Button()
        self.which = QButtonGroup(self)
        for number, one in enumerate((self.real, self.practice)):
            one.setCheckable(True)
            mark(one, "chip")
            self.which.addButton(one, number)
        self.real.setChecked(True)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        row.addWidget(self.filters, 3)
        self.take_count()
        for one in (self.verify, self.export, self.more):
            row.addWidget(one)
        row.addSpacing(STEP)
        row.addWidget(self.real)
        row.addWidget(self.practice)
        self._say()

    def _say(self) -> None:
        for one, word, tip in (
            (self.verify, T("Verify the log…"), T("See whether anything was changed or removed (Ctrl+Shift+V)")),
            (self.export, T("Export…"), T("Write the entries into files for other programs (Ctrl+E)")),
        ):
            self.say(one.setText, partial(self._short, word))
            self.say(one.setAccessibleName, word)
            self.say(one.setToolTip, tip)
        self.say(self.more.setAccessibleName, T("More about the log"))
        self.say(self.more.setToolTip, T("Outside copies, daily close, keys, personal values, time stamps"))
        for one, word in ((self.real, T("Desk log")), (self.practice, T("Practice log"))):
            self.say(one.setText, partial(self._which, one, word))
            self.say(one.setAccessibleName, word)
            self.say(one.setToolTip, partial(self._hidden, one, word))
            one.toggled.connect(self.say.again)

    def take_count(self) -> None:
        """Have the count stand here."""
        self._row.insertWidget(1, self.count, 2)

    def be_small(self, small: bool) -> None:
        """Name only the log that is shown: the other one keeps its sign."""
        self._small = small
        for one, name in ((self.real, "desk"), (self.practice, "practice")):
            one.setIcon(icon(name) if small else QIcon())
            one.setIconSize(QSize(22, 16))
        self.filters.be_small(small)
        self.say.again()

    def _which(self, one: Button, word: Text) -> Text | str:
        return "" if self._small and not one.isChecked() else word

    def _hidden(self, one: Button, word: Text) -> Text | str:
        return word if self._small and not one.isChecked() else ""

    def _short(self, word: Text) -> Text | str:
        return "" if self._compact else word

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = event.size().width() < _WIDE
        if compact != self._compact:
            self._compact = compact
            self.say.again()
