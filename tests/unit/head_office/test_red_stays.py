"""What a desk has on record as red is red at head office: whatever broke its check off, whatever its clock said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.head_office.questions import dashboard
from core.head_office.questions.counting import Scope
from core.head_office.questions.questions import ask
from core.head_office.verification.store_verification import verify_store
from core.ledger.records import BansSeen, CheckEnded, CheckStarted
from core.ledger.records.check import SeenBan
from core.model import Labels, Phone
from core.text import Bilingual, T
from tests.unit.head_office.conftest import POLICY, Desk, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

SCOPE = Scope(date(2026, 11, 20), date(2026, 11, 30))
PHONE = "R58N12ABCDE"


def numbers(office: Office) -> tuple[int, int, int]:
    whole = dashboard.dashboard(office.store, SCOPE).whole
    return whole.green, whole.amber, whole.red


def sound(office: Office) -> bool:
    return not verify_store(office.store).faults


def broken_off(desk: Desk, visit: str = "broken off") -> None:
    """A check in which a banned app was seen, and of which nothing more is on record."""
    about = {"visit": visit, "policy": POLICY, "labels": Labels(), "phone": Phone("android", "s", "A5", "14", PHONE)}
    desk.ledger.append(CheckStarted(T("over USB")), **about)  # type: ignore[arg-type]
    apps = (SeenBan(Bilingual("WeChat", "WeChat"), "com.tencent.mm", 0),)
    desk.ledger.append(BansSeen(apps=apps, counted=1), seal=True, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize("green_before", [True, False])
def test_of_a_check_that_was_broken_off_stays_what_had_been_seen(
    office: Office, open_desk: OpenDesk, green_before: bool
) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(first, second)
    if green_before:
        first.check(PHONE)
        second.clock.now = first.clock.now + timedelta(days=3)
    broken_off(second)
    office.merge(first.bundle(), second.bundle()) if green_before else office.merge(second.bundle())
    assert numbers(office) == (0, 0, 1)
    assert sound(office)
    second.ledger.erase_records(range(1, second.ledger.count() + 1), "asked for", consent=True)
    office.merge(second.bundle())
    assert numbers(office) == (0, int(green_before), 1), "erased, it is red still, and of no phone"
    assert sound(office)


def test_once_the_end_of_the_check_has_come_that_counts(office: Office, open_desk: OpenDesk) -> None:
    """In another bundle or in the same one, where it is counted once."""
    desk = open_desk()
    office.enrol(desk)
    broken_off(desk, "v1")
    office.merge(desk.bundle())
    desk.check(PHONE, visit="v1")
    broken_off(desk, "v2")
    desk.check(PHONE, visit="v2")
    office.merge(desk.bundle())
    assert numbers(office) == (1, 0, 0)
    assert sum(row["checks"] for row in ask(office.store, "coverage", SCOPE.first, SCOPE.last)) == 3
    assert sound(office)


@pytest.mark.parametrize("back", [timedelta(days=2), timedelta(days=30), timedelta(days=2500)])
@pytest.mark.parametrize("in_two", [True, False])
def test_a_clock_that_fell_back_hides_no_red(
    office: Office, open_desk: OpenDesk, back: timedelta, in_two: bool
) -> None:
    """The day of a check is not before that of what stands before it in its log."""
    desk, other = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(desk, other)
    desk.check(PHONE)
    other.clock.now = desk.clock.now - timedelta(hours=20)
    other.check(PHONE)
    if in_two:
        office.merge(desk.bundle())
    desk.clock.now -= back
    desk.check(PHONE, banned=True)
    desk.clock.now += back
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle(), other.bundle())
    assert numbers(office) == (1, 0, 1)
    assert [row["red"] for row in ask(office.store, "coverage", SCOPE.first, SCOPE.last)][-1] == 1
    assert sound(office)


@pytest.mark.parametrize("after", [False, True])
def test_a_verdict_that_is_not_known_is_amber(office: Office, open_desk: OpenDesk, after: bool) -> None:
    desk = open_desk()
    office.enrol(desk)
    if after:
        desk.check(PHONE)
    about = {"visit": "v9", "policy": POLICY, "labels": Labels(), "phone": Phone("android", "s", "A5", "14", PHONE)}
    ended = CheckEnded(verdict="violet", products=0, bans=0, findings=0, apps=90, profiles=1, took_ms=800)
    desk.ledger.append(ended, seal=True, **about)  # type: ignore[arg-type]
    office.merge(desk.bundle())
    assert numbers(office) == (0, 1, 0)
