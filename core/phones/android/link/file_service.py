"""ADB's file service (``sync:``), as far as it gives a file: many times as fast as `cat` in the phone's shell.

Its format (AOSP, SYNC.TXT and file_sync_protocol.h): a request is four letters, a length and a path. The file comes in
pieces of at most 64 KiB, each behind ``DATA`` and its length; ``DONE`` follows the last one, or ``FAIL`` with a reason
stands in the place of any of them::

    RECV 25 /data/app/one/base.apk QUIT 0
    DATA 65536 ...bytes... DATA 1207 ...bytes... DONE 0

A request to quit stands behind the first one, so that the phone ends the stream by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from core.phones.android.link.problems import Garbled
from core.text import plain

#: Takes a piece of a file as it comes; its bytes do not change afterwards.
Take = Callable[[memoryview], None]

#: What the phone's side takes as a path (bytes), and gives as one piece.
PATH_LIMIT: Final = 1024
_PIECE_LIMIT: Final = 64 * 1024
#: Of the reason why a file is not given (bytes).
_REASON_LIMIT: Final = 1024
_HEADER: Final = struct.Struct("<4sI")


class FileNotGiven(Exception):  # noqa: N818 - a state of the phone; it never leaves the package of this platform
    """The phone does not give the file. `reason` is its own, and has passed :func:`core.text.plain`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def request(path: str) -> bytes:
    """What asks for the file at `path`. Raises FileNotGiven for a path that the service does not take."""
    encoded = path.encode()
    if len(encoded) > PATH_LIMIT:
        raise FileNotGiven("the path is too long")
    return _HEADER.pack(b"RECV", len(encoded)) + encoded + _HEADER.pack(b"QUIT", 0)


def answer_size(size: int) -> int:
    """How long the answer for a file of `size` bytes is at most: adbd fills its pieces, but need not."""
    return size + (size // 1024 + 2) * _HEADER.size + _REASON_LIMIT


class FileAnswer:
    """Takes the service's answer as it comes, and hands the file's bytes on."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._header = b""
        #: Bytes of the piece under way that are still to come.
        self._missing = 0
        self._reason: bytearray | None = None
        self._is_done = False

    def feed(self, data: bytes) -> None:
        """The next bytes of the answer. Raises Garbled, and FileNotGiven once the reason is there."""
        view, at = memoryview(data), 0
        while at < len(view):
            if self._is_done:
                raise Garbled("the file service goes on behind the end of a file")
            if self._missing:
                piece = view[at : at + self._missing]
                at += len(piece)
                self._missing -= len(piece)
                self._piece(piece)
                continue  # Nothing is lost: it was handed on, or is part of a reason
            part = view[at : at + _HEADER.size - len(self._header)]
            at += len(part)
            self._header += part
            if len(self._header) == _HEADER.size:
                self._begin(*_HEADER.unpack(self._header))
                self._header = b""

    def _begin(self, word: bytes, length: int) -> None:
        """A header is there. Raises Garbled, FileNotGiven."""
        if word == b"DONE":  # its length is none
            self._is_done = True
        elif word == b"DATA" and length <= _PIECE_LIMIT:
            self._missing = length
        elif word == b"FAIL" and length <= _REASON_LIMIT:
            self._reason, self._missing = bytearray(), length
            if not length:
                raise FileNotGiven("")
        else:
            raise Garbled(f"the file service answers {plain(word.decode(errors='replace'), 8)} {length}")

    def _piece(self, piece: memoryview) -> None:
        if self._reason is None:
            self._take(piece)
            return  # Nothing is lost: it was handed on
        self._reason += piece
        if not self._missing:
            raise FileNotGiven(plain(self._reason.decode(errors="replace"), 300))

    def end(self) -> None:
        """No more bytes. Raises Garbled where the file has not ended."""
        if not self._is_done:
            raise Garbled("the file service ended in the middle of a file")
