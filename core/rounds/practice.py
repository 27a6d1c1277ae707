"""A roster of the practice phones, so that a whole round can be learnt without a real one."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from core.rounds.model import Roster, RosterLine
from core.rounds.roster.identifiers import serial_of
from core.simulator import scenario_list
from core.text import T

#: Phones of each unit.
_IN_UNIT: Final = 8
SOURCE: Final = "practice"


def practice_roster(brought_at: datetime) -> Roster:
    """Every practice phone, under the serial number that it tells; of made-up holders in made-up units."""
    serials = [scenario_list.serial(name) for name in scenario_list.every()]
    lines = tuple(
        RosterLine(
            line=number,
            serial=serial_of(serial),
            tag=f"PRACTICE-{number:02}",
            holder=str(T("Practice holder {number}", number=number)),
            unit=str(T("Practice unit {number}", number=(number - 1) // _IN_UNIT + 1)),
        )
        for number, serial in enumerate(serials, 1)
    )
    serial_text = "\n".join(line.serial for line in lines)
    return Roster(lines, SOURCE, hashlib.sha256(serial_text.encode()).hexdigest(), brought_at)
