"""A bundle as one file: the same bundle and time always make the same bytes. Only the standard library is used."""

from __future__ import annotations

import tarfile
import time
import zipfile
from pathlib import Path

from core import __version__


def tarball(folder: Path, archive: Path, name: str, epoch: int) -> Path:
    """The folder as an archive in which it is called `name`: root's, all of one time, in the order of its names."""

    def settled(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        return entry

    with tarfile.open(archive, "w:xz", format=tarfile.GNU_FORMAT, preset=9) as file:
        for path in [folder, *sorted(folder.rglob("*"))]:
            inside = Path(name, path.relative_to(folder)).as_posix()
            file.add(path, inside, recursive=False, filter=settled)
    return archive


def zipped(bundle: Path, archive: Path, epoch: int) -> Path:
    """A bundle for Windows as a .zip with one folder in it. The same bundle and time make the same bytes."""
    when = time.gmtime(max(epoch, 315_532_800))[:6]  # a .zip knows no time before 1980
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"fanion-{__version__}/{path.relative_to(bundle).as_posix()}", when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # Windows' own, without rights: those of Unix would forbid reading it
            file.writestr(entry, path.read_bytes())
    return archive
