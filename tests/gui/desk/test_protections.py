"""What protects a phone is explained where an officer meets it: a link leads to the chapter of the manual."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.model import HealthSignal, Light
from core.phones.states import STATES, PhoneState
from core.problem_chapters import PROTECTIONS
from core.text import T
from gui.desk.ready.getting_ready import GettingReady
from gui.desk.ready.readiness import ReadinessView
from gui.desk.verdict.health_strip import HealthStrip
from gui.toolkit.manual_link import ManualWanted
from gui.toolkit.translated_text import speak
from tests.gui.conftest import Office


class Shelf(QWidget):
    """Stands around a widget, and takes what chapters it asks for."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        inside.setParent(self)
        self.chapters: list[str] = []

    def event(self, event: QEvent) -> bool:
        if isinstance(event, ManualWanted):
            self.chapters.append(event.anchor)
            event.accept()
            return True
        return super().event(event)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    speak("en")


def links(widget: QObject) -> list[QPushButton]:
    return [one for one in widget.findChildren(QPushButton) if one.text() in ("More about this", "En savoir plus")]


@pytest.mark.parametrize(
    ("state", "maker", "platform", "title"),
    [
        (PhoneState.UNPLUGGED, "google", "android", "Advanced Protection"),
        (PhoneState.UNPLUGGED, "samsung", "android", "Advanced Protection"),
        (PhoneState.CHARGING, "samsung", "android", "Identity check"),
        (PhoneState.NOT_LISTED, "apple", "ios", "Lockdown Mode"),
    ],
)
def test_where_its_sign_is_seen_the_page_says_what_to_do_and_leads_to_the_chapter(
    qtbot: QtBot, state: PhoneState, maker: str, platform: str, title: str
) -> None:
    page = GettingReady()
    shelf = Shelf(page)
    qtbot.addWidget(shelf)
    row = STATES[state].page
    assert row is not None
    page.show_view(ReadinessView("a", state, row, maker, platform=platform, comes_and_goes=True))
    page.cures.open(True)
    named = [link.accessibleName() for link in links(page.cures)]
    assert f"More about this: {title}" in named
    links(page.cures)[named.index(f"More about this: {title}")].click()
    assert shelf.chapters == [PROTECTIONS]
    speak("fr")
    assert all(link.text() == "En savoir plus" for link in links(page.cures))


def test_a_signal_of_the_health_that_is_a_protection_leads_there_and_no_other_does(qtbot: QtBot) -> None:
    strip = HealthStrip()
    shelf = Shelf(strip)
    qtbot.addWidget(shelf)
    signals = [
        HealthSignal(name, T("Advanced Protection"), T("on"), Light.GREEN, T("Advanced Protection is on."))
        for name in ("advanced-protection", "patch", "usb-protection", "auto-blocker")
    ]
    strip.show_signals((), signals)
    strip.details.click()
    assert len(links(strip)) == 3
    links(strip)[0].click()
    assert shelf.chapters == [PROTECTIONS]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["repair-mode", "maintenance-mode"])
def test_a_phone_that_hides_its_holders_apps_says_where_to_read_on(office: Office, scenario: str) -> None:
    session = office.window.desk_page.practise(scenario)
    office.until(lambda: session.check is not None)
    office.idle()
    assert session.check is not None
    assert [gap.chapter for gap in session.check.gaps] == [PROTECTIONS]
    (link,) = (one for one in links(office.block) if one.isVisible())
    later = link.nextInFocusChain()
    while not (later.isVisible() and later.focusPolicy() & Qt.FocusPolicy.TabFocus):
        later = later.nextInFocusChain()
    # Tab goes on downwards from it, to the form of what is seen on the phone.
    assert office.block.look.isAncestorOf(later)
