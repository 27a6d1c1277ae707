"""iPhones: a whole check against `ideviceinstaller list`, one phone and twelve at once, and what importing costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from typing import Final

from core.jobs import Cancel, silent, turn
from core.phones.iphone.connect import Iphones
from core.policy.format.policy_file import load_built_in
from core.visit.check import check
from tests.bench.rig import at_once, met

#: Phones at a desk, and apps on each.
_PHONES = 12
_APPS = 400
#: How many times as long as that many lists as many checks at once may take.
_TOGETHER: Final = 1.5
#: A real phone's answers are written by itself: each of these phones' is written once, so that what this takes is not
#: measured, of either side.
_SERVE = f"""
import plistlib, sys, msgspec
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
written, dumps = {{}}, plistlib.dumps
def written_once(value, **options):
    key = repr(value)
    if key not in written:
        written[key] = dumps(value, **options)
    return written[key]
plistlib.dumps = written_once
clean = load_iphone("iphone-clean")
phones = [
    PracticeIphone(msgspec.structs.replace(clean, filler={_APPS}, device=msgspec.structs.replace(
        clean.device, udid=f"00008101-PRACTICECLEAN{{number:03}}")))
    for number in range({_PHONES})
]
with MuxServer(*phones, pace=0) as mux:
    print(mux.port, flush=True)
    sys.stdin.read()
"""


def iphone() -> None:
    """Against Debian's own program, which lists the apps once; a check lists them twice, and asks for much more."""
    # Beside what the program has loaded by then in any case.
    loaded = "import time, core.visit.check, core.system.support.support_log"
    timed = loaded + "; begun = time.perf_counter(); {}; print(time.perf_counter() - begun)"
    imported = timed.format("import core.phones.iphone.connect")
    taken = sorted(float(subprocess.check_output([sys.executable, "-c", imported])) for _ in range(7))[3]
    print(f"importing the client: {taken * 1000:.0f} ms")
    if shutil.which("ideviceinstaller") is None:
        print("iphone: ideviceinstaller is not installed")
        return
    policy = load_built_in("canada")
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _SERVE], stdin=pipe, stdout=pipe, text=True) as phones:
        assert phones.stdout is not None
        port = int(phones.stdout.readline())
        service = ("127.0.0.1", port)
        environment = os.environ | {"USBMUXD_SOCKET_ADDRESS": f"127.0.0.1:{port}"}
        udids = [f"00008101-PRACTICECLEAN{number:03}" for number in range(_PHONES)]

        def listed(udid: str) -> None:
            command = ["ideviceinstaller", "-u", udid, "list", "--all"]
            subprocess.run(command, env=environment, check=True, capture_output=True)

        def checked(udid: str) -> None:
            with turn(Cancel()):  # as the window's jobs do
                phone = Iphones("bench").open_through(service, udid, Cancel(), may_ask=False)
                found = check(phone, policy, silent, Cancel(), quick=False)
            assert len(found.inventory.apps) >= _APPS

        checks, lists = ([partial(act, udid) for udid in udids] for act in (checked, listed))
        at_once(checks[:1] + lists[:1])
        one, theirs = at_once(checks[:1], 5), at_once(lists[:1], 5)
        print(
            f"a check / ideviceinstaller list: {one.clock / theirs.clock:.2f}  ({one.clock:.2f} s / "
            f"{theirs.clock:.2f} s, {_APPS} apps; processor time of Fanion alone: {one.processor:.3f} s)"
        )
        all_ours, all_theirs = at_once(checks, 3), at_once(lists, 3)
        ratio = all_ours.clock / all_theirs.clock
        print(
            f"{_PHONES} checks at once / as many lists: {ratio:.2f}  ({all_ours.clock:.2f} s / "
            f"{all_theirs.clock:.2f} s; target: at most {_TOGETHER}: {met(ratio <= _TOGETHER)}); "
            f"processor time of Fanion alone for each: {all_ours.processor / _PHONES:.3f} s"
        )
        phones.communicate("")
