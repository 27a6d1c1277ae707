"""Records of the policy: which one judges, which was accepted or refused, and what is excepted from it."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from core import model, value_names
from core.ledger.records.fields import APP_ID, Display, Record, parts
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.model import Trust
from core.text import Bilingual, T, Text

parts(
    model.Layer,
    id=Display(T("Made of")),
    version=Display(T("Version of that part")),
    source=Display(T("File of that part")),
    trust=Display(T("Why that part is trusted"), value_names.TRUST),
    sha256=Display(T("Fingerprint of that part")),
)


class PolicyLoaded(Record, frozen=True):
    """Checks are judged by this policy from now on. Its id, version and hash stand beside the record.

    `rules` is their number. `trust` says why it is believed; `layers` are the files that it was made of, where there
    are several. `issued` is a day (ISO 8601).
    """

    kind: ClassVar[Kind] = Kind.POLICY_LOADED
    trust: Annotated[Trust | str, Display(T("Why it is trusted"), value_names.TRUST)]
    layers: Annotated[tuple[model.Layer, ...], Display(T("Made of"), silent=True)]
    name: Annotated[Bilingual | None, Display(T("Title"), name="title")]
    issued: Annotated[str, Display(T("Issued"))]
    rules: Annotated[int, Display(T("Rules"))]
    source: Annotated[str, Display(T("File"))]

    @classmethod
    def of(cls, policy: model.Policy) -> PolicyLoaded:
        return cls(
            policy.trust, policy.layers, policy.title, policy.issued.isoformat(), len(policy.rules), policy.source
        )


class Versions(msgspec.Struct, frozen=True):
    """The versions of a signed policy's metadata, by its role."""

    root: Annotated[int, Display(T("Version of the root"))]
    targets: Annotated[int, Display(T("Version of the list of policies"))]
    snapshot: Annotated[int, Display(T("Version of the snapshot"))]
    timestamp: Annotated[int, Display(T("Version of the time stamp"))]


class PolicyAccepted(Record, frozen=True):
    """A signed policy was brought and is in force from now on; nothing older will be accepted.

    `expires` is when the first of its metadata ends (ISO 8601), and `keys` are the ids of the root keys that stand
    behind it; `online_keys` sign only that it is the newest. `pinned` is the SHA-256 of the root file by which this
    computer knows them.
    """

    kind: ClassVar[Kind] = Kind.POLICY_ACCEPTED
    id: Annotated[str, Display(T("Policy"))]
    version: Annotated[str, Display(T("Version"))]
    versions: Annotated[Versions, Display()]
    expires: Annotated[str, Display(T("Valid until"))]
    keys: Annotated[tuple[str, ...], Display(T("Root keys"))]
    online_keys: Annotated[tuple[str, ...], Display(T("Keys of snapshot and time stamp"))]
    pinned: Annotated[str, Display(T("Fingerprint of the root file"))]
    sha256: Annotated[str, Display(T("Fingerprint of the file"))]


class PolicyRefused(Record, frozen=True):
    """A policy was brought and refused, for this reason; what was in force stays so."""

    kind: ClassVar[Kind] = Kind.POLICY_REFUSED
    sentence: Annotated[Text, Display(T("Problem"))]
    code: Annotated[str, Display(T("Code of the problem"))]
    source: Annotated[str, Display(T("File"))]


class ExceptionGranted(Record, frozen=True, kw_only=True):
    """A phone may carry a banned app until the end of a day (ISO 8601). An empty `package` is any of the rule.

    `signer` is who signed the app that was seen there (the SHA-256 of its certificate, or the developer team), where
    that was known; older records do not have it. What tells the phone belongs to a person: it is kept beside the
    record.
    """

    kind: ClassVar[Kind] = Kind.EXCEPTION_GRANTED
    product: Annotated[Bilingual | None, Display(T("Product"))]
    until: Annotated[str, Display(T("Until"))]
    reference: Annotated[str, Display(T("Reference"))]
    maker: Annotated[str, Display(T("Maker"))] = ""
    model: Annotated[str, Display(T("Model"))] = ""
    serial: Annotated[Personal | None, Display(T("Serial number"), seal=T("Sealed serial number"))] = None
    tag: Annotated[Personal | None, Display(T("Asset tag"), seal=T("Sealed asset tag"))] = None
    package: Annotated[str, APP_ID]
    signer: Annotated[str, Display(T("Signed with"), left_out=True)] = ""
    rule: Annotated[str, Display(T("Rule"))]
    authority: Annotated[str, Display(T("Granted by"))]


class ExceptionBound(Record, frozen=True):
    """The exception that record `grant` gives, for a phone by its asset tag, is from now on for the phone of this entry
    alone: it is about to be used there for the first time. Of several such records of one grant, the first counts."""

    kind: ClassVar[Kind] = Kind.EXCEPTION_BOUND
    builds_on = ("grant", Kind.EXCEPTION_GRANTED)
    grant: Annotated[int, Display(T("Exception of entry"))]


class ExceptionRevoked(Record, frozen=True):
    """The exception that record `grant` gives holds no longer."""

    kind: ClassVar[Kind] = Kind.EXCEPTION_REVOKED
    builds_on = ("grant", Kind.EXCEPTION_GRANTED)
    grant: Annotated[int, Display(T("Exception of entry"))]
    reason: Annotated[str, Display(T("Reason"))]
