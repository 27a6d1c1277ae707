"""Where the drives are that are plugged in and taken away: USB keys, memory cards. Shared folders are none."""

from __future__ import annotations

import os
import string
import sys
from itertools import islice
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import ctypes

#: Folders whose folders are drives, on Linux one level further down also: for each user.
_MOUNTED: Final = (Path("/media"), Path("/run/media"))
_VOLUMES: Final = Path("/Volumes")
#: Folders that are looked at.
_MOST: Final = 64
#: What GetDriveTypeW answers for such a drive (winbase.h).
_REMOVABLE: Final = 2


def removable_drives() -> list[Path]:
    """The top folder of each drive; an empty list where the system does not tell. Never raises."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        drives = kernel.GetLogicalDrives()
        letters = [letter for n, letter in enumerate(string.ascii_uppercase) if drives >> n & 1]
        return [Path(f"{c}:\\") for c in letters if kernel.GetDriveTypeW(f"{c}:\\") == _REMOVABLE]
    if sys.platform == "darwin":
        return [path for path in _folders(_VOLUMES) if not path.is_symlink()]
    nearest = [path for folder in _MOUNTED for path in _folders(folder)]
    return [
        path for path in [*nearest, *(inner for path in nearest for inner in _folders(path))] if os.path.ismount(path)
    ]


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(islice((path for path in folder.iterdir() if path.is_dir()), _MOST))
    except OSError:
        return []
