"""Whether a window can be shown here, for ``fanion self-test``: tried in a process of its own, since Qt ends the one
in which it finds no screen.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from core.problem import Problem
from core.text import T, Text, plain
from gui import door

#: The private switch of that process.
SWITCH: Final = "--probe-window"
#: Seconds.
_LIMIT: Final = 30
#: Characters of what the process says that are looked at.
_LONGEST: Final = 20_000
#: How lines of Qt's begin that say the least and come last.
_EMPTY_WORDS: Final = ("This application failed to start", "Available platform plugins are")
#: What the process says when all is well, before Qt's platform and version.
_GOOD: Final = "fanion-window"


class WindowProblem(Problem):
    """The process that tried the window did not end well."""

    code = "no-window"
    exit_code = door.UNFIT


def window() -> Text:
    """Try it, and say on what the window would be shown. Raises a Problem."""
    if (old := door.old_system()) is not None:
        raise old
    offscreen = sys.platform == "linux" and not any(
        map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    )
    variables = os.environ | ({"QT_QPA_PLATFORM": "offscreen"} if offscreen else {})
    command = [sys.executable, SWITCH]
    if not door.is_packaged():
        command = [sys.executable, "-P", "-m", "gui", SWITCH]
        clone = str(Path(__file__).resolve().parents[1])
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, (clone, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LIMIT,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WindowProblem(
            T("The window could not be shown within {seconds} s.", seconds=_LIMIT),
            T("Restart the computer, then test again: fanion self-test."),
        ) from None
    except OSError as error:
        raise WindowProblem(
            T("The window could not be tried: {reason}.", reason=error.strerror or type(error).__name__),
            T("Install Fanion again."),
            str(error),
        ) from error
    word, _, found = done.stdout[-_LONGEST:].strip().rpartition("\n")[2].partition(" ")
    platform, _, version = plain(found).partition(" ")
    if done.returncode == 0 and word == _GOOD and version:
        if offscreen:
            return T("no screen here; works without one (Qt {version})", version=version)
        return T("can be shown (Qt {version}, {platform})", version=version, platform=platform)
    raise _failed(done.returncode, done.stderr[-_LONGEST:])


def _failed(code: int, said: str) -> Problem:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith(_EMPTY_WORDS)]
    last = plain(lines[-1].strip(), 300) if lines else ""
    if code == door.UNFIT:
        known = door.because(said)
        return WindowProblem(known.sentence, known.next_step, last)
    return WindowProblem(
        T("The window broke off while it was tried (exit code {code}).", code=code), T("Install Fanion again."), last
    )


def show() -> int:
    """The process itself: start Qt, draw an icon, say what it was done with. Returns the exit code."""
    try:
        from PySide6.QtCore import qVersion

        app = door.application("fanion", _end)
        from gui.icons import icon

        drawn = icon("check").pixmap(32, 32).toImage()
    except (ImportError, KeyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return door.UNFIT
    pixels = ((x, y) for x in range(drawn.width()) for y in range(drawn.height()))
    if not any(drawn.pixelColor(x, y).alpha() for x, y in pixels):
        sys.stderr.write("An icon was drawn and nothing is to be seen of it.\n")
        return 1
    sys.stdout.write(f"{_GOOD} {app.platformName()} {qVersion()}\n")
    return 0


def _end(said: str) -> None:
    sys.stderr.write(f"{said}\n")
    sys.stderr.flush()
    os._exit(door.UNFIT)
