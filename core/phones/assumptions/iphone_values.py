"""What is assumed of an iPhone's own values, its management and its trust, and of how it is reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from core.phones.accounting import Why
from core.phones.assumptions.assumption import (
    NO_ANSWER,
    NOTHING,
    Assumption,
    TrialResult,
    Untried,
    accounted,
    concluded,
    detailed,
    form,
    published,
    result,
    tally,
    untried,
)
from core.phones.assumptions.iphone_facts import IphoneFacts
from core.text import T

_APPS: Final = ("iphone/apps.py",)
_INVENTORY: Final = ("iphone/inventory.py",)
_LOCKDOWN: Final = ("iphone/lockdown.py",)
_PLISTS: Final = (
    "iphone/property_lists/plist.py",
    "iphone/property_lists/plist_binary.py",
    "iphone/property_lists/plist_plain.py",
    "iphone/property_lists/plist_reading.py",
    "iphone/property_lists/plist_xml.py",
)
_VERSION: Final = re.compile(r"9{1,2}(?:\.9{1,2}){1,2}")
_ACTIVATION: Final = frozenset({"Activated", "Unactivated", "FactoryActivated", "WildcardActivated"})
#: Seconds in which each stage of a reading is expected.
_STAGE: Final = 60.0


def _session(facts: IphoneFacts) -> TrialResult:
    return result(True) if facts.inventory is not None else NO_ANSWER


def _plists(facts: IphoneFacts) -> TrialResult:
    if facts.inventory is None:
        return NO_ANSWER
    accounts = [facts.lookup, facts.browse, *facts.management.values(), *facts.entitlements.values()]
    left = [item for account in accounts if account for item in account.left if item.why in (Why.TWO_WAYS, Why.UNKNOWN)]
    return accounted([*left, *facts.left_of_values], answers=sum(account is not None for account in accounts))


def _identity(facts: IphoneFacts) -> TrialResult:
    if facts.inventory is None or facts.inventory.identity is None:
        return NO_ANSWER
    identity = facts.inventory.identity
    return result(all((identity.serial, identity.model, identity.build, identity.boot)))


def _version(facts: IphoneFacts) -> TrialResult:
    if "ProductVersion" not in facts.values:
        return NO_ANSWER
    value = facts.values["ProductVersion"]
    shape = form(value) if isinstance(value, str) else "a"
    return detailed(_VERSION.fullmatch(shape) is not None, [("form", shape)])


def _yes_or_no(name: str) -> Callable[[IphoneFacts], TrialResult]:
    """Whether the phone has this value, and it is true or false. Which of the two is its owner's matter."""

    def probe(facts: IphoneFacts) -> TrialResult:
        if name not in facts.values:
            return NO_ANSWER
        value = facts.values[name]
        return NOTHING if value is None else result(isinstance(value, bool))

    return probe


def _activation(facts: IphoneFacts) -> TrialResult:
    if not isinstance(value := facts.values.get("ActivationState"), str):
        return NO_ANSWER if "ActivationState" not in facts.values else NOTHING
    return detailed(value in _ACTIVATION, tally([value], _ACTIVATION))


def _jailbreak(facts: IphoneFacts) -> TrialResult:
    if facts.inventory is None:
        return NO_ANSWER
    answers = facts.inventory.health.properties.get("afc2", ())
    return detailed(bool(answers), tally(answers, ("open", "refused")))


def _cloud(facts: IphoneFacts) -> TrialResult:
    if (account := facts.management.get("GetCloudConfiguration")) is None:
        return result(False) if "GetCloudConfiguration" in facts.garbled else _no_management(facts)
    cloud = account.value.get("CloudConfiguration", {})
    known = isinstance(cloud, dict) and all(
        isinstance(cloud.get(name, kind()), kind) for name, kind in (("IsSupervised", bool), ("OrganizationName", str))
    )
    keys = len(cloud) if isinstance(cloud, dict) else 0
    return result(known and account.whole, keys=keys, left=len(account.left))


def _profiles(facts: IphoneFacts) -> TrialResult:
    if (account := facts.management.get("GetProfileList")) is None:
        return result(False) if "GetProfileList" in facts.garbled else _no_management(facts)
    listed = account.value.get("OrderedIdentifiers")
    known = isinstance(listed, list) and all(isinstance(item, str) for item in listed)
    count = len(listed) if isinstance(listed, list) else 0
    return result(known and account.whole, profiles=count, left=len(account.left))


def _profile_names(facts: IphoneFacts) -> TrialResult:
    """Whether each profile has a name, and nothing is told of it but what is known: its contents would be news."""
    if (account := facts.management.get("GetProfileList")) is None:
        return _profiles(facts)
    about = account.value.get("ProfileMetadata", {})
    if not about:
        return NOTHING
    tables = [table for table in about.values() if isinstance(table, dict)] if isinstance(about, dict) else []
    named = sum(isinstance(table.get("PayloadDisplayName"), str) for table in tables)
    others = sum(key not in _OF_A_PROFILE for table in tables for key in table)
    return result(named == len(about) and not others, profiles=len(about), named=named, other_keys=others)


def _no_management(facts: IphoneFacts) -> TrialResult:
    return NOTHING if facts.management_refused else NO_ANSWER


def _times(facts: IphoneFacts) -> TrialResult:
    if not facts.seconds:
        return NO_ANSWER
    stages = [(f"{stage} seconds", seconds) for stage, seconds in facts.seconds.items()]
    return detailed(max(facts.seconds.values()) < _STAGE, stages)


def _never(why: Untried) -> Callable[[IphoneFacts], TrialResult]:
    return lambda facts: untried(why)


#: What iOS 18 tells of a configuration profile, and the id that practice phones add.
_OF_A_PROFILE: Final = frozenset(
    {
        "PayloadDescription",
        "PayloadDisplayName",
        "PayloadIdentifier",
        "PayloadOrganization",
        "PayloadRemovalDisallowed",
        "PayloadUUID",
        "PayloadVersion",
    }
)
_TOOLS: Final = published("Debian's libimobiledevice 1.3, usbmuxd 1.1.1")

ROWS: Final[tuple[Assumption[IphoneFacts], ...]] = (
    Assumption(
        "road.service",
        T("This computer’s service lists the phone, and connects to it."),
        _TOOLS,
        ("iphone/mux.py", "iphone/connect.py"),
        _session,
    ),
    Assumption(
        "session.trust",
        T("The phone begins an encrypted session, and shows the certificate of its pair record."),
        _TOOLS,
        (*_LOCKDOWN, "iphone/pair_record.py", "iphone/stream.py"),
        _session,
    ),
    Assumption(
        "session.silence",
        T("The phone ends a conversation in which nothing is said for a minute."),
        published("lockdownd, as described"),
        ("iphone/phone.py",),
        _never(Untried.INVISIBLE),
    ),
    Assumption(
        "answers.plists",
        T("Every answer is a property list that can be read in one way only."),
        published("Apple, CoreFoundation (CFBinaryPList.c, CFXMLPlist.c)"),
        _PLISTS,
        _plists,
    ),
    Assumption(
        "values.identity",
        T("Serial number, model and build stand in the known values."),
        _TOOLS,
        (*_INVENTORY, *_LOCKDOWN),
        _identity,
    ),
    Assumption("values.version", T("The version of iOS is numbers between full stops."), _TOOLS, _INVENTORY, _version),
    Assumption(
        "values.passcode",
        T("The phone says yes or no to whether a passcode is set."),
        published("lockdownd, as described"),
        _INVENTORY,
        _yes_or_no("PasswordProtected"),
    ),
    Assumption(
        "values.activation",
        T("The phone says in a known word whether it is activated."),
        _TOOLS,
        _INVENTORY,
        _activation,
    ),
    Assumption(
        "values.supervised",
        T("The phone says yes or no to whether it is supervised."),
        published("pymobiledevice3, issue 1073"),
        _INVENTORY,
        _yes_or_no("DeviceIsChaperoned"),
    ),
    Assumption(
        "values.developer-mode",
        T("The phone says yes or no to Developer Mode."),
        published("pymobiledevice3"),
        _INVENTORY,
        _yes_or_no("DeveloperModeStatus"),
    ),
    Assumption(
        "values.wifi",
        T("The phone says yes or no to whether trusted computers may reach it over Wi-Fi."),
        _TOOLS,
        _INVENTORY,
        _yes_or_no("EnableWifiConnections"),
    ),
    Assumption(
        "jailbreak.refused",
        T("A phone that is not jailbroken refuses the service of a jailbreak by a known error."),
        concluded("com.apple.afc2"),
        _INVENTORY,
        _jailbreak,
    ),
    Assumption(
        "apps.hidden",
        T("Whether apps that are hidden on the phone are in its lists."),
        concluded("iOS 18"),
        _INVENTORY,
        _never(Untried.INVISIBLE),
    ),
    Assumption(
        "management.cloud",
        T("The phone’s management tells whether it supervises, and for whom, in a known form."),
        published("pymobiledevice3"),
        _INVENTORY,
        _cloud,
    ),
    Assumption(
        "management.profiles",
        T("The phone lists its configuration profiles by their ids."),
        published("pymobiledevice3"),
        _INVENTORY,
        _profiles,
    ),
    Assumption(
        "management.names",
        T("The phone tells what each configuration profile is called, and not what it restricts."),
        published("MDMMCInterface of iOS 18, decompiled"),
        _INVENTORY,
        _profile_names,
    ),
    Assumption(
        "times.stages",
        T("Each part of the reading ends within 60 seconds."),
        published("Debian's ideviceinstaller"),
        ("iphone/stream.py",),
        _times,
    ),
    Assumption(
        "pairing.question",
        T("The phone asks its holder once whether to trust the computer, and names its answer."),
        published("lockdownd, as described"),
        (*_LOCKDOWN, "iphone/pair_keys.py"),
        _never(Untried.CHANGES),
    ),
    Assumption(
        "pairing.refused",
        T("A locked, restarted or managed phone names what keeps a computer out."),
        published("usbmuxd, pull request 65; libimobiledevice, issue 1273"),
        _LOCKDOWN,
        _never(Untried.CHANGES),
    ),
    Assumption(
        "pairing.forgotten",
        T("The phone forgets its trust in a computer when that computer asks for it."),
        _TOOLS,
        _LOCKDOWN,
        _never(Untried.CHANGES),
    ),
    Assumption(
        "removal.words",
        T("Removing an app is answered with known words."),
        published("installation_proxy, as described"),
        ("iphone/problems.py", *_APPS),
        _never(Untried.CHANGES),
    ),
    Assumption(
        "removal.offloaded",
        T("Offloaded apps and App Clips are removed as others are."),
        concluded("installation_proxy"),
        ("iphone/phone.py",),
        _never(Untried.CHANGES),
    ),
)
