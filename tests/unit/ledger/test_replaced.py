"""Keys that the log went on with after others were lost: on record at once, kept beside it, and told to outsiders."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, silent
from core.ledger.keys.enrolment import Enrolment, keys_folder, later_file, read_enrolment, read_enrolments
from core.ledger.problems import NoSpace
from core.ledger.records import CheckStarted, Kind
from core.ledger.sealing import SealKeys
from core.ledger.tlog.notes import Verifier
from core.ledger.verify.faults import FaultKind
from core.ledger.verify.ledger_check import verify
from core.ledger.verify.outside_copy import outside_copy
from core.ledger.writer import Ledger
from core.text import T

STARTED = CheckStarted(T("over USB"))

Opener = Callable[[], Ledger]
Loss = Callable[[Path], None]


@pytest.fixture
def open_ledger(path: Path) -> Iterator[Opener]:
    with ExitStack() as opened:
        yield lambda: opened.enter_context(Ledger(path, desk="Desk 1", officer="A. Officer", app_version="0.1.0"))


def lose_identity(path: Path) -> None:
    for file in keys_folder(path).glob("identity-*"):
        file.unlink()


def lose_epoch(path: Path) -> None:
    (keys_folder(path) / "epoch.keys").unlink()


def lose_folder(path: Path) -> None:
    shutil.rmtree(keys_folder(path))


LOSSES = [lose_identity, lose_epoch, lose_folder]


def check(open_ledger: Opener) -> Enrolment:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        return ledger.enrolment


def recorded(path: Path) -> list[Enrolment]:
    """What the log says that it began with, and then went on with."""
    with Ledger.read(path) as reader:
        return [
            Enrolment(*(Verifier.parse(entry.leaf["body"][key]) for key in ("identity", "epoch", "cosigner")))
            for entry in reader.entries()
            if entry.kind in (Kind.LOG_BEGUN, Kind.KEYS_REPLACED)
        ]


@pytest.mark.parametrize("lose", LOSSES)
def test_what_is_told_after_a_loss_is_on_record(open_ledger: Opener, path: Path, lose: Loss) -> None:
    """So that a sheet that is printed now names the keys by which the log goes on."""
    before = check(open_ledger)
    lose(path)
    with open_ledger() as ledger:
        told = ledger.enrolment
        assert ledger.unsealed() == 0
        assert recorded(path) == [before, told]
    assert check(open_ledger) == told
    assert recorded(path) == [before, told]
    with Ledger.read(path) as reader:
        replaced = reader.newest(1, kind=Kind.KEYS_REPLACED)[0]
        assert (replaced.leaf["officer"], replaced.leaf["desk"]) == ("A. Officer", "Desk 1")
        assert told.identity.has_signed(reader.seal_over(replaced.seq).note)
        assert told.epoch.has_signed(reader.seal_over(replaced.seq).note)


def test_opening_alone_writes_nothing_where_nothing_is_lost(open_ledger: Opener, path: Path) -> None:
    check(open_ledger)
    before = path.read_bytes()
    open_ledger().close()
    assert path.read_bytes() == before
    assert not later_file(path).exists()


@pytest.mark.parametrize("lose", [lose_identity, lose_epoch])
def test_they_are_kept_with_those_that_were_enrolled(open_ledger: Opener, path: Path, lose: Loss) -> None:
    """And again, and again."""
    told = [check(open_ledger)]
    assert read_enrolments(path) == tuple(told)
    for _ in range(3):
        lose(path)
        told.append(check(open_ledger))
        assert read_enrolments(path) == tuple(told) == tuple(recorded(path))
        assert read_enrolment(path) == told[0]
    if sys.platform != "win32":
        assert later_file(path).stat().st_mode & 0o777 == 0o600


def test_without_the_enrolled_ones_they_are_the_first(open_ledger: Opener, path: Path) -> None:
    """What the log says of its own beginning is not taken for what was enrolled."""
    check(open_ledger)
    lose_folder(path)
    told = check(open_ledger)
    assert read_enrolments(path) == (told,)
    assert read_enrolment(path) is None


def test_a_receipt_of_the_new_keys_is_compared(open_ledger: Opener, path: Path) -> None:
    check(open_ledger)
    lose_identity(path)
    with open_ledger() as ledger:
        seq = ledger.append(STARTED, seal=True).seq
        first, *later = read_enrolments(path)
        copy = outside_copy("receipt", ledger.proof(seq), first, [keys.identity for keys in later])
        found = verify(ledger, first, pinned=False, copies=[copy], report=silent, cancel=Cancel())
        assert {f.kind for f in found.faults} == {FaultKind.KEYS_REPLACED}
        assert found.outside == seq + 1


def test_what_could_not_be_kept_at_first_is_kept_by_the_next_start(
    open_ledger: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = check(open_ledger)
    lose_identity(path)

    def full(_: SealKeys) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SealKeys, "_remember", full)
        told = check(open_ledger)
    assert read_enrolments(path) == (first,)
    open_ledger().close()
    assert read_enrolments(path) == (first, told)


def test_a_start_that_cannot_say_so_says_why(open_ledger: Opener, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(open_ledger)
    lose_epoch(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NoSpace):
            open_ledger()
    open_ledger().close()
    assert len(recorded(path)) == 2


def test_keys_that_are_lost_meanwhile_are_told_only_once_they_are_on_record(
    open_ledger: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        before = ledger.enrolment
        (keys_folder(path) / "epoch.keys").write_bytes(bytes(128))
        insert = Ledger._insert

        def stopped(self: Ledger, record: Any, *rest: Any) -> Any:
            if record.kind == Kind.KEY_NEXT:
                raise KeyboardInterrupt
            return insert(self, record, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "_insert", stopped)
            with pytest.raises(KeyboardInterrupt):
                ledger.append(STARTED, seal=True)
        assert ledger.enrolment == before
        ledger.append(STARTED, seal=True)
        assert recorded(path) == [before, ledger.enrolment] == list(read_enrolments(path))


def test_a_log_that_begins_anew_has_none_of_the_old_ones(open_ledger: Opener, path: Path) -> None:
    check(open_ledger)
    lose_identity(path)
    check(open_ledger)
    old = read_enrolments(path)
    path.unlink()
    told = check(open_ledger)
    assert read_enrolments(path) == (told,)
    kept = keys_folder(path) / f"enrolments-{old[0].identity.id.hex()}.txt"
    assert Enrolment.parse(kept.read_text()) == old[1]


def test_two_programs_that_find_the_same_loss_say_so_once(open_ledger: Opener, path: Path) -> None:
    """The second has looked before the first has said it."""
    check(open_ledger)
    lose_identity(path)
    late = Ledger._change
    first: list[Ledger] = []

    def change(self: Ledger, *, seal: bool) -> Any:
        if not first:
            first.append(self)
            open_ledger()
        return late(self, seal=seal)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "_change", change)
        other = open_ledger()
    assert len(recorded(path)) == 2
    assert other.enrolment == recorded(path)[-1] == read_enrolments(path)[-1]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Fanion desk keys\n", b"none\n" * 100])
def test_a_file_of_them_that_is_none_is_as_none(open_ledger: Opener, path: Path, content: bytes) -> None:
    told = check(open_ledger)
    later_file(path).write_bytes(content)
    assert read_enrolments(path) == (told,)
    lose_epoch(path)
    assert read_enrolments(path) == (told,)
    assert read_enrolments(path.with_name("another.db")) == ()
    again = check(open_ledger)
    assert read_enrolments(path) == (told, again)
