"""One log for everybody who uses a computer, and one that is carried around."""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.cli.probes import log as log_probe
from core.desk.desk import Desk
from core.desk.papers import log_evidence, log_papers
from core.desk.policy import policy_changes, policy_import
from core.desk.policy.policy_changes import OwnRules
from core.desk.problems import NothingRecorded
from core.desk.settings import data_choice
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.ledger import records
from core.ledger.file.shared_folder import require
from core.ledger.keys import enrolment, identity
from core.ledger.keys.identity import KeyInKeyring
from core.ledger.problems import LedgerProblem
from core.ledger.writer import Ledger, ledger_file
from core.reports.filing import BesideTheLog, put
from core.system.files import files, windows_acl
from core.text import T
from tests.inside import database_of
from tests.unit.conftest import Fanion
from tests.unit.policy.team import Team

ROOT = Path(__file__).resolve().parents[3]
A_CHECK = records.CheckStarted(T("over USB"))

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, which are inherited")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FANION_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """As an administrator makes it."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o2770)
    return folder


@pytest.fixture
def make_desk(tmp_path: Path, shared: Path) -> Iterator[Callable[..., Desk]]:
    with ExitStack() as open_desks:

        def make(name: str = "a", **more: Any) -> Desk:
            told = {"officer": name, "desk": "Desk 4", "shared_log": str(shared), "unsigned_policy": True, **more}
            desk = Desk(tmp_path / name, Settings(**told))
            open_desks.callback(desk.close)
            return desk

        yield make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


@pytest.fixture
def machine(tmp_path: Path, department_is: Callable[[Path], None]) -> Path:
    """The department's settings file, which is not there yet."""
    file = tmp_path / "department" / "settings.toml"
    file.parent.mkdir()
    department_is(file)
    return file


def record(desk: Desk) -> None:
    with desk.ledger(False, desk.policy(None)) as ledger:
        ledger.append(A_CHECK, seal=True)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


# What belongs to whom


def test_what_belongs_to_the_desk_is_shared_and_what_belongs_to_the_person_is_not(
    make_desk: Callable[..., Desk], shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_desk("a"), make_desk("b")
    record(one)
    policy_changes.put_in_force(one, OwnRules(off=("wechat",)))
    with one.ledger(True, one.policy(None)) as practice:
        practice.append(A_CHECK)
    assert {"ledger.db", "ledger-keys", "own-rules.toml"} == {path.name for path in shared.iterdir()}
    assert {path.name for path in one.data.iterdir()} == {"practice-ledger.db", "practice-ledger-keys"}
    assert not other.data.exists()
    assert policy_changes.own(other).off == ("wechat",)
    assert other.policy(None).sha256 == one.policy(None).sha256
    with other.read_ledger(False) as ledger:
        assert records.Kind.CHECK_STARTED in {entry.kind for entry in ledger.entries()}
    with pytest.raises(NothingRecorded, match="Nothing has been recorded yet in") as nothing:
        other.read_ledger(True)
    assert str(other.data) in str(nothing.value.sentence)


def test_a_signed_policy_is_brought_for_everybody(make_desk: Callable[..., Desk], shared: Path, tmp_path: Path) -> None:
    team = Team(tmp_path / "team")
    team.publish("1")
    one, other = (make_desk(name, policy_root=str(team.root_file), unsigned_policy=False) for name in ("a", "b"))
    policy_import.import_policy(one, team.stick(), Cancel())
    assert other.policy(None).id == "ministry"
    assert (shared / "policy").is_dir()
    if sys.platform != "win32":
        found = modes(shared)
        assert {mode for name, mode in found.items() if (shared / name).is_file()} == {0o660}
        assert {mode for name, mode in found.items() if (shared / name).is_dir()} == {0o2770}


def test_where_nothing_is_recorded_the_shared_folder_is_named(desk: Desk, shared: Path) -> None:
    with pytest.raises(NothingRecorded) as nothing:
        desk.read_ledger(False)
    assert str(shared) in str(nothing.value.sentence)
    with pytest.raises(NothingRecorded), desk.custodian(False):
        pass
    assert not list(shared.iterdir())
    (shared / "ledger.db").touch()  # another officer's Fanion makes the log at this moment
    with pytest.raises(NothingRecorded):
        desk.read_ledger(False)


def test_a_receipt_beside_the_shared_log_or_among_ones_own_data_is_none(desk: Desk, shared: Path) -> None:
    record(desk)
    for folder in (shared, shared / "receipts", desk.data / "receipts"):
        with pytest.raises(BesideTheLog):
            log_papers.close_day(desk, False, date(2026, 11, 24), folder)
    assert not (shared / "receipts").exists()


def test_keys_beside_the_shared_log_are_not_from_outside(desk: Desk, shared: Path, tmp_path: Path) -> None:
    record(desk)
    kept = enrolment.enrolment_file(ledger_file(shared))
    outside = tmp_path / "sheet.txt"
    shutil.copy(kept, outside)
    assert not log_evidence.verify(desk, False, keys=kept).pinned
    assert log_evidence.verify(desk, False, keys=outside).pinned


def test_the_log_stays_where_it_is_while_a_window_is_open(desk: Desk, shared: Path) -> None:
    """An administrator who changes the settings meanwhile does not have two logs written."""
    record(desk)
    desk.settings = Settings(officer="a")
    assert desk.ledger_path(False) == ledger_file(shared)


# The department decides, whatever the data folder is


@pytest.mark.parametrize("how", ["argument", "environment", "portable", "chosen", "instead"])
def test_no_data_folder_leads_around_the_department(
    machine: Path,
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    standard_folder_is: Callable[[Path], None],
    carried_folder_is: Callable[[Path], None],
) -> None:
    machine.write_text(f"shared_log = '{shared}'\nown_rules = false\nexceptions = false\n", encoding="utf-8")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "settings.toml").write_text("officer = 'Mine'\n", encoding="utf-8")
    carried_folder_is(mine)
    if how == "environment":
        monkeypatch.setenv("FANION_DATA", str(mine))
    standard_folder_is(mine if how == "instead" else tmp_path / "standard")
    if how == "chosen":
        data_choice.choose(mine)
    desk = Desk.at(mine if how == "argument" else None, portable=how == "portable")
    if how == "instead":
        desk = Desk.at_standard()
    assert (desk.data, desk.settings.officer) == (mine, "Mine")
    assert (desk.log_folder, desk.settings.own_rules, desk.settings.exceptions) == (shared, False, False)
    record(desk)
    assert (shared / "ledger.db").exists()
    assert not (mine / "ledger.db").exists()


def test_nobody_has_a_shared_log_of_their_own(machine: Path, shared: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f"shared_log = '{shared}'\n", encoding="utf-8")
    desk = Desk.at(tmp_path)
    assert "only for the whole computer" in str(desk.fault)
    assert desk.log_folder == tmp_path


def test_a_personal_file_that_cannot_be_used_opens_nothing(machine: Path, shared: Path, tmp_path: Path) -> None:
    machine.write_text(f"shared_log = '{shared}'\nexceptions = false\n", encoding="utf-8")
    (tmp_path / "settings.toml").write_text("officer = 1\n", encoding="utf-8")
    desk = Desk.at(tmp_path)
    assert desk.fault is not None
    assert (desk.log_folder, desk.settings.exceptions) == (shared, False)


def test_where_the_departments_settings_cannot_be_used_no_log_is_taken_for_the_right_one(
    machine: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with Ledger(ledger_file(data), desk="d", officer="o", app_version="0") as ledger:
        ledger.append(A_CHECK)
    before = ledger_file(data).read_bytes()
    machine.write_text("sharedlog = '/var/lib/fanion'\n", encoding="utf-8")
    desk = Desk.at(data)
    ways: list[Callable[[], object]] = [
        lambda: desk.read_ledger(False),
        lambda: desk.hold_ledger(False, desk.policy("canada", practice=True)),
        lambda: desk.custodian(False, make=True).__enter__(),
        lambda: log_evidence.enrolment(desk, False),
        desk.active_policy,
        lambda: policy_changes.own(desk),
    ]
    for way in ways:
        with pytest.raises(LedgerProblem, match="“sharedlog” is not a setting of Fanion"):
            way()
    assert ledger_file(data).read_bytes() == before
    with desk.ledger(True, desk.policy("canada", practice=True)) as practice:
        assert practice.practice


# A folder that will not do


@pytest.mark.parametrize(
    ("mode", "code", "words"),
    [
        (0o2777, "shared-log-open", "Any user could change the log of this computer"),
        (0o3777, "shared-log-open", "Any user could change the log of this computer"),
        (0o2772, "shared-log-open", "Any user could change the log of this computer"),
        (0o0770, "shared-log-unfit", "is not made for a log that several people write"),
        (0o2750, "shared-log-unfit", "is not made for a log that several people write"),
        (0o2730, "shared-log-unfit", "is not made for a log that several people write"),
        (0o3770, "shared-log-unfit", "is not made for a log that several people write"),
        (0o0700, "shared-log-unfit", "is not made for a log that several people write"),
    ],
)
@posix
def test_a_folder_with_other_rights_is_refused(desk: Desk, shared: Path, mode: int, code: str, words: str) -> None:
    shared.chmod(mode)
    with pytest.raises(LedgerProblem, match=words) as refused:
        record(desk)
    assert (refused.value.code, refused.value.exit_code) == (code, 5)
    assert str(shared) in str(refused.value.sentence)
    assert "2770" in str(refused.value.next_step)
    assert not list(shared.iterdir())
    assert not ledger_file(desk.data).exists()


@pytest.mark.parametrize(
    ("grants", "opened"),
    [
        (None, ["S-1-1-0"]),
        ([("S-1-1-0", 0x1200A9)], ["S-1-1-0"]),
        ([("S-1-5-32-544", 0x1F01FF), ("S-1-5-11", 0x1301BF), ("S-1-5-32-545", 1)], ["S-1-5-11", "S-1-5-32-545"]),
        ([("S-1-5-18", 0x1F01FF), ("S-1-5-32-544", 0x1F01FF), ("S-1-5-21-1-2-3-1104", 0x1301BF)], []),
    ],
)
def test_windows_lists_that_let_everybody_in_are_refused(
    shared: Path, monkeypatch: pytest.MonkeyPatch, grants: list[tuple[str, int]] | None, opened: list[str]
) -> None:
    listed = None if grants is None else tuple(windows_acl.AccessGrant(who, rights) for who, rights in grants)
    monkeypatch.setattr(
        windows_acl, "of", lambda path, follow: windows_acl.Access("S-1-5-32-544", listed) if follow else None
    )
    monkeypatch.setattr("core.ledger.file.shared_folder.sys", SimpleNamespace(platform="win32"))
    if not opened:
        require(shared)
        return
    with pytest.raises(LedgerProblem, match="Any user could change the log of this computer") as refused:
        require(shared)
    assert (refused.value.code, refused.value.exit_code) == ("shared-log-open", 5)
    assert str(shared) in str(refused.value.sentence)
    assert "2770" not in str(refused.value.next_step), "Windows has no modes"
    removed = " ".join(f"*{group}" for group in opened)
    assert f'icacls "{shared}" /remove {removed}' in str(refused.value.next_step)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "Access is denied"), "shared-log-forbidden"),
        (ValueError("no list"), "shared-log-forbidden"),
        (OSError(22, "The network was lost"), "shared-log-missing"),
    ],
)
def test_a_windows_that_does_not_say_who_may_come_in_is_not_believed(
    shared: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    def fail(path: Path, *, follow: bool) -> None:
        raise error

    monkeypatch.setattr(windows_acl, "of", fail)
    monkeypatch.setattr("core.ledger.file.shared_folder.sys", SimpleNamespace(platform="win32"))
    with pytest.raises(LedgerProblem) as refused:
        require(shared)
    assert (refused.value.code, refused.value.detail) == (code, str(error))


@posix
@pytest.mark.parametrize("mode", [0o2770, 0o2775, 0o2771])
def test_others_may_look_at_names_and_nothing_more(desk: Desk, shared: Path, mode: int) -> None:
    shared.chmod(mode)
    record(desk)
    assert not any(bits & stat.S_IRWXO for bits in modes(shared).values())


@pytest.mark.parametrize("instead", ["nothing", "a file", "below a file", "a link to nothing"])
def test_a_folder_that_is_not_there_is_not_made_and_no_other_log_is_begun(
    desk: Desk, shared: Path, instead: str
) -> None:
    shared.rmdir()
    if instead == "a file":
        shared.touch()
    elif instead == "a link to nothing":
        if sys.platform == "win32":
            pytest.skip("not everybody may make links there")
        shared.symlink_to(shared.with_name("nothing"))
    elif instead == "below a file":
        shared.touch()
        desk.log_folder = shared / "log"
    ways: list[Callable[[], object]] = [
        lambda: record(desk),
        lambda: desk.read_ledger(False),
        lambda: desk.custodian(False).__enter__(),
        lambda: log_evidence.log_status(desk, False),
        lambda: log_evidence.verify(desk, False),
        lambda: log_evidence.enrolment(desk, False),
        desk.active_policy,
        lambda: policy_changes.own(desk),
        lambda: policy_changes.put_in_force(desk, OwnRules(off=("wechat",))),
        lambda: policy_import.import_policy(desk, shared, Cancel()),
    ]
    for way in ways:
        with pytest.raises(LedgerProblem, match="for the log of this computer is not there") as missing:
            way()
        assert missing.value.code == "shared-log-missing"
    assert not desk.data.exists()
    assert not shared.is_dir()
    with desk.ledger(True, desk.policy("canada", practice=True)) as practice:
        assert practice.practice


def test_a_folder_that_goes_while_the_window_is_open_is_told(desk: Desk, shared: Path) -> None:
    record(desk)
    shared.rename(shared.with_name("elsewhere"))
    with pytest.raises(LedgerProblem, match="is not there"):
        desk.policy(None)
    assert not shared.exists()


@posix
def test_a_medium_that_is_read_only_is_read_and_not_called_a_lack_of_membership(
    desk: Desk, shared: Path, make_read_only: Callable[[Path], None]
) -> None:
    if os.geteuid():
        pytest.skip("only root can make one")
    record(desk)
    make_read_only(shared)
    with desk.read_ledger(False) as ledger:
        assert ledger.count()
    with pytest.raises(LedgerProblem) as refused:
        record(desk)
    assert not refused.value.code.startswith("shared-log")


# No keyring


class Ring:
    """A keyring that takes everything."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def put(self, entry: str, secret: str) -> bool:
        self.kept[entry] = secret
        return True


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr(identity, "_into_keyring", ring.put)
    monkeypatch.setattr(identity, "_from_keyring", lambda entry, known: ring.kept.get(entry))
    return ring


def test_no_keyring_has_the_key_of_a_shared_log_or_of_one_that_travels(
    make_desk: Callable[..., Desk], tmp_path: Path, machine: Path, ring: Ring
) -> None:
    for desk, kept in ((make_desk(), "shared-file"), (Desk.at(tmp_path / "stick", portable=True), "carried-file")):
        with desk.ledger(False, desk.policy(None)) as ledger:
            assert ledger.keys_in == "file"
            ledger.append(A_CHECK, seal=True)
        with desk.ledger(True, desk.policy(None)) as practice:
            practice.append(A_CHECK, seal=True)
        assert log_evidence.log_status(desk, False).keys_in == kept
        assert log_evidence.log_status(desk, True).keys_in == ("carried-file" if desk.portable else "file")
    assert not ring.kept
    with (mine := Desk.at(tmp_path / "mine")).ledger(False, mine.policy(None)) as ledger:
        assert ledger.keys_in == "keyring"
    assert len(ring.kept) == 1


def test_a_log_whose_key_is_in_a_keyring_does_not_go_on_with_another_key(
    make_desk: Callable[..., Desk], tmp_path: Path, shared: Path, machine: Path, ring: Ring
) -> None:
    """As when somebody's own log is put into the shared folder: other keys would be a fault of it for ever."""
    mine = Desk.at(tmp_path / "mine")
    record(mine)
    shutil.copytree(tmp_path / "mine", tmp_path / "stick")
    shutil.copytree(tmp_path / "mine", shared, dirs_exist_ok=True)
    for path in (shared, *shared.rglob("*")):
        path.chmod(0o2770 if path.is_dir() else 0o660)
    for moved in (make_desk(), Desk.at(tmp_path / "stick", portable=True)):
        before = moved.ledger_path(False).read_bytes()
        with pytest.raises(KeyInKeyring, match="shared or portable uses none"):
            record(moved)
        assert moved.ledger_path(False).read_bytes() == before
        assert log_evidence.verify(moved, False).records > 0  # and can be read and verified
    record(mine)


def test_what_is_carried_around_is_beside_the_program(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carried_folder_is: Callable[[Path], None]
) -> None:
    carried_folder_is(tmp_path / "fanion-data")
    desk = Desk.at(None, portable=True)
    assert desk.portable
    assert (desk.data, desk.log_folder) == (tmp_path / "fanion-data", tmp_path / "fanion-data")
    assert not desk.data.exists()
    assert Desk.at(tmp_path / "chosen", portable=True).data == tmp_path / "chosen"
    monkeypatch.setenv("FANION_DATA", str(tmp_path / "variable"))
    assert Desk.at(None, portable=True).data == tmp_path / "fanion-data"
    assert not Desk.at(None).portable


# On the command line


def test_the_command_line_says_where_the_key_is(machine: Path, shared: Path, tmp_path: Path, fanion: Fanion) -> None:
    machine.write_text(f"shared_log = '{shared}'\n", encoding="utf-8")
    record(Desk.at(tmp_path / "mine"))
    status = fanion("log", "status", "--data", tmp_path / "mine")
    assert "a file that all users who may write this log can read" in status.out
    assert fanion("log", "verify", "--data", tmp_path / "other").code == 0
    assert "program-start" in fanion("log", "list", "--json", "--data", tmp_path / "other").out


def test_the_command_line_does_nothing_without_the_shared_folder(machine: Path, tmp_path: Path, fanion: Fanion) -> None:
    machine.write_text(f"shared_log = '{tmp_path / 'none'}'\n", encoding="utf-8")
    for words in (["check"], ["remove", "--yes"], ["log", "list"], ["log", "verify"], ["policy", "show"]):
        refused = fanion(*words, "--json", "--data", tmp_path / "mine")
        assert refused.code == 5, words
        told = refused.json["problem"]
        assert told["code"] == "shared-log-missing"
        assert str(tmp_path / "none") in told["sentence"]
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "mine" / "ledger.db").exists()


# Rights


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o007, 0o002])
def test_everybody_in_the_group_may_use_what_is_made_and_nobody_else(
    desk: Desk, shared: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    before = os.umask(umask)
    try:
        held = desk.hold_ledger(False, desk.policy(None))  # so that its session's file is there
        held.append(A_CHECK, seal=True)
        policy_changes.put_in_force(desk, OwnRules(off=("wechat",)))
        found = modes(shared)
        database_of(held).execute("BEGIN IMMEDIATE")
        database_of(held).execute("INSERT INTO node (level, position, hash) VALUES (60, 1, zeroblob(32))")
        journal = stat.S_IMODE((shared / "ledger.db-journal").stat().st_mode)
        database_of(held).rollback()
    finally:
        os.umask(before)
    assert len(found) == 8, found
    assert {mode for name, mode in found.items() if name != "ledger-keys"} == {0o660}
    assert found["ledger-keys"] == 0o2770
    assert journal == 0o660


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_ones_own_data_are_nobody_elses(
    make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    desk = make_desk(shared_log="")
    before = os.umask(umask)
    try:
        held = desk.hold_ledger(False, desk.policy(None))
        held.append(A_CHECK, seal=True)
        policy_changes.put_in_force(desk, OwnRules(off=("wechat",)))
        found = modes(desk.data)
    finally:
        os.umask(before)
    assert {mode for name, mode in found.items() if name != "ledger-keys"} == {0o600}
    assert found["ledger-keys"] == 0o700
    assert stat.S_IMODE(desk.data.stat().st_mode) == 0o700


@posix
def test_ones_own_data_are_nobody_elses_below_a_folder_that_a_group_has(
    make_desk: Callable[..., Desk], shared: Path
) -> None:
    """As in a home folder that others may write in: who makes a folder there has not made one for several people."""
    desk = make_desk("shared/of/mine", shared_log="")
    record(desk)
    policy_changes.put_in_force(desk, OwnRules(off=("wechat",)))
    found = modes(desk.data)
    assert not any(mode & 0o077 for mode in found.values())
    assert not stat.S_IMODE(desk.data.stat().st_mode) & 0o077


@posix
def test_what_is_handed_out_is_not_for_a_group_that_somebody_elses_folder_has(shared: Path) -> None:
    put(shared / "receipt.pdf", b"personal values")
    assert stat.S_IMODE((shared / "receipt.pdf").stat().st_mode) == 0o600


@posix
def test_nothing_that_is_there_is_made_anew(shared: Path) -> None:
    for name in ("file", "folder"):
        make = files.create_empty_file if name == "file" else files.create_folder
        make(shared / name)
        kept = (shared / name).stat().st_ino
        with pytest.raises(FileExistsError):
            make(shared / name)
        assert (shared / name).stat().st_ino == kept
    (shared / "link").symlink_to(shared / "nowhere")
    for make in (files.create_empty_file, files.create_folder):
        with pytest.raises(FileExistsError):
            make(shared / "link")
    assert {path.name for path in shared.iterdir()} == {"file", "folder", "link"}


@posix
def test_two_who_make_the_same_at_once_have_the_same(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one comes between the look and the making."""
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    (shared / "folder").mkdir()
    (shared / "folder" / "key").touch()
    (shared / "file").write_text("kept")
    with monkeypatch.context() as patch:
        patch.undo()
        answers = [False, True]
        patch.setattr(os.path, "lexists", lambda path: answers.pop(0))
        with pytest.raises(FileExistsError):
            files.create_folder(shared / "folder")
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    with pytest.raises(FileExistsError):
        files.create_empty_file(shared / "file")
    assert (shared / "file").read_text() == "kept"
    assert {path.name for path in shared.rglob("*")} == {"file", "folder", "key"}


@posix
def test_a_failure_leaves_nothing_behind(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fchmod", full)
    monkeypatch.setattr(Path, "chmod", full)
    for make in (files.create_empty_file, files.create_folder):
        with pytest.raises(OSError, match="No space left"):
            make(shared / "new")
    assert not list(shared.iterdir())


# Several people, each with an account of their own


GROUP = 40_100


class Person:
    """Somebody who is signed in to this computer: see `tests/unit/colleague.py`."""

    def __init__(self, uid: int, office: Path, *, member: bool = True, umask: int = 0o077, **more: str) -> None:
        self.uid = uid
        data = office / f"home-{uid}"
        data.mkdir()
        os.chown(data, uid, uid)
        told = {
            "uid": uid,
            "groups": [GROUP] if member else [],
            "umask": umask,
            "shared": str(office / "log"),
            "data": str(data),
            "officer": f"Officer {uid}",
            **more,
        }
        self.data = data
        self._program = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.unit.colleague", json.dumps(told)],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def begin(self, act: str, *values: object) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps([act, *values]) + "\n")
        self._program.stdin.flush()

    def answer(self) -> Any:
        assert self._program.stdout is not None
        return json.loads(self._program.stdout.readline())

    def do(self, act: str, *values: object) -> Any:
        self.begin(act, *values)
        return self.answer()

    def go(self) -> None:
        self._program.communicate(timeout=60)


@pytest.fixture
def office() -> Iterator[Path]:
    """A folder that every account can reach, with the one for the log as an administrator makes it."""
    if sys.platform == "win32" or os.geteuid():
        pytest.skip("only root can be several people")
    if any(not place.stat().st_mode & stat.S_IXOTH for place in Path(tempfile.gettempdir(), "x").parents):
        pytest.skip("others cannot reach the folder for temporary files")
    folder = Path(tempfile.mkdtemp(prefix="fanion-office-"))
    folder.chmod(0o755)
    log = folder / "log"
    log.mkdir()
    os.chown(log, 0, GROUP)
    log.chmod(0o2770)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def person(office: Path) -> Iterator[Callable[..., Person]]:
    with ExitStack() as everybody:

        def come(uid: int, **more: Any) -> Person:
            someone = Person(uid, office, **more)
            everybody.callback(someone.go)
            assert someone.answer() == "ready"
            return someone

        yield come


def check_whole(office: Path, *, officers: set[str]) -> None:
    """The log is in order, each record with its own officer, and everything is the group's alone."""
    desk = Desk(office / "auditor", Settings(shared_log=str(office / "log")))
    verified = log_evidence.verify(desk, False)
    assert not verified.faults
    with desk.read_ledger(False) as ledger:
        assert {e.leaf["officer"] for e in ledger.entries() if e.kind == records.Kind.CHECK_STARTED} == officers
    for path in (office / "log").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o2770 if path.is_dir() else 0o660), path
        assert path.stat().st_gid == GROUP, path


@pytest.mark.slow
def test_people_write_one_log_in_turn(office: Path, person: Callable[..., Person]) -> None:
    a, b = person(40_001), person(40_002, umask=0o022)
    numbers = [number for one in (a, b, a, b, b, a) for number in one.do("record")]
    assert numbers == sorted(set(numbers))
    assert a.do("verify") == b.do("verify") == []
    with Desk(office, Settings(shared_log=str(office / "log"))).read_ledger(False) as ledger:
        told = [e.leaf["officer"] for e in ledger.entries() if e.kind == records.Kind.CHECK_STARTED]
    assert told == [f"Officer {one.uid}" for one in (a, b, a, b, b, a)]
    check_whole(office, officers={"Officer 40001", "Officer 40002"})
    assert not list(a.data.iterdir())


@pytest.mark.slow
def test_people_write_one_log_at_once_with_a_window_open_for_each(office: Path, person: Callable[..., Person]) -> None:
    """Both begin it at the same moment, too."""
    people = [person(uid) for uid in (40_001, 40_002, 40_003)]
    for one in people:
        one.begin("hold")
    sessions = [one.answer() for one in people]
    assert len(set(sessions)) == 3
    assert all(isinstance(session, str) for session in sessions)
    for one in people:
        one.begin("note", 15)
    numbers = [number for one in people for number in one.answer()]
    assert len(numbers) == len(set(numbers)) == 45
    assert people[0].do("leave") is None
    assert people[1].do("note") != []
    assert people[0].do("note") != []
    for one in people:
        one.do("leave")
    check_whole(office, officers={f"Officer {one.uid}" for one in people})


@pytest.mark.slow
def test_what_another_is_about_to_do_is_no_crash_until_they_are_gone(
    office: Path, person: Callable[..., Person]
) -> None:
    a, b = person(40_001), person(40_002)
    intent = a.do("intend")
    assert b.do("open_intents") == []
    a.do("leave")
    assert b.do("open_intents") == [intent]


@pytest.mark.slow
def test_a_writing_that_another_left_by_half_is_undone(office: Path, person: Callable[..., Person]) -> None:
    a, b = person(40_001), person(40_002)
    a.do("record")
    a.do("die_writing")
    a.go()
    assert (office / "log" / "ledger.db-journal").exists()
    assert isinstance(b.do("record"), list)
    assert not (office / "log" / "ledger.db-journal").exists()
    assert not list((office / "log").glob("*-session-*"))
    check_whole(office, officers={"Officer 40001", "Officer 40002"})


@pytest.mark.slow
def test_people_share_rules_index_and_signed_policy(office: Path, person: Callable[..., Person]) -> None:
    team = Team(office / "team")
    team.publish("1")
    first = shutil.copytree(team.stick(), office / "stick-1")
    team.publish("2")
    second = shutil.copytree(team.stick(), office / "stick-2")
    for path in (office / "team", first, second, *office.glob("team/**/*"), *office.glob("stick-*/**/*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    signed = {"root": str(team.root_file), "stick": str(second)}
    a, b = person(40_001), person(40_002)
    assert a.do("own", "wechat") == ["wechat"]
    assert b.do("own", "wechat", "tiktok") == ["wechat", "tiktok"]
    assert a.do("own") == []
    a.do("record", 80)
    b.do("record", 80)
    c, d = person(40_003, **signed), person(40_004, **signed)
    assert c.do("bring", str(first)) == "1"
    assert d.do("judges_by") == "ministry 1"
    assert d.do("bring", str(second)) == "2"
    assert c.do("judges_by") == "ministry 2"
    check_whole(office, officers={"Officer 40001", "Officer 40002"})


@pytest.mark.slow
def test_a_stranger_is_told_whom_to_ask(office: Path, person: Callable[..., Person]) -> None:
    person(40_001).do("record")
    stranger = person(40_009, member=False)
    for act in ("record", "hold", "verify", "judges_by", "own", "open_intents"):
        told = stranger.do(act)
        assert told["problem"] == "shared-log-forbidden", act
        assert told["sentence"] == f"You may not use the log of this computer in {office / 'log'}."
        assert told["next"] == (
            f"Ask your IT support to put you into the group {GROUP}, then sign in to the computer again."
        )
    assert not list(stranger.data.iterdir())
    check_whole(office, officers={"Officer 40001"})


@pytest.mark.slow
def test_a_stranger_who_cannot_even_reach_the_folder_is_told(office: Path, person: Callable[..., Person]) -> None:
    stranger = person(40_009, member=False)
    closed = office / "closed"
    closed.mkdir(mode=0o700)
    (office / "log").rename(closed / "log")
    (office / "log").symlink_to(closed / "log")
    told = stranger.do("record")
    assert told["problem"] == "shared-log-forbidden"
    assert "let you use that folder" in told["next"]
    assert stranger.do("try_log") == told
    assert "GB are free" in stranger.do("try_disk")  # the disk is none of their business, and not what is wrong


# Others than the group


@pytest.mark.slow
def test_a_folder_that_a_stranger_could_take_away_is_refused(office: Path, person: Callable[..., Person]) -> None:
    a = person(40_001)
    place = office / "place"
    place.mkdir()
    (office / "log").rename(place / "log")
    (office / "log").symlink_to(place / "log")
    assert isinstance(a.do("record"), list)
    before = state(place)
    for owner, group, mode in (
        (0, 0, 0o777),
        (0, 40_999, 0o775),
        (0, GROUP, 0o777),
        (40_009, 0, 0o755),
        (40_009, 0, 0o1777),
    ):
        os.chown(place, owner, group)
        place.chmod(mode)
        for act in ("record", "verify", "try_log", "judges_by"):
            told = a.do(act)
            assert told["problem"] == "shared-log-replaceable", act
            assert told["sentence"] == (
                f"Another folder could be put in the place of {office / 'log'}: "
                f"others than administrators may change {place}."
            )
            assert told["next"] == f"Ask your IT support to give {place} to root, with mode 755."
        assert state(place) == before
    for group, mode in ((0, 0o755), (0, 0o1777), (0, 0o775), (GROUP, 0o2775), (40_999, 0o1775)):
        os.chown(place, 0, group)
        place.chmod(mode)
        assert isinstance(a.do("record"), list)


@pytest.mark.slow
def test_a_link_to_the_folder_that_is_a_strangers_is_refused(office: Path, person: Callable[..., Person]) -> None:
    office.chmod(0o1777)
    (office / "log").rename(office / "real")
    (office / "log").symlink_to("real")
    a = person(40_001)
    assert isinstance(a.do("record"), list)
    os.lchown(office / "log", 40_009, 40_009)
    told = a.do("record")
    assert told["problem"] == "shared-log-replaceable"
    assert told["next"].startswith(f"Ask your IT support to give {office / 'log'} to root")


def access_list(folder: Path, group: int) -> None:
    """Let a group do everything in `folder` and in what is made there: acl(5), as in linux/posix_acl_xattr.h."""
    nobody = 0xFFFFFFFF
    entries = [(0x01, 7, nobody), (0x04, 7, nobody), (0x08, 7, group), (0x10, 7, nobody), (0x20, 0, nobody)]
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        for name in ("system.posix_acl_access", "system.posix_acl_default"):
            os.setxattr(folder, name, value)
    except OSError as error:
        pytest.skip(f"no access lists here: {error}")


@pytest.mark.slow
def test_a_group_that_an_access_list_lets_in_could_not_share_and_is_refused(
    office: Path, person: Callable[..., Person]
) -> None:
    if sys.platform != "linux":
        pytest.skip("others have other access lists")
    a = person(40_001)
    for group in (0, 40_999):
        os.chown(office / "log", 0, group)
        (office / "log").chmod(0o2770)
        for listed in (False, True) if group == 0 else (True,):  # nobody is told to join root's group
            if listed:
                access_list(office / "log", GROUP)
            for act in ("record", "try_log"):
                told = a.do(act)
                assert told["problem"] == "shared-log-unfit"
                assert told["next"] == "Ask your IT support to let one group alone use the folder: mode 2770."
    assert not list((office / "log").iterdir())


@posix
def test_a_folder_that_loses_its_group_is_not_used(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system does it, in silence, where whoever made it is not in the group."""
    chmod = Path.chmod
    monkeypatch.setattr(Path, "chmod", lambda path, mode: chmod(path, mode & ~stat.S_ISGID))
    with pytest.raises(PermissionError, match="cannot be given to its group"):
        files.create_folder(shared / "new")
    assert not list(shared.iterdir())


@pytest.mark.slow
def test_a_second_name_that_somebody_keeps_elsewhere_is_told_and_nothing_is_written(
    office: Path, person: Callable[..., Person]
) -> None:
    a, b = person(40_001), person(40_002)
    a.do("record")
    a.do("own", "wechat")
    for file in ("ledger.db", "ledger-keys/epoch.keys", "ledger-keys/identity-*.key", "own-rules.toml"):
        (known,) = (office / "log").glob(file)
        os.link(known, a.data / "kept")
        before = state(office / "log")
        for act in ("record", "hold", "try_log"):
            told = b.do(act)
            assert told["problem"] == "shared-log-linked", act
            assert told["sentence"] == (
                f"The file {known} has another name elsewhere, under which strangers may change it."
            )
            assert f"-xdev -samefile {known})" in told["next"]
        assert state(office / "log") == before
        assert b.do("verify") == []  # it can still be read: it is evidence
        disk = told["next"].split("(find ")[1].split(" -xdev")[0]
        assert (a.data / "kept").is_relative_to(disk)
        (a.data / "kept").unlink()
        assert isinstance(b.do("record"), list)


@pytest.mark.slow
def test_a_second_name_beside_the_file_is_nobodys(office: Path, person: Callable[..., Person]) -> None:
    """As a file has for a moment while it is made, or for ever where that was cut off."""
    a = person(40_001)
    a.do("record")
    os.link(office / "log" / "ledger.db", office / "log" / ".ledger.db-0a1b2c3d")
    assert isinstance(a.do("record"), list)
    assert a.do("try_log").startswith("can be written")


@posix
def test_ones_own_log_has_no_second_name_either(make_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = make_desk(shared_log="")
    record(desk)
    os.link(desk.data / "ledger.db", tmp_path / "snapshot")
    with pytest.raises(LedgerProblem, match="has another name elsewhere"):
        record(desk)
    with desk.read_ledger(False) as ledger:
        assert ledger.count()
    (tmp_path / "snapshot").unlink()
    record(desk)


# What the self-test says of it


def state(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """What is in every file, and when and with which rights it was left."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_the_self_test_finds_a_whole_log_in_order_and_leaves_it_as_it_is(
    office: Path, person: Callable[..., Person]
) -> None:
    a, b = person(40_001), person(40_002)
    assert a.do("try_log").startswith("can be written in ")
    a.do("record")
    before = state(office / "log")
    assert a.do("try_log") == b.do("try_log") == f"can be written in {office / 'log'}"
    assert state(office / "log") == before
    a.do("hold")  # while a colleague works, too
    assert b.do("try_log").startswith("can be written in ")
    assert isinstance(b.do("record"), list)
    check_whole(office, officers={"Officer 40001", "Officer 40002"})


@pytest.mark.slow
def test_what_a_colleague_alone_may_use_is_named_to_everybody(office: Path, person: Callable[..., Person]) -> None:
    a, b = person(40_001), person(40_002)
    a.do("record")
    for file, mode in (
        ("ledger.db", 0o640),
        ("ledger.db", 0o400),
        ("ledger-keys/epoch.keys", 0o600),
        ("ledger-keys/epoch.keys", 0o640),
        ("ledger-keys/identity-*.key", 0o600),
        ("ledger-keys", 0o2700),
    ):
        (spoilt,) = (office / "log").glob(file)
        right = stat.S_IMODE(spoilt.stat().st_mode)
        spoilt.chmod(mode)
        before = state(office / "log")
        for who in (a, b):
            told = who.do("try_log")
            assert told["sentence"] == f"Not all users who may write this log may use {spoilt}."
            assert told["next"].startswith(f"Ask your IT support to give it to the group {GROUP}, with mode 660")
        with pytest.raises(LedgerProblem, match="Not all users"):  # root, who may do everything: a deployment tool
            log_probe.log(Desk(office / "root", Settings(shared_log=str(office / "log"))))
        assert state(office / "log") == before
        told = b.do("record")
        assert told["problem"] in ("ledger", "key-file-forbidden"), spoilt
        if spoilt.suffix in (".keys", ".key"):
            assert told["sentence"] == f"You may not use {spoilt}, in which a key of the log is kept."
            assert told["next"].endswith("the same owner, group and rights as the log beside it has.")
        spoilt.chmod(right)
    assert isinstance(b.do("record"), list)


@pytest.mark.slow
def test_a_file_that_an_administrator_put_there_for_nobody_is_told(office: Path, person: Callable[..., Person]) -> None:
    a = person(40_001)
    a.do("record")
    (office / "log" / "ledger.db").chmod(0o600)
    os.chown(office / "log" / "ledger.db", 0, 0)
    assert a.do("record") == {
        "problem": "ledger",
        "sentence": f"You do not have permission to open the log file {office / 'log' / 'ledger.db'}.",
        "next": "Ask your IT support for permission to open it.",
    }
