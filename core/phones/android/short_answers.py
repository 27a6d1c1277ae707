"""The phone's shorter answers: properties, users, package lists, device administrators.

Every reader takes lines, never fails, and drops what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.model import Admin, Phone, Profile, ProfileKind
from core.phones.android.shell import is_package_name
from core.text import T, Text, plain

_PROPERTY = re.compile(r"\[([^\]]{1,200})\]: \[(.*)")
_USER = re.compile(r"(\d{1,9}):(.*):([0-9a-fA-F]{1,8})\}(.*)")
#: Users that `dumpsys user` names before they are and after they were.
_UNBORN = re.compile(r"<(?:partial|pre-created|removing)>")
_COMPONENT = re.compile(r"    ([A-Za-z0-9_.]{1,255}/[A-Za-z0-9_.$]{1,300}):?\s*\Z")
_ADMINS_OF = re.compile(r"  Enabled Device Admins(?: \(User (\d{1,9})[,)].*)?:?")
_OWNER = re.compile(r"(?:admin|mAdmin)=ComponentInfo\{([A-Za-z0-9_.$/]{1,600})\}")
_OWNER_USER = re.compile(r"(?:User ID|Profile Owner \(User)[: ]\s*(\d{1,9})")

# android.content.pm.UserInfo
_GUEST, _MANAGED, _QUIET, _PROFILE = 0x04, 0x20, 0x80, 0x1000


def properties(lines: Iterable[str]) -> dict[str, str]:
    """`getprop`: ``[name]: [value]``; a value may run over several lines."""
    found: dict[str, str] = {}
    name = None
    for line in lines:
        start = _PROPERTY.match(line)
        if start:
            name, value = start[1], start[2]
            found[name] = value.removesuffix("]")
            if value.endswith("]"):
                name = None
        elif name is not None and len(found[name]) < 4096:
            found[name] += "\n" + line.removesuffix("]")
            if line.endswith("]"):
                name = None
    return found


#: The trade names in phones of OPPO, OnePlus and realme, the English one first, and of vivo, whose model is a number
#: (getActivity/DeviceCompat has what some phones say in them). What an owner calls a phone is in none of them.
_MARKET_NAMES: Final = (
    "ro.vendor.oplus.market.enname",
    "ro.vendor.oplus.market.name",
    "ro.oppo.market.name",
    "ro.vivo.market.name",
)


def phone(properties: Mapping[str, str], practice: bool) -> Phone:
    """How the phone describes itself."""

    def get(*names: str, limit: int = 64) -> str:
        return plain(next((v for n in names if (v := properties.get(n, "").strip())), ""), limit)

    sdk = get("ro.build.version.sdk")
    return Phone(
        platform="android",
        maker=get("ro.product.manufacturer", "ro.product.brand"),
        model=get("ro.product.marketname", "ro.config.marketing_name", "ro.product.model"),
        os=get("ro.build.version.release"),
        serial=get("ro.serialno", "ro.boot.serialno"),
        sdk=int(sdk) if sdk.isascii() and sdk.isdigit() else 0,
        patch=get("ro.build.version.security_patch"),
        practice=practice,
        market_name=get(*_MARKET_NAMES),
    )


def users(lines: Iterable[str]) -> list[Profile]:
    """`pm list users` or `dumpsys user`: ``UserInfo{id:name:flags} running``, the name being free text."""
    found: dict[int, Profile] = {}
    last: int | None = None
    for line in lines:
        _, is_user, rest = line[:2000].partition("UserInfo{")
        if is_user:
            user = _USER.match(rest)
            if user and len(found) < 100 and not _UNBORN.search(user[4]):
                last = int(user[1])
                name, flags = user[2], int(user[3], 16)
                found[last] = Profile(last, plain(name), _kind(last, name, flags), running=" running" in user[4])
        elif last is not None:
            found[last] = _with_detail(found[last], line.strip())
    return list(found.values())


def _with_detail(profile: Profile, line: str) -> Profile:
    """`dumpsys user` says more below each user: its type and its state."""
    kind, running = profile.kind, profile.running
    if line.startswith("Type: android.os.usertype.profile."):
        kind = _TYPES.get(line.removeprefix("Type: android.os.usertype.profile."), kind)
        if profile.kind is ProfileKind.SECURE_FOLDER:  # Samsung's is a managed profile too
            kind = profile.kind
    elif line.startswith("State: "):
        running = line.startswith("State: RUNNING")
    return replace(profile, kind=kind, running=running)


_TYPES: Final = {
    "MANAGED": ProfileKind.WORK,
    "PRIVATE": ProfileKind.PRIVATE_SPACE,
    "CLONE": ProfileKind.DUAL_APPS,
}
_DUAL_APP_IDS: Final = frozenset({95, 96, 97, 98, 99, 998, 999})
_SECURE_FOLDER_IDS: Final = range(150, 161)


def _kind(id: int, name: str, flags: int) -> ProfileKind:
    """What a profile is for. Makers give their own fixed ids; a locked private space is quiet and not managed."""
    if id == 0:
        return ProfileKind.PERSONAL
    if id in _SECURE_FOLDER_IDS or name.strip().casefold() == "secure folder":
        return ProfileKind.SECURE_FOLDER
    if id in _DUAL_APP_IDS:
        return ProfileKind.DUAL_APPS
    if flags & _MANAGED:
        return ProfileKind.WORK
    if flags & _GUEST:
        return ProfileKind.GUEST
    if flags & _PROFILE:
        private = flags & _QUIET or name.strip().casefold() == "private space"
        return ProfileKind.PRIVATE_SPACE if private else ProfileKind.DUAL_APPS
    return ProfileKind.OTHER


def unlisted(id: int) -> Profile:
    """A profile that the phone's app list speaks of, but its user list does not."""
    return Profile(
        id, "", _kind(id, "", 0), running=False, readable=False, why=T("The phone does not list this profile.")
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """One app as `pm list packages` names it. `path` is the app's base file; both are empty where not asked for."""

    path: str = ""
    version_code: int | None = None
    installer: str = ""


@dataclass(frozen=True, slots=True)
class Packages:
    """`pm list packages --user N`: the apps by their ids, and how many lines were no good."""

    apps: Mapping[str, Listed]
    malformed: int
    refusal: str

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.apps)

    def problem(self, code: int) -> Text | None:
        """Why this list cannot be relied upon, or None."""
        if "permission to access user" in self.refusal:
            return T("The phone does not let a computer list the apps of this profile.")
        if self.refusal:
            return T("The phone answered with an error instead of a list of apps.")
        if code != 0:
            return T("The phone's list of apps ended with an error.")
        if self.malformed:
            return T("The phone's list of apps has lines that make no sense.")
        return None


_VERSION = re.compile(r" versionCode:(\d{1,19})\b")
_INSTALLER = re.compile(r"  installer=([A-Za-z0-9_.]{1,255})(?: |\Z)")


def packages(lines: Iterable[str]) -> Packages:
    """Any form of `pm list packages`: ``package:[path=]id[ versionCode:1][  installer=id][ uid:10123]``.

    A path may hold ``=`` itself. Nothing in a line is a text that the app in it could choose: the path and the numbers
    are the system's, and an id has no line breaks.
    """
    apps: dict[str, Listed] = {}
    malformed, refusal = 0, ""
    for line in lines:
        if line.startswith("package:"):
            words = line[8:].split()
            path, _, name = words[0].rpartition("=") if words else ("", "", "")
            if not is_package_name(name) or name in apps:
                malformed += 1
                continue
            version, installer = _VERSION.search(line), _INSTALLER.search(line)
            named = installer[1] if installer and installer[1] != "null" else ""
            apps[name] = Listed(plain(path, 500), int(version[1]) if version else None, named)
        elif not refusal and ("Exception" in line or line.startswith(("Error", "Failure"))):
            refusal = plain(line, 300)
        elif refusal and "Exception:" in line and "Exception:" not in refusal:
            refusal = plain(line.strip(), 300)
    return Packages(apps, malformed, refusal)


def admins(lines: Iterable[str]) -> list[Admin]:
    """`dumpsys device_policy`: the active administrators of each profile, and the owners.

    An owner is an administrator too, and Android lists it as both, in any order: it stays an owner.
    """
    found: dict[tuple[int, str], Admin] = {}
    in_admins, user, owner_user = False, 0, 0
    last: tuple[int, str] | None = None
    for line in lines:
        line = line[:1000]
        start = _ADMINS_OF.match(line)
        if start:
            in_admins, user, last = True, int(start[1] or 0), None
            continue
        if line[:1] not in ("", " ") or (line[:2] == "  " and line[2:3] not in ("", " ")):
            in_admins = False
            owner_user = 0
        named = _OWNER_USER.search(line)
        if named:
            owner_user = int(named[1])
        component = _COMPONENT.match(line) if in_admins else None
        if component and len(found) < 1000:
            last = (user, component[1])
            found.setdefault(last, Admin(*last))
        elif in_admins and last and line.strip() == "testOnlyAdmin=true":
            found[last] = replace(found[last], test_only=True)
        owner = _OWNER.search(line)
        if owner and not in_admins and len(found) < 2000:  # there is room, however many administrators there are
            owns = (owner_user, owner[1])
            found[owns] = replace(found.get(owns, Admin(*owns)), owner=True)
    return list(found.values())
