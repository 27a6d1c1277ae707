"""How fast a sealed log of a million records is verified: with a seal for every thousand of them, and every five."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.jobs import Cancel, silent
from core.ledger.file.deciding_records import KINDS, DecidingTally
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records import INTENTS, Kind, LogBegun, Record
from core.ledger.records.leaf import Json, encode, leaf_hash
from core.ledger.tlog.notes import COSIGNATURE, Checkpoint, Note, NoteSigner
from core.ledger.tlog.signatures import true_signatures
from core.ledger.tlog.tree import Frontier
from core.ledger.verify.ledger_check import quick_look, verify
from core.ledger.writer import Ledger
from tests.bench.log import _ROUND
from tests.bench.rig import met, unguarded

RECORDS = 1_000_000
RUNS = 3
#: Signatures that are measured, for all there are.
SAMPLE = 2_000
#: How many times a verification may cost what reading, hashing and signatures cost, with few seals and with many.
MOST_OF_FEW_SEALS = 6.5
MOST_OF_MANY_SEALS = 2.5
_ORIGIN = "example.org/bench/0123456789abcdef"
_DEVICE: dict[str, Json] = {
    "maker": "samsung",
    "model": "SM-S901W",
    "os": "14",
    "platform": "android",
    "serial": None,
}
#: As the steps without an outcome are found by indexes.
_OPEN_BY_INDEX = """SELECT seq FROM entry WHERE kind IN (?, ?)
    AND NOT EXISTS (SELECT 1 FROM entry AS outcome WHERE outcome.intent = entry.seq)"""
_START = datetime(2026, 1, 5, 8, tzinfo=UTC)

Row = tuple[int, bytes, bytes]


def make_sealed(path: Path, records: int, apart: int) -> Enrolment:
    """A ledger at `path` that is sealed after every `apart` records, as Fanion seals: each seal by a key of its own."""
    identity = NoteSigner(_ORIGIN, Ed25519PrivateKey.generate())
    epoch = NoteSigner(_ORIGIN, Ed25519PrivateKey.generate())
    cosigner = NoteSigner(_ORIGIN, Ed25519PrivateKey.generate(), COSIGNATURE)
    enrolment = Enrolment(identity.verifier, epoch.verifier, cosigner.verifier)
    tree, nodes, seals = Frontier(), list[tuple[int, int, bytes]](), list[tuple[int, bytes]]()

    told = DecidingTally()

    def rows() -> Iterator[Row]:
        nonlocal epoch, told
        bodies = [(record.kind, record.body()) for record in _ROUND]
        for seq in range(1, records + 1):
            record: Record | None = None
            following = epoch
            if seq == 1:
                record = LogBegun(_ORIGIN, *map(str, (enrolment.identity, enrolment.epoch, enrolment.cosigner)))
            elif seq % apart == 0:
                following = NoteSigner(_ORIGIN, Ed25519PrivateKey.generate())
                record = told.record(str(following.verifier))
            kind, body = (record.kind, record.body()) if record else bodies[seq % len(bodies)]
            if kind == Kind.REMOVAL_OUTCOME:
                body = {**body, "intent": seq - 1}
            exact, _ = encode(_leaf(seq, kind, body))
            hashed = leaf_hash(exact)
            told = told.grown([(seq, kind, hashed, body.get("intent"))], seq)
            nodes.extend(tree.append(hashed))
            yield seq, exact, hashed
            if following is not epoch:
                text = Checkpoint(_ORIGIN, seq, tree.root()).text
                seals.append((seq, bytes(Note(text, (identity.sign(text), epoch.sign(text))))))
                epoch = following

    with unguarded(path) as database:
        for statement, values in (
            ("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", rows()),
            ("INSERT INTO node (level, position, hash) VALUES (?, ?, ?)", nodes),
            ("INSERT INTO seal (size, note) VALUES (?, ?)", seals),
        ):
            database.conn.cursor().executemany(statement, values)
        database.execute("UPDATE head SET size = ?, hashes = ?", [tree.size, tree.hashes])
    return enrolment


def _leaf(seq: int, kind: str, body: Json) -> dict[str, Json]:
    return {
        "v": 1,
        "seq": seq,
        "type": kind,
        "time": (_START + timedelta(seconds=seq * 7)).isoformat(timespec="milliseconds"),
        "mono_ms": seq * 7_000,
        "boot": "2e9a0b1c-5f0e-4c57-9f4b-1f6f6e0f3a77",
        "desk": "Desk 4",
        "officer": "A. Roy",
        "session": "0123456789abcdef",
        "visit": f"v{seq // 8:011}",
        "policy": {"id": "canada", "version": "2026-11-01", "sha256": "ab" * 32},
        "device": _DEVICE,
        "practice": False,
        "app": {"version": "0.3.0"},
        "body": body,
    }


def start_ratio(path: Path, enrolment: Enrolment) -> None:
    """Prints what a start takes that lets no index decide, against one that believes the indexes."""
    sure, believing = (
        statistics.median(_start(path, enrolment, believing=which) for _ in range(9)) for which in (False, True)
    )
    ratio = sure / believing
    print(
        f"verify: a start that lets no index decide / one that believes them: {ratio:.2f}  "
        f"({sure * 1e3:.0f} / {believing * 1e3:.0f} ms; at most 1.10: {met(ratio <= 1.1)})"
    )


def _start(path: Path, enrolment: Enrolment, *, believing: bool) -> float:
    """Seconds until the log's end was looked at, and everything is known that decides something."""
    with Ledger.read(path) as ledger:
        if believing:
            ledger.deciding()
        start = time.perf_counter()
        assert not quick_look(ledger, enrolment)
        for kind in KINDS:
            list(ledger.newest(20_000, kind=kind) if believing else ledger.decided(kind))
        if believing:
            ledger.rows(_OPEN_BY_INDEX, list(INTENTS))
        else:
            ledger.open_intents()
        return time.perf_counter() - start


def run(records: int = RECORDS, spaces: tuple[int, ...] = (1_000, 5)) -> None:
    """Prints records a second, what a verification costs beyond what nobody can save, and a start's look."""
    for apart in spaces:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name, "ledger.db")
            enrolment = make_sealed(path, records, apart)
            path.read_bytes()  # brings the file into memory
            taken, worked = min(_verified(path, enrolment, records, apart) for _ in range(RUNS))
            print(
                f"verify: {records:,} records, a seal every {apart:,}: {records / taken:,.0f} records/s  "
                f"({taken:.1f} s, {worked:.1f} s of processors, {records // apart:,} seals of two signatures)"
            )
            least = min(_hashed(path) + _signed(path) for _ in range(RUNS))
            most = MOST_OF_FEW_SEALS if apart >= 1_000 else MOST_OF_MANY_SEALS
            print(
                f"verify: processors / reading, hashing and checking the signatures alone: {worked / least:.2f}  "
                f"({worked:.1f} / {least:.1f} s; at most {most:.1f}: {met(worked / least <= most)})"
            )
            start_ratio(path, enrolment)


def _verified(path: Path, enrolment: Enrolment, records: int, apart: int) -> tuple[float, float]:
    """Seconds by the clock, and of processors, that verifying the whole log takes."""
    with Ledger.read(path) as ledger:
        start, before = time.perf_counter(), _worked()
        found = verify(ledger, enrolment, pinned=True, report=silent, cancel=Cancel())
        taken, worked = time.perf_counter() - start, _worked() - before
    assert found.intact, found.faults[:3]
    assert (found.records, found.seals) == (records, records // apart)
    return taken, worked


def _worked() -> float:
    """Seconds of processors that this process has had, and those that it began and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _hashed(path: Path) -> float:
    """Seconds of a processor that it takes to read all leaves and to hash them, and their tree."""
    start, tree = time.process_time(), Frontier()
    with Ledger.read(path) as ledger:
        for first in range(1, ledger.count() + 1, 10_000):
            rows = ledger.rows("SELECT leaf FROM entry WHERE seq BETWEEN ? AND ?", [first, first + 9_999])
            tree.extend(b"".join(leaf_hash(leaf) for (leaf,) in rows))
    return time.process_time() - start


def _signed(path: Path) -> float:
    """Seconds of a processor that two signatures under each seal take."""
    key = Ed25519PrivateKey.generate()
    signed = bytes(200)
    claim = (key.public_key().public_bytes_raw(), key.sign(signed), signed)
    with Ledger.read(path) as ledger:
        ((seals,),) = ledger.rows("SELECT count(*) FROM seal", [])
    start = time.process_time()
    assert all(true_signatures([claim] * SAMPLE))
    return (time.process_time() - start) / SAMPLE * 2 * seals


if __name__ == "__main__":
    run(int(sys.argv[1]) if sys.argv[1:] else RECORDS, tuple(map(int, sys.argv[2:])) or (1_000, 5))
