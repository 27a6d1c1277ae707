"""The grammar of the practice shell: the part of POSIX sh that scripts for reading a phone need, read into a tree.

Lists (`;`, `&&`, `||`), pipes, `( )`, `for`, `case`, assignments, `$x`, `${x#pattern}`, `$( )`, quotes, and output
redirected. What is outside of that is a syntax error, and never something else than it would be on a phone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: How deep constructs may be nested; keeps the reader and the interpreter far away from Python's recursion limit.
MAX_DEPTH: Final = 25


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it stands. In quotes, no character of it is special."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name`, or `${name#pattern}` with one of the operators ``# ## % %%``."""

    name: str
    quoted: bool
    operator: str = ""
    pattern: Word = ()


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(commands)`."""

    body: Body
    quoted: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    """`2>&1`, `>/dev/null`: what is redirected, 1 or 2, and where to: to where that descriptor leads, or to a file."""

    descriptor: int
    target: int | Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, then a command's words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`."""

    name: str
    words: tuple[Word, ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Case:
    """`case word in pattern|pattern) ... ;; esac`."""

    subject: Word
    branches: tuple[tuple[tuple[Word, ...], Body], ...]


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """Anything that has an exit code. A body in `( )` cannot change the variables outside."""

    action: Simple | For | Case | Body
    redirects: tuple[Redirect, ...]


#: One word before expansion: its parts.
Part = Literal | Parameter | Substitution
Word = tuple[Part, ...]

#: Commands joined by `|`.
Pipeline = tuple[ShellCommand, ...]
#: Pipelines, each with the operator before it: ``;``, ``&&`` or ``||``.
Body = tuple[tuple[str, Pipeline], ...]

_META: Final = " \t\n;&|()<>"
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_RESERVED: Final = re.compile(
    r"(if|then|elif|else|fi|for|do|done|case|esac|while|until|function|!|\{|\})(?=[\s;&|()<>]|$)"
)


class ShellSyntaxError(Exception):
    """The script is not in the subset."""


@functools.lru_cache(64)
def parse(script: str) -> Body:
    """The tree of `script`, which is kept: a visit, and the next, run the same few scripts. Raises ShellSyntaxError."""
    reader = _Reader(script)
    body = reader.body()
    reader.take(r"\Z")
    return body


class _Reader:
    """Reads a script from left to right; every method leaves `_at` behind what it has read."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._at = 0
        self._depth = 0

    def body(self) -> Body:
        """Pipelines up to something that closes the construct around them."""
        self._deeper()
        pipelines: list[tuple[str, Pipeline]] = []
        operator = ";"
        while True:
            self._skip(lines=True)
            if operator == ";" and (self._sees(r"\Z|\)|;;") or self._reserved() in ("do", "done", "esac")):
                self._depth -= 1
                return tuple(pipelines)
            pipelines.append((operator, self._pipeline()))
            joined = self._take_if(r"&&|\|\||;(?!;)|\n")
            if joined is None and not self._sees(r"\Z|\)|;;"):
                raise self._unexpected()
            operator = joined[0] if joined and joined[0] in ("&&", "||") else ";"

    def take(self, pattern: str) -> re.Match[str]:
        """What `pattern` matches here. Raises ShellSyntaxError if it does not."""
        match = self._take_if(pattern)
        if match is None:
            raise self._unexpected()
        return match

    def _pipeline(self) -> Pipeline:
        commands = [self._command()]
        while self._take_if(r"\|(?!\|)"):
            self._skip(lines=True)
            commands.append(self._command())
        return tuple(commands)

    def _command(self) -> ShellCommand:
        action: Body | For | Case
        if self._take_if(r"\("):
            action = self._filled_body()
            self.take(r"\)")
        elif (reserved := self._reserved()) is None:
            return self._simple()
        elif reserved == "for":
            action = self._for()
        elif reserved == "case":
            action = self._case()
        else:
            raise self._unexpected()
        redirects = []
        self._skip()
        while (redirect := self._redirect()) is not None:
            redirects.append(redirect)
            self._skip()
        return ShellCommand(action, tuple(redirects))

    def _simple(self) -> ShellCommand:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self._skip()
            if (redirect := self._redirect()) is not None:
                redirects.append(redirect)
            elif not words and (match := self._take_if(rf"({_NAME})=")):
                assignments.append((match[1], self._word() or ()))
            elif (word := self._word()) is not None:
                words.append(word)
            else:
                break
        if not (assignments or words or redirects):
            raise self._unexpected()
        return ShellCommand(Simple(tuple(assignments), tuple(words)), tuple(redirects))

    def _for(self) -> For:
        self._keyword("for")
        name = self.take(_NAME)[0]
        self._keyword("in")
        words = []
        while (word := self._word()) is not None:
            words.append(word)
            self._skip()
        self.take(r"[;\n]")
        self._keyword("do")
        body = self._filled_body()
        self._keyword("done")
        return For(name, tuple(words), body)

    def _case(self) -> Case:
        self._keyword("case")
        subject = self._needed_word()
        self._keyword("in")
        branches = []
        self._skip(lines=True)
        while self._reserved() != "esac":
            self._take_if(r"\([ \t]*")
            patterns = [self._needed_word()]
            while self._take_if(r"\|[ \t]*"):
                patterns.append(self._needed_word())
            self.take(r"\)")
            branches.append((tuple(patterns), self.body()))
            if not self._take_if(";;"):
                break
            self._skip(lines=True)
        self._keyword("esac")
        return Case(subject, tuple(branches))

    def _filled_body(self) -> Body:
        body = self.body()
        if not body:
            raise self._unexpected()
        return body

    def _redirect(self) -> Redirect | None:
        match = self._take_if(r"([12]?)>(?:&([12])|>?(?![<>&(|])[ \t]*)")
        if match is None:
            return None
        return Redirect(int(match[1] or 1), int(match[2]) if match[2] else self._needed_word())

    # Words

    def _needed_word(self) -> Word:
        word = self._word()
        if word is None:
            raise self._unexpected()
        self._skip()
        return word

    def _word(self, until: str = "") -> Word | None:
        """The word that begins here, or None. With `until`, blanks belong to it and that character ends it."""
        parts: list[Part] = []
        start, ends = self._at, until or _META
        while self._at < len(self._script) and self._script[self._at] not in ends:
            parts += self._parts(ends)
        return tuple(parts) if self._at > start else None

    def _parts(self, ends: str) -> Iterator[Part]:
        match self._script[self._at]:
            case "'":
                yield Literal(self.take("'([^']*)'")[1], True)
            case '"':
                yield from self._double_quoted()
            case "\\":
                if (escaped := self.take(r"\\(\n|.?)")[1]) != "\n":
                    yield Literal(escaped or "\\", True)
            case "$":
                yield self._dollar(quoted=False)
            case _:  # a backquote is not understood, and does not match
                yield Literal(self.take(rf"[^'\"\\$`{re.escape(ends)}]+")[0], False)

    def _double_quoted(self) -> Iterator[Part]:
        self.take('"')
        yield Literal("", True)  # so that "" is a word
        while not self._take_if('"'):
            if self._sees(r"\$"):
                yield self._dollar(quoted=True)
            elif escaped := self._take_if(r'\\([$`"\\\n])'):
                yield Literal(escaped[1].strip("\n"), True)
            else:
                yield Literal(self.take(r'[^"$`\\]+|\\')[0], True)

    def _dollar(self, *, quoted: bool) -> Part:
        self.take(r"\$(?![0-9@*#!$-]|\(\()")  # no script here has arguments; arithmetic is not understood
        if self._take_if(r"\("):
            body = self.body()
            self.take(r"\)")
            return Substitution(body, quoted)
        if match := self._take_if(rf"{_NAME}|\?"):
            return Parameter(match[0], quoted)
        if match := self._take_if(rf"\{{({_NAME}|\?)(##?|%%?|(?=\}}))"):
            self._deeper()
            pattern = self._word(until="}") or () if match[2] else ()
            self.take(r"\}")
            self._depth -= 1
            return Parameter(match[1], quoted, match[2], pattern)
        if self._sees(r"\{"):
            raise ShellSyntaxError("bad substitution")
        return Literal("$", quoted)

    # What stands here

    def _skip(self, *, lines: bool = False) -> None:
        """Pass over blanks, joined lines and comments; over ends of lines too, with `lines`."""
        self._take_if(r"(?:[ \t\n]|\\\n|#[^\n]*)*" if lines else r"(?:[ \t]|\\\n|#[^\n]*)*")

    def _take_if(self, pattern: str) -> re.Match[str] | None:
        match = re.compile(pattern, re.DOTALL).match(self._script, self._at)
        self._at = match.end() if match else self._at
        return match

    def _sees(self, pattern: str) -> bool:
        return re.compile(pattern).match(self._script, self._at) is not None

    def _reserved(self) -> str | None:
        match = _RESERVED.match(self._script, self._at)
        return match[1] if match else None

    def _keyword(self, word: str) -> None:
        self._skip(lines=True)
        self.take(rf"{word}(?=[\s;&|()<>]|\Z)")
        self._skip()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ShellSyntaxError("nested too deeply")

    def _unexpected(self) -> ShellSyntaxError:
        match = re.compile(r";;|&&|\|\||[^\s;&|()<>]+|.", re.DOTALL).match(self._script, self._at)
        return ShellSyntaxError(f"unexpected '{match[0][:40] if match else 'end of script'}'")
