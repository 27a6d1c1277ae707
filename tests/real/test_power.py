"""Power cuts: what a program wrote, as its system calls tell it, less what no fsync had made certain.

A child process writes a ledger while strace(1) writes down what it does to files. The test replays that up to a random
moment into a model of a disk (see :mod:`tests.real.disk_model`). Whatever such a disk holds afterwards has to be a
ledger that has every record of which the child was told that it was safe, and no value of which it was told that it was
erased.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.ledger.keys.enrolment import Enrolment, keys_folder, read_enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.writer import Ledger
from tests.real.disk_model import CALLS, Call, Disk, Folder, bytes_of, calls_of, text_of
from tests.unit.ledger.dying import folder_in_memory, wrong

ROOT = Path(__file__).resolve().parents[2]
STRACE = shutil.which("strace")

#: Says on its output what it was told: the keys, after each writing how many records there are, and the salts of
#: the values that were erased.
WRITING = """if True:
    import os, sys
    from pathlib import Path
    from core.ledger.writer import Ledger
    from tests.inside import database_of
    from tests.unit.ledger.dying import PHONE, STARTED
    path = Path(sys.argv[1])
    exec(sys.argv[3])
    def say(text):
        os.write(1, text.encode())
    def opened():
        return Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test")
    ledger = opened()
    say(ledger.enrolment.text)
    for number in range(int(sys.argv[2])):
        ledger.append_all([STARTED] * (number % 4 + 1), phone=PHONE, seal=True)
        say(f"{ledger.count()} {ledger.newest(1)[0].leaf_hash.hex()}")
        ledger.append(STARTED)
        say(f"{ledger.count()} {ledger.newest(1)[0].leaf_hash.hex()}")
        if number == 3:
            kept = "SELECT hex(salt) FROM opening WHERE seq IN (1, 2)"
            salts = " ".join(salt for salt, in database_of(ledger).execute(kept))
            ledger.erase_records([1, 2], "asked for")
            say(f"erased {salts}")
            say(f"{ledger.count()} {ledger.newest(1)[0].leaf_hash.hex()}")
        if number == 5:
            ledger.close()
            ledger = opened()
            say(f"{ledger.count()} {ledger.newest(1)[0].leaf_hash.hex()}")
    ledger.close()
"""


def can_trace() -> bool:
    """Whether this system lets one program look at another's calls; containers often do not."""
    if STRACE is None:
        return False
    return subprocess.run([STRACE, "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_trace(), reason="there is no strace here, or it may not trace")


def record(folder: Path, sloppy: str = "") -> list[Call]:
    """What the child did in `folder`, where it wrote a ledger; `sloppy` makes it write less carefully."""
    trace = folder.parent / f"{folder.name}-trace"
    ledger = folder / "fanion" / "data" / "ledger.db"
    command = [sys.executable, "-W", "error", "-c", WRITING, str(ledger), "9", sloppy]
    assert STRACE is not None
    done = subprocess.run(
        [STRACE, "-f", "-xx", "-s", "1000000", "-o", trace, "-e", f"trace={CALLS}", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(calls_of(trace))


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture(scope="module")
def recorded(memory: Path) -> tuple[Path, list[Call]]:
    folder = memory / "disk"
    folder.mkdir()
    return folder, record(folder)


@dataclass
class Told:
    """What the child had been told when the power was cut."""

    enrolment: Enrolment | None = None
    records: dict[int, str] = field(default_factory=dict)
    #: The salts of erased values: each is in no other record.
    erased: list[bytes] = field(default_factory=list)

    def hear(self, line: str) -> None:
        if line.startswith("Fanion"):
            self.enrolment = Enrolment.parse(line)
        elif line.startswith("erased"):
            self.erased = [bytes.fromhex(salt) for salt in line.split()[1:]]
        else:
            number, leaf_hash = line.split()
            self.records[int(number)] = leaf_hash


def _has_any(file: Path, contents: list[bytes]) -> bool:
    return file.is_file() and any(content in file.read_bytes() for content in contents)


def after(cut: Path, told: Told) -> list[str]:
    """What is not as it has to be on the disk `cut`."""
    path = cut / "fanion" / "data" / "ledger.db"
    if told.enrolment is not None and read_enrolment(path) != told.enrolment:
        return ["other keys than those that were printed"]
    if told.records and not path.exists():
        return ["the ledger is not there"]
    left = [f"an erased value is left in {file.name}" for file in cut.rglob("*") if _has_any(file, told.erased)]
    found = left + wrong(path, max(told.records, default=0), told.enrolment)
    with Ledger.read(path) as reader:
        for number, leaf_hash in told.records.items():
            entry = reader.entry(number)
            if entry is None or entry.leaf_hash.hex() != leaf_hash:
                found.append(f"record {number} is another one")
    return found


def test_the_replay_without_a_power_cut_is_what_was_written(recorded: tuple[Path, list[Call]], memory: Path) -> None:
    """So that the model says something about what is on a disk."""
    folder, calls = recorded
    disk = Disk(folder)
    for call in calls:
        disk.do(*call)

    def compare(there: Folder, real: Path) -> int:
        assert sorted(there.now()) == sorted(p.name for p in real.iterdir())
        files = 0
        for name, inside in there.now().items():
            if isinstance(inside, Folder):
                files += compare(inside, real / name)
            else:
                assert inside.after_cut(None) == (real / name).read_bytes(), name
                files += 1
        return files

    assert compare(disk.top, folder) >= 4


def cuts(folder: Path, calls: list[Call], moments: list[int], chance: random.Random, here: Path) -> Iterator[str]:
    """What was wrong after power cuts at these moments, the earliest first: each is a number of calls."""
    disk, told, done = Disk(folder), Told(), 0
    for moment in moments:
        for call, arguments, result in calls[done:moment]:
            if call == "write" and arguments[0] == "1":
                told.hear(text_of(arguments[1]))
            else:
                disk.do(call, arguments, result)
        done = moment
        disk.cut(chance, here / "cut")
        try:
            found = after(here / "cut", told)
        except LedgerProblem as problem:
            found = [f"{type(problem).__name__}: {problem}"]
        shutil.rmtree(here / "cut")
        yield from (f"before call {moment}, {calls[moment - 1]!r:.120}: {what}" for what in found)


def begin(calls: list[Call]) -> int:
    """The number of the first call that changes something."""
    return next(i for i, (call, _, _) in enumerate(calls) if call == "mkdir")


def is_change(call: str, arguments: list[str], result: int) -> bool:
    """Whether a call may change something, and does not only open a file or go to a place in it."""
    return "O_CREAT" in arguments[2] if call == "openat" else call not in ("lseek", "close")


def acknowledged(calls: list[Call]) -> list[int]:
    """After which numbers of calls the child has just been told something."""
    return [i + 1 for i, (call, arguments, _) in enumerate(calls) if call == "write" and arguments[0] == "1"]


def anywhere(calls: list[Call], count: int, chance: random.Random) -> list[int]:
    """So many moments at random, and each in which something was just acknowledged."""
    return sorted(chance.choices(range(begin(calls), len(calls) + 1), k=count) + acknowledged(calls))


@pytest.mark.parametrize("seed", range(4))
def test_no_power_cut_loses_what_was_acknowledged(recorded: tuple[Path, list[Call]], memory: Path, seed: int) -> None:
    chance = random.Random(seed)
    assert list(cuts(*recorded, anywhere(recorded[1], 100, chance), chance, memory)) == []


def test_no_power_cut_leaves_half_a_ledger_that_cannot_be_begun_again(
    recorded: tuple[Path, list[Call]], memory: Path
) -> None:
    """After every single change until the first keys are told."""
    _, calls = recorded
    until = range(begin(calls), acknowledged(calls)[0] + 1)
    changes = [i for i in until if is_change(*calls[i - 1])]
    assert len(changes) > 30
    moments = [i for i in changes for _ in range(4)]
    assert list(cuts(*recorded, moments, random.Random(1), memory)) == []


#: What happens without the care that is taken.
SLOPPY = {
    "no journal is synced": """
import core.ledger.file.database as database
prepare = database.prepare
def careless(connection, *pragmas):
    prepare(connection, *[pragma.replace("synchronous=EXTRA", "synchronous=OFF") for pragma in pragmas])
database.prepare = careless
""",
    "no key is synced": """
import core.ledger.keys.epoch_keys as keys
keys.sync_file = lambda descriptor: None
""",
    "the old key is erased too early": """
from core.ledger.sealing import SealKeys
begin = SealKeys.begin
def early(self, decided):
    about_keys = begin(self, decided)
    self._epochs.erase_all_but(self._next.verifier)
    return about_keys
SealKeys.begin = early
""",
    "no new name is synced": """
import core.system.files.files as files
files.sync_folder = lambda folder: None
""",
    "no new file is synced": """
import core.system.files.files as files
write = files._write_nameless
def careless(*given, **named):
    os.fsync, sync = lambda descriptor: None, os.fsync
    try:
        return write(*given, **named)
    finally:
        os.fsync = sync
files._write_nameless = careless
""",
    "erased values stay in the journal": """
from core.ledger.file import journal
journal.erase = lambda path: None
""",
}


@pytest.mark.parametrize("sloppy", SLOPPY.values(), ids=SLOPPY)
def test_the_model_finds_what_is_done_carelessly(memory: Path, sloppy: str) -> None:
    shutil.rmtree(memory / "sloppy", ignore_errors=True)
    disk = memory / "sloppy"
    disk.mkdir()
    calls, chance = record(disk, sloppy), random.Random(1)
    # The moment in which it matters may be a short one: it is looked for again, in other places.
    looked = (what for _ in range(12) for what in cuts(disk, calls, anywhere(calls, 60, chance), chance, memory))
    found = next(looked, None)
    shutil.rmtree(disk)
    assert found is not None


def test_a_key_that_was_erased_is_gone_after_the_next_start(recorded: tuple[Path, list[Call]], memory: Path) -> None:
    """A power cut may bring the last epoch's key back, never one of those before it."""
    folder, calls = recorded
    chance = random.Random(7)
    disk = Disk(folder)
    seen: list[bytes] = []
    for call, arguments, result in calls:
        disk.do(call, arguments, result)
        if call == "write" and int(arguments[0]) in disk.open_files and bytes_of(arguments[1]).startswith(b"FNE1"):
            seen.append(bytes_of(arguments[1])[4:36])
            cut = memory / "cut"
            disk.cut(chance, cut)
            keys = keys_folder(cut / "fanion" / "data" / "ledger.db") / "epoch.keys"
            kept = keys.read_bytes() if keys.exists() else b""
            assert not any(seed in kept for seed in seen[:-3])
            shutil.rmtree(cut)
    assert len(seen) > 10
