"""What can be written down: one class for each kind of record, each with exactly the fields that it needs.

A record says what happened; when, where, by whom, on which phone and under which policy is added by the ledger. Free
text of a phone's owner (the names of profiles) and apps that no rule speaks of are never recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, Protocol

from core import model
from core.ledger.records.leaf import INTEGER_LIMIT, Json, JsonObject, Personal, encode
from core.ledger.records.sentences import both, sentence
from core.text import Bilingual, Text

#: Bytes that the gaps of one check may take. A hostile phone must not be able to make its own check unrecordable.
GAPS_LIMIT: Final = 32_768
#: Signers of one app that are kept. Real apps have one to three.
SIGNERS_LIMIT: Final = 20
#: Characters of a problem's `detail` that are kept: it is a machine's own wording, and may be a phone's.
DETAIL_LIMIT: Final = 2_000


class Kind(StrEnum):
    """The kinds of records, as they stand in `type`."""

    PROGRAM_START = "program-start"
    PHONE_SEEN = "phone-seen"
    PHONE_LABELLED = "phone-labelled"
    CHECK_STARTED = "check-started"
    CHECK_ENDED = "check-ended"
    FINDING = "finding"
    REMOVAL_INTENDED = "removal-intended"
    REMOVAL_OUTCOME = "removal-outcome"
    UNDO_INTENDED = "undo-intended"
    UNDO_OUTCOME = "undo-outcome"
    POLICY_LOADED = "policy-loaded"
    PROBLEM = "problem"
    LOG_BEGUN = "log-begun"
    KEY_NEXT = "key-next"
    KEYS_REPLACED = "keys-replaced"
    OUTSIDE_COPY = "outside-copy"
    EXPORTED = "exported"
    ERASED = "erased"
    COSIGNED = "cosigned"
    COSIGNATURES = "cosignatures"
    FORK_SEEN = "fork-seen"
    TIMESTAMPED = "timestamped"
    POLICY_ACCEPTED = "policy-accepted"
    POLICY_REFUSED = "policy-refused"
    EXCEPTION_GRANTED = "exception-granted"
    EXCEPTION_REVOKED = "exception-revoked"


INTENTS: Final = (Kind.REMOVAL_INTENDED, Kind.UNDO_INTENDED)

#: What the ledger writes about itself: nothing of it is about a phone.
HOUSEKEEPING: Final = (Kind.KEY_NEXT, Kind.OUTSIDE_COPY)


class Record(Protocol):
    """What the ledger takes."""

    kind: ClassVar[Kind]

    def body(self) -> JsonObject:
        """The fields of this kind, as they stand in `body`."""

    def refers_to(self) -> Mapping[int, Kind]:
        """The earlier records that this one builds on, by number; the ledger checks their kind."""


class _Alone:
    """A record that builds on no other."""

    def refers_to(self) -> Mapping[int, Kind]:
        return {}


@dataclass(frozen=True, slots=True)
class ProgramStart(_Alone):
    """Fanion was started, on a computer with this operating system and this local time's distance from UTC."""

    kind: ClassVar[Kind] = Kind.PROGRAM_START
    system: str
    utc_offset_minutes: int

    def body(self) -> JsonObject:
        return {"system": self.system, "utc_offset_minutes": self.utc_offset_minutes}


@dataclass(frozen=True, slots=True)
class PhoneSeen(_Alone):
    """A phone was connected: its state in one word, and the road to it."""

    kind: ClassVar[Kind] = Kind.PHONE_SEEN
    state: str
    how: Text

    def body(self) -> JsonObject:
        return {"state": self.state, "how": sentence(self.how)}


@dataclass(frozen=True, slots=True)
class PhoneLabelled(_Alone):
    """An officer said what the department calls a phone. The labels stand in the leaf's own `device`; none is none."""

    kind: ClassVar[Kind] = Kind.PHONE_LABELLED

    def body(self) -> JsonObject:
        return {}


@dataclass(frozen=True, slots=True)
class CheckStarted(_Alone):
    """A phone is about to be read, by this road."""

    kind: ClassVar[Kind] = Kind.CHECK_STARTED
    how: Text

    def body(self) -> JsonObject:
        return {"how": sentence(self.how)}


@dataclass(frozen=True, slots=True)
class CheckEnded(_Alone):
    """A phone was read and judged. `took_ms` is in milliseconds.

    `bans` counts each banned app in each profile, `excepted` those that an exception allows, `suspected` apps that may
    be banned ones; `products` the banned products, as the verdict's words do. Of the
    `profiles` that the phone has, `profiles_read` could be read; in older records nobody counted them, which is None.
    """

    kind: ClassVar[Kind] = Kind.CHECK_ENDED
    verdict: model.Verdict
    profiles: int
    apps: int
    findings: int
    bans: int
    products: int
    gaps: tuple[model.Gap, ...]
    took_ms: int
    profiles_read: int | None = None
    excepted: int = 0
    suspected: int = 0

    @classmethod
    def of(cls, check: model.Check) -> CheckEnded:
        """The record of `check`: of the apps only their number."""
        return cls(
            verdict=check.verdict,
            profiles=len(check.inventory.profiles),
            apps=len(check.inventory.apps),
            findings=len(check.findings),
            bans=len(check.bans),
            products=len(check.banned_products),
            gaps=check.gaps,
            took_ms=round(check.seconds * 1000),
            profiles_read=sum(p.readable for p in check.inventory.profiles),
            excepted=sum(f.excepted is not None for f in check.findings),
            suspected=len(check.suspected),
        )

    def body(self) -> JsonObject:
        """`gaps` lists as many as there is room for; their number is always whole."""
        return {
            "verdict": self.verdict,
            "counts": {
                "profiles": self.profiles,
                **({} if self.profiles_read is None else {"profiles_read": self.profiles_read}),
                "apps": self.apps,
                "findings": self.findings,
                "bans": self.bans,
                "products": self.products,
                "excepted": self.excepted,
                "suspected": self.suspected,
                "gaps": len(self.gaps),
            },
            "gaps": _that_fit([_gap(gap) for gap in self.gaps], GAPS_LIMIT),
            "took_ms": self.took_ms,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A rule of the policy matched an app in one profile. Where an exception allows it, this is one use of it."""

    kind: ClassVar[Kind] = Kind.FINDING
    finding: model.Finding

    def body(self) -> JsonObject:
        app, profile = self.finding.app, self.finding.profile
        return {
            "rule": self.finding.rule,
            "product": both(self.finding.product),
            "strength": self.finding.strength,
            "contained": self.finding.contained,
            **_can_start(app.state(profile.id)),
            "package": app.package,
            "label": app.label,
            "version_name": app.version_name,
            "version_code": _number(app.version_code),
            "system": app.system,
            "installer": app.installer,
            "signers": app.signers[:SIGNERS_LIMIT],
            "profile": {"id": _number(profile.id), "kind": profile.kind},
            "evidence": [
                {"kind": e.kind, "value": e.value, "confidence": e.confidence, "source": e.source}
                for e in self.finding.evidence
            ],
            "match": self.finding.match,
            "excepted": _excepted(self.finding.excepted),
            "why": sentence(self.finding.why),
        }

    def refers_to(self) -> Mapping[int, Kind]:
        excepted = self.finding.excepted
        return {} if excepted is None else {excepted.entry: Kind.EXCEPTION_GRANTED}


def _can_start(state: model.AppState | None) -> JsonObject:
    """What keeps an app from being started, in one word; where nothing does, and in older records, it is not there."""
    if state is None or not state.off:
        return {}
    return {"can_start": "off" if state.enabled.off or state.hidden else "suspended"}


@dataclass(frozen=True, slots=True)
class RemovalIntended:
    """One step of a removal is about to be sent to the phone. `finding` is the sequence number of what it is for."""

    kind: ClassVar[Kind] = Kind.REMOVAL_INTENDED
    act: str
    package: str
    profile: int
    finding: int

    def body(self) -> JsonObject:
        return {"act": self.act, "package": self.package, "profile": _number(self.profile), "finding": self.finding}

    def refers_to(self) -> Mapping[int, Kind]:
        return {self.finding: Kind.FINDING}


@dataclass(frozen=True, slots=True)
class RemovalOutcome:
    """What the phone said to the step that `intent` announced. Whether it is true, the next check says."""

    kind: ClassVar[Kind] = Kind.REMOVAL_OUTCOME
    intent: int
    outcome: str
    answer: str
    means: Text

    def body(self) -> JsonObject:
        return {"intent": self.intent, "outcome": self.outcome, "answer": self.answer, "means": sentence(self.means)}

    def refers_to(self) -> Mapping[int, Kind]:
        return {self.intent: Kind.REMOVAL_INTENDED}


@dataclass(frozen=True, slots=True)
class UndoIntended:
    """A step that takes back the one announced by record `removal` is about to be sent to the phone."""

    kind: ClassVar[Kind] = Kind.UNDO_INTENDED
    act: str
    package: str
    profile: int
    removal: int

    def body(self) -> JsonObject:
        return {"act": self.act, "package": self.package, "profile": _number(self.profile), "removal": self.removal}

    def refers_to(self) -> Mapping[int, Kind]:
        return {self.removal: Kind.REMOVAL_INTENDED}


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """What the phone said to the undoing step that `intent` announced."""

    kind: ClassVar[Kind] = Kind.UNDO_OUTCOME
    intent: int
    outcome: str
    answer: str
    means: Text

    def body(self) -> JsonObject:
        return {"intent": self.intent, "outcome": self.outcome, "answer": self.answer, "means": sentence(self.means)}

    def refers_to(self) -> Mapping[int, Kind]:
        return {self.intent: Kind.UNDO_INTENDED}


@dataclass(frozen=True, slots=True)
class PolicyLoaded(_Alone):
    """Checks are judged by this policy from now on. Its id, version and hash stand in the leaf's own `policy`.

    `trust` says why it is believed; `layers` are the files that it was made of, where there are several.
    """

    kind: ClassVar[Kind] = Kind.POLICY_LOADED
    policy: model.Policy

    def body(self) -> JsonObject:
        return {
            "title": both(self.policy.title),
            "issued": self.policy.issued.isoformat(),
            "rules": len(self.policy.rules),
            "source": self.policy.source,
            "trust": self.policy.trust,
            "layers": [
                {"id": a.id, "version": a.version, "sha256": a.sha256, "source": a.source, "trust": a.trust}
                for a in self.policy.layers
            ],
        }


@dataclass(frozen=True, slots=True)
class PolicyAccepted(_Alone):
    """A signed policy was brought and is in force from now on; nothing older will be accepted.

    `versions` are those of the repository's metadata by role, `expires` when the first of them ends, and `keys` the
    ids of the root keys that stand behind it; `online_keys` sign only that it is the newest.
    `pinned` is the SHA-256 of the root file by which this computer knows them.
    """

    kind: ClassVar[Kind] = Kind.POLICY_ACCEPTED
    id: str
    version: str
    sha256: str
    versions: Mapping[str, int]
    expires: str
    keys: tuple[str, ...]
    online_keys: tuple[str, ...]
    pinned: str

    def body(self) -> JsonObject:
        return {
            "id": self.id,
            "version": self.version,
            "sha256": self.sha256,
            "versions": dict(self.versions),
            "expires": self.expires,
            "keys": self.keys,
            "online_keys": self.online_keys,
            "pinned": self.pinned,
        }


@dataclass(frozen=True, slots=True)
class PolicyRefused(_Alone):
    """A policy was brought and refused, for this reason; what was in force stays so."""

    kind: ClassVar[Kind] = Kind.POLICY_REFUSED
    code: str
    source: str
    sentence: Text

    def body(self) -> JsonObject:
        return {"code": self.code, "source": self.source, "sentence": sentence(self.sentence)}


@dataclass(frozen=True, slots=True)
class ExceptionGranted(_Alone):
    """A phone may carry a banned app until the end of a day (ISO 8601). An empty `package` is any of the rule.

    What tells the phone belongs to a person: it is kept beside the record.
    """

    kind: ClassVar[Kind] = Kind.EXCEPTION_GRANTED
    rule: str
    product: Bilingual
    package: str
    until: str
    authority: str
    reference: str
    maker: str = ""
    model: str = ""
    serial: str = ""
    tag: str = ""

    def body(self) -> JsonObject:
        return {
            "rule": self.rule,
            "product": both(self.product),
            "package": self.package,
            "until": self.until,
            "authority": self.authority,
            "reference": self.reference,
            "maker": self.maker,
            "model": self.model,
            "serial": Personal(self.serial) if self.serial else None,
            "tag": Personal(self.tag) if self.tag else None,
        }


@dataclass(frozen=True, slots=True)
class ExceptionRevoked:
    """The exception that record `grant` gives holds no longer."""

    kind: ClassVar[Kind] = Kind.EXCEPTION_REVOKED
    grant: int
    reason: str

    def body(self) -> JsonObject:
        return {"grant": self.grant, "reason": self.reason}

    def refers_to(self) -> Mapping[int, Kind]:
        return {self.grant: Kind.EXCEPTION_GRANTED}


@dataclass(frozen=True, slots=True)
class ProblemMet(_Alone):
    """Something failed, and the officer was told so in these words.

    `detail` is what a machine said, in its own words: they may name the phone, or the person who is signed in. So it is
    kept as a personal value; older records have it as it is.
    """

    kind: ClassVar[Kind] = Kind.PROBLEM
    code: str
    sentence: Text
    next_step: Text
    detail: str = ""

    @classmethod
    def of(cls, problem: model.Problem) -> ProblemMet:
        return cls(problem.code, problem.sentence, problem.next_step, problem.detail[:DETAIL_LIMIT])

    def body(self) -> JsonObject:
        return {
            "code": self.code,
            "sentence": sentence(self.sentence),
            "next_step": sentence(self.next_step),
            "detail": Personal(self.detail) if self.detail else "",
        }


@dataclass(frozen=True, slots=True)
class _Keys(_Alone):
    """The keys that a ledger goes on with: verifier keys, as in https://c2sp.org/signed-note."""

    origin: str
    identity: str
    epoch: str
    cosigner: str

    def body(self) -> JsonObject:
        return {"origin": self.origin, "identity": self.identity, "epoch": self.epoch, "cosigner": self.cosigner}


@dataclass(frozen=True, slots=True)
class LogBegun(_Keys):
    """From here on this ledger is sealed."""

    kind: ClassVar[Kind] = Kind.LOG_BEGUN


@dataclass(frozen=True, slots=True)
class KeyNext(_Alone):
    """The next seal will be signed by this epoch key, and by no other.

    It is the last record under a seal, and so has the `tally` of those above it: see
    :mod:`core.ledger.file.deciding_records`.
    """

    kind: ClassVar[Kind] = Kind.KEY_NEXT
    key: str
    tally: JsonObject = field(default_factory=dict)

    def body(self) -> JsonObject:
        return {"key": self.key, **self.tally}


@dataclass(frozen=True, slots=True)
class KeysReplaced(_Keys):
    """The keys that this ledger goes on with could not be found on this computer: it goes on with these."""

    kind: ClassVar[Kind] = Kind.KEYS_REPLACED


@dataclass(frozen=True, slots=True)
class OutsideCopy(_Alone):
    """The checkpoint over the first `size` records left this computer.

    `how` is ``receipt``, ``folder``, ``day-close`` or ``timestamp``; `root` the checkpoint's hash in base64.
    """

    kind: ClassVar[Kind] = Kind.OUTSIDE_COPY
    how: str
    size: int
    root: str

    def body(self) -> JsonObject:
        return {"how": self.how, "size": self.size, "root": self.root}


@dataclass(frozen=True, slots=True)
class Exported(_Alone):
    """Records were written into files: in which form, how many, and by which choice (empty: all of them)."""

    kind: ClassVar[Kind] = Kind.EXPORTED
    format: str
    records: int
    chosen: Mapping[str, str]

    def body(self) -> JsonObject:
        return {"format": self.format, "records": self.records, "chosen": dict(self.chosen)}


@dataclass(frozen=True, slots=True)
class Erased(_Alone):
    """The personal values of these records were erased. `consent`: the person agreed to it before its time."""

    kind: ClassVar[Kind] = Kind.ERASED
    records: tuple[int, ...]
    values: int
    reason: str
    consent: bool

    def body(self) -> JsonObject:
        return {"records": self.records, "values": self.values, "reason": self.reason, "consent": self.consent}


@dataclass(frozen=True, slots=True)
class Cosigned(_Alone):
    """The checkpoint of another desk's ledger was found, checked against the last one seen, and cosigned.

    `key` is that desk's verifier key; whoever cosigns first takes it as it was found.
    """

    kind: ClassVar[Kind] = Kind.COSIGNED
    origin: str
    size: int
    root: str
    key: str

    def body(self) -> JsonObject:
        return {"origin": self.origin, "size": self.size, "root": self.root, "key": self.key}


@dataclass(frozen=True, slots=True)
class Cosignatures(_Alone):
    """Other desks have cosigned the checkpoint over the first `size` records: their verifier keys."""

    kind: ClassVar[Kind] = Kind.COSIGNATURES
    size: int
    cosigners: tuple[str, ...]

    def body(self) -> JsonObject:
        return {"size": self.size, "cosigners": self.cosigners}


@dataclass(frozen=True, slots=True)
class ForkSeen(_Alone):
    """Another desk's ledger contradicts what was seen of it before: it was cut, replaced or rewritten."""

    kind: ClassVar[Kind] = Kind.FORK_SEEN
    origin: str
    size: int
    root: str
    other_size: int
    other_root: str

    def body(self) -> JsonObject:
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "other_size": self.other_size,
            "other_root": self.other_root,
        }


@dataclass(frozen=True, slots=True)
class Timestamped(_Alone):
    """A time-stamping authority says (RFC 3161) that the checkpoint over the first `size` records existed at `time`.

    `checked` tells whether its signature could be checked; `token` is the SHA-256 of the token, in hex.
    """

    kind: ClassVar[Kind] = Kind.TIMESTAMPED
    size: int
    root: str
    time: str
    authority: str
    checked: bool
    token: str

    def body(self) -> JsonObject:
        return {
            "size": self.size,
            "root": self.root,
            "time": self.time,
            "authority": self.authority,
            "checked": self.checked,
            "token": self.token,
        }


def _excepted(excepted: model.Excepted | None) -> JsonObject | None:
    if excepted is None:
        return None
    return {
        "entry": excepted.entry,
        "until": excepted.until.isoformat(),
        "authority": excepted.authority,
        "reference": excepted.reference,
    }


def _gap(gap: model.Gap) -> JsonObject:
    return {"what": sentence(gap.what), "how": sentence(gap.how), "profile": _number(gap.profile)}


def _number(value: int | None) -> Json:
    """A number that a phone gave. Android's version codes have 64 bits: from 2^53 on they are kept as text."""
    return value if value is None or abs(value) < INTEGER_LIMIT else str(value)


def _that_fit(items: Sequence[JsonObject], limit: int) -> list[JsonObject]:
    """The first of `items`, as many as have room in `limit` bytes."""
    fitting = []
    for item in items:
        limit -= len(encode(item)[0]) + 1
        if limit < 0:
            break
        fitting.append(item)
    return fitting
