"""Fanion in its own place: the same program with the same options, once everything of this run is let go of."""

from __future__ import annotations

import sys
from typing import Final, NoReturn

from core.system.packaged import is_packaged

#: What Qt's event loop ends with where Fanion is to start again; no exit code of the program.
START_AGAIN: Final = 1_000


def start_again() -> NoReturn:
    """Start the program anew, in the place of this process or, on Windows, before it ends."""
    from core.system.processes import child_process  # which would keep the window from being seen

    _, environment = child_process.own_process()
    if is_packaged():
        environment["PYINSTALLER_RESET_ENVIRONMENT"] = "1"  # else it takes itself for a helper of the one that ends
    program = [sys.executable] if is_packaged() else [sys.executable, "-P"]
    child_process.replace([*program, *sys.orig_argv[1:]], environment)
