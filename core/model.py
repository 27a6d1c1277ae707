"""The nouns of the road: frozen values that pass from reading a phone to proving what was found.

Nothing here does anything; nothing here knows where a value came from.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    "Certificate",
    "Check",
    "Code",
    "Enabled",
    "Evidence",
    "EvidenceKind",
    "Excepted",
    "Finding",
    "Gap",
    "Identity",
    "Inventory",
    "Label",
    "Labels",
    "Layer",
    "Match",
    "Phone",
    "PhoneIdentity",
    "Policy",
    "Problem",
    "Profile",
    "ProfileKind",
    "Rule",
    "RuleId",
    "Signer",
    "Strength",
    "Team",
    "Trust",
    "Verdict",
]


class Strength(StrEnum):
    """How binding a rule is. Only a `ban` makes a phone red."""

    BAN = "ban"
    RECOMMENDATION = "recommendation"
    NOTICE = "notice"


class Verdict(StrEnum):
    """In this order of precedence: a banned app is there; none found, but not all was seen; everything was seen, every
    app that was installed by hand was looked into, and none is banned."""

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
class PhoneIdentity:
    """What tells one phone from another for as long as it runs; see :func:`core.same_phone.differences`.

    `build` is the fingerprint of its system, `boot` the random number of its present start: empty where the phone does
    not let it be read. `transport` is the number under which an adb server holds it, empty where there is no server.
    Compared as the phone gave them and never shown: what is not plain ASCII is kept as a digest.
    """

    serial: str = ""
    maker: str = ""
    model: str = ""
    build: str = ""
    boot: str = ""
    transport: str = ""


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
    #: Since Android 15: its code was taken off the phone, its data and its icon were kept. One tap brings it back.
    archived: bool = False

    @property
    def there(self) -> bool:
        """Whether the app is in this profile: installed, or archived."""
        return self.installed or self.archived

    @property
    def off(self) -> bool:
        """Installed, but it cannot be started: disabled, suspended or hidden."""
        return self.hidden or self.suspended or self.enabled.off


@dataclass(frozen=True, slots=True)
class App:
    """One package on the phone, with its state in every profile that the phone spoke of.

    `signers` are the 32-bit hashes that Android prints (Java's Arrays.hashCode of the certificate), in hex, earlier
    signers of an app whose key was replaced among them; `certificates` the SHA-256 of the signers' certificates, in
    lower-case hex, where the phone told them. `components` are the classes that the phone lists behind the app's
    screens, by their full names. `team` is the Apple developer team that signed it, and `label` what it calls itself,
    where that is known.
    Times are the phone's own local time, as it printed them. Where `confirmed` is false, only one of the phone's
    listings knows the app so, or what it says of it makes no sense.
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
    certificates: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    team: str = ""
    label: str = ""
    confirmed: bool = True

    @property
    def must_be_looked_into(self) -> bool:
        """Whether a listing is not enough to tell what it is: its code did not come with the phone, or the listings
        disagree about it."""
        came_along = self.system and not self.updated_system
        return any(state.installed for state in self.states) and not (came_along and self.confirmed)

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
    """What one reading of a phone gave. `gaps` is empty only if everything was read; `identity` is None where the
    reading broke off before the phone had said which it is."""

    phone: Phone
    profiles: tuple[Profile, ...]
    apps: tuple[App, ...]
    admins: tuple[Admin, ...] = ()
    gaps: tuple[Gap, ...] = ()
    identity: PhoneIdentity | None = None

    def app(self, package: str) -> App | None:
        return next((a for a in self.apps if a.package == package), None)

    def profile(self, id: int) -> Profile | None:
        return next((p for p in self.profiles if p.id == id), None)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signing certificate by its digests: of its DER bytes, in lower-case hex; `hash` is the 32-bit one of Java."""

    sha256: str
    sha1: str = ""
    md5: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an app's own file says that it is, read from parts of it.

    `certificates` are those that sign it now, `lineage` earlier ones that it proves to have been signed by (APK
    signature scheme v3). `components` are the classes behind its screens, by their full names. Where `why` is given,
    not all could be read: what is there counts, and nothing is concluded from what is not.
    """

    package: str
    version_code: int | None = None
    label: str = ""
    certificates: tuple[Certificate, ...] = ()
    lineage: tuple[Certificate, ...] = ()
    components: tuple[str, ...] = ()
    why: Text | None = None


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
    LABEL = "label"
    TEAM_ID = "team-id"


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

    @property
    def suspected(self) -> bool:
        """It was not possible to make sure."""
        return self in (Match.SUSPECTED_SIGNER, Match.SUSPECTED_CODE)

    @property
    def other_name(self) -> bool:
        """The app bears none of the names that the rule lists."""
        return self not in (Match.NAMED_AND_SIGNED, Match.NAMED, Match.LOOK_ALIKE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason why an app is what a rule names: the kind, the value that matched, and where the rule has it from."""

    kind: EvidenceKind
    value: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleId:
    """One identity of a banned product on one platform. `store` is its address in the platform's store."""

    platform: str
    id: str
    product: Bilingual
    confidence: str
    source: str
    store: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with which a banned product's maker signs Android apps, by at least one digest of its DER bytes.

    `signs` are those ids of the rule that it is known to sign. `hash` is the 32-bit hash that Android prints. One that
    is `shared` signs apps too that the rule is not about: these ids are compared with it, but nothing is found by it.
    """

    signs: tuple[str, ...]
    confidence: str
    source: str
    sha256: str = ""
    sha1: str = ""
    md5: str = ""
    hash: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Classes that only a banned product has behind its screens: one class, or all below a package (ends in a dot).

    `also_in` are apps that have them too and are not the product, as long as only their own makers have signed them.
    """

    prefix: str
    confidence: str
    source: str
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What a banned product calls itself on the phone's screen: a hint."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Team:
    """An Apple developer team. Its apps whose bundle id begins with `prefix` are the product's."""

    id: str
    prefix: str
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
    signers: tuple[Signer, ...] = ()
    code: tuple[Code, ...] = ()
    labels: tuple[Label, ...] = ()
    teams: tuple[Team, ...] = ()
    #: As the stores have it.
    publisher: str = ""
    #: Where it differs from the policy's own.
    scope: Bilingual | None = None
    announced: date | None = None
    #: By when it must have been carried out.
    deadline: date | None = None


class Trust(StrEnum):
    """Why a policy is believed."""

    BUILT_IN = "built-in"
    SIGNED = "signed"
    #: The computer's administrator named the file in the settings that only they can write.
    MACHINE = "machine"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the files that a policy was made of. `sha256` is of its exact bytes."""

    id: str
    version: str
    sha256: str
    source: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class Policy:
    """A named, versioned, dated set of rules.

    `sha256` is of the exact bytes of the file that it was read from. Where one policy stands on others, `layers` has
    all of them, the lowest first, and `sha256` is of the digests of all. `on` is the built-in policy on which a file
    stands, and `off` are the rules of lower layers that do not apply. `exception_days` is for how long an exception may
    be granted at most; 0: none may be. `expired` is the day on which the signatures of a signed one ended, if that is
    over.
    """

    id: str
    version: str
    issued: date
    title: Bilingual
    scope: Bilingual
    rules: tuple[Rule, ...]
    sha256: str
    source: str = ""
    trust: Trust = Trust.UNSIGNED
    layers: tuple[Layer, ...] = ()
    on: str = ""
    off: tuple[str, ...] = ()
    exception_days: int = 365
    expired: date | None = None

    def rule(self, id: str) -> Rule | None:
        return next((r for r in self.rules if r.id == id), None)


@dataclass(frozen=True, slots=True)
class Excepted:
    """This phone may have this app until the end of a day. `entry` is the record that grants it."""

    entry: int
    until: date
    authority: str
    reference: str


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
    match: Match = Match.NAMED
    excepted: Excepted | None = None

    @property
    def called(self) -> Bilingual:
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

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not seen, and what it left unsure."""
        return (*self.inventory.gaps, *self.unsure)

    @property
    def bans(self) -> tuple[Finding, ...]:
        """Banned apps, those among them that an exception allows or that are switched off."""
        return tuple(f for f in self.findings if f.is_ban)

    @property
    def red(self) -> tuple[Finding, ...]:
        """What makes the phone red: bans that are neither excepted nor switched off for good."""
        return tuple(f for f in self.bans if not f.contained and f.excepted is None)

    @property
    def suspected(self) -> tuple[Finding, ...]:
        """Apps of which it could not be made sure that they are not banned ones."""
        return tuple(f for f in self.findings if f.is_suspect)

    @property
    def banned_products(self) -> frozenset[Bilingual]:
        """The products that make the phone red; where none does, those that are excepted or switched off."""
        return frozenset(f.product for f in self.red) or frozenset(f.product for f in self.bans)

    @property
    def verdict(self) -> Verdict:
        """Red before amber before green. An excepted ban, or a banned system app that is switched off, makes amber."""
        if self.red:
            return Verdict.RED
        if self.bans or self.suspected or self.gaps:
            return Verdict.AMBER
        return Verdict.GREEN
