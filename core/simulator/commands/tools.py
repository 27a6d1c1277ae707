"""The small commands that every shell has, as Android's mksh and toybox have them.

Those that read text can stand behind a pipe: cat, grep, head, sort, tail, wc.
"""

from __future__ import annotations

import fnmatch
import getopt
import glob
import hashlib
import re
import stat
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from core.simulator.commands.streams import Io, Program, to_bytes, to_text
from core.simulator.model.files import CLOSED, FileEntry, FileError, FileTree, clean

#: The largest block of `dd`, in bytes.
_MAX_BLOCK: Final = 64 * 1024 * 1024

_ESCAPES: Final = dict(zip("ntrabfveE\\", "\n\t\r\a\b\f\v\x1b\x1b\\", strict=True))
_ESCAPE: Final = re.compile(r"\\(?:0([0-7]{1,3})|(.))", re.DOTALL)

#: How much of a line `grep` looks at, and the longest pattern, in characters.
MAX_SEARCHED: Final = 4096
MAX_PATTERN: Final = 1000

#: ``.*``, ``.``, ``[...]``, a character with or without a backslash before it.
_EXPRESSION: Final = re.compile(r"(\.\*)|(\.)|\[(\^?)(\]?[^\]]*)\]|\\([^\w<>])|(.)", re.DOTALL)

#: A command's options with their values, and the content of each file by its name; for the input, that is empty.
_Options = Mapping[str, str]
_Contents = Sequence[tuple[str, bytes]]


class UsageError(Exception):
    """The words make no sense to the command; the text says why."""


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
        "sha256sum": lambda words, streams: _sha256sum(words[1:], streams, files),
        "dd": lambda words, streams: _dd(words[1:], streams, files),
        **dict.fromkeys(_FILTERS, lambda words, streams: _filter(words, streams, files)),
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


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 8) & 0xFF) if match[1] else _ESCAPES.get(match[2], match[0])


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
    """The size in bytes; that of a folder is one block."""
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
    return re.sub("%(.)", lambda match: facts.get(match[1], "?"), pattern)


def _sha256sum(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`sha256sum FILE...`, as toybox has it: digest, two blanks and name, a line each."""
    status = 0
    for path in words or ["-"]:
        streams.cancel.check()
        try:
            content = files.read(path) if path != "-" else streams.input
        except FileError as error:
            streams.complain(f"sha256sum: {path}: {error}\n")
            status = 1
            continue
        streams.say(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
    return status


def _dd(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`dd if=FILE bs=N skip=N count=N`: blocks of a file; what it did, on the error output."""
    operands = {"if": "", "bs": "512", "skip": "0", "count": str(_MAX_BLOCK)}
    for word in words:
        name, _, value = word.partition("=")
        if name not in operands:
            streams.complain(f"dd: bad arg: {word}\n")
            return 1
        if name != "if" and not re.fullmatch("[0-9]{1,12}", value):
            streams.complain(f"dd: bad {name}\n")
            return 1
        operands[name] = value
    size = int(operands["bs"])
    if not 0 < size <= _MAX_BLOCK:
        streams.complain("dd: bad bs\n")
        return 1
    try:
        content = files.read(operands["if"]) if operands["if"] else streams.input
    except FileError as error:
        streams.complain(f"dd: {operands['if']}: {error}\n")
        return 1
    start = int(operands["skip"]) * size
    block = content[start : start + int(operands["count"]) * size]
    streams.out(block)
    full, partial = divmod(len(block), size)
    records = f"{full}+{int(partial > 0)} records"
    streams.complain(f"{records} in\n{records} out\n{len(block)} bytes copied, 0.001 s, {len(block)} K/s\n")
    return 0


# Commands that read text


def _filter(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """One of the commands that read text, of `files` or of what the pipe brings."""
    option_letters, filtered = _FILTERS[words[0]]
    # Of old, `head -5` means `head -n 5`.
    rest = [re.sub("^-(?=[0-9])", "-n", word) if "n" in option_letters else word for word in words[1:]]
    try:
        pairs, operands = getopt.getopt(rest, option_letters)
        options = dict(pairs)
        if words[0] == "grep":
            options["pattern"] = _pattern(operands)
        status, contents = 0, [] if operands else [("", streams.input)]
        for path in operands:
            streams.cancel.check()
            try:
                contents.append((path, files.read(path)))
            except FileError as error:
                streams.complain(f"{words[0]}: {path}: {error}\n")
                status = 1
        output, code = filtered(options, contents)
    except (UsageError, getopt.GetoptError) as error:
        streams.complain(f"{words[0]}: {error}\n")
        return 2
    streams.out(output)
    return code or status


def _lines(contents: _Contents) -> list[bytes]:
    """The lines of all contents, each with its line end."""
    return [line + b"\n" for _, content in contents if content for line in content.removesuffix(b"\n").split(b"\n")]


def _cat(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    return b"".join(content for _, content in contents), 0


def _grep(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    matches = _matcher(options)
    inverted = "-v" in options
    lines = [line for line in _lines(contents) if matches(to_text(line[:-1])[:MAX_SEARCHED]) != inverted]
    output = b"%d\n" % len(lines) if "-c" in options else b"".join(lines)
    return b"" if "-q" in options else output, 0 if lines else 1


def _pattern(operands: list[str]) -> str:
    if not operands or len(operands[0]) > MAX_PATTERN:
        raise UsageError("pattern too long" if operands else "no pattern")
    return operands.pop(0)


def _matcher(options: _Options) -> Callable[[str], bool]:
    """Tells whether a line has the pattern: through `fnmatch`, which takes no more time than pattern times line."""
    folded = str.lower if "-i" in options else str
    pattern = folded(options["pattern"])
    if "-F" in options:
        return lambda line: pattern in folded(line)
    extended = "-E" in options
    choices = [_as_wildcards(choice, extended) for choice in pattern.split("|" if extended else "\\|")]
    return lambda line: any(fnmatch.fnmatchcase(folded(line), choice) for choice in choices)


def _as_wildcards(expression: str, extended: bool) -> str:
    """A regular expression without groups and counts, as `fnmatch` has it. Raises UsageError for any other."""
    # Groups and counts have a backslash in a basic expression, and none in an extended one.
    unsupported = {"*", "[", "\\", *(letter if extended else f"\\{letter}" for letter in "(){}+?")}

    def wildcard(match: re.Match[str]) -> str:
        any_number, any_one, negated, inside, escaped, plain = match.groups()
        if match[0] in unsupported:
            raise UsageError(f"unsupported pattern at '{match.string[match.start() :]}'")
        if inside is not None:
            return f"[{'!' if negated else ''}{inside}]"
        return "*" if any_number else "?" if any_one else glob.escape(escaped or plain)

    begins = expression.startswith("^")
    ends = expression.endswith("$") and not expression.endswith("\\$")
    inner = expression[begins : len(expression) - ends]
    return f"{'' if begins else '*'}{_EXPRESSION.sub(wildcard, inner)}{'' if ends else '*'}"


def _how_many(options: _Options) -> int:
    count = options.get("-c", options.get("-n", "10"))
    if not (count.isascii() and count.isdecimal() and len(count) < 9):
        raise UsageError(f"bad number '{count}'")
    return int(count)


def _head(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    count = _how_many(options)
    if "-c" in options:
        return b"".join(content for _, content in contents)[:count], 0
    return b"".join(_lines(contents)[:count]), 0


def _tail(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    """The ends of several files stand below their names."""
    count, output = _how_many(options), []
    for number, (name, content) in enumerate(contents):
        pieces = [content] if "-c" in options else content.splitlines(keepends=True)
        end = content[max(0, len(content) - count) :] if "-c" in options else b"".join(pieces[-count or len(pieces) :])
        if len(contents) > 1:
            output.append(to_bytes(f"{chr(10) if number else ''}==> {name} <==\n"))
        output.append(end)
    return b"".join(output), 0


def _sort(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    lines = _lines(contents)
    return b"".join(sorted(set(lines) if "-u" in options else lines, reverse="-r" in options)), 0


def _wc(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    """Lines and bytes of each file, and of all together."""
    rows = [(name, {"-l": content.count(b"\n"), "-c": len(content)}) for name, content in contents]
    if len(rows) > 1:
        rows.append(("total", {option: sum(numbers[option] for _, numbers in rows) for option in ("-l", "-c")}))
    output = ""
    for name, numbers in rows:
        counts = [str(number) for option, number in numbers.items() if not options or option in options]
        output += " ".join([*counts, name]).rstrip() + "\n"
    return to_bytes(output), 0


#: The options that each one knows, as `getopt` has them, and what it does; gives output and exit code.
_FILTERS: Final[Mapping[str, tuple[str, Callable[[_Options, _Contents], tuple[bytes, int]]]]] = {
    "cat": ("u", _cat),
    "grep": ("ivcqFE", _grep),
    "head": ("n:c:", _head),
    "sort": ("ur", _sort),
    "tail": ("n:c:", _tail),
    "wc": ("lc", _wc),
}
