"""The process in which the window is tried, for ``fanion self-test``: see :mod:`gui.startup.window_probe`."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import sys
from typing import Final

from PySide6.QtCore import qVersion

import gui
from core.system.packaged import is_packaged
from gui.startup import startup_check
from gui.startup.qt_application import application, loader_error, plugin_file
from gui.toolkit.images.icons import icon

_NO_LIBRARY: Final = re.compile(r"([^/\s]+): cannot open shared object file")

#: What of Qt the window imports, some of it late.
_QT: Final = ("QtCore", "QtGui", "QtNetwork", "QtPrintSupport", "QtSvg", "QtWidgets")
#: The plugins that the window uses or may use on Linux, in Qt's folder for them: for its icons and those of apps, and
#: for either system of screens. A person needs one of the two; which one is not known without a screen.
_PICTURES: Final = ("iconengines/libqsvgicon.so", "imageformats/libqsvg.so", "imageformats/libqwebp.so")
_SCREENS: Final = {
    "X11": ("platforms/libqxcb.so",),
    "Wayland": ("platforms/libqwayland.so", "wayland-shell-integration/libxdg-shell.so"),
}


def run() -> int:
    """Start Qt, draw an icon, load all that a window needs, say what it was done with.

    Returns the exit code. Raises ImportError, KeyError and OSError for what is missing.
    """
    app = application("fanion", _end)
    drawn = icon("check").pixmap(32, 32).toImage()
    _load_the_window()
    without = _lacking() if sys.platform == "linux" else {}
    pixels = ((x, y) for x in range(drawn.width()) for y in range(drawn.height()))
    if not any(drawn.pixelColor(x, y).alpha() for x, y in pixels):
        sys.stderr.write("An icon was drawn and nothing is to be seen of it.\n")
        return 1
    for system, library in without.items():
        sys.stdout.write(f"{startup_check.PROBE_WITHOUT} {system} {library}\n")
    sys.stdout.write(f"{startup_check.PROBE_GOOD} {app.platformName()} {qVersion()}\n")
    return 0


def _load_the_window() -> None:
    """Load every module of the window: most of them come late, when it is seen. Raises ImportError."""
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
        for error in filter(None, (loader_error(plugin_file(name)) for name in names)):
            if _is_ours(error):
                raise error
            if system:
                lacking.setdefault(system, error)
    if len(lacking) == len(_SCREENS):
        raise next(iter(lacking.values()))
    return {system: _missing(error) or str(error) for system, error in lacking.items()}


def _missing(error: OSError) -> str:
    """The library that is missing, by the words of the system's loader; nothing where something else is the matter."""
    match = _NO_LIBRARY.search(str(error))
    return match[1] if match else ""


def _is_ours(error: OSError) -> bool:
    """Whether the packaged program should have brought what is missing: then no package of the system's mends it."""
    return is_packaged() and _missing(error) not in startup_check.PACKAGES


def _end(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
    os._exit(startup_check.UNFIT)
