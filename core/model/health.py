"""How well a phone itself is protected: what it answered, what a policy asks for, and the signals made of the two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from core.model.signals import of_platform
from core.text import Text

#: Days since a phone's security patch after which it is amber and red, where the policy does not say.
PATCH_AMBER_DAYS: Final = 92
PATCH_RED_DAYS: Final = 186
#: Days since the newest iOS of a phone's major version for which an older one is amber; then it is red.
IOS_AMBER_DAYS: Final = 30
#: A version of iOS as an iPhone gives its ProductVersion: two parts, or three of which the last is not 0.
IOS_VERSION: Final = re.compile(r"[1-9][0-9]?\.(?:0|[1-9][0-9]?)(?:\.[1-9][0-9]?)?")


class Light(StrEnum):
    """How a signal is judged. What a phone did not tell, or told in words that are not known, is never green."""

    RED = "red"
    AMBER = "amber"
    NOT_KNOWN = "not-known"
    #: A fact that is neither good nor bad.
    INFORMATION = "information"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class HealthSignal:
    """One thing that a phone says of its own protection, judged.

    `signal` is the name by which policies and records know it, `title` what people call it, `value` what the phone
    says in a word or two, and `says` one sentence: what that means, and what to do.
    """

    signal: str
    title: Text
    value: Text
    light: Light
    says: Text


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What a phone answered to one question: its lines, none of them empty, and its exit code (-1: unknown, or cut)."""

    lines: tuple[str, ...] = ()
    code: int = -1


@dataclass(frozen=True, slots=True)
class HealthReadings:
    """A phone's own words on its protection: kept for judging and never recorded.

    None are shown as they are, but properties of the system by which it contradicts itself.

    `properties` are those that were asked for, by name; one that was told twice with different values has both.
    `answers` are those to other questions, `of_profiles` by question and number of the profile.
    """

    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, HealthAnswer] = field(default_factory=dict)
    of_profiles: Mapping[tuple[str, int], HealthAnswer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IosRelease:
    """The newest iOS of one major version, and the day on which Apple made it public.

    `ended` tells that Apple makes no fixes for that major version any more.
    """

    newest: str
    since: date
    ended: bool = False

    @property
    def major(self) -> int:
        """The number before the first full stop, by which the releases of a policy are told apart."""
        return int(self.newest.partition(".")[0])


@dataclass(frozen=True, slots=True)
class HealthRules:
    """What a policy asks of a phone's health. What is 0 or empty, the policy does not say.

    The days count from the security patch of an Android phone. `expected_owner` is the app that manages Android phones,
    `expected_organisation` the one that supervises iPhones, by its exact name; `ios` has the newest iOS of each major
    version. `red` are the signals that make a check red where they are red, `amber` those that make it amber where they
    are red, amber or not known; `show` those of the strip beside the verdict.
    """

    patch_amber_days: int = 0
    patch_red_days: int = 0
    min_sdk: int = 0
    expected_owner: str = ""
    expected_organisation: str = ""
    ios: tuple[IosRelease, ...] = ()
    red: tuple[str, ...] = ()
    amber: tuple[str, ...] = ()
    show: tuple[str, ...] = ()

    @property
    def amber_days(self) -> int:
        return self.patch_amber_days or min(PATCH_AMBER_DAYS, self.red_days)

    @property
    def red_days(self) -> int:
        return self.patch_red_days or max(PATCH_RED_DAYS, self.patch_amber_days)

    def over(self, lower: HealthRules) -> HealthRules:
        """These rules, laid on others: what they say counts, and the signals that decide are those of both.

        Of each major version of iOS the release that the upper rules name counts.
        """
        return HealthRules(
            patch_amber_days=self.patch_amber_days or lower.patch_amber_days,
            patch_red_days=self.patch_red_days or lower.patch_red_days,
            min_sdk=self.min_sdk or lower.min_sdk,
            expected_owner=self.expected_owner or lower.expected_owner,
            expected_organisation=self.expected_organisation or lower.expected_organisation,
            ios=tuple({release.major: release for release in (*lower.ios, *self.ios)}.values()),
            red=tuple(dict.fromkeys((*lower.red, *self.red))),
            amber=tuple(dict.fromkeys((*lower.amber, *self.amber))),
            show=self.show or lower.show,
        )

    def strip_signals(self, platform: str) -> tuple[str, ...]:
        """The signals of the strip for phones of one platform, in their order: those of `show` that such phones have.

        Where the policy names none of them, it says nothing of these phones, and the usual ones are shown.
        """
        rows = {row.id: row for row in of_platform(platform)}
        return tuple(name for name in self.show if name in rows) or tuple(row.id for row in rows.values() if row.strip)
