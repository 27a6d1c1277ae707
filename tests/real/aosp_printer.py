"""The texts in which Android 10 to 15 would tell of a phone, from a model of what is true of it.

`texts(model)` gives them by file: packages.txt, list.U.txt, system.U.txt, disabled.U.txt, users.txt, user.txt,
screens.txt, links.txt and admins.txt. Written after AOSP's own printing methods; `test_aosp.py` holds them, byte for
byte, against what AOSP's own code printed. Hash codes of objects, which are addresses, are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tests.real.aosp_java import (
    IndentingWriter,
    array_map_order,
    hash_map_order,
    identity,
    java_text,
    short_component,
)
from tests.real.aosp_packages import FLAGS, Facts, packages

SYSTEM = next(flag for flag, name in FLAGS if name == "SYSTEM")
PER_USER = 100_000
#: `pm get-app-links` writes to a width of so many columns.
LINKS_WIDTH = 120
#: What `COMPONENT_ENABLED_STATE_…` an app has that is switched off, whatever its manifest says.
OFF = (2, 3, 4)


def texts(model: Facts) -> dict[str, str]:
    """What each question is answered with, by file. An Android that has no answer has no file."""
    made = {"packages.txt": packages(model), "users.txt": users(model), "user.txt": user_service(model)}
    made["screens.txt"] = screens(model)
    for user in model["users"]:
        number = user["id"]
        every = list(listed(model, number))
        made[f"list.{number}.txt"] = _list(model, number, every, True)
        made[f"system.{number}.txt"] = _list(
            model, number, [each for each in every if each["pkgFlags"] & SYSTEM], False
        )
        made[f"disabled.{number}.txt"] = _list(model, number, [each for each in every if _off(each, number)], False)
    if model["sdk"] >= 31:
        made["links.txt"] = links(model)
    if "admins" in model:
        made["admins.txt"] = admins(model)
    return made


def listed(model: Facts, user: int) -> Iterator[Facts]:
    """The packages that `getInstalledPackages` gives for `user`, in their order."""
    for package in model["packages"]:
        state = package["states"][str(user)]
        if state["installed"] and not state["hidden"] and not package.get("noPkg") and not package["staticLibrary"]:
            yield package


def _off(package: Facts, user: int) -> bool:
    enabled = package["states"][str(user)]["enabled"]
    return enabled in OFF or (enabled == 0 and package["manifestDisabled"])


def _list(model: Facts, user: int, every: list[Facts], full: bool) -> str:
    """`pm list packages --user N`, with `-f -i -U --show-versioncode` where `full`."""
    lines = {}
    for package in every:
        line, uid = f"package:{package['name']}", ""
        if full:
            line = f"package:{package['baseApk']}={package['name']} versionCode:{package['versionCode']}"
            line += f"  installer={java_text(package['installer'])}"
            uid = f" uid:{user * PER_USER + package['appId']}"
        lines[line] = uid
    ordered = hash_map_order(lines) if model["sdk"] >= 33 else list(lines)
    return "".join(f"{line}{lines[line]}\n" for line in ordered)


def _user_info(user: Facts) -> str:
    return f"UserInfo{{{user['id']}:{java_text(user['name'])}:{user['flags']:x}}}"


def users(model: Facts) -> str:
    """`pm list users`."""
    lines = [f"\t{_user_info(user)}{' running' if user['running'] else ''}\n" for user in model["users"]]
    return f"Users:\n{''.join(lines)}"


def user_service(model: Facts) -> str:
    """`dumpsys user`, as far as its list of users goes. What is below a user's line is printed from Android 13 on."""
    sdk = model["sdk"]
    out = ["Users:"]
    for user in model["users"]:
        parent = f" parentId={user['group']}" if sdk >= 33 and user.get("group", user["id"]) != user["id"] else ""
        first = f"  {_user_info(user)} serialNo={user['serial']} isPrimary={java_text(user['id'] == 0)}{parent}"
        out.append(first)
        if sdk >= 33:
            policy = ("policy global", "policy local") if sdk == 33 else ("policy",)
            foreground = ("Last entered foreground: <unknown>",) if sdk >= 34 else ()
            lines = (
                f"Type: {user['type']}",
                f"Flags: {user['flags']} (F{user['flags']})",
                "State: RUNNING_UNLOCKED",
                *(f"{key}: <unknown>" for key in ("Created", "Last logged in")),
                "Last logged in fingerprint: null",
                *(f"{key}: <unknown>" for key in ("Start time", "Unlock time")),
                *foreground,
                "Has profile owner: false",
                *(
                    line
                    for title in ("Restrictions", *(f"Device {each} restrictions" for each in policy))
                    for line in (f"{title}:", "  none")
                ),
                *("Effective restrictions:", "  none"),
                "Ignore errors preparing storage: false",
            )
            out += (f"    {line}" for line in lines)
    return "".join(f"{line}\n" for line in out)


def screens(model: Facts) -> str:
    """`dumpsys package resolvers activity` and `… provider`: the tables of `IntentResolver`."""
    tables = (
        _resolver(f"{title} Resolver Table:", list(filters))
        for title, filters in (("Activity", model.get("activities", ())), ("Provider", model.get("providers", ())))
    )
    return "\n".join(table for table in tables if table)


def _resolver(title: str, filters: list[Facts]) -> str:
    sections = []
    for heading, field in (("Full MIME Types:", "types"), ("Schemes:", "schemes"), ("Non-Data Actions:", "actions")):
        keys: dict[str, list[str]] = {}
        for number, each in enumerate(filters):
            entry = f"{identity('filter', title, number)} {short_component(each['package'], each['class'])}"
            for key in each.get(field, ()):
                keys.setdefault(key, []).append(f"        {entry}\n")
        if keys:
            lines = (line for key in array_map_order(keys) for line in (f"      {key}:\n", *keys[key]))
            sections.append(f"  {heading}\n{''.join(lines)}")
    return f"{title}\n" + "\n".join(sections) if sections else ""


def links(model: Facts) -> str:
    """`pm get-app-links` without a user."""
    out = IndentingWriter(LINKS_WIDTH).more()
    for package in model["packages"]:
        if package.get("domains") and not package.get("noPkg"):
            _links_of(out, package)
    return out.text()


def _links_of(out: IndentingWriter, package: Facts) -> None:
    out.line(f"{package['name']}:")
    out.more()
    out.line("ID: 00000000-0000-0000-0000-000000000000")
    out.line(f"Signatures: {java_text([_digest(each) for each in package['signers']])}")
    if package.get("badDomains"):
        out.line("Invalid autoVerify domains:")
        out.more()
        for domain in package["badDomains"]:
            out.line(domain)
        out.less()
    out.line("Domain verification state:")
    out.more()
    for domain in package["domains"]:  # a phone has them in the order of their hashes
        out.write(domain)
        out.write(": ")
        out.line("verified")
    out.less().less()


def _digest(certificate: str) -> str:
    return hashlib.sha256(bytes.fromhex(certificate)).digest().hex(":").upper()


def admins(model: Facts) -> str:
    """`dumpsys device_policy` of Android 14 and 15: the owner, and the administrators of each user."""
    out = IndentingWriter()
    out.line("Current Device Policy Manager state:")
    out.more()
    for number, admin in enumerate(each for each in model["admins"] if each["owner"]):
        if number:
            out.line()
        title = "Device Owner: " if admin["owner"] == "device" else f"Profile Owner (User {admin['user']}): "
        out.line(title)
        out.more()
        out.line(f"admin=ComponentInfo{{{admin['package']}/{admin['class']}}}")
        out.line(f"package={admin['package']}")
        out.line("isOrganizationOwnedDevice=false")
        if admin["owner"] == "device":
            out.line(f"User ID: {admin['user']}")
        out.less()
    out.line()
    for user in model["users"]:
        out.line()
        out.line(f"Enabled Device Admins (User {user['id']}, provisioningState: 0):")
        for admin in model["admins"]:
            if admin["user"] == user["id"]:
                _admin(out, model, admin)
        out.line()
        out.more()
        for line in ("mPasswordOwner=-1", "mPasswordTokenHandle=0", "mAppsSuspended=false", "mUserSetupComplete=false"):
            out.line(line)
        out.line("mAffiliationIds=[]")
        out.line("mNewUserDisclaimer=null")
        out.less()
    return out.text()


def _admin(out: IndentingWriter, model: Facts, admin: Facts) -> None:
    package = next((each for each in model["packages"] if each["name"] == admin["package"]), None)
    out.more()
    out.line(f"{short_component(admin['package'], admin['class'])}:")
    out.more()
    out.line(f"uid={admin['user'] * PER_USER + (package['appId'] if package else 10001)}")
    out.line("testOnlyAdmin=false")
    out.line("policies:")
    out.line(f"organizationName={java_text(admin['organization'])}")
    out.less().less()
