"""What the package fanion-office lays beside the program: used where it is this version's, whole, and nobody else's."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core import __version__
from core.problem import Problem
from core.system import libraries
from core.system.libraries import FOLDER, LIST, MADE_FOR, demand_usable, listed
from core.text import LANGUAGES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the package is for Linux alone")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with what a fanion-office of its version brings: a library of one module."""
    folder = tmp_path / "fanion"
    module = folder / FOLDER / "lib" / "officelib" / "__init__.py"
    for place in (folder / "lib", module.parent):
        place.mkdir(parents=True)
    module.write_text("ANSWER = 42\n", encoding="utf-8")
    listing(folder / FOLDER)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def listing(office: Path, made_for: str = MADE_FOR) -> None:
    lines = [made_for, *listed(office)]
    (office / LIST).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def imported(program: Path, name: str = "officelib") -> subprocess.CompletedProcess[str]:
    """A Python that takes itself for the packaged program in that folder, and imports a library by its name."""
    code = """if True:
        import sys
        from pathlib import Path
        from core.problem import Problem
        from core.system.libraries import library
        from core.text import T
        sys.frozen, sys.executable = True, str(Path(sys.argv[1], "fanion-app"))
        try:
            print(library(sys.argv[2], T("It is not installed."), code="no-library").ANSWER)
        except Problem as problem:
            sys.exit(f"{problem.code} {problem.exit_code} {problem} [{problem.detail}]")
    """
    return subprocess.run(
        [sys.executable, "-P", "-B", "-c", code, program, name],
        env=os.environ | {"PYTHONPATH": str(Path(libraries.__file__).parents[2])},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def refused(program: Path) -> Problem:
    """What is said of what lies beside the program."""
    with pytest.raises(Problem) as problem:
        demand_usable(program / FOLDER, program / "lib")
    assert problem.value.exit_code == 5
    for language in LANGUAGES:
        assert "fanion-office" in problem.value.next_step.in_language(language)
    return problem.value


def test_a_library_is_imported_from_beside_the_program(program: Path) -> None:
    assert imported(program).stdout == "42\n"


def test_where_it_is_not_installed_the_sentence_names_the_package_and_the_clone(program: Path) -> None:
    subprocess.run(["rm", "-r", program / FOLDER], check=True)
    done = imported(program)
    assert done.stderr.startswith("no-library 5 It is not installed.")
    assert f"fanion-office {__version__}" in done.stderr
    assert "python3 installer/bootstrap.py office" in done.stderr


def test_nothing_takes_the_place_of_a_module_of_the_program(program: Path) -> None:
    for name in ("core", "json"):
        (program / FOLDER / "lib" / f"{name}.py").write_text("ANSWER = 'another'\n", encoding="utf-8")
    listing(program / FOLDER)
    assert imported(program).stdout == "42\n"
    assert "has no attribute 'ANSWER'" in imported(program, "json").stderr


@pytest.mark.parametrize(
    "made_for", ["0.0.1 cpython-311-x86_64-linux-gnu", f"{__version__} cpython-39-x", "", "é" * 9_000]
)
def test_another_version_is_refused_with_a_sentence(program: Path, made_for: str) -> None:
    listing(program / FOLDER, made_for)
    problem = refused(program)
    assert problem.code == "office-version"
    assert __version__ in problem.next_step.in_language("en")
    assert len(str(problem)) < 400
    done = imported(program)
    assert done.stderr.startswith("office-version 5 ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777])
@pytest.mark.parametrize("place", ["", "lib", "lib/officelib"])
def test_a_folder_that_others_may_write_is_refused(program: Path, place: str, mode: int) -> None:
    (program / FOLDER / place).chmod(mode)
    assert refused(program).code == "office-not-own"
    assert imported(program).stderr.startswith("office-not-own 5 ")


@pytest.mark.parametrize("mode", [0o664, 0o646])
@pytest.mark.parametrize("name", [LIST, "lib/officelib/__init__.py"])
def test_a_file_that_others_may_write_is_refused(program: Path, name: str, mode: int) -> None:
    (program / FOLDER / name).chmod(mode)
    assert refused(program).code == "office-not-own"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
@pytest.mark.parametrize("place", ["", "lib/officelib", "lib/officelib/__init__.py", LIST])
def test_what_is_another_users_is_refused(program: Path, place: str) -> None:
    os.chown(program / FOLDER / place, 65_534, -1)
    assert refused(program).code == "office-not-own"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_what_another_group_may_write_is_refused_where_the_programs_own_may(program: Path) -> None:
    (program / "lib").chmod(0o775)
    module = program / FOLDER / "lib/officelib/__init__.py"
    module.chmod(0o664)
    listing(program / FOLDER)
    demand_usable(program / FOLDER, program / "lib")
    os.chown(module, -1, 65_534)
    assert refused(program).code == "office-not-own"


def test_a_link_is_refused_wherever_it_leads(program: Path, tmp_path: Path) -> None:
    office = program / FOLDER
    for link, target in ((office / "lib/more", office / "lib"), (office / "lib/x.py", office / LIST)):
        link.symlink_to(target)
        assert refused(program).code == "office-not-own"
        link.unlink()
    office.rename(tmp_path / "elsewhere")
    office.symlink_to(tmp_path / "elsewhere")
    assert refused(program).code == "office-not-own"
    office.unlink()
    office.symlink_to(tmp_path / "nowhere")
    assert imported(program).stderr.startswith("office-not-own 5 ")


def test_a_pipe_is_refused_and_not_read(program: Path) -> None:
    (program / FOLDER / LIST).unlink()
    os.mkfifo(program / FOLDER / LIST, 0o644)
    assert refused(program).code == "office-not-own"


@pytest.mark.parametrize("change", ["added", "shorter", "gone", "list"])
def test_what_is_not_as_it_was_packed_is_refused(program: Path, change: str) -> None:
    module = program / FOLDER / "lib/officelib/__init__.py"
    if change == "added":
        module.with_name("more.py").write_text("", encoding="utf-8")
    elif change == "shorter":
        module.write_text("ANSWER = 4\n", encoding="utf-8")
    elif change == "gone":
        module.unlink()
    else:
        (program / FOLDER / LIST).unlink()
    done = imported(program)
    assert done.stderr.startswith("office-damaged 5 ")
    assert "Traceback" not in done.stderr
    assert ("more.py" if change == "added" else LIST if change == "list" else "__init__.py") in done.stderr


def test_a_list_of_bytes_that_are_no_text_is_refused(program: Path) -> None:
    (program / FOLDER / LIST).write_bytes(b"\xff\xfe\x00")
    assert imported(program).stderr.startswith("office-damaged 5 ")


def test_a_stick_whose_files_anybody_may_write_is_no_worse_than_the_program_on_it(program: Path) -> None:
    for path in (program / "lib", program / FOLDER, *(program / FOLDER).rglob("*")):
        path.chmod(0o777)
    assert stat.S_IMODE((program / "lib").stat().st_mode) == 0o777
    assert imported(program).stdout == "42\n"
