"""Commands that can stand behind a pipe: they are fed as the command before them writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from core.simulator.model.files import FileError, FileTree
from core.simulator.shell import patterns
from core.simulator.shell.streams import Io, to_text

#: The longest line, and the most that `sort` holds, in bytes. Of a longer line, the rest counts as a new one.
MAX_LINE: Final = 64 * 1024
MAX_HELD: Final = 4 * 1024 * 1024
#: How much of a line `grep` looks at, in characters.
MAX_SEARCHED: Final = 4096
#: The longest pattern of `grep`, in characters.
MAX_PATTERN: Final = 1000

FILTERS: Final = ("cat", "grep", "head", "sort", "tail", "wc")


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
    if operands and isinstance(opened, _Count):
        return _CountOfFiles(operands, streams, files, opened)
    if len(operands) > 1 and isinstance(opened, _Tail):
        return _TailOfFiles(operands, streams, files, opened)
    return _OfFiles(operands, streams, files, words[0], opened) if operands else opened


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


@dataclass
class _ReadsFiles(ABC):
    """What filters have in common that read the files named to them, and not what comes through the pipe."""

    _operands: Sequence[str]
    _streams: Io
    _files: FileTree

    def feed(self, data: bytes) -> None:
        raise FilterFinished(self)

    @abstractmethod
    def finish(self) -> int:
        """Read the files; the exit code."""


@dataclass
class _OfFiles(_ReadsFiles):
    """A filter of the files' contents, one after the other."""

    _name: str
    _opened: Filter

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


@dataclass
class _TailOfFiles(_ReadsFiles):
    """`tail` of several files, each below its name."""

    _opened: _Tail

    def finish(self) -> int:
        failed = 0
        said = False
        for path in self._operands:
            try:
                content = self._files.read(path)
            except FileError as error:
                self._streams.complain(f"tail: {path}: {error}\n")
                failed = 1
                continue
            self._streams.say(f"{chr(10) if said else ''}==> {path} <==\n")
            said = True
            self._opened.feed(content)
            self._opened.finish()
            self._opened.begin_anew()
        return failed


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
        self._streams.say(self.shown(*self.taken()) + "\n")
        return 0

    def taken(self) -> tuple[int, int]:
        """The lines and bytes so far; it then counts from the beginning."""
        counted = self._lines, self._bytes
        self._lines = self._bytes = 0
        return counted

    def shown(self, lines: int, size: int) -> str:
        """Those of the two numbers that are wanted."""
        return " ".join(str(n) for option, n in (("l", lines), ("c", size)) if option in self._options)

    @property
    def only_size(self) -> bool:
        return self._options == {"c"}


@dataclass
class _CountOfFiles(_ReadsFiles):
    """`wc FILE...`: each file's numbers and its name, and those of all together. For a size, no file is read."""

    _counter: _Count

    def finish(self) -> int:
        failed, lines, size = 0, 0, 0
        for path in self._operands:
            try:
                counted = self._counted(path)
            except FileError as error:
                self._streams.complain(f"wc: {path}: {error}\n")
                failed = 1
                continue
            lines, size = lines + counted[0], size + counted[1]
            self._streams.say(f"{self._counter.shown(*counted)} {path}\n")
        if len(self._operands) > 1:
            self._streams.say(f"{self._counter.shown(lines, size)} total\n")
        return failed

    def _counted(self, path: str) -> tuple[int, int]:
        entry = self._files.find(path)
        if self._counter.only_size and entry is not None and not entry.is_folder:
            return 0, entry.inside.size
        self._counter.feed(self._files.read(path))
        return self._counter.taken()


class _Bytes:
    """`head -c N`: the first bytes."""

    def __init__(self, streams: Io, wanted: int) -> None:
        self._streams = streams
        self._left = wanted

    def feed(self, data: bytes) -> None:
        if self._left > 0:
            self._streams.out(data[: self._left])
        self._left -= len(data)
        if self._left <= 0:
            raise FilterFinished(self)

    def finish(self) -> int:
        return 0


class _Tail:
    """`tail`: the last lines, or with `-c` bytes, of what is not too much to be held."""

    def __init__(self, streams: Io, wanted: int, in_bytes: bool) -> None:
        self._streams = streams
        self._wanted = wanted
        self._in_bytes = in_bytes
        self._held = b""

    def begin_anew(self) -> None:
        """What was fed is done with."""
        self._held = b""

    def feed(self, data: bytes) -> None:
        self._held = (self._held + data)[-max(1, self._wanted if self._in_bytes else MAX_HELD) :]

    def finish(self) -> int:
        if self._wanted:
            lines = self._held.split(b"\n")
            last = lines[-(self._wanted + (not lines[-1])) :]
            self._streams.out(self._held if self._in_bytes else b"\n".join(last))
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
    in_bytes, count, rest = _how_many(words)
    return _Bytes(streams, count) if in_bytes else _Head(streams, count), rest


def _open_tail(words: Sequence[str], streams: Io) -> tuple[Filter, list[str]]:
    in_bytes, count, rest = _how_many(words)
    if in_bytes and count > MAX_HELD:
        raise UsageError("out of memory")
    return _Tail(streams, count, in_bytes), rest


def _how_many(words: Sequence[str]) -> tuple[bool, int, list[str]]:
    """Whether bytes are meant, how many of them or of lines, and the words behind that."""
    in_bytes, count, rest = False, "10", list(words)
    if rest[:1] in (["-n"], ["-c"]) and len(rest) > 1:
        in_bytes, count, rest = rest[0] == "-c", rest[1], rest[2:]
    elif rest and rest[0].startswith("-"):
        in_bytes, count, rest = rest[0].startswith("-c"), rest[0][1:].lstrip("nc"), rest[1:]
    if not (count.isascii() and count.isdecimal() and len(count) < 9):
        raise UsageError(f"bad number '{count}'")
    return in_bytes, int(count), rest


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
    try:
        choices = [patterns.expression(c, extended=extended) for c in rest[0].split("|" if extended else "\\|")]
    except patterns.PatternError as error:
        raise UsageError(str(error)) from None

    def wanted(line: str) -> bool:
        return any(patterns.matches(line, choice, ignore_case=ignore_case) for choice in choices)

    return _Grep(streams, wanted, options), rest[1:]


_OPENERS: Final[dict[str, Callable[[Sequence[str], Io], tuple[Filter, list[str]]]]] = {
    "cat": _open_cat,
    "grep": _open_grep,
    "head": _open_head,
    "sort": _open_sort,
    "tail": _open_tail,
    "wc": _open_wc,
}
