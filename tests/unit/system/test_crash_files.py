"""What is left of a bug: one sentence for people, one file for whoever mends it."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import __version__
from core.system.support import crash_files
from core.system.support.crash_files import Bug, describe, keep
from tests.unit.conftest import Fanion

ROOT = Path(__file__).resolve().parents[3]


def bug(message: str = "a drawer that is not there") -> Exception:
    try:
        raise LookupError(message)
    except LookupError as error:
        return error


def names(data: Path) -> list[str]:
    return sorted(file.name for file in (data / crash_files.FOLDER).iterdir())


NameBy = Callable[[Callable[..., str]], None]


@pytest.fixture
def name_by(monkeypatch: pytest.MonkeyPatch) -> NameBy:
    """Has files be named by moments of the test's."""
    return lambda moment: monkeypatch.setattr("core.system.support.crash_files.time.strftime", moment)


def test_the_file_says_what_ran_and_where_it_went_wrong(tmp_path: Path) -> None:
    file = keep(describe(bug(), "Qt 6.11.3"), tmp_path / "data")
    assert file is not None
    assert file.parent == tmp_path / "data" / "crashes"
    said = file.read_text(encoding="utf-8")
    assert said.startswith(f"Fanion {__version__}\nPython {platform.python_version()}\n")
    assert "\nQt 6.11.3\n" in said
    assert "Traceback" in said
    assert "in bug" in said
    assert said.endswith("LookupError: a drawer that is not there\n")


def test_the_head_does_not_say_whose_computer_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.node", lambda: "desk-of-marie")
    monkeypatch.setenv("USER", "marie")
    head = describe(bug()).partition("\n\n")[0]
    assert "marie" not in head


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = keep(describe(bug()), tmp_path / "data")
    finally:
        os.umask(before)
    assert file is not None
    assert [p.stat().st_mode & 0o777 for p in (file.parents[1], file.parent, file)] == [0o700, 0o700, 0o600]


def test_two_in_one_second_are_two_files(tmp_path: Path, name_by: NameBy) -> None:
    name_by(lambda *when: "2026-11-24-101112")
    for n in range(3):
        keep(describe(bug(f"number {n}")), tmp_path)
    assert names(tmp_path) == ["2026-11-24-101112-02.txt", "2026-11-24-101112-03.txt", "2026-11-24-101112.txt"]
    assert "number 0" in (tmp_path / "crashes" / "2026-11-24-101112.txt").read_text()


def test_a_flood_in_one_second_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name_by: NameBy) -> None:
    name_by(lambda *when: "2026-11-24-101112")
    monkeypatch.setattr(crash_files, "_TRIES", 3)
    assert [keep("x", tmp_path) is not None for _ in range(4)] == [True, True, True, False]


def test_the_fifty_newest_stay_and_nothing_of_others_is_touched(tmp_path: Path, name_by: NameBy) -> None:
    moments = iter(f"2026-11-{day:02}-10111{second}" for day in range(1, 31) for second in (1, 2))
    name_by(lambda *when: next(moments))
    (tmp_path / "crashes").mkdir()
    foreign = ["native.txt", "notes.txt", "2025-01-01-000000.zip"]
    for name in foreign:
        (tmp_path / "crashes" / name).touch()
    for _ in range(60):
        keep("x", tmp_path)
    left = [name for name in names(tmp_path) if name not in foreign]
    assert len(left) == 50
    assert left[0] == "2026-11-06-101111.txt"
    assert left[-1] == "2026-11-30-101112.txt"
    assert set(foreign) <= set(names(tmp_path))


def test_the_newest_stays_where_the_clock_was_put_back(tmp_path: Path, name_by: NameBy) -> None:
    (tmp_path / "crashes").mkdir()
    for day in range(1, 31):
        for hour in (10, 11):
            (tmp_path / "crashes" / f"2026-11-{day:02}-{hour}0000.txt").touch()
    name_by(lambda *when: "2001-01-01-000000")
    file = keep("x", tmp_path)
    assert file is not None
    assert file.exists()
    assert len(names(tmp_path)) == 50


def test_what_cannot_be_kept_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert keep("x", tmp_path / "file") is None
    assert keep("x", tmp_path / "file" / "data") is None
    assert keep("x", Path("bad\0name")) is None


def test_half_a_file_is_none(tmp_path: Path, sync_by: Callable[[Callable[[int], None]], None]) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    sync_by(full)
    assert keep("x", tmp_path) is None
    assert names(tmp_path) == []


def test_a_phone_s_text_in_a_message_does_no_harm(tmp_path: Path) -> None:
    error = bug("\x1b[2Jgone \u202ereversed \ud800 " + "x" * 1_000_000 + "\r\nsecond line" * 5_000)
    description = describe(error)
    assert len(description) < 2_000 * 2_001
    assert description.replace("\n", "").isprintable()
    assert keep(description, tmp_path) is not None


def test_an_exception_with_bugs_of_its_own_is_told_all_the_same() -> None:
    class Shy(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise RuntimeError

    class Shyer(Shy):
        @property
        def __notes__(self) -> list[str]:  # type: ignore[override]
            raise RuntimeError

    assert "Shy" in describe(Shy())
    assert "Shyer" in describe(Shyer())


def test_an_endless_recursion_is_a_short_file() -> None:
    def again(n: int) -> None:
        again(n + 1)

    with pytest.raises(RecursionError) as caught:
        again(0)
    assert len(describe(caught.value)) < 50_000


def test_a_bug_has_one_sentence_and_one_next_step(tmp_path: Path) -> None:
    assert (Bug.code, Bug.exit_code) == ("bug", 70)
    assert "inside Fanion" in str(Bug().sentence)
    assert "your IT support" in str(Bug().next_step)
    assert str(tmp_path / "x.txt") in str(Bug(tmp_path / "x.txt").next_step)


def test_the_command_line_tells_of_a_bug_also_where_no_file_can_be(
    fanion: Fanion, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    (data / "crashes").touch()
    monkeypatch.setattr("core.cli.phones.look", lambda iphones: 1 / 0)
    said = fanion("phones")
    assert said.code == 70
    assert "could not be kept" in said.err
    assert "division by zero" in said.err
    assert "Something went wrong inside Fanion" in said.err
    assert "Traceback" not in said.err + said.out


# --- crashes of native code, which nobody survives: each in a process of its own

RUN = """if True:
    import faulthandler, os, signal, sys
    from pathlib import Path
    from core.system.support.crash_files import NativeCrashes
    native = NativeCrashes(Path(sys.argv[1]), "Qt 6.11.3")
    print(native.start(), flush=True)
    match sys.argv[2]:
        case "dies": faulthandler._sigsegv()
        case "is killed": os.kill(os.getpid(), signal.SIGKILL)
        case "ends": native.stop()
        case "ends otherwise": pass
        case "is warned": faulthandler.dump_traceback(native._file); native.stop()
        case "runs": sys.stdin.read(); faulthandler._sigsegv()
"""


def start(data: Path, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(data), how],
        cwd=data,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def run(data: Path, how: str) -> str:
    """What the start found of earlier crashes."""
    return start(data, how).communicate()[0].strip()


def test_a_native_crash_is_found_at_the_next_start_and_only_then(tmp_path: Path) -> None:
    assert run(tmp_path, "dies") == "None"
    found = Path(run(tmp_path, "ends"))
    assert found.parent == tmp_path / "crashes"
    assert found.name.endswith("-native.txt")
    assert found.name[:4].isdigit()
    assert found.stat().st_mode & 0o777 == 0o600
    said = found.read_text()
    assert said.startswith(f"Fanion {__version__}\n")
    assert "\nQt 6.11.3\n" in said
    assert "Segmentation fault" in said
    assert run(tmp_path, "ends") == "None"


@pytest.mark.parametrize("end", ["is killed", "ends", "ends otherwise", "is warned"])
def test_what_is_no_native_crash_is_none(tmp_path: Path, end: str) -> None:
    run(tmp_path, end)
    assert run(tmp_path, "ends") == "None"


def test_a_second_run_does_not_spoil_the_first_one_s_crash(tmp_path: Path) -> None:
    first = start(tmp_path, "runs")
    assert first.stdout is not None
    assert first.stdout.readline().strip() == "None"
    assert run(tmp_path, "ends") == "None"
    first.communicate()
    assert "Segmentation fault" in Path(run(tmp_path, "ends")).read_text()


def test_whatever_stands_in_the_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "crashes").mkdir()
    (tmp_path / "crashes" / "native.txt").write_text("Windows fatal exception: access violation")
    assert "access violation" in Path(run(tmp_path, "ends")).read_text()


def test_where_nothing_can_be_written_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "crashes").touch()
    assert run(tmp_path, "ends") == "None"
