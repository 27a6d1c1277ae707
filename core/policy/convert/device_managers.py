"""Lists of banned apps for the managers of an organisation's devices: Intune's, Apple's, and Android's.

Intune's device restriction profiles import a CSV file whose lines are `<app url>, <app name>, <app publisher>`
(MicrosoftDocs/IntuneDocs, device-restrictions-android.md and device-restrictions-ios.md). Whether Intune expects a line
of headings is not known, so there is none: a heading could be taken for an app. Intune keeps one such list for Android
and one for iPhone; both stand in the file, Android first, unless one platform was chosen.

Apple's configuration profile keeps apps from being shown and started on iPhone and iPad by the payload
`com.apple.applicationaccess` with `blockedAppBundleIDs` (apple/device-management,
mdm/profiles/com.apple.applicationaccess.yaml): iOS 15 and later, supervised devices only. From iOS 27 on Apple prefers
the declaration `com.apple.configuration.app.settings`, and still takes this payload.

Android's is `enterprises.policies` of the Android Management API, for every device manager built on that:
`applications` with `installType` BLOCKED and `playStoreMode` BLACKLIST (the only name of that mode there), for fully
managed devices and for work profiles; and `personalUsagePolicies` with `personalPlayStoreMode` BLOCKLIST, for the
personal side of a company-owned device with a work profile.
"""

from __future__ import annotations

import csv
import io
import json
import plistlib
from typing import Final

from core.model import Policy, Rule, RuleId
from core.policy.convert.parts import (
    ExportedPolicy,
    LeftOut,
    apps,
    must_say_something,
    only_names,
    stable_id,
    without_apps,
)
from core.policy.problems import PolicyProblem
from core.text import LANGUAGES, T, Text, as_cell

INTUNE: Final = T("Microsoft Intune restricted apps (CSV)")
APPLE: Final = T("Apple configuration profile")
ANDROID: Final = T("Android Management API policy (JSON)")

_DOMAIN: Final = "org.fanion.policy"
_PAYLOAD: Final = "com.apple.applicationaccess"
#: Apps in one policy of the Android Management API, says its reference.
APPS_LIMIT: Final = 3_000
_PLAY: Final = "https://play.google.com/store/apps/details?id="
_APP_STORE: Final = ("https://apps.apple.com/", "https://itunes.apple.com/")


def write_intune(policy: Policy) -> ExportedPolicy:
    """The apps of `policy`; no cell can be a formula. A publisher that is not known is left empty.

    An iPhone app needs its address in the App Store, with the number that only the store knows: without it, it is left
    out. Raises PolicyProblem where no app is left.
    """
    rows = [
        _row(rule, app, app.store if app.store.startswith(_PLAY) else f"{_PLAY}{app.id}")
        for rule, app in apps(policy, "android")
    ]
    left_out: list[LeftOut] = []
    for rule, app in apps(policy, "ios"):
        if app.store.startswith(_APP_STORE):
            rows.append(_row(rule, app, app.store))
        else:
            why = T("Intune needs the app’s address in the App Store, which the policy does not give.")
            left_out.append(LeftOut(rule.id, app.id, why))
    must_say_something(policy, rows, INTUNE)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return ExportedPolicy(text.getvalue().encode(), (*left_out, *only_names(policy)))


def _row(rule: Rule, app: RuleId, address: str) -> tuple[str, str, str]:
    return as_cell(address), as_cell(app.product.en), as_cell(rule.publisher)


def write_apple(policy: Policy) -> ExportedPolicy:
    """The iPhone apps of `policy` as an unsigned ``.mobileconfig``: an organisation signs with its own key.

    A newer version of the same policy replaces the profile of an older one, because their identifiers are the same.
    Raises PolicyProblem where no app is left.
    """
    blocked = sorted({app.id for _, app in apps(policy, "ios")})
    must_say_something(policy, blocked, APPLE)
    identifier = f"{_DOMAIN}.{policy.id}"
    about = T(
        "Blocks the apps that the policy “{title}” ({version}) names. Works on supervised devices only, "
        "with iOS 15 or later.",
        title=policy.title,
        version=policy.version,
    )
    name = f"{policy.title.en} / {policy.title.fr}"
    profile = {
        "PayloadContent": [
            {
                "PayloadDescription": _both_languages(about),
                "PayloadDisplayName": name,
                "PayloadIdentifier": f"{identifier}.apps",
                "PayloadType": _PAYLOAD,
                "PayloadUUID": _uuid(policy, _PAYLOAD),
                "PayloadVersion": 1,
                "blockedAppBundleIDs": blocked,
            }
        ],
        "PayloadDescription": _both_languages(about),
        "PayloadDisplayName": name,
        "PayloadIdentifier": identifier,
        "PayloadType": "Configuration",
        "PayloadUUID": _uuid(policy, "Configuration"),
        "PayloadVersion": 1,
    }
    return ExportedPolicy(plistlib.dumps(profile), (*without_apps(policy, "ios"), *only_names(policy)))


def _both_languages(text: Text) -> str:
    """A text in all languages, one a line: a profile has one description for everybody."""
    return "\n".join(text.in_language(language) for language in LANGUAGES)


def _uuid(policy: Policy, payload: str) -> str:
    return str(stable_id("apple", policy.id, payload)).upper()


def write_android(policy: Policy) -> ExportedPolicy:
    """The Android apps of `policy`, as the fields that a device manager adds to a policy of its own.

    Raises PolicyProblem where no app is left, or more than one policy of the API can hold.
    """
    blocked = [
        {"packageName": id, "installType": "BLOCKED"} for id in sorted({a.id for _, a in apps(policy, "android")})
    ]
    must_say_something(policy, blocked, ANDROID)
    if len(blocked) > APPS_LIMIT:
        raise PolicyProblem(
            T(
                "The policy {policy} names {count} Android apps; one Android Management API policy holds {limit}.",
                policy=policy.id,
                count=len(blocked),
                limit=APPS_LIMIT,
            ),
            T("Divide the policy into several files, and export each."),
        )
    fields = {
        "applications": blocked,
        "playStoreMode": "BLACKLIST",
        "personalUsagePolicies": {"personalPlayStoreMode": "BLOCKLIST", "personalApplications": blocked},
    }
    data = json.dumps(fields, indent=2).encode() + b"\n"
    return ExportedPolicy(data, (*without_apps(policy, "android"), *only_names(policy)))
