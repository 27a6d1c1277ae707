"""Records of a check: the phone, what was found on it, and how the check ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

import msgspec

from core import model, value_names
from core.ledger.records.fields import APP_ID, Display, Record, json_fields, parts, read
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Json, JsonObject, Personal, encode
from core.model import Light, Match, ProfileKind, Return, ReturnReason, Strength, Verdict
from core.model.can_return import overall
from core.text import Bilingual, T, Text, Value

#: Bytes that the gaps of one check may take. A hostile phone must not be able to make its own check unrecordable.
GAPS_LIMIT: Final = 32_768
#: Bytes that the products that could come back may take, of a policy with many rules. The worst come first then.
RETURNS_LIMIT: Final = 16_384
#: As many have room at most.
RETURNS_COUNT: Final = 300
#: Signers of one app that are kept. Real apps have one to three.
SIGNERS_LIMIT: Final = 20
#: What keeps an app from being started.
OFF: Final = "off"
SUSPENDED: Final = "suspended"

parts(
    model.Gap,
    what=Display(T("What could not be checked")),
    how=Display(T("How to check it")),
    profile=Display(T("Profile number"), none=T("the whole phone")),
)
parts(
    model.Evidence,
    kind=Display(
        T("What matched"),
        {**value_names.EVIDENCE, model.EvidenceKind.PACKAGE_ID: T("name of the package")},
        elsewhere={"ios": Display(T("What matched"), value_names.EVIDENCE)},
    ),
    value=Display(T("Matching value")),
    confidence=Display(T("Known from"), value_names.CONFIDENCES),
    source=Display(T("Sources")),
)
parts(
    model.Excepted,
    until=Display(T("Excepted until")),
    authority=Display(T("Exception granted by")),
    reference=Display(T("Reference of the exception")),
    entry=Display(T("Granted in entry")),
)


def _seconds(milliseconds: int) -> Text:
    return T("{seconds} s", seconds=milliseconds / 1000)


#: Banned apps that one record of what was seen lists.
SEEN_LIMIT: Final = 100


class PhoneSeen(Record, frozen=True):
    """A phone was connected: its state in one word, and how it is connected."""

    kind: ClassVar[Kind] = Kind.PHONE_SEEN
    state: Annotated[str, Display(T("State of the phone"), {"ready": T("ready to be read")})]
    how: Annotated[Text, Display(T("How it was reached"))]


class PhoneLabelled(Record, frozen=True):
    """An officer said what the department calls a phone. The labels stand beside the phone itself; none is none."""

    kind: ClassVar[Kind] = Kind.PHONE_LABELLED


class CheckStarted(Record, frozen=True):
    """A phone is about to be read, by this road."""

    kind: ClassVar[Kind] = Kind.CHECK_STARTED
    how: Annotated[Text, Display(T("How it was reached"))]


class SeenBan(msgspec.Struct, frozen=True):
    """One banned app in one profile, as a listing showed it."""

    product: Annotated[Bilingual | None, Display(T("Product"))]
    package: Annotated[str, APP_ID]
    profile: Annotated[int | None, Display(T("Profile number"))]


def _seen_line(fields: Mapping[str, Any]) -> Value:
    ban = read(SeenBan, fields, None)
    return T(
        "{app} ({package}), profile {number}",
        app=ban.product or ban.package,
        package=ban.package,
        number="" if ban.profile is None else ban.profile,
    )


class BansSeen(Record, frozen=True, kw_only=True):
    """What the phone showed of banned apps, on record before anything else is done with it: the check goes on.

    Where no end of a check follows, it is all that is known: the phone was red. `apps` has as many as there is room
    for, `counted` is their whole number.
    """

    kind: ClassVar[Kind] = Kind.BANS_SEEN
    apps: Annotated[tuple[SeenBan, ...], Display(T("Banned apps"), line=_seen_line)]
    counted: Annotated[int, Display(T("Banned apps, counted in each profile"))]

    @classmethod
    def of(cls, findings: Sequence[model.Finding]) -> BansSeen:
        """The record of these findings."""
        apps = (SeenBan(f.product, f.app.package, f.profile.id) for f in findings[:SEEN_LIMIT])
        return cls(apps=tuple(apps), counted=len(findings))


class HealthTold(msgspec.Struct, frozen=True):
    """One signal of the phone's own protection, in words. `decides`: the policy lets it make the verdict."""

    signal: Annotated[str, Display(T("Signal"), value_names.HEALTH)]
    light: Annotated[Light | str, Display(T("Light"), value_names.LIGHTS)]
    value: Annotated[Text, Display(T("Value"))]
    decides: Annotated[bool | None, Display(T("Decides the verdict"), left_out=True)] = None

    @property
    def title(self) -> Value:
        """What people call the signal; its name where this version does not know it."""
        return value_names.HEALTH.get(self.signal) or self.signal


def _line(fields: Mapping[str, Any]) -> Value:
    signal = read(HealthTold, fields, None)
    return T("{signal}: {value} ({light})", signal=signal.title, value=signal.value, light=light_word(signal.light))


def light_word(light: Light | str) -> Value:
    """What a light is called, in the middle of a sentence."""
    return value_names.inside(value_names.LIGHTS[light]) if isinstance(light, Light) else light


class ReturnTold(msgspec.Struct, frozen=True):
    """Whether a banned product could be installed again, and why. `decides`: the policy demands that it is blocked, and
    it is not known to be."""

    rule: Annotated[str, Display(T("Rule"))]
    product: Annotated[Bilingual | None, Display(T("Product"))]
    state: Annotated[Return | str, Display(T("Reinstalling"), value_names.RETURNS)]
    reasons: Annotated[tuple[ReturnReason | str, ...], Display(T("Why"), value_names.RETURN_REASONS)]
    decides: Annotated[bool | None, Display(T("Decides the verdict"), left_out=True)] = None

    @property
    def detail(self) -> tuple[str, ...]:
        """No names are recorded."""
        return ()


def _return_line(fields: Mapping[str, Any]) -> Value:
    told = read(ReturnTold, fields, None)
    words: Value = value_names.RETURNS[told.state] if isinstance(told.state, Return) else told.state
    reasons = [value_names.RETURN_REASONS[r] if isinstance(r, ReturnReason) else r for r in told.reasons]
    product = told.product or told.rule
    if not reasons:
        return value_names.pair(product, words)
    return T("{app}: {state} ({reasons})", app=product, state=words, reasons=value_names.on_one_line(reasons))


class CheckEnded(Record, frozen=True, kw_only=True):
    """A phone was read and judged. `took_ms` is in milliseconds.

    `bans` counts each banned app in each profile, `excepted` those that an exception allows, `suspected` apps that may
    be banned ones; `products` the banned products, as the verdict's words do. Of the `apps` that the phone listed,
    `apps_read` were read, and of the `profiles` that it has `profiles_read`; older records do not tell, which is None.
    `for_review` counts the apps that a person is to look at; None where there are none. `gaps` has as many as there was
    room for, and `gaps_counted` is their whole number. `health` has the signals that are judged, `returns` the banned
    products that could be installed again or not; older records have none of them.
    """

    kind: ClassVar[Kind] = Kind.CHECK_ENDED
    verdict: Annotated[Verdict | str, Display(T("Verdict"), value_names.VERDICTS)]
    products: Annotated[int, Display(T("Banned apps"), within="counts")]
    bans: Annotated[int, Display(T("Banned apps, counted in each profile"), within="counts")]
    excepted: Annotated[int, Display(T("Banned apps that an exception allows"), within="counts")] = 0
    suspected: Annotated[int, Display(T("Apps that may be banned ones"), within="counts")] = 0
    findings: Annotated[int, Display(T("Apps that a rule names"), within="counts")]
    for_review: Annotated[int | None, Display(T("Apps for review"), within="counts", left_out=True)] = None
    apps: Annotated[int, Display(T("Apps listed"), within="counts")]
    apps_read: Annotated[int | None, Display(T("Apps read"), within="counts", left_out=True)] = None
    profiles: Annotated[int, Display(T("Profiles"), within="counts")]
    profiles_read: Annotated[int | None, Display(T("Profiles that were read"), within="counts", left_out=True)] = None
    gaps_counted: Annotated[int, Display(T("Items that could not be checked"), within="counts", name="gaps")] = 0
    took_ms: Annotated[int, Display(T("Time taken"), say=_seconds)]
    gaps: Annotated[tuple[model.Gap, ...], Display(T("What could not be checked"), silent=True)] = ()
    health: Annotated[tuple[HealthTold, ...], Display(T("Phone health"), silent=True, line=_line)] = ()
    returns: Annotated[
        tuple[ReturnTold, ...], Display(T("Whether banned apps can be reinstalled"), silent=True, line=_return_line)
    ] = ()

    @classmethod
    def of(cls, check: model.Check) -> CheckEnded:
        """The record of `check`: of the apps only their number."""
        unblocked = frozenset(product.rule for product in check.unblocked)
        return cls(
            verdict=check.verdict,
            profiles=len(check.inventory.profiles),
            apps=len(check.inventory.apps),
            apps_read=check.apps_read,
            findings=len(check.findings) - len(check.for_review),
            for_review=len(check.for_review) or None,
            bans=len(check.bans),
            products=len(check.banned_products),
            gaps=check.gaps,
            took_ms=round(check.seconds * 1000),
            profiles_read=sum(p.readable for p in check.inventory.profiles),
            excepted=sum(f.excepted is not None for f in check.findings),
            suspected=len(check.suspected),
            gaps_counted=len(check.gaps),
            health=tuple(
                HealthTold(s.signal, s.light, s.value, True if s in check.unhealthy else None)
                for s in check.health
                if s.light is not Light.INFORMATION
            ),
            returns=tuple(
                ReturnTold(r.rule, r.product, r.state, r.reasons, True if r.rule in unblocked else None)
                for r in check.returns
            ),
        )

    def body(self) -> JsonObject:
        fields = json_fields(msgspec.structs.replace(self, returns=()))
        counts, gaps = fields["counts"], fields["gaps"]
        if not isinstance(counts, dict) or not isinstance(gaps, list):
            raise TypeError("counts is an object, gaps a list")
        body = {**fields, "counts": {**counts, "gaps": self.unseen}, "gaps": _that_fit(gaps, GAPS_LIMIT)}
        if self.returns:
            body["returns"] = _worst_that_fit(self.returns)
        else:  # not recorded, as in earlier logs
            del body["returns"]
        return body

    @property
    def unseen(self) -> int:
        """The number of gaps."""
        return max(self.gaps_counted, len(self.gaps))

    @property
    def unhealthy(self) -> tuple[HealthTold, ...]:
        """The signals that are not as the policy demands."""
        return tuple(signal for signal in self.health if signal.decides)

    @property
    def unblocked(self) -> tuple[ReturnTold, ...]:
        """The products that are not known to be blocked, where the policy demands that they are."""
        return tuple(product for product in self.returns if product.decides)

    @property
    def can_return(self) -> Return | None:
        """Whether a banned app could come back, by the worst of all products; None where that is not on record."""
        return overall(self.returns)

    @property
    def banned(self) -> int:
        """How many products are banned: older records have only the number of apps in profiles."""
        return self.products or self.bans


class AppFound(Record, frozen=True, kw_only=True):
    """A rule of the policy matched an app in one profile, or it is for review. Where an exception allows it, this is
    one use of it.

    `can_start` says in one word what keeps it from being started; None where nothing does, and in older records.
    `by_hand` is what the officer does on the phone itself about a ban that is there; older records do not have it.
    `signed_by` names who signed an app that came past the store of the phone's maker: often a person, so that it can be
    erased; the developer team among the evidence stays.
    """

    kind: ClassVar[Kind] = Kind.FINDING
    product: Annotated[Bilingual | None, Display(T("Product"))]
    strength: Annotated[Strength | str, Display(T("What the policy says"), value_names.STRENGTHS)]
    match: Annotated[Match | str, Display(T("Certainty"), value_names.MATCHES)]
    excepted: Annotated[model.Excepted | None, Display(T("Exception"), silent=True)]
    why: Annotated[Text, Display(T("Why"))]
    by_hand: Annotated[Text | None, Display(T("What to do"), left_out=True)] = None
    label: Annotated[str, Display(T("Name on the screen"))]
    package: Annotated[str, APP_ID]
    version_name: Annotated[str, Display(T("Version"))]
    version_code: Annotated[int | None, Display(T("Version code"), platform="android")]
    profile_kind: Annotated[
        ProfileKind | str, Display(T("Profile"), value_names.PROFILES, within="profile", name="kind")
    ]
    profile: Annotated[int | None, Display(T("Profile number"), within="profile", name="id")]
    contained: Annotated[bool, Display(T("Switched off for good"))]
    can_start: Annotated[
        str | None,
        Display(
            T("Can be started"),
            {OFF: T("no: it is switched off"), SUSPENDED: T("no: it is suspended")},
            left_out=True,
        ),
    ]
    system: Annotated[bool, Display(T("Came with the phone"))]
    installer: Annotated[str, Display(T("Installed by"), value_names.ORIGINS)]
    signers: Annotated[tuple[str, ...], Display(T("Signed with"), platform="android")]
    signed_by: Annotated[
        Personal | None, Display(T("Signed by"), seal=T("Sealed name of the signer"), left_out=True)
    ] = None
    rule: Annotated[str, Display(T("Rule"), value_names.NO_RULES)]
    evidence: Annotated[tuple[model.Evidence, ...], Display(T("What matched"))]

    @classmethod
    def of(cls, finding: model.Finding, by_hand: Text | None = None) -> AppFound:
        """The record of `finding`."""
        app, profile = finding.app, finding.profile
        return cls(
            product=finding.product,
            strength=finding.strength,
            match=finding.match,
            excepted=finding.excepted,
            why=finding.why,
            by_hand=by_hand,
            label=app.label,
            package=app.package,
            version_name=app.version_name,
            version_code=app.version_code,
            profile_kind=profile.kind,
            profile=profile.id,
            contained=finding.contained,
            can_start=_can_start(app.state(profile.id)),
            system=app.system,
            installer=app.installer,
            signers=app.signers[:SIGNERS_LIMIT],
            signed_by=Personal(app.signed_by) if app.past_the_store and app.signed_by else None,
            rule=finding.rule,
            evidence=tuple(item for item in finding.evidence if item.kind is not model.EvidenceKind.SIGNER_NAME),
        )

    def refers_to(self) -> Mapping[int, Kind]:
        return {} if self.excepted is None else {self.excepted.entry: Kind.EXCEPTION_GRANTED}

    @property
    def is_ban(self) -> bool:
        """Whether the finding is a banned app, and not one that only may be one or calls itself so."""
        sure = not isinstance(self.match, Match) or not (self.match.suspected or self.match is Match.LABEL)
        return self.strength is Strength.BAN and sure

    @property
    def makes_red(self) -> bool:
        """Whether it is a banned app that no exception allows and that is not switched off for good."""
        return self.is_ban and self.excepted is None and not self.contained

    @property
    def key(self) -> tuple[str, str, int | None]:
        """What tells it from the other findings of a check, and stays the same from check to check."""
        return self.rule, self.package, self.profile


def _can_start(state: model.AppState | None) -> str | None:
    if state is None or not state.off:
        return None
    return OFF if state.enabled.off or state.hidden else SUSPENDED


def _worst_that_fit(returns: Sequence[ReturnTold]) -> list[Json]:
    """These products, in their order where all have room; else the worst first, as many as have room."""
    if len(returns) <= RETURNS_COUNT:
        fitting = _that_fit([json_fields(product) for product in returns], RETURNS_LIMIT)
        if len(fitting) == len(returns):
            return fitting
    ranks: dict[str, int] = {state: rank for rank, state in enumerate(Return)}
    worst = sorted(returns, key=lambda product: ranks.get(product.state, 0))[:RETURNS_COUNT]
    return _that_fit([json_fields(product) for product in worst], RETURNS_LIMIT)


def _that_fit(items: Sequence[Json], limit: int) -> list[Json]:
    """The first of `items`, as many as have room in `limit` bytes."""
    fitting = []
    for item in items:
        limit -= len(encode({"": item})[0]) - len(b'{"":}') + 1
        if limit < 0:
            break
        fitting.append(item)
    return fitting
