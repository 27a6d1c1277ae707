"""The small commands that every shell has, as Android's mksh and toybox have them."""

from __future__ import annotations

import re
import stat
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from core.simulator.commands.filters import filters
from core.simulator.commands.streams import Io, Program
from core.simulator.model.files import CLOSED, FileEntry, FileError, FileTree, clean

#: The largest block of `dd`, in bytes.
_MAX_BLOCK: Final = 64 * 1024 * 1024

_ESCAPES: Final = dict(zip("ntrabfveE\\", "\n\t\r\a\b\f\v\x1b\x1b\\", strict=True))
_ESCAPE: Final = re.compile(r"\\(?:0([0-7]{1,3})|(.))", re.DOTALL)


def tools(files: FileTree) -> Mapping[str, Program]:
    """All of them, by name; those that read files read `files`."""
    return {
        ":": lambda words, streams: 0,
        "true": lambda words, streams: 0,
        "false": lambda words, streams: 1,
        "echo": _echo,
        "sleep": _sleep,
        "ls": lambda words, streams: _ls(words[1:], streams, files),
        "stat": lambda words, streams: _stat(words[1:], streams, files),
        "dd": lambda words, streams: _dd(words[1:], streams, files),
        **filters(files),
    }


def _echo(words: Sequence[str], streams: Io) -> int:
    """As in mksh, the shell of Android: backslash sequences are interpreted, unless `-E` is given."""
    rest = list(words[1:])
    ended, interpreted = "\n", True
    while rest and re.fullmatch(r"-[neE]+", rest[0]):
        flags = rest.pop(0)
        ended = "" if "n" in flags else ended
        interpreted = interpreted and "E" not in flags
    text = " ".join(rest)
    if interpreted:
        text, cut, _ = text.partition("\\c")
        text, ended = _ESCAPE.sub(_unescaped, text), "" if cut else ended
    streams.say(text + ended)
    return 0


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 8) & 0xFF) if found[1] else _ESCAPES.get(found[2], found[0])


def _sleep(words: Sequence[str], streams: Io) -> int:
    if len(words) != 2 or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", words[1]):
        streams.complain("sleep: bad number\n")
        return 1
    streams.cancel.wait(float(words[1]))
    return 0


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
        if entry is None or (clean(path) in CLOSED and "d" not in options):
            streams.complain(f"ls: {path}: {'Permission denied' if entry else 'No such file or directory'}\n")
            status = 1
        elif not entry.is_folder or "d" in options:
            streams.say(_line(path, entry, "l" in options))
        else:
            inside = files.children(path)
            if "l" in options:
                streams.say(f"total {sum(-(-_size(e) // 4096) * 4 for _, e in inside)}\n")
            streams.say("".join(_line(name, e, "l" in options) for name, e in inside))
    return status


def _size(entry: FileEntry) -> int:
    """In bytes; a folder's is that of one block."""
    return 4096 if entry.is_folder else entry.size


def _line(name: str, entry: FileEntry, long: bool) -> str:
    if not long:
        return f"{name}\n"
    time = datetime.fromtimestamp(entry.modified, UTC).strftime("%Y-%m-%d %H:%M")
    links = 2 if entry.is_folder else 1
    return f"{stat.filemode(entry.mode)} {links} system system {_size(entry)} {time} {name}\n"


def _stat(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`stat -c FORMAT FILE...`, with `%s`, `%i`, `%n`, `%a` and `%Y`."""
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
            continue
        streams.say(_described(words[1], path, entry) + "\n")
    return status


def _described(pattern: str, path: str, entry: FileEntry) -> str:
    facts = {
        "s": str(_size(entry)),
        "i": str(zlib.crc32(f"{path} {entry.modified}".encode())),  # a file that is replaced is another file
        "n": path,
        "Y": str(entry.modified),
    }
    return re.sub("%(.)", lambda found: facts.get(found[1], "?"), pattern)


def _dd(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`dd if=FILE bs=N skip=N count=N`: blocks of a file; what it did, on the error output."""
    given = {"if": "", "bs": "512", "skip": "0", "count": str(_MAX_BLOCK)}
    for word in words:
        name, _, value = word.partition("=")
        if name not in given:
            streams.complain(f"dd: bad arg: {word}\n")
            return 1
        if name != "if" and not re.fullmatch("[0-9]{1,12}", value):
            streams.complain(f"dd: bad {name}\n")
            return 1
        given[name] = value
    size = int(given["bs"])
    if not 0 < size <= _MAX_BLOCK:
        streams.complain("dd: bad bs\n")
        return 1
    try:
        content = files.read(given["if"]) if given["if"] else streams.input
    except FileError as error:
        streams.complain(f"dd: {given['if']}: {error}\n")
        return 1
    start = int(given["skip"]) * size
    taken = content[start : start + int(given["count"]) * size]
    streams.out(taken)
    full, partial = divmod(len(taken), size)
    records = f"{full}+{int(partial > 0)} records"
    streams.complain(f"{records} in\n{records} out\n{len(taken)} bytes copied, 0.001 s, {len(taken)} K/s\n")
    return 0
