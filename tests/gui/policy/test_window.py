"""The policy page in the whole window: what other pages ask of it, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.model import App, Finding, Labels, Phone, Profile, ProfileKind, Strength
from core.text import Bilingual, T
from gui.policy.edit.rule_form import RuleFormDialog
from gui.policy.exceptions.exception_form import GrantExceptionDialog
from gui.policy.policy_page import PolicyPage
from tests.gui.conftest import MakeOffice, Office
from tests.gui.window.test_accessibility import NAMED, described, walk

LOUD = App("org.example.loud", signers=("962f5b7",), label="Loud Games")
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


@pytest.fixture
def free_office(open_office: MakeOffice, department: Path) -> Office:
    """A window where the administrator allows what nobody has signed."""
    department.parent.mkdir()
    department.write_text(tomli_w.dumps({"unsigned_policy": True}), encoding="utf-8")
    return open_office()


def policy_page(office: Office) -> PolicyPage:
    page = office.window.open_page("policy")
    assert isinstance(page, PolicyPage)
    office.until(lambda: page.policy is not None)
    return page


def dialog(office: Office, kind: type[QDialog]) -> QDialog:
    office.until(lambda: any(d.isVisible() for d in office.window.findChildren(kind)))
    return next(d for d in office.window.findChildren(kind) if d.isVisible())


def test_an_app_of_the_desk_is_banned_and_the_foot_says_so(free_office: Office) -> None:
    office = free_office
    office.window.desk_page.ban_wanted.emit(LOUD, "android")
    form = dialog(office, RuleFormDialog)
    assert isinstance(form, RuleFormDialog)
    form.reason.en.setPlainText("It listens.")
    form.authority.en.setText("the CIO")
    form.reference.setText("File 7")
    assert form.go.isEnabled()
    form.begin()
    office.until(lambda: "Loud Games" in office.window.status_bar.passing_line.whole())
    office.until(lambda: "+" in office.window.status_bar.policy_line.whole())  # canada, and the desk's own rules on it
    assert office.window.page_name() == "desk"
    assert office.desk.policy(None).rule("loud-games") is not None


@pytest.mark.slow
def test_phones_that_are_there_are_judged_by_a_new_rule_at_once(free_office: Office) -> None:
    office = free_office
    office.window.desk_page.practise("clean")
    office.idle()
    assert office.colour == "green"
    session = office.page.session
    assert session is not None
    assert session.check is not None
    app = next(app for app in session.check.inventory.apps if app.states and not app.system)
    office.window.desk_page.ban_wanted.emit(app, "android")
    form = dialog(office, RuleFormDialog)
    assert isinstance(form, RuleFormDialog)
    form.reason.en.setPlainText("It listens.")
    form.authority.en.setText("the CIO")
    form.reference.setText("File 7")
    form.begin()
    office.until(lambda: office.colour == "red")
    office.idle()
    office.window.desk_page.except_wanted.emit(session.check.bans[0], session.check.inventory.phone, Labels("P-1"))
    grant = dialog(office, GrantExceptionDialog)
    assert isinstance(grant, GrantExceptionDialog)
    office.until(lambda: grant.register is not None)
    grant.authority.setText("The CIO")
    grant.reference.setText("File 8")
    grant.begin()
    office.until(lambda: office.colour == "amber")
    office.idle()
    grant.close()


def test_a_rule_is_tried_on_the_phones_of_this_window(free_office: Office) -> None:
    office = free_office
    office.window.desk_page.practise("clean")
    office.idle()
    page = policy_page(office)
    page.add_rule()
    form = dialog(office, RuleFormDialog)
    assert isinstance(form, RuleFormDialog)
    session = office.page.session
    assert session is not None
    assert session.check is not None
    package = next(app.package for app in session.check.inventory.apps if app.states)
    form.product.en.setText("Something")
    form.ids["android"].setPlainText(package)
    form.reason.en.setPlainText("It listens.")
    form.authority.en.setText("the CIO")
    form.reference.setText("File 7")
    office.until(lambda: "1 phone would be red that was not" in form.preview.sentence.text())
    form.close()


def test_an_exception_for_a_phone_of_the_desk_is_on_record(office: Office) -> None:
    office.window.desk_page.except_wanted.emit(WECHAT, PHONE, Labels("IT-7"))
    form = dialog(office, GrantExceptionDialog)
    assert isinstance(form, GrantExceptionDialog)
    office.until(lambda: form.register is not None)
    form.authority.setText("The CIO")
    form.reference.setText("File 7")
    form.begin()
    office.until(lambda: form.verdict.isVisible())
    assert "exception-granted" in [r.kind for r in office.records(practice=False)]
    office.until(lambda: office.window.status_bar.log_line.whole() != "Desk log: no entries yet")
    form.close()


def test_the_keys_sheet_names_what_can_be_done_here(office: Office) -> None:
    policy_page(office)
    office.press("Ctrl+F1")
    office.see("Import a signed policy", "Show the exceptions", "Ctrl+N")
    dialog(office, QDialog).close()


# What a screen reader and a keyboard find in the sheets


def _sheets(page: PolicyPage) -> dict[str, QDialog]:
    assert page.page_data is not None
    shown, dialogs = page.page_data, page.dialogs
    return {
        "add": dialogs.add(shown),
        "ban": dialogs.ban(shown, LOUD, "android"),
        "switch": dialogs.switch(shown, shown.policy.rules[0], off=True),
        "exceptions": dialogs.exceptions(),
        "grant": dialogs.except_(WECHAT, PHONE, Labels()),
        "bring": dialogs.import_policy(),
        "export": dialogs.export(shown, "intune"),
        "layers": dialogs.layers(shown),
        "beside": dialogs.beside(shown),
    }


def test_every_control_of_every_sheet_has_a_name_and_no_text_is_html(free_office: Office) -> None:
    from PySide6.QtWidgets import QLabel

    page = policy_page(free_office)
    for name, sheet in _sheets(page).items():
        free_office.until(lambda: free_office.fanion.runner.idle)
        found = list(walk(QAccessible.queryAccessibleInterface(sheet)))
        nameless = [described(i) for i in found if i.role() in NAMED and not i.text(QAccessible.Text.Name).strip()]
        assert not nameless, name
        labels = [label for label in sheet.findChildren(QLabel) if label.text()]
        assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels), name
        sheet.close()


def test_every_button_of_a_form_is_reached_with_tab(qtbot: QtBot, free_office: Office) -> None:
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    page = policy_page(free_office)
    assert page.page_data is not None
    form = page.dialogs.ban(page.page_data, LOUD, "android")
    form.activateWindow()
    free_office.until(lambda: QApplication.activeWindow() is form)
    reached: set[QWidget] = set()
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or form, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus)
    buttons = [b for b in form.findChildren(QPushButton) if b.isVisible() and b.isEnabled()]
    assert buttons
    assert set(buttons) <= reached
    form.close()
