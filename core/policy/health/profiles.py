"""Signals that each profile has for itself: its lock, and what may read along in it.

A profile that does not answer is not known, and one profile that is not known keeps the signal from being green.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.model import HealthSignal, Light, Profile, ProfileKind
from core.policy.health.phone_reading import (
    NOT_KNOWN,
    NOT_TOLD,
    PhoneReading,
    counted,
    health_signal,
    packages,
    rank,
    signal,
    worst,
)
from core.text import T, Text

#: Words of `dumpsys lock_settings`, in small letters (Android 11 or 12 and later write them so or in capitals).
_CREDENTIALS: Final[Mapping[str, Text]] = {
    "pin": T("PIN"),
    "pattern": T("pattern"),
    "password": T("password"),
    "password_or_pin": T("password or PIN"),
}
_NONE: Final = "none"
#: Profiles that stand behind the lock of the personal one where they have none of their own.
_BEHIND: Final = (ProfileKind.WORK, ProfileKind.DUAL_APPS, ProfileKind.PRIVATE_SPACE, ProfileKind.SECURE_FOLDER)
#: What a list of services is where there is none: Android prints `null` of one that was never filled.
_EMPTY: Final = "null"
#: What `appops query-op` prints where no app ever asked (AOSP, AppOpsService).
_NO_OPERATIONS: Final = "No operations."


def lock(reading: PhoneReading) -> HealthSignal:
    """How the screen is locked: the worst of all profiles that have a lock of their own.

    `locksettings get-disabled` tells only that there is none: its false says that the choice is not "None", which a
    swipe is neither.
    """
    locks = filter(None, (_lock(reading, profile) for profile in reading.inventory.profiles))
    light, value = min(locks, key=lambda judgement: rank(judgement[0]), default=(Light.NOT_KNOWN, NOT_KNOWN))
    says = {
        Light.GREEN: T("The screen is locked with a code or a pattern."),
        Light.RED: T("The screen is not locked: have the holder set a PIN or a password."),
    }
    return health_signal("lock", value, light, says.get(light, NOT_TOLD))


def _lock(reading: PhoneReading, profile: Profile) -> tuple[Light, Text] | None:
    """The lock of one profile; None where it has none of its own."""
    words = reading.answer("lock", profile).lines
    kinds = {w.partition(":")[2].strip().lower() for w in words if w.startswith("CredentialType:")}
    if profile.kind in _BEHIND and kinds == {_NONE} and "SeparateChallenge: true" not in words:
        return None
    if _NONE in kinds or "true" in reading.answer("lock-disabled", profile).lines:
        return Light.RED, T("none")
    if len(kinds) == 1 and (name := _CREDENTIALS.get(next(iter(kinds)))) is not None:
        return Light.GREEN, name
    return Light.NOT_KNOWN, NOT_KNOWN


def _foreign_apps(reading: PhoneReading, question: str, *, ops: bool = False) -> tuple[Light, int, bool]:
    """What a question's lists name that did not come with the phone, in all profiles: the light, how many apps, and
    whether a banned one is among them."""
    lights, foreign = list[Light](), set[str]()
    for profile in reading.inventory.profiles:
        answer = reading.answer(question, profile)
        lines = [line for line in answer.lines if line != (_NO_OPERATIONS if ops else _EMPTY)]
        listed, sure = packages(lines, services=not ops)
        foreign |= listed - reading.system_apps
        lights.append(Light.GREEN if sure and answer.code == 0 else Light.NOT_KNOWN)
    light = worst([*lights, *([Light.AMBER] if foreign else [])])
    return light, len(foreign), bool(foreign & reading.banned)


def accessibility(reading: PhoneReading) -> HealthSignal:
    """Judge the apps that read the screen and tap in the owner's name. They may be a person's help, so only their
    number is told, not which they are."""
    light, count, banned = _foreign_apps(reading, "accessibility")
    says = {
        Light.GREEN: T("No app but the phone’s own reads the screen."),
        Light.AMBER: T("An app reads the screen and can tap in the holder’s name: ask whether the holder wants it."),
    }
    if banned:
        says[Light.AMBER] = T("A banned app reads the screen and can tap in the holder’s name: remove it.")
    return signal("accessibility", light, _count(count), says)


def notifications(reading: PhoneReading) -> HealthSignal:
    """Judge the apps that read all notifications."""
    light, count, banned = _foreign_apps(reading, "listeners")
    says = {
        Light.GREEN: T("No app but the phone’s own reads the notifications."),
        Light.AMBER: T("An app reads all notifications, codes for signing in too: ask whether the holder wants it."),
    }
    if banned:
        says[Light.AMBER] = T("A banned app reads all notifications: remove it.")
    return signal("notifications", light, _count(count), says)


def keyboard(reading: PhoneReading) -> HealthSignal:
    """Judge the app through which all is typed. None is no answer: every phone has one."""
    light, _, banned = _foreign_apps(reading, "keyboard")
    answers = [reading.answer("keyboard", profile).lines for profile in reading.inventory.profiles]
    if light is Light.GREEN and not all(lines and lines != (_EMPTY,) for lines in answers):
        light = Light.NOT_KNOWN
    if banned:
        light = Light.RED
    says = {
        Light.GREEN: T("The keyboard came with the phone."),
        Light.AMBER: T("The keyboard did not come with the phone: all that is typed goes through it."),
        Light.RED: T("The keyboard is a banned app: have the holder choose another one before it is removed."),
    }
    values = {
        Light.GREEN: T("none"),
        Light.AMBER: T("in use"),
        Light.RED: T("a banned app"),
    }
    return signal("keyboard", light, values, says)


def mock_location(reading: PhoneReading) -> HealthSignal | None:
    """Judge the apps that may make the phone say that it is somewhere else. Not asked before Android 8."""
    if 0 < reading.sdk < 26:
        return None
    light, count, _ = _foreign_apps(reading, "mock-location", ops=True)
    says = {
        Light.GREEN: T("No app may give the phone a false location."),
        Light.AMBER: T("An app may give the phone a false location: look in Developer options."),
    }
    return signal("mock-location", light, _count(count), says)


def _count(count: int) -> Mapping[Light, Text]:
    return {Light.GREEN: T("none"), Light.AMBER: counted(count)}


def may_install(reading: PhoneReading) -> tuple[Light, int]:
    """Whether apps that did not come with the phone may install others, in any profile, and how many."""
    light, count, _ = _foreign_apps(reading, "installing", ops=True)
    return light, count
