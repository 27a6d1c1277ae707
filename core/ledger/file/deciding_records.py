"""The records that decide something, found so that no index can hide one of them.

What is allowed, accepted or still open at a desk stands in few records of few kinds. An index finds them at once among
a million others; but a writer of the file can leave rows out of an index and let it look as before, and going
through all entries at every start takes a second and more for a million. So the last record under each seal tells how
many such records there are, one hash over their numbers, kinds and own hashes, and which steps have no outcome yet.
What the index gives has to fit that; where it does not, and behind the seal, the entries themselves are gone through.

What a record tells is believed, and carried on by the next seal, only if it is the very record under its seal: else a
change of it that is taken back at once would live on in sealed records. Verification counts anew what each one tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlite_utils import Database

from core.ledger.file.kept_tree import has_seals, kept_tree
from core.ledger.records import INTENTS, OUTCOMES, Kind
from core.ledger.records.desk import DecidingCount, KeyNext
from core.ledger.records.entry import record_of
from core.ledger.records.leaf import decode
from core.ledger.records.leaf import leaf_hash as hash_of
from core.ledger.tlog.notes import Checkpoint, Note, NoteError

#: What is allowed, what was accepted, with which keys the log goes on, what other logs looked like, what time it was.
KINDS: Final = (
    Kind.EXCEPTION_GRANTED,
    Kind.EXCEPTION_BOUND,
    Kind.EXCEPTION_REVOKED,
    Kind.POLICY_ACCEPTED,
    Kind.POLICY_REFUSED,
    Kind.LOG_BEGUN,
    Kind.KEYS_REPLACED,
    Kind.COSIGNED,
    Kind.COSIGNATURES,
    Kind.FORK_SEEN,
    Kind.TIMESTAMPED,
)
#: Steps without an outcome that one record tells of. With more of them it tells nothing, and entries are gone through.
OPEN_LIMIT: Final = 1_000
#: Seals that are looked at for what they tell: those of an older Fanion, that writes the same log, tell nothing.
_SEALS: Final = 1_000

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MARKS: Final = ", ".join("?" * len(KINDS))
#: Of which something is told: what decides, what was about to be done, and its outcome.
LOOKED_FOR: Final = (*KINDS, *INTENTS, *OUTCOMES)
# One after the other, as they are asked for: the first mostly tells.
_SEALED: Final = "SELECT size, ifnull(CAST(note AS BLOB), x'') FROM seal ORDER BY size DESC LIMIT ?"
_LEAF: Final = "SELECT ifnull(CAST(leaf AS BLOB), x'') FROM entry WHERE seq = ?"
_RECORD: Final = "seq, kind, ifnull(CAST(leaf_hash AS BLOB), x'')"
_BY_THE_INDEX: Final = f"SELECT {_RECORD} FROM entry WHERE kind IN ({_MARKS}) AND seq <= ?"  # noqa: S608
_BY_THE_ENTRIES: Final = f"""SELECT {_RECORD}, intent FROM entry NOT INDEXED
    WHERE seq > ? AND kind IN ({", ".join("?" * len(LOOKED_FOR))}) ORDER BY seq"""  # noqa: S608

#: A record's number, its kind and its hash.
DecidingRecord = tuple[int, str, bytes]
#: The same, and the number of the intent whose outcome it is.
TalliedRow = tuple[int, str, bytes, object]


@dataclass(frozen=True, slots=True)
class DecidingTally:
    """The deciding records among the first `upto`: how many, the hash over them, and the intents without an outcome."""

    upto: int = 0
    count: int = 0
    digest: bytes = bytes(32)
    open: tuple[int, ...] = ()

    def grown(self, rows: Iterable[TalliedRow], upto: int) -> DecidingTally:
        """The tally with these rows added, which follow on those that it counts."""
        growing = GrowingTally(self)
        for row in rows:
            growing.add(*row)
        return growing.now(upto)

    def record(self, key: str) -> KeyNext:
        """The last record under a seal, which tells it; nothing of it where more is open than there is room for."""
        if len(self.open) > OPEN_LIMIT:
            return KeyNext(key)
        return KeyNext(key, DecidingCount(self.count, self.digest.hex()), self.open)

    @classmethod
    def told_by(cls, seq: int, record: object) -> DecidingTally | None:
        """The tally that record number `seq` states, the last one under its seal; None if it states none."""
        if not isinstance(record, KeyNext) or record.deciding is None or record.open is None:
            return None
        count, digest = record.deciding.count, record.deciding.sha256
        if count is None or not _HASH.fullmatch(digest) or not all(0 < number < seq for number in record.open):
            return None
        return cls(seq, count, bytes.fromhex(digest), record.open)


class GrowingTally:
    """A tally to which one record after the other is added."""

    def __init__(self, tally: DecidingTally) -> None:
        self._count, self._digest, self._open = tally.count, tally.digest, dict.fromkeys(tally.open)

    def add(self, seq: int, kind: str, leaf_hash: bytes, intent: object) -> None:
        """Count the next record of a kind that is :data:`LOOKED_FOR`."""
        if kind in KINDS:
            self._count, self._digest = self._count + 1, _hashed(self._digest, seq, kind, leaf_hash)
        if kind in INTENTS:
            self._open[seq] = None
        if isinstance(intent, int):
            self._open.pop(intent, None)

    def fits(self, tally: DecidingTally) -> bool:
        """Whether the tally is equal to that of the records counted so far."""
        return (self._count, self._digest) == (tally.count, tally.digest) and tuple(self._open) == tally.open

    def now(self, upto: int) -> DecidingTally:
        return DecidingTally(upto, self._count, self._digest, tuple(self._open))


@dataclass(frozen=True, slots=True)
class Deciding:
    """The deciding records of a ledger, the oldest first.

    `fits` tells whether the index gave those that the last record under a seal tells of. Where it did not, they were
    looked for among the entries, and `altered` tells whether those are not the ones either.
    """

    tally: DecidingTally
    records: tuple[DecidingRecord, ...]
    fits: bool
    altered: bool = False

    def of(self, *kinds: Kind) -> list[tuple[int, bytes]]:
        """The numbers and hashes of the records of these kinds, the newest first."""
        return [(seq, leaf_hash) for seq, kind, leaf_hash in reversed(self.records) if kind in kinds]


def tally(database: Database) -> DecidingTally:
    """The tally over all records there are. No index is asked."""
    return _grown(database, _sealed_tally(database)[0])[0]


def deciding(database: Database, before: Deciding | None = None) -> Deciding:
    """The deciding records of all there are. `before` is what was found in the same file before: only more is added."""
    if before is not None:
        now, added = _grown(database, before.tally)
        return Deciding(now, (*before.records, *added), before.fits, before.altered)
    tally, is_sound = _sealed_tally(database)
    indexed_records = sorted(database.execute(_BY_THE_INDEX, [*KINDS, tally.upto]).fetchall()) if tally.upto else []
    if _is_told(indexed_records, tally):
        now, added = _grown(database, tally)
        return Deciding(now, (*indexed_records, *added), True, not is_sound)
    now, records = _grown(database, DecidingTally())
    return Deciding(now, records, False, not _is_told([record for record in records if record[0] <= tally.upto], tally))


def _sealed_tally(database: Database) -> tuple[DecidingTally, bool]:
    """The tally that the newest seal with one states, and whether the stating record is really under it."""
    if not has_seals(database):
        return DecidingTally(), True
    for seq, note in database.execute(_SEALED, [_SEALS]):
        (leaf,) = database.execute(_LEAF, [seq]).fetchone() or (b"",)
        try:
            fields = decode(leaf)
            tally = DecidingTally.told_by(seq, record_of(fields.get("type"), fields.get("body")))
        except (ValueError, TypeError):  # verification says so
            continue
        if tally is not None:
            return (tally, True) if _is_sealed(database, seq, leaf, note) else (DecidingTally(), False)
    return DecidingTally(), True


def _is_sealed(database: Database, seq: int, leaf: bytes, note: bytes) -> bool:
    """Whether `leaf` is the last record under this seal, by what is kept of the tree over the others."""
    try:
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        tree = kept_tree(database, seq - 1)
    except (NoteError, LookupError):  # verification says so
        return False
    tree.append(hash_of(leaf))
    return (tree.size, tree.root()) == (checkpoint.size, checkpoint.root)


def _is_told(records: Iterable[DecidingRecord], tally: DecidingTally) -> bool:
    """Whether the tally counts exactly these deciding records."""
    count, digest = 0, bytes(32)
    for record in records:
        count, digest = count + 1, _hashed(digest, *record)
    return (count, digest) == (tally.count, tally.digest)


def _grown(database: Database, tally: DecidingTally) -> tuple[DecidingTally, tuple[DecidingRecord, ...]]:
    """Count the records behind `tally`: the tally over all records, and the deciding ones among the new."""
    rows: list[TalliedRow] = database.execute(_BY_THE_ENTRIES, [tally.upto, *LOOKED_FOR]).fetchall()
    (upto,) = database.execute("SELECT coalesce(max(seq), 0) FROM entry").fetchone()
    deciding_ones = tuple((seq, kind, leaf_hash) for seq, kind, leaf_hash, _ in rows if kind in KINDS)
    return tally.grown(rows, max(tally.upto, upto)), deciding_ones


def _hashed(digest: bytes, seq: int, kind: str, leaf_hash: bytes) -> bytes:
    return sha256(digest + f"{seq} {kind} {leaf_hash.hex()}".encode()).digest()
