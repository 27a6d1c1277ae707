"""A policy, its rules, and by what a rule recognises an app."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from core.model.health import HealthRules
from core.model.phone import ProfileKind
from core.text import Bilingual


class Strength(StrEnum):
    """How binding a rule is. Only a `ban` makes a phone red."""

    BAN = "ban"
    RECOMMENDATION = "recommendation"
    NOTICE = "notice"
    #: No rule's: an app that no rule names, and that a person is to look at. It decides nothing.
    REVIEW = "review"


#: Those that a rule of a policy can have.
RULE_STRENGTHS: Final = (Strength.BAN, Strength.RECOMMENDATION, Strength.NOTICE)


@dataclass(frozen=True, slots=True)
class RuleId:
    """One id of a banned product on one platform. `store` is its address in the platform's store."""

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
    Those that are `inside` are a sign only among the classes of the code itself, and where there are many of them:
    some of the package are behind screens of other apps.
    """

    prefix: str
    confidence: str
    source: str
    also_in: tuple[str, ...] = ()
    inside: bool = False


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file that only a banned product has in its archive. In ``lib/*/`` it is for any processor. `also_in` is as that
    of :class:`Code`."""

    name: str
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
    files: tuple[RuleFile, ...] = ()
    #: As the stores have it.
    publisher: str = ""
    #: Where it differs from the policy's own.
    scope: Bilingual | None = None
    announced: date | None = None
    #: By when it must have been carried out.
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A product that runs other apps inside its own data, where no listing of the phone shows them.

    `ids` are its apps, `code` the classes that it keeps ready to stand for the screens of the apps inside.
    """

    id: str
    product: Bilingual
    ids: tuple[RuleId, ...] = ()
    code: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class WebService:
    """Where the product of a rule, named by its id, is on the web: these hosts, and all below them."""

    rule: str
    hosts: tuple[str, ...]
    confidence: str
    source: str


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
    be granted at most; 0: none may be. `expired` is the day on which its signatures ended, if that is over.

    `containers` are what can hold apps that no listing shows: one on a phone keeps it from green. An app that is a page
    of one of the services of `web` is told of as a notice.

    `attested` are the kinds of profiles that count as seen once an officer has looked through them on the phone and saw
    no banned app; `keep_debugging` tells whether USB debugging may stay on when a phone is handed back. Both are None
    where a file does not say. `demanded` are the kinds of places (see :class:`core.model.Place`) that an officer must
    have looked into before a phone is green. `confirm_told` tells whether an officer has to say, before each removal,
    that the holder was told what is lost. `demand_blocked`: a phone is green only where its management blocks every
    product of a ban from being installed again. Before a removal, `evidence_last_used` asks the phone when the banned
    app was last used, and `evidence_copies` keeps a copy of its files.
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
    attested: tuple[ProfileKind, ...] | None = None
    demanded: tuple[ProfileKind, ...] = ()
    keep_debugging: bool | None = None
    confirm_told: bool = False
    demand_blocked: bool = False
    evidence_last_used: bool = False
    evidence_copies: bool = False
    health: HealthRules = field(default=HealthRules())
    containers: tuple[Container, ...] = ()
    web: tuple[WebService, ...] = ()

    def rule(self, id: str) -> Rule | None:
        return next((r for r in self.rules if r.id == id), None)
