"""What the holder of a practice phone can remove with the phone's own settings, and what not."""

from __future__ import annotations

from core.simulator import PracticePhone, load


def held(scenario: str) -> PracticePhone:
    return PracticePhone(load(scenario), pace=0)


def test_an_app_is_taken_off_its_profile_alone() -> None:
    phone = held("secure-folder")
    assert phone.can_remove_by_hand("com.tencent.mm", 150)
    assert not phone.can_remove_by_hand("com.tencent.mm", 0)
    phone.remove_by_hand("com.tencent.mm", 150)
    assert not phone.state("com.tencent.mm", 150).installed
    assert not phone.can_remove_by_hand("com.tencent.mm", 150)


def test_what_came_with_the_phone_is_switched_off_and_stays() -> None:
    phone = held("preinstalled")
    package = next(p.name for p in phone.packages.values() if (p.system and "kaspersky" in p.name) or "kms" in p.name)
    phone.remove_by_hand(package, 0)
    assert phone.state(package).installed
    assert not phone.is_in_use(package, 0)
    assert not phone.can_remove_by_hand(package, 0)


def test_an_administrator_loses_its_rights_first_and_an_owner_keeps_them() -> None:
    phone = held("device-admin")
    (admin,) = [a for a in phone.admins if not a.data.owner]
    (owner,) = [a for a in phone.admins if a.data.owner]
    for one in (admin, owner):
        phone.remove_by_hand(one.package, one.data.profile)
    assert phone.admin(admin.package) is None
    assert not phone.state(admin.package).installed
    assert phone.admin(owner.package) is not None
    assert phone.state(owner.package).installed


def test_an_app_that_is_not_there_is_nothing() -> None:
    phone = held("clean")
    phone.remove_by_hand("com.tencent.mm", 0)
    assert not phone.can_remove_by_hand("com.tencent.mm", 0)
