"""The manual page, fanion(1), in both languages: out of the command line's own parser, and the prose of manual.toml."""

from __future__ import annotations

import argparse
import datetime
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from core import cli, text
from core.text import Language, T

#: What every command takes, and is said once, of fanion itself.
_SHARED: Final = ("help", "data", "language", "portable", "color")
#: The page's own prose, in both languages.
PROSE: Final[Mapping[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def page(language: Language, version: str, epoch: int) -> str:
    """The manual page as roff, for man(7). Always the same for the same version and time."""
    before = text.language()
    text.use(language)
    try:
        return "\n".join(_lines(language, version, epoch)) + "\n"
    finally:
        text.use(before)


def _lines(language: Language, version: str, epoch: int) -> Iterator[str]:
    day = datetime.datetime.fromtimestamp(epoch, datetime.UTC).date().isoformat()

    def title(name: str) -> str:
        return f".SH {PROSE['titles'][name] if language == 'fr' else name}"

    top = cli.parser()
    yield f'.TH FANION 1 {day} "Fanion {version}" "Fanion"'
    yield from (title("NAME"), f"fanion \\- {escaped(PROSE['purpose'][language])}")
    yield title("SYNOPSIS")
    yield from _usage(top, "fanion")
    yield title("DESCRIPTION")
    for number, paragraph in enumerate(PROSE["description"]):
        yield from [".PP"] * (number > 0)
        yield escaped(paragraph[language])
    yield title("OPTIONS")
    yield from _options(top)
    yield title("COMMANDS")
    yield from _commands(top, "fanion")
    for name, table in PROSE["table"].items():
        yield title(name)
        for entry in table:
            yield from (".TP", f".B {escaped(entry['word'])}", escaped(entry[language]))
    yield title("SEE ALSO")
    yield from (".BR adb (1),", ".BR udev (7)")


def _commands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """Every command below the parser's, and what is below those, each with its options."""
    for actions in _subparsers(parser):
        helps = {choice.dest: choice.help or "" for choice in actions._choices_actions}
        for word, below in actions.choices.items():
            full = f"{name} {word}"
            yield f".SS {escaped(full)}"
            if helps.get(word):
                yield from (escaped(_sentence(helps[word])), ".PP")
            yield from _usage(below, full)
            yield from _options(below)
            yield from _commands(below, full)


def _usage(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """The command and what may stand after it, the name in bold."""
    words = [f"\\fB{escaped(name)}\\fR"]
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or (action.dest in _SHARED and parser.prog != "fanion"):
            continue
        words.append(_word(action))
    yield " ".join(words)


def _word(action: argparse.Action) -> str:
    if isinstance(action, argparse._SubParsersAction):
        return f"\\fI{escaped(str(action.metavar or 'COMMAND'))}\\fR ..."
    value = _value(action)
    if action.option_strings:
        option = f"\\fB{escaped(action.option_strings[-1])}\\fR{' ' + value if value else ''}"
        return option if action.required else f"[{option}]"
    return value if action.nargs not in ("?", "*") else f"[{value}]"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None and action.metavar is None:
        return "{" + "|".join(f"\\fB{escaped(str(choice))}\\fR" for choice in action.choices) + "}"
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"\\fI{escaped(name)}\\fR{' ...' if action.nargs in ('+', '*') else ''}"


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    top = parser.prog == "fanion"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or action.help in (None, argparse.SUPPRESS):
            continue
        if not top and action.dest in _SHARED:
            continue
        names = ", ".join(f"\\fB{escaped(option)}\\fR" for option in action.option_strings)
        value = _value(action)
        yield from (".TP", " ".join(part for part in (names, value) if part))
        # argparse has the words of its own option from when it was loaded, in whatever language that was.
        help = T("show this help message and exit") if action.dest == "help" else str(action.help).replace("%%", "%")
        yield escaped(_sentence(str(help)))


def _subparsers(parser: argparse.ArgumentParser) -> Iterator[argparse._SubParsersAction[argparse.ArgumentParser]]:
    return (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))


def _sentence(words: str) -> str:
    """The text as a sentence: with a capital at its beginning and a full stop at its end."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")


def escaped(words: str) -> str:
    """Words that roff takes for nothing but words."""
    safe = words.replace("\\", "\\e").replace("-", "\\-").replace("\N{NO-BREAK SPACE}", "\\~")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
