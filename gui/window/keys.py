"""The keys that do something on every page, and all keys by page for the sheet that tells them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QKeySequence, QShortcut

from core.text import T, Text

if TYPE_CHECKING:
    from gui.window.main_window import MainWindow

#: What some keys do.
Keys = list[tuple[Text, QKeySequence]]
#: Keys that Qt, the buttons and the panes see to.
QTS_KEYS: Final = [
    (T("Press the chosen button"), "Space, Enter"),
    (T("Press the chosen button where it removes or deletes something"), "Space"),
    (T("Next, previous"), "Tab, Shift+Tab"),
    (T("Move the edge between two panes, once Tab has come to it"), "Left, Right, Up, Down"),
]


def make_keys(window: MainWindow, pages: dict[str, Text]) -> Keys:
    """Have the keys act that do so on every page; returns what each does. `pages` are the words of those in the bar."""
    beside, switches, size = window.beside, window.switches, window.text_size
    made: Keys = []
    keys: list[tuple[str, Text, Callable[[], object]]] = [
        *(
            (f"Ctrl+{number}", T("Go to the {page} page", page=word), partial(window.open_page, name))
            for number, (name, word) in enumerate(pages.items(), 1)
        ),
        ("F1", T("Open the manual at what is on the screen"), beside.show_manual),
        ("Ctrl+F1", T("Show the keyboard shortcuts"), beside.show_keys),
        ("Shift+F1", T("Say which Fanion this is"), beside.show_about),
        ("F8", T("Go to the open lesson"), lambda: beside.lessons.go_to()),
        ("Ctrl+Shift+K", T("Open the list of lessons"), lambda: beside.lessons.open_list()),
        ("F9", T("Open or close the window for the owner of the phone"), beside.switch_owner),
        ("Ctrl+,", T("Open the settings"), partial(window.open_page, "settings")),
        ("Ctrl+Shift+L", T("Switch between English and French"), switches.switch_language),
        ("Ctrl+Shift+D", T("Switch between light and dark"), switches.switch_scheme),
        ("Ctrl++", T("Make everything larger"), size.larger),
        ("Ctrl+-", T("Make everything smaller"), size.smaller),
        ("Ctrl+0", T("Have everything in its usual size"), size.usual),
        ("Ctrl+Q", T("Close Fanion"), window.close),
    ]
    for sequence, does, act in keys:
        QShortcut(QKeySequence(sequence), window).activated.connect(act)
        made.append((does, QKeySequence(sequence)))
    return made


def of_qt() -> Keys:
    """What the keys do that Qt, the buttons, the panes and the tables see to."""
    from gui.toolkit.lists.column_heads import KEYS  # not before the window is seen

    return [(does, QKeySequence(sequence)) for does, sequence in (*QTS_KEYS, *KEYS)]
