"""iPhones: a whole check against `ideviceinstaller list`, one phone and twelve at once, and what importing costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.jobs import Cancel, silent
from core.phones.iphone.connect import Iphones
from core.policy.format.policy_file import load_built_in
from core.visit.check import check
from tests.bench.rig import seconds

#: Phones at a desk, and apps on each.
_PHONES = 12
_APPS = 400
_SERVE = f"""
import sys, msgspec
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
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
            phone = Iphones(Path(), "bench").open_through(service, udid, Cancel(), may_ask=False)
            found = check(phone, policy, silent, Cancel(), quick=False)
            assert len(found.inventory.apps) >= _APPS

        one, theirs = seconds(lambda: checked(udids[0]), 5), seconds(lambda: listed(udids[0]), 5)
        print(f"a check / ideviceinstaller list: {one / theirs:.2f}  ({one:.2f} s / {theirs:.2f} s, {_APPS} apps)")
        all_ours, all_theirs = _at_once(checked, udids), _at_once(listed, udids)
        ratio = all_ours / all_theirs
        print(f"{_PHONES} checks at once / as many lists: {ratio:.2f}  ({all_ours:.2f} s / {all_theirs:.2f} s)")
        phones.communicate("")


def _at_once(act: Callable[[str], None], udids: list[str]) -> float:
    threads = [threading.Thread(target=act, args=(udid,)) for udid in udids]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun
