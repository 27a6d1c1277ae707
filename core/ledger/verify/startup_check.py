"""The look at a ledger's end that every start takes: the last seals, the records under them, and their keys.

It finds what was done to the end of a log, in a moment; what was done further up, only
:mod:`core.ledger.verify.whole_log` finds.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from typing import Final

from core.ledger.file.deciding_records import Tally
from core.ledger.keys.enrolment import Enrolment
from core.ledger.keys.epoch_keys import has_sealed
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, KeyNext, Keys, Kind
from core.ledger.tlog.notes import NoteError, Verifier
from core.ledger.verify.faults import (
    CACHE,
    GUARDS,
    INDEX,
    NO_SEALS,
    NOT_AS_TOLD,
    NOT_ENROLLED,
    OF_THE_CLOCK,
    STRAYS,
    Fault,
    FaultKind,
)
from core.ledger.verify.record_check import examine_ledger
from core.ledger.verify.verifier import LogVerifier
from core.ledger.verify.whole_log import BEFORE_THE_FIRST
from core.text import T

#: Seals that are looked at, and records: together well below a tenth of a second.
_SEALS: Final = 20
_RECORDS: Final = 2_000


def quick_look(ledger: LedgerReader, enrolment: Enrolment | None) -> tuple[Fault, ...]:
    """What is wrong with the end of the ledger; nothing is said of the clock. Raises LedgerProblem."""
    ends = ledger.newest_sizes(_SEALS + 1)
    if not ends:
        used = enrolment is not None and has_sealed(ledger.path, enrolment)
        missing = used or bool(ledger.deciding().of(Kind.LOG_BEGUN, Kind.KEYS_REPLACED))
        return (NO_SEALS,) if missing else ()
    count = ledger.count()
    begun, replaced = (_keys(ledger, kind) for kind in (Kind.LOG_BEGUN, Kind.KEYS_REPLACED))
    start = _start(ends, count)
    # What is sealed meanwhile waits for the next look.
    seals = takewhile(lambda seal: seal[0] <= ends[0], ledger.notes(start))
    verifier = LogVerifier(enrolment, False, seals)
    if enrolment is not None and enrolment not in (begun, replaced):
        verifier.add_fault(NOT_ENROLLED)
    if start:
        in_force = replaced or enrolment or begun
        tree = ledger.tree_at(start)
        last = ledger.entry(start)
        told = Tally.told_by(start, last.record) if last is not None else None
        verifier.start_at(tree, _announced(last), in_force.identity if in_force else None, told)
        if tree.root() != ledger.seal_over(start).checkpoint.root:
            what = T("What is kept of the first {count} entries does not fit the seal over them.", count=start)
            verifier.add_fault(Fault(FaultKind.CACHE, 1, start, what))
            verifier.broken = True
    verifier.add_records(examine_ledger(str(ledger.path), start + 1, min(count, max(start + _RECORDS, ends[0]))))
    verifier.check_signatures()
    deciding = ledger.deciding()
    if deciding.altered:
        if verifier.intact:  # else it was said which
            verifier.add_fault(NOT_AS_TOLD)
    elif not deciding.fits:
        verifier.add_fault(INDEX)
    if not ledger.has_its_guards():
        verifier.add_fault(GUARDS)
    if ledger.rows(BEFORE_THE_FIRST, []):
        verifier.add_fault(STRAYS)
    if not verifier.broken and not ledger.knows_its_tree(verifier.tree):
        verifier.add_fault(CACHE)
    return tuple(fault for fault in verifier.end().faults if fault.kind not in OF_THE_CLOCK)


def _start(ends: list[int], count: int) -> int:
    """Behind which seal to begin: as far back as the bounds allow, and before the last seal."""
    if len(ends) <= _SEALS and count <= _RECORDS:
        return 0
    before = [size for size in ends[1:] if count - size <= _RECORDS]
    return before[-1] if before else (ends[1] if len(ends) > 1 else 0)


def _keys(ledger: LedgerReader, kind: Kind) -> Enrolment | None:
    for entry in ledger.decided(kind, limit=1):
        with suppress(NoteError):
            return Enrolment.recorded(entry.record) if isinstance(entry.record, Keys) else None
    return None


def _announced(entry: Entry | None) -> Verifier | None:
    with suppress(NoteError):
        return Verifier.parse(entry.record.key) if entry is not None and isinstance(entry.record, KeyNext) else None
    return None
