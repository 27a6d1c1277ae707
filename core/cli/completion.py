"""``fanion completion``: the script that lets a shell complete fanion's commands and options."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli import terminal
from core.desk.desk import Desk
from core.text import T

SHELLS = ("bash", "zsh", "tcsh")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "completion", parents=[common], help=str(T("print a completion script: fanion completion bash"))
    )
    parser.add_argument("shell", choices=SHELLS, help=str(T("the shell it is for")))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    import shtab

    from core import cli

    terminal.out(shtab.complete(cli.parser(), shell=options.shell))
    return 0
