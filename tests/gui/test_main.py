"""The entry point: what opens the window, what does not, and what is said where there can be none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.text import Language, T
from gui.__main__ import window_options

ROOT = Path(__file__).resolve().parents[2]

#: Runs the entry point as the installed command does, and then says what of Qt was loaded.
COMMAND = """if True:
    import sys
    from gui.__main__ import main
    sys.argv[0] = "fanion"
    try:
        code = main()
    except SystemExit as end:
        code = end.code
    print(*sorted(name for name in sys.modules if name.startswith(("PySide6", "shiboken6"))), file=sys.stderr)
    sys.exit(code)
"""


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"LANG": "C.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""} | variables
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", COMMAND, *arguments],
        cwd=ROOT,
        env={name: value for name, value in env.items() if value},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ([], {}),
        (["--data", "X"], {"--data": "X"}),
        (["--data=X"], {"--data": "X"}),
        (["--data=a=b"], {"--data": "a=b"}),
        (["--data", "a=b"], {"--data": "a=b"}),
        (["--language", "fr", "--data", "X"], {"--language": "fr", "--data": "X"}),
        (["--language=en"], {"--language": "en"}),
        (["--data", "--language"], {"--data": "--language"}),
    ],
)
def test_these_open_the_window(typed: list[str], options: dict[str, str]) -> None:
    assert window_options(typed) == options


@pytest.mark.parametrize(
    "typed",
    [
        ["check"],
        ["--help"],
        ["--version"],
        ["--data"],
        ["--data", "X", "check"],
        ["check", "--data", "X"],
        ["--language", "de"],
        ["--lang", "fr"],
        ["--data", "X", "--language"],
        [""],
        ["-h"],
    ],
)
def test_these_are_for_the_command_line(typed: list[str]) -> None:
    assert window_options(typed) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(
    ("language", "arguments", "lang"),
    [("en", [], "en_CA.UTF-8"), ("fr", [], "fr_CA.UTF-8"), ("fr", ["--language", "fr"], "en_CA.UTF-8")],
)
def test_without_a_screen_that_is_said(language: Language, arguments: list[str], lang: str) -> None:
    done = run(*arguments, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="", LANG=lang)
    said = T("There is no screen here for a window. Use a command instead: fanion --help.")
    first, loaded = done.stderr.split("\n")[:2]
    assert (done.returncode, done.stdout, first, loaded) == (2, "", said.in_language(language), "")


@pytest.mark.parametrize(
    ("settings", "arguments", "language"),
    [
        ("language = 'fr'", [], "fr"),
        ("language = 'fr'", ["--language", "en"], "en"),
        ("language = 'de'", [], "en"),
        ("not TOML", [], "en"),
        (None, [], "en"),
    ],
)
def test_without_a_screen_that_is_said_in_the_language_of_the_settings(
    settings: str | None, arguments: list[str], language: Language, tmp_path: Path
) -> None:
    if settings is None:
        (tmp_path / "settings.toml").mkdir()  # cannot be read
    else:
        (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    done = run("--data", str(tmp_path), *arguments, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    said = T("There is no screen here for a window. Use a command instead: fanion --help.")
    assert (done.returncode, done.stderr.split("\n")[0]) == (2, said.in_language(language))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["policy", "show"], 0),
        (["practice"], 0),
        (["log", "list"], 5),
        (["no-such-command"], 2),
        (["--language", "de"], 2),
    ],
)
def test_a_command_loads_no_qt(arguments: list[str], code: int, tmp_path: Path) -> None:
    done = run(*arguments, FANION_DATA=str(tmp_path / "data"))
    assert done.returncode == code, done.stderr
    assert done.stderr.split("\n")[-2] == "", f"{arguments} loads Qt"


def test_a_check_loads_no_qt(tmp_path: Path) -> None:
    done = run("check", "--practice", "clean", FANION_DATA=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.split("\n")[-2] == ""


def test_where_qt_is_missing_that_is_said(tmp_path: Path) -> None:
    program = "import sys; sys.modules['PySide6'] = None\n" + COMMAND
    done = subprocess.run(
        [sys.executable, "-c", program, "--data", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "en_CA.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    said = done.stderr.split("\n")
    assert said[0].startswith("The window cannot be opened: a library is missing")
    assert said[1] == str(T("See what this computer lacks: fanion self-test."))
    assert "Traceback" not in done.stderr
