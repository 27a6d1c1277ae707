"""Papers over real ledgers, with a parent that stands for the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.model import Verdict
from gui.papers.papers import Papers
from gui.toolkit.forms.form_dialog import JobDialog, WrittenFile
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import STARTED, Log, ended


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """1 began, 2 red, 3 sealing began, 4 next key."""
    log = Log(tmp_path / "data")
    log.write(STARTED, ended(Verdict.RED, bans=1))
    log.seal()
    return log


class Desk:
    """The sheets of one desk, and what became of them."""

    def __init__(self, qtbot: QtBot, log: Log, runner: JobRunner, folder: Path) -> None:
        self.qtbot, self.log, self.runner = qtbot, log, runner
        #: Something outside: a key, a share.
        self.outside = folder / "outside"
        self.outside.mkdir()
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(1366, 768)
        self.window.show()
        self.memory = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.papers = Papers(log.desk, runner, self.memory, self.window)
        self.made: list[WrittenFile] = []
        self.papers.file_written.connect(self.made.append)

    def sheet(self) -> JobDialog:
        """The one that is open."""
        (found,) = [s for s in self.window.findChildren(JobDialog) if s.isVisible()]
        assert isinstance(found, JobDialog)
        return found

    def rest(self) -> None:
        """Until nothing is under way any more, and that is shown."""

        def still() -> bool:
            return self.runner.idle and not any(s.busy for s in self.window.findChildren(JobDialog))

        def twice() -> bool:
            first = still()
            self.qtbot.wait(1)
            return first and still()

        self.qtbot.waitUntil(twice, timeout=20_000)

    def go(self) -> JobDialog:
        """Press the button of the open sheet, and wait for what comes of it."""
        sheet = self.sheet()
        sheet.go.click()
        self.rest()
        return sheet


MakeDesk = Callable[[], Desk]


@pytest.fixture
def desk(qtbot: QtBot, log: Log, runner: JobRunner, tmp_path: Path) -> Desk:
    return Desk(qtbot, log, runner, tmp_path)
