"""Output that is not read any more: commands end quietly, and what has to be in the log is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.cli import READER_GONE
from installer.papers import ROOT
from tests.unit.cli.conftest import Fanion, Serve

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a shell with PIPESTATUS"),
]


def piped(words: str, reader: str) -> tuple[int, str]:
    """The exit code of a command whose output goes to a reader, and what it wrote on stderr."""
    command = f"{sys.executable} -m gui {words} {reader}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "reader"),
    [
        *(("policy show --json", reader) for reader in ("| true", "| head -1", "2>&1 | true", "> >(true)")),
        ("explain", "| head -1"),
        ("--help", "| true"),
        ("completion bash", "2>&1 | true"),
    ],
)
def test_a_reader_that_leaves_is_no_failure(data: Path, words: str, reader: str) -> None:
    code, err = piped(words, reader)
    assert code in (0, READER_GONE)
    assert err == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_output_is_no_failure(data: Path, closed: str) -> None:
    assert piped("policy show", closed) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "reader"), [("check", "2>&1 | true"), ("check --json", "| true"), ("remove --plan --json", "| true")]
)
def test_a_check_that_is_not_read_is_in_the_log(
    fanion: Fanion, data: Path, phone: Serve, words: str, reader: str
) -> None:
    server = phone("walk-up")
    code, err = piped(f"{words} --connect {server.address}", reader)
    assert code == READER_GONE
    assert "Traceback" not in err
    assert "could not be written" not in err
    verified = fanion("log", "verify", "--practice", "--json")
    assert verified.code in (0, 3)
    kinds = {entry["type"] for entry in fanion("log", "list", "--practice", "--json").json["entries"]}
    assert "check-ended" in kinds


@pytest.mark.slow
def test_a_removal_whose_result_is_not_read_is_done_whole_or_not_at_all(
    fanion: Fanion, data: Path, phone: Serve
) -> None:
    server = phone("walk-up")
    code, err = piped(f"remove --yes --json --connect {server.address}", "| true")
    assert code == READER_GONE
    assert "Traceback" not in err
    kinds = [entry["type"] for entry in fanion("log", "list", "--practice", "--json").json["entries"]]
    assert kinds.count("removal-intended") == kinds.count("removal-outcome") > 0
    assert fanion("check", "--connect", server.address).code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that takes nothing")
def test_a_full_disk_behind_the_output_is_told(data: Path) -> None:
    code, err = piped("policy show --json", ">/dev/full")
    assert code == 74
    assert "could not be written" in err
