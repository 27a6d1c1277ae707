"""An Apple configuration profile that keeps banned apps from being shown and started on iPhone and iPad.

The payload `com.apple.applicationaccess` with `blockedAppBundleIDs` (apple/device-management,
mdm/profiles/com.apple.applicationaccess.yaml): iOS 15 and later, supervised devices only. From iOS 27 on Apple prefers
the declaration `com.apple.configuration.app.settings`, and still takes this payload.
"""

from __future__ import annotations

import plistlib
from typing import Final

from core.model import Policy
from core.policy.convert.parts import Exported, apps, must_say_something, only_names, stable_id, without_apps
from core.text import LANGUAGES, T, Text

TITLE: Final = T("Apple configuration profile")

_DOMAIN: Final = "org.fanion.policy"
_PAYLOAD: Final = "com.apple.applicationaccess"


def write(policy: Policy) -> Exported:
    """The iPhone apps of `policy` as an unsigned ``.mobileconfig``: an organisation signs with its own key.

    A newer version of the same policy replaces the profile of an older one, because their identifiers are the same.
    Raises PolicyProblem where no app is left.
    """
    blocked = sorted({app.id for _, app in apps(policy, "ios")})
    must_say_something(policy, blocked, TITLE)
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
                "PayloadDescription": _both(about),
                "PayloadDisplayName": name,
                "PayloadIdentifier": f"{identifier}.apps",
                "PayloadType": _PAYLOAD,
                "PayloadUUID": _uuid(policy, _PAYLOAD),
                "PayloadVersion": 1,
                "blockedAppBundleIDs": blocked,
            }
        ],
        "PayloadDescription": _both(about),
        "PayloadDisplayName": name,
        "PayloadIdentifier": identifier,
        "PayloadType": "Configuration",
        "PayloadUUID": _uuid(policy, "Configuration"),
        "PayloadVersion": 1,
    }
    return Exported(plistlib.dumps(profile), (*without_apps(policy, "ios"), *only_names(policy)))


def _both(text: Text) -> str:
    """A profile's description has one text for all languages."""
    return "\n".join(text.in_language(language) for language in LANGUAGES)


def _uuid(policy: Policy, payload: str) -> str:
    return str(stable_id("apple", policy.id, payload)).upper()
