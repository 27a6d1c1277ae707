"""Byte ranges of many files on the phone, read in one command.

`dd` is the one tool that every Android since 5 has and that reads from the middle of a file. Each range comes behind a
marker line that holds a number nobody on the phone can know in advance; how long it is, is known beforehand, so its
bytes may be anything::

    <nonce> 0
    ...bytes...
    <nonce> 1
    ...bytes...
    <nonce> 2
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.jobs import Cancel
from core.phones.android import shell
from core.phones.android.apk.source import BLOCK
from core.phones.android.link import Link
from core.phones.android.states import TooMuch

#: One command brings at most so much (bytes), or a single range.
ANSWER_LIMIT: Final = 4 * 2**20
#: How long a command may be (bytes). Before Android 7, ADB's packets hold 4 kB, and a command is one packet.
COMMAND_LIMIT: Final = 30_000
OLD_COMMAND_LIMIT: Final = 3_800
PACKETS_GREW: Final = 24

_PATH_LIMIT: Final = 500
#: Whole paths without blanks and quotes. Which folders hold apps differs from maker to maker, so no list of them here.
_APK: Final = re.compile(r"(?:/[A-Za-z0-9._=~+\-,@#]+)+\.apk")
_FOLDER: Final = re.compile(r"(?:/[A-Za-z0-9._=~+\-,@#]+)+")


def is_apk_path(text: str) -> bool:
    """Whether `text`, in single quotes, may stand in a command line as the path of an app's file."""
    return _is_path(text) and _APK.fullmatch(text) is not None


def is_folder_path(text: str) -> bool:
    """Likewise as the path of a folder, or of a file."""
    return _is_path(text) and _FOLDER.fullmatch(text) is not None


def _is_path(text: str) -> bool:
    return len(text) <= _PATH_LIMIT and not {"..", "."} & set(text.split("/"))


def command_limit(sdk: int) -> int:
    """How long a command may be on an Android of `sdk` (bytes)."""
    return COMMAND_LIMIT if sdk >= PACKETS_GREW else OLD_COMMAND_LIMIT


@dataclass(frozen=True, slots=True)
class Wanted:
    """`length` bytes of a file, from `at` on; `at` is a multiple of BLOCK."""

    path: str
    at: int
    length: int


def read(link: Link, wanted: Sequence[Wanted], cancel: Cancel, longest: int = COMMAND_LIMIT) -> list[bytes | None]:
    """The bytes of each range, in their order; None for one that did not come, or not in its full length.

    `longest` is how long a command may be (bytes). Raises ValueError for a path that :func:`is_apk_path` refuses, and
    what `Link.run` raises, but not TooMuch: then what came before counts.
    """
    found: list[bytes | None] = []
    for part in _parts(wanted, longest):
        cancel.check()
        nonce = shell.nonce()
        answer = bytearray()
        limit = sum(w.length + len(nonce) + 16 for w in part) + BLOCK
        with contextlib.suppress(TooMuch):  # what is in its place and has its length is what was asked for
            link.run(_script(nonce, part), answer.extend, cancel, limit, raw=True)
        found += _sorted(nonce, part, bytes(answer))
    return found


def _parts(wanted: Sequence[Wanted], longest: int) -> Iterator[list[Wanted]]:
    """`wanted` in portions that one command can ask for and bring."""
    part: list[Wanted] = []
    room, bytes_left = longest, ANSWER_LIMIT
    for item in wanted:
        length = len(_command(item)) + 2 * len(shell.nonce()) + 40
        if part and (length > room or item.length > bytes_left):
            yield part
            part, room, bytes_left = [], longest, ANSWER_LIMIT
        part.append(item)
        room -= length
        bytes_left -= item.length
    if part:
        yield part


def _script(nonce: str, wanted: Sequence[Wanted]) -> str:
    ranges = (f'echo; echo "$N {i}"; {_command(item)}\n' for i, item in enumerate(wanted))
    return f'N={nonce}\n{"".join(ranges)}echo; echo "$N {len(wanted)}"\n'


def _command(item: Wanted) -> str:
    if not is_apk_path(item.path):
        raise ValueError(item.path)
    count = -(-item.length // BLOCK)
    return f"dd if='{item.path}' bs={BLOCK} skip={item.at // BLOCK} count={count} 2>/dev/null"


def _sorted(nonce: str, wanted: Sequence[Wanted], answer: bytes) -> list[bytes | None]:
    found: list[bytes | None] = []
    at = 0
    for i, item in enumerate(wanted):
        mark = f"\n{nonce} {i}\n".encode()
        start = answer.find(mark, at)
        if start < 0:
            found.append(None)
            continue
        start += len(mark)
        end = start + item.length
        is_whole = answer.startswith(f"\n{nonce} {i + 1}\n".encode(), end)
        found.append(answer[start:end] if is_whole else None)
        at = end if is_whole else start
    return found
