"""Every row of the table in resources/guides/threats.md, done to a real ledger: found, or shown to pass."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

import core.ledger.sealing
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.settings import settings
from core.desk.settings.settings_table import Settings
from core.ledger.file.journal_pages import MAGIC
from core.ledger.keys.enrolment import enrolment_file, keys_folder
from core.ledger.problems import LedgerProblem, NewerLedger, NoSpace
from core.ledger.records import CheckEnded
from core.ledger.tlog.notes import Note, Proof
from core.ledger.verify.faults import FaultKind as F
from core.ledger.verify.outside_copy import CopyRefused, outside_copy
from core.ledger.writer import Ledger
from core.model import Phone, Verdict
from core.reports.page import typeset
from core.reports.receipt.receipt import receipt_page
from core.reports.receipt.receipt_check import compare_receipt
from tests.unit.ledger.thief import ENDED, Place, Thief, by_somebody_else, canonical, files_of

ROOT: Final = Path(__file__).resolve().parents[3]

#: What each row says: whether it is found by the log alone, and with an outside copy beside it; None where it is not
#: something to be found, but does no harm.
rows: Final = dict[str, tuple[bool | None, bool | None]]()

Test = TypeVar("Test", bound=Callable[..., None])


def threat(row: str, *, alone: bool | None, outside: bool | None) -> Callable[[Test], Test]:
    """A test of a row of the table; what it shows must be what the row says."""
    assert rows.setdefault(row, (alone, outside)) == (alone, outside)

    def mark(test: Test) -> Test:
        return test

    return mark


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Four checks: records 1 to 4, 5 to 7, 8 to 10 and 11 to 13, with a seal over each of them."""
    here = Place(tmp_path / "data")
    here.check(4)
    return here


# The seals


def edited(thief: Thief) -> None:
    thief.edit(6, by_somebody_else)


def edited_in_haste(thief: Thief) -> None:
    thief.edit(6, by_somebody_else, hashed=False)


def deleted(thief: Thief) -> None:
    thief.file.execute("DELETE FROM entry WHERE seq = 6")


def deleted_and_closed_up(thief: Thief) -> None:
    thief.renumber([thief.leaf(n) for n in range(1, 14) if n != 6])


def inserted(thief: Thief) -> None:
    leaves = [thief.leaf(n) for n in range(1, 14)]
    thief.renumber([*leaves[:5], leaves[5] | {"officer": "Somebody Else"}, *leaves[5:]])


def inserted_before_the_first(thief: Thief) -> None:
    thief.put(-1, thief.leaf(6) | {"seq": -1})


def swapped(thief: Thief) -> None:
    five, six = thief.leaf(5), thief.leaf(6)
    thief.put(5, six)
    thief.put(6, five)


def swapped_and_renumbered(thief: Thief) -> None:
    five, six = thief.leaf(5), thief.leaf(6)
    thief.put(5, six | {"seq": 5})
    thief.put(6, five | {"seq": 6})


@threat("change", alone=True, outside=True)
@pytest.mark.parametrize(
    ("attack", "told"),
    [
        (edited, [(F.NOT_AS_SEALED, 5, 7)]),
        (edited_in_haste, [(F.ALTERED, 6, 6)]),
        (deleted, [(F.MISSING, 6, 6)]),
        (deleted_and_closed_up, [(F.NOT_AS_SEALED, 5, 7), (F.SEAL_MISSING, 6, 6), (F.MISSING, 13, 13)]),
        (inserted, [(F.NOT_AS_SEALED, 5, 7)]),
        (inserted_before_the_first, [(F.OUT_OF_ORDER, 0, 0)]),
        (swapped, [(F.OUT_OF_ORDER, 5, 6), (F.NOT_AS_SEALED, 5, 7)]),
        (swapped_and_renumbered, [(F.NOT_AS_SEALED, 5, 7)]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_sealed_record_is_changed(
    place: Place, attack: Callable[[Thief], None], told: list[tuple[F, int, int]]
) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path) as thief:
        attack(thief)
    assert sorted(place.told(enrolment)) == sorted(told)
    more: dict[Callable[[Thief], None], list[tuple[F, int, int]]] = {
        deleted_and_closed_up: [(F.CUT, 13, 13)],
        inserted_before_the_first: [],  # what the copy covers is all there
    }
    contradicted = more.get(attack, [(F.FORKED, 1, 13)])
    assert sorted(place.told(enrolment, copy)) == sorted([*told, *contradicted])


@threat("unsealed", alone=False, outside=False)
def test_a_record_behind_the_last_seal_is_edited(place: Place) -> None:
    copy = place.seal()
    with place.open() as ledger:
        ledger.append_all(
            [
                CheckEnded(
                    verdict=Verdict.RED, profiles=1, apps=312, findings=1, bans=1, products=1, gaps=(), took_ms=900
                )
            ]
        )
        cut_off = place.copy("cut-off")
        enrolment = ledger.enrolment
    with Thief(cut_off.path) as thief:
        thief.edit(14, by_somebody_else)
    for copies in ([], [copy]):
        found = cut_off.look(enrolment, *copies)
        assert (found.faults, found.records, found.sealed) == ((), 14, 13)


@threat("cut-inside", alone=True, outside=True)
def test_the_log_is_cut_inside_the_last_seal(place: Place) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path) as thief:
        thief.drop(11, seals=False)
    assert place.told(enrolment) == [(F.MISSING, 12, 13)]
    assert (F.CUT, 12, 13) in place.told(enrolment, copy)


@threat("cut-to-seal", alone=False, outside=True)
def test_the_log_is_cut_back_to_a_seal(place: Place) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path) as thief:
        thief.drop(10, seals=True)
    assert (place.look(enrolment).intact, place.look(enrolment).sealed) == (True, 10)
    assert place.told(enrolment, copy) == [(F.CUT, 11, 13)]


@threat("cut-to-seal", alone=False, outside=True)
def test_a_copy_that_is_older_than_the_cut_shows_nothing(place: Place) -> None:
    older, enrolment = place.seal(), place.enrolment()
    place.check()
    with Thief(place.path) as thief:
        thief.drop(13, seals=True)
    found = place.look(enrolment, older)
    assert (found.faults, found.outside) == ((), 13)


def test_a_log_that_was_cut_back_cannot_be_gone_on_with_unseen(place: Place) -> None:
    """The key of the seal that was cut off is erased: Fanion goes on with other keys, and says so."""
    enrolment = place.enrolment()
    with Thief(place.path) as thief:
        thief.drop(10, seals=True)
    place.check()
    assert [kind for kind, _, _ in place.told(enrolment)] == [F.KEYS_REPLACED]


@threat("older-copy", alone=False, outside=True)
@pytest.mark.parametrize("keys", [False, True])
def test_an_older_copy_is_put_back(place: Place, keys: bool) -> None:
    enrolment, older = place.enrolment(), place.copy("backup")
    copy = place.check(2)
    place.put_back(older, keys=keys)
    assert (place.look(enrolment).faults, place.look(enrolment).sealed) == ((), 13)
    assert place.told(enrolment, copy) == [(F.CUT, 14, 19)]


@threat("fork", alone=False, outside=True)
def test_there_are_two_histories(place: Place) -> None:
    enrolment, other = place.enrolment(), place.copy("other")
    mine, theirs = place.check(2), other.check(3, officer="Somebody Else")
    for one, copy in ((place, mine), (other, theirs)):
        assert one.look(enrolment, copy).faults == ()
    assert other.told(enrolment, mine) == [(F.FORKED, 1, 19)]
    assert place.told(enrolment, theirs) == [(F.CUT, 20, 22)]
    # What both have in common, a copy of that proves of either.
    assert other.told(enrolment, mine, theirs) == [(F.FORKED, 1, 19)]


@threat("rewrite", alone=True, outside=True)
def test_the_present_keys_are_stolen_and_earlier_records_rewritten(place: Place) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path) as thief:
        thief.edit(2, by_somebody_else)
        signers = thief.keys()
        for size in (4, 7, 10, 13):
            thief.seal(size, *signers)
    # Each seal has the thief's key, but has to have the one that was announced for it, and erased since.
    assert place.told(enrolment) == [(F.WRONG_EPOCH_KEY, size, size) for size in (4, 7, 10, 13)]
    assert (F.FORKED, 1, 13) in place.told(enrolment, copy)


@threat("rewrite", alone=True, outside=True)
def test_the_thief_announces_his_own_key_everywhere(place: Place) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path) as thief:
        signers = thief.keys()
        for size in (4, 7, 10, 13):
            thief.edit(size, lambda leaf: leaf.update(body={"key": str(signers[1].verifier)}))
            thief.seal(size, *signers)
    # The first seal is what the enrolment has the key of.
    assert place.told(enrolment) == [(F.WRONG_EPOCH_KEY, 4, 4)]
    assert (F.FORKED, 1, 13) in place.told(enrolment, copy)


@threat("rewrite", alone=True, outside=True)
def test_a_seal_is_signed_by_one_of_the_two_keys_only(place: Place) -> None:
    enrolment = place.enrolment()
    with Thief(place.path) as thief:
        identity, epoch = thief.keys()
        thief.seal(13, identity)
        thief.seal(10, epoch)
    assert place.told(enrolment) == [
        (F.NOT_THE_DESK, 10, 10),
        (F.WRONG_EPOCH_KEY, 10, 10),
        (F.WRONG_EPOCH_KEY, 13, 13),
    ]


@threat("forge", alone=False, outside=False)
def test_the_present_keys_are_stolen_and_used_from_the_last_seal_on(place: Place) -> None:
    enrolment, anchored, stolen = place.enrolment(), place.seal(), place.copy("stolen")
    later = place.check(2)
    stolen.check(3, officer="Somebody Else")
    found = stolen.look(enrolment, anchored)
    assert (found.faults, found.sealed, found.outside) == ((), 22, 13)
    # Only what has left the computer since contradicts it.
    assert stolen.told(enrolment, anchored, later) == [(F.FORKED, 14, 19)]


@threat("old-key", alone=False, outside=True)
def test_a_new_history_is_begun_with_keys_from_a_backup(place: Place) -> None:
    enrolment, backup = place.enrolment(), place.copy("backup")
    copy = place.check(2)
    place.put_back(backup)
    place.check(4, officer="Somebody Else")
    assert (place.look(enrolment).faults, place.look(enrolment).sealed) == ((), 25)
    assert place.told(enrolment, copy) == [(F.FORKED, 1, 19)]


@threat("replaced", alone=True, outside=True)
def test_the_whole_log_is_replaced_by_one_with_its_own_keys(place: Place, tmp_path: Path) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    other = Place(tmp_path / "other")
    other.check(5)
    place.put_back(other)
    assert place.told(enrolment) == [(F.NOT_ENROLLED, 3, 3)]
    assert (F.FORKED, 1, 13) in place.told(enrolment, copy)
    # Whoever takes the keys from the same computer sees nothing, and is told where they are from.
    found = log_evidence.verify(Desk(place.folder, Settings()), False)
    assert (found.intact, found.pinned) == (True, False)
    with pytest.raises(CopyRefused, match="another log"):
        outside_copy("a receipt", copy.note, other.enrolment())


@threat("replaced", alone=True, outside=True)
def test_the_log_that_replaces_it_has_its_name(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    monkeypatch.setattr(core.ledger.sealing, "new_origin", lambda *_, **__: enrolment.origin)
    other = Place(tmp_path / "other")
    other.check(4)
    place.put_back(other)
    assert place.told(enrolment) == [(F.NOT_ENROLLED, 3, 3)]
    with pytest.raises(CopyRefused, match="not signed by this desk"):
        outside_copy("a receipt", copy.note, other.enrolment())


@threat("replaced", alone=True, outside=True)
@pytest.mark.parametrize("kind", ["log-begun", "keys-replaced"])
@pytest.mark.parametrize("sealed", [False, True])
def test_the_log_that_replaces_it_names_the_enrolled_keys_further_down(
    place: Place, tmp_path: Path, kind: str, sealed: bool
) -> None:
    """They are known to everybody: that a record has them proves nothing, wherever it stands."""
    enrolment = place.enrolment()
    other = Place(tmp_path / "other")
    other.check(3)
    keys = {name: str(getattr(enrolment, name)) for name in ("identity", "epoch", "cosigner")}
    named: dict[str, Any] = {"type": kind, "body": {"origin": enrolment.origin, **keys}}
    with Thief(other.path) as thief:
        if sealed:
            thief.append_sealed(lambda leaf: canonical(leaf | named))
        else:
            thief.put(11, thief.leaf(10) | named | {"seq": 11})
    assert not other.look(enrolment).intact
    if kind == "log-begun":
        assert (F.NOT_ENROLLED, 3, 3) in other.told(enrolment)


@threat("other-desk", alone=True, outside=True)
def test_the_log_of_another_desk_is_put_in_its_place(place: Place, tmp_path: Path) -> None:
    enrolment = place.enrolment()
    other = Place(tmp_path / "other")
    other.check(2)
    place.put_back(other, keys=False)
    assert place.told(enrolment) == [(F.NOT_ENROLLED, 3, 3)]
    # Without anything from outside, too: the keys on this computer are others.
    found = log_evidence.verify(Desk(place.folder, Settings()), False)
    assert not found.intact
    assert log_evidence.log_status(Desk(place.folder, Settings()), False).faults


@threat("keys-lost", alone=True, outside=True)
def test_the_keys_are_lost(place: Place) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    shutil.rmtree(keys_folder(place.path))
    place.check(2)
    assert place.told(enrolment, copy) == [(F.KEYS_REPLACED, 14, 14)]
    # On this computer nothing is left to compare with.
    assert not log_evidence.verify(Desk(place.folder, Settings()), False).intact


@threat("keys-lost", alone=True, outside=True)
def test_only_the_key_of_the_next_seal_is_lost(place: Place) -> None:
    enrolment = place.enrolment()
    (keys_folder(place.path) / "epoch.keys").unlink()
    place.check(2)
    assert place.told(enrolment) == [(F.KEYS_REPLACED, 14, 14)]


# The clock


@threat("clock-back", alone=True, outside=True)
def test_the_clock_is_set_back_while_the_computer_runs(place: Place) -> None:
    place.clock.set(-timedelta(hours=3))
    place.check()
    found = place.look(place.enrolment())
    assert [(fault.kind, fault.first) for fault in found.faults] == [(F.CLOCK_BACK, 14)]
    assert found.intact, "the records themselves are as they were sealed"


@threat("clock-back", alone=True, outside=True)
def test_the_clock_is_set_back_before_the_computer_starts_again(place: Place) -> None:
    place.clock.restart(-timedelta(hours=3))
    place.check()
    assert place.told(place.enrolment()) == [(F.CLOCK_BACK, 14, 14)]


@threat("clock-forward", alone=True, outside=True)
def test_the_clock_is_set_forward_while_the_computer_runs(place: Place) -> None:
    place.clock.set(timedelta(hours=3))
    place.check()
    assert place.told(place.enrolment()) == [(F.CLOCK_FORWARD, 14, 14)]


@threat("clock-forward-restart", alone=False, outside=False)
def test_the_clock_is_set_forward_before_the_computer_starts_again(place: Place) -> None:
    copy = place.seal()
    place.clock.restart(timedelta(days=30))
    place.check()
    assert place.told(place.enrolment(), copy) == []


def test_small_steps_of_a_time_server_are_no_news(place: Place) -> None:
    for step in (-1.5, 1.5, 1.9):
        place.clock.set(timedelta(seconds=step))
        place.check()
    assert place.told(place.enrolment()) == []


# The form


def doubled(leaf: dict[str, Any]) -> bytes:
    return canonical(leaf).replace(b'"officer":', b'"officer":"Somebody Else","officer":')


def spaced(leaf: dict[str, Any]) -> bytes:
    return json.dumps(leaf, sort_keys=True).encode()


def escaped(leaf: dict[str, Any]) -> bytes:
    return canonical(leaf).replace(b"A. Officer", b"\\u0041. Officer")


def out_of_order(leaf: dict[str, Any]) -> bytes:
    return json.dumps(dict(sorted(leaf.items(), reverse=True)), separators=(",", ":")).encode()


def with_a_fraction(leaf: dict[str, Any]) -> bytes:
    return canonical(leaf).replace(b'"v":1', b'"v":1.0')


def with_white_space_behind(leaf: dict[str, Any]) -> bytes:
    return canonical(leaf) + b" "


def with_a_time_of_another_form(old: str, new: str) -> Callable[[dict[str, Any]], bytes]:
    """The same moment or another one, in a way that does not sort among the others."""
    return lambda leaf: canonical(leaf | {"time": leaf["time"].replace(old, new)})


@threat("double-json", alone=True, outside=True)
@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (doubled, F.NOT_CANONICAL),
        (spaced, F.NOT_CANONICAL),
        (escaped, F.NOT_CANONICAL),
        (out_of_order, F.NOT_CANONICAL),
        (with_white_space_behind, F.NOT_CANONICAL),
        (with_a_fraction, F.UNREADABLE),
        (with_a_time_of_another_form("+00:00", "Z"), F.UNREADABLE),
        (with_a_time_of_another_form("+00:00", "+01:00"), F.UNREADABLE),
        (with_a_time_of_another_form("000+00:00", "000000+00:00"), F.UNREADABLE),
    ],
)
def test_a_record_that_can_be_read_in_two_ways_is_sealed_by_whoever_has_the_keys(
    place: Place, write: Callable[[dict[str, Any]], bytes], kind: F
) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path) as thief:
        seq = thief.append_sealed(write)
    assert place.told(enrolment) == place.told(enrolment, copy) == [(kind, seq, seq)]


def test_a_record_that_is_written_properly_with_stolen_keys_passes(place: Place) -> None:
    """So that it is the form that was found above, and nothing else."""
    enrolment = place.enrolment()
    with Thief(place.path) as thief:
        thief.append_sealed(canonical)
    assert place.told(enrolment) == []


@threat("guards", alone=True, outside=True)
@pytest.mark.parametrize("back", [False, True])
def test_the_guards_are_dropped_and_a_record_replaced(place: Place, back: bool) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    with Thief(place.path, guards=back) as thief:
        thief.edit(6, by_somebody_else)
    guards = [] if back else [(F.GUARDS, 0, 0)]
    assert place.told(enrolment) == [*guards, (F.NOT_AS_SEALED, 5, 7)]
    assert (F.FORKED, 1, 13) in place.told(enrolment, copy)


@threat("guards", alone=True, outside=True)
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entry_kept",
        "DROP TRIGGER seal_unchanged",
        "DROP INDEX entry_kind",
        "CREATE TRIGGER more AFTER INSERT ON entry BEGIN SELECT 1; END",
        "CREATE VIEW more AS SELECT * FROM entry",
    ],
)
def test_only_the_guards_are_changed(place: Place, statement: str) -> None:
    enrolment = place.enrolment()
    with contextlib.closing(sqlite3.connect(place.path)) as file:
        file.execute(statement)
    assert place.told(enrolment) == [(F.GUARDS, 0, 0)]


@threat("beside", alone=True, outside=True)
def test_what_is_kept_beside_the_records_is_changed(place: Place) -> None:
    enrolment = place.enrolment()
    with Thief(place.path, tidy=False) as thief:
        thief.file.execute("UPDATE head SET hashes = zeroblob(length(hashes))")
    assert place.told(enrolment) == [(F.CACHE, 0, 0)]


@threat("beside", alone=True, outside=True)
def test_a_personal_value_is_exchanged(place: Place) -> None:
    phone = Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE")
    with place.open() as ledger:
        seq = ledger.append_all([ENDED], phone=phone, seal=True)[0].seq
        enrolment = ledger.enrolment
    assert place.told(enrolment) == []
    with Thief(place.path) as thief:
        thief.file.execute("UPDATE opening SET value = CAST('R58N99ZZZZZ' AS BLOB)")
    assert place.told(enrolment) == [(F.FALSE_OPENING, seq, seq)]


@threat("planted", alone=True, outside=True)
@pytest.mark.skipif(sys.platform == "win32", reason="few may make links there")
@pytest.mark.parametrize("planted", ["link", "journal", "second name", "file"])
def test_what_is_put_beside_the_log_is_not_taken_for_its_own(place: Place, tmp_path: Path, planted: str) -> None:
    """Everything else of that: test_others_files.py, test_journals.py."""
    bait, beside = tmp_path / "bait", place.path.with_name("ledger.db-journal")
    bait.write_bytes(b"somebody's letters")
    match planted:
        case "link":
            beside.symlink_to(bait)
        case "second name":
            os.link(bait, beside)
        case "journal":
            name = os.fsencode(bait)
            end = struct.pack(">II", len(name), sum(name)) + MAGIC
            beside.write_bytes(MAGIC + struct.pack(">5I", 0, 1, 1, 512, 4_096).ljust(504, b"\0") + name + end)
        case _:
            if os.geteuid():
                pytest.skip("only root can be several people")
            beside.write_bytes(bait.read_bytes())
            os.chown(beside, 40_009, 40_009)
    before = files_of(place.folder)
    with pytest.raises(LedgerProblem, match=r"ledger\.db-journal"), place.open():
        pass
    assert files_of(place.folder) == before
    assert bait.read_bytes() == b"somebody's letters"


# What no log can do


@threat("false-record", alone=False, outside=False)
def test_a_false_record_is_written_by_the_program_itself(place: Place) -> None:
    """A check that never was: the log only says that this was written then, and not changed since."""
    copy = place.check(1, officer="Somebody Else")
    assert place.told(place.enrolment(), copy) == []


@threat("own-settings", alone=False, outside=False)
def test_the_departments_settings_are_hidden(place: Place, tmp_path: Path) -> None:
    """A program that sees another /etc has the officer's own settings alone, and the log tells no difference."""
    department = tmp_path / "settings.toml"
    key = "age1vrznec8vdatjn3jwg6eme7nk7rqxetkmqsgldzkf3jmethhravush3uu4n"
    department.write_text(f'head_office_key = "{key}"\n')
    assert settings.load(place.folder, department).is_locked("head_office_key")
    hidden = settings.load(place.folder, tmp_path / "another-etc" / "settings.toml")
    assert not hidden.is_locked("head_office_key")
    assert not hidden.head_office_key
    copy = place.check(1)
    assert place.told(place.enrolment()) == []
    assert place.told(place.enrolment(), copy) == []


@threat("destroyed", alone=False, outside=True)
def test_the_whole_log_is_destroyed(place: Place) -> None:
    enrolment, copy = place.enrolment(), place.seal()
    shutil.rmtree(place.folder)
    with pytest.raises(LedgerProblem):
        log_evidence.verify(Desk(place.folder, Settings()), False)
    # A new one is sound in itself; the receipt tells that there was another.
    place.check()
    assert log_evidence.verify(Desk(place.folder, Settings()), False).intact
    told = place.told(enrolment, copy)
    assert {(F.NOT_ENROLLED, 3, 3), (F.CUT, 5, 13)} <= set(told)


@pytest.mark.slow
@threat("crash", alone=None, outside=None)
def test_a_program_that_is_killed_loses_nothing_that_it_acknowledged(place: Place) -> None:
    """It goes on with the keys that it has, and every record is there."""
    program = f"""if True:
        from pathlib import Path
        from tests.unit.ledger.thief import ENDED, Place
        with Place(Path({str(place.folder)!r})).open() as ledger:
            while True:
                print(ledger.append_all([ENDED], seal=True)[-1].seq, flush=True)
    """
    enrolment = place.enrolment()
    for lines in (1, 5, 12):
        with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [int(process.stdout.readline()) for _ in range(lines)]
            process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        with place.open():
            pass
        found = place.look(enrolment)
        assert [fault for fault in found.faults if fault.kind not in (F.CLOCK_BACK, F.CLOCK_FORWARD)] == []
        assert found.sealed > max(said)


@threat("crash", alone=None, outside=None)
def test_a_disk_that_is_full_takes_nothing_back(small_disk: Path) -> None:
    place = Place(small_disk / "data")
    place.check()
    acknowledged = 0
    with contextlib.suppress(NoSpace), place.open() as ledger:
        for _ in range(1_000):
            acknowledged = ledger.append_all([ENDED] * 20, seal=True)[-1].seq
    assert 0 < acknowledged < 20_000, "the disk was full some time"
    found = place.look(place.enrolment())
    assert found.intact
    assert found.sealed > acknowledged


# What is brought from outside


@pytest.fixture
def desk(place: Place) -> Desk:
    return Desk(place.folder, Settings(officer="A. Officer", desk="Desk 1"))


def proof_of(place: Place, seq: int) -> Proof:
    with Ledger.read(place.path) as ledger:
        return ledger.proof(seq)


def forged(place: Place) -> bytes:
    """The desk's own checkpoint with another root: the signatures are not over it."""
    return bytes(place.seal().note).replace(b"\n13\n", b"\n14\n")


def of_another_desk(place: Place) -> bytes:
    other = Place(place.folder.with_name("other"))
    other.check()
    return bytes(other.seal().note)


def of_a_form_to_come(place: Place) -> bytes:
    return bytes(proof_of(place, 5)).replace(b"tlog-proof@v1", b"tlog-proof@v2")


def signed_by_nobody(place: Place) -> bytes:
    text = place.seal().note.text
    return f"{text}\n— {place.seal().checkpoint.origin} {'A' * 100}\n".encode()


def signed_by_the_epoch_key_only(place: Place) -> bytes:
    note = place.seal().note
    return bytes(Note(note.text, note.signatures[1:]))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (forged, "not signed by this desk"),
        (of_another_desk, "another log"),
        (of_a_form_to_come, "it is not"),
        (signed_by_nobody, "signed"),
        (signed_by_the_epoch_key_only, "not signed by this desk"),
        (lambda place: b"%PDF-1.7 and no more", "PDF"),
        (lambda place: b"", "signed text"),
        (lambda place: bytes(range(256)) * 100, "control characters"),
    ],
)
def test_a_receipt_that_is_none_of_this_desk_is_refused_and_nothing_changes(
    place: Place, desk: Desk, tmp_path: Path, make: Callable[[Place], bytes], why: str
) -> None:
    receipt = tmp_path / "receipt"
    receipt.write_bytes(make(place))
    before = files_of(place.folder)
    with pytest.raises(CopyRefused, match=why) as refused:
        log_evidence.verify(desk, False, [receipt])
    assert str(refused.value.next_step)
    assert files_of(place.folder) == before


def test_a_receipt_of_another_record_is_told_from_this_one(place: Place, desk: Desk, tmp_path: Path) -> None:
    proof = proof_of(place, 5)
    receipt = tmp_path / "receipt.tlog-proof"
    receipt.write_bytes(bytes(proof))
    assert log_evidence.verify(desk, False, [receipt]).intact
    receipt.write_bytes(bytes(Proof(5, proof.path, proof.note)))
    found = log_evidence.verify(desk, False, [receipt])
    assert [(fault.kind, fault.first) for fault in found.faults] == [(F.NOT_THE_RECEIPTS, 6)]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("Fanion desk keys", "Fanion desk keys 2"),
        lambda text: text.replace("cosigner", "co-signer"),
        lambda text: text + "extra line\n",
        lambda text: text.replace("+A", "+B", 1),
        lambda text: "",
        lambda text: text.replace("\n", "\0"),
        lambda text: "\ud83d".encode("utf-16", "surrogatepass").decode("latin-1") + text,
    ],
)
def test_keys_of_a_form_that_is_not_known_are_refused_and_nothing_changes(
    place: Place, desk: Desk, tmp_path: Path, change: Callable[[str], str]
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(change(enrolment_file(place.path).read_text()), encoding="utf-8")
    before = files_of(place.folder)
    with pytest.raises(LedgerProblem, match="cannot be used"):
        log_evidence.verify(desk, False, keys=keys)
    assert files_of(place.folder) == before


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"garbage",
        b"c2sp.org/checkpoint@v9\n\n",
        b"\xff" * 500,
        b"x" * 200_000,
        "a\n13\n\n\n— a AAAAAAA=\n".encode(),
    ],
)
def test_a_seal_that_cannot_be_read_is_a_fault_and_nothing_changes(place: Place, desk: Desk, note: bytes) -> None:
    with Thief(place.path) as thief:
        thief.file.execute("UPDATE seal SET note = ? WHERE size = 10", [note])
    before = files_of(place.folder)
    found = log_evidence.verify(desk, False)
    assert [(fault.kind, fault.first) for fault in found.faults] == [(F.BAD_SEAL, 10)]
    assert [(f.kind, f.first) for f in log_evidence.log_status(desk, False).faults] == [(F.BAD_SEAL, 10)]
    assert files_of(place.folder) == before


def test_a_record_of_a_form_to_come_is_a_fault(place: Place, desk: Desk) -> None:
    with Thief(place.path) as thief:
        seq = thief.append_sealed(lambda leaf: canonical(leaf | {"v": 2}))
    found = log_evidence.verify(desk, False)
    assert [(fault.kind, fault.first) for fault in found.faults] == [(F.UNREADABLE, seq)]


def test_a_log_of_a_form_to_come_is_refused_and_nothing_changes(place: Place, desk: Desk) -> None:
    with Thief(place.path) as thief:
        thief.file.execute("PRAGMA user_version=3")
    before = files_of(place.folder)
    with pytest.raises(NewerLedger):
        log_evidence.verify(desk, False)
    with pytest.raises(NewerLedger), place.open():
        pass
    assert files_of(place.folder) == before


@threat("index", alone=True, outside=True)
def test_an_index_is_built_without_some_entries(place: Place) -> None:
    """And its statement is put back, so that it looks as before. Everything else of that: test_altered.py."""
    enrolment, copy = place.enrolment(), place.seal()
    with contextlib.closing(sqlite3.connect(place.path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema=ON")
        (own,) = file.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_kind'").fetchone()
        file.execute("DROP INDEX entry_kind")
        file.execute("CREATE INDEX entry_kind ON entry (kind) WHERE seq <> 6")
        file.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'entry_kind'", [own])
    assert place.told(enrolment) == [(F.INDEX, 0, 0)]
    assert place.told(enrolment, copy) == [(F.INDEX, 0, 0)]


@threat("receipt", alone=False, outside=True)
def test_a_receipt_gets_other_words_or_fewer_entries(place: Place) -> None:
    """Every word, name and number of it: unit/reports/test_receipt_check.py."""
    place.seal()
    with Ledger.read(place.path) as log:
        check = next(e for e in log.newest(20) if isinstance(e.record, CheckEnded))
        proof = log.proof(check.seq)
        page, attached = receipt_page(log, check, proof, ("en",))
        true, false = (
            typeset("receipt", page | more, time=check.time, languages=("en",), attached=attached)
            for more in ({}, {"word": [("en", "Amber")]})
        )
        assert compare_receipt("r.pdf", true, proof, log, check).differences == ()
        assert len(compare_receipt("r.pdf", false, proof, log, check).differences) == 1
    assert place.told(place.enrolment()) == []


# The table


def tables() -> list[dict[str, tuple[str, str]]]:
    """The rows of each table of the guide by their ids: what is found by the log alone, and with an outside copy."""
    found: list[dict[str, tuple[str, str]]] = []
    for line in (ROOT / "resources" / "guides" / "threats.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|---"):
            found.append({})
        elif line.startswith("| `"):
            assert len(cells) == 4
            assert found[-1].setdefault(cells[0].strip("`"), (cells[2], cells[3])) == (cells[2], cells[3])
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (0, {True: "found", False: "not found", None: "nothing lost that was recorded"}),
        (1, {True: "décelé", False: "non décelé", None: "rien de perdu de ce qui est enregistré"}),
    ],
)
def test_the_guide_says_what_these_tests_show(language: int, words: dict[bool | None, str]) -> None:
    english_and_french = tables()
    assert len(english_and_french) == 2
    table = english_and_french[language]
    assert list(table) == list(english_and_french[0])
    assert table.keys() == rows.keys()
    for row, (alone, outside) in rows.items():
        for cell, found in zip(table[row], (alone, outside), strict=True):
            assert cell.split(",")[0].split(" (")[0] == words[found], row


def test_the_guide_promises_no_more_than_it_may() -> None:
    text = (ROOT / "resources" / "guides" / "threats.md").read_text(encoding="utf-8").casefold()
    for word in ("tamper-proof", "tamperproof", "inviolable", "infalsifiable", "impossible", "guarantee", "garanti"):
        assert word not in text
