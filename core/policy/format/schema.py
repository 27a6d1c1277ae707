"""What a policy file may say: its keys, the form of their values, and what must agree with what.

Strict on purpose: a key that is spelt wrongly and then ignored could let a banned app pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from core.model import RULE_STRENGTHS, SIGNALS, ProfileKind
from core.model.health import IOS_VERSION
from core.policy.format import groups, signs
from core.policy.format.checks import (
    Check,
    FormatFault,
    day,
    fitting,
    is_day,
    one_of,
    path_text,
    prose,
    table,
    tables,
    texts,
    yes_or_no,
)
from core.policy.format.lines import Path
from core.policy.format.tables import ALWAYS, APP_IDS, BLOCKED, TOLD
from core.text import T, plain

#: Days. As long as what is recorded of a person is kept at least: an exception must not outlive its phone's name.
EXCEPTION_LIMIT: Final = 730
#: Days since a patch: ten years. And the API levels that Android will have for as long.
_PATCH_LIMIT: Final = 3_650
_SDK_LIMIT: Final = 60


def faults(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Everything that is wrong with a document as `tomllib` gives it, in no particular order."""
    yield from _POLICY(document, ())
    yield from _repeated(document)
    yield from _unknown_authorities(document)
    yield from _not_yet_in_force(document)
    yield from _out_of_order(document)
    yield from _nothing_to_match(document)
    yield from _not_its_own(document)
    yield from _red_before_amber(document)
    yield from _two_newest(document)
    yield from groups.faults(document)


def _whole(least: int, limit: int) -> Check:
    """A check of a whole number between these."""

    def check(value: object, path: Path) -> Iterator[FormatFault]:
        if type(value) is not int or not least <= value <= limit:
            message = T(
                "“{key}” must be a whole number from {least} to {limit}.", key=path_text(path), least=least, limit=limit
            )
            yield FormatFault(path, message)

    return check


def _not_empty(check: Check, names: str) -> Check:
    """A check of a table that has at least one of its optional keys, which `names` counts up."""

    def with_key(value: object, path: Path) -> Iterator[FormatFault]:
        yield from check(value, path)
        if value == {}:
            yield FormatFault(
                path, T("“{key}” must have at least one of these: {names}.", key=path_text(path), names=names)
            )

    return with_key


def _authorities(value: object, path: Path) -> Iterator[FormatFault]:
    if not isinstance(value, dict) or not value:
        message = T("“{key}” must be one or more groups, each with a name of its own.", key=path_text(path))
        yield FormatFault(path, message)
        return
    for name, authority in value.items():
        yield from _AUTHORITY(authority, (*path, name))


_RULE: Final = table(
    T("a rule"),
    {
        "id": signs.slug,
        "strength": one_of(*RULE_STRENGTHS),
        "effective": day,
        "authority": prose,
        "product": signs.both_languages,
        "reason": signs.both_languages,
    },
    optional={
        "app": tables(signs.app),
        "signer": tables(signs.signer),
        "code": tables(signs.CODE),
        "file": tables(signs.FILE),
        "label": tables(signs.LABEL),
        "team": tables(signs.TEAM),
        "note": signs.both_languages,
        "scope": signs.both_languages,
        "publisher": prose,
        "announced": day,
        "deadline": day,
    },
)

_AUTHORITY: Final = table(
    T("an authority"),
    {
        "name": signs.both_languages,
        "instrument": signs.both_languages,
        "quote": signs.both_languages,
        "official_fr": yes_or_no,
    },
    optional={"url": fitting(signs.URL, T("must be an address that begins with https://."))},
)

# Only what is no gap anyhow can be demanded: a demand lets the officer's word close what it opens, and nothing else.
_ATTESTED: Final = table(
    T("the group for what an officer looked at"),
    {},
    optional={"counts": texts(one_of(*ProfileKind)), "demands": texts(one_of(ProfileKind.HIDDEN_APPS))},
)

_HAND_BACK: Final = table(T("the group for handing back"), {"keep_debugging": yes_or_no})
_REMOVAL: Final = table(T("the group for removing"), {"confirm": one_of(TOLD)})
_RETURN: Final = table(T("the group for apps that come back"), {"demands": one_of(BLOCKED)})
_EVIDENCE: Final = table(
    T("the group for what was there before a removal"), {}, optional={"last_used": yes_or_no, "copies": one_of(ALWAYS)}
)
_signals = texts(one_of(*SIGNALS))
_IOS: Final = table(
    T("[[health.ios]]"),
    {"newest": fitting(IOS_VERSION, T("must be a version of iOS such as 26.1 or 18.7.2.")), "since": day},
    optional={"ended": yes_or_no},
)
_HEALTH: Final = table(
    T("[health]"),
    {},
    optional={
        "patch_amber_days": _whole(1, _PATCH_LIMIT),
        "patch_red_days": _whole(1, _PATCH_LIMIT),
        "min_sdk": _whole(1, _SDK_LIMIT),
        "expected_owner": fitting(APP_IDS["android"], T("is no id that an Android app can have.")),
        "expected_organisation": prose,
        "ios": tables(_IOS),
        "red": _signals,
        "amber": _signals,
        "show": _signals,
    },
)

_POLICY: Final = table(
    T("a policy"),
    {
        "id": signs.slug,
        "version": prose,
        "issued": day,
        "title": signs.both_languages,
        "scope": signs.both_languages,
    },
    optional={
        "authority": _authorities,
        "rule": tables(_RULE),
        "on": signs.slug,
        "off": texts(signs.slug),
        "attested": _not_empty(_ATTESTED, "counts, demands"),
        "hand_back": _HAND_BACK,
        "removal": _REMOVAL,
        "return": _RETURN,
        "evidence": _not_empty(_EVIDENCE, "last_used, copies"),
        "exception_days": _whole(0, EXCEPTION_LIMIT),
        "health": _HEALTH,
        "container": tables(groups.container),
        "web": tables(groups.WEB),
    },
)


def _repeated(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find rule ids that are used twice, and apps that stand in the file twice."""
    rules: set[str] = set()
    for number, rule in groups.of(document, "rule"):
        name = rule.get("id")
        if isinstance(name, str):
            if name in rules:
                message = T("the rule id “{id}” is used more than once.", id=plain(name))
                yield FormatFault(("rule", number, "id"), message)
            rules.add(name)
    yield from groups.apps_used_twice(
        document,
        "rule",
        lambda id, platform, rule: T(
            "the app “{id}” ({platform}) is already in the rule “{rule}”.", id=id, platform=platform, rule=rule
        ),
    )


def _unknown_authorities(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    authorities = document.get("authority", {})
    for number, rule in groups.of(document, "rule"):
        name = rule.get("authority")
        if isinstance(name, str) and isinstance(authorities, dict) and name not in authorities:
            message = T("there is no authority named “{name}” in this file.", name=plain(name))
            yield FormatFault(("rule", number, "authority"), message)


def _not_yet_in_force(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find rules that take effect after the policy is issued: matching has no clock, and would judge by them now."""
    issued = document.get("issued")
    for number, rule in groups.of(document, "rule"):
        effective = rule.get("effective")
        if is_day(issued) and is_day(effective) and effective > issued:
            message = T(
                "the rule takes effect on {effective}, after the policy was issued on {issued}.",
                effective=effective.isoformat(),
                issued=issued.isoformat(),
            )
            yield FormatFault(("rule", number, "effective"), message)


def _out_of_order(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find days in another order than a decision has them: announced, in effect, carried out."""
    order = ("announced", "effective", "deadline")
    for number, rule in groups.of(document, "rule"):
        days = [(key, rule[key]) for key in order if is_day(rule.get(key))]
        for (earlier, first), (later, second) in pairwise(days):
            if second < first:
                message = T(
                    "“{later}” ({second}) must not be before “{earlier}” ({first}).",
                    later=later,
                    second=second.isoformat(),
                    earlier=earlier,
                    first=first.isoformat(),
                )
                yield FormatFault(("rule", number, later), message)


def _nothing_to_match(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find rules by which nothing could ever be found, and a policy that says nothing."""
    if not any(document.get(key) for key in ("rule", "off", "container", "web")):
        yield FormatFault((), T("a policy must have at least one rule."))
    for number, rule in groups.of(document, "rule"):
        if not any(key in rule for key in ("app", "signer", "code", "team")):
            message = T("a rule must name at least one app, signer, code prefix or team.")
            yield FormatFault(("rule", number), message)


def _not_its_own(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find signers that sign an app which is not of their rule: they are compared with its own apps alone."""
    for r, rule in groups.of(document, "rule"):
        own = {app.get("id") for _, app in groups.of(rule, "app") if app.get("platform") == "android"}
        for s, signer in groups.of(rule, "signer"):
            signs = signer.get("signs")
            if not isinstance(signs, list):
                continue
            for id in signs:
                if isinstance(id, str) and id not in own:
                    message = T("the signer signs “{id}”, which is no Android app of this rule.", id=plain(id))
                    yield FormatFault(("rule", r, "signer", s, "signs"), message)


def _red_before_amber(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find a patch age that makes a phone red before it makes it amber."""
    health = document.get("health")
    days = [health.get(f"patch_{light}_days") for light in ("amber", "red")] if isinstance(health, dict) else []
    limits = [day for day in days if type(day) is int]
    if len(limits) == 2 and limits[0] > limits[1]:
        message = T(
            "“patch_red_days” ({red}) must not be less than “patch_amber_days” ({amber}).",
            red=limits[1],
            amber=limits[0],
        )
        yield FormatFault(("health", "patch_red_days"), message)


def _two_newest(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find major versions of iOS that have two newest releases."""
    health = document.get("health")
    majors = set[str]()
    for number, release in groups.of(health, "ios") if isinstance(health, dict) else ():
        newest = release.get("newest")
        if not isinstance(newest, str) or not IOS_VERSION.fullmatch(newest):
            continue
        major = newest.partition(".")[0]
        if major in majors:
            message = T("there is already a newest release of iOS {major} in this file.", major=major)
            yield FormatFault(("health", "ios", number, "newest"), message)
        majors.add(major)
