"""PostgreSQL's protocol from between: a server that lies, and a connection that breaks at a statement."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from pathlib import Path
from typing import Self

_SOCKET = ".s.PGSQL.5432"
_READY = b"Z" + struct.pack("!I", 5) + b"I"


class _Listener:
    """One connection, by a socket in a folder, on a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / _SOCKET))
        self._listening.listen(1)
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # nobody has come
            client, _ = self._listening.accept()
            with client:
                self.serve(client)

    def serve(self, client: socket.socket) -> None:
        raise NotImplementedError


class LyingServer(_Listener):
    """Says yes to each statement, and takes no data."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.statements: list[str] = []

    def serve(self, client: socket.socket) -> None:
        with client.makefile("rwb") as stream:
            stream.read(struct.unpack("!I", stream.read(4))[0] - 4)  # who it is
            stream.write(b"R" + struct.pack("!II", 8, 0) + _READY)
            stream.flush()
            while (kind := stream.read(1)) == b"Q":
                statement = stream.read(struct.unpack("!I", stream.read(4))[0] - 4).rstrip(b"\0").decode()
                self.statements.append(statement)
                if statement.endswith("TO STDOUT"):
                    row = b".\n" if statement == "COPY (SELECT '.') TO STDOUT" else b""
                    stream.write(b"H" + struct.pack("!IbH", 7, 0, 0))
                    stream.write(b"d" + struct.pack("!I", 4 + len(row)) + row + b"c" + struct.pack("!I", 4))
                stream.write(b"C" + struct.pack("!I", 9) + b"COPY\0" + _READY)
                stream.flush()
            assert kind in (b"X", b"")


class Relay(_Listener):
    """Stands before the true server, and breaks the connection at the first statement that begins with `until`.

    `reaches`: the server still gets the statement; its answer never comes back.
    """

    def __init__(self, server: Path, folder: Path, *, until: str, reaches: bool = False) -> None:
        super().__init__(folder)
        self._server = server
        self._until = until.encode()
        self._reaches = reaches

    def serve(self, client: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self._server / _SOCKET))
            back = threading.Thread(target=self._back, args=(server, client))
            back.start()
            with contextlib.suppress(OSError):
                while data := client.recv(1 << 16):
                    if data[:1] == b"Q" and data[5:].startswith(self._until):
                        client.shutdown(socket.SHUT_RDWR)  # first of all: no answer comes back
                        if self._reaches:
                            server.sendall(data)
                        break
                    server.sendall(data)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            back.join()

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        while data := server.recv(1 << 16):
            with contextlib.suppress(OSError):
                client.sendall(data)
