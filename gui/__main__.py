"""Where ``fanion`` begins: without a command the window, with one the command line, which never loads Qt.

To the exit codes of the command line comes 69: this computer cannot show a window, or the installation is not whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from core.system.processes.surroundings import clean_own_environment
from core.text import T, Text

#: What may be said of the window, and whether a value comes with it; anything else is a command, or a mistake that the
#: command line explains.
_OPTIONS: Final = {"--data": True, "--language": True, "--portable": False}
#: As in gui.startup.window_probe, which is loaded only where it is needed.
_PROBE: Final = "--probe-window"
#: What installer/bootstrap.py says first: where there is no screen for a window, a practice phone is shown instead.
_FIRST_LOOK: Final = "--first-look"


def main() -> int:
    """Open the window, or run the command that was typed. Returns the exit code."""
    _open_missing_streams()
    clean_own_environment()
    try:
        return _begin(sys.argv[1:])
    except (ImportError, FileNotFoundError) as error:
        from gui.startup import startup_check  # which hardly a start needs

        if isinstance(error, ImportError):
            return startup_check.give_up(startup_check.because(str(error)))
        own = getattr(sys, "_MEIPASS", None)  # the packaged program's folder
        if own is None or not str(error.filename).startswith(own):
            raise
        return startup_check.give_up(startup_check.not_whole(os.path.relpath(error.filename, own)))


def _begin(argv: Sequence[str]) -> int:
    # Each of these loads alone what it needs: a command knows no Qt, and a window no command line.
    if list(argv) == [_PROBE]:
        try_here, _ = _window_probes()
        return try_here()
    first_look = list(argv[:1]) == [_FIRST_LOOK]
    argv = argv[first_look:]
    options = window_options(argv)
    if options is None:
        from core.cli import main as command_line  # which a window does without

        return command_line(argv, probes=(("window", T("Window"), _window),))
    from gui.startup.open_window import open_window  # which a command does without

    instead = partial(_first_look, argv) if first_look else None
    return open_window(
        options.get("--data"), options.get("--language"), portable="--portable" in options, instead=instead
    )


def _first_look(options: Sequence[str]) -> int:
    from gui.startup import first_look  # which is the command line

    return first_look.in_terminal(options)


def window_options(argv: Sequence[str]) -> dict[str, str] | None:
    """The options that the window takes; None if there is more than them."""
    options: dict[str, str] = {}
    words = [part for word in argv for part in (word.split("=", 1) if word.startswith("--") else [word])]
    while words:
        takes_value = _OPTIONS.get(words[0])
        if takes_value is None or len(words) < 1 + takes_value:
            return None
        options[words[0]] = words[1] if takes_value else ""
        del words[: 1 + takes_value]
    if "--portable" in options and "--data" in options:
        return None
    if options.get("--data") == "":
        return None
    return options if options.get("--language", "en") in ("en", "fr") else None


def _window() -> Text:
    """Whether a window can be shown, for the self-test."""
    _, try_in_a_process = _window_probes()
    return try_in_a_process()


def _window_probes() -> tuple[Callable[[], int], Callable[[], Text]]:
    """What tries the window in this process, and what has a process of its own try it."""
    from gui.startup import window_probe  # of use to the self-test alone

    return window_probe.show, window_probe.window


def _open_missing_streams() -> None:
    """Windows gives a program without a console no streams, and a shell may have closed them: nothing may fail there.

    What is written goes nowhere then; a stream that is no terminal shows that it is not read.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the program runs


if __name__ == "__main__":
    if getattr(sys, "frozen", False):  # processes that verify a log or read a workbook begin here too
        import multiprocessing

        multiprocessing.freeze_support()
    sys.exit(main())
