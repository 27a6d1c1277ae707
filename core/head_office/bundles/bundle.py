"""What a desk carries home: a stretch of its log with everything that verifies it, as a folder of many small files.

Writing goes on where it was broken off, and what was damaged since is mended: a file that is whole is kept, and the
others are written again. It ends with reading everything back from the medium. Nothing but the desk's own log is
believed for what a file has to be.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from core.head_office.bundles import layout
from core.head_office.bundles.encryption import Lock
from core.head_office.bundles.manifest import FILE_LIMIT, FILES_LIMIT, BundleFile, BundleManifest
from core.head_office.bundles.reading_back import is_whole, read_back
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.file.contents import StoredRow
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Exported, Kind, OutsideCopy
from core.ledger.records.entry import policy_named_in
from core.ledger.records.leaf import commitments_in
from core.ledger.records.stored_time import as_stored
from core.ledger.seals import Seal
from core.ledger.writer import Ledger
from core.problem import Problem
from core.reports.filing import NoSuchFolder
from core.system.files.disk_reservation import leave_reserve
from core.system.files.erasing import erase_file
from core.system.files.files import create_folder, is_folder, read_file, replace_file
from core.text import N, T, Text, plain

#: Bytes of entries in one file, and how many there are at most.
PART_BYTES: Final = 16 << 20
PART_ENTRIES: Final = 20_000
_PAGE: Final = 500
#: What the record of a bundle has for its form, and for the way by which it left.
BUNDLE: Final = "bundle"
_TO_LIMIT: Final = 1_000
_EXTRA: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")
#: How the folder of a bundle ends: its first entry and its last one.
_STRETCH: Final = re.compile(r"([1-9][0-9]{0,15})-([1-9][0-9]{0,15})")

_SEALED: Final = "SELECT coalesce(max(size), 0) FROM seal WHERE size <= ?"


class BundleProblem(Problem):
    """The bundle is not whole. What was written stays, and writing goes on from there."""

    code = "bundle"
    exit_code = 5


class NothingNew(LedgerProblem):
    """Everything that is sealed was carried before."""

    code = "nothing-new"

    def __init__(self, size: int) -> None:
        super().__init__(
            N(
                "The {count} entry of the log was sent to head office before.",
                "All {count} entries were sent to head office before.",
                size,
            ),
            T("Nothing has to be done. To write everything once more, ask for the whole log."),
        )


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle that is whole, with the entries `first` to `last`; `files_kept` of its `files` were there already.

    `to` are the public keys that it is encrypted to; none where anybody can read it.
    """

    folder: Path
    first: int
    last: int
    files: int
    files_kept: int
    to: tuple[str, ...]

    @property
    def encrypted(self) -> bool:
        """Whether only those whose keys `to` has can read it."""
        return bool(self.to)


@dataclass(frozen=True, slots=True)
class BundleContents:
    """What a bundle has beside the log. With `lock` only those whose keys it has can read any of it.

    `extra` are further files by their names, such as ``coverage.jsonl``.
    """

    desk: str
    lock: Lock | None = None
    retention_months: int = 0
    extra: Mapping[str, bytes] = field(default_factory=dict)


def carried_until(ledger: LedgerReader) -> int:
    """Up to which entry bundles reach that were read back whole, as is on record; 0 where there is none. That they
    arrived is not known."""
    carried = 0
    for entry in ledger.paged(ledger.numbers_down(kind=Kind.OUTSIDE_COPY)):
        if carried >= entry.seq - 1:  # none further up covers more than there was before it
            break
        if isinstance(copy := entry.record, OutsideCopy) and copy.how == BUNDLE:
            carried = max(carried, copy.size)
    return carried


def write(
    ledger: Ledger,
    folder: Path,
    contents: BundleContents,
    *,
    after: int = 0,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> WrittenBundle:
    """Write what is sealed of `ledger`, behind entry number `after`, into a new folder inside `folder`.

    `folder` has to be there. That entries are handed out is on record before the bundle is whole, and afterwards that
    their checkpoint left. Raises NoSuchFolder, NothingNew or another LedgerProblem, BundleProblem, Cancelled.
    """
    newest = ledger.seal()
    base = int(ledger.rows(_SEALED, [after])[0][0]) if newest is not None else 0
    if newest is None or base >= newest.size:
        raise NothingNew(base)
    with _reported(folder):
        bundle = folder / f"{_folder_name(newest)}-{base + 1}-{newest.size}"
        return _Writing(ledger, bundle, base, newest, contents, report, cancel or Cancel()).write_all()


def mend(
    ledger: Ledger, folder: Path, contents: BundleContents, report: Report = silent, cancel: Cancel | None = None
) -> tuple[WrittenBundle, ...]:
    """Write again each bundle of this log in `folder` that was broken off, or is not as it was written any more.

    What is whole in it is kept, unless it was written to other keys. Raises as :func:`write` does.
    """
    cancel = cancel or Cancel()
    with _reported(folder):
        unfinished = list(_not_whole(ledger, folder, report, cancel))
        return tuple(
            _Writing(ledger, bundle, base, seal, contents, report, cancel).write_all()
            for base, seal, bundle in unfinished
        )


@dataclass(slots=True)
class _Writing:
    """One bundle being written: what is done is kept in SHA256SUMS, which is what a stick can be tested by, too."""

    ledger: Ledger
    folder: Path
    base: int
    seal: Seal
    contents: BundleContents
    report: Report
    cancel: Cancel
    files: list[BundleFile] = field(default_factory=list)
    files_kept: int = 0
    _sums: dict[str, str] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)
    #: The first and the last entry that names each policy, and how many do.
    _policies: dict[tuple[str, str, str], tuple[int, int, int]] = field(default_factory=dict)

    def write_all(self) -> WrittenBundle:
        """The whole bundle."""
        if not self.folder.parent.is_dir():
            raise NoSuchFolder(self.folder.parent)
        details = {"entries": f"{self.base + 1}-{self.seal.size}"}
        if self._recipients:
            details["encrypted_to"] = self._recipients
        # Before anything is written: what is broken off has personal values as well.
        self.ledger.append(Exported(BUNDLE, self.seal.size - self.base, details))
        self.begin()
        self.write_parts()
        self.write_lists()
        for name, content in sorted(self.contents.extra.items()):
            if not _EXTRA.fullmatch(name) or len(content) > FILE_LIMIT:
                raise ValueError(f"{name!r:.80} cannot be a file of a bundle")
            self.put(f"{layout.EXTRA}{name}", content)
        root = base64.b64encode(self.seal.checkpoint.root).decode()
        manifest = BundleManifest(
            origin=self.seal.checkpoint.origin,
            desk=self.contents.desk[:500],
            base=self.base,
            size=self.seal.size,
            root=root,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            practice=self.ledger.practice,
            retention_months=self.contents.retention_months,
            files=tuple(self.files),
        )
        self.end(manifest.signed(self.ledger.signer))
        self.ledger.append(OutsideCopy(BUNDLE, self.seal.size, root))
        to = self.contents.lock.keys if self.contents.lock is not None else ()
        return WrittenBundle(self.folder, self.base + 1, self.seal.size, len(self.files), self.files_kept, to)

    def begin(self) -> None:
        """Make the folder, or look at what is in it. Files to other keys, or to none, are not of this bundle: they
        are removed, so that nobody can read what is to be encrypted."""
        with contextlib.suppress(FileExistsError):
            create_folder(self.folder)
        to = None
        with contextlib.suppress(OSError):
            to = read_file(self.folder / layout.TO, _TO_LIMIT, links=False).decode(errors="replace").strip()
        if to == self._recipients:
            self._before = layout.sums_in(self.folder)
        else:
            self._remove_others()
        replace_file(self.folder / layout.TO, f"{self._recipients}\n".encode())

    def _remove_others(self) -> None:
        """Remove files of bundles that were not written now, as those of another version with other lengths."""
        for name in layout.files_in(self.folder) - self._sums.keys():
            file = self.folder / name
            if file.is_symlink():
                file.unlink()
            else:
                erase_file(file)

    @property
    def _recipients(self) -> str:
        return " ".join(self.contents.lock.keys) if self.contents.lock is not None else ""

    def write_parts(self) -> None:
        """The entries with their seals and personal values, and where they go on from."""
        for _ in self.ledger.reading(self.base + 1):  # so that each entry can be compared with what was sealed
            self.cancel.check()
        if self.base:
            self.put(layout.BASE, self._base(), fixed=True)
        for first, last, leaves, openings in self._leaves():
            self.put(layout.part(layout.LEAVES, first, last), leaves, fixed=True)
            self.put(layout.part(layout.SEALS, first, last), self._seals(first, last), fixed=True)
            self.put(layout.part(layout.OPENINGS, first, last), openings)
            self.report(Progress(T("Writing the bundle"), (last - self.base) / (self.seal.size - self.base)))

    def write_lists(self) -> None:
        """What a person looks up in a bundle: receipts and policies."""
        names = ("id", "version", "sha256", "first", "last", "entries")
        rows = [(*policy, *entries) for policy, entries in self._policies.items()]
        self.put(layout.POLICIES, b"".join(layout.json_line(dict(zip(names, row, strict=True))) for row in rows))
        numbers = self.ledger.contents(self.base + 1).chosen(self.base + 1, self.seal.size + 1, kind=Kind.OUTSIDE_COPY)
        self.put(layout.RECEIPTS, b"".join(map(_receipt_line, self.ledger.paged(numbers))))

    def put(self, name: str, content: bytes, *, fixed: bool = False) -> None:
        """Write one file, unless it is there already: one with a `fixed` name never has another content."""
        self.cancel.check()
        leave_reserve(self.folder, self.ledger.path)
        if len(self.files) >= FILES_LIMIT:
            raise BundleProblem(
                T("The log is too long for one bundle."), T("Send only what is new since the last bundle.")
            )
        self.files.append(BundleFile(name, len(content), sha256(content).hexdigest()))
        stored = self._stored_name(name)
        before = self._before.get(stored)
        if fixed and before is not None and before == read_back(self.folder / stored):
            self.files_kept += 1
            self._sums[stored] = before
            return
        self._store(name, content)

    def end(self, manifest: bytes) -> None:
        """The manifest makes it whole. Then everything is read back. Raises BundleProblem."""
        self._store(layout.MANIFEST, manifest)
        self._remove_others()
        for number, (stored, hashed) in enumerate(self._sums.items(), 1):
            self.cancel.check()
            self.report(Progress(T("Reading the bundle back"), number / len(self._sums)))
            if read_back(self.folder / stored) != hashed:
                raise BundleProblem(
                    T("The file {file} of the bundle cannot be read back as it was written.", file=stored),
                    T("Write the bundle again, on another USB key if it happens twice."),
                )

    def _stored_name(self, name: str) -> str:
        return f"{name}{layout.AGE}" if self.contents.lock is not None else name

    def _store(self, name: str, content: bytes) -> None:
        """Write a file, encrypted where the bundle is, and its hash into SHA256SUMS."""
        if self.contents.lock is not None:
            content = self.contents.lock.encrypt(content)
        name = self._stored_name(name)
        replace_file(self.folder / name, content)
        self._sums[name] = sha256(content).hexdigest()
        replace_file(self.folder / layout.SUMS, layout.sums(self._sums))

    def _base(self) -> bytes:
        before, last = self.ledger.tree_at(self.base - 1), self.ledger.entry(self.base)
        if last is None:
            raise DamagedLedger(self.ledger.path, f"record {self.base} is missing")
        note = bytes(self.ledger.seal_over(self.base).note).decode()
        return layout.json_line({"tree": before.hashes.hex(), "leaf": last.exact.decode(), "note": note})

    def _leaves(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """The entries as they were hashed, in files' lengths: the first number, the last one, the lines, and the lines
        of the personal values beside them. Raises DamagedLedger where one is not as it was sealed."""
        lines, openings, length, first = list[bytes](), list[bytes](), 0, self.base + 1
        for start in range(self.base + 1, self.seal.size + 1, _PAGE):
            page = self.ledger.stored(range(start, min(start + _PAGE, self.seal.size + 1)))
            beside = self._opening_lines(page)
            for seq, leaf, _ in page:
                if b"\n" in leaf:
                    raise DamagedLedger(self.ledger.path, f"record {seq} has several lines")
                if (policy := policy_named_in(leaf)) is not None:
                    policy_first, _, count = self._policies.get(policy, (seq, seq, 0))
                    self._policies[policy] = policy_first, seq, count + 1
                lines.append(leaf)
                openings += beside.get(seq, ())
                length += len(leaf) + 1
                if length >= PART_BYTES or len(lines) >= PART_ENTRIES:
                    yield first, seq, b"\n".join([*lines, b""]), b"".join(openings)
                    lines, openings, length, first = [], [], 0, seq + 1
        if lines:
            yield first, self.seal.size, b"\n".join([*lines, b""]), b"".join(openings)

    def _seals(self, first: int, last: int) -> bytes:
        lines = []
        for size, note in self.ledger.notes(first - 1):
            if size > last:
                break
            lines.append(layout.json_line({"size": size, "note": note.decode(errors="replace")}))
        return b"".join(lines)

    def _opening_lines(self, page: Sequence[StoredRow]) -> dict[int, list[bytes]]:
        """A line for each personal value that is kept beside these entries, by the entry's number."""
        openings = {opening.commitment.hex().encode(): opening for opening in self.ledger.openings_beside(page)}
        lines: dict[int, list[bytes]] = {}
        for seq, leaf, _ in page:
            for name in sorted(commitments_in(leaf) & openings.keys()):
                opening = openings[name]
                lines.setdefault(seq, []).append(
                    layout.json_line(
                        {
                            "seq": seq,
                            "commitment": name.decode(),
                            "salt": opening.salt.hex(),
                            "value": opening.value.decode(errors="replace"),
                        }
                    )
                )
        return lines


def _receipt_line(entry: Entry) -> bytes:
    """What a person looks up of one outside copy."""
    copy = entry.record
    how, size = (str(copy.how), copy.size) if isinstance(copy, OutsideCopy) else ("", 0)
    return layout.json_line({"entry": entry.seq, "time": as_stored(entry.time), "how": how, "size": size})


def _folder_name(seal: Seal) -> str:
    """How the names of the folders begin in which bundles of this log are."""
    log = re.sub(r"[^a-z0-9]+", "-", seal.checkpoint.origin.rpartition("/")[2].casefold())[:40]
    return f"fanion-bundle-{log}"


def _not_whole(ledger: Ledger, folder: Path, report: Report, cancel: Cancel) -> Iterator[tuple[int, Seal, Path]]:
    """The bundles of this log in `folder` that have to be written again: the entry before the first, the seal over the
    last, and the bundle's folder. What merely has such a name, as one of a log that was restored, is left alone."""
    newest = ledger.seal()
    if newest is None:
        return
    begin = f"{_folder_name(newest)}-"
    bundles = [bundle for bundle in folder.iterdir() if bundle.name.startswith(begin)] if folder.is_dir() else []
    stretches = [
        (bundle, match) for bundle in bundles if (match := _STRETCH.fullmatch(bundle.name.removeprefix(begin)))
    ]
    for number, (bundle, match) in enumerate(sorted(stretches, key=lambda stretch: int(stretch[1][2])), 1):
        cancel.check()
        report(Progress(T("Looking at the bundles that are there already"), number / len(stretches)))
        base, size = int(match[1]) - 1, int(match[2])
        if base < size <= newest.size and is_folder(bundle) and not is_whole(bundle):
            seal = ledger.seal_over(size)
            if seal.size == size and (base == 0 or ledger.seal_over(base).size == base):
                yield base, seal, bundle


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
