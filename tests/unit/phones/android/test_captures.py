"""Every capture of a real phone is read, with exactly what it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from core.model import Enabled
from core.phones.android.link.shell import Lines
from core.phones.android.listings import short_answers
from core.phones.android.listings.dump import Dump

T = TypeVar("T")


@pytest.fixture
def captures(shared: Path) -> Path:
    return shared / "captures"


def lines_of(file: Path) -> list[str]:
    blocks: list[str] = []
    reader = Lines(blocks.append)
    reader.feed(file.read_bytes())
    reader.end()
    return "".join(blocks).split("\n")[:-1]


def dump_of(file: Path) -> Dump:
    dump = Dump()
    reader = Lines(dump.block)
    reader.feed(file.read_bytes())
    reader.end()
    return dump


@pytest.mark.parametrize(
    ("folder", "profiles"),
    [
        ("emulator-sdk_gphone_x86-android9", {0: 110}),
        ("google-pixel-sailfish-aosp10-user11-secondary", {0: 134, 11: 134}),
        ("meizu-MX6-flyme6-android7.1.1", {0: 234}),
    ],
)
def test_whole_dumps_are_counted_exactly(captures: Path, folder: str, profiles: dict[int, int]) -> None:
    dump = dump_of(captures / folder / "dumpsys_package.txt")
    apps = dump.account().value
    for id, count in profiles.items():
        assert sum(1 for a in apps if (s := a.state(id)) and s.installed) == count
    assert dump.profiles == set(profiles)
    assert (dump.account().left, dump.truncated, dump.too_many) == ((), False, False)
    for app in apps:
        assert app.signers
        assert app.version_code is not None
        assert app.code_path


def test_hidden_system_packages_are_not_installed_but_mark_the_updated_ones(captures: Path) -> None:
    apps = {
        a.package: a for a in dump_of(captures / "meizu-MX6-flyme6-android7.1.1/dumpsys_package.txt").account().value
    }
    assert sum(a.updated_system for a in apps.values()) == 25
    assert apps["com.meizu.pps"].code_path.startswith("/data/app/")


def test_wechat_is_told_in_full(captures: Path) -> None:
    apps = {
        a.package: a for a in dump_of(captures / "meizu-MX6-flyme6-android7.1.1/dumpsys_package.txt").account().value
    }
    wechat = apps["com.tencent.mm"]
    assert (wechat.version_code, wechat.version_name, wechat.installer) == (1280, "6.6.5", "com.meizu.mstore")
    assert wechat.signers == ("962f5b7",)
    assert wechat.first_install == "2017-10-20 10:07:12"
    assert wechat.code_path == "/data/app/com.tencent.mm-2"
    assert not wechat.system


@pytest.mark.parametrize(
    ("file", "package", "installed"),
    [
        ("samsung-knox-securefolder-user150-b/dumpsys_package_com.opjh.fileviewer.utf16le-crlf.txt", "com.opjh.fileviewer", {0: True, 150: False}),
        ("oplus-trinket-coloros-android11-user999/dumpsys_package_com.example.pkmproject.txt", "com.example.pkmproject", {0: True, 999: False}),
        ("nothing-os-android15-user10/dumpsys_package_com.benschwank.blop.utf16le-crlf.txt", "com.benschwank.blop", {0: True, 10: False}),
        ("aaos-user0-user10-android15/dumpsys_package_com.wheelchair.cockpit.utf16le-crlf.txt", "com.wheelchair.cockpit", {0: False, 10: True}),
        ("xiaomi-miui-dual-app-user999-android7/dumpsys_package_org.mazhuang.guanggoo.txt", "org.mazhuang.guanggoo", {0: True, 999: False}),
        ("emulator-android16qpr-or-17-single/dumpsys_package_co.ke.roadready.provider.utf8bom-crlf.txt", "co.ke.roadready.provider", {0: True}),
        ("hisense-mtk-android11/dumpsys_package_com.xitchat.app.utf16le-crlf.txt", "com.xitchat.app", {0: True}),
        ("voyah-headunit-android11/dumpsys_package_com.voboost.voiceassistant.txt", "com.voboost.voiceassistant", {0: True}),
    ],
)  # fmt: skip
def test_one_package_in_its_profiles(captures: Path, file: str, package: str, installed: dict[int, bool]) -> None:
    dump = dump_of(captures / file)
    (app,) = dump.account().value
    assert app.package == package
    assert {s.profile: s.installed for s in app.states} == installed
    assert dump.account().whole
    assert app.signers


def test_newer_phones_tell_the_install_time_per_profile(captures: Path) -> None:
    (app,) = dump_of(next((captures / "aaos-user0-user10-android15").glob("dump*"))).account().value
    first, second = app.states
    assert (first.first_install, second.first_install) == ("", "2026-08-04 15:20:20")


def test_enabled_state(captures: Path) -> None:
    (app,) = dump_of(next((captures / "voyah-headunit-android11").glob("dump*"))).account().value
    assert app.states[0].enabled is Enabled.ENABLED
    assert app.system


def test_before_profiles_there_was_one_user(captures: Path) -> None:
    dump = dump_of(captures / "htc-nexusone-miui1.8.12-android2.3/dumpsys_package.txt")
    apps = dump.account().value
    assert len(apps) == 72
    assert all(a.states[0].installed for a in apps)
    assert sum(a.system for a in apps) == 67
    assert not dump.truncated


def test_an_absent_package_is_no_list(captures: Path) -> None:
    dump = dump_of(captures / "dumpsys-package-negative/dumpsys_package_absent.txt")
    assert not dump.began


@pytest.mark.parametrize("name", ["dumpsys_package_checkin.txt", "dumpsys_settings.txt", "getprop.txt"])
def test_packages_that_are_only_named_are_not_installed(captures: Path, name: str) -> None:
    for file in captures.glob(f"*/{name}"):
        assert dump_of(file).account().value == []


@pytest.mark.parametrize(
    ("folder", "maker", "model", "os"),
    [
        ("emulator-sdk_gphone_x86-android9", "Google", "Android SDK built for x86", "9"),
        ("google-pixel-sailfish-aosp10-user11-secondary", "Google", "Pixel", "10"),
        ("google-pixel8pro-husky-android16", "Google", "Pixel 8 Pro", "16"),
        ("htc-nexusone-miui1.8.12-android2.3", "HTC", "Nexus One", "2.3.5"),
        ("meizu-MX6-flyme6-android7.1.1", "Meizu", "MX6", "7.1.1"),
        ("samsung-S936B-s25plus-oneui8.5-android16", "samsung", "SM-S936B", "16"),
    ],
)
def test_who_the_phone_is(captures: Path, folder: str, maker: str, model: str, os: str) -> None:
    phone = short_answers.phone(
        short_answers.properties(lines_of(next((captures / folder).glob("getprop*")))).value, practice=False
    )
    assert (phone.maker, phone.model, phone.os) == (maker, model, os)


def test_a_property_over_several_lines_swallows_no_other(captures: Path) -> None:
    account = short_answers.properties(
        lines_of(next((captures / "samsung-S936B-s25plus-oneui8.5-android16").glob("getprop*")))
    )
    found = account.value
    assert account.whole
    assert found["persist.sys.boot.reason.history"].count("\n") >= 2
    assert found["ro.build.version.oneui"] == "80500"


USERS = {
    "pm_list_users_oppo_mojibake.txt": [(0, "鏈轰富", "personal"), (999, "Multi-App", "dual-apps")],
    "pm_list_users_poco_clone.txt": [(10, "Oralsin 2 1", "other"), (25, "Clone0", "dual-apps")],
    "pm_list_users_ru_private_space.txt": [(0, "Владелец", "personal"), (10, "Private space", "private-space")],
    "pm_list_users_samsung_SM-P900_android4.txt": [(0, "Анна", "personal"), (10, "Андрей", "other"), (12, "Guest", "guest")],
    "pm_list_users_samsung_dualapp95_flags.txt": [(95, "DUAL_APP", "dual-apps")],
    "pm_list_users_samsung_dualmessenger95_securefolder150.txt": [
        (0, "机主", "personal"), (95, "DUAL_APP", "dual-apps"), (150, "Secure Folder", "secure-folder"),
    ],
    "pm_list_users_spaces_in_name.txt": [(10, " 壶中界 ", "work")],
    "pm_list_users_work11_securefolder151_de.txt": [(11, "Arbeitsprofil", "work"), (151, "Secure Folder", "secure-folder")],
    "pm_list_users_workprofile12_securefolder150.txt": [
        (0, "Owner", "personal"), (12, "Work profile", "work"), (150, "Secure Folder", "secure-folder"),
    ],
    "pm_list_users_xiaomi13T_xspace999.txt": [(999, "XSpace", "dual-apps")],
    "dumpsys_user_coloros_multiapp998_999_rows.txt": [(998, "MultiApp", "dual-apps"), (999, "MultiApp", "dual-apps")],
    "dumpsys_user_grep-A3_private_space_android15.txt": [(11, "Private space", "private-space")],
    "dumpsys_user_grep-A3_workprofile_on_android14.txt": [(10, "Work profile", "work")],
    "dumpsys_user_grep-A3_workprofile_paused_android14.txt": [(10, "Work profile", "work")],
    "dumpsys_user_managed_profile_android11_cuttlefish.txt": [(0, "null", "personal"), (10, "managedprofileuser", "work")],
}  # fmt: skip


def test_every_user_list_keeps_its_names(captures: Path) -> None:
    folder = captures / "user-list-variants"
    assert {f.name for f in folder.glob("*user*_*")} - {f.name for f in folder.glob("pm_list_packages*")} == set(USERS)
    for name, expected in USERS.items():
        samsung = any(id in (95, 150, 151) for id, *_ in expected)
        account = short_answers.users(lines_of(folder / name), samsung)
        assert [(p.id, p.name, str(p.kind)) for p in account.value] == expected
        assert account.whole


def test_a_stopped_profile_is_told_from_a_running_one(captures: Path) -> None:
    on, paused = (
        short_answers.users(
            lines_of(captures / f"user-list-variants/dumpsys_user_grep-A3_workprofile_{which}_android14.txt")
        ).value
        for which in ("on", "paused")
    )
    assert (on[0].running, paused[0].running) == (True, False)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("motorola-unknown-android12plus-pmlist/pm_list*", 488),
        ("user-list-variants/pm_list_packages_--user_95*", 1),
        ("user-list-variants/pm_list_packages_-U_coloros_user999*", 1),
    ],
)
def test_package_lists(captures: Path, pattern: str, count: int) -> None:
    listed = short_answers.packages(lines_of(next(captures.glob(pattern)))).value
    assert (len(listed.names), listed.malformed, listed.problem(0)) == (count, 0, None)


def test_a_path_with_equals_signs_hides_no_id(captures: Path) -> None:
    for file in (captures / "wechat-pmlist-lines").glob("pm_list*"):
        listed = short_answers.packages(lines_of(file)).value
        assert listed.malformed == 0
        assert "com.tencent.mm" in listed.names


@pytest.mark.parametrize(
    ("folder", "packages"),
    [
        ("emulator-sdk_gphone_x86-android9", ["com.google.android.gms"]),
        ("google-pixel-sailfish-aosp10-user11-secondary", []),
        ("htc-nexusone-miui1.8.12-android2.3", []),
        ("meizu-MX6-flyme6-android7.1.1", ["sogou.mobile.explorer"]),
        ("samsung-kgclient-device-admin-oneui", ["com.samsung.android.kgclient", "com.focusguard"]),
    ],
)
def test_device_administrators(captures: Path, folder: str, packages: list[str]) -> None:
    account = short_answers.admins(lines_of(next((captures / folder).glob("dumpsys_device_policy*"))))
    found = account.value
    assert account.whole
    assert [a.package for a in found] == packages
    assert not any(a.owner for a in found)


def outcomes(read: Callable[[str], T], texts: list[str]) -> list[T]:
    return [read(text) for text in texts]


def test_the_removal_sessions_of_two_phones_are_understood(captures: Path) -> None:
    from core.phones.android.removal import recognise

    session = lines_of(
        captures / "samsung-SM-A536B-android16-uninstall-session/session_pm_uninstall_and_disable-user.txt"
    )
    said = [line for line in session if line.startswith(("Success", "Failure"))]
    words = outcomes(lambda text: recognise("uninstall", -1, text).outcome.value, said)
    assert {w: words.count(w) for w in set(words)} == {"done": 35, "not-there": 2}
    realme = lines_of(captures / "realme-uninstall-log/pm_uninstall_log.txt")
    assert recognise("uninstall", 1, "\n".join(realme)).outcome.value == "not-there"
