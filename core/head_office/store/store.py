"""The store of head office: a folder of Parquet files, and one file that says which of them count.

What a merge makes is written beside, into ``staging``, and moved to its place under names that nothing has yet. Then
one file, ``store.json``, is replaced: from that moment on the new files count, and before it the old ones do. At last
the old ones go. So all files that the list names are there at every moment, and a reader that goes by the list never
has half of a merge; what was cut off on either side is cleared away by the next opening.
"""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from core.head_office.store.list_signature import (
    ListSignature,
    StoreKeys,
    drop_signatures,
    look_at_signature,
    write_signature,
)
from core.head_office.store.stretches import APART, Uncounted
from core.head_office.store.tables import TABLES, LiveFile
from core.problem import Problem
from core.system.files.file_lock import LockFile
from core.system.files.files import (
    make_folder,
    move,
    read_file,
    replace_file,
    require_file,
    sync_folder,
    write_private,
)
from core.system.minisign import PublicKey
from core.system.minisign_signature import SecretKey
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
#: Where a file of a bundle that is kept apart may be.
_APART: Final = re.compile(APART + r"/[0-9a-f]{16}/[a-z]+/(day=[\d-]{10}/)?group=\d\d/\d{6}-\d+\.parquet", re.ASCII)


class StoreProblem(Problem):
    """The store cannot be read or written. It is as it was."""

    code = "store"
    exit_code = 5


class ListNotSigned(StoreProblem):
    """The list of files is not signed by the key that it has to be signed by: another program has changed it."""

    code = "list-not-signed"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            T(
                "The list of files of the store {folder} is not signed with the store’s key: it may have been changed.",
                folder=plain(str(folder), 500),
            ),
            T("Look at it with “fanion store verify”, and bring the store back from a backup."),
        )


class NoStoreKey(StoreProblem):
    """The list of files is signed, and the key for it is not on this computer."""

    code = "no-store-key"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            T(
                "The list of files of the store {folder} is signed, and this computer does not have the key.",
                folder=plain(str(folder), 500),
            ),
            T("Merge where it was signed before, or sign it here with a new key: “fanion store sign --new-key”."),
        )


class _State(msgspec.Struct):
    """What counts: each file by its path below the store. `generation` counts the merges, and `brought` has what does
    not count. `key` is the public key by which this list is signed, as minisign writes it; empty where none signs it.
    """

    form: str = FORM
    practice: bool = False
    groups: int = GROUPS
    generation: int = 0
    key: str = ""
    files: dict[str, LiveFile] = msgspec.field(default_factory=dict)
    brought: Uncounted = msgspec.field(default_factory=Uncounted)


class Store:
    """A store that is open; see :func:`opened` and :func:`read`."""

    def __init__(self, folder: Path, content: bytes, state: _State, pair: SecretKey | None = None) -> None:
        self.folder = folder
        self._state = state
        self._pair = pair
        #: The list of files to the byte.
        self.content = content

    @property
    def practice(self) -> bool:
        """Whether everything in it is practice."""
        return self._state.practice

    @property
    def groups(self) -> int:
        return self._state.groups

    @property
    def generation(self) -> int:
        """How many merges the store has had."""
        return self._state.generation

    @property
    def files(self) -> Mapping[str, LiveFile]:
        """The files that count, by their paths below the store."""
        return self._state.files

    @property
    def uncounted(self) -> Uncounted:
        """What is known of the logs beside what counts of them."""
        return self._state.brought

    @property
    def all_files(self) -> dict[str, LiveFile]:
        """Every file that is kept: those that count, and those of bundles that are kept apart."""
        return {path: file for bundle in self.uncounted.apart.values() for path, file in bundle.files.items()} | dict(
            self.files
        )

    @property
    def staging(self) -> Path:
        """The folder in which the next merge writes its files, under the paths that they will have."""
        return self.folder / _STAGING / str(self.generation + 1)

    @property
    def secret(self) -> bytes:
        """What a phone's number is made with. Raises OSError."""
        return read_file(self.folder / _SECRET, _SECRET_BYTES)

    def group_of(self, log: str) -> int:
        """The number of the group of desks to which a log belongs."""
        return int.from_bytes(sha256(log.encode(errors="replace")).digest()[:4], "big") % self.groups

    def of_table(self, table: str) -> dict[str, LiveFile]:
        """The files of a table that count."""
        return {path: file for path, file in self.files.items() if path.startswith(f"{table}/")}

    def place(self, path: str) -> Path:
        """The path of a file that counts: in its place, or still in the staging folder. Raises OSError for what is no
        ordinary file: to open a pipe would wait without an end."""
        target = self.folder / path
        with contextlib.suppress(FileNotFoundError):
            require_file(target)
            return target
        return self.folder / _STAGING / str(self.generation) / path

    def require_sound(self, keys: StoreKeys | None) -> None:
        """See to it that what comes next is signed where this list is. Raises ListNotSigned, NoStoreKey, OSError."""
        signature = self.signature(keys)
        if signature.source is None:
            return
        if not signature.signed or signature.key is None:
            raise ListNotSigned(self.folder)
        self._pair = keys.secret(signature.key) if keys is not None else None
        if self._pair is None:
            raise NoStoreKey(self.folder)

    def signature(self, keys: StoreKeys | None, asked_key: PublicKey | None = None) -> ListSignature:
        """Whether the list of files is signed: see :func:`core.head_office.store.list_signature.look_at_signature`.

        Raises StoreProblem.
        """
        with reported(self.folder):
            return look_at_signature(self.folder, self.content, self.generation, self._state.key, keys, asked_key)

    def commit(self, new: Mapping[str, LiveFile], removed: frozenset[str], uncounted: Uncounted | None = None) -> None:
        """Have the new files count, which are in `staging`, and those that are gone no more. Raises OSError.

        `uncounted` is what does not count from then on, where that has changed; its new files are in `staging`, too.
        If it raises, the store is as it was.
        """
        files = {path: file for path, file in self.files.items() if path not in removed} | dict(new)
        uncounted = uncounted or self.uncounted
        state = msgspec.structs.replace(self._state, files=files, generation=self.generation + 1, brought=uncounted)
        try:
            self._put(self.staging, {*new, *uncounted.files})
            self._count(state)
        except BaseException:
            self._clear_up()
            raise
        with contextlib.suppress(OSError):  # the next opening does it
            self.settle()

    def sign(self, pair: SecretKey, files: Mapping[str, LiveFile]) -> None:
        """Sign the list from now on, of the same `files`, of which more may be known. Raises OSError."""
        self._pair = pair
        counted = {path: files[path] for path in self.files}
        apart = {
            name: msgspec.structs.replace(bundle, files={path: files[path] for path in bundle.files})
            for name, bundle in self.uncounted.apart.items()
        }
        uncounted = msgspec.structs.replace(self.uncounted, apart=apart)
        self._count(msgspec.structs.replace(self._state, key=pair.public.line, files=counted, brought=uncounted))

    def _count(self, state: _State) -> None:
        """Put this list of files in the place of the one that counts, with its signature if it is to be signed."""
        content = msgspec.json.encode(state)
        if self._pair is not None:
            write_signature(self.folder, self._pair, content, state.generation)
        replace_file(self.folder / _STATE, content, private=False)
        self._state, self.content = state, content

    def _put(self, staged: Path, paths: Iterable[str]) -> None:
        """Move what is staged to its place; what is not staged is there already."""
        for path in paths:
            if (source := staged / path).exists():
                target = self.folder / path
                _make_durable(target.parent)
                move(source, target)

    def _clear_up(self) -> None:
        """Remove what was moved for a list that does not count; which one does, the disk knows."""
        with contextlib.suppress(OSError, StoreProblem):
            self.content, self._state = _read_state(self.folder)
            self.settle()

    def settle(self) -> None:
        """Remove what does not count. Raises OSError.

        An earlier version moved files only when they counted already: what it did not come to is done first.
        """
        staged = self.folder / _STAGING / str(self.generation)
        self._put(staged, self.all_files if staged.exists() else ())
        shutil.rmtree(self.folder / _STAGING, ignore_errors=True)
        files = self.all_files
        for table in (*TABLES, APART):
            for path in (self.folder / table).rglob("*.parquet"):
                if path.relative_to(self.folder).as_posix() not in files:
                    path.unlink()
        drop_signatures(self.folder, self.generation)


@contextlib.contextmanager
def opened(
    folder: Path, *, practice: bool = False, keys: StoreKeys | None = None, sound: bool = True
) -> Iterator[Store]:
    """The store in `folder`, made if nothing is there, for one program at a time that merges into it.

    Where its list of files is signed, that has to be `sound`, and the key has to be among `keys`: what others have
    changed is not signed, and nothing is removed by it. Raises StoreProblem, ListNotSigned, NoStoreKey.
    """
    with reported(folder):
        _require_place(folder)
        make_folder(folder, shared=False)
        lock = LockFile.take(folder / _LOCK)
        if lock is None:
            raise StoreProblem(
                T("Another program is merging into the store {folder}.", folder=plain(str(folder), 500)),
                T("Wait until it has ended, then merge again."),
            )
        try:
            if not (folder / _STATE).exists():
                _make(folder, practice, keys)
            store = Store(folder.absolute(), *_read_state(folder))
            if sound:
                store.require_sound(keys)
                store.settle()
            yield store
        finally:
            shutil.rmtree(folder / _STAGING, ignore_errors=True)
            lock.release()


def read(folder: Path) -> Store:
    """The store in `folder`, for questions: what is merged meanwhile is not in it. Raises StoreProblem."""
    with reported(folder):
        _require_place(folder)
        return Store(folder.absolute(), *_read_state(folder))


#: Signs in the name of a folder that readers of Parquet take for more than a name.
_MEANS_MORE: Final = frozenset("=*?[]{}")


def _require_place(folder: Path) -> None:
    """Raise StoreProblem below a folder called ``column=value``, which DuckDB and Spark take for a column of each row,
    and before what the files say; or with a sign that stands for others, by which they read another one's files."""
    if name := next((part for part in folder.absolute().parts if _MEANS_MORE.intersection(part)), None):
        raise StoreProblem(
            T(
                "The store cannot be in a folder that is called like a value or a pattern: {name}. A question would "
                "take it for what every check says, or read another folder.",
                name=plain(name, 200),
            ),
            T("Move the store to another folder, then try again."),
        )


def is_merged_into(folder: Path) -> bool:
    """Whether another program merges into the store just now, as far as that can be seen."""
    try:
        lock = LockFile.take(folder / _LOCK, make=False)
    except OSError:
        return False
    if lock is None:
        return True
    lock.release()
    return False


def _make(folder: Path, practice: bool, keys: StoreKeys | None) -> None:
    names = [entry.name for entry in folder.iterdir() if entry.name not in (_LOCK, _SECRET, _STAGING)]
    if names:
        raise StoreProblem(
            T("The folder {folder} has other files in it and is no store.", folder=plain(str(folder), 500)),
            T("Choose an empty folder, or a new one."),
        )
    if not (folder / _SECRET).exists():
        write_private(folder / _SECRET, secrets.token_bytes(_SECRET_BYTES), shared=False)
    key = keys.key_of(folder) if keys is not None else None
    if keys is None or key is None:
        replace_file(folder / _STATE, msgspec.json.encode(_State(practice=practice)), private=False)
    elif (pair := keys.secret(key)) is None:
        raise NoStoreKey(folder)
    else:  # the store that was here before had its list signed
        Store(folder, b"", _State(practice=practice)).sign(pair, {})
    sync_folder(folder)


def _make_durable(folder: Path) -> None:
    """Make a folder and those that lead to it, each with a name that a power cut does not take. Raises OSError."""
    for missing in [path for path in (*reversed(folder.parents), folder) if not path.exists()]:
        missing.mkdir(exist_ok=True)
        sync_folder(missing.parent)


def _read_state(folder: Path) -> tuple[bytes, _State]:
    """The list of files, to the byte and as it is understood. Raises StoreProblem, OSError."""
    try:
        content = read_file(folder / _STATE, _STATE_LIMIT)
        state = msgspec.json.decode(content, type=_State)
        if state.form != FORM or not 0 < state.groups <= 100 or not all(map(_APART.fullmatch, state.brought.files)):
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
    return content, state


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
    if number == errno.EBADMSG:
        return StoreProblem(
            T(
                "A file of the store {folder} is not the one that its list of files names; the store is as it was.",
                folder=place,
            ),
            T("Find out which with “fanion store verify”, and bring the store back from a backup."),
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
