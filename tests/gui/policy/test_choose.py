"""The dialog that chooses among the policies that come with Fanion."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.policy.format.policy_file import built_in
from gui.policy.choose_dialog import ChoosePolicyDialog
from gui.policy.policy_page import PolicyPage
from tests.gui.policy.conftest import MakePage, sheet


def test_another_policy_is_put_in_force_and_all_is_judged_by_it(qtbot: QtBot, page: PolicyPage) -> None:
    page.head.choose.click()
    dialog = sheet(page, ChoosePolicyDialog)
    assert [policy.id for policy in dialog.policies] == list(built_in())
    assert dialog.chosen is not None
    assert dialog.chosen.id == "canada"
    assert dialog.choice.currentText().endswith("(in force)")
    assert not dialog.go.isEnabled()
    assert "3 bans" in dialog.about.text()
    qtbot.keyClick(dialog.choice, Qt.Key.Key_Down)
    assert dialog.chosen.id == "european-commission"
    assert dialog.go.isEnabled()
    with qtbot.waitSignal(page.changed):
        dialog.begin()
    assert page.head.version.value.whole().startswith("european-commission ")
    assert page.policy is not None
    assert page.policy.id == "european-commission"
    assert page.notice.sentence.text().startswith("This desk now uses “")
    assert "recorded at" not in page.head.since.value.whole()
    assert not page.notice.undo.isVisible()


def test_where_it_is_locked_no_other_is_offered(make_page: MakePage) -> None:
    assert not make_page(locked=frozenset({"policy"})).head.choose.isVisible()
