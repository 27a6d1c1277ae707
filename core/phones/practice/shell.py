"""The practice phone's shell: walks the tree of a script and runs simulated commands, and nothing on this computer.

As on a phone (mksh), a pipeline's commands cannot change the variables outside of it. Unlike there, a script with a
syntax error does not run at all, and an unquoted `*` never becomes file names.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.phones.practice import patterns
from core.phones.practice.files import FileError, FileTree
from core.phones.practice.filters import FILTERS, Filter, FilterFinished, open_filter
from core.phones.practice.streams import Io, Program, nowhere, to_text
from core.phones.practice.syntax import ShellSyntaxError, parse
from core.phones.practice.tree import (
    Body,
    Case,
    Chain,
    Command,
    For,
    Group,
    If,
    Literal,
    Parameter,
    Pipeline,
    Redirect,
    Simple,
    Substitution,
    While,
    Word,
)

#: Bounds: the size of what one command's words, all variables, or a pipe may hold; and the commands of one script.
MAX_VALUE: Final = 4 * 1024 * 1024
MAX_VARIABLES: Final = 4 * MAX_VALUE
MAX_STEPS: Final = 100_000
#: Bounds of what is compared with a pattern, and of the pattern.
MAX_SUBJECT: Final = 256 * 1024
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


@dataclass(slots=True)
class _Scope:
    """Variables and the last exit code, as one (sub)shell sees them."""

    variables: dict[str, str]
    status: int = 0
    #: The exit code of the last `$( )` in the command that is being run.
    substituted: int = 0

    def set(self, name: str, value: str) -> None:
        """Give a variable a value."""
        self.variables[name] = value
        if sum(len(v) for v in self.variables.values()) > MAX_VARIABLES:
            raise _ShellError("out of memory")

    def copy(self) -> _Scope:
        return _Scope(dict(self.variables), self.status, self.substituted)


class Shell:
    """One shell process. Variables live from one :meth:`run` to the next, as in an interactive shell."""

    def __init__(self, programs: Mapping[str, Program], files: FileTree) -> None:
        self._programs = programs
        self._files = files
        self._scope = _Scope({"PATH": "/product/bin:/apex/bin:/system/bin", "HOME": "/", "USER": "shell"})
        self._steps = 0

    def run(self, script: str, streams: Io) -> int:
        """Run `script` and give its exit code. Raises Cancelled when `streams` is cancelled."""
        self._steps = 0
        try:
            return self._body(parse(script), self._scope, streams)
        except ShellSyntaxError as error:
            streams.complain(f"{_SH}: syntax error: {error}\n")
        except _ShellError as error:
            streams.complain(f"{_SH}: {error}\n")
        except _Exit as leave:
            return leave.code
        return 1

    # Commands

    def _body(self, body: Body, scope: _Scope, streams: Io) -> int:
        for chain in body:
            self._chain(chain, scope, streams)
        return scope.status if body else 0

    def _chain(self, chain: Chain, scope: _Scope, streams: Io) -> None:
        scope.status = self._pipeline(chain.first, scope, streams)
        for operator, pipeline in chain.rest:
            if (scope.status == 0) == (operator == "&&"):
                scope.status = self._pipeline(pipeline, scope, streams)

    def _pipeline(self, pipeline: Pipeline, scope: _Scope, streams: Io) -> int:
        if len(pipeline.commands) == 1:
            status = self._command(pipeline.commands[0], scope, streams)
        else:
            status = self._piped(pipeline.commands, scope, streams)
        return int(status == 0) if pipeline.negated else status

    def _piped(self, commands: Sequence[Command], scope: _Scope, streams: Io) -> int:
        *before, last = commands
        if not before:
            return self._subshell(last, scope, streams)
        receiver = self._receiver(last, scope, streams)
        if receiver is not None:
            try:
                self._piped(before, scope, replace(streams, out=receiver.feed))
            except FilterFinished as finished:
                if finished.which is not receiver:
                    raise
            return receiver.finish()
        held = _Holder()
        self._piped(before, scope, replace(streams, out=held.hold))
        return self._subshell(last, scope, replace(streams, input=io.BytesIO(held.content)))

    def _receiver(self, command: Command, scope: _Scope, streams: Io) -> Filter | None:
        """The filter that `command` is, ready to be fed; None if it is something else."""
        if not isinstance(command, Simple) or command.assignments or not command.words:
            return None
        name = command.words[0].parts
        if len(name) != 1 or not isinstance(name[0], Literal) or name[0].text not in FILTERS:
            return None
        if self._redirected(command.redirects, scope, replace(streams, err=nowhere)) is None:
            return None  # run as a command, it says what is wrong
        redirected = self._redirected(command.redirects, scope, streams) or streams
        return open_filter(self._fields(command.words, scope, streams), redirected, self._files)

    def _subshell(self, command: Command, scope: _Scope, streams: Io) -> int:
        try:
            return self._command(command, scope.copy(), streams)
        except _Exit as leave:
            return leave.code

    def _command(self, command: Command, scope: _Scope, streams: Io) -> int:
        self._step(streams)
        redirected = self._redirected(command.redirects, scope, streams)
        if redirected is None:
            return 1
        match command:
            case Simple():
                return self._simple(command, scope, redirected)
            case Group(subshell=True):
                return self._subshell(Group(command.body, False), scope, redirected)
            case Group():
                return self._body(command.body, scope, redirected)
            case If():
                return self._if(command, scope, redirected)
            case For():
                return self._for(command, scope, redirected)
            case While():
                return self._while(command, scope, redirected)
            case Case():
                return self._case(command, scope, redirected)

    def _simple(self, command: Simple, scope: _Scope, streams: Io) -> int:
        scope.substituted = 0
        words = self._fields(command.words, scope, streams)
        inner = scope.copy()
        for name, word in command.assignments:
            inner.set(name, self._text(word, inner, streams))
        if not words:
            scope.variables = inner.variables
            return inner.substituted
        return self._program(words, scope, inner, streams)

    def _program(self, words: Sequence[str], scope: _Scope, inner: _Scope, streams: Io) -> int:
        """Run one command; `inner` is `scope` with the assignments that stand before the command."""
        name = words[0]
        match name:
            case "exit":
                raise _Exit(_exit_code(words, scope.status))
            case "set" | "unset":
                return self._set(words, scope, streams)
            case "read":
                return self._read(words, scope, streams, split=inner.variables.get("IFS") != "")
        program = self._programs.get(name)
        if program is None:
            streams.complain(f"{_SH}: {name}: inaccessible or not found\n")
            return 127
        return program(words, streams) & 0xFF

    def _set(self, words: Sequence[str], scope: _Scope, streams: Io) -> int:
        """`set -f` and the like change nothing here; `unset NAME` forgets a variable."""
        if words[0] == "unset":
            for name in words[1:]:
                scope.variables.pop(name, None)
            return 0
        if all(len(w) > 1 and w[0] in "-+" and set(w[1:]) <= set("fu") for w in words[1:]):
            return 0
        streams.complain(f"{_SH}: set: {' '.join(words[1:])}: unknown option\n")
        return 1

    def _read(self, words: Sequence[str], scope: _Scope, streams: Io, *, split: bool) -> int:
        """`read -r NAME...`: one line of the input. Without `split` (IFS is empty), blanks at its ends stay."""
        names = [w for w in words[1:] if w != "-r"] or ["REPLY"]
        line = streams.input.readline() if streams.input else b""
        text = to_text(line.removesuffix(b"\n"))
        for name in names[:-1] if split else ():
            value, _, text = text.strip(" \t").partition(" ")
            scope.set(name, value)
        scope.set(names[-1], text.strip(" \t") if split else text)
        return 0 if line.endswith(b"\n") else 1

    def _if(self, command: If, scope: _Scope, streams: Io) -> int:
        for condition, body in command.branches:
            if self._body(condition, scope, streams) == 0:
                return self._body(body, scope, streams)
        return self._body(command.otherwise, scope, streams)

    def _for(self, command: For, scope: _Scope, streams: Io) -> int:
        status = 0
        for value in self._fields(command.words, scope, streams):
            self._step(streams)
            scope.set(command.name, value)
            status = self._body(command.body, scope, streams)
        return status

    def _while(self, command: While, scope: _Scope, streams: Io) -> int:
        status = 0
        while self._body(command.condition, scope, streams) == 0:
            self._step(streams)
            status = self._body(command.body, scope, streams)
        return status

    def _case(self, command: Case, scope: _Scope, streams: Io) -> int:
        subject = _Room(MAX_SUBJECT).for_text(self._text(command.subject, scope, streams))
        for words, body in command.branches:
            for word in words:
                if patterns.matches(subject, self._pattern(word, scope, streams)):
                    return self._body(body, scope, streams)
        return 0

    def _redirected(self, redirects: Sequence[Redirect], scope: _Scope, streams: Io) -> Io | None:
        """`streams` with `redirects` applied from left to right; None, with a complaint, where one cannot be."""
        for redirect in redirects:
            target = self._text(redirect.target, scope, streams)
            sinks = {1: streams.out, 2: streams.err}
            if redirect.operator == "<" and redirect.descriptor == 0:
                opened = self._open(target, streams)
                if opened is None:
                    return None
                streams = replace(streams, input=opened)
            elif redirect.descriptor not in sinks or (redirect.operator == ">&" and target not in ("1", "2")):
                streams.complain(f"{_SH}: {target}: bad file descriptor\n")
                return None
            elif redirect.operator != ">&" and target != "/dev/null":
                streams.complain(f"{_SH}: can't create {target}: Permission denied\n")
                return None
            else:
                sink = sinks[int(target)] if redirect.operator == ">&" else nowhere
                streams = replace(streams, out=sink) if redirect.descriptor == 1 else replace(streams, err=sink)
        return streams

    def _open(self, path: str, streams: Io) -> io.BytesIO | None:
        if path == "/dev/null":
            return io.BytesIO()
        try:
            return io.BytesIO(self._files.read(path))
        except FileError as error:
            streams.complain(f"{_SH}: can't open {path}: {error}\n")
            return None

    def _step(self, streams: Io) -> None:
        streams.cancel.check()
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise _ShellError("too many commands")

    # Words

    def _text(self, word: Word, scope: _Scope, streams: Io) -> str:
        """What `word` stands for, as one text."""
        room, values = _Room(MAX_VALUE), []
        for part in word.parts:
            values.append(room.for_text(self._value(part, scope, streams)))
        return "".join(values)

    def _pattern(self, word: Word, scope: _Scope, streams: Io) -> tuple[str, ...]:
        room, pieces = _Room(MAX_PATTERN), []
        for part in word.parts:
            pieces.append((room.for_text(self._value(part, scope, streams)), not part.quoted))
        return patterns.elements(pieces)

    def _fields(self, words: Sequence[Word], scope: _Scope, streams: Io) -> list[str]:
        """What `words` stand for; an unquoted value is split where it has blanks, and is nothing where it is empty."""
        fields: list[str] = []
        room = _Room(MAX_VALUE)
        for word in words:
            current: str | None = None
            for part in word.parts:
                value = room.for_text(self._value(part, scope, streams))
                if part.quoted or isinstance(part, Literal):
                    current = (current or "") + value
                    continue
                first, *others = _BLANKS.split(value)
                current = (current or "") + first if current is not None or first else None
                for piece in others:
                    if current is not None:
                        fields.append(current)
                    current = piece or None
            if current is not None:
                fields.append(current)
        return fields

    def _value(self, part: Literal | Parameter | Substitution, scope: _Scope, streams: Io) -> str:
        match part:
            case Literal():
                return part.text
            case Substitution():
                return self._substitution(part, scope, streams)
            case Parameter():
                return self._parameter(part, scope, streams)

    def _parameter(self, part: Parameter, scope: _Scope, streams: Io) -> str:
        special = {"?": str(scope.status), "$": "4242"}
        value = special.get(part.name) or scope.variables.get(part.name, "")
        if part.pattern is None:
            return value
        pattern = self._pattern(part.pattern, scope, streams)
        _Room(MAX_SUBJECT).for_text(value)
        cut = patterns.without_prefix if part.operator.startswith("#") else patterns.without_suffix
        return cut(value, pattern, longest=len(part.operator) == 2)

    def _substitution(self, part: Substitution, scope: _Scope, streams: Io) -> str:
        held = _Holder()
        inner = scope.copy()
        try:
            scope.substituted = self._body(part.body, inner, replace(streams, out=held.hold))
        except _Exit as leave:
            scope.substituted = leave.code
        return to_text(held.content.replace(b"\0", b"")).rstrip("\n")


class _Room:
    """How much may still come."""

    def __init__(self, size: int) -> None:
        self._left = size

    def for_text(self, text: str) -> str:
        """`text` again, if there is room for it."""
        self._left -= len(text)
        if self._left < 0:
            raise _ShellError("out of memory")
        return text


class _Holder:
    """Holds what a command writes, up to a bound."""

    def __init__(self) -> None:
        self._content = bytearray()

    @property
    def content(self) -> bytes:
        return bytes(self._content)

    def hold(self, data: bytes) -> None:
        if len(self._content) + len(data) > MAX_VALUE:
            raise _ShellError("out of memory")
        self._content += data


def _exit_code(words: Sequence[str], status: int) -> int:
    if len(words) < 2:
        return status
    return int(words[1]) & 0xFF if re.fullmatch(r"[0-9]{1,6}", words[1]) else 1
