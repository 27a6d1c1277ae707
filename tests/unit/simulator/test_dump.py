"""`dumpsys`: the form of each Android version, and the state of the phone as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from core.simulator import load, scenarios
from core.simulator.commands.dumpsys import PIECE, Dumps
from core.simulator.model.phone import PracticePhone
from tests.unit.simulator.conftest import Desk

Desks = Callable[[str], Desk]

WECHAT = "com.tencent.mm"


def block(dump: str, package: str) -> str:
    """The lines of one package."""
    found = re.search(
        rf"^  Package \[{re.escape(package)}\] .*?(?=^  Package \[|^\S|\Z)", dump, re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found.group()


def test_the_form_of_android_14(desk: Desks) -> None:
    text = block(desk("walk-up").run("dumpsys package packages").out, WECHAT)
    assert "    appId=" in text
    assert "    versionCode=2840 minSdk=24 targetSdk=34\n" in text
    assert "signatures:[962f5b7], past signatures:[]}" in text
    assert "    installerPackageName=com.android.vending\n" in text
    assert "\n      firstInstallTime=2" in text
    assert "\n    firstInstallTime=" not in text
    assert "\n    dataDir=/data/user/0/com.tencent.mm\n" in text
    assert re.search(
        r"\n    User 0: ceDataInode=\d+ installed=true hidden=false suspended=false distractionFlags=0 ", text
    )
    for newer in ("deDataInode", "quarantined", "appMetadataSource", "hiddenApiEnforcementPolicy"):
        assert newer not in text


def test_the_form_of_android_15(desk: Desks) -> None:
    """Also that of an app that is archived: nothing is known of it but what its installation left."""
    text = block(desk("archived").run("dumpsys package packages").out, "com.android.settings")
    assert re.search(
        r"\n    User 0: ceDataInode=\d+ deDataInode=\d+ installed=true hidden=false suspended=false ", text
    )
    assert " quarantined=false\n      installReason=0\n      dataDir=/data/user/0/com.android.settings\n" in text
    assert "\n    dataDir=" not in text
    archived = block(desk("archived").run("dumpsys package packages").out, WECHAT)
    assert "    pkg=null\n" in archived
    assert "    versionCode=2840 targetSdk=35\n\n    timeStamp=" in archived
    assert re.search(r"\n      archiveTime=.* 00:00:00\n      unarchiveInstallerTitle=com.android.vending\n", archived)
    assert "\n        archiveActivityInfo=ArchiveActivityInfo { title = WeChat, originalComponentName = " in archived
    assert "versionName" not in archived


def test_the_form_of_android_17(desk: Desks) -> None:
    text = block(desk("preinstalled").run("dumpsys package packages").out, "com.android.settings")
    assert re.search(r"\n    appId=\d+\n    pccId=-1\n", text)
    assert "    pageSizeCompat=0\n    queriesPackages=" in text
    assert (
        " pccCeDataInode=0 pccDeDataInode=0 installed=true hidden=false suspended=false appLockEnabled=false " in text
    )


def test_since_android_16_what_is_known_of_an_apps_developer_stands_behind_an_empty_line(desk: Desks) -> None:
    dump = desk("clean").run("dumpsys package packages").out
    assert "    pageSizeCompat=0\n\n    developerVerificationStatus=" in dump
    assert "developerVerificationStatus" not in desk("archived").run("dumpsys package packages").out


def test_the_form_of_android_9(desk: Desks) -> None:
    text = block(desk("older").run("dumpsys package packages").out, "com.tencent.mm")
    assert "    userId=" in text
    assert "    applicationInfo=ApplicationInfo{" in text
    assert "\n    firstInstallTime=2" in text
    assert "\n      firstInstallTime=" not in text
    assert "signatures:[962f5b7]" in text
    for newer in ("appId=", "distractionFlags", "quarantined", "forceQueryable", "~~", "deDataInode"):
        assert newer not in text


@pytest.mark.parametrize("name", scenarios())
def test_a_realistic_size(name: str) -> None:
    phone = PracticePhone(replace(load(name), flood_megabytes=0), pace=0)
    dump = b"".join(Dumps(phone).packages())
    assert len(dump) / len(phone.packages) > 2500
    assert dump.startswith(b"Packages:\n  Package [")
    assert dump.count(b"\n  Package [") >= len(phone.packages)


def test_an_updated_system_app_is_there_twice(desk: Desks) -> None:
    at = desk("preinstalled")
    now, hidden, factory = at.run("dumpsys package packages").out.partition("\nHidden system packages:\n")
    assert hidden
    name = "com.kaspersky.passwordmanager"
    assert "versionName=9.2.230\n" in block(now, name)
    assert "UPDATED_SYSTEM_APP" in block(now, name)
    assert "codePath=/data/app/" in block(now, name)
    assert "versionName=9.2.100\n" in block(factory, name)
    assert "codePath=/system/" in block(factory, name)
    at.run(f"pm uninstall-system-updates {name}")
    assert "Hidden system packages" not in at.run("dumpsys package packages").out


def test_the_secure_folder_is_shown_although_it_is_closed(desk: Desks) -> None:
    text = block(desk("secure-folder").run("dumpsys package packages").out, WECHAT)
    assert re.search(r"\n    User 0: .* installed=false ", text)
    assert re.search(r"\n    User 150: .* installed=true ", text)


def test_a_change_is_seen_at_once_and_only_there(desk: Desks) -> None:
    at = desk("walk-up")
    before = at.run("dumpsys package packages").out
    at.run(f"pm disable-user {WECHAT}; pm suspend {WECHAT}; pm uninstall --user 0 com.kms.free")
    after = at.run("dumpsys package packages").out
    text = block(after, WECHAT)
    assert " suspended=true " in text
    assert " enabled=3 " in text
    assert "\n    Suspend params:\n      suspendingPackage=com.android.shell dialogInfo=null\n" in text
    assert "      lastDisabledCaller: shell:1000\n" in text
    assert "com.kms.free" not in after
    assert block(after, "com.android.settings") == block(before, "com.android.settings")


def test_a_long_dump_comes_in_pieces(desk: Desks) -> None:
    pieces = Dumps(desk("walk-up").phone).packages()
    assert len(pieces) > 1
    assert all(len(piece) >= PIECE for piece in pieces[:-1])


def test_one_package(desk: Desks) -> None:
    at = desk("walk-up")
    text = at.run(f"dumpsys package {WECHAT}").out
    assert text == "Packages:\n" + block(at.run("dumpsys package packages").out, WECHAT)
    gone = at.run("dumpsys package com.example.nothing")
    assert (gone.code, gone.out) == (0, "Unable to find package: com.example.nothing\n")


def test_administrators_and_owners(desk: Desks) -> None:
    at = desk("device-admin")
    text = at.run("dumpsys device_policy").out
    assert "  Device Owner: \n    admin=ComponentInfo{com.kaspersky.kes/com.kaspersky.kes.mdm.DeviceAdmin}\n" in text
    assert (
        "  Enabled Device Admins (User 0, provisioningState: 0):\n    com.kms.free/com.kms.antitheft.DeviceAdmin:\n"
        in text
    )
    at.run("pm disable-user com.kms.free")
    assert "com.kms.free" not in at.run("dumpsys device_policy").out
    work = desk("work-profile").run("dumpsys device_policy").out
    assert "  Profile Owner (User 10): \n    admin=ComponentInfo{com.google.android.apps.work.clouddpc/" in work


def test_users(desk: Desks) -> None:
    text = desk("work-profile").run("dumpsys user").out
    assert "  UserInfo{10:Work profile:1030} serialNo=10 isPrimary=false parentId=0\n" in text
    kind = "    Type: android.os.usertype.profile.MANAGED\n    Flags: 4144 (INITIALIZED|MANAGED_PROFILE|PROFILE)\n"
    assert f"{kind}    State: RUNNING_UNLOCKED\n    Created: " in text
    assert "    Has profile owner: true\n    Restrictions:\n      none\n" in text


def test_a_locked_private_space_is_not_running(desk: Desks) -> None:
    """As a Pixel with Android 15 prints it."""
    at = desk("private-space")
    assert at.run("pm list users").out.endswith("\tUserInfo{11:Private space:1090}\n")
    kind = "    Type: android.os.usertype.profile.PRIVATE\n    Flags: 4240 (INITIALIZED|PROFILE|QUIET_MODE)\n"
    assert f"{kind}    State: -1\n" in at.run("dumpsys user").out


def test_a_flood_is_made_on_the_way(desk: Desks) -> None:
    """A hundred megabytes are there to be read, and are never held as a whole."""
    flood = Dumps(desk("hostile").phone).flood()
    sizes = [len(next(flood)) for _ in range(3)]
    assert all(0 < size < 100_000 for size in sizes)
    short = PracticePhone(replace(load("hostile"), flood_megabytes=1))
    assert sum(len(piece) for piece in Dumps(short).flood()) == 1024 * 1024


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("dumpsys -t 60 package packages", "Packages:\n"),
        ("dumpsys -T 5000 package p", "Packages:\n"),
        ("dumpsys", "Currently running services:\n"),
        ("dumpsys nothing", "Can't find service: nothing\n"),
    ],
)
def test_other_ways_to_ask(desk: Desks, words: str, part: str) -> None:
    done = desk("clean").run(words)
    assert (done.out + done.err).startswith(part)
    assert done.code == 0


@pytest.mark.parametrize(
    ("scenario", "capture"),
    [
        ("clean", "emulator-android16qpr-or-17-single/dumpsys_package_co.ke.roadready.provider.utf8bom-crlf.txt"),
        ("older", "emulator-sdk_gphone_x86-android9/dumpsys_package.txt"),
        ("odd-answers", "google-pixel-sailfish-aosp10-user11-secondary/dumpsys_package.txt"),
    ],
)
def test_every_line_is_one_that_a_real_phone_prints_in_that_order(shared: Path, scenario: str, capture: str) -> None:
    """The names of the facts about a package, compared with a real phone of that Android version."""
    real = (shared / "captures" / capture).read_text(encoding="utf-8-sig").replace("\r", "")
    orders = [re.findall(r"^    (\w+)=", part, re.MULTILINE) for part in re.split(r"(?m)^  Package \[", real)[1:]]
    known = {name for order in orders for name in order}
    phone = PracticePhone(load(scenario), pace=0)
    ours = re.findall(
        r"^    (\w+)=", block(b"".join(Dumps(phone).packages()).decode(), "com.android.settings"), re.MULTILINE
    )
    assert set(ours) <= known
    assert any(_in_order(ours, order) for order in orders)


def _in_order(ours: list[str], theirs: list[str]) -> bool:
    places = [theirs.index(name) for name in ours if name in theirs]
    return len(places) > 15 and places == sorted(places)


def test_who_opens_what(desk: Desks) -> None:
    at = desk("repackaged")
    text = at.run("dumpsys package r").out
    assert text.startswith("Activity Resolver Table:\n  Schemes:\n      ")
    assert "\n\n  Non-Data Actions:\n      android.intent.action.MAIN:\n        " in text
    assert re.search(
        r"^        [0-9a-f]{1,7} com\.sunnychat\.lite/com\.tencent\.mm\.ui\.LauncherUI$", text, re.MULTILINE
    )
    assert re.search(r"^        [0-9a-f]{1,7} com\.sunnychat\.lite/\.UpdateActivity$", text, re.MULTILINE)
    lines = text.split("\n")
    assert any(line == after and line for line, after in pairwise(lines))  # two filters of one class
    assert " filter" not in text
    for words in ("dumpsys -t 60 package r", "dumpsys package resolvers", "dumpsys package resolvers activity content"):
        assert at.run(words).out == text
    assert text in at.run("dumpsys package").out
    at.run("pm uninstall com.sunnychat.lite")
    assert "com.sunnychat.lite" not in at.run("dumpsys package r").out


def test_before_android_11_the_filters_of_a_class_are_one_line(desk: Desks) -> None:
    text = desk("older").run("dumpsys package r").out
    assert re.search(r" \(2 filters\)$", text, re.MULTILINE)
    assert not any(line == after and line for line, after in pairwise(text.split("\n")))


def test_other_tables_of_who_opens_what(desk: Desks) -> None:
    at = desk("device-admin")
    everything = at.run("dumpsys package r").out
    activities = at.run("dumpsys package r activity").out
    providers = at.run("dumpsys package r content").out
    assert everything == f"{activities}\n{providers}"
    assert " com.android.externalstorage/.ExternalStorageProvider\n" in providers
    assert at.run("dumpsys package r service").out == ""
    assert at.run("dumpsys package r nonsense").out == "Error: unknown resolver table type: nonsense\n"


@pytest.mark.parametrize(
    "capture",
    [
        "emulator-sdk_gphone_x86-android9/dumpsys_package.txt",
        "google-pixel-sailfish-aosp10-user11-secondary/dumpsys_package.txt",
    ],
)
def test_the_tables_have_the_lines_of_a_real_phone(shared: Path, desk: Desks, capture: str) -> None:
    """Every line of ours has a form that is also among a real phone's."""
    real = (shared / "captures" / capture).read_text(encoding="utf-8-sig").replace("\r", "")
    real = real[real.index("Activity Resolver Table:") : real.index("Receiver Resolver Table:")]
    ours = desk("device-admin").run("dumpsys package r activity").out
    assert _forms(ours) <= _forms(real)


def _forms(text: str) -> set[str]:
    """The lines with what is particular to them taken away."""
    number = re.compile(r"^ {8}[0-9a-f]{1,8} [\w.]+/(\.?)[\w.$]+")
    return {
        re.sub(r"^ {6}\S+:$", "      WHAT:", number.sub(r"        NUMBER \1CLASS", line)) for line in text.split("\n")
    }


@pytest.mark.parametrize("scenario", ["walk-up", "archived", "preinstalled"])
def test_what_apps_tell_of_times_moves_with_the_patch(desk: Desks, scenario: str, today: date) -> None:
    """An app came in the last sixteen months, was used in the last five weeks, and nothing is of a day to come."""
    said = desk(scenario).run("dumpsys package packages").out + desk(scenario).run("dumpsys usagestats").out
    times = re.findall(r"(\w+Time\w*)=\"?(\d{4}-\d\d-\d\d)", said)
    assert {"firstInstallTime", "lastUpdateTime", "lastTimeUsed"} <= {name for name, _ in times}
    apps = [(name, today - date.fromisoformat(day)) for name, day in times if day not in ("2009-01-01", "1970-01-01")]
    assert all(timedelta(0) <= age <= timedelta(490) for _, age in apps)
    assert all(age <= timedelta(35) for name, age in apps if name.startswith("lastTime"))
