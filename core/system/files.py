"""Files that are whole on the disk before anything rests on them: after a power cut there is the old one, or the new.

A name is durable only once its folder is, so both are made so: the bytes, then the name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from core import rights

#: As the system's umask has it, for what others are to read.
_FOR_OTHERS = 0o666


def write_new(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> None:
    """Write a file under a name that nothing has yet. Its bytes are durable; see :func:`sync_folder` for its name.

    Its owner alone can read it, unless it is not `private`; if `shared`, everybody can whom its folder is for (see
    :mod:`core.rights`). Raises OSError, FileExistsError; then nothing is left behind.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, rights.OWN_FILE if private else _FOR_OTHERS)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if shared:
                rights.share(descriptor, path.parent)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        _forget(path)
        raise


def create_file(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write a file durably; what has the name already stays. Nobody ever finds half of it there.

    Raises OSError, FileExistsError.
    """
    with _beside(path, content, private=private, shared=False) as fresh:
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            os.replace(fresh, path)
        _forget(fresh)
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> None:
    """Put a file in the place of `path`, durably. Who may read it: see :func:`write_new`. Raises OSError."""
    with replacing_file(path, content, private=private, shared=shared):
        pass


@contextlib.contextmanager
def replacing_file(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> Iterator[Path]:
    """A file beside `path`, which takes its place, durably, once the block is left; not if the block raises.

    Raises OSError; then `path` is what it was.
    """
    with _beside(path, content, private=private, shared=shared) as fresh:
        yield fresh
        os.replace(fresh, path)
    sync_folder(path.parent)


@contextlib.contextmanager
def _beside(path: Path, content: bytes, *, private: bool, shared: bool) -> Iterator[Path]:
    """A new file in the folder of `path`; if the block raises, it goes."""
    fresh = path.with_name(f".fanion-{secrets.token_hex(8)}")
    write_new(fresh, content, private=private, shared=shared)
    try:
        yield fresh
    except BaseException:
        _forget(fresh)
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where its file system can. Windows has no such thing, and needs none.

    Raises OSError.
    """
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # one may be allowed to put something into a folder, but not to look around in it
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):  # some shares and USB keys cannot
            raise
    finally:
        os.close(descriptor)


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
