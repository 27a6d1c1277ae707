"""How fast a log of a million records is exported, in each form, and checked by the program that goes with it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.jobs import Cancel, silent
from core.ledger.file.database import open_for_writing
from core.ledger.records import Kind
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.notes import Checkpoint, Note, NoteSigner
from core.ledger.tlog.tree import Frontier
from core.ledger.writer import Ledger
from core.reports.tables.exports import Format, export
from tests.bench.log import make_ledger

RECORDS = 1_000_000


def seal_all(path: Path) -> None:
    """A seal over all records, signed by a key that nobody keeps: past the ledger, as the records were made."""
    database = open_for_writing(path, practice=False)
    try:
        tree = Frontier()
        for (leaf_hash,) in database.execute("SELECT leaf_hash FROM entry ORDER BY seq"):
            tree.append(leaf_hash)
        text = Checkpoint("example.org/bench", tree.size, tree.root()).text
        note = Note(text, (NoteSigner("example.org/bench", Ed25519PrivateKey.generate()).sign(text),))
        database.execute("INSERT INTO seal (size, note) VALUES (?, ?)", [tree.size, bytes(note)])
    finally:
        database.close()


def run(records: int = RECORDS, formats: tuple[Format, ...] = tuple(Format)) -> None:
    """Prints rows a second for each form."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "ledger.db")
        make_ledger(path, records)
        seal_all(path)
        with Ledger.read(path) as ledger:
            asked = [(format, Filter(), False) for format in formats]
            asked += [(Format.CSV, Filter(), True)] if Format.CSV in formats else []
            asked += [(Format.JSONL, Filter(kind=Kind.CHECK_ENDED), False)]
            export(ledger, Format.JSONL, Filter(), Path(name), silent, Cancel())  # brings the file into memory
            for format, chosen, personal in asked:
                start = time.perf_counter()
                made = export(ledger, format, chosen, Path(name), silent, Cancel(), personal=personal)
                taken = time.perf_counter() - start
                about = ", the checks only" if chosen else ", with serial numbers" if personal else ""
                print(f"export: {format}{about}: {made.records / taken:,.0f} rows/s  ({taken:.1f} s)")
                if format is Format.JSONL:
                    start = time.perf_counter()
                    subprocess.run([sys.executable, made.folder / "verify_log.py"], check=True, capture_output=True)
                    print(f"export: and checked in {time.perf_counter() - start:.1f} s")
                for file in made.folder.iterdir():
                    file.unlink()


if __name__ == "__main__":
    run(int(sys.argv[1]) if sys.argv[1:] else RECORDS, tuple(map(Format, sys.argv[2:])) or tuple(Format))
