"""Folders for targets whose parsers read files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def _all() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fanion-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def scratch(name: str) -> Path:
    """A folder that goes when this process ends; the same for the same name."""
    folder = _all() / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
