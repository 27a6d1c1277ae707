"""The tables of `dumpsys package resolvers` that tell which app's class opens what.

As AOSP's IntentResolver.dump prints them: groups, within them what is asked for, within that one line a class, in the
order of the objects' numbers; several filters of one class are one line with their count.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from core.simulator.model.identity import activities, component, scheme, token
from core.simulator.model.installed import Package

#: The tables by the words that ask for them. Practice apps have no services; one part of the system has a provider.
TABLES: Final[Mapping[str, str]] = {
    "activity": "Activity",
    "a": "Activity",
    "service": "Service",
    "s": "Service",
    "content": "Provider",
    "c": "Provider",
}

_MAIN: Final = "android.intent.action.MAIN"
_VIEW: Final = "android.intent.action.VIEW"
_DOCUMENTS: Final = "android.content.action.DOCUMENTS_PROVIDER"
#: On every phone that can open documents: what shows its memory.
_STORAGE: Final = ("com.android.externalstorage", "com.android.externalstorage.ExternalStorageProvider")

#: What is asked for, to the lines below it.
_Group = dict[str, list[str]]


def tables(packages: Sequence[Package], wanted: Collection[str]) -> Iterator[str]:
    """The `wanted` tables over the files of `packages`, line by line."""
    if "Activity" in wanted:
        yield from _table("Activity", _activities(packages))
    if "Provider" in wanted:
        yield "\n" if "Activity" in wanted else ""
        yield from _table("Provider", {"Non-Data Actions": {_DOCUMENTS: [_line(*_STORAGE)]}})


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


def _activities(packages: Sequence[Package]) -> Mapping[str, _Group]:
    """An app's first class is started from the launcher, its second opens addresses, the others open things."""
    schemes: _Group = {}
    actions: _Group = {}
    for package in packages:
        for number, activity in enumerate(activities(package.data)):
            line = _line(package.name, activity)
            if number == 0:
                more = zlib.crc32(package.name.encode("utf-8", "surrogateescape")) % 5 == 0
                actions.setdefault(_MAIN, []).append(line.replace("\n", " (2 filters)\n") if more else line)
            elif number == 1:
                schemes.setdefault(scheme(package.data), []).append(line)
            else:
                actions.setdefault(_VIEW, []).append(line)
    return {"Schemes": schemes, "Non-Data Actions": actions}


def _line(package: str, name: str) -> str:
    return f"        {token(package, name)} {component(package, name)}\n"
