"""``fanion practice``: whoever sits at the terminal is asked whether a computer may look at the phone."""

from __future__ import annotations

import contextlib
import os
import plistlib
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from core.jobs import Cancel
from core.model import Problem
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]


class Served:
    """A practice phone in a terminal of its own."""

    def __init__(self, program: subprocess.Popen[str], keyboard: IO[bytes], port: int) -> None:
        self.program, self.keyboard, self.port = program, keyboard, port
        self.said = ""

    def until(self, words: str) -> None:
        """Read what the program says beside its answer, up to `words`."""
        assert self.program.stderr
        while words not in self.said:
            letter = self.program.stderr.read(1)
            assert letter, self.said
            self.said += letter

    def answer(self, typed: str) -> None:
        self.until("[y/N]")
        self.said = ""
        self.keyboard.write(typed.encode())

    def end(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.program.send_signal(signal.SIGINT)
        assert self.program.stderr
        self.said += self.program.stderr.read()
        return self.program.wait()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    import pty

    ours, theirs = pty.openpty()
    environment = os.environ | {"LC_ALL": "C.UTF-8", "FANION_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-m", "gui", "practice", "--scenario", "clean", "--port", "0"]
    with (
        os.fdopen(ours, "wb", buffering=0) as keyboard,
        subprocess.Popen(
            command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as program,
    ):
        os.close(theirs)
        assert program.stdout
        address = re.search(r"127\.0\.0\.1:(\d+)", program.stdout.readline())
        assert address
        yield Served(program, keyboard, int(address[1]))
        program.kill()


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


@contextlib.contextmanager
def connecting(served: Served, signer: Any, allow_limit: float = 30.0) -> Iterator[list[object]]:
    """A computer that asks to be let in; afterwards the list has what came of it."""
    came: list[object] = []

    def connect() -> None:
        try:
            link = connect_tcp("127.0.0.1", served.port, signer, Cancel(), allow_limit=allow_limit)
        except Problem as problem:
            came.append(problem.code)
        else:
            pieces: list[bytes] = []
            link.run("echo in", pieces.append, Cancel())
            link.close()
            came.append(b"".join(pieces))

    thread = threading.Thread(target=connect)
    thread.start()
    try:
        yield came
    finally:
        thread.join()


@pytest.mark.slow
def test_yes_at_the_terminal_lets_the_computer_in(served: Served, signer: Any) -> None:
    with connecting(served, signer) as came:
        served.answer("y\n")
    assert came == [b"in\n"]
    assert served.end() == 0
    assert "Traceback" not in served.said


@pytest.mark.slow
def test_no_at_the_terminal_keeps_it_out_and_the_next_one_is_asked_again(served: Served, signer: Any) -> None:
    with connecting(served, signer, allow_limit=0.2) as came:
        served.answer("n\n")
    assert came == ["phone-unauthorised"]
    with connecting(served, signer) as came:
        served.answer("y\n")
    assert came == [b"in\n"]
    assert served.end() == 0


def test_two_computers_at_once_are_asked_about_one_after_the_other(served: Served, signer: Any, tmp_path: Path) -> None:
    other = desk_key(tmp_path / "other", "Desk 5")
    with connecting(served, signer) as first, connecting(served, other) as second:
        served.answer("y\n")
        served.answer("y\n")
    assert first == second == [b"in\n"]
    assert served.end() == 0


@pytest.mark.slow
def test_ctrl_c_at_the_question_ends_the_phone(served: Served, signer: Any) -> None:
    with connecting(served, signer) as came:
        served.until("[y/N]")
        assert served.end() == 0
    assert came == ["phone-unplugged"]
    assert "Traceback" not in served.said


def test_an_iphone_says_how_programs_find_it_and_is_found(tmp_path: Path) -> None:
    environment = os.environ | {"LC_ALL": "C.UTF-8", "FANION_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-m", "gui", "practice", "--scenario", "iphone-clean"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as served:
        assert served.stdout
        assert served.stderr
        served.stdout.readline()
        address = re.search(r"USBMUXD_SOCKET_ADDRESS=127\.0\.0\.1:(\d+)", served.stdout.readline())
        assert address
        with socket.create_connection(("127.0.0.1", int(address[1])), timeout=20) as client:
            asked = plistlib.dumps({"MessageType": "ListDevices"})
            client.sendall(struct.pack("<IIII", len(asked) + 16, 1, 8, 1) + asked)
            assert b"00008101-PRACTICECLEAN001" in client.recv(4096)
        served.send_signal(signal.SIGINT)
        assert served.stderr.read() == ""
        assert served.wait() == 0
