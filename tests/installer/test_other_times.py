"""The tests at another time: which one that is, and that a program sees it, with its files, and waits no longer."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from installer import bootstrap, other_times
from installer.clone import Clone
from installer.other_times import ClockFixedError, NoSuchTimeError

NOW = datetime(2028, 2, 29, 14, 30, 15, tzinfo=ZoneInfo("America/Vancouver"))

moves_clocks = pytest.mark.skipif(
    sys.platform != "linux"
    or platform.libc_ver()[0] != "glibc"
    or shutil.which("cc") is None
    or "FANION_CLOCK" in os.environ,
    reason="needs a C compiler on Linux with glibc, and a clock that is not moved yet",
)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("+400d", "2029-04-04 14:30:15"),
        ("-1d", "2028-02-28 14:30:15"),
        ("+5y", "2033-02-28 14:30:15"),
        ("2028-02-29", "2028-02-29 14:30:15"),
        ("12-31", "2028-12-31 14:30:15"),
        ("23:58", "2028-02-29 23:58:00"),
        ("12-31T23:58", "2028-12-31 23:58:00"),
        ("2030-01-01T01:30", "2030-01-01 01:30:00"),
    ],
)
def test_a_time_is_said_as_a_person_says_it(text: str, moment: str) -> None:
    assert f"{other_times.moment(text, NOW):%Y-%m-%d %H:%M:%S}" == moment


@pytest.mark.parametrize("text", ["", "tomorrow", "+5", "2027-02-29", "25:00", "12-31T", "+9999y", "1T2T3"])
def test_what_is_no_time_is_told_with_how_to_write_one(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NoSuchTimeError, match="Write it as"):
        other_times.moment(text, NOW)
    assert bootstrap.main(["test", f"--clock={text}"]) == 2
    assert "12-31T23:58" in capsys.readouterr().err


@pytest.mark.parametrize("options", [{"zone": "Eastern"}, {"zone": "../etc"}, {"language": "French"}])
def test_a_zone_or_language_that_nobody_knows_is_told(clone: Clone, options: dict[str, str]) -> None:
    with pytest.raises(NoSuchTimeError, match=r"One is|Write it as"):
        other_times.variables(clone, None, options.get("zone"), options.get("language"))


def test_a_place_is_told_by_variables_alone(clone: Clone) -> None:
    assert other_times.variables(clone, None, None, None) == {}
    found = other_times.variables(clone, None, "Pacific/Auckland", "fr_CA")
    assert (found["TZ"], found["LC_ALL"], found["LANGUAGE"]) == ("Pacific/Auckland", "fr_CA.UTF-8", "fr_CA")
    assert not (clone.root / "build").exists()


def test_without_a_compiler_nothing_is_tested_and_that_is_said(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(clone.root))
    with pytest.raises(ClockFixedError):
        other_times.variables(clone, "+400d", None, None)
    assert bootstrap.main(["test", "--clock", "+400d"]) == 77
    assert "Nothing was tested: the clock of a program cannot be moved here" in capsys.readouterr().err


PROGRAM = """
import json, os, sys, tempfile, threading
from datetime import datetime, timezone
from time import monotonic, time
began, lock, condition = monotonic(), threading.Lock(), threading.Condition()
with lock:
    lock.acquire(timeout=0.05)
with condition:
    condition.wait(0.05)
waited = monotonic() - began
with tempfile.NamedTemporaryFile() as file:
    fresh = time() - os.fstat(file.fileno()).st_mtime
    os.utime(file.name, (time() - 700, time() - 700))
    set_back = time() - os.stat(file.name).st_mtime
old = os.stat(sys.argv[1]).st_mtime
print(json.dumps([datetime.fromtimestamp(time(), timezone.utc).isoformat(), waited, fresh, set_back, old]))
"""


@pytest.mark.slow
@moves_clocks
@pytest.mark.parametrize("clock", ["+400d", "-400d", "12-31T23:58"])
def test_a_program_is_at_that_time_with_its_files_and_waits_no_longer(clone: Clone, now: datetime, clock: str) -> None:
    old = Path(__file__).stat().st_mtime
    variables = os.environ | other_times.variables(clone, clock, "Pacific/Auckland", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, __file__], env=variables, capture_output=True, check=True, encoding="utf-8"
    )
    moment, waited, fresh, set_back, old_there = json.loads(done.stdout)
    wanted = other_times.moment(clock, now.astimezone(ZoneInfo("Pacific/Auckland")))
    assert abs((datetime.fromisoformat(moment) - wanted.astimezone(UTC)).total_seconds()) < 60
    assert waited < 30
    assert abs(fresh) < 5
    assert abs(set_back - 700) < 5
    assert old_there == old  # a file of before has the time that it had
