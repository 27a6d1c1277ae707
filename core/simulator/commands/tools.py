"""The small commands that every shell has: echo, printf, test, sleep and their like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from core.simulator.commands.file_tools import file_tools
from core.simulator.commands.filters import FILTERS, run_filter
from core.simulator.model.files import FileTree
from core.simulator.shell.streams import Io, Program, to_bytes

_ESCAPES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
    "\\": "\\",
}
_ESCAPE: Final = re.compile(r"\\(?:0([0-7]{1,3})|(.))", re.DOTALL)


def tools(files: FileTree) -> Mapping[str, Program]:
    """All of them, by name; those that read files read `files`."""

    def filtered(words: Sequence[str], streams: Io) -> int:
        return run_filter(words, streams, files)

    def tested(words: Sequence[str], streams: Io) -> int:
        return _test(words, streams, files)

    return {
        ":": _true,
        "true": _true,
        "false": _false,
        "echo": _echo,
        "printf": _printf,
        "sleep": _sleep,
        "test": tested,
        "[": tested,
        **file_tools(files),
        **dict.fromkeys(FILTERS, filtered),
    }


def _true(words: Sequence[str], streams: Io) -> int:
    return 0


def _false(words: Sequence[str], streams: Io) -> int:
    return 1


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
        text, ended = _unescaped(text), "" if cut else ended
    streams.say(text + ended)
    return 0


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found[1] is not None:
            return chr(int(found[1], 8) & 0xFF)
        return _ESCAPES.get(found[2], found[0])

    return _ESCAPE.sub(one, text)


def _printf(words: Sequence[str], streams: Io) -> int:
    """`%s`, `%d`, `%%` and backslash sequences; the format is used again while arguments are left."""
    if len(words) < 2:
        streams.complain("printf: missing format\n")
        return 1
    pattern, arguments, status = _unescaped(words[1]), list(words[2:]), 0
    written: list[str] = []
    while True:
        before = len(arguments)
        for piece in re.split(r"(%.)", pattern, flags=re.DOTALL):
            if piece == "%%":
                written.append("%")
            elif piece in ("%s", "%d"):
                value = arguments.pop(0) if arguments else ("0" if piece == "%d" else "")
                if piece == "%d" and not re.fullmatch(r"-?[0-9]{1,18}", value):
                    streams.complain(f"printf: {value}: not a number\n")
                    value, status = "0", 1
                written.append(value)
            elif piece.startswith("%"):
                streams.complain(f"printf: {piece}: invalid conversion\n")
                return 1
            else:
                written.append(piece)
        if not arguments or len(arguments) == before:
            break
    streams.out(to_bytes("".join(written)))
    return status


def _sleep(words: Sequence[str], streams: Io) -> int:
    if len(words) != 2 or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", words[1]):
        streams.complain("sleep: bad number\n")
        return 1
    streams.cancel.wait(float(words[1]))
    return 0


def _test(words: Sequence[str], streams: Io, files: FileTree) -> int:
    """`test` and `[`: comparisons of texts and whole numbers, and whether a file is there."""
    arguments = list(words[1:])
    if words[0] == "[":
        if arguments[-1:] != ["]"]:
            streams.complain("[: missing ]\n")
            return 2
        arguments.pop()
    negated = arguments[:1] == ["!"] and len(arguments) > 1
    answer = _condition(arguments[1:] if negated else arguments, files)
    if answer is None:
        streams.complain(f"{words[0]}: {' '.join(arguments)}: bad expression\n")
        return 2
    return int(answer == negated)


def _condition(arguments: Sequence[str], files: FileTree) -> bool | None:
    match arguments:
        case []:
            return False
        case [text]:
            return text != ""
        case ["-n", text]:
            return text != ""
        case ["-z", text]:
            return text == ""
        case ["-e" | "-f" | "-d" as kind, path]:
            entry = files.find(path)
            return entry is not None and (kind == "-e" or entry.is_folder == (kind == "-d"))
        case ["-r", path]:
            return files.find(path) is not None
        case ["-s", path]:
            entry = files.find(path)
            return entry is not None and (entry.is_folder or entry.inside.size > 0)
        case [left, "=" | "==", right]:
            return left == right
        case [left, "!=", right]:
            return left != right
        case [left, operator, right]:
            return _compared(left, operator, right)
        case _:
            return None


def _compared(left: str, operator: str, right: str) -> bool | None:
    if not all(re.fullmatch(r"-?[0-9]{1,18}", side) for side in (left, right)):
        return None
    a, b = int(left), int(right)
    answers = {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}
    return answers.get(operator)
