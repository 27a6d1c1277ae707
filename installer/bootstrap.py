#!/usr/bin/env python3
"""Set Fanion up in this clone, and start it or check it. Python 3.11 or newer is all that has to be there.

    python3 installer/bootstrap.py run [ARGUMENTS]    set up, then `fanion ARGUMENTS`; without
                                                      arguments, its window, or where there is no
                                                      screen a practice phone in the terminal
    python3 installer/bootstrap.py test [ARGUMENTS]   set up, then every check of the project;
                                                      with --quick, without the slow tests;
                                                      other ARGUMENTS go to pytest
    python3 installer/bootstrap.py package            set up, then build what is installed, into dist

The packages go into .venv in this clone, each compared with its hash in installer/requirements*.txt. What the system
lacks is installed through apt if root asks for it, and named otherwise. A complete set-up is left alone, one that was
interrupted is made anew. The full story of the last one is in build/bootstrap.log.

Only the standard library is used, and old Pythons (3.6 and later) can read this file far enough to say that they are
too old.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - people do start it with an older one
    sys.exit(
        f"Fanion needs Python 3.11 or newer, and this is Python {sys.version_info[0]}.{sys.version_info[1]}: "
        "start the same command with a newer one."
    )

import os

if os.environ.get("PYTHONPATH"):  # an empty or relative name in it depends on where this is started, and comes first
    strays = [os.path.abspath(n) for n in os.environ["PYTHONPATH"].split(os.pathsep) if not os.path.isabs(n)]
    sys.path[:] = [path for path in sys.path if path not in strays]

import contextlib
import hashlib
import json
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installer import spark
from installer.system_packages import PYTHON, Level, missing_for_package, missing_for_set_up, missing_for_tests

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

Command = Sequence[str | Path]

#: Raised when a change to this file means that every set-up has to be made anew.
RECIPE: Final = 1
BUILD_TOOLS: Final = "installer/requirements-build.txt"
RUNTIME: Final = "installer/requirements.txt"
DEVELOPMENT: Final = "installer/requirements-dev.txt"
#: What each level of the set-up is made of; `test` comes on top of `run`.
REQUIREMENTS: Final[Mapping[Level, Sequence[str]]] = {"run": (BUILD_TOOLS, RUNTIME), "test": (DEVELOPMENT,)}
#: How pytest shares many tests among processes, one more than there are processors, as some only wait for a phone or
#: another program; one that has none left takes half of another's.
SHARED: Final = ("-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal")
#: As in gui/__main__.py, which needs what is not there yet.
FIRST_LOOK: Final = "--first-look"


class BootstrapProblem(Exception):  # noqa: N818 - what the person at the keyboard reads, after which nothing more happens
    """The set-up cannot go on: why, and what to do."""


def say(sentence: str) -> None:
    """To stderr: stdout belongs to what is started."""
    print(sentence, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Clone:
    """Where everything lies."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def stamp(self) -> Path:
        return self.venv / "fanion-set-up.json"

    @property
    def log(self) -> Path:
        return self.root / "build" / "bootstrap.log"

    @property
    def lock(self) -> Path:
        return self.root / "build" / "bootstrap.lock"

    def program(self, name: str) -> Path:
        """A program of the virtual environment."""
        return self.venv / "Scripts" / f"{name}.exe" if os.name == "nt" else self.venv / "bin" / name


# --- starting programs


def environment() -> dict[str, str]:
    """Ours, less what would make a Python look for its packages elsewhere, or pip put them elsewhere; and programs are
    not looked for in the working directory."""
    strays = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    variables = {name: value for name, value in os.environ.items() if name not in strays}
    folders = filter(os.path.isabs, os.environ.get("PATH", "").split(os.pathsep))
    return variables | {"PATH": os.pathsep.join(folders) or os.defpath}


def start(command: Command) -> int:
    """Run a program with our own screen and keyboard, and give its exit code as a shell would."""
    code = subprocess.run(command, env=environment(), check=False).returncode
    return code if code >= 0 else 128 - code


def logged(clone: Clone, command: Command, **variables: str) -> bool:
    """Run a program into the log. False if it failed."""
    with clone.log.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        process = subprocess.run(
            command,
            cwd=clone.root,
            env=environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            close_fds=False,  # the lock is handed on: see only_one()
            check=False,
        )
    return process.returncode == 0


def last_error(clone: Clone) -> str:
    """The last error that pip (``ERROR: ...``) or apt (``E: ...``) wrote into the log, or the log's last line."""
    lines = [line.strip() for line in clone.log.read_text(encoding="utf-8", errors="replace").splitlines()]
    errors = [line.partition(": ")[2] for line in lines if line.startswith(("ERROR: ", "E: "))]
    return (errors or [line for line in lines if line])[-1].rstrip(".")


# --- is it set up


def digest(clone: Clone, level: Level) -> str:
    """All that the set-up of `level` depends on, as one hash: the requirements, and how the project is installed."""
    parts = [str(RECIPE).encode(), *((clone.root / name).read_bytes() for name in REQUIREMENTS[level])]
    if level == "run":
        project = tomllib.loads((clone.root / "pyproject.toml").read_text(encoding="utf-8"))
        installed_by = (project["build-system"], project["project"], project["tool"]["setuptools"])
        parts.append(json.dumps(installed_by, sort_keys=True).encode())
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def read_stamp(clone: Clone) -> dict[str, str]:
    """What the last completed set-up wrote; empty if there is none."""
    try:
        stamp = json.loads(clone.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(clone: Clone, levels: Sequence[Level]) -> None:
    """Written last and in one piece: where it stands, all before it was done."""
    stamp = {"clone": str(clone.root), "python": PYTHON} | {level: digest(clone, level) for level in levels}
    draft = clone.stamp.with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    draft.replace(clone.stamp)


def starts(clone: Clone) -> bool:
    """The environment's Python starts, and the Fanion that it finds is this clone's."""
    probe: Command = [clone.program("python"), "-I", "-c", "import core; print(core.__file__)"]
    try:
        module = subprocess.run(
            probe, env=environment(), capture_output=True, stdin=subprocess.DEVNULL, check=True, encoding="utf-8"
        ).stdout.strip()
        return Path(module).samefile(clone.root / "core" / "__init__.py") and clone.program("fanion").exists()
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False


def levels_ready(clone: Clone) -> tuple[Level, ...]:
    """The levels that are set up, whole and for this clone and this Python; `test` never without `run`."""
    stamp = read_stamp(clone)
    ours = stamp.get("clone") == str(clone.root) and stamp.get("python") == PYTHON
    if not ours or stamp.get("run") != digest(clone, "run") or not starts(clone):
        return ()
    return ("run", "test") if stamp.get("test") == digest(clone, "test") else ("run",)


# --- what the system lacks


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def provide(clone: Clone, missing: Mapping[str, str], *, needed: bool) -> None:
    """Install what is missing if root asks, else say how to install it. Raises BootstrapProblem if it is `needed`."""
    if not missing:
        return
    names, packages = ", ".join(missing), sorted(set(" ".join(missing.values()).split()))
    apt = shutil.which("apt-get", path=environment()["PATH"])
    if apt and is_root():
        apt_install(clone, packages)
        return
    how = (
        f"To install it:\n    sudo apt-get update && sudo apt-get install {' '.join(packages)}"
        if apt
        else "Install it with this system's package manager."
    )
    if needed:
        raise BootstrapProblem(
            f"Fanion needs what this system does not have: {names}.\n{how}\nThen start the same command again."
        )
    say(f"This system does not have {names}. The tests that need it are skipped.\n{how}")


def apt_install(clone: Clone, packages: Sequence[str]) -> None:
    """Install Debian packages. Raises BootstrapProblem."""
    say(f"Installing {', '.join(packages)} with apt ...")
    apt = ("apt-get", "-o", "DPkg::Lock::Timeout=300")
    # Without a network, the lists that are there may still do: whether it worked is for the second command to say.
    logged(clone, [*apt, "update"])
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if not logged(clone, install, DEBIAN_FRONTEND="noninteractive"):
        raise BootstrapProblem(f"apt could not install them: {last_error(clone)}. The full story is in {clone.log}")


# --- setting up


def try_lock(file: BinaryIO) -> bool:
    """Take the lock that the file stands for; it ends when the last process that has it open ends, however it ends."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def only_one(clone: Clone) -> Iterator[None]:
    """Hold off every other set-up of this clone."""
    clone.lock.parent.mkdir(exist_ok=True)
    with clone.lock.open("ab") as file:
        if not try_lock(file):
            say("Another set-up of this clone is under way; waiting for it ...")
            while not try_lock(file):
                time.sleep(0.2)
        # If this process is killed, the pip that it started may go on; then the lock goes on as well.
        os.set_inheritable(file.fileno(), True)
        yield


def make_venv(clone: Clone) -> None:
    """An empty virtual environment in the place of whatever was there. Raises BootstrapProblem."""
    if clone.venv.is_symlink():
        clone.venv.unlink()
    elif clone.venv.exists():
        shutil.rmtree(clone.venv)
    # Not sys.executable: that may be the environment that was just removed.
    python = getattr(sys, "_base_executable", "") or sys.executable
    if not logged(clone, [python, "-m", "venv", clone.venv]):
        raise BootstrapProblem(
            f"Python could not make {clone.venv}: {last_error(clone)}. The full story is in {clone.log}"
        )


def pip_install(clone: Clone, *arguments: str) -> None:
    """Have pip install packages into the environment. Raises BootstrapProblem where it fails."""
    # No build isolation: pip would fetch the build tools anew, and no hash would guard them.
    pip = ["-m", "pip", "--no-input", "install", "--no-build-isolation", "--use-pep517"]
    if logged(clone, [clone.program("python"), *pip, *arguments], PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUTF8="1"):
        return
    if "DO NOT MATCH THE HASHES" in clone.log.read_text(encoding="utf-8", errors="replace"):
        raise BootstrapProblem(
            "A package that was downloaded is not the one that this project names, and was not installed. "
            f"Report it; the full story is in {clone.log}"
        )
    raise BootstrapProblem(
        f"pip could not install the packages: {last_error(clone)}. Check the network and pip's settings, "
        f"then start the same command again. The full story is in {clone.log}"
    )


def install_requirements(clone: Clone, level: Level) -> None:
    for requirements in REQUIREMENTS[level]:
        pip_install(clone, "--require-hashes", "-r", requirements)


def set_up(clone: Clone, level: Level) -> None:
    """Make the clone ready for `level`; do nothing if it is. Raises BootstrapProblem."""
    if level in levels_ready(clone):
        return
    with only_one(clone):
        ready = levels_ready(clone)
        if level in ready:  # by the one that was waited for
            return
        began = time.monotonic()
        clone.log.write_bytes(b"")
        provide(clone, missing_for_set_up(level), needed=True)
        # pip takes a half-installed package for an installed one: what is interrupted from here on starts over.
        clone.stamp.unlink(missing_ok=True)
        if "run" not in ready:
            say(f"Making {clone.venv} with Python {PYTHON} ...")
            make_venv(clone)
            say("Installing Fanion and the packages that it needs ...")
            install_requirements(clone, "run")
            pip_install(clone, "--no-deps", "-e", ".")
        if level == "test":
            say("Installing the tools that check it ...")
            install_requirements(clone, "test")
        write_stamp(clone, ("run", "test") if level == "test" else ("run",))
        say(f"Set up in {time.monotonic() - began:.0f} s.")


def bring_spark(clone: Clone, *, needed: bool) -> None:
    """Have PySpark there for its test. Raises BootstrapProblem if it is needed and cannot be downloaded."""
    pip: Command = [clone.program("python"), "-m", "pip", "--no-input", "download"]
    if not spark.bring(
        clone.root, lambda requirements: logged(clone, [*pip, *requirements], PIP_DISABLE_PIP_VERSION_CHECK="1")
    ):
        sentence = f"PySpark could not be downloaded: {last_error(clone)}."
        if needed:
            raise BootstrapProblem(f"{sentence} The full story is in {clone.log}")
        say(f"{sentence} Its test is skipped.")


# --- the commands


def run(clone: Clone, arguments: Sequence[str]) -> int:
    """Start fanion and give its exit code. Without a command it opens its window.

    Where there is no screen for one, it is to show a practice phone instead: this may be all that a newcomer sees.
    """
    set_up(clone, "run")
    no_command = not arguments or arguments[0].startswith("--")
    return start([clone.program("fanion"), *([FIRST_LOOK] if no_command else []), *arguments])


def pytest_arguments(arguments: Sequence[str]) -> list[str]:
    """What pytest is started with. Tests that are named are not shared: they are watched as they run."""
    if not arguments:
        return [*SHARED, "--durations=20"]
    return [*arguments, *(SHARED if list(arguments) == ["--quick"] else ())]


def checks(clone: Clone, arguments: Sequence[str]) -> dict[str, Command]:
    """Every check of the project, by the name it goes by."""
    python = clone.program("python")
    return {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy", "--strict", "core", "gui", "installer"],
        "import contracts": [clone.program("lint-imports")],
        "catalogue": [python, "installer/catalogue.py", "check"],
        "pytest": [python, "-m", "pytest", *pytest_arguments(arguments)],
    }


def test(clone: Clone, arguments: Sequence[str]) -> int:
    """Run every check, also after one has failed. 1 if any has."""
    in_ci = os.environ.get("CI") == "true"
    clone.log.parent.mkdir(exist_ok=True)
    provide(clone, missing_for_tests(), needed=in_ci)
    set_up(clone, "test")
    if not arguments:
        bring_spark(clone, needed=in_ci)
    os.chdir(clone.root)
    rows, failed = [], []
    for name, command in checks(clone, arguments).items():
        print(f"\n=== {name}", flush=True)
        began = time.monotonic()
        code = start(command)
        if code:
            failed.append(name)
        rows.append(
            f"{name:20}{f'FAILED (exit code {code})' if code else 'in order':24}{time.monotonic() - began:6.1f} s"
        )
    print("\n=== Summary", *rows, f"FAILED: {', '.join(failed)}" if failed else "All checks are in order.", sep="\n")
    return 1 if failed else 0


def package(clone: Clone, arguments: Sequence[str]) -> int:
    """Build what a department installs, for this system, and give the builder's exit code."""
    clone.log.parent.mkdir(exist_ok=True)
    provide(clone, missing_for_package(), needed=True)
    set_up(clone, "test")
    os.chdir(clone.root)
    return start([clone.program("python"), "-m", "installer.package", *arguments])


def main(arguments: Sequence[str]) -> int:
    clone = Clone(Path(__file__).resolve().parent.parent)
    command = {"run": run, "test": test, "package": package}.get(arguments[0] if arguments else "")
    if command is None:
        say((__doc__ or "").strip())
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        return command(clone, arguments[1:])
    except BootstrapProblem as stop:
        say(str(stop))
    except OSError as error:
        say(f"The set-up cannot go on: {error}")
    except KeyboardInterrupt:
        say("Interrupted. Start the same command again to go on.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
