"""The top of the log page: what is looked for, how much was found, what can be done with the whole, which log it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.text import T, Text
from gui.log.filter_bar import FilterBar
from gui.toolkit.buttons import Button
from gui.toolkit.images.icons import icon
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts, Segments
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import ElidedLabel

#: Logical pixels, below which the buttons have only their icons.
_WIDE: Final = 1_300


class LogHeader(QWidget):
    """The row at the top. The number of the practice log in `which` is 1."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self._compact = self._small = False
        self.filters = FilterBar()
        self.count = ElidedLabel()
        mark(self.count, "muted")
        verify_tip = T("See whether anything was changed or removed (Ctrl+Shift+V)")
        export_tip = T("Write the entries into files for other programs (Ctrl+E)")
        more_tip = T("Outside copies, daily close, keys, personal information, time stamps")
        self.verify = self._tool("seal", T("Verify the log…"), verify_tip)
        self.export = self._tool("export", T("Export…"), export_tip)
        self.more_button = self.say.button("", icon="more", name=T("More about the log"), tip=more_tip)
        by_visit, by_entry = T("One row for each visit of a phone"), T("Every entry, as an auditor reads it")
        self.visits = self.say.button(T("Visits"), kind="chip", tip=by_visit)
        self.entries = self.say.button(T("All entries"), kind="chip", tip=by_entry)
        #: What is listed: 0 visits, 1 all entries.
        self.view = self.say.group(self.visits, self.entries)
        self.real, self.practice = self._log(T("Desk log")), self._log(T("Practice log"))
        self.logs = self.say.group(self.real, self.practice)
        tools = (self.verify, self.export, self.more_button, STEP, Segments(self.real, self.practice))
        #: The two ways to list the log; the page has them elsewhere where there is little room.
        self.views = Segments(self.visits, self.entries)
        self._row = row((self.filters, 3), self.views, (self.count, 2), *tools, inside=self)

    def _tool(self, name: str, word: Text, tip: Text) -> Button:
        """A button that has only its icon where there is little room."""
        return self.say.button(lambda: "" if self._compact else word, icon=name, name=word, tip=tip)

    def _log(self, word: Text) -> Button:
        """A choice of one of the logs; where there is little room only the chosen one has its word."""
        button = self.say.button("", kind="chip", name=word)
        button.toggled.connect(self.say.again)
        self.say(button.setText, lambda: "" if self._is_short(button) else word)
        self.say(button.setToolTip, lambda: word if self._is_short(button) else "")
        return button

    def _is_short(self, log: Button) -> bool:
        return self._small and not log.isChecked()

    def take_back(self) -> None:
        """Have the count and the two ways to list the log stand here."""
        self._row.insertWidget(1, self.views)
        self._row.insertWidget(2, self.count, 2)

    def be_small(self, small: bool) -> None:
        """Name only the log that is shown: the other one keeps its sign."""
        self._small = small
        for button, name in ((self.real, "desk"), (self.practice, "practice")):
            button.setIcon(icon(name) if small else QIcon())
            button.setIconSize(QSize(22, 16))
        for button in (self.verify, self.export, self.more_button):
            mark(button, "chip" if small else "")
        self.filters.be_small(small)
        self.say.again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = event.size().width() < _WIDE
        if compact != self._compact:
            self._compact = compact
            self.say.again()
