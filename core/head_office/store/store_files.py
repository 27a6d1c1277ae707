"""What other programs read of a store: the files of one consistent state, as the list of files names them.

All of these are in their places at every moment, also where a merge was cut off. A reader that goes by the folders
instead may find the files of two states side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from core.head_office.merging.known_desks import WHOLE
from core.head_office.store.list_signature import StoreKeys
from core.head_office.store.store import ListNotSigned, NoStoreKey, Store, opened, read, reported
from core.head_office.store.tables import TABLES, LiveFile, file_hash
from core.jobs import Cancel, Progress, Report, silent
from core.system.minisign import PublicKey
from core.text import T

#: What columns are called in SQL, of DuckDB and Spark alike; and those by which tables are parted.
_SQL: Final[Mapping[str, str]] = {
    "string": "STRING",
    "int64": "BIGINT",
    "timestamp": "TIMESTAMP",
    "binary": "BINARY",
    "bool": "BOOLEAN",
    "date32": "DATE",
}
_PARTED_BY: Final[Mapping[str, str]] = {"day": "DATE", "group": "BIGINT"}


@dataclass(frozen=True, slots=True)
class TableListing:
    """A table: its folder, its columns with their types in SQL, and its files."""

    folder: str
    columns: Mapping[str, str]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoreListing:
    """The tables of one state of the store; `generation` counts its merges."""

    generation: int
    tables: Mapping[str, TableListing]


@dataclass(frozen=True, slots=True)
class ListSigned:
    """A list that is signed by `key` from now on; `new_key` where that was made for it.

    So many `fingerprints` were put into it: of files that an earlier version made.
    """

    key: PublicKey
    new_key: bool
    generation: int
    fingerprints: int


def list_files(
    folder: Path, tables: Iterable[str] = tuple(TABLES), at: str = "", keys: StoreKeys | None = None
) -> StoreListing:
    """The files of these tables as they are now. `at` is the address at which their reader has the store.

    Raises StoreProblem; ListNotSigned where the list has to be signed, and is not.
    """
    store = read_signed(folder, keys)
    listings = {}
    for table in tables:
        parts = {name: kind for name, kind in _PARTED_BY.items() if name != "day" or table not in WHOLE}
        columns = {name: _SQL[kind] for name, kind in TABLES[table].items()} | parts
        files = tuple(_address(store, path, at) for path in sorted(store.of_table(table)))
        listings[table] = TableListing(_address(store, table, at), columns, files)
    return StoreListing(store.generation, listings)


def sign_list(
    folder: Path, keys: StoreKeys, *, new_key: bool = False, report: Report = silent, cancel: Cancel | None = None
) -> ListSigned:
    """Sign a store's list of files as it is, now and after each merge; the key is made if the store has none yet.

    With `new_key`, a new one takes the place of the one that was, which may be lost; whatever the list says is signed
    then. Raises StoreProblem, ListNotSigned, NoStoreKey, Cancelled.
    """
    cancel = cancel or Cancel()
    read(folder)
    with opened(folder, keys=keys, sound=False) as store, reported(folder):
        signature = store.signature(keys)
        if signature.source is not None and not signature.signed and not new_key:
            raise ListNotSigned(folder)
        pair = keys.secret(signature.key) if signature.key is not None and not new_key else None
        is_new = pair is None
        if pair is None:
            if signature.source is not None and not new_key:
                raise NoStoreKey(folder)
            pair = keys.make()
        files, fingerprints = dict[str, LiveFile](), 0
        for at, (path, file) in enumerate(store.all_files.items(), 1):
            if not file.sha256:
                file = msgspec.structs.replace(file, sha256=file_hash(store.place(path), cancel))
                fingerprints += 1
            files[path] = file
            report(Progress(T("Reading the files of the store"), at / len(store.all_files)))
        keys.remember(folder, pair.public)
        store.sign(pair, files)
        return ListSigned(pair.public, is_new, store.generation, fingerprints)


def read_signed(folder: Path, keys: StoreKeys | None) -> Store:
    """The store in `folder`, for questions; its list is signed where it has to be. Raises ListNotSigned,
    StoreProblem."""
    while True:
        store = read(folder)
        signature = store.signature(keys)
        if signature.source is None or signature.signed:
            return store
        if read(folder).content == store.content:  # else a merge has just replaced both
            raise ListNotSigned(folder)


def _address(store: Store, path: str, at: str) -> str:
    """The address of a file for a reader: below this folder, or below the address that was given."""
    return f"{at.rstrip('/')}/{path}" if at else str(store.folder.absolute() / path)
