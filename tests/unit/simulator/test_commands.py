"""The practice phone's other commands, and the faults that strike them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.jobs import Cancel
from core.model import Cancelled
from core.simulator import PracticePhone, Screen, load, scenarios
from core.simulator.commands import usage
from core.simulator.commands.protection import patch
from core.simulator.model.phone import CableCutError
from tests.unit.simulator.conftest import Desk

Desks = Callable[[str], Desk]

TIKTOK = "com.zhiliaoapp.musically"


@pytest.mark.parametrize("name", scenarios())
def test_every_practice_phone_says_that_it_is_one(desk: Desks, name: str) -> None:
    at = desk(name)
    assert at.run("getprop ro.fanion.practice").out == "1\n"
    assert "[ro.fanion.practice]: [1]\n" in at.run("getprop").out
    assert at.run("getprop ro.serialno").out.startswith("PRACTICE")


def test_properties_describe_the_phone(desk: Desks, today: date) -> None:
    done = desk("walk-up").run("getprop")
    for line in (
        "[ro.product.manufacturer]: [samsung]",
        "[ro.product.model]: [SM-S901W]",
        "[ro.build.version.sdk]: [34]",
        f"[ro.build.version.security_patch]: [{patch(load('walk-up').device, today)}]",
        "[ro.boot.verifiedbootstate]: [green]",
    ):
        assert line in done.out.splitlines()
    assert desk("walk-up").run("getprop no.such.thing").out == "\n"


def test_the_sums_of_files_are_told_as_toybox_tells_them(desk: Desks) -> None:
    at = desk("walk-up")
    path = at.run("pm path com.tencent.mm").out.strip().removeprefix("package:")
    digest = hashlib.sha256(at.phone.files.read(path)).hexdigest()
    done = at.run(f"sha256sum '{path}' /nowhere.apk")
    assert done.out == f"{digest}  {path}\n"
    assert (done.err, done.code) == ("sha256sum: /nowhere.apk: No such file or directory\n", 1)


@pytest.mark.parametrize("sums", ["none", "garbled"])
def test_some_phones_do_not_tell_the_sums_of_their_files(sums: Any) -> None:
    at = Desk(PracticePhone(replace(load("walk-up"), sums=sums), pace=0))
    done = at.run("sha256sum /system/build.prop /proc/sys/kernel/random/boot_id")
    assert done.code == (127 if sums == "none" else 1)
    assert done.out == done.out.upper()


def test_a_phone_before_android_8_has_no_such_program() -> None:
    made = load("older")
    old = PracticePhone(replace(made, device=replace(made.device, sdk=25)), pace=0)
    assert Desk(old).run("sha256sum /x").code == 127


def test_the_last_use_is_told_of_the_apps_that_are_asked_for(desk: Desks) -> None:
    at = desk("walk-up")
    package = at.phone.packages["com.tencent.mm"]
    out = at.run("dumpsys usagestats com.tencent.mm").out
    assert all("package=com.tencent.mm " in line for line in out.splitlines() if "package=" in line)
    assert usage.last_used(package, 0) in out
    assert "package=com.android.settings " in at.run("dumpsys usagestats").out


def test_who_the_shell_is(desk: Desks) -> None:
    assert desk("clean").run("id").out.startswith("uid=2000(shell) gid=2000(shell) ")
    assert desk("clean").run("whoami").out == "shell\n"
    assert desk("clean").run("ls /data").err == "ls: /data: Permission denied\n"


def test_settings_are_read(desk: Desks) -> None:
    at = desk("clean")
    assert at.run("settings get global adb_enabled").out == "1\n"
    assert at.run("settings get secure no_such_key").out == "null\n"
    assert "screen_off_timeout=30000\n" in at.run("settings list system").out
    assert at.run("settings get private key").code == 255
    assert at.run("settings get global").code == 255


def test_settings_are_changed_on_this_phone_alone(desk: Desks) -> None:
    at = desk("clean")
    assert at.run("settings put global development_settings_enabled 0").code == 0
    assert at.run("settings get global development_settings_enabled").out == "0\n"
    assert desk("work-profile").run("settings get global development_settings_enabled").out == "1\n"
    assert at.run("settings put private key 1").code == 255
    assert at.run("settings put global key").code == 255


def test_the_computers_that_it_trusts_are_listed(desk: Desks) -> None:
    said = desk("secure-folder").run("dumpsys adb").out
    assert "user_keys=QAAAA" in said
    assert "LAPTOP" in said


def test_a_settings_screen_is_remembered(desk: Desks) -> None:
    at = desk("work-profile")
    command = f"am start --user 10 -a android.settings.APPLICATION_DETAILS_SETTINGS -d package:{TIKTOK}"
    done = at.run(command)
    intent = f"Intent {{ act=android.settings.APPLICATION_DETAILS_SETTINGS dat=package:{TIKTOK} }}"
    assert (done.code, done.out) == (0, f"Starting: {intent}\n")
    assert at.phone.screen == Screen(10, "android.settings.APPLICATION_DETAILS_SETTINGS", f"package:{TIKTOK}")


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("am start -a com.example.NOTHING", 1, "Error: Activity not started, unable to resolve Intent"),
        ("am start --user 77 -a android.settings.SETTINGS", 1, "Error: Activity not started"),
        ("am start --user 150 -a android.settings.SETTINGS", 255, "access user 150"),
        ("am start -x", 255, "Error: Unknown option: -x"),
        ("am explode", 255, "Unknown command: explode"),
    ],
)
def test_a_screen_that_cannot_be_shown(desk: Desks, command: str, code: int, words: str) -> None:
    at = desk("secure-folder")
    done = at.run(command)
    assert (done.code, words in done.err) == (code, True)
    assert at.phone.screen is None


def test_the_phone_remembers_what_was_run(desk: Desks) -> None:
    at = desk("walk-up")
    at.run("x=0; pm list users >/dev/null; echo nothing; pm path $x")
    assert at.phone.log == ("pm list users", "pm path 0")


def test_the_cable_breaks_once_in_the_middle_of_the_dump(desk: Desks) -> None:
    at = desk("unplugged")
    with pytest.raises(CableCutError):
        at.run("dumpsys -t 60 package packages")
    assert at.run("dumpsys package packages").code == 0


def test_the_cable_breaks_after_the_removal_but_before_the_answer(desk: Desks) -> None:
    at = desk("unplugged")
    with pytest.raises(CableCutError):
        at.run(f"cmd package uninstall --user 0 {TIKTOK}")
    assert TIKTOK not in at.phone.installed()
    assert at.run(f"pm uninstall --user 0 {TIKTOK}").out == "Failure [not installed for 0]\n"


def test_a_slow_command_can_be_cancelled() -> None:
    """With a pace at which it would take an hour."""
    cancel = Cancel()
    at = Desk(PracticePhone(load("walk-up"), pace=100_000.0), cancel)
    cancel.press()
    for command in ("dumpsys package packages", "pm list users"):
        with pytest.raises(Cancelled):
            at.run(command)


def test_a_hostile_phone_says_what_it_wants(desk: Desks) -> None:
    at = desk("hostile")
    users = at.run('U=$(pm list users); echo "$U"').out
    assert "\n\tUserInfo{77:Forged:13} running:4c13} running\n" in users
    assert "\n\tUserInfo{78:Forged:13} running:1030} running\n" in users  # echo interprets backslashes, as on a phone
    listed = at.run("pm list packages --user 0").out
    for line in (
        "package:com.example;reboot",
        "package:../../data/local/tmp/x",
        "package:com.example.second",
        "package:-rf",
    ):
        assert line in listed.splitlines()
    dump = at.run("dumpsys package packages | head -n 20000").out
    assert "\u202e" in dump
    assert "\nfanion end dump 0\n" in dump
