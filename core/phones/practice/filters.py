"""Commands that can stand behind a pipe: they are fed as the command before them writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from core.phones.practice import patterns
from core.phones.practice.files import FileError, FileTree
from core.phones.practice.streams import Io, to_text

#: The longest line, and the most that `sort` holds, in bytes. Of a longer line, the rest counts as a new one.
MAX_LINE: Final = 64 * 1024
MAX_HELD: Final = 4 * 1024 * 1024
#: How much of a line `grep` looks at, in characters.
MAX_SEARCHED: Final = 4096
#: The longest pattern of `grep`, in characters.
MAX_PATTERN: Final = 1000

FILTERS: Final = ("cat", "grep", "head", "sort", "wc")


class FilterFinished(Exception):  # noqa: N818 - not an error: `head` has seen enough
    """The filter `which` wants no more; whoever feeds it may stop."""

    def __init__(self, which: Filter) -> None:
        super().__init__()
        self.which = which


class UsageError(Exception):
    """The words make no sense to the command; the text says why."""


class Filter(Protocol):
    """A command behind a pipe."""

    def feed(self, data: bytes) -> None:
        """Take what the command before it wrote. Raises FilterFinished."""

    def finish(self) -> int:
        """There is no more. Gives the exit code."""


def open_filter(words: Sequence[str], streams: Io, files: FileTree) -> Filter:
    """The filter that `words` name. What is wrong with them, it says when it is finished."""
    try:
        opened, operands = _OPENERS[words[0]](words[1:], streams)
    except UsageError as error:
        return _Failed(f"{words[0]}: {error}\n", streams)
    return _OfFiles(words[0], opened, operands, streams, files) if operands else opened


def run_filter(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """Run a filter as a command of its own, on its operands or on its input."""
    opened = open_filter(words, streams, files)
    try:
        if streams.input is not None:
            opened.feed(streams.input.read())
    except FilterFinished:
        pass
    return opened.finish()


class _Failed:
    """A filter that could not be started."""

    def __init__(self, complaint: str, streams: Io) -> None:
        self._complaint = complaint
        self._streams = streams

    def feed(self, data: bytes) -> None:
        raise FilterFinished(self)

    def finish(self) -> int:
        self._streams.complain(self._complaint)
        return 2


class _OfFiles:
    """A filter that reads the files named to it, and not what comes through the pipe."""

    def __init__(self, name: str, opened: Filter, operands: Sequence[str], streams: Io, files: FileTree) -> None:
        self._name = name
        self._opened = opened
        self._operands = operands
        self._streams = streams
        self._files = files

    def feed(self, data: bytes) -> None:
        raise FilterFinished(self)

    def finish(self) -> int:
        failed = 0
        for path in self._operands:
            try:
                self._opened.feed(self._files.read(path))
            except FileError as error:
                self._streams.complain(f"{self._name}: {path}: {error}\n")
                failed = 1
            except FilterFinished:
                break
        return self._opened.finish() or failed


class _Cat:
    def __init__(self, streams: Io) -> None:
        self._streams = streams

    def feed(self, data: bytes) -> None:
        self._streams.out(data)

    def finish(self) -> int:
        return 0


class _Lines(ABC):
    """Cuts what it is fed into lines, each with its end."""

    def __init__(self, streams: Io) -> None:
        self._streams = streams
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.line(line + b"\n")
        while len(self._rest) > MAX_LINE:
            self.line(self._rest[:MAX_LINE] + b"\n")
            self._rest = self._rest[MAX_LINE:]

    def finish(self) -> int:
        if self._rest:
            self.line(self._rest + b"\n")
            self._rest = b""
        return self.ended()

    @abstractmethod
    def line(self, line: bytes) -> None:
        """One line, with its end."""

    def ended(self) -> int:
        return 0


class _Grep(_Lines):
    def __init__(self, streams: Io, wanted: Callable[[str], bool], options: frozenset[str]) -> None:
        super().__init__(streams)
        self._wanted = wanted
        self._inverted = "v" in options
        self._shown = not options & {"c", "q"}
        self._counted = "c" in options
        self._count = 0

    def line(self, line: bytes) -> None:
        if self._wanted(to_text(line.rstrip(b"\n"))[:MAX_SEARCHED]) != self._inverted:
            self._count += 1
            if self._shown:
                self._streams.out(line)

    def ended(self) -> int:
        if self._counted:
            self._streams.say(f"{self._count}\n")
        return 0 if self._count else 1


class _Head(_Lines):
    def __init__(self, streams: Io, wanted: int) -> None:
        super().__init__(streams)
        self._left = wanted

    def line(self, line: bytes) -> None:
        if self._left > 0:
            self._left -= 1
            self._streams.out(line)
        if self._left <= 0:
            raise FilterFinished(self)

    def finish(self) -> int:
        try:
            return super().finish()
        except FilterFinished:
            return 0


class _Count:
    def __init__(self, streams: Io, options: frozenset[str]) -> None:
        self._streams = streams
        self._options = options
        self._lines = self._bytes = 0

    def feed(self, data: bytes) -> None:
        self._lines += data.count(b"\n")
        self._bytes += len(data)

    def finish(self) -> int:
        shown = [str(n) for o, n in (("l", self._lines), ("c", self._bytes)) if o in self._options]
        self._streams.say(" ".join(shown) + "\n")
        return 0


class _Sort(_Lines):
    def __init__(self, streams: Io, options: frozenset[str]) -> None:
        super().__init__(streams)
        self._options = options
        self._held: list[bytes] = []
        self._size = 0

    def line(self, line: bytes) -> None:
        self._size += len(line)
        if self._size <= MAX_HELD:
            self._held.append(line)

    def ended(self) -> int:
        if self._size > MAX_HELD:
            self._streams.complain("sort: out of memory\n")
            return 2
        held = set(self._held) if "u" in self._options else self._held
        self._streams.out(b"".join(sorted(held, reverse="r" in self._options)))
        return 0


def _options(words: Sequence[str], known: str) -> tuple[frozenset[str], list[str]]:
    """The single-letter options at the beginning of `words`, and the words behind them."""
    options: set[str] = set()
    for at, word in enumerate(words):
        if word == "--":
            return frozenset(options), list(words[at + 1 :])
        if len(word) < 2 or word[0] != "-":
            return frozenset(options), list(words[at:])
        if not set(word[1:]) <= set(known):
            raise UsageError(f"Unknown option '{word}'")
        options |= set(word[1:])
    return frozenset(options), []


def _open_cat(words: Sequence[str], streams: Io) -> tuple[Filter, list[str]]:
    _, operands = _options(words, "u")
    return _Cat(streams), operands


def _open_wc(words: Sequence[str], streams: Io) -> tuple[Filter, list[str]]:
    options, operands = _options(words, "lc")
    return _Count(streams, options or frozenset("lc")), operands


def _open_sort(words: Sequence[str], streams: Io) -> tuple[Filter, list[str]]:
    options, operands = _options(words, "ur")
    return _Sort(streams, options), operands


def _open_head(words: Sequence[str], streams: Io) -> tuple[Filter, list[str]]:
    count, rest = "10", list(words)
    if rest[:1] == ["-n"] and len(rest) > 1:
        count, rest = rest[1], rest[2:]
    elif rest and rest[0].startswith("-"):
        count, rest = rest[0][1:].removeprefix("n"), rest[1:]
    if not (count.isascii() and count.isdecimal() and len(count) < 9):
        raise UsageError(f"bad number '{count}'")
    return _Head(streams, int(count)), rest


def _open_grep(words: Sequence[str], streams: Io) -> tuple[Filter, list[str]]:
    options, rest = _options(words, "ivcqFE")
    if not rest:
        raise UsageError("no pattern")
    ignore_case = "i" in options
    if "F" in options:
        needle = rest[0].lower() if ignore_case else rest[0]
        return _Grep(streams, lambda s: needle in (s.lower() if ignore_case else s), options), rest[1:]
    if len(rest[0]) > MAX_PATTERN:
        raise UsageError("pattern too long")
    extended = "E" in options
    choices = [_expression(c, extended=extended) for c in rest[0].split("|" if extended else "\\|")]

    def wanted(line: str) -> bool:
        return any(patterns.matches(line, choice, ignore_case=ignore_case) for choice in choices)

    return _Grep(streams, wanted, options), rest[1:]


def _expression(text: str, *, extended: bool) -> tuple[str, ...]:
    r"""The elements of a regular expression without groups: literals, ``.``, ``[...]``, ``.*``, ``^``, ``$``, and the
    backslash that takes a character's meaning away. Raises UsageError for anything else."""
    special = "(){}+?"  # in a basic expression with a backslash, in an extended one without
    anchored, text = text.startswith("^"), text.removeprefix("^")
    closed = text.endswith("$") and not text.endswith("\\$")
    text = text[:-1] if closed else text
    found: list[str] = [] if anchored else [patterns.STAR]
    at = 0
    while at < len(text):
        if text.startswith(".*", at):
            element, at = patterns.STAR, at + 2
        elif text[at] == "\\" and text[at + 1 : at + 2] in (*".*[]^$\\/-", *(special if extended else "")):
            element, at = patterns.literal(text[at + 1]), at + 2
        elif text[at] == ".":
            element, at = patterns.ANY, at + 1
        elif text[at] == "[" and (found_class := patterns.bracket(text, at, "^")) is not None:
            element, at = found_class
        elif text[at] in "*\\[" or (extended and text[at] in special):
            raise UsageError(f"unsupported pattern at '{text[at:]}'")
        else:
            element, at = patterns.literal(text[at]), at + 1
        found.append(element)
    return tuple(found if closed else [*found, patterns.STAR])


_OPENERS: Final[dict[str, Callable[[Sequence[str], Io], tuple[Filter, list[str]]]]] = {
    "cat": _open_cat,
    "grep": _open_grep,
    "head": _open_head,
    "sort": _open_sort,
    "wc": _open_wc,
}
