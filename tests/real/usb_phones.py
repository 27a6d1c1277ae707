"""What is asked inside the virtual machine with real adbd on its USB bus, for test_usb.py."""

from __future__ import annotations

import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.jobs import Cancel
from core.model import Problem
from core.phones.connect import Reach
from core.phones.watch import Change, Sighting, Watch, look
from tests.real.android_gadget import AndroidGadget
from tests.real.usb_answers import WAIT, Telling

tell = Telling("android")

#: One for all: to load the desk's key takes a while here.
REACH = Reach(Path(tempfile.mkdtemp()) / "keys", "Desk 4")


def adb(*args: str) -> None:
    subprocess.run(["adb", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def watching() -> Iterator[queue.Queue[Change]]:
    changes: queue.Queue[Change] = queue.Queue()
    watch = Watch(changes.put, REACH.iphones)
    watch.start()
    yield changes
    watch.stop()


def until_told(changes: queue.Queue[Change], wanted: Callable[[Change], bool]) -> Change:
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
        return until_told(changes, lambda c: c.plugged).sighting


def plug_and_unplug(p1: AndroidGadget) -> None:
    with watching() as changes:
        first = until_told(changes, lambda c: c.plugged and c.sighting.serial == "EMU0000001").sighting
        tell("seen", [first.serial, first.name, first.state, first.road])
        tell("said", said(first))
        p1.unplug()
        gone = until_told(changes, lambda c: not c.plugged and c.sighting.key == first.key)
        tell("gone", [gone.sighting.serial, gone.sighting.state])
        p1.plug()
        tell("back", until_told(changes, lambda c: c.plugged).sighting.serial)
        tell("said again", said(first))
        tell("in a row", [said(first) for _ in range(3)])


def one_serial_for_two() -> None:
    """A second phone with the number of the first: each is opened at its place, also when the other one leaves."""
    with watching() as changes:
        first = until_told(changes, lambda c: c.plugged).sighting
        twin = AndroidGadget("twin", first.serial)
        second = until_told(changes, lambda c: c.plugged).sighting
        tell("twins", [first.serial == second.serial, first.key != second.key, said(first), said(second)])
        twin.unplug()
        gone = until_told(changes, lambda c: not c.plugged).sighting
        tell("twin gone", [gone.key == second.key, said(first), said(second)])
    twin.remove()


def unplug_in_mid_command(p1: AndroidGadget) -> None:
    first = the_one_phone()
    hand = threading.Thread(target=p1.unplug)
    tell("cut", said(first, "echo begun; sleep 60", hand.start))
    hand.join()
    p1.plug()


def four_at_once() -> None:
    phones: dict[str, Sighting] = {}
    with watching() as changes:
        while len(phones) < 4:
            sighting = until_told(changes, lambda c: c.plugged).sighting
            phones[sighting.key] = sighting
    answers: dict[str, str] = {}

    def ask(sighting: Sighting) -> None:
        answers[sighting.serial] = said(sighting, "head -c 300000 /dev/zero | wc -c")

    threads = [threading.Thread(target=ask, args=(s,)) for s in phones.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell("four", [[serial, answers[serial].split()[0]] for serial in sorted(answers)])


def held_by_an_adb_server() -> None:
    adb("start-server")
    with watching() as changes:
        held = until_told(
            changes, lambda c: c.plugged and c.sighting.road == "adb-server" and c.sighting.state == "ready"
        )
        tell("held", [held.sighting.serial, said(held.sighting)])
        adb("kill-server")
        free = until_told(changes, lambda c: c.plugged and c.sighting.road == "usb")
        tell("free", [free.sighting.serial, said(free.sighting)])


def busy() -> None:
    """A second program that wants the same phone is told so at once."""
    first = the_one_phone()
    holder = REACH.phone(first, Cancel())
    tell("busy", said(first))
    holder.close()
    tell("not busy", said(first))


def nobody() -> Callable[[], None]:
    """A process without rights, which has not used the bus yet. When it is called, it sees the phone, says why that
    cannot be opened, and ends."""
    reading, waking = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(waking)
        os.read(reading, 1)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        tell("nobody", [[s.serial, s.state, str(s.words.sentence)] for s in look(REACH.iphones)])
        os._exit(0)

    def call() -> None:
        os.close(waking)
        os.waitpid(process, 0)

    os.close(reading)
    return call


def authorisation() -> None:
    asks = AndroidGadget("asks", "ASKS1", asks=True)
    with watching() as changes:
        asking = until_told(changes, lambda c: c.plugged and c.sighting.serial == "ASKS1").sighting
        tell("asked", said(asking))
        tell("remembered", said(asking))
    asks.remove()


def ask() -> None:
    """Everything, and leave the bus empty."""
    os.chmod("/root", 0o755)  # where Python may be, for the one without rights
    look_without_rights = nobody()
    p1, *others = (AndroidGadget(f"p{n}", f"EMU000000{n}") for n in range(1, 5))
    four_at_once()
    for other in others:
        other.remove()
    plug_and_unplug(p1)
    one_serial_for_two()
    unplug_in_mid_command(p1)
    busy()
    held_by_an_adb_server()
    the_one_phone()
    look_without_rights()
    authorisation()
    p1.remove()
