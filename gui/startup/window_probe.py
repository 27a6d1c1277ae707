"""Whether a window can be shown here, for ``fanion self-test``: tried in a process of its own, since Qt ends the one
in which it finds no screen.
"""

from __future__ import annotations

import sys
from typing import Final

from core.problem import Problem
from core.system.processes import child_process
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


class WindowProblem(Problem):
    """The process that tried the window did not end well."""

    code = "no-window"
    exit_code = startup_check.UNFIT


def window() -> Text:
    """Try in a process of its own whether a window can be shown, and say on what. Raises a Problem."""
    if (old := startup_check.old_system()) is not None:
        raise old
    offscreen = startup_check.has_no_screen()
    command, variables = child_process.own_process(SWITCH)
    variables |= {"QT_QPA_PLATFORM": "offscreen"} if offscreen else {}
    try:
        process = child_process.run(command, variables, timeout=_LIMIT)
    except child_process.TimeoutExpired:
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
    *before, last = process.stdout[-_LONGEST:].decode(errors="replace").strip().splitlines() or [""]
    word, _, rest = last.partition(" ")
    platform, _, version = plain(rest).partition(" ")
    if process.returncode != 0 or word != startup_check.PROBE_GOOD or not version:
        raise _failed(process.returncode, process.stderr[-_LONGEST:].decode(errors="replace"))
    if offscreen:
        answer = T("no screen here; works without one (Qt {version})", version=version)
    else:
        answer = T("can be shown (Qt {version}, {platform})", version=version, platform=platform)
    for line in before:
        word, _, lacking = line.partition(" ")
        system, _, library = plain(lacking).partition(" ")
        if word == startup_check.PROBE_WITHOUT and library:
            return T(
                "{found}; a session with {system} could not show it: {library} is missing",
                found=answer,
                system=system,
                library=library,
            )
    return answer


def _failed(code: int, stderr: str) -> Problem:
    lines = [line for line in stderr.splitlines() if line.strip() and not line.startswith(_EMPTY_WORDS)]
    last = plain(lines[-1].strip(), 300) if lines else ""
    if code == startup_check.UNFIT:
        reason = startup_check.because(stderr)
        return WindowProblem(reason.sentence, reason.next_step, last)
    return WindowProblem(
        T("The window broke off while it was tried (exit code {code}).", code=code), T("Install Fanion again."), last
    )


def show() -> int:
    """The process itself: try the window. Returns the exit code, and writes what is amiss to stderr."""
    try:
        from gui.startup import probe_process  # which needs Qt

        return probe_process.run()
    except (ImportError, KeyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return startup_check.UNFIT
