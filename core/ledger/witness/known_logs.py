"""What this desk remembers of other desks' logs, and whether what it finds of them now goes together with that."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import Cosigned, Kind
from core.ledger.tlog.notes import Note, NoteError, Verifier
from core.ledger.witness.peer_folder import PeerFolder
from core.text import T, Text, grouped, plain

#: Files of a desk that are opened in vain before the rest is left alone, and remembered sizes that are compared.
_TRIES: Final = 50
#: Checkpoints between the remembered one and the newest.
_CHAIN_LIMIT: Final = 2_000

Skip = Callable[[Path, Text], None]


class Growth(StrEnum):
    """What a log's newest checkpoint is to what is remembered of it."""

    #: Nothing is remembered.
    FIRST = "first"
    #: It is proved that the log has only grown.
    GROWN = "grown"
    #: It was cosigned before.
    KNOWN = "known"
    #: It has another history than the one that was seen.
    FORKED = "forked"
    #: It is shorter than it was, and was never seen like this.
    SMALLER = "smaller"
    #: It is longer, but nothing proves out of what it grew.
    UNPROVED = "unproved"


class Conflict(LedgerProblem):
    """The folder contradicts what we remember of another desk. Nothing of it was cosigned.

    `copies` are copies of what was seen before, where there is one, and of what was found now.
    """

    code = "log-conflict"

    def __init__(self, origin: str, sentence: Text, next_step: Text, copies: tuple[Path, ...] = ()) -> None:
        super().__init__(sentence, next_step, ", ".join(map(str, copies)))
        self.origin = origin
        self.copies = copies


@dataclass(slots=True)
class KnownLog:
    """What our own log says of another one: its key, and the root (in base64) of every size that was cosigned."""

    key: str
    roots: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return max(self.roots)


@dataclass(frozen=True, slots=True)
class ComparedCheckpoint:
    """A log's checkpoint over `size` records, and how it was compared against the remembered one over `against`."""

    growth: Growth
    size: int
    note: Note
    root: bytes
    against: int = 0


def known_logs(ledger: LedgerReader) -> dict[str, KnownLog]:
    """What is remembered, by the origin of the log."""
    logs: dict[str, KnownLog] = {}
    for entry in ledger.decided(Kind.COSIGNED):
        if isinstance(cosigned := entry.record, Cosigned):
            logs.setdefault(cosigned.origin, KnownLog(cosigned.key)).roots[cosigned.size] = cosigned.root
    return logs


def compare(peer: PeerFolder, identity: Verifier, known_log: KnownLog | None, skip: Skip) -> ComparedCheckpoint | None:
    """Judge what a desk left: a contradiction if there is one, else its newest checkpoint; None if there is none.

    Files that cannot be used are told to `skip`. Each is read once: what is compared is cosigned. Raises OSError.
    """
    sizes = peer.sizes()
    notes = _Notes(peer, identity, skip)
    newest = next(notes.of(sizes[::-1][:_TRIES]), None)
    if newest is None:
        return None
    size, note, root = newest
    if known_log is None:
        return ComparedCheckpoint(Growth.FIRST, size, note, root)
    common_sizes = sorted(known_log.roots.keys() & set(sizes), reverse=True)[:_TRIES]
    for seen_size, other_note, its_root in notes.of(common_sizes):
        if known_log.roots[seen_size] != base64.b64encode(its_root).decode():
            return ComparedCheckpoint(Growth.FORKED, seen_size, other_note, its_root, seen_size)
    if size in known_log.roots:
        return ComparedCheckpoint(Growth.KNOWN, size, note, root, size)
    if size < known_log.size:
        return ComparedCheckpoint(Growth.SMALLER, size, note, root, known_log.size)
    between = [s for s in sizes if known_log.size < s <= size][-_CHAIN_LIMIT:]
    proved_size, its_root = known_log.size, base64.b64decode(known_log.roots[known_log.size])
    for following, _, next_root in notes.of(between):
        if peer.grown(following, next_root, proved_size, its_root):
            proved_size, its_root = following, next_root
    proved = proved_size == size
    return ComparedCheckpoint(Growth.GROWN if proved else Growth.UNPROVED, size, note, root, known_log.size)


def contradiction(origin: str, compared: ComparedCheckpoint, copies: tuple[Path, ...]) -> Conflict:
    """What to say of a checkpoint that is not cosigned."""
    log, size, seen_size = plain(origin), grouped(compared.size), grouped(compared.against)
    next_step = T(
        "Have that desk leave its checkpoint in this folder again. If that changes nothing, report it to "
        "your IT security team."
    )
    if compared.growth is Growth.FORKED:
        sentence = T(
            "The folder has a checkpoint of the log “{log}” over {size} entries that contradicts the one that this "
            "desk has cosigned: that log has two histories.",
            log=log,
            size=size,
        )
        next_step = T("Keep both checkpoints, and report it to your IT security team.")
    elif compared.growth is Growth.SMALLER:
        sentence = T(
            "The newest checkpoint of the log “{log}” in the folder is over {size} entries, but this desk has cosigned "
            "one over {seen}.",
            log=log,
            size=size,
            seen=seen_size,
        )
    else:
        sentence = T(
            "Nothing in the folder proves that the log “{log}” over {size} entries has grown out of the one over "
            "{seen} that this desk has cosigned.",
            log=log,
            size=size,
            seen=seen_size,
        )
    return Conflict(origin, sentence, next_step, copies)


class _Notes:
    """Those of a desk's checkpoints that are what they say; one that was read before is not read again."""

    def __init__(self, peer: PeerFolder, identity: Verifier, skip: Skip) -> None:
        self._peer = peer
        self._identity = identity
        self._skip = skip
        self._read: dict[int, tuple[Note, bytes] | None] = {}

    def of(self, sizes: list[int]) -> Iterator[tuple[int, Note, bytes]]:
        """The checkpoints over so many records, and their roots. Raises OSError."""
        for size in sizes:
            if size not in self._read:
                self._read[size] = self._note(size)
            if (checkpoint := self._read[size]) is not None:
                yield size, *checkpoint

    def _note(self, size: int) -> tuple[Note, bytes] | None:
        try:
            return self._peer.note(size, self._identity.name, [self._identity])
        except NoteError as error:
            self._skip(self._peer.note_file(size), error.why)
        except FileNotFoundError:
            # It went away since the folder was listed: if the medium did, the next one to be read says so.
            pass
        return None
