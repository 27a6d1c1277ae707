"""The nouns of the road: frozen values that pass from reading a phone to proving what was found.

Nothing here does anything; nothing here knows where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.problem import Cancelled, Problem
from core.text import Bilingual, Text

__all__ = [
    "Admin",
    "App",
    "AppState",
    "Authority",
    "Cancelled",
    "Check",
    "Enabled",
    "Evidence",
    "EvidenceKind",
    "Finding",
    "Gap",
    "Inventory",
    "Labels",
    "Phone",
    "Policy",
    "Problem",
    "Profile",
    "ProfileKind",
    "Rule",
    "RuleId",
    "Strength",
    "Verdict",
]


class Strength(StrEnum):
    """How binding a rule is. Only a `ban` makes a phone red."""

    BAN = "ban"
    RECOMMENDATION = "recommendation"
    NOTICE = "notice"


class Verdict(StrEnum):
    """In this order of precedence: a banned app is there; none found, but not all was seen; all seen, none banned."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class ProfileKind(StrEnum):
    """What a user or profile of a phone is for."""

    PERSONAL = "personal"
    WORK = "work"
    SECURE_FOLDER = "secure-folder"
    DUAL_APPS = "dual-apps"
    PRIVATE_SPACE = "private-space"
    GUEST = "guest"
    OTHER = "other"


class Enabled(StrEnum):
    """An Android package's enabled setting, by PackageManager's numbers 0 to 4."""

    DEFAULT = "default"
    ENABLED = "enabled"
    DISABLED = "disabled"
    DISABLED_USER = "disabled-user"
    DISABLED_UNTIL_USED = "disabled-until-used"
    UNKNOWN = "unknown"

    @property
    def off(self) -> bool:
        """The app cannot be started."""
        return self in (Enabled.DISABLED, Enabled.DISABLED_USER, Enabled.DISABLED_UNTIL_USED)


@dataclass(frozen=True, slots=True)
class Phone:
    """One device, as it described itself. Every text has passed :func:`core.text.plain`."""

    platform: str
    maker: str
    model: str
    os: str
    serial: str
    sdk: int = 0
    patch: str = ""
    practice: bool = False

    @property
    def name(self) -> str:
        """What a person calls it: maker and model, the maker not said twice."""
        if self.model.lower().startswith(self.maker.lower()):
            return self.model
        return f"{self.maker.capitalize() if self.maker.islower() else self.maker} {self.model}".strip()


@dataclass(frozen=True, slots=True)
class Labels:
    """What a department calls a phone, as the officer typed it: all of it is about a person, and none is needed."""

    tag: str = ""
    holder: str = ""
    imei: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A user or profile on the phone. `why` says why it could not be read, where it could not."""

    id: int
    name: str
    kind: ProfileKind
    running: bool = True
    readable: bool = True
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class AppState:
    """One app in one profile."""

    profile: int
    installed: bool
    hidden: bool = False
    suspended: bool = False
    enabled: Enabled = Enabled.DEFAULT
    instant: bool = False
    first_install: str = ""

    @property
    def off(self) -> bool:
        """Installed, but it cannot be started: disabled, suspended or hidden."""
        return self.hidden or self.suspended or self.enabled.off


@dataclass(frozen=True, slots=True)
class App:
    """One package on the phone, with its state in every profile that the phone spoke of.

    `signers` are the 32-bit hashes that Android prints (Java's Arrays.hashCode of the certificate), in hex.
    Times are the phone's own local time, as it printed them.
    """

    package: str
    version_code: int | None = None
    version_name: str = ""
    installer: str = ""
    system: bool = False
    updated_system: bool = False
    signers: tuple[str, ...] = ()
    code_path: str = ""
    first_install: str = ""
    last_update: str = ""
    states: tuple[AppState, ...] = ()

    def state(self, profile: int) -> AppState | None:
        return next((s for s in self.states if s.profile == profile), None)


@dataclass(frozen=True, slots=True)
class Admin:
    """An active device administrator, or an owner, in one profile."""

    profile: int
    component: str
    owner: bool = False
    test_only: bool = False

    @property
    def package(self) -> str:
        return self.component.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not seen: what, why, and how to see it. `profile` is None where it is the whole phone."""

    what: Text
    how: Text
    profile: int | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one reading of a phone gave. `gaps` is empty only if everything was read."""

    phone: Phone
    profiles: tuple[Profile, ...]
    apps: tuple[App, ...]
    admins: tuple[Admin, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def app(self, package: str) -> App | None:
        return next((a for a in self.apps if a.package == package), None)

    def profile(self, id: int) -> Profile | None:
        return next((p for p in self.profiles if p.id == id), None)


class EvidenceKind(StrEnum):
    """What made a rule match."""

    PACKAGE_ID = "package-id"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason why an app is what a rule names: the kind, the value that matched, and where the rule has it from."""

    kind: EvidenceKind
    value: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleId:
    """One identity of a banned product on one platform."""

    platform: str
    id: str
    product: Bilingual
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decided it, when, and in which words. `official_fr` tells whether the French words are the official ones."""

    name: Bilingual
    instrument: Bilingual
    quote: Bilingual
    official_fr: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One product that a policy speaks of."""

    id: str
    product: Bilingual
    strength: Strength
    effective: date
    reason: Bilingual
    authority: Authority
    ids: tuple[RuleId, ...]
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A named, versioned, dated set of rules. `sha256` is of the exact bytes of the file it was read from."""

    id: str
    version: str
    issued: date
    title: Bilingual
    scope: Bilingual
    rules: tuple[Rule, ...]
    sha256: str
    source: str = ""

    def rule(self, id: str) -> Rule | None:
        return next((r for r in self.rules if r.id == id), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule matched an app in one profile. `why` is one sentence that an officer can read aloud."""

    rule: str
    product: Bilingual
    strength: Strength
    app: App
    profile: Profile
    evidence: tuple[Evidence, ...]
    why: Text

    @property
    def contained(self) -> bool:
        """Part of the system image and disabled: it cannot be removed further and cannot be started.

        A suspended app does not count: whoever suspended it, such as the phone's screen-time limits, lifts that again.
        """
        state = self.app.state(self.profile.id)
        return self.app.system and state is not None and state.enabled.off


@dataclass(frozen=True, slots=True)
class Check:
    """A phone, judged against a policy at one time."""

    inventory: Inventory
    policy: Policy
    findings: tuple[Finding, ...]
    started: datetime
    ended: datetime
    seconds: float = field(default=0.0, compare=False)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not seen."""
        return self.inventory.gaps

    @property
    def bans(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.strength is Strength.BAN)

    @property
    def banned_products(self) -> frozenset[Bilingual]:
        """The products that make the phone red; where none does, those that are switched off but cannot go."""
        red = frozenset(f.product for f in self.bans if not f.contained)
        return red or frozenset(f.product for f in self.bans)

    @property
    def verdict(self) -> Verdict:
        """Red before amber before green. A banned system app that is switched off but cannot go makes amber."""
        if any(not f.contained for f in self.bans):
            return Verdict.RED
        if self.bans or self.gaps:
            return Verdict.AMBER
        return Verdict.GREEN
