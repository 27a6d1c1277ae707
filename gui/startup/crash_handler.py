"""The last resort: an exception that nothing has caught is kept in a file and shown, and the window lives on.

Exceptions end here from slots, events and paintings, from Python's threads and from Qt's. They are kept on the thread
that they were raised on, and shown on the GUI thread by its event loop, never in the middle of what went wrong.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import PySide6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from shiboken6 import isValid

from core.system.support import support_log
from core.system.support.crash_files import Bug, NativeCrashes, describe, keep
from core.system.support.last_run import note_bug
from core.text import N, T
from gui.toolkit.buttons import DestructiveButton
from gui.toolkit.images.icons import icon
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.roles import be_a_fold
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon, copy

#: What a shell shows for a program that Ctrl-C ended.
INTERRUPTED: Final = 130

#: Files that one place in the code fills in one run, and places of which the dialog shows the details.
_FILES_A_PLACE: Final = 3
_SHOWN: Final = 10
#: Seconds. A painting that fails does so with every painting: after “Continue” the dialog must not be back at once.
_QUIET: Final = 2.0

_KEPT: Final = T("See in the log what was done, and give this file to your IT support.")
_NOT_KEPT: Final = T("The details could not be kept in a file: copy them, and give them to your IT support.")
#: Logical pixels, with the details closed and open.
_WIDTH: Final = STEP * 72
_OPEN_WIDTH: Final = STEP * 92

#: What Python calls with an exception that nothing has caught.
_HOOKS: Final = ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook"))

#: The kind of an exception, and the lines of code that it came through.
Place = tuple[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class BugReport:
    """One bug. `description` is what its file says; `file` is None if it could not be kept."""

    place: Place
    description: str
    file: Path | None


class CrashDialog(QDialog):
    """Says what happened and what to do; the details can be opened. Esc goes on."""

    def __init__(self, first: BugReport, close: Callable[[], None], parent: QWidget | None, *, may_go_on: bool) -> None:
        super().__init__(parent)
        self.places = {first.place}
        self._further = 0
        self._descriptions = [first.description]
        self.setWindowTitle("Fanion")
        self.setModal(True)

        bug = Bug()
        say = Parts(self)
        self.sentence = say.label(bug.sentence, TextSize.TITLE)
        self.next_step = say.label(_KEPT if first.file is not None else _NOT_KEPT)
        self.file = QLineEdit(str(first.file or ""))  # shows its end, which is what differs
        self.file.setReadOnly(True)
        self.file.setToolTip(self.file.text())
        if first.file is None:
            self.file.hide()
        say.name(self.file, T("File with the details"))
        self.count = say.label("", kind="muted")
        self.count.hide()
        self.setAccessibleName(self.sentence.text())
        self.setAccessibleDescription(self.next_step.text())

        self.more_button = QPushButton()
        be_a_fold(self.more_button)
        self.more_button.setText(str(T("Details")))
        mark(self.more_button, "link")
        self.more_button.setIcon(icon("chevron-right", "link"))
        self.more_button.toggled.connect(self._open_details)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setTabChangesFocus(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setAccessibleName(self.more_button.text())
        self.details.setPlainText(first.description)
        self.details.setMinimumHeight(STEP * 32)
        self.details.hide()

        self.copy = QPushButton(str(T("Copy details")))
        self.copy.clicked.connect(self._copy)
        QShortcut(QKeySequence.StandardKey.Copy, self, self._copy)
        # What is under way with phones is cut off by it.
        self.close_fanion: QPushButton = DestructiveButton() if may_go_on else QPushButton()
        self.close_fanion.setText(str(T("Close Fanion")))
        self.close_fanion.clicked.connect(self.reject)
        self.close_fanion.clicked.connect(lambda: close())
        self.go_on = QPushButton(str(T("Continue")))
        self.go_on.clicked.connect(self.accept)
        if not may_go_on:
            self.go_on.hide()
        default = self.go_on if may_go_on else self.close_fanion
        for button in (self.more_button, self.copy, self.close_fanion, self.go_on):
            button.setAutoDefault(button is default)
        mark(default, "primary")
        default.setDefault(True)

        more_row = (self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        texts = column(self.sentence, self.next_step, self.file, self.count, more_row)
        self._column = column(
            row((StatusIcon(32, Status.RED, "warning"), 0, Qt.AlignmentFlag.AlignTop), (texts, 1), spacing=STEP * 2),
            (self.details, 1),
            row(self.copy, None, self.close_fanion, self.go_on),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 3, STEP * 3, STEP * 3, STEP * 2),
        )
        self.setMinimumWidth(_WIDTH)
        self._fit(_WIDTH)
        default.setFocus()

    def add(self, report: BugReport) -> None:
        """Count one more bug while the dialog is open, and show its details if it comes from another place."""
        self._further += 1
        n = self._further
        self.count.setText(str(N("And {count} more error since then.", "And {count} more errors since then.", n)))
        if self.count.isHidden():
            self.count.show()
            self._fit(self.width())
        if report.place not in self.places and len(self.places) < _SHOWN:
            self._descriptions.append(report.description)
            self.details.setPlainText("\n".join(self._descriptions))
            self.copy.setText(str(T("Copy details")))  # what was copied before is not all any more
        self.places.add(report.place)

    def _copy(self) -> None:
        copy("\n".join(self._descriptions))
        self.copy.setText(str(T("Copied")))

    def _open_details(self, is_open: bool) -> None:
        self.more_button.setIcon(icon("chevron-down" if is_open else "chevron-right", "link"))
        self.details.setVisible(is_open)
        self._fit(_OPEN_WIDTH if is_open else _WIDTH)

    def _fit(self, width: int) -> None:
        """As high as the texts are at that width: a window does not ask its labels."""
        self._column.activate()
        self.resize(width, self._column.totalHeightForWidth(width))


class CrashHandler(QObject):
    """Takes what nothing else catches, from :meth:`install` to :meth:`uninstall`. Lives on the GUI thread.

    `qt` is how Qt calls itself in the files; `close` ends the program when the officer wants that.
    """

    _raised = Signal(object)

    def __init__(self, data: Path, qt: str = "", close: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._data = data
        self._qt = qt or f"Qt {qVersion()}, PySide6 {PySide6.__version__}, {QGuiApplication.platformName()}"
        self._close = close or _end
        self._lock = threading.Lock()
        self._counts: Counter[Place] = Counter()
        self._reports: dict[Place, BugReport] = {}
        #: What is shown now.
        self.dialog: CrashDialog | None = None
        self._gone_on: dict[Place, float] = {}
        self._native = NativeCrashes(data, self._qt)
        self._mine = (self._take, self._take_thread, self._take_unraisable)
        self._before: list[Any] | None = None
        # Queued also on this thread: nothing may be shown in the middle of a painting.
        self._raised.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> Path | None:
        """Begin. Returns the file of a crash of native code that ended an earlier run, if there is one to tell of."""
        if self._before is not None:
            return None
        self._before = [getattr(module, hook) for module, hook in _HOOKS]
        for (module, hook), mine in zip(_HOOKS, self._mine, strict=True):
            setattr(module, hook, mine)
        return self._native.start()

    def uninstall(self) -> None:
        """Put the hooks of before back, and close the dialog."""
        if self._before is None:
            return
        for (module, hook), mine, before in zip(_HOOKS, self._mine, self._before, strict=True):
            if getattr(module, hook) is mine:  # one that was set after ours stays
                setattr(module, hook, before)
        self._before = None
        self._native.stop()
        if self.dialog is not None and isValid(self.dialog):
            self.dialog.done(QDialog.DialogCode.Rejected)

    def fatal(self, error: BaseException) -> int:
        """Keep and show what the program cannot go on after, and wait until it was read. Returns the exit code."""
        if isinstance(error, KeyboardInterrupt):
            return INTERRUPTED
        report = self._report(error)
        if isinstance(QCoreApplication.instance(), QApplication):
            CrashDialog(report, lambda: None, _window(), may_go_on=False).exec()
        return Bug.exit_code

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """For `sys.excepthook`, which is called on any thread that Qt runs Python on."""
        # Python remembers the last exception for a debugger, and with it a painter that must end with its painting.
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            if hasattr(sys, name):
                delattr(sys, name)
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.exit(INTERRUPTED)
            return
        try:
            self._raised.emit(self._report(error))
        except Exception:  # the event loop is gone, or we are wrong ourselves
            sys.__excepthook__(kind, error, trace)

    def _take_thread(self, args: threading.ExceptHookArgs) -> None:
        """For `threading.excepthook`."""
        if not issubclass(args.exc_type, SystemExit):
            error = args.exc_value or args.exc_type()
            self._take(args.exc_type, error, args.exc_traceback)

    def _take_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        """For `sys.unraisablehook`: a bug to be mended, but nothing that the officer did has failed."""
        with contextlib.suppress(Exception):
            self._report(args.exc_value or args.exc_type())

    def _report(self, error: BaseException) -> BugReport:
        place = _place(error)
        with self._lock:
            self._counts[place] += 1
            if self._counts[place] > _FILES_A_PLACE and place in self._reports:
                return self._reports[place]
        support_log.bug(error)
        description = describe(error, self._qt)
        report = BugReport(place, description, keep(description, self._data))
        with self._lock:
            self._reports[place] = report
        return report

    def _show(self, report: BugReport) -> None:
        if self._before is None:
            return
        if self.dialog is not None and isValid(self.dialog):
            self.dialog.add(report)
            return
        now = time.monotonic()
        if now - self._gone_on.get(report.place, -_QUIET) < _QUIET:
            self._gone_on[report.place] = now
            return
        try:
            dialog = CrashDialog(report, self._close, _window(), may_go_on=True)
        except Exception as error:  # to tell of that in a dialog would never end
            sys.__excepthook__(type(error), error, error.__traceback__)
            return
        self.dialog = dialog
        dialog.finished.connect(self._went_on)
        dialog.show()
        dialog.activateWindow()

    def _went_on(self) -> None:
        if self.dialog is not None:
            self._gone_on.update(dict.fromkeys(self.dialog.places, time.monotonic()))
            self.dialog.deleteLater()
            self.dialog = None


def _window() -> QWidget | None:
    """The window that a dialog belongs to, and has its look from: the active one, or else one that is seen."""
    active = QApplication.activeModalWidget() or QApplication.activeWindow()
    return active or next((widget for widget in QApplication.topLevelWidgets() if widget.isVisible()), None)


def _place(error: BaseException) -> Place:
    lines = []
    trace = error.__traceback__
    while trace is not None:
        lines.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return type(error).__qualname__, tuple(lines[-20:])


def _end() -> None:
    QCoreApplication.exit(Bug.exit_code)


def end_after(bug: BaseException, data: Path) -> int:
    """Note and show what the program cannot go on after. Returns the exit code."""
    note_bug(data)
    return CrashHandler(data).fatal(bug)
