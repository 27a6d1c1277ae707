"""Rules of a desk's own, from the page: added, edited, deleted, switched off, tried before, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.desk.desk import Desk
from core.desk.policy import policy_changes
from core.desk.policy.policy_changes import OwnRules
from core.desk.settings.settings_table import Settings
from core.model import App, AppState, Check, Inventory, Phone, Profile, ProfileKind, Strength
from core.policy.format.policy_file import load_built_in
from core.policy.matching import match
from core.text import Bilingual
from gui.policy.edit.change_dialogs import RuleChangeDialog
from gui.policy.edit.labelled_field import LineField
from gui.policy.edit.rule_draft import RuleDraft, rule_of
from gui.policy.edit.rule_form import RuleFormDialog
from gui.policy.policy_page import PolicyPage
from gui.policy.rules.rule_model import RuleOrigin
from gui.toolkit.buttons import DestructiveButton
from gui.toolkit.jobs import JobRunner
from gui.toolkit.translated_text import speak
from tests.gui.policy.conftest import MakePage, look_at, offered, open_sheets, says_wrong, sheet

DAY = date(2026, 11, 1)
SHA256 = "ab" * 32


def fill(form: RuleFormDialog, **texts: str) -> None:
    """Type what a rule needs; `texts` instead of some of it."""
    said = {
        "product": "Loud Games",
        "android": "org.example.loud",
        "reason": "It listens.",
        "authority": "the CIO",
        "reference": "File 7",
    } | texts
    form.product.en.setText(said["product"])
    form.ids["android"].setPlainText(said["android"])
    form.reason.en.setPlainText(said["reason"])
    form.authority.en.setText(said["authority"])
    form.reference.setText(said["reference"])
    for name, field in form.fields.items():
        field.touched = name in said
    form.look_again()


def own(page: PolicyPage) -> OwnRules:
    return policy_changes.own(page._desk)


def put_own(data: Path, mine: OwnRules) -> None:
    policy_changes.put_in_force(Desk(data, Settings(unsigned_policy=True)), mine)


def a_rule(**more: object) -> RuleDraft:
    return replace(
        RuleDraft(
            DAY,
            Bilingual("Loud Games", ""),
            ids={"android": "org.example.loud", "ios": ""},
            reason=Bilingual("It listens.", ""),
            authority=Bilingual("the CIO", ""),
            reference="File 7",
        ),
        **more,  # type: ignore[arg-type]
    )


def checked(*packages: str, model: str = "Pixel 9", practice: bool = False) -> Check:
    apps = tuple(App(package, states=(AppState(0, installed=True),)) for package in packages)
    phone = Phone("android", "google", model, "16", "S1", practice=practice)
    inventory = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), apps)
    policy = load_built_in("canada")
    time = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    return Check(inventory, policy, match.judge(inventory, policy), time, time)


# Adding


def test_a_rule_is_typed_put_in_force_and_chosen(qtbot: QtBot, page: PolicyPage, utc_today: date) -> None:
    page.table.setFocus()
    qtbot.keySequence(page, QKeySequence("Ctrl+N"))
    form = sheet(page, RuleFormDialog)
    assert not form.go.isEnabled()
    fill(form)
    assert form.go.isEnabled()
    with qtbot.waitSignals([page.changed, page.loaded]):
        qtbot.mouseClick(form.go, Qt.MouseButton.LeftButton)
    assert open_sheets(page) == 0
    (rule,) = own(page).rules
    assert (rule.id, rule.product, rule.strength) == ("loud-games", Bilingual("Loud Games", "Loud Games"), Strength.BAN)
    assert (rule.authority.name.fr, rule.authority.instrument.en, rule.effective) == ("the CIO", "File 7", utc_today)
    assert page.rule.entry is not None
    assert page.rule.entry.rule.id == "loud-games"
    assert page.rule.words.owner.whole() == "Rule of this desk"
    assert not page.rule.words.quote.isVisible()
    assert page.notice.sentence.text() == "The rule “Loud Games” is in force at this desk."
    assert page.count.whole() == "18 rules"
    assert [w for w in [page.warnings.accessibleName()] if "they are not signed" in w]
    page.search.setText("org.example.loud")
    assert page.answer.sentence.text().startswith("Yes, it would be banned.")


def test_the_last_change_can_be_taken_back(qtbot: QtBot, page: PolicyPage) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form)
    form.begin()
    changed = own(page)
    page.activateWindow()
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.notice.undo.hasFocus()  # a key alone changes no rule
    assert own(page) == changed
    with qtbot.waitSignal(page.loaded):
        qtbot.keyClick(page.notice.undo, Qt.Key.Key_Space)
    assert own(page) == OwnRules()
    assert page.count.whole() == "17 rules"
    assert page.notice.sentence.text() == "The rules are as they were before."
    assert not page.notice.undo.isVisible()
    with qtbot.assertNotEmitted(page.changed):
        page.take_back()  # there is nothing to take back any more


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("product", {"product": ""}, "Enter the name of the product."),
        ("android", {"android": ""}, "Give at least one id of the app, or its signer."),
        ("android", {"android": "no id"}, "“no id” is not an id that an app can have on Android."),
        ("android", {"android": "a.b\na.b"}, "“a.b” is entered twice."),
        ("reason", {"reason": "  "}, "Give the reason, in one sentence."),
        ("authority", {"authority": ""}, "Enter who decided it."),
        ("reference", {"reference": ""}, "Give the reference of the decision, such as a file number."),
        ("product", {"product": "a\u202eb"}, "“product.en” holds a character that cannot be shown."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_keeps_the_rule_from_being_saved(
    page: PolicyPage, field: str, typed: dict[str, str], said: str
) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form, **typed)
    assert says_wrong(form.fields[field]) == said
    assert [name for name, one in form.fields.items() if says_wrong(one)] == [field]
    assert form.first_wrong.text() == said
    assert form.first_wrong.isVisible()
    assert not form.go.isEnabled()
    form.begin()
    assert own(page) == OwnRules()
    fill(form)
    assert form.go.isEnabled()
    assert not form.first_wrong.isVisible()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12345678a", "A signer is given by its SHA-256"),
        ("xyz", "“xyz” is not a number in hexadecimal digits"),
        (SHA256[:-1] + "g", "is not a number in hexadecimal digits"),
    ],
)
def test_a_signer_that_is_none_is_said(page: PolicyPage, typed: str, said: str) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form)
    form.signers.setPlainText(typed)
    assert said in says_wrong(form.fields["signers"])
    assert not form.go.isEnabled()


def test_nothing_is_complained_of_before_somebody_was_there(qtbot: QtBot, page: PolicyPage) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    assert not any(says_wrong(field) for field in form.fields.values())
    assert form.first_wrong.text() == "Enter the name of the product."  # what to do first is said all the same
    form.activateWindow()
    qtbot.waitUntil(lambda: form.product.en.hasFocus())
    qtbot.keyClick(form.product.en, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: bool(says_wrong(form.fields["product"])))


def test_a_rule_about_what_was_not_found_begins_with_it(page: PolicyPage) -> None:
    page.search.setText("com.example.new")
    page.add_rule()
    assert sheet(page, RuleFormDialog).draft.ids["android"] == "com.example.new"
    sheet(page, RuleFormDialog).close()
    page.search.setText("Some New Thing")
    page.add_rule()
    assert sheet(page, RuleFormDialog).draft.product.en == "Some New Thing"


def test_an_app_that_another_rule_names_is_told_and_hinders_nothing(page: PolicyPage) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form, android="com.tencent.mm")
    assert form.already.sentence.text() == "The rule “WeChat” already names com.tencent.mm."
    assert form.go.isEnabled()


def test_an_app_of_a_phone_is_banned_with_its_signer_if_that_is_wanted(page: PolicyPage) -> None:
    app = App("org.example.loud", signers=("962f5b7",), certificates=(SHA256,), label="Loud <b>Games</b>")
    page.new_rule(app, "android")
    form = sheet(page, RuleFormDialog)
    assert (form.draft.product.en, form.draft.ids["android"], form.draft.signers) == (
        "Loud <b>Games</b>",
        app.package,
        "",
    )
    form.by_signer.setChecked(True)
    assert form.draft.signers == f"{SHA256} 962f5b7"
    form.by_signer.setChecked(False)
    assert form.draft.signers == ""
    form.by_signer.setChecked(True)
    form.reason.en.setPlainText("It listens.")
    form.authority.en.setText("the CIO")
    form.reference.setText("File 7")
    form.begin()
    (rule,) = own(page).rules
    assert [(s.sha256, s.hash) for s in rule.signers] == [(SHA256, "962f5b7")]
    assert page.rule.by_signatures.text() == "2 other signs"


def test_an_iphones_app_and_one_without_a_signer_offer_no_signer(page: PolicyPage) -> None:
    page.new_rule(App("com.example.loud", team="ABCDE12345"), "ios")
    form = sheet(page, RuleFormDialog)
    assert (form.draft.ids["ios"], form.draft.ids["android"]) == ("com.example.loud", "")
    assert not form.by_signer.isVisible()


def test_a_rule_can_be_asked_for_before_the_policy_was_read(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    page = PolicyPage(Desk(tmp_path, Settings(unsigned_policy=True)), runner)
    qtbot.addWidget(page)
    page.new_rule(App("org.example.loud"), "android")
    assert sheet(page, RuleFormDialog).draft.ids["android"] == "org.example.loud"


def test_where_the_policy_cannot_be_read_there_is_no_form_but_the_reason(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    page = PolicyPage(Desk(tmp_path, Settings(policy=str(tmp_path / "none.toml"))), runner)
    qtbot.addWidget(page)
    page.show()
    page.new_rule(App("org.example.loud"), "android")
    assert open_sheets(page) == 0
    assert page.problem.isVisible()


# Trying it before


def test_what_it_would_change_is_told_before_it_is_saved(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path, utc_today: date
) -> None:
    checks = (checked("org.example.loud"), checked("org.example.quiet"), checked("org.example.loud", practice=True))
    page = PolicyPage(Desk(tmp_path, Settings(unsigned_policy=True)), runner, checks=lambda: checks)
    qtbot.addWidget(page)
    page.show()
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    assert form.preview.sentence.text() == "Shown once the form is complete."
    fill(form)
    qtbot.waitUntil(lambda: form.preview.preview is not None)
    assert form.preview.sentence.text() == "On the last 3 checks: 2 phones would be red that were not."
    rows = [form.preview.list.item(n).text() for n in range(form.preview.list.count())]
    day = checked().ended.date()
    assert rows[0] == f"Google Pixel 9, {day}: red instead of green. Found: Loud Games (org.example.loud)"
    assert rows[1].startswith("Google Pixel 9 (practice), ")
    fill(form, android="org.example.none")
    qtbot.waitUntil(lambda: form.preview.sentence.text() == "On the last 3 checks, nothing would be different.")
    assert not form.preview.list.isVisible()
    fill(form, android="no id")
    assert form.preview.sentence.text() == "Shown once the form is complete."


def test_without_any_check_that_is_said(qtbot: QtBot, page: PolicyPage) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form)
    qtbot.waitUntil(lambda: form.preview.preview is not None)
    assert form.preview.sentence.text() == "No phone has been checked yet on which this could be tried."


def test_a_log_that_cannot_be_read_is_told_and_the_rule_can_be_saved(
    qtbot: QtBot, page: PolicyPage, tmp_path: Path
) -> None:
    from core.ledger.writer import ledger_file

    page.add_rule()
    form = sheet(page, RuleFormDialog)
    ledger_file(tmp_path).write_bytes(b"this is no log")
    fill(form)
    qtbot.waitUntil(lambda: "log" in form.preview.sentence.text().lower())
    assert form.go.isEnabled()


# Editing, deleting, switching


def test_an_own_rule_is_edited_and_keeps_what_the_form_does_not_ask_for(
    qtbot: QtBot, make_page: MakePage, tmp_path: Path, utc_today: date
) -> None:
    rule = replace(rule_of(a_rule(), "loud-games"), publisher="Loud Inc.", deadline=utc_today)
    put_own(tmp_path, OwnRules((rule,)))
    page = make_page()
    look_at(page, "loud-games")
    assert page.rule.words.maker.text() == "Loud Inc."
    page.table.setFocus()
    qtbot.keySequence(page, QKeySequence("F2"))
    form = sheet(page, RuleFormDialog)
    assert form.draft == a_rule()
    form.product.fr.setText("Jeux bruyants")
    form.begin()
    (changed,) = own(page).rules
    assert changed.product == Bilingual("Loud Games", "Jeux bruyants")
    assert (changed.id, changed.publisher, changed.deadline) == ("loud-games", "Loud Inc.", utc_today)


def test_an_own_rule_is_deleted_after_a_question(qtbot: QtBot, make_page: MakePage, tmp_path: Path) -> None:
    put_own(tmp_path, OwnRules((rule_of(a_rule(), "loud-games"),)))
    page = make_page()
    look_at(page, "loud-games")
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    ask = sheet(page, RuleChangeDialog)
    for key in (QKeySequence("Return"), QKeySequence("Ctrl+Return"), QKeySequence("Space")):
        qtbot.keyClick(QApplication.focusWidget() or ask, key[0].key(), key[0].keyboardModifiers())
    ask.go.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(ask.go, Qt.Key.Key_Return)
    assert own(page).rules
    ask.begin()
    assert own(page) == OwnRules()
    assert page.notice.sentence.text() == "The rule “Loud Games” is deleted."


def test_a_rule_in_the_policys_place_says_so(make_page: MakePage, tmp_path: Path) -> None:
    wechat = load_built_in("canada").rule("wechat")
    assert wechat is not None
    put_own(tmp_path, OwnRules((replace(wechat, strength=Strength.NOTICE),)))
    page = make_page()
    look_at(page, "wechat")
    assert page.rule.entry is not None
    assert page.rule.entry.origin is RuleOrigin.INSTEAD
    assert page.rule.words.owner.whole() == "Rule of this desk, in place of the policy’s"
    assert page.count.whole() == "17 rules"


def test_a_rule_of_the_policy_is_switched_off_listed_grey_and_switched_on_again(qtbot: QtBot, page: PolicyPage) -> None:
    look_at(page, "wechat")
    assert offered(page) == [page.rule.off]
    qtbot.mouseClick(page.rule.off, Qt.MouseButton.LeftButton)
    assert isinstance(sheet(page, RuleChangeDialog).go, DestructiveButton)
    sheet(page, RuleChangeDialog).begin()
    assert own(page).off == ("wechat",)
    assert page.count.whole() == "16 rules, 1 not in force"
    assert page.rule.entry is not None
    assert page.rule.entry.rule.id == "wechat"
    assert page.rule.words.owner.whole() == "Switched off by this desk: no app is judged by it"
    page.search.setText("com.tencent.mm")
    assert not page.answer.sentence.text().startswith("Yes")
    page.search.clear()
    assert offered(page) == [page.rule.on]
    qtbot.mouseClick(page.rule.on, Qt.MouseButton.LeftButton)
    sheet(page, RuleChangeDialog).begin()
    assert own(page) == OwnRules()
    assert page.count.whole() == "17 rules"


def test_two_sheets_at_once_lose_nothing_of_each_other(page: PolicyPage) -> None:
    """What is saved is the change, not the rules as they were when the sheet was opened."""
    assert page.page_data is not None
    before = page.page_data
    page.dialogs.switch(before, before.policy.rules[0], off=True).begin()
    page.dialogs.switch(before, before.policy.rules[1], off=True).begin()
    assert own(page).off == (before.policy.rules[0].id, before.policy.rules[1].id)


def test_a_disk_that_takes_nothing_is_told_in_the_form(
    page: PolicyPage, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    sync_by(full)
    form.begin()
    assert "could not be saved" in form.trouble.sentence.text()
    assert form.question_part.isVisible()
    assert form.draft.product.en == "Loud Games"
    assert not page.notice.isVisible()


# Where it is locked


def test_where_it_is_locked_there_is_no_form_and_it_is_said_why(make_page: MakePage) -> None:
    page = make_page(own_rules=False, locked=frozenset({"own_rules"}))
    assert not page.tools.add.isVisible()
    assert not offered(page)
    page.search.setText("no such app")
    assert not page.add_for_it.isVisible()
    page.search.clear()
    said = "Your organisation does not allow rules of this desk’s own on this computer."
    for act in (page.add_rule, page.take_out):
        page.problem.show_problem(None)
        act()
        assert open_sheets(page) == 0
        assert page.problem.sentence.text() == said
    page.problem.show_problem(None)
    page.new_rule(App("org.example.app", 1), "android")
    assert open_sheets(page) == 0
    assert page.problem.isVisible()


def test_own_rules_that_may_not_count_are_listed_as_such(make_page: MakePage, tmp_path: Path) -> None:
    put_own(tmp_path, OwnRules((rule_of(a_rule(), "loud-games"),)))
    page = make_page(own_rules=False)
    assert page.count.whole() == "17 rules, 1 not in force"
    assert "not in force: your organisation does not allow them" in page.warnings.accessibleName()
    look_at(page, "loud-games")
    assert page.rule.words.owner.whole() == "Rule of this desk, not in force: no app is judged by it"


def test_own_rules_that_may_not_count_and_cannot_be_read_do_not_hide_the_policy(
    make_page: MakePage, tmp_path: Path
) -> None:
    (tmp_path / "own-rules.toml").write_text("id = ", encoding="utf-8")
    page = make_page(own_rules=False)
    assert page.count.whole() == "17 rules"
    assert "own-rules.toml, line 1" in page.warnings.accessibleName()


def test_own_rules_in_force_that_cannot_be_read_stop_everything(make_page: MakePage, tmp_path: Path) -> None:
    (tmp_path / "own-rules.toml").write_text("id = ", encoding="utf-8")
    page = make_page()
    assert page.states.currentWidget() is page.unusable
    assert "own-rules.toml, line 1" in page.problem.sentence.text()


# Language


def test_a_form_changes_its_language_and_keeps_what_was_typed(page: PolicyPage) -> None:
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    fill(form)
    speak("fr")
    assert form.draft.product.en == "Loud Games"
    assert form.strength.currentText() == "Interdite"
    speak("en")
    assert isinstance(form, RuleChangeDialog)


def test_a_form_goes_with_its_window(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    """The focus leaves a field while the window is taken apart: that asks for nothing more."""
    page = PolicyPage(Desk(tmp_path, Settings(unsigned_policy=True)), runner)
    page.show()
    page.add_rule()
    form = sheet(page, RuleFormDialog)
    line = form.findChildren(LineField)[0]
    form.activateWindow()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    shiboken6.delete(page)
    assert not shiboken6.isValid(line)
