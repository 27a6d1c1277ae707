"""The self-test's try of the window, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import text
from core.problem import Problem
from gui import probe


@pytest.fixture
def english() -> Iterator[None]:
    before = text.language()
    text.use("en")
    yield
    text.use(before)


def run(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `code` run in place of the process that tries the window."""
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **how: real([sys.executable, "-I", "-S", "-c", code], **how))


def failure() -> Problem:
    with pytest.raises(Problem) as caught:
        probe.window()
    return caught.value


def test_a_window_can_be_shown(english: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # wherever it is asked from
    (tmp_path / "gui.py").write_text("raise SystemExit('another gui')")
    assert str(probe.window()).endswith(", offscreen)")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_it_is_tried_without_one(english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert str(probe.window()).startswith("no screen here; works without one (Qt 6.")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_screen_that_does_not_answer_is_told(english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":9999")
    problem = failure()
    assert str(problem.sentence).startswith("The window cannot be opened: ")
    assert problem.detail
    assert "Available platform plugins" not in problem.detail


def test_a_library_that_is_missing_there_is_named(english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "libEGL.so.1: cannot open shared object file: No such file or directory"
    run(f"import sys; sys.stderr.write('qt: nothing\\n{said}\\n'); sys.exit(69)", monkeypatch)
    problem = failure()
    assert "libEGL.so.1 is missing" in str(problem.sentence)
    assert "libegl1" in str(problem.next_step)
    assert problem.detail == said


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("import os; os.write(2, b'terminate called\\n\\n'); os.abort()", "terminate called"),
        ("import sys; sys.exit('nothing is to be seen of it')", "nothing is to be seen of it"),
        ("print('fanion-window')", ""),
        ("print('something else 6.11')", ""),
        ("import sys; sys.stderr.write('x\\x1b[31m' + 'y' * 100_000)", "x"),
        ("", ""),
    ],
)
def test_however_it_breaks_off_that_is_told(
    english: None, monkeypatch: pytest.MonkeyPatch, code: str, detail: str
) -> None:
    run(code, monkeypatch)
    problem = failure()
    assert str(problem.sentence).startswith("The window broke off while it was tried (exit code ")
    assert "\x1b" not in problem.detail
    assert len(problem.detail) <= 300
    assert problem.detail.startswith(detail) or detail == "x"


def test_one_that_does_not_end_is_given_up(english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_LIMIT", 0.3)
    run("import threading; threading.Event().wait()", monkeypatch)
    assert "could not be shown within" in str(failure())


def test_a_program_that_is_gone_is_told(english: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "fanion-app"))
    problem = failure()
    assert os.strerror(2) in str(problem.sentence)
    assert str(problem.next_step) == "Install Fanion again."


def test_the_packaged_program_starts_itself_with_the_switch(
    english: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if sys.platform == "win32":
        pytest.skip("a script stands for the program")
    program = tmp_path / "fanion-app"
    program.write_text('#!/bin/sh\n[ "$*" = --probe-window ] && echo fanion-window xcb 6.99\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    assert str(probe.window()) == "can be shown (Qt 6.99, xcb)"


def test_a_system_that_is_too_old_is_not_tried(english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.mac_ver", lambda: ("11.2", ("", "", ""), "arm64"))
    monkeypatch.setattr(subprocess, "run", None)
    assert "macOS 14" in str(failure())
