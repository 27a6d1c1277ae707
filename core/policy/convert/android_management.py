"""A policy of the Android Management API that blocks banned apps, for every device manager built on that API.

`enterprises.policies` of its reference: `applications` with `installType` BLOCKED and `playStoreMode` BLACKLIST (the
only name of that mode there), for fully managed devices and for work profiles; and `personalUsagePolicies` with
`personalPlayStoreMode` BLOCKLIST, for the personal side of a company-owned device with a work profile.
"""

from __future__ import annotations

import json
from typing import Final

from core.model import Policy
from core.policy.convert.parts import Exported, apps, must_say_something, only_names, without_apps
from core.policy.problems import PolicyProblem
from core.text import T

TITLE: Final = T("Android Management API policy (JSON)")

#: Apps in one policy, says its reference.
APPS_LIMIT: Final = 3_000


def write(policy: Policy) -> Exported:
    """The Android apps of `policy`, as the fields that a device manager adds to a policy of its own.

    Raises PolicyProblem where no app is left, or more than one policy of the API can hold.
    """
    blocked = [
        {"packageName": id, "installType": "BLOCKED"} for id in sorted({a.id for _, a in apps(policy, "android")})
    ]
    must_say_something(policy, blocked, TITLE)
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
    return Exported(data, (*without_apps(policy, "android"), *only_names(policy)))
