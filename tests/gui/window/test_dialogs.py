"""The sheets over the window: the keys, and who works here."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from core.text import Language
from gui.startup.application import Fanion
from gui.window.dialogs import OfficerDialog, ShortcutsDialog

Sheet = TypeVar("Sheet", bound=QDialog)


def sheet_of(fanion: Fanion, kind: type[Sheet]) -> Sheet:
    (sheet,) = [s for s in fanion.window.findChildren(kind) if s.isVisible()]
    return sheet


def gone(fanion: Fanion) -> bool:
    return not [s for s in fanion.window.findChildren(QDialog) if s.isVisible()]


def button(sheet: QDialog, role: QDialogButtonBox.ButtonRole) -> QPushButton:
    buttons = sheet.findChild(QDialogButtonBox)
    assert isinstance(buttons, QDialogButtonBox)
    (found,) = [b for b in buttons.buttons() if buttons.buttonRole(b) is role]
    assert isinstance(found, QPushButton)
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_key_of_every_page_is_named_and_can_be_read(qtbot: QtBot, fanion: Fanion, language: Language) -> None:
    window = fanion.window
    window.switches.use_language(language)
    qtbot.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ControlModifier)
    sheet = sheet_of(fanion, ShortcutsDialog)
    said = [label.text() for label in sheet.findChildren(QLabel)]
    keys = list(window.beside.keys)
    for page in ("desk", "log", "policy"):
        keys += window._page(page).shortcuts()  # type: ignore[attr-defined]
    for does, key in keys:
        assert str(does) in said
        assert key.toString(QKeySequence.SequenceFormat.NativeText) in said
    area = sheet.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    QApplication.processEvents()
    assert not area.horizontalScrollBar().isVisible(), "something is cut off at the right"


def test_the_keys_are_left_with_escape_and_with_the_button(qtbot: QtBot, fanion: Fanion) -> None:
    fanion.window.beside.show_keys()
    qtbot.keyClick(sheet_of(fanion, ShortcutsDialog), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: gone(fanion))
    fanion.window.beside.show_keys()
    sheet = sheet_of(fanion, ShortcutsDialog)
    (shut,) = [one for one in sheet.findChildren(QPushButton) if one.text() == "Close"]
    qtbot.mouseClick(shut, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gone(fanion))


def test_the_keys_can_be_scrolled_without_a_mouse(qtbot: QtBot, fanion: Fanion) -> None:
    fanion.window.beside.show_keys()
    sheet = sheet_of(fanion, ShortcutsDialog)
    area = sheet.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    QApplication.processEvents()
    if area.verticalScrollBar().maximum() == 0:
        pytest.skip("all keys are in sight")
    area.setFocus()
    assert area.hasFocus()
    qtbot.keyClick(area, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0


def test_who_works_here_is_kept_and_shown(qtbot: QtBot, fanion: Fanion) -> None:
    fanion.window.beside.ask_who()
    sheet = sheet_of(fanion, OfficerDialog)
    assert (sheet.officer.text(), sheet.desk_name.text()) == ("A. Roy", "Desk 4")
    sheet.officer.setText("  B. Roy ")
    sheet.desk_name.setText("Desk 5")
    qtbot.keyClick(sheet.officer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: gone(fanion))
    assert (fanion.desk.officer, fanion.desk.name) == ("B. Roy", "Desk 5")
    assert fanion.window.officer_button.text() == "Desk 5 · B. Roy"


def test_nothing_is_kept_when_it_is_left(qtbot: QtBot, fanion: Fanion) -> None:
    fanion.window.beside.ask_who()
    sheet = sheet_of(fanion, OfficerDialog)
    sheet.officer.setText("B. Roy")
    qtbot.mouseClick(button(sheet, QDialogButtonBox.ButtonRole.RejectRole), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gone(fanion))
    assert fanion.desk.officer == "A. Roy"


def test_what_cannot_be_kept_is_said_and_the_sheet_stays(qtbot: QtBot, fanion: Fanion) -> None:
    file = fanion.desk.data / "settings.toml"
    file.unlink()
    file.mkdir()
    fanion.window.beside.ask_who()
    sheet = sheet_of(fanion, OfficerDialog)
    sheet.officer.setText("B. Roy")
    qtbot.mouseClick(button(sheet, QDialogButtonBox.ButtonRole.AcceptRole), Qt.MouseButton.LeftButton)
    assert sheet.isVisible()
    assert sheet.trouble.isVisible()
    assert "settings.toml" in sheet.trouble.sentence.text()
    assert fanion.desk.officer == "A. Roy"
    assert sheet.height() >= sheet.sizeHint().height(), "the sheet did not grow for what it says"


def test_what_the_department_has_set_cannot_be_changed(
    qtbot: QtBot, fanion: Fanion, department: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.desk.settings import settings

    department.parent.mkdir()
    department.write_text('officer = "Front desk"\n', encoding="utf-8")
    fanion.desk.settings = settings.load(fanion.desk.data)
    fanion.window.beside.ask_who()
    sheet = sheet_of(fanion, OfficerDialog)
    assert not sheet.officer.isEnabled()
    assert sheet.officer.toolTip()
    sheet.desk_name.setText("Desk 5")
    qtbot.mouseClick(button(sheet, QDialogButtonBox.ButtonRole.AcceptRole), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gone(fanion))
    assert (fanion.desk.officer, fanion.desk.name) == ("Front desk", "Desk 5")


@pytest.mark.parametrize("sheet", ["show_keys", "ask_who"])
def test_an_open_sheet_keeps_nobody_from_closing(qtbot: QtBot, fanion: Fanion, sheet: str) -> None:
    getattr(fanion.window.beside, sheet)()
    assert fanion.window.close()
    assert gone(fanion)
