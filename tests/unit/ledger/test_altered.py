"""A file that lies: whatever of it is altered beside the records, verification says so, or no answer is another.

Whoever can write the file can have SQLite itself build an index that leaves rows out, and put its statement back.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.pinned_root import PinnedRoot
from core.desk.policy import granted_exceptions
from core.jobs import Cancel, silent
from core.ledger.file import entry_reader
from core.ledger.file.database import REAL_ID
from core.ledger.file.deciding_records import DecidingTally
from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.records import (
    AppFound,
    CheckEnded,
    CheckStarted,
    KeyNext,
    Kind,
    PolicyAccepted,
    RemovalIntended,
    RemovalOutcome,
)
from core.ledger.records.leaf import leaf_hash
from core.ledger.retention import due_values
from core.ledger.sealing import announced, recorded
from core.ledger.search.record_filter import Filter
from core.ledger.search.visit_list import visits_fitting, visits_in
from core.ledger.tlog.tree import Frontier
from core.ledger.verify.faults import FaultKind as F
from core.ledger.verify.faults import Verification
from core.ledger.verify.ledger_check import quick_look, verify
from core.ledger.writer import Ledger
from core.model import Finding, Labels, Phone, Verdict
from core.policy.exceptions import Request
from core.policy.format.policy_file import load_built_in
from core.reports.tables.exports import Format, export
from core.text import T
from tests.examples import examples
from tests.inside import database_of, forget_entries

USB: Final = T("over USB")
CANADA: Final = load_built_in("canada")
ENDED: Final = {
    verdict: CheckEnded(verdict=verdict, profiles=1, apps=312, findings=1, bans=1, products=1, gaps=(), took_ms=900)
    for verdict in (Verdict.RED, Verdict.GREEN)
}
INDEXES: Final = ("entry_kind", "entry_time", "entry_visit", "entry_verdict", "entry_intent", "opening_seq")
TABLES: Final = ("opening", "node", "seal")
TRIGGERS: Final = (
    *("entry_in_order", "entry_unchanged", "entry_kept", "opening_with_its_record", "opening_unchanged"),
    *("head_kept", "node_unchanged", "node_kept", "seal_over_all", "seal_unchanged", "seal_kept"),
)

Attack = Callable[[sqlite3.Connection], object]
Answers = dict[str, Any]


@pytest.fixture(autouse=True, scope="module")
def no_disk() -> Iterator[None]:
    """Nothing here is about power cuts, and to wait for the disk would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


class Honest(NamedTuple):
    """A sealed log with something of everything that is asked for, and what is answered."""

    path: Path
    root: Path
    enrolment: Enrolment
    answers: Answers

    def __repr__(self) -> str:
        return f"Honest({self.path})"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Honest:
    folder = tmp_path_factory.mktemp("honest")
    path, root = folder / "data" / "ledger.db", folder / "root.json"
    root.write_text("a root")
    phone, labels = Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE"), Labels(tag="DRH-12")
    with Ledger(path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as ledger:
        for number in range(6):
            verdict = Verdict.RED if number % 2 else Verdict.GREEN
            visit = f"{number:012x}"
            records = (CheckStarted(USB), AppFound.of(finding()), ENDED[verdict])
            check = ledger.append_all(records, visit=visit, phone=phone, labels=labels, policy=CANADA, seal=True)
            step = ledger.append(RemovalIntended("uninstall", "com.tencent.mm", 0, check[1].seq), phone=phone)
            if number < 4:
                ledger.append(RemovalOutcome(intent=step.seq, outcome="done", answer="Success", means=USB), seal=True)
        kept = granted_exceptions.grant(ledger, request(ledger, "SERIAL1"), CANADA, UTC)
        for serial in ("SERIAL2", "SERIAL3"):
            granted_exceptions.revoke(
                ledger, granted_exceptions.grant(ledger, request(ledger, serial), CANADA, UTC).entry, "over"
            )
        for version in (1, 2, 3):
            ledger.append(accepted(version, root), seal=True)
        ledger.erase_records([1], "asked for")
        enrolment = ledger.enrolment
        assert kept.revoked is None
    made = Honest(path, root, enrolment, answers(path, root))
    assert made.answers["decided"]["exceptions"].count((True, None)) == 1
    assert len(made.answers["decided"]["open"]) == 2
    assert made.answers["decided"]["accepted"] == "3"
    assert look(made).faults == ()
    return made


def finding() -> Finding:
    from tests.unit.ledger import conftest

    made: Finding = conftest.finding.__wrapped__()  # type: ignore[attr-defined]
    return made


def request(ledger: Ledger, serial: str) -> Request:
    until = granted_exceptions.today(ledger, UTC) + timedelta(90)
    return Request("wechat", until, "Deputy minister", "2026-117", "com.tencent.mm", serial, "google", "Pixel 9", "T-1")


def accepted(version: int, root: Path) -> PolicyAccepted:
    versions = dict.fromkeys(("root", "targets", "snapshot", "timestamp"), version)
    expires, digest = "2027-01-01T00:00:00+00:00", hashlib.sha256(root.read_bytes()).hexdigest()
    return PolicyAccepted(
        id="ours",
        version=str(version),
        sha256="ab" * 32,
        versions=versions,
        expires=expires,
        keys=("k",),
        online_keys=("o",),
        pinned=digest,
    )


def answers(path: Path, root: Path) -> Answers:
    """What is asked of a log, answered. Raises LedgerProblem."""
    with Ledger.read(path) as log:
        return {name: ask(log, path, root) for name, ask in asked().items()}


def asked() -> dict[str, Callable[[Any, Path, Path], Any]]:
    """Every question to a log, each of which can be put alone."""
    questions: dict[str, Callable[[Any, Path, Path], Any]] = {
        "decided": lambda log, path, root: deciding(log, root),
        "list": lambda log, path, root: [e.exact for e in log.newest(1_000)],
        "all": lambda log, path, root: [(e.exact, dict(e.openings)) for e in log.entries()],
        "search text": lambda log, path, root: [e.seq for e in log.search("wechat", 50)],
        "visits": lambda log, path, root: [[e.seq for e in log.of_visit(f"{number:012x}")] for number in range(6)],
        "list of visits": lambda log, path, root: [list(s.numbers) for s in visits_fitting(log, Filter())][-1],
        "visits of a time": lambda log, path, root: list(visits_in(log, LONG_AGO, datetime(2100, 1, 1, tzinfo=UTC))),
        "since": lambda log, path, root: [e.seq for e in log.entries(since=LONG_AGO)],
        "of a phone": lambda log, path, root: [
            e.seq for e in log.of_phone(("samsung", "SM-A546B", SERIAL), Kind.CHECK_ENDED, 50, 50)
        ],
        "of a model": lambda log, path, root: [e.seq for e in log.newest(50, kind=Kind.FINDING, device=MODEL)],
        "outside": lambda log, path, root: log.outside(),
        "erased": lambda log, path, root: log.erasures(),
    }
    for kind in Kind:
        questions[f"list {kind}"] = lambda log, path, root, kind=kind: [e.seq for e in log.newest(1_000, kind=kind)]
    for verdict in Verdict:
        questions[f"list {verdict}"] = lambda log, path, root, verdict=verdict: [
            e.seq for e in log.newest(1_000, verdict=verdict)
        ]
    for name, chosen in CHOSEN.items():
        questions[f"search {name}"] = lambda log, path, root, chosen=chosen: list(log.numbers(chosen))
        questions[f"visits {name}"] = lambda log, path, root, chosen=chosen: sorted(
            number for stretch in visits_fitting(log, chosen) for number in stretch.numbers
        )
    for name, chosen in {"all": Filter(), **CHOSEN}.items():
        questions[f"export {name}"] = lambda log, path, root, chosen=chosen: exported(log, path, chosen)
    return questions


SERIAL: Final = "R58N12ABCDE"
MODEL: Final = ("samsung", "SM-A546B")
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


def right_or_refused(at: Honest, but: frozenset[str] = frozenset()) -> None:
    """Each question, put alone to a file that nobody verified, has the honest answer, or is refused as a problem."""
    forget_entries()
    try:
        log = Ledger.read(at.path)
    except LedgerProblem:
        return
    with log:
        for name, ask in asked().items():
            if name not in but:
                with contextlib.suppress(LedgerProblem):
                    assert ask(log, at.path, at.root) == at.answers[name], name


CHOSEN: Final = {
    "red": Filter(verdict=Verdict.RED),
    "findings": Filter(kind=Kind.FINDING),
    "red checks": Filter(kind=Kind.CHECK_ENDED, verdict=Verdict.RED),
    "serial": Filter("R58N12ABCDE"),
    "phone": Filter(phone="SM-A546B"),
    "text": Filter("com.tencent"),
    "recent": Filter(since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC)),
}


def deciding(log: Any, root: Path) -> Answers:
    """What is answered where something is decided."""
    found = PinnedRoot(root.read_bytes()).last_accepted(log)
    now = datetime.now(UTC).date()
    return {
        "exceptions": [(grant.holds(CANADA, now), grant.revoked) for grant in granted_exceptions.grants(log, UTC)],
        "accepted": found.policy_version if found else None,
        "open": [e.seq for e in log.open_intents()],
        "keys": (recorded(database_of(log), log.path, log.deciding()), announced(database_of(log), log.path)),
    }


def exported(log: Any, path: Path, chosen: Filter) -> tuple[bytes, ...]:
    """The files of an export but its seals, which whoever verifies it compares with the entries."""
    folder = path.with_name("out")
    try:
        made = export(log, Format.JSONL, chosen, folder, silent, Cancel()).folder
        return tuple(p.read_bytes() for p in sorted(made.iterdir()) if p.name not in ("checkpoint", "seals.jsonl"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def look(at: Honest) -> Verification:
    with Ledger.read(at.path) as log:
        return verify(log, at.enrolment, pinned=True, report=silent, cancel=Cancel())


def copied(of: Honest, folder: Path) -> Honest:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(of.path.parent, folder)
    forget_entries()  # what was known of the file that stood there before
    return of._replace(path=folder / of.path.name)


@pytest.fixture
def place(honest: Honest, tmp_path: Path) -> Honest:
    return copied(honest, tmp_path / "data")


@contextlib.contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as anybody may open it, with its schema open to all."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema=ON")
        file.execute("PRAGMA synchronous=OFF")
        yield file


def statement(file: sqlite3.Connection, name: str) -> str:
    (sql,) = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()
    return str(sql)


def restate(file: sqlite3.Connection, name: str, sql: str, type: str = "%") -> None:
    """Put another statement into the schema, and have it read again."""
    file.execute("UPDATE sqlite_master SET sql = ? WHERE name = ? AND type LIKE ?", [sql, name, type])
    (version,) = file.execute("PRAGMA schema_version").fetchone()
    file.execute(f"PRAGMA schema_version={version + 1}")


def built_as(file: sqlite3.Connection, name: str, sql: str) -> None:
    """Build an index by another statement than its own, which is then put back."""
    own = statement(file, name)
    restate(file, name, sql)
    with reopened(file) as again:
        again.execute(f"REINDEX {name}")
    restate(file, name, own)


@contextlib.contextmanager
def reopened(file: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    (path,) = [row[2] for row in file.execute("PRAGMA database_list") if row[1] == "main"]
    with raw(Path(path)) as again:
        yield again


def without(name: str, condition: str) -> Attack:
    """The index without the rows that fulfil a condition."""

    def attack(file: sqlite3.Connection) -> None:
        own = statement(file, name)
        more = f"{own} AND NOT ({condition})" if " WHERE " in own else f"{own} WHERE NOT ({condition})"
        built_as(file, name, more)

    return attack


def instead(name: str, what: str) -> Attack:
    """The index over something else."""
    table = name.partition("_")[0]
    return lambda file: built_as(file, name, f"CREATE INDEX {name} ON {table} ({what})")


KIND_OF: Final = "json_extract(CAST(leaf AS TEXT), '$.type')"

#: Indexes that lie, with their own statements in the schema.
LIES: Final[dict[str, Attack]] = {
    "the issue: a withdrawn exception": without("entry_kind", f"{KIND_OF} = 'exception-revoked'"),
    "a withdrawal, of two": without("entry_kind", f"{KIND_OF} = 'exception-revoked' AND seq % 2 = 0"),
    "accepted policies": without("entry_kind", f"{KIND_OF} = 'policy-accepted'"),
    "open steps": without("entry_kind", f"{KIND_OF} = 'removal-intended'"),
    "keys": without("entry_kind", f"{KIND_OF} IN ('log-begun', 'keys-replaced')"),
    "red checks": without("entry_verdict", "seq > 5"),
    "all verdicts": without("entry_verdict", "true"),
    "a visit's records": without("entry_visit", "seq > 3"),
    "recent records": without("entry_time", "seq > 10"),
    "outcomes": without("entry_intent", "true"),
    "personal values": without("opening_seq", "true"),
    "other kinds": instead("entry_kind", f"replace({KIND_OF}, 'exception-revoked', 'finding')"),
    "more exceptions": instead("entry_kind", f"replace({KIND_OF}, 'finding', 'exception-granted')"),
    "false outcomes": instead("entry_intent", "seq - 3"),
    "upper case": instead("entry_kind", f"upper({KIND_OF})"),
    "another order": instead("entry_kind", "kind DESC"),
    "another column": instead("entry_kind", "time"),
    "another verdict": instead("entry_verdict", "CASE WHEN verdict = 'red' THEN 'green' ELSE verdict END"),
    "more columns": instead("entry_visit", "visit, seq % 2"),
    "a constant": instead("entry_kind", "'find' || 'ing'"),
    "personal values of others": instead("opening_seq", "seq + 1"),
}
for one, other in combinations(INDEXES, 2):

    def swap(file: sqlite3.Connection, one: str = one, other: str = other) -> None:
        roots = dict(file.execute("SELECT name, rootpage FROM sqlite_master WHERE name IN (?, ?)", [one, other]))
        file.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", [roots[other], one])
        restate(file, one, statement(file, one))
        file.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", [roots[one], other])

    LIES[f"roots of {one} and {other}"] = swap


def another_tree(file: sqlite3.Connection) -> None:
    """The tree of an index is left as it is, unused, and another one takes its place."""
    file.execute("CREATE INDEX another ON entry (kind) WHERE seq > 9")
    file.execute(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'another') "
        "WHERE name = 'entry_kind'"
    )
    file.execute("DELETE FROM sqlite_master WHERE name = 'another'")
    restate(file, "entry_kind", statement(file, "entry_kind"))


def another_table(file: sqlite3.Connection) -> None:
    """The tree of a table with some of the records in the place of the one with all of them."""
    file.execute("CREATE TABLE another (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL, leaf_hash BLOB NOT NULL)")
    file.execute("INSERT INTO another SELECT seq, leaf, leaf_hash FROM entry WHERE seq <> 9")
    file.execute(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'another') "
        "WHERE name = 'entry'"
    )
    file.execute("DELETE FROM sqlite_master WHERE name = 'another'")
    restate(file, "entry", statement(file, "entry"))


def hidden_behind_an_index(file: sqlite3.Connection) -> None:
    """A trigger may have the name of an index: whoever compares by names sees only one of them."""
    file.execute("CREATE TRIGGER entry_kind AFTER INSERT ON entry BEGIN DELETE FROM opening; END")
    rows = file.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY rowid").fetchall()
    file.execute("DELETE FROM sqlite_master WHERE name = 'entry_kind'")
    table = next(row for row in rows if row[:2] == ("table", "entry"))
    file.execute("DELETE FROM sqlite_master WHERE name = 'entry' AND type = 'table'")
    ours = sorted((row for row in rows if row[1] == "entry_kind"), key=lambda row: row[0], reverse=True)
    used = {number for (number,) in file.execute("SELECT rowid FROM sqlite_master")}
    low = min(used) - 3
    for number, row in enumerate([table, *ours], low):
        file.execute(
            "INSERT INTO sqlite_master (rowid, type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?, ?)",
            [number, *row],
        )
    restate(file, "entry", statement(file, "entry"), "table")


def called_sqlites_own(file: sqlite3.Connection) -> None:
    file.execute("CREATE TRIGGER mine AFTER INSERT ON entry BEGIN DELETE FROM opening; END")
    file.execute(
        "UPDATE sqlite_master SET name = 'sqlite_mine', sql = replace(sql, 'mine', 'sqlite_mine') WHERE name = 'mine'"
    )
    restate(file, "entry", statement(file, "entry"), "table")


def changed(name: str, old: str, new: str) -> Attack:
    def attack(file: sqlite3.Connection) -> None:
        own = statement(file, name)
        assert old in own
        restate(file, name, own.replace(old, new))

    return attack


def done(*statements: str) -> Attack:
    return lambda file: [file.execute(one) for one in statements]


#: Whatever else can be done to the objects of a schema.
CHANGES: Final[dict[str, Attack]] = {
    "a trigger behind an index": hidden_behind_an_index,
    "a trigger as one of SQLite's own": called_sqlites_own,
    **{f"{name} dropped": done(f"DROP INDEX {name}") for name in INDEXES},
    **{f"{name} dropped": done(f"DROP TRIGGER {name}") for name in TRIGGERS},
    **{f"{name} dropped": done("PRAGMA foreign_keys=OFF", f"DROP TABLE {name}") for name in TABLES},
    "a partial index of its name": done(
        "DROP INDEX entry_kind", "CREATE INDEX entry_kind ON entry (kind) WHERE kind <> 'exception-revoked'"
    ),
    "a collating index of its name": done(
        "DROP INDEX entry_kind", "CREATE INDEX entry_kind ON entry (kind COLLATE NOCASE)"
    ),
    "a unique index": done("CREATE UNIQUE INDEX mine ON entry (leaf_hash)"),
    "an index on an expression": done("CREATE INDEX mine ON entry (lower(kind))"),
    "a trigger that never fires": changed("entry_kept", "BEFORE DELETE ON entry", "BEFORE DELETE ON entry WHEN 0"),
    "a trigger that does nothing": changed("entry_kept", "raise(ABORT, 'records are never deleted')", "1"),
    "a trigger of another table": changed("entry_kept", "DELETE ON entry", "DELETE ON head"),
    "a trigger that was added": done("CREATE TRIGGER mine AFTER INSERT ON entry BEGIN DELETE FROM opening; END"),
    "another kind": changed("entry", "'$.type'", "'$.body.how'"),
    "another verdict": changed("entry", "'$.body.verdict'", "'$.body.rule'"),
    "a stored column": changed("entry", "VIRTUAL,\n    time", "STORED,\n    time"),
    "a collating column": changed("entry", "kind TEXT NOT NULL", "kind TEXT COLLATE NOCASE NOT NULL"),
    "no check": changed("entry", "CHECK (length(leaf) <= 65535)", ""),
    "no strict table": changed("seal", ") STRICT", ")"),
    "with rowids": changed("node", ") STRICT, WITHOUT ROWID", ") STRICT"),
    "without rowids": changed("seal", ") STRICT", ") STRICT, WITHOUT ROWID"),
    "another default": changed("opening", "salt BLOB NOT NULL", "salt BLOB NOT NULL DEFAULT x'00'"),
    "a view": done("CREATE VIEW mine AS SELECT * FROM entry"),
    "a table": done("CREATE TABLE mine (a)"),
    "a table that shadows a function": done("CREATE TABLE json_each (value)"),
    "a view that shadows a function": done("CREATE VIEW json_tree AS SELECT 1 AS atom"),
    "a virtual table": done("CREATE VIRTUAL TABLE mine USING fts5(a)"),
    "statistics": done("ANALYZE"),
    "statistics that lie": done(
        "ANALYZE", "UPDATE sqlite_stat1 SET stat = '1000000000 1000000000' WHERE idx LIKE 'entry%'"
    ),
    "a sequence": done("CREATE TABLE mine (a INTEGER PRIMARY KEY AUTOINCREMENT)", "DROP TABLE mine"),
    "another table's name beside it": done("UPDATE sqlite_master SET tbl_name = 'seal' WHERE name = 'entry_kept'"),
    "another name in the schema": done("UPDATE sqlite_master SET name = 'Entry_kept' WHERE name = 'entry_kept'"),
    "no index in the schema": done("DELETE FROM sqlite_master WHERE name = 'entry_verdict'"),
    "no table in the schema": done("DELETE FROM sqlite_master WHERE name = 'seal'"),
    "another case of a statement": changed("entry_verdict", "CREATE INDEX", "create index"),
    "a column that was added": changed("seal", "note BLOB NOT NULL", "note BLOB NOT NULL, mine TEXT"),
    "a column that was renamed": done("ALTER TABLE opening RENAME COLUMN salt TO pepper"),
    "a table that was renamed": done("ALTER TABLE node RENAME TO other"),
    "an older form": done("PRAGMA user_version=1"),
    "an erasure of everything": done("DELETE FROM sqlite_master WHERE type IN ('index', 'trigger')"),
}

#: What is nobody's business: the same file, built anew by SQLite.
HARMLESS: Final[dict[str, Attack]] = {
    "built anew": done("VACUUM"),
    "indexes built anew": done("REINDEX"),
    "other pages": done("PRAGMA page_size=8192", "VACUUM"),
    "statistics, and none": done("ANALYZE", "DROP TABLE sqlite_stat1"),
    "the schema read again": done("PRAGMA schema_version=77"),
}


def passes(at: Honest) -> bool:
    """Whether verification finds nothing."""
    try:
        return look(at).faults == ()
    except LedgerProblem:
        return False


@pytest.mark.parametrize("name", LIES)
def test_an_index_that_lies_is_found(place: Honest, name: str) -> None:
    with raw(place.path) as file:
        LIES[name](file)
    found = look(place)
    assert F.INDEX in {fault.kind for fault in found.faults}
    assert not found.intact


@pytest.mark.parametrize("name", LIES)
def test_no_index_that_lies_decides(place: Honest, name: str) -> None:
    """Nor does it leave anything out of what is handed out. What a damaged file answers is a problem."""
    with raw(place.path) as file:
        LIES[name](file)
    with contextlib.suppress(DamagedLedger), Ledger.read(place.path) as log:
        assert deciding(log, place.root) == place.answers["decided"]


@pytest.mark.parametrize("name", [*LIES, *CHANGES])
def test_whatever_is_altered_beside_the_entries_no_answer_is_another(place: Honest, name: str) -> None:
    with raw(place.path) as file:
        {**LIES, **CHANGES}[name](file)
    right_or_refused(place, frozenset({"decided"}) if name in CHANGES else frozenset())


def rewritten(text: bytes, new: bytes, hashed: bool) -> Attack:
    """A text of the entries is another, with the hashes that go with it or without."""

    def attack(file: sqlite3.Connection) -> None:
        file.execute("DROP TRIGGER entry_unchanged")
        for seq, leaf in file.execute("SELECT seq, leaf FROM entry WHERE instr(leaf, ?)", [text]).fetchall():
            other = leaf.replace(text, new)
            file.execute("UPDATE entry SET leaf = ? WHERE seq = ?", [other, seq])
            if hashed:
                file.execute("UPDATE entry SET leaf_hash = ? WHERE seq = ?", [leaf_hash(other), seq])

    return attack


@pytest.mark.parametrize("hashed", [False, True], ids=["not hashed anew", "hashed anew"])
@pytest.mark.parametrize(
    ("text", "new"),
    [
        (b'"verdict":"red"', b'"verdict":"green"'),
        (b'"visit":"000000000001"', b'"visit":"000000000009"'),
        (b'"type":"finding"', b'"type":"problem"'),
        (b"+00:00", b"+00:01"),
        (b'"time":"20', b'"time":"19'),
        (b".000+00:00", b"Z"),
        (b'"type":"check-ended"', b'"type":"no-such-kind"'),
    ],
    ids=["verdict", "visit", "kind", "offset", "century", "form of the time", "unknown kind"],
)
def test_an_entry_that_says_something_else_changes_no_answer(
    place: Honest, text: bytes, new: bytes, hashed: bool
) -> None:
    with raw(place.path) as file:
        rewritten(text, new, hashed)(file)
    right_or_refused(place, frozenset({"decided"}))
    assert not passes(place)


def test_an_entry_that_is_damaged_is_refused_alone(place: Honest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be of each visit that had begun before it: the papers of the later ones say what they said."""
    monkeypatch.setattr(entry_reader, "_NEAR", 0)
    with raw(place.path) as file:
        (seq,) = file.execute("SELECT seq FROM entry WHERE visit = '000000000001' LIMIT 1").fetchone()
        file.execute("DROP TRIGGER entry_unchanged")
        file.execute("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'SM-A546B', 'SM-A546C') AS BLOB) "
                     "WHERE seq = ?", [seq])  # fmt: skip
    forget_entries()
    with Ledger.read(place.path) as log:
        whole = [[e.seq for e in log.of_visit(f"{number:012x}")] for number in (2, 3, 4, 5)]
        assert whole == [place.answers["visits"][number] for number in (2, 3, 4, 5)]
        for earlier in ("000000000000", "000000000001"):
            with pytest.raises(DamagedLedger) as refused:
                log.of_visit(earlier)
            assert str(seq) in refused.value.detail


def reseal(file: sqlite3.Connection) -> None:
    """Put the roots of what stands there now into all seals, with the signatures that they had."""
    file.execute("DROP TRIGGER seal_unchanged")
    file.execute("DROP TRIGGER node_unchanged")
    hashes = [bytes(row[0]) for row in file.execute("SELECT leaf_hash FROM entry ORDER BY seq")]
    for size, note in file.execute("SELECT size, note FROM seal").fetchall():
        tree = Frontier()
        tree.extend(b"".join(hashes[:size]))
        lines = bytes(note).decode().split("\n")
        lines[2] = base64.b64encode(tree.root()).decode()
        file.execute("UPDATE seal SET note = ? WHERE size = ?", ["\n".join(lines).encode(), size])
    tree = Frontier()
    tree.extend(b"".join(hashes))
    file.execute("UPDATE head SET hashes = ?", [tree.hashes])


FORGED: Final = rewritten(b'"verdict":"red"', b'"verdict":"green"', True)


def forged_with(*statements: str) -> Attack:
    """Red checks are green, by the right hashes; and something is done about the seals."""

    def attack(file: sqlite3.Connection) -> None:
        FORGED(file)
        for trigger in ("seal_kept", "node_kept", "head_kept"):
            file.execute(f"DROP TRIGGER {trigger}")
        for statement_ in statements:
            file.execute(statement_)

    return attack


def with_forged_seals(file: sqlite3.Connection) -> None:
    FORGED(file)
    reseal(file)


SEALS_GONE: Final[dict[str, Attack]] = {
    "all seals": forged_with("DELETE FROM seal", "DELETE FROM node", "UPDATE head SET size = 0, hashes = x''"),
    "the newest seals": forged_with("DELETE FROM seal WHERE size > 10"),
    "as if there never were any": forged_with(
        "PRAGMA user_version=1", "DROP TABLE seal", "DROP TABLE node", "DROP TABLE head"
    ),
}


def put_back_guards(file: sqlite3.Connection) -> None:
    """The triggers as they were, but those of tables that are gone."""
    from core.ledger.file.schema import RECORDS, SEALS

    there = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
    for text in (RECORDS + SEALS).split(";\n"):
        name = text.split()[2] if text.startswith("CREATE TRIGGER") else ""
        if name and name not in there:
            with contextlib.suppress(sqlite3.OperationalError):
                file.execute(f"{text};" if text.rstrip().endswith("END") else f"{text}; END;")


def test_seals_that_the_desk_did_not_sign_are_not_believed(place: Honest) -> None:
    with raw(place.path) as file:
        with_forged_seals(file)
    right_or_refused(place)
    with Ledger.read(place.path) as log, pytest.raises(DamagedLedger, match="damaged"):
        log.newest(10, verdict=Verdict.RED)


@pytest.mark.parametrize("name", SEALS_GONE)
def test_nothing_is_sealed_over_a_log_of_which_seals_are_gone(place: Honest, name: str) -> None:
    """Else a seal of the desk's own would lie over what was forged."""
    with raw(place.path) as file:
        SEALS_GONE[name](file)
        put_back_guards(file)
    right_or_refused(place)
    with pytest.raises(LedgerProblem), Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as log:
        log.append(CheckStarted(USB), seal=True)
    with contextlib.suppress(LedgerProblem), Ledger.read(place.path) as log, pytest.raises(LedgerProblem):
        log.newest(1)


VALUES: Final[dict[str, tuple[str, ...]]] = {
    "another value": ("UPDATE opening SET value = CAST('OTHER' AS BLOB) WHERE seq = 9",),
    "another place": ("UPDATE opening SET seq = 2 WHERE seq = 9",),
    "others in their place": (
        "DELETE FROM opening WHERE seq = 9",
        "INSERT INTO opening SELECT randomblob(32), 1, randomblob(32), x'41' FROM entry WHERE seq <= 2",
    ),
    "more than there were": ("INSERT INTO opening VALUES (randomblob(32), 1, randomblob(32), CAST('R58N' AS BLOB))",),
}


@pytest.mark.parametrize("name", VALUES)
def test_no_search_by_a_personal_value_believes_what_stands_beside_the_entries(place: Honest, name: str) -> None:
    with raw(place.path) as file:
        for trigger in ("opening_unchanged", "opening_with_its_record"):
            file.execute(f"DROP TRIGGER {trigger}")
        for statement_ in VALUES[name]:
            file.execute(statement_)
    right_or_refused(place, frozenset({"decided"}))
    with Ledger.read(place.path) as log, pytest.raises(DamagedLedger):
        list(log.numbers(Filter("R58N12ABCDE")))


def test_a_value_is_erased_by_its_entry_wherever_it_is_kept(place: Honest) -> None:
    with raw(place.path) as file:
        own = statement(file, "opening_unchanged")
        file.execute("DROP TRIGGER opening_unchanged")
        file.execute("UPDATE opening SET seq = 2 WHERE seq = 9")
        file.execute(own)
        (before,) = file.execute("SELECT count(*) FROM opening").fetchone()
    with Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as log:
        assert log.erase_records([9], "asked for", consent=True) == 2
        assert log.rows("SELECT count(*) FROM opening", []) == [(before - 2,)]
        entry = log.entry(9)
        assert entry is not None
        assert entry.openings == {}


@pytest.mark.parametrize(
    "made",
    [
        "CREATE VIRTUAL TABLE json_tree USING fts5(atom, type, key)",
        "CREATE VIRTUAL TABLE json_each USING fts5(value)",
        "CREATE TABLE JSON_EACH (value)",
    ],
)
def test_no_table_takes_the_place_of_a_function(place: Honest, made: str) -> None:
    with raw(place.path) as file:
        file.execute(made)
    with pytest.raises(LedgerProblem):
        Ledger.read(place.path)


def test_a_search_that_has_enough_still_tells_what_is_damaged(place: Honest) -> None:
    with raw(place.path) as file:
        rewritten(b"com.tencent", b"com.xencent", False)(file)
    with Ledger.read(place.path) as log, pytest.raises(DamagedLedger):
        log.search("usb", 1)


def test_a_search_reads_what_stands_there_now_and_compares_it(place: Honest) -> None:
    with Ledger.read(place.path) as log:
        assert log.numbers(Filter("com.tencent"))
        with raw(place.path) as file:
            rewritten(b"com.tencent", b"com.xencent", False)(file)
        with pytest.raises(DamagedLedger):
            log.numbers(Filter("com.tencent"))


def test_an_entry_that_was_deleted_is_not_called_one_that_never_was(place: Honest) -> None:
    with raw(place.path) as file:
        file.execute("DROP TRIGGER entry_kept")
        file.execute("DELETE FROM entry WHERE seq = 9")
    with Ledger.read(place.path) as log:
        with pytest.raises(DamagedLedger):
            log.entry(9)
        assert log.entry(10_000) is None


def test_a_log_of_practice_does_not_become_a_real_one(tmp_path: Path) -> None:
    path = tmp_path / "practice-ledger.db"
    with Ledger(path, desk="D", officer="A. Roy", app_version="1", practice=True) as log:
        log.append(CheckStarted(USB), seal=True)
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"PRAGMA application_id={REAL_ID}")
    with Ledger.read(path) as log, pytest.raises(DamagedLedger):
        log.newest(10, kind=Kind.CHECK_STARTED)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM opening", "DELETE FROM opening WHERE seq = 9", "UPDATE opening SET value = x'58' WHERE seq = 9"],
)
def test_a_personal_value_that_is_gone_without_a_record_is_refused_and_not_called_erased(
    place: Honest, statement: str
) -> None:
    with raw(place.path) as file:
        file.execute("DROP TRIGGER opening_unchanged")
        file.execute(statement)
    with Ledger.read(place.path) as log, pytest.raises(DamagedLedger) as refused:
        log.of_visit("000000000001")
    assert "9" in refused.value.detail
    right_or_refused(place, frozenset({"decided"}))


def test_what_is_altered_after_it_was_read_is_found_when_it_is_read_again(place: Honest) -> None:
    with Ledger.read(place.path) as log:
        assert log.of_visit("000000000003")
        with raw(place.path) as file:
            rewritten(b'"visit":"000000000003"', b'"visit":"000000000008"', True)(file)
        with pytest.raises(DamagedLedger):
            log.of_visit("000000000003")


@pytest.mark.parametrize(
    "name",
    ["the issue: a withdrawn exception", "accepted policies", "keys", "other kinds", "more exceptions", "a constant"],
)
def test_a_start_sees_that_an_index_hides_what_decides(place: Honest, name: str) -> None:
    with raw(place.path) as file:
        LIES[name](file)
    with Ledger.read(place.path) as log:
        assert F.INDEX in {fault.kind for fault in quick_look(log, place.enrolment)}


@pytest.mark.parametrize("name", CHANGES)
def test_a_schema_that_was_altered_is_found(place: Honest, name: str) -> None:
    with raw(place.path) as file:
        CHANGES[name](file)
    assert not passes(place)
    with pytest.raises(LedgerProblem), Ledger(place.path, desk="", officer="", app_version=""):
        pass


@pytest.mark.parametrize("attack", [another_tree, another_table])
def test_another_tree_in_the_place_of_one_is_found(place: Honest, attack: Attack) -> None:
    with raw(place.path) as file:
        attack(file)
    assert not passes(place)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_file_that_was_only_built_anew_is_sound(place: Honest, name: str) -> None:
    with raw(place.path) as file:
        HARMLESS[name](file)
    assert passes(place)
    assert answers(place.path, place.root) == place.answers


@pytest.mark.parametrize(
    ("table", "column"), [("seal", "note"), ("head", "hashes"), ("head", "size"), ("node", "hash"), ("entry", "leaf")]
)
@pytest.mark.parametrize("value", [5, "text", None, 1.5, b""])
def test_what_is_of_another_type_is_a_fault_and_no_crash(place: Honest, table: str, column: str, value: object) -> None:
    """A table is strict only as long as its statement says so."""
    with raw(place.path) as file:
        own = statement(file, table)
        triggers = file.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        restate(file, table, own.replace("STRICT, WITHOUT", "WITHOUT").replace(") STRICT", ")").replace("NOT NULL", ""))
        with reopened(file) as again, contextlib.suppress(sqlite3.OperationalError):  # JSON cannot be read in it
            again.execute("PRAGMA ignore_check_constraints=ON")
            again.execute(f"UPDATE {table} SET {column} = ?", [value])
        restate(file, table, own)
        for (sql,) in triggers:
            file.execute(sql)
    with contextlib.suppress(LedgerProblem), Ledger.read(place.path) as log:
        quick_look(log, place.enrolment)
    still_true(place)


def test_what_is_erased_for_good_is_not_found_by_an_index_that_lies(place: Honest) -> None:
    with raw(place.path) as file:
        LIES["personal values"](file)
    with Ledger.read(place.path) as log:
        for consent in (False, True):
            with pytest.raises(DamagedLedger):
                due_values.check_erasable(log, [2], datetime.now(UTC), consent)
        with pytest.raises(DamagedLedger):
            due_values.due(log, 1, datetime.now(UTC))


def tells_nothing(leaf: dict[str, Any]) -> None:
    """As the last record under a seal of an older Fanion."""
    del leaf["body"]["deciding"], leaf["body"]["open"]


@pytest.mark.parametrize("seals", [True, False])
def test_an_older_fanion_that_tells_nothing_is_looked_behind(place: Honest, seals: bool) -> None:
    """It has no tally under its seals, and one that has is further up, or there is none at all."""
    from tests.unit.ledger.thief import Thief

    with Thief(place.path) as thief:
        for seq in [seq for (seq,) in thief.file.execute("SELECT size FROM seal").fetchall()][0 if seals else 3 :]:
            thief.edit(seq, tells_nothing)
    with raw(place.path) as file:
        LIES["the issue: a withdrawn exception"](file)
    with Ledger.read(place.path) as log:
        told = deciding(log, place.root)
    assert told["exceptions"] == place.answers["decided"]["exceptions"]
    assert told["open"] == place.answers["decided"]["open"]


# --- no change of anything passes verification while it changes an answer


def still_true(at: Honest) -> None:
    """What passes verification has the honest answers, and what does not has no other ones than those."""
    if passes(at):
        assert answers(at.path, at.root) == at.answers
    else:
        right_or_refused(at, frozenset({"outside"}))


@examples(150)
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4))
def test_no_change_of_bytes_passes_and_changes_an_answer(
    honest: Honest, tmp_path: Path, changes: list[tuple[int, bytes]]
) -> None:
    at = copied(honest, tmp_path / "changed")
    whole = bytearray(at.path.read_bytes())
    for place, new in changes:
        place %= len(whole)
        whole[place : place + len(new)] = new[: len(whole) - place]
    at.path.write_bytes(whole)
    still_true(at)


@examples(60)
@given(changes=st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=1, max_size=3))
def test_no_change_of_pages_passes_and_changes_an_answer(
    honest: Honest, tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    """Pages are what an index is made of: one in another's place is whole, and says something else."""
    at = copied(honest, tmp_path / "changed")
    size = 4_096
    pages = [at.path.read_bytes()[start : start + size] for start in range(0, at.path.stat().st_size, size)]
    for one, other in changes:
        pages[1 + one % (len(pages) - 1)] = pages[1 + other % (len(pages) - 1)]
    at.path.write_bytes(b"".join(pages))
    still_true(at)


COLUMNS: Final = ("type", "name", "tbl_name", "rootpage", "sql")


@given(data=st.data())
def test_no_change_of_the_schema_passes_and_changes_an_answer(
    honest: Honest, tmp_path: Path, data: st.DataObject
) -> None:
    at = copied(honest, tmp_path / "changed")
    with raw(at.path) as file, contextlib.suppress(sqlite3.Error):
        rows = file.execute("SELECT rowid, type, name, tbl_name, rootpage, sql FROM sqlite_master").fetchall()
        for _ in range(data.draw(st.integers(1, 3))):
            row, like = data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(rows))
            column = data.draw(st.sampled_from(COLUMNS))
            act = data.draw(st.sampled_from(["take", "swap", "cut", "build", "delete"]))
            value = like[1 + COLUMNS.index(column)]
            match act:
                case "take" | "swap":
                    file.execute(f"UPDATE sqlite_master SET {column} = ? WHERE rowid = ?", [value, row[0]])
                    if act == "swap":
                        own = row[1 + COLUMNS.index(column)]
                        file.execute(f"UPDATE sqlite_master SET {column} = ? WHERE rowid = ?", [own, like[0]])
                case "cut" if isinstance(row[5], str):
                    end = data.draw(st.integers(1, len(row[5])))
                    file.execute("UPDATE sqlite_master SET sql = ? WHERE rowid = ?", [row[5][:end], row[0]])
                case "build":
                    with reopened(file) as again:
                        again.execute("REINDEX")
                case "delete":
                    file.execute("DELETE FROM sqlite_master WHERE rowid = ?", [row[0]])
        if data.draw(st.booleans()):
            for row in rows:  # the statements are put back, and what was built by others stays
                file.execute(
                    "UPDATE sqlite_master SET type = ?, name = ?, tbl_name = ?, sql = ? WHERE rowid = ?",
                    [row[1], row[2], row[3], row[5], row[0]],
                )
    still_true(at)


@examples(60)
@given(data=st.data())
def test_no_index_without_some_rows_passes_and_changes_an_answer(
    honest: Honest, tmp_path: Path, data: st.DataObject
) -> None:
    at = copied(honest, tmp_path / "changed")
    name = data.draw(st.sampled_from(INDEXES))
    count = len(honest.answers["list"])
    gone = data.draw(st.sets(st.integers(1, count), min_size=1, max_size=3))
    with raw(at.path) as file:
        without(name, f"seq IN ({', '.join(map(str, gone))})")(file)
    still_true(at)
    with Ledger.read(at.path) as log:
        assert deciding(log, at.root) == honest.answers["decided"]


# --- what the last record under a seal tells of the records that decide something


KEY_BODY: Final = KeyNext.body


def tallies(place: Honest) -> list[int]:
    with raw(place.path) as file:
        return [seq for (seq,) in file.execute("SELECT size FROM seal ORDER BY size")]


def retold(leaf: dict[str, Any], told: Mapping[str, Any]) -> None:
    leaf["body"] |= told


def another_tally(place: Honest) -> dict[str, Any]:
    """Of the grants and the keys, and of no withdrawal."""
    with Ledger.read(place.path) as log:
        known = log.deciding().records
    kept = [record for record in known if record[1] != Kind.EXCEPTION_REVOKED]
    told = dict(DecidingTally().grown([(*record, None) for record in kept], 0).record("").body())
    return {name: value for name, value in told.items() if name != "key"}


UNTRUE: Final[dict[str, Callable[[Honest], dict[str, Any]]]] = {
    "open steps": lambda place: {"open": []},
    "deciding records": another_tally,
}


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize("told", UNTRUE)
def test_what_was_told_for_a_moment_is_not_carried_on(place: Honest, told: str, hashed: bool) -> None:
    from tests.unit.ledger.thief import Thief

    untrue, seq = UNTRUE[told](place), tallies(place)[-1]
    with Thief(place.path, tidy=False) as thief:
        true = thief.leaf(seq)
        thief.edit(seq, lambda leaf: retold(leaf, untrue), hashed=hashed)
    with contextlib.suppress(DamagedLedger), Ledger.read(place.path) as log:
        assert deciding(log, place.root)["exceptions"] == place.answers["decided"]["exceptions"]
    with Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as ledger:
        ledger.append(CheckStarted(USB), seal=True)
    with Thief(place.path, tidy=False) as thief:
        thief.put(seq, true)
    with Ledger.read(place.path) as log:
        answered = deciding(log, place.root)
        assert not quick_look(log, place.enrolment)
    assert answered["open"] == place.answers["decided"]["open"]
    assert answered["exceptions"] == place.answers["decided"]["exceptions"]
    assert look(place).faults == ()


@pytest.mark.parametrize("told", UNTRUE)
def test_an_untrue_tally_that_was_sealed_is_blamed(place: Honest, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a program that was tampered with seals it, once; those that follow carry it on."""
    untrue = UNTRUE[told](place)
    with monkeypatch.context() as patch:
        patch.setattr(KeyNext, "body", lambda record: dict(KEY_BODY(record)) | untrue)
        with Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as ledger:
            ledger.append(CheckStarted(USB), seal=True)
    with Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as ledger:
        ledger.append(CheckStarted(USB), seal=True)
    first, last = tallies(place)[-2:]
    found = [(fault.kind, fault.first, fault.last) for fault in look(place).faults]
    assert found == [(F.UNTRUE_TALLY, first, last)]
    with Ledger.read(place.path) as log:
        assert F.UNTRUE_TALLY in [fault.kind for fault in quick_look(log, place.enrolment)]


def withdrawal(place: Honest) -> int:
    with raw(place.path) as file:
        (seq,) = file.execute("SELECT max(seq) FROM entry WHERE kind = ?", [Kind.EXCEPTION_REVOKED]).fetchone()
    return int(seq)


def test_a_withdrawal_far_up_that_was_rewritten_is_told_at_the_next_start(place: Honest) -> None:
    """With its hash, so that nothing shows at the record itself, and no index has to be touched."""
    from tests.unit.ledger.thief import Thief

    with Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as ledger:
        ledger.append_all([CheckStarted(USB)] * 300)  # what is kept of the tree has no need of that record any more
        for _ in range(40):
            ledger.append(CheckStarted(USB), seal=True)
    with Thief(place.path, tidy=False) as thief:
        thief.edit(withdrawal(place), lambda leaf: leaf["body"].update(grant=1))
    with Ledger.read(place.path) as log:
        assert [fault.kind for fault in quick_look(log, place.enrolment)] == [F.NOT_AS_SEALED]
    with Ledger(place.path, desk="Desk 1", officer="A. Roy", app_version="0.1.0") as ledger:
        ledger.append(CheckStarted(USB), seal=True)  # which tells of the one that was sealed, as before
    with Ledger.read(place.path) as log:
        assert [fault.kind for fault in quick_look(log, place.enrolment)] == [F.NOT_AS_SEALED]


@pytest.mark.parametrize("kind", [Kind.EXCEPTION_REVOKED, Kind.REMOVAL_INTENDED])
def test_a_deciding_record_that_goes_meanwhile_is_not_left_out(place: Honest, kind: Kind) -> None:
    from tests.unit.ledger.thief import Thief

    with Ledger.read(place.path) as log:
        known = [*log.decided(Kind.EXCEPTION_REVOKED), *log.open_intents()]
        gone = next(entry for entry in known if entry.kind == kind)
        with Thief(place.path, tidy=False) as thief:
            thief.file.execute("DELETE FROM entry WHERE seq = ?", [gone.seq])
        with pytest.raises(DamagedLedger):
            list(log.decided(kind) if kind == Kind.EXCEPTION_REVOKED else log.open_intents())
