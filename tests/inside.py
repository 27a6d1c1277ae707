"""What tests have to reach inside of the product for, each in one place."""

from __future__ import annotations

import argparse
from collections.abc import Container, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

from sqlite_utils import Database

from core import text
from core.cli import arguments
from core.ledger.file import entry_reader
from core.ledger.writer import Ledger


def database_of(ledger: Ledger) -> Database:
    """The SQLite connection of a ledger: to hold its lock, to break its file, or to listen to its statements."""
    return ledger._database


def clock_of(ledger: Ledger) -> Any:
    """What a ledger takes the time from."""
    return ledger._clock


def forget_entries() -> None:
    """Have every entry be read anew, as by a program that has just started."""
    entry_reader._cached_contents.clear()


_make_parser = arguments.parser


@cache
def _parser(language: str, commands: frozenset[str]) -> argparse.ArgumentParser:
    return _make_parser(commands)


@contextmanager
def cached_command_line() -> Iterator[None]:
    """Make the parser of a command once in each language: most of a short command's time goes into that."""

    def cached(words: Container[str] = arguments.COMMANDS) -> argparse.ArgumentParser:
        return _parser(text.language(), frozenset(name for name in arguments.COMMANDS if name in words))

    with mock.patch.object(arguments, "parser", cached):
        yield
