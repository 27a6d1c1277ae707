"""The merging of one group of desks: its bundles one after the other, each verified whole before anything of it counts.

What counts of a log is what joins from its first entry on; a bundle behind a gap is kept apart until the gap is filled.
Groups have nothing in common, so that several processes can do one each. In memory are one part of one bundle and the
rows that wait for being written, however many bundles there are.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason, BundleRefused, CarriedBundle
from core.head_office.bundles.encryption import PrivateKeys
from core.head_office.merging.apart import ApartFiles
from core.head_office.merging.compaction import compact
from core.head_office.merging.erasing import erase, without_rosters
from core.head_office.merging.group_task import BundleOutcome, BundleSighting, GroupDone, GroupTask
from core.head_office.merging.inspection import Inspected, forked, inspect
from core.head_office.merging.known_desks import WHOLE, KnownDesk, read_desks, write_desks
from core.head_office.store.rows import EntryRows, in_ms
from core.head_office.store.stretches import APART, Fork, KeptApart, MergedStretch, apart_id, gaps
from core.head_office.store.tables import TABLES, LiveFile, TableFiles, require_listed, rows_with, table_of
from core.ledger.keys.enrolment import Enrolment, readable_enrolments
from core.ledger.tlog.notes import Note
from core.text import T, plain

_COVERAGE: Final = f"{layout.EXTRA}coverage.jsonl"


def look(folder: Path, private_keys: tuple[str, ...]) -> BundleSighting | BundleOutcome:
    """Read the manifest of a bundle, to know to which group it belongs."""
    try:
        bundle = CarriedBundle(folder, PrivateKeys(private_keys) if private_keys else None)
    except BundleRefused as refused:
        return BundleOutcome.refused(refused)
    return BundleSighting(folder, bundle.manifest.origin, bundle.manifest.base, bundle.manifest.size)


def merge_group(task: GroupTask) -> GroupDone:
    """Merge the bundles of one group into new files below `staging`. A bundle that is damaged while it is read the
    second time is left out, and the others are done again."""
    refused: list[BundleOutcome] = []
    bundles = task.bundles
    while True:
        work = _Group(replace(task, bundles=bundles))
        try:
            result = work.run()
        except BundleRefused as problem:
            work.give_up()
            refused.append(BundleOutcome.refused(problem))
            bundles = tuple(candidate for candidate in bundles if candidate.folder != problem.folder)
            continue
        except OSError as error:
            work.give_up()
            return GroupDone(task.group, error=(error.errno or 0, str(error)))
        return replace(result, outcomes=(*result.outcomes, *refused))


class _Group:
    """One attempt to merge the bundles of a group."""

    def __init__(self, task: GroupTask) -> None:
        self._task = task
        self._name = f"{task.generation:06}"
        self._files = TableFiles(task.staging, task.group, self._name)
        self._keys = PrivateKeys(task.private_keys) if task.private_keys else None
        self._desks: dict[str, KnownDesk] = {}
        self._erased: dict[str, set[int]] = {}
        #: The bundles that are kept apart, and the files of those that this merge has begun with or adds.
        self._apart = dict(task.apart)
        self._apart_files: dict[str, ApartFiles] = {}
        self._forks: dict[str, Fork] = {}
        #: The store's files whose rows stand in others by now.
        self._replaced_files: set[str] = set()
        #: Those that are as the list of files has them.
        self._compared: set[str] = set()
        apart = {path: file for bundle in task.apart.values() for path, file in bundle.files.items()}
        self._listed_as = {**task.live, **apart}
        #: The roots of seals that were written for the log that is being merged just now.
        self._recent: tuple[str, dict[int, str]] = ("", {})
        #: Writes the rosters of the newest bundle of that log that has any, which take the place of all that the log
        #: has brought before; and the logs that have brought any.
        self._write_rosters: Callable[[], None] | None = None
        self._listed: set[str] = set()

    def run(self) -> GroupDone:
        """Merge the bundles. Raises OSError; BundleRefused where one is damaged of which rows are written already."""
        whole_tables = {path for path in self._task.live if table_of(path) in WHOLE}
        self._desks = read_desks((path for path in whole_tables if table_of(path) == "desks"), self._place)
        outcomes = []
        for log, bundles in groupby(sorted(self._task.bundles, key=lambda b: (b.log, b.base, b.size)), lambda b: b.log):
            for candidate in bundles:
                outcomes += [self._take(candidate), *self._fill(log)]
            self._add_rosters(log)
        self._files.end()
        missing = None
        if (
            any((outcome.entries and not outcome.apart) or outcome.filled for outcome in outcomes)
            or self._apart != self._task.apart
        ):
            missing = gaps({log: desk.size for log, desk in self._desks.items()}, self._apart.values())
            write_desks(self._desks, missing, self._files)
            self._replace(whole_tables)
        before = {path: file for path, file in self._task.live.items() if path not in self._replaced_files}
        self._replace(without_rosters(before, self._place, self._files, self._listed))
        self._replace(erase(self._live(), self._place, self._files, self._erased, self._task.now.date()))
        self._files.end()
        joined = compact(self._live(), self._place, self._files)
        self._replace(joined)
        return GroupDone(
            self._task.group,
            tuple(outcomes),
            self._files.files,
            frozenset(self._replaced_files),
            self._apart_by_now(),
            missing,
            self._forks,
            sum(len(entries) for entries in self._erased.values()),
            len(joined),
        )

    def _apart_by_now(self) -> dict[str, KeptApart]:
        """What is kept apart, without the personal values that are over their time."""
        for id in self._apart:
            files = self._files_apart(id)
            files.erase_due(self._place, self._task.now.date())
            self._apart[id] = msgspec.structs.replace(self._apart[id], files=files.files)
        return self._apart

    def _files_apart(self, id: str) -> ApartFiles:
        """The files of the bundle that is kept apart under this id, those that this merge writes included."""
        if id not in self._apart_files:
            before = self._apart[id].files if id in self._apart else {}
            self._apart_files[id] = ApartFiles(self._task.staging, id, self._task.group, self._name, before)
        return self._apart_files[id]

    def _live(self) -> dict[str, LiveFile]:
        """The group's files as they are by now."""
        files = {path: file for path, file in self._task.live.items() if path not in self._replaced_files}
        return {**files, **self._files.files}

    def _replace(self, paths: set[str]) -> None:
        """What is in these files stands in others."""
        for path in paths:
            if path in self._files.files:  # made just now
                self._files.drop(path)
            else:
                self._replaced_files.add(path)

    def give_up(self) -> None:
        """Remove what was written."""
        self._files.close()
        for table in TABLES:
            for folder in (self._task.staging / table).rglob(f"group={self._task.group:02}"):
                shutil.rmtree(folder, ignore_errors=True)
        for files in self._apart_files.values():
            files.give_up()

    def _place(self, path: str) -> Path:
        """Where a file is; what is copied out of the store's own is compared with the list first. Raises OSError."""
        place = self._task.places.get(path)
        if place is None:
            return self._task.staging / path
        if path not in self._compared:
            require_listed(place, self._listed_as[path])
            self._compared.add(path)
        return place

    def _take(self, candidate: BundleSighting) -> BundleOutcome:
        """Verify and merge one bundle. A bundle that is refused changes nothing."""
        known_desk = self._desks.get(candidate.log)
        try:
            bundle = CarriedBundle(candidate.folder, self._keys)
            manifest, plain_one = bundle.manifest, self._task.only_encrypted and not bundle.encrypted
            enrolments = self._enrolments(candidate.log, known_desk)
            stretch = known_desk.stretch if known_desk is not None else None
            if self._was_merged(bundle, enrolments, stretch):
                return BundleOutcome(candidate.folder, candidate.log, manifest.desk)
            if plain_one and not self._task.accept_plain:
                raise _not_encrypted(bundle)
            inspected = inspect(bundle, enrolments, () if stretch is None else (stretch,), self._task.now)
        except BundleRefused as refused:
            if refused.reason is BundleReason.FORKED and known_desk is not None:
                self._keep_fork(candidate.log, known_desk.desk, [bytes(note).decode() for note in refused.notes])
            return BundleOutcome.refused(refused, candidate.log)
        desk = known_desk or KnownDesk(candidate.log, manifest.desk, ())
        desk.keys = tuple(enrolment.text for enrolment in enrolments)
        desk.merged = in_ms(self._task.now)
        self._desks[candidate.log] = desk
        if manifest.base > desk.size:
            return replace(self._keep_apart(candidate, bundle, inspected), plain=plain_one)
        entries, checks = self._write(bundle, desk)
        desk.desk, desk.months = manifest.desk, manifest.retention_months
        desk.reach(in_ms(inspected.newest) if inspected.newest is not None else None)
        desk.count(inspected.stretch)
        limits = len(inspected.limits)
        return BundleOutcome(candidate.folder, candidate.log, manifest.desk, entries, checks, limits, plain=plain_one)

    def _enrolments(self, log: str, desk: KnownDesk | None) -> tuple[Enrolment, ...]:
        """The enrolments of a log, those in the store first: a desk is known by its first enrolment."""
        texts = (*(desk.keys if desk is not None else ()), *self._task.enrolled.get(log, ()))
        return tuple(dict.fromkeys(readable_enrolments(texts)))

    def _was_merged(
        self, bundle: CarriedBundle, enrolments: Sequence[Enrolment], stretch: MergedStretch | None
    ) -> bool:
        """Whether every entry of the bundle counts already. Raises BundleRefused where others count in their place."""
        manifest = bundle.manifest
        if stretch is None or manifest.size > stretch.size:
            return False
        if not any(enrolment.identity.has_signed(bundle.note) for enrolment in enrolments):
            return False
        if manifest.checkpoint.root.hex() == self._root_at(manifest.origin, manifest.size):
            return True
        inspect(bundle, enrolments, (), self._task.now)  # a damaged bundle is no second history
        raise forked(bundle, stretch.note, _last_note(bundle))

    def _root_at(self, log: str, size: int) -> str | None:
        """The root of a seal that counts, in hex."""
        stretch = self._desks[log].stretch
        if stretch is not None and size == stretch.size:
            return stretch.root
        if self._recent[0] == log and size in self._recent[1]:
            return self._recent[1][size]
        filters = (("log", "=", log), ("size", "=", size))
        for path in self._task.live:
            if path.startswith("seals/"):
                rows = rows_with(self._place(path), ["root"], filters)
                if rows.num_rows:
                    root: bytes = rows["root"][0].as_py()
                    return root.hex()
        return None

    def _recent_of(self, log: str) -> dict[int, str]:
        """The roots of seals that were written for this log by now."""
        if self._recent[0] != log:
            self._recent = (log, {})
        return self._recent[1]

    def _write(self, bundle: CarriedBundle, desk: KnownDesk) -> tuple[int, int]:
        """Put what is new of this desk into the tables; how many entries, and how many checks among them."""
        manifest = bundle.manifest
        rows = EntryRows(self._files, manifest.origin, self._task.secret, manifest.retention_months, desk.newest)
        entries, checks = self._add(rows, bundle, desk.size, self._recent_of(manifest.origin))
        if bundle.has(_COVERAGE) and entries:
            today = self._task.now.date().isoformat()
            self._write_rosters = lambda: rows.add_roster(today, _roster(bundle))
        if rows.erased:
            self._erased.setdefault(manifest.origin, set()).update(rows.erased)
        return entries, checks

    @staticmethod
    def _add(rows: EntryRows, bundle: CarriedBundle, after: int, roots: dict[int, str]) -> tuple[int, int]:
        """Give `rows` the entries of a bundle behind number `after`; how many, and how many checks. `roots` gets those
        of its seals."""
        entries = checks = 0
        for first, last in bundle.parts():
            if last <= after:
                continue
            begin = max(first, after + 1)
            leaves = list(enumerate(bundle.leaves(first, last)[begin - first :], begin))
            seals = {}
            for line in bundle.seals(first, last):
                root = base64.b64decode(line.note.split("\n", 3)[2])  # it was parsed when it was verified
                seals[line.size] = (root, line.note)
                roots[line.size] = root.hex()
            rows.add(leaves, bundle.openings(first, last), seals)
            entries += len(leaves)
            checks += sum(b'"type":"check-ended"' in leaf for _, leaf in leaves)
        return entries, checks

    # Behind a gap

    def _keep_apart(self, candidate: BundleSighting, bundle: CarriedBundle, inspected: Inspected) -> BundleOutcome:
        """A bundle that does not join what counts of its log."""
        manifest, stretch = bundle.manifest, inspected.stretch
        id = apart_id(candidate.log, stretch.base, stretch.size, stretch.root)
        if id not in self._apart:
            files = self._files_apart(id)
            rows = EntryRows(files.new, candidate.log, self._task.secret, manifest.retention_months)
            _, checks = self._add(rows, bundle, stretch.base, {})
            if bundle.has(_COVERAGE):
                rows.add_roster(self._task.now.date().isoformat(), _roster(bundle))
            files.new.end()
            self._apart[id] = KeptApart(
                log=candidate.log,
                desk=manifest.desk,
                stretch=stretch,
                months=manifest.retention_months,
                newest=in_ms(inspected.newest) if inspected.newest is not None else None,
                checks=checks,
                rosters=bundle.has(_COVERAGE),
            )
        apart = self._apart[id]
        entries, limits = stretch.size - stretch.base, len(inspected.limits)
        outcome = BundleOutcome(candidate.folder, candidate.log, manifest.desk, entries, apart.checks, limits)
        return replace(outcome, first=apart.first, last=apart.last, apart=True)

    def _fill(self, log: str) -> list[BundleOutcome]:
        """Have what is kept apart of a log count, as far as it joins by now."""
        outcomes = []
        while (desk := self._desks.get(log)) is not None:
            meeting = {
                id: apart
                for id, apart in self._apart.items()
                if apart.log == log and not apart.forked and apart.stretch.base <= desk.size
            }
            if not meeting:
                break
            id = min(meeting, key=lambda key: (meeting[key].stretch.base, meeting[key].stretch.size, key))
            outcomes += self._join(id, meeting[id], desk)
        return outcomes

    def _join(self, id: str, apart: KeptApart, desk: KnownDesk) -> list[BundleOutcome]:
        """Merge a bundle that was kept apart and now meets what counts: it goes on with that, or contradicts it."""
        files, stretch = self._files_apart(id), apart.stretch
        roots = files.seals(self._place) | {stretch.base: stretch.base_root, stretch.size: stretch.root}
        meeting = min(desk.size, stretch.size)
        if roots.get(meeting) != self._root_at(apart.log, meeting):
            self._apart[id] = msgspec.structs.replace(apart, forked=True)
            notes = [desk.stretch.note if desk.stretch is not None else "", stretch.note]
            self._keep_fork(apart.log, desk.desk, notes)
            return [_forked_apart(Path(APART, id), apart, notes)]
        del self._apart[id]
        if stretch.size <= desk.size:
            return []
        entries = files.move(self._place, self._files, desk.size)
        if apart.rosters:
            self._write_rosters = lambda: files.move_rosters(self._place, self._files)
        self._erased.setdefault(apart.log, set()).update(files.erased(self._place, desk.size))
        self._recent_of(apart.log).update(roots)
        desk.desk, desk.months = apart.desk, apart.months
        desk.reach(apart.newest)
        desk.count(stretch)
        filled = BundleOutcome(Path(APART, id), apart.log, apart.desk, entries, apart.checks, filled=True)
        return [replace(filled, first=apart.first, last=apart.last)]

    def _keep_fork(self, log: str, desk: str, notes: Sequence[str]) -> None:
        """Remember that a log has two histories, by the checkpoints of both; the first two that were met stay."""
        self._forks.setdefault(log, Fork(log, desk, notes[0], notes[1] if len(notes) > 1 else ""))

    def _add_rosters(self, log: str) -> None:
        """Put the rosters of a log into the table, as its newest bundle has them."""
        if self._write_rosters is not None:
            self._write_rosters()
            self._write_rosters = None
            self._listed.add(log)


def _not_encrypted(bundle: CarriedBundle) -> BundleRefused:
    return bundle.refusal(
        BundleReason.NOT_ENCRYPTED,
        T("it is not encrypted, and head office’s bundles are"),
        T(
            "Ask the desk which settings it runs with: its key may have been avoided. To merge it all the same, give "
            "--accept-plain."
        ),
    )


def _forked_apart(folder: Path, apart: KeptApart, notes: Sequence[str]) -> BundleOutcome:
    return BundleOutcome(
        folder,
        apart.log,
        apart.desk,
        reason=BundleReason.FORKED,
        sentence=T(
            "Entries {first} to {last} of {desk}, which were kept apart, never count: they contradict what was "
            "merged. The log {log} has two histories.",
            first=apart.first,
            last=apart.last,
            desk=plain(apart.desk, 200),
            log=plain(apart.log, 500),
        ),
        next_step=T("Keep the bundle and both checkpoints, and report it to your IT security team."),
        checkpoints=tuple(note for note in notes if note),
        first=apart.first,
        last=apart.last,
    )


def _last_note(bundle: CarriedBundle) -> Note | None:
    first, last = bundle.parts()[-1]
    lines = bundle.seals(first, last)
    return Note.parse(lines[-1].note.encode()) if lines else None


def _roster(bundle: CarriedBundle) -> list[layout.PhoneLine]:
    """The phones of a round's coverage. A line that cannot be read is left out: the desk has the round."""
    phones = []
    for line in bundle.lines(_COVERAGE):
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            phone = msgspec.json.decode(line, type=layout.PhoneLine)
            is_entry = phone.seen is not None and 0 < phone.seen < 2**53
            phones.append(phone if is_entry else msgspec.structs.replace(phone, seen=None))
    return phones
