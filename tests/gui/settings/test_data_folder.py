"""Another data folder, chosen on the Settings page: what is asked, what is refused, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QMessageBox, QWidget

from core import text
from core.desk.settings import data_choice
from core.desk.settings.data_choice import FILE_NAME, MARK, DataFolder, Origin, find
from core.ledger.writer import ledger_file
from gui.settings.data_folder import consequences
from gui.settings.settings_page import SettingsPage
from gui.toolkit import file_dialogs
from tests.gui.conftest import MakeOffice, Office, texts
from tests.inside import is_at_rest


@pytest.fixture
def office(open_office: MakeOffice, tmp_path: Path, standard_folder_is: Callable[[Path], None]) -> Office:
    """A window with the standard data folder."""
    standard_folder_is(tmp_path / "data")
    office = open_office()
    office.desk.origin = Origin.STANDARD
    return office


@pytest.fixture
def page(office: Office) -> SettingsPage:
    return settings_page(office)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir(mode=0o700)
    return folder


def settings_page(office: Office) -> SettingsPage:
    page = office.window.open_page("settings")
    assert isinstance(page, SettingsPage)
    page.folder.refresh()
    rest(office)
    return page


def rest(office: Office) -> None:
    """Wait until nothing is under way."""
    office.until(lambda: is_at_rest(office.fanion.runner))


def choose(office: Office, page: SettingsPage, folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press the button, and choose this folder in the system's dialog; None for no folder."""
    monkeypatch.setattr(file_dialogs, "choose_folder", lambda *asked: folder)
    page.area.ensureWidgetVisible(page.folder.change)
    office.click(page.folder.change)


def question(office: Office) -> QMessageBox:
    (box,) = [one for one in office.window.findChildren(QMessageBox) if one.isVisible()]
    return box


def answer(box: QMessageBox, words: str) -> None:
    next(button for button in box.buttons() if button.text() == words).click()


def seen(page: SettingsPage) -> list[str]:
    """The buttons beside the data folder."""
    folder = page.folder
    return [button.text() for button in (folder.open_it, folder.change, folder.back) if button.isVisible()]


# --- the choice


def test_another_folder_is_asked_for_once_and_fanion_starts_again(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = QSignalSpy(office.window.again_wanted)
    choose(office, page, stick, monkeypatch)
    box = question(office)
    assert box.text() == f"Work with {stick} from now on?"
    said = box.informativeText()
    assert said.startswith("Fanion starts again. Nothing is moved: settings, practice, log and own rules stay in ")
    assert str(office.data) in said
    assert "a new log" in said
    assert "two logs" not in said, "there is no log yet"
    assert box.defaultButton().text() == "Cancel"
    answer(box, "Start again with it")
    assert again.count() == 1
    assert find() == DataFolder(stick, Origin.CHOSEN)
    assert (office.data / "settings.toml").exists()
    assert [file.name for file in stick.iterdir()] == [MARK]


@pytest.mark.parametrize("how", ["no folder", "cancel", "escape"])
def test_nothing_changes_unless_it_is_said(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    again = QSignalSpy(office.window.again_wanted)
    (stick / "letter.odt").touch()
    choose(office, page, None if how == "no folder" else stick, monkeypatch)
    match how:
        case "cancel":
            answer(question(office), "Cancel")
        case "escape":
            question(office).reject()
    assert again.count() == 0
    assert find().origin is Origin.STANDARD
    assert [file.name for file in stick.iterdir()] == ["letter.odt"]


def test_among_other_things_it_is_a_folder_of_its_own(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stick / "letter.odt").touch()
    choose(office, page, stick, monkeypatch)
    box = question(office)
    assert box.text() == f"Work with {stick / 'fanion-data'} from now on?"
    answer(box, "Start again with it")
    assert find().folder == stick / "fanion-data"


def test_a_folder_that_has_a_log_goes_on_and_two_logs_are_explained(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger_file(stick).touch()
    ledger_file(office.data).touch()
    choose(office, page, stick, monkeypatch)
    said = question(office).informativeText()
    assert "has a log of Fanion already: it goes on" in said
    assert "There are two logs then, and each proves only what is in it" in said
    question(office).reject()


def test_settings_that_are_there_apply(office: Office, stick: Path) -> None:
    (stick / "settings.toml").touch()
    assert "its settings apply" in " ".join(map(str, consequences(office.desk, stick)))


def test_the_log_of_the_department_is_not_affected_and_that_is_said(office: Office, stick: Path) -> None:
    desk = office.desk
    ledger_file(office.data).touch()
    desk.shared, desk.log_folder = True, Path("/var/lib/fanion")
    try:
        for there, words in ((False, "starts with the standard settings"), (True, "its settings apply")):
            if there:
                (stick / "window.ini").touch()
            said = "\n".join(map(str, consequences(desk, stick)))
            assert f"The log does not change: your organisation has it in {Path('/var/lib/fanion')}." in said
            assert words in said
            assert "two logs" not in said
            assert "own rules" not in said
    finally:
        desk.shared, desk.log_folder = False, desk.data


def test_the_folder_that_is_in_use_is_no_change(
    office: Office, page: SettingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(office, page, office.data, monkeypatch)
    assert page.status.text() == "It is this folder already."
    assert not [one for one in office.window.findChildren(QMessageBox) if one.isVisible()]


def test_what_the_choice_cannot_be_is_told_and_nothing_is_asked(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.system.files.folder_check._exposure", lambda place, *, itself: "mode 777")
    choose(office, page, stick, monkeypatch)
    assert page.problem.sentence.text() == f"Other accounts of this computer may use the folder {stick}."
    assert "yours alone" in page.problem.next_step.text()
    assert not [one for one in office.window.findChildren(QMessageBox) if one.isVisible()]
    monkeypatch.setattr("core.system.files.folder_check._exposure", lambda place, *, itself: "")
    choose(office, page, stick, monkeypatch)
    assert not page.problem.isVisible(), "what is told is over"
    question(office).reject()


def test_a_choice_that_cannot_be_kept_is_told_and_fanion_stays(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = QSignalSpy(office.window.again_wanted)
    (office.data / FILE_NAME).mkdir()
    (office.data / FILE_NAME / "in the way").touch()
    monkeypatch.setattr(data_choice, "_keep_damaged", lambda file: None)
    choose(office, page, stick, monkeypatch)
    answer(question(office), "Start again with it")
    assert "The data folder could not be changed" in page.problem.sentence.text()
    assert again.count() == 0


# --- not now


def test_not_while_phones_are_here(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = QSignalSpy(office.window.again_wanted)
    choose(office, page, stick, monkeypatch)
    box = question(office)
    office.window.desk_page.practise("clean")  # while the question is open
    office.idle()
    answer(box, "Start again with it")
    assert "cannot be changed while phones are here" in page.problem.sentence.text()
    assert "unplug them" in page.problem.next_step.text()
    assert again.count() == 0
    assert find().origin is Origin.STANDARD
    choose(office, settings_page(office), stick, monkeypatch)
    assert not [one for one in office.window.findChildren(QMessageBox) if one.isVisible() and one is not box]
    assert "cannot be changed while phones are here" in page.problem.sentence.text()


def test_not_while_something_is_under_way(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(office.fanion.runner), "idle", property(lambda runner: False))
    choose(office, page, stick, monkeypatch)
    assert "while something is being read or written" in page.problem.sentence.text()
    monkeypatch.undo()


# --- what decides, on the page


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (Origin.ARGUMENT, "Set by --data when Fanion started: it cannot be changed here."),
        (Origin.VARIABLE, "Set by the variable FANION_DATA: it cannot be changed here."),
        (Origin.PORTABLE, "Beside the portable program: it cannot be changed here."),
    ],
)
def test_where_it_was_given_the_row_says_so_and_offers_no_change(office: Office, origin: Origin, words: str) -> None:
    office.desk.origin = origin
    page = settings_page(office)
    assert page.lines["data"].source.text() == words
    assert seen(page) == ["Open"]


def test_with_the_standard_folder_there_is_nothing_to_go_back_to(page: SettingsPage) -> None:
    assert seen(page) == ["Open", "Change…"]
    assert not page.lines["data"].source.isVisible()


def test_the_way_back_to_the_standard_folder(
    open_office: MakeOffice,
    tmp_path: Path,
    stick: Path,
    monkeypatch: pytest.MonkeyPatch,
    standard_folder_is: Callable[[Path], None],
) -> None:
    standard = tmp_path / "standard"
    standard_folder_is(standard)
    data_choice.choose(stick)
    office = open_office()
    office.desk.origin = Origin.CHOSEN
    page = settings_page(office)
    assert page.lines["data"].source.text() == "You have chosen it."
    assert seen(page) == ["Open", "Change…", "Back to the standard folder…"]
    again = QSignalSpy(office.window.again_wanted)
    choose(office, page, standard, monkeypatch)  # to choose it is the same
    question(office).reject()
    office.click(page.folder.back)
    box = question(office)
    assert box.text() == f"Work with {standard} from now on?"
    answer(box, "Start again with it")
    assert again.count() == 1
    assert find() == DataFolder(standard, Origin.STANDARD)
    assert (stick / MARK).exists()


def test_where_the_standard_folder_stands_in_that_is_told_and_can_be_kept(
    office: Office, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_choice.choose(stick)
    office.desk.origin = Origin.INSTEAD
    page = settings_page(office)
    assert page.lines["data"].source.text() == f"For this time: the chosen folder, {stick}, was not there."
    office.window.status_bar.count()
    office.until(lambda: "not in the chosen folder" in office.window.status_bar.log_line.whole())
    rest(office)
    again = QSignalSpy(office.window.again_wanted)
    choose(office, page, office.data, monkeypatch)
    box = question(office)
    assert "no longer looks for the chosen folder" in box.informativeText()
    box.reject()
    assert (office.data / FILE_NAME).exists()
    office.click(page.folder.back)
    answer(question(office), "Keep")
    assert again.count() == 0, "it is this folder already"
    office.until(lambda: "chosen folder" not in office.window.status_bar.log_line.whole())
    assert find() == DataFolder(office.data, Origin.STANDARD)
    assert seen(page) == ["Open", "Change…"]
    assert not page.lines["data"].source.isVisible()


def test_where_the_choice_was_damaged_that_is_told(office: Office) -> None:
    (office.data / FILE_NAME).write_text("garbage")
    office.desk.origin = Origin.INSTEAD
    page = settings_page(office)
    assert page.lines["data"].source.text() == "For this time: which folder was chosen could not be read."
    office.click(page.folder.back)
    answer(question(office), "Keep")
    (kept,) = office.data.glob("data-folder-*.toml")
    assert kept.read_text() == "garbage"


# --- for everybody


def test_the_buttons_go_with_their_row_in_a_search(page: SettingsPage) -> None:
    page.search.setText("fingerprint")
    assert seen(page) == []
    page.search.setText("data folder")
    assert "Change…" in seen(page)


def test_keys_and_a_screen_reader_find_the_buttons(office: Office, page: SettingsPage) -> None:
    folder = page.folder
    assert folder.open_it.accessibleName() == "Open the data folder"
    assert folder.change.accessibleName() == "Change the data folder…"
    folder.open_it.setFocus()
    office.press("Tab")
    assert folder.change.hasFocus()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_a_small_screen_at_200_percent_nothing_is_cut(office: Office, language: str) -> None:
    office.desk.origin = Origin.INSTEAD
    office.window.setMinimumSize(1, 1)
    office.window.resize(683, 384)
    office.window.switches.use_language("fr" if language == "fr" else "en")
    page = settings_page(office)
    page.area.ensureWidgetVisible(page.folder.back)
    office.until(page.folder.back.isVisible)
    assert page.area.horizontalScrollBar().maximum() == 0
    inside = page.area.widget()
    assert inside.minimumSizeHint().width() <= page.area.viewport().width()


def test_it_is_all_said_in_french(
    office: Office, page: SettingsPage, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.window.switches.use_language("fr")
    assert text.language() == "fr"
    ledger_file(office.data).touch()
    choose(office, page, stick, monkeypatch)
    box = question(office)
    said: list[str] = [box.text(), box.informativeText(), *(button.text() for button in box.buttons())]
    said += texts(page.folder) + texts(_row(page))
    english = ("Work with", "starts again", "two logs", "Cancel", "Change…", "Data folder", "standard folder")
    assert not [words for words in english for one in said if words in one]
    assert str(stick) in box.text()
    box.reject()


def _row(page: SettingsPage) -> QWidget:
    return page.lines["data"]
