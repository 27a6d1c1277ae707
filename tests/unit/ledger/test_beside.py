"""What the log tells of what is not in it: the copies outside, and values that were erased beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, silent
from core.ledger import seals
from core.ledger.problems import DamagedLedger
from core.ledger.records import CheckStarted, Kind, OutsideCopy
from core.ledger.records.leaf import SALT_BYTES, leaf_hash
from core.ledger.verify.faults import FaultKind
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.model import Labels, Phone, Policy
from core.text import T
from tests.examples import examples
from tests.unit.ledger.conftest import SERIAL

STARTED = CheckStarted(T("over USB"))


# --- outside copies


def forged(ledger: Ledger, path: Path, size: object) -> None:
    """A record of an outside copy that the ledger did not write."""
    last = ledger.newest(1)[0]
    leaf = json.loads(last.exact)
    leaf |= {"seq": last.seq + 1, "type": Kind.OUTSIDE_COPY, "body": {"how": "folder", "size": size, "root": "x"}}
    exact = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [last.seq + 1, exact, leaf_hash(exact)]
        )


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=40))
@examples(60)
def test_the_largest_copy_is_found_from_the_end(tmp_path: Path, shares: list[float | None]) -> None:
    """Of records that are copies of some share of what was there before, and of others: the same as by sorting all."""
    path = tmp_path / "ledger.db"
    path.unlink(missing_ok=True)
    with Ledger(path, desk="", officer="", app_version="") as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(seals, "_PAGE", 3)  # several pages of so few
        expected = (0, 0)
        for seq, share in enumerate(shares, 1):
            size = 0 if share is None else round(share * (seq - 1))
            ledger.append(OutsideCopy("receipt", size, "x") if size else STARTED)
            expected = max(expected, (size, seq)) if size else expected
        told = ledger.outside()
        made = ledger.entry(expected[1])
        assert told.size == expected[0]
        assert told.time == (made.time if made else None)


def test_copies_of_old_seals_do_not_hide_a_newer_one(ledger: Ledger) -> None:
    ledger.append_all([STARTED] * 10)
    ledger.append(OutsideCopy("day-close", 9, "x"))
    for _ in range(20):
        ledger.append(OutsideCopy("receipt", 2, "x"))
    assert (ledger.outside().size, ledger.outside().how) == (9, "day-close")


def test_behind_very_many_of_them_less_is_called_outside_than_is(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never more. It is asked for at every start, and has to be answered at once."""
    monkeypatch.setattr(seals, "_COPIES_LIMIT", 10)
    monkeypatch.setattr(seals, "_PAGE", 5)
    ledger.append_all([STARTED] * 10)
    ledger.append(OutsideCopy("day-close", 9, "x"))
    ledger.append_all([OutsideCopy("receipt", 2, "x")] * 20)
    assert ledger.outside().size == 2


@pytest.mark.parametrize("size", [6, 1_000, 2**62, -1, "9", None, 1.5, [3]])
def test_a_copy_of_more_than_there_was_is_none(ledger: Ledger, path: Path, size: object) -> None:
    ledger.append_all([STARTED] * 4)
    forged(ledger, path, size)
    assert (ledger.outside().size, ledger.outside().newer) == (0, 4)


# --- values that are not those that were sealed


def blamed(ledger: Ledger) -> list[tuple[FaultKind, int]]:
    found = verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel())
    return [(fault.kind, fault.first) for fault in found.faults]


def without_guards(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """A change of what stands beside the records, after which the guards stand as before."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        guards = other.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'opening%' AND type = 'trigger'")
        for name, _ in (kept := guards.fetchall()):
            other.execute(f"DROP TRIGGER {name}")
        change(other)
        for _, statement in kept:
            other.execute(statement)


@pytest.mark.parametrize("moved", [-31, -1, 1, 4, len(SERIAL)])
def test_where_the_salt_ends_is_no_matter_of_choice(full: Ledger, path: Path, moved: int) -> None:
    """Salt and value are hashed as one: with another boundary the hash is the same, and the serial number another."""
    ((salt, value),) = full.rows("SELECT salt, value FROM opening WHERE seq = 4", [])
    whole = salt + value
    salt, value = whole[: SALT_BYTES + moved], whole[SALT_BYTES + moved :]
    without_guards(
        path, lambda other: other.execute("UPDATE opening SET salt = ?, value = ? WHERE seq = 4", [salt, value])
    )
    assert blamed(full) == [(FaultKind.FALSE_OPENING, 4)]
    with pytest.raises(DamagedLedger):
        full.entry(4)


def test_a_value_that_is_no_text_is_false_and_shown_nowhere(ledger: Ledger, phone: Phone, path: Path) -> None:
    salt, value = bytes(SALT_BYTES), b"\xff\xfe"
    commitment = sha256(salt + value)
    last = ledger.append(STARTED, phone=phone)
    leaf: dict[str, Any] = json.loads(last.exact)
    leaf["seq"], leaf["device"]["serial"] = last.seq + 1, {"sha256": commitment.hexdigest()}
    exact = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [last.seq + 1, exact, leaf_hash(exact)]
        )
        other.execute("INSERT INTO opening VALUES (?, ?, ?, ?)", [commitment.digest(), last.seq + 1, salt, value])
    assert (FaultKind.FALSE_OPENING, last.seq + 1) in blamed(ledger)
    with pytest.raises(DamagedLedger):
        ledger.entry(last.seq + 1)


def test_what_merely_stands_in_a_record_is_no_commitment(full: Ledger, path: Path, policy: Policy) -> None:
    """Such as the hash of the policy, of which everybody has what it is made of."""

    def exchange(other: sqlite3.Connection) -> None:
        other.execute("DELETE FROM opening WHERE seq = 4")
        other.execute("INSERT INTO opening VALUES (?, 4, ?, ?)", [sha256(whole).digest(), whole[:32], whole[32:]])

    whole = b"A policy of more than thirty-two bytes, which is public."
    full.append(STARTED, policy=replace(policy, sha256=sha256(whole).hexdigest()))
    last = full.newest(1)[0].seq
    without_guards(path, exchange)
    assert blamed(full) == [(FaultKind.FALSE_OPENING, 4), (FaultKind.NOT_ON_RECORD, 4)]
    without_guards(path, lambda other: other.execute("UPDATE opening SET seq = ? WHERE seq = 4", [last]))
    assert blamed(full) == [(FaultKind.NOT_ON_RECORD, 4), (FaultKind.FALSE_OPENING, last)]


def test_a_value_that_was_erased_and_is_here_again_is_found(full: Ledger, path: Path) -> None:
    kept = full.rows("SELECT * FROM opening WHERE seq IN (4, 6)", [])
    full.erase_records([4, 6], "asked for")
    assert blamed(full) == []
    one = [row for row in kept if row[1] == 6][:1]
    without_guards(path, lambda other: other.executemany("INSERT INTO opening VALUES (?, ?, ?, ?)", one))
    assert blamed(full) == [(FaultKind.FALSE_OPENING, 6)]
    rest = [row for row in kept if row not in one]
    without_guards(path, lambda other: other.executemany("INSERT INTO opening VALUES (?, ?, ?, ?)", rest))
    assert blamed(full) == [(FaultKind.FALSE_OPENING, 4), (FaultKind.FALSE_OPENING, 6)]


# --- values that were erased


@pytest.fixture
def full(ledger: Ledger, phone: Phone, policy: Policy) -> Ledger:
    """Twelve records: those with even numbers up to 10 have personal values, the third of them four."""
    for number in range(1, 11):
        labels = Labels("T-1", "A. Person", "350000000000006") if number == 6 else Labels()
        ledger.append(STARTED, phone=phone if number % 2 == 0 else None, policy=policy, labels=labels)
    ledger.seal()
    return ledger


def erase(path: Path, seq: int, limit: int = -1) -> None:
    """As somebody does who has the file and no wish to leave a trace."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "DELETE FROM opening WHERE commitment IN (SELECT commitment FROM opening WHERE seq = ? LIMIT ?)",
            [seq, limit],
        )


def silently_erased(ledger: Ledger) -> list[int]:
    found = verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel())
    return [fault.first for fault in found.faults if fault.kind is FaultKind.NOT_ON_RECORD]


def test_nothing_is_erased_where_all_is_there(full: Ledger) -> None:
    assert silently_erased(full) == []
    full.erase_records([2, 6], "asked for")
    full.erase_records([10], "asked for", consent=True)
    assert silently_erased(full) == []
    assert full.erasures() == {2: 13, 6: 13, 10: 15}


def test_what_was_erased_without_a_record_is_found(full: Ledger, path: Path) -> None:
    full.erase_records([4], "asked for")
    for seq in (2, 8, 10):
        erase(path, seq)
    full.erase_records([6], "asked for")
    assert silently_erased(full) == [2, 8, 10]


def test_one_value_of_several_is_found(full: Ledger, path: Path) -> None:
    erase(path, 6, limit=1)
    assert silently_erased(full) == [6]


def test_an_erasure_is_of_records_before_it(full: Ledger, path: Path, phone: Phone) -> None:
    """A record that names numbers to come excuses nothing."""
    last = full.newest(1)[0]
    leaf: dict[str, Any] = json.loads(last.exact)
    body = {"records": [2, *range(20, 40), "x", None], "values": 1, "reason": "", "consent": False}
    leaf |= {"seq": last.seq + 1, "type": Kind.ERASED, "body": body}
    exact = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [last.seq + 1, exact, leaf_hash(exact)]
        )
    for _ in range(30):
        full.append(STARTED, phone=phone)
    erase(path, 2)
    erase(path, 25)
    assert silently_erased(full) == [25]
