"""The roster of practice phones."""

from __future__ import annotations

import contextlib
from pathlib import Path

from core.jobs import Cancel
from core.phones.connect import Reach
from core.rounds.practice import practice_roster
from core.rounds.roster.identifiers import serial_of
from core.simulator import PracticeServer, load
from core.simulator.scenario_list import names
from tests.unit.rounds.lists import WHEN


def test_every_practice_phone_is_on_it_once() -> None:
    lines = practice_roster(WHEN).lines
    assert len(lines) == len(names("android")) + len(names("ios"))
    assert len({line.serial for line in lines}) == len(lines)
    assert len({line.unit for line in lines}) > 1
    assert practice_roster(WHEN) == practice_roster(WHEN)


def test_a_practice_phone_is_known_by_what_it_tells(tmp_path: Path) -> None:
    with PracticeServer(load("walk-up"), pace=0.0) as phone:
        driver = Reach(tmp_path, "Desk 4").address("127.0.0.1", phone.port, Cancel())
        with contextlib.closing(driver):
            told = driver.identity(Cancel()).serial
    assert serial_of(told) in {line.serial for line in practice_roster(WHEN).lines}
