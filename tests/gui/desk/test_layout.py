"""The Desk page where room is short: no word of the verdict is cut, and notices leave room to the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.phones.driver import PhoneState
from gui.desk.bullet_list import LIMIT, Bullet, BulletList
from gui.desk.panels import Notice
from gui.toolkit.tables import FLAG_ROLE, Flag
from gui.toolkit.theme import Status
from tests.gui.conftest import MakeOffice, Office, texts

pytestmark = pytest.mark.slow

SIZES = [(1366, 768), (960, 520)]


def whole(label: QLabel) -> bool:
    return label.height() >= label.heightForWidth(label.width())


@pytest.mark.usefixtures("short_flood")
@pytest.mark.parametrize("scenario", ["walk-up", "unseen", "device-admin", "hostile", "unplugged"])
def test_no_word_of_the_verdict_is_cut(office: Office, scenario: str) -> None:
    office.window.desk_page.practise(scenario)
    office.idle()
    banner = office.banner
    words = (banner.headline, banner.sentence)
    for language in ("en", "fr"):
        for size in SIZES:
            where = f"{language}, {size}"
            office.window.resize(*size)
            office.until(lambda: all(one.isHidden() or whole(one) for one in words), where)
            assert banner.height() >= banner.layout().totalHeightForWidth(banner.width()), where
            for one in (banner.headline, banner.sentence, banner.remove, banner.again):
                if one.isVisible():
                    assert banner.rect().contains(one.mapTo(banner, one.rect().bottomRight())), f"{where}: {one}"
        office.window.switch_language()


@pytest.fixture(params=["en", "fr"])
def small(request: pytest.FixtureRequest, open_office: MakeOffice) -> Office:
    """A window on a screen of 1366 by 768 pixels at 200 %, in each language."""
    office = open_office(own={"language": request.param})
    office.window.setMinimumSize(1, 1)  # the screen of the tests is another one
    office.window.resize(683, 384)
    return office


def cut(within: QWidget) -> list[str]:
    """The buttons that do not show all of their words."""
    shown = [one for one in within.findChildren(QPushButton) if one.isVisible()]
    return [one.text() for one in shown if one.width() < one.sizeHint().width()]


def test_at_200_percent_the_bar_cuts_no_word(small: Office) -> None:
    bar = small.window.bar
    for name in small.window.nav:
        small.click(small.window.nav[name])
        small.until(lambda: not cut(bar))
        assert small.window.nav[name].text() == small.window.nav[name].accessibleName() != ""
        assert all(one.accessibleName() for one in (small.window.who, small.window.language))
        inside = bar.rect().adjusted(0, 0, 1, 1)
        assert all(inside.contains(one.geometry()) for one in bar.findChildren(QPushButton))
    small.window.resize(1366, 768)
    small.until(lambda: all(one.text() for one in (*small.window.nav.values(), small.window.who)))
    assert bar.brand.isVisible()


def test_the_bar_leaves_out_what_has_no_room_and_follows_the_language(small: Office) -> None:
    bar, window = small.window.bar, small.window
    for width in (683, 580, 640, 900):
        window.resize(width, 384)
        small.until(lambda: not cut(bar))
        before = window.nav["desk"].accessibleName()
        window.switch_language()
        small.until(lambda: not cut(bar))
        assert window.nav["desk"].accessibleName() != before
        assert window.nav["desk"].text() == window.nav["desk"].accessibleName()  # the page that is shown


def test_at_200_percent_the_banned_apps_are_in_sight(small: Office) -> None:
    small.plug("S1", "walk-up")
    small.until(lambda: small.banner.remove.isVisible())
    small.idle()
    table = small.page.apps.table
    for row in range(2):
        place = table.visualRect(table.model().index(row, 0))
        assert table.viewport().rect().contains(place.topLeft())
        assert table.viewport().rect().contains(place.bottomLeft())
    assert whole(small.banner.headline)
    assert not cut(small.page)
    assert small.window.desk_page.side.width() + small.page.width() <= small.window.width()
    small.press("Ctrl+R")
    small.until(small.page.plan.isVisible)
    assert not cut(small.page)
    assert small.page.plan.rect().contains(small.page.plan.do.geometry())
    small.window.resize(1366, 768)
    small.until(lambda: small.window.desk_page.heading.isVisible())
    assert small.window.desk_page.side.width() >= 240


def page_with(qtbot: QtBot, height: int, *bullets: Bullet) -> tuple[QWidget, Notice]:
    page, notice = QWidget(), Notice()
    column = QVBoxLayout(page)
    column.addWidget(notice)
    column.addStretch(1)
    qtbot.addWidget(page)
    page.resize(800, height)
    notice.tell(Status.AMBER, "What there is", bullets)
    with qtbot.waitExposed(page):
        page.show()
    return page, notice


LONG = Bullet(Status.AMBER, "A heading that says it. " * 12, ("And a line that says how, at some length. " * 8,))
SHORT = Bullet(Status.AMBER, "A heading", ("A line",))


def test_a_single_point_has_no_empty_strip_below(qtbot: QtBot) -> None:
    _, notice = page_with(qtbot, 900, SHORT)
    inside = notice.bullets.widget().layout()
    assert notice.bullets.height() <= inside.heightForWidth(notice.bullets.viewport().width()) + 3
    assert not notice.bullets.verticalScrollBar().maximum()


def test_the_first_point_is_whole_before_anything_scrolls(qtbot: QtBot) -> None:
    _, notice = page_with(qtbot, 700, LONG, *[SHORT] * 20)
    bullets = notice.bullets
    first = bullets.widget().layout().itemAt(0)
    assert bullets.verticalScrollBar().maximum() > 0
    assert bullets.viewport().height() >= first.layout().heightForWidth(first.geometry().width())


def test_notices_leave_most_of_a_low_page_to_the_rest(qtbot: QtBot) -> None:
    page, notice = page_with(qtbot, 900, *[SHORT] * 20)
    assert notice.height() > 0.15 * page.height()
    page.resize(800, 300)
    qtbot.waitUntil(lambda: notice.height() <= 0.4 * page.height())
    page.resize(800, 900)
    qtbot.waitUntil(lambda: notice.height() > 130)


def test_of_very_many_points_the_first_and_how_many_more(qtbot: QtBot) -> None:
    bullets = BulletList()
    qtbot.addWidget(bullets)
    bullets.show_bullets([SHORT] * (LIMIT + 7))
    bullets.show()
    assert texts(bullets).count("A heading") == LIMIT
    assert texts(bullets)[-1] == "And 7 more."
    bullets.show_bullets([SHORT] * LIMIT)
    assert texts(bullets)[-1] == "A line"


def test_what_can_be_ticked_is_never_left_out_and_shows_its_ampersand(qtbot: QtBot) -> None:
    bullets = BulletList()
    qtbot.addWidget(bullets)
    bullets.show_bullets([Bullet(Status.AMBER, "AT&T", tick=True)] * (LIMIT + 7))
    assert len(bullets.boxes) == LIMIT + 7
    assert bullets.boxes[0].text() == "AT&&T"


def test_two_phones_of_one_model_are_told_apart_by_the_end_of_their_serial_numbers(office: Office) -> None:
    for key in ("R5CT10A3F7K", "R5CT10A9Z2Q"):
        office.plug(key, state=PhoneState.UNAUTHORISED)
    office.until(lambda: len(office.cards()) == 2)
    assert office.card(0).startswith("Some phone · …3F7K, ")
    assert office.card(1).startswith("Some phone · …9Z2Q, ")
    assert office.says("Some phone · …3F7K")


def test_a_menu_that_outlives_its_phone_does_nothing(office: Office) -> None:
    session = office.window.desk_page.practise("clean")
    office.idle()
    cards = office.window.desk_page.cards
    menu = cards.menu_for(session)
    office.fanion.phones.put_away(session)
    old = cards.menu_for(session)
    for action in (*old.actions(), *old.actions()):
        action.trigger()
    office.until(lambda: office.cards() == [])
    for action in (*menu.actions(), *old.actions()):
        action.trigger()
    cards.choose(session)
    assert office.cards() == []
    menu.deleteLater()
    old.deleteLater()


def test_only_findings_have_a_pill(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.banner.remove.isVisible())
    office.idle()
    model = office.page.apps.table.model()
    flags = [model.index(row, 0).data(FLAG_ROLE) for row in range(model.rowCount())]
    assert [flag.quiet for flag in flags[:3]] == [False, False, True]
    assert flags[2] == replace(Flag(Status.GREEN, "Not banned"), quiet=True)


def test_counts_are_made_once_for_each_check(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.banner.remove.isVisible())
    office.idle()
    chips = [chip.text() for chip in office.page.apps.chips.values()]
    counted: list[object] = []
    count = office.page.apps.model.count
    monkeypatch.setattr(office.page.apps.model, "count", lambda narrow: counted.append(narrow) or count(narrow))
    office.page.refresh()
    assert counted == []
    office.window.switch_language()
    assert [chip.text() for chip in office.page.apps.chips.values()] != chips
    assert counted == []
    office.press("F5")
    office.until(lambda: counted)
    office.idle()
