"""Read a phone and judge it: phone + policy -> Check. Records nothing and changes nothing.

A phone's listings are its own word, and apps write into them. So a red by them is final and told at once, but nothing
is green by them: every app that was installed by hand, and every other one that the listings are not agreed about, is
looked into in its own file. What was not looked into, for any reason, is a gap.

All of that takes time, in which apps can be installed. So the phone's short lists are read once more at the end, and
what is new or changed in them is looked into, until two lists agree.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from core import value_names
from core.describe.installers import STORES
from core.jobs import Cancel, Progress, Report
from core.model import App, Cancelled, Check, Enabled, Finding, Gap, Identity, Inventory, Policy, Strength, platforms
from core.phones.driver import Driver, PhoneProblem, WrongPhone
from core.policy import can_return, health
from core.policy.matching import containers, match
from core.text import N, T, Text
from core.visit import makers

#: How many apps one gap names; what is left of them stands in further ones.
_NAMED: Final = 100
#: Apps that are told of one by one as their files show that they are banned; of more, the end of the check tells.
_TOLD: Final = 20
#: The share of a check's progress that reading the listings takes; the rest is looking into files.
_LISTINGS: Final = 0.4

_HOW_TO_FINISH: Final = T("Check the phone again, and leave it plugged in until all files were read.")
_CHANGED: Final = T("The app was changed while the phone was checked.")
_HOW_AT_REST: Final = T("Wait until the phone installs nothing any more, and check it again.")
#: How often the short lists are compared before the phone counts as changing.
_LOOKS: Final = 3
_HOW_BY_HAND: Final = T("Open these apps on the phone and see what they are; if one is a banned app, remove it there.")


@dataclass(frozen=True, slots=True)
class Listeners:
    """The callers to be told of a check while it goes on.

    `glimpse` hears early, once, what a quick look found: a red there is final, an empty one says nothing yet. `so_far`
    hears the check as the listings have it, and again when a file shows a banned app: its verdict is never green.
    `looked_into` hears of each app as its file was read. What a banned app is seen by is told before anything else is
    done with the phone.
    """

    glimpse: Callable[[Inventory, tuple[Finding, ...]], None] = lambda inventory, findings: None
    so_far: Callable[[Check], None] = lambda check: None
    looked_into: Callable[[Identity], None] = lambda identity: None
    #: Hears the check of a phone that was seen to be red and then turned out to be another one than was expected.
    elsewhere: Callable[[Check], None] = lambda check: None
    #: Names the apps that were seen to be banned before: their files are looked into, whatever the listings say now.
    seen_before: Callable[[Inventory], Collection[str]] = lambda inventory: ()


def check(
    driver: Driver, policy: Policy, report: Report, cancel: Cancel, listeners: Listeners | None = None, *, quick: bool
) -> Check:
    """Everything that `driver` can see, judged against `policy`. `quick` leaves the apps' files out.

    Raises WrongPhone if another phone answers on the way, and PhoneProblem or Cancelled if the listings could not be
    read, unless they had shown a banned app until then. A check that ended early later says so in its gaps, and in
    `broken_off` if the phone was lost.
    """
    return _CheckRun(driver, policy, report, cancel, listeners or Listeners()).run(quick=quick)


@dataclass(slots=True)
class _CheckRun:
    """A check under way."""

    driver: Driver
    policy: Policy
    report: Report
    cancel: Cancel
    listeners: Listeners
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)
    first: Inventory | None = None
    inventory: Inventory | None = None
    apps: dict[str, App] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    banned: set[str] = field(default_factory=set)
    told_count: int = 0
    #: What the looks after the reading could not see.
    late: list[Gap] = field(default_factory=list)

    def run(self, *, quick: bool) -> Check:
        """Read the listings, then the files, then the short lists again."""
        try:
            sought = {id.id for rule in self.policy.rules for id in rule.ids if rule.strength is Strength.BAN}
            read = self.driver.read(self._report_listings, self.cancel, self._first_look, sought)
        except WrongPhone as wrong_phone:
            # What was seen until then is that one's: it is on record as what it is, and no part of this check.
            if (early_check := self._seen_so_far(wrong_phone)) is not None:
                self.listeners.elsewhere(early_check)
            raise
        except (PhoneProblem, Cancelled) as stopped:
            if (early_check := self._seen_so_far(stopped)) is None:
                raise
            return early_check
        self.report(Progress(T("Comparing with the policy"), _LISTINGS))
        seen_packages = self.listeners.seen_before(read)
        apps = (replace(app, confirmed=False) if app.package in seen_packages else app for app in read.apps)
        self.inventory = replace(read, apps=tuple(apps))
        if quick:
            quickly = self._check(self.inventory, None)
            files_left_out = T("A quick check leaves the apps’ files out.")
            files = to_look_into(quickly) and not platforms.of(self.inventory.phone.platform).by_team
            gap_text = files_left_out if files else T("A quick check ends before the last comparison.")
            self.late.append(Gap(gap_text, T("Check the phone without --quick.")))
            return self._check(self.inventory, None)
        so_far = self._check(self.inventory, T("The check was not finished."))
        self.banned = {f.app.package for f in so_far.bans}
        self.listeners.so_far(so_far)
        self.apps = {app.package: app for app in self.inventory.apps}
        files_read = False
        try:
            self._identify(to_look_into(so_far))
            files_read = True
            self._look_again(self.inventory)
        except (PhoneProblem, Cancelled) as stopped:
            if isinstance(stopped, WrongPhone) and not self.banned:
                raise
            if files_read:
                unseen = T("Whether apps were installed during the check was not seen. {why}", why=_why(stopped))
                self.late.append(Gap(unseen, _HOW_TO_FINISH))
            return self._check(self.inventory, _why(stopped), _lost(stopped))
        return self._check(self.inventory, T("The phone did not tell of them."))

    def _seen_so_far(self, stopped: PhoneProblem | Cancelled) -> Check | None:
        """The check of a phone that was seen to be red before `stopped`; None where no banned app was seen yet."""
        if self.first is None or not any(f.is_ban for f in match.judge(self.first, self.policy)):
            return None
        gap = Gap(T("Not all of the phone was read. {why}", why=_why(stopped)), _HOW_TO_FINISH)
        return self._check(replace(self.first, gaps=(*self.first.gaps, gap)), None, _lost(stopped))

    def _look_again(self, inventory: Inventory) -> None:
        """Read the short lists until two agree, and look into what is new or changed in them. Raises what the driver
        raises; the check then says that it was not finished."""
        for _ in range(_LOOKS):
            self.report(Progress(T("Comparing the lists of apps once more"), 1.0))
            look = self.driver.look_again(inventory, self.cancel)
            inventory = self.inventory = look.inventory
            self.late += [gap for gap in look.gaps if gap not in self.late]
            started = self._switched_on(inventory)
            inventory = self.inventory = replace(
                inventory, apps=tuple(started.get(a.package, a) for a in inventory.apps)
            )
            if not look.changed:
                return  # the lists say what they said before
            self.apps = {app.package: app for app in inventory.apps}
            # What was seen to be a banned app stays one in this check, whatever was put in its place since: what its
            # file showed accuses still, and no exception for that file allows the one that lies there now.
            changed = look.changed - self.banned
            for package in look.changed & self.identities.keys():
                identity = self.identities.pop(package)
                if package in self.banned:
                    self.identities[package] = replace(identity, why=_CHANGED)
            so_far = self._check(inventory, T("The check was not finished."))
            if any(f.app.package not in self.banned for f in so_far.bans):
                self.banned |= {f.app.package for f in so_far.bans}
                self.listeners.so_far(so_far)
            self._identify([app for app in to_look_into(so_far) if app.package in changed])
        self.late.append(Gap(T("Apps were installed or updated while the phone was checked."), _HOW_AT_REST))

    def _identify(self, apps: Sequence[App]) -> None:
        """Look into the files of `apps`, and into the code of those that no store of this phone installed. Raises what
        the driver raises."""
        inventory = self.inventory
        if inventory is None:
            return
        # Also of an app that is banned by its id: an exception for that id allows no other banned app's code.
        outside = (app.package for app in apps if not _is_of_store(app, inventory))
        sought = match.sought(self.policy, inventory.phone.platform, outside)
        self.driver.identify(apps, self._report_files, self.cancel, self._looked_into, sought)

    def _switched_on(self, inventory: Inventory) -> dict[str, App]:
        """The banned apps of the system that were switched off when they were listed, and can be started by now."""
        started: dict[str, App] = {}
        off = tuple(app for app in inventory.apps if app.system and any(state.enabled.off for state in app.states))
        for finding in match.judge(self._named(replace(inventory, apps=off)), self.policy, self.identities):
            if finding.is_ban and finding.contained and self.driver.look_for([finding], self.cancel)[0] is not False:
                profile, app = finding.profile.id, started.get(finding.app.package, finding.app)
                on = (replace(s, enabled=Enabled.DEFAULT) if s.profile == profile else s for s in app.states)
                started[app.package] = replace(app, states=tuple(on))
        return started

    def _report_listings(self, progress: Progress) -> None:
        self.report(replace(progress, share=progress.share * _LISTINGS))

    def _report_files(self, progress: Progress) -> None:
        self.report(replace(progress, share=_LISTINGS + progress.share * (1 - _LISTINGS)))

    def _first_look(self, inventory: Inventory) -> None:
        self.first = inventory
        self.listeners.glimpse(inventory, match.judge(inventory, self.policy))

    def _looked_into(self, identity: Identity) -> None:
        """A file was read. What it shows of a banned app is told at once."""
        app = self.apps.get(identity.package)
        if app is None or self.inventory is None:
            return
        identity = _of_what_is_listed(app, identity)
        self.identities[app.package] = identity
        self.listeners.looked_into(identity)
        if app.package in self.banned:
            return
        if match.is_banned(app, identity, self.policy, self.inventory.phone.platform):
            self.banned.add(app.package)
            self.told_count += 1
            if self.told_count <= _TOLD:
                self.listeners.so_far(self._check(self.inventory, T("The check was not finished.")))

    def _named(self, inventory: Inventory) -> Inventory:
        """The inventory with the apps' names, as far as their files told them."""
        return _with_names(inventory, {package: identity.label for package, identity in self.identities.items()})

    def _check(self, inventory: Inventory, why_unread: Text | None, lost: PhoneProblem | None = None) -> Check:
        """What is known by now. `why_unread` says why files that should have been read were not; None: none should."""
        named_inventory = self._named(inventory)
        judged = Check(
            named_inventory,
            self.policy,
            match.judge(named_inventory, self.policy, self.identities),
            self.started,
            datetime.now(UTC),
            time.monotonic() - self.clock,
            identities=dict(self.identities),
            broken_off=lost,
        )
        day = self.started.astimezone().date()
        signals = health.judge(named_inventory, self.policy.health, judged.findings, day, STORES)
        unsure = (
            *_suspicions(judged),
            *containers.held_apart(named_inventory, self.policy, self.identities),
            *makers.by_name_alone(judged),
            *(_unread(judged, why_unread) if why_unread else ()),
            *self.late,
        )
        # Whatever was not seen of the phone may be what lets an app come back.
        with_gaps = replace(named_inventory, gaps=(*named_inventory.gaps, *unsure))
        returns = can_return.judge(with_gaps, self.policy, signals, judged.findings, STORES)
        return replace(judged, unsure=unsure, health=signals, returns=returns)


def to_look_into(check: Check) -> tuple[App, ...]:
    """The apps whose own files must be read before a phone is green; those first that the listings leave unsure, then
    those that are banned. Of an iPhone, the apps that no ban names by id: who made them is asked for."""
    if platforms.of(check.inventory.phone.platform).by_team:
        return match.without_id(check.findings, check.inventory)
    unsure = dict.fromkeys(match.unsure(check.findings, check.policy))
    banned = {finding.app.package for finding in check.bans}
    apps = {a.package: a for a in check.inventory.apps if any(state.present for state in a.states)}
    first = [apps[package] for package in unsure if package in apps]
    other_apps = [a for a in apps.values() if a.package not in unsure and _must_be_looked_into(a, check.inventory)]
    return (*first, *sorted(other_apps, key=lambda app: app.package not in banned))


def _must_be_looked_into(app: App, inventory: Inventory) -> bool:
    """Whether a listing is not enough to tell what an app is. One that was archived has no file; what it is rests on a
    store of this phone that has both installed it and begun the installation: as its installer alone, any can be named.
    """
    if app.must_be_looked_into:
        return True
    archived = app.signed is None and any(state.archived for state in app.states)
    if not archived or any(state.installed for state in app.states):
        return False
    return not app.initiator or not _is_of_store(app, inventory)


def _is_of_store(app: App, inventory: Inventory) -> bool:
    """Whether a store that came with this phone installed the app and, where the phone tells who did, began the
    installation: over a cable, any can be named as the installer. Before Android 11 no phone tells."""
    store = inventory.app(app.installer) if app.installer in STORES else None
    return store is not None and store.system and app.confirmed and app.initiator in ("", app.installer)


def _with_names(inventory: Inventory, names: Mapping[str, str]) -> Inventory:
    if not any(names.values()):
        return inventory
    apps = tuple(
        replace(app, label=name) if (name := names.get(app.package)) and name != app.label else app
        for app in inventory.apps
    )
    return replace(inventory, apps=apps)


def _of_what_is_listed(app: App, identity: Identity) -> Identity:
    """What was read, as far as it is of the app that the phone lists: a file not signed as the listing
    says is another file, and clears no app."""
    if identity.why is not None or not identity.certificates or not app.signers:
        return identity
    if all(certificate.hash in app.signers for certificate in identity.certificates):
        return identity
    return replace(
        identity, why=T("The file that the phone gave has another signer than the phone’s list of apps says.")
    )


def _suspicions(check: Check) -> list[Gap]:
    """Each app that may be a banned one, with why its file did not tell."""
    gaps: dict[str, Gap] = {}
    for finding in check.suspected:
        identity = check.identities.get(finding.app.package)
        why: Text = (identity.why if identity else None) or T("Its file does not tell whether it is that app.")
        gap_text = T(
            "{app} may be {product} under another name. {why}",
            app=finding.app.label or finding.app.package,
            product=finding.product,
            why=why,
        )
        how = T("Open the app on the phone and see what it is; if it is that app, remove it there.")
        gaps.setdefault(finding.app.package, Gap(gap_text, how, finding.profile.id))
    return list(gaps.values())


def _unread(check: Check, why: Text) -> list[Gap]:
    """The apps that had to be looked into and were not, or not wholly, by reason; but those that are known to be
    banned, or suspected, are told of anyway."""
    reported = {f.app.package for f in check.findings if f.is_ban or f.is_suspect}
    apps = [app for app in to_look_into(check) if app.package not in reported]
    missing = [app for app in apps if app.package not in check.identities]
    reasons: dict[Text, list[App]] = {}
    for app in apps:
        identity = check.identities.get(app.package)
        if identity is not None and identity.why is not None:
            reasons.setdefault(identity.why, []).append(app)
    gaps = [
        Gap(_unread_words(unread_apps[at : at + _NAMED], reason), _HOW_BY_HAND)
        for reason, unread_apps in reasons.items()
        for at in range(0, len(unread_apps), _NAMED)
    ]
    if missing:
        gap_text = N(
            "The file of {count} app of {all} was not looked into. {why}",
            "The files of {count} apps of {all} were not looked into. {why}",
            len(missing),
            all=len(to_look_into(check)),
            why=why,
        )
        if platforms.of(check.inventory.phone.platform).by_team:
            gap_text = makers.not_read(len(missing), len(to_look_into(check)), why)
        gaps.append(Gap(gap_text, _HOW_TO_FINISH))
    return gaps


def _unread_words(apps: Sequence[App], why: Text) -> Text:
    app_names = value_names.listed([app.label or app.package for app in apps])
    return T("Not looked into: {apps}. {why}", apps=app_names, why=why)


def _why(stopped: PhoneProblem | Cancelled) -> Text:
    return stopped.sentence if isinstance(stopped, PhoneProblem) else T("The check was stopped.")


def _lost(stopped: PhoneProblem | Cancelled) -> PhoneProblem | None:
    return stopped if isinstance(stopped, PhoneProblem) else None
