"""Practice phones for the command line, and who is at the keyboard."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from core.phones.watch import Sighting
from core.simulator import PracticeServer, Scenario, load
from tests.command import Answer as Answer
from tests.unit.conftest import Fanion as Fanion

Serve = Callable[[str | Scenario], PracticeServer]


@pytest.fixture
def phone() -> Iterator[Serve]:
    """Practice phones that go on living between two commands: ``phone("walk-up").address``."""
    with ExitStack() as served:

        def serve(scenario: str | Scenario) -> PracticeServer:
            made = load(scenario) if isinstance(scenario, str) else scenario
            return served.enter_context(PracticeServer(made, pace=0.0))

        yield serve


@pytest.fixture
def at_keyboard(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Has somebody, or nobody, be at the keyboard."""
    return lambda there: monkeypatch.setattr(sys.stdin, "isatty", lambda: there, raising=False)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Sighting]], None]:
    """Has these phones, and no others, be plugged in."""

    def see(plugged: list[Sighting]) -> None:
        for command in ("visiting", "phones"):
            monkeypatch.setattr(f"core.cli.{command}.look", lambda iphones: plugged)

    return see
