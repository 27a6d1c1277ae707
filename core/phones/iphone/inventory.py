"""Reading an iPhone: what it is, how it is protected, and its apps by two listings that have to agree.

iOS checks what an app is signed with each time that it is started, and tells who signed it; the apps' own files are
not to be had. What is not listed by one of the two listings, or cut off, is a gap. Whether the apps that its owner has
hidden are listed is not known: the folder where they are is a place for a person to look at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from core import value_names
from core.jobs import Cancel, Progress, Report
from core.model import (
    App,
    Gap,
    HealthReadings,
    Inventory,
    IphoneManagement,
    Phone,
    PhoneIdentity,
    Place,
    Profile,
    ProfileKind,
    id_key,
)
from core.phones.accounting import Account, Left, Leftovers, Why
from core.phones.driver import Silent, Unplugged
from core.phones.iphone import apps
from core.phones.iphone.lockdown import Lockdown, Refused
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.text import N, T, plain

MANAGEMENT: Final = "com.apple.mobile.MCInstall"
#: A service that only a phone with its protection broken open has.
_JAILBROKEN: Final = "com.apple.afc2"
#: What is told of the phone's protection, by the name under which it is judged: the domain and key of it.
HEALTH: Final[Mapping[str, tuple[str, str]]] = {
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
#: The properties that tell whether an organisation supervises the phone.
_SUPERVISED: Final = ("DeviceIsChaperoned", "IsSupervised")
#: The names of its configuration profiles; None where it does not tell.
_Names: TypeAlias = tuple[str, ...] | None
#: How many of them are kept.
_PROFILE_NAMES: Final = 20
#: How many apps a gap names.
_NAMED: Final = 3
AGAIN: Final = T("Check the phone again. If it happens again, have the phone looked at.")
_LOOK_AT_THEM: Final = T("Open these apps on the phone and see what they are; if one is a banned app, remove it there.")
#: The number of the folder of hidden apps among the parts of the phone, where its apps have `apps.PROFILE`.
_HIDDEN: Final = 1


def identity_of(lockdown: Lockdown, cancel: Cancel) -> PhoneIdentity:
    """Which phone answers. The pair record has tied it to its certificate already."""
    return PhoneIdentity(
        serial=lockdown.text("SerialNumber", cancel) or lockdown.phone.udid,
        maker="Apple",
        model=lockdown.text("ProductType", cancel),
        build=lockdown.text("BuildVersion", cancel),
        boot=lockdown.phone.udid,
    )


def is_practice(lockdown: Lockdown, cancel: Cancel) -> bool:
    """Whether a phone on this computer itself says that it is for practice."""
    domain, key = _PRACTICE
    return lockdown.value(key, cancel, domain) is True


def read(
    lockdown: Lockdown,
    practice: bool,
    report: Report,
    cancel: Cancel,
    glimpse: Callable[[Inventory], None] = lambda inventory: None,
) -> Inventory:
    """Everything that the phone tells. `glimpse` is told of the apps as soon as they are listed: a banned one is known
    then, whatever comes after. Raises PhoneProblem, Cancelled."""
    report(Progress(T("Reading the phone’s details"), 0.1))
    identity = identity_of(lockdown, cancel)
    phone = Phone(
        platform=apps.PLATFORM,
        maker="Apple",
        model=identity.model,
        os=lockdown.text("ProductVersion", cancel),
        serial=identity.serial,
        practice=practice,
    )
    profile = Profile(apps.PROFILE, "", ProfileKind.PERSONAL)
    so_far = Inventory(phone, (profile,), (), identity=identity, places=(hidden_apps(),))
    report(Progress(T("Reading the apps"), 0.3))
    leftovers = Leftovers()
    listed, gaps = _apps(
        lockdown, report, cancel, leftovers, lambda first_apps: glimpse(replace(so_far, apps=first_apps))
    )
    report(Progress(T("Reading the phone’s details"), 0.8))
    health, profile_names = leftovers.take(_health(lockdown, cancel))
    leftovers.take(Account(None, lockdown.leftovers.all))
    return replace(
        so_far,
        apps=listed,
        gaps=(*gaps, *_gaps(leftovers.all, listed)),
        health=health,
        management=_managed(health, profile_names),
    )


def _gaps(leftovers: Sequence[Left], listed: Sequence[App]) -> list[Gap]:
    """What was left, as gaps: of the apps that it is about by their names, and of the phone."""
    names = {id_key(app.package, apps.PLATFORM): app.label or app.package for app in listed}
    # A name may have been cut, so that it is that of no app any more: it is still about one.
    about = {id_key(plain(item.app, 255), apps.PLATFORM): plain(item.app, 255) for item in leftovers if item.app}
    app_names = [names.get(id) or bundle for id, bundle in about.items()]
    gaps = []
    if app_names:
        first, more = ", ".join(app_names[:_NAMED]), len(app_names) - _NAMED
        sentence = T(
            "Not all that the phone says of these apps could be understood: {apps}.",
            apps=value_names.listed(app_names[:_NAMED]),
        )
        if more > 0:
            sentence = N(
                "Not all that the phone says of these apps could be understood: {apps} and {count} more.",
                "Not all that the phone says of these apps could be understood: {apps} and {count} more.",
                more,
                apps=first,
            )
        gaps.append(Gap(sentence, _LOOK_AT_THEM, apps.PROFILE))
    if any(not leftover.app for leftover in leftovers):
        gaps.append(Gap(T("Not all that the phone said could be understood."), AGAIN, apps.PROFILE))
    return gaps


def hidden_apps() -> Place:
    """Where the owner of an iPhone keeps apps out of sight, since iOS 18. Every iPhone has it here: its version is its
    own word, which is not to spare it a look that the policy demands."""
    kind = ProfileKind.HIDDEN_APPS
    why = T("A computer may not see what is in there.")
    sentence = value_names.pair(value_names.PROFILES[kind], T("the policy requires an officer to look there"))
    how = T("Together with its holder, look at App Library › Hidden, and record what you saw.")
    return Place(Profile(_HIDDEN, "", kind, readable=False, why=why), Gap(sentence, how, _HIDDEN))


def _apps(
    lockdown: Lockdown,
    report: Report,
    cancel: Cancel,
    leftovers: Leftovers,
    glimpse: Callable[[tuple[App, ...]], None],
) -> tuple[tuple[App, ...], list[Gap]]:
    """The apps of both listings, and what keeps them from being all; what is about one of them goes into
    `leftovers`. What one listing has is judged, whatever the other is like: an app can spoil a list with its name, and
    is not to hide others by that."""
    listed: list[App] | None = None
    second_ids: dict[str, None] = {}
    again: Account[frozenset[str]] | None = None
    stream = lockdown.service(apps.SERVICE, cancel)
    try:
        try:
            listed = _listed(leftovers.take(apps.lookup(stream, cancel)), leftovers)
            glimpse(tuple(listed))
        except Malformed:  # Nothing is lost: a gap tells of it below.
            stream.close()  # what is left of that answer stands in the way of the next
            stream = lockdown.service(apps.SERVICE, cancel)
        report(Progress(T("Reading the apps"), 0.6))
        with contextlib.suppress(Malformed):  # Nothing is lost: a gap tells of it below.
            again = apps.browse(stream, cancel, second_ids)
    finally:
        stream.close()
        if listed is None:
            glimpse(tuple(_only_id(bundle) for bundle in sorted(second_ids)))
    gaps: list[Gap] = []
    if listed is None:
        gaps.append(Gap(T("The phone’s list of its apps could not be read."), AGAIN, apps.PROFILE))
    complete = again is not None and all(leftover.app for leftover in again.left)
    if not complete:
        gaps.append(Gap(T("The phone’s second list of its apps could not be read."), AGAIN, apps.PROFILE))
    if again is not None:
        leftovers.take(Account(None, tuple(leftover for leftover in again.left if leftover.app)))
    first_ids = {id_key(app.package, apps.PLATFORM) for app in listed or ()}
    only = sorted(bundle for bundle in second_ids if id_key(plain(bundle, 255), apps.PLATFORM) not in first_ids)
    if only and listed is not None:
        sentence = N(
            "{count} app is in one of the phone’s two lists only.",
            "{count} apps are in one of the phone’s two lists only.",
            len(only),
        )
        gaps.append(Gap(sentence, AGAIN, apps.PROFILE))
    all_apps = _blocked(listed or [], second_ids) if complete else listed or []
    all_apps += [_only_id(bundle) for bundle in only]
    if not all_apps:
        gaps.append(Gap(T("The phone lists no app at all."), AGAIN, apps.PROFILE))
    return tuple(all_apps), gaps


def _listed(entries: Mapping[str, Message | None], leftovers: Leftovers) -> list[App]:
    """The apps of the first listing."""
    return [
        _only_id(bundle) if entry is None else leftovers.take(apps.app_of(bundle, entry))
        for bundle, entry in sorted(entries.items())
    ]


def _blocked(listed: Sequence[App], second_ids: Iterable[str]) -> list[App]:
    """The apps, each that the second listing leaves out as one that management keeps from being started."""
    also = {id_key(plain(bundle, 255), apps.PLATFORM) for bundle in second_ids}
    return [
        app
        if id_key(app.package, apps.PLATFORM) in also
        else replace(app, states=tuple(replace(state, suspended=True) for state in app.states))
        for app in listed
    ]


def _only_id(bundle: str) -> App:
    """An app of which no more is told than that it is there: neither from where it came nor who signed it."""
    app = apps.app_of(bundle, {"ApplicationType": "User"}).value
    return replace(app, installer="", signed=None, confirmed=False)


def _health(lockdown: Lockdown, cancel: Cancel) -> Account[tuple[HealthReadings, _Names]]:
    """What the phone says of its own protection, each in its own word; what it does not tell is not in it. And the
    names of its configuration profiles."""
    leftovers = Leftovers()
    properties: dict[str, tuple[str, ...]] = {}
    for name, (domain, key) in HEALTH.items():
        word = _word(lockdown.value(key, cancel, domain), name, leftovers)
        if word:
            properties[name] = (word,)
    of_management, names = leftovers.take(_management(lockdown, cancel))
    properties |= of_management
    jailbroken = _starts(lockdown, _JAILBROKEN, cancel)
    if jailbroken is not None:
        properties["afc2"] = ("open" if jailbroken else "refused",)
    return leftovers.account((HealthReadings(properties=properties), names))


def _management(lockdown: Lockdown, cancel: Cancel) -> Account[tuple[dict[str, tuple[str, ...]], _Names]]:
    """Who manages the phone, and how many configuration profiles it has, as far as it tells; and their names."""
    leftovers = Leftovers()
    properties: dict[str, tuple[str, ...]] = {}
    names: _Names = None
    try:
        stream = lockdown.service(MANAGEMENT, cancel)
    except Refused:  # Nothing is lost: that it starts no such service is its answer.
        return leftovers.account((properties, names))
    # Nothing is lost: what is not told is not known, and what follows sees a pulled cable.
    with contextlib.closing(stream), contextlib.suppress(Silent, Unplugged):
        try:
            answer = leftovers.take(stream.request({"RequestType": "GetCloudConfiguration"}, cancel))
            cloud = answer.get("CloudConfiguration", {})
            if not isinstance(cloud, dict):
                leftovers.add(Why.REFUSED, "CloudConfiguration", text=plist.excerpt(cloud))
                cloud = {}
            for name in ("IsSupervised", "OrganizationName"):
                if word := _word(cloud.get(name), name, leftovers):
                    properties[name] = (word,)
            answer = leftovers.take(stream.request({"RequestType": "GetProfileList"}, cancel))
            profiles = answer.get("OrderedIdentifiers", [])
            is_list = isinstance(profiles, list)
            if is_list and "OrderedIdentifiers" in answer:
                properties["profiles"] = (str(len(profiles)),)
                names = _profile_names(profiles, answer.get("ProfileMetadata"))
            if not is_list or not all(isinstance(item, str) for item in profiles):
                leftovers.add(Why.REFUSED, "OrderedIdentifiers", text=plist.excerpt(profiles))
        except Malformed as broken:
            leftovers.add(Why.REFUSED, "management", text=broken.detail)
    return leftovers.account((properties, names))


def _profile_names(profiles: Sequence[object], metadata: object) -> tuple[str, ...]:
    """What the first of the configuration profiles are called, or their ids. In iOS 18 GetProfileList answers with a
    profile's name, description, organisation, UUID and version, and whether it can be removed (MDMMCInterface,
    decompiled); of what it restricts, with nothing."""
    names = []
    for id in profiles[:_PROFILE_NAMES]:
        about = metadata.get(id) if isinstance(metadata, dict) and isinstance(id, str) else None
        name = about.get("PayloadDisplayName") if isinstance(about, dict) else None
        names.append(plain(name if isinstance(name, str) and name.strip() else str(id)[:200], 80))
    return tuple(names)


def _managed(health: HealthReadings, profiles: _Names) -> IphoneManagement:
    """Who manages the phone. Two parts of it tell whether it is supervised, and must not contradict each other."""
    words = {word for name in _SUPERVISED for word in health.properties.get(name, ())}
    known = words <= {"true", "false"} and len(words) < 2
    return IphoneManagement("true" in words if words and known else None, profiles, known)


def _starts(lockdown: Lockdown, service: str, cancel: Cancel) -> bool | None:
    """Whether the phone starts a service; None where it does not tell."""
    try:
        lockdown.service(service, cancel).close()
    except Refused as refused:  # Nothing is lost: its error is the answer, and any other is told as not known.
        return False if refused.error == "InvalidService" else None
    return True


def _word(value: object, name: str, leftovers: Leftovers) -> str:
    """A value as a word: ``true`` or ``false``, or a text made plain; empty for all else, which is left."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is not None and not isinstance(value, str):
        leftovers.add(Why.REFUSED, name, text=plist.excerpt(value))
    return plain(value, 100) if isinstance(value, str) else ""
