"""Fanion in its own place: the same program with the same options, once everything of this run is let go of."""

from __future__ import annotations

import os
import sys
from typing import Final

from core.system.packaged import is_packaged

#: What Qt's event loop ends with where Fanion is to start again; no exit code of the program.
START_AGAIN: Final = 1_000


def start_again() -> int:
    """Start the program anew. Where that takes the place of this process, it does not return."""
    command, environment = [sys.executable, *sys.orig_argv[1:]], dict(os.environ)
    if is_packaged():
        environment["PYINSTALLER_RESET_ENVIRONMENT"] = "1"  # else it takes itself for a helper of the one that ends
    if os.name == "nt":  # there, another process takes over
        import subprocess  # which would keep the window from being seen

        subprocess.Popen(command, env=environment)
    else:
        os.execve(sys.executable, command, environment)  # noqa: S606 - a shell is not wanted
    return 0
