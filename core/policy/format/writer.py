"""A policy written as a file: the way back from :class:`core.model.Policy` to the text that
`core.policy.format.policy_file` reads.

What is written says the same as what was read, in the form of the policies that come with Fanion. What a file cannot
say of itself is not in it: its digest, its name, why it is believed, and of which layers it was put together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

import tomli_w

from core.model import Authority, Policy, Rule
from core.policy.format.rules import EXCEPTION_DAYS, GROUPS
from core.text import Bilingual

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
#: In characters. A name longer than this is cut off in an id.
_SLUG_LIMIT: Final = 60
# The keys of each table, in the order in which they are written; with a question mark, those that are optional.
_POLICY: Final = "id version issued title scope on? off?"
_AUTHORITY: Final = "name instrument quote official_fr url?"
_RULE: Final = "id strength announced? effective deadline? authority product publisher? reason note? scope?"
_GROUP: Final = {
    "app": "platform id product confidence source store?",
    "signer": "sha256? sha1? md5? hash? signs shared? confidence source",
    "code": "prefix also_in? confidence source",
    "label": "text source",
    "team": "id prefix confidence source",
}


def to_toml(policy: Policy) -> str:
    """`policy` as a policy file. Not checked: a policy that no file could hold makes a file that cannot be loaded."""
    tables = document(policy)
    authorities, rules = tables.pop("authority", {}), tables.pop("rule", [])
    parts = [_keys(tables)]
    parts += [f"[authority.{name}]\n{_keys(table)}" for name, table in authorities.items()]
    for rule in rules:
        groups = [(name, table) for name in GROUPS for table in rule.pop(name, ())]
        parts.append(f"\n[[rule]]\n{_keys(rule)}")
        parts += [f"[[rule.{name}]]\n{_keys(table)}" for name, table in groups]
    return "\n".join(parts)


def document(policy: Policy) -> dict[str, Any]:
    """`policy` as `tomllib` would give it out of its file."""
    names = _names(rule.authority for rule in policy.rules)
    tables = _table(policy, _POLICY)
    if policy.exception_days != EXCEPTION_DAYS:
        tables["exception_days"] = policy.exception_days
    if policy.rules:
        tables["authority"] = {name: _table(authority, _AUTHORITY) for authority, name in names.items()}
        tables["rule"] = [_rule(rule, names[rule.authority]) for rule in policy.rules]
    return tables


def slug(text: str, otherwise: str = "x") -> str:
    """`text` as an id may be: small letters, digits and single hyphens; `otherwise` where nothing of it can stay."""
    plain = unicodedata.normalize("NFKD", text[: 4 * _SLUG_LIMIT]).encode("ascii", "ignore").decode().lower()
    return _NOT_SLUG.sub("-", plain).strip("-")[:_SLUG_LIMIT].strip("-") or otherwise


class Unique:
    """Gives out names, each of them once: what is wanted again gets a number behind it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def name(self, wanted: str) -> str:
        # From the last number on: a list may have thousands of groups of one name.
        number = self._last.get(wanted, 0) + 1
        while (new := wanted if number == 1 else f"{wanted}-{number}") in self._taken:
            number += 1
        self._taken.add(new)
        self._last[wanted] = number
        return new


def _names(authorities: Iterable[Authority]) -> dict[Authority, str]:
    """What each is called inside the file."""
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
    table = _table(rule, _RULE) | {"authority": authority}
    for key, (attribute, _) in GROUPS.items():
        if group := getattr(rule, attribute):
            table[key] = [_table(one, _GROUP[key]) for one in group]
    return table


def _table(value: object, keys: str) -> dict[str, Any]:
    """The attributes of `value` that `keys` names; an optional one that is not given does not stand in a file."""
    given = ((key.removesuffix("?"), getattr(value, key.removesuffix("?")), key.endswith("?")) for key in keys.split())
    return {key: _plain(inner) for key, inner, optional in given if inner or not optional}


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
