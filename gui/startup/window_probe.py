"""Whether a window can be shown here, for ``fanion self-test``: tried in a process of its own, since Qt ends the one
in which it finds no screen.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.problem import Problem
from core.system.packaged import is_packaged
from core.text import T, Text, plain
from gui.startup import startup_check

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
#: And on a line of its own before that, with the name of a system of screens and of a library that it lacks here.
_WITHOUT: Final = "fanion-without"

_NO_LIBRARY: Final = re.compile(r"([^/\s]+): cannot open shared object file")

#: What of Qt the window imports, some of it late.
_QT: Final = ("QtCore", "QtGui", "QtNetwork", "QtSvg", "QtWidgets")
#: The plugins that the window uses or may use on Linux, in Qt's folder for them: for its icons, and for either system
#: of screens. A person needs one of the two, and which one, nobody knows who tries without a screen.
_PICTURES: Final = ("iconengines/libqsvgicon.so", "imageformats/libqsvg.so")
_SCREENS: Final = {
    "X11": ("platforms/libqxcb.so",),
    "Wayland": ("platforms/libqwayland.so", "wayland-shell-integration/libxdg-shell.so"),
}


class WindowProblem(Problem):
    """The process that tried the window did not end well."""

    code = "no-window"
    exit_code = startup_check.UNFIT


def window() -> Text:
    """Try it, and say on what the window would be shown. Raises a Problem."""
    if (old := startup_check.old_system()) is not None:
        raise old
    offscreen = sys.platform == "linux" and not any(
        map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    )
    variables = os.environ | ({"QT_QPA_PLATFORM": "offscreen"} if offscreen else {})
    command = [sys.executable, SWITCH]
    if not is_packaged():
        command = [sys.executable, "-P", "-m", "gui", SWITCH]
        clone = str(Path(__file__).resolve().parents[2])
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
    *before, last = done.stdout[-_LONGEST:].strip().splitlines() or [""]
    word, _, found = last.partition(" ")
    platform, _, version = plain(found).partition(" ")
    if done.returncode != 0 or word != _GOOD or not version:
        raise _failed(done.returncode, done.stderr[-_LONGEST:])
    if offscreen:
        told = T("no screen here; works without one (Qt {version})", version=version)
    else:
        told = T("can be shown (Qt {version}, {platform})", version=version, platform=platform)
    for line in before:
        word, _, lacking = line.partition(" ")
        system, _, library = plain(lacking).partition(" ")
        if word == _WITHOUT and library:
            return T(
                "{found}; a session with {system} could not show it: {library} is missing",
                found=told,
                system=system,
                library=library,
            )
    return told


def _failed(code: int, said: str) -> Problem:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith(_EMPTY_WORDS)]
    last = plain(lines[-1].strip(), 300) if lines else ""
    if code == startup_check.UNFIT:
        known = startup_check.because(said)
        return WindowProblem(known.sentence, known.next_step, last)
    return WindowProblem(
        T("The window broke off while it was tried (exit code {code}).", code=code), T("Install Fanion again."), last
    )


def show() -> int:
    """The process itself: start Qt, draw an icon, load all that a window needs, say what it was done with.

    Returns the exit code.
    """
    try:
        from PySide6.QtCore import qVersion

        app = startup_check.application("fanion", _end)
        from gui.toolkit.icons import icon

        drawn = icon("check").pixmap(32, 32).toImage()
        _load_the_window()
        without = _lacking() if sys.platform == "linux" else {}
    except (ImportError, KeyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return startup_check.UNFIT
    pixels = ((x, y) for x in range(drawn.width()) for y in range(drawn.height()))
    if not any(drawn.pixelColor(x, y).alpha() for x, y in pixels):
        sys.stderr.write("An icon was drawn and nothing is to be seen of it.\n")
        return 1
    sys.stdout.write("".join(f"{_WITHOUT} {system} {library}\n" for system, library in without.items()))
    sys.stdout.write(f"{_GOOD} {app.platformName()} {qVersion()}\n")
    return 0


def _load_the_window() -> None:
    """Load every module of the window: most of them come late, when it is seen. Raises ImportError."""
    import gui

    for name in _QT:
        importlib.import_module(f"PySide6.{name}")
    for module in pkgutil.walk_packages(gui.__path__, "gui."):
        if module.name != "gui.__main__":
            importlib.import_module(module.name)


def _lacking() -> dict[str, str]:
    """The system of screens that cannot be used here, and the library that is missing for it; nothing if both can.

    Raises OSError with the words of the system's loader where a file of Fanion's own is not there, and where neither
    can be used.
    """
    lacking: dict[str, OSError] = {}
    for system, names in {"": _PICTURES, **_SCREENS}.items():
        for error in [error for name in names for error in _unloadable(name)]:
            if _is_ours(error):
                raise error
            if system:
                lacking.setdefault(system, error)
    if len(lacking) == len(_SCREENS):
        raise next(iter(lacking.values()))
    return {system: _missing(error) or str(error) for system, error in lacking.items()}


def _unloadable(plugin: str) -> Iterator[OSError]:
    """What the system's loader says where it does not load that plugin of Qt's."""
    import ctypes

    from PySide6.QtCore import QLibraryInfo

    try:
        ctypes.CDLL(os.path.join(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), plugin))
    except OSError as error:  # the packaged program's Python puts words of its own over the loader's
        yield error.__cause__ if isinstance(error.__cause__, OSError) else error


def _missing(error: OSError) -> str:
    """The library that is missing, by the words of the system's loader; nothing where something else is the matter."""
    found = _NO_LIBRARY.search(str(error))
    return found[1] if found else ""


def _is_ours(error: OSError) -> bool:
    """Whether the packaged program should have brought what is missing: then no package of the system's mends it."""
    return is_packaged() and _missing(error) not in startup_check.PACKAGES


def _end(said: str) -> None:
    sys.stderr.write(f"{said}\n")
    sys.stderr.flush()
    os._exit(startup_check.UNFIT)
