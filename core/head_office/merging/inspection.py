"""Whether a bundle is what its desk has written: every entry, seal and signature, from where it goes on to its end.

The desk's keys come from its enrolment, never from the bundle. What the store knows of the log is compared: a bundle
that tells another history is refused, with both checkpoints.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason, BundleRefused, CarriedBundle
from core.head_office.bundles.entry_times import EntryTimes
from core.head_office.store.stretches import MergedStretch
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records import RecordedKeys
from core.ledger.records.entry import record_in
from core.ledger.records.leaf import decode
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Verifier
from core.ledger.verify.faults import LIMITS, Fault, FaultKind
from core.ledger.verify.outside_copy import BroughtCopy
from core.ledger.verify.record_check import LeafRow, examine
from core.ledger.verify.verifier import LogVerifier
from core.text import T

#: By how much a desk's clock may be ahead.
AHEAD: Final = timedelta(days=1)
#: How the names of practice logs begin.
PRACTICE: Final = "practice.invalid/"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A bundle that is what its desk has written. `limits` are what its verification says without breaking anything."""

    stretch: MergedStretch
    newest: datetime | None
    seals: int
    limits: tuple[Fault, ...]


class EnrolledAnew:
    """Where a log goes on with other keys with which its desk was enrolled: there that is no fault."""

    def __init__(self, enrolments: Sequence[Enrolment]) -> None:
        self._enrolments = enrolments
        self._numbers: set[int] = set()

    def add(self, records: Mapping[int, object]) -> None:
        """The next records about keys, by their number."""
        for number, record in records.items():
            with contextlib.suppress(NoteError):
                if isinstance(record, RecordedKeys) and Enrolment.recorded(record) in self._enrolments:
                    self._numbers.add(number)

    def allow(self, fault: Fault) -> bool:
        """Whether the fault is only that the log goes on with such keys."""
        return fault.kind in (FaultKind.NOT_ENROLLED, FaultKind.KEYS_REPLACED) and fault.first in self._numbers


def inspect(
    bundle: CarriedBundle, enrolments: Sequence[Enrolment], stretches: Sequence[MergedStretch], now: datetime
) -> Inspected:
    """Verify a bundle. `enrolments` are those of its log, the first one first; `stretches` is what counts of the log by
    now, if anything does.

    Raises BundleRefused.
    """
    manifest = bundle.manifest
    if not enrolments:
        raise bundle.refusal(
            BundleReason.UNKNOWN_DESK,
            T("the keys of the log {log} were never enrolled", log=manifest.origin),
            T("Bring the desk’s enrolment sheet as text, and give it with --enrolled."),
        )
    if not any(enrolment.identity.has_signed(bundle.note) for enrolment in enrolments):
        raise bundle.refusal(BundleReason.NOT_SIGNED, T("its manifest is not signed by the desk"))
    work = _Work(bundle, enrolments)
    base_root = work.base_root()
    for stretch in stretches:
        if manifest.base == stretch.size and stretch.root != base_root:
            raise forked(bundle, stretch.note, work.base_note)
    within = next((stretch for stretch in stretches if manifest.base < stretch.size <= manifest.size), None)
    return work.verify(within, now, base_root)


def forked(bundle: CarriedBundle, known_note: str, brought_note: Note | None) -> BundleRefused:
    """The refusal of a bundle that tells another history than a checkpoint that the store has."""
    notes = (Note.parse(known_note.encode()), *([brought_note] if brought_note is not None else []))
    return bundle.refusal(
        BundleReason.FORKED,
        T("it contradicts what was merged before: the log {log} has two histories", log=bundle.manifest.origin),
        T("Keep the bundle and both checkpoints, and report it to your IT security team."),
        notes=notes,
    )


class _Work:
    """The verification of one bundle. Everything here may raise BundleRefused."""

    def __init__(self, bundle: CarriedBundle, enrolments: Sequence[Enrolment]) -> None:
        self._bundle = bundle
        self._manifest = bundle.manifest
        self._enrolments = enrolments
        self._new_keys = EnrolledAnew(enrolments)
        self.base_note: Note | None = None
        self._last_note = b""
        self._base: layout.Base | None = None

    def base_root(self) -> str:
        """The root over the entries before the first one, in hex, once a seal of the desk says the same."""
        base = self._manifest.base
        if not base:
            return ""
        try:
            self._base = msgspec.json.decode(self._bundle.read(layout.BASE), type=layout.Base)
            tree = self._base.tree_over(base)
            self.base_note = Note.parse(self._base.note.encode())
            checkpoint = Checkpoint.parse(self.base_note.text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._tampered(str(error)) from error
        sealed_base = (checkpoint.origin, checkpoint.size, checkpoint.root)
        if sealed_base != (self._manifest.origin, base, tree.root()) or self._base_identity() is None:
            raise self._tampered("base")
        return tree.root().hex()

    def _base_identity(self) -> Verifier | None:
        """The desk's identity key that has signed the seal before the first entry; None where none has."""
        note = self.base_note
        return next((e.identity for e in self._enrolments if note is not None and e.identity.has_signed(note)), None)

    def verify(self, known_stretch: MergedStretch | None, now: datetime, base_root: str) -> Inspected:
        """Verify every entry and seal; `known_stretch` ends within the bundle, whose root there has to be the same."""
        manifest = self._manifest
        copies = []
        if known_stretch is not None:
            copies.append(
                BroughtCopy("known", Checkpoint(manifest.origin, known_stretch.size, bytes.fromhex(known_stretch.root)))
            )
        verifier = LogVerifier(self._enrolments[0], True, self._seals(), copies, only_sealed=True)
        if self._base is not None:
            self._start(verifier, self._base)
        times = EntryTimes(now + AHEAD)
        for first, last in self._bundle.parts():
            rows = self._rows(first, last)
            examined = examine(rows, self._bundle.openings(first, last))
            times.add(rows)
            self._refuse_mixed(rows)
            self._new_keys.add(examined.keys)
            verifier.add_records(examined)
            verifier.check_signatures()
        verification = verifier.end()
        limits = tuple(fault for fault in verification.faults if fault.kind in LIMITS)
        broken = [
            fault for fault in verification.faults if fault.kind not in LIMITS and not self._new_keys.allow(fault)
        ]
        forks = [fault for fault in broken if fault.kind in (FaultKind.FORKED, FaultKind.CUT)]
        if forks and known_stretch is not None:
            raise forked(self._bundle, known_stretch.note, Note.parse(self._last_note) if self._last_note else None)
        if strange := [fault for fault in broken if fault.kind is FaultKind.KEYS_REPLACED]:
            raise self._bundle.refusal(
                BundleReason.KEYS_REPLACED,
                T(
                    "from entry {entry} on the log goes on with other keys, which were not enrolled",
                    entry=strange[0].first,
                ),
                T("Bring the desk’s new enrolment sheet as text, and give it with --enrolled."),
            )
        if broken or verification.breaks > len(verification.faults):
            kinds = ", ".join(sorted({f"{fault.kind} {fault.first}" for fault in broken})[:10])
            raise self._tampered(kinds)
        if verification.sealed != manifest.size or verifier.tree.root() != manifest.checkpoint.root:
            raise self._tampered("the manifest tells another end")
        self._refuse_future(times)
        root = verifier.tree.root().hex()
        stretch = MergedStretch(manifest.base, manifest.size, base_root, root, self._last_note.decode())
        return Inspected(stretch, times.newest, verification.seals, limits)

    def _refuse_mixed(self, rows: Sequence[LeafRow]) -> None:
        """Refuse a bundle with an entry that is of practice where its log is not, or the other way round."""
        practice = self._manifest.origin.startswith(PRACTICE)
        usual = b',"practice":%s,"seq":' % (b"true" if practice else b"false")
        for number, leaf, _ in rows:
            if usual not in leaf and _says_practice(leaf) is not practice:
                raise self._bundle.refusal(
                    BundleReason.PRACTICE,
                    T("its entry {entry} is of a practice phone", entry=number)
                    if not practice
                    else T("its entry {entry} is not of a practice phone", entry=number),
                    T("Keep the bundle, and report it to your IT security team."),
                )

    def _refuse_future(self, times: EntryTimes) -> None:
        if times.beyond is not None:
            entry, time = times.beyond
            raise self._bundle.refusal(
                BundleReason.FUTURE,
                T("its entry {entry} is of {time}, which is still to come", entry=entry, time=_time_text(time)),
                T("Set the clock right, at the desk or here; until then that desk’s times cannot be believed."),
            )
        if early := times.before_its_time(AHEAD):
            raise self._bundle.refusal(
                BundleReason.FUTURE,
                T(
                    "its entry {entry} is of {time}, but every entry written after it is of {later} or earlier",
                    entry=early.entry,
                    time=_time_text(early.time),
                    later=_time_text(early.later),
                ),
                T("Set the desk’s clock right. Once its entries have reached that time, bring its whole log."),
            )

    def _start(self, verifier: LogVerifier, base: layout.Base) -> None:
        """Have the verification begin behind the entries that the bundle does not have."""
        try:
            record = record_in(base.leaf.encode())
        except (ValueError, TypeError, KeyError) as error:
            raise self._tampered(str(error)) from error
        verifier.start_at(base.tree_over(self._manifest.base), record, self._base_identity())

    def _tampered(self, detail: str) -> BundleRefused:
        return self._bundle.refusal(
            BundleReason.TAMPERED,
            T("its entries and seals are not those that the desk has made"),
            T("Keep the bundle, and report it to your IT security team."),
            detail,
        )

    def _rows(self, first: int, last: int) -> list[LeafRow]:
        lines = self._bundle.leaves(first, last)
        if len(lines) != last - first + 1:
            raise self._tampered(f"{len(lines)} entries from {first} to {last}")
        return [(first + at, line, None) for at, line in enumerate(lines)]

    def _seals(self) -> Iterator[tuple[int, bytes]]:
        """The sizes and notes of all seals in their order; the last one that was given is remembered."""
        for first, last in self._bundle.parts():
            for line in self._bundle.seals(first, last):
                self._last_note = line.note.encode()
                yield line.size, self._last_note


def _says_practice(leaf: bytes) -> object:
    """What an entry says of practice; None where it cannot be read, which is the verification's to tell."""
    try:
        return decode(leaf).get("practice")
    except ValueError:
        return None


def _time_text(time: datetime) -> str:
    return f"{time:%Y-%m-%d}"
