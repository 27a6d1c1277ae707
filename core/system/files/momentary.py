"""What is on disk for a moment only. Nothing of it stays where a program is killed: on Linux a file is in memory alone;
a folder, and elsewhere a file, goes with the next program that asks for one, or starts."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.system.files.erasing import erase_folder
from core.system.files.files import write_new
from core.system.files.unfinished import sweep, unfinished_folder

#: Of Linux: where the open files of each program have names for every program of its account.
_PROCESSES: Final = Path("/proc")


def is_in_memory() -> bool:
    """Whether :func:`momentary_file` writes to no disk."""
    return sys.platform == "linux" and (_PROCESSES / str(os.getpid())).is_dir()


@contextmanager
def momentary_file(name: str, content: bytes) -> Iterator[Path]:
    """A file that this program, and others of this account, can read by its path until the block is left. Raises
    OSError."""
    if sys.platform == "linux" and is_in_memory():
        with os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "wb") as file:
            file.write(content)
            file.flush()
            yield _PROCESSES / str(os.getpid()) / "fd" / str(file.fileno())
    else:
        with momentary_folder() as folder:
            write_new(folder / name, content)
            yield folder / name


@contextmanager
def momentary_folder(place: Path | None = None) -> Iterator[Path]:
    """A folder of this account alone, in `place` or where the system has such things; it is overwritten and deleted
    when the block is left. Raises OSError."""
    with unfinished_folder(place or _place(), private=True) as folder:
        try:
            yield folder
        finally:
            erase_folder(folder)


def clear() -> None:
    """Clear away the folders of programs that were killed. Never raises."""
    sweep(_place())


def _place() -> Path:
    return Path(tempfile.gettempdir())
