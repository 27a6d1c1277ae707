"""The button in the taskbar says how many phones need the officer, and how far the others are."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QGuiApplication

from gui.window.alerts import taskbar, windows_progress
from gui.window.alerts.dock_icon import DockIcon
from tests.gui.conftest import Office


def test_what_needs_the_officer_is_counted_and_what_goes_on_is_progress(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    badges: list[int] = []
    shares: list[int | None] = []
    monkeypatch.setattr(QGuiApplication, "setBadgeNumber", lambda app, number: badges.append(number))
    monkeypatch.setattr(taskbar, "send_progress", shares.append)
    run_on("linux", monkeypatch)
    bar = office.window.attention.taskbar
    bar._rest.setInterval(1)
    gate = office.gate(office.serve("S1", "clean"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and shares and shares[-1] is not None)
    assert all(share is None or 0 <= share < 100 for share in shares)
    gate.open()
    office.plug("S2", "walk-up")
    office.idle()
    office.until(lambda: shares[-1] is None and badges[-1:] == [1])
    office.window.close()
    assert badges[-1] == 0


def run_on(platform: str, monkeypatch: pytest.MonkeyPatch, qt: str = "") -> None:
    """Have the button believe that this is its platform, and Qt's; nobody else."""
    monkeypatch.setattr(taskbar, "sys", SimpleNamespace(platform=platform))
    if qt:
        monkeypatch.setattr(QGuiApplication, "platformName", lambda: qt)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int | None]]:
    """What each platform's taskbar is told from now on."""
    said: list[tuple[str, int | None]] = []

    def windows(window: int, share: int | None) -> bool:
        said.append((f"window {window}", share))
        return True

    monkeypatch.setattr(taskbar, "send_progress", lambda share: said.append(("linux", share)))
    monkeypatch.setattr(windows_progress, "send_progress", windows)
    monkeypatch.setattr(DockIcon, "show", lambda dock, share: said.append(("dock", share)))
    return said


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_each_platform_is_told_in_its_own_way_and_closing_the_window_takes_it_away(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: list[tuple[str, int | None]], platform: str
) -> None:
    handle = office.window.internalWinId()
    assert handle
    run_on(platform, monkeypatch, qt="windows")
    where = {"linux": "linux", "win32": f"window {handle}", "darwin": "dock"}[platform]
    office.window.attention.taskbar.show_state(0, 40)
    office.window.attention.taskbar.show_state(0, 40)
    office.window.attention.taskbar.show_state(0, 41)
    assert told == [(where, 40), (where, 41)]
    office.window.close()
    assert told[2:] == [(where, None)]


def test_a_platform_that_is_none_of_these_is_told_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: list[tuple[str, int | None]]
) -> None:
    run_on("freebsd14", monkeypatch)
    office.window.attention.taskbar.show_state(0, 40)
    office.window.attention.taskbar.show_state(0, None)
    assert not told


def test_numbers_that_are_no_windows_of_the_systems_are_not_told_to_windows(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: list[tuple[str, int | None]]
) -> None:
    assert QGuiApplication.platformName() == "offscreen"
    run_on("win32", monkeypatch)
    office.window.attention.taskbar.show_state(0, 40)
    assert not told


def test_a_window_without_a_handle_is_not_told_of_and_not_given_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: list[tuple[str, int | None]]
) -> None:
    office.window.close()
    office.until(lambda: not office.window.internalWinId())
    run_on("win32", monkeypatch, qt="windows")
    office.window.attention.taskbar.show_state(0, 40)
    assert not told
    assert not office.window.internalWinId()


def test_the_dock_has_its_plain_icon_again_once_the_window_is_closed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = QGuiApplication.windowIcon().cacheKey()
    run_on("darwin", monkeypatch)
    office.window.attention.taskbar.show_state(0, 40)
    assert QGuiApplication.windowIcon().cacheKey() != before
    office.window.close()
    assert QGuiApplication.windowIcon().cacheKey() == before


def test_a_computer_without_a_bus_is_no_failure(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    taskbar.send_progress(50)
    taskbar.send_progress(None)


def test_a_qt_without_dbus_is_no_failure(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtDBus", None)
    taskbar.send_progress(50)
