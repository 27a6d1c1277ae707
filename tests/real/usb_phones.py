"""What runs inside the virtual machine with real USB phones: prints one JSON line a question, for test_usb.py."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.jobs import Cancel
from core.model import Problem
from core.phones.connect import Reach
from core.phones.watch import Change, Sighting, Watch, look

WAIT = 60.0
HERE = Path(__file__).resolve().parents[2]
#: One for all: to load the desk's key takes a while here.
REACH = Reach(Path(tempfile.gettempdir()) / "keys", "Desk 4")


def phone(*args: str) -> None:
    subprocess.run(["usb-phone.sh", *args], check=True)
    if args[0] == "unplug":
        # The rig may just then have been about to plug it in again; a second time it is not.
        Cancel().wait(0.5)
        subprocess.run(["usb-phone.sh", *args], check=True)


def adb(*args: str) -> None:
    subprocess.run(["adb", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tell(name: str, value: Any) -> None:
    print("ANSWER", json.dumps([name, value]), flush=True)


@contextmanager
def watching() -> Iterator[queue.Queue[Change]]:
    changes: queue.Queue[Change] = queue.Queue()
    watch = Watch(changes.put, REACH.iphones)
    watch.start()
    yield changes
    watch.stop()


def until(changes: queue.Queue[Change], wanted: Callable[[Change], bool]) -> Change:
    while True:
        change = changes.get(timeout=WAIT)
        if wanted(change):
            return change


def said(sighting: Sighting, command: str = "echo hello", begun: Callable[[], None] = lambda: None) -> str:
    """What the phone answers, or the problem's code. `begun` is called when it says something."""
    pieces: list[bytes] = []

    def feed(piece: bytes) -> None:
        if not pieces:
            begun()
        pieces.append(piece)

    try:
        driver = REACH.phone(sighting, Cancel())
    except Problem as problem:
        return problem.code
    try:
        driver._link.run(command, feed, Cancel())  # type: ignore[attr-defined]
    except Problem as problem:
        return problem.code
    finally:
        driver.close()
    return b"".join(pieces).decode().strip() + " " + str(driver.how)


def the_one_phone() -> Sighting:
    """The phone, as soon as it is there: one that was just plugged in needs a moment."""
    with watching() as changes:
        return until(changes, lambda c: c.plugged).sighting


def plug_and_unplug() -> None:
    with watching() as changes:
        first = until(changes, lambda c: c.plugged).sighting
        tell("seen", [first.serial, first.name, first.state, first.road])
        tell("said", said(first))
        phone("unplug", "p1")
        gone = until(changes, lambda c: not c.plugged)
        tell("gone", [gone.sighting.serial, gone.sighting.state])
        phone("plug", "p1")
        tell("back", until(changes, lambda c: c.plugged).sighting.serial)
        tell("said again", said(first))
        tell("in a row", [said(first) for _ in range(6)])


def one_serial_for_two() -> None:
    """A second phone with the number of the first: each is opened at its place, also when the other one leaves."""
    with watching() as changes:
        first = until(changes, lambda c: c.plugged).sighting
        phone("add", "twin", first.serial)
        second = until(changes, lambda c: c.plugged).sighting
        tell("twins", [first.serial == second.serial, first.key != second.key, said(first), said(second)])
        phone("unplug", "twin")
        gone = until(changes, lambda c: not c.plugged).sighting
        tell("twin gone", [gone.key == second.key, said(first), said(second)])
    phone("remove", "twin")


def unplug_in_mid_command() -> None:
    first = the_one_phone()
    hand = threading.Thread(target=phone, args=("unplug", "p1"))
    tell("cut", said(first, "echo begun; sleep 60", hand.start))
    hand.join()
    phone("plug", "p1")


def four_at_once() -> None:
    phones = look(REACH.iphones)
    answers: dict[str, str] = {}

    def ask(sighting: Sighting) -> None:
        answers[sighting.serial] = said(sighting, "head -c 300000 /dev/zero | wc -c")

    threads = [threading.Thread(target=ask, args=(s,)) for s in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell("four", [[serial, answers[serial].split()[0]] for serial in sorted(answers)])
    for name in ("p2", "p3", "p4"):
        phone("remove", name)


def held_by_an_adb_server() -> None:
    adb("start-server")
    with watching() as changes:
        held = until(changes, lambda c: c.plugged and c.sighting.road == "adb-server" and c.sighting.state == "ready")
        tell("held", [held.sighting.serial, said(held.sighting)])
        adb("kill-server")
        free = until(changes, lambda c: c.plugged and c.sighting.road == "usb")
        tell("free", [free.sighting.serial, said(free.sighting)])


def busy() -> None:
    """A second program that wants the same phone is told so at once."""
    first = the_one_phone()
    holder = REACH.phone(first, Cancel())
    tell("busy", said(first))
    holder.close()
    tell("not busy", said(first))


def not_permitted() -> None:
    """As a user without rights: the phone is seen, and it is said why it cannot be opened."""
    os.chmod("/root", 0o755)
    program = (
        f"import sys; sys.path.insert(0, {str(HERE)!r}); from tests.real import usb_phones; usb_phones.as_nobody()"
    )
    subprocess.run([sys.executable, "-c", program], user=65534, group=65534, extra_groups=[], check=True)


def as_nobody() -> None:
    tell("nobody", [[s.serial, s.state, str(s.words.sentence)] for s in look(REACH.iphones)])


def authorisation() -> None:
    phone("add", "q1", "ASKS1", "--auth", "--answer", "allow", "--delay", "1", "--remember", "--keys", "/tmp/q1.keys")
    with watching() as changes:
        asking = until(changes, lambda c: c.plugged and c.sighting.serial == "ASKS1").sighting
        tell("asked", said(asking))
        tell("remembered", said(asking))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        globals()[name]()
