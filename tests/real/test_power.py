"""Power cuts: what a program wrote, as its system calls tell it, less what no fsync had made certain.

A child process writes a ledger while strace(1) writes down what it does to files. The test replays that up to a random
moment into a model of a disk: of what was not synced yet, each 512 bytes may be there or not, and of the names in a
folder that was not synced, only the older ones. Whatever such a disk holds afterwards has to be a ledger that has every
record of which the child was told that it was safe.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from core.ledger.keys.enrolment import Enrolment, keys_folder, read_enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.writer import Ledger
from tests.unit.ledger.dying import folder_in_memory, wrong

ROOT = Path(__file__).resolve().parents[2]
STRACE = shutil.which("strace")
SECTOR = 512
#: Every call that changes what files have, or where they are. Those that the model does not know fail the test.
CALLS = (
    "openat,open,creat,close,lseek,dup,dup2,dup3,"
    "write,writev,pwrite64,pwritev,pwritev2,copy_file_range,sendfile,truncate,ftruncate,fallocate,"
    "fsync,fdatasync,sync_file_range,"
    "link,linkat,symlink,symlinkat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir"
)

#: Says on its output what it was told: the keys, and after each writing how many records there are.
WRITING = """if True:
    import os, sys
    from pathlib import Path
    from core.ledger.writer import Ledger
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
            ledger.erase_records([1, 2], "asked for")
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


# --- a disk


@dataclass(eq=False)
class File:
    """What is certain of a file's content, and what was written since: where and what, or how long it was cut."""

    certain: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.certain = self.after_cut(None)
        self.pending.clear()

    def after_cut(self, chance: random.Random | None) -> bytes:
        """What is there after a power cut; without a chance, what is there without one."""
        content = bytearray(self.certain)
        for at, data in self.pending:
            if data is None:
                if chance is None or chance.random() < 0.5:
                    content[at:] = bytes(max(0, at - len(content)))
                continue
            fate = chance.choice(["all", "none", "torn"]) if chance else "all"
            # Whole sectors of the disk, not 512 bytes from where the writing began.
            edges = [at, *range((at // SECTOR + 1) * SECTOR, at + len(data), SECTOR), at + len(data)]
            for start, end in pairwise(edges):
                if fate == "all" or (fate == "torn" and chance is not None and chance.random() < 0.5):
                    content.extend(bytes(max(0, start - len(content))))
                    content[start:end] = data[start - at : end - at]
        return bytes(content)


@dataclass(eq=False)
class Folder:
    """Which names are certain to be in a folder, and what became of names since; None: not there any more."""

    certain: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.certain = self.after_cut(len(self.pending))
        self.pending.clear()

    def after_cut(self, changes: int) -> dict[str, File | Folder]:
        names: dict[str, File | Folder | None] = dict(self.certain)
        for change in self.pending[:changes]:
            names |= change
        return {name: there for name, there in names.items() if there is not None}

    def now(self) -> dict[str, File | Folder]:
        return self.after_cut(len(self.pending))


class Disk:
    """The folder `root` and what is in it, as one process sees it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._top = Folder()
        #: Open files, and where in them the next writing is.
        self._open: dict[int, File | Folder] = {}
        self._at: dict[int, int] = {}

    def _find(self, path: str, at: str = "AT_FDCWD") -> tuple[Folder, str] | None:
        """The folder of a path and its last name; None for what is elsewhere, as the working directory is.

        `at` is the descriptor of the folder that a relative path begins in.
        """
        here = self._top
        if path.startswith(f"{self._root}{os.sep}"):
            path = path[len(str(self._root)) + 1 :]
        elif path == str(self._root):
            return self._top, ""
        elif os.path.isabs(path) or at == "AT_FDCWD" or int(at) not in self._open:
            return None
        else:
            beginning = self._open[int(at)]
            assert isinstance(beginning, Folder)
            here = beginning
        *folders, name = path.split(os.sep)
        for folder in folders:
            inside = here.now()[folder]
            assert isinstance(inside, Folder)
            here = inside
        return here, name

    def do(self, call: str, arguments: list[str], result: int) -> None:
        """One system call that went well."""
        match call:
            case "openat":
                self._opened(self._find(_text(arguments[1]), arguments[0]), arguments[2], result)
            case "open":
                self._opened(self._find(_text(arguments[0])), arguments[1], result)
            case "close":
                self._open.pop(int(arguments[0]), None)
            case "mkdir" | "unlink":
                self._name(self._find(_text(arguments[0])), Folder() if call == "mkdir" else None)
            case "mkdirat" | "unlinkat":
                place = self._find(_text(arguments[1]), arguments[0])
                self._name(place, Folder() if call == "mkdirat" else None)
            case "link" | "rename":
                self._named_again(call, "AT_FDCWD", arguments[0], "AT_FDCWD", arguments[1])
            case "linkat" | "renameat" | "renameat2":
                self._named_again(call.removesuffix("2").removesuffix("at"), *arguments[:4])
            case "creat" | "truncate" | "rmdir" | "symlink" | "symlinkat":
                paths = [_text(argument) for argument in arguments if argument.startswith('"')]
                assert not any(map(self._find, paths)), call
            case "copy_file_range":  # from the first descriptor into the third
                assert int(arguments[2]) not in self._open, call
            case _:
                self._used(call, arguments, result)

    def _name(self, place: tuple[Folder, str] | None, there: File | Folder | None) -> None:
        if place is not None:
            folder, name = place
            folder.pending.append({name: there})

    def _named_again(self, call: str, old_at: str, old: str, new_at: str, new: str) -> None:
        """A name for a file that has one already, or for one that was opened without a name."""
        source, target = self._find(_text(old), old_at), self._find(_text(new), new_at)
        if call == "link":
            opened = _DESCRIPTOR.fullmatch(_text(old))
            if opened or _text(old) == "":
                there = self._open.get(int(opened[1] if opened else old_at))
            else:
                there = source[0].now()[source[1]] if source else None
            assert (there is None) == (target is None)
            self._name(target, there)
            return
        assert (source is None) == (target is None)
        if source and target:
            assert source[0] is target[0]
            folder, name = source
            folder.pending.append({target[1]: folder.now()[name], name: None})

    def _opened(self, place: tuple[Folder, str] | None, flags: str, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        if place is None:
            return
        folder, name = place
        there = folder.now().get(name) if name else folder
        if "O_TMPFILE" in flags:
            assert isinstance(there, Folder)
            there = File()
        elif there is None:
            assert "O_CREAT" in flags
            there = File()
            folder.pending.append({name: there})
        assert "O_APPEND" not in flags
        if "O_TRUNC" in flags and isinstance(there, File):
            there.pending.append((0, None))
        self._open[descriptor], self._at[descriptor] = there, 0

    def _used(self, call: str, arguments: list[str], result: int) -> None:
        descriptor = int(arguments[0])
        there = self._open.get(descriptor)
        if there is None:
            return
        if call in ("fsync", "fdatasync"):
            there.sync()
            return
        if call == "lseek":
            self._at[descriptor] = result
            return
        assert isinstance(there, File), call
        if call == "ftruncate":
            there.pending.append((int(arguments[1]), None))
        elif call == "pwrite64":
            there.pending.append((int(arguments[3]), _bytes(arguments[1])[:result]))
        elif call == "write":
            there.pending.append((self._at[descriptor], _bytes(arguments[1])[:result]))
            self._at[descriptor] += result
        else:
            raise AssertionError(call)

    def cut(self, chance: random.Random, to: Path) -> None:
        """Write what is on the disk after a power cut into the folder `to`."""
        self._put(self._top, chance, to, {})

    def _put(self, folder: Folder, chance: random.Random, to: Path, files: dict[File, Path]) -> None:
        """`files` are those that are there by now: one that has two names is the same under both."""
        to.mkdir(mode=0o700)
        changes = chance.choice([0, len(folder.pending), chance.randint(0, len(folder.pending))])
        for name, there in folder.after_cut(changes).items():
            if isinstance(there, Folder):
                self._put(there, chance, to / name, files)
            elif there in files:
                os.link(files[there], to / name)
            else:
                (to / name).write_bytes(there.after_cut(chance))
                files[there] = to / name


# --- what strace wrote

_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?: .*)?")
_ARGUMENT = re.compile(r'"[^"]*"(?:\.\.\.)?|[^,"\s][^,"]*')
#: What leads to an open file, and so to one that has no name.
_DESCRIPTOR = re.compile(r"/proc/self/fd/(\d+)")
_HEX = re.compile(r"\\x([0-9a-f]{2})")


def _bytes(argument: str) -> bytes:
    assert argument[:1] == argument[-1:] == '"', argument[-20:]  # nothing was left out
    return bytes.fromhex("".join(_HEX.findall(argument)))


def _text(argument: str) -> str:
    return _bytes(argument).decode()


Call = tuple[str, list[str], int]


def calls_of(trace: Path) -> Iterator[Call]:
    for line in trace.read_text().splitlines():
        if "<unfinished" in line or " resumed>" in line:
            raise AssertionError("the child has threads: its calls cannot be told apart")
        found = _LINE.fullmatch(line)
        if found and int(found[3]) >= 0:
            yield found[1], [argument.strip() for argument in _ARGUMENT.findall(found[2])], int(found[3])


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

    def hear(self, line: str) -> None:
        if line.startswith("Fanion"):
            self.enrolment = Enrolment.parse(line)
        else:
            number, leaf_hash = line.split()
            self.records[int(number)] = leaf_hash


def after(cut: Path, told: Told) -> list[str]:
    """What is not as it has to be on the disk `cut`."""
    path = cut / "fanion" / "data" / "ledger.db"
    if told.enrolment is not None and read_enrolment(path) != told.enrolment:
        return ["other keys than those that were printed"]
    if told.records and not path.exists():
        return ["the ledger is not there"]
    found = wrong(path, max(told.records, default=0), told.enrolment)
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

    assert compare(disk._top, folder) >= 4


def cuts(folder: Path, calls: list[Call], moments: list[int], chance: random.Random, here: Path) -> list[str]:
    """What was wrong after power cuts at these moments, the earliest first: each is a number of calls."""
    disk, told, done = Disk(folder), Told(), 0
    failures = []
    for moment in moments:
        for call, arguments, result in calls[done:moment]:
            if call == "write" and arguments[0] == "1":
                told.hear(_text(arguments[1]))
            else:
                disk.do(call, arguments, result)
        done = moment
        disk.cut(chance, here / "cut")
        try:
            found = after(here / "cut", told)
        except LedgerProblem as problem:
            found = [f"{type(problem).__name__}: {problem}"]
        failures += [f"before call {moment}, {calls[moment - 1]!r:.120}: {what}" for what in found]
        shutil.rmtree(here / "cut")
    return failures


def first(calls: list[Call], wanted: str, told: str = "") -> int:
    """The number of the first such call; for a writing, of what was told with it."""
    return next(i for i, (call, given, _) in enumerate(calls) if call == wanted and (not told or told in given[1]))


def anywhere(calls: list[Call], count: int, chance: random.Random) -> list[int]:
    return sorted(chance.choices(range(first(calls, "mkdir"), len(calls) + 1), k=count))


@pytest.mark.parametrize("seed", range(4))
def test_no_power_cut_loses_what_was_acknowledged(recorded: tuple[Path, list[Call]], memory: Path, seed: int) -> None:
    chance = random.Random(seed)
    assert cuts(*recorded, anywhere(recorded[1], 100, chance), chance, memory) == []


def test_no_power_cut_leaves_half_a_ledger_that_cannot_be_begun_again(
    recorded: tuple[Path, list[Call]], memory: Path
) -> None:
    """After every single change until the first keys are told."""
    _, calls = recorded
    told = "".join(f"\\x{byte:02x}" for byte in b"Fanion desk keys")
    until = range(first(calls, "mkdir"), first(calls, "write", told) + 1)
    changes = [i for i in until if calls[i - 1][0] not in ("lseek", "close", "openat")]
    assert len(changes) > 30
    moments = [i for i in changes for _ in range(4)]
    assert cuts(*recorded, moments, random.Random(1), memory) == []


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
}


@pytest.mark.parametrize("sloppy", SLOPPY.values(), ids=SLOPPY)
def test_the_model_finds_what_is_done_carelessly(memory: Path, sloppy: str) -> None:
    shutil.rmtree(memory / "sloppy", ignore_errors=True)
    disk = memory / "sloppy"
    disk.mkdir()
    calls, chance = record(disk, sloppy), random.Random(1)
    # The moment in which it matters may be a short one: it is looked for again, in other places.
    found = next((f for _ in range(12) if (f := cuts(disk, calls, anywhere(calls, 60, chance), chance, memory))), [])
    shutil.rmtree(disk)
    assert found != []


def test_a_key_that_was_erased_is_gone_after_the_next_start(recorded: tuple[Path, list[Call]], memory: Path) -> None:
    """A power cut may bring the last epoch's key back, never one of those before it."""
    folder, calls = recorded
    chance = random.Random(7)
    disk = Disk(folder)
    seen: list[bytes] = []
    for call, arguments, result in calls:
        disk.do(call, arguments, result)
        if call == "write" and int(arguments[0]) in disk._open and _bytes(arguments[1]).startswith(b"FNE1"):
            seen.append(_bytes(arguments[1])[4:36])
            cut = memory / "cut"
            disk.cut(chance, cut)
            keys = keys_folder(cut / "fanion" / "data" / "ledger.db") / "epoch.keys"
            kept = keys.read_bytes() if keys.exists() else b""
            assert not any(seed in kept for seed in seen[:-3])
            shutil.rmtree(cut)
    assert len(seen) > 10
