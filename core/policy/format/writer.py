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

from core.model import Authority, Policy, Rule, RuleId, Signer
from core.policy.format.rules import DIGESTS, EXCEPTION_DAYS
from core.text import Bilingual

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
#: In characters. A name longer than this is cut off in an id.
_SLUG_LIMIT: Final = 60
#: The groups of a rule that stand under headings of their own, in the order in which they are written.
_GROUPS: Final = ("app", "signer", "code", "label", "team")


def to_toml(policy: Policy) -> str:
    """`policy` as a policy file. Not checked: a policy that no file could hold makes a file that cannot be loaded."""
    tables = document(policy)
    authorities, rules = tables.pop("authority", {}), tables.pop("rule", [])
    parts = [_keys(tables)]
    parts += [f"[authority.{name}]\n{_keys(table)}" for name, table in authorities.items()]
    for rule in rules:
        groups = [(name, table) for name in _GROUPS for table in rule.pop(name, ())]
        parts.append(f"\n[[rule]]\n{_keys(rule)}")
        parts += [f"[[rule.{name}]]\n{_keys(table)}" for name, table in groups]
    return "\n".join(parts)


def document(policy: Policy) -> dict[str, Any]:
    """`policy` as `tomllib` would give it out of its file."""
    names = _names(rule.authority for rule in policy.rules)
    tables: dict[str, Any] = {
        "id": policy.id,
        "version": policy.version,
        "issued": policy.issued,
        "title": _both(policy.title),
        "scope": _both(policy.scope),
    }
    if policy.on:
        tables["on"] = policy.on
    if policy.off:
        tables["off"] = list(policy.off)
    if policy.exception_days != EXCEPTION_DAYS:
        tables["exception_days"] = policy.exception_days
    if policy.rules:
        tables["authority"] = {name: _authority(authority) for authority, name in names.items()}
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


def _both(text: Bilingual) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}


def _given(**values: Any) -> dict[str, Any]:
    """Those that are given at all: what a rule does not say does not stand in its file."""
    return {key: value for key, value in values.items() if value}


def _authority(authority: Authority) -> dict[str, Any]:
    return {
        "name": _both(authority.name),
        "instrument": _both(authority.instrument),
        "quote": _both(authority.quote),
        "official_fr": authority.official_fr,
        **_given(url=authority.url),
    }


def _rule(rule: Rule, authority: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "strength": str(rule.strength),
        **_given(announced=rule.announced),
        "effective": rule.effective,
        **_given(deadline=rule.deadline),
        "authority": authority,
        "product": _both(rule.product),
        **_given(publisher=rule.publisher),
        "reason": _both(rule.reason),
        **_given(
            note=_both(rule.note) if rule.note else None,
            scope=_both(rule.scope) if rule.scope else None,
            app=[_app(app) for app in rule.ids],
            signer=[_signer(signer) for signer in rule.signers],
            code=[
                {
                    "prefix": c.prefix,
                    **_given(also_in=list(c.also_in)),
                    "confidence": c.confidence,
                    "source": c.source,
                }
                for c in rule.code
            ],
            label=[{"text": label.text, "source": label.source} for label in rule.labels],
            team=[
                {"id": team.id, "prefix": team.prefix, "confidence": team.confidence, "source": team.source}
                for team in rule.teams
            ],
        ),
    }


def _app(app: RuleId) -> dict[str, Any]:
    return {
        "platform": app.platform,
        "id": app.id,
        "product": _both(app.product),
        "confidence": app.confidence,
        "source": app.source,
        **_given(store=app.store),
    }


def _signer(signer: Signer) -> dict[str, Any]:
    return {
        **_given(**{name: getattr(signer, name) for name in (*DIGESTS, "hash")}),
        "signs": list(signer.signs),
        **_given(shared=signer.shared),
        "confidence": signer.confidence,
        "source": signer.source,
    }
