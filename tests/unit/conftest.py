"""The command line, and disks that fail, for everything that writes."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import segno

from tests import command
from tests.command import Answer
from tests.unit.ledger.conftest import make_read_only as make_read_only
from tests.unit.ledger.conftest import small_disk as small_disk

Fanion = Callable[..., Answer]


@pytest.fixture(autouse=True)
def one_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are drawn in the first of eight ways that say the same: to find the finest takes a sixth of a second."""
    monkeypatch.setattr(segno, "make_qr", functools.partial(segno.make_qr, mask=0))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, which is not there yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("FANION_DATA", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return folder


@pytest.fixture
def fanion(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fanion:
    """Runs commands: ``fanion("log", "list")``. Nobody is at the keyboard, but something may be typed beforehand."""

    def run(*words: object, typed: str = "", probes: Sequence[Any] = ()) -> Answer:
        if typed:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return command.run(*words, probes=probes)

    monkeypatch.setattr("sys.stdin", io.StringIO())
    return run
