"""What is said of a finding: how sure it is, by what, who allows it, and what can be done about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QFontDatabase
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from core.model import App, EvidenceKind, Finding, Labels, Match, Phone
from core.policy.wording import long_date
from core.simulator import load
from core.simulator.model.scenario import Scenario
from gui.desk.apps.app_model import Column
from gui.desk.session import flows
from gui.desk.session.app_rows import AppKind, AppRow, rows_of
from gui.toolkit.lists.tables import FLAG_ROLE
from gui.toolkit.theme import Status
from gui.toolkit.widgets import ElidedLabel
from tests.gui.conftest import MakeOffice, Office, texts
from tests.gui.desk.conftest import DISGUISE, WECHAT, disguised, grant, with_apps
from tests.gui.window.test_accessibility import described, walk


def look_alike() -> Scenario:
    """WeChat's name, and somebody else's signature."""
    made = load("walk-up")
    return replace(
        made, apps=tuple(replace(a, certificate="somebody") if a.package == WECHAT else a for a in made.apps)
    )


def red(office: Office, scenario: str | Scenario = "walk-up", headline: str = "2 banned apps") -> None:
    """Plug a phone in, and unfold its apps once it is read."""
    office.plug("S1", scenario)
    office.until(lambda: office.headline == headline)
    office.idle()
    office.open_apps()


def choose(office: Office, package: str) -> AppRow:
    """Click a row of the table."""
    apps = office.page.apps
    row = next(i for i in range(apps.model.rowCount()) if apps.model.row(i).app.package == package)
    place = apps.table.visualRect(apps.model.index(row, Column.NAME))
    apps.table.scrollTo(apps.model.index(row, Column.NAME))
    place = apps.table.visualRect(apps.model.index(row, Column.NAME))
    office.qtbot.mouseClick(
        apps.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20 + place.left(), place.center().y())
    )
    return apps.model.row(row)


def flag(office: Office, package: str) -> Any:
    model = office.page.apps.model
    row = next(i for i in range(model.rowCount()) if model.row(i).app.package == package)
    return model.index(row, Column.FLAG).data(FLAG_ROLE)


def why(office: Office, package: str) -> str:
    return next(row[Column.WHY] for row in office.rows() if row[Column.PACKAGE] == package)


def test_each_finding_says_how_sure_it_is_with_a_sign(office: Office) -> None:
    red(office)
    assert why(office, WECHAT).startswith("app ID and signature match; 2023-10-30, ")
    assert why(office, "com.kms.free").startswith("app ID matches; signature not checked; 2023-10-30, ")
    model = office.page.apps.model
    signs = [model.index(row, Column.WHY).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    assert [sign is not None for sign in signs] == [True, True, False]


@pytest.mark.slow
def test_the_details_have_the_evidence_and_each_value_can_be_copied(office: Office) -> None:
    red(office)
    assert not office.page.apps.pane.isVisible()
    row = choose(office, WECHAT)
    pane = office.page.apps.pane
    office.until(pane.isVisible)
    assert row.finding is not None
    assert office.says("Certainty: app ID and signature match", pane)
    assert office.says("has been banned on government-issued mobile devices", pane)
    digest = next(e.value for e in row.finding.evidence if e.kind is EvidenceKind.CERTIFICATE)
    said = texts(pane)
    for words in ("App ID", "Signing certificate (SHA-256)", WECHAT, digest):
        assert words in said
    assert office.says("Known from several sources: ", pane)
    line = next(one for one in pane.findChildren(ElidedLabel) if one.whole() == digest)
    assert "…" in QLabel.text(line)  # elided in the middle: its ends are what people compare
    assert QLabel.text(line)[:4] == digest[:4]
    assert QLabel.text(line)[-4:] == digest[-4:]
    # The system's own, where it has one.
    assert line.font().family() == QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    office.click(office.button(f"Copy {digest}", pane))
    assert QApplication.clipboard().text() == digest
    assert office.button("Copied", pane).isVisible()
    interfaces = walk(QAccessible.queryAccessibleInterface(pane))
    buttons = [one for one in interfaces if one.role() is QAccessible.Role.Button]
    assert buttons
    assert [described(one) for one in buttons if not one.text(QAccessible.Text.Name)] == []


@pytest.mark.slow
def test_enter_goes_into_the_details_and_escape_back(office: Office) -> None:
    red(office)
    choose(office, WECHAT)
    office.press("Return")
    pane = office.page.apps.pane
    assert pane.area.hasFocus()
    office.press("Esc")
    assert not pane.isVisible()
    assert office.page.apps.table.hasFocus()


def test_where_there_is_no_room_for_both_the_details_take_the_place_of_the_table(office: Office) -> None:
    red(office)
    office.window.resize(900, 560)
    QApplication.processEvents()
    choose(office, WECHAT)
    assert office.page.apps.table.isVisible()
    office.press("Return")
    pane = office.page.apps.pane
    assert pane.isVisible()
    assert not office.page.apps.table.isVisible()
    office.window.switches.switch_language()
    assert pane.isVisible()
    office.press("Esc")
    assert office.page.apps.table.isVisible()
    assert not pane.isVisible()
    assert office.page.apps.table.hasFocus()


@pytest.mark.slow
def test_an_app_that_is_no_finding_has_no_details(office: Office) -> None:
    red(office)
    choose(office, office.page.apps.model.row(5).app.package)
    assert not office.page.apps.pane.isVisible()


@pytest.mark.slow
def test_a_look_alike_is_red_and_said_so(office: Office) -> None:
    red(office, look_alike())
    assert flag(office, WECHAT).status is Status.RED
    assert flag(office, WECHAT).word == "Banned (look-alike)"
    assert why(office, WECHAT).startswith("app ID matches; signature does not")
    choose(office, WECHAT)
    assert office.says("This app has the id of WeChat, but its maker did not sign it.", office.page.apps.pane)
    assert office.says("Another signer", office.page.apps.pane)


def test_a_suspected_app_is_amber_and_nothing_is_removed_by_itself(office: Office) -> None:
    red(office, with_apps("clean", disguised(signer="962f5b7", apk="missing")), "1 suspected app")
    assert office.colour == "amber"
    assert flag(office, DISGUISE).word == "Suspected"
    assert flag(office, DISGUISE).status is Status.AMBER
    assert why(office, DISGUISE).startswith("suspected: different name, similar signature")
    assert office.says("1 app may be a banned app under another name; this could not be confirmed.")
    (gap,) = office.page.session.check.gaps  # type: ignore[union-attr]
    assert office.says(str(gap.what), office.block.gaps)
    assert not office.block.remove.isVisible()
    assert office.card(0) == "Slot 1, Google Pixel 9 (practice), Google Pixel 9: 1 suspected, Look on the phone"
    assert "red" not in [colour for colour, _ in office.shown]
    choose(office, DISGUISE)
    assert office.page.apps.pane.isVisible()
    assert not office.page.apps.pane.grant.isVisible()  # there is no ban to except from


@pytest.mark.slow
def test_what_only_calls_itself_so_is_neutral_and_last(office: Office) -> None:
    red(office, with_apps("walk-up", replace(disguised(), label="TikTok")))
    office.until(lambda: office.says("A hint"))
    office.idle()
    assert office.headline == "2 banned apps"
    flags = [row[Column.FLAG] for row in office.rows()]
    assert flags[:4] == ["Banned", "Banned", "A hint", "Allowed"]
    assert flag(office, DISGUISE).status is Status.NEUTRAL
    assert why(office, DISGUISE).startswith("only the name on the screen matches")


@pytest.mark.slow
def test_an_excepted_app_is_shown_banned_but_excepted(office: Office) -> None:
    red(office)
    until = grant(office)
    grant(office, "kaspersky")
    office.window.desk_page.policy_changed()
    office.until(lambda: office.headline == "2 banned apps, excepted")
    office.idle()
    assert office.colour == "amber"
    assert office.says(f"2 banned apps are on this phone, excepted; the first of them until {long_date(until).en}.")
    assert flag(office, WECHAT).word == f"Excepted until {long_date(until).en}"
    assert flag(office, WECHAT).status is Status.RED
    assert not office.block.remove.isVisible()
    assert office.card(0).split(": ", 1)[1] == "Excepted, Ready to hand back"
    assert office.says(f"It is excepted until {long_date(until).en}.", office.block.cards)
    choose(office, WECHAT)
    pane = office.page.apps.pane
    assert office.says(f"Excepted until {long_date(until).en} by The Chief, EX-7", pane)
    wanted: list[tuple[int, bool]] = []
    office.page.log_wanted.disconnect()
    office.page.log_wanted.connect(lambda entry, practice: wanted.append((entry, practice)))
    office.click(pane.to_log)
    granted = next(r.seq for r in office.records() if r.kind == "exception-granted")
    assert wanted == [(granted, True)]


@pytest.mark.slow
def test_what_is_excepted_is_only_removed_where_it_is_ticked(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    grant(office)
    office.press("F5")
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    assert office.colour == "red"
    assert office.block.remove.text() == "Remove Kaspersky"
    office.press("Ctrl+R")
    (box,) = office.block.also.boxes
    assert not box.isChecked()
    assert "excepted until" in box.text()
    assert "WeChat" in box.text()
    box.click()
    assert office.block.remove.text() == "Remove 2 apps"
    box.click()
    office.remove()
    office.until(lambda: office.headline == "1 banned app, excepted")
    office.idle()
    assert WECHAT in server.phone.installed()


@pytest.mark.slow
def test_an_excepted_ban_is_not_red_while_it_is_read(office: Office) -> None:
    red(office)
    grant(office)
    grant(office, "kaspersky")
    office.shown.clear()
    office.press("F5")
    office.until(lambda: office.headline == "2 banned apps, excepted")
    office.idle()
    assert "red" not in [colour for colour, _ in office.shown[1:]]


@pytest.fixture
def asked(office: Office) -> Iterator[list[tuple[Any, ...]]]:
    """What the page asks the window for."""
    wanted: list[tuple[Any, ...]] = []
    desk = office.window.desk_page
    for signal in (desk.except_wanted, desk.ban_wanted):
        with contextlib.suppress(RuntimeError, RuntimeWarning):
            signal.disconnect()  # what the window does with it is for its own tests
    desk.except_wanted.connect(lambda *what: wanted.append(("except", *what)))
    desk.ban_wanted.connect(lambda *what: wanted.append(("ban", *what)))
    return wanted


def menu(office: Office, row: AppRow) -> dict[str, Any]:
    made = office.page.apps.menu_for(row)
    return {action.text(): action for action in made.actions() if not action.isSeparator()}


@pytest.mark.slow
def test_an_exception_is_asked_for_from_the_details_the_menu_and_by_its_key(
    office: Office, asked: list[tuple[Any, ...]]
) -> None:
    red(office)
    assert office.page.session is not None
    flows.label(office.page.session, Labels(tag="T-7"))
    office.idle()
    row = choose(office, WECHAT)
    office.click(office.page.apps.pane.grant)
    assert len(asked) == 1
    menu(office, row)["Grant an exception…"].trigger()
    assert len(asked) == 2
    office.press("Ctrl+E")
    assert len(asked) == 3
    for word, finding, phone, labels in asked:
        assert word == "except"
        assert isinstance(finding, Finding)
        assert finding.app.package == WECHAT
        assert isinstance(phone, Phone)
        assert phone.serial
        assert labels == Labels(tag="T-7")


@pytest.mark.slow
def test_an_app_that_is_not_banned_yet_is_banned_from_the_menu_and_by_its_key(
    office: Office, asked: list[tuple[Any, ...]]
) -> None:
    red(office)
    row = choose(office, office.page.apps.model.row(5).app.package)
    actions = menu(office, row)
    assert "Grant an exception…" not in actions
    actions["Ban this app…"].trigger()
    office.press("Ctrl+B")
    assert len(asked) == 2
    assert all(what == ("ban", row.app, "android") for what in asked)
    assert isinstance(asked[0][1], App)


@pytest.mark.slow
def test_what_is_banned_already_cannot_be_banned_again(office: Office, asked: list[tuple[Any, ...]]) -> None:
    red(office)
    row = choose(office, WECHAT)
    assert "Ban this app…" not in menu(office, row)
    office.press("Ctrl+B")
    assert asked == []


@pytest.mark.slow
def test_keys_do_nothing_to_an_app_that_is_not_in_sight(office: Office, asked: list[tuple[Any, ...]]) -> None:
    red(office)
    choose(office, office.page.apps.model.row(5).app.package)
    office.click(office.page.fold.toggle)
    office.press("Ctrl+B")
    office.open_apps()
    choose(office, WECHAT)
    office.click(office.page.fold.toggle)
    office.press("Ctrl+E")
    assert asked == []


@pytest.mark.slow
@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
@pytest.mark.parametrize("by", ["menu", "Shift+F10"])
def test_the_menu_opens_by_a_key_beside_the_chosen_row(office: Office, by: str) -> None:
    red(office)
    row = choose(office, WECHAT)
    table = office.page.apps.table
    if by == "menu":  # the system makes this of the Menu key
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
        QApplication.sendEvent(table.viewport(), event)
    else:
        table.setFocus()
        office.press(by)
    opened = QApplication.activePopupWidget()
    assert isinstance(opened, QMenu)
    assert "Grant an exception…" in [action.text() for action in opened.actions()]
    next(action for action in opened.actions() if action.text() == "Copy the id").trigger()
    opened.close()
    assert QApplication.clipboard().text() == row.app.package


@pytest.mark.slow
def test_after_the_rules_changed_each_phone_that_is_there_is_read_again(office: Office) -> None:
    for key in ("S1", "S2", "S3"):
        office.plug(key, "clean")
    office.until(lambda: len(office.cards()) == 3)
    office.idle()
    office.unplug("S3")
    office.until(lambda: "Unplugged" in office.card(2))
    office.window.desk_page.policy_changed()
    office.until(lambda: office.kinds().count("check-ended") == 5)
    office.idle()
    assert office.kinds().count("check-ended") == 5
    assert len(office.window.desk_page.checks()) == 3


@pytest.mark.slow
def test_a_phone_that_is_being_read_is_read_again_afterwards(office: Office) -> None:
    gate = office.gate(office.serve("S1", "clean"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    assert office.window.desk_page.checks() == ()
    office.window.desk_page.policy_changed()
    gate.open()
    office.until(lambda: office.kinds().count("check-ended") == 2)
    office.idle()
    assert office.kinds().count("check-ended") == 2


def test_without_a_phone_nothing_happens(office: Office) -> None:
    office.window.desk_page.policy_changed()
    assert office.window.desk_page.checks() == ()


def test_the_keys_are_listed(office: Office) -> None:
    keys = {str(does): key.toString() for does, key in office.window.desk_page.shortcuts()}
    assert keys["Ban the chosen app"] == "Ctrl+B"
    assert keys["Grant an exception for the chosen app"] == "Ctrl+E"
    assert keys["Show what can be done with the chosen app"] == "Shift+F10"
    assert keys["Show how the chosen app was recognised"] == "Return"


@pytest.mark.slow
def test_rows_stand_in_the_order_of_their_weight(office: Office) -> None:
    red(office, with_apps("walk-up", disguised(signer="962f5b7", apk="missing")))
    check = office.window.desk_page.checks()[0]
    kinds = [row.kind for row in rows_of(check)]
    assert kinds[:3] == [AppKind.BANNED, AppKind.BANNED, AppKind.SUSPECTED]
    assert kinds == sorted(kinds, key=lambda kind: kind.value)
    assert {f.match for f in check.suspected} == {Match.SUSPECTED_SIGNER}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_change_of_language_reaches_the_details(open_office: MakeOffice, language: str) -> None:
    office = open_office()
    red(office)
    choose(office, WECHAT)
    pane = office.page.apps.pane
    assert office.says("App ID", pane)
    office.press("Ctrl+Shift+L")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert pane.isVisible()
    assert office.page.apps.chosen() is not None
    assert not office.says("Close the details", pane)
    if language == "en":
        office.press("Ctrl+Shift+L")
        assert office.says("App ID", pane)


def test_evidence_that_a_later_check_brought_replaces_the_old(office: Office) -> None:
    red(office)
    row = choose(office, WECHAT)
    pane = office.page.apps.pane
    assert row.finding is not None
    (first, *_) = row.finding.evidence
    newer = replace(row.finding, evidence=(replace(first, value="com.tencent.newer"),))
    pane.show_row(replace(row, finding=newer))
    assert "com.tencent.newer" in texts(pane)
