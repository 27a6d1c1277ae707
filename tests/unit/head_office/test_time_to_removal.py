"""How long it took from the first red of a phone to the check that read back that the product is gone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.head_office.questions.questions import ask
from core.ledger.records import CheckEnded, RemovalIntended, RemovalOutcome
from core.model import Labels, Phone, Verdict
from core.text import T
from tests.unit.head_office.conftest import POLICY, Desk, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 30)
PHONE = "R58N12ABCDE"
DAY = timedelta(days=1)
#: A check of the phone that found nothing, and has not seen everything.
AMBER = CheckEnded(verdict=Verdict.AMBER, products=0, bans=0, findings=0, apps=9, profiles=1, took_ms=8, gaps_counted=1)
ABOUT: dict[str, Any] = {
    "visit": "v9",
    "policy": POLICY,
    "phone": Phone("android", "samsung", "SM-A546B", "14", PHONE),
    "labels": Labels(),
}


def told(office: Office, first: date = DAYS[0], last: date = DAYS[1]) -> tuple[Any, ...]:
    (row,) = ask(office.store, "time-to-removal", first, last)
    return row["found"], row["removed"], row["open"], row["longest_seconds"]


def merge(office: Office, *desks: Desk) -> None:
    office.enrol(*desks)
    assert not office.merge(*(desk.bundle() for desk in desks)).refused


def test_it_counts_from_the_first_red_at_any_desk_to_the_removal_read_back_at_another(
    office: Office, open_desk: OpenDesk
) -> None:
    first, second, third = (open_desk(f"Desk {at}") for at in (1, 2, 3))
    first.check(PHONE, banned=True)
    second.clock.now += DAY
    second.check(PHONE, banned=True)
    third.clock.now += 2 * DAY
    third.check(PHONE, banned=True, removed=True, visit="v1")
    third.check(PHONE, visit="v1")
    merge(office, first, second, third)
    found, removed, still, seconds = told(office)
    assert (found, removed, still) == (1, 1, 0)
    assert 2 * DAY.total_seconds() < seconds < 2 * DAY.total_seconds() + 60
    assert told(office, first=date(2026, 11, 26))[3] == seconds, "the first red counts, also before these days"


def test_what_the_phone_said_was_removed_is_open_until_a_check_has_read_it_back(
    office: Office, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    desk.check(PHONE, banned=True, removed=True)
    office.enrol(desk)
    office.merge(desk.bundle())
    assert told(office)[:3] == (1, 0, 1)
    desk.check(PHONE, banned=True)  # it was still there
    office.merge(desk.bundle())
    assert told(office)[:3] == (1, 0, 1)
    desk.check(PHONE)
    office.merge(desk.bundle())
    assert told(office)[:3] == (1, 1, 0)


def test_what_comes_back_is_found_a_second_time(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.check(PHONE)
    desk.check(PHONE, banned=True)
    desk.check(PHONE)
    desk.clock.now += DAY
    desk.check(PHONE, banned=True)
    merge(office, desk)
    assert told(office)[:3] == (2, 1, 1)


def test_another_phone_closes_nothing(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.check(PHONE, banned=True)
    desk.check("R58N12OTHER")
    desk.check("unknown", banned=True)
    desk.check("unknown")  # of another visit: it may be another phone
    merge(office, desk)
    assert told(office)[:3] == (2, 0, 2)


def test_a_check_that_did_not_see_everything_closes_nothing_by_itself(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    found = desk.check(PHONE, banned=True) - 1
    desk.ledger.append(AMBER, **ABOUT, seal=True)
    office.enrol(desk)
    office.merge(desk.bundle())
    assert told(office)[:3] == (1, 0, 1)
    # The step for it comes in another bundle than what it is for; not found after it, the app is gone.
    after = desk.ledger.newest_sizes(1)[0]
    intended = RemovalIntended(act="uninstall", package="com.tencent.mm", profile=0, finding=found)
    intent = desk.ledger.append(intended, **ABOUT).seq
    outcome = RemovalOutcome(outcome="done", means=T("done"), answer="Success", intent=intent)
    desk.ledger.append(outcome, **ABOUT, seal=True)
    desk.ledger.append(AMBER, **ABOUT, seal=True)
    assert office.merge(desk.bundle(after=after)).counted
    assert told(office)[:3] == (1, 1, 0)
