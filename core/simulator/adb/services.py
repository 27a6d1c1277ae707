"""The services of the practice phone's ADB: commands, the interactive shell, and files."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from core.simulator.adb.connection import Stream
from core.simulator.adb.sync import FileService
from core.simulator.commands.streams import Io, Program, Sink, to_text
from core.simulator.model.files import FileTree
from core.simulator.shell.shell import Shell

#: The packets of shell protocol 2: what they carry, then their length, then the bytes.
_STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2
_EXIT: Final = 3
_CLOSE_STDIN: Final = 4
_FRAME: Final = struct.Struct("<BI")
_FRAME_PAYLOAD: Final = 32 * 1024

#: The longest line that is typed, and the longest packet of input, in bytes.
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
        kind, *options = kind.split(",")
        if kind == "sync" and colon and not command:
            return FileService(self._files).serve
        if kind in ("shell", "exec") and command:
            return lambda stream: self._command(stream, command, framed="v2" in options)
        if kind == "shell" and colon:
            return lambda stream: self._interactive(stream, framed="v2" in options, terminal="raw" not in options)
        return None

    def _command(self, stream: Stream, command: str, *, framed: bool) -> None:
        stream.ignore_input()
        code = Shell(self._programs).run(command, _outputs(stream, framed))
        _ended(stream, code, framed)

    def _interactive(self, stream: Stream, *, framed: bool, terminal: bool) -> None:
        """A shell that reads its commands. A terminal repeats what is typed, prompts, and ends lines with CR LF."""
        streams = _outputs(stream, framed)
        if terminal:
            streams = Io(_for_terminal(streams.out), _for_terminal(streams.err), streams.cancel)
        shell = Shell(self._programs)
        code = 0
        prompt = self._prompt if terminal else ""
        streams.say(prompt)
        for line in _lines(_unframed(stream) if framed else _raw(stream), streams.out if terminal else None):
            if line.strip() == "exit":
                break
            code = shell.run(line, streams)
            if line.strip().startswith("exit "):
                break
            streams.say(prompt)
        _ended(stream, code, framed)


def _lines(typed: Iterator[int], echo: Sink | None) -> Iterator[str]:
    """Lines out of the bytes that are typed; with `echo`, a terminal: backspace, ^C, and ^D where a line begins."""
    line = bytearray()
    for byte in typed:
        if byte in b"\r\n":
            repeated = b"\n"
        elif echo and byte in b"\x7f\x08":
            repeated = b"\b \b" if line else b""
            del line[-1:]
        elif echo and byte == 0x03:
            repeated = b"^C\n"
            line.clear()
        elif echo and byte == 0x04 and not line:
            return
        else:
            repeated = bytes([byte]) if len(line) < _MAX_LINE else b""
            line += repeated
        if echo:
            echo(repeated)
        if repeated.endswith(b"\n"):
            yield to_text(bytes(line))
            line.clear()
    if line:
        yield to_text(bytes(line))


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
