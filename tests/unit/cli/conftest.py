"""The command line as all of its tests use it: in this process, with a data folder and practice phones."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core import text
from core.cli import main
from core.phones.watch import Sighting
from core.simulator import PracticeServer, Scenario, load


class Answer(NamedTuple):
    """The exit code of a command, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Fanion = Callable[..., Answer]
Serve = Callable[[str | Scenario], PracticeServer]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, which is not there yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("FANION_DATA", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return folder


@pytest.fixture
def fanion(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Fanion]:
    """Runs commands: ``fanion("log", "list")``. Nobody is at the keyboard, but something may be typed beforehand."""
    before = text.language()

    def run(*words: object, typed: str = "", probes: Sequence[Any] = ()) -> Answer:
        if typed:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        try:
            code = main([str(word) for word in words], probes)
        except SystemExit as end:  # argparse's way out
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    monkeypatch.setattr("sys.stdin", io.StringIO())
    yield run
    text.use(before)


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
