"""``fanion kiosk``: the line for the settings file, of a password that was typed twice or piped in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.desk.settings.settings import load
from core.system.password import matches
from tests.unit.cli.conftest import Fanion


def test_a_piped_password_gives_the_line_for_the_settings(fanion: Fanion, tmp_path: Path) -> None:
    answer = fanion("kiosk", typed="leave me\n")
    assert answer.code == 0
    (tmp_path / "settings.toml").write_text(answer.out, encoding="utf-8")
    assert matches("leave me", load(tmp_path, None).kiosk_password)
    assert matches("leave me", fanion("kiosk", "--json", typed="leave me\n").json["kiosk_password"])


@pytest.mark.parametrize("typed", ["", "abc\n", "x" * 300])
def test_no_password_is_chosen_for_anybody(fanion: Fanion, typed: str) -> None:
    answer = fanion("kiosk", typed=typed)
    assert (answer.code, answer.out) == (2, "")
    assert "No password was chosen" in answer.err


def test_a_typed_password_is_typed_twice(
    fanion: Fanion, monkeypatch: pytest.MonkeyPatch, at_keyboard: Callable[[bool], None]
) -> None:
    answers = ["abc", "leave me", "leave you", "leave me", "leave me"]
    at_keyboard(True)
    monkeypatch.setattr("getpass.getpass", lambda question: answers.pop(0))
    answer = fanion("kiosk")
    assert answer.code == 0
    assert not answers
    assert "Choose one of 4 to 200 characters." in answer.err
    assert "The two are not the same." in answer.err
