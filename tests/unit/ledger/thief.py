"""Somebody who has the computer, time, raw SQLite, and whatever keys are on it."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.jobs import Cancel, silent
from core.ledger.file.clock import Instant
from core.ledger.keys.enrolment import Enrolment, keys_folder
from core.ledger.records import CheckEnded, CheckStarted
from core.ledger.records.leaf import leaf_hash
from core.ledger.seals import Seal
from core.ledger.tlog.notes import Checkpoint, Note, NoteSigner
from core.ledger.tlog.tree import Frontier
from core.ledger.verify.faults import FaultKind, Verification
from core.ledger.verify.ledger_check import verify
from core.ledger.verify.outside_copy import outside_copy
from core.ledger.writer import Ledger
from core.model import Verdict
from core.text import T

USB = T("over USB")
ENDED = CheckEnded(verdict=Verdict.GREEN, profiles=1, apps=312, findings=0, bans=0, products=0, gaps=(), took_ms=900)

Told = list[tuple[FaultKind, int, int]]


@dataclass
class Clocks:
    """A computer's clocks: each look is a second later, by the calendar and by the counter."""

    now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    mono_ms: int = 60_000
    boot: str = "boot-1"

    def __call__(self) -> Instant:
        self.now += timedelta(seconds=1)
        self.mono_ms += 1_000
        return Instant(self.now, self.mono_ms, self.boot)

    def set(self, by: timedelta) -> None:
        """The calendar is set; the counter goes on."""
        self.now += by

    def restart(self, later: timedelta = timedelta(minutes=5)) -> None:
        """The computer is started again, by its calendar so much later."""
        self.now += later
        self.mono_ms, self.boot = 1_000, f"{self.boot}+"


@dataclass
class Place:
    """A data folder with a ledger in it, which is opened for each thing that is done."""

    folder: Path
    clock: Clocks = field(default_factory=Clocks)

    @property
    def path(self) -> Path:
        return self.folder / "ledger.db"

    @contextlib.contextmanager
    def open(self, officer: str = "A. Officer") -> Iterator[Ledger]:
        with Ledger(self.path, desk="Desk 1", officer=officer, app_version="0.3.0", clock=self.clock) as ledger:
            yield ledger

    def check(self, times: int = 1, officer: str = "A. Officer") -> Seal:
        """Sealed checks of three records each; under the first seal there is one more, which names the keys."""
        with self.open(officer) as ledger:
            for _ in range(times):
                ledger.append_all([CheckStarted(USB), ENDED], seal=True)
        return self.seal()

    def seal(self) -> Seal:
        """The newest one: what an outside copy of now has."""
        with Ledger.read(self.path) as ledger:
            seal = ledger.newest_seal()
        assert seal is not None
        return seal

    def enrolment(self) -> Enrolment:
        with self.open() as ledger:
            return ledger.enrolment

    def copy(self, name: str) -> Place:
        """All of it as it is now, keys and all, somewhere else."""
        folder = self.folder.with_name(name)
        shutil.copytree(self.folder, folder)
        return Place(folder, Clocks(self.clock.now, self.clock.mono_ms, self.clock.boot))

    def put_back(self, older: Place, *, keys: bool = True) -> None:
        """Another ledger is put where this one is."""
        shutil.copy(older.path, self.path)
        if keys:
            shutil.rmtree(keys_folder(self.path))
            shutil.copytree(keys_folder(older.path), keys_folder(self.path))

    def leaves(self) -> dict[int, dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            return {seq: json.loads(leaf) for seq, leaf in database.execute("SELECT seq, leaf FROM entry")}

    def look(self, enrolment: Enrolment | None, *copies: Seal, pinned: bool = True) -> Verification:
        with Ledger.read(self.path) as ledger:
            brought = [outside_copy("a receipt", seal.note, enrolment) for seal in copies if enrolment]
            return verify(ledger, enrolment, pinned=pinned, copies=brought, report=silent, cancel=Cancel())

    def told(self, enrolment: Enrolment | None, *copies: Seal) -> Told:
        """What is wrong, by kind and records."""
        return [(fault.kind, fault.first, fault.last) for fault in self.look(enrolment, *copies).faults]


class Thief:
    """``with Thief(path) as thief:`` The guards are off meanwhile; what is kept beside the records fits afterwards."""

    def __init__(self, path: Path, *, guards: bool = True, tidy: bool = True) -> None:
        self.path = path
        self._guards = guards
        self._tidy = tidy

    def __enter__(self) -> Thief:
        self.file = sqlite3.connect(self.path, isolation_level=None)
        self.file.execute("PRAGMA ignore_check_constraints=ON")
        self._triggers = self.file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in self._triggers:
            self.file.execute(f"DROP TRIGGER {name}")
        return self

    def __exit__(self, *_: object) -> None:
        if self._tidy:
            self.tidy()
        for _, sql in self._triggers if self._guards else []:
            self.file.execute(sql)
        self.file.close()

    def tidy(self) -> Frontier:
        """Make what is kept beside the records fit them."""
        tree = Frontier()
        self.file.execute("DELETE FROM node")
        for (hashed,) in self.file.execute("SELECT leaf_hash FROM entry WHERE seq > 0 ORDER BY seq").fetchall():
            self.file.executemany("INSERT INTO node VALUES (?, ?, ?)", tree.append(hashed))
        self.file.execute("UPDATE head SET size = ?, hashes = ?", [tree.size, tree.hashes])
        return tree

    def leaf(self, seq: int) -> dict[str, Any]:
        (leaf,) = self.file.execute("SELECT leaf FROM entry WHERE seq = ?", [seq]).fetchone()
        found: dict[str, Any] = json.loads(leaf)
        return found

    def put(self, seq: int, leaf: bytes | Mapping[str, Any], *, hashed: bool = True) -> None:
        """A record in the place of another, or a new one; without `hashed`, the old hash stays."""
        exact = leaf if isinstance(leaf, bytes) else canonical(leaf)
        if hashed:
            self.file.execute(
                "REPLACE INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [seq, exact, leaf_hash(exact)]
            )
        else:
            self.file.execute("UPDATE entry SET leaf = ? WHERE seq = ?", [exact, seq])

    def edit(self, seq: int, change: Callable[[dict[str, Any]], None], *, hashed: bool = True) -> None:
        leaf = self.leaf(seq)
        change(leaf)
        self.put(seq, leaf, hashed=hashed)

    def drop(self, after: int, *, seals: bool) -> None:
        """Cut everything behind a record."""
        self.file.execute("DELETE FROM entry WHERE seq > ?", [after])
        if seals:
            self.file.execute("DELETE FROM seal WHERE size > ?", [after])

    def renumber(self, leaves: list[dict[str, Any]]) -> None:
        """These records, numbered from 1, and no others."""
        self.file.execute("DELETE FROM entry")
        for seq, leaf in enumerate(leaves, 1):
            self.put(seq, leaf | {"seq": seq})

    def keys(self) -> tuple[NoteSigner, NoteSigner]:
        """What is on the computer now: the identity, and the key of the next seal."""
        folder, (note,) = keys_folder(self.path), self.file.execute("SELECT note FROM seal LIMIT 1").fetchone()
        origin = Checkpoint.parse(Note.parse(note).text).origin
        seed = bytes.fromhex(next(folder.glob("identity-*.key")).read_text().strip())
        slots = (folder / "epoch.keys").read_bytes()
        (epoch,) = [slots[at + 4 : at + 36] for at in (0, 64) if slots[at : at + 4] == b"FNE1"]
        return signer(origin, seed), signer(origin, epoch)

    def seal(self, size: int, *signers: NoteSigner) -> None:
        """A seal that fits the first records as they are now."""
        tree = Frontier()
        for (hashed,) in self.file.execute("SELECT leaf_hash FROM entry WHERE seq <= ? ORDER BY seq", [size]):
            tree.append(hashed)
        text = Checkpoint(signers[0].name, size, tree.root()).text
        note = Note(text, tuple(s.sign(text) for s in signers))
        self.file.execute("REPLACE INTO seal (size, note) VALUES (?, ?)", [size, bytes(note)])

    def append_sealed(self, leaf: Callable[[dict[str, Any]], bytes]) -> int:
        """One more record like the last check's end, and a seal, with the keys that are on the computer."""
        (last,) = self.file.execute("SELECT max(seq) FROM entry").fetchone()
        identity, epoch = self.keys()
        before = self.leaf(last)
        self.put(last + 1, leaf(self.leaf(last - 1) | {k: before[k] for k in ("time", "mono_ms")} | {"seq": last + 1}))
        following = signer(identity.name, b"next seed of the thief, 32 bytes")
        self.put(last + 2, before | {"seq": last + 2, "body": {"key": str(following.verifier)}})
        self.seal(last + 2, identity, epoch)
        return int(last) + 1


def signer(origin: str, seed: bytes) -> NoteSigner:
    return NoteSigner(origin, Ed25519PrivateKey.from_private_bytes(seed))


def canonical(leaf: Mapping[str, Any]) -> bytes:
    return json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def by_somebody_else(leaf: dict[str, Any]) -> None:
    """The change that is tried everywhere."""
    leaf["officer"] = "Somebody Else"


def files_of(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, to the last byte."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
