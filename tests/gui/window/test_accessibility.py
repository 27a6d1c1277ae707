"""What a screen reader and a keyboard find, in every page and state of the real window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.toolkit.lists.splitter import Splitter
from gui.toolkit.lists.tables import FLAG_ROLE, Flag
from tests.gui.conftest import Office
from tests.gui.desk.test_printed_keys import keys_amiss
from tests.gui.window.states import STATES, sheet
from tests.gui.window.test_accessible_actions import unpressed
from tests.gui.window.test_grey_controls import silent
from tests.gui.window.test_target_size import off_the_grid, too_small

pytestmark = [pytest.mark.usefixtures("no_wrapper_left")]

Role = QAccessible.Role
NAMED = {
    Role.Button,
    Role.ButtonMenu,
    Role.ButtonDropDown,
    Role.EditableText,
    Role.Table,
    Role.CheckBox,
    Role.ComboBox,
    Role.List,
    Role.ProgressBar,
    Role.RadioButton,
    Role.SpinBox,
    Role.Tree,
    Role.PageTab,
}


#: What only a tooltip has. A phone may be called "<b>": it is said as it is.
MARKUP = re.compile("<qt>|&nbsp;")


@pytest.fixture(params=STATES)
def shown(request: pytest.FixtureRequest, short_flood: None, office: Office) -> Iterator[QWidget]:
    widget = STATES[request.param](office)
    QApplication.processEvents()
    yield widget
    office.let_go()
    if isinstance(widget, QDialog):
        widget.close()
        widget.deleteLater()


def walk(interface: QAccessibleInterface | None, depth: int = 0) -> Iterator[QAccessibleInterface]:
    """Everything that can be seen. Of a table or list only the frame: it has a cell for each app."""
    if interface is None or not interface.isValid() or depth > 40:
        return
    if interface.state().invisible:  # type: ignore[attr-defined]
        return
    yield interface
    if interface.role() in (Role.Table, Role.List, Role.ComboBox):
        return
    for number in range(interface.childCount()):
        yield from walk(interface.child(number), depth + 1)


def described(interface: QAccessibleInterface) -> str:
    thing: Any = interface.object()
    around = []
    while thing is not None:
        around.append(type(thing).__name__ + (f"({thing.text()!r})" if isinstance(thing, QAbstractButton) else ""))
        thing = thing.parent()
    return f"{interface.role().name} in {' < '.join(around[:4])}"


def nameless(shown: QWidget) -> list[str]:
    """What can be used and has no name. Raises AssertionError where there is nothing to use."""
    found = list(walk(QAccessible.queryAccessibleInterface(shown)))
    assert any(i.role() in NAMED for i in found), "there is nothing to use"
    return [
        described(i)
        for i in found
        if (i.role() in NAMED or i.state().focusable)  # type: ignore[attr-defined]
        and not i.text(QAccessible.Text.Name).strip()
        and not _is_of_qt(i.object())
    ]


def _is_of_qt(thing: object) -> bool:
    """The small buttons within a field are no stops of their own: they have keys, Esc and Ctrl+F."""
    return isinstance(thing, QAbstractButton) and isinstance(thing.parent(), QLineEdit)


def out_of_reach(shown: QWidget, qtbot: QtBot) -> list[str]:
    """The buttons that Tab does not lead to. Raises AssertionError where it loses the focus."""
    window = shown.window()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    reached: set[QWidget] = set()
    before: QWidget | None = None
    for _ in range(300):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None, "the focus was lost"
        if focus in reached and focus is not before:  # in a text, it goes from link to link
            break
        before = focus
        reached.add(focus)
    # Of buttons of which one is pressed, Tab reaches one; the arrow keys lead to the others.
    groups = {b.group() for b in reached if isinstance(b, QAbstractButton) and b.group() is not None}
    buttons = [b for b in window.findChildren(QPushButton) if b.isVisible() and b.isEnabled()]
    return [b.text() or b.accessibleName() for b in buttons if b not in reached and b.group() not in groups]


def taken_for_html(shown: QWidget) -> list[str]:
    """The texts in which a phone could write HTML."""
    labels = [label for label in shown.findChildren(QLabel) if label.pixmap().isNull()]
    return [label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText and label.text()]


def marked_up(shown: QWidget) -> list[str]:
    """What a screen reader would say with the tags of a tooltip in it: Qt takes that where there is no description."""
    said = QAccessible.Text.Description
    found = walk(QAccessible.queryAccessibleInterface(shown))
    return [f"{described(i)}: {i.text(said)}" for i in found if MARKUP.search(i.text(said))]


def unsaid(shown: QWidget) -> list[str]:
    """Cells of tables and lists of which only a picture or a colour tells, and rows that are numbered for nothing."""
    found = []
    for table in shown.findChildren(QTableView):
        if not table.isVisible():
            continue
        if table.verticalHeader().isVisible():
            found.append("the rows are numbered")
        model = table.model()
        heads = [str(model.headerData(c, Qt.Orientation.Horizontal) or "") for c in range(model.columnCount())]
        if not all(heads):
            found.append(f"a column without a head: {heads}")
        for row in range(min(model.rowCount(), 5)):
            for column, head in enumerate(heads):
                index = model.index(row, column)
                # What Qt tells of a cell.
                said = str(index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data() or "")
                means = index.data() or isinstance(index.data(FLAG_ROLE), Flag)
                if means and not any(map(str.isalnum, said)):
                    found.append(f"{head}, row {row}: only a picture or a colour tells")
    for list_ in shown.findChildren(QListView):
        if list_.isVisible() and not isinstance(list_.parent(), QHeaderView):
            model = list_.model()
            found += [
                f"{type(list_).__name__}, row {row}: nothing is told"
                for row in range(model.rowCount())
                if not model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
            ]
    return found


def up_the_page(page: QWidget, office: Office) -> list[str]:
    """Where Tab leads upwards on the page of a phone; also through what was made later than the page: cards, boxes to
    tick, the acts of a phone's holder. Raises AssertionError where it leads to nothing."""
    office.page.identity.title.setFocus()
    places = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or office.window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if focus is None or focus is office.page.identity.title:
            break
        # On the way the page scrolls: what counts is the place in what scrolls. What stands below that is in sight.
        scrolled = office.page.area.widget()
        within = scrolled if scrolled is not None and page.isAncestorOf(scrolled) else page
        if within.isAncestorOf(focus) and not isinstance(focus, QAbstractScrollArea):
            around = focus.mapTo(within, focus.rect().topLeft())
            places.append((focus, around.y(), around.y() + focus.height()))
    assert places
    # In one row from left to right: the next may begin anywhere above the end of the one before.
    return [
        f"{earlier.accessibleName() or earlier} -> {later.accessibleName() or later}"
        for (earlier, top, _), (later, _, end) in pairwise(places)
        if end <= top
    ]


def scrolling(office: Office) -> list[str]:
    """What scrolls within a phone's page, which scrolls itself."""
    seen = [area for area in office.block.findChildren(QAbstractScrollArea) if area.isVisible()]
    return [str(area) for area in (*seen, *office.page.health.findChildren(QAbstractScrollArea))]


def edges_passed_by(window: QWidget) -> list[str]:
    """The edges between two panes that Tab does not come to on its way from one pane to the other."""
    found = []
    for panes in (one for one in window.findChildren(Splitter) if one.isVisible()):
        (edge,) = panes.edges()
        for number, key in enumerate((Qt.Key.Key_Backtab, Qt.Key.Key_Tab)):
            edge.setFocus(Qt.FocusReason.TabFocusReason)
            QTest.keyClick(edge, key)
            pane, stop = panes.widget(number), QApplication.focusWidget()
            leads_on = pane is not None and stop is not None and (pane.isAncestorOf(stop) or pane is stop)
            if not (leads_on and edge.accessibleName()):
                found.append(f"{edge.accessibleName()!r}: {stop}")
    return found


@pytest.mark.slow
def test_all_that_is_shown_can_be_used_with_a_keyboard_and_a_screen_reader(
    shown: QWidget, office: Office, qtbot: QtBot
) -> None:
    page = office.page.stack.currentWidget()
    found = {
        "without a name": nameless(shown),
        "taken for HTML": taken_for_html(shown),
        "with markup in what is read aloud": marked_up(shown),
        "not told in words": unsaid(shown),
        "smaller than a finger or a shaking hand needs": too_small(shown.window()),
        "off the grid of heights": off_the_grid(shown.window()),
        "grey without a word": silent(shown.window()),
        "scrolling within what scrolls": scrolling(office) if page is not None and page.isVisible() else [],
        "not reached with Tab": out_of_reach(shown, qtbot),
        "upwards with Tab": up_the_page(page, office) if page is not None and page.isVisible() else [],
        "passed by with Tab": edges_passed_by(shown.window()),
        "printed keys": keys_amiss(office) if shown is office.window and page is not None and page.isVisible() else [],
        # The last: it takes what buttons do.
        "not pressed by its accessible action": unpressed(shown, qtbot),
    }
    assert not {what: things for what, things in found.items() if things}


@pytest.mark.slow
def test_the_width_of_the_list_of_phones_is_changed_with_keys_and_remembered(office: Office) -> None:
    STATES["red"](office)
    page = office.window.desk_page
    (edge,) = page.splitter.edges()
    before = page.side.width()
    edge.setFocus()
    QTest.keyClick(edge, Qt.Key.Key_Right)
    QTest.keyClick(edge, Qt.Key.Key_Right)
    assert page.side.width() == before + 32
    office.window.resize(700, 600)  # where there is little room it is as narrow as can be, and no stop
    QApplication.processEvents()
    assert edge.focusPolicy() is Qt.FocusPolicy.NoFocus
    office.window.resize(1366, 768)
    QApplication.processEvents()
    assert page.side.width() == before + 32


def test_the_list_of_keys_tells_how_widths_are_changed(office: Office) -> None:
    dialog = sheet("show_keys")(office)
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Move the edge between two panes, once Tab has reached it" in said
    assert "Make the column of the chosen cell wider, narrower" in said
    assert "Alt+Right, Alt+Left" in said
    dialog.close()


@pytest.mark.slow
def test_the_verdict_is_told_once_with_the_phone_and_the_reason(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "gui.toolkit.announcement.QAccessible.updateAccessibility", lambda event: told.append(event.message())
    )
    office.window.desk_page.practise("walk-up")
    office.idle()
    name = office.block.accessibleName()
    assert "Samsung Galaxy S22" in name
    assert office.headline == "2 banned apps"
    assert office.headline in name
    assert "Kaspersky" in name
    assert told[-1] == name
    assert len(told) == len(set(told))
    office.window.desk_page.practise("clean")
    office.idle()
    now = office.block.accessibleName()
    assert "No banned app" in now
    assert "Google Pixel 9" in now
    assert told[-1] == now


def test_progress_is_not_read_out_without_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "gui.toolkit.announcement.QAccessible.updateAccessibility", lambda event: told.append(event.message())
    )
    office.window.desk_page.practise("clean")
    office.idle()
    # Opening, the phone's own question, reading, its name, the verdict so far and the result; of the files nothing.
    assert len(told) == len(set(told)) <= 6, told
