"""What a policy says of an inventory: findings with their evidence, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.model.can_return import ProductReturn, Return
from core.model.health import HealthSignal, Light
from core.model.phone import App, Gap, Identity, Inventory, Profile
from core.model.platforms import of
from core.model.policy import Policy, Strength
from core.problem import Problem
from core.text import Bilingual, Text


class Verdict(StrEnum):
    """In this order of precedence: a banned app is there; none found, but not all was seen; everything was seen, every
    app that was installed by hand was looked into, and none is banned."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class EvidenceKind(StrEnum):
    """What made a rule match."""

    PACKAGE_ID = "package-id"
    #: A digest of the whole signing certificate.
    CERTIFICATE = "certificate"
    #: The 32-bit hash of it that Android prints: another certificate can be made to have it.
    SIGNER_HASH = "signer-hash"
    #: The app bears the name, and its certificate is none of its maker's.
    OTHER_SIGNER = "other-signer"
    CODE = "code"
    #: The name of a file in the app's archive.
    FILE = "file"
    LABEL = "label"
    TEAM_ID = "team-id"
    #: Who signed it, in the phone's words: the name of a person or of an organisation.
    SIGNER_NAME = "signer-name"
    #: The host of the page that it opens.
    START_ADDRESS = "start-address"


class Match(StrEnum):
    """How surely an app is what a rule names."""

    NAMED_AND_SIGNED = "named-and-signed"
    #: The maker's certificate is not known, or could not be compared.
    NAMED = "named"
    LOOK_ALIKE = "look-alike"
    SAME_SIGNER = "same-signer"
    SAME_CODE = "same-code"
    SUSPECTED_SIGNER = "suspected-signer"
    SUSPECTED_CODE = "suspected-code"
    #: It only calls itself so: a hint, which decides nothing.
    LABEL = "label"
    #: A browser made it, and it opens a page of the product's service: it is not the product's app.
    WEB_PAGE = "web-page"
    #: No rule names it. It came past the store of the phone's maker, as a banned app under another id could.
    PAST_THE_STORE = "past-the-store"

    @property
    def suspected(self) -> bool:
        """Whether the sign may be chance or forged, and what would make sure could not be read."""
        return self in (Match.SUSPECTED_SIGNER, Match.SUSPECTED_CODE)

    @property
    def other_name(self) -> bool:
        """Whether the app bears another id than those that the rule lists."""
        return self not in (Match.NAMED_AND_SIGNED, Match.NAMED, Match.LOOK_ALIKE, Match.PAST_THE_STORE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason why an app is what a rule names: the kind, the value that matched, and where the rule has it from."""

    kind: EvidenceKind
    value: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Excepted:
    """This phone may have this app until the end of a day. `entry` is the record that grants it."""

    entry: int
    until: date
    authority: str
    reference: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule matched an app in one profile. `why` is one sentence that an officer can read aloud.

    An app for review is one as well: no rule names it (see :mod:`core.policy.matching.review`), and `product` is what
    it calls itself.
    """

    rule: str
    product: Bilingual
    strength: Strength
    app: App
    profile: Profile
    evidence: tuple[Evidence, ...]
    why: Text
    match: Match = Match.NAMED
    excepted: Excepted | None = None

    @property
    def display_name(self) -> Bilingual:
        """What to call the app in front of people: the product, and what stands on the phone where that is another."""
        if not self.match.other_name:
            return self.product
        name = self.app.label or self.app.package
        return Bilingual(f"{name} ({self.product.en})", f"{name} ({self.product.fr})")

    @property
    def on_phone(self) -> Bilingual:
        """What the app is called on the phone itself, as far as that is known."""
        name = self.app.label or (self.app.package if self.match.other_name else "")
        return Bilingual(name, name) if name else self.product

    @property
    def is_ban(self) -> bool:
        """Whether it is a banned app: what is only suspected or only calls itself so is none yet."""
        return self.strength is Strength.BAN and not (self.match.suspected or self.match is Match.LABEL)

    @property
    def is_suspect(self) -> bool:
        """Whether it may be a banned app, and that could not be made sure."""
        return self.strength is Strength.BAN and self.match.suspected

    @property
    def contained(self) -> bool:
        """Part of the system image and disabled: it cannot be removed further and cannot be started.

        A suspended app does not count: what suspended it, such as the phone's screen-time limits, lifts that again.
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
    #: What was read from the files of some apps, by package.
    identities: Mapping[str, Identity] = field(default_factory=dict, compare=False)
    #: What was left unsure: apps that may be banned ones, and apps whose files were not looked into.
    unsure: tuple[Gap, ...] = ()
    #: Why the phone could not be asked to the end, where it was lost on the way.
    broken_off: Problem | None = field(default=None, compare=False)
    #: What the phone says of its own protection, always in the same order.
    health: tuple[HealthSignal, ...] = ()
    #: Of each product that a ban names by an id on this platform, in the policy's order: whether it can be installed
    #: again.
    returns: tuple[ProductReturn, ...] = ()

    @property
    def unblocked(self) -> tuple[ProductReturn, ...]:
        """The products of which the phone does not say that its management blocks them, where the policy demands it."""
        if not self.policy.demand_blocked:
            return ()
        return tuple(product for product in self.returns if product.state is not Return.BLOCKED)

    @property
    def unhealthy(self) -> tuple[HealthSignal, ...]:
        """The signals that are not as the policy demands: those that it lets decide the verdict, and no others."""
        return tuple(s for s in self.health if self._decides(s) is not None)

    def _decides(self, signal: HealthSignal) -> Verdict | None:
        """The verdict that a signal alone makes; None where it makes none."""
        rules = self.policy.health
        if signal.signal in rules.red and signal.light is Light.RED:
            return Verdict.RED
        fine = signal.light in (Light.GREEN, Light.INFORMATION)
        return Verdict.AMBER if signal.signal in rules.amber and not fine else None

    @property
    def demanded(self) -> tuple[Gap, ...]:
        """The places that only a person sees for certain, where the policy demands that an officer looks there."""
        return tuple(place.gap for place in self.inventory.places if place.profile.kind in self.policy.demanded)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not seen, what it left unsure, and where an officer must look."""
        return (*self.inventory.gaps, *self.unsure, *self.demanded)

    @property
    def apps_read(self) -> int:
        """How many of the apps that the phone listed were read: by its full list, and by their own file where that is
        not enough."""
        if not self.gaps:
            return len(self.inventory.apps)
        if self.inventory.names_only:
            return 0
        whole = {package for package, identity in self.identities.items() if identity.why is None}
        doubted = {finding.app.package for finding in self.suspected} - whole
        enough = (a for a in self.inventory.apps if a.package in whole or not a.must_be_looked_into)
        return sum(app.package not in doubted for app in enough)

    @property
    def bans(self) -> tuple[Finding, ...]:
        """Banned apps, those among them that an exception allows or that are switched off."""
        return tuple(f for f in self.findings if f.is_ban)

    @property
    def for_review(self) -> tuple[Finding, ...]:
        """Apps that a person is to look at. They never decide the verdict."""
        return tuple(f for f in self.findings if f.strength is Strength.REVIEW)

    @property
    def red(self) -> tuple[Finding, ...]:
        """What makes the phone red: bans that are neither excepted nor switched off for good."""
        return tuple(f for f in self.bans if not f.contained and f.excepted is None)

    @property
    def suspected(self) -> tuple[Finding, ...]:
        """Apps of which it could not be made sure that they are not banned ones."""
        return tuple(f for f in self.findings if f.is_suspect)

    @property
    def makers_not_told(self) -> tuple[App, ...]:
        """The apps of an iPhone that were asked for, and of which it does not tell for which team they are signed.
        Apple's own apps are signed for none."""
        platform = self.inventory.phone.platform
        if not of(platform).by_team:
            return ()
        silent = {app.package for app in self.identities.values() if app.why is None and not app.teams}
        return tuple(app for app in self.inventory.apps if app.package in silent and not app.of_maker(platform))

    @property
    def banned_products(self) -> frozenset[Bilingual]:
        """The products that make the phone red; where none does, those that are excepted or switched off."""
        return frozenset(f.product for f in self.red) or frozenset(f.product for f in self.bans)

    @property
    def verdict(self) -> Verdict:
        """Red before amber before green. An excepted ban, or a banned system app that is switched off, makes amber.

        The phone's own health, and whether a banned app can come back, decide only where the policy says so: see
        :attr:`unhealthy` and :attr:`unblocked`.
        """
        health = {self._decides(signal) for signal in self.health}
        if self.red or Verdict.RED in health:
            return Verdict.RED
        if self.bans or self.suspected or self.gaps or Verdict.AMBER in health or self.unblocked:
            return Verdict.AMBER
        return Verdict.GREEN
