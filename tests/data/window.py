"""What the window's Log page shows of a log: every row, and every record in full.

The only place of these tests that knows how the page is made; what is on it is found as Qt has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEventLoop, QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QTableView,
    QTextEdit,
    QWidget,
)

from core import text
from core.desk.desk import Desk
from gui.log.log_page import LogPage
from gui.toolkit.jobs import JobRunner
from tests.data.earlier import Earlier

#: Milliseconds that anything may take to show itself.
_LIMIT: Final = 60_000
#: Milliseconds between two looks. To look at a row is to ask for it: without a pause, the page would never read it.
_POLL: Final = 2
#: What stands in a row that is still being read.
_READING: Final = "…"


@contextmanager
def _page(log: Earlier, language: text.Language) -> Iterator[QWidget]:
    """The Log page of the folder's desk, in sight, once it has read the log."""
    application = QApplication.instance() or QApplication([])
    before, runner = text.language(), JobRunner()
    with log.surroundings():
        text.use(language)
        page = LogPage(Desk.at(log.data), runner)
        page.head.entries.setChecked(True)
        try:
            page.resize(1366, 768)
            page.show()
            if log.practice:
                page.show_record(1, practice=True)
            _until(lambda: _table(page).model().rowCount() > 0)
            yield page
        finally:
            _until(lambda: runner.idle)
            page.close()
            page.deleteLater()
            runner.close()
            application.processEvents()
            text.use(before)


def texts(log: Earlier, language: text.Language) -> dict[str, str]:
    """What the page says around the records, of each row, and of records in full.

    In French those are the first of each kind: the command line prints more of them.
    """
    first = {str(number) for (number,) in log.rows("SELECT min(seq) FROM entry GROUP BY kind")}
    with _page(log, language) as page:
        table, pane = _table(page), _pane(page)
        model = table.model()
        heads = [str(model.headerData(c, Qt.Orientation.Horizontal)) for c in range(model.columnCount())]
        found = {"columns": "\n".join(heads)}
        for row in range(model.rowCount()):
            number = str(model.index(row, 0).data())
            if language == "en" or number in first:
                table.setCurrentIndex(model.index(row, 0))
                _until(partial(_is_shown, pane, number))
                found[f"entry {number}"] = log.normal("\n".join(_said(pane)))
            if number in first:
                found[f"entry {number} as recorded"] = _turned(pane, 1)
            _until(partial(_is_read, model, row))
            found[f"row {number}"] = "\n".join(_cells(model.index(row, c)) for c in range(model.columnCount()))
        later = set(_said(_views(page)))  # the choice between visits and entries
        around = (said for said in _said(page) if said not in _said(pane) and said not in later)
        found["around"] = log.normal("\n".join(around))
    return found


def _table(page: QWidget) -> QTableView:
    """The list of all entries; that of visits came later."""
    assert isinstance(page, LogPage)
    return page.table


def _views(page: QWidget) -> QWidget:
    assert isinstance(page, LogPage)
    return page.head.views


def _pane(page: QWidget) -> QWidget:
    """Where the chosen record is shown."""
    (between,) = page.findChildren(QSplitter)
    pane = between.widget(1)
    assert pane is not None
    return pane


def _is_read(model: QAbstractItemModel, row: int) -> bool:
    return all(model.index(row, column).data() != _READING for column in range(model.columnCount()))


def _is_shown(pane: QWidget, number: str) -> bool:
    return any(f" {number} " in f" {said} " for said in _said(pane))


def _cells(index: QModelIndex) -> str:
    """What a cell shows, and what a screen reader says of it where that is something else."""
    said = (index.data(role) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole))
    return " | ".join(str(one) for one in said if one is not None)


def _turned(pane: QWidget, view: int) -> str:
    """What another view of the record says; the first one is shown again."""
    views = [one for one in pane.findChildren(QAbstractButton) if one.isVisible() and one.isCheckable()]
    views[view].click()
    said = "\n".join(_said(pane))
    views[0].click()
    return said


def _said(within: QWidget) -> list[str]:
    """Every text that is visible in `within`, tables apart."""
    found = []
    for widget in within.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QTextEdit | QPlainTextEdit):
            found.append(widget.toPlainText())
        elif isinstance(widget, QLabel):
            whole = getattr(widget, "whole", widget.text)  # what is elided on the screen, whole
            found.append(whole())
        elif isinstance(widget, QAbstractButton):
            state = "" if widget.isEnabled() else " (not enabled)"
            found.append(f"[{widget.text() or widget.accessibleName()}]{state}")
        elif isinstance(widget, QLineEdit):
            found.append(widget.text() or widget.placeholderText())
    return [said for said in found if said]


def _until(true: Callable[[], bool]) -> None:
    """Let the window work until something is to be seen. Raises TimeoutError."""
    loop, timer, limit = QEventLoop(), QTimer(interval=_POLL), QTimer(singleShot=True, interval=_LIMIT)

    def look() -> None:
        if true():
            loop.exit(1)

    timer.timeout.connect(look)
    limit.timeout.connect(loop.quit)
    timer.start()
    limit.start()
    if not true() and not loop.exec():
        raise TimeoutError("it is not to be seen")
