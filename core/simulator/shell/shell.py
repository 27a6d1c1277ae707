"""The practice phone's shell: walks the tree of a script and runs simulated commands, and nothing on this computer.

As on a phone (mksh), a pipeline's commands cannot change the variables outside of it. Unlike there, a script with a
syntax error does not run at all, and an unquoted `*` never becomes file names.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.simulator.commands.filters import FILTERS, Filter, FilterFinished, open_filter
from core.simulator.model.files import FileError, FileTree
from core.simulator.shell import arithmetic, patterns
from core.simulator.shell.scope import MAX_VALUE, Exit, Holder, Leave, Room, Scope, ShellError
from core.simulator.shell.streams import Io, Program, nowhere, to_text
from core.simulator.shell.syntax import ShellSyntaxError, parse
from core.simulator.shell.tree import (
    DEFAULTS,
    Arithmetic,
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

#: How many commands one script may run.
MAX_STEPS: Final = 100_000
#: Bounds of what is compared with a pattern, and of the pattern.
MAX_SUBJECT: Final = 256 * 1024
MAX_PATTERN: Final = 256

_SH: Final = "/system/bin/sh"
_BLANKS: Final = re.compile(r"[ \t\n]+")


class Shell:
    """One shell process. Variables live from one :meth:`run` to the next, as in an interactive shell."""

    def __init__(self, programs: Mapping[str, Program], files: FileTree) -> None:
        self._programs = programs
        self._files = files
        self._scope = Scope({"PATH": "/product/bin:/apex/bin:/system/bin", "HOME": "/", "USER": "shell"})
        self._steps = 0

    def run(self, script: str, streams: Io) -> int:
        """Run `script` and give its exit code. Raises Cancelled when `streams` is cancelled."""
        self._steps = 0
        try:
            return self._body(parse(script), self._scope, streams)
        except ShellSyntaxError as error:
            streams.complain(f"{_SH}: syntax error: {error}\n")
        except ShellError as error:
            streams.complain(f"{_SH}: {error}\n")
        except Exit as leave:
            return leave.code
        return 1

    # Commands

    def _body(self, body: Body, scope: Scope, streams: Io) -> int:
        for chain in body:
            self._chain(chain, scope, streams)
        return scope.status if body else 0

    def _chain(self, chain: Chain, scope: Scope, streams: Io) -> None:
        scope.status = self._pipeline(chain.first, scope, streams)
        for operator, pipeline in chain.rest:
            if (scope.status == 0) == (operator == "&&"):
                scope.status = self._pipeline(pipeline, scope, streams)

    def _pipeline(self, pipeline: Pipeline, scope: Scope, streams: Io) -> int:
        if len(pipeline.commands) == 1:
            status = self._command(pipeline.commands[0], scope, streams)
        else:
            status = self._piped(pipeline.commands, scope, streams)
        return int(status == 0) if pipeline.negated else status

    def _piped(self, commands: Sequence[Command], scope: Scope, streams: Io) -> int:
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
        held = Holder()
        self._piped(before, scope, replace(streams, out=held.hold))
        return self._subshell(last, scope, replace(streams, input=io.BytesIO(held.content)))

    def _receiver(self, command: Command, scope: Scope, streams: Io) -> Filter | None:
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

    def _subshell(self, command: Command, scope: Scope, streams: Io) -> int:
        try:
            return self._command(command, scope.copy(), streams)
        except Exit as leave:
            return leave.code

    def _command(self, command: Command, scope: Scope, streams: Io) -> int:
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

    def _simple(self, command: Simple, scope: Scope, streams: Io) -> int:
        scope.substituted = 0
        words = self._fields(command.words, scope, streams)
        inner = scope.copy()
        for name, word in command.assignments:
            inner.set(name, self._text(word, inner, streams))
        if not words:
            scope.variables = inner.variables
            return inner.substituted
        return self._program(words, scope, inner, streams)

    def _program(self, words: Sequence[str], scope: Scope, inner: Scope, streams: Io) -> int:
        """Run one command; `inner` is `scope` with the assignments that stand before the command."""
        name = words[0]
        match name:
            case "exit":
                raise Exit(_exit_code(words, scope.status))
            case "set" | "unset":
                return self._set(words, scope, streams)
            case "break" | "continue":
                return self._leave(words, scope)
            case "read":
                return self._read(words, scope, streams, split=inner.variables.get("IFS") != "")
        program = self._programs.get(name)
        if program is None:
            streams.complain(f"{_SH}: {name}: inaccessible or not found\n")
            return 127
        return program(words, streams) & 0xFF

    def _set(self, words: Sequence[str], scope: Scope, streams: Io) -> int:
        """`set -f` and the like change nothing here; `unset NAME` forgets a variable."""
        if words[0] == "unset":
            for name in words[1:]:
                scope.variables.pop(name, None)
            return 0
        if all(len(w) > 1 and w[0] in "-+" and set(w[1:]) <= set("fu") for w in words[1:]):
            return 0
        streams.complain(f"{_SH}: set: {' '.join(words[1:])}: unknown option\n")
        return 1

    def _leave(self, words: Sequence[str], scope: Scope) -> int:
        """`break` and `continue`; without a loop around them, nothing."""
        loops = int(words[1]) if len(words) > 1 and re.fullmatch(r"[1-9][0-9]{0,3}", words[1]) else 1
        if scope.loops:
            raise Leave(min(loops, scope.loops), words[0] == "continue")
        return 0

    def _read(self, words: Sequence[str], scope: Scope, streams: Io, *, split: bool) -> int:
        """`read -r NAME...`: one line of the input. Without `split` (IFS is empty), blanks at its ends stay."""
        names = [w for w in words[1:] if w != "-r"] or ["REPLY"]
        line = streams.input.readline() if streams.input else b""
        text = to_text(line.removesuffix(b"\n"))
        for name in names[:-1] if split else ():
            value, _, text = text.strip(" \t").partition(" ")
            scope.set(name, value)
        scope.set(names[-1], text.strip(" \t") if split else text)
        return 0 if line.endswith(b"\n") else 1

    def _if(self, command: If, scope: Scope, streams: Io) -> int:
        for condition, body in command.branches:
            if self._body(condition, scope, streams) == 0:
                return self._body(body, scope, streams)
        return self._body(command.otherwise, scope, streams)

    def _for(self, command: For, scope: Scope, streams: Io) -> int:
        status: int | None = 0
        for value in self._fields(command.words, scope, streams):
            self._step(streams)
            scope.set(command.name, value)
            status = self._round(command.body, scope, streams)
            if status is None:
                break
        return status or 0

    def _while(self, command: While, scope: Scope, streams: Io) -> int:
        status: int | None = 0
        while status is not None and (self._body(command.condition, scope, streams) == 0) != command.until:
            self._step(streams)
            status = self._round(command.body, scope, streams)
        return status or 0

    def _round(self, body: Body, scope: Scope, streams: Io) -> int | None:
        """A loop's body, once; None where the loop is left."""
        scope.loops += 1
        try:
            return self._body(body, scope, streams)
        except Leave as leave:
            if leave.loops > 1:
                raise Leave(leave.loops - 1, leave.again) from None
            return 0 if leave.again else None
        finally:
            scope.loops -= 1

    def _case(self, command: Case, scope: Scope, streams: Io) -> int:
        subject = Room(MAX_SUBJECT).for_text(self._text(command.subject, scope, streams))
        for words, body in command.branches:
            for word in words:
                if patterns.matches(subject, self._pattern(word, scope, streams)):
                    return self._body(body, scope, streams)
        return 0

    def _redirected(self, redirects: Sequence[Redirect], scope: Scope, streams: Io) -> Io | None:
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
            raise ShellError("too many commands")

    # Words

    def _text(self, word: Word, scope: Scope, streams: Io) -> str:
        """What `word` stands for, as one text."""
        room, values = Room(MAX_VALUE), []
        for part in word.parts:
            values.append(room.for_text(self._value(part, scope, streams)))
        return "".join(values)

    def _pattern(self, word: Word, scope: Scope, streams: Io) -> tuple[str, ...]:
        room, pieces = Room(MAX_PATTERN), []
        for part in word.parts:
            pieces.append((room.for_text(self._value(part, scope, streams)), not part.quoted))
        return patterns.elements(pieces)

    def _fields(self, words: Sequence[Word], scope: Scope, streams: Io) -> list[str]:
        """What `words` stand for; an unquoted value is split where it has blanks, and is nothing where it is empty."""
        fields: list[str] = []
        room = Room(MAX_VALUE)
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

    def _value(self, part: Literal | Parameter | Substitution | Arithmetic, scope: Scope, streams: Io) -> str:
        match part:
            case Literal():
                return part.text
            case Substitution():
                return self._substitution(part, scope, streams)
            case Parameter():
                return self._parameter(part, scope, streams)
            case Arithmetic():
                try:
                    return str(arithmetic.evaluate(part.text, scope.variables))
                except arithmetic.ArithmeticSyntaxError as error:
                    raise ShellError(f"{part.text}: {error}") from None

    def _parameter(self, part: Parameter, scope: Scope, streams: Io) -> str:
        special = {"?": str(scope.status), "$": "4242"}
        value = special.get(part.name) or scope.variables.get(part.name, "")
        if part.pattern is None:
            return value
        if part.operator in DEFAULTS:
            there = part.name in special or (value != "" if ":" in part.operator else part.name in scope.variables)
            wanted = self._text(part.pattern, scope, streams) if there == ("+" in part.operator) else ""
            return wanted if "+" in part.operator or not there else value
        pattern = self._pattern(part.pattern, scope, streams)
        Room(MAX_SUBJECT).for_text(value)
        cut = patterns.without_prefix if part.operator.startswith("#") else patterns.without_suffix
        return cut(value, pattern, longest=len(part.operator) == 2)

    def _substitution(self, part: Substitution, scope: Scope, streams: Io) -> str:
        held = Holder()
        inner = scope.copy()
        try:
            scope.substituted = self._body(part.body, inner, replace(streams, out=held.hold))
        except Exit as leave:
            scope.substituted = leave.code
        return to_text(held.content.replace(b"\0", b"")).rstrip("\n")


def _exit_code(words: Sequence[str], status: int) -> int:
    if len(words) < 2:
        return status
    return int(words[1]) & 0xFF if re.fullmatch(r"[0-9]{1,6}", words[1]) else 1
