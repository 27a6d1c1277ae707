"""``fanion completion``: the script that lets a shell complete fanion's commands and options."""

from __future__ import annotations

import argparse

import shtab

from core.cli import terminal
from core.cli.arguments import parser
from core.desk.desk import Desk
from core.text import T

SHELLS = ("bash", "zsh", "tcsh")


def add_arguments(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    command.add_argument("shell", choices=SHELLS, help=str(T("the shell it is for")))
    command.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    terminal.out(shtab.complete(parser(), shell=options.shell))
    return 0
