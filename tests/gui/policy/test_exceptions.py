"""The register of exceptions, and what is granted and withdrawn from the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.desk.settings.settings_table import Settings
from core.model import App, Finding, Labels, Phone, Profile, ProfileKind, Strength
from core.policy.exceptions import BoundPhone, Grant, Request
from core.policy.format.policy_file import load_built_in
from core.text import Bilingual, T
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.exceptions.exceptions_dialog import ExceptionsDialog, WithdrawExceptionDialog
from gui.policy.exceptions.exceptions_model import (
    ExceptionColumn,
    ExceptionsModel,
    ExceptionsRead,
    ExceptionState,
    state,
)
from gui.policy.policy_page import PolicyPage
from gui.toolkit.translated_text import speak
from tests.gui.policy.conftest import MakePage, says_wrong, sheet

CANADA = load_built_in("canada")
DAY = date(2026, 11, 1)
PHONE = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
WECHAT = Finding(
    "wechat",
    Bilingual("WeChat", "WeChat"),
    Strength.BAN,
    App("com.tencent.mm"),
    Profile(0, "", ProfileKind.PERSONAL),
    (),
    T("It is banned."),
)
Grants = Callable[..., Grant]


def a_request(day: date = DAY, **more: Any) -> Request:
    asked = Request("wechat", day + timedelta(days=90), "The CIO", "File 7", "com.tencent.mm", tag="IT-1")
    return replace(asked, **more)


@pytest.fixture
def grant(tmp_path: Path, today: date) -> Grants:
    """Puts an exception on record."""
    desk = Desk(tmp_path, Settings(unsigned_policy=True))

    def put(practice: bool = False, **more: Any) -> Grant:
        return policy_changes.grant(desk, a_request(today, **more), desk.active_policy().policy, practice=practice)

    return put


def rows(register: ExceptionsDialog) -> list[list[str]]:
    return [register.model.cells(row) for row in range(register.model.rowCount())]


# The register


def test_an_empty_register_says_so(qtbot: QtBot, page: PolicyPage) -> None:
    page.table.setFocus()
    qtbot.keySequence(page, QKeySequence("Ctrl+E"))
    register = sheet(page, ExceptionsDialog)
    assert register.empty.isVisible()
    assert not register.table.isVisible()
    assert register.empty.title.text() == "No exception was granted yet"
    assert register.go.isEnabled()
    assert not register.withdraw.isEnabled()


def test_the_register_shows_every_exception_with_its_state(
    page: PolicyPage, grant: Grants, tmp_path: Path, today: date
) -> None:
    soon = grant(
        until=today + timedelta(days=12), maker="samsung", model="SM-S901W", tag="IT-2", package="com.tencent.mm"
    )
    long = grant(tag="", serial="SERIAL1", maker="google", model="Pixel 9")
    gone = grant(tag="IT-3")
    policy_changes.revoke(Desk(tmp_path, Settings()), gone.entry, "handed back")
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    assert rows(register) == [
        [
            "Ends in 12 days",
            "IT-2 (Samsung Galaxy S22)",
            "WeChat",
            "com.tencent.mm",
            soon.request.until.isoformat(),
            "The CIO",
            "File 7",
            str(soon.entry),
        ],
        [
            "In force",
            "SERIAL1 (Google Pixel 9)",
            "WeChat",
            "com.tencent.mm",
            long.request.until.isoformat(),
            "The CIO",
            "File 7",
            str(long.entry),
        ],
        [
            "Withdrawn",
            "IT-3",
            "WeChat",
            "com.tencent.mm",
            gone.request.until.isoformat(),
            "The CIO",
            "File 7",
            str(gone.entry),
        ],
    ]
    assert "IT-2 (Samsung Galaxy S22): WeChat, com.tencent.mm. Granted on" in register.detail.text()
    register.table.selectRow(2)
    assert not register.withdraw.isEnabled()  # it is withdrawn already


def test_practice_phones_have_a_register_of_their_own(page: PolicyPage, grant: Grants) -> None:
    grant(practice=True, tag="P-1")
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    assert rows(register) == []
    register.practice.setChecked(True)
    assert [row[1] for row in rows(register)] == ["P-1"]
    assert register.log_label.isVisible()


@pytest.mark.parametrize(
    ("grant", "day", "expected"),
    [
        (Grant(1, a_request(), DAY), DAY, ExceptionState.HOLDS),
        (Grant(1, a_request(), DAY), DAY + timedelta(days=60), ExceptionState.ENDS_SOON),
        (Grant(1, a_request(), DAY), DAY + timedelta(days=90), ExceptionState.ENDS_SOON),
        (Grant(1, a_request(), DAY), DAY + timedelta(days=91), ExceptionState.EXPIRED),
        (Grant(1, a_request(), DAY, revoked=DAY), DAY, ExceptionState.WITHDRAWN),
        (Grant(1, a_request(tag=""), DAY), DAY, ExceptionState.ERASED),
    ],
)
def test_how_an_exception_stands(grant: Grant, day: date, expected: ExceptionState) -> None:
    assert state(grant, CANADA, day) is expected


def test_an_erased_phone_and_a_rule_that_is_gone_are_told_as_such(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = ExceptionsModel()
    erased = Grant(9, a_request(tag="", maker="google", model="Pixel 9"), DAY)
    unknown = Grant(8, a_request(rule="no-such-rule", tag=""), DAY)
    model.show(ExceptionsRead((erased, unknown), CANADA, DAY, None, False))
    qtmodeltester.check(model)
    assert model.cells(0)[:3] == ["Phone’s name erased", "Google Pixel 9", "WeChat"]
    assert model.cells(1)[1:3] == ["erased", "no-such-rule"]


def test_a_bound_exception_names_its_phone_and_says_by_which_entry(qtbot: QtBot) -> None:
    model = ExceptionsModel()
    bound = Grant(3, a_request(), DAY, bound=BoundPhone(9, "samsung", "SM-S901W", "R58N12ABCDE"))
    erased = replace(bound, bound=BoundPhone(9, "samsung", "SM-S901W", ""))
    model.show(ExceptionsRead((bound, erased), CANADA, DAY, None, practice=False))
    assert "Galaxy S22" in model.cell(0, ExceptionColumn.PHONE)
    assert "It applies to this phone since entry 9." in str(model.row_text(0))
    assert [model.row(row).state for row in (0, 1)] == [ExceptionState.HOLDS, ExceptionState.ERASED]


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_stands_in_a_record_is_shown_plain_and_in_bounds(tag: str, package: str) -> None:
    model = ExceptionsModel()
    model.show(ExceptionsRead((Grant(1, a_request(tag=tag, package=package), DAY),), CANADA, DAY, None, False))
    for cell in model.cells(0):
        assert len(cell) <= 260
        assert "\n" not in cell
        assert "\u202e" not in cell


def test_a_register_that_cannot_be_read_says_why(page: PolicyPage, tmp_path: Path) -> None:
    from core.ledger.writer import ledger_file

    ledger_file(tmp_path).write_bytes(b"this is no log")
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    assert register.trouble.isVisible()
    assert not register.go.isEnabled()


def test_chosen_exceptions_are_copied_as_cells(qtbot: QtBot, page: PolicyPage, grant: Grants) -> None:
    grant(reference="=1+1")
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    register.table.setFocus()
    qtbot.keySequence(register.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert "\t'=1+1\t" in QGuiApplication.clipboard().text()


# Withdrawing


def test_an_exception_is_withdrawn_with_a_reason(qtbot: QtBot, page: PolicyPage, grant: Grants) -> None:
    grant()
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    qtbot.mouseClick(register.withdraw, Qt.MouseButton.LeftButton)
    (ask,) = register.findChildren(WithdrawExceptionDialog)
    assert not ask.go.isEnabled()
    assert says_wrong(ask.field) == "Give the reason: it is kept in the log."
    ask.begin()
    assert rows(register)[0][0] == "In force"
    ask.reason.setText("The phone was handed back.")
    qtbot.keyClick(ask.reason, Qt.Key.Key_Return)  # as a barcode does that is scanned into it
    assert rows(register)[0][0] == "In force"
    with qtbot.waitSignal(page.recorded):
        qtbot.mouseClick(ask.go, Qt.MouseButton.LeftButton)
    assert rows(register)[0][0] == "Withdrawn"


# Granting


def fill(form: GrantExceptionDialog, **texts: str) -> None:
    said = {"tag": "IT-42", "authority": "The CIO", "reference": "File 9"} | texts
    form.tag.setText(said["tag"])
    form.authority.setText(said["authority"])
    form.reference.setText(said["reference"])
    if not form.package.currentData():
        form.package.setCurrentIndex(1)
    for field in form.fields.values():
        field.touched = True
    form.look_again()


def by_tag(page: PolicyPage) -> tuple[ExceptionsDialog, GrantExceptionDialog]:
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    register.begin()
    (form,) = register.findChildren(GrantExceptionDialog)
    return register, form


def test_an_exception_is_granted_by_asset_tag(qtbot: QtBot, page: PolicyPage) -> None:
    register, form = by_tag(page)
    assert not form.go.isEnabled()
    assert not any(says_wrong(field) for field in form.fields.values())  # nobody has typed anything yet
    fill(form)
    form.package.setCurrentIndex(0)
    assert says_wrong(form.fields["package"]).startswith("Say which app, such as com.")
    assert not form.go.isEnabled()
    form.rule.setCurrentIndex(form.rule.findData("wechat"))
    assert form.package.currentData() == "com.tencent.mm"  # the rule names no other
    assert form.go.isEnabled()
    with qtbot.waitSignal(page.recorded):
        form.begin()
    assert form.verdict.headline.text() == "The exception is granted"
    assert rows(register)[0][:4] == ["In force", "IT-42", "WeChat", "com.tencent.mm"]


def test_an_asset_tag_that_is_scanned_leads_on_and_grants_nothing(qtbot: QtBot, page: PolicyPage) -> None:
    """A barcode reader ends with Enter; the button is reached with Tab, and pressed with Space."""
    register, form = by_tag(page)
    fill(form)
    form.tag.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Return):
        qtbot.keyClick(QApplication.focusWidget() or form, key)
    assert not form.tag.hasFocus()
    assert rows(register) == []
    form.go.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(page.recorded):
        qtbot.keyClick(form.go, Qt.Key.Key_Space)
    assert len(rows(register)) == 1


def test_only_bans_are_offered_and_only_days_that_the_policy_allows(page: PolicyPage, today: date) -> None:
    _, form = by_tag(page)
    assert [form.rule.itemData(n) for n in range(form.rule.count())] == ["tiktok", "wechat", "kaspersky"]
    first, last = form.until.minimumDate().toPython(), form.until.maximumDate().toPython()
    assert (first, last) == (today, today + timedelta(days=365))
    assert form.fields["until"].hint.text().startswith("The policy allows 365 days at most")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("tag", {"tag": " "}, "Say which phone: plug it in and check it, or give its asset tag."),
        ("authority", {"authority": ""}, "Say who granted it."),
        ("reference", {"reference": ""}, "Give the reference of the decision, such as a file number."),
    ],
)
def test_what_is_missing_is_said_at_its_field(page: PolicyPage, field: str, typed: dict[str, str], said: str) -> None:
    register, form = by_tag(page)
    fill(form, **typed)
    assert {name: says_wrong(one) for name, one in form.fields.items() if says_wrong(one)} == {field: said}
    assert not form.go.isEnabled()
    form.begin()
    assert rows(register) == []


def test_a_day_that_is_over_is_said(page: PolicyPage) -> None:
    _, form = by_tag(page)
    fill(form)
    form.until.clearMinimumDate()
    form.until.setDate(QDate(2020, 1, 1))
    assert says_wrong(form.fields["until"]) == "That day is over."


def test_an_exception_for_a_checked_phone_names_it_and_what_was_found(
    qtbot: QtBot, page: PolicyPage, tmp_path: Path
) -> None:
    page.new_exception(WECHAT, PHONE, Labels("IT-7"))
    form = sheet(page, GrantExceptionDialog)
    assert form.about.text() == "For this phone: Samsung Galaxy S22 (SM-S901W), R58N12ABCDE"
    assert not form.rule.isEnabled()
    fill(form, tag="IT-7")
    form.begin()
    (granted,) = policy_changes.exceptions(Desk(tmp_path, Settings()))
    asked = granted.request
    assert (asked.rule, asked.package, asked.serial, asked.maker, asked.model, asked.tag) == (
        "wechat",
        "com.tencent.mm",
        "R58N12ABCDE",
        "samsung",
        "SM-S901W",
        "IT-7",
    )


def test_an_exception_for_a_practice_phone_goes_into_the_practice_log(page: PolicyPage, tmp_path: Path) -> None:
    page.new_exception(WECHAT, replace(PHONE, practice=True), Labels())
    form = sheet(page, GrantExceptionDialog)
    assert form.log_label.isVisible()
    fill(form, tag="")
    form.begin()
    desk = Desk(tmp_path, Settings())
    assert policy_changes.exceptions(desk) == ()
    assert len(policy_changes.exceptions(desk, practice=True)) == 1


def test_a_finding_whose_rule_is_gone_since_cannot_be_excepted(page: PolicyPage) -> None:
    page.new_exception(replace(WECHAT, rule="gone"), PHONE, Labels())
    form = sheet(page, GrantExceptionDialog)
    fill(form)
    assert says_wrong(form.fields["rule"]) == "The policy in force has no rule “gone”."
    assert not form.go.isEnabled()


def test_where_exceptions_are_locked_it_is_said_and_none_can_be_granted(make_page: MakePage) -> None:
    page = make_page(exceptions=False)
    register_said = "Your organisation does not allow exceptions to be granted on this computer."
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    assert register.locked.sentence.text() == register_said
    assert not register.go.isEnabled()
    register.close()
    page.new_exception(WECHAT, PHONE, Labels())
    form = sheet(page, GrantExceptionDialog)
    fill(form)
    assert form.locked.sentence.text() == register_said
    assert not form.go.isEnabled()


def test_the_register_speaks_both_languages(page: PolicyPage, grant: Grants) -> None:
    grant()
    page.show_exceptions()
    register = sheet(page, ExceptionsDialog)
    before = register.model.headerData(ExceptionColumn.PHONE, Qt.Orientation.Horizontal)
    speak("fr")
    assert (before, register.model.headerData(ExceptionColumn.PHONE, Qt.Orientation.Horizontal)) == (
        "Phone",
        "Téléphone",
    )
