"""The grammar of the command line: of what was not typed no parser is made, and nobody notices."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import text
from core.cli import arguments
from core.cli.arguments import COMMANDS, EVERY

ROOT = Path(__file__).resolve().parents[3]


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands or the actions that a parser knows."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def ways(parser: argparse.ArgumentParser, *typed: str) -> Iterator[tuple[str, ...]]:
    """Every command with its actions, as they are typed."""
    yield typed
    for name, parser_below in below(parser).items():
        yield from ways(parser_below, *typed, name)


WHOLE = arguments.parser(EVERY)
#: Each command, each action, and nothing at all.
WAYS = list(ways(WHOLE))


def at(parser: argparse.ArgumentParser, way: tuple[str, ...]) -> argparse.ArgumentParser:
    for name in way:
        parser = below(parser)[name]
    return parser


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_the_help_is_that_of_the_whole_grammar(language: text.Language) -> None:
    text.use(language)
    whole = arguments.parser(EVERY)
    for way in WAYS:
        typed = at(arguments.parser([*way, "--help"]), way)
        assert (typed.prog, typed.format_help()) == (at(whole, way).prog, at(whole, way).format_help()), way


@pytest.mark.parametrize("words", [["log", "lsit"], ["log"], ["chekc"], ["policy", "sign"], ["policy", "sign", "no"]])
def test_what_is_wrong_is_told_as_by_the_whole_grammar(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    answers = []
    for parser in (arguments.parser(EVERY), arguments.parser(words)):
        with pytest.raises(SystemExit) as end:
            parser.parse_args(words)
        answers.append((end.value.code, capsys.readouterr()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 2


def test_a_value_that_is_called_as_a_command_is_a_value() -> None:
    parsed = arguments.parser(["log", "search", "--", "check"]).parse_args(["log", "search", "--", "check"])
    assert (parsed.command, parsed.action, parsed.text) == ("log", "search", "check")


@pytest.mark.parametrize(
    ("words", "most"), [(["--version"], 2), (["check", "--practice", "walk-up"], 3), (["log", "list", "--json"], 4)]
)
def test_only_what_was_typed_gets_a_parser(words: list[str], most: int) -> None:
    parser = arguments.parser(words)
    made = {id(at(parser, way)) for way in ways(parser)}
    assert len(made) <= most  # Fanion itself, what all commands take, the command, its action


def test_every_command_has_a_parser_where_all_are_wanted() -> None:
    assert set(below(WHOLE)) == set(COMMANDS)
    assert {"list", "search", "verify"} <= set(below(at(WHOLE, ("log",))))
    assert all("--data" in at(WHOLE, way).format_help() for way in WAYS)


def test_the_version_is_told_without_what_phones_and_logs_need(tmp_path: Path) -> None:
    program = """if True:
        import sys
        from gui.__main__ import main
        sys.argv = ["fanion", "--data", sys.argv[1], "--version"]
        try:
            main()
        except SystemExit:
            later = ("core.model", "core.phones", "core.ledger.records", "cryptography", "msgspec", "sqlite3")
            print(*(module for module in later if module in sys.modules))
    """
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    version, later = done.stdout.splitlines()
    assert version.startswith("fanion ")
    assert later == ""
