"""The practice phone's shell: walks the tree of a script and runs simulated commands, and nothing on this computer.

As on a phone (mksh), a pipeline's commands cannot change the variables outside of it. Unlike there, a script with a
syntax error does not run at all, an unquoted `*` never becomes file names, and a pipe is full before it is read.
"""

from __future__ import annotations

import fnmatch
import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.simulator.commands.streams import Io, Program, to_text
from core.simulator.shell.syntax import (
    Body,
    Case,
    For,
    Literal,
    Parameter,
    Part,
    Pipeline,
    Redirect,
    ShellCommand,
    ShellSyntaxError,
    Simple,
    Substitution,
    Word,
    parse,
)

#: Bounds of one script: how many commands it may run, and how much one word, or all variables, may hold (characters).
MAX_STEPS: Final = 100_000
MAX_VALUE: Final = 4 * 1024 * 1024
MAX_VARIABLES: Final = 4 * MAX_VALUE
#: How much a pipe holds, in bytes.
MAX_PIPED: Final = 16 * 1024 * 1024
#: Bounds of what is compared with a pattern, of what is cut by one, and of the pattern.
MAX_COMPARED: Final = 256 * 1024
MAX_CUT: Final = 4096
MAX_PATTERN: Final = 256

_SH: Final = "/system/bin/sh"
_BLANKS: Final = re.compile(r"[ \t\n]+")


class _Exit(Exception):  # noqa: N818 - not an error: the script asked for it
    """`exit N`: leaves the script, or the subshell that it stands in."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _ShellError(Exception):
    """The shell cannot go on with this script."""


class _Buffer:
    """Holds what a command writes, up to a bound; the rest is dropped."""

    def __init__(self, size: int) -> None:
        self.content = bytearray()
        self._size = size

    def write(self, data: bytes) -> None:
        self.content += data[: self._size - len(self.content)]


@dataclass(slots=True)
class _Scope:
    """Variables and the last exit code, as one (sub)shell sees them."""

    variables: dict[str, str]
    status: int = 0
    #: The exit code of the last `$( )` in the command that is being run.
    substituted: int = 0

    def set(self, name: str, value: str) -> None:
        self.variables[name] = value
        if sum(len(v) for v in self.variables.values()) > MAX_VARIABLES:
            raise _ShellError("out of memory")

    def copy(self) -> _Scope:
        return replace(self, variables=dict(self.variables))


class Shell:
    """One shell process, for one script."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._programs = programs
        self._steps = 0

    def run(self, script: str, streams: Io) -> int:
        """Run `script` and give its exit code. Raises Cancelled when `streams` is cancelled."""
        scope = _Scope({"PATH": "/product/bin:/apex/bin:/system/bin", "HOME": "/", "USER": "shell"})
        try:
            return self._body(parse(script), scope, streams)
        except ShellSyntaxError as error:
            streams.complain(f"{_SH}: syntax error: {error}\n")
        except _ShellError as error:
            streams.complain(f"{_SH}: {error}\n")
        except _Exit as leave:
            return leave.code
        return 1

    # Commands

    def _body(self, body: Body, scope: _Scope, streams: Io) -> int:
        if not body:
            return 0
        for operator, pipeline in body:
            if operator == ";" or (scope.status == 0) == (operator == "&&"):
                scope.status = self._pipeline(pipeline, scope, streams)
        return scope.status

    def _pipeline(self, pipeline: Pipeline, scope: _Scope, streams: Io) -> int:
        *before, last = pipeline
        if not before:
            return self._command(last, scope, streams)
        for command in before:
            buffer = _Buffer(MAX_PIPED)
            self._subshell(_alone(command), scope, replace(streams, out=buffer.write))
            streams = replace(streams, input=bytes(buffer.content))
        return self._subshell(_alone(last), scope, streams)

    def _subshell(self, body: Body, scope: _Scope, streams: Io) -> int:
        try:
            return self._body(body, scope.copy(), streams)
        except _Exit as leave:
            return leave.code

    def _command(self, command: ShellCommand, scope: _Scope, streams: Io) -> int:
        self._step(streams)
        redirected = self._redirected(command.redirects, scope, streams)
        if redirected is None:
            return 1
        match command.action:
            case Simple() as simple:
                return self._simple(simple, scope, redirected)
            case For() as loop:
                status = 0
                for value in self._fields(loop.words, scope, redirected):
                    self._step(redirected)
                    scope.set(loop.name, value)
                    status = self._body(loop.body, scope, redirected)
                return status
            case Case() as choice:
                return self._case(choice, scope, redirected)
            case body:
                return self._subshell(body, scope, redirected)

    def _simple(self, command: Simple, scope: _Scope, streams: Io) -> int:
        """Assignments before a command change nothing: no command here looks at variables."""
        scope.substituted = 0
        words = self._fields(command.words, scope, streams)
        if not words:
            for variable, word in command.assignments:
                scope.set(variable, self._text(word, scope, streams))
            return scope.substituted
        name = words[0]
        if name == "exit":
            raise _Exit(_exit_code(words, scope.status))
        if name == "set" and words[1:] == ["-f"]:
            return 0  # it is so anyway
        if name == "unset":
            for variable in words[1:]:
                scope.variables.pop(variable, None)
            return 0
        program = self._programs.get(name)
        if program is None:
            streams.complain(f"{_SH}: {name}: inaccessible or not found\n")
            return 127
        return program(words, streams) & 0xFF

    def _case(self, command: Case, scope: _Scope, streams: Io) -> int:
        subject = _bounded(self._text(command.subject, scope, streams), MAX_COMPARED)
        for words, body in command.branches:
            for word in words:
                if fnmatch.fnmatchcase(subject, self._pattern(word, scope, streams)):
                    return self._body(body, scope, streams)
        return 0

    def _redirected(self, redirects: Sequence[Redirect], scope: _Scope, streams: Io) -> Io | None:
        """`streams` with `redirects` applied from left to right; None, with a complaint, where one cannot be."""
        for redirect in redirects:
            if isinstance(redirect.target, int):
                sink = {1: streams.out, 2: streams.err}[redirect.target]
            elif (path := self._text(redirect.target, scope, streams)) == "/dev/null":
                sink = _nowhere
            else:
                streams.complain(f"{_SH}: can't create {path}: Permission denied\n")
                return None
            streams = replace(streams, out=sink) if redirect.descriptor == 1 else replace(streams, err=sink)
        return streams

    def _step(self, streams: Io) -> None:
        streams.cancel.check()
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise _ShellError("too many commands")

    # Words

    def _values(self, word: Word, scope: _Scope, streams: Io) -> list[tuple[Part, str]]:
        """The parts of `word` with what they stand for."""
        values, room = [], MAX_VALUE
        for part in word:
            value = _bounded(self._value(part, scope, streams), room)
            room -= len(value)
            values.append((part, value))
        return values

    def _text(self, word: Word, scope: _Scope, streams: Io) -> str:
        """What `word` stands for, as one text."""
        return "".join(value for _, value in self._values(word, scope, streams))

    def _pattern(self, word: Word, scope: _Scope, streams: Io) -> str:
        """The pattern in `word` as :mod:`fnmatch` has it: quoted characters stand for themselves. Raises _ShellError
        for one that is too long, as matching takes its length times that of the text."""
        values = self._values(word, scope, streams)
        _bounded("".join(value for _, value in values), MAX_PATTERN)
        return "".join(glob.escape(value) if part.quoted else value for part, value in values)

    def _fields(self, words: Sequence[Word], scope: _Scope, streams: Io) -> list[str]:
        """What `words` stand for; an unquoted value is split where it has blanks, and is nothing where it is empty.

        Where IFS is set, its characters are the blanks: any of them may stand side by side here, as white space does.
        """
        separators = scope.variables.get("IFS")
        blanks = _BLANKS if separators is None else re.compile(f"[{re.escape(separators)}]+" if separators else r"(?!)")
        fields: list[str] = []
        room = MAX_VALUE
        for word in words:
            current: str | None = None
            for part, value in self._values(word, scope, streams):
                room -= len(_bounded(value, room))
                if part.quoted or isinstance(part, Literal):
                    current = (current or "") + value
                    continue
                first, *pieces = blanks.split(value)
                current = (current or "") + first if current is not None or first else None
                for piece in pieces:
                    if current is not None:
                        fields.append(current)
                    current = piece or None
            if current is not None:
                fields.append(current)
        return fields

    def _value(self, part: Part, scope: _Scope, streams: Io) -> str:
        match part:
            case Literal():
                return part.text
            case Substitution():
                return self._substitution(part, scope, streams)
            case Parameter():
                value = str(scope.status) if part.name == "?" else scope.variables.get(part.name, "")
                if not part.operator:
                    return value
                return _cut(_bounded(value, MAX_CUT), part.operator, self._pattern(part.pattern, scope, streams))

    def _substitution(self, part: Substitution, scope: _Scope, streams: Io) -> str:
        buffer = _Buffer(MAX_VALUE + 1)
        scope.substituted = self._subshell(part.body, scope, replace(streams, out=buffer.write))
        return to_text(bytes(buffer.content).replace(b"\0", b"")).rstrip("\n")


def _alone(command: ShellCommand) -> Body:
    return ((";", (command,)),)


def _nowhere(data: bytes) -> None:
    """Drop what is written: the sink that is /dev/null."""


def _bounded(text: str, size: int) -> str:
    """`text` again, if it is not longer."""
    if len(text) > size:
        raise _ShellError("out of memory")
    return text


def _cut(value: str, operator: str, pattern: str) -> str:
    """`value` without the shortest (``# %``) or longest (``## %%``) beginning or end that `pattern` describes."""
    whole = re.compile(fnmatch.translate(pattern))
    lengths = range(len(value), -1, -1) if len(operator) == 2 else range(len(value) + 1)
    for length in lengths:
        if operator[0] == "#" and whole.match(value, 0, length):
            return value[length:]
        if operator[0] == "%" and whole.match(value, len(value) - length):
            return value[: len(value) - length]
    return value


def _exit_code(words: Sequence[str], status: int) -> int:
    if len(words) < 2:
        return status
    return int(words[1]) & 0xFF if re.fullmatch(r"[0-9]{1,6}", words[1]) else 1
