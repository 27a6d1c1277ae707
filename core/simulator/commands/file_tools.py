"""What a shell has to look at files: `ls`, `stat` and `dd`, as Android's toybox prints them."""

from __future__ import annotations

import re
import stat
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from core.simulator.model.files import CLOSED, Entry, FileError, FileTree, clean
from core.simulator.shell.streams import Io, Program

#: The size of the pieces in which `dd` writes, in bytes, and its largest block.
_PIECE: Final = 64 * 1024
_MAX_BLOCK: Final = 64 * 1024 * 1024

_DD_NUMBER: Final = re.compile(r"([0-9]{1,12})([cwbkKmMgG]?)")
_DD_UNITS: Final = {"": 1, "c": 1, "w": 2, "b": 512, "k": 1024, "m": 1024**2, "g": 1024**3}
_STAT_FIELD: Final = re.compile(r"%(.?)", re.DOTALL)


def file_tools(files: FileTree) -> Mapping[str, Program]:
    """All of them, by name; they read `files`."""
    return {
        "ls": lambda words, streams: _ls(words[1:], streams, files),
        "stat": lambda words, streams: _stat(words[1:], streams, files),
        "dd": lambda words, streams: _dd(words[1:], streams, files),
    }


def _ls(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """One name a line; with `-l` mode, owner, size and time as well, and with `-d` a folder itself."""
    options = set("".join(w[1:] for w in words if w.startswith("-") and len(w) > 1))
    if not options <= set("lda1"):
        streams.complain(f"ls: Unknown option '{''.join(sorted(options - set('lda1')))}'\n")
        return 1
    status = 0
    for path in [w for w in words if not w.startswith("-")] or ["/"]:
        streams.cancel.check()
        entry = files.find(path)
        if entry is None:
            streams.complain(f"ls: {path}: No such file or directory\n")
            status = 1
        elif not entry.is_folder or "d" in options:
            streams.say(_line(path, entry, "l" in options))
        elif clean(path) in CLOSED:
            streams.complain(f"ls: {path}: Permission denied\n")
            status = 1
        else:
            inside = files.children(path)
            if "l" in options:
                streams.say(f"total {sum(_kilobytes(e) for _, e in inside)}\n")
            streams.say("".join(_line(name, e, "l" in options) for name, e in inside))
    return status


def _line(name: str, entry: Entry, long: bool) -> str:
    if not long:
        return f"{name}\n"
    time = datetime.fromtimestamp(entry.modified, UTC).strftime("%Y-%m-%d %H:%M")
    links, size = (2, 4096) if entry.is_folder else (1, entry.inside.size)
    return f"{stat.filemode(entry.mode)} {links} system system {size} {time} {name}\n"


def _kilobytes(entry: Entry) -> int:
    return 4 if entry.is_folder else -(-entry.inside.size // 4096) * 4


def _stat(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`stat -c FORMAT FILE...`, with `%s`, `%i`, `%n`, `%a`, `%Y`, `%F` and `%%`; the format ends with its line."""
    if len(words) < 3 or words[0] != "-c":
        streams.complain("stat: Needs -c FORMAT and 1 argument\n")
        return 1
    status = 0
    for path in words[2:]:
        streams.cancel.check()
        entry = files.find(path)
        if entry is None:
            streams.complain(f"stat: '{path}': No such file or directory\n")
            status = 1
        else:
            streams.say(_described(words[1], path, entry) + "\n")
    return status


def _described(pattern: str, path: str, entry: Entry) -> str:
    def field(found: re.Match[str]) -> str:
        match found[1]:
            case "s":
                return str(4096 if entry.is_folder else entry.inside.size)
            case "i":  # a file that is replaced is another file
                return str(zlib.crc32(f"{path} {entry.modified}".encode()))
            case "n":
                return path
            case "a":
                return f"{stat.S_IMODE(entry.mode):o}"
            case "Y":
                return str(entry.modified)
            case "F":
                return "directory" if entry.is_folder else "regular file"
            case "%":
                return "%"
            case _:
                return "?"

    return _STAT_FIELD.sub(field, pattern)


def _dd(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`dd if=FILE bs=N skip=N count=N`: blocks of a file, or of the input; what it did, on the error output."""
    given = {"if": "", "of": "", "bs": "512", "skip": "0", "count": "", "status": "", "iflag": ""}
    for word in words:
        name, is_given, value = word.partition("=")
        if not is_given or name not in given:
            streams.complain(f"dd: bad arg: {word}\n")
            return 1
        given[name] = value
    numbers = {name: _number(given[name]) for name in ("bs", "skip", "count") if given[name]}
    wrong = next((name for name, value in numbers.items() if value is None), None)
    size, flags = numbers["bs"] or 0, set(filter(None, given["iflag"].split(",")))
    if wrong or not 0 < size <= _MAX_BLOCK or not flags <= {"skip_bytes", "count_bytes", "fullblock"}:
        streams.complain(f"dd: bad {wrong or ('bs' if flags <= {'skip_bytes', 'count_bytes'} else 'iflag')}\n")
        return 1
    if given["of"] not in ("", "/dev/null"):
        streams.complain(f"dd: {given['of']}: Permission denied\n")
        return 1
    try:
        content = files.read(given["if"]) if given["if"] else (streams.input.read() if streams.input else b"")
    except FileError as error:
        streams.complain(f"dd: {given['if']}: {error}\n")
        return 1
    start = (numbers["skip"] or 0) * (1 if "skip_bytes" in flags else size)
    count = numbers.get("count")
    end = len(content) if count is None else start + count * (1 if "count_bytes" in flags else size)
    taken = content[start:end]
    if not given["of"]:
        for at in range(0, len(taken), _PIECE):
            streams.out(taken[at : at + _PIECE])
    if given["status"] != "none":
        full, partial = divmod(len(taken), size)
        records = f"{full}+{int(partial > 0)} records"
        streams.complain(f"{records} in\n{records} out\n{len(taken)} bytes copied, 0.001 s, {len(taken)} K/s\n")
    return 0


def _number(text: str) -> int | None:
    """As in ``4096``, ``4k``, ``1M``; None where it is none."""
    found = _DD_NUMBER.fullmatch(text)
    return int(found[1]) * _DD_UNITS[found[2].lower()] if found else None
