"""One desk's folder among those that desks exchange: its keys, its checkpoints, and how each grew out of the last.

    fanion-checkpoints/desk-4-0f3a.../enrolment.txt      the desk's verifier keys
                                      120.checkpoint     a signed note; others add their cosignatures to it
                                      120.consistency    the size that it grew out of, and the path that proves it

What is read may be hostile: NoteError says what is wrong with it. Everything here may raise OSError.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.tlog.notes import NOTE_LIMIT, PATH_LIMIT, Checkpoint, Note, NoteError, Verifier
from core.ledger.tlog.tree import HASH_BYTES, is_consistent
from core.system.files.files import NotAFileError, TooLargeError, read_file, replace_file
from core.text import T

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN: Final = (errno.EROFS, errno.EACCES, errno.EPERM)


class MediumProblem(LedgerProblem):
    """The key, or the share, cannot be read or written."""

    code = "medium"


@contextlib.contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turn what the medium with `folder` may do into a MediumProblem."""
    try:
        yield
    except OSError as error:
        name = str(folder)
        if error.errno in _FULL:
            sentence = T("The medium with the folder {folder} is full.", folder=name)
            next_step = T("Free some space on it, or take another one, then try again.")
        elif error.errno in _FORBIDDEN:
            sentence = T("You may not write to the folder {folder}, or its medium is write-protected.", folder=name)
            next_step = T("Take off the protection, or choose another folder, then try again.")
        else:
            sentence = T(
                "The folder {folder} cannot be reached any more, or its medium reported an error.", folder=name
            )
            next_step = T("Plug the medium in again and wait until the computer shows it, then try again.")
        raise MediumProblem(sentence, next_step, str(error)) from error


def names(folder: Path, limit: int) -> list[str]:
    """The names in `folder`, in no order, and no more than `limit` of them. Raises OSError."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in islice(entries, limit)]


def read(path: Path, limit: int) -> bytes | None:
    """The content of a file; None for what is no file, or longer than `limit` bytes. Raises OSError.

    Nothing is followed that leads elsewhere, and nothing waited for that never ends.
    """
    try:
        return read_file(path, limit, links=False)
    except (NotAFileError, TooLargeError):
        return None


def put(path: Path, content: bytes) -> None:
    """Put a file in the place of `path`. When this returns, it is on the medium. Raises OSError."""
    # Others are to read and to replace it: who may, the medium decides.
    replace_file(path, content, private=False)


#: What the exchange is called on a key.
FOLDER: Final = "fanion-checkpoints"
ENROLMENT: Final = "enrolment.txt"
#: Bytes.
_SMALL: Final = 4_000
#: Files in one desk's folder that are looked at: two a day for decades.
_FILES_LIMIT: Final = 20_000
_NAME_LIMIT: Final = 100
#: What Fanion calls logs, and how long that may be: whatever is cosigned stands in our own log for ever.
_ORIGIN: Final = re.compile(r"[a-z0-9.-]+/[a-z0-9-]{1,40}/[0-9a-f]{16}")
_ORIGIN_LIMIT: Final = 120
_CHECKPOINT: Final = re.compile(r"([1-9][0-9]{0,17})\.checkpoint")


def folder_name(origin: str) -> str:
    """What a log's folder is called: the last two parts of its name, as every file system takes them."""
    name = "-".join(origin.split("/")[-2:]).casefold()
    return re.sub(r"[^a-z0-9-]+", "_", name)[-_NAME_LIMIT:]


class PeerFolder:
    """The folder of one desk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def enrolment(self) -> Enrolment | None:
        """The keys that the folder says are its desk's; None if it says nothing. Raises NoteError."""
        try:
            content = read(self.path / ENROLMENT, _SMALL)
        except FileNotFoundError:
            return None
        try:
            enrolment = Enrolment.parse((content or b"").decode())
        except UnicodeDecodeError as error:
            raise NoteError(T("it is not text")) from error
        if len(enrolment.origin) > _ORIGIN_LIMIT or not _ORIGIN.fullmatch(enrolment.origin):
            raise NoteError(T("its name is not one that Fanion gives to a log"))
        return enrolment

    def sizes(self) -> list[int]:
        """Over how many records there are checkpoints, the smallest first."""
        matches = map(_CHECKPOINT.fullmatch, names(self.path, _FILES_LIMIT))
        return sorted(int(name[1]) for name in matches if name)

    def note_file(self, size: int) -> Path:
        return self.path / f"{size}.checkpoint"

    def note(self, size: int, origin: str, keys: Collection[Verifier]) -> tuple[Note, bytes]:
        """The checkpoint over `size` records, signed by one of `keys`, and its root. Raises NoteError."""
        content = read(self.note_file(size), NOTE_LIMIT)
        if content is None:
            raise NoteError(T("it is no file, or too long"))
        note = Note.parse(content)
        checkpoint = Checkpoint.parse(note.text)
        if (checkpoint.origin, checkpoint.size) != (origin, size):
            raise NoteError(T("it is of another log, or over another number of entries"))
        if not any(key.has_signed(note) for key in keys):
            raise NoteError(T("it is not signed by the desk’s key"))
        return note, checkpoint.root

    def grown(self, size: int, root: bytes, old: int, old_root: bytes) -> bool:
        """Whether the folder proves that the log of this size grew out of the old one."""
        try:
            content = read(self._step_file(size), _SMALL) or b""
        except FileNotFoundError:
            return False
        first, *lines = content.decode("ascii", "replace").replace("\r\n", "\n").removesuffix("\n").split("\n")
        if first != str(old):
            return False
        try:
            path = [base64.b64decode(line, validate=True) for line in lines[: PATH_LIMIT + 1]]
        except ValueError:
            return False
        whole = len(path) <= PATH_LIMIT and all(len(step) == HASH_BYTES for step in path)
        return whole and is_consistent(old, old_root, size, root, path)

    def put_enrolment(self, enrolment: Enrolment) -> None:
        self._put(self.path / ENROLMENT, enrolment.text.encode())

    def put_note(self, size: int, note: Note) -> None:
        self._put(self.note_file(size), bytes(note))

    def put_step(self, size: int, old: int, path: Sequence[bytes]) -> None:
        """How the log grew from `old` to `size` records."""
        lines = [str(old), *(base64.b64encode(step).decode() for step in path)]
        self._put(self._step_file(size), "".join(f"{line}\n" for line in lines).encode())

    def _step_file(self, size: int) -> Path:
        return self.path / f"{size}.consistency"

    def _put(self, path: Path, content: bytes) -> None:
        """Write a file, unless it is there already."""
        try:
            if read(path, len(content)) == content:
                return
        except FileNotFoundError:
            pass
        put(path, content)
