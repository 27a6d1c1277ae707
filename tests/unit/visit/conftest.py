"""Visits of practice phones, each with a log of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from core.desk.serial_numbers import SerialNumbers
from core.jobs import Cancel
from core.ledger.writer import Ledger
from core.model import Policy
from core.phones.connect import Reach
from core.phones.driver import Driver
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.simulator.model.scenario import Scenario
from core.visit.visit import Visit


@pytest.fixture
def practice_ledger(tmp_path: Path) -> Iterator[Ledger]:
    path = tmp_path / "practice-ledger.db"
    with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test", practice=True) as ledger:
        yield ledger


@dataclass
class Road:
    """The road to one practice phone, by which it is opened anew."""

    server: PracticeServer
    reach: Reach
    policy_in_force: Policy
    open_ledger: Ledger
    reopens: bool = True
    practice: bool = True
    names: None = None
    serials: SerialNumbers = field(default_factory=SerialNumbers)
    zone: tzinfo = UTC

    def policy(self) -> Policy:
        return self.policy_in_force

    def open(self, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        return self.reach.address("127.0.0.1", self.server.port, cancel, asked)

    def ledger(self, practice: bool, policy: Policy) -> Ledger:
        return self.open_ledger

    def is_blind(self, *about: object) -> bool:
        return False

    def listed_otherwise(self, *about: object) -> None:
        return None

    def close(self) -> None:
        pass


Checked: TypeAlias = Callable[..., tuple[Visit, PracticeServer]]


@pytest.fixture
def checked(practice_ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checked]:
    """A visit of the practice phone of that name or scenario, checked once; `policy` are values of the one that judges
    it."""
    opened: list[Any] = []
    reach = Reach(tmp_path_factory.mktemp("keys"), "Desk 4")

    def begin(scenario: str | Scenario = "clean", **policy: Any) -> tuple[Visit, PracticeServer]:
        server = PracticeServer(load(scenario) if isinstance(scenario, str) else scenario, pace=0.0)
        in_force = replace(policy_file.load_built_in("canada"), **policy)
        visit = Visit(Road(server, reach, in_force, practice_ledger))
        opened.extend((closing(visit), closing(server)))
        visit.check(Cancel())
        return visit, server

    yield begin
    for one in opened:
        one.__exit__()
