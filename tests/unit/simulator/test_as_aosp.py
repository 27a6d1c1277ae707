"""Practice phones print what AOSP prints: the same lines in the same order, for each Android.

`tests.real.aosp_printer` is held against what AOSP's own code printed; here practice phones are held against it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from core.simulator import PracticePhone, load
from core.simulator.commands import package_text
from core.simulator.model.installed import Package
from core.simulator.model.java import array_map_order, hash_map_order, string_hash, wrapped
from core.simulator.model.phone import ActiveAdmin
from core.simulator.model.scenario import AdminData, AppData, Version
from tests.real import aosp_java, aosp_packages, aosp_printer
from tests.unit.simulator.conftest import Desk

SDKS = (29, 30, 31, 33, 34, 35, 36, 37)
#: A certificate of some bytes: only its hash is printed.
CERTIFICATE = "30820122"
APPS = (
    AppData(
        "com.example.ordinary", Version(7, "1.7"), installer="com.android.vending", domains=("example.org", "b.ca")
    ),
    AppData("com.example.alone", Version(7, "1.7"), profiles=(0, 10)),
    AppData("com.example.part", Version(7, "1.7"), system=True, profiles=(0, 10)),
    AppData("com.example.updated", Version(8, "1.8"), system=True, factory=Version(7, "1.7")),
    AppData("com.example.library_12", Version(7, "1.7"), library=True),
)
ARCHIVED = AppData("com.example.archived", Version(7, "1.7"), installer="com.store", profiles=(), archived_in=(0,))


def phone(sdk: int) -> PracticePhone:
    scenario = load("work-profile")
    apps = (*APPS, *([ARCHIVED] if sdk >= 35 else []))
    made = PracticePhone(replace(scenario, device=replace(scenario.device, sdk=sdk), apps=apps, filler=0), pace=0)
    at = Desk(made)
    at.run("pm disable-user --user 10 com.example.alone; pm suspend --user 0 com.example.alone")
    return made


def model(made: PracticePhone) -> dict[str, Any]:
    """The same phone, as `aosp_printer` has phones."""
    sdk = made.scenario.device.sdk
    users = [
        {
            "id": p.id,
            "name": p.name,
            "flags": int(p.flags, 16),
            "type": f"android.os.usertype.{p.type or 'full.SYSTEM'}",
        }
        | {"running": True, "serial": p.id, "group": 0}
        for p in made.profiles.values()
    ]
    packages = [facts(package, sdk) for package in made.in_order()]
    hidden = [facts(package, sdk) for package in made.in_order() if package.updated]
    return {"sdk": sdk, "users": users, "packages": packages, "hiddenPackages": hidden, "renamed": {}}


def facts(package: Package, sdk: int) -> dict[str, Any]:
    """One app. What a practice phone never prints is nowhere."""
    flags = {"SYSTEM": package.system, "HAS_CODE": True, "UPDATED_SYSTEM_APP": package.updated}
    bits = sum(bit for bit, name in aosp_packages.FLAGS if flags.get(name))
    library, _, version = package.name.rpartition("_")
    empty = ("libraryNames", "usesLibraries", "usesOptionalLibraries", "usesLibraryFiles", "usesSdkLibraries", "past")
    nothing: dict[str, Any] = {key: [] for key in empty}
    nothing |= dict.fromkeys(("realName", "sharedUser", "abiOverride", "overlayTarget", "attributionTag", "volume"))
    nothing |= dict.fromkeys(("metadataPath", "originating", "updateOwner", "emergencyInstaller"))
    nothing |= dict.fromkeys(("incremental", "pendingRestore", "notUpdatable", "manifestDisabled"), False)
    permission = {"granted": True, "flags": 0}
    installer = package.data.installer or None
    return nothing | {
        "name": package.name,
        "noPkg": not package.has_code,
        "appId": package.app_id,
        "codePath": "/data/app/x",
        "baseApk": "/data/app/x/base.apk",
        "versionCode": 7,
        "versionName": "1.7",
        "minSdk": 24,
        "targetSdk": sdk,
        "scheme": 3,
        "signers": [CERTIFICATE],
        "pkgFlags": bits,
        "infoFlags": bits,
        "privateFlags": 8,
        "infoPrivateFlags": 8,
        "installer": installer,
        "initiating": installer,
        "installerUid": 10140,
        "packageSource": 0,
        "timeStamp": 0,
        "lastUpdate": 0,
        "abi": "arm64-v8a",
        "gids": [3003],
        "splits": [],
        "baseRevision": 0,
        "oldPaths": [],
        "queriesPackages": [] if sdk < 33 else ["com.google.android.gms"],
        "queriesIntents": [],
        "processes": [],
        "forceQueryable": False,
        "forceQueryableOverride": False,
        "developerVerification": installer and "1",
        "staticLibrary": library if package.data.library else None,
        "staticLibraryVersion": version,
        "declaredPermissions": [{"name": "x", "protection": 2, "flags": 0}],
        "permissions": [permission | {"name": "x", "runtime": runtime} for runtime in (False, True)],
        "states": {str(user): state_facts(package, user) for user in package.states},
    }


def state_facts(package: Package, user: int) -> dict[str, Any]:
    state = package.states[user]
    screen = {"title": "x", "component": "a/b", "icon": None}
    return {
        **dict.fromkeys(("hidden", "stopped", "notLaunched", "instant", "virtual", "quarantined"), False),
        **dict.fromkeys(("ce", "de", "distraction", "installReason", "uninstallReason", "firstInstall"), 0),
        "installed": state.installed,
        "suspended": state.suspended,
        "enabled": state.enabled,
        "suspendedBy": [{"package": "com.android.shell", "dialog": None}],
        "disabledBy": "shell:1000" if state.enabled >= 2 else None,
        "archive": {"time": 0, "title": "x", "activities": [screen]} if state.archived else None,
    }


def shape(text: str) -> list[str]:
    """The lines of a listing without what is particular to an app: each key, at its column."""
    lines: list[str] = []
    for line in text.split("\n"):
        if re.match(r" *User \d+: ", line):
            found = re.sub(r"=\S*", "=", line)
        elif re.search(r": (?:granted|prot)=", line):
            found = "a permission"
        else:
            found = re.sub(r"(?<==).*|(?<=name:).*", "", re.sub(r"\[[^\]]*\] \(\w+\)", "[]", line))
        if not (found == "a permission" and lines and lines[-1] == found):
            lines.append(found)
    return lines


@pytest.mark.parametrize("sdk", SDKS)
def test_the_listing_of_packages_has_aosps_lines_in_aosps_order(sdk: int) -> None:
    made = phone(sdk)
    ours = Desk(made).run("dumpsys package packages").out
    assert shape(ours) == shape(aosp_packages.packages(model(made)))


@pytest.mark.parametrize("sdk", SDKS)
def test_a_block_names_every_profile(sdk: int) -> None:
    made = phone(sdk)
    for package in made.in_order():
        for factory in (False, True) if package.updated else (False,):
            text = package_text.block(package, sdk, factory=factory)
            assert re.findall(r"^    User (\d+): ", text, re.MULTILINE) == ["0", "10"]


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize(
    ("options", "file"), [("-f -U -i --show-versioncode", "list"), ("-s", "system"), ("-d", "disabled")]
)
def test_the_lists_name_the_same_apps(sdk: int, options: str, file: str) -> None:
    made = phone(sdk)
    theirs = aosp_printer.texts(model(made))
    for user in made.profiles:
        ours = Desk(made).run(f"pm list packages {options} --user {user}").out
        assert sorted(names(ours)) == sorted(names(theirs[f"{file}.{user}.txt"]))


def names(listing: str) -> list[str]:
    return re.findall(r"^package:(?:\S+=)?(\S+)", listing, re.MULTILINE)


@pytest.mark.parametrize("sdk", [33, 34, 35])
def test_the_users_have_aosps_lines(sdk: int) -> None:
    made = phone(sdk)
    ours = Desk(made).run("dumpsys user").out.partition("\nUsers:\n")[2].partition("\nDevice properties:\n")[0]
    theirs = aosp_printer.user_service(model(made)).removeprefix("Users:\n")
    assert plainer(ours) == plainer(theirs)
    assert Desk(made).run("pm list users").out == aosp_printer.users(model(made))


def plainer(text: str) -> list[str]:
    """Lines without their flags' names, and without whether somebody else owns the profile."""
    return [re.sub(r" \([A-Z|_0-9]*\)|(?<=owner: ).*", "", f"    {line.lstrip()}") for line in text.split("\n") if line]


@pytest.mark.parametrize("sdk", [34, 35])
def test_the_administrators_have_aosps_lines(sdk: int) -> None:
    made = phone(sdk)
    owner = AdminData(".Owner", 10, "profile")
    made.admins = [ActiveAdmin("com.example.part", owner), ActiveAdmin("com.example.alone", AdminData(".Admin"))]
    ours = Desk(made).run("dumpsys device_policy").out.partition("  \n  Encryption Status")[0]
    admins: list[dict[str, Any]] = [
        {"package": a.package, "class": f"{a.package}{a.data.receiver}", "user": a.data.profile, "owner": whose}
        for a, whose in zip(made.admins, ("profile", None), strict=True)
    ]
    theirs = aosp_printer.admins(model(made) | {"admins": [admin | {"organization": None} for admin in admins]})
    without = re.compile(r"^      (?:  \S+|\w+=.*)\n", re.MULTILINE)  # what an administrator asks for
    ours, theirs = without.sub("", ours), without.sub("", theirs)
    assert ours == theirs.replace("mUserSetupComplete=false", "mUserSetupComplete=true")


@pytest.mark.parametrize("sdk", [33, 36])
def test_a_list_is_in_the_order_of_a_hash_map(sdk: int) -> None:
    listing = Desk(phone(sdk)).run("pm list packages").out
    kept = aosp_java.array_map_order(names(listing))
    assert listing.splitlines() == aosp_java.hash_map_order([f"package:{name}" for name in kept])


def test_the_links_have_aosps_lines() -> None:
    made = phone(34)
    ours = Desk(made).run("pm get-app-links").out
    lines = ours.split("\n")
    assert lines[0] == "  com.example.ordinary:"
    assert lines[2].startswith("    Signatures: [")
    assert len(lines[2]) == 4 + len("Signatures: [") + 32 * 3 - 1 + len("]")
    domains = [f"      {domain}: verified" for domain in aosp_java.array_map_order(["example.org", "b.ca"])]
    assert lines[3:] == ["    Domain verification state:", *domains, ""]


TEXTS = ["", "a", "com.example.one", "é\U0001f600", "a" * 113, "a" * 114, "a" * 115, "a" * 300]


@pytest.mark.parametrize("indent", [2, 4, 6])
@pytest.mark.parametrize("first", TEXTS)
@pytest.mark.parametrize("second", ["", ": ", "b" * 5, "b" * 118])
def test_a_line_is_broken_as_aosp_breaks_it(indent: int, first: str, second: str) -> None:
    theirs = aosp_java.IndentingWriter(120, indent=" " * indent)
    for piece in (first, second, "end"):
        theirs.write(piece)
    theirs.line()
    if first.isascii():
        assert wrapped(indent, first, second, "end") == theirs.text()
    assert string_hash(first + second) == aosp_java.string_hash(first + second)


def test_the_orders_are_javas() -> None:
    keys = [f"com.example.{word}" for word in ("Aa", "BB", "one", "two", "é", *map(str, range(200)))]
    assert array_map_order(keys) == aosp_java.array_map_order(keys)
    assert hash_map_order(keys) == aosp_java.hash_map_order(keys)
    assert (string_hash("Aa"), string_hash("BB")) == (2112, 2112)
