"""The icon in the tray and the notifications: what they say, whom they bring, and that nothing hangs on them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from gui.window.alerts import tray
from tests.gui.conftest import MakeOffice, Office

#: The screen of the tests has no tray of any kind, which Qt says when an icon is made.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", r"^This plugin does not support", extend=True)


class Desktop:
    """A desktop with a tray, or without; what it was asked to show."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_tray = True
        #: Whether Fanion's window is in front.
        self.in_front = False
        self.notified: list[str] = []
        monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: self.has_tray)
        monkeypatch.setattr(QSystemTrayIcon, "showMessage", self._show)
        self._monkeypatch = monkeypatch

    def _show(self, title: str, message: str, icon: QIcon, milliseconds: int) -> None:
        assert title == "Fanion"
        self.notified += message.splitlines()

    def look_elsewhere(self, office: Office) -> None:
        """Another program is in front of `office` from now on."""
        front = office.window
        self._monkeypatch.setattr(QApplication, "activeWindow", lambda: front if self.in_front else None)


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    return Desktop(monkeypatch)


def settle(office: Office) -> None:
    office.idle()
    office.until(lambda: not office.window.attention.tray._soon.isActive())


def menu(office: Office) -> list[str]:
    shown = office.window.attention.tray.menu
    assert shown is not None
    return [action.text() for action in shown.actions() if action.text()]


@pytest.mark.slow
def test_a_phone_that_turns_red_is_told_once_without_a_name(office: Office, desktop: Desktop) -> None:
    desktop.look_elsewhere(office)
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "red")
    settle(office)
    office.fanion.phones.sessions[0].look()
    settle(office)
    assert desktop.notified == ["Practice phone in slot 1: banned app found"]


@pytest.mark.slow
def test_several_are_one_notification_with_the_most_urgent_first(office: Office, desktop: Desktop) -> None:
    desktop.look_elsewhere(office)
    office.plug("S1", "clean")
    office.plug("S2", "unseen")
    settle(office)
    assert sorted(desktop.notified) == [
        "Practice phone in slot 1: green, can be handed back",
        "Practice phone in slot 2: amber, look on the phone",
    ]
    assert not any(name in said for said in desktop.notified for name in ("Galaxy", "Pixel"))


@pytest.mark.slow
def test_a_click_on_it_brings_that_phone(office: Office, desktop: Desktop) -> None:
    office.plug("S1", "clean")
    office.idle()
    desktop.look_elsewhere(office)
    office.plug("S2", "walk-up")
    office.until(lambda: desktop.notified)
    office.window.open_page("log")
    icon = office.window.attention.tray.icon
    assert icon is not None
    assert icon.isVisible(), "the system shows it for an icon"
    icon.messageClicked.emit()
    office.until(lambda: office.page.session is office.fanion.phones.sessions[1])
    assert office.window.page_name() == "desk"
    assert not icon.isVisible()


def test_nothing_is_told_while_the_window_is_in_front(office: Office, desktop: Desktop) -> None:
    desktop.look_elsewhere(office)
    desktop.in_front = True
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "red")
    settle(office)
    assert desktop.notified == []
    assert office.window.attention.tray.icon is None


@pytest.mark.slow
def test_the_icon_counts_and_its_menu_names_what_needs_the_officer(open_office: MakeOffice, desktop: Desktop) -> None:
    office = open_office(own={"tray": True})
    icon = office.window.attention.tray.icon
    assert icon is not None
    assert icon.isVisible()
    assert icon.toolTip() == "Fanion"
    assert menu(office) == ["Show Fanion", "Close Fanion"]
    office.plug("S1", "walk-up")
    office.plug("S2", "clean")
    office.idle()
    assert icon.toolTip() == "Fanion: 1 phone needs you"
    assert menu(office) == ["Show Fanion", "Practice phone in slot 1: 2 banned", "Close Fanion"]
    office.window.switches.switch_language()
    office.window.attention.tray.refresh()
    assert icon.toolTip() == "Fanion\u00a0: 1 téléphone a besoin de vous"


def test_the_setting_has_effect_at_once_and_closing_the_window_closes_fanion(office: Office, desktop: Desktop) -> None:
    assert office.window.attention.tray.icon is None
    office.desk.change(tray=True)
    office.window.settings_changed()
    icon = office.window.attention.tray.icon
    assert icon is not None
    assert icon.isVisible()
    assert QApplication.quitOnLastWindowClosed()
    shown = office.window.attention.tray.menu
    assert shown is not None
    shown.actions()[-1].trigger()
    assert not office.window.isVisible()


@pytest.mark.slow
def test_a_desktop_without_a_tray_shows_nothing_and_fails_at_nothing(open_office: MakeOffice, desktop: Desktop) -> None:
    desktop.has_tray = False
    office = open_office(own={"tray": True})
    desktop.look_elsewhere(office)
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "red")
    settle(office)
    assert desktop.notified == []
    assert office.window.attention.tray.icon is None


def test_a_number_is_painted_over_the_icon(office: Office) -> None:
    def picture(count: int) -> object:
        return tray.counted_icon(count).pixmap(QSize(32, 32)).toImage()

    assert picture(0) != picture(1) != picture(2)
    assert picture(99) == picture(1_000)
