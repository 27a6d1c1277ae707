"""Whether a ledger's records are those that its seals were made over, by the keys that they had to be made with.

It is given the records' hashes in their order, and what was found at each; it holds the tree over them and looks,
wherever a seal or an outside copy stands, whether that says the same. It opens no file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from core.ledger.file.deciding_records import DecidingTally, GrowingTally, TalliedRow
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records import KeyNext, KeysReplaced, LogBegun, RecordedKeys
from core.ledger.records.leaf import leaf_hash as hash_of
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Verifier
from core.ledger.tlog.signatures import true_signatures
from core.ledger.tlog.tree import HASH_BYTES, Frontier, is_included
from core.ledger.verify.faults import LIMITS, NO_KEYS, NOT_ENROLLED, Fault, FaultKind, Verification, of_records
from core.ledger.verify.outside_copy import BroughtCopy
from core.ledger.verify.record_check import (
    CLOCK_LIMIT,
    FAULTS_LIMIT,
    ExaminedRecords,
    RecordedMoment,
    clock_fault,
)
from core.text import T, grouped

#: Faults with which some record may not have been counted that others counted.
_UNCOUNTED: Final = (FaultKind.UNREADABLE, FaultKind.OUT_OF_ORDER, FaultKind.NOT_CANONICAL)
#: Counted from here: Windows itself turns no seconds before it into a date.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_GAPS: Final = (FaultKind.MISSING, FaultKind.LOST)

#: A public key, a signature, and what was signed.
Signed = tuple[bytes, bytes, bytes]
#: A signature that is still to be checked, what it means if it is false, and how many records its seal is over.
PendingSignature = tuple[Signed, FaultKind, int]


class LogVerifier:
    """Verifies one ledger from its first record to its last."""

    def __init__(
        self,
        enrolment: Enrolment | None,
        pinned: bool,
        seals: Iterator[tuple[int, bytes]],
        copies: Sequence[BroughtCopy] = (),
        *,
        all_seals: bool = True,
        only_sealed: bool = False,
        epochs: bool = True,
    ) -> None:
        """`enrolment` is what the ledger has to begin with; `pinned` tells whether it came from outside.

        `seals` are sizes and notes, the smallest first: all of them with `all_seals`, and with `only_sealed` there may
        be nothing behind the last. That `copies` are signed by the enrolled identity is known.
        """
        self.faults: list[Fault] = []
        self._count = self._breaks = 0
        self._listed = [0, 0]
        self._all_seals = all_seals
        self._only_sealed = only_sealed
        #: Whether the records are there that announce the keys of the seals.
        self._epochs = epochs
        self._enrolment = enrolment
        self._pinned = pinned
        self._identity = enrolment.identity if enrolment else None
        self._epoch = enrolment.epoch if enrolment else None
        #: The tree over all records so far.
        self.tree = Frontier()
        self._seals = seals
        self._seal = next(seals, None)
        self._sealed = self._seals_read = self._last_seal_size = 0
        # A checkpoint over nothing says nothing.
        self._copies = sorted((c for c in copies if c.checkpoint.size), key=lambda copy: copy.checkpoint.size)
        self._outside = 0
        #: The hashes of the records that proofs are about, by number.
        self._proof_hashes: dict[int, bytes] = {copy.proof.index + 1: b"" for copy in copies if copy.proof}
        self._last = 0
        self._moment: RecordedMoment | None = None
        #: The records are not as sealed from here on: what comes later cannot be compared any more.
        self.broken = False
        self._pending: list[PendingSignature] = []
        #: What is to be told of the records that decide something; None while that is not known.
        self._tally: GrowingTally | None = GrowingTally(DecidingTally()) if epochs else None
        self._tallied: deque[TalliedRow] = deque()
        #: The first and the last record that tell something else.
        self._untrue: tuple[int, int] | None = None
        #: The log begins with other keys than those that were enrolled.
        self._strange: Fault | None = None
        self._proved: dict[int, bytes] = {}
        #: The records of which a personal value is not there any more.
        self.unopened: list[int] = []
        #: The records of which personal values were erased, each with the number of the last record that says so.
        self.erased: dict[int, int] = {}

    def start_at(self, tree: Frontier, record: object, identity: Verifier | None) -> None:
        """Begin behind a seal, trusting everything before it: the `tree` over its records, and the key that signs them.

        `record` is the last one under that seal: it announces the key of the next seal, and may tell of those records
        that decide something.
        """
        tally = DecidingTally.told_by(tree.size, record)
        self._tally = GrowingTally(tally) if tally is not None else None
        self.tree, self._last, self._sealed, self._identity = tree, tree.size, tree.size, identity
        self._announced(record)

    @property
    def intact(self) -> bool:
        """Whether nothing is broken so far."""
        return not self._breaks

    def take_pending(self) -> list[PendingSignature]:
        """The signatures that have come up since the last call; the caller rejects those that are false."""
        pending, self._pending = self._pending, []
        return pending

    def add_fault(self, fault: Fault) -> None:
        """Something is wrong. Every break counts, also where it is not listed: no number of lesser faults hides one."""
        self._count += 1
        limit = fault.kind in LIMITS
        self._breaks += not limit
        self._listed[limit] += 1
        if self._listed[limit] <= (CLOCK_LIMIT if limit else FAULTS_LIMIT):
            self.faults.append(fault)

    def reject_signature(self, kind: FaultKind, size: int) -> None:
        """A signature under the seal over `size` records is false, or there is none; `kind` tells which."""
        if kind is FaultKind.NOT_THE_DESK:
            sentence = T("The seal over {count} entries is not signed by the desk.", count=size)
        else:
            sentence = T(
                "The seal over {count} entries is not signed with the key that was announced for it.", count=size
            )
        self.add_fault(Fault(kind, size, size, sentence))

    def add_records(self, stretch: ExaminedRecords) -> None:
        """The next records."""
        if not stretch.last:
            return
        if stretch.first > self._last + 1:
            self.add_fault(of_records(FaultKind.MISSING, self._last + 1, stretch.first - 1))
        self.broken |= stretch.first != self._last + 1
        for kind, first, last in stretch.faults:
            self.add_fault(of_records(kind, first, last))
            self.broken |= kind in (*_GAPS, FaultKind.ALTERED)
        self._count += stretch.more_faults + stretch.more_of_the_clock
        self._breaks += stretch.more_faults
        if self._moment and stretch.begins and (fault := clock_fault(self._moment, stretch.begins)):
            self.add_fault(of_records(fault, stretch.first))
        self._moment = stretch.ends or self._moment
        self.unopened += stretch.unopened
        self.erased |= stretch.erased
        if any(kind in _UNCOUNTED for kind, _, _ in stretch.faults):
            self._tally = None  # what could not be read, cannot be counted
        self._tallied.extend(stretch.deciding)
        self._grow(stretch)
        self._count_up_to(stretch.last)
        self._last = stretch.last

    def _grow(self, stretch: ExaminedRecords) -> None:
        """Let the tree grow by the records of a stretch, and compare it where there is something to compare with.

        The hashes stand one behind the other, without room for a record that is missing: its number is passed over.
        """
        hashes, number, at = stretch.hashes, stretch.first, 0
        gaps = {first: last + 1 for kind, first, last in stretch.faults if kind in _GAPS}
        # The numbers before which, and at which, there is something to do: all others only make the tree grow.
        wanted_numbers = [n for n in self._proof_hashes if stretch.first <= n <= stretch.last]
        breaks = sorted({*(first - 1 for first in gaps), *wanted_numbers, *stretch.keys, stretch.last}, reverse=True)
        stop = self._stop(0)
        while at < len(hashes):
            while number in gaps:
                number = gaps[number]
            while breaks and breaks[-1] < number:
                breaks.pop()
            upto = min(breaks[-1] if breaks else stretch.last, max(stop, number) if stop else stretch.last)
            upto = max(upto, number)
            end = at + (upto - number + 1) * HASH_BYTES
            self.tree.extend(hashes[at:end])
            if upto in self._proof_hashes:
                self._proof_hashes[upto] = hashes[end - HASH_BYTES : end]
            if upto in stretch.keys:
                self._look_at_keys(upto, stretch.keys[upto])
            while 0 < stop <= upto:
                self._compare(stop, stretch.keys.get(stop))
                stop = self._stop(stop)
            alone = isinstance(stretch.keys.get(upto), KeyNext) and self._last_seal_size != upto
            if alone and self._all_seals and not self.broken:
                self.add_fault(of_records(FaultKind.SEAL_MISSING, upto))
            number, at = upto + 1, end

    def _stop(self, after: int) -> int:
        """The next size of the tree, above `after`, at which something is to be compared; 0 if there is none."""
        while self._seal and self._seal[0] <= after:
            self.add_fault(of_records(FaultKind.BAD_SEAL, self._seal[0]))
            self._seal = next(self._seals, None)
        sizes = [self._seal[0]] if self._seal else []
        return min([*sizes, *(copy.checkpoint.size for copy in self._copies)], default=0)

    def _look_at_keys(self, number: int, record: object) -> None:
        """A record about keys."""
        if not isinstance(record, RecordedKeys):
            return
        try:
            enrolment = Enrolment.recorded(record)
        except NoteError:
            self.add_fault(of_records(FaultKind.UNREADABLE, number))
            return
        if isinstance(record, KeysReplaced):
            self.add_fault(of_records(FaultKind.KEYS_REPLACED, number))
        if self._enrolment is not None:
            if enrolment == self._enrolment:
                # The sheet of a desk that has lost its first keys since. That a log begins has to be true the first
                # time: the enrolled keys are no secret, and a forger who writes a log can name them further down.
                self._strange = None if isinstance(record, KeysReplaced) else self._strange
            elif isinstance(record, LogBegun):
                # Said once, at the end. Whether the rest holds together is looked at by the log's own keys.
                self._strange = self._strange or _not_enrolled(number, enrolment, self._enrolment)
        self._identity, self._epoch = enrolment.identity, enrolment.epoch

    def _compare(self, size: int, record: object) -> None:
        """The tree has grown to where a seal was made, or an outside copy. `record` is the last one under it."""
        root = self.tree.root()
        for copy in [c for c in self._copies if c.checkpoint.size == size]:
            self._copies.remove(copy)
            if copy.checkpoint.root != root:
                self._add_fork(copy)
                continue
            self._outside = max(self._outside, size)
            self._prove(copy)
        if self._seal and self._seal[0] == size:
            self._look_at_seal(self._seal[1], size, root)
            self._announced(record)
            self._compare_tally(size, record)
            self._seal = next(self._seals, None)

    def _count_up_to(self, number: int) -> None:
        while self._tallied and self._tallied[0][0] <= number:
            row = self._tallied.popleft()
            if self._tally is not None:
                self._tally.add(*row)

    def _compare_tally(self, number: int, record: object) -> None:
        """Whether the last record under a seal tells of those that decide something what there is to tell."""
        self._count_up_to(number)
        tally = DecidingTally.told_by(number, record)
        if tally is None or self.broken:
            return
        if self._tally is None:
            self._tally = GrowingTally(tally) if self._epochs else None
        elif not self._tally.fits(tally):
            self._untrue = (self._untrue[0] if self._untrue else number, number)

    def _add_fork(self, copy: BroughtCopy) -> None:
        size = copy.checkpoint.size
        sentence = T("The first {count} entries are not those that {copy} was made over.", count=size, copy=copy.name)
        self.add_fault(Fault(FaultKind.FORKED, self._outside + 1, size, sentence))

    def _prove(self, copy: BroughtCopy) -> None:
        """Compare the record that the proof of an outside copy is about, where it has one."""
        proof, checkpoint = copy.proof, copy.checkpoint
        if proof is None:
            return
        leaf_hash = self._proof_hashes.get(proof.index + 1, b"")
        same = copy.leaf is None or hash_of(copy.leaf) == leaf_hash
        if not same or not is_included(leaf_hash, proof.index, checkpoint.size, proof.path, checkpoint.root):
            number = proof.index + 1
            sentence = T("Entry {entry} is not the one that {copy} is about.", entry=number, copy=copy.name)
            self.add_fault(Fault(FaultKind.NOT_THE_RECEIPTS, number, number, sentence))
            return
        self._proved[proof.index + 1] = leaf_hash

    def _look_at_seal(self, data: bytes, size: int, root: bytes) -> None:
        """Compare the seal over `size` records with the tree, whose root is `root`, and take up its signatures."""
        self._seals_read += 1
        self._last_seal_size = size
        try:
            note = Note.parse(data)
            checkpoint = Checkpoint.parse(note.text)
        except NoteError as error:
            sentence = T("The seal over {count} entries cannot be read: {why}.", count=size, why=error.why)
            self.add_fault(Fault(FaultKind.BAD_SEAL, size, size, sentence))
            return
        if checkpoint.size != size or (self._identity and checkpoint.origin != self._identity.name):
            sentence = T("The seal over {count} entries belongs to another log.", count=size)
            self.add_fault(Fault(FaultKind.BAD_SEAL, size, size, sentence))
            return
        if checkpoint.root != root:
            if not self.broken:
                self.add_fault(of_records(FaultKind.NOT_AS_SEALED, self._sealed + 1, size))
            self.broken = True
        else:
            self._sealed = size
        self._look_at_signature(note, self._identity, FaultKind.NOT_THE_DESK, size)
        if self._epochs:
            self._look_at_signature(note, self._epoch, FaultKind.WRONG_EPOCH_KEY, size)

    def _look_at_signature(self, note: Note, key: Verifier | None, kind: FaultKind, size: int) -> None:
        """Take up the signatures that `key` has under a seal, to be checked later; `kind` is the fault if one is false,
        or if there is none."""
        pending = len(self._pending)
        if key is not None:
            signed, name, id = note.text.encode(), key.name, key.id
            for s in note.signatures:
                if s.id == id and s.name == name:
                    self._pending.append(((key.public, s.signature, signed), kind, size))
        elif self.broken and kind is FaultKind.WRONG_EPOCH_KEY:
            return  # the record that announced it is not there, which was said
        if len(self._pending) == pending:
            self.reject_signature(kind, size)

    def _announced(self, record: object) -> None:
        """The last record under a seal announces the key of the next one."""
        try:
            self._epoch = Verifier.parse(record.key) if isinstance(record, KeyNext) else None
        except NoteError:
            self._epoch = None

    def check_signatures(self) -> None:
        """Check the signatures that have come up, in this process."""
        pending = self.take_pending()
        for true, (_, kind, size) in zip(true_signatures([signed for signed, _, _ in pending]), pending, strict=True):
            if not true:
                self.reject_signature(kind, size)

    def end(self, chosen: int | None = None) -> Verification:
        """There are no more records. `chosen` is how many of them were there, and not only their hashes."""
        count = self._last
        if self._seal is not None:
            size = max(self._seal[0], max((size for size, _ in self._seals), default=0))
            if size > count:  # others stand where records are lost, which was said
                self.add_fault(of_records(FaultKind.MISSING, count + 1, size))
        for copy in self._copies:
            size = copy.checkpoint.size
            if size <= count:
                self._add_fork(copy)
                continue
            sentence = T(
                "{copy} was made over {count} entries, but the log has only {records}.",
                copy=copy.name,
                count=size,
                records=grouped(count),
            )
            self.add_fault(Fault(FaultKind.CUT, count + 1, size, sentence))
        if self._only_sealed and count > self._sealed and not self._breaks:
            sentence = T("No seal covers these entries, and an export has only entries that are sealed.")
            self.add_fault(Fault(FaultKind.UNSEALED, self._sealed + 1, count, sentence))
        if self._untrue is not None:
            self.add_fault(of_records(FaultKind.UNTRUE_TALLY, *self._untrue))
        if self._strange is not None:
            self.add_fault(self._strange)
        if self._enrolment is None and count:
            self.add_fault(NO_KEYS)
        return Verification(
            origin=self._identity.name if self._identity else "",
            records=count,
            seals=self._seals_read,
            sealed=self._sealed,
            outside=self._outside,
            pinned=self._pinned,
            newest=_EPOCH + timedelta(seconds=self._moment.time) if self._moment else None,
            faults=tuple(sorted(self.faults, key=lambda fault: fault.first)),
            count=self._count,
            proved=self._proved,
            breaks=self._breaks,
            chosen=chosen,
        )


def _not_enrolled(number: int, log_keys: Enrolment, enrolment: Enrolment) -> Fault:
    """Record `number` begins the log with other keys than those of `enrolment`."""
    if log_keys.origin == enrolment.origin:
        return Fault(FaultKind.NOT_ENROLLED, number, number, NOT_ENROLLED.sentence)
    sentence = T(
        "This is the log {log}, but the keys are those of the log {other}.", log=log_keys.origin, other=enrolment.origin
    )
    return Fault(FaultKind.NOT_ENROLLED, number, number, sentence)
