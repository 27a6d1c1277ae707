"""Matching: which of a phone's apps a policy names, and why, in a sentence that can be read aloud."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Final

from core.model import (
    App,
    Evidence,
    EvidenceKind,
    Finding,
    Inventory,
    Policy,
    Profile,
    ProfileKind,
    Rule,
    RuleId,
    Strength,
)
from core.text import Bilingual, T, Text

_ORDER: Final = (Strength.BAN, Strength.RECOMMENDATION, Strength.NOTICE)

_MONTHS: Final = (
    Bilingual("January", "janvier"),
    Bilingual("February", "février"),
    Bilingual("March", "mars"),
    Bilingual("April", "avril"),
    Bilingual("May", "mai"),
    Bilingual("June", "juin"),
    Bilingual("July", "juillet"),
    Bilingual("August", "août"),
    Bilingual("September", "septembre"),
    Bilingual("October", "octobre"),
    Bilingual("November", "novembre"),
    Bilingual("December", "décembre"),
)


def judge(inventory: Inventory, policy: Policy) -> tuple[Finding, ...]:
    """What the policy has to say about a phone: one finding for each rule, app and profile that has the app installed.

    An app is known by its exact package id on the phone's platform and by nothing else; that it is hidden, disabled or
    suspended changes nothing. Bans come first, then recommendations, then notices; within each by product and profile.
    """
    apps: defaultdict[str, list[App]] = defaultdict(list)
    for app in inventory.apps:
        apps[app.package].append(app)
    findings = (
        _finding(policy, rule, identity, app, _profile(inventory, profile))
        for rule in policy.rules
        for identity in rule.ids
        if identity.platform == inventory.phone.platform
        for app in apps.get(identity.id, ())
        for profile in {state.profile for state in app.states if state.installed}
    )
    return tuple(sorted(findings, key=_rank))


def covers(policy: Policy, package: str, platform: str) -> tuple[Rule, RuleId] | None:
    """The rule that names an app, and the id by which it does; None if the policy does not speak of the app."""
    return next(
        (
            (rule, identity)
            for rule in policy.rules
            for identity in rule.ids
            if identity.platform == platform and identity.id == package
        ),
        None,
    )


def long_date(day: date) -> Bilingual:
    """A date as it is written out in each language: 1 March 2023, 1er mars 2023."""
    month = _MONTHS[day.month - 1]
    first = "1er" if day.day == 1 else str(day.day)
    return Bilingual(f"{day.day} {month.en} {day.year}", f"{first} {month.fr} {day.year}")


def _profile(inventory: Inventory, id: int) -> Profile:
    """The profile with that number. One that the phone did not list still has the app: it must not be lost."""
    return inventory.profile(id) or Profile(id, name="", kind=ProfileKind.OTHER, readable=False)


def _finding(policy: Policy, rule: Rule, identity: RuleId, app: App, profile: Profile) -> Finding:
    return Finding(
        rule=rule.id,
        product=identity.product,
        strength=rule.strength,
        app=app,
        profile=profile,
        evidence=(Evidence(EvidenceKind.PACKAGE_ID, identity.id, identity.confidence, identity.source),),
        why=_why(policy, rule, identity),
    )


def _why(policy: Policy, rule: Rule, identity: RuleId) -> Text:
    app, scope, authority = identity.product, policy.scope, rule.authority.name
    since = long_date(rule.effective)
    match rule.strength:
        case Strength.BAN if app == rule.product:
            return T(
                "{app} has been banned on {scope} since {date} by decision of {authority}.",
                app=app,
                scope=scope,
                date=since,
                authority=authority,
            )
        case Strength.BAN:
            return T(
                "{app} ({product}) has been banned on {scope} since {date} by decision of {authority}.",
                app=app,
                product=rule.product,
                scope=scope,
                date=since,
                authority=authority,
            )
        case Strength.RECOMMENDATION:
            return T(
                "{app} is not banned, but since {date} {authority} has recommended restricting its use on {scope}.",
                app=app,
                date=since,
                authority=authority,
                scope=scope,
            )
        case Strength.NOTICE:
            return T(
                "{app} is shown for information and is not counted as banned: {reason}", app=app, reason=rule.reason
            )


def _rank(finding: Finding) -> tuple[int, str, str, int]:
    """By the English name in both languages, so that a record does not depend on who reads it."""
    return _ORDER.index(finding.strength), finding.product.en.casefold(), finding.app.package, finding.profile.id
