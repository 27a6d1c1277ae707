"""The YAML of stalkerware-indicators (AssoEchap/stalkerware-indicators, ioc.yaml and watchware.yaml @a04c5c1).

A list of entries: `name`, `names`, `type`, `packages` (Android), `ios_bundles`, `certificates` (SHA-1 in capitals), and
web sites and servers, which Fanion does not look for. It is read event by event and every value as the text that
stands there, so that neither a name such as ``no`` nor a digest such as ``12E4`` becomes something else, and no tag
makes anything; a reference to another place (an alias), with which a small file can be made huge, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from core.model import Policy, Rule
from core.policy.convert.incoming import ImportTally, Indicator, IndicatorGroup, bilingual, problem, same, words
from core.policy.convert.parts import ExportedPolicy, LeftOut, must_say_something, without_digests
from core.text import T

TITLE: Final = T("stalkerware-indicators list (YAML)")

#: Lists and tables inside each other; true files have three.
DEPTH_LIMIT: Final = 20
#: Values, lists and tables in one file; the true file has about 7,000.
NODES_LIMIT: Final = 500_000

#: The keys that Fanion reads, and what each holds.
_KEYS: Final = {"packages": "android", "ios_bundles": "ios", "certificates": "sha1"}


def write(policy: Policy) -> ExportedPolicy:
    """The apps and SHA-1 digests of `policy`; as `type` each entry has its rule's strength: a ban is no stalkerware.

    Raises PolicyProblem where there are none.
    """
    entries: list[dict[str, Any]] = []
    left_out: list[LeftOut] = []
    no_digest = T("This format knows certificates by SHA-1 alone, which the policy does not give for this one.")
    why = T("This format knows ids and certificates of apps, and no other way to find one.")
    for rule in policy.rules:
        for signer in rule.signers:
            if not signer.sha1:
                left_out.append(LeftOut(rule.id, signer.sha256 or signer.md5 or signer.hash, no_digest))
        left_out += without_digests(rule, why)
        entry = _entry(rule)
        if _KEYS.keys() & entry.keys():
            entries.append(entry)
    must_say_something(policy, entries, TITLE)
    text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1_000)
    return ExportedPolicy(text.encode(), tuple(left_out))


def _entry(rule: Rule) -> dict[str, Any]:
    names = {app.product.en for app in rule.ids} - {rule.product.en}
    lists: dict[str, Any] = {
        "names": sorted(names),
        "type": str(rule.strength),
        "packages": [app.id for app in rule.ids if app.platform == "android"],
        "ios_bundles": [app.id for app in rule.ids if app.platform == "ios"],
        "certificates": list(dict.fromkeys(signer.sha1.upper() for signer in rule.signers if signer.sha1)),
    }
    return {"name": rule.product.en, **{key: values for key, values in lists.items() if values}}


def read(text: str, file: str) -> tuple[list[IndicatorGroup], ImportTally]:
    """What a list has Fanion look for, entry by entry, and what it does not understand. Raises PolicyProblem."""
    entries = _parsed(text, file)
    if not isinstance(entries, list):
        raise problem(file, T("this is no list of apps: it must be a list of entries, each with a name."))
    tally = ImportTally()
    groups = []
    for entry in entries:
        if not isinstance(entry, dict):
            tally.add("?", T("It is no entry with a name."), str(entry))
            continue
        group = _group(entry, file, tally)
        if group.indicators:
            groups.append(group)
        else:
            tally.add("name", T("It names no app and no certificate."), group.name.en)
    return groups, tally


def _group(entry: Mapping[str, Any], file: str, tally: ImportTally) -> IndicatorGroup:
    names = [words(name, "") for name in _texts(entry.get("names"))]
    name = words(_text(entry.get("name")), next(filter(None, names), file))
    kind = words(_text(entry.get("type")), "?")
    items: dict[tuple[str, str], Indicator] = {}
    source = words(f"{file}, {name}", file, 200)
    for key, value in entry.items():
        if key in _KEYS:
            by = _KEYS[key]
            for text in _texts(value):
                # Digests stand in a policy file in small letters, and with nothing between them.
                exact = text.strip() if key != "certificates" else text.strip().replace(":", "").lower()
                items.setdefault((by, exact), Indicator(key, by, exact, source))
        elif key not in ("name", "names", "type"):
            first = next(_leaves(value), "")
            tally.add(key, T("Fanion looks for apps and certificates only."), first, sum(1 for _ in _leaves(value)))
    other_names = ", ".join(dict.fromkeys(alias for alias in names if alias and alias != name))
    return IndicatorGroup(
        name=same(name),
        author=bilingual(T("the list {file}", file=file)),
        quote=f"type: {kind}",
        reason=bilingual(T("{product} is named in the list {file}.", product=name, file=file)),
        indicators=tuple(items.values()),
        note=bilingual(T("Also known as: {names}.", names=words(other_names, "", 500))) if other_names else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    """The texts of a list, or a single one."""
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text]


def _leaves(value: object) -> Iterator[str]:
    """Every text in a value, at whatever depth."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


class _Open:
    """A list or a table that is being read; the file itself is a list of one. In a table a key precedes each value."""

    def __init__(self, value: list[Any] | dict[str, Any]) -> None:
        self.value = value
        self.key: str | None = None

    def put(self, value: Any, line: int, file: str) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is not None:
            self.value[self.key] = value
            self.key = None
        elif not isinstance(value, str):
            raise problem(file, T("a key must be a text."), line)
        elif value in self.value:
            # What is given twice is not decided by its order: two readers could read two lists.
            raise problem(file, T("the key “{key}” is given twice in one entry.", key=words(value, "?", 60)), line)
        else:
            self.key = value


def _parsed(text: str, file: str) -> object:
    # The one in C where there is one: it is ten times as fast, and says the same.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _document(yaml.parse(text, Loader=loader), file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise problem(file, T("this is not YAML."), line, str(error)) from error
    except (yaml.YAMLError, RecursionError) as error:  # a character that YAML does not allow
        raise problem(file, T("this is not YAML."), detail=str(error)) from error


def _document(events: Iterator[Any], file: str) -> object:
    """The value that the events of one document make, of lists, tables and texts alone."""
    stack = [_Open([])]
    documents = 0
    for count, event in enumerate(events):
        line = event.start_mark.line + 1
        if count > NODES_LIMIT or len(stack) > DEPTH_LIMIT:
            raise problem(file, T("it is longer, or nested deeper, than any list of apps."), line)
        if isinstance(event, yaml.AliasEvent):
            raise problem(file, T("a reference to another place in the file is not allowed."), line)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise problem(file, T("a second document begins, and there may be only one."), line)
        elif isinstance(event, yaml.ScalarEvent):
            stack[-1].put(event.value, line, file)
        elif isinstance(event, yaml.SequenceStartEvent):
            stack.append(_Open([]))
        elif isinstance(event, yaml.MappingStartEvent):
            stack.append(_Open({}))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            value = stack.pop().value
            stack[-1].put(value, line, file)
    return next(iter(stack[0].value), None)
