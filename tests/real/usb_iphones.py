"""What runs inside the virtual machine with practice iPhones on its USB bus: prints one JSON line a question, for
test_usb_iphone.py."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from core.jobs import Cancel, silent
from core.model import Problem
from core.phones.connect import Reach
from core.phones.usb import Bus
from core.phones.watch import Change, Sighting, Watch, look
from core.simulator.iphone import Faults, IphoneScenario, PracticeIphone, load_iphone, numbered
from core.simulator.iphone.phone import Trust
from tests.real.iphone_gadget import Gadget

WAIT = 60.0
#: Where Debian's usbmuxd keeps what it knows of phones; under the machine's overlay, so that it is thrown away.
RECORDS = Path("/var/lib/lockdown")
BUS = Path("/sys/bus/usb/devices")


def tell(name: str, value: Any) -> None:
    print("ANSWER", json.dumps([name, value]), flush=True)


def until(true: Callable[[], object], what: str) -> None:
    """Wait for something that no event announces. Raises TimeoutError."""
    deadline = time.monotonic() + WAIT
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


def scenario(number: int, trust: Trust = "trusted", name: str = "iphone-wechat", **further: Any) -> IphoneScenario:
    """That of a phone with its own numbers; one that will be *trusted* is so at the first request."""
    return numbered(msgspec.structs.replace(load_iphone(name), trust=trust, polls=0, **further), number)


_named = 0


@contextmanager
def plugged(described: IphoneScenario, **options: Any) -> Iterator[Gadget]:
    """An iPhone on the bus. Its numbers are forgotten when it is unplugged."""
    global _named
    _named += 1
    gadget = Gadget(f"iphone{_named}", PracticeIphone(described), **options)
    try:
        yield gadget
    finally:
        gadget.unplug()


# With Debian's usbmuxd


@contextmanager
def usbmuxd(*options: str) -> Iterator[Path]:
    """Debian's usbmuxd; its log. It has no records at first, and leaves none."""
    log = Path("/tmp/usbmuxd.log")
    with log.open("wb") as told:
        command = ["usbmuxd", "--foreground", "--verbose", "--verbose", *options]
        running = subprocess.Popen(command, stdout=told, stderr=told)
        try:
            yield log
        finally:
            running.terminate()
            running.wait()
            for record in RECORDS.glob("*.plist"):
                record.unlink()


def listed() -> list[str]:
    """The numbers of the phones that usbmuxd lists."""
    return sorted(run("idevice_id", "-l")[1].split())


def run(*command: str) -> tuple[int, str]:
    """How a program ends, and what it writes."""
    variables = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=WAIT
    )
    return done.returncode, done.stdout


def trust_and_apps_by_usbmuxd() -> None:
    """A phone that asks, and whose owner takes their time; then its apps, and one is removed."""
    described = scenario(1, "waits", filler=400)
    with usbmuxd(), plugged(described) as gadget:
        phone = gadget.phone
        until(lambda: phone.questions, "usbmuxd asks by itself")
        tell("listed", listed())
        tell("before", run("idevicepair", "pair"))
        phone.trust()
        tell("pair", run("idevicepair", "pair"))
        tell("validate", run("idevicepair", "validate"))
        tell("info", run("ideviceinfo", "-k", "SerialNumber"))
        status, apps = run("ideviceinstaller", "list")
        tell("apps", [status, len(apps.splitlines()), "com.tencent.xin" in apps])
        tell("uninstall", run("ideviceinstaller", "uninstall", "com.tencent.xin"))
        tell("installed", "com.tencent.xin" in phone.installed())
        tell("unpair", run("idevicepair", "unpair"))
        tell("trusted", len(phone.computers))
        tell("complaints", list(gadget.mux.complaints))


def large_answers_by_usbmuxd() -> None:
    """Packets of more than one transfer, and a window that has to be waited for."""
    with usbmuxd(), plugged(scenario(2, name="iphone-hostile"), configurations=1) as gadget:
        until(listed, "listed")
        run("idevicepair", "pair")
        status, apps = run("ideviceinstaller", "list")
        tell("large", [status, len(apps.encode()) > 3 * 2**20, "Cydia" in apps])
        tell("large complaints", list(gadget.mux.complaints))


def unplugged_from_usbmuxd() -> None:
    """In the middle of a command, and again before it."""
    with usbmuxd(), plugged(scenario(3)) as gadget:
        phone = gadget.phone
        until(lambda: phone.computers, "trusted")
        phone.faults = Faults(hang=frozenset({"lockdown.GetValue"}))

        def pull() -> None:
            until(lambda: any("ideviceinfo" in line and "GetValue" in line for line in phone.log), "asked")
            gadget.unplug()

        hand = threading.Thread(target=pull)
        hand.start()
        tell("cut", run("ideviceinfo")[0] != 0)
        hand.join()
        until(lambda: not listed(), "gone")
        phone.faults = Faults()
        gadget.plug()
        until(listed, "back")
        tell("back", run("ideviceinfo", "-k", "UniqueDeviceID"))


def four_with_usbmuxd() -> None:
    answers: dict[str, tuple[int, str]] = {}
    with (
        usbmuxd(),
        plugged(scenario(11)) as first,
        plugged(scenario(12)),
        plugged(scenario(13), configurations=1),
        plugged(scenario(14), configurations=3),
    ):
        until(lambda: len(listed()) == 4, "four")

        def ask(udid: str) -> None:
            answers[udid] = run("ideviceinfo", "-u", udid, "-k", "UniqueDeviceID")

        threads = [threading.Thread(target=ask, args=(udid,)) for udid in listed()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell("four", sorted(answers.items()))
        first.unplug()
        until(lambda: len(listed()) == 3, "three")


# With Fanion alone


def alone() -> Reach:
    """A desk of its own: what a phone was trusted with at another one is not known here."""
    return Reach(Path(tempfile.mkdtemp()), "Desk 4")


def sighted(reach: Reach) -> Sighting:
    """The only phone, once it is on the bus."""
    until(lambda: Bus().look(), "on the bus")
    (sighting,) = look(reach.iphones)
    return sighting


def fanion(*command: str) -> tuple[int, str]:
    """How a command of Fanion's ends, with the data folder of one desk, and what it writes."""
    return run(sys.executable, "-m", "gui", "--data", "/tmp/fanion", "--language", "en", *command)


def trust_and_removal_by_fanion() -> None:
    """As an officer has it done on the command line; the phone's owner takes their time."""
    described = scenario(21, "waits", filler=400)
    with plugged(described) as gadget:
        phone = gadget.phone
        until(lambda: Bus().look(), "on the bus")
        tell("unasked", [str(sighted(alone()).state), phone.questions])

        def answer() -> None:
            until(lambda: phone.questions, "asked")
            phone.trust()

        owner = threading.Thread(target=answer)
        owner.start()
        tell("fanion remove", fanion("remove", "--yes"))
        owner.join()
        tell("fanion installed", "com.tencent.xin" in phone.installed())
        tell("fanion questions", phone.questions)
        tell("fanion complaints", list(gadget.mux.complaints))


def trust_taken_back_by_fanion() -> None:
    reach = alone()
    with plugged(scenario(22), configurations=1) as gadget:
        driver = reach.phone(sighted(reach), Cancel())
        driver.identity(Cancel())
        tell(
            "given",
            [len(gadget.phone.computers), reach.phone(sighted(reach), Cancel()).read(silent, Cancel()).phone.os],
        )
        tell("taken back", driver.trust_off(Cancel()).seen)
        tell("left", [len(gadget.phone.computers), str(sighted(reach).state)])
        reach.iphones.close()


def change(told: queue.Queue[Change], *, plugged: bool) -> Change:
    """The next one of that kind."""
    while (next_one := told.get(timeout=WAIT)).plugged is not plugged:
        pass
    return next_one


def unplugged_from_fanion() -> None:
    """In the middle of the list of its apps; and back."""
    reach, told = alone(), queue.Queue[Change]()
    watch = Watch(told.put, reach.iphones)
    watch.start()
    with plugged(scenario(23)) as gadget:
        sighting = change(told, plugged=True).sighting
        gadget.phone.faults = Faults(unplug=frozenset({"installation_proxy.Lookup"}))
        driver = reach.phone(sighting, Cancel())
        try:
            driver.read(silent, Cancel())
        except Problem as problem:
            tell("fanion cut", problem.code)
        change(told, plugged=False)
        gadget.phone.faults = Faults()
        gadget.plug()
        back = change(told, plugged=True)
        tell("fanion told", [back.sighting.state, back.sighting.key == sighting.key])
        read = reach.phone(back.sighting, Cancel()).read(silent, Cancel())
        tell("fanion back", ["com.tencent.xin" in {app.package for app in read.apps}, len(read.gaps)])
    watch.stop()
    reach.iphones.close()


def four_with_fanion() -> None:
    """At once, while another program wants one of them."""
    reach, answers = alone(), dict[str, list[int]]()
    with (
        plugged(scenario(31, filler=400)),
        plugged(scenario(32, filler=400)),
        plugged(scenario(33, filler=400), configurations=1),
        plugged(scenario(34, filler=400), configurations=3),
    ):
        until(lambda: len(Bus().look()) == 4, "four")
        phones = look(reach.iphones)
        tell("fanion places", len({phone.port for phone in phones}))

        def read(sighting: Sighting) -> None:
            found = reach.phone(sighting, Cancel()).read(silent, Cancel())
            answers[sighting.serial] = [len(found.apps), len(found.gaps)]

        threads = [threading.Thread(target=read, args=(phone,)) for phone in phones]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell("fanion four", sorted(answers.items()))
        tell("fanion busy", fanion("check", "--phone", phones[0].serial))
        reach.iphones.close()


def a_service_before_fanion() -> None:
    """Where Debian's usbmuxd runs, Fanion asks that; what it had trusted is opened by its record."""
    reach = alone()
    with usbmuxd(), plugged(scenario(24)) as gadget:
        until(lambda: gadget.phone.computers, "trusted")
        sighting = sighted(reach)
        driver = reach.phone(sighting, Cancel())
        found = driver.read(silent, Cancel())
        tell(
            "served",
            [sighting.road, sighting.state, bool(sighting.port), len(found.gaps), driver.trust_off(Cancel()).asked],
        )


if __name__ == "__main__":
    status = 1
    try:
        for name in sys.argv[1:]:
            globals()[name]()
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)  # threads wait for a cable that nothing will plug in again
