"""Where ``fanion`` begins: without a command the window, with one the command line, which never loads Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.text import Language

#: What may be said of the window; anything else is a command, or a mistake that the command line explains.
_OPTIONS: Final = ("--data", "--language")


def main() -> int:
    """Open the window, or run the command that was typed. Returns the exit code."""
    options = window_options(sys.argv[1:])
    if options is None:
        from core.cli import main as command_line

        return command_line(sys.argv[1:])
    return open_window(options.get("--data"), options.get("--language"))


def window_options(argv: Sequence[str]) -> dict[str, str] | None:
    """The options that the window takes; None if there is more than them."""
    found: dict[str, str] = {}
    words = [part for word in argv for part in (word.split("=", 1) if word.startswith("--") else [word])]
    while words:
        if words[0] not in _OPTIONS or len(words) < 2:
            return None
        found[words[0]] = words[1]
        del words[:2]
    return found if found.get("--language", "en") in ("en", "fr") else None


def _language(data: str | None) -> Language:
    """That of the settings, or of the system where the settings cannot be read."""
    from core import settings
    from core.model import Problem

    try:
        return settings.load(settings.data_folder(data)).language
    except (Problem, OSError, ValueError):
        return settings.system_language()


def open_window(data: str | None, language: str | None) -> int:
    """Open the window; where there can be none, say so in one sentence."""
    from core import text

    asked: text.Language | None = "fr" if language == "fr" else "en" if language == "en" else None
    text.use(asked or _language(data))
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        print(text.T("There is no screen here for a window. Use a command instead: fanion --help."), file=sys.stderr)
        return 2
    try:
        from gui.app import run
    except ImportError as error:
        print(text.T("The window cannot be opened: a library is missing ({error}).", error=error), file=sys.stderr)
        print(text.T("See what this computer lacks: fanion self-test."), file=sys.stderr)
        return 2
    return run(data, asked)


if __name__ == "__main__":
    if getattr(sys, "frozen", False):  # the processes that share a verification begin here too
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main())
