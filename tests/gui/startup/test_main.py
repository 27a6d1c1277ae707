"""The entry point: what opens the window, what does not, and what is said where there can be none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.text import Language, T
from gui.__main__ import window_options
from gui.startup.open_window import open_window
from gui.startup.qt_application import loader_error, plugin_file
from gui.startup.startup_check import PACKAGES

ROOT = Path(__file__).resolve().parents[3]

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
        (["--portable"], {"--portable": ""}),
        (["--language", "fr", "--portable"], {"--language": "fr", "--portable": ""}),
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
        ["--portable", "check"],
        ["--portable=yes"],
        ["--portable", "--data", "X"],
        ["--data=X", "--portable"],
        ["--portable", "X"],
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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(
    ("settings", "asked", "language"),
    [
        ("language = 'fr'", None, "fr"),
        ("language = 'fr'", "en", "en"),
        ("language = 'de'", None, "en"),
        ("not TOML", None, "en"),
        (None, None, "en"),
    ],
)
def test_without_a_screen_that_is_said_in_the_language_of_the_settings(
    settings: str | None,
    asked: str | None,
    language: Language,
    tmp_path: Path,
    department: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if settings is None:
        (tmp_path / "settings.toml").mkdir()  # cannot be read
    else:
        (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    for name in WITHOUT_A_SCREEN:
        monkeypatch.delenv(name, raising=False)
    assert open_window(str(tmp_path), asked) == 2
    said = T("There is no screen here for a window. Use a command instead: fanion --help.")
    assert capsys.readouterr().err == f"{said.in_language(language)}\n"


WITHOUT_A_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(
    ("language", "screen"), [("en", WITHOUT_A_SCREEN), ("fr", {**WITHOUT_A_SCREEN, "DISPLAY": ":0.never"})]
)
def test_out_of_a_clone_a_practice_phone_is_shown_instead(
    language: Language, screen: dict[str, str], tmp_path: Path
) -> None:
    """The first that a newcomer sees is no failure: also where the session's screen is not to be reached."""
    if screen["DISPLAY"] and (error := loader_error(plugin_file("platforms/libqxcb.so"))) is not None:
        library, _, _ = str(error).partition(":")
        pytest.skip(f"needs {PACKAGES.get(library, library)}")
    done = run("--first-look", "--data", str(tmp_path), "--language", language, **screen)
    assert done.returncode == 0, done.stderr
    said = T("There is no screen here for a window, so a practice phone is checked in this terminal.")
    assert done.stderr.split("\n")[0] == said.in_language(language)
    red, reason, after = (
        {"en": "✖ Red", "fr": "✖ Rouge"},
        {"en": "WeChat has been banned on", "fr": "est interdite sur les appareils mobiles"},
        T("Red is right: this practice phone has banned apps on purpose. What to try next:").in_language(language),
    )
    assert red[language] in done.stdout
    assert reason[language] in done.stdout
    assert done.stdout.index(red[language]) < done.stdout.index(reason[language]) < done.stdout.index(after)
    assert "python3 installer/bootstrap.py run remove --practice walk-up" in done.stdout


def test_what_it_names_to_try_next_can_be_tried() -> None:
    from core.cli import parser
    from gui.startup.first_look import _next

    for command, _ in _next():
        if command != "--help":
            assert parser().parse_args(command.split()).command == command.split()[0]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_practice_phone_that_is_not_red_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "practice-ledger.db").write_bytes(b"no log")
    done = run("--first-look", "--data", str(tmp_path), **WITHOUT_A_SCREEN)
    assert done.returncode == 5
    assert "try next" not in done.stdout


def test_a_command_behind_it_is_that_command() -> None:
    done = run("--first-look", "--version", **WITHOUT_A_SCREEN)
    assert (done.returncode, done.stdout.split()[0]) == (0, "fanion")


#: Runs the entry point once for each list of arguments, and says the exit codes and what of Qt was loaded in a file;
#: `{before}` is done before each.
COMMANDS = """if True:
    import json, os, sys
    from gui.__main__ import main
    codes = []
    for arguments in json.loads(os.environ["COMMANDS"]):
        {before}
        sys.argv = ["fanion", *arguments]
        try:
            codes.append(main())
        except SystemExit as end:
            codes.append(end.code)
    loaded = sorted(name for name in sys.modules if name.startswith(("PySide6", "shiboken6")))
    with open(os.environ["TOLD"], "w", encoding="utf-8") as file:
        json.dump([codes, loaded], file)
"""


def run_each(commands: dict[str, int], folder: Path, before: str = "pass") -> tuple[str, list[str]]:
    """Run commands, whose exit codes are given, one after the other in one process.

    Gives all that was printed, and what of Qt was loaded.
    """
    told = folder / "told"
    typed = json.dumps([words.split() for words in commands])
    variables = {"FANION_DATA": str(folder / "data"), "LC_ALL": "C.UTF-8", "COMMANDS": typed, "TOLD": str(told)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COMMANDS.format(before=before)],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    codes, loaded = json.loads(told.read_text(encoding="utf-8"))
    assert dict(zip(commands, codes, strict=True)) == commands
    return done.stdout + done.stderr, loaded


@pytest.mark.slow
def test_a_command_loads_no_qt(tmp_path: Path) -> None:
    commands = {
        "--help": 0,
        "--version": 0,
        "policy show": 0,
        "practice": 0,
        "log list": 5,
        "no-such-command": 2,
        "--language de": 2,
        "check --practice clean": 0,
    }
    assert run_each(commands, tmp_path)[1] == []


def begin(before: str, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run the entry point after `before` was done in its process."""
    return subprocess.run(
        [sys.executable, "-c", f"{before}\n{COMMAND}", *arguments],
        cwd=ROOT,
        **{
            "env": os.environ | {"LC_ALL": "en_CA.UTF-8"},
            "capture_output": True,
            "stdin": subprocess.DEVNULL,
            "encoding": "utf-8",
            "check": False,
            "timeout": 60,
        }
        | how,
    )


def test_where_qt_is_missing_that_is_said(tmp_path: Path) -> None:
    done = begin("import sys; sys.modules['PySide6'] = None", "--data", str(tmp_path))
    assert done.returncode == 69
    said = done.stderr.split("\n")
    assert said[0].startswith("The window cannot be opened: a library is missing")
    assert said[1] == str(T("See what this computer lacks: fanion self-test."))
    assert "Traceback" not in done.stderr


BROKEN_QT = """
import sys
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "PySide6.QtWidgets":
            raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
sys.meta_path.insert(0, Broken())
"""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_where_a_library_of_the_system_is_missing_its_package_is_named(tmp_path: Path, language: Language) -> None:
    done = begin(BROKEN_QT, "--data", str(tmp_path), "--language", language)
    sentence = T("The window cannot be opened: {library} is missing.", library="libEGL.so.1")
    step = T(
        "Install the package {package} (as Debian and Ubuntu call it), then start Fanion again.", package="libegl1"
    )
    assert done.returncode == 69
    assert done.stderr.split("\n")[:2] == [sentence.in_language(language), step.in_language(language)]


@pytest.mark.parametrize("arguments", [["check", "--practice", "clean"], ["--help"], []])
def test_a_package_with_a_part_missing_says_so(tmp_path: Path, arguments: list[str]) -> None:
    before = "import sys; sys.frozen = True; sys.modules['core.desk.desk'] = None"
    done = begin(before, *arguments, env=os.environ | {"LC_ALL": "en_CA.UTF-8", "FANION_DATA": str(tmp_path)})
    assert done.returncode == 69
    said = done.stderr.split("\n")
    assert said[1] == "Install Fanion again."
    assert "Traceback" not in done.stderr


def test_a_package_without_its_french_says_so_in_english(tmp_path: Path) -> None:
    resources = tmp_path / "lib" / "resources"
    before = f"""
import pathlib, sys
from core import text
sys.frozen, sys._MEIPASS = True, {str(tmp_path / "lib")!r}
text.LOCALE = pathlib.Path({str(resources)!r}, "locale")
"""
    done = begin(before, "check", "--language", "fr", env=os.environ | {"FANION_DATA": str(tmp_path / "data")})
    assert done.returncode == 69
    assert done.stderr.split("\n")[0].startswith("Fanion’s folder is not whole: ")
    assert done.stderr.split("\n")[1] == "Install Fanion again."


def test_a_system_that_is_too_old_is_told_before_qt_is_loaded(tmp_path: Path) -> None:
    before = """
import platform, sys
sys.platform = "darwin"
platform.mac_ver = lambda: ("12.7", ("", "", ""), "arm64")
import subprocess
subprocess.run = lambda *words, **how: None
"""
    done = begin(before, "--data", str(tmp_path))
    assert done.returncode == 69
    assert done.stderr.split("\n")[:3] == [
        "Fanion needs macOS 14 or newer.",
        "Update macOS, or use Fanion on a newer computer.",
        "",  # and nothing of Qt
    ]


@pytest.mark.slow
def test_a_program_without_streams_works_all_the_same(tmp_path: Path) -> None:
    """As Windows starts one that has no console."""
    commands = {
        "log list": 5,
        "check --practice walk-up": 1,
        "remove --practice walk-up": 2,
        "policy show": 0,
        "phones --nonsense": 2,
        "--help": 0,
    }
    without = "import warnings; sys.stdin = sys.stdout = sys.stderr = None; "
    ignoring = "warnings.simplefilter('ignore', ResourceWarning)"  # of what each puts in their place, and leaves there
    printed, _ = run_each(commands, tmp_path, without + ignoring)
    assert printed == ""
    assert not (tmp_path / "data" / "crashes").exists()


@pytest.mark.slow
def test_the_self_test_tries_the_window_too(tmp_path: Path) -> None:
    done = run("self-test", "--json", FANION_DATA=str(tmp_path / "data"))
    parts = {part["part"]: part for part in json.loads(done.stdout)["parts"]}
    assert parts["window"]["ok"], parts["window"]
    assert done.stderr.split("\n")[-2] == "", "the self-test itself loads Qt"
