"""ADB's file service: looking at, fetching and putting files.

The format is that of Android's `packages/modules/adb/SYNC.TXT`: a four-letter word and a length, then what the word
asks for.
"""

from __future__ import annotations

import struct
from typing import Final

from core.simulator.adb.connection import AdbStream
from core.simulator.model.files import MAX_FILE, MAX_PATH, FileError, FileTree

_HEADER: Final = struct.Struct("<4sI")
_STAT: Final = struct.Struct("<4s3I")
_STAT2: Final = struct.Struct("<4sIQQ4IQ3q")
_ENTRY: Final = struct.Struct("<4s4I")

#: The longest piece of a file, in bytes.
_MAX_DATA: Final = 64 * 1024
_NOT_FOUND: Final = 2  # ENOENT


class FileService:
    """Serves one stream. Use it once."""

    def __init__(self, files: FileTree) -> None:
        self._files = files
        self._waiting = bytearray()

    def serve(self, stream: AdbStream) -> None:
        """Answer until the computer says QUIT, or does not keep to the format. Raises Cancelled when it leaves."""
        while True:
            word, length = _HEADER.unpack(self._read(stream, _HEADER.size))
            if word == b"QUIT":
                return
            try:
                if length > MAX_PATH:
                    raise ValueError("path too long")
                self._answer(stream, word, self._read(stream, length).decode("utf-8", "surrogateescape"))
            except FileError as error:
                stream.write(_failed(error))
            except ValueError as error:
                stream.write(_failed(error))
                return

    def _answer(self, stream: AdbStream, word: bytes, path: str) -> None:
        """Answer one request of the sync service. Raises ValueError for another format, FileError."""
        match word:
            case b"STAT":
                entry = self._files.find(path)
                facts = (entry.mode, entry.size, entry.modified) if entry else (0, 0, 0)
                stream.write(_STAT.pack(b"STAT", *facts))
            case b"STA2" | b"LST2":
                entry = self._files.find(path)
                if entry is None:
                    stream.write(_STAT2.pack(word, _NOT_FOUND, *[0] * 10))
                else:
                    times = [entry.modified] * 3
                    stream.write(_STAT2.pack(word, 0, 1, 1, entry.mode, 1, 2000, 2000, entry.size, *times))
            case b"LIST":
                self._list(stream, path)
            case b"RECV":
                content = self._files.read(path)
                for start in range(0, len(content), _MAX_DATA):
                    piece = content[start : start + _MAX_DATA]
                    stream.write(_HEADER.pack(b"DATA", len(piece)) + piece)
                stream.write(_HEADER.pack(b"DONE", 0))
            case b"SEND":
                self._put(stream, path)
            case _:
                raise ValueError("unknown command")

    def _list(self, stream: AdbStream, path: str) -> None:
        answer = bytearray()
        for name, entry in self._files.children(path):
            encoded = name.encode("utf-8", "surrogateescape")
            answer += _ENTRY.pack(b"DENT", entry.mode, entry.size, entry.modified, len(encoded)) + encoded
        stream.write(bytes(answer) + _ENTRY.pack(b"DONE", 0, 0, 0, 0))

    def _put(self, stream: AdbStream, path_and_mode: str) -> None:
        path, _, mode = path_and_mode.rpartition(",")
        if not (path and mode.isascii() and mode.isdecimal()):
            raise ValueError("no mode")
        content = bytearray()
        while True:
            word, length = _HEADER.unpack(self._read(stream, _HEADER.size))
            if word == b"DONE":  # its length is a time
                break
            if word != b"DATA" or length > _MAX_DATA:
                raise ValueError("oversize data message")
            piece = self._read(stream, length)
            if len(content) <= MAX_FILE:  # one piece too many is enough to be refused
                content += piece
        self._files.write(path, bytes(content), int(mode), length)
        stream.write(_HEADER.pack(b"OKAY", 0))

    def _read(self, stream: AdbStream, count: int) -> bytes:
        while len(self._waiting) < count:
            self._waiting += stream.read()
        data = bytes(self._waiting[:count])
        del self._waiting[:count]
        return data


def _failed(why: Exception) -> bytes:
    text = str(why).encode()
    return _HEADER.pack(b"FAIL", len(text)) + text
