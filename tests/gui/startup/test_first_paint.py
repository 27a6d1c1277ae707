"""What a start has loaded when its window is seen: nothing that only a phone, another page or a question needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

#: Starts Fanion as ever, and names what is loaded once the window has been painted, before it begins its work.
START = """if True:
    import os, sys
    from gui import __main__
    from gui.window import main_window

    def begin(window):
        print(*sorted(sys.modules), flush=True)
        os._exit(0)

    main_window.MainWindow.begin = begin
    sys.argv[0] = "fanion"
    sys.exit(__main__.main())
"""

#: What the phones, the log, the policy and the other pages bring; and what of Python and of libraries takes time.
LATER = (
    "core.describe",
    "core.ledger.records",
    "core.model",
    "core.phones",
    "core.policy",
    "core.rounds",
    "core.simulator",
    "core.visit",
    "core.manual",
    "gui.desk.phone_page",
    "gui.desk.phones_at_desk",
    "gui.desk.session",
    "gui.help",
    "gui.lessons",
    "gui.log",
    "gui.papers",
    "gui.policy",
    "gui.rounds",
    "gui.settings",
    "gui.toolkit.file_dialogs",
    "gui.toolkit.key_bursts",
    "gui.toolkit.key_cap",
    "gui.window.alerts",
    "gui.window.closing",
    "gui.window.services",
    "adb_shell",
    "cryptography",
    "csv",
    "hashlib",
    "importlib.resources",
    "sqlite3",
    "subprocess",
    "usb1",
)


def is_of(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("page", ["desk", "no-such-page"])
def test_the_window_is_seen_before_anything_of_a_phone_is_loaded(page: str, tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_text(f"[window]\npage={page}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", START, "--data", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "gui.desk.empty_desk" in loaded
    assert [module for module in loaded if any(is_of(module, package) for package in LATER)] == []
