"""Logs of the first form, which had no seals: read as they are, and brought up to date by whoever writes into them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, silent
from core.ledger.file.clock import system_clock
from core.ledger.file.database import PRACTICE_ID, REAL_ID, VERSION
from core.ledger.keys.enrolment import read_enrolment
from core.ledger.problems import AlteredLedger, NewerLedger, OtherLedger
from core.ledger.records import CheckStarted, Kind
from core.ledger.records.leaf import Personal, encode, leaf_hash
from core.ledger.records.stored_time import as_stored
from core.ledger.seals import NotSealed
from core.ledger.verify.faults import FaultKind
from core.ledger.verify.ledger_check import quick_look, verify
from core.ledger.writer import Ledger
from core.policy.format import policy_file
from core.text import T
from tests.entries import personal
from tests.unit.ledger.conftest import root_of
from tests.unit.ledger.dying import folder_in_memory
from tests.unit.ledger.test_crash import killed_at_any_moment

STARTED = CheckStarted(T("over USB"))

#: As version 1 made it, to the letter: SQLite keeps these statements, and they are compared.
FIRST = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) <= 65535),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    kind TEXT NOT NULL GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.type')) VIRTUAL,
    time TEXT NOT NULL GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.time')) VIRTUAL,
    visit TEXT GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.visit')) VIRTUAL,
    verdict TEXT GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.body.verdict')) VIRTUAL,
    intent INTEGER GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.body.intent')) VIRTUAL,
    CHECK (json_extract(CAST(leaf AS TEXT), '$.seq') = seq)
) STRICT;
CREATE INDEX entry_kind ON entry (kind);
CREATE INDEX entry_time ON entry (time);
CREATE INDEX entry_visit ON entry (visit) WHERE visit IS NOT NULL;
CREATE INDEX entry_verdict ON entry (verdict) WHERE verdict IS NOT NULL;
CREATE INDEX entry_intent ON entry (intent) WHERE intent IS NOT NULL;
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN SELECT raise(ABORT, 'records are added one after the other'); END;
CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'records are never changed'); END;
CREATE TRIGGER entry_kept BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'records are never deleted'); END;
CREATE TABLE opening (
    commitment BLOB NOT NULL PRIMARY KEY CHECK (length(commitment) = 32),
    seq INTEGER NOT NULL REFERENCES entry (seq),
    salt BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX opening_seq ON opening (seq);
CREATE TRIGGER opening_with_its_record BEFORE INSERT ON opening
WHEN new.seq IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM opening WHERE commitment = new.commitment)
BEGIN SELECT raise(ABORT, 'an opening comes with its record, once'); END;
CREATE TRIGGER opening_unchanged BEFORE UPDATE ON opening
BEGIN SELECT raise(ABORT, 'openings are erased, never changed'); END;
"""

GUARD = """CREATE TRIGGER entry_kept BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'records are never deleted'); END"""


def first_version(path: Path, records: int, *, practice: bool = False) -> list[bytes]:
    """A log of version 1, and the hashes of its records."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hashes = []
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.executescript(FIRST)
        made.execute(f"PRAGMA application_id={PRACTICE_ID if practice else REAL_ID}")
        made.execute("PRAGMA user_version=1")
        made.execute("BEGIN")
        for seq in range(1, records + 1):
            now = system_clock()
            device = {"platform": "android", "maker": "samsung", "model": "SM-A546B", "os": "14"}
            leaf, openings = encode(
                {
                    "v": 1,
                    "seq": seq,
                    "type": STARTED.kind,
                    "time": as_stored(now.time),
                    "mono_ms": now.mono_ms,
                    "boot": now.boot,
                    "desk": "Desk 4",
                    "officer": "A. Roy",
                    "session": "0" * 16,
                    "visit": f"v{seq // 3}",
                    "policy": None,
                    "device": device | {"serial": Personal(f"SERIAL-{seq}")},
                    "practice": practice,
                    "app": {"version": "0.1.0"},
                    "body": STARTED.body(),
                }
            )
            hashes.append(leaf_hash(leaf))
            made.execute("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [seq, leaf, hashes[-1]])
            for o in openings:
                made.execute("INSERT INTO opening VALUES (?, ?, ?, ?)", [o.commitment, seq, o.salt, o.value])
        made.execute("COMMIT")
    return hashes


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as memory:
        yield memory / "data"


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as other:
        return int(other.execute("PRAGMA user_version").fetchone()[0])


def opened(path: Path, *, practice: bool = False) -> Ledger:
    return Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test", practice=practice)


@pytest.mark.parametrize("records", [0, 1, 255, 256, 300])
def test_is_brought_up_to_date_and_goes_on(path: Path, records: int) -> None:
    hashes = first_version(path, records)
    with opened(path) as ledger:
        assert version(path) == VERSION == 2
        assert [e.leaf_hash for e in ledger.entries()] == hashes
        assert ledger.root_at(records) == root_of(hashes)
        assert ledger.unsealed() == records
        ledger.append(STARTED, seal=True)
        found = verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel())
        assert found.faults == ()
        assert found.sealed == ledger.count() == records + 3
        for seq in range(1, ledger.count() + 1, 17):
            assert ledger.proof(seq).checkpoint.size == ledger.count()
        assert [personal(e) for e in ledger.entries()][:records] == [f"SERIAL-{seq}" for seq in range(1, records + 1)]


def test_is_sealed_at_the_first_start_of_a_desk(tmp_path: Path) -> None:
    first_version(tmp_path / "practice-ledger.db", 10, practice=True)
    desk = Desk(tmp_path, Settings(officer="A. Roy", desk="Desk 4"))
    with desk.ledger(True, policy_file.load_built_in("canada")) as ledger:
        assert ledger.unsealed() == 0
        assert quick_look(ledger, ledger.enrolment) == ()


def test_is_read_as_it_is(path: Path) -> None:
    first_version(path, 300)
    before = path.read_bytes()
    with Ledger.read(path, practice=False) as reader:
        assert reader.count() == reader.unsealed() == 300
        assert personal(reader.newest(1)[0]) == "SERIAL-300"
        assert len(reader.search("serial-29", 100)) == 11
        assert reader.newest_seal() is None
        assert list(reader.seals()) == []
        assert reader.newest_sizes(5) == []
        assert (reader.outside().size, reader.outside().newer) == (0, 300)
        with pytest.raises(NotSealed, match="Entry 1 of the log is not sealed yet"):
            reader.proof(1)
        assert quick_look(reader, None) == ()
        found = verify(reader, None, pinned=False, report=silent, cancel=Cancel())
        assert (found.records, found.seals, found.sealed) == (300, 0, 0)
        assert {fault.kind for fault in found.faults} == {FaultKind.NO_KEYS}
    assert path.read_bytes() == before
    assert [f.name for f in path.parent.iterdir()] == [path.name]


def test_is_read_as_it_is_from_a_medium_that_cannot_be_written(
    path: Path, make_read_only: Callable[[Path], None]
) -> None:
    first_version(path, 3)
    make_read_only(path.parent)
    with Ledger.read(path) as reader:
        assert reader.count() == 3


@pytest.mark.slow
@pytest.mark.parametrize("records", [0, 1, 300])
def test_killed_while_it_is_brought_up_to_date(folder: Path, records: int) -> None:
    """Either it is of the first form still, or of the second: nothing between, and no record is lost."""
    first_version(folder / "ledger.db", records)
    answer = killed_at_any_moment("open", folder)
    assert answer["failures"] == []
    assert answer["moments"] > 50


def test_an_altered_log_of_the_first_form_is_not_touched(path: Path) -> None:
    first_version(path, 3)
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TRIGGER entry_kept")
    before = path.read_bytes()
    with pytest.raises(AlteredLedger):
        opened(path)
    assert path.read_bytes() == before


def test_a_log_of_the_first_form_that_lacks_a_record_is_not_called_whole(path: Path) -> None:
    first_version(path, 5)
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TRIGGER entry_kept")
        other.execute("DELETE FROM entry WHERE seq = 3")
        other.execute(GUARD)
        other.commit()
    with pytest.raises(AlteredLedger, match="altered by another program"), opened(path) as ledger:
        ledger.append(STARTED)


# --- a program of the first version that goes on


def written_by_the_first_version(path: Path, records: int) -> None:
    """What it does that was running before: it knows nothing of seals and trees."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        for _ in range(records):
            ((seq, last),) = old.execute("SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1")
            leaf = json.loads(last) | {"seq": seq + 1, "type": STARTED.kind, "body": STARTED.body()}
            exact = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            old.execute("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [seq + 1, exact, leaf_hash(exact)])


def is_right(ledger: Ledger) -> bool:
    hashes = [e.leaf_hash for e in ledger.entries()]
    assert ledger.root_at(len(hashes)) == root_of(hashes)
    assert verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel()).faults == ()
    assert quick_look(ledger, ledger.enrolment) == ()
    return ledger.proof(len(hashes)).checkpoint.root == root_of(hashes)


@pytest.mark.parametrize("records", [1, 3, 250, 600])
def test_what_an_old_program_adds_later_is_taken_into_the_tree(path: Path, records: int) -> None:
    """Past the first tiles too, which are of 256."""
    first_version(path, 3)
    opened(path).close()
    written_by_the_first_version(path, records)
    with opened(path) as ledger:
        ledger.append(STARTED, seal=True)
        assert is_right(ledger)
        written_by_the_first_version(path, records)  # and while it is open
        assert ledger.append(STARTED).seq == ledger.count()
        written_by_the_first_version(path, 1)
        assert ledger.unsealed() == records + 2
        ledger.seal()
        assert is_right(ledger)


def test_what_an_old_program_adds_is_no_fault_before_it_is_in_the_tree(path: Path) -> None:
    first_version(path, 3)
    opened(path).close()
    written_by_the_first_version(path, 5)
    with Ledger.read(path) as reader:
        enrolment = read_enrolment(path)
        assert verify(reader, enrolment, pinned=True, report=silent, cancel=Cancel()).faults == ()
        assert quick_look(reader, enrolment) == ()
        assert reader.unsealed() == 5


def head(path: Path, size: int, hashes: bytes) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE head SET size = ?, hashes = ?", [size, hashes])
        other.commit()


@pytest.mark.parametrize("case", ["cut", "behind", "no tree", "ahead"])
def test_a_head_that_contradicts_the_records_is_refused_and_found(path: Path, case: str) -> None:
    """Records were cut off, or somebody put another tree there."""
    with opened(path) as ledger:
        ledger.append_all([STARTED] * 5, seal=True)
        ahead, enrolment = ledger.tree_at(7), ledger.enrolment
    match case:
        case "cut":
            with closing(sqlite3.connect(path)) as other:
                other.execute("DROP TRIGGER entry_kept")
                other.execute("DELETE FROM entry WHERE seq = 7")
                other.execute(GUARD)
                other.commit()
        case "behind":
            head(path, 4, bytes(32))
        case "no tree":
            head(path, 7, bytes(31))
        case _:
            head(path, ahead.size + 2**40, bytes(32) * (ahead.size + 2**40).bit_count())
    with Ledger.read(path) as reader:
        assert not reader.knows_its_tree(ahead)
        found = verify(reader, enrolment, pinned=True, report=silent, cancel=Cancel())
        assert not found.intact
    with pytest.raises(AlteredLedger, match="altered by another program"):
        opened(path)


def test_practice_and_real_logs_of_the_first_form_are_told_apart(path: Path) -> None:
    first_version(path, 1, practice=True)
    with pytest.raises(OtherLedger):
        opened(path)
    assert version(path) == 1
    with opened(path, practice=True) as ledger:
        assert ledger.newest(1)[0].leaf["practice"] is True


@pytest.mark.parametrize("newer", [VERSION + 1, 100])
def test_a_newer_form_is_refused_and_left_alone(path: Path, newer: int) -> None:
    first_version(path, 1)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version={newer}")
    before = path.read_bytes()
    for use in (opened, Ledger.read):
        with pytest.raises(NewerLedger, match="newer version"):
            use(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("older", [0, -1])
def test_a_form_that_never_was_is_altered(path: Path, older: int) -> None:
    first_version(path, 1)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version={older}")
    for use in (opened, Ledger.read):
        with pytest.raises((AlteredLedger, NewerLedger)):
            use(path)


def test_two_programs_bring_it_up_to_date_at_once(path: Path) -> None:
    first_version(path, 100)
    done: list[int] = []

    def work() -> None:
        with opened(path) as ledger:
            ledger.append(STARTED, seal=True)
            done.append(ledger.count())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened(path) as ledger:
        assert len(done) == 4
        kinds = [e.kind for e in ledger.entries()]
        assert kinds.count(Kind.LOG_BEGUN) == 1
        assert Kind.KEYS_REPLACED not in kinds
        assert kinds.count(Kind.CHECK_STARTED) == 104
        assert verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel()).faults == ()
