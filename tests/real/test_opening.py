"""What the window opens outside by Qt's own means, on a screen, and where it stands meanwhile."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bait import Bait

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux" or not shutil.which("Xvfb"), reason="needs Xvfb"),
]

ROOT = Path(__file__).resolve().parents[2]
#: Seconds for what takes one.
LIMIT = 60
#: A window that opens a file as soon as it is seen, and closes.
OPENS = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
import gui.startup.application as application
from gui.__main__ import main
from gui.toolkit import file_dialogs

class Opens(application.MainWindow):
    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        self.first_painted.connect(self.open)

    def open(self):
        print(file_dialogs.open_outside(Path(paper)), os.getcwd(), flush=True)
        QTimer.singleShot(0, self.close)

paper = sys.argv.pop(1)
application.MainWindow = Opens
sys.exit(main())
"""


@contextmanager
def screen() -> Iterator[str]:
    """The name of a screen of its own."""
    command = ["Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield f":{process.stdout.readline().decode().strip()}"
        finally:
            process.terminate()


def test_a_paper_is_opened_by_the_systems_program_which_gets_nothing_of_the_bait(tmp_path: Path) -> None:
    bait = Bait(tmp_path)
    program = tmp_path / "program" / "opens.py"
    program.parent.mkdir()
    program.write_text(OPENS, encoding="utf-8")
    system = tmp_path / "system"
    system.mkdir()
    told = tmp_path / "told"
    os.mkfifo(told)
    opener = system / "xdg-open"
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" "$PWD" "$PATH" "${{QT_PLUGIN_PATH-none}}" > "{told}"\n', "utf-8")
    opener.chmod(0o755)
    paper = tmp_path / "receipt.pdf"
    paper.write_bytes(b"%PDF-1.7\n")
    # The variables by which Qt would know a desktop, and ask that.
    desktop = ("XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "BROWSER")
    variables = {name: value for name, value in bait.environment().items() if name not in desktop}
    before = os.pathsep.join((".", "", str(bait.folder.parent / "others")))
    with screen() as display:
        listening = os.open(told, os.O_RDONLY | os.O_NONBLOCK)
        done = subprocess.run(
            [sys.executable, str(program), str(paper), "--data", str(tmp_path / "data")],
            cwd=bait.folder,
            env=variables
            | {
                "QT_QPA_PLATFORM": "xcb",
                "DISPLAY": display,
                "PATH": f"{before}:{system}",
                "PYTHONPATH": str(ROOT),
                "QT_PLUGIN_PATH": str(bait.folder),
                "QT_QPA_PLATFORM_PLUGIN_PATH": str(bait.folder / "platforms"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=LIMIT,
        )
        assert (done.returncode, done.stdout, bait.taken) == (0, "True /\n", []), done.stderr
        assert select.select([listening], [], [], LIMIT)[0]
        said = os.read(listening, 65_536).decode()
        os.close(listening)
    assert said.splitlines() == [paper.as_uri(), "/", str(system), "none"]
