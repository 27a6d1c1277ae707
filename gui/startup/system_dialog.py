"""The system's own dialog with a sentence, where there is no Qt to show it."""

from __future__ import annotations

import ctypes
import os
import sys
import textwrap
from typing import Final

from core.system.processes.child_process import run
from core.system.processes.programs import find_program
from core.system.processes.surroundings import systems_environment

#: Programs that show a sentence on a Linux desktop, and what each is given before it; the last needs no click.
_DIALOGS: Final[tuple[tuple[str, ...], ...]] = (
    ("zenity", "--warning", "--no-markup", "--width=420", "--title=Fanion", "--text"),
    ("kdialog", "--title", "Fanion", "--sorry"),
    ("gxmessage", "-center", "-title", "Fanion"),
    ("xmessage", "-center", "-title", "Fanion", "-xrm", "*international: true"),
    ("notify-send", "--app-name=Fanion", "Fanion"),
)
#: Characters of a line in a dialog that does not break lines itself.
_WIDTH: Final = 72


def show(sentence: str, next_step: str) -> None:
    """Show it until it is closed, if this system has a dialog for that. Raises OSError."""
    whole_text = f"{sentence}\n\n{next_step}"
    if sys.platform == "win32":
        warning, in_front = 0x30, 0x10000
        ctypes.windll.user32.MessageBoxW(None, whole_text, "Fanion", warning | in_front)
        return
    if sys.platform == "darwin":
        ask = 'display dialog (item 1 of argv) with title "Fanion" buttons {"OK"} default button 1 with icon caution'
        command = ["/usr/bin/osascript", "-e", "on run argv", "-e", ask, "-e", "end run", whole_text]
    elif any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        commands = ((path, *words) for name, *words in _DIALOGS if (path := find_program(name)) is not None)
        command = list(next(commands, ()))
        if not command:
            return
        lines = (textwrap.fill(words, _WIDTH, break_on_hyphens=False) for words in (sentence, next_step))
        # The plain one of X11 has no typographic apostrophe.
        command.append("\n\n".join(lines).replace("’", "'") if command[0].endswith("message") else whole_text)
    else:
        return
    run(command, systems_environment())
