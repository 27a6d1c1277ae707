"""How fast, as ratios: the same work done by something else on the same machine. Nothing here passes or fails.

python -m tests.bench            all
python -m tests.bench adb        a whole check against `adb` with the same commands on the same daemon
python -m tests.bench parse      how fast the largest dump is parsed
python -m tests.bench many       32 practice phones at once against one, and the processor's time for one
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

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, turn
from core.model import Verdict
from core.phones.android.link import shell
from core.phones.android.listings.dump import Dump
from core.visit.visit import Visit
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
from tests.bench.rig import SHARED, ServedPhone, at_once, met, practice_phones, seconds

#: On a disk, as a log is.
_HERE: Final = Path(__file__).parent
#: Phones at once; how many seconds of the processor Fanion may take for one, and how many times as long all may take.
_MANY: Final = 32
_OWN: Final = 0.20
_TOGETHER: Final = 5.0


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
    """As many visits at once as a desk might ever see, against one: as the window makes them, in turns, each put on
    record in the log, with the phones in another process."""
    with practice_phones(*["walk-up"] * _MANY) as ports, tempfile.TemporaryDirectory(dir=_HERE) as folder:
        desk = Desk(Path(folder), Settings(officer="A. Roy", desk="Desk 4"))

        def checked(port: int) -> None:
            cancel = Cancel()
            visit = Visit(ServedPhone(desk, port), lambda event: None)
            with turn(cancel):
                assert visit.check(cancel).verdict is Verdict.RED
                visit.close()

        works = [partial(checked, port) for port in ports]
        at_once(works)  # each phone makes its apps' files when it is first looked at
        alone, together = at_once(works[:1], 5), at_once(works, 3)
    own, of_each = alone.processor, together.processor / _MANY
    print(
        f"processor time of Fanion alone for a visit of a practice phone: {own:.3f} s (target: at most {_OWN}: "
        f"{met(own <= _OWN)}); for each of {_MANY} at once: {of_each:.3f} s"
    )
    ratio = together.clock / alone.clock
    print(
        f"{_MANY} practice phones at once / one: {ratio:.2f}  ({together.clock:.2f} s, in which Fanion has the "
        f"processor for {together.processor:.2f} s / {alone.clock:.2f} s; "
        f"target: at most {_TOGETHER}: {met(ratio <= _TOGETHER)})"
    )


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
