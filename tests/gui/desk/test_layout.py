"""The Desk page where room is short: nothing is cut, and what is to be pressed next stays in sight."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollBar,
    QWidget,
)
from pytestqt.exceptions import TimeoutError as QtTimeoutError
from pytestqt.qtbot import QtBot

from core.model import Attested, Labels
from core.phones.states import PhoneState
from core.simulator.model.scenario import AppData, Scenario, Version
from gui.desk.acts.all_acts import HAND_BACK
from gui.desk.bullet_list import LIMIT, Bullet, BulletList
from gui.desk.phone_list.phone_list_model import ROW_ROLE, SESSION_ROLE
from gui.desk.phone_list.totals_bar import TotalsBar
from gui.desk.session import flows
from gui.toolkit.lists.tables import FLAG_ROLE, Flag
from gui.toolkit.theme import Status, TextSize, font
from gui.toolkit.widgets import ElidedButton, ElidedLabel, StatusIcon
from tests.gui.conftest import MakeOffice, Office, texts
from tests.gui.desk.conftest import with_apps

STYLE = Path(__file__).resolve().parents[3] / "resources" / "style.qss"
#: Screens in logical pixels: a laptop's, a large one, and a laptop's at 200 %.
SIZES = [(1366, 768), (1920, 1080), (683, 384)]


def whole(label: QLabel) -> bool:
    """Whether a label shows all of its words; on one line it may end with an ellipsis."""
    if isinstance(label, ElidedLabel):
        return label.height() >= QFontMetrics(label.font()).height()
    if not label.wordWrap():
        return label.width() >= label.sizeHint().width() and label.height() >= label.minimumSizeHint().height()
    longest = max(map(QFontMetrics(label.font()).horizontalAdvance, re.split(r"[\s/-]", label.text())))
    return label.height() >= label.heightForWidth(label.width()) and label.contentsRect().width() >= longest


def within_its_parent(one: QWidget) -> bool:
    """Whether a widget lies in what it is in; what scrolls only has to be no wider."""
    around = one.parentWidget()
    if around is None or one.isWindow():
        return True
    area = around.parentWidget()
    if isinstance(area, QAbstractScrollArea) and area.viewport() is around:
        return one.width() <= around.width()
    return around.rect().contains(one.geometry())


def clipped(page: QWidget) -> list[str]:
    """What does not show all of itself: words that are cut, and widgets that reach out of what they are in."""
    found = []
    for one in (page, *page.findChildren(QWidget)):
        if not one.isVisible() or isinstance(one, QScrollBar):
            continue
        if isinstance(one.parentWidget(), QAbstractItemView | QLineEdit):
            continue
        if isinstance(one, QLabel):
            good = not one.text() or whole(one)
        elif isinstance(one, QAbstractButton) and not isinstance(one, ElidedButton):
            needed = one.sizeHint() if one.text() else one.iconSize()
            good = one.width() >= needed.width() and one.height() >= needed.height()
        else:
            good = True
        if not (good and within_its_parent(one)):
            words = one.text() if isinstance(one, QLabel | QAbstractButton) else one.objectName()
            found.append(f"{type(one).__name__} {words!r} {one.geometry().getRect()}, {one.sizeHint().toTuple()}")
    return found


def cut_rows(office: Office) -> list[str]:
    """The rows of the list whose word or act has no room."""
    list_ = office.window.desk_page.cards
    most = list_.viewport().width() * 11 // 20
    strong, small = QFontMetrics(font(TextSize.STRONG)), QFontMetrics(font(TextSize.SMALL))
    found = []
    for index in (list_.phones.index(row) for row in range(list_.phones.rowCount())):
        if index.data(SESSION_ROLE) is None or list_.viewport().width() < 140:
            continue
        row = index.data(ROW_ROLE)
        if strong.horizontalAdvance(str(row.word)) + 18 > most or small.horizontalAdvance(str(row.act)) > most:
            found.append(f"{row.word}, {row.act}")
    return found


def in_sight(one: QWidget) -> bool:
    """Whether all of a widget is to be seen, wherever it is scrolled to."""
    return one.visibleRegion().boundingRect() == one.rect()


def out_of_sight(office: Office) -> list[str]:
    """The buttons of the row of actions that are not wholly in sight where the page is scrolled to its top."""
    office.page.area.verticalScrollBar().setValue(0)
    shown = [one for one in office.block.action_row.findChildren(QPushButton) if one.isVisible()]
    return [one.text() for one in shown if not in_sight(one)]


def nothing_is_cut(office: Office) -> None:
    """At each size, in both languages; and the button that comes next is wholly in sight."""
    desk = office.window.desk_page
    office.window.setMinimumSize(1, 1)  # the screen of the tests is another one
    for language in ("en", "fr"):
        for size in SIZES:
            office.window.resize(*size)
            faults: list[str] = []

            def good(faults: list[str] = faults) -> bool:
                faults[:] = [*clipped(desk), *cut_rows(office), *out_of_sight(office)]
                return not faults

            try:
                office.until(good)
            except QtTimeoutError:
                pytest.fail(f"{language}, {size}: {faults}")
        office.window.switches.switch_language()


@pytest.mark.slow
@pytest.mark.usefixtures("short_flood")
@pytest.mark.parametrize(
    "scenario", ["walk-up", "unseen", "device-admin", "hostile", "preinstalled", "clean", "archived", "look-alike"]
)
def test_nothing_is_cut_and_what_comes_next_is_in_sight(office: Office, scenario: str) -> None:
    office.window.desk_page.practise(scenario)
    for key, state in (("S2", PhoneState.UNAUTHORISED), ("S3", PhoneState.CHARGING)):
        office.plug(key, state=state)
    office.idle()
    assert office.window.desk_page.page.isVisible()
    nothing_is_cut(office)


#: Apps of three banned makers.
MANY = [
    "com.zhiliaoapp.musically",
    "com.ss.android.ugc.trill",
    "com.zhiliaoapp.musically.go",
    "com.tencent.mm",
    "com.kms.free",
    "com.kaspersky.kes",
    "com.kaspersky.security.cloud",
    "com.kaspersky.passwordmanager",
    "com.kaspersky.qrscanner",
]


def laden() -> Scenario:
    """A phone with more banned apps than a page has room for."""
    return with_apps("clean", *[AppData(id_, Version(1, "1.0"), installer="com.android.vending") for id_ in MANY])


@pytest.mark.slow
def test_of_many_banned_apps_the_cards_scroll_and_the_button_stays(office: Office) -> None:
    office.plug("S1", laden())
    office.until(lambda: office.headline.endswith(" banned apps"))
    office.idle()
    nothing_is_cut(office)
    office.press("Ctrl+R")
    assert office.block.plan.isVisible()
    nothing_is_cut(office)
    office.press("Esc")
    office.window.resize(*SIZES[0])
    cards = [one for one in office.block.cards.findChildren(QFrame) if one.property("kind") == "nested"]
    assert len(cards) == len(MANY)
    office.until(lambda: office.block.height() > 400)
    office.page.area.ensureWidgetVisible(cards[-1])
    assert in_sight(cards[-1])
    assert in_sight(office.block.remove)


@pytest.mark.slow
def test_the_forms_of_the_block_are_whole(office: Office) -> None:
    office.plug("S1", "unseen")
    office.until(lambda: office.block.look.isVisible())
    office.idle()
    office.block.look.answers[Attested.APP_SEEN].click()
    assert office.block.look.products.isVisible()
    nothing_is_cut(office)
    office.page.desk_actions.want(HAND_BACK)
    assert office.block.reason.isVisible()
    nothing_is_cut(office)


@pytest.mark.slow
def test_the_details_of_the_health_and_the_table_of_apps_are_whole(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.click(office.page.health.details)
    office.click(office.page.returns.details)
    office.open_apps()
    nothing_is_cut(office)


def test_no_signal_of_the_health_is_cut_in_another_language(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.window.resize(1280, 768)
    office.window.switches.switch_language()

    def whole() -> bool:
        shown = [one for one in office.page.health._labels if one.isVisible()]
        return bool(shown) and all(one.width() >= one.sizeHint().width() for one in shown)

    office.until(whole)


def test_a_person_s_name_is_whole_where_the_rest_of_the_line_is_not(small: Office) -> None:
    small.plug("S1", "walk-up")
    small.until(lambda: small.block.remove.isVisible())
    small.idle()
    assert small.page.session is not None
    flows.label(small.page.session, Labels(tag="DRH-0412", holder="Marie-Ève Tremblay"))
    small.idle()
    identity = small.page.identity
    small.until(lambda: QLabel.text(identity.title) == "Marie-Ève Tremblay")
    assert not clipped(identity)


def test_no_state_of_a_button_makes_its_words_wider_than_its_room() -> None:
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE.read_text(encoding="utf-8"))
    assert [states for states, style in rules if re.search(r"[^:]:[a-z]", states) and "font" in style] == []


def test_the_products_to_look_for_follow_the_language(office: Office) -> None:
    office.plug("S1", "unseen")
    office.until(lambda: office.block.look.isVisible())
    office.idle()
    look = office.block.look
    look.answers[Attested.DECLINED].click()
    assert office.says("TikTok, WeChat or Kaspersky", look)
    office.window.switches.switch_language()
    assert not office.says("TikTok, WeChat or Kaspersky", look)
    assert look.answers[Attested.DECLINED].isChecked()


def test_the_list_is_as_wide_as_before_once_there_is_room_again(office: Office) -> None:
    office.plug("S1", "clean")
    office.idle()
    side = office.window.desk_page.side
    before = side.width()
    office.window.setMinimumSize(1, 1)
    office.window.resize(683, 384)
    office.until(lambda: side.width() < 100)
    office.window.resize(1366, 768)
    office.until(lambda: side.width() == before)


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
        assert all(one.accessibleName() for one in (small.window.officer_button, small.window.language))
        inside = bar.rect().adjusted(0, 0, 1, 1)
        shown = [one for one in bar.findChildren(QPushButton) if one.isVisible()]
        assert all(inside.contains(one.geometry()) for one in shown)
    small.window.resize(1366, 768)
    small.until(lambda: all(one.text() for one in (*small.window.nav.values(), small.window.officer_button)))
    assert bar.brand.isVisible()


def test_the_bar_leaves_out_what_has_no_room_and_follows_the_language(small: Office) -> None:
    bar, window = small.window.bar, small.window
    for width in (683, 620, 640, 900):
        window.resize(width, 384)
        small.until(lambda: not cut(bar))
        before = window.nav["desk"].accessibleName()
        window.switches.switch_language()
        small.until(lambda: not cut(bar))
        assert window.nav["desk"].accessibleName() != before
        assert window.nav["desk"].text() == window.nav["desk"].accessibleName()  # the page that is shown


def test_at_200_percent_the_banned_apps_are_in_sight(small: Office) -> None:
    small.plug("S1", "walk-up")
    small.until(lambda: small.block.remove.isVisible())
    small.idle()
    small.until(lambda: in_sight(small.block.cards))  # once all is laid out
    assert len(small.block.cards.findChildren(QLabel)) > 4  # of two apps
    assert in_sight(small.block.remove)
    assert small.block.remove.printed_key == "Alt+R"
    assert whole(small.block.headline)
    small.until(lambda: not cut(small.page))
    assert small.window.desk_page.side.width() + small.page.width() <= small.window.width()
    small.page.desk_actions.want(HAND_BACK)
    line = small.block.reason
    small.until(line.isVisible)
    asked = QFontMetrics(line.font()).horizontalAdvance(line.placeholderText())
    small.until(lambda: 0 < asked < line.width() - 16)
    small.press("Esc")
    small.press("Ctrl+R")
    small.until(small.block.plan.isVisible)
    small.until(lambda: not cut(small.page))
    small.window.resize(1366, 768)
    small.until(lambda: small.window.desk_page.heading.isVisible())
    small.until(lambda: small.window.desk_page.side.width() >= 240)


SHORT = Bullet(Status.AMBER, "A heading", ("A line",))


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
    assert office.card(0).startswith("Slot 1, Some phone, Some phone · …3F7K: ")
    assert office.card(1).startswith("Slot 2, Some phone, Some phone · …9Z2Q: ")
    office.see("serial ending 3F7K", within=office.page.identity)


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
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    model = office.page.apps.table.model()
    flags = [model.index(row, 0).data(FLAG_ROLE) for row in range(model.rowCount())]
    assert [flag.quiet for flag in flags[:3]] == [False, False, True]
    assert flags[2] == replace(Flag(Status.GREEN, "Allowed"), quiet=True)


def test_counts_are_made_once_for_each_check(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    chips = [chip.text() for chip in office.page.apps.chips.values()]
    counted: list[object] = []
    count = office.page.apps.model.count
    monkeypatch.setattr(office.page.apps.model, "count", lambda narrow: counted.append(narrow) or count(narrow))
    office.page.refresh()
    assert counted == []
    office.window.switches.switch_language()
    assert [chip.text() for chip in office.page.apps.chips.values()] != chips
    assert counted == []
    office.press("F5")
    office.until(lambda: counted)
    office.idle()


def test_what_is_drawn_in_words_has_room_for_those_of_the_other_language(office: Office) -> None:
    for serial in ("S1", "S2"):
        office.plug(serial, "walk-up")
    office.idle()
    bar = office.window.findChild(TotalsBar)
    assert bar is not None
    for _ in range(2):
        office.window.switches.switch_language()
        drawn = [office.page.identity.track, *(one for one in bar.totals.values() if one.isVisible())]
        assert len(drawn) > 2
        for one in drawn:
            office.until(lambda one=one: one.width() >= one.sizeHint().width())


def place(one: QWidget) -> QPoint:
    return one.mapTo(one.window(), QPoint())


def line_middle(label: QLabel) -> int:
    """Where the middle of its first line is."""
    above = 0 if label.alignment() & Qt.AlignmentFlag.AlignTop else label.height() - label.heightForWidth(label.width())
    return place(label).y() + above // 2 + QFontMetrics(label.font()).height() // 2


def test_no_band_moves_the_page_and_finish_stands_where_remove_stood(office: Office) -> None:
    office.window.resize(1366, 768)
    actions = office.block.action_row
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    bar = office.window.findChild(TotalsBar)
    assert bar is not None
    alone, high, left = bar.height(), actions.height(), place(office.block.remove).x()
    assert not bar.next.isVisible()
    office.plug("S2", "walk-up")
    office.until(bar.next.isVisible)
    office.idle()
    assert bar.height() == alone
    office.page.desk_actions.want(HAND_BACK)
    office.until(office.block.reason.isVisible)
    assert actions.height() == high
    assert abs(place(office.block.finish).x() - left) < 2


def test_what_stands_side_by_side_stands_at_one_height(office: Office) -> None:
    office.window.resize(1366, 768)
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    recognised = office.block.cards.findChildren(QLabel)[3::4]
    recognised[0].setText("Much more is to be said of it. " * 3)
    office.until(lambda: len({line_middle(one) for one in recognised}) == 1)
    office.remove()
    office.until(office.block.finish.isVisible)
    office.click(office.block.finish)
    office.until(office.page.handed_back.isVisible)
    office.click(office.page.handed_back.toggle)
    rows = office.page.handed_back.rows

    def level() -> bool:
        """Whether each sign stands at the middle of the first line of its heading."""
        signs = [place(one).y() + one.height() // 2 for one in rows.findChildren(StatusIcon)]
        headings = [one for one in rows.findChildren(QLabel) if one.font() == font(TextSize.STRONG)]
        beside = zip(signs, map(line_middle, headings), strict=True)
        return len(signs) > 2 and all(abs(sign - heading) < 3 for sign, heading in beside)

    office.until(level)


def test_a_practice_phone_s_page_is_no_wider_than_can_be_read_and_says_which_slot(office: Office) -> None:
    office.window.desk_page.practise("clean")
    office.idle()
    caption, aloud = office.page.identity.caption, office.page.aloud.sentence
    office.window.setMinimumSize(1920, 1080)  # the screen of the tests is another one
    office.window.resize(1920, 1080)
    office.until(lambda: office.page.width() > 1200)
    assert max(office.block.width(), office.page.identity.width()) <= 1100
    office.window.setMinimumSize(1, 1)
    office.window.resize(1366, 768)
    for begins in ("“", "«"):
        office.until(lambda: QLabel.text(caption) == caption.whole())
        assert aloud.text().startswith(begins)
        assert office.page.identity.menu().sizeHint().width() <= 480
        office.window.switches.switch_language()


def cut_off(office: Office) -> list[str]:
    """The texts on the page that have less height than their lines need."""
    labels = [one for one in office.page.findChildren(QLabel) if one.isVisible() and one.wordWrap()]
    return [one.text() for one in labels if one.height() < one.heightForWidth(one.width())]


def test_texts_have_room_for_those_of_the_other_language(office: Office) -> None:
    office.plug("S1", "unseen")
    office.until(office.block.record.isVisible)
    office.idle()
    office.window.resize(1366, 768)
    for _ in range(2):
        office.window.switches.switch_language()
        office.until(lambda: not cut_off(office), "cut off: " + ", ".join(cut_off(office)))
