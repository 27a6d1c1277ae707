"""Which of the programs that wrote into a ledger are still running.

Each keeps a small file beside the ledger and holds its lock, which ends with the process however that ends (see
:mod:`core.system.files.file_lock`): an intent without an outcome is only a crash if no program holds the lock of the
session that wrote it. No process is looked up by its number: in a log that several people write, those of others are
told apart as well.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path
from typing import Final

from core.system.files.file_lock import LockFile, is_held

_ID: Final = re.compile(r"[0-9a-f]{16}")


class Session:
    """This program's stay at a ledger. `id` is random; the lock is held until :meth:`close`."""

    def __init__(self, ledger: Path) -> None:
        """Raises OSError if the folder cannot be written or its file system knows no locks."""
        self.id = secrets.token_hex(8)
        self._lock = LockFile.hold(_file(ledger, self.id))
        _remove_dead(ledger)

    def close(self) -> None:
        """Release the lock. Never raises; a second call does nothing."""
        self._lock.release()


def is_alive(ledger: Path, session: str) -> bool:
    """Whether the program that wrote as `session` still runs. In doubt it does: its work must not be called a crash."""
    return bool(_ID.fullmatch(session)) and is_held(_file(ledger, session))


def _file(ledger: Path, session: str) -> Path:
    return ledger.with_name(f"{ledger.name}-session-{session}")


def _remove_dead(ledger: Path) -> None:
    """Delete the session files whose programs have ended."""
    prefix = _file(ledger, "").name
    for path in [p for p in ledger.parent.iterdir() if p.name.startswith(prefix)]:
        with contextlib.suppress(OSError):
            if (lock := LockFile.take(path, make=False)) is not None:
                lock.release()
