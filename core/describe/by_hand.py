"""What is done on the phone itself about a banned app that a check found."""

from __future__ import annotations

from core.ledger.records import AppFound
from core.model import Match, ProfileKind
from core.text import Bilingual, T, Text, Value, one_line

#: Characters of an app's name.
_NAME_LIMIT = 60


def by_hand(found: AppFound, *, closed: bool, admin: bool) -> Text | None:
    """What the officer does about a finding: as it is on record, or by the facts that an earlier version recorded.

    `closed`: its profile could not be read; `admin`: a step showed that it is a device administrator. None where there
    is nothing to do.
    """
    if found.by_hand is not None:
        return found.by_hand
    if not found.is_ban or found.contained or found.excepted is not None:
        return None
    app = _on_phone(found)
    if found.profile_kind is ProfileKind.SECURE_FOLDER:
        return T(
            "Have the owner open Secure Folder on the phone, touch and hold {app} and tap Uninstall. Then check again.",
            app=app,
        )
    if found.profile_kind is ProfileKind.WORK and closed:
        return T("Have the owner remove {app} in the work profile, or ask whoever manages that profile.", app=app)
    if admin:
        return T(
            "On the phone, open Settings, Security, Device admin apps, switch {app} off, then uninstall it.", app=app
        )
    if found.system:
        return T("On the phone, open Settings, Apps, {app}, and tap Uninstall or Disable. Then check again.", app=app)
    return T("On the phone, open Settings, Apps, {app}, and tap Uninstall. Then check again.", app=app)


def _on_phone(found: AppFound) -> Value:
    """What the app is called on the phone itself, as far as that is known."""
    other_name = isinstance(found.match, Match) and found.match.other_name
    name = one_line(found.label, _NAME_LIMIT) or (one_line(found.package, 100) if other_name else "")
    if name or found.product is None:
        return name or one_line(found.package, 100)
    return Bilingual(found.product.en, found.product.fr)
