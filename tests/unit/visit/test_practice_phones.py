"""What a check says of practice phones that show one thing each: its verdict, what it found, and nothing left over."""

from __future__ import annotations

import pytest

from core.model import Enabled, Light, ProfileKind, Verdict, can_return
from tests.unit.visit.conftest import Checked

TIKTOK = "com.zhiliaoapp.musically"
PAGE = "org.chromium.webapk.a8f0b7a8c1d2e3f45_v2"


@pytest.mark.parametrize(
    ("scenario", "verdict", "banned", "shown", "gaps"),
    [
        ("clean", Verdict.GREEN, set(), set(), []),
        ("private-space", Verdict.RED, {TIKTOK}, set(), []),
        ("web-page", Verdict.GREEN, set(), {PAGE}, []),
        ("apps-inside", Verdict.AMBER, set(), set(), ["Pocket Space can hold apps that no list shows"]),
        ("repair-mode", Verdict.AMBER, set(), set(), ["The phone is in repair mode"]),
        ("maintenance-mode", Verdict.AMBER, set(), set(), ["The phone is in maintenance mode"]),
        ("advanced-protection", Verdict.GREEN, set(), set(), []),
        ("managed-blocks", Verdict.GREEN, set(), set(), []),
    ],
)
def test_each_has_its_verdict_and_leaves_nothing_unread(
    checked: Checked, scenario: str, verdict: Verdict, banned: set[str], shown: set[str], gaps: list[str]
) -> None:
    visit, _ = checked(scenario)
    check = visit.last_check
    assert check is not None
    assert check.verdict is verdict
    assert {finding.app.package for finding in check.bans} == banned
    others = {finding.app.package for finding in check.findings} - banned
    assert others == shown
    said = [str(gap.what) for gap in check.gaps]
    assert len(said) == len(gaps), said
    assert all(one.startswith(begin) for one, begin in zip(said, gaps, strict=True))


def test_a_private_space_is_told_by_its_kind_although_it_is_locked(checked: Checked) -> None:
    visit, _ = checked("private-space")
    assert visit.last_check is not None
    space = visit.last_check.inventory.profiles[1]
    assert (space.kind, space.readable) == (ProfileKind.PRIVATE_SPACE, True)


def test_on_a_managed_phone_with_its_store_switched_off_no_banned_app_can_come_back(checked: Checked) -> None:
    visit, _ = checked("managed-blocks")
    assert visit.last_check is not None
    inventory = visit.last_check.inventory
    (store,) = (app for app in inventory.apps if app.package == "com.android.vending")
    assert [state.enabled for state in store.states] == [Enabled.DISABLED_USER]
    assert can_return.overall(visit.last_check.returns) is can_return.Return.BLOCKED
    assert [admin.package for admin in inventory.admins if admin.owner] == ["com.google.android.apps.work.clouddpc"]


def test_advanced_protection_and_its_part_for_the_cable_are_signals_of_the_phone(checked: Checked) -> None:
    visit, _ = checked("advanced-protection")
    assert visit.last_check is not None
    signals = {signal.signal: signal for signal in visit.last_check.health}
    assert (signals["advanced-protection"].light, str(signals["advanced-protection"].value)) == (Light.GREEN, "on")
    assert str(signals["usb-protection"].value) == "on"
