"""The events of the Open Cybersecurity Schema Framework for what a visit has beside its checks and steps."""

from __future__ import annotations

import re
from typing import Final

from core import describe
from core.ledger import records
from core.ledger.records import Entry
from core.model import Attested, Verdict, platforms
from core.reports.ocsf.ocsf_event import (
    FAILURE,
    HIGH,
    INFORMATIONAL,
    LOW,
    MEDIUM,
    OTHER,
    RESTORE,
    SUCCESS,
    TEXT_LIMIT,
    UNKNOWN,
    Choice,
    Event,
    choice,
    compact,
    english,
    event,
    text_of,
    time_of,
    uid_of,
    unmapped,
)
from core.text import plain

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def app_evidence(entry: Entry, evidence: records.EvidenceTaken, origin: str) -> Event:
    """The event of what was there of an app before a removal. The fingerprint of its first file is the package's; those
    of all are beside it, each with who computed it."""
    package = text_of(evidence.package) or "unknown"
    first = next((file for file in evidence.files if _DIGEST.fullmatch(file.sha256)), None)
    common = event(entry, origin, (5, "Discovery"), (5020, "Software Inventory Info"), (2, "Collect"))
    return compact(
        **common | {"device": common["device"] or {**choice("type", UNKNOWN), "name": "Unknown"}},  # it demands one
        **choice("severity", INFORMATIONAL),
        **choice("status", OTHER if evidence.missing else SUCCESS, "Partial" if evidence.missing else ""),
        status_detail=text_of(" ".join(english(sentence) for sentence in evidence.missing)),
        message=f"What was there of an app before a removal: {package}",
        package=compact(
            name=package,
            uid=package,
            version=text_of(evidence.version) or "unknown",
            type="Application",
            type_id=1,
            hash={"algorithm": "SHA-256", "algorithm_id": 3, "value": first.sha256} if first else None,
        ),
        unmapped=unmapped(
            entry,
            origin,
            package=package,
            profile=evidence.profile,
            finding=evidence.finding,
            signers=[text_of(signer) for signer in evidence.signers],
            installer=text_of(evidence.store),
            first_installed=text_of(evidence.first_installed),
            last_updated=text_of(evidence.last_updated),
            size=evidence.size,
            files=[
                compact(name=text_of(file.name), size=file.size, sha256=text_of(file.sha256), by=text_of(file.by))
                for file in evidence.files
            ],
        ),
    )


def looked_on_phone(entry: Entry, attestation: records.Attestation, origin: str) -> Event:
    """The event of an officer's look on the phone itself. A word of a person passes nothing that no machine saw, unless
    the policy lets it."""
    product_names = ", ".join(text_of(product.en) for product in attestation.products)
    counts = attestation.verdict == Verdict.GREEN
    choices: dict[str, tuple[Choice, Choice]] = {
        Attested.APP_SEEN: (HIGH, (3, "Fail")),
        Attested.NOTHING_SEEN: (INFORMATIONAL, (1, "Pass")) if counts else (LOW, (2, "Warning")),
        Attested.DECLINED: (MEDIUM, (2, "Warning")),
    }
    severity, complies = choices.get(attestation.answer, (UNKNOWN, UNKNOWN))
    message = f"An officer looked on the phone: {text_of(attestation.answer)}" + (
        f" ({product_names})" if product_names else ""
    )
    return compact(
        **event(entry, origin, (2, "Findings"), (2003, "Compliance Finding"), (2, "Update")),
        **choice("severity", severity),
        **choice("status", OTHER, "Attested"),
        status_code=text_of(attestation.answer),
        message=text_of(message),
        finding_info=compact(
            uid=uid_of(entry, origin),
            title="Checked by hand",
            desc=text_of(message),
            created_time=time_of(entry),
        ),
        compliance=compact(**choice("status", complies), desc=text_of(message)),
        unmapped=unmapped(
            entry,
            origin,
            check=attestation.check,
            visit_verdict=text_of(attestation.verdict),
            profiles=list(attestation.profiles),
            profile_kinds=[text_of(kind) for kind in attestation.profile_kinds],
            counted=list(attestation.counted),
            rules=[text_of(rule) for rule in attestation.rules],
        ),
    )


#: What a phone said at its handing back, as an event has it: by the fields of the record.
_HAND_BACK: Final = {
    **{name: name for name in ("options_asked", "options_off", "wireless_asked", "wireless_off", "debugging_asked")},
    **{name: name for name in ("left", "trust_asked", "trust_forgotten", "auto_blocker")},
    "other_computers": "computers",
}


def handed_back(entry: Entry, back: records.HandedBack | None, origin: str) -> Event:
    """The event of a phone that was handed back; without `back`, of one that was about to be, by that record."""
    intended = entry.record if isinstance(entry.record, records.HandBackIntended) else None
    leaving = platforms.of(describe.platform(entry)).leaving
    success = getattr(back, "left" if leaving.debugging else "trust_forgotten", None)
    status = UNKNOWN if success is None else SUCCESS if success else FAILURE
    has_outcome = back is not None
    announced = back.intent if back is not None else entry.seq
    return compact(
        **event(entry, origin, (7, "Remediation"), (7001, "Remediation Activity"), RESTORE),
        **choice("severity", INFORMATIONAL),
        **choice("status", status, "" if has_outcome else "No outcome in this export"),
        message="A phone was handed back" if has_outcome else "A phone was about to be handed back",
        command_uid=f"{plain(origin, TEXT_LIMIT)}#{announced}",
        remediation={"desc": leaving.remediation},
        unmapped=unmapped(
            entry,
            origin,
            intent=announced,
            **{name: getattr(back, field, None) for name, field in _HAND_BACK.items()},
            visit_verdict=text_of(intended.verdict) if intended is not None else None,
            paper=text_of(intended.paper) if intended is not None else None,
            keeps_debugging=intended.keeps_debugging if intended is not None else None,
        ),
    )
