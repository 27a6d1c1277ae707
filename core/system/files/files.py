"""The one place where a file or a folder gets its name, and where reading one is sure to end.

What is written here is whole after a power cut: the old one, or the new. A name is durable only once its folder is, so
first the bytes are made durable, then the name, then the folder.

A folder that others write in may have a pipe or a device under any name; reading that, or already opening it, may never
end. So what is read is looked at first, and has a limit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from core.system.files import permissions

#: The rights of a file that others are to read: as the system's umask has it.
_FOR_OTHERS: Final = 0o666
#: Of Windows: a folder that leads to another one, as a symbolic link does.
_JUNCTION: Final = 0xA0000003
#: Of Linux: a file without a name, in the folder that is opened.
_NAMELESS: Final[int] = getattr(os, "O_TMPFILE", 0)
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
#: How the names of files begin that are not whole yet.
UNFINISHED: Final = ".fanion-"
#: What follows in those of a process is made of this and of its number: a fork has another one.
_TOKEN: Final = int.from_bytes(os.urandom(4))
#: See :func:`create_empty_file`.
_creating: Final = threading.Lock()


class NotAFileError(OSError):
    """What has that name is no ordinary file: a pipe, a device, a folder."""


class TooLargeError(OSError):
    """The file has more bytes than it could have."""


def read_file(path: Path, limit: int, *, links: bool = True) -> bytes:
    """The bytes of an ordinary file. Without `links`, no symbolic link may lead to it.

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
    require_file(path, links=links)
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if error.errno == errno.ELOOP and not links:  # it has become a link since
            raise NotAFileError(error.errno, error.strerror, str(path)) from error
        raise
    try:
        _require_ordinary(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def require_file(path: Path, *, links: bool = True) -> None:
    """Raise NotAFileError where what has that name is no ordinary file; other OSErrors where it cannot be asked."""
    _require_ordinary(path, os.stat(path, follow_symlinks=links))


def _require_ordinary(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotAFileError(errno.EINVAL, "not an ordinary file", str(path))


def is_folder(path: Path) -> bool:
    """Whether a folder stands at `path` itself, and not a link or a junction that leads to one. Raises OSError."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISDIR(status.st_mode) and not leads_elsewhere(status)


def leads_elsewhere(status: os.stat_result) -> bool:
    """Whether this is a symbolic link, or a junction of Windows."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


@contextlib.contextmanager
def writing_new(path: Path, *, private: bool = True, shared: bool = False) -> Iterator[IO[bytes]]:
    """A new file to write into, whose bytes are durable when the block is left; for its name see :func:`sync_folder`.

    Its owner alone can read it, unless it is not `private`; if `shared`, everybody can whom its folder is for (see
    :mod:`core.system.files.permissions`). Raises OSError, FileExistsError; then nothing is left behind.
    """
    descriptor = os.open(path, _CREATE, permissions.OWN_FILE if private else _FOR_OTHERS)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if shared:
                permissions.share(descriptor, path.parent)
            yield file
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        _remove(path)
        raise


def write_new(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> None:
    """Write a file under a name that nothing has yet, as :func:`writing_new` does. Raises OSError, FileExistsError."""
    with writing_new(path, private=private, shared=shared) as file:
        file.write(content)


def create_file(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write a file durably; what has the name already stays. No program ever finds half of it there.

    On a file system without hard links it is empty for a moment, and stays so if the power fails then: there is no
    other way to have the name before another program. Raises OSError, FileExistsError.
    """
    with _beside(path, content, private=private, shared=False) as fresh:
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            os.close(os.open(path, _CREATE, permissions.OWN_FILE))
            try:
                os.replace(fresh, path)
            except BaseException:
                _remove(path)
                raise
        _remove(fresh)
    sync_folder(path.parent)


def create_empty_file(path: Path) -> None:
    """An empty file for those who may use its folder's files. Raises OSError, FileExistsError.

    In a folder for several people it gets its name last: another program never finds one that it may not open yet. One
    thread at a time: none may open the file, and lock it, before the others have closed theirs. POSIX takes every lock
    that a program has on a file from it as soon as the program closes any descriptor of that file.
    """
    with _creating:
        if not permissions.is_shared(path.parent):
            os.close(os.open(path, _CREATE, permissions.OWN_FILE))
            return
        if os.path.lexists(path):
            raise FileExistsError(path)
        with _beside(path, b"", private=True, shared=True) as fresh:
            os.link(fresh, path)
            _remove(fresh)


def ensure_file(path: Path) -> None:
    """As :func:`create_empty_file`, unless anything has the name already. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        create_empty_file(path)


def replace_file(path: Path, content: bytes, *, private: bool = True, shared: bool = False) -> None:
    """Put a file in the place of `path`, durably. Who may read it: see :func:`writing_new`. Raises OSError."""
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


def write_private(path: Path, content: bytes, *, shared: bool = True) -> None:
    """Put a file in the place of `path` that only its owner can read, durably, and make its folder if need be.

    In a folder for several people they all can read it, unless it is not to be `shared`. Raises OSError.
    """
    make_folder(path.parent, shared=shared)
    replace_file(path, content, shared=shared)


def move(path: Path, target: Path) -> None:
    """Give a durable file another name in its folder, in the place of what has that name. Raises OSError."""
    os.replace(path, target)
    sync_folder(target.parent)


def move_new(path: Path, target: Path) -> None:
    """Give a file or a folder the name `target`, which nothing has. Raises OSError, FileExistsError."""
    if os.path.lexists(target):
        raise FileExistsError(target)
    try:
        os.rename(path, target)
    except OSError as error:  # another program may have taken the name since
        if os.path.lexists(target):
            raise FileExistsError(target) from error
        raise
    sync_folder(target.parent)


def name_also(path: Path, new_name: Path, limit: int) -> None:
    """Have a file, or a link, under another name as well, which nothing has; it keeps its own all the time.

    On a file system without hard links it is copied, up to `limit` bytes. Raises OSError, FileExistsError.
    """
    try:
        os.link(path, new_name, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        create_file(new_name, read_file(path, limit, links=False))


def create_folder(path: Path) -> None:
    """An empty folder, in one that is there. Raises OSError, FileExistsError if anything is there already.

    In a folder for several people it gets its name last, as a file does. Two programs may both have made it: the one
    that comes second takes the place of the first, which is still empty.
    """
    if not permissions.is_shared(path.parent):
        path.mkdir(mode=permissions.OWN_FOLDER)
        return
    if os.path.lexists(path):
        raise FileExistsError(path)
    fresh = _fresh_name(path)
    fresh.mkdir(mode=permissions.OWN_FOLDER)
    try:
        permissions.share_folder(fresh)
        move_new(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.rmdir()
        raise


def make_folder(folder: Path, *, shared: bool = True) -> None:
    """Make a folder that only its owner can read, and what leads to it, durably, where they are not there.

    In a folder for several people they all can, unless it is not to be `shared`. Raises OSError.
    """
    for missing in [place for place in (*reversed(folder.parents), folder) if not place.exists()]:
        with contextlib.suppress(FileExistsError):
            create_folder(missing) if shared else missing.mkdir(mode=permissions.OWN_FOLDER)
        sync_folder(missing.parent)
    folder.mkdir(mode=permissions.OWN_FOLDER, exist_ok=True)  # or tell that something else is there


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


def sync_file(descriptor: int) -> None:
    """Make the bytes of an open file durable, which was written where it stands. Raises OSError."""
    os.fsync(descriptor)


@contextlib.contextmanager
def _beside(path: Path, content: bytes, *, private: bool, shared: bool) -> Iterator[Path]:
    """A new file in the folder of `path`; if the block raises, it goes.

    Where the system can, it has no name until it is whole: a program that is killed leaves none of its bytes behind.
    """
    fresh = _fresh_name(path)
    if not _write_nameless(fresh, content, private=private, shared=shared):
        write_new(fresh, content, private=private, shared=shared)
    try:
        yield fresh
    except BaseException:
        _remove(fresh)
        raise


def _write_nameless(path: Path, content: bytes, *, private: bool, shared: bool) -> bool:
    """Write a file that gets its name last, as Linux can on most file systems; false where it cannot. Raises OSError.

    What fails before the name is there is tried again by the caller, in the usual way.
    """
    if not _NAMELESS:
        return False
    try:
        descriptor = os.open(path.parent, os.O_WRONLY | _NAMELESS, permissions.OWN_FILE if private else _FOR_OTHERS)
    except OSError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        if shared:
            permissions.share(descriptor, path.parent)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
        try:
            # With a folder given, Python asks for the file that the link in /proc leads to, and not for the link.
            os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor)
        except FileExistsError:
            raise
        except OSError:  # no /proc, or a file system that gives no second names
            return False
    return True


def is_of_this_process(path: Path) -> bool:
    """Whether a file that is not whole yet is being written by this process, by its name."""
    return path.name.startswith(_unfinished_of_this_process())


def time_of_folder(folder: Path) -> float:
    """What time it is for files that are written into `folder` now, in seconds since 1970: by the clock that its file
    system goes by, which on a share is another computer's. Raises OSError where nothing can be written there."""
    trial = _fresh_name(folder / "trial")
    try:
        write_new(trial, b"\n")
        return os.lstat(trial).st_mtime
    finally:
        _remove(trial)


def _fresh_name(path: Path) -> Path:
    return path.with_name(f"{_unfinished_of_this_process()}{os.urandom(4).hex()}")


def _unfinished_of_this_process() -> str:
    return f"{UNFINISHED}{_TOKEN ^ os.getpid():08x}"


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
