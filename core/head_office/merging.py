"""The merging of one group of desks: its bundles one after the other, each verified whole before anything of it counts.

Groups have nothing in common, so that several processes can do one each. In memory are one part of one bundle and the
rows that wait for being written, however many bundles there are.
"""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec

from core.head_office import layout
from core.head_office.carried import BundleRefused, CarriedBundle, Reason
from core.head_office.compaction import compact
from core.head_office.encryption import PrivateKeys
from core.head_office.erasing import erase, without_rosters
from core.head_office.inspection import Known, forked, inspect, joined
from core.head_office.manifest import is_signed
from core.head_office.rows import Rows
from core.head_office.tables import TABLES, LiveFile, TableFiles, arrow, read_table, require_listed, rows_of
from core.ledger.keys.enrolment import Enrolment
from core.ledger.tlog.notes import Note, NoteError
from core.text import Text

_COVERAGE: Final = f"{layout.EXTRA}coverage.jsonl"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """A bundle of which only the manifest was looked at."""

    folder: Path
    log: str
    base: int
    size: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a merge did with one bundle. `reason` is empty where it was taken; then `entries` of it are new.

    `sentence` and `next_step` say why it was refused; `checkpoints` are the signed ones by which that shows.
    """

    folder: Path
    log: str = ""
    desk: str = ""
    entries: int = 0
    checks: int = 0
    limits: int = 0
    reason: Reason | None = None
    sentence: Text | None = None
    next_step: Text | None = None
    detail: str = ""
    checkpoints: tuple[str, ...] = ()

    @classmethod
    def refused(cls, problem: BundleRefused, log: str = "") -> Outcome:
        notes = tuple(bytes(note).decode() for note in problem.notes)
        said = (problem.reason, problem.sentence, problem.next_step, problem.detail, notes)
        return cls(problem.folder, log, "", 0, 0, 0, *said)


@dataclass(frozen=True, slots=True)
class GroupTask:
    """What one process needs to know to merge a group. `live` are the group's files, `places` where they are."""

    group: int
    generation: int
    staging: Path
    live: Mapping[str, LiveFile]
    places: Mapping[str, Path]
    bundles: tuple[Seen, ...]
    enrolled: Mapping[str, tuple[str, ...]]
    private_keys: tuple[str, ...]
    secret: bytes = field(repr=False)
    now: datetime


@dataclass(frozen=True, slots=True)
class GroupDone:
    """A group that was merged: its bundles' outcomes, its new files, and the store's files that are to go.

    `erased` counts entries, `joined` files that were too small. `error` has the system's number and words where the
    store could not be read or written; then there is nothing else.
    """

    outcomes: tuple[Outcome, ...] = ()
    files: Mapping[str, LiveFile] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    erased: int = 0
    joined: int = 0
    error: tuple[int, str] | None = None


class _Desk(msgspec.Struct):
    """What the store knows of one log."""

    log: str
    desk: str
    keys: tuple[str, ...]
    stretches: tuple[Known, ...] = ()
    months: int = 0
    newest: int | None = None
    merged: int | None = None


def look(folder: Path, private_keys: tuple[str, ...]) -> Seen | Outcome:
    """Read the manifest of a bundle, to know to which group it belongs."""
    try:
        bundle = CarriedBundle(folder, PrivateKeys(private_keys) if private_keys else None)
    except BundleRefused as refused:
        return Outcome.refused(refused)
    return Seen(folder, bundle.manifest.origin, bundle.manifest.base, bundle.manifest.size)


def merge_group(task: GroupTask) -> GroupDone:
    """Merge the bundles of one group into new files below `staging`. A bundle that is damaged while it is read the
    second time is left out, and the others are done again."""
    refused: list[Outcome] = []
    bundles = task.bundles
    while True:
        work = _Group(replace(task, bundles=bundles))
        try:
            done = work.run()
        except BundleRefused as problem:
            work.give_up()
            refused.append(Outcome.refused(problem))
            bundles = tuple(one for one in bundles if one.folder != problem.folder)
            continue
        except OSError as error:
            work.give_up()
            return GroupDone(error=(error.errno or 0, str(error)))
        return replace(done, outcomes=(*done.outcomes, *refused))


class _Group:
    """One attempt at a group."""

    def __init__(self, task: GroupTask) -> None:
        self._task = task
        self._files = TableFiles(task.staging, task.group, f"{task.generation:06}")
        self._keys = PrivateKeys(task.private_keys) if task.private_keys else None
        self._desks: dict[str, _Desk] = {}
        self._erased: dict[str, set[int]] = {}
        #: The store's files whose rows stand in others by now.
        self._gone: set[str] = set()
        #: Those that are as the list of files has them.
        self._compared: set[str] = set()
        #: The roots of seals that were written for the log that is being merged just now.
        self._recent: tuple[str, dict[int, str]] = ("", {})
        #: The newest bundle of that log with rosters, which take the place of all that the log has brought before; and
        #: the logs that have brought any.
        self._newest: tuple[Rows, CarriedBundle] | None = None
        self._listed: set[str] = set()

    def run(self) -> GroupDone:
        """Raises OSError; BundleRefused where a bundle of which rows are written turns out to be damaged."""
        known = self._read_desks()
        outcomes = []
        for log, bundles in groupby(sorted(self._task.bundles, key=lambda b: (b.log, b.base, b.size)), lambda b: b.log):
            outcomes += [self._take(one) for one in bundles]
            self._add_rosters(log)
        self._files.end()
        if any(one.reason is None and one.entries for one in outcomes):
            self._write_desks()
            self._files.end()
            self._replace(known)
        before = {path: file for path, file in self._task.live.items() if path not in self._gone}
        self._replace(without_rosters(before, self._place, self._files, self._listed))
        self._replace(erase(self._live(), self._place, self._files, self._erased, self._task.now.date()))
        joined = compact(self._live(), self._place, self._files)
        self._replace(joined)
        erased = sum(len(entries) for entries in self._erased.values())
        return GroupDone(tuple(outcomes), self._files.files, frozenset(self._gone), erased, len(joined))

    def _live(self) -> dict[str, LiveFile]:
        """The group's files as they are by now."""
        kept = {path: file for path, file in self._task.live.items() if path not in self._gone}
        return {**kept, **self._files.files}

    def _replace(self, paths: set[str]) -> None:
        """What is in these files stands in others."""
        for path in paths:
            if path in self._files.files:  # made just now
                self._files.drop(path)
            else:
                self._gone.add(path)

    def give_up(self) -> None:
        """Remove what was written."""
        self._files.close()
        for table in TABLES:
            for found in (self._task.staging / table).rglob(f"group={self._task.group:02}"):
                shutil.rmtree(found, ignore_errors=True)

    def _place(self, path: str) -> Path:
        """Where a file is; what is copied out of the store's own is compared with the list first. Raises OSError."""
        place = self._task.places.get(path)
        if place is None:
            return self._task.staging / path
        if path not in self._compared:
            require_listed(place, self._task.live[path])
            self._compared.add(path)
        return place

    def _take(self, seen: Seen) -> Outcome:
        """One bundle. That it is refused changes nothing."""
        known = self._desks.get(seen.log)
        try:
            bundle = CarriedBundle(seen.folder, self._keys)
            enrolments = self._enrolments(seen.log, known)
            stretches = known.stretches if known is not None else ()
            if self._was_merged(bundle, enrolments, stretches):
                return Outcome(seen.folder, seen.log, bundle.manifest.desk)
            inspected = inspect(bundle, enrolments, stretches, self._task.now)
        except BundleRefused as refused:
            return Outcome.refused(refused, seen.log)
        entries, checks = self._write(bundle, stretches)
        manifest = bundle.manifest
        desk = known or _Desk(seen.log, manifest.desk, ())
        if not stretches or manifest.size >= max(one.size for one in stretches):
            desk.desk, desk.months = manifest.desk, manifest.retention_months
            desk.newest = _ms(inspected.newest) if inspected.newest is not None else desk.newest
        desk.keys = tuple(one.text for one in enrolments)
        desk.stretches, desk.merged = joined(stretches, inspected.stretch), _ms(self._task.now)
        self._desks[seen.log] = desk
        return Outcome(seen.folder, seen.log, manifest.desk, entries, checks, len(inspected.limits))

    def _enrolments(self, log: str, known: _Desk | None) -> tuple[Enrolment, ...]:
        """Those that are kept with the store come first: a desk is known by what it was enrolled with at first."""
        texts = (*(known.keys if known is not None else ()), *self._task.enrolled.get(log, ()))
        found = []
        for text in dict.fromkeys(texts):
            with contextlib.suppress(NoteError):
                found.append(Enrolment.parse(text))
        return tuple(dict.fromkeys(found))

    def _was_merged(self, bundle: CarriedBundle, enrolments: Sequence[Enrolment], stretches: Sequence[Known]) -> bool:
        """Whether the store has every entry of the bundle. Raises BundleRefused where it has others in their place."""
        manifest = bundle.manifest
        around = [one for one in stretches if one.base <= manifest.base and manifest.size <= one.size]
        if not around or not is_signed(bundle.note, tuple(one.identity for one in enrolments)):
            return False
        stretch, root = around[0], manifest.checkpoint.root.hex()
        if root == (stretch.root if manifest.size == stretch.size else self._root_at(manifest.origin, manifest.size)):
            return True
        inspect(bundle, enrolments, (), self._task.now)  # a damaged bundle is no second history
        raise forked(bundle, stretch.note, _last_note(bundle))

    def _root_at(self, log: str, size: int) -> str | None:
        """The root of a seal that the store has, in hex."""
        if self._recent[0] == log and size in self._recent[1]:
            return self._recent[1][size]
        wanted = [("log", "=", log), ("size", "=", size)]
        for path in self._task.live:
            if path.startswith("seals/"):
                found = arrow("pyarrow.parquet").read_table(
                    self._place(path), columns=["root"], filters=wanted, partitioning=None
                )
                if found.num_rows:
                    root: bytes = found["root"][0].as_py()
                    return root.hex()
        return None

    def _write(self, bundle: CarriedBundle, stretches: Sequence[Known]) -> tuple[int, int]:
        """Put what is new of a bundle into the tables; how many entries, and how many checks among them."""
        manifest = bundle.manifest
        rows = Rows(self._files, manifest.origin, self._task.secret, manifest.retention_months)
        ends = bool(stretches) and manifest.size < max(one.size for one in stretches)
        gone = self._erased_before(manifest.origin) if ends else frozenset()
        if self._recent[0] != manifest.origin:
            self._recent = (manifest.origin, {})
        entries = checks = 0
        for first, last in bundle.parts():
            numbers = [n for n in range(first, last + 1) if not any(one.base < n <= one.size for one in stretches)]
            if not numbers:
                continue
            lines = bundle.leaves(first, last)
            leaves = [(number, lines[number - first]) for number in numbers]
            seals = {}
            for line in bundle.seals(first, last):
                root = base64.b64decode(line.note.split("\n", 3)[2])  # it was parsed when it was verified
                seals[line.size] = (root, line.note)
                self._recent[1][line.size] = root.hex()
            rows.add(leaves, bundle.openings(first, last), seals, gone)
            entries += len(leaves)
            checks += sum(b'"type":"check-ended"' in leaf for _, leaf in leaves)
        if bundle.has(_COVERAGE) and entries and not ends:
            self._newest = (rows, bundle)
        if rows.erased:
            self._erased.setdefault(manifest.origin, set()).update(rows.erased)
        return entries, checks

    def _add_rosters(self, log: str) -> None:
        """Put the rosters of a log into the table, as its newest bundle has them."""
        if self._newest is not None:
            rows, bundle = self._newest
            rows.add_roster(self._task.now.date().isoformat(), _roster(bundle))
            self._newest = None
            self._listed.add(log)

    def _erased_before(self, log: str) -> frozenset[int]:
        """The entries of a log whose values were erased, as the store has it."""
        found = set(self._erased.get(log, ()))
        for path in self._task.live:
            if path.startswith("erased/"):
                content = read_table(self._place(path), ["log", "record"])
                found.update(row["record"] for row in rows_of(content) if row["log"] == log)
        return frozenset(found)

    def _read_desks(self) -> set[str]:
        """What the store knows of the group's logs; the files in which it stands."""
        paths = {path for path in self._task.live if path.startswith("desks/")}
        for path in paths:
            for row in rows_of(read_table(self._place(path))):
                keys, stretches = json.loads(row["keys"]), msgspec.json.decode(row["stretches"], type=tuple[Known, ...])
                self._desks[row["log"]] = _Desk(
                    row["log"],
                    row["desk"],
                    tuple(keys),
                    stretches,
                    row["retention_months"],
                    _ms(row["newest"]) if row["newest"] is not None else None,
                    _ms(row["merged"]) if row["merged"] is not None else None,
                )
        return paths

    def _write_desks(self) -> None:
        for desk in sorted(self._desks.values(), key=lambda one: one.log):
            size = max((one.size for one in desk.stretches), default=0)
            stretches = msgspec.json.encode(desk.stretches).decode()
            row: tuple[Any, ...] = (desk.log, desk.desk, json.dumps(desk.keys), stretches, desk.months, size)
            self._files.add("desks", "", (*row, desk.newest, desk.merged))


def _last_note(bundle: CarriedBundle) -> Note | None:
    first, last = bundle.parts()[-1]
    lines = bundle.seals(first, last)
    return Note.parse(lines[-1].note.encode()) if lines else None


def _roster(bundle: CarriedBundle) -> list[layout.PhoneLine]:
    """The phones of a round's coverage. A line that cannot be read is left out: the desk has the round."""
    found = []
    for line in bundle.lines(_COVERAGE):
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            one = msgspec.json.decode(line, type=layout.PhoneLine)
            is_entry = one.seen is not None and 0 < one.seen < 2**53
            found.append(one if is_entry else msgspec.structs.replace(one, seen=None))
    return found


def _ms(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds() * 1000)
