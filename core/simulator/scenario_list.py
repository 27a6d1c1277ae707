"""Which practice phones there are, without loading what makes one: a window offers them before one is wanted.

How each is offered is one row of `resources/practice/common/offers.toml`: its group, its title and one sentence, in the
order in which they are shown. What it is stands in its scenario. An iPhone's scenario is told by its name, which begins
with ``iphone-``. It is made by :func:`core.simulator.iphone.load_iphone`, one of an Android phone by
:func:`core.simulator.load`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from core.model import platforms
from core.text import Bilingual, T, Text

#: How a practice phone is when it is plugged in: ready; or what :mod:`core.simulator.model.owner` brings to ready, or
#: for an iPhone :mod:`core.simulator.iphone.holder`.
Begins = Literal["ready", "asks", "debugging-off", "no-permission", "denies", "locks", "locked"]

_IPHONE = "iphone-"


class OfferGroup(StrEnum):
    """What practice phones are offered together, in this order."""

    FIRST = "first"
    RED = "red"
    NOT_READY = "not-ready"
    HARD = "hard"
    IPHONE = "iphone"

    @property
    def heading(self) -> Text:
        """What stands over the group in front of people."""
        return _GROUP_HEADINGS[self]


_GROUP_HEADINGS: Final = {
    OfferGroup.FIRST: T("First steps"),
    OfferGroup.RED: T("Red"),
    OfferGroup.NOT_READY: T("Not ready"),
    OfferGroup.HARD: T("Hard cases"),
    OfferGroup.IPHONE: T("iPhones"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A practice phone by name, as it is offered."""

    name: str
    group: OfferGroup
    title: Bilingual
    #: What is to be seen on it, in one sentence.
    sentence: Bilingual

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


@cache
def offers() -> Mapping[str, Offer]:
    """Every practice phone by its name, as they are offered: group by group, the recommended one first."""
    return {
        name: Offer(name, OfferGroup(row["group"]), Bilingual(**row["title"]), Bilingual(**row["sentence"]))
        for name, row in _table("common/offers").items()
    }


def offer(name: str) -> Offer:
    """The practice phone `name`, which is one of :func:`names`, of any platform. Raises KeyError for another name."""
    return offers()[name]


def begins(name: str) -> Begins:
    """How the practice phone `name` is when it is plugged in. Raises FileNotFoundError where there is none."""
    table = _table(name)
    if platform(name) == "ios":
        return "locked" if table.get("locked") else "asks" if table.get("trust") == "asks" else "ready"
    beginning: Begins = table.get("begins", "ready")
    return beginning


def serial(name: str) -> str:
    """The serial number that the practice phone `name` tells. Raises FileNotFoundError where there is none."""
    return str(_table(name)["device"]["serial"])


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("resources") / "practice" / f"{name}.toml").read_text(encoding="utf-8"))
