"""What a policy file may say: its keys, the form of their values, and what must agree with what.

Strict on purpose: a key that is spelt wrongly and then ignored could let a banned app pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from core.model import RULE_STRENGTHS, SIGNALS, ProfileKind
from core.policy.format.checks import (
    Check,
    Fault,
    day,
    fitting,
    is_day,
    one_of,
    prose,
    shown,
    table,
    tables,
    texts,
    yes_or_no,
)
from core.policy.format.lines import Path
from core.policy.format.tables import APP_IDS, CONFIDENCES, DIGESTS, PLATFORMS, is_app_id
from core.text import T, plain

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: As Android prints it: Integer.toHexString, so without zeros in front.
_HASH: Final = re.compile(r"0|[1-9a-f][0-9a-f]{0,7}")
# At least two parts: a prefix of one, such as "com.", would match apps of any maker.
_CLASSES: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z_$][A-Za-z0-9_$]*){2,}\.?")
_TEAM: Final = re.compile(r"[A-Z0-9]{10}")
_TEAM_PREFIX: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.")
#: Days. As long as what is recorded of a person is kept at least: an exception must not outlive its phone's name.
EXCEPTION_LIMIT: Final = 730
#: Days since a patch: ten years. And the API levels that Android will have for as long.
_PATCH_LIMIT: Final = 3_650
_SDK_LIMIT: Final = 60
#: As an iPhone gives its ProductVersion: two parts, or three of which the last is not 0.
IOS_VERSION: Final = re.compile(r"[1-9][0-9]?\.(?:0|[1-9][0-9]?)(?:\.[1-9][0-9]?)?")
_URL: Final = re.compile(r"https://[!-~]+")


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
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


def _whole(least: int, most: int) -> Check:
    """A check of a whole number between these."""

    def check(value: object, path: Path) -> Iterator[Fault]:
        if type(value) is not int or not least <= value <= most:
            message = T(
                "“{key}” must be a whole number from {least} to {limit}.", key=shown(path), least=least, limit=most
            )
            yield Fault(path, message)

    return check


def _both_languages(value: object, path: Path) -> Iterator[Fault]:
    if isinstance(value, str):
        message = T("“{key}” must be given in two languages, as “{key}.en” and “{key}.fr”.", key=shown(path))
        yield Fault(path, message)
    else:
        yield from _TEXT(value, path)


def _app(value: object, path: Path) -> Iterator[Fault]:
    yield from _APP(value, path)
    if not isinstance(value, dict):
        return
    platform, id = value.get("platform"), value.get("id")
    if not isinstance(platform, str) or not isinstance(id, str) or platform not in APP_IDS:
        return
    if not is_app_id(id, platform):
        message = T("“{id}” is not an id that an app can have on {platform}.", id=plain(id), platform=platform)
        yield Fault((*path, "id"), message)


def _text_of_any_form(value: object, path: Path) -> Iterator[Fault]:
    """The form of an app's id depends on its platform, which :func:`_app` looks at."""
    if not isinstance(value, str):
        yield from prose(value, path)


def _signer(value: object, path: Path) -> Iterator[Fault]:
    yield from _SIGNER(value, path)
    if isinstance(value, dict) and not any(name in value for name in (*DIGESTS, "hash")):
        names = ", ".join((*DIGESTS, "hash"))
        yield Fault(path, T("a signer must have at least one of these: {names}.", names=names))


def _attested(value: object, path: Path) -> Iterator[Fault]:
    yield from _ATTESTED(value, path)
    if value == {}:
        message = T("“{key}” must have at least one of these: {names}.", key=shown(path), names="counts, demands")
        yield Fault(path, message)


def _authorities(value: object, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict) or not value:
        message = T("“{key}” must be one or more groups, each with a name of its own.", key=shown(path))
        yield Fault(path, message)
        return
    for name, authority in value.items():
        yield from _AUTHORITY(authority, (*path, name))


_slug = fitting(_SLUG, T("may have only small letters, digits, and single hyphens between them."))

#: What every sign of an app has.
_SUPPORT: Final = {"confidence": one_of(*CONFIDENCES), "source": prose}
_TEXT: Final = table(T("a text in two languages"), {"en": prose, "fr": prose})

_APP: Final = table(
    T("an app"),
    {
        "platform": one_of(*PLATFORMS),
        "id": _text_of_any_form,
        "product": _both_languages,
        **_SUPPORT,
    },
    optional={"store": fitting(_URL, T("must be an address that begins with https://."))},
)

_SIGNER: Final = table(
    T("a signer"),
    {"signs": texts(_text_of_any_form), **_SUPPORT},
    optional={
        **{
            name: fitting(
                re.compile(rf"[0-9a-f]{{{digits}}}"),
                T("must have {digits} hexadecimal digits in small letters, and nothing between them.", digits=digits),
            )
            for name, digits in DIGESTS.items()
        },
        "shared": yes_or_no,
        "hash": fitting(_HASH, T("must be the short code that Android prints: at most 8 hexadecimal digits.")),
    },
)

_CODE: Final = table(
    T("a code prefix"),
    {
        "prefix": fitting(
            _CLASSES, T("must be a class, or a package of at least three parts with a full stop behind it.")
        ),
        **_SUPPORT,
    },
    optional={"also_in": texts(fitting(APP_IDS["android"], T("is no id that an Android app can have.")))},
)

_LABEL: Final = table(T("a label"), {"text": prose, "source": prose})

_TEAM_TABLE: Final = table(
    T("a team"),
    {
        "id": fitting(_TEAM, T("must be an Apple team id: 10 capital letters and digits.")),
        "prefix": fitting(_TEAM_PREFIX, T("must be the beginning of a bundle id, with a full stop behind it.")),
        **_SUPPORT,
    },
)

_RULE: Final = table(
    T("a rule"),
    {
        "id": _slug,
        "strength": one_of(*RULE_STRENGTHS),
        "effective": day,
        "authority": prose,
        "product": _both_languages,
        "reason": _both_languages,
    },
    optional={
        "app": tables(_app),
        "signer": tables(_signer),
        "code": tables(_CODE),
        "label": tables(_LABEL),
        "team": tables(_TEAM_TABLE),
        "note": _both_languages,
        "scope": _both_languages,
        "publisher": prose,
        "announced": day,
        "deadline": day,
    },
)

_AUTHORITY: Final = table(
    T("an authority"),
    {"name": _both_languages, "instrument": _both_languages, "quote": _both_languages, "official_fr": yes_or_no},
    optional={"url": fitting(_URL, T("must be an address that begins with https://."))},
)

# Only what is no gap anyhow can be demanded: a demand lets the officer's word close what it opens, and nothing else.
_ATTESTED: Final = table(
    T("the group for what an officer looked at"),
    {},
    optional={"counts": texts(one_of(*ProfileKind)), "demands": texts(one_of(ProfileKind.HIDDEN_APPS))},
)

_HAND_BACK: Final = table(T("the group for handing back"), {"keep_debugging": yes_or_no})
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
        "id": _slug,
        "version": prose,
        "issued": day,
        "title": _both_languages,
        "scope": _both_languages,
    },
    optional={
        "authority": _authorities,
        "rule": tables(_RULE),
        "on": _slug,
        "off": texts(_slug),
        "attested": _attested,
        "hand_back": _HAND_BACK,
        "exception_days": _whole(0, EXCEPTION_LIMIT),
        "health": _HEALTH,
    },
)


def _groups(table: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables of a list with their numbers, passing over what is none: that is a fault of its own."""
    value = table.get(key)
    if isinstance(value, list):
        yield from ((number, inner) for number, inner in enumerate(value) if isinstance(inner, dict))


def _repeated(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Rule ids that are used twice, and apps that stand in the file twice."""
    rules: set[str] = set()
    apps: dict[tuple[str, str], str] = {}
    for r, rule in _groups(document, "rule"):
        name = rule.get("id")
        if isinstance(name, str):
            if name in rules:
                yield Fault(("rule", r, "id"), T("the rule id “{id}” is used more than once.", id=plain(name)))
            rules.add(name)
        for a, app in _groups(rule, "app"):
            platform, id = app.get("platform"), app.get("id")
            if not isinstance(platform, str) or not isinstance(id, str):
                continue
            if (platform, id) in apps:
                message = T(
                    "the app “{id}” ({platform}) is already in the rule “{rule}”.",
                    id=plain(id),
                    platform=plain(platform),
                    rule=apps[platform, id],
                )
                yield Fault(("rule", r, "app", a, "id"), message)
            else:
                apps[platform, id] = plain(name) if isinstance(name, str) else "?"


def _unknown_authorities(document: Mapping[str, Any]) -> Iterator[Fault]:
    known = document.get("authority", {})
    for number, rule in _groups(document, "rule"):
        name = rule.get("authority")
        if isinstance(name, str) and isinstance(known, dict) and name not in known:
            message = T("there is no authority named “{name}” in this file.", name=plain(name))
            yield Fault(("rule", number, "authority"), message)


def _not_yet_in_force(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Matching has no clock: a rule of the future would make phones red before its day."""
    issued = document.get("issued")
    for number, rule in _groups(document, "rule"):
        effective = rule.get("effective")
        if is_day(issued) and is_day(effective) and effective > issued:
            message = T(
                "the rule takes effect on {effective}, after the policy was issued on {issued}.",
                effective=effective.isoformat(),
                issued=issued.isoformat(),
            )
            yield Fault(("rule", number, "effective"), message)


def _out_of_order(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A decision is announced, takes effect, and has to be carried out, in this order."""
    order = ("announced", "effective", "deadline")
    for number, rule in _groups(document, "rule"):
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
                yield Fault(("rule", number, later), message)


def _nothing_to_match(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Rules by which nothing could ever be found, and a policy that says nothing."""
    if not document.get("rule") and not document.get("off"):
        yield Fault((), T("a policy must have at least one rule."))
    for number, rule in _groups(document, "rule"):
        if not any(key in rule for key in ("app", "signer", "code", "team")):
            message = T("a rule must name at least one app, signer, code prefix or team.")
            yield Fault(("rule", number), message)


def _not_its_own(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A signer is compared with the apps that it signs: these must be the rule's own."""
    for r, rule in _groups(document, "rule"):
        own = {app.get("id") for _, app in _groups(rule, "app") if app.get("platform") == "android"}
        for s, signer in _groups(rule, "signer"):
            signs = signer.get("signs")
            if not isinstance(signs, list):
                continue
            for id in signs:
                if isinstance(id, str) and id not in own:
                    message = T("the signer signs “{id}”, which is no Android app of this rule.", id=plain(id))
                    yield Fault(("rule", r, "signer", s, "signs"), message)


def _red_before_amber(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A patch that grows old is amber first, then red."""
    health = document.get("health")
    days = [health.get(f"patch_{light}_days") for light in ("amber", "red")] if isinstance(health, dict) else []
    given = [day for day in days if type(day) is int]
    if len(given) == 2 and given[0] > given[1]:
        message = T(
            "“patch_red_days” ({red}) must not be less than “patch_amber_days” ({amber}).", red=given[1], amber=given[0]
        )
        yield Fault(("health", "patch_red_days"), message)


def _two_newest(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Each major version of iOS has one newest release."""
    health = document.get("health")
    majors = set[str]()
    for number, release in _groups(health, "ios") if isinstance(health, dict) else ():
        newest = release.get("newest")
        if not isinstance(newest, str) or not IOS_VERSION.fullmatch(newest):
            continue
        major = newest.partition(".")[0]
        if major in majors:
            message = T("there is already a newest release of iOS {major} in this file.", major=major)
            yield Fault(("health", "ios", number, "newest"), message)
        majors.add(major)
