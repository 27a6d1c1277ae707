"""The grammar of the practice shell: a subset of POSIX sh, read into a tree.

What is outside of the subset (background jobs, functions, here-documents, backquotes) is a syntax error and never
something else than it would be on a phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

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

#: How deep constructs may be nested; keeps the reader and the interpreter far away from Python's recursion limit.
MAX_DEPTH: Final = 25

_META: Final = " \t\n;&|()<>"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_REDIRECT: Final = re.compile(r"([0-9]?)(>&|>>|>|<)(?![<>&(|])")
_RESERVED: Final = re.compile(r"(if|then|elif|else|fi|for|do|done|case|esac|while|until|!|\{|\})(?=[\s;&|()<>]|$)")
_IN: Final = re.compile(r"in(?=[\s;]|$)")
_CLOSERS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})


class ShellSyntaxError(Exception):
    """The script is not in the subset."""


def parse(script: str) -> Body:
    """The tree of `script`. Raises ShellSyntaxError."""
    reader = _Reader(script)
    body = reader.body()
    if not reader.ended():
        raise ShellSyntaxError(f"unexpected '{reader.next_token()}'")
    return body


class _Reader:
    """Reads a script from left to right; every method leaves `_at` behind what it has read."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._at = 0
        self._depth = 0

    def ended(self) -> bool:
        """Whether everything has been read."""
        return self._at >= len(self._script)

    def next_token(self) -> str:
        """What stands here, for a complaint."""
        rest = self._script[self._at : self._at + 40]
        found = re.match(r";;|&&|\|\||[^\s;&|()<>]+|.", rest, re.DOTALL)
        return found.group() if found else "end of script"

    def body(self) -> Body:
        """Commands up to something that closes the construct around them."""
        chains: list[Chain] = []
        while True:
            self._skip(lines=True)
            if self.ended() or self._sees(")") or self._sees(";;") or self._reserved() in _CLOSERS:
                return tuple(chains)
            chains.append(self._chain())
            self._skip()
            if not (self._sees(";;") or self._takes(";") or self._takes("\n") or self.ended() or self._sees(")")):
                raise ShellSyntaxError(f"unexpected '{self.next_token()}'")

    def _chain(self) -> Chain:
        first = self._pipeline()
        rest = []
        while (operator := self._operator("&&", "||")) is not None:
            self._skip(lines=True)
            rest.append((operator, self._pipeline()))
        return Chain(first, tuple(rest))

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._reserved() == "!":
            self._takes("!")
            self._skip()
            negated = not negated
        commands = [self._command()]
        while self._operator("|") is not None:
            self._skip(lines=True)
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _operator(self, *operators: str) -> str | None:
        self._skip()
        if self._sees("||") and "||" not in operators:
            return None
        return next((o for o in operators if self._takes(o)), None)

    def _command(self) -> Command:
        with self._nested():
            if self._takes("("):
                body = self._filled_body()
                self._expect(")")
                return Group(body, True, self._redirects())
            match self._reserved():
                case "{":
                    self._takes("{")
                    body = self._filled_body()
                    self._expect_word("}")
                    return Group(body, False, self._redirects())
                case "if":
                    return self._if()
                case "for":
                    return self._for()
                case "while" | "until":
                    return self._while()
                case "case":
                    return self._case()
                case None:
                    return self._simple()
                case word:
                    raise ShellSyntaxError(f"unexpected '{word}'")

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self._skip()
            if (redirect := self._redirect()) is not None:
                redirects.append(redirect)
            elif not words and (found := _ASSIGNMENT.match(self._script, self._at)):
                self._at = found.end()
                assignments.append((found.group(1), self._word() or Word(())))
            elif (word := self._word()) is not None:
                words.append(word)
            else:
                break
        if not (assignments or words or redirects):
            raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _if(self) -> If:
        self._expect_word("if")
        branches = []
        while True:
            condition = self._filled_body()
            self._expect_word("then")
            branches.append((condition, self._filled_body()))
            if self._reserved() != "elif":
                break
            self._expect_word("elif")
        otherwise: Body = ()
        if self._reserved() == "else":
            self._expect_word("else")
            otherwise = self._filled_body()
        self._expect_word("fi")
        return If(tuple(branches), otherwise, self._redirects())

    def _for(self) -> For:
        self._expect_word("for")
        self._skip()
        name = self._name()
        self._skip(lines=True)
        self._expect_in()
        words = []
        self._skip()
        while (word := self._word()) is not None:
            words.append(word)
            self._skip()
        if not (self._takes(";") or self._takes("\n")):
            raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
        return For(name, tuple(words), self._loop_body(), self._redirects())

    def _while(self) -> While:
        until = self._reserved() == "until"
        self._expect_word("until" if until else "while")
        condition = self._filled_body()
        return While(condition, self._loop_body(), until, self._redirects())

    def _loop_body(self) -> Body:
        self._skip(lines=True)
        self._expect_word("do")
        body = self._filled_body()
        self._expect_word("done")
        return body

    def _case(self) -> Case:
        self._expect_word("case")
        self._skip()
        subject = self._word()
        self._skip(lines=True)
        if subject is None:
            raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
        self._expect_in()
        branches = []
        while True:
            self._skip(lines=True)
            if self._reserved() == "esac":
                break
            patterns = self._patterns()
            branches.append((patterns, self.body()))
            self._skip(lines=True)
            if not self._takes(";;"):
                break
        self._expect_word("esac")
        return Case(subject, tuple(branches), self._redirects())

    def _patterns(self) -> tuple[Word, ...]:
        self._takes("(")
        patterns = []
        while True:
            self._skip()
            word = self._word()
            if word is None:
                raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
            patterns.append(word)
            self._skip()
            if not self._takes("|"):
                break
        self._expect(")")
        return tuple(patterns)

    def _filled_body(self) -> Body:
        body = self.body()
        if not body:
            raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
        return body

    def _redirects(self) -> tuple[Redirect, ...]:
        redirects = []
        self._skip()
        while (redirect := self._redirect()) is not None:
            redirects.append(redirect)
            self._skip()
        return tuple(redirects)

    def _redirect(self) -> Redirect | None:
        found = _REDIRECT.match(self._script, self._at)
        if found is None:
            return None
        self._at = found.end()
        self._skip()
        target = self._word()
        if target is None:
            raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
        digit, operator = found.groups()
        return Redirect(int(digit) if digit else (0 if operator == "<" else 1), operator, target)

    def _word(self, until: str = "") -> Word | None:
        """The word that begins here, or None. With `until`, blanks belong to it and that character ends it."""
        parts: list[Literal | Parameter | Substitution | Arithmetic] = []
        start = self._at
        while not self.ended():
            character = self._script[self._at]
            if character == until or (not until and character in _META):
                break
            if character == "'":
                parts.append(self._single_quoted())
            elif character == '"':
                parts.extend(self._double_quoted())
            elif character == "\\":
                parts.extend(self._escaped())
            elif character == "$":
                parts.append(self._dollar(quoted=False))
            elif character == "`":
                raise ShellSyntaxError("unexpected '`'")
            else:
                parts.append(Literal(self._plain_run(until), False))
        return Word(tuple(parts)) if self._at > start else None

    def _plain_run(self, until: str) -> str:
        start = self._at
        stop = "'\"\\$`" + (until or _META)
        while not self.ended() and self._script[self._at] not in stop:
            self._at += 1
        return self._script[start : self._at]

    def _single_quoted(self) -> Literal:
        end = self._script.find("'", self._at + 1)
        if end < 0:
            raise ShellSyntaxError("no closing quote")
        text = self._script[self._at + 1 : end]
        self._at = end + 1
        return Literal(text, True)

    def _double_quoted(self) -> Iterator[Literal | Parameter | Substitution | Arithmetic]:
        self._at += 1
        yield Literal("", True)  # so that "" is a word
        while True:
            if self.ended():
                raise ShellSyntaxError("no closing quote")
            character = self._script[self._at]
            if character == '"':
                self._at += 1
                return
            if character == "$":
                yield self._dollar(quoted=True)
            elif character == "`":
                raise ShellSyntaxError("unexpected '`'")
            elif character == "\\" and self._script[self._at + 1 : self._at + 2] in ("$", "`", '"', "\\", "\n"):
                yield from self._escaped()
            else:
                start = self._at
                self._at += 1
                while not self.ended() and self._script[self._at] not in '"$`\\':
                    self._at += 1
                yield Literal(self._script[start : self._at], True)

    def _escaped(self) -> Iterator[Literal]:
        following = self._script[self._at + 1 : self._at + 2]
        self._at += 2 if following else 1
        if following != "\n":
            yield Literal(following or "\\", True)

    def _dollar(self, *, quoted: bool) -> Literal | Parameter | Substitution | Arithmetic:
        self._at += 1
        if self._takes("(("):
            return Arithmetic(self._arithmetic(), quoted)
        if self._takes("("):
            with self._nested():
                body = self.body()
            self._expect(")")
            return Substitution(body, quoted)
        if self._takes("{"):
            with self._nested():
                return self._braced(quoted)
        if self._sees("?") or self._sees("$"):
            self._at += 1
            return Parameter(self._script[self._at - 1], quoted)
        if _NAME.match(self._script, self._at):
            return Parameter(self._name(), quoted)
        return Literal("$", quoted)

    def _arithmetic(self) -> str:
        """The text up to the two parentheses that close it. Its variables are looked up when it is evaluated."""
        start, depth = self._at, 0
        while depth or not self._sees("))"):
            if self.ended() or self._script[self._at] in "'\"`\\;\n" or self._sees("$("):
                raise ShellSyntaxError("unexpected '$(('")
            depth += {"(": 1, ")": -1}.get(self._script[self._at], 0)
            self._at += 1
        self._at += 2
        return self._script[start : self._at - 2]

    def _braced(self, quoted: bool) -> Parameter:
        special = next((c for c in ("?", "$") if self._takes(c)), None)
        name = special or self._name()
        operator = next((o for o in ("##", "#", "%%", "%", *sorted(DEFAULTS)[::-1]) if self._takes(o)), "")
        pattern = (self._word(until="}") or Word(())) if operator else None
        if not self._takes("}"):
            raise ShellSyntaxError("bad substitution")
        return Parameter(name, quoted, operator, pattern)

    def _name(self) -> str:
        found = _NAME.match(self._script, self._at)
        if found is None:
            raise ShellSyntaxError(f"unexpected '{self.next_token()}'")
        self._at = found.end()
        return found.group()

    def _reserved(self) -> str | None:
        found = _RESERVED.match(self._script, self._at)
        return found.group(1) if found else None

    def _skip(self, *, lines: bool = False) -> None:
        """Pass over blanks, joined lines and comments; over ends of lines too, with `lines`."""
        while not self.ended():
            character = self._script[self._at]
            if character in " \t" or (lines and character == "\n"):
                self._at += 1
            elif self._sees("\\\n"):
                self._at += 2
            elif character == "#":
                end = self._script.find("\n", self._at)
                self._at = len(self._script) if end < 0 else end
            else:
                return

    def _sees(self, text: str) -> bool:
        return self._script.startswith(text, self._at)

    def _takes(self, text: str) -> bool:
        if not self._sees(text):
            return False
        self._at += len(text)
        return True

    def _expect(self, text: str) -> None:
        self._skip(lines=True)
        if not self._takes(text):
            raise ShellSyntaxError(f"'{text}' expected, found '{self.next_token()}'")

    def _expect_in(self) -> None:
        found = _IN.match(self._script, self._at)
        if found is None:
            raise ShellSyntaxError(f"'in' expected, found '{self.next_token()}'")
        self._at = found.end()

    def _expect_word(self, word: str) -> None:
        self._skip(lines=True)
        if self._reserved() != word:
            raise ShellSyntaxError(f"'{word}' expected, found '{self.next_token()}'")
        self._at += len(word)

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ShellSyntaxError("nested too deeply")
        yield
        self._depth -= 1
