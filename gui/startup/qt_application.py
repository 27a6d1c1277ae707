"""Qt's application object, and why there can be none."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from PySide6.QtCore import QLibraryInfo, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from gui.startup.startup_check import named_plugins
from gui.toolkit import roles

#: By what Qt multiplies the size of everything; it is read once, when the application object is made.
_SCALE: Final = "QT_SCALE_FACTOR"


def application(name: str, failed: Callable[[str], None], percent: int = 100) -> QApplication:
    """Qt's application object. Where Qt finds no screen it ends the process: before, `failed` is told why.

    `failed` must not return; what Qt has to say otherwise goes to stderr as ever. Everything is `percent` as large as
    the system would have it.
    """
    messages: list[str] = []

    def hear(kind: QtMsgType, context: Any, message: str) -> None:
        category = getattr(context, "category", None) or "default"
        messages.append(message if category == "default" else f"{category}: {message}")
        if kind == QtMsgType.QtFatalMsg:
            failed("\n".join([*messages, *_unloadable("\n".join(messages))]))

    before = qInstallMessageHandler(hear)
    # Not QApplication.setStyle(): what that returns brings a thousand names with it, which takes a tenth of the start.
    with _scaled(percent):
        app = QApplication([name, "-style", "fusion"])
    roles.install()
    qInstallMessageHandler(before)
    if sys.stderr is not None:
        sys.stderr.write("".join(f"{line}\n" for line in messages))
    return app


@contextlib.contextmanager
def _scaled(percent: int) -> Iterator[None]:
    """Have what Qt reads in here make everything larger, on top of what is asked for already. Programs that are started
    later are not told: they have sizes of their own."""
    before = os.environ.get(_SCALE)
    if percent != 100:
        try:
            factor = float(before or 1)
        except ValueError:  # Qt would ignore it, too
            factor = 1.0
        os.environ[_SCALE] = str(factor * percent / 100)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_SCALE, None)
        else:
            os.environ[_SCALE] = before


def _unloadable(message: str) -> list[str]:
    """What the system's loader says of the plugins that Qt could not load; Qt itself keeps that back."""
    if sys.platform != "linux":
        return []
    folder = plugin_file("platforms")
    plugins = (os.path.join(folder, f"libq{name}.so") for name in named_plugins(message))
    errors = (loader_error(plugin) for plugin in plugins if os.path.exists(plugin))
    return [str(error) for error in errors if error is not None]


def plugin_file(name: str) -> str:
    """Where Qt has a plugin, or a folder of them."""
    return os.path.join(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), name)


def loader_error(library: str) -> OSError | None:
    """What the system's loader says where it does not load a library."""
    import ctypes  # a start that goes well has no use for it

    try:
        ctypes.CDLL(library)
    except OSError as error:  # the packaged program's Python puts words of its own over the loader's
        return error.__cause__ if isinstance(error.__cause__, OSError) else error
    return None
