"""A set-up as an ordinary user starts it, in a process of its own: what it says, and how it goes on.

On bare systems, with packages and all: tests/installer/linux/set_up.sh, every night.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux")

ROOT = Path(__file__).resolve().parents[2]
#: What a set-up reads before anything is installed.
READ = ("installer", "core/__init__.py", "pyproject.toml")
NOBODY = 65534


def lay(folder: Path) -> Path:
    """As much of a clone as a set-up reads."""
    for name in READ:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=lambda _, names: [n for n in names if "." not in n])
        else:
            shutil.copyfile(ROOT / name, target)
    return folder


def bootstrap(
    clone: Path, *words: str, python: str = sys.executable, **more: object
) -> subprocess.CompletedProcess[str]:
    """Start it without a screen, from an index that nobody answers for."""
    with socket.socket() as nobody:  # bound, and never listening
        nobody.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{nobody.getsockname()[1]}/simple"
        variables = {"PATH": os.environ["PATH"], "HOME": str(clone), "LC_ALL": "C.UTF-8"}
        pip = {"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
        return subprocess.run(
            [python, "installer/bootstrap.py", *words],
            cwd=clone,
            env=variables | pip,
            capture_output=True,
            encoding="utf-8",
            check=False,
            **more,  # type: ignore[call-overload]
        )


def test_a_folder_that_cannot_be_written_to_is_told_to_an_ordinary_user() -> None:
    python = shutil.which("python3", path="/usr/bin")
    if python is None or subprocess.run([python, "-c", "import tomllib"], check=False, capture_output=True).returncode:
        pytest.skip("needs the system's own Python 3.11 or newer, which every account can start")
    more = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="fanion-clone-") as folder:  # not in that of the test, which is its owner's
        clone = lay(Path(folder))
        clone.chmod(0o555)
        done = bootstrap(clone, "run", python=python, **more)
        names = sorted(path.name for path in clone.iterdir())
        clone.chmod(0o755)
    assert done.returncode == 1
    assert "cannot be written to (Permission denied). Put the clone into a folder of your own." in done.stderr
    assert "Traceback" not in done.stderr
    assert names == ["core", "installer", "pyproject.toml"]


@pytest.mark.slow
def test_without_a_network_it_is_told_and_the_next_start_goes_on(tmp_path: Path) -> None:
    clone = lay(tmp_path / "clone")
    first, second = bootstrap(clone, "office"), bootstrap(clone, "office")
    for done in (first, second):
        assert done.returncode == 1
        assert "cannot be reached. Connect this computer to the network" in done.stderr
        assert "MB in " in done.stderr.splitlines()[0]
    assert "Making " in first.stderr
    assert "Making " not in second.stderr, "the environment is there"
    assert not list((clone / "build").glob("pip-*"))
