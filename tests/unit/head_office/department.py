"""A small department: desks that have checked phones over some weeks, two laptops of one round, and what head office
has merged of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.head_office.bundles import layout
from core.ledger.records import RoundBegun
from core.model import Return
from tests.unit.head_office.conftest import NOW, Desk, Office, desks_in

UNITS = ("Field operations", "Regional office, Québec", "Minister’s office", "Human resources", "Finance", "Legal")
#: Phones of the round's roster, of which the laptops have seen so many.
LISTED, SEEN = 60, 44
_WEEKS = 4
_STATES = (Return.BLOCKED, Return.POSSIBLE, Return.UNKNOWN)


def serial(number: int) -> str:
    return f"R58N1{number:06d}"


def merged_store(folder: Path) -> Path:
    """A store with all of it in `folder`."""
    office = Office(folder)
    start = NOW - timedelta(weeks=_WEEKS)
    with desks_in(folder) as open_desk:
        desks = [open_desk(f"Desk {at}", start=start) for at in range(1, 4)]
        laptops = [open_desk(f"Laptop {at}", start=start) for at in (1, 2)]
        silent = open_desk("Québec 2", start=NOW - timedelta(days=150))
        silent.check(serial(900))
        _walk_ups(desks)
        for at, laptop in enumerate(laptops):
            begun = RoundBegun(
                round=f"r{at}", name="Autumn round 2026", first="2026-11-01", last="2026-12-18", policy="ca-tbs"
            )
            laptop.ledger.append(begun, seal=True)
        for number in range(SEEN):
            laptop = laptops[number % 2]
            laptop.clock.now = _on(7 + number // 2, laptop)
            told = {"tiktok": _STATES[number % 5 % 3], "wechat": _STATES[number % 7 % 3]}
            phone = {"removed": number % 22 == 3, "tag": f"DRH-{number:04}", "returns": told}
            laptop.check(serial(number), banned=number % 11 == 3, **phone)
        office.enrol(*desks, *laptops, silent)
        extra = [{"coverage.jsonl": _roster(f"r{at}")} for at in range(2)]
        bundles = [
            *(desk.bundle() for desk in (*desks, silent)),
            *(laptop.bundle(extra=one) for laptop, one in zip(laptops, extra, strict=True)),
        ]
        made = office.merge(*bundles)
        assert not made.refused, made.refused
    return office.store


def _walk_ups(desks: list[Desk]) -> None:
    """Each desk has some phones a day; one product is removed, and comes back at another desk."""
    for day in range(1, 7 * _WEEKS - 3, 2):
        for at, desk in enumerate(desks):
            desk.clock.now = _on(day, desk)
            for turn in range(2 + (day + at) % 3):
                number = 100 + (day * 7 + at * 3 + turn) % 40
                desk.check(serial(number), banned=number % 13 == 0, removed=number % 26 == 0)


def _on(day: int, desk: Desk) -> datetime:
    """A moment of the day so many days after the start, never before the desk's last one."""
    wanted = datetime(2026, 10, 30, 9, tzinfo=UTC) + timedelta(days=day)
    return max(wanted, desk.clock.now)


def _roster(number: str) -> bytes:
    lines = [
        {"round": number, "serial": serial(at), "unit": UNITS[(at * 7 + at // 3) % len(UNITS)], "seen": None}
        for at in range(LISTED)
    ]
    return b"".join(map(layout.json_line, lines))
