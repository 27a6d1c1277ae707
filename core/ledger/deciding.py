"""The records that decide something, found so that no index can hide one of them.

What is allowed, accepted or still open at a desk stands in few records of few kinds. An index finds them at once among
a million others; but whoever can write the file can leave rows out of an index and let it look as before, and to go
through all entries at every start takes a second and more for a million. So the last record under each seal tells how
many such records there are, one hash over their numbers and kinds, and which steps have no outcome yet. What the index
gives has to fit that; where it does not, and behind the seal, the entries themselves are gone through.

A change of the record that tells is a change of a sealed record, which the look at every start and verification find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlite_utils import Database

from core.ledger.leaf import JsonObject, decode
from core.ledger.records import INTENTS, Kind

#: What is allowed, what was accepted, with which keys the log goes on, what other logs looked like, what time it was.
KINDS: Final = (
    Kind.EXCEPTION_GRANTED,
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
_LOOKED_FOR: Final = (*KINDS, *INTENTS, Kind.REMOVAL_OUTCOME, Kind.UNDO_OUTCOME)
_TELLING: Final = """SELECT entry.seq, entry.leaf
    FROM (SELECT size FROM seal ORDER BY size DESC LIMIT ?) AS sealed JOIN entry ON entry.seq = sealed.size
    ORDER BY entry.seq DESC"""
_HAS_SEALS: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seal'"
_BY_THE_INDEX: Final = f"SELECT seq, kind FROM entry WHERE kind IN ({_MARKS}) AND seq <= ?"  # noqa: S608
_BY_THE_ENTRIES: Final = f"""SELECT seq, kind, intent FROM entry NOT INDEXED
    WHERE seq > ? AND kind IN ({", ".join("?" * len(_LOOKED_FOR))}) ORDER BY seq"""  # noqa: S608

#: A record's number and kind, and the number of the intent whose outcome it is.
Row = tuple[int, str, object]


@dataclass(frozen=True, slots=True)
class Tally:
    """The deciding records among the first `upto`: how many, the hash over them, and the intents without an outcome."""

    upto: int = 0
    count: int = 0
    digest: bytes = bytes(32)
    open: tuple[int, ...] = ()

    def grown(self, rows: Iterable[Row], upto: int) -> Tally:
        """With the records that follow."""
        count, digest, still_open = self.count, self.digest, dict.fromkeys(self.open)
        for seq, kind, intent in rows:
            if kind in KINDS:
                count, digest = count + 1, _hashed(digest, seq, kind)
            if kind in INTENTS:
                still_open[seq] = None
            if isinstance(intent, int):
                still_open.pop(intent, None)
        return Tally(upto, count, digest, tuple(still_open))

    def body(self) -> JsonObject:
        """As the last record under a seal tells it; nothing, where more is open than it has room for."""
        if len(self.open) > OPEN_LIMIT:
            return {}
        return {"deciding": {"count": self.count, "sha256": self.digest.hex()}, "open": list(self.open)}

    @classmethod
    def told(cls, seq: int, leaf: Mapping[str, Any]) -> Tally | None:
        """What record number `seq` tells, which is the last one under its seal; None if it tells nothing."""
        if leaf.get("type") != Kind.KEY_NEXT or not isinstance(body := leaf.get("body"), Mapping):
            return None
        told, still_open = body.get("deciding"), body.get("open")
        if not isinstance(told, Mapping) or not isinstance(still_open, Sequence):
            return None
        count, digest = told.get("count"), told.get("sha256")
        if type(count) is not int or not isinstance(digest, str) or not _HASH.fullmatch(digest):
            return None
        if not all(type(number) is int and 0 < number < seq for number in still_open):
            return None
        return cls(seq, count, bytes.fromhex(digest), tuple(still_open))


@dataclass(frozen=True, slots=True)
class Deciding:
    """The deciding records of a ledger, by their kinds' and their own numbers, the oldest first.

    `fits` tells whether the index had them as the last record under a seal tells them.
    """

    tally: Tally
    numbers: tuple[tuple[int, str], ...]
    fits: bool

    def of(self, *kinds: Kind) -> list[int]:
        """The numbers of the records of these kinds, the newest first."""
        return [seq for seq, kind in reversed(self.numbers) if kind in kinds]


def tally(database: Database) -> Tally:
    """The tally over all records there are. No index is asked."""
    return _grown(database, _told(database))[0]


def deciding(database: Database, before: Deciding | None = None) -> Deciding:
    """The deciding records of all there are. `before` is what was found in the same file before: only more is added."""
    if before is not None:
        told, numbers, fits = before.tally, before.numbers, before.fits
    else:
        told = _told(database)
        found = database.execute(_BY_THE_INDEX, [*KINDS, told.upto]).fetchall() if told.upto else []
        numbers, fits = tuple(sorted(found)), True
        digest = bytes(32)
        for seq, kind in numbers:
            digest = _hashed(digest, seq, kind)
        if (len(numbers), digest) != (told.count, told.digest):
            told, numbers, fits = Tally(), (), False
    now, rows = _grown(database, told)
    return Deciding(now, (*numbers, *((seq, kind) for seq, kind, _ in rows if kind in KINDS)), fits)


def _told(database: Database) -> Tally:
    """What the newest seal tells that tells anything."""
    if database.execute(_HAS_SEALS).fetchone() is None:
        return Tally()
    for seq, leaf in database.execute(_TELLING, [_SEALS]):
        try:
            told = Tally.told(seq, decode(leaf))
        except (ValueError, TypeError):  # verification says so
            continue
        if told is not None:
            return told
    return Tally()


def _grown(database: Database, told: Tally) -> tuple[Tally, list[Row]]:
    rows: list[Row] = database.execute(_BY_THE_ENTRIES, [told.upto, *_LOOKED_FOR]).fetchall()
    (upto,) = database.execute("SELECT coalesce(max(seq), 0) FROM entry").fetchone()
    return told.grown(rows, max(told.upto, upto)), rows


def _hashed(digest: bytes, seq: int, kind: str) -> bytes:
    return sha256(digest + f"{seq} {kind}".encode()).digest()
