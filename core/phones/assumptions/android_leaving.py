"""What is assumed of letting an Android phone go, and of what it answers where an app is removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.phones.android.leaving import other_computers, switch
from core.phones.android.removal import NO_SYSTEM_REMOVAL_SDK
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    Untried,
    aosp,
    concluded,
    detailed,
    published,
    result,
    tally,
    untried,
)
from core.text import T

_LEAVING: Final = ("android/leaving.py",)
_HEALTH: Final = ("android/listings/health.py",)
_REMOVAL: Final = ("android/removal.py",)
#: The first API level with wireless debugging.
_WIRELESS_SINCE: Final = 30


def _keys(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("health computers")) is None:
        return NO_ANSWER
    if not part.text.strip():
        return OTHER_SYSTEM
    computers = other_computers(part.lines, "")
    return result(computers is not None, computers=computers or 0, lines=len(part.lines))


def _read_back(question: str, *, since: int = 0) -> Callable[[AndroidFacts], TrialResult]:
    """Whether a computer can read the state of a switch by which it would be seen to be off."""

    def probe(facts: AndroidFacts) -> TrialResult:
        if facts.sdk and facts.sdk < since:
            return OTHER_SYSTEM
        if question not in facts.short:
            return NO_ANSWER
        lines, code = facts.short[question]
        words = [line.strip() for line in lines if line.strip()]
        known = code == 0 and (switch(words) is not None or (question != "debugging" and words == ["null"]))
        return detailed(known, tally(words, ("0", "1", "null")))

    return probe


def _is_on(facts: AndroidFacts) -> TrialResult:
    if "debugging" not in facts.short:
        return NO_ANSWER
    lines, _ = facts.short["debugging"]
    return result(switch([line.strip() for line in lines if line.strip()]) is True)


def _auto_blocker(facts: AndroidFacts) -> TrialResult:
    if not facts.samsung:
        return OTHER_SYSTEM
    if (part := facts.parts.get("health auto-blocker")) is None:
        return NO_ANSWER
    words = [line.strip() for line in part.lines if line.strip()]
    return detailed(part.code == 0 and words in (["0"], ["1"], ["null"]), tally(words, ("0", "1", "null")))


def _changes(facts: AndroidFacts) -> TrialResult:
    return untried(Untried.CHANGES)


def _system_apps(facts: AndroidFacts) -> TrialResult:
    return OTHER_SYSTEM if facts.sdk and facts.sdk < NO_SYSTEM_REMOVAL_SDK else untried(Untried.CHANGES)


ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "leaving.computers",
        T("The computers that the phone trusts are listed by keys of a known form."),
        aosp("frameworks/base, AdbDebuggingManager.java"),
        (*_LEAVING, *_HEALTH),
        _keys,
    ),
    Assumption(
        "leaving.debugging",
        T("Whether USB debugging is on can be read, so that it can be read back."),
        aosp("frameworks/base, Settings.java"),
        _LEAVING,
        _read_back("debugging"),
    ),
    Assumption(
        "leaving.debugging-on",
        T("USB debugging reads as on while a computer is connected by it."),
        concluded("adbd runs because of it"),
        _LEAVING,
        _is_on,
    ),
    Assumption(
        "leaving.options",
        T("Whether the developer options are on can be read, so that it can be read back."),
        aosp("frameworks/base, Settings.java"),
        _LEAVING,
        _read_back("options"),
    ),
    Assumption(
        "leaving.wireless",
        T("Whether wireless debugging is on can be read, so that it can be read back."),
        aosp("frameworks/base, Settings.java"),
        _LEAVING,
        _read_back("wireless", since=_WIRELESS_SINCE),
    ),
    Assumption(
        "leaving.auto-blocker",
        T("Samsung phones tell whether Auto Blocker is on."),
        concluded("One UI 6, rampart_main_switch_enabled"),
        (*_LEAVING, *_HEALTH),
        _auto_blocker,
    ),
    Assumption(
        "leaving.leaves",
        T("A phone whose debugging is switched off leaves within ten seconds."),
        concluded("adbd ends"),
        _LEAVING,
        _changes,
    ),
    Assumption(
        "removal.success",
        T("Removing, switching off and suspending an app is answered with known words."),
        aosp("frameworks/base, PackageManagerShellCommand.java"),
        _REMOVAL,
        _changes,
    ),
    Assumption(
        "removal.refusal",
        T("What keeps an app on the phone is named in known words."),
        published("reports of Galaxy, Pixel, POCO, Redmi, vivo, realme, OnePlus"),
        _REMOVAL,
        _changes,
    ),
    Assumption(
        "removal.system",
        T("Since Android 17 the phone refuses to remove a part of the system for one user."),
        published("emulator and Pixel, Android 17"),
        _REMOVAL,
        _system_apps,
    ),
    Assumption(
        "removal.administrator",
        T("An administrator that was switched off can be removed."),
        published("adbkit, request 513; ppadb, issue 89"),
        _REMOVAL,
        _changes,
    ),
    Assumption(
        "removal.updates",
        T("Taking an app back to its factory version ends with an error code where it was done."),
        aosp("frameworks/base, PackageManagerShellCommand.java"),
        _REMOVAL,
        _changes,
    ),
    Assumption(
        "removal.archived",
        T("An archived app is removed for all users together."),
        aosp("frameworks/base, PackageArchiver.java"),
        _REMOVAL,
        _changes,
    ),
    Assumption(
        "removal.screens",
        T("A computer can open an app’s settings on the phone."),
        aosp("frameworks/base, ActivityManagerShellCommand.java"),
        _REMOVAL,
        _changes,
    ),
)
