"""Signals of an iPhone: its system, its passcode, who supervises it, and whether its protection was broken.

What an iPhone says comes as properties by Apple's own names (lockdown, MCInstall); one that it did not tell is missing.
That iOS encrypts what it stores is not asked for: it always does.
"""

from __future__ import annotations

import re
from typing import Final

from core.model import IOS_AMBER_DAYS, HealthSignal, IosRelease, Light
from core.model.health import IOS_VERSION
from core.policy.health.phone_reading import NOT_KNOWN, NOT_TOLD, PhoneReading, health_signal, light_of, rank, signal
from core.text import N, T, Text

_GOOD, _SO_SO, _BAD, _OPEN, _FACT = Light.GREEN, Light.AMBER, Light.RED, Light.NOT_KNOWN, Light.INFORMATION

_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,3}")
#: Apps with which a jailbroken phone installs and looks at what Apple keeps closed (isdi, root_check.py).
JAILBREAK_APPS: Final = frozenset(
    {"com.saurik.cydia", "org.coolstar.sileostore", "xyz.willy.zebra", "com.tigisoftware.filza"}
)


def ios(reading: PhoneReading) -> HealthSignal:
    """Judge the version of iOS, against the newest of its major version in the policy's table."""
    judged = [_version(reading, version) for version in reading.property_values("ProductVersion")]
    light, value, says = min(judged, key=lambda judgement: rank(judgement[0]), default=(_OPEN, NOT_KNOWN, NOT_TOLD))
    return health_signal("ios", value, light, says)


def _version(reading: PhoneReading, version: str) -> tuple[Light, Text, Text]:
    """The light of one version of iOS, its name, and the sentence about it.

    One that is newer than the table is not green: the table is old, or the phone says what does not exist.
    """
    if not IOS_VERSION.fullmatch(version):
        return _OPEN, NOT_KNOWN, NOT_TOLD
    value = Text(version)
    if not reading.rules.ios:
        says = T("The policy does not say which iOS is the newest: look in Settings, General, Software Update.")
        return _OPEN, value, says
    release = next((release for release in reading.rules.ios if release.major == _parts(version)[0]), None)
    if release is None:
        return _OPEN, value, T("The policy does not know this version of iOS: ask for a newer policy.")
    light, says = _age(version, release, (reading.today - release.since).days)
    return light, value, says


def _age(version: str, release: IosRelease, days: int) -> tuple[Light, Text]:
    """The light and sentence of a version against the newest of its major version, which is `days` days old."""
    if release.ended:
        return _BAD, T("Apple makes no more fixes for this version of iOS: update the phone, or replace it.")
    if version == release.newest:
        return _GOOD, T("The phone has the newest iOS of its version that the policy knows.")
    if _parts(version) > _parts(release.newest):
        return _OPEN, T("The phone’s iOS is newer than the policy knows: ask for a newer policy.")
    if days < IOS_AMBER_DAYS:
        return _SO_SO, T("There is a newer iOS, {newest}: have the holder install it.", newest=release.newest)
    says = T("The phone has gone without the newest iOS, {newest}, for too long: install it.", newest=release.newest)
    return _BAD, says


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def passcode(reading: PhoneReading) -> HealthSignal:
    """Whether a passcode is set. What an unlocked phone says of it is not established: false is not taken for sure."""
    light = light_of(reading.property_values("PasswordProtected"), {"true": _GOOD, "false": _SO_SO})
    says = {
        _GOOD: T("A passcode is set."),
        _SO_SO: T(
            "The phone says that no passcode is set, but may say so only because it is unlocked: look in Settings,"
            " Face ID & Passcode."
        ),
    }
    return signal("passcode", light, {_GOOD: T("set"), _SO_SO: T("perhaps not set")}, says)


def activation(reading: PhoneReading) -> HealthSignal:
    """Whether Apple has activated the phone, as every one is that is in use."""
    states = reading.property_values("ActivationState")
    light = _OPEN if not states else _GOOD if states == ("Activated",) else _SO_SO
    says = {
        _GOOD: T("Apple has activated the phone."),
        _SO_SO: T("The phone does not say that it is activated: ask whose it is, and have it set up."),
    }
    return signal("activation", light, {_GOOD: T("activated"), _SO_SO: T("not activated")}, says)


def supervision(reading: PhoneReading) -> HealthSignal:
    """Whether an organisation supervises the phone, and whether it is the one that the policy expects.

    Two parts of the phone tell. Where they contradict each other, or use other words, it is not known; where the policy
    expects an organisation, the worse of the two counts.
    """
    words = set(reading.property_values("DeviceIsChaperoned", "IsSupervised"))
    expected, organisations = reading.rules.expected_organisation, reading.property_values("OrganizationName")
    if expected and "true" in words and organisations and organisations != (expected,):
        says = T(
            "Another organisation than {organisation} supervises the phone: ask whose it is.", organisation=expected
        )
        return health_signal("supervision", T("by another"), _BAD, says)
    if expected and "false" in words:
        says = T("The phone is not supervised, but should be by {organisation}: enrol it.", organisation=expected)
        return health_signal("supervision", T("not supervised"), _SO_SO, says)
    if expected and words == {"true"} and organisations:
        return health_signal("supervision", T("as expected"), _GOOD, T("The phone is supervised as the policy asks."))
    if not expected and words == {"true"}:
        says = T("An organisation supervises the phone; the policy does not say which one it must be.")
        return health_signal("supervision", T("supervised"), _FACT, says)
    if not expected and words == {"false"}:
        return health_signal("supervision", T("not supervised"), _FACT, T("No organisation supervises the phone."))
    return health_signal("supervision", NOT_KNOWN, _OPEN, NOT_TOLD)


def profiles(reading: PhoneReading) -> HealthSignal:
    """How many configuration profiles are on the phone: what they are for, only their names would tell."""
    counts = reading.property_values("profiles")
    if len(counts) != 1 or not _COUNT.fullmatch(counts[0]):
        return health_signal("profiles", NOT_KNOWN, _OPEN, NOT_TOLD)
    count = int(counts[0])
    if not count:
        return health_signal("profiles", T("none"), _FACT, T("No configuration profile is on the phone."))
    says = T(
        "Such profiles can set a VPN, certificates or restrictions: see Settings, General, VPN & Device Management."
    )
    return health_signal("profiles", N("{count} profile", "{count} profiles", count), _FACT, says)


def developer_mode(reading: PhoneReading) -> HealthSignal:
    """Whether apps that no store has seen may run (iOS 16 and later; earlier ones do not tell)."""
    light = light_of(reading.property_values("DeveloperModeStatus"), {"false": _GOOD, "true": _SO_SO})
    says = {
        _GOOD: T("Developer Mode is off."),
        _SO_SO: T("Apps not from a store may run: turn Developer Mode off in Settings, Privacy & Security."),
    }
    return signal("developer-mode", light, {_GOOD: T("off"), _SO_SO: T("on")}, says)


def wifi_trust(reading: PhoneReading) -> HealthSignal:
    """Whether computers that the phone trusts reach it over Wi-Fi too."""
    light = light_of(reading.property_values("EnableWifiConnections"), {"false": _GOOD, "true": _SO_SO})
    says = {
        _GOOD: T("Computers that the phone trusts reach it by cable only."),
        _SO_SO: T("A computer that the phone trusts can reach it over Wi-Fi: switch that off on that computer."),
    }
    return signal("wifi-trust", light, {_GOOD: T("off"), _SO_SO: T("on")}, says)


def jailbreak(reading: PhoneReading) -> HealthSignal:
    """Judge signs that Apple's protection was broken. That none was found says little, and is never green."""
    light = light_of(reading.property_values("afc2"), {"open": _BAD, "refused": _FACT})
    apps = reading.inventory.apps
    if any(app.package.lower() in JAILBREAK_APPS for app in apps):
        light = _BAD
    elif not apps and light is _FACT:
        light = _OPEN
    says = {
        _BAD: T("The phone’s protection was broken, so that nothing it says can be trusted: have it set up anew."),
        _FACT: T("No sign was found that the phone’s protection was broken; that alone does not prove it."),
    }
    return signal("jailbreak", light, {_BAD: T("a sign found"), _FACT: T("no sign found")}, says)
