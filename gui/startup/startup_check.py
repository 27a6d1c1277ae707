"""What stands before the window: whether there can be one on this computer, and how it is said where there cannot.

Nothing here needs Qt to be there. Where no terminal is read, the system's own dialog says it: a program that was
started from a menu must not end in silence.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Mapping
from typing import Final

from core.problem import Problem
from core.system.packaged import is_packaged
from core.text import T, Text

if sys.platform == "darwin":
    import platform

#: EX_UNAVAILABLE of BSD's sysexits, as the launcher of the packaged Linux program: this computer or this installation
#: cannot show a window.
UNFIT: Final = 69

#: What the process that tries the window says when all is well, before Qt's platform and version; and before that, on
#: a line of its own with the name of a system of screens, the library that this system lacks here.
PROBE_GOOD: Final = "fanion-window"
PROBE_WITHOUT: Final = "fanion-without"

#: What Qt opens on Linux and may be missing, with the name of its package on Debian and Ubuntu.
PACKAGES: Final[Mapping[str, str]] = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}

#: The oldest systems that Qt 6.12 runs on: the build number of Windows 10 1809, and macOS by its first numbers.
_WINDOWS: Final = 17_763
_MACOS: Final = (14, 0)

#: What the loaders of Linux, of Python and of Qt write.
_NO_LIBRARY: Final = re.compile(r"([\w+-][\w.+-]*\.so(?:\.\d+)*): cannot open shared object file")
_OLD_GLIBC: Final = re.compile(r"version [`'‘]GLIBC_(\d[\d.]{0,9})['’] not found")
_NO_MODULE: Final = re.compile(r"No module named ['\"]([\w.]{1,120})['\"]")
_NO_SCREEN: Final = ("could not connect to display", "Failed to create wl_display")
_PLUGIN: Final = re.compile(r'Qt platform plugin "([\w-]{1,40})"')


class NoWindow(Problem):
    """This computer cannot show the window, or the installation is not whole."""

    code = "no-window"
    exit_code = UNFIT


def has_no_screen() -> bool:
    """Whether this is a Linux session without a screen, in which Qt was not told to do without one."""
    variables = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform == "linux" and not any(map(os.environ.get, variables))


def old_system() -> NoWindow | None:
    """Why this system is too old for Qt; None if it is not. Linux is told by its libraries."""
    if sys.platform == "win32":
        windows = sys.getwindowsversion()
        if windows.build < _WINDOWS:
            return NoWindow(
                T("Fanion needs Windows 10, version 1809, or newer."),
                T("Update Windows, or use Fanion on a newer computer."),
                f"{windows.major}.{windows.minor}.{windows.build}",
            )
    elif sys.platform == "darwin":
        version = platform.mac_ver()[0]
        if version and tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _MACOS:
            return NoWindow(
                T("Fanion needs macOS {version} or newer.", version=_MACOS[0]),
                T("Update macOS, or use Fanion on a newer computer."),
                version,
            )
    return None


def not_whole(file: str) -> NoWindow:
    """The problem that part of the packaged program is gone."""
    return NoWindow(T("Fanion’s folder is not whole: {file} is missing.", file=file), T("Install Fanion again."))


def lacks_screen(message: str) -> bool:
    """Whether Qt says that all it lacks is a screen."""
    libraries = _OLD_GLIBC.search(message) or _NO_LIBRARY.search(message) or _NO_MODULE.search(message)
    return not libraries and any(words in message for words in _NO_SCREEN)


def because(message: str) -> NoWindow:
    """Why there is no window, from what was said by Python's import, by the system's loader and by Qt."""
    detail = " ".join(message.split())[-600:]
    if match := _OLD_GLIBC.search(message):
        return NoWindow(
            T("This system is too old for Fanion: it has no glibc {version}.", version=match[1]),
            T("Use Fanion on a newer system."),
            detail,
        )
    if match := _NO_LIBRARY.search(message):
        return _without_library(match[1], detail)
    if match := _NO_MODULE.search(message):
        if is_packaged():
            return not_whole(match[1])
    elif lacks_screen(message):
        return NoWindow(
            T("The window cannot be opened: this session has no access to a screen."),
            T("Start Fanion in a session with a desktop, or use a command instead: fanion --help."),
            detail,
        )
    next_step = T("See what this computer lacks: fanion self-test.")
    if match := _PLUGIN.search(message):
        reason: Text | str = T("Qt’s part for “{platform}” does not load", platform=match[1])
        if is_packaged() and not os.environ.get("QT_QPA_PLATFORM"):  # else it was asked for what Qt does not have
            next_step = T("Install Fanion again.")
    elif is_packaged():
        return NoWindow(
            T("The window cannot be opened: part of Fanion does not load."), T("Install Fanion again."), detail
        )
    else:
        reason = T("a library is missing ({error})", error=detail)
    return NoWindow(T("The window cannot be opened: {reason}.", reason=reason), next_step, detail)


def _without_library(name: str, detail: str) -> NoWindow:
    package = PACKAGES.get(name)
    missing = _missing_libraries() if package is not None else []
    if name in missing and len(missing) > 1:
        packages = sorted({PACKAGES[library] for library in missing})
        return NoWindow(
            T("The window cannot be opened: {libraries} are missing.", libraries=", ".join(missing)),
            T(
                "Install the packages {packages} (as Debian and Ubuntu call them), then start Fanion again.",
                packages=" ".join(packages),
            ),
            detail,
        )
    if package is not None:
        next_step = T(
            "Install the package {package} (as Debian and Ubuntu call it), then start Fanion again.", package=package
        )
    elif is_packaged():
        return not_whole(name)
    else:
        next_step = T("Install it with this system’s package manager, then start Fanion again.")
    return NoWindow(T("The window cannot be opened: {library} is missing.", library=name), next_step, detail)


def _missing_libraries() -> list[str]:
    """What Qt opens and the system's loader does not find, so that all of it is told at once.

    Wayland's are asked for in a session of Wayland's alone.
    """
    if sys.platform != "linux":
        return []
    wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    return [name for name in PACKAGES if (wayland or not name.startswith("libwayland")) and not _loads(name)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def named_plugins(message: str) -> list[str]:
    """The plugins for a screen that Qt has named, each once."""
    return list(dict.fromkeys(_PLUGIN.findall(message)))


def give_up(problem: Problem) -> int:
    """Tell a problem for which there is no window. Returns the exit code."""
    tell(problem)
    return problem.exit_code


def tell(problem: Problem) -> None:
    """One sentence and one next step, where they are seen: on the terminal, or else in a dialog, until it is closed."""
    try:
        words = (str(problem.sentence), str(problem.next_step))
    except (OSError, ValueError):  # the French texts may be what is missing
        words = (problem.sentence.in_language("en"), problem.next_step.in_language("en"))
    try:
        sys.stderr.write("".join(f"{line}\n" for line in words))
        sys.stderr.flush()
        if sys.stderr.isatty() or sys.stdin.isatty():
            return
    except (AttributeError, OSError, ValueError):  # there is none, or it is not read
        pass
    try:
        from gui.startup import system_dialog  # which hardly a start needs

        system_dialog.show(*words)
    except OSError:
        return
