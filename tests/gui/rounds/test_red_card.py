"""The card of red phones: how many banned apps, whose phone it is, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from core.model import Verdict
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.model import RosterLine, SeenPhone
from gui.rounds.cards.red_card import RedCard
from tests.gui.conftest import texts

Red = Callable[..., PhoneCoverage]


@pytest.fixture
def red(today: date) -> Red:
    """Makes a red phone, seen in January of this year, whose days are said without it."""
    noon = datetime(today.year, 1, 20, 12).astimezone()
    return partial(seen_red, noon)


def seen_red(time: datetime, serial: str, holder: str = "", **more: object) -> PhoneCoverage:
    seen = SeenPhone(1, time, "Desk 4", "A. Roy", Verdict.RED, serial=serial, phone="POCO X3", **more)  # type: ignore[arg-type]
    return PhoneCoverage(RosterLine(1, serial=serial, holder=holder, unit="Field"), (seen,))


def shown(qtbot: QtBot, *phones: PhoneCoverage, waiting: bool = False) -> list[str]:
    card = RedCard(lambda: None)
    qtbot.addWidget(card)
    card.show_phones(phones, {"HERE000001"}, waiting=waiting)
    card.show()
    return texts(card)


def test_each_says_where_it_is_as_far_as_that_is_known(qtbot: QtBot, red: Red) -> None:
    said = shown(
        qtbot,
        red("HERE000001", "Samuel Okafor", banned=6),
        red("AWAY000001", "Ève Lapointe", banned=1, handed_back=True),
        red("AWAY000002", handed_back=True, reason="kept by IT"),
    )
    assert {"6 banned", "Samuel Okafor", "POCO X3 · Field", "at the desk now"} <= set(said)
    assert "handed back, 20 Jan" in said
    assert "handed back, 20 Jan: kept by IT" in said
    assert "Banned app seen" in said  # an officer saw it where the check had found none
    assert "POCO X3 · 0002" in said
    assert "not handed back, 20 Jan" in shown(qtbot, red("AWAY000003", banned=2))


def test_none_is_said_only_where_all_are_known(qtbot: QtBot) -> None:
    assert "None is red." in shown(qtbot)
    assert "None is red." not in shown(qtbot, waiting=True)
