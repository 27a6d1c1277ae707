"""``fanion practice``: serve a practice phone on this computer, for any ADB client."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import Any

from core import words
from core.cli import terminal
from core.desk import Desk
from core.model import Problem
from core.phones import practice
from core.phones.practice import PracticeServer, Question
from core.phones.practice.server import AnswerTo
from core.text import T


class PortTaken(Problem):
    """Something else listens there."""

    code = "port-taken"
    exit_code = 2

    def __init__(self, port: int, detail: str) -> None:
        super().__init__(
            T("The practice phone cannot be reached at port {port}: something else uses it.", port=port),
            T("Choose another port, or leave --port out."),
            detail,
        )


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("practice", parents=[common], help=str(T("serve a practice phone on this computer")))
    parser.add_argument(
        "--scenario",
        choices=practice.scenarios(),
        metavar=str(T("NAME")),
        help=str(T("the scenario; without it, a list of them")),
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help=str(T("where it answers; 0 is any free port"))
    )
    parser.add_argument(
        "--allow",
        action="store_true",
        help=str(T("let every computer in; without it the question is asked here, and nobody here means no")),
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, desk: Desk) -> int:
    if options.scenario is None:
        for name in practice.scenarios():
            scenario = practice.load(name)
            terminal.out(words.pair(name, scenario.title), f"    {scenario.description}")
        return 0
    over = threading.Event()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: over.set())
    answer: AnswerTo = "allow" if options.allow else _ask
    try:
        server = PracticeServer(practice.load(options.scenario), port=options.port, answer=answer)
    except OSError as error:
        raise PortTaken(options.port, str(error)) from error
    with server:
        terminal.out(
            T("A practice phone answers at {address}. It is not a real phone.", address=server.address),
            T("Check it: fanion check --connect {address}. End it with Ctrl-C.", address=server.address),
        )
        sys.stdout.flush()
        while not over.wait(1.0):  # a bare wait would keep Windows from seeing Ctrl-C
            pass
    return 0


def _port(typed: str) -> int:
    if not typed.isdecimal() or int(typed) > 65535:
        raise argparse.ArgumentTypeError(str(T("a port is a number from 0 to 65535")))
    return int(typed)


def _ask(question: Question) -> bool:
    """The phone's question, asked in the terminal."""
    return terminal.confirmed(
        T("Allow USB debugging for {name} ({fingerprint})?", name=question.name, fingerprint=question.fingerprint)
    )
