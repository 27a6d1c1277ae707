"""What a desk carries home: a stretch of its log with everything that verifies it, as a folder of many small files.

Writing goes on where it was broken off: a file that is whole is kept, and what was damaged is written again. It ends
with reading everything back from the medium. Nothing but the desk's own log is believed for what a file has to be.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from core.head_office import layout
from core.head_office.encryption import Lock
from core.head_office.manifest import FILE_LIMIT, FILES_LIMIT, BundleFile, Manifest
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import Exported, Kind, OutsideCopy, sql
from core.ledger.seals import Seal
from core.ledger.writer import Ledger
from core.problem import Problem
from core.reports.filing import NoSuchFolder
from core.system.files import create_folder, open_file, read_file, replace_file
from core.text import N, T, Text, plain

#: Bytes of entries in one file, and how many there are at most.
PART_BYTES: Final = 16 << 20
PART_ENTRIES: Final = 20_000
_PAGE: Final = 500
_BLOCK: Final = 1 << 20
#: How the record of a bundle calls its form, and how it left.
BUNDLE: Final = "bundle"
_SUMS_LIMIT: Final = 1_000_000
_EXTRA: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")
_ENTRIES: Final = re.compile(r"[1-9][0-9]{0,15}-([1-9][0-9]{0,15})")

_LEAVES: Final = f"SELECT seq, leaf FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {_PAGE}"  # noqa: S608
_OPENINGS: Final = "SELECT seq, commitment, salt, value FROM opening WHERE seq BETWEEN ? AND ? ORDER BY seq, commitment"
_SEALED: Final = "SELECT coalesce(max(size), 0) FROM seal WHERE size <= ?"
_POLICIES: Final = f"""SELECT {sql.POLICY_ID}, {sql.POLICY_VERSION}, {sql.POLICY_HASH}, min(seq), max(seq), count(*)
    FROM entry WHERE seq > ? AND seq <= ? AND {sql.POLICY_ID} IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 4"""  # noqa: S608
_COPIES: Final = f"""SELECT seq, time, {sql.COPY_WAY}, {sql.COPY_SIZE}
    FROM entry WHERE kind = ? AND seq > ? AND seq <= ? ORDER BY seq"""  # noqa: S608 - nothing but what stands here
_CARRIED: Final = f"""SELECT {sql.EXPORTED_ENTRIES} FROM entry
    WHERE kind = ? AND {sql.EXPORTED_FORM} = ? ORDER BY seq DESC LIMIT 1"""  # noqa: S608 - nothing but what stands here


class BundleProblem(Problem):
    """The bundle is not whole. What was written stays, and writing goes on from there."""

    code = "bundle"
    exit_code = 5


class NothingNew(LedgerProblem):
    """Everything that is sealed was carried before."""

    code = "nothing-new"

    def __init__(self, size: int) -> None:
        super().__init__(
            N("The {count} entry of the log was carried before.", "All {count} entries were carried before.", size),
            T("Nothing has to be done. To write everything once more, ask for the whole log."),
        )


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle that is whole, with the entries `first` to `last`; `kept` of its `files` were there already."""

    folder: Path
    first: int
    last: int
    files: int
    kept: int
    encrypted: bool


def carried_until(ledger: LedgerReader) -> int:
    """Up to which entry the last bundle on record reaches; 0 where there is none. That it arrived is not known."""
    rows = ledger.rows(_CARRIED, [Kind.EXPORTED, BUNDLE])
    found = _ENTRIES.fullmatch(str(rows[0][0])) if rows else None
    return int(found[1]) if found else 0


def write(
    ledger: Ledger,
    folder: Path,
    *,
    desk: str,
    after: int = 0,
    lock: Lock | None = None,
    retention_months: int = 0,
    extra: Mapping[str, bytes] | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> WrittenBundle:
    """Write what is sealed of `ledger`, behind entry number `after`, into a new folder inside `folder`.

    `folder` has to be there. With `lock`, only head office can read it. `extra` are
    further files by their names, such as ``coverage.jsonl``. A bundle of this log that was begun there is ended first.
    That entries are handed out is on record before the bundle is whole, and afterwards that their checkpoint left.
    Raises NoSuchFolder, NothingNew or another LedgerProblem, BundleProblem, Cancelled.
    """
    newest = ledger.seal()
    base = int(ledger.rows(_SEALED, [after])[0][0]) if newest is not None else 0
    if newest is None or base >= newest.size:
        raise NothingNew(base)
    with _reported(folder):
        if not folder.is_dir():
            raise NoSuchFolder(folder)
        seal, here = _begun(ledger, folder, base, newest)
        work = _Writing(ledger, here, base, seal, lock, report, cancel or Cancel())
        work.begin()
        work.write_parts()
        work.write_lists()
        for name, content in sorted((extra or {}).items()):
            if not _EXTRA.fullmatch(name) or len(content) > FILE_LIMIT:
                raise ValueError(f"{name!r:.80} cannot be a file of a bundle")
            work.put(f"{layout.EXTRA}{name}", content)
        entries = seal.size - base
        ledger.append(Exported(BUNDLE, entries, {"entries": f"{base + 1}-{seal.size}"}))
        root = base64.b64encode(seal.checkpoint.root).decode()
        made = Manifest(
            origin=seal.checkpoint.origin,
            desk=desk[:500],
            base=base,
            size=seal.size,
            root=root,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            practice=ledger.practice,
            retention_months=retention_months,
            files=tuple(work.files),
        )
        work.end(made.signed(ledger.signer))
        ledger.append(OutsideCopy(BUNDLE, seal.size, root))
    return WrittenBundle(here, base + 1, seal.size, len(work.files), work.kept, lock is not None)


@dataclass(slots=True)
class _Writing:
    """One bundle being written: what is done is kept in SHA256SUMS, which is what a stick can be tested by, too."""

    ledger: Ledger
    folder: Path
    base: int
    seal: Seal
    lock: Lock | None
    report: Report
    cancel: Cancel
    files: list[BundleFile] = field(default_factory=list)
    kept: int = 0
    _sums: dict[str, str] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Make the folder, or look at what is in it. Files to another key are none of this bundle."""
        with contextlib.suppress(FileExistsError):
            create_folder(self.folder)
        with contextlib.suppress(OSError):
            to = read_file(self.folder / layout.TO, 1_000, links=False).decode(errors="replace").strip()
            if to == self._whose:
                self._before = dict(layout.read_sums(read_file(self.folder / layout.SUMS, _SUMS_LIMIT, links=False)))
        replace_file(self.folder / layout.TO, f"{self._whose}\n".encode())

    @property
    def _whose(self) -> str:
        return self.lock.public if self.lock is not None else ""

    def write_parts(self) -> None:
        """The entries with their seals and personal values, and where they go on from."""
        if self.base:
            self.put(layout.BASE, self._base(), fixed=True)
        for first, last, leaves in self._leaves():
            self.put(layout.part(layout.LEAVES, first, last), leaves, fixed=True)
            self.put(layout.part(layout.SEALS, first, last), self._seals(first, last), fixed=True)
            self.put(layout.part(layout.OPENINGS, first, last), self._openings(first, last))
            self.report(Progress(T("Writing the bundle"), (last - self.base) / (self.seal.size - self.base)))

    def write_lists(self) -> None:
        """What a person looks up in a bundle: receipts and policies."""
        names = ("id", "version", "sha256", "first", "last", "entries")
        rows = self.ledger.rows(_POLICIES, [self.base, self.seal.size])
        self.put(layout.POLICIES, b"".join(layout.json_line(dict(zip(names, row, strict=True))) for row in rows))
        columns = ("entry", "time", "how", "size")
        rows = self.ledger.rows(_COPIES, [Kind.OUTSIDE_COPY, self.base, self.seal.size])
        self.put(layout.RECEIPTS, b"".join(layout.json_line(dict(zip(columns, row, strict=True))) for row in rows))

    def put(self, name: str, content: bytes, *, fixed: bool = False) -> None:
        """Write one file, unless it is there already: one with a `fixed` name never has another content."""
        self.cancel.check()
        if len(self.files) >= FILES_LIMIT:
            raise BundleProblem(
                T("The log is too long for one bundle."), T("Carry home only what is new since the last bundle.")
            )
        self.files.append(BundleFile(name, len(content), sha256(content).hexdigest()))
        stored = f"{name}{layout.AGE}" if self.lock is not None else name
        before = self._before.get(stored)
        if fixed and before is not None and before == self._read_back(stored):
            self.kept += 1
            self._sums[stored] = before
            return
        self._store(stored, self.lock.encrypt(content) if self.lock is not None else content)
        replace_file(self.folder / layout.SUMS, layout.sums(self._sums.items()))

    def end(self, manifest: bytes) -> None:
        """The manifest makes it whole. Then everything is read back. Raises BundleProblem."""
        encrypted = self.lock is not None
        name = f"{layout.MANIFEST}{layout.AGE}" if encrypted else layout.MANIFEST
        self._store(name, self.lock.encrypt(manifest) if self.lock is not None else manifest)
        replace_file(self.folder / layout.SUMS, layout.sums(self._sums.items()))
        for number, (stored, hashed) in enumerate(self._sums.items(), 1):
            self.cancel.check()
            self.report(Progress(T("Reading the bundle back"), number / len(self._sums)))
            if self._read_back(stored) != hashed:
                raise BundleProblem(
                    T("The file {file} of the bundle cannot be read back as it was written.", file=stored),
                    T("Write the bundle again, on another stick if it happens twice."),
                )

    def _store(self, name: str, content: bytes) -> None:
        replace_file(self.folder / name, content)
        self._sums[name] = sha256(content).hexdigest()

    def _read_back(self, name: str) -> str | None:
        """The SHA-256 of a file as it lies on the medium, and not in memory where the system can be asked for that."""
        try:
            descriptor = open_file(self.folder / name, os.O_RDONLY, links=False)
        except OSError:
            return None
        hashing = sha256()
        with os.fdopen(descriptor, "rb") as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while block := file.read(_BLOCK):
                hashing.update(block)
        return hashing.hexdigest()

    def _base(self) -> bytes:
        before, last = self.ledger.tree_at(self.base - 1), self.ledger.entry(self.base)
        if last is None:
            raise DamagedLedger(self.ledger.path, f"record {self.base} is missing")
        note = bytes(self.ledger.seal_over(self.base).note).decode()
        return layout.json_line({"tree": before.hashes.hex(), "leaf": last.exact.decode(), "note": note})

    def _leaves(self) -> Iterator[tuple[int, int, bytes]]:
        """The entries as they were hashed, in files' lengths: the first number, the last one, and the lines."""
        lines, length, first, after = list[bytes](), 0, self.base + 1, self.base
        while page := self.ledger.rows(_LEAVES, [after, self.seal.size]):
            for seq, leaf in page:
                if seq != after + 1 or not isinstance(leaf, bytes) or b"\n" in leaf:
                    raise DamagedLedger(self.ledger.path, f"record {after + 1} is missing, or has several lines")
                after = seq
                lines.append(leaf)
                length += len(leaf) + 1
                if length >= PART_BYTES or len(lines) >= PART_ENTRIES:
                    yield first, after, b"\n".join([*lines, b""])
                    lines, length, first = [], 0, after + 1
        if lines:
            yield first, after, b"\n".join([*lines, b""])
        if after != self.seal.size:
            raise DamagedLedger(self.ledger.path, f"of {self.seal.size} sealed records, {after} are there")

    def _seals(self, first: int, last: int) -> bytes:
        lines = []
        for size, note in self.ledger.notes(first - 1):
            if size > last:
                break
            lines.append(layout.json_line({"size": size, "note": note.decode(errors="replace")}))
        return b"".join(lines)

    def _openings(self, first: int, last: int) -> bytes:
        lines = []
        for seq, commitment, salt, value in self.ledger.rows(_OPENINGS, [first, last]):
            value = value.decode(errors="replace")
            opening = {"seq": seq, "commitment": commitment.hex(), "salt": salt.hex(), "value": value}
            lines.append(layout.json_line(opening))
        return b"".join(lines)


def _begun(ledger: LedgerReader, folder: Path, base: int, newest: Seal) -> tuple[Seal, Path]:
    """The seal that a bundle of this log leads to which was begun in `folder`, else the newest; and its own folder."""
    log = re.sub(r"[^a-z0-9]+", "-", newest.checkpoint.origin.rpartition("/")[2].casefold())[:40]
    for found in sorted(folder.glob(f"fanion-bundle-{log}-{base + 1}-*")):
        last = found.name.rpartition("-")[2]
        whole = any((found / f"{layout.MANIFEST}{ending}").exists() for ending in ("", layout.AGE))
        if whole or not last.isdecimal() or not base < int(last) <= newest.size:
            continue
        seal = ledger.seal_over(int(last))
        if seal.size == int(last):
            return seal, found
    return newest, folder / f"fanion-bundle-{log}-{base + 1}-{newest.size}"


@contextlib.contextmanager
def _reported(folder: Path) -> Iterator[None]:
    """Turn the world's faults at the files that are written into BundleProblems; the ledger translates its own."""
    try:
        yield
    except OSError as error:
        place = plain(str(folder), 500)
        next_step = T("Write the bundle again: it goes on where it was broken off.")
        sentence: Text
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
                sentence = T("There is not enough room for the bundle in the folder {folder}.", folder=place)
                next_step = T("Free some space there, then write the bundle again: it goes on where it was broken off.")
            case errno.EACCES | errno.EPERM | errno.EROFS:
                sentence = T("Nothing can be written into the folder {folder}.", folder=place)
                next_step = T("Choose another folder, then write the bundle again.")
            case _:
                sentence = T(
                    "The bundle in the folder {folder} was broken off: the disk reported an error.", folder=place
                )
                next_step = T(
                    "Plug the disk in again, then write the bundle again: it goes on where it was broken off."
                )
        raise BundleProblem(sentence, next_step, str(error)) from error
