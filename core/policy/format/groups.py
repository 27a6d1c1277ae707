"""The groups of a policy file that stand beside its rules: what holds other apps, and where services are on the web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from core.policy.format import signs
from core.policy.format.checks import FormatFault, fitting, table, tables, texts
from core.policy.format.lines import Path
from core.text import T, Text, plain

#: A host's name as DNS has it, in small letters; other letters as IDNA writes them (``xn--``). RFC 1123, RFC 5891.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST: Final = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+{_LABEL}")

_CONTAINER: Final = table(
    T("what holds other apps"),
    {"id": signs.slug, "product": signs.both_languages},
    optional={"app": tables(signs.app), "code": tables(signs.CODE_OF_CONTAINER)},
)

#: A check of a table under [[web]].
WEB: Final = table(
    T("a service on the web"),
    {
        "rule": signs.slug,
        "hosts": texts(
            fitting(
                HOST, T("must be the name of a host in small letters, such as example.com: nothing before or after.")
            )
        ),
        **signs.SUPPORT,
    },
)


def container(value: object, path: Path) -> Iterator[FormatFault]:
    """A check of a table under [[container]]."""
    yield from _CONTAINER(value, path)
    if isinstance(value, dict) and "app" not in value and "code" not in value:
        yield FormatFault(path, T("what holds other apps must be known by at least one app or code prefix."))


def of(table: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables of a list with their numbers, passing over what is none: that is a fault of its own."""
    value = table.get(key)
    if isinstance(value, list):
        yield from ((number, inner) for number, inner in enumerate(value) if isinstance(inner, dict))


def faults(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """What does not agree between these groups and the rules."""
    yield from _ids_used_twice(document)
    yield from apps_used_twice(
        document,
        "container",
        lambda id, platform, group: T(
            "the app “{id}” ({platform}) is already in “{group}”.", id=id, platform=platform, group=group
        ),
    )
    yield from _services_of_no_rule(document)


def _rules(document: Mapping[str, Any]) -> set[str]:
    return {id for _, rule in of(document, "rule") if isinstance(id := rule.get("id"), str)}


def _ids_used_twice(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """Find ids that two things have: by its id a higher file replaces a thing or switches it off."""
    used_ids = _rules(document)
    for number, inner in of(document, "container"):
        id = inner.get("id")
        if isinstance(id, str):
            if id in used_ids:
                message = T("the id “{id}” is used more than once.", id=plain(id))
                yield FormatFault(("container", number, "id"), message)
            used_ids.add(id)


def apps_used_twice(
    document: Mapping[str, Any], group: str, sentence: Callable[[str, str, str], Text]
) -> Iterator[FormatFault]:
    """Find apps that stand twice in the tables of a group. `sentence` says so of an app's id and platform, and of the
    id of the table that has it already."""
    apps: dict[tuple[str, str], str] = {}
    for number, inner in of(document, group):
        for a, app in of(inner, "app"):
            platform, id = app.get("platform"), app.get("id")
            if not isinstance(platform, str) or not isinstance(id, str):
                continue
            if (platform, id) in apps:
                message = sentence(plain(id), plain(platform), apps[platform, id])
                yield FormatFault((group, number, "app", a, "id"), message)
            else:
                apps[platform, id] = plain(str(inner.get("id", "?")))


def _services_of_no_rule(document: Mapping[str, Any]) -> Iterator[FormatFault]:
    """A service is told under the name of a rule's product; the rule of a file that stands on another may be there."""
    rule_ids = _rules(document)
    hosts: dict[str, str] = {}
    for number, inner in of(document, "web"):
        rule, listed_hosts = inner.get("rule"), inner.get("hosts")
        if isinstance(rule, str) and rule not in rule_ids and "on" not in document:
            message = T("there is no rule with the id “{id}” in this file.", id=plain(rule))
            yield FormatFault(("web", number, "rule"), message)
        if listed_hosts == []:
            yield FormatFault(("web", number, "hosts"), T("a service on the web must have at least one host."))
        for host in listed_hosts if isinstance(listed_hosts, list) else ():
            if isinstance(host, str) and host in hosts:
                message = T(
                    "the host “{host}” is already in a service of “{rule}”.", host=plain(host), rule=hosts[host]
                )
                yield FormatFault(("web", number, "hosts"), message)
            elif isinstance(host, str):
                hosts[host] = plain(str(rule))
