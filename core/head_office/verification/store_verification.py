"""Whether a store is what merges have made of the desks' bundles.

Three things are compared. The files with the list of files, which names the SHA-256 of each and may be signed: so any
changed byte is found, and any file that was removed, added or exchanged. The exact entries with the desks' own seals,
whose keys came with the enrolment: so a list that was forged as well does not help. And each row with its entry. With
bundles, entries and personal information are compared with those that the desks carried.

The store is only read. In memory are a page of entries, and what DuckDB sorts with.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from core.head_office.bundles.encryption import PrivateKeys
from core.head_office.merging.merge import bundles_in, read_enrolled, read_key
from core.head_office.store.list_signature import ListSignature, StoreKeys
from core.head_office.store.store import Store, StoreProblem, is_merged_into, read, reported
from core.head_office.store.store_faults import StoreFault, StoreFaultKind, StoreFaults, of_bundle, of_file, of_row
from core.head_office.store.stretches import APART, MergedStretch
from core.head_office.store.tables import (
    TABLES,
    LiveFile,
    arrow,
    file_hash,
    read_table,
    row_groups,
    rows_of,
    schema,
    table_of,
)
from core.head_office.verification.desk_rows import MADE
from core.head_office.verification.given_bundles import BroughtRange, logs_of
from core.head_office.verification.group_check import Counts, GroupCheckTask, check_group
from core.head_office.verification.sorted_rows import RowSorter, RowsUnreadable, sorting
from core.head_office.verification.stretch_check import StoredDesk
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.keys.enrolment import readable_enrolments
from core.system.minisign import PublicKey
from core.text import T, plain

#: How much of the work is reading the files to their last byte; the rest is comparing the rows.
_READING: Final = 0.2
#: Below which a bundle that is kept apart has its files.
_APART_FOLDER: Final = re.compile(rf"^{APART}/[0-9a-f]{{16}}/")


@dataclass(frozen=True, slots=True)
class StoreVerification:
    """What was compared, and what is wrong: `count` faults, of which the first are listed.

    `sha256` is that of the list of files. `unlisted_hashes` files have none in it, as an earlier version made them.
    """

    generation: int
    sha256: str
    signature: ListSignature
    files: int
    counts: Counts
    unlisted_hashes: int
    faults: tuple[StoreFault, ...]
    count: int

    @property
    def intact(self) -> bool:
        return not self.count


def verify_store(
    folder: Path,
    bundles: Iterable[Path] = (),
    *,
    enrolled: Path | None = None,
    private_keys: Sequence[Path] = (),
    store_keys: StoreKeys | None = None,
    signed_by: PublicKey | None = None,
    now: datetime | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> StoreVerification:
    """Verify the store in `folder`, also against `bundles`: their folders, or folders of such.

    `enrolled` is a file with the desks' keys; without it those count that the store has. `private_keys` are files of
    age. The list has to be signed by `signed_by`, else by the key that `store_keys` know for the store. Raises
    StoreProblem, also where something is merged meanwhile; EnrolmentsUnusable, EncryptionProblem,
    Cancelled; Problem where a private key cannot be read, or a library is not installed.
    """
    texts = tuple(read_key(path) for path in private_keys)
    evidence = _Evidence(
        read_enrolled(enrolled) if enrolled is not None else None,
        PrivateKeys(texts) if texts else None,
        now or datetime.now(UTC),
        [folder for path in bundles for folder in bundles_in(path)],
    )
    arrow("pyarrow.parquet")
    store = read(folder)
    with reported(folder):
        work = _Work(store, evidence, report, cancel or Cancel())
        signature = work.check_signature(store_keys, signed_by)
        work.check_files()
        work.check_rows()
    if read(folder).content != store.content:
        raise StoreProblem(
            T("The store {folder} was merged into while it was verified.", folder=plain(str(folder), 500)),
            T("Verify it again."),
        )
    return StoreVerification(
        store.generation,
        sha256(store.content).hexdigest(),
        signature,
        len(store.files),
        work.counts,
        sum(not file.sha256 for file in store.files.values()),
        tuple(work.faults.listed),
        work.faults.count,
    )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What was brought to compare with. `enrolled` is None where no file with keys was."""

    enrolled: Mapping[str, tuple[str, ...]] | None
    keys: PrivateKeys | None
    now: datetime
    bundles: Sequence[Path]


class _Work:
    """One verification. Every method may raise OSError, StoreProblem, Cancelled."""

    def __init__(self, store: Store, evidence: _Evidence, report: Report, cancel: Cancel) -> None:
        self._store = store
        self._evidence = evidence
        self._report = report
        self._cancel = cancel
        self.faults = StoreFaults()
        self.counts = Counts()
        #: Files that are there and can be read as those of their tables, and the paths of the others.
        self._places: dict[str, Path] = {}
        self._unreadable: set[str] = set()
        self._entries = sum(file.rows for file in store.of_table("records").values())

    def check_signature(self, keys: StoreKeys | None, signed_by: PublicKey | None) -> ListSignature:
        signature = self._store.signature(keys, signed_by)
        if signature.source is not None and not signature.signed:
            sentence = T("The list of files is not signed by the key that it has to be signed by.")
            self.faults.add(StoreFault(StoreFaultKind.LIST_NOT_SIGNED, sentence, "store.json"))
        return signature

    def check_files(self) -> None:
        """Compare each file with the list, and look for others."""
        files = self._store.all_files
        whole, rows_read = max(sum(file.rows for file in files.values()), 1), 0
        for path, file in sorted(files.items()):
            self._check_file(path, file)
            rows_read += file.rows
            self._report(Progress(T("Reading the files of the store"), _READING * rows_read / whole))
        strays = [
            path
            for table in (*TABLES, APART)
            for stray in sorted((self._store.folder / table).rglob("*"))
            if not stray.is_dir() and (path := stray.relative_to(self._store.folder).as_posix()) not in files
        ]
        if strays and not is_merged_into(self._store.folder):
            for path in strays:
                self.faults.add(of_file(StoreFaultKind.FILE_ADDED, path))

    def _check_file(self, path: str, file: LiveFile) -> None:
        try:
            place = self._store.place(path)
            changed = bool(file.sha256) and file_hash(place, self._cancel) != file.sha256
            if changed:
                self.faults.add(of_file(StoreFaultKind.FILE_CHANGED, path))
            rows = _rows_in(place, table_of(_APART_FOLDER.sub("", path)), thorough=changed)
        except FileNotFoundError:
            self._set_aside(StoreFaultKind.FILE_MISSING, path)
        except OSError:
            self._set_aside(StoreFaultKind.FILE_UNREADABLE, path)
        else:
            self._places[path] = place
            if rows != file.rows and not changed:
                self.faults.add(of_file(StoreFaultKind.FILE_CHANGED, path))

    def _set_aside(self, kind: StoreFaultKind, path: str) -> None:
        self.faults.add(of_file(kind, path))
        self._unreadable.add(path)

    def check_rows(self) -> None:
        """Compare the rows of each group of desks with their entries."""
        bundles, refused = logs_of(self._evidence.bundles, self._evidence.keys)
        for problem in refused:
            self.faults.add(StoreFault(StoreFaultKind.BUNDLE_REFUSED, problem.sentence))
        logs: set[str] = set()
        for group in range(self._store.groups):
            of_group = [path for path in self._store.files if f"/group={group:02}/" in path]
            if not of_group:
                continue
            self._cancel.check()
            desks = {desk.log: desk for path in of_group if path in self._places for desk in self._desks(path, group)}
            logs |= desks.keys()
            try:
                with sorting(self._cancel) as sorter:
                    check_group(self._task(group, of_group, desks, bundles, sorter))
            except RowsUnreadable as error:
                raise StoreProblem(
                    T("The store {folder} cannot be read.", folder=plain(str(self._store.folder), 500)),
                    T("Bring the store back from a backup."),
                    str(error),
                ) from error
        for log in bundles.keys() - logs:
            self._add_unknown(log, bundles[log])

    def _task(
        self,
        group: int,
        paths: Sequence[str],
        desks: Mapping[str, StoredDesk],
        bundles: Mapping[str, Sequence[BroughtRange]],
        sorter: RowSorter,
    ) -> GroupCheckTask:
        def files(table: str) -> dict[str, str]:
            return {str(self._places[p]): p for p in paths if p in self._places and p.startswith(f"{table}/")}

        return GroupCheckTask(
            desks,
            {table: sorter.rows(table, files(table)) for table in MADE},
            frozenset(table_of(path) for path in paths if path in self._unreadable),
            bundles,
            self._evidence.keys,
            self._store.secret,
            self._evidence.now,
            self.faults,
            self.counts,
            self._step,
        )

    def _step(self, entries: int) -> None:
        self._cancel.check()
        share = self.counts.entries / max(self._entries, 1)
        self._report(Progress(T("Comparing the rows with the entries"), _READING + (1 - _READING) * min(share, 1)))

    def _desks(self, path: str, group: int) -> Iterable[StoredDesk]:
        if not path.startswith("desks/"):
            return
        for row in rows_of(read_table(self._places[path])):
            try:
                desk = self._desk(row, path)
            except (ValueError, TypeError, KeyError, msgspec.MsgspecError, RecursionError):
                desk = None
            if desk is None or self._store.group_of(desk.log) != group:
                entry = row["size"] if isinstance(row["size"], int) else 0
                of_desk = (str(row["log"]), str(row["desk"]), entry)
                self.faults.add(of_row(StoreFaultKind.ROW_CHANGED, "desks", path, *of_desk, ("log", "stretches")))
            if desk is not None:
                yield desk

    def _desk(self, row: Mapping[str, Any], path: str) -> StoredDesk:
        """What a row says of a desk. Raises ValueError and the like where it is none."""
        log, texts = row["log"], [str(text) for text in json.loads(row["keys"])]
        stretches = msgspec.json.decode(row["stretches"], type=tuple[MergedStretch, ...])
        size = max((stretch.size for stretch in stretches), default=0)
        if row["size"] != size:
            raise ValueError("another size")
        enrolled = self._evidence.enrolled
        if enrolled is not None and not set(texts) <= set(enrolled.get(log, ())):
            sentence = T(
                "The keys that the store has of the desk {desk} are not those that were given.",
                desk=plain(row["desk"] or log, 500),
            )
            self.faults.add(StoreFault(StoreFaultKind.KEYS, sentence, path, log, row["desk"]))
            texts = list(enrolled.get(log, ()))
        return StoredDesk(log, row["desk"] or "", tuple(readable_enrolments(texts)), stretches, path)

    def _add_unknown(self, log: str, bundles: Sequence[BroughtRange]) -> None:
        """Tell of bundles of a desk that the store does not know."""
        for bundle in bundles:
            first, last = bundle.base + 1, bundle.size
            self.faults.add(of_bundle(StoreFaultKind.NOT_MERGED, str(bundle.folder), log, "", first, last))


def _rows_in(place: Path, table: str, *, thorough: bool) -> int:
    """How many rows a file of a table has. Raises OSError where it is none; `thorough` reads it to its end."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(arrow("pyarrow.parquet").ParquetFile(place))
            if not file.schema_arrow.equals(schema(table)):
                raise OSError(f"{place}: other columns than those of {table}")
            rows: int = file.metadata.num_rows
        except arrow().ArrowException as error:
            raise OSError(str(error)) from error
        for _ in row_groups(place) if thorough else ():
            pass
        return rows
