"""What lies beside the log under the names of its files, and is not Fanion's: links, second names, others' files."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.ledger.file import beside
from core.ledger.file.database import open_for_reading
from core.ledger.keys.enrolment import keys_folder, read_enrolment
from core.ledger.keys.epoch_keys import EpochKeys
from core.ledger.problems import LedgerProblem
from core.ledger.records import CheckStarted
from core.ledger.sealing import require_ready
from core.ledger.writer import Ledger
from core.system.files import erasing, ownership
from core.system.files.file_lock import LockFile
from core.system.files.files import (
    NotAFileError,
    create_file,
    ensure_file,
    replace_file,
    write_new,
    write_private,
)
from core.text import T
from tests.unit.ledger.thief import Place, files_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, and few may make links")

ROOT = Path(__file__).resolve().parents[3]
STARTED = CheckStarted(T("over USB"))
BAIT = b"somebody's letters"
#: Every name beside a log that Fanion or SQLite opens, and of the keys one that is made with each log.
NAMES = (
    *("ledger.db", "ledger.db-journal", "ledger.db-wal", "ledger.db-shm", "ledger.db-session-0011223344556677"),
    *("ledger-keys", "ledger-keys/epoch.keys", "ledger-keys/enrolment.txt", "ledger-keys/identity"),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "data")
    made.check()
    return made


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    file = tmp_path / "elsewhere" / "bait"
    file.parent.mkdir()
    file.write_bytes(BAIT)
    return file


def named(place: Place, name: str) -> Path:
    """The file with that name; the identity's has a number in it."""
    if name.endswith("identity"):
        (found,) = keys_folder(place.path).glob("identity-*")
        return found
    return place.path.parent / name


def refused(place: Place, match: str) -> None:
    """Nothing is written, not even by the self-test; and it is said once and for all in words."""
    for act in (place.check, lambda: require_ready(place.path, practice=False, keyring=False)):
        with pytest.raises(LedgerProblem, match=match) as problem:
            act()
        assert problem.value.exit_code == 5
        assert str(problem.value.next_step)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_link_is_followed_nowhere(place: Place, bait: Path, name: str, whole: bool) -> None:
    """Also where it leads to what the log's own file was, which somebody can change there."""
    file = named(place, name)
    if whole and file.exists():
        os.replace(file, bait.parent / "moved")
        file.symlink_to(bait.parent / "moved")
    else:
        if file.is_dir():
            os.replace(file, bait.parent / "moved")
        file.unlink(missing_ok=True)
        file.symlink_to(bait)
    before = files_of(bait.parent)
    refused(place, rf"The name {file}, which belongs to the log, leads to another place")
    with pytest.raises(LedgerProblem, match="leads to another place"):
        Ledger.read(place.path)
    assert file.is_symlink()
    assert files_of(bait.parent) == before


@pytest.mark.parametrize("name", [name for name in NAMES if name != "ledger-keys"])
def test_nothing_is_written_into_a_file_with_a_second_name_elsewhere(place: Place, bait: Path, name: str) -> None:
    file = named(place, name)
    if file.exists():
        os.link(file, bait.parent / "kept")
    else:
        os.link(bait, file)
    before = files_of(bait.parent)
    refused(place, rf"The file {file} has another name elsewhere")
    assert files_of(bait.parent) == before


def test_short_names_of_dos_are_no_second_names(
    place: Place, bait: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A driver of NTFS counts them, so that on such a USB key every file with a longer name would be refused."""
    os.link(place.path, bait.parent / "kept")
    device = place.path.stat().st_dev
    line = f"36 35 {os.major(device)}:{os.minor(device)} / /media/key rw - {{}} /dev/sdb1 rw\n"
    monkeypatch.setattr(ownership, "_MOUNTS", tmp_path / "mountinfo")
    (tmp_path / "mountinfo").write_text(line.format("ext4"))
    refused(place, "has another name elsewhere")
    (tmp_path / "mountinfo").write_text(line.format("fuseblk"))
    place.check()


# --- other accounts


def stranger(uid: int = 40_009) -> int:
    if os.geteuid():
        pytest.skip("only root can be several people")
    return uid


@pytest.mark.parametrize("name", NAMES)
def test_another_accounts_file_is_not_the_logs(place: Place, name: str) -> None:
    file = named(place, name)
    uid = stranger()
    if not file.exists():
        file.write_bytes(BAIT)
    os.chown(file, uid, uid)
    before = file.read_bytes() if file.is_file() else b""
    refused(place, rf"{file}, which belongs to the log, is owned by the account {uid}")
    assert not file.is_file() or file.read_bytes() == before
    assert file.stat().st_uid == uid


def test_an_earlier_index_that_is_anothers_stays(place: Place) -> None:
    """Versions of before kept one for searches, and this one deletes it."""
    uid = stranger()
    file = place.path.with_name("ledger-search.db")
    for owner in (uid, 0):
        file.write_bytes(b"SQLite format 3\0".ljust(68, b"\0") + b"FNLS")
        os.chown(file, owner, owner)
        place.check()
        assert file.exists() is (owner == uid)


def test_a_file_system_without_owners_refuses_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a USB key's: all files are of one account, and what is made there too."""
    uid = stranger()
    for file in (place.path, keys_folder(place.path), *keys_folder(place.path).iterdir()):
        os.chown(file, uid, uid)
    refused(place, "is owned by the account")
    monkeypatch.setattr(ownership, "_owner_of_what_is_made", lambda folder: uid)
    place.check()


@pytest.fixture
def crowd() -> Iterator[Path]:
    """A folder that every account may reach."""
    stranger()
    folder = Path(tempfile.mkdtemp(prefix="fanion-crowd-"))
    folder.chmod(0o755)
    yield folder
    subprocess.run(["rm", "-r", str(folder)], check=True)


def as_account(uid: int, act: Callable[[], object]) -> str:
    """What an act of another account came to: nothing, or what it raised."""
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            act()
        except BaseException as error:
            os.write(telling, f"{type(error).__name__}: {error}".encode()[:4000])
        os._exit(0)
    os.close(telling)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as told:
        return told.read().decode()


def grow(path: Path) -> None:
    with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test", keyring=False) as ledger:
        ledger.append(STARTED, seal=True)


def test_what_a_stranger_puts_beside_a_log_is_not_touched(crowd: Path) -> None:
    """In a folder that everybody may write, the sticky bit keeps strangers from files, and not from free names."""
    data = crowd / "data"
    data.mkdir()
    data.chmod(0o1777)
    path = data / "ledger.db"
    assert as_account(40_001, lambda: grow(path)) == ""
    (data / "ledger.db-journal").write_bytes(BAIT)
    os.chown(data / "ledger.db-journal", 40_009, 40_009)
    (data / "ledger.db-journal").chmod(0o666)
    assert "ledger.db-journal, which belongs to the log, is owned by" in as_account(40_001, lambda: grow(path))
    assert (data / "ledger.db-journal").read_bytes() == BAIT
    (data / "ledger.db-journal").unlink()
    assert as_account(40_001, lambda: grow(path)) == ""
    assert "is owned by the account 40001" in as_account(0, lambda: grow(path))  # the administrator is no officer of it


def test_erasing_takes_no_file_that_is_not_this_accounts_alone(crowd: Path) -> None:
    (crowd / "data").mkdir()
    (crowd / "data").chmod(0o777)
    for name, owner in (("mine", 40_001), ("theirs", 40_009), ("linked", 40_001)):
        (crowd / "data" / name).write_bytes(BAIT)
        (crowd / "data" / name).chmod(0o666)
        os.chown(crowd / "data" / name, owner, owner)
    os.link(crowd / "data" / "linked", crowd / "kept")
    (crowd / "data" / "link").symlink_to(crowd / "kept")
    assert as_account(40_001, lambda: erasing.erase_file(crowd / "data" / "mine")) == ""
    for name in ("theirs", "linked", "link"):
        assert as_account(40_001, lambda name=name: erasing.erase_file(crowd / "data" / name)), name  # type: ignore[misc]
    assert {file.name: file.read_bytes() for file in (crowd / "data").iterdir()} == dict.fromkeys(
        ("theirs", "linked", "link"), BAIT
    )


# --- where a name becomes a link just before it is opened


@pytest.mark.parametrize("second", [False, True], ids=["link", "second name"])
def test_what_is_written_replaces_a_name_and_never_what_it_leads_to(tmp_path: Path, bait: Path, second: bool) -> None:
    writers: list[Callable[[Path], object]] = [
        lambda path: replace_file(path, b"new"),
        lambda path: write_private(path, b"new"),
        ensure_file,
    ]
    for number, write in enumerate(writers):
        path = tmp_path / str(number)
        os.link(bait, path) if second else path.symlink_to(bait)
        write(path)
        assert bait.read_bytes() == BAIT
    for writer in (create_file, write_new):
        path = tmp_path / writer.__name__
        path.symlink_to(bait.with_name("nowhere"))
        with pytest.raises(FileExistsError):
            writer(path, b"new")
    assert [file.name for file in bait.parent.iterdir()] == ["bait"]


def test_a_key_is_overwritten_in_no_file_behind_a_link(place: Place, bait: Path) -> None:
    keys = keys_folder(place.path) / "epoch.keys"
    os.replace(keys, bait)
    before = bait.read_bytes()
    keys.symlink_to(bait)
    for make in (True, False):
        with pytest.raises(NotAFileError):
            EpochKeys(keys, make=make)
    assert bait.read_bytes() == before


def test_locks_and_enrolments_are_not_taken_from_behind_a_link(place: Place, bait: Path) -> None:
    lock = place.path.with_name("lock")
    lock.symlink_to(bait)
    for make in (True, False):
        with pytest.raises(NotAFileError):
            LockFile.take(lock, make=make)
    assert bait.read_bytes() == BAIT
    file = keys_folder(place.path) / "enrolment.txt"
    os.replace(file, bait)
    file.symlink_to(bait)
    assert read_enrolment(place.path) is None


def test_a_log_that_is_put_there_while_it_is_opened_is_noticed(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Place(tmp_path / "other")
    other.check()
    look = beside.require_no_links

    def exchange(ledger: Path) -> None:
        look(ledger)
        monkeypatch.setattr("core.ledger.file.database._connect", exchanged)

    connect = sys.modules["core.ledger.file.database"]._connect

    def exchanged(path: Path, *values: object) -> object:
        path.unlink()
        path.symlink_to(other.path)
        return connect(path, *values)

    monkeypatch.setattr("core.ledger.file.database.require_no_links", exchange)
    with pytest.raises(LedgerProblem, match="was moved or deleted"):
        open_for_reading(place.path)
