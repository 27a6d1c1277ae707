"""The lessons in the window: begun, done and left with the keys alone, and gone on with where one was."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QLabel

from core.desk import training
from core.lessons.course import LESSONS
from core.lessons.progress import Person, changing
from gui.desk.acts.all_acts import HAND_BACK
from gui.lessons.lesson_strip import LessonStrip
from gui.lessons.record_dialog import TrainingRecordDialog
from tests.gui.conftest import MakeOffice
from tests.gui.lessons.conftest import Learner

pytestmark = [pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told by the strip."""
    found: list[str] = []

    def hear(event: QAccessibleAnnouncementEvent) -> None:
        if isinstance(event.object(), LessonStrip):
            found.append(event.message())

    monkeypatch.setattr("gui.toolkit.announcement.QAccessible.updateAccessibility", hear)
    return found


def test_the_first_lesson_is_done_by_keyboard(learner: Learner, told: list[str]) -> None:
    office = learner.office
    learner.begin(1)
    assert learner.now == "check"
    learner.press_main()
    learner.until("meaning")
    learner.answer(0)
    office.see("Fanion looks for the apps that the policy bans.", within=learner.strip)
    assert learner.now == "meaning"
    learner.answer(1)
    learner.until("back")
    office.press("Alt+F")
    learner.until("")
    office.see("Lesson 1 is completed.", within=learner.strip)
    assert told[0] == ("Lesson 1 of 10: A clean phone. Plug in the practice phone and wait for its verdict.")
    assert told[1] == ("Done: Plug in the practice phone and wait for its verdict. What does green say of this phone?")
    assert told[-1] == "Done: Finish, and hand the phone back. Lesson 1 is completed."
    learner.press_main()
    office.until(lambda: learner.opened == 2)
    assert "1. A clean phone (completed 20" in learner.open_list().list.item(0).text()
    assert not (office.data / "ledger.db").exists(), "the real log knows nothing of it"


def test_secure_folder_is_done_by_keyboard_and_f1_opens_its_chapter(learner: Learner) -> None:
    office = learner.office
    learner.begin(3)
    learner.press_main()
    learner.until("why")
    office.press("F1")
    manual = office.window.beside.manual
    assert manual is not None
    assert manual.anchor == "lessons#lesson-3-secure-folder"
    learner.come_back()
    learner.answer(0)
    learner.until("back")
    office.idle()
    office.page.desk_actions.want(HAND_BACK)
    office.type("practice")
    office.press("Alt+F")
    learner.until("")
    assert training.standing(office.desk).person.completed(3) is not None


def test_a_red_phone_that_is_only_checked_leaves_its_lesson_open(learner: Learner) -> None:
    learner.begin(2)
    learner.press_main()
    learner.until("remove")
    learner.office.idle()
    assert training.standing(learner.office.desk).reached == {"check"}
    assert not learner.strip.main.isVisible(), "what is to be done is on the page"


@pytest.mark.slow
def test_a_lesson_goes_on_after_a_restart_and_says_how_the_phone_comes_back(open_office: MakeOffice) -> None:
    before = Learner(open_office())
    before.begin(2)
    before.press_main()
    before.until("remove")
    before.office.close()
    again = Learner(open_office(before.office.data))
    again.office.until(lambda: again.opened == 2)
    assert again.now == "remove"
    again.office.see("Plug it in: what is ticked stays ticked.", within=again.strip)
    again.press_main()
    again.office.until(lambda: bool(again.office.fanion.phones.sessions))
    again.office.idle()
    assert not again.strip.main.isVisible()
    again.office.remove()
    again.until("receipt")


def test_a_phone_that_was_unplugged_can_be_plugged_in_again(learner: Learner, told: list[str]) -> None:
    office = learner.office
    learner.begin(4)
    learner.press_main()
    learner.until("where")
    learner.answer(2)
    learner.until("remove")
    office.idle()
    office.fanion.phones.put_away(office.fanion.phones.sessions[0])
    office.until(learner.strip.main.isVisible)
    assert told[-1] == "The practice phone is not plugged in. Plug it in: what is ticked stays ticked."
    learner.press_main()
    office.until(lambda: not learner.strip.main.isVisible())
    assert learner.now == "remove"


@pytest.mark.slow
def test_a_phone_that_was_checked_before_the_lesson_began_is_plugged_in_anew(learner: Learner) -> None:
    office = learner.office
    office.window.desk_page.practise("unseen")
    office.idle()
    learner.begin(6)
    assert learner.now == "check"
    learner.press_main()
    learner.until("why")
    assert len(office.fanion.phones.sessions) == 2


def test_each_officer_has_their_own(learner: Learner) -> None:
    office = learner.office
    learner.begin(6)
    office.desk.introduce("B. Tremblay", None)
    office.window.beside.introduced.emit()
    office.until(lambda: not learner.strip.isVisible())
    dialog = learner.open_list()
    office.see("B. Tremblay: 0 of 10 lessons completed", within=dialog)
    dialog.reject()
    office.desk.introduce("A. Roy", None)
    office.window.beside.introduced.emit()
    office.until(lambda: learner.opened == 6)


def test_a_lesson_is_closed_and_begun_again(learner: Learner) -> None:
    office = learner.office
    learner.begin(6)
    learner.press_main()
    learner.until("why")
    office.click(learner.strip.shut)
    office.until(lambda: learner.opened == 0)
    dialog = learner.open_list()
    assert dialog.list.item(5).text() == "6. An amber phone (1 of 4 steps)"
    dialog.list.setCurrentRow(5)
    office.click(office.button("Begin again", within=dialog))
    office.until(lambda: learner.opened == 6)
    assert learner.now == "check"


def test_the_hint_is_unfolded_and_folded(learner: Learner) -> None:
    learner.begin(1)
    learner.strip.hint.setFocus()
    learner.office.press("Space")
    learner.office.see("The check starts automatically.", within=learner.strip)
    learner.office.press("Space")
    assert not learner.strip.note.isVisible()


def test_the_first_page_and_the_practice_phones_lead_to_the_lessons(learner: Learner) -> None:
    office = learner.office
    desk_page = office.window.desk_page
    for press in (desk_page.empty.learn.click, lambda: desk_page.open_practice().learn.click()):
        press()
        office.until(lambda: office.says("A. Roy: 0 of 10 lessons completed", QApplication.activeWindow()))
        dialog = QApplication.activeWindow()
        assert dialog is not None
        dialog.close()
        learner.come_back()


def test_the_training_record_is_saved(learner: Learner, tmp_path: Path) -> None:
    office = learner.office
    dialog = learner.open_list()
    office.click(office.button("Training record…", within=dialog))
    office.until(lambda: isinstance(QApplication.activeWindow(), TrainingRecordDialog))
    record = QApplication.activeWindow()
    assert isinstance(record, TrainingRecordDialog)
    record.folder.use(tmp_path / "papers")
    office.click(record.go)
    office.see("The training record is saved", within=record)
    assert record.file.read_bytes().startswith(b"%PDF-")
    assert record.file.parent == tmp_path / "papers"


def test_a_damaged_file_is_told_and_the_lessons_begin_anew(open_office: MakeOffice, tmp_path: Path) -> None:
    office = open_office()
    office.close()
    (office.data / "lessons.json").write_bytes(b"\0")
    again = open_office(office.data)
    again.see("The file with the progress of the lessons could not be read.")
    assert [file.read_bytes() for file in office.data.glob("lessons-*.json")] == [b"\0"]
    assert training.standing(again.desk).completed_count == 0


def test_after_the_last_lesson_the_record_is_named(learner: Learner) -> None:
    office = learner.office
    with changing(office.data) as change:
        person = Person("A. Roy")
        for one in LESSONS[1:]:
            person = training.progress.reach(person.with_attempt(training.Attempt(one.number, 0)), one.number, one.keys)
        change.keep(person)
    learner.begin(1)
    learner.press_main()
    learner.until("meaning")
    learner.answer(1)
    learner.until("back")
    office.idle()
    office.press("Alt+F")
    office.see("All ten lessons are completed.", within=learner.strip)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", [(683, 384), (1366, 768)], ids=["small", "usual"])
def test_the_strip_covers_nothing_and_cuts_no_word(
    open_office: MakeOffice, language: str, size: tuple[int, int]
) -> None:
    learner = Learner(open_office(own={"language": language}))
    office, window = learner.office, learner.office.window
    window.setMinimumSize(1, 1)
    window.resize(QSize(*size))
    learner.begin(8)
    learner.press_main()
    office.until(lambda: bool(office.fanion.phones.sessions))
    office.idle()
    learner.strip.hint.click()
    QApplication.processEvents()
    strip, page = learner.strip, window.stack
    assert window.size() == QSize(*size)
    assert strip.geometry().top() >= page.geometry().bottom()
    assert window.centralWidget().rect().contains(strip.geometry())
    assert page.height() > size[1] * 0.4
    for label in strip.findChildren(QLabel):
        if label.isVisible() and label.text():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    office.press("Ctrl+Shift+L")
    office.see({"en": "Leçon 8 sur 10", "fr": "Lesson 8 of 10"}[language] if size[0] > 900 else "", within=strip)
