"""A bundle as one file: the same bundle and time always make the same bytes. Only the standard library is used."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core import __version__
from installer import xz

#: How the name of a file or folder ends, and with a dot how it begins, that is being made.
PART: Final = ".part"


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the name beside `path` under which a file or folder is made; then it is `path`, and on the disk.

    Whenever this is killed, what is called `path` is whole: the new one, or what was there before. What the block
    leaves half-made goes with the next one that is made, or with `package.clear`.
    """
    part = path.with_name(f".{path.name}{PART}")
    remove(part)
    try:
        yield part
        for file in [part, *part.rglob("*")] if part.is_dir() else [part]:
            if file.is_file() and not file.is_symlink():
                _sync(file)
        if part.is_dir():
            remove(path)
        part.replace(path)
        if os.name != "nt":  # Windows opens no folders
            _sync(path.parent)
    except BaseException:
        remove(part)
        raise


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, if it is there. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have the system write a file or folder to the disk. Windows syncs only what is open for writing."""
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def tarball(folder: Path, archive: Path, name: str, epoch: int, blocks: xz.Blocks | None = None) -> Path:
    """The folder as an archive in which it is called `name`: root's, all of one time, in the order of its names.

    What `blocks` has compressed already is taken from there.
    """

    def settled(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        return entry

    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as file:
        for path in [folder, *sorted(folder.rglob("*"))]:
            inside = Path(name, path.relative_to(folder)).as_posix()
            file.add(path, inside, recursive=False, filter=settled)
    with whole(archive) as part:
        part.write_bytes((blocks or xz.Blocks()).of_tar(content.getbuffer()))
    return archive


def zipped(bundle: Path, archive: Path, epoch: int) -> Path:
    """A bundle for Windows as a .zip with one folder in it. The same bundle and time make the same bytes."""
    when = time.gmtime(max(epoch, 315_532_800))[:6]  # a .zip knows no time before 1980
    with whole(archive) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"fanion-{__version__}/{path.relative_to(bundle).as_posix()}", when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # Windows' own, without rights: those of Unix would forbid reading it
            file.writestr(entry, path.read_bytes())
    return archive
