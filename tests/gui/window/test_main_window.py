"""The window itself: its pages, its language, its looks, what it remembers, its keys, and its end."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QGuiApplication, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QMenu, QMessageBox, QWidget

from core.desk.settings.settings import SettingsProblem
from core.model import Policy
from core.simulator import PracticeServer
from core.text import T
from gui.desk.acts.all_acts import ACTS
from gui.startup.application import Fanion
from gui.toolkit.theme import colours
from gui.window.dialogs import OfficerDialog, ShortcutsDialog
from gui.window.main_window import MainWindow
from tests.gui.conftest import Gate, MakeOffice, Office, texts

#: Words that are only English, as they stand alone on a button or in a sentence.
ENGLISH = re.compile(r"\b(the|phone|remove|again|check|banned|removed|read|keep|search|nothing|yet)\b", re.I)
PACKAGE = re.compile(r"[\w.]*\.\w+$")


def removing(office: Office) -> tuple[PracticeServer, Gate]:
    """A removal waits in the middle of its first step."""
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    gate = office.gate(server, "pm uninstall")
    office.remove()
    office.until(lambda: gate.reached and office.headline == "Removing…")
    return server, gate


def english(within: QWidget) -> list[str]:
    """What is still said in English."""
    said = texts(within)
    # An app of which only the package is known goes by the last part of that.
    packages = {name for text in said if PACKAGE.match(text) for name in (text, text.rpartition(".")[2])}
    return [text for text in said if ENGLISH.search(text) and text not in packages]


class Strays(QObject):
    """Remembers every window that shows itself, but those that are meant to."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shown and not isinstance(watched, MainWindow | QDialog | QMenu):
            self.seen.append(repr(watched))
        return False


@pytest.mark.slow
def test_no_other_window_flashes_up(open_office: MakeOffice) -> None:
    """A part that is shown before it has its place is a window of its own for a moment, and takes the focus away."""
    strays = Strays()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(strays)
    try:
        office = open_office()
        office.plug("S1", "walk-up")
        office.until(lambda: office.block.remove.isVisible())
        office.press("Ctrl+R")
        for page in ("log", "policy", "desk"):
            office.window.open_page(page)
        office.idle()
    finally:
        app.removeEventFilter(strays)
    assert strays.seen == []


# --- pages


def test_the_pages_are_reached_by_click_and_by_key(office: Office) -> None:
    for name in ("log", "policy", "round", "desk"):
        office.click(office.window.nav[name])
        assert office.window.page_name() == name
    for number, name in enumerate(("desk", "round", "log", "policy"), 1):
        office.press(f"Ctrl+{number}")
        assert office.window.page_name() == name
        assert office.window.nav[name].isChecked()


def test_the_line_at_the_bottom_counts_real_records_and_names_the_policy(office: Office) -> None:
    office.see("Desk log: no entries yet", "Policy: ")
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.see("Desk log: no entries yet")  # it was practice


def test_a_check_by_way_of_a_real_phone_is_not_practice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.phones.android.phone import AndroidPhone

    made = AndroidPhone.__init__

    def real(self: AndroidPhone, link: object, own_key: str | None = None) -> None:
        made(self, link, own_key)  # type: ignore[arg-type]
        self.practice = False

    monkeypatch.setattr(AndroidPhone, "__init__", real)
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not office.says("PRACTICE: this is not a real phone")
    with office.desk.read_ledger(practice=False) as ledger:
        count = ledger.count()
    office.see(f"Desk log: {count} entries")
    assert not (office.data / "practice-ledger.db").exists()


def test_the_line_at_the_bottom_names_the_policy_that_judges_now(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    policy = office.desk.policy(None)
    office.see(f"Policy: {policy.title}")
    named = replace(policy, version="2031-01-01")
    office.desk.policy = lambda file: named  # type: ignore[method-assign]
    office.press("F5")
    office.idle()
    office.see("2031-01-01")


def test_what_is_asked_while_it_is_read_is_read_once_more_and_no_oftener(office: Office) -> None:
    read: list[int] = []
    ready = threading.Event()
    policy = office.desk.policy(None)
    office.see(f"Policy: {policy.title}")
    office.until(lambda: office.fanion.runner.idle)  # what was asked at the start is not what is counted

    def slow(file: Path | None) -> Policy:
        read.append(1)
        ready.wait(60)
        return policy

    office.desk.policy = slow  # type: ignore[method-assign]
    for _ in range(50):
        office.window.status_bar.read_policy()
    office.until(lambda: read)
    ready.set()
    office.until(lambda: office.fanion.runner.idle and len(read) == 2)


@pytest.mark.slow
def test_copied_rows_are_told_of_for_a_moment(office: Office) -> None:
    office.window.status_bar._passing.setInterval(200)
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    table = office.page.apps.table
    table.setFocus()
    table.selectRow(0)
    office.press("Ctrl+C")
    office.see("1 row copied")
    office.until(lambda: not office.says("1 row copied"))


def test_who_has_only_practised_finds_that_in_the_empty_log(office: Office) -> None:
    page = office.window.open_page("log")
    office.see("Nothing has been recorded yet")
    office.until(lambda: office.fanion.runner.idle)
    assert not office.says("Show the practice log")
    office.press("Ctrl+1")
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.press("Ctrl+3")
    office.see("Show the practice log")
    office.click("Show the practice log")
    office.see("Practice: these entries")
    office.until(lambda: not office.says("Show the practice log"))
    assert page.isVisible()


# --- language and looks


def test_the_language_switches_while_a_phone_is_read(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and office.colour == "red")
    office.click("Français")
    office.see("applications interdites")
    assert english(office.window) == []
    gate.open()
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert english(office.page.block) == []


@pytest.mark.slow
def test_the_language_switches_over_the_plan_and_the_outcome(office: Office) -> None:
    office.plug("S1", "stubborn")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.press("Ctrl+R")
    assert office.block.plan.isVisible()
    office.press("Ctrl+Shift+L")
    office.until(lambda: english(office.page) == [])
    assert office.block.plan.isVisible()
    office.remove()
    office.until(office.page.on_phone.isVisible)
    office.press("Esc")
    office.until(lambda: office.block.outcome.isVisible())
    office.idle()
    assert english(office.page) == []
    office.press("Ctrl+Shift+L")
    office.see("Still there")


def test_every_page_and_sheet_speaks_french(open_office: MakeOffice) -> None:
    office = open_office(own={"language": "fr"})
    office.plug("S1", "unseen")
    office.until(lambda: office.colour == "amber")
    office.idle()
    assert english(office.window) == []
    office.press("Ctrl+F1")
    sheet = office.window.findChild(ShortcutsDialog)
    assert sheet is not None
    assert english(sheet) == []
    sheet.close()
    office.press("Ctrl+3")
    office.click(office.window.stack.currentWidget().practice)
    office.idle()
    assert [said for said in english(office.window) if "PRACTICE" not in said] == []


def test_the_language_is_remembered(open_office: MakeOffice) -> None:
    office = open_office()
    office.click("Français")
    office.close()
    assert open_office().window.nav["policy"].accessibleName() == "Politique"


def test_a_language_that_cannot_be_kept_is_told_where_it_is_seen_until_it_can(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = office.desk.change

    def refuse(**changes: object) -> None:
        raise SettingsProblem(T("Practice log"), T("Try again"))

    monkeypatch.setattr(office.desk, "change", refuse)
    office.press("Ctrl+3")
    office.press("Ctrl+Shift+L")
    bar = office.window.desk_page.trouble
    assert bar.isVisible()
    monkeypatch.setattr(office.desk, "change", keep)
    office.press("Ctrl+Shift+L")
    assert not bar.isVisible()


def test_a_problem_that_is_read_can_be_closed(office: Office) -> None:
    office.window.desk_page.tell(SettingsProblem(T("Practice log"), T("Try again")))
    office.see("Try again")
    office.click(office.button("Close", office.window.desk_page.trouble))
    assert not office.says("Try again")


def test_a_department_can_lock_the_language(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text('language = "en"\n', encoding="utf-8")
    office = open_office()
    assert not office.window.language.isEnabled()


def test_a_locked_language_is_not_switched_by_its_key_either(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text('language = "en"\n', encoding="utf-8")
    office = open_office()
    office.press("Ctrl+Shift+L")
    assert office.window.nav["policy"].text() == "Policy"


@pytest.mark.slow
def test_dark_in_the_middle_of_a_removal_and_remembered(open_office: MakeOffice) -> None:
    office = open_office()
    _, gate = removing(office)
    assert not colours(office.block.palette()).dark
    office.press("Ctrl+Shift+D")
    assert colours(office.block.palette()).dark
    assert office.window.scheme.accessibleName() == "Switch between light and dark"
    gate.open()
    office.until(lambda: office.colour == "green")
    office.idle()
    office.close()
    again = open_office()
    assert colours(again.window.palette()).dark
    again.click(again.window.scheme)
    assert not colours(again.window.palette()).dark


# --- remembered


@pytest.mark.parametrize(
    ("width", "height", "all_of_it"),
    [(1366, 728, True), (1440, 900, True), (910, 480, True), (1920, 1040, False), (1441, 901, False)],
)
def test_first_it_is_as_large_as_a_small_screen_or_in_the_middle_of_a_large_one(
    open_office: MakeOffice, monkeypatch: pytest.MonkeyPatch, width: int, height: int, all_of_it: bool
) -> None:
    screen = type(QGuiApplication.primaryScreen())
    monkeypatch.setattr(screen, "availableGeometry", lambda self: QRect(0, 0, width, height))
    monkeypatch.setattr(Office, "show", lambda self: None)
    window = open_office(at_list=False).window
    assert window.isMaximized() == all_of_it
    assert window.minimumWidth() <= width
    assert window.minimumHeight() < height - 32  # its title has room too
    if not all_of_it:
        assert (window.width(), window.height()) == (1366, 768)
        assert (window.geometry().center() - QRect(0, 0, width, height).center()).manhattanLength() <= 2


def test_size_page_and_columns_are_remembered(open_office: MakeOffice) -> None:
    office = open_office()
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.window.resize(office.window.width(), 707)  # the screen here is too narrow for another width
    office.page.apps.table.setColumnWidth(2, 173)
    office.press("Ctrl+4")
    office.close()
    again = open_office()
    assert again.window.height() == 707
    assert again.window.page_name() == "policy"
    assert again.page.apps.table.columnWidth(2) == 173


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        "[General]\nscheme=pink\n[window]\ngeometry=7\npage=nowhere\n[desk]\napps=1\nsplitter=x\n[log]\ncolumns=2\n",
        "[window]\ngeometry=@ByteArray(abc)\npage=@Invalid()\n[desk]\napps=@ByteArray(abc)\nsplitter=@ByteArray(x)\n",
        "[window]\ngeometry=@Point(1 2)\npage=@Size(3 4)\n[desk]\napps=@StringList(a)\nsplitter=a, b, c\n",
        "\x00\x01 no ini at all [[[",
    ],
)
def test_a_hand_broken_memory_does_no_harm(open_office: MakeOffice, tmp_path: Path, content: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.toml").write_text(tomli_w.dumps({"officer": "A. Roy", "language": "en"}), encoding="utf-8")
    (data / "window.ini").write_text(content, encoding="utf-8")
    office = open_office()
    for name in ("log", "policy", "round", "desk"):
        office.window.open_page(name)
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.close()
    open_office()


# --- who works here


def test_an_ampersand_in_the_name_of_a_desk_is_shown(open_office: MakeOffice) -> None:
    office = open_office(own={"desk": "R&D"})
    interface = QAccessible.queryAccessibleInterface(office.window.officer_button)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "R&D · A. Roy"


def test_who_works_here_stands_in_the_next_record(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.click("Desk 4 · A. Roy")
    sheet = office.window.findChild(OfficerDialog)
    assert sheet is not None
    sheet.officer.selectAll()
    office.qtbot.keyClicks(sheet.officer, "B. Singh")
    office.click(office.button("Save", sheet))
    office.see("Desk 4 · B. Singh")
    office.go_to_list()
    office.press("F5")
    office.idle()
    officers = [r.leaf["officer"] for r in office.records() if r.kind == "check-ended"]
    assert officers == ["A. Roy", "B. Singh"]
    office.close()


def test_the_sheet_can_be_left_without_keeping(office: Office) -> None:
    office.click("Desk 4 · A. Roy")
    sheet = office.window.findChild(OfficerDialog)
    assert sheet is not None
    sheet.officer.setText("Nobody")
    office.qtbot.keyClick(sheet.officer, Qt.Key.Key_Escape)
    assert office.says("Desk 4 · A. Roy")


def test_what_the_department_has_set_cannot_be_changed(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text('desk = "Counter 1"\n', encoding="utf-8")
    office = open_office()
    office.click("Counter 1 · A. Roy")
    sheet = office.window.findChild(OfficerDialog)
    assert sheet is not None
    assert not sheet.desk_name.isEnabled()
    assert sheet.desk_name.toolTip() == "Your organisation has set this."
    sheet.officer.setText("C. Tremblay")
    office.click(office.button("Save", sheet))
    office.see("Counter 1 · C. Tremblay")


def test_a_name_that_cannot_be_kept_is_told_and_the_sheet_stays(office: Office) -> None:
    office.click("Desk 4 · A. Roy")
    sheet = office.window.findChild(OfficerDialog)
    assert sheet is not None
    sheet.officer.setText("A\u202eB")
    office.click(office.button("Save", sheet))
    office.see("must be a text on one line", within=sheet)
    assert sheet.isVisible()
    sheet.officer.setText("D. Roy")
    office.click(office.button("Save", sheet))
    office.see("Desk 4 · D. Roy")


def test_somebody_new_is_asked_once(open_office: MakeOffice) -> None:
    office = open_office(own={"officer": "", "desk": ""})
    fields = [f for f in office.window.findChildren(QLineEdit) if f.isVisible()]
    assert [f.accessibleName() for f in fields] == ["Your name, for the log", "Name of this desk"]
    fields[0].setText("E. Gagnon")
    fields[1].setText("Desk 9")
    office.qtbot.keyClick(fields[1], Qt.Key.Key_Return)
    office.see("Desk 9 · E. Gagnon")
    assert not fields[0].isVisible()
    office.close()
    again = open_office()
    assert not [f for f in again.window.findChildren(QLineEdit) if f.isVisible()]
    assert again.window.officer_button.accessibleName() == "Desk 9 · E. Gagnon"


# --- keys


def test_ctrl_f1_shows_every_key_of_every_page(office: Office) -> None:
    office.press("Ctrl+F1")
    sheet = office.window.findChild(ShortcutsDialog)
    assert sheet is not None
    shown = [label.text() for label in sheet.findChildren(QLabel)]
    for key in (
        "Space, Enter",
        "Tab, Shift+Tab",
        "F1",
        "Ctrl+F1",
        "F5",
        "Ctrl+R",
        "Ctrl+Z",
        "Ctrl+.",
        "Ctrl+L",
        "Ctrl+F",
        "Ctrl+C",
        "Esc",
        "Ctrl+1",
        "Ctrl+Q",
    ):
        assert key in shown
    for page in ("Everywhere", "Desk", "Log", "Policy"):
        assert page in shown
    office.click(office.button("Close", sheet))
    office.until(lambda: office.window.findChild(ShortcutsDialog) is None)
    office.window.activateWindow()
    office.until(office.window.isActiveWindow)
    office.press("Ctrl+3")
    assert office.window.page_name() == "log"


@pytest.mark.slow
def test_no_key_means_two_things(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.window.beside.show_keys()
    sheet = office.window.findChild(ShortcutsDialog)
    assert sheet is not None
    sheet.close()
    clashes: list[str] = []
    names = ("policy", "log", "desk")
    for name in names:
        office.window.open_page(name)
    for shortcut in office.window.findChildren(QShortcut):
        shortcut.activatedAmbiguously.connect(lambda shortcut=shortcut: clashes.append(shortcut.key().toString()))
    for name in names:
        for opened in office.window.findChildren(QDialog):  # by a key, on the page before
            opened.reject()
        office.window.activateWindow()
        office.until(office.window.isActiveWindow)
        shown = office.window.open_page(name)
        keys = {k.toString() for _, k in (*office.window.beside.keys, *shown.shortcuts())} - {"Ctrl+Q", "F1", "Ctrl+F1"}
        keys -= {f"Ctrl+{n}" for n in (1, 2, 3)}
        for key in sorted(keys):
            shown.setFocus()
            office.press(key)
    assert clashes == []
    office.until(lambda: office.colour in ("green", "neutral"))
    office.idle()


def test_no_key_is_a_single_character(office: Office) -> None:
    """WCAG 2.1.4: nothing that is said to a program for speech, or typed by a shaking hand, is a command."""
    keys = {key.toString() for _, key in office.window.beside.keys} | {act.key for act in ACTS if act.key}
    for page in ("desk", "round", "log", "policy", "settings"):
        keys |= {key.toString() for _, key in office.window.open_page(page).shortcuts()}
    assert len(keys) > 40
    assert {key for key in keys if key.partition("+")[0] == "Shift" and len(key) == len("Shift+A")} == set()
    assert {key for key in keys if len(key) == 1 or key == "Space"} == set()


def test_at_the_start_the_cursor_is_in_the_list_of_phones(open_office: MakeOffice) -> None:
    office = open_office(at_list=False)
    assert office.window.desk_page.cards.hasFocus()


def test_the_keys_of_the_desk_work_after_its_tab_was_clicked(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.click(office.window.nav["log"])
    office.click(office.window.nav["desk"])
    office.press("Ctrl+R")
    assert office.block.plan.isVisible()


def test_the_stop_key_works_after_a_click_in_the_bar(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and office.colour == "red")
    office.click(office.window.scheme)
    assert office.headline == "2 banned apps so far"
    office.press("Ctrl+.")
    # The phone goes on being silent: only the key ends the reading, and what was seen stays.
    office.until(lambda: office.headline == "2 banned apps")


@pytest.mark.slow
def test_space_on_the_button_removes_and_the_cursor_does_not_get_lost(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.press("Ctrl+R")
    assert office.page.identity.title.hasFocus()
    office.block.remove.setFocus(Qt.FocusReason.MouseFocusReason)
    assert office.block.remove.hasFocus()
    office.press("Space")
    office.until(lambda: office.colour == "green")
    office.idle()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.isVisible()
    office.press("F5")
    office.until(lambda: office.kinds().count("check-ended") == 3)
    office.idle()


@pytest.mark.slow
def test_the_whole_walk_up_with_keys_and_nothing_by_enter(office: Office, settle: Callable[[int], None]) -> None:
    """From plugging in to handing back, in two presses."""
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    session = office.page.session
    assert session is not None
    settle(0)
    office.block.remove.setFocus(Qt.FocusReason.MouseFocusReason)
    assert office.block.remove.hasFocus()
    for _ in range(2):
        office.press("Return")
    assert not session.busy
    assert "removal-intended" not in office.kinds()
    office.press("Alt+R")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert server.phone.installed().isdisjoint({"com.tencent.mm", "com.kms.free"})
    office.press("Alt+F")
    office.until(lambda: session.handed_back is not None)
    office.idle()
    assert office.headline == "Handed back"


def test_every_button_has_a_name(office: Office) -> None:
    from PySide6.QtWidgets import QAbstractButton

    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    for name in ("desk", "log", "policy"):
        office.window.open_page(name)
        for button in office.window.findChildren(QAbstractButton):
            if button.isVisible() and button.metaObject().className() != "QTableCornerButton":
                assert button.text() or button.accessibleName(), button


# --- the end


def test_closing_during_a_removal_asks_and_stays(office: Office) -> None:
    server, gate = removing(office)
    said = office.answer("Keep it open")
    office.window.close()
    assert said == [
        "1 phone is being changed.",
        "If you stop, the app that is being removed now still is; the others stay, and what is on the phone is not "
        "known until it is checked again.",
    ]
    assert office.window.isVisible()
    gate.open()
    office.until(lambda: office.colour == "green")
    office.idle()
    assert server.phone.installed().isdisjoint({"com.tencent.mm", "com.kms.free"})


def test_closing_during_a_removal_waits_for_its_end_where_that_is_wanted(office: Office) -> None:
    server, gate = removing(office)
    office.answer("Close when it is done")
    office.window.close()
    assert office.window.isVisible()
    office.see("Fanion closes when this is done.")
    gate.open()
    office.until(lambda: not office.window.isVisible())
    assert server.phone.installed().isdisjoint({"com.tencent.mm", "com.kms.free"})


def test_who_keeps_it_open_after_all_is_not_left_without_a_window(office: Office) -> None:
    _, gate = removing(office)
    for answer in ("Close when it is done", "Keep it open"):
        office.answer(answer)
        office.window.close()
    gate.open()
    office.until(lambda: office.colour == "green")
    office.idle()
    assert office.window.isVisible()


def test_closing_during_a_removal_stops_after_the_step(office: Office) -> None:
    _, gate = removing(office)
    said = office.answer("Stop after this app")
    office.window.close()
    assert said
    assert office.window.isVisible()
    gate.open()
    office.until(lambda: not office.window.isVisible())
    again = office.answer("Keep it open")
    office.close()
    assert again == [], "asked a second time, after the window had been closed"
    records = office.records()
    intents = [r.seq for r in records if r.kind == "removal-intended"]
    assert intents
    assert [r.leaf["body"]["intent"] for r in records if r.kind == "removal-outcome"] == intents


def test_the_question_goes_away_when_the_removal_has_come_to_its_end(office: Office) -> None:
    server, gate = removing(office)
    asked: list[bool] = []

    def let_it_end() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            asked.append(not box.iconPixmap().isNull())
            timer.stop()
            gate.open()

    timer = QTimer(office.window, interval=10)
    timer.timeout.connect(let_it_end)
    timer.start()
    office.window.close()
    assert asked == [True], "not asked, or without a sign"
    office.idle()
    assert office.window.isVisible(), "nobody answered"
    assert server.phone.installed().isdisjoint({"com.tencent.mm", "com.kms.free"})


def test_closing_with_ctrl_q(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.press("Ctrl+Q")
    assert not office.window.isVisible()


@pytest.mark.slow
def test_closing_while_phones_are_read_does_not_ask(office: Office) -> None:
    for key in ("S1", "S2"):
        server = office.serve(key, "clean")
        gate = office.gate(server, "dumpsys package packages")
        office.plug(key)
        office.until(lambda gate=gate: gate.reached)
    office.window.close()
    assert not office.window.isVisible()
    office.let_go()


def test_a_window_that_was_never_used_closes(fanion: Fanion) -> None:
    fanion.window.close()
    assert not fanion.window.isVisible()


def test_started_again_it_comes_to_the_front(office: Office) -> None:
    office.window.showMinimized()
    office.window.show_yourself()
    office.until(lambda: not office.window.isMinimized() and office.window.isActiveWindow())
