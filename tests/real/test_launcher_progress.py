"""What the desktops of Linux hear on a real session bus: the progress, in the form of the launcher's interface."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Listens with dbus-monitor, sends, and prints what was heard.
PROGRAM = """if True:
    import subprocess
    from PySide6.QtGui import QGuiApplication
    from gui.window.alerts.taskbar import send_progress

    listening = subprocess.Popen(
        ["dbus-monitor", "--session", "interface='com.canonical.Unity.LauncherEntry'"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    for line in listening.stdout:
        if "NameLost" in line:  # it is a monitor now
            break
    app = QGuiApplication(["fanion", "-platform", "offscreen"])
    app.setDesktopFileName("fanion")
    send_progress(25)
    send_progress(None)
    ends = 0
    for line in listening.stdout:
        print(line.strip())
        ends += line.strip() == "]"
        if ends == 2:
            break
    listening.kill()
    listening.wait()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("dbus-run-session", "dbus-monitor"))), reason="needs D-Bus"
)
def test_a_desktop_hears_of_the_progress_and_of_its_end() -> None:
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("interface=com.canonical.Unity.LauncherEntry; member=Update") == 2
    assert done.stdout.count('string "application://fanion.desktop"') == 2
    assert "variant             double 0.25" in done.stdout
    assert done.stdout.index("boolean true") < done.stdout.index("boolean false")
