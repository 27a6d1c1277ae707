"""What `dumpsys` prints: packages, which app opens what, device policy, users."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from core.simulator.commands import management, package_text, usage
from core.simulator.commands.protection import Protection
from core.simulator.commands.streams import Io, Reply, to_bytes
from core.simulator.model.identity import activities, component, scheme, token
from core.simulator.model.installed import Package
from core.simulator.model.java import array_map_order
from core.simulator.model.phone import PracticePhone

#: Seconds that the list of packages takes; the tables of who opens what; anything else.
PACKAGES_TIME: Final = 0.4
RESOLVERS_TIME: Final = 0.1
COMMAND_TIME: Final = 0.03

#: The size of the pieces in which a long dump is written, in bytes; about what a phone puts into one packet.
PIECE: Final = 64 * 1024

#: The tables by the words that ask for them. Practice apps have no services; one part of the system has a provider.
_TABLES: Final[Mapping[str, str]] = {
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


class Dumps:
    """The dumps of one phone. May be used from any thread."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._protection = Protection(phone)
        self._sdk = phone.scenario.device.sdk

    def run(self, words: Sequence[str], streams: Io) -> int:
        """Carry out `dumpsys` with these words, itself the first of them; always ends with 0, as Android's does."""
        match without_limit(words[1:]):
            case ["package"]:
                self._write_slowly([*self.resolvers(), b"\n", *self.packages()], PACKAGES_TIME, streams)
            case ["package", "packages" | "p"]:
                self._write_slowly(self.packages(), PACKAGES_TIME, streams)
                for piece in self.flood():
                    streams.out(piece)
            case ["package", "resolvers" | "r", *kinds]:
                unknown = next((kind for kind in kinds if kind not in _TABLES), None)
                if unknown is None:
                    self._write_slowly(self.resolvers(*kinds), RESOLVERS_TIME, streams)
                else:
                    streams.say(f"Error: unknown resolver table type: {unknown}\n")
            case rest:
                streams.cancel.wait(COMMAND_TIME * self._phone.pace)
                with self._phone.lock:  # not while it is written: a slow reader would hold up the phone
                    reply = self._short(rest)
                streams.say(reply.out)
                streams.complain(reply.err)
        return 0

    def _short(self, words: Sequence[str]) -> Reply:
        match words:
            case ["package", name]:
                return Reply(self._package(name))
            case ["device_policy"]:
                return Reply(management.device_policy(self._phone))
            case ["user"]:
                return Reply(management.users(self._phone))
            case ["lock_settings"]:
                return Reply(self._protection.lock_dump())
            case ["adb"]:
                return Reply(self._protection.adb_dump())
            case ["usagestats", *names]:
                return Reply(usage.usage(self._phone, names))
            case [service, *_]:
                return Reply(err=f"Can't find service: {service}\n")
        return Reply(
            "Currently running services:\n  adb\n  device_policy\n  lock_settings\n  package\n  usagestats\n  user\n"
        )

    def _write_slowly(self, pieces: Sequence[bytes], seconds: float, streams: Io) -> None:
        """A long dump comes bit by bit, while the phone gathers it."""
        rest = seconds * self._phone.pace / max(1, len(pieces))
        for piece in pieces:
            streams.cancel.wait(rest)
            streams.out(piece)

    def packages(self) -> tuple[bytes, ...]:
        """The list of packages, in pieces."""
        with self._phone.lock:
            return tuple(_pieces(self._package_parts(self._phone.in_order())))

    def resolvers(self, *kinds: str) -> tuple[bytes, ...]:
        """Which app opens what: all tables, or those of `kinds`."""
        tables = {_TABLES[kind] for kind in kinds or _TABLES}
        return tuple(_pieces(_resolvers(self._phone.with_code(), tables, self._sdk)))

    def flood(self) -> Iterator[bytes]:
        """What a phone adds that wants to drown its reader: so many megabytes, made on the way."""
        remaining, number = self._phone.scenario.flood_megabytes * 1024 * 1024, 0
        while remaining > 0:
            lines = [f"  Package [com.example.flood{number + n}] (0):\n    versionName=1\n" for n in range(1000)]
            piece = "".join(lines).encode()[:remaining]
            remaining -= len(piece)
            number += 1000
            yield piece

    def _package(self, name: str) -> str:
        package = self._phone.packages.get(name)
        if package is None:
            return f"Unable to find package: {name}\n"
        return "".join(self._package_parts([package]))

    def _package_parts(self, packages: Collection[Package]) -> Iterator[str]:
        yield "Packages:\n"
        for package in packages:
            yield package_text.block(package, self._sdk)
        updated = [p for p in packages if p.updated]
        if updated:
            yield "\nHidden system packages:\n"
            for package in updated:
                yield package_text.block(package, self._sdk, factory=True)


def without_limit(words: Sequence[str]) -> Sequence[str]:
    """dumpsys' words without `-t SECONDS` or `-T MILLISECONDS`: the practice phone is never too slow."""
    return words[2:] if words[:1] in (["-t"], ["-T"]) else words


def _pieces(parts: Iterable[str]) -> Iterator[bytes]:
    """`parts`, joined to pieces of at least PIECE bytes."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(to_bytes(part))
        size += len(waiting[-1])
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


# The tables that tell which app's class opens what, as AOSP's IntentResolver.dump prints them: groups, within them what
# is asked for, by its hash, within that one line a filter, in the order of the objects' numbers. Up to Android 10 the
# filters of one class are one line with their count.

#: Since Android 11 each filter has a line of its own.
_LINE_A_FILTER: Final = 30


def _resolvers(packages: Sequence[Package], tables: Collection[str], sdk: int) -> Iterator[str]:
    """The `tables` tables over the files of `packages`, line by line."""
    if "Activity" in tables:
        yield from _table("Activity", _activities(packages, sdk))
    if "Provider" in tables:
        yield "\n" if "Activity" in tables else ""
        yield from _table("Provider", {"Non-Data Actions": {_DOCUMENTS: [_line(*_STORAGE)]}})


def _table(title: str, groups: Mapping[str, _Group]) -> Iterator[str]:
    yield f"{title} Resolver Table:\n"
    started = False
    for group, by_key in groups.items():
        if not by_key:
            continue
        yield f"\n  {group}:\n" if started else f"  {group}:\n"
        started = True
        for key in array_map_order(by_key):
            yield f"      {key}:\n"
            yield from sorted(by_key[key], key=lambda line: int(line.split()[0], 16))


def _activities(packages: Sequence[Package], sdk: int) -> Mapping[str, _Group]:
    """An app's first class is started from the launcher, its second opens addresses, the others open things."""
    schemes: _Group = {}
    actions: _Group = {}
    for package in packages:
        for number, activity in enumerate(activities(package.data)):
            line = _line(package.name, activity)
            if number == 0:
                has_two = zlib.crc32(package.name.encode("utf-8", "surrogateescape")) % 5 == 0
                two = [line, line] if sdk >= _LINE_A_FILTER else [line.replace("\n", " (2 filters)\n")]
                actions.setdefault(_MAIN, []).extend(two if has_two else [line])
            elif number == 1:
                schemes.setdefault(scheme(package.data), []).append(line)
            else:
                actions.setdefault(_VIEW, []).append(line)
    return {"Schemes": schemes, "Non-Data Actions": actions}


def _line(package: str, name: str) -> str:
    return f"        {token(package, name)} {component(package, name)}\n"
