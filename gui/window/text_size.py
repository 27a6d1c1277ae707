"""The size of all that the window shows, from 100 to 200 percent of what the system would have.

Qt takes another size only when it starts. Fanion therefore starts again for one, as soon as nothing is under way.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from core.desk.settings.settings import SettingsProblem
from core.desk.settings.settings_table import TEXT_SIZES
from core.text import T
from gui.window.shell import WindowShell

#: Milliseconds between two looks whether anything is still under way.
_LOOK: Final = 100


class TextSizeChooser(QObject):
    """Makes the window larger or smaller, and keeps that for the officer's next start."""

    def __init__(self, shell: WindowShell) -> None:
        super().__init__(shell.widget)
        self._shell = shell
        #: What the window was started with.
        self._in_use = shell.desk.settings.text_size
        self._later = QTimer(self, singleShot=True, interval=_LOOK)
        self._later.timeout.connect(self._start_again)
        # On many keyboards the plus sign is above the equals sign.
        QShortcut(QKeySequence("Ctrl+="), shell.widget).activated.connect(self.larger)

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
        shell = self._shell
        if percent == shell.desk.settings.text_size:
            shell.say_passing(T("Everything is already at {percent} %.", percent=percent))
            return
        try:
            shell.desk.change(text_size=percent)
        except SettingsProblem as problem:
            shell.open_page("desk")
            shell.desk_page.tell(problem)
        else:
            self.apply()

    def apply(self) -> None:
        """Show the window as the settings have it, once nothing is under way; at the next start if a phone is here."""
        shell, percent = self._shell, self._shell.desk.settings.text_size
        self._later.stop()
        if percent == self._in_use:
            return
        if shell.desk_page.phones.sessions:
            sentence = T(
                "Everything will be at {percent} % from the next start on. Finish with the phones first.",
                percent=percent,
            )
            shell.say_passing(sentence)
        elif not shell.runner.idle:
            sentence = T("Fanion starts again at {percent} % as soon as nothing is under way.", percent=percent)
            shell.say_passing(sentence)
            self._later.start()
        else:
            shell.start_again()

    def _start_again(self) -> None:
        """The same, without saying it again each time."""
        if not self._shell.desk_page.phones.sessions and not self._shell.runner.idle:
            self._later.start()
        else:
            self.apply()

    def _step(self, by: int) -> None:
        sizes = len(TEXT_SIZES)
        place = TEXT_SIZES.index(self._shell.desk.settings.text_size) + by
        self.choose(TEXT_SIZES[min(max(place, 0), sizes - 1)])
