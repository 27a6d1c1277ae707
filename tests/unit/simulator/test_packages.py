"""`pm` on the practice phones: what it says, what it does, and where the two differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.simulator import AppOnProfile, load
from core.simulator.model.phone import PracticePhone
from tests.unit.simulator.conftest import Desk

WECHAT = "com.tencent.mm"
KASPERSKY = "com.kms.free"
TIKTOK = "com.zhiliaoapp.musically"

Desks = Callable[[str], Desk]


def test_uninstalling_removes_once(desk: Desks) -> None:
    at = desk("walk-up")
    done = at.run(f"pm uninstall --user 0 {WECHAT}")
    assert (done.code, done.out) == (0, "Success\n")
    assert WECHAT not in at.phone.installed()
    again = at.run(f"pm uninstall --user 0 {WECHAT}")
    assert (again.code, again.out) == (1, "Failure [not installed for 0]\n")
    assert at.run(f"pm path {WECHAT}").code == 1


def test_cmd_package_is_the_same_as_pm(desk: Desks) -> None:
    at = desk("walk-up")
    assert at.run(f"cmd package uninstall {WECHAT}").out == "Success\n"
    assert WECHAT not in at.phone.installed()


def test_a_list_of_packages_with_all_that_can_be_shown(desk: Desks) -> None:
    done = desk("walk-up").run("pm list packages -f -i -U --show-versioncode tencent")
    assert done.out.startswith("package:/data/app/~~")
    assert done.out.endswith("/base.apk=com.tencent.mm versionCode:2840  installer=com.android.vending uid:10271\n")


def test_lists_by_kind_and_state(desk: Desks) -> None:
    at = desk("walk-up")
    everything = at.run("pm list packages").out.splitlines()
    system = at.run("pm list packages -s").out.splitlines()
    others = at.run("pm list packages -3").out.splitlines()
    assert sorted(system + others) == sorted(everything)
    assert len(everything) == 302
    at.run(f"pm disable-user {KASPERSKY}; pm uninstall --user 0 {WECHAT}")
    assert at.run("pm list packages -d").out == f"package:{KASPERSKY}\n"
    assert f"package:{KASPERSKY}\n" not in at.run("pm list packages -e").out
    assert f"package:{WECHAT}\n" not in at.run("pm list packages").out


def test_only_the_work_profile_has_it_and_only_there_it_goes(desk: Desks) -> None:
    at = desk("work-profile")
    assert (
        at.run("pm list users").out
        == "Users:\n\tUserInfo{0:Owner:4c13} running\n\tUserInfo{10:Work profile:1030} running\n"
    )
    assert TIKTOK not in at.run("pm list packages --user 0").out
    assert TIKTOK in at.run("pm list packages --user 10").out
    assert at.run(f"pm uninstall --user 0 {TIKTOK}").out == "Failure [not installed for 0]\n"
    assert at.run(f"pm uninstall --user 10 {TIKTOK}").out == "Success\n"
    assert TIKTOK not in at.phone.installed(10)


@pytest.mark.parametrize(
    ("command", "act"),
    [
        (f"pm uninstall --user 150 {WECHAT}", "uninstall"),
        (f"pm uninstall {WECHAT}", "uninstall"),
        (f"pm disable-user --user 150 {WECHAT}", "disable-user"),
    ],
)
def test_the_secure_folder_is_closed(desk: Desks, command: str, act: str) -> None:
    at = desk("secure-folder")
    done = at.run(command)
    assert done.code == 255
    assert done.out == ""
    assert done.err.startswith(
        f"\nException occurred while executing '{act}':\n"
        "java.lang.SecurityException: Shell does not have permission to access user 150\n\tat "
    )
    assert WECHAT in at.phone.installed(150)


def test_a_list_passes_over_the_secure_folder(desk: Desks) -> None:
    """Since Android 15 a list of a closed profile is empty, and ends well."""
    at = desk("secure-folder")
    refused = "Error: java.lang.SecurityException: Shell does not have permission to access user 150\n"
    done = at.run("pm list packages --user 150")
    assert (done.code, done.out, done.err) == (0, "", refused)
    every = at.run("pm list packages")
    assert (every.code, every.err) == (0, refused)
    assert every.out == at.run("pm list packages --user 0").out


def test_before_android_15_a_list_of_the_secure_folder_ends_with_its_refusal() -> None:
    scenario = load("secure-folder")
    at = Desk(PracticePhone(replace(scenario, device=replace(scenario.device, sdk=34)), pace=0))
    for command in ("pm list packages --user 150", "pm list packages"):
        done = at.run(command)
        assert (done.code, done.out) == (255, "")
        assert "java.lang.SecurityException: Shell does not have permission to access user 150\n" in done.err


def test_before_android_13_a_list_without_a_user_is_that_of_the_first() -> None:
    at = Desk(PracticePhone(load("odd-answers"), pace=0))
    at.phone.uninstall(at.phone.packages[TIKTOK], [0])
    assert TIKTOK not in at.run("pm list packages").out
    assert TIKTOK in at.run("pm list packages --user 999").out


def test_what_came_with_android_17_cannot_be_removed_but_switched_off(desk: Desks) -> None:
    at = desk("preinstalled")
    done = at.run("pm uninstall --user 0 com.kmsjp")
    assert (done.code, done.out) == (1, "Failure [only root can delete system app for a particular user]\n")
    assert at.run("pm uninstall com.kmsjp").out == "Failure [DELETE_FAILED_INTERNAL_ERROR]\n"
    assert at.run("pm disable-user --user 0 com.kmsjp").out == "Package com.kmsjp new state: disabled-user\n"
    assert at.phone.state("com.kmsjp").enabled == 3


def test_updates_of_a_system_app_go_back_to_the_factory_version(desk: Desks) -> None:
    at = desk("preinstalled")
    name = "com.kaspersky.passwordmanager"
    done = at.run(f"pm uninstall-system-updates {name}")
    assert done.out == f"Uninstalling updates to {name}...\nSuccess\n"
    assert done.code == 1  # Android's own: 1 is success here
    assert at.phone.packages[name].version.name == "9.2.100"
    assert at.run(f"pm path {name}").out.startswith("package:/system/")


def test_an_older_system_app_goes_for_one_user_and_comes_back(desk: Desks) -> None:
    at = desk("clean")
    name = "com.google.android.youtube"
    assert at.run(f"pm uninstall --user 0 {name}").out == "Success\n"
    assert name not in at.phone.installed()
    assert at.run(f"cmd package install-existing --user 0 {name}").out == f"Package {name} installed for user: 0\n"
    assert name in at.phone.installed()


def test_an_administrator_must_be_switched_off_first(desk: Desks) -> None:
    at = desk("device-admin")
    refused = at.run(f"pm uninstall --user 0 {KASPERSKY}")
    assert (refused.code, refused.out) == (1, "Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n")
    assert KASPERSKY in at.phone.installed()
    assert at.run(f"pm disable-user --user 0 {KASPERSKY}").code == 0
    assert at.phone.admin(KASPERSKY) is None
    assert at.run(f"pm uninstall --user 0 {KASPERSKY}").out == "Success\n"


def test_an_owner_refuses_everything(desk: Desks) -> None:
    at = desk("device-admin")
    name = "com.kaspersky.kes"
    assert "DEVICE_POLICY_MANAGER" in at.run(f"pm uninstall --user 0 {name}").out
    refused = at.run(f"pm disable-user --user 0 {name}")
    assert (refused.code, f"Cannot disable a protected package: {name}" in refused.err) == (255, True)
    assert at.run(f"pm suspend --user 0 {name}").out == f"Package {name} new suspended state: false\n"
    assert at.phone.state(name).enabled == 0
    assert at.phone.admin(name) is not None


def test_a_stubborn_phone_confirms_and_undoes(desk: Desks) -> None:
    at = desk("stubborn")
    assert at.run(f"pm uninstall --user 0 {TIKTOK}").out == "Success\n"
    assert at.run(f"pm disable-user --user 0 {TIKTOK}").out == f"Package {TIKTOK} new state: disabled-user\n"
    assert at.run(f"pm suspend --user 0 {TIKTOK}").out == f"Package {TIKTOK} new suspended state: false\n"
    assert TIKTOK in at.phone.installed()
    assert at.phone.state(TIKTOK).enabled == 0


@pytest.mark.parametrize(
    ("package", "out"),
    [
        (TIKTOK, "Failure [-1000]\n"),
        (WECHAT, "Failure [DELETE_FAILED_OWNER_BLOCKED]\n"),
        (KASPERSKY, "Failure [DELETE_FAILED_USER_RESTRICTED]\n"),
        ("com.kaspersky.safekids", "Failure: package is non-disable\n"),
        ("com.kaspersky.who_calls", ""),
        ("com.kaspersky.qrscanner", "Une erreur inattendue est survenue (47)\n"),
    ],
)
def test_answers_in_a_makers_own_words_change_nothing(desk: Desks, package: str, out: str) -> None:
    at = desk("odd-answers")
    assert at.run(f"pm uninstall --user 0 {package}").out == out
    assert package in at.phone.installed()


def test_android_10_says_an_exception_twice(desk: Desks) -> None:
    done = desk("odd-answers").run(f"pm disable-user --user 0 {TIKTOK}")
    assert done.code == 255
    assert done.err.startswith(
        "Security exception: Cannot disable miui core packages\n\n"
        "java.lang.SecurityException: Cannot disable miui core packages\n"
    )


def test_android_9_says_it_in_one_line(desk: Desks) -> None:
    done = desk("older").run("pm disable-user com.example.nothing")
    assert (done.code, done.err) == (
        1,
        "Error: java.lang.IllegalArgumentException: Unknown package: com.example.nothing\n",
    )


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("pm", 255, "Package manager (package) commands:"),
        ("pm explode", 255, "Unknown command: explode"),
        ("pm list things", 255, "Error: unknown list type 'things'"),
        ("pm list packages --colour", 255, "Error: Unknown option: --colour"),
        ("pm list packages --user x", 255, "Bad user number: x"),
        ("pm uninstall", 1, "Error: package name not specified"),
        ("pm uninstall --colour x", 1, "Error: Unknown option: --colour"),
        ("pm uninstall com.example.nothing", 1, "Failure [DELETE_FAILED_INTERNAL_ERROR]"),
        ("pm uninstall --user 0 com.example.nothing", 1, "Failure [not installed for 0]"),
        ("pm disable-user", 1, "Error: package name not specified"),
        ("pm disable-user com.example.nothing", 255, "Unknown package: com.example.nothing"),
        ("pm disable-user --user 77 com.kms.free", 0, "Package com.kms.free new state: disabled"),
        ("pm suspend com.example.nothing", 1, "Unknown target package: com.example.nothing"),
        ("pm clear com.kms.free", 255, "Unknown command: clear"),
        ("pm path", 1, "Error: package name not specified"),
        ("pm install-existing com.example.nothing", 1, "Package com.example.nothing doesn't exist"),
        ("pm uninstall-system-updates com.example.nothing", 255, "NullPointerException"),
        ("cmd explode", 20, "cmd: Can't find service: explode"),
    ],
)
def test_mistakes_get_the_answers_of_a_phone(desk: Desks, command: str, code: int, words: str) -> None:
    at = desk("walk-up")
    before = at.phone.installed()
    done = at.run(command)
    assert words in done.out + done.err
    assert done.code == code
    assert at.phone.installed() == before


def test_suspending_and_enabling_can_be_taken_back(desk: Desks) -> None:
    at = desk("walk-up")
    assert at.run(f"pm suspend {WECHAT}").out == f"Package {WECHAT} new suspended state: true\n"
    assert at.phone.state(WECHAT).suspended
    assert at.run(f"pm unsuspend {WECHAT}").out == f"Package {WECHAT} new suspended state: false\n"
    at.run(f"pm disable-user {WECHAT}")
    assert at.run(f"pm enable {WECHAT}").out == f"Package {WECHAT} new state: enabled\n"
    assert at.phone.state(WECHAT) == AppOnProfile(True, enabled=1)


def test_app_links_show_the_signer_of_apps_with_domains(desk: Desks) -> None:
    done = desk("walk-up").run("pm get-app-links")
    assert f"  {WECHAT}:\n    ID: " in done.out
    assert "    Signatures: [0F:E4:FF:85:C2:15:91:83:96:DA:DC:7C:D8:CE:69:63:33:9A:F3:3D" in done.out
    assert "    Domain verification state:\n      weixin.qq.com: verified\n" in done.out
    assert KASPERSKY not in done.out
    assert "Unknown command" in desk("older").run("pm get-app-links").out
