"""Text and window from 100 to 200 percent: chosen with keys, at once where nothing is under way, else at the next
start."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy

from core.desk.settings import settings
from tests.gui.conftest import MakeOffice, Office

#: Makes the application object at a size, and says what Qt makes of it and what programs are told that start later.
SCALED = """if True:
    import os, sys
    from gui.startup.qt_application import application
    app = application("fanion", sys.exit, int(sys.argv[1]))
    print(app.devicePixelRatio(), os.environ.get("QT_SCALE_FACTOR"))
"""


@pytest.mark.parametrize(
    ("percent", "asked", "ratio"),
    [(100, None, 1.0), (125, None, 1.25), (200, None, 2.0), (150, "2", 3.0), (150, "large", 1.5)],
)
def test_everything_is_larger_by_that_much(percent: int, asked: str | None, ratio: float) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "QT_SCALE_FACTOR"}
    environment |= {"QT_QPA_PLATFORM": "offscreen"} | ({"QT_SCALE_FACTOR": asked} if asked else {})
    command = [sys.executable, "-c", SCALED, str(percent)]
    root = Path(__file__).resolve().parents[3]
    said = subprocess.run(command, env=environment, cwd=root, capture_output=True, encoding="utf-8", check=True)
    assert said.stdout.split() == [str(ratio), str(asked)], said.stderr


def test_a_larger_size_is_kept_and_fanion_starts_again(office: Office) -> None:
    again = QSignalSpy(office.window.again_wanted)
    office.until(lambda: office.window.runner.idle)
    office.press("Ctrl++")
    assert settings.load(office.data).text_size == 125
    assert again.count() == 1
    office.press("Ctrl+0")
    assert settings.load(office.data).text_size == 100
    assert again.count() == 1, "it has this size already"
    office.press("Ctrl+-")
    assert office.says("Everything is already at 100 %.")


def test_what_is_under_way_is_waited_for(office: Office) -> None:
    again = QSignalSpy(office.window.again_wanted)
    may_end = threading.Event()
    office.window.runner.start(office.window, "long", lambda cancel, report: may_end.wait(), lambda end: None)
    office.press("Ctrl++")
    assert office.says("Fanion starts again at 125 % as soon as nothing is under way.")
    assert again.count() == 0
    may_end.set()
    office.until(lambda: again.count() == 1)


def test_a_phone_that_comes_meanwhile_is_not_left_for_it(office: Office) -> None:
    again = QSignalSpy(office.window.again_wanted)
    may_end = threading.Event()
    office.window.runner.start(office.window, "long", lambda cancel, report: may_end.wait(), lambda end: None)
    office.press("Ctrl++")
    office.window.desk_page.practise("clean")
    may_end.set()
    office.until(
        lambda: office.says("Everything will be at 125 % from the next start on. Finish with the phones first.")
    )
    office.idle()
    assert again.count() == 0


def test_a_phone_that_is_here_is_not_left_for_it(office: Office) -> None:
    again = QSignalSpy(office.window.again_wanted)
    office.window.desk_page.practise("clean")
    office.idle()
    for size in (125, 150, 175, 200, 200):
        office.press("Ctrl++")
        assert office.desk.settings.text_size == size
    assert again.count() == 0
    office.press("Ctrl+-")
    assert office.says("Everything will be at 175 % from the next start on. Finish with the phones first.")


def test_where_the_organisation_has_set_the_size_that_is_said(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text("text_size = 150\n", encoding="utf-8")
    office = open_office()
    office.press("Ctrl++")
    assert office.says("The setting “text_size” is set by your organisation.")
    assert office.desk.settings.text_size == 150
