"""Verification of long logs, damaged files, strangers’ exports: it ends, within bounds, with a result or a sentence."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.jobs import Cancel, Progress, silent
from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import DamagedLedger, LedgerBusy, LedgerProblem
from core.ledger.records.leaf import LEAF_LIMIT
from core.ledger.seals import SealReader
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.notes import NOTE_LIMIT
from core.ledger.verify import exported as exported_log
from core.ledger.verify.exported import ExportUnusable, verify_export
from core.ledger.verify.faults import FaultKind as F
from core.ledger.verify.faults import Verification
from core.ledger.verify.ledger_check import verify
from core.ledger.verify.outside_copy import outside_copy
from core.ledger.verify.record_check import FAULTS_LIMIT, ExaminedRecords, examine, examine_ledger
from core.ledger.verify.verifier import LogVerifier
from core.ledger.writer import Ledger
from core.problem import Cancelled
from core.reports.tables.exports import Format, export
from tests.bench.verify import make_sealed
from tests.examples import examples
from tests.inside import database_of
from tests.unit.ledger.thief import ENDED, Clocks, Place, Thief, by_somebody_else, canonical, files_of

#: More than the processes of `several` have for themselves, with a seal for every `APART` of them.
LONG, APART = 2_500, 50
PAGE = 4096


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Four checks: records 1 to 4, 5 to 7, 8 to 10 and 11 to 13, with a seal over each of them."""
    here = Place(tmp_path / "data")
    here.check(4)
    return here


@pytest.fixture(scope="session")
def made_long(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Enrolment]:
    """A log of many records and seals. Not to be changed."""
    path = tmp_path_factory.mktemp("long") / "ledger.db"
    return path, make_sealed(path, LONG, APART)


@pytest.fixture
def long(made_long: tuple[Path, Enrolment], tmp_path: Path) -> tuple[Path, Enrolment]:
    """The same, to be changed."""
    path = tmp_path / "ledger.db"
    shutil.copy(made_long[0], path)
    return path, made_long[1]


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is shared among processes a tenth as early: they are started all the same, and soon done."""
    for limit in ("ledger_check._RECORDS", "ledger_check._FEW", "exported._LINES"):
        module, name = f"core.ledger.verify.{limit}".rsplit(".", 1)
        monkeypatch.setattr(f"{module}.{name}", getattr(importlib.import_module(module), name) // 10)


@pytest.fixture
def use_processors(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has the computer have so many processors. With one, no process is started."""
    return lambda count: monkeypatch.setattr(os, "cpu_count", lambda: count)


@pytest.fixture
def alone(use_processors: Callable[[int], None]) -> None:
    use_processors(1)


def look(path: Path, enrolment: Enrolment, report: Callable[[Progress], None] = silent) -> Verification:
    with Ledger.read(path) as ledger:
        return verify(ledger, enrolment, pinned=True, report=report, cancel=Cancel())


def told(found: Verification) -> list[tuple[F, int, int]]:
    return [(fault.kind, fault.first, fault.last) for fault in found.faults]


def exported(place: Place) -> Path:
    """An export as core.reports.tables.exports makes it, by hand."""
    folder = place.folder.with_name("export")
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(place.path)) as database:
        leaves = [row[0] for row in database.execute("SELECT leaf FROM entry ORDER BY seq")]
        seals = database.execute("SELECT size, note FROM seal ORDER BY size").fetchall()
    (folder / "leaves.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in leaves))
    lines = [json.dumps({"size": size, "note": note.decode()}, ensure_ascii=False) for size, note in seals]
    (folder / "seals.jsonl").write_bytes("".join(f"{line}\n" for line in lines).encode())
    (folder / "checkpoint").write_bytes(seals[-1][1])
    return folder


def look_at(folder: Path, enrolment: Enrolment | None) -> Verification:
    return verify_export(folder, enrolment, report=silent, cancel=Cancel())


# Long logs


def nothing(thief: Thief) -> None:
    pass


def edited(thief: Thief) -> None:
    thief.edit(1_234, by_somebody_else, hashed=False)
    thief.edit(2_100, by_somebody_else)


def deleted(thief: Thief) -> None:
    thief.file.execute("DELETE FROM entry WHERE seq BETWEEN 990 AND 1010 OR seq % 500 = 1")


def edited_everywhere(thief: Thief) -> None:
    thief.file.execute("UPDATE entry SET leaf_hash = zeroblob(32)")


def resealed(thief: Thief) -> None:
    thief.file.execute("UPDATE seal SET note = (SELECT note FROM seal WHERE size = 50) WHERE size IN (1000, 2050)")


def thinned_out(thief: Thief) -> None:
    thief.file.execute("DELETE FROM entry WHERE seq % 2 = 0")


@pytest.mark.slow
@pytest.mark.parametrize("attack", [nothing, edited, deleted, edited_everywhere, resealed, thinned_out])
def test_several_processes_find_what_one_finds(
    long: tuple[Path, Enrolment], attack: Callable[[Thief], None], several: None, use_processors: Callable[[int], None]
) -> None:
    path, enrolment = long
    with Thief(path, tidy=False) as thief:
        attack(thief)
    if attack is edited:
        assert (F.ALTERED, 1234, 1234) in told(look(path, enrolment))
    by_several = look(path, enrolment)
    use_processors(1)
    assert look(path, enrolment) == by_several
    assert by_several.intact == (attack is nothing)
    assert len(by_several.faults) <= FAULTS_LIMIT
    if attack is edited_everywhere:
        assert by_several.count >= LONG


def test_progress_is_told_and_ends_with_the_whole(made_long: tuple[Path, Enrolment], several: None) -> None:
    path, enrolment = made_long
    shares: list[float] = []
    found = look(path, enrolment, lambda progress: shares.append(progress.share))
    assert (found.intact, found.records, found.seals, found.sealed) == (True, LONG, LONG // APART, LONG)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("processors", [1, 2])
def test_it_can_be_stopped_half_way(
    made_long: tuple[Path, Enrolment], several: None, use_processors: Callable[[int], None], processors: int
) -> None:
    path, enrolment = made_long
    use_processors(processors)
    cancel = Cancel()
    with Ledger.read(path) as ledger, pytest.raises(Cancelled):
        verify(ledger, enrolment, pinned=True, report=lambda progress: cancel.press(), cancel=cancel)


def test_the_indexes_of_a_long_log_are_looked_at_beside_its_entries(
    long: tuple[Path, Enrolment], several: None
) -> None:
    """By a thread of its own: what it finds is told all the same, and only once everything else is known."""
    path, enrolment = long
    with Thief(path, tidy=False) as thief:
        thief.file.execute("PRAGMA writable_schema=ON")
        (made,) = thief.file.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_kind'").fetchone()
        thief.file.execute("DROP INDEX entry_kind")
        thief.file.execute("CREATE INDEX entry_kind ON entry (kind) WHERE seq <> 1234")
        thief.file.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'entry_kind'", [made])
        thief.edit(100, by_somebody_else, hashed=False)
    doing: list[str] = []
    found = look(path, enrolment, lambda progress: doing.append(str(progress.doing)))
    assert [fault for fault in told(found) if fault[0] is F.INDEX] == [(F.INDEX, 0, 0)]
    assert (F.ALTERED, 100, 100) in told(found)
    assert "indexes" in doing[-1]
    assert not any("indexes" in each for each in doing[:-1])


def test_it_can_be_stopped_while_the_indexes_are_looked_at(long: tuple[Path, Enrolment], several: None) -> None:
    path, enrolment = long
    cancel = Cancel()

    def press(progress: Progress) -> None:
        if "indexes" in str(progress.doing):
            cancel.press()

    with Ledger.read(path) as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(SealReader, "flaws", lambda self, stop: stop.wait(30))
        with pytest.raises(Cancelled):
            verify(ledger, enrolment, pinned=True, report=press, cancel=cancel)


def test_what_keeps_the_file_from_being_looked_at_is_told(long: tuple[Path, Enrolment], several: None) -> None:
    path, enrolment = long

    def refused(self: SealReader, stop: Cancel) -> tuple[str, ...]:
        raise LedgerBusy(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SealReader, "flaws", refused)
        with pytest.raises(LedgerBusy):
            look(path, enrolment)


def page_of(path: Path, seq: int) -> int:
    """Where the page with a record begins."""
    return path.read_bytes().index(b'"seq":%d,' % seq) // PAGE * PAGE


@pytest.mark.slow
@pytest.mark.parametrize("processors", [1, 2])
def test_a_damaged_page_loses_its_records_and_no_others(
    long: tuple[Path, Enrolment], several: None, use_processors: Callable[[int], None], processors: int
) -> None:
    path, enrolment = long
    use_processors(processors)
    at = page_of(path, 1_520)
    content = bytearray(path.read_bytes())
    content[at : at + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)
    found = look(path, enrolment)
    assert {fault.kind for fault in found.faults} == {F.LOST}
    (fault,) = found.faults
    assert fault.first <= 1_520 <= fault.last < fault.first + 20
    assert str(fault.sentence)


def test_a_damaged_page_with_the_key_of_the_next_seal_accuses_nobody(
    long: tuple[Path, Enrolment], several: None
) -> None:
    path, enrolment = long
    content = bytearray(path.read_bytes())
    at = page_of(path, 1_500)
    content[at : at + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)
    assert [fault.kind for fault in look(path, enrolment).faults] == [F.LOST]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE node SET hash = zeroblob(32) WHERE level = 8 AND position = 4",
        "DELETE FROM node WHERE position = 3",
        "INSERT INTO node VALUES (8, -1, zeroblob(32))",
        "INSERT INTO node VALUES (9, 0, zeroblob(32))",
    ],
)
def test_the_kept_subtrees_are_looked_at(long: tuple[Path, Enrolment], statement: str) -> None:
    path, enrolment = long
    with Thief(path, tidy=False) as thief:
        thief.file.execute(statement)
    assert told(look(path, enrolment)) == [(F.CACHE, 0, 0)]


@pytest.mark.slow
def test_the_subtrees_of_many_records_fit(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    enrolment = make_sealed(path, 66_000, 33_000)
    assert look(path, enrolment).faults == ()
    with Thief(path, tidy=False) as thief:
        thief.file.execute("UPDATE node SET hash = zeroblob(32) WHERE level = 16")
    assert told(look(path, enrolment)) == [(F.CACHE, 0, 0)]


def test_the_end_of_the_file_is_damaged(long: tuple[Path, Enrolment]) -> None:
    path, enrolment = long
    content = bytearray(path.read_bytes())
    at = page_of(path, LONG)
    content[at : at + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)
    refused_or_lost(path, enrolment)


@pytest.mark.parametrize("table", ["entry", "seal", "head", "node", "opening_seq", "sqlite_master"])
def test_a_damaged_table_is_told_in_a_sentence(long: tuple[Path, Enrolment], several: None, table: str) -> None:
    path, enrolment = long
    with contextlib.closing(sqlite3.connect(path)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone() or (1,)
    content = bytearray(path.read_bytes())
    start = (page - 1) * PAGE or 100  # the file's own header is not the table's
    content[start : page * PAGE] = b"\xa5" * (page * PAGE - start)
    path.write_bytes(content)
    refused_or_lost(path, enrolment)


@examples(25)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=64)), min_size=1, max_size=8))
def test_no_damage_at_all_breaks_the_verification(place: Place, damages: list[tuple[int, bytes]]) -> None:
    enrolment = place.enrolment()
    before = place.path.read_bytes()
    content = bytearray(before)
    for at, garbage in damages:
        at %= len(content)
        content[at : at + len(garbage)] = garbage[: len(content) - at]
    try:
        place.path.write_bytes(content)
        refused_or_lost(place.path, enrolment, must=False)
    finally:
        place.path.write_bytes(before)


def refused_or_lost(path: Path, enrolment: Enrolment, must: bool = True) -> None:
    """What is damaged is a fault, or a sentence; never anything else."""
    try:
        found = look(path, enrolment)
    except LedgerProblem as problem:
        assert str(problem.sentence), repr(problem)  # noqa: PT017
        assert str(problem.next_step), repr(problem)  # noqa: PT017
    else:
        assert not must or not found.intact


def test_a_cut_file_is_told_in_a_sentence(long: tuple[Path, Enrolment]) -> None:
    path, enrolment = long
    os.truncate(path, path.stat().st_size // 2)
    refused_or_lost(path, enrolment)


def test_the_file_is_kept_by_another_program(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost then: whoever asks is told to wait."""
    enrolment = place.enrolment()
    monkeypatch.setattr("core.ledger.file.database._BUSY_SECONDS", 0)
    with (
        Ledger.read(place.path) as ledger,
        contextlib.closing(sqlite3.connect(place.path, isolation_level=None)) as other,
    ):

        def keep(progress: Progress) -> None:
            raise AssertionError("nothing was read")

        ledger.count()
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerBusy):
            verify(ledger, enrolment, pinned=True, report=keep, cancel=Cancel())
        # Also where it is begun with first, and kept by the other program then.
        with monkeypatch.context() as patched:
            patched.setattr("core.ledger.verify.record_check.open_for_reading", lambda path: database_of(ledger))
            patched.setattr(database_of(ledger), "close", lambda: None)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                examine_ledger(str(place.path), 1, 13)


@pytest.mark.parametrize("records", [0, 4])
def test_a_check_that_ends_meanwhile_is_no_fault(place: Place, records: int) -> None:
    """What is sealed while a log is verified is beyond what is verified."""
    enrolment = place.enrolment()
    with place.open() as ledger:

        def go_on(progress: Progress) -> None:
            ledger.append_all([ENDED] * (records or 1), seal=True)

        with Ledger.read(place.path) as reader:
            found = verify(reader, enrolment, pinned=True, report=go_on, cancel=Cancel())
    assert (found.faults, found.sealed, found.records) == ((), 13, 13)


def test_a_number_far_from_the_others_costs_no_time(place: Place) -> None:
    enrolment = place.enrolment()
    with Thief(place.path) as thief:
        thief.put(2**62, thief.leaf(13) | {"seq": 2**62})
    assert (F.MISSING, 14, 2**62 - 1) in told(look(place.path, enrolment))


def test_texts_and_nulls_where_bytes_belong_break_nothing(place: Place) -> None:
    """STRICT tables hold bytes only, but whoever has the file can take that off, and put it back."""
    enrolment = place.enrolment()

    def strict(on: bool) -> None:
        old, new = (")", ") STRICT") if on else (") STRICT", ")")
        with contextlib.closing(sqlite3.connect(place.path, isolation_level=None)) as file:
            file.execute("PRAGMA writable_schema=ON")
            sql = file.execute("SELECT sql FROM sqlite_master WHERE name = 'entry'").fetchone()[0]
            sql = sql.removesuffix(old) + new
            sql = sql if on else sql.replace("BLOB NOT NULL", "BLOB", 1)
            sql = sql.replace("leaf BLOB CHECK", "leaf BLOB NOT NULL CHECK") if on else sql
            file.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'entry'", [sql])

    strict(False)
    with Thief(place.path, tidy=False) as thief:
        thief.file.execute("UPDATE entry SET leaf = CAST(leaf AS TEXT) WHERE seq = 6")
        thief.file.execute("UPDATE entry SET leaf_hash = 'text' WHERE seq = 9")
    strict(True)
    assert told(look(place.path, enrolment)) == [(F.ALTERED, 9, 9)]


@pytest.mark.parametrize("year", [1, 1969])
def test_a_log_that_was_begun_before_1970_is_a_matter_of_its_clock_alone(tmp_path: Path, year: int) -> None:
    """As a computer without a battery has it: nobody altered anything."""
    place = Place(tmp_path / "data", Clocks(datetime(year, 1, 1, 12, tzinfo=UTC)))
    place.check(2)
    enrolment = place.enrolment()
    found = place.look(enrolment)
    assert (found.faults, found.intact, found.records) == ((), True, 7)
    assert found.newest is not None
    assert found.newest.year == year
    # Somebody sets it right while the computer runs.
    place.clock.set(datetime(2026, 11, 24, 9, tzinfo=UTC) - place.clock.now)
    place.check()
    assert place.told(enrolment) == [(F.CLOCK_FORWARD, 8, 8)]
    assert place.look(enrolment).intact


# Records of any kind

LEAF: dict[str, Any] = {
    "v": 1,
    "seq": 1,
    "type": "program-start",
    "time": "2026-11-24T09:00:00.000+00:00",
    "mono_ms": 5,
    "boot": "b",
    "body": {},
}


@pytest.mark.parametrize(
    "change",
    [
        {"mono_ms": "5"},
        {"mono_ms": None},
        {"mono_ms": True},
        {"mono_ms": 10**400},
        {"mono_ms": 2**53},
        {"boot": ["b"]},
        {"boot": None},
        {"time": 5},
        {"time": "yesterday"},
        {"time": "2026-11-24T09:00:00"},
        {"time": "0001-01-01T00:00:00"},
        {"time": "9999-12-31T23:59:59+00:00Z"},
        {"v": 2},
        {"v": [1]},
        {"v": "1"},
        {"type": ["key-next"]},
        {"type": "key-next", "body": ["key"]},
        {"type": "key-next", "body": "key"},
        {"type": "log-begun", "body": None},
        {"body": "x" * LEAF_LIMIT},
    ],
)
def test_a_record_with_values_of_another_kind_is_a_fault_of_its_own(change: dict[str, Any]) -> None:
    leaves = [LEAF, LEAF | {"seq": 2} | change, LEAF | {"seq": 3}]
    found = examine([(n, canonical(leaf), None) for n, leaf in enumerate(leaves, 1)])
    assert found.faults == [(F.UNREADABLE, 2, 2)]
    # Also where it is the first or the last of its stretch, and is compared with those around.
    verifier = LogVerifier(None, False, iter(()))
    for n, leaf in enumerate(leaves, 1):
        verifier.add_records(examine([(n, canonical(leaf), None)]))
    assert [fault.first for fault in verifier.faults] == [2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*LEAF, "key", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@examples(300)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            JSON.map(lambda value: json.dumps(value).encode()),
            st.dictionaries(st.sampled_from(list(LEAF)), JSON).map(lambda d: json.dumps(LEAF | d).encode()),
        ),
        max_size=6,
    )
)
@example([b"[" * 100_000])
@example([b'{"a":"\\ud800"}'])
@example([b"\xff", b"1e400", b"9" * 6000])
def test_no_leaves_break_the_examination(leaves: list[bytes]) -> None:
    found = examine([(n, leaf, None) for n, leaf in enumerate(leaves, 1)])
    verifier = LogVerifier(None, False, iter([(len(leaves), b"x")] if leaves else []))
    verifier.add_records(found)
    assert verifier.end().records == len(leaves)


def test_what_is_lost_at_the_end_is_not_called_missing_too() -> None:
    verifier = LogVerifier(None, False, iter([(3, b"x"), (5, b"x")]))
    verifier.add_records(ExaminedRecords(1, 5, b"", [(F.LOST, 1, 5)]))
    assert [fault.kind for fault in verifier.end().faults] == [F.NO_KEYS, F.LOST]


def test_an_outside_copy_over_what_is_lost_is_not_of_a_longer_log(place: Place) -> None:
    enrolment = place.enrolment()
    verifier = LogVerifier(enrolment, True, iter(()), [outside_copy("a receipt", place.seal().note, enrolment)])
    verifier.add_records(ExaminedRecords(1, 20, b"", [(F.LOST, 1, 20)]))
    assert [fault.kind for fault in verifier.end().faults] == [F.LOST, F.FORKED]


# Exports


def test_an_export_is_verified_as_the_log_is(place: Place, tmp_path: Path) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    found = look_at(folder, enrolment)
    assert (found.faults, found.records, found.seals, found.sealed, found.pinned) == ((), 13, 4, 13, True)
    (tmp_path / "theirs").mkdir()
    with Ledger.read(place.path) as ledger:
        made = export(ledger, Format.JSONL, Filter(), tmp_path / "theirs", silent, Cancel())
    for name in ("leaves.jsonl", "checkpoint"):
        assert (made.folder / name).read_bytes() == (folder / name).read_bytes()
    assert look_at(made.folder, enrolment) == found


def test_an_export_without_its_keys_says_that_nobody_knows_who_sealed_it(place: Place) -> None:
    found = look_at(exported(place), None)
    assert told(found) == [(F.NO_KEYS, 0, 0)]
    assert not found.pinned


def test_an_export_without_seals_has_its_checkpoint(place: Place) -> None:
    enrolment = place.enrolment()
    folder = exported(place)
    (folder / "seals.jsonl").unlink()
    found = look_at(folder, enrolment)
    # Whose epoch key signed it, nobody can tell without the seals before it.
    assert (found.sealed, found.seals) == (13, 1)
    assert told(found) == [(F.WRONG_EPOCH_KEY, 13, 13)]


LINE = Callable[[list[bytes]], list[bytes]]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda ls: [*ls[:5], ls[5].replace(b"A. Officer", b"B. Officer"), *ls[6:]], {F.NOT_AS_SEALED}),
        (lambda ls: [*ls[:5], *ls[6:]], {F.MISSING}),
        (lambda ls: [*ls[:4], ls[5], ls[4], *ls[6:]], {F.MISSING, F.OUT_OF_ORDER}),
        (lambda ls: ls[:11], {F.MISSING}),
        (lambda ls: [], {F.MISSING}),
        (lambda ls: [*ls, ls[-1]], {F.OUT_OF_ORDER, F.SEAL_MISSING}),
        (lambda ls: [*ls[:5], ls[5] + b" ", *ls[6:]], {F.NOT_CANONICAL, F.NOT_AS_SEALED}),
        (lambda ls: [*ls[:5], ls[5].replace(b'+00:00"', b'Z"'), *ls[6:]], {F.UNREADABLE, F.NOT_AS_SEALED}),
        (lambda ls: [*ls[:5], b"", *ls[5:]], {F.UNREADABLE, F.OUT_OF_ORDER, F.NOT_AS_SEALED}),
        (lambda ls: [*ls[:5], b"x" * 200_000, *ls[6:]], {F.UNREADABLE, F.NOT_AS_SEALED}),
        (lambda ls: [b"\xef\xbb\xbf" + ls[0], *ls[1:]], {F.UNREADABLE, F.NOT_AS_SEALED}),
    ],
)
def test_lines_that_were_changed_are_found(place: Place, change: LINE, wrong: set[F]) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    leaves = folder / "leaves.jsonl"
    lines = leaves.read_bytes().split(b"\n")[:-1]
    leaves.write_bytes(b"".join(line + b"\n" for line in change(lines)))
    found = look_at(folder, enrolment)
    assert {fault.kind for fault in found.faults} - {F.WRONG_EPOCH_KEY} == wrong


def test_an_export_that_was_cut_back_with_its_seals_but_not_its_checkpoint_is_found(place: Place) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    for name, count in (("leaves.jsonl", 10), ("seals.jsonl", 3)):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:count]))
    assert told(look_at(folder, enrolment)) == [(F.MISSING, 11, 13)]


def test_an_export_with_an_older_checkpoint_is_found(place: Place) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    third = json.loads((folder / "seals.jsonl").read_bytes().splitlines()[2])
    (folder / "checkpoint").write_bytes(third["note"].encode())
    assert told(look_at(folder, enrolment)) == [(F.BAD_SEAL, 10, 10)]


@pytest.mark.parametrize("name", ["leaves.jsonl", "checkpoint"])
def test_an_export_that_is_not_whole_is_refused(place: Place, name: str) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    (folder / name).unlink()
    with pytest.raises(ExportUnusable, match="missing"):
        look_at(folder, enrolment)
    (folder / name).mkdir()
    with pytest.raises(ExportUnusable):
        look_at(folder, enrolment)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for folder in (tmp_path / "none", tmp_path / "file", tmp_path):
        with pytest.raises(ExportUnusable):
            look_at(folder, None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["leaves.jsonl", "checkpoint", "seals.jsonl"])
def test_a_file_that_never_ends_is_refused(place: Place, name: str) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(ExportUnusable):
        look_at(folder, enrolment)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ExportUnusable):
        look_at(folder, enrolment)


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "[]",
        "{}",
        '{"size": 13}',
        '{"size": "13", "note": ""}',
        '{"size": 13.0, "note": ""}',
        '{"size": 1e999, "note": ""}',
        '{"size": Infinity, "note": ""}',
        '{"size": NaN, "note": ""}',
        '{"size": -1, "note": ""}',
        '{"size": true, "note": ""}',
        '{"size": 9223372036854775808, "note": ""}',
        '{"size": 14, "note": "\\ud800"}',
        "[" * 90_000,
        f'{{"size": 14, "note": "{"x" * NOTE_LIMIT}"}}',
        "\udcff",
    ],
)
@pytest.mark.parametrize("leaves", [True, False])
def test_seals_that_cannot_be_read_are_refused(place: Place, line: str, leaves: bool) -> None:
    """Wherever the verification is when it comes to them: the second time it has no records to go through."""
    enrolment, folder = place.enrolment(), exported(place)
    with (folder / "seals.jsonl").open("ab") as file:
        file.write(line.encode("utf-8", "surrogateescape") + b"\n")
    if not leaves:
        (folder / "leaves.jsonl").write_bytes(b"")
    with pytest.raises(ExportUnusable) as refused:
        look_at(folder, enrolment)
    assert str(refused.value.next_step)


def test_seals_out_of_their_order_are_found(place: Place) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    lines = (folder / "seals.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "seals.jsonl").write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert (F.BAD_SEAL, 4, 4) in told(look_at(folder, enrolment))


@examples(80)
@given(
    st.sampled_from(["leaves.jsonl", "seals.jsonl", "checkpoint"]),
    st.one_of(
        st.binary(max_size=200),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=20)),
    ),
)
def test_no_garbage_breaks_the_verification_of_an_export(
    place: Place, name: str, garbage: bytes | tuple[int, bytes]
) -> None:
    enrolment = place.enrolment()
    folder = place.folder.with_name("export")
    folder = folder if folder.exists() else exported(place)
    before = (folder / name).read_bytes()
    if isinstance(garbage, tuple):
        at = garbage[0] % len(before)
        content = before[:at] + garbage[1] + before[at + len(garbage[1]) :]
    else:
        content = garbage
    try:
        (folder / name).write_bytes(content)
        found = look_at(folder, enrolment)
        # The form of a line of seals.jsonl means nothing, nor does a line's end; all else does.
        assert not found.intact or content == before or name == "seals.jsonl" or b"\r" in content
    except LedgerProblem as problem:
        assert str(problem.sentence)  # noqa: PT017
    finally:
        (folder / name).write_bytes(before)


@pytest.mark.parametrize("line", [b"x" * 1_000_000, (b"y" * 99_999 + b"\n") * 10])
def test_lines_of_fifty_megabytes_take_no_memory(place: Place, alone: None, line: bytes) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    with (folder / "leaves.jsonl").open("ab") as file:
        for _ in range(50):
            file.write(line)
    tracemalloc.start()
    try:
        found = look_at(folder, enrolment)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30e6
    assert not found.intact
    assert found.sealed == 13
    assert {fault.kind for fault in found.faults} == {F.UNREADABLE}
    assert found.faults[0].first == 14


def test_millions_of_lines_with_nothing_in_them_are_refused(place: Place, alone: None) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    (folder / "leaves.jsonl").write_bytes(b"\n" * 20_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ExportUnusable, match="no entries"):
            look_at(folder, enrolment)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40e6


@pytest.mark.slow
def test_millions_of_seals_take_no_memory(place: Place, alone: None) -> None:
    enrolment, folder = place.enrolment(), exported(place)
    with (folder / "seals.jsonl").open("ab") as file:
        file.write(b'{"size":4000000000,"note":""}\n' * 150_000)
    tracemalloc.start()
    try:
        found = look_at(folder, enrolment)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12e6
    assert not found.intact


@pytest.mark.slow
def test_an_export_of_a_long_log_is_verified_by_several_processes(
    made_long: tuple[Path, Enrolment], several: None, tmp_path: Path, use_processors: Callable[[int], None]
) -> None:
    path, enrolment = made_long
    with Ledger.read(path) as ledger:
        folder = export(ledger, Format.JSONL, Filter(), tmp_path, silent, Cancel()).folder
    assert (folder / "leaves.jsonl").stat().st_size > exported_log._LINES
    before = files_of(folder)
    found = look_at(folder, enrolment)
    assert (found.faults, found.records, found.sealed) == ((), LONG, LONG)
    assert files_of(folder) == before
    content = (folder / "leaves.jsonl").read_bytes().replace(b'"seq":2000,', b'"seq":200000,')
    (folder / "leaves.jsonl").write_bytes(content)
    changed = look_at(folder, enrolment)
    assert not changed.intact
    use_processors(1)
    assert look_at(folder, enrolment) == changed


def test_the_damaged_ledger_is_named(long: tuple[Path, Enrolment]) -> None:
    path, enrolment = long
    with contextlib.closing(sqlite3.connect(path)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'seal'").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(content)
    with pytest.raises(DamagedLedger, match=path.name):
        look(path, enrolment)
