"""What other programs are to read of a store is there, whole and of one state, wherever a merge was cut off."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.head_office.merging.merge import merge
from core.head_office.questions.questions import ask, asking, names, question
from core.head_office.store.list_signature import StoreKeys
from core.head_office.store.store_files import list_files, sign_list
from core.head_office.store.tables import TABLES
from core.head_office.verification.store_verification import verify_store
from tests.unit.head_office.conftest import NOW, Desk, Office, OpenDesk, asked_store

duckdb, pq = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow.parquet")

GUIDES = Path(__file__).resolve().parents[3] / "resources" / "guides"
DAYS = date(2026, 11, 20), date(2026, 11, 27)


def blocks(kind: str, language: str = "en") -> list[str]:
    """The blocks of the guide in this language of a program."""
    text = (GUIDES / f"head-office.{language}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def recipe(listing: Path, folder: Path) -> Any:
    """The connection that the guide's lines for DuckDB in Python make, with our files in the place of theirs."""
    (folder / "coverage.sql").write_text(question_text("coverage"))
    lines = "".join(blocks("python")[:2]).replace("/srv/fanion-files.json", str(listing))
    lines = lines.replace('"coverage.sql"', repr(str(folder / "coverage.sql"))).replace("print(", "told = (")
    space: dict[str, Any] = {}
    exec(lines, space)
    return space["database"]


def question_text(name: str) -> str:
    resources = GUIDES.parent / "head-office"
    return (resources / f"{name}.sql").read_text(encoding="utf-8")


def as_json(store: Path, at: str = "") -> dict[str, Any]:
    """What ``fanion store files --json`` prints."""
    found = list_files(store, at=at)
    tables = {
        name: {"folder": one.folder, "columns": dict(one.columns), "files": list(one.files)}
        for name, one in found.tables.items()
    }
    return {"generation": found.generation, "tables": tables}


def asked(store: Path, folder: Path, questions: Sequence[str] = ("come-backs",)) -> dict[str, list[Any]]:
    """The answers to questions, and the rows of all tables, as the guide's recipe gives them."""
    listing = folder / "files.json"
    listing.write_text(json.dumps(as_json(store)))
    answers = {}
    with contextlib.closing(recipe(listing, folder)) as database:
        for name in questions:
            text = question_text(name).replace(":first", "$first").replace(":last", "$last")
            days = dict(zip(("first", "last"), DAYS, strict=True))
            answers[name] = database.execute(text, {d: day for d, day in days.items() if f"${d}" in text}).fetchall()
        for table in TABLES:
            columns = ", ".join(c for c in TABLES[table] if c != "merged")
            answers[f"table {table}"] = sorted(map(str, database.sql(f"SELECT {columns} FROM {table}").fetchall()))
    return answers


@pytest.mark.slow
def test_the_recipe_for_duckdb_answers_every_question_as_fanion_does(open_desk: OpenDesk, tmp_path: Path) -> None:
    store = asked_store(open_desk, tmp_path)
    theirs = asked(store, tmp_path, names())
    for name in names():
        assert theirs[name], name
        assert theirs[name] == [tuple(row.values()) for row in ask(store, name, *DAYS)], name


def test_the_recipe_for_duckdbs_own_shell_reads_what_is_listed(open_desk: OpenDesk, tmp_path: Path) -> None:
    store = asked_store(open_desk, tmp_path)
    (tmp_path / "files.json").write_text(json.dumps(as_json(store)))
    shutil.copy(next((store / "checks").rglob("*.parquet")), store / "checks" / "stray.parquet")
    with duckdb.connect() as database:
        database.execute(blocks("sql")[0].replace("/srv/fanion-files.json", str(tmp_path / "files.json")))
        with asking(store) as ours:
            counted = ours.execute("SELECT count(*), min(day) FROM checks").fetchall()
        assert database.sql("SELECT count(*), min(day) FROM checks").fetchall() == counted
        assert database.sql(question("by-policy", *DAYS)).fetchall()


@pytest.mark.parametrize("kind", ["python", "sql"])
def test_both_guides_have_the_same_recipes(kind: str) -> None:
    assert blocks(kind) == blocks(kind, "fr")


def test_the_columns_that_are_listed_are_those_of_the_files(open_desk: OpenDesk, tmp_path: Path) -> None:
    store = asked_store(open_desk, tmp_path)
    for name, table in list_files(store).tables.items():
        empty = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in table.columns.items())
        wanted = duckdb.sql(f"SELECT {empty} WHERE false")
        if table.files:
            found = duckdb.read_parquet(list(table.files), hive_partitioning=True)
            assert sorted(found.columns) == sorted(wanted.columns), name


# --- wherever it is cut off


class Snapshots:
    """The store as a killed process would leave it: before each step by which a name comes, changes or goes.

    What lies in `staging` alone no reader meets, so that a step there is none.
    """

    def __init__(self, store: Path, into: Path) -> None:
        self._store = store
        self._seen: dict[str, tuple[int, int]] = {}
        self._into = into
        self.made: list[Path] = []
        self.steps: list[str] = []
        self.on = False
        sys.addaudithook(self._hear)  # it stays until the end of the program, and does nothing unless it is `on`

    def _hear(self, event: str, told: tuple[Any, ...]) -> None:
        if not self.on or event not in ("os.rename", "os.remove", "os.rmdir", "os.link", "os.mkdir"):
            return
        self.on = False
        try:
            self.take(f"{event} {os.path.basename(str(told[0]))}")
        finally:
            self.on = True

    def take(self, step: str) -> None:
        files = [path for path in self._store.rglob("*") if path.is_file() and "staging" not in path.parts]
        seen = {str(path): ((told := path.stat()).st_ino, told.st_size) for path in files}
        if seen == self._seen:
            return
        self._seen, copy = seen, self._into / str(len(self.made))
        shutil.copytree(self._store, copy)
        self.made.append(copy)
        self.steps.append(step)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        self.on = True
        try:
            yield
        finally:
            self.on = False
        self.take("the end")


@pytest.fixture
def small(compact_from: Callable[[int], None]) -> Callable[[int], None]:
    return compact_from


@pytest.mark.slow
@pytest.mark.parametrize("what", ["first merge", "merge", "joining", "erasing"])
def test_a_reader_has_the_answer_before_or_after_wherever_a_merge_is_killed(
    office: Office, open_desk: OpenDesk, tmp_path: Path, small: Callable[[int], None], what: str
) -> None:
    desk = open_desk()
    office.enrol(desk)
    keys = StoreKeys(tmp_path / "keys")
    small(1_000)
    office.merge(store_keys=keys)
    sign_list(office.store, keys)
    first = desk.check("R58N12ABCDE", banned=True, removed=True)
    if what != "first merge":
        office.merge(desk.bundle(), store_keys=keys)
        after = desk.ledger.newest_sizes(1)[0]
        desk.check("R58N12FGHIJ")
        if what != "merge":
            office.merge(desk.bundle(after=after), store_keys=keys)
    if what == "erasing":
        desk.ledger.erase_records([first], "asked for")
    if what == "joining":
        small(1)
    bundles = [] if what == "joining" else [desk.bundle()]
    before = asked(office.store, tmp_path)
    snapshots = Snapshots(office.store, tmp_path / "snapshots")
    with snapshots.watching():
        office.merge(*bundles, store_keys=keys)
    after_it = asked(office.store, tmp_path)
    assert before != after_it or what == "joining"
    found = []
    for copies in by_content(snapshots.made):
        # No row is lost at any moment; only what does not count may lie there, of which there is most at both ends.
        for copy in {copies[0], copies[-1]}:
            told = verify_store(copy, signed_by=sign_key(keys, office.store))
            assert told.signature.signed, copy
            assert {str(one.kind) for one in told.faults} <= {"file-added"}, copy
        answer = asked(copies[0], tmp_path)
        assert answer in (before, after_it), snapshots.steps
        found.append(answer == after_it)
    assert found == sorted(found), "once it is the new answer, it stays"
    assert len(set(snapshots.steps)) > 10
    # Whichever of them the next merge meets, it ends with the same.
    for copy in snapshots.made[:: max(1, len(snapshots.made) // 3)]:
        keys.remember(copy, sign_key(keys, office.store))
        merge(bundles, copy, enrolled=office.enrolled, store_keys=keys, now=NOW)
        assert asked(copy, tmp_path) == after_it
        assert verify_store(copy, store_keys=keys).intact


def by_content(copies: Sequence[Path]) -> list[list[Path]]:
    """The copies together that have one list and the same listed files: a reader of a store takes no others."""
    return [list(group) for _, group in itertools.groupby(copies, content_for_readers)]


def content_for_readers(store: Path) -> dict[str, bytes]:
    """The content of the list, its signature, and each file that is listed."""
    listed = [Path(file) for table in list_files(store).tables.values() for file in table.files]
    beside = [path for path in store.iterdir() if path.is_file()]
    return {str(path.relative_to(store)): path.read_bytes() for path in (*listed, *beside)}


def sign_key(keys: StoreKeys, store: Path) -> Any:
    return keys.key_of(store)


@pytest.mark.slow
def test_a_merge_that_is_killed_for_good_leaves_what_was_there(office: Office, desk: Desk, tmp_path: Path) -> None:
    """A process that is really killed, between the new files' moves and the list's."""
    office.enrol(desk)
    desk.check("R58N12ABCDE", banned=True)
    office.merge(desk.bundle())
    before = asked(office.store, tmp_path)
    desk.check("R58N12FGHIJ")
    folder = desk.bundle()
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from core.head_office.store import store\n"
        "from core.head_office.merging.merge import merge\n"
        "store.replace_file = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        "merge([Path(sys.argv[1])], Path(sys.argv[2]))\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program, folder, office.store], env={**os.environ, "PYTHONPATH": str(root)}, check=False
    )
    assert abs(done.returncode) == 9
    assert asked(office.store, tmp_path) == before
    assert office.merge(folder).counted
    assert verify_store(office.store, desk.made).intact


# --- what is listed


def test_a_listed_file_that_is_gone_is_an_error_and_no_answer(open_desk: OpenDesk, tmp_path: Path) -> None:
    store = asked_store(open_desk, tmp_path)
    (tmp_path / "files.json").write_text(json.dumps(as_json(store)))
    next((store / "checks").rglob("*.parquet")).unlink()
    with pytest.raises(duckdb.IOException):
        recipe(tmp_path / "files.json", tmp_path)


def test_addresses_are_below_the_one_that_is_given(open_desk: OpenDesk, tmp_path: Path) -> None:
    store = asked_store(open_desk, tmp_path)
    here, there = list_files(store, ["checks"]), list_files(store, ["checks"], "s3a://bucket/fanion/")
    assert there.tables["checks"].folder == "s3a://bucket/fanion/checks"
    assert [file.removeprefix("s3a://bucket/fanion/") for file in there.tables["checks"].files] == [
        Path(file).relative_to(store).as_posix() for file in here.tables["checks"].files
    ]
    assert set(there.tables) == {"checks"}


def test_questions_are_answered_from_the_list(office: Office, desk: Desk) -> None:
    """Not from what lies in the folders."""
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    before = ask(office.store, "coverage", *DAYS)
    for path in list((office.store / "checks").rglob("*.parquet")):
        content = pq.ParquetFile(path).read()
        pq.write_table(content, path.with_name("000009-1.parquet"))
    assert ask(office.store, "coverage", *DAYS) == before
    office.merge(desk.bundle(), now=NOW + timedelta(days=1))
    assert {path.name for path in (office.store / "checks").rglob("*.parquet")} != {"000009-1.parquet"}
    assert verify_store(office.store).intact
