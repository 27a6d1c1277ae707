"""The rollback journal beside a log: a true one is played back, a forged one is refused, and nothing of it stays."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sqlite3
import struct
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, silent
from core.ledger.file import journal
from core.ledger.file.journal_pages import MAGIC, Header, page_before, single_row_integer
from core.ledger.keys.enrolment import read_enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.records import CheckStarted, Kind
from core.ledger.sealing import require_ready
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.model import Phone
from core.text import T
from tests.examples import examples
from tests.inside import database_of
from tests.unit.ledger.thief import Place, files_of

STARTED = CheckStarted(T("over USB"))
BAIT = b"somebody's letters"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "data")
    for _ in range(3):
        made.check()
    return made


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    file = tmp_path / "elsewhere" / "bait"
    file.parent.mkdir()
    file.write_bytes(BAIT)
    return file


def hot(path: Path, change: str = "UPDATE head SET size = size") -> None:
    """Leave the file in the middle of a writing: its pages are in it by half, and their earlier ones in the journal."""
    copy = path.with_name("copy")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA cache_size=1")
        other.execute("BEGIN IMMEDIATE")
        other.execute("DROP TRIGGER entry_unchanged")
        other.execute(change)
        other.execute("UPDATE entry SET leaf_hash = zeroblob(32)")
        shutil.copy(path, copy)
        kept = journal.journal_of(path).read_bytes()
        other.rollback()
    os.replace(copy, path)
    journal.journal_of(path).write_bytes(kept)


def super_journal(name: Path) -> bytes:
    """What stands at the end of a journal that names another file."""
    text = os.fsencode(name)
    return struct.pack(">I", 1) + text + struct.pack(">II", len(text), sum(text)) + MAGIC


def refused(place: Place, why: str) -> None:
    """By all that would open the file; and everything stays as it is."""
    before = files_of(place.folder)
    ways: list[Callable[[], object]] = [
        place.check,
        lambda: Ledger.read(place.path),
        lambda: require_ready(place.path, practice=False, keyring=False),
    ]
    for act in ways:
        with pytest.raises(LedgerProblem, match=rf"ledger\.db-journal is not from its last writing: {why}") as problem:
            act()
        assert problem.value.exit_code == 5
        assert "moved away" in str(problem.value.next_step)
    assert files_of(place.folder) == before


def faults(path: Path) -> list[str]:
    with Ledger.read(path) as ledger:
        told = verify(ledger, read_enrolment(path), pinned=True, report=silent, cancel=Cancel())
    return [str(fault.sentence) for fault in told.faults]


# --- what is refused


@pytest.mark.parametrize("rest", ["hot", "header", "noise"])
def test_a_journal_that_names_another_file_has_nothing_deleted(place: Place, bait: Path, rest: str) -> None:
    """SQLite deletes what a journal names as its super-journal, once it was played back: that is shown first."""
    beside = journal.journal_of(place.path)
    if rest == "hot":
        hot(place.path)
    elif rest == "header":
        beside.write_bytes(MAGIC + struct.pack(">5I", 0, 7, 100, 512, 4096).ljust(504, b"\0"))
    else:
        beside.write_bytes(b"noise")
    with beside.open("ab") as file:
        file.write(super_journal(bait))
    other = shutil.copytree(place.folder, place.folder.with_name("other"))
    with closing(sqlite3.connect(other / "ledger.db")) as believing, suppress(sqlite3.DatabaseError):
        believing.execute("SELECT count(*) FROM entry").fetchone()
    assert not bait.exists()
    bait.write_bytes(BAIT)
    refused(place, "it names another file, which would be deleted")
    assert bait.read_bytes() == BAIT


@pytest.mark.parametrize("empty", [True, False])
def test_also_beside_a_file_that_is_no_log_yet(tmp_path: Path, bait: Path, empty: bool) -> None:
    place = Place(tmp_path / "data")
    place.folder.mkdir()
    place.path.write_bytes(b"" if empty else b"x" * 5_000)
    beside = journal.journal_of(place.path)
    beside.write_bytes(MAGIC + struct.pack(">5I", 0, 7, 0, 512, 4096).ljust(504, b"\0") + super_journal(bait))
    with pytest.raises(LedgerProblem, match="it names another file"):
        place.check()
    assert bait.read_bytes() == BAIT


def test_a_journal_of_another_file_is_refused(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other, isolation_level=None)) as database:
        database.execute("PRAGMA page_size=1024")
        database.executescript("CREATE TABLE entry (leaf_hash); CREATE TABLE head (size);")
        database.executemany("INSERT INTO entry VALUES (?)", [(bytes(900),)] * 50)
        database.execute("CREATE TRIGGER entry_unchanged BEFORE DELETE ON entry BEGIN SELECT 1; END")
    hot(other)
    shutil.copy(journal.journal_of(other), journal.journal_of(place.path))
    refused(place, "it was written for another file")


def test_a_journal_of_a_longer_file_is_refused(place: Place, tmp_path: Path) -> None:
    longer = Place(tmp_path / "longer")
    with longer.open() as ledger:
        ledger.append_all([STARTED] * 300, seal=True)
    hot(longer.path)
    shutil.copy(journal.journal_of(longer.path), journal.journal_of(place.path))
    refused(place, "it was written for another file")


@pytest.mark.parametrize("later", [0, 1, 3])
@pytest.mark.parametrize("first", [False, True])
def test_a_journal_of_an_earlier_writing_takes_no_sealed_entry_back(
    tmp_path: Path, phone: Phone, later: int, first: bool
) -> None:
    """One that somebody kept, also of the very last seal: the key that signed it is gone, so it was whole."""
    place = Place(tmp_path / "data")
    with place.open() as ledger:
        ledger.append(STARTED)
        if not first:
            ledger.append(STARTED, seal=True)
        kept: list[bytes] = []

        def keep(statement: str) -> None:
            if statement == "COMMIT":  # all is in the journal; its head is written as it comes to the disk
                kept.append(journal.journal_of(place.path).read_bytes())

        database_of(ledger).conn.set_trace_callback(keep)
        ledger.append_all([STARTED] * 3, phone=phone, seal=True)
        database_of(ledger).conn.set_trace_callback(None)
        size = ledger.count()
    for _ in range(later):
        place.check()
    page = 4_096
    count = (len(kept[0]) - 512) // (page + 8)
    stale = MAGIC + struct.pack(">I", count) + kept[0][12:]
    journal.journal_of(place.path).write_bytes(stale)
    other = shutil.copytree(place.folder, place.folder.with_name("other"))
    if not later:
        with closing(sqlite3.connect(other / "ledger.db")) as believing:
            assert believing.execute("SELECT count(*) FROM entry").fetchone()[0] < size
    refused(place, "it would take back entries that are sealed")
    journal.journal_of(place.path).unlink()
    assert faults(place.path) == []


def test_where_the_leaf_under_a_seal_is_no_record_no_bug_is_met(place: Place) -> None:
    """What a journal would take back is compared with the newest seal, and its leaf may have been altered."""
    with closing(sqlite3.connect(place.path, isolation_level=None)) as other:
        (guard,) = other.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_unchanged'").fetchone()
        other.execute("DROP TRIGGER entry_unchanged")
        leaf = """CAST('{"seq":' || seq || ',"time":"","type":"key-next"}' AS BLOB)"""
        other.execute(f"UPDATE entry SET leaf = {leaf} WHERE seq = (SELECT max(size) FROM seal)")
        other.execute(guard)
    hot(place.path)
    with suppress(LedgerProblem), Ledger.read(place.path):
        pass
    with pytest.raises(LedgerProblem):
        place.check()


def test_a_write_ahead_log_is_none_of_fanions(place: Place) -> None:
    """SQLite would read its pages in the place of the log's own, also of a log that was never written so."""
    beside = place.path.with_name("ledger.db-wal")
    other = shutil.copytree(place.folder, place.folder.with_name("other")) / "ledger.db"
    with closing(sqlite3.connect(other, isolation_level=None)) as forging:
        forging.execute("PRAGMA journal_mode=WAL")
        forging.execute("DROP TRIGGER entry_kept")
        forging.execute("DELETE FROM entry WHERE seq > 2")
        forged = other.with_name("ledger.db-wal").read_bytes()
    for end, content in (("-wal", forged), ("-shm", bytes(32_768))):
        beside = place.path.with_name(f"ledger.db{end}")
        beside.write_bytes(content)
        before = files_of(place.folder)
        for act in (place.check, lambda: Ledger.read(place.path)):
            with pytest.raises(LedgerProblem, match=rf"ledger\.db{end} is not from its last writing: Fanion writes no"):
                act()
        assert files_of(place.folder) == before
        beside.write_bytes(b"")
        place.check()
        beside.unlink(missing_ok=True)
    assert faults(place.path) == []


# --- what is played back


def test_a_true_journal_is_played_back(place: Place) -> None:
    with Ledger.read(place.path) as ledger:
        before = ledger.count()
    hot(place.path)
    with pytest.raises(LedgerProblem, match="was cut off while it was being written"):
        Ledger.read(place.path)
    with place.open() as log:
        assert log.count() == before
    assert faults(place.path) == []
    assert not journal.journal_of(place.path).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL")
@pytest.mark.parametrize("seal", [True, False])
def test_of_a_program_that_is_killed_while_it_writes(place: Place, phone: Phone, seal: bool) -> None:
    """Its pages go into the file before the end, those of a seal too."""
    child = os.fork()
    if child == 0:
        try:
            with place.open() as ledger:
                inside = database_of(ledger)
                inside.execute("PRAGMA cache_size=1")
                inside.conn.set_trace_callback(
                    lambda statement: os.kill(os.getpid(), signal.SIGKILL) if statement == "COMMIT" else None
                )
                ledger.append_all([STARTED] * 200, phone=phone, seal=seal)
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert any(journal.journal_of(place.path).read_bytes()[:8])
    with place.open() as ledger:
        assert {entry.kind for entry in ledger.newest(1)} == {Kind.KEY_NEXT}
        ledger.append(STARTED, seal=True)
    assert faults(place.path) == []


# --- what is in one


@given(size=st.integers(-(2**63), 2**63 - 1), hashes=st.binary(max_size=900))
@examples(40)
def test_the_count_before_is_read_as_sqlite_reads_it(size: int, hashes: bytes) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE head (one INTEGER PRIMARY KEY, size INTEGER NOT NULL, hashes BLOB NOT NULL)")
        database.execute("INSERT INTO head VALUES (1, ?, ?)", [size, hashes])
        database.commit()
        pages = database.serialize()
    assert single_row_integer(pages[4_096:8_192]) == size


@given(st.binary(max_size=200), st.integers(0, 5))
@examples(60)
def test_no_bytes_break_the_reading_of_a_journal(junk: bytes, wanted: int) -> None:
    for content in (junk, MAGIC + junk, MAGIC + struct.pack(">5I", 3, 7, 1, 64, 64).ljust(56, b"\0") + junk):
        file = io.BytesIO(content)
        header = Header.read(file)
        if header is not None:
            page_before(file, header, wanted)
    try:
        single_row_integer(b"\x0d\0\0\0\1" + junk)
    except ValueError:
        return
