"""Seals: what they are made of, when they are made, and what becomes of a log whose keys are lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, silent
from core.ledger.keys.enrolment import Enrolment, enrolment_file, keys_folder
from core.ledger.keys.epoch_keys import EpochKeys
from core.ledger.keys.identity import KeyFileForbidden
from core.ledger.problems import FolderNotWritable, LedgerFault, LedgerProblem, NoSpace
from core.ledger.records import CheckStarted, Kind, OutsideCopy
from core.ledger.seals import NotSealed
from core.ledger.tlog.notes import NoteError, Verifier
from core.ledger.tlog.tree import is_consistent, is_included
from core.ledger.verify.faults import FaultKind, Verification
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.model import Phone
from core.phones.connect import Reach
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.text import T
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.ledger.conftest import root_of

ROOT = Path(__file__).resolve().parents[3]
POLICY = policy_file.load_built_in("canada")
STARTED = CheckStarted(T("over USB"))

Opener = Callable[..., Ledger]


@pytest.fixture
def open_ledger(path: Path) -> Iterator[Opener]:
    """Opens ledgers that are closed at the end. Their clock is the computer's own, so that nothing is wrong with it."""
    with ExitStack() as opened:

        def open_one(at: Path = path, *, practice: bool = False) -> Ledger:
            return opened.enter_context(
                Ledger(at, desk="Desk 1", officer="A. Officer", app_version="0.1.0", practice=practice)
            )

        yield open_one


def verified(ledger: Ledger, enrolment: Enrolment | None = None) -> Verification:
    return verify(ledger, enrolment or ledger.enrolment, pinned=True, report=silent, cancel=Cancel())


def kinds(ledger: Ledger) -> list[str]:
    return [entry.kind for entry in ledger.entries()]


def epoch_file(path: Path) -> Path:
    return keys_folder(path) / "epoch.keys"


def keys_at(path: Path) -> list[bytes]:
    """The 32 bytes of each epoch key that is on disk."""
    content = epoch_file(path).read_bytes()
    return [content[i + 4 : i + 36] for i in (0, 64) if content[i : i + 4] == b"FNE1"]


def everything(path: Path) -> bytes:
    """All that stands in the data folder, in hex too."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.rglob("*")) if file.is_file())


# --- what a seal is


def test_the_first_seal_says_which_keys_the_log_begins_with(ledger: Ledger) -> None:
    ledger.append_all([STARTED, STARTED], seal=True)
    assert kinds(ledger) == ["check-started", "check-started", "log-begun", "key-next"]
    begun = ledger.newest(1, kind=Kind.LOG_BEGUN)[0].leaf["body"]
    told = ledger.enrolment
    assert begun == {
        "origin": told.origin,
        "identity": str(told.identity),
        "epoch": str(told.epoch),
        "cosigner": str(told.cosigner),
    }


def test_a_seal_is_over_everything_and_announces_the_key_of_the_next(ledger: Ledger) -> None:
    told = ledger.enrolment
    expected = told.epoch
    for count in range(5):
        ledger.append_all([STARTED] * count, seal=True)
        seal = ledger.newest_seal()
        assert seal is not None
        last = ledger.newest(1)[0]
        assert (seal.size, seal.size) == (ledger.count(), last.seq)
        assert seal.checkpoint.root == root_of(e.leaf_hash for e in ledger.entries())
        assert seal.checkpoint.origin == told.origin
        assert all(key.has_signed(seal.note) for key in (told.identity, expected))
        assert len(seal.note.signatures) == 2
        assert last.kind == Kind.KEY_NEXT
        announced = Verifier.parse(last.leaf["body"]["key"])
        assert announced.public not in (expected.public, told.identity.public)
        expected = announced
    assert [entry.kind for entry in ledger.entries()].count("log-begun") == 1
    assert verified(ledger).faults == ()


def test_every_epochs_key_is_gone_after_its_seal(ledger: Ledger, path: Path) -> None:
    seen: list[bytes] = []
    for _ in range(6):
        (present,) = keys_at(path)
        assert present not in seen
        seen.append(present)
        ledger.append(STARTED, seal=True)
        here = everything(path)
        assert not any(old in here or old.hex().encode() in here for old in seen)
    ledger.close()
    here = everything(path)
    assert not any(old in here for old in seen)


def test_the_old_key_is_overwritten_only_after_the_seal_is_on_disk(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(STARTED, seal=True)
    (before,) = keys_at(path)
    seals = len(list(ledger.seals()))
    told: list[tuple[int, bool]] = []
    erase = EpochKeys.erase_all_but

    def look(self: EpochKeys, needed: Verifier, *, durably: bool = False) -> None:
        with closing(Database(path)) as other:  # as another program sees it: what is committed
            told.append((other.table("seal").count, before in keys_at(path)))
        erase(self, needed, durably=durably)

    monkeypatch.setattr(EpochKeys, "erase_all_but", look)
    ledger.append(STARTED, seal=True)
    assert told == [(seals + 1, True)]
    assert before not in keys_at(path)


def test_a_record_may_wait_for_its_seal(ledger: Ledger) -> None:
    ledger.append(STARTED)
    ledger.append(STARTED)
    assert ledger.unsealed() == 2
    assert ledger.newest_seal() is None
    with pytest.raises(NotSealed, match="Entry 2 of the log is not sealed yet") as refused:
        ledger.proof(2)
    assert "fanion log seal" in str(refused.value.next_step)
    made = ledger.seal()
    assert made is not None
    assert made.size == 4
    assert ledger.unsealed() == 0
    assert ledger.seal_over(2) == made
    again = ledger.seal()
    assert again == made
    assert ledger.count() == 4


@pytest.mark.parametrize("number", [0, -1, 5, 10**12])
def test_what_is_not_there_is_not_sealed(ledger: Ledger, number: int) -> None:
    ledger.append_all([STARTED, STARTED], seal=True)
    with pytest.raises(NotSealed):
        ledger.seal_over(number)
    with pytest.raises(NotSealed):
        ledger.proof(number)


def test_an_empty_log_has_no_seal(ledger: Ledger) -> None:
    assert ledger.seal() is None
    assert ledger.newest_seal() is None
    assert list(ledger.seals()) == []
    assert verified(ledger).records == 0


def test_closing_seals_what_is_left(open_ledger: Opener, path: Path) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED)
        enrolment = ledger.enrolment
    with Ledger.read(path) as reader:
        assert reader.unsealed() == 0
        assert reader.newest_seal() is not None
    with open_ledger() as again:
        assert again.enrolment == enrolment
    with Ledger.read(path) as reader:
        assert reader.count() == 3  # opening and closing alone writes nothing


def test_closing_twice_seals_once(ledger: Ledger, path: Path) -> None:
    ledger.append(STARTED)
    ledger.close()
    ledger.close()
    with Ledger.read(path) as reader:
        assert len(list(reader.seals())) == 1


KILLED = """if True:
    import os, signal, sys
    from pathlib import Path
    from core.ledger.records import CheckStarted
    from core.ledger.writer import Ledger
    from core.text import T
    ledger = Ledger(Path(sys.argv[1]), desk="", officer="", app_version="")
    ledger.append(CheckStarted(T("over USB")), seal=True)
    ledger.append(CheckStarted(T("over USB")))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_the_next_start_seals_what_a_killed_program_left(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledger.db"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, check=False)
    with Ledger.read(path) as reader:
        assert reader.unsealed() == 1
    desk = Desk(tmp_path / "data", Settings(officer="A. Roy", desk="Desk 4"))
    with desk.ledger(False, POLICY) as ledger:
        assert ledger.unsealed() == 0
        assert verified(ledger).faults == ()
        assert Kind.KEYS_REPLACED not in kinds(ledger)


# --- a visit seals by itself


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with closing(PracticeServer(load("walk-up"), pace=0.0)) as made:
        yield made


def test_every_check_of_a_visit_is_sealed_at_once(server: PracticeServer, open_ledger: Opener, tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "practice-ledger.db", practice=True)
    driver = Reach(tmp_path / "keys", "Desk 4").address("127.0.0.1", server.port, Cancel(), lambda _: None)
    with closing(Visit(OpenedPhone(driver, POLICY, ledger), lambda event: None)) as visit:
        for checks in (1, 2):
            visit.check(Cancel())
            assert ledger.unsealed() == 0
            assert visit.entry is not None
            seal = ledger.seal_over(visit.entry.seq)
            assert seal == ledger.newest_seal()
            assert ledger.newest(1)[0].kind == Kind.KEY_NEXT
            assert len(list(ledger.seals())) == checks
        removal = visit.remove(visit.plan(), Cancel())
    assert removal is not None
    assert ledger.unsealed() == 0  # the check after the removal sealed its steps too
    assert all(ledger.proof(e.seq) for e in ledger.entries())
    assert verified(ledger).faults == ()


def test_a_check_at_a_desk_is_sealed_when_it_is_told(server: PracticeServer, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", Settings(officer="A. Roy", desk="Desk 4", organisation="example.org"))
    ledger = desk.hold_ledger(True, POLICY)
    driver = desk.reach.address("127.0.0.1", server.port, Cancel(), lambda _: None)
    with closing(Visit(OpenedPhone(driver, POLICY, ledger), lambda event: None)) as visit:
        visit.check(Cancel())
    with desk.read_ledger(True) as reader:
        newest = reader.newest_seal()
        assert newest is not None
        assert newest.size == reader.count()
        assert newest.checkpoint.origin.startswith("practice.invalid/desk-4/")  # never the organisation's
    desk.close()


# --- several programs

TAKING_TURNS = """if True:
    import sys
    from pathlib import Path
    from core.ledger.records import CheckStarted
    from core.ledger.writer import Ledger
    from core.text import T
    ledger = Ledger(Path(sys.argv[1]), desk="", officer="", app_version="")
    for line in sys.stdin:
        for _ in range(int(line)):
            ledger.append(CheckStarted(T("over USB")), seal=True)
        print(ledger.count(), flush=True)
    ledger.close()
"""


@pytest.fixture
def program(path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts other programs that seal as often as they are told to."""
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-c", TAKING_TURNS, str(path)]
        running.append(subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return running[-1]

    yield start
    for one in running:
        with one:
            assert one.stdin is not None
            one.stdin.close()
            assert one.wait(60) == 0


def tell(program: subprocess.Popen[str], times: int) -> None:
    assert program.stdin is not None
    program.stdin.write(f"{times}\n")
    program.stdin.flush()


def answer(program: subprocess.Popen[str]) -> int:
    assert program.stdout is not None
    return int(program.stdout.readline())


def test_window_and_command_line_seal_in_turn(program: Callable[[], subprocess.Popen[str]], ledger: Ledger) -> None:
    other = program()
    for _ in range(5):
        ledger.append(STARTED, seal=True)
        tell(other, 1)
        answer(other)
    assert kinds(ledger) == ["check-started", "log-begun", "key-next", *["check-started", "key-next"] * 9]
    assert verified(ledger).faults == ()
    assert verified(ledger).seals == 10


@pytest.mark.slow
def test_several_programs_seal_at_once(program: Callable[[], subprocess.Popen[str]], open_ledger: Opener) -> None:
    """All from the first moment on: they even make the ledger and its keys together."""
    others = [program() for _ in range(3)]
    for other in others:
        tell(other, 25)
    for other in others:
        answer(other)
    ledger = open_ledger()
    assert kinds(ledger).count("check-started") == 75
    assert kinds(ledger).count("log-begun") == 1
    assert Kind.KEYS_REPLACED not in kinds(ledger)
    found = verified(ledger)
    assert found.faults == ()
    assert found.seals == 75
    assert enrolment_file(ledger.path).read_text() == ledger.enrolment.text


def test_two_ledgers_of_one_program_take_turns(open_ledger: Opener) -> None:
    first, second = open_ledger(), open_ledger()
    assert first.enrolment == second.enrolment
    for _ in range(3):
        first.append(STARTED, seal=True)
        second.append(STARTED)
        second.append(STARTED, seal=True)
    first.append(STARTED)
    second.seal()
    assert verified(first).faults == ()


# --- keys that are lost


def test_a_deleted_log_begins_anew_under_another_name(open_ledger: Opener, path: Path) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        before = ledger.enrolment
    path.unlink()
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        assert ledger.enrolment.origin != before.origin
        assert kinds(ledger) == ["check-started", "log-begun", "key-next"]
        assert [f.kind for f in verified(ledger).faults] == [FaultKind.EARLIER_LOG]
        assert FaultKind.NOT_ENROLLED in [f.kind for f in verified(ledger, before).faults]
    # Receipts of the old one can still be checked with what it was enrolled with.
    kept = keys_folder(path) / f"enrolment-{before.identity.id.hex()}.txt"
    assert Enrolment.parse(kept.read_text()) == before


def test_a_deleted_log_begins_anew_although_an_old_key_came_back(open_ledger: Opener, path: Path) -> None:
    """As after a power cut that undid the erasure of the very first key: two logs must never have one name."""
    synced: list[bytes] = []
    ledger = open_ledger()
    fsync = os.fsync

    def telling(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(epoch_file(path).read_bytes())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", telling)
        ledger.append(STARTED, seal=True)
    before = ledger.enrolment
    ledger._keys.close()
    path.unlink()
    epoch_file(path).write_bytes(synced[-1])  # what is certain to be on disk
    with open_ledger() as again:
        assert again.enrolment.origin != before.origin


def test_keys_that_were_never_used_are_used_later(open_ledger: Opener, path: Path) -> None:
    """So that a sheet with them may be printed before the first check."""
    with open_ledger() as ledger:
        printed = ledger.enrolment
    with open_ledger() as ledger:
        assert ledger.enrolment == printed
        ledger.append(STARTED, seal=True)
        assert verified(ledger, printed).faults == ()


def lose_epoch(path: Path) -> None:
    epoch_file(path).unlink()


def spoil_epoch(path: Path) -> None:
    epoch_file(path).write_bytes(os.urandom(128))


def lose_identity(path: Path) -> None:
    next(keys_folder(path).glob("identity-*.key")).unlink()


def spoil_identity(path: Path) -> None:
    next(keys_folder(path).glob("identity-*.key")).write_bytes(b"none")


def lose_folder(path: Path) -> None:
    shutil.rmtree(keys_folder(path))


LOSSES = [lose_epoch, spoil_epoch, lose_identity, spoil_identity, lose_folder]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_log_whose_keys_are_lost_goes_on_and_says_so(
    open_ledger: Opener, path: Path, lose: Callable[[Path], None]
) -> None:
    with open_ledger() as ledger:
        for _ in range(3):
            ledger.append(STARTED, seal=True)
        before = ledger.enrolment
        seals = len(list(ledger.seals()))
    lose(path)
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        ledger.append(STARTED, seal=True)
        assert kinds(ledger).count("keys-replaced") == 1
        replaced = ledger.newest(1, kind=Kind.KEYS_REPLACED)[0]
        assert ledger.seal_over(replaced.seq).size == replaced.seq + 1
        after = ledger.enrolment
        assert after.origin == before.origin
        assert (after.identity == before.identity) == (lose in (lose_epoch, spoil_epoch))
        found = verified(ledger, before)
        assert [(f.kind, f.first) for f in found.faults] == [(FaultKind.KEYS_REPLACED, replaced.seq)]
        assert found.sealed == ledger.count()
        assert found.seals == seals + 3  # one of them at once
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        assert kinds(ledger).count("keys-replaced") == 1
        assert len(verified(ledger, before).faults) == 1


@pytest.mark.parametrize("at", [Kind.KEYS_REPLACED, Kind.KEY_NEXT])
@pytest.mark.parametrize("lose", LOSSES)
def test_it_is_said_also_where_the_first_attempt_fails(
    open_ledger: Opener, path: Path, lose: Callable[[Path], None], at: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seal that did not come about must not leave the impression that it did."""
    for kept in (0, 1):
        with open_ledger() as ledger:
            for _ in range(3 + kept):  # the present key stands in either of the two places
                ledger.append(STARTED, seal=True)
            before, records = ledger.enrolment, ledger.count()
        lose(path)
        insert = Ledger._insert

        def stopped(self: Ledger, record: Any, *rest: Any, insert: Any = insert) -> Any:
            if record.kind == at:
                raise KeyboardInterrupt
            return insert(self, record, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "_insert", stopped)
            with pytest.raises(KeyboardInterrupt):
                open_ledger()
        assert not [file for file in path.parent.iterdir() if "-session-" in file.name]
        with Ledger.read(path) as reader:
            assert reader.count() == records
        with open_ledger() as ledger:
            ledger.append(STARTED, seal=True)
            assert kinds(ledger).count("keys-replaced") == 1
            assert [f.kind for f in verified(ledger, before).faults] == [FaultKind.KEYS_REPLACED]
        shutil.rmtree(path.parent)


def test_an_older_copy_of_the_log_beside_newer_keys_says_so(open_ledger: Opener, path: Path, tmp_path: Path) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        before = ledger.enrolment
    shutil.copy(path, tmp_path / "backup.db")
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
    shutil.copy(tmp_path / "backup.db", path)
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        assert [f.kind for f in verified(ledger, before).faults] == [FaultKind.KEYS_REPLACED]


def test_an_older_copy_of_the_keys_beside_a_newer_log_says_so(open_ledger: Opener, path: Path) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        before = ledger.enrolment
    old = epoch_file(path).read_bytes()
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
    epoch_file(path).write_bytes(old)
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        assert [f.kind for f in verified(ledger, before).faults] == [FaultKind.KEYS_REPLACED]


def test_what_was_lost_comes_back_before_the_next_start(open_ledger: Opener, path: Path) -> None:
    """As a backup does that somebody puts back in time: nothing is replaced."""
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        before = ledger.enrolment
    (identity,) = keys_folder(path).glob("identity-*.key")
    hidden = identity.rename(path.parent / "hidden")
    with Ledger.read(path) as reader:
        assert reader.unsealed() == 0
    hidden.rename(identity)
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        assert verified(ledger, before).faults == ()


# --- seals that cannot be made


def test_a_seal_that_fails_leaves_nothing(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.append(STARTED, seal=True)
    before = list(ledger.entries())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NoSpace, match="the disk is full") as told:
            ledger.append_all([STARTED, STARTED], seal=True)
    assert str(told.value.sentence).count(". ") == 0  # one sentence
    assert list(ledger.entries()) == before
    assert ledger.unsealed() == 0
    ledger.append(STARTED, seal=True)
    assert Kind.KEYS_REPLACED not in kinds(ledger)
    assert verified(ledger).faults == ()
    assert len(keys_at(path)) == 1


def test_a_key_that_cannot_be_erased_now_is_erased_by_the_next_seal(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(STARTED, seal=True)
    (old,) = keys_at(path)

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(EpochKeys, "erase_all_but", broken)
        ledger.append(STARTED, seal=True)  # it is written, so nobody is told that it is not
    assert old in keys_at(path)
    ledger.append(STARTED, seal=True)
    assert old not in keys_at(path)
    assert verified(ledger).faults == ()


def test_or_by_the_next_start(open_ledger: Opener, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
        with monkeypatch.context() as patch:
            patch.setattr(EpochKeys, "erase_all_but", lambda *_, **__: None)
            ledger.append(STARTED, seal=True)
    assert len(keys_at(path)) == 2
    with open_ledger():
        assert len(keys_at(path)) == 1


def test_keys_in_a_folder_that_cannot_be_written(
    open_ledger: Opener, path: Path, make_read_only: Callable[[Path], None]
) -> None:
    """What was begun may still be written down; but no seal, and no new start."""
    ledger = open_ledger()
    ledger.append(STARTED, seal=True)
    make_read_only(keys_folder(path))
    with pytest.raises(LedgerProblem) as told:
        open_ledger()
    # Where the right to write is taken from each file too, its name is told.
    assert isinstance(told.value, FolderNotWritable | KeyFileForbidden)
    assert str(path.parent) in str(told.value)


def test_keys_whose_file_is_none(open_ledger: Opener, path: Path) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
    epoch_file(path).unlink()
    epoch_file(path).mkdir()
    with pytest.raises(LedgerFault, match="could not be read or written"):
        open_ledger()
    epoch_file(path).rmdir()
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)


def test_keys_whose_folder_is_a_file(open_ledger: Opener, path: Path) -> None:
    path.parent.mkdir()
    keys_folder(path).touch()
    with pytest.raises(FolderNotWritable):
        open_ledger()


def test_a_record_of_keys_that_is_none_is_damage(open_ledger: Opener, path: Path) -> None:
    with open_ledger() as ledger:
        ledger.append(STARTED, seal=True)
    with closing(Database(path)) as other:
        other.conn.execute("DROP TRIGGER entry_unchanged")
        leaf = json.loads(other.execute("SELECT leaf FROM entry WHERE seq = 3").fetchone()[0])
        leaf["body"]["key"] = "none"
        other.conn.execute("UPDATE entry SET leaf = ? WHERE seq = 3", [json.dumps(leaf).encode()])
        other.conn.execute(
            "CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry\n"
            "BEGIN SELECT raise(ABORT, 'records are never changed'); END"
        )
        other.conn.commit()
    with pytest.raises(LedgerProblem, match="damaged"):
        open_ledger()


# --- proofs


@pytest.mark.slow
@pytest.mark.parametrize("step", [1, 7, 64])
def test_every_record_of_every_size_is_proved(ledger: Ledger, step: int) -> None:
    """Sizes up to 600 and over: past the first tiles, which are of 256."""
    sizes = []
    while ledger.count() < 600:
        count = {1: 37, 7: 53, 64: 5}[step]
        ledger.append_all([STARTED] * count, seal=True)
        sizes.append(ledger.count())
    hashes = [e.leaf_hash for e in ledger.entries()]
    for size in sizes:
        assert ledger.root_at(size) == root_of(hashes[:size])
        assert ledger.tree_at(size).root() == root_of(hashes[:size])
    for seq in range(1, ledger.count() + 1, 1 if step == 64 else step):
        proof = ledger.proof(seq)
        checkpoint = proof.checkpoint
        assert checkpoint.size == min(size for size in sizes if size >= seq)
        assert is_included(hashes[seq - 1], seq - 1, checkpoint.size, proof.path, checkpoint.root)
        last = ledger.newest_seal()
        assert last is not None
        newest = ledger.proof_in(seq, last)
        assert is_included(hashes[seq - 1], seq - 1, last.size, newest.path, last.checkpoint.root)
        other = hashes[seq % len(hashes)]
        assert other == hashes[seq - 1] or not is_included(other, seq - 1, checkpoint.size, proof.path, checkpoint.root)
    for old, new in pairwise(sizes):
        path = ledger.consistency(old, new)
        assert is_consistent(old, root_of(hashes[:old]), new, root_of(hashes[:new]), path)
        assert is_consistent(
            sizes[0], root_of(hashes[: sizes[0]]), new, root_of(hashes[:new]), ledger.consistency(sizes[0], new)
        )


@pytest.mark.slow
def test_sizes_around_the_tiles(open_ledger: Opener, tmp_path: Path) -> None:
    for size in [*range(3, 20), *range(250, 262), 511, 512, 513, 514, 600]:
        path = tmp_path / str(size) / "ledger.db"
        with open_ledger(path) as ledger:
            ledger.append_all([STARTED] * (size - 2), seal=True)
            hashes = [e.leaf_hash for e in ledger.entries()]
            assert len(hashes) == size
            seal = ledger.newest_seal()
            assert seal is not None
            assert seal.checkpoint.root == root_of(hashes)
            for seq in {1, 2, size // 2, size - 1, size, *(s for s in (255, 256, 257, 512, 513) if s <= size)}:
                proof = ledger.proof(seq)
                assert is_included(hashes[seq - 1], seq - 1, size, proof.path, seal.checkpoint.root)
            assert verified(ledger).faults == ()


def test_a_proof_that_would_be_false_is_not_given_out(ledger: Ledger, path: Path) -> None:
    ledger.append_all([STARTED] * 300, seal=True)
    with closing(Database(path)) as other:
        other.conn.execute("DROP TRIGGER node_unchanged")
        other.conn.execute("UPDATE node SET hash = zeroblob(32)")
        other.conn.commit()
    with pytest.raises(LedgerProblem, match="damaged"):
        ledger.proof(299)


def test_a_seal_that_is_none_is_damage(ledger: Ledger, path: Path) -> None:
    ledger.append(STARTED, seal=True)
    with closing(Database(path)) as other:
        other.conn.execute("DROP TRIGGER seal_unchanged")
        other.conn.execute("UPDATE seal SET note = x'00'")
        other.conn.commit()
    with pytest.raises(LedgerProblem, match="damaged"):
        ledger.newest_seal()
    assert [f.kind for f in verified(ledger).faults] == [FaultKind.GUARDS, FaultKind.BAD_SEAL]


# --- what is outside


def test_how_much_is_outside(ledger: Ledger, phone: Phone) -> None:
    assert ledger.outside() == type(ledger.outside())(0, None, "", 0)
    ledger.append_all([STARTED] * 3, seal=True)  # 5 records; 2 of them are the log's own
    assert ledger.outside().newer == 4  # that it began is news to outsiders
    seal = ledger.newest_seal()
    assert seal is not None
    ledger.append(OutsideCopy("receipt", seal.size, "x"), phone=phone)
    told = ledger.outside()
    assert (told.size, told.how, told.newer) == (seal.size, "receipt", 0)
    assert told.time is not None
    assert told.time.utcoffset() is not None
    ledger.append(STARTED, seal=True)
    assert ledger.outside().newer == 1
    ledger.append(OutsideCopy("day-close", ledger.count(), "x"))
    ledger.append(OutsideCopy("folder", 2, "x"))  # of an older seal: the newest is what counts
    assert (ledger.outside().how, ledger.outside().newer) == ("day-close", 0)


def test_the_file_has_nothing_that_is_no_note(ledger: Ledger) -> None:
    """Every seal is what C2SP calls a signed note: any other program of that kind can read it."""
    for _ in range(3):
        ledger.append(STARTED, seal=True)
    for seal in ledger.seals():
        lines = bytes(seal.note).decode().splitlines()
        assert lines[0] == ledger.enrolment.origin
        assert lines[1] == str(seal.size)
        assert lines[3] == ""
        assert [line.split(" ")[:2] for line in lines[4:]] == [["—", ledger.enrolment.origin]] * 2
        with pytest.raises(NoteError):
            type(seal.note).parse(bytes(seal.note)[:-1])
