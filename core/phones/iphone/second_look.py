"""The last look at an iPhone before it is judged: are its apps still those that were read?

An iPhone does not tell when it was started. Its list of apps is asked for once more, as it was asked for first.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Final

from core.jobs import Cancel
from core.model import App, Gap, Inventory, id_key
from core.phones.accounting import Leftovers
from core.phones.driver import SecondLook
from core.phones.iphone import apps
from core.phones.iphone.inventory import AGAIN
from core.phones.iphone.lockdown import Lockdown
from core.phones.iphone.problems import Malformed
from core.text import T

_UNREAD: Final = Gap(T("The phone did not list its apps a second time."), AGAIN, apps.PROFILE)


def look_again(lockdown: Lockdown, inventory: Inventory, cancel: Cancel) -> SecondLook:
    """Compare the phone's list of apps with `inventory`. Raises PhoneProblem, Cancelled."""
    leftovers = Leftovers()
    earlier = {id_key(app.package, apps.PLATFORM): app for app in inventory.apps}
    with closing(lockdown.service(apps.SERVICE, cancel)) as stream:
        try:
            listing = leftovers.take(apps.lookup(stream, cancel, attributes=apps.COMPARED))
            now = {
                bundle: leftovers.take(apps.app_of(bundle, entry))
                for bundle, entry in listing.items()
                if entry is not None
            }
            changed_ids = [
                bundle for bundle, app in now.items() if _is_other(app, earlier.get(id_key(bundle, apps.PLATFORM)))
            ]
            whole = leftovers.take(apps.lookup(stream, cancel, changed_ids)) if changed_ids else {}
        except Malformed:
            return SecondLook(inventory, gaps=(_UNREAD,))  # Nothing is lost: the gap tells of it
    merged = dict(earlier)
    for bundle in changed_ids:
        id, entry = id_key(bundle, apps.PLATFORM), whole.get(bundle)
        app = leftovers.take(apps.app_of(bundle, entry)) if entry is not None else now[bundle]
        before = earlier.get(id)
        merged[id] = app if before is None else replace(app, package=before.package)
    changed = frozenset(merged[id_key(bundle, apps.PLATFORM)].package for bundle in changed_ids)
    # What was left of the first list is told already; what is left of this one counts where it is more than that.
    empty = (id_key(bundle, apps.PLATFORM) for bundle, entry in listing.items() if entry is None)
    lacking = [id for id in empty if id not in earlier]
    gaps = (_UNREAD,) if lacking or (leftovers.all and not inventory.gaps) else ()
    return SecondLook(replace(inventory, apps=tuple(merged.values())), changed, gaps)


def _is_other(app: App, before: App | None) -> bool:
    return before is None or _what_it_is(before) != _what_it_is(app)


def _what_it_is(app: App) -> tuple[object, ...]:
    """What of an app changes where another version is installed, or another app under its id."""
    states = [(state.profile, state.installed, state.archived) for state in app.states]
    return app.version_name, app.signed, app.signed_by, app.system, states
