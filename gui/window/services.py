"""What the window has besides being seen: what opens beside it or over it, what asks for attention, and its keys.

It brings the phones, and is loaded once the window was painted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QApplication

from core.text import T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.key_bursts import KeyBurstFilter
from gui.window.alerts.attention import Attention
from gui.window.bars.alarm_bar import AlarmBar
from gui.window.closing import Closing
from gui.window.keys import make_keys
from gui.window.newer_version import NewerVersion
from gui.window.pages import PageRow
from gui.window.secondary_windows import SecondaryWindows
from gui.window.shell import WindowShell
from gui.window.switches import Switches
from gui.window.text_size import TextSizeChooser


class Services:
    """All of it, for as long as the window lives. `rows` are those of its pages."""

    def __init__(self, shell: WindowShell, rows: Iterable[PageRow], switches: Switches) -> None:
        self.newer = NewerVersion(shell.desk, shell.runner, shell.memory, shell.widget)
        self.text_size = size = TextSizeChooser(shell)
        self.beside = beside = SecondaryWindows(shell, self.newer)
        self.attention = Attention(shell)
        self.closing = Closing(shell)
        self.bursts = KeyBurstFilter(cast(QApplication, QApplication.instance()), shell.widget)
        keys: list[tuple[str, Text, Callable[[], object]]] = [
            *((row.key, row.does, partial(shell.open_page, row.name)) for row in rows),
            ("F1", T("Open the manual for what is on the screen"), beside.show_manual),
            ("Ctrl+F1", T("Show the keyboard shortcuts"), beside.show_keys),
            ("Shift+F1", T("Show which version of Fanion this is"), beside.show_about),
            ("F8", T("Go to the open lesson"), lambda: beside.lessons.go_to()),
            ("Ctrl+Shift+K", T("Open the list of lessons"), lambda: beside.lessons.open_list()),
            ("F9", T("Open or close the window for the holder of the phone"), beside.switch_owner),
            ("Ctrl+Shift+L", T("Switch between English and French"), switches.switch_language),
            ("Ctrl+Shift+D", T("Switch between light and dark"), switches.switch_scheme),
            ("Ctrl++", T("Show everything larger"), size.larger),
            ("Ctrl+-", T("Show everything smaller"), size.smaller),
            ("Ctrl+0", T("Reset the size"), size.usual),
            ("Ctrl+Q", T("Close Fanion"), shell.widget.close),
        ]
        beside.keys = make_keys(shell.widget, keys)

    def open_outside(self, file: Path) -> None:
        """Open a file that Fanion has written, as the computer opens such files."""
        file_dialogs.open_outside(file)

    def alarm_bar(self, verify: Callable[[], object], again: Callable[[], object]) -> AlarmBar:
        """What stands over every page while the log is amiss."""
        return AlarmBar(verify, again)
