"""What is said where there can be no window: which sentence, and where it is seen."""

from __future__ import annotations

import ctypes
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QDesktopServices

from core import text
from core.problem import Problem
from core.text import T
from gui.startup import startup_check
from gui.toolkit.file_dialogs import open_outside

ROOT = Path(__file__).resolve().parents[3]
PROBLEM = Problem(T("There is no log file {file}.", file="a'b"), T("Check the name of the file and of its folder."))
SENTENCE = "There is no log file a'b.\nCheck the name of the file and of its folder.\n"

#: What Qt says, line by line, where it has a part for X11 and no X11.
NO_DISPLAY = """qt.qpa.xcb: could not connect to display :88
qt.qpa.plugin: From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb platform plugin.
qt.qpa.plugin: Could not load the Qt platform plugin "xcb" in "" even though it was found.
This application failed to start because no Qt platform plugin could be initialized."""
NO_PLUGIN = 'qt.qpa.plugin: Could not find the Qt platform plugin "nonsense" in ""'
MISSING = "{}: cannot open shared object file: No such file or directory"


@pytest.fixture
def packaged(packaged_program_is: Callable[..., None]) -> None:
    packaged_program_is()


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The libraries that the system's loader does not find; it finds all others."""
    gone: set[str] = set()

    def cdll(library: str) -> None:
        if library in gone:
            raise OSError(MISSING.format(library))

    monkeypatch.setattr(ctypes, "CDLL", cdll)
    return gone


@pytest.mark.parametrize(
    ("library", "package"),
    [("libGL.so.1", "libgl1"), ("libEGL.so.1", "libegl1"), ("libxcb-cursor.so.0", "libxcb-cursor0")],
)
def test_a_library_that_is_missing_is_named_with_its_package(library: str, package: str) -> None:
    problem = startup_check.because(MISSING.format(library))
    assert str(problem.sentence) == f"The window cannot be opened: {library} is missing."
    assert f"Install the package {package} " in str(problem.next_step)
    assert problem.exit_code == 69


@pytest.mark.skipif(sys.platform != "linux", reason="the loader of Linux")
@pytest.mark.parametrize("wayland", [False, True])
def test_all_that_are_missing_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, missing: set[str], wayland: bool
) -> None:
    missing.update(startup_check.PACKAGES)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0" if wayland else "")
    problem = startup_check.because(MISSING.format("libGL.so.1"))
    packages = {
        package for package in startup_check.PACKAGES.values() if wayland or not package.startswith("libwayland")
    }
    assert f"Install the packages {' '.join(sorted(packages))} (" in str(problem.next_step)
    assert "libGL.so.1, libEGL.so.1, " in str(problem.sentence)


def test_the_missing_library_counts_and_not_what_qt_guesses(missing: set[str]) -> None:
    missing.add("libxcb-icccm.so.4")
    problem = startup_check.because(f"{NO_PLUGIN}\n{NO_DISPLAY}\n{MISSING.format('libxcb-icccm.so.4')}")
    assert "libxcb-icccm.so.4 is missing" in str(problem)
    assert "libxcb-icccm4" in str(problem.next_step)


def test_a_library_that_nobody_knows_is_for_the_package_manager() -> None:
    problem = startup_check.because(MISSING.format("libnever-heard+of.so.7.1"))
    assert "libnever-heard+of.so.7.1 is missing" in str(problem)
    assert "package manager" in str(problem.next_step)


@pytest.mark.usefixtures("packaged")
@pytest.mark.parametrize(
    ("said", "named"),
    [
        (MISSING.format("libQt6Core.so.6"), "libQt6Core.so.6"),
        ("No module named 'PySide6.QtWidgets'", "PySide6.QtWidgets"),
        ("DLL load failed while importing QtCore: The specified module could not be found.", "part of Fanion"),
    ],
)
def test_a_package_that_is_not_whole_is_to_be_installed_again(said: str, named: str) -> None:
    problem = startup_check.because(said)
    assert named in str(problem.sentence)
    assert str(problem.next_step) == "Install Fanion again."


def test_too_old_a_glibc_is_named() -> None:
    said = "/lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.38' not found (required by /usr/lib/fanion/lib/libQt.so)"
    assert str(startup_check.because(said).sentence) == "This system is too old for Fanion: it has no glibc 2.38."


@pytest.mark.parametrize("said", [NO_DISPLAY, "Failed to create wl_display (No such file or directory)"])
def test_a_session_without_a_screen(said: str) -> None:
    problem = startup_check.because(said)
    assert "no access to a screen" in str(problem.sentence)
    assert "fanion --help" in str(problem.next_step)


def test_a_platform_that_qt_does_not_have() -> None:
    problem = startup_check.because(NO_PLUGIN)
    assert "Qt’s part for “nonsense” does not load" in str(problem.sentence)
    assert "fanion self-test" in str(problem.next_step)


@pytest.mark.usefixtures("packaged")
def test_a_platform_that_the_package_should_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert str(startup_check.because(NO_PLUGIN).next_step) == "Install Fanion again."
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    assert "fanion self-test" in str(startup_check.because(NO_PLUGIN).next_step)


@given(st.text(max_size=400) | st.sampled_from([NO_DISPLAY, NO_PLUGIN, MISSING]).flatmap(lambda s: st.just(s * 60)))
def test_whatever_is_said_there_is_one_sentence_and_one_step(said: str) -> None:
    problem = startup_check.because(said)
    for language in ("en", "fr"):
        sentence, step = problem.sentence.in_language(language), problem.next_step.in_language(language)
        assert 10 < len(sentence) < 900
        assert step.endswith(".")
        assert "\n" not in sentence + step


# --- old systems


class Windows:
    major, minor = 10, 0

    def __init__(self, build: int) -> None:
        self.build = build


@pytest.mark.parametrize(("build", "old"), [(9_600, True), (17_134, True), (17_763, False), (26_100, False)])
def test_windows_before_10_1809_is_too_old(
    monkeypatch: pytest.MonkeyPatch, build: int, old: bool, on_system: Callable[[str], None]
) -> None:
    on_system("win32")
    monkeypatch.setattr(sys, "getwindowsversion", lambda: Windows(build), raising=False)
    problem = startup_check.old_system()
    assert (problem is not None) is old
    assert problem is None or "Windows 10, version 1809" in str(problem.sentence)


@pytest.mark.parametrize(("version", "old"), [("10.15.7", True), ("13.7", True), ("14.0", False), ("26", False)])
def test_macos_before_14_is_too_old(
    monkeypatch: pytest.MonkeyPatch, version: str, old: bool, on_system: Callable[[str], None]
) -> None:
    on_system("darwin")
    macos = SimpleNamespace(mac_ver=lambda: (version, ("", "", ""), "arm64"))
    monkeypatch.setattr(startup_check, "platform", macos, raising=False)  # which it has on macOS alone
    assert (startup_check.old_system() is not None) is old


def test_linux_is_told_by_its_libraries(on_system: Callable[[str], None]) -> None:
    on_system("linux")
    assert startup_check.old_system() is None


# --- where it is seen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux desktop, whose dialog programs write down what they are to show; nobody sits at a terminal."""
    if sys.platform != "linux":
        pytest.skip("Linux")
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path


def dialog(desktop: Path, name: str, code: int = 0) -> None:
    program = desktop / name
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' {name} \"$@\" >> '{desktop}/shown'\nexit {code}\n")
    program.chmod(0o755)


def shown(desktop: Path) -> str:
    file = desktop / "shown"
    return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.mark.parametrize("name", ["zenity", "kdialog", "gxmessage", "xmessage", "notify-send"])
def test_whoever_sees_no_terminal_gets_a_dialog(desktop: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    dialog(desktop, name)
    startup_check.tell(PROBLEM)
    assert shown(desktop).startswith(f"{name}\n")
    assert shown(desktop).endswith(SENTENCE.replace("\n", "\n\n", 1))
    assert capsys.readouterr().err == SENTENCE


def test_one_dialog_is_enough_also_if_it_was_closed_otherwise(desktop: Path) -> None:
    dialog(desktop, "zenity", code=1)
    dialog(desktop, "xmessage")
    startup_check.tell(PROBLEM)
    assert shown(desktop).count("Fanion") == 1
    assert "xmessage" not in shown(desktop)


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_whoever_sits_at_a_terminal_gets_none(desktop: Path, monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    dialog(desktop, "zenity")
    monkeypatch.setattr(sys, stream, Terminal())
    startup_check.tell(PROBLEM)
    assert shown(desktop) == ""


def test_without_a_screen_or_a_program_for_it_the_sentence_is_written_all_the_same(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    startup_check.tell(PROBLEM)
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    dialog(desktop, "zenity")
    startup_check.tell(PROBLEM)
    assert shown(desktop) == ""
    assert capsys.readouterr().err == SENTENCE * 2


def test_a_dialog_that_cannot_be_started_is_no_further_problem(desktop: Path) -> None:
    (desktop / "zenity").write_text("no program at all")
    (desktop / "zenity").chmod(0o755)
    startup_check.tell(PROBLEM)


def test_without_the_french_texts_it_is_said_in_english(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text.use("fr")

    def gone(language: text.Language) -> None:
        raise FileNotFoundError(2, "No such file or directory", "fanion.mo")

    monkeypatch.setattr(text, "_catalogue", gone)
    startup_check.tell(PROBLEM)
    assert capsys.readouterr().err == SENTENCE


@pytest.mark.parametrize("stream", [None, "closed"])
def test_a_program_without_streams_shows_its_dialog(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, stream: str | None
) -> None:
    dialog(desktop, "zenity")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", None if stream is None else closed)
    startup_check.tell(PROBLEM)
    assert "zenity" in shown(desktop)


@pytest.mark.parametrize(
    ("before", "after"), [(None, ""), ("", ""), ("/usr/lib", "/usr/lib"), (":lib:/usr/lib", "/usr/lib")]
)
def test_what_is_opened_outside_gets_the_systems_libraries_and_our_own_processes_ours(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, packaged: None, before: str | None, after: str
) -> None:
    """PyInstaller's loader keeps what there was under another name."""
    if sys.platform != "linux":
        pytest.skip("Linux")
    told: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: told.append(os.environ.get("LD_LIBRARY_PATH", "")) or True
    )
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/fanion/lib")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    if before is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    assert open_outside(desktop)
    assert told == [after]
    assert os.environ["LD_LIBRARY_PATH"] == "/usr/lib/fanion/lib"
    assert os.environ.get("LD_LIBRARY_PATH_ORIG") == before


# --- Qt itself, which ends the process


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"LC_ALL": "C.UTF-8", "PATH": str(tmp_path)} | variables
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "gui", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        env={name: value for name, value in env.items() if value},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DISPLAY": ":9999", "QT_QPA_PLATFORM": "xcb"}, ""),
        ({"QT_QPA_PLATFORM": "nonsense"}, "Qt’s part for “nonsense” does not load"),
    ],
)
def test_where_qt_gives_up_one_sentence_is_said(tmp_path: Path, variables: dict[str, str], words: str) -> None:
    done = start(tmp_path, **variables)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (69, "", 2), done.stderr
    assert lines[0].startswith("The window cannot be opened: ")
    assert words in lines[0]
    assert not (tmp_path / "data").exists()
