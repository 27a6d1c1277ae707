"""The grammar of the command line: every command with its help, each command's own options from its own module."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any, Final, TypeAlias, cast

from core import __version__, text
from core.cli.terminal import ColourMode
from core.desk.desk import Desk
from core.text import T, Text

#: Every command with its line of help. Its module in this package has its name, and is loaded only when it is needed:
#: the libraries for phones and for the log take half a second.
COMMANDS: Final[Mapping[str, Text]] = {
    "phones": T("list the phones that are plugged in"),
    "check": T("check a phone"),
    "remove": T("remove the banned apps from a phone"),
    "restore": T("put back what was removed from this phone by mistake"),
    "log": T("read the log"),
    "policy": T("read and test policies"),
    "merge": T("bring the bundles of many desks together, at head office"),
    "store": T("ask what head office has merged, verify it, and hand it on: to a SIEM, to a database"),
    "exception": T("let a phone carry a banned app for a time"),
    "round": T("field audits: which phones must be seen, and which were"),
    "practice": T("serve a practice phone on this computer"),
    "capture": T("save what a phone answered that was read wrong, without its holder’s data"),
    "lessons": T("list the ten lessons with practice phones, and how far you are"),
    "update-check": T("read on a USB key whether there is a newer version"),
    "self-test": T("test whether this installation has everything that it needs"),
    "explain": T("explain a problem by its code, with the chapter of the manual about it"),
    "settings": T("show what is set on this computer, and go back to the standard"),
    "kiosk": T("choose the password that leaves the kiosk"),
    "completion": T("print a completion script: fanion completion bash"),
}

#: argparse's own words. It asks Python's gettext for them, so they stand in our catalogue; some are %-patterns.
ARGPARSE: Final = (
    T("usage: "),
    T("positional arguments"),
    T("options"),
    T("show this help message and exit"),
    T("show program's version number and exit"),
    T("%(prog)s: error: %(message)s\n"),
    T("the following arguments are required: %s"),
    T("unrecognized arguments: %s"),
    T("expected one argument"),
    T("not allowed with argument %s"),
    T("argument %(argument_name)s: %(message)s"),
    T("invalid choice: %(value)r (choose from %(choices)s)"),
    T("invalid %(type)s value: %(value)r"),
    T("ambiguous option: %(option)s could match %(matches)s"),
    T("ignored explicit argument %r"),
    T("%(heading)s:"),
    T("%(prog)s: warning: %(message)s\n"),
)

#: What every help ends with.
EXIT_CODES: Final = T(
    "Exit codes: 0 green, or done; 1 red, or not everything could be removed; 2 wrong usage; 3 amber; 4 a problem with "
    "the phone, or stopped; 5 a problem with the log, the policy, the settings or a file; 70 a fault of Fanion; 74 the "
    "answer could not be written; 141 it is not read any more."
)

#: The options of ``fanion log search``, and whether a value follows.
_SEARCH_OPTIONS: Final = {
    **dict.fromkeys(("--data", "--language", "--color", "--limit"), True),
    **dict.fromkeys(("--portable", "--practice", "--json", "--help", "-h"), False),
}


#: Adds an option, an argument or a group of them to a parser.
Argument: TypeAlias = Callable[[argparse.ArgumentParser], object]
#: What a command does; it returns the exit code.
Run: TypeAlias = Callable[[argparse.Namespace, Desk], int]


class _Every(Container[str]):
    """Has every word in it."""

    def __contains__(self, word: object) -> bool:
        return True


EVERY: Final = _Every()


class Anything(tuple[str, ...]):
    """Words that the completion offers, of an argument that takes every word: its command says what is wrong."""

    def __contains__(self, word: object) -> bool:
        return True


def argument(name: str, description: Text | str, value: Text | str | None = None, **keywords: Any) -> Argument:
    """An option or an argument with its help, and what stands for its value there; `keywords` are argparse's."""

    def add(parser: argparse._ActionsContainer) -> None:
        words: dict[str, Any] = {"help": str(description)} | ({} if value is None else {"metavar": str(value)})
        parser.add_argument(name, **words, **keywords)

    return add


def flag(name: str, description: Text | str, **keywords: Any) -> Argument:
    """An option without a value."""
    return argument(name, description, action="store_true", **keywords)


def one_of(*arguments: Argument, required: bool = False) -> Argument:
    """Options of which at most one is given; exactly one if `required`."""
    return lambda parser: _add(parser.add_mutually_exclusive_group(required=required), arguments)


def group(title: Text, about: Text, *arguments: Argument) -> Argument:
    """Options that stand under a title of their own in the help."""
    return lambda parser: _add(parser.add_argument_group(str(title), str(about)), arguments)


def _add(to: Any, arguments: Sequence[Argument]) -> None:
    for add in arguments:
        add(to)


def declare(parser: argparse.ArgumentParser, run: Run, *arguments: Argument) -> None:
    """Have a command take these arguments and do `run`."""
    _add(parser, arguments)
    parser.set_defaults(run=run)


class Choices:
    """The commands, or the actions of one. Of those that were not typed there is only the line in the help: the parsers
    of all of them would take longer than what is typed."""

    def __init__(self, parser: argparse.ArgumentParser, common: argparse.ArgumentParser, **shown: Any) -> None:
        """`shown` is how argparse shows them; `common` has the options that each of them takes."""
        self.typed = parser.typed if isinstance(parser, _Parser) else EVERY
        self._common = common
        # What is said of the way to them argparse would have from a whole usage, which is this here.
        self._parsers = parser.add_subparsers(
            prog=parser.prog, parser_class=cast(type[argparse.ArgumentParser], self._make), **shown
        )

    def parser(self, name: str, description: Text) -> argparse.ArgumentParser | None:
        """A new parser, with the options of all commands alone; None where `name` was not typed."""
        if name not in self.typed:
            self._parsers.add_parser(name, help=str(description))
            return None
        return self._parsers.add_parser(name, help=str(description), parents=[self._common])

    def _make(self, **options: Any) -> argparse.ArgumentParser:
        return _Parser(typed=self.typed, **options) if "parents" in options else self._common


class Actions(Choices):
    """The actions of a command, such as ``list`` of ``fanion log``; each takes the arguments that all `share`."""

    def __init__(
        self, parser: argparse.ArgumentParser, common: argparse.ArgumentParser, *share: Argument, dest: str = "action"
    ) -> None:
        super().__init__(parser, common, dest=dest, required=True, metavar=str(T("ACTION")))
        self._share = share

    def add(self, name: str, run: Run, description: Text, *arguments: Argument) -> None:
        """Add an action."""
        if (parser := self.parser(name, description)) is not None:
            declare(parser, run, *self._share, *arguments)


JSON: Final = flag("--json", T("answer with one JSON object"))
PRACTICE: Final = flag("--practice", T("the log of practice phones"))
YES: Final = flag("--yes", T("do not ask"))
ENTRY: Final = argument("entry", T("the number of the entry: see fanion log list"), "N", type=int)


def day(typed: str) -> date:
    """The day that was typed. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(T("“{text}” is no day such as 2027-03-31", text=typed))) from error


class _Parser(argparse.ArgumentParser):
    """Takes no shortened options: what a script says today must not mean something else tomorrow.

    `typed` are the words that it will be given: what is not among them needs no parser.
    """

    def __init__(self, *args: Any, typed: Container[str], **options: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, "epilog": str(EXIT_CODES), **options})
        self.typed = typed


#: The folder that has a command's module, where that is not in this package itself.
_ROOMS: Final[Mapping[str, str]] = {
    "log": "log_commands.",
    "policy": "policy_commands.",
    "round": "round_commands.",
    "store": "store_commands.",
    "merge": "store_commands.",
    "settings": "settings_commands.",
    "explain": "help_commands.",
    "completion": "help_commands.",
    "practice": "practice_commands.",
    "capture": "practice_commands.",
}


def parser(words: Container[str] = EVERY) -> argparse.ArgumentParser:
    """The command line, in the language in use; with the options of the commands and actions that are among `words`."""
    top = _Parser(
        typed=words,
        prog="fanion",
        description=str(
            T(
                "Shows the banned apps on a phone, removes them, and keeps the evidence in a local log. "
                "Without a command, the window opens."
            )
        ),
    )
    version = str(T("show program's version number and exit"))  # argparse does not translate this one everywhere
    top.add_argument("--version", action="version", version=f"fanion {__version__}", help=version)
    _add_common(top, data=None, portable=False, language=None, color=ColourMode.AUTO)
    common = _Parser(typed=words, add_help=False)
    _add_common(common, *[argparse.SUPPRESS] * 4)
    commands = Choices(top, common, dest="command", metavar=str(T("COMMAND")), title=str(T("commands")))
    for name, description in COMMANDS.items():
        if (command := commands.parser(name, description)) is not None:
            import_module(_module_of(name)).add_arguments(command, common)
    return top


def _module_of(command: str) -> str:
    """The name of the module that adds the arguments of `command`."""
    name = command.replace("-", "_")
    return f"core.cli.{_ROOMS.get(command, '')}{name}"


def _add_common(
    to: argparse.ArgumentParser, data: str | None, portable: bool | str, language: str | None, color: str
) -> None:
    """Add the options of all commands, with these defaults."""
    description = T("the data folder (log, settings, key); also FANION_DATA")
    argument("--data", description, T("DIR"), default=data)(to)
    flag("--portable", T("keep the data beside the program, on a USB key for example"), default=portable)(to)
    argument("--language", T("the language of this run"), choices=text.LANGUAGES, default=language)(to)
    when = T("colours in the output: on a terminal unless NO_COLOR is set, always, or never")
    argument("--color", when, choices=[*map(str, ColourMode)], default=color)(to)


def common_options(argv: Sequence[str]) -> argparse.Namespace:
    """The options that decide in which language the others are read, and where the data are."""
    early = argparse.ArgumentParser("fanion", add_help=False, allow_abbrev=False)
    early.add_argument("--data")
    early.add_argument("--language", choices=text.LANGUAGES)
    early.add_argument("--portable", action="store_true")
    early.add_argument("--color")
    options = itertools.takewhile(lambda word: word != "--", argv)  # what follows is no option
    words = [word for word in options if not word.startswith("--portable=")]  # nor is that: it takes no value
    if words and words[-1] in (
        "--data",
        "--language",
        "--color",
    ):  # the parser of all options says that a value is missing
        del words[-1]
    known = early.parse_known_args(words)[0]
    if known.color not in {*ColourMode}:  # the parser of all options says that there is no such value
        known.color = ColourMode.AUTO
    return known


def with_text_last(argv: Sequence[str]) -> list[str]:
    """The words of a command line; in ``fanion log search``, what is looked for stands last, behind ``--``.

    So it may begin with a dash, as a reference number or a part of an id can. Other command lines stay as they are.
    """
    options, texts = list[str](), list[str]()
    remaining = list(argv)
    while remaining:
        word = remaining.pop(0)
        if word == "--":
            texts += remaining
            break
        follows = _SEARCH_OPTIONS.get(word)
        if follows is None and not (word.startswith("--") and _SEARCH_OPTIONS.get(word.partition("=")[0])):
            texts.append(word)
            continue
        options += [word, *remaining[:1]] if follows else [word]
        remaining = remaining[1:] if follows else remaining
    command, text = texts[:2], texts[2:]
    return [*command, *options, "--", *text] if command == ["log", "search"] else list(argv)
