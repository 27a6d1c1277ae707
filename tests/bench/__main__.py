"""How fast, as ratios: the same work done by something else on the same machine. Nothing here passes or fails.

python -m tests.bench            all
python -m tests.bench adb        a whole check against `adb` with the same commands on the same daemon
python -m tests.bench parse      how fast the largest dump is parsed
python -m tests.bench many       32 practice phones at once against one
python -m tests.bench start      the window's first painting against that of a bare window
python -m tests.bench typing     a key in the search over 2,000 and over 20,000 apps against one in a bare table
python -m tests.bench switching  the other language and the other colours, until they are painted
python -m tests.bench late       how late the window's event loop gets while 32 phones are checked
python -m tests.bench cycles     what 500 phones, plugged, checked and unplugged, leave behind
python -m tests.bench walk       the window's memory after 60 phones of another process, with every page opened
python -m tests.bench hub        the window's memory with 32 phones of another process at once
python -m tests.bench log        a log of a million records against one of ten thousand (needs a gigabyte of room)
python -m tests.bench visits     the same log's list of visits, and the summary of one month
python -m tests.bench verify     the verification of a million records
python -m tests.bench append     a sealed check against a commit of one row
python -m tests.bench receipt    a receipt out of a million records
python -m tests.bench export     the export of a million records
python -m tests.bench judge      a phone of 1,000 apps against 10,000 rules, and how that grows
python -m tests.bench apk        what is read of an app's file of 250 MB for its certificate and its label
python -m tests.bench bundle     the built bundle's start against that of the source tree
python -m tests.bench iphone     a whole check of an iPhone against `ideviceinstaller list`, one and twelve at once
python -m tests.bench roster     a list of 10,000 phones, read and checked, from CSV and from a workbook
python -m tests.bench evidence   copies of a banned app's files, hashed and kept, against `adb pull` of the same files
python -m tests.bench looking    a whole check against a quick one, which leaves the files of 150 apps out
python -m tests.bench capture    a capture of what a phone answered, made and played, against a check alone
python -m tests.bench office     a day of 5,000 desks at head office, and its questions over 100 days (6 GB of room)
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.jobs import Cancel, silent
from core.model import Verdict
from core.phones.android.link import shell
from core.phones.android.listings.dump import Dump
from core.phones.connect import Reach
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.visit.check import check
from tests.bench import (
    adb,
    append,
    bundle,
    capture,
    evidence,
    export,
    hub,
    iphone,
    log,
    office,
    policy,
    receipt,
    roster,
    verify,
    walk,
    window,
)
from tests.bench.rig import SHARED, seconds

POLICY = policy_file.load_built_in("canada")


def parse() -> None:
    """The largest capture of a real phone, where there is one; else a made one."""
    captures = sorted((SHARED / "captures").glob("*/dumpsys_package.txt"), key=lambda f: f.stat().st_size)
    made = adb.dump_of([(f"com.example.app{i}", "260f9e73") for i in range(500)], permissions=40)
    data = captures[-1].read_bytes() if captures else made.encode()

    def read() -> None:
        dump = Dump()
        lines = shell.Lines(dump.block)
        for start in range(0, len(data), 65536):
            lines.feed(data[start : start + 65536])
        lines.end()
        dump.account()

    rate = len(data) / seconds(read, 10) / 1e6
    split = len(data) / seconds(lambda: data.decode(errors="replace").split("\n"), 10) / 1e6
    print(f"parse: {rate:.0f} MB/s, {rate / split:.2f} of merely splitting it into lines  ({len(data) / 1e6:.1f} MB)")


def many() -> None:
    """As many practice phones at once as a desk might ever see, against one."""
    with tempfile.TemporaryDirectory() as folder:
        reach = Reach(Path(folder), "bench")

        def all_at_once(count: int) -> float:
            servers = [PracticeServer(load("walk-up")) for _ in range(count)]

            def one(server: PracticeServer) -> None:
                driver = reach.address("127.0.0.1", server.port, Cancel())
                assert check(driver, POLICY, silent, Cancel(), quick=False).verdict is Verdict.RED
                driver.close()

            threads = [threading.Thread(target=one, args=(s,)) for s in servers]
            start = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            taken = time.perf_counter() - start
            for server in servers:
                server.close()
            return taken

        all_at_once(1)
        alone = statistics.median(all_at_once(1) for _ in range(3))
        together = statistics.median(all_at_once(32) for _ in range(3))
    print(f"32 practice phones at once / one: {together / alone:.2f}  ({together:.2f} s / {alone:.2f} s)")


if __name__ == "__main__":
    everything: dict[str, Callable[[], None]] = {
        "adb": adb.adb,
        "parse": parse,
        "many": many,
        "start": window.start,
        "typing": window.typing,
        "switching": window.switching,
        "late": window.late,
        "cycles": window.cycles,
        "walk": walk.walk,
        "hub": hub.hub,
        "log": log.log,
        "visits": log.visits,
        "verify": verify.run,
        "append": append.run,
        "receipt": receipt.receipt,
        "export": export.run,
        "judge": policy.judging,
        "apk": policy.apk,
        "bundle": bundle.start,
        "roster": roster.reading,
        "evidence": evidence.keeping,
        "looking": policy.looking,
        "iphone": iphone.iphone,
        "capture": capture.run,
        "office": office.day,
    }
    for name, bench in everything.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            bench()
