"""The settings over the window: changed as they are entered, searched, imported, exported, reset."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QSpinBox

from core import text
from core.desk import settings as core_settings
from core.desk.settings import FILE_NAME
from gui.settings.settings_dialog import SettingsDialog
from gui.toolkit import file_dialogs
from gui.toolkit.form_fields import CheckBox
from gui.toolkit.tables import ComboBox
from tests.gui.conftest import Office, texts


@pytest.fixture
def dialog(office: Office) -> SettingsDialog:
    return office.window.open_settings()


def enter(dialog: SettingsDialog, key: str, words: str) -> None:
    field = dialog.lines[key].field
    assert isinstance(field, QLineEdit)
    field.setText(words)
    field.editingFinished.emit()


def test_what_is_entered_applies_at_once_and_is_kept(office: Office, dialog: SettingsDialog) -> None:
    enter(dialog, "officer", "  Bea   Lee ")
    assert office.desk.officer == "Bea Lee"
    assert "Bea Lee" in office.window.who.text()
    months, imei = dialog.lines["retention_months"].field, dialog.lines["ask_imei"].field
    assert isinstance(months, QSpinBox)
    assert isinstance(imei, CheckBox)
    months.setValue(24)
    months.editingFinished.emit()
    imei.click()
    kept = core_settings.load(office.desk.data, None)
    assert (kept.officer, kept.retention_months, kept.ask_imei) == ("Bea Lee", 24, True)
    assert "You have set this." in dialog.lines["ask_imei"].source.text()
    assert dialog.status.text() == "Saved."


def test_no_setting_is_left_out(dialog: SettingsDialog) -> None:
    assert set(dialog.lines) == set(core_settings.KEYS)


def test_the_language_is_another_one_at_once(office: Office, dialog: SettingsDialog) -> None:
    field = dialog.lines["language"].field
    assert isinstance(field, ComboBox)
    field.setCurrentIndex(field.findData("fr"))
    field.activated.emit(field.currentIndex())
    assert text.language() == "fr"
    assert dialog.windowTitle() == "Paramètres"


def test_a_value_that_cannot_be_is_said_and_the_old_one_is_back(office: Office, dialog: SettingsDialog) -> None:
    enter(dialog, "organisation", "not a domain")
    assert dialog.problem.isVisible()
    assert "domain name" in dialog.problem.sentence.text()
    assert dialog.lines["organisation"].field.text() == ""  # type: ignore[attr-defined]
    enter(dialog, "organisation", "tbs-sct.gc.ca")
    assert not dialog.problem.isVisible()
    assert office.desk.settings.organisation == "tbs-sct.gc.ca"


def test_what_the_department_has_set_is_shown_with_its_lock(office: Office) -> None:
    office.desk.settings = core_settings.Settings(retention_months=24, locked=frozenset({"retention_months"}))
    dialog = office.window.open_settings()
    line = dialog.lines["retention_months"]
    assert not line.field.isEnabled()
    assert "your organisation has set this" in line.source.text()
    assert "Yes" in texts(dialog.lines["exceptions"])


def test_a_search_shows_what_it_finds(dialog: SettingsDialog) -> None:
    dialog.search.setText("personal months")
    shown = [key for key, line in dialog.lines.items() if line.isVisible()]
    assert shown == ["retention_months"]
    dialog.search.setText("nothing of that")
    assert dialog.nothing.isVisible()


def test_settings_are_handed_out_and_taken_over(
    office: Office, dialog: SettingsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "theirs.toml"
    enter(dialog, "organisation", "tbs-sct.gc.ca")
    monkeypatch.setattr(file_dialogs, "save_as", lambda *asked: file)
    dialog.hand_out.click()
    assert 'organisation = "tbs-sct.gc.ca"' in file.read_text()
    file.write_text("retention_months = 36\n")
    monkeypatch.setattr(file_dialogs, "choose_file", lambda *asked: file)
    dialog.bring.click()
    assert office.desk.settings.retention_months == 36
    assert "1 setting was taken over" in dialog.status.text()
    file.write_text("no TOML")
    dialog.bring.click()
    assert "not valid TOML" in dialog.problem.sentence.text()
    assert office.desk.settings.retention_months == 36


def test_a_reset_is_asked_for_and_keeps_the_old_file(office: Office, dialog: SettingsDialog) -> None:
    enter(dialog, "organisation", "tbs-sct.gc.ca")
    box = dialog.ask_to_reset()
    assert box.defaultButton() is not None
    assert box.defaultButton().text() == "Cancel"
    box.close()
    assert office.desk.settings.organisation == "tbs-sct.gc.ca"
    dialog.reset()
    assert office.desk.settings.organisation == ""
    assert not (office.desk.data / FILE_NAME).exists()
    assert len(list(office.desk.data.glob("settings-*.toml"))) == 1
    assert "settings-" in dialog.status.text()
