"""Which practice phones there are, without loading what makes one: a window offers them before one is wanted.

An iPhone's scenario is told by its name, which begins with ``iphone-``. It is made by
:func:`core.simulator.iphone.load_iphone`, one of an Android phone by :func:`core.simulator.load`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from core.model import platforms
from core.text import Bilingual

#: How a practice phone is when it is plugged in: ready; or what :mod:`core.simulator.model.owner` brings to ready.
Begins = Literal["ready", "asks", "debugging-off", "no-permission", "denies", "locks"]

_IPHONE = "iphone-"


@dataclass(frozen=True, slots=True)
class Offer:
    """A practice phone by name, as it is offered."""

    name: str
    title: Bilingual
    description: Bilingual
    begins: Begins
    #: The serial number that it tells.
    serial: str

    @property
    def platform(self) -> str:
        """Whether it is an Android phone or an iPhone."""
        return platform(self.name)


def names(of: str = "android") -> tuple[str, ...]:
    """The names of all scenarios of a platform, in order."""
    files = (resources.files("resources") / "practice").iterdir()
    all_names = sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))
    return tuple(name for name in all_names if platform(name) == of)


def every() -> tuple[str, ...]:
    """The names of all scenarios, those of each platform together."""
    return tuple(name for platform in platforms.PLATFORMS for name in names(platform))


def platform(name: str) -> str:
    """What the practice phone `name` is."""
    return "ios" if name.startswith(_IPHONE) else "android"


def offer(name: str) -> Offer:
    """The practice phone `name`, which is one of :func:`names`, of any platform."""
    source = (resources.files("resources") / "practice" / f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    title, description = Bilingual(**table["title"]), Bilingual(**table["description"])
    return Offer(name, title, description, table.get("begins", "ready"), table["device"]["serial"])
