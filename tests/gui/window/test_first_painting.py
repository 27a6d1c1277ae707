"""The first painting of the window is whole: what comes later is data, in the places that are there for it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLineEdit

from tests.gui.conftest import MakeOffice, Office
from tests.inside import is_at_rest

SIZES = [QSize(1366, 768), QSize(683, 384)]


def painted(office: Office, size: QSize) -> tuple[QPixmap, QPixmap]:
    """The window's first painting, as the screen has it, and what it is once nothing is under way any more."""
    window = office.window
    screen = window.screen()
    first: list[QPixmap] = []
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(size)
    window.first_painted.connect(lambda: first.append(screen.grabWindow(window.winId())))
    window.show()
    office.until(lambda: bool(first))
    office.until(lambda: bool(office.watches) and office.watches[-1].started and is_at_rest(office.fanion.runner))
    return first[0], screen.grabWindow(window.winId())


def apart(first: QImage, settled: QImage, office: Office) -> list[tuple[int, int]]:
    """Where the two differ, but for the line at the bottom, which is told what is on record, and a blinking cursor."""
    window = office.window
    line = window.status_bar
    fields = [field for field in window.findChildren(QLineEdit) if field.hasFocus()]
    spared = [widget.rect().translated(widget.mapTo(window, widget.rect().topLeft())) for widget in (line, *fields)]
    return [
        (x, y)
        for y in range(first.height())
        for x in range(0, first.width(), 2)
        if first.pixel(x, y) != settled.pixel(x, y) and not any(area.contains(x, y) for area in spared)
    ]


@pytest.mark.parametrize("size", SIZES, ids=["100", "200"])
@pytest.mark.parametrize("own", [{}, {"officer": ""}, {"language": "fr"}], ids=["known", "first start", "French"])
def test_the_first_painting_is_the_settled_one(
    open_office: MakeOffice, monkeypatch: pytest.MonkeyPatch, own: dict[str, object], size: QSize
) -> None:
    monkeypatch.setattr(Office, "show", lambda self: None)
    office = open_office(own=own, at_list=False)
    first, settled = painted(office, size)
    assert first.size() == settled.size()
    places = apart(first.toImage(), settled.toImage(), office)
    assert not places, f"{len(places)} points differ, the first at {places[0]}"


def test_a_page_that_says_its_own_title_keeps_it_in_the_other_language(office: Office) -> None:
    page = office.window.policy_page
    title = page.loading.title
    office.window.switches.use_language("fr")
    assert title.text() == "Lecture de la politique…"
