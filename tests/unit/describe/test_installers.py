"""What an app's installer means."""

from __future__ import annotations

import pytest

from core.describe.installers import INSTALLERS_OF_FILES, OTHER_STORES, STORES, from_store, installer
from core.model import App, Signed
from core.text import LANGUAGES, Text


def app(id: str = "", *, system: bool = False) -> App:
    return App("org.example.app", installer=id, system=system, updated_system=system and bool(id))


def said(of: App) -> str:
    """In English, whatever the language in use."""
    who = installer(of)
    return who.in_language("en") if isinstance(who, Text) else who


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("com.android.vending", "Google Play"),
        ("com.sec.android.app.samsungapps", "Galaxy Store"),
        ("com.huawei.appmarket", "AppGallery"),
        ("com.xiaomi.mipicks", "GetApps"),
        ("com.xiaomi.market", "GetApps"),
        ("com.heytap.market", "OPPO App Market"),
        ("com.oppo.market", "OPPO App Market"),
        ("com.vivo.appstore", "V-Appstore"),
        ("com.bbk.appstore", "V-Appstore"),
        ("com.amazon.venezia", "Amazon Appstore"),
        ("com.meizu.mstore", "Meizu App Store"),
    ],
)
def test_a_store_is_called_by_its_name(id: str, name: str) -> None:
    assert said(app(id)) == name
    assert from_store(app(id))


@pytest.mark.parametrize("id", sorted(STORES))
def test_a_system_app_that_a_store_keeps_up_to_date_names_the_store(id: str) -> None:
    assert said(app(id, system=True)) == STORES[id]
    assert from_store(app(id, system=True))


@pytest.mark.parametrize(
    "id",
    [
        "com.google.android.packageinstaller",
        "com.android.packageinstaller",
        "com.samsung.android.packageinstaller",
        "com.miui.packageinstaller",
        "com.google.android.apps.nbu.files",
        "com.sec.android.app.myfiles",
        "com.android.chrome",
        "com.whatsapp",
    ],
)
def test_what_was_installed_from_a_file_is_not_from_a_store(id: str) -> None:
    assert said(app(id)) == "Installed from a file"
    assert not from_store(app(id))


def test_a_system_app_is_updated_from_a_file_not_installed_from_one() -> None:
    assert said(app("com.android.packageinstaller", system=True)) == "Updated from a file"
    assert from_store(app("com.android.packageinstaller", system=True))


def test_what_came_over_a_cable_says_so() -> None:
    assert said(app("com.android.shell")) == "Installed from a computer"
    assert said(app("com.android.shell", system=True)) == "Updated from a computer"
    assert not from_store(app("com.android.shell"))


def test_a_system_app_without_an_installer_came_with_the_phone() -> None:
    assert said(app(system=True)) == "Came with the phone"
    assert from_store(app(system=True))


def test_an_app_without_an_installer_is_not_known_to_be_from_anywhere() -> None:
    assert said(app()) == "Not known"
    assert not from_store(app())


@pytest.mark.parametrize("id", sorted(OTHER_STORES))
def test_a_store_that_no_phone_comes_with_is_named_and_does_not_count(id: str) -> None:
    assert said(app(id)) == f"Other store: {OTHER_STORES[id]}"
    assert not from_store(app(id))


@pytest.mark.parametrize(
    "id", ["com.dti.att", "com.android.vending.fake", "COM.ANDROID.VENDING", "com.android.vending "]
)
def test_any_other_installer_is_shown_as_it_stands(id: str) -> None:
    assert said(app(id)) == id
    assert not from_store(app(id))


def test_no_id_means_two_things() -> None:
    assert not STORES.keys() & OTHER_STORES.keys()
    assert not INSTALLERS_OF_FILES & (STORES.keys() | OTHER_STORES.keys())


def test_every_word_can_be_said_in_every_language() -> None:
    apps = [app(), app(system=True), app("com.android.chrome"), app("com.android.shell"), app("org.fdroid.fdroid")]
    for one in apps:
        who = installer(one)
        assert isinstance(who, Text)
        assert all(who.in_language(language) for language in LANGUAGES)


def test_where_an_iphones_app_came_from() -> None:
    store = App("a.b", installer="com.apple.AppStore", signed=Signed.STORE)
    tests = App("a.b", installer="com.apple.TestFlight", signed=Signed.TESTING)
    outside = App("a.b", signed=Signed.ORGANISATION, signed_by="iPhone Distribution: Example")
    assert [said(one) for one in (store, tests, outside)] == [
        "From the App Store",
        "From TestFlight (a version for testing)",
        "Signed by iPhone Distribution: Example",
    ]
    assert [from_store(one) for one in (store, tests, outside)] == [True, False, False]
    assert not from_store(app("com.apple.AppStore"))  # an Android phone's app, which can name any
