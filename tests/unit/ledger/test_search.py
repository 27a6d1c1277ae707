"""The index for searches: it changes how soon something is found, and never what."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.jobs import Cancel, Progress
from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, CheckStarted, Kind, ProblemMet
from core.ledger.search import search_index
from core.ledger.search.record_filter import Filter
from core.ledger.search.search_index import BLOCK, catch_up, propose, search_file
from core.ledger.writer import Ledger
from core.model import Phone, Verdict
from core.problem import Cancelled
from core.text import T
from tests.examples import examples

ROOT = Path(__file__).resolve().parents[3]
RED = CheckEnded(verdict=Verdict.RED, profiles=1, apps=1, findings=0, bans=0, products=0, gaps=(), took_ms=1)
APART = "e\N{COMBINING ACUTE ACCENT}"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A few records are a large ledger, and nothing is remembered of the files of other tests."""
    monkeypatch.setattr(search_index, "WORTH", 1)
    monkeypatch.setattr("core.ledger.search.scan._FIRST_STRETCH", 8)
    monkeypatch.setattr("core.ledger.search.scan._STRETCH", 2 * BLOCK)
    monkeypatch.setattr("core.ledger.search.scan._NEWEST", 8)
    yield
    search_index._looked_over.clear()
    search_index._damaged.clear()


def said(text: str) -> ProblemMet:
    return ProblemMet(code="x", sentence=T("{a}", a=text), next_step=T("b"))


@pytest.fixture
def large(ledger: Ledger, started: CheckStarted, phone: Phone) -> Ledger:
    """Ten blocks and a bit. 100: needle; 300: needle, and of the phone; 500: of the phone NEEDLE9."""
    ledger.append_all([started] * 99)
    ledger.append(said("a needle in it"))
    ledger.append_all([started] * 199)
    ledger.append(said("NEEDLES"), phone=phone)
    ledger.append_all([started] * 199)
    ledger.append(RED, phone=replace(phone, serial="NEEDLE9"))
    ledger.append_all([started] * 150)
    return ledger


def by_scan(ledger: LedgerReader, *asked: Any, **more: Any) -> list[int]:
    return [number for stretch in ledger.scan(Filter(*asked, **more)) for number in stretch.numbers]


def by_index(ledger: LedgerReader, *asked: Any, **more: Any) -> list[int]:
    """Those that fit by their leaves come first; each of them once."""
    stretches = list(ledger.scan(Filter(*asked, **more), propose=propose))
    shares = [stretch.share for stretch in stretches]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    return sorted((number for stretch in stretches for number in stretch.numbers), reverse=True)


def is_known(ledger: LedgerReader, word: str = "needle") -> bool:
    return propose(ledger, [word]) is not None


def blocks(ledger: LedgerReader, *words: str) -> list[int]:
    proposal = propose(ledger, words)
    assert proposal is not None
    return list(proposal.blocks)


# What it is for


def test_it_is_told_where_it_is_worth_to_look(large: Ledger) -> None:
    catch_up(large, Cancel())
    assert blocks(large, "needle") == [65, 257]
    assert blocks(large, "needle", "in it") == [65]
    assert blocks(large, "nowhere") == []
    proposal = propose(large, ["needle"])
    assert proposal is not None
    assert (proposal.end, proposal.length) == (641, 64)


def test_everything_is_found_and_what_a_leaf_says_comes_first(large: Ledger) -> None:
    catch_up(large, Cancel())
    assert [n for s in large.scan(Filter("needle"), propose=propose) for n in s.numbers] == [300, 100, 500]
    assert by_index(large, "needle") == by_scan(large, "needle") == [500, 300, 100]


def test_only_what_is_proposed_is_looked_at(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    catch_up(large, Cancel())
    looked_at: list[str] = []
    large._database.conn.set_trace_callback(looked_at.append)
    assert by_index(large, "in it") == [100]
    large._database.conn.set_trace_callback(None)
    spans = [query for query in looked_at if "json_each" in query and "span" in query]
    assert len(spans) == 1
    assert "[[65, 129]]" in spans[0]


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "needle", "kind": Kind.PROBLEM},
        {"text": "needle", "verdict": Verdict.RED},
        {"text": "needle", "kind": Kind.CHECK_STARTED},
        {"text": "usb", "officer": "a. officer"},
        {"text": "usb", "officer": "nobody"},
        {"officer": "officer"},
        {"phone": "samsung"},
        {"phone": "samsung SM-A546"},
        {"phone": "DLE9"},
        {"phone": "9"},
        {"phone": "abcde", "text": "needle"},
        {"phone": "needle9", "text": "needle9"},
        {"text": "needle", "since": datetime(2026, 11, 24, 9, 4, tzinfo=UTC)},
        {"text": "needle", "until": datetime(2026, 11, 24, 9, 4, tzinfo=UTC)},
        {"text": "usb", "until": datetime(2026, 11, 24, 9, 4, tzinfo=UTC), "officer": "officer"},
        {"text": "us"},
        {"text": "2026-11-24"},
        {"text": "R58N12ABCDE"},
    ],
    ids=str,
)
def test_filters_find_the_same(large: Ledger, asked: dict[str, Any]) -> None:
    catch_up(large, Cancel())
    assert by_index(large, **asked) == by_scan(large, **asked)


def test_hits_among_what_was_added(large: Ledger) -> None:
    catch_up(large, Cancel())
    found = [n for s in large.scan(Filter("needle"), after=99, propose=propose) for n in s.numbers]
    assert found == [300, 100, 500]
    assert [n for s in large.scan(Filter("needle"), after=100, propose=propose) for n in s.numbers] == [300, 500]


def test_an_erased_serial_is_not_found(large: Ledger) -> None:
    catch_up(large, Cancel())
    large.erase_records([500], "for the test")
    assert by_index(large, "NEEDLE9") == []
    assert by_index(large, "needle") == [300, 100]
    assert by_index(large, phone="NEEDLE9") == []


def test_no_serial_is_in_the_file(large: Ledger) -> None:
    catch_up(large, Cancel())
    for serial in ("needle9", "r58n12abcde"):
        assert blocks(large, serial) == []
        assert serial.encode() not in search_file(large.path).read_bytes().lower()


# Whatever is written, and whatever is looked for

#: What may be at odds with a tokenizer, with LIKE, or with the index's own language; and case and accents.
AWKWARD = st.sampled_from(
    [
        *"%_!\"'*()^{}:+-\0\n\\/ \u212a\ufffe\uffff\U0001f4f1ßẞİıſﬁǰ",
        "é",
        APART,
        "É",
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "threes",
        "column:",
        "abc",
        "ABC",
        "\\u0000",
        "\r\n",
        "ss",
        "\N{COMBINING ACUTE ACCENT}",
    ]
)
TEXTS = st.lists(AWKWARD | st.characters(), min_size=1, max_size=6).map("".join)
QUERIES = TEXTS.filter(str.strip)


@examples(80)
@given(written=TEXTS, wanted=QUERIES, around=st.booleans())
@example(written="cafe\N{COMBINING ACUTE ACCENT}", wanted="cafe", around=False)
@example(written="caf\N{LATIN SMALL LETTER E WITH ACUTE}", wanted=f"CAF{APART}", around=False)
@example(written='a"b"c', wanted='"b"', around=True)
@example(written="STRASSE", wanted="straße", around=False)
@example(written="\N{KELVIN SIGN}elvin", wanted="kelvin", around=False)
@example(written="a\0bcd", wanted="bcd", around=False)
@example(written="x", wanted='abc" OR "usb', around=False)
def test_whatever_is_looked_for_the_same_is_found(
    ledger: Ledger, started: CheckStarted, phone: Phone, written: str, wanted: str, around: bool
) -> None:
    whole = f"start {written}{wanted} end" if around else written
    ledger.append(said(whole))
    ledger.append(started, phone=replace(phone, serial=written, model=whole))
    ledger.append_all([started] * (-ledger.count() % BLOCK))
    ledger.append_all([started] * 20)  # past what is looked at in any case
    catch_up(ledger, Cancel())
    for asked in ({"text": wanted}, {"phone": wanted}, {"text": written}, {"text": "usb", "officer": wanted}):
        if asked.get("text", "x").strip():
            assert by_index(ledger, **asked) == by_scan(ledger, **asked)


# How it is kept


def test_only_a_large_ledger_has_one(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "WORTH", 10_000)
    catch_up(large, Cancel())
    assert not search_file(large.path).exists()
    assert by_index(large, "needle") == [500, 300, 100]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists")
def test_only_its_owner_can_read_it(large: Ledger) -> None:
    catch_up(large, Cancel())
    assert stat.S_IMODE(search_file(large.path).stat().st_mode) == 0o600
    assert {file.name for file in large.path.parent.iterdir() if "search" in file.name} == {"ledger-search.db"}


def test_it_lags_behind_and_catches_up(large: Ledger, started: CheckStarted) -> None:
    catch_up(large, Cancel())
    large.append_all([said("a new needle"), *[started] * 300])
    assert by_index(large, "needle") == [651, 500, 300, 100]
    catch_up(large, Cancel())
    assert blocks(large, "new needle") == [641]
    assert by_index(large, "needle") == [651, 500, 300, 100]


def test_how_far_it_is(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_STEP", 5)
    told: list[Progress] = []
    catch_up(large, Cancel(), told.append)
    assert [progress.share for progress in told] == [0.5, 1.0]


def test_half_of_it_is_kept_when_it_is_stopped(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel, texts = Cancel(), Ledger.folded_texts
    asked: list[int] = []

    def slow(self: Ledger, first: int, before: int) -> str:
        asked.append(first)
        if len(asked) == 4:
            cancel.press()
        return texts(self, first, before)

    monkeypatch.setattr(Ledger, "folded_texts", slow)
    with pytest.raises(Cancelled):
        catch_up(large, cancel)
    proposal = propose(large, ["needle"])
    assert proposal is not None
    assert (proposal.end, list(proposal.blocks)) == (257, [65])
    assert by_index(large, "needle") == [500, 300, 100]
    catch_up(large, Cancel())
    assert asked == [1, 65, 129, 193, 257, 321, 385, 449, 513, 577]
    assert blocks(large, "needle") == [65, 257]


def test_two_at_once(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_STEP", 1)
    both = threading.Barrier(2)

    def one() -> None:
        with Ledger.read(large.path) as ledger:
            both.wait()
            catch_up(ledger, Cancel())

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert blocks(large, "needle") == [65, 257]
    with closing(sqlite3.connect(search_file(large.path))) as index:
        (rows,) = index.execute("SELECT count(*) FROM threes_docsize").fetchone()
    assert rows == 10
    assert by_index(large, "needle") == [500, 300, 100]


INDEXING = """if True:
    import sys
    from pathlib import Path
    from core.jobs import Cancel
    from core.ledger.search import search_index as search
    from core.ledger.writer import Ledger
    search.WORTH = search._STEP = 1
    with Ledger.read(Path(sys.argv[1])) as ledger:
        search.catch_up(ledger, Cancel(), lambda progress: print(progress.share, flush=True))
"""


def test_a_program_that_is_killed_leaves_a_whole_index(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", INDEXING, str(large.path)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        for _ in range(3):
            other.stdout.readline()
        other.kill()
    catch_up(large, Cancel())
    assert blocks(large, "needle") == [65, 257]
    assert by_index(large, "needle") == [500, 300, 100]


# Whose it is


def test_an_older_copy_of_the_ledger_begins_anew(
    large: Ledger, open_ledger: Callable[..., Ledger], started: CheckStarted, tmp_path: Path
) -> None:
    """A backup is put back, and goes on in another way."""
    copy = tmp_path / "copy.db"
    with Ledger.read(large.path) as reader, closing(sqlite3.connect(copy)) as target:
        reader._database.conn.backup(target)
    large.append_all([said("a needle that is lost"), *[started] * 100])
    catch_up(large, Cancel())
    assert blocks(large, "is lost") == [641]
    large.close()
    shutil.copyfile(copy, large.path)
    again = open_ledger()
    assert not is_known(again)
    again.append_all([started] * 200)
    assert not is_known(again)
    assert by_index(again, "needle") == [500, 300, 100]
    catch_up(again, Cancel())
    assert blocks(again, "is lost") == []
    assert by_index(again, "needle") == [500, 300, 100]


def test_the_index_of_another_ledger_is_not_asked(
    large: Ledger, open_ledger: Callable[..., Ledger], started: CheckStarted, tmp_path: Path
) -> None:
    catch_up(large, Cancel())
    other = open_ledger(tmp_path / "other" / "ledger.db")
    other.append_all([*[started] * 10, said("needle"), *[started] * 800])
    shutil.copyfile(search_file(large.path), search_file(other.path))
    assert not is_known(other)
    assert by_index(other, "needle") == [11]
    catch_up(other, Cancel())
    assert blocks(other, "needle") == [1]


def test_one_that_leaves_records_out_does_not_outlive_a_verification(large: Ledger) -> None:
    """It is whole, is ours, and says nothing of two blocks: no look at it would tell."""
    from core.desk import log_evidence
    from core.desk.desk import Desk
    from core.desk.settings import Settings

    catch_up(large, Cancel())
    with closing(sqlite3.connect(search_file(large.path))) as index, index:
        index.execute("INSERT INTO threes (threes) VALUES ('delete-all')")
    assert by_index(large, "needle") != [500, 300, 100]
    assert log_evidence.verify(Desk(large.path.parent, Settings()), False).intact
    assert by_index(large, "needle") == [500, 300, 100]
    catch_up(large, Cancel())
    assert blocks(large, "needle") == [65, 257]


def test_practice_has_its_own(large: Ledger) -> None:
    assert search_file(large.path).name == "ledger-search.db"
    assert search_file(large.path.with_name("practice-ledger.db")).name == "practice-ledger-search.db"


# What may be wrong with it


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def overwrite(file: Path) -> None:
    file.write_bytes(b"no database" * 1_000)


def scribble(file: Path) -> None:
    """Every page but the first is nonsense."""
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))


def another(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE threes (texts)")


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version=99")


def nonsense_inside(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE threes_data SET block = randomblob(200) WHERE id > 10")


def absurd_numbers(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE known SET size = -64")


def foreign_page(file: Path) -> None:
    """A sound SQLite file with tables that only look like ours."""
    file.unlink()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE known (one, size, first, last)")
        database.execute("CREATE VIEW threes AS SELECT 1 AS rowid")
        database.execute(f"PRAGMA application_id={search_index._ID}")
        database.execute("PRAGMA user_version=1")


WRONG = [cut, empty, overwrite, scribble, another, newer, nonsense_inside, absurd_numbers, foreign_page]


@pytest.mark.slow
@pytest.mark.parametrize("spoil", WRONG)
def test_a_spoilt_index_is_not_asked_and_made_anew(large: Ledger, spoil: Callable[[Path], None]) -> None:
    catch_up(large, Cancel())
    spoil(search_file(large.path))
    assert by_index(large, "needle") == [500, 300, 100]
    catch_up(large, Cancel())
    assert blocks(large, "needle") == [65, 257]
    assert by_index(large, "needle") == [500, 300, 100]


@pytest.mark.slow
@pytest.mark.parametrize("spoil", WRONG)
def test_a_spoilt_index_is_noticed_at_the_start(large: Ledger, spoil: Callable[[Path], None]) -> None:
    catch_up(large, Cancel())
    spoil(search_file(large.path))
    search_index._looked_over.clear()
    catch_up(large, Cancel())
    assert blocks(large, "needle") == [65, 257]
    assert (
        stat.S_IMODE(search_file(large.path).stat().st_mode) & 0o077 == 0
        or sys.platform == "win32"
        or spoil
        in (
            another,
            foreign_page,
        )
    )


def test_a_folder_in_its_place(large: Ledger) -> None:
    search_file(large.path).mkdir()
    catch_up(large, Cancel())
    assert by_index(large, "needle") == [500, 300, 100]


def test_a_read_only_folder_has_none(large: Ledger, make_read_only: Callable[[Path], None]) -> None:
    make_read_only(large.path.parent)
    with Ledger.read(large.path) as reader:
        catch_up(reader, Cancel())
        assert by_index(reader, "needle") == [500, 300, 100]
    assert not search_file(large.path).exists()


def test_one_that_is_there_is_used_on_a_read_only_medium(large: Ledger, make_read_only: Callable[[Path], None]) -> None:
    catch_up(large, Cancel())
    make_read_only(large.path.parent)
    with Ledger.read(large.path) as reader:
        catch_up(reader, Cancel())
        assert blocks(reader, "needle") == [65, 257]
        assert by_index(reader, "needle") == [500, 300, 100]


def test_a_full_disk_has_none_and_the_room_is_the_ledgers(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_ROOM", 1 << 62)
    catch_up(large, Cancel())
    assert not is_known(large)
    assert by_index(large, "needle") == [500, 300, 100]


def test_the_disk_gets_full_meanwhile(
    small_disk: Path, open_ledger: Callable[..., Ledger], started: CheckStarted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "_ROOM", 0)
    ledger = open_ledger(small_disk / "ledger.db")
    ledger.append_all([started] * 20 + [said("needle")] + [started] * 107)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for _ in range(1_024):
            try:
                file.write(b"x" * 1_024)
            except OSError:
                break
    catch_up(ledger, Cancel())
    assert by_index(ledger, "needle") == [21]
    filler.unlink()
    catch_up(ledger, Cancel())
    assert blocks(ledger, "needle") == [1]


def test_somebody_keeps_it_for_himself(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_BUSY_READING", 0.0)
    monkeypatch.setattr(search_index, "_BUSY_WRITING", 0.0)
    catch_up(large, Cancel())
    with closing(sqlite3.connect(search_file(large.path), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        catch_up(large, Cancel())
        assert not is_known(large)
        assert by_index(large, "needle") == [500, 300, 100]
        other.execute("ROLLBACK")
    assert is_known(large)


def test_an_sqlite_that_cannot(large: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "_SCHEMA", ("CREATE VIRTUAL TABLE threes USING no_such_module(texts)",))
    search_index._is_possible.cache_clear()
    try:
        catch_up(large, Cancel())
        assert not search_file(large.path).exists()
        assert by_index(large, "needle") == [500, 300, 100]
    finally:
        search_index._is_possible.cache_clear()


def test_a_ledger_that_cannot_be_read_is_for_others_to_tell(large: Ledger) -> None:
    large.close()
    with Ledger.read(large.path) as reader:
        large.path.write_bytes(b"no database" * 10_000)
        catch_up(reader, Cancel())
    assert not search_file(large.path).exists()
