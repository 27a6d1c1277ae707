"""Room that is taken is nobody else's, of this program or of another one, and the log's share is never lent."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.papers.carry_home import carry_home
from core.desk.settings.settings_table import Settings
from core.head_office.bundles.bundle import BundleProblem
from core.ledger.records import CheckStarted
from core.system.files.disk_reservation import DiskReservation, NoRoomError, leave_reserve
from core.text import T

MEGA = 2**20
DISK, RESERVED = 48 * MEGA, 16 * MEGA
#: Takes room in another program, says whether it could, and keeps it until its input ends.
OTHER = """
import sys
from pathlib import Path
from core.system.files.disk_reservation import NoRoomError, DiskReservation
room = DiskReservation(Path(sys.argv[1]), int(sys.argv[2]))
try:
    room.take(int(sys.argv[3]))
    print("taken", flush=True)
except NoRoomError:
    print("no room", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def disk(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A disk of its own; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.disk
def test_of_many_at_once_as_many_get_room_as_there_is_beside_the_log_s(disk: Path) -> None:
    rooms = [DiskReservation(disk, RESERVED) for _ in range(4)]

    def took(room: DiskReservation) -> bool:
        try:
            room.take(20 * MEGA)
        except NoRoomError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(took, rooms))
    assert sum(taken) <= 1
    assert shutil.disk_usage(disk).free >= RESERVED
    for room in rooms:
        room.give_back(20 * MEGA)
    assert took(rooms[0])
    for room in rooms:
        room.close()
    assert shutil.disk_usage(disk).free == DISK


@pytest.mark.disk
def test_another_program_s_room_is_not_there_and_ends_with_it(disk: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(disk), str(RESERVED), str(20 * MEGA)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "taken\n"
    room = DiskReservation(disk, RESERVED)
    with pytest.raises(NoRoomError) as refused:
        room.take(20 * MEGA)
    assert refused.value.free == DISK - RESERVED - 20 * MEGA
    other.kill()
    other.communicate()
    room.take(20 * MEGA)
    room.close()


@pytest.mark.disk
def test_what_is_written_takes_the_place_of_its_room(disk: Path) -> None:
    room = DiskReservation(disk, RESERVED)
    room.take(32 * MEGA)
    with (disk / "copy").open("wb") as file:
        for _ in range(32):
            room.give_back(MEGA)
            file.write(bytes(MEGA))
            file.flush()
    assert shutil.disk_usage(disk).free == RESERVED
    room.close()


@pytest.mark.disk
def test_an_export_leaves_the_log_its_share_of_its_own_disk_and_no_other(disk: Path, tmp_path: Path) -> None:
    log = disk / "ledger.db"
    log.touch()
    with pytest.raises(NoRoomError):  # it has less than the share altogether
        leave_reserve(disk, log)
    leave_reserve(disk, Path(__file__))


@pytest.mark.disk
def test_a_bundle_leaves_it_too_and_says_what_is_missing(disk: Path, tmp_path: Path) -> None:
    desk = Desk(disk / "data", Settings(officer="A. Roy", desk="Desk 4"), portable=True)
    with desk.custodian(False, make=True) as ledger:
        ledger.append(CheckStarted(T("over USB")), seal=True)
    (disk / "out").mkdir()
    with pytest.raises(BundleProblem, match="not enough room for the bundle"):
        carry_home(desk, False, disk / "out")
    with desk.custodian(False) as ledger:
        ledger.append(CheckStarted(T("over USB")), seal=True)  # the log goes on
    (tmp_path / "key").mkdir()
    carry_home(desk, False, tmp_path / "key")
    assert list((tmp_path / "key").iterdir())
