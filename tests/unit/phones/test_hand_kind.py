"""Who removes an app that no computer can remove: decided by the phone's facts, whatever its texts say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model import Admin, App, AppState, Finding, Inventory, Phone, Profile, ProfileKind, Strength
from core.phones.android import removal
from core.phones.driver import Answer, Outcome, Step
from core.phones.hand_kind import Doer, HandKind
from core.text import Bilingual, T

PERSONAL = Profile(0, "Owner", ProfileKind.PERSONAL)
WORK = Profile(10, "Work", ProfileKind.WORK, readable=False)
FOLDER = Profile(150, "Secure Folder", ProfileKind.SECURE_FOLDER, readable=False)
WECHAT = App("com.tencent.mm", states=(AppState(0, installed=True),))
FACTORY = replace(WECHAT, system=True)
ARCHIVED = replace(WECHAT, states=(AppState(0, installed=False, archived=True),))
ADMIN = Admin(0, "com.tencent.mm/.Admin")
ITS_OWNER = Admin(0, "com.tencent.mm/.Admin", owner="device")
OTHER_OWNER = Admin(0, "org.mdm/.Admin", owner="device")


def finding(app: App, profile: Profile) -> Finding:
    return Finding("wechat", Bilingual("WeChat", "WeChat"), Strength.BAN, app, profile, (), T("banned"))


def history(act: str, outcome: Outcome) -> list[tuple[Step, Answer]]:
    return [(Step(act, "com.tencent.mm", 0, "WeChat", T("x")), Answer(outcome, "the phone says anything", T("x")))]


@pytest.mark.parametrize(
    ("app", "profile", "admins", "tried", "kind", "doer"),
    [
        (WECHAT, PERSONAL, (), (), HandKind.APP_PAGE, Doer.HOLDER),
        (FACTORY, PERSONAL, (), (), HandKind.FACTORY_APP, Doer.HOLDER),
        (FACTORY, PERSONAL, (), history("disable", Outcome.REFUSED), HandKind.FACTORY_APP, Doer.HOLDER),
        (FACTORY, PERSONAL, (), history("disable", Outcome.PROTECTED), HandKind.PROTECTED, Doer.NOBODY),
        (WECHAT, PERSONAL, (), history("disable", Outcome.PROTECTED), HandKind.APP_PAGE, Doer.HOLDER),
        (ARCHIVED, PERSONAL, (), (), HandKind.ARCHIVED, Doer.HOLDER),
        (WECHAT, PERSONAL, (ADMIN,), (), HandKind.DEVICE_ADMIN, Doer.HOLDER),
        (WECHAT, PERSONAL, (ITS_OWNER,), (), HandKind.MANAGED, Doer.MANAGEMENT),
        (WECHAT, PERSONAL, (), history("uninstall", Outcome.OWNER), HandKind.MANAGED, Doer.MANAGEMENT),
        (WECHAT, PERSONAL, (OTHER_OWNER,), history("uninstall", Outcome.RESTRICTED), HandKind.MANAGED, Doer.MANAGEMENT),
        (WECHAT, PERSONAL, (), history("uninstall", Outcome.RESTRICTED), HandKind.APP_PAGE, Doer.HOLDER),
        (WECHAT, WORK, (), (), HandKind.WORK_PROFILE, Doer.HOLDER),
        (WECHAT, FOLDER, (OTHER_OWNER,), history("uninstall", Outcome.OWNER), HandKind.SECURE_FOLDER, Doer.HOLDER),
    ],
)
def test_the_facts_say_where_it_is_done_and_who_does_it(
    app: App, profile: Profile, admins: tuple[Admin, ...], tried: list[tuple[Step, Answer]], kind: HandKind, doer: Doer
) -> None:
    phone = Phone("android", "samsung", "SM-S901W", "14", "R5", sdk=34)
    inventory = Inventory(phone, (PERSONAL, profile), (app,), admins)
    found = finding(app, profile)
    assert removal.hand_kind(found, inventory, tried) is kind
    assert kind.doer is doer
    if doer is not Doer.HOLDER:  # no screen of the phone is opened for what nobody can do there
        assert removal.settings_screen(found, inventory, tried) is None
