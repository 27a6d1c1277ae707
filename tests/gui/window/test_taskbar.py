"""The button in the taskbar says how many phones need the officer, and how far the others are."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtGui import QGuiApplication

from gui.window import taskbar
from tests.gui.conftest import Office


def test_what_needs_the_officer_is_counted_and_what_goes_on_is_progress(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    badges: list[int] = []
    shares: list[int | None] = []
    monkeypatch.setattr(QGuiApplication, "setBadgeNumber", lambda app, number: badges.append(number))
    monkeypatch.setattr(taskbar, "send_progress", shares.append)
    monkeypatch.setattr(sys, "platform", "linux")
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


def test_a_computer_without_a_bus_is_no_failure(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    taskbar.send_progress(50)
    taskbar.send_progress(None)


def test_a_qt_without_dbus_is_no_failure(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtDBus", None)
    taskbar.send_progress(50)
