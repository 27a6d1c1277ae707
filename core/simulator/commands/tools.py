"""The small commands that every shell has: echo, sleep, true, and the filters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from core.simulator.commands.filters import filters
from core.simulator.commands.streams import Io, Program
from core.simulator.model.files import FileTree

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
