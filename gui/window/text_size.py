"""The size of all that the window shows, from 100 to 200 percent of what the system would have.

Qt takes another size only when it starts. Fanion therefore starts again for one, at once where nothing is under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut

from core.desk.settings import TEXT_SIZES, SettingsProblem
from core.text import T

if TYPE_CHECKING:
    from gui.window.main_window import MainWindow


class TextSizeChooser(QObject):
    """Makes the window larger or smaller, and keeps that for the officer's next start."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        #: What the window was started with.
        self._in_use = window.desk.settings.text_size
        # On many keyboards the plus sign is above the equals sign.
        QShortcut(QKeySequence("Ctrl+="), window).activated.connect(self.larger)

    def larger(self) -> None:
        """The next larger size, if there is one."""
        self._step(1)

    def smaller(self) -> None:
        """The next smaller size, if there is one."""
        self._step(-1)

    def usual(self) -> None:
        """The size that the system has for everything."""
        self.choose(TEXT_SIZES[0])

    def choose(self, percent: int) -> None:
        """Have this size from now on; say so where it has to wait, or may not be."""
        window = self._window
        if percent == window.desk.settings.text_size:
            window.status_bar.say_passing(T("Everything is at {percent} % already.", percent=percent))
            return
        try:
            window.desk.change(text_size=percent)
        except SettingsProblem as problem:
            window.open_page("desk")
            window.desk_page.tell(problem)
        else:
            self.apply()

    def apply(self) -> None:
        """Show the window as the settings have it: at once, unless a phone is here or something is under way."""
        window, percent = self._window, self._window.desk.settings.text_size
        if percent == self._in_use:
            return
        if window.desk_page.phones.sessions or not window.runner.idle:
            said = T(
                "From the next start on, everything is at {percent} %: first, finish with the phones.", percent=percent
            )
            window.status_bar.say_passing(said)
        else:
            window.again_wanted.emit()

    def _step(self, by: int) -> None:
        sizes = len(TEXT_SIZES)
        place = TEXT_SIZES.index(self._window.desk.settings.text_size) + by
        self.choose(TEXT_SIZES[min(max(place, 0), sizes - 1)])
