"""A server on a loopback port, as both kinds of practice phones have one: each connection on a thread of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Final, Protocol, Self

_HOST: Final = "127.0.0.1"


class LoopbackConnection(Protocol):
    """One connection of a program."""

    def serve(self) -> None:
        """Answer until the connection ends."""

    def hang_up(self) -> None:
        """End it; called from another thread."""


class LoopbackServer:
    """Listens on 127.0.0.1 from `listen` on, until it is closed. A context manager.

    At most `most` connections are open at once; further ones are dropped.
    """

    def __init__(self, most: int) -> None:
        self.lock = threading.RLock()
        self._most = most
        self._connections: dict[threading.Thread, LoopbackConnection] = {}
        self._closed = False

    def listen(self, port: int, name: str) -> None:
        """Answer on this port from now on, 0 for a free one, on a thread of this name. Raises OSError if it is used."""
        self._listener = socket.create_server((_HOST, port))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name=f"{name} {self.port}", daemon=True)
        self._accepting.start()

    def admit(self, accepted: socket.socket) -> LoopbackConnection | None:
        """What serves a new connection; None where it is to be dropped."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where a client connects to: ``127.0.0.1:PORT``."""
        return f"{_HOST}:{self.port}"

    def cut(self) -> None:
        """Break every connection; a new one can be made at once."""
        with self.lock:
            connections = list(self._connections.values())
        for connection in connections:
            connection.hang_up()

    def close(self) -> None:
        """End everything; afterwards no thread of the server's is left. May be called twice."""
        with self.lock:
            if self._closed:
                return
            self._closed = True
        self.cut()
        with suppress(OSError):  # it is not listening any more; else the listening thread sees that it is over
            socket.create_connection((_HOST, self.port), timeout=5).close()
        self._accepting.join()
        for thread in self._connections:
            thread.join()

    def _accept(self) -> None:
        with self._listener:
            while not self._closed:
                try:
                    accepted, _ = self._listener.accept()
                except ConnectionAbortedError:
                    continue  # gone before it was answered
                self._begin(accepted)

    def _begin(self, accepted: socket.socket) -> None:
        with self.lock:
            self._connections = {t: c for t, c in self._connections.items() if t.is_alive()}
            full = self._closed or len(self._connections) >= self._most
            connection = None if full else self.admit(accepted)
            if connection is None:
                accepted.close()
                return
            thread = threading.Thread(target=connection.serve, name="practice connection", daemon=True)
            self._connections[thread] = connection
            thread.start()
