"""Where ``fanion`` begins: without a command the window, with one the command line, which never loads Qt.

To the exit codes of the command line comes 69: this computer cannot show a window, or the installation is not whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.problem import Problem
    from core.text import Language, Text

#: What may be said of the window, and whether a value comes with it; anything else is a command, or a mistake that the
#: command line explains.
_OPTIONS: Final = {"--data": True, "--language": True, "--portable": False}
#: As in gui.startup.window_probe, which is loaded only where it is needed.
_PROBE: Final = "--probe-window"
#: What installer/bootstrap.py says first: where there is no screen for a window, a practice phone is shown instead.
_FIRST_LOOK: Final = "--first-look"


def main() -> int:
    """Open the window, or run the command that was typed. Returns the exit code."""
    _be_heard()
    try:
        return _begin(sys.argv[1:])
    except ImportError as error:
        return _broken(str(error))
    except FileNotFoundError as error:
        own = getattr(sys, "_MEIPASS", None)  # the packaged program's folder
        if own is None or not str(error.filename).startswith(own):
            raise
        return _broken(os.path.relpath(error.filename, own), file=True)


def _begin(argv: Sequence[str]) -> int:
    if list(argv) == [_PROBE]:
        from gui.startup import window_probe

        return window_probe.show()
    first_look = list(argv[:1]) == [_FIRST_LOOK]
    argv = argv[first_look:]
    options = window_options(argv)
    if options is None:
        from core.cli import main as command_line
        from core.text import T

        return command_line(argv, probes=(("window", T("Window"), _window),))
    instead = partial(_first_look, argv) if first_look else None
    return open_window(
        options.get("--data"), options.get("--language"), portable="--portable" in options, instead=instead
    )


def _first_look(options: Sequence[str]) -> int:
    from gui.startup import first_look

    return first_look.in_terminal(options)


def window_options(argv: Sequence[str]) -> dict[str, str] | None:
    """The options that the window takes; None if there is more than them."""
    found: dict[str, str] = {}
    words = [part for word in argv for part in (word.split("=", 1) if word.startswith("--") else [word])]
    while words:
        takes_value = _OPTIONS.get(words[0])
        if takes_value is None or len(words) < 1 + takes_value:
            return None
        found[words[0]] = words[1] if takes_value else ""
        del words[: 1 + takes_value]
    if "--portable" in found and "--data" in found:
        return None
    if found.get("--data") == "":
        return None
    return found if found.get("--language", "en") in ("en", "fr") else None


def _language(data: str | None, portable: bool) -> Language:
    """That of the settings, or of the system where the settings cannot be read."""
    from core.desk import settings
    from core.problem import Problem

    try:
        folder = settings.portable_folder() if portable else settings.data_folder(data)
        return settings.load(folder).language
    except (Problem, OSError, ValueError):
        return settings.system_language()


def open_window(
    data: str | None, language: str | None, *, portable: bool = False, instead: Callable[[], int] | None = None
) -> int:
    """Open the window; where there can be none, say so in one sentence. `portable` tells that it is carried around.

    `instead` is done where there is no screen, and gives the exit code.
    """
    from core import text
    from gui.startup import startup_check

    asked: text.Language | None = "fr" if language == "fr" else "en" if language == "en" else None
    text.use(asked or _language(data, portable))
    if (old := startup_check.old_system()) is not None:
        return _told(old)
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        if instead is not None:
            return instead()
        print(text.T("There is no screen here for a window. Use a command instead: fanion --help."), file=sys.stderr)
        return 2
    try:
        from gui.startup.application import run
    except ImportError as error:
        return _told(startup_check.because(str(error)))
    return run(data, asked, portable, instead)


def _window() -> Text:
    """Whether a window can be shown, for the self-test."""
    from gui.startup import window_probe

    return window_probe.window()


def _be_heard() -> None:
    """Windows gives a program without a console no streams, and a shell may have closed them: nothing may fail there.

    What is written goes nowhere then; that nobody reads it, is seen from its being no terminal.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - as long as the program runs
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _told(problem: Problem) -> int:
    from gui.startup import startup_check

    startup_check.tell(problem)
    return problem.exit_code


def _broken(what: str, *, file: bool = False) -> int:
    """Part of the program does not load, or is not there."""
    from gui.startup import startup_check

    return _told(startup_check.not_whole(what) if file else startup_check.because(what))


if __name__ == "__main__":
    if getattr(sys, "frozen", False):  # the processes that share a verification begin here too
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main())
