"""One window for one data folder and user: a second start asks the first to show itself, and ends.

The lock of a file in the data folder decides which is the first; a local socket carries the request. What arrives
there is one bounded line that is known by heart, or it is ignored: anything of this user's can write to the socket.

The folder may be on a stick that was pulled out of another computer while the window was open there. The file is then
still there, but its lock is not: only the system of a computer on which a window is open holds it.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCryptographicHash, QObject, QTimer, Signal

from core.problem import Problem
from core.system.files.file_lock import LockFile, is_held
from core.text import T

if sys.platform == "win32":
    import ctypes

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

LOCK: Final = "window.lock"
SOCKET: Final = "window.socket"
#: Bytes of a socket's path: some systems take 104.
_LONGEST_PATH: Final = 100

#: The protocol's number stands in every line. The request may bring the token by which a Wayland desktop knows that
#: it was the user who started Fanion again, and lets the window come to the front.
_REQUEST: Final = re.compile(rb"fanion 1 show(?: ([!-~]{1,200}))?\n")
_ANSWER: Final = b"fanion 1 shown\n"
_TOKEN: Final = "XDG_ACTIVATION_TOKEN"  # noqa: S105 - the name of a variable

#: Bytes of the longest line; callers at once; milliseconds until a silent caller is sent away.
_LONGEST: Final = 256
_CALLERS: Final = 8
_SILENCE: Final = 3_000
#: Seconds between two looks at a lock whose holder cannot be reached: it begins or ends just now.
_PAUSE: Final = 0.05


class AlreadyOpen(Problem):
    """Another Fanion has this data folder and does not answer: it is stuck, or belongs to another account."""

    code = "already-open"
    exit_code = 5

    def __init__(self) -> None:
        super().__init__(
            T("Fanion is already open but does not answer."),
            T("Close it, or restart the computer if it cannot be closed, then start Fanion again."),
        )


class SingleInstance(QObject):
    """Claims a data folder for this window. Lives on the GUI thread, and needs an application for being asked."""

    #: A second start wants the window to be seen.
    asked_to_show = Signal()

    def __init__(self, data: Path, *, patience: float = 3.0) -> None:
        """`patience`: seconds that the first one has for its answer."""
        super().__init__()
        self._data = data
        self._patience = patience
        self._lock: LockFile | None = None
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Whether this is the first one; if not, the first was asked to show itself, and said that it will.

        True as well where the folder cannot be written: what that means the log tells in its own words.
        Raises AlreadyOpen if there is another one and it does not answer.
        """
        if self._lock is not None:
            return True
        try:
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return True
        end = time.monotonic() + self._patience
        while not self._take():
            if self._ask(end):
                return False
            if time.monotonic() >= end:
                raise AlreadyOpen
            time.sleep(_PAUSE)
        return True

    def _take(self) -> bool:
        """Whether this is the first one: it holds the lock now, or no other does and the folder cannot be written."""
        try:
            self._lock = LockFile.take(self._data / LOCK)
        except OSError:  # another user's lock, or that of an older Fanion on Windows, cannot even be opened
            return not is_held(self._data / LOCK)
        return self._lock is not None

    def listen(self) -> None:
        """Be reached by a second start from now on; until then it waits, for as long as it has patience.

        Apart from :meth:`claim`, because a window is seen sooner without the network library.
        """
        if self._lock is None or self._server is not None:
            return
        server_class, _ = _network()
        server = server_class(self)
        server.setSocketOptions(server_class.SocketOption.UserAccessOption)
        server.newConnection.connect(self._be_called)
        for name in _names(self._data):
            server_class.removeServer(name)  # left by one that was killed: the holder of the lock is alone
            if server.listen(name):
                self._server = server
                return
        server.deleteLater()  # a second start will then say that this one does not answer

    def close(self) -> None:
        """Stop listening and release the lock, so that the next one is the first."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _be_called(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            caller = _Caller(socket, self._server)
            if len(self._server.findChildren(_Caller)) > _CALLERS:
                caller.leave()
                continue
            caller.window_wanted.connect(self.asked_to_show)
            caller.listen()

    def _ask(self, end: float) -> bool:
        """Whether the first one was reached and said that it shows itself. Not before, at the latest, `end`."""
        _, socket_class = _network()
        socket = socket_class()
        for name in _names(self._data):
            socket.connectToServer(name)
            unreached = socket.state() is socket_class.LocalSocketState.UnconnectedState
            if not unreached and socket.waitForConnected(_milliseconds_until(end)):
                break
        else:
            return False
        if not _is_ours(socket.fullServerName()):
            return False
        _let_come_to_the_front()
        token = os.environ.get(_TOKEN, "").encode("ascii", "ignore")
        with_token = b"fanion 1 show " + token + b"\n"
        socket.write(with_token if _REQUEST.fullmatch(with_token) else b"fanion 1 show\n")
        while not socket.canReadLine() and socket.waitForReadyRead(_milliseconds_until(end)):
            if socket.bytesAvailable() >= _LONGEST:
                break
        return bytes(socket.readLine(_LONGEST).data()) == _ANSWER


class _Caller(QObject):
    """A second start that has connected, until its line is read, or it is sent away."""

    window_wanted = Signal()

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        socket.setParent(self)
        socket.setReadBufferSize(_LONGEST)

    def listen(self) -> None:
        self._socket.readyRead.connect(self._read)
        self._socket.disconnected.connect(self.deleteLater)
        silence = QTimer(self, singleShot=True)
        silence.timeout.connect(self.leave)
        silence.start(_SILENCE)
        self._read()

    def leave(self) -> None:
        self._socket.abort()
        self.deleteLater()

    def _read(self) -> None:
        if not self._socket.canReadLine():
            if self._socket.bytesAvailable() >= _LONGEST:
                self.leave()
            return
        request = _REQUEST.fullmatch(bytes(self._socket.readLine(_LONGEST).data()))
        if request is None:
            self.leave()
            return
        if request[1]:
            os.environ[_TOKEN] = request[1].decode("ascii")  # there Qt looks for it, and takes it away
        # Sent before the window does anything: it may be kept busy by that.
        self._socket.write(_ANSWER)
        self._socket.flush()
        self._socket.disconnectFromServer()
        self.window_wanted.emit()


def _network() -> tuple[type[QLocalServer], type[QLocalSocket]]:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket  # once the window is seen, or where a second start asks

    return QLocalServer, QLocalSocket


def _names(data: Path) -> tuple[str, ...]:
    """What the socket of this data folder and user is called, the best name first."""
    if sys.platform == "win32":
        user = os.environ.get("USERNAME", "")
    else:
        user = str(os.getuid())
    folder = os.path.normcase(os.path.realpath(data))
    # Qt's own: hashlib would have the window wait for OpenSSL.
    digest = QCryptographicHash.hash(os.fsencode(f"{user}:{folder}"), QCryptographicHash.Algorithm.Sha256)
    common = f"fanion-{digest.toHex().toStdString()[:32]}"
    # In the data folder, which is its owner's alone: in a common one, another account could be there first. But a stick
    # takes no socket where it is formatted as most are.
    beside = os.path.join(folder, SOCKET)
    if sys.platform != "win32" and len(os.fsencode(beside)) < _LONGEST_PATH:
        return beside, common
    return (common,)


def _is_ours(socket: str) -> bool:
    """Whether this user made the socket: any account may make one of any name in the folder for temporary files."""
    if sys.platform == "win32":
        return True
    try:
        return os.stat(socket).st_uid == os.getuid()
    except OSError:
        return False


def _let_come_to_the_front() -> None:
    """On Windows no program comes to the front by itself; one that the user has just started may hand on that right."""
    if sys.platform == "win32":
        ctypes.windll.user32.AllowSetForegroundWindow(-1)


def _milliseconds_until(end: float) -> int:
    """Milliseconds until `end`."""
    return max(0, round((end - time.monotonic()) * 1000))
