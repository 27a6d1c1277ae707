"""The ledger itself: it only grows, and a record is on disk before anybody acts on it."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path
from typing import Final, Self

from sqlite_utils import Database

from core import model
from core.ledger import RecordTooLong
from core.ledger.clock import Clock, system_clock
from core.ledger.database import open_for_reading, open_for_writing, translated, writing
from core.ledger.entries import Entry, entry
from core.ledger.leaf import LEAF_LIMIT, Json, JsonObject, Personal, encode, leaf_hash
from core.ledger.reader import LedgerReader, as_stored
from core.ledger.records import Record
from core.ledger.sessions import Session

LEAF_VERSION: Final = 1


def ledger_file(data: Path, *, practice: bool = False) -> Path:
    """Where the ledger stands in the data folder. Practice has one of its own."""
    return data / ("practice-ledger.db" if practice else "ledger.db")


class Ledger(LedgerReader):
    """A ledger open for writing. May be used from any thread, and by several programs at once."""

    def __init__(
        self,
        database: Database,
        path: Path,
        session: Session,
        *,
        desk: str,
        officer: str,
        app_version: str,
        practice: bool,
        clock: Clock,
    ) -> None:
        """Not for callers: see :meth:`open`."""
        super().__init__(database, path, reading=False)
        self._session = session
        self._signature = desk, officer
        self._app_version = app_version
        self._practice = practice
        self._clock = clock
        self._given_up: set[int] = set()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        desk: str,
        officer: str,
        app_version: str,
        practice: bool = False,
        clock: Clock = system_clock,
    ) -> Self:
        """The ledger at `path`, made if it is not there. What is written will say that `officer` wrote it at `desk`.

        Raises LedgerProblem.
        """
        path = path.absolute()
        database = open_for_writing(path, practice=practice)
        try:
            with translated(path):
                session = Session(path)
        except BaseException:
            database.close()
            raise
        return cls(
            database,
            path,
            session,
            desk=desk,
            officer=officer,
            app_version=app_version,
            practice=practice,
            clock=clock,
        )

    @staticmethod
    def read(path: Path, practice: bool | None = None) -> LedgerReader:
        """The ledger at `path`, which may be somebody else's and on a read-only medium.

        `practice` tells which of the two kinds it has to be; None takes either. Raises LedgerProblem.
        """
        path = path.absolute()
        return LedgerReader(open_for_reading(path, practice), path)

    @property
    def session(self) -> str:
        """What tells the records of this program's run from those of others."""
        return self._session.id

    @property
    def practice(self) -> bool:
        """Whether everything in here is practice."""
        return self._practice

    def sign_as(self, *, desk: str, officer: str) -> None:
        """What is written from now on will say that `officer` wrote it at `desk`."""
        self._signature = desk, officer  # at once, and not behind the lock: whoever writes may wait for the file

    def give_up(self, intent: int) -> None:
        """The outcome of an intent of this program could not be written down: it is open, although we still run."""
        with self._lock:
            self._given_up.add(intent)

    @property
    def given_up(self) -> frozenset[int]:
        """The intents of this program of which the outcome could not be written down."""
        with self._lock:
            return frozenset(self._given_up)

    def open_intents(self, given_up: Set[int] = frozenset()) -> tuple[Entry, ...]:
        return super().open_intents(self.given_up | given_up)

    def close(self) -> None:
        super().close()
        self._session.close()

    def append(
        self,
        record: Record,
        *,
        visit: str | None = None,
        policy: model.Policy | None = None,
        phone: model.Phone | None = None,
    ) -> Entry:
        """Write `record` down. When this returns, it is safe on disk; otherwise it raises LedgerProblem.

        ValueError and TypeError mean a bug: a record that no ledger can hold, one that builds on a record that is not
        there, or a practice phone in a real ledger or the other way round.
        """
        return self.append_all([record], visit=visit, policy=policy, phone=phone)[0]

    def append_all(
        self,
        records: Iterable[Record],
        *,
        visit: str | None = None,
        policy: model.Policy | None = None,
        phone: model.Phone | None = None,
    ) -> tuple[Entry, ...]:
        """Write `records` down, all or none of them. Raises as :meth:`append` does."""
        if phone is not None and phone.practice != self._practice:
            raise ValueError("practice and real checks are never mixed")
        context: dict[str, Json] = {"visit": visit, "policy": _policy(policy), "device": _device(phone)}
        with self._access(), writing(self._database):
            return tuple(self._insert(record, context) for record in records)

    def erase(self, commitment: str) -> bool:
        """Forget the personal value behind `commitment` (in hex), for good. False if it was already forgotten.

        The record stays as it is. Copies of the file, such as backups, still have the value. Raises LedgerProblem.
        """
        with self._access(), writing(self._database):
            erased = self._database.execute("DELETE FROM opening WHERE commitment = ?", [bytes.fromhex(commitment)])
            return erased.rowcount == 1

    def _insert(self, record: Record, context: dict[str, Json]) -> Entry:
        for earlier, kind in record.refers_to().items():
            self._require(earlier, kind)
        seq = self.count() + 1
        leaf, openings = encode(self._leaf(record, seq) | context)
        if len(leaf) > LEAF_LIMIT:
            raise RecordTooLong(self.path, f"{record.kind}: {len(leaf)} bytes")
        hashed = leaf_hash(leaf)
        self._database.execute("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [seq, leaf, hashed])
        for opening in openings:
            self._database.execute(
                "INSERT INTO opening (commitment, seq, salt, value) VALUES (?, ?, ?, ?)",
                [opening.commitment, seq, opening.salt, opening.value],
            )
        return entry(seq, leaf, hashed, {o.commitment.hex(): o.value.decode() for o in openings})

    def _require(self, seq: int, kind: str) -> None:
        found = self._database.execute("SELECT kind FROM entry WHERE seq = ?", [seq]).fetchone()
        if found != (kind,):
            raise ValueError(f"record {seq} is not a {kind}")

    def _leaf(self, record: Record, seq: int) -> dict[str, Json]:
        now = self._clock()
        desk, officer = self._signature
        return {
            "v": LEAF_VERSION,
            "seq": seq,
            "type": record.kind,
            "time": as_stored(now.time),
            "mono_ms": now.mono_ms,
            "boot": now.boot,
            "desk": desk,
            "officer": officer,
            "session": self.session,
            "practice": self._practice,
            "app": {"version": self._app_version},
            "body": record.body(),
        }


def _policy(policy: model.Policy | None) -> JsonObject | None:
    return None if policy is None else {"id": policy.id, "version": policy.version, "sha256": policy.sha256}


def _device(phone: model.Phone | None) -> JsonObject | None:
    """A phone as records have it: its serial number belongs to a person."""
    if phone is None:
        return None
    return {
        "platform": phone.platform,
        "maker": phone.maker,
        "model": phone.model,
        "os": phone.os,
        "serial": Personal(phone.serial) if phone.serial else None,
    }
