"""Erased is erased: not a byte of the value is on the disk, as far as the file system leaves blocks where they are.

Each test has a disk of its own, an image in a file. It is unmounted at the end and read whole: what was in a deleted
file is in it as well. Only root can mount one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.ledger.file import journal
from core.ledger.records import CheckStarted
from core.ledger.writer import Ledger
from core.model import Labels, Phone
from core.rounds.model import Roster, RosterLine
from core.rounds.roster import roster_file
from core.text import T
from tests.inside import database_of

pytestmark = [pytest.mark.disk]

STARTED = CheckStarted(T("over USB"))
#: Made of parts, so that no file of the tests themselves has it.
HOLDER = "Erasmus " + "Verschwunden"


class Disk:
    """A disk that is an image in a file."""

    def __init__(self, image: Path, folder: Path, kind: str) -> None:
        self._image, self.folder = image, folder
        with image.open("wb") as file:
            file.truncate(32 * 2**20)
        subprocess.run([f"/sbin/mkfs.{kind}", "-q", "-F", str(image)], check=True, capture_output=True)
        folder.mkdir()
        self.mounted = False

    def mount(self) -> bool:
        done = subprocess.run(["mount", "-o", "loop", str(self._image), str(self.folder)], capture_output=True)
        self.mounted = done.returncode == 0
        return self.mounted

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self.folder)], check=True)
            self.mounted = False

    def places(self, *values: str) -> list[tuple[str, int]]:
        """Where on the disk these values stand."""
        self.unmount()
        content = self._image.read_bytes()
        return [(value, content.find(value.encode())) for value in values if value.encode() in content]


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    kind = getattr(request, "param", "ext4")
    if sys.platform != "linux" or os.geteuid() or not shutil.which(f"mkfs.{kind}", path="/sbin:/usr/sbin"):
        pytest.skip("only root can mount an image, on Linux")
    made = Disk(tmp_path / "image", tmp_path / "disk", kind)
    if not made.mount():
        pytest.skip("no right to mount an image")
    yield made
    made.unmount()


def opened(disk: Disk) -> Ledger:
    return Ledger(disk.folder / "data" / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test")


def phone(number: int) -> Phone:
    return Phone("android", "samsung", "SM-A546B", "14", f"SERIAL-{number:05}-GONE")


def checks(ledger: Ledger, numbers: range) -> None:
    """A sealed record about each phone: each one moves those of the others from page to page."""
    for number in numbers:
        labels = Labels("", f"{HOLDER} {number:05}", "")
        ledger.append(STARTED, phone=phone(number), labels=labels, seal=True)


def values(numbers: range) -> list[str]:
    return [HOLDER, *(phone(number).serial for number in numbers)]


def test_the_test_finds_what_is_merely_deleted(disk: Disk) -> None:
    with opened(disk) as ledger:
        checks(ledger, range(5))
    (disk.folder / "file").write_text(HOLDER)
    os.sync()
    (disk.folder / "file").unlink()
    assert len(disk.places(*values(range(5)))) == 6


@pytest.mark.slow
@pytest.mark.parametrize("disk", ["ext4", "ext2"], indirect=True)
def test_what_was_erased_is_in_no_journal_and_on_no_page(disk: Disk) -> None:
    with opened(disk) as ledger:
        checks(ledger, range(70))
    with opened(disk) as ledger:
        checks(ledger, range(70, 90))
        ledger.erase_records(range(1, ledger.count()), "retention")
        assert journal.journal_of(ledger.path).exists()
    assert disk.places(*values(range(90))) == []


@pytest.mark.parametrize("erasing", [False, True])
def test_nor_what_a_program_had_in_its_journal_that_was_killed(disk: Disk, erasing: bool) -> None:
    with opened(disk) as ledger:
        checks(ledger, range(40))
    child = os.fork()
    if child == 0:
        try:
            ledger = opened(disk)
            database_of(ledger).execute("PRAGMA cache_size=1")
            database_of(ledger).conn.set_trace_callback(
                lambda statement: os.kill(os.getpid(), signal.SIGKILL) if statement == "COMMIT" else None
            )
            if erasing:
                ledger.erase_records(range(1, 200), "retention")
            else:
                ledger.append_all([STARTED] * 300, phone=phone(40))
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert any(journal.journal_of(disk.folder / "data" / "ledger.db").read_bytes()[:8])
    with opened(disk) as ledger:
        assert ledger.erase_records(range(1, ledger.count()), "retention")
    assert disk.places(*values(range(41))) == []


@pytest.mark.slow
def test_nor_where_it_is_killed_behind_the_erasure(disk: Disk) -> None:
    """Before its journal was overwritten: the next opening does that."""
    with opened(disk) as ledger:
        checks(ledger, range(40))
    child = os.fork()
    if child == 0:
        try:
            journal.erase_now = lambda database, path: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
            opened(disk).erase_records(range(1, 200), "retention")
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with opened(disk) as ledger:
        assert ledger.rows("SELECT count(*) FROM opening", []) == [(0,)]
    assert disk.places(*values(range(40))) == []


@pytest.mark.parametrize("how", ["forgotten", "replaced"])
def test_a_roster_that_is_forgotten_is_overwritten(disk: Disk, how: str) -> None:
    roster = Roster(
        (RosterLine(1, serial=phone(1).serial, holder=HOLDER),),
        "list.csv",
        "",
        datetime(2026, 11, 24, tzinfo=UTC),
    )
    data = disk.folder / "data"
    roster_file.save(data, "0a1b2c", roster)
    newer = Roster((), "list.csv", "", datetime(2026, 11, 24, tzinfo=UTC))
    acts: dict[str, Callable[[], None]] = {
        "forgotten": lambda: roster_file.forget(data, "0a1b2c"),
        "replaced": lambda: roster_file.forget(data, "0a1b2c", [roster_file.save(data, "0a1b2c", newer)]),
    }
    os.sync()
    acts[how]()
    assert disk.places(*values(range(1, 2))) == []
