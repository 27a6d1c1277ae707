"""Which practice phones there are, without loading what makes one: a window offers them before one is wanted."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from core.text import Bilingual

#: How a practice phone is when it is plugged in: ready; or what :mod:`core.simulator.model.owner` brings to ready.
Begins = Literal["ready", "asks", "debugging-off", "no-permission", "denies", "locks"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A practice phone by name, as it is offered."""

    name: str
    title: Bilingual
    description: Bilingual
    begins: Begins


def names() -> tuple[str, ...]:
    """The names of all scenarios, in order."""
    found = (resources.files("resources") / "practice").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in found if f.name.endswith(".toml")))


def offer(name: str) -> Offer:
    """The practice phone `name`, which is one of :func:`names`."""
    source = (resources.files("resources") / "practice" / f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    return Offer(name, Bilingual(**table["title"]), Bilingual(**table["description"]), table.get("begins", "ready"))
