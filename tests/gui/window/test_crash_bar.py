"""A run that did not end well is told of at the next start, with all that is in its files, and nothing is sent."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from core.jobs import Cancel
from core.system.support import crash_files
from core.system.support.last_run import Ending, RunState
from gui.startup.after_first_paint import tell_of_earlier_runs
from gui.window import support_details
from gui.window.bars import crash_bar
from gui.window.bars.crash_bar import CrashBar, CrashFilesDialog
from tests.gui.conftest import Office
from tests.inside import is_at_rest

SAID = "Fanion 0.1.0\n\nTraceback (most recent call last):\nLookupError: <b>the drawer</b> is stuck\n"


@pytest.fixture
def kept(office: Office) -> Path:
    """The crash file of a run that a bug has ended."""
    before = RunState(office.data)
    before.begin()
    file = crash_files.keep(SAID, office.data)
    assert file is not None
    before.end(Ending.BUG)
    return file


def next_start(office: Office) -> CrashBar | None:
    window = office.window
    before = window.findChildren(CrashBar)
    tell_of_earlier_runs(RunState(office.data), window)
    office.until(lambda: is_at_rest(window.runner))
    bars = [bar for bar in window.findChildren(CrashBar) if bar not in before]
    return bars[0] if bars else None


def test_all_that_is_in_it_can_be_read_and_copied(office: Office, kept: Path) -> None:
    bar = next_start(office)
    assert bar is not None
    office.until(bar.isVisible)
    office.see("Fanion ended unexpectedly last time.", "are not sent anywhere")
    bar.look.click()
    (dialog,) = office.window.findChildren(CrashFilesDialog)
    assert SAID in dialog.text.toPlainText()
    assert str(kept) in dialog.text.toPlainText()
    dialog.copy.click()
    assert SAID in QGuiApplication.clipboard().text()
    dialog.accept()


def test_it_is_saved_with_the_support_details(
    office: Office, kept: Path, monkeypatch: pytest.MonkeyPatch, choose_path: Callable[[Path | None], None]
) -> None:
    def bundle(command: list[str], variables: dict[str, str], cancel: Cancel) -> None:
        with zipfile.ZipFile(command[command.index("--bundle") + 1], "w") as archive:
            archive.writestr("about.json", "{}")

    monkeypatch.setattr(support_details, "_run", bundle)
    target = office.data / "for-support.zip"
    choose_path(target)
    bar = next_start(office)
    assert bar is not None
    bar.keep.click()
    office.until(lambda: "for-support.zip" in bar.next_step.text())
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == ["about.json", f"crashes/{kept.name}"]
        assert archive.read(f"crashes/{kept.name}").decode() == SAID
    monkeypatch.setattr(support_details, "_run", lambda *asked: None)  # it leaves no bundle
    bar.keep.click()
    office.until(lambda: "could not be gathered" in bar.next_step.text())
    assert bar.keep.isEnabled()


def test_it_is_told_until_that_is_not_wanted(office: Office, kept: Path) -> None:
    assert next_start(office) is not None
    bar = next_start(office)
    assert bar is not None
    bar.no_more.click()
    assert not bar.isVisible()
    office.until(lambda: office.window.runner.idle)
    RunState(office.data).end()
    assert next_start(office) is None


def test_a_run_that_was_stopped_from_outside_is_not_called_a_crash(office: Office) -> None:
    RunState(office.data).begin()
    bar = next_start(office)
    assert bar is not None
    office.see("Fanion was stopped from outside last time.")
    assert not bar.look.isVisible()
    assert bar.no_more.text() == "Close"


def test_a_file_that_went_meanwhile_is_no_failure(office: Office, kept: Path) -> None:
    bar = next_start(office)
    assert bar is not None
    kept.unlink()
    dialog = bar.show_files()
    assert isinstance(dialog, CrashFilesDialog)
    assert "cannot be read" in dialog.text.toPlainText()
    assert crash_bar.crash_text(kept).startswith(kept.name)
    dialog.close()
