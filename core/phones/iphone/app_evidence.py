"""What an iPhone says of one app before it is removed: for which developer team it is signed, and how much room it
takes.

No iPhone gives a computer the files of an app, nor their hashes, nor tells when an app was installed or used; what else
is known of it stands in the phone's listing.
"""

from __future__ import annotations

from typing import Final

from core.jobs import Cancel
from core.model import AppEvidence, Finding, Inventory, id_key
from core.phones.driver import Silent
from core.phones.iphone import apps, entitlements
from core.phones.iphone.apps import PLATFORM, SERVICE
from core.phones.iphone.lockdown import Lockdown
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.text import T, Text

#: How many bytes the app itself takes, without what its holder keeps in it; told only where it is asked for by name.
SIZE: Final = "StaticDiskUsage"
_NO_FILES: Final = T("An iPhone gives a computer no file of an app, so that there are no fingerprints of its files.")
_NO_TEAM: Final = T("The phone did not tell for which developer team the app is signed.")
_NO_USE: Final = T("An iPhone does not tell a computer when an app was last used.")


def app_evidence(
    lockdown: Lockdown, finding: Finding, inventory: Inventory, cancel: Cancel, *, last_used: bool = False
) -> AppEvidence:
    """What `inventory` and the phone say of the app of `finding`; `last_used`: that it does not tell when it was last
    used is missing. Raises what a request raises, but neither Silent nor Malformed: then it is missing."""
    app = inventory.app(finding.app.package) or finding.app
    entry = _entry(lockdown, app.package, cancel)
    teams = entitlements.teams_of(app.package, entry).value or ((app.team,) if app.team else ())
    size = plist.number(entry, SIZE)
    missing: list[Text] = [_NO_FILES]
    if not teams and not app.of_maker(PLATFORM):
        missing.append(_NO_TEAM)
    if last_used:
        missing.append(_NO_USE)
    return AppEvidence(
        package=app.package,
        profile=finding.profile.id,
        files=(),
        signers=teams,
        version=app.version_name,
        store=app.installer,
        first_installed=app.first_install,
        last_updated=app.last_update,
        missing=tuple(missing),
        size=size if size is not None and size >= 0 else None,
    )


def _entry(lockdown: Lockdown, bundle: str, cancel: Cancel) -> Message:
    """What the phone's list of apps has of one app; nothing where it does not tell it in a form that is understood."""
    if not apps.is_bundle_id(bundle):
        return {}  # Nothing is lost: that its team is missing is told
    stream = lockdown.service(SERVICE, cancel)
    try:
        answer = apps.lookup(stream, cancel, [bundle], (entitlements.ENTITLEMENTS, SIZE))
    except (Silent, Malformed):  # Nothing is lost: likewise
        return {}
    finally:
        stream.close()
    entries = {id_key(id, PLATFORM): entry for id, entry in answer.value.items()}
    return entries.get(id_key(bundle, PLATFORM)) or {}
