"""An iPhone on the page: apps for review that decide nothing, and management where that is the better tool."""

from __future__ import annotations

import pytest

from core.model import Verdict
from core.simulator import Act
from gui.desk.acts.all_acts import HAND_BACK
from gui.desk.apps.app_model import Column
from gui.desk.session.app_rows import AppKind
from gui.policy.export_dialog import ExportPolicyDialog
from tests.gui.conftest import Office


def checked(office: Office, scenario: str) -> None:
    session = office.window.desk_page.practise(scenario)
    office.until(lambda: session.check is not None and not session.busy)
    office.idle()


@pytest.mark.slow
def test_an_app_for_review_is_shown_with_its_signer_and_the_page_stays_green(office: Office) -> None:
    session = office.window.desk_page.practise("iphone-untrusted")
    office.until(lambda: bool(session.acts))
    office.fanion.phones.act(session, Act.TRUST)
    office.until(lambda: session.check is not None)
    office.idle()
    assert session.verdict is Verdict.GREEN
    model = office.page.apps.model
    assert model.row(0).kind is AppKind.REVIEW
    assert model.index(0, Column.FLAG).data() == "For review"
    assert "Apple Development: practice@example.invalid" in model.index(0, Column.INSTALLER).data()
    # It can be removed, but only where the officer ticks it.
    assert len(office.block.also.boxes) == 1
    assert not office.block.also.boxes[0].isChecked()
    assert not office.block.remove.isVisible()
    assert office.page.managed.isHidden()


@pytest.mark.slow
def test_of_a_supervised_phone_the_policy_is_saved_for_its_management(office: Office) -> None:
    checked(office, "iphone-supervised")
    card = office.page.managed
    assert card.isVisible()
    assert "the list of banned apps" in card.sentence.text()
    card.export.click()
    office.until(lambda: bool(office.window.findChildren(ExportPolicyDialog)))
    (dialog,) = office.window.findChildren(ExportPolicyDialog)
    assert dialog._format.name == "apple"
    dialog.close()
    office.page.desk_actions.want(HAND_BACK)
    assert card.isVisible()
