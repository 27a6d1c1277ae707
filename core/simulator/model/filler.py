"""The ordinary apps that every phone is full of. Their names are data, in `resources/practice/common`."""

from __future__ import annotations

import zlib
from typing import Final

from core.simulator.model.scenario import AppData, Version, common

#: Of a hundred apps on a phone, so many came with it.
_SYSTEM_SHARE: Final = 0.6


def ordinary_apps(count: int, maker: str, profiles: tuple[int, ...]) -> tuple[AppData, ...]:
    """`count` apps, always the same ones: part of the system in all `profiles`, the rest installed in profile 0."""
    names = common("ordinary-apps")
    system_names = [
        *(f"com.android.{n}" for n in names["system"]),
        *(f"com.google.android.{n}" for n in names["google"]),
    ]
    words, variants = names["others"], names["variants"]
    of_system = min(count, round(count * _SYSTEM_SHARE))
    made_up = (f"com.{maker.lower()}.android.service{n}" for n in range(of_system - len(system_names)))
    apps = [_app(package, _label(package), True, profiles) for package in (*system_names[:of_system], *made_up)]
    for n in range(count - of_system):
        word = words[n % len(words)]
        label = variants[n // len(words) % len(variants)].format(_label(word))
        apps.append(_app(f"com.example.{word}{n}", label, False, (0,)))
    return tuple(apps)


def _label(package: str) -> str:
    """What a package of the system, or an ordinary word, is called on the screen."""
    name = package.removeprefix("com.google.android.").removeprefix("com.android.")
    words = (part.capitalize() for part in name.split(".") if part not in ("com", "android"))
    return str(common("ordinary-apps")["labels"].get(name) or " ".join(words))


def _app(package: str, label: str, system: bool, profiles: tuple[int, ...]) -> AppData:
    number = zlib.crc32(package.encode())
    major, minor, patch = 1 + number % 19, (number >> 8) % 30, (number >> 16) % 10
    return AppData(
        package=package,
        version=Version(major * 10_000 + minor * 100 + patch, f"{major}.{minor}.{patch}"),
        system=system,
        label=label,
        installer="" if system else "com.android.vending",
        profiles=profiles,
    )
