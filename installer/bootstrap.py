#!/usr/bin/env python3
"""Set Fanion up in this clone, and start it or check it. Python 3.11 or newer is all that has to be there.

    python3 installer/bootstrap.py run [ARGUMENTS]    set up, then `fanion ARGUMENTS`; without
                                                      arguments, its window, or where there is no
                                                      screen a practice phone in the terminal
    python3 installer/bootstrap.py office [ARGUMENTS] set up with what head office merges and asks with, then
                                                      `fanion ARGUMENTS`; without arguments, what comes next
    python3 installer/bootstrap.py test [ARGUMENTS]   set up, then the static checks and the tests that
                                                      need only Python; --all: with the slow ones, and those
                                                      that ask other programs (installed); --help: more
    python3 installer/bootstrap.py package            set up, then build what is installed, into dist
    python3 installer/bootstrap.py rehearse [ARGUMENTS]
                                                      set up, then make a release with a test key, and verify it

The packages go into .venv in this clone, each compared with its hash in installer/requirements*.txt. What the system
lacks is installed through apt if root asks for it, and named otherwise. A complete set-up is left alone; one that
failed goes on where it stopped, and one that was broken off while packages were put in place is made anew. The full
story of the last one is in build/bootstrap.log, and pip's own in build/pip.log.

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
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installer import checks_run, set_up_failures, spark, test_run
from installer.clone import Clone, Command, environment, last_error, logged, say, start
from installer.pip_run import pip_install, read_pip_log
from installer.set_up_failures import BootstrapProblem
from installer.set_up_notes import (
    DEVELOPMENT,
    OFFICE,
    REQUIREMENTS,
    digest,
    is_ours,
    read_note,
    read_stamp,
    write_note,
    write_stamp,
)
from installer.system_packages import (
    PYTHON,
    Level,
    missing_for_package,
    missing_for_set_up,
    missing_for_tests,
    missing_for_window,
)
from installer.test_run import RunOptions

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: How many megabytes each takes of the disk, with what pip needs meanwhile.
ROOM: Final[dict[Level, int]] = {"run": 700, "office": 400, "test": 800}
#: As in gui/__main__.py, which needs what is not there yet.
FIRST_LOOK: Final = "--first-look"


# --- is it set up


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
    """The levels that are set up, whole and for this clone and this Python; none without `run`."""
    stamp = read_stamp(clone)
    if not is_ours(clone, stamp) or stamp.get("run") != digest(clone, "run") or not starts(clone):
        return ()
    if stamp.get("test") == digest(clone, "test"):
        return ("run", "office", "test")
    return ("run", "office") if stamp.get("office") == digest(clone, "office") else ("run",)


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


@dataclass(frozen=True)
class SetUpStep:
    """A part of a set-up. `key` says of what it was made, `headline` what it is part of."""

    key: str
    headline: str
    act: Callable[[], None]


def steps_of(clone: Clone, level: Level) -> Sequence[SetUpStep]:
    """What `level` takes on top of what is below it, in this order."""

    def install(requirements: str, headline: str) -> SetUpStep:
        made_of = hashlib.sha256((clone.root / requirements).read_bytes()).hexdigest()
        act = partial(pip_install, clone, "--require-hashes", "-r", requirements)
        return SetUpStep(f"{requirements} {made_of}", headline, act)

    if level == "office":
        return [install(OFFICE, "Installing what head office merges and asks with ...")]
    if level == "test":
        return [install(DEVELOPMENT, "Installing the tools that check it ...")]
    headline = "Installing Fanion and the packages that it needs ..."
    return [
        SetUpStep("environment", f"Making {clone.venv} with Python {PYTHON} ...", partial(make_venv, clone)),
        *(install(requirements, headline) for requirements in REQUIREMENTS["run"]),
        SetUpStep(f"project {digest(clone, 'run')}", headline, partial(pip_install, clone, "--no-deps", "-e", ".")),
    ]


def levels_wanted(clone: Clone, level: Level) -> Sequence[Level]:
    """`level` with what is below it, and what head office had before its Fanion was renewed."""
    notes = (read_stamp(clone), read_note(clone.part))
    office = level == "office" or (level == "run" and any("office" in note for note in notes))
    return ("run", *(("office",) if office else ()), *(("test",) if level == "test" else ()))


def steps_done(clone: Clone, ready: Sequence[Level]) -> list[str]:
    """The keys of the steps that need not be taken again."""
    if ready:
        return [step.key for level in ready for step in steps_of(clone, level)]
    note = read_note(clone.part)
    if not is_ours(clone, note) or not has_pip(clone):
        return []
    return note.get("done", "").splitlines()


def has_pip(clone: Clone) -> bool:
    """The environment's Python starts, and has its pip."""
    probe: Command = [clone.program("python"), "-I", "-c", "import pip"]
    try:
        return subprocess.run(probe, env=environment(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def take(clone: Clone, steps: Sequence[SetUpStep], ready: Sequence[Level], wanted: Sequence[Level]) -> None:
    """Take the steps that are not done. After one that has changed nothing, the next set-up goes on with it."""
    done = steps_done(clone, ready)
    if done != [step.key for step in steps][: len(done)]:  # made of something else: a package of it may be in the way
        done = done if ready else []
    headline = ""
    for step in steps:
        if step.key in done:
            continue
        if step.headline != headline:
            headline = step.headline
            say(headline)
        # pip takes a half-installed package for an installed one: what is killed from here on starts over.
        clone.stamp.unlink(missing_ok=True)
        clone.part.unlink(missing_ok=True)
        clone.pip_log.unlink(missing_ok=True)
        try:
            step.act()
        except BaseException:
            if done and set_up_failures.INSTALLING not in read_pip_log(clone):
                if ready:
                    write_stamp(clone, ready)
                write_note(clone, clone.part, {"done": "\n".join(done), **dict.fromkeys(wanted, "wanted")})
            raise
        done.append(step.key)


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
        set_up_failures.demand_python(sys.version_info[:2], sys.implementation.name)
        provide(clone, missing_for_set_up(), needed=True)
        wanted = levels_wanted(clone, level)
        room = sum(ROOM[name] for name in wanted if name not in ready)
        if not read_note(clone.part):
            set_up_failures.demand_room(clone.root, room)
        say(f"This takes up to {room} MB in {clone.root}.")
        take(clone, [step for name in wanted for step in steps_of(clone, name)], ready, wanted)
        clone.part.unlink(missing_ok=True)
        write_stamp(clone, wanted)
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

    Where there is no screen for one, it is to show a practice phone instead: this may be all that a newcomer sees. What
    a window lacks is looked for at each start: the first may have been one without a screen.
    """
    no_command = not arguments or arguments[0].startswith("--")
    if no_command:
        clone.log.parent.mkdir(exist_ok=True)
        provide(clone, missing_for_window(), needed=True)
    set_up(clone, "run")
    return start([clone.program("fanion"), *([FIRST_LOOK] if no_command else []), *arguments])


def office(clone: Clone, arguments: Sequence[str]) -> int:
    """Start fanion with what head office needs, and give its exit code. Without a command, say what comes next."""
    set_up(clone, "office")
    if arguments:
        return start([clone.program("fanion"), *arguments])
    say(
        "This clone can merge the bundles of desks, and ask questions of the store that they make. What comes next:\n"
        f"    {clone.program('fanion')} merge FOLDER-OF-BUNDLES --into STORE --enrolled DESKS.txt\n"
        "The guide is resources/guides/head-office.en.md (head-office.fr.md)."
    )
    return 0


def checks(clone: Clone, options: RunOptions) -> dict[str, Command]:
    """The checks that were asked for, by the names they go by; the tests are the last."""
    python = clone.program("python")
    static: dict[str, Command] = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy", "--strict", "core", "gui", "installer"],
        "import contracts": [clone.program("lint-imports")],
        "catalogue": [python, "installer/catalogue.py", "check"],
    }
    return {**(static if options.with_checks else {}), "pytest": [python, "-m", "pytest", *options.pytest_arguments()]}


def test(clone: Clone, arguments: Sequence[str]) -> int:
    """Run the checks that are asked for. 1 if any has failed, 77 if they cannot be run at that time here."""
    options, in_ci = test_run.parse(arguments), os.environ.get("CI") == "true"
    clone.log.parent.mkdir(exist_ok=True)
    variables = options.variables(clone)
    if options.asks_others:
        say("These tests ask other programs: apt installs what this system lacks, and PySpark (318 MB) is downloaded.")
        provide(clone, missing_for_tests(), needed=in_ci)
    set_up(clone, "test")
    if options.asks_others:
        bring_spark(clone, needed=in_ci)
    os.chdir(clone.root)
    ends = checks_run.run(checks(clone, options), variables)
    failed = [name for name, end in ends.items() if end.code]
    rows = [end.row(name) for name, end in ends.items()]
    print("\n=== Summary", *rows, f"FAILED: {', '.join(failed)}" if failed else "All checks are in order.", sep="\n")
    line = test_run.not_run(clone.root) if options.part is not None else ""
    if line:
        print(line)
    return 1 if failed else 0


def package(clone: Clone, arguments: Sequence[str]) -> int:
    """Build what a department installs, for this system, and give the builder's exit code."""
    clone.log.parent.mkdir(exist_ok=True)
    provide(clone, missing_for_package(), needed=True)
    set_up(clone, "test")
    os.chdir(clone.root)
    return start([clone.program("python"), "-m", "installer.package", *arguments])


def rehearse(clone: Clone, arguments: Sequence[str]) -> int:
    """Rehearse a release, and give the exit code. Packages that are named need nothing of what builds them."""
    clone.log.parent.mkdir(exist_ok=True)
    if not arguments:
        provide(clone, missing_for_package(), needed=True)
    set_up(clone, "test")
    os.chdir(clone.root)
    return start([clone.program("python"), "-m", "installer.release.rehearse", *arguments])


def main(arguments: Sequence[str]) -> int:
    clone = Clone(Path(__file__).resolve().parent.parent)
    command = {"run": run, "office": office, "test": test, "package": package, "rehearse": rehearse}.get(
        arguments[0] if arguments else ""
    )
    if command is None:
        say((__doc__ or "").strip())
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    try:
        return command(clone, arguments[1:])
    except BootstrapProblem as stop:
        say(str(stop))
        return stop.code
    except OSError as error:
        say(set_up_failures.why_system_refused(error, clone.root))
    except KeyboardInterrupt:
        say("Interrupted. Start the same command again to go on.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
