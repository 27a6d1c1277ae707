"""What is assumed of the answers of an Android phone's own commands: properties, users, lists of apps, the snapshot,
the table of screens and the list of signers."""

from __future__ import annotations

import re
from typing import Final

from core.model import ProfileKind
from core.phones.android.listings import short_answers
from core.phones.assumptions.android_facts import AndroidFacts
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    OTHER_SYSTEM,
    Assumption,
    TrialResult,
    accounted,
    aosp,
    captured,
    concluded,
    detailed,
    published,
    result,
    tally,
)
from core.text import T

_SHORT: Final = ("android/listings/short_answers.py",)
_LISTS: Final = ("android/inventory.py",)
#: The first API level whose list of apps has versions.
_VERSIONS_SINCE: Final = 26
#: Android’s own types of users.
_USER_TYPES: Final = frozenset(
    "android.os.usertype." + name
    for name in [
        "full.SYSTEM",
        "full.SECONDARY",
        "full.GUEST",
        "full.DEMO",
        "full.RESTRICTED",
        "system.HEADLESS",
        "profile.MANAGED",
        "profile.PRIVATE",
        "profile.CLONE",
        "profile.COMMUNAL",
        "profile.SUPERVISING",
        "profile.TEST",
    ]
)
_TYPE: Final = re.compile(r"^\s*Type: ([A-Za-z0-9_.]{1,80})\s*$", re.MULTILINE)
_MARKED: Final = re.compile(r"UserInfo\{.*\}.*<(partial|pre-created|removing)>")
_REFUSAL: Final = "permission to access user"
#: The makers whose phones have their trade name in a property of its own.
_TRADE_NAMES: Final = frozenset({"oppo", "oneplus", "realme", "vivo"})


def _markers(facts: AndroidFacts) -> TrialResult:
    if not any(run.ended and " begin snapshot" in run.command for run in facts.recorder.runs):
        return NO_ANSWER
    return result("end" in facts.parts, parts=len(facts.parts))


def _properties(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("properties")) is None:
        return NO_ANSWER
    account = short_answers.properties(part.lines)
    return accounted(account.left, properties=len(account.value))


def _own_words(facts: AndroidFacts) -> TrialResult:
    if facts.inventory is None or facts.inventory.identity is None:
        return NO_ANSWER
    identity, phone = facts.inventory.identity, facts.inventory.phone
    words = (identity.serial, identity.maker, identity.model, identity.build, phone.os, phone.patch)
    return result(all(words) and phone.sdk > 0, told=sum(map(bool, words)), sdk=phone.sdk)


def _trade_name(facts: AndroidFacts) -> TrialResult:
    if facts.inventory is None or facts.maker not in _TRADE_NAMES:
        return OTHER_SYSTEM
    return result(bool(facts.inventory.phone.market_name))


def _start_number(facts: AndroidFacts) -> TrialResult:
    if facts.inventory is None or facts.inventory.identity is None:
        return NO_ANSWER
    return result(bool(facts.inventory.identity.boot))


def _users(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("users")) is None:
        return NO_ANSWER
    account = short_answers.users(part.lines, facts.samsung, alone=True)
    return accounted(account.left, users=len(account.value))


def _first_user(facts: AndroidFacts) -> TrialResult:
    if not facts.profiles:
        return NO_ANSWER
    return result(any(profile.id == 0 and profile.running for profile in facts.profiles), users=len(facts.profiles))


def _user_types(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("profiles")) is None:
        return NO_ANSWER
    types = _TYPE.findall(part.text)
    if not types:
        return NOTHING
    counted = [(name.rpartition("usertype.")[2].lower(), n) for name, n in tally(types, _USER_TYPES)]
    return detailed(all(name in _USER_TYPES for name in types), counted)


def _user_kinds(facts: AndroidFacts) -> TrialResult:
    if not facts.profiles:
        return NO_ANSWER
    reserved = [profile for profile in facts.profiles if profile.id >= 77]
    known = all(profile.kind not in (ProfileKind.OTHER, ProfileKind.PERSONAL) for profile in reserved)
    counted = tally((profile.kind.value for profile in facts.profiles), {kind.value for kind in ProfileKind})
    return detailed(known, counted) if reserved else NOTHING


def _unfinished_users(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("profiles")) is None:
        return NO_ANSWER
    marks = _MARKED.findall(part.text)
    return detailed(True, tally(marks, ("partial", "pre-created", "removing"))) if marks else NOTHING


def _lists(facts: AndroidFacts) -> TrialResult:
    if not facts.lists:
        return NO_ANSWER
    left = [item for account, _ in facts.lists.values() if not account.value.refusal for item in account.left]
    return accounted(left, lists=len(facts.lists), apps=sum(len(a.value.apps) for a, _ in facts.lists.values()))


def _lists_whole(facts: AndroidFacts) -> TrialResult:
    if not facts.lists:
        return NO_ANSWER
    open_lists = [(a.value, code) for a, code in facts.lists.values() if not a.value.refusal]
    whole = sum(packages.problem(code) is None and bool(packages.apps) for packages, code in open_lists)
    return result(whole == len(open_lists), lists=len(open_lists), whole=whole)


def _versions(facts: AndroidFacts) -> TrialResult:
    if not facts.lists:
        return NO_ANSWER
    if facts.sdk < _VERSIONS_SINCE:
        return OTHER_SYSTEM
    apps = [app for account, _ in facts.lists.values() for app in account.value.apps.values()]
    lacking = sum(app.version_code is None or not app.path for app in apps)
    return result(lacking == 0, apps=len(apps), lacking=lacking, without_installer=sum(not a.installer for a in apps))


def _refusals(facts: AndroidFacts) -> TrialResult:
    refused = [account.value.refusal for account, _ in facts.lists.values() if account.value.refusal]
    in_form = sum(_REFUSAL in refusal for refusal in refused)
    return result(in_form == len(refused), refused=len(refused), in_form=in_form) if refused else NOTHING


def _further_lists(facts: AndroidFacts) -> TrialResult:
    further = [part for word in ("system", "disabled") for part in facts.of_profiles(word).values()]
    if not further:
        return NO_ANSWER
    open_lists = [(short_answers.packages(p.lines), p.code) for p in further]
    open_lists = [(a, code) for a, code in open_lists if _REFUSAL not in a.value.refusal]
    left = [item for account, _ in open_lists for item in account.left]
    if any(account.value.problem(code) for account, code in open_lists) and not left:
        return result(False, lists=len(open_lists), ended_with_an_error=sum(code != 0 for _, code in open_lists))
    return accounted(left, lists=len(open_lists))


def _again(facts: AndroidFacts) -> TrialResult:
    if facts.again is None:
        return NO_ANSWER
    return result(not facts.again.gaps, changed=len(facts.again.changed), gaps=len(facts.again.gaps))


def _uninstalled_too(facts: AndroidFacts) -> TrialResult:
    answers = facts.again_parts
    pairs = [
        (answers[f"packages {id}"], answers.get(f"known {id}")) for id in facts.lists if f"packages {id}" in answers
    ]
    if not pairs:
        return NO_ANSWER
    lacking = more = 0
    for listed, known in pairs:
        names = short_answers.packages(listed.lines).value.names
        longer = short_answers.packages(known.lines if known else ()).value.names
        lacking += len(names - longer)
        more += len(longer - names)
    return result(lacking == 0, profiles=len(pairs), lacking=lacking, more=more)


def _administrators(facts: AndroidFacts) -> TrialResult:
    if (part := facts.parts.get("admins")) is None:
        return NO_ANSWER
    account = short_answers.admins(part.lines)
    owners = sum(admin.owner for admin in account.value)
    return accounted(account.left, administrators=len(account.value), owners=owners)


_PM: Final = "frameworks/base, PackageManagerShellCommand.java"

ROWS: Final[tuple[Assumption[AndroidFacts], ...]] = (
    Assumption(
        "answer.parts",
        T("The phone’s shell runs a script in parts, and ends each with its exit code."),
        published("Debian's adbd 34"),
        ("android/link/shell.py",),
        _markers,
    ),
    Assumption(
        "identity.properties",
        T("Serial number, maker, model, build, version and patch level stand in the known properties."),
        captured("Pixel 8 Pro, Galaxy S25+, POCO F6 (getprop)"),
        ("android/link/phone_identity.py", *_SHORT),
        _own_words,
    ),
    Assumption(
        "identity.start",
        T("A computer may read the number of the phone’s present start."),
        concluded("/proc/sys/kernel/random/boot_id"),
        ("android/link/phone_identity.py",),
        _start_number,
    ),
    Assumption(
        "properties.form",
        T("Each property stands as its name and value in square brackets."),
        captured("Pixel 8 Pro, Galaxy S25+ (getprop)"),
        _SHORT,
        _properties,
    ),
    Assumption(
        "properties.trade-name",
        T("Phones of OPPO, OnePlus, realme and vivo have their trade name in a property of its own."),
        published("getActivity/DeviceCompat"),
        _SHORT,
        _trade_name,
    ),
    Assumption(
        "users.form",
        T("Each user and profile of the phone stands in one line with its number, name and flags."),
        captured("19 phones (pm list users)"),
        _SHORT,
        _users,
    ),
    Assumption(
        "users.first",
        T("The owner is user 0, and is running."),
        captured("19 phones (pm list users)"),
        _LISTS,
        _first_user,
    ),
    Assumption(
        "users.types",
        T("The phone tells the type of each profile, and the types are known."),
        captured("Pixel 9a, Galaxy S24 Ultra (dumpsys user)"),
        _SHORT,
        _user_types,
    ),
    Assumption(
        "users.numbers",
        T("Profiles with the numbers that makers reserve are Secure Folder or dual apps."),
        captured("Galaxy (150), ColorOS (999), MIUI (999)"),
        _SHORT,
        _user_kinds,
    ),
    Assumption(
        "users.unfinished",
        T("Users that are not there yet, or not any more, are marked as such."),
        aosp("frameworks/base, UserManagerService.java"),
        _SHORT,
        _unfinished_users,
    ),
    Assumption(
        "lists.form",
        T("Each line of the list of apps has a path, an id and what was asked for with them."),
        captured("Motorola, Galaxy A53, emulator (pm list packages)"),
        _SHORT,
        _lists,
    ),
    Assumption(
        "lists.whole",
        T("The phone lists the apps of each profile that it lets a computer see, without an error."),
        captured("Pixel 9a, Nothing (pm list packages --user N)"),
        _LISTS,
        _lists_whole,
    ),
    Assumption(
        "lists.versions",
        T("Since Android 8 the list of apps has each app’s file and version."),
        aosp(_PM),
        _LISTS,
        _versions,
    ),
    Assumption(
        "lists.refusal",
        T("A profile that is closed to computers is refused in known words."),
        captured("Galaxy A16, A53 (user 150)"),
        _SHORT,
        _refusals,
    ),
    Assumption(
        "lists.further",
        T("The lists of the system’s apps and of those that are switched off have the same form."),
        aosp(_PM),
        _LISTS,
        _further_lists,
    ),
    Assumption(
        "admins.form",
        T("Device administrators and owners stand in known lines."),
        captured("Galaxy (device administrator), Pixel 9a (owner)"),
        _SHORT,
        _administrators,
    ),
    Assumption(
        "again.same",
        T("Asked a second time, the phone answers with the same lists."),
        concluded("nothing is installed within a minute"),
        ("android/second_look.py",),
        _again,
    ),
    Assumption(
        "again.uninstalled",
        T("The list with uninstalled apps names all that the list without them does."),
        aosp(_PM),
        ("android/second_look.py",),
        _uninstalled_too,
    ),
)
