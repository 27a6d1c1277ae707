"""Reading records back."""

from __future__ import annotations

import signal
import subprocess
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.file.contents import LogContents
from core.ledger.records import (
    AppFound,
    CheckEnded,
    CheckStarted,
    Entry,
    Kind,
    Personal,
    ProblemMet,
    RemovalIntended,
    RemovalOutcome,
    UndoIntended,
)
from core.ledger.search import record_filter, scan
from core.ledger.search.record_filter import Filter
from core.ledger.writer import Ledger
from core.model import Finding, Phone, Verdict
from core.text import Bilingual, T
from tests.entries import personal
from tests.examples import examples

ROOT = Path(__file__).resolve().parents[3]
SERIAL = "R58N12ABCDE"


def ended(verdict: Verdict) -> CheckEnded:
    return CheckEnded(verdict=verdict, profiles=1, apps=1, findings=0, bans=0, products=0, gaps=(), took_ms=1)


def seqs(entries: object) -> list[int]:
    return [e.seq for e in entries]  # type: ignore[attr-defined]


def test_empty_log(ledger: Ledger) -> None:
    assert ledger.count() == 0
    assert ledger.newest(10) == ()
    assert list(ledger.entries()) == []
    assert ledger.search("anything", 10) == ()
    assert ledger.open_intents() == ()


def test_newest_first_page_by_page(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append_all([started] * 5)
    assert seqs(ledger.newest(2)) == [5, 4]
    assert seqs(ledger.newest(2, before=4)) == [3, 2]
    assert seqs(ledger.newest(10, before=2)) == [1]


def test_newest_of_a_kind_or_a_verdict(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append_all([started, ended(Verdict.RED), started, ended(Verdict.GREEN), ended(Verdict.RED)])
    assert seqs(ledger.newest(9, kind=Kind.CHECK_STARTED)) == [3, 1]
    assert seqs(ledger.newest(9, verdict=Verdict.RED)) == [5, 2]
    assert seqs(ledger.newest(9, before=5, kind=Kind.CHECK_ENDED, verdict=Verdict.RED)) == [2]
    assert ledger.newest(9, verdict=Verdict.AMBER) == ()


def test_all_of_one_visit(ledger: Ledger, started: CheckStarted) -> None:
    for visit in ("a", "b", "a", None):
        ledger.append(started, visit=visit)
    assert seqs(ledger.of_visit("a")) == [1, 3]


def test_a_visit_that_goes_on_while_it_is_read_is_whole_as_it_was(
    ledger: Ledger, started: CheckStarted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers of one file share what stands under each number: another thread may know of more by now."""
    ledger.append_all([started, started], visit="a")
    read = ledger.all_numbered

    def read_and_go_on(numbers: Sequence[int]) -> tuple[Entry, ...]:
        entries = read(numbers)
        ledger.append(started, visit="a")
        ledger.contents()
        return entries

    monkeypatch.setattr(ledger, "all_numbered", read_and_go_on)
    assert seqs(ledger.of_visit("a")) == [1, 2]


def test_what_another_thread_may_ask_is_sound_at_every_line_of_growing(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append_all([started] * 3, visit="a")
    contents = ledger.contents()
    ledger.append_all([started, started], visit="a")
    ledger.append(started, visit="b")
    asked: list[str] = []

    def ask(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != LogContents.add_above.__code__.co_filename:
            return None
        for name in ("a", "b"):
            if (first := contents.visit_named(name)) is not None:
                asked.extend(f"{name}{number}" for number in contents.entries_of(first))
        return ask

    before = sys.gettrace()
    sys.settrace(ask)
    try:
        assert ledger.contents() is contents
    finally:
        sys.settrace(before)
    assert {*asked} >= {"a1", "a3", "a4", "b6"}


def test_everything_oldest_first_over_many_pages(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append_all([started] * 1_203)
    assert seqs(ledger.entries()) == list(range(1, 1_204))
    assert seqs(ledger.entries(after=1_200)) == [1_201, 1_202, 1_203]


def test_what_is_added_while_reading_is_read_too(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append(started)
    reading = ledger.entries()
    assert next(reading).seq == 1
    ledger.append(started)
    assert seqs(reading) == [2]


def test_a_stretch_of_time(ledger: Ledger, started: CheckStarted) -> None:
    """The clock of the fixture starts at nine and goes on by a second for each record."""
    ledger.append_all([started] * 10)
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    since, until = nine + timedelta(seconds=3), nine + timedelta(seconds=6)
    assert seqs(ledger.entries(since=since)) == [3, 4, 5, 6, 7, 8, 9, 10]
    assert seqs(ledger.entries(since=since, until=until)) == [3, 4, 5]
    assert seqs(ledger.entries(after=3, until=until)) == [4, 5]
    assert list(ledger.entries(since=until, until=since)) == []
    assert list(ledger.entries(since=nine + timedelta(days=1))) == []


def test_a_stretch_of_time_over_a_clock_set_back(
    ledger: Ledger, started: CheckStarted, clock: Callable[[], object]
) -> None:
    ledger.append_all([started] * 3)
    clock.now -= timedelta(hours=1)  # type: ignore[attr-defined]
    ledger.append_all([started] * 3)
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert seqs(ledger.entries(since=nine)) == [1, 2, 3]
    assert seqs(ledger.entries(until=nine)) == [4, 5, 6]


@pytest.fixture
def library(ledger: Ledger, finding: Finding, phone: Phone) -> Ledger:
    """1: WeChat. 2: an app with a French name. 3: another phone."""
    ledger.append(AppFound.of(finding), phone=phone)
    ledger.append(AppFound.of(replace(finding, rule="other", why=T("x"), product=Bilingual('Été 100%_"x"', "É"))))
    ledger.append(CheckStarted(T("over USB")), phone=replace(phone, serial="ZY22", maker="Motorola", model="Größe"))
    return ledger


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wechat", [1]),
        ("WECHAT", [1]),
        ("  wechat ", [1]),
        ("com.tencent", [2, 1]),
        ("962f5b7", [2, 1]),
        ("été", [2]),
        ("ÉTÉ", [2]),
        ("e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}", [2]),
        ("ete", []),
        ("GRÖẞE", [3]),
        ("100%_", [2]),
        ('"x"', [2]),
        ("%", [2]),
        ("over usb", [3]),
        ("A. Officer", [3, 2, 1]),
        (SERIAL, [1]),
        (SERIAL.lower()[2:7], [1]),
        ("zy22", [3]),
        ("", [3, 2, 1]),
        ("nowhere", []),
        ("x" * 100_000, []),
        ("\ud800", []),
        ("\x00", []),
        ("mono_ms", []),
    ],
)
def test_search(library: Ledger, text: str, expected: list[int]) -> None:
    assert seqs(library.search(text, 10)) == expected


def test_search_gives_the_newest(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    ledger.append_all([started] * 600)
    ledger.append(started, phone=phone)
    ledger.append_all([started] * 600)
    assert seqs(ledger.search("over USB", 2)) == [1_201, 1_200]
    assert seqs(ledger.search(SERIAL, 2)) == [601]
    assert ledger.search("over USB", 0) == ()


def test_search_finds_no_phone_that_was_erased(library: Ledger) -> None:
    (entry,) = library.search(SERIAL, 10)
    library.erase_records([entry.seq], "for the test")
    assert library.search(SERIAL, 10) == ()


def test_search_does_not_look_into_random_values(library: Ledger) -> None:
    assert library.search(library.session[:8], 10) == ()
    assert library.search("abab", 10) == ()


@examples(40)
@given(text=st.text(min_size=1, max_size=12).filter(str.strip))
def test_whatever_was_written_is_found(ledger: Ledger, text: str) -> None:
    seq = ledger.append(ProblemMet(code="x", sentence=T("a"), next_step=T("b"), detail=Personal(f"start{text}end"))).seq
    for wanted in (text, text.upper() if text.isascii() else text):
        assert seq in seqs(ledger.search(wanted, 1_000))


def test_the_numbers_of_everything_are_a_range(ledger: Ledger, started: CheckStarted) -> None:
    assert ledger.numbers() == range(0, 0, -1)
    ledger.append_all([started] * 3)
    assert ledger.numbers() == range(3, 0, -1)


def test_the_numbers_of_a_kind_or_a_verdict(ledger: Ledger, started: CheckStarted) -> None:
    ledger.append_all([started, ended(Verdict.RED), started, ended(Verdict.GREEN), ended(Verdict.RED)])
    assert list(ledger.numbers(Filter(kind=Kind.CHECK_STARTED))) == [3, 1]
    assert list(ledger.numbers(Filter(verdict=Verdict.RED))) == [5, 2]
    assert list(ledger.numbers(Filter(kind=Kind.CHECK_ENDED, verdict=Verdict.RED))) == [5, 2]
    assert list(ledger.numbers(Filter(kind=Kind.CHECK_STARTED, verdict=Verdict.RED))) == []
    numbers = ledger.numbers(Filter(kind=Kind.CHECK_ENDED))
    assert isinstance(numbers, array)
    assert (list(numbers), numbers.itemsize) == ([5, 4, 2], 8)


def test_records_by_their_numbers(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    ledger.append_all([started] * 5, phone=phone)
    assert seqs(ledger.entries_numbered([4, 2, 5])) == [4, 2, 5]
    assert seqs(ledger.entries_numbered([9, 1, 0])) == [1]
    assert ledger.entries_numbered([]) == ()
    assert personal(ledger.entries_numbered(range(3, 2, -1))[0]) == SERIAL


def found(ledger: Ledger, text: str = "", after: int = 0, **chosen: Any) -> list[int]:
    return [number for stretch in ledger.scan(Filter(text, **chosen), after=after) for number in stretch.numbers]


def test_hits_come_stretch_by_stretch_the_newest_first(
    ledger: Ledger, started: CheckStarted, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_FIRST_STRETCH", 2)
    monkeypatch.setattr(scan, "_STRETCH", 4)
    ledger.append_all([started] * 3)
    ledger.append(started, phone=phone)
    ledger.append_all([started] * 6)
    stretches = list(ledger.scan(Filter(SERIAL)))
    assert [list(s.numbers) for s in stretches] == [[], [], [4]]
    assert [s.share for s in stretches] == [0.2, 0.6, 1.0]
    assert [list(s.numbers) for s in ledger.scan(Filter("over usb"))] == [[10, 9], [8, 7, 6, 5], [4, 3, 2, 1]]
    assert next(iter(ledger.scan(Filter("over usb")))).share == 0.2


def test_hits_of_a_kind_or_a_verdict(
    ledger: Ledger, started: CheckStarted, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_FIRST_STRETCH", 2)
    ledger.append_all([started, ended(Verdict.RED), started, ended(Verdict.GREEN), ended(Verdict.RED)], phone=phone)
    assert found(ledger, SERIAL, kind=Kind.CHECK_STARTED) == [3, 1]
    assert found(ledger, SERIAL, verdict=Verdict.RED) == [5, 2]
    assert found(ledger, "officer", kind=Kind.CHECK_ENDED, verdict=Verdict.GREEN) == [4]
    assert found(ledger, verdict=Verdict.RED) == [5, 2]
    assert found(ledger, "nowhere", verdict=Verdict.RED) == []
    assert found(ledger, "  ", kind=Kind.CHECK_STARTED) == [3, 1]


def test_hits_among_what_was_added(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    ledger.append_all([started] * 4, phone=phone)
    assert found(ledger, SERIAL, after=2) == [4, 3]
    assert found(ledger, after=3) == [4]
    assert found(ledger, SERIAL, after=4) == found(ledger, SERIAL, after=9) == []


def test_hits_of_an_empty_log(ledger: Ledger) -> None:
    assert list(ledger.scan(Filter("x"))) == list(ledger.scan(Filter())) == []


def test_what_is_added_during_a_search_is_left_for_the_next(
    ledger: Ledger, started: CheckStarted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_FIRST_STRETCH", 1)
    ledger.append_all([started] * 2)
    searching = ledger.scan(Filter("over usb"))
    assert list(next(searching).numbers) == [2]
    ledger.append(started)
    assert [list(s.numbers) for s in searching] == [[1]]
    assert found(ledger, "over usb", after=2) == [3]


ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=6).filter(str.strip)


@examples(60)
@given(wanted=ASCII, written=ASCII)
def test_the_database_finds_what_python_finds(
    ledger: Ledger, phone: Phone, monkeypatch: pytest.MonkeyPatch, wanted: str, written: str
) -> None:
    """A text in ASCII is compared by the database alone; there are two ways, and they have to agree."""
    ledger.append(
        ProblemMet(code="x", sentence=T("a"), next_step=T("b"), detail=Personal(written)),
        phone=replace(phone, serial=written),
    )
    with monkeypatch.context() as patch:
        patch.setattr(record_filter, "PATTERN_LIMIT", 0)  # no text is short enough: Python compares
        by_python = found(ledger, wanted)
    assert found(ledger, wanted) == by_python


def test_own_intent_is_not_a_crash(ledger: Ledger, finding: Finding) -> None:
    ledger.append(RemovalIntended("uninstall", "com.a", 0, ledger.append(AppFound.of(finding)).seq))
    assert ledger.open_intents() == ()


INTENDING = """if True:
    import os, sys
    from pathlib import Path
    from core.ledger.records import RemovalIntended, UndoIntended
    from core.ledger.writer import Ledger
    ledger = Ledger(Path(sys.argv[1]), desk="", officer="", app_version="")
    ledger.append(RemovalIntended("uninstall", "com.a", 0, finding=1))
    ledger.append(UndoIntended("install-existing", "com.a", 0, removal=2))
    os.write(1, b"ready\\n")
    sys.stdin.read()
"""


def test_intent_of_another_program_is_a_crash_once_it_is_gone(
    open_ledger: Callable[..., Ledger], finding: Finding, path: Path
) -> None:
    ledger = open_ledger()
    ledger.append(AppFound.of(finding))
    program = [sys.executable, "-c", INTENDING, str(path)]
    with subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        with Ledger.read(path) as reader:
            assert ledger.open_intents() == ()
            assert reader.open_intents() == ()
            other.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
            other.wait()
            assert seqs(ledger.open_intents()) == [2, 3]
            assert seqs(reader.open_intents()) == [2, 3]
    ledger.append(RemovalOutcome(intent=2, outcome="unknown", answer="", means=T("The program ended.")))
    assert [type(e.kind) is str and e.seq for e in ledger.open_intents()] == [3]
    open_ledger().close()
    assert [f.name for f in path.parent.iterdir() if "session" in f.name] == [f"ledger.db-session-{ledger.session}"]
    assert seqs(ledger.open_intents()) == [3]


def test_intent_of_a_session_that_closed_without_an_outcome_is_open(
    open_ledger: Callable[..., Ledger], finding: Finding
) -> None:
    first = open_ledger()
    removal = first.append(RemovalIntended("uninstall", "com.a", 0, first.append(AppFound.of(finding)).seq)).seq
    first.append(RemovalOutcome(intent=removal, outcome="done", answer="Success", means=T("Removed.")))
    first.append(UndoIntended("install-existing", "com.a", 0, removal))
    first.close()
    assert seqs(open_ledger().open_intents()) == [4]


def test_reading_changes_nothing(ledger: Ledger, started: CheckStarted, phone: Phone, path: Path) -> None:
    """Closing has sealed it, which takes two records."""
    ledger.append(started, phone=phone)
    ledger.close()
    before = contents(path.parent)
    with Ledger.read(path) as reader:
        assert reader.count() == 3
        assert personal(reader.newest(3)[-1]) == SERIAL
        assert seqs(reader.search(SERIAL, 1)) == [1]
        assert reader.open_intents() == ()
        assert not hasattr(reader, "append")
    assert contents(path.parent) == before


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


def test_read_while_it_is_written(ledger: Ledger, started: CheckStarted, path: Path) -> None:
    with Ledger.read(path) as reader:
        ledger.append(started)
        assert reader.count() == 1
        ledger.append(started)
        assert reader.count() == 2


def test_reading_from_a_read_only_medium(
    ledger: Ledger, started: CheckStarted, path: Path, make_read_only: Callable[[Path], None]
) -> None:
    ledger.append(started)
    ledger.close()
    make_read_only(path.parent)
    with Ledger.read(path) as reader:
        assert seqs(reader.entries()) == [1, 2, 3]
        assert reader.open_intents() == ()


def test_no_answer_calls_a_log_damaged_while_it_is_written(ledger: Ledger, started: CheckStarted, phone: Phone) -> None:
    ledger.append(started, phone=phone, seal=True)
    written = Event()

    def write() -> None:
        for _ in range(60):
            ledger.append_all([started, ended(Verdict.RED)], visit="v", phone=phone, seal=True)
        written.set()

    writer = Thread(target=write)
    writer.start()
    with Ledger.read(ledger.path) as reader:
        while not written.is_set():
            assert reader.search(SERIAL, 5)
            assert reader.newest(5, kind=Kind.CHECK_STARTED)
            assert reader.entry(1)
            reader.of_visit("v")
            reader.open_intents()
    writer.join()
