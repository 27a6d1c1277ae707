"""The small parts: hostile text stays text, nothing is told by colour alone, nothing is lost where room is short."""

from __future__ import annotations

import csv
import gc
import io
import re
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QItemSelectionModel, QPoint, QRect, QSettings, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.model import Problem
from core.simulator.apk import pictures
from core.text import T
from gui.toolkit import theme
from gui.toolkit.buttons import button
from gui.toolkit.images.progress_ring import Tile
from gui.toolkit.layouts import replace_inside
from gui.toolkit.lists.tables import FLAG_ROLE, ComboBox, Flag, FlagDelegate, SearchField, Table, as_cell
from gui.toolkit.theme import DARK, LIGHT, Appearance, Colours, ColourScheme, Status
from gui.toolkit.translated_text import speak
from gui.toolkit.widgets import ElidedLabel, EmptyState, ProblemBar, WrappedLabel, as_tip, literal

#: What `core.text.plain` lets through, and line ends.
PRINTABLE = st.one_of(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), exclude_characters="\xa0\ufffc"),
    st.sampled_from("<>&; \n"),
)
HOSTILE = "<b>Bank</b> <img src='file:///etc/passwd'> &amp; \x1b[31m"
BOTH = pytest.mark.parametrize("c", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def looks(qapp: QApplication) -> Iterator[Appearance]:
    looks = Appearance(qapp, ColourScheme.LIGHT)
    yield looks
    looks.deleteLater()


def show(qtbot: QtBot, widget: QWidget, width: int = 400, height: int = 200) -> None:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()


class Stuck(Problem):
    code = "stuck"
    exit_code = 4

    def __init__(self, what: str = "drawer") -> None:
        super().__init__(T("Fanion is already open but does not answer."), T("Try again"))
        self.what = what


# --- texts


def test_a_line_is_elided_and_its_tooltip_has_the_whole(qtbot: QtBot) -> None:
    line = ElidedLabel()
    show(qtbot, line, 120, 30)
    line.setText("a word " * 30)
    assert line.text().endswith("…")
    assert line.whole() == "a word " * 30
    assert line.accessibleName() == "a word " * 30
    assert "a&nbsp;word" in line.toolTip()
    line.setText("short")
    assert (line.text(), line.toolTip()) == ("short", "")


def test_a_line_has_room_again_when_it_is_wider(qtbot: QtBot) -> None:
    line = ElidedLabel()
    show(qtbot, line, 60, 30)
    line.setText("some words that need room")
    assert line.text() != line.whole()
    line.resize(1000, 30)
    QApplication.processEvents()
    assert (line.text(), line.toolTip()) == (line.whole(), "")


@pytest.mark.parametrize("make", [ElidedLabel, WrappedLabel, lambda: WrappedLabel(selectable=True)])
def test_what_looks_like_html_is_shown_as_it_is(qtbot: QtBot, make: type[QLabel]) -> None:
    label = make()
    show(qtbot, label, 1200, 60)
    label.setText(HOSTILE)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == HOSTILE


@given(st.text(PRINTABLE, max_size=400))
@example("<img src=x>&lt;\n\n  two  spaces\t")
@example("</qt><b>bold</b>")
@example("x" * 300)
def test_a_tooltip_shows_every_word_and_no_markup(said: str) -> None:
    tip = as_tip(said)
    assert bool(tip) == bool(said)
    document = QTextDocument()
    document.setHtml(tip)
    shown = document.toPlainText().replace("\xa0", " ")
    assert "".join(shown.split()) == "".join(said.split())
    assert set(re.findall("<[^>]*>", tip)) <= {"<qt>", "<br>", "</qt>"}
    assert max(map(len, shown.split("\n"))) <= 90


@given(st.text(max_size=200))
@example("=HYPERLINK(1)")
@example("\t=1")
@example(" =1")
@example("\r\n@SUM(1)")
@example("\x1e")
@example("\uff1d1+1")
def test_a_cell_is_one_cell_and_no_formula(said: str) -> None:
    cell = as_cell(said)
    assert not set(cell) & set("\t\n\r")
    assert not cell.strip().startswith(("=", "+", "-", "@"))
    flat = re.sub("[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", " ", said)
    assert cell.removesuffix(flat) in ("", "'")  # and nothing is lost of it


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), min_size=1, max_size=5))
@example([['"one', "two", "three"], ["four", 'five"', "six"]])
@example([[' "', '""', '"\t"'], ["=1", "@x", '"=1"']])
def test_cells_come_out_of_a_spreadsheet_as_they_went_in(table: list[list[str]]) -> None:
    pasted = "\n".join("\t".join(map(as_cell, row)) for row in table)
    read = list(csv.reader(io.StringIO(pasted, newline=""), "excel-tab"))
    assert read == [[as_cell(cell) for cell in row] for row in table]
    for row in read:
        for cell in row:
            assert not cell.strip().startswith(("=", "+", "-", "@"))


# --- flags


def flag_picture(c: Colours, status: Status, word: str, width: int = 160, *, quiet: bool = False) -> QImage:
    model = QStandardItemModel(1, 1)
    model.setItem(0, 0, QStandardItem(word))
    model.setData(model.index(0, 0), Flag(status, word, quiet), FLAG_ROLE)
    table = Table()
    table.setModel(model)
    picture = QImage(width, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor(c.base))
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, width, 30)
    option.palette = theme._palette(c)
    option.widget = table
    option.state = QStyle.StateFlag.State_Enabled
    painter = QPainter(picture)
    FlagDelegate(table).paint(painter, option, model.index(0, 0))
    painter.end()
    table.deleteLater()
    return picture


def has_ink(picture: QImage, ink: str, left: int, right: int) -> bool:
    """Whether something is drawn in that colour, be it in lines that are thinner than a pixel."""
    wanted = QColor(ink)

    def far(found: str) -> int:
        c = QColor(found)
        return max(abs(c.red() - wanted.red()), abs(c.green() - wanted.green()), abs(c.blue() - wanted.blue()))

    return min(map(far, colours_in(picture, left, right))) < 24


def colours_in(picture: QImage, left: int, right: int) -> set[str]:
    return {
        picture.pixelColor(x, y).name()
        for x in range(left, min(right, picture.width()))
        for y in range(picture.height())
    }


@BOTH
@pytest.mark.parametrize("status", list(Status))
def test_a_flag_is_a_ground_a_sign_and_a_word(qtbot: QtBot, looks: Appearance, c: Colours, status: Status) -> None:
    picture = flag_picture(c, status, "Banned")
    pair = c.status[status]
    assert pair.back in colours_in(picture, 0, 160)
    assert has_ink(picture, pair.text, 8, 25), "no sign"
    assert has_ink(picture, pair.text, 28, 160), "no word"


@BOTH
def test_flags_differ_also_for_who_sees_no_colours(qtbot: QtBot, looks: Appearance, c: Colours) -> None:
    """Of the same word and without colours, the signs tell them apart."""
    signs = []
    for status in Status:
        picture = flag_picture(c, status, "x")
        ink = QColor(c.status[status].text).lightness()
        ground = QColor(c.status[status].back).lightness()
        middle = (ink + ground) / 2
        shape = tuple(
            (picture.pixelColor(x, y).lightness() > middle) == (ink > ground)
            for x in range(9, 25)
            for y in range(8, 24)
        )
        signs.append(shape)
    assert len(set(signs)) == len(Status)


@BOTH
def test_a_quiet_flag_is_a_sign_and_a_word_and_no_ground(qtbot: QtBot, looks: Appearance, c: Colours) -> None:
    picture = flag_picture(c, Status.GREEN, "Allowed", quiet=True)
    pair = c.status[Status.GREEN]
    assert not {pair.back, pair.line} & colours_in(picture, 0, 160)
    assert has_ink(picture, pair.text, 8, 25), "no sign"
    assert has_ink(picture, c.muted, 28, 160), "no word"


def test_a_flag_without_room_keeps_its_sign(qtbot: QtBot, looks: Appearance) -> None:
    picture = flag_picture(LIGHT, Status.RED, "Banned, switched off", width=60)
    assert has_ink(picture, LIGHT.status[Status.RED].text, 8, 25)


def test_where_there_is_no_flag_the_text_stands(qtbot: QtBot, looks: Appearance) -> None:
    model = QStandardItemModel(1, 1)
    model.setItem(0, 0, QStandardItem("words"))
    table = Table()
    table.setModel(model)
    table.setItemDelegateForColumn(0, FlagDelegate(table))
    show(qtbot, table)
    assert has_ink(table.viewport().grab().toImage(), LIGHT.text, 0, 100)


# --- fields and buttons


def test_escape_empties_the_search_and_then_goes_on(qtbot: QtBot) -> None:
    around = QWidget()
    field = SearchField()
    QVBoxLayout(around).addWidget(field)
    show(qtbot, around)
    field.setFocus()
    qtbot.keyClicks(field, "word")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    field.setText("word")
    clear = field.actions()[1]
    assert clear.isVisible()
    clear.trigger()
    assert field.text() == ""
    assert not clear.isVisible()


def test_the_search_says_what_it_is_for_in_both_languages(qtbot: QtBot) -> None:
    field = SearchField()
    show(qtbot, field)
    field.invite("Search these apps")
    assert field.placeholderText() == field.accessibleName() == "Search these apps"
    speak("fr")
    assert [a.text() for a in field.actions()][:2] == [
        T("Search").in_language("fr"),
        T("Clear the search").in_language("fr"),
    ]


def test_the_search_is_bounded(qtbot: QtBot) -> None:
    field = SearchField()
    qtbot.addWidget(field)
    field.setText("x" * 10_000)
    assert len(field.text()) == 200


@BOTH
def test_a_choice_shows_that_it_is_one(qtbot: QtBot, looks: Appearance, c: Colours) -> None:
    """The style sheet takes Qt's arrow away, so this has to draw one."""
    looks.choose(ColourScheme.DARK if c.dark else ColourScheme.LIGHT)
    select = ComboBox()
    select.addItem("")
    looks.dress(select)
    show(qtbot, select, 200, 34)
    picture = select.grab().toImage()
    assert c.text in colours_in(picture, 170, 195)


def pressing(qtbot: QtBot, kind: str = "") -> tuple[QPushButton, list[bool]]:
    made, pressed = button(kind=kind), []
    made.setText("Go")
    made.clicked.connect(lambda: pressed.append(True))
    show(qtbot, made)
    made.setFocus()
    return made, pressed


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_enter_and_space_press_a_button(qtbot: QtBot, key: Qt.Key) -> None:
    made, pressed = pressing(qtbot)
    qtbot.keyClick(made, key)
    assert pressed == [True]


def test_a_key_that_is_held_presses_once(qtbot: QtBot) -> None:
    made, pressed = pressing(qtbot)

    def enter(what: QEvent.Type, *, again: bool) -> None:
        key = QKeyEvent(what, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "", again)
        QApplication.sendEvent(made, key)

    enter(QEvent.Type.KeyPress, again=True)  # held since another button had the focus
    enter(QEvent.Type.KeyRelease, again=False)
    assert pressed == []
    enter(QEvent.Type.KeyPress, again=False)
    for _ in range(3):
        enter(QEvent.Type.KeyRelease, again=True)
        enter(QEvent.Type.KeyPress, again=True)
    enter(QEvent.Type.KeyRelease, again=False)
    assert pressed == [True]


@pytest.mark.parametrize("kind", ["primary"])
def test_enter_does_not_press_what_has_only_just_appeared(
    qtbot: QtBot, settle: Callable[[int], None], kind: str
) -> None:
    settle(60_000)
    made, pressed = pressing(qtbot, kind)
    qtbot.keyClick(made, Qt.Key.Key_Return)
    assert pressed == []
    settle(0)
    qtbot.keyClick(made, Qt.Key.Key_Return)
    assert pressed == [True]


def test_an_ampersand_in_a_name_is_no_sign_of_a_key(qtbot: QtBot) -> None:
    made, _ = pressing(qtbot)
    made.setText(literal("R&D & more"))
    assert made.shortcut().isEmpty()
    interface = QAccessible.queryAccessibleInterface(made)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "R&D & more"


def test_a_button_of_an_unknown_icon_is_a_bug(qtbot: QtBot) -> None:
    with pytest.raises(KeyError):
        button("no such icon")


# --- tables


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    model = QStandardItemModel(5, 3)
    model.setHorizontalHeaderLabels(["a", "b", "c"])
    for row in range(5):
        for column in range(3):
            model.setItem(row, column, QStandardItem(f"{row}{column}"))
    table = Table()
    model.setParent(table)
    table.setModel(model)
    show(qtbot, table, 500, 300)
    return table


def test_a_table_tells_of_copying_and_of_enter(qtbot: QtBot, table: Table) -> None:
    table.setCurrentIndex(table.model().index(1, 0))
    with qtbot.waitSignal(table.copied):
        qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        with qtbot.waitSignal(table.entered_row):
            qtbot.keyClick(table, key)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == 2


def test_tab_leaves_a_table(qtbot: QtBot) -> None:
    around = QWidget()
    table, after = Table(), QLineEdit()
    table.setModel(QStandardItemModel(3, 3, table))
    column = QVBoxLayout(around)
    column.addWidget(table)
    column.addWidget(after)
    show(qtbot, around)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Tab)
    assert after.hasFocus()


def test_a_table_chooses_rows_and_edits_nothing(qtbot: QtBot, table: Table) -> None:
    table.setCurrentIndex(table.model().index(2, 1))
    assert [i.row() for i in table.selectionModel().selectedRows()] == [2]
    qtbot.mouseDClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(2, 1)).center()
    )
    assert not table.findChildren(QLineEdit)


def test_an_empty_table_says_why(qtbot: QtBot, looks: Appearance) -> None:
    table = Table()
    table.setModel(QStandardItemModel(0, 3, table))
    looks.dress(table)
    show(qtbot, table, 500, 300)
    middle = QRect(100, 100, 300, 100)

    def ink() -> set[str]:
        return colours_in(table.viewport().grab().toImage().copy(middle), 0, 300)

    assert LIGHT.muted not in ink()
    table.set_overlay("No app fits.")
    assert LIGHT.muted in ink()
    table.model().appendRow([QStandardItem("one")])  # type: ignore[attr-defined]
    assert LIGHT.muted not in ink()


def test_a_table_remembers_its_columns(qtbot: QtBot, table: Table, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    table.set_widths(111, 77)
    table.horizontalHeader().moveSection(0, 1)
    table.save(settings, "t")
    settings.sync()
    again = Table()
    qtbot.addWidget(again)
    again.setModel(QStandardItemModel(5, 3, again))
    again.restore(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), "t")
    assert [again.columnWidth(0), again.columnWidth(1)] == [111, 77]
    assert again.horizontalHeader().visualIndex(0) == 1


@pytest.mark.parametrize(
    "state",
    ["text", 7, ["a", "list"], True, QByteArray(b""), QByteArray(b"\x00\x00\x00\xff\xff"), QByteArray(b"x" * 4000)],
)
def test_a_table_takes_no_garbage_for_its_columns(qtbot: QtBot, table: Table, tmp_path: Path, state: object) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("t", state)
    settings.sync()
    table.set_widths(111, 77)
    table.restore(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), "t")
    assert [table.columnWidth(0), table.columnWidth(1)] == [111, 77]
    table.restore(settings, "never saved")


def test_a_state_of_another_table_hides_no_column(qtbot: QtBot, table: Table, tmp_path: Path) -> None:
    """An older Fanion had more columns, or somebody hid one by hand."""
    other = Table()
    qtbot.addWidget(other)
    other.setModel(QStandardItemModel(1, 3, other))
    other.setColumnHidden(0, True)
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    other.save(settings, "t")
    table.restore(settings, "t")
    assert not table.isColumnHidden(0)


# --- what is said in a bar or on an empty page


def test_a_problem_says_what_and_what_next_until_it_is_past(qtbot: QtBot) -> None:
    around = QWidget()
    bar = ProblemBar()
    QVBoxLayout(around).addWidget(bar)
    show(qtbot, around)
    assert not bar.isVisible()
    pressed: list[bool] = []
    bar.offer(T("Try again"), lambda: pressed.append(True))
    problem = Stuck()
    bar.show_problem(problem)
    assert bar.isVisible()
    assert (bar.sentence.text(), bar.next_step.text()) == (str(problem.sentence), str(problem.next_step))
    assert str(problem.sentence) in bar.accessibleName()
    assert str(problem.next_step) in bar.accessibleName()
    speak("fr")
    assert bar.sentence.text() == problem.sentence.in_language("fr") != problem.sentence.in_language("en")
    assert problem.sentence.in_language("fr") in bar.accessibleName()
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert pressed == [True]
    bar.show_problem(None)
    assert not bar.isVisible()


def test_a_problem_without_a_remedy_here_has_no_button(qtbot: QtBot) -> None:
    bar = ProblemBar()
    qtbot.addWidget(bar)
    bar.show_problem(Stuck())
    assert not bar.button.isVisibleTo(bar)


def test_an_empty_page_offers_what_can_be_done(qtbot: QtBot) -> None:
    page = EmptyState("cable")
    pressed: list[bool] = []
    offered = page.add_button(T("Try again"), lambda: pressed.append(True), "primary")
    show(qtbot, page, 600, 400)
    qtbot.mouseClick(offered, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert pressed == [True]
    speak("fr")
    assert offered.text() == T("Try again").in_language("fr")


def test_copied_text_is_plain(qtbot: QtBot) -> None:
    from gui.toolkit.widgets import copy

    copy(HOSTILE)
    said = QGuiApplication.clipboard().mimeData()
    assert said.text() == HOSTILE
    assert not said.hasHtml()


# --- the picture of an app


def test_an_app_has_its_picture_and_where_that_is_none_its_letter(qtbot: QtBot) -> None:
    tile = Tile()
    qtbot.addWidget(tile)

    def shown(icon: bytes) -> QImage:
        tile.show_app("WeChat", icon)
        return tile.grab().toImage()

    letter = shown(b"")
    assert shown(pictures.file("bars.webp")) == shown(pictures.file("bars")) != letter
    tile.show_app("WeChat", pictures.file("bars.webp"))
    middle = round(tile.devicePixelRatioF() * tile.width() / 2)
    column = [tile.grab().toImage().pixelColor(middle, y) for y in range(middle)]
    assert QColor(0x1D, 0x7A, 0x6B) in column
    for damaged in ("bomb", "bomb.webp", "torn.webp", "noise"):
        assert shown(pictures.file(damaged)) == letter


def test_what_an_area_scrolled_before_is_gone(qtbot: QtBot) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    before = []
    for _ in range(3):
        inside = QWidget()
        replace_inside(area, inside)
        before.append(weakref.ref(inside))
        del inside
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [one() is not None for one in before] == [False, False, True]


@pytest.mark.qt_log_ignore("does not support grabbing the keyboard")
def test_a_choice_is_taken_though_the_frame_around_its_list_was_looked_at(qtbot: QtBot) -> None:
    """PySide then takes what Python held of the list, which is Qt's own making, for deleted."""
    choice = ComboBox()
    qtbot.addWidget(choice)
    choice.addItems(["one", "two", "three"])
    choice.show()
    choice.showPopup()
    choice.view().window().focusWidget()
    index = choice.model().index(2, 0)
    choice.view().selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    qtbot.waitUntil(lambda: choice.currentIndex() == 2)
