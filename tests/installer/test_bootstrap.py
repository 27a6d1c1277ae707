"""Setting up: what an officer and a developer see, on machines that are whole and on machines that are not."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from installer import bootstrap, set_up_notes, system_packages, test_run
from installer.bootstrap import BootstrapProblem, Clone
from installer.test_run import RunOptions
from tests.bait import Bait

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for programs are shell scripts")

SOURCE = Path(bootstrap.__file__)
PROJECT = """
[build-system]
requires = []
[project]
name = "fanion"
[tool.setuptools]
[tool.ruff]
line-length = 120
"""


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{textwrap.dedent(text)}", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone that nothing was set up in."""
    root = tmp_path / "a clone"
    for name in (*chain.from_iterable(bootstrap.REQUIREMENTS.values()), "core/__init__.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n", encoding="utf-8")
    (root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return Clone(root)


@pytest.fixture
def put_in_place(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the set-up do other things than its own: ``put_in_place(pip_install=fails)``."""

    def put(**acts: Callable[..., object]) -> None:
        for name, act in acts.items():
            monkeypatch.setattr(bootstrap, name, act)

    return put


@pytest.fixture
def steps(clone: Clone, put_in_place: Callable[..., None]) -> list[str]:
    """Setting up without a network: an environment of shell scripts. Gives what was done, in order."""
    done: list[str] = []

    def make_venv(_: Clone) -> None:
        done.append("venv")
        script(clone.program("fanion"), "echo fanion $*; exit $FANION_EXIT")
        script(
            clone.program("python"),
            f"""\
            case "$3" in
              *gui.__main__*) shift 3; exec "{clone.program("fanion")}" "$@";;
              *) echo "{clone.root}/core/__init__.py"
            esac
            """,
        )

    def pip_install(_: Clone, *arguments: str) -> None:
        done.append(arguments[-1])

    put_in_place(
        make_venv=make_venv,
        pip_install=pip_install,
        missing_for_set_up=dict,
        missing_for_window=dict,
        missing_for_tests=dict,
        bring_spark=lambda clone, *, needed: None,
    )
    return done


RUN_STEPS = ["venv", "installer/requirements-build.txt", "installer/requirements.txt", "."]
OFFICE_STEPS = ["installer/requirements-office.txt"]
TEST_STEPS = ["installer/requirements-dev.txt"]
STEPS: dict[bootstrap.Level, list[str]] = {
    "run": RUN_STEPS,
    "office": RUN_STEPS + OFFICE_STEPS,
    "test": RUN_STEPS + TEST_STEPS,
}


def test_the_first_start_sets_up_and_the_second_does_nothing(clone: Clone, steps: list[str]) -> None:
    bootstrap.set_up(clone, "run")
    assert steps == RUN_STEPS
    bootstrap.set_up(clone, "run")
    assert steps == RUN_STEPS


def test_the_checks_add_their_tools_to_what_is_there(clone: Clone, steps: list[str]) -> None:
    bootstrap.set_up(clone, "run")
    bootstrap.set_up(clone, "test")
    bootstrap.set_up(clone, "run")
    bootstrap.set_up(clone, "test")
    assert steps == RUN_STEPS + TEST_STEPS


def change_requirements(clone: Clone) -> None:
    (clone.root / set_up_notes.RUNTIME).write_text("# newer\n", encoding="utf-8")


def change_dependencies(clone: Clone) -> None:
    text = PROJECT.replace('name = "fanion"', 'name = "fanion"\ndependencies = ["a"]')
    (clone.root / "pyproject.toml").write_text(text, encoding="utf-8")


def lose_python(clone: Clone) -> None:
    clone.program("python").unlink()


def break_python(clone: Clone) -> None:
    script(clone.program("python"), "exit 127")


def lose_fanion(clone: Clone) -> None:
    clone.program("fanion").unlink()


def find_another_fanion(clone: Clone) -> None:
    script(clone.program("python"), f"echo {__file__}")


def damage_stamp(clone: Clone) -> None:
    clone.stamp.write_bytes(b'["\xff')


def take_another_python(clone: Clone) -> None:
    stamp = json.loads(clone.stamp.read_text(encoding="utf-8"))
    clone.stamp.write_text(json.dumps(stamp | {"python": "3.9"}), encoding="utf-8")


@pytest.mark.parametrize(
    "happens",
    [
        change_requirements,
        change_dependencies,
        lose_python,
        break_python,
        lose_fanion,
        find_another_fanion,
        damage_stamp,
        take_another_python,
    ],
)
def test_what_no_longer_fits_is_made_anew(clone: Clone, steps: list[str], happens: Callable[[Clone], None]) -> None:
    bootstrap.set_up(clone, "run")
    steps.clear()
    happens(clone)
    bootstrap.set_up(clone, "run")
    assert steps == RUN_STEPS


def test_a_moved_clone_is_set_up_anew(clone: Clone, steps: list[str], put_in_place: Callable[..., None]) -> None:
    bootstrap.set_up(clone, "run")
    moved = Clone(clone.root.rename(clone.root.with_name("moved")))
    put_in_place(starts=lambda _: True)
    assert bootstrap.levels_ready(moved) == ()


def test_a_change_to_a_tools_settings_needs_no_set_up(clone: Clone, steps: list[str]) -> None:
    bootstrap.set_up(clone, "run")
    (clone.root / "pyproject.toml").write_text(PROJECT.replace("120", "100"), encoding="utf-8")
    assert bootstrap.levels_ready(clone) == ("run",)


@pytest.mark.parametrize("level", ["run", "office", "test"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_set_up_that_is_killed_while_packages_are_put_in_place_starts_over(
    clone: Clone, steps: list[str], put_in_place: Callable[..., None], level: bootstrap.Level, at: int
) -> None:
    whole = bootstrap.pip_install

    def interrupted(_: Clone, *arguments: str) -> None:
        if len(steps) > at:
            clone.log.write_text("Installing collected packages: half", encoding="utf-8")
            raise KeyboardInterrupt
        whole(_, *arguments)

    put_in_place(pip_install=interrupted)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.set_up(clone, level)
    assert bootstrap.levels_ready(clone) == ()
    put_in_place(pip_install=whole)
    steps.clear()
    bootstrap.set_up(clone, level)
    assert steps == STEPS[level]


@pytest.mark.parametrize("level", ["run", "office", "test"])
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("stops", [KeyboardInterrupt(), BootstrapProblem("no network")])
def test_a_set_up_that_stops_before_that_goes_on_where_it_stopped(
    clone: Clone,
    steps: list[str],
    put_in_place: Callable[..., None],
    level: bootstrap.Level,
    at: int,
    stops: BaseException,
) -> None:
    whole = bootstrap.pip_install

    def stopped(_: Clone, *arguments: str) -> None:
        if len(steps) > at:
            raise stops
        whole(_, *arguments)

    put_in_place(pip_install=stopped)
    with pytest.raises(type(stops)):
        bootstrap.set_up(clone, level)
    assert level not in bootstrap.levels_ready(clone)
    assert steps == STEPS[level][: at + 1]
    put_in_place(pip_install=whole)
    bootstrap.set_up(clone, level)
    assert steps == STEPS[level]
    assert level in bootstrap.levels_ready(clone)
    assert not clone.part.exists()


def test_what_was_set_up_stays_when_its_tools_cannot_be_downloaded(
    clone: Clone, steps: list[str], put_in_place: Callable[..., None]
) -> None:
    bootstrap.set_up(clone, "run")

    def fails(_: Clone, *__: str) -> None:
        raise BootstrapProblem("no network")

    put_in_place(pip_install=fails)
    with pytest.raises(BootstrapProblem):
        bootstrap.set_up(clone, "office")
    assert bootstrap.levels_ready(clone) == ("run",)


def test_steps_of_other_requirements_are_not_gone_on_with(
    clone: Clone, steps: list[str], put_in_place: Callable[..., None]
) -> None:
    whole = bootstrap.pip_install

    def stopped(_: Clone, *arguments: str) -> None:
        if arguments[-1] == ".":
            raise BootstrapProblem("no network")
        whole(_, *arguments)

    put_in_place(pip_install=stopped)
    with pytest.raises(BootstrapProblem):
        bootstrap.set_up(clone, "run")
    change_requirements(clone)
    steps.clear()
    put_in_place(pip_install=whole)
    bootstrap.set_up(clone, "run")
    assert steps == RUN_STEPS


def test_head_office_keeps_what_it_has_when_fanion_is_renewed(clone: Clone, steps: list[str]) -> None:
    bootstrap.set_up(clone, "office")
    change_requirements(clone)
    steps.clear()
    bootstrap.set_up(clone, "run")
    assert steps == RUN_STEPS + OFFICE_STEPS


def test_the_tools_of_the_tests_have_what_head_office_needs(clone: Clone, steps: list[str]) -> None:
    bootstrap.set_up(clone, "test")
    steps.clear()
    bootstrap.set_up(clone, "office")
    assert steps == []
    pins = [
        set(re.findall(r"^((?:duckdb|pyarrow)==\S+)", (SOURCE.parent / name).read_text(encoding="utf-8"), re.M))
        for name in ("requirements-office.txt", "requirements-dev.txt")
    ]
    assert len(pins[0]) == 2
    assert pins[0] == pins[1]


def test_tools_that_were_half_installed_are_not_taken_for_whole(
    clone: Clone, steps: list[str], put_in_place: Callable[..., None]
) -> None:
    bootstrap.set_up(clone, "run")

    def fails(_: Clone, *__: str) -> None:
        clone.log.write_text("Installing collected packages: half", encoding="utf-8")
        raise BootstrapProblem("the disk is full")

    works = bootstrap.pip_install
    put_in_place(pip_install=fails)
    with pytest.raises(BootstrapProblem):
        bootstrap.set_up(clone, "test")
    assert bootstrap.levels_ready(clone) == ()
    put_in_place(pip_install=works)
    steps.clear()
    bootstrap.set_up(clone, "test")
    assert steps == RUN_STEPS + TEST_STEPS


def test_the_lock_keeps_others_out_and_ends_with_its_process(clone: Clone, steps: list[str]) -> None:
    hold = """if True:
        import sys
        from pathlib import Path
        from installer import bootstrap, system_packages
        with bootstrap.only_one(bootstrap.Clone(Path(sys.argv[1]))):
            print("held", flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", hold, str(clone.root)]
    with subprocess.Popen(command, cwd=SOURCE.parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with clone.lock.open("ab") as file:
            assert not bootstrap.try_lock(file)
        other.kill()
    bootstrap.set_up(clone, "run")
    assert steps == RUN_STEPS


def test_the_one_that_waits_says_so_and_then_finds_it_done(
    clone: Clone,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
    put_in_place: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    bootstrap.set_up(clone, "run")
    answers = iter([(), ("run",)])  # not yet, when it asks; done, when it has waited
    locks = iter([False, True])
    put_in_place(levels_ready=lambda _: next(answers), try_lock=lambda _: next(locks))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    steps.clear()
    bootstrap.set_up(clone, "run")
    assert steps == []
    assert "Another set-up of this clone is under way" in capsys.readouterr().err


# --- what the system lacks


MISSING = {"Python's ensurepip": "python3-venv", "libEGL.so.1": "libegl1"}


def as_user(monkeypatch: pytest.MonkeyPatch, *, root: bool, apt: bool) -> None:
    monkeypatch.setattr(bootstrap, "is_root", lambda: root)
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"/usr/bin/{name}" if apt else None)


def test_a_user_is_told_the_command(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, root=False, apt=True)
    with pytest.raises(BootstrapProblem) as stop:
        bootstrap.provide(clone, MISSING, needed=True)
    assert "sudo apt-get update && sudo apt-get install libegl1 python3-venv\n" in str(stop.value)


def test_a_system_without_apt_is_told_in_words(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, root=True, apt=False)
    with pytest.raises(BootstrapProblem, match=r"Python's ensurepip, libEGL\.so\.1") as stop:
        bootstrap.provide(clone, MISSING, needed=True)
    assert "apt-get" not in str(stop.value)


def test_what_only_some_tests_need_stops_nobody(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_user(monkeypatch, root=False, apt=True)
    bootstrap.provide(clone, {"qemu": "qemu-system ipxe", "adbd": "adbd"}, needed=False)
    said = capsys.readouterr().err
    assert "The tests that need it are skipped." in said
    assert "sudo apt-get update && sudo apt-get install adbd ipxe qemu-system\n" in said


def test_root_installs_through_apt(clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clone.log.parent.mkdir()
    as_user(monkeypatch, root=True, apt=True)
    script(tmp_path / "bin/apt-get", f'echo "$DEBIAN_FRONTEND $*" >> "{tmp_path}/apt"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    bootstrap.provide(clone, MISSING, needed=True)
    updated, installed = (tmp_path / "apt").read_text(encoding="utf-8").splitlines()
    assert updated.endswith("update")
    assert installed.endswith("install -y --no-install-recommends libegl1 python3-venv")
    assert installed.startswith("noninteractive")


def test_when_apt_fails_its_own_reason_is_given(clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clone.log.parent.mkdir()
    as_user(monkeypatch, root=True, apt=True)
    script(tmp_path / "bin/apt-get", "echo 'E: Unable to locate package libegl1'; echo; exit 100")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    with pytest.raises(BootstrapProblem, match="Unable to locate package libegl1") as stop:
        bootstrap.provide(clone, MISSING, needed=True)
    assert str(clone.log) in str(stop.value)


def test_nothing_is_missing_here_or_it_has_a_package() -> None:
    """On the machine that runs this, the checks have to give an answer, whatever it is."""
    packages = system_packages.PACKAGES
    assert set(bootstrap.missing_for_set_up()) <= {"Python's ensurepip"}
    assert set(bootstrap.missing_for_tests()) <= {*packages["qt-libraries"], *packages["test-programs"]}
    assert not system_packages.loads("libno-such-library.so.0")


# --- pip


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "ERROR: No matching distribution found for cffi==2.1.1",
            "has no cffi for this Python",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "is not the one that this project",
        ),
        ("Segmentation fault", "Segmentation fault. Check the network"),
        ("OSError: [Errno 28] No space left on device", "The disk is full. Make room"),
    ],
)
def test_when_pip_fails_the_reason_and_the_log_are_named(clone: Clone, output: str, said: str) -> None:
    clone.log.parent.mkdir()
    script(clone.program("python"), f"echo 'Collecting x'; echo '{output}'; exit 1")
    with pytest.raises(BootstrapProblem) as stop:
        bootstrap.pip_install(clone, "-r", "requirements.txt")
    assert said in str(stop.value)
    assert str(clone.log) in str(stop.value)
    assert "Collecting x" in clone.log.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_real_environment_replaces_whatever_was_there(clone: Clone) -> None:
    clone.log.parent.mkdir()
    clone.venv.symlink_to(clone.root / "core")
    bootstrap.make_venv(clone)
    assert not clone.venv.is_symlink()
    assert (clone.root / "core" / "__init__.py").exists()
    where: bootstrap.Command = [clone.program("python"), "-c", "import sys; print(sys.prefix)"]
    assert subprocess.run(where, capture_output=True, check=True, encoding="utf-8").stdout.strip() == str(clone.venv)


def test_no_setting_of_the_shell_leads_pip_or_python_astray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_TIMEOUT", "60")
    assert not {"PYTHONPATH", "PIP_USER"} & set(bootstrap.environment())
    assert bootstrap.environment()["PIP_TIMEOUT"] == "60"


def test_no_program_is_looked_for_where_it_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", ".:/usr/bin::bin:/bin:")
    assert bootstrap.environment()["PATH"] == "/usr/bin:/bin"
    monkeypatch.setenv("PATH", ".")
    assert bootstrap.environment()["PATH"] == os.defpath


@pytest.mark.parametrize("pythonpath", ["", "bait", ":", "nowhere:"])
def test_it_takes_no_module_from_where_it_is_started(tmp_path: Path, pythonpath: str) -> None:
    """Neither by itself, nor where PYTHONPATH names the working directory, as ``PYTHONPATH=$PYTHONPATH:...`` does."""
    bait = Bait(tmp_path)
    for name in ("sitecustomize", "usercustomize", "encodings", "typing", "functools", "collections", "contextlib"):
        # Where the variable says so, Python itself takes these before any program begins; so does what is installed
        # beside it, which -S leaves out.
        if pythonpath:
            shutil.rmtree(bait.folder / name)
            (bait.folder / f"{name}.py").unlink()
    start = bait.folder if pythonpath != "bait" else tmp_path
    done = subprocess.run(
        [sys.executable, "-S", SOURCE, "--help"],
        cwd=start,
        env=bait.environment() | {"PYTHONPATH": pythonpath},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, bait.taken) == (0, []), done.stderr


# --- the commands


def test_run_without_arguments_opens_the_window(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANION_EXIT", "0")
    assert bootstrap.run(clone, []) == 0
    assert capfd.readouterr().out == "fanion --first-look\n"  # no command: that is the window, where there can be one


def test_what_the_window_takes_is_handed_on_behind_that(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANION_EXIT", "0")
    assert bootstrap.run(clone, ["--language", "fr"]) == 0
    assert capfd.readouterr().out == "fanion --first-look --language fr\n"


@pytest.fixture
def no_library_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "loads", lambda library: False)


@pytest.mark.usefixtures("no_library_loads")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(("display", "words", "needed"), [("", [], False), (":0", ["phones"], False), (":0", [], True)])
def test_only_a_window_needs_what_a_window_opens(
    clone: Clone,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
    put_in_place: Callable[..., None],
    display: str,
    words: list[str],
    needed: bool,
) -> None:
    """Nothing is installed for a command in a terminal, nor for the tests that need only Python."""
    put_in_place(missing_for_window=system_packages.missing_for_window)
    as_user(monkeypatch, root=False, apt=True)
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("FANION_EXIT", "0")
    if needed:
        with pytest.raises(BootstrapProblem, match="libgl1"):
            bootstrap.run(clone, words)
        assert steps == []
    else:
        assert bootstrap.run(clone, words) == 0


@pytest.mark.parametrize("level", ["run", "office"])
def test_too_small_a_disk_is_told_before_anything_is_made(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, level: bootstrap.Level
) -> None:
    monkeypatch.setitem(bootstrap.ROOM, level, 10**12)
    with pytest.raises(BootstrapProblem, match=r"needs 10{9}\d+ MB in .*, and \d+ MB are free there"):
        bootstrap.set_up(clone, level)
    assert steps == []


def test_the_room_is_said_before(clone: Clone, steps: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.set_up(clone, "office")
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == f"This takes up to {bootstrap.ROOM['run'] + bootstrap.ROOM['office']} MB in {clone.root}."


@pytest.mark.usefixtures("no_library_loads")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_all_that_a_window_lacks_is_told_in_one_line_at_each_start_with_a_screen(
    clone: Clone,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
    put_in_place: Callable[..., None],
) -> None:
    put_in_place(missing_for_window=system_packages.missing_for_window)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FANION_EXIT", "0")
    as_user(monkeypatch, root=False, apt=True)
    assert bootstrap.run(clone, []) == 0  # without a screen, nothing is missing
    monkeypatch.setenv("DISPLAY", ":0")
    assert bootstrap.run(clone, ["check"]) == 0  # nor for a command
    with pytest.raises(BootstrapProblem) as stop:
        bootstrap.run(clone, [])
    packages = sorted(system_packages.PACKAGES["qt-libraries"].values())
    assert f"sudo apt-get update && sudo apt-get install {' '.join(packages)}\n" in str(stop.value)
    assert steps == RUN_STEPS


def test_office_says_what_comes_next_or_starts_it(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANION_EXIT", "3")
    assert bootstrap.office(clone, []) == 0
    assert steps == RUN_STEPS + OFFICE_STEPS
    assert f"{clone.program('fanion')} merge " in capfd.readouterr().err
    assert bootstrap.office(clone, ["merge", "sticks"]) == 3
    assert capfd.readouterr().out == "fanion merge sticks\n"


def test_run_hands_arguments_on_and_gives_fanions_exit_code(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANION_EXIT", "3")
    assert bootstrap.run(clone, ["log", "list", "--json"]) == 3
    assert capfd.readouterr().out == "fanion log list --json\n"


@pytest.mark.parametrize(
    ("arguments", "static", "shared", "told"),
    [
        ([], True, True, ["--part", "python", "--durations=20"]),
        (["--all"], True, True, ["--part", "all", "--durations=20"]),
        (["--rest"], False, True, ["--part", "rest", "--durations=20"]),
        (["--nightly"], False, True, ["--part", "nightly", "--durations=20"]),
        (["-k", "removal", "-x"], True, False, ["-k", "removal", "-x"]),
        (["--workers", "1", "tests/gui"], True, True, ["tests/gui"]),
        (["--zone", "Pacific/Auckland"], False, True, ["--part", "python", "--durations=20"]),
        (["--shuffle"], False, True, ["--part", "python", "--durations=20", "-p", "randomly"]),
    ],
)
def test_which_checks_are_run_and_how(
    clone: Clone, arguments: list[str], static: bool, shared: bool, told: list[str]
) -> None:
    """The tests that are named are watched: one process runs them."""
    checks = bootstrap.checks(clone, test_run.parse(arguments))
    command = list(map(str, checks["pytest"]))
    assert ("mypy" in checks) == static
    assert command[1:3] == ["-m", "pytest"]
    assert ("--dist" in command) == shared
    assert command[3 + 4 * shared :] == told


def record(clone: Clone, **record: object) -> None:
    file = clone.root / test_run.RECORD
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(record), encoding="utf-8")


def test_what_was_not_run_is_said_in_one_line(clone: Clone) -> None:
    assert test_run.not_run(clone.root) == ""
    skipped = {"needs Debian's adbd and g++ on x86-64": 3, "needs minisign": 2, "this is about Windows": 4}
    record(clone, part="python", skipped=skipped, run=[])
    assert test_run.not_run(clone.root) == (
        "Not run: tests/real, which asks other programs, what is marked slow, 5 that need what is not here (Debian's "
        "adbd and g++; minisign), 4 that do not fit this machine, as said above. To run them: "
        "python3 installer/bootstrap.py test --all"
    )
    record(clone, part="all", skipped={"needs minisign": 1}, run=[])
    assert test_run.not_run(clone.root) == "Not run: 1 that need what is not here (minisign)."
    record(clone, part="all", skipped={}, run=[])
    assert test_run.not_run(clone.root) == ""


def run_checks(clone: Clone, monkeypatch: pytest.MonkeyPatch, codes: dict[str, int]) -> int:
    def named(_: Clone, __: RunOptions) -> dict[str, bootstrap.Command]:
        return {name: ["/bin/sh", "-c", f"echo {name} ran; exit {code}"] for name, code in codes.items()}

    monkeypatch.setattr(bootstrap, "checks", named)
    monkeypatch.chdir(clone.root)
    return bootstrap.test(clone, [])


def test_every_check_is_run_also_after_one_has_failed(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_checks(clone, monkeypatch, {"one": 0, "two": 2, "three": 0}) == 1
    out = capfd.readouterr().out
    assert out.splitlines()[-1] == "FAILED: two"


def test_the_last_check_is_seen_as_it_runs_and_what_the_others_print_stands_together_below_it(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run_checks(clone, monkeypatch, {"one": 0, "two": 3, "tests": 0})
    lines = [line for line in capfd.readouterr().out.splitlines() if line]
    assert lines[:6] == ["=== tests", "tests ran", "=== one", "one ran", "=== two", "two ran"]
    assert [line.split()[0] for line in lines[7:10]] == ["one", "two", "tests"]
    assert "FAILED (exit code 3)" in lines[8]


def test_when_all_is_in_order_it_says_so(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_checks(clone, monkeypatch, {"one": 0, "two": 0}) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "All checks are in order."


def test_ci_does_not_go_on_without_the_daemons(
    clone: Clone, steps: list[str], monkeypatch: pytest.MonkeyPatch, put_in_place: Callable[..., None]
) -> None:
    put_in_place(missing_for_tests=lambda: {"adbd": "adbd"})
    as_user(monkeypatch, root=False, apt=True)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(BootstrapProblem):
        bootstrap.test(clone, ["--all"])
    assert steps == []


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["walk"], 2), (["--help"], 0)])
def test_an_unknown_command_shows_those_that_there_are(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(arguments) == code
    assert "bootstrap.py run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (BootstrapProblem("pip could not."), 1, "pip could not.\n"),
        (PermissionError(13, "Permission denied", "/clone/.venv"), 1, "/clone/.venv cannot be written to"),
        (OSError(30, "Read-only file system", "/clone/build"), 1, "Put the clone into a folder of your own."),
        (OSError(28, "No space left on device"), 1, "The disk is full. Make room"),
        (OSError(5, "Input/output error"), 1, "Input/output error"),
        (KeyboardInterrupt(), 130, "Interrupted. Start the same command again"),
    ],
)
def test_no_failure_shows_a_traceback(
    put_in_place: Callable[..., None], capsys: pytest.CaptureFixture[str], raised: BaseException, code: int, said: str
) -> None:
    def fails(_: Clone, __: bootstrap.Level) -> None:
        raise raised

    put_in_place(set_up=fails)
    assert bootstrap.main(["run"]) == code
    assert said in capsys.readouterr().err


def test_an_old_python_is_told_in_one_sentence() -> None:
    """It has to be able to read the whole file before its first line is carried out."""
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))
    as_old = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", as_old, SOURCE, "run"], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Fanion needs Python 3.11 or newer, and this is Python 3.9" in done.stderr
