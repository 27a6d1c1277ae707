"""A phone that was here before: what the log says of its last visit, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.ledger.records import CheckEnded, Entry
from core.model import Gap, Phone
from core.text import T
from core.visit.greeting import greeting
from tests.unit.reports.conftest import GAP, PHONE, Desk, MakeDesk, finding
from tests.unit.reports.conftest import make_desk as make_desk
from tests.unit.visit.conftest import Checked

WECHAT, TIKTOK = finding(), finding("TikTok", "com.zhiliaoapp.musically")


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def later(desk: Desk, days: float) -> datetime:
    """So many days after what is newest in the log."""
    return desk.ledger.newest(1)[0].time + timedelta(days=days)


def said(desk: Desk, days: float = 12, **more: object) -> str:
    return str(greeting(desk.ledger, desk.phone, now=later(desk, days), **more))  # type: ignore[arg-type]


def removed(desk: Desk, *left: object, gaps: tuple[Gap, ...] = ()) -> Entry:
    """A visit in which WeChat was removed."""
    desk.visit().check(WECHAT, *left)  # type: ignore[arg-type]
    desk.remove("com.tencent.mm")
    return desk.check(*left, gaps=gaps)  # type: ignore[arg-type]


def test_what_was_removed_then_is_said(desk: Desk) -> None:
    removed(desk)
    assert said(desk) == "Checked 12 days ago: WeChat was removed then."
    found = greeting(desk.ledger, desk.phone, now=later(desk, 12))
    assert found is not None
    assert (
        found.in_language("fr").replace("\u00a0", " ") == "Vérifié il y a 12 jours : WeChat avait alors été supprimée."
    )


def test_that_it_is_back_is_said(checked: Checked, desk: Desk) -> None:
    removed(desk)
    visit, _ = checked("walk-up")
    assert said(desk, check=visit.last_check) == "Checked 12 days ago: WeChat was removed then. It is back."


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "earlier today"),
        (1, "yesterday"),
        (2, "2 days ago"),
        (59, "59 days ago"),
        (61, "2 months ago"),
        (800, "2 years ago"),
    ],
)
def test_how_long_ago_is_said_in_words(desk: Desk, days: int, words: str) -> None:
    desk.visit().check()
    assert said(desk, days) == f"Checked {words}: no banned app was found."
    assert said(desk, -3).startswith("Checked earlier today")  # a clock that was set back


def test_what_was_left_or_not_seen_is_said(desk: Desk) -> None:
    removed(desk, gaps=(GAP,))
    assert said(desk) == "Checked 12 days ago: WeChat was removed then."
    removed(desk, TIKTOK, gaps=(GAP,))
    assert said(desk) == "Checked 12 days ago: 1 banned app was left on it."
    desk.visit().check(TIKTOK)
    assert said(desk) == "Checked 12 days ago: 1 banned app was left on it."
    desk.visit().check(gaps=(GAP,))
    assert said(desk) == "Checked 12 days ago: no banned app was found, but not everything could be checked."


def test_what_the_last_check_could_not_see_is_not_said_to_be_removed(desk: Desk) -> None:
    removed(desk, gaps=(Gap(T("Not seen."), T("Look."), 0),))
    assert "removed" not in said(desk)


def test_only_the_last_of_the_earlier_visits_counts_and_never_the_present_one(desk: Desk) -> None:
    removed(desk)
    desk.visit().check()
    assert said(desk) == "Checked 12 days ago: no banned app was found."
    assert said(desk, visit="visit-2") == "Checked 12 days ago: WeChat was removed then."


@pytest.mark.parametrize(
    "phone",
    [
        Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDF"),
        Phone("android", "samsung", "SM-S901U", "14", PHONE.serial),
        Phone("android", "samsung", "SM-S901W", "14", ""),
        Phone("android", "samsung", "SM-S901W", "14", "0123456789ABCDEF"),
    ],
)
def test_another_phone_is_not_greeted(desk: Desk, phone: Phone) -> None:
    removed(desk)
    desk.phone = Phone("android", "samsung", "SM-S901W", "14", "0123456789ABCDEF")
    desk.visit().check()
    assert greeting(desk.ledger, phone) is None


def test_a_phone_whose_values_were_erased_is_not_known_any_more(desk: Desk) -> None:
    removed(desk)
    desk.ledger.erase_records([e.seq for e in desk.ledger.entries()], "asked for", consent=True)
    assert greeting(desk.ledger, desk.phone) is None


def test_a_visit_greets_its_own_phone_once_it_was_handed_in_again(checked: Checked) -> None:
    visit, _ = checked("walk-up")
    assert visit.greeting() is None
    assert visit.last_check is not None
    phone = visit.last_check.inventory.phone
    assert str(greeting(visit.journal.ledger, phone)).startswith("Checked earlier today: ")
    assert visit.greeting(phone) is None  # it is this visit's own check


def test_a_record_that_is_no_check_of_ours_says_nothing(desk: Desk) -> None:
    desk.visit().write(
        CheckEnded(verdict="of a later version", bans=0, products=0, findings=0, apps=0, profiles=0, took_ms=0)
    )
    assert said(desk) == "Checked 12 days ago: its verdict is not known."
