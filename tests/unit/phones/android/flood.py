"""What floods whoever talks to it: a phone's adbd, or an adb server, that never ends what it says.

A program of its own: ``python flood.py KIND SECONDS`` prints its port, serves whoever connects, each with the flood
KIND, for SECONDS at most, and ends when its standard input does. It needs nothing but Python.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

#: The phone's number of the one stream; the client's first is 1.
THEIRS = 7


@contextlib.contextmanager
def flood(kind: str, seconds: float = 10.0) -> Iterator[int]:
    """A child process that floods; its port."""
    command = [sys.executable, "-IS", str(Path(__file__)), kind, str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        yield int(child.stdout.readline())
        assert child.stdin
        child.stdin.close()


def packet(command: bytes, arg0: int, arg1: int, payload: bytes = b"") -> bytes:
    number = int.from_bytes(command, "little")
    return struct.pack("<6I", number, arg0, arg1, len(payload), checksum(payload), number ^ 0xFFFFFFFF) + payload


checksum = functools.lru_cache(maxsize=8)(sum)


CONNECTED = packet(b"CNXN", 0x01000000, 2**20, b"device::ro.product.model=X;")
TOKEN = packet(b"AUTH", 1, 0, b"t" * 20)
OPENED = packet(b"OKAY", THEIRS, 1)
LARGE = b"x" * 2**20


def numbered(command: bytes, payload: bytes = b"") -> Iterator[bytes]:
    """Packets of ever other streams."""
    return (packet(command, 1000 + i, 2000 + i, payload) for i in itertools.count())


def same(data: bytes) -> Iterator[bytes]:
    return itertools.repeat(data)


def then(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    return itertools.chain([first], rest)


def lists() -> Iterator[bytes]:
    """An adb server's lists of phones, each as long as one can be and with ever other serials."""
    for i in itertools.count():
        text = "".join(f"{i}x{j}\tdevice\n" for j in range(3000))[:0xFFFF].encode()
        yield f"{len(text):04x}".encode() + text


def drops() -> Iterator[bytes]:
    """The beginning of a list of phones, and then a byte now and then."""
    yield b"OKAYffffR5CT\tdevice\n"
    while True:
        time.sleep(0.05)
        yield b"x"


#: What is sent instead of an answer to the connecting.
WHILE_CONNECTING: dict[str, Callable[[], Iterator[bytes]]] = {
    "tokens": lambda: same(TOKEN),
    "tokens-after-the-question": lambda: then(TOKEN * 2, same(packet(b"AUTH", 9, 0, b"t" * 20))),
    "large-tokens": lambda: then(TOKEN, same(packet(b"AUTH", 9, 0, LARGE))),
    "strangers-before-the-banner": lambda: numbered(b"WRTE", b"x"),
    "large-strangers-before-the-banner": lambda: numbered(b"WRTE", LARGE),
    "a-banner-of-many-properties": lambda: then(packet(b"CNXN", 0x01000000, 2**20, (b"a=b;" * 2**18)), same(b"")),
}
#: What is sent while a command runs.
WHILE_RUNNING: dict[str, Callable[[], Iterator[bytes]]] = {
    "writes-to-one-stranger": lambda: then(OPENED, same(packet(b"WRTE", 99, 98))),
    "writes-to-strangers": lambda: then(OPENED, numbered(b"WRTE")),
    "large-writes-to-strangers": lambda: then(OPENED, numbered(b"WRTE", LARGE)),
    "writes-from-another-number": lambda: then(OPENED, same(packet(b"WRTE", THEIRS + 1, 1, b"x"))),
    "writes-with-zeros": lambda: then(OPENED, same(packet(b"WRTE", 0, 0))),
    "writes-before-the-stream-is-open": lambda: same(packet(b"WRTE", THEIRS, 1, b"x")),
    "empty-writes": lambda: then(OPENED, same(packet(b"WRTE", THEIRS, 1))),
    "okays-to-strangers": lambda: then(OPENED, numbered(b"OKAY")),
    "okays": lambda: same(OPENED),
    "okays-from-other-numbers": lambda: (packet(b"OKAY", 1 + i, 1) for i in itertools.count()),
    "closes-to-strangers": lambda: then(OPENED, numbered(b"CLSE")),
    "closes-behind-writes": lambda: then(
        OPENED, (packet(b"WRTE", i, 98) + packet(b"CLSE", i, 98) for i in itertools.count(2))
    ),
    "opens": lambda: then(OPENED, numbered(b"OPEN", b"tcp:1\0")),
    "syncs": lambda: then(OPENED, numbered(b"SYNC")),
    "banners": lambda: then(OPENED, same(CONNECTED)),
    "late-tokens": lambda: then(OPENED, same(TOKEN)),
    "pieces-of-two-bytes": lambda: then(OPENED + packet(b"WRTE", THEIRS, 1, LARGE)[:24], same(b"xx")),
    "one-endless-line": lambda: then(OPENED, same(packet(b"WRTE", THEIRS, 1, "\N{SNOWMAN}".encode()))),
    "an-endless-answer": lambda: then(OPENED, same(packet(b"WRTE", THEIRS, 1, LARGE))),
    "after-the-end": lambda: then(OPENED + packet(b"CLSE", THEIRS, 1), numbered(b"WRTE")),
}
#: What an adb server answers.
OF_A_SERVER: dict[str, Callable[[], Iterator[bytes]]] = {
    "lists": lambda: then(b"OKAY", lists()),
    "a-refusal-without-end": lambda: then(b"FAILffff", same(LARGE)),
    "no-answer-known": lambda: same(LARGE),
    "a-length-that-is-none": lambda: then(b"OKAY", same(b"-00-")),
    "a-list-in-drops": drops,
}


def serve(client: socket.socket, kind: str, seconds: float) -> None:
    """Say the beginning that every phone says, then the flood, until the client has gone or the time is over."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if kind in WHILE_RUNNING:
        client.sendall(CONNECTED)
        heard = b""
        while b"OPEN" not in heard:
            heard += client.recv(100_000)
    threading.Thread(target=swallow, args=(client,), daemon=True).start()
    until = time.monotonic() + seconds
    for piece in (WHILE_CONNECTING | WHILE_RUNNING | OF_A_SERVER)[kind]():
        if time.monotonic() > until:
            break
        client.sendall(piece)
    client.shutdown(socket.SHUT_RDWR)  # it is still read from, which would keep it open


def swallow(client: socket.socket) -> None:
    """Take what the client says, so that it never has to wait."""
    with contextlib.suppress(OSError):
        while client.recv(2**20):
            pass


def main(kind: str, seconds: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)

        def accept() -> None:
            while True:
                client, _ = server.accept()
                with client, contextlib.suppress(OSError):
                    serve(client, kind, seconds)

        threading.Thread(target=accept, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
