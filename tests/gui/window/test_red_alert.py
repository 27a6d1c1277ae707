"""The window asks for the officer's eyes when a phone is red while another program is in front."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from tests.gui.conftest import Office


@pytest.mark.parametrize(
    ("scenario", "colour", "in_front", "asked"),
    [("walk-up", "red", False, 1), ("walk-up", "red", True, 0), ("clean", "green", False, 0)],
)
def test_only_a_red_phone_asks_and_only_where_another_program_is_in_front(
    office: Office, monkeypatch: pytest.MonkeyPatch, scenario: str, colour: str, in_front: bool, asked: int
) -> None:
    alerts: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", lambda window, *how: alerts.append(window))
    monkeypatch.setattr(QApplication, "activeWindow", lambda: office.window if in_front else None)
    office.plug("S1", scenario)
    office.until(lambda: office.colour == colour)
    office.idle()
    assert alerts == [office.window] * asked
