"""Keys as the system delivers them: a barcode reader's, which end with Enter, and a hand's. No data is lost by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.startup.crash_handler import BugReport, CrashDialog
from gui.toolkit.buttons import Button, DestructiveButton, button
from gui.toolkit.key_bursts import GAP, KeyBurstFilter
from tests.examples import examples
from tests.gui.conftest import Office

Key = Qt.Key
#: Milliseconds: the time of a key, later for each; far apart unless a test says otherwise.
_CLOCK = count(1_000_000, 10_000)
_KEYS = {"\n": Key.Key_Return, "\t": Key.Key_Tab, " ": Key.Key_Space}


def stroke(window: QWidget, key: Qt.Key, text: str = "", *, at: int, held: int = 60) -> None:
    """One key, down and up, through the window as the system's keys come: first to shortcuts, then as a press."""
    handle = window.windowHandle()
    assert handle is not None
    kinds = (QEvent.Type.ShortcutOverride, at), (QEvent.Type.KeyPress, at), (QEvent.Type.KeyRelease, at + held)
    for kind, when in kinds:
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
        event.setTimestamp(when)
        QCoreApplication.sendEvent(handle, event)


def scan(window: QWidget, text: str, *, gap: int = 4, stall: tuple[int, int] = (0, 0)) -> None:
    """What a reader sends for a barcode: each key down and up at once, `gap` milliseconds apart; and `stall`, before
    which character so many more milliseconds pass."""
    start = next(_CLOCK)
    for number, character in enumerate(text):
        key = _KEYS.get(character) or Key(ord(character.upper()))
        at = start + number * gap + (stall[1] if number >= stall[0] else 0)
        stroke(QApplication.activeWindow() or window, key, character, at=at, held=gap // 2)


def by_hand(window: QWidget, *keys: Qt.Key) -> None:
    """Keys a long time apart, each held for a moment."""
    for key in keys:
        stroke(QApplication.activeWindow() or window, key, at=next(_CLOCK))


@pytest.fixture
def bursts(qapp: QApplication) -> Iterator[KeyBurstFilter]:
    made = KeyBurstFilter(qapp)
    yield made
    made.deleteLater()


class Bench:
    """A window with some widgets, and what was pressed in it."""

    def __init__(self, qtbot: QtBot, *widgets: QWidget) -> None:
        self.window = QWidget()
        self.pressed: list[QWidget] = []
        column = QVBoxLayout(self.window)
        for widget in widgets:
            column.addWidget(widget)
            if isinstance(widget, QPushButton | QCheckBox):
                widget.clicked.connect(lambda checked=False, widget=widget: self.pressed.append(widget))
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.focusWindow() is self.window.windowHandle())


# --- bursts


@pytest.mark.parametrize("make", [Button, QPushButton, QCheckBox, DestructiveButton])
@pytest.mark.parametrize("text", ["R58N12\n", " R58\n", "12 34\n", "\n\n", "  ", "\t\n", "\n\t", " \n"])
def test_a_scan_presses_nothing(
    qtbot: QtBot, bursts: KeyBurstFilter, make: Callable[[], QPushButton], text: str
) -> None:
    one, other = make(), make()
    bench = Bench(qtbot, one, other)
    one.setFocus(Qt.FocusReason.MouseFocusReason)
    scan(bench.window, text)
    pressed_by_hand = QApplication.focusWidget()
    assert pressed_by_hand in (one, other)
    by_hand(bench.window, Key.Key_Space)
    assert bench.pressed == [pressed_by_hand], "only what a hand pressed afterwards"


@pytest.mark.parametrize("stall", [GAP, 400, 1_900])
@pytest.mark.parametrize("after", range(1, 9))
def test_a_scan_that_falters_is_read_whole_or_told_as_cut(
    qtbot: QtBot, bursts: KeyBurstFilter, after: int, stall: int
) -> None:
    one, told = Button(), list[tuple[str, bool]]()
    bench = Bench(qtbot, one)
    one.setFocus()
    bursts.scanned.connect(lambda code, whole: told.append((code, whole)))
    scan(bench.window, "TAG 0042\n", stall=(after, stall))
    scan(bench.window, "TAG0043\n")
    assert told == [("TAG 0042", True) if after > 1 else ("AG 0042", False), ("TAG0043", True)]
    assert bench.pressed == []


@pytest.mark.parametrize("key", [Key.Key_Space, Key.Key_Return, Key.Key_Enter])
def test_a_hand_presses_a_button_as_ever(qtbot: QtBot, bursts: KeyBurstFilter, key: Qt.Key) -> None:
    one = Button()
    bench = Bench(qtbot, one)
    one.setFocus()
    by_hand(bench.window, key, key)
    assert bench.pressed == [one, one]


def test_a_single_key_of_a_program_presses_it_too(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    """A program that presses keys for somebody who cannot holds none down."""
    one = Button()
    bench = Bench(qtbot, one)
    one.setFocus()
    stroke(bench.window, Key.Key_Space, at=next(_CLOCK), held=0)
    qtbot.waitUntil(lambda: bench.pressed == [one])
    at = next(_CLOCK)
    for number in range(3):
        stroke(bench.window, Key.Key_Return, at=at + number * (GAP + 5), held=1)
        assert len(bench.pressed) == number + 1, "what came before is done before what follows"
    qtbot.waitUntil(lambda: len(bench.pressed) == 4)


def test_the_first_key_of_a_scan_leaves_no_button_down(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    one = Button()
    bench = Bench(qtbot, one)
    one.setFocus()
    scan(bench.window, " 1")
    assert not one.isDown()


def test_a_key_that_is_held_is_no_burst(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    one = Button()
    bench = Bench(qtbot, one)
    one.setFocus()
    handle, start = bench.window.windowHandle(), next(_CLOCK)
    for number, (kind, again) in enumerate(
        [(QEvent.Type.KeyPress, False)] + [(QEvent.Type.KeyRelease, True), (QEvent.Type.KeyPress, True)] * 5
    ):
        event = QKeyEvent(kind, Key.Key_Return, Qt.KeyboardModifier.NoModifier, "", again)
        event.setTimestamp(start + number * 10)
        QCoreApplication.sendEvent(handle, event)
    release = QKeyEvent(QEvent.Type.KeyRelease, Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    release.setTimestamp(start + 200)
    QCoreApplication.sendEvent(handle, release)
    assert bench.pressed == [one]


def test_a_chord_is_one_key(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    one = Button()
    bench = Bench(qtbot, one)
    one.setFocus()
    start = next(_CLOCK)
    stroke(bench.window, Key.Key_Control, at=start, held=100)
    stroke(bench.window, Key.Key_Space, at=start + 2, held=60)
    assert bench.pressed == [one]


def test_a_scan_triggers_no_shortcut(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    one = Button()
    bench = Bench(qtbot, one)
    QShortcut(QKeySequence("Ctrl+R"), bench.window)
    one.setFocus()
    start, handle = next(_CLOCK), bench.window.windowHandle()
    for when, wanted in ((start, False), (start + 5, True), (start + 5 + GAP, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        event.setTimestamp(when)
        QCoreApplication.sendEvent(handle, event)
        assert event.isAccepted() is wanted  # what is accepted here, Qt gives to no shortcut
        release = QKeyEvent(QEvent.Type.KeyRelease, Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        release.setTimestamp(when + 1)
        QCoreApplication.sendEvent(handle, release)


def _editable() -> QComboBox:
    made = QComboBox()
    made.setEditable(True)
    return made


def _text_of(field: QWidget) -> str:
    if isinstance(field, QLineEdit):
        return field.text()
    return field.currentText() if isinstance(field, QComboBox) else field.toPlainText()  # type: ignore[attr-defined]


@pytest.mark.parametrize("make", [QLineEdit, QPlainTextEdit, _editable])
def test_a_scan_into_a_text_field_is_text(qtbot: QtBot, bursts: KeyBurstFilter, make: Callable[[], QWidget]) -> None:
    field, one = make(), Button()
    bench = Bench(qtbot, field, one)
    field.setFocus()
    scan(bench.window, "drh-0412 x", gap=1)
    assert _text_of(field) == "drh-0412 x"
    assert bench.pressed == []


def test_enter_and_tab_of_a_scan_do_in_a_form_what_they_do(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    first, second, one = QLineEdit(), QLineEdit(), Button()
    bench = Bench(qtbot, first, second, one)
    entered: list[str] = []
    second.returnPressed.connect(lambda: entered.append(second.text()))
    first.setFocus()
    scan(bench.window, "tag\tholder\n")
    assert (first.text(), second.text(), entered) == ("tag", "holder", ["holder"])
    scan(bench.window, "\t  \n")  # the field is left: what follows is not for the button
    by_hand(bench.window, Key.Key_Space)
    assert bench.pressed == [one]


def test_what_cannot_be_written_into_is_no_text_field(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    field, one = QLineEdit(), Button()
    field.setReadOnly(True)
    bench = Bench(qtbot, field, one)
    entered: list[bool] = []
    field.returnPressed.connect(lambda: entered.append(True))
    field.setFocus()
    scan(bench.window, "12\n")
    assert entered == []


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_scan_chooses_nothing_from_a_menu_over_a_text_field(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    field = QLineEdit()
    bench = Bench(qtbot, field)
    field.setFocus()
    menu, chosen = QMenu(bench.window), []
    menu.addAction("Erase").triggered.connect(lambda: chosen.append(True))
    menu.popup(bench.window.mapToGlobal(bench.window.rect().center()))
    menu.setActiveAction(menu.actions()[0])
    scan(bench.window, "1\n")
    menu.close()
    assert (chosen, field.text()) == ([], "")


@examples(150)
@given(
    text=st.text(st.sampled_from("01A \t\n"), min_size=2, max_size=9),
    gaps=st.lists(st.integers(1, GAP - 1), min_size=8, max_size=8),
    holds=st.lists(st.integers(0, GAP - 1), min_size=9, max_size=9),
)
def test_whatever_is_scanned_presses_no_button(
    qtbot: QtBot, bursts: KeyBurstFilter, text: str, gaps: list[int], holds: list[int]
) -> None:
    widgets = [Button(), DestructiveButton(), QCheckBox()]
    bench = Bench(qtbot, *widgets)
    widgets[0].setFocus()
    at = next(_CLOCK)
    for character, gap, held in zip(text, [0, *gaps], holds, strict=False):
        at += gap
        key = _KEYS.get(character) or Key(ord(character))
        stroke(bench.window, key, character, at=at, held=held)
    by_hand(bench.window, Key.Key_Backtab)  # whatever was held back would come before
    assert bench.pressed == []
    bench.window.hide()


# --- what destroys


def vanish(widget: QWidget) -> None:
    widget.hide()


def vanish_with_what_is_around(widget: QWidget) -> None:
    around = QWidget()
    parent = widget.parentWidget()
    assert parent is not None
    parent.layout().addWidget(around)
    QVBoxLayout(around).addWidget(widget)
    around.show()
    widget.setFocus()
    around.hide()


def be_disabled(widget: QWidget) -> None:
    widget.setEnabled(False)


def be_deleted(widget: QWidget) -> None:
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete)


def take_no_focus(widget: QWidget) -> None:
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.clearFocus()


GOES = [vanish, vanish_with_what_is_around, be_disabled, be_deleted, take_no_focus]


@pytest.mark.parametrize("goes", GOES)
def test_the_focus_does_not_fall_on_what_destroys(qtbot: QtBot, goes: Callable[[QWidget], None]) -> None:
    first, remove, erase, last = Button(), DestructiveButton(), DestructiveButton(), Button()
    Bench(qtbot, first, remove, erase, last)
    first.setFocus()
    goes(first)
    focused = QApplication.focusWidget()
    assert not isinstance(focused, DestructiveButton)
    assert focused in (last, None)


@pytest.mark.parametrize("goes", GOES)
def test_where_there_is_nothing_else_nothing_has_the_focus(qtbot: QtBot, goes: Callable[[QWidget], None]) -> None:
    first, remove = Button(), DestructiveButton()
    bench = Bench(qtbot, first, remove)
    first.setFocus()
    goes(first)
    assert not remove.hasFocus()
    by_hand(bench.window, Key.Key_Space, Key.Key_Return)
    assert bench.pressed == []


def test_a_window_that_comes_up_has_the_focus_elsewhere(qtbot: QtBot) -> None:
    remove, last = DestructiveButton(), Button()
    Bench(qtbot, remove, last)
    assert not remove.hasFocus()
    assert last.hasFocus() or QApplication.focusWidget() is None


def test_nobody_puts_the_focus_on_what_destroys(qtbot: QtBot) -> None:
    remove, last = DestructiveButton(), Button()
    Bench(qtbot, remove, last)
    reasons = Qt.FocusReason
    for reason in set(reasons) - {reasons.MouseFocusReason, reasons.NoFocusReason}:  # the last is Qt's own
        last.setFocus()
        remove.setFocus(reason)
        wanted = reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        assert remove.hasFocus() is wanted, reason


def test_tab_reaches_what_destroys_and_only_space_presses_it(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    first, remove, last = Button(), DestructiveButton(), Button()
    bench = Bench(qtbot, first, remove, last)
    first.setFocus()
    by_hand(bench.window, Key.Key_Tab)
    assert remove.hasFocus()
    by_hand(bench.window, Key.Key_Return, Key.Key_Enter)
    assert bench.pressed == []
    by_hand(bench.window, Key.Key_Space)
    assert bench.pressed == [remove]
    by_hand(bench.window, Key.Key_Tab, Key.Key_Backtab)
    assert remove.hasFocus()


def test_what_destroys_is_no_dialogs_default(qtbot: QtBot, bursts: KeyBurstFilter) -> None:
    dialog = QDialog()
    box, remove = QCheckBox(), DestructiveButton()
    pressed: list[bool] = []
    remove.clicked.connect(lambda: pressed.append(True))
    column = QVBoxLayout(dialog)
    column.addWidget(box)
    column.addWidget(remove)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    box.setFocus()
    by_hand(dialog, Key.Key_Return, Key.Key_Tab, Key.Key_Return)
    assert remove.hasFocus()
    assert pressed == []


def test_a_red_button_is_always_one_that_destroys() -> None:
    assert isinstance(button(kind="danger"), DestructiveButton)
    assert not isinstance(button(kind="primary"), DestructiveButton)


# --- the window


REMOVED = {"com.tencent.mm", "com.kms.free"}


def nothing_was_done(office: Office) -> bool:
    return not [kind for kind in office.kinds() if kind.startswith("removal")]


@pytest.mark.slow
@pytest.mark.parametrize("gap", [4, 200])
def test_scans_remove_nothing_after_the_focused_button_has_vanished(
    office: Office, settle: Callable[[int], None], gap: int
) -> None:
    """Also those of a slow reader, which no time tells from a hand."""
    settle(0)  # it is long since anything has appeared
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and office.block.stop.isVisible())
    office.block.stop.setFocus()
    gate.open()
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    for _ in range(3):
        focused = QApplication.focusWidget()
        assert focused is not None
        assert not isinstance(focused, DestructiveButton)
        scan(office.window, "DRH-0412\n", gap=gap)
        office.idle()
    assert server.phone.installed() >= REMOVED
    assert nothing_was_done(office)


@pytest.mark.parametrize("gap", [4, 200])
def test_a_scan_onto_the_plan_removes_nothing(office: Office, settle: Callable[[int], None], gap: int) -> None:
    """Its Enter is all that is left for the button."""
    settle(0)
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.press("Ctrl+R")
    assert office.block.remove.isEnabled()
    assert office.page.identity.title.hasFocus()
    for _ in range(2):
        scan(office.window, "DRH-0412\n", gap=gap)
        office.idle()
    assert office.block.plan.isVisible()
    office.block.remove.setFocus(Qt.FocusReason.MouseFocusReason)
    assert office.block.remove.hasFocus()
    scan(office.window, "DRH-0413\n", gap=gap)
    office.idle()
    assert server.phone.installed() >= REMOVED
    assert nothing_was_done(office)


def test_a_scan_from_the_list_of_phones_starts_nothing_but_is_taken_for_a_tag(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.go_to_list()
    kinds = office.kinds()
    for text in ("\t\t\t \n", "\t\n", " \n") * 4:
        scan(office.window, text)
    office.idle()
    assert office.kinds() == kinds
    for _ in range(4):
        scan(office.window, "DRH-0412\n")
        office.idle()
    assert office.kinds() == [*kinds, "phone-labelled"]
    assert office.page.session is not None
    assert office.page.session.labels.latest.tag == "DRH-0412"
    assert nothing_was_done(office)


@pytest.mark.slow
def test_the_question_at_the_end_is_not_answered_by_enter(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    office.plug("S1")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    gate = office.gate(server, "pm uninstall")
    office.remove()
    office.until(lambda: gate.reached)
    seen: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        (stop,) = [one for one in box.buttons() if one.text() == "Stop after this app"]
        seen.append(type(stop).__name__)
        assert not stop.hasFocus()
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        by_hand(box, Key.Key_Return)
        seen.append("stays" if box.isVisible() else "closed")
        box.reject()

    from PySide6.QtCore import QTimer

    QTimer.singleShot(0, answer)
    office.window.close()
    assert seen == ["DestructiveButton", "stays"]
    assert office.window.isVisible()


def test_going_on_after_an_error_is_what_enter_does(qtbot: QtBot, tmp_path: object) -> None:
    closed: list[bool] = []
    dialog = CrashDialog(BugReport(("", ()), "details", None), lambda: closed.append(True), None, may_go_on=True)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.close_fanion.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(dialog, Key.Key_Return)
    qtbot.keyClick(dialog.close_fanion, Key.Key_Return)
    assert closed == []
