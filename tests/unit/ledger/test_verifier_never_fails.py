"""Whatever somebody did to the entries, the verifier tells of it: it never fails on what it is there to find."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records import CheckStarted
from core.model import Labels, Phone
from tests.examples import examples
from tests.unit.ledger.thief import ENDED, USB, Place, Thief

PHONE = Phone("android", "google", "Pixel 9", "16", "SERIAL1")
Act = Callable[[Thief, int], object]


def _sql(text: str) -> Act:
    return lambda thief, number: thief.file.execute(text, [number] * text.count("?"))


def _closed_up(thief: Thief, number: int) -> None:
    """A row goes, and the numbers behind it close the gap; their texts keep their own."""
    thief.file.execute("DELETE FROM entry WHERE seq = ?", [number])
    for table in ("entry", "opening"):
        rows = thief.file.execute(f"SELECT DISTINCT seq FROM {table} WHERE seq > ? ORDER BY seq", [number])
        for (seq,) in rows.fetchall():
            thief.file.execute(f"UPDATE OR REPLACE {table} SET seq = ? WHERE seq = ?", [seq - 1, seq])


ACTS: dict[str, Act] = {
    "deleted": _sql("DELETE FROM entry WHERE seq = ?"),
    "closed up": _closed_up,
    "cut": _sql("DELETE FROM entry WHERE seq > ?"),
    "no text": _sql("UPDATE entry SET leaf = x'' WHERE seq = ?"),
    "no JSON": _sql("UPDATE entry SET leaf = '{' WHERE seq = ?"),
    "other hash": _sql("UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = ?"),
    "a number": _sql("UPDATE entry SET leaf = 7, leaf_hash = 'x' WHERE seq = ?"),
    "far away": _sql("UPDATE entry SET seq = seq + 1000000 WHERE seq = ?"),
    "before": _sql("UPDATE entry SET seq = -seq WHERE seq = ?"),
    "no names": _sql("DELETE FROM opening WHERE seq = ?"),
    "no seals": _sql("DELETE FROM seal WHERE size >= ?"),
    "odd seal": _sql("UPDATE seal SET note = 'x' WHERE size >= ?"),
    "no head": _sql("DELETE FROM head WHERE ? > 0"),
}


COPIES = count()


def rows(path: Path) -> list[object]:
    """All that the log is made of."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        return [file.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in ("entry", "opening", "seal")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A log of four checks of a phone whose holder is named, one of them erased."""
    place = Place(tmp_path_factory.mktemp("log") / "data")
    with place.open() as ledger:
        for _ in range(4):
            ledger.append_all([CheckStarted(USB), ENDED], phone=PHONE, labels=Labels("TB-1", "A. Holder"), seal=True)
        assert ledger.erase_records(range(2, 5), "asked for")
    assert place.look(place.enrolment()).intact
    return place


@examples(60)
@given(
    acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 9)), min_size=1, max_size=3),
    tidy=st.booleans(),
)
def test_whatever_was_done_it_is_told(whole: Place, acts: list[tuple[str, int]], *, tidy: bool) -> None:
    place = whole.copy(f"copy-{next(COPIES)}")
    before = rows(place.path)
    with Thief(place.path, tidy=tidy and all(name != "no head" for name, _ in acts)) as thief:
        for name, number in acts:
            with contextlib.suppress(sqlite3.Error):  # what SQLite itself refuses, nobody does
                ACTS[name](thief, number)
    verification = place.look(whole.enrolment())
    assert verification.faults or rows(place.path) == before
    shutil.rmtree(place.folder)
