"""The file that earlier versions kept beside a ledger to search sooner: nothing reads it any more."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from core.ledger.file.beside import is_usable
from core.system.files.files import open_file

#: How SQLite's files begin, and where in them stands whose they are: https://www.sqlite.org/fileformat.html.
_SQLITE: Final = b"SQLite format 3\0"
_OWNER: Final = slice(68, 72)
_OURS: Final = b"FNLS"


def remove_earlier_index(ledger: Path) -> None:
    """Delete the earlier index of the ledger at this path. Any other file, or one that is in use, stays."""
    file = ledger.with_name(f"{ledger.stem}-search.db")
    with contextlib.suppress(OSError):
        with os.fdopen(open_file(file, os.O_RDONLY, links=False), "rb") as opened:
            status, header = os.fstat(opened.fileno()), opened.read(_OWNER.stop)
        if is_usable(file, status) and header.startswith(_SQLITE) and header[_OWNER] == _OURS:
            file.unlink()
