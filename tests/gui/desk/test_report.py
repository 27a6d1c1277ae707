"""Reporting a phone that was read wrong: it is read once more, every line is seen before it is saved, and the saved
file plays as a practice phone of the same colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu

from core.capture.capture_file import CaptureProblem
from core.model import Verdict
from core.simulator import PracticeServer
from core.text import T
from gui.desk.acts import all_acts
from gui.desk.phone_list.practice_dialog import PracticeDialog
from gui.desk.report.review_dialog import ReviewDialog
from gui.desk.session import flows
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.lists.lines_view import LinesView, SearchableLines
from tests.gui.conftest import Office

Choose = Callable[[Path | None], None]


def checked(office: Office, scenario: str = "iphone-wechat") -> PhoneSession:
    session = office.window.desk_page.practise(scenario)
    office.until(lambda: session.check is not None and not session.busy)
    office.idle()
    return session


def plugged(office: Office, scenario: str) -> tuple[PracticeServer, PhoneSession]:
    """A phone on the cable, checked."""
    server = office.plug("1", scenario)
    assert server is not None
    office.until(lambda: bool(office.fanion.phones.sessions))
    session = office.fanion.phones.sessions[0]
    office.until(lambda: session.check is not None and not session.busy)
    office.idle()
    return server, session


def opened(office: Office) -> ReviewDialog:
    """The dialog with the file of the phone that is shown."""
    office.page.desk_actions.want(all_acts.REPORT)
    office.until(lambda: isinstance(QApplication.activeModalWidget(), ReviewDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ReviewDialog)
    assert not dialog.save.isEnabled()  # what is wrong is asked first
    assert not dialog.lines.isVisible()
    office.click(dialog.answers["not-found"])
    office.click(dialog.show_lines)
    return dialog


def filled(office: Office, view: LinesView) -> list[str]:
    """Every line that the view has, once it has all of them."""
    office.until(lambda: view.whole)
    return view.text.toPlainText().split("\n")


def closed(office: Office, dialog: ReviewDialog) -> None:
    dialog.reject()
    office.until(lambda: QApplication.activeModalWidget() is None)


def practice_dialog(office: Office) -> PracticeDialog:
    office.click("Practice phones…")
    office.until(lambda: isinstance(QApplication.activeModalWidget(), PracticeDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, PracticeDialog)
    return dialog


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["iphone-wechat", "walk-up"])
def test_every_line_is_read_before_the_file_is_saved_and_it_plays_as_red_as_the_phone(
    office: Office, choose_path: Choose, tmp_path: Path, scenario: str
) -> None:
    session = checked(office, scenario)
    findings = [(f.rule, f.match) for f in session.check.findings]
    dialog = opened(office)
    assert session.verdict is Verdict.RED
    assert dialog.lines.text.hasFocus()  # no button that Enter would press
    lines = filled(office, dialog.lines)
    file = tmp_path / "phone.fanion-capture"
    choose_path(file)
    office.click(dialog.save)
    office.until(lambda: dialog.note.text() == "Saved as phone.fanion-capture.")
    head, *others = file.read_text().splitlines()
    assert others == lines[1:]
    assert '"wrong":"not-found"' in head
    closed(office, dialog)
    practice = practice_dialog(office)
    practice.open_file()
    office.until(lambda: practice.note.isVisible())
    assert practice.note.text() == "Plugged in at slot 2: phone"
    practice.reject()
    played = office.fanion.phones.sessions[-1]
    office.until(lambda: played.check is not None and not played.busy)
    assert played.practice
    assert played.verdict is Verdict.RED
    assert sorted((f.rule, f.match) for f in played.check.findings) == sorted(findings)


@pytest.mark.slow
def test_nothing_is_saved_before_the_officer_says_so_or_where_they_change_their_mind(
    office: Office, choose_path: Choose, tmp_path: Path
) -> None:
    checked(office)
    dialog = opened(office)
    choose_path(None)
    office.click(dialog.save)
    assert dialog.note.text() == ""
    assert not list(tmp_path.rglob("*.fanion-capture"))
    closed(office, dialog)


@pytest.mark.slow
def test_where_the_file_cannot_be_written_one_sentence_says_so_and_nothing_is_left(
    office: Office, choose_path: Choose, tmp_path: Path
) -> None:
    checked(office)
    dialog = opened(office)
    choose_path(tmp_path / "gone" / "phone.fanion-capture")
    office.click(dialog.save)
    office.until(lambda: dialog.trouble.isVisible())
    assert "phone.fanion-capture could not be written." in dialog.trouble.accessibleName()
    assert dialog.save.isEnabled()
    assert not (tmp_path / "gone").exists()
    closed(office, dialog)


@pytest.mark.slow
def test_the_search_goes_from_place_to_place_with_the_keys_and_says_how_many(office: Office) -> None:
    checked(office)
    dialog = opened(office)
    view = dialog.lines
    office.press("Ctrl+F")
    assert view.field.hasFocus()
    office.type("COM.TENCENT.XIN")
    office.until(lambda: view.places.text().startswith("Place 1 of "))
    count = int(view.places.text().rpartition(" ")[2])
    assert count == "\n".join(filled(office, view)).lower().count("com.tencent.xin")
    assert view.text.textCursor().selectedText() == "com.tencent.xin"
    office.press("Return")
    assert view.places.text() == f"Place 2 of {count}"
    office.press("Shift+F3")
    office.press("Shift+F3")
    assert view.places.text() == f"Place {count} of {count}"
    office.press("F3")
    assert view.places.text() == f"Place 1 of {count}"
    view.field.setText("Zorglub")
    office.until(lambda: view.places.text() == "No line has that.")
    closed(office, dialog)


@pytest.mark.slow
def test_what_is_kept_as_it_is_is_listed_by_what_it_is(office: Office) -> None:
    checked(office)
    dialog = opened(office)
    office.click(dialog.choices[1])
    lines = filled(office, dialog.lines)
    assert "App ids that a rule of the policy or Fanion itself names" in lines
    assert "    com.tencent.xin" in lines
    assert not any("example" in line for line in lines)
    assert "reads as the phone did" in dialog.differs.text()
    closed(office, dialog)


@pytest.mark.slow
def test_each_part_of_the_dialog_has_a_name_that_a_screen_reader_can_say(office: Office) -> None:
    checked(office)
    dialog = opened(office)
    view = dialog.lines
    names = [part.accessibleName() for part in (view.field, view.text, view.before, view.next)]
    assert names == ["Search the lines", "Lines of the file", "Previous place (Shift+F3)", "Next place (F3)"]
    assert dialog.windowTitle().startswith("Report a wrong reading: ")
    reached = set()
    for _ in range(12):  # Tab leads through all of it, and out of the lines
        office.press("Tab")
        reached.add(QApplication.focusWidget())
    assert {view.field, view.text, dialog.save, dialog.shut} <= reached
    closed(office, dialog)


@pytest.mark.slow
def test_it_is_in_the_menu_and_waits_for_a_check(office: Office) -> None:
    session = office.window.desk_page.practise("iphone-clean")
    menu = QMenu()
    office.page.desk_actions.fill(menu)
    office.until(lambda: session.check is not None and not session.busy)
    office.idle()
    assert office.page.state.enabled(all_acts.REPORT)
    menu.clear()
    office.page.desk_actions.fill(menu)
    assert "Report a wrong reading…" in [entry.text() for entry in menu.actions()]
    office.fanion.phones.put_away(session)
    assert str(office.page.state.why_not(all_acts.REPORT)) == "It is not plugged in any more."


@pytest.mark.slow
def test_a_cable_that_is_pulled_while_it_is_read_again_leaves_no_dialog(office: Office) -> None:
    server, session = plugged(office, "walk-up")
    gate = office.gate(server, "dumpsys package")
    office.page.desk_actions.want(all_acts.REPORT)
    office.until(lambda: gate.reached)
    office.unplug("1")
    gate.open()
    office.idle()
    assert QApplication.activeModalWidget() is None
    assert session.absent


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["clean", "walk-up"])
def test_it_is_stopped_like_any_check(office: Office, scenario: str) -> None:
    server, _ = plugged(office, scenario)
    gate = office.gate(server, "dumpsys package")
    office.page.desk_actions.want(all_acts.REPORT)
    office.until(lambda: gate.reached)
    office.page.desk_actions.want(all_acts.STOP)
    gate.open()
    office.idle()
    assert QApplication.activeModalWidget() is None
    assert not office.page.state.busy


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\xff\xfe", "not text in UTF-8"),
        (b'{"kind":"capture","version":2,"platform":"ios"}\n"a line"\n', "Line 2"),
        (b'{"kind":"capture","version":9,"platform":"ios"}\n', "version 9"),
        (None, "could not be read."),
    ],
)
def test_a_damaged_file_is_one_sentence_in_the_dialog(
    office: Office, choose_path: Choose, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "phone.fanion-capture"
    if content is not None:
        file.write_bytes(content)
    choose_path(file)
    practice = practice_dialog(office)
    office.click(practice.file_button)
    office.until(lambda: practice.trouble.isVisible())
    assert words in practice.trouble.accessibleName()
    assert practice.file_button.isEnabled()
    assert not office.fanion.phones.sessions
    practice.reject()
    office.until(lambda: QApplication.activeModalWidget() is None)


def test_many_lines_are_shown_a_slice_at_a_time(office: Office) -> None:
    many = [f'"line {number} of a phone, as long as they usually are: {"x" * 40}"' for number in range(30_000)]
    view = LinesView(T("Lines of the file"))
    office.qtbot.addWidget(view)
    view.show_lines(SearchableLines.of([*many, "the last 🙂 one"]))
    assert not view.whole
    view.field.setText("🙂 ONE")
    view.search()
    assert view.text.textCursor().selectedText() == "🙂 one"
    assert filled(office, view) == [*many, "the last 🙂 one"]
    assert view.text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard


@pytest.mark.slow
def test_saving_where_another_file_is_asks_first(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "phone.fanion-capture"
    file.write_text("another file")
    checked(office)
    dialog = opened(office)
    timer = QTimer(dialog, interval=10)

    def choose() -> None:
        chooser = QApplication.activeModalWidget()
        if isinstance(chooser, QFileDialog):
            timer.stop()
            said.append(office.answer("No"))
            chooser.findChild(QLineEdit).setText(str(file))
            chooser.accept()  # which asks
            chooser.reject()

    said: list[list[str]] = []
    timer.timeout.connect(choose)
    timer.start()
    office.click(dialog.save)
    assert "already exists" in said[0][0]
    assert file.read_text() == "another file"
    assert dialog.note.text() == ""
    closed(office, dialog)


@pytest.mark.slow
def test_a_problem_while_the_file_is_made_leaves_the_check_as_it_is(office: Office) -> None:
    session = checked(office)
    problem = CaptureProblem(T("The file is empty."), T("Close"))

    def fail(compared: object) -> None:
        raise problem

    flows.report(session, fail, lambda review: None)
    office.until(lambda: session.problem is problem)
    office.idle()
    assert session.verdict is Verdict.RED
    assert office.page.trouble.isVisible()
