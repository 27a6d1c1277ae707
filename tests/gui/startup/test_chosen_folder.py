"""A start where another data folder was chosen: there, or gone; and the start again that a choice brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core import text
from core.desk.settings import data_choice, settings
from core.desk.settings.data_choice import FILE_NAME, ChoiceUnreadable, ChosenFolderGone
from gui.startup import chosen_folder
from gui.startup.open_window import _settings
from tests.gui.startup.test_application import WINDOW, Started

Start = Callable[[str, str], Started]


@pytest.fixture
def standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, standard_folder_is: Callable[[Path], None]) -> Path:
    monkeypatch.delenv("FANION_DATA", raising=False)
    folder = tmp_path / "standard"
    standard_folder_is(folder)
    return folder


@pytest.fixture
def stick(standard: Path, tmp_path: Path) -> Path:
    """What was chosen."""
    folder = tmp_path / "stick" / "fanion"
    folder.parent.mkdir(mode=0o700)
    data_choice.choose(folder)
    return folder


#: Answers the questions at the start, one after the other, and says what was asked.
ANSWERS = """if True:
    import pathlib
    import sys
    from core.desk.settings import data_choice
    data_choice.standard_folder = lambda: pathlib.Path(sys.argv[1])
    from PySide6.QtWidgets import QMessageBox
    from gui.startup.open_window import open_window
    answers = {answers}

    def answered(box):
        print("asked", box.text(), flush=True)
        do, words = answers.pop(0)
        exec(do)
        next(button for button in box.buttons() if button.text() == words).click()

    QMessageBox.exec = answered
"""


@pytest.fixture
def start(standard: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def begin(hook: str, *answers: tuple[str, str]) -> Started:
        window = WINDOW.replace("if True:\n", "").replace("run(sys.argv[1], None)", "open_window(None, None)")
        program = ANSWERS.replace("{answers}", repr(list(answers))) + window.replace("{hook}", hook)
        started.append(Started(standard, ["-c", program]))
        return started[-1]

    yield begin
    for one in started:
        one.let_go()


TELLS = "say(self.desk.data, self.desk.origin); window.close()"


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.slow
def test_the_window_opens_in_the_chosen_folder(start: Callable[..., Started], standard: Path, stick: Path) -> None:
    window = start(TELLS)
    assert window.says() == "open"
    assert window.says() == f"{stick} chosen"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")
    assert "window.ini" in names(stick)
    assert names(standard) == {FILE_NAME}


def test_a_folder_that_is_gone_is_asked_about_and_quitting_leaves_all_as_it_is(
    start: Callable[..., Started], standard: Path, stick: Path, tmp_path: Path
) -> None:
    stick.parent.rename(tmp_path / "away")
    window = start(TELLS, ("", "Quit"))
    assert window.says() == f"asked The data folder {stick}, which was chosen in the settings, is not there."
    assert window.says() == "ended 5"
    assert window.end() == (5, "")
    assert names(standard) == {FILE_NAME}
    assert not stick.parent.exists()


@pytest.mark.slow
def test_a_folder_that_is_plugged_in_again_is_found(start: Callable[..., Started], stick: Path, tmp_path: Path) -> None:
    stick.parent.rename(tmp_path / "away")
    back = f"pathlib.Path({str(tmp_path / 'away')!r}).rename({str(stick.parent)!r})"
    window = start(TELLS, ("", "Try again"), (back, "Try again"))
    assert window.says().startswith("asked")
    assert window.says().startswith("asked")
    assert window.says() == "open"
    assert window.says() == f"{stick} chosen"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")


@pytest.mark.slow
def test_with_the_folder_comes_its_size_of_text(start: Callable[..., Started], stick: Path, tmp_path: Path) -> None:
    """Qt takes one only when it starts."""
    (stick / "settings.toml").write_text("text_size = 150\n", encoding="utf-8")
    stick.parent.rename(tmp_path / "away")
    back = f"pathlib.Path({str(tmp_path / 'away')!r}).rename({str(stick.parent)!r})"
    hook = "say(self.desk.data, QApplication.instance().devicePixelRatio()); window.close()"
    window = start(hook, (back, "Try again"))
    assert window.says().startswith("asked")
    assert window.says() == "open"
    assert window.says() == f"{stick} 1.5"
    assert window.says() == "ended 0"
    assert window.end()[0] == 0


@pytest.mark.slow
def test_the_standard_folder_stands_in_only_for_this_time(
    start: Callable[..., Started], standard: Path, stick: Path, tmp_path: Path
) -> None:
    stick.parent.rename(tmp_path / "away")
    window = start(TELLS, ("", "Standard folder, this time"))
    assert window.says().startswith("asked")
    assert window.says() == "open"
    assert window.says() == f"{standard} instead"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")
    (tmp_path / "away").rename(stick.parent)
    assert data_choice.find().folder == stick


def test_a_damaged_choice_is_asked_about(start: Callable[..., Started], standard: Path, stick: Path) -> None:
    (standard / FILE_NAME).write_text("garbage")
    window = start(TELLS, ("", "Try again"), ("", "Quit"))
    for _ in range(2):
        assert window.says().startswith(f"asked The file {standard / FILE_NAME} cannot be used")
    assert window.says() == "ended 5"
    assert window.end() == (5, "")
    assert (standard / FILE_NAME).read_text() == "garbage"


#: Chooses the folder on the page where it is not the data folder yet.
CHOOSES = """
            from PySide6.QtTest import QTest
            if self.desk.data == pathlib.Path({stick!r}):
                say(self.desk.data, self.desk.origin)
                window.close()
                return
            page = self.open_page("settings")
            box = page.folder.ask_for(pathlib.Path({stick!r}))

            def answer():
                if self.runner.idle:
                    next(button for button in box.buttons() if button.text() == "Start again with it").click()
                else:
                    QTimer.singleShot(1, answer)

            answer()
"""


@pytest.mark.slow
def test_a_choice_on_the_page_starts_the_program_again_in_that_folder(
    start: Callable[..., Started], standard: Path, tmp_path: Path
) -> None:
    """The same process, or on Windows another one, with the same streams."""
    folder = tmp_path / "stick"
    window = start(CHOOSES.replace("{stick!r}", repr(str(folder))).strip())
    assert window.says() == "open"
    assert window.says() == "open"
    assert window.says() == f"{folder} chosen"
    assert window.says() == "ended 0"
    assert window.end()[0] == 0
    assert {"window.ini", "data-folder.mark"} <= names(folder)


# --- the question


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_question_says_what_can_be_done_and_what_it_means(
    qtbot: QtBot, standard: Path, tmp_path: Path, language: str, department: Path
) -> None:
    text.use("fr" if language == "fr" else "en")
    box = chosen_folder.question(ChosenFolderGone(tmp_path / "stick"))
    qtbot.addWidget(box)
    assert str(tmp_path / "stick") in box.text()
    said = box.informativeText()
    assert str(standard) in said
    assert ("is not in the log of the chosen folder" in said) is (language == "en")
    words = [button.text() for button in box.buttons()]
    english = {"Try again", "Standard folder, this time", "Quit"}
    assert set(words) == english if language == "en" else not set(words) & english
    assert box.defaultButton() is box.buttons()[words.index("Try again" if language == "en" else "Réessayer")]
    assert box.buttonRole(box.escapeButton()) is box.ButtonRole.RejectRole
    assert "--data" not in f"{box.text()} {said}", "the window has buttons for that"


def test_the_question_says_that_a_log_of_the_department_stays(
    qtbot: QtBot, standard: Path, tmp_path: Path, department: Path
) -> None:
    department.parent.mkdir(parents=True)
    department.write_text(f"shared_log = '{tmp_path / 'common'}'\n", encoding="utf-8")
    box = chosen_folder.question(ChoiceUnreadable(standard / FILE_NAME))
    qtbot.addWidget(box)
    assert f"The log stays in {tmp_path / 'common'}." in box.informativeText()
    assert "choose yours again in the settings" in box.informativeText()
    department.write_text("garbage", encoding="utf-8")
    box = chosen_folder.question(ChosenFolderGone(tmp_path))
    qtbot.addWidget(box)
    assert "another log" in box.informativeText()


def test_it_is_asked_in_the_language_of_the_standard_folder(standard: Path, stick: Path, department: Path) -> None:
    (standard / settings.FILE_NAME).write_text('language = "fr"\n', encoding="utf-8")
    assert _settings(None, False).language != "fr", "the chosen folder has its own"
    stick.parent.rename(stick.parent.with_name("away"))
    assert _settings(None, False).language == "fr"
