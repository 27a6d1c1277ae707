"""What every signal is judged by, and what they have in common: known words, and the worst of several lights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.model import HealthAnswer, HealthRules, HealthSignal, Inventory, Light, Profile
from core.model.signals import SIGNALS
from core.text import N, T, Text

#: From the worst to the best; a fact that is neither is no better than what was not told.
_ORDER: Final = (Light.RED, Light.AMBER, Light.NOT_KNOWN, Light.INFORMATION, Light.GREEN)
#: What stands for a command that did not end well: no known word.
_FAILED: Final = "…"
#: Android's own id of an app.
_PACKAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}(?:\.[A-Za-z0-9_]{1,254}){0,40}")

NOT_KNOWN: Final = T("not known")
#: What every signal says that the phone did not tell.
NOT_TOLD: Final = T("The phone did not tell this in words that Fanion knows: look on the phone itself.")


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """A phone as it was read, with the rules and lists that its health is judged by."""

    inventory: Inventory
    rules: HealthRules
    today: date
    #: The packages of banned apps on it.
    banned: frozenset[str]
    stores: frozenset[str]

    @property
    def sdk(self) -> int:
        return self.inventory.phone.sdk

    @property
    def by_samsung(self) -> bool:
        """Whether the phone says that Samsung made it: Knox is Samsung's alone."""
        return self.inventory.phone.maker.casefold() == "samsung"

    def property_values(self, *properties: str) -> tuple[str, ...]:
        """The values of these properties, as many as the phone gave."""
        return tuple(value for name in properties for value in self.inventory.health.properties.get(name, ()))

    def answer(self, question: str, profile: Profile | None = None) -> HealthAnswer:
        """What the phone answered; nothing where it did not."""
        if profile is None:
            return self.inventory.health.answers.get(question, HealthAnswer())
        return self.inventory.health.of_profiles.get((question, profile.id), HealthAnswer())

    def words(self, question: str, profile: Profile | None = None) -> tuple[str, ...]:
        """The lines of an answer, with one more that is no known word where the command failed."""
        answer = self.answer(question, profile)
        return answer.lines if answer.code == 0 else (*answer.lines, _FAILED)

    @property
    def system_apps(self) -> frozenset[str]:
        """The packages that came with the phone."""
        return frozenset(app.package for app in self.inventory.apps if app.system)


#: How bad a light is: 0 is the worst.
rank: Final = _ORDER.index


def worst(lights: Iterable[Light]) -> Light:
    """The worst of these lights; NOT_KNOWN where there is none."""
    return min(lights, key=rank, default=Light.NOT_KNOWN)


def light_of(words: Iterable[str], lights: Mapping[str, Light]) -> Light:
    """The worst of what these words mean. A word that is not among the known ones means nothing that is known."""
    return worst(lights.get(word, Light.NOT_KNOWN) for word in words)


def health_signal(name: str, value: Text, light: Light, says: Text) -> HealthSignal:
    """A signal under the title that people know it by."""
    return HealthSignal(name, SIGNALS[name].title, value, light, says)


def signal(name: str, light: Light, values: Mapping[Light, Text], sentences: Mapping[Light, Text]) -> HealthSignal:
    """A signal with the value and the sentence that belong to its light."""
    return health_signal(name, values.get(light, NOT_KNOWN), light, sentences.get(light, NOT_TOLD))


def packages(lines: Iterable[str], *, services: bool) -> tuple[frozenset[str], bool]:
    """The packages of a list, and whether all of it was understood: a package a line, or, of `services`, components
    (``package/class``) with colons between them."""
    names, sure = set[str](), True
    for line in lines:
        for component in line.split(":") if services else (line,):
            package, has_class, _ = component.strip().partition("/")
            if _PACKAGE.fullmatch(package) and bool(has_class) is services:
                names.add(package)
            elif component.strip():
                sure = False
    return frozenset(names), sure


def counted(count: int) -> Text:
    """The number of apps, in words."""
    return N("{count} app", "{count} apps", count)
