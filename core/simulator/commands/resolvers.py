"""The tables in `dumpsys package`, and alone in `dumpsys package resolvers`, of which app's class opens what.

As AOSP's IntentResolver.dump prints them: groups, within them what is asked for, within that one line a class, in the
order of the objects' numbers. Where one app is asked for, each line names its filter and is followed by what is in it;
otherwise several filters of one class are one line with their count.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from core.simulator.model.identity import activities, component, receivers, scheme, token
from core.simulator.model.installed import Package

ACTIVITIES: Final = "Activity"
RECEIVERS: Final = "Receiver"
SERVICES: Final = "Service"
PROVIDERS: Final = "Provider"
KINDS: Final = (ACTIVITIES, RECEIVERS, PROVIDERS)

#: The words by which the tables are asked for. Practice apps have no services; one part of the system has a provider.
WORDS: Final[Mapping[str, str]] = {
    "activity": ACTIVITIES,
    "a": ACTIVITIES,
    "receiver": RECEIVERS,
    "r": RECEIVERS,
    "service": SERVICES,
    "s": SERVICES,
    "content": PROVIDERS,
    "c": PROVIDERS,
}

_MAIN: Final = "android.intent.action.MAIN"
_VIEW: Final = "android.intent.action.VIEW"
_ADMIN: Final = "android.app.action.DEVICE_ADMIN_ENABLED"
_DOCUMENTS: Final = "android.content.action.DOCUMENTS_PROVIDER"
#: On every phone that can open documents: what shows its memory.
_STORAGE: Final = ("com.android.externalstorage", "com.android.externalstorage.ExternalStorageProvider")

#: What is asked for, to the lines below it.
_Group = dict[str, list[str]]


def tables(packages: Sequence[Package], kinds: Collection[str], *, filters: bool = False) -> Iterator[str]:
    """The tables `kinds` over the files of `packages`, line by line; a table with nothing in it is left out."""
    first = True
    if ACTIVITIES in kinds and packages:
        yield from _table(ACTIVITIES, _activities(packages, filters))
        first = False
    listening = [p for p in packages if p.data.admin]
    if RECEIVERS in kinds and listening:
        yield "" if first else "\n"
        yield from _table(RECEIVERS, {"Non-Data Actions": _receivers(listening, filters)})
        first = False
    if PROVIDERS in kinds and packages and (not filters or any(p.name == _STORAGE[0] for p in packages)):
        yield "" if first else "\n"
        provider = _Line(*_STORAGE, filters).with_filter(_DOCUMENTS)
        yield from _table(PROVIDERS, {"Non-Data Actions": {_DOCUMENTS: [provider]}})


def _table(title: str, groups: Mapping[str, _Group]) -> Iterator[str]:
    yield f"{title} Resolver Table:\n"
    started = False
    for group, asked in groups.items():
        if not asked:
            continue
        yield f"\n  {group}:\n" if started else f"  {group}:\n"
        started = True
        for what, lines in asked.items():
            yield f"      {what}:\n"
            yield from sorted(lines)


def _activities(packages: Sequence[Package], filters: bool) -> Mapping[str, _Group]:
    """An app's first class is started from the launcher, its second opens addresses, the others open things."""
    schemes: _Group = {}
    actions: _Group = {}
    for package in packages:
        name = package.name
        for number, activity in enumerate(activities(package.data)):
            line = _Line(name, activity, filters)
            if number == 0:
                more = zlib.crc32(name.encode("utf-8", "surrogateescape")) % 5 == 0
                actions.setdefault(_MAIN, []).append(line.with_filter(_MAIN, "LAUNCHER", count=2 if more else 1))
            elif number == 1:
                opened = scheme(package.data)
                schemes.setdefault(opened, []).append(line.with_filter(_VIEW, "DEFAULT", opened))
            else:
                actions.setdefault(_VIEW, []).append(line.with_filter(_VIEW, "DEFAULT"))
    return {"Schemes": schemes, "Non-Data Actions": actions}


def _receivers(packages: Sequence[Package], filters: bool) -> _Group:
    return {
        _ADMIN: [
            _Line(package.name, receiver, filters).with_filter(_ADMIN)
            for package in packages
            for receiver in receivers(package.data)
        ]
    }


class _Line:
    """One class's line, with what stands below it."""

    def __init__(self, package: str, name: str, filters: bool) -> None:
        self._start = f"        {token(package, name)} {component(package, name)}"
        self._filter = token(package, name, "filter") if filters else ""

    def with_filter(self, action: str, category: str = "", scheme: str = "", count: int = 1) -> str:
        """The text. `count`: how many filters of the class fit."""
        if not self._filter:
            return f"{self._start} ({count} filters)\n" if count > 1 else f"{self._start}\n"
        inside = [f'Action: "{action}"']
        inside += [f'Category: "android.intent.category.{category}"'] if category else []
        inside += [f'Scheme: "{scheme}"'] if scheme else []
        return f"{self._start} filter {self._filter}\n" + "".join(f"          {line}\n" for line in inside)
