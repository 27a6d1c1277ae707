"""Files that are read to an end, and that are whole on the disk before anything rests on them.

After a power cut there is the old one, or the new.

A name is durable only once its folder is, so both are made so: the bytes, then the name.

Whoever can write in a folder can put a pipe or a device there, of which reading, and already opening, may never end.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from core.system import permissions

#: As the system's umask has it, for what others are to read.
_FOR_OTHERS = 0o666


class NotAFileError(OSError):
    """What has that name is no ordinary file: a pipe, a device, a folder."""


class TooLargeError(OSError):
    """The file has more bytes than it could have."""


def read_file(path: Path, limit: int, *, links: bool = True) -> bytes:
    """The bytes of an ordinary file, which nobody is waited for. Without `links`, none may lead to it.

    Raises OSError: NotAFileError, also for a link that may not lead to it, TooLargeError beyond `limit` bytes.
    """
    descriptor = open_file(path, os.O_RDONLY, links=links)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(limit + 1) if os.fstat(descriptor).st_size <= limit else None
    if data is None or len(data) > limit:
        raise TooLargeError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def open_file(path: Path, flags: int, *, links: bool = True) -> int:
    """The descriptor of an ordinary file that is there. Raises OSError, NotAFileError as read_file() does."""
    # Asked first: to open a device could do something.
    _require_file(path, os.stat(path, follow_symlinks=links))
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if error.errno == errno.ELOOP and not links:  # it has become a link since
            raise NotAFileError(error.errno, error.strerror, str(path)) from error
        raise
    try:
        _require_file(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _require_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotAFileError(errno.EINVAL, "not an ordinary file", str(path))


def write_new(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> None:
    """Write a file under a name that nothing has yet. Its bytes are durable; see :func:`sync_folder` for its name.

    Its owner alone can read it, unless it is not `private`; if `shared`, everybody can whom its folder is for (see
    :mod:`core.system.permissions`). Raises OSError, FileExistsError; then nothing is left behind.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, permissions.OWN_FILE if private else _FOR_OTHERS)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if shared:
                permissions.share(descriptor, path.parent)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        _forget(path)
        raise


def create_file(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write a file durably; what has the name already stays. Nobody ever finds half of it there.

    On a file system without hard links it is empty for a moment, and stays so if the power fails then: there is no
    other way to have the name before anybody else. Raises OSError, FileExistsError.
    """
    with _beside(path, content, private=private, shared=False) as fresh:
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions.OWN_FILE))
            try:
                os.replace(fresh, path)
            except BaseException:
                _forget(path)
                raise
        _forget(fresh)
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> None:
    """Put a file in the place of `path`, durably. Who may read it: see :func:`write_new`. Raises OSError."""
    with replacing_file(path, content, private=private, shared=shared):
        pass


@contextlib.contextmanager
def replacing_file(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> Iterator[Path]:
    """A file beside `path`, which takes its place, durably, once the block is left; not if the block raises.

    Raises OSError. Then `path` is what it was, unless it was only the name that could not be made durable: then the new
    file is in its place, and after a power cut either may be.
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
