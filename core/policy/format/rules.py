"""From the keys and values of a policy file to a :class:`core.model.Policy`: what is allowed, and how it is understood.

:func:`faults` finds everything that is wrong, :func:`build` trusts a document in which it found nothing. Strict on
purpose: a key that is spelt wrongly and then ignored could let a banned app pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final, TypeGuard

from core.model import Authority, Code, Label, Policy, Rule, RuleId, Signer, Strength, Team, Trust
from core.policy.format.lines import Path
from core.text import Bilingual, T, Text, plain

#: For how many days an exception may be granted where the policy does not say.
EXCEPTION_DAYS: Final = 365
PLATFORMS: Final = ("android", "ios")
#: How well an id is supported: seen in several public sources that do not copy each other, or in one.
CONFIDENCES: Final = ("several sources", "one source")

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Android: what PackageManager accepts. Apple: letters, digits, hyphens and full stops (CFBundleIdentifier), and the
# underscore, which real apps have. Neither may have an empty part, and no app that one installs has one part alone.
_APP_ID: Final = {
    "android": re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+"),
    "ios": re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+"),
}
_APP_ID_LIMIT: Final = 223
#: The digests of a certificate, by the number of hexadecimal digits that each has.
DIGESTS: Final = {"sha256": 64, "sha1": 40, "md5": 32}
#: As Android prints it: Integer.toHexString, so without zeros in front.
_HASH: Final = re.compile(r"0|[1-9a-f][0-9a-f]{0,7}")
# At least two parts: a prefix of one, such as "com.", would be anybody's.
_CLASSES: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z_$][A-Za-z0-9_$]*){2,}\.?")
_TEAM: Final = re.compile(r"[A-Z0-9]{10}")
_TEAM_PREFIX: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.")
#: Days. As long as what is recorded of a person is kept at least: an exception must not outlive its phone's name.
EXCEPTION_LIMIT: Final = 730
_URL: Final = re.compile(r"https://[!-~]+")
# Not \s: a no-break space, which French has before a colon, is to stay.
_BREAKS: Final = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document: where, and what, in one sentence."""

    path: Path
    what: Text


_Check = Callable[[object, Path], Iterator[Fault]]


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with a document as `tomllib` gives it, in no particular order."""
    yield from _POLICY(document, ())
    yield from _repeated(document)
    yield from _unknown_authorities(document)
    yield from _not_yet_in_force(document)
    yield from _out_of_order(document)
    yield from _nothing_to_match(document)
    yield from _not_its_own(document)


def build(document: Mapping[str, Any], sha256: str, source: str, trust: Trust = Trust.UNSIGNED) -> Policy:
    """The policy that a document without faults describes."""
    authorities = {name: _authority(table) for name, table in document.get("authority", {}).items()}
    return Policy(
        id=document["id"],
        version=_folded(document["version"]),
        issued=document["issued"],
        title=_bilingual(document["title"]),
        scope=_bilingual(document["scope"]),
        rules=tuple(_rule(table, authorities) for table in document.get("rule", ())),
        sha256=sha256,
        source=source,
        trust=trust,
        on=document.get("on", ""),
        off=tuple(document.get("off", ())),
        exception_days=document.get("exception_days", EXCEPTION_DAYS),
    )


def _rule(table: Mapping[str, Any], authorities: Mapping[str, Authority]) -> Rule:
    return Rule(
        id=table["id"],
        product=_bilingual(table["product"]),
        strength=Strength(table["strength"]),
        effective=table["effective"],
        reason=_bilingual(table["reason"]),
        authority=authorities[table["authority"]],
        ids=tuple(
            RuleId(
                app["platform"],
                app["id"],
                _bilingual(app["product"]),
                app["confidence"],
                _folded(app["source"]),
                app.get("store", ""),
            )
            for app in table.get("app", ())
        ),
        note=_bilingual(table["note"]) if "note" in table else None,
        signers=tuple(
            Signer(
                tuple(signer["signs"]),
                signer["confidence"],
                _folded(signer["source"]),
                shared=signer.get("shared", False),
                **{name: signer[name] for name in (*DIGESTS, "hash") if name in signer},
            )
            for signer in table.get("signer", ())
        ),
        code=tuple(
            Code(c["prefix"], c["confidence"], _folded(c["source"]), tuple(c.get("also_in", ())))
            for c in table.get("code", ())
        ),
        labels=tuple(Label(_folded(label["text"]), _folded(label["source"])) for label in table.get("label", ())),
        teams=tuple(
            Team(team["id"], team["prefix"], team["confidence"], _folded(team["source"]))
            for team in table.get("team", ())
        ),
        publisher=_folded(table.get("publisher", "")),
        scope=_bilingual(table["scope"]) if "scope" in table else None,
        announced=table.get("announced"),
        deadline=table.get("deadline"),
    )


def _authority(table: Mapping[str, Any]) -> Authority:
    return Authority(
        name=_bilingual(table["name"]),
        instrument=_bilingual(table["instrument"]),
        quote=_bilingual(table["quote"]),
        official_fr=table["official_fr"],
        url=table.get("url", ""),
    )


def _bilingual(table: Mapping[str, str]) -> Bilingual:
    return Bilingual(_folded(table["en"]), _folded(table["fr"]))


def _folded(text: str) -> str:
    """A text without the line breaks that its writer needed to keep it readable in the file."""
    return _BREAKS.sub(" ", text).strip()


def _shown(path: Path) -> str:
    """A path as its reader wrote it: the keys from the last list on, joined by full stops."""
    keys: list[str] = []
    for part in reversed(path):
        if isinstance(part, str):
            keys.append(plain(part, 60))
        elif keys:
            break
    return ".".join(reversed(keys))


def _prose(value: object, path: Path) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(path, T("“{key}” must be text in quotation marks.", key=_shown(path)))
        return
    text = _folded(value)
    if not text:
        yield Fault(path, T("“{key}” is empty.", key=_shown(path)))
    elif "\N{REPLACEMENT CHARACTER}" in plain(text, len(text)):
        yield Fault(path, T("“{key}” holds a character that cannot be shown.", key=_shown(path)))


def _fitting(pattern: re.Pattern[str], what: Text) -> _Check:
    """A check that a value is a text of one form; `what` says which."""

    def check(value: object, path: Path) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield from _prose(value, path)
        elif not pattern.fullmatch(value):
            yield Fault(path, T("“{key}” is “{value}”, but {what}", key=_shown(path), value=plain(value), what=what))

    return check


def _one_of(*choices: str) -> _Check:
    def check(value: object, path: Path) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield from _prose(value, path)
        elif value not in choices:
            yield Fault(
                path,
                T(
                    "“{key}” is “{value}”, but must be one of: {choices}.",
                    key=_shown(path),
                    value=plain(value),
                    choices=", ".join(choices),
                ),
            )

    return check


def _day(value: object, path: Path) -> Iterator[Fault]:
    if not _is_day(value):
        message = T("“{key}” must be a date such as 2023-10-30, without quotation marks.", key=_shown(path))
        yield Fault(path, message)


def _yes_or_no(value: object, path: Path) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield Fault(path, T("“{key}” must be true or false, without quotation marks.", key=_shown(path)))


def _table(place: Text, required: Mapping[str, _Check], optional: Mapping[str, _Check] | None = None) -> _Check:
    """A check of a table with these keys and no other; `place` is what a person calls such a table."""
    known = {**required, **(optional or {})}

    def check(value: object, path: Path) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, T("“{key}” must be a group of keys, not a single value.", key=_shown(path)))
            return
        missing = [key for key in required if key not in value]
        absent = [key for key in known if key not in value]
        for key, inner in value.items():
            here = (*path, key)
            if key in known:
                yield from known[key](inner, here)
            elif meant := get_close_matches(key, absent, n=1):
                absent.remove(meant[0])
                missing = [key for key in missing if key != meant[0]]
                yield Fault(
                    here,
                    T(
                        "“{key}” is not a key that {place} can have; perhaps “{meant}” is meant.",
                        key=_shown(here),
                        place=place,
                        meant=meant[0],
                    ),
                )
            else:
                yield Fault(here, T("“{key}” is not a key that {place} can have.", key=_shown(here), place=place))
        for key in missing:
            yield Fault((*path, key), T("“{key}” is missing.", key=_shown((*path, key))))

    return check


def _tables(item: _Check) -> _Check:
    """A check of one or more tables, each under its own heading."""

    def check(value: object, path: Path) -> Iterator[Fault]:
        if not isinstance(value, list) or not value:
            message = T(
                "“{key}” must be one or more groups, each under a heading in double square brackets.", key=_shown(path)
            )
            yield Fault(path, message)
            return
        for number, inner in enumerate(value):
            yield from item(inner, (*path, number))

    return check


def _texts(item: _Check) -> _Check:
    """A check of a list of texts."""

    def check(value: object, path: Path) -> Iterator[Fault]:
        if not isinstance(value, list) or not all(isinstance(inner, str) for inner in value):
            message = T("“{key}” must be a list of texts in square brackets.", key=_shown(path))
            yield Fault(path, message)
            return
        for inner in value:
            yield from item(inner, path)

    return check


def _days(value: object, path: Path) -> Iterator[Fault]:
    if type(value) is not int or not 0 <= value <= EXCEPTION_LIMIT:
        message = T("“{key}” must be a whole number from 0 to {limit}.", key=_shown(path), limit=EXCEPTION_LIMIT)
        yield Fault(path, message)


def _both_languages(value: object, path: Path) -> Iterator[Fault]:
    if isinstance(value, str):
        message = T("“{key}” must be given in two languages, as “{key}.en” and “{key}.fr”.", key=_shown(path))
        yield Fault(path, message)
    else:
        yield from _TEXT(value, path)


def is_app_id(text: str, platform: str) -> bool:
    """Whether an app can have this id on a platform."""
    return len(text) <= _APP_ID_LIMIT and _APP_ID[platform].fullmatch(text) is not None


def _app(value: object, path: Path) -> Iterator[Fault]:
    yield from _APP(value, path)
    if not isinstance(value, dict):
        return
    platform, id = value.get("platform"), value.get("id")
    if not isinstance(platform, str) or not isinstance(id, str) or platform not in _APP_ID:
        return
    if not is_app_id(id, platform):
        message = T("“{id}” is not an id that an app can have on {platform}.", id=plain(id), platform=platform)
        yield Fault((*path, "id"), message)


def _text_of_any_form(value: object, path: Path) -> Iterator[Fault]:
    """The form of an app's id depends on its platform, which :func:`_app` looks at."""
    if not isinstance(value, str):
        yield from _prose(value, path)


def _signer(value: object, path: Path) -> Iterator[Fault]:
    yield from _SIGNER(value, path)
    if isinstance(value, dict) and not any(name in value for name in (*DIGESTS, "hash")):
        names = ", ".join((*DIGESTS, "hash"))
        yield Fault(path, T("a signer must have at least one of these: {names}.", names=names))


def _authorities(value: object, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict) or not value:
        message = T("“{key}” must be one or more groups, each with a name of its own.", key=_shown(path))
        yield Fault(path, message)
        return
    for name, table in value.items():
        yield from _AUTHORITY(table, (*path, name))


_slug = _fitting(_SLUG, T("may have only small letters, digits, and single hyphens between them."))

_TEXT: Final = _table(T("a text in two languages"), {"en": _prose, "fr": _prose})

_APP: Final = _table(
    T("an app"),
    {
        "platform": _one_of(*PLATFORMS),
        "id": _text_of_any_form,
        "product": _both_languages,
        "confidence": _one_of(*CONFIDENCES),
        "source": _prose,
    },
    optional={"store": _fitting(_URL, T("must be an address that begins with https://."))},
)

_SIGNER: Final = _table(
    T("a signer"),
    {"signs": _texts(_text_of_any_form), "confidence": _one_of(*CONFIDENCES), "source": _prose},
    optional={
        **{
            name: _fitting(
                re.compile(rf"[0-9a-f]{{{digits}}}"),
                T("must have {digits} hexadecimal digits in small letters, and nothing between them.", digits=digits),
            )
            for name, digits in DIGESTS.items()
        },
        "shared": _yes_or_no,
        "hash": _fitting(_HASH, T("must be the hash that Android prints: at most 8 hexadecimal digits.")),
    },
)

_CODE: Final = _table(
    T("a code prefix"),
    {
        "prefix": _fitting(
            _CLASSES, T("must be a class, or a package of at least three parts with a full stop behind it.")
        ),
        "confidence": _one_of(*CONFIDENCES),
        "source": _prose,
    },
    optional={"also_in": _texts(_fitting(_APP_ID["android"], T("is no id that an Android app can have.")))},
)

_LABEL: Final = _table(T("a label"), {"text": _prose, "source": _prose})

_TEAM_TABLE: Final = _table(
    T("a team"),
    {
        "id": _fitting(_TEAM, T("must be an Apple team id: 10 capital letters and digits.")),
        "prefix": _fitting(_TEAM_PREFIX, T("must be the beginning of a bundle id, with a full stop behind it.")),
        "confidence": _one_of(*CONFIDENCES),
        "source": _prose,
    },
)

_RULE: Final = _table(
    T("a rule"),
    {
        "id": _slug,
        "strength": _one_of(*Strength),
        "effective": _day,
        "authority": _prose,
        "product": _both_languages,
        "reason": _both_languages,
    },
    optional={
        "app": _tables(_app),
        "signer": _tables(_signer),
        "code": _tables(_CODE),
        "label": _tables(_LABEL),
        "team": _tables(_TEAM_TABLE),
        "note": _both_languages,
        "scope": _both_languages,
        "publisher": _prose,
        "announced": _day,
        "deadline": _day,
    },
)

_AUTHORITY: Final = _table(
    T("an authority"),
    {"name": _both_languages, "instrument": _both_languages, "quote": _both_languages, "official_fr": _yes_or_no},
    optional={"url": _fitting(_URL, T("must be an address that begins with https://."))},
)

_POLICY: Final = _table(
    T("a policy"),
    {
        "id": _slug,
        "version": _prose,
        "issued": _day,
        "title": _both_languages,
        "scope": _both_languages,
    },
    optional={
        "authority": _authorities,
        "rule": _tables(_RULE),
        "on": _slug,
        "off": _texts(_slug),
        "exception_days": _days,
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
        if _is_day(issued) and _is_day(effective) and effective > issued:
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
        days = [(key, rule[key]) for key in order if _is_day(rule.get(key))]
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


def _is_day(value: object) -> TypeGuard[date]:
    """A datetime is a date to Python, but not a day."""
    return isinstance(value, date) and not isinstance(value, datetime)
