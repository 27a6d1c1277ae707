"""The services of the practice phone's ADB: commands, the interactive shell, and files."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from core.simulator.adb.connection import Stream
from core.simulator.adb.sync import FileService
from core.simulator.model.files import FileTree
from core.simulator.shell.shell import Shell
from core.simulator.shell.streams import Io, Program, Sink, to_text

#: The packets of shell protocol 2: what they carry, then their length, then the bytes.
_STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2
_EXIT: Final = 3
_CLOSE_STDIN: Final = 4
_FRAME: Final = struct.Struct("<BI")
_FRAME_PAYLOAD: Final = 32 * 1024

#: The longest line that somebody may type, and the longest packet of input, in bytes.
_MAX_LINE: Final = 64 * 1024
_MAX_INPUT: Final = 1024 * 1024


class Services:
    """Knows which service a name stands for."""

    def __init__(self, programs: Mapping[str, Program], files: FileTree, prompt: str) -> None:
        self._programs = programs
        self._files = files
        self._prompt = prompt

    def find(self, name: str) -> Callable[[Stream], None] | None:
        """The service `name`, such as ``shell,v2,raw:id``; None if there is none."""
        kind, colon, command = name.partition(":")
        if not colon:
            return None
        kind, *options = kind.split(",")
        if kind == "sync" and not command:
            return FileService(self._files).serve
        if kind == "exec" and command:
            return lambda stream: self._command(stream, command, framed=False)
        if kind != "shell":
            return None
        framed = "v2" in options
        if command:
            return lambda stream: self._command(stream, command, framed=framed)
        return lambda stream: self._interactive(stream, framed=framed, terminal="raw" not in options)

    def _command(self, stream: Stream, command: str, *, framed: bool) -> None:
        stream.ignore_input()
        streams = _outputs(stream, framed)
        code = Shell(self._programs, self._files).run(command, streams)
        _ended(stream, code, framed)

    def _interactive(self, stream: Stream, *, framed: bool, terminal: bool) -> None:
        """A shell that reads its commands. A terminal repeats what is typed, prompts, and ends lines with CR LF."""
        streams = _outputs(stream, framed)
        if terminal:
            streams = Io(_for_terminal(streams.out), _for_terminal(streams.err), streams.cancel)
        shell = Shell(self._programs, self._files)
        keyboard = _Keyboard(stream, framed, streams.out if terminal else None)
        code = 0
        while True:
            if terminal:
                streams.say(self._prompt)
            line = keyboard.line()
            if line is None:
                break
            word = line.strip()
            if word == "exit":
                break
            code = shell.run(line, streams)
            if word.startswith("exit "):
                break
        _ended(stream, code, framed)


class _Keyboard:
    """Lines out of what a computer sends as input."""

    def __init__(self, stream: Stream, framed: bool, echo: Sink | None) -> None:
        self._echo = echo
        self._bytes = _unframed(stream) if framed else _raw(stream)
        self._typed = bytearray()

    def line(self) -> str | None:
        """The next line, without its end; None when there is none any more."""
        for byte in self._bytes:
            if byte in b"\r\n":
                self._repeat(b"\n")
                return self._take()
            if self._echo is not None and byte in b"\x7f\x08":
                if self._typed:
                    self._typed.pop()
                    self._repeat(b"\b \b")
            elif self._echo is not None and byte == 0x03:
                self._typed.clear()
                self._repeat(b"^C\n")
                return ""
            elif self._echo is not None and byte == 0x04 and not self._typed:
                return None
            elif len(self._typed) < _MAX_LINE:
                self._typed.append(byte)
                self._repeat(bytes([byte]))
        return self._take() if self._typed else None

    def _take(self) -> str:
        line = to_text(bytes(self._typed))
        self._typed.clear()
        return line

    def _repeat(self, data: bytes) -> None:
        if self._echo is not None:
            self._echo(data)


def _raw(stream: Stream) -> Iterator[int]:
    while True:
        yield from stream.read()


def _unframed(stream: Stream) -> Iterator[int]:
    """The input in the packets of shell protocol 2, until it is closed or makes no sense."""
    waiting = bytearray()
    while True:
        while len(waiting) < _FRAME.size:
            waiting += stream.read()
        kind, length = _FRAME.unpack_from(waiting)
        if length > _MAX_INPUT or kind == _CLOSE_STDIN:
            return
        while len(waiting) < _FRAME.size + length:
            waiting += stream.read()
        content = bytes(waiting[_FRAME.size : _FRAME.size + length])
        del waiting[: _FRAME.size + length]
        if kind == _STDIN:
            yield from content


def _outputs(stream: Stream, framed: bool) -> Io:
    """Where a command writes. Without frames, errors go where the output goes."""
    if not framed:
        return Io(stream.write, stream.write, stream.cancel)
    return Io(_framing(stream, _STDOUT), _framing(stream, _STDERR), stream.cancel)


def _framing(stream: Stream, kind: int) -> Sink:
    def write(data: bytes) -> None:
        for start in range(0, len(data), _FRAME_PAYLOAD):
            piece = data[start : start + _FRAME_PAYLOAD]
            stream.write(_FRAME.pack(kind, len(piece)) + piece)

    return write


def _for_terminal(sink: Sink) -> Sink:
    return lambda data: sink(data.replace(b"\n", b"\r\n"))


def _ended(stream: Stream, code: int, framed: bool) -> None:
    if framed:
        stream.write(_FRAME.pack(_EXIT, 1) + bytes([code]))
