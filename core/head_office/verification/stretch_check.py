"""Whether the exact entries of a desk in the store are those that the desk has sealed and signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.head_office.bundles.layout import Base
from core.head_office.merging.inspection import EnrolledAnew
from core.head_office.store.stretches import MergedStretch
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records.entry import record_in
from core.ledger.tlog.notes import Checkpoint, Note, NoteError
from core.ledger.verify.faults import LIMITS, Fault, FaultKind, of_records
from core.ledger.verify.outside_copy import BroughtCopy
from core.ledger.verify.record_check import examine
from core.ledger.verify.verifier import LogVerifier
from core.text import T


@dataclass(frozen=True, slots=True)
class StoredDesk:
    """What the store knows of a log: the desk's name, its keys, the first ones first, and what is here of it.

    `file` is where it says so.
    """

    log: str
    desk: str
    enrolments: tuple[Enrolment, ...]
    stretches: tuple[MergedStretch, ...]
    file: str = ""

    def is_signed(self, note: Note) -> bool:
        """Whether one of the desk's identities has signed it."""
        return any(enrolment.identity.has_signed(note) for enrolment in self.enrolments)

    def checkpoint(self, note: str, size: int, root: str) -> Checkpoint | None:
        """The signed checkpoint over so many entries with this root, in hex; None if it is none of that."""
        try:
            parsed = Note.parse(note.encode())
            checkpoint = Checkpoint.parse(parsed.text)
        except (NoteError, UnicodeEncodeError):
            return None
        same = (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (self.log, size, root)
        return checkpoint if same and self.is_signed(parsed) else None


class StretchCheck:
    """The verification of one stretch of a log: its entries are given in their order."""

    def __init__(
        self, desk: StoredDesk, stretch: MergedStretch, before: Base | None, seals: Iterator[tuple[int, bytes]]
    ) -> None:
        """`before` is where the stretch begins, if it is known; `seals` are sizes and notes, the smallest first."""
        self._desk = desk
        self._stretch = stretch
        self._new_keys = EnrolledAnew(desk.enrolments)
        self._faults: list[Fault] = []
        self._last = stretch.base
        #: Whether the entries can be verified: the keys and the tree before them are known.
        self.possible = bool(desk.enrolments) and (not stretch.base or before is not None)
        self._checkpoint = desk.checkpoint(stretch.note, stretch.size, stretch.root)
        copies = []
        if self._checkpoint is not None:
            copies.append(BroughtCopy(str(T("the checkpoint of the last merge")), self._checkpoint))
        first = desk.enrolments[0] if desk.enrolments else None
        self._verifier = LogVerifier(first, True, seals if self.possible else iter(()), copies, only_sealed=True)
        if self.possible and before is not None and stretch.base:
            self.possible = self._start(before)

    @property
    def is_signed(self) -> bool:
        """Whether the desk has signed the checkpoint that the store keeps for the end of the stretch."""
        return self._checkpoint is not None

    def add(self, leaves: Sequence[tuple[int, bytes]]) -> None:
        """The next entries."""
        if not self.possible:
            for number, _ in leaves:
                self._look_for_gap(number)
                self._last = number
            return
        examined = examine([(number, leaf, None) for number, leaf in leaves])
        self._new_keys.add(examined.keys)
        self._verifier.add_records(examined)
        self._verifier.check_signatures()

    def end(self) -> list[Fault]:
        """What is wrong, the entries that come first first."""
        if not self.possible:
            self._look_for_gap(self._stretch.size + 1)
            return self._faults
        faults = self._verifier.end().faults
        return [
            *self._faults,
            *(fault for fault in faults if fault.kind not in LIMITS and not self._new_keys.allow(fault)),
        ]

    def _look_for_gap(self, number: int) -> None:
        """Tell which entries are missing before this one, where the verification cannot tell it."""
        if number > self._last + 1:
            self._faults.append(of_records(FaultKind.MISSING, self._last + 1, number - 1))

    def _start(self, before: Base) -> bool:
        """Begin behind what the store does not have; False, with a fault, where that is not what the desk signed."""
        base = self._stretch.base
        try:
            tree = before.tree_over(base)
            note = Note.parse(before.note.encode())
            record = record_in(before.leaf.encode())
        except (ValueError, TypeError, KeyError):
            self._add_untrue_start()
            return False
        root = tree.root().hex()
        if root != self._stretch.base_root or self._desk.checkpoint(before.note, base, root) is None:
            self._add_untrue_start()
            return False
        identity = next((e.identity for e in self._desk.enrolments if e.identity.has_signed(note)), None)
        self._verifier.start_at(tree, record, identity)
        return True

    def _add_untrue_start(self) -> None:
        base = self._stretch.base
        sentence = T(
            "What the store keeps of the log before entry {entry} is not what the desk has signed.", entry=base + 1
        )
        self._faults.append(Fault(FaultKind.NOT_AS_SEALED, base + 1, base + 1, sentence))
