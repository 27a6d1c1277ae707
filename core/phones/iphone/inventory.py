"""Reading an iPhone: what it is, how it is protected, and its apps by two listings that have to agree.

iOS checks what an app is signed with each time that it is started, and tells who signed it; the apps' own files are
not to be had. What is not listed by one of the two listings, or cut off, is a gap. Whether the apps that its owner has
hidden are listed is not known: the folder where they are is a place for a person to look at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core import value_names
from core.jobs import Cancel, Progress, Report
from core.model import App, Gap, HealthReadings, Inventory, Phone, PhoneIdentity, Place, Profile, ProfileKind
from core.phones.driver import Unplugged
from core.phones.iphone import apps
from core.phones.iphone.lockdown import Lockdown, Refused
from core.phones.iphone.plist import Message
from core.phones.iphone.problems import Malformed, NoAnswer
from core.phones.iphone.stream import Stream
from core.text import N, T, plain

_MANAGEMENT: Final = "com.apple.mobile.MCInstall"
#: A service that only a phone with its protection broken open has.
_JAILBROKEN: Final = "com.apple.afc2"
#: What is told of the phone's protection, by the name under which it is judged: the domain and key of it.
_HEALTH: Final[Mapping[str, tuple[str, str]]] = {
    "ProductVersion": ("", "ProductVersion"),
    "BuildVersion": ("", "BuildVersion"),
    "ProductType": ("", "ProductType"),
    "PasswordProtected": ("", "PasswordProtected"),
    "ActivationState": ("", "ActivationState"),
    "DeviceIsChaperoned": ("com.apple.mobile.chaperone", "DeviceIsChaperoned"),
    # Asked for by its key alone: the whole domain comes back empty.
    "DeveloperModeStatus": ("com.apple.security.mac.amfi", "DeveloperModeStatus"),
    "EnableWifiConnections": ("com.apple.mobile.wireless_lockdown", "EnableWifiConnections"),
}
#: The value that a practice phone has of itself: believed only where Fanion serves it on this computer.
_PRACTICE: Final = ("ca.fanion", "practice")
#: The number of the folder of hidden apps among the parts of the phone, where its apps have `apps.PROFILE`.
_HIDDEN: Final = 1


def identity_of(lockdown: Lockdown, cancel: Cancel) -> PhoneIdentity:
    """Which phone answers. The pair record has tied it to its certificate already."""
    serial = plain(lockdown.text("SerialNumber", cancel), 64) or lockdown.phone.udid
    return PhoneIdentity(
        serial=serial,
        maker="Apple",
        model=plain(lockdown.text("ProductType", cancel), 64),
        build=plain(lockdown.text("BuildVersion", cancel), 64),
        boot=lockdown.phone.udid,
    )


def is_practice(lockdown: Lockdown, cancel: Cancel) -> bool:
    """Whether a phone on this computer itself says that it is for practice."""
    domain, key = _PRACTICE
    return lockdown.value(key, cancel, domain) is True


def read(lockdown: Lockdown, practice: bool, report: Report, cancel: Cancel) -> Inventory:
    """Everything that the phone tells. Raises PhoneProblem, Cancelled."""
    report(Progress(T("Reading the phone’s details"), 0.1))
    identity = identity_of(lockdown, cancel)
    phone = Phone(
        platform="ios",
        maker="Apple",
        model=identity.model,
        os=plain(lockdown.text("ProductVersion", cancel), 64),
        serial=identity.serial,
        practice=practice,
    )
    health = _health(lockdown, cancel)
    report(Progress(T("Reading the apps"), 0.4))
    found, gaps = _apps(lockdown, report, cancel)
    profile = Profile(apps.PROFILE, "", ProfileKind.PERSONAL)
    return Inventory(phone, (profile,), found, gaps=gaps, identity=identity, health=health, places=(hidden_apps(),))


def hidden_apps() -> Place:
    """Where the owner of an iPhone keeps apps out of sight, since iOS 18. Every iPhone has it here: its version is its
    own word, which is not to spare it a look that the policy demands."""
    kind = ProfileKind.HIDDEN_APPS
    why = T("A computer may not see what is in there.")
    what = value_names.pair(value_names.PROFILES[kind], T("the policy demands that an officer looks there"))
    how = T("Together with its owner, look at App Library › Hidden, and record what you saw.")
    return Place(Profile(_HIDDEN, "", kind, readable=False, why=why), Gap(what, how, _HIDDEN))


def _apps(lockdown: Lockdown, report: Report, cancel: Cancel) -> tuple[tuple[App, ...], tuple[Gap, ...]]:
    """The apps of both listings, and what keeps them from being all. What one of them has is judged, whatever the other
    is like: an app can spoil a list with its name, and is not to hide others by that."""
    listed, again = None, None
    stream = lockdown.service(apps.SERVICE, cancel)
    try:
        try:
            listed = apps.lookup(stream, cancel)
        except Malformed:  # what is left of that answer stands in the way of the next
            stream.close()
            stream = lockdown.service(apps.SERVICE, cancel)
        report(Progress(T("Reading the apps"), 0.8))
        with contextlib.suppress(Malformed):
            again = apps.browse(stream, cancel)
    finally:
        stream.close()
    how = T("Check the phone again. If it happens again, have the phone looked at.")
    gaps: list[Gap] = []
    if listed is None:
        gaps.append(Gap(T("The phone’s list of its apps could not be read."), how, apps.PROFILE))
    if again is None:
        gaps.append(Gap(T("The phone’s second list of its apps could not be read."), how, apps.PROFILE))
    known = listed or {}
    found = [
        apps.app_of(bundle, app, blocked=again is not None and bundle not in again)
        for bundle, app in sorted(known.items())
    ]
    only = sorted((again or set()) - known.keys())
    if only and listed is not None:
        told = N(
            "{count} app is in one of the phone’s two lists only.",
            "{count} apps are in one of the phone’s two lists only.",
            len(only),
        )
        gaps.append(Gap(told, how, apps.PROFILE))
    # Of these no more is told than that they are there: neither from where they came nor who signed them.
    alone = (apps.app_of(bundle, {"ApplicationType": "User"}) for bundle in only)
    found += [replace(app, installer="", signed=None, confirmed=False) for app in alone]
    if not found:
        gaps.append(Gap(T("The phone lists no app at all."), how, apps.PROFILE))
    return tuple(found), tuple(gaps)


def _health(lockdown: Lockdown, cancel: Cancel) -> HealthReadings:
    """What the phone says of its own protection, each in its own word; what it does not tell is not in it."""
    told: dict[str, tuple[str, ...]] = {}
    for name, (domain, key) in _HEALTH.items():
        said = _word(lockdown.value(key, cancel, domain))
        if said:
            told[name] = (said,)
    told |= _management(lockdown, cancel)
    jailbroken = _starts(lockdown, _JAILBROKEN, cancel)
    if jailbroken is not None:
        told["afc2"] = ("open" if jailbroken else "refused",)
    return HealthReadings(properties=told)


def _management(lockdown: Lockdown, cancel: Cancel) -> dict[str, tuple[str, ...]]:
    """Who manages the phone, and how many configuration profiles it has, as far as it tells."""
    try:
        stream = lockdown.service(_MANAGEMENT, cancel)
    except Refused:
        return {}
    told: dict[str, tuple[str, ...]] = {}
    try:
        cloud = _cloud(stream, cancel)
        for name in ("IsSupervised", "OrganizationName"):
            if said := _word(cloud.get(name)):
                told[name] = (said,)
        profiles = stream.request({"RequestType": "GetProfileList"}, cancel).get("OrderedIdentifiers")
        if isinstance(profiles, list):
            told["profiles"] = (str(len(profiles)),)
    except (Malformed, NoAnswer, Unplugged):
        pass  # what was told until then counts; the rest is not known. A cable that was pulled is seen by what follows
    finally:
        stream.close()
    return told


def _cloud(stream: Stream, cancel: Cancel) -> Message:
    cloud = stream.request({"RequestType": "GetCloudConfiguration"}, cancel).get("CloudConfiguration")
    return cloud if isinstance(cloud, dict) else {}


def _starts(lockdown: Lockdown, service: str, cancel: Cancel) -> bool | None:
    """Whether the phone starts a service; None where it does not tell."""
    try:
        lockdown.service(service, cancel).close()
    except Refused as refused:
        return False if refused.error == "InvalidService" else None
    return True


def _word(value: object) -> str:
    """A value as a word: ``true`` or ``false``, or a text made plain; empty for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value, 100) if isinstance(value, str) else ""
