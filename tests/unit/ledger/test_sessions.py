"""Telling a program that crashed from one that still runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.ledger.file.sessions import Session, is_alive
from core.system.files import file_lock


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "led[g]er.db"  # a name that would be a pattern


def files(ledger: Path) -> list[str]:
    return sorted(p.name for p in ledger.parent.iterdir())


def test_session_lives_until_it_is_closed(ledger: Path) -> None:
    session = Session(ledger)
    assert is_alive(ledger, session.id)
    session.close()
    assert not is_alive(ledger, session.id)
    assert files(ledger) == []
    session.close()


def test_files_of_the_dead_are_cleared_away_and_no_others(ledger: Path) -> None:
    dead = ledger.with_name(f"{ledger.name}-session-{'0' * 16}")
    other = ledger.with_name(f"other.db-session-{'0' * 16}")
    living = Session(ledger)
    dead.touch()
    other.touch()
    assert not is_alive(ledger, "0" * 16)
    second = Session(ledger)
    assert not dead.exists()
    assert other.exists()
    assert is_alive(ledger, living.id)
    assert is_alive(ledger, second.id)
    living.close()
    second.close()


@pytest.mark.parametrize("session", ["", "../../etc/passwd", "x" * 16, "0" * 17])
def test_session_of_a_strange_log_leads_to_no_other_file(ledger: Path, session: str) -> None:
    assert not is_alive(ledger, session)


def test_in_doubt_it_lives(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> int:
        raise PermissionError

    ledger.with_name(f"{ledger.name}-session-{'0' * 16}").touch()

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", forbidden)
        assert is_alive(ledger, "0" * 16)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
def test_a_pipe_is_no_session_and_nobody_waits_for_it(ledger: Path) -> None:
    pipe = ledger.with_name(f"{ledger.name}-session-{'0' * 16}")
    os.mkfifo(pipe)
    assert not is_alive(ledger, "0" * 16)
    Session(ledger).close()
    assert pipe.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot delete an open file")
def test_file_cleared_away_before_it_was_locked_is_made_again(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = file_lock._lock
    locked: list[int] = []

    def late(descriptor: int, shared: bool) -> None:
        if not locked:
            next(ledger.parent.iterdir()).unlink()
        locked.append(descriptor)
        lock(descriptor, shared)

    monkeypatch.setattr(file_lock, "_lock", late)
    session = Session(ledger)
    assert is_alive(ledger, session.id)
    session.close()


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Session(tmp_path / "missing" / "ledger.db")
