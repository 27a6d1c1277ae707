"""Whether the files of a bundle lie on the medium as they were written."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Final

from core.head_office.bundles import layout
from core.system.files.files import open_file

_BLOCK: Final = 1 << 20


def is_whole(folder: Path) -> bool:
    """Whether each file of a bundle is as SHA256SUMS says, and none is there of which it says nothing."""
    sums = layout.sums_in(folder)
    if not sums.keys() & {layout.MANIFEST, f"{layout.MANIFEST}{layout.AGE}"}:
        return False
    return layout.files_in(folder) == sums.keys() and all(read_back(folder / name) == sums[name] for name in sums)


def read_back(file: Path) -> str | None:
    """The SHA-256 of a file as it lies on the medium, and not in memory where the system can be asked for that; None
    where it cannot be read."""
    hashing = sha256()
    try:
        descriptor = open_file(file, os.O_RDONLY, links=False)
        with os.fdopen(descriptor, "rb") as opened:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while block := opened.read(_BLOCK):
                hashing.update(block)
    except OSError:
        return None
    return hashing.hexdigest()
