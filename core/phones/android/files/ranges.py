"""Byte ranges of many files on the phone, read in one command.

`dd` is the one tool that every Android since 5 has and that reads from the middle of a file; `tail` reads the ends of
many files at once, which spares a phone most of the processes that it would have to start. What comes stands behind a
marker line that holds a number that no app can know in advance; how long it is, is known beforehand, so its
bytes may be anything::

    <nonce> 0
    ...bytes...
    <nonce> 1
    ==> /data/app/one/base.apk <==
    ...bytes...
    ==> /data/app/two/base.apk <==
    ...bytes...
    <nonce> 2
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from core.jobs import Cancel
from core.phones.android.apk.source import BLOCK
from core.phones.android.link import shell
from core.phones.android.link.link import Link
from core.phones.android.link.problems import TooMuch

_T = TypeVar("_T")

#: One command brings at most so much (bytes), or a single range: it is in memory whole, for each phone that is read.
ANSWER_LIMIT: Final = 2**20
#: How long a command may be (bytes). An Android before 7 takes packets of 4 kB, and a command has to fit into one, with
#: the check in front of it that it is still the same phone.
COMMAND_LIMIT: Final = 30_000
OLD_COMMAND_LIMIT: Final = 3_200
PACKETS_GREW: Final = 24

#: Of a path and of each name in it (Linux, PATH_MAX without its NUL, NAME_MAX). A split may be called what its maker
#: likes, of any length that a file's name can have.
_PATH_LIMIT: Final = 4095
_NAME_LIMIT: Final = 255
#: What a command has around a path, at most (characters).
AROUND_PATH: Final = 200
#: Whole paths without blanks and quotes. Which folders hold apps differs from maker to maker, so no list of them here.
_APK: Final = re.compile(r"(?:/[A-Za-z0-9._=~+\-,@#]+)+\.apk")
_FOLDER: Final = re.compile(r"(?:/[A-Za-z0-9._=~+\-,@#]+)+")


def is_apk_path(text: str) -> bool:
    """Whether `text`, in single quotes, may stand in a command line as the path of an app's file."""
    return _is_path(text) and _APK.fullmatch(text) is not None


def is_folder_path(text: str) -> bool:
    """Whether `text`, in single quotes, may stand in a command line as the path of a folder or of any file."""
    return _is_path(text) and _FOLDER.fullmatch(text) is not None


def _is_path(text: str) -> bool:
    names = text.split("/")
    return len(text) <= _PATH_LIMIT and max(map(len, names)) <= _NAME_LIMIT and not {"..", "."} & set(names)


def command_limit(sdk: int) -> int:
    """How long a command may be on an Android of `sdk` (bytes)."""
    return COMMAND_LIMIT if sdk >= PACKETS_GREW else OLD_COMMAND_LIMIT


@dataclass(frozen=True, slots=True)
class FileRange:
    """`length` bytes of a file, from `at` on; `at` is a multiple of BLOCK. `size` is that of the file, if known."""

    path: str
    at: int
    length: int
    size: int = 0

    @property
    def is_end(self) -> bool:
        """Whether it is the end of its file."""
        return self.length > 0 and self.at + self.length == self.size


@dataclass(frozen=True, slots=True)
class _Command:
    """One program that the phone starts: `pieces` of its answer, each with the bytes that stand before it."""

    text: str
    pieces: tuple[tuple[FileRange, bytes, int], ...]

    @property
    def length(self) -> int:
        """How much it answers (bytes)."""
        return sum(len(before) + length for _, before, length in self.pieces)


class Reader:
    """Reads ranges of files behind one link; `longest` is how long a command may be (bytes)."""

    def __init__(self, link: Link, longest: int = COMMAND_LIMIT) -> None:
        self._link = link
        self._longest = longest
        #: Whether the phone's `tail` takes several files; some old ones do not.
        self._tails = True

    def read(self, ranges: Sequence[FileRange], cancel: Cancel) -> list[bytes | None]:
        """The bytes of each range, in their order; None for one that did not come, or not in its full length.

        Raises ValueError for a path that :func:`is_apk_path` refuses, and what `Link.run` raises, but not TooMuch: then
        what came before counts.
        """
        contents: dict[FileRange, bytes] = {}
        ends = _ends(ranges, self._longest) if self._tails else []
        at_once = {item for command in ends for item, *_ in command.pieces}
        one_by_one = [_dd(item) for item in dict.fromkeys(ranges) if item not in at_once]
        self._run([*ends, *one_by_one], cancel, contents)
        if not at_once <= contents.keys():
            self._tails = not at_once.isdisjoint(contents)
            self._run([_dd(item) for item in at_once if item not in contents], cancel, contents)
        return [contents.get(item) for item in ranges]

    def _run(self, commands: Sequence[_Command], cancel: Cancel, contents: dict[FileRange, bytes]) -> None:
        costs = [(len(command.text) + 2 * len(shell.nonce()) + 40, command.length) for command in commands]
        for part in portions(commands, costs, (self._longest, ANSWER_LIMIT)):
            cancel.check()
            nonce = shell.nonce()
            answer = bytearray()
            limit = sum(c.length + len(nonce) + 16 for c in part) + BLOCK
            # Nothing is lost: what is in its place and has its length is what was asked for, and the rest did not come
            with contextlib.suppress(TooMuch):
                self._link.run(_script(nonce, part), answer.extend, cancel, limit, raw=True)
            _sort(nonce, part, answer, contents)


def _ends(ranges: Sequence[FileRange], longest: int) -> list[_Command]:
    """The ends of files, several at once: those that are about as long, rounded up by a quarter at most."""
    alike: dict[int, list[FileRange]] = {}
    for item in dict.fromkeys(ranges):
        if item.is_end and item.length <= ANSWER_LIMIT // 4:
            step = max(BLOCK, (1 << item.length.bit_length()) // 8)
            alike.setdefault(-(-item.length // step) * step, []).append(item)
    commands = []
    for length, items in alike.items():
        costs = [(len(item.path) + 3, length) for item in items]
        for group in portions(items, costs, (longest // 2, ANSWER_LIMIT // 2)):
            if len(group) > 1:  # of one file alone, `tail` names no path
                commands.append(_tail(length, group))
    return commands


def _tail(length: int, items: Sequence[FileRange]) -> _Command:
    pieces = []
    for number, item in enumerate(items):
        before = f"==> {item.path} <==\n".encode()
        before = b"\n" + before if number else before
        pieces.append((item, before, min(length, item.size)))
    return _Command(f"tail -c {length} {' '.join(_quoted(i) for i in items)} 2>/dev/null", tuple(pieces))


def _dd(item: FileRange) -> _Command:
    count = -(-item.length // BLOCK)
    text = f"dd if={_quoted(item)} bs={BLOCK} skip={item.at // BLOCK} count={count} 2>/dev/null"
    return _Command(text, ((item, b"", item.length),))


def _quoted(item: FileRange) -> str:
    if not is_apk_path(item.path):
        raise ValueError(item.path)
    return f"'{item.path}'"


def portions(items: Sequence[_T], costs: Sequence[tuple[int, ...]], limits: tuple[int, ...]) -> Iterator[list[_T]]:
    """`items` in portions, of which each costs no more than `limits`; but one that does by itself is one alone.

    `costs` are those of each item, each for the limit in its place.
    """
    portion: list[_T] = []
    rooms = limits
    for item, cost in zip(items, costs, strict=True):
        if portion and any(share > room for share, room in zip(cost, rooms, strict=True)):
            yield portion
            portion, rooms = [], limits
        portion.append(item)
        rooms = tuple(room - share for share, room in zip(cost, rooms, strict=True))
    if portion:
        yield portion


def _script(nonce: str, commands: Sequence[_Command]) -> str:
    lines = (f'echo; echo "$N {i}"; {command.text}\n' for i, command in enumerate(commands))
    return f'N={nonce}\n{"".join(lines)}echo; echo "$N {len(commands)}"\n'


def _sort(nonce: str, commands: Sequence[_Command], answer: bytearray, contents: dict[FileRange, bytes]) -> None:
    """Put into `contents` what each command brought, if all of it stands where and as it should."""
    at = 0
    for i, command in enumerate(commands):
        mark = f"\n{nonce} {i}\n".encode()
        start = answer.find(mark, at)
        if start < 0:
            continue  # Nothing is lost: to who asked for it, what is not in `contents` did not come
        at = start + len(mark)
        if not answer.startswith(f"\n{nonce} {i + 1}\n".encode(), at + command.length):
            continue  # Nothing is lost: as above
        pieces = {}
        for item, before, length in command.pieces:
            if not answer.startswith(before, at):
                break
            at += len(before) + length
            pieces[item] = bytes(memoryview(answer)[at - item.length : at])
        else:
            contents |= pieces
