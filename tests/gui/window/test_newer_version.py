"""About and the foot of the window tell of a newer version that a signed file on a stick has named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.desk import newer_version
from core.desk.settings.settings_table import Settings
from core.system.minisign import PublicKey
from gui.window import newer_version as window_side
from gui.window.about import AboutDialog
from installer import release_notice, sign
from tests.gui.conftest import MakeOffice, Office

SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sign.make_keys(tmp_path_factory.mktemp("keys"), SECRET)[0]


@pytest.fixture(autouse=True)
def believed(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = PublicKey.parse_file(secret.with_suffix(".pub").read_bytes())

    def keys(settings: Settings) -> list[PublicKey]:
        return [key]

    monkeypatch.setattr(newer_version, "believed_keys", keys)


def stick(folder: Path, secret: Path, version: str = "9.0.0") -> Path:
    data = release_notice.content(version, date(2026, 12, 1), "<b>the share</b>", "Faster.", "Plus rapide.")
    release_notice.make(folder, data, secret, SECRET)
    return folder


def about(office: Office) -> AboutDialog:
    office.window.beside.show_about()
    return office.window.findChildren(AboutDialog)[-1]


def look(office: Office) -> AboutDialog:
    dialog = about(office)
    dialog.look.click()
    office.until(dialog.look.isEnabled)
    return dialog


def drives(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setattr(window_side, "removable_drives", lambda: list(folders))


def test_a_stick_that_is_plugged_in_is_found_told_and_remembered(
    open_office: MakeOffice, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office()
    assert not office.window.status_bar.newer_line.isVisible()
    empty = tmp_path / "empty"
    empty.mkdir()
    drives(monkeypatch, empty, stick(tmp_path / "stick", secret))
    dialog = look(office)
    assert dialog.newer.text() == ("Fanion 9.0.0 (2026-12-01) is available: Faster. Where to get it: <b>the share</b>")
    foot = office.window.status_bar.newer_line
    assert foot.isVisible()
    assert foot.text() == "Fanion 9.0.0 is available"
    dialog.accept()
    office.close()
    drives(monkeypatch)
    again = open_office()
    again.until(again.window.status_bar.newer_line.isVisible)
    shown = about(again)
    assert "9.0.0" in shown.newer.text()
    shown.accept()


def test_without_a_drive_that_has_it_a_folder_is_asked_for(
    office: Office,
    secret: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    choose_path: Callable[[Path | None], None],
) -> None:
    drives(monkeypatch)
    choose_path(None)
    dialog = look(office)
    assert not dialog.newer.isVisible()
    assert not dialog.problem.isVisible()
    choose_path(stick(tmp_path / "folder", secret))
    dialog.look.click()
    office.until(dialog.newer.isVisible)
    dialog.accept()


def test_what_is_refused_is_said_and_not_told_in_the_foot(
    office: Office, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives(monkeypatch, stick(tmp_path / "stick", secret, "0.0.1"))
    dialog = look(office)
    assert "older than this one" in dialog.problem.sentence.text()
    assert not dialog.newer.isVisible()
    assert not office.window.status_bar.newer_line.isVisible()
    dialog.accept()


def test_a_dialog_that_was_closed_meanwhile_is_no_failure(
    office: Office, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drives(monkeypatch, stick(tmp_path / "stick", secret))
    dialog = about(office)
    dialog.look.click()
    dialog.reject()
    office.until(office.window.status_bar.newer_line.isVisible)
