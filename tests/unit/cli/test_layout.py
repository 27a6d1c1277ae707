"""Lines and tables fit the columns that there are, and lose nothing; colours are there when they were asked for."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.layout import LEAST, table, width_of, wrapped
from installer.papers import ROOT
from tests.examples import examples
from tests.unit.cli.conftest import Fanion, Serve

#: Words as phones and people have them: also of two columns a character, and coloured.
WORDS = st.lists(st.sampled_from(["a", "Fanion", "微信", "x" * 90, "\x1b[1;31mred\x1b[0m", "é", "e\u0301", "—", ""]))
TEXTS = WORDS.map(" ".join)


def letters(text: str) -> str:
    return "".join(text.split())


@examples(100)
@given(TEXTS, st.integers(LEAST, 100), st.integers(0, 10))
def test_a_line_is_broken_to_fit_and_loses_nothing(text: str, width: int, hanging: int) -> None:
    lines = wrapped(text, width, " " * hanging, in_words=True)
    assert all(width_of(line) <= width for line in lines)
    assert letters("".join(lines)) == letters(text)


@examples(100)
@given(TEXTS, st.integers(LEAST, 100), st.integers(0, 10))
def test_a_path_or_a_key_is_never_broken(text: str, width: int, hanging: int) -> None:
    lines = wrapped(text, width, " " * hanging)
    assert " ".join(lines).split() == text.split()
    assert all(width_of(line) <= width or len(line.split()) == 1 for line in lines)


@examples(100)
@given(st.lists(st.tuples(TEXTS, st.integers(0, 10**9) | st.none(), TEXTS), max_size=4), st.integers(LEAST, 120))
def test_a_table_fits_and_loses_nothing(rows: list[tuple[str, int | None, str]], width: int) -> None:
    lines = table(("name", "phones", "reason"), rows, width)
    assert all(width_of(line) <= width for line in lines)
    joined = letters("".join(lines))
    for row in rows:
        for value in row:
            assert all(letter in joined for letter in letters(str(value or "")))


def test_numbers_stand_to_the_right_and_texts_to_the_left() -> None:
    assert table(("unit", "red"), [("Fleet", 3), ("Air", 1_200)], 0) == [
        "unit    red",
        "─────  ────",
        "Fleet     3",
        "Air    1200",
    ]


def test_without_room_for_columns_each_row_is_a_list() -> None:
    names = [f"column{number}" for number in range(8)]
    lines = table(names, [list(range(8)), list(range(8))], 30)
    assert lines[:2] == ["column0: 0", "column1: 1"]
    assert lines.count("") == 1


@pytest.mark.parametrize("columns", [24, 60, 200])
def test_what_is_printed_fits_a_terminal(columns: int, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")  # not on Windows
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "dumb", "FANION_DATA": str(tmp_path)}
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "gui", "explain", "policy"]
    with open(leader, "rb", buffering=0) as terminal:
        subprocess.run(command, cwd=ROOT, env=environment, stdout=follower, stderr=follower, check=True)
        os.close(follower)
        printed = b""
        with contextlib.suppress(OSError):  # the end of a terminal that was closed
            while data := terminal.read(65_536):
                printed += data
    lines = printed.decode().splitlines()
    assert max(map(width_of, lines)) > columns / 3
    assert all(width_of(line) <= columns or len(line.split()) == 1 for line in lines)


def test_another_program_gets_its_lines_whole(fanion: Fanion, phone: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys for another computer, a script for a shell, and the log."""
    fanion("check", "--connect", phone("walk-up").address)
    asked = (("log", "enrolment", "--practice"), ("completion", "bash"), ("log", "list", "--practice"))
    whole = [fanion(*words).out for words in asked]
    monkeypatch.setenv("COLUMNS", "40")
    assert [fanion(*words).out for words in asked] == whole


def coloured(fanion: Fanion, *words: str) -> bool:
    said = fanion("log", "show", "1", *words)
    assert said.code == 5
    return "\x1b[" in said.err


def test_colours_are_there_when_they_were_asked_for(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not coloured(fanion)
    assert coloured(fanion, "--color=always")
    assert coloured(fanion, "--color", "always")
    assert not coloured(fanion, "--color=never")
    assert not coloured(fanion), "the choice of one run is none of the next"
    assert fanion("--color=always", "explain", "phone").out.startswith("\x1b[1mphone")


def test_a_terminal_has_colours_unless_no_color_is_set(fanion: Fanion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert coloured(fanion, "--color=always"), "what was asked for goes before NO_COLOR"
    assert not coloured(fanion, "--color=auto")


@pytest.mark.parametrize("words", [["--color=blue"], ["--color"], ["--color="]])
def test_another_colour_mode_is_wrong_usage(fanion: Fanion, words: list[str]) -> None:
    assert fanion("phones", *words).code == 2
    assert fanion(*words, "phones").code == 2


@pytest.mark.parametrize("words", [(), ("check",), ("log",), ("log", "list"), ("store", "ask")])
def test_every_help_has_the_exit_codes(fanion: Fanion, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    said = fanion(*words, "--help")
    assert "Exit codes: 0 green, or done;" in said.out
    assert all(len(line) <= 60 for line in said.out.splitlines() if line.startswith(("Exit", "with")))


def test_fish_is_offered_the_commands(fanion: Fanion) -> None:
    script = fanion("completion", "fish").out
    assert "complete -c fanion" in script
    for word in ("self-test", "explain", "walk-up", "phone-busy"):
        assert word in script


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish on this machine")
def test_fish_completes(fanion: Fanion, tmp_path: Path) -> None:
    script = tmp_path / "fanion.fish"
    script.write_text(fanion("completion", "fish").out)
    asked = f"source {script}; complete -C 'fanion sel'; complete -C 'fanion explain phone-bu'"
    done = subprocess.run(["fish", "--no-config", "-c", asked], capture_output=True, text=True, check=True)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["self-test", "phone-busy"]
