"""``fanion completion``: the script that lets a shell complete fanion's commands and options."""

from __future__ import annotations

import argparse

import shtab

from core.cli import terminal
from core.cli.arguments import argument, declare, parser
from core.desk.desk import Desk
from core.text import T


def add_arguments(command: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    declare(command, run, argument("shell", T("the shell it is for"), choices=("bash", "zsh", "fish", "tcsh")))


def run(options: argparse.Namespace, desk: Desk) -> int:
    terminal.out(shtab.complete(parser(), shell=options.shell))
    return 0
