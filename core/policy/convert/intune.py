"""Restricted apps of Microsoft Intune, as the CSV file that its device restriction profiles import.

Each line is `<app url>, <app name>, <app publisher>` (MicrosoftDocs/IntuneDocs, device-restrictions-android.md and
device-restrictions-ios.md). Whether Intune expects a line of headings is not known, so there is none: a heading could
be taken for an app. Intune keeps one such list for Android and one for iPhone; both stand in the file, Android first,
unless one platform was chosen.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from core.model import Policy, Rule, RuleId
from core.policy.convert.parts import Exported, LeftOut, apps, must_say_something, only_names
from core.text import T, as_cell

TITLE: Final = T("Microsoft Intune restricted apps (CSV)")

_PLAY: Final = "https://play.google.com/store/apps/details?id="
_APP_STORE: Final = ("https://apps.apple.com/", "https://itunes.apple.com/")


def write(policy: Policy) -> Exported:
    """The apps of `policy`; no cell can be a formula. A publisher that is not known is left empty.

    An iPhone app needs its address in the App Store, with the number that only the store knows: without it, it is left
    out. Raises PolicyProblem where no app is left.
    """
    rows = [_row(rule, app, _play(app)) for rule, app in apps(policy, "android")]
    left_out: list[LeftOut] = []
    for rule, app in apps(policy, "ios"):
        if app.store.startswith(_APP_STORE):
            rows.append(_row(rule, app, app.store))
        else:
            why = T("Intune needs the app’s address in the App Store, which the policy does not give.")
            left_out.append(LeftOut(rule.id, app.id, why))
    must_say_something(policy, rows, TITLE)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Exported(text.getvalue().encode(), (*left_out, *only_names(policy)))


def _play(app: RuleId) -> str:
    return app.store if app.store.startswith(_PLAY) else f"{_PLAY}{app.id}"


def _row(rule: Rule, app: RuleId, address: str) -> tuple[str, str, str]:
    return as_cell(address), as_cell(app.product.en), as_cell(rule.publisher)
