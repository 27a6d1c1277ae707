"""``fanion practice``: serve a practice phone on this computer, for any ADB client, or any program for iPhones."""

from __future__ import annotations

import argparse
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Final

from core import value_names
from core.cli import terminal
from core.cli.arguments import argument, declare, flag
from core.desk.desk import Desk
from core.model import Problem, platforms
from core.simulator import AllowQuestion, PracticeServer, load, scenario_list
from core.simulator.adb.server import AnswerTo
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from core.text import T


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    scenario = T("the scenario; without it, a list of them")
    declare(
        parser,
        run,
        argument("--scenario", scenario, T("NAME"), choices=scenario_list.every()),
        argument("--port", T("where it answers; 0 is any free port"), "N", type=_port, default=0),
        flag("--allow", T("let every computer in; without it the question is asked here, and no answer means no")),
    )


def run(options: argparse.Namespace, desk: Desk) -> int:
    if options.scenario is None:
        _list_phones()
        return 0
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _SERVE[platforms.of(scenario_list.platform(options.scenario)).protocol](options)
    return 0


def _list_phones() -> None:
    """Print every practice phone, group by group as the window offers them."""
    for group, phones in groupby(scenario_list.offers().values(), lambda offer: offer.group):
        terminal.out(group.heading)
        for offer in phones:
            terminal.out(f"  {value_names.pair(offer.name, offer.title)}", f"      {offer.sentence}")


@contextmanager
def _opening(port: int) -> Iterator[None]:
    """Around what opens a server's port. Raises Problem where something else uses it."""
    try:
        yield
    except OSError as error:
        raise Problem(
            T("The practice phone cannot be reached at port {port}: something else uses it.", port=port),
            T("Choose another port, or leave --port out."),
            str(error),
            code="port-taken",
            exit_code=2,
        ) from error


def _serve_iphone(options: argparse.Namespace) -> None:
    """Serve the iPhone until KeyboardInterrupt. Raises Problem where its port is taken."""
    phone = PracticeIphone(load_iphone(options.scenario))
    if options.allow:
        phone.unlock()
        phone.trust()
    with _opening(options.port):
        server = MuxServer(phone, port=options.port)
    with server:
        terminal.out(
            T("A practice iPhone answers at {address}. It is not a real phone.", address=server.address),
            T("Any program for iPhones finds it with USBMUXD_SOCKET_ADDRESS={address}.", address=server.address),
            T("End it with Ctrl-C."),
        )
        terminal.flush()
        never = threading.Event()
        while not never.wait(1.0):  # a bare wait would keep Windows from seeing Ctrl-C
            pass


def _serve(options: argparse.Namespace) -> None:
    """Serve the phone, and ask its questions, until KeyboardInterrupt. Raises Problem where its port is taken."""
    questions = _Questions()
    answer: AnswerTo = "allow" if options.allow else questions.put
    with _opening(options.port):
        server = PracticeServer(load(options.scenario), port=options.port, answer=answer)
    with server:
        terminal.out(
            T("A practice phone answers at {address}. It is not a real phone.", address=server.address),
            T("Check it: fanion check --connect {address}. End it with Ctrl-C.", address=server.address),
        )
        terminal.flush()
        while True:
            questions.ask_next()


#: How a practice phone is served, by the protocol of its platform.
_SERVE: Final[Mapping[str, Callable[[argparse.Namespace], None]]] = {
    "adb": _serve,
    "usbmux": _serve_iphone,
}


def _port(typed: str) -> int:
    if not typed.isdecimal() or int(typed) > 65535:
        raise argparse.ArgumentTypeError(str(T("a port is a number from 0 to 65535")))
    return int(typed)


class _Questions:
    """The phone's questions on their way to the terminal.

    They come on the server's threads, one for each computer. Only the main thread may ask: the others must not touch
    signals, and two of them would take each other's answers.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[AllowQuestion, Future[bool]]] = queue.SimpleQueue()

    def put(self, question: AllowQuestion) -> bool:
        """The answer to `question`, once it was given; no if it is withdrawn. Called on a thread of the server's."""
        answer: Future[bool] = Future()
        self._waiting.put((question, answer))
        while not question.withdrawn.is_set():
            with suppress(TimeoutError):
                return answer.result(0.5)
        return False

    def ask_next(self) -> None:
        """Ask the question that came first, in the terminal; come back after a while if there is none."""
        try:
            question, answer = self._waiting.get(timeout=1.0)  # a bare wait would keep Windows from seeing Ctrl-C
        except queue.Empty:
            return
        if not question.withdrawn.is_set():
            text = T(
                "Allow USB debugging for {name} ({fingerprint})?", name=question.name, fingerprint=question.fingerprint
            )
            answer.set_result(terminal.confirmed(text))
