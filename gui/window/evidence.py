"""What makes the log evidence, for the whole window: who asks for a paper, where it is told, and what is amiss.

The pages only say what is wanted; here it is known who does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from PySide6.QtCore import QObject, QPoint, QSettings, Signal
from PySide6.QtWidgets import QWidget

from core.problem import Problem
from gui.papers.papers import Papers
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import WrittenFile

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from core.desk.log_evidence import Standing
    from core.ledger.records import Entry
    from gui.desk.desk_page import DeskPage
    from gui.log.log_page import LogPage
    from gui.toolkit.jobs import JobRunner
    from gui.window.alarm_bar import AlarmBar
    from gui.window.status_bar import StatusBar

    class Home(Protocol):
        """What the window has."""

        desk: Desk
        runner: JobRunner
        desk_page: DeskPage
        status_bar: StatusBar

        def open_page(self, name: str) -> QWidget: ...

        def put_on_top(self, bar: QWidget) -> None: ...

        def verify_log(self) -> None: ...


class Evidence(QObject):
    """Joins the pages, the line at the bottom and the sheets of :mod:`gui.papers`."""

    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)

    def __init__(self, home: Home, memory: QSettings, window: QWidget) -> None:
        """`home` is the window with all that it has, `window` the same as the sheets need it."""
        super().__init__(window)
        self._home, self._window = home, window
        #: Over every page, once the log was ever amiss: at most desks never.
        self.alarm: AlarmBar | None = None
        self.papers = Papers(home.desk, home.runner, memory, window)
        self.papers.made.connect(self._made)
        self.papers.recorded.connect(self.recorded)

    def serve_desk(self) -> None:
        """Do what the Desk page and the line at the bottom ask for."""
        status_bar = self._home.status_bar
        self._home.desk_page.page.receipt_wanted.connect(self.papers.receipt_now)
        status_bar.stands.connect(self._stands)
        status_bar.menu_wanted.connect(self.show_menu)
        status_bar.verify_wanted.connect(self._home.verify_log)
        status_bar.open_wanted.connect(lambda path: file_dialogs.open_outside(path))

    def serve_log(self, log: LogPage) -> None:
        """Do what the Log page asks for."""
        log.receipt_wanted.connect(self.papers.receipt)
        log.more_wanted.connect(self.show_menu)
        log.undo_wanted.connect(self._undo)

    def show_menu(self, near: QWidget, practice: bool = False) -> None:
        """What can be done with the log as a whole, at the button that was pressed."""
        menu = self.papers.menu(practice)
        corner = near.mapToGlobal(near.rect().bottomLeft())
        bottom = self._window.mapToGlobal(self._window.rect().bottomLeft())
        if bottom.y() - corner.y() < menu.sizeHint().height():
            corner = near.mapToGlobal(near.rect().topLeft()) - QPoint(0, menu.sizeHint().height())
        menu.popup(corner)

    def _made(self, made: WrittenFile) -> None:
        self._home.status_bar.say_made(made.sentence, made.file)

    def _stands(self, standing: Standing | Problem | None) -> None:
        if self.alarm is None:
            if standing is None or not (isinstance(standing, Problem) or standing.faults):
                return
            from gui.window.alarm_bar import AlarmBar

            self.alarm = AlarmBar()
            self._home.put_on_top(self.alarm)
            self.alarm.verify_wanted.connect(self._home.verify_log)
            self.alarm.again_wanted.connect(self._home.status_bar.count)
        self.alarm.show_standing(standing)

    def _undo(self, removal: Entry) -> None:
        """Go to the phone that a removal was done on, if it is here; else say what to do first."""
        problem = self._home.desk_page.offer_undo(removal)
        if problem is None:
            self._home.open_page("desk")
        else:
            log: Any = self._home.open_page("log")
            cast("LogPage", log).tell(problem)
