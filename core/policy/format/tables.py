"""Between the tables of a policy file and a :class:`core.model.Policy`, both ways.

:func:`build` trusts a document in which :func:`core.policy.format.schema.faults` found nothing wrong. What
:func:`to_toml` writes says the same as what was read, in the form of the policies that come with Fanion. What a file
cannot say of itself is not in it: its digest, its name, why it is believed, and of which layers it was put together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import tomli_w

from core.model import (
    Authority,
    Code,
    Container,
    HealthRules,
    IosRelease,
    Label,
    Policy,
    ProfileKind,
    Rule,
    RuleFile,
    RuleId,
    Signer,
    Strength,
    Team,
    WebService,
    platforms,
)
from core.text import Bilingual

#: For how many days an exception may be granted where the policy does not say.
EXCEPTION_DAYS: Final = 365
PLATFORMS: Final = tuple(platforms.PLATFORMS)
#: How well an id is supported: seen in several public sources that do not copy each other, or in one.
CONFIDENCES: Final = ("several sources", "one source")

APP_IDS: Final = {row.id: re.compile(row.app_id) for row in platforms.PLATFORMS.values()}
_APP_ID_LIMIT: Final = 223
#: The digests of a certificate, by the number of hexadecimal digits that each has.
DIGESTS: Final = {"sha256": 64, "sha1": 40, "md5": 32}
#: The groups of a rule that stand under headings of their own: the attribute that has them, and what each is.
GROUPS: Final[Mapping[str, tuple[str, type]]] = {
    "app": ("ids", RuleId),
    "signer": ("signers", Signer),
    "code": ("code", Code),
    "file": ("files", RuleFile),
    "label": ("labels", Label),
    "team": ("teams", Team),
}
# Not \s: a no-break space, which French has before a colon, is to stay.
_BREAKS: Final = re.compile(r"[ \t\r\n]+")
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
#: In characters. A name longer than this is cut off in an id.
_SLUG_LIMIT: Final = 60
#: What a policy can ask to be confirmed before a removal: that the holder was told what is lost.
TOLD: Final = "told"
#: What a policy can demand of apps that could come back: that the phone's management blocks them.
BLOCKED: Final = "blocked"
#: When copies of a banned app's files are kept as evidence.
ALWAYS: Final = "always"
#: The groups of which a policy has one each, in the order in which they are written.
_GROUPS: Final = ("attested", "hand_back", "removal", "return", "evidence", "health")
# The keys of each table, in the order in which they are written; with a question mark, those that are optional.
_POLICY: Final = "id version issued title scope on? off?"
_HEALTH: Final = "patch_amber_days? patch_red_days? min_sdk? expected_owner? expected_organisation? red? amber? show?"
_IOS: Final = "newest since ended?"
_AUTHORITY: Final = "name instrument quote official_fr url?"
_RULE: Final = "id strength announced? effective deadline? authority product publisher? reason note? scope?"
_CONTAINER: Final = "id product"
_WEB: Final = "rule hosts confidence source"
#: The groups of what holds other apps, which rules have too.
_CONTAINER_GROUPS: Final = ("app", "code")
_GROUP: Final = {
    "app": "platform id product confidence source store?",
    "signer": "sha256? sha1? md5? hash? signs shared? confidence source",
    "code": "prefix also_in? inside? confidence source",
    "file": "name also_in? confidence source",
    "label": "text source",
    "team": "id prefix confidence source",
}


def is_app_id(text: str, platform: str) -> bool:
    """Whether an app can have this id on a platform."""
    return len(text) <= _APP_ID_LIMIT and APP_IDS[platform].fullmatch(text) is not None


def build(document: Mapping[str, Any], sha256: str, source: str) -> Policy:
    """The policy that a document without faults describes."""
    authorities = {name: Authority(**_values(table)) for name, table in document.get("authority", {}).items()}
    rules = tuple(_built_rule(table, authorities) for table in document.get("rule", ()))
    health_table = document.get("health", {})
    releases = tuple(IosRelease(**_values(release)) for release in health_table.get("ios", ()))
    health = HealthRules(**_values(health_table, but=("ios",)), ios=releases)
    values = _values(document, but=("authority", "rule", *_GROUPS, "container", "web"))
    attested, hand_back = document.get("attested", {}), document.get("hand_back", {})
    evidence = document.get("evidence", {})
    return Policy(
        **values,
        rules=rules,
        health=health,
        sha256=sha256,
        source=source,
        attested=_kinds(attested["counts"]) if "counts" in attested else None,
        demanded=_kinds(attested.get("demands", ())),
        keep_debugging=hand_back.get("keep_debugging"),
        confirm_told=document.get("removal", {}).get("confirm") == TOLD,
        demand_blocked=document.get("return", {}).get("demands") == BLOCKED,
        evidence_last_used=evidence.get("last_used", False),
        evidence_copies=evidence.get("copies") == ALWAYS,
        containers=tuple(_built_container(table) for table in document.get("container", ())),
        web=tuple(WebService(**_values(table)) for table in document.get("web", ())),
    )


def _kinds(names: Iterable[str]) -> tuple[ProfileKind, ...]:
    return tuple(dict.fromkeys(map(ProfileKind, names)))


def _built_groups(table: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {
        attribute: tuple(kind(**_values(row)) for row in table.get(key, ()))
        for key, (attribute, kind) in GROUPS.items()
        if key in keys
    }


def _built_container(table: Mapping[str, Any]) -> Container:
    return Container(**_values(table, but=_CONTAINER_GROUPS), **_built_groups(table, _CONTAINER_GROUPS))


def _built_rule(table: Mapping[str, Any], authorities: Mapping[str, Authority]) -> Rule:
    groups = _built_groups(table, GROUPS)
    return Rule(
        **_values(table, but=("strength", "authority", *GROUPS)),
        **groups,
        strength=Strength(table["strength"]),
        authority=authorities[table["authority"]],
    )


def _values(table: Mapping[str, Any], but: Collection[str] = ()) -> dict[str, Any]:
    """The keys of a table, which the classes of :mod:`core.model` have as attributes, and their values."""
    return {key: _value(value) for key, value in table.items() if key not in but}


def _value(value: Any) -> Any:
    match value:
        case str():
            return folded(value)
        case dict():  # a text in two languages
            return Bilingual(folded(value["en"]), folded(value["fr"]))
        case list():  # ids, in which there is nothing to fold
            return tuple(value)
        case _:
            return value


def folded(text: str) -> str:
    """A text without the line breaks that its writer needed to keep it readable in the file."""
    return _BREAKS.sub(" ", text).strip()


def to_toml(policy: Policy) -> str:
    """`policy` as a policy file. Not checked: a policy that no file could hold makes a file that cannot be loaded."""
    tables = document(policy)
    authorities, rules = tables.pop("authority", {}), tables.pop("rule", [])
    groups = {name: tables.pop(name) for name in _GROUPS if name in tables}
    releases = groups.get("health", {}).pop("ios", [])
    containers, services = tables.pop("container", []), tables.pop("web", [])
    parts = [_keys(tables)]
    parts += [f"[{name}]\n{_keys(table)}" for name, table in groups.items()]
    parts += [f"[[health.ios]]\n{_keys(table)}" for table in releases]
    parts += [f"[authority.{name}]\n{_keys(table)}" for name, table in authorities.items()]
    for rule in rules:
        signs = [(name, table) for name in GROUPS for table in rule.pop(name, ())]
        parts.append(f"\n[[rule]]\n{_keys(rule)}")
        parts += [f"[[rule.{name}]]\n{_keys(table)}" for name, table in signs]
    for container in containers:
        signs = [(name, table) for name in _CONTAINER_GROUPS for table in container.pop(name, ())]
        parts.append(f"\n[[container]]\n{_keys(container)}")
        parts += [f"[[container.{name}]]\n{_keys(table)}" for name, table in signs]
    parts += [f"\n[[web]]\n{_keys(table)}" for table in services]
    return "\n".join(parts)


def document(policy: Policy) -> dict[str, Any]:
    """`policy` as `tomllib` would give it out of its file."""
    names = _names(rule.authority for rule in policy.rules)
    tables = _table(policy, _POLICY)
    if policy.exception_days != EXCEPTION_DAYS:
        tables["exception_days"] = policy.exception_days
    attested = {"counts": policy.attested, "demands": policy.demanded or None}
    if attested_table := {key: list(map(str, kinds)) for key, kinds in attested.items() if kinds is not None}:
        tables["attested"] = attested_table
    if policy.keep_debugging is not None:
        tables["hand_back"] = {"keep_debugging": policy.keep_debugging}
    if policy.confirm_told:
        tables["removal"] = {"confirm": TOLD}
    if policy.demand_blocked:
        tables["return"] = {"demands": BLOCKED}
    evidence = {"last_used": policy.evidence_last_used, "copies": ALWAYS if policy.evidence_copies else ""}
    if evidence_table := {key: value for key, value in evidence.items() if value}:
        tables["evidence"] = evidence_table
    health = _table(policy.health, _HEALTH)
    if policy.health.ios:
        health["ios"] = [_table(release, _IOS) for release in policy.health.ios]
    if health:
        tables["health"] = health
    if policy.rules:
        tables["authority"] = {name: _table(authority, _AUTHORITY) for authority, name in names.items()}
        tables["rule"] = [_rule(rule, names[rule.authority]) for rule in policy.rules]
    if policy.containers:
        tables["container"] = [
            _table(container, _CONTAINER) | _groups(container, _CONTAINER_GROUPS) for container in policy.containers
        ]
    if policy.web:
        tables["web"] = [_table(service, _WEB) for service in policy.web]
    return tables


def slug(text: str, otherwise: str = "x") -> str:
    """`text` as an id may be: small letters, digits and single hyphens; `otherwise` where nothing of it can stay."""
    plain = unicodedata.normalize("NFKD", text[: 4 * _SLUG_LIMIT]).encode("ascii", "ignore").decode().lower()
    return _NOT_SLUG.sub("-", plain).strip("-")[:_SLUG_LIMIT].strip("-") or otherwise


class Unique:
    """Gives out names, each of them once: a name that is asked for again gets a number behind it."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._last: dict[str, int] = {}

    def name(self, base: str) -> str:
        # From the last number on: a list may have thousands of groups of one name.
        number = self._last.get(base, 0) + 1
        while (new := base if number == 1 else f"{base}-{number}") in self._used:
            number += 1
        self._used.add(new)
        self._last[base] = number
        return new


def _names(authorities: Iterable[Authority]) -> dict[Authority, str]:
    """The name by which the file refers to each authority, made of what it is called."""
    unique = Unique()
    return {
        authority: unique.name(slug(authority.name.en.removeprefix("the "), "authority"))
        for authority in dict.fromkeys(authorities)
    }


def _keys(table: Mapping[str, Any]) -> str:
    """The statements of one table, a line each; a text in two languages as ``key.en`` and ``key.fr``."""
    lines = []
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"{key}.{tomli_w.dumps({inner: text})}" for inner, text in value.items()]
        else:
            lines.append(tomli_w.dumps({key: value}))
    return "".join(lines)


def _rule(rule: Rule, authority: str) -> dict[str, Any]:
    return _table(rule, _RULE) | {"authority": authority} | _groups(rule, GROUPS)


def _groups(value: Rule | Container, keys: Iterable[str]) -> dict[str, Any]:
    """The groups that a rule, or what holds other apps, has under headings of their own."""
    groups = ((key, getattr(value, GROUPS[key][0])) for key in keys)
    return {key: [_table(item, _GROUP[key]) for item in group] for key, group in groups if group}


def _table(value: object, keys: str) -> dict[str, Any]:
    """The attributes of `value` that `keys` names; an optional one that is not given does not stand in a file."""
    attributes = (
        (key.removesuffix("?"), getattr(value, key.removesuffix("?")), key.endswith("?")) for key in keys.split()
    )
    return {key: _plain(inner) for key, inner, optional in attributes if inner or not optional}


def _plain(value: object) -> object:
    """A value as `tomllib` would give it."""
    match value:
        case Bilingual():
            return {"en": value.en, "fr": value.fr}
        case str():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value
