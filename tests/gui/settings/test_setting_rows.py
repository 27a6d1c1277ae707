"""What the settings say of what this computer can do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.system import sounds
from gui.settings.setting_rows import about_sounds


def test_a_computer_that_plays_nothing_is_told_so_quietly(
    monkeypatch: pytest.MonkeyPatch, on_system: Callable[[str], None]
) -> None:
    on_system("linux")
    monkeypatch.setattr(sounds, "players", list)
    assert "No program that plays sounds was found" in str(about_sounds())
    monkeypatch.setattr(sounds, "players", lambda: [["/usr/bin/paplay"]])
    assert "Quiet sounds" in str(about_sounds())
