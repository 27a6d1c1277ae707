"""How the last run ended is known at the next start, and each crash file is asked about until it is not wanted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.system.support import crash_files, last_run
from core.system.support.last_run import EarlierRuns, Ending, RunState
from tests.examples import examples

FIRST = EarlierRuns(Ending.ORDERLY, ())


def crash(data: Path, name: str = "2026-11-27-101500.txt", said: str = "Fanion 0.1.0\n\nLookupError\n") -> Path:
    folder = data / crash_files.FOLDER
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(said, encoding="utf-8")
    return folder / name


def run(data: Path, ending: Ending | None = Ending.ORDERLY) -> EarlierRuns:
    """One run; None: it is killed. Returns what it had to tell of those before."""
    state = RunState(data)
    told = state.begin()
    if ending is not None:
        state.end(ending)
    return told


def test_an_orderly_end_leaves_nothing_to_tell(tmp_path: Path) -> None:
    assert run(tmp_path) == run(tmp_path) == FIRST
    assert not FIRST.is_told


def test_a_run_that_was_killed_is_told_once_and_is_no_crash(tmp_path: Path) -> None:
    run(tmp_path, None)
    told = run(tmp_path)
    assert told == EarlierRuns(Ending.CUT_OFF, ())
    assert told.is_told
    assert not told.crashed
    assert run(tmp_path) == FIRST


def test_a_bug_that_ended_it_is_a_crash_with_its_file(tmp_path: Path) -> None:
    state = RunState(tmp_path)
    state.begin()
    file = crash(tmp_path)
    state.end(Ending.BUG)
    state.end()  # what comes later changes nothing
    told = run(tmp_path)
    assert (told.ending, told.files, told.crashed) == (Ending.BUG, (file,), True)


def test_native_code_leaves_no_word_but_its_file(tmp_path: Path) -> None:
    run(tmp_path, None)
    state = RunState(tmp_path)
    file = crash(tmp_path, "2026-11-27-101500-native.txt")  # found between the two
    told = state.begin()
    assert (told.files, told.crashed) == ((file,), True)


def test_a_bug_after_which_it_went_on_is_told_but_is_no_end(tmp_path: Path) -> None:
    state = RunState(tmp_path)
    state.begin()
    file = crash(tmp_path)
    state.end()
    told = run(tmp_path)
    assert (told.ending, told.files, told.crashed, told.is_told) == (Ending.ORDERLY, (file,), False, True)


def test_a_file_is_told_of_until_that_is_not_wanted_any_more(tmp_path: Path) -> None:
    run(tmp_path)
    file = crash(tmp_path)
    assert run(tmp_path).files == run(tmp_path).files == (file,)
    state = RunState(tmp_path)
    state.tell_no_more(state.begin().files)
    state.end()
    assert run(tmp_path) == FIRST
    newer = crash(tmp_path, "2026-11-26-090000.txt")  # though the clock was put back
    assert run(tmp_path).files == (newer,)


def test_what_earlier_versions_kept_is_not_told_of(tmp_path: Path) -> None:
    crash(tmp_path)
    assert run(tmp_path) == run(tmp_path) == FIRST


def test_a_run_that_could_not_begin_leaves_its_file_to_be_told_of(tmp_path: Path) -> None:
    last_run.note_bug(tmp_path)
    file = crash(tmp_path)
    assert run(tmp_path) == EarlierRuns(Ending.BUG, (file,))


@pytest.mark.parametrize(
    "left",
    [b"", b"{", b"\xff", b"[]", b'{"state": "sleeping", "told": []}', b'{"state": "bug", "told": 7}', b"[" * 9_000,
     b'{"state": "bug", "told": [7]}', b'{"state": "bug"}', b" " * 70_000],
)  # fmt: skip
def test_a_damaged_file_tells_nothing_and_fails_at_nothing(tmp_path: Path, left: bytes) -> None:
    (tmp_path / last_run.FILE_NAME).write_bytes(left)
    assert run(tmp_path) == FIRST
    assert json.loads((tmp_path / last_run.FILE_NAME).read_text())["state"] == "orderly"


@given(st.binary(max_size=300))
@examples(50)
def test_no_bytes_in_its_place_are_a_failure(tmp_path_factory: pytest.TempPathFactory, left: bytes) -> None:
    data = tmp_path_factory.mktemp("data")
    (data / last_run.FILE_NAME).write_bytes(left)
    assert isinstance(run(data), EarlierRuns)


def test_a_folder_that_is_gone_or_closed_is_no_failure(tmp_path: Path) -> None:
    assert run(tmp_path / "gone") == FIRST
    assert not (tmp_path / "gone").exists()
    (tmp_path / last_run.FILE_NAME).mkdir()
    assert run(tmp_path) == FIRST


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_and_other_names_are_no_crash_files(tmp_path: Path) -> None:
    run(tmp_path)
    crash(tmp_path, "native.txt")
    crash(tmp_path, "notes.txt")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / crash_files.FOLDER / "2026-11-27-101500.txt").symlink_to(tmp_path / "secret")
    assert run(tmp_path) == FIRST


def test_a_crash_file_is_shown_whole_without_what_moves_a_cursor(tmp_path: Path) -> None:
    file = crash(tmp_path, said="Fanion\n\x1b[2Jline \u202e\n" + "x\n" * 3_000)
    said = crash_files.read(file)
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert said.count("\n") == 3_002
