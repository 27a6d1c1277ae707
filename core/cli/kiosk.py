"""``fanion kiosk``: what stands in a settings file for the password that leaves the kiosk."""

from __future__ import annotations

import argparse
import sys

from core.cli import terminal
from core.cli.arguments import JSON, declare
from core.desk.desk import Desk
from core.model import Problem
from core.system.password import LONGEST, SHORTEST, hash_of
from core.text import T, Text


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(parser, run, JSON)


def run(options: argparse.Namespace, desk: Desk) -> int:
    hashed = hash_of(_chosen())
    return terminal.answer(options, {"kiosk_password": hashed}, f'kiosk_password = "{hashed}"')


def _chosen() -> str:
    """The password, typed twice into a terminal; the first line of what is piped in. Raises Problem."""
    if sys.stdin.isatty():
        typed = terminal.ask_new_secret(T("Password that leaves the kiosk:"), _fault)
    else:
        typed = sys.stdin.readline(LONGEST + 1).rstrip("\r\n")
    if typed is None or _fault(typed) is not None:
        raise Problem(
            T("No password was chosen for the kiosk."),
            T("Run the command again, and type the same password twice."),
            code="no-password",
            exit_code=2,
        )
    return typed


def _fault(typed: str) -> Text | None:
    """What is wrong with a password; None if nothing is."""
    if SHORTEST <= len(typed) <= LONGEST:
        return None
    return T("Choose one of {least} to {most} characters.", least=SHORTEST, most=LONGEST)
