"""``fanion kiosk``: what stands in a settings file for the password that leaves the kiosk."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Final

from core.cli import terminal
from core.cli.arguments import JSON, declare
from core.desk.desk import Desk
from core.model import Problem
from core.system.password import LONGEST, SHORTEST, hash_of
from core.text import T

_TRIES: Final = 3


class NoPassword(Problem):
    """No password was chosen."""

    code = "no-password"
    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            T("No password was chosen for the kiosk."), T("Run the command again, and type the same password twice.")
        )


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(parser, run, JSON)


def run(options: argparse.Namespace, desk: Desk) -> int:
    hashed = hash_of(_chosen())
    return terminal.answer(options, {"kiosk_password": hashed}, f'kiosk_password = "{hashed}"')


def _chosen() -> str:
    """The password, typed twice into a terminal; the first line of what is piped in. Raises NoPassword."""
    if not sys.stdin.isatty():
        typed = sys.stdin.readline(LONGEST + 1).rstrip("\r\n")
        if not SHORTEST <= len(typed) <= LONGEST:
            raise NoPassword
        return typed
    for _ in range(_TRIES):
        typed = getpass.getpass(f"{T('Password that leaves the kiosk:')} ")
        if not SHORTEST <= len(typed) <= LONGEST:
            terminal.say(T("Choose one of {least} to {most} characters.", least=SHORTEST, most=LONGEST))
        elif typed == getpass.getpass(f"{T('The same again:')} "):
            return typed
        else:
            terminal.say(T("The two are not the same."))
    raise NoPassword
