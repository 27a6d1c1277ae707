"""Commands that read text and can stand behind a pipe: cat, grep, head, sort, tail, wc."""

from __future__ import annotations

import fnmatch
import getopt
import glob
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.simulator.commands.streams import Io, Program, to_bytes, to_text
from core.simulator.model.files import FileError, FileTree

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


def filters(files: FileTree) -> Mapping[str, Program]:
    """All of them, by name; they read `files`."""

    def run(words: Sequence[str], streams: Io) -> int:
        known, filtered = _FILTERS[words[0]]
        # Of old, `head -5` means `head -n 5`.
        rest = [re.sub("^-(?=[0-9])", "-n", word) if "n" in known else word for word in words[1:]]
        try:
            given, operands = getopt.getopt(rest, known)
            options = dict(given)
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

    return dict.fromkeys(_FILTERS, run)


def _lines(contents: _Contents) -> list[bytes]:
    """Each with its end."""
    return [line + b"\n" for _, content in contents if content for line in content.removesuffix(b"\n").split(b"\n")]


def _cat(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    return b"".join(content for _, content in contents), 0


def _grep(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    wanted = _matcher(options)
    inverted = "-v" in options
    lines = [line for line in _lines(contents) if wanted(to_text(line[:-1])[:MAX_SEARCHED]) != inverted]
    shown = b"%d\n" % len(lines) if "-c" in options else b"".join(lines)
    return b"" if "-q" in options else shown, 0 if lines else 1


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

    def one(found: re.Match[str]) -> str:
        any_number, any_one, negated, inside, escaped, plain = found.groups()
        if found[0] in unsupported:
            raise UsageError(f"unsupported pattern at '{found.string[found.start() :]}'")
        if inside is not None:
            return f"[{'!' if negated else ''}{inside}]"
        return "*" if any_number else "?" if any_one else glob.escape(escaped or plain)

    begins = expression.startswith("^")
    ends = expression.endswith("$") and not expression.endswith("\\$")
    inner = expression[begins : len(expression) - ends]
    return f"{'' if begins else '*'}{_EXPRESSION.sub(one, inner)}{'' if ends else '*'}"


def _how_many(options: _Options) -> int:
    count = options.get("-c", options.get("-n", "10"))
    if not (count.isascii() and count.isdecimal() and len(count) < 9):
        raise UsageError(f"bad number '{count}'")
    return int(count)


def _head(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    wanted = _how_many(options)
    if "-c" in options:
        return b"".join(content for _, content in contents)[:wanted], 0
    return b"".join(_lines(contents)[:wanted]), 0


def _tail(options: _Options, contents: _Contents) -> tuple[bytes, int]:
    """The ends of several files stand below their names."""
    wanted, output = _how_many(options), []
    for number, (name, content) in enumerate(contents):
        pieces = [content] if "-c" in options else content.splitlines(keepends=True)
        end = (
            content[max(0, len(content) - wanted) :] if "-c" in options else b"".join(pieces[-wanted or len(pieces) :])
        )
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
        shown = [str(number) for option, number in numbers.items() if not options or option in options]
        output += " ".join([*shown, name]).rstrip() + "\n"
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
