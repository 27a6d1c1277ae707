"""The Settings page: changed as they are entered, searched, imported, exported, reset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QSpinBox

from core import text
from core.desk.settings import settings as core_settings
from core.desk.settings.settings import FILE_NAME
from core.desk.settings.settings_table import ROWS, Settings
from core.ledger.records import Exported
from core.system.password import matches
from gui.settings.password_dialog import NewPasswordDialog
from gui.settings.setting_rows import FACTS, MEMORY
from gui.settings.settings_page import SettingsPage
from gui.toolkit.forms.form_fields import CheckBox
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.remembered import OWNER_AT_START, OWNER_FOLLOWS, PRINTER
from tests import new_setting
from tests.gui.conftest import MakeOffice, Office, texts


def settings_page(office: Office) -> SettingsPage:
    page = office.window.open_page("settings")
    assert isinstance(page, SettingsPage)
    return page


@pytest.fixture
def page(office: Office) -> SettingsPage:
    return settings_page(office)


def enter(page: SettingsPage, key: str, words: str) -> None:
    field = page.lines[key].field
    assert isinstance(field, QLineEdit)
    field.setText(words)
    field.editingFinished.emit()


def test_what_is_entered_applies_at_once_and_is_kept(office: Office, page: SettingsPage) -> None:
    enter(page, "officer", "  Bea   Lee ")
    assert office.desk.officer == "Bea Lee"
    assert "Bea Lee" in office.window.officer_button.text()
    months, imei = page.lines["retention_months"].field, page.lines["ask_imei"].field
    assert isinstance(months, QSpinBox)
    assert isinstance(imei, CheckBox)
    months.setValue(24)
    QTest.keyClick(months, Qt.Key.Key_Return)
    QTest.keyClick(imei, Qt.Key.Key_Return)
    kept = core_settings.load(office.desk.data, None)
    assert (kept.officer, kept.retention_months, kept.ask_imei) == ("Bea Lee", 24, True)
    assert "You have set this." in page.lines["ask_imei"].source.text()
    assert page.status.text() == "Saved."


def test_no_setting_is_left_out(page: SettingsPage) -> None:
    assert set(page.lines) == {*ROWS, *MEMORY, *FACTS}


def test_a_new_row_is_shown_changed_and_locked(
    monkeypatch: pytest.MonkeyPatch, open_office: MakeOffice, department: Path
) -> None:
    new_setting.add(monkeypatch)
    office = open_office()
    line = settings_page(office).lines[new_setting.KEY]
    assert {"Colour of the flag", "What the flag on the roof has."} <= set(texts(line))
    assert isinstance(line.field, ComboBox)
    assert line.field.currentText() == "Red flag"
    line.field.setCurrentIndex(line.field.findData("blue"))
    line.field.activated.emit(line.field.currentIndex())
    assert 'flag_colour = "blue"' in (office.desk.data / FILE_NAME).read_text(encoding="utf-8")
    office.close()
    department.parent.mkdir(exist_ok=True)
    department.write_text('flag_colour = "red"\n', encoding="utf-8")
    line = settings_page(open_office()).lines[new_setting.KEY]
    assert isinstance(line.field, ComboBox)
    assert (line.field.currentText(), line.field.isEnabled()) == ("Red flag", False)
    assert "Locked" in line.source.text()


def test_the_language_is_another_one_at_once(office: Office, page: SettingsPage) -> None:
    field = page.lines["language"].field
    assert isinstance(field, ComboBox)
    field.setCurrentIndex(field.findData("fr"))
    field.activated.emit(field.currentIndex())
    assert text.language() == "fr"
    assert page.title.text() == "Paramètres"


def test_a_value_that_cannot_be_is_said_and_the_old_one_is_back(office: Office, page: SettingsPage) -> None:
    enter(page, "organisation", "not a domain")
    assert page.problem.isVisible()
    assert "domain name" in page.problem.sentence.text()
    assert page.lines["organisation"].field.text() == ""  # type: ignore[attr-defined]
    enter(page, "organisation", "tbs-sct.gc.ca")
    assert not page.problem.isVisible()
    assert office.desk.settings.organisation == "tbs-sct.gc.ca"


def test_what_the_department_has_set_is_shown_with_its_lock(office: Office) -> None:
    office.desk.settings = Settings(retention_months=24, locked=frozenset({"retention_months"}))
    page = settings_page(office)
    line = page.lines["retention_months"]
    assert not line.field.isEnabled()
    assert "your organisation has set this" in line.source.text()
    assert "Yes" in texts(page.lines["exceptions"])


def test_a_search_shows_what_it_finds(page: SettingsPage) -> None:
    page.search.setText("personal months")
    shown = [key for key, line in page.lines.items() if line.isVisible()]
    assert shown == ["retention_months"]
    page.search.setText("nothing of that")
    assert page.nothing.isVisible()


def test_settings_are_handed_out_and_taken_over(
    office: Office, page: SettingsPage, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    file = tmp_path / "theirs.toml"
    enter(page, "organisation", "tbs-sct.gc.ca")
    choose_path(file)
    page.hand_out.click()
    assert 'organisation = "tbs-sct.gc.ca"' in file.read_text()
    file.write_text("retention_months = 36\n")
    choose_path(file)
    page.bring.click()
    assert office.desk.settings.retention_months == 36
    assert "1 setting was imported" in page.status.text()
    file.write_text("no TOML")
    page.bring.click()
    assert "not valid TOML" in page.problem.sentence.text()
    assert office.desk.settings.retention_months == 36


def test_a_reset_is_asked_for_and_keeps_the_old_file(office: Office, page: SettingsPage) -> None:
    enter(page, "organisation", "tbs-sct.gc.ca")
    box = page.ask_to_reset()
    assert box.defaultButton() is not None
    assert box.defaultButton().text() == "Cancel"
    box.close()
    assert office.desk.settings.organisation == "tbs-sct.gc.ca"
    page.reset()
    assert office.desk.settings.organisation == ""
    assert not (office.desk.data / FILE_NAME).exists()
    assert len(list(office.desk.data.glob("settings-*.toml"))) == 1
    assert "settings-" in page.status.text()


# --- beside the settings files


def test_the_desk_itself_is_told(office: Office, page: SettingsPage) -> None:
    office.until(lambda: page.lines["fingerprint"].field.text().count(":") == 15)  # type: ignore[attr-defined]
    told = {key: page.lines[key].field.text() for key in FACTS}  # type: ignore[attr-defined]
    assert told["data"] == told["log"] == str(office.desk.data)
    assert told["key"] == "none yet"
    assert "amber after 92 days" in told["health"]


def test_a_printer_that_is_gone_is_told_and_another_can_be_chosen(office: Office, page: SettingsPage) -> None:
    office.fanion.settings.setValue(PRINTER, "Room 12")
    page.show_settings()
    line = page.lines[PRINTER]
    assert isinstance(line.field, ComboBox)
    assert line.field.currentText() == "Room 12"
    assert "not there now" in line.source.text()
    line.field.setCurrentIndex(line.field.findData(""))
    line.field.activated.emit(line.field.currentIndex())
    assert office.fanion.settings.value(PRINTER) == ""
    assert not line.source.isVisible()


def test_the_owner_s_window_shows_each_phone_where_that_is_set(office: Office, page: SettingsPage) -> None:
    for key in (OWNER_AT_START, OWNER_FOLLOWS):
        field = page.lines[key].field
        assert isinstance(field, CheckBox)
        field.click()
    office.window.open_page("desk")
    office.press("F9")
    assert office.page.identity.to_owner.isChecked()
    office.press("F9")


def test_the_kiosk_s_password_is_typed_twice_and_can_be_taken_away(office: Office, page: SettingsPage) -> None:
    line = page.lines["kiosk_password"]
    office.click(line.field)
    (dialog,) = [one for one in office.window.findChildren(NewPasswordDialog) if one.isVisible()]
    for first, second, wrong in (
        ("leave me", "leave you", "not the same"),
        ("abc", "abc", "4 to 200"),
        ("", "", "4 to 200"),
    ):
        dialog.fields[0].setText(first)
        dialog.fields[1].setText(second)
        dialog.accept()
        assert wrong in dialog.wrong.text()
    for field in dialog.fields:
        field.setText("leave me")
    dialog.accept()
    assert matches("leave me", core_settings.load(office.desk.data, None).kiosk_password)
    assert "scrypt" not in " ".join(texts(page))
    assert "Change…" in texts(line)
    page.ask_password().accept()
    assert core_settings.load(office.desk.data, None).kiosk_password == ""


def test_head_office_s_key_is_forgotten_only_after_a_question(office: Office, page: SettingsPage) -> None:
    key = "age1q84s2hqmg3gp9ery8avd632xx28pmphqqvn6d6m8kge89qr50cus0ptksc"
    enter(page, "head_office_key", key)
    assert office.desk.settings.head_office_key == key
    enter(page, "head_office_key", "")
    (box,) = [one for one in office.window.findChildren(QMessageBox) if one.isVisible()]
    assert box.defaultButton().text() == "Cancel"
    box.reject()
    assert page.lines["head_office_key"].field.text() == key  # type: ignore[attr-defined]
    box = page.ask_to_forget_key()
    next(one for one in box.buttons() if one.text() == "Forget the key").click()
    assert office.desk.settings.head_office_key == ""


def test_bundles_from_before_there_was_a_key_are_named_as_it_is_set(office: Office, page: SettingsPage) -> None:
    with office.desk.custodian(False, make=True) as ledger:
        ledger.append(Exported("bundle", 3, {"entries": "1-3"}))
    enter(page, "head_office_key", "age1q84s2hqmg3gp9ery8avd632xx28pmphqqvn6d6m8kge89qr50cus0ptksc")
    office.until(lambda: "1 earlier bundle is not encrypted" in page.status.text())
    assert "1–3" in page.status.text()


def test_what_a_newer_fanion_has_set_is_told_and_stays(office: Office) -> None:
    file = office.desk.data / FILE_NAME
    file.write_text(file.read_text("utf-8") + "telepathy = true\n", encoding="utf-8")
    page = settings_page(office)
    assert "telepathy" in page.status.text()
    enter(page, "officer", "Bea Lee")
    assert "telepathy = true" in file.read_text("utf-8")


def test_escape_goes_back_to_the_page_before(office: Office) -> None:
    office.window.open_page("log")
    page = settings_page(office)
    page.search.setText("log")
    office.press("Esc")
    assert (page.search.text(), office.window.page_name()) == ("", "settings")
    office.press("Esc")
    assert office.window.page_name() == "log"


def test_the_bar_shows_which_page_is_open_and_tab_reaches_the_settings(office: Office, page: SettingsPage) -> None:
    bar = office.window.bar
    assert bar.aside["settings"].isChecked()
    assert not any(tab.isChecked() for tab in bar.nav.values())
    office.click(bar.aside["settings"])
    assert bar.aside["settings"].isChecked()
    office.window.open_page("log")
    assert not bar.aside["settings"].isChecked()
    assert [name for name, tab in bar.nav.items() if tab.isChecked()] == ["log"]
    bar.scheme.setFocus()
    office.press("Tab")
    assert bar.aside["settings"].hasFocus()
