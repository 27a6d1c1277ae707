"""The self-test's try of the window, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.problem import Problem
from core.system.processes import child_process
from gui.startup import probe_process, startup_check, window_probe

ROOT = Path(__file__).resolve().parents[3]


def run(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `code` run in place of the process that tries the window."""
    real = child_process.run
    command = [sys.executable, "-I", "-S", "-c", code]
    monkeypatch.setattr(child_process, "run", lambda own, variables, **how: real(command, variables, **how))


def failure() -> Problem:
    with pytest.raises(Problem) as caught:
        window_probe.window()
    return caught.value


def lacking() -> dict[str, str]:
    """The libraries that each way to a screen lacks here."""
    return probe_process._lacking()


@pytest.mark.slow
def test_a_window_can_be_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # wherever it is asked from
    (tmp_path / "gui.py").write_text("raise SystemExit('another gui')")
    # What a session with another system of screens would lack on this computer comes after it.
    found, _, _ = str(window_probe.window()).partition(";")
    assert found.startswith("can be shown (Qt 6.")
    assert found.endswith(", offscreen)")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_it_is_tried_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert str(window_probe.window()).startswith("no screen here; works without one (Qt 6.")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_screen_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":9999")
    problem = failure()
    assert str(problem.sentence).startswith("The window cannot be opened: ")
    assert problem.detail
    assert "Available platform plugins" not in problem.detail


def test_what_neither_session_lacks_here_is_not_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    run("print('fanion-window offscreen 6.99')", monkeypatch)
    assert str(window_probe.window()) == "can be shown (Qt 6.99, offscreen)"


def test_a_session_that_could_not_show_it_is_told_where_another_could(monkeypatch: pytest.MonkeyPatch) -> None:
    run("print('fanion-without Wayland libwayland-client.so.0\\nfanion-window xcb 6.99')", monkeypatch)
    assert str(window_probe.window()) == (
        "can be shown (Qt 6.99, xcb); a session with Wayland could not show it: libwayland-client.so.0 is missing"
    )


# --- the process itself


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the system's loader says of the files that are named in it."""
    says: dict[str, str] = {}

    def load(path: str) -> None:
        for name, words in says.items():
            if path.endswith(name):
                raise OSError("most likely not found when the application was frozen") from OSError(words)

    monkeypatch.setattr("ctypes.CDLL", load)
    return says


NO_FILE = ": cannot open shared object file: No such file or directory"
NO_WAYLAND = f"libwayland-client.so.0{NO_FILE}"
NO_XCB = f"libxcb-cursor.so.0{NO_FILE}"

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the one plugin is loaded by the try itself")


@needs_linux
@pytest.mark.parametrize("packaged", [False, True])
def test_a_system_without_one_kind_of_screens_is_told_so(
    loader: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], packaged: bool
) -> None:
    monkeypatch.setattr(sys, "frozen", packaged, raising=False)
    assert lacking() == {}
    loader["libqwayland.so"] = NO_WAYLAND
    assert lacking() == {"Wayland": "libwayland-client.so.0"}
    loader["libqxcb.so"] = NO_XCB
    with pytest.raises(OSError, match=r"libxcb-cursor\.so\.0"):
        lacking()
    del loader["libqwayland.so"]
    assert lacking() == {"X11": "libxcb-cursor.so.0"}


@needs_linux
@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("libqxcb.so", f"/opt/fanion/lib/PySide6/Qt/plugins/platforms/libqxcb.so{NO_FILE}"),
        ("libqxcb.so", f"libQt6XcbQpa.so.6{NO_FILE}"),
        ("libqwayland.so", f"libQt6WaylandClient.so.6{NO_FILE}"),
        ("libxdg-shell.so", f"libQt6WlShellIntegration.so.6{NO_FILE}"),
        ("libqsvgicon.so", f"/opt/fanion/lib/PySide6/Qt/plugins/iconengines/libqsvgicon.so{NO_FILE}"),
        ("libqsvg.so", "/opt/fanion/lib/PySide6/Qt/plugins/imageformats/libqsvg.so: file too short"),
        ("libqwebp.so", f"/opt/fanion/lib/PySide6/Qt/plugins/imageformats/libqwebp.so{NO_FILE}"),
    ],
)
def test_what_the_packaged_program_should_have_brought_is_never_a_remark(
    loader: dict[str, str], packaged_program_is: Callable[..., None], file: str, words: str
) -> None:
    packaged_program_is()
    loader[file] = words
    with pytest.raises(OSError, match=re.escape(words)):
        lacking()
    assert str(startup_check.because(words).next_step) == "Install Fanion again."


def test_all_that_the_window_imports_of_qt_is_tried() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "gui").rglob("*.py"))
    imported = {name for source in sources for name in re.findall(r"from PySide6\.(\w+)", source)}
    # Without QtDBus, which no bundle but Linux's has, the taskbar shows no progress.
    assert imported - {"QtDBus"} == set(probe_process._QT)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["PySide6.QtNetwork", "PySide6.QtSvg", "gui.log.record_table"])
def test_every_part_of_the_window_is_loaded(name: str) -> None:
    """Also what comes only when the window is seen."""
    code = (
        "import sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, *more):\n"
        f"        if name == {name!r}:\n"
        "            raise ImportError(f'{name}: cannot open shared object file')\n"
        "sys.meta_path.insert(0, Gone())\n"
        "from gui.startup import window_probe as probe\n"
        "sys.exit(probe.show())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert done.returncode == startup_check.UNFIT
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_library_that_is_missing_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_however_it_breaks_off_that_is_told(monkeypatch: pytest.MonkeyPatch, code: str, detail: str) -> None:
    run(code, monkeypatch)
    problem = failure()
    assert str(problem.sentence).startswith("The window broke off while it was tried (exit code ")
    assert "\x1b" not in problem.detail
    assert len(problem.detail) <= 300
    assert problem.detail.startswith(detail) or detail == "x"


def test_one_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_probe, "_LIMIT", 0.3)
    run("import threading; threading.Event().wait()", monkeypatch)
    assert "could not be shown within" in str(failure())


def test_a_program_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "fanion-app"))
    problem = failure()
    assert os.strerror(2) in str(problem.sentence)
    assert str(problem.next_step) == "Install Fanion again."


def test_the_packaged_program_starts_itself_with_the_switch(
    packaged_program_is: Callable[..., None], tmp_path: Path
) -> None:
    if sys.platform == "win32":
        pytest.skip("a script stands for the program")
    program = tmp_path / "fanion-app"
    program.write_text('#!/bin/sh\n[ "$*" = --probe-window ] && echo fanion-window xcb 6.99\n')
    program.chmod(0o755)
    packaged_program_is(program)
    assert str(window_probe.window()) == "can be shown (Qt 6.99, xcb)"


def test_a_system_that_is_too_old_is_not_tried(
    monkeypatch: pytest.MonkeyPatch, on_system: Callable[[str], None]
) -> None:
    on_system("darwin")
    macos = SimpleNamespace(mac_ver=lambda: ("11.2", ("", "", ""), "arm64"))
    monkeypatch.setattr(startup_check, "platform", macos, raising=False)  # which it has on macOS alone
    monkeypatch.setattr(child_process, "run", None)
    assert "macOS 14" in str(failure())
