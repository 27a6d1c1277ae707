"""When this version was made: stamped into a bundle, and told by git or by its files in a clone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.system import build_date as module
from core.system.build_date import built, changed, committed

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    built.cache_clear()
    yield
    built.cache_clear()


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packaged_program_is: Callable[..., None]) -> Path:
    """The folder with a bundle's resources."""
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    packaged_program_is()
    monkeypatch.setenv("PATH", "")  # no git there
    return tmp_path


def commit(folder: Path, seconds: int) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        variables = os.environ | {"GIT_COMMITTER_DATE": f"{seconds} +0000"}
        subprocess.run(["git", "-C", folder, *who, *words], check=True, env=variables)


def test_a_bundle_says_what_it_was_stamped_with(bundle: Path) -> None:
    (bundle / "built").write_text("1764000000\n", encoding="ascii")
    assert built() == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)


def test_a_bundle_without_a_stamp_is_not_whole(bundle: Path) -> None:
    with pytest.raises(FileNotFoundError):
        built()


def test_this_clone_is_not_older_than_its_newest_commit_and_not_from_the_future() -> None:
    assert datetime(2026, 11, 1, tzinfo=UTC) < built() <= datetime.now(UTC)
    assert not (ROOT / "resources" / module.STAMP).exists()


def test_a_clone_is_as_old_as_its_newest_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(tmp_path, 1_700_000_000)
    commit(tmp_path, 1_764_000_000)
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    assert built().timestamp() == 1_764_000_000


@pytest.mark.parametrize("lacks", ["git", "clone", "commits"])
def test_else_it_is_as_old_as_its_newest_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str) -> None:
    """Unpacked from an archive; perhaps inside a clone of something else."""
    commit(tmp_path, 1_764_000_000)
    folder = tmp_path / "fanion"
    for name, seconds in (("core/a.py", 1_690_000_000), ("resources/b.toml", 1_700_000_000)):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (seconds, seconds))
    (folder / "core/a.pyc").write_bytes(b"")  # written whenever it was started
    if lacks == "git":
        (folder / ".git").mkdir()
        monkeypatch.setenv("PATH", str(tmp_path))
    elif lacks == "commits":
        subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
    monkeypatch.setattr(module, "_ROOT", folder)
    assert committed(folder) is None
    assert changed(folder) == built().timestamp() == 1_700_000_000
