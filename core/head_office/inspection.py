"""Whether a bundle is what its desk has written: every entry, seal and signature, from where it goes on to its end.

The desk's keys come from its enrolment, never from the bundle. What the store knows of the log is compared: a bundle
that tells another history is refused, with both checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from core.head_office import layout
from core.head_office.carried import BundleRefused, CarriedBundle, Reason
from core.head_office.manifest import is_signed
from core.ledger.file.deciding_records import Tally
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records import KeyNext, Keys
from core.ledger.records.entry import record_in
from core.ledger.records.leaf import leaf_hash
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Verifier
from core.ledger.verify.faults import LIMITS, Fault, FaultKind
from core.ledger.verify.outside_copy import BroughtCopy
from core.ledger.verify.record_check import LeafRow, examine
from core.ledger.verify.verifier import LogVerifier
from core.text import T

#: By how much a desk's clock may be ahead.
AHEAD: Final = timedelta(days=1)


class Known(msgspec.Struct, frozen=True):
    """A stretch of a log that the store has: the entries after `base` up to `size`, and the roots at both ends, in hex.

    `note` is the checkpoint at its end.
    """

    base: int
    size: int
    base_root: str
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A bundle that is what its desk has written. `limits` are what its verification says without breaking anything."""

    stretch: Known
    newest: datetime | None
    seals: int
    limits: tuple[Fault, ...]


def inspect(bundle: CarriedBundle, enrolments: Sequence[Enrolment], known: Sequence[Known], now: datetime) -> Inspected:
    """Verify a bundle. `enrolments` are those of its log, the first one first. Raises BundleRefused."""
    manifest = bundle.manifest
    if not enrolments:
        raise bundle.refusal(
            Reason.UNKNOWN_DESK,
            T("the keys of the log {log} were never enrolled", log=manifest.origin),
            T("Bring the desk’s enrolment sheet as text, and give it with --enrolled."),
        )
    identities = tuple(enrolment.identity for enrolment in enrolments)
    if not is_signed(bundle.note, identities):
        raise bundle.refusal(Reason.NOT_SIGNED, T("its manifest is not signed by the desk"))
    work = _Work(bundle, enrolments)
    points = {one.size: (one.root, one.note) for one in known} | {
        one.base: (one.base_root, one.note) for one in known if one.base
    }
    base_root = work.base_root()
    if manifest.base in points and points[manifest.base][0] != base_root:
        raise forked(bundle, points[manifest.base][1], work.base_note)
    within = {size: point for size, point in points.items() if manifest.base < size <= manifest.size}
    copies = [
        BroughtCopy(str(size), Checkpoint(manifest.origin, size, bytes.fromhex(root)))
        for size, (root, _) in within.items()
    ]
    return work.verify(copies, within, now, base_root)


def forked(bundle: CarriedBundle, known: str, brought: Note | None) -> BundleRefused:
    """The refusal of a bundle that tells another history than a checkpoint that the store has."""
    notes = (Note.parse(known.encode()), *([brought] if brought is not None else []))
    return bundle.refusal(
        Reason.FORKED,
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
        self._replaced: dict[int, bool] = {}
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
            tree = self._base.frontier(base)
            tree.append(leaf_hash(self._base.leaf.encode()))
            self.base_note = Note.parse(self._base.note.encode())
            checkpoint = Checkpoint.parse(self.base_note.text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._tampered(str(error)) from error
        told = (checkpoint.origin, checkpoint.size, checkpoint.root)
        if told != (self._manifest.origin, base, tree.root()) or self._base_identity() is None:
            raise self._tampered("base")
        return tree.root().hex()

    def _base_identity(self) -> Verifier | None:
        note = self.base_note
        return next((e.identity for e in self._enrolments if note is not None and e.identity.has_signed(note)), None)

    def verify(
        self, copies: list[BroughtCopy], known: dict[int, tuple[str, str]], now: datetime, base_root: str
    ) -> Inspected:
        manifest = self._manifest
        verifier = LogVerifier(self._enrolments[0], True, self._seals(), copies, only_sealed=True)
        if self._base is not None:
            self._start(verifier, self._base)
        newest = 0.0
        for first, last in self._bundle.parts():
            rows = self._rows(first, last)
            found = examine(rows, self._bundle.openings(first, last))
            if found.ends is not None:
                newest = max(newest, found.ends.time)
            for number, record in found.keys.items():
                if isinstance(record, Keys):
                    self._replaced[number] = self._is_enrolled(record)
            verifier.add_records(found)
            verifier.check_signatures()
        told = verifier.end()
        limits = tuple(fault for fault in told.faults if fault.kind in LIMITS)
        broken = [fault for fault in told.faults if fault.kind not in LIMITS and not self._is_allowed(fault)]
        forks = [fault for fault in broken if fault.kind in (FaultKind.FORKED, FaultKind.CUT)]
        if forks:
            raise forked(
                self._bundle, known[forks[0].last][1], Note.parse(self._last_note) if self._last_note else None
            )
        if strange := [fault for fault in broken if fault.kind is FaultKind.KEYS_REPLACED]:
            raise self._bundle.refusal(
                Reason.KEYS_REPLACED,
                T(
                    "from entry {entry} on the log goes on with other keys, which were not enrolled",
                    entry=strange[0].first,
                ),
                T("Bring the desk’s new enrolment sheet as text, and give it with --enrolled."),
            )
        if broken or told.breaks > len(told.faults):
            kinds = ", ".join(sorted({f"{fault.kind} {fault.first}" for fault in broken})[:10])
            raise self._tampered(kinds)
        if told.sealed != manifest.size or verifier.tree.root() != manifest.checkpoint.root:
            raise self._tampered("the manifest tells another end")
        if newest > (now + AHEAD).timestamp():
            raise self._bundle.refusal(
                Reason.FUTURE,
                T(
                    "it has entries of {time}, which is still to come",
                    time=f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d}",
                ),
                T("Set the clock right, at the desk or here; until then that desk’s times cannot be believed."),
            )
        root = verifier.tree.root().hex()
        stretch = Known(manifest.base, manifest.size, base_root, root, self._last_note.decode())
        return Inspected(stretch, datetime.fromtimestamp(newest, UTC) if newest else None, told.seals, limits)

    def _start(self, verifier: LogVerifier, base: layout.Base) -> None:
        tree = base.frontier(self._manifest.base)
        tree.append(leaf_hash(base.leaf.encode()))
        try:
            record = record_in(base.leaf.encode())
            epoch = Verifier.parse(record.key) if isinstance(record, KeyNext) else None
        except (ValueError, TypeError, KeyError, NoteError) as error:
            raise self._tampered(str(error)) from error
        told = Tally.told_by(self._manifest.base, record)
        verifier.start_at(tree, epoch, self._base_identity(), told)

    def _is_enrolled(self, record: Keys) -> bool:
        try:
            return Enrolment.recorded(record) in self._enrolments
        except NoteError:
            return False

    def _is_allowed(self, fault: Fault) -> bool:
        """The log goes on with keys that its desk was enrolled with anew."""
        if fault.kind is FaultKind.NOT_ENROLLED:
            return self._replaced.get(fault.first, False)
        return fault.kind is FaultKind.KEYS_REPLACED and self._replaced.get(fault.first, False)

    def _tampered(self, detail: str) -> BundleRefused:
        return self._bundle.refusal(
            Reason.TAMPERED,
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
        for first, last in self._bundle.parts():
            for line in self._bundle.seals(first, last):
                self._last_note = line.note.encode()
                yield line.size, self._last_note


def joined(known: Sequence[Known], new: Known) -> tuple[Known, ...]:
    """The stretches with one more, those that meet put together; in their order."""
    found: list[Known] = []
    for one in sorted((*known, new), key=lambda stretch: (stretch.base, -stretch.size)):
        if found and one.base <= found[-1].size:
            before = found.pop()
            end = one if one.size >= before.size else before
            one = replace_end(before, end)
        found.append(one)
    return tuple(found)


def replace_end(begin: Known, end: Known) -> Known:
    """From the begin of one stretch to the end of another."""
    return msgspec.structs.replace(begin, size=end.size, root=end.root, note=end.note)
