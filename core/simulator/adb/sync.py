"""ADB's file service: looking at, fetching and putting files.

The format is that of Android's `packages/modules/adb/SYNC.TXT`: a four-letter word and a length, then what the word
asks for.
"""

from __future__ import annotations

import struct
from typing import Final

from core.simulator.adb.connection import Stream
from core.simulator.model.files import MAX_FILE, MAX_PATH, Entry, FileError, FileTree

_HEADER: Final = struct.Struct("<4sI")
_STAT: Final = struct.Struct("<4s3I")
_STAT2: Final = struct.Struct("<4sIQQ4IQ3q")
_ENTRY: Final = struct.Struct("<4s4I")

#: The longest piece of a file, in bytes.
_MAX_DATA: Final = 64 * 1024
_NOT_FOUND: Final = 2  # ENOENT


class _Nonsense(Exception):  # noqa: N818 - what the computer said, not an error of ours
    """The computer does not keep to the format; the text says where."""


class FileService:
    """Serves one stream. Use it once."""

    def __init__(self, files: FileTree) -> None:
        self._files = files
        self._waiting = bytearray()

    def serve(self, stream: Stream) -> None:
        """Answer until the computer says QUIT. Raises Cancelled when it leaves."""
        try:
            while self._answer(stream):
                pass
        except _Nonsense as nonsense:
            stream.write(_failed(str(nonsense)))

    def _answer(self, stream: Stream) -> bool:
        word, length = _HEADER.unpack(self._read(stream, _HEADER.size))
        if word == b"QUIT":
            return False
        if length > MAX_PATH:
            raise _Nonsense("path too long")
        path = self._read(stream, length).decode("utf-8", "surrogateescape")
        match word:
            case b"STAT":
                stream.write(_stat(self._files.find(path)))
            case b"STA2" | b"LST2":
                stream.write(_stat2(word, self._files.find(path)))
            case b"LIST":
                self._list(stream, path)
            case b"RECV":
                self._fetch(stream, path)
            case b"SEND":
                self._put(stream, path)
            case _:
                raise _Nonsense("unknown command")
        return True

    def _list(self, stream: Stream, path: str) -> None:
        answer = bytearray()
        for name, entry in self._files.children(path):
            encoded = name.encode("utf-8", "surrogateescape")
            answer += _ENTRY.pack(b"DENT", entry.mode, entry.inside.size, entry.modified, len(encoded)) + encoded
        stream.write(bytes(answer) + _ENTRY.pack(b"DONE", 0, 0, 0, 0))

    def _fetch(self, stream: Stream, path: str) -> None:
        try:
            content = self._files.read(path)
        except FileError as error:
            stream.write(_failed(str(error)))
            return
        for start in range(0, len(content), _MAX_DATA):
            piece = content[start : start + _MAX_DATA]
            stream.write(_HEADER.pack(b"DATA", len(piece)) + piece)
        stream.write(_HEADER.pack(b"DONE", 0))

    def _put(self, stream: Stream, path_and_mode: str) -> None:
        path, _, mode = path_and_mode.rpartition(",")
        if not (path and mode.isascii() and mode.isdecimal()):
            raise _Nonsense("no mode")
        content = bytearray()
        too_long = False
        while True:
            word, length = _HEADER.unpack(self._read(stream, _HEADER.size))
            if word == b"DONE":
                break
            if word != b"DATA" or length > _MAX_DATA:
                raise _Nonsense("oversize data message")
            piece = self._read(stream, length)
            too_long = too_long or len(content) + len(piece) > MAX_FILE
            if not too_long:
                content += piece
        stream.write(self._stored(path, bytes(content), int(mode), length, too_long))

    def _stored(self, path: str, content: bytes, mode: int, modified: int, too_long: bool) -> bytes:
        if too_long:
            return _failed("No space left on device")
        try:
            self._files.write(path, content, mode, modified)
        except FileError as error:
            return _failed(str(error))
        return _HEADER.pack(b"OKAY", 0)

    def _read(self, stream: Stream, count: int) -> bytes:
        while len(self._waiting) < count:
            self._waiting += stream.read()
        data = bytes(self._waiting[:count])
        del self._waiting[:count]
        return data


def _failed(why: str) -> bytes:
    text = why.encode()
    return _HEADER.pack(b"FAIL", len(text)) + text


def _stat(entry: Entry | None) -> bytes:
    if entry is None:
        return _STAT.pack(b"STAT", 0, 0, 0)
    return _STAT.pack(b"STAT", entry.mode, entry.inside.size, entry.modified)


def _stat2(word: bytes, entry: Entry | None) -> bytes:
    if entry is None:
        return _STAT2.pack(word, _NOT_FOUND, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    size, time = entry.inside.size, entry.modified
    return _STAT2.pack(word, 0, 1, 1, entry.mode, 1, 2000, 2000, size, time, time, time)
