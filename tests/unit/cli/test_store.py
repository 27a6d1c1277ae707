"""``fanion store``, as head office types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.head_office.conftest import Office, desks_in

pytest.importorskip("pyarrow")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one desk's check of one phone."""
    office = Office(tmp_path)
    with desks_in(tmp_path) as open_desk:
        desk = open_desk()
        office.enrol(desk)
        desk.check("R58N12ABCDE")
        office.merge(desk.bundle())
    return office.store


def test_events_are_written_once(fanion: Callable[..., Any], store: Path, tmp_path: Path) -> None:
    done = fanion("store", "events", store, "--into", tmp_path / "siem", "--json")
    told = json.loads(done.out)
    assert (done.code, told["events"], told["merge"], told["unread"]) == (0, 1, 1, 0)
    (file,) = told["files"]
    assert json.loads(Path(file).read_text())["class_name"] == "Scan Activity"
    done = fanion("store", "events", store, "--into", tmp_path / "siem")
    assert (done.code, done.out) == (0, "Nothing is new since the last time.\n")


def test_what_cannot_be_done_is_said(fanion: Callable[..., Any], store: Path, tmp_path: Path) -> None:
    done = fanion("store", "events", tmp_path / "none", "--into", tmp_path / "siem")
    assert done.code == 5
    assert "There is no store in the folder" in done.err
    assert not (tmp_path / "siem").exists()
    done = fanion("store", "events", store, "--into", tmp_path / "siem", "--since", "yesterday")
    assert done.code == 2
    assert "no day such as" in done.err


def test_a_database_that_is_not_there_is_said(
    fanion: Callable[..., Any], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    done = fanion("store", "postgresql", store, "--database", "fanion")
    assert done.code == 5
    assert "PostgreSQL’s client is not installed" in done.err
