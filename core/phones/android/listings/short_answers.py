"""The phone's shorter answers: properties, users, package lists, device administrators.

Every reader takes lines and never fails; what it does not know, it leaves in its account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.model import Admin, Phone, Profile, ProfileKind
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.link.shell import is_package_name
from core.text import T, Text, plain

_PROPERTY = re.compile(r"\[([^\]]{1,200})\]: \[(.*)")
#: Characters of a property that runs over several lines.
_VALUE_LIMIT: Final = 4_096
_USER = re.compile(r"(\d{1,9}):(.*):([0-9a-fA-F]{1,8})\}(.*)")
#: Users that `dumpsys user` names before they are and after they were.
_UNBORN = re.compile(r"<(?:partial|pre-created|removing)>")
_USERS_LIMIT: Final = 100

# android.content.pm.UserInfo
_GUEST, _MANAGED, _QUIET, _PROFILE = 0x04, 0x20, 0x80, 0x1000


def properties(lines: Iterable[str]) -> Account[dict[str, str]]:
    """`getprop`: ``[name]: [value]``; a value may run over several lines.

    Of two values of one name the last counts, and the name is left: one of them stands in another property's value.
    """
    values: dict[str, str] = {}
    leftovers = Leftovers()
    name = None
    for line in lines:
        start = _PROPERTY.match(line)
        if start:
            name, value = start[1], start[2]
            if values.get(name, value.removesuffix("]")) != value.removesuffix("]"):
                leftovers.add(Why.TWICE, "property", text=name)
            values[name] = value.removesuffix("]")
            if value.endswith("]"):
                name = None
        elif name is None:
            if line.strip():
                leftovers.add(Why.UNKNOWN, "line", text=line)
        elif len(values[name]) >= _VALUE_LIMIT:
            leftovers.add(Why.CUT, "property", text=name)
        else:
            values[name] += "\n" + line.removesuffix("]")
            if line.endswith("]"):
                name = None
    return leftovers.account(values)


#: The trade names in phones of OPPO, OnePlus and realme, the English one first, and of vivo, whose model is a number
#: (getActivity/DeviceCompat has what some phones say in them). What an owner calls a phone is in none of them.
MARKET_NAMES: Final = (
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
        market_name=get(*MARKET_NAMES),
    )


def users(lines: Iterable[str], samsung: bool = False, *, alone: bool = False) -> Account[list[Profile]]:
    """`pm list users` or `dumpsys user`: ``UserInfo{id:name:flags} running``, the name being free text.

    `samsung`: the phone is one, whose system gives Secure Folder a number that no other maker reserves. `alone`:
    nothing but users stands there, as in `pm list users`; another line may be the rest of a name with line breaks.
    """
    profiles: dict[int, Profile] = {}
    leftovers = Leftovers()
    last: int | None = None
    for line in lines:
        _, is_user, rest = line.partition("UserInfo{")
        if not is_user:
            if alone and not (line.startswith("Users:") or _NOISE.match(line)):
                leftovers.add(Why.UNKNOWN, "line", text=line)
            elif last is not None:
                profiles[last] = _with_detail(profiles[last], line.strip(), samsung)
            continue  # Nothing is lost: a user of the phone stands in a line of this form in every Android
        last = None
        user = _USER.match(rest)
        if user is None:
            leftovers.add(Why.UNKNOWN, "user", text=line)
        elif len(profiles) >= _USERS_LIMIT:
            leftovers.add(Why.CUT, "users", text=line)
        elif _UNBORN.search(user[4]):
            continue  # Nothing is lost: Android says that there is no such user yet, or no more
        else:
            id, name, flags = int(user[1]), plain(user[2]), int(user[3], 16)
            profile = Profile(id, name, _kind(id, flags, samsung), running=" running" in user[4])
            if id not in profiles:
                profiles[id], last = profile, id
            elif profiles[id].name != name:
                leftovers.add(Why.TWICE, "user", text=line)
    return leftovers.account(list(profiles.values()))


def _with_detail(profile: Profile, line: str, samsung: bool) -> Profile:
    """`dumpsys user` says more below each user: its type and its state."""
    kind, running = profile.kind, profile.running
    if line.startswith(_TYPE):
        if not _by_number(profile.id, samsung):
            kind = _TYPES.get(line.removeprefix(_TYPE), ProfileKind.OTHER)
    elif line.startswith("State: "):
        running = line.startswith("State: RUNNING")
    return replace(profile, kind=kind, running=running)


_TYPE: Final = "Type: android.os.usertype.profile."
#: Android's own types of profiles. Its newer ones (such as SUPERVISING, Android 16) are for none of our kinds.
_TYPES: Final = {
    "MANAGED": ProfileKind.WORK,
    "PRIVATE": ProfileKind.PRIVATE_SPACE,
    "CLONE": ProfileKind.DUAL_APPS,
}
_DUAL_APP_IDS: Final = frozenset({95, 96, 97, 98, 99, 998, 999})
_SECURE_FOLDER_IDS: Final = range(150, 161)


def _by_number(id: int, samsung: bool) -> ProfileKind | None:
    """What a profile is for by the number that makers reserve for it, whatever its type: Samsung's Secure Folder is a
    managed profile, or a private one (seen on Android 16), and the makers' dual apps have types of their own."""
    if id == 0:
        return ProfileKind.PERSONAL
    if samsung and id in _SECURE_FOLDER_IDS:
        return ProfileKind.SECURE_FOLDER
    return ProfileKind.DUAL_APPS if id in _DUAL_APP_IDS else None


def _kind(id: int, flags: int, samsung: bool) -> ProfileKind:
    """What a profile is for, by its number and flags; never by its name, which is its owner's own text. A locked
    private space is quiet and not managed."""
    if (kind := _by_number(id, samsung)) is not None:
        return kind
    if flags & _MANAGED:
        return ProfileKind.WORK
    if flags & _GUEST:
        return ProfileKind.GUEST
    if flags & _PROFILE:
        return ProfileKind.PRIVATE_SPACE if flags & _QUIET else ProfileKind.DUAL_APPS
    return ProfileKind.OTHER


def unlisted(id: int, samsung: bool = False) -> Profile:
    """A profile that the phone's app list speaks of, but its user list does not."""
    why = T("The phone does not list this profile.")
    return Profile(id, "", _kind(id, 0, samsung), running=False, readable=False, why=why)


@dataclass(frozen=True, slots=True)
class ListedApp:
    """One app as `pm list packages` names it. `path` is the app's base file; both are empty where not asked for."""

    path: str = ""
    version_code: int | None = None
    installer: str = ""


@dataclass(frozen=True, slots=True)
class Packages:
    """`pm list packages --user N`: the apps by their ids, and how many lines were no good."""

    apps: Mapping[str, ListedApp]
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
        return None  # Nothing is lost: there is none


_VERSION = re.compile(r" versionCode:(\d{1,19})\b")
_INSTALLER = re.compile(r"  installer=([A-Za-z0-9_.]{1,255})(?: |\Z)")
#: What the system's own linker and its Java say on some phones whenever a program is started; it names no app.
_NOISE = re.compile(r"WARNING: linker: |Warning: |\s*\Z")
_PATH_LIMIT: Final = 4_000


def packages(lines: Iterable[str]) -> Account[Packages]:
    """Any form of `pm list packages`: ``package:[path=]id[ versionCode:1][  installer=id][ uid:10123]``.

    A path may hold ``=`` itself. Nothing in a line is a text that the app in it could choose: the path and the numbers
    are the system's, and an id has no line breaks.
    """
    apps: dict[str, ListedApp] = {}
    leftovers = Leftovers()
    malformed, refusal = 0, ""
    for line in lines:
        if line.startswith("package:"):
            words = line[8:].split()
            path, _, name = words[0].rpartition("=") if words else ("", "", "")
            if not is_package_name(name) or name in apps or len(path) > _PATH_LIMIT:
                malformed += 1
                leftovers.add(Why.TWICE if name in apps else Why.REFUSED, "line", text=line)
                continue  # left
            version, installer = _VERSION.search(line), _INSTALLER.search(line)
            installer_id = installer[1] if installer and installer[1] != "null" else ""
            apps[name] = ListedApp(plain(path, _PATH_LIMIT), int(version[1]) if version else None, installer_id)
        elif not refusal and ("Exception" in line or line.startswith(("Error", "Failure"))):
            refusal = plain(line, 300)
        elif refusal:
            if "Exception:" in line and "Exception:" not in refusal:
                refusal = plain(line.strip(), 300)
        elif not _NOISE.match(line):
            malformed += 1
            leftovers.add(Why.UNKNOWN, "line", text=line)
    if refusal:
        leftovers.add(Why.REFUSED, "list", text=refusal)
    return leftovers.account(Packages(apps, malformed, refusal))


#: ``Enabled Device Admins (User 0, provisioningState: 0):``, below it the administrators of that profile.
_ADMINS_OF = re.compile(r"  Enabled Device Admins(?: \(User (\d{1,9})[,)].*)?:?")
#: ``com.example/.Receiver:`` at four spaces. The class may be any text that a class may be called.
_COMPONENT = re.compile(r"    ([A-Za-z0-9_.]{1,255})/(\S(?:.*\S)?):\s*\Z")
#: A line in the place of an administrator that names one in any way: fields of a profile's policy have no stroke before
#: their equals sign.
_LIKE_A_COMPONENT = re.compile(r"    [^\s=/][^=/]*/")
#: What else stands there of a profile's policy: ``mPasswordOwner=-1``, ``mAffiliationIds:``.
_FIELD = re.compile(r"    (?: .*|[A-Za-z][\w .-]*[=:].*)?")
_OWNER = re.compile(r"(?:admin|mAdmin)=ComponentInfo\{([A-Za-z0-9_.]{1,255})/([^{}]*)\}\s*\Z")
_OWNER_USER = re.compile(r"  +(?:User ID|Profile Owner \(User)[: ]\s*(\d{1,9})")
_CLASS = re.compile(r"\.?[\w$\-]+(?:\.[\w$\-]+)*")
_CLASS_LIMIT: Final = 1_000
_ADMINS_LIMIT: Final = 1_000


def admins(lines: Iterable[str]) -> Account[list[Admin]]:
    """`dumpsys device_policy`: the active administrators of each profile, and the owners.

    An owner is an administrator too, and Android lists it as both: it stays an owner. Owners stand before all
    administrators, whose own texts may run on in further lines: an owner behind them is left as well.
    """
    reader = _Admins()
    for line in lines:
        reader.line(line)
    return reader.leftovers.account(list(reader.admins.values()))


class _Admins:
    """Reads device administrators, line by line."""

    def __init__(self) -> None:
        self.admins: dict[tuple[int, str], Admin] = {}
        self.leftovers = Leftovers()
        self._profiles: set[int] = set()
        self._profile: int | None = None
        self._owner_profile = 0
        self._last: tuple[int, str] | None = None

    def line(self, line: str) -> None:
        """Take up the next line. A heading begins the administrators of a profile, which end where the indent does."""
        start = _ADMINS_OF.match(line)
        if start:
            self._profile, self._last = int(start[1] or 0), None
            if self._profile in self._profiles:
                self.leftovers.add(Why.TWICE, "administrators", text=line)
            self._profiles.add(self._profile)
            return  # Nothing is lost: it was a heading
        if line[:1] not in ("", " ") or (line[:2] == "  " and line[2:3] not in ("", " ")):
            self._profile = None
            self._owner_profile = 0
        profile = _OWNER_USER.match(line)
        if profile:
            self._owner_profile = int(profile[1])
        if self._profile is not None:
            self._administrator(self._profile, line)
        if "ComponentInfo{" in line and line.lstrip().startswith(("admin=", "mAdmin=")):
            self._owner(line)

    def _administrator(self, profile: int, line: str) -> None:
        component = _COMPONENT.match(line)
        if component:
            self._last = self._keep(profile, component[1], component[2], line)
        elif _LIKE_A_COMPONENT.match(line) or (line[:4] == "    " and not _FIELD.fullmatch(line)):
            self.leftovers.add(Why.REFUSED, "administrator", text=line)
        elif self._last and line.strip() == "testOnlyAdmin=true":
            self.admins[self._last] = replace(self.admins[self._last], test_only=True)

    def _owner(self, line: str) -> None:
        owner = _OWNER.search(line)
        if owner is None or self._profiles:  # Android prints owners first: later, a class with line breaks can say so
            self.leftovers.add(Why.UNKNOWN, "owner", text=line)
            return  # left
        key = self._keep(self._owner_profile, owner[1], owner[2], line)
        if key:
            self.admins[key] = replace(self.admins[key], owner=True)

    def _keep(self, profile: int, package: str, name: str, line: str) -> tuple[int, str] | None:
        """Keep an administrator by its full component; of one whose class is not as a class's, that is left too."""
        if not _CLASS.fullmatch(name) or len(name) > _CLASS_LIMIT:
            self.leftovers.add(Why.REFUSED, "class of an administrator", package, line)
            name = plain(name, 300)
        component = f"{package}/{package + name if name.startswith('.') else name}"
        if len(self.admins) >= _ADMINS_LIMIT and (profile, component) not in self.admins:
            self.leftovers.add(Why.CUT, "administrators", text=line)
            return None  # left
        self.admins.setdefault((profile, component), Admin(profile, component))
        return profile, component
