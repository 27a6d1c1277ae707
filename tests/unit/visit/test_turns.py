"""Jobs take turns for Python's own work, and none keeps its turn while it waits: for a phone of either kind, for the
disk that has to have a record, or inside of another waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.jobs import WAITING, Cancel, turn
from core.ledger.records import PhoneSeen
from core.model import Finding, Labels, Phone
from core.phones.iphone.stream import Stream
from core.policy.format.policy_file import load_built_in
from core.text import T
from core.visit.journal import Heading, Journal

#: Within which a turn comes that nobody keeps (seconds).
_SOON = 20.0


def passes_its_turn_on(wait: Callable[[threading.Event], object]) -> bool:
    """Whether another job has its turn while one is in `wait`, which ends once the event is set."""
    begun, over, came = threading.Event(), threading.Event(), threading.Event()

    def one() -> None:
        with turn(Cancel()):
            begun.set()
            wait(over)

    def other() -> None:
        begun.wait(_SOON)
        with turn(Cancel()):
            came.set()

    threads = [threading.Thread(target=act, daemon=True) for act in (one, other)]
    for thread in threads:
        thread.start()
    passed = came.wait(_SOON)
    over.set()
    for thread in threads:
        thread.join(_SOON)
        assert not thread.is_alive(), "it waits for ever"
    return passed


def test_a_job_that_waits_for_nothing_keeps_its_turn() -> None:
    came = threading.Event()

    def other() -> None:
        with turn(Cancel()):
            came.set()

    with turn(Cancel()):
        thread = threading.Thread(target=other)
        thread.start()
        assert not came.is_set()
    assert came.wait(_SOON)
    thread.join()


def test_one_waiting_inside_another_is_one() -> None:
    def wait(over: threading.Event) -> None:
        with WAITING:
            with WAITING:
                pass
            over.wait(_SOON)

    assert passes_its_turn_on(wait)


def test_after_waiting_one_job_alone_has_its_turn() -> None:
    working: list[int] = []

    def job(number: int) -> None:
        with turn(Cancel()):
            for _ in range(200):
                working.append(number)
                assert working == [number]
                working.remove(number)
                with WAITING, WAITING:
                    pass

    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            job(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_an_iphone_that_says_nothing_holds_up_no_other_phone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = Stream(ours)

        def wait(over: threading.Event) -> None:
            def answer() -> None:
                over.wait(_SOON)
                theirs.sendall(b"x")

            answering = threading.Thread(target=answer)
            answering.start()
            assert stream.receive(1, Cancel(), 2 * _SOON) == b"x"
            answering.join()

        assert passes_its_turn_on(wait)


def test_an_iphone_that_takes_nothing_holds_up_no_other_phone() -> None:
    class Deaf:
        """Takes nothing until the event is set."""

        over = threading.Event()

        def settimeout(self, seconds: float | None, /) -> None:
            """It waits as long as it likes."""

        def recv(self, count: int, /) -> bytes:
            return b""

        def send(self, data: bytes | memoryview, /) -> int:
            self.over.wait(_SOON)
            return len(data)

        def close(self) -> None:
            """Nothing is held."""

    deaf = Deaf()

    def wait(over: threading.Event) -> None:
        deaf.over = over
        Stream(deaf).send(b"x", Cancel())

    assert passes_its_turn_on(wait)


class SlowDisk:
    """A log whose disk has a record only once the event is set."""

    over: threading.Event

    def append_all(self, records: Any, **about: Any) -> tuple[Any, ...]:
        self.over.wait(_SOON)
        return tuple(records)


@pytest.mark.parametrize("of_bans", [False, True])
def test_a_record_on_its_way_to_the_disk_holds_up_no_other_phone(of_bans: bool) -> None:
    disk: Any = SlowDisk()
    heading = Heading("4711", Labels())
    journal = Journal(disk, heading, load_built_in("canada"))
    findings: list[Finding] = []

    def wait(over: threading.Event) -> None:
        disk.over = over
        if of_bans:
            journal.record_bans_seen(findings, Phone("android", "", "", "", ""))
        else:
            journal.write(PhoneSeen("ready", T("over USB")))
        assert over.is_set(), "it goes on only once the record is there"

    assert passes_its_turn_on(wait)
    assert len(heading.entries) == 1
