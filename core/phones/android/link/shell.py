"""Commands for a phone's shell, and the sorting of what comes back.

The ADB shell stream that every phone speaks has neither exit codes nor a border between two commands. So each part of a
script is put between two marker lines that hold a number that no app on the phone can know in advance::

    <nonce> begin packages 10
    package:com.android.settings
    <nonce> end packages 10 0

The last word of the second line is the exit code.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

#: What PackageManager lets a package be called, and no longer than its own limit: parts between full stops, each of
#: which begins with a letter; a part may be empty (FrameworkParsingPackageUtils.validateName).
PACKAGE_NAME: Final = re.compile(r"(?=.{1,255}\Z)\.*[A-Za-z][A-Za-z0-9_]*(?:\.+[A-Za-z][A-Za-z0-9_]*)*\.*")
#: A line that is longer than this is cut; no line that we read is (characters).
LINE_LIMIT: Final = 2**20
#: Likewise of a line of a short answer.
_KEPT_OF_LINE: Final = 4096
#: No script of ours has more parts than this, and no part a longer name; it is a package's at most (characters).
PART_LIMIT: Final = 1_000
_NAME_LIMIT: Final = 300
#: What is kept of one part (characters).
KEPT_LIMIT: Final = 4 * 2**20


def nonce() -> str:
    return os.urandom(16).hex()


def is_package_name(text: str) -> bool:
    """Whether `text` may stand in a command line: letters, digits, underscores and dots, as Android demands."""
    return PACKAGE_NAME.fullmatch(text) is not None


def part(nonce: str, name: str, command: str) -> str:
    """`command` between its two marker lines. `name` and `command` are ours, never the phone's."""
    return f'echo; echo "{nonce} begin {name}"; ({command}) 2>&1; R=$?; echo; echo "{nonce} end {name} $R"\n'


def parts(commands: Mapping[str, str]) -> Callable[[str], str]:
    """Composes, of a nonce, the script of these commands one after the other, each a part by its name."""
    return lambda nonce: "".join(part(nonce, name, command) for name, command in commands.items())


class Lines:
    """Bytes in, text of whole lines out, in time and space that grow with the input only.

    Text is UTF-8; a UTF-16 byte order mark at the start (Windows' PowerShell writes it into saved answers) is obeyed.
    Carriage returns at line ends are dropped: an old phone's terminal and Windows add them.
    """

    def __init__(self, block: Callable[[str], None]) -> None:
        """`block` gets one or more lines at a time, each with its line end."""
        self._block = block
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self._line = io.StringIO()  # one buffer: a line may come letter by letter
        self._line_length = 0

    def feed(self, data: bytes) -> None:
        if self._decoder is None:
            self._start += data
            if len(self._start) < 3:
                return  # Nothing is lost: it waits for more, or for the end
            data, self._decoder = _begin(self._start)
        self._text(self._decoder.decode(data))

    def end(self) -> None:
        """No more bytes: what stands there is the last line."""
        data = b""
        if self._decoder is None:
            data, self._decoder = _begin(self._start)
        self._text(self._decoder.decode(data, True))
        if self._line_length:
            self._text("\n")

    def _text(self, text: str) -> None:
        first, is_whole, rest = text.partition("\n")
        if not is_whole:
            self._hold(first)
            return  # Nothing is lost: the line goes on
        self._hold(first)
        line = self._line.getvalue()[:LINE_LIMIT]
        self._line, self._line_length = io.StringIO(), 0
        whole, is_whole, last = rest.rpartition("\n")
        self._hold(last)
        block = line + "\n" + whole + is_whole
        self._block(block.replace("\r\n", "\n") if "\r" in block else block)

    def _hold(self, text: str) -> None:
        if text and self._line_length < LINE_LIMIT:
            self._line.write(text)
            self._line_length += len(text)


def _begin(start: bytes) -> tuple[bytes, codecs.IncrementalDecoder]:
    """What follows the byte order mark, and the decoder that the mark asks for."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if start.startswith(mark):
            return start[len(mark) :], codecs.getincrementaldecoder(encoding)("replace")
    return start, codecs.getincrementaldecoder("utf-8")("replace")


class AnswerPart(Protocol):
    """Reads one part of a script's output."""

    def block(self, text: str) -> None:
        """Some lines of it, each with its line end."""

    def end(self, code: int) -> None:
        """The command ended with this exit code."""


class Sorter:
    """Gives each part's lines to the reader that `begin` names for it. What stands outside of all parts is dropped.

    The phone can read the script, and so knows the number in the markers: parts that it makes up are bounded.
    """

    def __init__(self, nonce: str, begin: Callable[[str], AnswerPart]) -> None:
        self._mark = nonce + " "
        self._begin = begin
        self._part: AnswerPart | None = None
        self._name = ""
        self._blank = False
        self._part_count = 0
        #: The parts that began and ended, in their order.
        self.finished: list[str] = []
        #: Those that began and did not end before the next one began, or were not taken.
        self.unfinished: list[str] = []

    def block(self, text: str) -> None:
        """One or more whole lines."""
        at = 0
        while (marker := _line(text, self._mark, at)) >= 0:
            if marker > at:
                self._pass_on(text[at:marker])
            at = text.index("\n", marker) + 1
            self._marker(text[marker + len(self._mark) : at - 1])
        if at < len(text):
            self._pass_on(text[at:] if at else text)

    def end(self) -> None:
        """No more lines: a part that is under way ends here, cut off."""
        if self._part is not None:
            self.unfinished.append(self._name)
            self._part.end(-1)
            self._part = None

    def _pass_on(self, text: str) -> None:
        """The empty line before a marker is ours: it ends a last line that has no line end of its own."""
        if self._part is None:
            return  # Nothing is lost: what stands outside of all parts answers nothing that was asked
        if self._blank:
            text = "\n" + text
        self._blank = text == "\n" or text.endswith("\n\n")
        if self._blank:
            text = text[:-1]
        if text:
            self._part.block(text)

    def _marker(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        if word == "begin":
            self._part_count += 1
            self.end()
            if self._part_count > PART_LIMIT or len(rest) > _NAME_LIMIT:
                self.unfinished[PART_LIMIT:] = [rest[:_NAME_LIMIT]]
                return  # told as unfinished
            self._name, self._blank = rest, False
            self._part = self._begin(rest)
        elif word == "end" and self._part is not None:
            name, _, code = rest.rpartition(" ")
            if name == self._name:
                self._part.end(int(code) if code.isdecimal() and len(code) < 6 else -1)
                self.finished.append(name)
                self._part = None


def _line(text: str, start: str, at: int) -> int:
    """Where the next line begins that begins with `start`, `at` being the beginning of a line; -1 if none does."""
    if text.startswith(start, at):
        return at
    place = text.find("\n" + start, at)
    return place + 1 if place >= 0 else -1


class Collect:
    """A part that is kept as it is, up to `limit` lines and KEPT_LIMIT characters. One that was cut ends with -1; of
    its further lines those that `keep` names are kept, once."""

    def __init__(
        self,
        on_end: Callable[[list[str], int], None],
        limit: int = 20_000,
        keep: Callable[[str], bool] = lambda line: False,
    ) -> None:
        self.lines: list[str] = []
        self._on_end = on_end
        self._keep = keep
        self._kept_lines = set[str]()
        self._limit = limit
        self._room = KEPT_LIMIT
        self._cut = False

    def block(self, text: str) -> None:
        lines = text.split("\n")[:-1]
        short_lines = [line[:_KEPT_OF_LINE] for line in lines[: self._limit - len(self.lines)]]
        self._room -= sum(map(len, short_lines))
        if self._cut or self._room < 0:
            short_lines = []
        self._cut |= short_lines != lines
        self.lines += short_lines
        if self._cut:
            self.lines += (line for line in lines[len(short_lines) :] if self._is_kept(line))

    def _is_kept(self, line: str) -> bool:
        if len(self._kept_lines) >= PART_LIMIT or len(line) > _KEPT_OF_LINE or line in self._kept_lines:
            return False
        if self._keep(line):
            self._kept_lines.add(line)
        return line in self._kept_lines

    def end(self, code: int) -> None:
        self._on_end(self.lines, -1 if self._cut else code)
