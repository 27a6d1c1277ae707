"""Which Fanion this is, its licences, the log for support, and the details that are copied for those who give it."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from core import __version__
from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.problem import Cancelled
from core.system.processes import child_process
from core.system.support import support_log
from gui.startup.application import Fanion
from gui.toolkit import file_dialogs
from gui.window import about, support_details
from gui.window.about import AboutDialog
from gui.window.dialogs import ShortcutsDialog
from gui.window.support_details import NoDetails


def dialog_of(fanion: Fanion) -> AboutDialog:
    (dialog,) = [one for one in fanion.window.findChildren(AboutDialog) if one.isVisible()]
    return dialog


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What the system was asked to show; it does."""
    shown: list[Path] = []
    monkeypatch.setattr(file_dialogs, "open_outside", lambda path: shown.append(path) or True)
    return shown


def test_it_is_reached_by_its_key_and_from_the_keys_and_left_with_escape(qtbot: QtBot, fanion: Fanion) -> None:
    qtbot.keyClick(fanion.window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    dialog = dialog_of(fanion)
    assert __version__ in dialog.version.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not fanion.window.findChildren(AboutDialog))
    fanion.window.beside.show_keys()
    (keys,) = fanion.window.findChildren(ShortcutsDialog)
    keys.about_wanted.emit()
    assert dialog_of(fanion).isVisible()


def test_licences_and_the_log_for_support_are_opened(fanion: Fanion, opened: list[Path]) -> None:
    fanion.window.beside.show_about()
    dialog = dialog_of(fanion)
    dialog.licences.click()
    assert "Apache License" in opened[-1].read_text(encoding="utf-8")
    data = fanion.window.desk.data
    (data / support_log.FOLDER).mkdir(parents=True, exist_ok=True)
    dialog.log.click()
    assert opened[-1] == data / support_log.FOLDER
    assert dialog.problem.isHidden()


def test_what_cannot_be_opened_is_said(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about, "licences", lambda: Path("/nowhere/NOTICES.txt"))
    fanion.window.beside.show_about()
    dialog = dialog_of(fanion)
    dialog.licences.click()
    assert dialog.problem.isVisible()
    monkeypatch.setattr(file_dialogs, "open_outside", lambda path: False)
    dialog.log.click()
    assert dialog.problem.isVisible()


@pytest.mark.slow
def test_the_details_are_copied_without_anybodys_name(qtbot: QtBot, fanion: Fanion) -> None:
    desk = fanion.window.desk
    desk.introduce("Zoé Tremblay", "Desk of Zoé")
    fanion.window.beside.show_about()
    dialog = dialog_of(fanion)
    dialog.details.click()
    assert not dialog.details.isEnabled()
    qtbot.waitUntil(dialog.details.isEnabled, timeout=120_000)
    copied = QGuiApplication.clipboard().text()
    assert dialog.problem.isHidden(), copied
    for part in ("about.json", "self-test.json", f'"version": "{__version__}"', '"part": "practice"', '"values"'):
        assert part in copied
    assert "Zoé" not in copied
    assert str(desk.data) not in copied


def test_a_self_test_that_does_not_end_well_is_said(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(fanion.window.desk.data, Settings())
    monkeypatch.setattr(support_details, "own_process", lambda *words: (["/nowhere/fanion"], {}))
    with pytest.raises(NoDetails):
        support_details.support_details(desk, Cancel())

    def broken(command: list[str], variables: dict[str, str], cancel: Cancel) -> None:
        Path(command[-1]).write_bytes(b"no archive")

    monkeypatch.setattr(support_details, "own_process", lambda *words: (list(words), {}))
    monkeypatch.setattr(support_details, "_run", broken)
    with pytest.raises(NoDetails):
        support_details.support_details(desk, Cancel())


def test_closing_the_window_ends_the_process(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*words: object, **more: object) -> subprocess.Popen[bytes]:
        made.append(real(*words, **more))  # type: ignore[call-overload]
        return made[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    command = child_process.own_process()[0][0]
    monkeypatch.setattr(
        support_details,
        "own_process",
        lambda *words: ([command, "-c", "import threading; threading.Event().wait()"], {}),
    )
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        support_details.support_details(Desk(fanion.window.desk.data, Settings()), cancel)
    assert made[0].poll() is not None


def test_of_other_files_only_the_names_and_sizes_are_told(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for name in ("about.json", "self-test.json", "support/fanion.log"):
            archive.writestr(name, "{}" if name.endswith(".json") else "a line of the log")
    told = support_details._overview(bundle)
    assert "support/fanion.log  17" in told
    assert "a line" not in told
