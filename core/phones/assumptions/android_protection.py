"""What is assumed of the answers in which an Android phone speaks of itself: whose system runs, how it is protected,
and what it lets a computer see of its debugging."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from core.model import HealthAnswer
from core.phones.android.listings import own_system, short_answers
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    aosp,
    captured,
    concluded,
    detailed,
    form,
    published,
    result,
    tally,
)
from core.text import T

_HEALTH: Final = ("android/listings/health.py",)
_OWN_SYSTEM: Final = ("android/listings/own_system.py",)


#: The user of Samsung's Maintenance Mode.
_MAINTENANCE: Final = 77
#: The first API levels with Repair Mode and with wireless debugging.
_REPAIR_SINCE: Final = 33
_SWITCH: Final = re.compile(r"null|-?[0-9]{1,19}")
#: The switches that are asked for, by the name of the question.
_SWITCHES: Final = (
    "development",
    "verifier",
    "verifier-consent",
    "verifier-adb",
    "old-verifier-consent",
    "unknown-sources",
    "wireless",
    "key-time",
    "advanced-protection",
    "auto-blocker",
)
_COMPONENT: Final = r"[A-Za-z0-9_.]{1,255}/[^\s:/]{1,400}"
#: The form of a whole answer to each of these questions. The answers themselves name apps and addresses.
_LINES: Final[Mapping[str, re.Pattern[str]]] = {
    "accessibility": re.compile(rf"null|(?:{_COMPONENT})?(?::{_COMPONENT})*"),
    "listeners": re.compile(rf"null|(?:{_COMPONENT})?(?::{_COMPONENT})*"),
    "keyboard": re.compile(rf"null|{_COMPONENT}"),
    "installing": re.compile(r"No operations\.|[A-Za-z0-9_.]{1,255}"),
    "mock-location": re.compile(r"No operations\.|[A-Za-z0-9_.]{1,255}"),
    "lock-disabled": re.compile(r"true|false"),
    "proxy": re.compile(r"null|[^\s:]{0,255}:[0-9]{1,5}"),
    "vpn": re.compile(r"null|[A-Za-z0-9_.]{1,255}"),
    "root": re.compile(r"/[^\s]{1,255}"),
}
#: What custom systems call their own properties (:mod:`core.phones.android.listings.health`).
_FAMILIES: Final = (
    "lineage",
    "crdroid",
    "evolution",
    "rising",
    "havoc",
    "potato",
    "xtended",
    "corvus",
    "pa",
    "syberia",
    "arrow",
    "droidx",
)
_CUSTOM: Final = re.compile(rf"(?:ro|org)\.({'|'.join(_FAMILIES)})\.")
#: The words that are known of each property.
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "ro.boot.verifiedbootstate": frozenset({"green", "yellow", "orange", "red"}),
    "ro.boot.flash.locked": frozenset({"0", "1"}),
    "ro.boot.vbmeta.device_state": frozenset({"locked", "unlocked"}),
    "ro.secureboot.lockstate": frozenset({"locked", "unlocked"}),
    "sys.oem_unlock_allowed": frozenset({"0", "1"}),
    "ro.crypto.state": frozenset({"encrypted", "unencrypted", "unsupported"}),
    "ro.build.tags": frozenset({"release-keys", "test-keys", "dev-keys"}),
    "ro.build.type": frozenset({"user", "userdebug", "eng"}),
    "ro.debuggable": frozenset({"0", "1"}),
    "ro.secure": frozenset({"0", "1"}),
    "ro.adb.secure": frozenset({"0", "1"}),
}
_BOOT: Final = (
    "ro.boot.verifiedbootstate",
    "ro.boot.flash.locked",
    "ro.boot.vbmeta.device_state",
    "ro.secureboot.lockstate",
)
_BUILD: Final = ("ro.build.tags", "ro.build.type", "ro.debuggable", "ro.secure", "ro.adb.secure")
_LOCKS: Final = frozenset({"pin", "pattern", "password", "password_or_pin", "none"})
#: Words of AOSP's getEncryptionStatusName.
_ENCRYPTION: Final = frozenset({"per-user", "block", "block default key", "activating", "inactive", "unsupported"})


def _answer(facts: AndroidFacts, question: str) -> HealthAnswer | None:
    """The answer to a question of which something came; None where the phone was not asked, or did not answer."""
    answer = facts.inventory.health.answers.get(question) if facts.inventory else None
    return answer if answer is not None and (answer.lines or answer.code > 0) else None


def _switches(facts: AndroidFacts) -> TrialResult:
    answers = {name: answer for name in _SWITCHES if (answer := _answer(facts, name)) is not None}
    if not answers:
        return NO_ANSWER
    unknown = [
        name
        for name, answer in answers.items()
        if answer.code != 0 or len(answer.lines) != 1 or not _SWITCH.fullmatch(answer.lines[0])
    ]
    unset = sum(answer.lines == ("null",) for answer in answers.values())
    numbers = [("asked", len(answers)), ("unset", unset), ("unknown", len(unknown))]
    return detailed(not unknown, [*numbers, *((f"unknown {name}", 1) for name in unknown)])


def _one_word(question: str, *known: str, unset: bool = False) -> Callable[[AndroidFacts], TrialResult]:
    """Whether the phone answers a question with one of these words."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.inventory is None:
            return NO_ANSWER
        if (answer := _answer(facts, question)) is None:
            return OTHER_SYSTEM
        words = [*known, *(["null"] if unset else [])]
        return detailed(answer.code == 0 and all(w in words for w in answer.lines), tally(answer.lines, words))

    return probe


def _lines(*questions: str, ends_with: tuple[int, ...] = (0,)) -> Callable[[AndroidFacts], TrialResult]:
    """Whether each line that the phone answers to these questions has the known form."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.inventory is None:
            return NO_ANSWER
        health = facts.inventory.health
        closed = {profile.id for profile in facts.profiles if not profile.readable}
        answers = [(name, answer) for name, answer in health.answers.items() if name in questions]
        answers += [(name, a) for (name, id), a in health.of_profiles.items() if name in questions and id not in closed]
        answers = [(name, answer) for name, answer in answers if answer.lines or answer.code > 0]
        if not answers:
            return NOTHING
        lines = [(name, line) for name, answer in answers for line in answer.lines]
        unknown = sum(_LINES[name].fullmatch(line) is None for name, line in lines)
        errors = sum(answer.code not in ends_with for _, answer in answers)
        return result(
            not unknown and not errors, answers=len(answers), lines=len(lines), unknown=unknown, errors=errors
        )

    return probe


def _properties(*names: str) -> Callable[[AndroidFacts], TrialResult]:
    """Whether the phone has some of these properties, each with a known word."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.inventory is None:
            return NO_ANSWER
        values = [(name, value) for name in names for value in facts.inventory.health.properties.get(name, ())]
        words = [(name, value if value in _WORDS[name] else OTHER) for name, value in values]
        detail = ((f"{name.lower().replace('_', '-')}: {word}", 1) for name, word in words)
        return detailed(bool(words) and all(word != OTHER for _, word in words), detail)

    return probe


def _patch(facts: AndroidFacts) -> TrialResult:
    if facts.inventory is None or not facts.inventory.phone.patch:
        return NO_ANSWER
    shape = form(facts.inventory.phone.patch)
    return detailed(shape == "9999-99-99", [("form", shape)])


def _device_policy(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("admins")) is None:
        return NO_ANSWER
    heading = any(line.startswith("Current Device Policy Manager state") for line in part.lines)
    return result(heading and part.code == 0, lines=len(part.lines), seconds=round(part.seconds, 1))


def _encryption(facts: AndroidFacts) -> TrialResult:
    if (answer := _answer(facts, "encryption")) is None or not answer.lines:
        return NOTHING if facts.inventory else NO_ANSWER
    words = [line.lower() for line in answer.lines]
    return detailed(all(word in _ENCRYPTION for word in words), tally(words, _ENCRYPTION))


def _locks(facts: AndroidFacts) -> TrialResult:
    if facts.inventory is None:
        return NO_ANSWER
    answers = [a for (name, _), a in facts.inventory.health.of_profiles.items() if name == "lock"]
    if not answers:
        return NOTHING
    words = [w.partition(":")[2].strip().lower() for a in answers for w in a.lines if w.startswith("CredentialType:")]
    unknown = sum(word not in _LOCKS for word in words)
    return result(unknown == 0, users=len(answers), locks=len(words), unknown=unknown)


def _image(facts: AndroidFacts) -> TrialResult:
    if facts.inventory is None:
        return NO_ANSWER
    values = facts.inventory.health.properties.get(own_system.IMAGE_RUNNING, ())
    return detailed(set(values) <= {"0", "1"}, tally(values, ("0", "1"))) if values else NOTHING


def _repair(facts: AndroidFacts) -> TrialResult:
    if facts.sdk and facts.sdk < _REPAIR_SINCE:
        return OTHER_SYSTEM
    if (part := facts.parts.get("health repair-mode")) is None:
        return NO_ANSWER
    lines = [line.strip() for line in part.lines if line.strip()]
    known = part.code == 0 and len(lines) == 1 and _SWITCH.fullmatch(lines[0]) is not None
    return detailed(known, tally(lines, ("null", "0", "1")))


def _maintenance(facts: AndroidFacts) -> TrialResult:
    if not facts.samsung or all(profile.id != _MAINTENANCE for profile in facts.profiles):
        return OTHER_SYSTEM
    return result(True, users=len(facts.profiles))


def _same_value(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("properties")) is None or facts.inventory is None:
        return NO_ANSWER
    account = short_answers.properties(part.lines)
    twice = sum(len(values) > 1 for values in facts.inventory.health.properties.values())
    return result(twice == 0, properties=len(account.value), twice=twice)


def _custom(facts: AndroidFacts) -> TrialResult:
    """Whether a system that is not the maker's shows by properties that are known of such systems."""
    if facts.inventory is None:
        return NO_ANSWER
    families = [match[1] for name in facts.inventory.health.properties if (match := _CUSTOM.match(name))]
    return detailed(True, tally(families, _FAMILIES)) if families else NOTHING


_GETPROP: Final = captured("Pixel 8 Pro, Galaxy S25+ (getprop)")

ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "own-system.image",
        T("The phone says with 0 or 1 whether another system image runs (DSU)."),
        aosp("system/core/init"),
        _OWN_SYSTEM,
        _image,
    ),
    Assumption(
        "own-system.repair",
        T("The phone says with a number, or with nothing, whether it is in repair mode."),
        aosp("frameworks/base, LockPatternUtils.java"),
        _OWN_SYSTEM,
        _repair,
    ),
    Assumption(
        "own-system.maintenance",
        T("A Samsung phone in maintenance mode runs user 77."),
        concluded("Samsung, Maintenance Mode"),
        _OWN_SYSTEM,
        _maintenance,
    ),
    Assumption(
        "health.once", T("Each property by which the phone is judged has one value."), _GETPROP, _HEALTH, _same_value
    ),
    Assumption(
        "health.boot",
        T("The phone tells in known words how it was started, and whether its bootloader is locked."),
        _GETPROP,
        _HEALTH,
        _properties(*_BOOT),
    ),
    Assumption(
        "health.build",
        T("The phone tells in known words what kind of build its system is."),
        _GETPROP,
        _HEALTH,
        _properties(*_BUILD),
    ),
    Assumption(
        "health.custom",
        T("A system that is not the maker’s shows by the names of its properties."),
        captured("POCO F6 with crDroid 11.4 (getprop)"),
        _HEALTH,
        _custom,
    ),
    Assumption(
        "health.storage",
        T("The phone tells in a known word whether its storage is encrypted."),
        _GETPROP,
        _HEALTH,
        _properties("ro.crypto.state"),
    ),
    Assumption("health.patch", T("The security patch level is a date."), _GETPROP, _HEALTH, _patch),
    Assumption(
        "health.selinux",
        T("The phone says in a known word whether SELinux is enforcing."),
        aosp("external/selinux, getenforce"),
        _HEALTH,
        _one_word("enforcing", "Enforcing", "Permissive", "Disabled"),
    ),
    Assumption(
        "health.root",
        T("Programs for root are found by their paths, or none is named."),
        published("mvt; toybox, which"),
        _HEALTH,
        _lines("root", ends_with=(0, 1)),
    ),
    Assumption(
        "health.switches",
        T("Each switch that is asked for is answered with a number, or as not set."),
        aosp("frameworks/base, SettingsService.java"),
        _HEALTH,
        _switches,
    ),
    Assumption(
        "health.proxy",
        T("Proxy and always-on VPN are answered in one line each."),
        aosp("frameworks/base, SettingsService.java"),
        _HEALTH,
        _lines("proxy", "vpn"),
    ),
    Assumption(
        "health.usb-protection",
        T("Since Android 16 the phone says whether it keeps its USB data to itself while it is locked."),
        aosp("frameworks/base, AdvancedProtectionShellCommand.java"),
        _HEALTH,
        _one_word("usb-protection", "true", "false"),
    ),
    Assumption(
        "health.services",
        T("Accessibility services, readers of notifications and the keyboard are listed by their components."),
        aosp("frameworks/base, Settings.java"),
        _HEALTH,
        _lines("accessibility", "listeners", "keyboard"),
    ),
    Assumption(
        "health.operations",
        T("Apps that may install others, or give a false location, are listed by their ids."),
        aosp("frameworks/base, AppOpsService.java"),
        _HEALTH,
        _lines("installing", "mock-location"),
    ),
    Assumption(
        "health.locks",
        T("The phone tells for each user how the screen is locked, in known words."),
        aosp("frameworks/base, LockSettingsService.java"),
        _HEALTH,
        _locks,
    ),
    Assumption(
        "health.no-lock",
        T("Before that was told, the phone says whether the screen has no lock at all."),
        aosp("frameworks/base, LockSettingsShellCommand.java"),
        _HEALTH,
        _lines("lock-disabled"),
    ),
    Assumption(
        "health.device-policy",
        T("The state of the device’s policy begins with a known heading."),
        captured("Galaxy, Pixel 9a (dumpsys device_policy)"),
        _HEALTH,
        _device_policy,
    ),
    Assumption(
        "health.encryption",
        T("The device’s policy tells in a known word how the storage is encrypted."),
        aosp("frameworks/base, DevicePolicyManagerService.java"),
        _HEALTH,
        _encryption,
    ),
)
