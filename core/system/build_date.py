"""When this version of Fanion was made: no clock shows an earlier time by right."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from core.system.packaged import is_packaged
from core.system.processes.child_process import TimeoutExpired, run
from core.system.processes.programs import find_program
from core.system.processes.surroundings import systems_environment

#: Among the resources of a bundle: seconds since 1970, which installer/package.py writes there. A clone has none.
STAMP: Final = "built"

_ROOT: Final = Path(__file__).resolve().parents[2]
#: Seconds that git may take.
_PATIENCE: Final = 5.0


@cache
def built() -> datetime:
    """The time that a bundle is stamped with; in a clone that of its newest commit, else that of its newest file.

    Found out when it is first asked for: where a signed policy may count. Raises FileNotFoundError for a bundle without
    a stamp, which is not whole.
    """
    try:
        seconds = int((resources.files("resources") / STAMP).read_text(encoding="ascii"))
    except FileNotFoundError:
        if is_packaged():
            raise
        seconds = committed(_ROOT) or changed(_ROOT)
    return datetime.fromtimestamp(seconds, UTC)


def committed(clone: Path) -> int | None:
    """When the newest commit of a clone was made, in seconds since 1970; None if that is no clone, or has no git."""
    if not os.path.lexists(clone / ".git"):
        return None  # what is around it may be a clone of something else
    git = find_program("git")
    if git is None:
        return None
    command = [git, "-C", os.path.abspath(clone), "log", "-1", "--no-show-signature", "--format=%ct"]
    try:
        completed = run(command, systems_environment(), timeout=_PATIENCE)
        return int(completed.stdout) if completed.returncode == 0 else None
    except (OSError, ValueError, TimeoutExpired):
        return None


def changed(folder: Path) -> int:
    """When the newest of our modules and resources in a folder was written, in seconds since 1970."""
    ours = (path for part in ("core", "gui", "resources") for path in (folder / part).rglob("*.*"))
    return int(max((path.stat().st_mtime for path in ours if path.suffix != ".pyc"), default=0))
