"""A program that is killed at any moment of a sealed writing: nothing acknowledged is lost, and no key replaced."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.ledger.records import CheckStarted
from core.ledger.writer import Ledger
from core.model import Phone
from core.text import T
from tests.unit.ledger.dying import folder_in_memory

ROOT = Path(__file__).resolve().parents[3]
STARTED = CheckStarted(T("over USB"))

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as memory:
        yield memory / "data"


def killed_at_any_moment(task: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-W", "error", "-m", "tests.unit.ledger.dying", task, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def with_records(folder: Path, count: int, phone: Phone, *, sealed: bool = True) -> None:
    """A ledger of `count` records, those included that it writes about itself."""
    path = folder / "ledger.db"
    with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test") as ledger:
        ledger.append_all([STARTED] * (count - 2), phone=phone, seal=sealed)
        assert ledger.count() == count if sealed else True
        if not sealed:
            ledger._closed = True  # as a program leaves it that was killed


@pytest.mark.slow
def test_while_the_log_and_its_keys_are_made(folder: Path) -> None:
    answer = killed_at_any_moment("grow", folder)
    assert answer["failures"] == []
    assert answer["moments"] > 150


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 253])
def test_while_it_grows_from_seal_to_seal(folder: Path, phone: Phone, count: int) -> None:
    """Also where a tile of the tree is filled, at 256: then one more row is written."""
    with_records(folder, count, phone)
    answer = killed_at_any_moment("grow", folder)
    assert answer["failures"] == []
    assert answer["moments"] > 100


@pytest.mark.slow
def test_while_values_are_erased(folder: Path, phone: Phone) -> None:
    with_records(folder, 30, phone)
    answer = killed_at_any_moment("erase", folder)
    assert answer["failures"] == []
    assert answer["moments"] > 50


@pytest.mark.slow
def test_before_the_very_first_seal(folder: Path, phone: Phone) -> None:
    """There are records and keys, and no seal yet: the keys are those that were there."""
    with_records(folder, 5, phone, sealed=False)
    answer = killed_at_any_moment("grow", folder)
    assert answer["failures"] == []
    assert answer["moments"] > 100
