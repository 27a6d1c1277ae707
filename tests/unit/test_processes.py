"""A process believes nothing of the folder it stands in: Fanion's own, and each that it starts."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bait import Bait, installed_command
from tests.unit.rounds import lists

ROOT = Path(__file__).resolve().parents[2]

#: A program that takes a log for a long one from the first entry on; otherwise it is the command `fanion`.
LONG_LOG = """
import sys
from core.ledger.verify import ledger_check
ledger_check._FEW = 1
from gui.__main__ import main
if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def bait(tmp_path: Path) -> Bait:
    return Bait(tmp_path)


@pytest.fixture
def variables(bait: Bait, tmp_path: Path) -> dict[str, str]:
    """What names code in the bait, for processes that begin there."""
    here = str(bait.folder)
    libraries = {"QT_PLUGIN_PATH": here, "QT_QPA_PLATFORM_PLUGIN_PATH": f"{here}/platforms", "QML2_IMPORT_PATH": here}
    return bait.environment(FANION_DATA=str(tmp_path / "data"), PYTHONPATH=str(ROOT), **libraries)


#: How Fanion is started out of a clone: by its package, and by the command that an installation has.
PACKAGE = [sys.executable, "-m", "gui"]
INSTALLED = installed_command()


def start(program: list[str], *words: str, bait: Bait, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run it where the bait lies."""
    return subprocess.run(
        [*program, *words],
        cwd=bait.folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_the_bait_is_taken_where_nothing_keeps_a_program_from_it(bait: Bait) -> None:
    done = subprocess.run([sys.executable, "-c", "import json"], cwd=bait.folder, capture_output=True, check=False)
    assert (done.returncode, bait.taken) == (1, ["json"])


@pytest.mark.slow
def test_no_command_takes_anything_from_where_it_stands(bait: Bait, variables: dict[str, str], tmp_path: Path) -> None:
    roster = tmp_path / "list.xlsx"
    roster.write_bytes(lists.xlsx({"Phones": [lists.HEADING, ("R5CT1", lists.IMEI, "A1", "Zoé", "IT")]}))
    commands = [
        (PACKAGE, ["check", "--practice", "walk-up"], 1),  # it reads a phone over ADB, and asks for the server of ADB
        (PACKAGE, ["phones"], 0),
        (PACKAGE, ["log", "receipt", "8", "--practice", "--out", str(tmp_path / "receipt.pdf")], 0),
        (PACKAGE, ["round", "new", "North", "--last", "9999-12-31", "--practice"], 0),
        (PACKAGE, ["round", "roster", str(roster), "--replace", "--practice"], 0),  # by a process that reads workbooks
        (PACKAGE, ["self-test"], 0),  # the window is tried in a process of its own
    ]
    if INSTALLED:  # the folder that it stands in is no place of its modules: what it starts is tried again
        commands += [([str(INSTALLED)], words, code) for _, words, code in commands[-2:]]
    for program, words, code in commands:
        done = start(program, *words, bait=bait, variables=variables)
        assert (done.returncode, bait.taken) == (code, []), (words, done.stdout, done.stderr)


@pytest.mark.slow
def test_the_processes_that_verify_a_log_take_nothing_from_there(
    bait: Bait, variables: dict[str, str], tmp_path: Path
) -> None:
    """However Python was started."""
    program = tmp_path / "program" / "verify.py"
    program.parent.mkdir()
    program.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{LONG_LOG}", encoding="utf-8")
    done = start([sys.executable, str(program)], "check", "--practice", "clean", bait=bait, variables=variables)
    assert done.returncode == 0, done.stderr
    for safe in ([], ["-P"], ["-I"]):
        command = [sys.executable, *safe, str(program)]
        done = start(command, "log", "verify", "--practice", bait=bait, variables=variables)
        assert (done.returncode, bait.taken) == (0, []), (safe, done.stderr)


# --- everything is started in one place

#: Where programs and processes are started, found, or handed to the system to be opened.
PLACES = {
    "core/system/processes/child_process.py",
    "core/system/processes/worker_processes.py",
    "gui/toolkit/file_dialogs.py",  # the system opens a file: in what core.system.processes.surroundings gives
    "gui/__main__.py",  # the packaged program's own workers begin there
}
MODULES = {"subprocess", "multiprocessing", "pty", "webbrowser", "popen2"}
NAMES = {
    *("ProcessPoolExecutor", "QProcess", "QDesktopServices", "find_library", "create_subprocess_exec"),
    *("create_subprocess_shell", "startDetached", "openUrl", "ShellExecuteW", "CreateProcessW"),
}
OF_OS = ("exec", "spawn", "posix_spawn", "popen", "system", "startfile", "fork")


def starts_something(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(name.name.partition(".")[0] in MODULES for name in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            if module == "os":
                return any(name.name.startswith(OF_OS) for name in names)
            return module.partition(".")[0] in MODULES or any(name.name in NAMES for name in names)
        case ast.Attribute(value=ast.Name(id="os"), attr=attribute):
            return attribute.startswith(OF_OS)
        case ast.Attribute(value=ast.Name(id="shutil"), attr="which"):
            return True
        case ast.Attribute(attr=attribute):
            return attribute in NAMES
    return False


#: shutil.which in a list of folders of our own, to say whether something is installed; nothing is started.
LOOKS = {"core/phones/iphone/mux.py"}


@pytest.mark.slow
def test_everything_is_started_in_one_place() -> None:
    found = {}
    for path in (path for package in ("core", "gui") for path in sorted((ROOT / package).rglob("*.py"))):
        name = path.relative_to(ROOT).as_posix()
        lines = [n.lineno for n in _outside_of_type_checks(ast.parse(path.read_text("utf-8"))) if starts_something(n)]
        if lines and name not in PLACES | LOOKS:
            found[name] = lines
    assert not found, "start it by core.system.processes.child_process or core.system.processes.worker_processes"


def _outside_of_type_checks(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that are there for the type checker alone."""
    left = [node]
    while left:
        yield (node := left.pop())
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
                left.append(child)


def test_the_rule_about_starting_finds_what_it_is_for() -> None:
    for made in (
        "import subprocess",
        "import multiprocessing.pool",
        "from multiprocessing import Process",
        "from concurrent.futures import ProcessPoolExecutor",
        "concurrent.futures.ProcessPoolExecutor(2)",
        "os.execve(a, b, c)",
        "os.startfile(a)",
        "from os import system",
        "shutil.which('adb')",
        "QProcess.startDetached('a')",
        "QDesktopServices.openUrl(url)",
        "ctypes.util.find_library('usb')",
    ):
        assert any(map(starts_something, ast.walk(ast.parse(made)))), made
    for other in ("from concurrent.futures.process import BrokenProcessPool", "os.environ", "os.path.join(a)", "run()"):
        assert not any(map(starts_something, ast.walk(ast.parse(other)))), other
