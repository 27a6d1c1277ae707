"""What the self-test reads of one iPhone: what a check reads, and each listing by itself, with its account.

Nothing on the phone is changed. All of it stays in memory: what leaves are the numbers that the probes make of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.model import App, Inventory, id_key
from core.phones.accounting import Account, Left
from core.phones.driver import Silent
from core.phones.iphone import app_evidence, apps, entitlements, inventory
from core.phones.iphone.lockdown import Lockdown, Refused
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists.plist import Message
from core.phones.iphone.stream import Clock
from core.text import T

#: Apps whose entitlements are asked for, of those that were installed and of Apple's own.
_INSTALLED_APPS: Final = 60
_OWN_APPS: Final = 20
_SIZED_APPS: Final = 3

Listing = Account[dict[str, Message | None]]


class IphoneFacts:
    """What was read of one phone so far. What did not come is None, or empty."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self.inventory: Inventory | None = None
        self.lookup: Listing | None = None
        self.browse: Account[frozenset[str]] | None = None
        #: What the phone was asked for as a list, and answered in a way that could not be read.
        self.garbled: set[str] = set()
        self.entitlements: dict[str, Listing] = {}
        self.sizes: Listing | None = None
        self.values: dict[str, object] = {}
        #: The answers of the phone's management, by the request; the service may be refused.
        self.management: dict[str, Account[Message]] = {}
        self.management_refused = False
        self.left_of_values: tuple[Left, ...] = ()
        self.seconds: dict[str, float] = {}

    @property
    def entries(self) -> Mapping[str, Message | None]:
        return self.lookup.value if self.lookup else {}

    @property
    def apps(self) -> Sequence[App]:
        return self.inventory.apps if self.inventory else ()

    def read(self, lockdown: Lockdown, report: Report, cancel: Cancel) -> None:
        """Read the phone, as far as it comes. Raises PhoneProblem, Cancelled."""
        began = self._clock()
        self.inventory = inventory.read(lockdown, False, report, cancel)
        self._took("reading", began)
        began = self._clock()
        for name, (domain, key) in inventory.HEALTH.items():
            self.values[name] = lockdown.value(key, cancel, domain)
        self.left_of_values = lockdown.leftovers.all
        self._took("values", began)
        report(Progress(T("Looking at the lists again"), 0.6))
        self._listings(lockdown, cancel)
        self._management(lockdown, cancel)
        report(Progress(T("Looking into some of the apps"), 0.8))
        self._entitlements(lockdown, cancel)
        self._sizes(lockdown, cancel)

    def _took(self, stage: str, began: float) -> None:
        self.seconds[stage] = round(self._clock() - began, 2)

    def _listings(self, lockdown: Lockdown, cancel: Cancel) -> None:
        began = self._clock()
        with closing(lockdown.service(apps.SERVICE, cancel)) as stream:
            try:
                self.lookup = apps.lookup(stream, cancel)
            except Malformed:  # Nothing is lost: that it was garbled is told
                self.garbled.add("lookup")
        self._took("first list", began)
        began = self._clock()
        with closing(lockdown.service(apps.SERVICE, cancel)) as stream:
            try:
                self.browse = apps.browse(stream, cancel)
            except Malformed:  # Nothing is lost: likewise
                self.garbled.add("browse")
        self._took("second list", began)

    def _management(self, lockdown: Lockdown, cancel: Cancel) -> None:
        try:
            stream = lockdown.service(inventory.MANAGEMENT, cancel)
        except Refused:  # Nothing is lost: its rows are told as not tried
            self.management_refused = True
            return  # Nothing is lost: likewise
        with closing(stream):
            for request in ("GetCloudConfiguration", "GetProfileList"):
                try:
                    self.management[request] = stream.request({"RequestType": request}, cancel)
                except Malformed:  # Nothing is lost: that it was garbled is told
                    self.garbled.add(request)
                    return  # Nothing is lost: likewise
                except Silent:  # Nothing is lost: its rows are told as not answered
                    return  # Nothing is lost: likewise

    def _entitlements(self, lockdown: Lockdown, cancel: Cancel) -> None:
        began = self._clock()
        askable = [bundle for bundle, entry in self.entries.items() if entry is not None and apps.is_bundle_id(bundle)]
        types = {bundle: (self.entries[bundle] or {}).get("ApplicationType") for bundle in askable}
        samples = {
            "User": [bundle for bundle in askable if types[bundle] == "User"][:_INSTALLED_APPS],
            "System": [bundle for bundle in askable if types[bundle] == "System"][:_OWN_APPS],
        }
        for kind, bundles in samples.items():
            if bundles:
                with closing(lockdown.service(apps.SERVICE, cancel)) as stream:
                    try:
                        self.entitlements[kind] = apps.lookup(stream, cancel, bundles, (entitlements.ENTITLEMENTS,))
                    except Malformed:  # Nothing is lost: that it was garbled is told
                        self.garbled.add(kind)
        self._took("entitlements", began)

    def _sizes(self, lockdown: Lockdown, cancel: Cancel) -> None:
        """Ask how much room a few apps take: that makes the phone count."""
        bundles = [bundle for bundle in self.entries if apps.is_bundle_id(bundle)][:_SIZED_APPS]
        if not bundles:
            return  # Nothing is lost: its row is told as not tried
        with closing(lockdown.service(apps.SERVICE, cancel)) as stream:
            try:
                self.sizes = apps.lookup(stream, cancel, bundles, (app_evidence.SIZE,))
            except Malformed:  # Nothing is lost: that it was garbled is told
                self.garbled.add("sizes")

    def teams(self, kind: str) -> dict[str, Account[tuple[str, ...]]]:
        """The teams of the apps of this kind that were asked for, by bundle id."""
        listing = self.entitlements.get(kind)
        entries = listing.value if listing else {}
        return {bundle: entitlements.teams_of(bundle, entry) for bundle, entry in entries.items() if entry is not None}

    def ids(self) -> set[str]:
        """The ids of the first list, as they are compared."""
        return {id_key(bundle, apps.PLATFORM) for bundle in self.entries}
