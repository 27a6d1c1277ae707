"""Programs that an outsider starts, in an environment that has nothing of Fanion's in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .report import NotInOrder, NotTried

#: Seconds that a program may take.
PATIENCE = 600


def start(
    *command: object, folder: Path | None = None, home: Path | None = None, **variables: str
) -> tuple[int, str, str]:
    """Start a program: its exit code, and what it wrote to stdout and stderr. Raises NotTried where there is none."""
    program = shutil.which(str(command[0]))
    if program is None:
        raise NotTried(f"{command[0]} is not on this machine.")
    environment = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if name in os.environ
    }
    environment |= {"LC_ALL": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen", "HOME": str(home or folder or "/nonexistent")}
    process = subprocess.run(
        [program, *map(str, command[1:])],
        cwd=folder,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    return process.returncode, process.stdout, process.stderr


def run(*command: object, folder: Path | None = None, home: Path | None = None, **variables: str) -> str:
    """What a program writes to stdout. Raises NotInOrder where it ends with a failure, NotTried where there is none."""
    code, out, err = start(*command, folder=folder, home=home, **variables)
    if code:
        last = (err.strip() or out.strip() or "it said nothing").splitlines()[-1]
        raise NotInOrder(f"{Path(str(command[0])).name} ended with {code}: {last}")
    return out
