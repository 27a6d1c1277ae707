"""The store of head office: a folder of Parquet files, and one file that says which of them count.

What a merge makes is written beside, into ``staging``. One file, ``store.json``, is replaced once all of it is on the
disk: from that moment on it counts, and before it nothing does. Then the new files move to their places and the old
ones go; a merge that was cut off between is ended by the next opening.
"""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from core.head_office.tables import TABLES, LiveFile
from core.problem import Problem
from core.system.file_lock import LockFile
from core.system.files import make_folder, move, read_file, replace_file, sync_folder, write_private
from core.text import T, plain

FORM: Final = "fanion-store/1"
#: Into how many groups of desks a new store is parted.
GROUPS: Final = 16
_STATE: Final = "store.json"
_SECRET: Final = "secret.key"  # noqa: S105 - the name of a file
_LOCK: Final = "store.lock"
_STAGING: Final = "staging"
_STATE_LIMIT: Final = 256 << 20
_SECRET_BYTES: Final = 32
#: What the files of a store are called, below it: no other is read, moved or handed on.
_FILE: Final = re.compile(rf"({'|'.join(TABLES)})/(day=\d{{4}}-\d\d-\d\d/)?group=\d{{1,2}}/[\w-]+\.parquet", re.ASCII)


class StoreProblem(Problem):
    """The store cannot be read or written. It is as it was."""

    code = "store"
    exit_code = 5


class _State(msgspec.Struct):
    """What counts: each file by its path below the store. `generation` counts the merges."""

    form: str = FORM
    practice: bool = False
    groups: int = GROUPS
    generation: int = 0
    files: dict[str, LiveFile] = msgspec.field(default_factory=dict)


class Store:
    """A store that is open; see :func:`opened` and :func:`read`."""

    def __init__(self, folder: Path, state: _State) -> None:
        self.folder = folder
        self._state = state

    @property
    def practice(self) -> bool:
        """Whether everything in it is practice."""
        return self._state.practice

    @property
    def groups(self) -> int:
        return self._state.groups

    @property
    def generation(self) -> int:
        """How often something was merged."""
        return self._state.generation

    @property
    def files(self) -> Mapping[str, LiveFile]:
        """The files that count, by their paths below the store."""
        return self._state.files

    @property
    def staging(self) -> Path:
        """Where the next merge writes its files, under the paths that they will have."""
        return self.folder / _STAGING / str(self.generation + 1)

    @property
    def secret(self) -> bytes:
        """What a phone's number is made with. Raises OSError."""
        return read_file(self.folder / _SECRET, _SECRET_BYTES)

    def group_of(self, log: str) -> int:
        """To which group of desks a log belongs."""
        return int.from_bytes(sha256(log.encode(errors="replace")).digest()[:4], "big") % self.groups

    def of_table(self, table: str, group: int | None = None) -> dict[str, LiveFile]:
        """The files of a table, or of one group of desks in it."""
        part = "" if group is None else f"/group={group:02}/"
        return {path: file for path, file in self.files.items() if path.startswith(f"{table}/") and part in path}

    def place(self, path: str) -> Path:
        """Where a file that counts is: in its place, or not moved there yet."""
        there = self.folder / path
        return there if there.exists() else self.folder / _STAGING / str(self.generation) / path

    def commit(self, new: Mapping[str, LiveFile], gone: frozenset[str]) -> None:
        """Have the new files count, which are in `staging`, and those that are gone no more. Raises OSError.

        If it raises, the store is as it was.
        """
        files = {path: file for path, file in self.files.items() if path not in gone} | dict(new)
        state = msgspec.structs.replace(self._state, files=files, generation=self.generation + 1)
        replace_file(self.folder / _STATE, msgspec.json.encode(state), private=False)
        self._state = state
        with contextlib.suppress(OSError):  # the next opening does it
            self.settle()

    def settle(self) -> None:
        """Move what counts into its place, and remove what does not. Raises OSError."""
        staged = self.folder / _STAGING / str(self.generation)
        for path in self.files if staged.exists() else ():
            if (here := staged / path).exists():
                target = self.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                move(here, target)
        shutil.rmtree(self.folder / _STAGING, ignore_errors=True)
        for table in TABLES:
            for found in (self.folder / table).rglob("*.parquet"):
                if found.relative_to(self.folder).as_posix() not in self.files:
                    found.unlink()


@contextlib.contextmanager
def opened(folder: Path, *, practice: bool = False) -> Iterator[Store]:
    """The store in `folder`, made if nothing is there, for one program at a time that merges into it.

    Raises StoreProblem.
    """
    with reported(folder):
        make_folder(folder, shared=False)
        lock = LockFile.take(folder / _LOCK)
        if lock is None:
            raise StoreProblem(
                T("Another program is merging into the store {folder}.", folder=plain(str(folder), 500)),
                T("Wait until it has ended, then merge again."),
            )
        try:
            if not (folder / _STATE).exists():
                _make(folder, practice)
            store = Store(folder, _read_state(folder))
            store.settle()
            yield store
        finally:
            shutil.rmtree(folder / _STAGING, ignore_errors=True)
            lock.release()


def read(folder: Path) -> Store:
    """The store in `folder`, for questions: what is merged meanwhile is not in it. Raises StoreProblem."""
    with reported(folder):
        return Store(folder, _read_state(folder))


def _make(folder: Path, practice: bool) -> None:
    others = [one.name for one in folder.iterdir() if one.name not in (_LOCK, _SECRET, _STAGING)]
    if others:
        raise StoreProblem(
            T("The folder {folder} has other files in it and is no store.", folder=plain(str(folder), 500)),
            T("Choose an empty folder, or a new one."),
        )
    if not (folder / _SECRET).exists():
        write_private(folder / _SECRET, secrets.token_bytes(_SECRET_BYTES), shared=False)
    replace_file(folder / _STATE, msgspec.json.encode(_State(practice=practice)), private=False)
    sync_folder(folder)


def _read_state(folder: Path) -> _State:
    try:
        state = msgspec.json.decode(read_file(folder / _STATE, _STATE_LIMIT), type=_State)
        if state.form != FORM or not 0 < state.groups <= 100:
            raise ValueError(state.form)
        for path in state.files:
            if not _FILE.fullmatch(path):
                raise ValueError(f"no file of a store: {path!r}")
    except FileNotFoundError as error:
        raise StoreProblem(
            T("There is no store in the folder {folder}.", folder=plain(str(folder), 500)),
            T("Check its name; a store is made when something is first merged into it."),
        ) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise StoreProblem(
            T(
                "The store {folder} cannot be read: it is damaged, or of a later version.",
                folder=plain(str(folder), 500),
            ),
            T("Use the newest Fanion, or bring the store back from a backup."),
            str(error),
        ) from error
    return state


@contextlib.contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turn the world's faults at the store's files into StoreProblems."""
    try:
        yield
    except OSError as error:
        raise store_problem(folder, error.errno or 0, str(error)) from error


def store_problem(folder: Path, number: int, detail: str) -> StoreProblem:
    """What an error of the system means for the store."""
    place = plain(str(folder), 500)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreProblem(
            T("There is not enough room in the store {folder}; it is as it was.", folder=place),
            T("Free some space there, then merge again."),
            detail,
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreProblem(
            T("You may not read or write the store {folder}; it is as it was.", folder=place),
            T("Ask your IT support for permission to use it."),
            detail,
        )
    return StoreProblem(
        T("The store {folder} could not be read or written: the disk reported an error.", folder=place),
        T("Check that the disk is connected, then merge again."),
        detail,
    )
