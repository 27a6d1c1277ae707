"""What a practice phone says of its management: restrictions by profile, owners, a store that is switched off."""

from __future__ import annotations

import pytest

from core.simulator.commands.management import device_policy, users
from core.simulator.model.phone import PracticePhone
from core.simulator.model.scenario import parse

DEVICE = """
[device]
maker = "Google"
model = "Pixel 9"
name = "tokay"
device = "tokay"
android = "16"
sdk = {sdk}
patch = "1 month ago"
serial = "PRACTICE-MANAGED"
"""
PROFILE = """
[[profiles]]
id = {id}
name = "User"
flags = "4c13"
restrictions = {restrictions}
"""
OWNER = """
[[apps]]
package = "com.example.dpc"
version = {{ code = 1, name = "1" }}
profiles = [{profile}]
admin = {{ receiver = ".Owner", profile = {profile}, owner = "{owner}", organisation_owned = {organisation} }}
"""


def phone(*parts: str, sdk: int = 36) -> PracticePhone:
    return PracticePhone(parse("managed", DEVICE.format(sdk=sdk) + "".join(parts)), pace=0)


def profile(id: int, *restrictions: str) -> str:
    return PROFILE.format(id=id, restrictions=list(restrictions))


def owner(kind: str, profile: int = 0, organisation: str = "false") -> str:
    return OWNER.format(owner=kind, profile=profile, organisation=organisation)


def test_a_device_owners_restrictions_stand_apart_from_the_systems() -> None:
    text = users(phone(profile(0, "no_install_apps"), owner("device")))
    assert (
        "    Has profile owner: false\n"
        "    Restrictions:\n"
        "      no_add_user\n      no_add_managed_profile\n      no_add_clone_profile\n      no_add_private_profile\n"
        "    Device policy restrictions:\n"
        "      no_install_apps\n"
        "    Effective restrictions:\n"
        "      no_add_user\n      no_add_managed_profile\n      no_add_clone_profile\n      no_add_private_profile\n"
        "      no_install_apps\n"
    ) in text
    assert "  Device managed: true\n" in text


@pytest.mark.parametrize(
    ("sdk", "local"),
    [(28, "      no_install_apps\n"), (33, "      User Id: 10\n        no_install_apps\n")],
)
def test_before_android_14_local_and_global_restrictions_are_two(sdk: int, local: str) -> None:
    text = users(phone(profile(0), profile(10, "no_install_apps"), owner("profile", 10), sdk=sdk))
    assert (
        "    Has profile owner: true\n    Restrictions:\n      none\n"
        "    Device policy global restrictions:\n      none\n"
        f"    Device policy local restrictions:\n{local}"
        "    Effective restrictions:\n      no_install_apps\n"
    ) in text
    assert "  Device owner id:-10000\n" in text


def test_without_an_owner_a_restriction_is_the_systems() -> None:
    text = users(phone(profile(0, "no_install_apps")))
    assert "    Restrictions:\n      no_install_apps\n    Device policy restrictions:\n      none\n" in text


def test_an_owner_for_an_organisation() -> None:
    text = device_policy(phone(profile(0), profile(10), owner("profile", 10, "true")))
    assert "    package=com.example.dpc\n    isOrganizationOwnedDevice=true\n" in text


def test_a_store_that_is_switched_off_or_hidden() -> None:
    store = """
[[apps]]
package = "{package}"
version = {{ code = 1, name = "1" }}
system = true
{where} = [0]
"""
    made = phone(
        profile(0),
        store.format(package="com.android.vending", where="off_in"),
        store.format(package="com.example.store", where="hidden_in"),
    )
    assert made.state("com.android.vending").enabled == 3
    assert made.state("com.example.store").hidden
    with pytest.raises(ValueError, match="where it is not installed"):
        phone(profile(0), store.format(package="com.example.store", where="profiles = []\nhidden_in"))


def test_what_is_no_restriction_is_refused() -> None:
    with pytest.raises(ValueError, match="matching regex"):
        phone(profile(0, "no install\napps"))
