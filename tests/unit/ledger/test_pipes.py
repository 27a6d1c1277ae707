"""Pipes where files are looked for: whoever can write in the data folder can put one there, and nobody waits for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.desk.settings.settings import FILE_NAME, SettingsProblem, load
from core.ledger.keys.enrolment import (
    earlier_logs,
    enrolment_file,
    keys_folder,
    later_file,
    read_enrolment,
    read_enrolments,
)
from core.ledger.keys.epoch_keys import has_sealed
from core.ledger.problems import LedgerProblem
from core.ledger.writer import Ledger
from tests.unit.ledger.thief import Place

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")

_REFUSED = r"ledger\.db-journal is not an ordinary file"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "data")
    made.check()
    return made


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def test_enrolments(place: Place) -> None:
    known = read_enrolment(place.path)
    assert known is not None
    pipe(later_file(place.path))
    pipe(keys_folder(place.path) / "enrolment-00000000.txt")
    assert read_enrolments(place.path) == (known,)
    assert earlier_logs(place.path) == ()
    pipe(enrolment_file(place.path))
    assert (read_enrolment(place.path), read_enrolments(place.path)) == (None, ())


@pytest.mark.parametrize("name", ["identity-*.key", "epoch.keys"])
def test_keys(place: Place, name: str) -> None:
    known = read_enrolment(place.path)
    assert known is not None
    (file,) = keys_folder(place.path).glob(name)
    pipe(file)
    with pytest.raises(LedgerProblem):
        place.check()
    assert has_sealed(place.path, known) is (name != "epoch.keys")


@pytest.mark.parametrize("empty", [False, True])
def test_a_journal(place: Place, empty: bool) -> None:
    pipe(place.path.with_name("ledger.db-journal"))
    if empty:
        place.path.write_bytes(b"")
    with pytest.raises(LedgerProblem, match=None if empty else _REFUSED):
        Ledger.read(place.path)
    with pytest.raises(LedgerProblem, match=_REFUSED):
        place.check()


def test_settings(tmp_path: Path) -> None:
    pipe(tmp_path / FILE_NAME)
    with pytest.raises(SettingsProblem):
        load(tmp_path, None)


def test_settings_without_an_end(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"#" * 1_000_001)
    with pytest.raises(SettingsProblem):
        load(tmp_path, None)
