"""Signals of the phone's system: its patch, its storage, how it was started, and whether somebody rules over it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from core.model import HealthSignal, Light
from core.policy.health.contradictions import contradictions
from core.policy.health.phone_reading import NOT_KNOWN, NOT_TOLD, PhoneReading, health_signal, light_of, signal, worst
from core.text import N, T, Text, first_few

_GOOD, _SO_SO, _BAD, _OPEN = Light.GREEN, Light.AMBER, Light.RED, Light.NOT_KNOWN

#: A patch of a later day than this is none: makers date theirs to the coming month at most (days).
_AHEAD: Final = 31
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


#: Words of `ro.crypto.state`, and of the dump of the device's policy (AOSP, getEncryptionStatusName).
_ENCRYPTION: Final = {"encrypted": _GOOD, "unencrypted": _BAD, "unsupported": _BAD}
_ENCRYPTION_STATUS: Final = {
    "per-user": _GOOD,
    "block": _GOOD,
    "block default key": _SO_SO,
    "activating": _SO_SO,
    "inactive": _BAD,
    "unsupported": _BAD,
}
_BOOT_STATES: Final = {"green": _GOOD, "yellow": _SO_SO, "orange": _BAD, "red": _BAD}
_LOCKED: Final = {"locked": _GOOD, "unlocked": _BAD}
_FLASH_LOCKED: Final = {"1": _GOOD, "0": _BAD}
#: What an honest build says, and what any other does.
_HONEST: Final[Mapping[str, Mapping[str, Light]]] = {
    "ro.build.tags": {"release-keys": _GOOD, "test-keys": _BAD, "dev-keys": _BAD},
    "ro.build.type": {"user": _GOOD, "userdebug": _BAD, "eng": _BAD},
    "ro.debuggable": {"0": _GOOD, "1": _BAD},
    "ro.secure": {"1": _GOOD, "0": _BAD},
    "ro.adb.secure": {"1": _GOOD, "0": _BAD},
}
_ENFORCING: Final = {"Enforcing": _GOOD, "Permissive": _BAD, "Disabled": _BAD}

#: Properties that are told as evidence of a system that is not the maker's.
_EVIDENCE: Final = 3

#: Programs and apps by which somebody else than Android rules over a phone (mvt, ROOT_BINARIES and ROOT_PACKAGES).
_ROOT_PROGRAM: Final = re.compile(r"/\S*/(?:su|magisk|busybox|supersu|magiskpolicy)")
ROOT_WORDS: Final = ("magisk", "kernelsu", "apatch", "supersu", "kingouser", "rootcloak", "hidemyroot", "hideroot")
ROOT_APPS: Final = frozenset(
    {
        "com.noshufou.android.su",
        "com.noshufou.android.su.elite",
        "com.koushikdutta.superuser",
        "com.koushikdutta.rommanager",
        "com.koushikdutta.rommanager.license",
        "com.thirdparty.superuser",
        "com.yellowes.su",
        "com.dimonvideo.luckypatcher",
        "com.chelpus.lackypatch",
        "com.ramdroid.appquarantine",
        "com.ramdroid.appquarantinepro",
        "de.robv.android.xposed.installer",
        "com.saurik.substrate",
        "com.zachspong.temprootremovejb",
        "me.phh.superuser",
    }
)


def patch(reading: PhoneReading) -> HealthSignal:
    """How old the security patch is by the computer's clock: the older one of the system's and of its maker's part."""
    dates = reading.property_values("ro.build.version.security_patch", "ro.vendor.build.security_patch")
    days = [_day(value) for value in dates]
    patch_days = [day for day in days if day is not None]
    if not reading.property_values("ro.build.version.security_patch") or not patch_days:
        return health_signal("patch", NOT_KNOWN, _OPEN, NOT_TOLD)
    age = (reading.today - min(patch_days)).days
    if age > reading.rules.red_days:
        light, says = _BAD, T("The phone has had no security patch for too long: install the updates, or replace it.")
    elif (reading.today - max(patch_days)).days < -_AHEAD:
        says = T("The patch is dated in the future: the date of this computer or what the phone says is wrong.")
        return health_signal("patch", T("in the future"), _SO_SO, says)
    elif age > reading.rules.amber_days:
        light, says = _SO_SO, T("The phone’s security patch is old: have the holder install the updates.")
    elif len(patch_days) < len(days):
        return health_signal("patch", NOT_KNOWN, _OPEN, NOT_TOLD)
    else:
        light, says = _GOOD, T("The phone’s security patch is recent.")
    return health_signal("patch", _age(max(age, 0)), light, says)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _DAY.fullmatch(value) and value.isascii() else None
    except ValueError:
        return None


def _age(days: int) -> Text:
    if days < 14:
        return N("{count} day old", "{count} days old", days)
    if days < 61:
        return N("{count} week old", "{count} weeks old", days // 7)
    months = days * 12 // 365
    if months < 24:
        return N("{count} month old", "{count} months old", months)
    return N("{count} year old", "{count} years old", months // 12)


def encryption(reading: PhoneReading) -> HealthSignal:
    """Whether the phone's storage is encrypted, by two of its parts: neither must contradict the other."""
    by_policy = reading.answer("encryption").lines
    lights = [light_of(reading.property_values("ro.crypto.state"), _ENCRYPTION)]
    light = worst([*lights, light_of(by_policy, _ENCRYPTION_STATUS)] if by_policy else lights)
    values = {_GOOD: T("encrypted"), _SO_SO: T("not fully encrypted"), _BAD: T("not encrypted")}
    says = {
        _GOOD: T("What is stored on the phone is encrypted."),
        _SO_SO: T("The phone’s storage is encrypted with a key that no code protects: have the holder set a lock."),
        _BAD: T("What is stored on the phone is not encrypted: a person who finds the phone can read it."),
    }
    return signal("encryption", light, values, says)


def _boot_lights(reading: PhoneReading) -> tuple[Light, Light]:
    """What the phone says of its verified boot, and of its bootloader, each for itself."""
    states = reading.property_values("ro.boot.verifiedbootstate")
    lights = [_FLASH_LOCKED.get(word, _OPEN) for word in reading.property_values("ro.boot.flash.locked")]
    lights += [
        _LOCKED.get(word, _OPEN)
        for word in reading.property_values("ro.boot.vbmeta.device_state", "ro.secureboot.lockstate")
    ]
    return light_of(states, _BOOT_STATES), worst(lights)


_ALTERED: Final = T("The phone contradicts itself about how it was started: it was probably altered. Do not trust it.")


def boot(reading: PhoneReading) -> HealthSignal:
    """Whether the system is the maker's. That it says so is no proof that nobody rules over the phone."""
    light, bootloader = _boot_lights(reading)
    if light is not _BAD and bootloader is _BAD and reading.property_values("ro.boot.verifiedbootstate"):
        return health_signal("boot", T("contradicts itself"), _BAD, _ALTERED)
    if light is not _BAD and (against := contradictions(reading)):
        sentence = T(
            "By what the phone says of itself, its system is not its maker’s: {evidence}. Have it set up anew with its "
            "maker’s system.",
            evidence=first_few(against, _EVIDENCE),
        )
        return health_signal("boot", T("not the maker’s"), _BAD, sentence)
    values = {_GOOD: T("unaltered"), _SO_SO: T("third-party key"), _BAD: T("not verified")}
    says = {
        _GOOD: T("The phone reports an unaltered system."),
        _SO_SO: T("The system is verified by another key than the maker’s: ask who installed it."),
        _BAD: T("The phone starts whatever system it finds: have it set up anew with its maker’s system."),
    }
    return signal("boot", light, values, says)


def bootloader(reading: PhoneReading) -> HealthSignal:
    """Whether another system can be put on the phone. Nothing told means nothing: emulators and rooted phones alike."""
    state, light = _boot_lights(reading)
    if state is _BAD and light is _GOOD:
        return health_signal("bootloader", T("contradicts itself"), _BAD, _ALTERED)
    says = {
        _GOOD: T("The bootloader is locked: no other system can be started."),
        _BAD: T("The bootloader is unlocked: any person with a cable can put another system on the phone."),
    }
    return signal("bootloader", light, {_GOOD: T("locked"), _BAD: T("unlocked")}, says)


def unlocking(reading: PhoneReading) -> HealthSignal:
    """Whether the owner has allowed that the bootloader be unlocked. Many phones do not tell."""
    words = reading.property_values("sys.oem_unlock_allowed")
    light = light_of(words, {"0": _GOOD, "1": _SO_SO}) if words else Light.INFORMATION
    values = {_GOOD: T("not allowed"), _SO_SO: T("allowed"), Light.INFORMATION: T("not told")}
    says = {
        _GOOD: T("The bootloader may not be unlocked."),
        _SO_SO: T("The bootloader may be unlocked: switch “OEM unlocking” off in Developer options."),
        Light.INFORMATION: T("This phone does not tell whether its bootloader may be unlocked."),
    }
    return signal("unlocking", light, values, says)


def build(reading: PhoneReading) -> HealthSignal:
    """Whether the system is one for users, not for developers."""
    lights = [light_of(reading.property_values(name), meanings) for name, meanings in _HONEST.items()]
    light = worst([*lights, light_of(reading.words("enforcing"), _ENFORCING)])
    says = {
        _GOOD: T("It is a standard system, with its protection on."),
        _BAD: T("The system is one for developers, or a part of its protection is off: have it set up anew."),
    }
    return signal("build", light, {_GOOD: T("user build"), _BAD: T("developer build")}, says)


def knox(reading: PhoneReading) -> HealthSignal | None:
    """Samsung's fuse: burnt once another system was started, and for good. Another maker's phone has none: one that
    tells of it all the same contradicts itself (see :func:`boot`)."""
    words = reading.property_values("ro.boot.warranty_bit", "ro.warranty_bit")
    if not reading.by_samsung:
        return None
    says = {
        _GOOD: T("No system but Samsung’s was ever started on this phone."),
        _BAD: T("Another system was once started on this phone: its Knox protection is off for good."),
    }
    light = light_of(words, {"0": _GOOD, "1": _BAD})
    return signal("knox", light, {_GOOD: T("intact"), _BAD: T("tripped")}, says)


def root(reading: PhoneReading) -> HealthSignal:
    """Signs that somebody else than Android rules over the phone. No sign says little, whatever the boot says."""
    answer = reading.answer("root")
    apps = [app.package for app in reading.inventory.apps]
    if any(_ROOT_PROGRAM.fullmatch(line) for line in answer.lines):
        light = _BAD
    elif any(name in ROOT_APPS or any(word in name.lower() for word in ROOT_WORDS) for name in apps):
        light = _SO_SO
    elif (
        answer.lines or not 0 <= answer.code < 100 or not apps or any(g.profile is None for g in reading.inventory.gaps)
    ):
        light = _OPEN  # 126 and 127: there is no such command
    else:
        light = _GOOD
    says = {
        _GOOD: T("No sign of root access was found; that alone does not prove that there is none."),
        _SO_SO: T("An app that can take full control of the phone (root) is on it: ask the holder what it is for."),
        _BAD: T("A program that has full control of the phone (root) is on it: have the phone set up anew."),
    }
    values = {_GOOD: T("no sign found"), _SO_SO: T("an app for it"), _BAD: T("a program for it")}
    return signal("root", light, values, says)


def version(reading: PhoneReading) -> HealthSignal:
    """Android's version, against the lowest that the policy asks for."""
    min_sdk, os = reading.rules.min_sdk, reading.inventory.phone.os
    name = T("Android {version}", version=os) if os else NOT_KNOWN
    if not reading.sdk:
        return health_signal("system", NOT_KNOWN, _OPEN, NOT_TOLD)
    if not min_sdk:
        says = T("The policy asks for no version of the system.")
        return health_signal("system", name, Light.INFORMATION, says)
    if reading.sdk < min_sdk:
        says = T("The system is older than the policy asks for (API level {asked}): update it.", asked=min_sdk)
        return health_signal("system", name, _BAD, says)
    return health_signal("system", name, _GOOD, T("The system is as new as the policy asks for."))
