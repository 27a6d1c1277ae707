"""A store that was changed is found out: each file by the list, each entry by its desk's seals, each row by its
entry. What was only merged is never accused."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import pyrage
import pytest

from core.head_office.bundles import layout
from core.head_office.bundles.encryption import Lock
from core.head_office.store import store_faults
from core.head_office.store.store import StoreProblem, read
from core.head_office.store.store_faults import StoreFault, StoreFaultKind
from core.head_office.store.tables import TABLES
from core.head_office.verification.store_verification import verify_store
from core.jobs import Cancel
from core.ledger.keys.enrolment import keys_folder
from core.ledger.records import AppFound, RoundBegun
from core.model import Phone, Return
from core.problem import Cancelled
from tests.bench.desks import Faults, made_day
from tests.unit.head_office.conftest import NOW, POLICY, Desk, Office, OpenDesk, desks_in, wechat
from tests.unit.head_office.forging import another, files, forge_list, kinds, pq, rewrite

pytest.importorskip("duckdb")

BANNED, CLEAN, ERASED = "R58N12ABCDE", "R58N12FGHIJ", "R58N12KLMNO"
#: What no entry tells: the list of files alone covers it.
BY_THE_LIST: Final[dict[str, set[str]]] = {table: set(TABLES[table]) for table in ("roster", "gaps", "forgotten")} | {
    "personal": {"erase_by"},
    "desks": {"desk", "retention_months", "newest", "merged"},
}
#: What makes another row of it, so that the rest of the row is not compared.
ALONE: Final = {"log", "seq", "size", "leaf", "note", "field", "value", "salt", "record", "by_seq", "keys", "stretches"}
#: What a check tells of two products.
RETURNS: Final = {"tiktok": Return.POSSIBLE, "wechat": Return.BLOCKED}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A store with every table of one desk, and the desk's bundles."""
    folder = tmp_path_factory.mktemp("kept")
    office = Office(folder)
    with desks_in(folder) as open_desk:
        desk = open_desk()
        office.enrol(desk)
        begun = RoundBegun(
            round="r1", name="Autumn", place="Hull", first="2026-11-20", last="2026-11-30", policy="ca-tbs"
        )
        desk.ledger.append(begun, seal=True)
        desk.check(BANNED, banned=True, removed=True, tag="DRH-1", returns=RETURNS)
        erased = desk.check(ERASED, banned=True)
        line = layout.json_line({"round": "r1", "serial": CLEAN, "unit": "Fleet"})
        office.merge(desk.bundle(extra={"coverage.jsonl": line}, retention_months=30))
        after = desk.ledger.newest_sizes(1)[0]
        desk.check(CLEAN)
        desk.ledger.erase_records([erased], "asked for")
        office.merge(desk.bundle(after=after, retention_months=30))
    return office.store, desk.made


@pytest.fixture
def changed(kept: tuple[Path, list[Path]], tmp_path: Path) -> Path:
    """A copy of the store, to be changed."""
    return Path(shutil.copytree(kept[0], tmp_path / "store"))


def cells(store: Path) -> Iterator[tuple[str, Path, int, str]]:
    """One cell of every column that has a value anywhere: its table, file, row and column."""
    for table, columns in TABLES.items():
        for column in columns:
            for path in files(store, table):
                values = pq.ParquetFile(path).read([column])[column].to_pylist()
                filled = [at for at, value in enumerate(values) if value is not None]
                if filled:
                    yield table, path, filled[0], column
                    break


def edited(at: int, column: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, with another value in one cell."""
    return [{**row, column: another(row[column])} if number == at else row for number, row in enumerate(rows)]


def test_every_column_of_every_table_has_a_cell_to_change(changed: Path) -> None:
    filled = {(table, column) for table, _, _, column in cells(changed)}
    missing = {(table, column) for table, columns in TABLES.items() for column in columns} - filled
    assert {table for table, _ in missing} == {"roster", "gaps"}


@pytest.mark.slow
def test_any_cell_that_was_edited_is_found_by_the_list(changed: Path) -> None:
    for table, path, at, column in list(cells(changed))[::5]:
        before = path.read_bytes()
        rewrite(path, partial(edited, at, column))
        found = verify_store(changed)
        name = path.relative_to(changed).as_posix()
        assert (StoreFaultKind.FILE_CHANGED, name) in {(one.kind, one.file) for one in found.faults}, (table, column)
        path.write_bytes(before)
    assert verify_store(changed).intact


@pytest.mark.slow
def test_any_cell_is_found_by_the_entries_where_the_list_was_forged_too(changed: Path) -> None:
    state = (changed / "store.json").read_bytes()
    together: dict[tuple[str, Path, int], list[str]] = {}
    for table, path, at, column in cells(changed):
        alone = column if column in ALONE or (table, column) == ("returns", "rule") else ""
        together.setdefault((f"{table} {alone}", path, at), []).append(column)
    for (name, path, at), columns in together.items():
        table, _, alone = name.partition(" ")
        before = path.read_bytes()
        for column in columns:
            rewrite(path, partial(edited, at, column))
        forge_list(changed)
        found = verify_store(changed)
        seen = set(columns) - BY_THE_LIST.get(table, set())
        assert found.intact is not bool(seen), (name, columns)
        if seen:
            file = path.relative_to(changed).as_posix()
            faults = [one for one in found.faults if one.file == file]
            assert faults, name
            if not alone and table != "desks":
                told = {column for one in faults for column in one.columns}
                assert told == {column.removesuffix("_known") for column in seen}, name
        path.write_bytes(before)
        (changed / "store.json").write_bytes(state)


def test_an_edited_verdict_names_its_file_desk_entry_and_column(changed: Path) -> None:
    def to_green(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "verdict": "green"} for row in rows]

    for path in files(changed, "checks"):
        rewrite(path, to_green)
    forge_list(changed)
    found = verify_store(changed)
    assert kinds(found) == {"row-changed"}
    fault = found.faults[0]
    assert fault.file.startswith("checks/day=2026-11-24/group=")
    assert (fault.desk, fault.columns) == ("Desk 1", ("verdict",))
    assert fault.first > 0
    assert f"entry {fault.first} of the desk Desk 1" in str(fault.sentence)


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize(
    "what", ["removed row", "added row", "row twice", "swapped", "other day", "removed file", "added file", "damaged"]
)
def test_whatever_is_done_to_a_file_is_found(changed: Path, what: str, forged: bool) -> None:
    path = files(changed, "findings")[0]
    match what:
        case "removed row":
            rewrite(path, lambda rows: rows[:-1])
        case "added row":
            rewrite(path, lambda rows: [*rows, {**rows[-1], "seq": 9_999}])
        case "row twice":
            rewrite(path, lambda rows: [*rows, rows[-1]])
        case "swapped":
            other = files(changed, "steps")[0]
            content = path.read_bytes()
            path.write_bytes(other.read_bytes())
            other.write_bytes(content)
        case "other day":
            there = Path(str(path).replace("2026-11-24", "2026-11-23"))
            there.parent.mkdir(parents=True)
            path.rename(there)
        case "removed file":
            path.unlink()
        case "added file":
            shutil.copy(path, path.with_name("000009-1.parquet"))
        case "damaged":
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2] + b"\0" * 8 + content[len(content) // 2 + 8 :])
    if forged and what not in ("swapped", "damaged"):
        forge_list(changed)
    found = verify_store(changed)
    assert not found.intact
    if not forged:
        assert kinds(found) & {"file-changed", "file-missing", "file-added", "file-unreadable"}
    elif what not in ("swapped", "damaged"):
        assert kinds(found) <= {"row-missing", "row-added", "row-changed"}


def test_a_file_of_an_older_state_is_found(office: Office, desk: Desk, compact_from: Callable[[int], None]) -> None:
    compact_from(1)
    office.enrol(desk)
    desk.check(BANNED, banned=True)
    office.merge(desk.bundle())
    older = {path: path.read_bytes() for path in files(office.store, "checks")}
    desk.check(CLEAN)
    office.merge(desk.bundle())
    (now,) = files(office.store, "checks")
    assert now not in older
    (path, content), *_ = older.items()
    path.write_bytes(content)
    assert kinds(verify_store(office.store)) == {"file-added"}
    path.unlink()
    now.write_bytes(content)
    found = verify_store(office.store)
    assert kinds(found) == {"file-changed", "row-missing"}


@pytest.mark.parametrize("what", ["leaf", "removed", "two removed", "reordered", "seal", "seal removed", "checkpoint"])
def test_entries_and_seals_that_the_desk_has_not_made_are_found(changed: Path, what: str) -> None:
    """Without bundles, although the rows and the list were forged with them."""
    path, *_ = files(changed, "seals" if "seal" in what else "desks" if what == "checkpoint" else "records")

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        match what:
            case "leaf":
                at = next(n for n, row in enumerate(rows) if row["kind"] == "check-ended")
                rows[at]["leaf"] = rows[at]["leaf"].replace(b'"verdict":"red"', b'"verdict":"amber"')
            case "removed":
                del rows[3]
            case "two removed":
                del rows[-2:]
            case "reordered":
                rows[2]["leaf"], rows[3]["leaf"] = rows[3]["leaf"], rows[2]["leaf"]
            case "seal":
                rows[1]["note"] = rows[1]["note"].replace("\n—", "\n\n—")
            case "seal removed":
                del rows[1]
            case "checkpoint":
                stretches = json.loads(rows[0]["stretches"])
                stretches[0]["root"] = "00" * 32
                rows[0]["stretches"] = json.dumps(stretches)
        return rows

    rewrite(path, change)
    forge_list(changed)
    found = verify_store(changed)
    assert kinds(found) & {"entries", "checkpoint"}, found.faults
    assert {one.desk for one in found.faults} == {"Desk 1"}


def test_a_desk_that_was_taken_out_is_found_by_its_bundle(kept: tuple[Path, list[Path]], changed: Path) -> None:
    for table in TABLES:
        shutil.rmtree(changed / table, ignore_errors=True)
    forge_list(changed)
    assert verify_store(changed).intact, "an empty store is sound"
    found = verify_store(changed, kept[1])
    assert kinds(found) == {"not-merged"}
    assert "which the bundle" in str(found.faults[0].sentence)


def test_an_older_state_of_the_whole_store_is_found_by_what_the_desk_has_brought_since(
    office: Office, desk: Desk, tmp_path: Path
) -> None:
    office.enrol(desk)
    desk.check(BANNED, banned=True)
    office.merge(desk.bundle())
    older = shutil.copytree(office.store, tmp_path / "older")
    size = desk.ledger.newest_sizes(1)[0]
    desk.check(CLEAN)
    office.merge(desk.bundle(after=size))
    assert verify_store(office.store, desk.made).intact
    assert verify_store(older).intact
    (fault,) = verify_store(older, desk.made).faults
    assert (fault.kind, fault.first) == (StoreFaultKind.NOT_MERGED, size + 1)


def test_an_entry_that_is_another_one_in_its_bundle_is_found(
    kept: tuple[Path, list[Path]], changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the desk's own key had been stolen for a second history: that is what the desk has carried."""
    path, *_ = files(changed, "records")

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows[0]["leaf"] = rows[0]["leaf"].replace(b"Desk 1", b"Desk 9")
        return rows

    rewrite(path, change)
    forge_list(changed)
    found = verify_store(changed, kept[1])
    assert {(one.kind, one.first) for one in found.faults if one.kind == "bundle-differs"} == {
        (StoreFaultKind.BUNDLE_DIFFERS, 1)
    }


def test_a_phone_that_only_a_bundle_tells_is_compared_with_it(office: Office, desk: Desk) -> None:
    """A visit whose check never ended has no serial number in the store."""
    office.enrol(desk)
    phone = Phone("android", "samsung", "SM-A546B", "14", BANNED)
    desk.ledger.append(AppFound.of(wechat()), visit="broken off", policy=POLICY, phone=phone)
    desk.check(CLEAN)
    office.merge(desk.bundle())
    assert verify_store(office.store, desk.made).intact
    for path in files(office.store, "findings"):
        rewrite(path, lambda rows: [{**row, "phone": row["phone"] + 1} for row in rows])
    forge_list(office.store)
    assert verify_store(office.store).intact, "nothing in the store tells the phone of that visit"
    (fault,) = verify_store(office.store, desk.made).faults
    assert (fault.kind, fault.columns) == (StoreFaultKind.ROW_CHANGED, ("phone",))


def test_bundles_that_are_no_sound_ones_are_said(kept: tuple[Path, list[Path]], tmp_path: Path) -> None:
    spoilt = shutil.copytree(kept[1][0], tmp_path / "spoilt")
    next(spoilt.glob("leaves-*")).write_bytes(b"{}\n")
    found = verify_store(kept[0], [spoilt, tmp_path])
    assert kinds(found) == {"bundle-refused"}
    assert "was refused" in str(found.faults[0].sentence)


@pytest.mark.slow
def test_what_was_only_merged_is_never_accused(
    office: Office, open_desk: OpenDesk, compact_from: Callable[[int], None]
) -> None:
    """In any order, late, twice, with gaps, joined, erased, and over their time."""
    compact_from(2)
    desk, other = open_desk("Desk 1"), open_desk("Desk 2", start=NOW - timedelta(days=2))
    office.enrol(desk, other)
    for number in range(4):
        after = desk.ledger.newest_sizes(1)
        end = desk.check(f"R58N12ABC{number:02}", banned=number % 2 == 0, removed=number == 2)
        if number == 2:
            desk.ledger.erase_records([end], "asked for")
        desk.bundle(after=after[0] if after else 0, retention_months=6)
    other.check("unknown", banned=True)
    other.check(BANNED, banned=True, removed=True)
    other.bundle()
    for order in list(itertools.permutations(desk.made))[::5]:
        shutil.rmtree(office.store, ignore_errors=True)
        for folder in order:
            office.merge(folder)
            found = verify_store(office.store, enrolled=office.enrolled)
            assert found.intact, (order, found.faults)
            assert not found.counts.unproved
        assert verify_store(office.store, desk.made, enrolled=office.enrolled).intact
    office.merge(other.bundle(), now=NOW + timedelta(days=200))
    log = desk.ledger.enrolment.origin
    assert False in {row["phone_known"] for row in office.rows("checks") if row["log"] == log}
    found = verify_store(office.store, [*desk.made, *other.made], now=NOW + timedelta(days=200))
    assert found.intact, found.faults
    assert found.counts.desks == 2


@pytest.mark.slow
def test_many_desks_that_were_merged_by_several_processes_are_not_accused(office: Office, tmp_path: Path) -> None:
    made = made_day(tmp_path / "bundles", range(24), date(2026, 11, 24), 4, Faults(late=0.3, duplicated=0.2))
    office.enrolled.write_text("".join(made.enrolments))
    office.merge(*made.folders)
    found = verify_store(office.store, made.folders, enrolled=office.enrolled)
    assert found.intact, found.faults[:5]
    assert found.counts.desks == 24


def test_keys_that_were_replaced_and_enrolled_anew_are_not_accused(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk("Desk 1")
    desk.check(BANNED)
    office.enrol(desk)
    desk.ledger.close()
    shutil.rmtree(keys_folder(desk.ledger.path))
    later = open_desk("Desk 1", start=desk.clock.now)
    later.check(CLEAN)
    office.enrol(later)
    office.merge(later.bundle())
    assert verify_store(office.store, later.made, enrolled=office.enrolled).intact


def test_what_is_kept_apart_behind_a_gap_is_compared_with_the_list(office: Office, desk: Desk) -> None:
    office.enrol(desk)
    desk.check(BANNED, banned=True)
    size = desk.ledger.newest_sizes(1)[0]
    desk.check(CLEAN)
    assert office.merge(desk.bundle(after=size)).apart
    found = verify_store(office.store)
    assert found.intact, found.faults
    assert found.counts.entries == 0
    path = next((office.store / "apart").rglob("*.parquet"))
    content = path.read_bytes()
    path.write_bytes(content + b"x")
    assert kinds(verify_store(office.store)) & {"file-changed"}
    path.write_bytes(content)
    shutil.copy(path, path.with_name("000009-1.parquet"))
    assert kinds(verify_store(office.store)) == {"file-added"}
    office.merge(desk.bundle())
    assert verify_store(office.store, desk.made).intact


def test_keys_that_another_has_put_into_the_store_are_found_by_those_that_are_given(
    changed: Path, open_desk: OpenDesk, office: Office
) -> None:
    office.enrol(open_desk("Another"))
    found = verify_store(changed, enrolled=office.enrolled)
    assert "keys" in kinds(found)


def test_encrypted_bundles_are_compared_with_head_offices_key(office: Office, desk: Desk, tmp_path: Path) -> None:
    mine = pyrage.x25519.Identity.generate()
    key = tmp_path / "key.txt"
    key.write_text(f"{mine}\n")
    office.keys = [key]
    office.enrol(desk)
    desk.check(BANNED)
    office.merge(desk.bundle(lock=Lock(str(mine.to_public()))))
    assert verify_store(office.store, desk.made, private_keys=[key]).counts.bundles == 1
    assert kinds(verify_store(office.store, desk.made)) == {"bundle-refused"}


def test_a_store_of_an_earlier_version_says_what_is_not_known(changed: Path) -> None:
    state = json.loads((changed / "store.json").read_bytes())
    for file in state["files"].values():
        del file["sha256"]
    (changed / "store.json").write_bytes(json.dumps(state).encode())
    found = verify_store(changed)
    assert found.intact
    assert found.unlisted_hashes == found.files


def test_a_file_that_was_changed_is_not_copied_into_a_new_one(
    office: Office, desk: Desk, compact_from: Callable[[int], None]
) -> None:
    """A merge that joins or erases would else give it a fingerprint that is true."""
    office.enrol(desk)
    desk.check(BANNED, banned=True)
    office.merge(desk.bundle())
    for path in files(office.store, "checks"):
        rewrite(path, lambda rows: [{**row, "verdict": "green"} for row in rows])
    before = office.state()
    compact_from(1)
    desk.check(CLEAN)
    with pytest.raises(StoreProblem, match="not the one that its list of files names"):
        office.merge(desk.bundle())
    assert office.state() == before


# --- how it works


def test_nothing_is_written_and_each_progress_is_told(changed: Path) -> None:
    def state() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in changed.rglob("*") if path.is_file()}

    before, shares = state(), list[float]()
    verify_store(changed, report=lambda progress: shares.append(progress.share))
    assert state() == before
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("when", [0, 3, 12])
def test_it_is_stopped_at_any_step(changed: Path, when: int) -> None:
    cancel, seen = Cancel(), list[float]()

    def report(progress: Any) -> None:
        seen.append(progress.share)
        if len(seen) > when:
            cancel.press()

    with pytest.raises(Cancelled):
        verify_store(changed, report=report, cancel=cancel)


def test_a_merge_meanwhile_is_said(office: Office, desk: Desk) -> None:
    office.enrol(desk)
    desk.check(BANNED)
    office.merge(desk.bundle())
    desk.check(CLEAN)
    folder, done = desk.bundle(), list[bool]()

    def report(_: Any) -> None:
        if not done:
            done.append(True)
            office.merge(folder)

    with pytest.raises(StoreProblem, match="merged into while it was verified"):
        verify_store(office.store, report=report)
    assert verify_store(office.store).intact


def test_paths_that_lead_out_of_the_store_are_no_list(changed: Path) -> None:
    state = json.loads((changed / "store.json").read_bytes())
    for path in ("../../etc/passwd", "/etc/passwd", "checks/../../x.parquet", "checks/group=01/..parquet"):
        (changed / "store.json").write_bytes(msgspec.json.encode({**state, "files": {path: {"rows": 1}}}))
        with pytest.raises(StoreProblem, match="damaged"):
            read(changed)


def test_more_faults_than_are_listed_are_counted(monkeypatch: pytest.MonkeyPatch, changed: Path) -> None:
    monkeypatch.setattr(store_faults, "LISTED", 2)
    for path in files(changed, "checks"):
        rewrite(path, lambda rows: [{**row, "apps": row["apps"] + 1} for row in rows])
    forge_list(changed)
    found = verify_store(changed)
    assert len(found.faults) == 2 < found.count
    assert isinstance(found.faults[0], StoreFault)
