"""Nobody at the other end, a phone or a program in an adb server's place, fills this computer's memory."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, silent
from core.model import Problem
from core.phones.android.inventory import read
from core.phones.android.link import server
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import AdbLink, connect_tcp
from core.phones.android.link.problems import Garbled, TooMuch
from core.phones.android.link.shell import PART_LIMIT, Collect, Lines, Sorter
from tests.unit.phones.android.flood import OF_A_SERVER, WHILE_CONNECTING, WHILE_RUNNING, flood

#: What a conversation may take at most (bytes).
ROOM = 64 * 2**20
#: Floods that break no rule, only patience: the cable is pulled after a moment.
WITHIN_THE_RULES = {"pieces-of-two-bytes": 1.0, "one-endless-line": 1.0}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    """What runs in here may need ROOM at its height, and no more. Only Linux tells the height of a while."""
    if not sys.platform.startswith("linux"):
        yield
        return
    Path("/proc/self/clear_refs").write_text("5")  # the height is counted from now
    before = _memory("VmRSS")
    yield
    grown = _memory("VmHWM") - before
    assert grown <= ROOM, f"{grown // 2**20} MB more"


def _memory(name: str) -> int:
    """A figure of this process's memory in bytes."""
    line = next(w for w in Path("/proc/self/status").read_text().splitlines() if w.startswith(name + ":"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("kind", WHILE_CONNECTING)
def test_a_flood_while_connecting(signer: Any, kind: str) -> None:
    with flood(kind) as port, little_memory(), pytest.raises((Garbled, TooMuch)) as problem:
        connect_tcp("127.0.0.1", port, signer, Cancel())
    assert len(problem.value.detail) <= 400


@pytest.mark.slow
@pytest.mark.parametrize("kind", WHILE_RUNNING)
def test_a_flood_while_the_phone_is_read(signer: Any, kind: str) -> None:
    with flood(kind, WITHIN_THE_RULES.get(kind, 10.0)) as port:
        link = connect_tcp("127.0.0.1", port, signer, Cancel())
        try:
            with little_memory():
                told = outcome(link)
        finally:
            link.close()
    assert told


def outcome(link: AdbLink) -> str:
    """What the officer hears of a reading: the problem that ended it, or what it lacks."""
    try:
        inventory = read(link, False, silent, Cancel())
    except Problem as problem:
        assert len(problem.detail) <= 400  # noqa: PT017 - both ends will do
        return str(problem)
    return " ".join(str(gap.what) for gap in inventory.gaps)


def test_a_phone_that_sent_too_many_strangers_is_not_asked_again(signer: Any) -> None:
    with flood("writes-to-strangers") as port:
        link = connect_tcp("127.0.0.1", port, signer, Cancel())
        for _ in range(2):
            with pytest.raises(Garbled):
                link.run("echo", lambda data: None, Cancel())
        link.close()


@pytest.mark.parametrize("kind", [kind for kind in OF_A_SERVER if kind != "a-list-in-drops"])
def test_a_flood_of_a_program_that_stands_in_for_the_adb_server(kind: str) -> None:
    with flood(kind) as port, little_memory():
        phones = server.phones(port)
        assert len(phones) <= server.PHONES_LIMIT
        if not phones:
            return
        with contextlib.suppress(Problem):
            server.ServerLink(phones[0].serial, port).run("echo", lambda data: None, Cancel())


def test_a_server_that_drips_is_given_up_and_what_it_said_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_LIMIT", 0.3)
    with flood("a-list-in-drops") as port:
        assert server.phones(port) == []


def test_a_list_of_phones_without_end_is_told_no_faster_than_it_can_be_shown() -> None:
    told: list[int] = []
    stop = threading.Event()

    def changed(phones: list[server.ServerPhone]) -> None:
        told.append(len(phones))
        if len(told) == 3:
            stop.set()

    with flood("lists") as port, little_memory():
        server.track(changed, stop, port)
    assert max(told) <= server.PHONES_LIMIT


def dropped(text: str) -> None:
    """Text that a reader below has no use for."""


def test_a_line_that_comes_letter_by_letter() -> None:
    lines = Lines(dropped)
    letter = "\N{SNOWMAN}".encode()
    with little_memory():
        for _ in range(400_000):
            lines.feed(letter)
        lines.end()


def test_parts_that_a_phone_makes_up() -> None:
    begun: list[str] = []

    def begin(name: str) -> Collect:
        begun.append(name)
        return Collect(lambda lines, code: None)

    sorter = Sorter("N0", begin)
    with little_memory():
        for i in range(100_000):
            sorter.block(f"N0 begin {i}\nN0 end {i} 0\n")
        for _ in range(100):
            sorter.block(f"N0 begin {'x' * 2**20}\nN0 end {'x' * 2**20} 0\n")
    assert len(begun) == len(sorter.finished) == PART_LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("line", ["x" * 4096 + "\n", "x" * 4095 + "\N{SLIGHTLY SMILING FACE}\n", "\n"])
def test_an_answer_that_is_kept_is_cut_and_does_not_count_as_whole(line: str) -> None:
    ended: list[int] = []
    part = Collect(lambda lines, code: ended.append(code))
    with little_memory():
        for _ in range(2**26 // len(line.encode()) // 1000 + 1):
            part.block(line * 1000)
    part.end(0)
    assert ended == [-1]


def test_an_answer_of_the_usual_length_is_kept_whole() -> None:
    ended: list[tuple[int, int]] = []
    part = Collect(lambda lines, code: ended.append((len(lines), code)))
    part.block("package:com.example.app\n" * 20_000)
    part.end(0)
    assert ended == [(20_000, 0)]
