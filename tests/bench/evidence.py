"""Copies of a banned app's files: read whole, hashed and kept, against `adb pull` of the same files."""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.jobs import Cancel
from core.ledger.evidence.folder import CopiedFile, Copies, EvidenceFolder
from core.model import App, Finding, HashedBy, Inventory, Phone, Profile, ProfileKind, Strength
from core.phones.android.files.app_evidence import app_evidence
from core.phones.android.files.identify import IdentityMemory
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import AdbLink, connect_tcp
from core.text import Bilingual, T
from tests.bench.adb import adb_server
from tests.bench.policy import phone_with_files, place
from tests.bench.rig import ROOT, adbd, has_adbd, met, shim

PACKAGE: Final = "org.example.large"
#: Megabytes of each file, as of a large app with its splits.
FILES: Final = {
    "base.apk": 180,
    "split_config.arm64_v8a.apk": 60,
    "split_config.fr.apk": 1,
    "split_config.xxhdpi.apk": 15,
}
#: Bytes a second over USB 2, at best: 480 Mbit/s, less what the protocol takes.
CABLE: Final = 42e6
#: For how many times as long as `adb pull` it may take; and bytes of memory that it may take for that.
TARGET: Final = 1.2
ROOM: Final = 16 * 2**20


class Keeper:
    """Keeps each file in an evidence folder."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies

    def expect(self, size: int) -> None:
        self._copies.take_room(size)

    @contextmanager
    def file(self) -> Iterator[CopiedFile]:
        with self._copies.file() as copied:
            yield copied


def kept(link: AdbLink, app: App, folder: Path) -> None:
    """Keep copies of the files of `app`, and what was there of it."""
    profile = Profile(0, "Owner", ProfileKind.PERSONAL)
    finding = Finding("rule", Bilingual("Large", "Large"), Strength.BAN, app, profile, (), T("Reason"))
    inventory = Inventory(Phone("android", "Fanion", "Bench", "14", "", sdk=34), (profile,), (app,))
    evidence_folder = EvidenceFolder(folder / "ledger.db")
    with evidence_folder.copying() as copies:
        keeper = Keeper(copies)
        evidence = app_evidence(link, finding, inventory, IdentityMemory(), Cancel(), keeper=keeper)
        copies.keep({file.sha256 for file in evidence.files}, lambda: None)
    assert {(file.name, file.by) for file in evidence.files} == {(name, HashedBy.HERE) for name in FILES}
    assert not evidence.missing, evidence.missing


def keeping() -> None:
    """An app of 64 MB over the real adbd behind a cable; then, for information, one of 256 MB as fast as the computer
    can. Now by Fanion, now by `adb pull`, so that both share what else goes on."""
    if not has_adbd() or not shutil.which("adb"):
        print("evidence: needs Debian's adb, adbd, g++ and the lab beside the project")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = shim(folder)
        for what, parts, times in (("as fast as USB 2", 4, 5), ("at once", 1, 9)):
            place_ = folder / what.replace(" ", "-")
            place_.mkdir()
            programs, noise = phone_with_files(place_), random.Random(1)
            for file, megabytes in FILES.items():
                app = place(place_, PACKAGE, file, noise.randbytes(2**20 * megabytes // parts))
            with adbd(built, programs) as port:
                if parts > 1:
                    with _cable(port) as cable:
                        _compare(place_, app, cable, what, times, target=True)
                else:
                    _compare(place_, app, port, what, times, target=False)


def _compare(folder: Path, app: App, port: int, what: str, times: int, *, target: bool) -> None:
    files = [str(Path(app.code_path) / file) for file in FILES]
    taken: dict[str, list[float]] = {"ours": [], "theirs": []}
    link = connect_tcp("127.0.0.1", port, desk_key(folder, "bench"), Cancel())
    try:
        with adb_server(folder, port) as run:
            for number in range(times + 1):
                pulled, own = folder / f"pulled-{number}", folder / f"own-{number}"
                pulled.mkdir()
                own.mkdir()
                begun = time.perf_counter()
                kept(link, app, own)
                taken["ours"].append(time.perf_counter() - begun)
                begun = time.perf_counter()
                run("pull", *files, str(pulled))
                taken["theirs"].append(time.perf_counter() - begun)
                shutil.rmtree(pulled)
                shutil.rmtree(own)
        own.mkdir()
        tracemalloc.start()
        kept(link, app, own)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    finally:
        link.close()
    ours, theirs = (statistics.median(times_[1:]) for times_ in taken.values())
    size = sum(Path(file).stat().st_size for file in files)
    ratio = f"target: at most {TARGET}: {met(ours / theirs <= TARGET)}" if target else "for information"
    print(
        f"evidence: {size / 2**20:.0f} MB in {len(FILES)} files, read, hashed and kept / adb pull, {what}: "
        f"{ours / theirs:.2f}  ({ours:.3f} s / {theirs:.3f} s; {ratio}); "
        f"memory {peak / 2**20:.1f} MB (target: at most {ROOM / 2**20:.0f}: {met(peak <= ROOM)})"
    )


@contextmanager
def _cable(port: int) -> Iterator[int]:
    """A port behind which the one at `port` answers, at the speed of a cable."""
    command = [sys.executable, "-m", __name__, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as relay:
        assert relay.stdout is not None
        try:
            yield int(relay.stdout.readline())
        finally:
            relay.kill()


async def _relay(port: int) -> None:
    """Pass on what comes, at :data:`CABLE` from the phone; says on which port."""

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter, pace: float) -> None:
        due = time.monotonic()
        while data := await source.read(65536):
            due = max(due, time.monotonic() - 0.01) + len(data) * pace
            await asyncio.sleep(max(due - time.monotonic(), 0))
            sink.write(data)
            await sink.drain()
        sink.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        phone, to_phone = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, to_phone, 0.0), pass_on(phone, writer, 1 / CABLE))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_relay(int(sys.argv[1])))
