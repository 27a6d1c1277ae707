"""Fanion in its own place: the same program with the same options, once everything of this run is let go of."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

#: What Qt's event loop ends with where Fanion is to start again; no exit code of the program.
START_AGAIN: Final = 1_000


def start_again() -> int:
    """Start the program anew. Where that takes the place of this process, it does not return."""
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "nt":  # there, another process takes over
        subprocess.Popen(command)
    else:
        os.execv(sys.executable, command)  # noqa: S606 - a shell is not wanted
    return 0
