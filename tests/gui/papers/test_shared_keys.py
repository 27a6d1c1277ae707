"""The keys of a log that several people write, or that is carried around: who can have them is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.desk import desk
from core.desk.papers import log_evidence
from core.desk.settings.settings_table import Settings
from gui.papers.keys_dialog import EnrolmentDialog
from gui.toolkit.jobs import JobRunner
from tests.gui.log.conftest import Log
from tests.gui.papers.conftest import Desk


def sheet_of(desk: Desk) -> EnrolmentDialog:
    desk.papers.open(EnrolmentDialog)
    sheet = desk.sheet()
    assert isinstance(sheet, EnrolmentDialog)
    desk.rest()
    return sheet


@pytest.fixture
def several(qtbot: QtBot, log: Log, runner: JobRunner, tmp_path: Path) -> Desk:
    """Somebody else's data folder, and the log in the shared one."""
    shared = log.desk.data
    shared.chmod(0o2770)
    log.desk = desk.Desk(tmp_path / "mine", Settings(officer="B", desk="Desk 4", shared_log=str(shared)))
    return Desk(qtbot, log, runner, tmp_path)


def test_everybody_who_writes_the_log_can_have_its_key(several: Desk) -> None:
    sheet = sheet_of(several)
    assert "a file that all users who may write this log can read" in sheet.place.text()
    assert sheet.origin.whole() == log_evidence.enrolment(several.log.desk, False).origin
    sheet.close()


def test_the_key_of_a_log_that_is_carried_around_goes_with_it(
    qtbot: QtBot, log: Log, runner: JobRunner, tmp_path: Path
) -> None:
    log.desk = desk.Desk(log.desk.data, Settings(officer="A. Roy", desk="Desk 4"), portable=True)
    sheet = sheet_of(Desk(qtbot, log, runner, tmp_path))
    assert "goes where the log is carried" in sheet.place.text()
    sheet.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_no_keys_are_shown_or_made_of_a_log_that_anybody_could_change(several: Desk) -> None:
    several.log.desk.log_folder.chmod(0o2777)
    sheet = sheet_of(several)
    assert sheet.keys is None
    assert "Any user could change the log of this computer" in sheet.trouble.sentence.text()
    assert not several.log.desk.data.exists()
    sheet.close()
