"""What a newcomer who starts Fanion out of a clone sees where there is no screen: a practice phone is checked.

The installed program never does this: a script that starts it without a command is told that there is no window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.cli import check, main, terminal
from core.model import Verdict
from core.text import T, Text

#: The phone: banned apps, one of them certain by its signer.
_SCENARIO: Final = "walk-up"
#: As it is typed in the folder of the clone.
_RUN: Final = "python3 installer/bootstrap.py run"


def in_terminal(options: Sequence[str]) -> int:
    """Check a practice phone, and say what to try next. Returns 0 if its verdict is red as it has to be.

    `options` are those that the window would have had: the data folder, the language.
    """
    terminal.say(T("There is no screen here for a window, so a practice phone is checked in this terminal."))
    code = main([*options, "check", "--practice", _SCENARIO])
    if code != check.EXIT_CODES[Verdict.RED]:
        return code
    terminal.out("", T("Red is right: this practice phone has banned apps on purpose. What to try next:"))
    for command, purpose in _next():
        terminal.out(f"    {_RUN} {command}", f"        {purpose}")
    return 0


def _next() -> tuple[tuple[str, Text], ...]:
    return (
        (f"remove --practice {_SCENARIO}", T("remove the banned apps, and check the phone again")),
        ("check --practice clean", T("check a phone without a banned app")),
        ("log list --practice", T("see that in the log")),
        ("check", T("check a real phone that is plugged in")),
        ("--help", T("list every command")),
    )
