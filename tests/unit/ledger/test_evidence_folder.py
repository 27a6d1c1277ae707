"""The evidence folder: what is kept there is whole, is what its name says, and nothing half-kept stays behind."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from core.jobs import Cancel, turn
from core.ledger.evidence import folder as folder_module
from core.ledger.evidence.folder import EvidenceFolder, EvidenceProblem, FileState
from core.ledger.writer import Ledger
from core.model import Cancelled
from core.system.files.disk_reservation import RESERVE
from core.system.files.unfinished import UNFINISHED

CONTENT = b"an app's file" * 1000
NAME = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def evidence(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "ledger.db")


def keep(folder: EvidenceFolder, *contents: bytes) -> None:
    with folder.copying() as copies:
        hashes = []
        for content in contents:
            with copies.file() as file:
                file.write(memoryview(content))
            hashes.append(file.sha256)
        copies.keep(hashes, lambda: None)


def left(folder: EvidenceFolder) -> list[str]:
    """Everything in the folder, whatever it is called."""
    return sorted(os.listdir(folder.path))


def test_a_file_is_kept_under_its_hash_and_can_only_be_read(evidence: EvidenceFolder) -> None:
    keep(evidence, CONTENT)
    assert left(evidence) == [NAME]
    file = evidence.path / NAME
    assert file.read_bytes() == CONTENT
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert stat.S_IMODE(evidence.path.stat().st_mode) == 0o700
    assert evidence.look(NAME, len(CONTENT), Cancel(), verify=False) is FileState.THERE
    assert evidence.look(NAME, len(CONTENT), Cancel(), verify=True) is FileState.WHOLE


def test_equal_files_are_kept_once(evidence: EvidenceFolder) -> None:
    keep(evidence, CONTENT, b"another", CONTENT)
    keep(evidence, CONTENT)
    assert left(evidence) == sorted([NAME, hashlib.sha256(b"another").hexdigest()])


def test_a_file_that_no_record_will_name_is_not_kept(evidence: EvidenceFolder) -> None:
    with evidence.copying() as copies:
        with copies.file() as file:
            file.write(memoryview(CONTENT))
        copies.keep([], lambda: None)
    assert left(evidence) == []


def keep_until(folder: EvidenceFolder, stop: BaseException, when: str) -> None:
    """Begin to keep a file, and fail at this point."""
    with folder.copying() as copies:
        with copies.file() as file:
            file.write(memoryview(CONTENT))
            if when == "in the file":
                raise stop
        if when == "behind it":
            raise stop
        copies.keep([file.sha256], partial(fail, stop))


def fail(stop: BaseException) -> None:
    raise stop


@pytest.mark.parametrize(
    "stop",
    [Cancelled(), folder_module.no_room(Path("x"), 10, 1), OSError(errno.ENOSPC, "full"), KeyboardInterrupt()],
    ids=lambda stop: type(stop).__name__,
)
@pytest.mark.parametrize("when", ["in the file", "behind it", "named"])
def test_nothing_half_kept_is_left(evidence: EvidenceFolder, stop: BaseException, when: str) -> None:
    keep(evidence, b"kept before")
    before = left(evidence)
    with pytest.raises(EvidenceProblem if isinstance(stop, OSError) else type(stop)):
        keep_until(evidence, stop, when)
    assert left(evidence) == before


def test_a_copy_that_is_given_up_takes_no_file_that_was_kept_before(evidence: EvidenceFolder) -> None:
    keep(evidence, CONTENT)
    with pytest.raises(Cancelled):
        keep_until(evidence, Cancelled(), "named")
    assert evidence.look(NAME, len(CONTENT), Cancel(), verify=True) is FileState.WHOLE


def test_what_a_killed_program_left_goes_at_the_next_start(evidence: EvidenceFolder) -> None:
    keep(evidence, CONTENT)
    part = evidence.path / f"{UNFINISHED}0123abcd.part"
    part.mkdir()
    (part / "half").write_bytes(b"half")
    evidence.sweep()
    assert left(evidence) == [NAME]


def test_a_program_that_still_copies_keeps_its_half(evidence: EvidenceFolder) -> None:
    with evidence.copying() as copies, copies.file() as file:
        file.write(memoryview(CONTENT))
        EvidenceFolder(evidence.path.with_name("ledger.db")).sweep()
        file.write(memoryview(b"on"))


def test_room_is_asked_for_first_and_some_stays_free(evidence: EvidenceFolder) -> None:
    with evidence.copying() as copies:
        copies.take_room(1000)
        with pytest.raises(EvidenceProblem) as refused:
            copies.take_room(shutil.disk_usage(evidence.path).free - RESERVE // 2)
    assert refused.value.code == "evidence-room"
    assert str(refused.value.next_step)


@pytest.mark.disk
def test_a_disk_that_is_full_in_the_middle_of_a_file(small_disk: Path) -> None:
    folder = EvidenceFolder(small_disk / "ledger.db")
    with pytest.raises(EvidenceProblem) as refused:
        keep(folder, bytes(3 * 2**20))
    assert refused.value.code == "evidence-room"
    assert left(folder) == []


@pytest.mark.parametrize("change", ["other bytes", "longer", "a link", "a folder"])
def test_what_was_altered_is_told(evidence: EvidenceFolder, tmp_path: Path, change: str) -> None:
    keep(evidence, CONTENT)
    file = evidence.path / NAME
    file.chmod(0o600)
    if change == "other bytes":
        file.write_bytes(CONTENT[:-1] + b"!")
    elif change == "longer":
        file.write_bytes(CONTENT + b"!")
    else:
        file.unlink()
    if change == "a link":
        (tmp_path / "elsewhere").write_bytes(CONTENT)
        file.symlink_to(tmp_path / "elsewhere")
    elif change == "a folder":
        file.mkdir()
    assert evidence.look(NAME, len(CONTENT), Cancel(), verify=True) is FileState.ALTERED


def test_a_file_that_is_gone_and_a_name_that_is_none_are_missing(evidence: EvidenceFolder) -> None:
    assert evidence.look(NAME, None, Cancel(), verify=True) is FileState.MISSING
    keep(evidence, CONTENT)
    assert evidence.look("0" * 64, None, Cancel(), verify=True) is FileState.MISSING
    assert evidence.look("../ledger.db", None, Cancel(), verify=True) is FileState.MISSING


def test_a_link_in_the_place_of_the_folder_is_refused(evidence: EvidenceFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    evidence.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EvidenceProblem) as refused:
        keep(evidence, CONTENT)
    assert refused.value.code == "evidence-folder"
    assert os.listdir(tmp_path / "elsewhere") == []
    assert evidence.names() == []
    assert evidence.look(NAME, None, Cancel(), verify=True) is FileState.MISSING


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(evidence: EvidenceFolder, tmp_path: Path) -> None:
    keep(evidence, b"first")
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (evidence.path / NAME).symlink_to(tmp_path / "elsewhere")
    keep(evidence, CONTENT)
    assert (tmp_path / "elsewhere").read_bytes() == b"precious"
    assert evidence.look(NAME, len(CONTENT), Cancel(), verify=True) is FileState.WHOLE


def test_deleting_takes_that_file_alone(evidence: EvidenceFolder) -> None:
    keep(evidence, CONTENT, b"another")
    with evidence.locked():
        evidence.delete(NAME)
        evidence.delete("../ledger.db")
    assert left(evidence) == [hashlib.sha256(b"another").hexdigest()]


def test_a_large_file_takes_little_memory(evidence: EvidenceFolder) -> None:
    piece = memoryview(bytes(64 * 1024))
    tracemalloc.start()
    try:
        with evidence.copying() as copies:
            with copies.file() as file:
                for _ in range(1024):
                    file.write(piece)
            copies.keep([file.sha256], lambda: None)
        assert evidence.look(file.sha256, 64 * 2**20, Cancel(), verify=True) is FileState.WHOLE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_start_clears_what_a_killed_program_left(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "ledger.db")
    keep(folder, CONTENT)
    part = folder.path / f"{UNFINISHED}0123abcd.part"
    part.mkdir()
    (part / "half").write_bytes(b"half")
    with Ledger(tmp_path / "ledger.db", desk="D", officer="O", app_version="1"):
        assert left(folder) == [NAME]


def test_a_folder_for_several_people_is_its_groups(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    folder = EvidenceFolder(tmp_path / "ledger.db")
    keep(folder, CONTENT)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o2770
    assert stat.S_IMODE((folder.path / NAME).stat().st_mode) == 0o440
    assert folder.look(NAME, len(CONTENT), Cancel(), verify=True) is FileState.WHOLE


def test_several_programs_keep_the_same_file_at_once(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "ledger.db")
    keep(folder, b"first")
    with ThreadPoolExecutor(6) as pool:
        for result in [pool.submit(keep, folder, CONTENT) for _ in range(12)]:
            result.result()
    assert left(folder) == sorted([NAME, hashlib.sha256(b"first").hexdigest()])
    assert folder.look(NAME, len(CONTENT), Cancel(), verify=True) is FileState.WHOLE


@pytest.mark.parametrize(
    "name", [".fanion-0123456789abcdef", ".fanion-0123abcd.part", ".fanion-0123abcd.lock", ".fanion-naming.lock", ".x"]
)
@pytest.mark.parametrize("kind", ["file", "folder", "closed", "link"])
def test_whatever_lies_there_is_named(evidence: EvidenceFolder, name: str, kind: str) -> None:
    """Also under a name as Fanion gives it to what it is just writing."""
    keep(evidence, CONTENT)
    stray = evidence.path / name
    match kind:
        case "folder":
            stray.mkdir()
        case "link":
            stray.symlink_to(evidence.path / NAME)
        case _:
            stray.write_bytes(b"x")
            stray.chmod(0 if kind == "closed" else 0o600)
    assert evidence.names() == sorted([NAME, name])
    assert os.path.lexists(stray)


def test_what_is_just_being_written_is_not(evidence: EvidenceFolder) -> None:
    with evidence.copying() as copies, copies.file() as file:
        file.write(memoryview(CONTENT))
        assert left(evidence)
        assert evidence.names() == []
    with evidence.locked():
        assert left(evidence)
        assert evidence.names() == []


def test_two_jobs_that_copy_at_once_do_not_wait_for_each_other(evidence: EvidenceFolder) -> None:
    """One has the lock of the names and waits for its turn, the other has the turn and comes to the lock."""
    named, comes = threading.Event(), threading.Event()

    def record() -> None:
        named.set()
        assert comes.wait(60)

    def first() -> None:
        with turn(Cancel()), evidence.copying() as copies:
            with copies.file() as file:
                file.write(memoryview(CONTENT))
            copies.keep([file.sha256], record)

    def second() -> None:
        assert named.wait(60)
        with turn(Cancel()), evidence.copying() as copies:
            with copies.file() as file:
                file.write(memoryview(b"another"))
            comes.set()
            copies.keep([file.sha256], lambda: None)

    with ThreadPoolExecutor(2) as jobs:
        for job in [jobs.submit(first), jobs.submit(second)]:
            job.result()
    assert len(evidence.names()) == 2
