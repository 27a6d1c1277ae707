"""What is done on the phone itself about a finding: as it was recorded, or by what an earlier version recorded."""

from __future__ import annotations

import pytest

from core.ledger.records import AppFound
from core.model import App, AppState, Enabled, Finding, Match, Profile, ProfileKind, Strength
from core.reports.receipt.story import by_hand
from core.text import Bilingual, T


def found(
    kind: ProfileKind = ProfileKind.PERSONAL,
    *,
    system: bool = False,
    enabled: Enabled = Enabled.DEFAULT,
    match: Match = Match.NAMED,
    label: str = "",
) -> Finding:
    app = App("com.tencent.mm", system=system, label=label, states=(AppState(0, installed=True, enabled=enabled),))
    return Finding("wechat", Bilingual("WeChat", "Weixin"), Strength.BAN, app, Profile(0, "", kind), (), T("x"), match)


def said(finding: Finding, *, closed: bool = False, admin: bool = False) -> str:
    return str(by_hand(AppFound.of(finding), closed=closed, admin=admin))


def test_what_was_recorded_with_the_check_is_said() -> None:
    recorded = T("{app} manages this phone or profile. Ask the organisation that enrolled it to release it.", app="X")
    assert by_hand(AppFound.of(found(), recorded), closed=True, admin=True) == recorded


@pytest.mark.parametrize(
    ("finding", "part"),
    [
        (found(), "Settings, Apps, WeChat, and tap Uninstall. Then"),
        (found(system=True), "tap Uninstall or Disable"),
        (found(ProfileKind.SECURE_FOLDER), "open Secure Folder"),
        (found(match=Match.SAME_SIGNER), "Settings, Apps, com.tencent.mm,"),
        (found(match=Match.SAME_SIGNER, label="Notes"), "Settings, Apps, Notes,"),
    ],
)
def test_a_record_of_an_earlier_version_tells_by_its_facts(finding: Finding, part: str) -> None:
    assert part in said(finding)


def test_a_closed_work_profile_and_a_device_administrator() -> None:
    assert "in the work profile" in said(found(ProfileKind.WORK), closed=True)
    assert "Settings, Apps" in said(found(ProfileKind.WORK))
    assert "Device admin apps" in said(found(), admin=True)


@pytest.mark.parametrize("match", [Match.LABEL, Match.SUSPECTED_CODE])
def test_nothing_is_to_be_done_about_what_is_no_ban_or_switched_off(match: Match) -> None:
    assert said(found(match=match)) == "None"
    assert said(found(system=True, enabled=Enabled.DISABLED_USER)) == "None"
