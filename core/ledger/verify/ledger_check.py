"""Verification of a ledger against the keys that it was enrolled with: of all of it, or of its end at every start.

Records and signatures are looked at by several processes where there are many; what they find is put together in
order. The look at the end takes a moment: it finds what was done to the last seals, the records under them, and their
keys; what was done further up, only the whole verification finds.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import takewhile
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.ledger.file.database import open_for_reading
from core.ledger.file.open_ledger import translated
from core.ledger.keys.enrolment import Enrolment, earlier_logs
from core.ledger.keys.epoch_keys import has_sealed
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import Kind, RecordedKeys
from core.ledger.seals import SealReader
from core.ledger.tlog.notes import NoteError
from core.ledger.tlog.tree import TILE, Frontier
from core.ledger.verify.faults import (
    CACHE,
    GUARDS,
    INDEX,
    NO_SEALS,
    NOT_AS_TOLD,
    NOT_ENROLLED,
    OF_THE_CLOCK,
    STRAYS,
    STRUCTURE,
    Fault,
    FaultKind,
    Verification,
)
from core.ledger.verify.outside_copy import BroughtCopy
from core.ledger.verify.record_check import examine_ledger
from core.ledger.verify.verifier import LogVerifier
from core.ledger.verify.workers import Batch, run_batches
from core.system.support import support_log
from core.text import T, plain

#: Records that one process is given at a time.
_RECORDS: Final = 10_000
#: Records below which a process of its own takes longer to start than to look.
_FEW: Final = 20_000
#: Seconds between two looks at the stop button while the file's structure is looked at.
_LOOK_UP: Final = 0.1
_SILENTLY: Final = T("Personal information of this entry is gone, and no entry says that it was erased.")
_UNSEEN: Final = T("Its personal information is gone, and whether a record says that it was erased cannot be read.")
_ERASED_AND_HERE: Final = T("Personal information stands beside this entry, although an entry says that it was erased.")
_OF_THESE: Final = "SELECT DISTINCT seq FROM opening WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq"
_HEAD_SIZE: Final = "SELECT CAST(size AS INTEGER) FROM head"
_NODES: Final = "SELECT level, position, ifnull(CAST(hash AS BLOB), x'') FROM node WHERE (position + 1) << level <= ?"
#: Entries that are in no tree, and would be shown all the same.
_BEFORE_THE_FIRST: Final = "SELECT seq FROM entry WHERE seq < 1 LIMIT 1"
#: How SQLite says that an index has other rows than its table: https://www.sqlite.org/pragma.html#pragma_integrity_check
_OF_AN_INDEX: Final = re.compile(r"missing from index|entries in index|entry in index|PRIMARY KEY")
_NEXT: Final = "SELECT seq FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1"


@support_log.step("ledger.verify")
def verify(
    ledger: LedgerReader,
    enrolment: Enrolment | None,
    *,
    pinned: bool,
    copies: Sequence[BroughtCopy] = (),
    report: Report,
    cancel: Cancel,
) -> Verification:
    """Verify a ledger that is open. Raises LedgerProblem, Cancelled."""
    # The last seal first, then the records: what is added meanwhile waits for the next time.
    newest = max(ledger.newest_sizes(1), default=0)
    count = ledger.count()
    seals = takewhile(lambda seal: seal[0] <= newest, ledger.notes())
    verifier = LogVerifier(enrolment, pinned, seals, copies)
    with _flaws(ledger, count >= _FEW, cancel) as flaws:
        with translated(ledger.path, reading=True):
            run_batches(verifier, _batches(ledger, count), count, count >= _FEW, report, cancel)
        _beside(ledger, verifier)
        _erased(ledger, verifier)
        _before(ledger, verifier, enrolment)
        report(Progress(T("Comparing the indexes with the entries"), 1.0))
        _structure(flaws(), verifier)
    verified = verifier.end()
    support_log.info("ledger.verified", records=verified.records, faults=verified.count)
    for kind in sorted({fault.kind for fault in verified.faults}):
        support_log.info("ledger.fault", fault=kind)
    return verified


@contextlib.contextmanager
def _flaws(ledger: LedgerReader, is_long: bool, cancel: Cancel) -> Iterator[Callable[[], tuple[str, ...]]]:
    """What is wrong with the file's structure, once it is asked for. Of a long log, it is looked for from now on.

    SQLite does that alone, in seconds, while the records are looked at. Asking raises LedgerProblem, Cancelled.
    """
    if not is_long:
        yield lambda: ledger.flaws(cancel)
        return
    exit_cancel = Cancel()

    def look() -> tuple[str, ...]:
        # A connection of its own: what the ledger's own one is asked does not wait.
        with translated(ledger.path, reading=True):
            database = open_for_reading(ledger.path)
        with SealReader(database, ledger.path) as reader:
            return reader.flaws(exit_cancel)

    def wait_for_flaws() -> tuple[str, ...]:
        while not wait([looking], _LOOK_UP).done:
            cancel.check()
        return looking.result()

    with ThreadPoolExecutor(1, "ledger-structure") as thread:
        looking = thread.submit(look)
        try:
            yield wait_for_flaws
        finally:
            exit_cancel.press()


def _beside(ledger: LedgerReader, verifier: LogVerifier, *, nodes: bool = True) -> None:
    """What stands beside the records: the guards against change, and what is kept of the tree, with its `nodes`."""
    if not ledger.has_its_guards():
        verifier.add_fault(GUARDS)
    if ledger.rows(_BEFORE_THE_FIRST, []):
        verifier.add_fault(STRAYS)
    tree = verifier.tree
    if not verifier.broken and not (ledger.knows_its_tree(tree) and (not nodes or _has_its_nodes(ledger, tree))):
        verifier.add_fault(CACHE)


def _structure(flaws: Sequence[str], verifier: LogVerifier) -> None:
    """The file as SQLite sees it. Where more is wrong than an index, what was found at the entries says it better."""
    if any(_OF_AN_INDEX.search(flaw) for flaw in flaws):
        verifier.add_fault(INDEX)
    elif flaws and verifier.intact:
        verifier.add_fault(STRUCTURE)


def _erased(ledger: LedgerReader, verifier: LogVerifier) -> None:
    """Personal values that are gone: an erasure is on record, and stands behind the record that had them.

    And those that are not gone, although it does: an erasure takes all that a record has, and none ever comes back.
    """
    silently = _SILENTLY
    try:
        # Where something is wrong, a record that cannot be read could be one that says so.
        erased = verifier.erased if verifier.intact else ledger.erasures()
        erased_numbers = [number for number, by in erased.items() if number < by]
        values_present = ledger.rows(_OF_THESE, [json.dumps(erased_numbers)]) if erased_numbers else []
    except DamagedLedger:  # what cannot be read back is said of the stretch, or of the structure
        erased, values_present, silently = verifier.erased, [], _UNSEEN
    for (number,) in values_present:
        verifier.add_fault(Fault(FaultKind.FALSE_OPENING, number, number, _ERASED_AND_HERE))
    for number in verifier.unopened:
        if erased.get(number, 0) <= number:
            verifier.add_fault(Fault(FaultKind.NOT_ON_RECORD, number, number, silently))


def _before(ledger: LedgerReader, verifier: LogVerifier, enrolment: Enrolment | None) -> None:
    """What the folder of the keys tells of logs that were here before this one."""
    if enrolment is not None and not ledger.newest_sizes(1) and has_sealed(ledger.path, enrolment):
        verifier.add_fault(NO_SEALS)
    for earlier in earlier_logs(ledger.path):
        sentence = T(
            "This computer had another log before, {log}, which is not here any more.", log=plain(earlier, 200)
        )
        verifier.add_fault(Fault(FaultKind.EARLIER_LOG, 0, 0, sentence))


def _has_its_nodes(ledger: LedgerReader, tree: Frontier) -> bool:
    """Whether the subtrees that are kept are those of `tree`: each level makes up the one above, and all the root."""
    if not ledger.newest_sizes(1):
        return True
    # Records that an older Fanion has added since the last writing of this one are in no subtree yet.
    size = min(tree.size, *(row[0] for row in ledger.rows(_HEAD_SIZE, [])))
    stored_nodes = {(row[0], row[1]): row[2] for row in ledger.rows(_NODES, [size])}
    tiles, nodes = Frontier(), dict[tuple[int, int], bytes]()
    for position in range(size >> TILE):
        hashed = stored_nodes.get((TILE, position), b"")
        nodes[TILE, position] = hashed
        for level, above, node in tiles.append(hashed):
            nodes[level + TILE, above] = node
    return stored_nodes == nodes and (size < tree.size or tree.hashes.startswith(tiles.hashes))


def _batches(ledger: LedgerReader, count: int) -> Iterator[Batch]:
    """Stretches of numbers with records in them: a number far from the others, which is easily forged, costs no
    time."""
    before, first = 0, 1
    while first <= count:
        try:
            rows = ledger.rows(_NEXT, [first])
            if not rows:
                return
            first = max(first, int(rows[0][0]))  # a page in another's place may have any number
        except LedgerProblem:
            # The page is damaged: look at its numbers one by one. No file has more records than bytes.
            if first > ledger.path.stat().st_size:
                return
        last = min(first + _RECORDS - 1, count)
        yield Batch(examine_ledger, (str(ledger.path), first, last), last - before)
        before, first = last, last + 1


#: Seals that are looked at, and records: together well below a tenth of a second.
_QUICK_SEALS: Final = 20
_QUICK_RECORDS: Final = 2_000


def quick_look(ledger: LedgerReader, enrolment: Enrolment | None) -> tuple[Fault, ...]:
    """What is wrong with the end of the ledger; nothing is said of the clock. Raises LedgerProblem."""
    ends = ledger.newest_sizes(_QUICK_SEALS + 1)
    if not ends:
        used = enrolment is not None and has_sealed(ledger.path, enrolment)
        missing = used or bool(ledger.deciding().of(Kind.LOG_BEGUN, Kind.KEYS_REPLACED))
        return (NO_SEALS,) if missing else ()
    count = ledger.count()
    first_keys, replaced = (_keys(ledger, kind) for kind in (Kind.LOG_BEGUN, Kind.KEYS_REPLACED))
    start = _start(ends, count)
    # What is sealed meanwhile waits for the next look.
    seals = takewhile(lambda seal: seal[0] <= ends[0], ledger.notes(start))
    verifier = LogVerifier(enrolment, False, seals)
    if enrolment is not None and enrolment not in (first_keys, replaced):
        verifier.add_fault(NOT_ENROLLED)
    if start:
        in_force = replaced or enrolment or first_keys
        tree = ledger.tree_at(start)
        last = ledger.as_it_stands(start)
        verifier.start_at(tree, last.record if last is not None else None, in_force.identity if in_force else None)
        if tree.root() != ledger.seal_over(start).checkpoint.root:
            sentence = T("What is kept of the first {count} entries does not fit the seal over them.", count=start)
            verifier.add_fault(Fault(FaultKind.CACHE, 1, start, sentence))
            verifier.broken = True
    verifier.add_records(examine_ledger(str(ledger.path), start + 1, min(count, max(start + _QUICK_RECORDS, ends[0]))))
    verifier.check_signatures()
    deciding = ledger.deciding()
    if deciding.altered:
        if verifier.intact:  # else it was said which
            verifier.add_fault(NOT_AS_TOLD)
    elif not deciding.fits:
        verifier.add_fault(INDEX)
    _beside(ledger, verifier, nodes=False)
    return tuple(fault for fault in verifier.end().faults if fault.kind not in OF_THE_CLOCK)


def _start(ends: list[int], count: int) -> int:
    """Behind which seal to begin: as far back as the bounds allow, and before the last seal."""
    if len(ends) <= _QUICK_SEALS and count <= _QUICK_RECORDS:
        return 0
    before = [size for size in ends[1:] if count - size <= _QUICK_RECORDS]
    return before[-1] if before else (ends[1] if len(ends) > 1 else 0)


def _keys(ledger: LedgerReader, kind: Kind) -> Enrolment | None:
    """The keys in the newest record of this kind; None without one, or where they cannot be read."""
    for seq, _ in ledger.deciding().of(kind)[:1]:
        entry = ledger.as_it_stands(seq)
        if entry is not None and isinstance(entry.record, RecordedKeys):
            with contextlib.suppress(NoteError):
                return Enrolment.recorded(entry.record)
    return None
