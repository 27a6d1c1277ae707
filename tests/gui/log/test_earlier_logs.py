"""Logs that an earlier version wrote, on the Log page: rows and records say what they said then."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.text import Language
from tests.data import earlier, window
from tests.data.earlier import LANGUAGES, LOGS, Earlier

pytestmark = [
    pytest.mark.skipif(not earlier.HAS_ZONES, reason="the texts have local times, which cannot be chosen here"),
]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LOGS)
def test_the_log_page_says_what_it_said(qapp: QApplication, name: str, language: Language, tmp_path: Path) -> None:
    log = Earlier(name, tmp_path)
    before = log.stored()
    found = window.texts(log, language)
    earlier.compare(name, f"window-{language}", found)
    assert log.stored() == before
