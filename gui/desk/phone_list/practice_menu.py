"""The menu of practice phones, each with what it shows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from core.model import platforms
from core.simulator import scenario_list
from core.text import T
from gui.toolkit.images.icons import icon
from gui.toolkit.widgets import as_tip, literal


def practice_menu(parent: QWidget, plug_in: Callable[[str], object], learn: Callable[[], object]) -> QMenu:
    """The lessons, and every practice phone there is: `plug_in` gets the scenario of the one that is chosen, `learn`
    opens the list of the lessons."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    menu.addAction(icon("practice"), literal(str(T("Learn Fanion: ten lessons…")))).triggered.connect(lambda: learn())
    menu.addSeparator()
    for number, platform in enumerate(platforms.PLATFORMS):
        if number:
            menu.addSeparator()
        for name in scenario_list.names(platform):
            offer = scenario_list.offer(name)
            action = menu.addAction(literal(str(offer.title)))
            action.setToolTip(as_tip(str(offer.description)))
            action.triggered.connect(lambda checked=False, name=name: plug_in(name))
    return menu
