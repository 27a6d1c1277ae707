"""Read a phone and judge it: phone + policy -> Check. Records nothing and changes nothing.

What the phone's listing leaves unsure (an app under another name whose signer or screens look like a banned app's, or
one that bears a banned name and another's signature) is looked into at once, in the app's own file. What cannot be made
sure stays a suspicion, and that is amber.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.model import App, Check, Finding, Gap, Identity, Inventory, Policy
from core.phones import Driver
from core.policy import match
from core.policy.index import index
from core.text import N, T, Text

#: Apps whose files are looked into for one verdict. A phone with more suspects than this is amber or red anyway.
UNSURE_LIMIT: Final = 50
#: Apps whose files are looked into afterwards.
NAMES_LIMIT: Final = 2_000

#: What apps are called on the screen, by package, as far as it is known without asking the phone.
Names = Callable[[Sequence[App]], Mapping[str, str]]


def nobody_knows(apps: Sequence[App]) -> Mapping[str, str]:
    """No names."""
    return {}


def check(
    driver: Driver,
    policy: Policy,
    report: Report,
    cancel: Cancel,
    glimpse: Callable[[Inventory, tuple[Finding, ...]], None] | None = None,
    names: Names = nobody_knows,
    found_before: Collection[str] = (),
) -> Check:
    """Everything that `driver` can see, judged against `policy`.

    `found_before` are packages that a closer look had found to be banned: the listing alone would not show them again.
    `glimpse` is called early with what a quick look found: a red there is final, an empty one says nothing yet.
    Raises PhoneProblem, Cancelled.
    """
    started, clock = datetime.now(UTC), time.monotonic()

    def first_look(inventory: Inventory) -> None:
        if glimpse is not None:
            glimpse(inventory, match.judge(inventory, policy))

    inventory = driver.read(report, cancel, first_look)
    inventory = _named(inventory, names(inventory.apps))
    report(Progress(T("Comparing with the policy"), 0.96))
    findings = match.judge(inventory, policy)
    identities: dict[str, Identity] = {}
    again = [a.package for a in inventory.apps if a.package in found_before and _somebody_s(a)]
    unsure = _apps(inventory, dict.fromkeys((*again, *match.unsure(findings, policy))))[:UNSURE_LIMIT]
    if unsure:
        report(Progress(T("Looking closer at what is not sure"), 0.98))
        identities = _of_what_is_listed(unsure, driver.identify(unsure, _quiet, cancel))
        inventory, findings = _judged(inventory, policy, identities)
    known = {finding.app.package for finding in findings}
    gaps = tuple(_lost(package) for package in again if package not in known and _is_unread(identities.get(package)))
    inventory = replace(inventory, gaps=(*inventory.gaps, *gaps))
    return _unsure(
        Check(inventory, policy, findings, started, datetime.now(UTC), time.monotonic() - clock, identities=identities)
    )


def to_look_into(check: Check) -> tuple[App, ...]:
    """The apps that somebody installed and whose files were not looked into: also those whose name another phone gave,
    because a copy can bear any name and version."""
    return tuple(app for app in check.inventory.apps if _somebody_s(app) and app.package not in check.identities)[
        :NAMES_LIMIT
    ]


def needs_certificates(check: Check) -> bool:
    """Whether the policy knows some certificates by digests alone, which no listing shows: only a closer look does."""
    return index(check.policy, check.inventory.phone.platform).needs_certificates


def look_closer(
    check: Check,
    driver: Driver,
    report: Report,
    cancel: Cancel,
    told: Callable[[Identity], None] | None = None,
) -> Check:
    """`check` with what the files of the apps say that somebody installed: what they are called, and who signed them.

    The findings may be others then. Raises PhoneProblem, Cancelled.
    """
    apps = to_look_into(check)
    if not apps:
        return check
    read = _of_what_is_listed(apps, driver.identify(apps, report, cancel, told))
    identities = {**check.identities, **read}
    inventory, findings = _judged(check.inventory, check.policy, identities)
    return _unsure(replace(check, inventory=inventory, findings=findings, identities=identities))


def _judged(
    inventory: Inventory, policy: Policy, identities: Mapping[str, Identity]
) -> tuple[Inventory, tuple[Finding, ...]]:
    """The phone with what its apps' files say, and what the policy says to that."""
    known = _named(inventory, {package: identity.label for package, identity in identities.items()})
    return known, match.judge(known, policy, identities)


def _named(inventory: Inventory, names: Mapping[str, str]) -> Inventory:
    if not any(names.values()):
        return inventory
    apps = tuple(
        replace(app, label=name) if (name := names.get(app.package)) and name != app.label else app
        for app in inventory.apps
    )
    return replace(inventory, apps=apps)


def _apps(inventory: Inventory, packages: Iterable[str]) -> list[App]:
    by_package = {app.package: app for app in inventory.apps}
    return [by_package[package] for package in packages]


def _somebody_s(app: App) -> bool:
    """Whether somebody installed it, and it is there."""
    return not app.system and any(state.installed for state in app.states)


def _of_what_is_listed(apps: Iterable[App], read: Mapping[str, Identity]) -> dict[str, Identity]:
    """What was read, as far as it is of the apps that the phone lists: a file signed by somebody else than the listing
    says is another file, and acquits nobody."""
    found = dict(read)
    for app in apps:
        identity = found.get(app.package)
        if identity is None or identity.why is not None or not identity.certificates or not app.signers:
            continue
        if not any(certificate.hash in app.signers for certificate in identity.certificates):
            why = T("The file that the phone gave is not signed by whom its list of apps says.")
            found[app.package] = replace(identity, why=why)
    return found


def _unsure(check: Check) -> Check:
    """`check` with what is still not sure: each suspect with why its file did not tell, and apps of which nobody knows
    the certificate although the policy asks for it."""
    found: dict[str, Gap] = {}
    for finding in check.findings:
        if finding.is_suspect and len(found) < UNSURE_LIMIT:
            identity = check.identities.get(finding.app.package)
            why: Text = (identity.why if identity else None) or T("Its file does not tell whether it is that app.")
            what = T(
                "{app} may be {product} under another name. {why}",
                app=finding.app.label or finding.app.package,
                product=finding.product,
                why=why,
            )
            how = T("Open the app on the phone and see what it is; if it is that app, remove it there.")
            found.setdefault(finding.app.package, Gap(what, how, finding.profile.id))
    gaps = list(found.values())
    if needs_certificates(check):
        unread = sum(_somebody_s(app) and not _is_compared(app, check) for app in check.inventory.apps)
        if unread:
            gaps.append(
                Gap(
                    N(
                        "The certificate of {count} app was not compared.",
                        "The certificates of {count} apps were not compared.",
                        unread,
                    ),
                    T("Let the names of the apps be read (fanion check --names); their certificates come with them."),
                )
            )
    return replace(check, unsure=tuple(gaps))


def _is_unread(identity: Identity | None) -> bool:
    return identity is None or identity.why is not None


def _lost(package: str) -> Gap:
    """An app that was found to be banned is there, and its file cannot be read any more."""
    return Gap(
        T("{app} was found to be a banned app before, and its file could not be read again.", app=package),
        T("Open the app on the phone and see what it is; if it is that app, remove it there."),
    )


def _is_compared(app: App, check: Check) -> bool:
    """Whether the whole certificate of an app is known, or a rule names it anyway."""
    identity = check.identities.get(app.package)
    read = identity is not None and identity.why is None
    return bool(app.certificates) or read or any(f.app.package == app.package and f.is_ban for f in check.findings)


def _quiet(progress: Progress) -> None:
    """A few apps take no time worth telling."""
