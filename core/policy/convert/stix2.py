"""STIX 2.1 bundles in the way that MVT reads them (mvt-project/mvt, src/mvt/common/indicators.py @dac4acb).

MVT takes each indicator's pattern apart at its one ``=``: one simple comparison a pattern, ``app:id`` or a digest under
``app:cert``. It names a match after the object that the indicator belongs to: a `report` that refers to it, or a
`malware` that it indicates. Fanion writes reports, because a banned app is not malware, and no `indicator_types`; and
the platform as a label, which STIX leaves free and MVT does not look at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from core.model import Policy, Rule
from core.policy.convert.incoming import ImportTally, Indicator, IndicatorGroup, bilingual, problem, text_of, words
from core.policy.convert.parts import ExportedPolicy, LeftOut, must_say_something, stable_id, without_digests
from core.policy.format.tables import DIGESTS, PLATFORMS
from core.text import Bilingual, T

TITLE: Final = T("STIX 2.1 bundle, as MVT reads it")

_SPEC: Final = "2.1"
_PATTERN: Final = re.compile(r"\[\s*([a-z0-9-]+:[^=\s<>!]+?)\s*=\s*'((?:[^'\\]|\\.)*)'\s*\]")
#: What has a name, and other objects that belong to it: by being indicated, or by being referred to.
_GROUPS: Final = ("report", "grouping", "malware", "tool")
_AROUND: Final = ("relationship", "identity", "language-content", "marking-definition")
#: A text of a bundle is cut off after so many characters.
_QUOTE_LIMIT: Final = 1_000
#: In characters; the longest id and digest that there can be need a third of it.
_PATTERN_LIMIT: Final = 1_000
#: In one bundle.
OBJECTS_LIMIT: Final = 250_000


def write(policy: Policy) -> ExportedPolicy:
    """The apps and certificates of `policy`. Raises PolicyProblem where there are none."""
    objects: list[dict[str, Any]] = []
    left_out: list[LeftOut] = []
    count = 0
    why = T("MVT compares ids and certificates of apps, and knows no other way to find one.")
    for rule in policy.rules:
        indicators = list(_indicators(policy, rule))
        if indicators:
            objects += [*_report(policy, rule, indicators), *indicators]
        count += len(indicators)
        for signer in rule.signers:
            if not any(getattr(signer, name) for name in DIGESTS):
                left_out.append(
                    LeftOut(rule.id, signer.hash, T("The short code that Android prints is not known to STIX."))
                )
        left_out += without_digests(rule, why)
    must_say_something(policy, range(count), TITLE)
    bundle = {
        "type": "bundle",
        "id": f"bundle--{stable_id('bundle', policy.id, policy.version)}",
        "objects": [*_identities(policy), *objects],
    }
    return ExportedPolicy(json.dumps(bundle, indent=2, ensure_ascii=False).encode() + b"\n", tuple(left_out))


def _object(policy: Policy, rule: Rule, type: str, *names: str) -> dict[str, Any]:
    """The keys that all objects have. STIX wants `created` to stay as it is when a newer version of the policy is
    issued."""
    day = min(rule.effective, policy.issued)
    return {
        "type": type,
        "spec_version": _SPEC,
        "id": f"{type}--{stable_id(type, policy.id, *names)}",
        "created": f"{day.isoformat()}T00:00:00.000Z",
        "modified": f"{policy.issued.isoformat()}T00:00:00.000Z",
    }


def _identities(policy: Policy) -> Iterator[dict[str, Any]]:
    """An identity object for each authority that the rules name, each once."""
    for rule in {rule.authority.name: rule for rule in reversed(policy.rules)}.values():
        name = rule.authority.name
        yield {
            **_object(policy, rule, "identity", name.en),
            "name": name.en,
            "identity_class": "organization",
        }
        yield _french(policy, rule, f"identity--{stable_id('identity', policy.id, name.en)}", {"name": name.fr})


def _author(policy: Policy, rule: Rule) -> dict[str, str]:
    return {"created_by_ref": f"identity--{stable_id('identity', policy.id, rule.authority.name.en)}", "lang": "en"}


def _report(policy: Policy, rule: Rule, indicators: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    base = _object(policy, rule, "report", rule.id)
    authority = rule.authority
    yield {
        **base,
        **_author(policy, rule),
        "labels": [str(rule.strength)],
        "name": rule.product.en,
        "description": rule.reason.en,
        "published": base["created"],
        "object_refs": [indicator["id"] for indicator in indicators],
        "external_references": [
            {
                "source_name": authority.instrument.en,
                "description": authority.quote.en,
                **({"url": authority.url} if authority.url else {}),
            }
        ],
    }
    yield _french(policy, rule, base["id"], {"name": rule.product.fr, "description": rule.reason.fr})


def _french(policy: Policy, rule: Rule, of: str, texts: Mapping[str, str]) -> dict[str, Any]:
    base = _object(policy, rule, "language-content", of)
    return {**base, "object_ref": of, "object_modified": base["modified"], "contents": {"fr": dict(texts)}}


def _indicators(policy: Policy, rule: Rule) -> Iterator[dict[str, Any]]:
    for app in rule.ids:
        yield _indicator(policy, rule, app.platform, "app:id", app.id, app.product.en, app.source)
    written_digests = set()
    for signer in rule.signers:
        for name in DIGESTS:
            value = getattr(signer, name)
            if value and value not in written_digests:
                written_digests.add(value)
                yield _indicator(policy, rule, "android", f"app:cert.{name}", value, rule.product.en, signer.source)


def _indicator(
    policy: Policy, rule: Rule, platform: str, key: str, value: str, name: str, source: str
) -> dict[str, Any]:
    base = _object(policy, rule, "indicator", rule.id, platform, key, value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return {
        **base,
        **_author(policy, rule),
        "labels": [platform],
        "name": name,
        "description": source,
        "pattern": f"[{key}='{escaped}']",
        "pattern_type": "stix",
        "pattern_version": _SPEC,
        "valid_from": base["created"],
    }


def read(text: str, file: str) -> tuple[list[IndicatorGroup], ImportTally]:
    """What a bundle has Fanion look for, by its groups, and what it does not understand. Raises PolicyProblem."""
    bundle = _parsed(text, file)
    objects = bundle.get("objects") if isinstance(bundle, dict) else None
    if not isinstance(objects, list):
        raise problem(file, T("this is no STIX bundle: it has no list of objects."))
    if len(objects) > OBJECTS_LIMIT:
        raise problem(file, T("it is longer, or nested deeper, than any list of apps."))
    tally = ImportTally()
    by_type = _by_type(objects, tally)
    belongs = _belongs(by_type)
    names = {id: words(text_of(item, "name"), "") for id, item in by_type["identity"].items()}
    french = {text_of(item, "object_ref"): _in_french(item) for item in by_type["language-content"].values()}
    by_group: dict[str, dict[tuple[str, str], Indicator]] = {}
    for id, indicator in by_type["indicator"].items():
        for item in _understood(id, indicator, file, tally):
            by_group.setdefault(belongs.get(id, ""), {}).setdefault((item.by, item.value), item)
    titles = {id: item for type in _GROUPS for id, item in by_type[type].items()}
    groups = []
    for id, items in by_group.items():
        title = titles.get(id, {})
        author = text_of(title, "created_by_ref")
        groups.append(_group(file, title, french.get(id, {}), names.get(author, ""), french.get(author, {}), items))
    return groups, tally


def _parsed(text: str, file: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Refuse a key that is given twice: two readers could read two lists."""
        table = dict(pairs)
        if len(table) < len(pairs):
            keys: set[str] = set()
            twice = next(key for key, _ in pairs if key in keys or keys.add(key))  # type: ignore[func-returns-value]
            raise problem(file, T("the key “{key}” is given twice in one object.", key=words(twice, "?", 60)))
        return table

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise problem(file, T("this is not JSON."), error.lineno, str(error)) from error
    except RecursionError as error:
        raise problem(file, T("it is nested deeper than any list of apps."), detail=str(error)) from error
    except ValueError as error:  # a number of thousands of digits
        raise problem(file, T("a number in it is longer than any number needs to be."), detail=str(error)) from error


def _by_type(objects: list[Any], tally: ImportTally) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The objects by type and id. What Fanion has no use for is on the tally."""
    by_type: dict[str, dict[str, Mapping[str, Any]]] = {type: {} for type in (*_GROUPS, *_AROUND, "indicator")}
    for item in objects:
        if not isinstance(item, dict) or not text_of(item, "type") or not text_of(item, "id"):
            tally.add("?", T("It is no object with a type and an id."))
        elif item["type"] not in by_type:
            tally.add(item["type"], T("Fanion looks for apps and certificates only."), item["id"])
        else:
            by_type[item["type"]].setdefault(item["id"], item)
    return by_type


def _belongs(by_type: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """The group that each indicator belongs to: as MVT has it, a report that lists it before a malware it indicates."""
    belongs: dict[str, str] = {}
    for type in ("report", "grouping"):
        for id, item in by_type[type].items():
            refs = item.get("object_refs")
            for ref in refs if isinstance(refs, list) else ():
                if isinstance(ref, str):
                    belongs.setdefault(ref, id)
    for relation in by_type["relationship"].values():
        target = text_of(relation, "target_ref")
        if target in by_type["malware"] or target in by_type["tool"]:
            belongs.setdefault(text_of(relation, "source_ref"), target)
    return belongs


def _in_french(content: Mapping[str, Any]) -> Mapping[str, Any]:
    contents = content.get("contents")
    french = contents.get("fr") if isinstance(contents, dict) else None
    return french if isinstance(french, dict) else {}


def _understood(id: str, indicator: Mapping[str, Any], file: str, tally: ImportTally) -> Iterator[Indicator]:
    """What an indicator looks for; an app once for each platform that it is labelled with.

    MVT compares an id with the apps of either platform, so one without a label is looked for on both.
    """
    if indicator.get("revoked") is True:
        tally.add("revoked", T("Its author has taken it back."), id)
        return
    pattern = text_of(indicator, "pattern")
    comparison = _PATTERN.fullmatch(pattern.strip()) if len(pattern) <= _PATTERN_LIMIT else None
    if text_of(indicator, "pattern_type") not in ("", "stix") or comparison is None:
        tally.add("pattern", T("It is not one simple comparison, which is all that Fanion and MVT read."), pattern)
        return
    key, value = comparison[1], re.sub(r"\\(.)", r"\1", comparison[2])
    source = words(f"{file}, {id}", file, 200)
    if key == "app:id":
        labels = indicator.get("labels")
        labelled = [p for p in PLATFORMS if isinstance(labels, list) and p in labels]
        for platform in labelled or PLATFORMS:
            yield Indicator(key, platform, value, source)
        return
    part, _, digest = key.partition("app:cert.")
    digest = digest.replace("'", "").replace("-", "").lower()
    if part == "" and digest in DIGESTS:
        yield Indicator(key, digest, value.replace(":", "").lower(), source)
    else:
        tally.add(key, T("Fanion looks for apps and certificates only."), value)


def _group(
    file: str,
    title: Mapping[str, Any],
    french: Mapping[str, Any],
    author: str,
    author_french: Mapping[str, Any],
    items: Mapping[tuple[str, str], Indicator],
) -> IndicatorGroup:
    en = words(text_of(title, "name"), file)
    name = Bilingual(en, words(text_of(french, "name"), en))
    by = Bilingual(author, words(text_of(author_french, "name"), author))
    return IndicatorGroup(
        name=name,
        author=by if author else bilingual(T("the list {file}", file=file)),
        quote=words(text_of(title, "description"), en, _QUOTE_LIMIT),
        reason=bilingual(T("{product} is named in the list {file}.", product=name, file=file)),
        indicators=tuple(items.values()),
    )
